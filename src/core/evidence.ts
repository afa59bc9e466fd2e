/**
 * What of a row may be found again in its translation: numbers, names, code, punctuation, and words, which
 * `lexicon.ts` learns the translations of. Language-independent: nothing here knows a word of any language.
 */
import type { Field } from './record';

/** Work in steps: whoever drives it decides when to let others in. Yields some hundred times a second. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** The tokens of all rows of a file. Rows and tokens are numbers from 0. */
export interface Corpus {
  readonly rows: number;
  /** The tokens of row `r` are `tokens[starts[r]]` up to `tokens[starts[r + 1]]`, each once. */
  readonly starts: Uint32Array;
  readonly tokens: Uint32Array;
  /** UTF-16 units of each field, `fields` numbers a row. */
  readonly lengths: Float32Array;
  readonly fields: number;
}

/** Numbers stand for tokens, the same number for the same token in both files. */
export class Vocabulary {
  readonly #ids = new Map<string, number>();
  readonly #numbers: boolean[] = [];

  get size(): number {
    return this.#ids.size;
  }

  /** Whether a token is a number as written in digits. */
  isNumber(token: number): boolean {
    return this.#numbers[token] ?? false;
  }

  id(token: string): number {
    let id = this.#ids.get(token);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(token, id);
      this.#numbers.push(/^\d/.test(token));
    }
    return id;
  }
}

/** Rows, and entries, of which something simple is done between two steps. */
export const STEP_LINEAR = 2000;
const STEP_PLACES = 100_000;
/** UTF-16 units of a field that are looked at: what two rows have in common shows long before. */
const MAX_UNITS = 4000;
/** Rows between two steps: about 3 ms. */
const STEP_ROWS = 50;
/**
 * Words are cut to this many letters, so that most inflected forms of a word, and many words that two languages share,
 * become one token. Measured on English-German, -Italian and -Russian.
 */
const STEM_LETTERS = 6;
/** Digits of a number that are kept. */
const MAX_DIGITS = 20;

/** Scripts written without spaces: their tokens are pairs of characters. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** In order: a number with its separators, letters of scripts without spaces, other words, and single signs. */
const TOKENS =
  /\d+(?:[.,:/]\d+)*|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{M}]+|[\p{L}\p{M}]+|[?!:;()[\]{}"=<>/\\+*%$€£#@&|_~^]/gu;
/** The zeros of other decimal digits that occur in texts; NFKC turns full-width ones into ASCII itself. */
const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50];
const OTHER_DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59]/g;

function asciiDigit(digit: string): string {
  const code = digit.charCodeAt(0);
  const zero = ZEROS.findLast(each => each <= code) ?? code;
  return String(code - zero);
}

/** The tokens of a text in order, repeated ones included. Linear in its length. */
export function* tokensOf(text: string): Generator<string> {
  // Compatibility forms (full-width digits, ligatures) and accents differ between two writings of one name.
  const plain = text.slice(0, MAX_UNITS).normalize('NFKD').toLowerCase().replace(OTHER_DIGITS, asciiDigit);
  for (const [found] of plain.matchAll(TOKENS)) {
    const first = found.charCodeAt(0);
    if (first >= 0x30 && first <= 0x39) yield found.replace(/\D/g, '').slice(0, MAX_DIGITS);
    else if (UNSPACED.test(found)) yield* pairsOf(found);
    else yield found.replace(/\p{M}/gu, '').slice(0, STEM_LETTERS);
  }
}

function* pairsOf(run: string): Generator<string> {
  const characters = Array.from(run);
  if (characters.length === 1) yield run;
  for (let at = 1; at < characters.length; at++) yield `${characters[at - 1] ?? ''}${characters[at] ?? ''}`;
}

/** Reads the tokens of all rows. */
export function* readCorpus(rows: readonly (readonly Field[])[], vocabulary: Vocabulary): Steps<Corpus> {
  const fields = rows[0]?.length ?? 0;
  const starts = new Uint32Array(rows.length + 1);
  const lengths = new Float32Array(rows.length * fields);
  let tokens = new Uint32Array(rows.length * 32 + 1024);
  let count = 0;
  for (const [row, texts] of rows.entries()) {
    if (row % STEP_ROWS === 0) yield;
    const seen = new Set<number>();
    for (const [field, { text }] of texts.entries()) {
      lengths[row * fields + field] = text.length;
      for (const token of tokensOf(text)) seen.add(vocabulary.id(token));
    }
    if (count + seen.size > tokens.length) {
      const larger = new Uint32Array(Math.max(tokens.length * 2, count + seen.size));
      larger.set(tokens);
      tokens = larger;
    }
    for (const token of seen) tokens[count++] = token;
    starts[row + 1] = count;
  }
  return { rows: rows.length, starts, tokens: tokens.slice(0, count), lengths, fields };
}

/** For each token the rows it is in, ascending: `rows[starts[t]]` up to `rows[starts[t + 1]]`. */
export interface Postings {
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
}

export function* postingsOf(corpus: Corpus, tokens: number): Steps<Postings> {
  const starts = new Uint32Array(tokens + 1);
  for (const [index, token] of corpus.tokens.entries()) {
    if (index % STEP_PLACES === 0) yield;
    starts[token + 1] = atUint(starts, token + 1) + 1;
  }
  for (let token = 0; token < tokens; token++)
    starts[token + 1] = atUint(starts, token + 1) + atUint(starts, token);
  const next = starts.slice(0, tokens);
  const rows = new Uint32Array(corpus.tokens.length);
  for (let row = 0; row < corpus.rows; row++) {
    if (row % STEP_LINEAR === 0) yield;
    for (let place = atUint(corpus.starts, row); place < atUint(corpus.starts, row + 1); place++) {
      const token = atUint(corpus.tokens, place);
      const free = atUint(next, token);
      rows[free] = row;
      next[token] = free + 1;
    }
  }
  return { starts, rows };
}

/**
 * An element that is known to be there. One function for each kind of array: in one for all of them the engine would look
 * up the kind at each call, which is most of the time that pairing takes.
 */
export function atUint(numbers: Uint32Array, index: number): number {
  return numbers[index] ?? 0;
}

export function atInt(numbers: Int32Array, index: number): number {
  return numbers[index] ?? 0;
}

export function atFloat(numbers: Float32Array, index: number): number {
  return numbers[index] ?? 0;
}
