/**
 * Where the rows of a shard are: the byte at which each begins, 8 bytes a row, found in one pass of large reads.
 * Rows are read by position afterwards; the file is never held in memory and never written.
 */
import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { say, UserError, type Said } from '../core/messages';
import { ArrayScan, arrayStart, elementOf } from './arrayScan';
import { readAt, sameContent, withFile, type FileIdentity } from './files';

const CHUNK_BYTES = 1 << 20;
/** Larger rows are not shown or checked here: their text would not fit into one message anyway. */
export const MAX_ROW_BYTES = 64 << 20;
/** Rows fetched by one read at most, so that a page of the list is one positional read in the usual case. */
const MAX_READ_BYTES = 4 << 20;

const NEWLINE = 10;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

/** The text of one row without its line end, or why it has none. */
export type RowText =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: Said };

export class ShardIndex {
  readonly path: string;
  readonly identity: FileIdentity;
  #starts = new Float64Array(1024);
  #rows = 0;
  /** For rows after blank lines: the row, and how many blank lines stand before it in all. */
  readonly #blanks: { row: number; count: number }[] = [];
  #complete = false;
  #isArray = false;

  private constructor(path: string, identity: FileIdentity) {
    this.path = path;
    this.identity = identity;
  }

  /** Rows found so far. */
  get rows(): number {
    return this.#rows;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** Whether the rows are the elements of one array, and not lines. */
  get isArray(): boolean {
    return this.#isArray;
  }

  get blankLines(): number {
    return this.#blanks.at(-1)?.count ?? 0;
  }

  /**
   * Indexes a JSON Lines file, or a file that holds one JSON array.
   * @param onProgress called after each chunk with the bytes done; rows found by then can be read already
   * @throws UserError for what is no JSON Lines file at all: missing, a directory, empty, UTF-16, a Git LFS pointer
   */
  static async open(path: string, options: IndexOptions = {}): Promise<ShardIndex> {
    return withFile(path, async (file, identity) => {
      const index = new ShardIndex(path, identity);
      const head = await readAt(file, 0, 4096);
      refuseForeign(path, head);
      const start = head.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
      const first = arrayStart(head, start);
      if (first === undefined) await index.#scanLines(file, start, options);
      else await index.#scanArray(file, first, options);
      if (index.#rows === 0) throw new UserError('file.empty', path);
      return index;
    });
  }

  async #scanArray(file: FileHandle, start: number, { onProgress, signal }: IndexOptions): Promise<void> {
    const { size } = this.identity;
    const scan = new ArrayScan();
    this.#isArray = true;
    for (let position = start; position < size; position += CHUNK_BYTES) {
      signal?.throwIfAborted();
      const chunk = await readAt(file, position, Math.min(CHUNK_BYTES, size - position));
      scan.scan(chunk, at => this.#add(position + at, 0));
      onProgress?.(Math.min(position + CHUNK_BYTES, size));
    }
    this.#complete = true;
  }

  async #scanLines(file: FileHandle, start: number, { onProgress, signal }: IndexOptions): Promise<void> {
    const { size } = this.identity;
    let line = start;
    let blank = true;
    let blanks = 0;
    const endLine = () => {
      if (blank) blanks++;
      else this.#add(line, blanks);
    };
    for (let position = start; position < size; position += CHUNK_BYTES) {
      signal?.throwIfAborted();
      const chunk = await readAt(file, position, Math.min(CHUNK_BYTES, size - position));
      let at = 0;
      while (at < chunk.length) {
        const newline = chunk.indexOf(NEWLINE, at);
        const stop = newline < 0 ? chunk.length : newline;
        if (blank) blank = isBlank(chunk, at, stop);
        if (newline < 0) break;
        endLine();
        line = position + newline + 1;
        blank = true;
        at = newline + 1;
      }
      onProgress?.(Math.min(position + CHUNK_BYTES, size));
    }
    if (line < size) endLine();
    if (blanks > this.blankLines) this.#blanks.push({ row: this.#rows, count: blanks });
    this.#complete = true;
  }

  #add(start: number, blanks: number): void {
    if (this.#rows === this.#starts.length) {
      const grown = new Float64Array(this.#starts.length * 2);
      grown.set(this.#starts);
      this.#starts = grown;
    }
    if (blanks > this.blankLines) this.#blanks.push({ row: this.#rows, count: blanks });
    this.#starts[this.#rows++] = start;
  }

  /** Line number of a row in the file, or its number in the array, from 1. */
  line(row: number): number {
    let low = 0;
    let high = this.#blanks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#blanks[middle]?.row ?? 0) <= row) low = middle + 1;
      else high = middle;
    }
    return row + 1 + (this.#blanks[low - 1]?.count ?? 0);
  }

  /**
   * The rows from `from`, `count` of them at most.
   * @throws UserError `file.changed` if the file is no longer the one that was indexed
   */
  async read(from: number, count: number): Promise<RowText[]> {
    const to = Math.min(from + count, this.#rows);
    if (from >= to) return [];
    return withFile(this.path, async (file, identity) => {
      if (!sameContent(identity, this.identity)) throw new UserError('file.changed', this.path);
      const rows: RowText[] = [];
      while (from + rows.length < to) {
        const first = from + rows.length;
        let last = first + 1;
        while (last < to && this.#end(last) - this.#start(first) <= MAX_READ_BYTES) last++;
        const length = this.#end(last - 1) - this.#start(first);
        if (length > MAX_ROW_BYTES) {
          rows.push({ ok: false, reason: say('record.tooLarge', Math.round(length / (1 << 20))) });
          continue;
        }
        const bytes = await readAt(file, this.#start(first), length);
        for (let row = first; row < last; row++) {
          const begin = this.#start(row) - this.#start(first);
          const piece = bytes.subarray(begin, this.#end(row) - this.#start(first));
          rows.push(decode(this.#isArray ? elementOf(piece) : lineOf(piece)));
        }
      }
      return rows;
    });
  }

  #start(row: number): number {
    return this.#starts[row] ?? this.identity.size;
  }

  /** End of the bytes that hold a row: its line end and blank lines may follow within them. */
  #end(row: number): number {
    return row + 1 < this.#rows ? this.#start(row + 1) : this.identity.size;
  }
}

export interface IndexOptions {
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

function refuseForeign(path: string, head: Buffer): void {
  if (head.length === 0) throw new UserError('file.empty', path);
  if (head[0] === 0xff && head[1] === 0xfe) throw new UserError('file.utf16', path);
  if (head[0] === 0xfe && head[1] === 0xff) throw new UserError('file.utf16', path);
  if (head.toString('latin1').startsWith(LFS_POINTER)) throw new UserError('file.lfsPointer', path);
}

/** Blank is what JSON calls white space; almost always the first byte decides. */
function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) return false;
  }
  return true;
}

function lineOf(bytes: Buffer): Buffer {
  const newline = bytes.indexOf(NEWLINE);
  const line = newline < 0 ? bytes : bytes.subarray(0, newline);
  return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Buffer): RowText {
  try {
    return { ok: true, text: utf8.decode(bytes) };
  } catch {
    return { ok: false, reason: say('record.notUtf8', firstBadByte(bytes) + 1) };
  }
}

/** Offset of the first byte that is not UTF-8, found by halving: a prefix that decodes (as a stream) is good. */
function firstBadByte(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (good < bad) {
    const middle = (good + bad + 1) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle - 1;
    }
  }
  // As a stream, the beginning of a broken sequence passed too.
  while (!isUtf8(bytes.subarray(0, good))) good--;
  return good;
}
