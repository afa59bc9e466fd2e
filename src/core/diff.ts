/** Word differences between two texts, in any script. */
import { diffArrays } from 'diff';
import type { Lang } from './record';

export interface DiffPart {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Changed words beyond which a difference is no help to read and costs too much: the texts are shown whole instead. */
const MAX_CHANGES = 2000;

/** Texts that share less than this are told apart better one after the other than word by word. */
const MIN_SHARED = 0.2;

/**
 * @param lang of both texts: decides where words end, also where no blanks stand between them
 * @returns parts whose `same` and `removed` texts join to `before`, whose `same` and `added` texts join to `after`
 */
export function wordDiff(before: string, after: string, lang: Lang): DiffPart[] {
  if (before === after) return before === '' ? [] : [{ kind: 'same', text: before }];
  const words = (text: string) =>
    (text.match(CHUNK) ?? []).flatMap(chunk =>
      Array.from(segmenter(lang).segment(chunk), each => each.segment),
    );
  const changes = diffArrays(words(before), words(after), { maxEditLength: MAX_CHANGES }) ?? [
    { value: [before], added: false, removed: true },
    { value: [after], added: true, removed: false },
  ];
  const parts = changes.map(({ value, added, removed }): DiffPart => ({
    kind: added ? 'added' : removed ? 'removed' : 'same',
    text: value.join(''),
  }));
  if (letters(parts.filter(part => part.kind === 'same')) >= MIN_SHARED * letters([{ text: before }]))
    return parts;
  return [{ kind: 'removed', text: before } as const, { kind: 'added', text: after } as const].filter(
    part => part.text !== '',
  );
}

/** Characters that are neither blanks nor marks: two texts always share some of those. */
function letters(parts: readonly { readonly text: string }[]): number {
  return parts.reduce((sum, { text }) => sum + text.replace(/[\s\p{P}]+/gu, '').length, 0);
}

/**
 * In Node 20 a segmenter takes time quadratic in the length: texts go to it in pieces that end at a blank or a mark, and where
 * there is none at least not before what belongs to the character before it.
 */
const CHUNK =
  /[\s\S]{1,2000}(?=[\s\p{P}]|$)(?<!\r(?=\n))|[\s\S]{1,2000}(?<!\u200d)(?![\p{M}\p{Emoji_Modifier}\u200c\u200d])|[\s\S]{1,2000}/gu;
const segmenters = new Map<Lang, Intl.Segmenter>();

function segmenter(lang: Lang): Intl.Segmenter {
  let known = segmenters.get(lang);
  if (!known)
    segmenters.set(
      lang,
      (known = new Intl.Segmenter(lang === 'und' ? undefined : lang, { granularity: 'word' })),
    );
  return known;
}
