/** Whether a row meets a filter. The language that filters are written in is described in `filterText.ts`. */
import type { Condition, MemberPath, MemberValue, Operator, Part, ReviewTrait, RowState } from './filterText';
import type { Field } from './record';
import { containsFolded, fold } from './textSearch';

export {
  parseQuery,
  REVIEW_TRAITS,
  type Condition,
  type MemberPath,
  type Query,
  type QueryResult,
  type ReviewTrait,
  type RowState,
  type Sample,
  type Sort,
} from './filterText';

/** What a row is asked; members are functions where they cost something. */
export interface RowFacts {
  /** From 1. */
  readonly line: number;
  /** Key and target language of the unit; undefined for a bad row. */
  readonly key: string | undefined;
  readonly lang: string | undefined;
  readonly state: RowState;
  /** Whoever asks: the `me` of a query; undefined meets nobody. */
  readonly me: string | undefined;
  /** Everyone with an event on the unit. */
  readonly by: readonly string[];
  readonly assigned: readonly string[];
  /** Ids of the reasons of all decisions on the current text. */
  readonly reasons: readonly string[];
  /** A record that nobody touched may still be `mine`; a bad row has none. */
  readonly traits: ReadonlySet<ReviewTrait>;
  readonly commented: boolean;
  readonly edited: boolean;
  /** Whether the key stands more than once in the file. */
  readonly repeated: boolean;
  /** Current text; none for a bad row. */
  readonly source: readonly Field[];
  readonly target: readonly Field[];
  /** Whether a model has proposed another text for the current one. */
  candidate(): boolean;
  findings(): readonly { readonly check: string; readonly severity: string }[];
  /** The parsed JSON of the row; undefined for a bad one. */
  record(): unknown;
}

/** What must be known of a row to tell whether it meets a condition, besides its line. */
export interface Needs {
  /** Its texts or its target language. */
  readonly text: boolean;
  readonly record: boolean;
  readonly findings: boolean;
  /** What was done to it: `state:`, `by:`, `assigned:`, `reason:`, and `is:` but for `is:repeated` and `is:candidate`. */
  readonly review: boolean;
  /** Its key, whether that is repeated, and what is known by it. */
  readonly keys: boolean;
  /** Whether there is a candidate for it. */
  readonly candidates: boolean;
}

/** Whether a row meets a condition. Asks for findings and the record only where the answer hangs on them. */
export function matches(where: Condition, row: RowFacts): boolean {
  switch (where.type) {
    case 'all':
      return true;
    case 'and':
      return where.parts.every(part => matches(part, row));
    case 'or':
      return where.parts.some(part => matches(part, row));
    case 'not':
      return !matches(where.part, row);
    case 'text': {
      const { scope, text } = where;
      const needle = fold(text);
      const bySide = scope === 'source' || scope === 'target';
      const fields = bySide ? row[scope] : [...row.source, ...row.target];
      const asked = bySide || scope === 'either' ? fields : fields.filter(field => field.name === scope);
      return asked.some(field => containsFolded(field.text, needle));
    }
    case 'state':
      return where.states.includes(row.state);
    case 'finding':
      return hasFinding(where.what, row);
    case 'by':
      return hasReviewer(row.by, where.reviewer, row.me);
    case 'assigned':
      if (where.reviewer === 'nobody') return row.assigned.length === 0;
      return hasReviewer(row.assigned, where.reviewer, row.me);
    case 'reason':
      return row.reasons.includes(where.reason);
    case 'lang':
      return row.lang !== undefined && isInRange(row.lang.toLowerCase(), where.tag.toLowerCase());
    case 'key':
      return row.key === where.key || row.key?.slice(0, row.key.lastIndexOf('@')) === where.key;
    case 'line':
      return row.line >= where.from && row.line <= where.to;
    case 'is': {
      const { what } = where;
      if (what === 'candidate') return row.candidate();
      const isOwn = what === 'repeated' || what === 'commented' || what === 'edited';
      return isOwn ? row[what] : row.traits.has(what);
    }
    case 'has':
      return memberAt(row.record(), where.path) !== undefined;
    case 'member':
      return compares(memberAt(row.record(), where.path), where.operator, where.value);
  }
}

export function needs(where: Condition): Needs {
  const terms = termsOf(where);
  const some = (...types: Part['type'][]) => terms.some(term => types.includes(term.type));
  const byKey = (term: Part) => term.type === 'is' && (term.what === 'repeated' || term.what === 'candidate');
  return {
    text: some('text', 'lang'),
    record: some('has', 'member'),
    findings: some('finding'),
    review:
      some('state', 'by', 'assigned', 'reason') || terms.some(term => term.type === 'is' && !byKey(term)),
    keys: some('key') || terms.some(byKey),
    candidates: terms.some(term => term.type === 'is' && term.what === 'candidate'),
  };
}

function termsOf(where: Condition): readonly Part[] {
  if (where.type === 'all') return [];
  if (where.type === 'not') return termsOf(where.part);
  return where.type === 'and' || where.type === 'or' ? where.parts.flatMap(termsOf) : [where];
}

/**
 * The member of a record at a path. Only what stands in the record itself is found, so `constructor`, `__proto__` and
 * the `length` of an array are members like any other.
 * @returns undefined where there is none
 */
export function memberAt(record: unknown, path: MemberPath): unknown {
  let value = record;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(name)) return undefined;
    value = Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
  }
  return value;
}

/**
 * Order of two members: numbers by size, then strings by their UTF-16 code units (the same everywhere, unlike a
 * dictionary's order), then false and true, then whatever else there is.
 * @param descending turns it round; rows without the member (`undefined`) are last all the same
 */
export function compareMembers(a: unknown, b: unknown, descending = false): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const [first, second] = descending ? [b, a] : [a, b];
  if (!isOrdered(first) || !isOrdered(second)) return rank(first) - rank(second);
  return rank(first) - rank(second) || Number(first > second) - Number(first < second);
}

const RANKS = ['number', 'string', 'boolean'];

function rank(value: unknown): number {
  return isOrdered(value) ? RANKS.indexOf(typeof value) : RANKS.length;
}

function isOrdered(value: unknown): value is number | string | boolean {
  return RANKS.includes(typeof value);
}

/** @param me the reviewer whom `me` stands for */
function hasReviewer(reviewers: readonly string[], asked: string, me: string | undefined): boolean {
  const reviewer = asked === 'me' ? me : asked;
  return reviewer !== undefined && reviewers.includes(reviewer);
}

function hasFinding(what: string, row: RowFacts): boolean {
  const findings = row.findings();
  if (what === 'any') return findings.length > 0;
  if (what === 'none') return findings.length === 0;
  return findings.some(({ check, severity }) => severity === what || isInRange(check, what));
}

/** Whether a name of parts joined by dashes begins with these parts: RFC 4647 basic filtering, and families of checks. */
function isInRange(name: string, range: string): boolean {
  return name === range || name.startsWith(`${range}-`);
}

/** @param member undefined: there is none */
function compares(member: unknown, operator: Operator, value: MemberValue): boolean {
  const values: readonly unknown[] = Array.isArray(member) ? member : [member];
  switch (operator) {
    case '=':
      return values.includes(value);
    case '!=':
      return !values.includes(value);
    case '~': {
      const needle = fold(String(value));
      return values.some(each => typeof each === 'string' && containsFolded(each, needle));
    }
    default:
      return isOrderable(member, value) && inOrder(operator, compareMembers(member, value));
  }
}

/** Only like is compared with like: a number in quotes is a string. */
function isOrderable(member: unknown, value: MemberValue): boolean {
  return typeof member === typeof value && (typeof value === 'number' || typeof value === 'string');
}

function inOrder(operator: '<' | '<=' | '>' | '>=', order: number): boolean {
  if (order === 0) return operator === '<=' || operator === '>=';
  return operator.startsWith(order < 0 ? '<' : '>');
}
