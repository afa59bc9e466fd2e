/** How many demonstrations of each part of a mixture go in. */
import type { Amount } from './recipe';

/** The demonstrations of one entry of a recipe in one target language. */
export interface Part {
  readonly amount: Amount;
  /** How many there are, without duplicates. */
  readonly there: number;
}

const shareOf = ({ amount }: Part) => (amount.kind === 'share' ? amount.share : 0);

/** What shares the parts ask for together, from 0; more than 1 cannot be. */
export const sharesOf = (parts: readonly Part[]) => parts.reduce((sum, part) => sum + shareOf(part), 0);

/**
 * @returns for each part how many of it go in. Where some parts are whole or counted, shares are of the mixture that they make
 *   together with all others, as far as there are enough; where all are shares, as many go in as keep the shares to each other
 */
export function quotas(parts: readonly Part[]): number[] {
  const fixed = parts.map(({ amount, there }) =>
    amount.kind === 'all' ? there : amount.kind === 'count' ? Math.min(amount.count, there) : undefined,
  );
  const known = fixed.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const rest = 1 - sharesOf(parts);
  // A share of nothing is nothing, and so is one of a part without demonstrations: they keep no other part small.
  const wanted = parts.filter(part => shareOf(part) > 0 && part.there > 0);
  const inKeeping = Math.min(...wanted.map(part => part.there / shareOf(part)));
  const mixture = known > 0 && rest > 1e-9 ? known / rest : inKeeping;
  return parts.map(
    (part, at) =>
      fixed[at] ??
      (shareOf(part) === 0 || part.there === 0
        ? 0
        : Math.min(part.there, Math.round(shareOf(part) * mixture))),
  );
}
