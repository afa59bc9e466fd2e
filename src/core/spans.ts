/** Where findings are in a text: their order, what is marked, where they have moved to, and the text that a fix leads to. */
import type { Finding, Fix, Severity } from './check';
import type { Side } from './record';

/** From the gravest. */
export const SEVERITIES = ['error', 'warning', 'info'] as const satisfies Severity[];

/** UTF-16 code units, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A stretch of a text, marked by the gravest finding about it. */
export interface Piece extends Span {
  /** Null: nothing is to be marked here. */
  readonly severity: Severity | null;
  /** Whether there is nothing to be seen in it, so that its place has to be shown: something is missing, or hidden. */
  readonly isPlace: boolean;
}

/** What shows nothing where it stands: control and format characters, ends of lines. */
const UNSEEN = /^[\p{Cc}\p{Cf}\u2028\u2029]*$/u;
/** UTF-16 units of a marked stretch that are looked at: what is longer shows something. */
const MAX_UNSEEN = 40;

/** Cuts a text at the ends of the spans: the pieces follow one another and cover all of it. */
export function piecesOf(text: string, marks: readonly (Span & { readonly severity: Severity })[]): Piece[] {
  const inside = marks.filter(({ start, end }) => start >= 0 && start <= end && end <= text.length);
  const cuts = [0, text.length, ...inside.flatMap(({ start, end }) => [start, end])];
  const edges = [...new Set(cuts)].sort((a, b) => a - b);
  const gravest = (some: readonly { readonly severity: Severity }[]) =>
    SEVERITIES.find(severity => some.some(mark => mark.severity === severity)) ?? null;
  return edges.flatMap((start, index): Piece[] => {
    const missing = gravest(inside.filter(mark => mark.start === start && mark.end === start));
    const place: Piece[] = missing ? [{ start, end: start, severity: missing, isPlace: true }] : [];
    const end = edges[index + 1];
    if (end === undefined) return place;
    const severity = gravest(inside.filter(mark => mark.start <= start && mark.end >= end));
    const isUnseen = severity !== null && end - start <= MAX_UNSEEN && UNSEEN.test(text.slice(start, end));
    return [...place, { start, end, severity, isPlace: isUnseen }];
  });
}

/**
 * Where a span of a text has gone in the text that was made of it by typing in one place.
 * @returns undefined where what it covers was itself changed
 */
export function movedSpan<T extends Span>(span: T, before: string, after: string): T | undefined {
  if (before === after) return span;
  const shorter = Math.min(before.length, after.length);
  let same = 0;
  while (same < shorter && before.charCodeAt(same) === after.charCodeAt(same)) same++;
  if (span.end <= same) return span;
  let tail = 0;
  while (
    tail < shorter - same &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  )
    tail++;
  if (span.start < before.length - tail) return undefined;
  const by = after.length - before.length;
  return { ...span, start: span.start + by, end: span.end + by };
}

/** The text that a fix leads to. */
export function fixed(text: string, { start, end, text: replacement }: Fix): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** What tells a finding from the others of its unit. */
export type FindingPlace = Pick<Finding, 'check' | 'side' | 'field' | 'start' | 'end'>;

const SIDES: readonly Side[] = ['source', 'target'];

/** Compares by where they are read: field by field, the source before the target, from its beginning on. */
export function readingOrder(
  fields: readonly { readonly name: string }[],
): (one: FindingPlace, other: FindingPlace) => number {
  const places = new Map(fields.map(({ name }, index) => [name, index]));
  const rank = ({ side, field, start, end }: FindingPlace) => [
    places.get(field) ?? fields.length,
    SIDES.indexOf(side),
    start,
    end,
  ];
  return (one, other) => {
    const [left, right] = [rank(one), rank(other)];
    const at = left.findIndex((value, index) => value !== right[index]);
    if (at >= 0) return (left[at] ?? 0) - (right[at] ?? 0);
    return one.check < other.check ? -1 : Number(one.check > other.check);
  };
}
