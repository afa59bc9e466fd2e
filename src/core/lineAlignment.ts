/**
 * Which lines of a text belong to which lines of its translation, by their lengths and by what they begin with, so that
 * partners can stand side by side. The costs are those of Gale and Church, “A Program for Aligning Sentences in Bilingual
 * Corpora” (1993), with lines in place of sentences.
 */
import type { Span } from './spans';

/** Lines of both texts that belong together; empty on a side where nothing belongs to those of the other. */
export interface Block {
  readonly source: Span;
  readonly target: Span;
}

/** Lines of source and target in one block, with the cost (negative log probability) of its being so. */
const SHAPES = [
  { sources: 1, targets: 1, cost: 0.12 },
  { sources: 1, targets: 0, cost: 4.6 },
  { sources: 0, targets: 1, cost: 4.6 },
  { sources: 2, targets: 1, cost: 3.1 },
  { sources: 1, targets: 2, cost: 3.1 },
] as const;
/** Variance of the target length for each character of the source. */
const VARIANCE = 6.8;
/** No difference of lengths says more: translations explain. Less than two lines without partners cost. */
const MAX_LENGTH_COST = 8;
/** A list item beside a heading, a blank line beside a full one. */
const OTHER_KIND = 8;
/** “2.” beside “3.”. */
const OTHER_NUMBER = 4;
/** A blank line more or less means little. */
const BLANK_SAVES = -3.1;
/** Two lines become one where they are prose, hardly ever where they are items. */
const JOINED_ITEMS = 6;
/** Lines by which partners may be away from where they would stand if all were evenly spread. */
const MIN_BAND = 40;
/** Pairs of lines that are looked at: some 50 ms. Texts for which that is not enough are one block. */
const MAX_CELLS = 200_000;
/** Of either text; each is drawn by itself. */
const MAX_LINES = 1000;
/** Characters of text in which both languages need as many: a short text says little of their ratio. */
const PRIOR_LENGTH = 200;

type Row = Float64Array<ArrayBuffer>;

interface Line extends Span {
  /** UTF-16 code units without the blanks around. */
  readonly length: number;
  readonly kind: 'blank' | 'fence' | 'heading' | 'bullet' | 'number' | 'quote' | 'table' | 'prose';
  /** Of a numbered item. */
  readonly number: string;
}

/**
 * @returns blocks in the order of both texts; their spans (UTF-16 code units) are whole lines with their ends and together all
 * of either text. None if both are empty.
 */
export function alignLines(source: string, target: string): Block[] {
  const [from, to] = [linesOf(source), linesOf(target)];
  const whole = [{ source: { start: 0, end: source.length }, target: { start: 0, end: target.length } }];
  if (from.length + to.length === 0) return [];
  if (from.length <= 1 && to.length <= 1) return whole;
  const band = Math.max(MIN_BAND, Math.abs(from.length - to.length) / 2 + MIN_BAND / 2);
  if (Math.max(from.length, to.length) > MAX_LINES) return whole;
  if ((from.length + 1) * Math.min(to.length + 1, 2 * band) > MAX_CELLS) return whole;
  return blocksOf(from, to, cheapest(from, to, band));
}

/** For each pair of line counts the shape that the cheapest way ends with, row by row. */
function cheapest(from: readonly Line[], to: readonly Line[], band: number): Uint8Array {
  const width = to.length + 1;
  const shapes = new Uint8Array((from.length + 1) * width);
  // Of this number of source lines, and of one and two less.
  let [costs, before, beforeThat] = [0, 1, 2].map(() => new Float64Array(width)) as [Row, Row, Row];
  const ratio = ratioOf(from, to);
  const slope = from.length === 0 ? 0 : to.length / from.length;
  for (let i = 0; i <= from.length; i++) {
    [costs, before, beforeThat] = [beforeThat, costs, before];
    costs.fill(Infinity);
    if (i === 0) costs[0] = 0;
    const middle = i * slope;
    const last = Math.min(to.length, from.length === 0 ? to.length : Math.ceil(middle + band));
    for (let j = Math.max(0, Math.floor(middle - band)); j <= last; j++) {
      for (let shape = 0; shape < SHAPES.length; shape++) {
        const { sources, targets, cost } = SHAPES[shape] ?? SHAPES[0];
        if (sources > i || targets > j) continue;
        const row = sources === 0 ? costs : sources === 1 ? before : beforeThat;
        const sofar = row[j - targets] ?? Infinity;
        if (sofar === Infinity) continue;
        const total = sofar + cost + against(from, i - sources, i, to, j - targets, j, ratio);
        if (total >= (costs[j] ?? Infinity)) continue;
        costs[j] = total;
        shapes[i * width + j] = shape;
      }
    }
  }
  return shapes;
}

function blocksOf(from: readonly Line[], to: readonly Line[], shapes: Uint8Array): Block[] {
  const blocks: Block[] = [];
  let [i, j] = [from.length, to.length];
  while (i > 0 || j > 0) {
    const { sources, targets } = SHAPES[shapes[i * (to.length + 1) + j] ?? 0] ?? SHAPES[0];
    blocks.push({ source: spanOf(from, i - sources, i), target: spanOf(to, j - targets, j) });
    i -= sources;
    j -= targets;
  }
  return blocks.reverse();
}

function spanOf(lines: readonly Line[], from: number, to: number): Span {
  const start = lines[from]?.start ?? lines.at(-1)?.end ?? 0;
  return { start, end: to > from ? (lines[to - 1]?.end ?? start) : start };
}

/** What lines of both texts, ends exclusive, say against being one block. Asked for often: it makes nothing. */
function against(
  from: readonly Line[],
  fromStart: number,
  fromEnd: number,
  to: readonly Line[],
  toStart: number,
  toEnd: number,
  ratio: number,
): number {
  const one = from[fromStart];
  const other = to[toStart];
  if (!one || fromStart === fromEnd) return other?.kind === 'blank' ? BLANK_SAVES : 0;
  if (!other || toStart === toEnd) return one.kind === 'blank' ? BLANK_SAVES : 0;
  const last = from[fromEnd - 1] ?? one;
  const otherLast = to[toEnd - 1] ?? other;
  const isJoined = last !== one || otherLast !== other;
  const wanted = ratio * (last === one ? one.length : one.length + last.length);
  const length = otherLast === other ? other.length : other.length + otherLast.length;
  const apart = (length - wanted) ** 2 / (VARIANCE * Math.max(1, (wanted + length) / 2));
  const cost = Math.min(MAX_LENGTH_COST, apart / 2);
  if (isJoined) {
    const isProse = one.kind === 'prose' && other.kind === 'prose';
    return cost + (isProse && last.kind === 'prose' && otherLast.kind === 'prose' ? 0 : JOINED_ITEMS);
  }
  if (one.kind !== other.kind) return cost + OTHER_KIND;
  return cost + (one.number === other.number ? 0 : OTHER_NUMBER);
}

const sumOf = (lines: readonly Line[]) => lines.reduce((sum, { length }) => sum + length, 0);

/** Characters of the target for one of the source: Chinese needs a third of what German needs. */
function ratioOf(from: readonly Line[], to: readonly Line[]): number {
  return (sumOf(to) + PRIOR_LENGTH) / (sumOf(from) + PRIOR_LENGTH);
}

/** Tested in this order; each looks at the beginning only. */
const KINDS = [
  ['blank', /^\s*$/],
  ['fence', /^\s{0,3}(?:```|~~~)/],
  ['heading', /^\s{0,3}#{1,6}\s/],
  ['bullet', /^\s{0,20}[-*+•·▪◦‣–—]\s/u],
  ['number', /^\s{0,20}[(（]?([\p{Nd}]{1,4})[.)）、．:]/u],
  ['quote', /^\s{0,3}[>＞]/u],
  ['table', /^\s{0,3}\|/],
] as const;

/** With their ends; a text that ends with the end of a line has no further line. */
function linesOf(text: string): Line[] {
  let start = 0;
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map(line => {
    const end = start + line.length;
    const kind = KINDS.find(([, pattern]) => pattern.test(line))?.[0] ?? 'prose';
    const digits = kind === 'number' ? (/\p{Nd}+/u.exec(line)?.[0] ?? '') : '';
    const made: Line = { start, end, length: line.trim().length, kind, number: latinDigits(digits) };
    start = end;
    return made;
  });
}

/** Digits of every script begin at a multiple of 16, or 6 after one (Arabic, Latin and full-width ones do at 0). */
function latinDigits(digits: string): string {
  return Array.from(digits, digit => {
    const code = digit.codePointAt(0) ?? 0;
    const low = code & 15;
    // Devanagari and its relatives have theirs from 6 to 15.
    return String(code >= 0x900 && code < 0xe00 && low >= 6 ? low - 6 : low);
  }).join('');
}
