/** The custom editor `crossalpaca.review`: opens a shard as a page. Readonly for VS Code, since it never writes the shard. */
import * as vscode from 'vscode';
import { t } from './l10n';
import type { Call } from '../core/protocol';
import { showPage } from './pageFrame';
import type { ReviewDocument } from './reviewDocument';
import type { ReviewPage } from './reviewPage';
import type { Settings } from './settings';

export const VIEW_TYPE = 'crossalpaca.review';
/** Whether a page has the keyboard focus: boolean; keybindings depend on it. */
const FOCUS_CONTEXT = 'crossalpaca.pageFocus';

/** Documents and pages, and most of the code behind them. */
const loadCode = async (settings: Settings) => ({
  ...(await import('./reviewDocument')),
  ...(await import('./reviewPage')),
  backends: await settings.backends(),
});

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
  /** Those last that were the active one last. */
  readonly #pages = new Set<ReviewPage>();
  /** Loaded with the first shard. */
  #code: Awaited<ReturnType<typeof loadCode>> | undefined;
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

  /** The active page, or else the one that was it last, as long as it is open. */
  get latest(): ReviewPage | undefined {
    return this.active ?? [...this.#pages].at(-1);
  }

  /** The page that shows a shard, as long as it is open. */
  pageOf(document: ReviewDocument): ReviewPage | undefined {
    return [...this.#pages].find(page => page.document === document);
  }

  /** Shards that are open in an editor. */
  get documents(): ReviewDocument[] {
    return [...this.#pages].map(page => page.document);
  }

  /** @throws Error, which VS Code shows in place of the page, where the file is on no disk of this machine */
  async openCustomDocument(uri: vscode.Uri): Promise<ReviewDocument> {
    if (uri.scheme !== 'file') throw new Error(t('place.notOnDisk', uri.toString(true)));
    this.#code ??= await loadCode(this.#settings);
    return new this.#code.ReviewDocument(uri, this.#context, this.#settings, this.#log);
  }

  resolveCustomEditor(document: ReviewDocument, panel: vscode.WebviewPanel): void {
    if (!this.#code) throw new Error('VS Code asks for the page of a document that it has not opened.');
    // First, since the window takes longest: the shard is opened meanwhile.
    showPage(panel.webview, this.#context.extensionUri, 'webview');
    const onFocus = () => {
      const focused = [...this.#pages].some(each => each.hasFocus);
      void vscode.commands.executeCommand('setContext', FOCUS_CONTEXT, focused);
      const { active } = this;
      if (active) {
        this.#pages.delete(active);
        this.#pages.add(active);
      }
      this.#changed.fire();
    };
    const onAnswer = (call: Call, value: unknown) => this.#answered.fire({ document, call, value });
    const { ReviewPage, backends } = this.#code;
    const page = new ReviewPage(document, panel, this.#context, this.#settings, backends, this.#log, {
      onFocus,
      onAnswer,
    });
    this.#pages.add(page);
    this.#changed.fire();
    panel.onDidDispose(() => {
      this.#pages.delete(page);
      page.dispose();
    });
  }
}
