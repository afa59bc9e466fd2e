import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Decision, EditEvent, EventId, ReviewEvent } from '../../src/core/events';
import { DECISIONS } from '../../src/core/events';
import { factsOf, type EventFacts } from '../../src/core/eventFacts';
import { EventSet } from '../../src/core/eventSet';
import { foldUnit, textAt } from '../../src/core/fold';
import { CLOSED_POLICY, DEFAULT_POLICY, type Policy } from '../../src/core/policy';
import type { Unit } from '../../src/core/record';
import {
  alpaca,
  Clone,
  comment,
  decide,
  edit,
  fold as foldOn,
  ids,
  KEY,
  makeUnit,
  print,
  undo,
} from '../helpers/builders';

const fold = (row: string, events: readonly ReviewEvent[], policy: Policy = DEFAULT_POLICY) =>
  foldOn(print(row), events, policy);
const facts = (...events: ReviewEvent[]) => events.map(event => factsOf(event));
/** What all ledgers together hold of the unit, met in this order. */
function held(events: readonly ReviewEvent[]): readonly EventFacts[] {
  const set = new EventSet();
  for (const event of events) set.add(factsOf(event));
  return set.eventsOf(KEY);
}
const TWO: Policy = { ...DEFAULT_POLICY, approvals: 2 };
const OTHERS: Policy = { ...DEFAULT_POLICY, lastEditorCounts: false };

/** Two edits that do not know of each other. */
function rivals() {
  const [a, b] = [edit('ann', 'A'), edit('bob', 'B')];
  return { a, b };
}
/** An edit made on others, of the row's own text `R0`. */
const after = (by: string, result: string, ...parents: EditEvent[]) =>
  edit(by, result, { parents: parents.map(parent => parent.id) });

describe('without edits a unit', () => {
  it('is pending', () => {
    const { state, fingerprint, current, heads } = fold('R0', [comment('ann', 'hm')]);
    assert.deepEqual(
      { state, fingerprint, current, heads },
      { state: 'pending', fingerprint: print('R0'), current: undefined, heads: [] },
    );
  });

  const cases: [Decision, string][] = [
    ['approve', 'approved'],
    ['reject', 'rejected'],
    ['needs-work', 'needs-work'],
    ['skip', 'skipped'],
  ];
  for (const [decision, state] of cases)
    it(`is ${state} after ${decision}`, () =>
      assert.equal(fold('R0', [decide('ann', decision, 'R0')]).state, state));

  it('is disputed where one approves and another does not', () => {
    for (const against of ['reject', 'needs-work'] as const) {
      const { state } = fold('R0', [decide('ann', 'approve', 'R0'), decide('bob', against, 'R0')]);
      assert.equal(state, 'disputed');
    }
  });

  it('has no approval of a text it no longer has', () => {
    const { state, approvals } = fold('R1', [decide('ann', 'approve', 'R0')]);
    assert.deepEqual({ state, approvals }, { state: 'stale', approvals: 0 });
    assert.equal(fold('R1', [decide('ann', 'reject', 'R0')]).state, 'pending');
  });

  it('holds an approval again when its text comes back', () => {
    assert.equal(fold('R0', [decide('ann', 'approve', 'R0'), decide('bob', 'skip', 'R1')]).state, 'approved');
  });
});

describe("a reviewer's newer decision", () => {
  it('replaces their own', () => {
    const { state, decisions } = fold('R0', [decide('ann', 'approve', 'R0'), decide('ann', 'reject', 'R0')]);
    assert.equal(state, 'rejected');
    assert.equal(decisions.length, 1);
  });

  it("leaves another's alone, and does not count twice", () => {
    const events = [decide('ann', 'approve', 'R0'), decide('ann', 'approve', 'R0')];
    assert.deepEqual(
      [fold('R0', events, TWO).state, fold('R0', events, TWO).approvals],
      ['partly-approved', 1],
    );
    const both = [...events, decide('bob', 'approve', 'R0')];
    assert.equal(fold('R0', both, TWO).state, 'approved');
  });

  it('goes by the counter of its writer, whatever the clock said', () => {
    const [older, newer] = [decide('ann', 'approve', 'R0'), decide('ann', 'reject', 'R0')];
    assert.equal(fold('R0', [newer, { ...older, at: '2030-01-01T00:00:00.000Z' }]).state, 'rejected');
  });
});

describe('an edit', () => {
  it('gives the unit its text', () => {
    const a = edit('ann', 'A');
    const { state, fingerprint, current } = fold('R0', [a]);
    assert.deepEqual(
      { state, fingerprint, current },
      { state: 'edited', fingerprint: print('A'), current: factsOf(a) },
    );
  });

  it('makes earlier approvals stale, its own author’s too', () => {
    const approval = decide('ann', 'approve', 'R0');
    for (const by of ['ann', 'bob']) {
      const { state, approvals, decisions } = fold('R0', [approval, edit(by, 'A')]);
      assert.deepEqual(
        { state, approvals, decisions },
        { state: 'stale', approvals: 0, decisions: facts(approval) },
      );
    }
  });

  it('replaces its parents', () => {
    const a = edit('ann', 'A');
    const b = after('bob', 'B', a);
    const { state, heads, current } = fold('R0', [a, b]);
    assert.deepEqual({ state, heads, current }, { state: 'edited', heads: facts(b), current: factsOf(b) });
  });

  it('back to the original text leaves the unit pending, and the approvals of that text in force', () => {
    const a = edit('ann', 'A');
    const back = after('ann', 'R0', a);
    assert.equal(fold('R0', [a, back]).state, 'pending');
    assert.equal(fold('R0', [decide('bob', 'approve', 'R0'), a, back]).state, 'approved');
  });

  it('whose author’s approval does not count waits for somebody else’s', () => {
    const a = edit('ann', 'A');
    const own = [a, decide('ann', 'approve', 'A', [a])];
    assert.equal(fold('R0', own, OTHERS).state, 'partly-approved');
    assert.equal(fold('R0', own).state, 'approved');
    assert.equal(fold('R0', [...own, decide('bob', 'approve', 'A', [a])], OTHERS).state, 'approved');
  });

  it('that has landed in the file changes nothing', () => {
    const a = edit('ann', 'A');
    const b = after('bob', 'B', a);
    const events = [a, b, decide('cy', 'approve', 'B', [b])];
    assert.deepEqual(fold('B', events), fold('R0', events));
    assert.equal(fold('A', events).fingerprint, print('B'));
  });

  it('on a text that the file no longer has is offered, not applied', () => {
    const a = edit('ann', 'A');
    const { state, current, fingerprint, heads } = fold('R1', [a, decide('ann', 'approve', 'A', [a])]);
    assert.deepEqual(
      { state, current, fingerprint, heads },
      { state: 'stale', current: undefined, fingerprint: print('R1'), heads: facts(a) },
    );
  });

  it('so offered is settled only by a decision for the row’s own text that names all heads', () => {
    const { a, b } = rivals();
    const settled = (...decisions: ReviewEvent[]) => fold('R1', [a, b, ...decisions]).state;
    assert.equal(settled(decide('cy', 'approve', 'R1')), 'stale');
    assert.equal(settled(decide('cy', 'approve', 'R1', [a])), 'stale');
    assert.equal(settled(decide('cy', 'approve', 'A', [a, b])), 'stale');
    assert.equal(settled(decide('cy', 'approve', 'R1', [a, b])), 'approved');
    assert.equal(settled(decide('cy', 'reject', 'R1', [a, b])), 'rejected');
  });

  it('made on the new text, naming the stale one, settles it too', () => {
    const a = edit('ann', 'A');
    const b = edit('bob', 'B', { parents: [a.id], base: print('R1') });
    const { state, current } = fold('R1', [a, b]);
    assert.deepEqual({ state, current }, { state: 'edited', current: factsOf(b) });
  });
});

describe('edits that do not know of each other', () => {
  it('are a conflict in which neither wins', () => {
    const { a, b } = rivals();
    const { state, current, fingerprint, heads } = fold('R0', [a, b]);
    assert.deepEqual(
      { state, current, fingerprint, heads },
      { state: 'conflict', current: undefined, fingerprint: print('R0'), heads: facts(a, b) },
    );
  });

  it('with the same text are none', () => {
    const [a, b] = [edit('ann', 'A'), edit('bob', 'A')];
    const { state, fingerprint, heads } = fold('R0', [a, b, decide('cy', 'approve', 'A', [b])]);
    assert.deepEqual(
      { state, fingerprint, heads },
      { state: 'approved', fingerprint: print('A'), heads: facts(a, b) },
    );
  });

  it('are a conflict also where one went back to the original text', () => {
    const { a, b } = rivals();
    assert.equal(fold('R0', [a, b, after('ann', 'R0', a)]).state, 'conflict');
  });

  it('are settled by an edit that names both, not by one that names one', () => {
    const { a, b } = rivals();
    assert.equal(fold('R0', [a, b, after('ann', 'C', a)]).state, 'conflict');
    const merge = after('cy', 'C', a, b);
    const { state, current } = fold('R0', [a, b, merge]);
    assert.deepEqual({ state, current }, { state: 'edited', current: factsOf(merge) });
  });

  it('are settled by a decision for one of them that names both, not by one that names one', () => {
    const { a, b } = rivals();
    assert.equal(fold('R0', [a, b, decide('cy', 'approve', 'B', [b])]).state, 'conflict');
    const { state, current, fingerprint } = fold('R0', [a, b, decide('cy', 'approve', 'B', [a, b])]);
    assert.deepEqual(
      { state, current, fingerprint },
      { state: 'approved', current: factsOf(b), fingerprint: print('B') },
    );
  });

  it('are settled by a decision for the row’s own text too', () => {
    const { a, b } = rivals();
    const { state, fingerprint } = fold('R0', [a, b, decide('cy', 'reject', 'R0', [a, b])]);
    assert.deepEqual({ state, fingerprint }, { state: 'rejected', fingerprint: print('R0') });
  });

  it('are not settled by skipping, nor for a text that is none of theirs', () => {
    const { a, b } = rivals();
    assert.equal(fold('R0', [a, b, decide('cy', 'skip', 'A', [a, b])]).state, 'conflict');
    assert.equal(fold('R0', [a, b, decide('cy', 'approve', 'Z', [a, b])]).state, 'conflict');
  });

  it('are not settled by two who choose differently, until they agree', () => {
    const { a, b } = rivals();
    const apart = [a, b, decide('cy', 'approve', 'A', [a, b]), decide('dan', 'approve', 'B', [a, b])];
    assert.equal(fold('R0', apart).state, 'conflict');
    const { state, fingerprint } = fold('R0', [...apart, decide('dan', 'reject', 'A', [a, b])]);
    assert.deepEqual({ state, fingerprint }, { state: 'disputed', fingerprint: print('A') });
  });

  it('rival again when a third comes that the decision did not see, or the decision is undone', () => {
    const { a, b } = rivals();
    const settling = decide('cy', 'approve', 'A', [a, b]);
    assert.equal(fold('R0', [a, b, settling, edit('dan', 'D')]).state, 'conflict');
    assert.equal(fold('R0', [a, b, settling, undo('cy', settling)]).state, 'conflict');
  });

  it('stay settled when the chosen text lands in the file', () => {
    const { a, b } = rivals();
    const events = [a, b, decide('cy', 'approve', 'A', [a, b])];
    assert.deepEqual(fold('A', events), fold('R0', events));
  });

  it('rival also where one started from another text of the file', () => {
    const [a, b] = [edit('ann', 'A'), edit('bob', 'B', { base: print('R1') })];
    const { state, current, heads } = fold('R1', [a, b]);
    assert.deepEqual(
      { state, current, heads },
      { state: 'conflict', current: undefined, heads: facts(a, b) },
    );
  });
});

describe('undo', () => {
  it('takes back a decision, and an earlier one of the same reviewer holds again', () => {
    const [first, second] = [decide('ann', 'approve', 'R0'), decide('ann', 'reject', 'R0')];
    assert.equal(fold('R0', [first, second, undo('ann', second)]).state, 'approved');
    assert.equal(fold('R0', [first, second, undo('ann', second), undo('ann', first)]).state, 'pending');
  });

  it('takes back a comment', () => {
    const [one, two] = [comment('ann', 'one'), comment('ann', 'two')];
    assert.deepEqual(fold('R0', [one, two, undo('ann', one)]).comments, facts(two));
  });

  it("never takes back another reviewer's event", () => {
    const [approval, remark] = [decide('ann', 'approve', 'R0'), comment('ann', 'x')];
    const { state, comments } = fold('R0', [approval, remark, undo('bob', approval), undo('bob', remark)]);
    assert.deepEqual({ state, comments }, { state: 'approved', comments: facts(remark) });
  });

  it('never takes back an edit, which only an edit does', () => {
    const a = edit('ann', 'A');
    assert.deepEqual(fold('R0', [a, undo('ann', a)]), fold('R0', [a]));
  });

  it('of an undo brings nothing back', () => {
    const approval = decide('ann', 'approve', 'R0');
    const back = undo('ann', approval);
    assert.equal(fold('R0', [approval, back, undo('ann', back)]).state, 'pending');
  });
});

describe('a broken policy', () => {
  it('approves nothing, whoever approved', () => {
    const approvals = ['ann', 'bob', 'cy'].map(by => decide(by, 'approve', 'R0'));
    assert.equal(fold('R0', approvals, CLOSED_POLICY).state, 'partly-approved');
  });
});

describe('a forged or torn history', () => {
  it('of edits that are each other’s parents is a conflict that shows them all', () => {
    const [a, b] = [
      edit('ann', 'A', { id: ids('x')[0]!, parents: ids('y') }),
      edit('bob', 'B', { id: ids('y')[0]!, parents: ids('x') }),
    ];
    assert.deepEqual(fold('R0', [a, b]).heads, facts(a, b));
    assert.equal(fold('R0', [a, b]).state, 'conflict');
  });

  it('hides no edit of a ring behind an honest one', () => {
    const self = edit('ann', 'A', { id: ids('self')[0]!, parents: ids('self') });
    const honest = edit('bob', 'B');
    assert.deepEqual(fold('R0', [self, honest]).heads, facts(self, honest));
    assert.equal(fold('R0', [self, honest]).state, 'conflict');
  });

  it('in which a parent is missing does not take the text for known', () => {
    const child = edit('bob', 'B', { parents: ids('lost') });
    const { current, heads, state } = fold('R0', [child]);
    assert.deepEqual(
      { current, heads, state },
      { current: undefined, heads: facts(child), state: 'conflict' },
    );
  });

  it('in which one id names two events folds to the same state in any order', () => {
    const one = decide('ann', 'approve', 'R0');
    const other = { ...one, decision: 'reject' as const };
    const [first, second] = [
      [one, other],
      [other, one],
    ].map(held);
    assert.deepEqual(first, second);
    assert.equal(first?.length, 1);
  });
});

/** Any events at all over few names, so that they meet: parents that are missing, in rings, undos of anything. */
const names = fc.constantFrom('e0', 'e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7');
const prints = fc.constantFrom('R0', 'R1', 'A', 'B').map(print);
const people = fc.constantFrom('ann', 'bob', 'cy');
const head = fc.array(names, { maxLength: 3 }) as fc.Arbitrary<EventId[]>;
const place = { seq: fc.nat(5), by: people };
const anyEvent = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({ ...place, parents: head, base: prints, result: prints })
      .map(each => edit(each.by, 'x', each)),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ ...place, decision: fc.constantFrom(...DECISIONS), fingerprint: prints, head })
      .map(each => ({ ...decide(each.by, each.decision, 'x'), ...each })),
  },
  fc
    .record({ ...place, undoes: names })
    .map(each => ({ ...undo(each.by, comment('ann', '')), ...each, undoes: each.undoes as EventId })),
  fc.record(place).map(each => ({ ...comment(each.by, ''), ...each })),
);
const anyHistory = fc
  .array(anyEvent, { maxLength: 8 })
  .map(events => events.map((event, index): ReviewEvent => ({ ...event, id: `e${index}` as EventId })));
const anyPolicy = fc.constantFrom(DEFAULT_POLICY, TWO, OTHERS, CLOSED_POLICY);

describe('any history', () => {
  it('folds to the same state in any order, with any events repeated', () => {
    const shuffled = anyHistory.chain(events =>
      fc.record({
        events: fc.constant(events),
        again: fc
          .subarray(events)
          .chain(more =>
            fc.shuffledSubarray([...events, ...more], { minLength: events.length + more.length }),
          ),
      }),
    );
    fc.assert(
      fc.property(shuffled, prints, anyPolicy, ({ events, again }, row, policy) => {
        const state = foldOn(row, events, policy);
        assert.deepEqual(foldUnit(row, held(again), policy), state);
        assert.deepEqual(foldOn(row, events.toReversed(), policy), state);
      }),
      { numRuns: 1000 },
    );
  });

  it('hides no edit: each is a head or was seen, directly or through others, by one', () => {
    fc.assert(
      fc.property(anyHistory, prints, (events, row) => {
        const byId = new Map(events.map(event => [event.id, event]));
        const shown = new Set(foldOn(row, events).heads.map(head => head.id));
        for (const id of shown) {
          const event = byId.get(id);
          if (event?.type !== 'edit') continue;
          for (const parent of event.parents) if (byId.get(parent)?.type === 'edit') shown.add(parent);
        }
        const hidden = events.filter(event => event.type === 'edit' && !shown.has(event.id));
        assert.deepEqual(hidden, []);
      }),
      { numRuns: 1000 },
    );
  });

  it('with heads of different texts chooses none unless somebody saw them all', () => {
    fc.assert(
      fc.property(anyHistory, prints, anyPolicy, (events, row, policy) => {
        const { state, heads, decisions, fingerprint, current } = foldOn(row, events, policy);
        if (new Set(heads.map(each => each.result)).size < 2) return;
        const saw = decisions.filter(
          each =>
            each.decision !== 'skip' &&
            heads.every(({ id }) => each.head.includes(id)) &&
            each.fingerprint === fingerprint,
        );
        if (saw.length > 0) return;
        assert.ok(state === 'conflict' || state === 'stale', state);
        assert.equal(current, undefined);
        assert.equal(fingerprint, row);
      }),
      { numRuns: 1000 },
    );
  });

  it('is approved only by as many reviewers as the policy asks for, each standing by this very text', () => {
    fc.assert(
      fc.property(anyHistory, prints, anyPolicy, (events, row, policy) => {
        const { state, fingerprint, author } = foldOn(row, events, policy);
        if (state !== 'approved') return;
        const standing = ['ann', 'bob', 'cy'].map(by =>
          events
            .filter(event => event.type === 'decide' && event.by === by)
            .filter(
              event =>
                !events.some(each => each.type === 'undo' && each.by === by && each.undoes === event.id),
            )
            .sort((a, b) => a.seq - b.seq || (a.id < b.id ? -1 : 1))
            .at(-1),
        );
        const onThis = standing.filter(each => each?.type === 'decide' && each.fingerprint === fingerprint);
        const approving = onThis.filter(
          each =>
            each?.type === 'decide' &&
            each.decision === 'approve' &&
            (policy.lastEditorCounts || each.by !== author),
        );
        assert.ok(approving.length >= policy.approvals);
        assert.ok(
          onThis.every(each => each?.type === 'decide' && !['reject', 'needs-work'].includes(each.decision)),
        );
      }),
      { numRuns: 1000 },
    );
  });
});

/** What may happen between three reviewers, each with a clone of their own; `row` mends or breaks the file on one of them. */
const texts = fc.constantFrom('a', 'b', 'c');
const edited = fc.record({
  do: fc.constant('edit' as const),
  at: fc.nat(2),
  name: fc.constantFrom('input', 'output'),
  text: texts,
});
const decided = fc.record({
  do: fc.constant('decide' as const),
  at: fc.nat(2),
  decision: fc.constantFrom(...DECISIONS),
  choice: fc.nat(2),
});
const pulled = fc.record({ do: fc.constant('pull' as const), at: fc.nat(2), from: fc.nat(2) });
const applied = fc.record({ do: fc.constant('apply' as const), at: fc.nat(2) });
const changed = fc.record({ do: fc.constant('row' as const), at: fc.nat(2), input: texts, output: texts });
const inOneFile = fc.array(fc.oneof(edited, decided, pulled), { minLength: 4, maxLength: 14, size: 'max' });
const inChangingFiles = fc.array(fc.oneof(edited, decided, pulled, applied, changed), {
  minLength: 4,
  maxLength: 14,
  size: 'max',
});
type Step = typeof inChangingFiles extends fc.Arbitrary<(infer T)[]> ? T : never;

const rowWith = (input: string, output: string): Unit =>
  makeUnit({ source: [{ name: 'text', text: 's' }], target: alpaca('', input, output).slice(1) });

function play(steps: readonly Step[]): Clone[] {
  const clones = ['ann', 'bob', 'cy'].map(by => new Clone(by, rowWith('', '')));
  for (const step of steps) {
    const clone = clones[step.at]!;
    if (step.do === 'edit') clone.edit(step.name, step.text);
    else if (step.do === 'decide') clone.decide(step.decision, step.choice);
    else if (step.do === 'pull') clone.pull(clones[step.from]!);
    else if (step.do === 'apply') clone.apply();
    else clone.row = rowWith(step.input, step.output);
  }
  for (const clone of clones) for (const other of clones) clone.pull(other);
  return clones;
}

describe('reviewers on clones of their own', () => {
  it('end in the same state once they have each other’s ledgers', () => {
    fc.assert(
      fc.property(inOneFile, steps => {
        const [first, ...others] = play(steps).map(clone => clone.state());
        for (const other of others) assert.deepEqual(other, first);
      }),
    );
  });

  it('approve and are shown the very text that the fingerprint names', () => {
    fc.assert(
      fc.property(inOneFile, steps => {
        const [clone] = play(steps);
        assert.equal(clone!.shownFingerprint(), clone!.state().fingerprint);
      }),
      { numRuns: 500 },
    );
  });

  it('cannot approve a rival whose text the file they have no longer leads to', () => {
    const [ann, bob] = [new Clone('ann', rowWith('', '')), new Clone('bob', rowWith('x', ''))];
    ann.edit('output', 'A');
    bob.edit('output', 'B');
    bob.pull(ann);
    bob.decide('approve', 0);
    assert.equal(bob.shownFingerprint(), bob.state().fingerprint);
  });

  it('are shown that text also where the file changed under them', () => {
    fc.assert(
      fc.property(inChangingFiles, steps => {
        for (const clone of play(steps)) assert.equal(clone.shownFingerprint(), clone.state().fingerprint);
      }),
      { numRuns: 2000 },
    );
  });

  it('see the same state before and after the current text is applied to the file', () => {
    fc.assert(
      fc.property(inOneFile, steps => {
        const clone = play(steps)[0]!;
        const before = clone.state();
        clone.apply();
        if (before.current) assert.deepEqual(clone.state(), before);
      }),
      { numRuns: 500 },
    );
  });
});

describe('textAt', () => {
  it('gives the row’s own text where there is no edit', () => {
    const unit = makeUnit();
    assert.deepEqual(textAt(unit, 'target', undefined, new Map()), unit.target);
  });

  it('keeps the sides apart', () => {
    const unit = makeUnit();
    const a = edit('ann', 'A', { fields: [{ side: 'source', name: 'output', text: 'Blue' }] });
    const byId = new Map([[a.id, a]]);
    assert.equal(textAt(unit, 'source', a, byId)[2]?.text, 'Blue');
    assert.equal(textAt(unit, 'target', a, byId)[2]?.text, 'Rot');
  });

  it('gives each edit of any history the text it was written with', () => {
    const change = fc.record({
      parents: fc.array(fc.nat(), { maxLength: 3 }),
      texts: fc.tuple(texts, texts, texts),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 10 }), changes => {
        const unit = makeUnit({ target: alpaca('a', 'a', 'a') });
        const row = unit.target.map(field => field.text);
        const written: { event: EditEvent; texts: string[] }[] = [];
        for (const { parents, texts } of changes) {
          const on = written.length === 0 ? [] : parents.map(each => written[each % written.length]!);
          const before = on.length === 0 ? [row] : on.map(each => each.texts);
          const fields = unit.target
            .map(({ name }, index) => ({ side: 'target' as const, name, text: texts[index]! }))
            .filter(({ text }, index) => before.some(each => each[index] !== text));
          written.push({
            event: edit('ann', 'x', { fields, parents: on.map(each => each.event.id) }),
            texts,
          });
        }
        const byId = new Map<EventId, ReviewEvent>(written.map(({ event }) => [event.id, event]));
        for (const { event, texts } of written)
          assert.deepEqual(
            textAt(unit, 'target', event, byId).map(field => field.text),
            texts,
          );
      }),
      { numRuns: 500 },
    );
  });

  it('ends in a ring of parents', () => {
    const ring = edit('ann', 'A', { id: ids('x')[0]!, parents: ids('x'), fields: [] });
    assert.deepEqual(textAt(makeUnit(), 'target', ring, new Map([[ring.id, ring]])), makeUnit().target);
  });
});
