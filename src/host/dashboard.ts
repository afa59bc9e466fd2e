/** How the review goes, in numbers and charts: of one shard, or of all that are reviewed in the workspace. */
import * as vscode from 'vscode';
import {
  isDashboardNotice,
  withUntouched,
  type Totals,
  type DashboardEvent,
  type DashboardView,
  type ShardChoice,
} from '../core/dashboard';
import type { Reason } from '../core/policy';
import { CLOCK } from '../io/clock';
import type { Shard } from '../shard';
import { explain, localize, t } from './l10n';
import { showPage } from './pageFrame';
import type { ReviewDocument } from './reviewDocument';
import type { ReviewEditor } from './reviewEditor';
import { MAX_SHARDS, reviewedShards } from './reviewedShards';

/** Changes come in bursts; what is shown is at most this old, and as much older as counting takes. */
const SETTLE_MS = 500;
/** Between two countings at least so many times as long as the last one took, so that they do not fill the time. */
const PAUSES = 4;
const MAX_PAUSE_MS = 10_000;

const NOTHING: DashboardView = {
  choices: [],
  shown: null,
  isCounting: true,
  totals: null,
  reasons: [],
  isBlind: false,
  problems: [],
};

export class Dashboard implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #editor: ReviewEditor;
  readonly #log: vscode.LogOutputChannel;
  readonly #subscription: vscode.Disposable;
  #panel: vscode.WebviewPanel | undefined;
  #view = NOTHING;
  /** Ends the counting that is under way. */
  #run = new AbortController();
  #isRunning = false;
  #isOutdated = false;
  #tookMs = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Shards that are open in an editor; each with what ends the listening to it. */
  readonly #followed = new Map<ReviewDocument, () => void>();

  constructor(context: vscode.ExtensionContext, editor: ReviewEditor, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#editor = editor;
    this.#log = log;
    this.#subscription = editor.onDidChange(() => {
      if (this.#follow()) this.#later();
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#panel?.dispose();
  }

  /** Shows the shard in the active editor, else what was shown before, else all shards. */
  show(): void {
    const shown = this.#editor.active?.document.uri.fsPath ?? this.#view.shown;
    if (this.#panel) {
      this.#panel.reveal();
      void this.#count(shown);
      return;
    }
    this.#view = { ...NOTHING, shown };
    const panel = vscode.window.createWebviewPanel(
      'crossalpaca.dashboard',
      t('dashboard.title'),
      vscode.ViewColumn.Active,
    );
    this.#panel = panel;
    panel.webview.onDidReceiveMessage((message: unknown) => this.#receive(message));
    panel.onDidChangeViewState(() => this.#catchUp());
    panel.onDidDispose(() => {
      this.#panel = undefined;
      this.#run.abort();
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#follow();
    });
    showPage(panel.webview, this.#context.extensionUri, 'dashboard');
    this.#follow();
  }

  #receive(message: unknown): void {
    if (!isDashboardNotice(message)) {
      this.#log.warn('A message of the dashboard was not understood.');
      return;
    }
    const { shown } = this.#view;
    switch (message.notice) {
      case 'start':
      case 'refresh':
        void this.#count(shown);
        break;
      case 'show':
        void this.#count(message.path);
        break;
      case 'review': {
        const uri = shown === null ? [] : [vscode.Uri.file(shown)];
        void vscode.commands.executeCommand('crossalpaca.reviewShard', ...uri);
        break;
      }
    }
  }

  #post(message: DashboardEvent): void {
    void this.#panel?.webview.postMessage(message);
  }

  #set(view: DashboardView): void {
    this.#view = view;
    this.#post({ event: 'view', view });
  }

  /** Listens to what is open, as long as there is a dashboard. @returns whether something was opened or closed */
  #follow(): boolean {
    const documents = this.#panel ? this.#editor.documents : [];
    const before = this.#followed.size;
    for (const [document, unlisten] of this.#followed) {
      if (documents.includes(document)) continue;
      unlisten();
      this.#followed.delete(document);
    }
    let isAnother = this.#followed.size !== before;
    for (const document of documents) {
      if (this.#followed.has(document)) continue;
      isAnother = true;
      this.#followed.set(document, () => undefined);
      document.session.then(
        ({ shard }) => {
          if (!this.#followed.has(document)) return;
          this.#followed.set(
            document,
            shard.onChange(() => {
              const { shown } = this.#view;
              if (shown === null || shown === shard.path) this.#later();
            }),
          );
        },
        () => undefined,
      );
    }
    return isAnother;
  }

  #later(): void {
    this.#isOutdated = true;
    this.#catchUp();
  }

  /** Counts anew after a pause, if that is wanted and to be seen. */
  #catchUp(): void {
    if (!this.#isOutdated || this.#isRunning || !this.#panel?.visible) return;
    const pause = Math.min(MAX_PAUSE_MS, Math.max(SETTLE_MS, PAUSES * this.#tookMs));
    this.#timer ??= setTimeout(() => void this.#count(), pause);
  }

  /**
   * Counts anew, in place of a counting that is under way.
   * @param asked what somebody waits for: a path, or null for all shards; left out, the same as before without saying so
   */
  async #count(asked?: string | null): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#run.abort();
    const run = (this.#run = new AbortController());
    this.#isRunning = true;
    this.#isOutdated = false;
    if (asked !== undefined) {
      // The numbers of one shard must not stand under the name of another.
      const before = asked === this.#view.shown ? this.#view : NOTHING;
      const { choices } = this.#view;
      const isOffered = asked === null || choices.some(({ path }) => path === asked);
      this.#set({
        ...before,
        choices: isOffered ? choices : [...choices, choiceOf(asked)],
        shown: asked,
        isCounting: true,
      });
    }
    const start = performance.now();
    let view: DashboardView;
    try {
      view = await this.#counted(this.#view.shown, run.signal);
    } catch (error) {
      const problems = run.signal.aborted ? [] : [explain(error, this.#log)];
      view = { ...this.#view, isCounting: false, problems };
    }
    if (run.signal.aborted) return;
    this.#isRunning = false;
    this.#tookMs = performance.now() - start;
    this.#set(view);
    this.#catchUp();
  }

  async #counted(wanted: string | null, signal: AbortSignal): Promise<DashboardView> {
    const paths = await this.#paths();
    signal.throwIfAborted();
    const choices = paths.map(choiceOf);
    const shown = wanted !== null && paths.includes(wanted) ? wanted : null;
    const { Statistics } = await import('../core/statistics');
    const { addStatistics } = await import('../statisticsOf');
    const statistics = new Statistics();
    const untouched: Awaited<ReturnType<typeof addStatistics>>[] = [];
    const reasons: Reason[] = [];
    const problems: string[] = [];
    let isBlind = false;
    let counted = 0;
    const add = async (shard: Shard) => {
      untouched.push(await addStatistics(shard, statistics, signal));
      const { policyProblem } = shard.facts;
      if (policyProblem) problems.push(localize(policyProblem));
      for (const reason of shard.policy.reasons) {
        if (!reasons.some(({ id }) => id === reason.id)) reasons.push(reason);
      }
      isBlind ||= shard.policy.blind;
      counted++;
    };
    for (const { path, name } of choices) {
      if (shown !== null && path !== shown) continue;
      try {
        await this.#with(path, signal, add);
      } catch (error) {
        signal.throwIfAborted();
        problems.push(t('dashboard.problem', name, explain(error, this.#log)));
      }
    }
    const totals: Totals | null = counted === 0 ? null : untouched.reduce(withUntouched, statistics.result());
    return {
      choices,
      shown,
      isCounting: false,
      totals,
      reasons,
      isBlind,
      problems,
    };
  }

  async #with(path: string, signal: AbortSignal, use: (shard: Shard) => Promise<void>): Promise<void> {
    const open = this.#editor.documents.find(({ uri }) => uri.fsPath === path);
    if (open) {
      await use((await open.session).shard);
      return;
    }
    const workspaceRoot = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path))?.uri.fsPath;
    const where = workspaceRoot === undefined ? {} : { workspaceRoot };
    const { withShard } = await import('../statisticsOf');
    await withShard(path, CLOCK, where, signal, use);
  }

  /** Shards that are open, and those that have reviews, in the order of their paths. */
  async #paths(): Promise<string[]> {
    return [...(await reviewedShards(this.#editor))].slice(0, MAX_SHARDS).sort();
  }
}

function choiceOf(path: string): ShardChoice {
  return { path, name: vscode.workspace.asRelativePath(path) };
}
