import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Profile } from '../../src/asking';
import type { PromptStyle } from '../../src/core/prompt';
import type { Field } from '../../src/core/record';
import type { PromptUnit } from '../../src/core/regeneration';
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

  /** The texts that the model gives for a unit. */
  const regenerate = async (
    unit: PromptUnit,
    style: PromptStyle,
    advice: string[] = [],
    examples = [unit],
  ) => {
    const profile: Profile = {
      backend: { url: engine.url, model: DEMO_MODEL, api: 'openai' },
      ...{ style, temperature: 0, topP: 1, concurrency: 1 },
    };
    const wish = { mode: 'translate', fields: unit.source.map(({ name }) => name), split: 'record' } as const;
    const options = { signal: new AbortController().signal, seed: 1, onPartial: () => undefined };
    const { fields } = await ask(unit, wish, advice, { terms: [], examples }, profile, options);
    return fields.map(({ text }) => text);
  };

  const train = unitOf(
    'At what time does the train arrive?',
    'Add the hours: 14:35 plus 2 hours is 16:35. Then add the 50 minutes: 16:35 plus 50 minutes is 17:25.\n\nThe train arrives in Rome at **17:25**.',
  );
  const treno = [
    'A cosa tempo does il treno arrive?',
    'Add il ore: 14:35 plus 2 ore è 16:35. Then add il 50 minuti: 16:35 plus 50 minuti è 17:25.\n\nIl treno arriva in Roma a **17:25**.',
  ];
  for (const style of ['record', 'field'] as const) {
    it(`translates the record, not an approved example or another field (${style})`, async () => {
      const like = train.source.map(({ text }) => text.replaceAll('train', 'bus').replaceAll('50', '40'));
      const approved = {
        ...unitOf(like[0]!, like[1]!),
        target: named('A che ora arriva?', 'Arriva alle 17:15.'),
      };
      assert.deepEqual(await regenerate(train, style, [], [approved, approved]), treno);
    });

    it(`does not take advice for the text (${style})`, async () => {
      const advice = [
        '“14:35 plus 2 hours is 16:35” is not “16:35 plus 50 minutes is 17:25”: "the train", "arrives".',
      ];
      assert.deepEqual(await regenerate(train, style, advice, []), treno);
    });
  }

  for (const style of ['record', 'field', 'tower'] as const) {
    it(`says that it knows no language but Italian (${style})`, async () => {
      const unit = {
        ...unitOf('Describe the cat.', 'Translate it into Italian: the cat.'),
        targetLang: 'de',
      };
      await assert.rejects(regenerate(unit, style, [], []), /only translates English to Italian/);
    });
  }

  it('says that it cannot answer', async () => {
    const content = 'You write answers in Italian from which a language model will learn.';
    const body = JSON.stringify({ messages: [{ role: 'system', content }] });
    const response = await fetch(`${engine.url}/v1/chat/completions`, { method: 'POST', body });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /only translates/);
  });

  it('does not go on without end', async () => {
    const messages = [{ role: 'user', content: '<source>Describe the cat.</source>' }];
    // So hot that any token is as likely as the end.
    const body = JSON.stringify({ messages, temperature: 1000, seed: 1, top_p: 1, top_k: 0 });
    const response = await fetch(`${engine.url}/v1/chat/completions`, { method: 'POST', body });
    const { usage } = (await response.json()) as { usage: Record<string, number> };
    assert.ok(usage['completion_tokens']! <= usage['prompt_tokens']!, JSON.stringify(usage));
  });

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

function named(instruction: string, output: string): Field[] {
  return [
    { name: 'instruction', text: instruction },
    { name: 'output', text: output },
  ];
}

function unitOf(instruction: string, output: string): PromptUnit {
  return { sourceLang: 'en', targetLang: 'it', source: named(instruction, output), target: [] };
}

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
