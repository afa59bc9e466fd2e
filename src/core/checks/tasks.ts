/** What the task asks of its answer: the direction of a translation, the letters and labels of a choice. */
import type { Check, CheckedUnit, FieldPair, Hit } from '../check';
import { LANGUAGES } from '../functionWords';
import { judge } from '../languageJudge';
import { canReadTask, readTask, type Task } from '../languageTask';
import { baseLanguage, blankQuoted, countLetters } from '../languageText';
import { say } from '../messages';
import type { Lang } from '../record';
import { indexIn, letterOf, readAnswer, readOptions, type Options } from './choices';
import { LABELS } from './labels';
import { LANGUAGE_CHECKS, taskOf } from './language';

/** The fields of a demonstration; undefined for other units. */
interface Demonstration {
  readonly instruction: FieldPair;
  readonly input: FieldPair | undefined;
  readonly output: FieldPair;
}

function demonstrationOf(unit: CheckedUnit): Demonstration | undefined {
  const named = (name: string) => unit.pairs.find(pair => pair.name === name);
  const [instruction, input, output] = [named('instruction'), named('input'), named('output')];
  return instruction && output && { instruction, input, output };
}

const TRANSLATION_DIRECTION: Check = {
  id: 'translation-direction',
  title: 'check.translation-direction',
  severity: 'warning',
  needs: ['source'],
  run: unit => {
    const { sourceLang, targetLang } = unit.input;
    const demonstration = demonstrationOf(unit);
    if (!demonstration || !canReadTask(sourceLang)) return [];
    const { instruction, output } = demonstration;
    if (instruction.target.trim() === '') return [];
    if (instruction.source.trim() === '') return [];
    // That of the source, since it is not empty.
    const task = unit.once(taskOf);
    if (!task.translation) return [];
    const mine = canReadTask(targetLang) ? readTask(instruction.target, targetLang) : undefined;
    const asked = task.into ?? (task.named.size === 1 ? [...task.named][0] : undefined);
    const hits = [
      mine && asked !== undefined ? instructionHit(unit, instruction, task, mine, asked) : undefined,
      echoHit(demonstration) ?? languageHit(unit, output, mine?.into ?? asked),
    ];
    return hits.filter(hit => hit !== undefined);
  },
};

/** The instruction of the target asks for another language than that of the source, or for none at all. */
function instructionHit(
  { input: { sourceLang, targetLang } }: CheckedUnit,
  { name: field, target }: FieldPair,
  task: Task,
  mine: Task,
  asked: Lang,
): Hit | undefined {
  if (mine.named.size === 0 && !mine.translation)
    return { field, start: 0, end: target.length, message: say('tasks.noTranslation') };
  // “Into English” of an English original may rightly become “into German”.
  if (asked === baseLanguage(sourceLang) || mine.named.has(asked)) return undefined;
  const other = mine.into ?? [...mine.named].find(lang => !task.named.has(lang));
  if (other === undefined) return undefined;
  return {
    field,
    ...placeOf(target, new Intl.DisplayNames([targetLang], { type: 'language' }).of(other) ?? other),
    message: say('language.askedOther', other, asked),
  };
}

/** Letters that the forms of a name share, at least. */
const MIN_NAME = 2;

/** Where a name stands in a text, whatever its ending is; else all of the text. */
function placeOf(text: string, name: string): { readonly start: number; readonly end: number } {
  const [lower, wanted] = [text.toLowerCase(), name.toLowerCase()];
  // Some letters are longer in lower case, and all that follows them stands elsewhere.
  for (let length = wanted.length; length >= MIN_NAME && lower.length === text.length; length--) {
    const start = lower.indexOf(wanted.slice(0, length));
    if (start < 0) continue;
    const rest = /^[\p{Ll}\p{M}]{0,20}/u.exec(text.slice(start + length, start + length + 20))?.[0] ?? '';
    return { start, end: start + length + rest.length };
  }
  return { start: 0, end: text.length };
}

/** Fewer letters are the same in many languages. */
const MIN_ECHO = 4;

/** The answer is the very text that was to be translated, and in the source it is not. */
function echoHit({ instruction, input, output }: Demonstration): Hit | undefined {
  const said = plain(output.target);
  const { total, byScript } = countLetters(said);
  const isDense = (byScript.get('Hani') ?? 0) + (byScript.get('Kana') ?? 0) > total / 2;
  if (total < (isDense ? MIN_ECHO / 2 : MIN_ECHO)) return undefined;
  const texts = (side: 'source' | 'target') => [
    ...(input ? [input[side]] : []),
    ...(instruction[side].match(/["“„«「『]([^"”“»」』\n]{2,300})["”“»」』]/g) ?? []),
    ...instruction[side].split(/[:：]\s/).slice(1, 2),
  ];
  if (!texts('target').some(text => plain(text) === said)) return undefined;
  const original = plain(output.source);
  if (original === said || texts('source').some(text => plain(text) === original)) return undefined;
  return { field: output.name, start: 0, end: output.target.length, message: say('tasks.echo') };
}

/** Letters and digits alone, of a text that is not long. */
const plain = (text: string) =>
  text
    .slice(0, 2000)
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();

/** Says about the answer, rather than is the answer: that is in the language of the rest. */
const ABOUT_ANSWER = /["“”«»()]|\b(?:means?|translat\w*|in (?:English|the)|phrase|sentence is|word)\b/i;
const OWN_SHARE = 0.6;

/** The answer is in the target language, though another one is asked for. */
function languageHit(unit: CheckedUnit, output: FieldPair, wanted: Lang | undefined): Hit | undefined {
  const { name: field, source, target } = output;
  const [own, origin] = [baseLanguage(unit.input.targetLang), baseLanguage(unit.input.sourceLang)];
  if (wanted === undefined || wanted === own || output.isCode || ABOUT_ANSWER.test(source)) return undefined;
  if (wanted !== origin && judge(source, { expected: wanted }).verdict === 'wrong') return undefined;
  const [script, wantedScript] = [own, wanted].map(lang => LANGUAGES.get(lang)?.scripts[0]);
  if (script === undefined || wantedScript === undefined) return undefined;
  if (script === wantedScript || (own === 'ja' && wanted === 'zh') || (own === 'zh' && wanted === 'ja')) {
    const verdict = judge(target, { expected: wanted });
    if (verdict.verdict !== 'wrong' || verdict.kind === 'part' || verdict.lang !== own) return undefined;
  } else {
    const { total, byScript } = countLetters(blankQuoted(target));
    if (total < MIN_NAME || (byScript.get(script) ?? 0) < OWN_SHARE * total) return undefined;
  }
  // Said once is enough.
  const isSaid = LANGUAGE_CHECKS.some(check => check.run(unit).some(hit => hit.field === field));
  if (isSaid) return undefined;
  return { field, start: 0, end: target.length, message: say('language.answer', own, wanted) };
}

const ANSWER_LETTER: Check = {
  id: 'answer-letter',
  title: 'check.answer-letter',
  severity: 'warning',
  needs: ['source'],
  run: unit => {
    const demonstration = demonstrationOf(unit);
    return demonstration ? answerHits(demonstration) : [];
  },
};

function answerHits({ instruction, input, output }: Demonstration): Hit[] {
  const answer = readAnswer(output.source);
  if (!answer || output.target.trim() === '') return [];
  const fields = input ? [instruction, input] : [instruction];
  const options = readOptions(fields.map(({ source }) => source).join('\n'));
  if (!options) return [];
  const index = indexIn(options.alphabet, answer.letter);
  if (index < 0 || index >= options.count) return [];
  const mine = readOptions(fields.map(({ target }) => target).join('\n'));
  if (!mine) return lostOptions(fields);
  return answerHit(output, mine, index);
}

/** The options are there, and their letters are not. */
function lostOptions(fields: readonly FieldPair[]): Hit[] {
  const pair = fields.find(({ source }) => readOptions(source) !== undefined);
  // A field that was lost altogether is another matter.
  if (!pair || pair.target.trim() === '') return [];
  const end = pair.target.length;
  return [{ field: pair.name, start: end, end, message: say('tasks.optionsLost') }];
}

/** Of letters that look the same, as Latin and Cyrillic A do, nobody can say which one it is. */
const LOOK_ALIKE = new Map(
  Array.from('АВЕаеΑΒΕ', (letter, index) => [letter, 'ABEaeABE'.charAt(index)] as const),
);
const look = (letter: string) => (LOOK_ALIKE.get(letter) ?? letter).toLowerCase();

function answerHit({ name: field, source, target }: FieldPair, mine: Options, index: number): Hit[] {
  const wanted = letterOf(mine.alphabet, index);
  if (wanted === undefined || index >= mine.count) return [];
  const given = readAnswer(target);
  if (given && look(given.letter) === look(wanted)) return [];
  if (given) {
    const { start, end, letter } = given;
    const fix = { start, end, text: wanted };
    return [{ field, start, end, message: say('tasks.otherLetter', letter, wanted), fix }];
  }
  // A letter somewhere in a sentence is an answer, too.
  if (new RegExp(`(?<!\\p{L})${wanted}(?!\\p{L})`, 'iu').test(target)) return [];
  const isAlone = (readAnswer(source)?.end ?? 0) >= source.trimEnd().replace(/[).\s]+$/, '').length;
  const start = isAlone ? 0 : target.length - target.trimStart().length;
  const end = isAlone ? target.length : start;
  return [{ field, start, end, message: say('tasks.letterLost', wanted) }];
}

export const TASK_CHECKS: readonly Check[] = [TRANSLATION_DIRECTION, ANSWER_LETTER, LABELS];
