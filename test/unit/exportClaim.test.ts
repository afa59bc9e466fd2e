/** Two exports to one place at once: one of them is refused, and nobody waits for one that died. */
import assert from 'node:assert/strict';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { withClaim } from '../../src/io/claim';
import { exportFile, exportRecipe, simpleRecipe, type ExportOptions } from '../../src/exporting';
import {
  childRole,
  contentsOf,
  outputOfChild,
  record,
  spawnChild,
  tempFolder,
  userError,
  writeShard,
} from '../helpers/shardFixture';

const ROWS = 3000;
const lines = (word: string, rows = ROWS) =>
  Array.from({ length: rows }, (_, row) => record(`r${row}`, `${word} ${row}.`, `Name fruit ${row}.`));
const KINDS = ['file', 'folder'] as const;
type Kind = (typeof KINDS)[number];

function exportTo(kind: Kind, shard: string, out: string, more: Partial<ExportOptions> = {}) {
  const options = { base: dirname(shard), out, ...more };
  const asked = { format: 'alpaca', side: 'target', status: 'all', text: 'current' } as const;
  const recipe = simpleRecipe([basename(shard)], asked);
  return (kind === 'file' ? exportFile : exportRecipe)(recipe, options);
}

const claimOf = (out: string) => join(dirname(out), `.${basename(out)}.crossalpaca-claim`);
const holderOf = (out: string) => join(claimOf(out), 'holder');

/** Two shards with other texts in a folder each, and a place with an export of the first one. */
async function twoShards(t: TestContext, kind: Kind) {
  const place = tempFolder(t);
  const out = join(place, 'out');
  const [first, second] = ['Alt', 'Neu'].map(word => writeShard(tempFolder(t), lines(word)));
  assert.ok(first !== undefined && second !== undefined);
  await exportTo(kind, first, out);
  return { place, out, first, second };
}

/** Does something once, as an export is under way. */
function midway(act: () => void): (done: number) => void {
  let isDone = false;
  return done => {
    if (isDone || done < 0.3) return;
    isDone = true;
    act();
  };
}

const MINUTE = 60_000;
const elsewhere = (more: object = {}) =>
  JSON.stringify({
    ...{ id: 'theirs', pid: 4711, host: 'annas-laptop', numbering: '', since: Date.UTC(2026, 0, 31, 9, 5) },
    ...more,
  });

function claimBy(out: string, holder: string, minutesAgo = 0): void {
  mkdirSync(claimOf(out), { recursive: true });
  writeFileSync(holderOf(out), holder);
  const then = new Date(Date.now() - minutesAgo * MINUTE);
  utimesSync(holderOf(out), then, then);
}

function defineTests(): void {
  for (const kind of KINDS) {
    describe(`two exports into one ${kind}`, () => {
      it('at once: the second one is told who writes there, since when, and what to do', async t => {
        const { place, out, first, second } = await twoShards(t, kind);
        let refused: Promise<unknown> = Promise.resolve();
        const onProgress = midway(() => {
          refused = exportTo(kind, second, out).catch((error: unknown) => error);
        });
        await exportTo(kind, first, out, { onProgress });
        const error = await refused;
        assert.ok(error instanceof Error);
        const said = new RegExp(
          `^Another export is writing to ${out}: process ${process.pid} on the computer ${hostname()}, since ` +
            '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\\. Wait until it is done, or choose another place\\. ' +
            'If it is not running any more, try again in 2 minutes\\. Nothing was written\\.$',
        );
        assert.match(error.message, said);
        assert.ok(!readdirSync(place).some(name => name.startsWith('.')));
        await exportTo(kind, second, out);
      });

      it('from two processes: what is there then is all of one of them', async t => {
        const { place, out, first, second } = await twoShards(t, kind);
        const one = contentsOf(place);
        await exportTo(kind, second, out);
        const other = contentsOf(place);
        const shards = [first, second, first, second];
        const told = await Promise.all(
          shards.map(shard => outputOfChild(spawnChild(__filename, kind, shard, out))),
        );
        assert.ok(told.includes('done'), told.join());
        for (const each of told) assert.ok(['done', 'export.busy'].includes(each), each);
        const found = contentsOf(place);
        assert.ok([one, other].some(each => JSON.stringify(each) === JSON.stringify(found)));
      });

      it('is not held up by one that was killed', async t => {
        const { place, out, first, second } = await twoShards(t, kind);
        const child = spawnChild(__filename, `${kind} waits`, first, out);
        child.stdout?.once('data', () => child.kill('SIGKILL'));
        await new Promise(resolve => child.once('close', resolve));
        assert.equal(child.signalCode, 'SIGKILL');
        assert.ok(readdirSync(place).includes(basename(claimOf(out))));
        await exportTo(kind, second, out);
        assert.ok(!readdirSync(place).includes(basename(claimOf(out))));
      });
    });
  }

  describe('a place that somebody else holds', () => {
    it('on another computer is free when they have not renewed their claim for two minutes', async t => {
      const { place, out, first } = await twoShards(t, 'file');
      for (const minutesAgo of [0, 1, -1]) {
        claimBy(out, elsewhere(), minutesAgo);
        const before = contentsOf(place);
        await assert.rejects(exportTo('file', first, out), (error: Error) => {
          assert.match(
            error.message,
            /process 4711 on the computer annas-laptop, since 2026-01-31 09:05 UTC/,
          );
          return true;
        });
        assert.deepEqual(contentsOf(place), before);
      }
      for (const minutesAgo of [3, -3]) {
        claimBy(out, elsewhere(), minutesAgo);
        await exportTo('file', first, out);
        assert.ok(!readdirSync(place).some(name => name.startsWith('.')));
      }
    });

    it('is theirs alone: whoever was held up meanwhile puts nothing there, and leaves their claim', async t => {
      const { place, out, second } = await twoShards(t, 'folder');
      const before = contentsOf(out);
      const take = () => {
        rmSync(claimOf(out), { recursive: true });
        claimBy(out, elsewhere());
      };
      await assert.rejects(
        exportTo('folder', second, out, { onProgress: midway(take) }),
        userError('export.claimLost'),
      );
      assert.deepEqual(contentsOf(out), before);
      assert.equal(readFileSync(holderOf(out), 'utf8'), elsewhere());
      assert.deepEqual(readdirSync(place).sort(), [basename(claimOf(out)), 'out']);
    });

    it('stays held as long as its holder works', async t => {
      t.mock.timers.enable({ apis: ['setInterval'] });
      const { out, second } = await twoShards(t, 'file');
      const old = new Date(Date.now() - 10 * MINUTE);
      await withClaim(out, tempFolder(t), async () => {
        utimesSync(holderOf(out), old, old);
        t.mock.timers.tick(20_000);
        while (lstatSync(holderOf(out)).mtimeMs <= old.getTime()) await new Promise(setImmediate);
        await assert.rejects(exportTo('file', second, out), userError('export.busy'));
      });
      await exportTo('file', second, out);
    });
  });

  describe('what has the name of a claim and is none', () => {
    it('stays, and is named', async t => {
      const { place, out, first } = await twoShards(t, 'file');
      const foreign: (() => void)[] = [
        () => writeFileSync(claimOf(out), 'mine'),
        () => {
          mkdirSync(claimOf(out));
          writeFileSync(join(claimOf(out), 'thesis.tex'), 'mine');
        },
        () => {
          claimBy(out, elsewhere(), 3);
          writeFileSync(join(claimOf(out), 'thesis.tex'), 'mine');
        },
        () => {
          const other = join(tempFolder(t), 'other');
          claimBy(other, elsewhere(), 3);
          symlinkSync(claimOf(other), claimOf(out));
        },
        ...[
          'null',
          '{',
          '',
          '[]',
          elsewhere({ pid: 0 }),
          elsewhere({ pid: -1 }),
          elsewhere({ pid: '1' }),
          elsewhere({ host: 'a\nb' }),
          elsewhere({ host: '\u202eb' }),
          elsewhere({ host: 'x'.repeat(301) }),
          elsewhere({ since: 1e300 }),
          elsewhere({ since: 9e15 }),
          elsewhere({ since: null }),
          elsewhere({ id: undefined }),
        ].map(holder => () => claimBy(out, holder, 3)),
      ];
      for (const make of foreign) {
        make();
        const before = contentsOf(place);
        await assert.rejects(exportTo('file', first, out), (error: Error) => {
          assert.match(error.message, /\.out\.crossalpaca-claim is in the way: .* move or remove it/);
          return true;
        });
        assert.deepEqual(contentsOf(place), before);
        rmSync(claimOf(out), { recursive: true });
      }
      await exportTo('file', first, out);
    });

    it('does not stop an export beside it', async t => {
      const { place, out, first } = await twoShards(t, 'file');
      claimBy(out, elsewhere());
      await exportTo('file', first, join(place, 'other'));
      cpSync(claimOf(out), claimOf(join(place, 'other')), { recursive: true });
      await assert.rejects(exportTo('file', first, join(place, 'other')), userError('export.busy'));
    });
  });
}

/** Exports, and says how it went. */
async function exportAsChild(kind: Kind, shard: string, out: string, waits: boolean): Promise<void> {
  const hold = midway(() => {
    writeSync(1, 'here');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
  const said = await exportTo(kind, shard, out, waits ? { onProgress: hold } : {}).then(
    () => 'done',
    (error: unknown) => (userError('export.busy')(error) ? 'export.busy' : String(error)),
  );
  writeSync(1, said);
}

const role = childRole();
const [, , shard = '', out = ''] = process.argv;
if (role === undefined) defineTests();
else void exportAsChild(role.startsWith('file') ? 'file' : 'folder', shard, out, role.endsWith('waits'));
