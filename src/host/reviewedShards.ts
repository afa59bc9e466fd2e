/** Shards of the workspace that somebody reviews or has reviewed. */
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { identify } from '../io/files';
import { NO_REVIEWERS, REVIEW_FOLDER } from '../io/reviewFolder';
import type { ReviewEditor } from './reviewEditor';

/** More than a tree or a list shows to any use. */
export const MAX_SHARDS = 500;
/** Ledgers by which shards are found. */
const MAX_LEDGERS = 10_000;
const LEDGERS = `**/${REVIEW_FOLDER}/*/*/*.jsonl`;

/** @returns absolute paths: those open in an editor first, then those with ledgers */
export async function reviewedShards(editor: ReviewEditor): Promise<Set<string>> {
  const ledgers = await vscode.workspace.findFiles(LEDGERS, '**/node_modules/**', MAX_LEDGERS);
  const paths = new Set(editor.documents.map(({ uri }) => uri.fsPath));
  for (const path of new Set(ledgers.flatMap(shardOfLedger))) {
    if (await identify(path).catch(() => undefined)) paths.add(path);
  }
  return paths;
}

/** `<folder>/.crossalpaca/<shard>/<reviewer>/<clone>.jsonl` is the ledger of `<folder>/<shard>`. */
function shardOfLedger({ scheme, fsPath }: vscode.Uri): string[] {
  const reviewer = dirname(fsPath);
  const shard = dirname(reviewer);
  if (scheme !== 'file' || NO_REVIEWERS.includes(basename(reviewer))) return [];
  return [join(dirname(dirname(shard)), basename(shard))];
}
