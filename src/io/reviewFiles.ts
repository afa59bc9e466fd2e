/** The files that a team shares beside the ledgers: the policy, and the mapping of a shard. */
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { english, say, UserError, type Said } from '../core/messages';
import { CLOSED_POLICY, DEFAULT_POLICY, readPolicy, type Policy } from '../core/policy';
import { languageTag, type MappingOverride } from '../core/record';
import { cause, makeFolders, readSettings, replaceFile } from './files';
import { REVIEW_FOLDER } from './ledger';

/**
 * The policy of a shard: from its own folder or the nearest above it up to the root of the git repository, else from the
 * workspace root, else the default.
 * @returns with a broken policy one by which nothing is approved, and the problem
 */
export async function readPolicyFile(
  shard: string,
  workspaceRoot?: string,
): Promise<{ policy: Policy; problem?: Said }> {
  const folders = [
    ...(await foldersUpToGit(dirname(shard))),
    ...(workspaceRoot === undefined ? [] : [workspaceRoot]),
  ];
  for (const folder of folders) {
    const file = join(folder, REVIEW_FOLDER, 'policy.json');
    try {
      const json = await readSettings(file);
      if (json === undefined) continue;
      const result = readPolicy(json);
      if (result.ok) return { policy: result.policy };
      return { policy: CLOSED_POLICY, problem: say('policy.broken', file, english(result.reason)) };
    } catch (error) {
      return { policy: CLOSED_POLICY, problem: say('policy.broken', file, cause(error)) };
    }
  }
  return { policy: DEFAULT_POLICY };
}

/** A folder and those above it in its git working tree; outside git the folder alone. */
async function foldersUpToGit(folder: string): Promise<string[]> {
  const folders: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    folders.push(at);
    if (await stat(join(at, '.git')).catch(() => undefined)) return folders;
    if (dirname(at) === at) return [folder];
  }
}

/** What was settled for the whole shard, in the folder of its ledgers. */
export async function readMapping(folder: string): Promise<MappingOverride> {
  const file = join(folder, 'mapping.json');
  const json = await readSettings(file);
  if (json === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new UserError('mapping.broken', file, cause(error));
  }
  const mapping = (typeof value === 'object' ? value : null) as Record<string, unknown> | null;
  const tags = ['source_lang', 'target_lang'].flatMap(name => {
    const lang = mapping?.[name];
    if (lang === undefined) return [];
    const tag = typeof lang === 'string' ? languageTag(lang) : undefined;
    if (tag === undefined) throw new UserError('mapping.broken', file, `${name}: ${JSON.stringify(lang)}`);
    return [[name, tag] as const];
  });
  return Object.fromEntries(tags);
}

export async function writeMapping(folder: string, mapping: MappingOverride): Promise<void> {
  const json = `${JSON.stringify({ v: 1, ...mapping }, undefined, 2)}\n`;
  await replaceFile(join(folder, 'mapping.json'), file => file.writeFile(json));
}

/** UTF-16 units of a name and of a query: longer ones are no filters that people save. */
const MAX_FILTER_NAME = 200;
const MAX_FILTER = 4000;

/** Filters that a team has given names, in the review folder beside its shards. */
export type SavedFilters = readonly (readonly [name: string, query: string])[];

/** @throws UserError `filters.broken` */
export async function readFilters(folder: string): Promise<SavedFilters> {
  const file = join(folder, REVIEW_FOLDER, 'filters.json');
  const json = await readSettings(file);
  if (json === undefined) return [];
  try {
    const filters = (JSON.parse(json) as { filters?: unknown } | null)?.filters;
    if (typeof filters !== 'object' || filters === null) throw new Error('filters');
    return Object.entries(filters).filter(
      (each): each is [string, string] =>
        typeof each[1] === 'string' && each[0].length <= MAX_FILTER_NAME && each[1].length <= MAX_FILTER,
    );
  } catch (error) {
    throw new UserError('filters.broken', file, cause(error));
  }
}

export async function writeFilters(folder: string, filters: SavedFilters): Promise<void> {
  const review = await makeFolders(folder, [REVIEW_FOLDER]);
  const json = `${JSON.stringify({ v: 1, filters: Object.fromEntries(filters) }, undefined, 2)}\n`;
  await replaceFile(join(review, 'filters.json'), file => file.writeFile(json));
}
