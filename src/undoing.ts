/** A reviewer's last action taken back, and made again: both by what is appended. Called in their turn. */
import { saidIn, type NewEvent } from './core/events';
import { makeEdit, textBefore } from './core/editing';
import type { EventFacts } from './core/eventFacts';
import { UserError } from './core/messages';
import { undoStacks } from './core/undo';
import { sha256 } from './io/passes';
import { basisOf, editOf, holds } from './changing';
import type { Desk } from './desk';
import type { Loaded } from './units';

/** Why an action is passed over by undo. */
const CANNOT_BE_UNDONE: readonly string[] = ['row.missing', 'row.notRecord', 'unit.moved', 'undo.landed'];

/** What is to be appended, and the row that it is about. */
interface Part {
  readonly row: number;
  readonly event: NewEvent;
}

/** Takes back this reviewer's last action. @returns a row concerned, or null if there is none */
export async function undo(desk: Desk): Promise<number | null> {
  for (const { events } of undoStacks(mine(desk)).done.toReversed()) {
    const row = await appendParts(desk, events, event => takingBack(desk, event));
    // Where all its records are gone, or it was written into the file, the one before it can still be taken back.
    if (row !== null) return row;
  }
  return null;
}

async function takingBack(desk: Desk, action: EventFacts): Promise<Part | undefined> {
  const loaded = await locate(desk, action);
  if (action.type === 'edit') {
    const event = await reverting(desk, loaded, action);
    return event && { row: loaded.row, event };
  }
  const { unit, line, row } = loaded;
  return { row, event: { key: unit.key, line, type: 'undo', undoes: action.id } };
}

export async function redo(desk: Desk): Promise<number | null> {
  const undone = undoStacks(mine(desk)).undone.at(-1);
  if (!undone) return null;
  const { action, by } = undone;
  return appendParts(desk, action.events, each => {
    const undoing = by.events.find(event => 'undoes' in event && event.undoes === each.id);
    return undoing ? doingAgain(desk, each, undoing) : Promise.resolve(undefined);
  });
}

async function doingAgain(desk: Desk, action: EventFacts, undoing: EventFacts): Promise<Part | undefined> {
  const loaded = await locate(desk, action);
  const { row, unit, line, state } = loaded;
  const event = (await desk.texts(unit.key)).get(action.id);
  if (event?.type === 'edit') {
    const isThere = undoing.type === 'edit' && undoing.result === state.fingerprint;
    if (!isThere || state.heads.length > 1) throw new UserError('undo.editedSince');
    const { candidate, settles } = event;
    const from = settles && { ...basisOf(loaded, settles), settled: settles };
    const edit = editOf(desk, loaded, event.fields, from, settles);
    const more = { ...(candidate ? { candidate } : {}), ...(settles ? { settles } : {}) };
    return edit && { row, event: { ...edit, redoes: undoing.id, ...more } };
  }
  if (!event || event.type === 'undo') return undefined;
  return { row, event: { ...saidIn(event), line, redoes: undoing.id } };
}

/** The edit that takes another one back, to the text of its parent. */
async function reverting(desk: Desk, loaded: Loaded, edit: EventFacts): Promise<NewEvent | undefined> {
  const { unit, line, rowFingerprint, state } = loaded;
  const texts = await desk.texts(unit.key);
  const event = texts.get(edit.id);
  if (event?.type !== 'edit') return undefined;
  const { settles } = event;
  const proposal = state.proposals.find(each => each.by === edit.by && each.result === event.result);
  // The text is what counts: taking back a later edit has led to this one's text again. What others took is theirs.
  const isLast = state.fingerprint === event.result && state.heads.length <= 1;
  const isOwn = settles !== undefined || holds(desk, event.fields, loaded);
  if (!proposal && !(isLast && isOwn)) throw new UserError('undo.editedSince');
  if (proposal) {
    const made = makeEdit(loaded, basisOf(loaded, [proposal.id]), [], texts, sha256);
    return made && { ...made, undoes: edit.id };
  }
  if (settles) {
    // Back to the text on which the proposal was taken; where it was dismissed, that is the text as it is.
    const own = { ...event, parents: event.parents.filter(id => !settles.includes(id)) };
    const made = makeEdit(loaded, basisOf(loaded), textBefore(unit, own, texts), texts, sha256);
    const { key } = unit;
    const { parents } = basisOf(loaded);
    const result = state.fingerprint;
    const same = { type: 'edit', key, line, fields: [], parents, base: rowFingerprint, result } as const;
    return { ...(made ?? same), undoes: edit.id, settles };
  }
  const made = makeEdit(loaded, basisOf(loaded), textBefore(unit, event, texts), texts, sha256);
  if (!made) throw new UserError('undo.landed');
  return { ...made, undoes: edit.id };
}

/**
 * Appends what is made of each part of an action, as one action again.
 * @returns a row concerned, or null where nothing could be made of any part
 */
async function appendParts(
  desk: Desk,
  events: readonly EventFacts[],
  make: (event: EventFacts) => Promise<Part | undefined>,
): Promise<number | null> {
  const parts: Part[] = [];
  let edited: UserError | undefined;
  for (const event of events) {
    try {
      const part = await make(event);
      if (part) parts.push(part);
    } catch (error) {
      const isOver = error instanceof UserError && CANNOT_BE_UNDONE.includes(error.said.id);
      // Of a bulk what was edited since stays as it is.
      if (error instanceof UserError && error.said.id === 'undo.editedSince') edited = error;
      else if (!isOver) throw error;
    }
  }
  const [first] = parts;
  if (!first && edited) throw edited;
  if (!first) return null;
  if (events.length === 1) await desk.append(first.row, first.event);
  else await desk.appendBulk(parts.map(part => part.event));
  return first.row;
}

/** The unit of an event. */
async function locate(desk: Desk, { key }: EventFacts): Promise<Loaded> {
  const row = (await desk.shard.matching.locate([key])).get(key)?.at(-1);
  if (row === undefined) throw new UserError('unit.moved');
  return desk.good(row, key);
}

function mine(desk: Desk): readonly EventFacts[] {
  return desk.writer ? desk.shard.ledgers.eventsBy(desk.writer.reviewer) : [];
}
