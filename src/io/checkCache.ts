/**
 * What the checks found in texts before, by a hash of the texts: a second look at a shard checks only what changed. Kept in
 * a file that git ignores; whatever is wrong with that file, it is as if there were none.
 */
import { hash } from 'node:crypto';
import { lstat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKS, CHECKS_VERSION } from '../core/checks';
import { Names, type Marks } from '../core/unitMarks';
import { hasCode, readAt, replaceFile, withFile } from './files';
import type { Ledgers } from './ledger';
import { CACHE } from './reviewFolder';

/** Raised when the file is laid out differently. */
const FORMAT = 1;
const FILE = 'checks.bin';
/** A table of hashes is at most this full, so that a search of it ends soon. */
const MAX_LOAD = 0.7;
const MIN_SLOTS = 16;
/** Numbers of marks that fit into a slot; 0 is an empty one. There are some dozens. */
const MAX_MARKS = (1 << 16) - 1;
/** Bytes of an entry in the file: the hash and the number of its marks. */
const ENTRY_BYTES = 10;
/** Of the first line, which names the marks. */
const MAX_HEAD_BYTES = 1 << 20;

/** As a worker thread gets it: can be cloned by `postMessage`, the tables are shared. */
export interface SharedMarks {
  readonly hashes: Uint32Array<SharedArrayBuffer>;
  readonly numbers: Uint16Array<SharedArrayBuffer>;
  readonly names: readonly Marks[];
}

/** Lasting marks by hash of the texts: a table with open addressing, some 15 bytes a unit. */
export class KnownMarks {
  readonly #hashes: Uint32Array<SharedArrayBuffer>;
  /** One more than the number of the name; 0: the slot is empty. */
  readonly #numbers: Uint16Array<SharedArrayBuffer>;
  readonly #names: Names;
  #size = 0;

  private constructor({ hashes, numbers, names }: SharedMarks) {
    this.#hashes = hashes;
    this.#numbers = numbers;
    this.#names = new Names(names);
  }

  static withRoom(units: number): KnownMarks {
    const slots = Math.max(MIN_SLOTS, Math.ceil(units / MAX_LOAD));
    return new KnownMarks({
      hashes: new Uint32Array(new SharedArrayBuffer(slots * 8)),
      numbers: new Uint16Array(new SharedArrayBuffer(slots * 2)),
      names: [],
    });
  }

  /** Of another thread's, to be read only. */
  static attach(shared: SharedMarks): KnownMarks {
    return new KnownMarks(shared);
  }

  share(): SharedMarks {
    return { hashes: this.#hashes, numbers: this.#numbers, names: this.#names.all };
  }

  get size(): number {
    return this.#size;
  }

  /** @param digits 16 hex digits */
  get(digits: string): Marks | undefined {
    const [upper, lower] = halves(digits);
    const number = this.#numbers[this.#slot(upper, lower)] ?? 0;
    return number === 0 ? undefined : this.#names.all[number - 1];
  }

  set(digits: string, marks: Marks): void {
    this.#put(...halves(digits), marks);
  }

  /** Takes in what another one knows. */
  add(other: KnownMarks): void {
    other.forEach((upper, lower, marks) => this.#put(upper, lower, marks));
  }

  forEach(use: (upper: number, lower: number, marks: Marks) => void): void {
    for (const [slot, number] of this.#numbers.entries()) {
      if (number > 0)
        use(this.#hashes[slot * 2] ?? 0, this.#hashes[slot * 2 + 1] ?? 0, this.#names.all[number - 1] ?? '');
    }
  }

  #put(upper: number, lower: number, marks: Marks): void {
    const number = this.#names.numberOf(marks) + 1;
    // Where there is no room it is found again the next time.
    if (number > MAX_MARKS) return;
    const slot = this.#slot(upper, lower);
    if (this.#numbers[slot] === 0) {
      if (this.#size >= this.#numbers.length * MAX_LOAD) return;
      this.#size++;
    }
    this.#hashes.set([upper, lower], slot * 2);
    this.#numbers[slot] = number;
  }

  /** Where a hash stands, or would stand. The table never fills up, so that there is always an empty slot. */
  #slot(upper: number, lower: number): number {
    const slots = this.#numbers.length;
    let slot = Math.floor((upper / 2 ** 32) * slots);
    while (
      this.#numbers[slot] !== 0 &&
      (this.#hashes[slot * 2] !== upper || this.#hashes[slot * 2 + 1] !== lower)
    )
      slot = (slot + 1) % slots;
    return slot;
  }
}

function halves(digits: string): [upper: number, lower: number] {
  return [parseInt(digits.slice(0, 8), 16), parseInt(digits.slice(8), 16)];
}

/** What the first line of the file says. */
interface Head {
  readonly checks: string;
  readonly entries: number;
  readonly marks: readonly Marks[];
  /** SHA-256 of what follows. */
  readonly body: string;
}

/**
 * What was kept of a shard.
 * @returns undefined where there is nothing, or nothing that this version made here
 */
export async function loadMarks(ledgers: Ledgers): Promise<KnownMarks | undefined> {
  try {
    const folder = join(ledgers.folder, CACHE);
    const version = await versionIn(folder);
    return await withFile(join(folder, FILE), async (file, { size }) => {
      const start = await readAt(file, 0, Math.min(size, MAX_HEAD_BYTES));
      const end = start.indexOf('\n');
      if (end < 0) return undefined;
      const head = JSON.parse(start.toString('utf8', 0, end)) as Head;
      const length = size - end - 1;
      if (head.checks !== version || length !== head.entries * ENTRY_BYTES) return undefined;
      const body = await readAt(file, end + 1, length);
      return hash('sha256', body) === head.body ? marksIn(body, head) : undefined;
    });
  } catch {
    return undefined;
  }
}

function marksIn(body: Buffer, { entries, marks }: Head): KnownMarks {
  const known = KnownMarks.withRoom(entries);
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  for (let at = 0; at < body.length; at += ENTRY_BYTES) {
    const digits = body.toString('hex', at, at + 8);
    known.set(digits, marks[view.getUint16(at + 8)] ?? '');
  }
  return known;
}

/**
 * Keeps what is known of a shard.
 * @returns whether that could be done
 */
export async function saveMarks(ledgers: Ledgers, known: KnownMarks): Promise<boolean> {
  try {
    const folder = await ledgers.prepare(CACHE);
    // The file for git of an older review folder knows nothing of this one.
    await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
    const names = new Names();
    const body = Buffer.allocUnsafe(known.size * ENTRY_BYTES);
    let at = 0;
    known.forEach((upper, lower, marks) => {
      body.writeUInt32BE(upper, at);
      body.writeUInt32BE(lower, at + 4);
      body.writeUInt16BE(names.numberOf(marks), at + 8);
      at += ENTRY_BYTES;
    });
    const head: Head = {
      checks: await versionIn(folder),
      entries: known.size,
      marks: names.all,
      body: hash('sha256', body),
    };
    await replaceFile(join(folder, FILE), async file => {
      await file.write(`${JSON.stringify(head)}\n`);
      await file.writeFile(body);
    });
    return true;
  } catch {
    return false;
  }
}

/**
 * What the contents hang on besides the texts: the checks, and that they were kept in this very folder. One that came with
 * a clone of the repository may be made to hide what is wrong with its texts.
 */
async function versionIn(folder: string): Promise<string> {
  const { dev, ino } = await lstat(folder, { bigint: true });
  const checks = CHECKS.map(({ id, severity, needs }) => [id, severity, needs]);
  return hash('sha256', JSON.stringify([FORMAT, CHECKS_VERSION, checks, String(dev), String(ino)]));
}
