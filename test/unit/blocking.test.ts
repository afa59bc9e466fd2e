/** Findings with which a policy lets nobody approve, also those that only the whole file tells. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gateShard } from '../../src/gate';
import { Shard } from '../../src/shard';
import { exportOf } from '../helpers/exports';
import {
  ANNA,
  approve,
  edit,
  good,
  openSession,
  record,
  tempFolder,
  testClock,
  userError,
  writePolicy,
  writeShard,
} from '../helpers/shardFixture';

const SOURCE = 'Name a fruit that grows on a tree in the garden.';
const withoutId = (line: string) => line.replace(/"id":"[^"]*",/, '');

async function open(
  t: TestContext,
  lines: readonly string[],
  policy: object = { blockingFindings: ['error', 'warning'] },
) {
  const folder = tempFolder(t);
  writePolicy(folder, policy);
  const path = writeShard(folder, lines);
  return { folder, path, anna: await openSession(t, path, ANNA) };
}

const checksOf = async (session: Awaited<ReturnType<typeof open>>['anna'], row: number) =>
  (await good(session, row)).findings.map(({ check }) => check);

describe('a finding of the whole file', () => {
  it('stops an approval, though nobody has checked the file before', async t => {
    const { anna } = await open(t, [record('r1', 'Ein Apfel.', SOURCE), record('r1', 'Eine Birne.', SOURCE)]);
    await assert.rejects(approve(anna, 0), userError('approve.blocked', 'approve.blockedMore'));
    await assert.rejects(approve(anna, 1), userError('approve.blocked', 'approve.blockedMore'));
  });

  it('does not ask to reject one of two rows that share their decisions', async t => {
    const line = withoutId(record('', 'Ein Apfel.', SOURCE));
    const { anna } = await open(t, [line, line]);
    await anna.shard.findings.findCorpus();
    assert.deepEqual(
      [await checksOf(anna, 0), await checksOf(anna, 1)],
      [['repeated-key'], ['repeated-key']],
    );
  });

  it('is settled where the other record is changed or rejected, or this one is rejected', async t => {
    const lines = ['a', 'b', 'c', 'd'].map(id => record(id, 'Ein Apfel.', SOURCE));
    const { anna } = await open(t, lines, {});
    await anna.shard.findings.findCorpus();
    assert.deepEqual([await checksOf(anna, 0), await checksOf(anna, 1)], [[], ['duplicate']]);
    await edit(anna, 0, 'Eine Birne.');
    assert.deepEqual([await checksOf(anna, 1), await checksOf(anna, 2)], [[], []]);
    await anna.undo();
    const { key, fingerprint } = await good(anna, 2);
    await anna.decide({ row: 2, key, fingerprint }, 'reject');
    assert.deepEqual([await checksOf(anna, 1), await checksOf(anna, 2)], [['duplicate'], []]);
  });

  it('leaves the list of findings with the record', async t => {
    const lines = ['a', 'b', 'c'].map(id => record(id, 'Ein Apfel.', SOURCE));
    const { anna, path } = await open(t, lines, {});
    const { checking } = anna.shard;
    await checking.start({ mayKeep: false });
    assert.deepEqual(checking.rows(), [1, 2]);
    const { key, fingerprint } = await good(anna, 0);
    await anna.decide({ row: 0, key, fingerprint }, 'reject');
    await checking.settled;
    assert.deepEqual([checking.rows(), checking.groups()], [[], []]);
    const again = await openSession(t, path, ANNA);
    await again.shard.checking.start({ mayKeep: false });
    assert.deepEqual(again.shard.checking.rows(), []);
    await anna.undo();
    await checking.settled;
    assert.deepEqual(checking.rows(), [1, 2]);
  });
});

describe('a broken glossary', () => {
  const glossary = (folder: string, text: string) => {
    mkdirSync(join(folder, '.crossalpaca'), { recursive: true });
    writeFileSync(join(folder, '.crossalpaca', 'glossary.csv'), text);
  };

  it('lets nothing through where its terms may block', async t => {
    const { anna, folder, path } = await open(t, [record('a', 'Ein Apfel.', SOURCE)], {
      blockingFindings: ['glossary'],
    });
    glossary(folder, 'source,target,lang,rule\nfruit,Frucht,de,mst\n');
    await assert.rejects(approve(anna, 0), userError('glossary.broken'));
    await assert.rejects(gateShard(anna.shard), userError('glossary.broken'));
    const out = join(folder, 'out.jsonl');
    await assert.rejects(exportOf(anna.shard, out), userError('glossary.broken'));
    glossary(folder, 'source,target,lang,rule\nfruit,Frucht,de,must\n');
    await approve(anna, 0);
    assert.equal((await gateShard(anna.shard)).passed, true);
    assert.ok(path);
  });

  it('is that beside the policy that the gate is given', async t => {
    const { anna, folder, path } = await open(t, [record('a', 'Ein Apfel.', SOURCE)], {});
    await approve(anna, 0);
    const base = tempFolder(t);
    const policyFile = join(base, 'policy.json');
    writeFileSync(policyFile, JSON.stringify({ blockingFindings: ['glossary'] }));
    writeFileSync(join(base, 'glossary.csv'), 'source,target,lang,rule\n,Apfel,de,forbidden\n');
    const shard = await Shard.open(path, testClock(), { policyFile });
    t.after(() => shard.close());
    const { passed, unmet } = await gateShard(shard);
    assert.deepEqual([passed, unmet.map(each => each.reason)], [false, ['finding']]);
    assert.ok(folder);
  });
});
