/** The page as a whole: what is at its top, the queue, the record, the details beside it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ShardView } from '../src/core/protocol';
import { bulkDialog } from './bulk';
import { details } from './details';
import { helpDialog } from './help';
import { ignoreDialog } from './ignoring';
import { queue } from './queue';
import { record } from './record';
import type { Store } from './store';
import { language, sentence, t } from './text';
import { topBar } from './topBar';
import { verdictDialog } from './verdict';

/** Languages whose sample the top of the page names at once. */
const NAMED_SAMPLES = 2;

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

/** How far the sample of the policy is, in the language that is shown or in all. */
function sample(store: Store, { sample: drawn, shownLang }: ShardView): TemplateResult[] {
  if (!drawn) return [];
  const shown = drawn.said.filter(([lang]) => shownLang === null || lang === shownLang);
  const named = shown.length > 1 ? shown.slice(0, NAMED_SAMPLES) : shown;
  return named.map(([lang, said]) => {
    const text = shown.length > 1 ? t('views.sample', language(lang), sentence(said)) : sentence(said);
    return html`<button class="link" title=${t('page.sampleShow')} @click=${() => store.ask(drawn.query)}>
      ${text}
    </button>`;
  });
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
