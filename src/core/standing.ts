/** What a unit means to one reviewer: whether it waits for them, was sent back to them, or changed after them. */
import type { EventId } from './events';
import { byOrder, type EventFacts } from './eventFacts';
import type { ReviewTrait } from './filter';
import { assigneesOf, type UnitState } from './fold';
import { mayDo, roleOf, type Policy } from './policy';
import type { State } from './states';

/** States in which a unit waits for somebody's decision. */
const OPEN_STATES: readonly State[] = ['pending', 'edited', 'skipped', 'partly-approved', 'stale'];

/** The reason that says that the source is at fault. */
export const SOURCE_WRONG = 'source-wrong';

/**
 * Whether a unit waits for a decision of this reviewer: one to whom it is assigned, or anybody if it is to nobody.
 * @param me undefined: whoever comes
 */
export function waitsFor(me: string | undefined, state: UnitState, lang: string, policy: Policy): boolean {
  const assigned = assigneesOf(state);
  if (me !== undefined && assigned.length > 0 && !assigned.includes(me)) return false;
  const may = (right: 'decide' | 'adjudicate') =>
    me === undefined || mayDo(policy, me, lang, right) === 'yes';
  if (state.state === 'disputed') return me !== undefined && may('adjudicate');
  if (state.state === 'conflict') return may('decide');
  if (!OPEN_STATES.includes(state.state) || !may('decide')) return false;
  // One's own text waits for somebody else where one's approval of it would not count.
  if (me !== undefined && state.author === me && !policy.lastEditorCounts) return false;
  return !state.decisions.some(each => each.by === me && each.fingerprint === state.fingerprint);
}

/**
 * @param events all of the unit that this reviewer may see, as the state is what they may see
 * @param me undefined: without a name only what concerns everybody is said
 */
export function traitsOf(
  state: UnitState,
  events: readonly EventFacts[],
  lang: string,
  me: string | undefined,
  policy: Policy,
): ReadonlySet<ReviewTrait> {
  const traits = new Set<ReviewTrait>();
  const onThis = state.decisions.filter(each => each.fingerprint === state.fingerprint);
  if (waitsFor(me, state, lang, policy)) traits.add('mine');
  if (state.openThreads.length > 0) traits.add('open');
  if (state.proposals.length > 0) traits.add('proposed');
  if (state.proposals.some(each => each.source) || onThis.some(each => each.reasons?.includes(SOURCE_WRONG)))
    traits.add('source');
  if (me === undefined) return traits;
  const mine = state.decisions.find(each => each.by === me);
  const hasDecided = mine?.fingerprint === state.fingerprint;
  if (state.state === 'partly-approved' && !hasDecided && traits.has('mine')) traits.add('second');
  const wrote = state.author === me || (hasDecided && mine.decision === 'approve');
  const against = onThis.filter(
    each =>
      each.by !== me &&
      (each.decision === 'needs-work' || each.decision === 'reject') &&
      !state.setAside.has(each.id) &&
      mayDo(policy, each.by, lang, 'decide') === 'yes',
  );
  if (wrote && against.length > 0) traits.add('returned');
  if (mine && !hasDecided && mine.decision !== 'skip' && state.author !== me) traits.add('changed');
  if (hasReply(state, events, me)) traits.add('replied');
  return traits;
}

/** Whether somebody answered in an open thread after this reviewer's last word there. */
function hasReply({ openThreads }: UnitState, events: readonly EventFacts[], me: string): boolean {
  if (openThreads.length === 0) return false;
  // Of each thread in which they spoke: whether the last word is theirs.
  const isMine = new Map<EventId, boolean>();
  for (const event of events.filter(each => each.type === 'comment').sort(byOrder)) {
    const thread = event.thread ?? event.id;
    if (event.by === me) isMine.set(thread, true);
    else if (isMine.has(thread)) isMine.set(thread, false);
  }
  return openThreads.some(thread => isMine.get(thread) === false);
}

/**
 * Whether the decisions of others are hidden from a reviewer: by a blind policy, until they have decided on this text. Who
 * settles disputes has to see them.
 */
export function isBlind(state: UnitState, me: string | undefined, lang: string, policy: Policy): boolean {
  if (!policy.blind || me === undefined || roleOf(policy, me, lang) === 'adjudicator') return false;
  return !state.decisions.some(
    each => each.by === me && each.fingerprint === state.fingerprint && each.decision !== 'skip',
  );
}

/** What is not hidden by that: edits, which make the text that is shown, assignments, and one's own. */
export function visibleTo(events: readonly EventFacts[], me: string): readonly EventFacts[] {
  return events.filter(each => each.by === me || each.type === 'edit' || each.type === 'assign');
}
