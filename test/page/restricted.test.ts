/** A folder that is not trusted: everything can be read, and nothing is written or sent anywhere. */
import assert from 'node:assert/strict';
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startScriptedServer, type ScriptedServer } from '../helpers/scriptedServer';
import { icon, item, temporaryFolder } from './sideBar';
import { focusList, pressFor, shows } from './steps';
import { openWorkbench, type Workbench } from './workbench';

/** What writes, by its title in the palette. */
const WRITES = [
  'Open Sample Shard',
  'Import Two Files as a Shard',
  'New Export Recipe',
  'Export Training Data',
  'Write Edits Into Records',
  'Take Reviews Along From Another File',
  'Set Languages of This Shard',
  'Edit Prompt Template',
];
const NOTHING_WRITTEN = 'This folder is not trusted: you can read, but nothing is written.';
/** What a model is asked for, or that would choose one. */
const ASKS = ['Regenerate Queue…', 'Look Ahead:', 'Test Backend Connection', 'Select Inference Backend'];
const NOTHING_ASKED = 'This folder is not trusted: no model is asked. Trust it first.';
/** The same, of the page. */
const ASKS_OF_PAGE = [
  'Regenerate Field',
  'Regenerate Record',
  'Answer Anew in the Target Language',
  'Mend the Warning With the Model',
];

describe('a folder that is not trusted', () => {
  let folder: string;
  let bench: Workbench;
  let server: ScriptedServer;

  before(async () => {
    folder = await temporaryFolder();
    await cp('samples/sample.jsonl', join(folder, 'sample.jsonl'));
    server = await startScriptedServer(() => [{ head: {}, status: 500 }]);
    bench = await openWorkbench({
      folder,
      file: join(folder, 'sample.jsonl'),
      trust: false,
      theme: 'light',
      settings: {
        'crossalpaca.reviewer': 'anna',
        'crossalpaca.backend.url': server.url,
        'crossalpaca.backend.model': 'm',
        'security.workspace.trust.startupPrompt': 'never',
      },
    });
  });

  after(async () => {
    await bench.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const toast = (text: string) => bench.page.locator('.notification-toast', { hasText: text });
  const refuses = async (title: string, reason: string) => {
    await bench.runCommand(`CrossAlpaca: ${title}`);
    await toast(reason).waitFor();
    await bench.runCommand('Notifications: Clear All Notifications');
    await toast(reason).waitFor({ state: 'detached' });
  };

  it('can be read, and no decision is made there', async () => {
    await bench.frame.getByText('This folder is not trusted').waitFor();
    await shows(bench, 'ca-001@it', 'To review');
    await focusList(bench);
    await bench.press('a');
    await bench.page.waitForTimeout(1000);
    await shows(bench, 'ca-001@it', 'To review');
    await pressFor(bench, 'j', bench.frame.getByRole('heading', { name: 'ca-002@it' }));
    await bench.screenshot('restricted-light');
  });

  it('is searched and checked', async () => {
    await icon(bench).click();
    await bench.runCommand('CrossAlpaca: Check Shard');
    await toast('All records were checked.').waitFor();
    await bench.runCommand('Notifications: Clear All Notifications');
    await item(bench, 'Error: Empty, though the source is not: 1').waitFor();
    await item(bench, /^ca-051@es, line 51\./).click();
    await shows(bench, 'ca-051@es');
  });

  for (const title of WRITES)
    it(`says why it does not do this: ${title}`, () => refuses(title, NOTHING_WRITTEN));

  for (const title of ASKS) it(`says why it does not do this: ${title}`, () => refuses(title, NOTHING_ASKED));

  for (const title of ASKS_OF_PAGE)
    it(`says why it does not do this: ${title}`, async () => {
      const said = bench.frame.locator('.notice.error', { hasText: NOTHING_WRITTEN });
      const close = said.getByRole('button', { name: 'Close' });
      assert.equal(await close.count(), 0);
      await bench.runCommand(`CrossAlpaca: ${title}`);
      await close.click();
      await close.waitFor({ state: 'detached' });
    });

  it('shows the walkthrough, which writes nothing', async () => {
    await bench.runCommand('CrossAlpaca: Get Started');
    const walkthrough = bench.page.locator('.gettingStartedContainer');
    await walkthrough.getByRole('button', { name: /Open the sample shard/ }).waitFor();
    await walkthrough.getByRole('button', { name: 'Open Sample Shard' }).click();
    await toast(NOTHING_WRITTEN).waitFor();
    await bench.screenshot('restricted-walkthrough');
  });

  it('is left as it was, and no server was asked anything', async () => {
    assert.deepEqual(await readdir(folder), ['sample.jsonl']);
    assert.deepEqual(server.requests, []);
  });
});
