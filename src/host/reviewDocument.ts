/** A shard that is open in an editor: its session, and everything that makes it look at the disk again. */
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { CLOCK } from '../io/clock';
import { REVIEW_FOLDER } from '../io/reviewFolder';
import type { QueueRun } from '../regenerateQueue';
import { Session } from '../session';
import type { Settings } from './settings';

/** Changes on disk come in bursts (a git pull); they are looked at once they have settled this long. */
const SETTLE_MS = 200;

export class ReviewDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  readonly folder: string;
  /** What regenerates its whole queue, as long as that is under way. */
  run: QueueRun | undefined;
  #session: Promise<Session> | undefined;
  readonly #context: vscode.ExtensionContext;
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #settings: Settings;
  readonly #log: vscode.LogOutputChannel;
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(
    uri: vscode.Uri,
    context: vscode.ExtensionContext,
    settings: Settings,
    log: vscode.LogOutputChannel,
  ) {
    this.uri = uri;
    this.folder = dirname(uri.fsPath);
    this.#settings = settings;
    this.#log = log;
    this.#context = context;
  }

  /** Opened when it is first asked for, so that its page is on the way before. Rejected with a UserError where the file is no shard. */
  get session(): Promise<Session> {
    if (!this.#session) {
      this.#session = this.#open(this.#context);
      // The page says what went wrong; here it only must not count as unhandled.
      this.#session.catch((error: unknown) => this.#log.warn(String(error)));
    }
    return this.#session;
  }

  async #open(context: vscode.ExtensionContext): Promise<Session> {
    const path = this.uri.fsPath;
    const workspaceRoot = vscode.workspace.getWorkspaceFolder(this.uri)?.uri.fsPath;
    const writer = await this.#settings.writer(this.folder);
    const place = createHash('sha256').update(path).digest('hex').slice(0, 32);
    const session = await Session.open({
      path,
      clock: CLOCK,
      draftFile: join(context.globalStorageUri.fsPath, 'drafts', `${place}.json`),
      ...(writer ? { writer } : {}),
      ...(workspaceRoot === undefined ? {} : { workspaceRoot }),
    });
    if (this.#disposed) session.shard.close();
    else this.#watch();
    return session;
  }

  /** Watchers only make it sooner: the same look is taken whenever the window gets the focus. */
  #watch(): void {
    const folder = vscode.Uri.file(this.folder);
    const later = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.refresh(), SETTLE_MS);
    };
    for (const pattern of [basename(this.uri.fsPath), `${REVIEW_FOLDER}/**`]) {
      const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, pattern));
      this.#subscriptions.push(
        watcher,
        watcher.onDidChange(later),
        watcher.onDidCreate(later),
        watcher.onDidDelete(later),
      );
    }
    this.#subscriptions.push(
      vscode.window.onDidChangeWindowState(state => {
        if (state.focused) later();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.adoptWriter()),
      vscode.workspace.onDidChangeConfiguration(change => {
        if (change.affectsConfiguration('crossalpaca')) void this.adoptWriter();
      }),
    );
  }

  async refresh(): Promise<void> {
    try {
      await (await this.session).refresh();
    } catch (error) {
      this.#log.warn(String(error));
    }
  }

  /** Takes on the reviewer's name as it is set now, if any. @returns whether there is one */
  async adoptWriter(): Promise<boolean> {
    try {
      const writer = await this.#settings.writer(this.folder);
      (await this.session).setWriter(writer);
      return writer !== undefined;
    } catch (error) {
      this.#log.warn(String(error));
      return false;
    }
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#session?.then(session => session.shard.close()).catch(() => undefined);
  }
}
