/** From one record with a finding to the next, in the order of the queue. */
import type { Direction, NextFinding } from './core/protocol';
import { MAX_ROWS } from './core/protocol';
import { breathe, breather } from './io/breath';
import type { Queue } from './queue';
import type { Shard } from './shard';

/** Somebody waits for the answer: what was not found by then is looked for when they ask again. */
const LOOK_MS = 4000;
/** Records checked between two breaths: each takes some milliseconds at most. */
const CHECKED_ROWS = 8;

/**
 * @param after position to begin at, itself looked at last; round the end of the queue
 * @param lookMs how long to look before it is said how far that has led
 */
export async function nextFinding(
  shard: Shard,
  queue: Queue,
  after: number,
  direction: Direction,
  lookMs = LOOK_MS,
): Promise<NextFinding> {
  const { length } = queue.view;
  const step = direction === 'next' ? 1 : -1;
  const position = (distance: number) => (((after + step * distance) % length) + length) % length;
  const began = performance.now();
  const { checking } = shard;
  const pause = breather();
  for (let from = 1, size = 1; from <= length; from += size, size = Math.min(size * 2, MAX_ROWS)) {
    const all = Array.from({ length: Math.min(size, length - from + 1) }, (_, next) => position(from + next));
    const rowOf = (place: number) => queue.rowAt(place) ?? 0;
    // Where all of the shard was checked, what has no finding need not be read.
    const places = checking.isDone ? all.filter(place => checking.has(rowOf(place))) : all;
    const loaded = places.length > 0 ? await shard.loadRows(places.map(rowOf)) : [];
    for (const [index, each] of loaded.entries()) {
      if (index % CHECKED_ROWS === CHECKED_ROWS - 1) await breathe();
      const place = places[index];
      if (place === undefined || 'reason' in each || shard.findings.of(shard.seen(each)).length === 0)
        continue;
      return { position: place, looked: from + all.indexOf(place), goOn: null };
    }
    await pause();
    const last = all.at(-1) ?? after;
    const looked = from + all.length - 1;
    if (looked < length && performance.now() - began > lookMs) return { position: null, looked, goOn: last };
  }
  return { position: null, looked: length, goOn: null };
}
