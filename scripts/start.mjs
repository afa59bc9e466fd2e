/**
 * `npm start [-- FILE] [-- --browser]`: VS Code with CrossAlpaca in it and FILE under review, or a demonstration
 * of its own. A desktop VS Code is used where there is one, unless --browser; else VS Code runs in the browser.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { DEMO_MODEL, startEngine } from '../test/engine/engine.mjs';
import { build, cache, ensureDependencies, ensureNode, run, tryEngine, whereIs, root } from './setup.mjs';
import {
  addSettings,
  cleanEnvironment,
  installExtension,
  machineSettings,
  openedForReview,
  startVsCode,
  stopSignals,
  workbenchUrl,
} from './vscodeServer.mjs';

const BACKEND_URL = 'crossalpaca.backend.url';
const BACKEND_MODEL = 'crossalpaca.backend.model';

try {
  await start(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** @param {string[]} args */
async function start(args) {
  ensureNode();
  const files = args.filter(arg => arg !== '--browser');
  const [file] = files;
  if (files.length > 1 || file?.startsWith('-')) throw new Error('Use: npm start [-- FILE] [-- --browser]');
  const named = file === undefined ? undefined : shardAt(file);
  await ensureDependencies();
  await build();
  const shard = named ?? (await demonstration());
  // Ended by a signal, Node tells nobody: the engine, which goes with the end of this process, would be left with its model.
  for (const signal of stopSignals) process.on(signal, exitBy);
  const engine = named ? undefined : await startDemoEngine();
  try {
    const desktop = args.includes('--browser') ? undefined : await desktopVsCode();
    if (desktop) await openDesktop(desktop, shard, engine?.url);
    else await openBrowser(shard, engine?.url);
  } catch (error) {
    // It would keep this command from ending.
    await engine?.stop();
    throw error;
  }
}

/** @param {NodeJS.Signals} signal */
function exitBy(signal) {
  process.exit(process.exitCode ?? 128 + constants.signals[signal]);
}

/** @param {string} file as the user typed it */
function shardAt(file) {
  // npm changes to the project's folder; this is where the user was.
  const path = resolve(process.env['INIT_CWD'] ?? process.cwd(), file);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new Error(`There is no file ${path}: name an existing JSON Lines or JSON file.`);
  if (!found.isFile()) throw new Error(`${path} is not a file: name a JSON Lines or JSON file.`);
  return { file: path, reviewed: [basename(path)] };
}

/** A workspace made from the samples at the first start only: reviews done in it stay. */
async function demonstration() {
  const folder = join(cache, 'demo');
  const samples = readdirSync(join(root, 'samples')).filter(name => name.endsWith('.jsonl'));
  if (!existsSync(folder)) {
    await cp(join(root, 'samples'), folder, { recursive: true });
    // Reviews are meant to be shared by git. Where there is none, they work without.
    await run('git', ['init', '--quiet'], { cwd: folder }).catch(() => undefined);
  }
  return { file: join(folder, 'sample.jsonl'), reviewed: samples };
}

/**
 * A model to try regeneration with where there is no other. It runs as long as this command.
 *
 * @returns {Promise<import('../test/engine/engine.mjs').Engine | undefined>} nothing where it cannot be had
 */
async function startDemoEngine() {
  if (!(await tryEngine())) return undefined;
  try {
    const engine = await startEngine(root);
    console.log(
      `Regeneration can be tried with “${DEMO_MODEL}”: it knows a few words, from English into Italian only.`,
    );
    return engine;
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    return undefined;
  }
}

/**
 * Settings for that model, unless the user has chosen another backend.
 *
 * @param {string} path of the settings file that they go to
 * @param {string | undefined} url nothing where it does not run: what an earlier start has set is taken back
 * @returns {Promise<Record<string, unknown>>}
 */
async function demoSettings(path, url) {
  const present = await readFile(path, 'utf8')
    .then(JSON.parse)
    .catch(() => ({}));
  const isDemo = present[BACKEND_MODEL] === DEMO_MODEL;
  if (present[BACKEND_URL] && !isDemo) return {};
  if (url) return { [BACKEND_URL]: url, [BACKEND_MODEL]: DEMO_MODEL };
  return isDemo ? { [BACKEND_URL]: '', [BACKEND_MODEL]: '' } : {};
}

/**
 * @param {{ file: string, reviewed: string[] }} shard
 * @param {string | undefined} demoBackend its address
 */
async function openBrowser({ file, reviewed }, demoBackend) {
  const dataDir = join(cache, 'start');
  await installExtension(dataDir);
  const settings = {
    ...openedForReview(reviewed),
    ...(await demoSettings(machineSettings(dataDir), demoBackend)),
  };
  // VS Code in a browser keeps what is open by its address, so the same port is preferred every time.
  const server = await startVsCode({ dataDir, ports: '8139-8199', settings });
  // From now on it ends once VS Code has ended.
  for (const signal of stopSignals) process.off(signal, exitBy);
  // Ctrl+C is how this command ends, not a failure.
  process.exitCode = 0;
  const url = workbenchUrl(server, { folder: dirname(file), file });
  console.log(`CrossAlpaca is running at ${url}`);
  console.log(openWithDefaultBrowser(url) ? 'It opens in your browser.' : 'Open this address in a browser.');
  console.log('Press Ctrl+C to stop.');
}

/**
 * @param {string} url
 * @returns {boolean} whether there is a display to open it on
 */
function openWithDefaultBrowser(url) {
  if (process.env['BROWSER'] === 'none' || !hasDisplay()) return false;
  /** @type {Partial<Record<NodeJS.Platform, [string, string[]]>>} */
  const openers = { darwin: ['open', [url]], win32: ['rundll32', ['url.dll,FileProtocolHandler', url]] };
  const [command, args] = openers[process.platform] ?? ['xdg-open', [url]];
  if (process.platform === 'linux' && !whereIs(command)) return false;
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => console.log('It did not open by itself: open the address in a browser.'))
    .unref();
  return true;
}

function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/**
 * A VS Code with windows of its own. In the terminal of a remote VS Code, `code` is a messenger to the window
 * that is open already, which cannot load an extension from here.
 */
async function desktopVsCode() {
  if (!hasDisplay() || process.env['VSCODE_IPC_HOOK_CLI'] || process.env['WSL_DISTRO_NAME']) return undefined;
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [, oldest] = /(\d+\.\d+)/.exec(engines.vscode) ?? [];
  for (const name of ['code', 'code-insiders', 'codium']) {
    const path = whereIs(name);
    if (!path || /remote-cli|code-server/.test(path)) continue;
    const version = await runCommand(path, ['--version']);
    // The desktop build prints version, commit and architecture, each on a line.
    const [, found] = /^(\d+\.\d+)\.\d+\S*\r?\n[0-9a-f]{40}\r?\n\w+/.exec(version) ?? [];
    if (found && oldest && found.localeCompare(oldest, 'en', { numeric: true }) >= 0) return path;
  }
  return undefined;
}

/**
 * @param {string} path
 * @param {{ file: string, reviewed: string[] }} shard
 * @param {string | undefined} demoBackend its address
 */
async function openDesktop(path, { file, reviewed }, demoBackend) {
  const userData = join(cache, 'desktop');
  const settings = join(userData, 'User', 'settings.json');
  await addSettings(settings, {
    ...openedForReview(reviewed),
    ...(await demoSettings(settings, demoBackend)),
  });
  await runCommand(path, [
    `--extensionDevelopmentPath=${root}`,
    `--user-data-dir=${userData}`,
    '--disable-workspace-trust',
    '--new-window',
    dirname(file),
    file,
  ]);
  console.log(`CrossAlpaca opens in a window of ${path}, with ${file} under review.`);
  if (demoBackend) console.log(`The model “${DEMO_MODEL}” runs until you press Ctrl+C here.`);
}

/**
 * @param {string} path
 * @param {string[]} args
 * @returns {Promise<string>} what it printed
 */
async function runCommand(path, args) {
  const env = cleanEnvironment();
  // On Windows, `code` is a batch file: only a shell starts one, and quotes keep spaces together.
  const shell = path.endsWith('.cmd');
  const [command = '', ...rest] = shell ? [path, ...args].map(arg => `"${arg}"`) : [path, ...args];
  const { code, output } = await run(command, rest, { env, shell });
  if (code !== 0) throw new Error(`${path} did not start: ${output.trim()}`);
  return output;
}
