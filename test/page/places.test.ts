/** Folders as they are in the world: several in one window, and one that may not be written. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { LINES, writePolicy, writeShard } from '../helpers/shardFixture';
import { icon, item, temporaryFolder } from './sideBar';
import { focusList, shows, until } from './steps';
import { openWorkbench } from './workbench';

const settings = { 'crossalpaca.reviewer': 'anna' };

describe('a window with several folders', () => {
  it('keeps the review of each folder in it, and goes by its policy', async () => {
    const top = await temporaryFolder();
    const workspace = join(top, 'fruit.code-workspace');
    const folders = ['apples', 'pears'];
    for (const folder of folders) writeShard(join(top, folder), LINES);
    writePolicy(join(top, 'pears'), { approvals: 2 });
    await writeFile(workspace, JSON.stringify({ folders: folders.map(path => ({ path })) }));
    const bench = await openWorkbench({ folder: workspace, settings });
    try {
      await icon(bench).click();
      for (const folder of folders) {
        const shard = item(bench, `shard.jsonl, no reviews yet · ${folder}`);
        await shard.click();
        // The first record again: the folder before ended at the second.
        await shows(bench, 'r1@de', 'To review');
        await focusList(bench);
        await bench.press('a');
        await shows(bench, 'r2@de');
      }
      await item(bench, 'shard.jsonl, 33 % approved · apples').waitFor();
      await item(bench, 'shard.jsonl, 0 % approved · pears').waitFor();
      await bench.screenshot('places');
      for (const folder of folders)
        assert.deepEqual(
          (await readdir(join(top, folder, '.crossalpaca', 'shard.jsonl'))).filter(name => name === 'anna'),
          ['anna'],
        );
      assert.equal(existsSync(join(top, '.crossalpaca')), false);
    } finally {
      await bench.close();
      await rm(top, { recursive: true, force: true });
    }
  });
});

describe('a folder that may not be written', () => {
  it('can be read, and says of a decision why it is not saved', async t => {
    const folder = await temporaryFolder();
    const file = writeShard(folder, LINES);
    try {
      // Rights alone would not keep root from writing.
      execFileSync('mount', ['--bind', folder, folder], { stdio: 'ignore' });
      execFileSync('mount', ['-o', 'remount,bind,ro', folder], { stdio: 'ignore' });
    } catch {
      await rm(folder, { recursive: true, force: true });
      t.skip('mounting is not permitted here');
      return;
    }
    try {
      const bench = await openWorkbench({ folder, file, settings });
      try {
        await shows(bench, 'r1@de', 'To review');
        await focusList(bench);
        await bench.press('a');
        const said = bench.frame
          .getByText(/Your decision was not saved: .* cannot be written \(EROFS/)
          .first();
        await said.waitFor();
        await shows(bench, 'r1@de', 'To review');
        await bench.screenshot('places-read-only');
        await focusList(bench);
        await bench.press('j');
        await shows(bench, 'r2@de', 'To review');
        await icon(bench).click();
        await until(() => item(bench, /^shard\.jsonl, (no reviews yet|0 % approved)/).isVisible());
      } finally {
        await bench.close();
      }
      assert.deepEqual(await readdir(folder), ['shard.jsonl']);
    } finally {
      execFileSync('umount', [folder]);
      await rm(folder, { recursive: true, force: true });
    }
  });
});
