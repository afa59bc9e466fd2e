/** Texts that are the same as their source. */
import { LANGUAGES } from './functionWords';
import { candidateOf, isLower, weigh, WORD_LANGS } from './languageText';
import type { View } from './languageView';
import type { Lang } from './record';

/** Words that make a copied text prose rather than a name. */
const COPIED_WORDS = 4;

/** Whether a text that is the same as its source should have been translated. */
export function isCopy(view: View, origin: Lang): boolean {
  if (origin === view.tag) return false;
  const evidence = weigh(view.words, 0, view.words.length, view.bit);
  const from = LANGUAGES.has(origin) ? origin : 'en';
  const { only, against } = candidateOf(evidence, from);
  const known = evidence.all[WORD_LANGS.indexOf(from)] ?? 0;
  const lower = view.words.filter(isLower).length;
  const prose = lower >= 2 ? known > 0 || view.words.length >= COPIED_WORDS : lower === 1 && only >= 2;
  // "No, no, no" is right in Spanish, too.
  const isShared = view.words.every(word => (word.langs & view.bit) !== 0);
  return prose && only >= against && !isShared;
}

/** Whether two texts differ in nothing but what a translator changes by accident: composition and white space. */
export function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  // Nearly all texts differ in their first letter or their last, which is far quicker to see.
  const [a, b] = [one.trim(), other.trim()];
  return !differ(a[0], b[0]) && !differ(a.at(-1), b.at(-1)) && squeeze(a) === squeeze(b);
}

/** Whether two characters differ that are not composed of others. */
function differ(one = '', other = ''): boolean {
  return one !== other && one < LAST_ASCII && other < LAST_ASCII;
}

const LAST_ASCII = '\u0080';

function squeeze(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ');
}
