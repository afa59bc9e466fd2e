/**
 * What waking the extension costs in real VS Code: loading its code and `activate`, beside an extension that does nothing, in
 * the same extension host. Each window wakes the two anew, in turns the one and the other first, once it has come to rest and
 * has woken a third one: the first extension also pays for what VS Code does once.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as vscodeServer from '../../scripts/vscodeServer.mjs';
import { median, present, progress } from '../helpers/benchReport';
import { launchBrowser } from '../page/workbench';

const WINDOWS = 6;
const MOST_MS = 30;
const OURS = 'crossalpaca.crossalpaca';
const FIRST = 'bench.first';
const EMPTY = 'bench.empty';
/** A window of VS Code still starts other things when its tests begin. */
const REST_MS = 4000;

/** Runs in the extension host. */
const MEASURE = `
const vscode = require('vscode');
const { writeFileSync } = require('node:fs');
exports.run = async () => {
  const wasAsleep = !vscode.extensions.getExtension('${OURS}').isActive;
  await new Promise(fulfil => setTimeout(fulfil, ${REST_MS}));
  const took = {};
  for (const id of process.env.BENCH_ORDER.split(' ')) {
    const start = performance.now();
    await vscode.extensions.getExtension(id).activate();
    took[id] = performance.now() - start;
  }
  writeFileSync(process.env.BENCH_RESULT, JSON.stringify({ wasAsleep, took }));
};
`;

const scripts = pathToFileURL(join(process.cwd(), 'scripts', '/')).href;

async function main(): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-activation-')));
  try {
    await writeEmptyExtension(join(folder, 'first'), FIRST);
    await writeEmptyExtension(join(folder, 'empty'), EMPTY);
    await writeFile(join(folder, 'empty', 'measure.cjs'), MEASURE);
    await mkdir(join(folder, 'workspace'));
    const ours: number[] = [];
    const empty: number[] = [];
    for (let window = 0; window < WINDOWS; window++) {
      progress(`window ${window + 1} of ${WINDOWS}`);
      const { wasAsleep, took } = await wake(
        folder,
        window % 2 === 0 ? [FIRST, EMPTY, OURS] : [FIRST, OURS, EMPTY],
      );
      assert.ok(wasAsleep, 'it is active though nothing has used it');
      ours.push(took[OURS]!);
      empty.push(took[EMPTY]!);
    }
    const [own, reference] = [median(ours), median(empty)];
    present('activation', [
      {
        what: 'activation',
        value: own,
        unit: 'ms',
        reference: { name: 'empty extension', value: reference },
      },
      { what: 'more than an empty extension', value: own - reference, unit: 'ms', goal: { most: MOST_MS } },
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function writeEmptyExtension(folder: string, id: string): Promise<void> {
  await mkdir(folder);
  const [publisher, name] = id.split('.');
  const manifest = {
    ...{ name, publisher, version: '0.0.1', engines: { vscode: '^1.106.0' } },
    ...{ main: './main.cjs', activationEvents: [], extensionKind: ['workspace'] },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'main.cjs'), 'exports.activate = () => undefined;\n');
}

async function wake(
  folder: string,
  order: readonly string[],
): Promise<{ wasAsleep: boolean; took: Record<string, number> }> {
  const { installExtension, startVsCode, workbenchUrl } = (await import(
    `${scripts}vscodeServer.mjs`
  )) as typeof vscodeServer;
  const dataDir = join(folder, 'data');
  const result = join(folder, 'result.json');
  await installExtension(dataDir, [join(folder, 'first')]);
  const server = await startVsCode({
    dataDir,
    smokeTestDriver: true,
    env: { BENCH_ORDER: order.join(' '), BENCH_RESULT: result },
  });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.exposeFunction('codeAutomationLog', () => undefined);
    const ended = new Promise<number>(resolve => void page.exposeFunction('codeAutomationExit', resolve));
    const extension = join(folder, 'empty');
    await page.goto(
      workbenchUrl(server, {
        folder: join(folder, 'workspace'),
        extensionDevelopmentPath: extension,
        extensionTestsPath: join(extension, 'measure.cjs'),
      }),
    );
    assert.equal(await ended, 0);
    return JSON.parse(await readFile(result, 'utf8')) as { wasAsleep: boolean; took: Record<string, number> };
  } finally {
    await browser.close();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

void main();
