/** Which files of a folder an export has made: by these the lists of shards leave them out. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { exportFile, exportRecipe, simpleRecipe } from '../../src/exporting';
import { exportedBy } from '../../src/io/exportedBy';
import { record, tempFolder, writeShard } from '../helpers/shardFixture';

const RECIPE = simpleRecipe(['fruits.jsonl'], {
  format: 'alpaca',
  side: 'target',
  status: 'all',
  text: 'current',
});
const LINES = [record('r1', 'Ein Apfel.'), record('r2', 'Eine Birne.')];
const FILE = { path: 'train.jsonl', bytes: 1, sha256: 'a'.repeat(64) };
const manifest = (paths: readonly string[], tool = 'crossalpaca 0.1.0') =>
  JSON.stringify({ version: 1, tool, outputs: paths.map(path => ({ ...FILE, path })) });

describe('files that an export has made', () => {
  it('are the rows and what is known of them, and not the shard beside', async t => {
    const folder = tempFolder(t);
    const shard = writeShard(folder, LINES, 'fruits.jsonl');
    const out = join(folder, 'out.jsonl');
    await exportFile(RECIPE, { base: folder, out });
    const made = await exportedBy(`${out}.manifest.json`);
    assert.deepEqual(new Set(made), new Set([out, `${out}.reviews.jsonl`]));
    const lines = readdirSync(folder).filter(name => name.endsWith('.jsonl'));
    assert.deepEqual(
      lines.map(name => join(folder, name)).filter(path => !made.includes(path)),
      [shard],
    );
  });

  it('are all of a folder that a recipe has made', async t => {
    const folder = tempFolder(t);
    writeShard(folder, LINES, 'fruits.jsonl');
    const out = join(folder, 'set');
    await exportRecipe(RECIPE, { base: folder, out });
    const made = await exportedBy(join(out, 'manifest.json'));
    assert.deepEqual(
      made.map(path => basename(path)).sort(),
      readdirSync(out)
        .filter(name => name !== 'manifest.json')
        .sort(),
    );
    assert.ok(made.includes(join(out, 'train.jsonl')));
  });

  for (const [name, text] of [
    ['of another program', JSON.stringify({ name: 'app', icons: [] })],
    ['of another program in the same form', manifest(['fruits.jsonl'], 'packer 2')],
    ['that is no JSON', 'fruits.jsonl'],
    ['that is empty', ''],
    ['that names a file of another folder', manifest(['train.jsonl', '../fruits.jsonl'])],
    ['larger than a file that is read for this', manifest(['fruits.jsonl']) + ' '.repeat(1 << 20)],
  ] as const) {
    it(`are none by a manifest ${name}`, async t => {
      const path = join(tempFolder(t), 'manifest.json');
      writeFileSync(path, text);
      assert.deepEqual(await exportedBy(path), []);
    });
  }

  it('are none by a manifest that is not there, or is a folder', async t => {
    const folder = tempFolder(t);
    assert.deepEqual(await exportedBy(join(folder, 'manifest.json')), []);
    assert.deepEqual(await exportedBy(folder), []);
  });
});
