/**
 * Has a model write candidates for one unit: from the wish to requests, patiently to the server, from its answers to texts,
 * and what is wrong with them. Used for one record on the screen, for those ahead, and for a whole queue.
 */
import { UserError, type Said } from './core/messages';
import {
  joinTexts,
  planOf,
  readAnswer,
  readPartial,
  type Ask,
  type AskPart,
  type PromptHelp,
  type PromptStyle,
} from './core/prompt';
import type { Field } from './core/record';
import { MAX_COUNT, type PromptUnit, type Proposed, type Wish } from './core/regeneration';
import type { Backend, GenerateRequest, GenerateResult, TokenLogprob } from './io/answer';
import { generatePatiently, type Waiting } from './io/retry';
import { sha256 } from './io/passes';

/** A backend, and how its model is to be asked. */
export interface Profile {
  readonly backend: Backend;
  readonly style: PromptStyle;
  /** Of the first candidate; further ones are sampled at {@link VARIED}. */
  readonly temperature: number;
  readonly topP: number;
  /** Requests at a time. */
  readonly concurrency: number;
}

/** Temperature of candidates after the first one: they are to differ. */
export const VARIED = 0.7;

export interface Proposal extends Proposed {
  /** As the server named it. */
  readonly model: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** See {@link promptHash}. */
  readonly prompt: string;
  /** Of each field, where they were asked for and the server tells: what each added to the text before unmasking. */
  readonly tokens?: readonly FieldTokens[];
}

export interface FieldTokens {
  readonly name: string;
  readonly tokens: readonly TokenLogprob[];
}

export interface AskOptions {
  readonly signal: AbortSignal;
  readonly seed: number;
  readonly logprobs?: boolean;
  /** Gets the whole of what there is so far. */
  readonly onPartial: (fields: readonly Field[]) => void;
  /** As that of `generatePatiently`. */
  readonly onWait?: (waiting: Waiting) => void | Promise<void>;
}

/** Milliseconds between two looks at an answer that is being written: a person sees no more. */
const PARTIAL_MS = 50;
/** Tokens, and UTF-16 units, of an answer whose probabilities are told by field: the answer is read anew for each. */
const MAX_TOKENS = 2000;
const MAX_TOLD_UNITS = 16 << 10;
/** UTF-16 units of an answer under way that are read for the screen. */
const MAX_PARTIAL_UNITS = 256 << 10;

type Texts = readonly { readonly part: AskPart; readonly text: string }[];
/** What one request gave. */
interface Answered {
  readonly texts: Texts;
  readonly problems: readonly Said[];
  readonly result: GenerateResult;
  /** The requests of which it is the answer: several where the first one had none of the right shape. */
  readonly asks: readonly Ask[];
  readonly tokens: readonly FieldTokens[] | undefined;
  /** How it was asked for the second time, where it was. */
  readonly second?: Readonly<Record<string, number>>;
}

/**
 * The requests of a wish.
 * @throws UserError `regenerate.noAnswer`, `regenerate.noTemplate`, `prompt.template`
 */
export function planFor(
  unit: PromptUnit,
  wish: Pick<Wish, 'mode' | 'fields' | 'split'>,
  advice: readonly string[],
  help: PromptHelp,
  { style, backend }: { readonly style: PromptStyle; readonly backend: Pick<Backend, 'contextTokens'> },
) {
  const { mode, fields, split } = wish;
  return planOf(unit, { mode, fields, advice, split }, style, help, backend.contextTokens);
}

/** For a request that shows the model the texts alone. */
export function noHelp({ api }: Pick<Backend, 'api'>): PromptHelp {
  return { terms: [], examples: [], takesTemplateArguments: api !== 'ollama' };
}

/** 16 hex digits of SHA-256 over the JSON of the messages of all requests. */
export function promptHash(asks: readonly Ask[]): string {
  return sha256(JSON.stringify(asks.map(ask => ask.messages))).slice(0, 16);
}

/** What is sent for one part of a plan. */
export function requestOf(
  ask: Ask,
  profile: Pick<Profile, 'temperature' | 'topP'>,
  seed: number,
): GenerateRequest {
  const { messages, raw, schema, templateArguments, sampling, maxTokens, minPromptTokens } = ask;
  const { temperature, topP } = profile;
  return {
    messages,
    ...(raw && { raw }),
    ...(schema && { schema }),
    ...(templateArguments && { templateArguments }),
    ...(sampling && { sampling }),
    ...{ temperature, topP, seed, maxTokens, minPromptTokens },
  };
}

/**
 * One candidate.
 * @param wish its fields resolved: none empty, each with a source text
 * @param advice English lines for the model: the reviewer's, and what the finding says
 * @throws BackendError, UserError; neither says anything of the record
 */
export async function ask(
  unit: PromptUnit,
  wish: Pick<Wish, 'mode' | 'fields' | 'split'>,
  advice: readonly string[],
  help: PromptHelp,
  profile: Profile,
  options: AskOptions,
): Promise<Proposal> {
  const plan = planFor(unit, wish, advice, help, profile);
  const answered: Answered[] = [];
  const texts = () => answered.flatMap(each => each.texts);
  const answer = (one: Ask) => answerTo(one, profile, options, texts());
  for (const one of plan.asks) {
    const whole = await answer(one);
    if ('result' in whole) {
      answered.push(whole);
      continue;
    }
    const fields = [...new Set(one.parts.map(part => part.name))];
    if (wish.split !== 'record' || one.schema === undefined) throw badShape(whole.problem);
    const single = planFor(unit, { ...wish, fields, split: 'field' }, advice, help, profile);
    for (const [index, each] of single.asks.entries()) {
      const piece = await answer(each);
      if (!('result' in piece)) throw badShape(piece.problem);
      answered.push(index === 0 ? { ...piece, asks: [one, ...piece.asks] } : piece);
    }
  }
  const fields = joinTexts(texts());
  options.onPartial(fields);
  const asks = answered.flatMap(each => each.asks);
  const { temperature, topP } = profile;
  const maxTokens = Math.max(0, ...asks.map(each => each.maxTokens));
  const told = answered.flatMap(each => each.tokens ?? []);
  return {
    fields,
    problems: [...answered.flatMap(each => each.problems), ...plan.notes],
    model: answered.at(-1)?.result.model ?? profile.backend.model,
    parameters: {
      ...{ temperature, topP, seed: options.seed, maxTokens },
      ...answered.find(each => each.second)?.second,
    },
    prompt: promptHash(asks),
    ...(answered.every(each => each.tokens) && { tokens: told }),
  };
}

const badShape = (problem: Said) => new UserError('regenerate.badShape', problem);

/**
 * The answer to one request; once more where it does not have the shape that was asked for, with a seed that no candidate of
 * the same wish has: the same request would most likely give the same answer.
 */
async function answerTo(
  one: Ask,
  profile: Profile,
  { signal, seed, logprobs, onPartial, onWait }: AskOptions,
  before: Texts,
): Promise<Answered | { readonly problem: Said }> {
  const first = { ...requestOf(one, profile, seed), ...(logprobs && { logprobs }) };
  const second = { temperature: Math.max(VARIED, profile.temperature), seed: seed + MAX_COUNT };
  let said = '';
  const partial = throttled(() => onPartial(joinTexts([...before, ...partialTexts(one, said)])));
  for (let attempt = 1; ; attempt++) {
    const request = attempt === 1 ? first : { ...first, ...second };
    const result = await generatePatiently(profile.backend, request, {
      signal,
      onDelta: text => {
        if (said.length > MAX_PARTIAL_UNITS) return;
        said += text;
        partial.call();
      },
      onRestart: () => (said = ''),
      ...(onWait && { onWait }),
    }).finally(partial.stop);
    const reading = readAnswer(one, result.text);
    if (reading.ok) {
      const tokens = result.tokens && tokensByField(one, result.tokens);
      return {
        ...{ texts: reading.texts, problems: reading.problems, result, asks: [one], tokens },
        ...(attempt === 2 && { second: { secondTemperature: second.temperature, secondSeed: second.seed } }),
      };
    }
    if (attempt === 2) return { problem: reading.problem };
    said = '';
  }
}

function partialTexts(one: Ask, said: string): Texts {
  const texts = new Map(readPartial(one, said).map(({ name, text }) => [name, text]));
  return one.parts.flatMap(part => {
    const text = texts.get(part.name);
    return text === undefined ? [] : [{ part, text }];
  });
}

/** What each token added to which field. @returns undefined where there are too many to tell */
function tokensByField(one: Ask, tokens: readonly TokenLogprob[]): readonly FieldTokens[] | undefined {
  const units = tokens.reduce((sum, { text }) => sum + text.length, 0);
  if (tokens.length > MAX_TOKENS || units > MAX_TOLD_UNITS) return undefined;
  const byName = new Map<string, { text: string; tokens: TokenLogprob[] }>();
  let said = '';
  for (const { text, logprob } of tokens) {
    said += text;
    for (const field of readPartial(one, said)) {
      const known = byName.get(field.name) ?? { text: '', tokens: [] };
      if (field.text.length > known.text.length)
        known.tokens.push({ text: field.text.slice(known.text.length), logprob });
      byName.set(field.name, { ...known, text: field.text });
    }
  }
  return [...byName].map(([name, field]) => ({ name, tokens: field.tokens }));
}

/** Runs `work` at once, and again after a while where it was called meanwhile; not after `stop`. */
function throttled(work: () => void): { readonly call: () => void; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let isDue = false;
  const run = () => {
    isDue = false;
    work();
    timer = setTimeout(() => {
      timer = undefined;
      if (isDue) run();
    }, PARTIAL_MS);
  };
  return {
    call: () => {
      if (timer) isDue = true;
      else run();
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      isDue = false;
    },
  };
}
