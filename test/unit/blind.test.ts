import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { DecideEvent, ReviewEvent } from '../../src/core/events';
import type { GoodUnit } from '../../src/core/protocol';
import type { Session } from '../../src/session';
import {
  ANNA,
  BELA,
  CARLA,
  ledgerOf,
  openSession,
  outputOf,
  refresh,
  targetOf,
  tempFolder,
  writeLedger,
  writePolicy,
  writeShard,
  LINES,
} from '../helpers/shardFixture';
import { Bulk } from '../../src/bulk';
import { changePolicy, found, NAMED, now, shown, teamOf, type } from '../helpers/teamFixture';

const BLIND = { ...NAMED, blind: true, approvals: 2 };
const decide = async (session: Session, decision: 'approve' | 'reject' | 'needs-work' | 'skip', row = 0) => {
  await refresh(session);
  return shown(
    await session.decide(await targetOf(session, row), decision, { reasons: ['meaning'], note: 'So.' }),
  );
};
/** What a unit shows of what others said and decided. */
const told = (view: GoodUnit) => ({
  blind: view.blind,
  state: view.state,
  approvals: view.approvals,
  decisions: view.decisions.map(({ by, decision }) => [by, decision]),
  comments: view.comments.map(({ by, text }) => [by, text]),
  history: view.history.map(({ by, type }) => [by, type]),
});
const NOTHING = { blind: true, state: 'pending', approvals: 0, decisions: [], comments: [], history: [] };
/** The decisions that a reviewer wrote. */
const written = (shard: string, who = ANNA): DecideEvent[] =>
  readFileSync(ledgerOf(shard, who), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as ReviewEvent)
    .filter(event => event.type === 'decide');
const listed = async (session: Session) => {
  await refresh(session);
  return (await session.queue.summaries(0, 10)).map(each => each.state);
};
/** Everything that a filter could ask about what others did. */
const ASKED = [
  'state:approved,partly-approved',
  'state:disputed,rejected,needs-work,skipped',
  'by:bela',
].concat([
  'is:second',
  'is:returned',
  'is:replied',
  'is:open',
  'is:commented',
  'is:source',
  'reason:meaning',
]);

describe('a blind policy', () => {
  it('hides what others decided and said until one has decided on that text, then shows it', async t => {
    const { anna, bela, path } = await teamOf(t, BLIND);
    await decide(bela, 'reject');
    await bela.comment(await targetOf(bela, 0), 'Falsch.');
    assert.deepEqual(told(await now(anna)), NOTHING);
    assert.equal((await now(bela)).blind, false);

    await decide(anna, 'skip');
    assert.deepEqual(
      [(await now(anna)).state, (await now(anna)).blind],
      ['skipped', true],
      'a skip is no decision',
    );
    const view = await decide(anna, 'approve');
    assert.deepEqual(
      { ...told(view), history: view.history.length },
      {
        blind: false,
        state: 'disputed',
        approvals: 1,
        decisions: [
          ['anna', 'approve'],
          ['bela', 'reject'],
        ],
        comments: [['bela', 'Falsch.']],
        history: 4,
      },
    );
    assert.deepEqual(
      written(path).map(event => event.blind),
      [true, true],
    );
  });

  it('says of a decision whether it was blind: the second one on a text was not', async t => {
    const { anna, bela, path } = await teamOf(t, BLIND);
    await decide(bela, 'reject');
    await decide(anna, 'approve');
    await decide(anna, 'needs-work');
    await anna.undo();
    await decide(anna, 'reject');
    assert.deepEqual(
      written(path).map(({ decision, blind }) => [decision, blind ?? false]),
      [
        ['approve', true],
        ['needs-work', false],
        ['reject', false],
      ],
    );
    await type(bela, 0, [['target', 'output', 'Eine Feige.']]);
    assert.equal((await now(anna)).blind, true, 'on a new text nobody has decided');
    await decide(anna, 'approve');
    assert.equal(written(path).at(-1)?.blind, true);
  });

  it('hides nothing from adjudicators, who have to settle what they see', async t => {
    const { anna, bela, carla, path } = await teamOf(t, BLIND);
    await decide(bela, 'reject');
    await decide(anna, 'approve');
    const view = await now(carla);
    assert.deepEqual([view.blind, view.state, view.decisions.length], [false, 'disputed', 2]);
    assert.deepEqual(await found(carla, 'is:mine state:disputed'), [0]);
    await decide(carla, 'approve');
    assert.equal(written(path, CARLA)[0]?.blind, undefined);
  });

  it('shows the edits of others, without which the text could not be read', async t => {
    const { anna, bela } = await teamOf(t, BLIND);
    await type(bela, 0, [['target', 'output', 'Eine Feige.']]);
    await decide(bela, 'approve');
    const view = await now(anna);
    assert.deepEqual([view.state, outputOf(view), view.decisions], ['edited', 'Eine Feige.', []]);
    assert.deepEqual(told(view).history, [['bela', 'edit']]);
  });

  it('tells nothing in the list, in filters, or by passing a record over', async t => {
    const { anna, bela, guest } = await teamOf(t, { ...BLIND, approvals: 1 });
    const thread = (await anna.comment(await targetOf(anna, 2), 'Warum?')) as GoodUnit;
    const before = {
      listed: await listed(anna),
      found: [] as number[][],
      next: [await anna.nextPending(0), await anna.nextPending(1)],
    };
    for (const query of ASKED) before.found.push(await found(anna, query));
    assert.equal(anna.queue.ask('all'), undefined);

    await decide(bela, 'approve', 1);
    await decide(bela, 'reject', 0);
    await guest.comment(await targetOf(guest, 1), 'Hm.');
    await refresh(bela);
    await bela.comment(await targetOf(bela, 2), 'Darum.', thread.comments[0]!.id);
    const after = {
      listed: await listed(anna),
      found: [] as number[][],
      next: [await anna.nextPending(0), await anna.nextPending(1)],
    };
    for (const query of ASKED) after.found.push(await found(anna, query));
    assert.deepEqual(after, before);
    assert.deepEqual(await found(anna, 'is:mine'), [0, 1, 2]);
    assert.deepEqual(await found(bela, 'is:mine'), [2], 'bela has decided on the others');
    assert.deepEqual(await found(bela, 'state:approved'), [1]);

    await decide(anna, 'approve', 2);
    assert.deepEqual(await found(anna, 'is:replied'), [2], 'and after the decision the answer is there');
  });

  it('tells nothing in the preview of a bulk', async t => {
    const { anna, bela, carla } = await teamOf(t, BLIND);
    await decide(bela, 'approve', 0);
    await decide(carla, 'reject', 0);
    await refresh(anna);
    const change = { kind: 'decide', decision: 'approve', verdict: { reasons: [], note: '' } } as const;
    const options = { signal: new AbortController().signal, onProgress: () => undefined };
    const { view } = await Bulk.prepare(anna, change, options);
    assert.deepEqual([view.total, view.refused], [3, []]);
    const seen = await Bulk.prepare(carla, change, options);
    assert.deepEqual(
      seen.view.refused.map(({ reason, count }) => [reason.id, count]),
      [['bulk.disputed', 1]],
    );
  });

  it('shows another reviewer what they may see when the name changes, and all when the policy does', async t => {
    const { anna, bela, folder } = await teamOf(t, BLIND);
    await decide(bela, 'approve');
    assert.equal((await now(anna)).state, 'pending');
    anna.setWriter(BELA);
    assert.deepEqual(
      [(await now(anna)).state, (await listed(anna))[0]],
      ['partly-approved', 'partly-approved'],
    );
    anna.setWriter(ANNA);
    assert.equal((await now(anna)).state, 'pending');
    await changePolicy(folder, { ...BLIND, blind: false }, anna);
    assert.equal((await now(anna)).state, 'partly-approved');
  });

  it('closes when it is broken: what was hidden is not shown by a mistake in the file', async t => {
    const { anna, bela, folder } = await teamOf(t, BLIND);
    await decide(bela, 'approve');
    await changePolicy(folder, '{"blind": tru}', anna);
    assert.deepEqual(told(await now(anna)), { ...NOTHING });
  });

  it('hides what others decided on rivalling texts, and shows the texts', async t => {
    const folder = tempFolder(t);
    writePolicy(folder, BLIND);
    const path = writeShard(folder, LINES);
    const [anna, bela] = [await openSession(t, path, ANNA), await openSession(t, path, BELA)];
    await decide(bela, 'approve');
    for (const [session, text] of [
      [anna, 'Annas Text.'],
      [bela, 'Belas Text.'],
    ] as const)
      await session.draft(await targetOf(session, 0), 'target', 'output', text);
    for (const session of [anna, bela]) await session.commit(await targetOf(session, 0));
    const view = await now(anna);
    assert.deepEqual([view.state, view.rivals.length, view.decisions], ['conflict', 2, []]);
    assert.deepEqual((await listed(anna))[0], 'conflict');
  });

  it('shows the text that hidden decisions have settled, and lets it be decided on', async t => {
    const { anna, bela, path } = await teamOf(t, BLIND);
    for (const session of [anna, bela])
      await session.draft(
        await targetOf(session, 0),
        'target',
        'output',
        `Text von ${session.writer!.reviewer}.`,
      );
    for (const session of [anna, bela]) await session.commit(await targetOf(session, 0));
    const [own] = (await now(anna)).rivals;
    assert.equal(own?.by, 'anna');
    // As another version would settle it: by a decision alone, which names both edits.
    const head = readIds(path, ANNA).concat(readIds(path, BELA));
    writeLedger(
      ledgerOf(path, CARLA),
      `${JSON.stringify({
        v: 1,
        id: 'Z1',
        seq: 99,
        at: '2025-01-01T00:00:00.000Z',
        by: 'carla',
        key: 'r1@de',
        line: 1,
        type: 'decide',
        decision: 'approve',
        fingerprint: own.fingerprint,
        head,
        reasons: [],
      })}\n`,
    );
    const view = await now(anna);
    assert.deepEqual(
      [outputOf(view), view.fingerprint, view.state, view.decisions],
      ['Text von anna.', own.fingerprint, 'edited', []],
    );
    assert.equal((await decide(anna, 'approve')).state, 'approved');
  });
});

function readIds(shard: string, who: typeof ANNA): string[] {
  const lines = readFileSync(ledgerOf(shard, who), 'utf8').split('\n').slice(0, -1);
  return lines.map(line => (JSON.parse(line) as ReviewEvent).id);
}
