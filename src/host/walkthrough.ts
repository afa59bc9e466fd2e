/** The walkthrough of package.json: its sample shard, and when its steps are done. */
import { constants } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../core/messages';
import { cause, hasCode, NOT_WRITABLE } from '../io/files';
import { isInside } from '../io/paths';
import type { Session } from '../session';
import { t } from './l10n';
import type { ReviewDocument } from './reviewDocument';
import { VIEW_TYPE, type ReviewEditor } from './reviewEditor';

/** The extension, and its walkthrough. */
const WALKTHROUGH = 'crossalpaca.crossalpaca#start';
const SAMPLE = 'sample.jsonl';
/** Made where the sample has no folder yet; also what tells it from files of the user's own. */
const SAMPLE_FOLDER = 'crossalpaca-sample';

/** Shows the walkthrough. */
export async function openWalkthrough(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH);
}

/**
 * Copies the sample shard into a folder of the user's, and opens it under review. One that is there already is opened as it is.
 * @throws UserError in Restricted Mode, and where nothing can be written
 */
export async function openSample(extension: vscode.Uri): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new UserError('write.restricted');
  const folder = await chooseFolder();
  if (folder === undefined) return;
  if (isInside(folder, extension.fsPath)) throw new UserError('sample.inExtension', folder);
  const path = join(folder, SAMPLE);
  try {
    await mkdir(folder, { recursive: true });
    await copyFile(join(extension.fsPath, 'samples', SAMPLE), path, constants.COPYFILE_EXCL);
  } catch (error) {
    if (!hasCode(error, 'EEXIST', ...NOT_WRITABLE)) throw error;
    if (!hasCode(error, 'EEXIST')) throw new UserError('sample.notWritten', folder, cause(error));
  }
  // Not as a preview, in whose place the walkthrough would open again.
  await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(path), VIEW_TYPE, {
    preview: false,
  });
}

/** @returns an absolute path, of a folder that may not be there yet; undefined where the user left it */
async function chooseFolder(): Promise<string | undefined> {
  const local = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const parents = local.length > 0 ? local.map(({ uri }) => uri.fsPath) : [homedir()];
  const proposed = parents.map(parent => ({
    label: t('sample.newFolder', SAMPLE_FOLDER),
    description: parent,
    folder: join(parent, SAMPLE_FOLDER),
  }));
  const other = { label: t('sample.other'), folder: undefined };
  const picked = await vscode.window.showQuickPick([...proposed, other], { title: t('sample.title') });
  if (!picked || picked.folder !== undefined) return picked?.folder;
  const chosen = await vscode.window.showOpenDialog({
    title: t('sample.title'),
    openLabel: t('sample.put'),
    canSelectFiles: false,
    canSelectFolders: true,
  });
  return chosen?.[0]?.fsPath;
}

/**
 * Tells VS Code which steps are done, by context keys: what a step asks for can be done by key, by mouse and by typing, so that
 * no single command stands for it.
 */
export class WalkthroughSteps implements vscode.Disposable {
  readonly #editor: ReviewEditor;
  readonly #subscription: vscode.Disposable;
  readonly #listening = new Map<ReviewDocument, () => void>();
  readonly #done = new Set<string>();

  constructor(editor: ReviewEditor) {
    this.#editor = editor;
    this.#subscription = editor.onDidChange(() => this.#follow());
  }

  dispose(): void {
    this.#subscription.dispose();
    for (const stop of this.#listening.values()) stop();
  }

  #follow(): void {
    const { documents } = this.#editor;
    for (const [document, stop] of this.#listening) {
      if (documents.includes(document)) continue;
      stop();
      this.#listening.delete(document);
    }
    for (const document of documents) {
      if (this.#listening.has(document)) continue;
      this.#listening.set(document, () => undefined);
      document.session.then(
        session => {
          // Closed while it was read.
          if (!this.#listening.has(document)) return;
          this.#listening.set(
            document,
            session.shard.onChange(() => this.#look(session)),
          );
          this.#look(session);
        },
        // No shard: the page says why.
        () => undefined,
      );
    }
  }

  #look(session: Session): void {
    const { edited = 0, approved = 0, 'partly-approved': partly = 0 } = session.view().counts;
    if (edited > 0) this.#setDone('crossalpaca.hasEdit');
    if (approved + partly > 0) this.#setDone('crossalpaca.hasApproval');
  }

  #setDone(context: string): void {
    if (this.#done.has(context)) return;
    this.#done.add(context);
    void vscode.commands.executeCommand('setContext', context, true);
  }
}
