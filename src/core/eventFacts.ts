/**
 * What is kept of an event in memory: everything that the fold compares, and where its line is. Texts are read from the
 * ledger when they are shown.
 */
import type { Decision, EventId, ReviewEvent } from './events';
import type { Fingerprint, Side, UnitKey } from './record';

interface CommonFacts {
  readonly id: EventId;
  readonly seq: number;
  readonly by: string;
  readonly key: UnitKey;
  readonly line: number;
  /** Days since 1970, in UTC. */
  readonly day: number;
  /** Path of the ledger that holds its line, the line's first byte, and its bytes without the line end. */
  readonly file: string;
  readonly from: number;
  readonly length: number;
  readonly redoes?: EventId;
}

export interface EditFacts extends CommonFacts {
  readonly type: 'edit';
  readonly parents: readonly EventId[];
  readonly base: Fingerprint;
  readonly result: Fingerprint;
  /** Whether it names a field of the source. */
  readonly source?: true;
  readonly settles?: readonly EventId[];
  readonly undoes?: EventId;
}

export interface DecideFacts extends CommonFacts {
  readonly type: 'decide';
  readonly decision: Decision;
  readonly fingerprint: Fingerprint;
  readonly head: readonly EventId[];
  readonly reasons?: readonly string[];
  /** Only of one that says why, by a reason or a note: without that nothing is set aside. */
  readonly settles?: readonly EventId[];
  readonly blind?: true;
}

export interface CommentFacts extends CommonFacts {
  readonly type: 'comment';
  readonly thread: EventId | undefined;
  readonly resolves: readonly EventId[];
}

export interface IgnoreFacts extends CommonFacts {
  readonly type: 'ignore';
  readonly check: string;
  readonly side: Side;
  readonly field: string;
  readonly text: Fingerprint;
}

export interface AssignFacts extends CommonFacts {
  readonly type: 'assign';
  readonly to: string;
  readonly replaces: readonly EventId[];
}

export interface UndoFacts extends CommonFacts {
  readonly type: 'undo';
  readonly undoes: EventId;
}

export type EventFacts = EditFacts | DecideFacts | CommentFacts | IgnoreFacts | AssignFacts | UndoFacts;

/** Where the line of an event is. */
export type LinePlace = Pick<CommonFacts, 'file' | 'from' | 'length'>;
const NOWHERE: LinePlace = { file: '', from: 0, length: 0 };

interface Rare {
  source?: true;
  reasons?: readonly string[];
  redoes?: EventId;
  undoes?: EventId;
  settles?: readonly EventId[];
  blind?: true;
}

/** @param place left out for an event that is in no ledger */
export function factsOf(event: ReviewEvent, place: LinePlace = NOWHERE): EventFacts {
  const facts = ownFacts(event, place);
  // Rare: as members of every event they would take memory a million times.
  const rare = facts as Rare;
  if (event.redoes !== undefined) rare.redoes = event.redoes;
  if (event.type === 'edit') {
    if (event.fields.some(field => field.side === 'source')) rare.source = true;
    if (event.undoes !== undefined) rare.undoes = event.undoes;
    if (event.settles !== undefined) rare.settles = event.settles;
  } else if (event.type === 'decide') {
    const says = event.reasons.length > 0 || (event.note ?? '') !== '';
    if (event.settles !== undefined && says) rare.settles = event.settles;
    if (event.reasons.length > 0) rare.reasons = event.reasons;
    if (event.blind) rare.blind = true;
  }
  return facts;
}

/** Written out for each type, the members in one order: spreading takes several times as long, and more memory. */
function ownFacts(event: ReviewEvent, { file, from, length }: LinePlace): EventFacts {
  const { id, seq, by, key, line, type } = event;
  const day = dayOf(event.at);
  switch (type) {
    case 'edit': {
      const { base, result } = event;
      const parents = shared(event.parents);
      return { id, seq, by, key, line, day, file, from, length, type, parents, base, result };
    }
    case 'decide': {
      const { decision, fingerprint } = event;
      const head = shared(event.head);
      return { id, seq, by, key, line, day, file, from, length, type, decision, fingerprint, head };
    }
    case 'comment': {
      const { thread } = event;
      const resolves = shared(event.resolves);
      return { id, seq, by, key, line, day, file, from, length, type, thread, resolves };
    }
    case 'ignore': {
      const { check, side, field, text } = event;
      return { id, seq, by, key, line, day, file, from, length, type, check, side, field, text };
    }
    case 'assign': {
      const { to } = event;
      const replaces = shared(event.replaces);
      return { id, seq, by, key, line, day, file, from, length, type, to, replaces };
    }
    case 'undo':
      return { id, seq, by, key, line, day, file, from, length, type, undoes: event.undoes };
  }
}

/** Most lists are empty: one for all of them. */
const NONE: readonly never[] = [];
function shared<T>(list: readonly T[] | undefined): readonly T[] {
  return list === undefined || list.length === 0 ? NONE : list;
}

const MS_A_DAY = 86_400_000;
/** The day read last: a reviewer's events come in runs of one day. */
let lastDate = '';
let lastDay = 0;

/** @param at ISO 8601 in UTC; 0 for what is no time */
function dayOf(at: string): number {
  const date = at.slice(0, 10);
  if (date !== lastDate) {
    // Anything else would be read as a time of this machine's own zone.
    const day = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) / MS_A_DAY : 0;
    // As a small integer, which `NaN` becomes 0 by: a quotient would take 16 bytes in each event.
    lastDay = day | 0;
    lastDate = date;
  }
  return lastDay;
}

/** Display order, and the order of one reviewer's own decisions: by Lamport counter, then id. */
export function byOrder(a: Pick<EventFacts, 'seq' | 'id'>, b: Pick<EventFacts, 'seq' | 'id'>): number {
  return a.seq - b.seq || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
