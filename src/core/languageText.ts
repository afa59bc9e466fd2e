/**
 * Text as the language check sees it: letters by script, what is no prose blanked out, and words with the languages
 * whose function words they are. Offsets stay those of the original text throughout.
 */
import { FUNCTION_WORDS, LANGUAGES, SPECIAL_LETTERS } from './functionWords';
import type { Lang } from './record';

const BASES = new Map<Lang, string>();
/** Tags come from files, so there may be any number of them. */
const MAX_BASES = 1000;

/** The first subtag, lower case; `''` where a script subtag says that another script than the usual one is meant. */
export function baseLanguage(tag: Lang): Lang {
  let base = BASES.get(tag);
  if (base === undefined) {
    base = readBase(tag);
    if (BASES.size < MAX_BASES) BASES.set(tag, base);
  }
  return base;
}

function readBase(tag: Lang): Lang {
  const [base = '', script = ''] = tag.toLowerCase().split(/[-_]/);
  const usual = /^(?:hans|hant|latn|cyrl|arab|deva|jpan|kore)$/;
  const lang = base === 'no' ? 'nb' : base;
  if (script.length !== 4 || (lang === 'zh' && script !== 'latn')) return lang;
  const expected = LANGUAGES.get(lang)?.scripts[0]?.toLowerCase();
  return usual.test(script) && expected !== script && script !== 'jpan' && script !== 'kore' ? '' : lang;
}

/** First and last UTF-16 unit of the blocks of letters that are told apart, by script. Digits and marks excepted below. */
const BLOCKS: readonly (readonly [script: string, from: number, to: number])[] = [
  ['Latn', 0x41, 0x5a],
  ['Latn', 0x61, 0x7a],
  ['Latn', 0xc0, 0x24f],
  ['Latn', 0x1e00, 0x1eff],
  ['Latn', 0xff21, 0xff5a],
  ['Grek', 0x370, 0x3ff],
  ['Grek', 0x1f00, 0x1fff],
  ['Cyrl', 0x400, 0x52f],
  ['Armn', 0x531, 0x587],
  ['Hebr', 0x5d0, 0x5f2],
  ['Arab', 0x620, 0x64a],
  ['Arab', 0x66e, 0x6d3],
  ['Arab', 0x6fa, 0x6ff],
  ['Arab', 0x750, 0x77f],
  ['Arab', 0xfb50, 0xfdff],
  ['Arab', 0xfe70, 0xfefc],
  ['Deva', 0x904, 0x963],
  ['Beng', 0x985, 0x9e3],
  ['Guru', 0xa05, 0xa5e],
  ['Gujr', 0xa85, 0xae3],
  ['Taml', 0xb83, 0xbd0],
  ['Telu', 0xc05, 0xc63],
  ['Knda', 0xc85, 0xce3],
  ['Mlym', 0xd05, 0xd63],
  ['Sinh', 0xd85, 0xdf3],
  ['Thai', 0xe01, 0xe4e],
  ['Laoo', 0xe81, 0xecd],
  ['Mymr', 0x1000, 0x103f],
  ['Geor', 0x10a0, 0x10ff],
  ['Ethi', 0x1200, 0x135f],
  ['Khmr', 0x1780, 0x17d3],
  ['Kana', 0x3041, 0x30ff],
  ['Kana', 0xff66, 0xff9d],
  ['Hang', 0x1100, 0x11ff],
  ['Hang', 0x3131, 0x318e],
  ['Hang', 0xac00, 0xd7a3],
  ['Hani', 0x3400, 0x4dbf],
  ['Hani', 0x4e00, 0x9fff],
  ['Hani', 0xf900, 0xfaff],
];
/** Inside those blocks and yet no letters: × ÷ and the katakana middle dot. */
const NO_LETTERS = [0xd7, 0xf7, 0x30fb];

/** ISO 15924 codes; `Kana` stands for both kana. */
export const SCRIPTS: readonly string[] = [...new Set(BLOCKS.map(([script]) => script))];

/** Index into {@link SCRIPTS} plus one for every UTF-16 unit, 0 for what is no letter; one look-up beats 39 ranges. */
const SCRIPT_OF_UNIT = new Uint8Array(0x10000);
for (const [script, from, to] of BLOCKS) SCRIPT_OF_UNIT.fill(SCRIPTS.indexOf(script) + 1, from, to + 1);
for (const unit of NO_LETTERS) SCRIPT_OF_UNIT[unit] = 0;

/** How many letters of which kind a text has, in UTF-16 units. */
export interface Letters {
  readonly total: number;
  readonly byScript: ReadonlyMap<string, number>;
  /** ASCII `a`-`z`: what English prose is made of, and names, acronyms and formulas much less. */
  readonly lower: number;
}

/** By script, plus what is no letter at 0. */
const counts = new Uint32Array(SCRIPTS.length + 1);

/** Counts the letters of a text by script, in one pass. Letters beyond the basic plane are not counted. */
export function countLetters(text: string): Letters {
  counts.fill(0);
  let lower = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const script = SCRIPT_OF_UNIT[unit] ?? 0;
    counts[script] = (counts[script] ?? 0) + 1;
    if (unit >= 0x61 && unit <= 0x7a) lower++;
  }
  const byScript = new Map<string, number>();
  const total = text.length - (counts[0] ?? 0);
  if (total === 0) return { total, byScript, lower };
  for (let index = 1; index < counts.length; index++) {
    const count = counts[index] ?? 0;
    if (count > 0) byScript.set(SCRIPTS[index - 1] ?? '', count);
  }
  return { total, byScript, lower };
}

/** In order: fences, inline code, URLs, e-mails, domains, paths, hashtags, tags, placeholders, maths. Repetitions are bounded: linear time. */
const NO_PROSE = new RegExp(
  [
    '```[^]*?(?:```|$)',
    '`[^`\\n]{1,200}`',
    '(?:(?:https?|ftp)://|www\\.)[^\\s<>"]+',
    '(?<![\\w.+-])[\\w.+-]{1,64}@[\\w-][\\w.-]*',
    '(?<![\\w.-])(?:[\\w-]{1,64}\\.){1,8}(?:com|org|net|edu|gov|info|io)\\b',
    '(?<![\\w.~/-])(?:[\\w.~-]{1,64}/|/)(?:[\\w.-]{1,64}/){1,20}[\\w.-]{0,64}',
    '(?<!\\w)[#@]\\w{1,64}',
    '</?[A-Za-z!][^<>]{0,200}>',
    '\\{\\{?[^{}\\n]{0,60}\\}\\}?',
    '\\$\\$[^$]{1,300}\\$\\$',
    '\\$(?=[^$\\n]{0,120}[\\\\^_{=])[^$\\n]{1,120}\\$',
    '\\\\[A-Za-z]+',
  ].join('|'),
  'g',
);
/** Titles, examples and cited words in quotation marks may be in any language. Single quotes only around words. */
const QUOTED =
  /"[^"\n]{1,200}"|“[^”\n]{1,200}”|„[^“”"\n]{1,200}[“”"]|«[^»\n]{1,200}»|「[^」\n]{1,200}」|『[^』\n]{1,200}』|《[^》\n]{1,200}》|(?<![\p{L}\d])['‘][^'’\n]{1,100}['’](?!\p{L})/gu;

const blank = (found: string) =>
  found.includes('\n') ? found.replace(/[^\n]/g, ' ') : ' '.repeat(found.length);

/** Blanks out what is no prose (see the list above): same length, same lines. */
export function blankNoProse(text: string): string {
  return text.replace(NO_PROSE, blank);
}

/** Blanks out what stands in quotation marks: same length, same lines. */
export function blankQuoted(text: string): string {
  return text.replace(QUOTED, blank);
}

/** Languages with function words; bit `1 << index` stands for one of them in a set of languages. */
export const WORD_LANGS: readonly string[] = Object.keys(FUNCTION_WORDS);

/** The bit of a language, 0 for one without function words. */
export function bitOf(lang: string): number {
  const index = WORD_LANGS.indexOf(lang);
  return index < 0 ? 0 : 1 << index;
}

const LANGS_OF_WORD = new Map<string, number>();
for (const lang of WORD_LANGS) {
  for (const word of FUNCTION_WORDS[lang]?.split(' ') ?? []) {
    LANGS_OF_WORD.set(word, (LANGS_OF_WORD.get(word) ?? 0) | bitOf(lang));
  }
}

const LANGS_OF_LETTER = new Map<string, number>();
for (const lang of WORD_LANGS) {
  for (const letter of SPECIAL_LETTERS[lang] ?? '') {
    LANGS_OF_LETTER.set(letter, (LANGS_OF_LETTER.get(letter) ?? 0) | bitOf(lang));
  }
}
const ALL_LANGS = (1 << WORD_LANGS.length) - 1;

/** The languages that a word speaks for: whose function word it is, or else whose special letters it is spelt with. */
function langsOfWord(text: string): number {
  const known = LANGS_OF_WORD.get(text);
  if (known !== undefined) return known;
  let langs = ALL_LANGS;
  for (const letter of text) if (letter > 'z') langs &= LANGS_OF_LETTER.get(letter) ?? ALL_LANGS;
  return langs === ALL_LANGS ? 0 : langs;
}

/** A word of prose and where it is. */
export interface Word {
  /** UTF-16 units of the text, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Lower case, composed, straight apostrophe. */
  readonly text: string;
  /** Begins with a capital. */
  readonly capital: boolean;
  /** Begins a sentence, a line, or what follows a colon or bracket. */
  readonly first: boolean;
  /** The set of languages that it speaks for, by {@link bitOf}; 0 for most words. */
  readonly langs: number;
  /** Part of a run of capitalised words: a name or title, which may be in any language. */
  name: boolean;
}

/** A word's repetitions are greedy over one class that what follows excludes, so the scan is linear. */
const WORD = /[\p{L}\p{M}\p{N}_]+(?:['’][\p{L}\p{M}\p{N}_]+)*['’]?/gu;
const IDENTIFIER = /[\p{N}_]|\p{Ll}\p{Lu}/u;
const BREAK = /[.!?:;()[\]{}"“”„«»\n•|/–—。！？：；、，（）،؛؟।-]/;
/** Longer ones are no words of a language but data; cut, since nothing is known about them. */
const MAX_WORD = 60;
/** A name goes on through these: "University of the Arts", "Ludwig van Beethoven". */
const LINKS = new Set(
  'of the and for in on at upon as a de la le du des del della di da do dos e y et und aan van von der den zu & al el'.split(
    ' ',
  ),
);

/** The words of a text, in order, with identifiers, numbers and codes left out. Linear in the length of the text. */
export function readWords(text: string): Word[] {
  const words: Word[] = [];
  let end = 0;
  for (const match of text.matchAll(WORD)) {
    const found = match[0];
    if (found.length > MAX_WORD || IDENTIFIER.test(found) || isOption(text, match.index, found)) continue;
    const between = text.slice(end, match.index);
    const first = words.length === 0 || (between !== '-' && BREAK.test(between));
    end = match.index + found.length;
    addWord(words, found, match.index, first);
  }
  markNames(words, text);
  return words;
}

/** `-o` of a command line. */
function isOption(text: string, start: number, word: string): boolean {
  return (
    word.length === 1 &&
    text[start - 1] === '-' &&
    /\s/.test(text[start - 2] ?? ' ') &&
    text[start + 1] === ' '
  );
}

/** Adds a word; an elided one (`l'uomo`) in two parts, unless the whole is a known contraction (`don't`). */
function addWord(words: Word[], found: string, start: number, first: boolean): void {
  const text = found.normalize('NFC').toLowerCase().replaceAll('’', "'");
  const apostrophe = found.search(/['’]/);
  const langs = langsOfWord(text);
  const capital = /^\p{Lu}/u.test(found);
  if (apostrophe < 0 || LANGS_OF_WORD.has(text)) {
    words.push({ start, end: start + found.length, text, capital, first, langs, name: false });
    return;
  }
  const head = found.slice(0, apostrophe + 1);
  const headText = head.toLowerCase().replaceAll('’', "'");
  words.push({
    start,
    end: start + head.length,
    text: headText,
    capital,
    first,
    langs: LANGS_OF_WORD.get(headText) ?? langsOfWord(headText.slice(0, -1)),
    name: false,
  });
  const rest = found.slice(apostrophe + 1);
  if (rest !== '') addWord(words, rest, start + head.length, false);
}

/** Marks runs of at least two capitalised words as names, with the small words that link them. */
function markNames(words: readonly Word[], text: string): void {
  const joins = (index: number) => {
    const [before, word] = [words[index - 1], words[index]];
    return (
      before !== undefined &&
      word !== undefined &&
      !BREAK.test(text.slice(before.end, word.start).replace('-', ''))
    );
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (!word?.capital || (word.first && word.langs !== 0)) continue;
    let last = i;
    let capitals = 1;
    for (let next = i + 1; next < words.length && joins(next); next++) {
      const candidate = words[next];
      if (candidate?.capital) {
        last = next;
        capitals++;
      } else if (!candidate || !LINKS.has(candidate.text) || next - last > 2) break;
    }
    if (capitals < 2) continue;
    for (let k = i; k <= last; k++) {
      const named = words[k];
      if (named) named.name = true;
    }
    i = last;
  }
}

/** English is what is left in most often, so it is looked for on its own. */
export const EN_BIT = bitOf('en');
/** Words of Latin letters sort before this, those of all other scripts after. */
export const LAST_LATIN = '\u0250';

/** Whether a word may be prose: in lower-case Latin letters, more than one. */
export function isLower(word: Word): boolean {
  return !word.capital && !word.name && word.text.length > 1 && word.text < LAST_LATIN;
}

/** What a range of words says, counted by {@link weigh}. */
export interface Evidence {
  /** Function words of the expected language. */
  readonly target: number;
  /** By index in {@link WORD_LANGS}: function words of the language, and those of them that the expected one lacks. */
  readonly all: Uint32Array;
  readonly only: Uint32Array;
  /** Letters of the words that are no names, and how many of them are in lower case, not counting single letters. */
  readonly letters: number;
  readonly lower: number;
}

/** Whether a word counts as one of a language: capitals inside a sentence are names, unless they speak for `bit`. */
export function langsOf(word: Word, bit: number): number {
  if (word.name) return 0;
  if (!word.capital || word.first || word.text >= LAST_LATIN) return word.langs;
  return word.langs & (bit | (/^i(?:'|$)/.test(word.text) ? EN_BIT : 0));
}

/**
 * Counts the function words (and words with special letters) in a range of words, names left out.
 * @param from index of the first word
 * @param to index after the last
 * @param bit the expected language, 0 for none
 */
export function weigh(words: readonly Word[], from: number, to: number, bit: number): Evidence {
  const all = new Uint32Array(WORD_LANGS.length);
  const only = new Uint32Array(WORD_LANGS.length);
  let target = 0;
  let letters = 0;
  let lower = 0;
  for (let i = from; i < to; i++) {
    const word = words[i];
    if (!word || word.name) continue;
    letters += word.text.length;
    const langs = langsOf(word, bit);
    if (word.text.length > 1 || word.text > 'z') {
      if (!word.capital || (word.first && LANGS_OF_WORD.has(word.text))) lower++;
    }
    if (langs === 0) continue;
    const own = (langs & bit) !== 0;
    if (own) target++;
    for (let rest = langs; rest !== 0; rest &= rest - 1) {
      const index = 31 - Math.clz32(rest & -rest);
      all[index] = (all[index] ?? 0) + 1;
      if (!own) only[index] = (only[index] ?? 0) + 1;
    }
  }
  return { target, all, only, letters, lower };
}

/** Letters of the words that are no names. */
export function plainLetters(words: readonly Word[]): number {
  return words.reduce((sum, word) => (word.name ? sum : sum + word.text.length), 0);
}

/** What speaks for another language than the expected one, and against it. */
export interface Candidate {
  readonly lang: Lang;
  /** Its function words that the expected language lacks. */
  readonly only: number;
  /** Function words of the expected language that this one lacks. */
  readonly against: number;
}

/** The language with the most function words that the expected one lacks. */
export function bestOf(evidence: Evidence, langs: readonly Lang[]): Candidate | undefined {
  let best: Candidate | undefined;
  for (const lang of langs) {
    const candidate = candidateOf(evidence, lang);
    if (candidate.only > 0 && (!best || candidate.only > best.only)) best = candidate;
  }
  return best;
}

/** Weighs one language against the expected one; what both share counts for neither. */
export function candidateOf({ target, all, only }: Evidence, lang: Lang): Candidate {
  const index = WORD_LANGS.indexOf(lang);
  const own = only[index] ?? 0;
  return { lang, only: own, against: target - ((all[index] ?? 0) - own) };
}
