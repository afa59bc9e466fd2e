/** What is asked for about one unit where many are gone through, by a run or in a batch file, and what is kept of the answer. */
import type { Proposal } from './asking';
import { MAX_FIELD_UNITS } from './core/protocol';
import type { Field } from './core/record';
import type { Outcome, Proposed, Wish } from './core/regeneration';
import { outcomeOf, todoOf, type Todo } from './core/runUnits';
import { findingsIn } from './core/unitMarks';
import type { RunOrder } from './io/runFile';
import { together } from './io/together';
import { adviceFor, candidateOf, type Asker } from './regenerating';
import { unitIn, type Loaded } from './units';

/** What an order means for one unit, or why nothing is asked for. */
export function todoIn(
  { shard }: Pick<Asker, 'shard'>,
  loaded: Loaded,
  { wish, onlyFlagged }: Pick<RunOrder, 'wish' | 'onlyFlagged'>,
): Todo | Outcome {
  if (loaded.state.state === 'conflict') return 'changed';
  const todo = todoOf(loaded, wish.fields, onlyFlagged ? shard.findings.of(loaded) : undefined);
  if (!todo) return 'nothing';
  const isLong = ({ name, text }: Field) => todo.fields.includes(name) && text.length > MAX_FIELD_UNITS;
  return loaded.source.some(isLong) ? 'too-long' : todo;
}

/** Lines for the model: what was told for all units, and the first finding of each field. */
export function adviceOn(
  asker: Pick<Asker, 'shard'>,
  loaded: Loaded,
  { wish }: Pick<RunOrder, 'wish'>,
  { findings }: Todo,
): readonly string[] {
  const own = adviceFor(asker, loaded, { advice: wish.advice, finding: null });
  return [...own, ...findings.flatMap(finding => adviceFor(asker, loaded, { advice: '', finding }))];
}

/** What came of a unit for which a model proposed some texts. */
export function judge({ shard }: Pick<Asker, 'shard'>, loaded: Loaded, proposed: Proposed): Outcome {
  const { source, unit } = loaded;
  const { sourceLang, targetLang } = unit;
  const own = (field: Field) => proposed.fields.find(({ name }) => name === field.name) ?? field;
  const texts = { sourceLang, targetLang, source, target: loaded.target.map(own) };
  return outcomeOf(proposed, findingsIn(shard.checkContext, texts));
}

/** Keeps what a model proposed for many units as candidates. */
export class Keeper {
  readonly #asker: Pick<Asker, 'shard' | 'candidates' | 'clock'>;
  readonly #run: string | undefined;
  /** Whether units are as the model saw them; rows of those that come at about the same time are read together. */
  readonly #isSame = together(async (seen: readonly Loaded[]) => {
    const rows = await this.#asker.shard.loadUnits(seen.map(({ row }) => row));
    const now = new Map(rows.map(units => [units.row, units]));
    return seen.map(({ row, unit, state }) => {
      const units = now.get(row);
      const found = units && unitIn(units, unit.key)?.state;
      return found?.fingerprint === state.fingerprint && found.state !== 'conflict';
    });
  });

  /** @param run its id; undefined where they are from no run */
  constructor(asker: Pick<Asker, 'shard' | 'candidates' | 'clock'>, run?: string) {
    this.#asker = asker;
    this.#run = run;
  }

  /**
   * Keeps one, unless the unit is another by now.
   * @param loaded as the model saw it
   * @throws UserError where it cannot be written
   */
  async keep(
    loaded: Loaded,
    proposal: Proposal,
    wish: Pick<Wish, 'mode' | 'advice' | 'finding'>,
  ): Promise<Outcome> {
    const { shard, candidates } = this.#asker;
    if (!(await this.#isSame(loaded))) return 'changed';
    await candidates.add(candidateOf(this.#asker, loaded, wish, proposal, this.#run));
    shard.emit([loaded.row]);
    return judge(this.#asker, loaded, proposal);
  }
}
