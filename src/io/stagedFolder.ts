/**
 * Several files that appear together or not at all: they are written into a temporary folder beside their place, and
 * renamed into it at the end. What was there before stays until then, and comes back where the renaming fails.
 */
import { randomBytes } from 'node:crypto';
import { copyFile, link, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasCode, syncFolder } from './files';

/**
 * @param place absolute path that the result is to have
 * @param use gets a new folder on the same disk, which is gone afterwards, with all that is left in it
 */
export async function withStagedFolder<T>(place: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(dirname(place), `.${randomBytes(6).toString('hex')}.crossalpaca.tmp`);
  await mkdir(folder, { mode: 0o700 });
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Where a folder is for the moment in which another takes its place. */
const formerOf = (place: string) => join(dirname(place), `.${basename(place)}.crossalpaca-former`);

/**
 * Puts back what a process left aside that was killed between the two renames of `putFolder`: no system that Node knows
 * exchanges two folders in one step.
 */
export async function recoverFolder(place: string): Promise<void> {
  const former = formerOf(place);
  if (!(await isThere(former))) return;
  if (await isThere(place)) await rm(former, { recursive: true, force: true, maxRetries: 5 });
  else await rename(former, place);
}

/** Puts a folder in the place of what is there. Where that fails, it is as it was. */
export async function putFolder(folder: string, place: string): Promise<void> {
  const former = formerOf(place);
  const isReplaced = await isThere(place);
  if (isReplaced) await rename(place, former);
  try {
    await rename(folder, place);
  } catch (error) {
    if (isReplaced) await rename(former, place);
    throw error;
  }
  await syncFolder(dirname(place));
  if (isReplaced) await rm(former, { recursive: true, force: true, maxRetries: 5 });
}

/** In the folder of what files replace: by name, which file is to come there. No name of an export begins with a point. */
const COMING = '.coming.json';

/**
 * Puts files in the places of others, in this order. Where one cannot be, all are as they were; a process that is killed
 * meanwhile leaves aside what `recoverFiles` puts back.
 * @param staged folder of the files
 * @param aside an empty folder beside their places, on the same disk
 * @param place absolute path of the one that the others stand beside; the last of `names` marks that all are there
 */
export async function putFiles(
  staged: string,
  aside: string,
  place: string,
  names: readonly string[],
): Promise<void> {
  const folder = dirname(place);
  const coming: Record<string, string | undefined> = {};
  for (const name of names) {
    if (await isThere(join(folder, name))) await keep(join(folder, name), join(aside, name));
    coming[name] = await fileMark(join(staged, name));
  }
  await writeFile(join(aside, COMING), JSON.stringify(coming), { flush: true });
  await syncFolder(aside);
  await rename(aside, formerOf(place));
  try {
    await syncFolder(folder);
    for (const name of names) await rename(join(staged, name), join(folder, name));
    await syncFolder(folder);
  } catch (error) {
    await recoverFiles(place, names);
    throw error;
  }
  await rm(formerOf(place), { recursive: true, force: true, maxRetries: 5 });
}

/**
 * Puts back what a process left aside that was killed within `putFiles`, unless all was put. A file that it has not put there
 * stays, whatever lies aside: that may have come with a repository.
 * @param names as `putFiles` was given them, or more
 */
export async function recoverFiles(place: string, names: readonly string[]): Promise<void> {
  const former = formerOf(place);
  if (!(await isThere(former))) return;
  const coming = await comingTo(former);
  const isPut = async (name: string) =>
    coming.has(name) && (await fileMark(join(dirname(place), name))) === coming.get(name);
  const last = [...coming.keys()].at(-1);
  if (last === undefined || !(await isPut(last)))
    for (const name of names) {
      if (!(await isPut(name))) continue;
      const path = join(dirname(place), name);
      if (await isThere(join(former, name))) await rename(join(former, name), path);
      else await rm(path, { force: true });
    }
  await syncFolder(dirname(place));
  await rm(former, { recursive: true, force: true, maxRetries: 5 });
}

async function comingTo(former: string): Promise<ReadonlyMap<string, unknown>> {
  try {
    const coming = JSON.parse(await readFile(join(former, COMING), 'utf8')) as unknown;
    return new Map(Object.entries(coming ?? {}));
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return new Map();
    throw error;
  }
}

/**
 * What a file is known by wherever in its folder's disk it is renamed to; undefined where there is none. A number alone would
 * also be that of what somebody has written into the file since, or of a new file that was given the number of a deleted one.
 */
async function fileMark(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs } = await lstat(path, { bigint: true });
    return `${ino}:${size}:${mtimeNs}`;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** A second name costs nothing; not every disk knows such. */
async function keep(path: string, kept: string): Promise<void> {
  try {
    await link(path, kept);
  } catch (error) {
    if (hasCode(error, 'EISDIR')) throw error;
    await copyFile(path, kept);
  }
}

/** Whether anything has this name, a link that leads nowhere included. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
