/** How far reviewers agree. */

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
