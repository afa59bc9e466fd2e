/**
 * Which row of one file belongs to which row of another, by what they say and where they stand, without a model: pairs that
 * numbers, names and code make certain teach which words go together, those find more pairs, and so on until no more are found.
 */
import {
  atFloat,
  atInt,
  atUint,
  postingsOf,
  readCorpus,
  STEP_LINEAR,
  Vocabulary,
  type Corpus,
  type Postings,
  type Steps,
} from './evidence';
import { Lexicon, NONE } from './lexicon';
import { gainAt, Places, type Place } from './places';
import type { Field } from './record';
import { Shape } from './rowShape';

/** The texts of a row. All rows of both files have the same fields in the same order. */
export type Row = readonly Field[];

export interface Pairing {
  /** For each source row its target row, or {@link NONE}. One to one. */
  readonly pairs: Int32Array;
  /** 1 for each row that is in no pair because several rows fit it about equally well. */
  readonly ambiguous: { readonly source: Uint8Array; readonly target: Uint8Array };
}

const MIN_ROUNDS = 3;
const MAX_ROUNDS = 20;
/** A round that adds less than this share is the last one. */
const WORTHWHILE = 0.003;
/** Rows of the other file that are compared with a row, besides those in its place. */
const KEPT = 16;
/** Entries of postings looked at to find them. */
const VISITS = 4000;
/** The same where the rarest token alone has more: in a file of like rows it would be all of them. */
const MAX_VISITS = 20_000;
/** A token in no more rows than this is followed out of the range where a row's counterpart should be. */
const RARE = 50;
/** Rows between two steps: about 3 ms. */
const STEP_ROWS = 10;
/** Log odds that a pair must have against chance and against every other pair: about 55 to 1. */
const MARGIN = 4;
/** Log odds at which a pair found twice is not looked at again. */
const SETTLED = 12;
/** Cost of being out of the range where the counterparts of the rows around are. */
const STRAY = 3;
/** Each word is counted from both sides, and words come in company: half of what they would be worth alone. */
const TEMPER = 0.5;
/**
 * Where only what they say makes two rows a pair, they say at least this share of what true pairs say on average. Rows on
 * the same topic have much in common and much more that they have not. Of true pairs 1 in 100 is below.
 */
const MIN_SHARE = 0.4;
/** Files, or parts of them, in which fewer of the rows around are paired are on the same topics at most. */
const MIN_DENSITY = 0.2;
const DENSITY_WINDOW = 100;

/** Pairs the rows of two files; neither is empty. Memory: about 1 KiB a row, besides the texts. */
export function* pairRows(source: readonly Row[], target: readonly Row[]): Steps<Pairing> {
  const vocabulary = new Vocabulary();
  const from = yield* readCorpus(source, vocabulary);
  const to = yield* readCorpus(target, vocabulary);
  const fromRows = yield* postingsOf(from, vocabulary.size);
  const toRows = yield* postingsOf(to, vocabulary.size);
  yield;
  const matching = new Matching(
    { rows: source, corpus: from, postings: fromRows },
    { rows: target, corpus: to, postings: toRows },
    vocabulary,
  );
  for (let round = 0, before = 0; round < MAX_ROUNDS; round++) {
    yield* matching.round();
    const { count } = matching;
    if (count === 0 || (round >= MIN_ROUNDS && count <= before * (1 + WORTHWHILE))) break;
    before = count;
  }
  return yield* matching.result();
}

/** For each row of the other file the row that it fits best, how well it does, and how well the next. */
interface Best {
  readonly rows: Int32Array;
  readonly scores: Float32Array;
  readonly seconds: Float32Array;
}

interface File {
  readonly rows: readonly Row[];
  readonly corpus: Corpus;
  readonly postings: Postings;
}

class Matching {
  readonly #source: readonly Row[];
  readonly #target: readonly Row[];
  readonly #from: Corpus;
  readonly #to: Corpus;
  readonly #toRows: Postings;
  readonly #there: Lexicon;
  readonly #back: Lexicon;
  readonly #shape: Shape;
  #pairs: Int32Array;
  /** The best rows of the other file for each row, best first, `KEPT` places a row; and how well they fit. */
  readonly #candidates: Int32Array;
  readonly #scores: Float32Array;
  /** Rows whose pair was found twice and is beyond doubt. */
  readonly #settled: Uint8Array;
  /** Rows of the other file that are in such a pair; and how many before each are in none. */
  readonly #taken: Uint8Array;
  readonly #free: Uint32Array;
  /** For each row of the other file, how much speaks for it while candidates are looked for. */
  readonly #weights: Float32Array;

  constructor(source: File, target: File, vocabulary: Vocabulary) {
    const from = source.corpus;
    const to = target.corpus;
    this.#source = source.rows;
    this.#target = target.rows;
    this.#from = from;
    this.#to = to;
    this.#toRows = target.postings;
    this.#there = new Lexicon(from, to, source.postings, target.postings, vocabulary);
    this.#back = new Lexicon(to, from, target.postings, source.postings, vocabulary);
    this.#shape = new Shape(from, to);
    this.#pairs = new Int32Array(from.rows).fill(NONE);
    this.#candidates = new Int32Array(from.rows * KEPT).fill(NONE);
    this.#scores = new Float32Array(from.rows * KEPT).fill(-Infinity);
    this.#settled = new Uint8Array(from.rows);
    this.#taken = new Uint8Array(to.rows);
    this.#free = new Uint32Array(to.rows + 1);
    this.#weights = new Float32Array(to.rows);
  }

  get count(): number {
    return this.#pairs.reduce((sum, other) => sum + (other === NONE ? 0 : 1), 0);
  }

  /** Learns from the pairs found so far and looks for pairs anew. */
  *round(): Steps<void> {
    if (this.count > 0) {
      yield* this.#there.learn(this.#pairs);
      yield;
      yield* this.#back.learn(inverse(this.#pairs, this.#to.rows));
      yield;
      yield* this.#shape.learn(this.#pairs);
      yield;
    } else {
      yield* this.#there.begin();
      yield* this.#back.begin();
    }
    this.#countFree();
    yield;
    const places = new Places(this.#pairs, this.#to.rows);
    for (let row = 0; row < this.#from.rows; row++) {
      if (row % STEP_ROWS === 0) yield;
      if (this.#settled[row]) continue;
      this.#compare(row, places.of(row));
    }
    yield* this.#decide();
  }

  #countFree(): void {
    this.#taken.fill(0);
    for (const [row, other] of this.#pairs.entries()) if (this.#settled[row]) this.#taken[other] = 1;
    for (let other = 0; other < this.#to.rows; other++) {
      this.#free[other + 1] = atUint(this.#free, other) + (this.#taken[other] ? 0 : 1);
    }
  }

  /** Finds the candidates of a row and how well each fits. */
  #compare(row: number, place: Place): void {
    const range = Math.log(2 + atUint(this.#free, place.high) - atUint(this.#free, place.low));
    const scored = this.#find(row, place).map(other => {
      const isStray = other < place.low || other >= place.high;
      return { other, score: this.#score(row, other, place) - range - (isStray ? STRAY : 0) };
    });
    scored.sort((a, b) => b.score - a.score);
    for (let index = 0; index < KEPT; index++) {
      const best = scored[index];
      this.#candidates[row * KEPT + index] = best?.other ?? NONE;
      this.#scores[row * KEPT + index] = best?.score ?? -Infinity;
    }
  }

  #score(row: number, other: number, place: Place): number {
    const taught = atInt(this.#pairs, row) === other;
    const there = this.#there.score(row, other, taught);
    const back = this.#back.score(other, row, taught);
    const gain = gainAt(place, other);
    // A row in its place may have a field too many or too few: translations by models do.
    const words = gain > 0 && place.left === place.right ? Math.max(there, back) * 2 : there + back;
    return TEMPER * words + this.#shape.score(row, other) + gain;
  }

  /** The rows of the other file that share most with a row, and those in its place. */
  #find(row: number, place: Place): number[] {
    const weights = this.#weights;
    const { rows } = this.#toRows;
    const touched: number[] = [];
    let visits = 0;
    for (const { first, last, worth } of this.#shared(row, place)) {
      visits += last - first;
      if (visits > (touched.length > 0 ? VISITS : MAX_VISITS)) break;
      for (let index = first; index < last; index++) {
        const other = atUint(rows, index);
        if (this.#taken[other]) continue;
        if (atFloat(weights, other) === 0) touched.push(other);
        weights[other] = atFloat(weights, other) + worth;
      }
    }
    const best: number[] = [];
    for (const other of touched) {
      const weight = atFloat(weights, other);
      let index = best.length;
      while (index > 0 && atFloat(weights, best[index - 1] ?? 0) < weight) index--;
      if (index < KEPT) best.splice(index, 0, other);
      if (best.length > KEPT) best.pop();
    }
    for (const other of touched) weights[other] = 0;
    for (const other of [place.left, place.right]) {
      if (other >= 0 && other < this.#to.rows && !this.#taken[other] && !best.includes(other))
        best.push(other);
    }
    return best;
  }

  /** Where the rows of the other file are listed that have a translation of a token of a row, shortest list first. */
  #shared(row: number, place: Place): { first: number; last: number; worth: number }[] {
    const lists: { first: number; last: number; worth: number }[] = [];
    const { starts, rows } = this.#toRows;
    const end = atUint(this.#from.starts, row + 1);
    for (let index = atUint(this.#from.starts, row); index < end; index++) {
      this.#there.translations(atUint(this.#from.tokens, index), (word, worth) => {
        let first = atUint(starts, word);
        let last = atUint(starts, word + 1);
        if (last - first > RARE) {
          first = lowerBound(rows, first, last, place.low);
          last = lowerBound(rows, first, last, place.high);
        }
        if (first < last && worth > 0) lists.push({ first, last, worth });
      });
    }
    return lists.sort((a, b) => a.last - a.first - (b.last - b.first));
  }

  /** Takes the pairs that are each other's best, by far. */
  *#decide(): Steps<void> {
    const best = yield* this.#bestRows();
    for (let row = 0; row < this.#from.rows; row++) {
      if (row % STEP_LINEAR === 0) yield;
      const other = atInt(this.#candidates, row * KEPT);
      const score = atFloat(this.#scores, row * KEPT);
      const isBest = other !== NONE && atInt(best.rows, other) === row;
      const lead = isBest
        ? Math.min(score, score - atFloat(best.seconds, other), score - this.#rival(row, best))
        : 0;
      const pair = lead >= MARGIN ? other : NONE;
      this.#settled[row] = pair !== NONE && pair === atInt(this.#pairs, row) && lead >= SETTLED ? 1 : 0;
      this.#pairs[row] = pair;
    }
  }

  *#bestRows(): Steps<Best> {
    const rows = new Int32Array(this.#to.rows).fill(NONE);
    const scores = new Float32Array(this.#to.rows).fill(-Infinity);
    const seconds = new Float32Array(this.#to.rows).fill(-Infinity);
    for (let index = 0; index < this.#candidates.length; index++) {
      const other = atInt(this.#candidates, index);
      const score = atFloat(this.#scores, index);
      if (index % (STEP_LINEAR * KEPT) === 0) yield;
      if (other === NONE) continue;
      const row = Math.floor(index / KEPT);
      const before = atInt(rows, other);
      // Which of two rows of the same text it is makes no difference.
      const isTwin = before !== NONE && isSame(this.#source[before], this.#source[row]);
      if (score > atFloat(scores, other)) {
        if (!isTwin) seconds[other] = atFloat(scores, other);
        scores[other] = score;
        rows[other] = row;
      } else if (!isTwin && score > atFloat(seconds, other)) seconds[other] = score;
    }
    return { rows, scores, seconds };
  }

  /** How well the second best candidate of a row fits, those left out that clearly belong to another row. */
  #rival(row: number, best: Best): number {
    const first = this.#target[atInt(this.#candidates, row * KEPT)];
    for (let index = row * KEPT + 1; index < (row + 1) * KEPT; index++) {
      const other = atInt(this.#candidates, index);
      if (other === NONE) break;
      const score = atFloat(this.#scores, index);
      const isTaken = atInt(best.rows, other) !== row && atFloat(best.scores, other) > score + MARGIN;
      if (!isTaken && !isSame(first, this.#target[other])) return score;
    }
    return -Infinity;
  }

  *result(): Steps<Pairing> {
    const source = new Uint8Array(this.#from.rows);
    const target = new Uint8Array(this.#to.rows);
    const taken = inverse(this.#pairs, this.#to.rows);
    for (const [row, other] of this.#pairs.entries()) {
      if (row % STEP_LINEAR === 0) yield;
      const best = atInt(this.#candidates, row * KEPT);
      if (other !== NONE || best === NONE || atFloat(this.#scores, row * KEPT) < MARGIN) continue;
      source[row] = 1;
      if (atInt(taken, best) === NONE) target[best] = 1;
    }
    const pairs = yield* this.#trusted();
    return { pairs, ambiguous: { source, target } };
  }

  /** The pairs without those that a topic in common would explain. */
  *#trusted(): Steps<Int32Array> {
    const places = new Places(this.#pairs, this.#to.rows);
    const pairs = this.#pairs.slice();
    for (const [row, other] of this.#pairs.entries()) {
      if (row % STEP_ROWS === 0) yield;
      if (other === NONE) continue;
      const isInPlace = gainAt(places.of(row), other) >= MARGIN;
      if (!isInPlace && this.#share(row, other) < MIN_SHARE) pairs[row] = NONE;
    }
    yield;
    const there = density(pairs);
    yield;
    const sources = inverse(pairs, this.#to.rows);
    yield;
    const back = density(sources);
    yield;
    return pairs.map((other, row) =>
      other !== NONE && Math.max(atFloat(there, row), atFloat(back, other)) >= MIN_DENSITY ? other : NONE,
    );
  }

  /** What two rows say for each other, as a share of what they would say to their true counterparts on average. */
  #share(row: number, other: number): number {
    const there = this.#there.score(row, other, true) / Math.max(1, this.#there.expected(row));
    const back = this.#back.score(other, row, true) / Math.max(1, this.#back.expected(other));
    return Math.min(there, back);
  }
}

function isSame(a: Row | undefined, b: Row | undefined): boolean {
  return !!a && !!b && a.every(({ text }, index) => text === b[index]?.text);
}

/** For each row the share of the rows around it that are paired. */
function density(pairs: Int32Array): Float32Array {
  const before = new Uint32Array(pairs.length + 1);
  for (const [row, other] of pairs.entries())
    before[row + 1] = atUint(before, row) + (other === NONE ? 0 : 1);
  return Float32Array.from(pairs, (_, row) => {
    const from = Math.max(0, row - DENSITY_WINDOW);
    const to = Math.min(pairs.length, row + DENSITY_WINDOW + 1);
    return (atUint(before, to) - atUint(before, from)) / (to - from);
  });
}

/** For each target row its source row, or `NONE`. */
export function inverse(pairs: Int32Array, targets: number): Int32Array {
  const rows = new Int32Array(targets).fill(NONE);
  for (const [row, other] of pairs.entries()) if (other !== NONE) rows[other] = row;
  return rows;
}

/** The first place of an ascending list, between `first` and `last`, whose number is not below `limit`. */
function lowerBound(numbers: Uint32Array, first: number, last: number, limit: number): number {
  while (first < last) {
    const middle = (first + last) >>> 1;
    if (atUint(numbers, middle) < limit) first = middle + 1;
    else last = middle;
  }
  return first;
}
