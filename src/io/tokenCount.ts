/**
 * How many tokens a text has for the model of a server, by its own tokenizer: llama.cpp (`/tokenize`, and `/apply-template`
 * for conversations), vLLM and SGLang (`/tokenize`). Others have no such request.
 */
import { parseJson } from '../core/jsonValue';
import { UserError } from '../core/messages';
import type { TrainedText } from '../core/cutoff';
import { asCount, BackendError, errorOf, get, LOADING, quote, type Backend } from './answer';
import { backendHost, postPage, type Page } from './connection';

/** Of the numbers of a text's tokens: about a million. */
const MAX_ANSWER_BYTES = 8 << 20;
/** Before an answer: a tokenizer takes milliseconds, a server under load longer. */
const LIMIT_MS = 120_000;
/** What the trainer puts behind an answer, and a template that ends with an open turn leaves out. */
const END = 1;

/** Counts texts of training rows, with the marks of beginning and end that the trainer adds. */
export class TokenCounter {
  readonly #backend: Backend;
  /** Whether the server makes a text of a conversation by itself: llama.cpp. Undefined: not known yet. */
  #hasTemplates: boolean | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** @throws BackendError; UserError `tokens.none` where the server counts no tokens */
  async count(trained: TrainedText, signal: AbortSignal): Promise<number> {
    if (typeof trained === 'string') return (await this.#countText(trained, signal)) + END;
    if (this.#hasTemplates !== false) {
      const page = await this.#post(
        '/apply-template',
        { messages: trained, add_generation_prompt: false },
        signal,
      );
      const prompt = get(parseJson(page.text), 'prompt');
      this.#hasTemplates = page.status === 200 && typeof prompt === 'string';
      if (this.#hasTemplates) return (await this.#countText(String(prompt), signal)) + END;
      if (page.status !== 404 && page.status !== 405) this.#refuse(page, trained);
    }
    return this.#tokens({ messages: trained, add_generation_prompt: false }, trained, signal);
  }

  /** Each server reads the member that it knows, and none minds the other. */
  #countText(text: string, signal: AbortSignal): Promise<number> {
    const body = { content: text, add_special: true, prompt: text, add_special_tokens: true };
    return this.#tokens(body, text, signal);
  }

  async #tokens(body: object, trained: TrainedText, signal: AbortSignal): Promise<number> {
    const page = await this.#post('/tokenize', body, signal);
    const answer = parseJson(page.text);
    const tokens = get(answer, 'tokens');
    const count = asCount(get(answer, 'count')) ?? (Array.isArray(tokens) ? tokens.length : undefined);
    if (page.status !== 200 || count === undefined) return this.#refuse(page, trained);
    return count;
  }

  #post(path: string, body: object, signal: AbortSignal): Promise<Page> {
    const { url, model, apiKey } = this.#backend;
    const json = JSON.stringify({ ...(model === '' ? {} : { model }), ...body });
    return postPage(url, path, apiKey, json, LIMIT_MS, MAX_ANSWER_BYTES, signal);
  }

  /** @throws always */
  #refuse({ status, text }: Page, trained: TrainedText): never {
    const { host } = backendHost(this.#backend.url);
    const messages =
      typeof trained === 'string' ? [{ role: 'user' as const, content: trained }] : [...trained];
    const said = quote({ backend: this.#backend, request: { messages } }, errorOf(parseJson(text)) ?? text);
    if (status >= 300 && status < 400) throw new BackendError('redirect', [host, status]);
    if (status === 401 || status === 403) throw new BackendError('unauthorised', [host, status]);
    if (status === 503 && LOADING.test(text)) throw new BackendError('loading', [host]);
    if (status === 429 || status === 503) throw new BackendError('busy', [host]);
    if (status === 200 || status === 404 || status === 405) throw new UserError('tokens.none', host);
    if (status >= 500) throw new BackendError('server', [host, status, said]);
    throw new UserError('tokens.refused', host, status, said);
  }
}
