/** What a reviewer can take back, read from their own events alone, so that undo works across restarts. */
import { actionOf, type EventId } from './events';
import type { EventFacts } from './eventFacts';

/** What was done in one go: an event, or all those of a bulk. */
export interface DoneAction {
  readonly id: EventId;
  readonly events: readonly EventFacts[];
}

export interface UndoStacks {
  /** Actions that hold, oldest first. */
  readonly done: readonly DoneAction[];
  /** Actions taken back and the one that took each back, the next to redo last. */
  readonly undone: readonly { readonly action: DoneAction; readonly by: DoneAction }[];
}

/** @param mine one reviewer's events in their order; a new action ends what could be redone */
export function undoStacks(mine: readonly EventFacts[]): UndoStacks {
  const done = new Map<EventId, DoneAction>();
  let undone: { action: DoneAction; by: DoneAction }[] = [];
  for (const action of actionsOf(mine)) {
    const [first] = action.events;
    if (!first) continue;
    const undoes = undoneBy(first);
    if (undoes !== undefined) {
      const part = takeOut(done, action);
      const [taken] = part;
      if (taken) undone.push({ action: { id: actionOf(taken.id), events: part }, by: action });
    } else if (first.redoes !== undefined) {
      const redone = actionOf(first.redoes);
      undone = undone.filter(entry => entry.by.id !== redone);
      done.set(action.id, action);
    } else {
      done.set(action.id, action);
      undone = [];
    }
  }
  return { done: [...done.values()], undone };
}

function undoneBy(event: EventFacts): EventId | undefined {
  return 'undoes' in event ? event.undoes : undefined;
}

/**
 * Takes what an action undoes out of what holds. A bulk that undoes another one takes all of it: what it leaves was edited
 * since. What was taken back by itself leaves the others of its bulk to be undone together.
 */
function takeOut(done: Map<EventId, DoneAction>, undoing: DoneAction): EventFacts[] {
  const ids = new Set(undoing.events.flatMap(event => undoneBy(event) ?? []));
  const actions = new Set([...ids].map(actionOf));
  const isBulk = undoing.events.some(event => event.id !== undoing.id);
  const isWhole = isBulk && actions.size === 1;
  return [...actions].flatMap(id => {
    const events = done.get(id)?.events ?? [];
    const taken = events.filter(event => isWhole || ids.has(event.id));
    const rest = events.filter(event => !taken.includes(event));
    if (rest.length > 0) done.set(id, { id, events: rest });
    else done.delete(id);
    return taken;
  });
}

/** The parts of a bulk have one place in the order, and so stand beside each other. */
function actionsOf(mine: readonly EventFacts[]): DoneAction[] {
  const actions: { id: EventId; events: EventFacts[] }[] = [];
  for (const event of mine) {
    const id = actionOf(event.id);
    const last = actions.at(-1);
    if (last?.id === id) last.events.push(event);
    else actions.push({ id, events: [event] });
  }
  return actions;
}
