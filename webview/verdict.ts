/**
 * What the reviewer decides on the record shown, and why: the little panel of reasons, and, in a conflict, which of the
 * texts is meant.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Decision } from '../src/core/events';
import type { GoodUnit, RivalView, ShardView, Target, Verdict } from '../src/core/protocol';
import type { Fingerprint, UnitKey } from '../src/core/record';
import { digitOf } from './keys';
import { call } from './rpc';
import type { Store } from './store';
import { reasonLabel, sentence, t } from './text';

type Judgement = Exclude<Decision, 'skip'>;

/** Asks why, for the record and text that it was opened for. */
export interface Panel {
  readonly decision: Judgement;
  readonly target: Target;
  /** Whether a reason or a note must be given: it settles a dispute. */
  readonly needed: boolean;
  /** The reason that the arrow keys are at, by its place in the list; -1: none yet. */
  at: number;
  /** Why it was not enough. */
  error: string | undefined;
}

/** What was begun in a panel for a record. */
interface Begun {
  readonly marked: Set<string>;
  note: string;
}

const NO_REASON: Verdict = { reasons: [], note: '' };
/** The reason of `sourceWrong`; built in. */
const SOURCE_WRONG = 'source-wrong';

export class Verdicts {
  panel: Panel | undefined;
  readonly #store: Store;
  readonly #begun = new Map<UnitKey, Begun>();
  /** The text of a conflict that was chosen. */
  #chosen: Fingerprint | undefined;
  /** A key pressed again before the decision is done would fall on a record that nobody has seen. */
  #isUnderWay = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** What was marked and noted for the record of the panel. */
  get begun(): Begun {
    const key = this.panel?.target.key;
    return (key && this.#begun.get(key)) ?? { marked: new Set(), note: '' };
  }

  /** The rival that was chosen, among those that are shown. */
  chosen(view: GoodUnit): RivalView | undefined {
    return view.state === 'conflict'
      ? view.rivals.find(rival => rival.fingerprint === this.#chosen)
      : undefined;
  }

  /** @param index of the rival, from 0 */
  choose(view: GoodUnit, index: number): void {
    const rival = view.rivals[index];
    if (view.state !== 'conflict' || !rival) return;
    this.#chosen = rival.fingerprint;
    this.#store.announce(t('page.chosenText', index + 1));
  }

  /** Approves and skips at once; for the others, and to settle a dispute, it asks why. */
  async decide(decision: Decision): Promise<void> {
    const { view } = this.#store;
    if (view?.kind !== 'unit') return;
    if (decision === 'skip') return this.#decide(decision, NO_REASON);
    if (!view.rights.decide) {
      this.#refuse();
      return;
    }
    if (decision === 'approve' && !settles(view)) return this.#decide(decision, NO_REASON);
    await this.#once(() =>
      this.#store.write(async () => {
        // Committed first, so that what is decided on is the text that stands behind the panel.
        await this.#store.commitTyped();
        const target = this.#aim();
        const { view } = this.#store;
        if (!target || view?.kind !== 'unit') return;
        this.panel = { decision, target, needed: settles(view), at: -1, error: undefined };
      }),
    );
  }

  /** One key for the commonest reason that is no fault of the translation. */
  async sourceWrong(): Promise<void> {
    const { view } = this.#store;
    if (view?.kind !== 'unit') return;
    if (!view.rights.decide) {
      this.#refuse();
      return;
    }
    await this.#decide('needs-work', { reasons: [SOURCE_WRONG], note: '' });
  }

  /** Decides what the panel asks about. @param also a reason besides those that are marked */
  async confirm(also?: string): Promise<void> {
    const { panel } = this;
    if (!panel) return;
    const { marked, note } = this.begun;
    const all = new Set([...marked, ...(also === undefined ? [] : [also])]);
    // In the order of the list, whatever came first.
    const reasons = (this.#store.shard?.reasons ?? []).map(({ id }) => id).filter(id => all.has(id));
    if (panel.needed && reasons.length === 0 && note.trim() === '') {
      panel.error = t('verdict.needed');
      this.#store.announce(panel.error);
      return;
    }
    this.close();
    await this.#decide(panel.decision, { reasons, note: note.trim() }, panel.target);
  }

  /** What was marked and noted stays for the next time. */
  close(): void {
    this.panel = undefined;
    this.#store.set({});
  }

  mark(id: string): void {
    const { marked } = this.#begin();
    if (!marked.delete(id)) marked.add(id);
    this.#store.set({});
  }

  note(text: string): void {
    this.#begin().note = text;
    this.#store.set({});
  }

  #begin(): Begun {
    const { begun } = this;
    if (this.panel) this.#begun.set(this.panel.target.key, begun);
    return begun;
  }

  /** Takes this reviewer's own decision back, so that one side of a dispute is gone. */
  async withdraw(): Promise<void> {
    const { view, shard } = this.#store;
    if (view?.kind !== 'unit') return;
    if (!view.decisions.some(each => each.by === shard?.reviewer)) {
      this.#store.fail(new Error(t('page.nothingToWithdraw')));
      return;
    }
    await this.#store.change(target => call('withdraw', target), t('page.withdrawn'));
  }

  /** Gives a stale record its earlier text back. */
  async keep(): Promise<void> {
    const { view } = this.#store;
    const before = view?.kind === 'unit' ? view.stale : null;
    if (!before) return;
    await this.#once(() =>
      this.#store.rewrite(target => call('keep', target, before.id), t('decision.approve')),
    );
  }

  /**
   * A key that is meant for the panel, or chooses a text of a conflict.
   * @param typing whether it is pressed in a text box
   * @returns whether it was used
   */
  press(event: KeyboardEvent, typing: boolean): boolean {
    const { panel } = this;
    const digit = digitOf(event);
    if (!panel) {
      const { view } = this.#store;
      if (typing || digit === undefined || view?.kind !== 'unit' || view.state !== 'conflict') return false;
      this.choose(view, digit - 1);
      return true;
    }
    // Tab goes to the buttons, where Enter and the space bar press them.
    const isOnButton = document.activeElement?.matches('vscode-button') ?? false;
    if (event.key === 'Enter' && !event.shiftKey && !isOnButton) {
      if (!event.repeat) void this.confirm(this.begun.marked.size > 0 ? undefined : this.#reasonAt(panel.at));
      return true;
    }
    if (typing) return false;
    if (digit !== undefined) {
      const reason = this.#reasonAt(digit - 1);
      if (reason !== undefined && !event.repeat) void this.confirm(reason);
      return true;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      const last = (this.#store.shard?.reasons.length ?? 0) - 1;
      panel.at = Math.max(0, Math.min(last, panel.at + step));
      this.#store.set({});
      return true;
    }
    if (event.key === ' ' && !isOnButton) {
      const reason = this.#reasonAt(panel.at);
      if (reason !== undefined && !event.repeat) this.mark(reason);
      return true;
    }
    return false;
  }

  #reasonAt(index: number): string | undefined {
    return this.#store.shard?.reasons[index]?.id;
  }

  #refuse(): void {
    const { shard } = this.#store;
    this.#store.fail(new Error(shard?.readonly ? sentence(shard.readonly) : t('page.noSay')));
  }

  /** The record and text that a decision is about: in a conflict the one that was chosen. */
  #aim(): Target | undefined {
    const { target, view } = this.#store;
    if (!target || view?.kind !== 'unit' || view.state !== 'conflict') return target;
    const rival = this.chosen(view);
    if (!rival) throw new Error(t('page.chooseRival'));
    return { ...target, fingerprint: rival.fingerprint };
  }

  /** @param asked what a panel was opened for; otherwise the record shown is meant, what was typed in it included */
  async #decide(decision: Decision, verdict: Verdict, asked?: Target): Promise<void> {
    const store = this.#store;
    const { failures } = store;
    await this.#once(async () => {
      const next = await store.write(async () => {
        // What was under way when the key was pressed, such as taking a fix, has failed: this is another text.
        if (store.failures !== failures) return undefined;
        if (!asked) {
          await store.keepTyped();
          // A text typed into a conflict settles it; then there is nothing to choose any more.
          if (store.view?.kind === 'unit' && store.view.state === 'conflict') await store.commitTyped();
        }
        const target = asked ?? (decision === 'skip' ? store.target : this.#aim());
        if (!target) return undefined;
        store.show(await call('decide', target, decision, verdict));
        this.#begun.delete(target.key);
        return store.nextPending();
      });
      if (next === undefined) {
        if (decision === 'approve') store.checks.leadToBlocking();
        return;
      }
      const said = t(`decision.${decision}`);
      if (next === null || next === store.position) store.announce(said);
      else await store.go(next, said);
    });
  }

  async #once(work: () => Promise<unknown>): Promise<void> {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    try {
      await work();
    } finally {
      this.#isUnderWay = false;
    }
  }
}

/** Whether a decision of this reviewer is the last word in a dispute. */
function settles({ state, rights }: GoodUnit): boolean {
  return state === 'disputed' && rights.adjudicate;
}

/** The names of the buttons that decide. */
const DECIDE = {
  approve: 'page.approve',
  'needs-work': 'page.needsWork',
  reject: 'page.reject',
} as const satisfies Record<Judgement, string>;

export function verdictDialog(store: Store, shard: ShardView, panel: Panel): TemplateResult {
  const { verdicts } = store;
  const { marked, note } = verdicts.begun;
  const { reasons } = shard;
  return html`<dialog
    class="verdict"
    aria-labelledby="verdict-title"
    aria-describedby="verdict-hint"
    @close=${() => verdicts.close()}
  >
    <h2 id="verdict-title">${t(`verdict.${panel.decision}`)}</h2>
    <p id="verdict-hint" class="hint">${t(reasons.length > 0 ? 'verdict.hint' : 'verdict.hintNote')}</p>
    ${
      reasons.length === 0
        ? nothing
        : html`<ul
            id="reasons"
            class="reasons"
            role="listbox"
            aria-multiselectable="true"
            aria-label=${t('verdict.reasons')}
            aria-activedescendant=${panel.at < 0 ? nothing : `reason-${panel.at}`}
            tabindex="0"
            autofocus
          >
            ${reasons.map(
              ({ id }, index) =>
                html`<li
                  id=${`reason-${index}`}
                  class=${index === panel.at ? 'active' : ''}
                  role="option"
                  aria-selected=${marked.has(id) ? 'true' : 'false'}
                  aria-keyshortcuts=${index < 9 ? String(index + 1) : nothing}
                  @click=${() => verdicts.mark(id)}
                >
                  <kbd aria-hidden="true">${index < 9 ? index + 1 : ' '}</kbd>
                  <span dir="auto">${reasonLabel(id, reasons)}</span>
                </li>`,
            )}
          </ul>`
    }
    <label for="verdict-note">${t('verdict.note')}</label>
    <textarea
      id="verdict-note"
      rows="2"
      dir="auto"
      ?autofocus=${reasons.length === 0}
      .value=${live(note)}
      @input=${(event: Event) => verdicts.note((event.target as HTMLTextAreaElement).value)}
    ></textarea>
    ${panel.error === undefined ? nothing : html`<p class="notice error" role="alert">${panel.error}</p>`}
    <div class="actions">
      <vscode-button @click=${() => verdicts.confirm()}
        >${t(DECIDE[panel.decision])} <kbd aria-hidden="true">↵</kbd></vscode-button
      >
      <vscode-button appearance="secondary" @click=${() => verdicts.close()}
        >${t('page.cancel')}</vscode-button
      >
    </div>
  </dialog>`;
}
