/** Writes rows of a training file one after the other, with the size and hash of what was written. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Format, Row } from '../core/formats';
import { ParquetRows } from './parquetFile';

/** UTF-16 units gathered before a write. */
const BUFFER_UNITS = 1 << 18;

/** A file being written, from its beginning; counts what went into it. */
export class CountedFile {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #bytes = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    // Hashed first: what takes the bytes may be given the same memory again.
    this.#hash.update(bytes);
    this.#bytes += bytes.byteLength;
    await this.#file.appendFile(bytes);
  }

  /** 64 hex digits; nothing can be written any more. */
  sha256(): string {
    return this.#hash.digest('hex');
  }
}

/** Takes rows; the file is a whole one after `end`. Errors of the disk come out as they are. */
export interface RowWriter {
  /** @returns what to wait for before the next row; undefined where there is room for it: a promise a row is what takes longest */
  write(row: Row): Promise<void> | undefined;
  end(): Promise<void>;
}

/** @param file at its beginning */
export function rowWriter(container: Format['container'], file: CountedFile): RowWriter {
  switch (container) {
    case 'jsonl':
      return new TextRows(file, '', '', '');
    case 'json':
      return new TextRows(file, '[\n', ',\n', ']\n');
    case 'parquet':
      return new ParquetRows(file);
  }
}

/** JSON texts with something around them, each on a line of its own. */
class TextRows implements RowWriter {
  readonly #file: CountedFile;
  readonly #between: string;
  readonly #after: string;
  #buffer: string;
  #rows = 0;

  constructor(file: CountedFile, before: string, between: string, after: string) {
    this.#file = file;
    this.#buffer = before;
    this.#between = between;
    this.#after = after;
  }

  write(row: Row): Promise<void> | undefined {
    const json = JSON.stringify(row);
    if (this.#between === '') this.#buffer += `${json}\n`;
    else this.#buffer += this.#rows === 0 ? json : this.#between + json;
    this.#rows++;
    return this.#buffer.length >= BUFFER_UNITS ? this.#flush() : undefined;
  }

  async end(): Promise<void> {
    if (this.#between !== '' && this.#rows > 0) this.#buffer += '\n';
    this.#buffer += this.#after;
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const buffer = this.#buffer;
    this.#buffer = '';
    await this.#file.write(Buffer.from(buffer, 'utf8'));
  }
}
