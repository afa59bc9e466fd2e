/** CrossAlpaca: Check Shard. */
import * as vscode from 'vscode';
import type { Severity } from '../core/check';
import { UserError } from '../core/messages';
import type { Session } from '../session';
import { start } from './findingsView';
import { t } from './l10n';
import { withProgress } from './progress';

/** Checks the whole shard, and says how much was found. */
export async function checkShard(session: Session): Promise<void> {
  const { checking } = session.shard;
  await withProgress(t('checkShard.running'), async (signal, onProgress) => {
    const unlisten = checking.onChange(() => onProgress(checking.progress ?? 0));
    const cancel = () => checking.cancel();
    signal.addEventListener('abort', cancel);
    try {
      await start(session);
      signal.throwIfAborted();
      const { problem } = checking;
      if (problem) throw new UserError(problem.id, ...problem.args);
    } finally {
      signal.removeEventListener('abort', cancel);
      unlisten();
    }
  });
  // Somebody ended it from the list of findings.
  if (!checking.isDone) return;
  const count = (severity: Severity) => checking.unitsWith(severity);
  const show = t('checkShard.show');
  const message =
    checking.groups().length === 0
      ? t('checkShard.nothing')
      : t('checkShard.done', count('error'), count('warning'), count('info'));
  const chosen = await vscode.window.showInformationMessage(message, show);
  if (chosen === show) await vscode.commands.executeCommand('crossalpaca.findings.focus');
}
