import * as vscode from 'vscode';
import { registerCommands } from './host/commands';
import { Dashboard } from './host/dashboard';
import { FindingsView } from './host/findingsView';
import type { QueueRuns } from './host/queueRuns';
import { ReviewEditor, VIEW_TYPE } from './host/reviewEditor';
import { Settings } from './host/settings';
import { ShardsView } from './host/shardsView';
import { SittingBar } from './host/sittingBar';
import { StatusBar } from './host/statusBar';
import { WalkthroughSteps } from './host/walkthrough';

/** Events are on disk before they are acknowledged, so that nothing is left to do when VS Code closes. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('CrossAlpaca', { log: true });
  const settings = new Settings(context);
  const editor = new ReviewEditor(context, settings, log);
  const shards = new ShardsView(editor, log);
  const findings = new FindingsView(editor);
  const dashboard = new Dashboard(context, editor, log);
  // What is behind it is needed once a shard is open, and loaded only then.
  let made: Promise<QueueRuns> | undefined;
  const makeRuns = async () => {
    const { QueueRuns } = await import('./host/queueRuns');
    const queueRuns = new QueueRuns(editor, await settings.backends(), log);
    context.subscriptions.push(queueRuns);
    return queueRuns;
  };
  const runs = () => (made ??= makeRuns());
  context.subscriptions.push(
    log,
    shards,
    findings,
    dashboard,
    editor.onDidChange(() => void runs()),
    new StatusBar(editor),
    new SittingBar(editor),
    new WalkthroughSteps(editor),
    registerCommands(editor, settings, { shards, findings, dashboard, runs }, context, log),
    vscode.window.registerCustomEditorProvider(VIEW_TYPE, editor, {
      supportsMultipleEditorsPerDocument: false,
    }),
  );
}
