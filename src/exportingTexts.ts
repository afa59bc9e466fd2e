/** What is written beside the rows of an export, from which it can be made again and understood. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { croissant } from './core/croissant';
import { datasetCard, licenceFile } from './core/datasetCard';
import { exportDifference, type ExportDifference } from './core/exportDifference';
import { mixtureLicence } from './core/licences';
import { manifestText, TOOL, type FormerExport, type Manifest, type ManifestFile } from './core/manifest';
import { UserError } from './core/messages';
import type { Recipe } from './core/recipe';
import { snippets, type Snippet } from './core/snippets';
import type { Counting } from './exportingCounts';
import type { Place } from './exportingPlace';
import type { Source } from './exportingSources';
import { hashOf } from './io/fileHash';
import { identify, sameContent } from './io/files';
import { sha256 } from './io/passes';
import { isThere } from './io/stagedFolder';
import type { Part } from './io/trainingFiles';
import { readTrainingRows } from './io/trainingRows';

export interface Written {
  readonly place: Place;
  /** The folder in which it is made; absolute. */
  readonly made: string;
  readonly recipe: Recipe;
  readonly sources: readonly Source[];
  readonly counting: Counting;
  readonly written: ReadonlyMap<Part, ManifestFile>;
  /** Other files that it is made of, as the manifest is to name them, and absolute. */
  readonly others: readonly { readonly path: string; readonly absolute: string }[];
  readonly signal: AbortSignal | undefined;
}

/**
 * Writes what belongs beside the rows: into a folder the snippets, card and Croissant, and at the end the manifest.
 * @throws UserError `file.changed` where an input is no longer what was read, `export.reviewsChanged` where the reviews are not
 */
export async function writeTexts(given: Written): Promise<Manifest> {
  const { place, made, recipe, counting, written } = given;
  const manifest: Manifest = {
    version: 1,
    tool: TOOL,
    recipe,
    inputs: await inputsOf(given),
    outputs: [...written.values()],
    counts: counting.result(),
    kinds: { ...counting.kinds },
    licences: recipe.shards.map(({ name, licence }) => {
      return { shard: name, licence, rows: counting.rowsOf(name) };
    }),
  };
  const outputs = [...manifest.outputs];
  for (const { file, text } of place.isFolder ? descriptions(given, manifest) : [])
    outputs.push(await writeDurably(made, file, text));
  const whole = { ...manifest, outputs };
  await writeDurably(made, place.names.manifest, manifestText(whole));
  return whole;
}

function descriptions(
  { recipe, sources, counting, written }: Written,
  manifest: Manifest,
): readonly Snippet[] {
  const policies = sources.flatMap(({ shard, team }) => (team ? [[shard.name, team.policy] as const] : []));
  const release = {
    manifest,
    reviews: counting.reviews.result(),
    licence: mixtureLicence(manifest.licences),
    policies: new Map(policies),
  };
  const files = (['train', 'validation', 'test'] as const).flatMap(split => {
    const file = written.get(split);
    return file ? [{ name: file.path, split, rows: file.rows ?? 0 }] : [];
  });
  const licences = licenceFile(release);
  return [
    ...snippets(recipe.format, files, recipe.name, recipe.trailingNewline),
    { file: 'README.md', text: datasetCard(release) },
    ...(licences ? [licences] : []),
    { file: 'croissant.json', text: croissant(release) },
  ];
}

async function writeDurably(folder: string, name: string, text: string): Promise<ManifestFile> {
  const file = await open(join(folder, name), 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return { path: name, bytes: Buffer.byteLength(text), sha256: sha256(text) };
}

/** The shards with what reviewers did to them, and whatever else there is. */
async function inputsOf({ sources, others, signal }: Written): Promise<ManifestFile[]> {
  const inputs: ManifestFile[] = [];
  for (const source of sources) {
    for (const { path, absolute, identity } of source.files) {
      const file = await hashOf(absolute, signal);
      if (!sameContent(await identify(absolute), identity)) throw new UserError('file.changed', absolute);
      inputs.push({ path, ...file });
    }
    const now = await source.reviewsNow();
    if (JSON.stringify(now) !== JSON.stringify(source.reviews))
      throw new UserError('export.reviewsChanged', source.shard.path);
    inputs.push(...now);
  }
  for (const { path, absolute } of others) inputs.push({ path, ...(await hashOf(absolute, signal)) });
  return inputs;
}

/** Against what is there before it is replaced. @param made the folder of the new files */
export function difference(
  { folder, names }: Place,
  made: string,
  former: FormerExport,
  outputs: readonly ManifestFile[],
  signal: AbortSignal | undefined,
): Promise<ExportDifference> {
  const splits = [names.train, names.validation, names.test].map(nameOnly);
  const rowsOf = async function* (where: string, files: readonly ManifestFile[]) {
    // The earlier one may be in another format.
    for (const { path } of files)
      if (splits.includes(nameOnly(path)) && (await isThere(join(where, path))))
        for await (const row of readTrainingRows(join(where, path))) {
          signal?.throwIfAborted();
          yield row;
        }
  };
  return exportDifference(() => rowsOf(folder, former.outputs), rowsOf(made, outputs), sha256);
}

const nameOnly = (name: string) => name.replace(/\.(jsonl|json|parquet)$/, '');
