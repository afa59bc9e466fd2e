/**
 * What the checks say of the record shown, as one types: the host checks what it was sent to be kept, and each answer belongs
 * to the text that it was found in. Also the way from one finding to the next, and mending one where it is certain how.
 */
import type { Fix } from '../src/core/check';
import { fixed, movedSpan, readingOrder, type FindingPlace, type Span } from '../src/core/spans';
import type { CheckedView, Direction, FieldView, FindingView, GoodUnit } from '../src/core/protocol';
import type { Side, UnitKey } from '../src/core/record';
import type { Mark } from './marks';
import { call } from './rpc';
import type { Store } from './store';
import { sentence, t } from './text';

/** Typing has settled when nothing was typed for so long: what is left is said then, and not at each key. */
const SETTLED_MS = 1000;
/** An answer that took longer is of a long text: the next is asked for only after a rest, so that the host has its breath. */
const SLOW_MS = 50;
/** Length of that rest, in lengths of the answer. */
const REST = 3;

const SIDES = ['source', 'target'] as const satisfies Side[];

export class Checks {
  /** The finding that keys are meant for, or where it was. */
  current: FindingPlace | undefined;
  /** Why the text could not be checked as it is now. */
  problem: string | undefined;
  readonly #store: Store;
  #key: UnitKey | undefined;
  /** The texts that the findings shown were found in. */
  #texts: ReadonlyMap<string, string> = new Map();
  /** Counts what was asked, so that a late answer never takes the place of a newer one. */
  #asked = 0;
  #shown = 0;
  #isWanted = false;
  #isUnderWay = false;
  #isLooking = false;
  /** Where to go on looking, after a search that took too long. */
  #goOn: { readonly from: number; readonly at: number; readonly direction: Direction } | undefined;
  #settling: number | undefined;
  #said = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** A record as the host tells it, with its findings. */
  take(view: GoodUnit): void {
    if (view.key !== this.#key) {
      this.#key = view.key;
      this.current = undefined;
      this.#texts = new Map();
      this.#said = countOf(view);
    }
    this.#shown = this.#asked;
    this.#follow(textsOf(view));
  }

  /** Has the drafts checked that the host has by now; one question at a time. */
  async recheck(): Promise<void> {
    this.#isWanted = true;
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    while (this.#isWanted) {
      this.#isWanted = false;
      const began = performance.now();
      await this.#check();
      const took = performance.now() - began;
      if (took > SLOW_MS) await new Promise(resolve => setTimeout(resolve, took * REST));
    }
    this.#isUnderWay = false;
  }

  async #check(): Promise<void> {
    const { target, view } = this.#store;
    if (!target || view?.kind !== 'unit') return;
    const texts = textsOf(view);
    const asked = ++this.#asked;
    try {
      const checked = await call('check', target);
      if (asked <= this.#shown || this.#key !== target.key) return;
      this.#shown = asked;
      this.#follow(texts);
      this.#store.showChecked(checked);
      this.#settle();
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
      this.#store.set({});
    }
  }

  /** The findings are of these texts now; the place that keys are meant for moves along. */
  #follow(texts: ReadonlyMap<string, string>): void {
    const { current } = this;
    const before = this.#texts;
    this.problem = undefined;
    this.#texts = texts;
    if (!current) return;
    const [old, now] = [before, texts].map(each => each.get(placeOf(current.side, current.field)));
    if (old === undefined || now === undefined) return;
    const start = Math.min(current.start, now.length);
    this.current = movedSpan(current, old, now) ?? { ...current, start, end: start };
  }

  #settle(): void {
    window.clearTimeout(this.#settling);
    this.#settling = window.setTimeout(() => {
      const { view, typing } = this.#store;
      if (view?.kind !== 'unit' || !typing.isEmpty) return;
      const left = countOf(view);
      if (left === this.#said) return;
      this.#said = left;
      this.#store.announce(saidOfCount(left));
    }, SETTLED_MS);
  }

  /** The finding that keys are meant for, if it is still there. */
  get finding(): FindingView | undefined {
    const { current } = this;
    return current && this.#findings.find(each => isSame(each, current));
  }

  get #findings(): readonly FindingView[] {
    const { view } = this.#store;
    return view?.kind === 'unit' ? view.findings : [];
  }

  /** Where a finding is in the text as it stands in its box; undefined where that stretch was changed since. */
  spanOf(view: GoodUnit, finding: FindingView): Span | undefined {
    const field = view.fields.find(each => each.name === finding.field);
    const checked = this.#texts.get(placeOf(finding.side, finding.field));
    if (!field || checked === undefined) return undefined;
    return movedSpan(finding, checked, this.#store.typing.textOf(view, finding.side, field));
  }

  marksOf(view: GoodUnit, side: Side, name: string): Mark[] {
    const { finding: current } = this;
    return view.findings.flatMap((each): Mark[] => {
      if (each.side !== side || each.field !== name) return [];
      const span = this.spanOf(view, each);
      if (!span) return [];
      return [{ start: span.start, end: span.end, severity: each.severity, isCurrent: each === current }];
    });
  }

  /** Goes to the next finding of the record, after the last to the next record that has one. */
  async step(direction: Direction): Promise<void> {
    const { view } = this.#store;
    const order = readingOrder(view?.kind === 'unit' ? view.fields : []);
    const { current } = this;
    const findings = this.#findings;
    const next = !current
      ? findings.at(direction === 'next' ? 0 : -1)
      : direction === 'next'
        ? findings.find(each => order(each, current) > 0)
        : findings.findLast(each => order(each, current) < 0);
    if (next) this.select(next);
    else await this.#goFurther(direction);
  }

  /** Goes to the finding of a check, if the record that is shown is the one that is meant, and has it. */
  show(row: number, check: string | null): void {
    const found = this.#findings.find(each => each.check === check);
    if (found && this.#store.view?.row === row) this.select(found);
  }

  async #goFurther(direction: Direction): Promise<void> {
    const store = this.#store;
    if (this.#isLooking) return;
    this.#isLooking = true;
    const from = store.position;
    const before = this.#goOn;
    const isAgain = before?.from === from && before.direction === direction;
    this.#goOn = undefined;
    store.announce(t('page.lookingForFinding'));
    try {
      const { view } = store;
      const { position, looked, goOn } = await call('nextFinding', isAgain ? before.at : from, direction);
      // Somebody who went on by themselves does not want to be taken elsewhere.
      if (store.view !== view) return;
      if (position === null) {
        if (goOn !== null) this.#goOn = { from, at: goOn, direction };
        store.fail(new Error(goOn === null ? t('page.noFindingAnywhere') : t('page.lookFurther', looked)));
        return;
      }
      if (position === from && store.isInQueue) store.fail(new Error(t('page.noOtherRecord')));
      else await store.go(position);
      const found = this.#findings.at(direction === 'next' ? 0 : -1);
      if (found && store.position === position) this.select(found);
    } catch (error) {
      store.fail(error);
    } finally {
      this.#isLooking = false;
    }
  }

  /** Makes a finding the one that keys are meant for, shows its text, and says it. */
  select(finding: FindingView): void {
    const store = this.#store;
    this.current = finding;
    store.set({ field: finding.field });
    const findings = this.#findings;
    store.announce(
      [
        `${finding.field}.`,
        t(`severity.${finding.severity}`),
        sentence(finding.message),
        t('page.findingOf', findings.indexOf(finding) + 1, findings.length),
      ].join(' '),
    );
    this.#reveal(finding);
  }

  /** Shows a finding with which nobody may approve. */
  leadToBlocking(): void {
    const finding = this.#findings.find(each => each.blocks);
    if (!finding) return;
    this.current = finding;
    this.#store.set({ field: finding.field, tab: 'findings' });
    this.#reveal(finding);
  }

  #reveal(finding: FindingView): void {
    // A record that was just asked for, and the mark, are drawn with the next frame.
    requestAnimationFrame(() => {
      const { view } = this.#store;
      const box = boxOf(finding);
      const span = view?.kind === 'unit' ? this.spanOf(view, finding) : undefined;
      const mark = document.querySelector('main mark.current');
      // A place and no selection: what is typed next must not take the place of the text in doubt.
      if (box && span) box.setSelectionRange(span.start, span.start);
      // Who is in the list stays there, where letters are keys; who types goes on typing.
      if (document.activeElement instanceof HTMLTextAreaElement) box?.focus({ preventScroll: true });
      // What is said of it, with the buttons that mend it, stands below the text.
      document.querySelector('main .finding.current')?.scrollIntoView({ block: 'nearest' });
      (mark ?? box)?.scrollIntoView({ block: 'nearest' });
    });
  }

  /** The finding that the key mends: the one it is at, or the first that can be mended. */
  get mendable(): FindingView | undefined {
    const { finding } = this;
    if (finding) return finding.fix && finding;
    return this.#findings.find(each => each.fix);
  }

  /** @param finding left out: the one that the key is meant for */
  async mend(finding?: FindingView): Promise<void> {
    const store = this.#store;
    if (finding) this.current = finding;
    await store.write(async () => {
      // By itself, so that what was typed before is not taken back with it.
      await store.commitTyped();
      const { view } = store;
      if (view?.kind !== 'unit') return;
      const isOld = view.fields.some(field => SIDES.some(side => !this.#isChecked(view, side, field)));
      if (isOld) await this.#check();
      const wanted = this.mendable;
      if (!wanted?.fix) throw new Error(this.#whyNot());
      await this.#apply(wanted, wanted.fix);
    });
  }

  #whyNot(): string {
    if (this.finding) return t('page.noSureMending');
    return t(this.#findings.some(each => each.fix) ? 'page.mendGone' : 'page.noMending');
  }

  async #apply(finding: FindingView, fix: Fix): Promise<void> {
    const { side, field: name } = finding;
    const store = this.#store;
    const { view } = store;
    const field = view?.kind === 'unit' && view.fields.find(each => each.name === name);
    if (view?.kind !== 'unit' || !field) return;
    if (!mayMend(store, view, side, field)) {
      const why = store.shard?.readonly;
      throw new Error(why ? sentence(why) : t('page.mendForbidden'));
    }
    if (!this.#isChecked(view, side, field)) throw new Error(t('page.mendGone'));
    // Asked for before the text is another: nothing is written as long as there is no name.
    if (store.shard?.reviewer === null) {
      void store.run('setReviewer');
      return;
    }
    store.type(view, side, name, fixed(store.typing.textOf(view, side, field), fix));
    await store.commitTyped();
    if (this.#findings.some(each => isSame(each, finding))) store.announce(t('page.mendProposed'));
    else if (store.view?.kind === 'unit') {
      this.#said = countOf(store.view);
      store.announce(t('page.mended', this.#said));
    }
    // Letters are actions again: the next is often the one that approves.
    if (document.activeElement instanceof HTMLTextAreaElement)
      document.querySelector<HTMLElement>('#queue')?.focus({ preventScroll: true });
  }

  /** Whether the text in a box is the one that the findings are of. */
  #isChecked(view: GoodUnit, side: Side, field: FieldView): boolean {
    return this.#texts.get(placeOf(side, field.name)) === this.#store.typing.textOf(view, side, field);
  }
}

/** Whether this reviewer can change a text here. */
export function mayMend(store: Store, view: GoodUnit, side: Side, field: FieldView): boolean {
  const right = side === 'source' ? view.rights.editSource : view.rights.edit;
  const isCut = field.targetCut !== null || field.sourceCut !== null;
  return right !== 'no' && !isCut && store.shard?.readonly === null;
}

export function countOf({ findings, moreFindings }: CheckedView): number {
  return findings.length + moreFindings;
}

export function saidOfCount(left: number): string {
  return left === 0 ? t('page.noFindingsLeft') : t('page.findingsLeft', left);
}

export function isSame(one: FindingPlace, other: FindingPlace): boolean {
  return (
    one.check === other.check &&
    one.side === other.side &&
    one.field === other.field &&
    one.start === other.start &&
    one.end === other.end
  );
}

/** The texts that the host has, drafts included. */
function textsOf(view: GoodUnit): ReadonlyMap<string, string> {
  return new Map(
    view.fields.flatMap(field => [
      [placeOf('source', field.name), field.sourceDraft ?? field.source],
      [placeOf('target', field.name), field.draft ?? field.target],
    ]),
  );
}

function placeOf(side: Side, name: string): string {
  return `${side} ${name}`;
}

function boxOf({ side, field }: FindingView): HTMLTextAreaElement | null {
  const member = side === 'source' ? 'data-source-field' : 'data-field';
  return document.querySelector<HTMLTextAreaElement>(`textarea[${member}="${CSS.escape(field)}"]`);
}
