/** Who writes: the clone that a shard is in, and the name that git knows its user by. */
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { hasCode } from './files';
import { NO_REVIEWERS } from './reviewFolder';

const CLONE_FILE = 'crossalpaca-clone';
const CLONE_ID = /^[a-z0-9]{6}$/;
/** The name of what is written outside git. */
export const NO_CLONE = 'local';

/**
 * Six characters that tell this working tree from every other clone and worktree, so that no two of them ever write
 * the same ledger. Kept in the tree's own git dir, which git neither shares nor copies. `local` outside git.
 */
export async function cloneId(folder: string): Promise<string> {
  const gitDir = await findGitDir(folder);
  if (gitDir === undefined) return NO_CLONE;
  const file = join(gitDir, CLONE_FILE);
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const fresh = Array.from({ length: 6 }, () => letters[randomInt(letters.length)]).join('');
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (CLONE_ID.test(kept.trim())) return kept.trim();
  const temporary = `${file}.${fresh}`;
  try {
    await writeFile(temporary, `${fresh}\n`);
    // A link appears whole or not at all: of two windows that come here at once, one wins and both use its word.
    await link(temporary, file);
    return fresh;
  } catch (error) {
    // A worktree whose repository is elsewhere (as in a container), or may not be written.
    if (!hasCode(error, 'EEXIST')) return NO_CLONE;
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
  const known = (await readFile(file, 'utf8')).trim();
  if (CLONE_ID.test(known)) return known;
  await writeFile(file, `${fresh}\n`);
  return fresh;
}

/** The git dir of the working tree that a folder is in; a worktree's own, which its `.git` file names. */
export async function findGitDir(folder: string): Promise<string | undefined> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const git = join(at, '.git');
    const found = await stat(git).catch(() => undefined);
    if (found?.isDirectory()) return git;
    if (found?.isFile()) {
      const target = /^gitdir: (.+)$/m.exec(await readFile(git, 'utf8'))?.[1];
      return target === undefined ? undefined : resolve(at, target.trim());
    }
    if (dirname(at) === at) return undefined;
  }
}

/** A reviewer name made from git's `user.name`, to propose; undefined without git or a name. */
export async function proposedReviewer(folder: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['config', 'user.name'], { cwd: folder });
    const name = slug(stdout);
    return isReviewerName(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** Longest reviewer name, in characters. */
const MAX_NAME = 40;

/** `Željka Novak` → `zeljka-novak`. */
export function slug(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, '-')
    .slice(0, MAX_NAME)
    .replace(/^[-.]+|[-.]+$/g, '');
}

/**
 * Whether a name can be a ledger's folder: `[a-z0-9._-]`, at most 40, no path such as `..`, no dot at its end
 * (Windows drops it), none of ours.
 */
export function isReviewerName(name: string): boolean {
  return /^[a-z0-9_]([a-z0-9._-]{0,38}[a-z0-9_-])?$/.test(name) && !NO_REVIEWERS.includes(name);
}
