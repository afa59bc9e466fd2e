/**
 * Makes training files of shards by a recipe: whole or not at all, and from the same inputs the same bytes each time. What
 * may go in: `exportingSources.ts`; what is made of it: `exportingRows.ts`; which of that is chosen: `exportingChoice.ts`.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ExportDifference } from './core/exportDifference';
import { formatOf, type FormatId } from './core/formats';
import type { ExportCounts, Manifest } from './core/manifest';
import { UserError } from './core/messages';
import { pseudonyms } from './core/pseudonyms';
import type { Recipe, RecipeShard } from './core/recipe';
import type { Side } from './core/record';
import { whyNothing } from './core/whyNothing';
import { examine, filePlace, folderPlace, isWithin, put, type Place } from './exportingPlace';
import { makeRows } from './exportingRun';
import { parallelSource, shardSource, type OpenShards, type Source } from './exportingSources';
import { difference, writeTexts } from './exportingTexts';
import { readQuestions, refuseEvaluation } from './io/evaluationFile';
import { hasCode, isSameFile, NOT_WRITABLE, replaceFile } from './io/files';
import { sha256 } from './io/passes';
import { isThere, withStagedFolder } from './io/stagedFolder';
import { TrainingFiles } from './io/trainingFiles';
import type { PolicyPlace } from './shard';

export interface ReadOptions extends PolicyPlace {
  /** Folder that paths of the recipe are relative to; absolute. */
  readonly base: string;
  /** Shards that are open already, by absolute path: they are read, and left open. */
  readonly shards?: OpenShards;
  readonly signal?: AbortSignal;
  /** Share that is done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

export interface ExportOptions extends ReadOptions {
  /** A folder for `exportRecipe`, a file for `exportFile`; absolute. What it is in must be there. */
  readonly out: string;
  /** Where the names behind the pseudonyms are to be written; never unless asked. Absolute. */
  readonly reviewerMap?: string;
  /** Whether a file may be replaced that no export has made: the user was asked. */
  readonly replace?: boolean;
}

/** No row goes in, so that nothing was written. The message names what keeps out most. */
export class NothingToExport extends UserError {
  readonly counts: ExportCounts;

  constructor(counts: ExportCounts) {
    const { id, args } = whyNothing(counts).said;
    super(id, ...args);
    this.counts = counts;
  }
}

export interface SimpleOptions {
  readonly format: FormatId;
  readonly side: Side;
  readonly status: 'approved' | 'all';
  readonly text: 'current' | 'original';
  readonly trailingNewline?: boolean;
}

/** @param paths of shards, relative to the `base` that it is exported with: their instructions, row by row as they stand */
export function simpleRecipe(paths: readonly string[], options: SimpleOptions): Recipe {
  const { format, side, status, text, trailingNewline = false } = options;
  return {
    name: shardName(paths[0] ?? ''),
    seed: '',
    shards: paths.map(path => ({ path, name: shardName(path), licence: '', origin: 'machine', status })),
    entries: [{ kind: 'instruction', from: side, shards: [], languages: [], amount: { kind: 'all' } }],
    splits: { train: 1, validation: 0, test: 0 },
    shuffle: false,
    deduplicate: false,
    maxCharacters: undefined,
    evaluation: [],
    format,
    trailingNewline,
    text,
  };
}

const shardName = (path: string) =>
  (path.split(/[/\\]/).at(-1) ?? path).replace(/\.(jsonl|ndjson|json)$/, '');

/**
 * What an export would do, without writing anything but what is gone afterwards.
 * @param options as for the export
 * @throws UserError where something is wrong with an input
 */
export async function previewExport(recipe: Recipe, options: ReadOptions): Promise<ExportCounts> {
  const work = await mkdtemp(join(tmpdir(), 'crossalpaca-'));
  try {
    return await withSources(recipe, options, async (sources, wanted) => {
      const run = await runOptions(wanted, sources, options);
      return (await makeRows({ ...run, work, files: undefined })).result();
    });
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Exports into a folder: a file for each split, with snippets, card, manifest and what is known of each row.
 * @throws UserError where something is wrong with an input or with `out`, and `NothingToExport`; AbortError. Then nothing
 *   has changed
 */
export function exportRecipe(recipe: Recipe, options: ExportOptions): Promise<ExportResult> {
  return exportTo(folderPlace(recipe, options.out), recipe, options);
}

/** Exports into one file in the order of the shard, with manifest and reviews beside. Otherwise as `exportRecipe`. */
export function exportFile(recipe: Recipe, options: ExportOptions): Promise<ExportResult> {
  return exportTo(filePlace(options.out), recipe, options);
}

export interface ExportResult {
  readonly manifest: Manifest;
  /** Absolute paths of what was written, the training file first. */
  readonly files: readonly string[];
  /** Against what was there before; undefined where nothing was. */
  readonly difference: ExportDifference | undefined;
}

async function exportTo(place: Place, recipe: Recipe, options: ExportOptions): Promise<ExportResult> {
  const { out, signal, reviewerMap } = options;
  const shards = recipe.shards.flatMap(({ path, parallel }) => [path, ...(parallel ? [parallel.path] : [])]);
  const inputs = [...shards, ...recipe.evaluation];
  const paths = inputs.map(path => resolve(options.base, path));
  try {
    const former = await examine(place, paths, options.replace === true);
    // A recipe of a cloned repository must not read by way of a link what its folder does not hold.
    for (const path of place.isFolder ? paths : [])
      if ((await isThere(path)) && !(await isWithin(path, options.base)))
        throw new UserError('export.outside', path);
    for (const path of [...paths, out])
      if (reviewerMap !== undefined && (await isSameFile(path, reviewerMap)))
        throw new UserError('export.ontoShard', reviewerMap);
    return await withSources(recipe, options, (sources, wanted) =>
      withStagedFolder(out, async folder => {
        const [made, work, aside] = ['made', 'work', 'aside'].map(name => join(folder, name)) as Folders;
        for (const each of [made, work, aside]) await mkdir(each);
        const { container } = formatOf(wanted.format);
        const files = new TrainingFiles(made, container, place.names);
        const run = await runOptions(wanted, sources, options);
        try {
          const counting = await makeRows({ ...run, work, files });
          const counts = counting.result();
          if (counts.rows === 0) throw new NothingToExport(counts);
          const written = await files.end();
          const texts = { place, made, recipe: wanted, sources, counting, written };
          const manifest = await writeTexts(texts);
          const changed = former && (await difference(place, made, former, manifest.outputs));
          signal?.throwIfAborted();
          await put(place, made, aside);
          if (reviewerMap !== undefined) await writeMap(reviewerMap, run.names);
          const { train } = place.names;
          const others = manifest.outputs.map(({ path }) => path).filter(path => path !== train);
          const absolute = [train, ...others].map(path => join(place.folder, path));
          return { manifest, files: absolute, difference: changed };
        } finally {
          await files.close();
        }
      }),
    );
  } catch (error) {
    if (!hasCode(error, ...NOT_WRITABLE)) throw error;
    throw new UserError('export.notWritten', out, String((error as NodeJS.ErrnoException).code));
  }
}

type Folders = [made: string, work: string, aside: string];

/** Opens everything that a recipe names, for as long as `use` takes. */
async function withSources<T>(
  recipe: Recipe,
  options: ReadOptions,
  use: (sources: readonly Source[], recipe: Recipe) => Promise<T>,
): Promise<T> {
  const wanted = inOneOrder(recipe);
  const sources: Source[] = [];
  try {
    for (const shard of wanted.shards) {
      options.signal?.throwIfAborted();
      if (wanted.shards.some(other => other !== shard && other.name === shard.name))
        throw new UserError('export.oneName', shard.name);
      sources.push(await openSource(shard, options));
    }
    return await use(sources, wanted);
  } finally {
    for (const source of sources) source.close();
  }
}

async function openSource(shard: RecipeShard, options: ReadOptions): Promise<Source> {
  const path = resolve(options.base, shard.path);
  const target = shard.parallel && resolve(options.base, shard.parallel.path);
  for (const each of [path, ...(target === undefined ? [] : [target])]) await refuseEvaluation(each);
  if (!shard.parallel || target === undefined)
    return shardSource(shard, path, options, options.shards ?? new Map());
  const { sourceLang, targetLang } = shard.parallel;
  return parallelSource(shard, { source: path, target, sourceLang, targetLang });
}

/** The order in which an entry names shards, languages and directions says nothing. */
function inOneOrder(recipe: Recipe): Recipe {
  const entries = recipe.entries.map(entry => {
    const common = { shards: [...entry.shards].sort(), languages: [...entry.languages].sort() };
    if (entry.kind === 'instruction') return { ...entry, ...common };
    return { ...entry, ...common, directions: [...entry.directions].sort() };
  });
  return { ...recipe, entries };
}

async function runOptions(
  recipe: Recipe,
  sources: readonly Source[],
  { base, signal, onProgress }: ReadOptions,
) {
  const questions = await readQuestions(recipe.evaluation.map(path => resolve(base, path)));
  const names = pseudonyms(new Set(sources.flatMap(({ reviewers }) => [...reviewers])), recipe.seed, sha256);
  return {
    ...{ recipe, sources, names, signal },
    isQuestion: (text: string) => questions.isIn(text),
    pseudonym: (name: string) => names.get(name) ?? '',
    onProgress: onProgress ?? (() => undefined),
  };
}

/** Names by pseudonym. */
function writeMap(path: string, names: ReadonlyMap<string, string>): Promise<void> {
  const byPseudonym = Object.fromEntries([...names].map(([name, pseudonym]) => [pseudonym, name]));
  return replaceFile(path, file => file.writeFile(`${JSON.stringify(byPseudonym, undefined, 2)}\n`));
}
