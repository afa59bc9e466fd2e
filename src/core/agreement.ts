/** How far reviewers agree, and what a sample tells about all it was drawn from. */
import { bisect } from './bisect';
import type { Sha256 } from './record';

/** Agreement corrected for chance. All shares are from 0 to 1. */
export interface Agreement {
  /** Share of agreement found; 0 where there is nothing to compare. */
  readonly observed: number;
  /** Share of agreement that chance alone would give; 0 where there is nothing to compare. */
  readonly expected: number;
  /** (observed − expected) / (1 − expected), from −1 to 1; null where there is nothing to compare or expected is 1. */
  readonly kappa: number | null;
}

export interface CohenKappa extends Agreement {
  /** Pairs compared. */
  readonly n: number;
}

export interface FleissKappa extends Agreement {
  /** Items compared. */
  readonly items: number;
  /** Ratings of each item compared; 0 where there is none. */
  readonly raters: number;
  /** Items given that were not compared. */
  readonly leftOut: number;
}

/**
 * Cohen's kappa of two reviewers: with `p(x, c)` the share of reviewer x's decisions that are c, expected is the sum
 * of `p(a, c) · p(b, c)` over all c. J. Cohen, "A coefficient of agreement for nominal scales", Educational and
 * Psychological Measurement 20 (1960), 37–46.
 * @param pairs what each of the two decided on the same text: always the same reviewer first, since each one's habits
 *   go into what chance would give. Whether both decided without seeing the other's is for the caller to know.
 */
export function cohenKappa(pairs: readonly (readonly [a: string, b: string])[]): CohenKappa {
  const n = pairs.length;
  if (n === 0) return { n, observed: 0, expected: 0, kappa: null };
  const first = tally(pairs.map(([a]) => a));
  const second = tally(pairs.map(([, b]) => b));
  let byChance = 0;
  for (const [decision, count] of first) byChance += count * (second.get(decision) ?? 0);
  return { n, ...corrected(pairs.filter(([a, b]) => a === b).length / n, byChance / n ** 2) };
}

/**
 * Fleiss' kappa of any number of reviewers, not the same ones for every item: observed is the share of agreeing pairs
 * among all pairs of ratings of one item, expected is the sum of the squared shares of the categories in all ratings.
 * J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological Bulletin 76 (1971), 378–382.
 *
 * It is defined for items with equally many ratings. So of the items with at least two, those with the most frequent
 * number of ratings are compared (the greater of two equally frequent numbers); all others are counted as left out.
 * @param ratings for each item what its reviewers decided, in any order, one entry a reviewer
 */
export function fleissKappa(ratings: readonly (readonly string[])[]): FleissKappa {
  let items = 0;
  let raters = 0;
  for (const [length, count] of tally(ratings.map(item => item.length))) {
    if (length < 2 || count < items || (count === items && length < raters)) continue;
    items = count;
    raters = length;
  }
  const counts = { items, raters, leftOut: ratings.length - items };
  if (items === 0) return { ...counts, observed: 0, expected: 0, kappa: null };
  const compared = ratings.filter(item => item.length === raters);
  let agreeing = 0;
  for (const item of compared) for (const count of tally(item).values()) agreeing += count * (count - 1);
  let byChance = 0;
  for (const count of tally(compared.flat()).values()) byChance += count ** 2;
  const all = items * raters;
  return { ...counts, ...corrected(agreeing / (all * (raters - 1)), byChance / all ** 2) };
}

function corrected(observed: number, expected: number): Agreement {
  return { observed, expected, kappa: expected === 1 ? null : (observed - expected) / (1 - expected) };
}

function tally<T>(values: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/**
 * The share of defects that a sample leaves possible: the exact one-sided upper bound of C. J. Clopper and
 * E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26
 * (1934), 404–413. It is the share with which at most so many defects have a chance of `1 − confidence`.
 *
 * It holds for a size of sample that was fixed before looking: who looks again and again, and stops as soon as the
 * bound pleases, is wrong more often than `confidence` says. It supposes endless items; for a sample of finitely many,
 * as ours are, it is on the safe side unless more than half of all are defects.
 * @param defects defects found, from 0 to `sampled`
 * @param sampled items looked at; the time taken grows with it, some milliseconds for a million
 * @param confidence from 0.5 up to, not including, 1
 * @returns from 0 to 1; 1 where nothing was looked at
 * @throws RangeError for any other number
 */
export function acceptanceBound(defects: number, sampled: number, confidence = 0.95): number {
  if (!Number.isSafeInteger(sampled) || !Number.isSafeInteger(defects) || defects < 0 || defects > sampled) {
    throw new RangeError(`${defects} defects of ${sampled} is not a count.`);
  }
  if (!(confidence >= 0.5 && confidence < 1)) throw new RangeError(`${confidence} is not a confidence.`);
  if (defects === sampled) return 1;
  if (defects === 0) return -Math.expm1(Math.log1p(-confidence) / sampled);
  const chance = chanceOfAtMost(defects, sampled);
  // The share found is below the bound: with it, that many defects or fewer have a chance of a half or more.
  let low = defects / sampled;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return high;
    if (chance(middle) > 1 - confidence) low = middle;
    else high = middle;
  }
}

/**
 * The lower tail of the binomial distribution, as a function of the share of defects, for shares from
 * `defects / sampled` up to 1. There the terms fall from that of `defects` down to that of 0, so they are summed as
 * multiples of the first, which is taken by its logarithm, until nothing more is added.
 * @param defects from 1 up to, not including, `sampled`
 */
function chanceOfAtMost(defects: number, sampled: number): (share: number) => number {
  const chosen = Math.min(defects, sampled - defects);
  let logWays = 0;
  for (let k = 1; k <= chosen; k++) logWays += Math.log((sampled - chosen + k) / k);
  return share => {
    let term = 1;
    let sum = 1;
    for (let k = defects; k > 0 && term > sum * Number.EPSILON; k--) {
      term *= (k / (sampled - k + 1)) * ((1 - share) / share);
      sum += term;
    }
    const logFirst = logWays + defects * Math.log(share) + (sampled - defects) * Math.log1p(-share);
    return sum * Math.exp(logFirst);
  };
}

/**
 * How many items to look at: the smallest sample that, with no defect in it, has a bound of at most `maxShare`
 * ({@link acceptanceBound}).
 * @param maxShare share of defects, between 0 and 1
 * @param confidence from 0.5 up to, not including, 1
 * @throws RangeError for any other number, and for a share too small for any sample that can be counted
 */
export function sampleSize(maxShare: number, confidence = 0.95): number {
  const most = Number.MAX_SAFE_INTEGER;
  if (!(maxShare >= acceptanceBound(0, most, confidence) && maxShare < 1)) {
    throw new RangeError(`No sample shows a share of at most ${maxShare}.`);
  }
  return bisect(1, most, size => acceptanceBound(0, size, confidence) > maxShare);
}

/**
 * Where a unit stands in the order of a seeded sample: the units with the lowest ranks are the sample. It needs
 * neither the other units nor their order, so every clone draws the same, and a greater sample holds the smaller one.
 * @param seed chosen before anyone looks
 * @param name what names the unit; each name once, or a repeated one is drawn as often as it stands there
 * @returns 16 lower-case hex digits, the first of the SHA-256 of both; compare them as strings
 */
export function sampleRank(seed: string, name: string, sha256: Sha256): string {
  return sha256(`${seed} ${name}`).slice(0, 16);
}
