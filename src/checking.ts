/**
 * What the checks find in a whole shard: by the file's own text in worker threads, and where somebody changed it by what it
 * is now. Texts that were checked before, by this version of the checks, are not checked again.
 */
import { firstAtLeast } from './core/bisect';
import type { Severity } from './core/check';
import type { Glossary } from './core/glossary';
import { say, UserError, type Said } from './core/messages';
import { MAX_ROWS } from './core/protocol';
import type { Lang } from './core/record';
import { SEVERITIES } from './core/spans';
import { Flagged, marksBy, marksOf, markUnit, textsHash, type Mark, type Marks } from './core/unitMarks';
import { unlessAborted } from './io/aborting';
import { breather } from './io/breath';
import { KnownMarks, loadMarks, saveMarks } from './io/checkCache';
import type { CheckReport, CheckTask } from './io/checkPass';
import { cause } from './io/files';
import { sha256 } from './io/passes';
import { inThreads } from './io/search';
import type { Changed, Shard } from './shard';
import type { Loaded } from './units';

/** Checked by one thread before it reports: some tenths of a second. */
const PIECES = { bytes: 256 << 10, first: 32 << 10 };
/** Share of the work that comes before the checks themselves. */
const CORPUS_SHARE = 0.1;
/** Texts that may be typed before the next run; further ones are checked again then. */
const MORE_TEXTS = 1000;
/** Texts that are no longer in the file are kept as long as they are not more than those that are. */
const MAX_KEPT = 2;

export interface CheckOptions {
  /** Whether what is found may be kept in a file beside the ledgers, and read from there. */
  readonly mayKeep: boolean;
  /** Of records with several target languages all of them; else the one that is shown. */
  readonly allLanguages?: boolean;
  /** As many as there are processors, and four at most, where nothing is said. */
  readonly threads?: number;
}

/** Units in which one check found something of one severity. */
export interface CheckGroup extends Mark {
  readonly units: number;
}

/** What the results hang on: as long as it is the same, they hold. */
interface Basis {
  readonly generation: number;
  readonly lang: Lang | null;
  readonly style: string;
  /** As long as it says the same it is the same list, however long. */
  readonly glossary: Glossary;
}

export class Checking {
  readonly #shard: Shard;
  readonly #listeners = new Set<() => void>();
  /** Texts that were checked; undefined before the first run. */
  #known: KnownMarks | undefined;
  /** Units by the text that they have in the file. */
  #flagged = new Flagged();
  /** Units for which that does not hold: their text was changed, or something was set aside. By row and language. */
  #own = new Map<number, Map<Lang, readonly Mark[]>>();
  #basis: Basis | undefined;
  #progress: number | null = null;
  #isDone = false;
  #problem: Said | null = null;
  #checked = 0;
  #seen = 0;
  #revision = 0;
  #run = new AbortController();
  /** Whether the run is of all target languages. */
  #isAll = false;
  #done: Promise<void> = Promise.resolve();
  /** Judging of changed rows, one after the other. */
  #judging: Promise<void> = Promise.resolve();
  #isListening = false;

  constructor(shard: Shard) {
    this.#shard = shard;
  }

  /** @returns a function that ends the listening */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #emit(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Share that is done, from 0 to 1; null where nothing is under way. */
  get progress(): number | null {
    return this.#progress;
  }

  /** Whether all of the shard was checked, as it is now. */
  get isDone(): boolean {
    return this.#isDone && this.#isCurrent();
  }

  /** Another number when what was found is different: in other rows, or something else in one of them. */
  get revision(): number {
    return this.#revision;
  }

  /** Why the last run ended early. */
  get problem(): Said | null {
    return this.#problem;
  }

  /** Texts for which checks were run since the last run began; all others were known. */
  get checked(): number {
    return this.#checked;
  }

  /** What was found by the file's own text, when it is all known. */
  get found(): Flagged | undefined {
    return this.isDone && this.#basis?.lang === this.#shard.shownLang ? this.#flagged : undefined;
  }

  /** Settles when no row waits to be judged anew. */
  get settled(): Promise<void> {
    return this.#judging;
  }

  /**
   * Checks the shard, unless that is done or under way. Results come while it runs.
   * @returns when it is done, was cancelled, or failed: see `isDone` and `problem`
   */
  start(options: CheckOptions): Promise<void> {
    const isAll = options.allLanguages === true;
    if ((this.#progress !== null || this.#isDone) && this.#isFor(isAll)) return this.#done;
    this.#run.abort();
    const run = new AbortController();
    this.#run = run;
    this.#isAll = isAll;
    this.#forget();
    this.#progress = 0;
    if (!this.#isListening) this.#shard.onChange(rows => this.#follow(rows));
    this.#isListening = true;
    this.#emit();
    const signal = AbortSignal.any([run.signal, this.#shard.closed]);
    this.#done = this.#check(options, signal)
      .catch((error: unknown) => {
        if (!signal.aborted)
          this.#problem = error instanceof UserError ? error.said : say('checking.failed', cause(error));
      })
      .finally(() => {
        if (this.#run !== run) return;
        this.#progress = null;
        this.#emit();
      });
    return this.#done;
  }

  /** Whether the results, or those to come, are of the shard as it is now and in these languages. */
  #isFor(isAll: boolean): boolean {
    // As long as the file is being read, a run has settled nothing else.
    if (!this.#basis) return this.#isAll === isAll;
    return this.#isCurrent() && this.#basis.lang === (isAll ? null : this.#shard.shownLang);
  }

  /** Ends the run; what was found by then stays. */
  cancel(): void {
    if (this.#progress === null) return;
    this.#run.abort();
    this.#progress = null;
    this.#emit();
  }

  #forget(): void {
    this.#flagged = new Flagged();
    this.#own = new Map();
    this.#basis = undefined;
    this.#revision++;
    this.#isDone = false;
    this.#problem = null;
    this.#checked = this.#seen = 0;
  }

  #basisNow(): Basis {
    const { generation, shownLang, policy, checkContext } = this.#shard;
    const style = JSON.stringify([policy.register, policy.variant]);
    return { generation, lang: shownLang, style, glossary: checkContext.glossary };
  }

  #isCurrent(): boolean {
    const { generation, style, glossary } = this.#basisNow();
    const basis = this.#basis;
    return basis?.generation === generation && basis.style === style && basis.glossary === glossary;
  }

  async #check(options: CheckOptions, signal: AbortSignal): Promise<void> {
    const shard = this.#shard;
    // Only then are the languages of its records known.
    await unlessAborted(shard.matched, signal);
    signal.throwIfAborted();
    const lang = options.allLanguages === true ? null : shard.shownLang;
    const basis = { ...this.#basisNow(), lang };
    this.#basis = basis;
    const { matching, index, override } = shard;
    await matching.complete();
    // One pass serves every run of a reading, also one that began after the first was cancelled.
    const onProgress = (done: number) => this.#advance(done * CORPUS_SHARE, this.#run.signal);
    const corpus = await unlessAborted(shard.findings.findCorpus(onProgress), signal);
    if (options.mayKeep) this.#known ??= await loadMarks(shard.ledgers);
    signal.throwIfAborted();
    const units = [...matching.units.values()].reduce((sum, count) => sum + count, 0);
    const room = Math.max(units, index.rows) + MORE_TEXTS;
    const before = this.#known ?? KnownMarks.withRoom(0);
    const known = KnownMarks.withRoom(room);
    const task: Omit<CheckTask, 'pieces'> = {
      kind: 'check',
      override,
      lang,
      context: shard.checkContext,
      corpus: corpus.data,
      known: before.share(),
    };
    const pieces = { ...PIECES, ...(options.threads !== undefined && { threads: options.threads }) };
    const touched = new Set(matching.matches.rows(0, index.rows));
    const concerned = Uint32Array.from(new Set([...touched, ...corpus.settledBy(touched)])).sort();
    let from = 0;
    try {
      for await (const report of inThreads<CheckTask>(index, task, pieces, signal)) {
        this.#take(report, known);
        await this.#judge(between(concerned, from, report.upTo), lang, before, known, signal);
        from = report.upTo;
        this.#advance(CORPUS_SHARE + (from / index.rows) * (1 - CORPUS_SHARE), signal);
      }
      signal.throwIfAborted();
      // Whoever reads it has all of it: else it was another file.
      if (shard.generation !== basis.generation) throw new UserError('file.changed', shard.path);
      // By another policy or glossary nothing went wrong; it is to be done anew.
      this.#isDone = this.#isCurrent();
    } finally {
      this.#known = this.#isDone && this.#seen >= units ? known : merged(before, known, room * MAX_KEPT);
      if (options.mayKeep && !shard.closed.aborted) await saveMarks(shard.ledgers, this.#known);
    }
  }

  #advance(progress: number, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#progress = progress;
    this.#emit();
  }

  #take({ seen, flagged, checked }: CheckReport, known: KnownMarks): void {
    for (const [hash, lasting] of seen) known.set(hash, lasting);
    for (const unit of flagged) this.#flagged.add(unit);
    if (flagged.length > 0) this.#revision++;
    this.#checked += checked;
    this.#seen += seen.length;
  }

  /** Looks at rows that somebody did something to: what was found by the file's own text may not hold for them. */
  async #judge(
    rows: ArrayLike<number>,
    lang: Lang | null,
    before: KnownMarks,
    known: KnownMarks,
    signal: AbortSignal,
  ): Promise<void> {
    const shard = this.#shard;
    const pause = breather(signal);
    for (let at = 0; at < rows.length; at += MAX_ROWS) {
      const batch = Array.from(rows).slice(at, at + MAX_ROWS);
      for (const { row, units } of await shard.loadUnits(batch)) {
        const found = this.#kindsIn(row);
        this.#own.delete(row);
        const shown = units.find(({ unit }) => unit.targetLang === lang) ?? units[0];
        for (const loaded of lang === null ? units : shown ? [shown] : []) {
          const marks = this.#marksOf(shard.seen(loaded), before, known);
          if (!marks) continue;
          const own = this.#own.get(row) ?? new Map<Lang, readonly Mark[]>();
          this.#own.set(row, own.set(loaded.unit.targetLang, marks));
          await pause();
        }
        if (this.#kindsIn(row) !== found) this.#revision++;
      }
      signal.throwIfAborted();
    }
  }

  /** @returns undefined where what was found by the file's own text holds */
  #marksOf(seen: Loaded, before: KnownMarks, known: KnownMarks): readonly Mark[] | undefined {
    const { row, unit, state, rowFingerprint, source, target } = seen;
    const { sourceLang, targetLang } = unit;
    const isOwnText = state.fingerprint === rowFingerprint;
    const isPaired = isOwnText && this.#shard.findings.corpus.isPaired(row);
    if (isOwnText && !isPaired && state.ignored.length === 0) return undefined;
    const texts = { sourceLang, targetLang, source, target };
    const hash = textsHash(texts, sha256);
    const lasting = known.get(hash) ?? before.get(hash);
    if (lasting === undefined) this.#checked++;
    const context = this.#shard.checkContext;
    const marks = markUnit(context, texts, lasting);
    known.set(hash, marks.lasting);
    // Which of the findings were set aside, or are settled by what was done to another row, marks do not tell.
    if (isPaired || state.ignored.length > 0) return this.#shard.findings.of(seen);
    return marksBy(context.policy, targetLang, marks.all);
  }

  /** Something was done to some rows, or the file, the policy or the glossary is another. */
  #follow(rows: Changed): void {
    // A run without a basis waits for the file to be read, and has looked at nothing yet.
    if (!this.#basis || (rows !== 'all' && rows.length === 0)) return;
    const known = this.#known;
    if (!this.#isCurrent() || this.#basis.lang !== this.#langNow()) {
      this.#run.abort();
      this.#progress = null;
      this.#forget();
      this.#emit();
    } else if (known && this.#progress === null) {
      this.#judgeAgain(rows, this.#basis.lang, known);
    } else if (this.#progress !== null) {
      // The run may have passed them.
      const { lang } = this.#basis;
      void this.#done.then(() => this.#known && this.#judgeAgain(rows, lang, this.#known));
    }
  }

  /** The language that results are to be in; all of them stay all. */
  #langNow(): Lang | null {
    return this.#basis?.lang === null ? null : this.#shard.shownLang;
  }

  #judgeAgain(rows: Changed, lang: Lang | null, known: KnownMarks): void {
    const { matching, closed } = this.#shard;
    const again = async () => {
      const all = () => new Set([...matching.matches.rows(0, this.#shard.index.rows), ...this.#own.keys()]);
      const touched = rows === 'all' ? [...all()].sort((a, b) => a - b) : rows;
      await this.#judge(touched, lang, known, known, closed);
      this.#emit();
    };
    // What cannot be read now is told by whoever reads the file anew.
    this.#judging = this.#judging.then(again).catch(() => undefined);
  }

  /** What was found by now, the gravest first. */
  groups(): CheckGroup[] {
    const counts = this.#count(marks => marks.map(({ check, severity }) => `${severity} ${check}`));
    const groups = [...counts].map(([name, units]): CheckGroup => {
      const [severity = '', check = ''] = name.split(' ');
      return { check, severity: severity as Severity, units };
    });
    const rank = ({ severity }: CheckGroup) => SEVERITIES.indexOf(severity);
    return groups.sort((a, b) => rank(a) - rank(b) || (a.check < b.check ? -1 : 1));
  }

  /** Units in which something of this severity was found by now. */
  unitsWith(severity: Severity): number {
    return this.#count(marks => marks.map(mark => mark.severity)).get(severity) ?? 0;
  }

  /** Units by what is asked of their marks; each counts once for each answer. */
  #count(namesOf: (marks: readonly Mark[]) => readonly string[]): Map<string, number> {
    const counts = new Map<string, number>();
    const add = (marks: readonly Mark[], units: number) => {
      for (const name of new Set(namesOf(marks))) counts.set(name, (counts.get(name) ?? 0) + units);
    };
    const { policy } = this.#shard;
    for (const { lang, marks, units } of this.#flagged.kinds) add(marksBy(policy, lang, marks), units);
    for (const [row, own] of this.#own) {
      for (const { lang, marks } of this.#flagged.of(row))
        if (own.has(lang)) add(marksBy(policy, lang, marks), -1);
      for (const marks of own.values()) add(marks, 1);
    }
    return new Map([...counts].filter(([, units]) => units > 0));
  }

  /** What was found by now in each unit of a row. */
  *#marksIn(row: number): Generator<readonly Mark[]> {
    const own = this.#own.get(row);
    for (const { lang, marks } of this.#flagged.of(row))
      if (!own?.has(lang)) yield marksBy(this.#shard.policy, lang, marks);
    if (own) yield* own.values();
  }

  #kindsIn(row: number): Marks {
    return marksOf([...this.#marksIn(row)].flat());
  }

  /** Whether something was found in a row by now. */
  has(row: number): boolean {
    for (const marks of this.#marksIn(row)) if (marks.length > 0) return true;
    return false;
  }

  /**
   * Rows in which something was found, in file order.
   * @param wanted only what is in this group; undefined: any
   * @param most as many at most
   */
  rows(wanted?: Mark, most = Infinity): number[] {
    const { policy } = this.#shard;
    const hits = (marks: readonly Mark[]) =>
      wanted
        ? marks.some(({ check, severity }) => check === wanted.check && severity === wanted.severity)
        : marks.length > 0;
    // Of many units there are few kinds.
    const kinds = new Map<string, boolean>();
    const isHit = (lang: Lang, marks: Marks) => {
      const kind = `${lang} ${marks}`;
      const known = kinds.get(kind) ?? hits(marksBy(policy, lang, marks));
      kinds.set(kind, known);
      return known;
    };
    const rows = new Set<number>();
    for (const { row, lang, marks } of this.#flagged.all()) {
      if (rows.size >= most) break;
      if (!this.#own.get(row)?.has(lang) && isHit(lang, marks)) rows.add(row);
    }
    for (const [row, own] of this.#own) if ([...own.values()].some(hits)) rows.add(row);
    return [...rows].sort((a, b) => a - b).slice(0, most);
  }
}

/** What either of two knows; only the later one where that is too much. */
function merged(before: KnownMarks, known: KnownMarks, most: number): KnownMarks {
  if (before.size === 0 || before.size + known.size > most) return known;
  const both = KnownMarks.withRoom(before.size + known.size + MORE_TEXTS);
  both.add(before);
  both.add(known);
  return both;
}

/** Those of some rows in file order from `first` up to before `end`. */
function between(rows: Uint32Array, first: number, end: number): Uint32Array {
  return rows.subarray(firstAtLeast(rows, first), firstAtLeast(rows, end));
}
