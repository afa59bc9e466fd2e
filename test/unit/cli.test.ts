import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  approve,
  contentsOf,
  edit,
  LINES,
  single,
  tempFolder,
  writePolicy,
  writeShard,
} from '../helpers/shardFixture';

const CLI = join(process.cwd(), 'dist', 'cli.cjs');

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function cli(cwd: string, ...args: string[]): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { cwd, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

/** The one JSON document on stdout, from a run that went well and said nothing else. */
function json(run: Run): Record<string, unknown> {
  assert.deepEqual([run.code, run.err], [0, '']);
  assert.match(run.out, /^[{[].*[}\]]\n$/);
  return JSON.parse(run.out) as Record<string, unknown>;
}

function assertRefused(run: Run, reason: RegExp): void {
  assert.deepEqual([run.code, run.out], [2, ''], run.err);
  assert.match(run.err, reason);
  assert.match(run.err, /^crossalpaca: [^\n]+\n$/, 'one line');
}

describe('the command line', () => {
  it('refuses bad use with status 2 and one line on stderr', t => {
    const folder = tempFolder(t);
    writeShard(folder, LINES);
    const before = contentsOf(folder);
    const uses: [args: string[], reason: RegExp][] = [
      [[], /no command/],
      [['dance'], /unknown command “dance”/],
      [['toString', 'shard.jsonl'], /unknown command/],
      [['index'], /no shard/],
      [['index', 'shard.jsonl', '--loud'], /--loud/],
      [['index', 'shard.jsonl', '--json=yes'], /--json/],
      [['export', 'shard.jsonl'], /--out/],
      [['export', 'shard.jsonl', '--out'], /--out/],
      [['export', 'shard.jsonl', '--out', 'o', '--format', 'csv'], /csv/],
      [['export', 'shard.jsonl', '--out', 'o', '--side', 'left'], /--side/],
      [['export', 'shard.jsonl', '--out', 'o', '--status', 'good'], /--status/],
      [['export', 'shard.jsonl', 'shard.jsonl', '--out', 'o'], /one shard/],
    ];
    for (const [args, reason] of uses) assertRefused(cli(folder, ...args), reason);
    assert.deepEqual(contentsOf(folder), before);
  });

  it('refuses input that cannot be read with status 2 and one line on stderr', t => {
    const folder = tempFolder(t);
    writeShard(folder, LINES);
    writeShard(folder, ['no record'], 'text.jsonl');
    writeFileSync(join(folder, 'empty.jsonl'), '');
    const before = contentsOf(folder);
    for (const command of ['index', 'stats', 'export']) {
      const options = command === 'export' ? ['--out', 'out.jsonl'] : ['--json'];
      assertRefused(cli(folder, command, 'none.jsonl', ...options), /no file .*none\.jsonl/);
      assertRefused(cli(folder, command, '.', ...options), /is a folder/);
      assertRefused(cli(folder, command, 'empty.jsonl', ...options), /is empty/);
      assertRefused(cli(folder, command, 'text.jsonl', ...options), /No record was recognised/);
    }
    assertRefused(cli(folder, 'index', 'shard.jsonl', 'none.jsonl', '--json'), /none\.jsonl/);
    assert.deepEqual(contentsOf(folder), before);
  });

  it('prints nothing of the data that a terminal would obey, and keeps to one line', t => {
    const folder = tempFolder(t);
    for (const line of ['{"\\u001b[2J\\nevil":1}', '{"a":\u001b[2J}', '\u001b]0;evil\u0007', '{"a"\rb']) {
      writeShard(folder, [line]);
      const run = cli(folder, 'index', 'shard.jsonl');
      assertRefused(run, /No record was recognised/);
      // eslint-disable-next-line no-control-regex -- those are what is looked for
      assert.doesNotMatch(run.err.trimEnd(), /[\u0000-\u001f\u007f-\u009f]/, JSON.stringify(run.err));
    }
    writeShard(folder, LINES);
    writePolicy(folder, '{\n  "approvals": 2\n  "lastEditorCounts": true\n}\n');
    assertRefused(cli(folder, 'stats', 'shard.jsonl'), /policy .* is broken/);
  });

  it('shows how it is used when asked', t => {
    const { code, out, err } = cli(tempFolder(t), '--help');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^Usage:\n {2}crossalpaca import/);
  });

  it('indexes', t => {
    const folder = tempFolder(t);
    const shard = writeShard(folder, [...LINES, '', 'no record']);
    const before = contentsOf(folder);
    const index = json(cli(folder, 'index', 'shard.jsonl', '--json'));
    const { milliseconds, ...rest } = index;
    assert.equal(typeof milliseconds, 'number');
    assert.deepEqual(rest, {
      shard,
      records: 3,
      badLines: 1,
      blankLines: 1,
      repeatedKeys: 0,
      bytes: statSync(shard).size,
      shape: 'nested',
      sourceLang: 'en',
      targetLangs: ['de'],
    });
    const several = json(cli(folder, 'index', 'shard.jsonl', 'shard.jsonl', '--json'));
    assert.ok(Array.isArray(several) && several.length === 2);
    assert.match(
      cli(folder, 'index', 'shard.jsonl').out,
      /3 records, 1 lines that are no records, 1 blank lines/,
    );
    assert.deepEqual(contentsOf(folder), before);
  });

  it('counts what reviewers did', async t => {
    const { session, folder } = await single(t);
    await approve(session, 0);
    await edit(session, 1, 'Neu.');
    writeFileSync(join(folder, '.crossalpaca', 'shard.jsonl', 'anna', 'old.jsonl'), 'rubbish\n');
    const before = contentsOf(folder);
    const stats = json(cli(folder, 'stats', 'shard.jsonl', '--json'));
    const states = stats['states'] as Record<string, number>;
    assert.deepEqual([states['approved'], states['edited'], states['pending']], [1, 1, 1]);
    assert.equal(
      Object.values(states).reduce((sum, count) => sum + count),
      3,
    );
    assert.deepEqual(stats, {
      shard: session.shard.path,
      records: 3,
      badLines: 0,
      languages: { de: 3 },
      states,
      findings: stats['findings'],
      reviewers: { anna: 2 },
      orphans: 0,
      orphanKeys: [],
      repeatedKeys: 0,
      ledgerLinesSetAside: 1,
    });
    assert.match(cli(folder, 'stats', 'shard.jsonl').out, /approved 1/);
    assert.deepEqual(contentsOf(folder), before);
  });

  it('exports what is approved', async t => {
    const { session, folder } = await single(t);
    await approve(session, 1);
    const out = join(folder, 'train.jsonl');
    const counts = json(
      cli(folder, 'export', 'shard.jsonl', '--format', 'alpaca', '--out', 'train.jsonl', '--json'),
    );
    assert.deepEqual(counts, { out, rows: 3, exported: 1, left: { pending: 2 }, bad: 0, noInstruction: 0 });
    const row = { instruction: 'Nenne eine Frucht.', input: '', output: 'Eine Birne.', id: 'r2@de' };
    assert.equal(readFileSync(out, 'utf8'), `${JSON.stringify(row)}\n`);
    const all = cli(folder, 'export', 'shard.jsonl', '--side', 'source', '--status', 'all', '--out', out);
    assert.deepEqual([all.code, all.err], [0, '']);
    assert.equal(readFileSync(out, 'utf8').split('\n').length, 4);
  });

  it('refuses to export over the shard, and where nothing can be written', t => {
    const folder = tempFolder(t);
    writeShard(folder, LINES);
    mkdirSync(join(folder, 'taken'));
    symlinkSync('.', join(folder, 'here'));
    const before = contentsOf(folder);
    const exportTo = (out: string) => cli(folder, 'export', 'shard.jsonl', '--status', 'all', '--out', out);
    assertRefused(exportTo('shard.jsonl'), /overwrite the shard/);
    assertRefused(exportTo('./taken/../shard.jsonl'), /overwrite the shard/);
    assertRefused(exportTo('none/train.jsonl'), /none.train\.jsonl/);
    assertRefused(exportTo('taken'), /taken/);
    assert.deepEqual(contentsOf(folder), before);
    assertRefused(exportTo('here/shard.jsonl'), /overwrite the shard/);
    assert.deepEqual(contentsOf(folder), before);
  });

  it('does not count by a broken policy', async t => {
    const { session, folder } = await single(t);
    await approve(session, 0);
    writePolicy(folder, '{"approvals":"two"}');
    assertRefused(cli(folder, 'stats', 'shard.jsonl', '--json'), /policy .* is broken/);
    assertRefused(cli(folder, 'export', 'shard.jsonl', '--out', 'train.jsonl'), /policy .* is broken/);
    assert.equal(existsSync(join(folder, 'train.jsonl')), false);
  });
});
