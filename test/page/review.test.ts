/** The whole of a sitting as a person lives it, in real VS Code: read, edit, regenerate, approve, close, come back, export. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  chunk,
  reply,
  SSE,
  startScriptedServer,
  type RecordedRequest,
  type ScriptedServer,
} from '../helpers/scriptedServer';
import { choose } from './steps';
import { openWorkbench, type Workbench } from './workbench';

describe('a sitting', () => {
  let folder: string;
  let shard: string;
  let server: ScriptedServer;
  let bench: Workbench;
  let original: string;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
    shard = join(folder, 'sample.jsonl');
    await cp('samples/sample.jsonl', shard);
    original = await readFile(shard, 'utf8');
    // What it is asked about itself it does not know, as any server with the one path.
    server = await startScriptedServer(request =>
      isCompletion(request) ? scriptedAnswer() : reply(404, { error: { message: 'There is no such page.' } }),
    );
    bench = await open();
  });

  after(async () => {
    await bench.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const open = () =>
    openWorkbench({
      folder,
      file: shard,
      settings: { 'crossalpaca.reviewer': 'anna', 'crossalpaca.backend.url': server.url },
    });

  it('shows source and target side by side, with language and direction', async () => {
    await shows('ca-001@it', 'To review');
    const source = bench.frame.getByRole('group', { name: 'instruction, English' });
    assert.match(await source.innerText(), /^How can I keep a pot of basil/);
    assert.equal(await source.getAttribute('lang'), 'en');
    const target = bench.frame.getByRole('textbox', { name: 'instruction, Italian' });
    assert.match(await target.inputValue(), /^Come posso mantenere/);
    assert.equal(await target.getAttribute('lang'), 'it');
    assert.equal(await target.getAttribute('dir'), 'auto');
    await bench.screenshot('sitting-dark');
  });

  it('fetches the list by page and counts what it shows', async () => {
    const options = bench.frame.getByRole('option');
    assert.ok((await options.count()) < 40);
    assert.equal(await options.first().getAttribute('aria-setsize'), '70');
  });

  it('approves with one key and goes to the next record', async () => {
    await focusList();
    await bench.press('a');
    await shows('ca-002@it', 'To review');
    await bench.frame.getByText('1 of 70 approved').waitFor();
    assert.equal((await events()).at(-1)?.['decision'], 'approve');
  });

  it('types every bound letter into a field, and keeps it as a draft within moments', async () => {
    const count = (await events()).length;
    const output = await editOutput('ca-002@it');
    const before = await output.inputValue();
    await bench.press('End');
    await bench.page.keyboard.type(' jknawxseruch');
    await bench.frame.getByText('Not saved as an edit yet').waitFor();
    assert.equal(await output.inputValue(), `${before} jknawxseruch`);
    assert.equal((await events()).length, count, 'no key was taken for an action');
  });

  it('undoes typing with Ctrl+Z in the field, and drops a draft with Escape', async () => {
    const output = bench.frame.getByRole('textbox', { name: 'output, Italian' });
    const typed = await output.inputValue();
    await bench.press('Control+z');
    await until(async () => (await output.inputValue()) !== typed);
    await bench.page.keyboard.type(' xyz');
    await bench.press('Escape');
    await until(async () => !(await output.inputValue()).includes('xyz'));
    await bench.frame.getByText('Not saved as an edit yet').waitFor({ state: 'hidden' });
    await shows('ca-002@it', 'To review');
  });

  it('makes one edit of what was typed on Ctrl+Enter, and shows the word difference', async () => {
    await editOutput('ca-002@it');
    await bench.press('End');
    await bench.page.keyboard.type(' Buon viaggio!');
    await bench.press('Control+Enter');
    await shows('ca-002@it', 'Edited');
    assert.match(await bench.frame.locator('.changes ins').innerText(), /Buon viaggio/);
    const edit = (await events()).at(-1);
    assert.equal(edit?.['type'], 'edit');
    assert.deepEqual(edit['parents'], []);
  });

  it('undoes and redoes the edit outside the field', async () => {
    await bench.press('u');
    await shows('ca-002@it', 'To review');
    await bench.press('Control+y');
    await shows('ca-002@it', 'Edited');
  });

  it('warns where a field is not in its language', async () => {
    await goTo('ca-005@es');
    await bench.frame.locator('.field[aria-label="instruction"] .finding.warning').waitFor();
    await goTo('ca-012@ar');
    await bench.frame.locator('.field[aria-label="output"] .finding.warning').waitFor();
    await bench.screenshot('arabic-left-in-english');
  });

  it('streams a proposal with a word difference; cancel closes the connection', async () => {
    await focusList();
    await bench.press('r');
    await bench.frame.getByText('بداية', { exact: false }).waitFor();
    const request = server.requests.find(isCompletion)!;
    await bench.frame.getByRole('button', { name: 'Cancel' }).click();
    assert.equal(await request.closedEarly, true);
    await bench.frame.getByText('Cancelled.').first().waitFor();
    await shows('ca-012@ar', 'To review');
  });

  it('takes a proposal over as an edit that names the model', async () => {
    answerWhole = true;
    await focusList();
    await bench.press('r');
    await bench.frame.getByRole('button', { name: 'Show Removed Words' }).click();
    await bench.frame.locator('.candidate del').first().waitFor();
    await focusList();
    await bench.press('v');
    await shows('ca-012@ar', 'Edited');
    const edit = (await events()).at(-1);
    assert.deepEqual((edit?.['candidate'] as { model: string }).model, 'scripted');
    await bench.frame.locator('.finding.warning').waitFor({ state: 'hidden' });
    const sent = server.requests.findLast(isCompletion)?.body ?? '';
    assert.match(sent, /Explain inflation/);
    await bench.screenshot('arabic-mended');
  });

  it('keeps a comment', async () => {
    await focusList();
    await bench.press('c');
    await bench.frame.locator('#comment:focus').waitFor();
    await bench.page.keyboard.type('Please look at the second sentence.');
    await bench.frame.getByRole('button', { name: 'Add Comment' }).click();
    await bench.frame
      .locator('[role=tabpanel] .text')
      .getByText('Please look at the second sentence.')
      .waitFor();
    assert.equal((await events()).at(-1)?.['type'], 'comment');
  });

  it('takes in a second reviewer’s ledger, and shows that the approval is no longer of this text', async () => {
    const [first] = await events();
    type Fields = Record<'instruction' | 'input' | 'output', string>;
    const row = JSON.parse(original.split('\n')[0]!) as { source: Fields; target: Fields };
    const output = row.target.output.replace('Scegli', 'Prendi');
    const sides = [Object.entries(row.source), Object.entries({ ...row.target, output })];
    const result = createHash('sha256').update(JSON.stringify(sides)).digest('hex').slice(0, 32);
    const edit = {
      v: 1,
      id: '01J0000000000000000000BEN1',
      seq: 90,
      at: '2026-01-01T00:00:00.000Z',
      by: 'ben',
      key: first!['key'],
      line: 1,
      type: 'edit',
      fields: [{ side: 'target', name: 'output', text: output }],
      parents: [],
      base: first!['fingerprint'],
      result,
    };
    const ledger = join(folder, '.crossalpaca', 'sample.jsonl', 'ben', 'abc123.jsonl');
    await cp(join(folder, '.crossalpaca/.gitignore'), join(ledger, '..', '.keep'));
    await writeFile(ledger, `${JSON.stringify(edit)}\n`);
    await goTo('ca-001@it');
    await shows('ca-001@it', 'Changed since approval');
    assert.match(await bench.frame.locator('main .notice ins').innerText(), /Prendi/);
    await rm(join(ledger, '..'), { recursive: true });
    // A watcher may miss it on a busy machine; whoever goes to a record sees it as it is on disk.
    await goTo('ca-001@it');
    await shows('ca-001@it', 'Approved');
  });

  it('keeps what is being typed, and the place, when the editor is closed in the middle', async () => {
    await goTo('ca-012@ar');
    await bench.press('a');
    await bench.frame.getByText('2 of 70 approved').waitFor();
    const output = await editOutput('ca-013@ar');
    await output.press('Control+End');
    await bench.page.keyboard.type(' typed and not saved');
    await bench.frame.getByText('Not saved as an edit yet').waitFor();
    await bench.runCommand('View: Close All Editors');
    await bench.page.getByRole('treeitem', { name: 'sample.jsonl' }).last().click();
    await shows('ca-013@ar', 'To review');
    assert.match(await outputBox().inputValue(), / typed and not saved$/);
  });

  it('finds everything as it was left after VS Code was closed', async () => {
    assert.deepEqual(bench.cspReports, []);
    const { dataDir } = bench;
    await bench.close({ keep: true });
    bench = await openWorkbench({ folder, file: shard, dataDir });
    await bench.frame.getByText('2 of 70 approved').waitFor();
    await goTo('ca-002@it');
    await shows('ca-002@it', 'Edited');
    await goTo('ca-013@ar');
    assert.match(await outputBox().inputValue(), / typed and not saved$/);
    await outputBox().focus();
    await bench.press('Escape');
    await bench.frame.getByText('Not saved as an edit yet').waitFor({ state: 'hidden' });
  });

  it('exports what is approved, after showing the counts', async () => {
    await bench.runCommand('CrossAlpaca: Export Training Data');
    await choose(bench, 'Export: a recipe, or this shard in one format', 'Alpaca, JSON Lines');
    await choose(bench, 'Export: which texts?', 'Target side, as reviewed');
    const dialog = bench.page.locator('.monaco-dialog-box');
    await dialog.getByText('Rows that would be exported: 2, made of 2 of 70 records.').waitFor();
    assert.match(await dialog.innerText(), /To review: 67/);
    assert.match(await dialog.innerText(), /Edited: 1/);
    await bench.screenshot('export-preview-sample');
    await dialog.getByRole('button', { name: 'Save As' }).click();
    const input = bench.page.locator('.quick-input-widget:visible input[type="text"]');
    await until(async () => (await input.inputValue()).endsWith('sample.alpaca.jsonl'));
    const target = join(folder, 'approved.jsonl');
    await input.fill(target);
    await bench.press('Enter');
    await bench.page.getByText('Rows exported to approved.jsonl: 2.').first().waitFor();
    const rows = (await readFile(target, 'utf8')).trimEnd().split('\n');
    assert.equal(rows.length, 2);
    const parsed = rows.map(row => JSON.parse(row) as Record<string, string>);
    assert.deepEqual(Object.keys(parsed[0]!), ['instruction', 'input', 'output', 'id']);
    assert.deepEqual(
      parsed.map(({ id, output }) => [id, output]).at(-1),
      ['ca-012@ar', PROPOSAL],
      'the text that was taken over and approved',
    );
  });

  it('never wrote the shard, and no content security policy was hit', async () => {
    assert.equal(await readFile(shard, 'utf8'), original);
    assert.deepEqual(bench.cspReports, []);
  });

  const PROPOSAL =
    'التضخم هو ارتفاع الأسعار مع مرور الوقت، فيشتري المال نفسه أشياء أقل مما كان يشتريه من قبل.';
  let answerWhole = false;

  function isCompletion({ path }: RecordedRequest): boolean {
    return path.endsWith('/chat/completions');
  }

  function scriptedAnswer() {
    const begin = [SSE, { write: chunk({ role: 'assistant', content: '{"output":"بداية' }) }] as const;
    if (!answerWhole) return [...begin, 'hang'] as const;
    return [
      SSE,
      ...JSON.stringify({ output: PROPOSAL })
        .split(/(?<= )/)
        .map(content => ({ write: chunk({ content }) })),
      { write: chunk({}, 'stop') },
    ];
  }

  async function shows(key: string, state: string): Promise<void> {
    const title = bench.frame.locator('.title');
    await title.getByRole('heading', { name: key }).waitFor();
    await title.getByText(state, { exact: true }).waitFor();
  }

  async function focusList(): Promise<void> {
    await bench.frame.getByRole('listbox').focus();
  }

  /** By the number in the key, which is the row. */
  async function goTo(key: string): Promise<void> {
    await focusList();
    const current = async () =>
      Number(/ca-(\d+)/.exec(await bench.frame.locator('.title h2').innerText())?.[1]);
    const wanted = Number(/ca-(\d+)/.exec(key)?.[1]);
    for (let at = await current(); at !== wanted;) {
      await bench.press(at < wanted ? 'j' : 'k');
      const left = at;
      await until(async () => (at = await current()) !== left);
    }
  }

  const outputBox = () => bench.frame.locator('textarea[data-field="output"]');

  async function editOutput(key: string) {
    await goTo(key);
    await bench.press('e');
    await bench.frame.locator('textarea[data-field="output"]:focus').waitFor();
    return outputBox();
  }

  async function events(): Promise<Record<string, unknown>[]> {
    const text = await readFile(join(folder, '.crossalpaca/sample.jsonl/anna/local.jsonl'), 'utf8').catch(
      () => '',
    );
    return text
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Record<string, unknown>);
  }
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await holds()) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error('It did not come about within ten seconds.');
}
