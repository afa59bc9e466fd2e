/** Rows of texts as Parquet: required UTF-8 columns, in row groups of bounded size. */
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { Row } from '../core/formats';
import type { CountedFile, RowWriter } from './exportFile';

/** A row group is encoded in one go, in the extension host, too: as many rows or UTF-16 units of text, whichever comes first. */
const GROUP_ROWS = 2000;
const GROUP_UNITS = 1 << 19;

/**
 * The columns are the members of the first row, all texts. There is no file without rows: the empty list of row groups, as
 * hyparquet-writer 0.17 spells it, is an error to Arrow's reader in Rust.
 */
export class ParquetRows implements RowWriter {
  readonly #file: CountedFile;
  readonly #bytes = new ByteWriter();
  #parquet: ParquetWriter | undefined;
  #columns: { readonly name: string; data: string[] }[] = [];
  #units = 0;

  constructor(file: CountedFile) {
    this.#file = file;
  }

  write(json: string): Promise<void> | undefined {
    const row = JSON.parse(json) as Row;
    this.#begin(Object.keys(row));
    for (const { name, data } of this.#columns) {
      const text = row[name];
      if (typeof text !== 'string') throw new Error(`column ${name} holds no text`);
      data.push(text);
      this.#units += text.length;
    }
    const rows = this.#columns[0]?.data.length ?? 0;
    return rows >= GROUP_ROWS || this.#units >= GROUP_UNITS ? this.#group() : undefined;
  }

  async end(): Promise<void> {
    if (!this.#parquet) throw new Error('a Parquet file without rows');
    if ((this.#columns[0]?.data.length ?? 0) > 0) await this.#group();
    await this.#parquet.finish();
    await this.#flush();
  }

  #begin(names: readonly string[]): ParquetWriter {
    if (this.#parquet) return this.#parquet;
    this.#columns = names.map(name => ({ name, data: [] }));
    this.#parquet = new ParquetWriter({
      writer: this.#bytes,
      schema: [
        { name: 'root', num_children: names.length },
        ...names.map(name => ({
          name,
          type: 'BYTE_ARRAY' as const,
          converted_type: 'UTF8' as const,
          repetition_type: 'REQUIRED' as const,
        })),
      ],
      createdBy: 'crossalpaca',
    });
    return this.#parquet;
  }

  async #group(): Promise<void> {
    const columnData = this.#columns.map(({ name, data }) => ({ name, data }));
    await this.#parquet?.write({ columnData, rowGroupSize: GROUP_ROWS });
    for (const column of this.#columns) column.data = [];
    this.#units = 0;
    await this.#flush();
  }

  /** What is encoded so far goes to the file; positions in it go on counting. */
  async #flush(): Promise<void> {
    await this.#file.write(this.#bytes.getBytes());
    this.#bytes.index = 0;
  }
}
