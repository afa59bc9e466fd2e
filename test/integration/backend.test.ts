/** Settings, commands and keys of the inference backend, as VS Code knows them. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { PROMPT_STYLES } from '../../src/core/prompt';
import { NUMBERS } from '../../src/host/backend';

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
