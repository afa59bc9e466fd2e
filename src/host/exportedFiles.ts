/** Files that exports have made: they look like shards, and nobody reviews them. */
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { parseManifest } from '../core/manifest';
import { readSettings } from '../io/files';

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
  const files = found.filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => outputsOf(fsPath));
  return new Set((await Promise.all(files)).flat());
}

/** Others have files of this name too: those that cannot be read as one of ours name nothing. */
async function outputsOf(path: string): Promise<readonly string[]> {
  const text = await readSettings(path).catch(() => undefined);
  const outputs = text === undefined ? [] : (parseManifest(text)?.outputs ?? []);
  return outputs.map(output => join(dirname(path), output.path));
}
