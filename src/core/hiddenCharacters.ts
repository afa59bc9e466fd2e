/** Characters that show nothing, or look like a blank and are none: where they are, and how they can be shown. */
import type { MessageId } from './messages';
import type { Span } from './spans';

export interface HiddenCharacter extends Span {
  /** Stands for it in a text: an arrow, a dot, or the abbreviation of the Unicode standard. */
  readonly sign: string;
  readonly name: MessageId;
  /** Its number in hexadecimal, with four digits or more. */
  readonly code: string;
}

/** Sign and name by the character. Abbreviations are those of the code charts of Unicode. */
const KNOWN: Readonly<Record<string, readonly [sign: string, name: MessageId]>> = {
  '\t': ['→', 'view.hidden.tab'],
  ' ': ['·', 'view.hidden.trailing'],
  '\r': ['CR', 'view.hidden.return'],
  '\u00a0': ['NBSP', 'view.hidden.noBreak'],
  '\u00ad': ['SHY', 'view.hidden.softHyphen'],
  '\u061c': ['ALM', 'view.hidden.arabicMark'],
  '\u200b': ['ZWSP', 'view.hidden.zeroWidth'],
  '\u200c': ['ZWNJ', 'view.hidden.nonJoiner'],
  '\u200d': ['ZWJ', 'view.hidden.joiner'],
  '\u200e': ['LRM', 'view.hidden.leftToRightMark'],
  '\u200f': ['RLM', 'view.hidden.rightToLeftMark'],
  '\u2028': ['LS', 'view.hidden.lineSeparator'],
  '\u2029': ['PS', 'view.hidden.paragraphSeparator'],
  '\u202a': ['LRE', 'view.hidden.leftToRight'],
  '\u202b': ['RLE', 'view.hidden.rightToLeft'],
  '\u202c': ['PDF', 'view.hidden.endOfDirection'],
  '\u202d': ['LRO', 'view.hidden.forcedLeftToRight'],
  '\u202e': ['RLO', 'view.hidden.forcedRightToLeft'],
  '\u202f': ['NNBSP', 'view.hidden.narrowNoBreak'],
  '\u2060': ['WJ', 'view.hidden.wordJoiner'],
  '\u2066': ['LRI', 'view.hidden.leftToRight'],
  '\u2067': ['RLI', 'view.hidden.rightToLeft'],
  '\u2068': ['FSI', 'view.hidden.ownDirection'],
  '\u2069': ['PDI', 'view.hidden.endOfDirection'],
  '\u3000': ['IDSP', 'view.hidden.ideographic'],
  '\ufeff': ['BOM', 'view.hidden.byteOrderMark'],
};

/** An emoji may hold joiners and tags that make one picture of several: those are no hidden characters. */
const EMOJI =
  /\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)?(?:\u200d\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)?|[\u{e0020}-\u{e007f}])+/u;
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
/**
 * In this order: of a match that begins in the same place the first one counts. Blanks are looked at from the first one only:
 * from each of 64,000 it would take half a minute to find that a letter follows.
 */
const PATTERN = new RegExp(
  `(${EMOJI.source})|(?!\\n|\\r\\n)(?:${HIDDEN.source})|(?<! ) +(?=\\r?\\n|$)`,
  'gu',
);
/** Of a text; who hides more has made their point. */
const MAX_SHOWN = 2000;

/** @returns in order, at most 2,000: each character by itself, blanks at the end of a line too */
export function hiddenCharacters(text: string): HiddenCharacter[] {
  const found: HiddenCharacter[] = [];
  for (const { 0: match, 1: emoji, index } of text.matchAll(PATTERN)) {
    if (emoji !== undefined) continue;
    if (found.length >= MAX_SHOWN) break;
    let start = index;
    for (const character of match) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      const [sign, name] = KNOWN[character] ?? [`U+${code}`, 'view.hidden.other'];
      found.push({ start, end: start + character.length, sign, name, code });
      start += character.length;
    }
  }
  return found;
}
