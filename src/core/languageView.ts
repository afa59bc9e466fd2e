/** A text that is being judged, and what the scripts of its letters say of its language. */
import { LANG_OF_SCRIPT, type Language } from './functionWords';
import { bitOf, countLetters, isLower, readWords, weigh, type Letters, type Word } from './languageText';
import type { Lang } from './record';

/** Letters of a foreign script: a symbol or initial is fewer, a word in brackets is a smaller share. */
export const FOREIGN_LETTERS = 4;
const FOREIGN_SHARE = 0.3;
/** Function words of the expected language around less than half of foreign letters: a name in its own script. */
const NATIVE_WORDS = 2;
/** Latin lower-case letters that a text in another script may have (units, names of products) without a closer look. */
export const LATIN_ALLOWED = 11;
/** A text with native letters is Latin all the same where lower-case Latin words are so many, long, and such a share. */
export const MIXED_WORDS = 5;
const MIXED_LETTERS = 24;
const MIXED_SHARE = 0.5;

/** A text being judged: the original, what is left of it as prose, and the words of that. */
export interface View {
  readonly text: string;
  readonly prose: string;
  readonly letters: Letters;
  readonly words: readonly Word[];
  readonly tag: Lang;
  readonly language: Language;
  /** The bit of the expected language in {@link Word.langs}. */
  readonly bit: number;
}

export function viewOf(text: string, prose: string, tag: Lang, language: Language): View {
  return {
    text,
    prose,
    letters: countLetters(prose),
    words: readWords(prose),
    tag,
    language,
    bit: bitOf(tag),
  };
}

export function isLatin(language: Language): boolean {
  return language.scripts[0] === 'Latn';
}

/** Kana or Hangul in what should be Chinese: a name of a product has one or two. */
const KANA_IN_CHINESE = 3;
const KANA_SHARE = 0.1;
/** Japanese sentences have kana; names and headings of this many Han characters may have none. */
const HAN_WITHOUT_KANA = 10;

/** Letters that Persian and Urdu have and Arabic has not; two of them are in one word in three. */
const PERSIAN_LETTERS = /[پچژگکی]/g;
const PERSIAN_SHARE = 0.05;
const URDU_LETTERS = /[ٹڈڑےںہ]/;

export function nativeLetters(letters: Letters, language: Language): number {
  return language.scripts.reduce((sum, script) => sum + (letters.byScript.get(script) ?? 0), 0);
}

/** Whether a text needs no closer look: its letters are nearly all of a script that only the language has. */
export function clearlyNative(letters: Letters, language: Language): boolean {
  if (language.franc !== undefined) return false;
  const native = letters.byScript.get(language.scripts[0]) ?? 0;
  const latin = letters.byScript.get('Latn') ?? 0;
  return native > 0 && native >= latin && letters.total - native - latin < KANA_IN_CHINESE;
}

/** The language of the script that a text is in, if it is a foreign one other than Latin in a non-Latin text. */
export function foreignScript({ letters, language, tag, prose, words, bit }: View): Lang | undefined {
  const count = (script: string) => letters.byScript.get(script) ?? 0;
  if (tag === 'zh') {
    for (const script of ['Kana', 'Hang']) {
      const share = count(script) / letters.total;
      if (count(script) >= KANA_IN_CHINESE && share >= KANA_SHARE) return LANG_OF_SCRIPT.get(script);
    }
  }
  if (tag === 'ar') {
    const persian = prose.match(PERSIAN_LETTERS)?.length ?? 0;
    if (persian >= FOREIGN_LETTERS && persian >= PERSIAN_SHARE * count('Arab'))
      return URDU_LETTERS.test(prose) ? 'ur' : 'fa';
  }
  if (tag === 'ja' && count('Hani') >= HAN_WITHOUT_KANA && count('Kana') === 0) return 'zh';
  let most: string | undefined;
  let foreign = 0;
  for (const [script, number] of letters.byScript) {
    if (language.scripts.includes(script) || script === 'Latn') continue;
    foreign += number;
    if (most === undefined || number > count(most)) most = script;
  }
  if (most === undefined || foreign < FOREIGN_LETTERS || foreign < FOREIGN_SHARE * letters.total)
    return undefined;
  // A long name in its own letters, in a short sentence.
  if (
    isLatin(language) &&
    foreign < letters.total / 2 &&
    weigh(words, 0, words.length, bit).target >= NATIVE_WORDS
  )
    return undefined;
  if (most === 'Hani' && count('Kana') > 0) most = 'Kana';
  if (most === 'Cyrl' && /[іїєґ]/i.test(prose) && !/[ыэъё]/i.test(prose)) return 'uk';
  return LANG_OF_SCRIPT.get(most);
}

/** Lower-case words of Latin letters outweigh the rest: left in, or written in Latin letters, with few native ones. */
export function mostlyLatin({ words, letters }: View): boolean {
  const lower = words.filter(isLower);
  const count = lower.reduce((sum, word) => sum + word.text.length, 0);
  return lower.length >= MIXED_WORDS && count >= MIXED_LETTERS && count >= MIXED_SHARE * letters.total;
}
