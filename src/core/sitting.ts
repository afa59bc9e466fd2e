/** One sitting of a reviewer: how many records were decided, and in how much time, without the pauses. */

/** Whoever does nothing for this long is somewhere else; the clock stops until they do something again. Milliseconds. */
export const PAUSE_MS = 120_000;

export class Sitting {
  /** Whether each record on which something was decided in this sitting still is. */
  readonly #decided = new Map<string, boolean>();
  #lastAt: number | undefined;
  #activeMs = 0;

  /** Records decided; one that is decided again, or by several decisions, counts once. */
  get count(): number {
    return [...this.#decided.values()].filter(Boolean).length;
  }

  /** Milliseconds from the first thing done to the last one; of a pause only its first {@link PAUSE_MS}. */
  get activeMs(): number {
    return this.#activeMs;
  }

  /** The reviewer did something. @param now milliseconds since 1970; a clock that was put back adds nothing */
  act(now: number): void {
    const gap = now - (this.#lastAt ?? now);
    this.#activeMs += Math.max(0, Math.min(gap, PAUSE_MS));
    this.#lastAt = now;
  }

  /** The reviewer decided on a record. @param record tells it apart from all others, also of other shards */
  decide(record: string): void {
    this.#decided.set(record, true);
  }

  /** What was done may have taken a decision of this sitting back, or brought it again. */
  follow(record: string, isDecided: boolean): void {
    if (this.#decided.has(record)) this.#decided.set(record, isDecided);
  }
}

/**
 * How long something took, by the clock of the wall: “34 min”, “2 hr, 5 min”; what was begun of a minute is one.
 * @param locale BCP-47 tag of the interface
 */
export function hoursAndMinutes(ms: number, locale: string): string {
  const minutes = Math.ceil(ms / 60_000);
  const part = (unit: 'hour' | 'minute', value: number) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
  const hours = Math.floor(minutes / 60);
  const parts = [...(hours > 0 ? [part('hour', hours)] : []), part('minute', minutes % 60)];
  return new Intl.ListFormat(locale, { type: 'unit', style: 'short' }).format(parts);
}
