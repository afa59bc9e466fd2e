/**
 * The list of records: only the rows on screen exist as elements, so that a shard of any size scrolls alike. Browsers cap
 * the height of an element at about 17 million pixels; past that the scroll position is mapped to rows in proportion.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { RowSummary, ShardView } from '../src/core/protocol';
import type { Store } from './store';
import { number, sentence, t } from './text';

/** Pixels; the same as `--row` in styles.css. */
const ROW_HEIGHT = 46;
const MAX_HEIGHT = 8_000_000;

let firstShown = 0;
let rowsShown = 0;
/** The row that was last brought into view. */
let revealed = -1;

export function queue(store: Store, shard: ShardView): TemplateResult {
  const rows = Array.from(
    { length: Math.max(0, Math.min(rowsShown, shard.rows - firstShown)) },
    (_, index) => firstShown + index,
  );
  return html`<nav aria-label=${t('page.queue')}>
    <div
      id="queue"
      role="listbox"
      tabindex="0"
      aria-label=${t('page.queue')}
      aria-activedescendant=${`row-${store.row}`}
      @scroll=${() => store.set({})}
    >
      <div class="height"></div>
      <div class="rows">
        ${repeat(
          rows,
          row => row,
          row => item(store, shard, row, store.summary(row)),
        )}
      </div>
    </div>
  </nav>`;
}

function item(store: Store, shard: ShardView, row: number, summary: RowSummary | undefined): TemplateResult {
  const selected = row === store.row;
  const state = summary?.bad ? 'bad' : (summary?.state ?? 'pending');
  const label = !summary
    ? t('page.loading')
    : summary.bad
      ? sentence(summary.bad)
      : t(`state.${summary.state}`);
  return html`<div
    id=${`row-${row}`}
    class="row ${state}"
    role="option"
    aria-selected=${selected ? 'true' : 'false'}
    aria-setsize=${shard.rows}
    aria-posinset=${row + 1}
    @click=${() => store.go(row)}
  >
    <span class="mark" aria-hidden="true"></span>
    <span class="words" dir="auto">${summary?.text ?? ''}</span>
    <span class="state">
      ${summary?.bad ? t(shard.isArray ? 'page.element' : 'page.line', summary.line) : number(row + 1)} ·
      ${label} ${summary && !summary.bad && shard.targetLangs.length > 1 ? html` · ${summary.lang}` : nothing}
    </span>
    ${
      summary && summary.findings > 0
        ? html`<span
            class="count"
            role="img"
            aria-label=${t('page.findings', summary.findings)}
            title=${t('page.findings', summary.findings)}
            >${number(summary.findings)}</span
          >`
        : nothing
    }
  </div>`;
}

/** After each drawing: the height of the list, which rows are in sight, and the selected one brought into view. */
export function layoutQueue(store: Store): void {
  const list = document.querySelector<HTMLElement>('#queue');
  const spacer = list?.querySelector<HTMLElement>('.height');
  const shown = list?.querySelector<HTMLElement>('.rows');
  if (!list || !spacer || !shown || !store.shard) return;
  const { rows } = store.shard;
  const height = Math.min(rows * ROW_HEIGHT, MAX_HEIGHT);
  spacer.style.height = `${height}px`;

  const visible = list.clientHeight / ROW_HEIGHT;
  const range = Math.max(1, height - list.clientHeight);
  const toRow = Math.max(0, rows - visible) / range;
  if (store.row !== revealed) {
    revealed = store.row;
    const first = list.scrollTop * toRow;
    if (store.row < first) list.scrollTop = store.row / toRow;
    else if (store.row + 1 > first + visible) list.scrollTop = (store.row + 1 - visible) / toRow;
  }
  const top = list.scrollTop * toRow;
  const first = Math.floor(top);
  const count = Math.ceil(visible) + 1;
  shown.style.transform = `translateY(${list.scrollTop - (top - first) * ROW_HEIGHT}px)`;
  if (first === firstShown && count === rowsShown) return;
  firstShown = first;
  rowsShown = count;
  store.set({});
}
