/**
 * One answer from a server that speaks the OpenAI chat API: `POST <base>/v1/chat/completions`, streamed as server-sent
 * events. Over `node:http`, since `fetch` gives up after 300 s without headers, which a server with a queue exceeds;
 * without keep-alive, since llama.cpp closes each connection although it offers to keep it.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { createParser } from 'eventsource-parser';
import type { Argument } from '../core/messages';
import {
  Answer,
  BackendError,
  errorOf,
  get,
  MAX_ANSWER_MIB,
  MIB,
  OVERFLOW,
  parseJson,
  quote,
  raise,
  type Backend,
  type Call,
  type FailureKind,
  type GenerateOptions,
  type GenerateRequest,
  type GenerateResult,
} from './answer';

export {
  BackendError,
  type Backend,
  type FailureKind,
  type GenerateRequest,
  type GenerateResult,
} from './answer';

const MAX_ERROR_BYTES = 64 << 10;
const DEFAULT_SILENCE_SECONDS = 300;
/** The longest a timer of Node can wait, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;
/** How long to wait for the rest, in milliseconds, once nothing that matters is missing. */
const GRACE = 5000;

const DOWN =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ETIMEDOUT|EADDRNOTAVAIL)$/;
const LOADING = /\b(pre)?load(ing|ed)\b/i;

/**
 * The base address in one spelling: no slash at the end, no `/v1`, no `/chat/completions`.
 * @throws BackendError `bad-url` unless it is http or https, without credentials, query and fragment
 */
export function normaliseUrl(url: string): string {
  const { origin, pathname } = parseUrl(url);
  const path = pathname
    .replace(/\/+$/, '')
    .replace(/\/chat\/completions$/, '')
    .replace(/\/v1$/, '');
  return origin + path.replace(/\/+$/, '');
}

/**
 * The machine (and port) of an address, and whether it is surely this one: 127.0.0.0/8, ::1, or `localhost`.
 * @throws BackendError `bad-url`
 */
export function backendHost(url: string): { host: string; isLoopback: boolean } {
  // The URL parser has put every spelling of an IPv4 address (127.1, 0x7f000001) into four decimal numbers.
  const { host, hostname } = parseUrl(url);
  return { host, isLoopback: /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(hostname) };
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new BackendError('bad-url');
  if (parsed.username || parsed.password || /[?#]/.test(url)) throw new BackendError('bad-url');
  return parsed;
}

/**
 * Asks for one answer and streams it. Waiting and repeating are the caller's, but for one new connection if the first
 * was reset before the server answered. When the promise settles, no socket and no timer is left.
 * @throws BackendError only; `aborted` at once when the signal fires
 */
export async function generate(
  backend: Backend,
  request: GenerateRequest,
  options: GenerateOptions,
): Promise<GenerateResult> {
  const call: Call = { ...options, backend, request, host: backendHost(backend.url).host };
  const result = (await attempt(call)) ?? (await attempt(call));
  if (!result) throw new BackendError('network', [call.host, 'ECONNRESET']);
  return result;
}

/** Sends the request once. Resolves to nothing if the connection was reset before the server answered. */
async function attempt(call: Call): Promise<GenerateResult | undefined> {
  const { signal, backend, host } = call;
  const answer = new Answer(call);
  if (signal.aborted) throw answer.failure('aborted');

  const outgoing = open(call);
  let reader: Reader | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped: (() => GenerateResult) | undefined;
  const stop = (outcome: () => GenerateResult) => {
    stopped ??= outcome;
    outgoing.destroy();
  };
  const onAbort = () => stop(() => raise(answer.failure('aborted')));
  const restartTimer = () => {
    clearTimeout(timer);
    const seconds = backend.silenceSeconds ?? DEFAULT_SILENCE_SECONDS;
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
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      outgoing.on('response', resolve).on('information', restartTimer).on('error', reject).end(bodyOf(call));
    });
    reader = readerOf(response, call, answer);
    restartTimer();
    for await (const bytes of response as AsyncIterable<Buffer>) {
      if (reader.take(bytes)) break;
      restartTimer();
    }
    return (stopped ?? (() => reader?.end(true)))();
  } catch (error) {
    if (stopped) return stopped();
    if (error instanceof BackendError) throw error;
    if (reader) return reader.end(false);
    const code = String(get(error, 'code'));
    if (code === 'ECONNRESET') return undefined;
    throw new BackendError(DOWN.test(code) ? 'down' : 'network', [host, code]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    outgoing.destroy();
  }
}

function open({ backend }: Call): http.ClientRequest {
  const url = new URL(`${normaliseUrl(backend.url)}/v1/chat/completions`);
  const key = backend.apiKey ?? '';
  if (!/^[\x21-\x7e]*$/.test(key)) throw new BackendError('bad-key');
  const protocol = url.protocol === 'https:' ? https : http;
  return protocol.request(url, {
    method: 'POST',
    agent: new protocol.Agent({ keepAlive: false }),
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream, application/json',
      'accept-encoding': 'identity',
      ...(key && { authorization: `Bearer ${key}` }),
    },
  });
}

function bodyOf({ backend, request }: Call): Buffer {
  const { messages, temperature, topP, seed, maxTokens } = request;
  const stream = { stream: true, stream_options: { include_usage: true } };
  const sampling = { temperature, top_p: topP, seed, max_tokens: maxTokens };
  return Buffer.from(JSON.stringify({ model: backend.model, messages, ...sampling, ...stream }));
}

/** What reads the body of a response. Both functions throw BackendError. */
interface Reader {
  /** True when no more is needed. */
  take(bytes: Buffer): boolean;
  /** True when what has come decides the outcome, so that the rest is not worth a long wait. */
  enough(): boolean;
  /** `whole` is false if the connection broke. */
  end(whole: boolean): GenerateResult;
}

function readerOf(response: http.IncomingMessage, call: Call, answer: Answer): Reader {
  const { statusCode: status = 0, headers } = response;
  const type = headers['content-type'] ?? '';
  const encoding = headers['content-encoding'] ?? 'identity';
  if (status >= 300 && status < 400) throw answer.failure('redirect', status);
  if (status < 200 || status >= 400) {
    const retryAfterMs = waitOf(headers['retry-after']);
    return collect(MAX_ERROR_BYTES, body => raise(refusal(call, status, body, retryAfterMs)));
  }
  if (status === 200 && encoding === 'identity') {
    if (/^text\/event-stream\b/i.test(type)) return streamReader(answer);
    if (/\bx?-?(nd)?json\b/i.test(type)) return jsonReader(answer);
  }
  return collect(MAX_ERROR_BYTES, body => raise(answer.failure('not-sse', quote(call, body))));
}

function streamReader(answer: Answer): Reader {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let ending = false;
  const parser = createParser({
    maxBufferSize: MAX_ANSWER_MIB * MIB,
    onEvent: event => answer.event(event, ending),
    onError: error => answer.strayLine(error),
  });
  return {
    take(bytes) {
      let text: string;
      try {
        text = decoder.decode(bytes, { stream: true });
      } catch {
        throw answer.failure('stream-error', 'not valid UTF-8');
      }
      parser.feed(text);
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

/** For a server that ignores `stream`, and for Ollama, whose error is one line of NDJSON. */
function jsonReader(answer: Answer): Reader {
  const limit = MAX_ANSWER_MIB * MIB;
  const body = collect(limit, (text, whole, size) => {
    if (size >= limit) throw answer.tooLarge();
    const value = parseJson(text);
    for (const line of value === undefined ? text.split('\n') : []) answer.raiseError(line);
    if (value === undefined && !whole) throw answer.failure('truncated');
    if (!Array.isArray(get(value, 'choices'))) answer.raiseError(text, 'not-sse');
    answer.event({ data: text }, false);
    return answer.result();
  });
  return { ...body, enough: () => false };
}

/** Gathers at most `limit` bytes of a body, then hands them over as text. */
function collect(limit: number, use: (text: string, whole: boolean, size: number) => GenerateResult): Reader {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    take(bytes) {
      chunks.push(bytes.subarray(0, limit - size));
      size = Math.min(limit, size + bytes.length);
      return size === limit;
    },
    enough: () => true,
    end: whole => use(Buffer.concat(chunks).toString('utf8'), whole, size),
  };
}

/** The failure that an error status stands for. */
function refusal(call: Call, status: number, body: string, retryAfterMs: number | undefined): BackendError {
  const failure = (kind: FailureKind, ...args: Argument[]) =>
    new BackendError(kind, [call.host, ...args], '', status, retryAfterMs);
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
