/** CrossAlpaca: Edit Prompt Template. */
import * as vscode from 'vscode';
import { UserError } from '../core/messages';
import { promptTemplateFile } from '../io/reviewFiles';
import type { Backends } from './backend';
import { t } from './l10n';
import type { ReviewDocument } from './reviewDocument';

/** Opens the team's own wording of requests, made where there is none, and offers to ask by it. */
export async function editPrompt(document: ReviewDocument, backends: Backends): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new UserError('write.restricted');
  const workspaceRoot = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath;
  const file = await promptTemplateFile(document.uri.fsPath, workspaceRoot);
  await vscode.window.showTextDocument(vscode.Uri.file(file), { viewColumn: vscode.ViewColumn.Beside });
  if (backends.style === 'custom') return;
  const use = t('host.prompt.useButton');
  if ((await vscode.window.showInformationMessage(t('host.prompt.use'), use)) === use)
    await backends.setStyle('custom');
}
