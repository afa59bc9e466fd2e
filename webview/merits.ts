/** What speaks for a proposal of the model, and against it. */
import type { Finding } from '../src/core/check';
import type { Said } from '../src/core/messages';
import type { CandidateView, GoodUnit, ProposalView } from '../src/core/protocol';

/** A text that a key can take; the higher the rank, the better it suits. */
export interface Takeable {
  readonly text: ProposalView | CandidateView;
  readonly rank: number;
}

/**
 * What the key can take, the best last: above all the first text that somebody proposes, else a proposal of the model without
 * a mistake, one for the marked field before others, one without any warning before others, the newest of those as good.
 */
export function takeable(view: GoodUnit, field: string | undefined): readonly Takeable[] {
  const { proposals, rights } = view;
  const mine = proposals.filter(each => (each.source ? rights.settleSource : rights.settle));
  const good = rights.edit === 'no' ? [] : distinct(view).filter(each => isWithoutMistake(view, each));
  const rank = ({ texts, findings }: CandidateView) =>
    2 * Number(texts.some(([name]) => name === field)) + Number(findings.length === 0);
  const ranked = [
    ...good.map(text => ({ text, rank: rank(text) })),
    ...mine.toReversed().map(text => ({ text, rank: 4 })),
  ];
  return ranked.toSorted((one, other) => one.rank - other.rank);
}

/** Whether a key may take it without a look: it lost nothing, no check warns of what is new, and it is of the text as it is. */
export function isWithoutMistake(view: GoodUnit, { problems, findings, outdated }: CandidateView): boolean {
  return (
    !outdated &&
    problems.every(isNote) &&
    findings.every(each => each.severity === 'info' || isThereNow(view, each))
  );
}

/** Whether the check says the very same of the text as it is; a warning that got worse is another one. */
export function isThereNow(view: GoodUnit, finding: Finding): boolean {
  const saidOf = ({ check, side, field, message }: Finding) => JSON.stringify([check, side, field, message]);
  return view.findings.some(each => saidOf(each) === saidOf(finding));
}

/** The proposals, oldest first: of those with the same text the newest, and none that is left over where its text was taken. */
export function distinct(view: GoodUnit): readonly CandidateView[] {
  const { candidates } = view;
  return candidates.filter((each, index) => {
    if (each.cut) return true;
    const isLeftOver =
      each.outdated &&
      each.texts.every(([name, text]) => view.fields.find(field => field.name === name)?.target === text);
    return !isLeftOver && !candidates.slice(index + 1).some(other => isTwin(each, other));
  });
}

/** Whether two proposals give the same fields the same texts. */
export function isTwin(one: CandidateView, other: CandidateView): boolean {
  return !one.cut && !other.cut && JSON.stringify(one.texts) === JSON.stringify(other.texts);
}

export function isWithoutWarning({ problems, findings }: CandidateView): boolean {
  return problems.every(isNote) && findings.length === 0;
}

/** Whether what is said with a proposal is about the task of its record or the request, and no fault of the text. */
export function isNote({ id }: Said): boolean {
  return id.startsWith('prompt.task') || id === 'prompt.noAdvice';
}
