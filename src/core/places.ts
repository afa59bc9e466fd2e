/** Where the counterpart of a row is to be expected, from where those of the rows around it are. */
import { atInt, atUint } from './evidence';
import { NONE } from './lexicon';

export interface Place {
  /** Nearly all counterparts of the rows around are from `low` up to `high`, exclusive. */
  readonly low: number;
  readonly high: number;
  /** The row that follows on the counterpart of the row before, and the one that precedes that of the row after. */
  readonly left: number;
  readonly right: number;
  /** How much one of them has over any other row, and how much it has where both are the same (natural logarithms of odds). */
  readonly single: number;
  readonly double: number;
}

/** Rows on each side that show whether the order is kept here. */
const WINDOW = 60;
/** Paired rows on each side that show where the counterparts are. */
const AROUND = 30;
/** Share of those at either end that may be strays. */
const STRAYS = 0.05;
/** Belief that the order is kept where nothing is known yet; and how many rows of evidence it counts for. */
const FIRST_BELIEF = 0.01;
/** Position never proves more than this: the rows themselves must not speak against it. */
const MAX_SINGLE = 9;
const MAX_DOUBLE = 11;

export class Places {
  readonly #pairs: Int32Array;
  readonly #targets: number;
  /** The next paired row before and after each row. */
  readonly #before: Int32Array;
  readonly #after: Int32Array;
  /** Of the rows before each: how many keep the distance of the paired row before them. */
  readonly #steady: Uint32Array;

  /** @param pairs the target row of each source row, or `NONE` */
  constructor(pairs: Int32Array, targets: number) {
    const count = pairs.length;
    this.#pairs = pairs;
    this.#targets = targets;
    this.#before = new Int32Array(count);
    this.#after = new Int32Array(count);
    this.#steady = new Uint32Array(count + 1);
    let last = NONE;
    for (let row = 0; row < count; row++) {
      const other = atInt(pairs, row);
      const isSteady = other !== NONE && last !== NONE && other - row === atInt(pairs, last) - last;
      this.#before[row] = last;
      this.#steady[row + 1] = atUint(this.#steady, row) + (isSteady ? 1 : 0);
      if (other !== NONE) last = row;
    }
    last = NONE;
    for (let row = count - 1; row >= 0; row--) {
      this.#after[row] = last;
      if (atInt(pairs, row) !== NONE) last = row;
    }
  }

  of(row: number): Place {
    const count = this.#pairs.length;
    const from = Math.max(0, row - WINDOW);
    const to = Math.min(count, row + WINDOW + 1);
    const steady = atUint(this.#steady, to) - atUint(this.#steady, from);
    const share = (steady + FIRST_BELIEF) / (to - from + 1);
    const single = Math.min(MAX_SINGLE, Math.log((share * this.#targets) / (1 - share) + 1));
    const before = atInt(this.#before, row);
    const after = atInt(this.#after, row);
    return {
      ...this.#range(row),
      // The ends of both files are taken to go together.
      left: before === NONE ? row : atInt(this.#pairs, before) + row - before,
      right: after === NONE ? this.#targets - count + row : atInt(this.#pairs, after) + row - after,
      single,
      double: Math.min(MAX_DOUBLE, single + Math.max(0, Math.log(share / (1 - share)))),
    };
  }

  /** Where the counterparts of the rows around are, strays left out, and half as much again. */
  #range(row: number): { low: number; high: number } {
    const found: number[] = [];
    for (const next of [this.#before, this.#after]) {
      for (let near = atInt(next, row), count = 0; near !== NONE && count < AROUND; count++) {
        found.push(atInt(this.#pairs, near));
        near = atInt(next, near);
      }
    }
    if (found.length < AROUND) return { low: 0, high: this.#targets };
    found.sort((a, b) => a - b);
    const strays = Math.floor(found.length * STRAYS);
    const low = found[strays] ?? 0;
    const high = found[found.length - 1 - strays] ?? this.#targets;
    const margin = Math.ceil((high - low) / 2) + WINDOW;
    return { low: Math.max(0, low - margin), high: Math.min(this.#targets, high + margin) };
  }
}

/** What a place says for a row of the other file. */
export function gainAt({ left, right, single, double }: Place, other: number): number {
  if (other !== left && other !== right) return 0;
  return left === right ? double : single;
}
