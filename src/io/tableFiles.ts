/**
 * Reads the files that are imported: JSON Lines, a JSON array, CSV and TSV, Parquet, plain parallel text. A file that
 * holds a row which cannot be read is refused with its place, since a row left out would shift all others.
 */
import type { FileHandle } from 'node:fs/promises';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parse, type CsvError } from 'csv-parse';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { memberSpans } from '../core/json';
import { isObject, type JsonObject } from '../core/jsonValue';
import { say, UserError } from '../core/messages';
import type { Field } from '../core/record';
import { breather } from './breath';
import { cause, readAt, withFile } from './files';
import { ShardIndex } from './shardIndex';

export interface TableRow {
  /** Where the row begins in the file: line number, or number of the row where there are no lines; from 1. */
  readonly line: number;
  /** The id as JSON text, a number as it is spelled; undefined where the row has none. */
  readonly id: string | undefined;
  /** All rows of a file have the same fields in the same order. */
  readonly fields: readonly Field[];
  /** The whole row as one JSON object, each value as the file spells it. */
  readonly json: string;
}

export interface Table {
  readonly rows: readonly TableRow[];
  /** Members of a row that are its id or fields. All others are to be kept. */
  readonly used: ReadonlySet<string>;
  readonly hasIds: boolean;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Called now and then with the share of the file that was read, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

/** The rows are held in memory: two such files and what is learned from them must fit. */
export const MAX_BYTES = 2 ** 31;
const MEBIBYTE = 1 << 20;
/** A quotation mark without an end would else take the rest of the file for one field. */
const MAX_RECORD_BYTES = 64 * MEBIBYTE;
const CHUNK_BYTES = 1 << 18;
/** Rows of JSON read and parsed at once: about 10 ms. */
const BATCH_ROWS = 200;
/**
 * A group of rows of Parquet is read in pieces, so that others come in between: about 20 ms each. A piece decodes every page
 * that it touches, so a group whose columns are one page each is decoded once a piece: hence not too many of them.
 */
const PIECE_ROWS = 2000;
const MAX_PIECES = 32;
/** Names of ids, in the order in which they are looked for. */
export const ID_MEMBERS = ['id', '_id', 'uid', 'idx'] as const;
/** Deeper columns are no data of the kind that is reviewed here. */
const MAX_DEPTH = 64;
const NAMED_MEMBERS = 12;

/** The names under which fields are found: those of a layout first. */
const LAYOUTS: readonly (readonly (readonly [field: string, member: string])[])[] = [
  [['instruction', 'instruction'], ['input', 'input'], ['output', 'output']],
  [['instruction', 'prompt'], ['input', 'input'], ['output', 'completion']],
  [['instruction', 'prompt'], ['input', 'input'], ['output', 'response']],
  [['text', 'text']],
]; // prettier-ignore

/** A row as one JSON object, and where it begins. */
interface Raw {
  readonly json: string;
  readonly line: number;
}

/**
 * Reads a whole file. Its kind is told by the extension (`.parquet .csv .tsv .txt`), else by how it begins.
 * @throws UserError for a file over 2 GiB, one without rows, or a row that cannot be read; naming file, line and member
 */
export async function readTable(path: string, options: ReadOptions = {}): Promise<Table> {
  const head = await withFile(path, async (file, { size }) => {
    if (size > MAX_BYTES) {
      throw new UserError('import.tooLarge', path, Math.ceil(size / MEBIBYTE), MAX_BYTES / MEBIBYTE);
    }
    return readAt(file, 0, CHUNK_BYTES);
  });
  const rows: TableRow[] = [];
  const breathe = breather(options.signal);
  let plan: Plan | undefined;
  for await (const raw of rawRows(path, head, options)) {
    await breathe();
    const value = parsed(path, raw);
    plan ??= planOf(path, raw, value);
    rows.push(rowOf(path, raw, value, plan));
  }
  if (!plan) throw new UserError('import.noRows', path);
  const used = new Set([
    ...plan.members.map(([, member]) => member),
    ...(plan.id === undefined ? [] : [plan.id]),
  ]);
  return { rows, used, hasIds: rows.some(({ id }) => id !== undefined) };
}

function rawRows(path: string, head: Buffer, options: ReadOptions): AsyncIterable<Raw> {
  switch (kindOf(path, head)) {
    case 'parquet':
      return parquetRows(path, options);
    case 'csv':
      return tableRows(path, head, options);
    case 'json':
      return jsonRows(path, options);
    case 'text':
      return textRows(path, options);
  }
}

function kindOf(path: string, head: Buffer): 'parquet' | 'csv' | 'json' | 'text' {
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') return 'parquet';
  const extension = extname(path).toLowerCase();
  if (extension === '.parquet') return 'parquet';
  if (extension === '.csv' || extension === '.tsv') return 'csv';
  if (extension === '.txt') return 'text';
  if (['.json', '.jsonl', '.ndjson'].includes(extension)) return 'json';
  return /^\s*(?:\[\s*)?\{\s*"/.test(withoutMark(head.toString('utf8'))) ? 'json' : 'text';
}

const withoutMark = (text: string) => (text.startsWith('\ufeff') ? text.slice(1) : text);

async function* jsonRows(path: string, { signal, onProgress }: ReadOptions): AsyncGenerator<Raw> {
  const index = await ShardIndex.open(path, signal ? { signal } : {});
  try {
    await index.whole;
    for (let from = 0; from < index.rows; from += BATCH_ROWS) {
      signal?.throwIfAborted();
      for (const [offset, text] of (await index.read(from, BATCH_ROWS)).entries()) {
        const line = index.line(from + offset);
        if (!text.ok) throw new UserError('import.badRow', path, line, text.reason);
        yield { json: text.text, line };
      }
      onProgress?.(from / index.rows);
    }
  } finally {
    index.close();
  }
}

/** The text of a file in pieces. */
async function* pieces(
  path: string,
  file: FileHandle,
  size: number,
  options: ReadOptions,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let position = 0; position < size; position += CHUNK_BYTES) {
    options.signal?.throwIfAborted();
    const bytes = await readAt(file, position, CHUNK_BYTES);
    let text: string;
    try {
      text = decoder.decode(bytes, { stream: position + bytes.length < size });
    } catch {
      throw new UserError('import.badRow', path, line, say('import.notUtf8'));
    }
    line += text.split('\n').length - 1;
    yield text;
    options.onProgress?.(position / size);
  }
}

/** A line is a row, also a blank one: in parallel text it keeps the others in their places. */
async function* textRows(path: string, options: ReadOptions): AsyncGenerator<Raw> {
  let line = 0;
  const raw = (text: string): Raw => ({
    json: JSON.stringify({ text: text.replace(/\r$/, '') }),
    line: ++line,
  });
  for await (const lines of gathered(path, options)) for (const text of lines) yield raw(text);
}

/** The lines of a file, those of a piece together. */
async function* gathered(path: string, options: ReadOptions): AsyncGenerator<string[]> {
  const found: string[][] = [];
  let rest = '';
  await withFile(path, async (file, { size }) => {
    for await (const text of pieces(path, file, size, options)) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      found.push(lines);
    }
  });
  yield* found;
  if (rest !== '') yield [rest];
}

/** In a table of one column a blank line is a row, as in plain text; in one of several it is none. */
async function* tableRows(path: string, head: Buffer, options: ReadOptions): AsyncGenerator<Raw> {
  const found: Raw[] = [];
  let names: string[] | undefined;
  let line = 1;
  await withFile(path, async (file, { size }) => {
    const parser = parse({
      bom: true,
      delimiter: delimiterOf(path, head),
      info: true,
      max_record_size: MAX_RECORD_BYTES,
      // The number of columns is compared below: whether a blank line is a row depends on it.
      relax_column_count: true,
      relax_quotes: extname(path).toLowerCase() === '.tsv',
    });
    try {
      await pipeline(pieces(path, file, size, options), parser, async records => {
        for await (const { record, info } of records as AsyncIterable<Parsed>) {
          const isBlank = record.length === 1 && record[0] === '';
          if (record.length === names?.length) found.push({ json: objectOf(names, record), line });
          else if (!isBlank) {
            if (names) {
              const reason = say('import.columns', record.length, names.length);
              throw new UserError('import.table', path, line, reason);
            }
            names = header(path, record);
          }
          line = info.lines + 1;
        }
      });
    } catch (error) {
      if (!isCsvError(error)) throw error;
      throw new UserError('import.table', path, error.lines ?? line, error.message);
    }
  });
  yield* found;
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

const isCsvError = (error: unknown): error is CsvError & { readonly lines?: number } =>
  error instanceof Error &&
  error.name === 'Error' &&
  'code' in error &&
  String(error.code).startsWith('CSV_');

/** A tab in TSV; in CSV the one of the usual three that the line of names has most of. */
function delimiterOf(path: string, head: Buffer): string {
  if (extname(path).toLowerCase() === '.tsv') return '\t';
  const names = head.toString('utf8').split('\n', 1)[0] ?? '';
  const count = (delimiter: string) => names.split(delimiter).length;
  return [';', '\t'].reduce((best, each) => (count(each) > count(best) ? each : best), ',');
}

function header(path: string, record: readonly string[]): string[] {
  const names = record.map(name => name.trim());
  const wrong = names.find((name, index) => name === '' || names.indexOf(name) !== index);
  if (wrong !== undefined) throw new UserError('import.header', path, wrong);
  return names;
}

/** As text, since a name such as `__proto__` would do something else in an object. */
function objectOf(names: readonly string[], values: readonly unknown[]): string {
  const member = (name: string, index: number) => `${JSON.stringify(name)}:${jsonOf(values[index])}`;
  return `{${names.map(member).join(',')}}`;
}

async function* parquetRows(path: string, { signal, onProgress }: ReadOptions): AsyncGenerator<Raw> {
  const found: Raw[] = [];
  await withFile(path, async (handle, { size }) => {
    // The columns of one group, which each of its pieces asks for again.
    const columns = new Map<string, ArrayBuffer>();
    const slice = async (start: number, end = size) => {
      const key = `${start}-${end}`;
      const known = columns.get(key);
      if (known) return known;
      const bytes = await readAt(handle, start, Math.max(0, Math.min(end, size) - start));
      const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
      columns.set(key, buffer);
      return buffer;
    };
    const file = { byteLength: size, slice };
    try {
      const metadata = await parquetMetadataAsync(file);
      // A piece of a nested column cannot be read without all of that column.
      const isFlat = metadata.schema
        .slice(1)
        .every(each => !each.num_children && each.repetition_type !== 'REPEATED');
      const breathe = breather(signal);
      let rowStart = 0;
      for (const group of metadata.row_groups) {
        columns.clear();
        const count = Number(group.num_rows);
        const groupEnd = rowStart + count;
        const piece = isFlat ? Math.max(PIECE_ROWS, Math.ceil(count / MAX_PIECES)) : count;
        while (rowStart < groupEnd) {
          signal?.throwIfAborted();
          const rowEnd = Math.min(groupEnd, rowStart + piece);
          const records = await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd });
          for (const record of records) {
            await breathe();
            const names = Object.keys(record);
            const values = names.map(name => record[name] as unknown);
            found.push({ json: objectOf(names, values), line: found.length + 1 });
          }
          rowStart = rowEnd;
          onProgress?.(rowStart / Number(metadata.num_rows));
        }
      }
    } catch (error) {
      if (error instanceof UserError || signal?.aborted) throw error;
      throw new UserError('import.parquet', path, cause(error));
    }
  });
  yield* found;
}

/** JSON text of a value; integers beyond 2^53 keep their digits, dates become ISO 8601. */
function jsonOf(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw new Error('columns are nested too deeply');
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return JSON.stringify(value);
  if (ArrayBuffer.isView(value)) return JSON.stringify([...(value as Uint8Array)]);
  if (Array.isArray(value)) return `[${value.map(each => jsonOf(each, depth + 1)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const member = ([name, each]: [string, unknown]) => `${JSON.stringify(name)}:${jsonOf(each, depth + 1)}`;
  return `{${Object.entries(value).map(member).join(',')}}`;
}

/** Which members of the rows of a file are its id and fields. */
interface Plan {
  readonly id: string | undefined;
  readonly members: readonly (readonly [field: string, member: string])[];
}

function parsed(path: string, { json, line }: Raw): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new UserError('import.badRow', path, line, `${cause(error)}.`);
  }
  if (isObject(value)) return value;
  throw new UserError('import.badRow', path, line, say('import.notObject'));
}

/** As the first row has it: a layout that is known, or the only member that is text. */
function planOf(path: string, { line }: Raw, value: JsonObject): Plan {
  const id = ID_MEMBERS.find(name => Object.hasOwn(value, name));
  const known = LAYOUTS.find(layout =>
    layout.every(([field, member]) => field === 'input' || Object.hasOwn(value, member)),
  );
  if (known) return { id, members: known };
  const names = Object.keys(value).filter(name => name !== id);
  const [only, ...more] = names.filter(name => typeof value[name] === 'string');
  if (only !== undefined && more.length === 0) return { id, members: [['text', only]] };
  throw new UserError('import.noFields', path, line, names.slice(0, NAMED_MEMBERS).join(', '));
}

function rowOf(path: string, { json, line }: Raw, value: JsonObject, { id, members }: Plan): TableRow {
  const own = (name: string) => (Object.hasOwn(value, name) ? value[name] : undefined);
  const spelled = (name: string) => {
    const span = memberSpans(json).findLast(member => member.name === name);
    return span && json.slice(span.start, span.end);
  };
  const fields = members.map(([name, member]): Field => {
    const text = own(member) ?? (name === 'input' || Object.hasOwn(value, member) ? '' : undefined);
    if (typeof text === 'string') return { name, text };
    if (typeof text === 'number' || typeof text === 'boolean') return { name, text: spelled(member) ?? '' };
    throw new UserError('import.notText', path, line, member);
  });
  const key = id === undefined ? undefined : own(id);
  const isId = (typeof key === 'string' && key !== '') || typeof key === 'number';
  return { json, line, fields, id: isId && id !== undefined ? spelled(id) : undefined };
}
