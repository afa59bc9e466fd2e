/** Writes rows of a training file one after the other, with the size and hash of what was written. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Format } from '../core/formats';
import { ParquetRows } from './parquetFile';

/** Bytes gathered before a write. */
const BUFFER_BYTES = 1 << 19;

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

/** Takes rows; the file is a whole one after `end`. Errors of the disk come out as they are, with a later row or at the end. */
export interface RowWriter {
  /**
   * @param json a row as JSON, without line feed
   * @returns what to wait for before the next row; undefined where there is room for it: a promise a row is what takes longest
   */
  write(json: string): Promise<void> | undefined;
  end(): Promise<void>;
}

/** @param file at its beginning */
export function rowWriter(container: Format['container'], file: CountedFile): RowWriter {
  switch (container) {
    case 'jsonl':
      return new TextRows(file, { none: '', before: '', between: '\n', after: '\n' });
    case 'json':
      return new TextRows(file, { none: '[\n]\n', before: '[\n', between: ',\n', after: '\n]\n' });
    case 'parquet':
      return new ParquetRows(file);
  }
}

/** What stands around rows; `none` is a file without any. */
interface Around {
  readonly none: string;
  readonly before: string;
  readonly between: string;
  readonly after: string;
}

/** JSON texts with something around them. */
class TextRows implements RowWriter {
  readonly #file: CountedFile;
  readonly #around: Around;
  /** Filled while what was gathered before, in the other one, is written. */
  #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #other = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #filled = 0;
  #writing: Promise<void> = Promise.resolve();
  #isEmpty = true;

  constructor(file: CountedFile, around: Around) {
    this.#file = file;
    this.#around = around;
  }

  write(json: string): Promise<void> | undefined {
    const text = (this.#isEmpty ? this.#around.before : this.#around.between) + json;
    this.#isEmpty = false;
    if (!this.#fits(text)) return this.#makeRoom(text);
    this.#put(text);
    return undefined;
  }

  async end(): Promise<void> {
    await this.#makeRoom(this.#isEmpty ? this.#around.none : this.#around.after);
    await this.#flush();
    await this.#writing;
  }

  /** A UTF-16 unit takes three bytes at most. */
  #fits(text: string): boolean {
    return this.#filled + 3 * text.length <= BUFFER_BYTES;
  }

  #put(text: string): void {
    this.#filled += this.#buffer.write(text, this.#filled, 'utf8');
  }

  async #makeRoom(text: string): Promise<void> {
    await this.#flush();
    if (this.#fits(text)) {
      this.#put(text);
      return;
    }
    await this.#writing;
    await this.#file.write(Buffer.from(text, 'utf8'));
  }

  /** Begins to write what is gathered, when what was gathered before is written. */
  async #flush(): Promise<void> {
    await this.#writing;
    const full = this.#buffer.subarray(0, this.#filled);
    [this.#buffer, this.#other, this.#filled] = [this.#other, this.#buffer, 0];
    this.#writing = this.#file.write(full);
    // Whoever asks for the next room hears of it.
    this.#writing.catch(() => undefined);
  }
}
