/** What somebody who writes a policy by hand is told by VS Code. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { DEFAULT_POLICY, readPolicy } from '../../src/core/policy';

describe('writing a policy', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crossalpaca-'));
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(folder, { recursive: true, force: true });
  });

  it('is told where it is wrong, on the line that the review names', async () => {
    const member = '{\n  "approvals": 2,\n  "blind": true,\n  "aprovals": 2\n}\n';
    const value = '{\n  "approvals": 2,\n  "sourceEdits": "maybe"\n}\n';
    const name = '{\n  "reviewers": {\n    "de": [\n      "Anna Smith"\n    ]\n  }\n}\n';
    for (const json of [member, value, name]) {
      const { uri } = await open(json);
      const found = await until(() => vscode.languages.getDiagnostics(uri), 'diagnostic');
      const review = readPolicy(json);
      assert.ok(!review.ok);
      assert.deepEqual(
        found.map(({ range }) => range.start.line + 1),
        [review.line],
        found.map(({ message }) => message).join('\n'),
      );
    }
  });

  it('is told nothing where it is right', async () => {
    const document = await open('{"approvals": 0}');
    const diagnostics = () => vscode.languages.getDiagnostics(document.uri);
    await until(diagnostics, 'diagnostic');
    const right = '{\n  "approvals": 2,\n  "reviewers": { "*": ["anna"], "zh-Hant": [] }\n}\n';
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, 1, 0), right);
    await vscode.workspace.applyEdit(edit);
    await document.save();
    // What was wrong stays until VS Code has looked again.
    await until(() => (diagnostics().length === 0 ? [right] : []), 'end of the diagnostics');
  });

  it('is offered all members, each with what it is for', async () => {
    const items = await offered(await open('{\n  \n}\n'), new vscode.Position(1, 2));
    const names = items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    for (const name of Object.keys(DEFAULT_POLICY)) {
      const item = items[names.indexOf(name)];
      assert.ok(item, `${name} is not among ${names.join(', ')}`);
      const { documentation = '' } = item;
      const text = typeof documentation === 'string' ? documentation : documentation.value;
      assert.match(text, /\w{3}/, name);
    }
  });

  it('is offered the values of a member', async () => {
    const document = await open('{\n  "openComments": ""\n}\n');
    const items = await offered(document, new vscode.Position(1, '  "openComments": "'.length));
    const labels = items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    assert.deepEqual(labels.sort(), ['"allow"', '"block"']);
  });

  let count = 0;
  /** In a folder of its own each, since VS Code remembers what it said of a file. */
  async function open(json: string): Promise<vscode.TextDocument> {
    const review = join(folder, String(count++), '.crossalpaca');
    await mkdir(review, { recursive: true });
    const file = vscode.Uri.file(join(review, 'policy.json'));
    await writeFile(file.fsPath, json);
    const document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
    return document;
  }

  async function offered(document: vscode.TextDocument, position: vscode.Position) {
    const list = async () =>
      await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        document.uri,
        position,
      );
    // Until the language server is there, VS Code offers the words of the file.
    return until(async () => {
      const { items } = await list();
      return items.filter(({ kind }) => kind !== vscode.CompletionItemKind.Text);
    }, 'completion');
  }

  /** The language server of VS Code starts with the first JSON file. */
  async function until<T>(look: () => T[] | Promise<T[]>, what: string): Promise<T[]> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const found = await look();
      if (found.length > 0) return found;
      await new Promise(resolve => setTimeout(resolve, 100));
    }
    throw new Error(`No ${what} came.`);
  }
});
