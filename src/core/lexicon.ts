/**
 * Which tokens of one file go with which of the other, learned from rows that are believed to be pairs; and from that how
 * much more likely two rows are to be a pair than to meet by chance (natural logarithm of the ratio).
 */
import {
  atFloat,
  atInt,
  atUint,
  STEP_LINEAR,
  type Corpus,
  type Postings,
  type Steps,
  type Vocabulary,
} from './evidence';

/** Row or token that there is not. */
export const NONE = -1;

/** Translations remembered of a token. */
const KEPT = 6;
/** Pairs looked at for a token: more teach nothing new. */
const MAX_SAMPLE = 300;
/** A translation is seen at least so often, and so many times more often than by chance. */
const MIN_COUNT = 2;
const MIN_RATIO = 2.5;
const MIN_GAIN = 7;
/** Tokens in more than this share of the rows tell nothing. */
const MAX_SHARE = 0.4;
/** How often a number, or a word that both files have, is found again in the pair, before anything was learned. */
const FIRST_RATES = { number: 0.7, word: 0.25 };
/** A share is never taken to be nearer to 0 or 1: data have faults. */
const FAULTS = 0.03;
/** The longest rows have nearly everything by chance; a share of them is taken to be this at most. */
const MAX_CHANCE = 0.9;
/** Shorter rows than this are taken to be as long. */
const MIN_TOKENS = 4;
const STEP_TOKENS = 200;
/** A file is looked at as if it had so many rows more: that a word is in one of three says little of how common it is. */
const FEW_ROWS = 100;

/** What is known of the way from the rows of one file to those of the other. */
export class Lexicon {
  readonly #from: Corpus;
  readonly #to: Corpus;
  readonly #vocabulary: Vocabulary;
  readonly #fromRows: Postings;
  readonly #toRows: Postings;
  readonly #meanTokens: number;
  /** The translations of token `t` are in the places from `#starts[t]` up to `#starts[t + 1]` of the next three. */
  readonly #starts: Uint32Array;
  readonly #words: Uint32Array;
  #used = 0;
  /** In how many of the pairs looked at both are. */
  readonly #counts: Uint32Array;
  /** What it is worth to find it, in a row of mean length. */
  readonly #worth: Float32Array;
  /** In how many pairs a token was looked at, and in how many of those any translation was found. */
  readonly #seen: Uint32Array;
  readonly #hits: Uint32Array;
  /** What it is worth to find none. */
  readonly #miss: Float32Array;
  /** What a token is worth on average in a true pair. */
  readonly #expected: Float32Array;
  /** The row of `to` that was marked last, and for each token the last row that was marked with it. */
  #row = NONE;
  readonly #mark: Int32Array;

  constructor(from: Corpus, to: Corpus, fromRows: Postings, toRows: Postings, vocabulary: Vocabulary) {
    this.#from = from;
    this.#to = to;
    this.#fromRows = fromRows;
    this.#toRows = toRows;
    this.#vocabulary = vocabulary;
    this.#meanTokens = Math.max(1, to.tokens.length / Math.max(1, to.rows));
    const { size } = vocabulary;
    this.#starts = new Uint32Array(size + 1);
    this.#words = new Uint32Array(size * KEPT);
    this.#counts = new Uint32Array(size * KEPT);
    this.#worth = new Float32Array(size * KEPT);
    this.#seen = new Uint32Array(size);
    this.#hits = new Uint32Array(size);
    this.#miss = new Float32Array(size);
    this.#expected = new Float32Array(size);
    this.#mark = new Int32Array(size).fill(NONE);
  }

  /** Share of the rows of `to` that have a token. */
  #share(token: number): number {
    const { starts } = this.#toRows;
    return (atUint(starts, token + 1) - atUint(starts, token)) / (this.#to.rows + FEW_ROWS);
  }

  #isKnown(token: number): boolean {
    return atUint(this.#starts, token) < atUint(this.#starts, token + 1);
  }

  /** @param pairs the row of `to` for each row of `from`, or `NONE` */
  *learn(pairs: Int32Array): Steps<void> {
    const count = new Uint32Array(this.#vocabulary.size);
    const found = { number: { hits: 1, all: 2 }, word: { hits: 1, all: 4 } };
    this.#used = 0;
    for (let token = 0; token < this.#vocabulary.size; token++) {
      if (token % STEP_TOKENS === 0) yield;
      this.#starts[token] = this.#used;
      const rows = rowsOf(this.#fromRows, token);
      if (rows.length === 0 || rows.length > MAX_SHARE * this.#from.rows) continue;
      const sample = pairedSample(rows, pairs);
      if (sample.length === 0) continue;
      const touched = this.#countWords(sample, pairs, count);
      if (this.#share(token) > 0) {
        const kind = found[this.#vocabulary.isNumber(token) ? 'number' : 'word'];
        kind.hits += atUint(count, token);
        kind.all += sample.length;
      }
      this.#keepBest(touched, count, sample.length);
      for (const word of touched) count[word] = 0;
      if (this.#used > atUint(this.#starts, token)) this.#value(token, sample, pairs);
    }
    this.#starts[this.#vocabulary.size] = this.#used;
    const rate = ({ hits, all }: { hits: number; all: number }) => within(hits / all, FAULTS, 1 - FAULTS);
    yield* this.#assume({ number: rate(found.number), word: rate(found.word) }, true);
  }

  /** In how many pairs of a sample each token of `to` is. */
  #countWords(sample: readonly number[], pairs: Int32Array, count: Uint32Array): number[] {
    const touched: number[] = [];
    for (const row of sample) {
      const other = atInt(pairs, row);
      const end = atUint(this.#to.starts, other + 1);
      for (let place = atUint(this.#to.starts, other); place < end; place++) {
        const word = atUint(this.#to.tokens, place);
        if (atUint(count, word) === 0) touched.push(word);
        count[word] = atUint(count, word) + 1;
      }
    }
    return touched;
  }

  #keepBest(touched: readonly number[], count: Uint32Array, seen: number): void {
    const best: { word: number; gain: number }[] = [];
    for (const word of touched) {
      const both = atUint(count, word);
      if (both < MIN_COUNT) continue;
      const ratio = both / seen / this.#share(word);
      if (ratio < MIN_RATIO) continue;
      const gain = both * Math.log(ratio);
      if (gain < MIN_GAIN) continue;
      const place = best.findIndex(each => each.gain < gain);
      if (place >= 0) best.splice(place, 0, { word, gain });
      else if (best.length < KEPT) best.push({ word, gain });
      if (best.length > KEPT) best.pop();
    }
    for (const { word } of best) {
      const both = atUint(count, word);
      this.#words[this.#used] = word;
      this.#counts[this.#used] = both;
      this.#worth[this.#used] = worth(both, seen, this.#share(word));
      this.#used++;
    }
  }

  /** What it is worth to find a translation of a token, or none. */
  #value(token: number, sample: readonly number[], pairs: Int32Array): void {
    const first = atUint(this.#starts, token);
    let hits = 0;
    let sum = 0;
    let share = 0;
    for (let place = first; place < this.#used; place++) share += this.#share(atUint(this.#words, place));
    for (const row of sample) {
      this.#markRow(atInt(pairs, row));
      let best = 0;
      let hit = false;
      for (let place = first; place < this.#used; place++) {
        if (atInt(this.#mark, atUint(this.#words, place)) !== this.#row) continue;
        hit = true;
        best = Math.max(best, atFloat(this.#worth, place));
      }
      if (hit) hits++;
      sum += best;
    }
    this.#seen[token] = sample.length;
    this.#hits[token] = hits;
    this.#miss[token] = missed(hits, sample.length, share);
    this.#expected[token] = (sum + (sample.length - hits) * atFloat(this.#miss, token)) / sample.length;
  }

  /** To be called where there is nothing to learn from yet. */
  begin(): Steps<void> {
    return this.#assume(FIRST_RATES, false);
  }

  /** What tokens are worth of which nothing is known but that the other file may have them too. */
  *#assume(rates: { readonly number: number; readonly word: number }, learned: boolean): Steps<void> {
    for (let token = 0; token < this.#vocabulary.size; token++) {
      if (token % STEP_LINEAR === 0) yield;
      if (this.#isKnown(token)) continue;
      const isNumber = this.#vocabulary.isNumber(token);
      const share = Math.min(MAX_CHANCE, this.#share(token));
      const rate = isNumber ? rates.number : rates.word;
      this.#miss[token] = 0;
      this.#expected[token] = 0;
      if (share === 0 && !isNumber) continue;
      if (share > 0) this.#expected[token] = rate * Math.max(0, Math.log(rate / share));
      if (isNumber || learned) this.#miss[token] = Math.min(0, Math.log((1 - rate) / (1 - share)));
      this.#hits[token] = Math.round(rate * 1000);
      this.#expected[token] = atFloat(this.#expected, token) + (1 - rate) * atFloat(this.#miss, token);
    }
  }

  /** Calls back with each token of `to` that a token may become, itself where nothing is known, and what that is worth. */
  translations(token: number, use: (word: number, worth: number) => void): void {
    const end = atUint(this.#starts, token + 1);
    if (!this.#isKnown(token)) use(token, 1);
    for (let place = atUint(this.#starts, token); place < end; place++) {
      use(atUint(this.#words, place), atFloat(this.#worth, place));
    }
  }

  #markRow(row: number): void {
    if (row === this.#row) return;
    this.#row = row;
    const end = atUint(this.#to.starts, row + 1);
    for (let place = atUint(this.#to.starts, row); place < end; place++) {
      this.#mark[atUint(this.#to.tokens, place)] = row;
    }
  }

  /** What {@link score} comes to on average for a row and its true counterpart. */
  expected(row: number): number {
    let sum = 0;
    const end = atUint(this.#from.starts, row + 1);
    for (let place = atUint(this.#from.starts, row); place < end; place++) {
      sum += atFloat(this.#expected, atUint(this.#from.tokens, place));
    }
    return sum;
  }

  /**
   * @param taught whether these two rows are one of the pairs that were learned from: what it taught itself is no evidence
   */
  score(row: number, other: number, taught: boolean): number {
    this.#markRow(other);
    const size = atUint(this.#to.starts, other + 1) - atUint(this.#to.starts, other);
    // Longer rows have more of everything by chance.
    const byChance = Math.log(Math.max(size, MIN_TOKENS) / this.#meanTokens);
    let sum = 0;
    const end = atUint(this.#from.starts, row + 1);
    for (let place = atUint(this.#from.starts, row); place < end; place++) {
      const token = atUint(this.#from.tokens, place);
      sum += this.#isKnown(token)
        ? this.#evidence(token, byChance, taught ? 1 : 0)
        : this.#ownEvidence(token, byChance);
    }
    return sum;
  }

  #evidence(token: number, byChance: number, less: number): number {
    const end = atUint(this.#starts, token + 1);
    let best = -Infinity;
    for (let place = atUint(this.#starts, token); place < end; place++) {
      const word = atUint(this.#words, place);
      if (atInt(this.#mark, word) !== this.#row) continue;
      const value =
        less === 0
          ? atFloat(this.#worth, place)
          : worth(atUint(this.#counts, place) - less, atUint(this.#seen, token) - less, this.#share(word));
      best = Math.max(best, value);
    }
    if (best > -Infinity) return Math.max(0, best - byChance);
    return atFloat(this.#miss, token);
  }

  #ownEvidence(token: number, byChance: number): number {
    if (atInt(this.#mark, token) !== this.#row) return atFloat(this.#miss, token);
    const rate = atUint(this.#hits, token) / 1000;
    return Math.max(0, Math.log(rate / this.#share(token)) - byChance);
  }
}

/** Of finding a translation that was found in `both` of `seen` pairs; half a pair less, since few pairs prove little. */
function worth(both: number, seen: number, share: number): number {
  return both > 0.5 ? Math.log((both - 0.5) / (seen + 1) / share) : -Infinity;
}

function missed(hits: number, seen: number, share: number): number {
  const rate = within((hits - 0.5) / (seen + 1), 0, 1 - FAULTS);
  return Math.min(0, Math.log((1 - rate) / (1 - Math.min(MAX_CHANCE, share))));
}

function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function rowsOf({ starts, rows }: Postings, token: number): Uint32Array {
  return rows.subarray(atUint(starts, token), atUint(starts, token + 1));
}

/** Those of `rows` that are paired, {@link MAX_SAMPLE} at most, evenly spread. */
function pairedSample(rows: Uint32Array, pairs: Int32Array): number[] {
  const sample: number[] = [];
  const stride = Math.max(1, rows.length / MAX_SAMPLE);
  for (let place = 0; place < rows.length; place += stride) {
    const row = atUint(rows, Math.floor(place));
    if (atInt(pairs, row) !== NONE) sample.push(row);
  }
  return sample;
}
