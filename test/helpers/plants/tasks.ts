/** Answers that no longer fit their task, put into right translations. */
import type { CheckInput } from '../../../src/core/check';
import { readAnswer, readOptions } from '../../../src/core/checks/choices';
import type { Field } from '../../../src/core/record';
import type { Plant } from '../plant';

const textOf = (fields: readonly Field[], name: string) =>
  fields.find(field => field.name === name)?.text ?? '';

const withTarget = (unit: CheckInput, name: string, text: string): CheckInput => ({
  ...unit,
  target: unit.target.map(field => (field.name === name ? { name, text } : field)),
});

/** A task of its own in place of the unit’s, since tasks of one kind are rare among others. */
function unitOf(unit: CheckInput, source: readonly string[], target: readonly string[]): CheckInput {
  const names = ['instruction', 'input', 'output'];
  const fields = (texts: readonly string[]) =>
    names.map((name, index) => ({ name, text: texts[index] ?? '' }));
  return { ...unit, source: fields(source), target: fields(target) };
}

const ASKED = {
  de: ['Übersetze den folgenden Satz ins Französische.', 'ins Spanische'],
  it: ['Traduci la frase seguente in francese.', 'in spagnolo'],
  es: ['Traduce la siguiente frase al francés.', 'al italiano'],
  zh: ['将下面的句子翻译成法语。', '翻译成西班牙语'],
  ar: ['ترجم الجملة التالية إلى الفرنسية.', 'إلى الإسبانية'],
} as const;
const INTO = {
  de: 'ins Französische',
  it: 'in francese',
  es: 'al francés',
  zh: '翻译成法语',
  ar: 'إلى الفرنسية',
};
const CHOICE = {
  de: 'Wähle die richtige Antwort.',
  it: 'Scegli la risposta giusta.',
  es: 'Elige la respuesta correcta.',
  zh: '选择正确的答案。',
  ar: 'اختر الإجابة الصحيحة.',
} as const;
const LABELLED = {
  de: ['Ist die Rückmeldung positiv oder negativ?', 'Gut'],
  it: ['Il commento è positivo o negativo?', 'Buono'],
  es: ['¿El comentario es positivo o negativo?', 'Bueno'],
  zh: ['这条评论是正面的还是负面的？', '阳性'],
  ar: ['هل التعليق إيجابي أم سلبي؟', 'جيد'],
} as const;

const own = <T>(table: Readonly<Record<string, T>>, { targetLang }: CheckInput): T | undefined =>
  table[targetLang.split('-')[0]!];

/** A short target sentence, so that it may stand for what is translated. */
function sentence({ source, target, sourceLang }: CheckInput): readonly [string, string] | undefined {
  if (sourceLang !== 'en') return undefined;
  for (const [index, { text }] of target.entries()) {
    const original = source[index]?.text ?? '';
    const isShort = text.length > 12 && text.length < 200 && !/["“”„«»「」:：\n]/.test(text + original);
    if (isShort && original !== text) return [original, text];
  }
  return undefined;
}

export const PLANTS: readonly Plant[] = [
  {
    check: 'translation-direction',
    kind: 'another language',
    plant: unit => {
      const [pair, asked] = [sentence(unit), own(ASKED, unit)];
      if (!pair || !asked) return undefined;
      const [original, text] = pair;
      const instruction = asked[0].replace(own(INTO, unit)!, asked[1]);
      const answer = 'Le chat dort sur la chaise.';
      return unitOf(
        unit,
        ['Translate the following sentence into French.', original, answer],
        [instruction, text, answer],
      );
    },
  },
  {
    check: 'translation-direction',
    kind: 'not translated',
    plant: unit => {
      const [pair, asked] = [sentence(unit), own(ASKED, unit)];
      if (!pair || !asked) return undefined;
      const [original, text] = pair;
      return unitOf(
        unit,
        ['Translate the following sentence into French.', original, 'Le chat dort sur la chaise.'],
        [asked[0], text, text],
      );
    },
  },
  {
    check: 'answer-letter',
    kind: 'another letter',
    plant: (unit, random) => {
      const [pair, choice] = [sentence(unit), own(CHOICE, unit)];
      if (!pair || !choice) return undefined;
      const letters = ['A', 'B', 'C'];
      const options = (text: string) => letters.map(letter => `${letter}) ${text}`).join('\n');
      const right = Math.floor(random() * letters.length);
      return unitOf(
        unit,
        ['Choose the right answer.', options(pair[0]), letters[right]!],
        [choice, options(pair[1]), letters[(right + 1) % letters.length]!],
      );
    },
  },
  {
    check: 'answer-letter',
    kind: 'letter of a real task',
    plant: unit => {
      const text = `${textOf(unit.target, 'instruction')}\n${textOf(unit.target, 'input')}`;
      const source = `${textOf(unit.source, 'instruction')}\n${textOf(unit.source, 'input')}`;
      const output = textOf(unit.target, 'output');
      const answer = readAnswer(output);
      if (!answer || !readAnswer(textOf(unit.source, 'output'))) return undefined;
      if (!readOptions(text) || !readOptions(source)) return undefined;
      const other = answer.letter === 'A' ? 'B' : 'A';
      return withTarget(unit, 'output', output.slice(0, answer.start) + other + output.slice(answer.end));
    },
  },
  {
    check: 'labels',
    kind: 'another word',
    plant: unit => {
      const [pair, labelled] = [sentence(unit), own(LABELLED, unit)];
      if (!pair || !labelled) return undefined;
      const [question, wrong] = labelled;
      const letters = /好|阳|性/;
      if (letters.test(pair[1]) || pair[1].toLowerCase().includes(wrong.toLowerCase().slice(0, 3)))
        return undefined;
      return unitOf(
        unit,
        ['Is the comment positive or negative?', pair[0], 'Positive'],
        [question, pair[1], wrong],
      );
    },
  },
];
