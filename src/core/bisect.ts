/** Searching what is in order by halving it. */

/**
 * The first whole number from `from` up to before `to` that does not come before what is looked for; `to` if all do.
 * @param isBefore true for some of the numbers at the beginning, and for none after them
 */
export function bisect(from: number, to: number, isBefore: (at: number) => boolean): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first value of an ascending list that is not below `value`; its length if all are. */
export function firstAtLeast(ascending: ArrayLike<number>, value: number): number {
  return bisect(0, ascending.length, at => (ascending[at] ?? 0) < value);
}

/** Whether an ascending list holds a value. */
export function holds(ascending: ArrayLike<number>, value: number): boolean {
  return ascending[firstAtLeast(ascending, value)] === value;
}
