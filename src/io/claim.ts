/**
 * Who writes to a place: a folder beside it that one process holds at a time, and that says who it is. A holder that died frees
 * it: on the same computer at once, elsewhere when it has not renewed its claim for a while. A holder that was only held up
 * so long finds out before it puts anything in its place.
 */
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readdir, readlink, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../core/messages';
import { hasCode, readSettings } from './files';
import { isThere } from './stagedFolder';

const RENEWED_MS = 20_000;
/** Six renewals that did not come. */
const STALE_MS = 120_000;
/** The holder may have gone between our look and our next try; more often than this something else is wrong. */
const TRIES = 5;
/** In the folder of a claim. */
const HOLDER = 'holder';
/** What macOS and NFS put beside files by themselves. */
const OF_SYSTEMS = /^(?:\._|\.nfs|\.DS_Store$)/;
/** What `rename` says where a folder with something in it, a file or a link has the name; EPERM is that of Windows. */
const TAKEN = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM'];

interface Holder {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** The numbering that `pid` is of: containers of one computer have their own. "" where the system has but one. */
  readonly numbering: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** A claim that this process holds. */
export interface Claim {
  /** @throws UserError `export.claimLost` where another process took the place, since this one did not renew its claim */
  assertHeld(): Promise<void>;
}

/**
 * Holds a place for as long as `use` takes.
 * @param place absolute path of a file or folder, which need not be there; what it is in must be
 * @param work a folder on the same disk, whose contents nobody needs afterwards
 * @throws UserError `export.busy` where another process holds it, `export.notOurClaim` where something else has the name of
 *   the claim
 */
export async function withClaim<T>(
  place: string,
  work: string,
  use: (claim: Claim) => Promise<T>,
): Promise<T> {
  const path = join(dirname(place), `.${basename(place)}.crossalpaca-claim`);
  const { id } = await take(path, place, work);
  try {
    return await renewed(path, () =>
      use({
        assertHeld: async () => {
          if (!isOf(await read(path), id)) throw new UserError('export.claimLost', place);
        },
      }),
    );
  } finally {
    await moveAway(path, id, work);
  }
}

async function renewed<T>(path: string, use: () => Promise<T>): Promise<T> {
  // By its handle, which is never that of another holder's file.
  const file = await open(join(path, HOLDER), 'r+');
  const text = await file.readFile();
  const renewing = setInterval(() => {
    // Written and not only touched: the disk may be another computer's, and its time another one.
    file.write(text, 0, text.length, 0).catch(() => undefined);
  }, RENEWED_MS);
  try {
    return await use();
  } finally {
    clearInterval(renewing);
    await file.close();
  }
}

/** A folder that is renamed is there with what it holds, or not at all. */
async function take(path: string, place: string, work: string): Promise<Holder> {
  const [id, numbering] = [randomUUID(), await numberingOfProcesses()];
  const own: Holder = { id, pid: process.pid, host: hostname(), numbering, since: Date.now() };
  const fresh = join(work, id);
  await mkdir(fresh);
  await writeFile(join(fresh, HOLDER), JSON.stringify(own), { flag: 'wx' });
  const { mtimeMs: now } = await lstat(join(fresh, HOLDER));
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(fresh, path);
      return own;
    } catch (error) {
      if (!hasCode(error, ...TAKEN)) throw error;
      const found = await read(path);
      if (found === undefined || found === 'other') {
        if (attempt < TRIES) continue;
        throw found === 'other' ? new UserError('export.notOurClaim', path) : error;
      }
      const { holder, renewed: at } = found;
      // One that has died, too, where its folder is another user's: it cannot be moved away.
      if (attempt === TRIES) throw busy(place, holder);
      const isStale = Math.abs(now - at) > STALE_MS;
      const isNeighbour = holder.host === own.host && holder.numbering === own.numbering;
      if (!isStale && (!isNeighbour || isRunning(holder.pid))) throw busy(place, holder);
      await moveAway(path, holder.id, work);
    }
  }
}

function busy(place: string, { pid, host, since }: Holder): UserError {
  const at = `${new Date(since).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return new UserError('export.busy', place, String(pid), host, at, STALE_MS / 60_000);
}

/** Frees a place of one holder, and of no other one who took it meanwhile. */
async function moveAway(path: string, id: string, work: string): Promise<void> {
  const away = join(work, randomUUID());
  if (!isOf(await read(path), id)) return;
  try {
    await rename(path, away);
    if (!isOf(await read(away), id)) await rename(away, path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', ...TAKEN)) throw error;
  }
}

/** A claim as it is met. */
interface Found {
  readonly holder: Holder;
  /** Milliseconds since 1970, by the disk. */
  readonly renewed: number;
}

const isOf = (found: Found | 'other' | undefined, id: string) =>
  typeof found === 'object' && found.holder.id === id;

/** @returns undefined where nothing is there; `other` where it is no claim, or changed as it was read */
async function read(path: string): Promise<Found | 'other' | undefined> {
  if (!(await isThere(path))) return undefined;
  try {
    const text = await readSettings(join(path, HOLDER));
    const holder = JSON.parse(text ?? '') as Partial<Holder> | null;
    const { mtimeMs } = await lstat(join(path, HOLDER));
    const others = (await readdir(path)).filter(name => name !== HOLDER && !OF_SYSTEMS.test(name));
    const isAlone = (await lstat(path)).isDirectory() && others.length === 0;
    return isAlone && isHolder(holder) ? { holder, renewed: mtimeMs } : 'other';
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof UserError || hasCode(error, 'ENOENT', 'ENOTDIR'))
      return 'other';
    throw error;
  }
}

/** It may have come with a repository, and its words are shown. */
function isHolder(value: Partial<Holder> | null): value is Holder {
  const { id, pid, host, numbering, since } = value ?? {};
  return (
    [id, host, numbering].every(each => typeof each === 'string' && each.length <= 300) &&
    !/[\p{C}\p{Zl}\p{Zp}]/u.test(String(host)) &&
    Number.isSafeInteger(pid) &&
    Number(pid) > 0 &&
    Number.isSafeInteger(since) &&
    !Number.isNaN(new Date(Number(since)).valueOf())
  );
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, and another user's.
    return hasCode(error, 'EPERM');
  }
}

/** Only Linux has several. */
const numberingOfProcesses = () => readlink('/proc/self/ns/pid').catch(() => '');
