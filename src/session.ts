/**
 * A shard under review by one person: what they see of it and what they do to it. The one object that changes; it knows
 * nothing of VS Code, so that the command line and the tests drive the same code.
 */
import { basename, dirname, join } from 'node:path';
import { runChecks } from './core/checks';
import type { Decision, EditEvent, FieldEdit, NewEvent, ReviewEvent } from './core/events';
import { makeEdit, textBefore, textBeforeStale, wholeText, type EditFrom } from './core/editing';
import { textAt } from './core/fold';
import { english, say, UserError, type Said } from './core/messages';
import { answerTokens, SAMPLING, translationPrompt } from './core/prompt';
import type { CandidateView, Place, Placed, ShardView, Target, UnitView } from './core/protocol';
import { fingerprint, type MappingOverride, type Side, type UnitKey } from './core/record';
import { undoStacks } from './core/undo';
import { unitView } from './core/view';
import { Candidates, type Candidate } from './io/candidates';
import { Drafts, type Draft } from './io/drafts';
import { generate, type Backend } from './io/inference';
import { CANDIDATES, type Clock, type Writer } from './io/ledger';
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
    this.#drafts = drafts;
    this.#candidates = candidates;
  }

  /** @throws UserError for a file that is no shard; nothing is written by opening */
  static async open(options: SessionOptions): Promise<Session> {
    const shard = await Shard.open(options.path, options.clock, options.workspaceRoot);
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
    this.shard.emit([]);
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

  async unit(row: number): Promise<UnitView> {
    const loaded = await this.shard.load(row);
    if ('reason' in loaded) return { kind: 'bad', ...loaded };
    const { key } = loaded.unit;
    return unitView({
      ...loaded,
      findings: this.shard.findings(loaded),
      events: this.shard.ledgers.eventsOf(key),
      byId: this.shard.ledgers.byId,
      drafts: this.#drafts.of(key),
      candidates: this.#candidates.of(key).map(each => this.#candidateView(loaded, each)),
    });
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

  decide(target: Target, decision: Decision, note = ''): Promise<UnitView> {
    return this.#exclusive(async () => {
      const typed = await this.#commitDrafts(target);
      const seen = await this.#good(target.row, target.key);
      const { row, unit, state } = seen;
      let kept = seen;
      if (state.state === 'conflict') {
        const rival = state.heads.find(head => head.result === target.fingerprint);
        // What was just typed may rival an edit that came meanwhile: then neither was chosen by seeing both.
        if (typed || !rival) throw new UserError('unit.conflict');
        // One of the texts as it is shown, by an edit that replaces all of them.
        const text = wholeText(unit, rival, this.shard.ledgers.byId);
        const parents = state.heads.map(head => head.id);
        await this.#edit(row, unit.key, text, {}, { basis: undefined, parents });
        kept = await this.#settled(row, unit.key);
      } else if (!typed && state.fingerprint !== target.fingerprint) {
        throw new UserError('unit.changed');
      }
      await this.#appendDecision(kept, decision, note);
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
  async #appendDecision(seen: Loaded, decision: Decision, note: string): Promise<void> {
    const { row, unit, line, state, target } = seen;
    const { key } = unit;
    const size = target.reduce((sum, { text }) => sum + text.length, 0);
    await this.#append(row, {
      key,
      line,
      type: 'decide',
      decision,
      fingerprint: state.fingerprint,
      head: state.heads.map(head => head.id),
      reasons: [],
      ...(note === '' ? {} : { note }),
      ...(decision === 'approve' && size <= MAX_APPROVED_UNITS
        ? { target: target.map(field => [field.name, field.text] as const) }
        : {}),
    });
  }

  /** Gives a stale unit the text back that it had before, and approves that. */
  keep(target: Target): Promise<UnitView> {
    return this.#exclusive(async () => {
      await this.#commitDrafts(target);
      const { row, unit, state } = await this.#target(target);
      const before = textBeforeStale(unit, state, this.shard.ledgers.byId);
      if (!before) throw new UserError('unit.notStale');
      const changes = before.target.map(field => ({ side: 'target' as const, ...field }));
      await this.#edit(row, unit.key, changes, {});
      await this.#appendDecision(await this.#settled(row, unit.key), 'approve', '');
      return this.unit(row);
    });
  }

  comment(target: Target, text: string): Promise<UnitView> {
    return this.#exclusive(async () => {
      const { unit, row, line } = await this.#good(target.row, target.key);
      await this.#append(row, { key: unit.key, line, type: 'comment', text });
      return this.unit(row);
    });
  }

  /** Takes back this reviewer's last action. @returns the row concerned, or null if there is none */
  undo(): Promise<number | null> {
    return this.#exclusive(async () => {
      for (const action of undoStacks(this.#mine()).done.toReversed()) {
        try {
          return await this.#takeBack(action);
        } catch (error) {
          // Its record is gone, or it was written into the file: the action before it can still be taken back.
          if (!(error instanceof UserError) || !CANNOT_BE_UNDONE.includes(error.said.id)) throw error;
        }
      }
      return null;
    });
  }

  async #takeBack(action: ReviewEvent): Promise<number> {
    const { row, unit, line } = await this.#locate(action);
    if (action.type === 'edit') await this.#revert(row, action);
    else await this.#append(row, { key: unit.key, line, type: 'undo', undoes: action.id });
    return row;
  }

  redo(): Promise<number | null> {
    return this.#exclusive(async () => {
      const undone = undoStacks(this.#mine()).undone.at(-1);
      if (!undone) return null;
      const { action, by } = undone;
      const { row, unit, line, state } = await this.#locate(action);
      const place = { key: unit.key, line, redoes: by };
      if (action.type === 'edit') {
        const undoing = this.shard.ledgers.byId.get(by);
        const isThere = undoing?.type === 'edit' && undoing.result === state.fingerprint;
        if (!isThere || state.heads.length > 1) throw new UserError('undo.editedSince');
        await this.#edit(row, action.key, action.fields, {
          redoes: by,
          ...(action.candidate ? { candidate: action.candidate } : {}),
        });
      } else if (action.type === 'decide') {
        const { decision, fingerprint, head, reasons, note, target } = action;
        const said = { ...(note === undefined ? {} : { note }), ...(target ? { target } : {}) };
        await this.#append(row, { ...place, type: 'decide', decision, fingerprint, head, reasons, ...said });
      } else if (action.type === 'comment') {
        await this.#append(row, { ...place, type: 'comment', text: action.text });
      }
      return row;
    });
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
      return typed ? this.#good(target.row, target.key) : this.#target(target);
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
      const { row } = await this.#target(target);
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
  async #locate({ key }: ReviewEvent): Promise<Loaded> {
    const row = (await this.shard.matching.locate([key])).get(key)?.at(-1);
    if (row === undefined) throw new UserError('unit.moved');
    return this.#good(row, key);
  }

  /** As `#good`, and its text is still the one that was seen. */
  async #target(target: Target): Promise<Loaded> {
    const loaded = await this.#good(target.row, target.key);
    if (target.fingerprint !== loaded.state.fingerprint) throw new UserError('unit.changed');
    return loaded;
  }

  /** The edits on whose text the reviewer began, also where another one has come since: then the two rival. */
  async #seen(target: Target): Promise<Pick<Draft, 'head' | 'fingerprint'>> {
    const { state, rowFingerprint } = await this.#good(target.row, target.key);
    const { fingerprint } = target;
    if (fingerprint === state.fingerprint) return { head: state.heads.map(edit => edit.id), fingerprint };
    if (fingerprint === rowFingerprint) return { head: [], fingerprint };
    const edit = this.shard.ledgers
      .eventsOf(target.key)
      .find(event => event.type === 'edit' && event.result === fingerprint);
    if (!edit) throw new UserError('unit.changed');
    return { head: [edit.id], fingerprint };
  }

  /** @returns whether there were any */
  async #commitDrafts(target: Target): Promise<boolean> {
    const drafts = this.#drafts.of(target.key);
    const loaded = await this.#good(target.row, target.key);
    for (const began of new Set(drafts.map(draft => draft.fingerprint))) {
      const group = drafts.filter(draft => draft.fingerprint === began);
      await this.#commitGroup(loaded, group);
      await this.#drafts.drop(group);
    }
    return drafts.length > 0;
  }

  /** Drafts that began from one text become one edit of that text, whatever has happened to the unit since. */
  async #commitGroup({ row, unit }: Loaded, drafts: readonly Draft[]): Promise<void> {
    const [first] = drafts;
    if (!first) return;
    const seen = first.head
      .map(id => this.shard.ledgers.byId.get(id))
      .filter(event => event?.type === 'edit');
    const basis = seen.find(edit => edit.result === first.fingerprint);
    const began = (side: Side) => textAt(unit, side, basis, this.shard.ledgers.byId);
    if (fingerprint(began('source'), began('target'), sha256) !== first.fingerprint) {
      throw new UserError('draft.rowChanged');
    }
    await this.#edit(row, unit.key, drafts, {}, { basis, parents: first.head });
  }

  /** Appends an edit of the current text. @returns false, and appends nothing, if the fields hold that text already */
  async #edit(
    row: number,
    key: UnitKey,
    changes: readonly FieldEdit[],
    more: Pick<EditEvent, 'candidate' | 'undoes' | 'redoes'>,
    from?: EditFrom,
  ): Promise<boolean> {
    const loaded = await this.#good(row, key);
    const { current, heads } = loaded.state;
    const start = from ?? { basis: current, parents: heads.map(head => head.id) };
    const edit = makeEdit(loaded, start, changes, this.shard.ledgers.byId, sha256);
    if (edit) await this.#append(row, { ...edit, ...more });
    return edit !== undefined;
  }

  /** Undoes an edit by another one, back to the text of its parent. */
  async #revert(row: number, edit: EditEvent): Promise<void> {
    const { unit, state } = await this.#good(row, edit.key);
    // The text is what counts: taking back a later edit has led to this one's text again.
    if (state.fingerprint !== edit.result || state.heads.length > 1) throw new UserError('undo.editedSince');
    const before = textBefore(unit, edit, this.shard.ledgers.byId);
    if (!(await this.#edit(row, edit.key, before, { undoes: edit.id }))) throw new UserError('undo.landed');
  }

  async #candidateFile(): Promise<string> {
    return join(await this.shard.ledgers.prepare(CANDIDATES), `${this.#writer?.clone ?? 'local'}.jsonl`);
  }

  #mine(): readonly ReviewEvent[] {
    return this.#writer ? this.shard.ledgers.eventsBy(this.#writer.reviewer) : [];
  }

  async #append(row: number, event: NewEvent): Promise<void> {
    if (!this.#writer) throw new UserError('write.noReviewer');
    if (this.#writeProblem) throw new UserError('write.readonly', english(this.#writeProblem));
    if (event.key.endsWith('@und')) throw new UserError('write.noLanguage');
    try {
      await this.shard.ledgers.append(this.#writer, [event]);
    } catch (error) {
      if (error instanceof UserError) this.#writeProblem = error.said;
      this.shard.emit([]);
      throw error;
    }
    await this.shard.touch(row, event.key);
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
    const findings = runChecks({ sourceLang, targetLang, source: loaded.source, target });
    return { id, name, text, model, findings: findings.filter(finding => finding.field === name) };
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof UserError) || error.said.id !== 'row.missing') throw error;
}
