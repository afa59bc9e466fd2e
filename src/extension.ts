import * as vscode from 'vscode';
import { registerCommands } from './host/commands';
import { ReviewEditor, VIEW_TYPE } from './host/reviewEditor';
import { Settings } from './host/settings';

/** Events are on disk before they are acknowledged, so that nothing is left to do when VS Code closes. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('CrossAlpaca', { log: true });
  const settings = new Settings(context);
  const editor = new ReviewEditor(context, settings, log);
  context.subscriptions.push(
    log,
    registerCommands(editor, settings, log),
    vscode.window.registerCustomEditorProvider(VIEW_TYPE, editor, {
      supportsMultipleEditorsPerDocument: false,
    }),
  );
}
