/** The list of findings of a whole shard: how it comes, how it is ended, and what is to be seen in it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Locator } from 'playwright-core';
import { icon, item, openSample, temporaryFolder } from './sideBar';
import { goTo, shows, until } from './steps';
import { openWorkbench, type Workbench } from './workbench';

function said({ page }: Workbench, text: string | RegExp): Locator {
  return page.locator('.sidebar').getByText(text);
}

const cacheIn = (folder: string, name: string) => join(folder, '.crossalpaca', name, 'cache', 'checks.bin');

/** The records of the sample again and again, each with a number of its own. */
async function writeLong(path: string, records: number): Promise<void> {
  const samples = readFileSync(join('samples', 'sample.jsonl'), 'utf8').trimEnd().split('\n');
  const lines = Array.from({ length: records }, (_, row) => {
    const record = JSON.parse(samples[row % samples.length]!) as Record<
      'source' | 'target',
      { output: string }
    >;
    for (const side of ['source', 'target'] as const) record[side].output += ` ${row}`;
    return JSON.stringify({ ...record, id: `r${row}` });
  });
  await writeFile(path, `${lines.join('\n')}\n`);
}

describe('the findings of a shard', () => {
  let folder: string;
  let bench: Workbench;

  before(async () => {
    folder = await temporaryFolder();
    bench = await openSample(folder);
  });

  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('are counted by the command, which offers to show them', async () => {
    await bench.runCommand('CrossAlpaca: Check Shard');
    const { page } = bench;
    await page
      .locator('.notifications-toasts')
      .getByText(
        /^All records were checked\. Records by what was found: errors 1, warnings \d+, notes \d+\.$/,
      )
      .waitFor();
    await page.locator('.notifications-toasts').getByRole('button', { name: 'Show Findings' }).click();
    await item(bench, 'Error: Empty, though the source is not: 1').waitFor();
  });

  it('are listed by check, the gravest first, each with its title and count', async () => {
    const names = await bench.page
      .locator('.sidebar')
      .getByRole('treeitem', { name: /^(Error|Warning|Note): / })
      .evaluateAll(nodes =>
        (nodes as { getAttribute(name: string): string | null }[]).map(each =>
          each.getAttribute('aria-label'),
        ),
      );
    const severities = names.map(name => name?.split(':')[0]);
    assert.equal(severities[0], 'Error');
    assert.deepEqual(
      severities,
      severities.toSorted((a, b) => 'EWN'.indexOf(a![0]!) - 'EWN'.indexOf(b![0]!)),
    );
    await bench.screenshot('findings');
  });

  it('lead to their records', async () => {
    await item(bench, /^ca-051@es, line 51\./).click();
    await shows(bench, 'ca-051@es');
    assert.deepEqual(bench.cspReports, []);
  });

  it('stay beside another editor, and lead back to their records', async () => {
    await bench.runCommand('File: New Untitled Text File');
    await bench.page.locator('.tab.active', { hasText: 'Untitled-1' }).waitFor();
    await item(bench, /^ca-012@ar, line 12\./).click();
    await bench.page.locator('.tab.active', { hasText: 'sample.jsonl' }).waitFor();
    await shows(bench, 'ca-012@ar');
    await item(bench, /^ca-051@es, line 51\./).click();
    await shows(bench, 'ca-051@es');
  });

  it('follow the text', async () => {
    const input = bench.frame.getByRole('textbox', { name: 'input, Spanish' });
    const source = bench.frame.getByRole('textbox', { name: 'instruction, Spanish' });
    await input.fill(await source.inputValue());
    await bench.press('Control+Enter');
    await item(bench, 'Error: Empty, though the source is not: 1').waitFor({ state: 'detached' });
    await goTo(bench, 'ca-001@it');
  });

  it('are kept in a file beside the ledgers', () =>
    until(() => Promise.resolve(existsSync(cacheIn(folder, 'sample.jsonl')))));

  it('are gone when the shard is closed', async () => {
    await bench.runCommand('View: Close All Editors');
    await said(bench, 'Open a shard to see the warnings about its records.').waitFor();
    assert.equal(await item(bench, /^ca-051@es, line 51\./).count(), 0);
  });
});

describe('the findings of a long shard', () => {
  it('come while it is checked, which can be stopped, and goes on when it is asked for', async () => {
    const folder = await temporaryFolder();
    await writeLong(join(folder, 'long.jsonl'), 20_000);
    const bench = await openWorkbench({ folder, file: join(folder, 'long.jsonl') });
    try {
      await shows(bench, 'r0@it');
      await icon(bench).click();
      await said(bench, /^Looking for warnings… \d+ %$/).waitFor();
      await item(bench, /^Warning: Copied from the source: \d+$/).waitFor();
      await bench.page.locator('.sidebar').getByText('Findings').first().hover();
      await bench.page.locator('.sidebar').getByRole('button', { name: 'Stop Checking' }).click();
      await said(bench, 'Not all of the shard was checked.').waitFor();
      await bench.screenshot('findings-stopped');
      await bench.page.locator('.sidebar').getByText('Findings').first().hover();
      await bench.page.locator('.sidebar').getByRole('button', { name: 'Refresh Findings' }).click();
      await said(bench, /^Looking for warnings… \d+ %$/).waitFor();
      await said(bench, /^Looking for warnings/).waitFor({ state: 'detached', timeout: 180_000 });
      await item(bench, 'Warning: Copied from the source: 858').waitFor();
    } finally {
      await bench.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('the findings of a shard in a folder that is not trusted', () => {
  it('are found, and nothing is kept', async () => {
    const folder = await temporaryFolder();
    await cp('samples/sample.jsonl', join(folder, 'sample.jsonl'));
    const bench = await openWorkbench({
      folder,
      file: join(folder, 'sample.jsonl'),
      trust: false,
      settings: { 'security.workspace.trust.startupPrompt': 'never' },
    });
    try {
      await shows(bench, 'ca-001@it');
      await icon(bench).click();
      await item(bench, 'Error: Empty, though the source is not: 1').waitFor();
      assert.ok(!existsSync(join(folder, '.crossalpaca')));
    } finally {
      await bench.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
