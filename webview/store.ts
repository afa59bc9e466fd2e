/**
 * What the page knows and does. It is a cache of what the host said: every action is a call, and what comes back
 * replaces what is shown. Writes are sent one after the other, so that typing, leaving a field and deciding keep their order.
 */
import type { Decision } from '../src/core/events';
import { MAX_FIELD_UNITS } from '../src/core/protocol';
import type {
  Action,
  CandidateView,
  FieldView,
  GoodUnit,
  HostEvent,
  PageCommand,
  RowSummary,
  ShardView,
  Target,
  UnitView,
} from '../src/core/protocol';
import type { UnitKey } from '../src/core/record';
import { call, saved } from './rpc';
import { setLocale, t } from './text';

export type Tab = 'findings' | 'candidates' | 'history' | 'comments';

export interface Stream {
  readonly id: number;
  readonly row: number;
  readonly name: string;
  text: string;
}

/** Rows fetched at once, and pages of them kept. */
const PAGE_ROWS = 50;
const MAX_PAGES = 40;
/** Typing rests this long before it is sent to be kept; the host must have it within 250 ms. */
const DRAFT_MS = 200;

export class Store {
  shard: ShardView | undefined;
  /** What went wrong with the shard as a whole. */
  fatal: string | undefined;
  row = 0;
  view: UnitView | undefined;
  /** Name of the field that `edit` and `regenerate` are meant for. */
  field: string | undefined;
  tab: Tab = 'findings';
  help = false;
  /** The last thing that failed, until something else is done. */
  error: string | undefined;
  /** Spoken to screen readers. */
  announcement = '';
  stream: Stream | undefined;
  /** Text in the boxes that the host has not confirmed yet, each with the record that it was typed for. */
  readonly #typed = new Map<
    string,
    { readonly target: Target; readonly name: string; readonly text: string }
  >();
  /** Comments begun, by record. */
  readonly #comments = new Map<string, string>();

  readonly #pages = new Map<number, RowSummary[] | undefined>();
  readonly #changed: () => void;
  #writes: Promise<unknown> = Promise.resolve();
  #timer: number | undefined;
  /** A key pressed again before the decision is done would fall on a record that nobody has seen. */
  #deciding = false;
  /** What was decided on the record before, spoken together with the next. */
  #said = '';
  readonly #stale = new Set<number>();

  /** @param changed is called whenever something is to be shown anew */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  async start(): Promise<void> {
    try {
      const start = await call('start');
      setLocale(start.strings, start.locale);
      this.shard = start.shard;
      await this.go(saved.row ?? start.row);
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
      case 'changed':
        this.shard = event.shard;
        for (const page of event.rows === 'all' ? this.#pages.keys() : event.rows.map(pageOf))
          this.#stale.add(page);
        if (event.rows === 'all' || event.rows.includes(this.row)) void this.#reload();
        break;
    }
    this.#changed();
  }

  /** A row of the list, if it is here; otherwise it is asked for. */
  summary(row: number): RowSummary | undefined {
    const page = pageOf(row);
    // What is shown stays until the new rows are here: nothing blinks.
    if (!this.#pages.has(page) || this.#stale.delete(page)) void this.#fetchPage(page);
    return this.#pages.get(page)?.[row % PAGE_ROWS];
  }

  async #fetchPage(page: number): Promise<void> {
    if (!this.#pages.has(page)) this.#pages.set(page, undefined);
    for (const old of this.#pages.keys()) if (this.#pages.size > MAX_PAGES) this.#pages.delete(old);
    try {
      this.#pages.set(page, await call('rows', page * PAGE_ROWS, PAGE_ROWS));
    } catch (error) {
      if (this.#pages.get(page) === undefined) this.#pages.delete(page);
      this.#fail(error);
    }
    this.#changed();
  }

  /** Shows a row; what was typed in the one before becomes an edit. */
  async go(row: number): Promise<void> {
    const last = (this.shard?.rows ?? 1) - 1;
    const target = Math.max(0, Math.min(row, last));
    this.error = undefined;
    if (this.view) await this.commit();
    // What could not even be kept as a draft is still in its box: better to stay than to lose it.
    if (this.#typed.size > 0) return;
    this.row = target;
    saved.row = target;
    this.field = undefined;
    await this.#reload();
    this.announcement = [this.#said, t('page.position', target + 1, last + 1), this.#spoken()]
      .join(' ')
      .trim();
    this.#said = '';
    this.#changed();
    void call('visit', target);
  }

  async #reload(): Promise<void> {
    const { row } = this;
    try {
      const view = await call('unit', row);
      this.#show(view);
    } catch (error) {
      this.#fail(error);
    }
  }

  #show(view: UnitView): void {
    if (view.row !== this.row) return;
    this.view = view;
    if (view.kind === 'unit') this.field ??= view.findings[0]?.field ?? view.fields.at(-1)?.name;
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
        return this.go(this.row + 1);
      case 'previous':
        return this.go(this.row - 1);
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
    const row = await this.#write(() => call('nextPending', this.row));
    if (row === null) this.#announce(t('page.allReviewed'));
    else if (row !== undefined) await this.go(row);
  }

  /** The text of a field as it stands in its box. */
  textOf(view: GoodUnit, field: FieldView): string {
    return this.#typed.get(placeOf(view.key, field.name))?.text ?? field.draft ?? field.target;
  }

  isTyped(view: GoodUnit, field: FieldView): boolean {
    return field.draft !== null || this.#typed.has(placeOf(view.key, field.name));
  }

  /** @param view the record that the box belongs to, which may no longer be the one that is asked for */
  type(view: GoodUnit, name: string, text: string): void {
    if (text.length > MAX_FIELD_UNITS) {
      // Drawing again puts the text from before back into the box.
      this.#fail(new Error(t('page.tooLong', MAX_FIELD_UNITS)));
      return;
    }
    this.#typed.set(placeOf(view.key, name), { target: targetOf(view), name, text });
    this.field = name;
    // Not put off by the next key: who types without a pause loses no more than this either.
    this.#timer ??= window.setTimeout(() => void this.flush(), DRAFT_MS);
  }

  /** Sends what was typed since the last time. @returns false if some of it could not be kept */
  async flush(): Promise<boolean> {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#typed.size > 0) {
      await this.#write(async () => {
        for (const [place, { target, name, text }] of [...this.#typed]) {
          await call('draft', target, 'target', name, text);
          if (this.#typed.get(place)?.text === text) this.#typed.delete(place);
          this.#remember(target.key, name, text);
        }
      });
    }
    return this.#typed.size === 0;
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
    this.#typed.delete(placeOf(target.key, name));
    await this.#write(async () => {
      await call('draft', target, 'target', name, null);
      this.#remember(target.key, name, null);
    });
  }

  /** @param fingerprint the rival of a conflict that is kept */
  async decide(decision: Decision, fingerprint?: Target['fingerprint']): Promise<void> {
    if (this.#deciding) return;
    this.#deciding = true;
    try {
      if (!(await this.flush())) return;
      const next = await this.#write(async () => {
        const target = this.#target();
        if (!target) return null;
        this.#show(await call('decide', fingerprint ? { ...target, fingerprint } : target, decision, ''));
        this.#said = t(`decision.${decision}`);
        return fingerprint === undefined ? call('nextPending', this.row) : null;
      });
      if (typeof next === 'number' && next !== this.row) await this.go(next);
      else this.#announce(this.#said);
    } finally {
      this.#deciding = false;
    }
  }

  async undo(action: 'undo' | 'redo'): Promise<void> {
    // What was typed is an action too, and the last one.
    await this.commit();
    if (this.#typed.size > 0) return;
    const row = await this.#write(() => call(action));
    if (row === null)
      this.#fail(new Error(t(action === 'undo' ? 'page.nothingToUndo' : 'page.nothingToRedo')));
    else if (row !== undefined) await this.go(row);
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
    const stream: Stream = { id: newStream(), row: this.row, name, text: '' };
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
      this.shard = await call('showLanguage', lang);
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
    return this.view?.kind === 'unit' && this.view.row === this.row ? targetOf(this.view) : undefined;
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

function placeOf(key: UnitKey, name: string): string {
  return `${name} ${key}`;
}

/** Unlike those of an earlier page on the same shard, whose last pieces may still come. */
function newStream(): number {
  return Math.floor(Math.random() * 2 ** 50);
}

function pageOf(row: number): number {
  return Math.floor(row / PAGE_ROWS);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
