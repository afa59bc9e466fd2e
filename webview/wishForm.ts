/** What the reviewer has chosen to ask the model for. */
import { MAX_ADVICE, type Mode, type Wish } from '../src/core/regeneration';
import type { FindingView } from '../src/core/protocol';
import type { Store } from './store';

/** The field that a question or an instruction is answered in. */
const ANSWER = 'output';

/** What the form says; but for the advice it stays for the next record. */
export class WishForm {
  mode: Mode = 'translate';
  isWhole = false;
  count = 1;
  /** Whether all of it is shown though there are proposals, which need the room. */
  isOpen = false;
  /** Whether the proposals show the words too that they leave out. */
  showsRemoved = false;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Where the advice for the record shown is kept until it is used. */
  get advicePlace(): string {
    const { view } = this.#store;
    return `advice ${view?.kind === 'unit' ? view.key : ''}`;
  }

  /** What the form says; undefined where the record has no field that could be meant. */
  get wish(): Wish | undefined {
    if (this.mode === 'answer') return this.answer;
    const { field } = this.#store;
    if (this.isWhole) return this.of('translate', []);
    return field === undefined ? undefined : this.of('translate', [field]);
  }

  /** The instruction answered anew; undefined where the record has no field for that. */
  get answer(): Wish | undefined {
    const { view } = this.#store;
    const hasAnswer = view?.kind === 'unit' && view.fields.some(({ name }) => name === ANSWER);
    return hasAnswer ? this.of('answer', [ANSWER]) : undefined;
  }

  /** A wish with the advice and the number that the form says. @param finding what is to be mended */
  of(mode: Mode, fields: readonly string[], finding: FindingView | null = null): Wish {
    const advice = (this.#store.begun.get(this.advicePlace) ?? '').trim().slice(0, MAX_ADVICE);
    const place = finding && { check: finding.check, side: finding.side, field: finding.field };
    return { mode, fields, advice, finding: place, count: this.count, split: 'record' };
  }
}
