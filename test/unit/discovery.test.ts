import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Profile } from '../../src/asking';
import { english } from '../../src/core/messages';
import { PROMPT_STYLES } from '../../src/core/prompt';
import { discover, inspect, test, USUAL_URLS, type FoundServer } from '../../src/io/discovery';
import { backendHost, BackendError, type Api } from '../../src/io/inference';
import { trialRequest } from '../../src/trial';
import { deadUrl, hurry, KEY, REQUEST, stream } from '../helpers/inferenceCalls';
import {
  answer,
  byPath,
  NDJSON,
  ollamaAnswer,
  reply,
  startScriptedServer,
  type Script,
  type ScriptedServer,
  type Step,
} from '../helpers/scriptedServer';

const forever = new AbortController().signal;

async function inspecting(
  script: Script,
  apiKey?: string,
): Promise<{ found: FoundServer; server: ScriptedServer }> {
  const server = await startScriptedServer(script);
  try {
    return { found: await inspect(server.url, apiKey, forever), server };
  } finally {
    await server.close();
  }
}

async function refused(script: Script): Promise<BackendError> {
  const error: unknown = await inspecting(script).then(
    ({ found }) => assert.fail(`found ${found.kind}`),
    (error: unknown) => error,
  );
  assert.ok(error instanceof BackendError, String(error));
  return error;
}

const models = (...data: object[]) => reply(200, { object: 'list', data });
const text = (body: string) => reply(200, body, { 'content-type': 'text/plain' });
/** What was found, its problem as it is read. */
function told({ problem, ...rest }: FoundServer) {
  return { ...rest, ...(problem && { problem: english(problem) }) };
}

const LLAMA = {
  '/v1/models': models({ id: 'tiny.gguf', owned_by: 'llamacpp', meta: { n_ctx: 2048, n_ctx_train: 8192 } }),
  '/props': reply(200, { default_generation_settings: { n_ctx: 1024 }, total_slots: 2 }),
  '/slots': reply(200, [{ is_processing: true }, { is_processing: false }]),
};
const OLLAMA = {
  '/api/version': reply(200, { version: '0.12.0' }),
  '/api/tags': reply(200, { models: [{ name: 'qwen3:8b' }, { name: 'gemma3:4b' }] }),
  '/api/ps': reply(200, {
    models: [{ name: 'gemma3:4b', size: 4000, size_vram: 1000, context_length: 4096 }],
  }),
  '/v1/models': models({ id: 'qwen3:8b', owned_by: 'library' }, { id: 'gemma3:4b', owned_by: 'library' }),
};

describe('a server tells what it is', () => {
  it('llama.cpp: the context of a slot, its slots and those at work', async () => {
    const { found } = await inspecting(byPath(LLAMA));
    assert.deepEqual(told(found), {
      url: found.url,
      kind: 'llama.cpp',
      api: 'openai',
      models: [{ id: 'tiny.gguf', contextTokens: 1024, loaded: true }],
      concurrency: 2,
      running: 1,
    });
  });

  it('llama.cpp: what waits, where it shows its metrics', async () => {
    const metrics = text(
      '# HELP llamacpp:requests_processing\n# TYPE llamacpp:requests_processing gauge\nllamacpp:requests_processing 2\nllamacpp:requests_deferred 3\n',
    );
    const { found } = await inspecting(byPath({ ...LLAMA, '/metrics': metrics }));
    assert.deepEqual([found.running, found.waiting], [2, 3]);
  });

  it('Ollama: its models, which of them is loaded, and how much of it on the GPU', async () => {
    const { found } = await inspecting(byPath(OLLAMA));
    assert.deepEqual(told(found), {
      url: found.url,
      kind: 'ollama',
      api: 'ollama',
      models: [
        { id: 'qwen3:8b', loaded: false },
        { id: 'gemma3:4b', contextTokens: 4096, loaded: true, onGpu: 0.25 },
      ],
      concurrency: 1,
    });
  });

  it('vLLM: the length of its context, and how busy all its engines are', async () => {
    const metrics = text(
      'vllm:num_requests_running{engine="0",model_name="a b"} 3.0\nvllm:num_requests_running{engine="1",model_name="a b"} 1.0\nvllm:num_requests_running_total 99\nvllm:num_requests_waiting{engine="0"} 5\n',
    );
    const { found } = await inspecting(
      byPath({
        '/v1/models': models({ id: 'org/model', owned_by: 'vllm', max_model_len: 32768 }),
        '/version': reply(200, { version: '0.16.0' }),
        '/metrics': metrics,
      }),
    );
    assert.deepEqual(told(found), {
      url: found.url,
      kind: 'vllm',
      api: 'openai',
      models: [{ id: 'org/model', contextTokens: 32768 }],
      concurrency: 8,
      running: 4,
      waiting: 5,
    });
  });

  it('SGLang: told from vLLM, whose words it shares', async () => {
    const { found } = await inspecting(
      byPath({
        '/v1/models': models({ id: 'org/model', owned_by: 'sglang', max_model_len: 8192 }),
        '/get_server_info': reply(200, { model_path: 'org/model' }),
        '/metrics': text(
          'sglang:num_running_reqs{model_name="m"} 7\nsglang:num_queue_reqs{model_name="m"} 0\n',
        ),
      }),
    );
    assert.deepEqual(told(found), {
      url: found.url,
      kind: 'sglang',
      api: 'openai',
      models: [{ id: 'org/model', contextTokens: 8192 }],
      concurrency: 8,
      running: 7,
      waiting: 0,
    });
  });

  it('LM Studio: models that write, in its new list and in the old one', async () => {
    const { found } = await inspecting(
      byPath({
        '/api/v1/models': reply(200, {
          models: [
            { type: 'llm', key: 'a', loaded_instances: [{ id: 'a', config: { context_length: 4096 } }] },
            { type: 'llm', key: 'b', loaded_instances: [], max_context_length: 32768 },
            { type: 'embedding', key: 'c', loaded_instances: [] },
          ],
        }),
        '/v1/models': models({ id: 'a' }, { id: 'b' }, { id: 'c' }),
      }),
    );
    const expected = [
      { id: 'a', contextTokens: 4096, loaded: true },
      { id: 'b', loaded: false },
    ];
    assert.deepEqual(told(found), {
      url: found.url,
      kind: 'lmstudio',
      api: 'openai',
      models: expected,
      concurrency: 1,
    });
    const old = await inspecting(
      byPath({
        '/api/v0/models': models(
          { id: 'a', type: 'llm', state: 'loaded', loaded_context_length: 4096 },
          { id: 'b', type: 'vlm', state: 'not-loaded', max_context_length: 32768 },
          { id: 'c', type: 'embeddings', state: 'not-loaded' },
        ),
      }),
    );
    assert.equal(old.found.kind, 'lmstudio');
    assert.deepEqual(old.found.models, expected);
  });

  it('any other with a list of models, below the path of its address', async () => {
    const server = await startScriptedServer(byPath({ '/llm/v1/models': models({ id: 'm' }) }));
    const found = await inspect(`${server.url}/llm/v1/`, undefined, forever);
    await server.close();
    assert.equal(found.url, `${server.url}/llm`);
    assert.deepEqual(told(found), {
      url: found.url,
      kind: 'openai',
      api: 'openai',
      models: [{ id: 'm' }],
      concurrency: 2,
    });
  });
});

describe('a server that tells little', () => {
  it('is listed where it wants a key, which is then sent', async () => {
    const locked: Script = ({ headers, path }) =>
      headers.authorization === `Bearer ${KEY}`
        ? ((LLAMA as Record<string, Step[]>)[path] ?? reply(404, {}))
        : reply(401, { error: { message: 'Invalid API Key', type: 'authentication_error' } });
    const { found } = await inspecting(locked);
    assert.match(english(found.problem!), /asks for an API key/);
    assert.deepEqual(found.models, []);
    const open = await inspecting(locked, KEY);
    assert.equal(open.found.problem, undefined);
    assert.equal(open.found.models.length, 1);
    assert.ok(!JSON.stringify(open.found).includes(KEY));
  });

  it('is listed while it loads its model', async () => {
    const body = { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } };
    const { found } = await inspecting(reply(503, body, { server: 'llama.cpp' }));
    assert.equal(found.kind, 'llama.cpp');
    assert.match(english(found.problem!), /loading its model/);
  });

  it('is listed without a model', async () => {
    const { found } = await inspecting(byPath({ ...OLLAMA, '/api/tags': reply(200, { models: [] }) }));
    assert.equal(found.kind, 'ollama');
    assert.match(english(found.problem!), /lists no model/);
  });

  it('is none where it is a page, a redirect, or a lock of something else', async () => {
    const page = reply(200, '<h1>Grafana</h1>', { 'content-type': 'text/html' });
    const error = await refused(page);
    assert.equal(error.kind, 'not-sse');
    assert.match(error.message, /Grafana/);
    assert.equal((await refused(reply(404, 'nothing'))).kind, 'not-sse');
    assert.equal((await refused(reply(401, 'Log in', { 'content-type': 'text/html' }))).kind, 'not-sse');
    const target = await startScriptedServer(byPath(OLLAMA));
    const redirect: Script = ({ path }) => reply(307, '', { location: target.url + path });
    assert.equal((await refused(redirect)).kind, 'not-sse');
    assert.equal(target.connections, 0, 'redirects are not followed');
    await target.close();
  });

  it('is none where nobody listens, or nothing is said in time', async () => {
    await assert.rejects(inspect(await deadUrl(), undefined, forever), { kind: 'down' });
    await assert.rejects(inspect('ftp://127.0.0.1', undefined, forever), { kind: 'bad-url' });
    const server = await startScriptedServer(['hang']);
    await assert.rejects(
      hurry(() => inspect(server.url, undefined, forever), 10),
      { kind: 'silence' },
    );
    await server.close();
  });

  it('is none as long as it may be Ollama and does not say so', async () => {
    const hidden = ({ path }: { path: string }): Step[] =>
      path === '/api/tags' ? ['hang'] : ((OLLAMA as Record<string, Step[]>)[path] ?? reply(404, {}));
    const server = await startScriptedServer(hidden);
    await assert.rejects(
      hurry(() => inspect(server.url, undefined, forever), 10),
      { kind: 'silence' },
    );
    await server.close();
    const away = await refused(reply(502, 'Bad Gateway', { 'content-type': 'text/html' }));
    assert.equal(away.kind, 'server');
  });

  it('may leave single questions open', async () => {
    const { found } = await hurry(
      () => inspecting(({ path }) => (LLAMA as Record<string, Step[]>)[path] ?? ['hang']),
      10,
    );
    assert.equal(found.kind, 'llama.cpp');
    assert.equal(found.concurrency, 2);
  });
});

describe('a hostile server', () => {
  it('gets at most 256 KiB of each answer read', async () => {
    function* endless(): Generator<Step> {
      yield { head: { 'content-type': 'application/json' } };
      for (;;) yield { write: '{"data":['.padEnd(8 << 10, ' ') };
    }
    const server = await startScriptedServer(() => endless());
    await assert.rejects(inspect(server.url, undefined, forever), { kind: 'not-sse' });
    for (const request of server.requests) assert.equal(await request.closedEarly, true);
    await server.close();
  });

  it('may send any JSON: what is found has the types that are promised', async () => {
    const names = [
      ...[
        'data',
        'models',
        'id',
        'name',
        'key',
        'type',
        'meta',
        'n_ctx',
        'max_model_len',
        'total_slots',
        'size',
      ],
      ...[
        'size_vram',
        'context_length',
        'version',
        'model_path',
        'max_total_tokens',
        'loaded_instances',
        'owned_by',
      ],
      ...['default_generation_settings', 'max_concurrent_requests', '__proto__', 'constructor'],
    ];
    const { tree } = fc.letrec(tie => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, -1, 0.5, 1e308, 3, '', 'vllm', 'llamacpp', 'a\u0000b', 'model'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 6 }),
      ),
    }));
    const entry = fc.record({
      '/v1/models': tree,
      '/props': tree,
      '/slots': tree,
      '/api/version': fc.oneof(tree, fc.constant({ version: '1' })),
      '/api/tags': fc.oneof(tree, fc.record({ models: fc.array(tree) })),
      '/api/ps': fc.oneof(tree, fc.record({ models: fc.array(tree) })),
      '/api/v1/models': tree,
      '/get_server_info': tree,
    });
    let pages: Record<string, unknown> = {};
    const server = await startScriptedServer(({ path }) => reply(200, JSON.stringify(pages[path] ?? null)));
    const property = fc.asyncProperty(entry, async given => {
      pages = given;
      let found: FoundServer;
      try {
        found = await inspect(server.url, undefined, forever);
      } catch (error) {
        assert.ok(error instanceof BackendError && error.kind === 'not-sse', String(error));
        return;
      }
      assert.ok(Number.isInteger(found.concurrency) && found.concurrency >= 1 && found.concurrency <= 256);
      for (const { id, contextTokens = 1, loaded = true, onGpu = 0 } of found.models) {
        assert.match(id, /^[^\p{Cc}]+$/u);
        assert.ok(contextTokens > 0 && typeof loaded === 'boolean' && onGpu >= 0 && onGpu <= 1);
      }
    });
    await fc.assert(property, { numRuns: 60 }).finally(() => server.close());
  });
});

describe('looking for servers', () => {
  it('lists those that answer, in the order of their addresses', async () => {
    const [ollama, llama, page] = await Promise.all([
      startScriptedServer(byPath(OLLAMA)),
      startScriptedServer(byPath(LLAMA)),
      startScriptedServer(reply(200, 'hello', { 'content-type': 'text/plain' })),
    ]);
    const urls = [llama.url, await deadUrl(), 'no address', page.url, ollama.url];
    const found = await discover(urls, forever);
    assert.deepEqual(
      found.map(({ url, kind }) => [url, kind]),
      [
        [llama.url, 'llama.cpp'],
        [ollama.url, 'ollama'],
      ],
    );
    for (const { requests } of [ollama, llama, page])
      for (const { method, body, headers } of requests) {
        assert.equal(method, 'GET');
        assert.equal(body, '');
        assert.equal(headers.connection, 'close');
        assert.equal(headers.authorization, undefined);
      }
    await Promise.all([ollama, llama, page].map(server => server.close()));
  });

  it('stops at once when it is cancelled', async () => {
    const server = await startScriptedServer(['hang']);
    const controller = new AbortController();
    const looking = discover([server.url], controller.signal);
    await server.request(0);
    controller.abort();
    await assert.rejects(looking, { kind: 'aborted' });
    for (const request of server.requests) assert.equal(await request.closedEarly, true);
    await assert.rejects(discover([server.url], AbortSignal.abort()), { kind: 'aborted' });
    await server.close();
  });

  it('asks this machine only, and no port where people’s own web servers listen', () => {
    for (const url of USUAL_URLS) {
      assert.ok(backendHost(url).isLoopback, url);
      assert.notEqual(new URL(url).port, '3000');
    }
  });
});

describe('the test of a connection', () => {
  const profile = (api: Api): Profile => ({
    backend: { url: 'http://127.0.0.1', model: 'm', api },
    ...{ style: 'record', temperature: 0, topP: 1, concurrency: 1 },
  });

  it('tells the model and the times, for both APIs', async () => {
    for (const api of ['openai', 'ollama'] as const) {
      const script =
        api === 'openai' ? stream(answer(['Il ', 'gatto'])) : [NDJSON, { write: ollamaAnswer(['Il ', 'g']) }];
      const server = await startScriptedServer(script);
      const {
        model,
        firstTokenMs,
        tokensPerSecond = 1,
      } = await test({ url: server.url, model: 'm', api }, trialRequest(profile(api)), forever);
      assert.equal(model, 'scripted');
      assert.ok(firstTokenMs > 0);
      assert.ok(tokensPerSecond > 0);
      assert.match(server.requests[0]!.body, /The cat is red/);
      await server.close();
    }
  });

  it('asks as the style that is set does', () => {
    const asked = PROMPT_STYLES.map(style => trialRequest({ ...profile('openai'), style }));
    for (const { messages, maxTokens } of asked) {
      assert.match(messages.map(({ content }) => content).join('\n'), /The cat is red/);
      assert.equal(maxTokens, 1024);
    }
    const raw = PROMPT_STYLES.filter((_, at) => asked[at]!.raw);
    assert.deepEqual(raw, ['alma'], 'without the chat template that this model has none of');
    assert.ok(asked[PROMPT_STYLES.indexOf('record')]!.schema);
  });

  it('tells no speed where the server counts no tokens, and what is wrong where it fails', async () => {
    const uncounted = await startScriptedServer(
      stream(answer(['Il gatto']).replace(/"usage":\{[^}]*\}/, '"usage":null')),
    );
    const found = await test({ url: uncounted.url, model: 'm', api: 'openai' }, REQUEST, forever);
    assert.equal(found.tokensPerSecond, undefined);
    await uncounted.close();
    await assert.rejects(test({ url: uncounted.url, model: 'm', api: 'openai' }, REQUEST, forever), {
      kind: 'down',
    });
  });
});
