/** The inference engine of the tests and of the demonstration: where it is installed, and how it is started. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { translatorModel } from './translatorModel.mjs';

/** What the server calls the model. */
export const DEMO_MODEL = 'demo (word by word)';

/** The package with the compiled engine, without a GPU where there is a choice. */
const PACKAGES = {
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'linux-arm64': 'linux-arm64',
  'linux-x64': 'linux-x64',
  'win32-arm64': 'win-arm64',
  'win32-x64': 'win-x64',
};

/** @returns {string | undefined} the npm package for this platform; nothing where there is none */
export function enginePackage() {
  const name = Object.entries(PACKAGES).find(
    ([platform]) => platform === `${process.platform}-${process.arch}`,
  )?.[1];
  return name && `@node-llama-cpp/${name}`;
}

/**
 * @param {string} root of the project
 * @returns {{ folder: string, version: string, isInstalled: boolean }} where the engine is, or is to be
 */
export function engineIn(root) {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'test', 'engine', 'package.json'), 'utf8'));
  const version = dependencies['node-llama-cpp'];
  const folder = join(root, '.vscode-test', `engine-${version}`);
  return {
    folder,
    version,
    isInstalled: existsSync(join(folder, 'node_modules', enginePackage() ?? 'none')),
  };
}

/**
 * @typedef {object} Engine
 * @property {string} url `http://127.0.0.1:PORT`
 * @property {string} model the GGUF file that it runs
 * @property {number} pid
 * @property {() => Promise<void>} stop resolves when the process has ended
 */

/**
 * Makes the model and starts a server with it, which ends with this process at the latest.
 *
 * @param {string} root of the project, with the engine installed
 * @returns {Promise<Engine>}
 */
export async function startEngine(root) {
  const temporary = await mkdtemp(join(tmpdir(), 'crossalpaca-engine-'));
  const model = join(temporary, 'translator.gguf');
  await writeFile(model, translatorModel(DEMO_MODEL));
  const script = join(root, 'test', 'engine', 'server.mjs');
  const child = spawn(process.execPath, [script, engineIn(root).folder, model, DEMO_MODEL], {
    stdio: ['pipe', 'pipe', 'inherit'],
    windowsHide: true,
  });
  const ended = new Promise(fulfil => child.once('close', fulfil));
  const end = () => {
    child.kill('SIGKILL');
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  };
  // Nothing that takes time can be done there.
  process.once('exit', end);
  const port = await new Promise((fulfil, reject) => {
    child.stdout.setEncoding('utf8').on('data', text => {
      const [, found] = /listening on (\d+)/.exec(text) ?? [];
      if (found) fulfil(found);
    });
    child.once('error', reject);
    void ended.then(() => reject(new Error('The inference engine did not start.')));
  });
  const stop = async () => {
    process.off('exit', end);
    child.kill('SIGKILL');
    await ended;
    end();
  };
  return { url: `http://127.0.0.1:${port}`, model, pid: child.pid ?? 0, stop };
}
