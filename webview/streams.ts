/** Proposals while they are being written: drawn by themselves, since they change far more often than the rest of the page. */
import { html, nothing, render, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { ref } from 'lit/directives/ref.js';
import type { GoodUnit } from '../src/core/protocol';
import type { Partial, Running } from './candidates';
import type { Store } from './store';
import { sentence, t } from './text';

/** At most so often, in milliseconds. */
const DRAW_MS = 50;
let timer: number | undefined;

/** What the model is writing for a record. It has a root of its own, which {@link drawStreams} draws anew alone. */
export function streams(store: Store, view: GoodUnit): TemplateResult | typeof nothing {
  if (store.candidates.runningOf(view.key).length === 0) return nothing;
  return html`<div
    class="list streams"
    role="group"
    aria-label=${t('candidates.streams')}
    ${ref(root => {
      if (root instanceof HTMLElement) draw(store, view, root);
    })}
  ></div>`;
}

/** Soon shows what has come since, and nothing else of the page. */
export function drawStreams(store: Store): void {
  timer ??= window.setTimeout(() => {
    timer = undefined;
    const root = document.querySelector<HTMLElement>('.streams');
    const { view } = store;
    if (root && view?.kind === 'unit') draw(store, view, root);
  }, DRAW_MS);
}

function draw(store: Store, view: GoodUnit, root: HTMLElement): void {
  render(
    store.candidates.runningOf(view.key).map(each => running(store, view, each)),
    root,
  );
}

/** What is not ready yet, or never was; what is ready is among the proposals of the record. */
export function draftsOf({ drafts, before, wish }: Running, view: GoodUnit): readonly Partial[] {
  const isMeant = (name: string) => wish.fields.length === 0 || wish.fields.includes(name);
  const names = view.fields.filter(({ name, source }) => isMeant(name) && source.trim() !== '');
  const fields = names.map(({ name }) => name).join('\n');
  const mine = view.candidates.filter(
    ({ id, mode, texts, advice, finding }) =>
      !before.has(id) &&
      mode === wish.mode &&
      advice === wish.advice &&
      finding === (wish.finding?.check ?? null) &&
      texts.map(([name]) => name).join('\n') === fields,
  );
  return [...drafts.values()].filter(({ seed }) => !mine.some(each => each.seed === seed));
}

/** Texts as far as they have come. */
export function draftTexts({ targetLang }: GoodUnit, texts: Partial['texts']): TemplateResult[] {
  return texts.map(
    ([name, text]) =>
      html`${texts.length > 1 ? html`<em>${name}</em>` : nothing}
        <div class="text" lang=${targetLang} dir="auto" .textContent=${live(text)}></div>`,
  );
}

function running(store: Store, view: GoodUnit, run: Running): TemplateResult {
  const { wish, drafts } = run;
  const toCome = wish.count - drafts.size;
  const names = wish.fields.length === 0 ? t('candidates.record') : wish.fields.join(', ');
  return html`<section class="candidate" aria-busy="true">
    <p>
      <vscode-progress-ring></vscode-progress-ring>
      <span><bdi>${names}</bdi> · ${t('candidates.begun')}</span>
    </p>
    ${draftsOf(run, view).map(
      ({ texts, waiting }, index) =>
        html`<div class="draft">
          ${wish.count > 1 ? html`<h4>${t('candidates.seed', index + 1)}</h4>` : nothing}
          ${waiting ? html`<p class="hint">${sentence(waiting)}</p>` : nothing} ${draftTexts(view, texts)}
        </div>`,
    )}
    ${
      drafts.size > 0 && toCome > 0
        ? html`<p class="hint">${t('candidates.moreToCome', toCome)}</p>`
        : nothing
    }
    <vscode-button
      appearance="secondary"
      ?disabled=${run.isCancelled}
      @click=${() => store.candidates.cancel(run)}
      >${t('page.cancel')} <kbd aria-hidden="true">${t('cap.escape')}</kbd></vscode-button
    >
  </section>`;
}
