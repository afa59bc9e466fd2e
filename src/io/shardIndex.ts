/**
 * Where the rows of a shard are: the byte at which each begins, found in one pass of large reads in the background.
 * Rows are read by position, during the pass too; the file is never held in memory and never written.
 */
import type { FileHandle } from 'node:fs/promises';
import { say, UserError } from '../core/messages';
import { bisect } from '../core/bisect';
import { FileScan, type Layout } from './fileScan';
import { identify, identityOf, readAt, sameContent, withFile, type FileIdentity } from './files';
import { CHUNK_BYTES, hold, readAhead, type Piece } from './readAhead';
import { RowTable, type SharedRows } from './rowTable';
import { BLANK, COMMA_OR_BLANK, text, trimmedEnd, type RowText } from './rowText';

export { text, type RowText } from './rowText';

/** Larger rows are not shown or checked here: their text would not fit into one message anyway. */
export const MAX_ROW_BYTES = 64 << 20;
/** Rows fetched by one read at most, so that a page of the list is one positional read in the usual case. */
const MAX_READ_BYTES = 4 << 20;
/** Bytes between two wanted rows that are read along: cheaper than another read. */
const MAX_GAP_BYTES = 64 << 10;
/** Bytes looked at in one go for the end of a row that is too large to be read whole. */
const TAIL_BYTES = 64 << 10;
/** Milliseconds between two reports of progress: as often as a person can follow. */
const PROGRESS_MS = 100;

/** A complete index as a worker thread gets it: can be cloned by `postMessage`; the memory of the rows is shared. */
export interface SharedIndex extends Layout {
  readonly path: string;
  readonly identity: FileIdentity;
  readonly rows: SharedRows;
}

/** Bytes of the file from `start` up to, without, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Whole rows that stand one after the other in the file. */
export interface Block {
  /** The first row. */
  readonly from: number;
  readonly rows: number;
  /** True for one row over 64 MiB: `bytes` is empty. */
  readonly tooLarge: boolean;
  /** Valid until the next block is asked for. */
  readonly bytes: Buffer;
  /** Where in `bytes` the text of row `from + offset` begins. */
  start(offset: number): number;
  /** Where in `bytes` that text ends: without line end, comma and blanks. */
  end(offset: number): number;
}

export class ShardIndex {
  readonly path: string;
  /** Of the file when it was opened. */
  readonly identity: FileIdentity;
  readonly #table: RowTable;
  readonly #listeners = new Set<() => void>();
  readonly #stop = new AbortController();
  #whole: Promise<void> = Promise.resolve();
  #problem: unknown;
  #complete = false;
  #scanned = 0;
  #layout: Layout = { isArray: false, arrayEnd: undefined, blankLines: 0 };

  private constructor(path: string, identity: FileIdentity, rows?: SharedRows) {
    this.path = path;
    this.identity = identity;
    this.#table = new RowTable(rows);
  }

  /**
   * Opens a JSON Lines file, or a file that holds one JSON array, and indexes it in the background: see `whole`.
   * @param options.signal ends the opening, and the scan as `close` does
   * @returns as soon as the first rows are known
   * @throws UserError for what is no shard at all: missing, a directory, empty, UTF-16, a Git LFS pointer
   */
  static async open(path: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<ShardIndex> {
    signal?.throwIfAborted();
    const { file, identity, release } = await hold(path);
    const index = new ShardIndex(path, identity);
    const stop = index.#stop.signal;
    return new Promise((resolve, reject) => {
      const ended = signal ? AbortSignal.any([stop, signal]) : stop;
      index.#whole = index.#scan(file, ended, () => resolve(index)).finally(release);
      index.#whole.catch((error: unknown) => (index.#problem = error));
      index.#whole.catch(reject);
    });
  }

  /** An index that reads, made of another thread's, without a scan. */
  static attach(shared: SharedIndex): ShardIndex {
    const index = new ShardIndex(shared.path, shared.identity, shared.rows);
    index.#complete = true;
    index.#scanned = shared.identity.size;
    index.#layout = shared;
    return index;
  }

  /** @throws Error as long as the index is not complete */
  share(): SharedIndex {
    if (!this.#complete) throw new Error('The index is not complete.');
    return {
      path: this.path,
      identity: this.identity,
      isArray: this.#layout.isArray,
      arrayEnd: this.#layout.arrayEnd,
      blankLines: this.#layout.blankLines,
      rows: this.#table.share(),
    };
  }

  /** Rows that can be read: while the scan goes on, those whose end is known. */
  get rows(): number {
    return this.#complete ? this.#table.count : Math.max(0, this.#table.count - 1);
  }

  /**
   * Settles when all rows are known. Rejects with `problem`; nobody need listen.
   */
  get whole(): Promise<void> {
    return this.#whole;
  }

  /**
   * Why the scan ended early: UserError `file.changed` or `file.unreadable`, or an AbortError after `close` or the signal.
   * What was found until then can still be read.
   */
  get problem(): unknown {
    return this.#problem;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** Whether no further rows come: all are known, or the scan ended early. */
  get isScanned(): boolean {
    return this.#complete || this.#problem !== undefined;
  }

  /** Settles when a row is known, or the scan has ended without it. */
  async until(row: number): Promise<void> {
    const ended = this.#whole.catch(() => undefined);
    while (row >= this.rows && !this.isScanned) {
      let stop: (() => void) | undefined;
      await Promise.race([ended, new Promise<void>(resolve => (stop = this.onProgress(resolve)))]);
      stop?.();
    }
  }

  /** Bytes of the file that the scan has passed. */
  get scanned(): number {
    return this.#scanned;
  }

  /** Whether the rows are the elements of one array, and not lines. */
  get isArray(): boolean {
    return this.#layout.isArray;
  }

  /** Lines of nothing but white space found so far. */
  get blankLines(): number {
    return this.#layout.blankLines;
  }

  /** Stops the scan; what is indexed by then can still be read. */
  close(): void {
    this.#listeners.clear();
    this.#stop.abort();
  }

  /**
   * @param listener called about every 100 ms while the scan goes on, and when it is complete
   * @returns a function that ends the listening
   */
  onProgress(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Line number of a row in the file, or its number in the array, from 1. */
  line(row: number): number {
    return row + 1 + this.#table.blanks(row);
  }

  /** The row on a line; undefined for a blank line and one that is not there, or not yet known. */
  rowAtLine(line: number): number | undefined {
    const row = bisect(0, this.rows, at => this.line(at) < line);
    return row < this.rows && this.line(row) === line ? row : undefined;
  }

  /** Bytes of a row at most: what stands between it and the next is counted. */
  lengthOf(row: number): number {
    return this.#bound(row) - this.#start(row);
  }

  /** Byte at which a row's own text begins; it ends as many bytes later as the text that is read has. */
  startOf(row: number): number {
    return this.#start(row);
  }

  /**
   * The rows from `from`, `count` of them at most.
   * @throws UserError `file.changed` if the file is no longer the one that was indexed
   */
  async read(from: number, count: number): Promise<RowText[]> {
    const length = Math.max(0, Math.min(count, this.rows - from));
    return this.readRows(Array.from({ length }, (_, offset) => from + offset));
  }

  /**
   * The given rows, in any order and as often as given; those near each other in the file are read in one go.
   * @throws UserError `file.changed` if the file is no longer the one that was indexed, `row.missing`
   */
  async readRows(rows: ArrayLike<number>): Promise<RowText[]> {
    const wanted = Uint32Array.from(rows).sort();
    const last = wanted.at(-1);
    if (last === undefined) return [];
    this.#refuseMissing(last);
    const texts = new Map<number, RowText>();
    await this.#unchanged(async file => {
      for (let first = 0; first < wanted.length;) {
        const from = wanted[first] ?? 0;
        let next = first + 1;
        while (next < wanted.length && this.#isNear(from, wanted[next - 1] ?? 0, wanted[next] ?? 0)) next++;
        const block = await this.#readBlock(file, from, (wanted[next - 1] ?? 0) + 1 - from);
        for (; first < next; first++) {
          const row = wanted[first] ?? 0;
          texts.set(row, this.#textIn(block, row - from));
        }
      }
    });
    return Array.from(rows, row => texts.get(row) ?? { ok: false, reason: say('row.missing', row + 1) });
  }

  /**
   * A pass over the rows from `from` up to, without, `to`, in blocks of about 1 MiB: the next is read while one is used.
   * A longer row is a block of its own.
   * @param to by default the rows known when the pass begins
   * @throws UserError `file.changed` as soon as the file is no longer the one that was indexed
   */
  async *passBytes(from = 0, to = this.rows): AsyncGenerator<Block> {
    const end = Math.min(to, this.rows);
    const { file, identity, release } = await hold(this.path);
    try {
      this.#refuseChanged(identity);
      for await (const { piece, bytes } of readAhead({ file, path: this.path }, this.#pieces(from, end))) {
        this.#refuseChanged(identityOf(await file.stat({ bigint: true })));
        yield piece.isLarge
          ? await this.#readBlock(file, piece.from, 1)
          : this.#block(piece.from, piece.rows, bytes, piece.position);
      }
    } finally {
      await release();
    }
  }

  /** What a pass reads: as many whole rows as go into a chunk, at least one. */
  *#pieces(from: number, to: number) {
    for (let next = from; next < to;) {
      const first = next++;
      const position = this.#start(first);
      while (next < to && this.#bound(next) - position <= CHUNK_BYTES) next++;
      const length = this.#bound(next - 1) - position;
      const isLarge = length > MAX_ROW_BYTES;
      yield { from: first, rows: next - first, position, length: isLarge ? 0 : length, isLarge };
    }
  }

  /** Reads rows that follow each other; one alone where they are larger than may be read. */
  async #readBlock(file: FileHandle, from: number, rows: number): Promise<Block> {
    const position = this.#start(from);
    const length = this.#bound(from + rows - 1) - position;
    if (length <= MAX_ROW_BYTES)
      return this.#block(from, rows, await readAt(file, position, length), position);
    // A short row may have many blank lines after it.
    const { start, end } = await this.#span(file, from);
    if (end - start > MAX_ROW_BYTES)
      return { ...this.#block(from, 1, Buffer.alloc(0), start), tooLarge: true };
    return this.#block(from, 1, await readAt(file, start, end - start), start);
  }

  /** @param bytes the file's from `position` */
  #block(from: number, rows: number, bytes: Buffer, position: number): Block {
    const start = (offset: number) => this.#start(from + offset) - position;
    const end = (offset: number) => {
      const bound = Math.min(this.#bound(from + offset) - position, bytes.length);
      return trimmedEnd(bytes, start(offset), bound, this.#after(from + offset));
    };
    return { from, rows, tooLarge: false, bytes, start, end };
  }

  #textIn(block: Block, offset: number): RowText {
    if (!block.tooLarge) return text(block.bytes.subarray(block.start(offset), block.end(offset)));
    const mebibytes = Math.round(this.lengthOf(block.from + offset) / (1 << 20));
    return { ok: false, reason: say('record.tooLarge', mebibytes) };
  }

  /** Whether a row is read together with the one wanted before it, in a read that begins with row `from`. */
  #isNear(from: number, before: number, row: number): boolean {
    if (this.#start(row) - this.#bound(before) > MAX_GAP_BYTES) return false;
    return this.#bound(row) - this.#start(from) <= MAX_READ_BYTES;
  }

  async #span(file: FileHandle, row: number): Promise<Span> {
    const start = this.#start(row);
    let end = this.#bound(row);
    for (let kept = 0; kept === 0 && end > start;) {
      const from = Math.max(start, end - TAIL_BYTES);
      const bytes = await readAt(file, from, end - from);
      kept = trimmedEnd(bytes, 0, bytes.length, this.#after(row));
      end = from + kept;
    }
    return { start, end };
  }

  #start(row: number): number {
    return this.#table.start(row) ?? this.identity.size;
  }

  /** End of the bytes that hold a row and what follows it: the next row begins there, or the array ends. */
  #bound(row: number): number {
    const next = this.#start(row + 1);
    return this.#isBeforeEnd(row) ? Math.min(next, this.#layout.arrayEnd ?? next) : next;
  }

  /** The bytes that may follow a row. */
  #after(row: number) {
    return this.#layout.isArray && this.#isBeforeEnd(row) ? COMMA_OR_BLANK : BLANK;
  }

  /** False for what follows the end of an array. */
  #isBeforeEnd(row: number): boolean {
    return this.#layout.arrayEnd === undefined || this.#start(row) < this.#layout.arrayEnd;
  }

  #refuseMissing(row: number): void {
    if (row >= this.rows) throw new UserError('row.missing', row + 1);
  }

  #refuseChanged(identity: FileIdentity | undefined): void {
    if (!identity || !sameContent(identity, this.identity)) throw new UserError('file.changed', this.path);
  }

  /** Reads from the file if it is the one that was indexed, and still is afterwards. */
  async #unchanged<T>(use: (file: FileHandle) => Promise<T>): Promise<T> {
    return withFile(this.path, async (file, identity) => {
      this.#refuseChanged(identity);
      const result = await use(file);
      this.#refuseChanged(identityOf(await file.stat({ bigint: true })));
      return result;
    });
  }

  /** @param onFirst called when there are rows to be read */
  async #scan(file: FileHandle, signal: AbortSignal, onFirst: () => void): Promise<void> {
    const scan = new FileScan(this.path, this.identity.size, this.#table);
    this.#layout = scan;
    let lastReport = performance.now();
    for await (const { piece, bytes } of readAhead({ file, path: this.path }, chunks(this.identity.size))) {
      signal.throwIfAborted();
      if (bytes.length < piece.length) throw new UserError('file.changed', this.path);
      scan.scan(bytes, piece.position);
      this.#scanned = piece.position + bytes.length;
      if (this.rows > 0) onFirst();
      if (performance.now() - lastReport < PROGRESS_MS) continue;
      this.#report();
      lastReport = performance.now();
    }
    this.#refuseChanged(identityOf(await file.stat({ bigint: true })));
    this.#refuseChanged(await identify(this.path).catch(() => undefined));
    signal.throwIfAborted();
    if (this.#table.count === 0) throw new UserError('file.empty', this.path);
    this.#complete = true;
    onFirst();
    this.#report();
  }

  #report(): void {
    for (const listener of this.#listeners) listener();
  }
}

function* chunks(size: number): Generator<Piece> {
  for (let position = 0; position < size; position += CHUNK_BYTES) {
    yield { position, length: Math.min(CHUNK_BYTES, size - position) };
  }
}
