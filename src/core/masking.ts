/**
 * What a translation must keep letter by letter stands as a mark in the text that a model gets: `⟦P0⟧`, `⟦P1⟧` … Models copy
 * a mark more reliably than code or an address. After the answer each has to be there exactly once.
 */
import { addresses } from './checks/addresses';
import { INLINE, TEXT_BLOCK } from './checks/code';
import { isFixed, placeholders, readTags } from './checks/markup';
import { looksLikeCode } from './codeShape';

export interface Masked {
  /** With marks in it. */
  readonly text: string;
  /** What each mark stands for, in the order of their numbers. */
  readonly masked: readonly string[];
}

/** What came back; marks of each kind once, in their order. */
export interface Unmasked {
  readonly text: string;
  /** Parts of the source that are missing. */
  readonly lost: readonly string[];
  /** Parts that are there more than once. */
  readonly doubled: readonly string[];
  /** Marks that were never given out, as the model wrote them. */
  readonly invented: readonly string[];
}

interface Span {
  readonly start: number;
  readonly text: string;
}

/**
 * A mark as models write it: with blanks, a small letter, other brackets, full-width or Arabic digits. Where a source
 * has anything like it, that is masked as well, so that it is never taken for a mark.
 */
const MARK = /([⟦〚【]|\[{1,2})\s{0,2}[pPＰ]\s?([0-9０-９٠-٩۰-۹]{1,6})\s{0,2}(?:[⟧〛】]|\]{1,2})/gu;
/** Single ones are used for other things as well: only with a number that was given out it is a mark. */
const SINGLE = '[';

/**
 * TeX between its delimiters. Bounded, as all patterns here: linear time. Between single dollars there are formulas and
 * prices: what stands there begins and ends without a blank and has a sign of TeX in it, or is a letter or two.
 */
const MATH =
  /\$\$[^$]{1,1000}\$\$|\\\[[^]{1,500}?\\\]|\\\([^]{1,500}?\\\)|(?<![\\$\w])\$(?:\p{L}{1,2}|(?![\s$])(?=[^$\n]{0,200}[\\^_={}<>])[^$\n]{0,199}[^$\n\s\\])\$(?![\d$])/gu;
/** Sets of one letter are masked like the other placeholders, and arguments by number; TeX has them behind a letter or a brace. */
const SHORT_BRACES = /(?<![\w\\{}^$])\{(?:\p{L}|\d{1,3})\}(?!\})/gu;

/** A mark by its number. */
export const markOf = (number: number) => `⟦P${number}⟧`;

/** Takes out of a text what is kept as it is: code, addresses, placeholders, tags, formulas. */
export function mask(text: string): Masked {
  const found = [
    ...spansOf(text, MARK),
    ...spansOf(text, INLINE).flatMap(codeOf),
    ...spansOf(text, MATH),
    ...addresses(text),
    ...placeholders(text).filter(isFixed),
    ...readTags(text),
    ...spansOf(text, SHORT_BRACES),
  ];
  // Of two that overlap the first one counts, and of those that begin together the longer one.
  found.sort((a, b) => a.start - b.start || b.text.length - a.text.length);
  const masked: string[] = [];
  let out = '';
  let end = 0;
  for (const { start, text: part } of found) {
    if (start < end || part === '') continue;
    out += text.slice(end, start) + markOf(masked.length);
    masked.push(part);
    end = start + part.length;
  }
  return { text: out + text.slice(end), masked };
}

/** Puts back what was masked: each mark as far as it is there, the rest of the text as it is. */
export function unmask(answer: string, masked: readonly string[]): Unmasked {
  const seen = new Map<number, number>();
  const invented = new Set<string>();
  const text = answer.replace(MARK, (whole, open: string, digits: string) => {
    const number = valueOf(digits);
    const part = masked[number];
    if (part === undefined) {
      if (open !== SINGLE) invented.add(whole);
      return whole;
    }
    seen.set(number, (seen.get(number) ?? 0) + 1);
    return part;
  });
  return {
    text,
    lost: masked.filter((_, number) => !seen.has(number)),
    doubled: masked.filter((_, number) => (seen.get(number) ?? 0) > 1),
    invented: [...invented],
  };
}

/** Whether there is anything in a masked text that could be translated. */
export function hasWords(text: string): boolean {
  return /\p{L}/u.test(text.replace(MARK, ''));
}

function spansOf(text: string, pattern: RegExp): Span[] {
  return Array.from(text.matchAll(pattern), ({ 0: found, index }) => ({ start: index, text: found }));
}

/**
 * Of a block that is code all of it; of one that holds text, which is translated, only its fences. A block that is never
 * closed is the rest of the text.
 */
function codeOf(span: Span): Span[] {
  const { text, start } = span;
  if (!text.startsWith('```')) return [span];
  const line = /^```[^\n`]{0,100}/.exec(text)?.[0] ?? '```';
  const isClosed = text.length >= line.length + 3 && text.endsWith('```');
  const content = text.slice(line.length, isClosed ? -3 : undefined);
  const named = /^```[ \t]*\w/.test(line) && !TEXT_BLOCK.test(line);
  // Blanks at the end are the text's: models leave them out, and they are put back apart from marks.
  if (named || looksLikeCode(content)) return [{ start, text: text.trimEnd() }];
  const fences = [{ start, text: line.trimEnd() }];
  return isClosed ? [...fences, { start: start + text.length - 3, text: '```' }] : fences;
}

/** The digits of these scripts begin at a multiple of 16. */
function valueOf(digits: string): number {
  return Number(Array.from(digits, digit => digit.charCodeAt(0) & 15).join(''));
}
