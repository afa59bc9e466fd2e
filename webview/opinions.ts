/** What the model says of proposals, as far as the page has asked it. */
import type { CandidateView, SignalsView } from '../src/core/protocol';
import { call } from './rpc';
import type { Store } from './store';
import { t } from './text';

/** Asked, told, or why it could not be asked. */
export type Opinion = { readonly isAsked: true } | SignalsView | { readonly error: string };

export class Opinions {
  readonly #store: Store;
  /** By proposal. */
  readonly #known = new Map<string, Opinion>();

  constructor(store: Store) {
    this.#store = store;
  }

  of({ id }: CandidateView): Opinion | undefined {
    return this.#known.get(id);
  }

  /** Asks the model what it thinks of a proposal. */
  async ask({ id }: CandidateView): Promise<void> {
    const store = this.#store;
    const { target } = store;
    const known = this.#known.get(id);
    if (!target || (known && 'isAsked' in known)) return;
    const asked: Opinion = { isAsked: true };
    this.#known.set(id, asked);
    store.announce(t('candidates.asking'));
    let opinion: Opinion;
    let said = t('candidates.signals');
    try {
      opinion = await call('signals', target, id);
    } catch (error) {
      said = error instanceof Error ? error.message : String(error);
      opinion = { error: said };
    }
    // It may have been cancelled, and asked once more.
    if (this.#known.get(id) !== asked) return;
    this.#known.set(id, opinion);
    store.announce(said);
  }

  cancel({ id }: CandidateView): void {
    const store = this.#store;
    this.#known.delete(id);
    call('cancel', id).catch((error: unknown) => store.fail(error));
    store.announce(t('candidates.cancelled'));
  }
}
