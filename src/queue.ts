/**
 * The records that a reviewer goes through: those that a query selects, in its order. What was selected stays as it is
 * until the query is asked again, so that a record just decided on keeps its place.
 */
import type { Field, Fingerprint, Lang, UnitKey } from './core/record';
import { RowList } from './core/rowList';
import { matches, needs, parseQuery, type Condition, type Query, type RowFacts } from './core/filter';
import { assigneesOf } from './core/fold';
import type { Match } from './core/matches';
import { say, UserError, type Said } from './core/messages';
import { MAX_ROWS, type QueueView, type RowSummary } from './core/protocol';
import { traitsOf, waitsFor } from './core/standing';
import { unitHash, UnitHashes } from './core/unitHashes';
import { marksBy, type Flagged } from './core/unitMarks';
import { breathe, breather } from './io/breath';
import { cause } from './io/files';
import { inWorker } from './io/inWorker';
import { MINE, NO_TRAITS, sha256, type FilterChecks, type FilterTask } from './io/passes';
import { inThreads } from './io/search';
import type { Shard } from './shard';
import type { Bad, Loaded } from './units';

/** Rows judged between two breaths of the event loop where nothing of them need be read. */
const BATCH_ROWS = 1 << 15;

/** Searched by one thread before it reports: some hundredths of a second; less at first, so that the first hits are shown at once. */
const SEARCH_PIECES = { bytes: 8 << 20, first: 1 << 20 };

/** Rows of the list that are checked between two breaths. */
const CHECKED_ROWS = 5;
/** UTF-16 units of the first words shown in the list. */
const SUMMARY_UNITS = 120;
const ALL: Query = { text: '', where: { type: 'all' }, sort: undefined, sample: undefined };
/** States that need no further look to tell that nobody has to decide. */
const DECIDED: readonly Match['state'][] = ['approved', 'accepted-by-sample', 'rejected', 'needs-work'];
/** States in which a unit may wait also for who has decided. */
const CONTESTED: readonly Match['state'][] = ['disputed', 'conflict'];

/** Which units a model has proposed a text for. */
export interface HasCandidates {
  has(key: UnitKey, fingerprint: Fingerprint): boolean;
  /** All of them, with the text that each was proposed for. */
  units(): Iterable<readonly [UnitKey, Fingerprint]>;
}

export class Queue {
  readonly #shard: Shard;
  readonly #candidates: HasCandidates;
  readonly #ownLang: Lang | undefined;
  #query = ALL;
  #generation: number;
  #shownLang: Lang | null = null;
  /** Undefined where all rows are in it, in file order. */
  #rows: RowList | undefined;
  /** Share of the file that the query has been asked of; null when it is done. */
  #progress: number | null = null;
  #run = new AbortController();
  #version = 0;
  #done: Promise<void> = Promise.resolve();
  #problem: Said | null = null;

  /** @param lang of records with several languages the one that is meant; if not given, the one that is shown */
  constructor(shard: Shard, candidates: HasCandidates, lang?: Lang) {
    this.#ownLang = lang;
    this.#shard = shard;
    this.#candidates = candidates;
    this.#generation = shard.generation;
    shard.closed.addEventListener('abort', () => this.#run.abort());
  }

  get view(): QueueView {
    const { text } = this.#query;
    return {
      text,
      length: this.length,
      progress: this.#progress,
      version: this.#version,
      problem: this.#problem,
    };
  }

  get #lang(): Lang | null {
    return this.#ownLang ?? this.#shard.shownLang;
  }

  get length(): number {
    return this.#rows?.length ?? this.#shard.index.rows;
  }

  /** Settles when the query has been asked of every row. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** Rows at positions of the queue, from 0. */
  rows(from: number, count: number): number[] {
    const length = Math.max(0, Math.min(count, this.length - from));
    return Array.from({ length }, (_, step) => this.rowAt(from + step) ?? 0);
  }

  /** The row at a position; undefined past the end. */
  rowAt(position: number): number | undefined {
    if (this.#rows) return this.#rows.at(position);
    return position < this.length ? position : undefined;
  }

  /**
   * Where a row stands in the queue; of one that is not in it, before which position it would stand.
   * @param hint where it probably stands
   */
  place(row: number, hint?: number): { readonly position: number; readonly isIn: boolean } {
    if (hint !== undefined && this.rowAt(hint) === row) return { position: hint, isIn: true };
    if (!this.#rows) return { position: row, isIn: row < this.length };
    const position = this.#rows.positionOf(row);
    return { position, isIn: this.#rows.at(position) === row };
  }

  /** What the list shows of the records at positions of the queue; at most {@link MAX_ROWS}. */
  async summaries(from: number, count: number): Promise<RowSummary[]> {
    const loaded = await this.#shard.loadRows(this.rows(from, Math.min(count, MAX_ROWS)));
    const summaries: RowSummary[] = [];
    for (const [at, each] of loaded.entries()) {
      summaries.push(this.#summary(each));
      // Each may take some milliseconds of checks, and the record that is asked for next goes first.
      if (at % CHECKED_ROWS === CHECKED_ROWS - 1) await breathe();
    }
    return summaries;
  }

  #summary(loaded: Loaded | Bad): RowSummary {
    const { row, line } = loaded;
    if ('reason' in loaded) {
      const text = loaded.raw.slice(0, SUMMARY_UNITS);
      const none = { key: null, lang: 'und', state: 'pending', findings: 0, hasCandidate: false } as const;
      return { row, line, text, ...none, bad: loaded.reason };
    }
    const { key } = loaded.unit;
    const seen = this.#shard.seen(loaded);
    return {
      row,
      line,
      key,
      lang: loaded.unit.targetLang,
      state: seen.state.state,
      text: (loaded.source[0]?.text ?? '').slice(0, SUMMARY_UNITS),
      findings: this.#shard.findings.of(seen).length,
      hasCandidate: this.#candidates.has(key, seen.state.fingerprint),
      bad: null,
    };
  }

  /** The next position after `after`, from the start again at the end, that waits for this reviewer; null if none does. */
  async nextWaiting(after: number, reviewer: string | undefined): Promise<number | null> {
    const { length } = this;
    const { policy } = this.#shard;
    const decided = ({ state, decidedBy, assigned }: Match) =>
      // What others decided may be hidden, and then the record waits nevertheless.
      (!policy.blind && DECIDED.includes(state)) ||
      (reviewer !== undefined && assigned.length > 0 && !assigned.includes(reviewer)) ||
      (!CONTESTED.includes(state) && decidedBy.includes(reviewer ?? ''));
    const waits = (each: Loaded | Bad) =>
      !('reason' in each) && waitsFor(reviewer, this.#shard.seen(each).state, each.unit.targetLang, policy);
    const severalUnits = this.#lang !== null;
    for (let step = 1; step <= length; step += MAX_ROWS) {
      const positions = Array.from(
        { length: Math.min(MAX_ROWS, length - step + 1) },
        (_, next) => (after + step + next) % length,
      );
      // What is known to be decided need not be read.
      const waiting = positions.filter(position => {
        const known = [...this.#shard.matching.matches.at(this.rowAt(position) ?? 0)];
        return severalUnits || known.length === 0 || !known.every(decided);
      });
      if (waiting.length === 0) await breathe();
      // Mostly the first of them is it.
      for (let at = 0, size = 4; at < waiting.length; at += size, size *= 2) {
        const some = waiting.slice(at, at + size);
        const loaded = await this.#shard.loadRows(some.map(position => this.rowAt(position) ?? 0));
        const found = loaded.findIndex(waits);
        if (found >= 0) return some[found] ?? null;
      }
    }
    return null;
  }

  /**
   * Asks a query of the whole shard. Hits come while it runs; the listeners of the shard hear of them.
   * @returns why the text is no query, and at which UTF-16 offset; then the queue stays as it was
   */
  ask(text: string): { readonly reason: Said; readonly at: number } | undefined {
    const parsed = parseQuery(text);
    if (!parsed.ok) return { reason: parsed.reason, at: parsed.at };
    this.#query = parsed.query;
    this.#start();
    return undefined;
  }

  /** Asks the same query again: of the file, the edits and the decisions as they are now. */
  askAgain(): void {
    this.#start();
  }

  /** If the file was read anew, so that its rows are others now, or another language of its records is shown. */
  follow(): void {
    const isSame = this.#shownLang === this.#lang || this.#rows === undefined;
    if (this.#generation !== this.#shard.generation || !isSame) this.#start();
  }

  /** Ends the search; what was found by then stays. */
  cancel(): void {
    this.#run.abort();
    this.#progress = null;
    this.#shard.emit([]);
  }

  #start(): void {
    this.#run.abort();
    const run = new AbortController();
    this.#run = run;
    this.#generation = this.#shard.generation;
    this.#shownLang = this.#lang;
    this.#version++;
    this.#problem = null;
    const { where, sort, sample } = this.#query;
    if (where.type === 'all' && !sort && !sample) {
      this.#rows = undefined;
      this.#progress = null;
      this.#shard.emit([]);
      return;
    }
    this.#rows = new RowList();
    this.#progress = 0;
    this.#shard.emit([]);
    this.#done = this.#fill(this.#rows, this.#query, run.signal)
      .catch((error: unknown) => {
        if (run.signal.aborted) return;
        this.#problem = error instanceof UserError ? error.said : say('queue.failed', cause(error));
      })
      .finally(() => {
        if (run.signal.aborted) return;
        this.#progress = null;
        this.#shard.emit([]);
      });
  }

  async #fill(rows: RowList, { text, where, sort, sample }: Query, signal: AbortSignal): Promise<void> {
    const shard = this.#shard;
    const { index } = shard;
    await index.whole;
    const wanted = needs(where);
    // Whom an untouched record waits for hangs on its language where the policy names reviewers, or a sample was accepted.
    const hangsOnLang = shard.policy.reviewers !== undefined || shard.accepted.size > 0;
    const asksLang = wanted.review && hangsOnLang;
    // What the checks found is known by row only where each has one unit.
    const known = shard.checking.found;
    const asksChecks = wanted.findings && (!known || this.#lang !== null);
    const asksRows = wanted.text || wanted.record || asksChecks || wanted.keys || asksLang;
    const pieces = asksRows ? this.#searched(text, where, signal) : this.#reviewed(where, known, signal);
    // Hits that are to be sorted are shown when all are there: nobody wants the records to change places.
    let found = sort || sample ? new RowList() : rows;
    const showUnsorted = () => rows !== found && rows.add(found.all());
    signal.addEventListener('abort', showUnsorted);
    for await (const { upTo, hits } of pieces) {
      signal.throwIfAborted();
      found.add(hits);
      this.#progress = upTo / index.rows;
      shard.emit([]);
    }
    signal.removeEventListener('abort', showUnsorted);
    if (sample) {
      await shard.matching.complete();
      const { count, seed } = sample;
      const drawn = await shard.matching.draw({ size: count, seed }, found.all(), signal);
      found = new RowList();
      found.add(drawn);
      if (!sort) rows.replace(drawn, true);
    }
    if (sort?.path) {
      const task = { kind: 'sort', rows: found.all(), path: sort.path, descending: sort.descending } as const;
      for await (const report of inWorker(index, task, signal)) rows.replace(report.rows, false);
    } else if (sort) {
      rows.replace(sort.descending ? found.all().reverse() : found.all(), !sort.descending);
    }
  }

  /** Where only the review is asked, rows to which nobody did anything are all alike but for what the checks found. */
  async *#reviewed(where: Condition, known: Flagged | undefined, signal: AbortSignal): AsyncGenerator<Piece> {
    const shard = this.#shard;
    const { index } = shard;
    await shard.matching.complete();
    for (let from = 0; from < index.rows; from += BATCH_ROWS) {
      signal.throwIfAborted();
      const upTo = Math.min(from + BATCH_ROWS, index.rows);
      const hits: number[] = [];
      const bad = shard.matching.badIn(from, upTo);
      let nextBad = 0;
      for (let row = from; row < upTo; row++) {
        const isBad = bad[nextBad] === row;
        if (isBad) nextBad++;
        if (shard.matching.matches.has(row)) continue;
        const findings = () =>
          [...(known?.of(row) ?? [])].flatMap(unit => marksBy(shard.policy, unit.lang, unit.marks));
        if (matches(where, untouched(index.line(row), isBad ? 'bad' : 'pending', findings))) hits.push(row);
      }
      const touched = await this.#judge(where, shard.matching.matches.rows(from, upTo), signal);
      yield { upTo, hits: merge(hits, touched) };
      await breathe();
    }
  }

  /** Where texts or members are asked, a worker thread reads the rows, and those somebody touched are judged here. */
  async *#searched(query: string, where: Condition, signal: AbortSignal): AsyncGenerator<Piece> {
    const shard = this.#shard;
    const { index } = shard;
    const wanted = needs(where);
    if (wanted.keys) await shard.matching.complete();
    const question = {
      kind: 'filter' as const,
      query,
      override: shard.override,
      shownLang: this.#lang ?? undefined,
      repeated: shard.matching.repeated,
      candidates: wanted.candidates ? await this.#hashes(signal) : undefined,
      policy: shard.policy,
      checks: wanted.findings ? await this.#checks() : undefined,
      me: shard.viewer,
      accepted: shard.accepted,
    };
    let from = 0;
    for await (const { upTo, rows } of inThreads<FilterTask>(index, question, SEARCH_PIECES, signal)) {
      await shard.matching.upTo(upTo);
      const reviewed = shard.matching.matches.rows(from, upTo);
      const own = [...rows].filter(row => !shard.matching.matches.has(row));
      yield { upTo, hits: merge(own, await this.#judge(where, reviewed, signal)) };
      from = upTo;
    }
  }

  async #hashes(signal: AbortSignal): Promise<BigUint64Array> {
    const hashes: string[] = [];
    const pause = breather(signal);
    for (const [key, fingerprint] of this.#candidates.units()) {
      hashes.push(unitHash(key, fingerprint, sha256));
      await pause();
    }
    return UnitHashes.of(hashes).data;
  }

  /** What findings are taken from where nobody changed the text. */
  async #checks(): Promise<FilterChecks> {
    const { checking } = this.#shard;
    // Those are of the language that is shown.
    if (checking.found && this.#lang === this.#shard.shownLang) return { found: checking.found.data };
    const { data } = await this.#shard.findings.findCorpus();
    return { context: this.#shard.checkContext, corpus: data };
  }

  /** Which of some rows meet a condition by their current text and everything done to them. */
  async #judge(where: Condition, rows: Uint32Array, signal: AbortSignal): Promise<number[]> {
    const hits: number[] = [];
    const pause = breather(signal);
    for (let at = 0; at < rows.length; at += MAX_ROWS) {
      for (const each of await this.#shard.loadRows(rows.subarray(at, at + MAX_ROWS), this.#lang)) {
        if (matches(where, this.#facts(each))) hits.push(each.row);
        await pause();
      }
    }
    return hits;
  }

  #facts(loaded: Loaded | Bad): RowFacts {
    const { row, line } = loaded;
    if ('reason' in loaded) return untouched(line, 'bad');
    const { key, targetLang } = loaded.unit;
    const { matching, policy, viewer } = this.#shard;
    const events = this.#shard.eventsSeen(loaded);
    const { state } = this.#shard.seen(loaded);
    const onThis = state.decisions.filter(each => each.fingerprint === state.fingerprint);
    return {
      line,
      key,
      lang: targetLang,
      state: state.state,
      me: viewer,
      by: [...new Set(events.map(event => event.by))],
      assigned: assigneesOf(state),
      reasons: onThis.flatMap(each => each.reasons ?? []),
      traits: traitsOf(state, events, targetLang, viewer, policy),
      commented: state.comments.length > 0,
      edited: state.current !== undefined,
      repeated: matching.isRepeated(row),
      source: loaded.source,
      target: loaded.target,
      candidate: () => this.#candidates.has(key, state.fingerprint),
      findings: () => this.#shard.findings.of(this.#shard.seen(loaded)),
      record: () => JSON.parse(loaded.json) as unknown,
    };
  }
}

interface Piece {
  readonly upTo: number;
  readonly hits: readonly number[];
}

/** What is known of a row that nobody did anything to; written out, since rows come by the million. */
function untouched(
  line: number,
  state: RowFacts['state'],
  findings: RowFacts['findings'] = () => [],
): RowFacts {
  return {
    line,
    state,
    key: undefined,
    lang: undefined,
    me: undefined,
    by: NOBODY,
    assigned: NOBODY,
    reasons: NOBODY,
    traits: state === 'bad' ? NO_TRAITS : MINE,
    commented: false,
    edited: false,
    repeated: false,
    source: NO_FIELDS,
    target: NO_FIELDS,
    candidate: NEVER,
    findings,
    record: () => undefined,
  };
}
const NEVER = () => false;
const NOBODY: readonly string[] = [];
const NO_FIELDS: readonly Field[] = [];

/** Two ascending lists without a common number as one. */
function merge(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 0) return b;
  return b.length === 0 ? a : [...a, ...b].sort((x, y) => x - y);
}
