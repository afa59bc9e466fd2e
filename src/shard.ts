/**
 * A shard as it can be read: its rows, its ledgers, its policy, and the state of each unit that results. Knows nothing of
 * VS Code and writes nothing; `session.ts` adds what a reviewer does.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { runChecks, type Finding } from './core/checks';
import { foldUnit, textAt, type State, type UnitState } from './core/fold';
import { english, say, UserError, type Said } from './core/messages';
import type { Policy } from './core/policy';
import {
  fingerprint,
  readRecord,
  type Field,
  type Fingerprint,
  type Lang,
  type MappingOverride,
  type Shape,
  type Side,
  type Unit,
  type UnitKey,
} from './core/record';
import { cause, identify, sameContent } from './io/files';
import { Ledgers, type Clock } from './io/ledger';
import { readMapping, readPolicyFile } from './io/reviewFiles';
import { ShardIndex, type RowText } from './io/shardIndex';

/** One unit as it stands: the row's own text, everything done to it, and the text that results. */
export interface Loaded {
  readonly row: number;
  /** From 1. */
  readonly line: number;
  readonly unit: Unit;
  readonly rowFingerprint: Fingerprint;
  readonly state: UnitState;
  readonly source: readonly Field[];
  readonly target: readonly Field[];
}

/** A line that is not a record. */
export interface Bad {
  readonly row: number;
  readonly line: number;
  readonly reason: Said;
  /** The beginning of the line as it stands in the file. */
  readonly raw: string;
}

export type Changed = readonly number[] | 'all';

/** Rows looked at before a file counts as one without records. */
const PROBE_ROWS = 1000;
/** Rows read and parsed between two breaths of the event loop: about 10 ms. */
const BATCH_ROWS = 200;
/** UTF-16 units of a bad line that are shown. */
const RAW_UNITS = 2000;
/** Findings remembered by text, so that scrolling back checks nothing again. */
const REMEMBERED_FINDINGS = 4000;

export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

export class Shard {
  readonly path: string;
  readonly ledgers: Ledgers;
  readonly #workspaceRoot: string | undefined;
  readonly #listeners = new Set<(rows: Changed) => void>();
  readonly #states = new Map<UnitKey, { row: number; state: State }>();
  /** Those that changed since the pass under way began: it may have been there before. */
  readonly #touched = new Map<UnitKey, { row: number; state: State }>();
  readonly #findings = new Map<string, readonly Finding[]>();
  readonly #targetLangs = new Set<Lang>();
  /** Undefined as long as no record with several target languages was met. */
  #shownLang: Lang | undefined;
  #index: ShardIndex;
  #override: MappingOverride = {};
  #policy: { policy: Policy; problem?: Said };
  #shape: Shape = 'nested';
  #sourceLang: Lang = 'und';
  #badRows = 0;
  #orphans = 0;
  #matched: Promise<void> = Promise.resolve();
  #isMatched = false;
  #problem: Said | undefined;
  /** Number of the newest pass; an older one stops when it sees another. */
  #pass = 0;

  private constructor(
    path: string,
    clock: Clock,
    index: ShardIndex,
    policy: { policy: Policy },
    workspaceRoot?: string,
  ) {
    this.path = path;
    this.ledgers = new Ledgers(path, clock);
    this.#index = index;
    this.#policy = policy;
    this.#workspaceRoot = workspaceRoot;
  }

  /**
   * @param path absolute
   * @param workspaceRoot whose policy holds where the shard's own folder has none
   * @throws UserError for a file that is no shard; nothing is written by opening
   */
  static async open(path: string, clock: Clock, workspaceRoot?: string): Promise<Shard> {
    const index = await ShardIndex.open(path);
    const shard = new Shard(path, clock, index, await readPolicyFile(path, workspaceRoot), workspaceRoot);
    await shard.#probe();
    await shard.ledgers.refresh();
    shard.#match();
    return shard;
  }

  close(): void {
    this.#pass++;
    this.#listeners.clear();
  }

  /** @returns a function that ends the listening */
  onChange(listener: (rows: Changed) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(rows: Changed): void {
    for (const listener of this.#listeners) listener(rows);
  }

  /** Settles when every event in the ledgers has been matched to its record. */
  get matched(): Promise<void> {
    return this.#matched;
  }

  /** What is known of the file and of its review as a whole. */
  get facts() {
    return {
      name: basename(this.path),
      rows: this.#index.rows,
      isArray: this.#index.isArray,
      /** Complete when `matched` is true. */
      badRows: this.#badRows,
      orphans: this.#orphans,
      matched: this.#isMatched,
      shape: this.#shape,
      sourceLang: this.#sourceLang,
      targetLangs: [...this.#targetLangs],
      shownLang: this.#shownLang ?? null,
      policyProblem: this.#policy.problem,
      matchProblem: this.#problem,
    };
  }

  get blankLines(): number {
    return this.#index.blankLines;
  }

  /** Size of the file. */
  get bytes(): number {
    return this.#index.identity.size;
  }

  /** State of the units that somebody did something to; all others are pending. */
  get states(): ReadonlyMap<UnitKey, { readonly row: number; readonly state: State }> {
    return this.#states;
  }

  /** @returns `count` rows at most, from `from`; none past the end */
  async loadRows(from: number, count: number): Promise<(Loaded | Bad)[]> {
    return (await this.#read(from, count)).map((text, index) => this.#shown(this.#units(from + index, text)));
  }

  /**
   * @param key of the unit that is meant, where the record has several target languages; else the one that is shown
   * @throws UserError when there is no such row
   */
  async load(row: number, key?: UnitKey): Promise<Loaded | Bad> {
    const [text] = await this.#read(row, 1);
    if (!text) throw new UserError('row.missing', row + 1);
    const units = this.#units(row, text);
    return units.find(each => !('reason' in each) && each.unit.key === key) ?? this.#shown(units);
  }

  /**
   * Every unit in file order: a record with several target languages gives one for each.
   * @throws UserError `file.changed` if the file changes meanwhile: half of each would be neither
   */
  async *all(signal?: AbortSignal): AsyncGenerator<Loaded | Bad> {
    const index = this.#index;
    for (let from = 0; from < index.rows; from += BATCH_ROWS) {
      signal?.throwIfAborted();
      const texts = await index.read(from, BATCH_ROWS);
      for (const [offset, text] of texts.entries()) yield* this.#units(from + offset, text);
    }
  }

  /** What the checks say of a unit's current text. */
  findings(loaded: Loaded): readonly Finding[] {
    const { sourceLang, targetLang } = loaded.unit;
    const place = `${sourceLang} ${targetLang} ${loaded.state.fingerprint}`;
    const known = this.#findings.get(place);
    if (known) return known;
    const findings = runChecks({ sourceLang, targetLang, source: loaded.source, target: loaded.target });
    if (this.#findings.size >= REMEMBERED_FINDINGS) this.#findings.clear();
    this.#findings.set(place, findings);
    return findings;
  }

  /** The row of a unit, as matched or by the line it was on when an event was written. */
  async rowOf(key: UnitKey, line: number): Promise<number> {
    await this.#matched;
    return this.#states.get(key)?.row ?? line - 1;
  }

  /** Takes the state of a unit anew after an event was appended. */
  async touch(row: number, key: UnitKey): Promise<void> {
    const loaded = await this.load(row, key);
    if (!('reason' in loaded)) {
      const entry = { row, state: loaded.state.state };
      this.#states.set(loaded.unit.key, entry);
      this.#touched.set(loaded.unit.key, entry);
    }
    this.emit([row]);
  }

  /** Looks again at the file, the ledgers and the policy; cheap when nothing changed. */
  async refresh(): Promise<void> {
    const before = JSON.stringify(this.#policy);
    this.#policy = await readPolicyFile(this.path, this.#workspaceRoot);
    const touched = await this.ledgers.refresh();
    const identity = await identify(this.path).catch(() => undefined);
    const mapping = JSON.stringify(await readMapping(this.ledgers.folder));
    const changed = identity && !sameContent(identity, this.#index.identity);
    if (changed || mapping !== JSON.stringify(this.#override)) await this.reopen();
    else if (touched === 'all' || touched.size > 0 || JSON.stringify(this.#policy) !== before) this.#match();
  }

  /** Indexes the file anew. */
  async reopen(): Promise<void> {
    const before = this.#index;
    this.#index = await ShardIndex.open(this.path);
    this.#targetLangs.clear();
    try {
      await this.#probe();
    } catch (error) {
      this.#index = before;
      throw error;
    }
    this.#match();
  }

  /** Finds the shape and languages in the first rows, or refuses the file. */
  async #probe(): Promise<void> {
    this.#override = await readMapping(this.ledgers.folder);
    let refused: Said | undefined;
    for (const text of await this.#index.read(0, PROBE_ROWS)) {
      const record = text.ok ? readRecord(text.text, sha256, this.#override) : text;
      if (!record.ok) refused ??= record.reason;
      else this.#learn(record);
    }
    if (this.#targetLangs.size > 0) return;
    throw new UserError('file.noRecord', this.path, this.#index.line(0), refused ? english(refused) : '');
  }

  #learn({ shape, units }: { shape: Shape; units: readonly Unit[] }): void {
    if (this.#targetLangs.size === 0) {
      this.#shape = shape;
      this.#sourceLang = units[0]?.sourceLang ?? 'und';
    }
    for (const unit of units) this.#targetLangs.add(unit.targetLang);
    if (units.length > 1) this.#shownLang ??= units[0]?.targetLang;
  }

  /** Shows another target language of records that have several. */
  showLanguage(lang: Lang): void {
    if (this.#shownLang !== undefined && this.#targetLangs.has(lang)) this.#shownLang = lang;
    this.emit('all');
  }

  /** In the background: which rows the ledgers speak of, in which state those are, and which lines are no records. */
  #match(): void {
    const pass = ++this.#pass;
    this.#isMatched = false;
    this.#problem = undefined;
    this.#touched.clear();
    this.#matched = this.#matchAll(pass).catch((error: unknown) => {
      // The file changed under the pass: the next look at it starts another.
      if (error instanceof UserError && error.said.id === 'file.changed') return;
      this.#problem = say('shard.matchFailed', cause(error));
      this.emit([]);
    });
  }

  async #matchAll(pass: number): Promise<void> {
    const states = new Map<UnitKey, { row: number; state: State }>();
    const index = this.#index;
    let bad = 0;
    for (let from = 0; from < index.rows; from += BATCH_ROWS) {
      const texts = await index.read(from, BATCH_ROWS);
      if (pass !== this.#pass) return;
      for (const [offset, text] of texts.entries()) {
        const record = text.ok ? readRecord(text.text, sha256, this.#override) : text;
        if (!record.ok) {
          bad++;
          continue;
        }
        this.#learn(record);
        for (const unit of record.units) {
          if (this.ledgers.eventsOf(unit.key).length === 0) continue;
          states.set(unit.key, { row: from + offset, state: this.#stand(unit).state.state });
        }
      }
      await new Promise(resolve => setImmediate(resolve));
    }
    if (pass !== this.#pass) return;
    this.#states.clear();
    for (const [key, entry] of this.#touched) states.set(key, entry);
    for (const [key, entry] of states) this.#states.set(key, entry);
    this.#badRows = bad;
    this.#orphans = [...this.ledgers.keys].filter(key => !states.has(key)).length;
    this.#isMatched = true;
    this.emit('all');
  }

  async #read(from: number, count: number): Promise<RowText[]> {
    try {
      return await this.#index.read(from, count);
    } catch (error) {
      if (!(error instanceof UserError) || error.said.id !== 'file.changed') throw error;
      await this.reopen();
      return this.#index.read(from, count);
    }
  }

  /** The units of a row, at least one; or why it has none. */
  #units(row: number, text: RowText): readonly [Bad] | readonly Loaded[] {
    const line = this.#index.line(row);
    if (!text.ok) return [{ row, line, reason: text.reason, raw: '' }];
    const record = readRecord(text.text, sha256, this.#override);
    if (!record.ok) return [{ row, line, reason: record.reason, raw: text.text.slice(0, RAW_UNITS) }];
    return record.units.map(unit => ({ row, line, unit, ...this.#stand(unit) }));
  }

  /** Of the units of a record the one in the language that is shown. */
  #shown(units: readonly (Loaded | Bad)[]): Loaded | Bad {
    const shown =
      units.find(each => !('reason' in each) && each.unit.targetLang === this.#shownLang) ?? units[0];
    if (!shown) throw new Error('A record has at least one unit.');
    return shown;
  }

  /** The state of a unit and the text that results. */
  #stand(unit: Unit): Pick<Loaded, 'rowFingerprint' | 'state' | 'source' | 'target'> {
    const rowFingerprint = fingerprint(unit.source, unit.target, sha256);
    const state = foldUnit(rowFingerprint, this.ledgers.eventsOf(unit.key), this.#policy.policy);
    const side = (name: Side) => textAt(unit, name, state.current, this.ledgers.byId);
    const [source, target] = [side('source'), side('target')];
    if (!state.current || fingerprint(source, target, sha256) === state.fingerprint) {
      return { rowFingerprint, state, source, target };
    }
    // The edit names another text than it leads to: a forged ledger, or one with a part missing.
    const unsettled = {
      ...state,
      state: 'conflict',
      current: undefined,
      fingerprint: rowFingerprint,
    } as const;
    return { rowFingerprint, state: unsettled, source: unit.source, target: unit.target };
  }
}
