/** What the page is shown of a unit: its current text, cut to what one message may carry, and its history. */
import type { Finding } from './check';
import type { EditEvent, EventId, ReviewEvent } from './events';
import { byOrder, type EditFacts, type EventFacts, type IgnoreFacts } from './eventFacts';
import { assigneesOf, textAt, undoneBy, type UnitState } from './fold';
import { textBeforeStale } from './editing';
import type { Argument, Said } from './messages';
import { readingOrder, SEVERITIES } from './spans';
import { isBlocking, mayDo, type Policy } from './policy';
import type {
  CandidateView,
  CheckedView,
  CommentView,
  DecisionView,
  FieldView,
  FindingView,
  GoodUnit,
  HistoryView,
  IgnoredView,
  ProposalView,
  Rights,
  RivalView,
  StaleView,
  TextChange,
} from './protocol';
import { MAX_FIELD_UNITS, MAX_MESSAGE_BYTES, MAX_RIVALS } from './protocol';
import type { Field, Lang, Side, Unit } from './record';
import { utf8Bytes } from './utf8';

/** What the checks say of a unit, drafts in place of its text. */
export interface Checked {
  readonly findings: readonly Finding[];
  /** What was set aside of that text. */
  readonly ignored: readonly IgnoreFacts[];
  readonly source: readonly Field[];
  readonly target: readonly Field[];
  readonly texts: ReadonlyMap<EventId, ReviewEvent>;
  readonly policy: Policy;
}

export interface Shown {
  readonly row: number;
  readonly line: number;
  readonly unit: Unit;
  readonly state: UnitState;
  readonly source: readonly Field[];
  readonly target: readonly Field[];
  readonly checked: Checked;
  /** Those that the reviewer may see, and their texts with those of all edits. */
  readonly events: readonly EventFacts[];
  readonly texts: ReadonlyMap<EventId, ReviewEvent>;
  readonly drafts: readonly { readonly side: string; readonly name: string; readonly text: string }[];
  readonly candidates: readonly CandidateView[];
  readonly policy: Policy;
  /** Undefined: nobody yet. */
  readonly reviewer: string | undefined;
  readonly blind: boolean;
}

/** Entries of the history shown beside the record, newest first; all of them stay in the ledgers. */
const MAX_HISTORY = 50;
/** Candidates shown, the newest: as many as two keys may ask for. */
const MAX_CANDIDATES = 16;
/** UTF-16 units of a text in the history, a note, a member that is on neither side. */
const MAX_EXCERPT = 400;
/** UTF-16 units of a text before and after an edit in the history. */
const MAX_CHANGE = 4000;
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
  return fitting(limits => viewWith(shown, limits));
}

/** As much of what the checks say as fits into one message. */
export function checkedView(checked: Checked): CheckedView {
  return fitting(limits => checkedWith(checked, limits));
}

function fitting<T>(make: (limits: Limits) => T): T {
  let limits: Limits = { field: MAX_FIELD_UNITS, aside: MAX_FIELD_UNITS };
  for (;;) {
    const view = make(limits);
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
    ...checkedWith(shown.checked, limits),
    decisions: state.decisions.slice(0, MAX_ENTRIES).flatMap(each => decisionView(each.id, shown, aside)),
    stale: staleView(shown, aside),
    history: historyOf(shown, aside),
    comments: commentsOf(shown, aside),
    candidates: shown.candidates.slice(-MAX_CANDIDATES).map(each => candidateWith(each, aside)),
    rivals: rivalsOf(shown, aside),
    proposals: state.proposals.slice(-MAX_ENTRIES).flatMap(each => proposalView(each, shown, aside)),
    assigned: assigneesOf(state).slice(0, MAX_ENTRIES),
    rights: rightsOf(shown.policy, shown.reviewer, unit.targetLang),
    blind: shown.blind,
  };
}

function candidateWith(candidate: CandidateView, aside: number): CandidateView {
  const { texts, findings, mended, problems } = candidate;
  const some = Math.min(MAX_ENTRIES, aside >> 2);
  const longest = Math.min(aside, MAX_NAME);
  return {
    ...candidate,
    texts: texts.slice(0, some).map(([name, text]) => [cut(name, longest), cut(text, aside)] as const),
    model: cut(candidate.model, longest),
    advice: excerpt(candidate.advice, aside),
    findings: findings
      .filter(each => each.end <= aside)
      .slice(0, some)
      // Without a correction: that is for a text in a box.
      .map(({ check, severity, side, field, start, end, message }) => {
        return { check, severity, side, field, start, end, message: shortened(message, aside) };
      }),
    mended: mended.slice(0, some),
    problems: problems.slice(0, some).map(each => shortened(each, aside)),
    cut: texts.length > some || texts.some(([name, text]) => name.length > longest || text.length > aside),
  };
}

function shortened({ id, args }: Said, aside: number): Said {
  const short = (each: Argument): Argument => {
    if (typeof each === 'number') return each;
    if (typeof each === 'string') return excerpt(each, aside);
    return 'id' in each ? shortened(each, aside) : each.map(one => shortened(one, aside));
  };
  return { id, args: args.map(short) };
}

/** The gravest findings, in reading order. */
function checkedWith(checked: Checked, { field: limit, aside }: Limits): CheckedView {
  const { findings, ignored, texts, target } = checked;
  const shown = SEVERITIES.flatMap(severity =>
    findings.filter(finding => finding.severity === severity && finding.end <= limit),
  ).slice(0, Math.min(MAX_ENTRIES, aside >> 2));
  return {
    findings: shown.sort(readingOrder(target)).map(finding => findingView(finding, checked, limit, aside)),
    moreFindings: findings.length - shown.length,
    ignored: ignored.slice(-MAX_ENTRIES).flatMap(({ id, check, side, field }): IgnoredView[] => {
      const event = texts.get(id);
      if (event?.type !== 'ignore') return [];
      const { by, at, reason } = event;
      return [{ id, check, side, field, by, at, reason: excerpt(reason, aside) }];
    }),
  };
}

function findingView(finding: Finding, checked: Checked, limit: number, aside: number): FindingView {
  const { fix, message, ...rest } = finding;
  const text = checked[finding.side].find(field => field.name === finding.field)?.text ?? '';
  // A box that holds a part of the text cannot be made the whole of it.
  const isWhole = text.length <= limit;
  return {
    ...rest,
    message: shortened(message, aside),
    ...(fix && isWhole && fix.text.length <= aside ? { fix } : {}),
    blocks: isBlocking(checked.policy, finding),
  };
}

/** @param reviewer without a name one may do what everybody may: the name is asked for then */
export function rightsOf(policy: Policy, reviewer: string | undefined, lang: Lang): Rights {
  const may = (right: Parameters<typeof mayDo>[3]) => mayDo(policy, reviewer ?? '', lang, right);
  return {
    edit: may('edit'),
    editSource: may('edit-source'),
    decide: may('decide') === 'yes',
    adjudicate: may('adjudicate') === 'yes',
    settle: may('accept') === 'yes',
    settleSource: may('accept-source') === 'yes',
  };
}

/** The beginning of a text, never half of a surrogate pair. */
function cut(text: string, limit: number): string {
  return text.length > limit
    ? text.slice(0, /[\ud800-\udbff]/.test(text[limit - 1] ?? '') ? limit - 1 : limit)
    : text;
}

function fieldView(shown: Shown, { name, text }: Field, index: number, limit: number): FieldView {
  const source = shown.source[index]?.text ?? '';
  const own = shown.unit.target[index]?.text ?? '';
  const ownSource = shown.unit.source[index]?.text ?? '';
  const draftOf = (side: Side) =>
    shown.drafts.find(each => each.side === side && each.name === name)?.text ?? null;
  const [draft, sourceDraft] = [draftOf('target'), draftOf('source')];
  const longest = Math.max(text.length, draft?.length ?? 0);
  const longestSource = Math.max(source.length, sourceDraft?.length ?? 0);
  return {
    name,
    source: cut(source, limit),
    target: cut(text, limit),
    original: own === text ? null : cut(own, limit),
    draft: draft === null ? null : cut(draft, limit),
    sourceOriginal: ownSource === source ? null : cut(ownSource, limit),
    sourceDraft: sourceDraft === null ? null : cut(sourceDraft, limit),
    sourceCut: longestSource > limit ? longestSource : null,
    targetCut: longest > limit ? longest : null,
  };
}

function decisionView(id: EventId, { state, texts, policy, unit }: Shown, limit: number): DecisionView[] {
  const event = texts.get(id);
  if (event?.type !== 'decide') return [];
  const { by, at, decision, reasons, note = '', fingerprint } = event;
  const mayDecide = mayDo(policy, by, unit.targetLang, 'decide') === 'yes';
  return [
    {
      by,
      at,
      decision,
      reasons: reasons.slice(0, MAX_ENTRIES),
      note: excerpt(note, limit),
      current: fingerprint === state.fingerprint,
      counts: mayDecide && !state.setAside.has(id),
    },
  ];
}

function commentsOf({ state, texts }: Shown, limit: number): CommentView[] {
  const said = [...state.comments].sort(byOrder).slice(-MAX_ENTRIES);
  return said.flatMap(({ id, resolves }): CommentView[] => {
    const event = texts.get(id);
    // What only settles a thread has nothing to read.
    if (event?.type !== 'comment' || (resolves.length > 0 && event.text === '')) return [];
    const { by, at, text, thread = id } = event;
    return [{ id, by, at, text: cut(text, limit), thread, open: state.openThreads.includes(thread) }];
  });
}

function proposalView(edit: EditFacts, shown: Shown, limit: number): ProposalView[] {
  const event = shown.texts.get(edit.id);
  if (event?.type !== 'edit') return [];
  const { id, by, at, fields } = event;
  const changes = fields.flatMap(({ side, name, text }): TextChange[] => {
    const before = shown[side].find(field => field.name === name)?.text ?? '';
    return before === text ? [] : [{ side, name, before: cut(before, limit), after: cut(text, limit) }];
  });
  return [{ id, by, at, changes, source: edit.source === true }];
}

function staleView({ unit, state, texts }: Shown, limit: number): StaleView | null {
  const before = textBeforeStale(unit, state, texts);
  if (!before) return null;
  const { event, target } = before;
  return {
    id: event.id,
    by: event.by,
    at: event.at,
    approved: event.type === 'decide',
    target: target.map(({ name, text }) => [name, cut(text, limit)]),
  };
}

function historyOf(shown: Shown, aside: number): HistoryView[] {
  const { events, state, texts } = shown;
  const undone = undoneBy(events);
  const ordered = [...events].sort(byOrder).slice(-MAX_HISTORY).reverse();
  return ordered.flatMap((facts): HistoryView[] => {
    const event = texts.get(facts.id);
    if (!event) return [];
    const { id, by, at, type } = event;
    const isEdit = event.type === 'edit';
    return [
      {
        id,
        by,
        at,
        type,
        decision: event.type === 'decide' ? event.decision : null,
        reasons: event.type === 'decide' ? event.reasons.slice(0, MAX_ENTRIES) : [],
        text: excerpt(historyText(event), aside),
        settles: isEdit ? writersOf(event.settles, texts) : [],
        waiting: state.proposals.some(each => each.id === id),
        model: isEdit && event.candidate ? cut(event.candidate.model, Math.min(aside, MAX_NAME)) : null,
        changes: isEdit ? changesOf(event, shown, Math.min(aside, MAX_CHANGE)) : [],
        restorable: isEdit && event.result !== state.fingerprint,
        undone: undone.has(id),
      },
    ];
  });
}

/** Who wrote some events, each once. */
function writersOf(ids: readonly EventId[] = [], texts: Shown['texts']): string[] {
  return [...new Set(ids.flatMap(id => texts.get(id)?.by ?? []))].slice(0, MAX_ENTRIES);
}

/** What an edit changed, from the text of the edit before it. */
function changesOf(edit: EditEvent, { unit, texts }: Shown, limit: number): TextChange[] {
  const parent = edit.parents.find(id => texts.has(id));
  const before = (side: Side) => textAt(unit, side, parent === undefined ? undefined : { id: parent }, texts);
  const sides = { source: before('source'), target: before('target') };
  return edit.fields.flatMap(({ side, name, text }): TextChange[] => {
    const old = sides[side].find(field => field.name === name)?.text ?? '';
    return old === text ? [] : [{ side, name, before: cut(old, limit), after: cut(text, limit) }];
  });
}

function historyText(event: ReviewEvent): string {
  switch (event.type) {
    case 'decide':
      return event.note ?? '';
    case 'comment':
      return event.text;
    case 'ignore':
      return event.reason;
    case 'assign':
      return event.to;
    case 'edit':
    case 'undo':
      return '';
  }
}

function rivalsOf({ unit, state, texts }: Shown, limit: number): RivalView[] {
  const rival = ({ id, by, result }: EditFacts): RivalView => {
    const [source, target] = [textAt(unit, 'source', { id }, texts), textAt(unit, 'target', { id }, texts)];
    return {
      id,
      by,
      at: texts.get(id)?.at ?? '',
      fingerprint: result,
      source: pairsOf(source, limit),
      target: pairsOf(target, limit),
      cut: [...source, ...target].some(({ text }) => text.length > limit),
    };
  };
  const several = state.state === 'stale' && state.current === undefined && state.heads.length > 1;
  return state.state === 'conflict' || several ? state.heads.slice(0, MAX_RIVALS).map(rival) : [];
}

function pairsOf(fields: readonly Field[], limit: number): (readonly [name: string, text: string])[] {
  return fields.map(({ name, text }) => [name, cut(text, limit)]);
}

function excerpt(text: string, aside: number): string {
  const limit = Math.min(MAX_EXCERPT, aside);
  return text.length > limit ? `${cut(text, limit)}…` : text;
}
