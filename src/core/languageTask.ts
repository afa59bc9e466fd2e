/** What an instruction says about the languages of its texts: "Translate into French", "Correct the grammar". */
import { LANGUAGES } from './functionWords';
import { baseLanguage } from './languageText';
import type { Lang } from './record';

/** What an instruction says about the languages of its `input` and `output`. */
export interface Task {
  /** Words in another language may belong into the texts. */
  readonly aboutLanguage: boolean;
  readonly translation: boolean;
  /** The language asked for ("… into French"), if one is named. */
  readonly into?: Lang;
  readonly named: ReadonlySet<Lang>;
}

/** How instructions of one language speak about languages. Repetitions are bounded: linear time. */
interface Wording {
  readonly translation: RegExp;
  /** Tasks about language itself. */
  readonly aboutLanguage: RegExp;
  /** What stands before the name of the language that is asked for. */
  readonly into: string;
  /** What the forms of a name begin with, of its name in `Intl.DisplayNames`. */
  readonly stem: (name: string) => string;
  /** All forms of all names, of their stems. */
  readonly names: (stems: string) => string;
  /** Whether words are set apart, on either side. */
  readonly apart: readonly [before: boolean, after: boolean];
  /** Where a language has several names. */
  readonly more: Readonly<Record<string, Lang>>;
}

const same = (text: string) => text;
/** Vowel signs, and letters that Arabic texts spell in several ways. */
const plainArabic = (text: string) => text.replace(/[\u064b-\u0652]/g, '').replace(/[أإآ]/g, 'ا');
/** Short names (`lao`) would become an article. */
const withoutGender = (name: string) => (name.length > 4 ? name.replace(/o$/, '') : name);

const WORDINGS: ReadonlyMap<Lang, Wording> = new Map<Lang, Wording>([
  [
    'en',
    {
      translation: /\btranslat/i,
      aboutLanguage:
        /\b(?:grammar|grammatical|spelling|misspell|spelled|rhym|pronounc|pronunciation|syllable|vowel|anagram|palindrome|homophone|conjugat|acronym|alliterat|irregular verb|cipher|encrypt|pig latin|(?:what|which|identify|detect|determine)\b.{0,30}\blanguage)/i,
      into: String.raw`(?:in|into|to)\s{1,3}(?:the\s{1,3})?`,
      // Capitals tell "Polish" from "polish".
      stem: same,
      names: same,
      apart: [true, true],
      more: { Mandarin: 'zh' },
    },
  ],
  [
    'de',
    {
      translation: /übersetz/i,
      aboutLanguage:
        /grammati|rechtschreib|buchstabier|\breim|aussprache|ausgesprochen|\bsilben?\b|\bvokal|anagramm|palindrom|homophon|konjug|akronym|alliterat|\bchiffr|verschlüssel|\bwelche[rn]? sprache/i,
      into: String.raw`(?:ins|auf|zu|in(?:\s(?:die|der))?)\s{1,3}`,
      stem: name => name.toLowerCase().replace(/ \(.*/, ''),
      // "ins Französische", but not "im französischen Restaurant".
      names: stems =>
        `(?:${stems.replace(/(?<=^|\|)./g, first => first.toUpperCase())})(?:en?)?|(?:${stems})e[nr]?(?=\\sSprache)`,
      apart: [true, true],
      more: {},
    },
  ],
  [
    'it',
    {
      translation: /\b(?:tradu[crz]|tradott)/i,
      aboutLanguage:
        /grammatic|ortografi|\brim[ae]\b|\brimare\b|pronunci|sillab|\bvocali\b|anagramm|palindrom|omofon|coniug|acronim|allitter|\bcifrari|crittogra|\b(?:che|quale) lingua/i,
      into: String.raw`(?:all['’]|nell['’]|(?:in|al|nel|(?:in|alla|nella)\slingua)\s{1,3})`,
      stem: withoutGender,
      names: stems => `(?:${stems})[oa]?`,
      apart: [true, true],
      more: { neerlandese: 'nl' },
    },
  ],
  [
    'es',
    {
      translation: /\btrad[uú][cjz]/i,
      aboutLanguage:
        /gram[aá]tic|ortogr[aá]f|\brima|pronunci|s[ií]laba|\bvocales\b|anagrama|pal[ií]ndrom|hom[oó]fon|conjug|acr[oó]nim|aliterac|\bcifrad|encript|\b(?:qué|cuál|identifi|detect).{0,30}\bidioma/i,
      into: String.raw`(?:al|a|en|(?:a\sla|en|en\sla)\slengua|(?:al|en|en\sel)\sidioma)\s{1,3}`,
      stem: withoutGender,
      names: stems => `(?:${stems})[oa]?`,
      apart: [true, true],
      more: { holandés: 'nl', castellano: 'es' },
    },
  ],
  [
    'zh',
    {
      translation: /翻译|翻譯|译[成为]|譯[成為]/,
      aboutLanguage:
        /语法|語法|文法|拼写|拼寫|错别字|錯別字|押韵|押韻|发音|發音|读音|音节|音節|元音|字谜|回文|同音|缩写|縮寫|头韵|变位|凯撒密码|加密|(?:什么|哪种|哪一种|识别|检测|判断).{0,20}语言/,
      // Not 成 or 为 alone: 成为英语老师 is to become a teacher of English.
      into: '(?:[译譯翻写寫转轉换換]成|译为|譯為|[到用以至])\\s?',
      stem: name => name.replace(/[语文]$/, ''),
      names: stems => `(?:${stems})[语語文]`,
      apart: [false, false],
      more: { 汉语: 'zh' },
    },
  ],
  [
    'ar',
    {
      translation: /ترجم/,
      aboutLanguage:
        /(?:^|\s)[بل]?(?:ال)?(?:قواعد اللغة|نحو\s|نحوي|إملا|تهجئة|قافية|نطق|مقاطع|جناس|تشفير|(?:ما|أي|حدد)\s.{0,20}لغة)/,
      into: String.raw`(?:(?:الى|في)\s{1,3}|ب)(?:اللغة\s{1,3})?|للغة\s{1,3}`,
      stem: name => plainArabic(name).replace(/ .*/, ''),
      names: same,
      apart: [false, true],
      more: {},
    },
  ],
]);

/** Languages that tasks name besides the ones that are judged: what is in them is abstained from. */
const OTHER_LANGUAGES =
  'af am az be bg bs ca cy da eo et eu fa ga gl gu haw hr hy is ka kk km kn la lo lt lv mi mk ml mn mr ms mt my ne no pa ps sa si sk sl so sq sr sw te tl ur uz yi zu';

/** Finds names of languages in texts of one language. */
interface Names {
  /** Its first group is there where the language is asked for, its second is the name. */
  readonly pattern: RegExp;
  /** The longest stem comes first. */
  readonly stems: readonly (readonly [stem: string, lang: Lang])[];
}

const NAMES = new Map<Lang, Names>();

function namesIn(lang: Lang, { into, stem, names, apart, more }: Wording): Names {
  const known = NAMES.get(lang);
  if (known) return known;
  const display = new Intl.DisplayNames([lang], { type: 'language' });
  const tags = [...LANGUAGES.keys(), ...OTHER_LANGUAGES.split(' ')];
  const stems = new Map(tags.map(tag => [stem(display.of(tag) ?? tag), tag]));
  for (const [name, tag] of Object.entries(more)) stems.set(stem(name), tag);
  const sorted = [...stems].sort(([a], [b]) => b.length - a.length);
  const [before, after] = apart;
  const found = {
    pattern: new RegExp(
      `${before ? '(?<!\\p{L})' : ''}(${into})?(${names(sorted.map(([name]) => name).join('|'))})${after ? '(?!\\p{L})' : ''}`,
      'gu',
    ),
    stems: sorted,
  };
  NAMES.set(lang, found);
  return found;
}

/** Whether instructions in a language can be read. */
export function canReadTask(lang: Lang): boolean {
  return WORDINGS.has(baseLanguage(lang));
}

/**
 * Reads an instruction. Linear in its length.
 * @param lang the language it is in; of one that is not known nothing is read
 */
export function readTask(instruction: string, lang: Lang = 'en'): Task {
  const tag = baseLanguage(lang);
  const wording = WORDINGS.get(tag);
  const named = new Set<Lang>();
  if (!wording) return { aboutLanguage: false, translation: false, named };
  const { pattern, stems } = namesIn(tag, wording);
  let into: Lang | undefined;
  const text = tag === 'ar' ? plainArabic(instruction) : instruction;
  // `matchAll` would make a copy of the pattern for each instruction.
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [, asked, name = ''] = match as (string | undefined)[];
    const spelled = tag === 'en' ? name : name.toLowerCase();
    const found = stems.find(([stem]) => spelled.startsWith(stem))?.[1];
    if (found === undefined) continue;
    named.add(found);
    if (asked !== undefined) into = found;
  }
  const translation = wording.translation.test(instruction);
  const aboutLanguage = translation || into !== undefined || wording.aboutLanguage.test(instruction);
  return { aboutLanguage, translation, named, ...(into !== undefined && { into }) };
}
