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
  /** Of those that have begun, how many wait for the backend. */
  #aside = 0;
  #isPaused = false;
  /** Since the limit changed. */
  #successes = 0;
  /** What lets each of those begin that wait for room, in the order of asking; and those go on that had begun. */
  readonly #waiting = new Set<() => void>();
  readonly #returning = new Set<() => void>();

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

  /**
   * For work of `run` that lets the backend rest: its place is free for another that has begun, and nothing new begins in it.
   * The limit holds for those that go on, which need not be the one that there was when they began.
   * @param ms how long it rests at least
   * @returns settles when it may go on, at once if the signal fires; never rejects
   */
  async aside(ms: number, signal: AbortSignal): Promise<void> {
    this.#running--;
    this.#aside++;
    await new Promise<void>(resolve => {
      const goOn = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', goOn);
        this.#returning.delete(goOn);
        this.#aside--;
        this.#running++;
        resolve();
      };
      const timer = setTimeout(() => {
        this.#returning.add(goOn);
        this.#begin();
      }, ms);
      setMaxListeners(0, signal);
      if (signal.aborted) goOn();
      else signal.addEventListener('abort', goOn);
      this.#begin();
    });
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
    for (const goOn of this.#returning) {
      if (this.#isPaused || this.#running >= this.#limit) return;
      goOn();
    }
    for (const begin of this.#waiting) {
      if (this.#isPaused || this.#running + this.#aside >= this.#limit) return;
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
