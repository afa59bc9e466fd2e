/**
 * Which inference servers answer, what they are, what models they have and how busy they are. Only what is asked for by
 * address is asked; nothing of a record is sent.
 */
import { say, type Said } from '../core/messages';
import { LOADING, quote } from './answer';
import { backendHost, getPage, normaliseUrl, type Page } from './connection';
import { BackendError, generate, type Api, type Backend, type GenerateRequest } from './inference';
import { FIRST_PATHS, kindOf, MODELS, OLLAMA_PATHS } from './serverKinds';

/** Where the usual servers listen by default, on this machine only: a network is never searched. */
export const USUAL_URLS = [
  'http://127.0.0.1:11434',
  'http://127.0.0.1:8080',
  'http://127.0.0.1:8000',
  'http://127.0.0.1:1234',
  'http://127.0.0.1:30000',
] as const;

export const SERVER_KINDS = ['llama.cpp', 'ollama', 'vllm', 'sglang', 'lmstudio', 'openai'] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

export interface FoundModel {
  readonly id: string;
  /** Tokens of request and answer together, a request. */
  readonly contextTokens?: number;
  /** Whether it is in memory now; undefined where the server does not tell. */
  readonly loaded?: boolean;
  /** Share of it that is in the memory of a GPU, from 0 to 1; undefined where the server does not tell. */
  readonly onGpu?: number;
}

export interface FoundServer {
  readonly url: string;
  readonly kind: ServerKind;
  readonly api: Api;
  readonly models: readonly FoundModel[];
  /** Requests at a time that it takes, as it says, else what is usual for its kind. */
  readonly concurrency: number;
  /** Requests that run and that wait; undefined where it does not tell. */
  readonly running?: number;
  readonly waiting?: number;
  /** Why nothing more is known: a key is needed, the model is being loaded. */
  readonly problem?: Said;
}

/** For each request: servers on this machine answer at once, and a port that swallows requests is not waited for. */
const LIMIT_MS = 1500;
/** For a server that is to be used, wherever it is: what it is decides how it is spoken to. */
export const PATIENT_LIMIT_MS = 5000;

/**
 * What answers at one address. A server that wants a key, or still loads its model, is one too, with its `problem`.
 * @param url any spelling of the base address
 * @param limitMs for each of the answers that tell what it is
 * @throws BackendError where nothing does, or what does is no such server, or it may be Ollama and does not say so now;
 * `aborted` at once when the signal fires
 */
export async function inspect(
  url: string,
  apiKey: string | undefined,
  signal: AbortSignal,
  limitMs = LIMIT_MS,
): Promise<FoundServer> {
  const base = normaliseUrl(url);
  const pages = new Map<string, Page>();
  let failure: unknown;
  const look = (paths: readonly string[], limit: number) =>
    Promise.all(
      paths.map(async path => {
        try {
          pages.set(path, await getPage(base, path, apiKey, limit, signal));
        } catch (error) {
          if (signal.aborted) throw error;
          failure = error;
        }
      }),
    );
  await look(FIRST_PATHS, limitMs);
  const listed = pages.get(MODELS);
  if (pages.size === 0) throw failure;
  const known = kindOf(pages);
  const needsKey = listed?.status === 401 || listed?.status === 403;
  // Over the API of OpenAI, Ollama would cut long requests silently.
  if ((!known || known.kind === 'openai') && OLLAMA_PATHS.some(path => !pages.has(path))) throw failure;
  const isLoading = listed?.status === 503 && LOADING.test(listed.text);
  const problem = needsKey ? say('discovery.needsKey') : isLoading ? say('discovery.loading') : undefined;
  if (!known) {
    const isJson = /\bjson\b/i.test(listed?.headers['content-type'] ?? '');
    if (problem && isJson)
      return { url: base, kind: 'openai', api: 'openai', models: [], concurrency: 1, problem };
    const said = quote({ backend: { apiKey }, request: { messages: [] } }, listed?.text ?? '');
    const { host } = backendHost(base);
    // A proxy whose server is away for a moment.
    if (listed && listed.status >= 500) throw new BackendError('server', [host, listed.status, said]);
    throw new BackendError('not-sse', [host, said]);
  }
  await look(known.laterPaths, LIMIT_MS);
  const models = known.models(pages);
  const shortage = problem ?? (models.length === 0 ? say('discovery.noModels') : undefined);
  return {
    url: base,
    kind: known.kind,
    api: known.kind === 'ollama' ? 'ollama' : 'openai',
    models,
    concurrency: known.concurrency(pages),
    ...known.load(pages),
    ...(shortage && { problem: shortage }),
  };
}

/** All of some addresses where a server answers, in their order. Never throws but for the signal. */
export async function discover(urls: readonly string[], signal: AbortSignal): Promise<FoundServer[]> {
  const found = await Promise.all(
    urls.map(async url => {
      try {
        return await inspect(url, undefined, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        return undefined;
      }
    }),
  );
  return found.filter(server => server !== undefined);
}

export interface Tested {
  /** As the server named it. */
  readonly model: string;
  /** Milliseconds from sending to the first piece of the answer. */
  readonly firstTokenMs: number;
  /** Of the answer; undefined where the server does not count them. */
  readonly tokensPerSecond?: number;
}

/** Asks for an answer only to see how fast it comes. @throws BackendError */
export async function test(backend: Backend, request: GenerateRequest, signal: AbortSignal): Promise<Tested> {
  const start = performance.now();
  let first: number | undefined;
  const onDelta = () => (first ??= performance.now());
  const { model, completionTokens = 0 } = await generate(backend, request, { signal, onDelta });
  const end = performance.now();
  const begun = first ?? end;
  // The first token is there when the clock starts.
  const tokensPerSecond = ((completionTokens - 1) * 1000) / (end - begun);
  return {
    model,
    firstTokenMs: begun - start,
    ...(completionTokens > 1 && Number.isFinite(tokensPerSecond) && { tokensPerSecond }),
  };
}
