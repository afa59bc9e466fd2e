/**
 * The records that are likely to be wanted next, fetched while one is being read: the one after it, and the next that waits
 * for this reviewer. A key then shows them without asking the host. Nothing of it outlives news about other records.
 */
import type { Place, Placed } from '../src/core/protocol';
import { call } from './rpc';

/** After this rest the likely ones are fetched: a key held down passes records that nobody reads. Milliseconds. */
const REST_MS = 60;

export class Ahead {
  #placed = new Map<number, Placed>();
  /** The position that these are ahead of. */
  #from = -1;
  /** The last position of the queue then: it grows while it is searched. */
  #last = -1;
  #pending: number | null = null;
  /** Counts what was dropped, so that an answer from before is not kept. */
  #drops = 0;
  #timer: number | undefined;

  /**
   * Fetches what comes after a position. A failure is no news: it is met again where the record is asked for.
   * @param last position of the queue
   */
  look(from: number, last: number): void {
    this.drop();
    this.#timer = window.setTimeout(() => void this.#fetch(from, last).catch(() => undefined), REST_MS);
  }

  async #fetch(from: number, last: number): Promise<void> {
    const drops = this.#drops;
    const keep = async (position: number) => {
      const placed = await call('unit', { position });
      if (drops === this.#drops) this.#placed.set(position, placed);
    };
    const pending = await call('nextPending', from);
    if (drops !== this.#drops) return;
    this.#from = from;
    this.#last = last;
    this.#pending = pending;
    if (pending !== null && pending !== from) await keep(pending);
    if (from < last && from + 1 !== pending && drops === this.#drops) await keep(from + 1);
  }

  /** What is known may be so no more. */
  drop(): void {
    window.clearTimeout(this.#timer);
    this.#drops++;
    this.#from = -1;
    this.#pending = null;
    this.#placed.clear();
  }

  /** The record of a place, if it is here. */
  at(place: Place): Placed | undefined {
    return 'position' in place ? this.#placed.get(place.position) : undefined;
  }

  /**
   * The next position that waits for this reviewer; undefined where that is not known. That none waits, or only the record
   * itself, only the host can say: a decision may have changed it. So it is with one before it where the queue has grown since.
   * @param last position of the queue
   */
  pendingAfter(position: number, last: number): number | undefined {
    const pending = this.#pending;
    if (position !== this.#from || pending === null || pending === position) return undefined;
    return pending > position || last === this.#last ? pending : undefined;
  }
}
