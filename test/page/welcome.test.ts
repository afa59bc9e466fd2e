/** The first minute: the walkthrough with its sample shard, and what every view says while there is nothing in it. */
import assert from 'node:assert/strict';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Locator } from 'playwright-core';
import { writeShard } from '../helpers/shardFixture';
import { icon, item, temporaryFolder } from './sideBar';
import { answer, focusList, offered, pressFor, shows, until } from './steps';
import { openWorkbench, type Workbench } from './workbench';

const RECORDS = [1, 2].map(number =>
  JSON.stringify({
    id: `t${number}`,
    source: { text: `The bridge is closed on day ${number}.` },
    target: { text: `Il ponte è chiuso il giorno ${number}.` },
    source_lang: 'en',
    target_lang: 'it',
  }),
);

/** A record with two targets. */
const TWO = {
  id: 'two',
  en_text: 'The bridge is open.',
  it_text: 'Il ponte è aperto.',
  de_text: 'Die Brücke ist offen.',
};

function step({ page }: Workbench, title: string): Locator {
  return page.locator('.gettingStartedContainer').getByRole('button', { name: new RegExp(title) });
}

describe('the walkthrough', () => {
  let folder: string;
  let bench: Workbench;
  const sample = () => join(folder, 'crossalpaca-sample', 'sample.jsonl');

  const isDone = async (title: string) => {
    await bench.runCommand('CrossAlpaca: Get Started');
    const done = bench.page.locator('.getting-started-step', { hasText: title }).locator('.codicon.complete');
    await done.first().waitFor();
  };

  const back = async () => {
    await bench.page.locator('.tab', { hasText: 'sample.jsonl' }).click();
    await bench.frame.getByRole('heading', { name: 'sample.jsonl', exact: true }).waitFor();
  };

  before(async () => {
    folder = await temporaryFolder();
    bench = await openWorkbench({ folder });
  });

  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is offered where a folder has no shard', async () => {
    await icon(bench).click();
    const view = bench.page.locator('.sidebar');
    await view.getByText('There is no shard in this folder.').waitFor();
    await bench.screenshot('welcome-no-shard');
    await view.getByRole('button', { name: 'Get Started' }).click();
    await step(bench, 'Open the sample shard').waitFor();
    await bench.press('Control+b');
    await bench.frame.locator('svg').waitFor();
    await bench.screenshot('welcome-walkthrough');
    await bench.press('Control+b');
  });

  it('opens a copy of the sample under review, by the button of its first step', async () => {
    await bench.page.getByRole('button', { name: 'Open Sample Shard' }).click();
    await offered(bench, 'New folder “crossalpaca-sample”').first().click();
    await shows(bench, 'ca-001@it', 'To review');
    assert.deepEqual(await readFile(sample()), await readFile('samples/sample.jsonl'));
    await isDone('Open the sample shard');
  });

  it('marks a correction and an approval as done, made by keys', async () => {
    await back();
    await pressFor(bench, 'e', bench.frame.locator('textarea[data-field="output"]:focus'));
    await bench.page.keyboard.type('Ora: ');
    await bench.press('Control+Enter');
    await answer(bench, 'Reviewer name', 'anna');
    await shows(bench, 'ca-001@it', 'Edited');
    await isDone('Correct what a warning');
    await back();
    await pressFor(bench, 'a', bench.frame.getByRole('heading', { name: 'ca-002@it' }));
    await isDone('Approve what is right');
    await bench.screenshot('welcome-walkthrough-done');
  });

  it('leaves a sample that is there already as it is, with the work in it', async () => {
    const before = await stat(sample());
    await bench.runCommand('CrossAlpaca: Open Sample Shard');
    await offered(bench, 'New folder “crossalpaca-sample”').first().click();
    await focusList(bench);
    await shows(bench, 'ca-002@it');
    assert.equal((await stat(sample())).mtimeMs, before.mtimeMs);
  });
});

describe('what has nothing in it', () => {
  let folder: string;
  let bench: Workbench;

  before(async () => {
    folder = await temporaryFolder();
    await writeFile(join(folder, 'empty.jsonl'), '');
    writeShard(folder, [JSON.stringify(TWO)], 'two.jsonl');
    const file = writeShard(folder, RECORDS, 'pairs.jsonl');
    bench = await openWorkbench({ folder, file });
    await shows(bench, 't1@it', 'To review');
  });

  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('says that no reviewer and no backend are chosen, on buttons that choose them', async () => {
    const top = bench.frame.getByRole('banner');
    await top.getByRole('button', { name: 'Set reviewer name…' }).waitFor();
    await top.getByRole('button', { name: 'Set backend…' }).click();
    await bench.page.locator('.quick-input-widget:visible').getByText('Inference backend').first().waitFor();
    await bench.press('Escape');
    await bench.screenshot('welcome-top');
  });

  it('says that a filter finds nothing, with a way back to all records', async () => {
    await pressFor(bench, 'f', bench.frame.locator('#filter:focus'));
    await bench.page.keyboard.type('elephant');
    await bench.press('Enter');
    await bench.frame.getByText('No record matches the filter').first().waitFor();
    await bench.screenshot('welcome-no-hit');
    await bench.frame.getByRole('button', { name: 'Show all' }).first().click();
    await until(async () => (await bench.frame.getByRole('option').count()) === 2);
  });

  it('shows the other language of records that have two, by a command of the palette', async () => {
    await bench.runCommand('CrossAlpaca: Review Shard');
    await offered(bench, 'two.jsonl').first().click();
    await shows(bench, 'two@it');
    await bench.runCommand('CrossAlpaca: Show Another Target Language');
    await offered(bench, 'German').first().click();
    await shows(bench, 'two@de');
    assert.equal(await bench.frame.locator('textarea[data-field="text"]').inputValue(), TWO.de_text);
  });

  it('says that a shard has no findings', async () => {
    await icon(bench).click();
    await bench.page.locator('.sidebar').getByText('nothing to warn about').waitFor();
    await bench.screenshot('welcome-no-findings');
  });

  it('goes on saying so beside another editor, with a button that looks again', async () => {
    const view = bench.page.locator('.sidebar');
    await bench.runCommand('File: New Untitled Text File');
    await bench.page.locator('.tab.active', { hasText: 'Untitled-1' }).waitFor();
    await view.getByText('nothing to warn about').waitFor();
    assert.equal(await view.getByText('Open a shard to see the warnings').count(), 0);
    await bench.screenshot('welcome-no-findings-beside');
    await view.getByRole('button', { name: 'Look Again' }).click();
    await bench.runCommand('CrossAlpaca: Check Shard');
    await bench.page.locator('.notifications-toasts').getByText('nothing was found').waitFor();
    await bench.runCommand('Notifications: Clear All Notifications');
  });

  it('says that nothing has been reviewed, with a button that opens a shard', async () => {
    await bench.runCommand('CrossAlpaca: Show Dashboard');
    await bench.frame.getByText('Nobody has reviewed anything here yet.').waitFor();
    await bench.screenshot('welcome-dashboard');
    await bench.frame.getByRole('button', { name: 'Review Shard' }).waitFor();
  });

  it('says that a file is empty, and what else can be done', async () => {
    await item(bench, /^empty\.jsonl/).click();
    await bench.frame.getByText('is empty: there is nothing to review. Put records into it').waitFor();
    await bench.frame.getByRole('button', { name: 'Open as text' }).waitFor();
    await bench.page.locator('.sidebar').getByText('Open a shard to see the warnings').waitFor();
    await bench.screenshot('welcome-empty-file');
  });
});
