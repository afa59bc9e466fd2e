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
    const undoes = 'undoes' in first ? first.undoes : undefined;
    if (undoes !== undefined) {
      const taken = done.get(actionOf(undoes));
      if (!taken) continue;
      const isPart = taken.events.length > 1 && action.id === first.id;
      const [part, rest] = [[], []] as [EventFacts[], EventFacts[]];
      for (const event of taken.events) (isPart && event.id !== undoes ? rest : part).push(event);
      // What was taken back by itself leaves the others of its bulk to be undone together.
      if (rest.length > 0) done.set(taken.id, { id: taken.id, events: rest });
      else done.delete(taken.id);
      undone.push({ action: { id: taken.id, events: part }, by: action });
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
