/**
 * The ledgers of a shard: `<shard folder>/.crossalpaca/<shard name>/<reviewer>/<clone>.jsonl`, append-only.
 *
 * Reading takes whatever is new in any of them, in pieces between which others have their turn; a line that is no event
 * is set aside with its number. Writing acknowledges after fsync, and never cuts or rewrites: a torn line stays, and the
 * next event begins on a line of its own. What an append costs does not hang on how many events there are.
 */
import { constants } from 'node:fs';
import { lstat, open, readdir, writeFile, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  decodeEvent,
  encodeEvent,
  eventsOf,
  MAX_SEQ,
  type BulkEvent,
  type EventId,
  type NewEvent,
  type ReviewEvent,
} from '../core/events';
import { factsOf, type EventFacts } from '../core/eventFacts';
import { UserError } from '../core/messages';
import type { UnitKey } from '../core/record';
import {
  cause,
  hasCode,
  identityOf,
  makeFolders,
  readAt,
  sameContent,
  syncFolder,
  type FileIdentity,
} from './files';
import { inTurn } from './inTurn';
import { MAX_LINE_BYTES, NEWLINE } from './ledgerLines';
import { LedgerTexts } from './ledgerTexts';
import { holding, readFiles, TAIL_BYTES, TOO_LONG, type LedgerProblem, type Seen } from './ledgerReading';
import { NO_REVIEWERS, REVIEW_FOLDER } from './reviewFolder';

/** Lines of one ledger that two sides appended are both kept; what models proposed is not for the repository. */
const FOR_GIT = {
  '.gitattributes': '*.jsonl -text merge=union\n',
  '.gitignore': NO_REVIEWERS.map(folder => `${folder}/\n`).join(''),
};

export interface Writer {
  readonly reviewer: string;
  readonly clone: string;
}

/** git may replace a ledger between our open and our fsync; more often than this something else is wrong. */
const APPEND_TRIES = 5;
/** As well between a look at it and the reading of its texts. */
const TEXT_TRIES = 5;
/** Windows knows no O_NOFOLLOW; there making a link takes rights that a clone does not have. */
const NO_FOLLOW = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW;
export const APPEND_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | NO_FOLLOW;

export class Ledgers {
  readonly folder: string;
  #held = holding();
  /** Met by an append and not told by `refresh` yet. */
  #untold: Set<UnitKey> | 'all' = new Set();
  /** The review folder when the files for git were seen to be there; anything made or removed in it changes its time. */
  #prepared: FileIdentity | undefined;
  /** Ledgers as this process left them, with a name that is durable. */
  readonly #named = new Map<string, FileIdentity>();
  /** Reading and writing take turns, so that a refresh never meets half of an append. */
  readonly #exclusive = inTurn();
  readonly #texts = new LedgerTexts();
  readonly #clock: Clock;

  constructor(shard: string, clock: Clock) {
    this.folder = join(dirname(shard), REVIEW_FOLDER, basename(shard));
    this.#clock = clock;
  }

  get keys(): Iterable<UnitKey> {
    return this.#held.events.keys;
  }

  get problems(): readonly LedgerProblem[] {
    return this.#held.problems;
  }

  /** Whether there is no event at all. */
  get isEmpty(): boolean {
    return this.#held.events.size === 0;
  }

  /** Events in all ledgers, repeated ones once. */
  get size(): number {
    return this.#held.events.size;
  }

  /** Whether anything happened to a unit. */
  has(key: UnitKey): boolean {
    return this.#held.events.has(key);
  }

  /** The events of one unit, in the order in which they were met. */
  eventsOf(key: UnitKey): readonly EventFacts[] {
    return this.#held.events.eventsOf(key);
  }

  /** An event of a unit by its id. */
  get(key: UnitKey, id: EventId): EventFacts | undefined {
    return this.#held.events.get(key, id);
  }

  /** The events of one reviewer on all clones, in the order in which they were made. */
  eventsBy(reviewer: string): readonly EventFacts[] {
    return this.#held.events.eventsBy(reviewer);
  }

  /** Everybody who wrote an event. */
  get reviewers(): Iterable<string> {
    return this.#held.events.reviewers;
  }

  /** Every event, in no order. */
  all(): Iterable<EventFacts> {
    return this.#held.events.all();
  }

  /**
   * Events of one unit with their texts, by id.
   * @throws UserError `ledger.changed` where a ledger is another one by now: after a `refresh` its events are others
   */
  async read(events: Iterable<EventFacts>): Promise<ReadonlyMap<EventId, ReviewEvent>> {
    const texts = await this.#texts.read(events);
    return new Map([...texts.values()].map(event => [event.id, event]));
  }

  /** As `read`, of several units, whose events may have the same ids. */
  readEach(events: Iterable<EventFacts>): Promise<ReadonlyMap<EventFacts, ReviewEvent>> {
    return this.#texts.read(events);
  }

  /**
   * Does what reads texts, and once more after another look where a ledger was another one by then.
   * @throws UserError `ledger.changed` where that goes on
   */
  async readSteadily<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        const isChanged = error instanceof UserError && error.said.id === 'ledger.changed';
        if (!isChanged || attempt === TEXT_TRIES) throw error;
        await this.lookAgain();
      }
    }
  }

  /**
   * Takes in what is new on disk.
   * @returns the units concerned, or `all` where a ledger was replaced or removed and everything was read again
   */
  refresh(): Promise<ReadonlySet<UnitKey> | 'all'> {
    return this.#exclusive(async () => {
      await this.#look();
      const touched = this.#untold;
      this.#untold = new Set();
      return touched;
    });
  }

  /** As `refresh`, which tells the next time what is new. */
  lookAgain(): Promise<void> {
    return this.#exclusive(() => this.#look());
  }

  async #look(): Promise<void> {
    const files = new Set(await this.files());
    const isComplete = [...this.#held.files.keys()].every(file => files.has(file));
    if (isComplete) await this.#takeIn(files);
    else await this.#readAgain();
  }

  /** Takes in what is new in some ledgers, or all of them again where one is not a continuation of what it was. */
  async #takeIn(files: Iterable<string>): Promise<void> {
    const isContinued = await readFiles(this.#held, [...files], key => {
      if (this.#untold !== 'all') this.#untold.add(key);
    });
    if (!isContinued) await this.#readAgain();
  }

  async #readAgain(): Promise<void> {
    const held = holding(this.#held.events.seq);
    await readFiles(held, await this.files(), () => undefined);
    this.#held = held;
    this.#untold = 'all';
  }

  /**
   * Appends events of one writer; when the promise is fulfilled they are on disk.
   * @throws UserError `ledger.notWritten` with the system's reason; then nothing of them counts, unless a whole line of
   * them did reach the disk and is met there later
   */
  append(writer: Writer, events: readonly NewLine[]): Promise<ReviewEvent[]> {
    return this.#exclusive(async () => {
      const path = join(this.folder, writer.reviewer, `${writer.clone}.jsonl`);
      const at = new Date(this.#clock.now()).toISOString();
      const lines = events.map((event, index) => {
        const id = this.#clock.newId() as EventId;
        const { type, key, line, ...rest } = event;
        // Where a forged line has used all counters up, ids tell which came later.
        const seq = Math.min(this.#held.events.seq + 1 + index, MAX_SEQ);
        return encodeEvent({
          v: 1,
          id,
          seq,
          at,
          by: writer.reviewer,
          key,
          line,
          type,
          ...rest,
        } as ReviewEvent);
      });
      const complete = lines.map(line => eventsOf(readable(line, path)));
      const all = complete.flat();
      const seen = this.#held.files.get(path);
      const written = await this.#write(writer.reviewer, path, lines);
      if (isAll(written, seen)) {
        const added = placesOf(written, lines, path).flatMap(
          (place, index) => complete[index]?.map(event => this.#held.events.add(factsOf(event, place))) ?? [],
        );
        this.#held.files.set(path, grown(written, seen, lines.length));
        // A clock that gave an id twice.
        if (added.includes('rival')) await this.#readAgain();
      } else {
        // Others wrote there too. Read back, so that what is in memory is what is on disk.
        await this.#takeIn([path]);
        if (this.#untold !== 'all') for (const { key } of all) this.#untold.delete(key);
      }
      if (!all.every(event => this.get(event.key, event.id))) throw new UserError('ledger.replaced', path);
      return all;
    });
  }

  /**
   * Appends lines of another shard's ledger as they stand; when the promise is fulfilled they are on disk and taken in.
   * @param name of the ledger's file in the folder of the reviewer
   * @param lines without their line ends
   * @throws UserError `ledger.notWritten` with the system's reason
   */
  appendLines(reviewer: string, name: string, lines: readonly string[]): Promise<void> {
    return this.#exclusive(async () => {
      const path = join(this.folder, reviewer, name);
      await this.#write(reviewer, path, lines);
      await this.#takeIn([path]);
    });
  }

  async #write(reviewer: string, path: string, lines: readonly string[]): Promise<Written> {
    try {
      await this.#makePlace(reviewer);
      const text = lines.map(line => `${line}\n`).join('');
      const written = await appendDurably(path, text, this.#held.files.get(path), this.#named.get(path));
      this.#named.set(path, written.after);
      return written;
    } catch (error) {
      throw error instanceof UserError ? error : new UserError('ledger.notWritten', path, cause(error));
    }
  }

  /** Paths of all ledgers that are there, in the order in which they are read. */
  async files(): Promise<string[]> {
    const entries = async (folder: string) => {
      try {
        return await readdir(folder, { withFileTypes: true });
      } catch (error) {
        if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
        throw new UserError('file.unreadable', folder, cause(error));
      }
    };
    const reviewers = (await entries(this.folder)).filter(
      entry => entry.isDirectory() && !NO_REVIEWERS.includes(entry.name),
    );
    const files = reviewers.map(async ({ name }) => {
      const folder = join(this.folder, name);
      const ledgers = (await entries(folder)).filter(each => each.isFile() && each.name.endsWith('.jsonl'));
      return ledgers.map(ledger => join(folder, ledger.name));
    });
    return (await Promise.all(files)).flat().sort();
  }

  /** Whether a writer's ledger could be appended to now. @throws what the system says if not */
  async probe({ reviewer, clone }: Writer): Promise<void> {
    await this.prepare(reviewer);
    const file = await open(join(this.folder, reviewer, `${clone}.jsonl`), APPEND_FLAGS, 0o644);
    await file.close();
  }

  /** As `prepare`, without a further look where nothing was made or removed in the review folder since. */
  async #makePlace(reviewer: string): Promise<void> {
    const review = dirname(this.folder);
    const folders = [review, this.folder, join(this.folder, reviewer)];
    const [first, ...others] = await Promise.all(
      folders.map(folder => lstat(folder, { bigint: true }).catch(() => undefined)),
    );
    const isThere = first?.isDirectory() === true && others.every(each => each?.isDirectory() === true);
    if (isThere && this.#prepared && sameContent(identityOf(first), this.#prepared)) return;
    await this.prepare(reviewer);
    this.#prepared = identityOf(await lstat(review, { bigint: true }));
  }

  /**
   * Makes the folder of a reviewer, or another one beside the ledgers, and with it the files that keep git from conflicts.
   * @throws UserError `ledger.link`, `ledger.notWritten`
   */
  async prepare(name?: string): Promise<string> {
    const review = dirname(this.folder);
    try {
      const names = [REVIEW_FOLDER, basename(this.folder), ...(name === undefined ? [] : [name])];
      const folder = await makeFolders(dirname(review), names);
      for (const [file, text] of Object.entries(FOR_GIT)) {
        await writeFile(join(review, file), text, { flag: 'wx' }).catch((error: unknown) => {
          if (!hasCode(error, 'EEXIST')) throw error;
        });
      }
      return folder;
    } catch (error) {
      throw error instanceof UserError
        ? error
        : new UserError('ledger.notWritten', this.folder, cause(error));
    }
  }
}

/** Time and names, passed in so that tests can make them repeatable. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A ULID. */
  readonly newId: () => string;
}

/** What one line says before its ledger gives it a place in the order: an event, or a bulk of them. */
export type NewLine = NewEvent | Omit<BulkEvent, 'v' | 'id' | 'seq' | 'at' | 'by'>;

/** An event as it will be read back. @throws UserError for one that would be set aside: it must not count as saved */
function readable(line: string, path: string): ReviewEvent | BulkEvent {
  const decoded = decodeEvent(line);
  if (!decoded.ok) throw new UserError('ledger.notWritten', path, decoded.reason);
  if (Buffer.byteLength(line) > MAX_LINE_BYTES) throw new UserError('ledger.notWritten', path, TOO_LONG);
  return decoded.event;
}

/** Lines that were appended, and the ledger just before and after. */
interface Written {
  readonly bytes: Buffer;
  readonly before: FileIdentity;
  readonly after: FileIdentity;
}

/** Whether what was read and what was written is the whole ledger, so that nothing of it has to be read. */
function isAll({ bytes, before, after }: Written, seen: Seen | undefined): boolean {
  return endsWhole(before, seen) && after.size === before.size + bytes.length;
}

/** Whether a ledger is known to end in a whole line, or to be empty. */
function endsWhole(identity: FileIdentity, seen: Seen | undefined): boolean {
  if (!seen) return identity.size === 0;
  return sameContent(seen.identity, identity) && seen.place.offset === identity.size && !seen.place.within;
}

/** Where in the ledger the lines are that were written at its end. */
function placesOf({ bytes, before }: Written, lines: readonly string[], file: string) {
  const lengths = lines.map(line => Buffer.byteLength(line));
  // What stands before them ended a torn line.
  let from = before.size + bytes.length - lengths.reduce((sum, length) => sum + length + 1, 0);
  return lengths.map(length => {
    const place = { file, from, length };
    from += length + 1;
    return place;
  });
}

/** What is known of a ledger that grew by whole lines. */
function grown({ bytes, after }: Written, seen: Seen | undefined, lines: number): Seen {
  const tail = Buffer.concat([seen?.tail ?? Buffer.alloc(0), bytes.subarray(-TAIL_BYTES)]).subarray(
    -TAIL_BYTES,
  );
  const place = { offset: after.size, lines: (seen?.place.lines ?? 0) + lines, within: false };
  return {
    identity: after,
    place,
    tail: Buffer.from(tail),
    rest: Buffer.alloc(0),
    problems: seen?.problems ?? 0,
  };
}

/**
 * Writes whole lines at the end of a file and fsyncs them, again if git replaced the file in between.
 * @param seen what was read of it
 * @param named the file when its name was last made durable
 */
async function appendDurably(
  path: string,
  lines: string,
  seen: Seen | undefined,
  named: FileIdentity | undefined,
): Promise<Written> {
  for (let attempt = 1; ; attempt++) {
    const file = await open(path, APPEND_FLAGS, 0o644);
    try {
      const stats = await file.stat({ bigint: true });
      if (!stats.isFile()) throw new UserError('ledger.link', path);
      const before = identityOf(stats);
      const torn = !endsWhole(before, seen) && before.size > 0 && !(await endsInNewline(file, before.size));
      const bytes = Buffer.from(torn ? `\n${lines}` : lines, 'utf8');
      // One write call, so that two windows never interleave. A short one means a full disk.
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten < bytes.length) throw new UserError('ledger.notWritten', path, 'ENOSPC');
      await file.sync();
      // Also where another process made or replaced it: that one may have been killed before this.
      if (!named || !sameContent(named, before)) await syncFolder(dirname(path));
      const now = await lstat(path, { bigint: true }).catch(() => undefined);
      const after = now && identityOf(now);
      if (after?.inode === before.inode) return { bytes, before, after };
      if (attempt === APPEND_TRIES) throw new UserError('ledger.replaced', path);
    } finally {
      await file.close();
    }
  }
}

async function endsInNewline(file: FileHandle, size: number): Promise<boolean> {
  return (await readAt(file, size - 1, 1))[0] === NEWLINE;
}
