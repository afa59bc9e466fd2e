/**
 * The API of OpenAI as llama.cpp, vLLM, SGLang, LM Studio, TGI and routers speak it: `/v1/chat/completions`, or
 * `/v1/completions` for raw text, streamed as server-sent events.
 */
import { createParser, type EventSourceMessage, type ParseError } from 'eventsource-parser';
import { parseJson } from '../core/jsonValue';
import {
  asText,
  collect,
  get,
  MAX_ANSWER_MIB,
  MIB,
  strictText,
  type Answer,
  type Backend,
  type Dialect,
  type GenerateRequest,
  type Reader,
} from './answer';

export const OPENAI: Dialect = {
  path: request => (request.raw ? '/v1/completions' : '/v1/chat/completions'),
  body: ({ backend, request, plain }) => ({
    ...openAiBody(backend, request, plain),
    stream: true,
    stream_options: { include_usage: true },
  }),
  reader(contentType, answer) {
    if (/^text\/event-stream\b/i.test(contentType)) return streamReader(answer);
    if (/\bx?-?(nd)?json\b/i.test(contentType)) return jsonReader(answer);
    return undefined;
  },
};

/**
 * The body of a request, but for what asks for a stream: the same in a line of a batch file.
 * @param plain for a server that refuses the switch for thinking, which OpenAI does not have
 */
export function openAiBody(
  backend: Backend,
  request: GenerateRequest,
  plain = false,
): Record<string, unknown> {
  const { messages, raw, schema, templateArguments, sampling, temperature, topP, seed, maxTokens, logprobs } =
    request;
  const penalty = sampling?.['repeat_penalty'];
  // llama.cpp, vLLM and SGLang: a model that could think first answers at once. Templates without the switch ignore it.
  const forTemplate = templateArguments ?? (plain ? undefined : { enable_thinking: false });
  return {
    model: backend.model,
    ...(raw ? { prompt: messages.map(message => message.content).join('') } : { messages }),
    temperature,
    top_p: topP,
    seed,
    max_tokens: maxTokens,
    ...sampling,
    // llama.cpp and LM Studio have one name for it, vLLM and SGLang the other; each ignores the one it does not know.
    ...(penalty !== undefined && { repetition_penalty: penalty }),
    ...(schema && {
      response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } },
    }),
    ...(!raw && forTemplate && { chat_template_kwargs: forTemplate }),
    // llama.cpp tells none where `top_logprobs` is 0 or missing.
    ...(logprobs && (raw ? { logprobs: 1 } : { logprobs: true, top_logprobs: 1 })),
  };
}

function streamReader(answer: Answer): Reader {
  const textOf = strictText(answer);
  let ending = false;
  const parser = createParser({
    maxBufferSize: MAX_ANSWER_MIB * MIB,
    onEvent: event => takeEvent(answer, event, ending),
    onError: error => takeStrayLine(answer, error),
  });
  return {
    take(bytes) {
      parser.feed(textOf(bytes));
      return answer.done;
    },
    enough: () => answer.finish !== '',
    end() {
      // A last event without the empty line after it counts if it is a complete one.
      ending = true;
      if (!answer.done) parser.feed('\n\n');
      return answer.result();
    },
  };
}

/** @param ending whether the event may be incomplete */
function takeEvent(answer: Answer, { event, data }: EventSourceMessage, ending: boolean): void {
  if (answer.over) return;
  if (data.trim() === '[DONE]') {
    answer.done = true;
    return;
  }
  const value = parseJson(data);
  answer.raiseError(data, value, event === 'error' ? 'stream-error' : undefined);
  if (value !== undefined) takeChunk(answer, value);
  else if (!ending) throw answer.failure('stream-error', 'not valid JSON');
}

/** A line that is none of an event stream: `error: {…}` of early llama.cpp, or an error as a bare JSON object. */
function takeStrayLine(answer: Answer, { type, field, value, line }: ParseError): void {
  if (type === 'max-buffer-size-exceeded') throw answer.tooLarge();
  const said = (field === 'error' ? value : line) ?? '';
  answer.raiseError(said, parseJson(said), field === 'error' ? 'stream-error' : undefined);
}

/** For a server that ignores `stream`, and for one whose error is one line of NDJSON. */
function jsonReader(answer: Answer): Reader {
  const limit = MAX_ANSWER_MIB * MIB;
  const body = collect(limit, (text, whole, size) => {
    if (size >= limit) throw answer.tooLarge();
    const value = parseJson(text);
    for (const line of value === undefined ? text.split('\n') : []) answer.raiseError(line, parseJson(line));
    if (value === undefined && !whole) throw answer.failure('truncated');
    answer.raiseError(text, value, Array.isArray(get(value, 'choices')) ? undefined : 'not-sse');
    if (!answer.over) takeChunk(answer, value);
    return answer.result();
  });
  return { ...body, enough: () => false };
}

function takeChunk(answer: Answer, value: unknown): void {
  // Absent in the chunk that brings the usage.
  const choice = get(value, 'choices', 0);
  const delta = get(choice, 'delta') ?? get(choice, 'message');
  answer.add({
    content: get(delta, 'content') ?? get(choice, 'text'),
    // The older and the newer name of vLLM; others use either.
    reasoning: asText(get(delta, 'reasoning_content')) || get(delta, 'reasoning'),
    finish: get(choice, 'finish_reason'),
    model: get(value, 'model'),
    promptTokens: get(value, 'usage', 'prompt_tokens'),
    completionTokens: get(value, 'usage', 'completion_tokens'),
    logprobs: logprobsOf(get(choice, 'logprobs')),
  });
}

/** Those of chat as they are; those of raw text come from vLLM as two lists side by side. */
function logprobsOf(logprobs: unknown): unknown {
  const [tokens, values] = [get(logprobs, 'tokens'), get(logprobs, 'token_logprobs')];
  if (!Array.isArray(tokens) || !Array.isArray(values)) return get(logprobs, 'content');
  return tokens.map((token: unknown, at) => ({ token, logprob: values[at] as unknown }));
}
