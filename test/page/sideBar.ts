/** The views in the side bar of VS Code, and the folder whose shards they list. */
import { cp, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { shows } from './steps';
import { openWorkbench, type Workbench } from './workbench';

export async function temporaryFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
}

/** Puts the sample into a folder, and opens it there for review by Anna. */
export async function openSample(folder: string): Promise<Workbench> {
  const file = join(folder, 'sample.jsonl');
  await cp('samples/sample.jsonl', file);
  const bench = await openWorkbench({ folder, file, settings: { 'crossalpaca.reviewer': 'anna' } });
  await shows(bench, 'ca-001@it', 'To review');
  return bench;
}

/** What opens the views; its name also says what its badge counts. */
export function icon({ page }: Workbench): Locator {
  return page.locator('.activitybar').getByRole('tab', { name: 'CrossAlpaca' });
}

export function item({ page }: Workbench, name: string | RegExp): Locator {
  return page.locator('.sidebar').getByRole('treeitem', { name, exact: true });
}
