import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { conformance } from '../engine/conformance';
import { DEMO_MODEL, engineIn, startEngine, type Engine } from '../engine/engine.mjs';
import { translatorModel } from '../engine/translatorModel.mjs';
import { vocabulary } from '../engine/vocabulary.mjs';

const root = process.cwd();
const hasEngine = engineIn(root).isInstalled;
const hasLlamaServer = spawnSync('llama-server', ['--version']).error === undefined;

describe('the model that is made for the tests', () => {
  it('is the same every time', () => {
    assert.ok(translatorModel(DEMO_MODEL).equals(translatorModel(DEMO_MODEL)));
  });

  it('has each token once, and says only tokens that it has', () => {
    const tokens = vocabulary();
    assert.equal(new Set(tokens.map(({ text }) => text)).size, tokens.length);
    assert.ok(tokens.every(({ says }) => says.length > 0 && says.every(said => said in tokens)));
  });
});

describe('llama.cpp in Node', { skip: hasEngine ? false : 'the engine could not be installed here' }, () => {
  let engine: Engine;
  before(async () => void (engine = await startEngine(root)));
  after(() => engine.stop());

  conformance('as an inference server', () => engine.url, DEMO_MODEL);

  it('ends when it is stopped, and leaves no file', async () => {
    const other = await startEngine(root);
    await other.stop();
    await assert.rejects(fetch(other.url));
    assert.throws(() => process.kill(other.pid, 0), { code: 'ESRCH' });
    assert.ok(!existsSync(other.model));
  });
});

describe('llama-server', { skip: hasLlamaServer ? false : 'llama-server is not on the PATH' }, () => {
  let server: { url: string; stop: () => Promise<void> };
  before(async () => void (server = await startLlamaServer()));
  after(() => server.stop());

  conformance('as an inference server', () => server.url, DEMO_MODEL);
});

/** As its users start it, with the model of the tests and two slots. */
async function startLlamaServer() {
  const folder = mkdtempSync(join(tmpdir(), 'crossalpaca-llama-'));
  const model = join(folder, 'translator.gguf');
  writeFileSync(model, translatorModel(DEMO_MODEL));
  const port = await freePort();
  const options = ['--model', model, '--alias', DEMO_MODEL, '--host', '127.0.0.1', '--port', String(port)];
  const resources = ['--parallel', '2', '--ctx-size', '8192', '--threads', '1', '--cache-type-k', 'f32'];
  const child = spawn('llama-server', [...options, ...resources], { stdio: 'ignore' });
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`llama-server ended with code ${child.exitCode}.`);
    await sleep(100);
  }
  return { url, stop };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
