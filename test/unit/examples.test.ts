import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Bulk } from '../../src/bulk';
import { approve, good, record, single } from '../helpers/shardFixture';

/** As many as are kept in mind, one that is older than these, one that is asked about, and one that is approved later. */
const KEPT = 2000;

describe('approved units that a model is shown', () => {
  it('are the newest where there are very many', { timeout: 120_000 }, async t => {
    const lines = Array.from({ length: KEPT + 1 }, (_, row) =>
      record(`r${row}`, `Text ${row}.`, `Fruit ${row}.`),
    );
    const asked = record('asked', 'x', 'Name a rare animal.');
    const later = record('later', 'SPÄTER.', 'Name a rare animal now.');
    lines[0] = record('r0', 'ZU ALT.', 'Name a rare animal today.');
    const { session } = await single(t, [...lines, asked, later]);
    session.queue.ask(`line:1-${KEPT + 1}`);
    await session.queue.done;
    const bulk = await Bulk.prepare(
      session,
      { kind: 'decide', decision: 'approve', verdict: { reasons: [], note: '' } },
      { signal: new AbortController().signal, onProgress: () => undefined },
    );
    await bulk.commit();
    await good(session, KEPT + 1);
    const [here] = await session.shard.loadRows([KEPT + 1]);
    assert.ok(here && !('reason' in here));
    const texts = async () =>
      (await session.asker.examples.nearest(here, 3)).map(({ target }) => target.at(-1)?.text);
    assert.ok(!(await texts()).includes('ZU ALT.'));
    await approve(session, KEPT + 2);
    assert.equal((await texts())[0], 'SPÄTER.');
  });
});
