/**
 * What a look at a whole shard keeps of a unit: which checks found something, and how grave by themselves. The findings
 * themselves are found again where somebody looks at them.
 */
import { bisect } from './bisect';
import type { Check, CheckInput, FileFacts, Finding, Severity } from './check';
import { CHECKS, findingsBy, runChecks } from './checks';
import { termsFor, type Glossary } from './glossary';
import { severityOf, styleOf, type Policy } from './policy';
import type { Field, Lang, Sha256 } from './record';

/** All that findings hang on besides the texts: what a team settled, and what the whole file tells. */
export interface CheckContext {
  readonly policy: Policy;
  readonly glossary: Glossary;
  /** Undefined as long as the file has not been read. */
  readonly facts: FileFacts | undefined;
}

/** What is checked: a unit, in any version of its texts. */
export interface CheckedTexts {
  readonly sourceLang: Lang;
  readonly targetLang: Lang;
  readonly source: readonly Field[];
  readonly target: readonly Field[];
}

function inputOf(
  { policy, glossary, facts }: CheckContext,
  { sourceLang, targetLang, source, target }: CheckedTexts,
): CheckInput {
  const settings = { terms: termsFor(glossary, targetLang), ...styleOf(policy, targetLang) };
  return { sourceLang, targetLang, source, target, settings, ...(facts && { facts }) };
}

/** The findings of a unit as a team takes them; those of its policy's `off` are left out. */
export function findingsIn(context: CheckContext, texts: CheckedTexts): Finding[] {
  return findingsBy(context.policy, inputOf(context, texts));
}

/** `<check>:<severity>` of each kind of finding, in alphabetical order, with a blank between them; empty: nothing was found. */
export type Marks = string;

/** What the texts alone tell is the same for ever; the others hang on what may change without them. */
const isLasting = ({ needs }: Check) => needs.every(need => need === 'source');
const LASTING: ReadonlySet<string> = new Set(CHECKS.filter(isLasting).map(({ id }) => id));
const OTHERS = CHECKS.filter(check => !isLasting(check));

export interface UnitMarks {
  /** Of the checks that look at nothing but the texts. */
  readonly lasting: Marks;
  readonly all: Marks;
}

/** @param known the lasting marks of these very texts, where they are: then those checks are not run again */
export function markUnit(context: CheckContext, texts: CheckedTexts, known?: Marks): UnitMarks {
  const input = inputOf(context, texts);
  if (known !== undefined) return { lasting: known, all: joined(known, marksOf(runChecks(input, OTHERS))) };
  const findings = runChecks(input);
  const lasting = marksOf(findings.filter(({ check }) => LASTING.has(check)));
  return { lasting, all: marksOf(findings) };
}

export interface Mark {
  readonly check: string;
  readonly severity: Severity;
}

export function marksOf(findings: Iterable<Mark>): Marks {
  const marks = new Set<string>();
  for (const { check, severity } of findings) marks.add(`${check}:${severity}`);
  return marks.size === 0 ? '' : [...marks].sort().join(' ');
}

/** What either of two has. */
export function joined(a: Marks, b: Marks): Marks {
  if (a === '' || b === '') return a + b;
  return [...new Set([...a.split(' '), ...b.split(' ')])].sort().join(' ');
}

/** What a policy takes marks for. */
export function marksBy(policy: Policy, lang: Lang, marks: Marks): readonly Mark[] {
  if (marks === '') return [];
  return marks.split(' ').flatMap(mark => {
    const [check = '', own = 'info'] = mark.split(':');
    const severity = severityOf(policy, lang, check, own as Severity);
    return severity === 'off' ? [] : { check, severity };
  });
}

/** 64 bits that stand for texts and their languages, as 16 hex digits. */
export function textsHash({ sourceLang, targetLang, source, target }: CheckedTexts, sha256: Sha256): string {
  const pairs = (fields: readonly Field[]) => fields.map(({ name, text }) => [name, text]);
  return sha256(JSON.stringify([sourceLang, targetLang, pairs(source), pairs(target)])).slice(0, 16);
}

/** One unit in which something was found. */
export interface FlaggedUnit {
  readonly row: number;
  readonly lang: Lang;
  readonly marks: Marks;
}

/** Can be cloned by `postMessage`. */
export interface FlaggedData {
  /** `STRIDE` numbers a unit: row, and the numbers of its language and its marks. */
  readonly numbers: Uint32Array;
  readonly langs: readonly Lang[];
  readonly marks: readonly Marks[];
}

/** Units in one language in which the same was found. */
interface FlaggedKind {
  readonly lang: Lang;
  readonly marks: Marks;
  units: number;
}

const STRIDE = 3;
/** More than there can be numbers of marks. */
const MAX_NAMES = 2 ** 32;
const FIRST_ROOM = 1024 * STRIDE;

/** The units in which something was found, 12 bytes each, in file order; of a record with several each has its own entry. */
export class Flagged {
  #numbers: Uint32Array;
  #count: number;
  readonly #langs: Names;
  readonly #marks: Names;
  /** Units with the same language and marks, by both numbers. */
  readonly #kinds = new Map<number, FlaggedKind>();

  constructor({ numbers, langs, marks }: FlaggedData = { numbers: new Uint32Array(), langs: [], marks: [] }) {
    this.#numbers = numbers;
    this.#count = numbers.length / STRIDE;
    this.#langs = new Names(langs);
    this.#marks = new Names(marks);
  }

  get data(): FlaggedData {
    const numbers = this.#numbers.subarray(0, this.#count * STRIDE);
    return { numbers, langs: this.#langs.all, marks: this.#marks.all };
  }

  /** Units come in file order. */
  add({ row, lang, marks }: FlaggedUnit): void {
    const at = this.#count * STRIDE;
    if (at === this.#numbers.length) {
      const numbers = this.#numbers;
      this.#numbers = new Uint32Array(Math.max(FIRST_ROOM, at * 2));
      this.#numbers.set(numbers);
    }
    const [langNumber, marksNumber] = [this.#langs.numberOf(lang), this.#marks.numberOf(marks)];
    this.#numbers.set([row, langNumber, marksNumber], at);
    this.#count++;
    const place = langNumber * MAX_NAMES + marksNumber;
    const kind = this.#kinds.get(place);
    if (kind) kind.units++;
    else this.#kinds.set(place, { lang, marks, units: 1 });
  }

  /** How many units were added of each kind. */
  get kinds(): Iterable<Readonly<FlaggedKind>> {
    return this.#kinds.values();
  }

  *all(): Generator<FlaggedUnit> {
    for (let at = 0; at < this.#count; at++) yield this.#unit(at);
  }

  /** The units of one row. */
  *of(row: number): Generator<FlaggedUnit> {
    const rowAt = (at: number) => this.#numbers[at * STRIDE] ?? 0;
    for (
      let at = bisect(0, this.#count, each => rowAt(each) < row);
      at < this.#count && rowAt(at) === row;
      at++
    )
      yield this.#unit(at);
  }

  #unit(at: number): FlaggedUnit {
    const [row = 0, lang = 0, marks = 0] = this.#numbers.subarray(at * STRIDE, (at + 1) * STRIDE);
    return { row, lang: this.#langs.all[lang] ?? '', marks: this.#marks.all[marks] ?? '' };
  }
}

/** Names with a number each, from 0. */
export class Names {
  readonly #names: string[];
  readonly #numbers: Map<string, number>;

  constructor(names: readonly string[] = []) {
    this.#names = [...names];
    this.#numbers = new Map(names.map((name, number) => [name, number]));
  }

  get all(): readonly string[] {
    return this.#names;
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }
}
