/** Asks why a finding is ignored: one key for a common reason, or a note. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { MessageId } from '../src/core/messages';
import type { FindingView, Target } from '../src/core/protocol';
import { countOf, isSame } from './checks';
import { digitOf } from './keys';
import { call } from './rpc';
import type { Store } from './store';
import { checkTitle, sentence, t } from './text';

const REASONS = ['ignore.falseAlarm', 'ignore.intended', 'ignore.wontFix'] as const satisfies MessageId[];

/** For the finding and the text that it was opened for. */
export interface IgnorePanel {
  readonly finding: FindingView;
  readonly target: Target;
  /** Findings that are ignored together with it. */
  readonly several: number;
  error: string | undefined;
}

export class Ignoring {
  panel: IgnorePanel | undefined;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Where the note is kept until it is used. */
  get place(): string {
    const { finding, target } = this.panel ?? {};
    return finding && target ? `ignore ${finding.check} ${finding.side} ${finding.field} ${target.key}` : '';
  }

  /** @param finding left out: the one that keys are meant for, else the first */
  async open(finding?: FindingView): Promise<void> {
    const store = this.#store;
    if (finding) store.checks.current = finding;
    await store.write(async () => {
      // What is ignored holds for a text, so that has to be an edit first.
      await store.commitTyped();
      const { view, target, checks } = store;
      if (view?.kind !== 'unit' || !target) return;
      if (!view.rights.decide)
        throw new Error(store.shard?.readonly ? sentence(store.shard.readonly) : t('page.noSay'));
      const wanted = finding ? checks.finding : (checks.finding ?? view.findings[0]);
      if (!wanted) throw new Error(t('page.nothingToIgnore'));
      checks.current = wanted;
      const together = view.findings.filter(
        each => each.check === wanted.check && each.side === wanted.side && each.field === wanted.field,
      );
      this.panel = { finding: wanted, target, several: together.length, error: undefined };
    });
  }

  close(): void {
    this.panel = undefined;
    this.#store.set({});
  }

  /** @returns whether the key was used */
  press(event: KeyboardEvent, typing: boolean): boolean {
    if (!this.panel) return false;
    const isOnButton = document.activeElement?.matches('vscode-button, button') ?? false;
    if (event.key === 'Enter' && !event.shiftKey && !isOnButton) {
      if (!event.repeat) void this.confirm();
      return true;
    }
    const digit = digitOf(event);
    const reason = typing || digit === undefined ? undefined : REASONS[digit - 1];
    if (!reason) return false;
    if (!event.repeat) void this.confirm(reason);
    return true;
  }

  async confirm(reason?: (typeof REASONS)[number]): Promise<void> {
    const { panel, place } = this;
    if (!panel) return;
    const store = this.#store;
    const note = (store.begun.get(place) ?? '').trim();
    const text = [...(reason ? [t(reason)] : []), ...(note === '' ? [] : [note])].join(': ');
    if (text === '') {
      panel.error = t('ignore.needed');
      store.announce(panel.error);
      return;
    }
    this.close();
    const { check, side, field } = panel.finding;
    await store.change(() => call('ignore', panel.target, { check, side, field }, text), '', place);
    const { view } = store;
    const isStill = view?.kind === 'unit' && view.findings.some(each => isSame(each, panel.finding));
    if (view?.kind === 'unit' && !isStill) store.announce(t('page.ignored', countOf(view)));
  }
}

export function ignoreDialog(store: Store, panel: IgnorePanel): TemplateResult {
  const { ignoring } = store;
  const { place } = ignoring;
  const { finding, several } = panel;
  return html`<dialog
    class="verdict"
    aria-labelledby="ignore-title"
    aria-describedby="ignore-what ignore-hint"
    @close=${() => ignoring.close()}
  >
    <h2 id="ignore-title">${t('ignore.title')}</h2>
    <div id="ignore-what" class="finding ${finding.severity}">
      <p>${checkTitle(finding.check)} · ${finding.field}</p>
      <p>${sentence(finding.message)}</p>
      ${several > 1 ? html`<p>${t('ignore.several', several)}</p>` : nothing}
    </div>
    <p id="ignore-hint" class="hint">${t('ignore.hint')}</p>
    <div class="actions" role="group" aria-label=${t('ignore.reasons')} tabindex="-1" autofocus>
      ${REASONS.map(
        (reason, index) =>
          html`<vscode-button
            appearance="secondary"
            aria-keyshortcuts=${String(index + 1)}
            @click=${() => ignoring.confirm(reason)}
            >${t(reason)} <kbd aria-hidden="true">${index + 1}</kbd></vscode-button
          >`,
      )}
    </div>
    <label for="ignore-note">${t('ignore.note')}</label>
    <textarea
      id="ignore-note"
      rows="2"
      dir="auto"
      .value=${live(store.begun.get(place) ?? '')}
      @input=${(event: Event) => store.begin(place, (event.target as HTMLTextAreaElement).value)}
    ></textarea>
    ${panel.error === undefined ? nothing : html`<p class="notice error" role="alert">${panel.error}</p>`}
    <div class="actions">
      <vscode-button @click=${() => ignoring.confirm()}
        >${t('ignore.do')} <kbd aria-hidden="true">↵</kbd></vscode-button
      >
      <vscode-button appearance="secondary" @click=${() => ignoring.close()}
        >${t('page.cancel')}</vscode-button
      >
    </div>
  </dialog>`;
}
