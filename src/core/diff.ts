/** Word differences between two texts, in any script. */
import { diffArrays } from 'diff';
import type { Lang } from './record';

export interface DiffPart {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Changed words beyond which a difference is no help to read and costs too much: the texts are shown whole instead. */
const MAX_CHANGES = 2000;

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
  return changes.map(({ value, added, removed }) => ({
    kind: added ? 'added' : removed ? 'removed' : 'same',
    text: value.join(''),
  }));
}

/** In Node 20 a segmenter takes time quadratic in the length: texts go to it in pieces that end at a blank or a mark. */
const CHUNK = /[\s\S]{1,2000}(?=[\s\p{P}]|$)|[\s\S]{1,2000}/gu;
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
