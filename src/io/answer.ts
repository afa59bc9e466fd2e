/**
 * What a server that speaks the OpenAI chat API says, put together from the pieces of its stream: the answer, or which of
 * the many ways of failing it was. Knows nothing of the connection; see inference.ts.
 */
import type { EventSourceMessage, ParseError } from 'eventsource-parser';
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

export interface Call extends GenerateOptions {
  readonly backend: Backend;
  readonly request: GenerateRequest;
  readonly host: string;
}

export const MIB = 1 << 20;
export const MAX_ANSWER_MIB = 8;
/** The wordings of llama.cpp, OpenAI, vLLM (two), LM Studio and TGI. */
export const OVERFLOW =
  /exceed_context_size|context[ _-](length|size|window)|maximum context|(prompt|input)\b.{0,40}\btoo long|too many (input )?tokens|must be <= \d+\. Given/i;
const CUT_SHORT = /^(length|max_tokens|model_length)$/;
const BROKEN_OFF = /^(error|abort(ed)?|cancell?ed|content_filter)$/;

/** The answer as it grows. */
export class Answer {
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
export function errorOf(value: unknown): string | undefined {
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
export function quote({ backend, request }: Call, said: string): string {
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

export function parseJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

/** What stands at a path of names in a JSON value, if anything does. */
export function get(value: unknown, ...path: (string | number)[]): unknown {
  let at = value;
  for (const name of path)
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined;
  return at;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function raise(error: BackendError): never {
  throw error;
}
