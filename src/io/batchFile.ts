/**
 * Lines of OpenAI's batch API as `vllm run-batch` reads and writes them:
 * `{"custom_id","method":"POST","url":"/v1/chat/completions","body":{…}}`, and results with `response.body`, or in the older
 * shape `response: {id, object, choices}`. https://docs.vllm.ai/en/stable/serving/offline_inference#openai-batch
 */
import { PROMPT_STYLES, type PromptStyle } from '../core/prompt';
import type { Fingerprint, UnitKey } from '../core/record';
import { MAX_ADVICE, MODES, SPLITS, type Mode, type Split } from '../core/regeneration';
import { get, type Backend, type GenerateRequest } from './answer';
import { openAiBody } from './openai';

/** UTF-16 units of an id, fields that it may name, and UTF-16 units of the id of a check. */
const MAX_ID = 16 << 10;
const MAX_NAMES = 50;
const MAX_FINDING = 100;
/** A `finish_reason` of an answer that is not whole. */
const CUT = /^(length|max_tokens|model_length|error|abort(ed)?|cancell?ed|content_filter)$/;

/** All that is needed to join an answer with its record. */
export interface BatchId {
  readonly key: UnitKey;
  readonly fingerprint: Fingerprint;
  /** 16 hex digits: see `promptHash`. */
  readonly prompt: string;
  readonly mode: Mode;
  readonly style: PromptStyle;
  readonly split: Split;
  readonly fields: readonly string[];
  /** What the model was told by the reviewer; empty: nothing. */
  readonly advice: string;
  /** Id of the check whose finding it is to mend; empty: none. */
  readonly finding: string;
  /** Which of the requests for these fields. */
  readonly ask: number;
  readonly seed: number;
  readonly temperature: number;
  readonly topP: number;
  /** Where the record stood: where to look first. */
  readonly row: number;
}

/** A JSON array: no member of it can be taken for another, whatever a key holds. */
export function batchId(id: BatchId): string {
  const {
    key,
    fingerprint,
    prompt,
    mode,
    style,
    split,
    fields,
    advice,
    finding,
    ask,
    seed,
    temperature,
    topP,
    row,
  } = id;
  return JSON.stringify([
    key,
    fingerprint,
    prompt,
    mode,
    style,
    split,
    fields,
    advice,
    finding,
    ask,
    seed,
    temperature,
    topP,
    row,
  ]);
}

/** @returns undefined for what is none of ours; never throws */
export function readBatchId(text: string): BatchId | undefined {
  const value = text.length > MAX_ID ? undefined : parsed(text);
  if (!Array.isArray(value) || value.length !== 14) return undefined;
  const [
    key,
    fingerprint,
    prompt,
    mode,
    style,
    split,
    fields,
    advice,
    finding,
    ask,
    seed,
    temperature,
    topP,
    row,
  ] = value as unknown[];
  const isSound =
    typeof key === 'string' &&
    isHex(fingerprint, 32) &&
    isHex(prompt, 16) &&
    MODES.includes(mode as Mode) &&
    PROMPT_STYLES.includes(style as PromptStyle) &&
    SPLITS.includes(split as Split) &&
    Array.isArray(fields) &&
    fields.length > 0 &&
    fields.length <= MAX_NAMES &&
    fields.every(each => typeof each === 'string') &&
    typeof advice === 'string' &&
    advice.length <= MAX_ADVICE &&
    typeof finding === 'string' &&
    finding.length <= MAX_FINDING &&
    [ask, seed, row].every(each => Number.isSafeInteger(each) && (each as number) >= 0) &&
    [temperature, topP].every(each => typeof each === 'number' && each >= 0);
  if (!isSound) return undefined;
  return {
    key,
    fingerprint,
    prompt,
    mode,
    style,
    split,
    fields,
    advice,
    finding,
    ask,
    seed,
    temperature,
    topP,
    row,
  } as unknown as BatchId;
}

/** One line, without its end. A batch is never streamed. */
export function batchLine(id: string, backend: Backend, request: GenerateRequest): string {
  const body = openAiBody(backend, request);
  return JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body });
}

export interface Result {
  /** Its `custom_id`. */
  readonly id: string;
  /** Undefined where the server reports an error, or a status that is not 200. */
  readonly answer:
    | {
        readonly text: string;
        readonly model: string;
        /** Whether it is not whole. */ readonly isCut: boolean;
      }
    | undefined;
}

/** @returns undefined for a line that is no result; never throws */
export function readResult(line: string): Result | undefined {
  const value = parsed(line);
  const id = get(value, 'custom_id');
  if (typeof id !== 'string') return undefined;
  const response = get(value, 'response');
  const error = get(value, 'error');
  const status = get(response, 'status_code') ?? 200;
  const body = get(response, 'body') ?? response;
  const choice = get(body, 'choices', 0);
  const failed = (error !== undefined && error !== null) || status !== 200 || get(body, 'error') != null;
  if (failed) return { id, answer: undefined };
  const content = get(choice, 'message', 'content');
  const finish = get(choice, 'finish_reason');
  if (choice === undefined) return undefined;
  const model = get(body, 'model');
  const isCut = typeof finish !== 'string' || finish === '' || CUT.test(finish);
  const text = typeof content === 'string' ? content : '';
  return { id, answer: { text, model: typeof model === 'string' ? model : '', isCut } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isHex = (value: unknown, digits: number): value is string =>
  typeof value === 'string' && value.length === digits && /^[0-9a-f]*$/.test(value);
