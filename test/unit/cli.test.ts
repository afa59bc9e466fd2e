import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Decision } from '../../src/core/events';
import type { ExportCounts } from '../../src/core/manifest';
import { nameHash, nameOf } from '../../src/core/record';
import { sampleRank } from '../../src/core/sample';
import { STATES } from '../../src/core/states';
import { sha256 } from '../helpers/builders';
import { rowsIn } from '../helpers/exports';
import {
  approve,
  contentsOf,
  LINES,
  record,
  single,
  tempFolder,
  writePolicy,
  writeShard,
} from '../helpers/shardFixture';
import { decisionOn, editOf, unitOf, writeReviews } from '../helpers/writtenReviews';

const CLI = join(process.cwd(), 'dist', 'cli.cjs');

const noStates = Object.fromEntries(STATES.map(state => [state, 0]));

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
      [['export', '--out', 'o'], /no shard/],
      [['export', 'shard.jsonl', '--recipe', 'r.yaml', '--out', 'o'], /those of the recipe/],
      [['export', '--recipe', 'r.yaml', '--format', 'alpaca', '--out', 'o'], /--format/],
      [['export', 'shard.jsonl', '--out', 'o', '--text', 'new'], /--text/],
      [['demos', 'shard.jsonl', '--out', 'o'], /--parallel/],
      [['index', 'shard.jsonl', '--parallel'], /--parallel is for demos/],
      [['gate'], /no shard/],
      [['gate', 'shard.jsonl', '--policy'], /--policy/],
      [['stats', 'shard.jsonl', '--policy', 'policy.json'], /--policy is for gate/],
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
    for (const command of ['index', 'stats', 'gate', 'export']) {
      const options = command === 'export' ? ['--out', 'out.jsonl'] : ['--json'];
      assertRefused(cli(folder, command, 'none.jsonl', ...options), /no file .*none\.jsonl/);
      assertRefused(cli(folder, command, '.', ...options), /is a folder/);
      assertRefused(cli(folder, command, 'empty.jsonl', ...options), /is empty/);
      assertRefused(cli(folder, command, 'text.jsonl', ...options), /No record was recognised/);
    }
    for (const command of ['index', 'stats', 'gate'])
      assertRefused(cli(folder, command, 'shard.jsonl', 'none.jsonl', '--json'), /none\.jsonl/);
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

  it('counts what reviewers did', t => {
    const folder = tempFolder(t);
    const path = writeShard(folder, LINES);
    const [first, second, third] = LINES as [string, string, string];
    writeReviews(path, { by: 'anna', at: '2026-01-05T23:59:59.000Z' }, [
      decisionOn(first, 'approve', { blind: true }),
      editOf(second, 'Neu.'),
      decisionOn(record('gone', 'Weg.'), 'approve'),
    ]);
    writeReviews(path, { by: 'bela', at: '2026-01-06T00:00:00.000Z' }, [
      decisionOn(first, 'approve', { blind: true }),
      decisionOn(third, 'needs-work', { reasons: ['term'] }),
    ]);
    writeFileSync(join(folder, '.crossalpaca', 'shard.jsonl', 'anna', 'old.jsonl'), 'rubbish\n');
    const before = contentsOf(folder);
    const stats = json(cli(folder, 'stats', 'shard.jsonl', '--json'));
    const states = { ...noStates, approved: 1, edited: 1, 'needs-work': 1 };
    const decisions = { approve: 0, 'needs-work': 0, reject: 0, skip: 0 };
    assert.deepEqual(stats, {
      shard: path,
      records: 3,
      badLines: 0,
      languages: { de: 3 },
      states,
      statesByLanguage: { de: states },
      findings: {},
      reviewers: { anna: 3, bela: 2 },
      work: [
        { name: 'anna', edits: 1, decisions: { ...decisions, approve: 1 }, comments: 0, units: 2 },
        {
          name: 'bela',
          edits: 0,
          decisions: { ...decisions, approve: 1, 'needs-work': 1 },
          comments: 0,
          units: 2,
        },
      ],
      decisions: { ...decisions, approve: 2, 'needs-work': 1 },
      reasons: { term: 1 },
      days: [
        { day: '2026-01-05', edits: 1, decisions: 1, approved: 0 },
        { day: '2026-01-06', edits: 0, decisions: 2, approved: 1 },
      ],
      agreement: [{ reviewers: ['anna', 'bela'], n: 1, observed: 1, expected: 1, kappa: null }],
      fleiss: { items: 1, raters: 2, leftOut: 0, observed: 1, expected: 1, kappa: null },
      orphans: 1,
      samples: [],
      orphanKeys: ['gone@de'],
      repeatedKeys: 0,
      ledgerLinesSetAside: 1,
    });
    const { code, out } = cli(folder, 'stats', 'shard.jsonl');
    assert.equal(code, 0);
    for (const said of [
      /^.*shard\.jsonl: 3 records, 0 lines that are no records$/m,
      /^ +states: edited 1, needs-work 1, approved 1$/m,
      /^ +events by reviewer: anna 3, bela 2; orphans 1; repeated keys 0; ledger lines set aside 1$/m,
      /^ +bela: units 2, approve 1, needs-work 1$/m,
      /^ +reasons: term 1$/m,
      /^ +2026-01-06: decisions 2, approved 1$/m,
      /^ +anna and bela: Cohen's kappa undefined \(n = 1; 100\.0 % equal, 100\.0 % by chance\)$/m,
    ])
      assert.match(out, said);
    assert.deepEqual(contentsOf(folder), before);
  });

  it('says how far a sample is, and takes in what it stands for', t => {
    const folder = tempFolder(t);
    writePolicy(folder, { sample: { size: 2, seed: 'spring', atMost: 0.8 } });
    const lines = Array.from({ length: 6 }, (_, row) => record(`r${row}`, `Nummer ${row}.`, `Say ${row}.`));
    const path = writeShard(folder, lines);
    const rank = (line: string) => sampleRank('spring', nameHash(nameOf(unitOf(line).key), sha256), sha256);
    const drawn = lines.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)).slice(0, 2);
    assert.match(
      cli(folder, 'stats', path).out,
      /^ +sample, de: Sample: 0 of 2 decided, 0 wrong so far: at most 100 % of all are wrong, at 95 % confidence/m,
    );
    assert.equal(cli(folder, 'gate', path).code, 1);
    writeReviews(
      path,
      { by: 'anna' },
      drawn.map(line => decisionOn(line, 'approve')),
    );
    assert.match(
      cli(folder, 'stats', path).out,
      /^ +sample, de: Accepted by sample, 0 of 2 wrong: at most 77\.7 % of all are wrong, at 95 % confidence\.$/m,
    );
    const { samples, states } = json(cli(folder, 'stats', path, '--json'));
    assert.deepEqual(states, { ...noStates, approved: 2, 'accepted-by-sample': 4 });
    const [sample] = samples as { bound: number }[];
    assert.ok(Math.abs(sample!.bound - (1 - Math.sqrt(0.05))) < 1e-9);
    assert.deepEqual(
      { ...sample, bound: 0 },
      { lang: 'de', size: 2, decided: 2, wrong: 0, bound: 0, isAccepted: true },
    );
    const gate = cli(folder, 'gate', path);
    assert.equal(gate.code, 0);
    assert.match(gate.out, /^ +accepted by sample: 4$/m);
    const exported = cli(folder, 'export', path, '--format', 'alpaca', '--out', 'train.jsonl');
    assert.match(
      exported.out,
      /^6 rows written to train\.jsonl, from 6 of 6 records\n +accepted by sample: 4$/m,
    );
  });

  it('counts several shards, and all of them together', t => {
    const folder = tempFolder(t);
    const shards = ['one.jsonl', 'two.jsonl'].map(name => writeShard(folder, [...LINES, 'rubbish'], name));
    const decided = (at: number, by: string, ...said: Decision[]) =>
      writeReviews(
        shards[at]!,
        { by },
        said.map((decision, row) => decisionOn(LINES[row]!, decision, { blind: true })),
      );
    // The keys are the same in both: they are other units all the same.
    decided(0, 'anna', 'approve', 'approve', 'reject');
    decided(0, 'bela', 'approve', 'reject', 'reject');
    decided(1, 'anna', 'reject');
    decided(1, 'bela', 'reject');
    const { shards: each, total } = json(cli(folder, 'stats', ...shards, '--json')) as {
      shards: Record<string, unknown>[];
      total: Record<string, unknown>;
    };
    assert.deepEqual(
      each.map(({ shard }) => shard),
      shards,
    );
    const [pair] = total['agreement'] as { n: number; observed: number; kappa: number }[];
    // Of 4 texts Anna approves 2 and Bela 1: by chance 0.5 * 0.25 + 0.5 * 0.75.
    assert.deepEqual([pair?.n, pair?.observed, pair?.kappa], [4, 0.75, 0.5]);
    assert.deepEqual(
      [total['records'], total['badLines'], total['reviewers'], total['languages'], total['states']],
      [
        6,
        2,
        { anna: 4, bela: 4 },
        { de: 6 },
        { ...noStates, approved: 1, disputed: 1, rejected: 2, pending: 2 },
      ],
    );
    // All that one shard has, but for its name, its keys and its sample.
    const own = ['shard', 'orphanKeys', 'samples'];
    const members = Object.keys(each[0]!).filter(name => !own.includes(name));
    assert.deepEqual(Object.keys(total).sort(), members.sort());
    const { out } = cli(folder, 'stats', ...shards);
    assert.match(out, /^all 2 shards: 6 records, 2 lines/m);
    assert.match(out, /^ +anna and bela: Cohen's kappa 0\.50 \(n = 4; 75\.0 % equal, 50\.0 % by chance\)$/m);
  });

  describe('as a gate', () => {
    const approve = (shard: string, by: string) =>
      writeReviews(
        shard,
        { by },
        LINES.map(line => decisionOn(line, 'approve')),
      );

    it('answers by its exit code, one document for one shard and a list for several', t => {
      const folder = tempFolder(t);
      const [fine, open] = ['fine.jsonl', 'open.jsonl'].map(name => writeShard(folder, LINES, name)) as [
        string,
        string,
      ];
      approve(fine, 'anna');
      const before = contentsOf(folder);
      const yes = json(cli(folder, 'gate', 'fine.jsonl', '--json'));
      assert.deepEqual([yes['shard'], yes['passed'], yes['met']], [fine, true, 3]);
      const no = cli(folder, 'gate', 'open.jsonl', '--json');
      assert.deepEqual([no.code, no.err], [1, '']);
      assert.deepEqual((JSON.parse(no.out) as Record<string, unknown>)['unmet'], [
        { reason: 'state', state: 'pending', count: 3 },
      ]);
      for (const order of [
        [fine, open],
        [open, fine],
      ]) {
        const both = cli(folder, 'gate', ...order, '--json');
        const list = JSON.parse(both.out) as { shard: string }[];
        assert.deepEqual([both.code, list.map(({ shard }) => shard)], [1, order]);
      }
      const { code, out } = cli(folder, 'gate', ...[fine, open]);
      assert.equal(code, 1);
      assert.match(out, /fine\.jsonl: yes, 3 of 3 units meet the policy\n/);
      assert.match(
        out,
        /open\.jsonl: no, 0 of 3 units meet the policy\n {2}pending 3\n {2}line 1: r1@de: pending\n/,
      );
      assert.deepEqual(contentsOf(folder), before);
    });

    it('says how many there are beyond those that it names', t => {
      const folder = tempFolder(t);
      const path = writeShard(
        folder,
        Array.from({ length: 23 }, (_, at) => record(`n${at}`, `Text ${at}.`)),
      );
      approve(path, 'anna');
      const ledger = join(folder, '.crossalpaca', 'shard.jsonl', 'anna', 'aaaaaa.jsonl');
      appendFileSync(ledger, 'rubbish\n'.repeat(22));
      const { out } = cli(folder, 'gate', 'shard.jsonl');
      assert.match(out, /^ {2}line 20: n19@de: pending\n {2}and 3 more\n/m);
      assert.match(out, /orphans 3; ledger lines set aside 22\n {2}ledger .*aaaaaa\.jsonl, line 4: /);
      assert.match(out, /line 23: [^\n]+\n {2}and 2 more\n$/);
    });

    it('takes the policy that it is given for every shard', t => {
      const folder = tempFolder(t);
      const paths = ['a', 'b'].map(name => writeShard(join(folder, name), LINES));
      for (const [at, path] of paths.entries()) {
        approve(path, 'anna');
        writePolicy(join(folder, at === 0 ? 'a' : 'b'), at === 0 ? { approvals: 1 } : 'broken');
      }
      const file = join(folder, 'base.json');
      writeFileSync(file, '{"approvals":2}');
      assert.equal(cli(folder, 'gate', paths[0]!).code, 0);
      assertRefused(
        cli(folder, 'gate', ...paths),
        /policy .*b.\.crossalpaca.policy\.json is broken on line 1/,
      );
      assert.equal(cli(folder, 'gate', ...paths, '--policy', 'base.json').code, 1);
      for (const path of paths) approve(path, 'bela');
      assert.equal(cli(folder, 'gate', ...paths, '--policy', 'base.json').code, 0);
      writeFileSync(file, '{\n  "approvals": 2,\n  "blnd": true\n}\n');
      assertRefused(cli(folder, 'gate', ...paths, '--policy', file), /base\.json is broken on line 3/);
      writeFileSync(file, '');
      assertRefused(cli(folder, 'gate', ...paths, '--policy', file), /base\.json is broken on line 1/);
      assertRefused(cli(folder, 'gate', ...paths, '--policy', 'none.json'), /no file .*none\.json/);
    });

    it('prints nothing of a key that a terminal or a CI system would obey', t => {
      const folder = tempFolder(t);
      writeShard(folder, [record('\n::error::evil\u001b[2J\u009b\u2028##', 'Ein Apfel.')]);
      const { code, out } = cli(folder, 'gate', 'shard.jsonl');
      assert.equal(code, 1);
      assert.match(out, /line 1: .*evil/);
      for (const line of out.trimEnd().split('\n')) {
        assert.doesNotMatch(line, /^\s*(::|##)/);
        assert.doesNotMatch(line, /[\p{Cc}\u2028]/u);
      }
    });
  });

  it('exports what is approved', async t => {
    const { session, folder } = await single(t);
    await approve(session, 1);
    const out = join(folder, 'train.jsonl');
    const exported = json(
      cli(folder, 'export', 'shard.jsonl', '--format', 'alpaca', '--out', 'train.jsonl', '--json'),
    );
    const { counts, files, difference } = exported as { counts: ExportCounts } & Record<string, unknown>;
    assert.deepEqual([counts.units, counts.rows, counts.left.states], [3, 1, { pending: 2 }]);
    assert.deepEqual([files, difference], [[out, `${out}.reviews.jsonl`], null]);
    const row = { instruction: 'Nenne eine Frucht.', input: '', output: 'Eine Birne.', id: 'r2@de' };
    assert.equal(readFileSync(out, 'utf8'), `${JSON.stringify(row)}\n`);
    const all = cli(folder, 'export', 'shard.jsonl', '--side', 'source', '--status', 'all', '--out', out);
    assert.deepEqual([all.code, all.err], [0, '']);
    assert.equal(readFileSync(out, 'utf8').split('\n').length, 4);
    assert.match(all.out, /^ +against the earlier export: 3 added, 0 changed, 1 gone$/m);
  });

  it('says with status 1 why nothing is exported, and writes nothing', t => {
    const folder = tempFolder(t);
    writeShard(folder, LINES);
    const before = contentsOf(folder);
    const run = cli(folder, 'export', 'shard.jsonl', '--out', 'train.jsonl');
    assert.deepEqual([run.code, run.err], [1, '']);
    assert.match(run.out, /^Nothing to export\. Records still “To review”: 3 of 3\./);
    assert.deepEqual(contentsOf(folder), before);
  });

  it('does not write over a file that is no export', t => {
    const folder = tempFolder(t);
    writeShard(folder, LINES);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    const run = cli(folder, 'export', 'shard.jsonl', '--status', 'all', '--out', 'notes.txt');
    assertRefused(run, /was not made by an export/);
    assert.equal(readFileSync(join(folder, 'notes.txt'), 'utf8'), 'mine');
  });

  it('exports several shards with ids that tell them apart, or what a recipe says', t => {
    const folder = tempFolder(t);
    for (const name of ['a', 'b']) writeShard(folder, LINES, `${name}.jsonl`);
    const two = cli(folder, 'export', 'a.jsonl', 'b.jsonl', '--status', 'all', '--out', 'train.jsonl');
    assert.deepEqual([two.code, two.err], [0, '']);
    const ids = rowsIn(join(folder, 'train.jsonl')).map(({ id }) => id);
    assert.deepEqual(ids, ['a/r1@de', 'a/r2@de', 'a/r3@de', 'b/r1@de', 'b/r2@de', 'b/r3@de']);
    const recipe =
      'name: both\nseed: s\nshards:\n  - {path: a.jsonl, status: all}\ninstructions:\n  - from: target\n';
    writeFileSync(join(folder, 'both.yaml'), recipe);
    const made = cli(folder, 'export', '--recipe', 'both.yaml', '--out', 'made');
    assert.deepEqual([made.code, made.err], [0, '']);
    assert.ok(readdirSync(join(folder, 'made')).includes('manifest.json'));
    writeFileSync(join(folder, 'both.yaml'), `${recipe}shards: 3\n`);
    assertRefused(
      cli(folder, 'export', '--recipe', 'both.yaml', '--out', 'made'),
      /both\.yaml is broken: line 7/,
    );
  });

  it('makes requests for translations of two text files', t => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'en.txt'), 'An apple.\nA pear.\n');
    writeFileSync(join(folder, 'it.txt'), 'Una mela.\nUna pera.\n');
    const demos = (...more: string[]) =>
      cli(
        folder,
        'demos',
        '--parallel',
        'en.txt',
        'it.txt',
        '--source-lang',
        'en',
        '--target-lang',
        'it',
        ...more,
      );
    const run = demos('--direction', 'both', '--ask', 'english', '--out', 'demos.jsonl');
    assert.deepEqual([run.code, run.err], [0, '']);
    assert.deepEqual(
      rowsIn(join(folder, 'demos.jsonl')).map(({ id, input, output }) => [id, input, output]),
      [
        ['1@it#back', 'Una mela.', 'An apple.'],
        ['1@it#forward', 'An apple.', 'Una mela.'],
        ['2@it#back', 'Una pera.', 'A pear.'],
        ['2@it#forward', 'A pear.', 'Una pera.'],
      ],
    );
    writeFileSync(join(folder, 'it.txt'), 'Una mela.\n');
    assertRefused(
      demos('--direction', 'back', '--out', 'other.jsonl'),
      /Lines of .*en\.txt: 2, of .*it\.txt: 1\./,
    );
    assert.equal(existsSync(join(folder, 'other.jsonl')), false);
  });

  it('says how many approved units a blocking finding keeps out of an export', t => {
    const folder = tempFolder(t);
    const english = 'The quick brown fox jumps over the lazy dog because it was told that it would be good.';
    const lines = [...LINES, record('r4', english)];
    const path = writeShard(folder, lines);
    writePolicy(folder, { blockingFindings: ['language'] });
    writeReviews(
      path,
      { by: 'anna' },
      lines.map(line => decisionOn(line, 'approve')),
    );
    const { out } = cli(folder, 'export', 'shard.jsonl', '--out', 'train.jsonl');
    const [rows, left] = out.split('\n');
    assert.equal(rows, '3 rows written to train.jsonl, from 3 of 4 records');
    assert.equal(left, '  approved, with blocking findings: 1');
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
    assertRefused(cli(folder, 'gate', 'shard.jsonl', '--json'), /policy .* is broken/);
    assertRefused(cli(folder, 'export', 'shard.jsonl', '--out', 'train.jsonl'), /policy .* is broken/);
    assert.equal(existsSync(join(folder, 'train.jsonl')), false);
  });
});
