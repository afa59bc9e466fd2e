/**
 * The ledgers of a shard: `<shard folder>/.crossalpaca/<shard name>/<reviewer>/<clone>.jsonl`, append-only.
 *
 * Reading takes whatever is new in any of them; a line that is no event is set aside with its number. Writing
 * acknowledges after fsync, and never cuts or rewrites: a torn line stays, and the next event begins on a line of its own.
 */
import { constants } from 'node:fs';
import { open, readdir, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decodeEvent, encodeEvent, type EventId, type NewEvent, type ReviewEvent } from '../core/events';
import { say, UserError, type Said } from '../core/messages';
import type { UnitKey } from '../core/record';
import {
  cause,
  hasCode,
  identityOf,
  makeFolders,
  readAt,
  sameContent,
  syncFolder,
  withFile,
  type FileIdentity,
} from './files';

/** The folder beside a shard in which everything about its review is kept. */
export const REVIEW_FOLDER = '.crossalpaca';
/** Beside the reviewers' folders; nobody can be called so, see `isReviewerName`. */
export const CANDIDATES = 'candidates';

/** Lines of one ledger that two sides appended are both kept; what models proposed is not for the repository. */
const FOR_GIT = { '.gitattributes': '*.jsonl -text merge=union\n', '.gitignore': `${CANDIDATES}/\n` };

/** A ledger line that was set aside. */
export interface LedgerProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly reason: Said;
}

export interface Writer {
  readonly reviewer: string;
  readonly clone: string;
}

/** Far below 2^53: a forged counter above it does not take away the room that later events need. */
const MAX_SEQ = 2 ** 50;
/** Bytes before the place read up to that must be unchanged for a grown file to count as appended to. */
const TAIL_BYTES = 256;
const NEWLINE = 10;
/** git may replace a ledger between our open and our fsync; more often than this something else is wrong. */
const APPEND_TRIES = 5;
/** Windows knows no O_NOFOLLOW; there making a link takes rights that a clone does not have. */
const NO_FOLLOW = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW;
export const APPEND_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | NO_FOLLOW;

interface Seen {
  identity: FileIdentity;
  /** Bytes taken in: the end of the last whole line. */
  offset: number;
  lines: number;
  /** The last bytes before `offset`. */
  tail: Buffer;
  /** A last line without its end that was taken for an event all the same. */
  rest: Buffer;
}

export class Ledgers {
  readonly folder: string;
  #files = new Map<string, Seen>();
  #byKey = new Map<UnitKey, ReviewEvent[]>();
  #byId = new Map<EventId, ReviewEvent>();
  #problems: LedgerProblem[] = [];
  #seq = 0;
  /** False when two events with one id were met: which of the lines is reported must not hang on which came first. */
  #inOrder = true;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #clock: Clock;

  constructor(shard: string, clock: Clock) {
    this.folder = join(dirname(shard), REVIEW_FOLDER, basename(shard));
    this.#clock = clock;
  }

  get byId(): ReadonlyMap<EventId, ReviewEvent> {
    return this.#byId;
  }

  get keys(): Iterable<UnitKey> {
    return this.#byKey.keys();
  }

  get problems(): readonly LedgerProblem[] {
    return this.#problems;
  }

  eventsOf(key: UnitKey): readonly ReviewEvent[] {
    return this.#byKey.get(key) ?? [];
  }

  /**
   * Takes in what is new on disk.
   * @returns the units concerned, or `all` where a ledger was replaced or removed and everything was read again
   */
  refresh(): Promise<ReadonlySet<UnitKey> | 'all'> {
    return this.#exclusive(async () => {
      const files = await this.#list();
      const gone = [...this.#files.keys()].some(file => !files.includes(file));
      const touched = new Set<UnitKey>();
      if (!gone && (await this.#takeIn(files, touched))) return touched;
      await this.#readAgain();
      return 'all';
    });
  }

  async #readAgain(): Promise<void> {
    this.#files = new Map();
    this.#byKey = new Map();
    this.#byId = new Map();
    this.#problems = [];
    await this.#takeIn(await this.#list(), new Set());
    this.#inOrder = true;
  }

  /**
   * Appends events of one writer; when the promise is fulfilled they are on disk.
   * @throws UserError `ledger.notWritten` with the system's reason; then nothing of them counts
   */
  append(writer: Writer, events: readonly NewEvent[]): Promise<ReviewEvent[]> {
    return this.#exclusive(async () => {
      const file = join(this.folder, writer.reviewer, `${writer.clone}.jsonl`);
      const at = new Date(this.#clock.now()).toISOString();
      const complete = events.map((event, index): ReviewEvent => {
        const id = this.#clock.newId() as EventId;
        const { type, key, line, ...rest } = event;
        return {
          v: 1,
          id,
          seq: this.#seq + 1 + index,
          at,
          by: writer.reviewer,
          key,
          line,
          type,
          ...rest,
        } as ReviewEvent;
      });
      try {
        await this.prepare(writer.reviewer);
        await appendDurably(file, complete.map(event => `${encodeEvent(event)}\n`).join(''));
      } catch (error) {
        throw error instanceof UserError ? error : new UserError('ledger.notWritten', file, cause(error));
      }
      const touched = new Set<UnitKey>();
      // Read back, so that what is in memory is what is on disk, also if git replaces the file the next moment.
      if (!(await this.#takeIn([file], touched))) await this.#readAgain();
      if (!complete.every(event => this.#byId.has(event.id))) throw new UserError('ledger.replaced', file);
      return complete;
    });
  }

  /** Reading and writing take turns, so that a refresh never meets half of an append. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #list(): Promise<string[]> {
    const entries = async (folder: string) => {
      try {
        return await readdir(folder, { withFileTypes: true });
      } catch (error) {
        if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
        throw new UserError('file.unreadable', folder, cause(error));
      }
    };
    const files: string[] = [];
    for (const reviewer of await entries(this.folder)) {
      if (!reviewer.isDirectory() || reviewer.name === CANDIDATES) continue;
      for (const ledger of await entries(join(this.folder, reviewer.name))) {
        if (ledger.isFile() && ledger.name.endsWith('.jsonl'))
          files.push(join(this.folder, reviewer.name, ledger.name));
      }
    }
    return files.sort();
  }

  /** @returns false if a file is not a continuation of what was read before */
  async #takeIn(files: readonly string[], touched: Set<UnitKey>): Promise<boolean> {
    for (const path of files) {
      const seen = this.#files.get(path);
      const continued = await withFile(path, async (file, identity) => {
        if (seen && sameContent(seen.identity, identity)) return true;
        if (seen && !(await isContinuation(file, identity, seen))) return false;
        await this.#readFrom(path, file, identity, seen, touched);
        return true;
      }).catch((error: unknown) => {
        // Gone between the listing and now: the next look sees that it is missing.
        if (error instanceof UserError && error.said.id === 'file.missing') return seen === undefined;
        throw error;
      });
      if (!continued) return false;
    }
    return this.#inOrder;
  }

  async #readFrom(
    path: string,
    file: FileHandle,
    identity: FileIdentity,
    seen: Seen | undefined,
    touched: Set<UnitKey>,
  ): Promise<void> {
    const offset = seen?.offset ?? 0;
    const bytes = await readAt(file, offset, identity.size - offset);
    let at = 0;
    let lines = seen?.lines ?? 0;
    // A last line without its end may still be growing: it is looked at again the next time.
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
      lines++;
      this.#takeLine(path, lines, bytes.toString('utf8', at, end), touched);
      at = end + 1;
    }
    const rest = bytes.subarray(at);
    const last = rest.length > 0 ? decodeEvent(rest.toString('utf8')) : undefined;
    const counts = last?.ok === true && last.event.by === basename(dirname(path));
    if (counts) this.#isRivalOfItsId(last.event);
    if (counts && this.#add(last.event)) touched.add(last.event.key);
    const tailFrom = Math.max(0, offset + at - TAIL_BYTES);
    const tail = await readAt(file, tailFrom, offset + at - tailFrom);
    const taken = { rest: counts ? Buffer.from(rest) : Buffer.alloc(0) };
    this.#files.set(path, { identity, offset: offset + at, lines, tail, ...taken });
  }

  #takeLine(file: string, line: number, raw: string, touched: Set<UnitKey>): void {
    const text = raw.trim();
    if (text === '') return;
    const decoded = decodeEvent(text);
    if (!decoded.ok) {
      this.#problems.push({ file, line, reason: decoded.reason });
    } else if (decoded.event.by !== basename(dirname(file))) {
      // A ledger speaks for the reviewer in whose folder it lies, and for nobody else.
      this.#problems.push({ file, line, reason: say('event.otherReviewer', decoded.event.by) });
    } else {
      const { event } = decoded;
      if (this.#isRivalOfItsId(event))
        this.#problems.push({ file, line, reason: say('event.sameId', event.id) });
      if (this.#add(event)) touched.add(event.key);
    }
  }

  #isRivalOfItsId(event: ReviewEvent): boolean {
    const known = this.#byId.get(event.id);
    const rival = known !== undefined && encodeEvent(known) !== encodeEvent(event);
    if (rival) this.#inOrder = false;
    return rival;
  }

  /** @returns whether anything changed; of two events with one id the same one is kept, whichever was read first */
  #add(event: ReviewEvent): boolean {
    const known = this.#byId.get(event.id);
    if (known) {
      if (rank(known) <= rank(event)) return false;
      const others = (this.#byKey.get(known.key) ?? []).filter(each => each.id !== known.id);
      this.#byKey.set(known.key, others);
    }
    this.#byId.set(event.id, event);
    const events = this.#byKey.get(event.key);
    if (events) events.push(event);
    else this.#byKey.set(event.key, [event]);
    if (event.seq <= MAX_SEQ) this.#seq = Math.max(this.#seq, event.seq);
    return true;
  }

  /** Whether a writer's ledger could be appended to now. @throws what the system says if not */
  async probe({ reviewer, clone }: Writer): Promise<void> {
    await this.prepare(reviewer);
    const file = await open(join(this.folder, reviewer, `${clone}.jsonl`), APPEND_FLAGS, 0o644);
    await file.close();
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

async function isContinuation(file: FileHandle, identity: FileIdentity, seen: Seen): Promise<boolean> {
  if (identity.inode !== seen.identity.inode || identity.size < seen.offset) return false;
  const before = Buffer.concat([seen.tail, seen.rest]);
  return (await readAt(file, seen.offset - seen.tail.length, before.length)).equals(before);
}

/** An order of events that share an id, which only a mistake or a forgery makes. */
function rank(event: ReviewEvent): string {
  return `${event.by} ${encodeEvent(event)}`;
}

/** Writes whole lines at the end of a file and fsyncs them, again if git replaced the file in between. */
async function appendDurably(path: string, lines: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const file = await open(path, APPEND_FLAGS, 0o644);
    try {
      const before = await file.stat({ bigint: true });
      if (!before.isFile()) throw new UserError('ledger.link', path);
      const size = Number(before.size);
      const torn = size > 0 && (await readAt(file, size - 1, 1))[0] !== NEWLINE;
      const bytes = Buffer.from(torn ? `\n${lines}` : lines, 'utf8');
      // One write call, so that two windows never interleave. A short one means a full disk.
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten < bytes.length) throw new UserError('ledger.notWritten', path, 'ENOSPC');
      await file.sync();
      if (size === 0) await syncFolder(dirname(path));
      const now = await stat(path, { bigint: true }).catch(() => undefined);
      if (now && identityOf(now).inode === identityOf(before).inode) return;
      if (attempt === APPEND_TRIES) throw new UserError('ledger.replaced', path);
    } finally {
      await file.close();
    }
  }
}
