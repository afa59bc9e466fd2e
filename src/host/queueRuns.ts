/** CrossAlpaca: Regenerate Queue. What is asked before it, how far it is, pausing it, and going on with one after a restart. */
import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Profile } from '../asking';
import { UserError } from '../core/messages';
import { OUTCOMES } from '../core/regeneration';
import type { RunOrder, RunState } from '../io/runFile';
import { Queue } from '../queue';
import { QueueRun, type RunProgress } from '../regenerateQueue';
import type { Session } from '../session';
import type { Backends } from './backend';
import { explain, localize, t } from './l10n';
import { askWish, mayBegin } from './orderRun';
import type { ReviewDocument } from './reviewDocument';
import type { ReviewEditor } from './reviewEditor';

/** What the filter finds afterwards. */
const WITH_CANDIDATE = 'is:candidate';
/** Milliseconds between two looks at how far a run is: its units may be done by the thousand. */
const SHOW_MS = 250;

/** A run, with what it was begun with: to go on, the backend may be another one. */
interface Running {
  readonly run: QueueRun;
  readonly profile: Profile;
  readonly session: Session;
}

/** A run of an earlier time that was not finished. */
interface Unfinished {
  readonly session: Session;
  readonly state: RunState;
  /** Records that it is about; null where its query is none any more. */
  readonly total: number | null;
}

export class QueueRuns implements vscode.Disposable {
  readonly #editor: ReviewEditor;
  readonly #backends: Backends;
  readonly #log: vscode.LogOutputChannel;
  readonly #item = vscode.window.createStatusBarItem('regeneration', vscode.StatusBarAlignment.Left);
  readonly #subscription: vscode.Disposable;
  readonly #running = new Map<ReviewDocument, Running>();
  /** What waits for the user to go on with it or to forget it. */
  readonly #unfinished = new Map<ReviewDocument, Unfinished>();
  /** Shards whose unfinished run was offered, or that have none. */
  readonly #offered = new WeakSet<ReviewDocument>();

  constructor(editor: ReviewEditor, backends: Backends, log: vscode.LogOutputChannel) {
    this.#editor = editor;
    this.#backends = backends;
    this.#log = log;
    this.#item.command = 'crossalpaca.pauseRun';
    const offer = () => {
      for (const document of editor.documents) void this.#offerOnce(document);
    };
    this.#subscription = editor.onDidChange(offer);
    offer();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#item.dispose();
  }

  /** Asks what is to be made of the records of the queue, and begins. */
  async begin(document: ReviewDocument, session: Session): Promise<void> {
    if (!vscode.workspace.isTrusted) throw new UserError('setting.backend.restricted');
    if (this.#running.has(document)) return this.control();
    const state = await QueueRun.unfinished(session.asker);
    if (state) {
      const unfinished = await this.#keep(document, session, state);
      if (!(await this.#choose(document, unfinished))) return;
    }
    const { length, text } = session.queue.view;
    if (length === 0) throw new UserError('host.run.empty');
    const profile = await this.#backends.profile();
    const wanted = await askWish(length);
    if (!wanted) return;
    const { shownLang } = session.shard;
    const order: RunOrder = {
      query: text,
      langs: shownLang === null ? [] : [shownLang],
      ...wanted,
      style: profile.style,
      model: profile.backend.model,
    };
    if (!(await mayBegin(order, length, profile))) return;
    const run = await QueueRun.start(session.asker, order, profile);
    this.#follow(document, { run, profile, session });
  }

  /** Pauses the run, goes on with it or cancels it, as the user chooses; the same for one of an earlier time. */
  async control(): Promise<void> {
    const [document, running] = this.#shown(this.#running) ?? [];
    if (document && running) return this.#control(document, running.run);
    const [other, unfinished] = this.#shown(this.#unfinished) ?? [];
    if (!other || !unfinished) throw new UserError('host.run.none');
    await this.#choose(other, unfinished);
  }

  async #control(document: ReviewDocument, run: QueueRun): Promise<void> {
    const at = run.progress;
    const [pause, resume, cancel] = [t('host.run.pause'), t('host.run.resume'), t('host.run.cancel')];
    const select = t('setting.backend.select');
    const choices =
      at.state !== 'paused' ? [pause, cancel] : at.problem ? [resume, select, cancel] : [resume, cancel];
    const options = { title: titleOf(document), placeHolder: describe(at) };
    const picked = await vscode.window.showQuickPick(choices, options);
    if (picked === cancel) run.cancel();
    else if (picked === pause) run.pause();
    else if (picked === resume) await this.#resume(document);
    else if (picked === select) await vscode.commands.executeCommand('crossalpaca.selectBackend');
    this.#show();
  }

  /** Goes on, with the backend as it is set by now: it may be what was wrong. */
  async #resume(document: ReviewDocument): Promise<void> {
    const running = this.#running.get(document);
    if (!running) return;
    const { run, session } = running;
    const profile = await this.#backends.profile();
    if (run.progress.state !== 'paused') return;
    if (JSON.stringify(profile) === JSON.stringify(running.profile)) {
      run.resume();
      return;
    }
    this.#running.delete(document);
    run.cancel();
    await run.done.catch(() => undefined);
    const state = await QueueRun.unfinished(session.asker);
    if (state) this.#goOn(document, session, state, profile);
  }

  #goOn(document: ReviewDocument, session: Session, state: RunState, profile: Profile): void {
    this.#follow(document, { run: QueueRun.goOn(session.asker, state, profile), profile, session });
  }

  /** What the status bar is about: that of the active shard, else any. */
  #shown<T>(among: ReadonlyMap<ReviewDocument, T>): readonly [ReviewDocument, T] | undefined {
    const all = [...among];
    return all.find(([document]) => document === this.#editor.active?.document) ?? all[0];
  }

  #follow(document: ReviewDocument, running: Running): void {
    this.#unfinished.delete(document);
    this.#running.set(document, running);
    void this.#accompany(document, running);
    void this.#end(document, running);
  }

  /** Shows how far a run is: always in the status bar, and in a notification as long as it is not paused. */
  async #accompany(document: ReviewDocument, { run, session }: Running): Promise<void> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: titleOf(document),
      cancellable: true,
    };
    const isIn = (state: RunProgress['state']) => run.progress.state === state;
    while (isIn('running')) {
      document.run = run;
      await vscode.window.withProgress(options, async (progress, token) => {
        token.onCancellationRequested(() => run.cancel());
        let [reported, writing] = [0, 0];
        while (isIn('running')) {
          const at = run.progress;
          const percent = Math.floor((100 * at.done) / Math.max(1, at.total ?? Infinity));
          progress.report({ message: describe(at), increment: Math.max(0, percent - reported) });
          reported = Math.max(reported, percent);
          // The page says how many are being written.
          if (at.running !== writing) session.shard.emit([]);
          writing = at.running;
          this.#show();
          await setTimeout(SHOW_MS);
        }
      });
      if (!isIn('paused')) return;
      // From here on the status bar says what still comes to its end.
      document.run = undefined;
      session.shard.emit([]);
      const { problem } = run.progress;
      if (problem) void this.#tellStopped(document, problem);
      while (isIn('paused')) {
        this.#show();
        await setTimeout(SHOW_MS);
      }
    }
  }

  /** When a run has come to its end, or the user has cancelled it: then it is forgotten, and what it made stays. */
  async #end(document: ReviewDocument, running: Running): Promise<void> {
    const { run, session } = running;
    const { closed } = session.shard;
    const isCurrent = () => this.#running.get(document) === running;
    try {
      const at = await run.done;
      // One that ends since the shard is closed is offered again when it is opened.
      if (!isCurrent() || closed.aborted) return;
      if (at.state === 'cancelled') await QueueRun.forget(session.asker, run);
      void this.#tellEnd(document, at);
    } catch (error) {
      void vscode.window.showErrorMessage(explain(error, this.#log));
    } finally {
      if (isCurrent()) {
        this.#running.delete(document);
        document.run = undefined;
      }
      this.#show();
      if (!closed.aborted) session.shard.emit([]);
    }
  }

  #show(): void {
    const [document, running] = this.#shown(this.#running) ?? [];
    const [other, unfinished] = this.#shown(this.#unfinished) ?? [];
    if (document && running) this.#showRun(document, running.run.progress);
    else if (other && unfinished) this.#showUnfinished(other, unfinished);
    else this.#item.hide();
  }

  #showRun(document: ReviewDocument, at: RunProgress): void {
    const icon = at.state !== 'paused' ? '$(sync~spin)' : at.problem ? '$(warning)' : '$(debug-pause)';
    const said = `${titleOf(document)}: ${describe(at)}`;
    this.#showItem(document, `${icon} ${at.done}/${at.total ?? '…'}`, said, t('host.run.hint', said));
    if (at.problem) this.#item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
  }

  #showUnfinished(document: ReviewDocument, unfinished: Unfinished): void {
    const said = t('host.run.unfinished', nameOf(document), describeLeft(unfinished));
    const text = `$(debug-pause) ${doneOf(unfinished.state)}/${unfinished.total ?? '…'}`;
    this.#showItem(document, text, said, t('host.run.unfinishedHint', said));
  }

  #showItem(document: ReviewDocument, text: string, said: string, tooltip: string): void {
    this.#item.name = titleOf(document);
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: said, role: 'button' };
    this.#item.backgroundColor = undefined;
    this.#item.show();
  }

  async #tellStopped(document: ReviewDocument, problem: NonNullable<RunProgress['problem']>): Promise<void> {
    const [resume, select] = [t('host.run.resume'), t('setting.backend.select')];
    const message = t('host.run.stopped', nameOf(document), localize(problem));
    const picked = await vscode.window.showWarningMessage(message, resume, select);
    if (picked === select) await vscode.commands.executeCommand('crossalpaca.selectBackend');
    if (picked !== resume) return;
    await this.#resume(document).catch(
      (error: unknown) => void vscode.window.showErrorMessage(explain(error, this.#log)),
    );
  }

  async #tellEnd(document: ReviewDocument, at: RunProgress): Promise<void> {
    const outcomes = OUTCOMES.filter(outcome => at.outcomes[outcome] > 0).map(outcome =>
      t(`host.outcome.${outcome}`, at.outcomes[outcome]),
    );
    if (at.skipped > 0) outcomes.push(t('host.outcome.skipped', at.skipped));
    const id = at.state === 'done' ? 'host.run.done' : 'host.run.cancelled';
    const show = t('host.run.show');
    const message = t(id, nameOf(document), outcomes.join(' '));
    const hasSome = at.outcomes.good + at.outcomes.suspect > 0;
    const picked = await vscode.window.showInformationMessage(message, ...(hasSome ? [show] : []));
    if (picked === show) this.#editor.pageOf(document)?.ask(WITH_CANDIDATE);
  }

  /** When a shard is opened. */
  async #offerOnce(document: ReviewDocument): Promise<void> {
    if (this.#offered.has(document) || !vscode.workspace.isTrusted || this.#backends.url === '') return;
    this.#offered.add(document);
    const session = await document.session.catch(() => undefined);
    if (!session) return;
    const state = await QueueRun.unfinished(session.asker).catch(() => undefined);
    if (!state || this.#running.has(document)) return;
    try {
      const unfinished = await this.#keep(document, session, state);
      if (!this.#unfinished.has(document)) return;
      const message = t('host.run.unfinished', nameOf(document), describeLeft(unfinished));
      const choices = [t('host.run.resume'), t('host.run.forget')];
      const picked = await vscode.window.showInformationMessage(plain(message), ...choices);
      await this.#decide(document, unfinished, picked);
    } catch (error) {
      if (!session.shard.closed.aborted) void vscode.window.showErrorMessage(explain(error, this.#log));
    }
  }

  /** Keeps an unfinished run in the status bar until the user decides. */
  async #keep(document: ReviewDocument, session: Session, state: RunState): Promise<Unfinished> {
    const known = this.#unfinished.get(document);
    const total = known ? known.total : await countOf(session, state.order);
    const unfinished = { session, state, total };
    this.#unfinished.set(document, unfinished);
    const { closed } = session.shard;
    const forget = () => {
      this.#unfinished.delete(document);
      this.#show();
    };
    if (closed.aborted) forget();
    else if (!known) closed.addEventListener('abort', forget);
    this.#show();
    return unfinished;
  }

  /** Asks what is to become of an unfinished run. @returns whether it is forgotten, so that another may begin */
  async #choose(document: ReviewDocument, unfinished: Unfinished): Promise<boolean> {
    const title = t('host.run.unfinished', nameOf(document), describeLeft(unfinished));
    const picked = await vscode.window.showQuickPick([t('host.run.resume'), t('host.run.forget')], { title });
    return this.#decide(document, unfinished, picked);
  }

  /** @returns whether it is forgotten */
  async #decide(
    document: ReviewDocument,
    unfinished: Unfinished,
    picked: string | undefined,
  ): Promise<boolean> {
    const { session, state } = unfinished;
    // The notification may be answered long after the status bar was.
    const isOpen = () =>
      this.#unfinished.get(document)?.state.id === state.id && !this.#running.has(document);
    if (!isOpen()) return false;
    if (picked === t('host.run.forget')) {
      this.#unfinished.delete(document);
      this.#show();
      await QueueRun.forget(session.asker, state);
      return true;
    }
    if (picked !== t('host.run.resume')) return false;
    const profile = await this.#backends.profile();
    if (isOpen()) this.#goOn(document, session, state, profile);
    return false;
  }
}

const nameOf = (document: ReviewDocument) => basename(document.uri.fsPath);
const titleOf = (document: ReviewDocument) => t('host.run.running', nameOf(document));

/** Without the links that a notification would make of it: a query is from a file. */
const plain = (text: string) => text.replaceAll('](', '] (');

/** Whole sentences. */
function describe({ state, done, total, running, limit, waiting, problem }: RunProgress): string {
  const said =
    state === 'paused'
      ? [
          t('host.run.isPaused', done),
          running > 0 && t('host.run.finishing', running),
          problem && localize(problem),
        ]
      : [
          total === null ? t('host.run.searching', done, limit) : t('host.run.progress', done, total, limit),
          waiting && localize(waiting),
        ];
  return said.filter(Boolean).join(' ');
}

/** What a run was about, and how far it came. */
function describeLeft({ state, total }: Unfinished): string {
  const { query, model } = state.order;
  return t('host.run.left', query || 'all', doneOf(state), total ?? '?', model || '?');
}

function doneOf({ outcomes }: RunState): number {
  return Object.values(outcomes).reduce((sum, each) => sum + each, 0);
}

/** Records that a query selects; null where it is none. */
async function countOf({ asker: { shard, candidates } }: Session, order: RunOrder): Promise<number | null> {
  const queue = new Queue(shard, candidates);
  if (queue.ask(order.query)) return null;
  await queue.done;
  await shard.index.whole;
  queue.cancel();
  return queue.length * Math.max(1, order.langs.length);
}
