import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { eventsOf, type BulkEvent, type EventId, type ReviewEvent } from '../../src/core/events';
import { factsOf, type EventFacts } from '../../src/core/eventFacts';
import { undoStacks, type DoneAction } from '../../src/core/undo';
import { asPart, bulk, comment, decide, edit, undo } from '../helpers/builders';

const make = {
  edit: () => edit('ann', 'A'),
  decide: () => decide('ann', 'approve', 'R0'),
  comment: () => comment('ann', 'x'),
  bulk: () =>
    bulk('ann', [edit('ann', 'A'), decide('ann', 'approve', 'R0'), comment('ann', 'x')].map(asPart)),
};
type Kind = keyof typeof make;
type Line = ReviewEvent | BulkEvent;

const factsIn = (lines: readonly Line[]): EventFacts[] =>
  lines.flatMap(line => eventsOf(line).map(event => factsOf(event)));
/** What a line did in one go. */
const actionOf = (line: Line): DoneAction => ({ id: line.id, events: factsIn([line]) });
const actionsOf = (...lines: Line[]) => lines.map(actionOf);

function again(event: EventFacts, by: EventFacts): ReviewEvent {
  return { ...make[event.type as 'comment'](), redoes: by.id };
}
const inOneGo = (all: ReviewEvent[], isBulk: boolean): Line =>
  isBulk ? bulk('ann', all.map(asPart)) : all[0]!;

/** Takes an action back as the session does: an edit by an edit, anything else by an undo, a bulk by a bulk. */
const takeBack = (line: Line): Line =>
  inOneGo(
    eventsOf(line).map(event =>
      event.type === 'edit' ? edit('ann', 'R0', { undoes: event.id }) : undo('ann', event),
    ),
    line.type === 'bulk',
  );
/** Does an action again, part by part, taking back what undid it. */
const doAgain = (line: Line, by: Line): Line => {
  const undoing = factsIn([by]);
  return inOneGo(
    factsIn([line]).map((event, index) => again(event, undoing[index]!)),
    line.type === 'bulk',
  );
};

/** An editor's undo and redo: two stacks of what the reviewer did. */
class NaiveEditor {
  readonly log: Line[] = [];
  readonly done: Line[] = [];
  undone: { action: Line; by: Line }[] = [];

  act(kind: Kind): void {
    const line = make[kind]();
    this.log.push(line);
    this.done.push(line);
    this.undone = [];
  }

  undo(): void {
    const action = this.done.pop();
    if (!action) return;
    const by = takeBack(action);
    this.log.push(by);
    this.undone.push({ action, by });
  }

  redo(): void {
    const last = this.undone.pop();
    if (!last) return;
    const line = doAgain(last.action, last.by);
    this.log.push(line);
    this.done.push(line);
  }

  get stacks() {
    const undone = this.undone.map(({ action, by }) => ({ action: actionOf(action), by: actionOf(by) }));
    return { done: this.done.map(actionOf), undone };
  }
}

describe('undoStacks', () => {
  it('are those of an editor after any walk of actions, undos and redos', () => {
    const step = fc.constantFrom('edit', 'decide', 'comment', 'bulk', 'undo', 'undo', 'redo');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), steps => {
        const editor = new NaiveEditor();
        for (const each of steps) {
          if (each === 'undo') editor.undo();
          else if (each === 'redo') editor.redo();
          else editor.act(each);
          assert.deepEqual(undoStacks(factsIn(editor.log)), editor.stacks);
        }
      }),
    );
  });

  it('take an action out of the middle where its undo came from another machine', () => {
    for (const first of [make.comment(), make.bulk()]) {
      const second = make.decide();
      const back = takeBack(first);
      assert.deepEqual(undoStacks(factsIn([first, second, back])), {
        done: actionsOf(second),
        undone: [{ action: actionOf(first), by: actionOf(back) }],
      });
    }
  });

  it('pass over an undo of what is not there, or was undone already', () => {
    const action = make.comment();
    const [back, twice] = [takeBack(action), takeBack(action)];
    assert.deepEqual(undoStacks(factsIn([twice])), { done: [], undone: [] });
    assert.deepEqual(undoStacks(factsIn([action, back, twice])), {
      done: [],
      undone: [{ action: actionOf(action), by: actionOf(back) }],
    });
  });

  it('take all of a bulk back by the undo of some of its parts: the others were edited since', () => {
    const action = make.bulk();
    const [, decision] = eventsOf(action);
    const back = bulk('ann', [asPart(undo('ann', decision!))]);
    assert.deepEqual(undoStacks(factsIn([action, back])), {
      done: [],
      undone: [{ action: actionOf(action), by: actionOf(back) }],
    });
  });

  it('tell two bulks of one kind apart, whatever the ids of their parts begin with', () => {
    const [first, second] = [make.bulk(), make.bulk()];
    const longer = { ...second, id: `${first.id}0` as EventId };
    assert.deepEqual(undoStacks(factsIn([first, longer])).done, actionsOf(first, longer));
    assert.deepEqual(undoStacks(factsIn([first, longer, takeBack(first)])).done, actionsOf(longer));
  });
});
