import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hasWords, mask, unmask } from '../../src/core/masking';

/** Texts full of what is masked, cut and put together anyhow. */
const pieces = fc.constantFrom(
  ...[
    '⟦P0⟧',
    '[[p1]]',
    '⟦',
    'P2',
    '⟧',
    '[P0]',
    '[',
    ']',
    '【P٣】',
    '```',
    '```python\n',
    '```text\n',
    '`',
    '$',
    '$x^2$',
    '$$',
  ],
  ...[
    '{x}',
    '{{ name }}',
    '${a_b}',
    '{',
    '}',
    '{0}',
    '%s',
    '%1$s',
    '%',
    '<b>',
    '</b>',
    '<',
    '>',
    '\\(',
    '\\)',
    '\\[',
    '\\]',
  ],
  ...['https://a.org/x?y=1.', 'me@mail.org', 'word', ' ', '\n', 'é', '猫', '😀', '\ud83d', 'x = f(y);'],
);
const texts = fc.oneof(
  fc.array(pieces, { maxLength: 14 }).map(parts => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const kept = (text: string) => mask(text).masked;

describe('mask', () => {
  it('takes out what is the same in every language', () => {
    for (const part of [
      '`let x = 1`',
      'https://example.org/a?b=1',
      'me@example.org',
      '{{name}}',
      '{name}',
      '{x}',
      '{0}',
      '${home}',
      '%s',
      '%d',
      '%1$s',
      '<b>',
      '$x^2$',
      '$$a$$',
      '\\(a+b\\)',
      '\\[ E = mc^2 \\]',
    ])
      assert.deepEqual(mask(`Say ${part} twice`), { text: 'Say ⟦P0⟧ twice', masked: [part] }, part);
  });

  it('numbers in the order of the text, and keeps the punctuation behind an address', () => {
    assert.deepEqual(mask('<i>See</i> www.a.org/b, then `c`.'), {
      text: '⟦P0⟧See⟦P1⟧ ⟦P2⟧, then ⟦P3⟧.',
      masked: ['<i>', '</i>', 'www.a.org/b', '`c`'],
    });
  });

  it('takes a block of code as a whole, also one that never ends', () => {
    const block = '```python\nprint("hi")\n```';
    assert.deepEqual(mask(`Run:\n${block}\nDone`), { text: 'Run:\n⟦P0⟧\nDone', masked: [block] });
    assert.deepEqual(kept('Run:\n```python\nprint("hi")'), ['```python\nprint("hi")']);
  });

  it('leaves the words of a block of text to be translated, between its fences', () => {
    assert.deepEqual(mask('Sum up:\n```\nDear Ms Hill, I am ill today.\n```'), {
      text: 'Sum up:\n⟦P0⟧\nDear Ms Hill, I am ill today.\n⟦P1⟧',
      masked: ['```', '```'],
    });
    assert.deepEqual(kept('```text\nHello you\n```'), ['```text', '```']);
  });

  it('leaves prices, words for people in brackets, and comparisons', () => {
    for (const text of [
      'It costs $5 and they pay $10.',
      'Between $5 and 10$',
      'Dear [Your Name] of {Company Name}',
      'a < b and c > d',
      '50 % of it',
    ])
      assert.deepEqual(kept(text), [], text);
  });

  it('masks what the source itself has of marks', () => {
    assert.deepEqual(kept('Write ⟦P0⟧, [[P1]] and [p2].'), ['⟦P0⟧', '[[P1]]', '[p2]']);
  });

  it('gives back every text, with nothing lost, doubled or invented', () => {
    fc.assert(
      fc.property(texts, text => {
        const { text: sent, masked } = mask(text);
        assert.deepEqual(unmask(sent, masked), { text, lost: [], doubled: [], invented: [] });
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps all that is not masked, in its order', () => {
    fc.assert(
      fc.property(texts, text => {
        const { text: sent, masked } = mask(text);
        const rest = sent.split(/⟦P\d+⟧/);
        assert.equal(rest.map((piece, index) => piece + (masked[index] ?? '')).join(''), text);
      }),
    );
  });

  it('gives back long hostile texts, in time that is linear', () => {
    for (const piece of [
      '$',
      '$a',
      '\\(',
      '\\[',
      '⟦P',
      '[[',
      '{',
      '<',
      '`',
      '``` ',
      '<a ',
      '${',
      'a@',
      '%(',
    ]) {
      const text = piece.repeat(100_000);
      const { text: sent, masked } = mask(text);
      assert.ok(unmask(sent, masked).text === text, piece);
    }
  });
});

describe('unmask', () => {
  it('takes the near forms in which models write a mark', () => {
    for (const near of ['⟦P0⟧', '⟦ P0 ⟧', '⟦p0⟧', '[[P0]]', '[P0]', '【P0】', '⟦P 0⟧', '⟦Ｐ０⟧', '⟦P٠⟧'])
      assert.deepEqual(
        unmask(`Un ${near} due`, ['{x}']),
        { text: 'Un {x} due', lost: [], doubled: [], invented: [] },
        near,
      );
  });

  it('says what is lost, doubled and invented, and puts back what it can', () => {
    assert.deepEqual(unmask('⟦P1⟧ ⟦P1⟧ [[P7]]', ['{a}', '{b}']), {
      text: '{b} {b} [[P7]]',
      lost: ['{a}'],
      doubled: ['{b}'],
      invented: ['[[P7]]'],
    });
  });

  it('leaves a single bracket that is no mark', () => {
    assert.deepEqual(unmask('see [P7]', []), { text: 'see [P7]', lost: [], doubled: [], invented: [] });
  });

  it('does not look for marks, or patterns of replacement, in what it puts back', () => {
    assert.equal(unmask('⟦P0⟧ ⟦P1⟧', ['⟦P1⟧', '$& $1']).text, '⟦P1⟧ $& $1');
  });

  it('counts a mark exactly as often as it is there', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 12 }), numbers => {
        const masked = ['{a}', '{b}', '{c}'];
        const { lost, doubled, invented } = unmask(numbers.map(n => `⟦P${n}⟧`).join(' '), masked);
        const times = (n: number) => numbers.filter(each => each === n).length;
        assert.deepEqual(
          lost,
          masked.filter((_, n) => times(n) === 0),
        );
        assert.deepEqual(
          doubled,
          masked.filter((_, n) => times(n) > 1),
        );
        assert.deepEqual(new Set(invented), new Set([3, 4].filter(times).map(n => `⟦P${n}⟧`)));
      }),
    );
  });
});

describe('hasWords', () => {
  it('does not take a mark for a word', () => {
    assert.equal(hasWords('⟦P0⟧ 12\n⟦P1⟧.'), false);
    assert.equal(hasWords('⟦P0⟧ 猫'), true);
  });
});
