/** Settings, commands and keys of the inference backend, as VS Code knows them. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { PROMPT_STYLES } from '../../src/core/prompt';
import { Backends, NUMBERS } from '../../src/host/backend';
import { localize } from '../../src/host/l10n';
import { byPath, reply, startScriptedServer } from '../helpers/scriptedServer';

interface Setting {
  scope: string;
  default: unknown;
  minimum?: number;
  maximum?: number;
  enum?: string[];
  enumDescriptions?: string[];
  markdownDescription: string;
}
interface Manifest {
  contributes: {
    commands: { command: string; enablement?: string }[];
    keybindings: { command: string; key: string }[];
    configuration: { properties: Record<string, Setting> };
  };
}

const { contributes } = vscode.extensions.getExtension('crossalpaca.crossalpaca')!.packageJSON as Manifest;
const settings = contributes.configuration.properties;
const setting = (name: string) => settings[`crossalpaca.${name}`]!;

describe('settings of the backend', () => {
  it('are the user’s and of this machine alone: no repository sets where text is sent', () => {
    for (const [name, { scope }] of Object.entries(settings)) assert.equal(scope, 'machine', name);
  });

  it('hold no key: that is in the secret storage', () => {
    const names = Object.keys(settings).filter(name => /key|token(?!s)|secret|password/i.test(name));
    assert.deepEqual(names, []);
  });

  it('have the limits and defaults that the code goes by', () => {
    for (const [name, { minimum, maximum, default: usual }] of Object.entries(NUMBERS)) {
      const declared = setting(name);
      assert.deepEqual(
        [declared.minimum, declared.maximum, declared.default],
        [minimum, maximum, usual],
        name,
      );
    }
  });

  it('offer the styles and interfaces there are, and say what each is', () => {
    assert.deepEqual(setting('backend.promptStyle').enum, [...PROMPT_STYLES]);
    assert.equal(setting('backend.promptStyle').default, 'record');
    assert.deepEqual(setting('backend.api').enum, ['auto', 'openai', 'ollama']);
    for (const name of ['backend.promptStyle', 'backend.api']) {
      const { enum: values, enumDescriptions: said } = setting(name);
      assert.equal(said?.length, values?.length, name);
      for (const each of said ?? []) assert.doesNotMatch(each, /%/, name);
    }
  });

  it('set nothing and look nothing ahead at first', () => {
    const set = vscode.workspace.getConfiguration('crossalpaca');
    assert.equal(set.get('backend.url'), '');
    assert.equal(set.get('lookAhead'), 0);
  });
});

describe('keys and commands for a model', () => {
  it('are bound', () => {
    const keyOf = (command: string) =>
      contributes.keybindings.filter(each => each.command === `crossalpaca.${command}`).map(({ key }) => key);
    assert.deepEqual(['regenerate', 'regenerateRecord', 'mendByModel', 'answerAnew', 'advise'].map(keyOf), [
      ['r'],
      ['shift+r'],
      ['z'],
      ['f6'],
      ['f7'],
    ]);
  });

  it('share no key with another command', () => {
    const keys = contributes.keybindings.map(({ key }) => key);
    assert.deepEqual(keys, [...new Set(keys)]);
  });

  it('can be run without a shard where they need none', () => {
    const enabled = (name: string) =>
      contributes.commands.find(({ command }) => command === `crossalpaca.${name}`)?.enablement;
    for (const name of ['selectBackend', 'testBackend', 'lookAhead', 'pauseRun'])
      assert.equal(enabled(name), undefined, name);
    for (const name of ['editPrompt', 'regenerateQueue'])
      assert.equal(enabled(name), "activeCustomEditorId == 'crossalpaca.review'", name);
  });
});

describe('the backend that is set', () => {
  const ollama = byPath({
    '/api/version': reply(200, { version: '0.12.0' }),
    '/api/tags': reply(200, { models: [{ name: 'qwen3:8b' }] }),
  });
  const set = (name: string, value: unknown) =>
    vscode.workspace
      .getConfiguration('crossalpaca')
      .update(`backend.${name}`, value, vscode.ConfigurationTarget.Global);

  /** Backends with a memory of their own. */
  function backends(confirmed: readonly string[] = []): Backends {
    const [state, secrets] = [new Map<string, unknown>(), new Map<string, string>()];
    state.set('confirmedOrigins', confirmed);
    const context = {
      globalState: { get: (name: string, usual: unknown) => state.get(name) ?? usual },
      secrets: {
        get: (name: string) => Promise.resolve(secrets.get(name)),
        store: (name: string, value: string) => Promise.resolve(secrets.set(name, value)),
      },
    };
    return new Backends(context as unknown as vscode.ExtensionContext);
  }

  afterEach(async () => {
    await set('url', undefined);
    await set('model', undefined);
  });

  it('is one server, whatever is set while it is looked at', async () => {
    let look: () => void = () => undefined;
    const looked = new Promise<void>(resolve => (look = resolve));
    const server = await startScriptedServer(async request => {
      await looked;
      return ollama(request);
    });
    const own = backends();
    await set('url', server.url);
    await set('model', 'a');
    await own.setKey(server.url, 'key-of-a');
    const profile = own.profile();
    await server.request(0);
    await set('url', 'http://127.0.0.1:9');
    await set('model', 'b');
    look();
    const { url, model, apiKey, api } = (await profile).backend;
    assert.deepEqual([url, model, apiKey, api], [server.url, 'a', 'key-of-a', 'ollama']);
    await server.close();
  });

  it('is not used as long as it does not say what it is, and asked again', async () => {
    let isAway = true;
    const server = await startScriptedServer(request => (isAway ? ['reset'] : ollama(request)));
    const own = backends();
    await set('url', server.url);
    await assert.rejects(own.profile(), { kind: 'network' });
    isAway = false;
    assert.equal((await own.profile()).backend.api, 'ollama');
    const { length } = server.requests;
    assert.equal((await own.profile()).backend.api, 'ollama');
    assert.equal(server.requests.length, length, 'what is known is not asked for again');
    await server.close();
  });

  it('is agreed to with its scheme: not in the clear what was agreed to be encrypted', () => {
    const own = backends(['https://example.org']);
    assert.ok(own.isConfirmed('https://example.org/v1'));
    assert.ok(!own.isConfirmed('http://example.org/v1'));
    assert.ok(!own.isConfirmed('https://example.org:8443'));
  });
});

describe('what a server says', () => {
  it('is never a link, which could run a command', () => {
    const said = localize({ id: 'backend.server', args: ['127.0.0.1', 500, '[log in](command:quit)'] });
    assert.doesNotMatch(said, /\]\(/);
    assert.match(said, /log in/);
  });
});
