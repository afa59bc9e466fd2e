/** From approved records to training files in real VS Code, as a person would: lists, dialogs, messages. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  startScriptedServer,
  type RecordedRequest,
  type ScriptedServer,
  type Step,
} from '../helpers/scriptedServer';
import { writeShard } from '../helpers/shardFixture';
import { decisionOn, writeReviews } from '../helpers/writtenReviews';
import { icon, temporaryFolder } from './sideBar';
import { answer, choose, counts, offered, shows, until } from './steps';
import { openWorkbench, type Workbench } from './workbench';

const EXPORT = 'CrossAlpaca: Export Training Data';
const WHAT = 'Export: a recipe, or this shard in one format';
const WHAT_NO_SHARD = 'Export: a recipe, or a shard in one format';
const TEXTS = 'Export: which texts?';
const fruit = (row: number) =>
  JSON.stringify({
    id: `r${row}`,
    source: {
      instruction: `Describe fruit ${row}.`,
      input: '',
      output: `This is fruit number ${row}, and it is ripe.`,
    },
    target: {
      instruction: `Beschreibe Frucht ${row}.`,
      input: '',
      output: `Das ist Frucht Nummer ${row}, und sie ist reif.`,
    },
    source_lang: 'en',
    target_lang: 'de',
  });
const LINES = Array.from({ length: 6 }, (_, row) => fruit(row + 1));

/** Whether the server is ill. */
let isIll = false;

/** Counts a token a word, as llama.cpp says it. */
function tokens({ path, body }: RecordedRequest): Step[] {
  if (isIll) return [{ head: {}, status: 500 }, { write: 'out of memory' }];
  if (path !== '/tokenize') return [{ head: {}, status: 404 }];
  const { content } = JSON.parse(body) as { content: string };
  return [
    { head: { 'content-type': 'application/json' } },
    { write: JSON.stringify({ tokens: content.split(/\s+/).map((_, at) => at) }) },
  ];
}

describe('export', () => {
  let folder: string;
  let shard: string;
  let other: string;
  let bench: Workbench;
  let server: ScriptedServer;

  before(async () => {
    folder = await temporaryFolder();
    shard = writeShard(folder, LINES, 'fruits.jsonl');
    writeReviews(
      shard,
      { by: 'anna' },
      LINES.slice(0, 3).map(line => decisionOn(line, 'approve')),
    );
    mkdirSync(join(folder, 'more'));
    other = writeShard(join(folder, 'more'), LINES, 'untouched.jsonl');
    server = await startScriptedServer(tokens);
    bench = await openWorkbench({
      folder,
      file: shard,
      settings: {
        'crossalpaca.reviewer': 'anna',
        'crossalpaca.backend.url': server.url,
        'crossalpaca.backend.model': 'm',
        'crossalpaca.backend.api': 'openai',
        'crossalpaca.backend.concurrency': 2,
        'files.simpleDialog.enable': true,
      },
    });
    await shows(bench, 'r1@de', 'Approved');
  });

  after(async () => {
    await bench.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const dialog = () => bench.page.locator('.monaco-dialog-box');
  const press = (name: string) => dialog().getByRole('button', { name }).click();
  const toast = (text: string) => bench.page.locator('.notification-toast', { hasText: text });
  const closeEditors = () => bench.runCommand('View: Close All Editors');
  const editorText = (text: string) => bench.page.locator('.editor-instance .view-lines', { hasText: text });

  async function saveAs(proposed: string, path: string): Promise<void> {
    const input = bench.page.locator('.quick-input-widget:visible input[type="text"]');
    await until(async () => (await input.inputValue()).endsWith(proposed));
    // While the dialog looks into the folder it puts the name it proposes back.
    await until(async () => {
      await input.fill(path);
      await input.press('Enter');
      return input.waitFor({ state: 'hidden', timeout: 2000 }).then(
        () => true,
        () => false,
      );
    });
  }

  /** The command is run again where its list does not come: a list under way of being closed takes the keys. */
  async function exportList(entry: string): Promise<void> {
    await until(async () => {
      await bench.runCommand(EXPORT);
      const isThere = await offered(bench, entry)
        .first()
        .waitFor({ timeout: 5000 })
        .then(
          () => true,
          () => false,
        );
      if (!isThere) await bench.press('Escape');
      return isThere;
    });
  }

  async function runExport(entry: string): Promise<void> {
    await exportList(entry);
    await choose(bench, WHAT_NO_SHARD, entry);
  }

  async function tick(title: string, ...entries: string[]): Promise<void> {
    const box = bench.page.locator('.quick-input-widget:visible', { hasText: title });
    await box.waitFor();
    for (const entry of entries)
      await box.locator('.monaco-list-row', { hasText: entry }).locator('.monaco-checkbox').click();
    await box.getByRole('button', { name: 'OK' }).click();
  }

  it('writes what is approved as Alpaca JSON Lines, and opens it', async () => {
    await exportList('Alpaca, JSON Lines');
    await bench.screenshot('export-what');
    await choose(bench, WHAT, 'Alpaca, JSON Lines');
    await choose(bench, TEXTS, 'Target side, as reviewed');
    await dialog().getByText('Rows that would be exported: 3, made of 3 of 6 records.').waitFor();
    assert.match(await dialog().innerText(), /To review: 3/);
    await bench.screenshot('export-preview');
    await press('Save As');
    await saveAs('fruits.alpaca.jsonl', join(folder, 'out.jsonl'));
    await toast('Rows exported to out.jsonl: 3.').waitFor();
    await bench.screenshot('export-done');
    await toast('Rows exported to out.jsonl: 3.').getByRole('button', { name: 'Open', exact: true }).click();
    await bench.page.locator('.tab.active', { hasText: 'out.jsonl' }).waitFor();
    await editorText('{"instruction":"Beschreibe').first().waitFor();
    const rows = (await readFile(join(folder, 'out.jsonl'), 'utf8')).trimEnd().split('\n');
    assert.deepEqual(
      rows.map(row => Object.keys(JSON.parse(row) as object)),
      rows.map(() => ['instruction', 'input', 'output', 'id']),
    );
    assert.equal(rows.length, 3);
    await closeEditors();
  });

  it('says why nothing goes in, and shows what stays out', async () => {
    await runExport('Chat messages');
    await choose(bench, 'Export: which shard?', 'untouched.jsonl');
    await choose(bench, TEXTS, 'Target side, as reviewed');
    await dialog().getByText('Records still “To review”: 6 of 6.').waitFor();
    await bench.screenshot('export-nothing');
    await press('Show These Records');
    await bench.frame.getByRole('heading', { name: 'untouched.jsonl', exact: true }).waitFor();
    await until(async () => (await bench.frame.locator('#filter').inputValue()) === 'state:pending');
    await counts(bench, 6);
    assert.deepEqual(await readdir(join(folder, 'more')), ['untouched.jsonl']);
    // Behind another editor its page is gone, and comes anew with what it is asked.
    await bench.runCommand('File: New Untitled Text File');
    await runExport('Chat messages');
    await choose(bench, 'Export: which shard?', 'untouched.jsonl');
    await choose(bench, TEXTS, 'Target side, as reviewed');
    await press('Show These Records');
    await shows(bench, 'r1@de', 'To review');
    await counts(bench, 6);
    await bench.press('h');
    await bench.frame.locator('dialog.help kbd', { hasText: 'J' }).first().waitFor();
    await bench.press('Escape');
    await closeEditors();
  });

  it('begins at a shard of the view of shards, whatever is open', async () => {
    await icon(bench).click();
    const listed = bench.page.locator('.sidebar').getByRole('treeitem', { name: /^untouched\.jsonl/ });
    // Clicked again where no list came: the view may be drawn anew under the mouse.
    await until(async () => {
      await listed.hover();
      await listed.getByRole('button', { name: 'Export Training Data' }).click();
      return bench.page
        .getByText(WHAT, { exact: true })
        .waitFor({ timeout: 3000 })
        .then(
          () => true,
          () => false,
        );
    });
    await choose(bench, WHAT, 'Parquet');
    await choose(bench, TEXTS, 'Target side, as reviewed');
    await dialog().getByText('Records still “To review”: 6 of 6.').waitFor();
    await press('Cancel');
    await bench.page.keyboard.press('Control+Shift+e');
    await bench.page.getByRole('treeitem', { name: 'fruits.jsonl' }).first().waitFor();
  });

  it('counts the rows that are too long for a trainer, by the backend, and goes on', async () => {
    await runExport('Alpaca, JSON Lines');
    await choose(bench, 'Export: which shard?', 'fruits.jsonl');
    await choose(bench, TEXTS, 'Target side, as reviewed');
    await dialog().getByText('Rows that would be exported: 3,').waitFor();
    await press('Count Rows That Are Too Long');
    await answer(bench, 'How many tokens of a row does the trainer keep?', '20');
    await dialog().getByText('Rows that a cutoff of 20 tokens would cut:').waitFor();
    assert.match(await dialog().innerText(), /German \(de\), training: 3 of 3/);
    assert.match(await dialog().innerText(), /To review: 3/);
    await bench.screenshot('export-cutoff');
    assert.ok(server.requests.some(({ path }) => path === '/tokenize'));
    await press('Cancel');
    await dialog().waitFor({ state: 'hidden' });
  });

  it('goes on without that count where the backend fails, or counts again', async () => {
    await runExport('Alpaca, JSON Lines');
    await choose(bench, 'Export: which shard?', 'fruits.jsonl');
    await choose(bench, TEXTS, 'Source side, as reviewed');
    await dialog().getByText('Rows that would be exported: 3').waitFor();
    isIll = true;
    await press('Count Rows That Are Too Long');
    await answer(bench, 'How many tokens of a row does the trainer keep?', '20');
    await dialog().getByText('The rows that are too long were not counted.').waitFor();
    assert.match(
      await dialog().innerText(),
      /You can count again, or go on without the count\. .*status 500.*out of memory\n[^]*To review: 3/,
    );
    await bench.screenshot('export-not-counted');
    isIll = false;
    await press('Count Rows That Are Too Long');
    await answer(bench, 'How many tokens of a row does the trainer keep?', '20');
    await dialog().getByText('Rows that a cutoff of 20 tokens would cut:').waitFor();
    isIll = true;
    await press('Count Rows That Are Too Long');
    await answer(bench, 'How many tokens of a row does the trainer keep?', '20');
    await dialog().getByText('The rows that are too long were not counted.').waitFor();
    isIll = false;
    await press('Save As');
    await saveAs('fruits.alpaca.source.jsonl', join(folder, 'uncounted.jsonl'));
    await toast('Rows exported to uncounted.jsonl: 3.').waitFor();
    await bench.runCommand('Notifications: Clear All Notifications');
    await closeEditors();
  });

  it('leaves nothing behind where the preview is cancelled', async () => {
    const there = await readdir(folder);
    await runExport('ShareGPT');
    await choose(bench, 'Export: which shard?', 'fruits.jsonl');
    await choose(bench, TEXTS, 'Source side, as reviewed');
    await press('Cancel');
    await dialog().waitFor({ state: 'hidden' });
    assert.deepEqual(await readdir(folder), there);
  });

  it('writes a recipe from a few answers, which can be read', async () => {
    await bench.runCommand('CrossAlpaca: New Export Recipe');
    await answer(bench, 'New recipe: its name', 'Fruit set');
    await tick('New recipe: which shards go in?', 'fruits.jsonl');
    await tick('New recipe: what is made of each record?');
    await choose(bench, 'New recipe: how is it divided?', 'All of it for training');
    await choose(bench, 'New recipe: in which format?', 'Alpaca, JSON Lines');
    await bench.page.locator('.tab.active', { hasText: 'fruit-set.recipe.yaml' }).waitFor();
    await bench.screenshot('export-new-recipe');
    const text = await readFile(join(folder, 'fruit-set.recipe.yaml'), 'utf8');
    assert.match(text, /^name: "Fruit set"$/m);
    assert.match(text, /^ {2}- path: "fruits\.jsonl"$/m);
    await closeEditors();
  });

  it('exports a recipe into a folder, and shows what changed the second time', async () => {
    const run = async (rows: RegExp) => {
      await runExport('fruit-set.recipe.yaml');
      await dialog().getByText(rows).waitFor();
      return dialog().innerText();
    };
    const preview = await run(/^Rows that would be exported: 9,/);
    assert.match(preview, /Translations into the target language, en-de: 3/);
    assert.match(preview, /does not say under which licence “fruits” is/);
    await bench.screenshot('export-recipe-preview');
    await press('Choose Folder');
    await choose(bench, 'Export: into which folder?', 'fruit-set.export');
    await toast('Rows exported to fruit-set.export: 9.').waitFor();
    const written = await readdir(join(folder, 'fruit-set.export'));
    for (const name of ['train.jsonl', 'reviews.jsonl', 'manifest.json', 'README.md'])
      assert.ok(written.includes(name), name);
    await bench.runCommand('Notifications: Clear All Notifications');
    writeReviews(shard, { by: 'anna' }, [
      { ...decisionOn(LINES[3] ?? '', 'approve'), line: 4 },
      { ...decisionOn(LINES[0] ?? '', 'reject'), line: 1 },
    ]);
    await run(/^Rows that would be exported: 9,/);
    await press('Choose Folder');
    await choose(bench, 'Export: into which folder?', 'fruit-set.export');
    const again = toast('Against the export before: 3 added, 0 changed, 3 gone.');
    await again.waitFor();
    await bench.screenshot('export-again');
    await again.getByRole('button', { name: 'What Changed' }).click();
    await bench.page.locator('.tab.active', { hasText: 'before ↔ now' }).waitFor();
    await bench.screenshot('export-what-changed');
    const side = (name: string) => bench.page.locator(`.monaco-diff-editor .editor.${name} .view-lines`);
    await side('modified').getByText('r4@de').first().waitFor({ timeout: 10_000 });
    await side('original').getByText('r1@de').first().waitFor();
    await closeEditors();
  });

  it('lists no file that it wrote among the shards', async () => {
    await icon(bench).click();
    const tree = bench.page.locator('.sidebar');
    // Where it stands, the list was made after all that was exported.
    writeShard(folder, LINES, 'later.jsonl');
    await tree.getByRole('treeitem', { name: /^later\.jsonl/ }).waitFor();
    await tree.getByRole('treeitem', { name: /^fruits\.jsonl/ }).waitFor();
    assert.equal(await tree.getByRole('treeitem', { name: /^(train|reviews|out|uncounted)\b/ }).count(), 0);
    await bench.screenshot('export-shards-view');
    await bench.page.keyboard.press('Control+Shift+e');
    await bench.page.getByRole('treeitem', { name: 'fruits.jsonl' }).first().waitFor();
  });

  it('names the shards of a recipe that give no row, and why', async () => {
    const text = [
      'name: both',
      'shards:',
      '  - { path: fruits.jsonl, licence: cc0-1.0 }',
      '  - { path: more/untouched.jsonl, licence: cc0-1.0 }',
      'instructions: [{ from: target }]',
      '',
    ];
    writeFileSync(join(folder, 'both.recipe.yaml'), text.join('\n'));
    await runExport('both.recipe.yaml');
    await dialog().getByText('Rows that would be exported: 3').waitFor();
    assert.match(
      await dialog().innerText(),
      /Shards that give no row:\nuntouched, records read: 6\. To review: 6$/m,
    );
    await bench.screenshot('export-empty-shard');
    await press('Choose Folder');
    await choose(bench, 'Export: into which folder?', 'both.export');
    await toast('Rows exported to both.export: 3. Shards that gave no row: 1.').waitFor();
    await bench.runCommand('Notifications: Clear All Notifications');
  });

  it('opens a broken recipe where it is broken', async () => {
    const file = join(folder, 'broken.recipe.yaml');
    writeFileSync(file, 'name: broken\nshards:\n  - path: fruits.jsonl\ninstructions:\n  - from: targt\n');
    await runExport('broken.recipe.yaml');
    const told = toast('The recipe broken.recipe.yaml cannot be used. Line 5:');
    await told.waitFor();
    await bench.screenshot('export-broken-recipe');
    await told.getByRole('button', { name: 'Open at This Line' }).click();
    await bench.page.locator('.tab.active', { hasText: 'broken.recipe.yaml' }).waitFor();
    await bench.page.locator('.statusbar-item', { hasText: 'Ln 5, Col 1' }).waitFor();
  });

  it('never wrote a shard', async () => {
    const lines = LINES.map(line => `${line}\n`).join('');
    assert.deepEqual([await readFile(shard, 'utf8'), await readFile(other, 'utf8')], [lines, lines]);
    assert.deepEqual(bench.cspReports, []);
  });
});
