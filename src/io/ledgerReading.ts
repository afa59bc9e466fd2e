/** Reading ledgers: what is new in them, line by line, with what is no event set aside by its number. */
import { lstat, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { decodeEvent, eventsOf, type BulkEvent, type ReviewEvent } from '../core/events';
import { factsOf } from '../core/eventFacts';
import { EventSet } from '../core/eventSet';
import { say, UserError, type Said } from '../core/messages';
import type { UnitKey } from '../core/record';
import { identityOf, readAt, sameContent, withFile, type FileIdentity } from './files';
import {
  LINES_START,
  lineText,
  MAX_LINE_BYTES,
  readRawLines,
  type LinePlace,
  type TakeRawLine,
} from './ledgerLines';

/** Bytes before the place read up to that must be unchanged for a grown file to count as appended to. */
export const TAIL_BYTES = 256;
/** Lines set aside that are named in one ledger: one that is rubbish throughout must not fill the memory. */
const MAX_PROBLEMS = 10_000;
const CARRIAGE_RETURN = 13;
const NOT_ASCII = /[^\0-\x7f]/;
/** Why a line beyond `MAX_LINE_BYTES` is set aside, and not written. */
export const TOO_LONG = say('event.tooLong', MAX_LINE_BYTES >> 20);

/** A ledger line that was set aside. */
export interface LedgerProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly reason: Said;
}

/** What was read of a ledger. */
export interface Seen {
  readonly identity: FileIdentity;
  readonly place: LinePlace;
  /** The last bytes before `place`. */
  readonly tail: Buffer;
  /** A last line without its end that was taken for an event all the same. */
  readonly rest: Buffer;
  /** Lines set aside, `MAX_PROBLEMS` at most. */
  readonly problems: number;
}

/** What all ledgers hold together. Reading everything again makes another, so that nobody meets one half read. */
export interface Holding {
  readonly files: Map<string, Seen>;
  readonly events: EventSet;
  readonly problems: LedgerProblem[];
}

/** @param seq the highest counter that was ever seen, also in what is no longer there */
export const holding = (seq = 0): Holding => ({
  files: new Map(),
  events: new EventSet(seq),
  problems: [],
});

/**
 * Takes in what is new in some ledgers.
 * @param touch gets the units concerned
 * @returns false if one is not a continuation of what was read of it, or if two events with one id were met: which of
 * the lines is reported must not hang on which came first, so all have to be read in their order
 */
export async function readFiles(
  held: Holding,
  files: readonly string[],
  touch: (key: UnitKey) => void,
): Promise<boolean> {
  const stats = await Promise.all(files.map(path => lstat(path, { bigint: true }).catch(() => undefined)));
  let inOrder = true;
  for (const [index, path] of files.entries()) {
    const seen = held.files.get(path);
    const now = stats[index];
    if (seen && now && sameContent(seen.identity, identityOf(now))) continue;
    try {
      const read = await withFile(path, async (file, identity) => {
        if (seen && !(await isContinuation(file, identity, seen))) return undefined;
        return readFrom(held, path, file, identity, seen, touch);
      });
      if (!read) return false;
      inOrder &&= read.inOrder;
      held.files.set(path, read.seen);
    } catch (error) {
      // Gone between the listing and now: the next look sees that it is missing.
      if (!(error instanceof UserError) || error.said.id !== 'file.missing') throw error;
      if (seen) return false;
    }
  }
  return inOrder;
}

async function readFrom(
  held: Holding,
  path: string,
  file: FileHandle,
  identity: FileIdentity,
  before: Seen | undefined,
  touch: (key: UnitKey) => void,
): Promise<{ seen: Seen; inOrder: boolean }> {
  // A ledger speaks for the reviewer in whose folder it lies, and for nobody else.
  const reviewer = basename(dirname(path));
  const problems: LedgerProblem[] = [];
  const problemsBefore = before?.problems ?? 0;
  let inOrder = true;
  const setAside = (line: number, reason: Said) => {
    const more = MAX_PROBLEMS - problemsBefore - problems.length;
    if (more > 1) problems.push({ file: path, line, reason });
    else if (more === 1) problems.push({ file: path, line, reason: say('event.tooMany', MAX_PROBLEMS - 1) });
  };
  /** @returns whether all of it was new, or there already */
  const add = (line: ReviewEvent | BulkEvent, from: number, length: number): boolean => {
    const at = { file: path, from, length };
    let hasRival = false;
    for (const event of eventsOf(line)) {
      const added = held.events.add(factsOf(event, at));
      if (added !== 'repeated') touch(event.key);
      if (added === 'rival') hasRival = true;
    }
    if (hasRival) inOrder = false;
    return !hasRival;
  };
  const take: TakeRawLine = (raw, line, source) => {
    if (raw === undefined) {
      setAside(line, TOO_LONG);
      return;
    }
    if (raw === '') return;
    const length = raw.length - (raw.endsWith('\r') ? 1 : 0);
    let decoded = decodeEvent(raw);
    if (!decoded.ok || isFoundByText(decoded.event)) {
      const text = lineText(source).trim();
      if (text === '') return;
      decoded = decodeEvent(text);
    }
    if (!decoded.ok) setAside(line, decoded.reason);
    else if (decoded.event.by !== reviewer) setAside(line, say('event.otherReviewer', decoded.event.by));
    else if (!add(decoded.event, source.offset, length))
      setAside(line, say('event.sameId', decoded.event.id));
  };
  const { place, rest } = await readRawLines(file, before?.place ?? LINES_START, identity.size, take);
  // A last line without its end may still be growing: it is looked at again the next time.
  const last = rest.length > 0 ? decodeEvent(rest.toString('utf8').trim()) : undefined;
  const counts = last?.ok === true && last.event.by === reviewer;
  if (counts) add(last.event, place.offset, rest.length - (rest.at(-1) === CARRIAGE_RETURN ? 1 : 0));
  const from = Math.max(0, place.offset - TAIL_BYTES);
  const tail = await readAt(file, from, place.offset - from);
  // Only now: had reading failed half-way, it would begin again at the same place.
  for (const problem of problems) held.problems.push(problem);
  const setAsideInAll = problemsBefore + problems.length;
  const seen = { identity, place, tail, rest: counts ? rest : Buffer.alloc(0), problems: setAsideInAll };
  return { seen, inOrder };
}

/**
 * Whether an event read from the Latin-1 of its line has to be read from the text at once: a name in it is not ASCII, or may
 * not be. Nothing else of it is looked at before. What passes as Latin-1 passes as text, which is no longer.
 */
function isFoundByText({ key, by, type }: ReviewEvent | BulkEvent): boolean {
  const hasNames = type === 'bulk' || type === 'ignore' || type === 'assign';
  return hasNames || NOT_ASCII.test(key) || NOT_ASCII.test(by);
}

async function isContinuation(file: FileHandle, identity: FileIdentity, seen: Seen): Promise<boolean> {
  const { offset } = seen.place;
  if (identity.inode !== seen.identity.inode || identity.size < offset) return false;
  const before = Buffer.concat([seen.tail, seen.rest]);
  return (await readAt(file, offset - seen.tail.length, before.length)).equals(before);
}
