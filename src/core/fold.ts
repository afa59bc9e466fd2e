/**
 * The state of a unit: the fold of everything all reviewers did to it, held against the text the file has now.
 *
 * The result depends only on the set of events and on the policy, never on the order of files, lines or merges: edits are a
 * graph by `parents`, decisions are compared by their own writer's `seq`. The fold compares stored hashes and computes none.
 */
import type { EventId, ReviewEvent } from './events';
import {
  byOrder,
  type AssignFacts,
  type CommentFacts,
  type DecideFacts,
  type EditFacts,
  type EventFacts,
  type IgnoreFacts,
} from './eventFacts';
import { mayDo, type Policy } from './policy';
import type { Field, Fingerprint, Lang, Side, Unit, UnitKey } from './record';
import type { State } from './states';

export interface UnitState {
  readonly state: State;
  /** Fingerprint of the text that is shown and decided on. */
  readonly fingerprint: Fingerprint;
  /** The edit whose text is current; none: the row's own text. */
  readonly current: EditFacts | undefined;
  /** Who made the current text; undefined where it is the row's own. Taking a proposal does not make a text one's own. */
  readonly author: string | undefined;
  /** The edits that a new edit or decision has seen: several in a conflict. */
  readonly heads: readonly EditFacts[];
  /** Texts that wait to be taken or dismissed: by people without a say, or of a source that is not theirs to change. */
  readonly proposals: readonly EditFacts[];
  /** Each reviewer's decision in force, those on an older text included, ordered by reviewer. */
  readonly decisions: readonly DecideFacts[];
  /** Of those, the ones that an adjudicator has set aside. */
  readonly setAside: ReadonlySet<EventId>;
  /** Number of approvals of the current text that count, and how many the policy asks for. */
  readonly approvals: number;
  readonly needed: number;
  readonly comments: readonly CommentFacts[];
  /** Threads with a comment that nothing has settled, each by its first comment. */
  readonly openThreads: readonly EventId[];
  readonly ignored: readonly IgnoreFacts[];
  readonly assignments: readonly AssignFacts[];
}

/** The target language of a unit, which its key ends in. */
export function langOf(key: UnitKey): Lang {
  return key.slice(key.lastIndexOf('@') + 1);
}

const NO_EDITS: readonly EditFacts[] = [];
const NO_COMMENTS: readonly CommentFacts[] = [];
const NO_IGNORED: readonly IgnoreFacts[] = [];
const NO_ASSIGNMENTS: readonly AssignFacts[] = [];
const NO_IDS: readonly EventId[] = [];
const NOTHING: ReadonlySet<EventId> = new Set();

/**
 * @param row fingerprint of the row's own text as the file has it now
 * @param events all events of this unit, each once, in any order
 */
export function foldUnit(row: Fingerprint, events: readonly EventFacts[], policy: Policy): UnitState {
  let edits: EditFacts[] | undefined;
  let decided: DecideFacts[] | undefined;
  let comments: CommentFacts[] | undefined;
  let ignored: IgnoreFacts[] | undefined;
  let assigned: AssignFacts[] | undefined;
  const undone = undoneBy(events);
  for (const event of events) {
    // That an edit was taken back is an edit too, which the graph knows.
    if (event.type !== 'edit' && undone.has(event.id)) continue;
    switch (event.type) {
      case 'edit':
        (edits ??= []).push(event);
        break;
      case 'decide':
        (decided ??= []).push(event);
        break;
      case 'comment':
        (comments ??= []).push(event);
        break;
      case 'ignore':
        (ignored ??= []).push(event);
        break;
      case 'assign':
        (assigned ??= []).push(event);
        break;
      case 'undo':
        break;
    }
  }
  const lang = events[0] === undefined ? 'und' : langOf(events[0].key);
  const may = (by: string, right: Parameters<typeof mayDo>[3]) => mayDo(policy, by, lang, right) === 'yes';
  const decisions = decided ? latestByReviewer(decided) : [];
  const counted = decisions.filter(each => may(each.by, each.decision === 'skip' ? 'skip' : 'decide'));
  const text = edits
    ? currentText(row, edits.sort(byOrder), counted, may)
    : { fingerprint: row, current: undefined, heads: NO_EDITS, proposals: NO_EDITS, author: undefined };
  const { fingerprint, current, author } = text;

  const onThis = counted.filter(each => each.fingerprint === fingerprint);
  const setAside = setAsideBy(onThis.filter(each => each.settles && may(each.by, 'adjudicate')));
  let [approvals, hasApproval, isRejected, needsWork, isSkipped] = [0, false, false, false, false];
  for (const { id, by, decision } of onThis) {
    if (setAside.has(id)) continue;
    if (decision === 'skip') isSkipped = true;
    else if (decision === 'reject') isRejected = true;
    else if (decision === 'needs-work') needsWork = true;
    else {
      hasApproval = true;
      if (policy.lastEditorCounts || by !== author) approvals++;
    }
  }
  const openThreads = comments ? openThreadsOf(comments.sort(byOrder)) : NO_IDS;
  const isHeldUp = policy.openComments === 'block' && openThreads.length > 0;

  let state: State;
  if (text.unsettled) state = text.unsettled;
  else if (hasApproval && (isRejected || needsWork)) state = 'disputed';
  else if (isRejected) state = 'rejected';
  else if (needsWork) state = 'needs-work';
  else if (approvals >= policy.approvals && !isHeldUp) state = 'approved';
  else if (hasApproval) state = 'partly-approved';
  else if (counted.some(each => each.decision === 'approve' && each.fingerprint !== fingerprint))
    state = 'stale';
  else if (isSkipped) state = 'skipped';
  else if (current && text.isChanged) state = 'edited';
  else state = 'pending';

  return {
    state,
    fingerprint,
    current,
    author,
    heads: text.heads,
    proposals: text.proposals,
    decisions,
    setAside,
    approvals,
    needed: policy.approvals,
    comments: comments ?? NO_COMMENTS,
    openThreads,
    ignored: ignored?.sort(byOrder) ?? NO_IGNORED,
    assignments: assigned ? inForce(assigned.filter(each => may(each.by, 'assign'))) : NO_ASSIGNMENTS,
  };
}

/** What reviewers took back of their own: an edit by another edit, anything else by an undo. */
export function undoneBy(events: readonly EventFacts[]): ReadonlySet<EventId> {
  const undoing = events.filter(event => event.type === 'undo' || event.type === 'edit');
  if (!undoing.some(event => event.undoes !== undefined)) return NOTHING;
  const byId = new Map(events.map(event => [event.id, event]));
  const taken = undoing.flatMap(({ type, by, undoes }) => {
    const event = undoes === undefined ? undefined : byId.get(undoes);
    const isOwn = event?.by === by && event.type !== 'undo' && (event.type === 'edit') === (type === 'edit');
    return isOwn ? event.id : [];
  });
  return new Set(taken);
}

type May = (by: string, right: Parameters<typeof mayDo>[3]) => boolean;

interface CurrentText extends Pick<UnitState, 'fingerprint' | 'current' | 'heads' | 'proposals' | 'author'> {
  /** Set where several texts compete, or the row is one that no edit knows. */
  readonly unsettled?: 'conflict' | 'stale' | undefined;
  /** Whether the current text is another than the row's own was. */
  readonly isChanged?: boolean;
}

/** @param edits in display order */
function currentText(
  row: Fingerprint,
  edits: readonly EditFacts[],
  decisions: readonly DecideFacts[],
  may: May,
): CurrentText {
  const graph = new EditGraph(edits, may);
  const { heads } = graph;
  const known = heads.length === 0 || graph.knows(row);
  const descended = graph.descended(row);
  const rivals = heads.some(head => head.result !== heads[0]?.result || !descended.has(head));
  // Where the row is a text that no edit knows, only a decision for that very text says that the edits are done with.
  // Others were made on a text that is not here: which text they lead to cannot be shown, so it cannot be chosen.
  const readable = heads.filter(head => descended.has(head));
  const choices = [row, ...readable.map(head => head.result)];
  const settled = rivals ? settledText(choices, heads, decisions) : undefined;
  const isUnsettled = rivals && settled === undefined;
  const chosen = rivals ? readable.find(head => head.result === settled) : heads[0];
  const current = known && !isUnsettled ? chosen : undefined;
  const fingerprint = current?.result ?? row;
  const isChanged = current !== undefined && graph.roots(current).every(root => root.base !== current.result);
  return {
    fingerprint,
    current,
    heads,
    author: isChanged ? graph.authorOf(current) : undefined,
    proposals: graph.proposals.filter(each => each.result !== fingerprint),
    unsettled: isUnsettled ? (known ? 'conflict' : 'stale') : undefined,
    isChanged,
  };
}

/**
 * The text of a side at an edit: each field as the nearest edit before it says, else as the row has it.
 * @param edit none: the row's own text
 * @param events with the edits that it came from, which name the texts
 */
export function textAt(
  unit: Unit,
  side: Side,
  edit: { readonly id: EventId } | undefined,
  events: ReadonlyMap<EventId, ReviewEvent>,
): Field[] {
  return unit[side].map(field => ({ name: field.name, text: fieldAt(field, side, edit?.id, events) }));
}

function fieldAt(
  field: Field,
  side: Side,
  edit: EventId | undefined,
  events: ReadonlyMap<EventId, ReviewEvent>,
): string {
  const seen = new Set<EventId>();
  let at = edit === undefined ? undefined : events.get(edit);
  while (at?.type === 'edit' && !seen.has(at.id)) {
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
  edit: { readonly id: EventId },
  row: Fingerprint,
  events: ReadonlyMap<EventId, EventFacts | ReviewEvent>,
): boolean {
  const ancestry = new Set([edit.id]);
  for (const id of ancestry) {
    const each = events.get(id);
    if (each?.type !== 'edit') continue;
    if (each.base === row || each.result === row) return true;
    for (const parent of each.parents) ancestry.add(parent);
  }
  return false;
}

/** A reviewer's newer decision replaces only their own. */
function latestByReviewer(decided: readonly DecideFacts[]): readonly DecideFacts[] {
  if (decided.length === 1) return decided;
  const latest: DecideFacts[] = [];
  for (const decision of decided) {
    const at = latest.findIndex(each => each.by === decision.by);
    const known = latest[at];
    if (!known) latest.push(decision);
    else if (byOrder(known, decision) < 0) latest[at] = decision;
  }
  return latest.sort((a, b) => (a.by < b.by ? -1 : 1));
}

/** Decisions that adjudicators set aside; those made without knowing of each other set aside neither. */
function setAsideBy(adjudications: readonly DecideFacts[]): ReadonlySet<EventId> {
  return adjudications.length === 0 ? NOTHING : new Set(adjudications.flatMap(each => each.settles ?? []));
}

/** @param comments in display order */
function openThreadsOf(comments: readonly CommentFacts[]): readonly EventId[] {
  const resolved = new Set(comments.flatMap(each => each.resolves));
  // What only settles others says nothing that could be open.
  const open = comments.filter(each => each.resolves.length === 0 && !resolved.has(each.id));
  return [...new Set(open.map(each => each.thread ?? each.id))];
}

/** Assignments that no other one was made in place of, in display order. */
function inForce(assigned: AssignFacts[]): readonly AssignFacts[] {
  const replaced = new Set(assigned.flatMap(each => each.replaces));
  return assigned.filter(each => !replaced.has(each.id)).sort(byOrder);
}

/** Whom a unit is assigned to. */
export function assigneesOf({ assignments }: UnitState): readonly string[] {
  return [...new Set(assignments.map(each => each.to))].filter(to => to !== '');
}

/** The text that those who saw every head of a conflict decided on, if they all chose the same one. */
function settledText(
  choices: readonly Fingerprint[],
  heads: readonly EditFacts[],
  decisions: readonly DecideFacts[],
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
  /** Edits of those with a say that none of their others replaces, in display order. */
  readonly heads: readonly EditFacts[];
  /** Edits of others that none of those, and none of their own writer's, replaces, in display order. */
  readonly proposals: readonly EditFacts[];
  readonly #edits: readonly EditFacts[];
  readonly #byId: ReadonlyMap<EventId, EditFacts>;
  readonly #may: May;
  /** How many edits start from a text or lead to it. */
  #texts: Map<Fingerprint, number> | undefined;
  readonly #sources = new Map<EditFacts, EditFacts | undefined>();

  constructor(edits: readonly EditFacts[], may: May) {
    this.#edits = edits;
    this.#byId = new Map(edits.map(edit => [edit.id, edit]));
    this.#may = may;
    const accepted = this.#accepted();
    this.heads = this.#unreplaced(accepted);
    this.proposals = accepted.length < edits.length ? this.#waiting(accepted) : NO_EDITS;
  }

  /** Edits whose writers may say what the text is, by the policy as it stands now. */
  #accepted(): readonly EditFacts[] {
    const own = this.#edits.filter(edit => this.#may(edit.by, 'edit'));
    const changed = this.#edits.filter(edit => edit.source);
    if (changed.length === 0) return own;
    const settled = new Set(changed.filter(edit => this.#maySettleSource(edit)));
    const isSettled = (edit: EditFacts) => {
      const from = this.#sourceOf(edit);
      return !from || settled.has(from);
    };
    // One that takes over a text that was settled before changes no source; such may follow each other.
    for (let before = -1; before < settled.size;) {
      before = settled.size;
      for (const edit of changed) {
        const parents = edit.parents.map(id => this.#byId.get(id));
        if (
          parents.some(each => each?.result === edit.result && this.#may(each.by, 'edit') && isSettled(each))
        )
          settled.add(edit);
      }
    }
    // One of the target carries the source along that it was made on: it holds only where that does.
    return own.filter(isSettled);
  }

  #maySettleSource(edit: EditFacts): boolean {
    return (
      this.#may(edit.by, 'edit-source') || (edit.settles !== undefined && this.#may(edit.by, 'accept-source'))
    );
  }

  /** The edit that this one has its source from, found as `textAt` finds it; none: the row's own. */
  #sourceOf(edit: EditFacts): EditFacts | undefined {
    const path = new Set<EditFacts>();
    let at: EditFacts | undefined = edit;
    while (at && !at.source && !path.has(at)) {
      if (this.#sources.has(at)) {
        at = this.#sources.get(at);
        break;
      }
      path.add(at);
      const parent: EventId | undefined = at.parents.find(id => this.#byId.has(id));
      at = parent && this.#byId.get(parent);
    }
    const found = at?.source ? at : undefined;
    // Remembered for all on the way: of a long line each would go it again.
    for (const each of path) this.#sources.set(each, found);
    return found;
  }

  #waiting(accepted: readonly EditFacts[]): readonly EditFacts[] {
    const isLaterOfSame = (edit: EditFacts, other: EditFacts | undefined) =>
      other?.by === edit.by && byOrder(other, edit) < 0;
    const isWithdrawal = (edit: EditFacts) =>
      edit.undoes !== undefined &&
      isLaterOfSame(edit, this.#byId.get(edit.undoes)) &&
      this.#bringsNothing(edit);
    // What was taken back takes the place of no proposal any more.
    const takenBack = new Set(this.#edits.flatMap(edit => (isWithdrawal(edit) ? (edit.undoes ?? []) : [])));
    const holds = (edit: EditFacts) => !takenBack.has(edit.id);
    // Who took a proposal took what it changes, and not what somebody else's before it does.
    const settled = new Set(accepted.flatMap(edit => edit.settles ?? []));
    const replaced = this.#replacedBy(accepted.filter(holds), edit => {
      if (takenBack.has(edit.id)) return [];
      if (!settled.has(edit.id)) return edit.parents;
      const own = edit.parents.filter(id => this.#byId.get(id)?.by === edit.by);
      for (const id of own) settled.add(id);
      return own;
    });
    const members = new Set(accepted);
    const others = this.#edits.filter(edit => !members.has(edit));
    // Who has no say dismisses nothing of others, and with a withdrawal nothing but what it takes back.
    for (const id of takenBack) replaced.add(id);
    for (const edit of others.filter(each => holds(each) && !isWithdrawal(each)))
      for (const id of edit.parents) if (isLaterOfSame(edit, this.#byId.get(id))) replaced.add(id);
    return others.filter(edit => !replaced.has(edit.id) && !isWithdrawal(edit));
  }

  /** Whether its text is one that there was before: what says that it takes something back might bring another. */
  #bringsNothing({ base, result }: EditFacts): boolean {
    if (!this.#texts) {
      this.#texts = new Map();
      for (const edit of this.#edits)
        for (const text of new Set([edit.base, edit.result]))
          this.#texts.set(text, (this.#texts.get(text) ?? 0) + 1);
    }
    return result === base || (this.#texts.get(result) ?? 0) > 1;
  }

  /**
   * What some edits were made on, directly or through edits that are none of them.
   * @param through what is replaced with an edit that is none of them: left out, all that it was made on
   */
  #replacedBy(
    edits: readonly EditFacts[],
    through = (edit: EditFacts): readonly EventId[] => edit.parents,
  ): Set<EventId> {
    const members = new Set(edits);
    const replaced = new Set(edits.flatMap(edit => edit.parents));
    for (const id of replaced) {
      const edit = this.#byId.get(id);
      if (edit && !members.has(edit)) for (const parent of through(edit)) replaced.add(parent);
    }
    return replaced;
  }

  #unreplaced(edits: readonly EditFacts[]): readonly EditFacts[] {
    if (edits.length < 2) return edits;
    const replaced = this.#replacedBy(edits);
    const unreplaced = edits.filter(edit => !replaced.has(edit.id));
    // Only a forged ledger has a ring of parents; each edit of it is a head then, so that none is hidden.
    const seen = new Set(this.#ancestry(unreplaced));
    return edits.filter(edit => !replaced.has(edit.id) || !seen.has(edit));
  }

  /** Whether any edit starts from this text or leads to it. */
  knows(row: Fingerprint): boolean {
    return this.#edits.some(edit => edit.result === row || edit.base === row);
  }

  /** The edits made, directly or through others, on a text, with all that they came from known. */
  descended(row: Fingerprint): ReadonlySet<EditFacts> {
    const onRow = this.#descendants(edit => edit.result === row || edit.base === row);
    const broken = this.#descendants(edit => !edit.parents.every(id => this.#byId.has(id)));
    return new Set([...onRow].filter(edit => !broken.has(edit)));
  }

  /** Edits of a kind, and all that came from them. */
  #descendants(isFirst: (edit: EditFacts) => boolean): ReadonlySet<EditFacts> {
    const found = new Set(this.#edits.filter(isFirst));
    if (found.size === 0 || found.size === this.#edits.length) return found;
    const children = new Map<EventId, EditFacts[]>();
    for (const edit of this.#edits) {
      for (const id of edit.parents) {
        const known = children.get(id);
        if (known) known.push(edit);
        else children.set(id, [edit]);
      }
    }
    for (const edit of found) for (const child of children.get(edit.id) ?? []) found.add(child);
    return found;
  }

  /** The edits of this one's ancestry that started from the row's own text. */
  roots(edit: EditFacts): readonly EditFacts[] {
    return this.#ancestry([edit]).filter(each => each.parents.length === 0);
  }

  /** Who wrote the text that an edit leads to first: who goes back to it, or takes it over, does not become its author. */
  authorOf(edit: EditFacts): string {
    const first = this.#ancestry([edit])
      .filter(each => each.result === edit.result)
      .reduce((a, b) => (byOrder(b, a) < 0 ? b : a));
    return first.by;
  }

  /** Some edits and all that they came from. */
  #ancestry(edits: readonly EditFacts[]): readonly EditFacts[] {
    const found = new Set(edits);
    for (const each of found) {
      for (const id of each.parents) {
        const parent = this.#byId.get(id);
        if (parent) found.add(parent);
      }
    }
    return [...found];
  }
}
