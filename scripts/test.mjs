/**
 * `npm test [-- PART...] [-- --vscode=VERSION]` checks everything, or only these parts; `npm run test:desktop` runs
 * the integration tests in the desktop VS Code instead. Ends with one line that sums all tests: `N passed, N failed`.
 */
import { setMaxListeners } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run as runTestFiles } from 'node:test';
import {
  build,
  cache,
  ensureChromium,
  ensureDependencies,
  ensureNode,
  ensureVsCode,
  launchChromium,
  minimumVsCode,
  npm,
  progress,
  root,
  tryEngine,
  tryStrace,
} from './setup.mjs';
import { cleanEnvironment, startVsCode, workbenchUrl } from './vscodeServer.mjs';

/** @typedef {{ passed: number, failed: number }} Counts */

const minutes = 60_000;
/** VS Code's complaint about each of its native modules, without which it does as well. */
const unbuiltModule = /Could not locate the bindings file|Cannot find module '\.\/build\//;
const integrationRunner = join(root, 'out', 'test', 'integration', 'index.cjs');
const desktop = process.argv.includes('--desktop');
const version = process.argv.find(arg => arg.startsWith('--vscode='))?.slice('--vscode='.length);

/** What `npm test -- PART` can name, in the order in which the parts run. */
const checks = ['format:check', 'lint', 'check-types'];
/** @type {Record<string, () => Promise<Counts>>} */
const suites = {
  unit: () => nodeTests('unit', 30 * minutes),
  integration: desktop ? desktopIntegration : () => browserIntegration(version),
  ...(desktop ? {} : { page: () => pageTests(version), minimum: minimumTests }),
};

const total = { passed: 0, failed: 0 };
try {
  await test(process.argv.slice(2).filter(arg => !arg.startsWith('--')));
} catch (error) {
  total.failed++;
  console.error(error instanceof Error ? error.message : error);
}
console.log(`${total.passed} passed, ${total.failed} failed`);
// Not left to itself: a test may have left something open.
process.exit(total.failed > 0 ? 1 : 0);

/** @param {string[]} parts all when empty */
async function test(parts) {
  const known = [...checks, ...Object.keys(suites)];
  const unknown = parts.find(part => !known.includes(part));
  if (unknown) throw new Error(`There is no part ${unknown}: name any of ${known.join(', ')}.`);
  const wanted = parts.length > 0 ? known.filter(part => parts.includes(part)) : known;

  ensureNode();
  await ensureDependencies();
  for (const check of wanted.filter(part => checks.includes(part))) {
    await step(check, async () => {
      const { code, output } = await npm(['run', '--silent', check]);
      if (code !== 0) throw new Error(output.trimEnd());
      return { passed: 0, failed: 0 };
    });
  }
  const tests = wanted.filter(part => part in suites);
  if (tests.length === 0) return;

  // The tests of a file that is gone must not run on.
  await rm(join(root, 'out', 'test'), { recursive: true, force: true });
  // As it is shipped, so that this is what is tested.
  await build('--tests', '--production');
  if (tests.includes('unit')) {
    // The proof that nothing is acknowledged before its fsync is skipped where this is missing.
    await tryStrace();
    await tryEngine();
  }
  if (!desktop && tests.some(part => part !== 'unit')) {
    await ensureVsCode(version);
    if (tests.includes('minimum')) await ensureVsCode(minimumVsCode);
    await ensureChromium();
  }
  for (const name of tests) {
    await step(name, async () => {
      const counts = await suites[name]?.();
      // A suite that finds no test has lost them.
      if (!counts || counts.passed + counts.failed === 0) throw new Error('No test ran.');
      return counts;
    });
  }
}

/**
 * Names a step, does it, and tells how long it took. One that throws counts as one failure, and the next goes on.
 *
 * @param {string} name
 * @param {() => Promise<Counts>} work
 */
async function step(name, work) {
  const start = performance.now();
  console.log(`\n${name}`);
  let outcome;
  try {
    const { passed, failed } = await progress(name, work, false);
    total.passed += passed;
    total.failed += failed;
    outcome = passed + failed === 0 ? 'good' : `${passed} passed, ${failed} failed`;
  } catch (error) {
    total.failed++;
    console.log(error instanceof Error ? error.message : error);
    outcome = 'failed';
  }
  console.log(`${name}: ${outcome}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/**
 * Runs the bundles of a folder of `test/` with Node's own runner, each in a process of its own.
 *
 * @param {string} part
 * @param {number} limit in milliseconds, for all together
 * @param {{ only?: string, concurrency?: number | boolean, tries?: number }} [options] only: one file of the folder.
 *   tries: how often a file may be run until nothing of it fails. More than one only where a browser on a busy machine is
 *   part of the test.
 * @returns {Promise<Counts>}
 */
async function nodeTests(part, limit, { only = '', concurrency = true, tries = 1 } = {}) {
  const folder = join(root, 'out', 'test', part);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  let files = names.filter(name => name.endsWith(`${only}.test.cjs`)).map(name => join(folder, name));
  const signal = AbortSignal.timeout(limit);
  // Node's runner listens once for each file.
  setMaxListeners(0, signal);
  const counts = { passed: 0, failed: 0 };
  for (let left = tries; files.length > 0; left--) {
    const outcomes = await runFiles(files, { concurrency, signal }, limit / minutes);
    const broken = [...outcomes].filter(([, { failed }]) => failed > 0).map(([file]) => file);
    files = left > 1 && !signal.aborted ? broken : [];
    for (const file of files) console.log(`\nonce more, because of what failed in it: ${file}`);
    for (const [file, { passed, failed }] of outcomes) {
      if (files.includes(file)) continue;
      counts.passed += passed;
      counts.failed += failed;
    }
  }
  return counts;
}

/**
 * @param {string[]} files bundles
 * @param {{ concurrency: number | boolean, signal: AbortSignal }} options
 * @param {number} limit in minutes, for what is said where the signal came
 * @returns {Promise<Map<string, Counts>>} by file
 */
async function runFiles(files, options, limit) {
  process.env['NODE_OPTIONS'] = '--enable-source-maps';
  const outcomes = new Map(files.map(file => [file, { passed: 0, failed: 0, printed: '' }]));
  /** @param {string | undefined} file a bundle; with source maps, its source */
  const outcomeOf = file => {
    const bundle = files.find(
      each => each === file || basename(each, '.cjs') === basename(file ?? '', '.ts'),
    );
    return outcomes.get(bundle ?? '') ?? [...outcomes.values()][0];
  };
  for await (const { type, data } of runTestFiles({ files, ...options })) {
    const outcome = outcomeOf(data.file ?? data.name);
    if (!outcome) continue;
    if (type === 'test:stdout' || type === 'test:stderr') {
      outcome.printed += data.message;
    } else if (type === 'test:pass') {
      const { name, skip, todo, details } = data;
      // Node reports a file that holds no test as a passed test of the file's name.
      if (files.includes(name)) fail(outcome, name, 'This file holds no test.');
      else if (details.type !== 'suite' && skip === undefined && todo === undefined) outcome.passed++;
    } else if (type === 'test:fail') {
      const { name, file, todo, details } = data;
      const { failureType } = /** @type {{ failureType?: string }} */ (details.error);
      // What went wrong inside has been counted by itself.
      if (todo !== undefined || failureType === 'subtestsFailed') continue;
      if (failureType === 'testAborted')
        fail(outcome, name, `Not ended after ${limit} minutes, as all had to be.`);
      else if (files.includes(name))
        fail(outcome, name, 'Its process failed outside of the tests: see below what it printed.');
      else fail(outcome, `${name} (${file})`, describe(details.error.cause ?? details.error));
    }
  }
  for (const [file, { failed, printed }] of outcomes) {
    if (failed > 0 && printed) console.log(`\nprinted by ${file}:\n${printed.trimEnd()}`);
  }
  return outcomes;
}

/**
 * @param {Counts} counts
 * @param {string} title
 * @param {string} reason
 */
function fail(counts, title, reason) {
  counts.failed++;
  console.log(`\nfailed: ${title}\n${reason.trimEnd().replaceAll(/^/gm, '  ')}`);
}

/** @param {unknown} error */
function describe(error) {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * @param {string | undefined} vsCode version of code-server
 * @param {string} [only] one file
 */
async function pageTests(vsCode, only) {
  if (vsCode !== undefined) process.env['CROSSALPACA_VSCODE'] = vsCode;
  try {
    return await nodeTests('page', 45 * minutes, { concurrency: 1, tries: 2, ...(only ? { only } : {}) });
  } finally {
    delete process.env['CROSSALPACA_VSCODE'];
  }
}

/** The oldest VS Code that is promised: what is inside it, and the package as a person uses it. */
async function minimumTests() {
  const inside = await browserIntegration(minimumVsCode);
  const used = await pageTests(minimumVsCode, 'packaged');
  return { passed: inside.passed + used.passed, failed: inside.failed + used.failed };
}

/**
 * The integration tests, inside the extension host of a VS Code whose window is a browser without one.
 *
 * @param {string | undefined} vsCode version of code-server
 */
async function browserIntegration(vsCode) {
  /**
   * What VS Code and the extension say, of interest only when something fails.
   *
   * @type {string[]}
   */
  const others = [];
  const { workspace, results, remove } = await temporaryWorkspace();
  const server = await startVsCode({
    version: vsCode,
    dataDir: join(workspace, '..', 'server'),
    smokeTestDriver: true,
    env: { CROSSALPACA_TEST_RESULTS: results },
  });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.exposeFunction(
      'codeAutomationLog',
      (/** @type {string} */ _type, /** @type {unknown[]} */ args) => {
        const text = args.map(String).join(' ');
        if (/^(passed|skipped|failed): /.test(text)) console.log(text);
        else if (!unbuiltModule.test(text)) others.push(text);
      },
    );
    /** @type {(code: number) => void} */
    let exit = () => undefined;
    const ended = new Promise(fulfil => (exit = fulfil));
    await page.exposeFunction('codeAutomationExit', exit);
    const url = workbenchUrl(server, {
      folder: workspace,
      extensionDevelopmentPath: root,
      extensionTestsPath: integrationRunner,
    });
    await page.goto(url);
    const limit = 5;
    const timer = new Promise((_, reject) => {
      const tooLong = new Error(`The integration tests did not end within ${limit} minutes.`);
      setTimeout(() => reject(tooLong), limit * minutes).unref();
    });
    try {
      const code = await Promise.race([ended, timer]);
      const counts = await readResults(results, code);
      if (counts.failed > 0) await showWindow(page, others);
      return counts;
    } catch (error) {
      await showWindow(page, others);
      throw error;
    }
  } finally {
    await browser.close();
    await server.stop();
    await remove();
  }
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string[]} log
 */
async function showWindow(page, log) {
  const path = join(root, 'out', 'screenshots', 'integration.png');
  await page.screenshot({ path });
  console.log(`\nprinted by VS Code:\n${log.join('\n')}\n\nThe window looked like this: ${path}`);
}

/** The integration tests in the desktop VS Code, which @vscode/test-electron downloads once. */
async function desktopIntegration() {
  const { workspace, results, remove } = await temporaryWorkspace();
  const { downloadAndUnzipVSCode, runTests } = await import('@vscode/test-electron');
  try {
    const vscodeExecutablePath = await downloadAndUnzipVSCode({
      version: version ?? 'stable',
      cachePath: cache,
    }).catch(error => {
      throw new Error(
        `VS Code could not be downloaded (${error.message}): check the network, or use \`npm test\`.`,
      );
    });
    const code = await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: root,
      extensionTestsPath: integrationRunner,
      extensionTestsEnv: { ...cleanEnvironment(), CROSSALPACA_TEST_RESULTS: results },
      launchArgs: [
        workspace,
        '--disable-workspace-trust',
        `--user-data-dir=${join(workspace, '..', 'user')}`,
      ],
    }).catch(() => 1);
    return await readResults(results, code);
  } finally {
    await remove();
  }
}

/** A fresh workspace with the samples and the fixtures, and a path for the results beside it. */
async function temporaryWorkspace() {
  // Resolved, because the temporary folder of macOS is a link and VS Code tells real paths.
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
  const workspace = join(folder, 'workspace');
  await mkdir(workspace);
  for (const source of ['samples', join('test', 'fixtures')]) {
    if (existsSync(join(root, source))) await cp(join(root, source), workspace, { recursive: true });
  }
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  return { workspace, results: join(folder, 'results.json'), remove };
}

/**
 * @param {string} path where the runner in the extension host left its counts
 * @param {unknown} code with which VS Code ended the run
 * @returns {Promise<Counts>}
 */
async function readResults(path, code) {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Error('The tests ended without results: see what VS Code printed above.');
  });
  /** @type {Counts} */
  const { passed, failed } = JSON.parse(text);
  if (code !== 0 && failed === 0) throw new Error(`VS Code ended the tests with code ${code}.`);
  return { passed, failed };
}
