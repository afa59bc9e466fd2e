/** A file from its beginning to its end, in pieces of bytes. */
import { UserError } from '../core/messages';
import { readAt, withFile } from './files';

const CHUNK_BYTES = 1 << 18;

export interface Chunk {
  /** 256 KiB of the file, or what is left of it. */
  readonly bytes: Buffer;
  /** Share of the file that was read by then, 0 to 1. */
  readonly done: number;
  readonly isLast: boolean;
}

/**
 * No handle stays open while others work: the file is opened again for each chunk.
 * @returns nothing of an empty file
 * @throws UserError where it cannot be read, or has another size meanwhile; the reason of `signal`
 */
export async function* chunksOf(path: string, signal?: AbortSignal): AsyncGenerator<Chunk> {
  let position = 0;
  let size = Infinity;
  while (position < size) {
    signal?.throwIfAborted();
    const bytes = await withFile(path, async (file, identity) => {
      if (size !== Infinity && identity.size !== size) throw new UserError('file.changed', path);
      size = identity.size;
      return readAt(file, position, CHUNK_BYTES);
    });
    if (size === 0) return;
    if (bytes.length === 0) throw new UserError('file.changed', path);
    position += bytes.length;
    yield { bytes, done: position / size, isLast: position >= size };
  }
}
