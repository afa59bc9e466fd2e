/**
 * What every action of a reviewer works with: the shard, who they are and what they may do, what they have typed, the unit
 * that is meant, and the way of an event into the ledger.
 */
import type { EventId, NewEvent, ReviewEvent } from './core/events';
import { languageNamed, UserError, type Said } from './core/messages';
import { mayDo, type Right } from './core/policy';
import type { Target } from './core/protocol';
import type { Fingerprint, UnitKey } from './core/record';
import type { Candidates } from './io/candidates';
import type { Drafts } from './io/drafts';
import type { Clock, NewLine, Writer } from './io/ledger';
import { Examples } from './examples';
import type { Shard } from './shard';
import type { Loaded } from './units';

/** Ledger lines set aside, and findings that block, that are named; the others are counted. */
export const NAMED_PROBLEMS = 3;

export class Desk {
  readonly shard: Shard;
  readonly clock: Clock;
  readonly drafts: Drafts;
  readonly candidates: Candidates;
  /** Approved units that show a model how the team translates. */
  readonly examples: Examples;
  /** Who writes; until there is one the shard can be read only. */
  writer: Writer | undefined;
  #writeProblem: Said | undefined;

  constructor(
    shard: Shard,
    { clock, writer }: { readonly clock: Clock; readonly writer?: Writer },
    drafts: Drafts,
    candidates: Candidates,
  ) {
    this.shard = shard;
    this.clock = clock;
    this.writer = writer;
    this.drafts = drafts;
    this.candidates = candidates;
    this.examples = new Examples(shard);
  }

  /** Why the last event could not be written. */
  get writeProblem(): Said | undefined {
    return this.#writeProblem;
  }

  /** Looks whether a ledger that could not be written can be by now. */
  async probe(): Promise<void> {
    if (!this.#writeProblem || !this.writer) return;
    try {
      await this.shard.ledgers.probe(this.writer);
      this.#writeProblem = undefined;
      this.shard.emit([]);
    } catch {
      // Still so, and said already.
    }
  }

  /** @throws UserError `policy.forbids` where the reviewer may not do this with a unit */
  permit(right: Right, { unit }: Pick<Loaded, 'unit'>): void {
    const reviewer = this.writer?.reviewer;
    if (reviewer === undefined) throw new UserError('write.noReviewer');
    if (unit.key.endsWith('@und')) throw new UserError('write.noLanguage');
    if (mayDo(this.shard.policy, reviewer, unit.targetLang, right) === 'no')
      throw new UserError(`policy.forbids.${right}`, languageNamed(unit.targetLang));
  }

  /** All events of a unit with their texts. @throws UserError `ledger.changed` */
  texts(key: UnitKey): Promise<ReadonlyMap<EventId, ReviewEvent>> {
    return this.shard.ledgers.read(this.shard.ledgers.eventsOf(key));
  }

  /** The unit that the caller means, wherever it stands in a file that has changed meanwhile. */
  async good(row: number, key: UnitKey): Promise<Loaded> {
    const found = await this.shard.find(row, key);
    if (!found) throw new UserError('unit.moved');
    if ('reason' in found) throw new UserError('row.notRecord', found.line);
    return found;
  }

  /** As `good`, and its text is still the one that was seen. */
  async target(target: Target): Promise<Loaded> {
    const loaded = await this.good(target.row, target.key);
    mustBeSeen(loaded, target);
    return loaded;
  }

  async append(row: number, event: NewEvent): Promise<void> {
    this.#mayWrite(event.key);
    await this.#write(event);
    await this.shard.touch(row, event.key);
  }

  async appendBulk(events: readonly NewEvent[]): Promise<void> {
    const [first] = events;
    if (!first) return;
    this.#mayWrite(first.key);
    await this.#write({ type: 'bulk', key: first.key, line: first.line, events });
    await this.shard.touchAll(new Set(events.map(event => event.key)));
  }

  #mayWrite(key: UnitKey): void {
    if (!this.writer) throw new UserError('write.noReviewer');
    if (this.#writeProblem) throw new UserError('write.readonly', this.#writeProblem);
    if (key.endsWith('@und')) throw new UserError('write.noLanguage');
  }

  async #write(line: NewLine): Promise<void> {
    if (!this.writer) throw new UserError('write.noReviewer');
    try {
      await this.shard.ledgers.append(this.writer, [line]);
    } catch (error) {
      if (error instanceof UserError) this.#writeProblem = error.said;
      this.shard.emit([]);
      throw error;
    }
  }
}

/** @param typed texts that the reviewer's own drafts have led to just now */
export function mustBeSeen({ state }: Loaded, target: Target, typed: readonly Fingerprint[] = []): void {
  if (target.fingerprint !== state.fingerprint && !typed.includes(state.fingerprint))
    throw new UserError('unit.changed');
}
