import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { State } from '../../src/core/states';
import type { Session } from '../../src/session';
import {
  ANNA,
  approve,
  BELA,
  CARLA,
  edit,
  editsOf,
  eventsOf,
  good,
  inTempFolder,
  openSession,
  outputOf,
  pair,
  refresh,
  rivals,
  rivalTarget,
  stateOf,
  targetOf,
  team,
  userError,
} from '../helpers/shardFixture';

describe('two reviewers at once', () => {
  it('get a conflict that shows both texts', async t => {
    const { anna, bela } = await rivals(t);
    for (const session of [anna, bela]) {
      const view = await good(session, 0);
      assert.deepEqual([view.state, outputOf(view)], ['conflict', 'Ein Apfel.']);
      assert.deepEqual(view.rivals.map(({ by, target }) => [by, target.at(-1)?.[1]]).sort(), [
        ['anna', 'Annas Text.'],
        ['bela', 'Belas Text.'],
      ]);
      assert.deepEqual(session.view().counts, { conflict: 1 });
    }
    await assert.rejects(approve(anna, 0), userError('unit.conflict'));
  });

  it('settle it by keeping one of the texts', async t => {
    const { anna, bela } = await rivals(t);
    await anna.decide(await rivalTarget(anna, 'bela'), 'approve');
    await refresh(bela);
    for (const session of [anna, bela]) {
      const view = await good(session, 0);
      assert.deepEqual([view.state, outputOf(view), view.rivals], ['approved', 'Belas Text.', []]);
    }
  });

  it('take back the settling with undo, back to the text of who settled', async t => {
    const { anna } = await rivals(t);
    await anna.decide(await rivalTarget(anna, 'bela'), 'approve');
    assert.equal(await anna.undo(), 0);
    assert.equal((await good(anna, 0)).state, 'edited');
    assert.equal(await anna.undo(), 0);
    assert.equal(outputOf(await good(anna, 0)), 'Annas Text.');
    assert.equal(await anna.undo(), 0, 'and the actions before it are not out of reach');
  });

  it('settle it by writing a third', async t => {
    const { anna, bela } = await rivals(t);
    await edit(bela, 0, 'Ein Text für beide.');
    await refresh(anna);
    for (const session of [anna, bela]) {
      const view = await good(session, 0);
      assert.deepEqual([view.state, outputOf(view)], ['edited', 'Ein Text für beide.']);
    }
    assert.equal(editsOf(anna).at(-1)?.parents.length, 2);
    await edit(anna, 0, 'Noch einer.');
    assert.equal(outputOf(await good(anna, 0)), 'Noch einer.');
  });

  it('keep both where a draft began before the other’s edit came', async t => {
    const { anna, bela } = await pair(t);
    const seen = await targetOf(anna, 0);
    await anna.draft(seen, 'target', 'output', 'Annas T');
    await edit(bela, 0, 'Belas Text.');
    await refresh(anna);
    await anna.draft(await targetOf(anna, 0), 'target', 'output', 'Annas Text.');
    await anna.commit(await targetOf(anna, 0));
    const view = await good(anna, 0);
    assert.equal(view.state, 'conflict');
    assert.deepEqual(view.rivals.map(rival => rival.target.at(-1)?.[1]).sort(), [
      'Annas Text.',
      'Belas Text.',
    ]);
  });

  it('keep both also where they wrote in different fields', async t => {
    const { anna, bela } = await pair(t);
    await anna.draft(await targetOf(anna, 0), 'target', 'instruction', 'Sag eine Frucht.');
    await edit(bela, 0, 'Belas Text.');
    await refresh(anna);
    await anna.commit(await targetOf(anna, 0));
    assert.equal(await stateOf(anna), 'conflict');
    assert.deepEqual((await good(anna, 0)).rivals.map(rival => rival.target.map(([, text]) => text)).sort(), [
      ['Nenne eine Frucht.', '', 'Belas Text.'],
      ['Sag eine Frucht.', '', 'Ein Apfel.'],
    ]);
  });

  it('do not conflict where they wrote the same', async t => {
    const { anna, bela } = await pair(t);
    await edit(anna, 0, 'Eine Aprikose.');
    await edit(bela, 0, 'Eine Aprikose.');
    await refresh(anna);
    assert.deepEqual([await stateOf(anna), outputOf(await good(anna, 0))], ['edited', 'Eine Aprikose.']);
  });

  it('do not lose an edit to the redo of another', async t => {
    const { anna, bela } = await pair(t);
    await edit(anna, 0, 'Annas Text.');
    await anna.undo();
    await refresh(bela);
    await edit(bela, 0, 'Belas Text.');
    await refresh(anna);
    await anna.redo().catch(() => undefined);
    const view = await good(anna, 0);
    const texts = [outputOf(view), ...view.rivals.map(rival => rival.target.at(-1)?.[1])];
    assert.ok(texts.includes('Belas Text.'), String(texts));
  });

  it('may dispute', async t => {
    const { anna, bela } = await pair(t);
    await approve(anna, 0);
    await bela.decide(await targetOf(bela, 0), 'reject');
    await refresh(anna);
    assert.equal(await stateOf(anna), 'disputed');
  });

  it('come to the same state in whatever order they look', async () => {
    const act = fc.record({
      who: fc.nat(2),
      what: fc.constantFrom(
        'edit',
        'draft',
        'commit',
        'approve',
        'reject',
        'undo',
        'redo',
        'refresh',
        'keep',
      ),
      text: fc.constantFrom('eins', 'zwei', 'drei'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 14 }), async acts => {
        await inTempFolder(async (_, cleanup) => {
          const { path, sessions } = await team(cleanup, [ANNA, BELA, CARLA]);
          const shard = readFileSync(path);
          for (const { who, what, text } of acts) await perform(sessions[who]!, what, text);
          const fresh = await openSession(cleanup, path, { reviewer: 'dora', clone: 'dddddd' });
          const expected = await sharedView(fresh);
          for (const session of sessions) {
            await refresh(session);
            assert.deepEqual(await sharedView(session), expected);
            assert.deepEqual(session.view().counts, fresh.view().counts);
          }
          assertNothingHidden(fresh, await stateOf(fresh));
          assert.deepEqual(readFileSync(path), shard);
        });
      }),
      { numRuns: 40 },
    );
  });
});

/** What all reviewers see alike: everything but their own drafts. */
async function sharedView(session: Session): Promise<object> {
  const view = await good(session, 0);
  return { ...view, fields: view.fields.map(field => ({ ...field, draft: null })) };
}

async function perform(session: Session, what: string, text: string): Promise<void> {
  const target = await targetOf(session, 0);
  const [rival] = (await good(session, 0)).rivals;
  const work: Record<string, () => Promise<unknown>> = {
    edit: () => edit(session, 0, text),
    draft: () => session.draft(target, 'target', 'output', text),
    commit: () => session.commit(target),
    approve: () => session.decide(target, 'approve'),
    reject: () => session.decide(target, 'reject'),
    undo: () => session.undo(),
    redo: () => session.redo(),
    refresh: () => refresh(session),
    keep: () => session.decide(rival ? { ...target, fingerprint: rival.fingerprint } : target, 'approve'),
  };
  const refused = userError('unit.conflict', 'unit.changed', 'undo.editedSince', 'draft.rowChanged');
  await work[what]?.().catch((error: unknown) => assert.ok(refused(error), String(error)));
}

/** Edits without successors that lead to different texts, none of which anybody chose, are a conflict. */
function assertNothingHidden(session: Session, state: State): void {
  const edits = editsOf(session);
  const replaced = new Set(edits.flatMap(event => event.parents));
  const heads = edits.filter(event => !replaced.has(event.id));
  const undone = new Set(eventsOf(session).flatMap(event => (event.type === 'undo' ? [event.undoes] : [])));
  const sawAll = eventsOf(session).some(
    event =>
      event.type === 'decide' && !undone.has(event.id) && heads.every(head => event.head.includes(head.id)),
  );
  if (new Set(heads.map(head => head.result)).size > 1 && !sawAll) assert.equal(state, 'conflict');
}
