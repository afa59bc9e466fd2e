/** From what a reviewer changed to the event that says so: pure, so that the rules of the edit graph stand in one place. */
import type { DecideEvent, EditEvent, EventId, FieldEdit, NewEvent, ReviewEvent } from './events';
import { byOrder } from './eventFacts';
import { isMadeOn, textAt, type UnitState } from './fold';
import { fingerprint, type Field, type Fingerprint, type Sha256, type Side, type Unit } from './record';

type Events = ReadonlyMap<EventId, ReviewEvent>;
/** An edit not yet in a ledger. */
export type NewEdit = Extract<NewEvent, { type: 'edit' }>;

/** What an edit starts from, and what it replaces. */
export interface EditFrom {
  /** The edit whose text is changed; none: the row's own text. */
  readonly basis: { readonly id: EventId } | undefined;
  /** The edits that are replaced: all heads that the reviewer saw. The basis stands first. */
  readonly parents: readonly EventId[];
  /** Of the parents, proposals that are settled: what the basis says holds of all that the edit does not name. */
  readonly settled?: readonly EventId[];
}

const SIDES = ['source', 'target'] as const satisfies Side[];

/**
 * The edit that some changes of fields make.
 * @param row the unit, its line (from 1) and the fingerprint of its own text in the file
 * @returns undefined if the fields hold that text already
 */
export function makeEdit(
  row: { readonly unit: Unit; readonly line: number; readonly rowFingerprint: Fingerprint },
  from: EditFrom,
  changes: readonly FieldEdit[],
  events: Events,
  sha256: Sha256,
): NewEdit | undefined {
  const { unit, line, rowFingerprint } = row;
  const before = (side: Side) => textAt(unit, side, from.basis, events);
  const after = (side: Side) =>
    before(side).map(({ name, text }): Field => {
      const change = changes.find(each => each.side === side && each.name === name);
      return { name, text: change?.text ?? text };
    });
  const result = fingerprint(after('source'), after('target'), sha256);
  // An edit that also replaces texts it does not start from names every field that differs from one of them.
  const others = from.parents.filter(id => id !== from.basis?.id);
  // Fields that an edit does not name are looked for in the first of its parents.
  const isFirst = from.basis !== undefined && from.parents[0] === from.basis.id;
  const compared = others.filter(id => !isFirst || !from.settled?.includes(id));
  const fields = SIDES.flatMap(side => {
    const old = [before(side), ...compared.map(id => textAt(unit, side, { id }, events))];
    const isUnknown = compared.some(id => !events.has(id));
    return after(side)
      .filter((field, index) => isUnknown || old.some(each => field.text !== each[index]?.text))
      .map(field => ({ side, ...field }));
  });
  if (fields.length === 0 && others.length === 0) return undefined;
  return { type: 'edit', key: unit.key, line, fields, parents: from.parents, base: rowFingerprint, result };
}

/** Every field of a unit as it is at an edit; without one as the row has it. */
export function wholeText(
  unit: Unit,
  edit: { readonly id: EventId } | undefined,
  events: Events,
): FieldEdit[] {
  return SIDES.flatMap(side => textAt(unit, side, edit, events).map(field => ({ side, ...field })));
}

/** The fields that an edit changed as they were before it, to take it back. */
export function textBefore(unit: Unit, edit: EditEvent, events: Events): FieldEdit[] {
  const parents = edit.parents.map(id => events.get(id)).filter(event => event?.type === 'edit');
  // One that settled a conflict goes back to the side that its reviewer was on.
  const mine = parents.find(each => each.by === edit.by) ?? parents[0];
  // Where none was made on the row as it was then, the edit changed the row's own text: one that gave a stale text back.
  const parent = parents.some(each => isMadeOn(each, edit.base, events)) ? mine : undefined;
  return edit.fields.map(({ side, name, text }) => {
    const own = textAt(unit, side, parent, events).find(field => field.name === name);
    return { side, name, text: own?.text ?? text };
  });
}

/**
 * What the target text of a stale unit was before it changed: as it was approved last, else as it was edited last.
 * @param events all of the unit
 * @returns undefined for a unit that is not stale, or whose approval does not tell its text
 */
export function textBeforeStale(
  unit: Unit,
  state: UnitState,
  events: Events,
): { readonly event: DecideEvent | EditEvent; readonly target: readonly Field[] } | undefined {
  if (state.state !== 'stale') return undefined;
  const approvals = state.decisions.toSorted(byOrder).flatMap(({ id }) => {
    const event = events.get(id);
    return event?.type === 'decide' && event.decision === 'approve' && event.target ? event : [];
  });
  const approval = approvals.at(-1);
  if (approval) {
    const texts = new Map(approval.target);
    return {
      event: approval,
      target: unit.target.map(({ name, text }) => ({ name, text: texts.get(name) ?? text })),
    };
  }
  const head = state.heads.at(-1);
  const event = head && events.get(head.id);
  return event?.type === 'edit' ? { event, target: textAt(unit, 'target', head, events) } : undefined;
}
