import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  DECISIONS,
  type DecideEvent,
  type EditEvent,
  type EventId,
  type ReviewEvent,
} from '../../src/core/events';
import { factsOf } from '../../src/core/eventFacts';
import { assigneesOf, type UnitState } from '../../src/core/fold';
import { CLOSED_POLICY, DEFAULT_POLICY, type Policy } from '../../src/core/policy';
import { assign, comment, decide, edit, fold as foldOn, ids, ignore, print, undo } from '../helpers/builders';

/** Rev and Rob review, Ada and Adi adjudicate, Gus is a guest. */
const TEAM: Policy = {
  ...DEFAULT_POLICY,
  reviewers: { '*': ['rev', 'rob'] },
  adjudicators: { de: ['ada', 'adi'] },
};
const teamWith = (more: Partial<Policy>): Policy => ({ ...TEAM, ...more });

const fold = (row: string, events: readonly ReviewEvent[], policy: Policy = TEAM) =>
  foldOn(print(row), events, policy);
const facts = (...events: ReviewEvent[]) => events.map(event => factsOf(event));
const idsIn = (events: readonly { readonly id: EventId }[]) => events.map(event => event.id);
/** An edit made on others. */
const after = (by: string, result: string, ...parents: EditEvent[]) =>
  edit(by, result, { parents: idsIn(parents) });
const inSource = { fields: [{ side: 'source', name: 'output', text: 'x' }] } as const;
const sourceEdit = (by: string, result: string, ...parents: EditEvent[]) =>
  edit(by, result, { ...inSource, parents: idsIn(parents) });
/** The edit by which somebody takes a proposal as it is, or, leading to another text, dismisses it. */
const settle = (by: string, result: string, proposal: EditEvent, ...heads: EditEvent[]) =>
  edit(by, result, {
    fields: proposal.fields,
    parents: idsIn([...heads, proposal]),
    settles: [proposal.id],
  });
const textOf = ({ state, fingerprint, current, author, proposals }: UnitState) => ({
  state,
  fingerprint,
  current: current?.id,
  author,
  proposals: idsIn(proposals),
});

describe('an edit of somebody without a say', () => {
  const g = edit('gus', 'G');

  it('waits as a proposal and leaves the text as it is', () => {
    const state = fold('R0', [g]);
    assert.deepEqual(textOf(state), {
      ...{ state: 'pending', fingerprint: print('R0'), current: undefined, author: undefined },
      proposals: [g.id],
    });
    assert.deepEqual(state.heads, []);
  });

  it('is no rival of an edit that holds, and takes no approval away', () => {
    const a = edit('rev', 'A');
    const state = fold('R0', [a, g, decide('rob', 'approve', 'A', [a])]);
    assert.deepEqual([state.state, state.current, state.proposals], ['approved', factsOf(a), facts(g)]);
  });

  it('may be made on an edit that holds, which then goes on holding', () => {
    const a = edit('rev', 'A');
    const onIt = after('gus', 'G', a);
    const state = fold('R0', [a, onIt]);
    assert.deepEqual([state.current, state.heads, state.proposals], [factsOf(a), facts(a), facts(onIt)]);
  });

  it('that leads to the current text is no proposal any more', () => {
    const a = edit('rev', 'G');
    assert.deepEqual(fold('R0', [g, a]).proposals, []);
  });

  it('holds once a reviewer takes it, as the text of who wrote it', () => {
    const taken = settle('rev', 'G', g);
    assert.deepEqual(textOf(fold('R0', [g, taken])), {
      ...{ state: 'edited', fingerprint: print('G'), current: taken.id, author: 'gus', proposals: [] },
    });
    const again = settle('gus', 'G', g);
    assert.equal(fold('R0', [g, again]).current, undefined, 'nobody takes their own without a say');
  });

  it('is gone once a reviewer dismisses it', () => {
    assert.deepEqual(textOf(fold('R0', [g, settle('rev', 'R0', g)])).proposals, []);
    const a = edit('rev', 'A');
    const dismissed = settle('rob', 'A', g, a);
    const state = fold('R0', [a, g, dismissed]);
    assert.deepEqual(textOf(state), {
      ...{ state: 'edited', fingerprint: print('A'), current: dismissed.id, author: 'rev', proposals: [] },
    });
  });

  it('that is taken can be approved by who took it, also where one’s own text cannot', () => {
    const others = teamWith({ lastEditorCounts: false });
    const taken = settle('rev', 'G', g);
    const approvals = (by: string, ...edits: EditEvent[]) =>
      fold('R0', [...edits, decide(by, 'approve', edits.at(-1)?.id === taken.id ? 'G' : 'A')], others);
    assert.equal(approvals('rev', g, taken).state, 'approved');
    assert.equal(approvals('rev', edit('rev', 'A')).state, 'partly-approved');
    assert.equal(approvals('rob', edit('rev', 'A')).state, 'approved');
    // What a reviewer makes of a proposal is their own.
    const mended = edit('rev', 'A', { parents: [g.id], settles: [g.id] });
    assert.equal(approvals('rev', g, mended).state, 'partly-approved');
  });

  it('counts by the policy as it is now, whatever it was then', () => {
    const a = edit('rev', 'A');
    const everybody = DEFAULT_POLICY;
    assert.equal(fold('R0', [g]).state, 'pending');
    assert.deepEqual(textOf(fold('R0', [g], everybody)).current, g.id);
    assert.equal(fold('R0', [a, g], everybody).state, 'conflict');
    const gusOnly = teamWith({ reviewers: { '*': ['gus'] } });
    const state = fold('R0', [a, g], gusOnly);
    assert.deepEqual([state.current, state.proposals], [factsOf(g), facts(a)]);
    const inFrench = teamWith({ reviewers: { '*': ['rev'], fr: ['gus'] } });
    assert.deepEqual(fold('R0', [a, g], inFrench).current, factsOf(a));
  });

  it('between two of one reviewer makes no rivals of them', () => {
    const a = edit('rev', 'A');
    const between = after('gus', 'B', a);
    const state = fold('R0', [a, between, after('rev', 'C', between)]);
    assert.deepEqual([state.state, state.fingerprint, state.proposals], ['edited', print('C'), []]);
    assert.equal(state.heads.length, 1);
  });

  it('is replaced by a further one of the same writer, and by nothing else without a say', () => {
    const further = after('gus', 'H', g);
    assert.deepEqual(fold('R0', [g, further]).proposals, facts(further));
    const dismissed = settle('gil', 'R0', g);
    assert.deepEqual(fold('R0', [g, dismissed]).proposals, facts(g));
    const onIt = after('gil', 'H', g);
    assert.deepEqual(fold('R0', [g, onIt]).proposals, facts(g, onIt));
    // Who takes it takes what it changes, and not what it was made on.
    assert.deepEqual(fold('R0', [g, onIt, settle('rev', 'H', onIt)]).proposals, facts(g));
    assert.deepEqual(fold('R0', [g, further, settle('rev', 'H', further)]).proposals, []);
  });

  it('that its writer takes back is gone', () => {
    const withdrawn = edit('gus', 'R0', { parents: [g.id], undoes: g.id });
    assert.deepEqual(fold('R0', [g, withdrawn]).proposals, []);
    const forOther = edit('gil', 'R0', { parents: [g.id], undoes: g.id });
    assert.deepEqual(fold('R0', [g, forOther]).proposals, facts(g));
  });

  it('is shown also where a forged ledger makes it its own parent', () => {
    const self = edit('gus', 'A', { id: ids('self')[0]!, parents: ids('self') });
    const [x, y] = [
      edit('gus', 'X', { id: ids('x')[0]!, parents: ids('y') }),
      edit('gil', 'Y', { id: ids('y')[0]!, parents: ids('x') }),
    ];
    assert.deepEqual(fold('R0', [self]).proposals, facts(self));
    assert.deepEqual(fold('R0', [x, y]).proposals, facts(x, y));
    assert.deepEqual(fold('R0', [x, y, edit('rev', 'A')]).proposals, facts(x, y));
  });
});

describe('an edit of the source', () => {
  const s = sourceEdit('rev', 'S');
  const NOBODY: Policy = { ...TEAM, adjudicators: undefined };
  const holds = (events: readonly ReviewEvent[], policy: Policy) => {
    const { fingerprint, proposals } = fold('R0', events, policy);
    assert.equal(proposals.length === 0, fingerprint !== print('R0'), 'it is either current or waits');
    return fingerprint !== print('R0');
  };

  for (const [by, no, propose, yes] of [
    ['gus', false, false, false],
    ['rev', false, false, true],
    ['ada', true, true, true],
  ] as const)
    it(`of ${by} ${yes ? 'holds' : 'waits'} under “yes”, ${propose ? 'holds' : 'waits'} under “propose”`, () => {
      const own = sourceEdit(by, 'S');
      const answers = (['no', 'propose', 'yes'] as const).map(sourceEdits =>
        holds([own], teamWith({ sourceEdits })),
      );
      assert.deepEqual(answers, [no, propose, yes]);
    });

  it('that waits is known for one of the source, and leaves approvals in force', () => {
    const state = fold('R0', [s, decide('rob', 'approve', 'R0')]);
    assert.deepEqual([state.state, state.proposals.map(each => each.source)], ['approved', [true]]);
  });

  it('is taken by an adjudicator; where there is none, by a reviewer', () => {
    const takenBy = (by: string, policy: Policy) => holds([s, settle(by, 'S', s)], policy);
    assert.deepEqual(
      ['gus', 'rob', 'ada'].map(by => takenBy(by, TEAM)),
      [false, false, true],
    );
    assert.deepEqual(
      ['gus', 'rob'].map(by => takenBy(by, NOBODY)),
      [false, true],
    );
    assert.equal(takenBy('rob', { ...NOBODY, sourceEdits: 'no' }), false);
  });

  it('that is taken makes approvals stale, and what was written on it afterwards holds', () => {
    const taken = settle('ada', 'S', s);
    const events = [decide('rob', 'approve', 'R0'), s, taken];
    assert.deepEqual([fold('R0', events).state, fold('R0', events).author], ['stale', 'rev']);
    const onIt = after('rob', 'T', taken);
    assert.deepEqual(fold('R0', [...events, onIt]).current, factsOf(onIt));
  });

  it('that is dismissed is gone, and the text as it was', () => {
    const state = fold('R0', [s, settle('ada', 'R0', s)]);
    assert.deepEqual([state.state, state.fingerprint, state.proposals], ['pending', print('R0'), []]);
    const a = edit('rev', 'A');
    const kept = fold('R0', [a, s, settle('ada', 'A', s, a), decide('rob', 'approve', 'A')]);
    assert.deepEqual([kept.state, kept.proposals], ['approved', []]);
    assert.equal(fold('R0', [s, settle('rob', 'R0', s)]).proposals.length, 1, 'not by whom it is not theirs');
  });

  it('is not carried in by an edit of the target that was made on it', () => {
    const onIt = after('rob', 'T', s);
    const more = after('rev', 'U', onIt);
    for (const events of [
      [s, onIt],
      [s, onIt, more],
    ]) {
      const last = events.at(-1)!;
      const { current, heads, proposals } = fold('R0', events);
      assert.deepEqual([current, heads, proposals], [undefined, [], facts(...events)]);
      const { state, current: now } = fold('R0', events, teamWith({ sourceEdits: 'yes' }));
      assert.deepEqual([state, now], ['edited', factsOf(last)]);
    }
  });

  it('holds where it only takes over a text that held before', () => {
    const taken = settle('ada', 'S', s);
    const other = edit('rob', 'B');
    const conflict = [s, taken, other];
    assert.equal(fold('R0', conflict).state, 'conflict');
    const chosen = edit('rev', 'S', { ...inSource, parents: idsIn([taken, other]) });
    const state = fold('R0', [...conflict, chosen]);
    assert.deepEqual([state.state, state.current, state.author], ['edited', factsOf(chosen), 'rev']);
    const further = sourceEdit('rob', 'S', chosen);
    assert.deepEqual(fold('R0', [...conflict, chosen, further]).current, factsOf(further));
    const forged = edit('rev', 'S2', { ...inSource, parents: idsIn([taken, other]) });
    assert.equal(fold('R0', [...conflict, forged]).state, 'conflict');
  });

  it('folds however many follow each other, in any order', () => {
    const chain: EditEvent[] = [settle('ada', 'S', s)];
    for (let made = 0; made < 3000; made++)
      chain.push({ ...sourceEdit('rev', 'S', chain.at(-1)!), seq: 5000 - made });
    assert.deepEqual(fold('R0', [s, ...chain]).current, factsOf(chain.at(-1)!));
  });
});

describe('a dispute', () => {
  const [yes, no] = [decide('rev', 'approve', 'R0'), decide('rob', 'reject', 'R0')];
  const verdict = (by: string, decision: 'approve' | 'reject', settles: readonly DecideEvent[], more = {}) =>
    decide(by, decision, 'R0', [], { settles: idsIn(settles), reasons: ['meaning'], ...more });
  const state = (...events: ReviewEvent[]) => fold('R0', [yes, no, ...events]).state;

  it('is settled by an adjudicator who says why, either way', () => {
    assert.equal(state(), 'disputed');
    assert.equal(state(verdict('ada', 'approve', [no])), 'approved');
    assert.equal(state(verdict('ada', 'reject', [yes])), 'rejected');
    assert.equal(
      state(verdict('ada', 'approve', [no], { reasons: [], note: 'See the glossary.' })),
      'approved',
    );
    const settled = fold('R0', [yes, no, verdict('ada', 'approve', [no])]);
    assert.deepEqual([settled.approvals, settled.setAside], [2, new Set([no.id])]);
    assert.equal(settled.decisions.length, 3, 'what was set aside is still shown');
  });

  it('is not settled without a reason, nor by who adjudicates elsewhere or not at all', () => {
    assert.equal(state(verdict('ada', 'approve', [no], { reasons: [] })), 'disputed');
    assert.equal(state(verdict('ada', 'approve', [no], { reasons: [], note: '' })), 'disputed');
    assert.equal(state(verdict('ada', 'approve', [])), 'disputed', 'one that sets nothing aside');
    for (const by of ['rev', 'gus', 'cyd']) assert.equal(state(verdict(by, 'approve', [no])), 'disputed', by);
    const inFrench = teamWith({ adjudicators: { fr: ['ada'] } });
    assert.equal(fold('R0', [yes, no, verdict('ada', 'approve', [no])], inFrench).state, 'disputed');
    assert.equal(fold('R0', [yes, no, verdict('ada', 'approve', [no])], CLOSED_POLICY).state, 'disputed');
  });

  it('is settled by one side that withdraws', () => {
    assert.equal(state(undo('rob', no)), 'approved');
    assert.equal(state(undo('rev', yes)), 'rejected');
    assert.equal(state(undo('ada', no)), 'disputed', 'nobody withdraws for another');
  });

  it('comes back where the verdict is taken back, or its writer adjudicates no more', () => {
    const made = verdict('ada', 'approve', [no]);
    assert.equal(state(made, undo('ada', made)), 'disputed');
    const noMore = teamWith({ reviewers: { '*': ['rev', 'rob', 'ada'] }, adjudicators: { de: ['adi'] } });
    assert.equal(fold('R0', [yes, no, made], noMore).state, 'disputed');
  });

  it('is opened again by a new decision against it, of the same reviewer or another', () => {
    const made = verdict('ada', 'approve', [no]);
    assert.equal(state(made, decide('rob', 'needs-work', 'R0')), 'disputed');
    assert.equal(state(made, decide('adi', 'reject', 'R0')), 'disputed');
    assert.equal(state(made, decide('gus', 'reject', 'R0')), 'approved', 'who has no say opens none');
  });

  it('goes on where two adjudicators settle it each their way, until one has seen the other', () => {
    const [ada, adi] = [verdict('ada', 'approve', [no]), verdict('adi', 'reject', [yes])];
    assert.equal(state(ada, adi), 'disputed');
    assert.equal(state(ada, adi, verdict('adi', 'reject', [yes, ada])), 'rejected');
    assert.equal(state(ada, adi, verdict('ada', 'approve', [no, adi])), 'approved');
  });

  it('is settled for the text that was decided on, and no other', () => {
    const made = verdict('ada', 'approve', [no]);
    const a = edit('rev', 'A');
    assert.equal(state(made, a), 'stale');
    const onA = [decide('rev', 'approve', 'A', [a]), decide('rob', 'reject', 'A', [a])];
    assert.equal(state(made, a, ...onA), 'disputed');
    // A verdict on an older text sets nothing aside on this one.
    const older = decide('ada', 'approve', 'R0', [], { settles: idsIn(onA), reasons: ['meaning'] });
    assert.equal(state(a, ...onA, older), 'disputed');
  });
});

describe('the decision of somebody without a say', () => {
  it('is shown and counts for nothing', () => {
    for (const decision of ['approve', 'reject', 'needs-work'] as const) {
      const { state, approvals, decisions } = fold('R0', [decide('gus', decision, 'R0')]);
      assert.deepEqual([state, approvals, decisions.length], ['pending', 0, 1]);
    }
    const both = [decide('rev', 'approve', 'R0'), decide('gus', 'reject', 'R0')];
    assert.equal(fold('R0', both).state, 'approved');
    assert.equal(fold('R0', both, DEFAULT_POLICY).state, 'disputed');
    assert.equal(fold('R1', [decide('gus', 'approve', 'R0')]).state, 'pending', 'nothing has gone stale');
  });

  it('settles no conflict', () => {
    const [a, b] = [edit('rev', 'A'), edit('rob', 'B')];
    assert.equal(fold('R0', [a, b, decide('gus', 'approve', 'A', [a, b])]).state, 'conflict');
    assert.equal(fold('R0', [a, b, decide('ada', 'approve', 'A', [a, b])]).state, 'approved');
  });
});

describe('open comments', () => {
  const approval = decide('rev', 'approve', 'R0');
  const first = comment('gus', 'Why?');
  const reply = comment('rev', 'Because.', { thread: first.id });
  const resolve = (by: string, ...comments: { readonly id: EventId }[]) =>
    comment(by, '', { thread: first.id, resolves: idsIn(comments) });
  const folded = (...events: ReviewEvent[]) =>
    fold('R0', [approval, ...events], teamWith({ openComments: 'block' }));

  it('hold an approval up where the policy says so, until they are resolved', () => {
    assert.equal(folded().state, 'approved');
    assert.equal(folded(first).state, 'partly-approved');
    assert.equal(fold('R0', [approval, first]).state, 'approved');
    assert.equal(folded(first, resolve('rev', first)).state, 'approved');
    assert.equal(folded(first, undo('gus', first)).state, 'approved');
  });

  it('are counted by threads, each by its first comment', () => {
    const other = comment('rob', 'Another matter.');
    assert.deepEqual(folded(first, reply, other).openThreads, [first.id, other.id]);
    assert.deepEqual(folded(first, reply, other, resolve('rev', first, reply)).openThreads, [other.id]);
    assert.deepEqual(folded(reply, first).comments, facts(first, reply));
  });

  it('are opened again by a further comment, and where resolving is taken back', () => {
    const done = resolve('rev', first, reply);
    assert.deepEqual(folded(first, reply, done).openThreads, []);
    const further = comment('gus', 'Still…', { thread: first.id });
    assert.deepEqual(folded(first, reply, done, further).openThreads, [first.id]);
    assert.deepEqual(folded(first, reply, done, undo('rev', done)).openThreads, [first.id]);
  });

  it('stay open where somebody answered without having seen that they were resolved', () => {
    // Resolved on one clone, answered on another.
    assert.deepEqual(folded(first, resolve('rev', first), reply).openThreads, [first.id]);
  });
});

describe('assignments', () => {
  const to = (...events: ReviewEvent[]) => assigneesOf(fold('R0', events));

  it('made without knowing of each other all hold, each person once', () => {
    const [a, b] = [assign('rev', 'rob'), assign('ada', 'gus')];
    assert.deepEqual(to(a, b), ['rob', 'gus']);
    assert.deepEqual(to(b, a, assign('adi', 'rob')), ['rob', 'gus']);
  });

  it('are replaced by one that was made in place of them', () => {
    const [a, b] = [assign('rev', 'rob'), assign('ada', 'gus')];
    const c = assign('rob', 'rev', [a, b]);
    assert.deepEqual(to(a, b, c), ['rev']);
    assert.deepEqual(to(a, b, assign('rob', 'rev', [a])), ['gus', 'rev']);
    assert.deepEqual(to(a, b, assign('rob', '', [a, b])), []);
    assert.deepEqual(to(a, b, c, undo('rob', c)), ['rob', 'gus']);
  });
});

describe('findings that were set aside', () => {
  it('are told in display order, without those taken back', () => {
    const [one, two] = [ignore('rev', 'language-wrong', 'T'), ignore('rob', 'placeholder', 'T')];
    assert.deepEqual(fold('R0', [two, one]).ignored, facts(one, two));
    assert.deepEqual(fold('R0', [one, two, undo('rev', one)]).ignored, facts(two));
  });
});

/** Any events over few names, of people in every role. */
const people = fc.constantFrom('rev', 'rob', 'ada', 'adi', 'gus');
const names = fc.constantFrom(...ids('e0', 'e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7'));
const some = fc.array(names, { maxLength: 3 });
const prints = fc.constantFrom('R0', 'R1', 'A', 'B').map(print);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const place = { seq: fc.nat(5), by: people };
const anyEvent = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        ...place,
        parents: some,
        base: prints,
        result: prints,
        settles: maybe(some),
        undoes: maybe(names),
        source: fc.boolean(),
      })
      .map(({ source, ...each }) => ({ ...edit(each.by, 'x', source ? inSource : {}), ...each })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({
        ...{ ...place, decision: fc.constantFrom(...DECISIONS), fingerprint: prints, head: some },
        ...{ settles: maybe(some), reasons: fc.constantFrom([], ['term']) },
      })
      .map(each => ({ ...decide(each.by, each.decision, 'x'), ...each })),
  },
  fc.record({ ...place, undoes: names }).map(each => ({ ...undo(each.by, comment('rev', '')), ...each })),
  fc
    .record({ ...place, thread: maybe(names), resolves: maybe(some) })
    .map(each => ({ ...comment(each.by, ''), ...each })),
  fc.record({ ...place, replaces: some }).map(each => ({ ...assign(each.by, each.by), ...each })),
  fc.record(place).map(each => ({ ...ignore(each.by, 'language-wrong', 'T'), ...each })),
);
const anyHistory = fc
  .array(anyEvent, { maxLength: 8 })
  .map(events => events.map((event, index) => ({ ...event, id: `e${index}` as EventId }) as ReviewEvent));
const anyPolicy = fc
  .record({
    approvals: fc.constantFrom(1, 2),
    lastEditorCounts: fc.boolean(),
    openComments: fc.constantFrom('allow', 'block'),
    sourceEdits: fc.constantFrom('no', 'propose', 'yes'),
    reviewers: fc.constantFrom(undefined, TEAM.reviewers, { '*': [] }),
    adjudicators: fc.constantFrom(undefined, TEAM.adjudicators),
  })
  .map(more => ({ ...DEFAULT_POLICY, ...more }));

describe('any history of people in any role', () => {
  it('folds to the same state in any order', () => {
    const shuffled = anyHistory.chain(events =>
      fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
    );
    fc.assert(
      fc.property(shuffled, prints, anyPolicy, ([events, others], row, policy) => {
        assert.deepEqual(foldOn(row, others, policy), foldOn(row, events, policy));
      }),
      { numRuns: 1000 },
    );
  });

  it('hides no edit: each is the text, a rival, offered, proposed, or was seen by one of these', () => {
    fc.assert(
      fc.property(anyHistory, prints, anyPolicy, (events, row, policy) => {
        const edits = new Map(events.flatMap(event => (event.type === 'edit' ? [[event.id, event]] : [])));
        const { heads, proposals, fingerprint } = foldOn(row, events, policy);
        const shown = new Set(idsIn([...heads, ...proposals]));
        for (const id of shown) for (const parent of edits.get(id)?.parents ?? []) shown.add(parent);
        // A proposal that changes nothing has nothing to show; with it go its writer's earlier ones.
        const quiet = new Set([...edits.values()].filter(({ result }) => result === fingerprint));
        for (const { parents, by } of quiet) {
          for (const id of parents) {
            const parent = edits.get(id);
            if (parent?.by === by) quiet.add(parent);
          }
        }
        for (const { id } of quiet) shown.add(id);
        // What takes something back, to a text that there was before, is nothing to take.
        const known = (edit: EditEvent) =>
          edit.base === edit.result ||
          [...edits.values()].some(
            ({ id, base, result }) => id !== edit.id && [base, result].includes(edit.result),
          );
        for (const edit of edits.values()) {
          if (edit.undoes === undefined || !known(edit)) continue;
          for (const id of [edit.id, edit.undoes]) shown.add(id);
        }
        assert.deepEqual(
          events.filter(event => event.type === 'edit' && !shown.has(event.id)),
          [],
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('gives nobody a say who has none: what guests do changes neither text nor state', () => {
    const guests = (event: ReviewEvent) => event.by === 'gus';
    fc.assert(
      fc.property(anyHistory, prints, anyPolicy, (events, row, policy) => {
        if (policy.reviewers === undefined) return;
        const own = events.filter(guests);
        const isNamed = events.some(
          event =>
            !guests(event) && event.type === 'edit' && event.parents.some(id => own.some(e => e.id === id)),
        );
        const others = events.filter(event => !guests(event));
        const says = own.some(
          event => event.type === 'comment' || (event.type === 'decide' && event.decision === 'skip'),
        );
        if (isNamed || says) return;
        const [withThem, without] = [foldOn(row, events, policy), foldOn(row, others, policy)];
        // Only that a changed row is known may come from them.
        if (others.some(event => event.type === 'edit') && withThem.state !== 'conflict')
          assert.deepEqual([withThem.state, withThem.fingerprint], [without.state, without.fingerprint]);
      }),
      { numRuns: 1000 },
    );
  });

  it('is never approved while the policy is broken', () => {
    fc.assert(
      fc.property(anyHistory, prints, (events, row) => {
        assert.notEqual(foldOn(row, events, CLOSED_POLICY).state, 'approved');
      }),
      { numRuns: 1000 },
    );
    const everybody = ['rev', 'rob', 'ada', 'adi', 'gus'].map(by => decide(by, 'approve', 'R0'));
    assert.equal(fold('R0', everybody, CLOSED_POLICY).state, 'partly-approved');
    assert.equal(fold('R0', everybody).state, 'approved');
  });
});
