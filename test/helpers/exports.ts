/** Simple exports of an open shard, as the tests of single rules need them. */
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { ExportCounts } from '../../src/core/manifest';
import { exportFile, previewExport, simpleRecipe, type SimpleOptions } from '../../src/exporting';
import type { Shard } from '../../src/shard';

export interface Simple extends Partial<SimpleOptions> {
  readonly signal?: AbortSignal;
}

const recipeOf = (shard: Shard, options: Simple) =>
  simpleRecipe([basename(shard.path)], {
    format: 'alpaca',
    side: 'target',
    status: 'approved',
    text: 'current',
    ...options,
  });
const placeOf = (shard: Shard, { signal }: Simple) => ({
  base: dirname(shard.path),
  shards: new Map([[shard.path, shard]]),
  ...(signal && { signal }),
});

/** Exports over whatever file is there. */
export async function exportOf(shard: Shard, out: string, options: Simple = {}): Promise<ExportCounts> {
  const place = { ...placeOf(shard, options), out, replace: true };
  return (await exportFile(recipeOf(shard, options), place)).manifest.counts;
}

export const previewOf = async (shard: Shard, options: Simple = {}): Promise<ExportCounts> =>
  (await previewExport(recipeOf(shard, options), placeOf(shard, options))).counts;

/** Rows of JSON Lines. */
export const rowsIn = <T = Record<string, string>>(path: string): T[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as T);
