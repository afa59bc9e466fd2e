import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { acceptanceBound, sampleRank, sampleResult, verdictOn } from '../../src/core/sample';

function near(actual: number | null, expected: number, tolerance = 1e-12): void {
  assert.ok(actual !== null && Math.abs(actual - expected) <= tolerance, `${actual} is not near ${expected}`);
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, k) => from + k);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function binomial(size: number, share: number): number[] {
  let ways = 1;
  return range(0, size).map(k => {
    if (k > 0) ways *= (size - k + 1) / k;
    return ways * share ** k * (1 - share) ** (size - k);
  });
}

describe('the bound of a sample', () => {
  it('is what tables say', () => {
    near(acceptanceBound(0, 60), 0.0487, 0.00005); // at most 4.9 %
    near(acceptanceBound(1, 60), 0.07664, 0.000005);
    near(acceptanceBound(5, 100), 0.10225, 0.000005);
    // NIST/SEMATECH e-Handbook of Statistical Methods, exact limits: 4 of 20, the upper end of 90 % on two sides.
    near(acceptanceBound(4, 20), 0.40103, 0.000005);
    near(acceptanceBound(3, 300, 0.99), 0.033092742206910324);
  });

  it('is what it is by hand where a formula exists', () => {
    for (const confidence of [0.5, 0.8, 0.95, 0.999]) {
      for (const size of [1, 2, 59, 1000, 1e6]) {
        near(acceptanceBound(0, size, confidence), 1 - (1 - confidence) ** (1 / size), 1e-12);
        // All but one: not all are defects with the chance 1 − p ** size.
        if (size > 1) near(acceptanceBound(size - 1, size, confidence), confidence ** (1 / size), 1e-12);
        assert.equal(acceptanceBound(size, size, confidence), 1);
      }
    }
  });

  it('stays exact for a million', () => {
    // The beta quantile that Clopper and Pearson's bound is, by another library.
    near(acceptanceBound(1000, 1e6), 0.001053574877454436, 1e-12);
    near(acceptanceBound(500_000, 1e6), 0.5008229260505229, 1e-10);
  });

  it('is 1 where nothing was looked at', () => {
    assert.equal(acceptanceBound(0, 0), 1);
  });

  it('grows with the defects, shrinks with the sample, and grows with the confidence', () => {
    const sizes = fc.integer({ min: 1, max: 2000 });
    const confidences = fc.double({ min: 0.5, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(sizes, fc.nat(), confidences, (size, some, confidence) => {
        const defects = some % size;
        const bound = acceptanceBound(defects, size, confidence);
        assert.ok(bound > 0 && bound < 1);
        assert.ok(bound >= defects / size);
        assert.ok(acceptanceBound(defects + 1, size, confidence) > bound);
        assert.ok(acceptanceBound(defects, size + 1, confidence) < bound);
        assert.ok(acceptanceBound(defects, size, confidence + 0.005) > bound);
      }),
    );
  });

  it('is missed exactly as often as its confidence leaves', () => {
    for (const size of [1, 2, 7, 20, 60, 100]) {
      for (const confidence of [0.5, 0.9, 0.95, 0.99]) {
        for (const defects of range(0, size - 1)) {
          const chances = binomial(size, acceptanceBound(defects, size, confidence));
          near(sum(chances.slice(0, defects + 1)), 1 - confidence, 1e-9);
        }
      }
    }
  });

  it('covers the true share at least as often as it says', () => {
    let least = 1;
    for (const size of [1, 5, 20, 59, 60, 100]) {
      const bounds = range(0, size).map(defects => acceptanceBound(defects, size));
      for (const share of range(1, 399).map(k => k / 400)) {
        const chances = binomial(size, share);
        const covered = sum(chances.filter((_, defects) => bounds[defects]! >= share));
        assert.ok(covered >= 0.95 - 1e-12, `${covered} for ${size} of share ${share}`);
        least = Math.min(least, covered);
      }
    }
    // Nor is the bound wide for no reason.
    assert.ok(least < 0.951, `${least}`);
  });

  it('covers it also where the sample is drawn from few, at most half of them defects', () => {
    const all = 80;
    for (const size of [5, 20, 40, 79]) {
      for (const bad of range(0, all / 2)) {
        // Chances of the defects drawn, item by item.
        let chances = [1];
        for (let drawn = 0; drawn < size; drawn++) {
          const next = times(drawn + 2, 0);
          for (const [defects, chance] of chances.entries()) {
            const hit = (bad - defects) / (all - drawn);
            next[defects + 1]! += chance * hit;
            next[defects]! += chance * (1 - hit);
          }
          chances = next;
        }
        near(sum(chances), 1, 1e-9);
        for (const confidence of [0.5, 0.8, 0.95, 0.99]) {
          const covered = sum(
            chances.filter((_, defects) => acceptanceBound(defects, size, confidence) >= bad / all),
          );
          assert.ok(covered >= confidence - 1e-9, `${covered} for ${size} of ${all} with ${bad}`);
        }
      }
    }
  });

  it('refuses what is no count and no confidence', () => {
    const counts = [[-1, 5], [6, 5], [0.5, 5], [0, 1.5], [NaN, 5], [0, NaN], [0, Infinity], [0, -1]] as const; // prettier-ignore
    for (const [defects, size] of counts) assert.throws(() => acceptanceBound(defects, size), RangeError);
    for (const confidence of [0.49, 1, 95, 0, -1, NaN]) {
      assert.throws(() => acceptanceBound(0, 5, confidence), RangeError);
    }
  });
});

describe('what a sample says', () => {
  const verdicts = (count: number, verdict: ReturnType<typeof verdictOn>) => times(count, verdict);
  const rule = { atMost: 0.05, confidence: 0.95 };

  it('counts what had to be changed as wrong, and leaves open what is not settled', () => {
    assert.equal(verdictOn('approved', false), 'right');
    assert.equal(verdictOn('approved', true), 'wrong');
    assert.equal(verdictOn('rejected', false), 'wrong');
    assert.equal(verdictOn('needs-work', false), 'wrong');
    for (const state of [
      'pending',
      'edited',
      'skipped',
      'partly-approved',
      'disputed',
      'stale',
      'conflict',
    ] as const)
      assert.equal(verdictOn(state, true), undefined, state);
  });

  it('accepts when all are decided, and never before', () => {
    assert.deepEqual(sampleResult('de', verdicts(60, 'right'), rule), {
      lang: 'de',
      size: 60,
      decided: 60,
      wrong: 0,
      bound: acceptanceBound(0, 60),
      isAccepted: true,
    });
    assert.equal(sampleResult('de', [...verdicts(1000, 'right'), undefined], rule).isAccepted, false);
    assert.equal(sampleResult('de', [...verdicts(59, 'right'), 'wrong'], rule).isAccepted, false);
    assert.equal(sampleResult('de', verdicts(58, 'right'), rule).isAccepted, false);
    assert.equal(sampleResult('de', [], rule).isAccepted, false);
    assert.equal(sampleResult('de', [...verdicts(99, 'right'), 'wrong'], rule).isAccepted, true);
  });
});

describe('a seeded sample', () => {
  const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
  const draw = (seed: string, names: readonly string[], count: number): string[] =>
    names
      .map(name => ({ name, rank: sampleRank(seed, name, sha256) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .slice(0, count)
      .map(({ name }) => name);
  const names = range(1, 40).map(number => `record-${number}@de`);

  it('ranks a unit the same everywhere and for ever', () => {
    assert.equal(sampleRank('seed-1', 'h:0123456789abcdef@de', sha256), '56557c9f7726c9dd');
  });

  it('does not depend on the order of the units, and stays when it is enlarged', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: names.length }), fc.string(), (shuffled, seed) => {
        assert.deepEqual(draw(seed, shuffled, 10), draw(seed, names, 10));
        assert.deepEqual(draw(seed, shuffled, 20).slice(0, 10), draw(seed, names, 10));
      }),
    );
  });

  it('draws every unit about equally often, over many seeds', () => {
    const drawn = new Map(names.map(name => [name, 0]));
    for (const seed of range(1, 2000)) {
      for (const name of draw(`${seed}`, names, 10)) drawn.set(name, drawn.get(name)! + 1);
    }
    // 500 of 2000 on average, with a standard deviation of 19.
    for (const [name, count] of drawn) assert.ok(Math.abs(count - 500) < 90, `${name} ${count} times`);
  });
});
