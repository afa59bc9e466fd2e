/** What was done in a shard, without reading the units that nobody touched. */
import { UserError } from './core/messages';
import type { Statistics } from './core/statistics';
import { breather } from './io/breath';
import type { Clock } from './io/ledger';
import type { PolicyPlace } from './io/team';
import type { Matching } from './matching';
import { Shard } from './shard';

/** Rows read at a time: some milliseconds of parsing. */
const BATCH_ROWS = 200;

/**
 * Adds the units of a shard that somebody touched to some statistics, once every event is matched to its record.
 * @returns its other units, by target language and state
 * @throws UserError why the events could not be matched, `file.changed` where the file was read anew meanwhile; whatever
 *   `signal` was aborted with
 */
export async function addStatistics(
  shard: Shard,
  statistics: Statistics,
  signal: AbortSignal,
): Promise<Matching['untouched']> {
  await shard.matched;
  signal.throwIfAborted();
  const { matching, generation, ledgers } = shard;
  await matching.complete();
  const pause = breather(signal);
  const rows = matching.matches.rows(0, shard.index.rows);
  for (let from = 0; from < rows.length; from += BATCH_ROWS) {
    for (const { units } of await shard.loadUnits(rows.slice(from, from + BATCH_ROWS))) {
      for (const { unit, state } of units) {
        const { key, targetLang: lang } = unit;
        if (!ledgers.has(key)) continue;
        statistics.add({ lang, state, events: ledgers.eventsOf(key), policy: shard.policy });
        await pause();
      }
    }
    signal.throwIfAborted();
  }
  if (shard.generation !== generation) throw new UserError('file.changed', shard.path);
  return matching.untouched;
}

/**
 * Opens a shard for as long as something is done with it.
 * @param path absolute
 * @param signal closes it early
 * @throws UserError for a file that is no shard, or cannot be read; whatever `signal` was aborted with
 */
export async function withShard<T>(
  path: string,
  clock: Clock,
  where: PolicyPlace,
  signal: AbortSignal,
  use: (shard: Shard) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const shard = await Shard.open(path, clock, where);
  const close = () => shard.close();
  signal.addEventListener('abort', close);
  try {
    signal.throwIfAborted();
    return await use(shard);
  } catch (error) {
    // What is closed under its reader only says that it was not read to the end.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
    shard.close();
  }
}
