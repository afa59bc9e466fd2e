/** Characters that nobody sees and that have no use where they stand. */
import type { Check, FieldPair, Hit } from '../check';
import { say } from '../messages';
import { codeOf, firstMatches, hitOf, type Damage } from './damaged';

/** Everything that may be without use; what is useful is sorted out by its neighbours. */
const HIDDEN =
  /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0]|\udb40[\udc00-\udc7f]/g;
const ANY_HIDDEN = new RegExp(HIDDEN.source);

/** Scripts written from right to left, whose texts need marks of direction around figures and Latin names. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
/** Scripts without spaces, where U+200B says where a line may break. */
const BREAKS_UNSEEN = /[\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf]/;
/** Scripts whose letters join: Arabic, Syriac, N’Ko, Mongolian, those of India and their neighbours. */
const JOINS = /[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc]/;
const EMOJI_BEFORE = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]$/u;
const EMOJI_AFTER = /^\p{Extended_Pictographic}/u;
const BLACK_FLAG = '\u{1f3f4}';
/** A flag of a region is spelt out in seven of these at most. */
const TAGS_BEFORE = 16;

/** Marks that open and close a stretch of another direction. */
const EMBEDDINGS = '\u202a\u202b\u202d\u202e';
const POP_EMBEDDING = '\u202c';
const ISOLATES = '\u2066\u2067\u2068';
const POP_ISOLATE = '\u2069';
const MARKS = '\u200e\u200f\u061c';

/** What of the marks of direction is not closed, or closes nothing: positions. */
function unbalanced(text: string, found: readonly number[]): Set<number> {
  const odd = new Set<number>();
  for (const [openers, closer] of [
    [EMBEDDINGS, POP_EMBEDDING],
    [ISOLATES, POP_ISOLATE],
  ] as const) {
    const opened: number[] = [];
    for (const at of found) {
      const char = text.charAt(at);
      if (openers.includes(char)) opened.push(at);
      else if (char === closer && opened.pop() === undefined) odd.add(at);
    }
    for (const at of opened) odd.add(at);
  }
  return odd;
}

/** Whether a character that nobody sees does something where it stands. */
function isUseful(text: string, at: number): boolean {
  const [before, after] = [text.charAt(at - 1), text.charAt(at + 1)];
  switch (text.charAt(at)) {
    case '\u200b':
      return BREAKS_UNSEEN.test(before) || BREAKS_UNSEEN.test(after);
    case '\u200c':
      return JOINS.test(before);
    case '\u200d':
      return JOINS.test(before) || isInEmoji(text, at);
    case '\udb40':
      return text.slice(Math.max(0, at - TAGS_BEFORE), at).includes(BLACK_FLAG);
    case '\u180e':
      return /[\u1800-\u18af]/.test(before);
    default:
      return false;
  }
}

function isInEmoji(text: string, at: number): boolean {
  return (
    EMOJI_BEFORE.test(text.slice(Math.max(0, at - 2), at)) && EMOJI_AFTER.test(text.slice(at + 1, at + 3))
  );
}

function hiddenHits({ name, target }: FieldPair): Hit[] {
  if (!ANY_HIDDEN.test(target)) return [];
  const places = firstMatches(target, HIDDEN).map(({ 0: found, index }) => ({ found, index }));
  const rightToLeft = RIGHT_TO_LEFT.test(target);
  const odd = rightToLeft
    ? unbalanced(
        target,
        places.map(({ index }) => index),
      )
    : new Set<number>();
  const hidden: Damage[] = [];
  const directions: Damage[] = [];
  for (const { found, index } of places) {
    const damage = {
      start: index,
      end: index + found.length,
      mended: /[\u2028\u2029]/.test(found) ? '\n' : '',
    };
    const isDirection = (EMBEDDINGS + POP_EMBEDDING + ISOLATES + POP_ISOLATE).includes(found);
    if (isDirection && rightToLeft) {
      if (odd.has(index)) directions.push(damage);
    } else if (!(rightToLeft && MARKS.includes(found)) && !isUseful(target, index)) hidden.push(damage);
  }
  return [
    ...hitOf(name, target, hidden, ({ start }, count) => say('damage.hidden', codeOf(target, start), count)),
    ...hitOf(name, target, directions, ({ start }, count) =>
      say('damage.direction', codeOf(target, start), count),
    ),
  ];
}

export const HIDDEN_CHARACTERS_CHECK: Check = {
  id: 'hidden-characters',
  title: 'check.hidden-characters',
  severity: 'warning',
  needs: [],
  run: ({ pairs }) => pairs.flatMap(hiddenHits),
};
