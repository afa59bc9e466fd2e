/**
 * Texts that a model proposed, beside the ledgers but ignored by git: they can be made again. The ledger gets only the
 * one that an edit takes. A run over a whole shard makes one for each record, so that only where they stand is kept in
 * memory; the texts are read when they are shown.
 */
import { lstat, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TakenCandidate } from '../core/events';
import { isObject, parseJson, type JsonObject } from '../core/jsonValue';
import { MESSAGES, say, UserError, type Said } from '../core/messages';
import type { FieldText } from '../core/protocol';
import type { Fingerprint, UnitKey } from '../core/record';
import { MAX_ADVICE, MODES, type Mode } from '../core/regeneration';
import { NO_CLONE } from './clone';
import { cause, readAt, withFile } from './files';
import { inTurn } from './inTurn';
import { APPEND_FLAGS, type Ledgers } from './ledger';
import { CANDIDATES } from './reviewFolder';
import { together } from './together';
import { LINES_START, lineText, MAX_LINE_BYTES, readRawLines, type LinePlace } from './ledgerLines';

export interface Candidate extends TakenCandidate {
  readonly id: string;
  readonly key: UnitKey;
  readonly mode: Mode;
  /** A text for each of some target fields. */
  readonly texts: readonly FieldText[];
  /** The text of the unit that it was made from. */
  readonly fingerprint: Fingerprint;
  /** What the reviewer told the model; empty: nothing. */
  readonly advice: string;
  /** Id of the check whose finding it was to mend. */
  readonly finding?: string;
  /** What was lost on the way. */
  readonly problems: readonly Said[];
  /** The run over many records that it is from. */
  readonly run?: string;
}

/** Takes an earlier line back. The key is there so that it is found without a look at all of them. */
interface Discard {
  readonly discard: string;
  readonly key: UnitKey;
}

/** Where a candidate stands: its line, in bytes. */
interface Place {
  readonly id: string;
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  readonly fingerprint: Fingerprint;
}

/** How far a file was read, and which file that was. */
interface Seen {
  readonly inode: unknown;
  readonly place: LinePlace;
}

/** Candidates of one unit that are known, the newest: a forged file could hold any number of them. */
const MAX_OF_UNIT = 16;
/** 8 MiB, some ten thousand of them: read in less time than a person notices. */
const AWAITED_BYTES = 8 << 20;
/** UTF-16 units of a name, as in a ledger: an edit that takes the candidate must be readable. */
const MAX_NAME = 300;
/** Fields of a candidate, and problems: more than any record has. */
export const MAX_ENTRIES = 50;
/** Parameters, and UTF-16 units of the name of one: the edit that takes the candidate tells them all. */
const MAX_PARAMETERS = 20;
const MAX_PARAMETER = 40;

export class Candidates {
  readonly #ledgers: Pick<Ledgers, 'folder' | 'prepare'>;
  #places = new Map<UnitKey, Place[]>();
  /** Those that were taken back, as far as they were read. */
  #gone = new Map<UnitKey, Place[]>();
  /** What was taken back, by id and key: which file says so may be read before the one that it stands in. */
  #discarded = new Set<string>();
  #seen = new Map<string, Seen>();
  readonly #inTurn = inTurn();
  /** Of a run many come at once. */
  readonly #appendLine = together((lines: readonly string[]) =>
    this.#inTurn(async () => {
      await this.#appendAll(lines);
      return lines.map(() => undefined);
    }),
  );
  #whole: Promise<void> = Promise.resolve();
  /** Where they are written, once it was made. */
  #folder: string | undefined;
  /** Who writes: each clone has a file of its own. */
  clone: string;

  private constructor(ledgers: Pick<Ledgers, 'folder' | 'prepare'>, clone = NO_CLONE) {
    this.#ledgers = ledgers;
    this.clone = clone;
  }

  /** Those beside some ledgers; nothing is written by opening. Lines that are no candidates are skipped. */
  static async open(ledgers: Pick<Ledgers, 'folder' | 'prepare'>, clone?: string): Promise<Candidates> {
    const candidates = new Candidates(ledgers, clone);
    await candidates.refresh();
    return candidates;
  }

  /**
   * As `open`, for somebody who waits: of files as a run over a large shard leaves them the rest is read in the background.
   * What is found by then is all that is known until `whole` settles.
   */
  static async openSoon(ledgers: Pick<Ledgers, 'folder' | 'prepare'>, clone?: string): Promise<Candidates> {
    const candidates = new Candidates(ledgers, clone);
    candidates.#whole = candidates.refresh();
    const files = await candidates.#files();
    const sizes = await Promise.all(
      files.map(path =>
        stat(path).then(
          each => each.size,
          () => 0,
        ),
      ),
    );
    if (sizes.reduce((sum, size) => sum + size, 0) <= AWAITED_BYTES) await candidates.#whole;
    return candidates;
  }

  /** Settles when all that was there on opening is known. */
  get whole(): Promise<void> {
    return this.#whole;
  }

  /** All units that have some, with the text that each was made from. */
  *units(): Generator<readonly [UnitKey, Fingerprint]> {
    for (const [key, places] of this.#places) for (const { fingerprint } of places) yield [key, fingerprint];
  }

  /** Whether a unit has one. @param fingerprint only those made from this text count */
  has(key: UnitKey, fingerprint?: Fingerprint): boolean {
    const places = this.#places.get(key) ?? [];
    return places.some(place => fingerprint === undefined || place.fingerprint === fingerprint);
  }

  /** Those of a unit, the oldest first, of many the newest. One whose file is gone is left out. */
  of(key: UnitKey): Promise<Candidate[]> {
    return readAll(key, this.#places.get(key));
  }

  /** Those of a unit that were discarded or taken, as {@link of}. */
  goneOf(key: UnitKey): Promise<Candidate[]> {
    return readAll(key, this.#gone.get(key));
  }

  async get(key: UnitKey, id: string): Promise<Candidate | undefined> {
    return (await this.of(key)).find(candidate => candidate.id === id);
  }

  /** @throws UserError `candidate.unfit`, `candidate.notWritten`, `ledger.link`, `ledger.notWritten`; then it does not count */
  async add(candidate: Candidate): Promise<void> {
    if (!decode(JSON.stringify(candidate))) throw new UserError('candidate.unfit');
    await this.#append(candidate);
  }

  /** @throws UserError as `add` does; then it stays */
  discard({ key, id }: Pick<Candidate, 'key' | 'id'>): Promise<void> {
    return this.#append({ discard: id, key });
  }

  /** Takes in what was written by others: another window, the command line. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      const paths = await this.#files();
      const isGone = [...this.#seen.keys()].some(path => !paths.includes(path));
      if (isGone) this.#forget();
      for (const path of paths) {
        if (await this.#follow(path)) continue;
        this.#forget();
        for (const each of paths) await this.#follow(each);
        return;
      }
    });
  }

  async #files(): Promise<string[]> {
    const folder = join(this.#ledgers.folder, CANDIDATES);
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    // A link could lead to anything.
    const files = entries.filter(entry => entry.isFile() && entry.name.endsWith('.jsonl'));
    return files.map(({ name }) => join(folder, name)).sort();
  }

  #forget(): void {
    this.#places = new Map();
    this.#gone = new Map();
    this.#discarded = new Set();
    this.#seen = new Map();
  }

  /** Reads what a file has more than before. @returns false where it is another file by now; nothing was read then */
  #follow(path: string): Promise<boolean> {
    const read = withFile(path, async (file, identity) => {
      const seen = this.#seen.get(path);
      const from = seen?.place ?? LINES_START;
      if (seen && (seen.inode !== identity.inode || identity.size < from.offset)) return false;
      const { place } = await readRawLines(file, from, identity.size, (raw, _line, source) => {
        const entry = raw === undefined || raw === '' ? undefined : decode(lineText(source));
        if (entry && 'discard' in entry) this.#drop(entry);
        else if (entry) {
          const { id, key, fingerprint } = entry;
          const { offset, from: first, to } = source;
          this.#keep(key, { id, file: path, offset, length: to - first, fingerprint });
        }
      });
      this.#seen.set(path, { inode: identity.inode, place });
      return true;
    });
    // One that cannot be read has no candidates.
    return read.catch(() => true);
  }

  #keep(key: UnitKey, place: Place): void {
    const places = this.#discarded.has(`${place.id} ${key}`) ? this.#gone : this.#places;
    const others = (places.get(key) ?? []).filter(each => each.id !== place.id);
    places.set(key, [...others, place].slice(-MAX_OF_UNIT));
  }

  #drop({ discard, key }: Discard): void {
    this.#discarded.add(`${discard} ${key}`);
    const places = this.#places.get(key) ?? [];
    const rest = places.filter(place => place.id !== discard);
    if (rest.length > 0) this.#places.set(key, rest);
    else this.#places.delete(key);
    for (const place of places) if (place.id === discard) this.#keep(key, place);
  }

  async #append(entry: Candidate | Discard): Promise<void> {
    // On a line of its own, also after a torn one.
    const line = `\n${JSON.stringify(entry)}\n`;
    if (Buffer.byteLength(line) > MAX_LINE_BYTES)
      throw new UserError('candidate.notWritten', this.#path, say('event.tooLong', MAX_LINE_BYTES >> 20));
    await this.#appendLine(line);
  }

  get #path(): string {
    return join(this.#ledgers.folder, CANDIDATES, `${this.clone}.jsonl`);
  }

  async #appendAll(lines: readonly string[]): Promise<void> {
    await this.#makePlace();
    const path = this.#path;
    try {
      const handle = await open(path, APPEND_FLAGS, 0o644);
      // In one piece, so that two windows do not interleave, and on a full disk until it fails.
      await handle.appendFile(lines.join('')).finally(() => handle.close());
    } catch (error) {
      throw new UserError('candidate.notWritten', path, cause(error));
    }
    if (await this.#follow(path)) return;
    // It was replaced: what stands in it is all there is.
    this.#forget();
    await this.#follow(path);
  }

  /** Makes the folder where it is not there, or no longer: a run writes into it thousands of times. */
  async #makePlace(): Promise<void> {
    const known = this.#folder;
    const found = known === undefined ? undefined : await lstat(known).catch(() => undefined);
    if (!found?.isDirectory()) this.#folder = await this.#ledgers.prepare(CANDIDATES);
  }
}

async function readAll(key: UnitKey, places: readonly Place[] = []): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const place of places) {
    const read = await readLine(place).catch(() => undefined);
    if (read && !('discard' in read) && read.id === place.id && read.key === key) candidates.push(read);
  }
  return candidates;
}

function readLine({ file, offset, length }: Place): Promise<Candidate | Discard | undefined> {
  return withFile(file, async handle => decode((await readAt(handle, offset, length)).toString('utf8')));
}

/** What a line says; undefined for one that is torn, foreign, or of a former version. */
function decode(line: string): Candidate | Discard | undefined {
  const value = parseJson(line);
  if (!isObject(value) || !isName(value['key'])) return undefined;
  if (isId(value['discard'])) return { discard: value['discard'] as string, key: value['key'] as UnitKey };
  return isCandidate(value) ? (value as unknown as Candidate) : undefined;
}

const isText = (value: unknown) => typeof value === 'string';
const isName = (value: unknown) => typeof value === 'string' && value !== '' && value.length <= MAX_NAME;
const isId = (value: unknown) => typeof value === 'string' && /^[0-9A-Za-z]{1,40}$/.test(value);
const isList = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.length <= MAX_ENTRIES;
const isFieldText = (value: unknown) =>
  Array.isArray(value) && value.length === 2 && isName(value[0]) && isText(value[1]);
const isSaid = (value: unknown) =>
  isObject(value) &&
  typeof value['id'] === 'string' &&
  Object.hasOwn(MESSAGES, value['id']) &&
  isList(value['args']) &&
  value['args'].every(each => isText(each) || typeof each === 'number');

function isCandidate(value: JsonObject): boolean {
  const { texts, parameters, problems, advice } = value;
  return (
    isId(value['id']) &&
    (MODES as readonly unknown[]).includes(value['mode']) &&
    isList(texts) &&
    texts.length > 0 &&
    texts.every(isFieldText) &&
    new Set(texts.map(each => (each as FieldText)[0])).size === texts.length &&
    isText(value['model']) &&
    isText(value['prompt']) &&
    isObject(parameters) &&
    Object.keys(parameters).length <= MAX_PARAMETERS &&
    Object.entries(parameters).every(
      // `1e999` is a number to JSON, and as infinity it would be `null` in the edit.
      ([name, each]) => name.length <= MAX_PARAMETER && Number.isFinite(each),
    ) &&
    typeof value['fingerprint'] === 'string' &&
    /^[0-9a-f]{32}$/.test(value['fingerprint']) &&
    typeof advice === 'string' &&
    advice.length <= MAX_ADVICE &&
    (value['finding'] === undefined || isName(value['finding'])) &&
    isList(problems) &&
    problems.every(isSaid) &&
    (value['run'] === undefined || isName(value['run']))
  );
}
