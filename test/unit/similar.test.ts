import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SimilarTexts } from '../../src/core/similar';

const WORDS = 'cat dog house train garden water bread letter music window river winter 猫 你好 世界'.split(
  ' ',
);
/** Sentences of words in one order, so that none has the n-grams of another. */
const sentence = fc.uniqueArray(fc.nat(WORDS.length - 1), { minLength: 2, maxLength: 8 }).map(numbers =>
  [...numbers]
    .sort((a, b) => a - b)
    .map(n => WORDS[n])
    .join(' '),
);
const sentences = fc.uniqueArray(sentence, { minLength: 1, maxLength: 20 });

function filled(texts: readonly string[]) {
  const similar = new SimilarTexts<number>();
  for (const [id, text] of texts.entries()) similar.add(id, text);
  return similar;
}

describe('SimilarTexts', () => {
  it('finds the text on the same matter first', () => {
    const similar = filled([
      'Name three kinds of bread.',
      'Translate the sentence into French.',
      'Write a poem about winter.',
      'Translate this sentence into German.',
      '写一首关于冬天的诗。',
      '把这句话翻译成法语。',
    ]);
    assert.deepEqual(similar.nearest('Translate the following sentence into Spanish.', 2), [1, 3]);
    assert.deepEqual(similar.nearest('写一首关于夏天的诗。', 1), [4]);
  });

  it('gives nothing for nothing, and nothing that has nothing in common', () => {
    assert.deepEqual(filled([]).nearest('text', 3), []);
    assert.deepEqual(filled(['', '  ']).nearest('text', 3), []);
    assert.deepEqual(filled(['text']).nearest('', 3), []);
    assert.deepEqual(filled(['text']).nearest('text', 0), []);
  });

  it('does not mind case, blanks and the width of letters', () => {
    const similar = filled(['something else entirely', 'Hello  WORLD']);
    assert.equal(similar.nearest(' hello world ', 1)[0], 1);
    assert.equal(similar.nearest('ｈｅｌｌｏ ｗｏｒｌｄ', 1)[0], 1);
  });

  it('has each text that it took in as the nearest to itself', () => {
    fc.assert(
      fc.property(sentences, texts => {
        const similar = filled(texts);
        for (const [id, text] of texts.entries()) assert.equal(similar.nearest(text, 1)[0], id);
      }),
    );
  });

  it('never gives what is left out, nor more than asked for, nor one twice', () => {
    fc.assert(
      fc.property(sentences, fc.nat(5), (texts, count) => {
        const similar = filled(texts);
        for (const [id, text] of texts.entries()) {
          const found = similar.nearest(text, count, id);
          assert.ok(!found.includes(id) && found.length <= count && new Set(found).size === found.length);
        }
      }),
    );
  });

  it('is the same after texts were removed and changed as if made of the rest', () => {
    fc.assert(
      fc.property(sentences, fc.array(fc.nat(30), { maxLength: 10 }), (texts, gone) => {
        const similar = filled(texts.map((text, id) => (id % 3 === 0 ? 'earlier words' : text)));
        for (const [id, text] of texts.entries()) similar.add(id, text);
        for (const id of gone) similar.remove(id);
        const rest = new SimilarTexts<number>();
        for (const [id, text] of texts.entries()) if (!gone.includes(id)) rest.add(id, text);
        for (const text of texts) {
          assert.equal(similar.nearest(text, 1)[0], rest.nearest(text, 1)[0]);
          const all = (some: SimilarTexts<number>) => new Set(some.nearest(text, 99));
          assert.deepEqual(all(similar), all(rest));
        }
      }),
    );
  });

  it('finds one among ten thousand', () => {
    const similar = new SimilarTexts<number>();
    for (let id = 0; id < 10_000; id++) similar.add(id, `${WORDS[id % 15] ?? ''} number ${id} of the list`);
    assert.equal(similar.nearest('cat number 7500 of the list', 1)[0], 7500);
  });
});
