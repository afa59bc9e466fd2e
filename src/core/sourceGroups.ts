/**
 * Which records are one source record, however many files, languages and directions it stands in: what is made of one goes
 * into one split, or a model would be tested on what it was trained on.
 */
import type { Splits } from './recipe';
import { nameOf, type Field, type Sha256, type UnitKey } from './record';

export type Split = keyof Splits;

/** Hex digits of SHA-256: two names that share them by chance only bring two records to one side. */
const DIGITS = 16;
/** Bits of a number that a double holds exactly. */
const EXACT_DIGITS = 13;

/**
 * The names by which a record is known elsewhere: its texts, and its id. Both sides have names of the same kind, since what
 * is the target of one file may be the source of another. Case, white space and the form of Unicode are not told apart.
 * Ids that are mere numbers are none unless it is said that they are: row 7 of one file may have nothing to do with row 7
 * of another, and would chain all files into one record.
 * @param sides source and target, as the row has them and as they are now
 * @param numbersAreIds whether the same number stands for the same record in all files
 * @returns one or more, of 16 lower-case hex digits each
 */
export function sourceNames(
  key: UnitKey,
  sides: readonly (readonly Field[])[],
  numbersAreIds: boolean,
  sha256: Sha256,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const fields of sides) {
    const texts = fields.filter(({ name }) => name !== 'output').map(({ text }) => folded(text));
    if (texts.some(text => text !== ''))
      names.add(sha256(`text ${texts.join('\n').trim()}`).slice(0, DIGITS));
  }
  const id = nameOf(key);
  // A record without an id is named by its text.
  const isId = !/^h:[0-9a-f]{16}$/.test(id) && (numbersAreIds || !Number.isFinite(Number(id)));
  if (isId || names.size === 0) names.add(sha256(`id ${id}`).slice(0, DIGITS));
  return names;
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim();
}

/**
 * Brings records together that share a name, by union-find (B. A. Galler, M. J. Fischer, 1964): 12 bytes a record, and
 * names come in order, so that they need not be kept.
 */
export class SourceGroups {
  /** By record, the next on the way to the one that stands for its group: itself where it is that one. */
  readonly #parents: Uint32Array;
  /** By the record that stands for a group, its first name as a number. */
  readonly #firsts: Float64Array;
  readonly #seed: string;
  readonly #splits: Splits;
  readonly #sha256: Sha256;
  #before: { readonly name: string; readonly record: number } | undefined;

  /** @param records how many there are: they are numbered from 0 */
  constructor(records: number, { seed, splits }: { seed: string; splits: Splits }, sha256: Sha256) {
    this.#parents = Uint32Array.from({ length: records }, (_, record) => record);
    this.#firsts = new Float64Array(records).fill(Infinity);
    this.#seed = seed;
    this.#splits = splits;
    this.#sha256 = sha256;
  }

  /**
   * @param name one of `sourceNames`, each of them not before the one that was added last
   * @param record that has it
   */
  add(name: string, record: number): void {
    if (this.#before && name < this.#before.name) throw new RangeError(`${name} after ${this.#before.name}`);
    const root = this.#root(record);
    const first = parseInt(name.slice(0, EXACT_DIGITS), 16);
    this.#firsts[root] = Math.min(this.#firsts[root] ?? first, first);
    if (this.#before?.name === name) this.#join(this.#root(this.#before.record), root);
    this.#before = { name, record };
  }

  #root(record: number): number {
    let at = record;
    for (;;) {
      const parent = this.#parents[at] ?? at;
      if (parent === at) return at;
      const above = this.#parents[parent] ?? parent;
      // Halves the way for whoever comes next.
      this.#parents[at] = above;
      at = above;
    }
  }

  #join(a: number, b: number): void {
    const [low, high] = a < b ? [a, b] : [b, a];
    this.#parents[high] = low;
    this.#firsts[low] = Math.min(this.#firsts[low] ?? NaN, this.#firsts[high] ?? NaN);
  }

  /**
   * The split of a record and of all that share a name with it, when all names were added: by the first of their names, so
   * that it hangs on the records alone and not on the order of files.
   */
  splitOf(record: number): Split {
    const first = this.#firsts[this.#root(record)];
    return splitOf(String(first), this.#seed, this.#splits, this.#sha256);
  }
}

/** The split that a seeded hash gives to a group; splits of 0 get nothing. */
export function splitOf(group: string, seed: string, splits: Splits, sha256: Sha256): Split {
  const digits = sha256(JSON.stringify([seed, 'split', group])).slice(0, EXACT_DIGITS);
  const place = parseInt(digits, 16) / 16 ** EXACT_DIGITS;
  // From the other end, so that a rest of rounding is train's.
  if (place >= 1 - splits.test) return 'test';
  if (place >= 1 - splits.test - splits.validation) return 'validation';
  return 'train';
}
