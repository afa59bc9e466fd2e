/**
 * What only many records together tell: the same text translated twice, records that are there twice, rows that do not
 * belong together. Found in one pass over the file, and a look at the few rows that it picks out.
 */
import { bisect, holds } from './bisect';
import type { Finding, Severity } from './check';
import { say, type MessageId } from './messages';
import { canonicalText, type Field, type Lang, type Sha256, type UnitKey } from './record';
import { Shifts } from './shifts';

export interface CorpusCheck {
  readonly id: string;
  readonly title: MessageId;
  readonly severity: Severity;
}

/** In the order of `KINDS`, each id once; `duplicate` is only a note where the texts are short. */
export const CORPUS_CHECKS = [
  { id: 'inconsistent-translation', title: 'check.inconsistent-translation', severity: 'info' },
  { id: 'duplicate', title: 'check.duplicate', severity: 'warning' },
  { id: 'repeated-key', title: 'check.repeated-key', severity: 'error' },
  { id: 'shifted-rows', title: 'check.shifted-rows', severity: 'error' },
] as const satisfies readonly CorpusCheck[];

/** What is found, as it is stored: `short` is a duplicate of a few words, which good data may well have. */
const KINDS = ['inconsistent', 'duplicate', 'short', 'key', 'shifted'] as const;
type Kind = (typeof KINDS)[number];

const [INCONSISTENT, DUPLICATE, REPEATED, SHIFTED] = CORPUS_CHECKS;
const CHECK_OF: Readonly<Record<Kind, { readonly check: string; readonly severity: Severity }>> = {
  inconsistent: { check: INCONSISTENT.id, severity: INCONSISTENT.severity },
  duplicate: { check: DUPLICATE.id, severity: DUPLICATE.severity },
  short: { check: DUPLICATE.id, severity: 'info' },
  key: { check: REPEATED.id, severity: REPEATED.severity },
  shifted: { check: SHIFTED.id, severity: SHIFTED.severity },
};

/** UTF-16 units of a source that is long enough to be translated one way only; “Yes.” is not. */
const TELLING_LENGTH = 20;
/** Numbers by which one finding is stored: row, place, and the other row that it speaks of. */
const STRIDE = 3;
/** Fields of a unit that are told apart; a shard has three at most. */
const MAX_FIELDS = 16;
/** Target languages that are told apart: a hostile file could name another in each record. */
const MAX_LANGS = 1000;
/** Texts of one row that are remembered. */
const MAX_TEXTS = 255;
/** Texts compared with each other: what this many take still fits into memory. A file with more of them is all repetition. */
const MAX_GROUPS = 1 << 20;
/** Another in each process: a hostile file must not be able to choose texts whose hashes are all the same. */
const SEED = Math.floor(Math.random() * 2 ** 32);

/** One unit of a row, or what of it is needed here. */
export interface CorpusUnit {
  readonly targetLang: Lang;
  readonly source: readonly Field[];
  readonly target: readonly Field[];
}

/** As a worker thread hands it over. */
export interface CorpusData {
  /** `STRIDE` numbers a finding, by row. */
  readonly found: Uint32Array<ArrayBuffer>;
  readonly langs: readonly Lang[];
}

/** What a first pass over all rows remembers: 4 bytes a text. */
export class Corpus {
  readonly #langs = new Map<Lang, number>();
  readonly #shifts = new Shifts();
  #hashes = new Uint32Array(1 << 10);
  #texts = 0;
  /** By row, how many of the hashes are its own. */
  readonly #counts: Uint8Array;

  /** @param rows of the file */
  constructor(rows: number) {
    this.#counts = new Uint8Array(rows);
  }

  /** Takes in a row; rows come in file order, and those that are no records may be left out. */
  add(row: number, units: readonly CorpusUnit[]): void {
    for (const unit of units) {
      const lang = this.#langOf(unit.targetLang);
      if (lang === undefined) continue;
      for (const { hash } of textsOf(unit)) {
        if (this.#counts[row] === MAX_TEXTS) break;
        this.#put(hash);
        this.#counts[row] = (this.#counts[row] ?? 0) + 1;
      }
    }
    const [first] = units;
    if (first) this.#shifts.add(row, first.source, first.target);
  }

  #langOf(lang: Lang): number | undefined {
    const known = this.#langs.get(lang);
    if (known !== undefined || this.#langs.size >= MAX_LANGS) return known;
    this.#langs.set(lang, this.#langs.size);
    return this.#langs.size - 1;
  }

  #put(hash: number): void {
    if (this.#texts === this.#hashes.length) {
      const hashes = this.#hashes;
      this.#hashes = new Uint32Array(hashes.length * 2);
      this.#hashes.set(hashes);
    }
    this.#hashes[this.#texts++] = hash;
  }

  /** When all rows were added: what compares the few that may repeat something. */
  comparison(sha256: Sha256): Comparison {
    const hashes = this.#hashes.subarray(0, this.#texts);
    const sorted = hashes.slice().sort();
    let count = 0;
    for (let at = 1; at < sorted.length; at++) {
      const hash = sorted[at] ?? 0;
      if (hash === sorted[at - 1] && (count === 0 || sorted[count - 1] !== hash)) sorted[count++] = hash;
    }
    const repeated = sorted.slice(0, count);
    const rows: number[] = [];
    let at = 0;
    for (const [row, texts] of this.#counts.entries()) {
      const own = hashes.subarray(at, at + texts);
      if (own.some(hash => holds(repeated, hash))) rows.push(row);
      at += texts;
    }
    return new Comparison(Uint32Array.from(rows), repeated, this.#langs, this.#shifts.result(), sha256);
  }
}

/** A text that was met, and where first. */
interface Group {
  readonly row: number;
  readonly place: number;
  readonly target: string;
  told: boolean;
}

/** Compares texts whose hashes are the same, exactly. */
export class Comparison {
  /** Those that have to be looked at again, in file order. */
  readonly rows: Uint32Array;
  readonly #repeated: Uint32Array;
  readonly #langs: ReadonlyMap<Lang, number>;
  readonly #sha256: Sha256;
  readonly #groups = new Map<string, Group>();
  readonly #keys = new Map<UnitKey, Group>();
  readonly #found: [row: number, place: number, other: number][] = [];

  constructor(
    rows: Uint32Array,
    repeated: Uint32Array,
    langs: ReadonlyMap<Lang, number>,
    shifts: readonly (readonly [from: number, to: number])[],
    sha256: Sha256,
  ) {
    this.rows = rows;
    this.#repeated = repeated;
    this.#langs = langs;
    this.#sha256 = sha256;
    for (const [from, to] of shifts) {
      for (const lang of langs.values()) this.#tell('shifted', from, place(lang, 0), to);
    }
  }

  /** Compares one of `rows` with those before it. */
  add(row: number, units: readonly CorpusUnit[]): void {
    for (const unit of units) {
      const lang = this.#langs.get(unit.targetLang);
      if (lang === undefined) continue;
      for (const { hash, field, source, target } of textsOf(unit)) {
        if (!holds(this.#repeated, hash)) continue;
        const at = place(lang, field ?? 0);
        if (field === undefined) this.#addUnit(row, at, unit);
        else if (target.trim() !== '') this.#addText(row, at, source, target);
      }
    }
  }

  /** Compares the key of one of the rows that share theirs with others. */
  addKey(row: number, key: UnitKey, lang: Lang): void {
    const at = place(this.#langs.get(lang) ?? 0, 0);
    const before = this.#keys.get(key);
    if (before) {
      this.#tell('key', row, at, before.row);
      if (!before.told) this.#tell('key', before.row, before.place, row);
      before.told = true;
    } else if (this.#keys.size < MAX_GROUPS) {
      this.#keys.set(key, { row, place: at, target: '', told: false });
    }
  }

  #addUnit(row: number, at: number, { source, target }: CorpusUnit): void {
    const text = canonicalText(source);
    const before = this.#group(`${at} ${text} ${canonicalText(target)}`, row, at, '');
    if (!before) return;
    const length = source.reduce((sum, field) => sum + field.text.length, 0);
    this.#tell(length < TELLING_LENGTH ? 'short' : 'duplicate', row, at, before.row);
  }

  #addText(row: number, at: number, source: string, target: string): void {
    const plain = this.#sha256(lettersOf(target));
    const before = this.#group(`${at} ${source}`, row, at, plain);
    if (!before || before.target === plain) return;
    this.#tell('inconsistent', row, at, before.row);
    if (!before.told) this.#tell('inconsistent', before.row, before.place, row);
    before.told = true;
  }

  /** The first with this text, if there was one. */
  #group(text: string, row: number, at: number, target: string): Group | undefined {
    const name = this.#sha256(text);
    const before = this.#groups.get(name);
    if (!before && this.#groups.size < MAX_GROUPS)
      this.#groups.set(name, { row, place: at, target, told: false });
    return before;
  }

  #tell(kind: Kind, row: number, at: number, other: number): void {
    this.#found.push([row, at * KINDS.length + KINDS.indexOf(kind), other]);
  }

  result(): CorpusData {
    const found = this.#found.sort(([a, one], [b, another]) => a - b || one - another);
    const numbers = new Uint32Array(found.length * STRIDE);
    found.forEach((each, at) => numbers.set(each, at * STRIDE));
    return { found: numbers, langs: [...this.#langs.keys()] };
  }
}

function place(lang: number, field: number): number {
  return lang * MAX_FIELDS + field;
}

interface Text {
  readonly hash: number;
  /** Undefined: the unit as a whole. */
  readonly field: number | undefined;
  readonly source: string;
  readonly target: string;
}

/** The texts of a unit that are compared with those of others. */
function* textsOf({ targetLang, source, target }: CorpusUnit): Generator<Text> {
  const start = hashOf(targetLang, SEED);
  let whole = start;
  for (const [field, { name, text }] of source.slice(0, MAX_FIELDS).entries()) {
    const other = target[field]?.text ?? '';
    const hash = hashOf(text, hashOf(name, start));
    whole = hashOf(other, whole ^ hash);
    if (text.length >= TELLING_LENGTH) yield { hash, field, source: text, target: other };
  }
  yield { hash: ~whole >>> 0, field: undefined, source: '', target: '' };
}

/** FNV-1a (Fowler, Noll, Vo) over UTF-16 units: texts whose hashes are the same are compared afterwards. */
export function hashOf(text: string, seed: number, start = 0, end = text.length): number {
  let hash = seed;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** A text without what is only spelling: case, punctuation, blanks. */
export function lettersOf(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}

/** What concerns two rows, and is settled where one of them is changed or rejected. */
const PAIRWISE: readonly Kind[] = ['inconsistent', 'duplicate', 'short'];

interface Found {
  readonly kind: Kind;
  readonly field: number;
  readonly other: number;
}

/** What was found, by row: 12 bytes a finding. */
export class CorpusFindings {
  readonly data: CorpusData;

  constructor(data: CorpusData = { found: new Uint32Array(), langs: [] }) {
    this.data = data;
  }

  /** Ids and severities of what was found of one unit of a row. */
  at(row: number, lang: Lang): readonly { readonly check: string; readonly severity: Severity }[] {
    return this.#of(row, lang).map(({ kind }) => CHECK_OF[kind]);
  }

  /**
   * The findings of one unit of a row. They speak of its text as it stands in the file.
   * @param lineOf line number of a row
   * @param isDone whether what is said of another row too is settled by what was done to that one
   */
  findings(
    row: number,
    { targetLang, target }: Pick<CorpusUnit, 'targetLang' | 'target'>,
    lineOf: (row: number) => number,
    isDone: (other: number) => boolean,
  ): Finding[] {
    return this.#of(row, targetLang).flatMap(({ kind, field: index, other }): Finding[] => {
      const field = target[index];
      if (!field || (PAIRWISE.includes(kind) && isDone(other))) return [];
      const line = lineOf(other);
      const message = kind === 'shifted' ? say('corpus.shifted', lineOf(row), line) : say(SAID[kind], line);
      // What is said of the whole record stands before its first field.
      const end = kind === 'inconsistent' ? field.text.length : 0;
      return [{ ...CHECK_OF[kind], side: 'target', field: field.name, start: 0, end, message }];
    });
  }

  /** Rows of which something is said that what is done to some of these rows settles, in file order. */
  settledBy(rows: ReadonlySet<number>): number[] {
    const { found } = this.data;
    const settled = new Set<number>();
    for (let at = 0; at < found.length; at += STRIDE) {
      const [row = 0, code = 0, other = 0] = found.subarray(at, at + STRIDE);
      const kind = KINDS[code % KINDS.length];
      if (kind && PAIRWISE.includes(kind) && (rows.has(other) || rows.has(row))) settled.add(row);
    }
    return [...settled];
  }

  /** Whether something is said of a row that what is done to another one settles. */
  isPaired(row: number): boolean {
    const { found } = this.data;
    for (let at = this.#first(row); found[at] === row; at += STRIDE) {
      const kind = KINDS[(found[at + 1] ?? 0) % KINDS.length];
      if (kind && PAIRWISE.includes(kind)) return true;
    }
    return false;
  }

  #of(row: number, lang: Lang): readonly Found[] {
    const { found, langs } = this.data;
    const wanted = langs.indexOf(lang);
    const all: Found[] = [];
    for (let at = this.#first(row); found[at] === row; at += STRIDE) {
      const code = found[at + 1] ?? 0;
      const [kind, where] = [KINDS[code % KINDS.length], Math.floor(code / KINDS.length)];
      if (kind && Math.floor(where / MAX_FIELDS) === wanted)
        all.push({ kind, field: where % MAX_FIELDS, other: found[at + 2] ?? 0 });
    }
    // Of two rows with one key neither can be rejected alone: that they have one key is what has to be said.
    const keys = all.filter(({ kind }) => kind === 'key').map(({ other }) => other);
    return all.filter(({ kind, other }) => kind === 'key' || kind === 'shifted' || !keys.includes(other));
  }

  #first(row: number): number {
    const { found } = this.data;
    return bisect(0, found.length / STRIDE, at => (found[at * STRIDE] ?? 0) < row) * STRIDE;
  }
}

const SAID = {
  inconsistent: 'corpus.inconsistent',
  duplicate: 'corpus.duplicate',
  short: 'corpus.duplicate',
  key: 'corpus.repeatedKey',
} as const satisfies Partial<Record<Kind, MessageId>>;
