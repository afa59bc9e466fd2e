/** The units that a query selects, some at a time, for what goes through all of them: never the texts of all. */
import { UserError } from './core/messages';
import type { Lang } from './core/record';
import { Queue, type HasCandidates } from './queue';
import type { Shard } from './shard';
import type { Loaded } from './units';

/** Read and held at a time. */
const BATCH_ROWS = 50;

export interface Selected {
  readonly units: readonly Loaded[];
  /** Rows that this batch is of; more than units where some are no records. */
  readonly rows: number;
  /** Rows that are selected in all; null as long as the query is still being asked. */
  readonly total: number | null;
}

/**
 * @param query in the language of the filter
 * @param langs target languages, one after the other; empty where no record has several. The one that
 *   is shown stays
 * @throws UserError `filter.mistake` where it is no query; `file.changed` where the file was read anew meanwhile, since
 *   its rows are others now; why the query could not be asked
 */
export async function* selected(
  shard: Shard,
  candidates: HasCandidates,
  { query, langs }: { readonly query: string; readonly langs: readonly Lang[] },
  signal: AbortSignal,
): AsyncGenerator<Selected> {
  await shard.matched;
  const { generation } = shard;
  const stillHolds = () => {
    signal.throwIfAborted();
    if (shard.generation !== generation) throw new UserError('file.changed', shard.path);
  };
  let before = 0;
  for (const [at, lang] of (langs.length > 0 ? langs : [null]).entries()) {
    const queue = new Queue(shard, candidates, lang ?? undefined);
    const stop = () => queue.cancel();
    signal.addEventListener('abort', stop);
    try {
      const mistake = queue.ask(query);
      if (mistake) throw new UserError(mistake.reason.id, ...mistake.reason.args);
      if (queue.view.progress === null) await shard.index.whole;
      for (let from = 0; ;) {
        stillHolds();
        const rows = queue.rows(from, BATCH_ROWS);
        if (rows.length === 0) {
          if (queue.view.progress === null) break;
          await news(shard, queue);
          continue;
        }
        const loaded = await shard.loadUnits(rows);
        stillHolds();
        from += rows.length;
        const units = loaded.flatMap(each =>
          lang === null ? each.units : each.units.filter(({ unit }) => unit.targetLang === lang),
        );
        const isKnown = queue.view.progress === null && (langs.length === 0 || at === langs.length - 1);
        yield { units, rows: rows.length, total: isKnown ? before + queue.length : null };
      }
      const { problem } = queue.view;
      if (problem) throw new UserError(problem.id, ...problem.args);
      before += queue.length;
    } finally {
      signal.removeEventListener('abort', stop);
      queue.cancel();
    }
  }
}

/** Settles when a search has found more, or has come to its end. */
async function news(shard: Shard, queue: Queue): Promise<void> {
  let stop: () => void = () => undefined;
  const more = new Promise<void>(resolve => (stop = shard.onChange(() => resolve())));
  await Promise.race([more, queue.done]);
  stop();
}
