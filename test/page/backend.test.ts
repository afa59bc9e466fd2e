/** Setting a backend as a person does: what is found, a key where one is asked for, a server that is elsewhere, and a whole list. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  chunk,
  NDJSON,
  ollamaAnswer,
  reply,
  sse,
  SSE,
  startScriptedServer,
  type RecordedRequest,
  type ScriptedServer,
  type Step,
} from '../helpers/scriptedServer';
import {
  answer,
  choose,
  counts,
  finds,
  focusList,
  offered,
  openFile,
  openMenu,
  pressFor,
  shows,
  until,
} from './steps';
import { openWorkbench, type Workbench } from './workbench';

const KEY = 'sk-4f1d0c-never-to-be-seen';
/** In each record, and so in each request. */
const MARKER = 'Quokka97';

const LINES = ['one', 'two', 'three'].map(id =>
  JSON.stringify({
    id,
    source: { instruction: `Say hello to ${MARKER} ${id}.`, input: '', output: `Hello, ${MARKER}!` },
    target: { instruction: `Saluta ${MARKER} ${id}.`, input: '', output: `Salve, ${MARKER}!` },
    source_lang: 'en',
    target_lang: 'it',
  }),
);

/** What the server waits for before it writes, and whether it refuses to. */
let held: Promise<void> = Promise.resolve();
let isMissing = false;

/** llama.cpp started with `--api-key`, which lets nobody list the models without it. */
function llamaCpp({ path, headers, body }: RecordedRequest): Step[] {
  const head = { server: 'llama.cpp' };
  if (path === '/health') return reply(200, { status: 'ok' }, head);
  if (headers.authorization !== `Bearer ${KEY}`)
    return reply(
      401,
      { error: { message: 'Invalid API Key', type: 'authentication_error', code: 401 } },
      head,
    );
  if (path === '/v1/models')
    return reply(200, { data: [{ id: 'tower-7b.gguf', owned_by: 'llamacpp', meta: { n_ctx: 8192 } }] }, head);
  if (path === '/props')
    return reply(200, { total_slots: 2, default_generation_settings: { n_ctx: 4096 } }, head);
  if (path === '/slots') return reply(200, [{ is_processing: true }, { is_processing: false }], head);
  if (path.endsWith('/completions') && isMissing)
    return reply(404, { error: { message: 'no such model', type: 'not_found_error', code: 404 } }, head);
  if (path.endsWith('/completions')) return [SSE, { wait: held }, { write: written(contentFor(body)) }];
  return reply(404, { error: { message: 'File Not Found', type: 'not_found_error', code: 404 } }, head);
}

/** An answer without a count of tokens. */
function written(pieces: readonly string[]): string {
  return [...pieces.map(content => chunk({ content })), chunk({}, 'stop'), sse('[DONE]')].join('');
}

function ollama({ path, body }: RecordedRequest): Step[] {
  const name = 'gemma3:4b';
  switch (path) {
    case '/api/version':
      return reply(200, { version: '0.12.3' });
    case '/api/tags':
      return reply(200, {
        models: [
          { name, model: name },
          { name: 'translategemma:12b', model: 'translategemma:12b' },
        ],
      });
    case '/api/ps':
      return reply(200, {
        models: [{ name, model: name, size: 1000, size_vram: 750, context_length: 4096 }],
      });
    case '/api/chat':
      return [NDJSON, { write: ollamaAnswer(contentFor(body)) }];
    default:
      return reply(404, '404 page not found');
  }
}

/** An answer of the shape that is asked for: the members of the schema, else a text. */
function contentFor(body: string): string[] {
  const { response_format: format, format: schema } = JSON.parse(body) as {
    response_format?: { json_schema?: { schema?: { properties?: object } } };
    format?: { properties?: object };
  };
  const properties = format?.json_schema?.schema?.properties ?? schema?.properties;
  const text = `Ciao, ${MARKER}!`;
  if (!properties) return [text];
  return [JSON.stringify(Object.fromEntries(Object.keys(properties).map(name => [name, text])))];
}

describe('a backend', () => {
  let folder: string;
  let llama: ScriptedServer;
  let other: ScriptedServer;
  let bench: Workbench;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
    await writeFile(join(folder, 'shard.jsonl'), LINES.map(each => `${each}\n`).join(''));
    llama = await startScriptedServer(llamaCpp);
    other = await startScriptedServer(ollama);
    bench = await openWorkbench({
      folder,
      file: join(folder, 'shard.jsonl'),
      settings: { 'crossalpaca.reviewer': 'anna' },
    });
    await shows(bench, 'one@it');
  });

  after(async () => {
    await bench.close();
    await llama.close();
    await other.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is set by its address, with a key where it asks for one, and the template of its model is proposed', async () => {
    await selectAddress(llama.url);
    const host = llama.url.slice('http://'.length);
    await answerKey(host, 'sk-wrong');
    await bench.page.getByText('It asks for an API key. Set the key to see its models.').waitFor();
    await answerKey(host, KEY);
    const tower = offered(bench, 'proposed for this model');
    assert.match(await tower.innerText(), /^Tower/);
    await choose(bench, 'Inference backend: how this model is asked', 'General model, whole record');
    await toast(`CrossAlpaca asks tower-7b.gguf at ${host}.`).waitFor();
    await bench.page.getByRole('button', { name: 'Test', exact: true }).click();
    await toast(new RegExp(`^scripted at ${host} works: first word after [\\d,]+ ms`)).waitFor();
    await clearToasts();
    // The words of a test are of no record.
    assert.ok(llama.requests.every(({ body }) => !body.includes(MARKER)));
  });

  it('is listed with its kind, model, context and load', async () => {
    await bench.runCommand('CrossAlpaca: Select Inference Backend');
    const row = offered(bench, llama.url.slice('http://'.length));
    await row
      .getByText('tower-7b.gguf · context of 4,096 tokens · in memory · requests running: 1, waiting: 0')
      .waitFor();
    await row.getByText('llama.cpp · in use').waitFor();
    await bench.screenshot('select-backend');
    await bench.press('Escape');
  });

  it('makes proposals, with the key that was given for it', async () => {
    // As soon as one key has reached the page, all do.
    await pressFor(bench, 'f', bench.frame.locator('#filter:focus'));
    await focusList(bench);
    await bench.press('Shift+R');
    await bench.frame.locator('ins', { hasText: 'Ciao' }).first().waitFor();
    const asked = llama.requests.filter(({ body }) => body.includes(MARKER));
    assert.ok(asked.length > 0);
    for (const { headers } of asked) assert.equal(headers.authorization, `Bearer ${KEY}`);
  });

  it('shows the request, which has no key in it', async () => {
    await bench.frame.getByRole('button', { name: /Advice and Choices/ }).click();
    await bench.frame.getByRole('button', { name: 'Show Request' }).click();
    await bench.page.locator('.tab', { hasText: 'shard.request.json' }).waitFor();
    const editor = bench.page.locator('.monaco-editor .view-lines').last();
    await editor.getByText('tower-7b.gguf').waitFor();
    assert.doesNotMatch(await editor.innerText(), new RegExp(KEY));
    await bench.page.keyboard.press('Control+F4');
    await shows(bench, 'one@it');
  });

  it('regenerates a whole list, and shows what came of it', async () => {
    await finds(bench, 'two OR three', 2);
    const index = llama.requests.length;
    await order('All fields', 'Those without a proposal for their text');
    const dialog = bench.page.locator('.monaco-dialog-box');
    await dialog.getByText(/^Regenerate with tower-7b\.gguf .*\? Records: up to 2\.$/).waitFor();
    await dialog.getByText('Requests: about 2').waitFor();
    assert.equal(llama.requests.length, index, 'nothing is sent before the user agrees');
    await dialog.getByRole('button', { name: 'Regenerate', exact: true }).click();
    await toast(/^Regenerating shard\.jsonl is done\. /).waitFor();
    assert.equal(llama.requests.length, index + 2);
    await bench.page.getByRole('button', { name: 'Show Proposals' }).click();
    await counts(bench, 3);
    await clearToasts();
  });

  it('that fails pauses a list, and one place says why and goes on', async () => {
    await finds(bench, 'two OR three', 2);
    await order('Fields with a warning', 'All, also those that have one');
    const dialog = bench.page.locator('.monaco-dialog-box');
    await dialog.getByText('Requests: at most 2').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    isMissing = true;
    await begin();
    await toast(/^Regenerating shard\.jsonl is paused\. /).waitFor();
    await bench.page.getByRole('button', { name: 'Select Backend…' }).waitFor();
    await bench.page
      .locator('.notifications-toasts .monaco-progress-container.active')
      .waitFor({ state: 'detached' });
    await clearToasts();
    const label = await runItem('Paused. Records done: 0.').getAttribute('aria-label');
    assert.match(label ?? '', /no such model/);
    await runItem('Paused. Records done: 0.').click();
    await offered(bench, 'Select Backend…').waitFor();
    isMissing = false;
    await offered(bench, 'Go On').click();
    await toast(/^Regenerating shard\.jsonl is done\. /).waitFor();
    await runItem().waitFor({ state: 'hidden' });
    await clearToasts();
  });

  it('that is paused finishes what it writes, and what is cancelled is forgotten', async () => {
    const release = hold();
    await begin();
    await bench.frame.getByText('Being written: 2').waitFor();
    await runItem().click();
    await offered(bench, 'Pause').click();
    await runItem('Paused. Records done: 0. Finishing 2.').waitFor();
    await bench.frame.getByText(/^Being written/).waitFor({ state: 'detached' });
    await runItem().click();
    await offered(bench, 'Cancel').click();
    await toast(/^Regenerating shard\.jsonl was cancelled\. The proposals that were made stay\./).waitFor();
    release();
    await runItem().waitFor({ state: 'hidden' });
    await clearToasts();
    await order('All fields', 'All, also those that have one');
    await bench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Cancel' }).click();
  });

  it('goes on with a list after its editor was closed, unless that is forgotten', async () => {
    const release = hold();
    await begin();
    await bench.frame.getByText('Being written: 2').waitFor();
    await bench.runCommand('View: Close Editor');
    await runItem().waitFor({ state: 'hidden' });
    release();
    await openFile(bench, 'shard.jsonl');
    const left =
      'Regenerating shard.jsonl was not finished: filter “two OR three”, records done: 0 of 2, model tower-7b.gguf.';
    await toast(`${left} Go on with the rest?`).waitFor();
    await clearToasts();
    await runItem(left).click();
    await offered(bench, 'Go On').waitFor();
    await bench.press('Escape');
    await bench.runCommand('CrossAlpaca: Regenerate Queue…');
    await offered(bench, 'Forget It').click();
    await offered(bench, 'Fields with a warning').waitFor();
    await bench.press('Escape');
    await runItem().waitFor({ state: 'hidden' });
  });

  it('on another machine is asked nothing unless the user agrees', async () => {
    // Every interface of this machine, but no loopback address by its name.
    const url = other.url.replace('127.0.0.1', '0.0.0.0');
    await selectAddress(url);
    const dialog = bench.page.locator('.monaco-dialog-box');
    const host = url.slice('http://'.length);
    await dialog.getByText(`Send the text of records to ${url}?`).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await toast(`Nothing was sent: you did not agree to use ${url}.`).waitFor();
    assert.equal(other.connections, 0);
    await clearToasts();

    await selectAddress(url);
    await dialog.getByRole('button', { name: 'Send to This Server' }).click();
    // Ollama is told from others by itself; it has two models.
    const title = 'Inference backend: model';
    const row = offered(bench, 'gemma3:4b').first();
    await row.getByText('context of 4,096 tokens · in memory · 75 % on the GPU').waitFor();
    await choose(bench, title, 'gemma3:4b');
    await choose(bench, 'Inference backend: how this model is asked', 'General model, whole record');
    await toast(`CrossAlpaca asks gemma3:4b at ${host}.`).waitFor();
    await clearToasts();
    await bench.runCommand('CrossAlpaca: Test Backend Connection');
    await toast(/ works: first word after /).waitFor();
    await clearToasts();
    const asked = other.requests.filter(({ method }) => method === 'POST').map(({ path }) => path);
    assert.deepEqual([...new Set(asked)], ['/api/chat']);
    for (const { headers } of other.requests)
      assert.equal(headers.authorization, undefined, 'the key is llama.cpp’s');
  });

  it('that fails is said with what to do', async () => {
    await other.close();
    await bench.runCommand('CrossAlpaca: Test Backend Connection');
    await toast(/^No server answers at /).waitFor();
    await bench.page.getByRole('button', { name: 'Select Backend…' }).click();
    await offered(bench, 'in use · no answer').waitFor();
    await bench.press('Escape');
    await clearToasts();
  });

  it('is looked ahead with only where that is turned on', async () => {
    await bench.runCommand('CrossAlpaca: Look Ahead: Proposals for the Next Records With Warnings');
    await toast('Records ahead, with a warning, that get a proposal while you read: 3.').waitFor();
    await openMenu(bench);
    await bench.frame.getByText('Look-ahead: 3').waitFor();
    await clearToasts();
    await bench.runCommand('CrossAlpaca: Look Ahead: Proposals for the Next Records With Warnings');
    await openMenu(bench);
    await bench.frame.getByText('Look-ahead: off').waitFor();
    await clearToasts();
  });

  it('has a template of the team to start from', async () => {
    await bench.runCommand('CrossAlpaca: Edit Prompt Template');
    await bench.page.locator('.tab', { hasText: 'prompt.md' }).waitFor();
    assert.match(await readFile(join(folder, '.crossalpaca', 'prompt.md'), 'utf8'), /^## user$/m);
    await bench.page.getByRole('button', { name: 'Use This Template' }).click();
    await until(async () => (await settings()).includes('"crossalpaca.backend.promptStyle": "custom"'));
  });

  it('is removed with its key', async () => {
    await bench.runCommand('CrossAlpaca: Select Inference Backend');
    await offered(bench, 'Remove the backend').click();
    await toast(/^No inference backend is set any more\./).waitFor();
    assert.doesNotMatch(await settings(), /backend\.url/);
  });

  it('leaves no key in any file, and nothing of a record in those of VS Code, its logs included', async () => {
    // Logs are among them; at the default level VS Code makes one only when there is something to say.
    const files = await filesOf(bench.dataDir);
    assert.ok(
      files.some(({ text }) => text.includes('crossalpaca.reviewer')),
      'the files of VS Code are read',
    );
    const holding = (text: string, among: typeof files) =>
      among.filter(each => each.text.includes(text)).map(({ path }) => path);
    assert.deepEqual(holding(KEY, files), []);
    assert.deepEqual(holding(MARKER, files), []);
    assert.deepEqual(holding(KEY, await filesOf(folder)), []);
  });

  async function selectAddress(url: string): Promise<void> {
    await bench.runCommand('CrossAlpaca: Select Inference Backend');
    await offered(bench, 'Another address…').click();
    await answer(bench, 'Inference backend: address', url);
  }

  /** Up to the question whether it may begin. */
  async function order(what: string, which: string): Promise<void> {
    await bench.runCommand('CrossAlpaca: Regenerate Queue…');
    const steps = [
      ['Regenerate all records of the list (2)', what],
      ['Proposals for each record', '1 proposal'],
      ['Which records of the list', which],
    ] as const;
    for (const [title, entry] of steps) {
      await bench.page.locator('.quick-input-widget:visible').getByText(title, { exact: true }).waitFor();
      await offered(bench, entry).first().click();
    }
  }

  async function begin(): Promise<void> {
    await order('All fields', 'All, also those that have one');
    const dialog = bench.page.locator('.monaco-dialog-box');
    await dialog.getByRole('button', { name: 'Regenerate', exact: true }).click();
  }

  /** Where the status bar says how far a list is. */
  const runItem = (said = 'Regenerating') =>
    bench.page.locator(`.statusbar-item [aria-label^="Regenerating shard.jsonl"][aria-label*="${said}"]`);

  const toast = (text: string | RegExp) =>
    bench.page.locator('.notifications-toasts').getByText(text, { exact: true }).first();

  async function clearToasts(): Promise<void> {
    await bench.runCommand('Notifications: Clear All Notifications');
    await bench.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await bench.page
      .locator('.notifications-toasts .notification-toast')
      .first()
      .waitFor({ state: 'detached' });
  }

  /** Types into the box for a key, which shows no letters. */
  async function answerKey(host: string, key: string): Promise<void> {
    const widget = bench.page.locator('.quick-input-widget:visible', {
      has: bench.page.getByText(`API key for ${host}`, { exact: true }),
    });
    const input = widget.locator('input[type="password"]');
    await input.fill(key);
    await bench.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  /** The settings that VS Code has written. */
  async function settings(): Promise<string> {
    const paths = ['Machine', 'User'].map(each => join(bench.dataDir, 'data', each, 'settings.json'));
    return (await Promise.all(paths.map(path => readFile(path, 'utf8').catch(() => '')))).join('\n');
  }
});

/** The server writes nothing until the function that is returned is called. */
function hold(): () => void {
  let release: () => void = () => undefined;
  held = new Promise(resolve => (release = resolve));
  return release;
}

/** Every file below a folder but those of the extension itself. */
async function filesOf(folder: string): Promise<{ path: string; text: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  const own = paths.filter(path => !path.startsWith(join(folder, 'extensions')));
  return Promise.all(own.map(async path => ({ path, text: await readFile(path, 'latin1').catch(() => '') })));
}
