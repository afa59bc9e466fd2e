/** Text in the boxes that the host has not confirmed yet, each with the record that it was typed for. */
import type { FieldView, GoodUnit, Target } from '../src/core/protocol';
import type { UnitKey } from '../src/core/record';

/** Typing rests this long before it is sent to be kept; the host must have it within 250 ms. */
const DRAFT_MS = 200;

export interface Typed {
  readonly target: Target;
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
  textOf(view: GoodUnit, field: FieldView): string {
    return this.#typed.get(placeOf(view.key, field.name))?.text ?? field.draft ?? field.target;
  }

  isTyped(view: GoodUnit, field: FieldView): boolean {
    return field.draft !== null || this.#typed.has(placeOf(view.key, field.name));
  }

  /** @param view the record that the box belongs to, which may no longer be the one that is asked for */
  type({ row, key, fingerprint }: GoodUnit, name: string, text: string): void {
    this.#typed.set(placeOf(key, name), { target: { row, key, fingerprint }, name, text });
    // Not put off by the next key: who types without a pause loses no more than this either.
    this.#timer ??= window.setTimeout(this.#due, DRAFT_MS);
  }

  forget(key: UnitKey, name: string): void {
    this.#typed.delete(placeOf(key, name));
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

function placeOf(key: UnitKey, name: string): string {
  return `${name} ${key}`;
}
