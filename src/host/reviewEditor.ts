/** The custom editor `crossalpaca.review`: opens a shard as a page. Readonly for VS Code, since it never writes the shard. */
import * as vscode from 'vscode';
import type { Call } from '../core/protocol';
import { showPage } from './pageFrame';
import { ReviewDocument } from './reviewDocument';
import { ReviewPage } from './reviewPage';
import type { Settings } from './settings';

export const VIEW_TYPE = 'crossalpaca.review';
/** Whether a page has the keyboard focus: boolean; keybindings depend on it. */
const FOCUS_CONTEXT = 'crossalpaca.pageFocus';

interface Answered {
  readonly document: ReviewDocument;
  readonly call: Call;
  /** What the method of that name returned. */
  readonly value: unknown;
}

export class ReviewEditor implements vscode.CustomReadonlyEditorProvider<ReviewDocument> {
  readonly #context: vscode.ExtensionContext;
  readonly #settings: Settings;
  readonly #log: vscode.LogOutputChannel;
  readonly #pages = new Set<ReviewPage>();
  readonly #changed = new vscode.EventEmitter<void>();
  /** A page was opened or closed, or another one may be the active one. */
  readonly onDidChange = this.#changed.event;
  readonly #answered = new vscode.EventEmitter<Answered>();
  /** What a page asked for was done. */
  readonly onDidAnswer = this.#answered.event;

  constructor(context: vscode.ExtensionContext, settings: Settings, log: vscode.LogOutputChannel) {
    this.#context = context;
    this.#settings = settings;
    this.#log = log;
  }

  /** The page that commands are meant for. */
  get active(): ReviewPage | undefined {
    return [...this.#pages].find(page => page.panel.active);
  }

  /** The page that shows a shard, as long as it is open. */
  pageOf(document: ReviewDocument): ReviewPage | undefined {
    return [...this.#pages].find(page => page.document === document);
  }

  /** Shards that are open in an editor. */
  get documents(): ReviewDocument[] {
    return [...this.#pages].map(page => page.document);
  }

  openCustomDocument(uri: vscode.Uri): ReviewDocument {
    return new ReviewDocument(uri, this.#context, this.#settings, this.#log);
  }

  resolveCustomEditor(document: ReviewDocument, panel: vscode.WebviewPanel): void {
    const onFocus = () => {
      const focused = [...this.#pages].some(each => each.hasFocus);
      void vscode.commands.executeCommand('setContext', FOCUS_CONTEXT, focused);
      this.#changed.fire();
    };
    const onAnswer = (call: Call, value: unknown) => this.#answered.fire({ document, call, value });
    const page = new ReviewPage(document, panel, this.#context, this.#settings, this.#log, {
      onFocus,
      onAnswer,
    });
    this.#pages.add(page);
    this.#changed.fire();
    panel.onDidDispose(() => {
      this.#pages.delete(page);
      page.dispose();
    });
    showPage(panel.webview, this.#context.extensionUri, 'webview');
  }
}
