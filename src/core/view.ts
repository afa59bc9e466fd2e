/** What the page is shown of a unit: its current text, cut to what one message may carry, and its history. */
import type { Finding } from './checks';
import type { EditEvent, EventId, ReviewEvent } from './events';
import { byOrder, textAt, type UnitState } from './fold';
import type { CandidateView, DecisionView, FieldView, GoodUnit, HistoryView, RivalView } from './protocol';
import { MAX_FIELD_UNITS } from './protocol';
import type { Field, Unit } from './record';

export interface Shown {
  readonly row: number;
  readonly line: number;
  readonly unit: Unit;
  readonly state: UnitState;
  readonly source: readonly Field[];
  readonly target: readonly Field[];
  readonly findings: readonly Finding[];
  readonly events: readonly ReviewEvent[];
  readonly byId: ReadonlyMap<EventId, ReviewEvent>;
  readonly drafts: readonly { readonly side: string; readonly name: string; readonly text: string }[];
  readonly candidates: readonly CandidateView[];
}

/** Entries of the history shown beside the record, newest first; all of them stay in the ledgers. */
const MAX_HISTORY = 50;
/** UTF-16 units of a text in the history, a note, a member that is on neither side. */
const MAX_EXCERPT = 400;
/** UTF-16 units of all texts of one view: at three bytes each they stay under the 256 KiB of a message. */
const MAX_VIEW_UNITS = 72 << 10;

export function unitView(shown: Shown): GoodUnit {
  const { unit, state } = shown;
  const limit = fieldLimit(shown);
  return {
    kind: 'unit',
    row: shown.row,
    line: shown.line,
    key: unit.key,
    fingerprint: state.fingerprint,
    sourceLang: unit.sourceLang,
    targetLang: unit.targetLang,
    fields: shown.target.map((field, index) => fieldView(shown, field, index, limit)),
    others: unit.others.map(([name, json]) => [name, excerpt(json)]),
    state: state.state,
    approvals: state.approvals,
    needed: Number.isFinite(state.needed) ? state.needed : null,
    findings: shown.findings.filter(finding => finding.end <= limit).slice(0, 200),
    decisions: state.decisions.map(decision => decisionView(decision, shown, limit)),
    history: historyOf(shown),
    candidates: shown.candidates.slice(-5).map(each => ({ ...each, text: each.text.slice(0, limit) })),
    rivals: rivalsOf(shown, limit),
  };
}

/** The longest text that a field is shown with: smaller where one view holds many long ones. */
function fieldLimit({ source, target, drafts, candidates, state }: Shown): number {
  const copies = [
    ...source,
    ...target,
    ...target,
    ...drafts,
    ...candidates,
    ...state.heads.flatMap(() => target),
  ];
  let limit = MAX_FIELD_UNITS;
  while (copies.reduce((sum, { text }) => sum + Math.min(text.length, limit), 0) > MAX_VIEW_UNITS)
    limit >>= 1;
  return limit;
}

function fieldView(shown: Shown, { name, text }: Field, index: number, limit: number): FieldView {
  const source = shown.source[index]?.text ?? '';
  const own = shown.unit.target[index]?.text ?? '';
  return {
    name,
    source: source.slice(0, limit),
    target: text.slice(0, limit),
    original: own === text ? null : own.slice(0, limit),
    draft: shown.drafts.find(draft => draft.side === 'target' && draft.name === name)?.text ?? null,
    sourceCut: source.length > limit ? source.length : null,
    targetCut: text.length > limit ? text.length : null,
  };
}

function decisionView(
  decision: UnitState['decisions'][number],
  { state }: Shown,
  limit: number,
): DecisionView {
  const current = decision.fingerprint === state.fingerprint;
  const approved = current ? undefined : decision.target;
  return {
    by: decision.by,
    at: decision.at,
    decision: decision.decision,
    note: excerpt(decision.note ?? ''),
    current,
    approved: approved?.map(([name, text]) => [name, text.slice(0, limit)]) ?? null,
  };
}

function historyOf({ events }: Shown): HistoryView[] {
  const ordered = [...events].sort(byOrder).slice(-MAX_HISTORY).reverse();
  return ordered.map(event => ({
    by: event.by,
    at: event.at,
    type: event.type,
    decision: event.type === 'decide' ? event.decision : null,
    text: excerpt(historyText(event)),
    model: event.type === 'edit' ? (event.candidate?.model ?? null) : null,
  }));
}

function historyText(event: ReviewEvent): string {
  switch (event.type) {
    case 'edit':
      return event.fields.map(field => `${field.name}: ${field.text}`).join('\n');
    case 'decide':
      return event.note ?? '';
    case 'comment':
      return event.text;
    case 'undo':
      return '';
  }
}

function rivalsOf({ unit, state, byId }: Shown, limit: number): RivalView[] {
  const rival = (edit: EditEvent): RivalView => ({
    by: edit.by,
    at: edit.at,
    fingerprint: edit.result,
    target: textAt(unit, 'target', edit, byId).map(({ name, text }) => [name, text.slice(0, limit)]),
  });
  return state.state === 'conflict' || (state.state === 'stale' && state.heads.length > 0)
    ? state.heads.map(rival)
    : [];
}

function excerpt(text: string): string {
  return text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT)}…` : text;
}
