/**
 * Makes training files of shards by a recipe: whole or not at all, and from the same inputs the same bytes each time. What
 * may go in: `exportingSources.ts`; what is made of it: `exportingRows.ts`; which of that is chosen: `exportingChoice.ts`.
 */
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ExportDifference } from './core/exportDifference';
import { formatOf, type FormatId } from './core/formats';
import type { EmptyShard, ExportCounts, Manifest } from './core/manifest';
import { UserError } from './core/messages';
import { pseudonyms } from './core/pseudonyms';
import type { Recipe, RecipeShard } from './core/recipe';
import type { Side } from './core/record';
import { whyNothing } from './core/whyNothing';
import { examine, filePlace, folderPlace, isWithin, put, type Place } from './exportingPlace';
import { makeRows, type RowSink } from './exportingRun';
import { parallelSource } from './exportingParallel';
import { shardSource, type OpenShards, type Source } from './exportingSources';
import { difference, writeTexts } from './exportingTexts';
import { withClaim, type Claim } from './io/claim';
import { readQuestions, refuseEvaluation } from './io/evaluationFile';
import { hasCode, isSameFile, NOT_WRITABLE, readAt, replaceFile, withFile } from './io/files';
import { portableWay } from './io/paths';
import { sha256 } from './io/passes';
import { isThere, withStagedFolder } from './io/stagedFolder';
import type { PolicyPlace } from './io/team';
import { TrainingFiles } from './io/trainingFiles';

export interface ReadOptions extends PolicyPlace {
  /** Folder that paths of the recipe are relative to; absolute. */
  readonly base: string;
  /** The file of the recipe, where it was read from one; absolute. */
  readonly recipeFile?: string;
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
  /** Whether the file `out` may be replaced where no export has made it: the user was asked. */
  readonly replace?: boolean;
}

/** No row goes in, so that nothing was written. The message names what keeps out most. */
export class NothingToExport extends UserError {
  readonly counts: ExportCounts;

  constructor(counts: ExportCounts, text: Recipe['text']) {
    const { id, args } = whyNothing(counts, text).said;
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
    sameIds: false,
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

export interface Preview {
  readonly counts: ExportCounts;
  /** Shards that give no row. */
  readonly empty: readonly EmptyShard[];
}

/**
 * What an export would do, without writing anything but what is gone afterwards.
 * @param options as for the export
 * @param files gets the rows that would be written, if given
 * @throws UserError where something is wrong with an input
 */
export async function previewExport(recipe: Recipe, options: ReadOptions, files?: RowSink): Promise<Preview> {
  const work = await mkdtemp(join(tmpdir(), 'crossalpaca-'));
  try {
    if (options.recipeFile !== undefined) await refuseLinks(recipe, options.base);
    return await withSources(recipe, options, async (sources, wanted) => {
      const run = await runOptions(wanted, sources, options);
      const counting = await makeRows({ ...run, work, files, areNamed: true });
      return { counts: counting.result(), empty: counting.empty() };
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
  return exportSteadily(out => folderPlace(recipe, out), recipe, options);
}

/** Exports into one file in the order of the shard, with manifest and reviews beside. Otherwise as `exportRecipe`. */
export function exportFile(recipe: Recipe, options: ExportOptions): Promise<ExportResult> {
  return exportSteadily(filePlace, recipe, options);
}

export interface ExportResult {
  readonly manifest: Manifest;
  /** Absolute paths of what was written, the training file first. */
  readonly files: readonly string[];
  /** Against what was there before; undefined where nothing was. */
  readonly difference: ExportDifference | undefined;
  /** Shards that gave no row. */
  readonly empty: readonly EmptyShard[];
}

/** Starts over where somebody decided meanwhile; once, since a team may never pause. */
async function exportSteadily(
  placeOf: (out: string) => Place,
  recipe: Recipe,
  options: ExportOptions,
): Promise<ExportResult> {
  // What a link leads to is replaced, and not the link.
  const place = placeOf(await realpath(options.out).catch(() => options.out));
  try {
    return await exportTo(place, recipe, options);
  } catch (error) {
    if (!(error instanceof UserError) || error.said.id !== 'export.reviewsChanged') throw error;
    return exportTo(place, recipe, options);
  }
}

/** Nobody else exports to a place between the look at it and what is put there. */
async function exportTo(place: Place, recipe: Recipe, options: ExportOptions): Promise<ExportResult> {
  const { out } = place;
  try {
    return await withStagedFolder(out, async folder => {
      const [made, work, aside, claims] = FOLDERS.map(name => join(folder, name)) as Folders;
      for (const each of [made, work, aside, claims]) await mkdir(each);
      return withClaim(out, claims, claim => exportBy({ made, work, aside, claim }, place, recipe, options));
    });
  } catch (error) {
    if (!hasCode(error, ...NOT_WRITABLE)) throw error;
    throw new UserError('export.notWritten', out, String((error as NodeJS.ErrnoException).code));
  }
}

const FOLDERS = ['made', 'work', 'aside', 'claims'];
type Folders = [made: string, work: string, aside: string, claims: string];

/** What an export works in: folders on the disk of its place, and that it is alone there. */
interface Staging {
  /** For its files. */
  readonly made: string;
  /** For what is gone afterwards. */
  readonly work: string;
  /** For what was there before. */
  readonly aside: string;
  readonly claim: Claim;
}

async function exportBy(
  { made, work, aside, claim }: Staging,
  place: Place,
  recipe: Recipe,
  options: ExportOptions,
): Promise<ExportResult> {
  const { signal, base, recipeFile } = options;
  const paths = [...inputPaths(recipe, base), ...(recipeFile === undefined ? [] : [recipeFile])];
  const beside = paths
    .slice(inputPaths({ ...recipe, evaluation: [] }, base).length)
    .map(absolute => ({ path: portableWay(base, absolute), absolute }));
  const former = await examine(place, paths, options.replace === true, signal);
  if (place.isFolder) await refuseLinks(recipe, base);
  const reviewerMap = options.reviewerMap && (await mapPlace(options.reviewerMap, place, paths));
  return withSources(recipe, options, async (sources, wanted) => {
    const { container } = formatOf(wanted.format);
    const files = new TrainingFiles(made, container, place.names);
    const run = await runOptions(wanted, sources, options);
    try {
      const areNamed = place.isFolder || recipe.shards.length > 1;
      const counting = await makeRows({ ...run, work, files, areNamed });
      const counts = counting.result();
      if (counts.rows === 0) throw new NothingToExport(counts, wanted.text);
      const written = await files.end();
      const texts = { place, made, recipe: wanted, sources, counting, written, others: beside, signal };
      const manifest = await writeTexts(texts);
      const changed = former && (await difference(place, made, former, manifest.outputs, signal));
      signal?.throwIfAborted();
      await claim.assertHeld();
      const putAll = () => put(place, made, aside);
      await (reviewerMap === undefined ? putAll() : withMap(reviewerMap, run.names, putAll));
      const { train } = place.names;
      const others = manifest.outputs.map(({ path }) => path).filter(path => path !== train);
      const absolute = [train, ...others].map(path => join(place.folder, path));
      return { manifest, files: absolute, difference: changed, empty: counting.empty() };
    } finally {
      await files.close();
    }
  });
}

/** Absolute: shards and parallel texts, and then the evaluation sets. */
function inputPaths({ shards, evaluation }: Recipe, base: string): string[] {
  const files = shards.flatMap(({ path, parallel }) => [path, ...(parallel ? [parallel.path] : [])]);
  return [...files, ...evaluation].map(path => resolve(base, path));
}

/** A recipe of a cloned repository must not read by way of a link what its folder does not hold. */
async function refuseLinks(recipe: Recipe, base: string): Promise<void> {
  for (const path of inputPaths(recipe, base))
    if ((await isThere(path)) && !(await isWithin(path, base))) throw new UserError('export.outside', path);
}

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
    return shardSource(shard, path, options, options.shards ?? new Map(), options.signal);
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
  const questions = await readQuestions(
    recipe.evaluation.map(path => resolve(base, path)),
    signal,
  );
  const names = pseudonyms(new Set(sources.flatMap(({ reviewers }) => [...reviewers])), recipe.seed, sha256);
  return {
    ...{ recipe, sources, names, signal },
    isQuestion: (text: string) => questions.isIn(text),
    pseudonym: (name: string) => names.get(name) ?? '',
    onProgress: onProgress ?? (() => undefined),
  };
}

/** 64 MiB: a hundred bytes a reviewer at most. */
const MAX_MAP_BYTES = 64 << 20;

/**
 * Where the names behind the pseudonyms go: nowhere where it would be published with the export, or overwrite anything else.
 * @returns the path without links
 */
async function mapPlace(given: string, place: Place, inputs: readonly string[]): Promise<string> {
  const path = await realpath(given).catch(() => given);
  const own = Object.values(place.names).map(name => join(place.folder, name));
  for (const each of [place.out, ...own, ...inputs])
    if (await isSameFile(each, path)) throw new UserError('export.notAMap', given);
  if (place.isFolder && (await isWithin(dirname(path), place.out)))
    throw new UserError('export.notAMap', given);
  if ((await isThere(path)) && !(await isMap(path))) throw new UserError('export.notAMap', given);
  return path;
}

async function isMap(path: string): Promise<boolean> {
  const text = await withFile(path, async (file, { size }) =>
    size > MAX_MAP_BYTES ? '' : (await readAt(file, 0, size)).toString('utf8'),
  );
  try {
    const map = JSON.parse(text) as unknown;
    if (typeof map !== 'object' || map === null || Array.isArray(map)) return false;
    return Object.entries(map).every(
      ([pseudonym, name]) => /^reviewer-\d+$/.test(pseudonym) && typeof name === 'string',
    );
  } catch {
    return false;
  }
}

/** Writes names by pseudonym; what goes with them is put in its place when they are on disk, so that it fails where they do. */
async function withMap(
  path: string,
  names: ReadonlyMap<string, string>,
  putAll: () => Promise<void>,
): Promise<void> {
  const byPseudonym = Object.fromEntries([...names].map(([name, pseudonym]) => [pseudonym, name]));
  const map = { isOnDisk: false };
  try {
    await replaceFile(path, async file => {
      await file.writeFile(`${JSON.stringify(byPseudonym, undefined, 2)}\n`);
      await file.sync();
      map.isOnDisk = true;
      await putAll();
    });
  } catch (error) {
    if (map.isOnDisk || !hasCode(error, ...NOT_WRITABLE)) throw error;
    throw new UserError('export.notWritten', path, String((error as NodeJS.ErrnoException).code));
  }
}
