import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { chrF } from '../../src/core/chrf';

const close = (got: number, wanted: number) =>
  assert.ok(Math.abs(got - wanted) < 1e-9, `${got}, not ${wanted}`);
const words = fc.array(fc.constantFrom('the', 'cat', 'eats', '猫', '吃', '😀', 'è', 'a'), {
  minLength: 1,
  maxLength: 8,
});

describe('chrF', () => {
  it('is as worked out by hand', () => {
    // 1-grams 2 of 3, 2-grams 1 of 2, 3-grams 0 of 1: precision and recall are 7/18.
    close(chrF('abc', 'abd'), (100 * 7) / 18);
    // 1-grams 2 of 2 and of 4, 2-grams 1 of 1 and of 3: precision 1, recall 5/12.
    close(chrF('ab', 'abcd'), (100 * 25) / 53);
    // The other way round precision is 5/12 and recall 1.
    close(chrF('abcd', 'ab'), (100 * 25) / 32);
    // "a" counts twice on one side and once on the other: 1 of 2, and 1 of 1; no 2-gram in the other.
    close(chrF('aa', 'a'), (100 * 5 * 0.5) / (4 * 0.5 + 1));
  });

  it('does not mind blanks', () => {
    assert.equal(chrF('a b\nc', 'abc'), 100);
  });

  it('is 0 for texts with nothing in common, and where one is empty', () => {
    assert.equal(chrF('abc', 'xyz'), 0);
    assert.equal(chrF('', 'xyz'), 0);
    assert.equal(chrF('abc', ''), 0);
    assert.equal(chrF('', ' '), 100);
  });

  it('counts a character beyond the basic plane as one', () => {
    // Half of each character is the same: by UTF-16 units they would share something.
    assert.equal(chrF('😀', '😁'), 0);
  });

  it('is 100 for a text and itself, and from 0 to 100 for any two', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), text => close(chrF(text, text), 100)));
    fc.assert(
      fc.property(words, words, (a, b) => {
        const score = chrF(a.join(' '), b.join(' '));
        assert.ok(score >= 0 && score <= 100 + 1e-9, String(score));
      }),
    );
  });

  it('is the same both ways for texts of the same length', () => {
    const four = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 4 });
    fc.assert(fc.property(four, four, (a, b) => close(chrF(a, b), chrF(b, a))));
  });

  it('looks at a bounded part of long texts', () => {
    const long = 'abcdefghij'.repeat(1000);
    assert.equal(chrF(long + 'x'.repeat(1e6), long + 'y'.repeat(1e6)), 100);
  });
});
