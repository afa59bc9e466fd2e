/** The package that users install: what is in it, and that it works where nothing else of the project is. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type * as setup from '../../scripts/setup.mjs';
import type * as vscodeServer from '../../scripts/vscodeServer.mjs';
import { icon } from './sideBar';
import { choose, focusList, shows, until } from './steps';
import { openWorkbench, type Workbench } from './workbench';

/** Everything that is shipped, by the names that `vsce` gives it. */
const SHIPPED = [
  'LICENSE.txt',
  'ThirdPartyNotices.txt',
  'changelog.md',
  'dist/cli.cjs',
  'dist/dashboard.css',
  'dist/dashboard.js',
  'dist/extension.cjs',
  'dist/shared-*.cjs',
  'dist/webview.css',
  'dist/webview.js',
  'dist/worker.cjs',
  'docs/export.md',
  'docs/formats/README.md',
  'docs/formats/ledger.md',
  'docs/formats/local.md',
  'docs/formats/shard.md',
  'docs/formats/team.md',
  'docs/gate.md',
  'docs/measured.md',
  'docs/regenerate.md',
  'docs/reviewing.md',
  'docs/team.md',
  'l10n/bundle.l10n.de.json',
  'l10n/bundle.l10n.es.json',
  'l10n/bundle.l10n.it.json',
  'l10n/bundle.l10n.zh-cn.json',
  'media/activity.svg',
  'media/dashboard.png',
  'media/policy.schema.json',
  'media/proposal.png',
  'media/recipe.schema.json',
  'media/review.png',
  'media/walkthrough/approve.svg',
  'media/walkthrough/backend.svg',
  'media/walkthrough/export.svg',
  'media/walkthrough/mend.svg',
  'media/walkthrough/sample.svg',
  'package.json',
  'package.nls.de.json',
  'package.nls.es.json',
  'package.nls.it.json',
  'package.nls.json',
  'package.nls.zh-cn.json',
  'readme.md',
  'recipes/crossalpaca.yaml',
  'samples/README.md',
  'samples/parallel.jsonl',
  'samples/sample.jsonl',
];
/** What VS Code adds when it installs a package. */
const ADDED = ['.vsixmanifest'];
const MAX_BYTES = 1_500_000;

const scripts = pathToFileURL(join(process.cwd(), 'scripts', '/')).href;
const version = process.env['CROSSALPACA_VSCODE'];

describe('the package', () => {
  let temporary: string;
  let dataDir: string;
  let vsix: string;
  let extension: string;

  before(async () => {
    const { npm } = (await import(`${scripts}setup.mjs`)) as typeof setup;
    const { installPackage } = (await import(`${scripts}vscodeServer.mjs`)) as typeof vscodeServer;
    temporary = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-package-')));
    dataDir = join(temporary, 'data');
    vsix = join(temporary, 'crossalpaca.vsix');
    const { code, output } = await npm(['run', 'package', '--', '--out', vsix]);
    assert.equal(code, 0, output);
    extension = await installPackage(dataDir, vsix, version);
  });

  after(() => rm(temporary, { recursive: true, force: true, maxRetries: 5 }));

  it('is small', async () => {
    const { size } = await stat(vsix);
    assert.ok(size < MAX_BYTES, `${size} bytes`);
  });

  it('holds what it needs, and nothing else', async () => {
    const entries = await readdir(extension, { recursive: true, withFileTypes: true });
    const files = entries
      .filter(entry => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(extension.length + 1))
      .map(path => path.replaceAll(sep, '/').replace(/^dist\/shared-\w+\.cjs$/, 'dist/shared-*.cjs'));
    const shipped = [...new Set(files)].filter(file => !ADDED.includes(file)).sort();
    assert.deepEqual(shipped, SHIPPED);
  });

  it('has pages that a document can hold: nothing in them ends the element they are in', async () => {
    for (const file of SHIPPED.filter(each => /^dist\/.*\.(?:js|css)$/.test(each)))
      assert.doesNotMatch(await readFile(join(extension, file), 'utf8'), /<\/?(?:script|style)/i, file);
  });

  it('has what its texts link to', async () => {
    const texts = SHIPPED.filter(file => file.endsWith('.md'));
    for (const text of texts) {
      const markdown = await readFile(join(extension, text), 'utf8');
      const targets = [...markdown.matchAll(/\]\(([^)\s#]+)/g)].map(([, target]) => target ?? '');
      for (const target of targets.filter(each => !/^[a-z]+:/.test(each)))
        assert.ok(existsSync(resolve(extension, dirname(text), target)), `${text} links to ${target}`);
    }
  });

  it('reviews, decides and exports by commands', async () => {
    const folder = join(temporary, 'curation');
    await cp(join(extension, 'samples', 'sample.jsonl'), join(folder, 'sample.jsonl'));
    const bench = await openWorkbench({
      folder,
      file: join(folder, 'sample.jsonl'),
      dataDir,
      installed: true,
      settings: {
        'crossalpaca.reviewer': 'anna',
        'files.simpleDialog.enable': true,
        // As text, as it is for everybody at first.
        'workbench.editorAssociations': {},
      },
    });
    try {
      // VS Code has read what is installed.
      await icon(bench).waitFor();
      await bench.page.locator('.tab.active', { hasText: 'sample.jsonl' }).waitFor();
      await bench.runCommand('CrossAlpaca: Review Shard');
      await shows(bench, 'ca-001@it', 'To review');
      await focusList(bench);
      await bench.runCommand('CrossAlpaca: Approve');
      await shows(bench, 'ca-002@it');
      await exportAlpaca(bench, join(folder, 'approved.jsonl'));
    } finally {
      await bench.close({ keep: true });
    }
    const written = (await readFile(join(folder, 'approved.jsonl'), 'utf8')).trimEnd().split('\n');
    assert.deepEqual(
      written.map(line => (JSON.parse(line) as { id: string }).id),
      ['ca-001@it'],
    );
    const ledger = join(folder, '.crossalpaca', 'sample.jsonl', 'anna', 'local.jsonl');
    assert.match(await readFile(ledger, 'utf8'), /"decision":"approve"/);
  });

  async function exportAlpaca(bench: Workbench, path: string): Promise<void> {
    const dialog = bench.page.locator('.monaco-dialog-box');
    await bench.runCommand('CrossAlpaca: Export Training Data');
    await choose(bench, 'Export: a recipe, or this shard in one format', 'Alpaca, JSON Lines');
    await choose(bench, 'Export: which texts?', 'Target side, as reviewed');
    await dialog.getByRole('button', { name: 'Save As' }).click();
    const input = bench.page.locator('.quick-input-widget:visible input[type="text"]');
    await until(async () => (await input.inputValue()).endsWith('.jsonl'));
    await input.fill(path);
    await bench.press('Enter');
    await until(() => Promise.resolve(existsSync(path)));
  }
});
