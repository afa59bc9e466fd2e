/** Beside the record: the warnings and the model's proposals; in further tabs its history and comments. */
import { html, nothing, type TemplateResult } from 'lit';
import type { GoodUnit, ShardView } from '../src/core/protocol';
import { candidatesTab } from './candidatesTab';
import { countOf } from './checks';
import { comments } from './comments';
import { findingsTab } from './findings';
import { history } from './history';
import { distinct } from './merits';
import type { Store, Tab } from './store';
import { number, t } from './text';

const TABS = [
  ['findings', 'page.tabFindings'],
  ['candidates', 'page.tabCandidates'],
  ['history', 'page.tabHistory'],
  ['comments', 'page.tabComments'],
] as const;

export function details(store: Store, shard: ShardView): TemplateResult {
  const { view } = store;
  if (view?.kind !== 'unit') return html`<aside aria-label=${t('page.details')}></aside>`;
  const counts: Record<Tab, number> = {
    findings: countOf(view),
    candidates: distinct(view).length + store.candidates.runningOf(view.key).length,
    history: view.history.length,
    comments: view.comments.length,
  };
  return html`<aside aria-label=${t('page.details')}>
    <div
      role="tablist"
      aria-label=${t('page.details')}
      @keydown=${(event: KeyboardEvent) => moveTab(store, event)}
    >
      ${TABS.map(
        ([tab, id]) =>
          html`<button
            role="tab"
            id=${`tab-${tab}`}
            aria-selected=${store.tab === tab ? 'true' : 'false'}
            tabindex=${store.tab === tab ? 0 : -1}
            aria-controls="tab-view"
            @click=${() => store.set({ tab })}
          >
            ${t(id)} ${counts[tab] > 0 ? html`<span class="count">${number(counts[tab])}</span>` : nothing}
          </button>`,
      )}
    </div>
    <div role="tabpanel" id="tab-view" aria-labelledby=${`tab-${store.tab}`}>
      ${tabView(store, shard, view)}
    </div>
  </aside>`;
}

/** Left and right, as in every list of tabs, also where that goes from right to left. */
function moveTab(store: Store, event: KeyboardEvent): void {
  const toEnd = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (toEnd === undefined) return;
  const step = document.dir === 'rtl' ? -toEnd : toEnd;
  const at = TABS.findIndex(([tab]) => tab === store.tab);
  const [tab] = TABS[(at + step + TABS.length) % TABS.length] ?? TABS[0];
  store.set({ tab });
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`#tab-${tab}`)?.focus());
}

function tabView(store: Store, shard: ShardView, view: GoodUnit): TemplateResult {
  switch (store.tab) {
    case 'findings':
      return findingsTab(store, view);
    case 'candidates':
      return candidatesTab(store, shard, view);
    case 'history':
      return history(store, shard, view);
    case 'comments':
      return comments(store, view);
  }
}
