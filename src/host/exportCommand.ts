/** Export Training Data: what is exported, what of it would go in, where it goes, and what can be done with it then. */
import { basename, dirname, extname, join, resolve } from 'node:path';
import * as vscode from 'vscode';
import { FORMATS, formatOf, type FormatId } from '../core/formats';
import { UserError } from '../core/messages';
import type { Recipe } from '../core/recipe';
import { whyNothing } from '../core/whyNothing';
import {
  exportFile,
  exportRecipe,
  previewExport,
  simpleRecipe,
  type ExportResult,
  type Preview,
  type ReadOptions,
} from '../exporting';
import type { Shard } from '../shard';
import type { Backends } from './backend';
import { showChanges } from './exportChanges';
import { countTokens } from './exportCutoff';
import { previewDetail } from './exportPreview';
import { localize, t } from './l10n';
import { withProgress } from './progress';
import { findRecipes, newRecipe, readRecipe } from './recipeCommand';
import { VIEW_TYPE, type ReviewEditor } from './reviewEditor';
import { chooseShard } from './shardChoice';

/** What is exported, and how its place is asked for. */
interface Job {
  readonly recipe: Recipe;
  /** Folder that the paths of the recipe are relative to. */
  readonly base: vscode.Uri;
  /** The file of the recipe, where there is one. */
  readonly recipeFile?: string;
  /** The words of the button that asks for the place. */
  readonly choose: 'export.choose' | 'export.chooseFolder';
  readonly place: () => Promise<vscode.Uri | undefined>;
  readonly run: typeof exportFile;
}

/**
 * Asks for everything, exports, and offers to look at it.
 * @param given where a shard was chosen already: its file, or an item of the view that lists shards
 */
export async function exportTrainingData(
  editor: ReviewEditor,
  backends: Backends,
  given: unknown,
  log: vscode.LogOutputChannel,
): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new UserError('write.restricted');
  const job = await chooseJob(fileOf(given) ?? editor.active?.document.uri);
  if (!job) return;
  const { recipe, base } = job;
  const options = await readOptions(editor, job);
  const preview = await withProgress(t('export.counting'), (signal, onProgress) =>
    previewExport(recipe, { ...options, signal, onProgress }),
  );
  if (preview.counts.rows === 0) return explainNothing(editor, base, recipe, preview);
  if (!(await agreed(job, preview, () => countTokens(backends, recipe, options, log)))) return;
  const out = await job.place();
  if (!out) return;
  // The dialog has asked about a file that is there already.
  const result = await withProgress(t('export.writing'), (signal, onProgress) =>
    job.run(recipe, { ...options, out: out.fsPath, replace: true, signal, onProgress }),
  );
  await offerResult(recipe.format, out, result);
}

/** Shows what would be exported until the user goes on or gives up; how many rows are too long only where they ask. */
async function agreed(
  { recipe, choose, run }: Job,
  preview: Preview,
  countCut: () => Promise<readonly string[]>,
): Promise<boolean> {
  const [go, count] = [t(choose), t('export.countTokens')];
  const { counts } = preview;
  const message = t('export.preview', counts.rows, counts.taken, counts.units);
  // Of a single file nobody has said what licence it has.
  const inAll = previewDetail(preview, run === exportRecipe ? recipe.shards : []);
  let cut: readonly string[] = [];
  for (;;) {
    const detail = [cut.join('\n'), inAll].filter(part => part !== '').join('\n\n');
    const answer = await vscode.window.showInformationMessage(message, { modal: true, detail }, go, count);
    if (answer !== count) return answer === go;
    cut = await countCut();
  }
}

/** A file of the Explorer, or an item of the Shards view: a shard, or one language of it. */
function fileOf(given: unknown): vscode.Uri | undefined {
  if (given instanceof vscode.Uri) return given;
  if (typeof given !== 'object' || given === null) return undefined;
  if ('uri' in given) return fileOf(given.uri);
  return 'shard' in given ? fileOf(given.shard) : undefined;
}

async function chooseJob(shard: vscode.Uri | undefined): Promise<Job | undefined> {
  const recipes = await findRecipes();
  const separator = (id: 'export.recipes' | 'export.formats') => ({
    label: t(id),
    kind: vscode.QuickPickItemKind.Separator,
    take: () => Promise.resolve(undefined),
  });
  const formats = FORMATS.map(({ id, title }) => {
    const [label = id, description = ''] = t(title).split(/: (.*)/s);
    return { label, description, take: () => simpleJob(id, shard) };
  });
  const items = [
    { ...separator('export.formats'), label: shard ? basename(shard.fsPath) : t('export.formats') },
    ...formats,
    separator('export.recipes'),
    ...recipes.map(uri => ({ label: vscode.workspace.asRelativePath(uri), take: () => recipeJob(uri) })),
    { label: t('export.newRecipe'), detail: t('export.newRecipeDetail'), take: newRecipeJob },
  ];
  const title = t(shard ? 'export.what' : 'export.whatNoShard');
  const picked = await vscode.window.showQuickPick(items, { title, matchOnDescription: true });
  return picked?.take();
}

/** The file of a new recipe is there to be read and changed first. */
async function newRecipeJob(): Promise<undefined> {
  await newRecipe();
}

async function simpleJob(format: FormatId, given: vscode.Uri | undefined): Promise<Job | undefined> {
  const shard = given ?? (await chooseShard(t('export.whichShard')));
  if (!shard) return undefined;
  if (shard.scheme !== 'file') throw new UserError('place.notOnDisk', shard.toString(true));
  const texts = (['target', 'source'] as const).flatMap(side =>
    (['current', 'original'] as const).map(text => {
      const id = `export.texts.${side}.${text}` as const;
      return { label: t(id), detail: t(`${id}Detail`), side, text };
    }),
  );
  const picked = await vscode.window.showQuickPick(texts, { title: t('export.whichTexts') });
  if (!picked) return undefined;
  const { side, text } = picked;
  const name = basename(shard.fsPath);
  const folder = dirname(shard.fsPath);
  const { container } = formatOf(format);
  const place = async () => {
    const which = [
      basename(name, extname(name)),
      // The container is the extension; an array is told from lines by it.
      format.replace(/-json$/, ''),
      ...(side === 'source' ? ['source'] : []),
      ...(text === 'original' ? ['original'] : []),
      container,
    ];
    const file = which.filter((part, at) => part !== which[at - 1]).join('.');
    return vscode.window.showSaveDialog({
      title: t('export.choose'),
      defaultUri: vscode.Uri.file(join(folder, file)),
      filters: {
        [container === 'parquet' ? 'Parquet' : container === 'json' ? 'JSON' : 'JSON Lines']: [container],
      },
    });
  };
  return {
    recipe: simpleRecipe([name], { format, side, status: 'approved', text }),
    base: vscode.Uri.file(folder),
    choose: 'export.choose',
    place,
    run: exportFile,
  };
}

async function recipeJob(uri: vscode.Uri): Promise<Job | undefined> {
  const recipe = await readRecipe(uri);
  if (!recipe) return undefined;
  const folder = dirname(uri.fsPath);
  return {
    recipe,
    base: vscode.Uri.file(folder),
    choose: 'export.chooseFolder',
    recipeFile: uri.fsPath,
    place: () => chooseFolder(join(folder, basename(uri.fsPath).replace(/(\.recipe)?\.\w+$/, '.export'))),
    run: exportRecipe,
  };
}

/** @param usual where a recipe is exported to, so that the next time it is the same folder */
async function chooseFolder(usual: string): Promise<vscode.Uri | undefined> {
  const here = vscode.Uri.file(usual);
  const items = [
    { label: vscode.workspace.asRelativePath(here), detail: t('export.folderDetail'), isOther: false },
    { label: t('export.otherFolder'), isOther: true },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: t('export.intoFolder') });
  if (!picked?.isOther) return picked && here;
  const chosen = await vscode.window.showOpenDialog({
    title: t('export.intoFolder'),
    openLabel: t('export.useFolder'),
    canSelectFiles: false,
    canSelectFolders: true,
    defaultUri: vscode.Uri.file(dirname(usual)),
  });
  return chosen?.[0];
}

/** Shards that are under review are read as they stand there. */
async function readOptions(editor: ReviewEditor, { recipe, base, recipeFile }: Job): Promise<ReadOptions> {
  const paths = recipe.shards.map(({ path }) => resolve(base.fsPath, path));
  const shards = new Map<string, Shard>();
  for (const { uri, session } of editor.documents)
    if (paths.includes(uri.fsPath)) shards.set(uri.fsPath, (await session).shard);
  const workspaceRoot = vscode.workspace.getWorkspaceFolder(base)?.uri.fsPath;
  return {
    base: base.fsPath,
    shards,
    ...(workspaceRoot === undefined ? {} : { workspaceRoot }),
    ...(recipeFile === undefined ? {} : { recipeFile }),
  };
}

/** Says what keeps the rows out, and shows the records that it keeps out. */
async function explainNothing(
  editor: ReviewEditor,
  base: vscode.Uri,
  recipe: Recipe,
  preview: Preview,
): Promise<void> {
  const { said, state } = whyNothing(preview.counts, recipe.text);
  const show = t('export.showRecords');
  const reviewed = recipe.shards.filter(({ parallel }) => !parallel).map(({ path }) => path);
  const answer = await vscode.window.showWarningMessage(
    localize(said),
    { modal: true, detail: previewDetail(preview, []) },
    ...(state !== undefined && reviewed.length > 0 ? [show] : []),
  );
  if (answer !== show) return;
  const [only, ...others] = reviewed;
  const title = t('export.whichShardToShow');
  const path = others.length === 0 ? only : await vscode.window.showQuickPick(reviewed, { title });
  if (path === undefined) return;
  const uri = vscode.Uri.file(resolve(base.fsPath, path));
  await vscode.commands.executeCommand('vscode.openWith', uri, VIEW_TYPE);
  editor.active?.ask(`state:${state}`);
}

async function offerResult(format: FormatId, out: vscode.Uri, result: ExportResult): Promise<void> {
  const { manifest, files, difference, empty } = result;
  const name = basename(out.fsPath);
  const rows = manifest.counts.rows;
  const [open, reveal, changed] = [t('export.open'), t('export.reveal'), t('export.whatChanged')];
  const isDifferent = difference && difference.added + difference.changed + difference.gone > 0;
  const done = difference
    ? t('export.doneAgain', rows, name, difference.added, difference.changed, difference.gone)
    : t('export.done', rows, name);
  const show = empty.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  const answer = await show(
    [done, ...(empty.length > 0 ? [t('export.doneEmpty', empty.length)] : [])].join(' '),
    ...(formatOf(format).container === 'parquet' ? [] : [open]),
    reveal,
    ...(isDifferent ? [changed] : []),
  );
  const file = vscode.Uri.file(files[0] ?? out.fsPath);
  if (answer === open) await vscode.commands.executeCommand('vscode.openWith', file, 'default');
  if (answer === reveal) {
    const isInside = vscode.workspace.getWorkspaceFolder(file) !== undefined;
    await vscode.commands.executeCommand(isInside ? 'revealInExplorer' : 'revealFileInOS', file);
  }
  if (answer === changed && difference) await showChanges(name, difference);
}
