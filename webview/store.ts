/**
 * What the page knows and does. It is a cache of what the host said: every action is a call, and what comes back
 * replaces what is shown. Writes are sent one after the other, so that typing, leaving a field and deciding keep their order.
 */
import type { Bindings } from '../src/core/cheatSheet';
import { MAX_FIELD_UNITS } from '../src/core/protocol';
import type {
  Action,
  CheckedView,
  FieldView,
  GoodUnit,
  HostEvent,
  Mistake,
  PageCommand,
  Place,
  Placed,
  RowSummary,
  ShardView,
  Start,
  Target,
  UnitView,
  Visited,
} from '../src/core/protocol';
import type { Side, UnitKey } from '../src/core/record';
import { Ahead } from './ahead';
import { Bulk } from './bulk';
import { Candidates } from './candidates';
import { ADVICE } from './candidatesTab';
import { Checks, countOf } from './checks';
import { Find } from './find';
import { Ignoring } from './ignoring';
import { Appearance } from './look';
import { Opening } from './opening';
import { Pages } from './pages';
import { call } from './rpc';
import { drawStreams } from './streams';
import { sentence, t } from './text';
import { Typing } from './typing';
import { Verdicts } from './verdict';

export type Tab = 'findings' | 'candidates' | 'history' | 'comments';

export class Store {
  shard: ShardView | undefined;
  /** What went wrong with the shard as a whole. */
  fatal: string | undefined;
  /** Of the queue; the record is shown as soon as it is here. */
  position = 0;
  /** Whether the record shown is one of the queue; a jump may lead to another. */
  isInQueue = true;
  view: UnitView | undefined;
  /** What is typed in the filter, until it is asked; and why it could not be. */
  filter: string | undefined;
  mistake: Mistake | undefined;
  /** Name of the field that `edit` and `regenerate` are meant for. */
  field: string | undefined;
  /** The record whose source is shown in boxes. */
  sourceOpen: UnitKey | undefined;
  tab: Tab = 'findings';
  help = false;
  /** The keys as the extension comes with them. */
  bindings: Bindings = {};
  /** The last thing that failed, until something else is done. */
  error: string | undefined;
  /** Spoken to screen readers. */
  announcement = '';
  readonly typing = new Typing(() => void this.flush());
  readonly checks = new Checks(this);
  readonly ignoring = new Ignoring(this);
  readonly verdicts = new Verdicts(this);
  readonly bulk = new Bulk(this);
  readonly candidates = new Candidates(this);
  readonly appearance = new Appearance(this);
  readonly find = new Find(this);
  readonly opening = new Opening();
  /** Comments, replies and reasons that were begun, by what they are for: nothing is lost by looking at another record. */
  readonly begun = new Map<string, string>();

  readonly #pages: Pages;
  readonly #ahead = new Ahead();
  /** What the host was told last of where the reviewer is. */
  #last: Visited | undefined;
  /** Counts the records asked for, so that an answer that comes late is not shown. */
  #visits = 0;
  #arrived = 0;
  readonly #changed: () => void;
  #writes: Promise<unknown> = Promise.resolve();
  #hasBegun = false;
  /** Whether something changed before this page had begun. */
  #missed = false;
  /** Where this page was sent before: it goes there once it has begun. */
  readonly #sent: HostEvent[] = [];
  /** Counts what failed: what was asked for in trust of it is not done. */
  failures = 0;
  #searching = false;
  /** After a query: the record shown may be none of its hits. */
  #wantsFirst = false;

  /** @param changed is called whenever something is to be shown anew */
  constructor(changed: () => void) {
    this.#changed = changed;
    this.#pages = new Pages(changed, error => this.fail(error));
  }

  /** Asks for what the host tells a page only once: this one was loaded again, or the host is still busy with it. */
  async start(): Promise<void> {
    if (this.shard) return;
    try {
      await this.#begin(await call('start'));
    } catch (error) {
      this.fatal = message(error);
      this.#changed();
    }
  }

  async #begin({ shard, first, look, bindings, last }: Start): Promise<void> {
    // Asked for, and told all the same.
    if (this.shard) return;
    this.appearance.show(look);
    this.bindings = bindings;
    this.#take(shard);
    this.#showPlaced(first);
    this.#lookAhead();
    // Spoken only if it comes into a page that is there.
    requestAnimationFrame(() => this.announce(this.#spokenPlace()));
    if (this.#missed) await this.reload();
    await this.#return(last);
    this.#hasBegun = true;
    for (const event of this.#sent.splice(0)) this.onEvent(event);
  }

  /** To where the reviewer was, if in a file that has changed another record is shown by now. */
  async #return({ row, key }: Visited): Promise<void> {
    const { view } = this;
    const visit = this.#visits;
    if (key === null || (view?.kind === 'unit' && view.key === key)) return;
    const found = (await call('unit', { row, key }).catch(() => undefined))?.view;
    const isFound = found?.kind === 'unit' && found.key === key;
    if (isFound && visit === this.#visits) await this.#visit({ row: found.row, key });
  }

  onEvent(event: HostEvent): void {
    if (!this.#hasBegun && ['ask', 'go', 'bulk'].includes(event.event)) {
      this.#sent.push(event);
      return;
    }
    switch (event.event) {
      case 'start':
        void this.#begin(event.start);
        return;
      case 'action':
        void this.act(event.action);
        return;
      case 'partial':
        if (this.candidates.hear(event)) drawStreams(this);
        return;
      case 'ask':
        void this.ask(event.query);
        return;
      case 'bulk':
        void this.bulk.prepare(event.change);
        return;
      case 'bulkProgress':
        this.bulk.done = event.done;
        break;
      case 'go':
        void this.#visit({ row: event.row, key: null }).then(() => this.checks.show(event.row, event.check));
        return;
      case 'changed': {
        if (!this.shard) {
          this.#missed = true;
          return;
        }
        const { version } = this.shard.queue;
        const wasSearching = this.#searching;
        this.#take(event.shard);
        // Opened while its queue was still being searched: now it is known where the record stands in it.
        const isSettled = wasSearching && !this.#searching && !this.isInQueue;
        this.#pages.change(event.rows);
        const { rows } = event;
        const isShown = rows === 'all' || (this.view && rows.includes(this.view.row));
        const isOther = rows === 'all' || rows.some(row => row !== this.view?.row);
        if (isOther || event.shard.queue.version !== version) this.#lookAhead();
        if (this.#wantsFirst) void this.#lookForFirst();
        // Positions may mean other records: the one shown is looked for.
        else if (isShown || isSettled || event.shard.queue.version !== version) void this.reload();
        break;
      }
    }
    this.#changed();
  }

  #take(shard: ShardView): void {
    this.shard = shard;
    this.#pages.show(shard.queue);
    const { length, progress } = shard.queue;
    if (this.#searching && progress === null) this.announcement = t('page.found', length);
    this.#searching = progress !== null;
  }

  /** A record of the list, if it is here; otherwise it is asked for. */
  summary(position: number): RowSummary | undefined {
    return this.#pages.at(position);
  }

  /**
   * Shows the record at a position of the queue; what was typed in the one before becomes an edit.
   * @param said what was done there, spoken together with the next
   */
  async go(position: number, said = ''): Promise<void> {
    const last = this.#lastPosition;
    if (last < 0) return;
    await this.#visit({ position: Math.max(0, Math.min(position, last)) }, said);
  }

  /** @param said what was done on the record before, spoken together with the next */
  async #visit(place: Place, said = ''): Promise<void> {
    this.error = undefined;
    this.verdicts.close();
    this.ignoring.close();
    if (this.view) await this.commit();
    // What could not even be kept as a draft is still in its box: better to stay than to lose it.
    if (!this.typing.isEmpty) return;
    const visit = ++this.#visits;
    const before = this.position;
    // At once, so that a key held down goes on from here.
    if ('position' in place) this.position = place.position;
    this.field = undefined;
    this.sourceOpen = undefined;
    try {
      const ahead = this.#ahead.at(place);
      const placed = ahead ?? (await call('unit', place));
      if (visit !== this.#visits) return;
      this.#arrived = visit;
      this.#showPlaced(placed);
      this.#lookAhead();
      this.announcement = `${said} ${this.#spokenPlace()}`.trim();
      this.#changed();
      // What nobody told of since it was fetched, such as a sample that is accepted by now.
      if (ahead) void this.reload();
    } catch (error) {
      if (visit !== this.#visits) return;
      // The record before is still the one that is shown.
      this.#arrived = visit;
      this.position = before;
      this.fail(error);
    }
  }

  #showPlaced({ view, position, isInQueue }: Placed): void {
    this.view = view;
    this.position = position;
    this.isInQueue = isInQueue;
    // Also when it has only moved in a changed file: a page that is hidden and shown again begins here.
    const last: Visited = { row: view.row, key: view.kind === 'unit' ? view.key : null };
    if (this.#last?.row !== last.row || this.#last.key !== last.key) this.#tell(call('visit', last));
    this.#last = last;
    if (view.kind === 'unit') {
      this.field ??= view.findings[0]?.field ?? view.fields.at(-1)?.name;
      this.checks.take(view);
    }
    this.#changed();
  }

  #lookAhead(): void {
    if (this.isInQueue) this.#ahead.look(this.position, this.#lastPosition);
    else this.#ahead.drop();
  }

  /** The next position of the queue that waits for this reviewer; null if none does. */
  async nextPending(): Promise<number | null> {
    return this.#ahead.pendingAfter(this.position, this.#lastPosition) ?? call('nextPending', this.position);
  }

  get #lastPosition(): number {
    return (this.shard?.queue.length ?? 0) - 1;
  }

  /** The record shown as it is now, wherever a changed file has it. */
  async reload(): Promise<void> {
    const { view } = this;
    const visit = this.#visits;
    if (!view || visit !== this.#arrived) return;
    try {
      const key = view.kind === 'unit' ? view.key : null;
      const placed = await call('unit', { row: view.row, key });
      if (visit !== this.#visits) return;
      const found = placed.view.kind === 'unit' ? placed.view.key : null;
      if (key !== null && found !== key) this.fail(new Error(t('page.recordGone')));
      this.#showPlaced(placed);
    } catch (error) {
      this.fail(error);
    }
  }

  /** What an action made of the record shown. */
  show(view: UnitView): void {
    const isShown = view.kind === 'unit' && this.view?.kind === 'unit' && view.key === this.view.key;
    if (!isShown) return;
    this.view = view;
    this.checks.take(view);
    this.#changed();
  }

  /** What the checks say of the record shown as it is being typed. */
  showChecked(checked: CheckedView): void {
    if (this.view?.kind !== 'unit') return;
    this.view = { ...this.view, ...checked };
    this.#changed();
  }

  #spokenPlace(): string {
    return `${t('page.position', this.position + 1, this.shard?.queue.length ?? 0)} ${this.#spoken()}`;
  }

  #spoken(): string {
    if (this.view?.kind !== 'unit') return t('page.notRecord');
    const findings = countOf(this.view);
    return [t(`state.${this.view.state}`), ...(findings > 0 ? [t('page.findings', findings)] : [])].join(
      '. ',
    );
  }

  async act(action: Action): Promise<void> {
    this.error = undefined;
    // While the keys, the reasons or a change of many records are shown, nothing is done behind them.
    if (this.isModal && !(this.help && action === 'help')) return;
    switch (action) {
      case 'next':
        // From a record that is not in the queue to the one that comes after it.
        return this.go(this.isInQueue ? this.position + 1 : this.position);
      case 'previous':
        return this.go(this.position - 1);
      case 'nextPending':
        return this.goToPending();
      case 'approve':
      case 'reject':
      case 'skip':
        return this.verdicts.decide(action);
      case 'needsWork':
        return this.verdicts.decide('needs-work');
      case 'sourceWrong':
        return this.verdicts.sourceWrong();
      case 'withdraw':
        return this.verdicts.withdraw();
      case 'takeFix':
        return this.candidates.takeFix();
      case 'replace':
        this.bulk.ask();
        return;
      case 'nextFinding':
        return this.checks.step('next');
      case 'previousFinding':
        return this.checks.step('previous');
      case 'applyFix':
        return this.checks.mend();
      case 'ignoreFinding':
        return this.ignoring.open();
      case 'edit':
        document
          .querySelector<HTMLTextAreaElement>(`textarea[data-field="${CSS.escape(this.field ?? '')}"]`)
          ?.focus();
        return;
      case 'editSource':
        this.editSource();
        return;
      // Not waited for: what is pressed next is not meant for when the model has written.
      case 'regenerate':
      case 'regenerateRecord':
        void this.candidates.regenerate(action === 'regenerateRecord');
        return;
      case 'mendByModel':
        void this.candidates.mend();
        return;
      case 'answerAnew':
        void this.candidates.answerAnew();
        return;
      case 'advise':
        this.candidates.form.isOpen = true;
        this.#openTab('candidates', ADVICE);
        return;
      case 'undo':
      case 'redo':
        return this.undo(action);
      case 'keepApproved':
        return this.verdicts.keep();
      case 'takeNew':
        return this.view?.kind === 'unit' && this.view.stale ? this.verdicts.decide('approve') : undefined;
      case 'search':
        document.querySelector<HTMLInputElement>('#filter')?.select();
        return;
      case 'find':
      case 'findNext':
      case 'findPrevious':
        this.find.act(action);
        return;
      case 'largerTexts':
      case 'smallerTexts':
      case 'breakLines':
      case 'hiddenCharacters':
        return this.appearance.act(action);
      case 'refreshQueue':
        this.#tell(call('askAgain'));
        return;
      case 'comment':
        this.#openTab('comments', 'comment');
        return;
      case 'help':
        this.help = !this.help;
        this.#changed();
        return;
    }
  }

  /** @param id of what gets the focus */
  #openTab(tab: Tab, id: string): void {
    this.set({ tab });
    // The tab shows its content in the next frame.
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`#${id}`)?.focus());
  }

  async goToPending(): Promise<void> {
    const next = await this.write(() => this.nextPending());
    if (next === null) this.announce(t('page.allReviewed'));
    else if (next !== undefined) await this.go(next);
  }

  /** Makes a queue of what a query selects, and shows its first record unless the one shown is in it. */
  async ask(query: string): Promise<void> {
    await this.commit();
    if (!this.typing.isEmpty) return;
    try {
      const { shard, mistake } = await call('ask', query);
      this.mistake = mistake ?? undefined;
      // What was typed on meanwhile stays in the box.
      if (mistake || this.filter === query) this.filter = mistake ? query : undefined;
      if (!mistake) this.#searching = true;
      this.#take(shard);
      if (mistake) this.announce(sentence(mistake.reason));
      else {
        this.#wantsFirst = true;
        await this.#lookForFirst();
      }
    } catch (error) {
      this.fail(error);
    }
    this.#changed();
  }

  /** Stays at the record shown if it is a hit, and goes to the first one as soon as it is known to be none. */
  async #lookForFirst(): Promise<void> {
    await this.reload();
    if (!this.#wantsFirst || !this.shard) return;
    const { length, progress } = this.shard.queue;
    const isKnown = progress === null || this.isInQueue || this.position < length;
    if (!isKnown) return;
    this.#wantsFirst = false;
    if (!this.isInQueue) await this.go(0);
    // Said with it, since the number is often known as soon as the first hit.
    if (!this.#searching) this.announce(`${t('page.found', length)} ${this.announcement}`);
  }

  typeFilter(text: string): void {
    this.filter = text;
    this.mistake = undefined;
    this.#changed();
  }

  cancelSearch(): void {
    this.#tell(call('cancelSearch'));
  }

  /** @param view the record that the box belongs to, which may no longer be the one that is asked for */
  type(view: GoodUnit, side: Side, name: string, text: string): void {
    if (text.length > MAX_FIELD_UNITS) {
      // Drawing again puts the text from before back into the box.
      this.fail(new Error(t('page.tooLong', MAX_FIELD_UNITS)));
      return;
    }
    this.typing.type(view, side, name, text);
    this.field = name;
  }

  /** Sends what was typed since the last time. @returns false if some of it could not be kept */
  async flush(): Promise<boolean> {
    this.typing.rest();
    if (!this.typing.isEmpty) {
      await this.write(() => this.keepTyped());
      // Not waited for: what is typed next must not be held up by it.
      void this.checks.recheck();
    }
    return this.typing.isEmpty;
  }

  /** Within a write: has the host keep what was typed since the last time. */
  async keepTyped(): Promise<void> {
    await this.typing.send(async ({ target, side, name, text }) => {
      await call('draft', target, side, name, text);
      this.#remember(target.key, side, name, text);
    });
  }

  /** The draft is the host's now; the box goes on showing it. */
  #remember(key: UnitKey, side: Side, name: string, draft: string | null): void {
    if (this.view?.kind !== 'unit' || this.view.key !== key) return;
    const change = side === 'source' ? { sourceDraft: draft } : { draft };
    const fields = this.view.fields.map(field => (field.name === name ? { ...field, ...change } : field));
    this.view = { ...this.view, fields };
  }

  get #hasDraft(): boolean {
    const isTyped = (field: FieldView) => field.draft !== null || field.sourceDraft !== null;
    return this.view?.kind === 'unit' && this.view.fields.some(isTyped);
  }

  /** Makes an edit of what was typed. @returns false if that could not be done */
  async commit(): Promise<boolean> {
    if (this.typing.isEmpty && !this.#hasDraft) return true;
    const done = await this.write(() => this.commitTyped().then(() => true));
    return done ?? false;
  }

  /** Within a write: makes an edit of what was typed, unless one before has done so. */
  async commitTyped(): Promise<void> {
    await this.keepTyped();
    const { target } = this;
    if (target && this.#hasDraft) this.show(await call('commit', target));
  }

  /** Drops what was typed in a field. */
  async drop(side: Side, name: string): Promise<void> {
    const { target } = this;
    if (!target) return;
    this.typing.forget(target.key, side, name);
    await this.write(async () => {
      await call('draft', target, side, name, null);
      this.#remember(target.key, side, name, null);
    });
    void this.checks.recheck();
  }

  /** Puts the source into boxes, and the focus into that of the marked field. */
  editSource(): void {
    const { view } = this;
    if (view?.kind !== 'unit') return;
    if (view.rights.editSource === 'no') {
      this.fail(new Error(this.shard?.readonly ? sentence(this.shard.readonly) : t('page.sourceNo')));
      return;
    }
    this.sourceOpen = view.key;
    this.#changed();
    const box = `textarea[data-source-field="${CSS.escape(this.field ?? view.fields[0]?.name ?? '')}"]`;
    // It is there with the next frame.
    requestAnimationFrame(() => document.querySelector<HTMLTextAreaElement>(box)?.focus());
  }

  async undo(action: 'undo' | 'redo'): Promise<void> {
    // What was typed is an action too, and the last one.
    await this.commit();
    if (!this.typing.isEmpty) return;
    const row = await this.write(() => call(action));
    if (row === null)
      this.fail(new Error(t(action === 'undo' ? 'page.nothingToUndo' : 'page.nothingToRedo')));
    else if (row !== undefined) await this.#visit({ row, key: null });
  }

  /**
   * Does something to the record shown.
   * @param said is announced when it is done
   * @param begun the place of a text that was begun for it: it stays until it is on disk
   */
  async change(work: (target: Target) => Promise<UnitView>, said: string, begun?: string): Promise<void> {
    await this.write(() => this.#apply(work, said, begun));
  }

  /** Does something to the text of the record shown; what was typed in it is an edit before. */
  async rewrite(work: (target: Target) => Promise<UnitView>, said: string): Promise<void> {
    await this.write(async () => {
      await this.commitTyped();
      await this.#apply(work, said);
    });
  }

  async #apply(work: (target: Target) => Promise<UnitView>, said: string, begun?: string): Promise<void> {
    const { target } = this;
    if (!target) return;
    const sent = begun === undefined ? undefined : this.begun.get(begun);
    const view = await work(target);
    // What was typed on meanwhile is not there yet.
    if (begun !== undefined && this.begun.get(begun) === sent) this.begun.delete(begun);
    this.show(view);
    this.announce(said);
  }

  /** Keeps what is typed in a box that is no field; it is drawn from there. */
  begin(place: string, text: string): void {
    this.begun.set(place, text);
    this.#changed();
  }

  /** Shows another target language of records that have several. */
  async showLanguage(lang: string): Promise<void> {
    await this.commit();
    await this.write(async () => {
      this.#take(await call('showLanguage', lang));
      await this.reload();
    });
  }

  async run(command: PageCommand): Promise<void> {
    await this.commit();
    await call('run', command).catch((error: unknown) => this.fail(error));
  }

  /** Whether something is shown that has all the keys. */
  get isModal(): boolean {
    return (
      this.help ||
      this.verdicts.panel !== undefined ||
      this.ignoring.panel !== undefined ||
      this.bulk.step !== undefined
    );
  }

  set(change: {
    tab?: Tab;
    help?: boolean;
    field?: string;
    error?: undefined;
    sourceOpen?: undefined;
  }): void {
    Object.assign(this, change);
    this.#changed();
  }

  /** The record that is shown, if it is the one that was asked for last. */
  get target(): Target | undefined {
    return this.view?.kind === 'unit' && this.#arrived === this.#visits ? targetOf(this.view) : undefined;
  }

  /** Runs a write when those before it are done; an error is shown and ends nothing else. */
  async write<T>(work: () => Promise<T>): Promise<T | undefined> {
    this.error = undefined;
    const done = this.#writes.then(work).catch((error: unknown) => {
      this.fail(error);
      return undefined;
    });
    this.#writes = done;
    const result = await done;
    this.#changed();
    return result;
  }

  /** Tells the host something to which there is no answer but a failure. */
  #tell(done: Promise<void>): void {
    done.catch((error: unknown) => this.fail(error));
  }

  announce(text: string): void {
    this.announcement = text;
    this.#changed();
  }

  fail(error: unknown): void {
    this.refuse(message(error));
    this.error = this.announcement;
  }

  /** Says why nothing was done where the page shows it at its place: no message at the top moves the record down. */
  refuse(why: string): void {
    this.failures++;
    this.announce(why);
  }
}

function targetOf({ row, key, fingerprint }: GoodUnit): Target {
  return { row, key, fingerprint };
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
