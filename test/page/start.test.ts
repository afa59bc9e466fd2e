/** What `npm start` gives: a window with a shard under review, and nothing left behind when it is stopped. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchBrowser, visibleWebview } from './workbench';

const limit = { timeout: 120_000 };

test('npm start opens the demonstration under review and stops without a trace', limit, async () => {
  await checkStart([], 'sample.jsonl');
});

test('npm start -- FILE opens that file under review and leaves its folder as it is', limit, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crossalpaca-start-'));
  try {
    const name = 'rows [1] {a}.jsonl';
    const sample = await readFile('samples/sample.jsonl');
    await writeFile(join(folder, name), sample);
    await checkStart([join(folder, name)], name);
    assert.deepEqual(await readFile(join(folder, name)), sample);
    assert.deepEqual(await readdir(folder), [name]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('npm start -- FILE says so when there is no such file', limit, async () => {
  const { child, printed } = startChild(['missing.jsonl']);
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 1);
  assert.match(printed(), /^There is no file .*missing\.jsonl: .+\n$/);
});

async function checkStart(args: string[], title: string): Promise<void> {
  const { child, printed } = startChild(args);
  const closed = once(child, 'close');
  const browser = await launchBrowser();
  try {
    const address = await announced(child, printed);
    const page = await browser.newPage();
    await page.goto(address);
    await page.getByRole('tab', { name: title }).waitFor();
    await visibleWebview(page).locator('body').waitFor();
    await page.screenshot({ path: join('out', 'screenshots', 'start.png') });

    const started = descendants(child.pid!);
    child.kill('SIGINT');
    await closed;
    await assert.rejects(fetch(address), 'the server still answers');
    const left = processes().map(({ pid }) => pid);
    assert.deepEqual(
      started.filter(pid => left.includes(pid)),
      [],
    );
  } finally {
    child.kill('SIGTERM');
    await browser.close();
  }
}

function startChild(args: string[]): { child: ChildProcess; printed: () => string } {
  const script = join('scripts', 'start.mjs');
  const child = spawn(process.execPath, [script, '--browser', ...args], {
    env: { ...process.env, BROWSER: 'none' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  }
  return { child, printed: () => text };
}

async function announced(child: ChildProcess, printed: () => string): Promise<string> {
  for (;;) {
    const [, address] = /running at (\S+)\n/.exec(printed()) ?? [];
    if (address !== undefined) return address;
    assert.equal(child.exitCode, null, printed());
    await sleep(100);
  }
}

/** The processes that a process started, and theirs. Windows has no `ps`: there, the silent server must do. */
function descendants(pid: number): number[] {
  const below = (parent: number): number[] =>
    processes().flatMap(one => (one.parent === parent ? [one.pid, ...below(one.pid)] : []));
  return below(pid);
}

function processes(): { pid: number; parent: number }[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  return (
    ((stdout as string | null) ?? '')
      .split('\n')
      .map(line => line.trim().split(/\s+/))
      // Z: it has ended, and only its entry is waiting for a parent to read it.
      .filter(([, , state = 'Z']) => !state.startsWith('Z'))
      .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }))
  );
}
