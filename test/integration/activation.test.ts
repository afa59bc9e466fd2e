/** Its name comes first, so that it looks before any other test has used the extension. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('the extension, before it is used', () => {
  it('is asleep in a window that is open on a folder with shards', async () => {
    // Once VS Code has opened a file, all that was to start by itself has started.
    const [folder] = vscode.workspace.workspaceFolders!;
    await vscode.window.showTextDocument(vscode.Uri.joinPath(folder!.uri, 'README.md'));
    const extension = vscode.extensions.getExtension('crossalpaca.crossalpaca')!;
    assert.equal(extension.isActive, false);
  });

  it('is where the folder is, not where the window is', () => {
    const extension = vscode.extensions.getExtension('crossalpaca.crossalpaca')!;
    assert.equal(extension.extensionKind, vscode.ExtensionKind.Workspace);
  });
});
