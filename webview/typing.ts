/** Text in the boxes that the host has not confirmed yet, each with the record that it was typed for. */
import type { FieldView, GoodUnit, Target } from '../src/core/protocol';
import type { Side, UnitKey } from '../src/core/record';

/** Typing rests this long before it is sent to be kept; the host must have it within 250 ms. */
const DRAFT_MS = 200;

export interface Typed {
  readonly target: Target;
  readonly side: Side;
  readonly name: string;
  readonly text: string;
}

export class Typing {
  readonly #typed = new Map<string, Typed>();
  readonly #due: () => void;
  #timer: number | undefined;

  /** @param due is called when what was typed is to be sent */
  constructor(due: () => void) {
    this.#due = due;
  }

  get isEmpty(): boolean {
    return this.#typed.size === 0;
  }

  /** The text of a field as it stands in its box. */
  textOf(view: GoodUnit, side: Side, field: FieldView): string {
    const typed = this.#typed.get(placeOf(view.key, side, field.name))?.text;
    return typed ?? draftOf(side, field) ?? field[side];
  }

  isTyped(view: GoodUnit, side: Side, field: FieldView): boolean {
    return draftOf(side, field) !== null || this.#typed.has(placeOf(view.key, side, field.name));
  }

  /** @param view the record that the box belongs to, which may no longer be the one that is asked for */
  type({ row, key, fingerprint }: GoodUnit, side: Side, name: string, text: string): void {
    this.#typed.set(placeOf(key, side, name), { target: { row, key, fingerprint }, side, name, text });
    // Not put off by the next key: who types without a pause loses no more than this either.
    this.#timer ??= window.setTimeout(this.#due, DRAFT_MS);
  }

  forget(key: UnitKey, side: Side, name: string): void {
    this.#typed.delete(placeOf(key, side, name));
  }

  /** Sends each text; one that was changed meanwhile stays to be sent again. */
  async send(keep: (typed: Typed) => Promise<void>): Promise<void> {
    this.rest();
    for (const [place, typed] of [...this.#typed]) {
      await keep(typed);
      if (this.#typed.get(place)?.text === typed.text) this.#typed.delete(place);
    }
  }

  /** Nothing is due any more: it is being sent. */
  rest(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function draftOf(side: Side, field: FieldView): string | null {
  return side === 'source' ? field.sourceDraft : field.draft;
}

function placeOf(key: UnitKey, side: Side, name: string): string {
  return `${side} ${name} ${key}`;
}
