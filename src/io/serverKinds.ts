/** How each kind of inference server is told from the others, and where it says what it has and how busy it is. */
import { parseJson } from '../core/jsonValue';
import { asCount, asText, get } from './answer';
import type { Page } from './connection';
import type { FoundModel, ServerKind } from './discovery';

/** What a server answered, by path; without those where it did not. */
export type Pages = ReadonlyMap<string, Page>;

interface Load {
  readonly running?: number;
  readonly waiting?: number;
}

interface KnownKind {
  readonly kind: ServerKind;
  readonly isThis: (pages: Pages) => boolean;
  /** What is asked once the kind is known. */
  readonly laterPaths: readonly string[];
  readonly models: (pages: Pages) => FoundModel[];
  readonly concurrency: (pages: Pages) => number;
  readonly load: (pages: Pages) => Load;
}

export const MODELS = '/v1/models';
const PROPS = '/props';
const SLOTS = '/slots';
const METRICS = '/metrics';
const OLLAMA_VERSION = '/api/version';
const OLLAMA_MODELS = '/api/tags';
export const OLLAMA_PATHS = [OLLAMA_VERSION, OLLAMA_MODELS] as const;
const OLLAMA_LOADED = '/api/ps';
const LMSTUDIO_MODELS = '/api/v1/models';
/** Before LM Studio 0.4. */
const LMSTUDIO_OLD_MODELS = '/api/v0/models';
const SGLANG_INFO = '/get_server_info';

/** What every server is asked to find out what it is. */
export const FIRST_PATHS = [
  MODELS,
  PROPS,
  OLLAMA_VERSION,
  OLLAMA_MODELS,
  LMSTUDIO_MODELS,
  LMSTUDIO_OLD_MODELS,
  SGLANG_INFO,
] as const;

/** What a server batches without trouble although it does not say so. */
const BATCHING = 8;
/** More than this is no number of slots. */
const MOST_AT_ONCE = 256;

const untold = (): Load => ({});

/** The first that fits is it: those that also speak the API of another come before it. */
const KINDS: readonly KnownKind[] = [
  {
    kind: 'llama.cpp',
    isThis: pages =>
      [...pages.values()].some(page => page.headers['server'] === 'llama.cpp') ||
      get(json(pages, PROPS), 'default_generation_settings') !== undefined ||
      isOwnedBy(pages, 'llamacpp'),
    laterPaths: [SLOTS, METRICS],
    models: pages =>
      list(json(pages, MODELS), 'data').flatMap(each => {
        const status = get(each, 'status', 'value');
        return model(get(each, 'id'), {
          // Of one slot, where `n_ctx` of the model is that of all slots together.
          contextTokens:
            get(json(pages, PROPS), 'default_generation_settings', 'n_ctx') ?? get(each, 'meta', 'n_ctx'),
          // Only a router has more than one model, and says of each whether it is loaded.
          loaded: status === undefined || status === 'loaded',
        });
      }),
    concurrency: pages => atOnce(get(json(pages, PROPS), 'total_slots'), 1),
    load(pages) {
      const slots = json(pages, SLOTS);
      const busy = Array.isArray(slots)
        ? slots.filter(slot => get(slot, 'is_processing') === true).length
        : undefined;
      return load(
        metric(pages, 'llamacpp:requests_processing') ?? busy,
        metric(pages, 'llamacpp:requests_deferred'),
      );
    },
  },
  {
    kind: 'ollama',
    // Others have a version at this path too.
    isThis: pages =>
      asText(get(json(pages, OLLAMA_VERSION), 'version')) !== '' &&
      Array.isArray(get(json(pages, OLLAMA_MODELS), 'models')),
    laterPaths: [OLLAMA_LOADED],
    models(pages) {
      const loaded = list(json(pages, OLLAMA_LOADED), 'models');
      return list(json(pages, OLLAMA_MODELS), 'models').flatMap(each => {
        const name = get(each, 'name');
        const inMemory = loaded.find(other => get(other, 'name') === name);
        return model(name, {
          contextTokens: get(inMemory, 'context_length'),
          loaded: inMemory !== undefined,
          onGpu: share(get(inMemory, 'size_vram'), get(inMemory, 'size')),
        });
      });
    },
    concurrency: () => 1,
    load: untold,
  },
  {
    kind: 'lmstudio',
    isThis: pages =>
      Array.isArray(get(json(pages, LMSTUDIO_MODELS), 'models')) ||
      Array.isArray(get(json(pages, LMSTUDIO_OLD_MODELS), 'data')),
    laterPaths: [],
    models(pages) {
      const models = list(json(pages, LMSTUDIO_MODELS), 'models').flatMap(each => {
        const instance = get(each, 'loaded_instances', 0);
        return isEmbedding(each)
          ? []
          : model(get(each, 'key'), {
              contextTokens: get(instance, 'config', 'context_length'),
              loaded: instance !== undefined,
            });
      });
      if (models.length > 0) return models;
      return list(json(pages, LMSTUDIO_OLD_MODELS), 'data').flatMap(each =>
        isEmbedding(each)
          ? []
          : model(get(each, 'id'), {
              contextTokens: get(each, 'loaded_context_length'),
              loaded: get(each, 'state') === 'loaded',
            }),
      );
    },
    concurrency: () => 1,
    load: untold,
  },
  {
    kind: 'sglang',
    isThis: pages => asText(get(json(pages, SGLANG_INFO), 'model_path')) !== '' || isOwnedBy(pages, 'sglang'),
    laterPaths: [METRICS],
    models: pages => listedModels(pages, get(json(pages, SGLANG_INFO), 'context_length')),
    concurrency: () => BATCHING,
    load: pages => load(metric(pages, 'sglang:num_running_reqs'), metric(pages, 'sglang:num_queue_reqs')),
  },
  {
    kind: 'vllm',
    isThis: pages =>
      isOwnedBy(pages, 'vllm') ||
      list(json(pages, MODELS), 'data').some(each => asCount(get(each, 'max_model_len'))),
    laterPaths: [METRICS],
    models: pages => listedModels(pages),
    concurrency: () => BATCHING,
    load: pages =>
      load(metric(pages, 'vllm:num_requests_running'), metric(pages, 'vllm:num_requests_waiting')),
  },
  {
    kind: 'openai',
    isThis: pages => Array.isArray(get(json(pages, MODELS), 'data')),
    laterPaths: [],
    models: pages => listedModels(pages),
    concurrency: () => 2,
    load: untold,
  },
];

/** What answered, if it is an inference server. */
export function kindOf(pages: Pages): KnownKind | undefined {
  return KINDS.find(known => known.isThis(pages));
}

function json(pages: Pages, path: string): unknown {
  const page = pages.get(path);
  return page?.status === 200 ? parseJson(page.text) : undefined;
}

function list(value: unknown, name: string): readonly unknown[] {
  const all = get(value, name);
  return Array.isArray(all) ? all : [];
}

function isOwnedBy(pages: Pages, owner: string): boolean {
  return list(json(pages, MODELS), 'data').some(each => get(each, 'owned_by') === owner);
}

/** `embedding` and `embeddings`: such a model writes nothing. */
function isEmbedding(each: unknown): boolean {
  return asText(get(each, 'type')).startsWith('embedding');
}

function listedModels(pages: Pages, contextTokens?: unknown): FoundModel[] {
  return list(json(pages, MODELS), 'data').flatMap(each =>
    model(get(each, 'id'), { contextTokens: get(each, 'max_model_len') ?? contextTokens }),
  );
}

/** One model, or none where its name cannot be one. */
function model(
  id: unknown,
  { contextTokens, loaded, onGpu }: { contextTokens?: unknown; loaded?: boolean; onGpu?: number | undefined },
): FoundModel[] {
  if (typeof id !== 'string' || id.trim() === '' || /\p{Cc}/u.test(id)) return [];
  const tokens = asCount(contextTokens);
  return [
    {
      id,
      ...(tokens !== undefined && tokens > 0 && { contextTokens: tokens }),
      ...(loaded !== undefined && { loaded }),
      ...(onGpu !== undefined && { onGpu }),
    },
  ];
}

function share(part: unknown, whole: unknown): number | undefined {
  const [some, all] = [asCount(part), asCount(whole)];
  return some === undefined || !all ? undefined : Math.min(1, some / all);
}

function atOnce(told: unknown, usual: number): number {
  const count = asCount(told) ?? 0;
  return Number.isInteger(count) && count >= 1 && count <= MOST_AT_ONCE ? count : usual;
}

function load(running: number | undefined, waiting: number | undefined): Load {
  return { ...(running !== undefined && { running }), ...(waiting !== undefined && { waiting }) };
}

/** A figure of the Prometheus text format, `name{labels} value`, summed over its labels. */
function metric(pages: Pages, name: string): number | undefined {
  const page = pages.get(METRICS);
  let sum: number | undefined;
  for (const line of page?.status === 200 ? page.text.split('\n') : []) {
    if (!line.startsWith(name) || !/^[{ ]/.test(line.slice(name.length))) continue;
    const value = asCount(Number(line.trimEnd().split(' ').at(-1)));
    if (value !== undefined) sum = (sum ?? 0) + value;
  }
  return sum;
}
