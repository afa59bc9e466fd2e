/** How far the shard in the active editor is, in the status bar. */
import * as vscode from 'vscode';
import { accepted } from '../core/sample';
import { STATES } from '../core/states';
import type { Session } from '../session';
import { languageName, localize, t } from './l10n';
import type { ReviewDocument } from './reviewDocument';
import type { ReviewEditor } from './reviewEditor';

/** Changes come in bursts; what is shown is at most this old. */
const SETTLE_MS = 100;

export class StatusBar implements vscode.Disposable {
  readonly #editor: ReviewEditor;
  readonly #item = vscode.window.createStatusBarItem('progress', vscode.StatusBarAlignment.Left);
  readonly #subscriptions: { dispose(): unknown }[] = [];
  #document: ReviewDocument | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unlisten: () => void = () => undefined;

  constructor(editor: ReviewEditor) {
    this.#editor = editor;
    this.#item.name = t('status.name');
    this.#item.command = 'crossalpaca.filters';
    this.#subscriptions.push(
      this.#item,
      editor.onDidChange(() => this.#follow()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#later()),
    );
  }

  dispose(): void {
    this.#leave();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #leave(): void {
    this.#unlisten();
    this.#unlisten = () => undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #follow(): void {
    const document = this.#editor.active?.document;
    if (document === this.#document) return;
    this.#leave();
    this.#document = document;
    this.#item.hide();
    document?.session.then(
      session => {
        if (document !== this.#document) return;
        this.#unlisten = session.shard.onChange(() => this.#later());
        this.#show(session);
      },
      // No shard: the page says why.
      () => undefined,
    );
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#document?.session.then(session => this.#show(session));
    }, SETTLE_MS);
  }

  #show(session: Session): void {
    if (session.shard.closed.aborted) return;
    const { rows, badRows, counts, matched, read, reviewer, readonly, sample } = session.view();
    const { policyProblem } = session.shard.facts;
    const restricted = vscode.workspace.isTrusted ? [] : [t('write.restricted')];
    const warnings = [
      ...restricted,
      ...[readonly, policyProblem].flatMap(said => (said ? localize(said) : [])),
    ];
    this.#item.text = matched
      ? t('status.approved', accepted(counts), rows - badRows)
      : t('status.reading', Math.floor(read * 100));
    const touched = STATES.flatMap(state => {
      const count = counts[state] ?? 0;
      return state === 'pending' || count === 0 ? [] : t('views.count', t(`state.${state}`), count);
    });
    const who = reviewer === null ? t('page.noReviewer') : t('page.reviewer', reviewer);
    const samples = (sample?.said ?? []).map(([lang, said]) =>
      t('views.sample', languageName(lang), localize(said)),
    );
    const lines = [...warnings, ...touched, ...samples, who, t('status.filters')];
    this.#item.tooltip = lines.join('\n');
    this.#item.accessibilityInformation = { label: [this.#item.text, ...lines].join('. ') };
    this.#item.backgroundColor =
      warnings.length > 0 ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.show();
  }
}
