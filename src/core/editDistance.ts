/** How much of a text was changed. */
import { diffArrays } from 'diff';

export interface EditDistance {
  /** Characters (code points) inserted, deleted or replaced, at most `of`. */
  readonly distance: number;
  /** Characters of the longer text. */
  readonly of: number;
}

/** Pairs of characters compared one by one: texts of a thousand characters in some milliseconds. */
const MAX_CELLS = 1 << 20;
/** Changed words beyond which two texts count as wholly different. */
const MAX_CHANGES = 500;
/** A word; in scripts that put no blanks between words, a character. */
const WORD = /[^\s\p{P}\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]+|[^]/gu;

/**
 * Levenshtein's distance (V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals",
 * Soviet Physics Doklady 10, 1966) over code points. Of long texts that differ in much it is counted by words, where a
 * replaced stretch costs the longer of its two sides: that is never less than the exact distance.
 */
export function editDistance(before: string, after: string): EditDistance {
  // In one order, since differences by words may depend on it.
  const [first, second] = before < after ? [before, after] : [after, before];
  const a = Array.from(first);
  const b = Array.from(second);
  const of = Math.max(a.length, b.length);
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const x = a.slice(start, a.length - end);
  const y = b.slice(start, b.length - end);
  if (x.length * y.length <= MAX_CELLS) return { distance: levenshtein(x, y), of };
  return { distance: Math.min(of, byWords(x.join(''), y.join(''))), of };
}

/** Row by row: `costs[j]` is the distance between what was read of `a` and the first j characters of `b`. */
function levenshtein(a: readonly string[], b: readonly string[]): number {
  const costs = Uint32Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, character] of a.entries()) {
    let diagonal = i;
    let left = i + 1;
    costs[0] = left;
    for (let j = 0; j < b.length; j++) {
      const above = costs[j + 1] ?? 0;
      left = character === b[j] ? diagonal : 1 + Math.min(diagonal, above, left);
      costs[j + 1] = left;
      diagonal = above;
    }
  }
  return costs[b.length] ?? 0;
}

function byWords(before: string, after: string): number {
  const words = (text: string) => text.match(WORD) ?? [];
  const parts = diffArrays(words(before), words(after), { maxEditLength: MAX_CHANGES });
  if (!parts) return Infinity;
  let distance = 0;
  let removed = 0;
  let added = 0;
  for (const part of [...parts, undefined]) {
    const length = part ? Array.from(part.value.join('')).length : 0;
    if (part?.removed) removed += length;
    else if (part?.added) added += length;
    else {
      distance += Math.max(removed, added);
      removed = added = 0;
    }
  }
  return distance;
}
