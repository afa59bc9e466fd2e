/** Keys act only where they are meant to: in the page, and not in its text boxes, the Explorer, or a search box. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { LETTERS } from './steps';
import { openWorkbench, type Workbench } from './workbench';

describe('keys', () => {
  let folder: string;
  let bench: Workbench;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
    await cp('samples/sample.jsonl', join(folder, 'sample.jsonl'));
    bench = await openWorkbench({
      folder,
      file: join(folder, 'sample.jsonl'),
      theme: 'hcLight',
      settings: { 'crossalpaca.reviewer': 'anna' },
    });
    await bench.frame.getByRole('heading', { name: 'ca-001@it' }).waitFor();
  });

  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('do nothing in the Explorer', async () => {
    await bench.page.getByRole('treeitem', { name: 'sample.jsonl' }).last().click();
    await bench.page.keyboard.type(LETTERS);
    await bench.press('Escape');
    await nothingHappened();
  });

  it('do nothing in the search box of the workbench', async () => {
    await bench.press('Control+Shift+f');
    const search = bench.page.locator('.search-view textarea').first();
    await search.click();
    await bench.page.keyboard.type(LETTERS);
    assert.equal(await search.inputValue(), LETTERS);
    await nothingHappened();
  });

  it('do nothing in the page’s own boxes, not with AltGr and not while composing', async () => {
    const box = bench.frame.locator('textarea[data-field="output"]');
    await box.click();
    const before = await box.inputValue();
    await bench.press('Control+End');
    await bench.page.keyboard.type(LETTERS);
    await bench.press('Control+Alt+e');
    const devtools = await bench.page.context().newCDPSession(bench.page);
    await devtools.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
    await devtools.send('Input.insertText', { text: '日' });
    assert.equal(await box.inputValue(), `${before}${LETTERS}日`);
    await bench.press('Escape');
    await nothingHappened();
    assert.equal(await box.inputValue(), before);
  });

  it('act in the page: help opens with H and closes with Escape', async () => {
    await bench.frame.getByRole('listbox').focus();
    await bench.press('h');
    await bench.frame.getByRole('dialog', { name: 'Keys' }).waitFor();
    await bench.screenshot('keys-hc-light');
    await bench.press('Escape');
    await bench.frame.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' });
    await bench.press('s');
    await bench.frame.getByRole('heading', { name: 'ca-002@it' }).waitFor();
    assert.deepEqual(await readdir(join(folder, '.crossalpaca/sample.jsonl')), ['anna']);
  });

  async function nothingHappened(): Promise<void> {
    await bench.page.waitForTimeout(500);
    await bench.frame.getByRole('heading', { name: 'ca-001@it' }).waitFor();
    assert.deepEqual(await readdir(folder), ['sample.jsonl']);
  }
});
