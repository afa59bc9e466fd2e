/** What an export changed against the one before: two texts that nobody is asked to save, in the diff editor of VS Code. */
import * as vscode from 'vscode';
import { differenceTexts, type ExportDifference } from '../core/exportDifference';
import { t } from './l10n';
import { textDocument } from './shownText';

/** Comparisons so far: an older one stays as it is. */
let count = 0;

/** @param name of the file or folder that was exported to */
export async function showChanges(name: string, difference: ExportDifference): Promise<void> {
  const number = ++count;
  const uris = differenceTexts(difference).map((text, at) =>
    textDocument(`/${number}/${at === 0 ? 'before' : 'now'}/${name}.txt`, text),
  );
  await vscode.commands.executeCommand('vscode.diff', ...uris, t('export.changedTitle', name));
}
