/** The content of a file as a manifest names it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/**
 * @returns its bytes and its SHA-256 in hex
 * @throws whatever the system says; the reason of `signal` once that is aborted
 */
export async function hashOf(path: string, signal?: AbortSignal): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}
