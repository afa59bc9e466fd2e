/** How many records were decided in this sitting, and in what time, in the status bar. */
import * as vscode from 'vscode';
import type { Call } from '../core/protocol';
import { hoursAndMinutes, Sitting } from '../core/sitting';
import { t } from './l10n';
import type { ReviewDocument } from './reviewDocument';
import type { ReviewEditor } from './reviewEditor';

/** What the page asks by itself, with nobody at the keys. */
const BY_ITSELF: readonly Call['method'][] = ['start', 'rows', 'unit', 'nextPending', 'check'];

export class SittingBar implements vscode.Disposable {
  readonly #editor: ReviewEditor;
  readonly #sitting = new Sitting();
  readonly #item = vscode.window.createStatusBarItem('sitting', vscode.StatusBarAlignment.Left);
  readonly #subscription: vscode.Disposable;

  constructor(editor: ReviewEditor) {
    this.#editor = editor;
    this.#item.name = t('sitting.name');
    this.#subscription = vscode.Disposable.from(
      this.#item,
      editor.onDidChange(() => this.#show()),
      editor.onDidAnswer(({ document, call, value }) => {
        if (BY_ITSELF.includes(call.method)) return;
        this.#sitting.act(Date.now());
        // Of a shard that was closed, or a record that is gone by now, the count stays.
        const counted = this.#count(document, call, value).catch(() => undefined);
        void counted.then(() => this.#show());
      }),
    );
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  async #count(document: ReviewDocument, call: Call, value: unknown): Promise<void> {
    const named = (key: string) => `${document.uri.toString()} ${key}`;
    switch (call.method) {
      case 'decide':
        if (call.params[1] !== 'skip') this.#sitting.decide(named(call.params[0].key));
        return;
      case 'keep':
        this.#sitting.decide(named(call.params[0].key));
        return;
      case 'withdraw':
        this.#sitting.follow(named(call.params[0].key), false);
        return;
      case 'undo':
      case 'redo': {
        if (typeof value !== 'number') return;
        const session = await document.session;
        const view = await session.unit(value);
        if (view.kind !== 'unit') return;
        const isOwn = view.decisions.some(
          ({ by, decision, current }) => current && decision !== 'skip' && by === session.writer?.reviewer,
        );
        this.#sitting.follow(named(view.key), isOwn);
        return;
      }
      default:
    }
  }

  /** It changes only when something was done: nothing moves while one reads. */
  #show(): void {
    const { count, activeMs } = this.#sitting;
    if (!this.#editor.active || count === 0) {
      this.#item.hide();
      return;
    }
    const time = hoursAndMinutes(activeMs, vscode.env.language);
    this.#item.text = t('sitting.status', count, time);
    this.#item.tooltip = t('sitting.tooltip', count, time);
    this.#item.accessibilityInformation = { label: t('sitting.tooltip', count, time) };
    this.#item.show();
  }
}
