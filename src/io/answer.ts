/**
 * What a server says, put together from the pieces of its stream: the answer, or which of the many ways of failing it was.
 * Knows nothing of the connection (inference.ts) nor of how the pieces are written (openai.ts, ollama.ts).
 */
import { UserError, type Argument, type MessageId } from '../core/messages';
import { readTokens, tokensOf, type TokenBytes, type TokenLogprob } from './tokens';

export type { TokenLogprob } from './tokens';

/** Which API a server is spoken to in: the one of OpenAI, or Ollama's own, since its other one truncates silently. */
export type Api = 'openai' | 'ollama';

export interface Backend {
  /** Base address, with or without `/v1`. */
  readonly url: string;
  readonly model: string;
  readonly api: Api;
  readonly apiKey?: string;
  /** How long the server may send nothing before the first piece of its answer, in seconds; 600 if not given. */
  readonly firstSilenceSeconds?: number;
  /** As above, after it; 120 if not given. */
  readonly silenceSeconds?: number;
  /** Tokens of request and answer together, where known. Ollama is asked to make room for as many. */
  readonly contextTokens?: number;
}

export interface GenerateRequest {
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[];
  /** Whether the only message is to be completed as raw text, without the model's chat template. */
  readonly raw?: boolean;
  /** JSON schema of the answer. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** For the server's chat template. */
  readonly templateArguments?: Readonly<Record<string, string>>;
  /** Further sampling parameters by the names that servers share: `top_k`, `repeat_penalty`, … */
  readonly sampling?: Readonly<Record<string, number>>;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly maxTokens: number;
  /** A server that says it read fewer has cut the request silently. */
  readonly minPromptTokens?: number;
  /** Whether the probability of each token is wanted, from servers that tell it. */
  readonly logprobs?: boolean;
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
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly reasoning?: string;
  /** In their order; undefined where they were not asked for, or the server does not tell. */
  readonly tokens?: readonly TokenLogprob[];
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
  /** Of an answer that was cut, where the server counts them: fewer than were allowed if its context was full. */
  readonly completionTokens: number | undefined;

  constructor(kind: FailureKind, args: readonly Argument[] = [], details: FailureDetails = {}) {
    super(`backend.${kind}`, ...args);
    this.kind = kind;
    this.partial = details.partial ?? '';
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.completionTokens = details.completionTokens;
  }
}

interface FailureDetails {
  readonly partial?: string;
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
  readonly completionTokens?: number | undefined;
}

/** One request on its way. */
export interface Call extends GenerateOptions {
  readonly backend: Backend;
  readonly request: GenerateRequest;
  readonly host: string;
  /** Whether the server refuses the switch for thinking, which the API of OpenAI does not have. */
  readonly plain: boolean;
}

/** How servers of one API are asked, and how what they stream is read. */
export interface Dialect {
  /** Below the base address. */
  path(request: GenerateRequest): string;
  body(call: Pick<Call, 'backend' | 'request' | 'plain'>): Record<string, unknown>;
  /** What reads a stream of this content type; undefined if no answer of this API has it. */
  reader(contentType: string, answer: Answer): Reader | undefined;
}

/** What reads the body of a response. Both functions throw BackendError. */
export interface Reader {
  /** True when no more is needed. */
  take(bytes: Buffer): boolean;
  /** True when what has come decides the outcome, so that the rest is not worth a long wait. */
  enough(): boolean;
  /** `whole` is false if the connection broke. */
  end(whole: boolean): GenerateResult;
}

/** What one message of a stream brings. Whatever is not of the type that it should be counts as nothing. */
export interface Piece {
  readonly content: unknown;
  readonly reasoning: unknown;
  /** Why the model stopped. */
  readonly finish: unknown;
  readonly model: unknown;
  readonly promptTokens: unknown;
  readonly completionTokens: unknown;
  /** A list of `{token, logprob, bytes}`, as OpenAI and Ollama share it; `bytes` may be missing. */
  readonly logprobs: unknown;
}

export const MIB = 1 << 20;
export const MAX_ANSWER_MIB = 8;
/** The wordings of llama.cpp, OpenAI, vLLM (two), LM Studio and TGI. */
export const OVERFLOW =
  /exceed_context_size|context[ _-](length|size|window)|maximum context|(prompt|input)\b.{0,40}\btoo long|too many (input )?tokens|must be <= \d+\. Given/i;
/** Of llama.cpp, LocalAI. */
export const LOADING = /\b(pre)?load(ing|ed)\b/i;
const CUT_SHORT = /^(length|max_tokens|model_length)$/;
const BROKEN_OFF = /^(error|abort(ed)?|cancell?ed|content_filter)$/;

/** Whether a model that stopped for this reason had come to the end; it had not where no reason is given. */
export function isWhole(finish: string): boolean {
  return finish !== '' && !CUT_SHORT.test(finish) && !BROKEN_OFF.test(finish);
}

/** The answer as it grows. */
export class Answer {
  readonly #call: Call;
  /** Without the thought at its beginning. */
  #text = '';
  readonly #thoughts: Thoughts | undefined;
  #reasoning = '';
  #bytes = 0;
  #model: string;
  #promptTokens: number | undefined;
  #completionTokens: number | undefined;
  readonly #tokens: TokenBytes[] = [];
  /** The reason why the model stopped; empty until it is known. */
  finish = '';
  /** Whether the server has said that nothing follows. */
  done = false;

  constructor(call: Call) {
    this.#call = call;
    this.#model = call.backend.model;
    this.#thoughts = speaksOfThoughts(call.request.messages) ? undefined : new Thoughts();
  }

  /** Whether anything of the answer, or of the thoughts before it, has come. */
  get begun(): boolean {
    return this.#bytes > 0;
  }

  /** Whether what still comes is of no use. */
  get over(): boolean {
    return this.done || this.#call.signal.aborted;
  }

  failure(kind: FailureKind, ...args: Argument[]): BackendError {
    const [partial, completionTokens] = [this.#text, this.#completionTokens];
    return new BackendError(kind, [this.#call.host, ...args], { partial, completionTokens });
  }

  tooLarge(): BackendError {
    return this.failure('too-large', MAX_ANSWER_MIB);
  }

  /**
   * Throws what `data` reports, if it is an error in one of the shapes of {@link errorOf}, or if `kind` says so.
   * @param value `data` as JSON
   */
  raiseError(data: string, value: unknown, kind?: FailureKind): void {
    const said = errorOf(value);
    if (said === undefined && !kind) return;
    if (OVERFLOW.test(data)) throw this.failure('overflow', quote(this.#call, said ?? data));
    throw this.failure(said === undefined && kind ? kind : 'stream-error', quote(this.#call, said ?? data));
  }

  add(piece: Piece): void {
    const [content, reasoning] = [asText(piece.content), asText(piece.reasoning)];
    this.#bytes += Buffer.byteLength(reasoning) + Buffer.byteLength(content);
    if (this.#call.request.logprobs) {
      for (const token of readTokens(piece.logprobs)) {
        this.#bytes += token.bytes.length;
        this.#tokens.push(token);
      }
    }
    if (this.#bytes > MAX_ANSWER_MIB * MIB) throw this.tooLarge();
    this.#model = asText(piece.model) || this.#model;
    this.#promptTokens = asCount(piece.promptTokens) ?? this.#promptTokens;
    this.#completionTokens = asCount(piece.completionTokens) ?? this.#completionTokens;
    this.#reasoning += reasoning;
    this.#say(this.#thoughts?.take(content) ?? content);
    this.finish = asText(piece.finish) || this.finish;
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
    this.#say(this.#thoughts?.end() ?? '');
    const reasoning = this.#reasoning + (this.#thoughts?.thought ?? '');
    const [promptTokens, completionTokens] = [this.#promptTokens, this.#completionTokens];
    if (this.finish === '') throw this.failure('truncated');
    // Older versions of Ollama say 0 of a prompt that they still had in memory.
    if (promptTokens && promptTokens < (this.#call.request.minPromptTokens ?? 0))
      throw this.failure('truncated-prompt', promptTokens);
    if (CUT_SHORT.test(this.finish)) throw this.failure('length');
    if (BROKEN_OFF.test(this.finish)) throw this.failure('stream-error', this.finish);
    if (this.#text.trim() === '') throw this.failure('empty');
    const tokens = tokensOf(this.#text, this.#tokens);
    return {
      text: this.#text,
      model: this.#model,
      finishReason: this.finish,
      ...(promptTokens !== undefined && { promptTokens }),
      ...(completionTokens !== undefined && { completionTokens }),
      ...(reasoning && { reasoning }),
      ...(tokens && { tokens }),
    };
  }
}

const OPEN = '<think>';
const CLOSE = '</think>';

/** Keeps apart the `<think>…</think>` with which some models begin, reading each piece of an answer once. */
class Thoughts {
  thought = '';
  /** What may still become the mark, with the blanks before it, and without them. */
  #lead = '';
  #mark = '';
  #stage: 'lead' | 'thought' | 'gap' | 'text' = 'lead';

  /** @returns what of the next piece belongs to the answer */
  take(piece: string): string {
    switch (this.#stage) {
      case 'lead':
        this.#lead += piece;
        this.#mark += this.#mark === '' ? piece.trimStart() : piece;
        if (this.#mark.startsWith(OPEN)) return this.#think(this.#mark.slice(OPEN.length));
        return OPEN.startsWith(this.#mark) ? '' : this.end();
      case 'thought':
        return this.#think(piece);
      case 'gap': {
        const said = piece.trimStart();
        if (said !== '') this.#stage = 'text';
        return said;
      }
      case 'text':
        return piece;
    }
  }

  /** @returns the beginning of a mark that never came: it is an answer, where a thought that never ends is none */
  end(): string {
    if (this.#stage !== 'lead') return '';
    this.#stage = 'text';
    return this.#lead;
  }

  #think(piece: string): string {
    // The mark may have begun in the piece before.
    const from = this.thought.length;
    const tail = this.#stage === 'thought' ? this.#mark : '';
    const joined = tail + piece;
    const at = joined.indexOf(CLOSE);
    this.#stage = at < 0 ? 'thought' : 'gap';
    this.thought += piece;
    this.#mark = joined.slice(1 - CLOSE.length);
    if (at < 0) return '';
    this.thought = this.thought.slice(0, from - tail.length + at);
    return this.take(joined.slice(at + CLOSE.length));
  }
}

/** Whether a request has `<think>` in it: a text about that may well begin with it in the translation too. */
function speaksOfThoughts(messages: GenerateRequest['messages']): boolean {
  return messages.some(({ content }) => content.includes(OPEN));
}

/** An answer without the `<think>…</think>` with which some models begin. */
export function splitThought(raw: string): { thought: string; said: string } {
  const thoughts = new Thoughts();
  const said = thoughts.take(raw) + thoughts.end();
  return { thought: thoughts.thought, said };
}

/** What a model said to a request, without the thought at its beginning. */
export function saidTo(messages: GenerateRequest['messages'], answer: string): string {
  return speaksOfThoughts(messages) ? answer : splitThought(answer).said;
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
export function quote(
  {
    backend,
    request,
  }: { backend: { readonly apiKey?: string | undefined }; request: Pick<GenerateRequest, 'messages'> },
  said: string,
): string {
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

/** What stands at a path of names in a JSON value, if anything does. */
export function get(value: unknown, ...path: (string | number)[]): unknown {
  let at = value;
  for (const name of path)
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined;
  return at;
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A number of tokens, of requests: finite and not negative, else nothing. */
export function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/**
 * Bytes of a stream to text, piece by piece.
 * @throws BackendError `stream-error` from the function that is returned, for what is not UTF-8
 */
export function strictText(answer: Answer): (bytes: Buffer) => string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return bytes => {
    try {
      return decoder.decode(bytes, { stream: true });
    } catch {
      throw answer.failure('stream-error', 'not valid UTF-8');
    }
  };
}

/** Gathers at most `limit` bytes of a body, then hands them over as text. */
export function collect(
  limit: number,
  use: (text: string, whole: boolean, size: number) => GenerateResult,
): Reader {
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

export function raise(error: BackendError): never {
  throw error;
}
