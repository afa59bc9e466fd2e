/** What an export from the command line says besides its counts. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runExport, type ExportArguments } from '../../src/cliExport';
import { Interrupted } from '../../src/cliReport';
import { tempFolder, writeShard } from '../helpers/shardFixture';

const line = (id: string) =>
  JSON.stringify({
    id,
    source: { instruction: `Name fruit ${id}.`, input: '', output: 'A pear.' },
    target: { instruction: `Nenne Frucht ${id}.`, input: '', output: 'Eine Birne.' },
    source_lang: 'en',
    target_lang: 'de',
  });
const SILENT = { 'trailing-newline': false };
const run = (shards: string[], options: ExportArguments, out: string, warnings: string[] = []) =>
  runExport(shards, options, out, line => void warnings.push(line));

describe('an export from the command line', () => {
  it('prints beside a single file how trainers read it', async t => {
    const folder = tempFolder(t);
    const shard = writeShard(folder, [line('a')], 'a.jsonl');
    const options = { ...SILENT, status: 'all', format: 'alpaca' };
    const { text, json } = await run([shard], options, join(folder, 'out.jsonl'));
    // What is printed of a line feed is a blank: a snippet would be one line, and no YAML or Python any more.
    assert.ok(text.every(each => !each.includes('\n')));
    const said = text.join('\n');
    for (const file of ['dataset_info.json', 'axolotl.yaml', 'trl_dataset.py'])
      assert.ok(said.includes(`For a file ${file} beside it:`), file);
    assert.match(said, /"file_name": "out\.jsonl"/);
    const { snippets, warnings } = json as { snippets: { file: string }[]; warnings: string[] };
    assert.deepEqual([snippets.length, warnings], [3, []]);
  });

  it('says where licences of a recipe clash', async t => {
    const folder = tempFolder(t);
    writeShard(folder, [line('a')], 'a.jsonl');
    writeShard(folder, [line('b')], 'b.jsonl');
    const recipe = join(folder, 'mix.recipe.yaml');
    const shards = [
      '{ path: a.jsonl, licence: cc-by-sa-4.0, status: all }',
      '{ path: b.jsonl, licence: cc-by-nc-4.0, status: all }',
    ];
    writeFileSync(recipe, `name: mix\nshards: [${shards.join(', ')}]\ninstructions: [{ from: target }]\n`);
    const { text, json } = await run([], { ...SILENT, recipe }, join(folder, 'out'));
    assert.match(text.join('\n'), /“a” is under “cc-by-sa-4\.0”.*“cc-by-nc-4\.0”/);
    assert.match(text.join('\n'), /no legal advice/);
    assert.ok((json as { warnings: string[] }).warnings.length >= 2);
  });

  it('warns of shards of which no row goes in, with why, and is good all the same', async t => {
    const folder = tempFolder(t);
    writeShard(folder, [line('a'), line('b')], 'a.jsonl');
    writeShard(folder, [line('c'), line('d'), '{'], 'untouched.jsonl');
    writeShard(folder, [line('b'), line('a')], 'again.jsonl');
    writeShard(folder, [line('e')], 'unasked.jsonl');
    const long = JSON.parse(line('f')) as { target: { output: string } };
    long.target.output = 'lang '.repeat(200);
    writeShard(folder, [JSON.stringify(long)], 'long.jsonl');
    const recipe = join(folder, 'mix.recipe.yaml');
    const text = `name: mix
shards:
  - { path: a.jsonl, licence: cc0-1.0, status: all }
  - { path: untouched.jsonl, licence: cc0-1.0 }
  - { path: again.jsonl, licence: cc0-1.0, status: all }
  - { path: unasked.jsonl, licence: cc0-1.0, status: all }
  - { path: long.jsonl, licence: cc0-1.0, status: all }
instructions: [{ from: target, shards: [a, untouched, again, long] }]
maxCharacters: 500
`;
    writeFileSync(recipe, text);
    const told: string[] = [];
    const { json, isNo } = await run([], { ...SILENT, recipe }, join(folder, 'out'), told);
    const expected = [
      'the shard “untouched” gave no row: 3 records read; left out: pending 2, no records, or no clean pairs of a TMX file 1',
      'the shard “again” gave no row: 2 records read; left out: duplicates 2',
      'the shard “unasked” gave no row: 1 records read; 1 may go in, and no entry of the recipe asks for them',
      'the shard “long” gave no row: 1 records read; left out: too long 1',
    ];
    assert.deepEqual(
      told,
      expected.map(each => `warning: ${each}`),
    );
    assert.equal(isNo, undefined);
    const { counts, warnings } = json as { counts: { rows: number }; warnings: string[] };
    assert.equal(counts.rows, 2);
    assert.deepEqual(warnings.slice(0, expected.length), expected);
  });

  it('names the shard of each row that a recipe did not choose', async t => {
    const folder = tempFolder(t);
    const names = Array.from({ length: 20 }, (_, at) => `s${at}`);
    for (const name of names) writeShard(folder, [line(name)], `${name}.jsonl`);
    const recipe = join(folder, 'few.recipe.yaml');
    const shards = names.map(name => `{ path: ${name}.jsonl, licence: cc0-1.0, status: all }`).join(', ');
    writeFileSync(
      recipe,
      `name: few\nshards: [${shards}]\ninstructions: [{ from: target, amount: 5 }]\nsplits: { train: 100% }\n`,
    );
    const told: string[] = [];
    await run([], { ...SILENT, recipe }, join(folder, 'out'), told);
    const reviews = readFileSync(join(folder, 'out', 'reviews.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    const chosen = reviews.map(each => (JSON.parse(each) as { shard: string }).shard);
    assert.equal(chosen.length, 5);
    assert.deepEqual(
      told,
      names
        .filter(name => !chosen.includes(name))
        .map(name => `warning: the shard “${name}” gave no row: 1 records read; left out: not chosen 1`),
    );
  });

  it('leaves nothing behind where it is interrupted', async t => {
    const folder = tempFolder(t);
    const lines = Array.from({ length: 2000 }, (_, row) => line(`r${row}`));
    const shard = writeShard(folder, lines, 'a.jsonl');
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const listening = process.listenerCount(signal);
      const running = run([shard], { ...SILENT, status: 'all' }, join(folder, 'out.jsonl'));
      assert.equal(process.listenerCount(signal), listening + 1);
      process.emit(signal, signal);
      await assert.rejects(running, (error: unknown) => {
        assert.ok(error instanceof Interrupted);
        assert.match(error.message, /interrupted: nothing was written/);
        assert.equal(error.exitCode, signal === 'SIGINT' ? 130 : 143);
        return true;
      });
      assert.equal(process.listenerCount(signal), listening);
      assert.deepEqual(readdirSync(folder), ['a.jsonl']);
    }
  });

  it('says of the machine’s texts alone that no pair is made of them', async t => {
    const folder = tempFolder(t);
    const shard = writeShard(folder, [line('a')], 'a.jsonl');
    const options = { ...SILENT, status: 'all', format: 'preference', text: 'original' };
    const { text, isNo } = await run([shard], options, join(folder, 'out.jsonl'));
    assert.equal(isNo, true);
    assert.match(text[0] ?? '', /the machine’s texts alone make none/);
  });
});
