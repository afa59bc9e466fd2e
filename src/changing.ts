/** How a unit comes to another text: what was typed, proposed or had before, as edits. Called in a reviewer's turn. */
import type { EditEvent, EventId, FieldEdit } from './core/events';
import { makeEdit, wholeText, type EditFrom } from './core/editing';
import { textAt } from './core/fold';
import { UserError } from './core/messages';
import { mayDo } from './core/policy';
import type { Target } from './core/protocol';
import { fingerprint, type Fingerprint, type Side, type UnitKey } from './core/record';
import type { Draft } from './io/drafts';
import { sha256 } from './io/passes';
import { mustBeSeen, type Desk } from './desk';
import type { Loaded } from './units';

/** Keeps typed text; resolves when it is on disk. `null` drops it. */
export async function keepDraft(
  desk: Desk,
  target: Target,
  side: Side,
  name: string,
  text: string | null,
): Promise<void> {
  const place = { key: target.key, side, name };
  if (text === null) return desk.drafts.drop([place]);
  const known = desk.drafts.of(target.key).find(draft => draft.side === side && draft.name === name);
  const { head, fingerprint } = known ?? (await seenBy(desk, target));
  return desk.drafts.set({ ...place, text, head, fingerprint });
}

/** The edits on whose text the reviewer began, also where another one has come since: then the two rival. */
async function seenBy(desk: Desk, target: Target): Promise<Pick<Draft, 'head' | 'fingerprint'>> {
  const { state, rowFingerprint } = await desk.good(target.row, target.key);
  const { fingerprint } = target;
  if (fingerprint === state.fingerprint) return { head: state.heads.map(edit => edit.id), fingerprint };
  if (fingerprint === rowFingerprint) return { head: [], fingerprint };
  const events = desk.shard.ledgers.eventsOf(target.key);
  const edit = events.find(event => event.type === 'edit' && event.result === fingerprint);
  if (!edit) throw new UserError('unit.changed');
  return { head: [edit.id], fingerprint };
}

/** @returns the texts that they led to: none where there were none, or they said nothing new */
export async function commitDrafts(desk: Desk, target: Target): Promise<Fingerprint[]> {
  const drafts = desk.drafts.of(target.key);
  const loaded = await desk.good(target.row, target.key);
  const made: Fingerprint[] = [];
  for (const began of new Set(drafts.map(draft => draft.fingerprint)))
    made.push(
      ...(await commitGroup(
        desk,
        loaded,
        drafts.filter(draft => draft.fingerprint === began),
      )),
    );
  return made;
}

/** Drafts that began from one text become one edit of that text, whatever has happened to the unit since. */
async function commitGroup(desk: Desk, loaded: Loaded, drafts: readonly Draft[]): Promise<Fingerprint[]> {
  const [first] = drafts;
  if (!first) return [];
  const { row, unit } = loaded;
  const texts = await desk.texts(unit.key);
  const seen = first.head.map(id => texts.get(id)).filter(event => event?.type === 'edit');
  const basis = seen.find(edit => edit.result === first.fingerprint);
  const began = (side: Side) => textAt(unit, side, basis, texts);
  if (fingerprint(began('source'), began('target'), sha256) !== first.fingerprint) {
    throw new UserError('draft.rowChanged');
  }
  const made: Fingerprint[] = [];
  const of = (side: Side) => drafts.filter(draft => draft.side === side);
  // What is proposed of the source must not hold up what is mended in the target.
  const isOne = holds(desk, drafts, loaded);
  for (const changes of isOne ? [drafts] : [of('target'), of('source')]) {
    if (changes.length === 0) continue;
    const result = await appendEdit(desk, row, unit.key, changes, {}, { basis, parents: first.head });
    if (result !== undefined) made.push(result);
    await desk.drafts.drop(changes);
  }
  return made;
}

/** Gives the unit the text of one of its edits, or the row's own. */
export async function restore(desk: Desk, target: Target, version: EventId | null): Promise<number> {
  const typed = await commitDrafts(desk, target);
  const loaded = await desk.good(target.row, target.key);
  const { row, unit, state } = loaded;
  if (state.state === 'conflict') throw new UserError('unit.conflict');
  // It takes the place of the current text, which must not be one that nobody saw.
  mustBeSeen(loaded, target, typed);
  const texts = await desk.texts(unit.key);
  const edit = version === null ? undefined : texts.get(version);
  if (version !== null && edit?.type !== 'edit') throw new UserError('version.missing');
  await appendEdit(desk, row, unit.key, wholeText(unit, edit, texts), {});
  return row;
}

/** Takes a text that somebody proposed, or dismisses it: an edit either way, which names the proposal. */
export async function settle(
  desk: Desk,
  target: Target,
  id: EventId,
  outcome: 'take' | 'dismiss',
): Promise<number> {
  await commitDrafts(desk, target);
  const loaded = await desk.target(target);
  const { row, unit, state, edits } = loaded;
  const proposal = state.proposals.find(each => each.id === id);
  if (!proposal) throw new UserError('proposal.missing');
  mustBeOneText(loaded);
  desk.permit(proposal.source ? 'accept-source' : 'accept', loaded);
  const event = edits.get(id);
  // Only what it changes: the rest may have been mended since.
  const proposed = event?.type === 'edit' ? event.fields : [];
  await appendEdit(
    desk,
    row,
    unit.key,
    outcome === 'take' ? proposed : [],
    { settles: [id] },
    { ...basisOf(loaded, [id]), settled: [id] },
  );
  return row;
}

/** Appends an edit of the current text. @returns undefined, and appends nothing, if the fields hold that text already */
export async function appendEdit(
  desk: Desk,
  row: number,
  key: UnitKey,
  changes: readonly FieldEdit[],
  more: Pick<EditEvent, 'candidate' | 'undoes' | 'redoes' | 'settles'>,
  from?: EditFrom,
): Promise<Fingerprint | undefined> {
  const edit = editOf(desk, await desk.good(row, key), changes, from, more.settles);
  if (edit) await desk.append(row, { ...edit, ...more });
  return edit?.result;
}

/**
 * The edit that some changes of fields make of a unit as it stands.
 * @param from what it starts from; left out: the current text
 * @param settles the proposals that it takes or dismisses
 * @returns undefined if the fields hold that text already
 * @throws UserError where the policy lets this reviewer not even propose it
 */
export function editOf(
  desk: Desk,
  loaded: Loaded,
  changes: readonly FieldEdit[],
  from?: EditFrom,
  settles?: readonly EventId[],
) {
  const { state, edits } = loaded;
  desk.permit('edit', loaded);
  const start = from ?? basisOf(loaded);
  const edit = makeEdit(loaded, start, changes, edits, sha256);
  if (!edit) return undefined;
  const source = edit.fields.some(field => field.side === 'source');
  if (source) desk.permit('edit-source', loaded);
  if (settles || holds(desk, edit.fields, loaded)) return edit;
  // A further proposal takes the place of one's own that waits, and goes on saying what that said of other fields.
  const mine = state.proposals.filter(
    each => each.by === desk.writer?.reviewer && (each.source === true) === source,
  );
  if (mine.length === 0) return edit;
  const said = mine.toReversed().flatMap(({ id }) => {
    const event = edits.get(id);
    return event?.type === 'edit' ? event.fields : [];
  });
  const parents = [...new Set([...start.parents, ...mine.map(each => each.id)])];
  return makeEdit(loaded, { ...start, parents }, [...changes, ...said], edits, sha256);
}

/** Whether this reviewer's edit of some fields holds by itself; else it is a proposal. */
export function holds(desk: Desk, fields: readonly FieldEdit[], { unit }: Loaded): boolean {
  const right = fields.some(field => field.side === 'source') ? 'edit-source' : 'edit';
  return mayDo(desk.shard.policy, desk.writer?.reviewer ?? '', unit.targetLang, right) === 'yes';
}

/**
 * The current text, and all edits that lead to it or compete with it.
 * @param more what is replaced besides
 */
export function basisOf({ state }: Loaded, more: readonly EventId[] = []): EditFrom {
  const heads = state.heads.map(head => head.id);
  const first = state.current ? [state.current.id] : [];
  return { basis: state.current, parents: [...new Set([...first, ...heads, ...more])] };
}

/**
 * What takes the place of the current text must not drop texts that compete with it, or wait beside a changed row.
 * @throws UserError `unit.conflict`, `unit.offered`
 */
export function mustBeOneText({ state }: Loaded): void {
  if (state.state === 'conflict') throw new UserError('unit.conflict');
  if (!state.current && state.heads.length > 0) throw new UserError('unit.offered');
}
