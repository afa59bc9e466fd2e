/** Finding text in the record shown, in both languages. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { occurrences } from '../src/core/occurrences';
import type { Action } from '../src/core/protocol';
import type { Side } from '../src/core/record';
import type { Span } from '../src/core/spans';
import { toolButton } from './look';
import { currentMatch, forgetMatches, type Match } from './marks';
import { scrollerOf } from './scrolling';
import type { Store } from './store';
import { t } from './text';

export type FindAction = Extract<Action, 'find' | 'findNext' | 'findPrevious'>;

interface Place extends Span {
  readonly side: Side;
  readonly name: string;
}

const SIDES = ['source', 'target'] as const satisfies Side[];
/** Pixels kept free around a match. */
const AROUND = 40;

export class Find {
  isOpen = false;
  text = '';
  /** Which match is the current one, from 0. */
  at = 0;
  readonly #store: Store;
  /** What was found by text, of what is looked for now. */
  #known = new Map<string, readonly Span[]>();

  constructor(store: Store) {
    this.#store = store;
  }

  act(action: FindAction): void {
    if (action === 'find') {
      this.isOpen = true;
      this.#store.set({});
      requestAnimationFrame(() => document.querySelector<HTMLInputElement>('#find')?.select());
    } else this.step(action === 'findNext' ? 1 : -1);
  }

  look(text: string): void {
    this.text = text;
    this.at = 0;
    this.#known = new Map();
    this.#show();
  }

  /** Goes to the next match, or the one before, round the end of the record. */
  step(by: 1 | -1): void {
    const { length } = this.places;
    if (length === 0) return;
    this.at = (Math.min(this.at, length - 1) + by + length) % length;
    this.#show();
  }

  /** @returns whether the key was used: Enter in the box of what is looked for, with Shift to the match before */
  press(event: KeyboardEvent): boolean {
    if (event.key !== 'Enter' || document.activeElement?.id !== 'find') return false;
    this.step(event.shiftKey ? -1 : 1);
    return true;
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#store.set({});
    requestAnimationFrame(forgetMatches);
  }

  #show(): void {
    const place = this.places[this.at];
    // What is edited next is what was found.
    this.#store.set(place ? { field: place.name } : {});
    this.#store.announce(this.said);
    requestAnimationFrame(() => {
      forgetMatches();
      const range = currentMatch();
      const main = document.querySelector('main');
      const scroller = main && scrollerOf(main);
      if (!range || !scroller) return;
      const [match, frame] = [range.getBoundingClientRect(), scroller.getBoundingClientRect()];
      // What stays at the top of the record covers what is scrolled below it.
      const cover = [...main.querySelectorAll('.sides, .find')].map(
        each => each.getBoundingClientRect().height,
      );
      const start = frame.top + cover.reduce((sum, each) => sum + each, AROUND);
      const end = frame.bottom - AROUND;
      if (match.top < start) scroller.scrollBy(0, match.top - start);
      else if (match.bottom > end) scroller.scrollBy(0, match.bottom - Math.max(end, start + match.height));
    });
  }

  /** How many there are, and which is the current one; empty while nothing is looked for. */
  get said(): string {
    if (this.text === '') return '';
    const { length } = this.places;
    return length === 0 ? t('view.findNone') : t('view.findAt', Math.min(this.at, length - 1) + 1, length);
  }

  /** All matches of the record shown, in the order in which they are read. */
  get places(): readonly Place[] {
    const { view, typing } = this.#store;
    if (view?.kind !== 'unit') return [];
    return view.fields.flatMap(field =>
      SIDES.flatMap(side =>
        this.#spans(typing.textOf(view, side, field)).map(span => ({ ...span, side, name: field.name })),
      ),
    );
  }

  /** What is to be marked in one text. */
  matchesOf(side: Side, name: string, text: string): Match[] {
    if (!this.isOpen || this.text === '') return [];
    const { places } = this;
    const current = places[Math.min(this.at, places.length - 1)];
    return this.#spans(text).map(span => ({
      ...span,
      isCurrent: current?.side === side && current.name === name && current.start === span.start,
    }));
  }

  #spans(text: string): readonly Span[] {
    const known = this.#known.get(text);
    if (known) return known;
    // Typing and other records: what is no longer shown is not kept.
    if (this.#known.size > 100) this.#known = new Map();
    const found = occurrences(text, this.text);
    this.#known.set(text, found);
    return found;
  }
}

export function findBar(store: Store): TemplateResult | typeof nothing {
  const { find } = store;
  if (!find.isOpen) return nothing;
  return html`<div class="find" role="search" aria-label=${t('view.find')}>
    <input
      id="find"
      type="text"
      dir="auto"
      aria-label=${t('view.find')}
      placeholder=${t('view.find')}
      .value=${live(find.text)}
      @input=${(event: Event) => find.look((event.target as HTMLInputElement).value)}
    />
    <span class="hint">${find.said}</span>
    ${toolButton(t('view.findPrevious'), '↑', () => find.step(-1))}
    ${toolButton(t('view.findNext'), '↓', () => find.step(1))}
    ${toolButton(t('view.findClose'), '✕', () => find.close())}
  </div>`;
}
