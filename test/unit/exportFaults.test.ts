/** Exports that are killed, cancelled, or find no room: the earlier export stays, and nothing half made is seen. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { Recipe } from '../../src/core/recipe';
import {
  exportFile,
  exportRecipe,
  previewExport,
  simpleRecipe,
  type ExportOptions,
} from '../../src/exporting';
import { recover } from '../../src/io/stagedFolder';
import { sha256 } from '../helpers/builders';
import {
  childRole,
  contentsOf,
  onSmallDisk,
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

function recipeOf(kind: Kind, shard: string): Recipe {
  const simple = simpleRecipe([basename(shard)], {
    format: 'alpaca',
    side: 'target',
    status: 'all',
    text: 'current',
  });
  if (kind === 'file') return simple;
  const splits = { train: 0.8, validation: 0.1, test: 0.1 };
  return { ...simple, name: 'fruit', seed: 's', shuffle: true, deduplicate: true, splits };
}

function exportTo(kind: Kind, shard: string, out: string, more: Partial<ExportOptions> = {}) {
  const options = { base: dirname(shard), out, ...more };
  const recipe = recipeOf(kind, shard);
  return kind === 'file' ? exportFile(recipe, options) : exportRecipe(recipe, options);
}

/** What stands in a folder, without what a killed process could not remove. */
const seen = (folder: string) =>
  Object.fromEntries(
    Object.entries(contentsOf(folder))
      .filter(([path]) => !path.includes('.crossalpaca'))
      .map(([path, bytes]) => [path, sha256(bytes)]),
  );
const leftovers = (folder: string) => readdirSync(folder).filter(name => name.startsWith('.'));

function defineTests(): void {
  for (const kind of KINDS) {
    describe(`an export into a ${kind}`, () => {
      it('that is killed at any moment leaves the earlier one, or is whole', async t => {
        const place = tempFolder(t);
        const shard = writeShard(tempFolder(t), lines('Alt'));
        const out = join(place, 'out');
        await exportTo(kind, shard, out);
        const earlier = seen(place);
        writeShard(dirname(shard), lines('Neu'));
        const other = tempFolder(t);
        await exportTo(kind, shard, join(other, 'out'));
        const later = Object.fromEntries(
          Object.entries(seen(other)).map(([path, hash]) => [path.replace(other, place), hash]),
        );
        assert.notDeepEqual(earlier, later);
        let killed = 0;
        for (let kill = 0; kill < 8; kill++) {
          const child = spawnChild(__filename, kind, shard, out);
          // Every other one while it puts things into their places; the rest as it reads and writes.
          const last = kill % 2 === 0 ? 1 : Math.random();
          child.stdout?.on('data', (told: Buffer) => {
            const done = Math.max(...told.toString().trim().split('\n').map(Number));
            if (done >= last) setTimeout(() => child.kill('SIGKILL'), last === 1 ? Math.random() * 60 : 0);
          });
          await new Promise(resolve => child.once('close', resolve));
          killed += child.signalCode === 'SIGKILL' ? 1 : 0;
          if (kind === 'file') await recover(out);
          const found = seen(place);
          if (kind === 'folder' && Object.keys(found).length === 0) {
            // Between two renames: the earlier one stands beside, and comes back with the next export.
            assert.deepEqual(
              leftovers(place).filter(name => name.endsWith('-former')),
              ['.out.crossalpaca-former'],
            );
          } else assert.ok(isSame(found, earlier) || isSame(found, later));
        }
        assert.ok(killed > 0, 'nothing was killed');
        await exportTo(kind, shard, out);
        assert.deepEqual(seen(place), later);
        assert.ok(!leftovers(place).some(name => /-(former|claim)$/.test(name)));
      });

      it('that is called off at any moment leaves everything as it was', async t => {
        const place = tempFolder(t);
        const shard = writeShard(tempFolder(t), lines('Alt'));
        const out = join(place, 'out');
        await exportTo(kind, shard, out);
        writeShard(dirname(shard), lines('Neu'));
        const before = contentsOf(place);
        for (const moment of [0, 0.1, 0.5, 0.69, 0.9, 0.999]) {
          const stop = new AbortController();
          const onProgress = (done: number) => {
            if (done >= moment) stop.abort();
          };
          if (moment === 0) stop.abort();
          await assert.rejects(exportTo(kind, shard, out, { signal: stop.signal, onProgress }), {
            name: 'AbortError',
          });
          assert.deepEqual(contentsOf(place), before);
        }
      });

      it('that finds the disk full says so and leaves everything as it was', async t => {
        await onSmallDisk(t, '1m', async disk => {
          const shard = writeShard(tempFolder(t), lines('Alt', 20));
          const out = join(disk, 'out');
          await exportTo(kind, shard, out);
          writeShard(dirname(shard), lines('Neu', 8000));
          const before = contentsOf(disk);
          await assert.rejects(exportTo(kind, shard, out), userError('export.notWritten'));
          assert.deepEqual(contentsOf(disk), before);
        });
      });

      it('says so where its place cannot be written', async t => {
        const shard = writeShard(tempFolder(t), lines('Alt', 20));
        const place = tempFolder(t);
        await assert.rejects(
          exportTo(kind, shard, join(place, 'none', 'out')),
          userError('export.notWritten'),
        );
        await assert.rejects(exportTo(kind, shard, join(shard, 'out')), userError('export.notWritten'));
        assert.deepEqual(contentsOf(place), {});
      });
    });
  }

  describe('what is in the way', () => {
    it('stays: a file that no export has made, unless the user was asked', async t => {
      const shard = writeShard(tempFolder(t), lines('Alt', 20));
      const out = join(tempFolder(t), 'out');
      writeFileSync(out, 'mine');
      await assert.rejects(exportTo('file', shard, out), userError('export.fileThere'));
      await assert.rejects(exportTo('folder', shard, out, { replace: true }), userError('export.notFolder'));
      assert.equal(readFileSync(out, 'utf8'), 'mine');
      await exportTo('file', shard, out, { replace: true });
      assert.equal(readFileSync(out, 'utf8').split('\n').length, 21);
    });

    it('comes back where a process was killed between two of its files, and is not replaced by what lies aside', async t => {
      const place = tempFolder(t);
      const out = join(place, 'out');
      const former = join(place, '.out.crossalpaca-former');
      const mark = (path: string) => {
        const { ino, size, mtimeNs } = lstatSync(path, { bigint: true });
        return `${ino}:${size}:${mtimeNs}`;
      };
      const coming = (marks: object) =>
        writeFileSync(join(former, '.coming.json'), JSON.stringify({ kind: 'files', marks }));
      mkdirSync(former);
      for (const name of ['out', 'out.reviews.jsonl']) writeFileSync(join(place, name), 'new');
      for (const name of ['out', 'out.manifest.json']) writeFileSync(join(former, name), 'old');
      writeFileSync(join(place, 'out.manifest.json'), 'mine');
      coming({
        out: mark(out),
        'out.reviews.jsonl': mark(join(place, 'out.reviews.jsonl')),
        'out.manifest.json': 'of another',
      });
      await recover(out);
      assert.deepEqual(readdirSync(place).sort(), ['out', 'out.manifest.json']);
      assert.equal(readFileSync(out, 'utf8'), 'old');
      assert.equal(readFileSync(join(place, 'out.manifest.json'), 'utf8'), 'mine');
      // Its user has gone on with what was put there.
      mkdirSync(former);
      writeFileSync(join(former, 'out'), 'older');
      coming({ out: mark(out), 'out.last': 'of another' });
      appendFileSync(out, ', and mine');
      await recover(out);
      assert.deepEqual(readdirSync(place).sort(), ['out', 'out.manifest.json']);
      assert.equal(readFileSync(out, 'utf8'), 'old, and mine');
    });

    it('stays: what lies where an export would set something aside, and was not left by one', async t => {
      const place = tempFolder(t);
      const shard = writeShard(tempFolder(t), lines('Alt', 20));
      const former = join(place, '.out.crossalpaca-former');
      const lists = ['null', '{', '', '{"out":"1"}', '["out"]', '{"kind":"files","marks":{"out":1}}'];
      const marks = ['{}', '{"..":""}', '{"out./../thesis":""}', '{"other":""}'];
      lists.push(...marks.map(each => `{"kind":"files","marks":${each}}`));
      lists.push('{"kind":"folder","marks":{"out":"1","out.b":"2"}}');
      for (const kind of KINDS)
        for (const list of [undefined, ...lists]) {
          mkdirSync(former);
          writeFileSync(join(former, 'out'), 'thesis');
          if (list !== undefined) writeFileSync(join(former, '.coming.json'), list);
          const before = contentsOf(place);
          await assert.rejects(exportTo(kind, shard, join(place, 'out')), (error: Error) => {
            assert.match(error.message, /\.out\.crossalpaca-former is in the way: .* move or remove it/);
            return true;
          });
          assert.deepEqual(contentsOf(place), before);
          rmSync(former, { recursive: true });
        }
      // A list as ours, with something that it does not name; a file; a link.
      mkdirSync(former);
      writeFileSync(join(former, '.coming.json'), '{"kind":"files","marks":{"out":"1"}}');
      writeFileSync(join(former, 'thesis.tex'), 'mine');
      await assert.rejects(exportTo('file', shard, join(place, 'out')), userError('export.notOurFormer'));
      assert.equal(readFileSync(join(former, 'thesis.tex'), 'utf8'), 'mine');
      rmSync(former, { recursive: true });
      writeFileSync(former, 'mine');
      await assert.rejects(exportTo('folder', shard, join(place, 'out')), userError('export.notOurFormer'));
      rmSync(former);
      const elsewhere = tempFolder(t);
      writeFileSync(join(elsewhere, '.coming.json'), '{"kind":"files","marks":{"out":"1"}}');
      symlinkSync(elsewhere, former);
      await assert.rejects(exportTo('file', shard, join(place, 'out')), userError('export.notOurFormer'));
    });

    it('comes back where a process was killed between two folders, unless another one is there', async t => {
      const place = tempFolder(t);
      const shard = writeShard(tempFolder(t), lines('Alt', 20));
      const out = join(place, 'out');
      const former = join(place, '.out.crossalpaca-former');
      const setAside = () => {
        mkdirSync(former);
        renameSync(out, join(former, 'out'));
        writeFileSync(join(former, '.coming.json'), '{"kind":"folder","marks":{"out":"folder 1"}}');
      };
      await exportTo('folder', shard, out);
      const earlier = seen(place);
      setAside();
      await recover(out);
      assert.deepEqual(seen(place), earlier);
      assert.deepEqual(leftovers(place), []);
      setAside();
      mkdirSync(out);
      writeFileSync(join(out, 'notes.txt'), 'mine');
      const before = contentsOf(place);
      await assert.rejects(exportTo('folder', shard, out), userError('export.formerAndOther'));
      assert.deepEqual(contentsOf(place), before);
    });

    it('stays: a folder with anything else in it', async t => {
      const shard = writeShard(tempFolder(t), lines('Alt', 20));
      const out = join(tempFolder(t), 'out');
      mkdirSync(out);
      writeFileSync(join(out, 'notes.txt'), 'mine');
      await assert.rejects(exportTo('folder', shard, out), userError('export.notOurs'));
      rmSync(join(out, 'notes.txt'));
      await exportTo('folder', shard, out);
      await exportTo('folder', shard, out);
      writeFileSync(join(out, 'notes.txt'), 'mine');
      const before = contentsOf(out);
      await assert.rejects(exportTo('folder', shard, out), userError('export.notOurs'));
      assert.deepEqual(contentsOf(out), before);
    });

    it('stays: a folder whose manifest names files that are not as it says', async t => {
      const shard = writeShard(tempFolder(t), lines('Alt', 20));
      const out = join(tempFolder(t), 'out');
      await exportTo('folder', shard, out);
      const card = readFileSync(join(out, 'README.md'), 'utf8');
      writeFileSync(join(out, 'README.md'), `${card}\nWhat we found out about it.\n`);
      const before = contentsOf(out);
      await assert.rejects(exportTo('folder', shard, out), userError('export.notAsWritten'));
      assert.deepEqual(contentsOf(out), before);
      writeFileSync(join(out, 'README.md'), card);
      await exportTo('folder', shard, out);
      // Folders and links are never what an export has written.
      const elsewhere = join(tempFolder(t), 'card');
      writeFileSync(elsewhere, card);
      rmSync(join(out, 'README.md'));
      symlinkSync(elsewhere, join(out, 'README.md'));
      await assert.rejects(exportTo('folder', shard, out), userError('export.notOurs'));
      rmSync(join(out, 'README.md'));
      mkdirSync(join(out, 'README.md'));
      writeFileSync(join(out, 'README.md', 'thesis.tex'), 'mine');
      await assert.rejects(exportTo('folder', shard, out), userError('export.notOurs'));
      assert.equal(readFileSync(join(out, 'README.md', 'thesis.tex'), 'utf8'), 'mine');
    });

    it('stays: what stands beside the file, also where that may be replaced', async t => {
      const shard = writeShard(tempFolder(t), lines('Alt', 20));
      for (const name of ['out.reviews.jsonl', 'out.manifest.json']) {
        const place = tempFolder(t);
        writeFileSync(join(place, name), 'mine');
        const before = contentsOf(place);
        for (const replace of [false, true])
          await assert.rejects(
            exportTo('file', shard, join(place, 'out'), { replace }),
            userError('export.fileThere'),
          );
        assert.deepEqual(contentsOf(place), before);
      }
      // What an export has written is its own, with the file or without.
      const out = join(tempFolder(t), 'out');
      await exportTo('file', shard, out);
      rmSync(out);
      await exportTo('file', shard, out);
    });

    it('stays: a link in the place of the folder', async t => {
      const shard = writeShard(tempFolder(t), lines('Alt', 20));
      const place = tempFolder(t);
      const actual = join(tempFolder(t), 'actual');
      mkdirSync(actual);
      symlinkSync(actual, join(place, 'out'));
      for (let time = 0; time < 2; time++) await exportTo('folder', shard, join(place, 'out'));
      assert.ok(lstatSync(join(place, 'out')).isSymbolicLink());
      assert.ok(readdirSync(actual).includes('manifest.json'));
    });

    it('stays: whatever is in the place of the list of reviewers, and it is never part of the export', async t => {
      const shard = writeShard(tempFolder(t), lines('Alt', 20));
      const place = tempFolder(t);
      const out = join(place, 'out');
      writeFileSync(join(place, 'thesis.tex'), 'mine');
      writeFileSync(join(place, 'list.json'), '{"reviewer-1": 3}');
      const before = contentsOf(place);
      const refused: [Kind, string][] = [
        ['folder', 'out/names.json'],
        ['folder', 'out'],
        ['file', 'out.manifest.json'],
        ['file', 'out.reviews.jsonl'],
        ['file', 'thesis.tex'],
        ['folder', 'list.json'],
      ];
      for (const [kind, name] of refused)
        await assert.rejects(
          exportTo(kind, shard, out, { reviewerMap: join(place, name), replace: true }),
          userError('export.notAMap'),
          name,
        );
      for (const kind of KINDS)
        await assert.rejects(
          exportTo(kind, shard, out, { reviewerMap: join(place, 'none', 'names.json') }),
          userError('export.notWritten'),
        );
      assert.deepEqual(contentsOf(place), before);
      for (let time = 0; time < 2; time++)
        await exportTo('file', shard, out, { reviewerMap: join(place, 'names.json') });
    });

    it('stays: a folder in the place of one of its files', async t => {
      const shard = writeShard(tempFolder(t), lines('Alt', 20));
      const place = tempFolder(t);
      for (const name of ['out.manifest.json', 'out.reviews.jsonl']) {
        mkdirSync(join(place, name));
        const before = contentsOf(place);
        await assert.rejects(exportTo('file', shard, join(place, 'out')), userError('export.notWritten'));
        assert.deepEqual(contentsOf(place), before);
        rmSync(join(place, name), { recursive: true });
      }
    });

    it('is not read: what a link in the folder of a recipe leads to elsewhere', async t => {
      const elsewhere = writeShard(tempFolder(t), lines('Fremd', 20));
      const folder = tempFolder(t);
      symlinkSync(elsewhere, join(folder, 'shard.jsonl'));
      const shard = join(folder, 'shard.jsonl');
      await assert.rejects(exportTo('folder', shard, join(folder, 'out')), userError('export.outside'));
      const options = { base: folder, recipeFile: join(folder, 'my.recipe.yaml') };
      await assert.rejects(previewExport(recipeOf('folder', shard), options), userError('export.outside'));
      assert.deepEqual(readdirSync(folder), ['shard.jsonl']);
      // Whoever names the file knows where it is.
      await exportTo('file', shard, join(folder, 'out'));
    });

    it('stays: the shard itself, its folder, and a folder around it', async t => {
      const folder = tempFolder(t);
      const shard = writeShard(join(folder, 'data'), lines('Alt', 20));
      symlinkSync(join(folder, 'data'), join(folder, 'linked'));
      const before = contentsOf(folder);
      for (const out of [folder, dirname(shard), join(folder, 'linked')])
        await assert.rejects(exportTo('folder', shard, out), userError('export.ontoShard'));
      await assert.rejects(exportTo('file', shard, shard, { replace: true }), userError('export.ontoShard'));
      for (const reviewerMap of [shard, join(folder, 'linked', 'shard.jsonl')])
        await assert.rejects(
          exportTo('file', shard, join(folder, 'out'), { reviewerMap }),
          userError('export.notAMap'),
        );
      assert.deepEqual(contentsOf(folder), before);
    });
  });
}

const isSame = (a: object, b: object) => JSON.stringify(a) === JSON.stringify(b);

/** Exports and tells how far it is. */
async function exportAsChild(kind: Kind, shard: string, out: string): Promise<void> {
  await exportTo(kind, shard, out, { onProgress: done => void writeSync(1, `${done}\n`) });
}

const role = KINDS.find(kind => kind === childRole());
const [, , shard = '', out = ''] = process.argv;
if (role) void exportAsChild(role, shard, out);
else defineTests();
