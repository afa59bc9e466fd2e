/** The cheat sheet: every key, by what it is for. */
import { html, type TemplateResult } from 'lit';
import { CHEAT_SHEET, keyCap, type Bindings } from '../src/core/cheatSheet';
import type { Store } from './store';
import { t } from './text';

/** VS Code tells no extension which keys its user has changed: shown are those of the manifest, and the way to the others. */
export function helpDialog(store: Store, bindings: Bindings): TemplateResult {
  const isMac = /^mac/i.test(navigator.platform);
  return html`<dialog class="help" aria-label=${t('page.help')} @close=${() => store.set({ help: false })}>
    <h2 tabindex="-1" autofocus>${t('page.help')}</h2>
    <div class="sheet">
      ${CHEAT_SHEET.map(
        ({ title, entries }) =>
          html`<section>
            <h3>${t(title)}</h3>
            <dl>
              ${entries.map(({ command, keys, says }) => {
                const bound = command === null ? keys : (bindings[command] ?? []);
                return html`<dt>
                    ${bound.map(each => html`<kbd dir="ltr">${keyCap(each, isMac, t)}</kbd> `)}
                  </dt>
                  <dd>${t(says)}</dd>`;
              })}
            </dl>
          </section>`,
      )}
    </div>
    <p>${t('help.defaults')} ${t('page.helpIntro')}</p>
    <div class="actions">
      <vscode-button @click=${() => store.act('help')}>${t('page.close')}</vscode-button>
      <vscode-button appearance="secondary" @click=${() => store.run('changeKeys')}
        >${t('help.change')}</vscode-button
      >
    </div>
  </dialog>`;
}
