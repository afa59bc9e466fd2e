import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { english } from '../../src/core/messages';
import type { UnitKey } from '../../src/core/record';
import { gateShard } from '../../src/gate';
import { overviewOf } from '../../src/overview';
import { addStatistics } from '../../src/statisticsOf';
import { Statistics } from '../../src/core/statistics';
import { withUntouched } from '../../src/core/dashboard';
import type { Session } from '../../src/session';
import { exportOf } from '../helpers/exports';
import {
  ANNA,
  approve,
  BELA,
  comment,
  edit,
  good,
  openSession,
  record,
  refresh,
  targetOf,
  tempFolder,
  writePolicy,
  writeShard,
} from '../helpers/shardFixture';
import { shuffled, randomOf } from '../helpers/twoLanguages';
import { changePolicy, found } from '../helpers/teamFixture';
import { decisionOn, writeReviews } from '../helpers/writtenReviews';

const RULE = { size: 10, seed: 'spring', atMost: 0.26 };
const ROWS = Array.from({ length: 50 }, (_, row) =>
  record(`r${row}`, `Nummer ${row}.`, `Say number ${row}.`),
);
const BY_SAMPLE = 'accepted-by-sample';

interface Sampled {
  readonly path: string;
  readonly folder: string;
  readonly anna: Session;
  /** Rows of the sample, in file order. */
  readonly drawn: readonly number[];
}

async function sampled(
  t: TestContext,
  policy: object = {},
  lines: readonly string[] = ROWS,
): Promise<Sampled> {
  const folder = tempFolder(t);
  writePolicy(folder, { sample: RULE, ...policy });
  const path = writeShard(folder, lines);
  const anna = await openSession(t, path, ANNA);
  return { path, folder, anna, drawn: await found(anna, 'sample:10/spring') };
}

const saidOf = ({ shard }: Session) =>
  (shard.facts.sample?.said ?? []).map(([lang, said]) => `${lang} ${english(said)}`);

/** Approves all of the sample but some of its last. */
async function approveSample({ anna, drawn }: Sampled, but = 0): Promise<void> {
  for (const row of drawn.slice(0, drawn.length - but)) await approve(anna, row);
  await anna.shard.matched;
}

const rest = (drawn: readonly number[], rows = ROWS.length) =>
  Array.from({ length: rows }, (_, row) => row).filter(row => !drawn.includes(row));

describe('a sample', () => {
  it('shows its bound as it grows, and accepts nothing before all of it is decided', async t => {
    const shard = await sampled(t);
    assert.equal(shard.drawn.length, 10);
    assert.deepEqual(saidOf(shard.anna), [
      'de Sample: 0 of 10 decided, 0 wrong so far: at most 100 % of all are wrong, at 95 % confidence. It counts when all are decided.',
    ]);
    await approveSample(shard, 1);
    assert.deepEqual(saidOf(shard.anna), [
      'de Sample: 9 of 10 decided, 0 wrong so far: at most 28.4 % of all are wrong, at 95 % confidence. It counts when all are decided.',
    ]);
    assert.deepEqual(await found(shard.anna, `state:${BY_SAMPLE}`), []);
    await approve(shard.anna, shard.drawn.at(-1)!);
    await shard.anna.shard.matched;
    assert.deepEqual(saidOf(shard.anna), [
      'de Accepted by sample, 0 of 10 wrong: at most 25.9 % of all are wrong, at 95 % confidence.',
    ]);
    assert.deepEqual(await found(shard.anna, `state:${BY_SAMPLE}`), rest(shard.drawn));
  });

  it('is a state of its own everywhere, and a unit in it waits for nobody', async t => {
    const shard = await sampled(t);
    const { anna, drawn, folder } = shard;
    await approveSample(shard);
    const [other] = rest(drawn);
    assert.equal((await good(anna, other!)).state, BY_SAMPLE);
    assert.deepEqual(anna.shard.facts.counts, { approved: 10, [BY_SAMPLE]: 40 });
    assert.equal(await anna.nextPending(0), null);
    for (const query of ['is:mine', 'state:pending', `is:mine 'Nummer'`])
      assert.deepEqual(await found(anna, query), []);
    assert.deepEqual(await found(anna, `state:${BY_SAMPLE} "Nummer ${other}."`), [other]);
    const [german] = (await overviewOf(anna.shard)).languages;
    assert.deepEqual(german?.counts, { approved: 10, [BY_SAMPLE]: 40 });
    const statistics = new Statistics();
    const untouched = await addStatistics(anna.shard, statistics, new AbortController().signal);
    const { states } = withUntouched(statistics.result(), untouched);
    assert.deepEqual([states.approved, states[BY_SAMPLE], states.pending], [10, 40, 0]);
    const { passed, met, bySample, samples } = await gateShard(anna.shard);
    assert.deepEqual([passed, met, bySample, samples.length], [true, 50, 40, 1]);
    const out = join(folder, 'out.jsonl');
    const counts = await exportOf(anna.shard, out);
    assert.deepEqual([counts.rows, counts.bySample], [50, 40]);
    assert.equal(readFileSync(out, 'utf8').split('\n').filter(Boolean).length, 50);
  });

  it('falls with what is found wrong later, and stands again when that is taken back', async t => {
    const shard = await sampled(t);
    const { anna, drawn } = shard;
    await approveSample(shard);
    await anna.decide(await targetOf(anna, drawn[3]!), 'reject');
    await anna.shard.matched;
    assert.deepEqual(saidOf(anna), [
      'de Not accepted by sample, 1 of 10 wrong: up to 39.5 % of all may be wrong, at 95 % confidence, and the policy allows 26 %. Review the other records.',
    ]);
    assert.equal((await good(anna, rest(drawn)[0]!)).state, 'pending');
    assert.equal((await gateShard(anna.shard)).passed, false);
    await anna.undo();
    await anna.shard.matched;
    assert.equal((await good(anna, rest(drawn)[0]!)).state, BY_SAMPLE);
  });

  it('counts as wrong what had to be changed before it was approved', async t => {
    const shard = await sampled(t);
    const { anna, drawn } = shard;
    await edit(anna, drawn[0]!, 'Etwas anderes.');
    await approveSample(shard);
    assert.match(saidOf(anna)[0]!, /1 of 10 wrong/);
    assert.deepEqual(await found(anna, `state:${BY_SAMPLE}`), []);
  });

  it('leaves alone what somebody said anything about', async t => {
    const shard = await sampled(t);
    const { anna, drawn, path } = shard;
    const [commented, skipped, proposed, settled, assigned] = rest(drawn);
    const key = (row: number) => `r${row}@de` as UnitKey;
    await anna.comment(await targetOf(anna, commented!), 'Really?', null);
    await anna.decide(await targetOf(anna, skipped!), 'skip');
    await anna.assign(await targetOf(anna, assigned!), 'bela');
    await changePolicy(shard.folder, { sample: RULE, reviewers: ['anna', 'bela'] }, anna);
    const guest = await openSession(t, path, { reviewer: 'gast', clone: 'gggggg' });
    await edit(guest, proposed!, 'Vorschlag.');
    const ids = writeReviews(path, { by: 'bela' }, [comment('Fine.', key(settled!))]);
    writeReviews(path, { by: 'bela' }, [
      { key: key(settled!), line: 1, type: 'comment', text: '', thread: ids[0]!, resolves: [ids[0]!] },
    ]);
    await refresh(anna);
    await approveSample(shard);
    const states = [];
    for (const row of [commented!, skipped!, proposed!, settled!, assigned!])
      states.push((await good(anna, row)).state);
    assert.deepEqual(states, ['pending', 'skipped', 'pending', BY_SAMPLE, 'pending']);
    assert.deepEqual(anna.shard.facts.counts, { approved: 10, pending: 3, skipped: 1, [BY_SAMPLE]: 36 });
  });

  it('follows the policy, the reviews of others, and the file', async t => {
    const shard = await sampled(t);
    const { anna, drawn, folder, path } = shard;
    writeReviews(
      path,
      { by: 'bela' },
      drawn.map(row => decisionOn(ROWS[row]!, 'approve')),
    );
    await refresh(anna);
    const [other] = rest(drawn);
    assert.equal((await good(anna, other!)).state, BY_SAMPLE);
    await changePolicy(folder, {}, anna);
    assert.equal((await good(anna, other!)).state, 'pending');
    assert.deepEqual([saidOf(anna), anna.shard.facts.sample], [[], null]);
    await changePolicy(folder, { sample: { ...RULE, seed: 'autumn' } }, anna);
    assert.equal((await good(anna, other!)).state, 'pending', 'another sample, of which not all are decided');
    await changePolicy(folder, { sample: RULE, approvals: 2 }, anna);
    assert.match(saidOf(anna)[0]!, /^de Sample: 0 of 10 decided/);
    await changePolicy(folder, { sample: RULE }, anna);
    assert.equal((await good(anna, other!)).state, BY_SAMPLE);
    const lines = ROWS.with(drawn[0]!, record(`r${drawn[0]}`, 'Geändert.', `Say number ${drawn[0]}.`));
    writeFileSync(path, `${lines.join('\n')}\n`);
    await refresh(anna);
    assert.match(saidOf(anna)[0]!, /^de Sample: 9 of 10 decided/, 'what was approved is another text now');
    assert.equal((await good(anna, other!)).state, 'pending');
  });

  it('holds no longer from the moment on at which the policy asks for none', async t => {
    const shard = await sampled(t);
    await approveSample(shard);
    writePolicy(shard.folder, {});
    await shard.anna.refresh();
    // Not waited for: what hangs on the sample is still being looked at.
    const out = join(shard.folder, 'out.jsonl');
    const counts = await exportOf(shard.anna.shard, out);
    assert.deepEqual([counts.rows, counts.bySample], [10, 0]);
  });

  it('may not be broken by a policy with mistakes', async t => {
    const shard = await sampled(t);
    await approveSample(shard);
    await changePolicy(shard.folder, '{"sample": {"size": 1}}', shard.anna);
    assert.equal((await good(shard.anna, rest(shard.drawn)[0]!)).state, 'pending');
    assert.match(
      english(shard.anna.shard.facts.policyProblem!),
      /“sample” needs “size”, “seed” and “atMost”/,
    );
  });

  it('is the same for everybody and in any order of the rows, without what is no record or there twice', async t => {
    const keysOf = async (lines: readonly string[]) => {
      const { anna, drawn } = await sampled(t, {}, lines);
      const keys = [];
      for (const row of drawn) keys.push((await good(anna, row)).key);
      return keys.sort();
    };
    const keys = await keysOf(ROWS);
    for (const seed of [1, 2, 3]) {
      const lines = shuffled(
        [...ROWS, ...ROWS.slice(0, 20), 'no record', '{}', '', 'no record'],
        randomOf(seed),
      );
      assert.deepEqual(await keysOf(lines), keys);
    }
  });

  it('is judged by language', async t => {
    const italian = ROWS.map((_, row) =>
      record(`i${row}`, `Numero ${row}.`, `Count to ${row}.`).replace(
        '"target_lang":"de"',
        '"target_lang":"it"',
      ),
    );
    const policy = { sample: { size: 40, seed: 'spring', atMost: 0.3 } };
    const { anna } = await sampled(t, policy, [...ROWS, ...italian]);
    const drawn = await found(anna, 'sample:40/spring');
    const german = drawn.filter(row => row < ROWS.length);
    assert.ok(german.length > 8 && german.length < 32, `${german.length} of 40`);
    for (const row of german) await approve(anna, row);
    await anna.shard.matched;
    assert.deepEqual([...anna.shard.accepted], ['de']);
    assert.deepEqual(await found(anna, `state:${BY_SAMPLE}`), rest(german));
    assert.deepEqual((await found(anna, 'state:pending')).length, ROWS.length);
    const counts = (await overviewOf(anna.shard)).languages.map(each => [each.lang, each.counts]);
    assert.deepEqual(counts, [
      ['de', { approved: german.length, [BY_SAMPLE]: 50 - german.length }],
      ['it', { pending: 50 }],
    ]);
  });

  it('is accepted also for those from whom the decisions of others are hidden', async t => {
    const shard = await sampled(t, { blind: true });
    await approveSample(shard, 1);
    assert.deepEqual(saidOf(shard.anna), ['de Sample: 9 of 10 decided. What it says is shown when all are.']);
    await approve(shard.anna, shard.drawn.at(-1)!);
    await shard.anna.shard.matched;
    const bela = await openSession(t, shard.path, BELA);
    const [other] = rest(shard.drawn);
    assert.equal((await good(bela, other!)).state, BY_SAMPLE);
    assert.equal((await good(bela, shard.drawn[0]!)).state, 'pending');
  });

  it('holds for rows that come later only as far as they are drawn', async t => {
    const shard = await sampled(t);
    await approveSample(shard);
    const more = Array.from({ length: 200 }, (_, row) => record(`n${row}`, `Neu ${row}.`, `New ${row}.`));
    appendFileSync(shard.path, `${more.join('\n')}\n`);
    await refresh(shard.anna);
    // A sample of 250 rows holds some of the new ones, which nobody has looked at.
    assert.match(saidOf(shard.anna)[0]!, /^de Sample: [0-9] of 10 decided/);
    assert.equal((await good(shard.anna, 249)).state, 'pending');
  });
});
