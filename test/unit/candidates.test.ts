import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { Fingerprint, UnitKey } from '../../src/core/record';
import { Candidates, type Candidate } from '../../src/io/candidates';
import { tempFolder } from '../helpers/shardFixture';

const KEY = 'r1@de' as UnitKey;

function candidate(id: string, text = `text of ${id}`, key = KEY): Candidate {
  const made = { model: 'tiny', parameters: { temperature: 0, seed: 0 }, prompt: '0123456789abcdef' };
  return { id, key, name: 'output', text, fingerprint: 'f1' as Fingerprint, ...made };
}

const idsOf = (candidates: Candidates, key = KEY) => candidates.of(key).map(({ id }) => id);

describe('candidates', () => {
  it('survive reopening, except those that were discarded', async t => {
    const file = join(tempFolder(t), 'candidates', 'aaaaaa.jsonl');
    const candidates = await Candidates.open(dirname(file));
    assert.equal(existsSync(dirname(file)), false);
    mkdirSync(dirname(file));
    const kept = candidate('C2', 'zwei\n\u2028 \ud800');
    await candidates.add(file, candidate('C1'));
    await candidates.add(file, kept);
    await candidates.add(file, candidate('C3', 'other', 'r2@de' as UnitKey));
    await candidates.discard(file, 'C1');
    for (const each of [candidates, await Candidates.open(dirname(file))]) {
      assert.deepEqual(each.of(KEY), [kept]);
      assert.equal(each.get('C1'), undefined);
      assert.deepEqual(idsOf(each, 'r2@de' as UnitKey), ['C3']);
    }
  });

  it('skip lines that are no candidates', async t => {
    const file = join(tempFolder(t), 'aaaaaa.jsonl');
    const lines = [
      '',
      'rubbish',
      'null',
      '[]',
      '7',
      JSON.stringify({ ...candidate('C1'), fingerprint: undefined }),
      '{"discard":7}',
      '{"discard":"C9"}',
    ];
    writeFileSync(file, `${[...lines, JSON.stringify(candidate('C2'))].join('\n')}\r\n`);
    assert.deepEqual(idsOf(await Candidates.open(dirname(file))), ['C2']);
  });

  it('skip a candidate whose parameters are none: no edit that takes it could be read again', async t => {
    const file = join(tempFolder(t), 'aaaaaa.jsonl');
    const wrong = [
      { ...candidate('C1'), parameters: undefined },
      { ...candidate('C2'), parameters: 'hot' },
      { ...candidate('C3'), parameters: null },
    ];
    writeFileSync(file, wrong.map(each => `${JSON.stringify(each)}\n`).join(''));
    assert.deepEqual(idsOf(await Candidates.open(dirname(file))), []);
  });

  it('begin on a line of their own behind a torn one', async t => {
    const file = join(tempFolder(t), 'aaaaaa.jsonl');
    await (await Candidates.open(dirname(file))).add(file, candidate('C1'));
    appendFileSync(file, JSON.stringify(candidate('C2')).slice(0, -9));
    await (await Candidates.open(dirname(file))).add(file, candidate('C3'));
    assert.deepEqual(idsOf(await Candidates.open(dirname(file))), ['C1', 'C3']);
  });

  it('do not count where they cannot be written', async t => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'candidates'), 'a file');
    const file = join(folder, 'candidates', 'aaaaaa.jsonl');
    const candidates = await Candidates.open(dirname(file));
    await assert.rejects(candidates.add(file, candidate('C1')));
    assert.deepEqual(idsOf(candidates), []);
    assert.equal(readFileSync(join(folder, 'candidates'), 'utf8'), 'a file');
  });

  it('stay where they are when discarding cannot be written', async t => {
    const file = join(tempFolder(t), 'aaaaaa.jsonl');
    const candidates = await Candidates.open(dirname(file));
    mkdirSync(file);
    await assert.rejects(candidates.discard(file, 'C1'));
    await assert.rejects(candidates.add(file, candidate('C1')));
    assert.deepEqual(idsOf(candidates), []);
  });
});
