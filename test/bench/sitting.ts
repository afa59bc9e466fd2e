/**
 * A reviewer's day in real VS Code: how soon the page is there, beside an empty webview; how soon the next record is there
 * after a decision, beside what no decision can do without; what 2,000 decisions leave behind in the memory of the page.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, percentile, present, progress, slower, timed, type Measured } from '../helpers/benchReport';
import { inPage, watchPages, whenProbe } from '../helpers/pageProbe';
import { record } from '../helpers/shardFixture';
import { focusList } from '../page/steps';
import { openWorkbench, type Workbench } from '../page/workbench';

const OPENINGS = 5;
const DECISIONS = 60;
/** A person at their quickest looks this long at a record. Milliseconds. */
const LOOK_MS = 400;
const SETTLE_MS = 3000;
const FIRST = 200;
const ALL = 2000;
const EMPTY = 'nothing.empty';

/** An extension whose editor is a webview with one heading and nothing else. */
function emptyWebview(folder: string): string {
  const manifest = {
    name: 'empty-webview',
    publisher: 'bench',
    version: '1.0.0',
    engines: { vscode: '^1.106.0' },
    main: './main.js',
    contributes: {
      customEditors: [
        { viewType: 'bench.empty', displayName: 'Empty', selector: [{ filenamePattern: '*.empty' }] },
      ],
    },
  };
  const page = `<!DOCTYPE html><html lang="en"><head><title>Empty</title></head><body><h1>Empty</h1>
    <script>acquireVsCodeApi(); document.body.append(Object.assign(document.createElement('h2'), { textContent: 'Ready' }));</script>
    </body></html>`;
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(
    join(folder, 'main.js'),
    `const vscode = require('vscode');
exports.activate = context => context.subscriptions.push(
  vscode.window.registerCustomEditorProvider('bench.empty', {
    openCustomDocument: uri => ({ uri, dispose() {} }),
    resolveCustomEditor(document, { webview }) {
      webview.options = { enableScripts: true };
      webview.html = ${JSON.stringify(page)};
    },
  }));
`,
  );
  return folder;
}

/** Opens a file by its name, as a person does. @returns milliseconds until a heading is painted in its editor */
async function openFile(bench: Workbench, name: string): Promise<number> {
  await bench.press('Control+p');
  const picker = bench.page.locator('.quick-input-widget:visible');
  await picker.locator('input[type="text"]').fill(name);
  await picker.locator('.monaco-list-row', { hasText: name }).first().waitFor();
  const start = Date.now();
  await bench.press('Enter');
  const { firstPainted } = await whenProbe(bench, state => state.firstPainted > 0);
  return firstPainted - start;
}

async function closeEditor(bench: Workbench): Promise<void> {
  await bench.runCommand('View: Close Editor');
  await bench.page.locator('iframe.webview:visible').waitFor({ state: 'detached' });
}

async function opening(bench: Workbench): Promise<Measured> {
  progress('opening');
  const took = { page: [] as number[], empty: [] as number[] };
  for (let round = 0; round <= OPENINGS; round++) {
    for (const [which, name] of [
      ['empty', EMPTY],
      ['page', 'shard.jsonl'],
    ] as const) {
      const ms = await openFile(bench, name);
      // The first time the extensions start as well.
      if (round > 0) took[which].push(ms);
      await closeEditor(bench);
    }
  }
  return slower('page ready', median(took.page), 'an empty webview', median(took.empty), { most: 1.2 });
}

/** What no decision can do without. */
async function bareAppend(path: string): Promise<void> {
  const file = await open(path, 'a');
  await file.write(`${'x'.repeat(400)}\n`);
  await file.sync();
  await file.close();
}

async function deciding(bench: Workbench, folder: string): Promise<Measured> {
  progress('deciding');
  await focusList(bench);
  const bare: number[] = [];
  for (let made = 0; made < DECISIONS; made++) {
    await bench.page.waitForTimeout(LOOK_MS);
    const append = await timed(() => bareAppend(join(folder, 'bare')));
    bare.push(append + (await inPage<{ painted: number }>(bench, 'roundTrip()')).painted);
    await bench.press('a');
    await whenProbe(bench, ({ nexts }) => nexts.length > made, 20_000);
  }
  const { nexts } = await whenProbe(bench, () => true);
  return slower(
    'key to next record painted, 95 %',
    percentile(nexts, 0.95),
    'append with fsync + empty round trip, 95 %',
    percentile(bare, 0.95),
    { most: 2 },
  );
}

/** Bytes of the JavaScript heap that the page is in, after a forced collection. */
async function heap({ page }: Workbench): Promise<number> {
  // The page shares it with the window of VS Code, whose own growth counts here too.
  // What the probe puts off until nobody waits for the page is done by then.
  await page.waitForTimeout(SETTLE_MS);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.enable');
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  await devtools.detach();
  return usedSize;
}

async function sitting(bench: Workbench): Promise<Measured[]> {
  progress(`a sitting of ${ALL} records`);
  const first = {
    elements: await inPage<number>(bench, `approve(${FIRST - DECISIONS})`),
    bytes: await heap(bench),
  };
  const last = { elements: await inPage<number>(bench, `approve(${ALL - FIRST})`), bytes: await heap(bench) };
  const grown = (what: string, value: number, reference: number, unit: string): Measured => ({
    ...{ what, value, unit, ratio: value / reference },
    reference: { name: `after ${FIRST}`, value: reference },
    goal: { most: 1.1 },
  });
  return [
    grown(`memory after ${ALL} records`, last.bytes / 1e6, first.bytes / 1e6, 'MB'),
    grown(`elements after ${ALL} records`, last.elements, first.elements, 'elements'),
  ];
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crossalpaca-bench-sitting-'));
  const empty = emptyWebview(mkdtempSync(join(tmpdir(), 'crossalpaca-bench-empty-')));
  const rows = Array.from({ length: ALL + 10 }, (_, row) =>
    record(`r${row}`, `Das ist der Apfel mit der Nummer ${row}.`),
  );
  writeFileSync(join(folder, 'shard.jsonl'), `${rows.join('\n')}\n`);
  writeFileSync(join(folder, EMPTY), '');
  const settings = {
    'crossalpaca.reviewer': 'anna',
    'workbench.editorAssociations': { '*.jsonl': 'crossalpaca.review', '*.empty': 'bench.empty' },
  };
  let bench: Workbench | undefined;
  try {
    bench = await openWorkbench({ folder, settings, beside: [empty] });
    await watchPages(bench);
    const ready = await opening(bench);
    await openFile(bench, 'shard.jsonl');
    present('sitting', [ready, await deciding(bench, folder), ...(await sitting(bench))]);
  } catch (error) {
    await bench?.screenshot('bench');
    throw error;
  } finally {
    await bench?.close();
    for (const made of [folder, empty]) rmSync(made, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
