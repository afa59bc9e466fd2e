/** What the page is shown of a unit: its current text, cut to what one message may carry, and its history. */
import type { Finding } from './checks';
import type { EditEvent, EventId, ReviewEvent } from './events';
import { byOrder, textAt, type UnitState } from './fold';
import { textBeforeStale } from './editing';
import type {
  CandidateView,
  DecisionView,
  FieldView,
  GoodUnit,
  HistoryView,
  RivalView,
  StaleView,
} from './protocol';
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

/** UTF-16 units of texts that are shown: of the fields themselves, and of what stands beside them. */
interface Limits {
  readonly field: number;
  readonly aside: number;
}
/** Below this what stands beside the fields is of no use any more: then the fields are cut too. */
const MIN_ASIDE = 16;

/** What the page is shown: whole fields if they fit into one message at all; what stands beside them is cut first. */
export function unitView(shown: Shown): GoodUnit {
  let limits: Limits = { field: MAX_FIELD_UNITS, aside: MAX_FIELD_UNITS };
  for (;;) {
    const view = viewWith(shown, limits);
    if (limits.field === 0 || utf8Bytes(JSON.stringify(view)) <= MAX_MESSAGE_BYTES) return view;
    limits =
      limits.aside > MIN_ASIDE
        ? { ...limits, aside: limits.aside >> 2 }
        : { ...limits, field: limits.field >> 1 };
  }
}

function viewWith(shown: Shown, limits: Limits): GoodUnit {
  const { unit, state } = shown;
  const { field: limit, aside } = limits;
  return {
    kind: 'unit',
    row: shown.row,
    line: shown.line,
    key: unit.key,
    fingerprint: state.fingerprint,
    sourceLang: unit.sourceLang,
    targetLang: unit.targetLang,
    fields: shown.target.map((field, index) => fieldView(shown, field, index, limit)),
    others: unit.others
      .slice(0, MAX_ENTRIES)
      .map(([name, json]) => [cut(name, Math.min(aside, MAX_NAME)), excerpt(json, aside)]),
    state: state.state,
    approvals: state.approvals,
    needed: Number.isFinite(state.needed) ? state.needed : null,
    findings: shown.findings.filter(finding => finding.end <= limit).slice(0, MAX_ENTRIES),
    decisions: state.decisions.slice(0, MAX_ENTRIES).map(decision => decisionView(decision, shown, aside)),
    stale: staleView(shown, aside),
    history: historyOf(shown, aside),
    comments: state.comments
      .slice(-MAX_ENTRIES)
      .map(({ by, at, text }) => ({ by, at, text: cut(text, aside) })),
    candidates: shown.candidates.slice(-MAX_CANDIDATES).map(each => ({
      ...each,
      text: cut(each.text, aside),
      model: cut(each.model, Math.min(aside, MAX_NAME)),
      findings: each.findings.filter(f => f.end <= aside).slice(0, aside >> 2),
    })),
    rivals: rivalsOf(shown, aside),
  };
}
/** The beginning of a text, never half of a surrogate pair. */
function cut(text: string, limit: number): string {
  return text.length > limit
    ? text.slice(0, /[\ud800-\udbff]/.test(text[limit - 1] ?? '') ? limit - 1 : limit)
    : text;
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
    source: cut(source, limit),
    target: cut(text, limit),
    original: own === text ? null : cut(own, limit),
    draft: draft === null ? null : cut(draft, limit),
    sourceCut: source.length > limit ? source.length : null,
    targetCut: longest > limit ? longest : null,
  };
}

function decisionView(
  decision: UnitState['decisions'][number],
  { state }: Shown,
  limit: number,
): DecisionView {
  return {
    by: decision.by,
    at: decision.at,
    decision: decision.decision,
    note: excerpt(decision.note ?? '', limit),
    current: decision.fingerprint === state.fingerprint,
  };
}

function staleView({ unit, state, byId }: Shown, limit: number): StaleView | null {
  const before = textBeforeStale(unit, state, byId);
  if (!before) return null;
  const { event, target } = before;
  return {
    by: event.by,
    at: event.at,
    approved: event.type === 'decide',
    target: target.map(({ name, text }) => [name, cut(text, limit)]),
  };
}

function historyOf({ events }: Shown, aside: number): HistoryView[] {
  const ordered = [...events].sort(byOrder).slice(-MAX_HISTORY).reverse();
  return ordered.map(event => ({
    by: event.by,
    at: event.at,
    type: event.type,
    decision: event.type === 'decide' ? event.decision : null,
    text: excerpt(historyText(event), aside),
    model:
      event.type === 'edit'
        ? event.candidate
          ? cut(event.candidate.model, Math.min(aside, MAX_NAME))
          : null
        : null,
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
    target: textAt(unit, 'target', edit, byId).map(({ name, text }) => [name, cut(text, limit)]),
  });
  const several = state.state === 'stale' && state.current === undefined && state.heads.length > 1;
  return state.state === 'conflict' || several ? state.heads.map(rival) : [];
}

function excerpt(text: string, aside: number): string {
  const limit = Math.min(MAX_EXCERPT, aside);
  return text.length > limit ? `${cut(text, limit)}…` : text;
}
