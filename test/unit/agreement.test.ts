import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cohenKappa, fleissKappa } from '../../src/core/agreement';

function near(actual: number | null, expected: number, tolerance = 1e-12): void {
  assert.ok(actual !== null && Math.abs(actual - expected) <= tolerance, `${actual} is not near ${expected}`);
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

// Names that an object used as a table would trip over stand among them.
const category = fc.constantFrom('approve', 'reject', 'needs-work', '__proto__', 'constructor');
const pairs = fc.array(fc.tuple(category, category), { maxLength: 60 });

describe("Cohen's kappa", () => {
  /** Every cell of a table of counts as so many pairs. */
  const pairsOf = (counts: readonly (readonly number[])[]): [string, string][] =>
    counts.flatMap((row, a) => row.flatMap((count, b) => times(count, [`${a}`, `${b}`] as [string, string])));

  it('is what Cohen reports for his 200 cases in three categories', () => {
    // J. Cohen, "Weighted kappa", Psychological Bulletin 70 (1968), 213–220, table 1: unweighted, .492.
    const { n, observed, expected, kappa } = cohenKappa(
      pairsOf([
        [88, 14, 18],
        [10, 40, 10],
        [2, 6, 12],
      ]),
    );
    assert.equal(n, 200);
    near(observed, (88 + 40 + 12) / 200);
    near(expected, (120 * 100 + 60 * 60 + 20 * 40) / 200 ** 2);
    near(kappa, 0.492, 0.0005);
  });

  it('tells apart what the same share of agreement hides', () => {
    // 85 of 100 agree in both tables: where decisions are even, and where nearly all approve.
    const even = [[43, 7], [8, 42]]; // prettier-ignore
    near(cohenKappa(pairsOf(even)).kappa, (0.85 - 0.5) / (1 - 0.5));
    const onesided = [[83, 7], [8, 2]]; // prettier-ignore
    near(cohenKappa(pairsOf(onesided)).kappa, (0.85 - 0.828) / (1 - 0.828));
  });

  it('is null where nothing was compared and where chance alone agrees always', () => {
    assert.deepEqual(cohenKappa([]), { n: 0, observed: 0, expected: 0, kappa: null });
    assert.deepEqual(cohenKappa(times(7, ['approve', 'approve'])), {
      n: 7,
      observed: 1,
      expected: 1,
      kappa: null,
    });
  });

  it('is 0 where one reviewer always says the same', () => {
    const found = cohenKappa([...times(3, ['a', 'a'] as const), ...times(2, ['a', 'b'] as const)]);
    assert.equal(found.kappa, 0);
  });

  it('is −1 where two reviewers halve the texts and never agree', () => {
    assert.equal(cohenKappa([...times(4, ['a', 'b'] as const), ...times(4, ['b', 'a'] as const)]).kappa, -1);
  });

  it('is the same with the reviewers exchanged and the pairs turned round, and a number in range', () => {
    fc.assert(
      fc.property(pairs, list => {
        const found = cohenKappa(list);
        assert.deepEqual(cohenKappa(list.map(([a, b]) => [b, a])), found);
        assert.deepEqual(cohenKappa(list.toReversed()), found);
        assert.ok(found.observed >= 0 && found.observed <= 1);
        assert.ok(found.expected >= 0 && found.expected <= 1);
        assert.equal(found.kappa === null, list.length === 0 || found.expected === 1);
        assert.ok(found.kappa === null || (found.kappa >= -1 - 1e-12 && found.kappa <= 1));
      }),
    );
  });

  it('is exactly 1 for full agreement in more than one category, and less with one disagreement', () => {
    fc.assert(
      fc.property(fc.array(category, { minLength: 2, maxLength: 60 }), list => {
        fc.pre(new Set(list).size > 1);
        const same = list.map(decision => [decision, decision] as const);
        assert.equal(cohenKappa(same).kappa, 1);
        const { kappa } = cohenKappa([...same, ['approve', 'reject']]);
        assert.ok(kappa !== null && kappa < 1);
      }),
    );
  });
});

describe("Fleiss' kappa", () => {
  // J. L. Fleiss, Psychological Bulletin 76 (1971), 378–382, table 1: 30 patients, each diagnosed by 6 psychiatrists.
  // Counts of depression, personality disorder, schizophrenia, neurosis, other: one digit each.
  const DIAGNOSES =
    '00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 ' +
    '00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006';
  const patients = DIAGNOSES.split(' ').map(counts =>
    Array.from(counts).flatMap((count, diagnosis) => times(Number(count), `${diagnosis}`)),
  );

  it('is what Fleiss reports: .430, with .556 observed and .220 expected', () => {
    const found = fleissKappa(patients);
    assert.deepEqual([found.items, found.raters, found.leftOut], [30, 6, 0]);
    // 500 of 30 · 6 · 5 ordered pairs agree; of 180 diagnoses 26, 26, 30, 55 and 43 fall into the categories.
    near(found.observed, 500 / 900);
    near(found.expected, (26 ** 2 + 26 ** 2 + 30 ** 2 + 55 ** 2 + 43 ** 2) / 180 ** 2);
    near(found.kappa, 0.43, 0.0005);
  });

  it('compares the items with the most frequent number of ratings and counts the others', () => {
    const others = [[], ['0'], ['0', '1'], ['1', '1'], times(7, '2')];
    assert.deepEqual(fleissKappa([...others, ...patients]), { ...fleissKappa(patients), leftOut: 5 });
    // However many have one rating or none, they are not what is compared.
    const single = times(100, ['0']);
    assert.deepEqual(fleissKappa([...single, ...patients]), { ...fleissKappa(patients), leftOut: 100 });
  });

  it('takes the greater of two equally frequent numbers, whichever comes first', () => {
    const items = [['a', 'b'], ['a', 'a', 'b'], ['b', 'b', 'b'], ['a', 'a'], ['a']]; // prettier-ignore
    for (const list of [items, items.toReversed()]) {
      const found = fleissKappa(list);
      assert.deepEqual([found.items, found.raters, found.leftOut], [2, 3, 3]);
      near(found.observed, (1 / 3 + 1) / 2);
      near(found.expected, (2 / 6) ** 2 + (4 / 6) ** 2);
    }
  });

  it('is null where nothing can be compared and where chance alone agrees always', () => {
    const nothing = { items: 0, raters: 0, observed: 0, expected: 0, kappa: null };
    assert.deepEqual(fleissKappa([]), { ...nothing, leftOut: 0 });
    assert.deepEqual(fleissKappa([[], ['a'], ['b']]), { ...nothing, leftOut: 3 });
    const { observed, expected, kappa } = fleissKappa(times(4, ['a', 'a', 'a']));
    assert.deepEqual([observed, expected, kappa], [1, 1, null]);
  });

  it("is Scott's pi for two reviewers", () => {
    // W. A. Scott, Public Opinion Quarterly 19 (1955), 321–325: as Cohen's, with the mean of both reviewers' shares.
    fc.assert(
      fc.property(pairs, list => {
        fc.pre(new Set(list.flat()).size > 1);
        const all = list.flat();
        const shares = [...new Set(all)].map(one => all.filter(other => other === one).length / all.length);
        const chance = sum(shares.map(share => share ** 2));
        const agreed = list.filter(([a, b]) => a === b).length / list.length;
        near(fleissKappa(list).kappa, (agreed - chance) / (1 - chance), 1e-9);
      }),
    );
  });

  it('does not depend on the order of items or ratings, and is a number in range', () => {
    fc.assert(
      fc.property(fc.array(fc.array(category, { maxLength: 4 }), { maxLength: 40 }), list => {
        const found = fleissKappa(list);
        assert.deepEqual(fleissKappa(list.map(item => item.toReversed()).reverse()), found);
        assert.equal(found.items + found.leftOut, list.length);
        assert.ok(found.observed >= 0 && found.observed <= 1);
        assert.ok(found.expected >= 0 && found.expected <= 1);
        assert.equal(found.kappa === null, found.items === 0 || found.expected === 1);
        const least = -1 / (found.raters - 1);
        assert.ok(found.kappa === null || (found.kappa >= least - 1e-12 && found.kappa <= 1));
      }),
    );
  });

  it('is exactly 1 for full agreement in more than one category', () => {
    fc.assert(
      fc.property(fc.array(category, { minLength: 2 }), fc.integer({ min: 2, max: 7 }), (list, raters) => {
        fc.pre(new Set(list).size > 1);
        assert.equal(fleissKappa(list.map(decision => times(raters, decision))).kappa, 1);
      }),
    );
  });
});
