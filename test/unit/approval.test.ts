import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  ANNA,
  approve,
  edit,
  editsOf,
  eventsOf,
  good,
  LINES,
  openSession,
  outputOf,
  pair,
  record,
  refresh,
  rivals,
  rivalTarget,
  single,
  stateOf,
  targetOf,
  tempFolder,
  userError,
  writePolicy,
  writtenIn,
  writeShard,
} from '../helpers/shardFixture';

describe('promise: an approval belongs to the text', () => {
  it('goes stale with an edit by another reviewer, and shows what was approved', async t => {
    const { anna, bela } = await pair(t);
    await approve(anna, 0);
    await refresh(bela);
    assert.equal(await stateOf(bela), 'approved');
    await edit(bela, 0, 'Eine Aprikose.');
    await refresh(anna);
    const view = await good(anna, 0);
    assert.deepEqual([view.state, view.approvals, outputOf(view)], ['stale', 0, 'Eine Aprikose.']);
    assert.deepEqual(view.decisions[0]?.current, false);
    assert.deepEqual([view.stale?.by, view.stale?.approved], ['anna', true]);
    assert.deepEqual(view.stale?.target.at(-1), ['output', 'Ein Apfel.']);
    assert.deepEqual(anna.view().counts, { stale: 1 });
  });

  it('goes stale with a change of either side on disk', async t => {
    const { session, path } = await single(t);
    for (const [row, line] of [
      record('r1', 'Ein Apfel!'),
      record('r2', 'Eine Birne.', 'Name a pear.'),
    ].entries()) {
      await approve(session, row);
      const lines = readFileSync(path, 'utf8').split('\n');
      lines[row] = line;
      writeFileSync(path, lines.join('\n'));
      await refresh(session);
      assert.equal(await stateOf(session, row), 'stale');
    }
    assert.deepEqual(session.view().counts, { stale: 2 });
  });

  it('comes back with the text that was approved', async t => {
    const { anna, bela } = await pair(t);
    await approve(anna, 0);
    await refresh(bela);
    await edit(bela, 0, 'Eine Aprikose.');
    await bela.undo();
    await refresh(anna);
    assert.equal(await stateOf(anna), 'approved');
  });

  it('is not given to a text that was not seen: the page shows an older one', async t => {
    const { anna, bela } = await pair(t);
    const seen = await targetOf(anna, 0);
    await edit(bela, 0, 'Eine Aprikose.');
    await refresh(anna);
    await assert.rejects(anna.decide(seen, 'approve'), userError('unit.changed'));
    assert.equal(await stateOf(anna), 'edited');
  });

  it('is not given to a text that was not seen: another reviewer’s event is there but not yet taken in', async t => {
    const { anna, bela } = await pair(t);
    const seen = await targetOf(anna, 0);
    await edit(bela, 0, 'Eine Aprikose.');
    await assert.rejects(anna.decide(seen, 'approve'), userError('unit.changed'));
    assert.equal(eventsOf(anna).filter(event => event.type === 'decide').length, 0);
  });

  it('is not given to a text that was not seen: the record changed on disk', async t => {
    const { session, path } = await single(t);
    const seen = await targetOf(session, 0);
    writeFileSync(path, [record('r1', 'Ein Apfel!'), ...LINES.slice(1)].join('\n'));
    await assert.rejects(session.decide(seen, 'approve'), userError('unit.changed'));
    writeFileSync(path, [record('r0', 'Null.'), ...LINES.slice(1)].join('\n'));
    await assert.rejects(session.decide(seen, 'approve'), userError('unit.moved'));
    assert.deepEqual(eventsOf(session), []);
  });

  it('follows the record to the place that it has in a changed file', async t => {
    const { session, path } = await single(t);
    const seen = await targetOf(session, 0);
    writeFileSync(path, [record('r0', 'Null.'), ...LINES].join('\n'));
    const view = await session.decide(seen, 'approve');
    assert.deepEqual([view.row, view.line], [1, 2]);
    assert.deepEqual([await stateOf(session, 0), await stateOf(session, 1)], ['pending', 'approved']);
  });

  it('is not given to a rival’s text where a draft was typed over it', async t => {
    const { anna, bela } = await pair(t);
    await anna.draft(await targetOf(anna, 0), 'target', 'output', 'Annas Text.');
    await edit(bela, 0, 'Belas Text.');
    await refresh(anna);
    // The page shows Bela's text as current, Anna's draft in the text box.
    const shown = await good(anna, 0);
    assert.deepEqual([outputOf(shown), shown.fields[2]?.draft], ['Belas Text.', 'Annas Text.']);
    await anna.decide(await targetOf(anna, 0), 'approve').catch(() => undefined);
    const decisions = (await writtenIn(anna.shard.ledgers)).filter(event => event.type === 'decide');
    assert.deepEqual(
      decisions.map(decision => decision.target?.at(-1)),
      [],
    );
    assert.equal(await stateOf(anna), 'conflict');
  });

  it('is not given to the other text where a conflict was settled meanwhile', async t => {
    const { anna, bela } = await rivals(t);
    const keepAnna = await rivalTarget(anna, 'anna');
    await bela.decide(await rivalTarget(bela, 'bela'), 'approve');
    await refresh(anna);
    assert.equal(outputOf(await good(anna, 0)), 'Belas Text.');
    await anna.decide(keepAnna, 'approve').catch(() => undefined);
    const [mine] = eventsOf(anna).filter(event => event.type === 'decide' && event.by === 'anna');
    assert.ok(mine === undefined || (mine.type === 'decide' && mine.fingerprint === keepAnna.fingerprint));
  });

  it('is not given to the row’s text where the edit shown beside a changed row is meant', async t => {
    const { session, path } = await single(t);
    await edit(session, 0, 'Ein roter Apfel.');
    writeFileSync(path, [record('r1', 'Ganz anders.'), ...LINES.slice(1)].join('\n'));
    await refresh(session);
    const edited = editsOf(session)[0]!.result;
    const target = { ...(await targetOf(session, 0)), fingerprint: edited };
    await session.decide(target, 'approve').catch(() => undefined);
    const decided = eventsOf(session).find(event => event.type === 'decide');
    assert.ok(decided === undefined || decided.fingerprint === edited);
  });
});

describe('the policy', () => {
  it('asks for two approvals, each by another reviewer', async t => {
    const { anna, bela, folder } = await pair(t);
    writePolicy(folder, { approvals: 2 });
    await refresh(anna);
    await approve(anna, 0);
    await approve(anna, 0);
    const half = await good(anna, 0);
    assert.deepEqual([half.state, half.approvals, half.needed], ['partly-approved', 1, 2]);
    await refresh(bela);
    await approve(bela, 0);
    assert.equal(await stateOf(bela), 'approved');
    await refresh(anna);
    assert.equal(await stateOf(anna), 'approved');
    writePolicy(folder, { approvals: 3 });
    await refresh(anna);
    assert.deepEqual(
      [await stateOf(anna), anna.view().counts],
      ['partly-approved', { 'partly-approved': 1 }],
    );
  });

  it('does not count the approval of the last editor where it says so', async t => {
    const { anna, bela, folder } = await pair(t);
    writePolicy(folder, { lastEditorCounts: false });
    await refresh(anna);
    await edit(anna, 0, 'Ein roter Apfel.');
    await approve(anna, 0);
    assert.equal(await stateOf(anna), 'partly-approved');
    await refresh(bela);
    await approve(bela, 0);
    assert.equal(await stateOf(bela), 'approved');
  });

  it('closes where it is broken: nothing counts as approved, and it is said', async t => {
    const { session, folder } = await single(t);
    await approve(session, 0);
    for (const broken of ['{', '[]', '{"approvals":0}', '{"aprovals":2}', '']) {
      writePolicy(folder, broken);
      await refresh(session);
      const view = await good(session, 0);
      assert.deepEqual([view.state, view.needed], ['partly-approved', null], broken);
      assert.deepEqual(
        session.view().problems.map(({ id }) => id),
        ['policy.broken'],
      );
    }
    writePolicy(folder, {});
    await refresh(session);
    assert.deepEqual([await stateOf(session), session.view().problems], ['approved', []]);
  });

  it('is that of the workspace where the folder of the shard has none', async t => {
    const root = tempFolder(t);
    const path = writeShard(join(root, 'data'), LINES);
    writePolicy(root, { approvals: 2 });
    const session = await openSession(t, path, { ...ANNA, workspaceRoot: root });
    await approve(session, 0);
    assert.equal(await stateOf(session), 'partly-approved');
    writePolicy(join(root, 'data'), { approvals: 1 });
    await refresh(session);
    assert.equal(await stateOf(session), 'approved');
  });
});
