import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { findOffer } from '../../src/moving';
import type { Session } from '../../src/session';
import {
  ANNA,
  approve,
  BELA,
  comment,
  contentsOf,
  edit,
  good,
  idsOf,
  openSession,
  outputOf,
  readLedgers,
  record,
  targetOf,
  tempFolder,
  testClock,
  userError,
  writeShard,
  type Who,
} from '../helpers/shardFixture';

const ROWS = ['r1', 'r2', 'r3', 'r4'].map((id, at) => record(id, `Frucht ${at}.`));
const NEW = 'Ein grüner Apfel – „süß“ 😀.';

/** A shard of four records that two reviewers have worked on, and which is closed by now. */
async function reviewed(t: TestContext, name = 'old.jsonl', rows: readonly string[] = ROWS) {
  const folder = tempFolder(t);
  const path = writeShard(folder, rows, name);
  const anna = await openSession(t, path, { ...ANNA, draftFile: join(folder, 'd1') });
  await edit(anna, 0, NEW);
  await approve(anna, 0);
  await approve(anna, 1);
  const bela = await openSession(t, path, { ...BELA, draftFile: join(folder, 'd2') });
  await bela.comment(await targetOf(bela, 1), 'Wirklich?');
  await approve(bela, 2);
  return { folder, path };
}

const open = (t: TestContext, path: string, who: Who = ANNA) =>
  openSession(t, path, { ...who, draftFile: `${path}.drafts` });
const ledger = (folder: string, shard: string, { reviewer, clone }: { reviewer: string; clone: string }) =>
  join(folder, '.crossalpaca', shard, reviewer, `${clone}.jsonl`);
const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n').slice(0, -1);
const reviewsOf = (folder: string, shard: string) => contentsOf(join(folder, '.crossalpaca', shard));

const offer = (session: Session) => findOffer(session.shard, testClock());

describe('reviews of a shard that was renamed', () => {
  it('are offered where the very text was reviewed, and taken along as they stand', async t => {
    const { folder, path } = await reviewed(t);
    const before = reviewsOf(folder, 'old.jsonl');
    renameSync(path, join(folder, 'new.jsonl'));
    const session = await open(t, join(folder, 'new.jsonl'));
    assert.deepEqual(await offer(session), { name: 'old.jsonl', units: 3 });
    assert.deepEqual(session.view().counts, {});

    const report = await session.moveFrom('old.jsonl');
    assert.deepEqual(report, { kept: 3, stale: 0, orphaned: [], events: 5 });
    assert.deepEqual(session.view().counts, { approved: 3 });
    assert.equal(session.view().offer, null);
    assert.equal(await offer(session), undefined);
    const first = await good(session, 0);
    assert.deepEqual([first.state, outputOf(first)], ['approved', NEW]);
    assert.equal((await good(session, 1)).comments[0]?.text, 'Wirklich?');
    assert.deepEqual(reviewsOf(folder, 'old.jsonl'), before, 'the old ones stay as they are');
    for (const who of [ANNA, BELA]) {
      assert.deepEqual(linesOf(ledger(folder, 'new.jsonl', who)), linesOf(ledger(folder, 'old.jsonl', who)));
    }
    assert.equal((await session.undo()) !== null, true, 'they are the reviewer’s own as before');
  });

  it('are taken along once, however often that is done, and what is new is added', async t => {
    const { folder, path } = await reviewed(t);
    const session = await open(t, writeShard(folder, ROWS, 'new.jsonl'));
    await session.moveFrom('old.jsonl');
    const once = reviewsOf(folder, 'new.jsonl');
    assert.equal((await session.moveFrom('old.jsonl')).events, 0);
    assert.deepEqual(reviewsOf(folder, 'new.jsonl'), once);
    const bela = await openSession(t, path, { ...BELA, draftFile: join(folder, 'd3') });
    await approve(bela, 3);
    assert.deepEqual(await session.moveFrom('old.jsonl'), { kept: 4, stale: 0, orphaned: [], events: 1 });
    assert.deepEqual(session.view().counts, { approved: 4 });
  });

  it('say which are stale, and which have no record any more', async t => {
    const { folder } = await reviewed(t);
    const rows = [ROWS[3]!, record('r2', 'Ganz anders.'), ROWS[0]!];
    const session = await open(t, writeShard(folder, rows, 'new.jsonl'));
    assert.deepEqual(await session.moveFrom('old.jsonl'), {
      kept: 1,
      stale: 1,
      orphaned: ['r3@de'],
      events: 4,
    });
    assert.equal((await good(session, 1)).state, 'stale');
    assert.equal(outputOf(await good(session, 2)), NEW);
    assert.deepEqual([session.view().orphans, session.view().counts], [0, { approved: 1, stale: 1 }]);
  });

  it('keep lines of a later version, leave torn ones behind, and take neither twice', async t => {
    const { folder } = await reviewed(t);
    const file = ledger(folder, 'old.jsonl', ANNA);
    const later = JSON.stringify({ v: 9, id: 'LATER', key: 'r1@de', type: 'größer', by: 'anna' });
    const elsewhere = JSON.stringify({ v: 9, id: 'OTHER', key: 'r9@de', type: 'new', by: 'anna' });
    const own = linesOf(file);
    writeFileSync(file, `${later}\n{"v":1,"id":"T","key":"r1@de"\n<<<<<<<\n\n[1]\n${elsewhere}\nnull\n`, {
      flag: 'a',
    });
    const session = await open(t, writeShard(folder, ROWS, 'new.jsonl'));
    assert.equal((await session.moveFrom('old.jsonl')).events, 6);
    const moved = linesOf(ledger(folder, 'new.jsonl', ANNA));
    assert.deepEqual(moved, [...own, later]);
    assert.equal((await session.moveFrom('old.jsonl')).events, 0);
    assert.deepEqual(linesOf(ledger(folder, 'new.jsonl', ANNA)), moved);
  });

  it('are refused where there are none', async t => {
    const session = await open(t, writeShard(tempFolder(t), ROWS, 'new.jsonl'));
    await assert.rejects(session.moveFrom('none.jsonl'), userError('move.nothing'));
  });
});

describe('reviews of a shard that was cut or put together', () => {
  it('go to the part that has the record', async t => {
    const { folder } = await reviewed(t);
    const first = await open(t, writeShard(folder, ROWS.slice(0, 2), 'part1.jsonl'));
    const second = await open(t, writeShard(folder, ROWS.slice(2).reverse(), 'part2.jsonl'));
    assert.deepEqual(await first.moveFrom('old.jsonl'), {
      kept: 2,
      stale: 0,
      orphaned: ['r3@de'],
      events: 4,
    });
    const { orphaned, ...rest } = await second.moveFrom('old.jsonl');
    assert.deepEqual(rest, { kept: 1, stale: 0, events: 1 });
    assert.deepEqual([...orphaned].sort(), ['r1@de', 'r2@de']);
    assert.equal((await good(second, 1)).state, 'approved');
    const both = [
      ...idsOf(await readLedgers(first.shard.path)),
      ...idsOf(await readLedgers(second.shard.path)),
    ];
    assert.deepEqual(both.sort(), idsOf(await readLedgers(join(folder, 'old.jsonl'))));
  });

  it('come together, those made there among them', async t => {
    const { folder } = await reviewed(t);
    const others = [record('s1', 'Brot.'), record('s2', 'Salz.')];
    const other = await open(t, writeShard(folder, others, 'other.jsonl'), BELA);
    await approve(other, 1);
    const merged = await open(t, writeShard(folder, [...others, ...ROWS], 'merged.jsonl'));
    await approve(merged, 5);
    const own = linesOf(ledger(folder, 'merged.jsonl', ANNA));
    await merged.moveFrom('old.jsonl');
    await merged.moveFrom('other.jsonl');
    assert.deepEqual(merged.view().counts, { approved: 5 });
    assert.deepEqual(linesOf(ledger(folder, 'merged.jsonl', ANNA)).slice(0, own.length), own);
    const fresh = await open(t, merged.shard.path, BELA);
    assert.deepEqual(fresh.view().counts, { approved: 5 });
  });
});

describe('the offer of reviews', () => {
  it('is not made for records that only have the same ids', async t => {
    const numbered = (what: string) =>
      [1, 2, 3].map(id => record(String(id), `${what} ${id}.`, `Name ${what} ${id}.`));
    const folder = tempFolder(t);
    const fruits = await open(t, writeShard(folder, numbered('Obst'), 'fruits.jsonl'));
    await approve(fruits, 0);
    await edit(fruits, 1, NEW);
    await fruits.comment(await targetOf(fruits, 2), 'Hm.');
    const tools = await open(t, writeShard(folder, numbered('Werkzeug'), 'tools.jsonl'));
    assert.equal(await offer(tools), undefined);
  });

  it('is not made for units that were reviewed here already', async t => {
    const { folder } = await reviewed(t);
    rmSync(join(folder, 'old.jsonl'));
    const path = writeShard(folder, ROWS.slice(0, 2), 'new.jsonl');
    const ledgers = await readLedgers(path);
    await ledgers.append(BELA, [comment('schon hier')]);
    const session = await open(t, path);
    assert.deepEqual(await offer(session), { name: 'old.jsonl', units: 1 });
    await ledgers.append(BELA, [{ ...comment('auch hier'), key: (await good(session, 1)).key }]);
    assert.equal(await offer(await open(t, path, BELA)), undefined);
  });

  it('names the file of which most was reviewed, and writes nothing', async t => {
    const { folder } = await reviewed(t);
    const few = await open(t, writeShard(folder, ROWS, 'few.jsonl'));
    await approve(few, 3);
    few.shard.close();
    for (const name of ['old.jsonl', 'few.jsonl']) rmSync(join(folder, name));
    const path = writeShard(folder, ROWS, 'new.jsonl');
    const before = contentsOf(folder);
    assert.deepEqual(await offer(await open(t, path)), { name: 'old.jsonl', units: 3 });
    assert.deepEqual(contentsOf(folder), before);
  });

  it('is made for what was cut out of a file that is still there, not for a copy', async t => {
    const { folder } = await reviewed(t);
    const path = writeShard(folder, ROWS, 'new.jsonl');
    assert.equal(await offer(await open(t, path)), undefined);
    writeShard(folder, ROWS.slice(1), 'old.jsonl');
    assert.deepEqual(await offer(await open(t, path)), { name: 'old.jsonl', units: 1 });
  });
});

describe('crossalpaca move', () => {
  const cli = (cwd: string, ...args: string[]) => {
    const command = [join(process.cwd(), 'dist', 'cli.cjs'), 'move', ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd, encoding: 'utf8' });
    return { code: status, out: stdout, err: stderr };
  };

  it('takes reviews along and says what became of them', async t => {
    const { folder } = await reviewed(t);
    writeShard(folder, [ROWS[0]!, record('r2', 'Ganz anders.')], 'new.jsonl');
    const { code, out, err } = cli(folder, 'old.jsonl', 'new.jsonl');
    assert.deepEqual([code, err], [0, '']);
    assert.equal(out, '4 events taken along: 1 units kept, 1 stale, 1 orphaned\n  not in new.jsonl: r3@de\n');
    const again = cli(folder, 'old.jsonl', 'new.jsonl', '--json');
    assert.deepEqual([again.code, again.err], [0, '']);
    assert.deepEqual(JSON.parse(again.out), {
      from: join(folder, 'old.jsonl'),
      to: join(folder, 'new.jsonl'),
      kept: 1,
      stale: 1,
      orphaned: ['r3@de'],
      events: 0,
    });
    const session = await open(t, join(folder, 'new.jsonl'));
    assert.equal(outputOf(await good(session, 0)), NEW);
  });

  it('refuses bad use and unreadable input with status 2 and one line', async t => {
    const { folder } = await reviewed(t);
    writeShard(folder, ROWS, 'new.jsonl');
    const before = contentsOf(folder);
    const refused: [args: string[], reason: RegExp][] = [
      [[], /no shard/],
      [['old.jsonl'], /the old and the new/],
      [['old.jsonl', 'new.jsonl', 'third.jsonl'], /the old and the new/],
      [['none.jsonl', 'new.jsonl'], /no reviews in .*none\.jsonl/],
      [['old.jsonl', 'none.jsonl'], /no file .*none\.jsonl/],
    ];
    for (const [args, reason] of refused) {
      const { code, out, err } = cli(folder, ...args);
      assert.deepEqual([code, out], [2, ''], args.join(' '));
      assert.match(err, reason);
      assert.match(err, /^crossalpaca: [^\n]+\n$/);
    }
    assert.deepEqual(contentsOf(folder), before);
  });
});
