import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { KnownMarks } from '../../src/io/checkCache';
import { sha256 } from '../../src/io/passes';
import type { Session } from '../../src/session';
import {
  ANNA,
  contentsOf,
  edit,
  git,
  onSmallDisk,
  openSession,
  record,
  tempFolder,
  writeShard,
} from '../helpers/shardFixture';

const ENGLISH = 'This is a sentence that nobody has translated into German at all.';
const GERMAN = 'Das ist ein Satz, den jemand ordentlich ins Deutsche übertragen hat.';
const ROWS = 60;

function lines(count = ROWS): string[] {
  return Array.from({ length: count }, (_, row) =>
    record(`r${row}`, row % 7 === 3 ? `${ENGLISH} ${row}` : `${GERMAN} ${row}`, `Name a fruit. ${row}`),
  );
}

const cacheOf = (shard: string) =>
  join(dirname(shard), '.crossalpaca', shard.slice(dirname(shard).length + 1), 'cache');
const fileOf = (shard: string) => join(cacheOf(shard), 'checks.bin');

/** Checks a shard as a window does that was opened just now. */
async function check(t: TestContext, path: string, mayKeep = true) {
  const session = await openSession(t, path, ANNA);
  return { session, ...(await checkIn(session, mayKeep)) };
}

async function checkIn({ shard }: Session, mayKeep = true) {
  const { checking } = shard;
  await checking.start({ mayKeep });
  await checking.settled;
  assert.deepEqual([checking.problem, checking.isDone], [null, true]);
  return { checked: checking.checked, groups: checking.groups(), rows: checking.rows() };
}

/** A shard that was checked, and what was found. */
async function kept(t: TestContext) {
  const path = writeShard(tempFolder(t), lines());
  const { session, ...found } = await check(t, path);
  session.shard.close();
  assert.equal(found.checked, ROWS);
  assert.ok(found.rows.length > 5);
  return { path, ...found };
}

/** All is found again, by checking everything. */
async function assertCheckedAnew(t: TestContext, { path, groups, rows }: Awaited<ReturnType<typeof kept>>) {
  const again = await check(t, path);
  assert.deepEqual([again.checked, again.groups, again.rows], [ROWS, groups, rows]);
  again.session.shard.close();
}

describe('what was checked before', () => {
  it('is not checked again by the next window', async t => {
    const { path, groups, rows } = await kept(t);
    const second = await check(t, path);
    assert.deepEqual([second.checked, second.groups, second.rows], [0, groups, rows]);
  });

  it('is all but the record that was edited in between', async t => {
    const { path, rows } = await kept(t);
    const session = await openSession(t, path, ANNA);
    await edit(session, 3, `${GERMAN} 3`);
    const second = await checkIn(session);
    assert.equal(second.checked, 1);
    session.shard.close();
    const third = await check(t, path);
    assert.equal(third.checked, 0);
    assert.deepEqual(third.rows, second.rows);
    assert.ok(rows.length > 0);
  });

  it('is all but the lines that are others in the file, wherever the rest stands now', async t => {
    const { path } = await kept(t);
    const [first = '', second = '', ...rest] = lines();
    const other = record('other', `${ENGLISH} Moreover it is new.`);
    writeFileSync(path, [...rest, other, second, first, ''].join('\n'));
    const { checked, rows } = await check(t, path);
    assert.equal(checked, 1);
    assert.ok(rows.includes(ROWS - 2));
  });

  it('is known also of a run that was cancelled', async t => {
    // Of several pieces.
    const count = 20 * ROWS;
    const path = writeShard(tempFolder(t), lines(count));
    const { shard } = await openSession(t, path, ANNA);
    const stop = shard.checking.onChange(() => shard.checking.rows().length > 0 && shard.checking.cancel());
    await shard.checking.start({ mayKeep: true, threads: 1 });
    stop();
    const done = shard.checking.checked;
    assert.ok(done > 0 && done < count && !shard.checking.isDone);
    const { checked } = await check(t, path);
    assert.equal(checked + done, count);
  });

  it('is asked again by a team that settled other rules', async t => {
    const { path } = await kept(t);
    mkdirSync(join(dirname(path), '.crossalpaca'), { recursive: true });
    writeFileSync(join(dirname(path), '.crossalpaca', 'glossary.csv'), 'source,target\nfruit,Obst\n');
    const { checked, groups, rows } = await check(t, path);
    assert.equal(checked, 0);
    assert.ok(
      groups.some(each => each.check === 'glossary' && each.units === ROWS),
      JSON.stringify(groups),
    );
    assert.equal(rows.length, ROWS);
  });
});

describe('the file of what was checked', () => {
  it('is nothing to git, also in a review folder that knows nothing of it', async t => {
    const path = writeShard(tempFolder(t), lines());
    const folder = dirname(path);
    git(folder, 'init', '-q');
    mkdirSync(join(folder, '.crossalpaca'));
    writeFileSync(join(folder, '.crossalpaca', '.gitignore'), 'candidates/\n');
    await check(t, path);
    assert.ok(existsSync(fileOf(path)));
    const untracked = git(folder, 'status', '--porcelain', '-uall');
    assert.ok(!untracked.includes('cache'), untracked);
    rmSync(join(folder, '.crossalpaca'), { recursive: true });
    await check(t, path);
    assert.match(readFileSync(join(folder, '.crossalpaca', '.gitignore'), 'utf8'), /^cache\/$/m);
  });

  it('holds no text, and some bytes a record', async t => {
    const { path } = await kept(t);
    const text = readFileSync(fileOf(path), 'latin1');
    assert.ok(!text.includes('fruit') && !text.includes('Satz'));
    assert.ok(statSync(fileOf(path)).size < 1000 + ROWS * 10);
    assert.deepEqual(readdirSync(cacheOf(path)).sort(), ['.gitignore', 'checks.bin']);
  });

  it('is neither written nor read where that is not wanted', async t => {
    const { path, groups } = await kept(t);
    const before = contentsOf(dirname(path));
    const second = await check(t, path, false);
    assert.deepEqual([second.checked, second.groups], [ROWS, groups]);
    assert.deepEqual(contentsOf(dirname(path)), before);
    const fresh = writeShard(tempFolder(t), lines());
    await check(t, fresh, false);
    assert.deepEqual(readdirSync(dirname(fresh)), ['shard.jsonl']);
  });

  it('is as if it were not there when it is torn', async t => {
    const shard = await kept(t);
    const whole = readFileSync(fileOf(shard.path));
    const head = whole.indexOf('\n') + 1;
    for (const length of [0, 1, head - 1, head, head + 7, whole.length - 1]) {
      writeFileSync(fileOf(shard.path), whole.subarray(0, length));
      await assertCheckedAnew(t, shard);
      assert.ok(readFileSync(fileOf(shard.path)).length === whole.length, 'written anew');
    }
  });

  it('is as if it were not there when something in it is another', async t => {
    const shard = await kept(t);
    const whole = readFileSync(fileOf(shard.path));
    const head = whole.indexOf('\n') + 1;
    for (const at of [0, 5, head >> 1, head - 1, head, head + 9, whole.length - 1]) {
      const other = Buffer.from(whole);
      other[at] = (other[at] ?? 0) ^ 1;
      writeFileSync(fileOf(shard.path), other);
      await assertCheckedAnew(t, shard);
    }
    const foreign = [
      '',
      '\n',
      '{}\n',
      'null\n',
      '[]\n',
      '{"checks":1,"entries":-1}\n',
      'x'.repeat(5000),
      '\0'.repeat(99),
    ];
    for (const text of foreign) {
      writeFileSync(fileOf(shard.path), text);
      await assertCheckedAnew(t, shard);
    }
  });

  it('is as if it were not there when other checks have written it', async t => {
    const shard = await kept(t);
    const whole = readFileSync(fileOf(shard.path));
    const head = whole.indexOf('\n');
    const said = JSON.parse(whole.toString('utf8', 0, head)) as Record<string, unknown>;
    said['checks'] = sha256('others');
    writeFileSync(
      fileOf(shard.path),
      Buffer.concat([Buffer.from(`${JSON.stringify(said)}\n`), whole.subarray(head + 1)]),
    );
    await assertCheckedAnew(t, shard);
  });

  it('is as if it were not there when it was made elsewhere: it may hide something', async t => {
    const shard = await kept(t);
    const here = cacheOf(shard.path);
    cpSync(here, `${here}-copy`, { recursive: true });
    rmSync(here, { recursive: true });
    // Kept for a moment, so that no file system gives its number away again.
    mkdirSync(`${here}-other`);
    renameSync(`${here}-copy`, here);
    await assertCheckedAnew(t, shard);
  });

  it('is done without where it cannot be written: a file or a link stands in its place', async t => {
    const outside = tempFolder(t);
    for (const block of [
      (place: string) => writeFileSync(place, 'a file'),
      (place: string) => symlinkSync(outside, place),
      (place: string) => mkdirSync(join(place, 'checks.bin'), { recursive: true }),
    ]) {
      const path = writeShard(tempFolder(t), lines());
      mkdirSync(dirname(cacheOf(path)), { recursive: true });
      block(cacheOf(path));
      assert.equal((await check(t, path)).checked, ROWS);
      assert.equal((await check(t, path)).checked, ROWS);
    }
    assert.deepEqual(readdirSync(outside), []);
  });

  it('is done without in a folder that is read-only', async t => {
    const path = writeShard(tempFolder(t), lines());
    try {
      execFileSync('mount', ['--bind', dirname(path), dirname(path)], { stdio: 'ignore' });
      execFileSync('mount', ['-o', 'remount,bind,ro', dirname(path)], { stdio: 'ignore' });
    } catch {
      t.skip('mounting is not permitted here');
      return;
    }
    try {
      const session = await openSession(t, path, { ...ANNA, draftFile: join(tempFolder(t), 'drafts.json') });
      assert.equal((await checkIn(session)).checked, ROWS);
      session.shard.close();
      assert.deepEqual(readdirSync(dirname(path)), ['shard.jsonl']);
    } finally {
      execFileSync('umount', [dirname(path)]);
    }
  });

  it('is done without on a full disk, the one before stays, and nothing is left of the new one', async t => {
    await onSmallDisk(t, '256k', async disk => {
      const path = writeShard(disk, lines());
      const { session } = await check(t, path);
      session.shard.close();
      const before = contentsOf(cacheOf(path));
      writeFileSync(path, `${lines().join('\n')}\n${record('new', `${ENGLISH} More.`)}\n`);
      try {
        writeFileSync(join(disk, 'filler'), Buffer.alloc(1 << 20));
      } catch {
        // That is what it is for.
      }
      const second = await check(t, path);
      assert.equal(second.checked, 1);
      second.session.shard.close();
      assert.deepEqual(contentsOf(cacheOf(path)), before);
      rmSync(join(disk, 'filler'));
      const third = await check(t, path);
      assert.equal(third.checked, 1);
      third.session.shard.close();
    });
  });
});

describe('the table of what was checked', () => {
  const digits = fc
    .array(fc.integer({ min: 0, max: 15 }), { minLength: 16, maxLength: 16 })
    .map(all => all.map(each => each.toString(16)).join(''));
  // Hashes that all belong to one place, too.
  const hash = fc.oneof(
    digits,
    digits.map(each => `ffffffff${each.slice(8)}`),
    digits.map(each => `00000000${each.slice(8)}`),
  );

  it('knows what was put into it, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(hash, fc.constantFrom('', 'a:info', 'b:error c:info')), { maxLength: 200 }),
        hash,
        (all, other) => {
          const expected = new Map(all);
          const known = KnownMarks.withRoom(expected.size);
          for (const [each, marks] of all) known.set(each, marks);
          assert.equal(known.size, expected.size);
          for (const each of [...expected.keys(), other]) assert.equal(known.get(each), expected.get(each));
          const attached = KnownMarks.attach(known.share());
          const merged = KnownMarks.withRoom(expected.size);
          merged.add(known);
          for (const [each, marks] of expected)
            assert.deepEqual([attached.get(each), merged.get(each)], [marks, marks]);
        },
      ),
    );
  });

  it('takes no more than there is room for, and stays of use', () => {
    const known = KnownMarks.withRoom(10);
    const names = Array.from({ length: 1000 }, (_, at) => sha256(String(at)).slice(0, 16));
    for (const name of names) known.set(name, '');
    assert.ok(known.size >= 10 && known.size < 20);
    assert.equal(names.filter(name => known.get(name) === '').length, known.size);
  });
});
