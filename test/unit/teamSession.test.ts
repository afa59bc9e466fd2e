import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { EventId } from '../../src/core/events';
import { english, UserError } from '../../src/core/messages';
import type { GoodUnit } from '../../src/core/protocol';
import type { Session } from '../../src/session';
import {
  ANNA,
  approve,
  CARLA,
  edit,
  LINES,
  openSession,
  outputOf,
  record,
  refresh,
  targetOf,
  userError,
} from '../helpers/shardFixture';
import {
  apart,
  changePolicy,
  ENGLISH,
  found,
  GUEST,
  NAMED,
  now,
  shown,
  teamOf,
  textOf,
  type,
} from '../helpers/teamFixture';

const verdict = (reasons: readonly string[], note = '') => ({ reasons, note });
const decide = async (
  session: Session,
  decision: 'approve' | 'reject' | 'needs-work' | 'skip',
  reasons: readonly string[] = [],
  note = '',
  row = 0,
): Promise<GoodUnit> => {
  await refresh(session);
  return shown(await session.decide(await targetOf(session, row), decision, verdict(reasons, note)));
};
const said = (id: string, sentence: RegExp) => (error: unknown) =>
  error instanceof UserError && error.said.id === id && sentence.test(english(error.said));

describe('a decision', () => {
  it('has reasons of the policy and a note, which everybody reads', async t => {
    const { anna, bela } = await teamOf(t);
    await decide(anna, 'needs-work', ['meaning', 'omission'], 'Zwei Wörter fehlen.');
    const view = await now(bela);
    assert.equal(view.state, 'needs-work');
    const [decision] = view.decisions;
    assert.deepEqual(
      [decision?.by, decision?.decision, decision?.reasons, decision?.note, decision?.counts],
      ['anna', 'needs-work', ['meaning', 'omission'], 'Zwei Wörter fehlen.', true],
    );
    const [entry] = view.history;
    assert.deepEqual([entry?.reasons, entry?.text], [['meaning', 'omission'], 'Zwei Wörter fehlen.']);
  });

  it('is refused with a reason that the policy does not have, and nothing is written', async t => {
    const { anna, folder } = await teamOf(t, {
      ...NAMED,
      reasons: ['meaning', { id: 'tone', label: 'Ton' }],
    });
    await assert.rejects(decide(anna, 'reject', ['fluency']), said('reason.unknown', /no reason “fluency”/));
    assert.deepEqual((await now(anna)).history, []);
    assert.equal((await decide(anna, 'reject', ['tone'])).state, 'rejected');
    assert.deepEqual(
      anna.view().reasons.map(({ id, label }) => [id, label]),
      [
        ['meaning', null],
        ['tone', 'Ton'],
      ],
    );
    await changePolicy(folder, NAMED, anna);
    assert.deepEqual((await now(anna)).decisions[0]?.reasons, ['tone'], 'an old reason is still read');
  });

  it('is for those whom the policy names; others are told so', async t => {
    const { guest, anna } = await teamOf(t, { ...NAMED, reviewers: { de: ['anna'], it: ['gast'] } });
    const refused = said(
      'policy.forbids.decide',
      /does not name you as a reviewer of German: your decisions/,
    );
    for (const decision of ['approve', 'reject', 'needs-work'] as const)
      await assert.rejects(decide(guest, decision), refused);
    assert.equal((await decide(guest, 'skip')).state, 'skipped');
    const { rights } = await now(guest);
    assert.deepEqual(rights, {
      edit: 'propose',
      editSource: 'propose',
      decide: false,
      adjudicate: false,
      settle: false,
      settleSource: false,
    });
    assert.equal((await now(anna)).rights.decide, true);
  });

  it('of somebody who is no reviewer any more is shown, and does not count', async t => {
    const { anna, bela, folder } = await teamOf(t);
    await decide(anna, 'approve');
    await changePolicy(folder, { ...NAMED, reviewers: ['bela'] }, bela);
    const view = await now(bela);
    assert.deepEqual([view.state, view.approvals, view.decisions[0]?.counts], ['pending', 0, false]);
  });
});

describe('a dispute', () => {
  it('is seen by everybody, and waits for an adjudicator, who must say why', async t => {
    const { anna, bela, carla } = await teamOf(t);
    await decide(anna, 'approve');
    assert.equal((await decide(bela, 'needs-work', ['fluency'])).state, 'disputed');
    for (const session of [anna, bela, carla]) assert.equal((await now(session)).state, 'disputed');
    assert.equal((await now(carla)).rights.adjudicate, true);
    await assert.rejects(decide(carla, 'approve'), said('dispute.reason', /Give a reason or a note/));
    await assert.rejects(decide(carla, 'needs-work', [], '  '), userError('dispute.reason'));
    assert.equal((await now(anna)).state, 'disputed');

    const settled = await decide(carla, 'approve', [], 'Liest sich gut.');
    assert.deepEqual([settled.state, settled.approvals], ['approved', 2]);
    const counts = (view: GoodUnit) => view.decisions.map(({ by, counts }) => [by, counts]);
    assert.deepEqual(counts(await now(bela)), [
      ['anna', true],
      ['bela', false],
      ['carla', true],
    ]);
    await decide(bela, 'reject', ['meaning']);
    assert.equal((await now(anna)).state, 'disputed', 'a new contrary decision opens it again');
  });

  it('is not settled by a reviewer, whatever they say', async t => {
    const { anna, bela, folder, path } = await teamOf(t, { reviewers: ['anna', 'bela', 'dora'] });
    await decide(anna, 'approve');
    await decide(bela, 'reject');
    const dora = await openSession(t, path, { reviewer: 'dora', clone: 'dddddd' });
    assert.equal((await decide(dora, 'approve', ['meaning'], 'Doch.')).state, 'disputed');
    await changePolicy(folder, { reviewers: ['anna', 'bela', 'dora'], adjudicators: ['dora'] }, dora);
    assert.equal((await now(dora)).state, 'disputed', 'it was no settlement when it was made');
  });

  it('ends when one side withdraws, and nothing else of that reviewer is taken back', async t => {
    const { anna, bela } = await teamOf(t);
    await decide(anna, 'approve');
    await decide(bela, 'reject');
    await bela.comment(await targetOf(bela, 0), 'Wirklich?');
    const view = shown(await bela.withdraw(await targetOf(bela, 0)));
    assert.deepEqual([view.state, view.comments.length], ['approved', 1]);
    assert.equal((await now(anna)).state, 'approved');
    await assert.rejects(bela.withdraw(await targetOf(bela, 0)), userError('decision.none'));
    await bela.redo();
    assert.equal((await now(anna)).state, 'disputed');
  });
});

describe('comments', () => {
  it('stand in threads that are answered, settled and opened again', async t => {
    const { anna, bela, guest } = await teamOf(t);
    const target = await targetOf(anna, 0);
    const thread = shown(await anna.comment(target, 'Welche Frucht?')).comments[0]!.id;
    await bela.comment(target, 'Ein Apfel.', thread);
    await guest.comment(target, 'Eine andere Frage.');
    const seen = async (session: Session) =>
      (await now(session)).comments.map(({ by, text, thread, open }) => [by, text, thread, open]);
    const other = (await now(anna)).comments.at(-1)!.id;
    const all = (open: boolean) => [
      ['anna', 'Welche Frucht?', thread, open],
      ['bela', 'Ein Apfel.', thread, open],
      ['gast', 'Eine andere Frage.', other, true],
    ];
    assert.deepEqual(await seen(bela), all(true));
    await bela.resolve(target, thread);
    assert.deepEqual(await seen(anna), all(false));
    await anna.comment(target, 'Doch nicht.', thread);
    assert.deepEqual(await seen(bela), [...all(true), ['anna', 'Doch nicht.', thread, true]]);
    await anna.undo();
    assert.deepEqual(await seen(bela), all(false));
    await bela.undo();
    assert.deepEqual(await seen(bela), all(true), 'taking back the settling opens the thread');
    await assert.rejects(anna.comment(target, 'x', 'E000' as EventId), userError('comment.missing'));
    await assert.rejects(anna.resolve(target, 'E000' as EventId), userError('comment.missing'));
  });

  it('hold an approval up where the policy says so, as long as they are open', async t => {
    const { anna, bela } = await teamOf(t, { ...NAMED, openComments: 'block' });
    await decide(anna, 'approve');
    const target = await targetOf(bela, 0);
    const thread = shown(await bela.comment(target, 'Welche Frucht?')).comments[0]!.id;
    assert.equal((await now(anna)).state, 'partly-approved');
    await anna.resolve(target, thread);
    assert.equal((await now(anna)).state, 'approved');
    await bela.comment(target, 'Doch.', thread);
    assert.equal((await now(anna)).state, 'partly-approved');
  });
});

describe('an assignment', () => {
  it('is to one or to nobody, and a later one takes its place', async t => {
    const { anna, bela, carla, guest } = await teamOf(t);
    const target = await targetOf(anna, 0);
    assert.deepEqual(shown(await anna.assign(target, 'bela')).assigned, ['bela']);
    assert.deepEqual((await now(bela)).assigned, ['bela']);
    await carla.assign(target, 'anna');
    assert.deepEqual((await now(bela)).assigned, ['anna']);
    await bela.assign(target, '');
    assert.deepEqual((await now(anna)).assigned, []);
    await bela.undo();
    assert.deepEqual((await now(anna)).assigned, ['anna']);
    await assert.rejects(guest.assign(target, 'gast'), said('policy.forbids.assign', /reviewer of German/));
  });

  it('is to both where two were made at the same time, until one takes the place of both', async t => {
    const { anna, bela, merge } = await apart(t);
    const target = await targetOf(anna, 0);
    await anna.assign(target, 'carla');
    await bela.assign(target, 'dora');
    await merge();
    for (const session of [anna, bela])
      assert.deepEqual((await now(session)).assigned.toSorted(), ['carla', 'dora']);
    await bela.assign(target, 'dora');
    await merge();
    assert.deepEqual((await now(anna)).assigned, ['dora']);
  });
});

const SOURCE = [['source', 'instruction', 'Name one fruit.']] as const;

describe('an edit of the source', () => {
  it('is refused where the policy says no, and what else was typed is kept', async t => {
    const { anna, carla } = await teamOf(t, { ...NAMED, sourceEdits: 'no' });
    const typed = [...SOURCE, ['target', 'output', 'Eine Feige.']] as const;
    await assert.rejects(type(anna, 0, typed), said('policy.forbids.edit-source', /changes of the source/));
    const view = await now(anna);
    assert.deepEqual(
      [textOf(view, 'source', 'instruction'), outputOf(view)],
      ['Name a fruit.', 'Eine Feige.'],
    );
    const drafts = view.fields.map(field => [field.sourceDraft, field.draft]);
    assert.deepEqual(drafts[0], ['Name one fruit.', null], 'the text that was refused can still be copied');
    assert.deepEqual(drafts[2], [null, null]);
    await assert.rejects(type(anna, 0, []), userError('policy.forbids.edit-source'));
    assert.equal((await now(anna)).history.length, 1, 'the target is not edited twice');
    assert.equal(textOf(await type(carla, 1, SOURCE), 'source', 'instruction'), 'Name one fruit.');
  });

  it('holds at once where the policy says yes', async t => {
    const { anna, bela, guest } = await teamOf(t, { ...NAMED, sourceEdits: 'yes' });
    await decide(bela, 'approve');
    const view = await type(anna, 0, [...SOURCE, ['target', 'output', 'Eine Feige.']]);
    assert.deepEqual(
      [view.state, textOf(view, 'source', 'instruction'), outputOf(view), view.proposals.length],
      ['stale', 'Name one fruit.', 'Eine Feige.', 0],
    );
    assert.equal(view.fields[0]?.sourceOriginal, 'Name a fruit.');
    assert.equal(view.history.filter(each => each.type === 'edit').length, 1, 'one edit of both sides');
    assert.equal((await type(guest, 1, SOURCE)).proposals.length, 1, 'but a guest proposes');
  });

  it('waits as a proposal, and taking it makes approvals stale', async t => {
    const { anna, bela, carla } = await teamOf(t);
    await decide(bela, 'approve');
    const proposed = await type(anna, 0, SOURCE);
    assert.deepEqual(
      [proposed.state, textOf(proposed, 'source', 'instruction')],
      ['approved', 'Name a fruit.'],
    );
    const change = { side: 'source', name: 'instruction', before: 'Name a fruit.', after: 'Name one fruit.' };
    const [proposal] = (await now(carla)).proposals;
    assert.deepEqual([proposal?.by, proposal?.source, proposal?.changes], ['anna', true, [change]]);
    assert.deepEqual(await found(carla, 'is:source'), [0]);
    await assert.rejects(
      bela.settle(await targetOf(bela, 0), proposal!.id, 'take'),
      said('policy.forbids.accept-source', /adjudicators of German/),
    );
    const view = shown(await carla.settle(await targetOf(carla, 0), proposal!.id, 'take'));
    assert.deepEqual(
      [view.state, view.proposals, textOf(view, 'source', 'instruction')],
      ['stale', [], 'Name one fruit.'],
    );
    assert.equal(view.fields[0]?.sourceOriginal, 'Name a fruit.', 'what was approved is shown beside it');
    assert.deepEqual([view.stale?.by, view.stale?.approved], ['bela', true]);
    assert.deepEqual(await found(carla, 'is:source'), []);
    await assert.rejects(
      carla.settle(await targetOf(carla, 0), proposal!.id, 'dismiss'),
      userError('proposal.missing'),
    );
    await decide(bela, 'approve');
    assert.equal((await now(anna)).state, 'approved');
  });

  it('leaves all as it was when the proposal is dismissed', async t => {
    const { anna, bela, carla, path } = await teamOf(t);
    const before = readFileSync(path);
    await decide(bela, 'approve');
    await type(anna, 0, SOURCE);
    const [proposal] = (await now(carla)).proposals;
    const view = shown(await carla.settle(await targetOf(carla, 0), proposal!.id, 'dismiss'));
    assert.deepEqual(
      [view.state, view.proposals, textOf(view, 'source', 'instruction'), outputOf(view)],
      ['approved', [], 'Name a fruit.', 'Ein Apfel.'],
    );
    assert.deepEqual(await found(anna, 'is:source'), []);
    assert.deepEqual(readFileSync(path), before);
  });

  it('of which only the change is taken: what was mended since stays', async t => {
    const { anna, bela, carla } = await teamOf(t);
    await type(anna, 0, SOURCE);
    await edit(bela, 0, 'Eine Aprikose.');
    const [proposal] = (await now(carla)).proposals;
    assert.equal(proposal?.changes.length, 1);
    const view = shown(await carla.settle(await targetOf(carla, 0), proposal.id, 'take'));
    assert.deepEqual(
      [textOf(view, 'source', 'instruction'), outputOf(view), view.state],
      ['Name one fruit.', 'Eine Aprikose.', 'edited'],
    );
  });

  it('is taken by a reviewer where nobody adjudicates: it would wait for ever', async t => {
    const { anna, bela } = await teamOf(t, {});
    await type(anna, 0, SOURCE);
    const [proposal] = (await now(bela)).proposals;
    const view = shown(await bela.settle(await targetOf(bela, 0), proposal!.id, 'take'));
    assert.equal(textOf(view, 'source', 'instruction'), 'Name one fruit.');
    await bela.undo();
    assert.equal(textOf(await now(bela), 'source', 'instruction'), 'Name a fruit.');
    await bela.redo();
    assert.equal(textOf(await now(bela), 'source', 'instruction'), 'Name one fruit.');
  });

  it('together with one of the target is a proposal and an edit', async t => {
    const { anna, carla } = await teamOf(t);
    const view = await type(anna, 0, [...SOURCE, ['target', 'output', 'Eine Feige.']]);
    assert.deepEqual(
      [view.state, outputOf(view), textOf(view, 'source', 'instruction'), view.proposals.length],
      ['edited', 'Eine Feige.', 'Name a fruit.', 1],
    );
    assert.equal(view.proposals[0]?.changes.length, 1, 'only of the source');
    await refresh(carla);
    const taken = shown(await carla.settle(await targetOf(carla, 0), view.proposals[0].id, 'take'));
    assert.deepEqual(
      [outputOf(taken), textOf(taken, 'source', 'instruction')],
      ['Eine Feige.', 'Name one fruit.'],
    );
  });

  it('does not let a text be approved that came while it was typed', async t => {
    const { anna, bela } = await teamOf(t);
    const target = await targetOf(anna, 0);
    await anna.draft(target, 'source', 'instruction', 'Name one fruit.');
    await edit(bela, 0, 'Belas Text.');
    await assert.rejects(anna.decide(target, 'approve'), userError('unit.changed'));
    const view = await now(anna);
    assert.deepEqual([view.state, view.decisions, view.proposals.length], ['edited', [], 1]);
  });

  it('typed beside a target text rivals what came meanwhile, and takes the place of neither', async t => {
    const { anna, bela } = await teamOf(t, { ...NAMED, sourceEdits: 'yes' });
    const target = await targetOf(anna, 0);
    await anna.draft(target, 'source', 'instruction', 'Name one fruit.');
    await anna.draft(target, 'target', 'output', 'Annas Text.');
    await edit(bela, 0, 'Belas Text.');
    const view = shown(await anna.commit(target));
    assert.equal(view.state, 'conflict');
    assert.deepEqual(
      view.rivals.map(({ by, target }) => [by, target.at(-1)?.[1]]),
      [
        ['bela', 'Belas Text.'],
        ['anna', 'Annas Text.'],
      ],
    );
  });
});

describe('an edit by a guest', () => {
  it('is a proposal; taken it is still theirs, so that the taker may approve it', async t => {
    const { anna, guest } = await teamOf(t, { ...NAMED, lastEditorCounts: false });
    const proposed = await type(guest, 0, [['target', 'output', 'Eine Feige.']]);
    assert.deepEqual([proposed.state, outputOf(proposed)], ['pending', 'Ein Apfel.']);
    const [proposal] = (await now(anna)).proposals;
    assert.deepEqual(
      [proposal?.by, proposal?.source, proposal?.changes.map(each => each.after)],
      ['gast', false, ['Eine Feige.']],
    );
    assert.deepEqual([await found(anna, 'is:proposed'), await found(anna, 'is:source')], [[0], []]);
    await assert.rejects(
      guest.settle(await targetOf(guest, 0), proposal!.id, 'take'),
      userError('policy.forbids.accept'),
    );
    const taken = shown(await anna.settle(await targetOf(anna, 0), proposal!.id, 'take'));
    assert.deepEqual([taken.state, outputOf(taken), taken.proposals], ['edited', 'Eine Feige.', []]);
    assert.equal((await decide(anna, 'approve')).state, 'approved', 'it is not the text of who approves');
    await edit(anna, 1, 'Eine Quitte.');
    assert.equal((await decide(anna, 'approve', [], '', 1)).state, 'partly-approved');
  });

  it('is dismissed, and the text stays', async t => {
    const { anna, guest } = await teamOf(t);
    await decide(anna, 'approve');
    await type(guest, 0, [['target', 'output', 'Eine Feige.']]);
    const [proposal] = (await now(anna)).proposals;
    const view = shown(await anna.settle(await targetOf(anna, 0), proposal!.id, 'dismiss'));
    assert.deepEqual([view.state, outputOf(view), view.proposals], ['approved', 'Ein Apfel.', []]);
    assert.deepEqual((await now(guest)).proposals, []);
  });

  it('that was dismissed leaves no author: who dismissed it may approve the text as it was', async t => {
    const { anna, guest } = await teamOf(t, { ...NAMED, lastEditorCounts: false });
    await type(guest, 0, [['target', 'output', 'Eine Feige.']]);
    await anna.settle(await targetOf(anna, 0), (await now(anna)).proposals[0]!.id, 'dismiss');
    assert.equal((await decide(anna, 'approve')).state, 'approved');
  });

  it('goes on from the one before it: both texts are proposed, in one proposal for each side', async t => {
    const { anna, guest } = await teamOf(t);
    await type(guest, 0, [['target', 'output', 'Eine Feige.']]);
    await type(guest, 0, [['target', 'instruction', 'Sag eine Frucht.'], ...SOURCE]);
    await type(guest, 0, [['target', 'output', 'Eine Quitte.']]);
    const { proposals } = await now(anna);
    const changes = proposals.map(each => each.changes.map(({ side, name, after }) => [side, name, after]));
    assert.deepEqual(
      changes.toSorted((a, b) => a.length - b.length),
      [
        [['source', 'instruction', 'Name one fruit.']],
        [
          ['target', 'instruction', 'Sag eine Frucht.'],
          ['target', 'output', 'Eine Quitte.'],
        ],
      ],
    );
  });

  it('of each of two guests waits by itself, and taking one leaves the other', async t => {
    const { anna, guest, path } = await teamOf(t);
    const other = await openSession(t, path, { reviewer: 'hana', clone: 'hhhhhh' });
    await type(guest, 0, [['target', 'output', 'Eine Feige.']]);
    await type(other, 0, [['target', 'output', 'Eine Quitte.']]);
    const { proposals } = await now(anna);
    assert.deepEqual(proposals.map(each => each.by).toSorted(), ['gast', 'hana']);
    await anna.settle(await targetOf(anna, 0), proposals.find(each => each.by === 'hana')!.id, 'take');
    const view = await now(anna);
    assert.deepEqual([outputOf(view), view.proposals.map(each => each.by)], ['Eine Quitte.', ['gast']]);
  });
});

describe('undo and redo, also after a restart', () => {
  /** What is done by whom, and what of the unit it changes. */
  const acts: [what: string, who: typeof ANNA, act: (session: Session) => Promise<unknown>][] = [
    ['an edit', ANNA, session => edit(session, 0, 'Eine Feige.')],
    ['a decision', ANNA, session => decide(session, 'needs-work', ['meaning'], 'Nein.')],
    ['a skip by a guest', GUEST, session => decide(session, 'skip')],
    ['a comment', GUEST, async session => session.comment(await targetOf(session, 0), 'Welche?')],
    [
      'an answer',
      ANNA,
      async session => {
        const [{ id } = { id: '' as EventId }] = (await now(session)).comments;
        return session.comment(await targetOf(session, 0), 'Diese.', id);
      },
    ],
    [
      'the settling of a thread',
      ANNA,
      async session => {
        const [{ id } = { id: '' as EventId }] = (await now(session)).comments;
        return session.resolve(await targetOf(session, 0), id);
      },
    ],
    ['an assignment', ANNA, async session => session.assign(await targetOf(session, 0), 'bela')],
    [
      'an ignored warning',
      ANNA,
      async session => {
        const [finding] = (await now(session)).findings;
        return session.ignore(await targetOf(session, 0), finding!, 'Ein Zitat.');
      },
    ],
    ['a proposal of the target', GUEST, session => type(session, 0, [['target', 'input', 'x']])],
    ['a proposal of the source', ANNA, session => type(session, 0, SOURCE)],
    ['an edit of the source', CARLA, session => type(session, 0, SOURCE)],
    ['a settled dispute', CARLA, session => decide(session, 'approve', ['meaning'])],
    ['a version restored', ANNA, async session => session.restore(await targetOf(session, 0), null)],
  ];
  for (const [what, who, act] of acts) {
    it(`take back and do again ${what}`, async t => {
      const { anna, bela, path } = await teamOf(t, NAMED, [record('r1', ENGLISH), ...LINES.slice(1)]);
      // Something of each kind is there already.
      await edit(anna, 0, `${ENGLISH} And this is another one.`);
      await anna.comment(await targetOf(anna, 0), 'Warum?');
      await decide(anna, 'approve');
      await decide(bela, 'reject');
      const seen = (view: GoodUnit) => ({
        ...view,
        history: [],
        comments: view.comments.map(({ by, text, open }) => [by, text, open]),
        decisions: view.decisions.map(each => ({ ...each, at: '' })),
        proposals: view.proposals.map(each => ({ ...each, id: '', at: '' })),
        ignored: view.ignored.map(each => ({ ...each, id: '', at: '' })),
        stale: view.stale && { ...view.stale, at: '' },
      });
      const before = seen(await now(anna));
      await act(await openSession(t, path, who));
      const after = seen(await now(anna));
      assert.notDeepEqual(after, before);
      for (let round = 0; round < 2; round++) {
        assert.equal(await (await openSession(t, path, who)).undo(), 0);
        assert.deepEqual(seen(await now(anna)), before);
        assert.equal(await (await openSession(t, path, who)).redo(), 0);
        assert.deepEqual(seen(await now(anna)), after);
      }
    });
  }

  for (const outcome of ['take', 'dismiss'] as const) {
    it(`of a proposal that was ${outcome === 'take' ? 'taken' : 'dismissed'} let it wait again, and settle it again`, async t => {
      const { anna, guest, path } = await teamOf(t);
      await type(guest, 0, [['target', 'output', 'Eine Feige.']]);
      const [proposal] = (await now(anna)).proposals;
      await anna.settle(await targetOf(anna, 0), proposal!.id, outcome);
      const text = outcome === 'take' ? 'Eine Feige.' : 'Ein Apfel.';
      assert.equal(outputOf(await now(anna)), text);
      const again = await openSession(t, path, ANNA);
      assert.equal(await again.undo(), 0);
      const waiting = await now(anna);
      assert.deepEqual([outputOf(waiting), waiting.proposals], ['Ein Apfel.', [proposal]]);
      assert.equal(await (await openSession(t, path, ANNA)).redo(), 0);
      const view = await now(anna);
      assert.deepEqual([outputOf(view), view.proposals], [text, []]);
    });
  }

  it('of a proposal that goes on from another one let that wait again', async t => {
    const { anna, guest } = await teamOf(t);
    await type(guest, 0, [['target', 'output', 'Eine Feige.']]);
    await type(guest, 0, [['target', 'input', 'Eine Eingabe.']]);
    const changes = async () =>
      (await now(anna)).proposals.map(each => each.changes.map(({ after }) => after));
    assert.deepEqual(await changes(), [['Eine Eingabe.', 'Eine Feige.']]);
    await guest.undo();
    assert.deepEqual(await changes(), [['Eine Feige.']]);
    await guest.undo();
    assert.deepEqual(await changes(), []);
    await type(anna, 0, [['target', 'output', 'Eine Quitte.']]);
    assert.deepEqual(await changes(), [], 'nor is taking it back a proposal');
  });

  it('do not take back a proposal that somebody took: its text is in their hands', async t => {
    const { anna, guest } = await teamOf(t);
    await type(guest, 0, [['target', 'output', 'Eine Feige.']]);
    await anna.settle(await targetOf(anna, 0), (await now(anna)).proposals[0]!.id, 'take');
    await assert.rejects(guest.undo(), userError('undo.editedSince'));
    const view = await now(anna);
    assert.deepEqual([outputOf(view), view.proposals], ['Eine Feige.', []]);
  });

  it('leave a guest’s proposal alone that says the same as another one', async t => {
    const { anna, guest, path } = await teamOf(t);
    const other = await openSession(t, path, { reviewer: 'hana', clone: 'hhhhhh' });
    for (const session of [other, guest]) await type(session, 0, [['target', 'output', 'Eine Feige.']]);
    await guest.undo();
    assert.deepEqual(
      (await now(anna)).proposals.map(each => each.by),
      ['hana'],
    );
  });
});

describe('a version of the history', () => {
  it('is given back to the unit by a new edit, the row’s own text too', async t => {
    const { anna, bela } = await teamOf(t);
    for (const text of ['Eine Feige.', 'Eine Quitte.']) await edit(anna, 0, text);
    await decide(bela, 'approve');
    const { history } = await now(bela);
    const versions = history.filter(each => each.type === 'edit');
    assert.deepEqual(
      versions.map(({ changes, restorable }) => [
        changes.map(({ before, after }) => [before, after]),
        restorable,
      ]),
      [
        [[['Eine Feige.', 'Eine Quitte.']], false],
        [[['Ein Apfel.', 'Eine Feige.']], true],
      ],
    );
    const restored = shown(await bela.restore(await targetOf(bela, 0), versions[1]!.id));
    assert.deepEqual([restored.state, outputOf(restored)], ['stale', 'Eine Feige.']);
    assert.equal(restored.stale?.target.at(-1)?.[1], 'Eine Quitte.');
    const original = shown(await bela.restore(await targetOf(bela, 0), null));
    assert.deepEqual([outputOf(original), original.fields[2]?.original], ['Ein Apfel.', null]);
    await assert.rejects(
      bela.restore(await targetOf(bela, 0), 'E0' as EventId),
      userError('version.missing'),
    );
  });

  it('does not take the place of a text that nobody saw', async t => {
    const { anna, bela } = await teamOf(t);
    await edit(anna, 0, 'Eine Feige.');
    const target = await targetOf(anna, 0);
    await type(bela, 0, [['target', 'output', 'Belas Text.']]);
    await assert.rejects(anna.restore(target, null), userError('unit.changed'));
    assert.equal(outputOf(await now(anna)), 'Belas Text.');
  });
});

describe('a finding', () => {
  const lines = [record('r1', ENGLISH), record('r2', 'Eine Birne.')];

  it('that blocks lets nobody approve, until it is ignored with a reason or its text changes', async t => {
    const { anna, bela, guest } = await teamOf(t, { ...NAMED, blockingFindings: ['language'] }, lines);
    const [finding] = (await now(anna)).findings;
    assert.equal(finding?.field, 'output');
    await assert.rejects(decide(anna, 'approve'), said('approve.blocked', /warning about “output”/));
    assert.equal((await decide(anna, 'needs-work')).state, 'needs-work', 'other decisions are free');
    const target = await targetOf(anna, 0);
    await assert.rejects(anna.ignore(target, finding, ' '), userError('ignore.reason'));
    await assert.rejects(guest.ignore(target, finding, 'x'), userError('policy.forbids.ignore'));
    const view = shown(await anna.ignore(target, finding, 'Ein Zitat.'));
    assert.deepEqual(view.findings, []);
    assert.equal(view.history[0]?.text, 'Ein Zitat.');
    assert.deepEqual([(await now(bela)).findings, await found(bela, 'finding:any')], [[], []]);
    assert.equal((await decide(anna, 'approve')).state, 'approved');

    await edit(bela, 0, `${ENGLISH} Then came another one.`);
    assert.equal((await now(anna)).findings.length, 1, 'of another text it counts again');
    await assert.rejects(decide(anna, 'approve'), userError('approve.blocked'));
    await bela.undo();
    assert.deepEqual((await now(anna)).findings, []);
  });

  it('is not ignored by the word of somebody who is no reviewer any more', async t => {
    const { anna, bela, folder } = await teamOf(t, NAMED, lines);
    const [finding] = (await now(bela)).findings;
    await bela.ignore(await targetOf(bela, 0), finding!, 'Ein Zitat.');
    assert.deepEqual((await now(anna)).findings, []);
    await changePolicy(folder, { ...NAMED, reviewers: ['anna'] }, anna);
    assert.equal((await now(anna)).findings.length, 1);
  });

  it('is as severe as the policy says for the language', async t => {
    const italian = LINES[0]!
      .replace('"target_lang":"de"', '"target_lang":"it"')
      .replace('Ein Apfel.', ENGLISH);
    const severities = { '*': { language: 'error' }, de: { language: 'info' } };
    const { anna, folder } = await teamOf(t, { severities, blockingFindings: ['error'] }, [
      lines[0]!,
      italian,
    ]);
    const severitiesSeen = async (row: number) => (await now(anna, row)).findings.map(each => each.severity);
    assert.deepEqual([await severitiesSeen(0), await severitiesSeen(1)], [['info'], ['error']]);
    assert.deepEqual([await found(anna, 'finding:error'), await found(anna, 'finding:info')], [[1], [0]]);
    assert.equal((await decide(anna, 'approve')).state, 'approved');
    await assert.rejects(decide(anna, 'approve', [], '', 1), userError('approve.blocked'));
    await changePolicy(folder, { severities: { it: { language: 'off' } } }, anna);
    assert.deepEqual([await severitiesSeen(0), await severitiesSeen(1)], [['warning'], []]);
  });
});

describe('a broken policy', () => {
  it('lets nothing count as approved, says its line, and work goes on', async t => {
    const { anna, bela, folder } = await teamOf(t);
    await decide(anna, 'approve');
    await changePolicy(folder, '{\n  "approvals": 1,\n  "aprovals": 2\n}', anna, bela);
    const [problem] = bela.view().problems;
    assert.match(english(problem!), /policy\.json is broken on line 3, so nothing counts as approved/);
    assert.deepEqual([(await now(anna)).state, (await now(anna)).needed], ['partly-approved', null]);
    await approve(bela, 0);
    await edit(bela, 1, 'Eine Quitte.');
    assert.deepEqual(
      [(await now(bela)).state, outputOf(await now(bela, 1))],
      ['partly-approved', 'Eine Quitte.'],
    );
    assert.deepEqual([anna.view().counts.approved, bela.view().counts.approved], [undefined, undefined]);
    await changePolicy(folder, NAMED, bela);
    assert.deepEqual([(await now(bela)).state, bela.view().problems], ['approved', []]);
  });
});
