/**
 * While a reviewer reads one record, the next flagged ones of the queue get a candidate each, so that it waits for them
 * when they come there. What is asked for is given up where they go elsewhere.
 */
import type { Finding } from './core/check';
import type { UnitKey } from './core/record';
import type { Wish } from './core/regeneration';
import type { Profile } from './asking';
import { blameOf } from './failures';
import { breather } from './io/breath';
import { Pool } from './io/pool';
import type { Queue } from './queue';
import { regenerate, type Asker } from './regenerating';
import type { Loaded } from './units';

/** Records that are looked at for flagged ones: where there are fewer, a reviewer is there in no time anyway. */
const LOOKED_ROWS = 400;
/** Rows read at a time. */
const BATCH_ROWS = 20;
/** Units that gave no candidate and are not tried again, as long as their text stays. */
const MAX_FAILED = 1000;

/** Where the reviewer is, and how far ahead is looked. */
interface Visit {
  readonly position: number;
  readonly count: number;
  readonly profile: Profile;
}

export class LookAhead {
  readonly #asker: Asker;
  readonly #queue: Queue;
  /** What is being written, each with what gives it up. */
  readonly #running = new Map<UnitKey, AbortController>();
  /** By key and fingerprint. */
  readonly #failed = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #visit = new AbortController();
  #atOnce = 1;
  #pool = new Pool(1);
  #settled: Promise<unknown> = Promise.resolve();

  constructor(asker: Asker, queue: Queue) {
    this.#asker = asker;
    this.#queue = queue;
    asker.shard.closed.addEventListener('abort', () => this.stop());
  }

  /** Candidates that are being written or wait for it. */
  get running(): number {
    return this.#running.size;
  }

  /** Settles when nothing is left to do for where the reviewer is. Never throws. */
  get settled(): Promise<unknown> {
    return this.#settled;
  }

  /** @param listener hears when `running` is another. @returns a function that ends the listening */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The reviewer has come to a record. After a failure of the server nothing more is asked for until this is called again.
   * @param position in the queue
   * @param count flagged records after it that are to have a candidate; 0: none, and what is under way is given up
   */
  visit(position: number, count: number, profile: Profile): void {
    if (count === 0) {
      this.stop();
      return;
    }
    this.#visit.abort();
    const visit = new AbortController();
    this.#visit = visit;
    const before = this.#settled;
    this.#settled = this.#fill({ position, count, profile }, visit.signal)
      .catch(() => undefined)
      .then(() => before);
  }

  /** Gives up all that is under way: the page is gone, or looking ahead was turned off. */
  stop(): void {
    this.#visit.abort();
    for (const task of this.#running.values()) task.abort();
  }

  async #fill(visit: Visit, signal: AbortSignal): Promise<void> {
    const { profile } = visit;
    const ahead = await this.#flaggedAfter(visit, signal);
    // The one that the reviewer has just come to is what they wait for most.
    const here = this.#queue.rowAt(visit.position);
    const [current] = here === undefined ? [] : await this.#asker.shard.loadRows([here]);
    signal.throwIfAborted();
    const wanted = new Set(ahead.map(({ loaded }) => loaded.unit.key));
    if (current && !('reason' in current)) wanted.add(current.unit.key);
    for (const [key, task] of this.#running) if (!wanted.has(key)) task.abort();
    if (this.#atOnce !== profile.concurrency) {
      this.#atOnce = profile.concurrency;
      this.#pool = new Pool(Math.max(1, profile.concurrency));
    }
    const isMissing = ({ unit, state }: Loaded) =>
      !this.#running.has(unit.key) &&
      !this.#failed.has(`${unit.key} ${state.fingerprint}`) &&
      !this.#asker.candidates.has(unit.key, state.fingerprint);
    const tasks = ahead
      .filter(({ loaded }) => isMissing(loaded))
      .map(({ loaded, finding }) => this.#ask(loaded, finding, profile));
    await Promise.all(tasks);
  }

  /** The next flagged units, in the order of the queue, each with what is to be mended first. */
  async #flaggedAfter(
    { position, count }: Visit,
    signal: AbortSignal,
  ): Promise<readonly { readonly loaded: Loaded; readonly finding: Finding }[]> {
    const { shard } = this.#asker;
    const { checking } = shard;
    const pause = breather(signal);
    const flagged: { loaded: Loaded; finding: Finding }[] = [];
    for (let from = position + 1; from <= position + LOOKED_ROWS; from += BATCH_ROWS) {
      const rows = this.#queue.rows(from, BATCH_ROWS);
      if (rows.length === 0) break;
      // Where all of the shard was checked, what has no finding need not be read.
      const some = checking.isDone ? rows.filter(row => checking.has(row)) : rows;
      for (const loaded of await shard.loadRows(some)) {
        await pause();
        signal.throwIfAborted();
        if ('reason' in loaded || loaded.state.state === 'conflict') continue;
        const finding = shard.findings.of(shard.seen(loaded)).find(isMendable(loaded));
        if (finding) flagged.push({ loaded, finding });
        if (flagged.length === count) return flagged;
      }
    }
    return flagged;
  }

  async #ask(loaded: Loaded, { check, side, field }: Finding, profile: Profile): Promise<void> {
    const { unit, state } = loaded;
    const task = new AbortController();
    this.#running.set(unit.key, task);
    this.#tell();
    const wish: Wish = {
      ...{ mode: 'translate', fields: [field], advice: '', count: 1, split: 'record' },
      finding: { check, side, field },
    };
    const pool = this.#pool;
    try {
      await pool.run(
        () =>
          regenerate(this.#asker, loaded, wish, profile, {
            signal: task.signal,
            onWait: (_seed, { kind, ms }) => {
              if (kind === 'busy') pool.lower();
              return pool.aside(ms, task.signal);
            },
          }),
        task.signal,
      );
    } catch (error) {
      if (task.signal.aborted) return;
      const blame = blameOf(error);
      if (blame === 'unit') {
        if (this.#failed.size >= MAX_FAILED) this.#failed.clear();
        this.#failed.add(`${unit.key} ${state.fingerprint}`);
      }
      // The others would fail too.
      if (blame === 'server' || blame === 'busy') this.stop();
    } finally {
      this.#running.delete(unit.key);
      this.#tell();
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Whether a finding is about a target text that a model can write anew. */
function isMendable({ source }: Loaded): (finding: Finding) => boolean {
  const hasText = new Set(source.filter(({ text }) => text.trim() !== '').map(({ name }) => name));
  return ({ side, field }) => side === 'target' && hasText.has(field);
}
