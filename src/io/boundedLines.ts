/** Lines of a file that others wrote, one after the other, none of them larger than can be held. */
import { readAt, withFile } from './files';

/** Bytes read at a time. */
const PIECE_BYTES = 1 << 20;
const NEWLINE = 0x0a;

export interface BoundedLine {
  /** From 1, blank ones counted. */
  readonly number: number;
  /** Where it begins, in bytes from the beginning of the file. */
  readonly at: number;
  readonly bytes: number;
  /** Without the line end; undefined where it is longer than the limit. */
  readonly text: string | undefined;
}

/**
 * @param maxBytes of a line; a longer one is passed over, and told without its text
 * @throws UserError where the file cannot be read
 */
export async function* boundedLines(path: string, maxBytes: number): AsyncGenerator<BoundedLine> {
  let position = 0;
  let number = 1;
  let at = 0;
  let pieces: Buffer[] = [];
  let held = 0;
  const take = (end: number): BoundedLine => {
    const bytes = end - at;
    const text = bytes > maxBytes ? undefined : Buffer.concat(pieces).toString('utf8').replace(/\r$/, '');
    return { number, at, bytes, text };
  };
  const keep = (piece: Buffer) => {
    held += piece.length;
    if (held <= maxBytes) pieces.push(piece);
    else pieces = [];
  };
  for (;;) {
    // Opened for each piece, so that no handle stays behind where nobody asks for the rest.
    const piece = await withFile(path, file => readAt(file, position, PIECE_BYTES));
    if (piece.length === 0) break;
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      keep(piece.subarray(from, end));
      yield take(position + end);
      from = end + 1;
      at = position + from;
      number++;
      pieces = [];
      held = 0;
    }
    keep(piece.subarray(from));
    position += piece.length;
  }
  if (held > 0) yield take(position);
}
