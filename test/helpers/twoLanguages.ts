/** Invented parallel text: two languages with a word for each word, and numbers and names that stay as they are. */
import type { Field } from '../../src/core/record';
import { alpaca } from './builders';

/** Numbers from 0 up to, without, 1; the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [copy[last], copy[other]] = [copy[other]!, copy[last]!];
  }
  return copy;
}

const SYLLABLES = {
  a: ['ba', 'do', 'ke', 'li', 'mu', 'na', 'po', 'ri', 'su', 'ta'],
  b: ['жа', 'цо', 'фе', 'щи', 'бу', 'ыр', 'гэ', 'хю', 'яп', 'вд'],
};

/** Word number `index` of a language. */
function word(index: number, language: 'a' | 'b'): string {
  return Array.from(String(index * 7919 + 1234), digit => SYLLABLES[language][Number(digit)]).join('');
}

/** @returns rows in both languages; the longer the vocabulary is used, the rarer its words */
export function parallelRows(count: number, seed: number): { source: Field[][]; target: Field[][] } {
  const random = randomOf(seed);
  const sentence = (length: number) =>
    Array.from({ length }, () =>
      random() < 0.12 ? String(Math.floor(random() * 3000)) : Math.floor(2000 * random() ** 2),
    );
  const say = (items: readonly (string | number)[], language: 'a' | 'b') =>
    items
      .map(item => (typeof item === 'string' ? item : word(item + (seed % 89) * 5000, language)))
      .join(' ');
  const source: Field[][] = [];
  const target: Field[][] = [];
  for (let row = 0; row < count; row++) {
    const [instruction, output] = [
      sentence(5 + Math.floor(random() * 8)),
      sentence(8 + Math.floor(random() * 20)),
    ];
    const input = random() < 0.5 ? [] : sentence(4);
    source.push(alpaca(say(instruction, 'a'), say(input, 'a'), say(output, 'a')));
    target.push(alpaca(say(instruction, 'b'), say(input, 'b'), say(output, 'b')));
  }
  return { source, target };
}
