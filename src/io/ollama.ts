/**
 * Ollama's own API: `/api/chat`, or `/api/generate` for raw text, streamed as lines of JSON. Its `/v1` cannot set the length
 * of the context, cuts requests that are too long without saying so, and loses errors within an answer.
 */
import { parseJson } from '../core/jsonValue';
import {
  asText,
  get,
  MAX_ANSWER_MIB,
  MIB,
  strictText,
  type Answer,
  type Call,
  type Dialect,
  type Reader,
} from './answer';

export const OLLAMA: Dialect = {
  path: request => (request.raw ? '/api/generate' : '/api/chat'),
  body: bodyOf,
  reader: (contentType, answer) => (/\bx?-?(nd)?json\b/i.test(contentType) ? lineReader(answer) : undefined),
};

function bodyOf({ backend, request }: Call): Record<string, unknown> {
  const { messages, raw, schema, sampling, temperature, topP, seed, maxTokens, logprobs } = request;
  const { contextTokens } = backend;
  return {
    model: backend.model,
    ...(raw ? { prompt: messages.map(message => message.content).join(''), raw: true } : { messages }),
    ...(schema && { format: schema }),
    options: {
      temperature,
      top_p: topP,
      seed,
      num_predict: maxTokens,
      ...(contextTokens !== undefined && { num_ctx: contextTokens }),
      ...sampling,
    },
    stream: true,
    think: false,
    // Neither the beginning of the request is dropped, nor what was read first while the answer grows.
    truncate: false,
    shift: false,
    ...(logprobs && { logprobs: true }),
  };
}

function lineReader(answer: Answer): Reader {
  const textOf = strictText(answer);
  let rest = '';
  return {
    take(bytes) {
      const lines = textOf(bytes).split('\n');
      lines[0] = rest + (lines[0] ?? '');
      rest = lines.pop() ?? '';
      for (const line of lines) takeLine(answer, line, false);
      if (rest.length > MAX_ANSWER_MIB * MIB) throw answer.tooLarge();
      return answer.done;
    },
    enough: () => answer.finish !== '',
    end() {
      takeLine(answer, rest, true);
      return answer.result();
    },
  };
}

/** @param ending whether the line may be incomplete */
function takeLine(answer: Answer, line: string, ending: boolean): void {
  if (answer.over || line.trim() === '') return;
  const value = parseJson(line);
  answer.raiseError(line, value);
  if (value === undefined) {
    if (ending) return;
    throw answer.failure('stream-error', 'not valid JSON');
  }
  const isLast = get(value, 'done') === true;
  answer.add({
    content: get(value, 'message', 'content') ?? get(value, 'response'),
    reasoning: get(value, 'message', 'thinking') ?? get(value, 'thinking'),
    // Early versions give no reason.
    finish: isLast ? asText(get(value, 'done_reason')) || 'stop' : '',
    model: get(value, 'model'),
    promptTokens: get(value, 'prompt_eval_count'),
    completionTokens: get(value, 'eval_count'),
    logprobs: get(value, 'logprobs'),
  });
  answer.done = isLast;
}
