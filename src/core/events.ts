/**
 * What a reviewer did, one event a line of a ledger. Events are facts: they are appended, never changed.
 * Reading is strict, so that a foreign line is set aside and never misread.
 */
import { say, type Said } from './messages';
import type { Fingerprint, Side, UnitKey } from './record';

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
}

export interface CommentEvent extends Common {
  readonly type: 'comment';
  readonly text: string;
}

export interface UndoEvent extends Common {
  readonly type: 'undo';
  /** The decide or comment of the same reviewer that no longer holds. */
  readonly undoes: EventId;
}

export type ReviewEvent = EditEvent | DecideEvent | CommentEvent | UndoEvent;

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** An event before its ledger gives it a place in the order. */
export type NewEvent = DistributiveOmit<ReviewEvent, 'v' | 'id' | 'seq' | 'at' | 'by'>;

export type EventLine =
  { readonly ok: true; readonly event: ReviewEvent } | { readonly ok: false; readonly reason: Said };

/** One line of a ledger, without its line end. */
export function encodeEvent(event: ReviewEvent): string {
  return JSON.stringify(event);
}

/** Reads one line of a ledger; a torn, foreign, later-version or conflict-marked one comes back with the reason. */
export function decodeEvent(line: string): EventLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return {
      ok: false,
      reason: say(/^(<{7}|={7}|>{7}|\|{7})/.test(line) ? 'event.conflictMark' : 'event.notJson'),
    };
  }
  if (!isObject(value)) return { ok: false, reason: say('event.notJson') };
  if (value['v'] !== 1)
    return { ok: false, reason: say('event.version', JSON.stringify(value['v'] ?? null)) };
  const type = value['type'];
  const check =
    typeof type === 'string' && Object.hasOwn(SHAPES, type) ? SHAPES[type as ReviewEvent['type']] : undefined;
  if (!check) return { ok: false, reason: say('event.type', JSON.stringify(type ?? null)) };
  for (const [member, holds] of Object.entries({ ...COMMON, ...check })) {
    if (!holds(value[member])) return { ok: false, reason: say('event.member', member) };
  }
  return { ok: true, event: value as unknown as ReviewEvent };
}

type Test = (value: unknown) => boolean;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text: Test = value => typeof value === 'string';
/** UTF-16 units: names are shown, so a ledger must not make them endless. */
const MAX_NAME = 300;
const name: Test = value => typeof value === 'string' && value !== '' && value.length <= MAX_NAME;
const id: Test = value => typeof value === 'string' && /^[0-9A-Za-z]{1,40}$/.test(value);
const time: Test = value => typeof value === 'string' && value.length <= 40;
const hash: Test = value => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
const numbers: Test = value =>
  isObject(value) && Object.values(value).every(each => typeof each === 'number');
const count: Test = value => Number.isSafeInteger(value) && (value as number) >= 0;
const list =
  (test: Test): Test =>
  value =>
    Array.isArray(value) && value.every(test);
const optional =
  (test: Test): Test =>
  value =>
    value === undefined || test(value);
const fieldEdit: Test = value =>
  isObject(value) &&
  (value['side'] === 'source' || value['side'] === 'target') &&
  name(value['name']) &&
  text(value['text']);
const pair: Test = value => Array.isArray(value) && value.length === 2 && value.every(text);
const takenCandidate: Test = value =>
  isObject(value) && text(value['model']) && numbers(value['parameters']) && text(value['prompt']);

const COMMON: Record<string, Test> = {
  id,
  seq: count,
  at: time,
  by: name,
  key: name,
  line: count,
  redoes: optional(id),
};
const SHAPES: Record<ReviewEvent['type'], Record<string, Test>> = {
  edit: {
    fields: list(fieldEdit),
    parents: list(id),
    base: hash,
    result: hash,
    candidate: optional(takenCandidate),
    undoes: optional(id),
  },
  decide: {
    decision: value => (DECISIONS as readonly unknown[]).includes(value),
    fingerprint: hash,
    head: list(id),
    reasons: list(text),
    note: optional(text),
    target: optional(list(pair)),
  },
  comment: { text },
  undo: { undoes: id },
};
