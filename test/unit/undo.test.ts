import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { EventId, ReviewEvent } from '../../src/core/events';
import { undoStacks } from '../../src/core/undo';
import { comment, decide, edit, undo } from '../helpers/builders';

const make = {
  edit: () => edit('ann', 'A'),
  decide: () => decide('ann', 'approve', 'R0'),
  comment: () => comment('ann', 'x'),
};
type Kind = keyof typeof make;

/** Takes an action back as the session does: an edit by an edit, anything else by an undo. */
const takeBack = (action: ReviewEvent): ReviewEvent =>
  action.type === 'edit' ? { ...edit('ann', 'R0'), undoes: action.id } : undo('ann', action);
/** Does an action again, taking back the event that undid it. */
const again = (action: ReviewEvent, by: EventId): ReviewEvent => ({
  ...make[action.type as Kind](),
  redoes: by,
});

/** An editor's undo and redo: two stacks of what the reviewer did, told apart by the first event of each. */
class NaiveEditor {
  readonly log: ReviewEvent[] = [];
  readonly done: ReviewEvent[] = [];
  undone: { action: ReviewEvent; by: EventId }[] = [];

  act(kind: Kind): void {
    const event = make[kind]();
    this.log.push(event);
    this.done.push(event);
    this.undone = [];
  }

  undo(): void {
    const action = this.done.pop();
    if (!action) return;
    const event = takeBack(action);
    this.log.push(event);
    this.undone.push({ action, by: event.id });
  }

  redo(): void {
    const last = this.undone.pop();
    if (!last) return;
    const event = again(last.action, last.by);
    this.log.push(event);
    this.done.push(event);
  }
}

describe('undoStacks', () => {
  it('are those of an editor after any walk of actions, undos and redos', () => {
    const step = fc.constantFrom('edit', 'decide', 'comment', 'undo', 'undo', 'redo');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), steps => {
        const editor = new NaiveEditor();
        for (const each of steps) {
          if (each === 'undo') editor.undo();
          else if (each === 'redo') editor.redo();
          else editor.act(each);
          assert.deepEqual(undoStacks(editor.log), { done: editor.done, undone: editor.undone });
        }
      }),
    );
  });

  it('take an action out of the middle where its undo came from another machine', () => {
    const [first, second] = [make.comment(), make.decide()];
    const back = takeBack(first);
    const stacks = undoStacks([first, second, back]);
    assert.deepEqual(stacks, { done: [second], undone: [{ action: first, by: back.id }] });
  });

  it('pass over an undo of what is not there, or was undone already', () => {
    const action = make.comment();
    const [back, twice] = [takeBack(action), takeBack(action)];
    assert.deepEqual(undoStacks([twice]), { done: [], undone: [] });
    assert.deepEqual(undoStacks([action, back, twice]), { done: [], undone: [{ action, by: back.id }] });
  });
});
