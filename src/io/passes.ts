/**
 * What is asked of every row of a shard: passes that read the file from its beginning to its end. They run in a worker
 * thread (see `inWorker`), since the extension host must go on answering while one is under way.
 */
import { holds } from '../core/bisect';
import { LengthRatios } from '../core/checks/structure';
import { CorpusFindings, type CorpusData } from '../core/corpus';
import {
  compareMembers,
  matches,
  memberAt,
  needs,
  parseQuery,
  type ReviewTrait,
  type RowFacts,
} from '../core/filter';
import {
  findingsIn,
  Flagged,
  marksBy,
  marksOf,
  type CheckContext,
  type FlaggedData,
  type Mark,
} from '../core/unitMarks';
import { mayDo, type Policy } from '../core/policy';
import {
  fingerprint,
  nameHash,
  nameOf,
  readRecord,
  readSides,
  type Field,
  type Fingerprint,
  type Lang,
  type MappingOverride,
  type RecordResult,
  type Shape,
  type SideTexts,
  type UnitKey,
} from '../core/record';
import { prefilter } from '../core/textSearch';
import { unitHash, UnitHashes } from '../core/unitHashes';
import { blockText } from './blockText';
import {
  checkUnits,
  findCorpus,
  type CheckReport,
  type CheckTask,
  type CorpusReport,
  type CorpusTask,
} from './checkPass';
import type { EvaluationReport, EvaluationTask } from './evaluationFile';
import { KeyList } from './keyList';
import { sha256 } from './sha256';
import type { Block, ShardIndex } from './shardIndex';

export { sha256 } from './sha256';

/** The keys of all rows, and which rows are no records. */
export interface KeysTask {
  readonly kind: 'keys';
  readonly override: MappingOverride;
}

export interface KeysReport {
  /** Rows from 0 that are done. */
  readonly upTo: number;
  /** For each row of this piece two numbers: the upper and lower half of the hash of its name; zeros where there is none. */
  readonly hashes: Uint32Array<ArrayBuffer>;
  readonly bad: Uint32Array<ArrayBuffer>;
  readonly shape: Shape | undefined;
  readonly sourceLang: Lang | undefined;
  /** Units in this piece by target language; further languages of a piece that names more than a hundred are left out. */
  readonly units: ReadonlyMap<Lang, number>;
  /** The first target language of a record that has several. */
  readonly shownLang: Lang | undefined;
  /** With the last report: the rows that share their name with another one, in file order. */
  readonly repeated: Uint32Array<ArrayBuffer>;
  /** With the last report: see `FileFacts`. */
  readonly lengthRatios: ReadonlyMap<string, number>;
}

/** Which rows a query selects by their own text, as if nobody had done anything to them. */
export interface FilterTask {
  readonly kind: 'filter';
  readonly query: string;
  readonly override: MappingOverride;
  /** The target language shown of records that have several. */
  readonly shownLang: Lang | undefined;
  /** Rows whose key stands more than once, in file order. */
  readonly repeated: Uint32Array;
  /** Units with a candidate for their text; undefined where they are not asked for. */
  readonly candidates: BigUint64Array | undefined;
  readonly policy: Policy;
  /** Undefined where findings are not asked for. */
  readonly checks: FilterChecks | undefined;
  /** Who asks. */
  readonly me: string | undefined;
  /** Languages in which what nobody looked at is accepted by sample. */
  readonly accepted: ReadonlySet<Lang>;
  /** Rows to look at, each piece from its first row up to before its end; a report is made of each. */
  readonly pieces: readonly (readonly [from: number, end: number])[];
}

/** What the findings of a row are taken from. */
export type FilterChecks =
  /** What was found by now. */
  | { readonly found: FlaggedData }
  /** They are found when they are asked for. */
  | { readonly context: CheckContext; readonly corpus: CorpusData };

export interface FilterReport {
  /** End of the piece. */
  readonly upTo: number;
  /** Rows selected in it, in file order; of a sort all rows in their order. */
  readonly rows: Uint32Array<ArrayBuffer>;
}

/** Puts rows in the order of a member of their records; those without it come last. */
export interface SortTask {
  readonly kind: 'sort';
  /** In file order. */
  readonly rows: Uint32Array;
  readonly path: readonly string[];
  readonly descending: boolean;
}

/** One row that is too long for the extension host to parse in one go. */
export interface RecordTask {
  readonly kind: 'record';
  readonly row: number;
  readonly override: MappingOverride;
}

export interface RecordReport {
  readonly record: RecordResult;
  /** Of each unit's own text. */
  readonly fingerprints: readonly Fingerprint[];
  readonly json: string;
}

export interface Reports {
  keys: KeysReport;
  filter: FilterReport;
  sort: FilterReport;
  record: RecordReport;
  check: CheckReport;
  corpus: CorpusReport;
  evaluation: EvaluationReport;
}
/** What reads a shard. */
export type ShardTask = KeysTask | FilterTask | SortTask | RecordTask | CheckTask | CorpusTask;
export type Task = ShardTask | EvaluationTask;

/** Languages that a report names; a hostile file could have another in each record. */
const MAX_NAMED_LANGS = 100;
/** Rows of a report of keys at most. */
const REPORT_ROWS = 1 << 14;
/** Rows whose lengths are measured: the first ones, then some; to measure all would make the pass 10 % slower. */
const MEASURED_ROWS = 2000;
const MEASURED_EVERY = 16;

/** @throws UserError `file.changed` when the file is no longer the one that was indexed */
export function runTask(index: ShardIndex, task: ShardTask): AsyncGenerator<Reports[ShardTask['kind']]> {
  switch (task.kind) {
    case 'keys':
      return keys(index, task);
    case 'filter':
      return filter(index, task);
    case 'sort':
      return sort(index, task);
    case 'record':
      return record(index, task);
    case 'check':
      return checkUnits(index, task);
    case 'corpus':
      return findCorpus(index, task);
  }
}

async function* keys(index: ShardIndex, { override }: KeysTask): AsyncGenerator<KeysReport> {
  let hashes = new Uint32Array(REPORT_ROWS * 2);
  let bad: number[] = [];
  let first = 0;
  let learned: Pick<KeysReport, 'shape' | 'sourceLang' | 'shownLang'> = NOTHING_LEARNED;
  let units = new Map<Lang, number>();
  const keys = new KeyList(index.rows);
  const ratios = new LengthRatios();
  const report = (upTo: number, last?: Pick<KeysReport, 'repeated' | 'lengthRatios'>): KeysReport => ({
    upTo,
    ...(last ?? NOT_LAST),
    hashes: hashes.slice(0, (upTo - first) * 2),
    bad: Uint32Array.from(bad),
    ...learned,
    units,
  });
  for await (const block of index.passBytes()) {
    for (let offset = 0; offset < block.rows; offset++) {
      const row = block.from + offset;
      if (row - first === REPORT_ROWS) {
        yield report(row);
        hashes = new Uint32Array(REPORT_ROWS * 2);
        [bad, first, learned, units] = [[], row, NOTHING_LEARNED, new Map<Lang, number>()];
      }
      const text = blockText(block, offset);
      const read = text === undefined ? undefined : readRecord(text, sha256, override);
      const unit = read?.ok ? read.units[0] : undefined;
      if (!read?.ok || !unit) {
        bad.push(row);
        continue;
      }
      const digits = nameHash(nameOf(unit.key), sha256);
      const [upper, lower] = [parseInt(digits.slice(0, 8), 16), parseInt(digits.slice(8), 16)];
      hashes.set([upper, lower], (row - first) * 2);
      for (const { targetLang, source, target } of read.units) {
        if (row < MEASURED_ROWS || row % MEASURED_EVERY === 0)
          ratios.add(targetLang, pairsOf(source, target));
        keys.add(row, (BigInt(upper) << 32n) | BigInt(lower), targetLang);
        const known = units.get(targetLang);
        if (known !== undefined || units.size < MAX_NAMED_LANGS) units.set(targetLang, (known ?? 0) + 1);
      }
      const shownLang = read.units.length > 1 ? unit.targetLang : undefined;
      if (!learned.shape || (shownLang !== undefined && learned.shownLang === undefined))
        learned = { shape: read.shape, sourceLang: unit.sourceLang, shownLang };
    }
  }
  yield report(index.rows, { repeated: keys.repeated(), lengthRatios: ratios.result() });
}

const NOT_LAST = { repeated: new Uint32Array(), lengthRatios: new Map<string, number>() };

function pairsOf(source: readonly Field[], target: readonly Field[]) {
  return target.map(({ name, text }, at) => ({ name, source: source[at]?.text ?? '', target: text }));
}

const NOTHING_LEARNED = { shape: undefined, sourceLang: undefined, shownLang: undefined };

async function* filter(index: ShardIndex, task: FilterTask): AsyncGenerator<FilterReport> {
  const parsed = parseQuery(task.query);
  if (!parsed.ok) return;
  const { where } = parsed.query;
  const wanted = needs(where);
  const findings = findingsOf(task);
  const candidates = task.candidates && new UnitHashes(task.candidates);
  // What is asked not to be there is there only where its bytes are: all other rows are hits as they are.
  const isNot = where.type === 'not';
  let pattern = prefilter(isNot ? where.part : where);
  for (const [first, end] of task.pieces) {
    const rows: number[] = [];
    for await (const block of index.passBytes(first, end)) {
      // Where the bytes can tell that a row has no hit, only the others are parsed.
      let looked = 0;
      const latin1 = pattern && !block.tooLarge ? block.bytes.toString('latin1') : undefined;
      const candidate = (offset: number): number => {
        if (!pattern || latin1 === undefined || offset >= block.rows) return offset;
        const hit = pattern.find(latin1, block.start(offset));
        if (hit < 0) return block.rows;
        while (offset < block.rows && block.end(offset) <= hit) offset++;
        return offset;
      };
      for (let offset = 0; offset < block.rows; offset++) {
        const next = candidate(offset);
        for (; isNot && offset < next; offset++) rows.push(block.from + offset);
        offset = next;
        if (offset >= block.rows) break;
        looked++;
        if (hits(block.from + offset, block, offset)) rows.push(block.from + offset);
      }
      // Where most rows have it, looking first only costs.
      if (looked > block.rows / 2) pattern = undefined;
    }
    yield { upTo: end, rows: Uint32Array.from(rows) };
  }

  function hits(row: number, block: Block, offset: number): boolean {
    const text = blockText(block, offset);
    const facts = ownFacts(text, { row, line: index.line(row) }, task, wanted.keys, findings, candidates);
    return matches(where, facts);
  }
}

const NOBODY: readonly string[] = [];
/** A record to which nobody did anything waits for everybody who may decide. */
export const MINE: ReadonlySet<ReviewTrait> = new Set(['mine'] as const);
export const NO_TRAITS: ReadonlySet<ReviewTrait> = new Set();

/** What a filter may ask of a row to which nobody has done anything. */
function ownFacts(
  text: string | undefined,
  { row, line }: { readonly row: number; readonly line: number },
  { override, shownLang, policy, me, accepted, repeated }: FilterTask,
  withKey: boolean,
  findings: FindingsOf,
  candidates: UnitHashes | undefined,
): RowFacts {
  let value: unknown;
  try {
    value = text === undefined ? undefined : JSON.parse(text);
  } catch {
    value = undefined;
  }
  const sides = readSides(value, override);
  const source = 'shape' in sides ? sides.source : undefined;
  const target = 'shape' in sides ? shownOf(sides.targets, shownLang) : undefined;
  const isAccepted = target !== undefined && accepted.has(target.lang);
  const key = withKey && text !== undefined && target ? keyOf(text, target.lang, override) : undefined;
  // Written out: spreading one object into another takes longer than all the rest.
  return {
    line,
    key,
    lang: target?.lang,
    state: target ? (isAccepted ? 'accepted-by-sample' : 'pending') : 'bad',
    me,
    by: NOBODY,
    assigned: NOBODY,
    reasons: NOBODY,
    traits:
      target && !isAccepted && (me === undefined || mayDo(policy, me, target.lang, 'decide') === 'yes')
        ? MINE
        : NO_TRAITS,
    commented: false,
    edited: false,
    repeated: holds(repeated, row),
    source: source?.fields ?? [],
    target: target?.fields ?? [],
    candidate: () =>
      key !== undefined &&
      source !== undefined &&
      target !== undefined &&
      candidates?.has(unitHash(key, fingerprint(source.fields, target.fields, sha256), sha256)) === true,
    findings: () => (source && target ? findings(row, source, target) : []),
    record: () => (target ? value : undefined),
  };
}

type FindingsOf = (row: number, source: SideTexts, target: SideTexts) => readonly Mark[];

/** What tells the findings of rows that nobody changed. */
function findingsOf({ checks, policy }: Pick<FilterTask, 'checks' | 'policy'>): FindingsOf {
  if (!checks) return () => [];
  if ('found' in checks) {
    const found = new Flagged(checks.found);
    return (row, _source, { lang }) =>
      [...found.of(row)].flatMap(unit => (unit.lang === lang ? marksBy(policy, lang, unit.marks) : []));
  }
  const corpus = new CorpusFindings(checks.corpus);
  return (row, source, { lang, fields }) => [
    ...findingsIn(checks.context, {
      sourceLang: source.lang,
      targetLang: lang,
      source: source.fields,
      target: fields,
    }),
    ...marksBy(policy, lang, marksOf(corpus.at(row, lang))),
  ];
}

function keyOf(text: string, lang: Lang, override: MappingOverride): UnitKey | undefined {
  const record = readRecord(text, sha256, override);
  return record.ok ? record.units.find(each => each.targetLang === lang)?.key : undefined;
}

function shownOf<T extends { readonly lang: Lang }>(
  targets: readonly T[],
  shown: Lang | undefined,
): T | undefined {
  return targets.find(each => each.lang === shown) ?? targets[0];
}

async function* sort(index: ShardIndex, { rows, path, descending }: SortTask): AsyncGenerator<FilterReport> {
  const found: { readonly row: number; readonly value: unknown }[] = [];
  for await (const block of index.passBytes()) {
    for (let offset = 0; offset < block.rows; offset++) {
      const row = block.from + offset;
      if (rows[found.length] !== row) continue;
      found.push({ row, value: sortValue(blockText(block, offset), path) });
    }
  }
  found.sort((a, b) => compareMembers(a.value, b.value, descending) || a.row - b.row);
  yield { upTo: index.rows, rows: Uint32Array.from(found, each => each.row) };
}

/** UTF-16 units of a text that decide its place in the order; ten million long ones would not fit into memory. */
const SORT_UNITS = 100;

function sortValue(text: string | undefined, path: readonly string[]): unknown {
  try {
    const value = text === undefined ? undefined : memberAt(JSON.parse(text), path);
    return typeof value === 'string' ? value.slice(0, SORT_UNITS) : value;
  } catch {
    return undefined;
  }
}

async function* record(index: ShardIndex, { row, override }: RecordTask): AsyncGenerator<RecordReport> {
  const [text] = await index.read(row, 1);
  if (!text) return;
  if (!text.ok) {
    yield { record: { ok: false, reason: text.reason }, fingerprints: [], json: '' };
    return;
  }
  const read = readRecord(text.text, sha256, override);
  if (!read.ok) {
    yield { record: read, fingerprints: [], json: text.text };
    return;
  }
  // What a unit works out when it is asked would not arrive.
  const units = read.units.map(unit => ({ ...unit, others: unit.others }));
  const fingerprints = units.map(({ source, target }) => fingerprint(source, target, sha256));
  yield { record: { ...read, units }, fingerprints, json: text.text };
}
