/**
 * One change of all records of the queue: asked for by a command or the form for find and replace, shown as what it would
 * do, each record with its own tick, and then done as one action.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { BulkChange, BulkRow, BulkView, ShardView } from '../src/core/protocol';
import { difference } from './difference';
import { why } from './history';
import { call } from './rpc';
import type { Store } from './store';
import { sentence, t } from './text';

/** Records of the preview that are shown at once. */
const PAGE_ROWS = 50;

export class Bulk {
  /** What the panel shows; undefined: it is closed. */
  step: 'form' | 'preparing' | 'preview' | 'doing' | undefined;
  /** Share of the queue that was looked at, from 0 to 1. */
  done = 0;
  view: BulkView | undefined;
  rows: readonly BulkRow[] = [];
  /** Position of the first row shown. */
  from = 0;
  error: string | undefined;
  /** What is in the form; it stays for the next time. */
  readonly form = { find: '', replacement: '', matchCase: false };
  readonly #store: Store;
  /** Counts the changes asked for, so that the preview of an earlier one is not shown. */
  #run = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Opens the form for find and replace. */
  ask(): void {
    this.step = 'form';
    this.view = undefined;
    this.error = undefined;
    this.#store.set({});
  }

  async prepare(change: BulkChange): Promise<void> {
    const store = this.#store;
    if (this.step === 'doing') return;
    const run = ++this.#run;
    store.verdicts.close();
    // What is being typed is in the texts that are looked at.
    if (!(await store.commit())) return;
    Object.assign(this, { step: 'preparing', done: 0, view: undefined, rows: [], from: 0, error: undefined });
    store.set({ help: false });
    try {
      const view = await call('bulkPrepare', change);
      if (run !== this.#run) return;
      this.view = view;
      this.step = 'preview';
      await this.show(0);
      store.announce(t('bulkPage.ticked', view.ticked, view.total));
    } catch (error) {
      if (run !== this.#run) return;
      this.step = change.kind === 'replace' ? 'form' : 'preview';
      this.#fail(error);
    }
  }

  /** Shows a page of the preview, from a position on. */
  async show(from: number): Promise<void> {
    await this.#during(async () => {
      const rows = await call('bulkRows', from, PAGE_ROWS);
      this.from = from;
      this.rows = rows;
    });
  }

  /** @param position null: all of them */
  async tick(position: number | null, ticked: boolean): Promise<void> {
    // At once in the list; the counts follow.
    this.rows = this.rows.map(row =>
      position === null || row.position === position ? { ...row, ticked } : row,
    );
    this.#store.set({});
    await this.#during(async () => {
      this.view = await call('bulkTick', position, ticked);
    });
  }

  async commit(): Promise<void> {
    this.step = 'doing';
    this.error = undefined;
    this.#store.set({});
    try {
      const count = await call('bulkCommit');
      this.step = undefined;
      this.#run++;
      this.#store.announce(t('bulkPage.done', count));
    } catch (error) {
      this.step = 'preview';
      this.#fail(error);
    }
  }

  /** Ends what is under way, unless it is being written. */
  cancel(): void {
    if (this.step === undefined || this.step === 'doing') return;
    if (this.step !== 'form') void call('bulkCancel').catch((error: unknown) => this.#store.fail(error));
    this.step = undefined;
    this.#run++;
    this.#store.set({});
  }

  /** Asks the host about the preview that is shown. */
  async #during(work: () => Promise<void>): Promise<void> {
    const run = this.#run;
    try {
      await work();
    } catch (error) {
      if (run === this.#run) this.#fail(error);
    }
    this.#store.set({});
  }

  #fail(error: unknown): void {
    this.error = error instanceof Error ? error.message : String(error);
    this.#store.set({});
  }
}

export function bulkDialog(store: Store, shard: ShardView): TemplateResult {
  const { bulk } = store;
  const { step, view, error } = bulk;
  const { text } = shard.queue;
  return html`<dialog
    class="bulk"
    aria-labelledby="bulk-title"
    aria-busy=${step === 'preparing' || step === 'doing' ? 'true' : 'false'}
    @cancel=${(event: Event) => event.preventDefault()}
  >
    <h2 id="bulk-title" dir="auto">${view ? titleOf(view.change) : t('bulkPage.replace')}</h2>
    <p class="hint" dir="auto">${text === '' ? t('bulkPage.noFilter') : t('bulkPage.filter', text)}</p>
    ${error === undefined ? nothing : html`<p class="notice error" role="alert">${error}</p>`}
    ${step === 'form' ? form(store) : step === 'preparing' ? preparing(store) : preview(store, shard)}
  </dialog>`;
}

function titleOf(change: BulkChange): string {
  switch (change.kind) {
    case 'decide':
      return t(`bulkPage.${change.decision}`);
    case 'assign':
      return change.to === '' ? t('bulkPage.unassign') : t('bulkPage.assign', change.to);
    case 'replace':
      return t('bulkPage.replacement', change.find, change.replacement);
  }
}

function cancelButton({ bulk }: Store): TemplateResult {
  return html`<vscode-button
    appearance="secondary"
    ?disabled=${bulk.step === 'doing'}
    @click=${() => bulk.cancel()}
    >${t('page.cancel')}</vscode-button
  >`;
}

function form(store: Store): TemplateResult {
  const { bulk } = store;
  const values = bulk.form;
  const submit = (event: Event) => {
    event.preventDefault();
    void bulk.prepare({ kind: 'replace', ...values });
  };
  const box = (name: 'find' | 'replacement', label: string) =>
    html`<label for=${`bulk-${name}`}>${label}</label>
      <input
        id=${`bulk-${name}`}
        type="text"
        dir="auto"
        autocomplete="off"
        spellcheck="false"
        ?required=${name === 'find'}
        ?autofocus=${name === 'find'}
        .value=${live(values[name])}
        @input=${(event: Event) => (values[name] = (event.target as HTMLInputElement).value)}
      />`;
  return html`<form class="replace" @submit=${submit}>
    ${box('find', t('bulkPage.find'))} ${box('replacement', t('bulkPage.with'))}
    <label>
      <input
        type="checkbox"
        .checked=${live(values.matchCase)}
        @change=${(event: Event) => (values.matchCase = (event.target as HTMLInputElement).checked)}
      />
      ${t('bulkPage.matchCase')}
    </label>
    ${
      // Enter in one of several boxes submits only where there is a button of the browser's own.
      html`<button hidden></button>`
    }
    <div class="actions">
      <vscode-button
        @click=${(event: Event) => (event.target as HTMLElement).closest('form')?.requestSubmit()}
        >${t('bulkPage.preview')}</vscode-button
      >
      ${cancelButton(store)}
    </div>
  </form>`;
}

function preparing(store: Store): TemplateResult {
  const said = t('bulkPage.preparing', Math.floor(store.bulk.done * 100));
  return html`<p>
      <progress max="1" value=${store.bulk.done} aria-label=${said}></progress>
      ${said}
    </p>
    <div class="actions" tabindex="-1" autofocus>${cancelButton(store)}</div>`;
}

function preview(store: Store, shard: ShardView): TemplateResult {
  const { bulk } = store;
  const { view } = bulk;
  if (!view) return html`<div class="actions" tabindex="-1" autofocus>${cancelButton(store)}</div>`;
  const { change, total, ticked, refused, left } = view;
  const isBusy = bulk.step === 'doing';
  return html`${change.kind === 'decide' ? why(change.verdict.reasons, change.verdict.note, shard.reasons) : nothing}
    <p role="status">${total === 0 ? t('bulkPage.nothing') : t('bulkPage.ticked', ticked, total)}</p>
    ${left > 0 ? html`<p class="notice warning">${t('bulkPage.left', left)}</p>` : nothing}
    ${
      refused.length === 0
        ? nothing
        : html`<div>
            ${t('bulkPage.refused')}
            <ul class="refused">
              ${refused.map(
                ({ reason, count }) => html`<li>${t('bulkPage.refusal', sentence(reason), count)}</li>`,
              )}
            </ul>
          </div>`
    }
    ${total === 0 ? nothing : list(store, shard, total, isBusy)}
    <div class="actions" tabindex="-1" autofocus>
      ${
        total === 0
          ? nothing
          : html`<vscode-button ?disabled=${isBusy || ticked === 0} @click=${() => bulk.commit()}
              >${isBusy ? t('bulkPage.doing') : t('bulkPage.do', ticked)}</vscode-button
            >`
      }
      ${cancelButton(store)}
    </div>`;
}

function list(store: Store, shard: ShardView, total: number, isBusy: boolean): TemplateResult {
  const { bulk } = store;
  const { from, rows } = bulk;
  const page = (to: number, id: 'bulkPage.previousPage' | 'bulkPage.nextPage') =>
    html`<button class="link" ?disabled=${isBusy || to < 0 || to >= total} @click=${() => bulk.show(to)}>
      ${t(id)}
    </button>`;
  const all = (ticked: boolean) =>
    html`<button class="link" ?disabled=${isBusy} @click=${() => bulk.tick(null, ticked)}>
      ${t(ticked ? 'bulkPage.tickAll' : 'bulkPage.tickNone')}
    </button>`;
  return html`<div class="pager">
      ${all(true)} ${all(false)}
      ${
        total > PAGE_ROWS
          ? html`${page(from - PAGE_ROWS, 'bulkPage.previousPage')}
              <span>${t('bulkPage.page', from + 1, from + rows.length, total)}</span>
              ${page(from + PAGE_ROWS, 'bulkPage.nextPage')}`
          : nothing
      }
    </div>
    <ul class="changed" aria-label=${t('bulkPage.records')}>
      ${rows.map(row => item(store, shard, row, isBusy))}
    </ul>`;
}

function item({ bulk }: Store, shard: ShardView, row: BulkRow, isBusy: boolean): TemplateResult {
  return html`<li>
    <label>
      <input
        type="checkbox"
        ?disabled=${isBusy}
        .checked=${live(row.ticked)}
        @change=${(event: Event) => bulk.tick(row.position, (event.target as HTMLInputElement).checked)}
      />
      <strong dir="auto">${row.key}</strong>
      <span class="hint">${t('page.position', row.row + 1, shard.rows)}</span>
      ${row.findings > 0 ? html`<span class="finding warning">${t('page.findings', row.findings)}</span>` : nothing}
    </label>
    ${row.fields.map(
      ({ name, source, target }) =>
        html`<div>
          <em>${name}</em>
          <div class="pair">
            <div class="text" lang=${row.sourceLang} dir="auto" .textContent=${source}></div>
            <div class="text" lang=${row.lang} dir="auto" .textContent=${target}></div>
          </div>
        </div>`,
    )}
    ${row.changes.map(
      ({ name, before, after }) => html`<div><em>${name}</em> ${difference(before, after, row.lang)}</div>`,
    )}
    ${row.more > 0 ? html`<p class="hint">${t('bulkPage.more', row.more)}</p>` : nothing}
  </li>`;
}
