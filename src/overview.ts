/** How far the review of a shard has come, by target language. */
import { join } from 'node:path';
import type { State } from './core/fold';
import { nameOf, type Lang } from './core/record';
import { breather } from './io/breath';
import { identify, type FileIdentity } from './io/files';
import { Ledgers, type Clock } from './io/ledger';
import { readPolicyFile } from './io/reviewFiles';
import { Shard } from './shard';

export interface LanguageOverview {
  /** BCP-47 tag. */
  readonly lang: Lang;
  readonly units: number;
  /** Units by state; those that nobody touched are pending. States without units are left out. */
  readonly counts: Counts;
}

export interface ShardOverview {
  /** Rows that are records; each has a unit for each of its target languages. */
  readonly records: number;
  /** Rows that are not. */
  readonly badLines: number;
  /** In the order in which the file names them, a hundred at most. */
  readonly languages: readonly LanguageOverview[];
}

type Counts = Partial<Record<State, number>>;

/**
 * Counts the units of a shard when every event is matched to its record.
 * @param signal ends the counting
 * @throws UserError why the events could not be matched; whatever `signal` was aborted with
 */
export async function overviewOf(shard: Shard, signal?: AbortSignal): Promise<ShardOverview> {
  await shard.matched;
  const { matching } = shard;
  await matching.complete();
  const { rows, badRows } = shard.facts;
  const touched = await touchedUnits(shard, signal);
  const languages = [...matching.units].map(([lang, units]) => {
    const known = touched.get(lang) ?? {};
    // Those that nobody touched, besides those that were and are pending nevertheless.
    const pending = units - total(known) + (known.pending ?? 0);
    return { lang, units, counts: pending > 0 ? { ...known, pending } : known };
  });
  return { records: rows - badRows, badLines: badRows, languages };
}

/** Units that the ledgers speak of, by language and state. */
async function touchedUnits({ matching }: Shard, signal?: AbortSignal): Promise<Map<Lang, Counts>> {
  const { matches, units } = matching;
  const [lang, ...others] = units.keys();
  // Mostly there is one language, and its counts are known.
  if (lang !== undefined && others.length === 0) return new Map([[lang, matches.counts]]);
  const touched = new Map<Lang, Counts>();
  const pause = breather(signal);
  for (const key of matches.keys) {
    await pause();
    const tag = key.slice(nameOf(key).length + 1);
    const counts = touched.get(tag) ?? {};
    for (const row of matches.rowsOf(key)) {
      for (const match of matches.at(row)) {
        if (match.key === key) counts[match.state] = (counts[match.state] ?? 0) + 1;
      }
    }
    touched.set(tag, counts);
  }
  return touched;
}

/** The sum of some counts. */
function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/**
 * Counts the units of a shard that nobody has open.
 * @param path absolute
 * @param workspaceRoot whose policy holds where the shard's own folder has none
 * @param signal ends the counting, and closes the file
 * @throws UserError for a file that is no shard, or cannot be read; whatever `signal` was aborted with
 */
export async function openOverview(
  path: string,
  clock: Clock,
  workspaceRoot: string | undefined,
  signal: AbortSignal,
): Promise<ShardOverview> {
  signal.throwIfAborted();
  const shard = await Shard.open(path, clock, workspaceRoot === undefined ? {} : { workspaceRoot });
  const close = () => shard.close();
  signal.addEventListener('abort', close);
  try {
    signal.throwIfAborted();
    return await overviewOf(shard, signal);
  } catch (error) {
    // Of a shard that was closed under it the counting only knows that it was not read to the end.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
    shard.close();
  }
}

/**
 * What an overview hangs on, told from outside: as long as it is the same, so is the overview.
 * @param path of the shard, absolute
 * @returns undefined where nobody has reviewed anything
 * @throws UserError where a folder of ledgers cannot be read
 */
export async function reviewIdentity(
  path: string,
  clock: Clock,
  workspaceRoot: string | undefined,
): Promise<string | undefined> {
  const ledgers = new Ledgers(path, clock);
  const files = await ledgers.files();
  if (files.length === 0) return undefined;
  const identities = [path, join(ledgers.folder, 'mapping.json'), ...files].map(async file => {
    const identity: FileIdentity | undefined = await identify(file).catch(() => undefined);
    return identity ? [file, identity.size, identity.inode, String(identity.modified)] : [file];
  });
  const policy = await readPolicyFile(path, workspaceRoot);
  return JSON.stringify([policy, await Promise.all(identities)]);
}
