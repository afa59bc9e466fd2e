/** One record: source and target side by side, field by field, with what is to be known of each at its place. */
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { BadRow, DecisionView, GoodUnit, ShardView } from '../src/core/protocol';
import { fieldRow } from './fields';
import { findBar } from './find';
import { why } from './history';
import { lookTools, separator } from './look';
import { forgetMatches } from './marks';
import { proposals, rivals, stale } from './rivals';
import type { Store } from './store';
import { date, language, sentence, t } from './text';

export function record(store: Store, shard: ShardView): TemplateResult {
  const { view } = store;
  if (!view) return html`<p class="hint">${t('page.loading')}</p>`;
  return view.kind === 'bad' ? bad(store, view) : good(store, shard, view);
}

/** Where in the file the record is. */
function place(store: Store, line: number): string {
  return t(store.shard?.isArray ? 'page.element' : 'page.line', line);
}

function bad(store: Store, view: BadRow): TemplateResult {
  return html`<h2>${place(store, view.line)}</h2>
    <p class="notice warning">${t('page.notRecord')} ${sentence(view.reason)}</p>
    <pre class="raw" dir="auto" .textContent=${view.raw}></pre>
    <vscode-button appearance="secondary" @click=${() => store.run('openShardAsText')}
      >${t('page.openAsText')}</vscode-button
    >`;
}

function good(store: Store, shard: ShardView, view: GoodUnit): TemplateResult {
  return html`
    ${title(store, view)} ${actions(store, shard, view)} ${decisions(shard, view)} ${rivals(store, view)}
    ${proposals(store, view)} ${stale(store, view)}
    <div class="texts">
      <div class="sides">
        <span aria-hidden="true">${t('page.source', language(view.sourceLang))}</span>
        <div class="target-head">
          <span aria-hidden="true">${t('page.target', language(view.targetLang))}</span>
          ${lookTools(store)}
        </div>
        ${findBar(store)}
      </div>
      ${
        // Not by “keyed”: lit 3 then keeps what it takes out, with every reference in it, as long as the page is there.
        repeat(
          view.fields,
          ({ name }) => `${name} ${view.key}`,
          field => fieldRow(store, shard, view, field),
        )
      }
      ${separator(store, 'split')}
    </div>
    ${
      view.others.length > 0
        ? html`<details>
            <summary>${t('page.others')}</summary>
            <dl class="others">
              ${view.others.map(
                ([name, json]) =>
                  html`<dt>${name}</dt>
                    <dd dir="auto">${json}</dd>`,
              )}
            </dl>
          </details>`
        : nothing
    }
  `;
}

function title(store: Store, view: GoodUnit): TemplateResult {
  const open = new Set(view.comments.filter(each => each.open).map(each => each.thread)).size;
  return html`<div class="title">
    <h2 dir="auto">${view.key}</h2>
    <span>${place(store, view.line)}</span>
    <span class="badge ${view.state}">${t(`state.${view.state}`)}</span>
    ${
      view.needed !== null && (view.needed > 1 || view.approvals > 1)
        ? html`<span>${t('page.approvals', view.approvals, view.needed)}</span>`
        : nothing
    }
    <button class="link" @click=${() => store.run('assign')}>
      ${view.assigned.length === 0 ? t('page.assign') : t('page.assignedTo', view.assigned.join(', '))}<kbd
        aria-hidden="true"
        >Y</kbd
      >
    </button>
    ${
      open > 0
        ? html`<button class="link" @click=${() => store.set({ tab: 'comments' })}>
            ${t('page.openThreads', open)}
          </button>`
        : nothing
    }
  </div>`;
}

function actions(store: Store, shard: ShardView, view: GoodUnit): TemplateResult {
  type Id =
    'approve' | 'needsWork' | 'reject' | 'sourceWrong' | 'skip' | 'regenerate' | 'editSource' | 'undo';
  const button = (id: Id | 'withdraw', key: string, isAllowed = true) =>
    html`<vscode-button
      appearance=${id === 'approve' ? 'primary' : 'secondary'}
      ?disabled=${!isAllowed}
      @click=${() => store.act(id)}
    >
      ${t(`page.${id}`)} <kbd aria-hidden="true">${key}</kbd>
    </vscode-button>`;
  const { decide, editSource } = view.rights;
  const tookPart = view.decisions.some(each => each.by === shard.reviewer && each.current);
  return html`<div class="actions" role="toolbar" aria-label=${t('page.actions')}>
      ${button('approve', 'A', decide)}${button('needsWork', 'W', decide)}${button('reject', 'X', decide)}
      ${button('sourceWrong', 'B', decide)}${button('skip', 'S')}
      ${tookPart ? button('withdraw', 'D') : nothing}
      ${button('regenerate', 'R', store.candidates.refusal === undefined)}${button('editSource', 'P', editSource !== 'no')}${button('undo', 'U')}
    </div>
    ${
      // Where nothing can be written at all, the top of the page says so.
      shard.readonly !== null
        ? nothing
        : html`${decide ? nothing : html`<p class="hint">${t('page.noSay')}</p>`}
          ${view.rights.edit === 'propose' ? html`<p class="hint">${t('page.editProposes')}</p>` : nothing}`
    }`;
}

/** Who decided what, and why, unless it is not to be known yet. */
function decisions(shard: ShardView, view: GoodUnit): TemplateResult | typeof nothing {
  if (view.blind) return html`<p class="hint">${t('page.blind')}</p>`;
  if (view.decisions.length === 0) return nothing;
  return html`<ul class="decisions" aria-label=${t('page.decisions')}>
    ${view.decisions.map(
      each =>
        html`<li class=${each.current && each.counts ? '' : 'hint'}>
          <strong>${each.by}:</strong> ${t(`page.decided.${each.decision}`)}
          <span class="hint">${[date(each.at), ...limits(each)].join(' · ')}</span>
          ${why(each.reasons, each.note, shard.reasons)}
        </li>`,
    )}
  </ul>`;
}

function limits({ current, counts }: DecisionView): string[] {
  return [...(current ? [] : [t('page.outdated')]), ...(counts ? [] : [t('page.notCounting')])];
}

/** After another record was drawn: it is read from its top, or from the field in doubt where that is further down. */
export function arrive(store: Store): void {
  const { view } = store;
  forgetMatches();
  store.opening.close();
  document.querySelector('main > :first-child')?.scrollIntoView({ block: 'nearest' });
  if (view?.kind !== 'unit' || view.findings.length === 0) return;
  const field = document.querySelector('main .field.marked');
  // Its beginning, with the warning below it where there is room for both.
  for (const place of [
    field?.querySelector('.finding'),
    field?.querySelector('mark'),
    field?.querySelector('h3'),
  ])
    place?.scrollIntoView({ block: 'nearest' });
}
