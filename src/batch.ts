/**
 * Requests for a whole queue as lines of an OpenAI batch, which `vllm run-batch` answers without a server, and the answers
 * back as candidates. A line's `custom_id` says all that is needed to join its answer, whatever else was lost.
 */
import { planFor, promptHash, requestOf, type Profile } from './asking';
import { UserError, type Said } from './core/messages';
import { joinTexts, readAnswer, type AskPart } from './core/prompt';
import type { Outcome, Outcomes } from './core/regeneration';
import { todoOf } from './core/runUnits';
import { saidTo } from './io/answer';
import { boundedLines } from './io/boundedLines';
import { batchId, batchLine, readBatchId, readResult, type BatchId, type Result } from './io/batchFile';
import { writeJsonLines } from './io/jsonLines';
import { cause, readAt, withFile } from './io/files';
import { NO_OUTCOMES, type RunOrder } from './io/runFile';
import { adviceOn, Keeper, todoIn } from './keeping';
import { helpFor, promptUnit, sampled, type Asker } from './regenerating';
import { selected } from './selecting';
import type { Loaded } from './units';

/** Bytes of a line of results: an answer of at most 8 MiB, and what a server says about it. */
const MAX_RESULT_BYTES = 16 << 20;
/** Malformed lines that are named; the others are counted. */
const NAMED = 20;

export interface BatchOut {
  /** Units that requests were written for. */
  readonly units: number;
  readonly requests: number;
  readonly bytes: number;
  /** Of the units that none were written for. */
  readonly outcomes: Outcomes;
}

/**
 * Writes the requests of all that a query selects; the file appears whole or not at all.
 * @throws UserError `batch.raw` for a style whose requests no batch can hold, `batch.notWritten`, and as `selected` does
 */
export async function writeBatch(
  asker: Asker,
  order: RunOrder,
  profile: Profile,
  path: string,
  signal: AbortSignal,
): Promise<BatchOut> {
  const outcomes: Record<Outcome, number> = { ...NO_OUTCOMES };
  let [units, bytes] = [0, 0];
  async function* lines(): AsyncGenerator<string> {
    for await (const batch of selected(asker.shard, asker.candidates, order, signal)) {
      for (const loaded of batch.units) {
        const made = await requestsFor(asker, loaded, order, profile);
        if (typeof made === 'string') {
          outcomes[made]++;
          continue;
        }
        units++;
        for (const line of made) {
          bytes += Buffer.byteLength(line) + 1;
          yield line;
        }
      }
    }
  }
  try {
    const requests = await writeJsonLines(path, lines());
    return { units, requests, bytes, outcomes };
  } catch (error) {
    if (error instanceof UserError || signal.aborted) throw error;
    throw new UserError('batch.notWritten', path, cause(error));
  }
}

/** The lines of one unit, or why it has none. */
async function requestsFor(
  asker: Asker,
  loaded: Loaded,
  order: RunOrder,
  profile: Profile,
): Promise<readonly string[] | Outcome> {
  const todo = todoIn(asker, loaded, order);
  if (typeof todo === 'string') return todo;
  const { mode, split, count } = order.wish;
  const { fields } = todo;
  const help = await helpFor(asker, loaded, profile);
  const advice = adviceOn(asker, loaded, order, todo);
  const { asks } = planFor(promptUnit(loaded), { mode, fields, split }, advice, help, profile);
  if (asks.some(({ raw }) => raw)) throw new UserError('batch.raw', profile.style);
  const { row, unit, state } = loaded;
  const id = { key: unit.key, fingerprint: state.fingerprint, prompt: promptHash(asks), row };
  const seeds = Array.from({ length: count }, (_, seed) => seed);
  return seeds.flatMap(seed => {
    const own = sampled(profile, seed);
    const { temperature, topP } = own;
    const told = { advice: order.wish.advice.trim(), finding: todo.findings[0]?.check ?? '' };
    const more = { mode, style: profile.style, split, fields, ...told, seed, temperature, topP };
    return asks.map((ask, at) =>
      batchLine(batchId({ ...id, ...more, ask: at }), profile.backend, requestOf(ask, own, seed)),
    );
  });
}

export interface BatchIn {
  readonly lines: number;
  /** Lines that are no results, by number; of many the first. */
  readonly malformed: number;
  readonly malformedLines: readonly number[];
  /** Results whose `custom_id` is none of ours, or of a record that is not in this shard. */
  readonly unknown: number;
  /** Results that were there twice, or that are candidates already. */
  readonly repeated: number;
  /** Units of which some requests have no result. */
  readonly incomplete: number;
  /** Candidates by outcome; one of `failed` for each request that the server refused. */
  readonly outcomes: Outcomes;
}

/** A part of an answer that came before the others. */
interface Part {
  readonly at: number;
  readonly bytes: number;
}

/**
 * Joins the results of a batch with the records that they are about, in any order: what is whole becomes a candidate, what
 * is not is counted. Reading the same file again adds nothing.
 * @throws UserError where the file cannot be read, or no candidate can be written
 */
export async function readBatch(asker: Asker, path: string, signal: AbortSignal): Promise<BatchIn> {
  await asker.shard.matched;
  const keeper = new Keeper(asker);
  const outcomes: Record<Outcome, number> = { ...NO_OUTCOMES };
  const malformedLines: number[] = [];
  let [lines, malformed, unknown, repeated] = [0, 0, 0, 0];
  /** Where the parts of candidates stand that are not whole yet, by all that their ids have in common. */
  const waiting = new Map<string, Map<number, Part>>();
  for await (const { number, at, bytes, text } of boundedLines(path, MAX_RESULT_BYTES)) {
    signal.throwIfAborted();
    if (text?.trim() === '') continue;
    lines++;
    const result = text === undefined ? undefined : readResult(text);
    if (!result) {
      malformed++;
      if (malformedLines.length < NAMED) malformedLines.push(number);
      continue;
    }
    const id = readBatchId(result.id);
    const loaded = id && (await asker.shard.find(id.row, id.key));
    if (!loaded || 'reason' in loaded) {
      unknown++;
      continue;
    }
    if (loaded.state.fingerprint !== id.fingerprint) {
      outcomes.changed++;
      continue;
    }
    const asks = await asksFor(asker, loaded, id);
    if (!asks || id.ask >= asks.length) {
      unknown++;
      continue;
    }
    const group = JSON.stringify({ ...id, ask: 0 });
    const parts = waiting.get(group) ?? new Map<number, Part>();
    if (parts.has(id.ask)) {
      repeated++;
      continue;
    }
    parts.set(id.ask, { at, bytes });
    if (parts.size < asks.length) {
      waiting.set(group, parts);
      continue;
    }
    waiting.delete(group);
    if (await isKept(asker, id)) {
      repeated++;
      continue;
    }
    const answers: Result[] = [];
    for (const ask of asks.keys()) {
      const part = parts.get(ask);
      const read = ask === id.ask ? result : part && readResult(await lineAt(path, part));
      if (read) answers.push(read);
    }
    outcomes[await join(keeper, loaded, id, asks, answers)]++;
  }
  return { lines, malformed, malformedLines, unknown, repeated, incomplete: waiting.size, outcomes };
}

function lineAt(path: string, { at, bytes }: Part): Promise<string> {
  return withFile(path, async file => (await readAt(file, at, bytes)).toString('utf8'));
}

/** The requests that an id is of. @returns undefined where it names what there is not */
async function asksFor(asker: Asker, loaded: Loaded, { mode, style, split, fields }: BatchId) {
  const todo = todoOf(loaded, fields, undefined);
  if (todo?.fields.join('\n') !== fields.join('\n')) return undefined;
  // What helps the model changes its words, not what is masked or how the answer is cut.
  const template = style === 'custom' ? await asker.shard.readPromptTemplate() : undefined;
  const help = { terms: [], examples: [], ...(template && { template }) };
  try {
    return planFor(promptUnit(loaded), { mode, fields, split }, [], help, { style, backend: {} }).asks;
  } catch (error) {
    if (error instanceof UserError && error.said.id === 'regenerate.noAnswer') return undefined;
    throw error;
  }
}

async function isKept({ candidates }: Asker, { key, fingerprint, prompt, seed }: BatchId): Promise<boolean> {
  // What a reviewer discarded is not brought back.
  const known = [...(await candidates.of(key)), ...(await candidates.goneOf(key))];
  return known.some(
    each => each.prompt === prompt && each.fingerprint === fingerprint && each.parameters['seed'] === seed,
  );
}

async function join(
  keeper: Keeper,
  loaded: Loaded,
  { mode, fields, advice, finding: check, prompt, seed, temperature, topP }: BatchId,
  asks: NonNullable<Awaited<ReturnType<typeof asksFor>>>,
  answers: readonly Result[],
): Promise<Outcome> {
  const texts: { readonly part: AskPart; readonly text: string }[] = [];
  const problems: Said[] = [];
  for (const [at, ask] of asks.entries()) {
    const answer = answers[at]?.answer;
    if (!answer) return 'failed';
    const said = saidTo(ask.messages, answer.text);
    if (answer.isCut || said.trim() === '') return 'unusable';
    const reading = readAnswer(ask, said);
    if (!reading.ok) return 'unusable';
    texts.push(...reading.texts);
    problems.push(...reading.problems);
  }
  const model = answers.at(-1)?.answer?.model ?? '';
  const maxTokens = Math.max(...asks.map(each => each.maxTokens));
  const parameters = { temperature, topP, seed, maxTokens };
  const proposal = { fields: joinTexts(texts), problems, model, parameters, prompt };
  const finding = check === '' ? null : ({ check, side: 'target', field: fields[0] ?? '' } as const);
  return keeper.keep(loaded, proposal, { mode, advice, finding });
}
