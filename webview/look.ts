/** How the page looks to this person: size of the texts, widths, long lines, hidden characters. The host remembers it. */
import { html, nothing, type TemplateResult } from 'lit';
import { DEFAULT_LOOK, RANGES, within, type Look } from '../src/core/look';
import type { Action } from '../src/core/protocol';
import { call } from './rpc';
import type { Store } from './store';
import { t } from './text';

/** What is changed by keys and buttons; widths are dragged. */
export type LookAction = Extract<Action, 'largerTexts' | 'smallerTexts' | 'breakLines' | 'hiddenCharacters'>;

export class Appearance {
  look: Look = DEFAULT_LOOK;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Looks as it is to look, without keeping it. */
  show(change: Partial<Look>): void {
    this.look = { ...this.look, ...change };
    const { size, split, list, wraps } = this.look;
    const root = document.documentElement;
    root.style.setProperty('--size', String(size / 100));
    root.style.setProperty('--split', String(split / 100));
    // Without a choice of theirs, the width of the list depends on what else is shown.
    if (list === DEFAULT_LOOK.list) root.style.removeProperty('--list');
    else root.style.setProperty('--list', `${list}%`);
    root.classList.toggle('unbroken', !wraps);
    this.#store.set({});
  }

  async keep(): Promise<void> {
    await call('keepLook', this.look).catch((error: unknown) => this.#store.fail(error));
  }

  async act(action: LookAction): Promise<void> {
    const { size, wraps, hidden } = this.look;
    switch (action) {
      case 'largerTexts':
      case 'smallerTexts': {
        const step = action === 'largerTexts' ? RANGES.size.step : -RANGES.size.step;
        this.show({ size: within('size', size + step) });
        this.#store.announce(t('view.sizeNow', this.look.size));
        break;
      }
      case 'breakLines':
        this.show({ wraps: !wraps });
        this.#store.announce(t(wraps ? 'view.wrapOff' : 'view.wrapOn'));
        break;
      case 'hiddenCharacters':
        this.show({ hidden: !hidden });
        this.#store.announce(t(hidden ? 'view.hiddenOff' : 'view.hiddenOn'));
        break;
    }
    await this.keep();
  }
}

/** Buttons that stand above the texts. */
export function lookTools(store: Store): TemplateResult {
  const { wraps, hidden } = store.appearance.look;
  const tool = (action: LookAction | 'find', label: string, sign: string, pressed?: boolean) =>
    toolButton(label, sign, () => void store.act(action), pressed);
  return html`<div class="view-tools" role="toolbar" aria-label=${t('view.tools')}>
    ${tool('smallerTexts', t('view.smaller'), 'A−')} ${tool('largerTexts', t('view.larger'), 'A+')}
    ${tool('breakLines', t('view.wrap'), '↵', wraps)}
    ${tool('hiddenCharacters', t('view.hidden'), '¶', hidden)}
    ${tool('find', t('view.find'), '🔍\ufe0e', store.find.isOpen)}
  </div>`;
}

/**
 * A button that shows a sign.
 * @param pressed left out: it is no switch
 */
export function toolButton(
  label: string,
  sign: string,
  press: () => void,
  pressed?: boolean,
): TemplateResult {
  return html`<button
    class="tool"
    data-sign=${sign}
    title=${label}
    aria-label=${label}
    aria-pressed=${pressed ?? nothing}
    @click=${press}
  ></button>`;
}

/** The line between two columns: dragged, or moved with the arrow keys; a double click puts it back. */
export function separator(store: Store, measure: 'split' | 'list'): TemplateResult {
  const { appearance } = store;
  const { min, max, step } = RANGES[measure];
  const set = (value: number) => appearance.show({ [measure]: within(measure, value) });
  const onKey = (event: KeyboardEvent) => {
    const value = appearance.look[measure];
    const forward = isRightToLeft(event.currentTarget) ? 'ArrowLeft' : 'ArrowRight';
    const backward = forward === 'ArrowLeft' ? 'ArrowRight' : 'ArrowLeft';
    const to = { [forward]: value + step, [backward]: value - step, Home: min, End: max }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(to);
    void appearance.keep();
  };
  return html`<div
    class="separator ${measure}"
    role="separator"
    tabindex="0"
    aria-orientation="vertical"
    aria-label=${t(`view.${measure}`)}
    aria-valuemin=${min}
    aria-valuemax=${max}
    aria-valuenow=${appearance.look[measure]}
    @keydown=${onKey}
    @dblclick=${() => {
      set(DEFAULT_LOOK[measure]);
      void appearance.keep();
    }}
    @pointerdown=${(event: PointerEvent) => (event.currentTarget as Element).setPointerCapture(event.pointerId)}
    @pointermove=${(event: PointerEvent) => {
      const line = event.currentTarget as HTMLElement;
      if (!line.hasPointerCapture(event.pointerId) || !line.offsetParent) return;
      const { left, right, width } = line.offsetParent.getBoundingClientRect();
      const from = isRightToLeft(line) ? right - event.clientX : event.clientX - left;
      set((100 * from) / width);
    }}
    @lostpointercapture=${() => void appearance.keep()}
  ></div>`;
}

function isRightToLeft(element: EventTarget | null): boolean {
  return element instanceof Element && getComputedStyle(element).direction === 'rtl';
}
