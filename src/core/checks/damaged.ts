/** Damaged characters, reported and mended together. */
import type { Fix, Hit } from '../check';
import type { Said } from '../messages';

/** Something damaged in a text, and what it should be where that is certain. */
export interface Damage {
  readonly start: number;
  readonly end: number;
  readonly mended: string | undefined;
}

/** A text with more of it is no text; bounds what is held of one. */
const MAX_FOUND = 10_000;

/** The first matches of a global pattern. */
export function firstMatches(text: string, pattern: RegExp): RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  for (const match of text.matchAll(pattern)) {
    found.push(match);
    if (found.length === MAX_FOUND) break;
  }
  return found;
}

/**
 * One finding for all damage of one kind in a field: the first shown, all that can be mended mended at once.
 * @param message what is said, given what stands first and how many there are
 */
export function hitOf(
  name: string,
  text: string,
  found: readonly Damage[],
  message: (first: Damage, count: number) => Said,
): Hit[] {
  const [first] = found;
  if (!first) return [];
  const fix = mendAll(text, found);
  const { start, end } = first;
  return [{ field: name, start, end, message: message(first, found.length), ...(fix && { fix }) }];
}

/** One replacement that mends all that can be mended. */
export function mendAll(text: string, found: readonly Damage[]): Fix | undefined {
  const mendable = found.filter(({ mended }) => mended !== undefined);
  const [first, last] = [mendable[0], mendable.at(-1)];
  if (!first || !last) return undefined;
  let mended = '';
  let from = first.start;
  for (const damage of mendable) {
    mended += text.slice(from, damage.start) + (damage.mended ?? '');
    from = damage.end;
  }
  return { start: first.start, end: last.end, text: mended };
}

/** A character as Unicode names it. */
export const codeOf = (text: string, at: number) =>
  (text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0');
