/** Verdicts on a unit: given, given again, taken back, and what the policy asks of them. Called in a reviewer's turn. */
import type { Finding } from './core/check';
import type { Decision, EventId, NewEvent } from './core/events';
import { textBeforeStale, wholeText } from './core/editing';
import type { DecideFacts, EditFacts } from './core/eventFacts';
import { textAt, undoneBy, type UnitState } from './core/fold';
import { listed, quoted, UserError } from './core/messages';
import { mayDo } from './core/policy';
import { MAX_RIVALS, type Target, type Verdict } from './core/protocol';
import { fingerprint, type Fingerprint, type Side, type UnitKey } from './core/record';
import { sha256 } from './io/passes';
import { appendEdit, commitDrafts } from './changing';
import { mustBeSeen, NAMED_PROBLEMS, type Desk } from './desk';
import { unitAt } from './showing';
import type { Loaded } from './units';

/** UTF-16 units of an approved text that is kept in the event; a ledger is no place for more. */
const MAX_APPROVED_UNITS = 1 << 20;
const NO_VERDICT: Verdict = { reasons: [], note: '' };

export async function decide(
  desk: Desk,
  target: Target,
  decision: Decision,
  verdict: Verdict = NO_VERDICT,
): Promise<number> {
  const typed = await commitDrafts(desk, target);
  if (decision === 'approve') await desk.shard.findBlockingSoon();
  const seen = await desk.good(target.row, target.key);
  desk.permit(decision === 'skip' ? 'skip' : 'decide', seen);
  const { row, unit, state } = seen;
  let kept = seen;
  if (state.state === 'conflict' && decision !== 'skip') {
    // What was just typed may rival an edit that came meanwhile: then neither was chosen by seeing both.
    const rival = typed.length > 0 ? undefined : rivalOf(seen, target.fingerprint);
    if (!rival) throw new UserError('unit.conflict');
    if (state.heads.length > MAX_RIVALS) throw new UserError('unit.tooManyRivals', state.heads.length);
    const view = await unitAt(desk, row);
    const shown = view.kind === 'unit' ? view.rivals.find(each => each.id === rival.id) : undefined;
    if (shown?.cut !== false) throw new UserError('unit.rivalTooLong');
    // One of the texts as it is shown, by an edit that replaces all of them.
    const text = wholeText(unit, rival, seen.edits);
    const parents = state.heads.map(head => head.id);
    await appendEdit(desk, row, unit.key, text, {}, { basis: undefined, parents });
    kept = await settled(desk, row, unit.key);
  } else if (state.state !== 'conflict') {
    mustBeSeen(seen, target, typed);
  }
  await appendDecision(desk, kept, decision, verdict);
  return row;
}

/** Gives a stale unit the text back that it had before, and approves that. */
export async function keep(desk: Desk, target: Target, id: EventId): Promise<number> {
  await commitDrafts(desk, target);
  const loaded = await desk.target(target);
  const { row, unit } = loaded;
  desk.permit('decide', loaded);
  const before = textBeforeStale(unit, desk.shard.seen(loaded).state, await desk.texts(unit.key));
  if (!before) throw new UserError('unit.notStale');
  // Another one has come since it was shown.
  if (before.event.id !== id) throw new UserError('unit.changed');
  const changes = before.target.map(field => ({ side: 'target' as const, ...field }));
  await appendEdit(desk, row, unit.key, changes, {});
  await appendDecision(desk, await settled(desk, row, unit.key), 'approve', NO_VERDICT);
  return row;
}

/** Takes all decisions of this reviewer on the current text back: an earlier one is not what they mean now. */
export async function withdraw(desk: Desk, target: Target): Promise<number> {
  const loaded = await desk.good(target.row, target.key);
  const { row, unit, line, state } = loaded;
  const { key } = unit;
  desk.permit('skip', loaded);
  const events = desk.shard.ledgers.eventsOf(key);
  const undone = undoneBy(events);
  const mine = events.filter(
    event =>
      event.type === 'decide' &&
      event.by === desk.writer?.reviewer &&
      event.fingerprint === state.fingerprint &&
      !undone.has(event.id),
  );
  const undos = mine.map(({ id }) => ({ key, line, type: 'undo', undoes: id }) as const);
  const [first] = undos;
  if (!first) throw new UserError('decision.none');
  if (undos.length === 1) await desk.append(row, first);
  else await desk.appendBulk(undos);
  return row;
}

/** A unit after an edit of this reviewer. @throws UserError if somebody else's came at the same moment */
async function settled(desk: Desk, row: number, key: UnitKey): Promise<Loaded> {
  const loaded = await desk.good(row, key);
  if (loaded.state.state === 'conflict') throw new UserError('unit.conflict');
  return loaded;
}

/** Decides on the very text that was looked at, whatever has come since. */
async function appendDecision(desk: Desk, seen: Loaded, decision: Decision, verdict: Verdict): Promise<void> {
  await desk.append(seen.row, decisionOn(desk, seen, decision, await again(desk, seen, decision, verdict)));
}

/** What settled a dispute is said again with a decision that takes the place of that one and says nothing itself. */
async function again(
  desk: Desk,
  { unit, state }: Loaded,
  decision: Decision,
  verdict: Verdict,
): Promise<Verdict> {
  const before = ownDecision(desk, state, decision);
  if (!before?.settles || verdict.reasons.length > 0 || verdict.note.trim() !== '') return verdict;
  const event = (await desk.texts(unit.key)).get(before.id);
  return event?.type === 'decide' ? { reasons: event.reasons, note: event.note ?? '' } : verdict;
}

/** This reviewer's decision of a kind on the current text. */
function ownDecision(
  desk: Desk,
  { decisions, fingerprint }: UnitState,
  decision: Decision,
): DecideFacts | undefined {
  const reviewer = desk.writer?.reviewer;
  return decisions.find(
    each => each.by === reviewer && each.fingerprint === fingerprint && each.decision === decision,
  );
}

/**
 * The event that decides on a unit as it stands.
 * @throws UserError where the policy forbids it: `approve.blocked`, `dispute.reason`, `reason.unknown`
 */
export function decisionOn(
  desk: Desk,
  seen: Loaded,
  decision: Decision,
  { reasons, note }: Verdict,
): NewEvent {
  const { unit, line, state, target } = seen;
  const { policy } = desk.shard;
  const reviewer = desk.writer?.reviewer ?? '';
  const unknown = reasons.find(id => !policy.reasons.some(each => each.id === id));
  if (unknown !== undefined) throw new UserError('reason.unknown', unknown);
  const blocking = decision === 'approve' ? desk.shard.blocking(seen) : [];
  if (blocking.length > 0) throw blocked(blocking);
  const onThis = state.decisions.filter(
    each => each.fingerprint === state.fingerprint && each.by !== reviewer && each.decision !== 'skip',
  );
  const against = onThis.filter(each => (each.decision === 'approve') !== (decision === 'approve'));
  const settles =
    state.state === 'disputed' &&
    decision !== 'skip' &&
    against.length > 0 &&
    mayDo(policy, reviewer, unit.targetLang, 'adjudicate') === 'yes';
  if (settles && reasons.length === 0 && note.trim() === '') throw new UserError('dispute.reason');
  // What one's own decision has settled stays settled by the one that takes its place.
  const before = ownDecision(desk, state, decision);
  const aside = [...new Set([...(before?.settles ?? []), ...(settles ? against.map(each => each.id) : [])])];
  // Before the policy broke everything may have been shown.
  const isBlind = desk.shard.isBlind(seen) && desk.shard.facts.policyProblem === undefined;
  const hadSeen = desk.shard.ledgers
    .eventsOf(unit.key)
    .some(
      each =>
        each.type === 'decide' &&
        each.by === reviewer &&
        each.decision !== 'skip' &&
        each.fingerprint === state.fingerprint,
    );
  const size = target.reduce((sum, { text }) => sum + text.length, 0);
  return {
    key: unit.key,
    line,
    type: 'decide',
    decision,
    fingerprint: state.fingerprint,
    head: state.heads.map(head => head.id),
    reasons,
    ...(note.trim() === '' ? {} : { note }),
    ...(aside.length > 0 ? { settles: aside } : {}),
    ...(isBlind && !hadSeen ? { blind: true as const } : {}),
    ...(decision === 'approve' && size <= MAX_APPROVED_UNITS
      ? { target: target.map(field => [field.name, field.text] as const) }
      : {}),
  };
}

/** Why nobody may approve: the findings by field and sentence, the first few. */
function blocked(findings: readonly Finding[]): UserError {
  const named = findings.slice(0, NAMED_PROBLEMS);
  const fields = listed([...new Set(named.map(({ field }) => field))].map(quoted));
  const sentences = named.map(({ message }) => message);
  return findings.length > 1
    ? new UserError('approve.blockedMore', findings.length, fields, sentences)
    : new UserError('approve.blocked', fields, sentences);
}

/** The edit of a conflict that leads to a text, and does so by what it says: a forged one may only claim it. */
function rivalOf({ unit, state, edits }: Loaded, text: Fingerprint): EditFacts | undefined {
  return state.heads.find(head => {
    if (head.result !== text) return false;
    const side = (name: Side) => textAt(unit, name, head, edits);
    return fingerprint(side('source'), side('target'), sha256) === text;
  });
}
