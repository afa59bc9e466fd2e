/**
 * The state of a unit: the fold of everything all reviewers did to it, held against the text the file has now.
 *
 * The result depends only on the set of events, never on the order of files, lines or merges: edits are a graph by
 * `parents`, decisions are compared by their own writer's `seq`. The fold compares stored hashes and computes none.
 */
import { encodeEvent } from './events';
import type { CommentEvent, DecideEvent, EditEvent, EventId, ReviewEvent } from './events';
import type { Policy } from './policy';
import type { Field, Fingerprint, Side, Unit } from './record';

export const STATES = [
  'pending',
  'edited',
  'skipped',
  'needs-work',
  'rejected',
  'partly-approved',
  'approved',
  'disputed',
  'stale',
  'conflict',
] as const;
export type State = (typeof STATES)[number];

export interface UnitState {
  readonly state: State;
  /** Fingerprint of the text that is shown and decided on. */
  readonly fingerprint: Fingerprint;
  /** The edit whose text is current; none: the row's own text. */
  readonly current: EditEvent | undefined;
  /** The edits that a new edit or decision has seen: several in a conflict. */
  readonly heads: readonly EditEvent[];
  /** Each reviewer's decision in force, those on an older text included, ordered by reviewer. */
  readonly decisions: readonly DecideEvent[];
  /** Number of approvals of the current text, and how many the policy asks for. */
  readonly approvals: number;
  readonly needed: number;
  readonly comments: readonly CommentEvent[];
}

/**
 * @param row fingerprint of the row's own text as the file has it now
 * @param events all events of this unit, in any order, repeated ones allowed
 */
export function foldUnit(row: Fingerprint, events: readonly ReviewEvent[], policy: Policy): UnitState {
  const byId = new Map<EventId, ReviewEvent>();
  for (const event of events) {
    const known = byId.get(event.id);
    if (!known || encodeEvent(event) < encodeEvent(known)) byId.set(event.id, event);
  }
  const undone = new Set<EventId>();
  for (const event of byId.values()) {
    if (event.type !== 'undo') continue;
    const taken = byId.get(event.undoes);
    if (taken?.by === event.by && (taken.type === 'decide' || taken.type === 'comment')) undone.add(taken.id);
  }
  const live = [...byId.values()].filter(event => !undone.has(event.id)).sort(byOrder);
  const edits = live.filter(event => event.type === 'edit');
  const decisions = latestByReviewer(live.filter(event => event.type === 'decide'));
  const comments = live.filter(event => event.type === 'comment');

  const graph = new EditGraph(edits, byId);
  const { heads } = graph;
  const known = edits.length === 0 || graph.knows(row);
  const rivals = heads.some(head => head.result !== heads[0]?.result || !graph.descends(head, row));
  // Where the row is a text that no edit knows, only a decision for that very text says that the edits are done with.
  // Others were made on a text that is not here: which text they lead to cannot be shown, so it cannot be chosen.
  const readable = heads.filter(head => graph.descends(head, row));
  const choices = [row, ...readable.map(head => head.result)];
  const settled = rivals ? settledText(choices, heads, decisions) : undefined;
  const unsettled = rivals && settled === undefined;
  const chosen = rivals ? readable.find(head => head.result === settled) : heads[0];
  const current = known && !unsettled ? chosen : undefined;
  const fingerprint = current?.result ?? row;

  const onThis = decisions.filter(decision => decision.fingerprint === fingerprint);
  const approvals = onThis.filter(
    decision => decision.decision === 'approve' && (policy.lastEditorCounts || decision.by !== current?.by),
  ).length;
  const has = (decision: DecideEvent['decision']) => onThis.some(each => each.decision === decision);
  const against = has('reject') || has('needs-work');

  let state: State;
  if (unsettled) state = known ? 'conflict' : 'stale';
  else if (has('approve') && against) state = 'disputed';
  else if (has('reject')) state = 'rejected';
  else if (has('needs-work')) state = 'needs-work';
  else if (approvals >= policy.approvals) state = 'approved';
  else if (has('approve')) state = 'partly-approved';
  else if (decisions.some(each => each.decision === 'approve' && each.fingerprint !== fingerprint))
    state = 'stale';
  else if (has('skip')) state = 'skipped';
  else if (current && graph.roots(current).every(root => root.base !== current.result)) state = 'edited';
  else state = 'pending';

  return { state, fingerprint, current, heads, decisions, approvals, needed: policy.approvals, comments };
}

/**
 * The text of a side at an edit: each field as the nearest edit before it says, else as the row has it.
 * @param edit none: the row's own text
 */
export function textAt(
  unit: Unit,
  side: Side,
  edit: EditEvent | undefined,
  events: ReadonlyMap<EventId, ReviewEvent>,
): Field[] {
  return unit[side].map(field => ({ name: field.name, text: fieldAt(field, side, edit, events) }));
}

function fieldAt(
  field: Field,
  side: Side,
  edit: EditEvent | undefined,
  events: ReadonlyMap<EventId, ReviewEvent>,
): string {
  const seen = new Set<EventId>();
  for (let at = edit; at && !seen.has(at.id);) {
    seen.add(at.id);
    const own = at.fields.find(each => each.side === side && each.name === field.name);
    if (own) return own.text;
    // A field that an edit does not name has the same text in all its parents: any of them will do.
    at = at.parents.map(id => events.get(id)).find(event => event?.type === 'edit');
  }
  return field.text;
}

/** Whether an edit, or one that it came from, started from this text or led to it. */
export function isMadeOn(
  edit: EditEvent,
  row: Fingerprint,
  events: ReadonlyMap<EventId, ReviewEvent>,
): boolean {
  const ancestry = new Map<EventId, EditEvent>([[edit.id, edit]]);
  for (const each of ancestry.values()) {
    if (each.base === row || each.result === row) return true;
    for (const id of each.parents) {
      const parent = events.get(id);
      if (parent?.type === 'edit') ancestry.set(id, parent);
    }
  }
  return false;
}

/** Display order, and the order of one reviewer's own decisions: by Lamport counter, then id. */
export function byOrder(a: ReviewEvent, b: ReviewEvent): number {
  return a.seq - b.seq || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** A reviewer's newer decision replaces only their own. */
function latestByReviewer(ordered: readonly DecideEvent[]): DecideEvent[] {
  const latest = new Map(ordered.map(decision => [decision.by, decision]));
  return [...latest.values()].sort((a, b) => (a.by < b.by ? -1 : 1));
}

/** The text that those who saw every head of a conflict decided on, if they all chose the same one. */
function settledText(
  choices: readonly Fingerprint[],
  heads: readonly EditEvent[],
  decisions: readonly DecideEvent[],
): Fingerprint | undefined {
  const chosen = new Set(
    decisions
      .filter(
        decision => decision.decision !== 'skip' && heads.every(head => decision.head.includes(head.id)),
      )
      .map(decision => decision.fingerprint)
      .filter(text => choices.includes(text)),
  );
  return chosen.size === 1 ? [...chosen][0] : undefined;
}

class EditGraph {
  /** Edits that no other edit replaces, in display order. */
  readonly heads: readonly EditEvent[];
  readonly #edits: readonly EditEvent[];
  readonly #byId: ReadonlyMap<EventId, ReviewEvent>;

  constructor(edits: readonly EditEvent[], byId: ReadonlyMap<EventId, ReviewEvent>) {
    this.#edits = edits;
    this.#byId = byId;
    const replaced = new Set(edits.flatMap(edit => edit.parents));
    // Only a forged ledger has a ring of parents; each edit of it is a head then, so that none is hidden.
    const unreplaced = edits.filter(edit => !replaced.has(edit.id));
    const seen = new Set(unreplaced.flatMap(edit => this.#ancestry(edit)));
    const heads = edits.filter(edit => !replaced.has(edit.id) || !seen.has(edit));
    this.heads = heads;
  }

  /** Whether any edit starts from this text or leads to it. */
  knows(row: Fingerprint): boolean {
    return this.#edits.some(edit => edit.result === row || edit.base === row);
  }

  /** Whether the edit was made, directly or through others, on the text that the row has now. */
  descends(edit: EditEvent, row: Fingerprint): boolean {
    const ancestry = this.#ancestry(edit);
    const whole = ancestry.every(each => each.parents.every(id => this.#byId.get(id)?.type === 'edit'));
    return whole && ancestry.some(each => each.result === row || each.base === row);
  }

  /** The edits of this one's ancestry that started from the row's own text. */
  roots(edit: EditEvent): EditEvent[] {
    return this.#ancestry(edit).filter(each => each.parents.length === 0);
  }

  #ancestry(edit: EditEvent): EditEvent[] {
    const found = new Map<EventId, EditEvent>([[edit.id, edit]]);
    for (const each of found.values()) {
      for (const id of each.parents) {
        const parent = this.#byId.get(id);
        if (parent?.type === 'edit') found.set(id, parent);
      }
    }
    return [...found.values()];
  }
}
