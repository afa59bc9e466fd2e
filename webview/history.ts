/** What was done to a record, by whom and why; each text that it had can be given back to it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { EventId } from '../src/core/events';
import type { GoodUnit, HistoryView, ReasonView, ShardView, TextChange } from '../src/core/protocol';
import type { Side } from '../src/core/record';
import { difference } from './difference';
import { call } from './rpc';
import type { Store } from './store';
import { date, reasonLabel, t } from './text';

export function history(store: Store, shard: ShardView, view: GoodUnit): TemplateResult {
  if (view.history.length === 0) return html`<p class="hint">${t('page.noHistory')}</p>`;
  const isChanged = view.fields.some(field => field.original !== null || field.sourceOriginal !== null);
  return html`<ol class="list">
    ${view.history.map(
      entry =>
        html`<li class=${entry.undone ? 'undone' : ''}>
          ${entry.undone ? html`<s>${headline(entry)}</s> <em>${t('page.takenBack')}</em>` : headline(entry)}
          ${why(entry.reasons, entry.type === 'assign' ? '' : entry.text, shard.reasons)}
          ${changes(view, entry.changes)} ${entry.restorable ? restore(store, entry.id) : nothing}
        </li>`,
    )}
    <li>${t('page.original')} ${isChanged ? restore(store, null) : nothing}</li>
  </ol>`;
}

function headline(entry: HistoryView): TemplateResult {
  return html`<strong>${entry.by}</strong> ${whatHappened(entry)}
    <span class="hint">${date(entry.at)}</span>`;
}

function whatHappened({ type, decision, model, text, settles, waiting, changes }: HistoryView): string {
  switch (type) {
    case 'decide':
      return t(`page.historyDecide.${decision ?? 'skip'}`);
    case 'comment':
      return t(text === '' ? 'page.historyResolve' : 'page.historyComment');
    case 'undo':
      return t('page.historyUndo');
    case 'ignore':
      return t('page.historyIgnore');
    case 'assign':
      return text === '' ? t('page.historyAssignNobody') : t('page.historyAssign', text);
    case 'edit':
      if (settles.length > 0)
        return t(changes.length > 0 ? 'page.historyTook' : 'page.historyDismissed', settles.join(', '));
      if (waiting) return t('page.historyProposed');
      return model === null ? t('page.historyEdit') : t('page.historyModel', model);
  }
}

/** Reasons and what was written besides. */
export function why(
  reasons: readonly string[],
  text: string,
  known: readonly ReasonView[],
): TemplateResult | typeof nothing {
  if (reasons.length === 0 && text === '') return nothing;
  return html`${
    reasons.length > 0
      ? html`<ul class="reasonsGiven">
          ${reasons.map(id => html`<li class="badge" dir="auto">${reasonLabel(id, known)}</li>`)}
        </ul>`
      : nothing
  }${text === '' ? nothing : html`<div class="text" dir="auto" .textContent=${text}></div>`}`;
}

/** Word differences of several fields, each under its name. */
export function changes(view: GoodUnit, all: readonly TextChange[]): TemplateResult[] {
  return all.map(
    ({ side, name, before, after }) =>
      html`<div>
        <em>${nameOf(side, name)}</em>
        ${difference(before, after, side === 'source' ? view.sourceLang : view.targetLang)}
      </div>`,
  );
}

/** A field by its name; only that of the source needs its side said. */
export function nameOf(side: Side, name: string): string {
  return side === 'source' ? t('page.sourceField', name) : name;
}

function restore(store: Store, version: EventId | null): TemplateResult {
  const work = () => store.rewrite(target => call('restore', target, version), t('page.restored'));
  return html`<vscode-button appearance="secondary" @click=${work}>${t('page.restore')}</vscode-button>`;
}
