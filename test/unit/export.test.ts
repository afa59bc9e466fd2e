import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { DECISIONS } from '../../src/core/events';
import { UserError } from '../../src/core/messages';
import { exportOf, previewOf, rowsIn, type Simple } from '../helpers/exports';
import {
  ANNA,
  approve,
  BELA,
  CARLA,
  contentsOf,
  edit,
  good,
  LINES,
  openSession,
  record,
  refresh,
  rivals,
  single,
  stateOf,
  targetOf,
  tempFolder,
  userError,
  writePolicy,
  writeShard,
} from '../helpers/shardFixture';

const APPROVED: Simple = { side: 'target', status: 'approved' };
const ALL: Simple = { side: 'target', status: 'all' };

interface Exported {
  readonly instruction: string;
  readonly input: string;
  readonly output: string;
  readonly id: string;
}

const rowsOf = (path: string) => rowsIn<Exported>(path);

/** A shard with a record in each state that one reviewer can bring about, and lines of other kinds. */
async function mixed(t: TestContext) {
  const parallel = {
    source: { text: 'Hello.' },
    target: { text: 'Hallo.' },
    source_lang: 'en',
    target_lang: 'de',
  };
  const lines = [
    ...DECISIONS.map(decision => record(decision, 'Ein Apfel.')),
    'no record',
    record('pending', 'Eine Birne.'),
    '',
    record('edited', 'Eine Kirsche.'),
    record('stale', 'Eine Aprikose.'),
    JSON.stringify({ id: 'parallel', ...parallel }),
  ];
  const made = await single(t, lines);
  const { session } = made;
  for (const [row, decision] of DECISIONS.entries())
    await session.decide(await targetOf(session, row), decision);
  await edit(session, 6, 'Eine Sauerkirsche.');
  await approve(session, 7);
  await edit(session, 7, 'Eine Marille.');
  await approve(session, 8);
  return { ...made, out: join(made.folder, 'train.jsonl') };
}

/** Two approved records, of which the second one has a warning that the policy forbids only now. */
async function blocked(t: TestContext, text: string) {
  const lines = [record('r1', 'Ein Apfel.'), record('r2', text), record('r3', 'Eine Kirsche.')];
  const made = await single(t, lines);
  for (const row of [0, 1]) await approve(made.session, row);
  writePolicy(made.folder, { blockingFindings: ['language'] });
  await refresh(made.session);
  return { ...made, out: join(made.folder, 'train.jsonl') };
}

describe('an export', () => {
  it('has the approved records only, as the reviewers left them', async t => {
    const { session, out } = await mixed(t);
    await edit(session, 0, 'Ein reifer Apfel.');
    await approve(session, 0);
    const counts = await exportOf(session.shard, out, APPROVED);
    assert.deepEqual(rowsOf(out), [
      { instruction: 'Nenne eine Frucht.', input: '', output: 'Ein reifer Apfel.', id: 'approve@de' },
    ]);
    assert.deepEqual(counts, {
      units: 9,
      taken: 2,
      asked: 2,
      rows: 1,
      splits: { train: 1, validation: 0, test: 0 },
      made: { 'instruction target en-de': 1 },
      repaired: 0,
      bySample: 0,
      withoutCodes: 0,
      left: {
        states: { edited: 1, 'needs-work': 1, pending: 1, rejected: 1, skipped: 1, stale: 1 },
        blocked: 0,
        bad: 1,
        unsuited: 1,
        tooLong: 0,
        duplicates: 0,
        evaluation: 0,
        notChosen: 0,
        noPair: 0,
      },
    });
  });

  it('has, where all are wanted, also what nobody decided on, but nothing rejected or in dispute', async t => {
    const { session, out } = await mixed(t);
    const counts = await exportOf(session.shard, out, ALL);
    assert.deepEqual(
      rowsOf(out).map(({ id, output }) => [id, output]),
      [
        ['approve@de', 'Ein Apfel.'],
        ['skip@de', 'Ein Apfel.'],
        ['pending@de', 'Eine Birne.'],
        ['edited@de', 'Eine Sauerkirsche.'],
      ],
    );
    assert.deepEqual(counts.left.states, { 'needs-work': 1, rejected: 1, stale: 1 });
  });

  it('has no record that is in conflict', async t => {
    const { anna, folder } = await rivals(t);
    const out = join(folder, 'train.jsonl');
    const counts = await exportOf(anna.shard, out, ALL);
    assert.deepEqual(
      [counts.left.states, rowsOf(out).map(({ id }) => id)],
      [{ conflict: 1 }, ['r2@de', 'r3@de']],
    );
  });

  it('has no record that is in dispute, until the dispute is settled', async t => {
    const { folder, path } = await single(t);
    writePolicy(folder, { adjudicators: ['carla'] });
    const [anna, bela, carla] = [
      await openSession(t, path, ANNA),
      await openSession(t, path, BELA),
      await openSession(t, path, CARLA),
    ];
    const out = join(folder, 'train.jsonl');
    await approve(anna, 0);
    await bela.decide(await targetOf(bela, 0), 'needs-work');
    await refresh(anna);
    await assert.rejects(exportOf(anna.shard, out, APPROVED), userError('export.none.pending'));
    assert.equal(existsSync(out), false);
    const counts = await exportOf(anna.shard, out, ALL);
    assert.deepEqual(
      [counts.left.states['disputed'], rowsOf(out).some(({ id }) => id === 'r1@de')],
      [1, false],
    );
    await carla.decide(await targetOf(carla, 0), 'approve', { reasons: [], note: 'Gut genug.' });
    await refresh(anna);
    assert.equal((await exportOf(anna.shard, out, APPROVED)).left.states['disputed'], undefined);
    assert.deepEqual(
      rowsOf(out).map(({ id }) => id),
      ['r1@de'],
    );
  });

  it('has nothing approved that has a finding which the policy calls blocking, unless it was set aside', async t => {
    const english = 'This is the first sentence of the text and it is long enough to be told.';
    const { session, folder, out } = await blocked(t, english);
    assert.equal(await stateOf(session, 1), 'approved');
    const counts = await exportOf(session.shard, out, APPROVED);
    assert.deepEqual([counts.rows, counts.left.blocked, counts.left.states], [1, 1, { pending: 1 }]);
    assert.deepEqual(
      rowsOf(out).map(({ id }) => id),
      ['r1@de'],
    );
    assert.deepEqual(await previewOf(session.shard, APPROVED), counts);
    const all = await previewOf(session.shard, ALL);
    assert.deepEqual([all.rows, all.left.blocked], [3, 0]);
    const finding = (await good(session, 1)).findings[0]!;
    await session.ignore(await targetOf(session, 1), finding, 'Ein Zitat.');
    assert.equal((await exportOf(session.shard, out, APPROVED)).rows, 2);
    await session.undo();
    writePolicy(folder, { blockingFindings: ['error'] });
    await refresh(session);
    assert.equal((await exportOf(session.shard, out, APPROVED)).rows, 2);
  });

  it('counts every row once, in the preview too, which writes nothing', async t => {
    const { session, folder, out } = await mixed(t);
    const before = contentsOf(folder);
    for (const options of [APPROVED, ALL]) {
      const preview = await previewOf(session.shard, options);
      const { states, blocked, bad, unsuited } = preview.left;
      const left = Object.values(states).reduce((sum, count) => sum + count, 0);
      assert.equal(preview.rows + left + blocked + bad + unsuited, preview.units);
      assert.deepEqual(contentsOf(folder), before);
      assert.deepEqual(await exportOf(session.shard, out, options), preview);
      assert.equal(rowsOf(out).length, preview.rows);
      for (const name of ['', '.reviews.jsonl', '.manifest.json']) rmSync(out + name);
    }
  });

  it('gives each row four strings that any reader takes, whatever the record holds', async t => {
    const source = { instruction: 'Say \ud83d.', output: 'x' };
    const target = { instruction: 'Sag \ud83d.', input: null, output: 'a\udc00b\n\u2028\u0000"\\' };
    const odd = JSON.stringify({ id: 'odd\ud800', source, target, source_lang: 'en', target_lang: 'de' });
    const { session, folder } = await single(t, [odd]);
    await approve(session, 0);
    const out = join(folder, 'train.jsonl');
    await exportOf(session.shard, out, APPROVED);
    const expected = {
      instruction: 'Sag \ufffd.',
      input: '',
      output: 'a\ufffdb\n\u2028\u0000"\\',
      id: 'odd\ufffd@de',
    };
    assert.deepEqual(rowsOf(out), [expected]);
    assert.ok(
      !readFileSync(out, 'utf8').includes('\\ud'),
      'no half of a surrogate pair is left, escaped or not',
    );
    await exportOf(session.shard, out, { ...APPROVED, side: 'source' });
    assert.deepEqual(rowsOf(out), [
      { instruction: 'Say \ufffd.', input: '', output: 'x', id: 'odd\ufffd@de#source' },
    ]);
  });

  it('is whole where it is larger than one write', async t => {
    const text = 'ß'.repeat(3000);
    const lines = Array.from({ length: 500 }, (_, index) => record(`r${index}`, `${text}${index}`));
    const { session, folder } = await single(t, lines);
    const out = join(folder, 'train.jsonl');
    const { rows } = await exportOf(session.shard, out, ALL);
    assert.equal(rows, 500);
    assert.deepEqual(
      rowsOf(out).map(({ output }) => output),
      lines.map((_, index) => `${text}${index}`),
    );
  });

  it('leaves no file where it is cancelled, and an earlier one as it was', async t => {
    const lines = Array.from({ length: 1000 }, (_, index) => record(`r${index}`, 'Ein Apfel.'));
    const { session, folder } = await single(t, lines);
    const out = join(folder, 'train.jsonl');
    const atOnce = AbortSignal.abort();
    await assert.rejects(exportOf(session.shard, out, { ...ALL, signal: atOnce }), {
      name: 'AbortError',
    });
    assert.deepEqual(
      Object.keys(contentsOf(folder)).map(path => basename(path)),
      ['shard.jsonl'],
    );
    writeFileSync(out, 'earlier\n');
    const before = contentsOf(folder);
    const signal = onThirdLook(() => AbortSignal.abort().throwIfAborted());
    await assert.rejects(exportOf(session.shard, out, { ...ALL, signal }), { name: 'AbortError' });
    assert.deepEqual(contentsOf(folder), before);
  });

  it('never mixes two states of a shard that changes while it is read', async t => {
    const lines = Array.from({ length: 1000 }, (_, index) => record(`r${index}`, 'Ein Apfel.'));
    const { session, path, folder } = await single(t, lines);
    const out = join(folder, 'train.jsonl');
    const signal = onThirdLook(() => writeShard(folder, [record('new', 'Neu.'), ...lines]));
    await exportOf(session.shard, out, { ...ALL, signal }).catch(() => undefined);
    const ids = existsSync(out) ? rowsOf(out).map(({ id }) => id) : [];
    assert.deepEqual([ids.length, new Set(ids).size], ids.length === 0 ? [0, 0] : [1001, 1001]);
    assert.equal(readFileSync(path, 'utf8').split('\n').length, 1002);
  });

  it('says what went wrong where it cannot be written, and leaves nothing', async t => {
    const { session, folder } = await single(t);
    mkdirSync(join(folder, 'taken'));
    const before = contentsOf(folder);
    for (const out of [
      join(folder, 'none', 'train.jsonl'),
      join(folder, 'taken'),
      join(session.shard.path, 'x'),
    ]) {
      await assert.rejects(exportOf(session.shard, out, ALL), UserError);
      assert.deepEqual(contentsOf(folder), before);
    }
  });
});

describe('promise: the shard is never written', () => {
  /** Other names for the shard, or for the place where it is. */
  const names: [what: string, name: (folder: string, shard: string) => string][] = [
    ['its own name', (_, shard) => shard],
    ['its name with dots', (folder, shard) => `${folder}/./x/../${basename(shard)}`],
    ['its name with two slashes', (folder, shard) => `${folder}//${basename(shard)}`],
    ['a relative name', (_, shard) => relative(process.cwd(), shard)],
    [
      'a link to it',
      (folder, shard) => {
        symlinkSync(shard, join(folder, 'link.jsonl'));
        return join(folder, 'link.jsonl');
      },
    ],
    [
      'its name in a folder that links to its own',
      (folder, shard) => {
        symlinkSync(folder, join(folder, 'linked'));
        return join(folder, 'linked', basename(shard));
      },
    ],
  ];
  for (const [what, name] of names) {
    it(`nor by an export that is sent to ${what}`, async t => {
      const { session, folder, path } = await single(t);
      await approve(session, 0);
      mkdirSync(join(folder, 'x'));
      const out = name(folder, path);
      const before = contentsOf(folder);
      await assert.rejects(exportOf(session.shard, out, APPROVED), userError('export.ontoShard'));
      assert.deepEqual(contentsOf(folder), before);
    });
  }

  it('nor by an export of a shard that was opened through a link', async t => {
    const folder = tempFolder(t);
    const path = writeShard(join(folder, 'data'), LINES);
    symlinkSync(join(folder, 'data'), join(folder, 'linked'));
    const session = await openSession(t, join(folder, 'linked', 'shard.jsonl'), ANNA);
    await assert.rejects(exportOf(session.shard, path, ALL), userError('export.ontoShard'));
    assert.equal(readFileSync(path, 'utf8'), LINES.map(line => `${line}\n`).join(''));
  });
});

/** A signal that is looked at before each batch of rows; at the third look something happens. */
function onThirdLook(happens: () => void): AbortSignal {
  const { signal } = new AbortController();
  let looks = 0;
  Object.defineProperty(signal, 'throwIfAborted', { value: () => (++looks === 3 ? happens() : undefined) });
  return signal;
}
