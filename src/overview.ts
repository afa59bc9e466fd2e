/** How far the review of a shard has come, by target language. */
import { join } from 'node:path';
import type { Lang } from './core/record';
import { STATES, type State } from './core/states';
import { identify, type FileIdentity } from './io/files';
import { Ledgers, type Clock } from './io/ledger';
import { readPolicyFile } from './io/reviewFiles';
import type { Shard } from './shard';
import { withShard } from './statisticsOf';

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
 * @throws UserError why the events could not be matched
 */
export async function overviewOf(shard: Shard): Promise<ShardOverview> {
  await shard.matched;
  const { matching } = shard;
  await matching.complete();
  const { rows, badRows } = shard.facts;
  const languages = [...matching.untouched].map(([lang, untouched]) => {
    const counts: Counts = { ...matching.matches.countsOf(lang) };
    for (const state of STATES) {
      const count = (counts[state] ?? 0) + (untouched[state] ?? 0);
      if (count > 0) counts[state] = count;
    }
    return { lang, units: matching.units.get(lang) ?? 0, counts };
  });
  return { records: rows - badRows, badLines: badRows, languages };
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
  return withShard(path, clock, workspaceRoot === undefined ? {} : { workspaceRoot }, signal, overviewOf);
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
