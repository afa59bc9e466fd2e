/** Files that exports have made: they look like shards, and nobody reviews them. */
import * as vscode from 'vscode';
import { exportedBy } from '../io/exportedBy';

/** Of an export into a folder, and of one into a file. */
const MANIFESTS = '**/{manifest.json,*.manifest.json}';
/** More exports than a workspace has. */
const MAX_MANIFESTS = 200;

/** @returns absolute paths of the files that the manifests of the workspace name */
export async function exportedFiles(): Promise<ReadonlySet<string>> {
  const found = await vscode.workspace.findFiles(
    MANIFESTS,
    '**/{.crossalpaca,node_modules}/**',
    MAX_MANIFESTS,
  );
  const files = found.filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => exportedBy(fsPath));
  return new Set((await Promise.all(files)).flat());
}
