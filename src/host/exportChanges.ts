/** What an export changed against the one before: two texts that nobody is asked to save, in the diff editor of VS Code. */
import * as vscode from 'vscode';
import { differenceTexts, type ExportDifference } from '../core/exportDifference';
import { t } from './l10n';

const SCHEME = 'crossalpaca-export';
/** What is shown by now, by address; an older comparison stays in memory as long as its editor is open. */
const texts = new Map<string, string>();
let count = 0;

export function registerChanges(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      provideTextDocumentContent: uri => texts.get(uri.toString()) ?? '',
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => texts.delete(uri.toString())),
  );
}

/** @param name of the file or folder that was exported to */
export async function showChanges(name: string, difference: ExportDifference): Promise<void> {
  const number = ++count;
  const uris = differenceTexts(difference).map((text, at) => {
    const side = at === 0 ? 'before' : 'now';
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${number}/${side}/${name}.txt` });
    texts.set(uri.toString(), text);
    return uri;
  });
  await vscode.commands.executeCommand('vscode.diff', ...uris, t('export.changedTitle', name));
}
