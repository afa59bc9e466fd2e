/** What a team has agreed on for a language, opened beside the record. */
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { createGuidelines, findGuidelines } from '../io/reviewFiles';
import type { Session } from '../session';
import { languageName, t } from './l10n';
import type { ReviewPage } from './reviewPage';

/** Shows the guidelines for the target language of the record that is shown, or offers to begin some. */
export async function openGuidelines(page: ReviewPage, { shard }: Session): Promise<void> {
  const [record] = await shard.loadRows([page.row]);
  // A line that is no record has no language; it is read by the one of the records around it.
  const lang =
    record && 'unit' in record
      ? record.unit.targetLang
      : (shard.shownLang ?? shard.facts.targetLangs[0] ?? 'und');
  const workspaceRoot = vscode.workspace.getWorkspaceFolder(page.document.uri)?.uri.fsPath;
  const file = await findGuidelines(shard.path, lang, workspaceRoot);
  if (file === undefined) {
    await offerGuidelines(dirname(shard.path), lang);
    return;
  }
  await vscode.commands.executeCommand(
    'vscode.openWith',
    vscode.Uri.file(file),
    'vscode.markdown.preview.editor',
    { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
  );
}

async function offerGuidelines(folder: string, lang: string): Promise<void> {
  const name = lang === 'und' ? undefined : languageName(lang);
  const create = t('guidelines.create');
  const message = name === undefined ? t('guidelines.noneAtAll') : t('guidelines.none', name);
  // In Restricted Mode there is nothing to choose: nothing is written.
  const choices = vscode.workspace.isTrusted ? [create] : [];
  if ((await vscode.window.showInformationMessage(message, ...choices)) !== create) return;
  const heading = name === undefined ? t('guidelines.headingForAll') : t('guidelines.heading', name);
  const file = await createGuidelines(folder, lang, `# ${heading}\n\n`);
  await vscode.window.showTextDocument(vscode.Uri.file(file), { viewColumn: vscode.ViewColumn.Beside });
}
