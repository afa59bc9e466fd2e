import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { selected } from '../../src/selecting';
import { previewOf } from '../helpers/exports';
import {
  edit,
  eventsOf,
  git,
  good,
  openSession,
  record,
  tempFolder,
  writeShard,
  approve,
} from '../helpers/shardFixture';

const several = (id: string) =>
  JSON.stringify({
    id,
    en_instruction: 'Name a fruit.',
    en_output: 'An apple.',
    de_instruction: 'Nenne eine Frucht.',
    de_output: 'Ein Apfel.',
    it_instruction: 'Nomina un frutto.',
    it_output: 'Una mela.',
  });

describe('a record with several target languages', () => {
  it('gives one unit for each: shown one at a time, decided on and exported apart', async t => {
    const session = await openSession(t, writeShard(tempFolder(t), [several('r1'), several('r2')]), {
      reviewer: 'anna',
    });
    assert.equal(session.view().shownLang, 'de');
    assert.equal((await good(session, 0)).key, 'r1@de');
    await approve(session, 0);
    session.shard.showLanguage('it');
    assert.equal((await good(session, 0)).key, 'r1@it');
    assert.equal((await good(session, 0)).state, 'pending');
    await approve(session, 0);
    const { units, rows, left } = await previewOf(session.shard);
    assert.deepEqual([units, rows, left.states], [4, 2, { pending: 2 }]);
    session.shard.showLanguage('de');
    session.shard.showLanguage('it');
    await edit(session, 1, 'Una pera.');
    session.shard.showLanguage('de');
    assert.equal(await session.undo(), 1);
    assert.deepEqual(
      eventsOf(session).map(event => event.key),
      ['r1@de', 'r1@it', 'r2@it', 'r2@it'],
    );
    assert.equal(await session.undo(), 0, 'undo finds the unit in the language that it was done in');
    session.shard.showLanguage('it');
    assert.equal((await good(session, 0)).state, 'pending');
  });
});

describe('what goes through several languages', () => {
  it('selects in each of them and leaves the one on the screen', async t => {
    const session = await openSession(t, writeShard(tempFolder(t), [several('r1'), several('r2')]), {
      reviewer: 'anna',
    });
    const { shard } = session;
    const keysOf = async (query: string) => {
      const keys: string[] = [];
      const none = { has: () => false, units: () => [] };
      const { signal } = new AbortController();
      for await (const { units } of selected(shard, none, { query, langs: ['de', 'it'] }, signal)) {
        assert.equal(shard.shownLang, 'de');
        keys.push(...units.map(({ unit }) => unit.key));
      }
      return keys;
    };
    assert.deepEqual(await keysOf('mela'), ['r1@it', 'r2@it']);
    shard.showLanguage('it');
    await edit(session, 1, 'Una pera.');
    shard.showLanguage('de');
    assert.deepEqual(await keysOf('mela'), ['r1@it']);
    assert.deepEqual(await keysOf('pera'), ['r2@it']);
    assert.deepEqual(await keysOf('Apfel'), ['r1@de', 'r2@de']);
  });
});

describe('the policy', () => {
  it('holds from any folder between the shard and the root of the repository', async t => {
    const root = tempFolder(t);
    git(root, 'init');
    mkdirSync(join(root, '.crossalpaca'));
    writeFileSync(join(root, '.crossalpaca', 'policy.json'), '{"approvals":2}');
    const folder = join(root, 'data', 'deep');
    mkdirSync(folder, { recursive: true });
    const session = await openSession(t, writeShard(folder, [record('r1', 'Ein Apfel.')]), {
      reviewer: 'anna',
    });
    await approve(session, 0);
    assert.equal((await good(session, 0)).state, 'partly-approved');
  });
});
