/** What a translation must keep, as the checks of markup compare it: found on both sides, counted, and told what differs. */
import type { FieldPair, Hit } from '../check';
import { say, type MessageId } from '../messages';

/** One thing that has to be kept, and where it is. */
export interface Kept {
  readonly text: string;
  readonly start: number;
  /** Two with the same key are the same thing. */
  readonly key: string;
}

/** What only one of both sides has, each in its order. */
export interface Difference {
  readonly lost: readonly Kept[];
  readonly added: readonly Kept[];
}

/** With more than this many differences, two texts are simply not each other's translation: nothing is certain of any. */
const MAX_DIFFERENCES = 40;
const NONE: Difference = { lost: [], added: [] };

/** With more than this many a text is data, whose copies are not compared one by one. */
export const MAX_KEPT = 2000;

/** What a global pattern finds in a text, as much as is compared. */
export function matchesOf(text: string, pattern: RegExp): RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  for (const match of text.matchAll(pattern)) {
    found.push(match);
    if (found.length === MAX_KEPT) break;
  }
  return found;
}

/** What a global pattern finds in a text, unless it has no key. */
export function findKept(
  text: string,
  pattern: RegExp,
  keyOf: (found: RegExpExecArray) => string | undefined,
): Kept[] {
  return matchesOf(text, pattern).flatMap(found => {
    const key = keyOf(found);
    return key === undefined ? [] : { text: found[0], start: found.index, key };
  });
}

/** What has no counterpart of the same key on the other side; nothing where there is too much of it. */
export function difference(source: readonly Kept[], target: readonly Kept[]): Difference {
  if (Math.max(source.length, target.length) >= MAX_KEPT) return NONE;
  const lost = without(source, target);
  const added = without(target, source);
  return lost.length > MAX_DIFFERENCES || added.length > MAX_DIFFERENCES ? NONE : { lost, added };
}

function without(items: readonly Kept[], others: readonly Kept[]): Kept[] {
  const open = new Map<string, number>();
  for (const { key } of others) open.set(key, (open.get(key) ?? 0) + 1);
  return items.filter(({ key }) => {
    const count = open.get(key) ?? 0;
    open.set(key, count - 1);
    return count <= 0;
  });
}

/** The thing (however often) that became one other, where nothing else differs. */
function replacement({ lost, added }: Difference): Kept | undefined {
  const [from, to] = [lost[0], added[0]];
  const one =
    lost.length === added.length &&
    lost.every(({ key }) => key === from?.key) &&
    added.every(({ key }) => key === to?.key);
  return one ? from : undefined;
}

export interface Sentences {
  readonly lost: MessageId;
  readonly added: MessageId;
  readonly replaced: MessageId;
}

/** One finding for what differs; one for each place, with a fix, where one thing was replaced by one other. */
export function hitsOf(pair: FieldPair, found: Difference, sentences: Sentences): Hit[] {
  const { lost, added } = found;
  const from = replacement(found);
  if (from) return added.map(item => replacedHit(pair, item, from.text, sentences.replaced));
  const first = added[0];
  const [gone, come] = [names(lost), names(added)];
  if (first === undefined) {
    const end = pair.target.length;
    return lost.length === 0
      ? []
      : [{ field: pair.name, start: end, end, message: say(sentences.lost, gone) }];
  }
  const message = lost.length === 0 ? say(sentences.added, come) : say(sentences.replaced, gone, come);
  return [{ field: pair.name, start: first.start, end: first.start + first.text.length, message }];
}

/** Each once, as a list for a sentence. */
function names(items: readonly Kept[]): string {
  return [...new Set(items.map(({ text }) => text))].join(', ');
}

/** One thing in the place of another that is known. */
export function replacedHit({ name }: FieldPair, { text, start }: Kept, from: string, id: MessageId): Hit {
  const end = start + text.length;
  return { field: name, start, end, message: say(id, from, text), fix: { start, end, text: from } };
}
