/** A reviewer who works for hours: what is decided is counted, the next record is there at once, and all is found again. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { record, writeShard } from '../helpers/shardFixture';
import { decisionOn, writeReviews } from '../helpers/writtenReviews';
import { temporaryFolder } from './sideBar';
import { finds, focusList, marked, openFile, pressFor, shows } from './steps';
import { openWorkbench, type Workbench } from './workbench';

const RECORDS = 12;
const lineOf = (number: number) => record(`r${number}`, `Das ist der Apfel mit der Nummer ${number}.`);

describe('a sitting', () => {
  let folder: string;
  let shard: string;
  let bench: Workbench;

  before(async () => {
    folder = await temporaryFolder();
    const lines = Array.from({ length: RECORDS }, (_, index) => lineOf(index + 1));
    shard = writeShard(folder, lines, 'apples.jsonl');
    writeShard(folder, lines.slice(0, 3), 'pears.jsonl');
    bench = await openWorkbench({
      folder,
      settings: {
        'crossalpaca.reviewer': 'anna',
        'workbench.editorAssociations': { '*.jsonl': 'crossalpaca.review' },
      },
    });
    await openFile(bench, 'apples.jsonl');
    await shows(bench, 'r1@de', 'To review');
  });

  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is counted in the status bar, each record once, without those passed by', async () => {
    await bench.press('s');
    await shows(bench, 'r2@de');
    assert.equal(await counted().count(), 0);
    await bench.press('a');
    await shows(bench, 'r3@de');
    await counted('1 decided, 1 min').waitFor();
    await bench.press('a');
    await shows(bench, 'r4@de');
    await counted('2 decided, 1 min').waitFor();
  });

  it('is counted again when a decision is taken back, and made again', async () => {
    await bench.press('u');
    await shows(bench, 'r3@de', 'To review');
    await counted('1 decided').waitFor();
    await bench.press('Control+y');
    await shows(bench, 'r3@de', 'Approved');
    await counted('2 decided').waitFor();
    // Of what was done before this decision: a record passed by is no decision that comes or goes.
    await bench.press('c');
    await bench.frame.locator('#comment:focus').waitFor();
    await bench.press('Escape');
    await counted('2 decided').waitFor();
  });

  it('shows what others did meanwhile to the record that comes next', async () => {
    await focusList(bench);
    await bench.press('j');
    await shows(bench, 'r4@de', 'To review');
    // The next one is here by now; so is the news of it when the list shows it.
    await bench.page.waitForTimeout(500);
    writeReviews(shard, { by: 'ben' }, [decisionOn(lineOf(5), 'approve')]);
    await bench.frame
      .getByRole('option', { name: /Approved/ })
      .nth(2)
      .waitFor();
    await bench.press('j');
    await shows(bench, 'r5@de', 'Approved');
    await bench.press('k');
    await shows(bench, 'r4@de');
    await bench.press('a');
    await shows(bench, 'r6@de', 'To review');
  });

  it('lets a key held down run through the records, and stays at the one where it is let go', async () => {
    for (let turn = 0; turn < 5; turn++) await bench.page.keyboard.down('j');
    await bench.page.keyboard.up('j');
    await shows(bench, 'r11@de', 'To review');
    assert.equal((await marked(bench)).position, 11);
  });

  it('opens where it was left: filter, order and record, for each shard its own', async () => {
    await finds(bench, 'line:4-9 sort:-line', 6);
    await bench.press('Home');
    await shows(bench, 'r9@de');
    await bench.press('j');
    await shows(bench, 'r8@de');
    await openFile(bench, 'pears.jsonl');
    await shows(bench, 'r1@de');
    await pressFor(bench, 'j', bench.frame.getByRole('heading', { name: 'r2@de' }));
    await bench.runCommand('View: Close All Editors');
    await bench.page.locator('iframe.webview:visible').waitFor({ state: 'detached' });
    await openFile(bench, 'apples.jsonl');
    await shows(bench, 'r8@de');
    assert.equal(await bench.frame.locator('#filter').inputValue(), 'line:4-9 sort:-line');
    const { position, of } = await marked(bench);
    assert.deepEqual([position, of], [2, 6]);
    await openFile(bench, 'pears.jsonl');
    await shows(bench, 'r2@de');
    assert.equal(await bench.frame.locator('#filter').inputValue(), '');
  });

  it('leads from the cheat sheet to where keys are changed', async () => {
    await pressFor(bench, 'h', bench.frame.getByRole('dialog', { name: 'Keys' }));
    await bench.frame.getByRole('button', { name: 'Change keys…' }).click();
    const found = bench.page.locator('.keybindings-editor .monaco-list-row');
    // One of the first by name: the list holds no more than are in sight.
    await found.filter({ hasText: 'CrossAlpaca: Approve' }).first().waitFor();
    await bench.screenshot('sitting-keys');
  });

  /** The item of the status bar, when it says so. */
  function counted(text = 'decided') {
    return bench.page.locator('.statusbar-item', { hasText: text });
  }
});
