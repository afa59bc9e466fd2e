import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Profile } from '../../src/asking';
import { readBatch, writeBatch } from '../../src/batch';
import type { UnitKey } from '../../src/core/record';
import type { RunOrder } from '../../src/io/runFile';
import { numbered, translationFor, wholeAnswer } from '../helpers/modelServer';
import { openSession, tempFolder, writeShard } from '../helpers/shardFixture';

const KEY = 'n1@de' as UnitKey;
const ORDER: RunOrder = {
  ...{ query: 'all', langs: [], style: 'record', model: 'm', onlyFlagged: true, skipWithCandidate: false },
  wish: { mode: 'translate', fields: [], advice: 'förmlicher', count: 1, split: 'record' },
};
const PROFILE: Profile = {
  backend: { url: 'http://127.0.0.1:1', model: 'm', api: 'openai' },
  ...{ style: 'record', temperature: 0, topP: 1, concurrency: 1 },
};

describe('a batch that is read', () => {
  it('gives candidates with the advice that they were asked for, and none that was discarded', async t => {
    const folder = tempFolder(t);
    const { asker } = await openSession(t, writeShard(folder, [numbered(1, 'An apple has number 1.')]));
    const [out, results] = [join(folder, 'out.jsonl'), join(folder, 'in.jsonl')];
    const { signal } = new AbortController();
    await writeBatch(asker, ORDER, PROFILE, out, signal);
    const { custom_id, body } = JSON.parse(readFileSync(out, 'utf8')) as { custom_id: string; body: object };
    const response = { body: wholeAnswer(translationFor(JSON.stringify(body))) };
    writeFileSync(results, JSON.stringify({ custom_id, response }));
    assert.equal((await readBatch(asker, results, signal)).outcomes.good, 1);
    const [candidate] = await asker.candidates.of(KEY);
    assert.equal(candidate?.advice, 'förmlicher');
    assert.equal(typeof candidate.finding, 'string');
    await asker.candidates.discard(candidate);
    assert.equal((await readBatch(asker, results, signal)).repeated, 1);
    assert.deepEqual(await asker.candidates.of(KEY), []);
  });
});
