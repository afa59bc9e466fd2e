/** One record: source and target side by side, field by field, with what is to be known of each at its place. */
import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { live } from 'lit/directives/live.js';
import type { Finding } from '../src/core/checks';
import type { BadRow, FieldView, GoodUnit, RivalView } from '../src/core/protocol';
import { difference } from './difference';
import type { Store } from './store';
import { date, language, sentence, t } from './text';

export function record(store: Store): TemplateResult {
  const { view } = store;
  if (!view) return html`<p class="hint">${t('page.loading')}</p>`;
  return view.kind === 'bad' ? bad(store, view) : good(store, view);
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

function good(store: Store, view: GoodUnit): TemplateResult {
  return html`
    <div class="title">
      <h2 dir="auto">${view.key}</h2>
      <span>${place(store, view.line)}</span>
      <span class="badge ${view.state}">${t(`state.${view.state}`)}</span>
      ${
        view.needed !== null && (view.needed > 1 || view.approvals > 1)
          ? html`<span>${t('page.approvals', view.approvals, view.needed)}</span>`
          : nothing
      }
    </div>
    ${actions(store)} ${rivals(store, view)} ${stale(store, view)}
    <div class="sides" aria-hidden="true">
      <span>${t('page.source', language(view.sourceLang))}</span>
      <span>${t('page.target', language(view.targetLang))}</span>
    </div>
    ${keyed(
      view.key,
      view.fields.map(field => fieldRow(store, view, field)),
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

function actions(store: Store): TemplateResult {
  const button = (id: 'approve' | 'needsWork' | 'reject' | 'skip' | 'regenerate' | 'undo', key: string) =>
    html`<vscode-button
      appearance=${id === 'approve' ? 'primary' : 'secondary'}
      @click=${() => store.act(id)}
    >
      ${t(`page.${id}`)} <kbd aria-hidden="true">${key}</kbd>
    </vscode-button>`;
  return html`<div class="actions" role="toolbar" aria-label=${t('page.actions')}>
    ${button('approve', 'A')}${button('needsWork', 'W')}${button('reject', 'X')}${button('skip', 'S')}
    ${button('regenerate', 'R')}${button('undo', 'U')}
  </div>`;
}

function fieldRow(store: Store, view: GoodUnit, field: FieldView): TemplateResult {
  const { name } = field;
  const findings = view.findings.filter(finding => finding.field === name);
  const label = (side: string) => t('page.field', name, language(side));
  const marked = store.field === name ? 'marked' : '';
  return html`<section class="field ${marked}" aria-label=${name}>
    <h3>${name}</h3>
    <div class="pair">
      <div class="cell">
        <div
          class="text"
          role="group"
          aria-label=${label(view.sourceLang)}
          data-empty=${t('page.empty')}
          lang=${view.sourceLang}
          dir="auto"
          .textContent=${field.source}
        ></div>
        ${cut(field.sourceCut)}
      </div>
      <div class="cell">
        ${box(store, view, field, label(view.targetLang))} ${cut(field.targetCut)}
        ${store.typing.isTyped(view, field) ? html`<p class="hint">${t('page.draft')}</p>` : nothing}
        <div id=${`findings-${name}`}>${findings.map(finding => fieldFinding(finding))}</div>
        ${
          field.original === null
            ? nothing
            : html`<div class="changes">
                <span class="hint">${t('page.changes')}</span>
                ${difference(field.original, field.target, view.targetLang)}
              </div>`
        }
      </div>
    </div>
  </section>`;
}

function box(store: Store, view: GoodUnit, field: FieldView, label: string): TemplateResult {
  const { name } = field;
  return html`<textarea
    data-field=${name}
    aria-label=${label}
    aria-describedby=${`findings-${name}`}
    lang=${view.targetLang}
    dir="auto"
    rows="1"
    spellcheck="true"
    placeholder=${t('page.empty')}
    ?readonly=${field.targetCut !== null || field.sourceCut !== null || store.shard?.readonly !== null}
    .value=${live(store.typing.textOf(view, field))}
    @input=${(event: Event) => store.type(view, name, (event.target as HTMLTextAreaElement).value)}
    @focus=${() => store.set({ field: name })}
    @blur=${() => {
      // Only a moment later the page knows whether it lost the focus as a whole: then the draft is enough.
      setTimeout(() => {
        if (document.hasFocus()) void store.commit();
      });
    }}
  ></textarea>`;
}

function cut(units: number | null): TemplateResult | typeof nothing {
  return units === null ? nothing : html`<p class="hint">${t('page.cut', units)}</p>`;
}

function fieldFinding(finding: Finding): TemplateResult {
  return html`<p class="finding ${finding.severity}">
    <strong>${t(`severity.${finding.severity}`)}</strong> ${sentence(finding.message)}
  </p>`;
}

function rivals(store: Store, view: GoodUnit): TemplateResult | typeof nothing {
  if (view.rivals.length === 0) return nothing;
  return html`<section class="notice warning">
    <p>${t(view.state === 'stale' ? 'stale.rivals' : 'page.conflict')}</p>
    ${view.rivals.map(rival => rivalText(store, view, rival))}
  </section>`;
}

function rivalText(store: Store, view: GoodUnit, rival: RivalView): TemplateResult {
  const changed = view.fields.filter(field => textOf(rival.target, field) !== field.target);
  return html`<div class="rival">
    <strong>${t('page.by', rival.by, date(rival.at))}</strong>
    ${changed.map(
      field =>
        html`<div>
          <em>${field.name}</em> ${difference(field.target, textOf(rival.target, field), view.targetLang)}
        </div>`,
    )}
    ${
      view.state === 'stale'
        ? nothing
        : html`<vscode-button
            appearance="secondary"
            @click=${() => store.decide('approve', rival.fingerprint)}
            >${t('page.keep')}</vscode-button
          >`
    }
  </div>`;
}

/** What was approved or written beside what is there now, and the three ways on. */
function stale(store: Store, view: GoodUnit): TemplateResult | typeof nothing {
  const before = view.stale;
  if (!before) return nothing;
  const changed = view.fields.filter(field => textOf(before.target, field) !== field.target);
  const button = (id: 'keepApproved' | 'takeNew' | 'edit', key: string) =>
    html`<vscode-button appearance="secondary" @click=${() => store.act(id)}>
      ${t(`stale.${id}`)} <kbd aria-hidden="true">${key}</kbd>
    </vscode-button>`;
  return html`<section class="notice warning" aria-label=${t('state.stale')}>
    <p>${t(before.approved ? 'stale.approved' : 'stale.edited', before.by, date(before.at))}</p>
    ${changed.length === 0 ? html`<p>${t('page.staleSource')}</p>` : nothing}
    ${changed.map(
      field =>
        html`<div>
          <em>${field.name}</em> ${difference(textOf(before.target, field), field.target, view.targetLang)}
        </div>`,
    )}
    <div class="actions">${button('keepApproved', 'O')}${button('takeNew', 'T')}${button('edit', 'E')}</div>
  </section>`;
}

function textOf(fields: RivalView['target'], { name }: FieldView): string {
  return fields.find(([each]) => each === name)?.[1] ?? '';
}
