/** The files of an export while they are written: one for each split that has rows, and what is known of each row. */
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Format } from '../core/formats';
import type { ManifestFile } from '../core/manifest';
import type { Splits } from '../core/recipe';
import { CountedFile, rowWriter, type RowWriter } from './exportFile';

export type Split = keyof Splits;
export type Part = Split | 'reviews';

interface Opened {
  readonly handle: FileHandle;
  readonly counted: CountedFile;
  readonly writer: RowWriter;
  rows: number;
}

export class TrainingFiles {
  readonly #folder: string;
  readonly #container: Format['container'];
  readonly #names: Readonly<Record<Part, string>>;
  readonly #opened = new Map<Part, Opened>();

  /** @param names of the files in `folder`; each is made when it gets its first row, over what an earlier try has left */
  constructor(folder: string, container: Format['container'], names: Readonly<Record<Part, string>>) {
    this.#folder = folder;
    this.#container = container;
    this.#names = names;
  }

  /** @param row as JSON, and `review`, what is known of it, likewise */
  write(split: Split, row: string, review: string): Promise<void> | undefined {
    const first = this.#writeTo(split, row);
    if (first) return first.then(() => this.#writeTo('reviews', review));
    return this.#writeTo('reviews', review);
  }

  /** @returns what to wait for before the next row, if anything */
  #writeTo(part: Part, row: string): Promise<void> | undefined {
    const opened = this.#opened.get(part);
    if (!opened) return this.#open(part).then(() => this.#writeTo(part, row));
    opened.rows++;
    return opened.writer.write(row);
  }

  async #open(part: Part): Promise<void> {
    const handle = await open(join(this.#folder, this.#names[part]), 'w');
    const counted = new CountedFile(handle);
    const writer = rowWriter(part === 'reviews' ? 'jsonl' : this.#container, counted);
    this.#opened.set(part, { handle, counted, writer, rows: 0 });
  }

  /** @returns what was written, durably, each with the part that it is */
  async end(): Promise<ReadonlyMap<Part, ManifestFile>> {
    const files = new Map<Part, ManifestFile>();
    for (const part of PARTS) {
      const opened = this.#opened.get(part);
      if (!opened) continue;
      const { handle, counted, writer, rows } = opened;
      await writer.end();
      await handle.sync();
      files.set(part, { path: this.#names[part], bytes: counted.bytes, sha256: counted.sha256(), rows });
    }
    await this.close();
    return files;
  }

  /** Closes what is open; what is not at its end stays as it is. */
  async close(): Promise<void> {
    const handles = [...this.#opened.values()].map(({ handle }) => handle);
    this.#opened.clear();
    for (const handle of handles) await handle.close();
  }
}

const PARTS = ['train', 'validation', 'test', 'reviews'] as const satisfies readonly Part[];
