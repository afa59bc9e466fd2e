/**
 * Approved units that show a model how a team translates: those of the same languages whose source is most like the one
 * that is asked about. Found among what the ledgers speak of, when somebody first asks.
 */
import { SimilarTexts } from './core/similar';
import type { PromptUnit } from './core/regeneration';
import type { Lang, UnitKey } from './core/record';
import { breather } from './io/breath';
import { inTurn } from './io/inTurn';
import type { Shard } from './shard';
import type { Loaded } from './units';

/** Approved units that are kept in mind, the newest: those of the last rows at first, then those that were approved since. */
const MAX_KEPT = 2000;
/** UTF-16 units of both sides together: a longer one would crowd the request. */
const MAX_UNITS = 3000;
/** Rows read at a time. */
const BATCH_ROWS = 100;

export class Examples {
  readonly #shard: Shard;
  readonly #units = new Map<UnitKey, PromptUnit>();
  /** By the pair of languages. */
  readonly #texts = new Map<string, SimilarTexts<UnitKey>>();
  /** Rows that are to be looked at before the next answer; all of them at first. */
  #due: Set<number> | 'all' = 'all';
  readonly #inTurn = inTurn();

  constructor(shard: Shard) {
    this.#shard = shard;
    shard.onChange(rows => {
      if (rows === 'all' || this.#due === 'all') this.#due = 'all';
      else for (const row of rows) this.#due.add(row);
    });
  }

  /** @returns at most `count` approved units of the same languages, the most similar first, never the unit itself */
  nearest({ unit, source }: Loaded, count: number): Promise<readonly PromptUnit[]> {
    return this.#inTurn(async () => {
      await this.#follow();
      const texts = this.#texts.get(pairOf(unit));
      const keys = texts?.nearest(textOf(source), count, unit.key) ?? [];
      return keys.flatMap(key => this.#units.get(key) ?? []);
    });
  }

  async #follow(): Promise<void> {
    const { matching, index, closed } = this.#shard;
    const due = this.#due;
    this.#due = new Set();
    if (due === 'all') {
      this.#units.clear();
      this.#texts.clear();
    }
    const rows = due === 'all' ? [...matching.matches.rows(0, index.rows)] : [...due];
    const isApproved = (row: number) =>
      [...matching.matches.at(row)].some(({ key, state }) => state === 'approved' || this.#units.has(key));
    const approved = rows.filter(row => row < index.rows && isApproved(row));
    const wanted = due === 'all' ? approved.slice(-MAX_KEPT) : approved;
    const pause = breather(closed);
    try {
      for (let at = 0; at < wanted.length; at += BATCH_ROWS) {
        for (const { units } of await this.#shard.loadUnits(wanted.slice(at, at + BATCH_ROWS))) {
          for (const loaded of units) this.#take(loaded);
          await pause();
        }
      }
    } catch (error) {
      this.#due = 'all';
      throw error;
    }
  }

  #take({ unit, state, source, target }: Loaded): void {
    const { key, sourceLang, targetLang } = unit;
    this.#drop(key, unit);
    const length = [...source, ...target].reduce((sum, { text }) => sum + text.length, 0);
    if (state.state !== 'approved' || length > MAX_UNITS) return;
    const [oldest] = this.#units;
    if (oldest && this.#units.size >= MAX_KEPT) this.#drop(...oldest);
    this.#units.set(key, { sourceLang, targetLang, source, target });
    const texts = this.#texts.get(pairOf(unit)) ?? new SimilarTexts<UnitKey>();
    texts.add(key, textOf(source));
    this.#texts.set(pairOf(unit), texts);
  }

  #drop(key: UnitKey, unit: Pick<PromptUnit, 'sourceLang' | 'targetLang'>): void {
    if (this.#units.delete(key)) this.#texts.get(pairOf(unit))?.remove(key);
  }
}

const pairOf = ({ sourceLang, targetLang }: { sourceLang: Lang; targetLang: Lang }) =>
  `${sourceLang} ${targetLang}`;
const textOf = (source: PromptUnit['source']) => source.map(({ text }) => text).join('\n');
