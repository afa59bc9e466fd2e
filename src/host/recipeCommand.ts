/** Recipes of the workspace: found, read, and new ones written from a few questions. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Direction, InstructionFrom } from '../core/demonstration';
import { FORMATS } from '../core/formats';
import { UserError } from '../core/messages';
import { newRecipeText, type NewRecipeShard } from '../core/newRecipe';
import { parseRecipe, type Recipe, type Splits } from '../core/recipe';
import type { Lang } from '../core/record';
import { CLOCK } from '../io/clock';
import { hasCode, readSettings } from '../io/files';
import { portableWay } from '../io/paths';
import { Shard } from '../shard';
import { languageName, localize, t } from './l10n';
import { shardsOfWorkspace } from './shardChoice';

const RECIPES = ['**/*.recipe.{yaml,yml,json}', '**/recipes/*.{yaml,yml}'];
const NO_RECIPES = '**/{.crossalpaca,node_modules}/**';
const MAX_OFFERED = 200;
const NAME = /^(?=.*[\p{L}\p{N}])[^\p{Cc}\p{Zl}\p{Zp}]{1,60}$/u;

/** Recipe files of the workspace, in the order of their paths. */
export async function findRecipes(): Promise<vscode.Uri[]> {
  const found = await Promise.all(
    RECIPES.map(pattern => vscode.workspace.findFiles(pattern, NO_RECIPES, MAX_OFFERED)),
  );
  const byPath = new Map(found.flat().map(uri => [uri.fsPath, uri]));
  return [...byPath.values()]
    .filter(({ scheme }) => scheme === 'file')
    .sort((a, b) => (a.fsPath < b.fsPath ? -1 : 1));
}

/**
 * Reads a recipe; what is wrong with it is told, with a button that opens it there.
 * @returns undefined where something is wrong
 * @throws UserError where it cannot be read
 */
export async function readRecipe(uri: vscode.Uri): Promise<Recipe | undefined> {
  const open = vscode.workspace.textDocuments.find(({ uri: { fsPath } }) => fsPath === uri.fsPath);
  // As it is on disk is how an export by the command line would take it.
  if (open?.isDirty && !(await open.save())) return undefined;
  const text = await readSettings(uri.fsPath);
  if (text === undefined) throw new UserError('file.missing', uri.fsPath);
  const result = parseRecipe(text);
  if (result.ok) return result.recipe;
  const [first, ...more] = result.mistakes;
  const line = first?.line ?? 1;
  const reason = first ? localize(first.reason) : '';
  const name = basename(uri.fsPath);
  const there = t('export.openThere');
  const message =
    more.length > 0
      ? t('export.brokenRecipeMore', name, line, reason, more.length)
      : t('export.brokenRecipe', name, line, reason);
  if ((await vscode.window.showErrorMessage(message, there)) !== there) return undefined;
  const at = new vscode.Position(line - 1, 0);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at), preview: false });
  return undefined;
}

/** Asks what a recipe needs, writes it beside the shards, and opens it. */
export async function newRecipe(): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new UserError('write.restricted');
  const folder = await chooseFolder();
  if (!folder) return;
  const offered = await shardsOfWorkspace(folder);
  if (offered.length === 0) throw new UserError('newRecipe.noShards', folder.fsPath);
  const name = await askName(folder);
  const uris = name === undefined ? undefined : await chooseShards(folder, offered);
  const found = uris && (await Promise.all(uris.map(uri => lookInto(folder, uri))));
  const languages = found && (await chooseLanguages(found.flatMap(({ languages }) => languages)));
  const ways = languages && (await chooseWays(found));
  const splits = ways && (await chooseSplits());
  const format = splits && (await chooseFormat());
  if (name === undefined || !languages || !format) return;
  const shards = found.map(({ path, field }) => ({ path, field }));
  const date = new Date().toISOString().slice(0, 10);
  const text = newRecipeText({ name, date, shards, languages, ...ways, splits, format }, t);
  const file = vscode.Uri.joinPath(folder, fileName(name));
  await write(file, text);
  await vscode.window.showTextDocument(file, { preview: false });
}

async function chooseFolder(): Promise<vscode.Uri | undefined> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  if (folders.length === 0) throw new UserError('newRecipe.noFolder');
  return folders.length === 1 ? folders[0]?.uri : (await vscode.window.showWorkspaceFolderPick())?.uri;
}

/** A name that every file system takes. */
function fileName(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
  return `${slug}.recipe.yaml`;
}

async function askName(folder: vscode.Uri): Promise<string | undefined> {
  const taken = new Set((await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name));
  const text = await vscode.window.showInputBox({
    title: t('newRecipe.name'),
    prompt: t('newRecipe.namePrompt'),
    ignoreFocusOut: true,
    validateInput: value => {
      const name = value.trim();
      if (!NAME.test(name)) return t('newRecipe.nameInvalid');
      return taken.has(fileName(name)) ? t('newRecipe.nameTaken', fileName(name)) : undefined;
    },
  });
  return text?.trim();
}

async function chooseShards(
  folder: vscode.Uri,
  offered: readonly vscode.Uri[],
): Promise<readonly vscode.Uri[] | undefined> {
  const items = offered.map(uri => ({ label: pathIn(folder, uri), uri }));
  const picked = await severalOf(items, t('newRecipe.shards'));
  return picked?.map(({ uri }) => uri);
}

const pathIn = (folder: vscode.Uri, { fsPath }: vscode.Uri) => portableWay(folder.fsPath, fsPath);

interface Found extends NewRecipeShard {
  readonly languages: readonly Lang[];
}

/** What the questions about a shard hang on: its languages, and whether it holds instructions. */
async function lookInto(folder: vscode.Uri, uri: vscode.Uri): Promise<Found> {
  const shard = await Shard.open(uri.fsPath, CLOCK, { workspaceRoot: folder.fsPath });
  try {
    const [first] = await shard.loadRows([0]);
    const isText = first && 'unit' in first && first.unit.target.every(({ name }) => name === 'text');
    const languages = [...shard.facts.targetLangs].filter(lang => lang !== 'und');
    return { path: pathIn(folder, uri), field: isText ? 'text' : 'output', languages };
  } finally {
    shard.close();
  }
}

/** @returns undefined where the user left it; empty: all */
async function chooseLanguages(found: readonly Lang[]): Promise<readonly Lang[] | undefined> {
  const languages = [...new Set(found)].sort();
  if (languages.length < 2) return [];
  const items = languages.map(lang => ({
    label: languageName(lang),
    description: lang,
    lang,
    picked: true,
  }));
  const picked = await severalOf(items, t('newRecipe.languages'));
  if (!picked) return undefined;
  return picked.length === languages.length ? [] : picked.map(({ lang }) => lang);
}

interface Ways {
  readonly instructions: readonly InstructionFrom[];
  readonly directions: readonly Direction[];
}

async function chooseWays(shards: readonly Found[]): Promise<Ways | undefined> {
  const hasInstructions = shards.some(({ field }) => field === 'output');
  const instructions = (['target', 'source', 'cross-to-target', 'cross-to-source'] as const).map(from => ({
    label: t(`export.way.instruction.${from}`),
    picked: from === 'target',
    instructions: [from],
    directions: [],
  }));
  const translations = (['forward', 'back'] as const).map(direction => ({
    label: t(`export.way.translation.${direction}`),
    picked: true,
    instructions: [],
    directions: [direction],
  }));
  const items = hasInstructions ? [...instructions, ...translations] : translations;
  const picked = await severalOf<Ways & vscode.QuickPickItem>(items, t('newRecipe.ways'));
  return (
    picked && {
      instructions: picked.flatMap(each => each.instructions),
      directions: picked.flatMap(each => each.directions),
    }
  );
}

async function chooseSplits(): Promise<Splits | undefined> {
  const items = [
    { label: t('newRecipe.split.all'), splits: { train: 1, validation: 0, test: 0 } },
    { label: t('newRecipe.split.some'), splits: { train: 0.98, validation: 0.01, test: 0.01 } },
    { label: t('newRecipe.split.more'), splits: { train: 0.9, validation: 0.05, test: 0.05 } },
  ];
  const options = { title: t('newRecipe.splits'), ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.splits;
}

async function chooseFormat() {
  const items = FORMATS.map(({ id, title }) => ({ label: t(title), id }));
  const options = { title: t('newRecipe.format'), ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.id;
}

/** @returns undefined where the user left it, or chose nothing */
async function severalOf<T extends vscode.QuickPickItem>(
  items: readonly T[],
  title: string,
): Promise<readonly T[] | undefined> {
  const picked = await vscode.window.showQuickPick(items, {
    title,
    canPickMany: true,
    ignoreFocusOut: true,
  });
  return picked && picked.length > 0 ? picked : undefined;
}

/** Never over another file: somebody may have made it since its name was asked for. */
async function write(file: vscode.Uri, text: string): Promise<void> {
  try {
    const handle = await open(file.fsPath, 'wx');
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw new UserError('newRecipe.nameTaken', basename(file.fsPath));
    throw error;
  }
}
