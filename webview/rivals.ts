/** Texts that stand beside the current one: rivals in a conflict, proposals, what was approved before it changed. */
import { html, nothing, type TemplateResult } from 'lit';
import type { GoodUnit, ProposalView, RivalView } from '../src/core/protocol';
import type { Side } from '../src/core/record';
import { difference } from './difference';
import { changes, nameOf } from './history';
import { call } from './rpc';
import type { Store } from './store';
import { date, t } from './text';

/** Rivals that have a key of their own. */
const NUMBERED = 9;

export function rivals(store: Store, view: GoodUnit): TemplateResult | typeof nothing {
  if (view.rivals.length === 0) return nothing;
  return html`<section class="notice warning" aria-label=${t('state.conflict')}>
    <p>${t(view.state === 'stale' ? 'stale.rivals' : 'page.conflict')}</p>
    ${view.rivals.map((rival, index) => rivalText(store, view, rival, index))}
  </section>`;
}

/** The first as it is, the others by what they change of it; the one that was chosen as it is too. */
function rivalText(store: Store, view: GoodUnit, rival: RivalView, index: number): TemplateResult {
  const { rivals } = view;
  const [first = rival] = rivals;
  const isChosen = store.verdicts.chosen(view) === rival;
  const fieldsOf = (side: Side) => view.fields.map(({ name }) => ({ side, name }));
  const differing = [...fieldsOf('source'), ...fieldsOf('target')].filter(({ side, name }) =>
    rivals.some(other => textOf(other[side], name) !== textOf(first[side], name)),
  );
  return html`<div class="rival ${isChosen ? 'chosen' : ''}">
    <strong>${t('page.rival', index + 1, rival.by, date(rival.at))}</strong>
    ${differing.map(({ side, name }) => {
      const text = textOf(rival[side], name);
      const lang = side === 'source' ? view.sourceLang : view.targetLang;
      const asIs = html`<div class="text" lang=${lang} dir="auto" .textContent=${text}></div>`;
      return html`<div>
        <em>${nameOf(side, name)}</em>
        ${rival === first ? nothing : difference(textOf(first[side], name), text, lang)}
        ${rival === first || isChosen ? asIs : nothing}
      </div>`;
    })}
    ${rival.cut ? html`<p class="hint">${t('unit.rivalTooLong')}</p>` : nothing}
    ${
      view.state === 'conflict'
        ? html`<vscode-button
            appearance="secondary"
            aria-pressed=${isChosen ? 'true' : 'false'}
            @click=${() => store.verdicts.choose(view, index)}
          >
            ${isChosen ? t('page.chosen') : t('page.choose', index + 1)}
            ${index < NUMBERED ? html`<kbd aria-hidden="true">${index + 1}</kbd>` : nothing}
          </vscode-button>`
        : nothing
    }
  </div>`;
}

export function proposals(store: Store, view: GoodUnit): TemplateResult[] {
  return view.proposals.map(proposal => proposed(store, view, proposal));
}

function proposed(store: Store, view: GoodUnit, proposal: ProposalView): TemplateResult {
  const { id, by, at, source } = proposal;
  const settle = (outcome: 'take' | 'dismiss') =>
    store.rewrite(
      target => call('settle', target, id, outcome),
      t(outcome === 'take' ? 'page.taken' : 'page.dismissed'),
    );
  const isMine = source ? view.rights.settleSource : view.rights.settle;
  return html`<section class="notice proposal" aria-label=${t('page.proposes', by, date(at))}>
    <p>${t('page.proposes', by, date(at))}</p>
    ${changes(view, proposal.changes)}
    ${
      isMine
        ? html`<div class="actions">
            <vscode-button @click=${() => settle('take')}>
              ${t('page.take')}
              ${store.candidates.fix === proposal ? html`<kbd aria-hidden="true">V</kbd>` : nothing}
            </vscode-button>
            <vscode-button appearance="secondary" @click=${() => settle('dismiss')}
              >${t('page.dismiss')}</vscode-button
            >
          </div>`
        : html`<p class="hint">${t('page.proposalWaits')}</p>`
    }
  </section>`;
}

/** What was approved or written beside what is there now, and the three ways on. */
export function stale(store: Store, view: GoodUnit): TemplateResult | typeof nothing {
  const before = view.stale;
  if (!before) return nothing;
  const changed = view.fields.filter(field => textOf(before.target, field.name) !== field.target);
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
          <em>${field.name}</em>
          ${difference(textOf(before.target, field.name), field.target, view.targetLang)}
        </div>`,
    )}
    <div class="actions">${button('keepApproved', 'O')}${button('takeNew', 'T')}${button('edit', 'E')}</div>
  </section>`;
}

function textOf(fields: RivalView['target'], name: string): string {
  return fields.find(([each]) => each === name)?.[1] ?? '';
}
