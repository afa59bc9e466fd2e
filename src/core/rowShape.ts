/** How the lengths of two rows speak for or against their being a pair: learned from pairs, compared with chance. */
import { atFloat, atInt, STEP_LINEAR, type Corpus, type Steps } from './evidence';
import { NONE } from './lexicon';

/** A field that is empty on one side only, or on both, or on none: 2 × source + target. */
const KINDS = 4;
/** Fields shorter than this vary too much for a ratio. */
const OFFSET = 4;
const MAX_SPEECH = 4;

interface FieldModel {
  readonly kinds: readonly number[];
  readonly mean: number;
  readonly spread: number;
  readonly chanceMean: number;
  readonly chanceSpread: number;
}

export class Shape {
  readonly #from: Corpus;
  readonly #to: Corpus;
  #models: FieldModel[] = [];

  constructor(from: Corpus, to: Corpus) {
    this.#from = from;
    this.#to = to;
  }

  /** @param pairs the row of `to` for each row of `from`, or `NONE` */
  *learn(pairs: Int32Array): Steps<void> {
    const models: FieldModel[] = [];
    for (let field = 0; field < this.#from.fields; field++) {
      models.push(yield* this.#learnField(field, pairs));
    }
    this.#models = models;
  }

  *#learnField(field: number, pairs: Int32Array): Steps<FieldModel> {
    const paired = new Array<number>(KINDS).fill(1);
    const ratios = new Ratios(pairs.length);
    const chanceRatios = new Ratios(pairs.length);
    const empty = { from: 1, to: 1, all: 2 };
    let any = 7;
    for (let row = 0; row < pairs.length; row++) {
      if (row % STEP_LINEAR === 0) yield;
      const other = atInt(pairs, row);
      const own = this.#length(this.#from, row, field);
      if (other !== NONE) {
        const theirs = this.#length(this.#to, other, field);
        const kind = kindOf(own, theirs);
        paired[kind] = (paired[kind] ?? 0) + 1;
        if (kind === KINDS - 1) ratios.add(ratioOf(own, theirs));
      }
      // Fixed pseudo-random rows: the same files give the same answer.
      any = (any * 1103515245 + 12345) % 2147483648;
      const random = this.#length(this.#to, any % this.#to.rows, field);
      if (own === 0) empty.from++;
      if (random === 0) empty.to++;
      empty.all++;
      if (own > 0 && random > 0) chanceRatios.add(ratioOf(own, random));
    }
    const sum = paired.reduce((a, b) => a + b);
    const [none, both] = [1 - empty.from / empty.all, 1 - empty.to / empty.all];
    const chance = [(1 - none) * (1 - both), (1 - none) * both, none * (1 - both), none * both];
    const [mean, spread] = yield* ratios.spread();
    const [chanceMean, chanceSpread] = yield* chanceRatios.spread();
    return {
      kinds: paired.map((count, kind) => bounded(Math.log(count / sum / (chance[kind] ?? 1)))),
      mean,
      spread: Math.max(spread, 0.1),
      chanceMean,
      chanceSpread: Math.max(chanceSpread, 0.2),
    };
  }

  #length(corpus: Corpus, row: number, field: number): number {
    return atFloat(corpus.lengths, row * corpus.fields + field);
  }

  /** Natural logarithm of how much more likely a pair has such lengths than two rows at random. */
  score(row: number, other: number): number {
    let sum = 0;
    for (const [field, model] of this.#models.entries()) {
      const own = this.#length(this.#from, row, field);
      const theirs = this.#length(this.#to, other, field);
      const kind = kindOf(own, theirs);
      sum += model.kinds[kind] ?? 0;
      if (kind !== KINDS - 1) continue;
      const ratio = ratioOf(own, theirs);
      sum += bounded(
        logDensity(ratio, model.mean, model.spread) - logDensity(ratio, model.chanceMean, model.chanceSpread),
      );
    }
    return sum;
  }
}

const kindOf = (own: number, theirs: number) => (own > 0 ? 2 : 0) + (theirs > 0 ? 1 : 0);
const ratioOf = (own: number, theirs: number) => Math.log((theirs + OFFSET) / (own + OFFSET));
const bounded = (value: number) => Math.max(-MAX_SPEECH, Math.min(MAX_SPEECH, value));

/** Of a Laplace distribution: its tails are thick, as those of translations are. */
const logDensity = (value: number, mean: number, spread: number) =>
  -Math.log(2 * spread) - Math.abs(value - mean) / spread;

/** Up to `most` numbers. Kept as plain numbers, which are sorted many times faster than the elements of a list. */
class Ratios {
  readonly #values: Float64Array;
  #count = 0;

  constructor(most: number) {
    this.#values = new Float64Array(most);
  }

  add(value: number): void {
    this.#values[this.#count++] = value;
  }

  /** Median and mean distance from it. */
  *spread(): Steps<[median: number, spread: number]> {
    if (this.#count === 0) return [0, 1];
    yield;
    const values = this.#values.subarray(0, this.#count).sort();
    yield;
    const median = values[values.length >> 1] ?? 0;
    return [median, values.reduce((sum, value) => sum + Math.abs(value - median), 0) / values.length];
  }
}
