/**
 * Finds near-copies of questions of evaluation sets in longer texts. Questions that may be meant are named by the grams of
 * letters that they share with a text, of which those of a question are sampled by winnowing (S. Schleimer, D. S. Wilkerson,
 * A. Aiken, "Winnowing: local algorithms for document fingerprinting", 2003); then the question is laid over the text
 * letter by letter (P. H. Sellers, "The theory and computation of evolutionary distances", 1980).
 */
import { firstAtLeast } from './bisect';
import { hashOf, lettersOf } from './corpus';
import { UserError } from './messages';

/** How questions in some script are looked for. */
interface Script {
  /** Letters of a gram. */
  readonly gram: number;
  /** Grams of which one is kept: with `gram`, a text that shares `gram + window - 1` letters in a row is always looked at. */
  readonly window: number;
  /** Letters of a question from which on it may be changed a little. */
  readonly near: number;
  /** Letters of a question to one gram that a text must share with it, close together, before both are compared. */
  readonly sparse: number;
  /** Shorter ones are what anybody asks (“What is DNA?”): they are not looked for. */
  readonly least: number;
}
const SPACED: Script = { gram: 8, window: 3, near: 30, sparse: 16, least: 16 };
/** A character of Chinese or Japanese says about as much as three letters. */
const HAN: Script = { gram: 4, window: 2, near: 12, sparse: 8, least: 8 };
const HAN_LETTER = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;

/** Share of a question's letters that may be changed, left out or put in: two words of eight. */
export const CHANGED = 0.3;
/** Letters of a question that are compared: more would take long and tell no more. */
const MAX_LETTERS = 400;
/** Questions of one gram: one that more have (“whatisth”) tells little, and others of the question will do. */
const MAX_SHARING = 32;
/** The least of them: one is shared by chance. */
const MIN_SHARED = 2;
/** Questions that are compared with a text letter by letter: those that share most grams with it. */
const MAX_COMPARED = 6;
/** A gram's hash and a question's number have to fit into a double. */
const MAX_QUESTIONS = 2 ** 20;
/** Bits of the filter that most grams of other texts do not pass. */
const FILTER_BITS = 24;
const SEED = 0x811c9dc5;

/** Questions that must not be in a training set: about 400 bytes each. */
export class Questions {
  readonly #letters: string[] = [];
  readonly #spaced = new Grams(SPACED);
  readonly #han = new Grams(HAN);

  /** How many can be looked for. */
  get size(): number {
    return this.#letters.length;
  }

  /**
   * Takes in a question before the first text is asked about.
   * @returns whether it is long enough to be told from what anybody asks
   * @throws UserError for more than a million
   */
  add(question: string): boolean {
    const letters = lettersOf(question).slice(0, MAX_LETTERS);
    const grams = isHan(letters) ? this.#han : this.#spaced;
    if (letters.length < grams.script.least) return false;
    if (this.#letters.length >= MAX_QUESTIONS) throw new UserError('evaluation.tooMany', MAX_QUESTIONS);
    grams.add(letters, this.#letters.length);
    this.#letters.push(letters);
    return true;
  }

  /**
   * Whether a text holds a question, or one that differs from it in three letters of ten at most. Short questions must
   * be there letter by letter. Case, white space and punctuation do not count.
   */
  isIn(text: string): boolean {
    if (this.#letters.length === 0) return false;
    const letters = lettersOf(text);
    return [this.#spaced, this.#han].some(grams => {
      const { near, sparse } = grams.script;
      const found = [...grams.shared(letters)]
        .map(([question, places]) => {
          const asked = this.#letters[question] ?? '';
          return { asked, ...densest(places, asked.length) };
        })
        .filter(({ asked, count }) => count >= Math.max(MIN_SHARED, asked.length / sparse))
        .sort((a, b) => b.count - a.count)
        .slice(0, MAX_COMPARED);
      return found.some(({ asked, at }) => {
        if (asked.length < near) return letters.includes(asked);
        // What was put in makes it longer.
        const reach = Math.ceil(asked.length * (1 + CHANGED));
        return isNear(codesOf(asked), codesOf(letters, Math.max(0, at - reach), at + 2 * reach));
      });
    });
  }
}

function isHan(letters: string): boolean {
  return (letters.match(HAN_LETTER)?.length ?? 0) * 3 > letters.length;
}

/** Which questions have which grams. */
class Grams {
  readonly script: Script;
  readonly #pairs: number[] = [];
  /** In order: the hash of a gram, then the number of a question. Undefined while questions are added. */
  #sorted: Float64Array | undefined;
  readonly #filter = new Uint8Array(2 ** (FILTER_BITS - 3));

  constructor(script: Script) {
    this.script = script;
  }

  add(letters: string, question: number): void {
    this.#sorted = undefined;
    for (const hash of winnowed(letters, this.script)) this.#pairs.push(hash * MAX_QUESTIONS + question);
  }

  /** Questions that share grams with a text, and where in the text these are. */
  shared(letters: string): ReadonlyMap<number, readonly number[]> {
    const sorted = (this.#sorted ??= this.#sort());
    const found = new Map<number, number[]>();
    if (sorted.length === 0) return found;
    const { gram } = this.script;
    for (let at = 0; at + gram <= letters.length; at++) {
      const hash = hashOf(letters, SEED, at, at + gram);
      if (!this.#passes(hash)) continue;
      const from = firstAtLeast(sorted, hash * MAX_QUESTIONS);
      const end = (hash + 1) * MAX_QUESTIONS;
      for (let next = from; next < from + MAX_SHARING && (sorted[next] ?? end) < end; next++) {
        const question = (sorted[next] ?? 0) % MAX_QUESTIONS;
        const places = found.get(question);
        if (places) places.push(at);
        else found.set(question, [at]);
      }
    }
    return found;
  }

  #sort(): Float64Array {
    for (const pair of this.#pairs) {
      const bit = Math.floor(pair / MAX_QUESTIONS) >>> (32 - FILTER_BITS);
      this.#filter[bit >>> 3] = (this.#filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
    return Float64Array.from(this.#pairs).sort();
  }

  #passes(hash: number): boolean {
    const bit = hash >>> (32 - FILTER_BITS);
    return (((this.#filter[bit >>> 3] ?? 0) >> (bit & 7)) & 1) === 1;
  }
}

/** The least hash of each `window` grams in a row. */
function winnowed(letters: string, { gram, window }: Script): Set<number> {
  const hashes: number[] = [];
  for (let at = 0; at + gram <= letters.length; at++) hashes.push(hashOf(letters, SEED, at, at + gram));
  const kept = new Set<number>();
  for (let at = 0; at + window <= Math.max(hashes.length, window); at++)
    kept.add(Math.min(...hashes.slice(at, at + window)));
  return kept;
}

/** @returns the first of the places of which most lie within a length, and how many these are */
function densest(places: readonly number[], length: number): { readonly at: number; readonly count: number } {
  let at = 0;
  let count = 0;
  let from = 0;
  for (const [to, place] of places.entries()) {
    while ((places[from] ?? place) < place - length) from++;
    if (to - from + 1 <= count) continue;
    count = to - from + 1;
    at = places[from] ?? 0;
  }
  return { at, count };
}

/** UTF-16 units, which are read over and over: quicker from here than from a part of a string. */
function codesOf(letters: string, start = 0, end = letters.length): Uint16Array {
  const codes = new Uint16Array(Math.min(end, letters.length) - start);
  for (let at = 0; at < codes.length; at++) codes[at] = letters.charCodeAt(start + at);
  return codes;
}

/** Whether some part of `letters` differs from `asked` in few enough letters: changed, left out, or put in. */
function isNear(asked: Uint16Array, letters: Uint16Array): boolean {
  const allowed = Math.floor(asked.length * CHANGED);
  /** Of the first so many letters of `asked`, the least changes to what ends at this place of `letters`. */
  const column = Uint16Array.from({ length: asked.length + 1 }, (_, at) => at);
  for (const letter of letters) {
    // It may begin anywhere.
    let diagonal = 0;
    for (let at = 1; at <= asked.length; at++) {
      const above = column[at] ?? 0;
      const differs = asked[at - 1] === letter ? 0 : 1;
      column[at] = Math.min(diagonal + differs, above + 1, (column[at - 1] ?? 0) + 1);
      diagonal = above;
    }
    if ((column[asked.length] ?? 0) <= allowed) return true;
  }
  return false;
}
