/**
 * Regenerates everything that a query selects: as many requests at a time as the backend takes, with pauses, and after a
 * restart from where it was. What comes of a unit is a candidate like any other; the record itself stays as it is.
 */
import { ask, type Profile, type Proposal } from './asking';
import { say, UserError, type Said } from './core/messages';
import type { PromptHelp } from './core/prompt';
import type { Outcome, Outcomes, Wish } from './core/regeneration';
import { unitHash } from './core/unitHashes';
import { blameOf } from './failures';
import { BackendError, type FailureKind } from './io/answer';
import { sha256 } from './io/passes';
import { Pool } from './io/pool';
import type { Waiting } from './io/retry';
import { NO_OUTCOMES, RunFile, type RunOrder, type RunState } from './io/runFile';
import { adviceOn, judge, Keeper, todoIn } from './keeping';
import { helpFor, isOf, promptUnit, sampled, seedsFor, type Asker } from './regenerating';
import { selected } from './selecting';
import type { Loaded } from './units';

export interface RunProgress {
  readonly state: 'running' | 'paused' | 'cancelled' | 'done';
  /** Records that were gone through; those done before a restart count. */
  readonly done: number;
  /** Null as long as the query is still being asked. */
  readonly total: number | null;
  /** Units that were passed over, since they have a candidate. */
  readonly skipped: number;
  readonly running: number;
  /** Requests at a time that the backend takes at the moment. */
  readonly limit: number;
  /** Why nothing comes at the moment; null while it comes. */
  readonly waiting: Said | null;
  /** Why the run paused by itself. */
  readonly problem: Said | null;
  readonly outcomes: Outcomes;
}

/** Rounds of retries where the server is there but has no room, since more replicas may take minutes to start. */
const ROUNDS = 10;
/** Milliseconds before the second round, twice as many before each further one, and at most. */
const ROUND_MS = 2000;
const MAX_ROUND_MS = 60_000;
/** Units one after the other that fail, whatever the reason: then all will. */
const MAX_FAILING = 20;
/** Of each kind of failure that is about the unit and not the server. */
const OUTCOME_OF: Partial<Record<FailureKind, Outcome>> = {
  overflow: 'too-long',
  'truncated-prompt': 'too-long',
  length: 'unusable',
  // How LM Studio says that its context was too short.
  empty: 'too-long',
  'too-large': 'unusable',
};
/** Units that are held ready for each request that may run. */
const AHEAD = 2;

/** What is asked about one unit. */
interface Question {
  readonly loaded: Loaded;
  readonly wish: Wish;
  readonly advice: readonly string[];
  readonly help: PromptHelp;
}

export class QueueRun {
  readonly #asker: Asker;
  readonly #id: string;
  readonly #order: RunOrder;
  readonly #profile: Profile;
  readonly #file: RunFile;
  readonly #keeper: Keeper;
  readonly #pool: Pool;
  readonly #onProgress: (progress: RunProgress) => void;
  readonly #stop = new AbortController();
  readonly #outcomes: Record<Outcome, number> = { ...NO_OUTCOMES };
  #state: RunProgress['state'] = 'running';
  #done = 0;
  #skipped = 0;
  #total: number | null = null;
  #waiting: Said | null = null;
  #problem: Said | null = null;
  #failing = 0;
  #resumes = 0;
  /** Settles when all is done or the run was cancelled. @throws UserError why it cannot go on at all */
  readonly done: Promise<RunProgress>;

  private constructor(
    asker: Asker,
    { id, order }: Pick<RunState, 'id' | 'order'>,
    profile: Profile,
    file: RunFile,
    onProgress: (progress: RunProgress) => void,
  ) {
    this.#asker = asker;
    this.#id = id;
    this.#order = order;
    this.#profile = profile;
    this.#file = file;
    this.#keeper = new Keeper(asker, id);
    this.#onProgress = onProgress;
    this.#pool = new Pool(profile.concurrency);
    const { closed } = asker.shard;
    if (closed.aborted) this.cancel();
    else closed.addEventListener('abort', () => this.cancel());
    this.done = this.#all();
    // Who started it may look only later.
    this.done.catch(() => undefined);
  }

  /**
   * Begins a run; an unfinished one of this clone is forgotten.
   * @throws UserError where how far it is cannot be kept
   */
  static async start(
    asker: Asker,
    order: RunOrder,
    profile: Profile,
    onProgress: (progress: RunProgress) => void = () => undefined,
  ): Promise<QueueRun> {
    const file = runFileOf(asker);
    const id = asker.clock.newId();
    await file.begin(id, order);
    return new QueueRun(asker, { id, order }, profile, file, onProgress);
  }

  /** The run of this clone that has begun and is not done. */
  static unfinished(asker: Pick<Asker, 'shard' | 'candidates'>): Promise<RunState | undefined> {
    return runFileOf(asker).read();
  }

  /** Goes on with an unfinished run: nothing is asked for again that is done. */
  static goOn(
    asker: Asker,
    state: RunState,
    profile: Profile,
    onProgress: (progress: RunProgress) => void = () => undefined,
  ): QueueRun {
    const file = runFileOf(asker);
    return new QueueRun(asker, state, profile, file, onProgress);
  }

  /** Gives an unfinished run up; its candidates stay. One that was begun since stays too. */
  static forget(asker: Pick<Asker, 'shard' | 'candidates'>, { id }: Pick<RunState, 'id'>): Promise<void> {
    return runFileOf(asker).remove(id);
  }

  /** Told on each of its candidates. */
  get id(): string {
    return this.#id;
  }

  get progress(): RunProgress {
    return {
      state: this.#state,
      done: this.#done,
      total: this.#total,
      skipped: this.#skipped,
      running: this.#pool.running,
      limit: this.#pool.limit,
      waiting: this.#waiting,
      problem: this.#problem,
      outcomes: { ...this.#outcomes },
    };
  }

  /** What is being written is still waited for; nothing else begins. */
  pause(): void {
    this.#pause(null);
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.#problem = null;
    this.#failing = 0;
    this.#resumes++;
    this.#pool.resume();
    this.#tell();
  }

  /** Ends the run at once; it can be gone on with later. */
  cancel(): void {
    if (this.#state === 'done') return;
    this.#state = 'cancelled';
    this.#stop.abort();
  }

  #pause(problem: Said | null): void {
    // Said once: of those that ran at the same time each fails.
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    this.#problem = problem;
    this.#waiting = null;
    this.#pool.pause();
    this.#tell();
  }

  #tell(): void {
    this.#onProgress(this.progress);
  }

  async #all(): Promise<RunProgress> {
    const { signal } = this.#stop;
    try {
      signal.throwIfAborted();
      // Those of a large run are still being read when the shard has just been opened.
      await this.#asker.candidates.whole;
      while (!(await this.#pass())) signal.throwIfAborted();
      await this.#file.remove(this.#id);
      this.#state = 'done';
    } catch (error) {
      if (!signal.aborted || (error !== signal.reason && !isAbort(error))) {
        this.#state = 'cancelled';
        this.#stop.abort();
        throw error;
      }
    }
    this.#tell();
    return this.progress;
  }

  /** Goes through all that is selected and not done yet. @returns false where the file changed, so that its rows are others */
  async #pass(): Promise<boolean> {
    const { signal } = this.#stop;
    const { shard, candidates } = this.#asker;
    const found = await this.#file.read();
    // Another window may have begun one of its own.
    const kept = found?.id === this.#id ? found : undefined;
    Object.assign(this.#outcomes, kept?.outcomes ?? NO_OUTCOMES);
    this.#done = 0;
    this.#skipped = 0;
    const active = new Set<Promise<void>>();
    const failed: unknown[] = [];
    const begin = (loaded: Loaded, digits: string) => {
      const work = this.#unit(loaded, digits)
        .catch((error: unknown) => void failed.push(error))
        .finally(() => active.delete(work));
      active.add(work);
    };
    try {
      for await (const { units, rows, total } of selected(shard, candidates, this.#order, signal)) {
        this.#total = total;
        this.#done += rows - units.length;
        for (const loaded of units) {
          const { key } = loaded.unit;
          const digits = unitHash(key, loaded.state.fingerprint, sha256);
          const isKnown = this.#order.skipWithCandidate && candidates.has(key, loaded.state.fingerprint);
          if (kept?.finished.has(digits) || isKnown) {
            this.#done++;
            if (!kept?.finished.has(digits)) this.#skipped++;
            continue;
          }
          begin(loaded, digits);
          while (active.size >= this.#profile.concurrency * AHEAD) await Promise.race(active);
          if (failed.length > 0) throw failed[0];
        }
      }
    } catch (error) {
      const isOther = error instanceof UserError && error.said.id === 'file.changed';
      if (!isOther) this.#stop.abort(error);
      await Promise.all(active);
      if (!isOther) throw error;
      return false;
    }
    await Promise.all(active);
    if (failed.length > 0) throw failed[0];
    return true;
  }

  async #unit(loaded: Loaded, digits: string): Promise<void> {
    const outcome = await this.#outcome(loaded);
    await this.#file.finish(this.#id, digits, outcome);
    this.#outcomes[outcome]++;
    this.#done++;
    this.#tell();
  }

  async #outcome(loaded: Loaded): Promise<Outcome> {
    const asker = this.#asker;
    const todo = todoIn(asker, loaded, this.#order);
    if (typeof todo === 'string') return todo;
    const wish = { ...this.#order.wish, fields: todo.fields, finding: todo.findings[0] ?? null };
    const outcomes: Outcome[] = [];
    // Those that it made before it was stopped count.
    const made = (await asker.candidates.of(loaded.unit.key)).filter(
      each => each.run === this.#id && isOf(each, loaded, wish),
    );
    const seeds = await seedsFor(asker, loaded, { ...wish, count: wish.count - made.length });
    if (seeds.length > 0) {
      const advice = adviceOn(asker, loaded, this.#order, todo);
      const help = await helpFor(asker, loaded, this.#profile);
      for (const seed of seeds) outcomes.push(await this.#candidate({ loaded, wish, advice, help }, seed));
    }
    for (const { texts, problems } of made) {
      const fields = texts.map(([name, text]) => ({ name, text }));
      outcomes.push(judge(asker, loaded, { fields, problems }));
    }
    return BEST.find(each => outcomes.includes(each)) ?? 'failed';
  }

  /** One candidate, however long the run is paused in between. */
  async #candidate(question: Question, seed: number): Promise<Outcome> {
    for (;;) {
      let resumes = this.#resumes;
      try {
        const proposal = await this.#pool.run(() => {
          resumes = this.#resumes;
          return this.#patiently(question, seed);
        }, this.#stop.signal);
        this.#failing = 0;
        this.#waiting = null;
        return await this.#keeper.keep(question.loaded, proposal, question.wish);
      } catch (error) {
        this.#stop.signal.throwIfAborted();
        const outcome = this.#handle(error, resumes);
        if (outcome) return outcome;
      }
    }
  }

  /**
   * What becomes of a unit whose request failed.
   * @param resumes how often the run had been resumed when it was sent
   * @returns undefined where it is to be asked for once more
   */
  #handle(error: unknown, resumes: number): Outcome | undefined {
    if (error instanceof UserError && error.said.id === 'regenerate.badShape') {
      this.#failing = 0;
      return 'unusable';
    }
    if (!(error instanceof BackendError)) throw error;
    const { kind, said } = error;
    const blame = blameOf(error);
    if (blame === 'server' || blame === 'busy') {
      // Of before a pause it tells nothing of the server as it is after it.
      if (resumes === this.#resumes) this.#pause(said);
      return undefined;
    }
    const outcome = OUTCOME_OF[kind] ?? 'failed';
    if (outcome !== 'failed') this.#failing = 0;
    else if (++this.#failing >= MAX_FAILING) {
      this.#pause(say('run.failing', this.#failing, error.message));
      return undefined;
    }
    return outcome;
  }

  /** Leaves a server without room alone between the rounds, longer each time, and not as long as all the others. */
  async #patiently(question: Question, seed: number): Promise<Proposal> {
    for (let round = 1; ; round++) {
      try {
        return await this.#ask(question, seed);
      } catch (error) {
        this.#stop.signal.throwIfAborted();
        if (!(error instanceof BackendError) || blameOf(error) !== 'busy' || round === ROUNDS) throw error;
        const { kind, retryAfterMs = 0 } = error;
        const least = Math.min(MAX_ROUND_MS, Math.max(retryAfterMs, ROUND_MS * 2 ** (round - 1)));
        await this.#wait({ kind, ms: Math.round(least * (1 + Math.random() / 4)), attempt: round + 1 });
      }
    }
  }

  #ask({ loaded, wish, advice, help }: Question, seed: number): Promise<Proposal> {
    return ask(promptUnit(loaded), wish, advice, help, sampled(this.#profile, seed), {
      signal: this.#stop.signal,
      seed,
      onPartial: () => undefined,
      onWait: waiting => this.#wait(waiting),
    });
  }

  /** Settles when the next try may begin. */
  async #wait(waiting: Waiting): Promise<void> {
    if (waiting.kind === 'busy') this.#pool.lower();
    if (waiting.ms === 0) return;
    const said = waitingSaid(waiting);
    this.#waiting = said;
    this.#tell();
    await this.#pool.aside(waiting.ms, this.#stop.signal);
    if (this.#waiting !== said) return;
    this.#waiting = null;
    this.#tell();
  }
}

/** Of several candidates of a unit the best counts. */
const BEST: readonly Outcome[] = ['good', 'suspect', 'changed', 'too-long', 'unusable'];

const isAbort = (error: unknown) => error instanceof BackendError && error.kind === 'aborted';

function runFileOf({ shard, candidates }: Pick<Asker, 'shard' | 'candidates'>): RunFile {
  return new RunFile(shard.ledgers, candidates.clone);
}

/** Why nothing comes at the moment, and for how long. */
export function waitingSaid({ kind, ms }: Waiting): Said {
  const id = kind === 'busy' || kind === 'loading' ? (`run.waiting.${kind}` as const) : 'run.waiting.again';
  return say(id, Math.ceil(ms / 1000));
}
