/**
 * The list of records, and the filter that makes it. Only the rows on screen exist as elements, so that a shard of any size
 * scrolls alike. Browsers cap the height of an element at about 17 million pixels; past that the scroll bar stands for the
 * list in proportion, and the wheel and the keys still move by rows.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { RowSummary, ShardView } from '../src/core/protocol';
import { separator } from './look';
import type { Store } from './store';
import { number, sentence, t } from './text';

/** Pixels; the same as `--row` in styles/base.css. */
const ROW_HEIGHT = 46;
const MAX_HEIGHT = 8_000_000;

let firstShown = 0;
let rowsShown = 0;
/** The position that was last brought into view. */
let revealed = -1;
/** Records above the upper edge of the list, with a fraction: more exact than the scroll bar of a long list. */
let top = 0;
/** Where the scroll bar was put for that. */
let scrolledTo = 0;

export function queue(store: Store, shard: ShardView): TemplateResult {
  const { length } = shard.queue;
  const positions = Array.from(
    { length: Math.max(0, Math.min(rowsShown, length - firstShown)) },
    (_, index) => firstShown + index,
  );
  return html`<nav aria-label=${t('page.queue')}>
    ${filter(store, shard)}
    <div
      id="queue"
      role="listbox"
      tabindex="0"
      aria-label=${t('page.queue')}
      aria-activedescendant=${store.isInQueue && positions.includes(store.position) ? `row-${store.position}` : nothing}
      @scroll=${() => store.set({})}
      @wheel=${(event: WheelEvent) => turn(store, event)}
      @keydown=${(event: KeyboardEvent) => jump(store, event)}
    >
      <div class="height"></div>
      <div class="rows">
        ${repeat(
          positions,
          position => position,
          position => item(store, shard, position, store.summary(position)),
        )}
      </div>
    </div>
    ${separator(store, 'list')}
  </nav>`;
}

/** The box is not of type search, which Escape would empty without asking anew. */
function filter(store: Store, shard: ShardView): TemplateResult {
  const { text, length, progress, problem } = shard.queue;
  const typed = store.filter ?? text;
  const mistake = store.mistake;
  return html`<form
    class="filter"
    role="search"
    @submit=${(event: Event) => {
      event.preventDefault();
      // Not as it was drawn: the last letters may have come since.
      void store.ask(store.filter ?? text);
    }}
  >
    <div class="ask">
      <input
        id="filter"
        type="text"
        autocomplete="off"
        spellcheck="false"
        dir="auto"
        aria-label=${t('filter.label')}
        aria-describedby="filter-state"
        aria-invalid=${mistake ? 'true' : 'false'}
        placeholder=${t('filter.placeholder')}
        .value=${live(typed)}
        @input=${(event: Event) => store.typeFilter((event.target as HTMLInputElement).value)}
      />
      <button type="button" class="link" title=${t('filter.saved')} @click=${() => store.run('filters')}>
        ${t('filter.menu')}
      </button>
    </div>
    <p id="filter-state" class="hint">
      ${
        mistake
          ? html`<span class="error">${sentence(mistake.reason)}</span>`
          : progress === null
            ? length === 0 && text !== ''
              ? t('queue.empty')
              : t('filter.count', length)
            : html`${t('filter.searching', length, Math.floor(progress * 100))}
                <button type="button" class="link" @click=${() => store.cancelSearch()}>
                  ${t('page.cancel')}
                </button>`
      }
      ${
        text !== '' && progress === null && !mistake
          ? html`<button type="button" class="link" @click=${() => store.act('refreshQueue')}>
                ${t('filter.refresh')}
              </button>
              <button type="button" class="link" @click=${() => store.ask('')}>${t('filter.clear')}</button>`
          : nothing
      }
      ${
        // What is in the box must be what they are about.
        length === 0 || mistake
          ? nothing
          : html`<button type="button" class="link" @click=${() => store.run('bulk')}>
                ${t('page.changeAll')}
              </button>
              <button type="button" class="link" @click=${() => store.act('replace')}>
                ${t('page.replaceAll')}
              </button>
              ${
                shard.backend === null
                  ? nothing
                  : html`<button type="button" class="link" @click=${() => store.run('regenerateQueue')}>
                      ${t('candidates.regenerateAll')}
                    </button>`
              }`
      }
      ${problem ? html`<span class="error">${sentence(problem)}</span>` : nothing}
    </p>
  </form>`;
}

function item(
  store: Store,
  shard: ShardView,
  position: number,
  summary: RowSummary | undefined,
): TemplateResult {
  const selected = store.isInQueue && position === store.position;
  const state = summary?.bad ? 'bad' : (summary?.state ?? 'pending');
  const label = !summary
    ? t('page.loading')
    : summary.bad
      ? sentence(summary.bad)
      : t(`state.${summary.state}`);
  const place = summary?.bad
    ? t(shard.isArray ? 'page.element' : 'page.line', summary.line)
    : number((summary?.row ?? position) + 1);
  return html`<div
    id=${`row-${position}`}
    class="row ${state}"
    role="option"
    aria-selected=${selected ? 'true' : 'false'}
    aria-setsize=${shard.queue.length}
    aria-posinset=${position + 1}
    @click=${() => store.go(position)}
  >
    <span class="mark" aria-hidden="true"></span>
    <span class="words" dir="auto">${summary?.text ?? ''}</span>
    <span class="state">
      ${place} · ${label} ${summary?.hasCandidate ? html`· ${t('candidates.waits')}` : nothing}
      ${summary && !summary.bad && shard.targetLangs.length > 1 ? html` · ${summary.lang}` : nothing}
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

/** What the wheel does to a list that is higher than an element can be: the scroll bar alone would leap over rows. */
function turn(store: Store, event: WheelEvent): void {
  if ((store.shard?.queue.length ?? 0) * ROW_HEIGHT <= MAX_HEIGHT || event.ctrlKey) return;
  event.preventDefault();
  // By lines or pages in some browsers and settings.
  const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * ROW_HEIGHT;
  scrollTo(store, top + pixels / ROW_HEIGHT);
  store.set({});
}

/** Keys of a list that VS Code has no command for. */
function jump(store: Store, event: KeyboardEvent): void {
  const page = Math.max(1, rowsShown - 2);
  const last = (store.shard?.queue.length ?? 1) - 1;
  const to = {
    Home: 0,
    End: last,
    PageUp: store.position - page,
    PageDown: store.position + page,
  }[event.key];
  if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  void store.go(to);
}

interface Measures {
  readonly list: HTMLElement;
  readonly height: number;
  /** Records in sight. */
  readonly visible: number;
  /** Records for a pixel of the scroll bar. */
  readonly scale: number;
}

function measure(store: Store): Measures | undefined {
  const list = document.querySelector<HTMLElement>('#queue');
  if (!list || !store.shard) return undefined;
  const { length } = store.shard.queue;
  const height = Math.min(length * ROW_HEIGHT, MAX_HEIGHT);
  const visible = list.clientHeight / ROW_HEIGHT;
  const scale = Math.max(0, length - visible) / Math.max(1, height - list.clientHeight);
  return { list, height, visible, scale };
}

function scrollTo(store: Store, wanted: number): void {
  const measures = measure(store);
  if (!measures) return;
  const { list, visible, scale } = measures;
  top = Math.max(0, Math.min(wanted, (store.shard?.queue.length ?? 0) - visible));
  list.scrollTop = scale === 0 ? 0 : top / scale;
  // The browser rounds it.
  scrolledTo = list.scrollTop;
}

/** After each drawing: the height of the list, which rows are in sight, and the selected one brought into view. */
export function layoutQueue(store: Store): void {
  const spacer = document.querySelector<HTMLElement>('#queue .height');
  const shown = document.querySelector<HTMLElement>('#queue .rows');
  const measures = measure(store);
  if (!measures || !spacer || !shown) return;
  const { list, height, visible, scale } = measures;
  const grew = spacer.style.height !== `${height}px`;
  spacer.style.height = `${height}px`;
  if (Math.abs(list.scrollTop - scrolledTo) > 1) top = list.scrollTop * scale;
  // A list that grows while it is searched stays where it is.
  else if (grew) scrollTo(store, top);
  scrolledTo = list.scrollTop;
  if (store.isInQueue && store.position !== revealed) {
    revealed = store.position;
    if (store.position < top) scrollTo(store, store.position);
    else if (store.position + 1 > top + visible) scrollTo(store, store.position + 1 - visible);
  }
  const first = Math.floor(top);
  const count = Math.ceil(visible) + 1;
  shown.style.transform = `translateY(${list.scrollTop - (top - first) * ROW_HEIGHT}px)`;
  if (first === firstShown && count === rowsShown) return;
  firstShown = first;
  rowsShown = count;
  store.set({});
}
