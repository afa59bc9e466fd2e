/**
 * What a reviewer did, one event a line of a ledger. Events are facts: they are appended, never changed.
 * Reading is strict, so that a foreign line is set aside and never misread.
 */
import { isObject, parseJson, type JsonObject } from './jsonValue';
import { say, type Said } from './phrasing';
import type { Fingerprint, Side, UnitKey } from './record';

/** Far below 2^53: a forged counter must not take away the room that later events need. */
export const MAX_SEQ = 2 ** 50;

/** A ULID: unique without coordination, and in the order of its clock. */
export type EventId = string & { readonly __eventId: true };

export const DECISIONS = ['approve', 'needs-work', 'reject', 'skip'] as const;
export type Decision = (typeof DECISIONS)[number];

export interface FieldEdit {
  readonly side: Side;
  readonly name: string;
  readonly text: string;
}

/** The model text that an edit took over. */
export interface TakenCandidate {
  /** As the server named it in its answer. */
  readonly model: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** 16 hex digits of SHA-256 over the JSON of the messages sent. */
  readonly prompt: string;
}

interface Common {
  readonly v: 1;
  readonly id: EventId;
  /** Lamport counter: greater than every `seq` its writer had seen. */
  readonly seq: number;
  /** ISO 8601 in UTC. For people; nothing is decided by it alone. */
  readonly at: string;
  readonly by: string;
  readonly key: UnitKey;
  /** Line of the record at that time, from 1: a hint for finding it. */
  readonly line: number;
  /** The undo of this writer that the event takes back. */
  readonly redoes?: EventId;
}

export interface EditEvent extends Common {
  readonly type: 'edit';
  /** Every field that differs from the text of any parent, or, without parents, from the row's own text. */
  readonly fields: readonly FieldEdit[];
  readonly parents: readonly EventId[];
  /** The row's own text when the edit was made. */
  readonly base: Fingerprint;
  readonly result: Fingerprint;
  readonly candidate?: TakenCandidate;
  /** The edit of this writer that this one takes back. */
  readonly undoes?: EventId;
  /** Proposed texts, all among the parents, that this edit takes or dismisses. */
  readonly settles?: readonly EventId[];
}

export interface DecideEvent extends Common {
  readonly type: 'decide';
  readonly decision: Decision;
  /** The text decided on. */
  readonly fingerprint: Fingerprint;
  /** The edits seen; naming every head of a conflict settles it for this text. */
  readonly head: readonly EventId[];
  readonly reasons: readonly string[];
  readonly note?: string;
  /** The target text approved, shown beside the current one when the approval has gone stale. */
  readonly target?: readonly (readonly [name: string, text: string])[];
  /** In a dispute: the decisions that an adjudicator sets aside by this one. */
  readonly settles?: readonly EventId[];
  /** Made while the decisions of others on this text were hidden: two such can be compared by kappa. */
  readonly blind?: true;
}

export interface CommentEvent extends Common {
  readonly type: 'comment';
  readonly text: string;
  /** The first comment of the thread that this one belongs to; none: it begins one. */
  readonly thread?: EventId;
  /** Comments of the thread that are settled by this one. A thread is open while one of its comments is not. */
  readonly resolves?: readonly EventId[];
}

/** A finding that somebody looked at and found wrong, or not worth mending. */
export interface IgnoreEvent extends Common {
  readonly type: 'ignore';
  readonly check: string;
  readonly side: Side;
  readonly field: string;
  /** 32 hex digits of SHA-256 over the text of the field: of another text the finding counts again. */
  readonly text: Fingerprint;
  readonly reason: string;
}

export interface AssignEvent extends Common {
  readonly type: 'assign';
  /** A reviewer's name; empty: nobody. */
  readonly to: string;
  /** The assignments it was made in place of; those made without knowing of each other all hold. */
  readonly replaces: readonly EventId[];
}

export interface UndoEvent extends Common {
  readonly type: 'undo';
  /** The decide, comment, ignore or assign of the same reviewer that no longer holds. */
  readonly undoes: EventId;
}

/** What was done to one unit. */
export type ReviewEvent = EditEvent | DecideEvent | CommentEvent | IgnoreEvent | AssignEvent | UndoEvent;

/** What was done to many units at once: one line, so that all of it or nothing is there. */
export interface BulkEvent extends Omit<Common, 'redoes'> {
  readonly type: 'bulk';
  /** Each without what it shares with the others. `key` and `line` of the bulk itself are those of the first. */
  readonly events: readonly NewEvent[];
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** An event before its ledger gives it a place in the order. */
export type NewEvent = DistributiveOmit<ReviewEvent, 'v' | 'id' | 'seq' | 'at' | 'by'>;

export type EventLine =
  | { readonly ok: true; readonly event: ReviewEvent | BulkEvent }
  | { readonly ok: false; readonly reason: Said };

/** One line of a ledger, without its line end. */
export function encodeEvent(event: ReviewEvent | BulkEvent): string {
  return JSON.stringify(event);
}

/** The events that a line says; those of a bulk get its id with their number, from 0, in base 36. */
export function eventsOf(event: ReviewEvent | BulkEvent): readonly ReviewEvent[] {
  if (event.type !== 'bulk') return [event];
  const { id, seq, at, by, events } = event;
  return events.map((each, index) => ({ v: 1, seq, at, by, ...each, id: partOf(id, index) }));
}

/** Members that an event gets when it is appended. */
const OF_THE_LEDGER: readonly string[] = ['v', 'id', 'seq', 'at', 'by'];

/** What an event says, to be said again. */
export function saidIn(event: ReviewEvent): NewEvent {
  const said = Object.entries(event).filter(([name]) => !OF_THE_LEDGER.includes(name));
  return Object.fromEntries(said) as unknown as NewEvent;
}

/** The id of an event within a bulk: no ULID has small letters. */
export function partOf(bulk: EventId, index: number): EventId {
  return `${bulk}x${index.toString(36)}` as EventId;
}

const PART = /^([0-9A-Z]+)x[0-9a-z]{1,4}$/;

/** The id of what was done in one go: of the bulk that an event is a part of, else its own. */
export function actionOf(id: EventId): EventId {
  return (PART.exec(id)?.[1] ?? id) as EventId;
}

/** Levels of brackets that a line may nest. Our own nest four; a few thousand would be too much for `JSON.stringify`. */
const MAX_LEVELS = 500;

/** Reads one line of a ledger; a torn, foreign, later-version or conflict-marked one comes back with the reason. */
export function decodeEvent(line: string): EventLine {
  const value = parseJson(line);
  if (value === undefined) return { ok: false, reason: isConflictMark(line) ? CONFLICT_MARK : NOT_JSON };
  // A shorter line has no room for that many pairs of brackets.
  if (!isObject(value) || (line.length >= 2 * MAX_LEVELS && isDeeper(value, MAX_LEVELS)))
    return { ok: false, reason: NOT_JSON };
  if (value['v'] !== 1)
    return { ok: false, reason: say('event.version', JSON.stringify(value['v'] ?? null)) };
  const type = value['type'];
  const wrongOfType =
    typeof type === 'string' && Object.hasOwn(SHAPES, type) ? SHAPES[type as EventType] : undefined;
  if (!wrongOfType) return { ok: false, reason: say('event.type', JSON.stringify(type ?? null)) };
  const wrong = wrongMember(value) ?? wrongOfType(value);
  if (wrong !== undefined) return { ok: false, reason: say('event.member', wrong) };
  return { ok: true, event: value as unknown as ReviewEvent | BulkEvent };
}

type EventType = ReviewEvent['type'] | 'bulk';
/** Parts of a bulk, so that their numbers, written in base 36, have at most four digits. */
const MAX_PARTS = 36 ** 4;
const NOT_JSON = say('event.notJson');
const CONFLICT_MARK = say('event.conflictMark');
const isConflictMark = (line: string) => /^(<{7}|={7}|>{7}|\|{7})/.test(line);

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some(each => isDeeper(each, levels - 1));
}

// The tests of all members are written out: a table of them takes a good part of the time of opening large ledgers.

/** The first member, of those that every event has, that is missing or wrong. */
function wrongMember(value: JsonObject): string | undefined {
  if (!isId(value['id'])) return 'id';
  if (!isCount(value['seq']) || (value['seq'] as number) > MAX_SEQ) return 'seq';
  if (!isTime(value['at'])) return 'at';
  if (!isName(value['by'])) return 'by';
  if (!isName(value['key'])) return 'key';
  if (!isCount(value['line'])) return 'line';
  if (!isAbsentOr(isId, value['redoes'])) return 'redoes';
  return undefined;
}

/** For each type the first of its own members that is missing or wrong. */
const SHAPES: Readonly<Record<EventType, (value: JsonObject) => string | undefined>> = {
  edit: value => {
    if (!isAbsentOr(isIds, value['settles'])) return 'settles';
    if (!isList(isFieldEdit, value['fields'])) return 'fields';
    if (!isList(isId, value['parents'])) return 'parents';
    if (!isHash(value['base'])) return 'base';
    if (!isHash(value['result'])) return 'result';
    if (!isAbsentOr(isTakenCandidate, value['candidate'])) return 'candidate';
    if (!isAbsentOr(isId, value['undoes'])) return 'undoes';
    return undefined;
  },
  decide: value => {
    if (!(DECISIONS as readonly unknown[]).includes(value['decision'])) return 'decision';
    if (!isHash(value['fingerprint'])) return 'fingerprint';
    if (!isList(isId, value['head'])) return 'head';
    if (!isList(isReason, value['reasons'])) return 'reasons';
    if (!isAbsentOr(isIds, value['settles'])) return 'settles';
    if (value['blind'] !== undefined && value['blind'] !== true) return 'blind';
    if (!isAbsentOr(isText, value['note'])) return 'note';
    if (value['target'] !== undefined && !isList(isPair, value['target'])) return 'target';
    return undefined;
  },
  comment: value => {
    if (!isText(value['text'])) return 'text';
    if (!isAbsentOr(isId, value['thread'])) return 'thread';
    if (!isAbsentOr(isIds, value['resolves'])) return 'resolves';
    return undefined;
  },
  ignore: value => {
    if (!isName(value['check'])) return 'check';
    if (value['side'] !== 'source' && value['side'] !== 'target') return 'side';
    if (!isName(value['field'])) return 'field';
    if (!isHash(value['text'])) return 'text';
    if (!isText(value['reason'])) return 'reason';
    return undefined;
  },
  assign: value => {
    if (value['to'] !== '' && !isName(value['to'])) return 'to';
    if (!isIds(value['replaces'])) return 'replaces';
    return undefined;
  },
  undo: value => (isId(value['undoes']) ? undefined : 'undoes'),
  bulk: value => {
    // Those of its parts are longer.
    if (!isId(partOf(value['id'] as EventId, MAX_PARTS - 1))) return 'id';
    const events = value['events'];
    if (!Array.isArray(events) || events.length === 0 || events.length > MAX_PARTS) return 'events';
    const at = events.findIndex(each => wrongPart(each) !== undefined);
    return at < 0 ? undefined : `events.${at}.${wrongPart(events[at]) ?? ''}`;
  },
};

/** The first member of a part of a bulk that is missing or wrong. */
function wrongPart(value: unknown): string | undefined {
  if (!isObject(value)) return '';
  const { type } = value;
  if (typeof type !== 'string' || type === 'bulk' || !Object.hasOwn(SHAPES, type)) return 'type';
  if (!isName(value['key'])) return 'key';
  if (!isCount(value['line'])) return 'line';
  if (!isAbsentOr(isId, value['redoes'])) return 'redoes';
  // What it shares with the others is the bulk's to say.
  const own = OF_THE_LEDGER.find(name => Object.hasOwn(value, name));
  return own ?? SHAPES[type as EventType](value);
}

type Test = (value: unknown) => boolean;
/** UTF-16 units: names are shown, so a ledger must not make them endless. */
const MAX_NAME = 300;
const isText: Test = value => typeof value === 'string';
const isName: Test = value => typeof value === 'string' && value !== '' && value.length <= MAX_NAME;
const isId: Test = value => typeof value === 'string' && /^[0-9A-Za-z]{1,40}$/.test(value);
const isTime: Test = value => typeof value === 'string' && value.length <= 40;
const isHash: Test = value => typeof value === 'string' && value.length === 32 && /^[0-9a-f]+$/.test(value);
const isCount: Test = value => Number.isSafeInteger(value) && (value as number) >= 0;
const isList = (test: Test, value: unknown) =>
  Array.isArray(value) && (value.length === 0 || value.every(test));
const isAbsentOr = (test: Test, value: unknown) => value === undefined || test(value);
const isFieldEdit: Test = value =>
  isObject(value) &&
  (value['side'] === 'source' || value['side'] === 'target') &&
  isName(value['name']) &&
  isText(value['text']);
const isIds: Test = value => isList(isId, value);
/** A slug: read before anybody knows the policy that it is from. */
const isReason: Test = value => typeof value === 'string' && /^[a-z0-9-]{1,40}$/.test(value);
const isPair: Test = value => Array.isArray(value) && value.length === 2 && value.every(isText);
const isTakenCandidate: Test = value =>
  isObject(value) &&
  isText(value['model']) &&
  isObject(value['parameters']) &&
  Object.values(value['parameters']).every(each => typeof each === 'number') &&
  isText(value['prompt']);
