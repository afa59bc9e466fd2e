/** What a page asks of the model, and the candidates that are made ahead while its user reads. */
import { extname } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../core/messages';
import type { FieldText, HostEvent, SignalsView, Target, UnitView } from '../core/protocol';
import type { Wish } from '../core/regeneration';
import type { Waiting } from '../io/retry';
import { LookAhead } from '../lookAhead';
import { waitingSaid } from '../regenerateQueue';
import type { Backends } from './backend';
import type { ReviewDocument } from './reviewDocument';
import { showText } from './shownText';

export class Regeneration implements vscode.Disposable {
  readonly #document: ReviewDocument;
  readonly #backends: Backends;
  readonly #post: (event: HostEvent) => void;
  readonly #onRunning: () => void;
  /** What the page waits for: a stream by its number, what speaks for a candidate by the candidate. */
  readonly #streams = new Map<number | string, AbortController>();
  readonly #gone = new AbortController();
  readonly #subscription: vscode.Disposable;
  /** Made when it is first needed: most people read without it. */
  #lookAhead: LookAhead | undefined;
  /** The row that the user reads; undefined while the page is hidden, or has shown none. */
  #row: number | undefined;
  /** The row for whose candidates signals were asked for last. */
  #signalsRow: number | undefined;

  constructor(
    document: ReviewDocument,
    backends: Backends,
    page: { readonly post: (event: HostEvent) => void; readonly onRunning: () => void },
  ) {
    this.#document = document;
    this.#backends = backends;
    this.#post = page.post;
    this.#onRunning = page.onRunning;
    this.#subscription = vscode.workspace.onDidChangeConfiguration(change => {
      if (!change.affectsConfiguration('crossalpaca')) return;
      void this.#ahead();
      this.#onRunning();
    });
  }

  dispose(): void {
    this.cancelAll();
    this.#gone.abort();
    this.#subscription.dispose();
    this.#lookAhead?.stop();
  }

  /** Candidates that are being written, for records ahead and for the whole queue. */
  get running(): number {
    return (this.#lookAhead?.running ?? 0) + (this.#document.run?.progress.running ?? 0);
  }

  /** The user has come to a row, or reads none (undefined) since the page is hidden. */
  visit(row: number | undefined): void {
    // What speaks for a candidate of another record is not waited for any more.
    if (row !== undefined && row !== this.#signalsRow)
      for (const [key, stream] of this.#streams) if (typeof key === 'string') stream.abort();
    this.#row = row;
    void this.#ahead();
  }

  /** Candidates for what comes next; a server that the user has not agreed to yet is not asked. */
  async #ahead(): Promise<void> {
    const { lookAhead: count, url } = this.#backends;
    const row = this.#row;
    const isWanted = row !== undefined && count > 0 && vscode.workspace.isTrusted;
    if (!isWanted || url === '' || !this.#backends.isConfirmed(url)) {
      this.#lookAhead?.stop();
      return;
    }
    try {
      const session = await this.#document.session;
      const profile = await this.#backends.profile(this.#gone.signal);
      if (this.#gone.signal.aborted || this.#row !== row) return;
      if (!this.#lookAhead) {
        this.#lookAhead = new LookAhead(session.asker, session.queue);
        this.#lookAhead.onChange(this.#onRunning);
      }
      this.#lookAhead.visit(session.queue.place(row).position, count, profile);
    } catch {
      // Nobody asked for it. What is wrong is said when the user asks for a candidate.
    }
  }

  async regenerate(target: Target, wish: Wish, stream: number): Promise<UnitView> {
    return this.#cancellable(stream, async signal => {
      const profile = await this.#backends.profile(signal);
      signal.throwIfAborted();
      const session = await this.#document.session;
      const shown = new Map<number, readonly FieldText[]>();
      const post = (seed: number, waiting: Waiting | null) => {
        this.#post({
          event: 'partial',
          stream,
          seed,
          texts: shown.get(seed) ?? [],
          waiting: waiting && waitingSaid(waiting),
        });
      };
      return session.regenerate(target, wish, profile, {
        signal,
        onPartial: (seed, texts) => {
          shown.set(seed, texts);
          post(seed, null);
        },
        onWait: post,
      });
    });
  }

  /** @throws UserError `backend.aborted` for whatever happens after a cancellation */
  async #cancellable<T>(stream: number | string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    this.#streams.set(stream, controller);
    try {
      return await work(controller.signal);
    } catch (error) {
      if (controller.signal.aborted) throw new UserError('backend.aborted');
      this.#backends.failed(error);
      throw error;
    } finally {
      if (this.#streams.get(stream) === controller) this.#streams.delete(stream);
    }
  }

  cancel(waited: number | string): void {
    this.#streams.get(waited)?.abort();
  }

  /** For a page that has gone, or that starts again and has forgotten what it had asked for. */
  cancelAll(): void {
    for (const stream of this.#streams.values()) stream.abort();
  }

  /** Shows what `regenerate` would send, beside the review; nothing is sent. */
  async showRequest(target: Target, wish: Wish): Promise<void> {
    const session = await this.#document.session;
    const text = await session.requestText(target, wish, this.#backends.profileToShow());
    const { fsPath } = this.#document.uri;
    const name = fsPath.slice(0, fsPath.length - extname(fsPath).length);
    await showText(`${name}.request.json`, text, vscode.ViewColumn.Beside);
  }

  async signals(target: Target, candidate: string): Promise<SignalsView> {
    this.#signalsRow = target.row;
    return this.#cancellable(candidate, async signal => {
      const profile = await this.#backends.profile(signal);
      const session = await this.#document.session;
      return session.signals(target, candidate, profile, signal);
    });
  }
}
