/**
 * The check that every target field is in the target language, and what tasks about language make of it.
 */
import type { Check, CheckedUnit, CheckInput, FieldPair, Hit, Severity } from '../check';
import { LANGUAGES } from '../functionWords';
import { judge, type Wrong } from '../languageJudge';
import { canReadTask, readTask, type Task } from '../languageTask';
import { baseLanguage } from '../languageText';
import { say } from '../messages';
import type { Field, Lang } from '../record';

export { readTask, type Task } from '../languageTask';

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
  run: unit => {
    const hits = unit.once(languageHits);
    return hits.length === 0 ? [] : hits.flatMap(({ check, ...hit }) => (check === id ? hit : []));
  },
}));

const instructionOf = (fields: readonly Field[]) =>
  fields.find(({ name }) => name === 'instruction')?.text ?? '';

/** What the instruction asks, of the source, or else of the target; nothing where neither can be read. */
export function taskOf({ input }: CheckedUnit): Task {
  const source = instructionOf(input.source);
  return source.trim() !== '' && canReadTask(input.sourceLang)
    ? readTask(source, input.sourceLang)
    : readTask(instructionOf(input.target), input.targetLang);
}

function languageHits(unit: CheckedUnit): readonly LanguageHit[] {
  const { input, pairs, long } = unit;
  const task = unit.once(taskOf);
  // Of a long field the beginning is judged.
  return [...pairs, ...long].flatMap(pair => {
    const expected = expectedLanguage(input, task, pair);
    if (expected === undefined) return [];
    const verdict = judge(pair.target, {
      expected,
      sourceLang: input.sourceLang,
      ...(expected === input.targetLang && { source: pair.source }),
    });
    return verdict.verdict === 'wrong' ? [hitOf(input, task, pair, verdict, expected)] : [];
  });
}

/** The language a field should be in; undefined where that cannot be said. */
function expectedLanguage(
  input: CheckInput,
  { into, translation }: Task,
  { name, source, target }: FieldPair,
): Lang | undefined {
  if (name !== 'output' || into === undefined || into === baseLanguage(input.targetLang))
    return input.targetLang;
  // "Into English" of an English original may rightly become "into Chinese", or stay as it is.
  const kept = judge(target, { expected: into }).verdict !== 'wrong';
  if (!LANGUAGES.has(into) || into === baseLanguage(input.sourceLang) || kept) return undefined;
  // The instruction was changed with the answer, to ask for the target language.
  const instead = readTask(instructionOf(input.target), input.targetLang).into;
  if (instead === baseLanguage(input.targetLang)) return input.targetLang;
  // The answer was in that language and is no longer: the translator has translated it too.
  return translation && judge(source, { expected: into }).verdict === 'ok' ? into : undefined;
}

function hitOf(
  input: CheckInput,
  task: Task,
  { name }: FieldPair,
  verdict: Wrong,
  expected: Lang,
): LanguageHit {
  const { lang, kind, start, end } = verdict;
  const check = checkOf(verdict, input.sourceLang);
  const asked = expected !== input.targetLang;
  const foreignBelongs =
    name === 'instruction'
      ? task.aboutLanguage && kind === 'part'
      : task.aboutLanguage || task.named.has(lang);
  const severity: Severity = foreignBelongs && !asked ? 'info' : 'warning';
  return { check, severity, field: name, start, end, message: say(MESSAGE_OF[check], lang, expected) };
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
