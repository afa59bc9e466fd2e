/** Reading at a position and replacing as a whole: the only ways in which files are touched. */
import { constants, type BigIntStats } from 'node:fs';
import { lstat, mkdir, open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { say, UserError } from '../core/messages';
import { isSamePlace } from './paths';

/** What tells one content of a path from another without reading it. */
export interface FileIdentity {
  /** Bytes. */
  readonly size: number;
  readonly inode: string;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
}

export function identityOf(stats: BigIntStats): FileIdentity {
  return { size: Number(stats.size), inode: `${stats.dev}:${stats.ino}`, modified: stats.mtimeNs };
}

export function sameContent(a: FileIdentity, b: FileIdentity): boolean {
  return a.size === b.size && a.inode === b.inode && a.modified === b.modified;
}

export async function identify(path: string): Promise<FileIdentity> {
  return identityOf(await stat(path, { bigint: true }));
}

/** Whether an error is one of the system's, such as `ENOENT`. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** What the system says of a file that cannot be written. */
export const NOT_WRITABLE = [
  'EACCES',
  'EISDIR',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
  'EDQUOT',
  'EFBIG',
];

/** The system's word for what went wrong (`EACCES: permission denied, open …`), for a message. */
export function cause(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Windows knows neither named pipes in folders nor this flag. */
const NON_BLOCKING = process.platform === 'win32' ? 0 : constants.O_NONBLOCK;

/**
 * Opens a file for as long as `use` takes; no handle stays behind, so that git and Windows can replace the file.
 * @throws UserError when the path is missing, a directory, or may not be read
 */
export async function withFile<T>(
  path: string,
  use: (file: FileHandle, identity: FileIdentity) => Promise<T>,
): Promise<T> {
  let file: FileHandle;
  try {
    // Without O_NONBLOCK opening a named pipe would wait for somebody to write into it.
    file = await open(path, constants.O_RDONLY | NON_BLOCKING);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) throw new UserError('file.missing', path);
    if (hasCode(error, 'EISDIR')) throw new UserError('file.directory', path);
    throw new UserError('file.unreadable', path, cause(error));
  }
  try {
    const stats = await file.stat({ bigint: true });
    if (stats.isDirectory()) throw new UserError('file.directory', path);
    if (!stats.isFile()) throw new UserError('file.unreadable', path, say('file.notRegular'));
    return await use(file, identityOf(stats));
  } finally {
    await file.close();
  }
}

/** The most that a file which people write by hand may hold: 1 MiB. A link to a device has no end. */
const MAX_SETTINGS_BYTES = 1 << 20;

/**
 * A small text file such as a policy.
 * @returns undefined where there is none
 * @throws UserError where it cannot be read or is larger than 1 MiB
 */
export async function readSettings(path: string): Promise<string | undefined> {
  try {
    return await withFile(path, async (file, { size }) => {
      if (size > MAX_SETTINGS_BYTES)
        throw new UserError('file.unreadable', path, say('file.tooLong', size, MAX_SETTINGS_BYTES));
      return (await readAt(file, 0, size)).toString('utf8');
    });
  } catch (error) {
    if (error instanceof UserError && error.said.id === 'file.missing') return undefined;
    throw error;
  }
}

/** Whether two paths lead to one file, however they are spelled and through whatever links; neither need exist. */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  return isSamePlace(await actualPath(a), await actualPath(b));
}

async function actualPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const folder = dirname(resolve(path));
    return folder === resolve(path) ? folder : join(await actualPath(folder), basename(path));
  }
}

/**
 * Makes the folders `names` one inside the other below `parent`, durably; those that are there stay.
 * @returns the innermost
 * @throws UserError `ledger.link` where one of them is a link: it would lead our writing elsewhere
 */
export async function makeFolders(parent: string, names: readonly string[]): Promise<string> {
  let at = parent;
  for (const name of names) {
    const above = at;
    at = join(at, name);
    try {
      await mkdir(at);
      await syncFolder(above);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
      const found = await lstat(at);
      if (found.isSymbolicLink()) throw new UserError('ledger.link', at);
      if (!found.isDirectory()) throw error;
    }
  }
  return at;
}

/** Reads `length` bytes at `position`; fewer only at the end of the file. */
export function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  return readInto(file, Buffer.allocUnsafe(length), position);
}

/** Fills `target` from `position` on. @returns what is filled of it; less than all only at the end of the file */
export async function readInto(file: FileHandle, target: Buffer, position: number): Promise<Buffer> {
  let filled = 0;
  while (filled < target.length) {
    const { bytesRead } = await file.read(target, filled, target.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return target.subarray(0, filled);
}

/**
 * Writes a file so that a reader sees the old content or all of the new one, never a part: a temporary file of its own
 * beside the target, fsynced, then renamed over it. If `write` fails the temporary file is removed and nothing changed.
 */
export async function replaceFile<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.crossalpaca.tmp`);
  let file: FileHandle | undefined;
  try {
    file = await open(temporary, 'wx');
    const result = await write(file);
    await file.sync();
    await file.close();
    file = undefined;
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return result;
  } catch (error) {
    await file?.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Makes a new name in a folder durable. Windows knows no fsync of a folder and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
