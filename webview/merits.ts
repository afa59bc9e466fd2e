/** What speaks for a proposal of the model, and against it. */
import type { Finding } from '../src/core/check';
import type { Said } from '../src/core/messages';
import type { CandidateView, GoodUnit } from '../src/core/protocol';

/** Whether a key may take it without a look: it lost nothing, no check warns of what is new, and it is of the text as it is. */
export function isWithoutMistake(view: GoodUnit, { problems, findings, outdated }: CandidateView): boolean {
  return (
    !outdated &&
    problems.every(isNote) &&
    findings.every(each => each.severity === 'info' || isThereNow(view, each))
  );
}

/** Whether the check warns of the text as it is, too. */
export function isThereNow(view: GoodUnit, { check, side, field }: Finding): boolean {
  return view.findings.some(each => each.check === check && each.side === side && each.field === field);
}

export function isWithoutWarning({ problems, findings }: CandidateView): boolean {
  return problems.every(isNote) && findings.length === 0;
}

/** Whether what is said with a proposal is about the task of its record, and no fault of the text. */
export function isNote({ id }: Said): boolean {
  return id.startsWith('prompt.task');
}
