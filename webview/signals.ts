/** What the model says of a proposal, on demand: hints for the reviewer, by which nothing is decided. */
import { html, nothing, type TemplateResult } from 'lit';
import type { CandidateView, FieldText, GoodUnit, SignalsView } from '../src/core/protocol';
import { marked, type Mark } from './marks';
import type { Store } from './store';
import { t } from './text';

export function signals(
  store: Store,
  view: GoodUnit,
  candidate: CandidateView,
): TemplateResult | typeof nothing {
  const { candidates } = store;
  const { opinions } = candidates;
  const said = opinions.of(candidate);
  if (said === undefined)
    return candidates.refusal !== undefined || store.shard?.backend === null
      ? nothing
      : html`<button class="link" @click=${() => opinions.ask(candidate)}>
          ${t('candidates.signals')}
        </button>`;
  if ('isAsked' in said)
    return html`<p aria-busy="true">
        <vscode-progress-ring></vscode-progress-ring> ${t('candidates.asking')}
      </p>
      <button class="link" @click=${() => opinions.cancel(candidate)}>${t('page.cancel')}</button>`;
  if ('error' in said)
    return html`<p class="notice error" role="alert" dir="auto">${said.error}</p>
      <button class="link" @click=${() => opinions.ask(candidate)}>${t('candidates.tryAgain')}</button>`;
  return told(view, candidate, said);
}

function told(
  view: GoodUnit,
  { texts }: CandidateView,
  { unsure, agreement, back }: SignalsView,
): TemplateResult {
  const nameOf = (name: string) => (texts.length > 1 ? html`<em>${name}</em>` : nothing);
  return html`<div class="signals">
    <h4>${t('candidates.signals')}</h4>
    <p class="hint">${t('candidates.signalsHint')}</p>
    <p>
      ${
        unsure === null
          ? t('candidates.unsureUnknown')
          : t(unsure.length > 0 ? 'candidates.unsure' : 'candidates.sure')
      }
    </p>
    ${texts.map(text => {
      const marks = marksOf(text, unsure);
      return marks.length === 0
        ? nothing
        : html`${nameOf(text[0])}
            <div class="text" lang=${view.targetLang} dir="auto" ${marked(text[1], marks)}></div>`;
    })}
    <p>
      ${agreement === null ? t('candidates.noAgreement') : t('candidates.agreement', Math.round(agreement))}
    </p>
    ${back.map(
      ({ name, text, chrF }) =>
        html`<p><bdi>${t('candidates.back', name, Math.round(chrF))}</bdi></p>
          <div class="text" lang=${view.sourceLang} dir="auto" .textContent=${text}></div>`,
    )}
  </div>`;
}

function marksOf([name]: FieldText, unsure: SignalsView['unsure']): Mark[] {
  return (unsure ?? [])
    .filter(each => each.name === name)
    .map(({ start, end }) => ({ start, end, severity: 'info', isCurrent: false }));
}
