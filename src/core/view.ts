/** What the page is shown of a unit: its current text, cut to what one message may carry, and its history. */
import type { Finding } from './checks';
import type { EditEvent, EventId, ReviewEvent } from './events';
import { byOrder, textAt, type UnitState } from './fold';
import type { CandidateView, DecisionView, FieldView, GoodUnit, HistoryView, RivalView } from './protocol';
import { MAX_FIELD_UNITS, MAX_MESSAGE_BYTES } from './protocol';
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
/** Proposals shown, the newest. */
const MAX_CANDIDATES = 5;
/** UTF-16 units of a text in the history, a note, a member that is on neither side. */
const MAX_EXCERPT = 400;
/** Entries of lists that a hostile record or ledger could make endless. */
const MAX_ENTRIES = 50;
/** UTF-16 units of a name that others chose: a member, a model. */
const MAX_NAME = 100;

/** What the page is shown; fields are cut, where they must, so that the whole fits into one message. */
export function unitView(shown: Shown): GoodUnit {
  for (let limit = MAX_FIELD_UNITS; ; limit >>= 1) {
    const view = viewWith(shown, limit);
    if (limit < MAX_NAME || utf8Bytes(JSON.stringify(view)) <= MAX_MESSAGE_BYTES) return view;
  }
}

/** @param limit UTF-16 units of a text that are shown */
function viewWith(shown: Shown, limit: number): GoodUnit {
  const { unit, state } = shown;
  return {
    kind: 'unit',
    row: shown.row,
    line: shown.line,
    key: unit.key,
    fingerprint: state.fingerprint,
    sourceLang: unit.sourceLang,
    targetLang: unit.targetLang,
    fields: shown.target.map((field, index) => fieldView(shown, field, index, limit)),
    others: unit.others.slice(0, MAX_ENTRIES).map(([name, json]) => [name.slice(0, MAX_NAME), excerpt(json)]),
    state: state.state,
    approvals: state.approvals,
    needed: Number.isFinite(state.needed) ? state.needed : null,
    findings: shown.findings.filter(finding => finding.end <= limit).slice(0, MAX_ENTRIES),
    decisions: state.decisions.slice(0, MAX_ENTRIES).map(decision => decisionView(decision, shown, limit)),
    history: historyOf(shown),
    candidates: shown.candidates
      .slice(-MAX_CANDIDATES)
      .map(each => ({ ...each, text: each.text.slice(0, limit), model: each.model.slice(0, MAX_NAME) })),
    rivals: rivalsOf(shown, limit),
  };
}

function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // A surrogate pair takes four bytes, two for each half.
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

function fieldView(shown: Shown, { name, text }: Field, index: number, limit: number): FieldView {
  const source = shown.source[index]?.text ?? '';
  const own = shown.unit.target[index]?.text ?? '';
  const draft = shown.drafts.find(each => each.side === 'target' && each.name === name)?.text ?? null;
  const longest = Math.max(text.length, draft?.length ?? 0);
  return {
    name,
    source: source.slice(0, limit),
    target: text.slice(0, limit),
    original: own === text ? null : own.slice(0, limit),
    draft: draft?.slice(0, limit) ?? null,
    sourceCut: source.length > limit ? source.length : null,
    targetCut: longest > limit ? longest : null,
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
    model: event.type === 'edit' ? (event.candidate?.model.slice(0, MAX_NAME) ?? null) : null,
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
    ? state.heads.slice(0, MAX_CANDIDATES).map(rival)
    : [];
}

function excerpt(text: string): string {
  return text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT)}…` : text;
}
