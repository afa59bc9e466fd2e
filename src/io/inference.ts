/**
 * One answer from a server that speaks the OpenAI chat API: `POST <base>/v1/chat/completions`, streamed as server-sent
 * events. Over `node:http`, since `fetch` gives up after 300 s without headers, which a server with a queue exceeds;
 * without keep-alive, since llama.cpp closes each connection although it offers to keep it.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { createParser, type EventSourceMessage, type ParseError } from 'eventsource-parser';
import { UserError, type Argument, type MessageId } from '../core/messages';

export interface Backend {
  /** Base address, with or without `/v1`. */
  readonly url: string;
  readonly model: string;
  readonly apiKey?: string;
  /** How long the server may send nothing, in seconds; 300 if not given. */
  readonly silenceSeconds?: number;
}

export interface GenerateRequest {
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[];
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly maxTokens: number;
}

export interface GenerateOptions {
  readonly signal: AbortSignal;
  /** Called with each new piece of the answer; all pieces together are {@link GenerateResult.text}. */
  readonly onDelta: (text: string) => void;
}

export interface GenerateResult {
  readonly text: string;
  /** As the server named it (llama.cpp ignores the one asked for), else the one asked for. */
  readonly model: string;
  readonly finishReason: string;
  /** Far fewer than expected: the server cut the prompt without saying so. */
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly reasoning?: string;
}

/** One kind for each message: what each means, and what to do, stands there. */
export type FailureKind = KindOf<MessageId>;
type KindOf<Id> = Id extends `backend.${infer Kind}` ? Kind : never;

/** Why there is no answer. The message holds neither the API key nor the texts of the request. */
export class BackendError extends UserError {
  readonly kind: FailureKind;
  /** What had arrived of the answer: to be shown, never to be kept as an answer. */
  readonly partial: string;
  /** How long the server asks to wait, in milliseconds and as it says: put your own limit on it. */
  readonly retryAfterMs: number | undefined;
  /** The HTTP status, where it is the reason. */
  readonly status: number | undefined;

  constructor(
    kind: FailureKind,
    args: Argument[] = [],
    partial = '',
    status?: number,
    retryAfterMs?: number,
  ) {
    super(`backend.${kind}`, ...args);
    this.kind = kind;
    this.partial = partial;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

const MIB = 1 << 20;
const MAX_ANSWER_MIB = 8;
const MAX_ERROR_BYTES = 64 << 10;
const DEFAULT_SILENCE_SECONDS = 300;
/** The longest a timer of Node can wait, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;
/** How long to wait for the rest, in milliseconds, once nothing that matters is missing. */
const GRACE = 5000;

const DOWN =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ETIMEDOUT|EADDRNOTAVAIL)$/;
const LOADING = /\b(pre)?load(ing|ed)\b/i;
/** The wordings of llama.cpp, OpenAI, vLLM (two), LM Studio and TGI. */
const OVERFLOW =
  /exceed_context_size|context[ _-](length|size|window)|maximum context|(prompt|input)\b.{0,40}\btoo long|too many (input )?tokens|must be <= \d+\. Given/i;
const CUT_SHORT = /^(length|max_tokens|model_length)$/;
const BROKEN_OFF = /^(error|abort(ed)?|cancell?ed|content_filter)$/;

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

interface Call extends GenerateOptions {
  readonly backend: Backend;
  readonly request: GenerateRequest;
  readonly host: string;
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

/** The answer as it grows. */
class Answer {
  readonly #call: Call;
  /** What came as the answer; {@link #text} is without the thought at its beginning. */
  #raw = '';
  #text = '';
  #thought = '';
  #reasoning = '';
  #bytes = 0;
  #model: string;
  #usage: unknown;
  /** The reason why the model stopped; empty until it is known. */
  finish = '';
  /** Whether the server has said that nothing follows. */
  done = false;

  constructor(call: Call) {
    this.#call = call;
    this.#model = call.backend.model;
  }

  failure(kind: FailureKind, ...args: Argument[]): BackendError {
    return new BackendError(kind, [this.#call.host, ...args], this.#text);
  }

  tooLarge(): BackendError {
    return this.failure('too-large', MAX_ANSWER_MIB);
  }

  /** Takes one chunk of the stream. @param ending whether it may be incomplete */
  event({ event, data }: Pick<EventSourceMessage, 'event' | 'data'>, ending: boolean): void {
    if (this.done || this.#call.signal.aborted) return;
    const value = parseJson(data);
    if (event === 'error') this.raiseError(data, 'stream-error');
    this.raiseError(data);
    if (data.trim() === '[DONE]') this.done = true;
    else if (value !== undefined) this.#chunk(value);
    else if (!ending) throw this.failure('stream-error', 'not valid JSON');
  }

  /** A line that is none of an event stream: `error: {…}` of early llama.cpp, or an error as a bare JSON object. */
  strayLine({ type, field, value, line }: ParseError): void {
    if (type === 'max-buffer-size-exceeded') throw this.tooLarge();
    if (field === 'error') this.raiseError(value ?? '', 'stream-error');
    else this.raiseError(line ?? '');
  }

  /** Throws what `data` reports, if it is an error in one of the shapes of {@link errorOf}, or if `kind` says so. */
  raiseError(data: string, kind?: FailureKind): void {
    const said = errorOf(parseJson(data));
    if (said === undefined && !kind) return;
    if (OVERFLOW.test(data)) throw this.failure('overflow', quote(this.#call, said ?? data));
    throw this.failure(said === undefined && kind ? kind : 'stream-error', quote(this.#call, said ?? data));
  }

  #chunk(value: unknown): void {
    this.#model = asText(get(value, 'model')) || this.#model;
    this.#usage = get(value, 'usage') ?? this.#usage;
    // Absent in the chunk that brings the usage.
    const choice = get(value, 'choices', 0);
    const delta = get(choice, 'delta') ?? get(choice, 'message');
    const reasoning = asText(get(delta, 'reasoning_content')) || asText(get(delta, 'reasoning'));
    const content = asText(get(delta, 'content'));
    this.#bytes += Buffer.byteLength(reasoning) + Buffer.byteLength(content);
    if (this.#bytes > MAX_ANSWER_MIB * MIB) throw this.tooLarge();
    this.#reasoning += reasoning;
    if (this.#text !== '') this.#say(content);
    else if (content !== '') this.#begin(content);
    this.finish = asText(get(choice, 'finish_reason')) || this.finish;
  }

  #begin(content: string): void {
    this.#raw += content;
    // A text about `<think>` may well begin with it in the translation too.
    const inText = this.#call.request.messages.some(message => message.content.includes('<think>'));
    const { thought, said } = inText ? { thought: '', said: this.#raw } : splitThought(this.#raw);
    this.#thought = thought;
    this.#say(said);
  }

  #say(piece: string): void {
    if (piece === '') return;
    this.#text += piece;
    try {
      this.#call.onDelta(piece);
    } catch (cause) {
      // Nobody takes the text any more.
      throw Object.assign(this.failure('aborted'), { cause });
    }
  }

  /** @throws BackendError if the answer is not a complete one */
  result(): GenerateResult {
    // An unclosed thought is no answer; the beginning of a mark that never came is one.
    if (this.#text === '' && !this.#raw.trimStart().startsWith('<think>')) this.#say(this.#raw);
    const reasoning = this.#reasoning + this.#thought;
    if (this.finish === '') throw this.failure('truncated');
    if (CUT_SHORT.test(this.finish)) throw this.failure('length');
    if (BROKEN_OFF.test(this.finish)) throw this.failure('stream-error', this.finish);
    if (this.#text.trim() === '') throw this.failure('empty');
    const promptTokens = get(this.#usage, 'prompt_tokens');
    const completionTokens = get(this.#usage, 'completion_tokens');
    return {
      text: this.#text,
      model: this.#model,
      finishReason: this.finish,
      ...(typeof promptTokens === 'number' && { promptTokens }),
      ...(typeof completionTokens === 'number' && { completionTokens }),
      ...(reasoning && { reasoning }),
    };
  }
}

/**
 * Keeps apart the `<think>…</think>` with which some models begin. Called with all there is so far, it only ever adds to
 * both parts; while the beginning may still become the mark, both are empty.
 */
function splitThought(raw: string): { thought: string; said: string } {
  const lead = raw.trimStart();
  if ('<think>'.startsWith(lead)) return { thought: '', said: '' };
  if (!lead.startsWith('<think>')) return { thought: '', said: raw };
  const end = lead.indexOf('</think>');
  if (end < 0) return { thought: lead.slice(7), said: '' };
  return { thought: lead.slice(7, end), said: lead.slice(end + 8).trimStart() };
}

/** What a JSON value reports, if it is an error: `{error: {message}}`, `{error: "…"}`, `{object: "error", message}`. */
function errorOf(value: unknown): string | undefined {
  const error = get(value, 'error');
  if (typeof error === 'string' && error !== '') return error;
  if (typeof error === 'object' && error !== null)
    return asText(get(error, 'message')) || asText(get(error, 'type'));
  return get(value, 'object') === 'error' ? asText(get(value, 'message')) : undefined;
}

/**
 * A piece of what the server said that may be shown and logged: one line of at most 200 characters without markup.
 * The API key, and whatever 12 bytes of UTF-8 or more are also in the request, stand as “…”: servers like to repeat
 * what they were sent.
 */
function quote({ backend, request }: Call, said: string): string {
  const plain = (raw: string) =>
    raw
      .replace(/<[^<>]*>/g, ' ')
      .replace(/[\p{C}\s]+/gu, ' ')
      .trim();
  const unkeyed = backend.apiKey ? said.replaceAll(backend.apiKey, '…') : said;
  const characters = Array.from(plain(unkeyed.slice(0, 4096))).slice(0, 300);
  const sent = request.messages.map(message => plain(message.content)).filter(content => content !== '');
  const hidden = new Set<number>();
  for (let from = 0; from < characters.length; from++) {
    let piece = '';
    for (let to = from; to < characters.length && Buffer.byteLength(piece) < 12; to++) {
      piece += characters[to] ?? '';
      const long = Buffer.byteLength(piece) >= 12;
      if (!sent.some(content => (long ? content.includes(piece) : content === piece))) continue;
      for (let at = from; at <= to; at++) hidden.add(at);
    }
  }
  const shown = characters.map((character, at) => (hidden.has(at) ? '…' : character)).slice(0, 200);
  return shown.join('').replace(/…+/g, '…') || '–';
}

function parseJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

/** What stands at a path of names in a JSON value, if anything does. */
function get(value: unknown, ...path: (string | number)[]): unknown {
  let at = value;
  for (const name of path)
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined;
  return at;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function raise(error: BackendError): never {
  throw error;
}
