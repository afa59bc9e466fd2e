/** A folder that is not trusted: everything can be read, and nothing is written. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWorkbench } from './workbench';

test('a folder that is not trusted can be read, and nothing is written', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
  await cp('samples/sample.jsonl', join(folder, 'sample.jsonl'));
  const bench = await openWorkbench({
    folder,
    file: join(folder, 'sample.jsonl'),
    trust: false,
    theme: 'light',
    settings: { 'crossalpaca.reviewer': 'anna', 'security.workspace.trust.startupPrompt': 'never' },
  });
  try {
    await bench.frame.getByText('This folder is not trusted').waitFor();
    await bench.frame.getByRole('heading', { name: 'ca-001@it' }).waitFor();
    await bench.frame.getByRole('listbox').focus();
    await bench.press('a');
    await bench.page.waitForTimeout(1000);
    await bench.frame.getByRole('heading', { name: 'ca-001@it' }).waitFor();
    await bench.frame.locator('.title').getByText('To review').waitFor();
    await bench.press('j');
    await bench.frame.getByRole('heading', { name: 'ca-002@it' }).waitFor();
    await bench.screenshot('restricted-light');
    for (const title of ['Export Training Data', 'New Export Recipe']) {
      await bench.runCommand(`CrossAlpaca: ${title}`);
      await bench.page.locator('.notification-toast', { hasText: 'not trusted' }).waitFor();
      await bench.runCommand('Notifications: Clear All Notifications');
    }
    assert.deepEqual(await readdir(folder), ['sample.jsonl']);
  } finally {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  }
});
