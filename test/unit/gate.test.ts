import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { EventId, NewEvent } from '../../src/core/events';
import type { Fingerprint } from '../../src/core/record';
import { gateShard } from '../../src/gate';
import type { PolicyPlace } from '../../src/io/team';
import { Shard } from '../../src/shard';
import { sha256 } from '../helpers/builders';
import { blocksOf, runInBash } from '../helpers/docs';
import {
  contentsOf,
  git,
  LINES,
  record,
  tempFolder,
  testClock,
  userError,
  writePolicy,
  writeShard,
} from '../helpers/shardFixture';
import { decisionOn, editOf, unitOf, writeReviews } from '../helpers/writtenReviews';

async function gate(path: string, where?: PolicyPlace) {
  const shard = await Shard.open(path, testClock(), where);
  try {
    return await gateShard(shard);
  } finally {
    shard.close();
  }
}

const approved = (by: string, shard: string, lines: readonly string[] = LINES) =>
  writeReviews(
    shard,
    { by },
    lines.map(line => decisionOn(line, 'approve')),
  );
const commentOn = (line: string, more: object = {}): NewEvent => ({
  key: unitOf(line).key,
  line: 1,
  type: 'comment',
  text: 'Why?',
  ...more,
});

function allApproved(t: TestContext, lines: readonly string[] = LINES, more: readonly string[] = []) {
  const folder = tempFolder(t);
  const path = writeShard(folder, [...lines, ...more]);
  approved('anna', path, lines);
  return { folder, path };
}

describe('the gate', () => {
  it('says yes where every unit is approved, and writes nothing', async t => {
    const { folder, path } = allApproved(t);
    const before = contentsOf(folder);
    assert.deepEqual(await gate(path), {
      shard: path,
      passed: true,
      units: 3,
      met: 3,
      bySample: 0,
      samples: [],
      unmet: [],
      first: [],
      badLines: 0,
      repeatedKeys: 0,
      orphans: 0,
      ledgerLinesSetAside: 0,
      setAside: [],
    });
    assert.deepEqual(contentsOf(folder), before);
  });

  it('says no for every other state, with the line and the reason', async t => {
    const folder = tempFolder(t);
    const names =
      'approved pending edited skipped needs-work rejected partly-approved disputed stale conflict';
    const lines = names.split(' ').map(name => record(name, `Text von ${name}.`));
    const [fine, , edited, skipped, work, rejected, partly, disputed, stale, conflict] = lines as [
      string,
      ...string[],
    ];
    const path = writeShard(folder, lines);
    writePolicy(folder, { approvals: 2 });
    const old = record('stale', 'Ein älterer Text.');
    writeReviews(path, { by: 'anna' }, [
      decisionOn(fine, 'approve'),
      editOf(edited!, 'Neu.'),
      decisionOn(skipped!, 'skip'),
      decisionOn(work!, 'needs-work'),
      decisionOn(rejected!, 'reject'),
      decisionOn(partly!, 'approve'),
      decisionOn(disputed!, 'approve'),
      decisionOn(old, 'approve'),
      editOf(conflict!, 'Annas Text.'),
    ]);
    writeReviews(path, { by: 'bela' }, [
      decisionOn(fine, 'approve'),
      decisionOn(disputed!, 'reject'),
      decisionOn(old, 'approve'),
      editOf(conflict!, 'Belas Text.'),
    ]);
    assert.ok(stale);
    const { passed, units, met, unmet, first } = await gate(path);
    assert.deepEqual([passed, units, met], [false, 10, 1]);
    const others = names.split(' ').slice(1);
    assert.deepEqual(
      unmet,
      others.map(state => ({ reason: 'state', state, count: 1 })),
    );
    assert.deepEqual(
      first,
      others.map((state, at) => ({
        key: `${state}@de`,
        line: at + 2,
        why: state === 'partly-approved' ? 'partly-approved: 1 of 2 approvals' : state,
      })),
    );
  });

  it('judges each target language of a record', async t => {
    const line = JSON.stringify({ id: 'a', en_text: 'One.', de_text: 'Eins.', fr_text: 'Un.' });
    const path = writeShard(tempFolder(t), [line]);
    writeReviews(path, { by: 'anna' }, [decisionOn(line, 'approve')]);
    const { units, met, first } = await gate(path);
    assert.deepEqual([units, met, first], [2, 1, [{ key: 'a@fr', line: 1, why: 'pending' }]]);
  });

  describe('with a finding', () => {
    const ENGLISH =
      'The quick brown fox jumps over the lazy dog because it was told that the weather would be good.';
    const line = record('r1', ENGLISH);
    const policy = { blockingFindings: ['language'], reviewers: ['anna'] };
    const ignore = (text: string): NewEvent => ({
      key: unitOf(line).key,
      line: 1,
      type: 'ignore',
      check: 'language-source',
      side: 'target',
      field: 'output',
      text: sha256(text).slice(0, 32) as Fingerprint,
      reason: 'A quotation.',
    });

    it('says no where the policy calls it blocking', async t => {
      const { folder, path } = allApproved(t, [line, ...LINES.slice(1)]);
      assert.equal((await gate(path)).passed, true);
      writePolicy(folder, policy);
      const { passed, met, unmet, first } = await gate(path);
      assert.deepEqual([passed, met, unmet], [false, 2, [{ reason: 'finding', count: 1 }]]);
      assert.deepEqual([first[0]?.key, first[0]?.line], ['r1@de', 1]);
      assert.match(first[0]?.why ?? '', /^language-source, target output: ./);
    });

    it('goes by the severity that the policy gives it', async t => {
      const { folder, path } = allApproved(t, [line]);
      writePolicy(folder, { blockingFindings: ['error'], severities: { de: { language: 'error' } } });
      assert.deepEqual((await gate(path)).unmet, [{ reason: 'finding', count: 1 }]);
      writePolicy(folder, { ...policy, severities: { de: { language: 'off' } } });
      assert.equal((await gate(path)).passed, true);
    });

    it('says yes once a reviewer has set it aside on this very text', async t => {
      const { folder, path } = allApproved(t, [line]);
      writePolicy(folder, policy);
      writeReviews(path, { by: 'anna' }, [ignore('another text')]);
      assert.equal((await gate(path)).passed, false);
      writeReviews(path, { by: 'guest' }, [ignore(ENGLISH)]);
      assert.equal((await gate(path)).passed, false, 'a guest has no say');
      writeReviews(path, { by: 'anna' }, [ignore(ENGLISH)]);
      assert.equal((await gate(path)).passed, true);
    });
  });

  it('says no for open comments where the policy asks for it', async t => {
    const { folder, path } = allApproved(t);
    const [thread] = writeReviews(path, { by: 'bela' }, [commentOn(LINES[0]!)]) as [EventId];
    assert.equal((await gate(path)).passed, true);
    writePolicy(folder, { openComments: 'block' });
    const { passed, met, unmet, first } = await gate(path);
    assert.deepEqual([passed, met, unmet], [false, 2, [{ reason: 'comments', count: 1 }]]);
    assert.deepEqual(first, [{ key: 'r1@de', line: 1, why: 'open comments: 1' }]);
    writePolicy(folder, { openComments: 'block', approvals: 2 });
    assert.deepEqual((await gate(path)).unmet, [{ reason: 'state', state: 'partly-approved', count: 3 }]);
    writePolicy(folder, { openComments: 'block' });
    writeReviews(path, { by: 'anna' }, [commentOn(LINES[0]!, { thread, resolves: [thread] })]);
    assert.equal((await gate(path)).passed, true);
  });

  it('says no for a line that is no record, unless the policy allows it', async t => {
    const { folder, path } = allApproved(t, LINES, ['', 'no record', '{"a":']);
    const { passed, units, met, unmet, first, badLines } = await gate(path);
    assert.deepEqual([passed, units, met, badLines], [false, 3, 3, 2]);
    assert.deepEqual(unmet, [{ reason: 'bad-line', count: 2 }]);
    assert.deepEqual(
      first.map(({ key, line }) => [key, line]),
      [
        [null, 5],
        [null, 6],
      ],
    );
    assert.ok(first.every(({ why }) => why !== ''));
    writePolicy(folder, { badLines: 'allow' });
    const allowed = await gate(path);
    assert.deepEqual([allowed.passed, allowed.met, allowed.unmet, allowed.badLines], [true, 3, [], 2]);
  });

  it('reports repeated keys, orphans, and ledger lines set aside; none of them is a no', async t => {
    const { path, folder } = allApproved(t, LINES, [LINES[0]!]);
    approved('anna', path, [record('gone', 'Weg.')]);
    const ledger = join(folder, '.crossalpaca', 'shard.jsonl', 'anna', 'aaaaaa.jsonl');
    const line = readFileSync(ledger, 'utf8').split('\n').length;
    appendFileSync(ledger, '<<<<<<< HEAD\n');
    const { passed, units, met, repeatedKeys, orphans, ledgerLinesSetAside, setAside } = await gate(path);
    assert.deepEqual([passed, units, met, repeatedKeys, orphans], [true, 4, 4, 2, 1]);
    assert.deepEqual([ledgerLinesSetAside, setAside.length], [1, 1]);
    assert.deepEqual([setAside[0]?.file, setAside[0]?.line], [ledger, line]);
    assert.match(setAside[0]?.why ?? '', /git merge/);
  });

  it('judges each row of a repeated key by its own text', async t => {
    const { path } = allApproved(t, LINES, [record('r1', 'Ein anderer Text.')]);
    const { met, first } = await gate(path);
    assert.deepEqual([met, first], [3, [{ key: 'r1@de', line: 4, why: 'stale' }]]);
  });

  it('names the first 20 and counts all', async t => {
    const lines = Array.from({ length: 450 }, (_, at) => record(`n${at}`, `Text ${at}.`));
    const { path } = allApproved(t, lines.slice(0, 5), lines.slice(5));
    const { units, met, unmet, first } = await gate(path);
    assert.deepEqual([units, met, unmet], [450, 5, [{ reason: 'state', state: 'pending', count: 445 }]]);
    assert.deepEqual(
      first.map(({ line }) => line),
      Array.from({ length: 20 }, (_, at) => at + 6),
    );
  });

  it('goes by no policy but the one it is given', async t => {
    const { folder, path } = allApproved(t);
    writePolicy(join(folder, 'base'), { approvals: 2 });
    const policyFile = join(folder, 'base', '.crossalpaca', 'policy.json');
    assert.equal((await gate(path)).passed, true);
    assert.equal((await gate(path, { policyFile })).passed, false);
    writePolicy(folder, 'broken');
    await assert.rejects(gate(path), userError('policy.broken'));
    assert.equal((await gate(path, { policyFile })).passed, false);
    approved('bela', path);
    assert.equal((await gate(path, { policyFile })).passed, true);
    rmSync(policyFile);
    await assert.rejects(gate(path, { policyFile }), userError('file.missing'));
  });
});

/** What docs/gate.md tells people to run, as it stands there. */
function documented(): { build: string; policy: string; gated: string; plain: string; json: string } {
  const blocks = blocksOf('docs/gate.md');
  assert.deepEqual(
    blocks.map(({ kind }) => kind),
    ['sh', 'yaml', 'sh', 'text'],
    'a block that no test runs',
  );
  const [plain, workflow, json] = blocks.map(({ body }) => body);
  const steps = [...workflow!.matchAll(/^ +working-directory: (\S+)\n +run: (.+)$/gm)];
  assert.equal(steps.length, [...workflow!.matchAll(/run:/g)].length);
  assert.deepEqual(
    steps.map(([, folder]) => folder),
    ['crossalpaca', 'reviewed', 'reviewed'],
  );
  const [build, policy, gated] = steps.map(([, , run]) => run!);
  return { build: build!, policy: policy!, gated: gated!, plain: plain!, json: json! };
}

describe('docs/gate.md', () => {
  const commands = documented();

  /** A repository whose base branch has a policy, a branch with one approval, and the workflow's two folders. */
  function pullRequest(t: TestContext, base: object | undefined, branch: object | undefined) {
    const folder = tempFolder(t);
    const seed = join(folder, 'seed');
    const shard = writeShard(join(seed, 'data'), LINES, 'pairs.jsonl');
    git(seed, 'init', '-q', '-b', 'main');
    const commit = () => {
      git(seed, 'add', '-A');
      git(seed, 'commit', '-q', '--allow-empty', '-m', 'work');
    };
    if (base) writePolicy(seed, base);
    commit();
    git(seed, 'checkout', '-q', '-b', 'reviews');
    approved('anna', shard);
    if (branch) writePolicy(seed, branch);
    commit();
    const reviewed = join(folder, 'reviewed');
    git(folder, 'clone', '-q', '--no-local', 'seed', 'reviewed');
    git(reviewed, 'checkout', '-q', '--detach', 'origin/main');
    git(reviewed, 'merge', '-q', '--no-ff', '-m', 'merge', 'origin/reviews');
    symlinkSync(process.cwd(), join(folder, 'crossalpaca'), 'dir');
    const temp = join(folder, 'temp');
    mkdirSync(temp);
    // As GitHub Actions runs what names no shell.
    const run = (command: string, cwd = reviewed) =>
      runInBash(command, cwd, { GITHUB_BASE_REF: 'main', RUNNER_TEMP: temp });
    return { folder, seed, reviewed, run, shard: join(reviewed, 'data', 'pairs.jsonl') };
  }

  it('builds as README.md says', () => {
    const readme = readFileSync(join(process.cwd(), 'README.md'), 'utf8');
    assert.match(readme, /`npm ci` and `npm run build` make `dist\/cli\.cjs`/);
    assert.equal(commands.build, 'npm ci && npm run build');
  });

  it('does not let a pull request soften the policy of the base branch', t => {
    const { run, shard } = pullRequest(t, { approvals: 2 }, { approvals: 1 });
    const policy = run(commands.policy);
    assert.deepEqual([policy.code, policy.out, policy.err], [0, '', '']);
    const byBase = run(commands.gated);
    assert.deepEqual([byBase.code, byBase.err], [1, '']);
    assert.match(byBase.out, /no, 0 of 3 units meet the policy/);
    assert.match(byBase.out, /line 1: r1@de: partly-approved: 1 of 2 approvals/);
    const byItself = run(commands.plain);
    assert.deepEqual([byItself.code, byItself.err], [0, '']);
    assert.match(byItself.out, /yes, 3 of 3 units meet the policy/);
    approved('bela', shard);
    assert.equal(run(commands.gated).code, 0);
  });

  it('lets nothing in where the base branch has no policy', t => {
    const { run } = pullRequest(t, undefined, { approvals: 1 });
    const policy = run(commands.policy);
    assert.notEqual(policy.code, 0);
    // Also where a workflow went on all the same, with the empty file that the shell has made.
    assert.deepEqual([run(commands.gated).code, run(commands.gated).out], [2, '']);
  });

  it('takes {} for a policy', t => {
    const { run } = pullRequest(t, {}, { approvals: 1 });
    assert.deepEqual([run(commands.policy).code, run(commands.gated).code], [0, 0]);
  });

  it('needs the branches, as it says', t => {
    const { folder, run } = pullRequest(t, { approvals: 2 }, undefined);
    const shallow = join(folder, 'shallow');
    git(folder, 'clone', '-q', '--no-local', '--depth', '1', '--branch', 'reviews', 'seed', 'shallow');
    const policy = run(commands.policy, shallow);
    assert.notEqual(policy.code, 0);
    assert.match(policy.err, /invalid object name/);
    assert.match(readFileSync(join(process.cwd(), 'docs', 'gate.md'), 'utf8'), /“invalid object name”/);
  });

  it('judges several shards in one run, and prints a list', t => {
    const { run, reviewed } = pullRequest(t, { approvals: 1 }, undefined);
    const one = run(commands.json);
    const { shard, passed } = JSON.parse(one.out) as { shard: string; passed: boolean };
    assert.deepEqual([one.code, shard, passed], [0, join(reviewed, 'data', 'pairs.jsonl'), true]);
    writeShard(join(reviewed, 'data'), LINES, 'more.jsonl');
    const two = run(commands.json);
    const list = JSON.parse(two.out) as { shard: string; passed: boolean }[];
    assert.deepEqual([two.code, list.map(each => each.passed)], [1, [false, true]]);
  });

  it('names every member of the answer', async t => {
    const text = readFileSync(join(process.cwd(), 'docs', 'gate.md'), 'utf8');
    const { path } = allApproved(t);
    for (const member of Object.keys(await gate(path))) assert.match(text, new RegExp(`\\| .*\`${member}\``));
  });
});
