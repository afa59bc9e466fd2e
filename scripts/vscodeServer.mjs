/**
 * VS Code as a local server with its window in a browser. It listens on the loopback interface only and asks for a
 * token, because whoever reaches it can run programs as this user.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ensureVsCode, lastLines, root, run } from './setup.mjs';

/**
 * @typedef {object} Server
 * @property {string} origin `http://127.0.0.1:PORT`
 * @property {number} port
 * @property {string} token
 * @property {() => Promise<void>} stop resolves when no process of it is left
 */

/** What would stand in the way of somebody who came for CrossAlpaca. */
const quietSettings = {
  'chat.disableAIFeatures': true,
  'git.openRepositoryInParentFolders': 'never',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
};

/**
 * @param {object} options
 * @param {string} options.dataDir the server's own folder: settings, logs, extensions
 * @param {string} [options.version] of code-server
 * @param {boolean} [options.trust] false to start in Restricted Mode
 * @param {boolean} [options.smokeTestDriver] needed for `extensionDevelopmentPath`; shows no notifications
 * @param {string} [options.ports] a port, or `FROM-TO` of which the first free one is taken
 * @param {Record<string, unknown>} [options.settings] added to those of earlier starts
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {(text: string) => void} [options.log] is told what the server prints
 * @returns {Promise<Server>}
 */
export async function startVsCode({
  dataDir,
  version,
  trust = true,
  smokeTestDriver,
  ports = '0',
  ...options
}) {
  const { node, server } = await ensureVsCode(version);
  await addSettings(machineSettings(dataDir), {
    ...quietSettings,
    ...options.settings,
  });
  if (!trust) {
    // Restricted Mode without the question; only the user's own settings can say so.
    const own = join(dataDir, 'data', 'User', 'settings.json');
    await addSettings(own, { 'security.workspace.trust.startupPrompt': 'never' });
  }
  // In a file, because everybody on the machine can read a command line; kept, so that an address stays good.
  const tokenFile = join(dataDir, 'token');
  const token = await readFile(tokenFile, 'utf8').catch(() => randomBytes(16).toString('hex'));
  await writeFile(tokenFile, token, { mode: 0o600 });

  const args = [server, '--host', '127.0.0.1', '--port', ports, '--connection-token-file', tokenFile];
  args.push('--server-data-dir', dataDir, '--accept-server-license-terms', '--telemetry-level', 'off');
  if (trust) args.push('--disable-workspace-trust');
  if (smokeTestDriver) args.push('--enable-smoke-test-driver');
  // A process group of its own, so that the server's extension hosts can be stopped with it.
  const child = spawn(node, args, {
    env: { ...cleanEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const ended = new Promise(fulfil => child.once('close', fulfil));
  const stop = () => stopTree(child, ended);
  stopWithThisProcess(child, stop);

  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      output = (output + text).slice(-20_000);
      options.log?.(text);
    });
  }
  try {
    const port = await answering(child, () => Number(/listening on (\d+)/.exec(output)?.[1]));
    return { origin: `http://127.0.0.1:${port}`, port, token, stop };
  } catch (error) {
    await stop();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`VS Code could not be started: ${reason}\n${lastLines(output, 20)}`, { cause: error });
  }
}

/**
 * Where a server keeps the settings of its machine.
 *
 * @param {string} dataDir
 */
export const machineSettings = dataDir => join(dataDir, 'data', 'Machine', 'settings.json');

/**
 * Waits until the server answers.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => number} announcedPort NaN until it is known
 */
async function answering(child, announcedPort) {
  /** @type {Error | undefined} */
  let failure;
  child.once('error', error => (failure = error));
  const limit = Date.now() + 60_000;
  while (Date.now() < limit) {
    await sleep(50);
    if (failure) throw failure;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended at once.');
    const port = announcedPort();
    if (!port) continue;
    const answer = await fetch(`http://127.0.0.1:${port}/version`).catch(() => undefined);
    if (answer?.ok) return port;
  }
  throw new Error('it did not answer within a minute.');
}

/**
 * The environment without what a surrounding VS Code, npm or Node meant for its own children.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function cleanEnvironment() {
  const foreign = /^(VSCODE_|ELECTRON_|npm_|NODE_OPTIONS$|NODE_TEST_CONTEXT$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** @type {Map<import('node:child_process').ChildProcess, () => Promise<void>>} */
const running = new Map();

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => Promise<void>} stop
 */
function stopWithThisProcess(child, stop) {
  if (running.size === 0) {
    process.on('exit', killAll);
    orphanWatch = watchForParentsEnd();
    for (const signal of stopSignals) process.on(signal, stopAllAndExit);
  }
  running.set(child, stop);
  child.once('close', () => {
    running.delete(child);
    if (running.size > 0) return;
    process.off('exit', killAll);
    clearInterval(orphanWatch);
    for (const signal of stopSignals) process.off(signal, stopAllAndExit);
  });
}

/** @type {NodeJS.Timeout | undefined} */
let orphanWatch;

/** Whoever ends npm does not end what npm started: the shell between them passes no signal on. */
function watchForParentsEnd() {
  if (!process.env['npm_lifecycle_event']) return undefined;
  const parent = process.ppid;
  return setInterval(() => {
    if (process.ppid !== parent) void stopAllAndExit('SIGTERM');
  }, 500).unref();
}

/** @type {NodeJS.Signals[]} */
export const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** @param {NodeJS.Signals} signal */
async function stopAllAndExit(signal) {
  await Promise.all([...running.values()].map(stop => stop()));
  process.exit(process.exitCode ?? 128 + constants.signals[signal]);
}

function killAll() {
  for (const child of running.keys()) signalTree(child, 'SIGKILL');
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {Promise<unknown>} ended
 */
async function stopTree(child, ended) {
  signalTree(child, 'SIGTERM');
  await Promise.race([ended, sleep(3000, undefined, { ref: false })]);
  // Also when the server has ended: an extension host may not have.
  signalTree(child, 'SIGKILL');
  await ended;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalTree(child, signal) {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    if (child.exitCode === null)
      spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The whole group is gone already.
  }
}

/**
 * Merges into a settings file that a person may have changed.
 *
 * @param {string} path
 * @param {Record<string, unknown>} settings
 */
export async function addSettings(path, settings) {
  /** @type {Record<string, unknown>} */
  let present = {};
  try {
    present = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    // Not there yet, or made unreadable: start anew.
  }
  const name = 'workbench.editorAssociations';
  const associations = { ...Object(present[name]), ...Object(settings[name]) };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify({ ...present, ...settings, [name]: associations }, null, 2)}\n`);
}

/**
 * Settings that open these files, and no others, under review.
 *
 * @param {string[]} names
 */
export function openedForReview(names) {
  // A name is no pattern: what is special in one goes into brackets.
  const patterns = names.map(name => name.replace(/[[\]{}*?]/g, '[$&]'));
  return {
    'workbench.editorAssociations': Object.fromEntries(patterns.map(name => [name, 'crossalpaca.review'])),
  };
}

/**
 * Installs the built project as an extension of this server: the very files that its package would hold.
 *
 * @param {string} dataDir
 * @param {string[]} [beside] folders of further extensions
 */
export async function installExtension(dataDir, beside = []) {
  const { listFiles, PackageManager } = await import('@vscode/vsce');
  const files = await listFiles({ cwd: root, packageManager: PackageManager.None });
  const extensions = join(dataDir, 'extensions');
  const folder = join(extensions, 'crossalpaca');
  for (const file of files) await cp(join(root, file), join(folder, file));
  const installed = [folder];
  for (const [at, other] of beside.entries()) {
    const copy = join(extensions, `beside-${at}`);
    await cp(other, copy, { recursive: true });
    installed.push(copy);
  }
  // The list that VS Code keeps: when it has to make it itself, it sometimes finds nothing in time for the window.
  const entries = installed.map(async path => {
    const { publisher, name, version } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
    const location = { $mid: 1, path: pathToFileURL(path).pathname, scheme: 'file' };
    return {
      identifier: { id: `${publisher}.${name}` },
      version,
      location,
      relativeLocation: basename(path),
    };
  });
  await writeFile(join(extensions, 'extensions.json'), JSON.stringify(await Promise.all(entries)));
  await rm(join(dataDir, 'data', 'CachedProfilesData'), { recursive: true, force: true });
}

/**
 * Installs a package of the project as its users do, by VS Code's own command.
 *
 * @param {string} dataDir
 * @param {string} vsix an absolute path
 * @param {string} [version] of code-server
 * @returns {Promise<string>} the folder that it is in then
 */
export async function installPackage(dataDir, vsix, version) {
  const { node, server } = await ensureVsCode(version);
  const args = [server, '--server-data-dir', dataDir, '--accept-server-license-terms'];
  const { code, output } = await run(node, [...args, '--install-extension', vsix], {
    env: cleanEnvironment(),
  });
  if (code !== 0) throw new Error(`${vsix} could not be installed:\n${lastLines(output, 20)}`);
  const extensions = join(dataDir, 'extensions');
  const [{ relativeLocation }] = JSON.parse(await readFile(join(extensions, 'extensions.json'), 'utf8'));
  return join(extensions, relativeLocation);
}

/**
 * The address of a window of that server.
 *
 * @param {Server} server
 * @param {object} what absolute paths
 * @param {string} what.folder or a `.code-workspace` file, which names several
 * @param {string} [what.file] opened at once
 * @param {string} [what.extensionDevelopmentPath]
 * @param {string} [what.extensionTestsPath]
 */
export function workbenchUrl(
  { origin, port, token },
  { folder, file, extensionDevelopmentPath, extensionTestsPath },
) {
  /** @param {string} path */
  const remote = path => `vscode-remote://127.0.0.1:${port}${pathToFileURL(path).pathname}`;
  const payload = [['skipWelcome', 'true']];
  for (const [name, path] of Object.entries({
    openFile: file,
    extensionDevelopmentPath,
    extensionTestsPath,
  })) {
    if (path !== undefined) payload.push([name, remote(path)]);
  }
  const url = new URL(origin);
  url.searchParams.set('tkn', token);
  const kind = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
  url.searchParams.set(kind, decodeURIComponent(pathToFileURL(folder).pathname));
  url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}
