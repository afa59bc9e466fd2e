/**
 * A shard as it can be read: its rows, its ledgers, its policy, and the state of each unit that results. Knows nothing of
 * VS Code and writes nothing; `session.ts` adds what a reviewer does.
 */
import { basename } from 'node:path';
import type { Finding } from './core/check';
import { CORPUS_CHECKS } from './core/corpus';
import type { EventFacts } from './core/eventFacts';
import { foldUnit } from './core/fold';
import { Layout } from './core/layout';
import { sampleSaid } from './core/sample';
import { isBlind, visibleTo } from './core/standing';
import { say, UserError, type Said } from './core/messages';
import { isBlocking, mayBlock, type Policy } from './core/policy';
import type { Lang, MappingOverride, UnitKey } from './core/record';
import { STATES, type State } from './core/states';
import type { CheckContext } from './core/unitMarks';
import { identify, sameContent } from './io/files';
import { Ledgers, type Clock } from './io/ledger';
import type { PromptTemplate } from './core/prompt';
import { readMapping, readPromptTemplate } from './io/reviewFiles';
import type { ShardIndex } from './io/shardIndex';
import { isSameTeam, readTeam, type PolicyPlace, type Team } from './io/team';
import { Checking } from './checking';
import { Matching } from './matching';
import { openFile, type Opened } from './probing';
import { ShardFindings } from './shardFindings';
import {
  BATCH_ROWS,
  UnitReader,
  unitIn,
  type Bad,
  type Loaded,
  type PassedUnit,
  type RowUnits,
} from './units';

/** Rows whose state or text is another, or all of them. */
export type Changed = readonly number[] | 'all';

/** Rows that are named when they change; the page has fewer on screen. */
const MAX_EMITTED = 1000;
/** 64 MiB: seconds of looking through, and minutes of checking. */
const MAX_UNASKED_BYTES = 64 << 20;

/** One reading of the file: row numbers mean its rows. */
interface Reading {
  readonly index: ShardIndex;
  readonly reader: UnitReader;
  readonly matching: Matching;
  readonly stop: AbortController;
}

export class Shard {
  readonly path: string;
  readonly ledgers: Ledgers;
  /** What the checks say of single units. */
  readonly findings = new ShardFindings(this);
  /** What the checks found in the whole file. */
  readonly checking: Checking;
  readonly #where: PolicyPlace;
  /** Who looks; by a blind policy the decisions of others are hidden from them. */
  #viewer: string | undefined;
  readonly #listeners = new Set<(rows: Changed) => void>();
  readonly #layout = new Layout();
  #team: Team;
  #reading: Reading;
  #generation = 0;
  #reopening: Promise<void> | undefined;
  readonly #closed = new AbortController();
  /** Units whose state is to be taken anew once the file can be read again. */
  #untold: ReadonlySet<UnitKey> | 'all' = new Set();
  /** Why the file cannot be read as it is now; what was read before is still shown. */
  #fileProblem: Said | undefined;

  private constructor(
    path: string,
    ledgers: Ledgers,
    { index, override }: Opened,
    team: Team,
    where: PolicyPlace,
  ) {
    this.path = path;
    this.ledgers = ledgers;
    this.#team = team;
    this.#where = where;
    this.#reading = this.#read(index, override);
    this.checking = new Checking(this);
  }

  /**
   * Resolves when the first rows can be shown; all others, and what the ledgers say of them, are found in the background.
   * @param path absolute
   * @throws UserError for a file that is no shard; nothing is written by opening
   */
  static async open(path: string, clock: Clock, where: PolicyPlace = {}): Promise<Shard> {
    const ledgers = new Ledgers(path, clock);
    const opened = await openFile(path, ledgers.folder);
    try {
      const team = await readTeam(path, where);
      await ledgers.refresh();
      const shard = new Shard(path, ledgers, opened, team, where);
      shard.#layout.learnFrom(opened.records);
      shard.#match();
      return shard;
    } catch (error) {
      opened.index.close();
      throw error;
    }
  }

  /** Aborted by `close`. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  close(): void {
    this.#closed.abort();
    this.#reading.stop.abort();
    this.#reading.index.close();
    this.#listeners.clear();
  }

  /** @returns a function that ends the listening */
  onChange(listener: (rows: Changed) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(rows: Changed): void {
    const others = rows === 'all' || rows.length === 0 ? [] : this.findings.corpus.settledBy(new Set(rows));
    const concerned = others.length > 0 && rows !== 'all' ? [...new Set([...rows, ...others])] : rows;
    const some = concerned !== 'all' && concerned.length > MAX_EMITTED ? 'all' : concerned;
    for (const listener of this.#listeners) listener(some);
  }

  /** Settles when the whole file has been read, and every event in the ledgers is matched to its record. */
  get matched(): Promise<void> {
    return this.#settled();
  }

  async #settled(): Promise<void> {
    // What is waited for may be replaced meanwhile, by the reading of a changed file.
    for (let seen: Promise<void> | undefined; seen !== this.#reading.matching.done;) {
      seen = this.#reading.matching.done;
      await seen;
    }
  }

  /** The index of the file as it is now, complete or not. */
  get index(): ShardIndex {
    return this.#reading.index;
  }

  /** Whether all of the file is looked through only when somebody asks for that. */
  get isLarge(): boolean {
    return this.index.identity.size > MAX_UNASKED_BYTES;
  }

  /** What the ledgers say of the file as it is now. */
  get matching(): Matching {
    return this.#reading.matching;
  }

  /** Target languages in which what nobody looked at is accepted by sample. */
  get accepted(): ReadonlySet<Lang> {
    return this.#reading.reader.accepted;
  }

  /** The language shown of records that have several; null where none has. */
  get shownLang(): Lang | null {
    return this.#layout.shownLang ?? null;
  }

  get override(): MappingOverride {
    return this.#reading.reader.override;
  }

  get policy(): Policy {
    return this.#team.policy;
  }

  /** Who looks; undefined: somebody without a name. */
  get viewer(): string | undefined {
    return this.#viewer === '' ? undefined : this.#viewer;
  }

  /** @param reviewer empty: somebody without a name, from whom a blind policy hides what all others did */
  viewAs(reviewer: string): void {
    this.#viewer = reviewer;
  }

  /** A unit as who looks may see it: by a blind policy without the decisions of others, until they have decided themselves. */
  seen(loaded: Loaded): Loaded {
    const { state, rowFingerprint } = loaded;
    // Of what is accepted by sample there are no decisions that could be hidden.
    if (!this.isBlind(loaded) || state.state === 'accepted-by-sample') return loaded;
    const blind = foldUnit(rowFingerprint, this.eventsSeen(loaded), this.policy);
    const isConflict = state.state === 'conflict';
    if (blind.fingerprint === state.fingerprint && (blind.state === 'conflict') === isConflict)
      return { ...loaded, state: blind };
    // Which text is shown does not hang on who looks: settled by decisions that are hidden, or not what its edit says.
    const { fingerprint, current, author, heads, proposals } = state;
    const shown = isConflict ? 'conflict' : 'edited';
    return { ...loaded, state: { ...blind, state: shown, fingerprint, current, author, heads, proposals } };
  }

  /** The events of a unit that who looks may see. */
  eventsSeen(loaded: Loaded): readonly EventFacts[] {
    const events = this.ledgers.eventsOf(loaded.unit.key);
    return this.isBlind(loaded) ? visibleTo(events, this.#viewer ?? '') : events;
  }

  /** Whether the decisions of others on a unit are hidden from who looks. */
  isBlind({ unit, state }: Loaded): boolean {
    return isBlind(state, this.#viewer, unit.targetLang, this.policy);
  }

  /** Whether the file is not there any more. */
  get isGone(): boolean {
    return this.#fileProblem?.id === 'file.gone';
  }

  /** Counts how often the file was read anew: row numbers of an earlier reading mean other records. */
  get generation(): number {
    return this.#generation;
  }

  /** What is known of the file and of its review as a whole. */
  get facts() {
    const { index, matching } = this.#reading;
    return {
      name: basename(this.path),
      rows: index.rows,
      isArray: index.isArray,
      /** Complete when `matched` is true, and so are the next two. */
      badRows: matching.badRows,
      orphans: matching.orphans.size,
      repeated: matching.repeated.length,
      matched: matching.isDone,
      /** Share of the file that is read, from 0 to 1. */
      read: matching.share,
      shape: this.#layout.shape,
      sourceLang: this.#layout.sourceLang,
      targetLangs: this.#layout.targetLangs,
      shownLang: this.shownLang,
      policyProblem: this.#team.problem,
      glossaryProblem: this.#team.glossaryProblem,
      fileProblem: this.#fileProblem ?? matching.problem,
      counts: countsOf(matching),
      sample: this.#sampleFacts(),
    };
  }

  /** How far the sample of the policy is; null where it asks for none. */
  #sampleFacts(): { readonly query: string; readonly said: readonly (readonly [Lang, Said])[] } | null {
    const rule = this.policy.sample;
    if (!rule) return null;
    const { samples } = this.#reading.matching;
    const query = `sample:${rule.size}/${rule.seed}`;
    return { query, said: samples.map(each => [each.lang, sampleSaid(each, rule, this.policy.blind)]) };
  }

  /** @returns as many units as rows, each in the language, if not given the one that is shown; none for a row past the end */
  async loadRows(rows: ArrayLike<number>, lang: Lang | null = this.shownLang): Promise<(Loaded | Bad)[]> {
    return (await this.loadUnits(rows)).map(units => this.#shown(units, lang));
  }

  /** All units of some rows. */
  async loadUnits(rows: ArrayLike<number>): Promise<RowUnits[]> {
    for (;;) {
      const { reader, stop } = this.#reading;
      const loaded: RowUnits[] = [];
      try {
        for await (const units of reader.read(rows)) loaded.push(units);
        return loaded;
      } catch (error) {
        this.closed.throwIfAborted();
        // Read anew meanwhile, or to be: the rows of the file as it is now are meant.
        if (stop.signal.aborted) continue;
        if (!(error instanceof UserError) || error.said.id !== 'file.changed') throw error;
        await this.reopen();
      }
    }
  }

  /**
   * @param key of the unit that is meant, where the record has several target languages; else the one that is shown
   * @throws UserError when there is no such row
   */
  async load(row: number, key?: UnitKey): Promise<Loaded | Bad> {
    for (;;) {
      const { index } = this.#reading;
      const [units] = await this.loadUnits([row]);
      if (units) return (key === undefined ? undefined : unitIn(units, key)) ?? this.#shown(units);
      if (index !== this.index) continue;
      if (index.isScanned) throw new UserError('row.missing', row + 1);
      // Just opened, or read anew since it changed: the scan may still come to the row.
      await index.until(row);
    }
  }

  /**
   * The unit of a key, wherever it stands in a file that has changed meanwhile.
   * @param row where it stood, or is said to stand
   * @returns where it is nowhere: what stands in the row if that is no record, else undefined
   */
  async find(row: number, key: UnitKey): Promise<Loaded | Bad | undefined> {
    const isIt = (each: Loaded | Bad): each is Loaded => !('reason' in each) && each.unit.key === key;
    const near = await this.load(row, key).catch(ignoreMissing);
    if (near && isIt(near)) return near;
    const moved = await this.matching.find(key, Math.min(row, this.index.rows));
    const found = moved === undefined ? undefined : await this.load(moved, key);
    if (found && isIt(found)) return found;
    return near && 'reason' in near ? near : undefined;
  }

  /**
   * Every unit in file order: a record with several target languages gives one for each.
   * @throws UserError `file.changed` if the file changes meanwhile: half of each would be neither
   */
  async *all(signal?: AbortSignal): AsyncGenerator<Loaded | Bad> {
    const { index, reader } = this.#reading;
    await index.whole;
    for (let from = 0; from < index.rows; from += BATCH_ROWS) {
      signal?.throwIfAborted();
      const rows = Array.from({ length: Math.min(BATCH_ROWS, index.rows - from) }, (_, step) => from + step);
      for await (const { units, bad } of reader.read(rows)) yield* bad ? [bad] : units;
    }
  }

  /** As `all`, in pieces and quicker: see `UnitReader.pass`. */
  pass(signal?: AbortSignal): AsyncGenerator<readonly PassedUnit[]> {
    return this.#reading.reader.pass(signal);
  }

  /** Of the units of a record the one in a language. */
  #shown({ units, bad }: RowUnits, lang = this.shownLang): Loaded | Bad {
    const shown = bad ?? units.find(each => each.unit.targetLang === lang) ?? units[0];
    if (!shown) throw new Error('A record has at least one unit.');
    return shown;
  }

  /** The team's own wording of requests to a model. @throws UserError `regenerate.template` */
  readPromptTemplate(): Promise<PromptTemplate | undefined> {
    return readPromptTemplate(this.path, this.#where.workspaceRoot);
  }

  /** What findings hang on besides the texts. */
  get checkContext(): CheckContext {
    const { policy, glossary } = this.#team;
    return { policy, glossary, facts: this.matching.fileFacts };
  }

  /**
   * Finds what may block an approval, before `blocking` is asked.
   * @throws UserError for a broken glossary, and as the matching does
   */
  async findBlocking(): Promise<void> {
    const { glossaryProblem, policy } = this.#team;
    if (glossaryProblem && mayBlock(policy, 'glossary'))
      throw new UserError(glossaryProblem.id, ...glossaryProblem.args);
    if (CORPUS_CHECKS.some(({ id }) => mayBlock(policy, id))) await this.findings.findCorpus();
  }

  /** As `findBlocking`, for somebody who waits: of a large file the gate and the export find the rest. */
  async findBlockingSoon(): Promise<void> {
    if (!this.isLarge) await this.findBlocking();
  }

  /** Findings with which the policy lets nobody approve. */
  blocking(loaded: Loaded): readonly Finding[] {
    if (this.policy.blockingFindings.length === 0) return [];
    return this.findings.of(loaded).filter(finding => isBlocking(this.policy, finding));
  }

  /** Takes the state of a unit anew after an event was appended. */
  async touch(row: number, key: UnitKey): Promise<void> {
    const loaded = await this.load(row, key);
    if (!('reason' in loaded)) this.#reading.matching.put(loaded, rows => this.emit(rows));
    this.emit([row]);
  }

  /** As `touch`, of many units; settles when their states are known. */
  async touchAll(keys: ReadonlySet<UnitKey>): Promise<void> {
    this.#reading.matching.again(keys, rows => this.emit(rows));
    await this.matched;
  }

  /** Looks again at the file, the ledgers and the policy; cheap when nothing changed. */
  async refresh(): Promise<void> {
    const others = Promise.all([
      readTeam(this.path, this.#where),
      identify(this.path).catch(() => undefined),
      readMapping(this.ledgers.folder),
    ]);
    others.catch(() => undefined);
    // Kept first: what the ledgers tell they tell once, and the rest may fail.
    this.#keepInMind(await this.ledgers.refresh());
    const [team, identity, override] = await others;
    if (!isSameTeam(team, this.#team)) {
      this.#keepInMind('all');
      this.findings.forget();
      this.#team = team;
      // Until it is known what the new policy's sample says, nothing is accepted by one.
      this.#reading.reader.accepted = new Set();
    }
    if (!identity) {
      this.#setFileProblem(say('file.gone', this.path));
      return;
    }
    const sameFile = sameContent(identity, this.#reading.index.identity);
    if (!sameFile || this.matching.isOutdated || JSON.stringify(override) !== JSON.stringify(this.override)) {
      await this.reopen();
      return;
    }
    this.#setFileProblem(undefined);
    const again = this.#untold;
    this.#untold = new Set();
    if (again !== 'all' && again.size === 0) return;
    this.#reading.matching.again(again, rows => this.emit(again === 'all' ? 'all' : rows));
  }

  #keepInMind(touched: ReadonlySet<UnitKey> | 'all'): void {
    if (touched === 'all' || this.#untold === 'all') this.#untold = 'all';
    else if (touched.size > 0) this.#untold = new Set([...this.#untold, ...touched]);
  }

  #setFileProblem(problem: Said | undefined): void {
    if (problem?.id === this.#fileProblem?.id) return;
    this.#fileProblem = problem;
    this.emit([]);
  }

  /**
   * Reads the file anew. Whoever asks while that is under way waits for it.
   * @throws UserError when the file is no shard any more; what was read before stays until it is one again
   */
  reopen(): Promise<void> {
    this.#reopening ??= this.#reopen().finally(() => (this.#reopening = undefined));
    return this.#reopening;
  }

  async #reopen(): Promise<void> {
    try {
      const { index, override, records } = await openFile(this.path, this.ledgers.folder);
      if (this.closed.aborted) {
        index.close();
        return;
      }
      this.#reading.stop.abort();
      this.#reading.index.close();
      this.#reading = this.#read(index, override);
      this.#layout.learnAnew(records);
      this.#generation++;
      this.#fileProblem = undefined;
      this.#untold = new Set();
      this.#match();
      this.emit('all');
    } catch (error) {
      if (error instanceof UserError) this.#setFileProblem(error.said);
      throw error;
    }
  }

  #read(index: ShardIndex, override: MappingOverride): Reading {
    const stop = new AbortController();
    const reader = new UnitReader(index, override, this.ledgers, () => this.policy, stop.signal);
    this.findings.startReading(stop.signal);
    return { index, reader, matching: new Matching(reader, this.ledgers, stop.signal), stop };
  }

  #match(): void {
    const { index, matching } = this.#reading;
    index.onProgress(() => this.emit([]));
    matching.start(report => {
      this.#layout.learn({ ...report, targetLangs: report.units.keys() });
      // The checks know more of the file now.
      if (matching.isDone) this.findings.forget();
      this.emit(matching.isDone ? 'all' : []);
    });
    void matching.done.then(() => matching.problem && this.emit([]));
  }

  /** Shows another target language of records that have several. */
  showLanguage(lang: Lang): void {
    this.#layout.show(lang);
    this.emit('all');
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof UserError) || error.said.id !== 'row.missing') throw error;
}

/** Units by state; those that nobody touched only where they are not just pending. */
function countsOf({ matches, untouched }: Matching): Partial<Record<State, number>> {
  const counts: Partial<Record<State, number>> = {};
  const add = (some: Partial<Record<State, number>>) => {
    for (const state of STATES) {
      const count = some[state] ?? 0;
      if (count > 0) counts[state] = (counts[state] ?? 0) + count;
    }
  };
  for (const lang of matches.langs) add(matches.countsOf(lang));
  for (const each of untouched.values()) add({ ...each, pending: 0 });
  return counts;
}
