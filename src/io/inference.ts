/**
 * One answer from an inference server, streamed: the request on its connection, the clock of silence, and the failure that
 * each status stands for. What is sent and how the stream is read is the dialect's: openai.ts, ollama.ts.
 */
import type * as http from 'node:http';
import { parseJson } from '../core/jsonValue';
import type { Argument } from '../core/messages';
import {
  Answer,
  BackendError,
  collect,
  errorOf,
  LOADING,
  OVERFLOW,
  quote,
  raise,
  type Api,
  type Backend,
  type Call,
  type Dialect,
  type FailureKind,
  type GenerateOptions,
  type GenerateRequest,
  type GenerateResult,
  type Reader,
} from './answer';
import { backendHost, connectionFailure, normaliseUrl, open, responseTo } from './connection';
import { OLLAMA } from './ollama';
import { OPENAI } from './openai';

export {
  BackendError,
  type Api,
  type Backend,
  type FailureKind,
  type GenerateRequest,
  type GenerateResult,
  type TokenLogprob,
} from './answer';
export { backendHost, normaliseUrl } from './connection';

const DIALECTS: Readonly<Record<Api, Dialect>> = { openai: OPENAI, ollama: OLLAMA };

const MAX_ERROR_BYTES = 64 << 10;
const FIRST_SILENCE_SECONDS = 600;
const SILENCE_SECONDS = 120;
/** The longest a timer of Node can wait, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;
/** How long to wait for the rest, in milliseconds, once nothing that matters is missing. */
const GRACE = 5000;

/** The wordings of OpenAI, and of vLLM with a tokenizer of Mistral. */
const UNKNOWN_MEMBER = /chat_template|enable_thinking/i;

/** Base addresses of servers that refused the switch for thinking, which the API of OpenAI does not have. */
const plainServers = new Set<string>();

/**
 * Asks for one answer and streams it. Waiting and repeating are in retry.ts; only what the server refused for the switch for
 * thinking is sent again at once, without it. When the promise settles, no socket and no timer is left.
 * @throws BackendError only; `aborted` at once when the signal fires
 */
export async function generate(
  backend: Backend,
  request: GenerateRequest,
  options: GenerateOptions,
): Promise<GenerateResult> {
  const base = normaliseUrl(backend.url);
  const { host } = backendHost(base);
  const call: Call = { ...options, backend, request, host, plain: plainServers.has(base) };
  try {
    return await attempt(call);
  } catch (error) {
    // The arguments of a template are no switch: without them it would write another language.
    if (call.plain || request.templateArguments || !isUnknownMember(error)) throw error;
    plainServers.add(base);
    return await attempt({ ...call, plain: true });
  }
}

/**
 * What `generate` would send, to be shown: the key is not in it.
 * @throws BackendError `bad-url`
 */
export function sentFor(
  backend: Backend,
  request: GenerateRequest,
): { readonly url: string; readonly body: Readonly<Record<string, unknown>> } {
  const base = normaliseUrl(backend.url);
  const dialect = DIALECTS[backend.api];
  const body = dialect.body({ backend, request, plain: plainServers.has(base) });
  return { url: base + dialect.path(request), body };
}

function isUnknownMember(error: unknown): boolean {
  return error instanceof BackendError && error.kind === 'bad-request' && UNKNOWN_MEMBER.test(error.message);
}

async function attempt(call: Call): Promise<GenerateResult> {
  const { signal, backend, request, host } = call;
  const dialect = DIALECTS[backend.api];
  const answer = new Answer(call);
  if (signal.aborted) throw answer.failure('aborted');

  const outgoing = open('POST', backend.url, dialect.path(request), backend.apiKey);
  let reader: Reader | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped: (() => GenerateResult) | undefined;
  const stop = (outcome: () => GenerateResult) => {
    stopped ??= outcome;
    outgoing.destroy();
  };
  const onAbort = () => stop(() => raise(answer.failure('aborted')));
  // Any byte counts, also of a comment: a server that pings is at work.
  const restartTimer = () => {
    clearTimeout(timer);
    const seconds = answer.begun
      ? (backend.silenceSeconds ?? SILENCE_SECONDS)
      : (backend.firstSilenceSeconds ?? FIRST_SILENCE_SECONDS);
    const rest = reader?.enough() ? reader : undefined;
    const limit = Math.min(seconds * 1000, rest ? GRACE : MAX_TIMER);
    timer = setTimeout(
      () => stop(() => rest?.end(false) ?? raise(answer.failure('silence', seconds))),
      limit,
    );
  };
  signal.addEventListener('abort', onAbort);
  restartTimer();
  try {
    outgoing.on('information', restartTimer);
    const response = await responseTo(outgoing, JSON.stringify(dialect.body(call)));
    reader = readerOf(response, call, dialect, answer);
    restartTimer();
    for await (const bytes of response as AsyncIterable<Buffer>) {
      if (reader.take(bytes)) break;
      restartTimer();
    }
    return (stopped ?? (() => reader?.end(true) ?? raise(answer.failure('truncated'))))();
  } catch (error) {
    if (stopped) return stopped();
    if (error instanceof BackendError) throw error;
    if (reader) return reader.end(false);
    throw connectionFailure(error, host);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    outgoing.destroy();
  }
}

function readerOf(response: http.IncomingMessage, call: Call, dialect: Dialect, answer: Answer): Reader {
  const { statusCode: status = 0, headers } = response;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (status >= 300 && status < 400) throw answer.failure('redirect', status);
  if (status < 200 || status >= 400) {
    const retryAfterMs = waitOf(headers['retry-after']);
    return collect(MAX_ERROR_BYTES, body => raise(refusal(call, status, body, retryAfterMs)));
  }
  const reader =
    status === 200 && encoding === 'identity'
      ? dialect.reader(headers['content-type'] ?? '', answer)
      : undefined;
  return reader ?? collect(MAX_ERROR_BYTES, body => raise(answer.failure('not-sse', quote(call, body))));
}

/** The failure that an error status stands for. */
function refusal(call: Call, status: number, body: string, retryAfterMs: number | undefined): BackendError {
  const failure = (kind: FailureKind, ...args: Argument[]) =>
    new BackendError(kind, [call.host, ...args], { status, retryAfterMs });
  const said = quote(call, errorOf(parseJson(body)) ?? body);
  if (status === 401 || status === 403) return failure('unauthorised', status);
  if (status === 404 || status === 405) return failure('not-found', status, said);
  if (status === 503 && LOADING.test(body)) return failure('loading');
  if (status === 429 || status === 503 || status === 529) return failure('busy');
  if (status === 413 || OVERFLOW.test(body)) return failure('overflow', said);
  if (status === 408 || status >= 500) return failure('server', status, said);
  return failure('bad-request', status, said);
}

/** `Retry-After` in milliseconds: a number of seconds, or a date (RFC 9110, section 10.2.3). */
function waitOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
