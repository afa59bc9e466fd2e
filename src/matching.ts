/**
 * Which rows the ledgers speak of. In the background the key of every row is read once; after that a unit is found
 * wherever it stands, repeated keys and lines that are no records are known, and so are reviews whose record is gone.
 */
import { KeyIndex, lookup, type Lookup } from './core/keyIndex';
import { firstAtLeast, holds } from './core/bisect';
import type { FileFacts } from './core/check';
import { langOf } from './core/fold';
import { Matches, matchOf, type Match } from './core/matches';
import { say, UserError, type Said } from './core/messages';
import { nameHash, nameOf, type Lang, type UnitKey } from './core/record';
import { sampleRank, sampleResult, verdictOn, type SampleResult, type SampleRule } from './core/sample';
import type { State } from './core/states';
import { breathe, breather } from './io/breath';
import { cause } from './io/files';
import { inWorker } from './io/inWorker';
import type { Ledgers } from './io/ledger';
import { runTask, sha256, type KeysReport } from './io/passes';
import { BATCH_BYTES, unitIn, type Loaded, type UnitReader } from './units';

/** Rows whose states are taken between two breaths of the event loop. */
const BATCH_ROWS = 200;
/** Names hashed between two breaths. */
const BATCH_NAMES = 5000;
/** Rows on each side of its old place in which a record is looked for before all keys are. */
const NEAR_ROWS = 500;

/** Languages whose units are counted; a hostile file could name another in each record. */
const MAX_LANGS = 100;

/** The file was not the one that was indexed, or not there: what is to be done then is said by whoever looks at it. */
const FILE_GONE: readonly string[] = ['file.changed', 'file.missing'];

const hashOf = (name: string) => nameHash(name, sha256);

/** The rows of located units, each once, in file order. */
export function rowsIn(located: ReadonlyMap<UnitKey, readonly number[]>): number[] {
  return [...new Set([...located.values()].flat())].sort((a, b) => a - b);
}

/** The hash of a row that is no record. */
const NO_NAME = '0'.repeat(16);

interface Ranked {
  readonly row: number;
  readonly rank: string;
}

/** Rows whose ranks are sorted at once: some milliseconds. */
const SORTED_ROWS = 5000;

function* upTo(rows: number): Generator<number> {
  for (let row = 0; row < rows; row++) yield row;
}

/** The sample that a policy asks for. */
interface DrawnSample extends Pick<SampleRule, 'size' | 'seed'> {
  /** Its units, and the row of each. */
  readonly units: ReadonlyMap<UnitKey, number>;
  results: readonly SampleResult[];
}

/** The matching of one reading of the file. */
export class Matching {
  readonly matches = new Matches();
  readonly #reader: UnitReader;
  readonly #ledgers: Ledgers;
  readonly #signal: AbortSignal;
  readonly #keys = new KeyIndex();
  readonly #bad: Uint32Array[] = [];
  readonly #units = new Map<Lang, number>();
  #repeated = new Uint32Array();
  #lengthRatios: FileFacts['lengthRatios'] = new Map();
  #done: Promise<void> = Promise.resolve();
  #isDone = false;
  /** Rows from 0 whose events are matched. */
  #matchedRows = 0;
  #waiting: (() => void)[] = [];
  #problem: Said | undefined;
  #isOutdated = false;
  #orphans = new Set<UnitKey>();
  #sample: DrawnSample | undefined;

  constructor(reader: UnitReader, ledgers: Ledgers, signal: AbortSignal) {
    this.#reader = reader;
    this.#ledgers = ledgers;
    this.#signal = signal;
  }

  /** Settles when every event known so far is matched to its record. */
  get done(): Promise<void> {
    return this.#done;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Why it was not done to the end. */
  get problem(): Said | undefined {
    return this.#problem;
  }

  /** Whether it ended early since the file was another, or gone: it has to be read anew, even where it is back by now. */
  get isOutdated(): boolean {
    return this.#isOutdated;
  }

  /** Share of the file that has been read, from 0 to 1. */
  get share(): number {
    const { index } = this.#reader;
    if (this.#isDone) return 1;
    return (index.scanned / index.identity.size + this.#keys.rows / index.rows) / 2;
  }

  /** Rows that are no records; complete once `done` has settled. */
  get badRows(): number {
    return this.#bad.reduce((sum, piece) => sum + piece.length, 0);
  }

  /** Units of the file by target language, of the first hundred languages met; complete once `done` has settled. */
  get units(): ReadonlyMap<Lang, number> {
    return this.#units;
  }

  /** Those from `from` up to before `to`, in file order. */
  badIn(from: number, to: number): Uint32Array {
    const pieces = this.#bad.map(piece => piece.subarray(firstAtLeast(piece, from), firstAtLeast(piece, to)));
    const rows = new Uint32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      rows.set(piece, at);
      at += piece.length;
    }
    return rows;
  }

  /** Rows that share their key with another row, in file order; known once `done` has settled. */
  get repeated(): Uint32Array {
    return this.#repeated;
  }

  /** What checks ask of the whole file; undefined before `done` has settled. */
  get fileFacts(): FileFacts | undefined {
    return this.#isDone ? { lengthRatios: this.#lengthRatios } : undefined;
  }

  /** Whether a row shares its key with another one, as far as that is known. */
  isRepeated(row: number): boolean {
    return holds(this.#repeated, row);
  }

  /** How far the sample of the policy is, by language; empty where it asks for none, and before `done` has settled. */
  get samples(): readonly SampleResult[] {
    return this.#sample?.results ?? [];
  }

  /** Units that the ledgers do not speak of, by target language, in the state that they all have; known once `done` has settled. */
  get untouched(): ReadonlyMap<Lang, Readonly<Partial<Record<State, number>>>> {
    return new Map(
      [...this.#units].map(([lang, units]) => {
        const touched = Object.values(this.matches.countsOf(lang)).reduce((sum, count) => sum + count, 0);
        return [lang, { [this.untouchedState(lang)]: Math.max(0, units - touched) }];
      }),
    );
  }

  /** The state of units in a target language to which nobody has done anything. */
  untouchedState(lang: Lang): State {
    return this.#reader.accepted.has(lang) ? 'accepted-by-sample' : 'pending';
  }

  /**
   * Draws a sample of some rows: chosen by the names of their records, so that everybody who draws it gets the same.
   * @param rows in file order; of those that share their key the first one counts, and lines that are no records are left out
   * @returns in file order
   * @throws UserError as `complete` does
   */
  async draw(
    { size, seed }: Pick<SampleRule, 'size' | 'seed'>,
    rows: Iterable<number>,
    signal: AbortSignal,
  ): Promise<Uint32Array<ArrayBuffer>> {
    const pause = breather(signal);
    const inOrder = (a: Ranked, b: Ranked) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.row - b.row);
    let ranked: Ranked[] = [];
    // Of many rows only those are kept that may still be drawn.
    const cut = () => (ranked = ranked.sort(inOrder).slice(0, size));
    const met = new Set<string>();
    for (const row of rows) {
      const name = this.#keys.at(row);
      await pause();
      if (name === NO_NAME || (this.isRepeated(row) && met.has(name))) continue;
      if (this.isRepeated(row)) met.add(name);
      ranked.push({ row, rank: sampleRank(seed, name, sha256) });
      if (ranked.length >= 2 * size + SORTED_ROWS) cut();
    }
    return Uint32Array.from(cut(), each => each.row).sort();
  }

  /**
   * Draws the sample of the policy, and looks what it says by now.
   * @returns whether other languages are accepted by it than before
   */
  async #takeSample(): Promise<boolean> {
    const rule = this.#isDone ? this.#reader.policy.sample : undefined;
    if (!rule) this.#sample = undefined;
    else if (this.#sample?.size !== rule.size || this.#sample.seed !== rule.seed) {
      const units = new Map<UnitKey, number>();
      for await (const row of this.#reader.read(
        await this.draw(rule, upTo(this.#reader.index.rows), this.#signal),
      )) {
        for (const { unit } of row.units) units.set(unit.key, row.row);
      }
      this.#sample = { size: rule.size, seed: rule.seed, units, results: [] };
    }
    return this.#judgeSample();
  }

  /** @returns whether other languages are accepted by the sample than before */
  #judgeSample(): boolean {
    const sample = this.#sample;
    const rule = this.#reader.policy.sample;
    if (sample && rule) {
      const verdicts = new Map<Lang, ReturnType<typeof verdictOn>[]>();
      for (const [key, row] of sample.units) {
        const match = [...this.matches.at(row)].find(each => each.key === key);
        const lang = langOf(key);
        const ofLang = verdicts.get(lang) ?? [];
        ofLang.push(match && verdictOn(match.state, match.changed));
        verdicts.set(lang, ofLang);
      }
      sample.results = [...verdicts].map(([lang, each]) => sampleResult(lang, each, rule));
    }
    const accepted = new Set(this.samples.filter(({ isAccepted }) => isAccepted).map(({ lang }) => lang));
    const isSame = [...accepted, ...this.#reader.accepted].every(
      lang => accepted.has(lang) && this.#reader.accepted.has(lang),
    );
    if (!isSame) this.#reader.accepted = accepted;
    return !isSame;
  }

  /** Takes the states of touched units anew that hang on whether the sample is accepted. */
  async #standBySample(): Promise<void> {
    const rows = [...this.matches.rows(0, this.#reader.index.rows)];
    const hangs = ({ state }: Match) => state === 'pending' || state === 'accepted-by-sample';
    await this.#stand(rows.filter(row => [...this.matches.at(row)].some(hangs)));
  }

  /** Keys of units that somebody did something to, and whose record is not in the file; known once `done` has settled. */
  get orphans(): ReadonlySet<UnitKey> {
    return this.#orphans;
  }

  /** @param onReport is told what each piece of the file holds, and that it is done */
  start(onReport: (report: KeysReport) => void): void {
    this.#inBackground(this.#matchAll(onReport));
  }

  async #matchAll(onReport: (report: KeysReport) => void): Promise<void> {
    const { index, override } = this.#reader;
    await index.whole;
    const has = await this.#lookup(this.#ledgers.keys);
    const task = { kind: 'keys', override } as const;
    // A short file is done before a thread would have started.
    const isShort = index.identity.size <= BATCH_BYTES;
    const reports = isShort ? runTask(index, task) : inWorker(index, task, this.#signal);
    for await (const report of reports as AsyncGenerator<KeysReport>) {
      this.#signal.throwIfAborted();
      const from = this.#keys.rows;
      this.#keys.add(report.hashes);
      if (report.bad.length > 0) this.#bad.push(report.bad);
      this.#repeated = report.repeated;
      this.#lengthRatios = report.lengthRatios;
      for (const [lang, count] of report.units) {
        const known = this.#units.get(lang);
        if (known !== undefined || this.#units.size < MAX_LANGS) this.#units.set(lang, (known ?? 0) + count);
      }
      await this.#stand(await this.#keys.find(has, from, breathe));
      this.#matchedRows = report.upTo;
      this.#isDone = report.upTo === index.rows;
      if (this.#isDone) {
        await this.#findOrphans();
        if (await this.#takeSample()) await this.#standBySample();
      }
      this.#wake();
      onReport(report);
    }
  }

  /**
   * Takes the states of units anew: what the ledgers, or the policy, say of them has changed.
   * @param onDone is told the rows concerned
   */
  again(keys: ReadonlySet<UnitKey> | 'all', onDone: (rows: readonly number[] | 'all') => void): void {
    const before = this.#done;
    const again = async () => {
      await before;
      const all = keys === 'all' ? new Set([...this.#ledgers.keys, ...this.matches.keys]) : keys;
      const unknown: UnitKey[] = [];
      const rows: number[] = [];
      const pause = breather();
      for (const key of all) {
        await pause();
        const row = this.matches.rowOf(key);
        // One that is repeated may stand on more rows than are known.
        if (row === undefined || this.isRepeated(row)) unknown.push(key);
        else rows.push(row);
        if (!this.#ledgers.has(key)) this.matches.delete(key);
      }
      const found = rows.concat(await this.#keys.find(await this.#lookup(unknown), 0, breathe));
      await this.#stand(found);
      await this.#findOrphans();
      const isOther = await this.#takeSample();
      if (isOther) await this.#standBySample();
      onDone(isOther ? 'all' : found);
    };
    this.#inBackground(again());
  }

  async #findOrphans(): Promise<void> {
    const pause = breather();
    const orphans = new Set<UnitKey>();
    for (const key of this.#ledgers.keys) {
      if (this.matches.rowOf(key) === undefined) orphans.add(key);
      await pause();
    }
    // Found while others were let in.
    for (const key of orphans) if (this.matches.rowOf(key) !== undefined) orphans.delete(key);
    this.#orphans = orphans;
  }

  #inBackground(work: Promise<void>): void {
    this.#done = work
      .catch((error: unknown) => {
        if (this.#signal.aborted) return;
        this.#isOutdated = error instanceof UserError && FILE_GONE.includes(error.said.id);
        if (!this.#isOutdated) this.#problem = say('shard.matchFailed', cause(error));
      })
      .finally(() => {
        this.#matchedRows = Infinity;
        this.#wake();
      });
  }

  /**
   * Waits until every key is known.
   * @throws UserError why that failed; what is known then is only a part
   */
  async complete(): Promise<void> {
    await this.#done;
    if (this.#isDone) return;
    const { id, args } = this.#problem ?? say('file.changed', this.#reader.index.path);
    throw new UserError(id, ...args);
  }

  /** Resolves when the events of the rows before this one are matched. */
  async upTo(row: number): Promise<void> {
    // Where nobody did anything there is nothing to wait for.
    if (this.#ledgers.isEmpty) return;
    while (this.#matchedRows < row) await new Promise<void>(resolve => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #lookup(keys: Iterable<UnitKey>): Promise<Lookup> {
    const hashes: string[] = [];
    for (const key of keys) {
      hashes.push(hashOf(nameOf(key)));
      if (hashes.length % BATCH_NAMES === 0) await breathe();
    }
    return lookup(hashes);
  }

  async #stand(rows: readonly number[]): Promise<void> {
    for (let at = 0; at < rows.length; at += BATCH_ROWS) {
      for await (const { units } of this.#reader.read(rows.slice(at, at + BATCH_ROWS))) {
        this.#signal.throwIfAborted();
        for (const unit of units) {
          if (this.#ledgers.has(unit.unit.key)) this.#put(unit);
        }
      }
      await breathe();
    }
  }

  /**
   * Takes in the state of a unit to which something was done just now.
   * @param onOthers is told, later, of all rows of its key if there are others
   */
  put(loaded: Loaded, onOthers: (rows: readonly number[] | 'all') => void = () => undefined): void {
    this.#put(loaded);
    const isOther = this.#sample?.units.has(loaded.unit.key) === true && this.#judgeSample();
    // As long as the pass goes on, nobody knows whether the key is repeated.
    if (this.#isDone && !this.isRepeated(loaded.row) && !isOther) return;
    this.again(isOther ? 'all' : new Set([loaded.unit.key]), rows => {
      if (isOther) onOthers('all');
      else if (rows === 'all' || rows.length > 1) onOthers(rows);
    });
  }

  #put({ unit, row, state }: Loaded): void {
    this.matches.put(matchOf(unit.key, row, state));
    this.#orphans.delete(unit.key);
  }

  /**
   * The rows of units: where the ledgers were matched to them, else by the line that an event names, and only if that
   * does not help by the keys of the whole file.
   * @returns without those whose record is gone; of a key that is repeated all rows once `done` has settled, before that
   *   the one that its events name
   * @throws UserError as `complete` does
   */
  async locate(keys: Iterable<UnitKey>): Promise<Map<UnitKey, readonly number[]>> {
    const wanted = [...keys];
    const found = new Map<UnitKey, readonly number[]>();
    const hints = new Map<number, UnitKey[]>();
    for (const key of wanted) {
      const known = this.matches.rowsOf(key);
      if (known.length > 0) found.set(key, known);
      else {
        for (const line of new Set(this.#ledgers.eventsOf(key).map(event => event.line))) {
          const hint = this.#reader.index.rowAtLine(line);
          if (hint !== undefined) hints.set(hint, [...(hints.get(hint) ?? []), key]);
        }
      }
    }
    const rows = [...hints.keys()].sort((a, b) => a - b);
    for await (const units of this.#reader.read(rows)) {
      for (const key of hints.get(units.row) ?? []) {
        if (unitIn(units, key)) found.set(key, [units.row]);
      }
    }
    const missing = new Set(wanted.filter(key => !found.has(key)));
    if (missing.size === 0) return found;
    await this.complete();
    const candidates = await this.#keys.find(await this.#lookup(missing), 0, breathe);
    for await (const { row, units } of this.#reader.read(candidates)) {
      for (const { unit } of units) {
        if (missing.has(unit.key)) found.set(unit.key, [...(found.get(unit.key) ?? []), row]);
      }
    }
    return found;
  }

  /**
   * Where the unit of a key is, first near the row where it was.
   * @param name a key, or only its part before the language
   */
  async find(name: string, near: number): Promise<number | undefined> {
    const around = [near];
    for (let step = 1; step <= NEAR_ROWS; step++) around.push(near + step, near - step);
    const close = await this.#first(
      name,
      around.filter(row => row >= 0),
    );
    if (close !== undefined) return close;
    await this.#done;
    const names = [name, nameOf(name as UnitKey)].filter(each => each !== '');
    return this.#first(name, await this.#keys.find(lookup(names.map(hashOf)), 0, breathe));
  }

  async #first(name: string, rows: readonly number[]): Promise<number | undefined> {
    for await (const { row, units } of this.#reader.read(rows)) {
      if (units.some(({ unit: { key } }) => key === name || nameOf(key) === name)) return row;
    }
    return undefined;
  }
}
