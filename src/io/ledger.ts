/**
 * The ledgers of a shard: `<shard folder>/.crossalpaca/<shard name>/<reviewer>/<clone>.jsonl`, append-only.
 *
 * Reading takes whatever is new in any of them; a line that is no event is set aside with its number. Writing
 * acknowledges after fsync, and never cuts or rewrites: a torn line stays, and the next event begins on a line of its own.
 */
import { constants } from 'node:fs';
import { mkdir, open, readdir, realpath, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decodeEvent, encodeEvent, type EventId, type NewEvent, type ReviewEvent } from '../core/events';
import { UserError, type Said } from '../core/messages';
import type { UnitKey } from '../core/record';
import {
  cause,
  hasCode,
  identityOf,
  readAt,
  sameContent,
  syncFolder,
  withFile,
  type FileIdentity,
} from './files';

/** The folder beside a shard in which everything about its review is kept. */
export const REVIEW_FOLDER = '.crossalpaca';
/** Beside the reviewers' folders; nobody can be called so, see `isReviewerName`. */
const CANDIDATES = 'candidates';

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

/** Bytes before the place read up to that must be unchanged for a grown file to count as appended to. */
const TAIL_BYTES = 256;
const NEWLINE = 10;
/** git may replace a ledger between our open and our fsync; more often than this something else is wrong. */
const APPEND_TRIES = 5;
/** Windows knows no O_NOFOLLOW; there making a link takes rights that a clone does not have. */
const NO_FOLLOW = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW;
const APPEND_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | NO_FOLLOW;

interface Seen {
  identity: FileIdentity;
  /** Bytes taken in: the end of the last whole line. */
  offset: number;
  lines: number;
  tail: Buffer;
}

export class Ledgers {
  readonly folder: string;
  #files = new Map<string, Seen>();
  #byKey = new Map<UnitKey, ReviewEvent[]>();
  #byId = new Map<EventId, ReviewEvent>();
  #problems: LedgerProblem[] = [];
  #seq = 0;
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
      this.#files = new Map();
      this.#byKey = new Map();
      this.#byId = new Map();
      this.#problems = [];
      await this.#takeIn(files, touched);
      return 'all';
    });
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
      for (const event of complete) this.#add(event);
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
      });
      if (!continued) return false;
    }
    return true;
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
    const rest = bytes.toString('utf8', at);
    if (rest !== '' && decodeEvent(rest).ok) this.#takeLine(path, lines + 1, rest, touched);
    const tailFrom = Math.max(0, offset + at - TAIL_BYTES);
    const tail = await readAt(file, tailFrom, offset + at - tailFrom);
    this.#files.set(path, { identity, offset: offset + at, lines, tail });
  }

  #takeLine(file: string, line: number, raw: string, touched: Set<UnitKey>): void {
    const text = raw.trim();
    if (text === '') return;
    const decoded = decodeEvent(text);
    if (!decoded.ok) {
      this.#problems.push({ file, line, reason: decoded.reason });
    } else if (decoded.event.by !== basename(dirname(file))) {
      // A ledger speaks for the reviewer in whose folder it lies, and for nobody else.
      this.#problems.push({ file, line, reason: { id: 'event.otherReviewer', args: [decoded.event.by] } });
    } else if (this.#add(decoded.event)) {
      touched.add(decoded.event.key);
    }
  }

  #add(event: ReviewEvent): boolean {
    if (this.#byId.has(event.id)) return false;
    this.#byId.set(event.id, event);
    const events = this.#byKey.get(event.key);
    if (events) events.push(event);
    else this.#byKey.set(event.key, [event]);
    this.#seq = Math.max(this.#seq, event.seq);
    return true;
  }

  /** Whether a writer's ledger could be appended to now. @throws what the system says if not */
  async probe({ reviewer, clone }: Writer): Promise<void> {
    await this.prepare(reviewer);
    const file = await open(join(this.folder, reviewer, `${clone}.jsonl`), APPEND_FLAGS, 0o644);
    await file.close();
  }

  /** Makes the folder of a reviewer, or of the shard, and with it the files that keep git from conflicts. */
  async prepare(reviewer = ''): Promise<void> {
    const review = dirname(this.folder);
    const folder = join(this.folder, reviewer);
    await mkdir(folder, { recursive: true });
    // A link planted in a cloned repository must not lead our writing elsewhere.
    const expected = join(await realpath(dirname(review)), REVIEW_FOLDER, basename(this.folder), reviewer);
    if ((await realpath(folder)) !== expected) throw new UserError('ledger.link', folder);
    for (const [name, text] of [
      ['.gitattributes', '*.jsonl -text merge=union\n'],
      ['.gitignore', 'candidates/\n'],
    ] as const) {
      await writeFile(join(review, name), text, { flag: 'wx' }).catch((error: unknown) => {
        if (!hasCode(error, 'EEXIST')) throw error;
      });
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
  const tail = await readAt(file, seen.offset - seen.tail.length, seen.tail.length);
  return tail.equals(seen.tail);
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
