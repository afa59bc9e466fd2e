/** Beside the record: the warnings and the model's proposals; in further tabs its history and comments. */
import { html, nothing, type TemplateResult } from 'lit';
import type { CandidateView, GoodUnit, ShardView } from '../src/core/protocol';
import { countOf } from './checks';
import { comments } from './comments';
import { difference } from './difference';
import { findingsTab } from './findings';
import { history } from './history';
import { call } from './rpc';
import type { Store, Tab } from './store';
import { number, sentence, t } from './text';

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
    candidates: view.candidates.length + (store.stream?.key === view.key ? 1 : 0),
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

/** Left and right, as in every list of tabs. */
function moveTab(store: Store, event: KeyboardEvent): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step === undefined) return;
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
      return candidates(store, shard, view);
    case 'history':
      return history(store, shard, view);
    case 'comments':
      return comments(store, view);
  }
}

function candidates(store: Store, shard: ShardView, view: GoodUnit): TemplateResult {
  const stream = store.stream?.key === view.key ? store.stream : undefined;
  const none = view.candidates.length === 0 && !stream;
  return html`<div class="list">
    ${
      stream
        ? html`<section class="candidate" aria-busy="true">
            <p><vscode-progress-ring></vscode-progress-ring> ${stream.name} · ${t('page.regenerating')}</p>
            <div class="text" lang=${view.targetLang} dir="auto" .textContent=${stream.text}></div>
            <vscode-button appearance="secondary" @click=${() => store.cancel()}
              >${t('page.cancel')}</vscode-button
            >
          </section>`
        : nothing
    }
    ${view.candidates.toReversed().map(candidate => proposal(store, view, candidate))}
    ${none && shard.backend !== null ? html`<p class="hint">${t('page.noCandidates')}</p>` : nothing}
    ${
      none && shard.backend === null
        ? html`<p class="hint">${t('page.noBackendYet')}</p>
            <vscode-button @click=${() => store.run('setBackend')}>${t('page.noBackend')}</vscode-button>`
        : nothing
    }
  </div>`;
}

function proposal(store: Store, view: GoodUnit, candidate: CandidateView): TemplateResult {
  const current = view.fields.find(field => field.name === candidate.name)?.target ?? '';
  return html`<section class="candidate">
    <p class="hint">
      ${candidate.model === '' ? candidate.name : t('page.candidate', candidate.name, candidate.model)}
    </p>
    ${difference(current, candidate.text, view.targetLang)}
    ${candidate.findings.length > 0 ? html`<p class="hint">${t('page.candidateWarning')}</p>` : nothing}
    ${candidate.findings.map(finding => html`<p class="finding ${finding.severity}">${sentence(finding.message)}</p>`)}
    <div class="actions">
      <vscode-button
        @click=${() => store.rewrite(target => call('accept', target, candidate.id, null), t('page.taken'))}
        >${t('page.accept')}
        ${store.fix === candidate ? html`<kbd aria-hidden="true">V</kbd>` : nothing}</vscode-button
      >
      <vscode-button
        appearance="secondary"
        @click=${() => store.change(target => call('discard', target, candidate.id), t('page.dismissed'))}
        >${t('page.discard')}</vscode-button
      >
    </div>
  </section>`;
}
