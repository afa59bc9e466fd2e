/** Asks a query of a whole shard, in several worker threads at once. */
import { availableParallelism } from 'node:os';
import { bisect } from '../core/bisect';
import { inWorker } from './inWorker';
import type { FilterReport, FilterTask } from './passes';
import type { ShardIndex } from './shardIndex';

/** Bytes searched by one thread before it reports: some hundredths of a second. */
const SEARCH_BYTES = 8 << 20;
/** The first pieces are small, so that the first hits are shown at once. */
const FIRST_BYTES = 1 << 20;
/** Threads that search a file; with more of them reading it is what takes the time. */
const MAX_THREADS = 4;

/**
 * @param signal ends the threads at once
 * @returns what each piece of the file holds, in file order
 * @throws UserError `file.changed` when the file is no longer the one that was indexed
 */
export async function* searchInThreads(
  index: ShardIndex,
  question: Omit<FilterTask, 'kind' | 'pieces'>,
  signal: AbortSignal,
): AsyncGenerator<FilterReport> {
  const pieces = piecesOf(index);
  const threads = Math.min(MAX_THREADS, availableParallelism(), pieces.length);
  const searches = Array.from({ length: threads }, (_, thread) =>
    inWorker(
      index,
      { kind: 'filter', ...question, pieces: pieces.filter((_piece, at) => at % threads === thread) },
      signal,
    ),
  );
  // All begin at once; one that fails while another is waited for must not count as unhandled.
  const coming = searches.map(search => search.next());
  for (const next of coming) next.catch(() => undefined);
  try {
    for (let at = 0; at < pieces.length; at++) {
      const report = await coming[at % threads];
      if (report?.done !== false) return;
      const next = searches[at % threads]?.next();
      next?.catch(() => undefined);
      if (next) coming[at % threads] = next;
      yield report.value;
    }
  } finally {
    for (const search of searches) await search.return(undefined);
  }
}

/** Pieces of the file of some megabytes each, as rows from … up to before …. */
function piecesOf(index: ShardIndex): (readonly [from: number, end: number])[] {
  const pieces: (readonly [number, number])[] = [];
  for (let from = 0; from < index.rows;) {
    const limit = index.startOf(from) + (pieces.length < MAX_THREADS ? FIRST_BYTES : SEARCH_BYTES);
    const end = bisect(from + 1, index.rows, row => index.startOf(row) < limit);
    pieces.push([from, end]);
    from = end;
  }
  return pieces;
}
