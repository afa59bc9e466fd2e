/**
 * What is kept of an event in memory: everything that the fold compares, and where its line is. Texts are read from the
 * ledger when they are shown.
 */
import { decodeEvent, type Decision, type EventId, type ReviewEvent } from './events';
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
  readonly source: boolean;
  readonly settles?: readonly EventId[];
  readonly undoes?: EventId;
}

export interface DecideFacts extends CommonFacts {
  readonly type: 'decide';
  readonly decision: Decision;
  readonly fingerprint: Fingerprint;
  readonly head: readonly EventId[];
  readonly reasons: readonly string[];
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

/** @param place left out for an event that is in no ledger */
export function factsOf(event: ReviewEvent, place: LinePlace = NOWHERE): EventFacts {
  const facts = ownFacts(event, place);
  // Rare: as members of every event they would take memory a million times.
  const rare = facts as { redoes?: EventId; undoes?: EventId; settles?: readonly EventId[]; blind?: true };
  if (event.redoes !== undefined) rare.redoes = event.redoes;
  if (event.type === 'edit') {
    if (event.undoes !== undefined) rare.undoes = event.undoes;
    if (event.settles !== undefined) rare.settles = event.settles;
  } else if (event.type === 'decide') {
    const says = event.reasons.length > 0 || (event.note ?? '') !== '';
    if (event.settles !== undefined && says) rare.settles = event.settles;
    if (event.blind) rare.blind = true;
  }
  return facts;
}

/** What a JSON string holds, as `JSON.parse` reads it; of a text given as Latin-1 also its bytes beyond ASCII. */
const CHARACTERS = String.raw`[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*`;
const NAME = String.raw`"[^"\\\x00-\x1f]{1,300}"`;
const listOf = (item: string) => String.raw`\[(?:${item}(?:,${item})*)?\]`;
/** The texts of a line as it is written here, from the first one to the end. */
const TEXTS = {
  edit: new RegExp(
    `^,"fields":${listOf(String.raw`\{"side":"(?:source|target)","name":${NAME},"text":"${CHARACTERS}"\}`)}\\}$`,
  ),
  decide: new RegExp(
    `^(?:,"note":"${CHARACTERS}")?(?:,"target":${listOf(String.raw`\[${NAME},"${CHARACTERS}"\]`)})?\\}$`,
  ),
  comment: new RegExp(`^,"text":"${CHARACTERS}"\\}$`),
};
/** UTF-16 units of a line up to which its texts are only looked over: the regular expressions remember where they were. */
const MAX_LOOKED_OVER = 1 << 16;

/**
 * The facts of a line without reading its texts, which takes less than half of the time that `JSON.parse` does.
 * @param raw the line as Latin-1, as {@link encodeEvent} writes it
 * @returns undefined for any other line: those are read as a whole
 */
export function readFacts(raw: string, place: LinePlace): EventFacts | undefined {
  if (raw.length > MAX_LOOKED_OVER) return undefined;
  const at = raw.indexOf('"type":"', 60) + 8;
  let start: number;
  let texts: string;
  let filler: string;
  if (raw.startsWith('decide"', at)) {
    const note = raw.indexOf(',"note":"', at);
    start = note >= 0 ? note : raw.indexOf(',"target":[', at);
    if (start < 0) start = raw.length - 1;
    texts = raw.slice(start);
    if (!TEXTS.decide.test(texts)) return undefined;
    filler = texts.startsWith(',"note":"') && !texts.startsWith(',"note":""') ? ',"note":"."}' : '}';
  } else if (raw.startsWith('edit"', at)) {
    start = raw.indexOf(',"fields":[', at);
    texts = raw.slice(start);
    if (start < 0 || !TEXTS.edit.test(texts)) return undefined;
    filler = texts.includes('{"side":"source"') ? SOURCE_FIELD : NO_FIELD;
  } else if (raw.startsWith('comment"', at)) {
    start = raw.indexOf(',"text":"', at);
    texts = raw.slice(start);
    if (start < 0 || !TEXTS.comment.test(texts)) return undefined;
    filler = ',"text":""}';
  } else return undefined;
  // What is left is checked as any other line, with something in place of the texts that have been.
  const head = decodeEvent(raw.slice(0, start) + filler);
  return head.ok && head.event.type !== 'bulk' ? factsOf(head.event, place) : undefined;
}

const NO_FIELD = ',"fields":[]}';
const SOURCE_FIELD = ',"fields":[{"side":"source","name":"-","text":""}]}';

/** Written out for each type, the members in one order: spreading takes several times as long, and more memory. */
function ownFacts(event: ReviewEvent, { file, from, length }: LinePlace): EventFacts {
  const { id, seq, by, key, line, type } = event;
  const day = dayOf(event.at);
  switch (type) {
    case 'edit': {
      const { base, result } = event;
      const source = event.fields.some(field => field.side === 'source');
      const parents = shared(event.parents);
      return { id, seq, by, key, line, day, file, from, length, type, parents, base, result, source };
    }
    case 'decide': {
      const { decision, fingerprint } = event;
      const head = shared(event.head);
      const reasons = shared(event.reasons);
      // prettier-ignore
      return { id, seq, by, key, line, day, file, from, length, type, decision, fingerprint, head, reasons };
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
    const day = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) / MS_A_DAY : NaN;
    lastDay = Number.isNaN(day) ? 0 : day;
    lastDate = date;
  }
  return lastDay;
}

/** Display order, and the order of one reviewer's own decisions: by Lamport counter, then id. */
export function byOrder(a: Pick<EventFacts, 'seq' | 'id'>, b: Pick<EventFacts, 'seq' | 'id'>): number {
  return a.seq - b.seq || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
