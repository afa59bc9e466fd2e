/**
 * How soon the page is there in real VS Code, beside an empty webview in the same window. It is there when its first record
 * is painted, and a key that is pressed then does what it is for.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, present, progress, slower } from '../helpers/benchReport';
import { openFile, watchPages } from '../helpers/pageProbe';
import { record } from '../helpers/shardFixture';
import { shows } from '../page/steps';
import { openWorkbench, type Workbench } from '../page/workbench';

const OPENINGS = 12;
const ROWS = 2000;
const EMPTY = 'nothing.empty';
const SHARD = 'shard.jsonl';

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

async function closeEditor(bench: Workbench): Promise<void> {
  await bench.runCommand('View: Close Editor');
  await bench.page.locator('iframe.webview').waitFor({ state: 'detached' });
}

/** Goes to the next record by its key, and back, so that the page opens at the first one again. */
async function walk(bench: Workbench): Promise<void> {
  await bench.press('j');
  await shows(bench, 'r1@de');
  await bench.press('k');
  await shows(bench, 'r0@de');
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crossalpaca-bench-ready-'));
  const empty = emptyWebview(mkdtempSync(join(tmpdir(), 'crossalpaca-bench-empty-')));
  const rows = Array.from({ length: ROWS }, (_, row) =>
    record(`r${row}`, `Das ist der Apfel mit der Nummer ${row}.`),
  );
  writeFileSync(join(folder, SHARD), `${rows.join('\n')}\n`);
  writeFileSync(join(folder, EMPTY), '');
  const settings = {
    'crossalpaca.reviewer': 'anna',
    'workbench.editorAssociations': { '*.jsonl': 'crossalpaca.review', '*.empty': 'bench.empty' },
  };
  let bench: Workbench | undefined;
  try {
    bench = await openWorkbench({ folder, settings, beside: [empty] });
    await watchPages(bench);
    const took = { [EMPTY]: [] as number[], [SHARD]: [] as number[] };
    for (let round = 0; round <= OPENINGS; round++) {
      progress(`opening ${round}`);
      for (const name of [EMPTY, SHARD] as const) {
        const ms = await openFile(bench, name);
        // The first time the extensions start as well.
        if (round > 0) took[name].push(ms);
        if (name === SHARD) await walk(bench);
        await closeEditor(bench);
      }
    }
    const reference = median(took[EMPTY]);
    present('ready', [
      slower('page ready', median(took[SHARD]), 'an empty webview', reference, { most: 1.2 }),
    ]);
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
