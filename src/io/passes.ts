/**
 * What is asked of every row of a shard: passes that read the file from its beginning to its end. They run in a worker
 * thread (see `inWorker`), since the extension host must go on answering while one is under way.
 */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { holds } from '../core/bisect';
import { findingsBy } from '../core/checks';
import {
  compareMembers,
  matches,
  memberAt,
  needs,
  parseQuery,
  type ReviewTrait,
  type RowFacts,
} from '../core/filter';
import { mayDo, type Policy } from '../core/policy';
import {
  fingerprint,
  nameHash,
  nameOf,
  readRecord,
  readSides,
  type Fingerprint,
  type Lang,
  type MappingOverride,
  type RecordResult,
  type Shape,
  type UnitKey,
} from '../core/record';
import { prefilter } from '../core/textSearch';
import { text as decode, type Block, type ShardIndex } from './shardIndex';

export const sha256 = (text: string): string => hash('sha256', text);

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
  readonly policy: Policy;
  /** Who asks. */
  readonly me: string | undefined;
  /** Languages in which what nobody looked at is accepted by sample. */
  readonly accepted: ReadonlySet<Lang>;
  /** Rows to look at, each piece from its first row up to before its end; a report is made of each. */
  readonly pieces: readonly (readonly [from: number, end: number])[];
}

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
}
export type Task = KeysTask | FilterTask | SortTask | RecordTask;

/** Languages that a report names; a hostile file could have another in each record. */
const MAX_NAMED_LANGS = 100;
/** Rows of a report of keys at most. */
const REPORT_ROWS = 1 << 14;
/** Languages whose hashes are remembered: a hostile file could have a new one in each row. */
const MAX_LANGS = 1000;

/** @throws UserError `file.changed` when the file is no longer the one that was indexed */
export function runTask(index: ShardIndex, task: Task): AsyncGenerator<Reports[Task['kind']]> {
  switch (task.kind) {
    case 'keys':
      return keys(index, task);
    case 'filter':
      return filter(index, task);
    case 'sort':
      return sort(index, task);
    case 'record':
      return record(index, task);
  }
}

async function* keys(index: ShardIndex, { override }: KeysTask): AsyncGenerator<KeysReport> {
  let hashes = new Uint32Array(REPORT_ROWS * 2);
  let bad: number[] = [];
  let first = 0;
  let learned: Pick<KeysReport, 'shape' | 'sourceLang' | 'shownLang'> = NOTHING_LEARNED;
  let units = new Map<Lang, number>();
  const keys = new KeyList(index.rows);
  const report = (upTo: number, repeated = new Uint32Array()): KeysReport => ({
    upTo,
    repeated,
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
      const text = rowText(block, offset);
      const read = text === undefined ? undefined : readRecord(text, sha256, override);
      const unit = read?.ok ? read.units[0] : undefined;
      if (!read?.ok || !unit) {
        bad.push(row);
        continue;
      }
      const digits = nameHash(nameOf(unit.key), sha256);
      const [upper, lower] = [parseInt(digits.slice(0, 8), 16), parseInt(digits.slice(8), 16)];
      hashes.set([upper, lower], (row - first) * 2);
      for (const { targetLang } of read.units) {
        keys.add(row, (BigInt(upper) << 32n) | BigInt(lower), targetLang);
        const known = units.get(targetLang);
        if (known !== undefined || units.size < MAX_NAMED_LANGS) units.set(targetLang, (known ?? 0) + 1);
      }
      const shownLang = read.units.length > 1 ? unit.targetLang : undefined;
      if (!learned.shape || (shownLang !== undefined && learned.shownLang === undefined))
        learned = { shape: read.shape, sourceLang: unit.sourceLang, shownLang };
    }
  }
  yield report(index.rows, keys.repeated());
}

/** The keys of all units in file order, 12 bytes each. */
class KeyList {
  #hashes: BigUint64Array;
  #rows: Uint32Array;
  #count = 0;
  readonly #langs = new Map<Lang, bigint>();

  /** @param rows expected; a row may have several keys */
  constructor(rows: number) {
    this.#hashes = new BigUint64Array(rows);
    this.#rows = new Uint32Array(rows);
  }

  /** @param name hash of the part of the key before the language */
  add(row: number, name: bigint, lang: Lang): void {
    if (this.#count === this.#rows.length) this.#grow();
    this.#hashes[this.#count] = name ^ this.#hashOf(lang);
    this.#rows[this.#count++] = row;
  }

  #hashOf(lang: Lang): bigint {
    const hash = this.#langs.get(lang) ?? BigInt(`0x${nameHash(lang, sha256)}`);
    if (this.#langs.size < MAX_LANGS) this.#langs.set(lang, hash);
    return hash;
  }

  #grow(): void {
    const [hashes, rows] = [this.#hashes, this.#rows];
    this.#hashes = new BigUint64Array(rows.length * 2);
    this.#hashes.set(hashes);
    this.#rows = new Uint32Array(rows.length * 2);
    this.#rows.set(rows);
  }

  /** The rows that share a key with another one, in file order. */
  repeated(): Uint32Array<ArrayBuffer> {
    const hashes = this.#hashes.subarray(0, this.#count);
    const sorted = hashes.slice().sort();
    const twice = new Set<bigint>();
    for (let at = 1; at < sorted.length; at++) {
      const hash = sorted[at] ?? 0n;
      if (hash === sorted[at - 1]) twice.add(hash);
    }
    const found = new Set<number>();
    if (twice.size > 0) hashes.forEach((hash, at) => twice.has(hash) && found.add(this.#rows[at] ?? 0));
    return Uint32Array.from(found);
  }
}

const NOTHING_LEARNED = { shape: undefined, sourceLang: undefined, shownLang: undefined };

function rowText(block: Block, offset: number): string | undefined {
  if (block.tooLarge) return undefined;
  const [start, end] = [block.start(offset), block.end(offset)];
  if (isGood(block)) return block.bytes.toString('utf8', start, end);
  const text = decode(block.bytes.subarray(start, end));
  return text.ok ? text.text : undefined;
}

/** Whether the bytes of a block are UTF-8: asked once of all of them, since asking of each row takes longer than parsing. */
function isGood(block: Block): boolean {
  if (judged?.block !== block) judged = { block, isGood: isUtf8(block.bytes) };
  return judged.isGood;
}
let judged: { readonly block: Block; readonly isGood: boolean } | undefined;

async function* filter(index: ShardIndex, task: FilterTask): AsyncGenerator<FilterReport> {
  const parsed = parseQuery(task.query);
  if (!parsed.ok) return;
  const { where } = parsed.query;
  const wanted = needs(where);
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
    const text = rowText(block, offset);
    const facts = ownFacts(text, index.line(row), task, holds(task.repeated, row), wanted.keys);
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
  line: number,
  { override, shownLang, policy, me, accepted }: Omit<FilterTask, 'kind' | 'query' | 'repeated' | 'pieces'>,
  repeated: boolean,
  withKey: boolean,
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
  // Written out: spreading one object into another takes longer than all the rest.
  return {
    line,
    key: withKey && text !== undefined && target ? keyOf(text, target.lang, override) : undefined,
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
    repeated,
    source: source?.fields ?? [],
    target: target?.fields ?? [],
    findings: () =>
      source && target
        ? findingsBy(policy, {
            sourceLang: source.lang,
            targetLang: target.lang,
            source: source.fields,
            target: target.fields,
          })
        : [],
    record: () => (target ? value : undefined),
  };
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
      found.push({ row, value: sortValue(rowText(block, offset), path) });
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
  const units = read.ok ? read.units : [];
  const fingerprints = units.map(({ source, target }) => fingerprint(source, target, sha256));
  yield { record: read, fingerprints, json: text.text };
}
