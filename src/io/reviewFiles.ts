/** The files that a team shares beside the ledgers: the policy, the glossary, and the mapping of a shard. */
import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parse, type CsvError } from 'csv-parse/sync';
import { readGlossaryRows, type Glossary, type GlossaryResult, type GlossaryRow } from '../core/glossary';
import { say, UserError, type Said } from '../core/messages';
import { CLOSED_POLICY, DEFAULT_POLICY, readPolicy, type Policy } from '../core/policy';
import type { PromptTemplate } from '../core/prompt';
import { DEFAULT_TEMPLATE, parseTemplate } from '../core/promptTemplate';
import { languageTag, type Lang, type MappingOverride } from '../core/record';
import { cause, hasCode, makeFolders, readSettings, replaceFile } from './files';
import { REVIEW_FOLDER } from './reviewFolder';

/**
 * The policy of a shard: from its own folder or the nearest above it up to the root of the git repository, else from the
 * workspace root, else the default.
 * @returns with a broken policy one by which nothing is approved, and the problem
 */
export async function readPolicyFile(
  shard: string,
  workspaceRoot?: string,
): Promise<{ policy: Policy; problem?: Said }> {
  for (const folder of await sharedFolders(shard, workspaceRoot)) {
    const file = join(folder, REVIEW_FOLDER, 'policy.json');
    try {
      const policy = await policyIn(file);
      if (policy) return { policy };
    } catch (error) {
      const isBroken = error instanceof UserError && error.said.id === 'policy.broken';
      return {
        policy: CLOSED_POLICY,
        problem: isBroken ? error.said : say('policy.unreadable', cause(error)),
      };
    }
  }
  return { policy: DEFAULT_POLICY };
}

/**
 * The policy in this very file, as the command line is given one.
 * @throws UserError where it is missing, cannot be read, or is broken
 */
export async function readPolicyAt(file: string): Promise<Policy> {
  const policy = await policyIn(file);
  if (!policy) throw new UserError('file.missing', file);
  return policy;
}

/**
 * @returns undefined where there is no such file
 * @throws UserError `policy.broken`, or where the file cannot be read
 */
async function policyIn(file: string): Promise<Policy | undefined> {
  const json = await readSettings(file);
  if (json === undefined) return undefined;
  const result = readPolicy(json);
  if (!result.ok) throw new UserError('policy.broken', file, result.line, result.reason);
  return result.policy;
}

/**
 * The glossary of a shard, looked for where its policy is: `glossary.csv` in UTF-8, with the columns `source` and `target`,
 * and if need be `lang`, `rule` and `note`.
 * @returns an empty one where there is none, and with the problem where it is broken
 */
export async function readGlossary(
  shard: string,
  workspaceRoot?: string,
): Promise<{ glossary: Glossary; problem?: Said }> {
  for (const folder of await sharedFolders(shard, workspaceRoot)) {
    const found = await readGlossaryIn(join(folder, REVIEW_FOLDER));
    if (found) return found;
  }
  return { glossary: NO_GLOSSARY };
}

/**
 * The glossary in a folder.
 * @returns undefined where there is none
 */
export async function readGlossaryIn(
  folder: string,
): Promise<{ glossary: Glossary; problem?: Said } | undefined> {
  const file = join(folder, 'glossary.csv');
  try {
    const csv = await readSettings(file);
    if (csv === undefined) return undefined;
    const result = glossaryOf(file, csv);
    if (result.ok) return { glossary: result.glossary };
    return {
      glossary: NO_GLOSSARY,
      problem: say('glossary.broken', file, result.line, result.reason),
    };
  } catch (error) {
    return { glossary: NO_GLOSSARY, problem: say('glossary.unreadable', cause(error)) };
  }
}

/** Those read last: a glossary is looked for before each decision, and reading a long one takes a good part of a second. */
const glossaries = new Map<string, { readonly csv: string; readonly result: GlossaryResult }>();
const KEPT_GLOSSARIES = 8;
const NO_GLOSSARY: Glossary = [];

/** The same text of a file gives the same list. */
function glossaryOf(file: string, csv: string): GlossaryResult {
  const known = glossaries.get(file);
  if (known?.csv === csv) return known.result;
  const result = glossaryIn(csv);
  if (glossaries.size >= KEPT_GLOSSARIES) glossaries.clear();
  glossaries.set(file, { csv, result });
  return result;
}

function glossaryIn(csv: string): GlossaryResult {
  // What is no UTF-8 was decoded to U+FFFD; it would never be found in a text.
  const bad = csv.indexOf('\ufffd');
  if (bad >= 0) {
    const line = csv.slice(0, bad).split('\n').length;
    return { ok: false, reason: say('glossary.notUtf8'), line };
  }
  const rows: GlossaryRow[] = [];
  let line = 1;
  try {
    parse(csv, {
      bom: true,
      delimiter: delimiterOf(csv),
      // That each row has as many cells as there are columns is seen to with the rest.
      relax_column_count: true,
      on_record: (cells: string[], { lines }) => {
        rows.push({ line, cells });
        line = lines + 1;
        return null;
      },
    });
  } catch (error) {
    if (!isCsvError(error)) throw error;
    return { ok: false, reason: say('glossary.notCsv', error.message), line: error.lines ?? line };
  }
  return readGlossaryRows(rows);
}

const isCsvError = (error: unknown): error is CsvError & { readonly lines?: number } =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_');

/** Spreadsheets write a semicolon where the comma is for decimals; the names of the columns hold none of them. */
function delimiterOf(csv: string): string {
  const [names = ''] = csv.split('\n', 1);
  return [';', '\t'].find(each => names.includes(each)) ?? ',';
}

/**
 * The team's own wording of requests to a model, looked for where the policy of a shard is: `prompt.md`.
 * @returns undefined where there is none
 * @throws UserError `regenerate.template` with the line of the mistake, or where the file cannot be read
 */
export async function readPromptTemplate(
  shard: string,
  workspaceRoot?: string,
): Promise<PromptTemplate | undefined> {
  for (const folder of await sharedFolders(shard, workspaceRoot)) {
    const file = join(folder, REVIEW_FOLDER, 'prompt.md');
    const text = await readSettings(file);
    if (text === undefined) continue;
    const result = parseTemplate(text);
    if (!result.ok) throw new UserError('regenerate.template', file, result.line, result.reason);
    return result.template;
  }
  return undefined;
}

/**
 * The file of the team's own wording, which may be broken, where `readPromptTemplate` finds it; one to start from is made
 * beside the shard where there is none.
 * @returns its absolute path
 * @throws UserError `host.prompt.notWritten`, `ledger.link`
 */
export async function promptTemplateFile(shard: string, workspaceRoot?: string): Promise<string> {
  for (const folder of await sharedFolders(shard, workspaceRoot)) {
    const file = join(folder, REVIEW_FOLDER, 'prompt.md');
    if (await stat(file).catch(() => undefined)) return file;
  }
  const file = join(dirname(shard), REVIEW_FOLDER, 'prompt.md');
  try {
    await createOnce(file, DEFAULT_TEMPLATE);
  } catch (error) {
    throw error instanceof UserError ? error : new UserError('host.prompt.notWritten', file, cause(error));
  }
  return file;
}

/** Makes a file in the review folder of a folder; one that is there stays as it is. */
async function createOnce(file: string, text: string): Promise<void> {
  await makeFolders(dirname(dirname(file)), [REVIEW_FOLDER]);
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(text).finally(() => handle.close());
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

/** The folders whose review folder may hold what a shard's team shares: its own and those above it, nearest first, then the workspace root. */
async function sharedFolders(shard: string, workspaceRoot?: string): Promise<string[]> {
  return [...(await foldersUpToGit(dirname(shard))), ...(workspaceRoot === undefined ? [] : [workspaceRoot])];
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

/** File names of guidelines that fit a language, the one that says most of it first (lookup of RFC 4647); `und` fits none. */
function guidelinesNames(lang: Lang): string[] {
  const names = ['guidelines.md'];
  const parts = lang === 'und' ? [] : lang.split('-');
  for (let length = 1; length <= parts.length; length++) {
    names.unshift(`guidelines.${parts.slice(0, length).join('-')}.md`);
  }
  return names;
}

/**
 * The guidelines for a target language, looked for where a policy is: those for the very language before those for its
 * base language or for all, and of the same kind the nearest. Upper and lower case make no difference.
 * @param shard absolute path
 * @param lang BCP-47 tag
 * @returns an absolute path; undefined where there are none
 */
export async function findGuidelines(
  shard: string,
  lang: Lang,
  workspaceRoot?: string,
): Promise<string | undefined> {
  const folders = (await sharedFolders(shard, workspaceRoot)).map(folder => join(folder, REVIEW_FOLDER));
  const files = await Promise.all(
    folders.map(async folder => {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      return entries.filter(entry => !entry.isDirectory()).map(entry => join(folder, entry.name));
    }),
  );
  for (const name of guidelinesNames(lang)) {
    const found = files.flat().find(file => basename(file).toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Makes a file for the guidelines of a language in the review folder beside a shard; one that is there stays as it is.
 * @param folder of the shard, absolute
 * @param lang BCP-47 tag
 * @param text what the file begins with
 * @returns its absolute path
 * @throws UserError `guidelines.notWritten`, `ledger.link`
 */
export async function createGuidelines(folder: string, lang: Lang, text: string): Promise<string> {
  const name = guidelinesNames(lang)[0] ?? '';
  const file = join(folder, REVIEW_FOLDER, name);
  try {
    await createOnce(file, text);
  } catch (error) {
    throw error instanceof UserError ? error : new UserError('guidelines.notWritten', file, cause(error));
  }
  return file;
}
