/**
 * The filter language, as people type it: from text to conditions.
 *
 * | Write                                        | Finds the records                                                      |
 * | -------------------------------------------- | ---------------------------------------------------------------------- |
 * | `all`, or nothing                            | all of them (the word itself: `"all"`)                                 |
 * | `word`, `"two words"`                        | whose current source or target text contains it, in capitals or small  |
 * | `source:word`, `target:"two words"`          | … on that side                                                         |
 * | `instruction:` `input:` `output:` `text:`    | … in that field of either side                                         |
 * | `state:edited,stale`                         | in one of these states: pending, edited, skipped, needs-work, rejected, partly-approved, accepted-by-sample, approved, disputed, stale, conflict; `bad` for a line that is no record |
 * | `finding:any` `finding:none`                 | with, without a warning                                                |
 * | `finding:error` `finding:warning` `finding:info` | with one of that severity                                          |
 * | `finding:language`                           | with one of the check of that name, or whose name begins with `language-` |
 * | `by:anna`, `by:me`                           | that Anna, that I edited, decided on or commented on                   |
 * | `assigned:anna` `assigned:me` `assigned:nobody` | that are assigned to Anna, to me, to nobody                         |
 * | `reason:meaning`                             | whose text as it is now was decided on for this reason                 |
 * | `lang:zh`                                    | with that target language, here also `zh-CN`                           |
 * | `key:r12`, `key:r12@de`                      | with that id, that key                                                 |
 * | `line:120`, `line:100-200`                   | on that line, on these lines                                           |
 * | `is:repeated` `is:commented` `is:edited`     | whose key stands more than once in the file; that have a comment, an edit |
 * | `is:mine`                                    | that I have to do: assigned to me or to nobody, and waiting for my decision |
 * | `is:second`                                  | that somebody else approved, where that is not enough and I have not decided |
 * | `is:returned`                                | sent back to me: my text or my approval met needs-work or reject       |
 * | `is:changed`                                 | changed after me: I decided on an older text                           |
 * | `is:replied` `is:open`                       | where somebody replied to me in an open thread; with an open thread    |
 * | `is:proposed`                                | with a text that somebody proposed and nobody took or dismissed yet    |
 * | `is:source`                                  | whose source may be wrong: a change of it is proposed, or a decision says so |
 * | `is:candidate`                               | for whose current text a model has proposed another                    |
 * | `has:metadata.score`                         | that have this member, be it null                                      |
 * | `metadata.score < 3`                         | whose member is smaller; also `<=` `>` `>=`, numbers with numbers and strings with strings |
 * | `tags = x`, `tags.0 = x`, `"odd name".b = 1` | whose member is, or is a list that holds, this value                   |
 * | `score != 3`                                 | the opposite of `score = 3`: also those without the member             |
 * | `note ~ word`                                | whose member contains it, in capitals or small, or is a list with such a string |
 * | `a b`, `a AND b`, `a OR b`                   | that meet both, that meet one; AND comes before OR                     |
 * | `-a`, `NOT a`, `(a OR b) c`                  | that do not meet it; parentheses group                                 |
 * | `sort:metadata.score`, `sort:-line`          | … in this order, with `-` the other way round; by line if nothing is said |
 * | `sample:60`, `sample:60/seed`                | so many of those found, drawn at random; another seed draws others     |
 *
 * A value is a number as JSON writes it, `true`, `false`, `null`, or a string; what is in quotes is always a string. In
 * quotes `\"` is a quotation mark and `\\` a backslash. Capitals count in AND, OR and NOT: `and` is a word.
 */
import { say, type Argument, type MessageId, type Said } from './messages';
import type { Side } from './record';
import { STATES, type State } from './states';

const FIELDS = ['instruction', 'input', 'output', 'text'] as const;
const SCOPES = ['source', 'target', ...FIELDS] as const;
/** What `is:` may say of a unit that hangs on its review, on who asks, or on the policy. */
export const REVIEW_TRAITS = [
  'mine',
  'second',
  'returned',
  'changed',
  'replied',
  'open',
  'proposed',
  'source',
] as const;
const TRAITS = ['repeated', 'commented', 'edited', 'candidate', ...REVIEW_TRAITS] as const;
const ROW_STATES = [...STATES, 'bad'] as const;
const NAMES = [
  ...SCOPES,
  'state',
  'finding',
  'by',
  'assigned',
  'reason',
  'lang',
  'key',
  'line',
  'is',
  'has',
  'sort',
  'sample',
];
const RESERVED: readonly string[] = ['AND', 'OR', 'NOT'];

/** Where a text is looked for. */
export type TextScope = 'either' | Side | (typeof FIELDS)[number];
/** The state of a unit, or that the line is no record. */
export type RowState = State | 'bad';
export type ReviewTrait = (typeof REVIEW_TRAITS)[number];
export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~';
export type MemberValue = string | number | boolean | null;
/** Names of members from the outermost inwards; in an array the index, in decimal digits. */
export type MemberPath = readonly string[];

export type Term =
  | { readonly type: 'text'; readonly scope: TextScope; readonly text: string }
  | { readonly type: 'state'; readonly states: readonly RowState[] }
  /** `any`, `none`, a severity, or a check's id or the beginning of one. */
  | { readonly type: 'finding'; readonly what: string }
  /** `me` is whoever asks. */
  | { readonly type: 'by'; readonly reviewer: string }
  /** `me` is whoever asks; `nobody`: assigned to none. */
  | { readonly type: 'assigned'; readonly reviewer: string }
  | { readonly type: 'reason'; readonly reason: string }
  | { readonly type: 'lang'; readonly tag: string }
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'line'; readonly from: number; readonly to: number }
  | { readonly type: 'is'; readonly what: (typeof TRAITS)[number] }
  | { readonly type: 'has'; readonly path: MemberPath }
  /** `~` has a string as its value. */
  | {
      readonly type: 'member';
      readonly path: MemberPath;
      readonly operator: Operator;
      readonly value: MemberValue;
    };
export type Part =
  | Term
  | { readonly type: 'and' | 'or'; readonly parts: readonly Part[] }
  | { readonly type: 'not'; readonly part: Part };
/** What a row has to meet. `all` stands only alone. */
export type Condition = Part | { readonly type: 'all' };

export interface Sort {
  /** The member to sort by; none: the line. */
  readonly path: MemberPath | undefined;
  readonly descending: boolean;
}

/** A draw from the rows that meet the condition. */
export interface Sample {
  /** Rows, from 1 to 1,000,000. */
  readonly count: number;
  /** 1 to 40 letters, digits, `.`, `_` or `-`; `0` if none was given. */
  readonly seed: string;
}

export interface Query {
  /** As it was typed. */
  readonly text: string;
  readonly where: Condition;
  /** None: by line, ascending. */
  readonly sort: Sort | undefined;
  /** None: all rows that meet the condition. */
  readonly sample: Sample | undefined;
}

export type QueryResult =
  | { readonly ok: true; readonly query: Query }
  /** `at`: where in the text it went wrong, in UTF-16 code units from 0. */
  | { readonly ok: false; readonly reason: Said; readonly at: number };

/** In UTF-16 code units. A query may come from a shared file: nothing in it may cost more than a moment. */
const MAX_LENGTH = 4_000;
const MAX_TERMS = 200;
const MAX_NESTING = 50;
const MAX_SAMPLE = 1_000_000;

/** A run of characters that stands without quotes. A `!` is one of them unless it begins `!=`. */
const WORD = /(?:[^\s()":=<>~!]|!(?!=))+/y;
/** One name of a path. */
const NAME = /(?:[^\s()":=<>~!.]|!(?!=))+/y;
/** What may follow `name:` or an operator: not another operator, so that `a == b` is no comparison with `=b`. */
const VALUE = /[^\s()"=<>~!:][^\s()"]*/y;
const QUOTED = /"((?:[^"\\]|\\[^])*)"/y;
const OPERATOR = /\s*(!=|<=|>=|=|<|>|~)\s*/y;
const SPACE = /\s*/y;
const MINUS = /-(?=\S)/y;
/** What stands only once and applies to the whole query. */
const WHOLE = /(sort|sample):/y;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const LINES = /^([1-9]\d{0,14})(?:-([1-9]\d{0,14}))?$/;
const SAMPLE = /^([1-9]\d{0,6})(?:\/([\w.-]{1,40}))?$/;
const CHECK = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** Reads a query; an empty or blank one is `all`. Never throws. */
export function parseQuery(text: string): QueryResult {
  if (text.length > MAX_LENGTH)
    return { ok: false, reason: say('filter.tooLong', text.length, MAX_LENGTH), at: MAX_LENGTH };
  try {
    return { ok: true, query: new Parser(text).query() };
  } catch (error) {
    if (error instanceof Mistake) return { ok: false, reason: error.said, at: error.at };
    throw error;
  }
}

class Mistake extends Error {
  readonly said: Said;
  readonly at: number;

  constructor(at: number, said: Said) {
    super(said.id);
    this.said = said;
    this.at = at;
  }
}

class Parser {
  readonly #text: string;
  #at = 0;
  #terms = 0;
  #sort: Sort | undefined;
  #sample: Sample | undefined;
  /** Which of {@link WHOLE} were there. */
  readonly #whole = new Set<string>();
  /** The word `all` without quotes or parentheses: everything, if nothing else is asked. */
  #all: Part | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  query(): Query {
    const parts = this.#or(0);
    if (this.#at < this.#text.length) this.#fail('filter.close');
    const where = parts === undefined || parts === this.#all ? ({ type: 'all' } as const) : parts;
    return { text: this.#text, where, sort: this.#sort, sample: this.#sample };
  }

  /** @returns undefined where there is nothing but, at the top, a sort order or a sample */
  #or(depth: number): Part | undefined {
    const first = this.#and(depth);
    if (!this.#peek('OR')) return first;
    const parts = [first ?? this.#fail('filter.expected')];
    while (this.#word('OR')) parts.push(this.#and(depth) ?? this.#fail('filter.expected'));
    return join('or', parts);
  }

  #and(depth: number): Part | undefined {
    const parts: Part[] = [];
    for (;;) {
      this.#take(SPACE);
      const ends = this.#at >= this.#text.length || this.#text[this.#at] === ')' || this.#peek('OR');
      if (ends) return parts.length > 1 ? join('and', parts) : parts[0];
      if (depth === 0 && this.#ofWhole()) continue;
      parts.push(this.#not(depth));
      while (this.#word('AND')) parts.push(this.#not(depth));
    }
  }

  #not(depth: number): Part {
    this.#take(SPACE);
    if (depth > MAX_NESTING) this.#fail('filter.tooDeep', MAX_NESTING);
    if (this.#take(MINUS) || this.#word('NOT')) return { type: 'not', part: this.#not(depth + 1) };
    const open = this.#at;
    if (this.#text[open] !== '(') return this.#term(depth);
    this.#at++;
    const inner = this.#or(depth + 1) ?? this.#fail('filter.expected');
    if (this.#text[this.#at] !== ')') this.#failAt(open, 'filter.open');
    this.#at++;
    return inner;
  }

  #term(depth: number): Part {
    if (++this.#terms > MAX_TERMS) this.#fail('filter.tooMany', MAX_TERMS);
    const start = this.#at;
    const quoted = this.#quoted();
    const text = quoted ?? this.#take(WORD)?.[0] ?? this.#fail('filter.expected');
    if (quoted === undefined && RESERVED.includes(text)) this.#failAt(start, 'filter.expected');
    const next = this.#text[this.#at];
    if (next === ':') {
      if (quoted !== undefined) this.#fail('filter.colon');
      this.#at++;
      return this.#named(text, start);
    }
    const isPath = quoted === undefined ? next === '"' && text.endsWith('.') : next === '.';
    if (isPath || matchAt(OPERATOR, this.#text, this.#at)) {
      this.#at = start;
      return this.#comparison();
    }
    const term = { type: 'text', scope: 'either', text: this.#something(text, start) } as const;
    if (quoted === undefined && text === 'all' && depth === 0) this.#all = term;
    return term;
  }

  /** What follows `name:`. */
  #named(name: string, start: number): Term {
    if (name === 'sort' || name === 'sample') this.#failAt(start, 'filter.once', name);
    if (!NAMES.includes(name)) this.#failAt(start, 'filter.name', name, NAMES.join(', '));
    if (name === 'has') return { type: 'has', path: this.#path() };
    const at = this.#at;
    const value = this.#value(name, start);
    const wrong = (allowed: string): never => this.#failAt(at, 'filter.value', value, name, allowed);
    switch (name) {
      case 'state':
        return {
          type: 'state',
          states: value.split(',').map(each => oneOf(ROW_STATES, each) ?? wrong(ROW_STATES.join(', '))),
        };
      case 'finding':
        return CHECK.test(value)
          ? { type: 'finding', what: value }
          : wrong('any, none, error, warning, info, language');
      case 'by':
      case 'assigned':
        return { type: name, reviewer: value };
      case 'reason':
        return { type: 'reason', reason: value };
      case 'lang':
        return { type: 'lang', tag: value };
      case 'key':
        return { type: 'key', key: value };
      case 'line': {
        const [whole, first, last = first] = LINES.exec(value) ?? [];
        const [from, to] = [Number(first), Number(last)];
        return whole !== undefined && from <= to ? { type: 'line', from, to } : wrong('120, 100-200');
      }
      case 'is':
        return { type: 'is', what: oneOf(TRAITS, value) ?? wrong(TRAITS.join(', ')) };
      default:
        return { type: 'text', scope: oneOf(SCOPES, name) ?? 'either', text: value };
    }
  }

  #value(name: string, start: number): string {
    const value = this.#quoted() ?? this.#take(VALUE)?.[0] ?? '';
    return value === '' ? this.#failAt(start, 'filter.valueMissing', name) : value;
  }

  #comparison(): Term {
    const path = this.#path();
    const operator = this.#take(OPERATOR)?.[1] as Operator | undefined;
    if (operator === undefined) this.#fail('filter.operator');
    const at = this.#at;
    const quoted = this.#quoted();
    const bare = quoted === undefined ? this.#take(VALUE)?.[0] : undefined;
    const text = quoted ?? bare;
    if (text === undefined || (bare !== undefined && RESERVED.includes(bare)))
      this.#failAt(at, 'filter.valueMissing', operator);
    if (operator === '~') return { type: 'member', path, operator, value: this.#something(text, at) };
    return { type: 'member', path, operator, value: bare === undefined ? text : literal(bare) };
  }

  #path(): MemberPath {
    const path: string[] = [];
    do path.push(this.#quoted() ?? this.#take(NAME)?.[0] ?? this.#fail('filter.path'));
    while (this.#take(/\./y));
    return path;
  }

  /** Takes a sort order or a sample. */
  #ofWhole(): boolean {
    const start = this.#at;
    const name = this.#take(WHOLE)?.[1];
    if (name === undefined) return false;
    if (this.#whole.has(name)) this.#failAt(start, 'filter.once', name);
    this.#whole.add(name);
    if (name === 'sort') this.#sort = this.#sortOrder();
    else this.#sample = this.#draw(start);
    return true;
  }

  /** @returns undefined for the order that there is anyway */
  #sortOrder(): Sort | undefined {
    const descending = this.#take(/-/y) !== undefined;
    const byLine = this.#take(/line(?![^\s()])/y) !== undefined;
    return byLine && !descending ? undefined : { path: byLine ? undefined : this.#path(), descending };
  }

  #draw(start: number): Sample {
    const at = this.#at;
    const value = this.#value('sample', start);
    const [, digits, seed = '0'] = SAMPLE.exec(value) ?? [];
    const count = Number(digits);
    return count <= MAX_SAMPLE
      ? { count, seed }
      : this.#failAt(at, 'filter.sample', value, String(MAX_SAMPLE));
  }

  /** Text to look for: every text contains an empty one, so that is hardly what was meant. */
  #something(text: string, at: number): string {
    return text === '' ? this.#failAt(at, 'filter.empty') : text;
  }

  #quoted(): string | undefined {
    if (this.#text[this.#at] !== '"') return undefined;
    const found = this.#take(QUOTED) ?? this.#fail('filter.quote');
    return (found[1] ?? '').replace(/\\(["\\])/g, '$1');
  }

  /** Takes one of the words that join conditions. */
  #word(word: string): boolean {
    this.#take(SPACE);
    const found = this.#peek(word);
    if (found) this.#at += word.length;
    return found;
  }

  #peek(word: string): boolean {
    return matchAt(WORD, this.#text, this.#at)?.[0] === word;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    const found = matchAt(pattern, this.#text, this.#at);
    if (found) this.#at += found[0].length;
    return found;
  }

  #fail(id: MessageId, ...args: Argument[]): never {
    return this.#failAt(this.#at, id, ...args);
  }

  /** The first argument of every sentence is the position, counted from 1 as people do. */
  #failAt(at: number, id: MessageId, ...args: Argument[]): never {
    throw new Mistake(at, say(id, at + 1, ...args));
  }
}

/** @param pattern a sticky one */
function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** What a value without quotes stands for. A number too large to be one is left a string. */
function literal(text: string): MemberValue {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  // Adding 0 makes -0 the 0 that it equals.
  return NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) + 0 : text;
}

/** Joined parts, those of the same kind that stood in parentheses among them. */
function join(type: 'and' | 'or', parts: readonly Part[]): Part {
  return { type, parts: parts.flatMap(part => (part.type === type ? part.parts : [part])) };
}

function oneOf<T extends string>(list: readonly T[], text: string): T | undefined {
  return list.find(each => each === text);
}
