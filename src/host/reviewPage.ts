/** One page on screen: answers its calls, and passes on to it what happens to the shard. */
import * as vscode from 'vscode';
import { Bulk } from '../bulk';
import { isCall } from '../core/calls';
import { bindingsOf } from '../core/cheatSheet';
import { DEFAULT_LOOK, isLook } from '../core/look';
import { UserError } from '../core/messages';
import type {
  Action,
  BulkChange,
  Call,
  HostApi,
  HostEvent,
  PageNotice,
  Reply,
  ShardView,
  Visited,
} from '../core/protocol';
import type { Session } from '../session';
import type { Backends } from './backend';
import { explain, t } from './l10n';
import { Regeneration } from './regeneration';
import type { ReviewDocument } from './reviewDocument';
import type { Settings } from './settings';

/** Calls that write or ask a model, and so need a trusted folder. */
const WRITES: readonly (keyof HostApi)[] = [
  'draft',
  'commit',
  'decide',
  'keep',
  'comment',
  'resolve',
  'assign',
  'withdraw',
  'ignore',
  'stopIgnoring',
  'restore',
  'settle',
  'bulkPrepare',
  'bulkCommit',
  'undo',
  'redo',
  'regenerate',
  'showRequest',
  'signals',
  'accept',
  'discard',
];
/** Of those, the calls that write no event, and so need no reviewer. */
const WITHOUT_REVIEWER: readonly (keyof HostApi)[] = [
  'draft',
  'regenerate',
  'showRequest',
  'signals',
  'discard',
];

/** Where it is kept how pages look to this person. */
const LOOK = 'look';

export class ReviewPage implements vscode.Disposable {
  readonly document: ReviewDocument;
  readonly panel: vscode.WebviewPanel;
  readonly #context: vscode.ExtensionContext;
  readonly #settings: Settings;
  readonly #backends: Backends;
  readonly #log: vscode.LogOutputChannel;
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #regeneration: Regeneration;
  readonly #onFocus: () => void;
  readonly #onAnswer: (call: Call, value: unknown) => void;
  /** A change of many records that is being worked out, and one that is shown. */
  #preparing: AbortController | undefined;
  #bulk: Bulk | undefined;
  #focused = false;
  #disposed = false;
  /** What the page is sent to once it is there again: what is told to a hidden one is lost. */
  readonly #waiting: HostEvent[] = [];

  constructor(
    document: ReviewDocument,
    panel: vscode.WebviewPanel,
    context: vscode.ExtensionContext,
    settings: Settings,
    backends: Backends,
    log: vscode.LogOutputChannel,
    { onFocus, onAnswer }: { onFocus: () => void; onAnswer: (call: Call, value: unknown) => void },
  ) {
    this.#onFocus = onFocus;
    this.#onAnswer = onAnswer;
    this.document = document;
    this.panel = panel;
    this.#context = context;
    this.#settings = settings;
    this.#backends = backends;
    this.#log = log;
    this.#regeneration = new Regeneration(document, backends, {
      post: event => this.#post(event),
      onRunning: () => void this.#tellShard(),
    });
    this.#subscriptions.push(
      panel.webview.onDidReceiveMessage((message: unknown) => void this.#receive(message)),
      panel.onDidChangeViewState(() => {
        onFocus();
        this.#regeneration.visit(panel.visible ? this.row : undefined);
        if (panel.visible) void document.refresh();
      }),
    );
    document.session.then(
      session => {
        if (this.#disposed) return;
        const stop = session.shard.onChange(rows =>
          this.#post({ event: 'changed', shard: this.#view(session), rows }),
        );
        this.#subscriptions.push(new vscode.Disposable(stop));
        void this.#begin();
      },
      () => undefined,
    );
  }

  /** VS Code keeps it until the page has loaded. Where it fails, the page asks itself, and is told why. */
  async #begin(): Promise<void> {
    const start = await this.#api.start().catch(() => undefined);
    if (start) this.#post({ event: 'start', start });
  }

  /** Whether keys pressed now are meant for this page. */
  get hasFocus(): boolean {
    return this.#focused && this.panel.active && !this.#disposed;
  }

  dispose(): void {
    this.#disposed = true;
    this.#onFocus();
    this.#regeneration.dispose();
    this.#stopBulk();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Has the page do what a key or a palette command asked for: only it knows what is on screen. */
  act(action: Action): void {
    this.#post({ event: 'action', action });
  }

  #post(message: HostEvent | Reply): void {
    if (!this.#disposed) void this.panel.webview.postMessage(message);
  }

  #postOnceShown(event: HostEvent): void {
    if (this.panel.visible) this.#post(event);
    else this.#waiting.push(event);
  }

  async #receive(message: unknown): Promise<void> {
    if (isFocusNotice(message)) {
      this.#focused = message.focused;
      this.#onFocus();
      return;
    }
    if (!isCall(message)) {
      this.#log.warn('A message of the page was not understood.');
      return;
    }
    let reply: Reply;
    try {
      await this.permit(message.method);
      // `isCall` has looked at the parameters, which the compiler cannot see for a method chosen at run time.
      const api = this.#api as unknown as Record<string, (...params: unknown[]) => Promise<unknown>>;
      const value = await api[message.method]?.(...message.params);
      reply = { id: message.id, ok: true, value };
      this.#onAnswer(message, value);
    } catch (error) {
      const reason = error instanceof UserError ? error.said.id : null;
      reply = { id: message.id, ok: false, error: explain(error, this.#log), reason };
    }
    this.#post(reply);
    if (message.method === 'start') for (const event of this.#waiting.splice(0)) this.#post(event);
  }

  /** @throws UserError in a folder that is not trusted, or if the user gives no reviewer's name that is needed */
  async permit(method: keyof HostApi): Promise<void> {
    if (!WRITES.includes(method)) return;
    if (!vscode.workspace.isTrusted) throw new UserError('write.restricted');
    if (WITHOUT_REVIEWER.includes(method) || (await this.document.session).writer) return;
    if (await this.document.adoptWriter()) return;
    if (!(await this.#settings.askReviewer(this.document.folder))) throw new UserError('write.noReviewer');
    await this.document.adoptWriter();
  }

  #view(session: Session): ShardView {
    const view = session.view();
    return {
      ...view,
      backend: this.#backends.view(this.#regeneration.running),
      lookAhead: this.#backends.lookAhead,
      readonly: vscode.workspace.isTrusted ? view.readonly : { id: 'write.restricted', args: [] },
    };
  }

  /** Tells the page how it stands, where no record has changed. */
  async #tellShard(): Promise<void> {
    const session = await this.document.session;
    if (!session.shard.closed.aborted) this.#post({ event: 'changed', shard: this.#view(session), rows: [] });
  }

  /** Where the reviewer was last in this shard. */
  get #place(): string {
    return `visited ${this.document.uri.toString()}`;
  }

  /** The row that is shown, from 0. */
  get row(): number {
    return this.#last.row;
  }

  get #last(): Visited {
    return this.#context.workspaceState.get<Visited>(this.#place, { row: 0, key: null });
  }

  /** The query that made the queue in this shard. */
  get #filter(): string {
    return `filter ${this.document.uri.toString()}`;
  }

  get #prepared(): Bulk {
    if (!this.#bulk) throw new UserError('bulk.none');
    return this.#bulk;
  }

  #stopBulk(): void {
    this.#preparing?.abort(new UserError('backend.aborted'));
    this.#bulk = undefined;
  }

  /** Has the page show what a change of all records of the queue would do. */
  bulk(change: BulkChange): void {
    this.#postOnceShown({ event: 'bulk', change });
  }

  /**
   * Shows a record that was not asked for by the page.
   * @param check whose finding is meant
   */
  go(row: number, check: string | null = null): void {
    this.#postOnceShown({ event: 'go', row, check });
  }

  /** Puts a query into the filter of the page, and asks it. */
  ask(query: string): void {
    this.#postOnceShown({ event: 'ask', query });
  }

  readonly #api: HostApi = {
    start: async () => {
      // A page that starts again has forgotten what it had asked for.
      this.#regeneration.cancelAll();
      const session = await this.document.session;
      const query = this.#context.workspaceState.get<string>(this.#filter, '');
      if (query !== session.queue.view.text) session.queue.ask(query);
      const first = await session.place({ row: this.row, key: null });
      const kept = this.#context.globalState.get<unknown>(LOOK);
      const look = isLook(kept) ? kept : DEFAULT_LOOK;
      const manifest = this.#context.extension.packageJSON as Parameters<typeof bindingsOf>[0];
      return {
        bindings: bindingsOf(manifest, 'crossalpaca.'),
        // Last, so that no news of what changed meanwhile are older.
        shard: this.#view(session),
        first,
        last: this.#last,
        look,
      };
    },
    rows: async (from, count) => (await this.document.session).queue.summaries(from, count),
    unit: async place => {
      const session = await this.document.session;
      // Others' ledgers are looked at with each record; a watcher may miss what happens in a folder made just now.
      await session.refresh();
      return session.place(place);
    },
    nextPending: async after => (await this.document.session).nextPending(after),
    ask: async query => {
      const session = await this.document.session;
      const mistake = session.queue.ask(query) ?? null;
      if (!mistake) await this.#context.workspaceState.update(this.#filter, query);
      return { shard: this.#view(session), mistake };
    },
    askAgain: async () => (await this.document.session).queue.askAgain(),
    cancelSearch: async () => (await this.document.session).queue.cancel(),
    draft: async (...params) => (await this.document.session).draft(...params),
    check: async target => (await this.document.session).check(target),
    nextFinding: async (...params) => (await this.document.session).nextFinding(...params),
    commit: async target => (await this.document.session).commit(target),
    decide: async (...params) => (await this.document.session).decide(...params),
    keep: async (...params) => (await this.document.session).keep(...params),
    comment: async (...params) => (await this.document.session).comment(...params),
    resolve: async (...params) => (await this.document.session).resolve(...params),
    assign: async (...params) => (await this.document.session).assign(...params),
    withdraw: async target => (await this.document.session).withdraw(target),
    ignore: async (...params) => (await this.document.session).ignore(...params),
    stopIgnoring: async (...params) => (await this.document.session).stopIgnoring(...params),
    restore: async (...params) => (await this.document.session).restore(...params),
    settle: async (...params) => (await this.document.session).settle(...params),
    bulkPrepare: async change => {
      this.#stopBulk();
      const controller = new AbortController();
      this.#preparing = controller;
      const onProgress = (done: number) => this.#post({ event: 'bulkProgress', done });
      const session = await this.document.session;
      const bulk = await Bulk.prepare(session, change, { signal: controller.signal, onProgress });
      controller.signal.throwIfAborted();
      this.#bulk = bulk;
      return bulk.view;
    },
    bulkRows: (from, count) => Promise.resolve(this.#prepared.rows(from, count)),
    bulkTick: (position, ticked) => {
      this.#prepared.tick(position, ticked);
      return Promise.resolve(this.#prepared.view);
    },
    bulkCommit: async () => {
      // Taken out first: asked twice, it is done once.
      const bulk = this.#prepared;
      this.#bulk = undefined;
      try {
        const count = await bulk.commit();
        void vscode.window.showInformationMessage(t('bulk.done', count));
        return count;
      } catch (error) {
        this.#bulk ??= bulk;
        throw error;
      }
    },
    bulkCancel: () => {
      this.#stopBulk();
      return Promise.resolve();
    },
    undo: async () => (await this.document.session).undo(),
    redo: async () => (await this.document.session).redo(),
    regenerate: (...params) => this.#regeneration.regenerate(...params),
    cancel: waited => {
      this.#regeneration.cancel(waited);
      return Promise.resolve();
    },
    showRequest: (...params) => this.#regeneration.showRequest(...params),
    signals: (...params) => this.#regeneration.signals(...params),
    accept: async (...params) => (await this.document.session).accept(...params),
    discard: async (...params) => (await this.document.session).discard(...params),
    showLanguage: async lang => {
      const session = await this.document.session;
      session.shard.showLanguage(lang);
      return this.#view(session);
    },
    run: async command => {
      await vscode.commands.executeCommand(`crossalpaca.${command}`);
    },
    visit: async visited => {
      this.#regeneration.visit(visited.row);
      await this.#context.workspaceState.update(this.#place, visited);
    },
    keepLook: async look => {
      await this.#context.globalState.update(LOOK, look);
    },
  };
}

function isFocusNotice(message: unknown): message is PageNotice {
  return typeof message === 'object' && message !== null && 'notice' in message && message.notice === 'focus';
}
