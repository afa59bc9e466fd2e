/** `crossalpaca regenerate`: candidates, “proposals” to the user, for all that a query selects, from a server or by way of a batch. */
import { resolve } from 'node:path';
import type { Profile } from './asking';
import { readBatch, writeBatch } from './batch';
import { serverOf } from './cliBackend';
import { UsageError, type Report } from './cliReport';
import { PROMPT_STYLES } from './core/prompt';
import { english, say, UserError } from './core/messages';
import { MAX_ADVICE, MAX_COUNT, MODES, OUTCOMES, type Outcomes } from './core/regeneration';
import { Examples } from './examples';
import { Candidates } from './io/candidates';
import { cloneId } from './io/clone';
import { CLOCK } from './io/clock';
import { inspect } from './io/discovery';
import { BackendError, type Api } from './io/inference';
import type { RunOrder, RunState } from './io/runFile';
import { QueueRun, type RunProgress } from './regenerateQueue';
import type { Asker } from './regenerating';
import { Shard } from './shard';

/** Options of this command; no other takes them. */
export const REGENERATE_OPTIONS = {
  where: { type: 'string' },
  url: { type: 'string' },
  model: { type: 'string' },
  api: { type: 'string' },
  style: { type: 'string' },
  mode: { type: 'string' },
  fields: { type: 'string' },
  flagged: { type: 'boolean' },
  count: { type: 'string' },
  advice: { type: 'string' },
  concurrency: { type: 'string' },
  'allow-remote': { type: 'boolean' },
  again: { type: 'boolean' },
  forget: { type: 'boolean' },
  'batch-out': { type: 'string' },
  'batch-in': { type: 'string' },
} as const;
export type RegenerateOptions = {
  readonly [Name in keyof typeof REGENERATE_OPTIONS]?:
    ((typeof REGENERATE_OPTIONS)[Name]['type'] extends 'boolean' ? boolean : string) | undefined;
};

const APIS: readonly Api[] = ['openai', 'ollama'];
/** Requests at a time of a server that does not say how many it takes, and the most that can be asked for. */
const USUAL_CONCURRENCY = 2;
const MAX_CONCURRENCY = 256;
/** Models of a server that a warning names. */
const NAMED = 5;
/** Between two lines of progress. */
const PROGRESS_MS = 2000;
/** Of OpenAI's own batches; `vllm run-batch` has no such limits. */
const BATCH_LIMIT = { requests: 50_000, bytes: 200e6 };

/**
 * @param warn gets single lines: progress, and which machine the texts are sent to
 * @param signal pauses the run
 * @returns whose answer is no where some units have no good candidate now
 * @throws UsageError for bad use, UserError for what cannot be read, a server that is not there
 */
export async function regenerateShard(
  path: string,
  options: RegenerateOptions,
  warn: (line: string) => void,
  signal: AbortSignal,
): Promise<Report> {
  const { 'batch-in': batchIn, 'batch-out': batchOut } = options;
  if (batchIn !== undefined && batchOut !== undefined)
    throw new UsageError('--batch-out or --batch-in, not both');
  if (batchIn !== undefined) refuse(options, 'batch-in', ['batch-in']);
  const order = batchIn === undefined ? orderOf(options) : undefined;
  if (batchOut !== undefined) refuse(options, 'batch-out', NOT_ONLINE);
  const profile =
    order && (batchOut === undefined ? await online(order, options, warn, signal) : offline(order));
  const shard = await Shard.open(resolve(path), CLOCK);
  try {
    const { policyProblem, glossaryProblem } = shard.facts;
    const broken = policyProblem ?? glossaryProblem;
    if (broken) throw new UserError(broken.id, ...broken.args);
    await shard.matched;
    const candidates = await Candidates.open(shard.ledgers, await cloneId(resolve(path, '..')));
    const asker: Asker = { shard, clock: CLOCK, candidates, examples: new Examples(shard) };
    if (!order || !profile) return await join(asker, resolve(batchIn ?? ''), signal);
    const langs = shard.shownLang === null ? [] : shard.facts.targetLangs;
    const whole = { ...order, langs };
    return batchOut === undefined
      ? await run(asker, whole, profile, options.forget ?? false, warn, signal)
      : await write(asker, whole, profile, resolve(batchOut), warn, signal);
  } finally {
    shard.close();
  }
}

/** Those that say what is asked for, and not of whom. */
const NOT_ONLINE = ['batch-out', 'where', 'model', 'style', 'mode', 'fields', 'flagged', 'count', 'advice'];

function refuse(options: RegenerateOptions, name: string, allowed: readonly string[]): void {
  for (const [option, value] of Object.entries(options))
    if (value !== undefined && option in REGENERATE_OPTIONS && !allowed.includes(option))
      throw new UsageError(`--${option} says nothing with --${name}`);
}

function orderOf(options: RegenerateOptions): RunOrder {
  const { where, model, advice = '', fields, flagged = false } = options;
  if (where === undefined || where.trim() === '')
    throw new UsageError('--where is missing; all records: --where all');
  if (model === undefined || model === '') throw new UsageError('--model is missing');
  if (advice.length > MAX_ADVICE) throw new UsageError(`--advice is at most ${MAX_ADVICE} characters`);
  if (fields !== undefined && flagged) throw new UsageError('--fields or --flagged, not both');
  const names = fields?.split(',').map(name => name.trim()) ?? [];
  if (names.includes('')) throw new UsageError('--fields is a list such as instruction,output');
  const mode = oneOf('mode', MODES, options.mode ?? 'translate');
  const style = oneOf('style', PROMPT_STYLES, options.style ?? 'record');
  const count = numberOf('count', options.count ?? '1', MAX_COUNT);
  const wish = { mode, fields: names, advice, count, split: 'record' } as const;
  const skipWithCandidate = !(options.again ?? false);
  return { query: where, langs: [], wish, style, model, onlyFlagged: flagged, skipWithCandidate };
}

function oneOf<T extends string>(name: string, allowed: readonly T[], value: string): T {
  const found = allowed.find(each => each === value);
  if (found === undefined) throw new UsageError(`--${name} is ${allowed.join(', ')}`);
  return found;
}

function numberOf(name: string, value: string, most: number): number {
  const number = /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > most) throw new UsageError(`--${name} is a number from 1 to ${most}`);
  return number;
}

const SAMPLING = { temperature: 0, topP: 1 };

function offline({ style, model }: RunOrder): Profile {
  return { backend: { url: '', model, api: 'openai' }, style, ...SAMPLING, concurrency: 1 };
}

/** The server, and how many requests at a time it takes. */
async function online(
  { style, model }: RunOrder,
  options: RegenerateOptions,
  warn: (line: string) => void,
  signal: AbortSignal,
): Promise<Profile> {
  const { url, 'allow-remote': mayGo } = options;
  if (url === undefined || url === '') throw new UsageError('--url is missing');
  const { host, apiKey } = serverOf(url, mayGo, 'texts of the shard', warn);
  const given = options.api === undefined ? undefined : oneOf('api', APIS, options.api);
  const atOnce =
    options.concurrency === undefined
      ? undefined
      : numberOf('concurrency', options.concurrency, MAX_CONCURRENCY);
  const found = await lookAt(url, apiKey, signal);
  const api = given ?? found?.api ?? 'openai';
  const listed = found?.models.map(({ id }) => id) ?? [];
  // Ollama takes a name without its tag, too.
  if (listed.length > 0 && !listed.includes(model) && !listed.includes(`${model}:latest`))
    warn(`${host} does not list the model “${model}”; it lists ${inShort(listed)}`);
  const backend = { url, model, api, ...(apiKey && { apiKey }) };
  return { backend, style, ...SAMPLING, concurrency: atOnce ?? found?.concurrency ?? USUAL_CONCURRENCY };
}

/** What the server says of itself; nothing where it is none of those that do. */
async function lookAt(url: string, apiKey: string | undefined, signal: AbortSignal) {
  try {
    return await inspect(url, apiKey, signal);
  } catch (error) {
    if (error instanceof BackendError && error.kind === 'not-sse') return undefined;
    throw error;
  }
}

async function run(
  asker: Asker,
  order: RunOrder,
  profile: Profile,
  mayForget: boolean,
  warn: (line: string) => void,
  signal: AbortSignal,
): Promise<Report> {
  const unfinished = mayForget ? undefined : await QueueRun.unfinished(asker);
  if (unfinished) {
    if (JSON.stringify(unfinished.order) !== JSON.stringify(order)) throw new UsageError(another(unfinished));
    warn(`going on where it was: ${unfinished.finished.size} records are done`);
  }
  let said = performance.now();
  let stopped = '';
  const onProgress = (progress: RunProgress) => {
    if (progress.state === 'paused' && stopped === '') {
      stopped = progress.problem ? english(progress.problem) : '';
      // Nobody is there to say when it may go on.
      queueMicrotask(() => all.cancel());
    }
    if (performance.now() - said < PROGRESS_MS) return;
    said = performance.now();
    warn(progressLine(progress));
  };
  const all = unfinished
    ? QueueRun.goOn(asker, unfinished, profile, onProgress)
    : await QueueRun.start(asker, order, profile, onProgress);
  const stop = () => all.cancel();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const progress = await all.done.finally(() => signal.removeEventListener('abort', stop));
  const { state, done, total, skipped, outcomes } = progress;
  const isDone = state === 'done';
  if (!isDone) warn('the run is not finished: the same command goes on with what is left');
  if (stopped !== '') throw new Error(stopped);
  return {
    json: { shard: asker.shard.path, query: order.query, finished: isDone, done, total, skipped, outcomes },
    text: [
      `${asker.shard.path}: ${done} of ${total ?? '?'} records`,
      ...inWords(outcomes),
      ...(skipped > 0 ? [`  ${english(say('host.outcome.skipped', skipped))}`] : []),
    ],
    isNo: !isDone || hasBad(outcomes),
  };
}

function another({ order, finished }: RunState): string {
  const flags = order.onlyFlagged ? ' --flagged' : '';
  return (
    `another run of this shard is not finished: --where '${order.query}'${flags} --model '${order.model}', ` +
    `${finished.size} records done. The command that began it goes on with it; ` +
    'to give it up and begin this one, add --forget (its proposals stay)'
  );
}

/** Names that a server lists: at most a few. */
function inShort(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${names.slice(0, NAMED).join(', ')}${more}`;
}

function progressLine({ done, total, running, limit, outcomes, waiting }: RunProgress): string {
  const wait = waiting ? ` ${english(waiting)}` : '';
  const { good, suspect } = outcomes;
  const some = `${good} good proposals, ${suspect} with a warning`;
  return `${done} of ${total ?? '?'} records, ${running} running (at most ${limit}); ${some}.${wait}`;
}

/** A line for each outcome that there was. */
function inWords(outcomes: Outcomes): string[] {
  return OUTCOMES.filter(name => outcomes[name] > 0).map(
    name => `  ${english(say(`host.outcome.${name}`, outcomes[name]))}`,
  );
}

/** Whether something was to be made good and was not. */
function hasBad(outcomes: Outcomes): boolean {
  return OUTCOMES.some(name => name !== 'good' && name !== 'nothing' && outcomes[name] > 0);
}

async function write(
  asker: Asker,
  order: RunOrder,
  profile: Profile,
  out: string,
  warn: (line: string) => void,
  signal: AbortSignal,
): Promise<Report> {
  const written = await writeBatch(asker, order, profile, out, signal);
  const { units, requests, bytes, outcomes } = written;
  if (requests > BATCH_LIMIT.requests || bytes > BATCH_LIMIT.bytes)
    warn('OpenAI takes at most 50,000 requests and 200 MB in a batch; “vllm run-batch” takes any number');
  return {
    json: { out, ...written },
    text: [
      `${requests} requests for ${units} records written to ${out} (${bytes} bytes)`,
      ...inWords(outcomes),
    ],
    isNo: hasBad(outcomes),
  };
}

async function join(asker: Asker, path: string, signal: AbortSignal): Promise<Report> {
  const report = await readBatch(asker, path, signal);
  const { lines, malformed, malformedLines, unknown, repeated, incomplete, outcomes } = report;
  const more = malformed > malformedLines.length ? ' …' : '';
  return {
    json: { shard: asker.shard.path, ...report },
    text: [
      `${lines} results read from ${path}`,
      ...inWords(outcomes),
      `  not for this shard ${unknown}, there already ${repeated}, records with results missing ${incomplete}`,
      ...(malformed > 0
        ? [`  lines that are no results: ${malformed} (${malformedLines.join(', ')}${more})`]
        : []),
    ],
    isNo: hasBad(outcomes) || malformed + unknown + incomplete > 0,
  };
}
