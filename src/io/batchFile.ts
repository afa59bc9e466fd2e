/**
 * Lines of OpenAI's batch API as `vllm run-batch` reads and writes them:
 * `{"custom_id","method":"POST","url":"/v1/chat/completions","body":{…}}`, and results with `response.body`, or in the older
 * shape `response: {id, object, choices}`. https://docs.vllm.ai/en/stable/serving/offline_inference#openai-batch
 */
import { parseJson } from '../core/jsonValue';
import { PROMPT_STYLES, type PromptStyle } from '../core/prompt';
import type { Fingerprint, UnitKey } from '../core/record';
import { MAX_ADVICE, MODES, SPLITS, type Mode, type Split } from '../core/regeneration';
import { asText, get, isWhole, type Backend, type GenerateRequest } from './answer';
import { openAiBody } from './openai';

/** UTF-16 units of an id, fields that it may name, and UTF-16 units of the id of a check. */
const MAX_ID = 16 << 10;
const MAX_NAMES = 50;
const MAX_FINDING = 100;

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

const isHex = (digits: number) => (value: unknown) =>
  typeof value === 'string' && value.length === digits && /^[0-9a-f]*$/.test(value);
const isText =
  (most = Infinity) =>
  (value: unknown) =>
    typeof value === 'string' && value.length <= most;
const isOneOf = (names: readonly unknown[]) => (value: unknown) => names.includes(value);
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isParameter = (value: unknown) => typeof value === 'number' && value >= 0;
const isFields = (value: unknown) =>
  Array.isArray(value) && value.length > 0 && value.length <= MAX_NAMES && value.every(isText());

/** What each member can be, in the order of the array. */
const MEMBERS: { readonly [Name in keyof BatchId]: (value: unknown) => boolean } = {
  key: isText(),
  fingerprint: isHex(32),
  prompt: isHex(16),
  mode: isOneOf(MODES),
  style: isOneOf(PROMPT_STYLES),
  split: isOneOf(SPLITS),
  fields: isFields,
  advice: isText(MAX_ADVICE),
  finding: isText(MAX_FINDING),
  ask: isCount,
  seed: isCount,
  temperature: isParameter,
  topP: isParameter,
  row: isCount,
};
const NAMES = Object.keys(MEMBERS) as (keyof BatchId)[];

/** A JSON array: no member of it can be taken for another, whatever a key holds. */
export function batchId(id: BatchId): string {
  return JSON.stringify(NAMES.map(name => id[name]));
}

/** @returns undefined for what is none of ours; never throws */
export function readBatchId(text: string): BatchId | undefined {
  const values = text.length > MAX_ID ? undefined : parseJson(text);
  if (!Array.isArray(values) || values.length !== NAMES.length) return undefined;
  const isSound = NAMES.every((name, at) => MEMBERS[name](values[at]));
  if (!isSound) return undefined;
  return Object.fromEntries(NAMES.map((name, at) => [name, values[at] as unknown])) as unknown as BatchId;
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
        /** Whether it is not whole. */
        readonly isCut: boolean;
      }
    | undefined;
}

/** @returns undefined for a line that is no result; never throws */
export function readResult(line: string): Result | undefined {
  const value = parseJson(line);
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
  return { id, answer: { text: asText(content), model: asText(model), isCut: !isWhole(asText(finish)) } };
}
