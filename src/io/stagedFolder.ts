/**
 * Several files that appear together or not at all: they are written into a temporary folder beside their place, and
 * renamed into it at the end. What was there before stays until then, and comes back where the renaming fails.
 */
import { randomBytes } from 'node:crypto';
import { copyFile, link, lstat, mkdir, rename, rm } from 'node:fs/promises';
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

/**
 * Puts files in the places of others, in this order. Where one cannot be, all are as they were.
 * @param folder for copies of those that are there
 */
export async function putFiles(
  folder: string,
  files: readonly { readonly from: string; readonly to: string }[],
): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const [number, { from, to }] of files.entries()) {
      const kept = join(folder, `former-${number}`);
      const isReplaced = await isThere(to);
      if (isReplaced) await keep(to, kept);
      await rename(from, to);
      undo.unshift(() => (isReplaced ? rename(kept, to) : rm(to, { force: true })));
    }
  } catch (error) {
    for (const back of undo) await back();
    throw error;
  }
  for (const parent of new Set(files.map(({ to }) => dirname(to)))) await syncFolder(parent);
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
