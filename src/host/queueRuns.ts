/** CrossAlpaca: Regenerate Queue. What is asked before it, how far it is, pausing it, and going on with one after a restart. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Profile } from '../asking';
import { UserError } from '../core/messages';
import { OUTCOMES, type Mode, type Wish } from '../core/regeneration';
import type { RunOrder, RunState } from '../io/runFile';
import { QueueRun, type RunProgress } from '../regenerateQueue';
import type { Session } from '../session';
import { hostOf, type Backends } from './backend';
import { explain, localize, t } from './l10n';
import type { ReviewDocument } from './reviewDocument';
import type { ReviewEditor } from './reviewEditor';

/** What the filter finds afterwards. */
const WITH_CANDIDATE = 'is:candidate';
/** Candidates for each record that are offered: more take long, and nobody compares them. */
const COUNTS = [1, 2, 3, 4];
/** Milliseconds between two looks at how far a run is: its units may be done by the thousand. */
const SHOW_MS = 250;

/** A run, with what it was begun with: to go on, the backend may be another one. */
interface Running {
  readonly run: QueueRun;
  readonly profile: Profile;
  readonly session: Session;
}

export class QueueRuns implements vscode.Disposable {
  readonly #editor: ReviewEditor;
  readonly #backends: Backends;
  readonly #log: vscode.LogOutputChannel;
  readonly #item = vscode.window.createStatusBarItem('regeneration', vscode.StatusBarAlignment.Left);
  readonly #subscription: vscode.Disposable;
  readonly #running = new Map<ReviewDocument, Running>();
  /** Shards whose unfinished run was offered, or that have none. */
  readonly #offered = new WeakSet<ReviewDocument>();

  constructor(editor: ReviewEditor, backends: Backends, log: vscode.LogOutputChannel) {
    this.#editor = editor;
    this.#backends = backends;
    this.#log = log;
    this.#item.command = 'crossalpaca.pauseRun';
    this.#subscription = editor.onDidChange(() => {
      for (const document of editor.documents) void this.#offerOnce(document);
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#item.dispose();
  }

  /** Asks what is to be made of the records of the queue, and begins. */
  async begin(document: ReviewDocument, session: Session): Promise<void> {
    if (!vscode.workspace.isTrusted) throw new UserError('setting.backend.restricted');
    if (this.#running.has(document)) return this.control();
    const unfinished = await QueueRun.unfinished(session.asker);
    if (unfinished) return this.#offer(document, session, unfinished);
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

  /** Pauses the run, goes on with it or cancels it, as the user chooses. */
  async control(): Promise<void> {
    const found = this.#shown();
    if (!found) throw new UserError('host.run.none');
    const [document, { run }] = found;
    const { state } = run.progress;
    const first = t(state === 'paused' ? 'host.run.resume' : 'host.run.pause');
    const cancel = t('host.run.cancel');
    const picked = await vscode.window.showQuickPick([first, cancel], { title: titleOf(document) });
    if (picked === cancel) run.cancel();
    else if (picked === first && state === 'paused') await this.#resume(document);
    else if (picked === first) run.pause();
    this.#show();
  }

  /** Goes on, with the backend as it is set by now: it may be what was wrong. */
  async #resume(document: ReviewDocument): Promise<void> {
    const running = this.#running.get(document);
    if (!running) return;
    const { run, session } = running;
    const profile = await this.#backends.profile();
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

  /** The run that the status bar is about: the one of the active shard, else any. */
  #shown(): [ReviewDocument, Running] | undefined {
    const all = [...this.#running];
    return all.find(([document]) => document === this.#editor.active?.document) ?? all[0];
  }

  #follow(document: ReviewDocument, running: Running): void {
    const { run } = running;
    this.#running.set(document, running);
    document.run = run;
    const timer = setInterval(() => this.#show(), SHOW_MS);
    const isCurrent = () => this.#running.get(document) === running;
    let told: RunProgress['problem'] = null;
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: titleOf(document),
      cancellable: true,
    };
    void vscode.window.withProgress(options, async (progress, token) => {
      token.onCancellationRequested(() => run.cancel());
      let reported = 0;
      const report = setInterval(() => {
        const at = run.progress;
        const percent = Math.floor((100 * at.done) / Math.max(1, at.total ?? Infinity));
        progress.report({ message: describe(at), increment: Math.max(0, percent - reported) });
        reported = Math.max(reported, percent);
        if (at.problem && at.problem !== told) void this.#tellStopped(document, at.problem);
        told = at.problem;
      }, SHOW_MS);
      await run.done.catch(() => undefined);
      clearInterval(report);
    });
    this.#show();
    run.done
      .then(
        at => {
          if (isCurrent()) void this.#tellEnd(document, at);
        },
        (error: unknown) => void vscode.window.showErrorMessage(explain(error, this.#log)),
      )
      .finally(() => {
        clearInterval(timer);
        if (isCurrent()) {
          this.#running.delete(document);
          document.run = undefined;
        }
        this.#show();
        if (!running.session.shard.closed.aborted) running.session.shard.emit([]);
      });
  }

  #show(): void {
    const found = this.#shown();
    if (!found) {
      this.#item.hide();
      return;
    }
    const [document, { run }] = found;
    const at = run.progress;
    this.#item.name = titleOf(document);
    this.#item.text = `${at.state === 'paused' ? '$(debug-pause)' : '$(sync~spin)'} ${at.done}/${at.total ?? '…'}`;
    const said = `${titleOf(document)}: ${describe(at)}.`;
    this.#item.tooltip = t('host.run.hint', said);
    this.#item.accessibilityInformation = { label: said, role: 'button' };
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
    if (!session || session.shard.closed.aborted) return;
    const state = await QueueRun.unfinished(session.asker).catch(() => undefined);
    if (!state || this.#running.has(document)) return;
    await this.#offer(document, session, state).catch(
      (error: unknown) => void vscode.window.showErrorMessage(explain(error, this.#log)),
    );
  }

  async #offer(document: ReviewDocument, session: Session, state: RunState): Promise<void> {
    const [resume, forget] = [t('host.run.resume'), t('host.run.forget')];
    const message = t(
      'host.run.unfinished',
      nameOf(document),
      Object.values(state.outcomes).reduce((sum, each) => sum + each, 0),
      hostOf(this.#backends.url),
    );
    const picked = await vscode.window.showInformationMessage(message, resume, forget);
    if (picked === forget) await QueueRun.forget(session.asker);
    if (picked !== resume || this.#running.has(document)) return;
    this.#goOn(document, session, state, await this.#backends.profile());
  }
}

const nameOf = (document: ReviewDocument) => basename(document.uri.fsPath);
const titleOf = (document: ReviewDocument) => t('host.run.running', nameOf(document));

function describe({ state, done, total, limit, waiting }: RunProgress): string {
  if (state === 'paused') return t('host.run.isPaused', done);
  const far =
    total === null ? t('host.run.searching', done, limit) : t('host.run.progress', done, total, limit);
  return waiting ? `${far} · ${localize(waiting)}` : far;
}

type Wanted = Pick<RunOrder, 'wish' | 'onlyFlagged' | 'skipWithCandidate'>;

/** @returns undefined if the user left it */
async function askWish(records: number): Promise<Wanted | undefined> {
  const title = t('host.run.title', records);
  const what = await vscode.window.showQuickPick(
    (['flagged', 'all', 'answer'] as const).map(id => ({
      label: t(`host.run.${id}`),
      detail: t(`host.run.${id}.detail`),
      id,
    })),
    { title },
  );
  if (!what) return undefined;
  const count = await vscode.window.showQuickPick(
    COUNTS.map(each => ({
      label: each === 1 ? t('host.run.countOne') : t('host.run.countMany', each),
      count: each,
    })),
    { title: t('host.run.count') },
  );
  if (!count) return undefined;
  const which = await vscode.window.showQuickPick(
    [
      { label: t('host.run.without'), skip: true },
      { label: t('host.run.every'), skip: false },
    ],
    { title: t('host.run.which') },
  );
  if (!which) return undefined;
  const mode: Mode = what.id === 'answer' ? 'answer' : 'translate';
  const wish: Omit<Wish, 'finding'> = {
    mode,
    fields: mode === 'answer' ? ['output'] : [],
    advice: '',
    count: count.count,
    split: 'record',
  };
  return { wish, onlyFlagged: what.id === 'flagged', skipWithCandidate: which.skip };
}

/** Says what it comes to, and asks. */
async function mayBegin({ wish }: RunOrder, records: number, profile: Profile): Promise<boolean> {
  const begin = t('host.run.start');
  const { url, model } = profile.backend;
  const whom = model === '' ? hostOf(url) : `${model} (${hostOf(url)})`;
  const message = t('host.run.preview', records.toLocaleString(), whom);
  const requests = (records * wish.count).toLocaleString();
  const detail = t('host.run.previewDetail', requests, profile.concurrency);
  return (await vscode.window.showInformationMessage(message, { modal: true, detail }, begin)) === begin;
}
