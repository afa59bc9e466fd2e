/** What reviewers say about a record: threads, each a first comment with its answers. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { EventId } from '../src/core/events';
import type { CommentView, GoodUnit } from '../src/core/protocol';
import { call } from './rpc';
import type { Store } from './store';
import { date, t } from './text';

/** The place of what is begun: a new comment, or an answer in a thread. */
function placeOf(view: GoodUnit, thread: EventId | null): string {
  return `comment ${thread ?? ''} ${view.key}`;
}

export function comments(store: Store, view: GoodUnit): TemplateResult {
  const threads = [...Map.groupBy(view.comments, each => each.thread)];
  return html`<div class="list">
    ${threads.length === 0 ? html`<p class="hint">${t('page.noComments')}</p>` : nothing}
    ${threads.map(([id, said]) => thread(store, view, id, said))}
    ${box(store, view, null, t('page.newComment'))}
    <vscode-button @click=${() => sendComment(store, placeOf(view, null))}
      >${t('page.addComment')}</vscode-button
    >
  </div>`;
}

function thread(
  store: Store,
  view: GoodUnit,
  id: EventId,
  said: readonly CommentView[],
): TemplateResult | typeof nothing {
  const [first] = said;
  if (!first) return nothing;
  const place = placeOf(view, id);
  const isOpen = said.some(each => each.open);
  const isAnswered = store.begun.has(place);
  return html`<section class="thread" aria-label=${t('page.thread', first.by)}>
    ${said.map(
      entry =>
        html`<div class=${entry === first ? '' : 'answer'}>
          <strong>${entry.by}</strong> <span class="hint">${date(entry.at)}</span>
          ${
            entry === first
              ? html`<span class="badge">${t(isOpen ? 'page.threadOpen' : 'page.threadSettled')}</span>`
              : nothing
          }
          <div class="text" dir="auto" .textContent=${entry.text}></div>
        </div>`,
    )}
    ${isAnswered ? box(store, view, id, t('page.replyTo', first.by)) : nothing}
    <div class="actions">
      ${
        isAnswered
          ? html`<vscode-button @click=${() => sendComment(store, place)}
              >${t('page.addReply')}</vscode-button
            >`
          : html`<vscode-button appearance="secondary" @click=${() => answer(store, place)}
              >${t('page.reply')}</vscode-button
            >`
      }
      ${
        isOpen
          ? html`<vscode-button
              appearance="secondary"
              @click=${() => store.change(target => call('resolve', target, id), t('page.resolved'))}
              >${t('page.resolve')}</vscode-button
            >`
          : nothing
      }
    </div>
  </section>`;
}

/** Opens the box for an answer. */
function answer(store: Store, place: string): void {
  store.begin(place, '');
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>(`[data-begun="${CSS.escape(place)}"]`)?.focus(),
  );
}

function box(store: Store, view: GoodUnit, thread: EventId | null, label: string): TemplateResult {
  const place = placeOf(view, thread);
  return html`<textarea
    id=${thread === null ? 'comment' : nothing}
    data-begun=${place}
    rows=${thread === null ? 3 : 2}
    dir="auto"
    aria-label=${label}
    placeholder=${label}
    .value=${live(store.begun.get(place) ?? '')}
    @input=${(event: Event) => store.begin(place, (event.target as HTMLTextAreaElement).value)}
  ></textarea>`;
}

/** Adds the comment that was begun at a place of the record shown; its text stays until it is on disk. */
export async function sendComment(store: Store, place: string): Promise<void> {
  const { view } = store;
  const text = store.begun.get(place)?.trim() ?? '';
  if (view?.kind !== 'unit' || text === '') return;
  const threads = [null, ...view.comments.map(each => each.thread)];
  const thread = threads.find(each => placeOf(view, each) === place);
  if (thread === undefined) return;
  await store.change(target => call('comment', target, text, thread), t('page.commented'), place);
}
