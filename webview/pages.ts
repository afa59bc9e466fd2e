/** The part of the list that is here: pages of it, fetched when they come into sight. */
import type { QueueView, RowSummary } from '../src/core/protocol';
import { call } from './rpc';

/** Records fetched at once, and pages of them kept. */
const PAGE_ROWS = 50;
const MAX_PAGES = 40;

export class Pages {
  readonly #changed: () => void;
  readonly #failed: (error: unknown) => void;
  #pages = new Map<number, readonly RowSummary[] | undefined>();
  #stale = new Set<number>();
  readonly #fetching = new Set<number>();
  /** Pages that could not be had: asked for again only when there is news, since each failure draws the list anew. */
  readonly #failedPages = new Set<number>();
  #version = -1;
  #length = 0;

  constructor(changed: () => void, failed: (error: unknown) => void) {
    this.#changed = changed;
    this.#failed = failed;
  }

  /** Takes on the queue as it is now: its positions may mean other records. */
  show({ version, length }: QueueView): void {
    this.#length = length;
    this.#failedPages.clear();
    if (version === this.#version) return;
    this.#version = version;
    this.#pages = new Map();
    this.#stale = new Set();
  }

  /** Marks what is to be fetched again. */
  change(rows: readonly number[] | 'all'): void {
    for (const [page, summaries] of this.#pages) {
      if (rows === 'all' || summaries?.some(each => rows.includes(each.row))) this.#stale.add(page);
    }
  }

  /** The record at a position, if it is here; otherwise it is asked for. */
  at(position: number): RowSummary | undefined {
    const page = Math.floor(position / PAGE_ROWS);
    if (this.#failedPages.has(page)) return this.#pages.get(page)?.[position % PAGE_ROWS];
    const there = this.#pages.get(page);
    const wanted = Math.min(PAGE_ROWS, this.#length - page * PAGE_ROWS);
    const isShort = there !== undefined && there.length < wanted && !this.#fetching.has(page);
    // What is shown stays until the new rows are here: nothing blinks.
    if (!this.#pages.has(page) || this.#stale.delete(page) || isShort) void this.#fetch(page);
    return this.#pages.get(page)?.[position % PAGE_ROWS];
  }

  async #fetch(page: number): Promise<void> {
    const pages = this.#pages;
    this.#fetching.add(page);
    if (!pages.has(page)) pages.set(page, undefined);
    for (const old of pages.keys()) if (pages.size > MAX_PAGES) pages.delete(old);
    try {
      const rows = await call('rows', page * PAGE_ROWS, PAGE_ROWS);
      // Of a queue that was replaced meanwhile.
      if (pages !== this.#pages) return;
      pages.set(page, rows);
    } catch (error) {
      if (pages !== this.#pages) return;
      if (pages.get(page) === undefined) pages.delete(page);
      this.#failedPages.add(page);
      this.#failed(error);
    } finally {
      this.#fetching.delete(page);
    }
    this.#changed();
  }
}
