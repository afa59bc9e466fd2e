/** Two languages of a TMX file as the tables that an import pairs, with the pairs that the file itself says. */
import { NONE } from '../core/lexicon';
import { UserError } from '../core/messages';
import { identify } from './files';
import { MAX_BYTES, type ReadOptions, type Table, type TableRow } from './tableFiles';
import { readTmx, type TmxLangs, type TmxText } from './tmx';

/** Why a text is in no pair: its unit has no other one, or several of a language, or a native code stands in one of them. */
export type TmxReason = 'no-counterpart' | 'ambiguous' | 'native-code';

export interface TmxTables {
  readonly source: Table;
  readonly target: Table;
  /** By row of the source, from 0: the row of the target, or `NONE`. */
  readonly pairs: Int32Array;
  /** Rows in no pair, from 0. */
  readonly left: {
    readonly source: ReadonlyMap<number, TmxReason>;
    readonly target: ReadonlyMap<number, TmxReason>;
  };
}

/** @throws UserError as `readTmx` does, and for a file over 2 GiB, since its rows are held in memory */
export async function readTmxTables(
  path: string,
  langs: TmxLangs,
  { signal, onProgress }: ReadOptions,
): Promise<TmxTables> {
  const { size } = await identify(path);
  const mebibytes = (bytes: number) => Math.ceil(bytes / (1 << 20));
  if (size > MAX_BYTES) throw new UserError('import.tooLarge', path, mebibytes(size), mebibytes(MAX_BYTES));
  const source: TableRow[] = [];
  const target: TableRow[] = [];
  const pairs: number[] = [];
  const left = { source: new Map<number, TmxReason>(), target: new Map<number, TmxReason>() };
  for await (const { units, done } of readTmx(path, langs, signal)) {
    for (const unit of units) {
      const reason = whyLeft(unit.source, unit.target);
      if (unit.target && reason) left.target.set(target.length, reason);
      if (unit.source) {
        if (reason) left.source.set(source.length, reason);
        pairs.push(reason ? NONE : target.length);
        source.push(rowOf(unit.source, unit));
      }
      if (unit.target) target.push(rowOf(unit.target, unit));
    }
    onProgress?.(done);
  }
  return { source: tableOf(source), target: tableOf(target), pairs: Int32Array.from(pairs), left };
}

function whyLeft(source: TmxText | undefined, target: TmxText | undefined): TmxReason | undefined {
  if (!source || !target) return 'no-counterpart';
  const left = source.left ?? target.left;
  return left === 'several' ? 'ambiguous' : left;
}

function rowOf(
  { text }: TmxText,
  unit: { readonly line: number; readonly id: string | undefined },
): TableRow {
  const id = unit.id === undefined ? undefined : JSON.stringify(unit.id);
  return { line: unit.line, id, fields: [{ name: 'text', text }], json: JSON.stringify({ text }) };
}

function tableOf(rows: readonly TableRow[]): Table {
  return { rows, used: new Set(['text']), hasIds: rows.some(({ id }) => id !== undefined) };
}
