/** What an export is made of: enough to make it again, and to see that it is the same. Written last, so that it marks a whole export. */
import { version } from '../../package.json';
import type { Kind } from './demonstration';
import { isObject, parseJson } from './jsonValue';
import type { Recipe } from './recipe';

/** What makes the files, with its version. */
export const TOOL = `crossalpaca ${version}`;

export interface ManifestFile {
  /** Relative to the folder of the manifest; inputs to that of the recipe. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Of data files. */
  readonly rows?: number;
}

/** What stays out, by why: units in the first three, demonstrations of units that may go in in the others. */
export interface LeftOut {
  /** Units by their state: not approved. */
  readonly states: Readonly<Record<string, number>>;
  /** Units approved, with a finding that the policy calls blocking. */
  readonly blocked: number;
  /** Lines that are no records, and translation units that are no clean pair. */
  readonly bad: number;
  /** Units that are no instruction, or whose texts are missing, too short or too long for a pair. */
  readonly unsuited: number;
  readonly tooLong: number;
  readonly duplicates: number;
  /** Near-copies of questions of an evaluation set. */
  readonly evaluation: number;
  /** Not chosen, since the recipe asks for fewer. */
  readonly notChosen: number;
  /** Without a rejected text, in a format of pairs. */
  readonly noPair: number;
}

export interface ExportCounts {
  /** Units, and lines that are no records: those that may go in, and those left out as units. */
  readonly units: number;
  /** Units that may go in. */
  readonly taken: number;
  /** Demonstrations asked of them, one for each way of each entry of the recipe: the rows, and those left out. */
  readonly asked: number;
  readonly rows: number;
  readonly splits: Readonly<Record<'train' | 'validation' | 'test', number>>;
  /** By kind, way and languages: `translation forward en-it`. */
  readonly made: Readonly<Record<string, number>>;
  /** Rows in which half a surrogate pair became U+FFFD. */
  readonly repaired: number;
  /** Units accepted by sample, which nobody looked at. */
  readonly bySample: number;
  /** Units of a TMX file whose texts had formatting codes, which were left out. */
  readonly withoutCodes: number;
  readonly left: LeftOut;
}

/** A shard that gives no row, and what became of its units. */
export interface EmptyShard extends Pick<ExportCounts, 'units' | 'taken' | 'asked' | 'left'> {
  /** As recipes call it. */
  readonly shard: string;
}

export interface Manifest {
  readonly version: 1;
  readonly tool: string;
  readonly recipe: Recipe;
  readonly inputs: readonly ManifestFile[];
  readonly outputs: readonly ManifestFile[];
  readonly counts: ExportCounts;
  readonly kinds: Readonly<Record<Kind, number>>;
  readonly licences: readonly { readonly shard: string; readonly licence: string; readonly rows: number }[];
}

/** A manifest as it is written: members in the order of their names, so that the same export has the same bytes. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(inOrder(manifest), undefined, 2)}\n`;
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}

/** What is read again of an earlier export. The rest of its manifest may be of another version of the extension. */
export type FormerExport = Pick<Manifest, 'outputs'>;

/** More files than an export ever writes. */
const MAX_FILES = 1000;
/** Name of a file in the folder itself, since what a manifest names may be replaced. */
const FILE_NAME = /^(?!\.{1,2}$)[^\p{Cc}/\\:]{1,255}$/u;
const HASH = /^[0-9a-f]{64}$/;

/**
 * Reads the manifest of an earlier export, which may come with a repository that somebody else wrote.
 * @returns undefined for what is none
 */
export function parseManifest(text: string): FormerExport | undefined {
  const manifest = parseJson(text);
  if (!isObject(manifest) || manifest['version'] !== 1) return undefined;
  const { tool, outputs } = manifest;
  if (typeof tool !== 'string' || !/^crossalpaca( |$)/.test(tool)) return undefined;
  if (!Array.isArray(outputs) || outputs.length > MAX_FILES || !outputs.every(isFile)) return undefined;
  const names = new Set(outputs.map(({ path }) => path));
  return names.size === outputs.length ? { outputs } : undefined;
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;

function isFile(value: unknown): value is ManifestFile {
  if (!isObject(value)) return false;
  const { path, bytes, sha256, rows = 0 } = value;
  return (
    typeof path === 'string' &&
    FILE_NAME.test(path) &&
    isCount(bytes) &&
    typeof sha256 === 'string' &&
    HASH.test(sha256) &&
    isCount(rows)
  );
}
