/** Passing over a file: the next piece is read while one is used. */
import type { FileHandle } from 'node:fs/promises';
import { UserError } from '../core/messages';
import { cause, readInto, withFile, type FileIdentity } from './files';

/** Large enough that the cost of a call does not count, small enough to be scanned within a few milliseconds. */
export const CHUNK_BYTES = 1 << 20;

/** Buffers of a pass: one is used while two are filled. With one under way the pass often waits for a thread to wake up. */
const BUFFERS = 3;

/** Bytes to be read. */
export interface Piece {
  readonly position: number;
  readonly length: number;
}

/** A file that is open until `release`, which settles when it is closed. */
export interface Held {
  readonly file: FileHandle;
  readonly identity: FileIdentity;
  readonly release: () => Promise<void>;
}

/**
 * Opens a file for what does not end within one call: a generator, or work in the background.
 * @throws UserError as `withFile` does
 */
export async function hold(path: string): Promise<Held> {
  return new Promise((resolve, reject) => {
    const closed = withFile(path, async (file, identity) => {
      await new Promise<void>(done => {
        const release = () => {
          done();
          return closed;
        };
        resolve({ file, identity, release });
      });
    });
    closed.catch(reject);
  });
}

/**
 * Reads the pieces in their order. The bytes of one are valid until the next is asked for; fewer than asked for mean that
 * the file ends there.
 * @throws UserError `file.unreadable` where the system cannot read on
 */
export async function* readAhead<P extends Piece>(
  { file, path }: { readonly file: FileHandle; readonly path: string },
  pieces: Iterable<P>,
): AsyncGenerator<{ readonly piece: P; readonly bytes: Buffer }> {
  const waiting = pieces[Symbol.iterator]();
  const begin = (own: Buffer) => {
    const { value: piece, done } = waiting.next() as IteratorResult<P, undefined>;
    if (done) return undefined;
    const target = piece.length > own.length ? Buffer.allocUnsafeSlow(piece.length) : own;
    const reading = readInto(file, target.subarray(0, piece.length), piece.position).catch(
      (error: unknown) => {
        throw new UserError('file.unreadable', path, cause(error));
      },
    );
    // Nobody waits for it when the pass is given up.
    reading.catch(() => undefined);
    return { piece, reading, own };
  };
  const ahead = Array.from({ length: BUFFERS }, () => begin(Buffer.allocUnsafeSlow(CHUNK_BYTES)));
  for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
    const { piece, reading, own } = next;
    yield { piece, bytes: await reading };
    ahead.push(begin(own));
  }
}
