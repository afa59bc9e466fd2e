import { setMaxListeners } from 'node:events';

/** Successes after which one more may run again. */
const RAISE_AFTER = 10;

/**
 * So many at a time, and no more than the backend can take: fewer when it is busy, one more again after a while without
 * trouble (additive increase, as TCP does it).
 */
export class Pool {
  readonly #most: number;
  #limit: number;
  #running = 0;
  #isPaused = false;
  /** Since the limit changed. */
  #successes = 0;
  /** What lets each of those begin that wait for room, in the order of asking. */
  readonly #waiting = new Set<() => void>();

  /** @param limit a whole number, at least 1 */
  constructor(limit: number) {
    if (!(Number.isInteger(limit) && limit >= 1)) throw new RangeError(`no limit of a pool: ${limit}`);
    this.#most = limit;
    this.#limit = limit;
  }

  /** How many may run now, from 1 to the limit that was given. */
  get limit(): number {
    return this.#limit;
  }

  get running(): number {
    return this.#running;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /**
   * Runs work when there is room, in the order of asking.
   * @throws whatever `signal` was aborted with, if that happens while it waits for room
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#room(signal);
    try {
      const result = await work();
      this.#succeeded();
      return result;
    } finally {
      this.#running--;
      this.#begin();
    }
  }

  /** The backend had too much to do. */
  lower(): void {
    this.#limit = Math.max(1, this.#limit - 1);
    this.#successes = 0;
  }

  /** What runs goes on; nothing else begins. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#begin();
  }

  #room(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      // As many listen as wait: that is no leak.
      setMaxListeners(0, signal);
      const onAbort = () => {
        this.#waiting.delete(begin);
        reject(signal.reason as Error);
      };
      const begin = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(begin);
      this.#begin();
    });
  }

  #begin(): void {
    for (const begin of this.#waiting) {
      if (this.#isPaused || this.#running >= this.#limit) return;
      this.#waiting.delete(begin);
      this.#running++;
      begin();
    }
  }

  #succeeded(): void {
    if (++this.#successes < RAISE_AFTER) return;
    this.#successes = 0;
    // Room for one more appears when the caller's own place is given back.
    this.#limit = Math.min(this.#most, this.#limit + 1);
  }
}
