/** Which shards of the workspace are meant. */
import * as vscode from 'vscode';
import { exportedFiles } from './exportedFiles';

const SHARD_FILES = '**/*.{jsonl,ndjson}';
const NO_SHARDS = '**/{.crossalpaca,node_modules}/**';
/** More than a list shows to any use. */
const MAX_OFFERED = 500;

/** @param within only below this folder */
export async function shardsOfWorkspace(within?: vscode.Uri): Promise<vscode.Uri[]> {
  const pattern = within ? new vscode.RelativePattern(within, SHARD_FILES) : SHARD_FILES;
  const [found, exported] = await Promise.all([
    vscode.workspace.findFiles(pattern, NO_SHARDS, MAX_OFFERED),
    exportedFiles(),
  ]);
  return found
    .filter(({ scheme, fsPath }) => scheme === 'file' && !exported.has(fsPath))
    .sort((a, b) => (a.fsPath < b.fsPath ? -1 : 1));
}

/** @returns undefined where the user left it */
export async function chooseShard(title: string): Promise<vscode.Uri | undefined> {
  const items = (await shardsOfWorkspace()).map(uri => ({
    label: vscode.workspace.asRelativePath(uri),
    uri,
  }));
  return (await vscode.window.showQuickPick(items, { title }))?.uri;
}
