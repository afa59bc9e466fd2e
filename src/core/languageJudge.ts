/**
 * Is a text in the language it should be in? The detector is franc, which counts trigrams and on its own raises a
 * false alarm on one correct field in twelve: it must name a language even for a name or a number. So the script is
 * looked at first, what is no prose is dropped, function words are counted, and franc decides only what is left, by a
 * margin. In doubt the answer is `abstain`.
 */
import { looksLikeCode } from './codeShape';
import { francAll } from 'franc';
import { LANGUAGES } from './functionWords';
import { isCopy, isSame } from './languageCopy';
import {
  baseLanguage,
  bestOf,
  blankNoProse,
  blankQuoted,
  candidateOf,
  countLetters,
  EN_BIT,
  isLower,
  langsOf,
  LAST_LATIN,
  plainLetters,
  weigh,
  WORD_LANGS,
  type Evidence,
  type Word,
} from './languageText';
import {
  clearlyNative,
  FOREIGN_LETTERS,
  foreignScript,
  isLatin,
  LATIN_ALLOWED,
  MIXED_WORDS,
  mostlyLatin,
  nativeLetters,
  viewOf,
  type View,
} from './languageView';
import type { Lang } from './record';

/** What is known of a text before it is judged. */
export interface Expectation {
  /** BCP-47 tag; regions and scripts are ignored (`pt-BR` is judged as `pt`), unknown languages abstained from. */
  readonly expected: Lang;
  /** The field this one was translated from. */
  readonly source?: string;
  readonly sourceLang?: Lang;
}

/** A text that is not, or not all, in the expected language. */
export interface Wrong {
  readonly verdict: 'wrong';
  /** What it looks like; `ru-Latn` for what should be Russian and is in Latin letters of no language in particular. */
  readonly lang: Lang;
  /** `whole` field, a `part` of it, or a `copy` of the source. */
  readonly kind: 'whole' | 'part' | 'copy';
  /** UTF-16 units of the text, end exclusive. */
  readonly start: number;
  readonly end: number;
}

/** The answer of {@link judge}. */
export type Verdict = { readonly verdict: 'ok' | 'abstain' } | Wrong;

const OK: Verdict = { verdict: 'ok' };
const ABSTAIN: Verdict = { verdict: 'abstain' };

/** A longer field is judged by its beginning, so that the page never waits; data has none. */
const MAX_LENGTH = 100_000;
/** Fewer letters left after cleaning say nothing; 8 where what was dropped were names. */
const MIN_LETTERS = 12;
const MIN_LETTERS_WITHOUT_NAMES = 8;
/** Quoted spans are dropped if that leaves this many letters to judge. */
const MIN_LETTERS_UNQUOTED = 15;
/** A text that is all quotation and has fewer words in lower case is a cited term. */
const CITED_WORDS = 4;
/** What is in Latin letters is prose where so many words are in lower case, or two of so many letters; of fewer where they follow the capital of a sentence. */
const PROSE_WORDS = 3;
const PROSE_LETTERS = 20;
const SENTENCE_LETTERS = 12;
/** Share of the words that are function words of a language, to be called that; English is left in most often. */
const NAMING_SHARE = { english: 0.15, other: 0.25 };
/** English words in one run, with no word of the expected language between them, that are more than a cited title. */
const RUN_WORDS = 3;
/** … and these many words apart at most, from the first to the third. */
const RUN_REACH = 8;
/** What franc must see between English and the expected language where there are only two such words. */
const RUN_MARGIN = 0.05;
/** From this length on a text is also judged sentence by sentence. */
const MIN_LENGTH_FOR_SENTENCES = 80;
const MIN_LETTERS_OF_SENTENCE = 30;

/**
 * Judges one text.
 * @returns `ok` where the text is in the language, `abstain` where nothing can be said (names, code, numbers, unknown
 * languages), or what is wrong and where. Never throws; time is linear in the length of the text.
 */
export function judge(text: string, { expected, source, sourceLang = 'und' }: Expectation): Verdict {
  const tag = baseLanguage(expected);
  const language = LANGUAGES.get(tag);
  const beginning = text.slice(0, MAX_LENGTH);
  const letters = countLetters(beginning);
  if (!language || letters.total === 0) return ABSTAIN;
  const latin = isLatin(language);
  if (!latin && letters.lower <= LATIN_ALLOWED && clearlyNative(letters, language)) {
    return tag === 'ar' ? judgeView(viewOf(text, beginning, tag, language)) : OK;
  }
  if (looksLikeCode(beginning)) return ABSTAIN;

  const cleaned = blankNoProse(beginning);
  const unquoted = blankQuoted(cleaned);
  let view = viewOf(text, unquoted, tag, language);
  const enough =
    view.letters.total >= MIN_LETTERS_UNQUOTED ||
    (!latin && nativeLetters(view.letters, language) >= FOREIGN_LETTERS);
  const quotation = unquoted !== cleaned && !enough;
  const around = quotation ? foreignScript(view) : undefined;
  if (quotation) view = viewOf(text, cleaned, tag, language);
  if (source !== undefined && isSame(source, text)) {
    const origin = baseLanguage(sourceLang);
    // What is not in the language of the source there either, is a foreign sentence to work on: rightly kept.
    if (origin !== tag && isForeign(view, judge(source, { expected: origin }))) {
      return judgeView(view).verdict === 'ok' ? OK : ABSTAIN;
    }
    // In a copy the quotations are copied, too.
    if (isCopy(viewOf(text, cleaned, tag, language), origin))
      return { ...whole(view, LANGUAGES.has(origin) ? origin : 'en'), kind: 'copy' };
  }
  if (around !== undefined) return whole(view, around);
  if (quotation && view.words.filter(isLower).length < CITED_WORDS) return ABSTAIN;
  return judgeView(view);
}

function judgeView(view: View): Verdict {
  const { letters, language, tag, words } = view;
  const latin = isLatin(language);
  const foreign = foreignScript(view);
  if (foreign !== undefined) return whole(view, foreign);
  if (!latin && nativeLetters(letters, language) === 0) return latinOnly(view);
  const english = tag === 'en' ? undefined : englishPart(view);
  if (!latin && mostlyLatin(view)) return english ?? latinOnly(view);
  if (latin && (letters.total < MIN_LETTERS || plainLetters(words) < MIN_LETTERS_WITHOUT_NAMES))
    return few(view);
  if (language.franc === undefined) return english ?? OK;
  const verdict = judgeWords(view, 0, words.length);
  if (english && (!isLang(verdict) || leavesTarget(view, english))) return english;
  if (isLang(verdict)) return whole(view, verdict);
  return wrongSentence(view) ?? (verdict === 'ok' ? OK : ABSTAIN);
}

/** Whether words of the expected language stand outside a part, so that the part and not the whole is wrong. */
function leavesTarget({ words, bit }: View, { start, end }: Wrong): boolean {
  return words.some(word => (word.end <= start || word.start >= end) && speaksFor(langsOf(word, bit), bit));
}

/** A text too short for trigrams: only function words of another language, and nothing of the expected one, will do. */
function few(view: View): Verdict {
  const evidence = weigh(view.words, 0, view.words.length, view.bit);
  const best = bestOf(evidence, alternatives(view.tag));
  if (!best || best.against > 0 || best.only < ENOUGH_WORDS || evidence.lower < LOWER_WORDS) return ABSTAIN;
  return whole(view, best.lang);
}

function isLang(verdict: string): boolean {
  return verdict !== 'ok' && verdict !== 'abstain';
}

function whole(view: View, lang: Lang): Wrong {
  const start = view.text.length - view.text.trimStart().length;
  return { verdict: 'wrong', lang, kind: 'whole', start, end: Math.max(start, view.text.trimEnd().length) };
}

// --- Latin letters --------------------------------------------------------------------------------------------

/** A text in Latin letters only where another script is expected: prose if enough of its words are in lower case. */
function latinOnly(view: View): Verdict {
  const lower = view.words.filter(word => isLower(word));
  // The first word of a sentence is no name for its capital, unless the next has one, too.
  const [first, next] = view.words;
  const opening =
    first?.capital === true && !first.name && next !== undefined && isLower(next) ? first.text.length : 0;
  const letters = lower.reduce((sum, word) => sum + word.text.length, opening);
  const best = bestOf(weigh(view.words, 0, view.words.length, 0), LATIN_WORD_LANGS);
  const words = view.words.length;
  const enough = best ? words >= 3 : letters >= (opening > 0 ? SENTENCE_LETTERS : PROSE_LETTERS);
  const prose = lower.length >= PROSE_WORDS || (lower.length >= LOWER_WORDS && enough);
  if (!prose) return ABSTAIN;
  // Romanised words now and then look like function words of some language; its sentences have many of them.
  const share = best?.lang === 'en' ? NAMING_SHARE.english : NAMING_SHARE.other;
  return whole(view, best && best.only >= share * words ? best.lang : `${view.tag}-Latn`);
}

// --- Words ----------------------------------------------------------------------------------------------------

const LATIN_WORD_LANGS = WORD_LANGS.filter(lang => LANGUAGES.get(lang)?.scripts[0] === 'Latn');

const ALTERNATIVES = new Map<Lang, readonly Lang[]>();
/** The languages of the same script that a text may be in instead of the expected one. */
function alternatives(tag: Lang): readonly Lang[] {
  const known = ALTERNATIVES.get(tag);
  if (known) return known;
  const script = LANGUAGES.get(tag)?.scripts[0];
  const found = [...LANGUAGES].filter(
    ([lang, other]) => lang !== tag && other.offered && other.scripts[0] === script,
  );
  const langs = found.map(([lang]) => lang);
  ALTERNATIVES.set(tag, langs);
  return langs;
}

/** Function words of the expected language that settle the matter, and their lead over any other. */
const ENOUGH_WORDS = 2;
/** Words of another language that settle the matter: so many more, and so many times as many, as of the expected. */
const WINNING_LEAD = 3;
const WINNING_TIMES = 3;
/** A text with fewer words in lower case is a title, a name or a heading, whatever language its small words are of. */
const LOWER_WORDS = 2;

/** `ok`, `abstain`, or the language that it is instead. */
type Judgement = Lang;

/** Judges a range of words: `ok`, `abstain`, or the language they are in instead. */
function judgeWords(view: View, from: number, to: number): Judgement {
  const { words, tag, bit } = view;
  const evidence = weigh(words, from, to, bit);
  const others = alternatives(tag);
  const best = bestOf(evidence, others);
  const bestAll = Math.max(0, ...others.map(lang => evidence.all[WORD_LANGS.indexOf(lang)] ?? 0));
  if (evidence.target >= ENOUGH_WORDS && evidence.target >= bestAll + 2) return 'ok';
  if (evidence.lower < LOWER_WORDS) return 'abstain';
  const wins = best && best.only - best.against >= WINNING_LEAD && best.only >= WINNING_TIMES * best.against;
  const lang = wins ? best.lang : judgeTrigrams(view, from, to, evidence);
  if (lang !== undefined && !isMisspelt(view, from, to, lang)) return lang;
  return evidence.target > 0 ? 'ok' : 'abstain';
}

/** Russian and Ukrainian share many words and trigrams, but Ukrainian has one of these in nearly every sentence. */
const UKRAINIAN_LETTERS = /[іїєґ]/;

/** Whether the letters of the words speak against the language that they are taken for. */
function isMisspelt({ words, tag }: View, from: number, to: number, lang: Lang): boolean {
  if (lang !== 'uk' && tag !== 'uk') return false;
  const isUkrainian = words.slice(from, to).some(({ text }) => UKRAINIAN_LETTERS.test(text));
  return isUkrainian !== (lang === 'uk');
}

/** Steps of certainty: with so many letters and no word of the expected language, franc is believed by this margin. */
const MARGINS: readonly (readonly [letters: number, net: number, margin: number])[] = [
  [12, 1, 0.2],
  [20, 1, 0.05],
  [60, 0, 0.12],
  [30, 0, 0.3],
];

function judgeTrigrams(view: View, from: number, to: number, evidence: Evidence): Lang | undefined {
  if (evidence.letters < MIN_LETTERS_WITHOUT_NAMES) return undefined;
  const scores = francScores(view, from, to);
  const [top] = scores;
  if (!top || top[0] === view.tag) return undefined;
  const candidate = candidateOf(evidence, top[0]);
  const net = candidate.only - candidate.against;
  if (candidate.only >= 2 && net >= 2 && candidate.only >= 2 * candidate.against) return top[0];
  if (candidate.against > 0) return undefined;
  const margin = 1 - (scores.find(([lang]) => lang === view.tag)?.[1] ?? 0);
  return MARGINS.some(([letters, least, by]) => evidence.letters >= letters && net >= least && margin >= by)
    ? top[0]
    : undefined;
}

/** franc's scores of a range of words, best first; 1 is the best. */
function francScores({ words, tag }: View, from: number, to: number): [Lang, number][] {
  const langs = [tag, ...alternatives(tag)];
  const byCode = new Map(langs.map(lang => [LANGUAGES.get(lang)?.franc ?? '', lang]));
  const plain: string[] = [];
  for (let i = from; i < to; i++) {
    const word = words[i];
    if (word && !word.name) plain.push(word.text);
  }
  return francAll(plain.join(' '), { only: [...byCode.keys()], minLength: 1 }).flatMap(([code, score]) => {
    const lang = byCode.get(code);
    return lang === undefined ? [] : [[lang, score] satisfies [Lang, number]];
  });
}

// --- Parts ----------------------------------------------------------------------------------------------------

function part(
  words: readonly Word[],
  from: number,
  to: number,
  lang: Lang,
  start = words[from]?.start ?? 0,
): Wrong {
  return {
    verdict: 'wrong',
    lang,
    kind: 'part',
    start,
    end: words[to - 1]?.end ?? 0,
  };
}

/** Whether a word is one of the expected language and not of English, too. */
function speaksFor(langs: number, bit: number): boolean {
  return (langs & bit) !== 0 && (langs & EN_BIT) === 0;
}

/**
 * The first English among the words: stretches without a word of the expected language, up to the end of a sentence,
 * and the like ones that follow.
 */
function englishPart(view: View): Wrong | undefined {
  const { words, bit, language } = view;
  const latin = isLatin(language);
  let found: Wrong | undefined;
  let from = 0;
  for (let i = 0; i <= words.length; i++) {
    const word = words[i];
    const own = word && (latin ? speaksFor(langsOf(word, bit), bit) : word.text > LAST_LATIN);
    if (word && !own && !word.first) continue;
    if (isEnglish(view, from, i)) found = part(words, from, i, 'en', found?.start);
    else if (found && i - from >= RUN_WORDS) return found;
    if (own && found) return found;
    from = own ? i + 1 : i;
  }
  return found;
}

/** Whether a stretch of words is English: by its function words, or by two of them and franc. */
function isEnglish(view: View, from: number, to: number): boolean {
  const { words, bit } = view;
  if (to - from < RUN_WORDS || isGloss(view, from, to)) return false;
  const english: number[] = [];
  const lower: Word[] = [];
  for (let i = from; i < to; i++) {
    const word = words[i];
    if (!word) continue;
    if (isLower(word)) lower.push(word);
    const langs = langsOf(word, bit);
    if ((langs & EN_BIT) !== 0 && (langs & bit) === 0) english.push(i);
    const first = english.at(-RUN_WORDS);
    if (first !== undefined && i - first < RUN_REACH) return true;
  }
  if (lower.length < RUN_WORDS || plainLetters(lower) < MIN_LETTERS) return false;
  if (!isLatin(view.language)) return english.length > 0 || lower.length >= MIXED_WORDS;
  if (english.length < ENOUGH_WORDS) return false;
  const scores = francScores(view, from, to);
  const margin = 1 - (scores.find(([lang]) => lang === view.tag)?.[1] ?? 0);
  return scores[0]?.[0] === 'en' && margin >= RUN_MARGIN;
}

/** The English of a term, in brackets behind it in another script: that many words. */
const GLOSS_WORDS = 5;

function isGloss({ words, prose, language }: View, from: number, to: number): boolean {
  const start = words[from]?.start ?? 0;
  return (
    !isLatin(language) &&
    to - from <= GLOSS_WORDS &&
    /[(（]["“]?$/.test(prose.slice(Math.max(0, start - 2), start))
  );
}

const SENTENCE = /[^.!?\n。！？]+/g;

function wrongSentence(view: View): Wrong | undefined {
  const { prose, words } = view;
  if (prose.length < MIN_LENGTH_FOR_SENTENCES) return undefined;
  let from = 0;
  for (const match of prose.matchAll(SENTENCE)) {
    const end = match.index + match[0].length;
    let to = from;
    let letters = 0;
    for (let word = words[to]; word && word.start < end; word = words[++to]) letters += word.text.length;
    if (letters >= MIN_LETTERS_OF_SENTENCE) {
      const verdict = judgeWords(view, from, to);
      if (isLang(verdict)) return part(words, from, to, verdict);
    }
    from = to;
  }
  return undefined;
}

// --- Source ---------------------------------------------------------------------------------------------------

/** Whether a verdict about the source rests on more than trigrams: those take a list of English words for Dutch. */
function isForeign(view: View, verdict: Verdict): boolean {
  if (verdict.verdict !== 'wrong') return false;
  const evidence = weigh(view.words, 0, view.words.length, 0);
  return !LATIN_WORD_LANGS.includes(verdict.lang) || candidateOf(evidence, verdict.lang).only > 0;
}
