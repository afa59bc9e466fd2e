/** The top of the page: which shard, how far it is, who reviews it, and the way to all that is about the shard as a whole. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ShardView } from '../src/core/protocol';
import { accepted } from '../src/core/sample';
import type { Store } from './store';
import { language, t } from './text';

/** Target languages that are named; more are counted. */
const NAMED_LANGUAGES = 2;

/** The width and the words that it was last laid out for. */
let fitted = '';

export function topBar(store: Store, shard: ShardView): TemplateResult {
  const names = shard.targetLangs.map(language);
  const targets = names.length > NAMED_LANGUAGES ? t('page.manyLanguages', names.length) : names.join(', ');
  return html`<header>
    <h1 title=${shard.name}>${shard.name}</h1>
    <button
      class="link"
      @click=${() => store.run('setLanguages')}
      title=${`${names.join(', ')}. ${t('page.setLanguages')}`}
    >
      ${t('page.languages', language(shard.sourceLang), targets)}
    </button>
    ${shownLanguage(store, shard)} ${progress(shard)}
    ${asked(store, 'page.badRows', shard.badRows, 'state:bad')}
    ${asked(store, 'page.repeated', shard.repeated, 'is:repeated')}
    ${
      shard.orphans > 0
        ? html`<button class="link" @click=${() => store.run('showOrphans')}>
            ${t('page.orphans', shard.orphans)}
          </button>`
        : nothing
    }
    <span class="spacer"></span>
    <div
      id="more"
      popover
      @toggle=${() => store.set({})}
      @click=${(event: Event) => (event.currentTarget as HTMLElement).hidePopover()}
    >
      <button class="link" @click=${() => store.run('dashboard')}>${t('page.dashboard')}</button>
      <button class="link" @click=${() => store.run('guidelines')}>${t('page.guidelines')}</button>
      <button class="link" @click=${() => store.run('setReviewer')}>
        ${shard.reviewer === null ? t('page.noReviewer') : t('page.reviewer', shard.reviewer)}
      </button>
      ${
        shard.backend
          ? html`<button
              class="link"
              title=${t('candidates.aheadHint')}
              @click=${() => store.run('lookAhead')}
            >
              ${shard.lookAhead === 0 ? t('candidates.aheadOff') : t('candidates.aheadOn', shard.lookAhead)}
            </button>`
          : nothing
      }
      <vscode-button appearance="secondary" @click=${() => store.run('exportTrainingData')}
        >${t('page.export')}</vscode-button
      >
    </div>
    <span class="last">
      ${backend(store, shard)}
      <button class="link more" popovertarget="more">${t('page.more')}</button>
      <vscode-button appearance="secondary" @click=${() => store.act('help')}
        >${t('page.help')}</vscode-button
      >
    </span>
  </header>`;
}

/**
 * After each drawing: what one row has no room for goes into a menu. No style can tell whether it has, since the words hang
 * on the language of the interface and on the shard.
 */
export function foldTopBar(): void {
  const header = document.querySelector('header');
  const now = `${window.innerWidth} ${header?.textContent ?? ''}`;
  // While it is open it does not count for the width, and nobody wants it to go.
  if (!header || now === fitted || header.querySelector('#more:popover-open')) return;
  fitted = now;
  header.classList.remove('folded');
  const isFolded = header.scrollWidth > header.clientWidth;
  header.classList.toggle('folded', isFolded);
  const focused = document.activeElement;
  if (focused && header.contains(focused) && focused.getClientRects().length === 0)
    header.querySelector<HTMLElement>(isFolded ? '.more' : '#more button')?.focus();
}

/** Where records have several target languages: which one is shown. */
function shownLanguage(store: Store, { shownLang, targetLangs }: ShardView): TemplateResult | typeof nothing {
  if (shownLang === null) return nothing;
  return html`<select
    aria-label=${t('page.shownLanguage')}
    @change=${(event: Event) => store.showLanguage((event.target as HTMLSelectElement).value)}
  >
    ${targetLangs.map(
      tag => html`<option value=${tag} ?selected=${tag === shownLang}>${language(tag)}</option>`,
    )}
  </select>`;
}

function progress(shard: ShardView): TemplateResult {
  const records = shard.rows - shard.badRows;
  const text = shard.matched ? progressText(shard, records) : t('page.reading', Math.floor(shard.read * 100));
  return html`<span class="progress">
    <progress
      max=${shard.matched ? records : 1}
      value=${shard.matched ? accepted(shard.counts) : shard.read}
      aria-label=${text}
    ></progress>
    ${text}
  </span>`;
}

/** @param records all of them */
function progressText({ counts }: ShardView, records: number): string {
  const { approved = 0, 'accepted-by-sample': bySample = 0 } = counts;
  return bySample > 0
    ? t('page.progressBySample', approved, records, bySample)
    : t('page.progress', approved, records);
}

/** Where proposals come from, and how many are on their way. */
function backend(store: Store, { backend: used }: ShardView): TemplateResult {
  const writing = (used?.running ?? 0) + store.candidates.runningCount;
  const label = !used
    ? t('candidates.noBackend')
    : used.model === ''
      ? t('candidates.backend', used.host)
      : t('candidates.backendModel', used.host, used.model);
  // The count lies over the name, so that nothing moves as it comes and goes.
  return html`<button
    class="link backend ${used ? 'named' : ''}"
    title=${label}
    @click=${() => store.run('selectBackend')}
  >
    <bdi class=${writing > 0 ? 'covered' : ''}>${label}</bdi>
    ${writing > 0 ? html`<span>${t('candidates.writing', writing)}</span>` : nothing}
  </button>`;
}

/** A count that shows the records it counts. */
function asked(
  store: Store,
  id: 'page.badRows' | 'page.repeated',
  count: number,
  query: string,
): TemplateResult | typeof nothing {
  if (count === 0) return nothing;
  return html`<button class="link" @click=${() => store.ask(query)}>${t(id, count)}</button>`;
}
