/**
 * What the page knows and does. It is a cache of what the host said: every action is a call, and what comes back
 * replaces what is shown. Writes are sent one after the other, so that typing, leaving a field and deciding keep their order.
 */
import type { Decision } from '../src/core/events';
import { MAX_FIELD_UNITS } from '../src/core/protocol';
import type {
  Action,
  CandidateView,
  GoodUnit,
  HostEvent,
  Mistake,
  PageCommand,
  Place,
  Placed,
  RowSummary,
  ShardView,
  Target,
  UnitView,
} from '../src/core/protocol';
import type { UnitKey } from '../src/core/record';
import { Pages } from './pages';
import { call, saved } from './rpc';
import { sentence, setLocale, t } from './text';
import { Typing } from './typing';

export type Tab = 'findings' | 'candidates' | 'history' | 'comments';

export interface Stream {
  readonly id: number;
  readonly key: UnitKey;
  readonly name: string;
  text: string;
}

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
  tab: Tab = 'findings';
  help = false;
  /** The last thing that failed, until something else is done. */
  error: string | undefined;
  /** Spoken to screen readers. */
  announcement = '';
  stream: Stream | undefined;
  readonly typing = new Typing(() => void this.flush());
  /** Comments begun, by record. */
  readonly #comments = new Map<string, string>();

  readonly #pages: Pages;
  /** Counts the records asked for, so that an answer that comes late is not shown. */
  #visits = 0;
  #arrived = 0;
  readonly #changed: () => void;
  #writes: Promise<unknown> = Promise.resolve();
  /** A key pressed again before the decision is done would fall on a record that nobody has seen. */
  #deciding = false;
  /** What was decided on the record before, spoken together with the next. */
  #said = '';
  #searching = false;
  /** After a query: the record shown may be none of its hits. */
  #wantsFirst = false;

  /** @param changed is called whenever something is to be shown anew */
  constructor(changed: () => void) {
    this.#changed = changed;
    this.#pages = new Pages(changed, error => this.#fail(error));
  }

  async start(): Promise<void> {
    try {
      const start = await call('start');
      setLocale(start.strings, start.locale);
      this.#take(start.shard);
      await this.#visit({ row: saved.row ?? start.row, key: null });
    } catch (error) {
      this.fatal = message(error);
      this.#changed();
    }
  }

  onEvent(event: HostEvent): void {
    switch (event.event) {
      case 'action':
        void this.act(event.action);
        return;
      case 'delta':
        if (this.stream?.id === event.stream) this.stream.text += event.text;
        break;
      case 'ask':
        void this.ask(event.query);
        return;
      case 'go':
        void this.#visit({ row: event.row, key: null });
        return;
      case 'changed': {
        const version = this.shard?.queue.version;
        this.#take(event.shard);
        this.#pages.change(event.rows);
        const isShown = event.rows === 'all' || (this.view && event.rows.includes(this.view.row));
        if (this.#wantsFirst) void this.#lookForFirst();
        // Positions may mean other records: the one shown is looked for.
        else if (isShown || event.shard.queue.version !== version) void this.#reload();
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

  /** Shows the record at a position of the queue; what was typed in the one before becomes an edit. */
  async go(position: number): Promise<void> {
    const last = (this.shard?.queue.length ?? 0) - 1;
    if (last < 0) return;
    await this.#visit({ position: Math.max(0, Math.min(position, last)) });
  }

  async #visit(place: Place): Promise<void> {
    this.error = undefined;
    if (this.view) await this.commit();
    // What could not even be kept as a draft is still in its box: better to stay than to lose it.
    if (!this.typing.isEmpty) return;
    const visit = ++this.#visits;
    const before = this.position;
    // At once, so that a key held down goes on from here.
    if ('position' in place) this.position = place.position;
    this.field = undefined;
    try {
      const placed = await call('unit', place);
      if (visit !== this.#visits) return;
      this.#arrived = visit;
      this.#showPlaced(placed);
      const position = t('page.position', this.position + 1, this.shard?.queue.length ?? 0);
      this.announcement = [this.#said, position, this.#spoken()].join(' ').trim();
      this.#said = '';
      this.#changed();
    } catch (error) {
      if (visit !== this.#visits) return;
      // The record before is still the one that is shown.
      this.#arrived = visit;
      this.position = before;
      this.#fail(error);
    }
  }

  #showPlaced({ view, position, isInQueue }: Placed): void {
    this.view = view;
    this.position = position;
    this.isInQueue = isInQueue;
    // Also when it has only moved in a changed file: a page that is hidden and shown again begins here.
    if (saved.row !== view.row) this.#tell(call('visit', view.row));
    saved.row = view.row;
    if (view.kind === 'unit') this.field ??= view.findings[0]?.field ?? view.fields.at(-1)?.name;
    this.#changed();
  }

  /** The record shown as it is now, wherever a changed file has it. */
  async #reload(): Promise<void> {
    const { view } = this;
    const visit = this.#visits;
    if (!view || visit !== this.#arrived) return;
    try {
      const key = view.kind === 'unit' ? view.key : null;
      const placed = await call('unit', { row: view.row, key });
      if (visit !== this.#visits) return;
      const found = placed.view.kind === 'unit' ? placed.view.key : null;
      if (key !== null && found !== key) this.#fail(new Error(t('page.recordGone')));
      this.#showPlaced(placed);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What an action made of the record shown. */
  #show(view: UnitView): void {
    const isShown = view.kind === 'unit' && this.view?.kind === 'unit' && view.key === this.view.key;
    if (!isShown) return;
    this.view = view;
    this.#changed();
  }

  #spoken(): string {
    if (this.view?.kind !== 'unit') return t('page.notRecord');
    const { state, findings } = this.view;
    return [t(`state.${state}`), ...(findings.length > 0 ? [t('page.findings', findings.length)] : [])].join(
      '. ',
    );
  }

  async act(action: Action): Promise<void> {
    this.error = undefined;
    // While the keys are shown, nothing is done behind them.
    if (this.help && action !== 'help') return;
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
        return this.decide(action);
      case 'needsWork':
        return this.decide('needs-work');
      case 'edit':
        document
          .querySelector<HTMLTextAreaElement>(`textarea[data-field="${CSS.escape(this.field ?? '')}"]`)
          ?.focus();
        return;
      case 'regenerate':
        return this.regenerate();
      case 'undo':
      case 'redo':
        return this.undo(action);
      case 'keepApproved':
        return this.keep();
      case 'takeNew':
        return this.view?.kind === 'unit' && this.view.stale ? this.decide('approve') : undefined;
      case 'search':
        document.querySelector<HTMLInputElement>('#filter')?.select();
        return;
      case 'refreshQueue':
        this.#tell(call('askAgain'));
        return;
      case 'comment':
        this.tab = 'comments';
        this.#changed();
        // The tab shows its content in the next frame.
        requestAnimationFrame(() => document.querySelector<HTMLTextAreaElement>('#comment')?.focus());
        return;
      case 'help':
        this.help = !this.help;
        this.#changed();
        return;
    }
  }

  async goToPending(): Promise<void> {
    const next = await this.#write(() => call('nextPending', this.position));
    if (next === null) this.#announce(t('page.allReviewed'));
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
      if (mistake) this.#announce(sentence(mistake.reason));
      else {
        this.#wantsFirst = true;
        await this.#lookForFirst();
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#changed();
  }

  /** Stays at the record shown if it is a hit, and goes to the first one as soon as it is known to be none. */
  async #lookForFirst(): Promise<void> {
    await this.#reload();
    if (!this.#wantsFirst || !this.shard) return;
    const { length, progress } = this.shard.queue;
    const isKnown = progress === null || this.isInQueue || this.position < length;
    if (!isKnown) return;
    this.#wantsFirst = false;
    if (!this.isInQueue) await this.go(0);
    // Said with it, since the number is often known as soon as the first hit.
    if (!this.#searching) this.#announce(`${t('page.found', length)} ${this.announcement}`);
  }

  typeFilter(text: string): void {
    this.filter = text;
    this.mistake = undefined;
    this.#changed();
  }

  cancelSearch(): void {
    this.#tell(call('cancelSearch'));
  }

  /** Gives a stale record its earlier text back. */
  async keep(): Promise<void> {
    if (this.view?.kind !== 'unit' || !this.view.stale) return;
    await this.#decideOnce(async target => {
      this.#show(await call('keep', target));
      this.#announce(t('decision.approve'));
    });
  }

  /** @param view the record that the box belongs to, which may no longer be the one that is asked for */
  type(view: GoodUnit, name: string, text: string): void {
    if (text.length > MAX_FIELD_UNITS) {
      // Drawing again puts the text from before back into the box.
      this.#fail(new Error(t('page.tooLong', MAX_FIELD_UNITS)));
      return;
    }
    this.typing.type(view, name, text);
    this.field = name;
  }

  /** Sends what was typed since the last time. @returns false if some of it could not be kept */
  async flush(): Promise<boolean> {
    this.typing.rest();
    if (!this.typing.isEmpty) {
      await this.#write(() =>
        this.typing.send(async ({ target, name, text }) => {
          await call('draft', target, 'target', name, text);
          this.#remember(target.key, name, text);
        }),
      );
    }
    return this.typing.isEmpty;
  }

  /** The draft is the host's now; the box goes on showing it. */
  #remember(key: UnitKey, name: string, draft: string | null): void {
    if (this.view?.kind !== 'unit' || this.view.key !== key) return;
    const fields = this.view.fields.map(field => (field.name === name ? { ...field, draft } : field));
    this.view = { ...this.view, fields };
  }

  get #hasDraft(): boolean {
    return this.view?.kind === 'unit' && this.view.fields.some(field => field.draft !== null);
  }

  /** Makes an edit of what was typed. */
  async commit(): Promise<void> {
    if (!(await this.flush()) || !this.#hasDraft) return;
    await this.#write(async () => {
      // Looked at only now: a commit that was under way may have done it all.
      const target = this.#target();
      if (target && this.#hasDraft) this.#show(await call('commit', target));
    });
  }

  /** Drops what was typed in a field. */
  async drop(name: string): Promise<void> {
    const target = this.#target();
    if (!target) return;
    this.typing.forget(target.key, name);
    await this.#write(async () => {
      await call('draft', target, 'target', name, null);
      this.#remember(target.key, name, null);
    });
  }

  /** @param fingerprint the rival of a conflict that is kept */
  async decide(decision: Decision, fingerprint?: Target['fingerprint']): Promise<void> {
    await this.#decideOnce(
      async target => {
        this.#show(await call('decide', fingerprint ? { ...target, fingerprint } : target, decision, ''));
        this.#said = t(`decision.${decision}`);
        return fingerprint === undefined ? call('nextPending', this.position) : null;
      },
      async next => {
        if (next !== null && next !== this.position) {
          await this.go(next);
          return;
        }
        this.#announce(this.#said);
        this.#said = '';
      },
    );
  }

  /**
   * Decides on the record shown, what was typed in it included, unless a decision is under way.
   * @param then follows where that went well, before the next decision
   */
  async #decideOnce<T>(
    work: (target: Target) => Promise<T>,
    then?: (result: Exclude<T, undefined>) => Promise<void>,
  ): Promise<void> {
    if (this.#deciding) return;
    this.#deciding = true;
    try {
      if (!(await this.flush())) return;
      const result = await this.#write(async () => {
        const target = this.#target();
        return target && work(target);
      });
      if (result !== undefined) await then?.(result as Exclude<T, undefined>);
    } finally {
      this.#deciding = false;
    }
  }

  async undo(action: 'undo' | 'redo'): Promise<void> {
    // What was typed is an action too, and the last one.
    await this.commit();
    if (!this.typing.isEmpty) return;
    const row = await this.#write(() => call(action));
    if (row === null)
      this.#fail(new Error(t(action === 'undo' ? 'page.nothingToUndo' : 'page.nothingToRedo')));
    else if (row !== undefined) await this.#visit({ row, key: null });
  }

  commentOn(view: GoodUnit): string {
    return this.#comments.get(view.key) ?? '';
  }

  typeComment(view: GoodUnit, text: string): void {
    this.#comments.set(view.key, text);
  }

  /** Adds the comment that was begun; its text stays until it is on disk. */
  async comment(): Promise<void> {
    const target = this.#target();
    const text = target && this.#comments.get(target.key);
    if (!target || text === undefined || text.trim() === '') return;
    await this.#write(async () => {
      const view = await call('comment', target, text);
      this.#comments.delete(target.key);
      this.#show(view);
    });
  }

  async regenerate(name = this.field): Promise<void> {
    if (this.stream || name === undefined || !(await this.flush())) return;
    const target = this.#target();
    if (!target) return;
    const stream: Stream = { id: newStream(), key: target.key, name, text: '' };
    this.stream = stream;
    this.tab = 'candidates';
    this.error = undefined;
    this.#announce(t('page.regenerating'));
    try {
      const view = await call('regenerate', target, name, stream.id);
      this.#show(view);
      this.#announce(t('page.regenerated'));
    } catch (error) {
      this.#fail(error);
    } finally {
      this.stream = undefined;
      this.#changed();
    }
  }

  async cancel(): Promise<void> {
    if (this.stream) await call('cancel', this.stream.id);
  }

  async accept(candidate: CandidateView): Promise<void> {
    await this.commit();
    await this.#write(async () => {
      const target = this.#target();
      if (target) this.#show(await call('accept', target, candidate.id, null));
    });
  }

  async discard(candidate: CandidateView): Promise<void> {
    await this.#write(async () => {
      const target = this.#target();
      if (target) this.#show(await call('discard', target, candidate.id));
    });
  }

  /** Shows another target language of records that have several. */
  async showLanguage(lang: string): Promise<void> {
    await this.commit();
    await this.#write(async () => {
      this.#take(await call('showLanguage', lang));
      await this.#reload();
    });
  }

  async run(command: PageCommand): Promise<void> {
    await this.commit();
    await call('run', command).catch((error: unknown) => this.#fail(error));
  }

  set(change: { tab?: Tab; help?: boolean; field?: string; error?: undefined }): void {
    Object.assign(this, change);
    this.#changed();
  }

  /** The record that is shown, if it is the one that was asked for last. */
  #target(): Target | undefined {
    return this.view?.kind === 'unit' && this.#arrived === this.#visits ? targetOf(this.view) : undefined;
  }

  /** Runs a write when those before it are done; an error is shown and ends nothing else. */
  async #write<T>(work: () => Promise<T>): Promise<T | undefined> {
    this.error = undefined;
    const done = this.#writes.then(work).catch((error: unknown) => {
      this.#fail(error);
      return undefined;
    });
    this.#writes = done;
    const result = await done;
    this.#changed();
    return result;
  }

  /** Tells the host something to which there is no answer but a failure. */
  #tell(done: Promise<void>): void {
    done.catch((error: unknown) => this.#fail(error));
  }

  #announce(text: string): void {
    this.announcement = text;
    this.#changed();
  }

  #fail(error: unknown): void {
    this.error = message(error);
    this.announcement = this.error;
    this.#changed();
  }
}

function targetOf({ row, key, fingerprint }: GoodUnit): Target {
  return { row, key, fingerprint };
}

/** Unlike those of an earlier page on the same shard, whose last pieces may still come. */
function newStream(): number {
  return Math.floor(Math.random() * 2 ** 50);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
