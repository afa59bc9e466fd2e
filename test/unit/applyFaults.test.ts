import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { applyEdits } from '../../src/applying';
import { Shard } from '../../src/shard';
import { sha256 } from '../helpers/builders';
import {
  ANNA,
  childRole,
  contentsOf,
  edit,
  good,
  openSession,
  outputOf,
  record,
  single,
  spawnChild,
  tempFolder,
  testClock,
  userError,
  writeShard,
  type Cleanup,
  onSmallDisk,
} from '../helpers/shardFixture';

/** Bytes that take the copying of a test some pieces. */
const LARGE = 24 << 20;
const EDITED_ROWS = [0, 50, 99];

const hashOf = (path: string) => sha256(readFileSync(path, 'latin1'));
const temporaryIn = (folder: string) => readdirSync(folder).filter(name => name.endsWith('.tmp'));
/** Every file below a folder, with a hash of its bytes. */
const filesIn = (folder: string) =>
  Object.entries(contentsOf(folder)).map(([path, bytes]) => [path, bytes.length, sha256(bytes)]);

/** A shard of 100 long rows, some of them edited. */
async function large(cleanup: Cleanup, folder = tempFolder(cleanup), bytes = LARGE) {
  const filler = 'Wort '.repeat(Math.ceil(bytes / 500));
  const lines = Array.from({ length: 100 }, (_, row) => record(`r${row}`, 'Alt.', `${row} ${filler}`));
  const path = writeShard(folder, lines);
  const session = await openSession(cleanup, path, ANNA);
  for (const row of EDITED_ROWS) await edit(session, row, 'Neuer Text.');
  return { path, folder, session };
}

const reviewOf = (folder: string) => filesIn(join(folder, '.crossalpaca'));

function defineTests(): void {
  it('a writer killed at any moment leaves the old shard or the new one, and the ledgers as they were', async t => {
    const { path, folder, session } = await large(t);
    const kept = join(tempFolder(t), 'shard.jsonl');
    copyFileSync(path, kept);
    const review = reviewOf(folder);
    const fresh = join(folder, 'expected');
    await applyEdits(session.shard, { copy: fresh });
    const [old, applied] = [hashOf(path), hashOf(fresh)];
    assert.notEqual(old, applied);
    rmSync(fresh);
    session.shard.close();

    let leftovers = 0;
    for (let kill = 0; kill < 15; kill++) {
      const child = spawnChild(__filename, 'apply', path);
      // Every third one at some moment after the last piece: while it is fsynced or renamed, or when all is done.
      const pieces = kill % 3 === 0 ? Infinity : 1 + Math.floor(Math.random() * (LARGE / (4 << 20)));
      let seen = 0;
      child.stdout?.on('data', (told: Buffer) => {
        const text = told.toString();
        seen += text.split('p').length - 1;
        if (seen >= pieces) child.kill('SIGKILL');
        else if (text.includes('w')) setTimeout(() => child.kill('SIGKILL'), Math.random() * 40);
      });
      await new Promise(resolve => child.once('close', resolve));
      const found = hashOf(path);
      assert.ok(found === old || found === applied, `neither old nor new after kill ${kill}`);
      assert.deepEqual(reviewOf(folder), review);
      for (const name of temporaryIn(folder)) {
        leftovers++;
        rmSync(join(folder, name));
      }
      if (found === applied) copyFileSync(kept, path);
    }
    assert.ok(leftovers > 0, 'no writer was killed while it wrote');
    const again = await openSession(t, path, ANNA);
    await applyEdits(again.shard, 'in-place');
    assert.equal(hashOf(path), applied);
    assert.equal(outputOf(await good(again, 50)), 'Neuer Text.');
  });

  describe('where it fails it says so, the shard stays, and no temporary file does', () => {
    it('on a full disk', async t => {
      await onSmallDisk(t, '6m', async disk => {
        const { path, session } = await large(t, disk, 4 << 20);
        const before = filesIn(disk);
        for (const to of ['in-place', { copy: join(disk, 'copy.jsonl') }] as const) {
          await assert.rejects(applyEdits(session.shard, to), userError('apply.notWritten'));
          assert.deepEqual(filesIn(disk), before);
        }
        const elsewhere = join(tempFolder(t), 'copy.jsonl');
        assert.equal((await applyEdits(session.shard, { copy: elsewhere })).rows, EDITED_ROWS.length);
        assert.deepEqual(filesIn(dirname(path)), before);
        session.shard.close();
      });
    });

    it('when it is called off, at any piece', async t => {
      const { folder, session } = await large(t);
      const before = filesIn(folder);
      for (const pieces of [0, 1, 4, 6]) {
        const stop = new AbortController();
        let seen = 0;
        if (pieces === 0) stop.abort();
        const onProgress = () => {
          if (++seen === pieces) stop.abort();
        };
        for (const to of ['in-place', { copy: join(folder, 'copy.jsonl') }] as const) {
          seen = 0;
          const options = { signal: stop.signal, onProgress };
          await assert.rejects(applyEdits(session.shard, to, options), { name: 'AbortError' });
          assert.deepEqual(filesIn(folder), before);
        }
      }
    });

    const changes: [what: string, change: (path: string) => void][] = [
      ['grows', path => appendFileSync(path, `${record('new', 'Neu.')}\n`)],
      [
        'is replaced',
        path => {
          const bytes = readFileSync(path);
          rmSync(path);
          writeFileSync(path, bytes);
        },
      ],
      ['is cut', path => writeFileSync(path, readFileSync(path).subarray(0, LARGE >> 1))],
      ['is written to', path => utimesSync(path, 1, 1)],
    ];
    for (const [what, change] of changes) {
      it(`when the shard ${what} meanwhile`, async t => {
        const { path, folder, session } = await large(t);
        const kept = filesIn(folder).filter(([name]) => name !== path);
        let after: unknown[] | undefined;
        const onProgress = () => {
          if (after) return;
          change(path);
          const bytes = readFileSync(path, 'latin1');
          after = [...kept, [path, bytes.length, sha256(bytes)]];
        };
        await assert.rejects(
          applyEdits(session.shard, 'in-place', { onProgress }),
          userError('file.changed'),
        );
        assert.deepEqual(filesIn(folder).sort(), after?.sort());
      });
    }

    it('when the folder of the copy is missing, or the copy is a folder', async t => {
      const { session, folder } = await single(t);
      await edit(session, 0, 'Neu.');
      mkdirSync(join(folder, 'x'));
      const before = filesIn(folder);
      for (const copy of [join(folder, 'nowhere', 'copy'), join(folder, 'x')]) {
        await assert.rejects(applyEdits(session.shard, { copy }), userError('apply.notWritten'));
        assert.deepEqual(filesIn(folder), before);
      }
    });

    it('when the shard is protected from writing', async t => {
      if (process.getuid?.() === 0) {
        t.skip('nothing is protected from root');
        return;
      }
      const { session, path, folder } = await single(t);
      chmodSync(path, 0o444);
      await edit(session, 0, 'Neu.');
      const before = filesIn(folder);
      await assert.rejects(applyEdits(session.shard, 'in-place'), userError('apply.notWritten'));
      assert.deepEqual(filesIn(folder), before);
    });
  });
}

/** Applies in place and tells each piece (`p`), when the last is written (`w`), and the end (`e`). */
async function applyAsChild(path: string): Promise<void> {
  const shard = await Shard.open(path, testClock());
  const { bytes } = await applyEdits(shard, 'in-place', {
    onProgress: done => void writeSync(1, done === shard.index.identity.size ? 'pw' : 'p'),
  });
  writeSync(1, `e${bytes}`);
  shard.close();
}

if (childRole() === 'apply') void applyAsChild(process.argv[2] ?? '');
else defineTests();
