/** Asks something of a whole shard, in several worker threads at once. */
import { availableParallelism } from 'node:os';
import { bisect } from '../core/bisect';
import { inWorker } from './inWorker';
import type { Reports, Task } from './passes';
import type { ShardIndex } from './shardIndex';

/** Threads that go over a file; with more of them reading it is what takes the time. */
const MAX_THREADS = 4;

/** A task that is done piece by piece. */
type PiecedTask = Extract<Task, { readonly pieces: unknown }>;

export interface PieceOptions {
  /** Bytes of a piece: what takes some hundredths of a second. */
  readonly bytes: number;
  /** Bytes of the first pieces, which are small, so that the first hits are shown at once. */
  readonly first: number;
  /** As many as there are processors, and four at most, where nothing is said. */
  readonly threads?: number;
}

/**
 * @param signal ends the threads at once
 * @returns what each piece of the file holds, in file order
 * @throws UserError `file.changed` when the file is no longer the one that was indexed
 */
export async function* inThreads<T extends PiecedTask>(
  index: ShardIndex,
  task: Omit<T, 'pieces'>,
  options: PieceOptions,
  signal: AbortSignal,
): AsyncGenerator<Reports[T['kind']]> {
  const pieces = piecesOf(index, options);
  const threads = Math.min(options.threads ?? MAX_THREADS, availableParallelism(), pieces.length);
  const searches = Array.from({ length: threads }, (_, thread) => {
    const own = pieces.filter((_piece, at) => at % threads === thread);
    return inWorker(index, { ...task, pieces: own } as unknown as T, signal);
  });
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

/** Pieces of the file, as rows from … up to before …. */
function piecesOf(
  index: ShardIndex,
  { bytes, first }: PieceOptions,
): (readonly [from: number, end: number])[] {
  const pieces: (readonly [number, number])[] = [];
  for (let from = 0; from < index.rows;) {
    const limit = index.startOf(from) + (pieces.length < MAX_THREADS ? first : bytes);
    const end = bisect(from + 1, index.rows, row => index.startOf(row) < limit);
    pieces.push([from, end]);
    from = end;
  }
  return pieces;
}
