/** Which units the ledgers speak of: on which rows they stand, and in which state they are. */
import { firstAtLeast } from './bisect';
import { assigneesOf, langOf, type UnitState } from './fold';
import type { Lang, UnitKey } from './record';
import type { State } from './states';

export interface Match {
  readonly key: UnitKey;
  readonly row: number;
  readonly state: State;
  /** Whether its text is another than the file had. */
  readonly changed: boolean;
  /** Who has decided on the text as it is now. */
  readonly decidedBy: readonly string[];
  /** To whom it is assigned. */
  readonly assigned: readonly string[];
}

export function matchOf(key: UnitKey, row: number, state: UnitState): Match {
  const now = state.decisions.filter(decision => decision.fingerprint === state.fingerprint);
  const decidedBy = now.map(decision => decision.by);
  const changed = state.author !== undefined;
  return { key, row, state: state.state, changed, decidedBy, assigned: assigneesOf(state) };
}

export class Matches {
  /** By row, then by key: a record has a unit for each target language. */
  readonly #byRow = new Map<number, Map<UnitKey, Match>>();
  /** In the order in which they were met: a key that is repeated stands on several rows. */
  readonly #rowsOf = new Map<UnitKey, number[]>();
  readonly #counts = new Map<Lang, Map<State, number>>();
  #sorted: Uint32Array | undefined;

  put(match: Match): void {
    const { key, row } = match;
    const units = this.#byRow.get(row) ?? new Map<UnitKey, Match>();
    const before = units.get(key);
    if (before) {
      this.#count(before, -1);
    } else {
      const rows = this.#rowsOf.get(key);
      if (rows) rows.push(row);
      else this.#rowsOf.set(key, [row]);
      this.#sorted = undefined;
    }
    this.#count(match, 1);
    this.#byRow.set(row, units.set(key, match));
  }

  /** Forgets a unit whose events are gone. */
  delete(key: UnitKey): void {
    for (const row of this.#rowsOf.get(key) ?? []) {
      const units = this.#byRow.get(row);
      const match = units?.get(key);
      if (!units || !match) continue;
      this.#count(match, -1);
      units.delete(key);
      if (units.size === 0) this.#byRow.delete(row);
      this.#sorted = undefined;
    }
    this.#rowsOf.delete(key);
  }

  #count({ key, state }: Match, change: number): void {
    const lang = langOf(key);
    const counts = this.#counts.get(lang) ?? new Map<State, number>();
    this.#counts.set(lang, counts.set(state, (counts.get(state) ?? 0) + change));
  }

  /** Units in one target language by state; states without units are left out. */
  countsOf(lang: Lang): Partial<Record<State, number>> {
    return Object.fromEntries([...(this.#counts.get(lang) ?? [])].filter(([, count]) => count > 0));
  }

  /** Target languages of the units. */
  get langs(): Iterable<Lang> {
    return this.#counts.keys();
  }

  get keys(): Iterable<UnitKey> {
    return this.#rowsOf.keys();
  }

  /** The row of a unit; of one that stands on several rows the last that was met. */
  rowOf(key: UnitKey): number | undefined {
    return this.#rowsOf.get(key)?.at(-1);
  }

  /** All rows of a unit that were met. */
  rowsOf(key: UnitKey): readonly number[] {
    return this.#rowsOf.get(key) ?? [];
  }

  /** What is known of a row's units; nothing where nobody did anything to them. */
  at(row: number): Iterable<Match> {
    return this.#byRow.get(row)?.values() ?? [];
  }

  has(row: number): boolean {
    return this.#byRow.has(row);
  }

  /** The rows from `from` up to before `to` that the ledgers speak of, in file order. */
  rows(from: number, to: number): Uint32Array {
    const sorted = (this.#sorted ??= Uint32Array.from(this.#byRow.keys()).sort());
    return sorted.subarray(firstAtLeast(sorted, from), firstAtLeast(sorted, to));
  }
}
