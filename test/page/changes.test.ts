/** What a reviewer sees when files change under an open editor, by other people, by scripts and by their own commands. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { choose, counts, focusList, marked, offered, openFile, shows, until } from './steps';
import { openWorkbench, type Workbench } from './workbench';

function line(id: string, output: string): string {
  const side = (instruction: string, text: string) => ({ instruction, input: '', output: text });
  return JSON.stringify({
    id,
    source: side(`Name the fruit called ${id}.`, 'Here it is.'),
    target: side(`Nenne die Frucht namens ${id}.`, output),
    source_lang: 'en',
    target_lang: 'de',
  });
}

/** Three records whose ids begin with a letter, so that no shard has those of another. */
function three(letter: string): [string, string, string] {
  return [
    line(`${letter}1`, 'Das ist der rote Apfel.'),
    line(`${letter}2`, 'Eine Birne.'),
    line(`${letter}3`, 'Eine Kirsche.'),
  ];
}

/** Each shard as its tests find it. */
const MOVED = three('m');
const TYPED = three('t');
const LOST = three('l');
const APPLIED = three('a');
const REWRITTEN = three('w');
const CHANGED = [line('w1', 'Das ist der grüne Apfel.'), ...REWRITTEN.slice(1)];
/** Enough for a list of several pages. */
const MANY = Array.from({ length: 400 }, (_, index) => line(`d${index + 1}`, 'Eine Pflaume.'));
const SHARDS: Record<string, readonly string[]> = {
  'moved.jsonl': MOVED,
  'deleted.jsonl': MANY,
  'rewritten.jsonl': REWRITTEN,
  'typing.jsonl': TYPED,
  'orphans.jsonl': LOST,
  'flaws.jsonl': [...three('f'), 'no record', line('f2', 'Noch eine Birne.')],
  'applied.jsonl': APPLIED,
  'old.jsonl': three('o'),
};

describe('files that change', () => {
  let folder: string;
  let bench: Workbench;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
    for (const [name, lines] of Object.entries(SHARDS)) await write(name, lines);
    bench = await openWorkbench({
      folder,
      settings: {
        'crossalpaca.reviewer': 'anna',
        'workbench.editorAssociations': { '*.jsonl': 'crossalpaca.review' },
      },
    });
  });

  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  describe('records that move and go', () => {
    it('stays at the record shown when others are put before it', async () => {
      await open('moved.jsonl');
      await press('j');
      await shows(bench, 'm2@de');
      await write('moved.jsonl', [line('m0', 'Eine Nuss.'), ...MOVED]);
      await bench.frame.locator('.title').getByText('line 3').waitFor();
      await shows(bench, 'm2@de', 'To review');
      await until(async () => (await marked(bench)).position === 3);
      const { of, text } = await marked(bench);
      assert.equal(of, 4);
      assert.match(text, /fruit called m2/);
      await press('j');
      await shows(bench, 'm3@de');
    });

    it('says so when the record shown is deleted, and goes on with the rest', async () => {
      // It was the last: its row is no longer there at all.
      await write('moved.jsonl', MOVED.slice(0, 2));
      await alert('The record that was shown is no longer in the file.').waitFor();
      await shows(bench, 'm2@de');
      assert.equal((await marked(bench)).of, 2);
      await press('k');
      await shows(bench, 'm1@de');
      await alert('The record that was shown').waitFor({ state: 'hidden' });
    });

    it('stays at the last record when one before it is deleted', async () => {
      await press('j');
      await shows(bench, 'm2@de');
      await write('moved.jsonl', MOVED.slice(1, 2));
      await until(async () => (await marked(bench)).of === 1);
      await shows(bench, 'm2@de');
      assert.equal(await bench.frame.getByRole('alert').count(), 0);
    });

    it('says so when the whole file is deleted, keeps what is shown, and recovers with the file', async () => {
      await open('deleted.jsonl');
      await press('j');
      await shows(bench, 'd2@de');
      await rm(join(folder, 'deleted.jsonl'));
      await gone().waitFor();
      assert.equal(await output().inputValue(), 'Eine Pflaume.');
      assert.equal((await marked(bench)).text.includes('fruit called d2'), true);
      await write('deleted.jsonl', MANY);
      await gone().waitFor({ state: 'hidden' });
      await shows(bench, 'd2@de', 'To review');
      await press('End');
      await shows(bench, 'd400@de');
    });
  });

  describe('a text rewritten by a script after its approval', () => {
    beforeEach(async () => {
      await rm(join(folder, '.crossalpaca', 'rewritten.jsonl'), { recursive: true, force: true });
      await write('rewritten.jsonl', REWRITTEN);
      await open('rewritten.jsonl');
      await shows(bench, 'w1@de', 'To review');
      await press('a');
      await shows(bench, 'w2@de');
      await press('k');
      await shows(bench, 'w1@de', 'Approved');
      await write('rewritten.jsonl', CHANGED);
      await shows(bench, 'w1@de', 'Changed since approval');
    });

    it('is shown as a difference of words, and no longer counts as approved', async () => {
      const banner = bench.frame.getByRole('region', { name: 'Changed since approval' });
      await banner.getByText('anna approved another text').waitFor();
      assert.deepEqual(await banner.locator('del').allInnerTexts(), ['rote']);
      assert.deepEqual(await banner.locator('ins').allInnerTexts(), ['grüne']);
      assert.equal(await output().inputValue(), 'Das ist der grüne Apfel.');
      await bench.frame.getByText('0 of 3 approved').waitFor();
      await bench.screenshot('changed-since-approval');
    });

    it('gets its earlier text back with O, approved, by an edit', async () => {
      await press('o');
      await shows(bench, 'w1@de', 'Approved');
      assert.equal(await output().inputValue(), 'Das ist der rote Apfel.');
      assert.deepEqual(
        (await events('rewritten.jsonl')).map(({ type }) => type),
        ['decide', 'edit', 'decide'],
      );
      assert.equal(await read('rewritten.jsonl'), textOf(CHANGED));
    });

    it('keeps its new text with T, approved', async () => {
      await press('t');
      await bench.frame.getByText('1 of 3 approved').waitFor();
      await press('Home');
      await shows(bench, 'w1@de', 'Approved');
      assert.equal(await output().inputValue(), 'Das ist der grüne Apfel.');
      assert.deepEqual(
        (await events('rewritten.jsonl')).map(({ type }) => type),
        ['decide', 'decide'],
      );
    });

    it('can be edited with E', async () => {
      await press('e');
      await bench.frame.locator('textarea[data-field="output"]:focus').waitFor();
    });
  });

  describe('typing that is under way', () => {
    it('is not lost when other records change', async () => {
      await open('typing.jsonl');
      await press('e');
      await bench.frame.locator('textarea[data-field="output"]:focus').waitFor();
      await bench.press('End');
      await bench.page.keyboard.type(' Er ist reif');
      await write('typing.jsonl', [line('t0', 'Eine Nuss.'), ...TYPED.slice(0, 2)]);
      await bench.frame.locator('.title').getByText('line 2').waitFor();
      await bench.page.keyboard.type(' und süß.');
      assert.equal(await output().inputValue(), 'Das ist der rote Apfel. Er ist reif und süß.');
      await bench.press('Control+Enter');
      await shows(bench, 't1@de', 'Edited');
      assert.equal(await output().inputValue(), 'Das ist der rote Apfel. Er ist reif und süß.');
    });

    it('is not lost, nor written over the new text, when the very record changes', async () => {
      await press('Home');
      await shows(bench, 't0@de');
      await press('e');
      await bench.frame.locator('textarea[data-field="output"]:focus').waitFor();
      await bench.press('End');
      await bench.page.keyboard.type(' Hart.');
      await bench.frame.getByText('Not saved as an edit yet').waitFor();
      await write('typing.jsonl', [line('t0', 'Eine Mandel.'), ...TYPED]);
      await until(async () => (await marked(bench)).of === 4);
      assert.equal(await output().inputValue(), 'Eine Nuss. Hart.');
      await bench.press('Control+Enter');
      await alert('changed').waitFor();
      assert.equal(await output().inputValue(), 'Eine Nuss. Hart.');
      assert.equal((await events('typing.jsonl')).length, 1);
      await output().focus();
      await bench.press('Escape');
      await until(async () => (await output().inputValue()) === 'Eine Mandel.');
    });
  });

  it('lists what was reviewed and is no longer in the file', async () => {
    await open('orphans.jsonl');
    await press('a');
    await shows(bench, 'l2@de');
    await write('orphans.jsonl', LOST.slice(1));
    await bench.frame.getByRole('button', { name: 'Reviewed, but no longer in the file: 1' }).click();
    const text = bench.page.locator('.monaco-editor .view-lines').filter({ hasText: 'l1@de' });
    await text.waitFor();
    assert.match(
      (await text.innerText()).replaceAll('\u00a0', ' '),
      /no longer in orphans\.jsonl.*by anna; events: 1/s,
    );
    // Nobody wants to be asked whether to save it.
    await bench.runCommand('View: Close Editor');
    await shows(bench, 'l2@de');
  });

  it('shows the bad lines, and the records of one key, that the top of the page counts', async () => {
    await open('flaws.jsonl');
    await bench.frame.getByRole('button', { name: 'Lines that are not records: 1' }).click();
    await counts(bench, 1);
    await bench.frame.getByRole('heading', { name: 'line 4' }).waitFor();
    await bench.frame.getByRole('button', { name: 'Repeated keys: 2' }).click();
    await counts(bench, 2);
    await shows(bench, 'f2@de');
    assert.deepEqual(
      await bench.frame.getByRole('option').locator('.words').allInnerTexts(),
      Array.from({ length: 2 }, () => 'Name the fruit called f2.'),
    );
    await bench.frame.getByRole('button', { name: 'Show all' }).click();
    await counts(bench, 5);
  });

  describe('edits written into records', () => {
    const EDITED = 'Das ist der "gelbe" Apfel.';
    const after = () => textOf([line('a1', EDITED), ...APPLIED.slice(1)]);

    before(async () => {
      await open('applied.jsonl');
      await press('e');
      await bench.frame.locator('textarea[data-field="output"]:focus').fill(EDITED);
      await bench.press('Control+Enter');
      await shows(bench, 'a1@de', 'Edited');
      await press('a');
      await shows(bench, 'a2@de');
      await press('k');
      await shows(bench, 'a1@de', 'Approved');
    });

    it('go into a copy, and the shard stays as it is', async () => {
      await bench.runCommand('CrossAlpaca: Write Edits Into Records');
      await choose(bench, 'Write the edits into the records', 'Into a Copy…');
      const input = bench.page.locator('.quick-input-widget:visible input[type="text"]');
      await until(async () => (await input.inputValue()).endsWith('applied.edited.jsonl'));
      await bench.press('Enter');
      await bench.page
        .getByText('applied.edited.jsonl: edited texts were written. Fields: 1, records: 1.')
        .first()
        .waitFor();
      assert.equal(await read('applied.edited.jsonl'), after());
      assert.equal(await read('applied.jsonl'), textOf(APPLIED));
    });

    it('go into the shard itself after a question, and it is reviewed as before', async () => {
      await bench.runCommand('CrossAlpaca: Write Edits Into Records');
      await choose(bench, 'Write the edits into the records', 'Into the Shard Itself…');
      const dialog = bench.page.locator('.monaco-dialog-box');
      await dialog.getByText('Write the edits into applied.jsonl?').waitFor();
      assert.equal(await read('applied.jsonl'), textOf(APPLIED), 'not before the answer');
      await dialog.getByRole('button', { name: 'Write Into the Shard' }).click();
      await bench.page
        .getByText('applied.jsonl: edited texts were written. Fields: 1, records: 1.')
        .first()
        .waitFor();
      assert.equal(await read('applied.jsonl'), after());
      await shows(bench, 'a1@de', 'Approved');
      assert.equal(await output().inputValue(), EDITED);
      await bench.frame.getByText('1 of 3 approved').waitFor();
      await bench.frame.locator('.changes').waitFor({ state: 'detached' });
    });
  });

  it('offers the reviews of a renamed shard, and takes them along', async () => {
    await open('old.jsonl');
    await press('a');
    await shows(bench, 'o2@de');
    await press('x');
    await bench.press('Enter');
    await shows(bench, 'o3@de');
    await bench.runCommand('View: Close Editor');
    await rename(join(folder, 'old.jsonl'), join(folder, 'new.jsonl'));
    await open('new.jsonl');
    await bench.frame.getByText('reviewed under the name old.jsonl: 2.').waitFor();
    await bench.frame.getByText('0 of 3 approved').waitFor();
    await bench.frame.getByRole('button', { name: 'Take These Reviews Along…' }).click();
    await offered(bench, 'Records of this file that were reviewed there: 2').waitFor();
    await choose(bench, 'Take reviews along from', 'old.jsonl');
    await bench.page.getByText('Reviews taken along: 2 as they were').first().waitFor();
    await bench.frame.getByText('1 of 3 approved').waitFor();
    await bench.frame.getByText('reviewed under the name old.jsonl').waitFor({ state: 'hidden' });
    await press('Home');
    await shows(bench, 'o1@de', 'Approved');
    await press('j');
    await shows(bench, 'o2@de', 'Rejected');
    assert.equal((await events('new.jsonl')).length, 2);
  });

  it('did all that under its content security policy', () => {
    assert.deepEqual(bench.cspReports, []);
  });

  const output = () => bench.frame.locator('textarea[data-field="output"]');
  const alert = (text: string) => bench.frame.getByRole('alert').filter({ hasText: text });
  const gone = () => bench.frame.locator('.notice').filter({ hasText: 'deleted.jsonl' });

  async function open(name: string): Promise<void> {
    await openFile(bench, name);
    await bench.frame.locator('.title').waitFor();
  }

  async function press(key: string): Promise<void> {
    await focusList(bench);
    await bench.press(key);
  }

  async function write(name: string, lines: readonly string[]): Promise<void> {
    await writeFile(join(folder, name), textOf(lines));
  }

  function textOf(lines: readonly string[]): string {
    return lines.map(each => `${each}\n`).join('');
  }

  function read(name: string): Promise<string> {
    return readFile(join(folder, name), 'utf8');
  }

  async function events(shard: string): Promise<Record<string, unknown>[]> {
    const ledger = await read(join('.crossalpaca', shard, 'anna', 'local.jsonl'));
    return ledger
      .trimEnd()
      .split('\n')
      .map(each => JSON.parse(each) as Record<string, unknown>);
  }
});
