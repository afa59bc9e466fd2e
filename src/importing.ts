/** Two files, or two languages of a TMX file, into one shard: which rows belong together, and what could not be paired. */
import { createHash } from 'node:crypto';
import { access, rm } from 'node:fs/promises';
import type { Steps } from './core/evidence';
import { NONE } from './core/lexicon';
import { say, UserError, type Said } from './core/messages';
import { pairRows, type Pairing } from './core/pairing';
import { languageTag, type Lang } from './core/record';
import { leftRows, segmentsOf, type Segment } from './core/segments';
import { ContentIds, idName, shardRow } from './core/shardRow';
import { breather } from './io/breath';
import { writeJsonLines } from './io/jsonLines';
import { hasCode, NOT_WRITABLE, isSameFile } from './io/files';
import { ID_MEMBERS, readTable, type Table, type TableRow } from './io/tableFiles';
import { isTmx } from './io/tmx';
import { readTmxTables } from './io/tmxTables';

/** `id`: by ids alone. `position`: by evidence and position alone. `auto`: by ids where they can be trusted, else the other. */
export type ImportBy = 'id' | 'position' | 'auto';

export interface ImportOptions {
  /** Paths of the two files, of TMX twice the same one, and of the shard to write. */
  readonly source: string;
  readonly target: string;
  readonly out: string;
  readonly sourceLang: Lang;
  readonly targetLang: Lang;
  /** `auto` where not given. */
  readonly by?: ImportBy;
  /** Takes the rows that were not paired, one JSON object a line; without it a shard is written only where none is left. */
  readonly allowUnpaired?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}

export interface ImportProgress {
  readonly phase: 'read' | 'compare' | 'pair' | 'write';
  /** Share of the whole import that is done, 0 to 1; never falls. */
  readonly done: number;
}

/**
 * Why a row was left unpaired: nothing fits it; several rows fit about equally well; the row in its place within a segment
 * does not fit it; its id stands in a file several times; it has no id, or the other file has not that id. Of TMX also: a code
 * of another program stands in it, or in its counterpart.
 */
export type UnpairedReason =
  'no-counterpart' | 'ambiguous' | 'contradicted' | 'duplicate-id' | 'id-missing' | 'native-code';

/** A stretch of the source whose rows all stand `offset` rows later in the target. Rows from 1, `to` included. */
export interface ImportSegment {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
  readonly pairs: number;
}

export interface UnpairedRows {
  readonly total: number;
  readonly reasons: Partial<Record<UnpairedReason, number>>;
  /** The first of them, rows from 1. */
  readonly first: readonly { readonly row: number; readonly reason: UnpairedReason }[];
}

export interface ImportReport {
  /** The shard, where it was written: all rows are paired, or `allowUnpaired` took the others. Else the answer is no. */
  readonly written: boolean;
  readonly out: string;
  /** Rows of each file. */
  readonly read: { readonly source: number; readonly target: number };
  readonly paired: {
    readonly total: number;
    readonly byId: number;
    /** In a segment. */
    readonly byPosition: number;
    /** By what the rows say alone: found in another order. */
    readonly byContent: number;
  };
  readonly unpaired: { readonly source: UnpairedRows; readonly target: UnpairedRows };
  /** The longest segments, in file order, 100 at most. */
  readonly segments: readonly ImportSegment[];
  readonly segmentCount: number;
  /** Where the unpaired rows were written. */
  readonly unpairedFile: string | null;
  readonly warnings: readonly Said[];
}

type Reasons = ReadonlyMap<number, UnpairedReason>;

/** Who belongs to whom, and why the others belong to nobody. Rows from 0. */
interface Outcome {
  readonly pairs: Int32Array;
  readonly byId: boolean;
  readonly source: Reasons;
  readonly target: Reasons;
  readonly warnings: readonly Said[];
}

/** The rows of a file that have an id, by its characters. Rows from 0. */
type Names = ReadonlyMap<string, readonly number[]>;

interface Input {
  readonly table: Table;
  readonly names: Names;
}

interface Inputs {
  readonly source: Input;
  readonly target: Input;
}

/** Segments and rows that a report names; the others are counted. */
const NAMED_SEGMENTS = 100;
const NAMED_ROWS = 20;
/** Ids are believed to be the same in both files where this share of the smaller one has its like in the other. */
const MOST_IDS = 0.5;
/** Ids contradicted by more than this share of the rows that can be checked are mere row numbers of two orders. */
const MAX_CONTRADICTED = 0.1;
/** Fewer checked rows than this share confirm nothing. */
const MIN_CHECKED = 0.05;
/** Shares of the whole that reading each file and pairing take. */
const READING = 0.1;
const PAIRING = 0.9;

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/**
 * Pairs two files and writes the shard: by ids where both files have the same, unless what the rows say contradicts them;
 * else by what the rows say and where they stand.
 * @throws UserError for a file that cannot be read, or a place that cannot be written; then nothing has changed
 */
export async function importShard(options: ImportOptions): Promise<ImportReport> {
  const langs = { source: tag(options.sourceLang), target: tag(options.targetLang) };
  await refuseOverwriting(options);
  const { signal, onProgress } = options;
  const { source, target, outcome: told } = await readBoth(options, langs);
  refuseOtherFields(options, source, target);
  const inputs = {
    source: { table: source, names: await rowsByName(source, signal) },
    target: { table: target, names: await rowsByName(target, signal) },
  };
  const outcome = told ?? (await pair(options, inputs));
  signal?.throwIfAborted();
  const report = reportOf(options, outcome, source, target);
  const isWhole = outcome.source.size + outcome.target.size === 0;
  if (report.paired.total === 0) return warned(report, say('import.nothingPaired'));
  if (!isWhole && options.allowUnpaired === undefined) {
    return warned(report, say('import.unpaired', outcome.source.size, outcome.target.size));
  }
  onProgress?.({ phase: 'write', done: PAIRING });
  await refuseOverwriting(options);
  await write(options.out, shardLines(outcome.pairs, inputs, langs, signal));
  try {
    signal?.throwIfAborted();
    if (options.allowUnpaired !== undefined) {
      await write(options.allowUnpaired, unpairedLines(outcome, source, target, signal));
    }
  } catch (error) {
    // A shard without the rows that were left over would look whole, and stand in the way of the next import.
    await rm(options.out, { force: true });
    throw error;
  }
  onProgress?.({ phase: 'write', done: 1 });
  const repeated = repeatedIds(outcome.pairs, inputs.source.names);
  const done = { ...report, written: true, unpairedFile: options.allowUnpaired ?? null };
  return repeated > 0 ? warned(done, say('import.repeatedIds', repeated)) : done;
}

/** Both sides, with their pairs where the file says which they are. */
async function readBoth(
  { source, target, signal, onProgress }: ImportOptions,
  langs: { readonly source: Lang; readonly target: Lang },
): Promise<{ readonly source: Table; readonly target: Table; readonly outcome?: Outcome }> {
  const reading = (from: number, share: number) => ({
    ...(signal && { signal }),
    onProgress: (done: number) => onProgress?.({ phase: 'read', done: from + share * done }),
  });
  const memory = [source, target].find(isTmx);
  if (memory === undefined)
    return {
      source: await readTable(source, reading(0, READING)),
      target: await readTable(target, reading(READING, READING)),
    };
  if (!(await isSameFile(source, target))) throw new UserError('tmx.oneFile', memory);
  const both = { sourceLang: langs.source, targetLang: langs.target };
  const { pairs, left, ...tables } = await readTmxTables(memory, both, reading(0, 2 * READING));
  return { ...tables, outcome: { pairs, byId: true, ...left, warnings: [] } };
}

const warned = (report: ImportReport, warning: Said): ImportReport => ({
  ...report,
  warnings: [...report.warnings, warning],
});

function tag(text: string): Lang {
  const lang = languageTag(text);
  if (lang === undefined) throw new UserError('import.language', text);
  return lang;
}

/** An earlier shard may have been reviewed, and no other file is ours to replace. */
async function refuseOverwriting({ source, target, out, allowUnpaired }: ImportOptions): Promise<void> {
  const written = allowUnpaired === undefined ? [out] : [out, allowUnpaired];
  for (const path of written) {
    for (const input of [source, target]) {
      if (await isSameFile(path, input)) throw new UserError('import.onto', input);
    }
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) throw new UserError('import.exists', path);
  }
  if (allowUnpaired !== undefined && (await isSameFile(out, allowUnpaired))) {
    throw new UserError('import.exists', allowUnpaired);
  }
}

function refuseOtherFields({ source, target }: ImportOptions, a: Table, b: Table): void {
  const names = ({ rows }: Table) => rows[0]?.fields.map(({ name }) => name).join(', ') ?? '';
  if (names(a) !== names(b)) throw new UserError('import.layouts', source, names(a), target, names(b));
}

async function pair(options: ImportOptions, inputs: Inputs): Promise<Outcome> {
  const { by = 'auto', signal } = options;
  const source = inputs.source.table;
  const target = inputs.target.table;
  if (by === 'id') {
    for (const [path, table] of [
      [options.source, source],
      [options.target, target],
    ] as const) {
      if (!table.hasIds) throw new UserError('import.noIds', path, ID_MEMBERS.join(', '));
    }
    return pairById(inputs, signal);
  }
  const byId = by === 'auto' && source.hasIds && target.hasIds ? await pairById(inputs, signal) : undefined;
  const both = byId ? count(byId.pairs) : 0;
  const smaller = Math.min(source.rows.length, target.rows.length);
  const found = await pairByContent(options, source, target);
  if (!byId) return found;
  if (both < MOST_IDS * smaller) {
    return { ...found, warnings: [say('import.idsDisagree', both, smaller)] };
  }
  let confirmed = 0;
  let contradicted = 0;
  for (const [row, other] of found.pairs.entries()) {
    if (other === NONE || byId.pairs[row] === NONE) continue;
    if (other === byId.pairs[row]) confirmed++;
    else contradicted++;
  }
  const checked = confirmed + contradicted;
  if (contradicted > MAX_CONTRADICTED * checked) {
    return { ...found, warnings: [say('import.idsContradicted', contradicted, checked)] };
  }
  const doubts = [
    ...(contradicted > 0 ? [say('import.idsDoubtful', contradicted, checked)] : []),
    ...(checked < MIN_CHECKED * both && (await areRowNumbers(source, signal))
      ? [say('import.idsUnchecked')]
      : []),
  ];
  return { ...byId, warnings: doubts };
}

const count = (pairs: Int32Array) => pairs.reduce((sum, other) => sum + (other === NONE ? 0 : 1), 0);

const nameOf = ({ id }: TableRow) => (id === undefined ? undefined : idName(id));

async function rowsByName({ rows }: Table, signal: AbortSignal | undefined): Promise<Names> {
  const breathe = breather(signal);
  const byName = new Map<string, number[]>();
  for (const [row, each] of rows.entries()) {
    await breathe();
    const name = nameOf(each);
    const found = name === undefined ? undefined : byName.get(name);
    if (found) found.push(row);
    else if (name !== undefined) byName.set(name, [row]);
  }
  return byName;
}

/** Whether the ids only count the rows. */
async function areRowNumbers({ rows }: Table, signal: AbortSignal | undefined): Promise<boolean> {
  const breathe = breather(signal);
  const first = Number(rows[0] && nameOf(rows[0]));
  for (const [index, row] of rows.entries()) {
    await breathe();
    if (Number(nameOf(row)) !== first + index) return false;
  }
  return true;
}

async function pairById({ source, target }: Inputs, signal: AbortSignal | undefined): Promise<Outcome> {
  const breathe = breather(signal);
  const pairs = new Int32Array(source.table.rows.length).fill(NONE);
  const reasons = async (own: Input, others: Input): Promise<Map<number, UnpairedReason>> => {
    const left = new Map<number, UnpairedReason>();
    for (const [row, each] of own.table.rows.entries()) {
      await breathe();
      const name = nameOf(each);
      const [same, like] = name === undefined ? [] : [own.names.get(name), others.names.get(name)];
      if (!same || !like) left.set(row, 'id-missing');
      else if (same.length > 1 || like.length > 1) left.set(row, 'duplicate-id');
      else if (own === source) pairs[row] = like[0] ?? NONE;
    }
    return left;
  };
  const left = { source: await reasons(source, target), target: await reasons(target, source) };
  return { pairs, byId: true, ...left, warnings: [] };
}

async function pairByContent(options: ImportOptions, source: Table, target: Table): Promise<Outcome> {
  const fields = ({ rows }: Table) => rows.map(row => row.fields);
  const pairing: Pairing = await drive(
    pairRows(fields(source), fields(target)),
    source.rows.length + target.rows.length,
    options,
  );
  const left = leftRows(pairing, target.rows.length);
  return { pairs: pairing.pairs, byId: false, ...left, warnings: [] };
}

/** Does work in steps and lets others in between. */
async function drive<T>(steps: Steps<T>, rows: number, { signal, onProgress }: ImportOptions): Promise<T> {
  const breathe = breather(signal);
  for (let done = 1; ; done++) {
    const step = steps.next();
    if (step.done) return step.value;
    if (!(await breathe())) continue;
    // How many rounds it takes is not known before: each step does a part of what is left.
    const share = 1 - 1 / (1 + (10 * done) / rows);
    onProgress?.({ phase: 'pair', done: 2 * READING + (PAIRING - 2 * READING) * share });
  }
}

function reportOf(options: ImportOptions, outcome: Outcome, source: Table, target: Table): ImportReport {
  const total = count(outcome.pairs);
  const segments = segmentsOf(outcome.pairs);
  const inSegments = segments.reduce((sum, { pairs }) => sum + pairs, 0);
  const { byId } = outcome;
  return {
    written: false,
    out: options.out,
    read: { source: source.rows.length, target: target.rows.length },
    paired: {
      total,
      byId: byId ? total : 0,
      byPosition: byId ? 0 : inSegments,
      byContent: byId ? 0 : total - inSegments,
    },
    unpaired: { source: unpaired(outcome.source), target: unpaired(outcome.target) },
    segments: named(segments),
    segmentCount: segments.length,
    unpairedFile: null,
    warnings: outcome.warnings,
  };
}

function unpaired(reasons: Reasons): UnpairedRows {
  const counts: Partial<Record<UnpairedReason, number>> = {};
  for (const reason of reasons.values()) counts[reason] = (counts[reason] ?? 0) + 1;
  const first = [...reasons].slice(0, NAMED_ROWS).map(([row, reason]) => ({ row: row + 1, reason }));
  return { total: reasons.size, reasons: counts, first };
}

/** The longest, in order. */
function named(segments: readonly Segment[]): ImportSegment[] {
  const longest = [...segments].sort((a, b) => b.pairs - a.pairs).slice(0, NAMED_SEGMENTS);
  return longest
    .sort((a, b) => a.from - b.from)
    .map(({ from, to, ...more }) => ({ from: from + 1, to: to + 1, ...more }));
}

/** Ids that are in more than one row of the shard. Those taken from the target are not: they are unique. */
function repeatedIds(pairs: Int32Array, names: Names): number {
  let repeated = 0;
  for (const rows of names.values()) {
    if (rows.length > 1 && rows.filter(row => pairs[row] !== NONE).length > 1) repeated++;
  }
  return repeated;
}

/** In the order of the source. A row has the id of the source, else that of the target, else one made from content. */
async function* shardLines(
  pairs: Int32Array,
  { source, target }: Inputs,
  langs: { readonly source: Lang; readonly target: Lang },
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const used = { source: source.table.used, target: target.table.used };
  const others = target.table.rows;
  // An id of the target that another row of either file has as well would name two rows of the shard.
  const isUnique = (name: string) => target.names.get(name)?.length === 1 && !source.names.has(name);
  const givenId = (ours: TableRow, theirs: TableRow) =>
    ours.id ?? (theirs.id !== undefined && isUnique(idName(theirs.id)) ? theirs.id : undefined);
  const ids = new ContentIds(sha256);
  const breathe = breather(signal);
  for (const [row, ours] of source.table.rows.entries()) {
    await breathe();
    const theirs = others[pairs[row] ?? NONE];
    if (theirs && givenId(ours, theirs) === undefined) ids.add(ours.fields);
  }
  for (const [row, ours] of source.table.rows.entries()) {
    await breathe();
    const theirs = others[pairs[row] ?? NONE];
    if (!theirs) continue;
    const id = givenId(ours, theirs) ?? ids.make(ours.fields, theirs.fields);
    yield shardRow(id, ours, theirs, langs, used);
  }
}

/** In the order of the files, the source first. */
async function* unpairedLines(
  outcome: Outcome,
  source: Table,
  target: Table,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const breathe = breather(signal);
  for (const [side, { rows }] of [
    ['source', source],
    ['target', target],
  ] as const) {
    for (const [row, { line, json }] of rows.entries()) {
      await breathe();
      const reason = outcome[side].get(row);
      if (reason === undefined) continue;
      // The record as its file spells it; in a pretty-printed array it stands on several lines.
      const record = json.replace(/[\r\n]+[ \t]*/g, ' ');
      yield `{"side":"${side}","row":${row + 1},"line":${line},"reason":"${reason}","record":${record}}`;
    }
  }
}

async function write(path: string, lines: AsyncIterable<string>): Promise<void> {
  try {
    await writeJsonLines(path, lines);
  } catch (error) {
    if (!hasCode(error, ...NOT_WRITABLE)) throw error;
    throw new UserError('import.notWritten', path, String((error as NodeJS.ErrnoException).code));
  }
}
