/** Word differences between two texts, in any script. */
import { diffWordsWithSpace } from 'diff';
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
  const options = { intlSegmenter: segmenter(lang), maxEditLength: MAX_CHANGES };
  const changes = diffWordsWithSpace(before, after, options) ?? [
    { value: before, added: false, removed: true },
    { value: after, added: true, removed: false },
  ];
  return changes
    .filter(({ value }) => value !== '')
    .map(({ value, added, removed }) => ({
      kind: added ? 'added' : removed ? 'removed' : 'same',
      text: value,
    }));
}

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
