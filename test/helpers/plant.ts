/** Mistakes put into right translations on purpose: what a check has to find. */
import type { CheckInput } from '../../src/core/check';

/** A kind of mistake; each check has at least one, in the file of its family in `test/helpers/plants`. */
export interface Plant {
  /** Of the check that must report it. */
  readonly check: string;
  /** Tells apart several kinds of one check. */
  readonly kind: string;
  /**
   * @param unit a right translation
   * @param random numbers from 0 up to, without, 1
   * @returns the unit with the mistake in it; undefined where it has no place for one (no number to change)
   */
  readonly plant: (unit: CheckInput, random: () => number) => CheckInput | undefined;
}
