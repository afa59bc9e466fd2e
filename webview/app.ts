/** The page as a whole: what is at its top, the queue, the record, the details beside it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ShardView } from '../src/core/protocol';
import { accepted } from '../src/core/sample';
import { bulkDialog } from './bulk';
import { details } from './details';
import { helpDialog } from './help';
import { ignoreDialog } from './ignoring';
import { queue } from './queue';
import { record } from './record';
import type { Store } from './store';
import { language, sentence, t } from './text';
import { verdictDialog } from './verdict';

/** Target languages that the top of the page names; more are counted. */
const NAMED_LANGUAGES = 2;

export function app(store: Store): TemplateResult {
  const { shard, fatal } = store;
  if (fatal !== undefined) {
    return html`<main class="fatal">
      <h1>${t('page.noShard')}</h1>
      <p role="alert">${fatal}</p>
      <vscode-button appearance="secondary" @click=${() => store.run('openShardAsText')}
        >${t('page.openAsText')}</vscode-button
      >
    </main>`;
  }
  if (!shard)
    return html`<main class="fatal">
      <vscode-progress-ring aria-label=${t('page.loading')}></vscode-progress-ring>
    </main>`;
  return html`
    ${topBar(store, shard)} ${notices(store, shard)}
    <div class="columns">
      ${queue(store, shard)}
      <main aria-label=${t('page.record')}>${record(store, shard)}</main>
      ${details(store, shard)}
    </div>
    ${dialog(store, shard)}
    <div class="spoken" role="status" aria-live="polite">${store.announcement}</div>
  `;
}

/** What has all the keys; one at a time. */
function dialog(store: Store, shard: ShardView): TemplateResult | typeof nothing {
  const { panel } = store.verdicts;
  if (store.bulk.step !== undefined) return bulkDialog(store, shard);
  if (panel) return verdictDialog(store, shard, panel);
  if (store.ignoring.panel) return ignoreDialog(store, store.ignoring.panel);
  return store.help ? helpDialog(store, store.bindings) : nothing;
}

function topBar(store: Store, shard: ShardView): TemplateResult {
  const approved = accepted(shard.counts);
  const names = shard.targetLangs.map(language);
  const targets = names.length > NAMED_LANGUAGES ? t('page.manyLanguages', names.length) : names.join(', ');
  const records = shard.rows - shard.badRows;
  const progress = shard.matched
    ? progressText(shard, records)
    : t('page.reading', Math.floor(shard.read * 100));
  return html`<header>
    <h1>${shard.name}</h1>
    <button
      class="link"
      @click=${() => store.run('setLanguages')}
      title=${`${names.join(', ')}. ${t('page.setLanguages')}`}
    >
      ${t('page.languages', language(shard.sourceLang), targets)}
    </button>
    ${
      shard.shownLang === null
        ? nothing
        : html`<select
            aria-label=${t('page.shownLanguage')}
            @change=${(event: Event) => store.showLanguage((event.target as HTMLSelectElement).value)}
          >
            ${shard.targetLangs.map(
              tag =>
                html`<option value=${tag} ?selected=${tag === shard.shownLang}>${language(tag)}</option>`,
            )}
          </select>`
    }
    <span class="progress">
      <progress
        max=${shard.matched ? records : 1}
        value=${shard.matched ? approved : shard.read}
        aria-label=${progress}
      ></progress>
      ${progress}
    </span>
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
    <button class="link" @click=${() => store.run('dashboard')}>${t('page.dashboard')}</button>
    <button class="link" @click=${() => store.run('guidelines')}>${t('page.guidelines')}</button>
    <button class="link" @click=${() => store.run('setReviewer')}>
      ${shard.reviewer === null ? t('page.noReviewer') : t('page.reviewer', shard.reviewer)}
    </button>
    ${backend(store, shard)}
    <vscode-button appearance="secondary" @click=${() => store.run('exportTrainingData')}
      >${t('page.export')}</vscode-button
    >
    <vscode-button appearance="secondary" @click=${() => store.act('help')}>${t('page.help')}</vscode-button>
  </header>`;
}

/** Where proposals come from, how many are on their way, and whether records ahead get some. */
function backend(store: Store, { backend: used, lookAhead }: ShardView): TemplateResult {
  const writing = (used?.running ?? 0) + store.candidates.runningCount;
  // The count lies over the name, so that nothing moves as it comes and goes.
  const choose = (label: string) =>
    html`<button class="link backend" title=${label} @click=${() => store.run('selectBackend')}>
      <bdi class=${writing > 0 ? 'covered' : ''}>${label}</bdi>
      ${writing > 0 ? html`<span>${t('candidates.writing', writing)}</span>` : nothing}
    </button>`;
  if (!used) return choose(t('candidates.noBackend'));
  const { host, model } = used;
  return html`${choose(
      model === '' ? t('candidates.backend', host) : t('candidates.backendModel', host, model),
    )}
    <button class="link" title=${t('candidates.aheadHint')} @click=${() => store.run('lookAhead')}>
      ${lookAhead === 0 ? t('candidates.aheadOff') : t('candidates.aheadOn', lookAhead)}
    </button>`;
}

/** @param records all of them */
function progressText({ counts }: ShardView, records: number): string {
  const { approved = 0, 'accepted-by-sample': bySample = 0 } = counts;
  return bySample > 0
    ? t('page.progressBySample', approved, records, bySample)
    : t('page.progress', approved, records);
}

/** How far the sample of the policy is, in the language that is shown or in all. */
function sample(store: Store, { sample: drawn, shownLang }: ShardView): TemplateResult[] {
  if (!drawn) return [];
  const shown = drawn.said.filter(([lang]) => shownLang === null || lang === shownLang);
  const named = shown.length > 1 ? shown.slice(0, NAMED_LANGUAGES) : shown;
  return named.map(([lang, said]) => {
    const text = shown.length > 1 ? t('views.sample', language(lang), sentence(said)) : sentence(said);
    return html`<button class="link" title=${t('page.sampleShow')} @click=${() => store.ask(drawn.query)}>
      ${text}
    </button>`;
  });
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

function notices(store: Store, shard: ShardView): TemplateResult {
  const unknown = shard.sourceLang === 'und' || shard.targetLangs.includes('und');
  // What the host says of the whole shard is often what just failed: once is enough.
  const errors = new Set([shard.readonly ? sentence(shard.readonly) : undefined, store.error]);
  return html`<div class="notices">
    ${[...errors].map(error =>
      error === undefined
        ? nothing
        : html`<p class="notice error" role="alert">
            ${error}
            ${
              error === store.error
                ? html`<button class="link" @click=${() => store.set({ error: undefined })}>
                    ${t('page.closeMessage')}
                  </button>`
                : nothing
            }
          </p>`,
    )}
    ${shard.problems.map(problem => html`<p class="notice warning">${sentence(problem)}</p>`)}
    ${
      shard.offer
        ? html`<p class="notice warning">
            ${t('page.offer', shard.offer.name, shard.offer.units)}
            <vscode-button appearance="secondary" @click=${() => store.run('moveReviews')}
              >${t('page.takeOffer')}</vscode-button
            >
          </p>`
        : nothing
    }
    ${
      unknown
        ? html`<p class="notice warning">
            ${t('write.noLanguage')}
            <vscode-button appearance="secondary" @click=${() => store.run('setLanguages')}
              >${t('page.setLanguages')}</vscode-button
            >
          </p>`
        : nothing
    }
    ${sample(store, shard).map(each => html`<p class="sample">${each}</p>`)}
  </div>`;
}
