import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { numberIn } from '../../src/core/numberIn';

describe('a number typed with words', () => {
  for (const [text, words, number] of [
    ['120', '{0}', 120],
    ['Zeile 120', 'Zeile {0}', 120],
    ['  zeile120 ', 'Zeile {0}', 120],
    ['第 120 行', '第 {0} 行', 120],
    ['第120行', '第 {0} 行', 120],
    [':7', ':{0}', 7],
    ['line 0', 'line {0}', 0],
    ['999999999999999', '{0}', 999_999_999_999_999],
  ] as const)
    it(`is found: ${text}`, () => assert.equal(numberIn(text, words), number));

  for (const [text, words] of [
    ['', '{0}'],
    ['1 2', '{0}'],
    ['-1', '{0}'],
    ['1.5', '{0}'],
    ['9999999999999999', '{0}'],
    ['line', 'line {0}'],
    ['120', 'line {0}'],
    ['line 120 of', 'line {0}'],
    ['第 120', '第 {0} 行'],
    ['第行', '第 {0} 行'],
    ['aa', 'aa{0}a'],
  ] as const)
    it(`is none: ${text} as ${words}`, () => assert.equal(numberIn(text, words), undefined));

  it('is found in any words that stand around it, and no other text is a number', () => {
    const word = fc.string({ unit: 'grapheme' }).filter(text => !/[\d{}]/.test(text));
    fc.assert(
      fc.property(word, word, fc.nat(), (before, after, number) => {
        const words = `${before} {0} ${after}`;
        assert.equal(
          numberIn(
            words.replace('{0}', () => String(number)),
            words,
          ),
          number,
        );
        assert.equal(numberIn(words.replace('{0}', 'x'), words), undefined);
      }),
    );
  });
});
