/** What a reviewer can take back, read from their own events alone, so that undo works across restarts. */
import type { EventId, ReviewEvent } from './events';

export interface UndoStacks {
  /** Actions that hold, oldest first. */
  readonly done: readonly ReviewEvent[];
  /** Actions taken back and the event that took each back, the next to redo last. */
  readonly undone: readonly { readonly action: ReviewEvent; readonly by: EventId }[];
}

/** @param mine one reviewer's events in their order; a new action ends what could be redone */
export function undoStacks(mine: readonly ReviewEvent[]): UndoStacks {
  const done: ReviewEvent[] = [];
  let undone: { action: ReviewEvent; by: EventId }[] = [];
  for (const event of mine) {
    const undoes = 'undoes' in event ? event.undoes : undefined;
    if (undoes !== undefined) {
      const at = done.findLastIndex(action => action.id === undoes);
      if (at >= 0) undone.push(...done.splice(at, 1).map(action => ({ action, by: event.id })));
    } else if (event.redoes !== undefined) {
      undone = undone.filter(entry => entry.by !== event.redoes);
      done.push(event);
    } else {
      done.push(event);
      undone = [];
    }
  }
  return { done, undone };
}
