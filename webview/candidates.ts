/**
 * What the reviewer asks of a model, and what is done with its proposals: several may be written at once, for several records.
 * Nothing of them is in the record until the reviewer takes it.
 */
import type { Split, Wish } from '../src/core/regeneration';
import type { MessageId } from '../src/core/messages';
import type {
  CandidateView,
  FieldText,
  FindingView,
  GoodUnit,
  HostEvent,
  Target,
} from '../src/core/protocol';
import type { UnitKey } from '../src/core/record';
import { ADVICE, NONE_GOOD } from './candidatesTab';
import { distinct, isTwin, isWithoutWarning, takeable, type Takeable } from './merits';
import { Opinions } from './opinions';
import { call, HostError } from './rpc';
import type { Store } from './store';
import { draftsOf } from './streams';
import { sentence, t } from './text';
import { WishForm } from './wishForm';

export type Partial = Extract<HostEvent, { event: 'partial' }>;

/** A wish that is being fulfilled. */
export interface Running {
  /** The number of its `partial` events. */
  readonly stream: number;
  readonly key: UnitKey;
  readonly wish: Wish;
  /** What there is so far, by seed. */
  readonly drafts: Map<number, Partial>;
  /** Ids of the proposals that there were before. */
  readonly before: ReadonlySet<string>;
  isCancelled: boolean;
}

export interface Failed {
  /** Its drafts broke off: they are shown, and not used. */
  readonly run: Running;
  readonly error: string;
  /** Which failure it was; null for one that was not foreseen. */
  readonly reason: MessageId | null;
}

export class Candidates {
  readonly form: WishForm;
  /** The proposal whose text is edited before it is taken. */
  editing: string | undefined;
  readonly #store: Store;
  /** The text whose button carries the mark of the key. */
  #marked: string | undefined;
  /** Texts that were there when something was asked for last. */
  #earlier: ReadonlySet<string> = new Set();
  #running: readonly Running[] = [];
  /** The last failure of each record, until something else is asked for it. */
  readonly #failed = new Map<UnitKey, Failed>();
  /** Texts that were edited, by proposal and field; they stay while another record is looked at. */
  readonly #edited = new Map<string, Map<string, string>>();
  readonly opinions: Opinions;

  constructor(store: Store) {
    this.#store = store;
    this.form = new WishForm(store);
    this.opinions = new Opinions(store);
  }

  runningOf(key: UnitKey): readonly Running[] {
    return this.#running.filter(each => each.key === key);
  }

  /** Proposals that are being written for this page, of whatever record. */
  get runningCount(): number {
    return this.#running.reduce((sum, { wish }) => sum + wish.count, 0);
  }

  failedOf(key: UnitKey): Failed | undefined {
    return this.#failed.get(key);
  }

  /** Why nothing can be asked here, or undefined; where only the backend is missing, that is another matter. */
  get refusal(): string | undefined {
    const { shard, view } = this.#store;
    if (shard?.readonly) return sentence(shard.readonly);
    return view?.kind === 'unit' && view.rights.edit === 'no' ? t('page.mendForbidden') : undefined;
  }

  // What is asked for

  /** What the form asks for. */
  async submit(): Promise<void> {
    const { wish } = this.form;
    if (wish) await this.ask(wish);
    else this.#store.fail(new Error(t('candidates.noOutput')));
  }

  /** The marked field, or all of them, translated again. */
  async regenerate(isWhole: boolean): Promise<void> {
    const { field } = this.#store;
    if (isWhole) await this.ask(this.form.of('translate', []));
    else if (field !== undefined) await this.ask(this.form.of('translate', [field]));
  }

  async answerAnew(): Promise<void> {
    const wish = this.form.answer;
    if (wish) await this.ask(wish);
    else this.#store.fail(new Error(t('candidates.noOutput')));
  }

  /** The finding that the key means: the one it is at, else the first of the marked field, else of the record. */
  get mendable(): FindingView | undefined {
    const { view, field, checks } = this.#store;
    if (view?.kind !== 'unit') return undefined;
    if (checks.finding) return checks.finding;
    const ofTarget = view.findings.filter(({ side }) => side === 'target');
    return ofTarget.find(each => each.field === field) ?? ofTarget[0];
  }

  /**
   * Has the model write a field again, told what is wrong with it.
   * @param finding left out: the one that the key means
   */
  async mend(finding = this.mendable): Promise<void> {
    const store = this.#store;
    if (!finding) store.fail(new Error(t('candidates.nothingToMend')));
    else if (finding.side === 'source') store.fail(new Error(t('candidates.sourceFinding')));
    else {
      store.checks.current = finding;
      store.set({ field: finding.field });
      await this.ask(this.form.of('translate', [finding.field], finding));
    }
  }

  /** The failed wish once more, perhaps in smaller parts. */
  async askAgain({ run }: Failed, split: Split): Promise<void> {
    await this.ask({ ...run.wish, split });
  }

  /** Has the model write what is wished for the record shown; the same wish is not fulfilled twice at a time. */
  async ask(wish: Wish): Promise<void> {
    const store = this.#store;
    const { target } = store;
    if (!target) return;
    store.set({ tab: 'candidates' });
    if (store.shard?.backend === null) {
      store.announce(t('candidates.noBackendYet'));
      return;
    }
    const { refusal } = this;
    if (refusal !== undefined) {
      store.fail(new Error(refusal));
      return;
    }
    const { key } = target;
    if (this.runningOf(key).some(each => isSameWork(each.wish, wish))) return;
    const running: Running = {
      ...{ stream: newStream(), key, wish },
      drafts: new Map(),
      before: this.#idsShown(),
      isCancelled: false,
    };
    this.#running = [...this.#running, running];
    this.#earlier = running.before;
    this.form.isOpen = false;
    this.#failed.delete(key);
    store.announce(t('candidates.begun'));
    await this.#run(running);
    this.#running = this.#running.filter(each => each !== running);
    store.set({});
  }

  async #run(running: Running): Promise<void> {
    const { key, wish, stream } = running;
    const store = this.#store;
    try {
      const target = await this.#settled(key);
      if (!target || running.isCancelled) return;
      const view = await call('regenerate', target, wish, stream);
      store.show(view);
      if (view.kind === 'unit') this.#announce(view, running);
    } catch (error) {
      if (running.isCancelled) store.announce(t('candidates.cancelled'));
      else this.#fail(running, error);
      // Those that came before it went wrong are there.
      if (!this.#isShown(key)) return;
      await store.reload();
      if (store.view?.kind !== 'unit' || store.view.key !== key) return;
      const broken = new Set(draftsOf(running, store.view));
      for (const [seed, draft] of running.drafts) if (!broken.has(draft)) running.drafts.delete(seed);
    }
  }

  /** The record as it is when what was typed in it is an edit, since the model is to see that text. */
  async #settled(key: UnitKey): Promise<Target | undefined> {
    const store = this.#store;
    const isDone = await store.write(() => store.commitTyped().then(() => true));
    return isDone && this.#isShown(key) ? store.target : undefined;
  }

  #isShown(key: UnitKey): boolean {
    const { view } = this.#store;
    return view?.kind === 'unit' && view.key === key;
  }

  #idsShown(): ReadonlySet<string> {
    const { view } = this.#store;
    return new Set(view?.kind === 'unit' ? view.candidates.map(({ id }) => id) : []);
  }

  #announce(view: GoodUnit, { before }: Running): void {
    const store = this.#store;
    if (!this.#isShown(view.key)) {
      store.announce(t('candidates.readyElsewhere', view.key));
      return;
    }
    const come = distinct(view).filter(({ id }) => !before.has(id));
    this.#reveal(come.find(each => each === this.fix) ?? come.at(-1));
    const warned = come.filter(each => !isWithoutWarning(each)).length;
    if (come.length > 1)
      store.announce(
        warned > 0
          ? t('candidates.readyManyWarned', come.length, warned)
          : t('candidates.readyMany', come.length),
      );
    else store.announce(t(warned > 0 ? 'candidates.readyWarned' : 'candidates.ready'));
  }

  /** Brings a proposal into view; the focus stays where it is, and so does what is being typed. */
  #reveal(candidate: CandidateView | undefined): void {
    if (!candidate || this.editing !== undefined || document.activeElement?.id === ADVICE) return;
    // It is there with the next frame.
    requestAnimationFrame(() =>
      document
        .querySelector(`[data-candidate-id="${CSS.escape(candidate.id)}"]`)
        ?.scrollIntoView({ block: 'nearest' }),
    );
  }

  #fail(run: Running, cause: unknown): void {
    const { key } = run;
    const error = cause instanceof Error ? cause.message : String(cause);
    this.#failed.set(key, { run, error, reason: cause instanceof HostError ? cause.reason : null });
    // In the tab it stands with the ways on; what is not shown is said.
    this.#store.announce(this.#isShown(key) ? error : t('candidates.failedElsewhere', key, error));
  }

  /** Takes up how far a proposal is. @returns whether that is to be seen */
  hear(partial: Partial): boolean {
    const running = this.#running.find(each => each.stream === partial.stream);
    if (!running || running.isCancelled) return false;
    running.drafts.set(partial.seed, partial);
    return this.#isShown(running.key);
  }

  cancel(running: Running): void {
    running.isCancelled = true;
    call('cancel', running.stream).catch((error: unknown) => this.#store.fail(error));
    this.#store.set({});
  }

  /** Ends all that is being written for the record shown; where nothing is, leaves the editing of a proposal. */
  escape(): void {
    const { view } = this.#store;
    const running = view?.kind === 'unit' ? this.runningOf(view.key) : [];
    for (const each of running) this.cancel(each);
    if (running.length === 0) this.leave();
  }

  async showRequest(): Promise<void> {
    const { wish } = this.form;
    const store = this.#store;
    const { target } = store;
    if (!target) return;
    if (!wish) {
      store.fail(new Error(t('candidates.noOutput')));
      return;
    }
    const settled = await this.#settled(target.key);
    if (settled) await call('showRequest', settled, wish).catch((error: unknown) => store.fail(error));
  }

  // What is done with a proposal

  get #takeable(): readonly Takeable[] {
    const { view, field } = this.#store;
    return view?.kind === 'unit' ? takeable(view, field) : [];
  }

  /**
   * Called before the page is drawn: only something better takes the mark of the key away from the text that has it, or, where
   * something else was asked for since, something as good.
   */
  mark(): void {
    const texts = this.#takeable;
    const best = texts.at(-1);
    const now = texts.find(({ text }) => text.id === this.#marked);
    const isEarlier = (each: Takeable | undefined) => each !== undefined && this.#earlier.has(each.text.id);
    if (now?.rank !== best?.rank || (isEarlier(now) && !isEarlier(best))) this.#marked = best?.text.id;
  }

  /** What the key takes: the text with its mark, as it was drawn. */
  get fix(): Takeable['text'] | undefined {
    const texts = this.#takeable;
    return (texts.find(({ text }) => text.id === this.#marked) ?? texts.at(-1))?.text;
  }

  async takeFix(): Promise<void> {
    const store = this.#store;
    const meant = this.fix;
    await store.write(async () => {
      await store.commitTyped();
      const { target } = store;
      if (!target) return;
      // Where there was none yet: what another key has brought about comes first.
      const fix = meant ? this.#takeable.find(({ text }) => text.id === meant.id)?.text : this.fix;
      if (!fix) {
        this.#refuse(target.key);
        return;
      }
      const isOfPerson = 'changes' in fix;
      store.show(
        await (isOfPerson ? call('settle', target, fix.id, 'take') : call('accept', target, fix.id, null)),
      );
      store.announce(t('page.taken'));
    });
  }

  /** Says why there is nothing to take. */
  #refuse(key: UnitKey): void {
    const store = this.#store;
    const isWriting = this.runningOf(key).length > 0;
    if (!isWriting && !this.isNoneGood) throw new Error(t('page.nothingToTake'));
    store.set({ tab: 'candidates' });
    store.refuse(t(isWriting ? 'candidates.notYet' : 'candidates.noGood'));
    requestAnimationFrame(() =>
      document.querySelector(`#${NONE_GOOD}`)?.scrollIntoView({ block: 'nearest' }),
    );
  }

  /** Whether there are proposals of the model, and the key takes none of them. */
  get isNoneGood(): boolean {
    const { view } = this.#store;
    const hasSome = view?.kind === 'unit' && distinct(view).length > 0 && view.rights.edit !== 'no';
    return hasSome && this.fix === undefined;
  }

  /** Makes an edit of a proposal, or of one text of it. */
  async take({ id }: CandidateView, text?: FieldText): Promise<void> {
    const said = text ? t('candidates.fieldTaken', text[0]) : t('page.taken');
    await this.#store.rewrite(target => call('accept', target, id, text ? [text] : null), said);
  }

  async discard(candidate: CandidateView): Promise<void> {
    const { view } = this.#store;
    const own = view?.kind === 'unit' ? view.candidates : [];
    const meant = own.filter(each => each.id !== candidate.id && isTwin(each, candidate));
    await this.#store.change(async target => {
      // Those that it stands for: one of them would take its place.
      for (const twin of meant) await call('discard', target, twin.id);
      return call('discard', target, candidate.id);
    }, t('page.dismissed'));
  }

  /** Puts the texts of a proposal into boxes. */
  edit({ id }: CandidateView): void {
    this.editing = id;
    this.#store.set({});
    // They are there with the next frame.
    requestAnimationFrame(() =>
      document.querySelector<HTMLTextAreaElement>(`textarea[data-candidate="${CSS.escape(id)}"]`)?.focus(),
    );
  }

  editedText({ id }: CandidateView, [name, text]: FieldText): string {
    return this.#edited.get(id)?.get(name) ?? text;
  }

  type({ id }: CandidateView, name: string, text: string): void {
    const edited = this.#edited.get(id) ?? new Map<string, string>();
    this.#edited.set(id, edited.set(name, text));
  }

  /** Shows a proposal as it is again; what was typed is there when it is edited again. */
  leave(): void {
    this.editing = undefined;
    this.#store.set({});
  }

  async takeEdited(): Promise<void> {
    const { view } = this.#store;
    const candidate = view?.kind === 'unit' && view.candidates.find(({ id }) => id === this.editing);
    if (!candidate) return;
    const texts = candidate.texts.map((each): FieldText => [each[0], this.editedText(candidate, each)]);
    await this.#store.rewrite(async target => {
      const view = await call('accept', target, candidate.id, texts);
      // Not before it is on disk.
      this.#edited.delete(candidate.id);
      this.editing = undefined;
      return view;
    }, t('page.taken'));
  }
}

function isSameWork(one: Wish, other: Wish): boolean {
  const workOf = ({ mode, fields, finding }: Wish) => JSON.stringify([mode, fields, finding?.check]);
  return workOf(one) === workOf(other);
}

/** Unlike those of an earlier page on the same shard, whose last pieces may still come. */
function newStream(): number {
  return Math.floor(Math.random() * 2 ** 50);
}
