/** Texts that are shown as documents which nobody can change, and nobody is asked to save. */
import * as vscode from 'vscode';

const SCHEME = 'crossalpaca-list';
const texts = new Map<string, string>();
const changed = new vscode.EventEmitter<vscode.Uri>();

/**
 * Makes a document of a text, kept until it is closed; one under the same path gets the new text.
 * @param path its last part is the title, and tells the language by its ending
 */
export function textDocument(path: string, text: string): vscode.Uri {
  const uri = vscode.Uri.from({ scheme: SCHEME, path });
  texts.set(uri.toString(), text);
  changed.fire(uri);
  return uri;
}

/**
 * Shows a text; one that is shown already under the same path is replaced.
 * @param path as of `textDocument`
 */
export async function showText(path: string, text: string, column?: vscode.ViewColumn): Promise<void> {
  const document = await vscode.workspace.openTextDocument(textDocument(path, text));
  // Not as a preview: that would take the place of the review, where that is one.
  await vscode.window.showTextDocument(document, {
    preview: false,
    ...(column === undefined ? {} : { viewColumn: column }),
  });
}

export function registerShownTexts(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: uri => texts.get(uri.toString()) ?? '',
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme === SCHEME) texts.delete(uri.toString());
    }),
  );
}
