/**
 * Several files that appear together or not at all: they are written into a temporary folder beside their place, and
 * renamed into it at the end. What was there before stays until then, and comes back where the renaming fails.
 */
import { randomBytes } from 'node:crypto';
import { copyFile, link, lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../core/messages';
import { hasCode, readSettings, syncFolder } from './files';

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

/** Where what was there is for the moment in which something else takes its place. */
const formerOf = (place: string) => join(dirname(place), `.${basename(place)}.crossalpaca-former`);
/** In there: what is to come in its place. No name of an export begins with a point. */
const COMING = '.coming.json';

/** What stands in `COMING`. */
interface Coming {
  /** Whether a folder is replaced, which lies aside under its own name, or files of one. */
  readonly kind: 'folder' | 'files';
  /** By name, in the order in which they are put: which file or folder is to come there, as `fileMark` has it. */
  readonly marks: Readonly<Record<string, string>>;
}

/**
 * Puts a folder in the place of what is there. Where that fails, it is as it was; a process that is killed meanwhile leaves
 * aside what `recover` puts back: no system that Node knows exchanges two folders in one step.
 * @param aside an empty folder on the same disk
 */
export async function putFolder(folder: string, aside: string, place: string): Promise<void> {
  if (!(await isThere(place))) {
    await rename(folder, place);
    return syncFolder(dirname(place));
  }
  const name = basename(place);
  await setAside(place, aside, { kind: 'folder', marks: { [name]: (await fileMark(folder)) ?? '' } });
  try {
    await rename(place, join(formerOf(place), name));
    await rename(folder, place);
    await syncFolder(dirname(place));
  } catch (error) {
    await recover(place);
    throw error;
  }
  await removeFolder(formerOf(place));
}

/**
 * Puts files in the places of others, in this order. Where one cannot be, all are as they were; a process that is killed
 * meanwhile leaves aside what `recover` puts back.
 * @param staged folder of the files
 * @param aside an empty folder on the same disk
 * @param place absolute path of the one that the others stand beside, whose names begin with its own; the last of `names`
 *   marks that all are there
 */
export async function putFiles(
  staged: string,
  aside: string,
  place: string,
  names: readonly string[],
): Promise<void> {
  const folder = dirname(place);
  const marks: Record<string, string> = {};
  for (const name of names) {
    if (await isThere(join(folder, name))) await keep(join(folder, name), join(aside, name));
    marks[name] = (await fileMark(join(staged, name))) ?? '';
  }
  await setAside(place, aside, { kind: 'files', marks });
  try {
    for (const name of names) await rename(join(staged, name), join(folder, name));
    await syncFolder(folder);
  } catch (error) {
    await recover(place);
    throw error;
  }
  await removeFolder(formerOf(place));
}

async function setAside(place: string, aside: string, coming: Coming): Promise<void> {
  await writeFile(join(aside, COMING), JSON.stringify(coming), { flush: true });
  await syncFolder(aside);
  await rename(aside, formerOf(place));
  await syncFolder(dirname(place));
}

/**
 * Puts back what a process left aside that was killed within `putFolder` or `putFiles`, unless all was put, and removes the
 * rest of it. What was not put there stays, whatever lies aside: that may have come with a repository.
 * @param place as they were given it
 * @throws UserError `export.notOurFormer` where what lies aside is not what they leave there, `export.formerAndOther` where
 *   somebody has made another folder in the place: then it stays as well
 */
export async function recover(place: string): Promise<void> {
  const former = formerOf(place);
  if (!(await isThere(former))) return;
  const { kind, marks } = await comingTo(former, place);
  const isPut = async (name: string) => (await fileMark(join(dirname(place), name))) === marks[name];
  const names = Object.keys(marks);
  const isWhole = await isPut(names.at(-1) ?? '');
  for (const name of isWhole ? [] : names) {
    const [path, kept] = [join(dirname(place), name), join(former, name)];
    if (kind === 'folder') {
      if (!(await isThere(kept))) continue;
      if (await isThere(path)) throw new UserError('export.formerAndOther', former, path);
      await rename(kept, path);
    } else if (await isPut(name)) {
      if (await isThere(kept)) await rename(kept, path);
      else await rm(path, { force: true });
    }
  }
  await syncFolder(dirname(place));
  await removeFolder(former);
}

const removeFolder = (folder: string) => rm(folder, { recursive: true, force: true, maxRetries: 5 });

/** @throws UserError `export.notOurFormer` unless a folder holds what `setAside` makes, and nothing else */
async function comingTo(former: string, place: string): Promise<Coming> {
  try {
    const coming = JSON.parse((await readSettings(join(former, COMING))) ?? '') as Partial<Coming> | null;
    const { kind, marks } = coming ?? {};
    const names = Object.keys(marks ?? {});
    const name = basename(place);
    const isOurs =
      (kind === 'folder' ? names.length === 1 && names[0] === name : kind === 'files' && names.length > 0) &&
      names.every(each => /^[^/\\:]+$/.test(each) && (each === name || each.startsWith(`${name}.`))) &&
      Object.values(marks ?? {}).every(mark => typeof mark === 'string') &&
      (await lstat(former)).isDirectory() &&
      (await readdir(former)).every(each => each === COMING || names.includes(each));
    if (isOurs) return coming as Coming;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof UserError || hasCode(error, 'ENOTDIR')))
      throw error;
  }
  throw new UserError('export.notOurFormer', former);
}

/**
 * What a file or folder is known by wherever on its disk it is renamed to; undefined where there is none. The number alone of a
 * file would also be that of what somebody has written into it since, or of a new file that was given the number of a deleted
 * one; a folder stays itself whatever is made in it.
 */
async function fileMark(path: string): Promise<string | undefined> {
  try {
    const stats = await lstat(path, { bigint: true });
    const { ino, size, mtimeNs } = stats;
    return stats.isDirectory() ? `folder ${ino}` : `${ino}:${size}:${mtimeNs}`;
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
