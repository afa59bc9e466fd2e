/** Where an export goes: a folder of its own for a recipe, else a file with what belongs to it beside. */
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { formatOf } from './core/formats';
import { parseManifest, type FormerExport } from './core/manifest';
import { UserError } from './core/messages';
import type { Recipe } from './core/recipe';
import { hashOf } from './io/fileHash';
import { hasCode, isSameFile, withFile, readAt } from './io/files';
import { isInside } from './io/paths';
import { isThere, putFiles, putFolder, recover } from './io/stagedFolder';
import type { Part } from './io/trainingFiles';

export const MANIFEST = 'manifest.json';
/** 64 MiB: a manifest names files and counts, never rows. */
const MAX_MANIFEST_BYTES = 64 << 20;

export interface Place {
  /** Absolute. */
  readonly out: string;
  readonly isFolder: boolean;
  /** Of the files, in the folder where they are. */
  readonly names: Readonly<Record<Part | 'manifest', string>>;
  /** Folder of the files. */
  readonly folder: string;
}

/** A folder that holds the export and nothing else. */
export function folderPlace({ format }: Recipe, out: string): Place {
  const ending = formatOf(format).container;
  const names = {
    train: `train.${ending}`,
    validation: `validation.${ending}`,
    test: `test.${ending}`,
    reviews: 'reviews.jsonl',
    manifest: MANIFEST,
  };
  return { out, isFolder: true, folder: out, names };
}

/** A file; what else there is to it has its name with something behind. */
export function filePlace(out: string): Place {
  const name = basename(out);
  const names = {
    train: name,
    validation: `${name}.validation`,
    test: `${name}.test`,
    reviews: `${name}.reviews.jsonl`,
    manifest: `${name}.${MANIFEST}`,
  };
  return { out, isFolder: false, folder: dirname(out), names };
}

/**
 * Looks at what is there, before anything is read or written.
 * @param inputs absolute paths of what the export is made of
 * @param replace whether the file itself may be replaced where no export has made it
 * @returns the manifest of the export that will be replaced, if there is one
 * @throws UserError where that is something else
 */
export async function examine(
  place: Place,
  inputs: readonly string[],
  replace: boolean,
  signal?: AbortSignal,
): Promise<FormerExport | undefined> {
  const { out, isFolder, folder, names } = place;
  const own = isFolder ? [out] : Object.values(names).map(name => join(folder, name));
  for (const input of inputs)
    for (const path of own)
      if (isFolder ? await isWithin(input, path) : await isSameFile(input, path))
        throw new UserError('export.ontoShard', input);
  await recover(out);
  if (isFolder) {
    if (!(await isThere(out))) return undefined;
    const former = await formerManifest(place);
    await refuseOthers(out, former, signal);
    return former;
  }
  const former = await formerManifest(place);
  const ours = new Set(former ? [names.manifest, ...former.outputs.map(({ path }) => path)] : []);
  for (const name of Object.values(names)) {
    const path = join(folder, name);
    if (!(await isThere(path))) continue;
    if ((await stat(path)).isDirectory()) throw new UserError('export.notWritten', path, 'EISDIR');
    // Whoever was asked was asked about the file itself, and not about what stands beside it.
    if (!ours.has(name) && !(replace && path === out)) throw new UserError('export.fileThere', path);
  }
  return (await isThere(out)) ? former : undefined;
}

/** @returns undefined where there is none, or it cannot be read as one */
async function formerManifest({ folder, names }: Place): Promise<FormerExport | undefined> {
  try {
    const text = await withFile(join(folder, names.manifest), async (file, { size }) =>
      size > MAX_MANIFEST_BYTES ? '' : (await readAt(file, 0, size)).toString('utf8'),
    );
    return parseManifest(text);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/**
 * A folder is replaced as a whole: it must hold nothing but what its manifest names, as it was written. A manifest may come
 * with a repository that somebody else wrote, and a reviewer may have worked on the card.
 */
async function refuseOthers(
  folder: string,
  former: FormerExport | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOTDIR')) throw new UserError('export.notFolder', folder);
    throw error;
  }
  const known = new Set([MANIFEST, ...(former?.outputs ?? []).map(({ path }) => path)]);
  const other = former ? entries.find(name => !known.has(name)) : entries[0];
  if (other !== undefined) throw new UserError('export.notOurs', folder, other);
  for (const name of entries)
    if (!(await lstat(join(folder, name))).isFile()) throw new UserError('export.notOurs', folder, name);
  for (const { path, bytes, sha256 } of former?.outputs ?? []) {
    if (!entries.includes(path)) continue;
    const file = join(folder, path);
    const isAsWritten = (await stat(file)).size === bytes && (await hashOf(file, signal)).sha256 === sha256;
    if (!isAsWritten) throw new UserError('export.notAsWritten', folder, path);
  }
}

/** Whether a path is in a folder, or is it, through whatever links. */
export async function isWithin(path: string, folder: string): Promise<boolean> {
  const [inner, outer] = await Promise.all([path, folder].map(each => realpath(each).catch(() => each)));
  return isInside(inner ?? path, outer ?? folder);
}

/** Puts what was made in `staged` into its place; `aside` is a folder for what was there. */
export async function put(place: Place, staged: string, aside: string): Promise<void> {
  if (place.isFolder) return putFolder(staged, aside, place.out);
  // The manifest last: it marks a whole export.
  const rest = (await readdir(staged)).filter(name => name !== place.names.manifest).sort();
  return putFiles(staged, aside, place.out, [...rest, place.names.manifest]);
}
