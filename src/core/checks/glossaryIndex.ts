/**
 * Finds the terms of a glossary in a text: one pass over its words, each looked up once, however many terms there are.
 * Words are letters and digits; where a script is written without spaces each character is one.
 */
import type { Term } from '../check';

/** A word and where it is, UTF-16, end exclusive. */
export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const PART_OF_WORD = /[\p{L}\p{M}\p{N}]/u;
const [NO_PART, PART, SINGLE, HALF] = [1, 2, 3, 4];

/** What each UTF-16 unit is, 0 where that was not asked yet: a look-up is many times as fast as a regular expression. */
const KINDS = new Uint8Array(0x10000);

function kindOf(unit: number): number {
  const known = KINDS[unit] ?? 0;
  if (known !== 0) return known;
  const letter = String.fromCharCode(unit);
  let kind = PART_OF_WORD.test(letter) ? PART : NO_PART;
  if (UNSPACED.test(letter)) kind = SINGLE;
  // A letter beyond the basic plane is rare: taken for a word of its own, with both its halves.
  if (unit >= 0xd800 && unit <= 0xdbff) kind = HALF;
  KINDS[unit] = kind;
  return kind;
}

/** Terms are not as long, so a longer word is none. */
const MAX_WORD = 200;
const lowered = (word: string, kind: number) =>
  kind === SINGLE ? word : word.normalize('NFC').toLowerCase();

/** The words of a text in lower case; what is written with and without marks on letters is different. */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (let start = 0; start < text.length;) {
    const kind = kindOf(text.charCodeAt(start));
    let end = start + (kind === HALF ? 2 : 1);
    if (kind === PART) while (end < text.length && kindOf(text.charCodeAt(end)) === PART) end++;
    end = Math.min(end, text.length);
    if (kind !== NO_PART && end - start <= MAX_WORD)
      tokens.push({ text: lowered(text.slice(start, end), kind), start, end });
    start = end;
  }
  return tokens;
}

/** What may stand between two words of a term. */
const GAP = /^(?:[ \t\n\u00a0]|[-\u2010\u2011/'’&]){0,3}$/;
/** Symbols that make another name of a word beside it: C and C++, customer and customer_id. */
const JOINED = /[+#_]/;

/** In other letters it is a common word: IT and it, US and us. */
const ACRONYM = /^\p{Lu}{2,5}$/u;

/** A term as words, and the symbols that belong to it before and behind. */
interface Phrase {
  readonly words: readonly string[];
  readonly lead: string;
  readonly tail: string;
  /** As it must be written, if it is one. */
  readonly acronym: string | undefined;
}

function phraseOf(term: string): Phrase | undefined {
  const tokens = readTokens(term);
  const [first, last] = [tokens[0], tokens.at(-1)];
  if (!first || !last) return undefined;
  const words = tokens.map(({ text }) => text);
  const written = term.slice(first.start, last.end);
  const acronym = ACRONYM.test(written) ? written : undefined;
  return { words, lead: term.slice(0, first.start), tail: term.slice(last.end), acronym };
}

/** How a word of a text may differ from that of a term. */
export type Forms = (word: string) => readonly string[];

/** Words that may be plurals of an English word, as what they may be plurals of. */
export const englishForms: Forms = word => {
  if (word.length < 4 || !word.endsWith('s')) return [word];
  return word.endsWith('es') ? [word, word.slice(0, -1), word.slice(0, -2)] : [word, word.slice(0, -1)];
};

/** Endings of one or two letters cut off: case, number, gender. Short words would become others. */
export const inflectedForms: Forms = word =>
  word.length < 6 || !/^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]+$/u.test(word)
    ? [word]
    : [word, word.slice(0, -1), word.slice(0, -2)];

export const exactForms: Forms = word => [word];

/** A place where a term stands. */
export interface Match<T> {
  readonly value: T;
  readonly start: number;
  readonly end: number;
  /** Index of its first word, and of the one after its last. */
  readonly from: number;
  readonly to: number;
}

/** A text with more of them is data. */
const MAX_MATCHES = 10_000;

/** Terms by their first word. */
export class PhraseIndex<T> {
  readonly #byFirst = new Map<string, { readonly phrase: Phrase; readonly value: T }[]>();

  add(term: string, value: T): void {
    const phrase = phraseOf(term);
    const first = phrase?.words[0];
    if (!phrase || first === undefined) return;
    const entries = this.#byFirst.get(first);
    if (entries) entries.push({ phrase, value });
    else this.#byFirst.set(first, [{ phrase, value }]);
  }

  /**
   * The places of all terms, in the order of the text; the first ones where there are very many.
   * @param forms of the last word of a term, which is the one that is inflected
   */
  find(text: string, tokens: readonly Token[], forms: Forms): Match<T>[] {
    const found: Match<T>[] = [];
    for (const [from, token] of tokens.entries()) {
      for (const form of forms(token.text)) {
        for (const { phrase, value } of this.#byFirst.get(form) ?? []) {
          // A first word that is not the last one stands as it is.
          if (form !== token.text && phrase.words.length > 1) continue;
          const to = from + phrase.words.length;
          const last = tokens[to - 1];
          if (!last || !isPhrase(text, tokens, from, phrase, forms)) continue;
          found.push({ value, start: token.start, end: last.end, from, to });
          if (found.length === MAX_MATCHES) return found;
        }
      }
    }
    return found;
  }
}

function isPhrase(
  text: string,
  tokens: readonly Token[],
  from: number,
  { words, lead, tail, acronym }: Phrase,
  forms: Forms,
): boolean {
  for (let index = 1; index < words.length; index++) {
    const [before, token] = [tokens[from + index - 1], tokens[from + index]];
    const word = words[index] ?? '';
    if (!before || !token || !GAP.test(text.slice(before.end, Math.min(token.start, before.end + 4))))
      return false;
    const isSame = token.text === word || (index === words.length - 1 && forms(token.text).includes(word));
    if (!isSame) return false;
  }
  const [first, last] = [tokens[from], tokens[from + words.length - 1]];
  if (!first || !last) return false;
  if (acronym !== undefined && !isAcronym(text.slice(first.start, last.end), acronym)) return false;
  if (lead !== '' && !text.startsWith(lead, first.start - lead.length)) return false;
  if (tail !== '') return text.startsWith(tail, last.end);
  return (
    !JOINED.test(text.charAt(last.end)) && (first.start === 0 || !JOINED.test(text.charAt(first.start - 1)))
  );
}

/** Whether a word is an acronym as it is written, also with an ending: APIs. */
function isAcronym(word: string, acronym: string): boolean {
  const ending = word.slice(acronym.length);
  return word.startsWith(acronym) && ending === ending.toLowerCase();
}

/** Letters at the end of a word that inflection may change, by how long the word is. */
const stemLength = (length: number) => (length <= 3 ? length : length <= 5 ? length - 1 : length - 2);
/** Shorter stems are whole words only: inside others they stand by chance. */
const MIN_INSIDE = 3;
/** Words that may stand between those of a term: an article, an adjective. */
const WORDS_BETWEEN = 2;

/** Without marks on letters: an umlaut comes with the plural. */
const fold = (word: string) =>
  word
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC');

/** Whether a word has a stem, also inside, since German joins words and Arabic puts the article before them. */
const fits = (stem: string, word: string | undefined) =>
  word !== undefined && (stem.length < MIN_INSIDE ? word === stem : word.includes(stem));

/** The words of one text, ready to be asked for many terms. */
export class FoldedWords {
  readonly #words: readonly string[];
  /** Where each word stands: a word that comes again is compared once. */
  readonly #places = new Map<string, number[]>();

  constructor(tokens: readonly Token[]) {
    this.#words = tokens.map(({ text }) => fold(text));
    for (const [at, word] of this.#words.entries()) {
      const places = this.#places.get(word);
      if (places) places.push(at);
      else this.#places.set(word, [at]);
    }
  }

  /**
   * Whether the text has a term in any form: each of its words is looked for by its stem. Rather too often yes, because a no
   * is a warning.
   */
  hasAnyForm(term: string): boolean {
    const stems = (phraseOf(term)?.words ?? []).map(word => {
      const folded = fold(word.replace(/^ال(?=.{3})/u, ''));
      return folded.slice(0, stemLength(folded.length));
    });
    const [first] = stems;
    if (first === undefined) return this.#words.length > 0;
    const isAt = (from: number) => this.#follow(stems, from);
    if (first.length < MIN_INSIDE) return this.#places.get(first)?.some(isAt) ?? false;
    for (const [word, places] of this.#places) if (word.includes(first) && places.some(isAt)) return true;
    return false;
  }

  /** Whether all words of a term stand from a place on. */
  #follow(stems: readonly string[], from: number): boolean {
    let at = from;
    return stems.every((stem, index) => {
      const limit = index === 0 ? 1 : WORDS_BETWEEN + 1;
      for (let tried = 0; tried < limit; tried++) {
        const word = this.#words[at + tried];
        if (!fits(stem, word)) continue;
        // One compound may hold several words of a term, but a character is one word.
        at += tried + (stem.length > 1 && fits(stems[index + 1] ?? '\n', word) ? 0 : 1);
        return true;
      }
      return false;
    });
  }
}

/** The glossary of a language, ready to be looked for. */
export interface GlossaryIndex {
  /** Source terms that must be translated in one of some ways. */
  readonly must: PhraseIndex<MustTerm>;
  readonly forbidden: PhraseIndex<Term>;
  /** By source term in lower case. */
  readonly mustBySource: ReadonlyMap<string, MustTerm>;
  readonly forbiddenBySource: ReadonlyMap<string, readonly Term[]>;
}

export interface MustTerm {
  readonly source: string;
  /** Any of them will do. */
  readonly targets: readonly string[];
}

/** Of a list that is passed again for each unit. */
const indexes = new WeakMap<readonly Term[], GlossaryIndex>();

export function indexOf(terms: readonly Term[]): GlossaryIndex {
  let index = indexes.get(terms);
  if (!index) indexes.set(terms, (index = build(terms)));
  return index;
}

function build(terms: readonly Term[]): GlossaryIndex {
  const targets = new Map<string, { source: string; targets: string[] }>();
  const forbiddenBySource = new Map<string, Term[]>();
  const must = new PhraseIndex<MustTerm>();
  const forbidden = new PhraseIndex<Term>();
  for (const term of terms) {
    const source = term.source.toLowerCase();
    if (term.rule === 'must') {
      const known = targets.get(source);
      if (known) known.targets.push(term.target);
      else {
        const added = { source: term.source, targets: [term.target] };
        targets.set(source, added);
        must.add(term.source, added);
      }
    } else {
      forbidden.add(term.target, term);
      const same = forbiddenBySource.get(source);
      if (same) same.push(term);
      else forbiddenBySource.set(source, [term]);
    }
  }
  return { must, forbidden, mustBySource: targets, forbiddenBySource };
}
