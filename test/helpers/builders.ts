/** Units, events and whole reviewers for tests of the core. */
import { createHash } from 'node:crypto';
import type {
  AssignEvent,
  BulkEvent,
  CommentEvent,
  DecideEvent,
  Decision,
  EditEvent,
  EventId,
  IgnoreEvent,
  NewEvent,
  ReviewEvent,
  UndoEvent,
} from '../../src/core/events';
import { factsOf } from '../../src/core/eventFacts';
import { foldUnit, textAt, type UnitState } from '../../src/core/fold';
import type { Said } from '../../src/core/messages';
import { DEFAULT_POLICY, type Policy } from '../../src/core/policy';
import {
  fingerprint,
  type Field,
  type Fingerprint,
  type Side,
  type Unit,
  type UnitKey,
} from '../../src/core/record';

export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** What a sentence is told with, to be asserted; one that holds other sentences is not for this. */
export function wordsOf({ id, args }: Said): string[] {
  return args.map(arg => {
    if (typeof arg === 'object') throw new Error(`${id} holds a sentence.`);
    return String(arg);
  });
}

export const KEY = 'r1@de' as UnitKey;
export const ids = (...names: string[]) => names as EventId[];
/** The fingerprint of a text that a test calls by a name. */
export const print = (name: string) => sha256(name).slice(0, 32) as Fingerprint;

export function alpaca(instruction: string, input: string, output: string): Field[] {
  return [
    { name: 'instruction', text: instruction },
    { name: 'input', text: input },
    { name: 'output', text: output },
  ];
}

export function makeUnit(more: Partial<Unit> = {}): Unit {
  return {
    key: KEY,
    sourceLang: 'en',
    targetLang: 'de',
    source: alpaca('Name a colour.', '', 'Red'),
    target: alpaca('Nenne eine Farbe.', '', 'Rot'),
    others: [],
    ...more,
  };
}

let count = 0;
/** Members that every event has; `seq` and `id` follow the order in which a test makes its events. */
function common(by: string) {
  count++;
  const at = new Date(Date.UTC(2026, 0, 1) + count * 1000).toISOString();
  return {
    v: 1 as const,
    id: String(count).padStart(26, '0') as EventId,
    seq: count,
    at,
    by,
    key: KEY,
    line: 1,
  };
}

/** An edit of the row's own text `R0` unless said otherwise, to the text `result`. */
export function edit(by: string, result: string, more: Partial<EditEvent> = {}): EditEvent {
  return {
    ...common(by),
    type: 'edit',
    fields: [{ side: 'target', name: 'output', text: result }],
    parents: [],
    base: print('R0'),
    result: print(result),
    ...more,
  };
}

/** A decision on the text of a fingerprint, having seen these edits. */
export function decide(
  by: string,
  decision: Decision,
  text: string,
  seen: readonly EditEvent[] = [],
  more: Partial<DecideEvent> = {},
): DecideEvent {
  const head = seen.map(each => each.id);
  return { ...common(by), type: 'decide', decision, fingerprint: print(text), head, reasons: [], ...more };
}

export function comment(by: string, text: string, more: Partial<CommentEvent> = {}): CommentEvent {
  return { ...common(by), type: 'comment', text, ...more };
}

/** A finding in the target's `output`, of the text of that name, set aside. */
export function ignore(by: string, check: string, text: string): IgnoreEvent {
  return {
    ...common(by),
    type: 'ignore',
    check,
    side: 'target',
    field: 'output',
    text: print(text),
    reason: 'A name.',
  };
}

export function assign(by: string, to: string, replaces: readonly AssignEvent[] = []): AssignEvent {
  return { ...common(by), type: 'assign', to, replaces: replaces.map(each => each.id) };
}

/** An event as a part of a bulk, which says when and by whom. */
export function asPart(event: ReviewEvent): NewEvent {
  const said = Object.entries(event).filter(([name]) => !['v', 'id', 'seq', 'at', 'by'].includes(name));
  return Object.fromEntries(said) as unknown as NewEvent;
}

/** Several events as one line. */
export function bulk(by: string, events: readonly NewEvent[]): BulkEvent {
  return { ...common(by), key: events[0]?.key ?? KEY, type: 'bulk', events };
}

export function undo(by: string, event: ReviewEvent): UndoEvent {
  return { ...common(by), type: 'undo', undoes: event.id };
}

/** The state of a unit after these events, as it is folded from what is kept of them in memory. */
export function fold(
  row: Fingerprint,
  events: Iterable<ReviewEvent>,
  policy: Policy = DEFAULT_POLICY,
): UnitState {
  return foldUnit(
    row,
    Array.from(events, event => factsOf(event)),
    policy,
  );
}

/**
 * One reviewer's working tree: its own copy of the file, the ledgers it has seen, and events written by the rules of
 * the session.
 */
export class Clone {
  readonly by: string;
  readonly events = new Map<EventId, ReviewEvent>();
  row: Unit;
  #seq = 0;
  #written = 0;

  constructor(by: string, row: Unit) {
    this.by = by;
    this.row = row;
  }

  get rowFingerprint(): Fingerprint {
    return fingerprint(this.row.source, this.row.target, sha256);
  }

  state(policy: Policy = DEFAULT_POLICY): UnitState {
    return fold(this.rowFingerprint, this.events.values(), policy);
  }

  text(side: Side, at: { readonly id: EventId } | undefined): Field[] {
    return textAt(this.row, side, at, this.events);
  }

  /** The fingerprint of the text that is shown, computed from that very text. */
  shownFingerprint(): Fingerprint {
    const { current } = this.state();
    return fingerprint(this.text('source', current), this.text('target', current), sha256);
  }

  /** Edits one target field of the current text, replacing every head. */
  edit(name: string, text: string): void {
    const { current, heads } = this.state();
    const before = this.text('target', current);
    const after = before.map(field => (field.name === name ? { name, text } : field));
    const source = this.text('source', current);
    const whole = heads.some(head => head.id !== current?.id);
    const result = fingerprint(source, after, sha256);
    if (!whole && result === fingerprint(source, before, sha256)) return;
    const fields = [
      ...source.map(field => ({ side: 'source' as const, ...field })).filter(() => whole),
      ...after
        .filter((field, index) => whole || field.text !== before[index]?.text)
        .map(field => ({ side: 'target' as const, ...field })),
    ];
    const parents = heads.map(head => head.id);
    this.#write({ ...this.#next(), type: 'edit', fields, parents, base: this.rowFingerprint, result });
  }

  /** Decides on the current text, or, in a conflict, on one of the rivals. */
  decide(decision: Decision, choice = 0): void {
    const { state, fingerprint: shown, heads } = this.state();
    const text = state === 'conflict' ? heads[choice % heads.length]!.result : shown;
    const head = heads.map(each => each.id);
    this.#write({ ...this.#next(), type: 'decide', decision, fingerprint: text, head, reasons: [] });
  }

  pull(other: Clone): void {
    for (const event of other.events.values()) this.#take(event);
  }

  /** Writes the current text into this clone's file. */
  apply(): void {
    const { current } = this.state();
    this.row = { ...this.row, source: this.text('source', current), target: this.text('target', current) };
  }

  #next() {
    const id = `${this.by}-${++this.#written}` as EventId;
    return {
      v: 1 as const,
      id,
      seq: this.#seq + 1,
      at: '2026-01-01T00:00:00.000Z',
      by: this.by,
      key: KEY,
      line: 1,
    };
  }

  #write(event: ReviewEvent): void {
    this.#take(event);
  }

  #take(event: ReviewEvent): void {
    this.events.set(event.id, event);
    this.#seq = Math.max(this.#seq, event.seq);
  }
}
