/** The shard with texts in every script, under review in a folder of its own. */
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shows } from './steps';
import { openWorkbench, type Workbench } from './workbench';

export interface ScriptsShard {
  /** Holds the copy, `scripts.jsonl`. */
  readonly folder: string;
  readonly bench: Workbench;
  /** Closes VS Code and removes the folder. */
  readonly close: () => Promise<void>;
}

/** Its first record is shown. The reviewer is anna. */
export async function openScripts(theme: 'light' | 'dark'): Promise<ScriptsShard> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
  const file = join(folder, 'scripts.jsonl');
  await cp('test/fixtures/scripts.jsonl', file);
  const bench = await openWorkbench({ folder, file, theme, settings: { 'crossalpaca.reviewer': 'anna' } });
  await shows(bench, 's-1@ar');
  const close = async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { folder, bench, close };
}
