/** Where a text is found in another one. */
import type { Span } from './spans';
import { fold } from './textSearch';

/** In one text; who looks for one letter in a long text gets no answer that helps by more. */
const MAX_FOUND = 1000;

/** @returns in order, whatever the case, none overlapping another; at most 1,000. None of an empty text. */
export function occurrences(text: string, wanted: string): Span[] {
  const needle = fold(wanted);
  if (needle === '') return [];
  const folded = fold(text);
  const spans: Span[] = [];
  for (
    let start = folded.indexOf(needle);
    start >= 0 && spans.length < MAX_FOUND;
    start = folded.indexOf(needle, start + needle.length)
  )
    spans.push({ start, end: start + needle.length });
  return spans;
}
