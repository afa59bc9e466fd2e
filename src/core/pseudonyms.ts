/** Names under which reviewers appear in what is published. */
import type { Sha256 } from './record';

/**
 * `reviewer-1`, `reviewer-2` and so on: the same ones each time for the same names and seed, in an order that says nothing of
 * the names. Whoever knows the seed and guesses every name right can work the order out again: this hides names from
 * readers, it is no secret.
 * @returns pseudonyms by name, in the order of their numbers
 */
export function pseudonyms(
  names: Iterable<string>,
  seed: string,
  sha256: Sha256,
): ReadonlyMap<string, string> {
  const ranked = [...new Set(names)].map(name => ({ name, rank: sha256(JSON.stringify([seed, name])) }));
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return new Map(ranked.map(({ name }, at) => [name, `reviewer-${at + 1}`]));
}
