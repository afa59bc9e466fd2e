/**
 * Tasks whose texts cannot simply be translated: a translation, the correction of a mistake, a rhyme. The rules follow those by
 * which Alpaca was translated into French (Vigogne) and Dutch (alpaca-cleaned-dutch).
 */
import { baseLanguage } from './languageText';
import { readTask } from './languageTask';
import { say, type Said } from './messages';
import type { Field, Lang } from './record';

export type TaskKind = 'translation' | 'correction' | 'form';

/** How instructions of one language ask for a correction, or for what depends on sounds and letters. Bounded: linear time. */
interface Wording {
  readonly correction: RegExp;
  readonly form: RegExp;
}

const WORDINGS: ReadonlyMap<Lang, Wording> = new Map<Lang, Wording>([
  [
    'en',
    {
      correction: /\b(?:grammar|grammatical(?:ly)?|spelling|misspell\w*|typos?|punctuat\w+|proofread)\b/i,
      form: /\b(?:rhym\w+|syllables?|haikus?|limericks?|acrostic|anagrams?|palindromes?|alliterat\w+|homophones?|homonyms?|puns?|wordplay|word play|tongue.twisters?|pig latin|spoonerism|acronyms?|crossword|(?:un)?scrambl\w+|backwards?|alphabetical(?:ly)?|portmanteau|how many (?:letters|vowels|consonants|words)|revers\w+ (?:the |this |a |order of |given |following |string|words?|letters?|sentence){1,4}|(?:starts?|begin\w*|ends?) with the letter)\b/i,
    },
  ],
  [
    'de',
    {
      correction: /grammati|rechtschreib|tippfehler|zeichensetzung/i,
      form: /\breim|\bgereimt|\bsilben?\b|haiku|limerick|anagramm|palindrom|alliterat|homophon|wortspiel|zungenbrecher|akronym|kreuzworträtsel|rückwärts|alphabetisch/i,
    },
  ],
  [
    'it',
    {
      correction: /grammatic|ortograf|refus[oi]\b|punteggiatura/i,
      form: /\brim[ae]\b|\brimare\b|sillab|haiku|limerick|anagramm|palindrom|allitteraz|omofon|gioc\w{1,2} di parole|scioglilingua|acronim|cruciverba|al contrario|alfabetico/i,
    },
  ],
  [
    'es',
    {
      correction: /gram[aá]tic|ortogr[aá]f|errata|puntuaci[oó]n/i,
      form: /\brima|s[ií]laba|haiku|limerick|anagrama|pal[ií]ndrom|aliterac|hom[oó]fon|juegos? de palabras|trabalenguas|acr[oó]nim|crucigrama|al revés|alfabétic/i,
    },
  ],
  [
    'zh',
    {
      correction: /语法|語法|文法|拼写|拼寫|错别字|錯別字|病句|标点|標點/,
      form: /押韵|押韻|音节|音節|俳句|字谜|字謎|回文|头韵|頭韻|同音|双关|雙關|绕口令|繞口令|缩写词|縮寫詞|倒序|首字母/,
    },
  ],
  [
    'ar',
    {
      correction: /قواعد اللغة|نحوي|إملا|املا|علامات الترقيم/,
      form: /قافية|مقاطع لفظية|هايكو|جناس|سجع|عكس (?:ترتيب|حروف|كلمات)|أبجدي|ابجدي/,
    },
  ],
]);

/** What kind of task a record is, by its instruction; undefined for one that can be translated, and where it cannot be read. */
export function taskOf(source: readonly Field[], sourceLang: Lang): TaskKind | undefined {
  const instruction = source.find(({ name }) => name === 'instruction')?.text;
  if (instruction === undefined) return undefined;
  if (readTask(instruction, sourceLang).translation) return 'translation';
  const wording = WORDINGS.get(baseLanguage(sourceLang));
  if (wording?.correction.test(instruction)) return 'correction';
  return wording?.form.test(instruction) ? 'form' : undefined;
}

/** What the model is told about such a task. */
export function taskRule(kind: TaskKind, language: string): string {
  switch (kind) {
    case 'translation':
      return `This record asks for a translation. Translate only its "instruction", with the names of the languages in it as they are meant. Copy the text that is to be translated, and its translation, as they are: they stay in their languages.`;
    case 'correction':
      return `This record is about mistakes of language. Where a text has a mistake on purpose, make a similar mistake in ${language}, and correct that one in the answer.`;
    case 'form':
      return `This record is about sounds, letters or words. Write its "output" anew in ${language} so that it does what the instruction asks (rhyme, order of letters, number of syllables), instead of translating it.`;
  }
}

const NOTES = {
  translation: 'prompt.taskTranslation',
  correction: 'prompt.taskCorrection',
  form: 'prompt.taskForm',
} as const;

/** What the reviewer is told about it. */
export function taskNote(kind: TaskKind): Said {
  return say(NOTES[kind]);
}
