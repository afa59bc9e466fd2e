/** Copies a file with some of its bytes replaced, at the speed of a bare copy. */
import type { FileHandle } from 'node:fs/promises';
import { UserError } from '../core/messages';
import { readInto } from './files';

/** Bytes put in the place of those from `start` up to, without, `end`. */
export interface Patch {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

export interface CopyOptions {
  readonly signal?: AbortSignal;
  /** Gets the bytes of the original that are done. */
  readonly onProgress?: (bytes: number) => void;
}

/** Large, since each call waits for a thread to wake up; larger pieces leave the processor's cache. */
const PIECE_BYTES = 4 << 20;

/**
 * @param from its `path` is for messages
 * @param to empty; written from its beginning, not fsynced
 * @param patches in the order of their places, which do not overlap
 * @returns bytes written
 * @throws UserError `file.changed` where the original ends before its size
 */
export async function copyPatched(
  from: { readonly file: FileHandle; readonly size: number; readonly path: string },
  to: FileHandle,
  patches: AsyncIterator<Patch, void>,
  { signal, onProgress }: CopyOptions = {},
): Promise<number> {
  let written = 0;
  /** Where the original goes on: behind the bytes that are copied or replaced. */
  let at = 0;
  let patch = await patches.next();
  for await (const { position, bytes } of piecesOf(from)) {
    signal?.throwIfAborted();
    const end = position + bytes.length;
    const parts: Uint8Array[] = [];
    while (!patch.done && patch.value.start < end) {
      const { value } = patch;
      parts.push(bytes.subarray(at - position, value.start - position), value.bytes);
      at = value.end;
      patch = await patches.next();
    }
    if (at < end) {
      parts.push(bytes.subarray(at - position));
      at = end;
    }
    written += await writeAll(to, parts);
    onProgress?.(end);
  }
  return written;
}

/** The bytes of a file in order, each piece valid until the next is asked for; the next is read meanwhile. */
async function* piecesOf({
  file,
  size,
  path,
}: Parameters<typeof copyPatched>[0]): AsyncGenerator<{ readonly position: number; readonly bytes: Buffer }> {
  const read = (buffer: Buffer, position: number): Promise<Buffer> => {
    const reading = readInto(file, buffer.subarray(0, Math.max(0, size - position)), position);
    // Nobody waits for it when the copy is given up.
    reading.catch(() => undefined);
    return reading;
  };
  let spare: Buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let used: Buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let next = read(spare, 0);
  for (let position = 0; position < size; position += PIECE_BYTES) {
    const bytes = await next;
    if (bytes.length < Math.min(PIECE_BYTES, size - position)) throw new UserError('file.changed', path);
    [used, spare] = [spare, used];
    next = read(spare, position + PIECE_BYTES);
    yield { position, bytes };
  }
}

/** As a write may take in only a part: of a full disk, say, which the next one then reports. */
async function writeAll(file: FileHandle, parts: readonly Uint8Array[]): Promise<number> {
  let rest = parts.filter(part => part.length > 0);
  let total = 0;
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest);
    total += bytesWritten;
    rest = behind(rest, bytesWritten);
  }
  return total;
}

function behind(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  return parts.flatMap(part => {
    const skipped = Math.min(left, part.length);
    left -= skipped;
    return skipped === part.length ? [] : [part.subarray(skipped)];
  });
}
