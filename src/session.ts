/**
 * A shard under review by one person: what they see of it and what they do to it, one thing after another. The one object
 * that changes, with the desk that it works at; it knows nothing of VS Code, so that the command line and the tests drive
 * the same code. What an action does stands in `changing`, `deciding`, `undoing` and `regenerating`; here it gets its turn.
 */
import { basename, dirname, join } from 'node:path';
import type { Decision, EventId, FieldEdit, NewEvent } from './core/events';
import type { EditFrom } from './core/editing';
import { say, UserError } from './core/messages';
import { numberIn } from './core/numberIn';
import type { Right } from './core/policy';
import type {
  CheckedView,
  Direction,
  FieldText,
  IgnoredPlace,
  NextFinding,
  Place,
  Placed,
  ShardView,
  SignalsView,
  Target,
  UnitView,
  Verdict,
} from './core/protocol';
import type { MappingOverride, Side } from './core/record';
import type { Wish } from './core/regeneration';
import type { Profile } from './asking';
import { Candidates } from './io/candidates';
import { NO_CLONE } from './io/clone';
import { Drafts } from './io/drafts';
import { inTurn } from './io/inTurn';
import type { Clock, Writer } from './io/ledger';
import { writeMapping } from './io/reviewFiles';
import { commitDrafts, editOf, keepDraft, restore, settle } from './changing';
import { decide, decisionOn, keep, withdraw } from './deciding';
import { Desk, mustBeSeen, NAMED_PROBLEMS } from './desk';
import { nextFinding } from './findingSearch';
import { findOffer, moveReviews, type MoveReport, type Offer } from './moving';
import { Queue } from './queue';
import { accept, discard, regenerate, requestText, type Asker, type Watching } from './regenerating';
import { Shard } from './shard';
import { check, hashOf, unitAt } from './showing';
import { signalsOf } from './signals';
import { redo, undo } from './undoing';
import type { Loaded } from './units';

export interface SessionOptions {
  /** Absolute path of the shard. */
  readonly path: string;
  readonly clock: Clock;
  /** Who writes; until there is one the shard can be read only. */
  readonly writer?: Writer;
  /** Where typed text is kept until it is an edit; outside the repository. */
  readonly draftFile: string;
  /** The folder whose `.crossalpaca/policy.json` holds where the shard's own folder has none. */
  readonly workspaceRoot?: string;
}

/** Names offered for assigning. */
const MAX_PEOPLE = 100;
/** Who looks without a name: no reviewer is called so. */
const NOBODY = '';

export class Session {
  readonly shard: Shard;
  readonly queue: Queue;
  readonly #desk: Desk;
  /** What another file's reviews have to say of this one. */
  #offer: Offer | undefined;
  readonly #inTurn = inTurn();

  private constructor(desk: Desk) {
    const { shard, writer } = desk;
    this.shard = shard;
    this.queue = new Queue(shard, desk.candidates);
    shard.onChange(() => this.queue.follow());
    this.#desk = desk;
    void this.#lookForOffer();
    shard.viewAs(writer?.reviewer ?? NOBODY);
  }

  /** @throws UserError for a file that is no shard; nothing is written by opening */
  static async open(options: SessionOptions): Promise<Session> {
    const shard = await Shard.open(
      options.path,
      options.clock,
      options.workspaceRoot === undefined ? {} : { workspaceRoot: options.workspaceRoot },
    );
    const candidates = await Candidates.openSoon(shard.ledgers, options.writer?.clone);
    void candidates.whole.then(() => shard.emit('all'));
    return new Session(new Desk(shard, options, await Drafts.open(options.draftFile), candidates));
  }

  async #lookForOffer(): Promise<void> {
    await this.shard.matched;
    const before = this.#offer;
    this.#offer = await findOffer(this.shard, this.#desk.clock).catch(() => undefined);
    if (before || this.#offer) this.shard.emit([]);
  }

  /** Takes the reviews along that were made under another name of the file. */
  moveFrom(name: string): Promise<MoveReport> {
    return this.#exclusive(async () => {
      const report = await moveReviews(join(dirname(this.shard.path), name), this.shard, this.#desk.clock);
      await this.#lookForOffer();
      return report;
    });
  }

  get writer(): Writer | undefined {
    return this.#desk.writer;
  }

  setWriter(writer: Writer | undefined): void {
    this.#desk.writer = writer;
    this.#desk.candidates.clone = writer?.clone ?? NO_CLONE;
    this.shard.viewAs(writer?.reviewer ?? NOBODY);
    // What is hidden from one may be shown to another.
    this.shard.emit(this.shard.policy.blind ? 'all' : []);
  }

  /** Looks again at what is on disk, also whether a ledger that could not be written can be by now. */
  async refresh(): Promise<void> {
    await this.shard.refresh();
    await this.#desk.candidates.refresh();
    await this.#desk.probe();
  }

  view(): Omit<ShardView, 'backend' | 'lookAhead'> {
    const { policyProblem, glossaryProblem, fileProblem, ...facts } = this.shard.facts;
    const { problems } = this.shard.ledgers;
    const skipped = problems
      .slice(0, NAMED_PROBLEMS)
      .map(({ file, line, reason }) =>
        say('ledger.lineSkipped', `${basename(dirname(file))}/${basename(file)}`, line, reason),
      );
    const more = problems.length - skipped.length;
    return {
      ...facts,
      queue: this.queue.view,
      offer: this.#offer ?? null,
      reviewer: this.#desk.writer?.reviewer ?? null,
      reasons: this.shard.policy.reasons,
      people: this.#people(),
      readonly: this.#desk.writeProblem ?? null,
      problems: [
        ...(policyProblem ? [policyProblem] : []),
        ...(glossaryProblem ? [glossaryProblem] : []),
        ...(fileProblem ? [fileProblem] : []),
        ...skipped,
        ...(more > 0 ? [say('ledger.moreSkipped', more)] : []),
      ],
    };
  }

  /** Everybody who can be thought of for a unit. */
  #people(): string[] {
    const { reviewers, adjudicators } = this.shard.policy;
    const named = [reviewers, adjudicators].flatMap(each => Object.values(each ?? {}).flat());
    const all = new Set([
      ...named,
      ...this.shard.ledgers.reviewers,
      ...(this.#desk.writer ? [this.#desk.writer.reviewer] : []),
    ]);
    return [...all].slice(0, MAX_PEOPLE).sort();
  }

  /** A record of the queue, or one by its row or key, and where it stands in the queue. */
  async place(place: Place): Promise<Placed> {
    const { index } = this.shard;
    if ('row' in place && place.row >= index.rows) await index.whole;
    const last = this.shard.index.rows - 1;
    // Of a file that has become shorter the last record is shown, unless the one that is meant stands elsewhere.
    const row = 'row' in place ? Math.min(place.row, last) : this.queue.rowAt(place.position);
    if (row === undefined) throw new UserError('row.missing', 'position' in place ? place.position + 1 : 0);
    const key = 'row' in place ? place.key : null;
    let view = await this.unit(row);
    if (key !== null && !(view.kind === 'unit' && view.key === key)) {
      const moved = await this.shard.matching.find(key, row);
      if (moved !== undefined) view = await this.unit(moved);
    }
    const hint = 'position' in place ? place.position : undefined;
    const { position, isIn } = this.queue.place(view.row, hint);
    return { view, position, isInQueue: isIn };
  }

  /**
   * The row that a person means by its number, by a line of the file, or by a key or id; undefined if there is none.
   * @param line how a line is called in the language of the interface, with `{0}` for its number
   */
  async rowNamed(text: string, line: string): Promise<number | undefined> {
    const { index } = this.shard;
    const number = numberIn(text, '{0}');
    const lineNumber = numberIn(text, line) ?? numberIn(text, 'line {0}') ?? numberIn(text, ':{0}');
    if (number !== undefined || lineNumber !== undefined) await index.whole;
    if (lineNumber !== undefined) return index.rowAtLine(lineNumber);
    const row = (number ?? 0) - 1;
    return row >= 0 && row < index.rows ? row : this.shard.matching.find(text, 0);
  }

  /** The next position of the queue, from the start again at the end, that waits for this reviewer; null if none does. */
  nextPending(after: number): Promise<number | null> {
    return this.queue.nextWaiting(after, this.#desk.writer?.reviewer);
  }

  unit(row: number): Promise<UnitView> {
    return unitAt(this.#desk, row);
  }

  /** What the checks say of a unit as it stands in the boxes. */
  check(target: Target): Promise<CheckedView> {
    return check(this.#desk, target);
  }

  /** The next record of the queue with a finding. */
  nextFinding(after: number, direction: Direction): Promise<NextFinding> {
    return nextFinding(this.shard, this.queue, after, direction);
  }

  /** Keeps typed text; resolves when it is on disk. `null` drops it. */
  draft(target: Target, side: Side, name: string, text: string | null): Promise<void> {
    // Without a look at the disk first: what is broken there must not keep text from being kept.
    return this.#inTurn(() => keepDraft(this.#desk, target, side, name, text));
  }

  commit(target: Target): Promise<UnitView> {
    return this.#act(async () => {
      await commitDrafts(this.#desk, target);
      const { row } = await this.#desk.good(target.row, target.key);
      return row;
    });
  }

  decide(target: Target, decision: Decision, verdict?: Verdict): Promise<UnitView> {
    return this.#act(() => decide(this.#desk, target, decision, verdict));
  }

  /** @param id the event whose text was shown */
  keep(target: Target, id: EventId): Promise<UnitView> {
    return this.#act(() => keep(this.#desk, target, id));
  }

  withdraw(target: Target): Promise<UnitView> {
    return this.#act(() => withdraw(this.#desk, target));
  }

  /** @param thread its first comment; null begins one */
  comment(target: Target, text: string, thread: EventId | null = null): Promise<UnitView> {
    return this.#onUnit(target, 'comment', ({ unit: { key }, line }) => {
      if (thread !== null && this.shard.ledgers.get(key, thread)?.type !== 'comment')
        throw new UserError('comment.missing');
      return { key, line, type: 'comment', text, ...(thread === null ? {} : { thread }) };
    });
  }

  /** Settles the comments of a thread. */
  resolve(target: Target, thread: EventId): Promise<UnitView> {
    return this.#onUnit(target, 'comment', ({ unit: { key }, line, state }) => {
      const said = state.comments.filter(each => each.id === thread || each.thread === thread);
      if (said.length === 0) throw new UserError('comment.missing');
      return { key, line, type: 'comment', text: '', thread, resolves: said.map(each => each.id) };
    });
  }

  /** @param to empty: nobody */
  assign(target: Target, to: string): Promise<UnitView> {
    return this.#onUnit(target, 'assign', loaded => this.assignmentOf(loaded, to));
  }

  /** Sets a finding aside as long as the text of its field stays. */
  ignore(target: Target, { check, side, field }: IgnoredPlace, reason: string): Promise<UnitView> {
    return this.#onUnit(target, 'ignore', loaded => {
      if (reason.trim() === '') throw new UserError('ignore.reason');
      // It holds for a text, so it must be for the one that the reviewer had before them.
      mustBeSeen(loaded, target);
      const text = hashOf(loaded, side, field);
      return { key: loaded.unit.key, line: loaded.line, type: 'ignore', check, side, field, text, reason };
    });
  }

  /** Takes back what this reviewer set aside. */
  stopIgnoring(target: Target, id: EventId): Promise<UnitView> {
    return this.#onUnit(target, 'comment', ({ unit: { key }, line, state }) => {
      const own = state.ignored.find(each => each.id === id && each.by === this.#desk.writer?.reviewer);
      if (!own) throw new UserError('ignore.missing');
      return { key, line, type: 'undo', undoes: id };
    });
  }

  /** What one event does to a unit, whatever its text is by now. */
  #onUnit(target: Target, right: Right, make: (loaded: Loaded) => NewEvent): Promise<UnitView> {
    return this.#act(async () => {
      const loaded = await this.#desk.good(target.row, target.key);
      this.#desk.permit(right, loaded);
      await this.#desk.append(loaded.row, make(loaded));
      return loaded.row;
    });
  }

  /** @param version one of its edits; null: the row's own text */
  restore(target: Target, version: EventId | null): Promise<UnitView> {
    return this.#act(() => restore(this.#desk, target, version));
  }

  /** @param id the text that somebody proposed */
  settle(target: Target, id: EventId, outcome: 'take' | 'dismiss'): Promise<UnitView> {
    return this.#act(() => settle(this.#desk, target, id, outcome));
  }

  /** Takes back this reviewer's last action. @returns a row concerned, or null if there is none */
  undo(): Promise<number | null> {
    return this.#exclusive(() => undo(this.#desk));
  }

  redo(): Promise<number | null> {
    return this.#exclusive(() => redo(this.#desk));
  }

  /** What asking a model takes besides a unit: for runs over many records, and for those ahead. */
  get asker(): Asker {
    return this.#desk;
  }

  /** Has a model write candidates. @throws UserError (a BackendError where the server failed); those that came stay */
  async regenerate(target: Target, wish: Wish, profile: Profile, watching: Watching): Promise<UnitView> {
    const loaded = await this.#exclusive(async () => {
      const typed = await commitDrafts(this.#desk, target);
      return typed.length > 0 ? this.#desk.good(target.row, target.key) : this.#desk.target(target);
    });
    await regenerate(this.#desk, loaded, wish, profile, watching);
    return this.unit(loaded.row);
  }

  /** The requests that `regenerate` would send. */
  async requestText(target: Target, wish: Wish, profile: Profile): Promise<string> {
    return requestText(this.#desk, await this.#desk.good(target.row, target.key), wish, profile);
  }

  /** @param texts what the reviewer made of the candidate, or takes of it; null: as it is */
  accept(target: Target, id: string, texts: readonly FieldText[] | null): Promise<UnitView> {
    return this.#act(() => accept(this.#desk, target, id, texts));
  }

  async discard(target: Target, id: string): Promise<UnitView> {
    await discard(this.#desk, target, id);
    return this.unit(target.row);
  }

  /** What the model and the texts themselves say of a candidate. */
  async signals(target: Target, id: string, profile: Profile, signal: AbortSignal): Promise<SignalsView> {
    const loaded = await this.#desk.good(target.row, target.key);
    return signalsOf(this.#desk, loaded, id, profile, signal);
  }

  /** Settles the languages of the shard for everybody, in `mapping.json` beside its ledgers. */
  async setLanguages(mapping: MappingOverride): Promise<void> {
    if (!this.#desk.writer) throw new UserError('write.noReviewer');
    await this.shard.ledgers.prepare();
    await writeMapping(this.shard.ledgers.folder, mapping);
    await this.shard.reopen();
  }

  // Of a change to many records (`bulk.ts`): what it would do to each is worked out and shown before any of it is done.

  /** @throws UserError `policy.forbids` where the reviewer may not do this with a unit */
  permit(right: Right, loaded: Pick<Loaded, 'unit'>): void {
    this.#desk.permit(right, loaded);
  }

  /**
   * The event that decides on a unit as it stands.
   * @throws UserError where the policy forbids it: `approve.blocked`, `dispute.reason`, `reason.unknown`
   */
  decisionOn(seen: Loaded, decision: Decision, verdict: Verdict): NewEvent {
    return decisionOn(this.#desk, seen, decision, verdict);
  }

  /** The event that assigns a unit. */
  assignmentOf({ unit, line, state }: Loaded, to: string): NewEvent {
    return { key: unit.key, line, type: 'assign', to, replaces: state.assignments.map(each => each.id) };
  }

  /** @returns undefined if the fields hold that text already */
  editOf(loaded: Loaded, changes: readonly FieldEdit[], from?: EditFrom, settles?: readonly EventId[]) {
    return editOf(this.#desk, loaded, changes, from, settles);
  }

  /** Does many things at once: as one event, which one undo takes back. @throws UserError `ledger.notWritten` */
  bulk(events: readonly NewEvent[]): Promise<void> {
    return this.#exclusive(() => this.#desk.appendBulk(events));
  }

  /** An action in its turn. @returns the unit as it stands after it, of whose row the action tells */
  #act(action: () => Promise<number>): Promise<UnitView> {
    return this.#exclusive(async () => this.unit(await action()));
  }

  /** The reviewer's actions take turns: each sees the whole effect of the one before, and what others did by then. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.shard.refresh();
      // What was read of it last may still be known; nothing is decided on a file that is not there.
      if (this.shard.isGone) throw new UserError('file.gone', this.shard.path);
      return work();
    });
  }
}
