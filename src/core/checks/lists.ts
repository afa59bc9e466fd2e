/** Lines and items that a translation has lost, joined or split. */
import type { Check, FieldPair, Hit } from '../check';
import { say } from '../messages';

/** A line with something in it; with every line end that there is, since it must not count with which one a text was written. */
const LINE = /\S[^\r\n\v\f\u0085\u2028\u2029]*/g;
/** One more or less is a heading set apart, or a paragraph split: right as often as not. */
const MIN_LINES_APART = 2;

/** Number of lines with something in them. */
export function countLines(text: string): number {
  return text.match(LINE)?.length ?? 0;
}

const apart = (source: string, target: string) => countLines(target) - countLines(source);

function linesHit(pair: FieldPair): Hit | undefined {
  const { name, source, target } = pair;
  if (!/\S/.test(source) || !/\S/.test(target)) return undefined;
  if (Math.abs(apart(source, target)) < MIN_LINES_APART || pair.isCode) return undefined;
  // Without fenced code, whose lines may be wrapped otherwise.
  if (Math.abs(apart(pair.sourceProse, pair.targetProse)) < MIN_LINES_APART) return undefined;
  const message = say('structure.lines', countLines(source), countLines(target));
  return { field: name, start: target.length, end: target.length, message };
}

/** Fields whose number of lines is not that of the source. */
export const LINES_CHECK: Check = {
  id: 'lines',
  title: 'check.lines',
  severity: 'warning',
  needs: ['source'],
  run: ({ pairs }) => pairs.flatMap(pair => linesHit(pair) ?? []),
};

/** The zeros of the scripts whose digits number lists. */
const ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10];
/** A number at the start of a line and what sets it off; no decimal, date or time. */
const NUMBERED = /^[ \t\u3000*#]{0,12}(\p{Nd}{1,3})(?:[.．)）、](?!\p{Nd})|[:：\-–](?=\s))/gmu;
const BULLET = /^[ \t\u3000]{0,12}(?:[-*+–—](?=[\s\p{L}])|[•·●▪◦‣○■－])/gmu;
/** A single number or dash may be something else than an item. */
const MIN_ITEMS = 2;

interface Item {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

function numberedItems(text: string): Item[] {
  return Array.from(text.matchAll(NUMBERED), match => {
    const digits = match[1] ?? '';
    const start = match.index + match[0].indexOf(digits);
    return { number: valueOf(digits), start, end: start + digits.length };
  });
}

function valueOf(digits: string): number {
  let value = 0;
  for (const digit of digits) {
    const code = digit.charCodeAt(0);
    const zero = ZEROS.find(from => code >= from && code < from + 10) ?? code;
    value = value * 10 + code - zero;
  }
  return value;
}

function listHit(pair: FieldPair): Hit | undefined {
  return numberedHit(pair) ?? bulletHit(pair);
}

function numberedHit(pair: FieldPair): Hit | undefined {
  const { name, source, target } = pair;
  const items = numberedItems(source);
  if (items.length < MIN_ITEMS) return undefined;
  const found = numberedItems(target);
  const odd = items.findIndex(({ number }, index) => found[index]?.number !== number);
  const differs = odd >= 0 || found.length > items.length;
  if (!differs || pair.isCode) return undefined;
  const at = found[odd < 0 ? items.length : odd];
  const wanted = items[odd];
  const message =
    at && wanted && found.length === items.length
      ? say('structure.renumbered', wanted.number, at.number)
      : say(
          found.length > items.length ? 'structure.itemsAdded' : 'structure.items',
          items.length,
          found.length,
        );
  const place = { start: at?.start ?? target.length, end: at?.end ?? target.length };
  // Other labels, such as letters or bullets, may have come in their place.
  return { field: name, ...(found.length === 0 && { severity: 'info' }), ...place, message };
}

function bulletHit(pair: FieldPair): Hit | undefined {
  const { name, source, target } = pair;
  const wanted = source.match(BULLET)?.length ?? 0;
  if (wanted < MIN_ITEMS) return undefined;
  const found = target.match(BULLET)?.length ?? 0;
  if (found >= wanted || pair.isCode) return undefined;
  const end = target.length;
  return { field: name, start: end, end, severity: 'info', message: say('structure.items', wanted, found) };
}

/** Lists whose items are lost, or numbered otherwise. */
export const LIST_CHECK: Check = {
  id: 'list',
  title: 'check.list',
  severity: 'warning',
  needs: ['source'],
  run: ({ pairs }) => pairs.flatMap(pair => listHit(pair) ?? []),
};
