/**
 * A shard under review by one person: what they see of it and what they do to it. The one object that changes; it knows
 * nothing of VS Code, so that the command line and the tests drive the same code.
 */
import { basename, dirname, join } from 'node:path';
import { findingsBy } from './core/checks';
import {
  saidIn,
  type Decision,
  type EditEvent,
  type EventId,
  type FieldEdit,
  type NewEvent,
  type ReviewEvent,
} from './core/events';
import { makeEdit, textBefore, textBeforeStale, wholeText, type EditFrom } from './core/editing';
import type { DecideFacts, EditFacts, EventFacts } from './core/eventFacts';
import { textAt, undoneBy, type UnitState } from './core/fold';
import { english, say, UserError, type Said } from './core/messages';
import { mayDo, type Right } from './core/policy';
import { answerTokens, SAMPLING, translationPrompt } from './core/prompt';
import {
  MAX_RIVALS,
  type CandidateView,
  type FindingPlace,
  type Place,
  type Placed,
  type ShardView,
  type Target,
  type UnitView,
  type Verdict,
} from './core/protocol';
import { fingerprint, type Fingerprint, type MappingOverride, type Side, type UnitKey } from './core/record';
import { undoStacks } from './core/undo';
import { unitView } from './core/view';
import { Candidates, type Candidate } from './io/candidates';
import { Drafts, type Draft } from './io/drafts';
import { generate, type Backend } from './io/inference';
import { CANDIDATES, type Clock, type NewLine, type Writer } from './io/ledger';
import { sha256 } from './io/passes';
import { writeMapping } from './io/reviewFiles';
import { findOffer, moveReviews, type MoveReport, type Offer } from './moving';
import { Queue } from './queue';
import { Shard } from './shard';
import type { Bad, Loaded } from './units';

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

/** UTF-16 units of an approved text that is kept in the event; a ledger is no place for more. */
const MAX_APPROVED_UNITS = 1 << 20;
/** Why an action is passed over by undo. */
const CANNOT_BE_UNDONE: readonly string[] = ['row.missing', 'row.notRecord', 'unit.moved', 'undo.landed'];
/** Names offered for assigning. */
const MAX_PEOPLE = 100;
/** Who looks without a name: no reviewer is called so. */
const NOBODY = '';
const NO_VERDICT: Verdict = { reasons: [], note: '' };
/** Ledger lines set aside that are named; the others are counted. */
const NAMED_PROBLEMS = 3;

export class Session {
  readonly shard: Shard;
  readonly queue: Queue;
  readonly #clock: Clock;
  readonly #drafts: Drafts;
  readonly #candidates: Candidates;
  #writer: Writer | undefined;
  #writeProblem: Said | undefined;
  /** What another file's reviews have to say of this one. */
  #offer: Offer | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(options: SessionOptions, shard: Shard, drafts: Drafts, candidates: Candidates) {
    this.shard = shard;
    this.queue = new Queue(shard);
    shard.onChange(() => this.queue.follow());
    void this.#lookForOffer();
    this.#clock = options.clock;
    this.#writer = options.writer;
    shard.viewAs(options.writer?.reviewer ?? NOBODY);
    this.#drafts = drafts;
    this.#candidates = candidates;
  }

  /** @throws UserError for a file that is no shard; nothing is written by opening */
  static async open(options: SessionOptions): Promise<Session> {
    const shard = await Shard.open(
      options.path,
      options.clock,
      options.workspaceRoot === undefined ? {} : { workspaceRoot: options.workspaceRoot },
    );
    const candidates = await Candidates.open(join(shard.ledgers.folder, CANDIDATES));
    return new Session(options, shard, await Drafts.open(options.draftFile), candidates);
  }

  async #lookForOffer(): Promise<void> {
    await this.shard.matched;
    const before = this.#offer;
    this.#offer = await findOffer(this.shard, this.#clock).catch(() => undefined);
    if (before || this.#offer) this.shard.emit([]);
  }

  /** Takes the reviews along that were made under another name of the file. */
  moveFrom(name: string): Promise<MoveReport> {
    return this.#exclusive(async () => {
      const report = await moveReviews(join(dirname(this.shard.path), name), this.shard, this.#clock);
      await this.#lookForOffer();
      return report;
    });
  }

  get writer(): Writer | undefined {
    return this.#writer;
  }

  setWriter(writer: Writer | undefined): void {
    this.#writer = writer;
    this.shard.viewAs(writer?.reviewer ?? NOBODY);
    // What is hidden from one may be shown to another.
    this.shard.emit(this.shard.policy.blind ? 'all' : []);
  }

  /** Looks again at what is on disk, also whether a ledger that could not be written can be by now. */
  async refresh(): Promise<void> {
    await this.shard.refresh();
    if (!this.#writeProblem || !this.#writer) return;
    try {
      await this.shard.ledgers.probe(this.#writer);
      this.#writeProblem = undefined;
      this.shard.emit([]);
    } catch {
      // Still so, and said already.
    }
  }

  view(): Omit<ShardView, 'backend'> {
    const { policyProblem, fileProblem, ...facts } = this.shard.facts;
    const { problems } = this.shard.ledgers;
    const skipped = problems
      .slice(0, NAMED_PROBLEMS)
      .map(({ file, line, reason }) =>
        say('ledger.lineSkipped', `${basename(dirname(file))}/${basename(file)}`, line, english(reason)),
      );
    const more = problems.length - skipped.length;
    return {
      ...facts,
      queue: this.queue.view,
      offer: this.#offer ?? null,
      reviewer: this.#writer?.reviewer ?? null,
      reasons: this.shard.policy.reasons,
      people: this.#people(),
      readonly: this.#writeProblem ?? null,
      problems: [
        ...(policyProblem ? [policyProblem] : []),
        ...(fileProblem ? [fileProblem] : []),
        ...skipped,
        ...(more > 0 ? [say('ledger.moreSkipped', more)] : []),
      ],
    };
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

  /** The row that a person means by its number, by `line` and a number, or by a key or id; undefined if there is none. */
  async rowNamed(text: string): Promise<number | undefined> {
    const { index } = this.shard;
    const number = /^\d{1,15}$/.exec(text)?.[0];
    const line = /^(?:line|:)\s*(\d{1,15})$/i.exec(text)?.[1];
    if (number !== undefined || line !== undefined) await index.whole;
    if (line !== undefined) return index.rowAtLine(Number(line));
    const row = number === undefined ? -1 : Number(number) - 1;
    return row >= 0 && row < index.rows ? row : this.shard.matching.find(text, 0);
  }

  /** The next position of the queue, from the start again at the end, that waits for this reviewer; null if none does. */
  nextPending(after: number): Promise<number | null> {
    return this.queue.nextWaiting(after, this.#writer?.reviewer);
  }

  unit(row: number): Promise<UnitView> {
    return this.shard.ledgers.readSteadily(() => this.#unit(row));
  }

  async #unit(row: number): Promise<UnitView> {
    const loaded = await this.shard.load(row);
    if ('reason' in loaded) return { kind: 'bad', ...loaded };
    const { key } = loaded.unit;
    const seen = this.shard.seen(loaded);
    return unitView({
      ...seen,
      findings: this.shard.findings(seen),
      events: this.shard.eventsSeen(loaded),
      texts: await this.#texts(key),
      drafts: this.#drafts.of(key),
      candidates: this.#candidates.of(key).map(each => this.#candidateView(loaded, each)),
      policy: this.shard.policy,
      reviewer: this.#writer?.reviewer,
      blind: this.shard.isBlind(loaded),
    });
  }

  /** All events of a unit with their texts. @throws UserError `ledger.changed` */
  #texts(key: UnitKey): Promise<ReadonlyMap<EventId, ReviewEvent>> {
    return this.shard.ledgers.read(this.shard.ledgers.eventsOf(key));
  }

  /** Everybody who can be thought of for a unit. */
  #people(): string[] {
    const { reviewers, adjudicators } = this.shard.policy;
    const named = [reviewers, adjudicators].flatMap(each => Object.values(each ?? {}).flat());
    const all = new Set([
      ...named,
      ...this.shard.ledgers.reviewers,
      ...(this.#writer ? [this.#writer.reviewer] : []),
    ]);
    return [...all].slice(0, MAX_PEOPLE).sort();
  }

  /** Keeps typed text; resolves when it is on disk. `null` drops it. */
  draft(target: Target, side: Side, name: string, text: string | null): Promise<void> {
    // Without a look at the disk first: what is broken there must not keep text from being kept.
    return this.#inTurn(async () => {
      const place = { key: target.key, side, name };
      if (text === null) return this.#drafts.drop([place]);
      const known = this.#drafts.of(target.key).find(draft => draft.side === side && draft.name === name);
      const { head, fingerprint } = known ?? (await this.#seen(target));
      return this.#drafts.set({ ...place, text, head, fingerprint });
    });
  }

  commit(target: Target): Promise<UnitView> {
    return this.#exclusive(async () => {
      await this.#commitDrafts(target);
      const { row } = await this.#good(target.row, target.key);
      return this.unit(row);
    });
  }

  decide(target: Target, decision: Decision, verdict: Verdict = NO_VERDICT): Promise<UnitView> {
    return this.#exclusive(async () => {
      const typed = await this.#commitDrafts(target);
      const seen = await this.#good(target.row, target.key);
      this.permit(decision === 'skip' ? 'skip' : 'decide', seen);
      const { row, unit, state } = seen;
      let kept = seen;
      if (state.state === 'conflict' && decision !== 'skip') {
        // What was just typed may rival an edit that came meanwhile: then neither was chosen by seeing both.
        const rival = typed.length > 0 ? undefined : rivalOf(seen, target.fingerprint);
        if (!rival) throw new UserError('unit.conflict');
        if (state.heads.length > MAX_RIVALS) throw new UserError('unit.tooManyRivals', state.heads.length);
        const view = await this.unit(row);
        const shown = view.kind === 'unit' ? view.rivals.find(each => each.id === rival.id) : undefined;
        if (shown?.cut !== false) throw new UserError('unit.rivalTooLong');
        // One of the texts as it is shown, by an edit that replaces all of them.
        const text = wholeText(unit, rival, seen.edits);
        const parents = state.heads.map(head => head.id);
        await this.#edit(row, unit.key, text, {}, { basis: undefined, parents });
        kept = await this.#settled(row, unit.key);
      } else if (state.state !== 'conflict') {
        this.#mustBeSeen(seen, target, typed);
      }
      await this.#appendDecision(kept, decision, verdict);
      return this.unit(row);
    });
  }

  /** A unit after an edit of this reviewer. @throws UserError if somebody else's came at the same moment */
  async #settled(row: number, key: UnitKey): Promise<Loaded> {
    const loaded = await this.#good(row, key);
    if (loaded.state.state === 'conflict') throw new UserError('unit.conflict');
    return loaded;
  }

  /** Decides on the very text that was looked at, whatever has come since. */
  async #appendDecision(seen: Loaded, decision: Decision, verdict: Verdict): Promise<void> {
    await this.#append(seen.row, this.decisionOn(seen, decision, await this.#again(seen, decision, verdict)));
  }

  /** What settled a dispute is said again with a decision that takes the place of that one and says nothing itself. */
  async #again({ unit, state }: Loaded, decision: Decision, verdict: Verdict): Promise<Verdict> {
    const before = this.#ownDecision(state, decision);
    if (!before?.settles || verdict.reasons.length > 0 || verdict.note.trim() !== '') return verdict;
    const event = (await this.#texts(unit.key)).get(before.id);
    return event?.type === 'decide' ? { reasons: event.reasons, note: event.note ?? '' } : verdict;
  }

  /** This reviewer's decision of a kind on the current text. */
  #ownDecision({ decisions, fingerprint }: UnitState, decision: Decision): DecideFacts | undefined {
    const reviewer = this.#writer?.reviewer;
    return decisions.find(
      each => each.by === reviewer && each.fingerprint === fingerprint && each.decision === decision,
    );
  }

  /**
   * The event that decides on a unit as it stands.
   * @throws UserError where the policy forbids it: `approve.blocked`, `dispute.reason`, `reason.unknown`
   */
  decisionOn(seen: Loaded, decision: Decision, { reasons, note }: Verdict): NewEvent {
    const { unit, line, state, target } = seen;
    const { policy } = this.shard;
    const reviewer = this.#writer?.reviewer ?? '';
    const unknown = reasons.find(id => !policy.reasons.some(each => each.id === id));
    if (unknown !== undefined) throw new UserError('reason.unknown', unknown);
    const [blocking] = decision === 'approve' ? this.shard.blocking(seen) : [];
    if (blocking) throw new UserError('approve.blocked', blocking.field, english(blocking.message));
    const onThis = state.decisions.filter(
      each => each.fingerprint === state.fingerprint && each.by !== reviewer && each.decision !== 'skip',
    );
    const against = onThis.filter(each => (each.decision === 'approve') !== (decision === 'approve'));
    const settles =
      state.state === 'disputed' &&
      decision !== 'skip' &&
      against.length > 0 &&
      mayDo(policy, reviewer, unit.targetLang, 'adjudicate') === 'yes';
    if (settles && reasons.length === 0 && note.trim() === '') throw new UserError('dispute.reason');
    // What one's own decision has settled stays settled by the one that takes its place.
    const before = this.#ownDecision(state, decision);
    const aside = [
      ...new Set([...(before?.settles ?? []), ...(settles ? against.map(each => each.id) : [])]),
    ];
    // Before the policy broke everything may have been shown.
    const isBlind = this.shard.isBlind(seen) && this.shard.facts.policyProblem === undefined;
    const hadSeen = this.shard.ledgers
      .eventsOf(unit.key)
      .some(
        each =>
          each.type === 'decide' &&
          each.by === reviewer &&
          each.decision !== 'skip' &&
          each.fingerprint === state.fingerprint,
      );
    const size = target.reduce((sum, { text }) => sum + text.length, 0);
    return {
      key: unit.key,
      line,
      type: 'decide',
      decision,
      fingerprint: state.fingerprint,
      head: state.heads.map(head => head.id),
      reasons,
      ...(note.trim() === '' ? {} : { note }),
      ...(aside.length > 0 ? { settles: aside } : {}),
      ...(isBlind && !hadSeen ? { blind: true as const } : {}),
      ...(decision === 'approve' && size <= MAX_APPROVED_UNITS
        ? { target: target.map(field => [field.name, field.text] as const) }
        : {}),
    };
  }

  /** @throws UserError `policy.forbids` where the reviewer may not do this with a unit */
  permit(right: Right, { unit }: Pick<Loaded, 'unit'>): void {
    const reviewer = this.#writer?.reviewer;
    if (reviewer === undefined) throw new UserError('write.noReviewer');
    if (unit.key.endsWith('@und')) throw new UserError('write.noLanguage');
    if (mayDo(this.shard.policy, reviewer, unit.targetLang, right) === 'no')
      throw new UserError(`policy.forbids.${right}`, unit.targetLang);
  }

  /**
   * Gives a stale unit the text back that it had before, and approves that.
   * @param id the event whose text was shown
   */
  keep(target: Target, id: EventId): Promise<UnitView> {
    return this.#exclusive(async () => {
      await this.#commitDrafts(target);
      const loaded = await this.#target(target);
      const { row, unit } = loaded;
      this.permit('decide', loaded);
      const before = textBeforeStale(unit, this.shard.seen(loaded).state, await this.#texts(unit.key));
      if (!before) throw new UserError('unit.notStale');
      // Another one has come since it was shown.
      if (before.event.id !== id) throw new UserError('unit.changed');
      const changes = before.target.map(field => ({ side: 'target' as const, ...field }));
      await this.#edit(row, unit.key, changes, {});
      await this.#appendDecision(await this.#settled(row, unit.key), 'approve', NO_VERDICT);
      return this.unit(row);
    });
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

  /** The event that assigns a unit. */
  assignmentOf({ unit, line, state }: Loaded, to: string): NewEvent {
    return { key: unit.key, line, type: 'assign', to, replaces: state.assignments.map(each => each.id) };
  }

  /** Takes all decisions of this reviewer on the current text back: an earlier one is not what they mean now. */
  withdraw(target: Target): Promise<UnitView> {
    return this.#exclusive(async () => {
      const loaded = await this.#good(target.row, target.key);
      const { row, unit, line, state } = loaded;
      const { key } = unit;
      this.permit('skip', loaded);
      const events = this.shard.ledgers.eventsOf(key);
      const undone = undoneBy(events);
      const mine = events.filter(
        event =>
          event.type === 'decide' &&
          event.by === this.#writer?.reviewer &&
          event.fingerprint === state.fingerprint &&
          !undone.has(event.id),
      );
      const undos = mine.map(({ id }) => ({ key, line, type: 'undo', undoes: id }) as const);
      const [first] = undos;
      if (!first) throw new UserError('decision.none');
      if (undos.length === 1) await this.#append(row, first);
      else await this.#appendBulk(undos);
      return this.unit(row);
    });
  }

  /** Sets a finding aside as long as the text of its field stays. */
  ignore(target: Target, { check, side, field }: FindingPlace, reason: string): Promise<UnitView> {
    return this.#onUnit(target, 'ignore', loaded => {
      if (reason.trim() === '') throw new UserError('ignore.reason');
      const own = loaded[side].find(each => each.name === field)?.text ?? '';
      const text = sha256(own).slice(0, 32) as Target['fingerprint'];
      return { key: loaded.unit.key, line: loaded.line, type: 'ignore', check, side, field, text, reason };
    });
  }

  /** What one event does to a unit, whatever its text is by now. */
  #onUnit(target: Target, right: Right, make: (loaded: Loaded) => NewEvent): Promise<UnitView> {
    return this.#exclusive(async () => {
      const loaded = await this.#good(target.row, target.key);
      this.permit(right, loaded);
      await this.#append(loaded.row, make(loaded));
      return this.unit(loaded.row);
    });
  }

  /** Gives the unit the text of one of its edits, or the row's own. */
  restore(target: Target, version: EventId | null): Promise<UnitView> {
    return this.#exclusive(async () => {
      const typed = await this.#commitDrafts(target);
      const loaded = await this.#good(target.row, target.key);
      const { row, unit, state } = loaded;
      if (state.state === 'conflict') throw new UserError('unit.conflict');
      // It takes the place of the current text, which must not be one that nobody saw.
      this.#mustBeSeen(loaded, target, typed);
      const texts = await this.#texts(unit.key);
      const edit = version === null ? undefined : texts.get(version);
      if (version !== null && edit?.type !== 'edit') throw new UserError('version.missing');
      await this.#edit(row, unit.key, wholeText(unit, edit, texts), {});
      return this.unit(row);
    });
  }

  /** Takes a text that somebody proposed, or dismisses it: an edit either way, which names the proposal. */
  settle(target: Target, id: EventId, outcome: 'take' | 'dismiss'): Promise<UnitView> {
    return this.#exclusive(async () => {
      await this.#commitDrafts(target);
      const loaded = await this.#target(target);
      const { row, unit, state, edits } = loaded;
      const proposal = state.proposals.find(each => each.id === id);
      if (!proposal) throw new UserError('proposal.missing');
      mustBeOneText(loaded);
      this.permit(proposal.source ? 'accept-source' : 'accept', loaded);
      const event = edits.get(id);
      // Only what it changes: the rest may have been mended since.
      const proposed = event?.type === 'edit' ? event.fields : [];
      await this.#edit(
        row,
        unit.key,
        outcome === 'take' ? proposed : [],
        { settles: [id] },
        { ...basisOf(loaded, [id]), settled: [id] },
      );
      return this.unit(row);
    });
  }

  /** Takes back this reviewer's last action. @returns a row concerned, or null if there is none */
  undo(): Promise<number | null> {
    return this.#exclusive(async () => {
      for (const { events } of undoStacks(this.#mine()).done.toReversed()) {
        const row = await this.#appendParts(events, event => this.#takingBack(event));
        // Where all its records are gone, or it was written into the file, the one before it can still be taken back.
        if (row !== null) return row;
      }
      return null;
    });
  }

  async #takingBack(action: EventFacts): Promise<Part | undefined> {
    const loaded = await this.#locate(action);
    if (action.type === 'edit') {
      const event = await this.#reverting(loaded, action);
      return event && { row: loaded.row, event };
    }
    const { unit, line, row } = loaded;
    return { row, event: { key: unit.key, line, type: 'undo', undoes: action.id } };
  }

  redo(): Promise<number | null> {
    return this.#exclusive(async () => {
      const undone = undoStacks(this.#mine()).undone.at(-1);
      if (!undone) return null;
      const { action, by } = undone;
      return this.#appendParts(action.events, each => {
        const undoing = by.events.find(event => 'undoes' in event && event.undoes === each.id);
        return undoing ? this.#doingAgain(each, undoing) : Promise.resolve(undefined);
      });
    });
  }

  async #doingAgain(action: EventFacts, undoing: EventFacts): Promise<Part | undefined> {
    const loaded = await this.#locate(action);
    const { row, unit, line, state } = loaded;
    const event = (await this.#texts(unit.key)).get(action.id);
    if (event?.type === 'edit') {
      const isThere = undoing.type === 'edit' && undoing.result === state.fingerprint;
      if (!isThere || state.heads.length > 1) throw new UserError('undo.editedSince');
      const { candidate, settles } = event;
      const from = settles && { ...basisOf(loaded, settles), settled: settles };
      const edit = this.editOf(loaded, event.fields, from, settles);
      const more = { ...(candidate ? { candidate } : {}), ...(settles ? { settles } : {}) };
      return edit && { row, event: { ...edit, redoes: undoing.id, ...more } };
    }
    if (!event || event.type === 'undo') return undefined;
    return { row, event: { ...saidIn(event), line, redoes: undoing.id } };
  }

  /**
   * Appends what is made of each part of an action, as one action again.
   * @returns a row concerned, or null where nothing could be made of any part
   */
  async #appendParts(
    events: readonly EventFacts[],
    make: (event: EventFacts) => Promise<Part | undefined>,
  ): Promise<number | null> {
    const parts: Part[] = [];
    let edited: UserError | undefined;
    for (const event of events) {
      try {
        const part = await make(event);
        if (part) parts.push(part);
      } catch (error) {
        const isOver = error instanceof UserError && CANNOT_BE_UNDONE.includes(error.said.id);
        // Of a bulk what was edited since stays as it is.
        if (error instanceof UserError && error.said.id === 'undo.editedSince') edited = error;
        else if (!isOver) throw error;
      }
    }
    const [first] = parts;
    if (!first && edited) throw edited;
    if (!first) return null;
    if (events.length === 1) await this.#append(first.row, first.event);
    else await this.#appendBulk(parts.map(part => part.event));
    return first.row;
  }

  /** Does many things at once: as one event, which one undo takes back. @throws UserError `ledger.notWritten` */
  bulk(events: readonly NewEvent[]): Promise<void> {
    return this.#exclusive(() => this.#appendBulk(events));
  }

  async #appendBulk(events: readonly NewEvent[]): Promise<void> {
    const [first] = events;
    if (!first) return;
    this.#mayWrite(first.key);
    await this.#write({ type: 'bulk', key: first.key, line: first.line, events });
    await this.shard.touchAll(new Set(events.map(event => event.key)));
  }

  /**
   * Asks a model for a new text of one target field and keeps it as a candidate; the unit itself stays as it is.
   * @param onDelta gets the text as it comes
   * @throws UserError (a BackendError where the server failed)
   */
  async regenerate(
    target: Target,
    name: string,
    backend: Backend,
    { onDelta, signal }: { onDelta: (text: string) => void; signal: AbortSignal },
  ): Promise<UnitView> {
    const {
      unit,
      source,
      target: text,
      state,
    } = await this.#exclusive(async () => {
      const typed = await this.#commitDrafts(target);
      return typed.length > 0 ? this.#good(target.row, target.key) : this.#target(target);
    });
    const original = source.find(field => field.name === name)?.text ?? '';
    if (original.trim() === '') throw new UserError('regenerate.emptySource', name);
    const messages = translationPrompt({ ...unit, source, target: text }, name);
    const parameters = { ...SAMPLING, maxTokens: answerTokens(original) };
    const answer = await generate(backend, { messages, ...parameters }, { onDelta, signal });
    await this.#candidates.add(await this.#candidateFile(), {
      id: this.#clock.newId(),
      key: unit.key,
      name,
      text: answer.text.trim(),
      model: answer.model,
      parameters,
      prompt: sha256(JSON.stringify(messages)).slice(0, 16),
      fingerprint: state.fingerprint,
    });
    return this.unit(target.row);
  }

  /** Makes an edit of a candidate as it is, or of the text that the reviewer made of it. */
  accept(target: Target, id: string, text: string | null): Promise<UnitView> {
    return this.#exclusive(async () => {
      const candidate = this.#candidates.get(id);
      if (candidate?.key !== target.key) throw new UserError('candidate.missing');
      const { name, model, parameters, prompt } = candidate;
      const accepted = text ?? candidate.text;
      const loaded = await this.#target(target);
      mustBeOneText(loaded);
      const { row } = loaded;
      await this.#edit(row, target.key, [{ side: 'target', name, text: accepted }], {
        candidate: { model, parameters, prompt },
      });
      await this.#drafts.drop([{ key: target.key, side: 'target', name }]);
      await this.#candidates.discard(await this.#candidateFile(), id);
      return this.unit(row);
    });
  }

  async discard(target: Target, id: string): Promise<UnitView> {
    await this.#candidates.discard(await this.#candidateFile(), id);
    return this.unit(target.row);
  }

  /** Settles the languages of the shard for everybody, in `mapping.json` beside its ledgers. */
  async setLanguages(mapping: MappingOverride): Promise<void> {
    if (!this.#writer) throw new UserError('write.noReviewer');
    await this.shard.ledgers.prepare();
    await writeMapping(this.shard.ledgers.folder, mapping);
    await this.shard.reopen();
  }

  /** The unit that the caller means, wherever it stands in a file that has changed meanwhile. */
  async #good(row: number, key: UnitKey): Promise<Loaded> {
    const isIt = (each: Loaded | Bad): each is Loaded => !('reason' in each) && each.unit.key === key;
    const loaded = await this.shard.load(row, key).catch(ignoreMissing);
    if (loaded && isIt(loaded)) return loaded;
    const moved = await this.shard.matching.find(key, row);
    const found = moved === undefined ? undefined : await this.shard.load(moved, key);
    if (found && isIt(found)) return found;
    throw loaded && 'reason' in loaded
      ? new UserError('row.notRecord', loaded.line)
      : new UserError('unit.moved');
  }

  /** The unit of an event. */
  async #locate({ key }: EventFacts): Promise<Loaded> {
    const row = (await this.shard.matching.locate([key])).get(key)?.at(-1);
    if (row === undefined) throw new UserError('unit.moved');
    return this.#good(row, key);
  }

  /** As `#good`, and its text is still the one that was seen. */
  async #target(target: Target): Promise<Loaded> {
    const loaded = await this.#good(target.row, target.key);
    this.#mustBeSeen(loaded, target);
    return loaded;
  }

  /** @param typed texts that the reviewer's own drafts have led to just now */
  #mustBeSeen({ state }: Loaded, target: Target, typed: readonly Fingerprint[] = []): void {
    if (target.fingerprint !== state.fingerprint && !typed.includes(state.fingerprint))
      throw new UserError('unit.changed');
  }

  /** The edits on whose text the reviewer began, also where another one has come since: then the two rival. */
  async #seen(target: Target): Promise<Pick<Draft, 'head' | 'fingerprint'>> {
    const { state, rowFingerprint } = await this.#good(target.row, target.key);
    const { fingerprint } = target;
    if (fingerprint === state.fingerprint) return { head: state.heads.map(edit => edit.id), fingerprint };
    if (fingerprint === rowFingerprint) return { head: [], fingerprint };
    const events = this.shard.ledgers.eventsOf(target.key);
    const edit = events.find(event => event.type === 'edit' && event.result === fingerprint);
    if (!edit) throw new UserError('unit.changed');
    return { head: [edit.id], fingerprint };
  }

  /** @returns the texts that they led to: none where there were none, or they said nothing new */
  async #commitDrafts(target: Target): Promise<Fingerprint[]> {
    const drafts = this.#drafts.of(target.key);
    const loaded = await this.#good(target.row, target.key);
    const made: Fingerprint[] = [];
    for (const began of new Set(drafts.map(draft => draft.fingerprint)))
      made.push(
        ...(await this.#commitGroup(
          loaded,
          drafts.filter(draft => draft.fingerprint === began),
        )),
      );
    return made;
  }

  /** Drafts that began from one text become one edit of that text, whatever has happened to the unit since. */
  async #commitGroup(loaded: Loaded, drafts: readonly Draft[]): Promise<Fingerprint[]> {
    const [first] = drafts;
    if (!first) return [];
    const { row, unit } = loaded;
    const texts = await this.#texts(unit.key);
    const seen = first.head.map(id => texts.get(id)).filter(event => event?.type === 'edit');
    const basis = seen.find(edit => edit.result === first.fingerprint);
    const began = (side: Side) => textAt(unit, side, basis, texts);
    if (fingerprint(began('source'), began('target'), sha256) !== first.fingerprint) {
      throw new UserError('draft.rowChanged');
    }
    const made: Fingerprint[] = [];
    const of = (side: Side) => drafts.filter(draft => draft.side === side);
    // What is proposed of the source must not hold up what is mended in the target.
    const isOne = this.#holds(drafts, loaded);
    for (const changes of isOne ? [drafts] : [of('target'), of('source')]) {
      if (changes.length === 0) continue;
      const result = await this.#edit(row, unit.key, changes, {}, { basis, parents: first.head });
      if (result !== undefined) made.push(result);
      await this.#drafts.drop(changes);
    }
    return made;
  }

  /** Appends an edit of the current text. @returns undefined, and appends nothing, if the fields hold that text already */
  async #edit(
    row: number,
    key: UnitKey,
    changes: readonly FieldEdit[],
    more: Pick<EditEvent, 'candidate' | 'undoes' | 'redoes' | 'settles'>,
    from?: EditFrom,
  ): Promise<Fingerprint | undefined> {
    const edit = this.editOf(await this.#good(row, key), changes, from, more.settles);
    if (edit) await this.#append(row, { ...edit, ...more });
    return edit?.result;
  }

  /**
   * The edit that some changes of fields make of a unit as it stands.
   * @param from what it starts from; left out: the current text
   * @param settles the proposals that it takes or dismisses
   * @returns undefined if the fields hold that text already
   * @throws UserError where the policy lets this reviewer not even propose it
   */
  editOf(loaded: Loaded, changes: readonly FieldEdit[], from?: EditFrom, settles?: readonly EventId[]) {
    const { state, edits } = loaded;
    this.permit('edit', loaded);
    const start = from ?? basisOf(loaded);
    const edit = makeEdit(loaded, start, changes, edits, sha256);
    if (!edit) return undefined;
    const source = edit.fields.some(field => field.side === 'source');
    if (source) this.permit('edit-source', loaded);
    if (settles || this.#holds(edit.fields, loaded)) return edit;
    // A further proposal takes the place of one's own that waits, and goes on saying what that said of other fields.
    const mine = state.proposals.filter(each => each.by === this.#writer?.reviewer && each.source === source);
    if (mine.length === 0) return edit;
    const said = mine.toReversed().flatMap(({ id }) => {
      const event = edits.get(id);
      return event?.type === 'edit' ? event.fields : [];
    });
    const parents = [...new Set([...start.parents, ...mine.map(each => each.id)])];
    return makeEdit(loaded, { ...start, parents }, [...changes, ...said], edits, sha256);
  }

  /** Whether this reviewer's edit of some fields holds by itself; else it is a proposal. */
  #holds(fields: readonly FieldEdit[], { unit }: Loaded): boolean {
    const right = fields.some(field => field.side === 'source') ? 'edit-source' : 'edit';
    return mayDo(this.shard.policy, this.#writer?.reviewer ?? '', unit.targetLang, right) === 'yes';
  }

  /** The edit that takes another one back, to the text of its parent. */
  async #reverting(loaded: Loaded, edit: EventFacts): Promise<NewEvent | undefined> {
    const { unit, line, rowFingerprint, state } = loaded;
    const texts = await this.#texts(unit.key);
    const event = texts.get(edit.id);
    if (event?.type !== 'edit') return undefined;
    const { settles } = event;
    const proposal = state.proposals.find(each => each.by === edit.by && each.result === event.result);
    // The text is what counts: taking back a later edit has led to this one's text again. What others took is theirs.
    const isLast = state.fingerprint === event.result && state.heads.length <= 1;
    const isOwn = settles !== undefined || this.#holds(event.fields, loaded);
    if (!proposal && !(isLast && isOwn)) throw new UserError('undo.editedSince');
    if (proposal) {
      const made = makeEdit(loaded, basisOf(loaded, [proposal.id]), [], texts, sha256);
      return made && { ...made, undoes: edit.id };
    }
    if (settles) {
      // Back to the text on which the proposal was taken; where it was dismissed, that is the text as it is.
      const own = { ...event, parents: event.parents.filter(id => !settles.includes(id)) };
      const made = makeEdit(loaded, basisOf(loaded), textBefore(unit, own, texts), texts, sha256);
      const { key } = unit;
      const { parents } = basisOf(loaded);
      const result = state.fingerprint;
      const same = { type: 'edit', key, line, fields: [], parents, base: rowFingerprint, result } as const;
      return { ...(made ?? same), undoes: edit.id, settles };
    }
    const made = makeEdit(loaded, basisOf(loaded), textBefore(unit, event, texts), texts, sha256);
    if (!made) throw new UserError('undo.landed');
    return { ...made, undoes: edit.id };
  }

  async #candidateFile(): Promise<string> {
    return join(await this.shard.ledgers.prepare(CANDIDATES), `${this.#writer?.clone ?? 'local'}.jsonl`);
  }

  #mine(): readonly EventFacts[] {
    return this.#writer ? this.shard.ledgers.eventsBy(this.#writer.reviewer) : [];
  }

  async #append(row: number, event: NewEvent): Promise<void> {
    this.#mayWrite(event.key);
    await this.#write(event);
    await this.shard.touch(row, event.key);
  }

  #mayWrite(key: UnitKey): void {
    if (!this.#writer) throw new UserError('write.noReviewer');
    if (this.#writeProblem) throw new UserError('write.readonly', english(this.#writeProblem));
    if (key.endsWith('@und')) throw new UserError('write.noLanguage');
  }

  async #write(line: NewLine): Promise<void> {
    if (!this.#writer) throw new UserError('write.noReviewer');
    try {
      await this.shard.ledgers.append(this.#writer, [line]);
    } catch (error) {
      if (error instanceof UserError) this.#writeProblem = error.said;
      this.shard.emit([]);
      throw error;
    }
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

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #candidateView(loaded: Loaded, candidate: Candidate): CandidateView {
    const { id, name, text, model } = candidate;
    const { sourceLang, targetLang } = loaded.unit;
    const target = loaded.target.map(field => (field.name === name ? { name, text } : field));
    const findings = findingsBy(this.shard.policy, { sourceLang, targetLang, source: loaded.source, target });
    return { id, name, text, model, findings: findings.filter(finding => finding.field === name) };
  }
}

/** The edit of a conflict that leads to a text, and does so by what it says: a forged one may only claim it. */
function rivalOf({ unit, state, edits }: Loaded, text: Fingerprint): EditFacts | undefined {
  return state.heads.find(head => {
    if (head.result !== text) return false;
    const side = (name: Side) => textAt(unit, name, head, edits);
    return fingerprint(side('source'), side('target'), sha256) === text;
  });
}

/** What is to be appended, and the row that it is about. */
interface Part {
  readonly row: number;
  readonly event: NewEvent;
}

/**
 * The current text, and all edits that lead to it or compete with it.
 * @param more what is replaced besides
 */
function basisOf({ state }: Loaded, more: readonly EventId[] = []): EditFrom {
  const heads = state.heads.map(head => head.id);
  const first = state.current ? [state.current.id] : [];
  return { basis: state.current, parents: [...new Set([...first, ...heads, ...more])] };
}

/**
 * What takes the place of the current text must not drop texts that compete with it, or wait beside a changed row.
 * @throws UserError `unit.conflict`, `unit.offered`
 */
function mustBeOneText({ state }: Loaded): void {
  if (state.state === 'conflict') throw new UserError('unit.conflict');
  if (!state.current && state.heads.length > 0) throw new UserError('unit.offered');
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof UserError) || error.said.id !== 'row.missing') throw error;
}
