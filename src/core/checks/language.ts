/**
 * The check that every target field is in the target language, and what tasks about language make of it.
 */
import type { Check, CheckedUnit, CheckInput, Hit, Severity } from '../check';
import { LANGUAGES } from '../functionWords';
import { judge, type Wrong } from '../languageJudge';
import { baseLanguage } from '../languageText';
import { say } from '../messages';
import type { Field, Lang } from '../record';

/** Tasks about language itself, where words in another language belong into `input` and `output`. */
const LANGUAGE_TASK =
  /\b(?:translat|grammar|grammatical|spelling|misspell|spelled|rhym|pronounc|pronunciation|syllable|vowel|anagram|palindrome|homophone|conjugat|acronym|alliterat|irregular verb|cipher|encrypt|pig latin|(?:what|which|identify|detect|determine)\b.{0,30}\blanguage)/i;
const TRANSLATION = /\btranslat/i;
/** Languages that tasks name besides the ones judged here: what is in them is abstained from. */
const OTHER_LANGUAGES =
  'af am az be bg bs ca cy da eo et eu fa ga gl gu haw hr hy is ka kk km kn la lo lt lv mi mk ml mn mr ms mt my ne no pa ps sa si sk sl so sq sr sw te tl ur uz yi zu';
/** English name of a language → tag, as in "translate into Spanish". */
const LANGUAGE_NAMES: ReadonlyMap<string, Lang> = languageNames();
const NAMED_LANGUAGE = new RegExp(
  `\\b(?:(in|into|to)\\s+(?:the\\s+)?)?(${[...LANGUAGE_NAMES.keys()].join('|')})\\b`,
  'g',
);

function languageNames(): Map<string, Lang> {
  const names = new Intl.DisplayNames(['en'], { type: 'language' });
  const found = new Map<string, Lang>([['Mandarin', 'zh']]);
  for (const tag of [...LANGUAGES.keys(), ...OTHER_LANGUAGES.split(' ')])
    found.set(names.of(tag) ?? tag, tag);
  return found;
}

/** What an instruction says about the languages of its `input` and `output`. */
interface Task {
  readonly aboutLanguage: boolean;
  readonly translation: boolean;
  /** The language asked for ("… into French"), if one is named. */
  readonly into?: Lang;
  readonly named: ReadonlySet<Lang>;
}

/** Reads an English instruction. Linear: the patterns are bounded. */
function readTask(instruction: string): Task {
  const named = new Set<Lang>();
  let into: Lang | undefined;
  for (const [, preposition, name = ''] of instruction.matchAll(NAMED_LANGUAGE)) {
    const lang = LANGUAGE_NAMES.get(name) ?? '';
    named.add(lang);
    if (preposition !== undefined) into = lang;
  }
  const translation = TRANSLATION.test(instruction);
  const aboutLanguage = translation || into !== undefined || LANGUAGE_TASK.test(instruction);
  return { aboutLanguage, translation, named, ...(into !== undefined && { into }) };
}

/** What is wrong with the language of a field, and by which of the checks that is reported. */
interface LanguageHit extends Hit {
  readonly check: LanguageCheck;
}

const IDS = [
  'language-wrong',
  'language-source',
  'language-copied',
  'language-mixed',
  'language-romanised',
] as const;
type LanguageCheck = (typeof IDS)[number];

/**
 * Target fields that are not in the target language: in another one, left in that of the source, copied from the source,
 * mixed (a part only), or in Latin letters. A field is judged on its own, since over a whole record a field left in the
 * source language drowns in the others. Notes only where the task is about language, so that foreign words may be what was
 * asked for.
 */
export const LANGUAGE_CHECKS: readonly Check[] = IDS.map(id => ({
  id,
  title: `check.${id}`,
  severity: 'warning',
  needs: [],
  run: unit => unit.once(languageHits).flatMap(({ check, ...hit }) => (check === id ? hit : [])),
}));

function languageHits({ input }: CheckedUnit): readonly LanguageHit[] {
  // Tasks are recognised in English, so on the side that is English; the source unless only the target is.
  const toEnglish = baseLanguage(input.targetLang) === 'en' && baseLanguage(input.sourceLang) !== 'en';
  const side = toEnglish ? input.target : input.source;
  const task = readTask(side.find(field => field.name === 'instruction')?.text ?? '');
  return input.target.flatMap((field, index) => {
    const source = input.source[index];
    const expected = expectedLanguage(input, task, field, source);
    if (expected === undefined) return [];
    const verdict = judge(field.text, {
      expected,
      sourceLang: input.sourceLang,
      ...(source && expected === input.targetLang && { source: source.text }),
    });
    if (verdict.verdict !== 'wrong') return [];
    return [hitOf(input, task, field, verdict, expected)];
  });
}

/** The language a field should be in; undefined where that cannot be said. */
function expectedLanguage(
  input: CheckInput,
  task: Task,
  field: Field,
  source: Field | undefined,
): Lang | undefined {
  const { into } = task;
  if (field.name !== 'output' || into === undefined) return input.targetLang;
  const [target, origin] = [baseLanguage(input.targetLang), baseLanguage(input.sourceLang)];
  if (into === target) return input.targetLang;
  // "Into English" of an English original may rightly become "into Chinese", or stay as it is.
  const kept = judge(field.text, { expected: into }).verdict !== 'wrong';
  if (!LANGUAGES.has(into) || into === origin || kept) return undefined;
  // The answer was in that language and is no longer: the translator has translated it too.
  return task.translation && source && judge(source.text, { expected: into }).verdict === 'ok'
    ? into
    : undefined;
}

function hitOf(input: CheckInput, task: Task, field: Field, verdict: Wrong, expected: Lang): LanguageHit {
  const { lang, kind, start, end } = verdict;
  const check = checkOf(verdict, input.sourceLang);
  const asked = expected !== input.targetLang;
  const foreignBelongs =
    field.name === 'instruction'
      ? task.aboutLanguage && kind === 'part'
      : task.aboutLanguage || task.named.has(lang);
  const severity: Severity = foreignBelongs && !asked ? 'info' : 'warning';
  return { check, severity, field: field.name, start, end, message: say(MESSAGE_OF[check], lang, expected) };
}

const MESSAGE_OF = {
  'language-wrong': 'language.wrong',
  'language-source': 'language.source',
  'language-copied': 'language.copied',
  'language-mixed': 'language.mixed',
  'language-romanised': 'language.romanised',
} as const;

function checkOf({ lang, kind }: Wrong, sourceLang: Lang): LanguageCheck {
  if (kind === 'copy') return 'language-copied';
  if (kind === 'part') return 'language-mixed';
  if (lang.endsWith('-Latn')) return 'language-romanised';
  return lang === baseLanguage(sourceLang) ? 'language-source' : 'language-wrong';
}
