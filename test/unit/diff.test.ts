import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { wordDiff, type DiffPart } from '../../src/core/diff';

const join = (parts: readonly DiffPart[], left: DiffPart['kind']) =>
  parts
    .filter(part => part.kind !== left)
    .map(part => part.text)
    .join('');
const changes = (before: string, after: string, lang: string) =>
  wordDiff(before, after, lang)
    .filter(part => part.kind !== 'same')
    .map(part => `${part.kind === 'added' ? '+' : '-'}${part.text}`);

const langs = fc.constantFrom('en', 'zh', 'ja', 'th', 'ar', 'de', 'und', 'zh-Hant-TW');
const words = [
  'The',
  ' ',
  '\n',
  '\r\n',
  '  ',
  'fox',
  ',',
  '。',
  '我们',
  '喜欢',
  '猫',
  '東京',
  'へ',
  'ข้าว',
  'กิน',
  'مرحبا',
  'بالعالم',
  '👩‍👩‍👧',
  'é',
  'e\u0301',
  '\ud83d',
  '\u200f',
  '\u0000',
  'Привет',
];
const texts = fc.oneof(
  fc.array(fc.constantFrom(...words), { maxLength: 12 }).map(each => each.join('')),
  fc.string({ unit: 'binary' }),
);

describe('wordDiff', () => {
  it('gives parts that join to the two texts', () => {
    fc.assert(
      fc.property(texts, texts, langs, (before, after, lang) => {
        const parts = wordDiff(before, after, lang);
        assert.equal(join(parts, 'added'), before);
        assert.equal(join(parts, 'removed'), after);
        assert.ok(parts.every(part => part.text !== ''));
      }),
      { numRuns: 500 },
    );
  });

  it('of a text with itself is that text', () => {
    assert.deepEqual(wordDiff('', '', 'en'), []);
    assert.deepEqual(wordDiff('a b', 'a b', 'en'), [{ kind: 'same', text: 'a b' }]);
  });

  it('sees a change of blanks or line ends', () => {
    for (const [before, after] of [
      ['a b', 'a  b'],
      ['a\nb', 'a\r\nb'],
      ['a', 'a\n'],
    ] as const)
      assert.notDeepEqual(changes(before, after, 'en'), [], JSON.stringify([before, after]));
  });

  const cases: [lang: string, before: string, after: string, ...expected: string[]][] = [
    ['en', 'The quick fox', 'The quiet fox', '-quick', '+quiet'],
    ['zh', '我们喜欢北京', '我们喜爱北京', '-喜欢', '+喜爱'],
    ['ja', '東京に行きます', '京都に行きます', '-東京', '+京都'],
    ['th', 'ฉันกินข้าว', 'ฉันกินก๋วยเตี๋ยว', '-ข้าว', '+ก๋วยเตี๋ยว'],
    ['ar', 'قال مرحبا', 'قال مرحى', '-مرحبا', '+مرحى'],
    ['ru', 'кошка спит', 'собака спит', '-кошка', '+собака'],
    ['hi', 'वह घर गया', 'वह नगर गया', '-घर', '+नगर'],
    ['en', 'a 👩‍👩‍👧 b', 'a 👩‍👩‍👦 b', '-👩‍👩‍👧', '+👩‍👩‍👦'],
  ];
  for (const [lang, before, after, ...expected] of cases)
    it(`changes whole words: ${before} → ${after}`, () =>
      assert.deepEqual(changes(before, after, lang), expected));

  it('shows huge texts whole that have too little in common', () => {
    const many = (letter: string) => Array.from({ length: 50_000 }, (_, n) => `${letter}${n}`).join(' ');
    assert.deepEqual(
      wordDiff(many('a'), many('b'), 'en').map(part => part.kind),
      ['removed', 'added'],
    );
  });

  it('still finds the one change in huge texts', () => {
    const [head, tail] = ['one two. '.repeat(20_000), ' three four.'.repeat(20_000)];
    assert.deepEqual(changes(`${head}old${tail}`, `${head}new${tail}`, 'en'), ['-old', '+new']);
  });
});
