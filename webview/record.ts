/** One record: source and target side by side, field by field, with what is to be known of each at its place. */
import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { live } from 'lit/directives/live.js';
import type { BadRow, DecisionView, FieldView, GoodUnit, ShardView } from '../src/core/protocol';
import type { Side } from '../src/core/record';
import { difference } from './difference';
import { describing, fieldFindings } from './findings';
import { why } from './history';
import { marked, paint } from './marks';
import { proposals, rivals, stale } from './rivals';
import type { Store } from './store';
import { date, language, sentence, t } from './text';

/** UTF-16 units of a text whose marks are drawn anew with each key. */
const MARKED_AT_ONCE = 8000;

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
    <div class="sides" aria-hidden="true">
      <span>${t('page.source', language(view.sourceLang))}</span>
      <span>${t('page.target', language(view.targetLang))}</span>
    </div>
    ${keyed(
      view.key,
      view.fields.map(field => fieldRow(store, shard, view, field)),
    )}
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

function fieldRow(store: Store, shard: ShardView, view: GoodUnit, field: FieldView): TemplateResult {
  const { name } = field;
  const marked = store.field === name ? 'marked' : '';
  return html`<section class="field ${marked}" aria-label=${name}>
    <h3>${name}</h3>
    <div class="pair">
      <div class="cell">
        ${sourceText(store, shard, view, field)} ${cut(field.sourceCut)}
        ${fieldFindings(store, view, 'source', field)}
        ${changed(field.sourceOriginal, field.source, view.sourceLang)}
      </div>
      <div class="cell">
        ${box(store, shard, view, 'target', field)} ${cut(field.targetCut)}
        ${store.typing.isTyped(view, 'target', field) ? html`<p class="hint">${t('page.draft')}</p>` : nothing}
        ${fieldFindings(store, view, 'target', field)}
        ${changed(field.original, field.target, view.targetLang)}
      </div>
    </div>
  </section>`;
}

function labelOf(name: string, lang: string): string {
  return t('page.field', name, language(lang));
}

/** The source is there to be read; on demand, or where something was typed in it, it is a box. */
function sourceText(store: Store, shard: ShardView, view: GoodUnit, field: FieldView): TemplateResult {
  const isTyped = store.typing.isTyped(view, 'source', field);
  if (!isTyped && store.sourceOpen !== view.key)
    return html`<div
      class="text"
      role="group"
      tabindex="-1"
      aria-label=${labelOf(field.name, view.sourceLang)}
      aria-describedby=${describing(view, 'source', field.name) ?? nothing}
      data-empty=${t('page.empty')}
      lang=${view.sourceLang}
      dir="auto"
      ${marked(field.source, store.checks.marksOf(view, 'source', field.name), false)}
    ></div>`;
  return html`${box(store, shard, view, 'source', field)}
  ${view.rights.editSource === 'propose' ? html`<p class="hint">${t('page.sourceProposes')}</p>` : nothing}
  ${isTyped ? html`<p class="hint">${t('page.draft')}</p>` : nothing}`;
}

function changed(original: string | null, now: string, lang: string): TemplateResult | typeof nothing {
  if (original === null) return nothing;
  return html`<div class="changes">
    <span class="hint">${t('page.changes')}</span>
    ${difference(original, now, lang)}
  </div>`;
}

function box(store: Store, shard: ShardView, view: GoodUnit, side: Side, field: FieldView): TemplateResult {
  const { name } = field;
  const isTarget = side === 'target';
  const lang = isTarget ? view.targetLang : view.sourceLang;
  const right = isTarget ? view.rights.edit : view.rights.editSource;
  const isCut = field.targetCut !== null || field.sourceCut !== null;
  const text = store.typing.textOf(view, side, field);
  const marks = store.checks.marksOf(view, side, name);
  return html`<div class="box">
    ${
      marks.length === 0
        ? nothing
        : html`<div
            class="behind"
            aria-hidden="true"
            lang=${lang}
            dir="auto"
            ${marked(text, marks, true)}
          ></div>`
    }
    <textarea
      data-field=${isTarget ? name : nothing}
      data-source-field=${isTarget ? nothing : name}
      aria-label=${labelOf(name, lang)}
      aria-describedby=${describing(view, side, name) ?? nothing}
      lang=${lang}
      dir="auto"
      rows="1"
      spellcheck="true"
      placeholder=${t('page.empty')}
      ?readonly=${isCut || right === 'no' || shard.readonly !== null}
      .value=${live(text)}
      @input=${(event: Event) => type(store, view, side, name, event.target as HTMLTextAreaElement)}
      @focus=${() => store.set({ field: name })}
      @blur=${() => {
        // Only a moment later the page knows whether it lost the focus as a whole: then the draft is enough.
        setTimeout(() => {
          if (document.hasFocus()) void store.commit();
        });
      }}
    ></textarea>
  </div>`;
}

function type(store: Store, view: GoodUnit, side: Side, name: string, box: HTMLTextAreaElement): void {
  store.type(view, side, name, box.value);
  const behind = box.parentElement?.querySelector<HTMLElement>('.behind');
  if (!behind) return;
  // At once, and nothing else of the page: the marks go with the letters. In a long text, which takes its time to be laid
  // out twice, they come back with the next drawing.
  if (box.value.length > MARKED_AT_ONCE) behind.hidden = true;
  else paint(behind, box.value, store.checks.marksOf(view, side, name), true);
}

function cut(units: number | null): TemplateResult | typeof nothing {
  return units === null ? nothing : html`<p class="hint">${t('page.cut', units)}</p>`;
}
