/** Long work with a notification that shows how far it is, and can be cancelled. */
import * as vscode from 'vscode';

/**
 * @param work gets a signal, and a function to which it tells the share that is done, from 0 to 1
 * @throws CancellationError when the user cancels
 */
export async function withProgress<T>(
  title: string,
  work: (signal: AbortSignal, onProgress: (done: number) => void) => Promise<T>,
): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => controller.abort(new vscode.CancellationError()));
    let reported = 0;
    return work(controller.signal, done => {
      const percent = Math.floor(done * 100);
      if (percent > reported) progress.report({ increment: percent - reported });
      reported = Math.max(reported, percent);
    });
  });
}
