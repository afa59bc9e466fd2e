/** Paths compared and written so that the same comes out on every system. */
import nodePath, { type PlatformPath } from 'node:path';
import { pathToFileURL } from 'node:url';

/** How a system spells paths: `path.posix` or `path.win32`. Windows has drives, `\` between names, and takes `A` for `a`. */
export type Rules = Pick<PlatformPath, 'isAbsolute' | 'relative' | 'sep'>;

/** Whether two absolute paths, with no link in them, name one place. */
export function isSamePlace(a: string, b: string, rules: Rules = nodePath): boolean {
  return rules.relative(a, b) === '';
}

/** Whether an absolute path is in a folder or is that folder; links are not followed. */
export function isInside(path: string, folder: string, rules: Rules = nodePath): boolean {
  const way = rules.relative(folder, path);
  // From one drive to another there is no way but the whole path.
  return !rules.isAbsolute(way) && way.split(rules.sep)[0] !== '..';
}

/** The way from a folder to a path with `/` between the names, as recipes and manifests hold it; the whole path where it is on another drive. */
export function portableWay(folder: string, path: string, rules: Rules = nodePath): string {
  return rules.relative(folder, path).split(rules.sep).join('/');
}

/**
 * Where a file is, for a report: a URI relative to a folder.
 * @returns an absolute one, `file:///d:/a%20b`, where the file is on another drive
 */
export function uriFrom(folder: string, path: string, rules: Rules = nodePath): string {
  if (rules.isAbsolute(rules.relative(folder, path)))
    return pathToFileURL(path, { windows: rules.sep === '\\' }).href;
  return portableWay(folder, path, rules).split('/').map(encodeURIComponent).join('/');
}
