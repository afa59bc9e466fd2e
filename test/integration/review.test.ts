/** What a user does by commands and keys, seen from inside VS Code: the editor that opens, and the files that result. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ReviewEvent } from '../../src/core/events';

const EXTENSION = 'crossalpaca.crossalpaca';
const extension = () => vscode.extensions.getExtension(EXTENSION)!;

interface Manifest {
  contributes: {
    commands: { command: string; category: string; title: string; enablement?: string }[];
    keybindings: { command: string; key: string; when: string }[];
    views: Record<string, { id: string }[]>;
  };
}

describe('the manifest', () => {
  const { contributes } = extension().packageJSON as Manifest;

  it('declares just the commands that the code registers', async () => {
    await extension().activate();
    // VS Code makes some for each view by itself, such as `crossalpaca.shards.focus`.
    const ofViews = Object.values(contributes.views).flatMap(views => views.map(({ id }) => `${id}.`));
    const registered = (await vscode.commands.getCommands(true)).filter(
      id => id.startsWith('crossalpaca.') && !ofViews.some(view => id.startsWith(view)),
    );
    assert.deepEqual(registered.sort(), contributes.commands.map(({ command }) => command).sort());
  });

  it('gives every command the one category and a title', () => {
    for (const { command, category, title } of contributes.commands) {
      assert.equal(category, 'CrossAlpaca', command);
      assert.doesNotMatch(title, /%/, command);
    }
  });

  it('binds keys only where this editor is active and the page has the focus', () => {
    // The page reports its focus by a message; VS Code's own keys are up to date at once when something else has it.
    const elsewhere = ['inputFocus', 'sideBarFocus', 'panelFocus', 'auxiliaryBarFocus'].map(key => `!${key}`);
    const inPage = ["activeCustomEditorId == 'crossalpaca.review'", 'crossalpaca.pageFocus', ...elsewhere];
    for (const { command, key, when } of contributes.keybindings) {
      assert.equal(when, inPage.join(' && '), command);
      // AltGr is Ctrl+Alt, and punctuation moves between keyboards.
      assert.match(
        key,
        /^((ctrl|cmd)\+(shift\+)?|shift\+(?=f\d|[a-z]$))?([a-z]|f\d+|up|down|enter)$/,
        command,
      );
    }
  });
});

describe('reviewing a shard', () => {
  let folder: string;
  let shard: vscode.Uri;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crossalpaca-'));
    shard = vscode.Uri.file(join(folder, 'sample.jsonl'));
    await cp(join(extension().extensionPath, 'samples', 'sample.jsonl'), shard.fsPath);
    await setReviewer('anna');
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await setReviewer('');
    await rm(folder, { recursive: true, force: true });
  });

  it('opens the review editor and writes nothing', async () => {
    await vscode.commands.executeCommand('crossalpaca.reviewShard', shard);
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputCustom);
    assert.equal(input.viewType, 'crossalpaca.review');
    assert.equal(input.uri.fsPath, shard.fsPath);
    assert.deepEqual(await readdir(folder), ['sample.jsonl']);
  });

  it('keeps a decision as an event of this reviewer, with the text that was approved', async () => {
    const before = await digest(shard.fsPath);
    const event = await actUntil('crossalpaca.approve', 1);
    assert.equal(event.type, 'decide');
    assert.equal(event.decision, 'approve');
    assert.equal(event.by, 'anna');
    const rows = (await readFile(shard.fsPath, 'utf8')).split('\n');
    const row = JSON.parse(rows[event.line - 1]!) as {
      id: string;
      target: Record<string, string>;
      target_lang: string;
    };
    assert.equal(event.key, `${row.id}@${row.target_lang}`);
    assert.deepEqual(event.target, Object.entries(row.target));
    assert.equal(await digest(shard.fsPath), before, 'the shard is never written by reviewing');
  });

  it('takes a decision back with undo', async () => {
    const decided = (await events()).at(-1)!;
    const event = await actUntil('crossalpaca.undo', (await events()).length + 1);
    assert.equal(event.type, 'undo');
    assert.equal(event.undoes, decided.id);
  });

  it('keeps git from conflicts and from candidates', async () => {
    assert.equal(
      await readFile(join(folder, '.crossalpaca/.gitattributes'), 'utf8'),
      '*.jsonl -text merge=union\n',
    );
    assert.equal(await readFile(join(folder, '.crossalpaca/.gitignore'), 'utf8'), 'candidates/\ncache/\n');
  });

  /** The page may still be loading: a command that finds none does nothing, so it is given again until it took. */
  async function actUntil(command: string, count: number): Promise<ReviewEvent> {
    for (let attempt = 0; attempt < 60; attempt++) {
      await vscode.commands.executeCommand(command);
      for (let wait = 0; wait < 10; wait++) {
        const found = await events();
        if (found.length >= count) return found[count - 1]!;
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    }
    throw new Error(`${command} had no effect.`);
  }

  async function events(): Promise<ReviewEvent[]> {
    const ledger = join(folder, '.crossalpaca', 'sample.jsonl', 'anna', 'local.jsonl');
    const text = await readFile(ledger, 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as ReviewEvent);
  }
});

async function setReviewer(name: string): Promise<void> {
  const settings = vscode.workspace.getConfiguration('crossalpaca');
  await settings.update('reviewer', name === '' ? undefined : name, vscode.ConfigurationTarget.Global);
}

async function digest(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
