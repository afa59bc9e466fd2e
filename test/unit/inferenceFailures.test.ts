/**
 * Each row of the table of failures: what the server does, how it is seen, and what is done about it. Through the patient call,
 * since that is what everything that asks a model uses.
 */
import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { inspect } from '../../src/io/discovery';
import { generate, type FailureKind } from '../../src/io/inference';
import { Pool } from '../../src/io/pool';
import { generatePatiently, type Waiting } from '../../src/io/retry';
import {
  deadUrl,
  gate,
  hurry,
  KEY,
  patiently,
  PATIENT,
  RECORD,
  stream,
  type Call,
} from '../helpers/inferenceCalls';
import {
  answer,
  chunk,
  NDJSON,
  ollamaAnswer,
  ollamaLine,
  reply,
  SSE,
  sse,
  startScriptedServer,
  type Script,
  type Step,
} from '../helpers/scriptedServer';

const GOOD = stream(answer(['Il ', 'gatto']));
const OLLAMA: Call = { backend: { api: 'ollama' } };
const ndjson = (...lines: string[]): Step[] => [NDJSON, ...lines.map(write => ({ write }))];

/** Each wait is as long as this, and up to a quarter longer. */
function within(waits: readonly Waiting[], least: readonly number[]): void {
  assert.equal(waits.length, least.length);
  for (const [at, { ms }] of waits.entries())
    assert.ok(ms >= least[at]! && ms <= least[at]! * 1.25, `${ms} ms`);
}

/** Fails at last, after so many tries. */
async function fails(kind: FailureKind, tries: number, script: Script, call: Call = {}) {
  const outcome = await patiently(script, { ...call, backend: { ...PATIENT, ...call.backend } });
  assert.equal(outcome.error?.kind, kind, outcome.error?.message ?? 'there was an answer');
  assert.equal(outcome.tries.length, tries, 'tries');
  return { ...outcome, error: outcome.error };
}

/** Answers at last, although the first tries fail as told; what is shown is the answer alone. */
async function recovers(failing: readonly Step[], times: number, call: Call = {}) {
  const outcome = await patiently((_, index) => (index < times ? failing : GOOD), {
    ...call,
    backend: { ...PATIENT, ...call.backend },
  });
  assert.equal(outcome.result?.text, 'Il gatto', outcome.error?.message);
  assert.equal(outcome.shown, 'Il gatto');
  assert.equal(outcome.tries.length, times + 1);
  return outcome;
}

describe('failure table', () => {
  it('row 1, down: nobody listens at the address; not tried again', async () => {
    const url = await deadUrl();
    const { error, waits } = await fails('down', 0, [], { backend: { url } });
    assert.match(error.message, /ECONNREFUSED/);
    assert.deepEqual(waits, []);
  });

  it('row 2, loading: asked each second whether it is ready, for five minutes at most', async () => {
    let asked = 0;
    const loading = reply(503, { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } });
    const { result, waits, tries, server } = await patiently(
      ({ path }) => {
        if (path === '/health') return ++asked < 4 ? loading : reply(200, { status: 'ok' });
        return asked < 4 ? loading : GOOD;
      },
      { backend: PATIENT },
    );
    assert.equal(result?.text, 'Il gatto');
    assert.equal(tries.length, 2, 'the request itself is sent only when the server is ready');
    assert.equal(server.requests.filter(request => request.path === '/health').length, 4);
    assert.deepEqual(
      waits.map(({ kind, ms }) => [kind, ms]),
      Array.from({ length: 4 }, () => ['loading', 1000]),
    );
    const never = await fails('loading', 1, loading);
    assert.equal(never.waits.length, 300);
  });

  it('row 3, busy: as long as Retry-After says but at most 60 s, five tries', async () => {
    const asks = (wait: string) => reply(429, { error: 'overloaded' }, { 'retry-after': wait });
    const short = await recovers(asks('7'), 2);
    assert.deepEqual(
      short.waits.map(({ kind, attempt }) => [kind, attempt]),
      [
        ['busy', 2],
        ['busy', 3],
      ],
    );
    within(short.waits, [7000, 7000]);
    within((await recovers(asks('300'), 1)).waits, [60_000]);
  });

  it('row 3, busy: no shorter than without it, and never all at once', async () => {
    const { waits } = await fails('busy', 5, reply(429, {}, { 'retry-after': '0' }));
    within(waits, [1000, 2000, 4000, 8000]);
    const other = await fails('busy', 5, reply(429, {}, { 'retry-after': '0' }));
    assert.notDeepEqual(other.waits, waits);
  });

  it('row 3, busy: without Retry-After 1, 2, 4 and 8 s', async () => {
    const body = { error: 'server busy, please try again. maximum pending requests exceeded' };
    for (const call of [{}, OLLAMA]) {
      const { waits } = await fails('busy', 5, reply(503, body), call);
      within(waits, [1000, 2000, 4000, 8000]);
    }
  });

  it('row 4, server: 500, 502 and 504 are tried twice more', async () => {
    for (const status of [500, 502, 504]) {
      await recovers(reply(status, 'Bad Gateway'), 2);
      const { restarts } = await fails('server', 3, reply(status, 'Bad Gateway'));
      assert.equal(restarts, 0);
    }
  });

  it('row 5, network: reset before any byte, once more on a connection of its own', async () => {
    const { server } = await recovers(['reset'], 1);
    assert.equal(server.connections, 2);
    assert.equal(server.requests[0]!.body, server.requests[1]!.body);
    await fails('network', 2, ['reset']);
  });

  it('row 6, truncated: cut within the answer, once more from its beginning', async () => {
    const half = stream(chunk({ content: 'Il ga' }));
    const cut = await recovers([...half, 'close'], 1);
    assert.equal(cut.restarts, 1, 'what came first is taken back');
    const { error } = await fails('truncated', 2, half);
    assert.equal(error.partial, 'Il ga', 'kept for the screen');
    await fails('truncated', 2, ndjson(ollamaLine('Il ga')), OLLAMA);
    await fails('truncated', 2, ndjson(ollamaLine('Il ga'), '{"model":"scri'), OLLAMA);
  });

  it('row 7, not-sse: a page of a proxy or a login, whose beginning is shown', async () => {
    const page = reply(200, `<html><h1>Sign in</h1>${'word '.repeat(999)}`, { 'content-type': 'text/html' });
    for (const call of [{}, OLLAMA]) {
      const { error } = await fails('not-sse', 1, page, call);
      assert.match(error.message, /Sign in word/);
      assert.ok(error.message.length < 400);
    }
  });

  const errors: readonly [string, Step[], Call?][] = [
    ['data: {"error": {…}}', stream(sse({ error: { message: 'GPU lost' } }), sse('[DONE]'))],
    ['data: {"object": "error"}', stream(sse({ object: 'error', message: 'GPU lost', code: 500 }))],
    ['event: error', stream('event: error\ndata: {"message":"GPU lost"}\n\n')],
    ['error: {…} as a line', stream('error: {"code":500,"message":"GPU lost"}\n\n')],
    ['a line of NDJSON', ndjson(ollamaLine('Il ga'), '{"error":"GPU lost"}\n'), OLLAMA],
  ];
  for (const [shape, script, call] of errors)
    it(`row 8, stream-error, ${shape}: shown, tried once more`, async () => {
      const { error } = await fails('stream-error', 2, script, call);
      assert.match(error.message, /GPU lost/);
      if (!call) await recovers(script, 1);
    });

  it('row 8, stream-error: not tried again where it tells of an overflow', async () => {
    await fails('overflow', 1, stream(sse({ error: { message: 'context size exceeded' } })));
    await fails('overflow', 1, ndjson('{"error":"the input length exceeds the context length"}\n'), OLLAMA);
  });

  it('row 9, overflow: told by the body of a 400; not tried again', async () => {
    const llama = {
      error: { code: 400, message: 'too long', type: 'exceed_context_size_error', n_ctx: 1024 },
    };
    const vllm = { error: { message: "the model's context length is only 1024", type: 'BadRequestError' } };
    for (const body of [llama, vllm]) await fails('overflow', 1, reply(400, body));
    await fails('overflow', 1, reply(400, { error: 'the input length exceeds the context length' }), OLLAMA);
  });

  it('row 10, empty: finished without a text, which may be an overflow; not tried again', async () => {
    const { error } = await fails('empty', 1, stream(answer([])));
    assert.match(error.message, /context may be too short/);
    await fails('empty', 1, ndjson(ollamaAnswer([])), OLLAMA);
  });

  it('row 11, truncated-prompt: fewer tokens were read than there must be; not tried again', async () => {
    for (const [script, call] of [
      [GOOD, {}],
      [stream(answer(['Il ga'], 'length')), {}],
      [ndjson(ollamaAnswer(['Il ', 'gatto'])), OLLAMA],
    ] as [Step[], Call][]) {
      const { error } = await fails('truncated-prompt', 1, script, {
        ...call,
        request: { minPromptTokens: 13 },
      });
      assert.match(error.message, /only 12 tokens.*longer context/);
    }
    const enough = await patiently(GOOD, { request: { minPromptTokens: 12 } });
    assert.equal(enough.result?.text, 'Il gatto');
    const untold = stream(chunk({ content: 'Il gatto' }, 'stop'));
    assert.equal((await patiently(untold, { request: { minPromptTokens: 13 } })).result?.text, 'Il gatto');
  });

  it('row 12, length: once more with twice the tokens', async () => {
    const cut = stream(chunk({ content: 'Il ga' }), chunk({}, 'length'));
    const { tries, restarts } = await recovers(cut, 1);
    const limits = tries.map(({ body }) => (JSON.parse(body) as { max_tokens: number }).max_tokens);
    assert.deepEqual(limits, [64, 128]);
    assert.equal(restarts, 1);
    const { error } = await fails('length', 2, cut);
    assert.equal(error.partial, 'Il ga');
    await fails(
      'length',
      2,
      ndjson(ollamaLine('Il'), ollamaLine('', { done: true, done_reason: 'length' })),
      OLLAMA,
    );
  });

  it('row 12, length: not again where twice as many have no room', async () => {
    const cut = stream(chunk({ content: 'Il ga' }), chunk({}, 'length'));
    const request = { minPromptTokens: 10 };
    await fails('length', 1, cut, { backend: { contextTokens: 137 }, request });
    await fails('length', 2, cut, { backend: { contextTokens: 138 }, request });
    // The server stopped after 2 tokens of 64: its context was full.
    await fails('length', 1, stream(answer(['Il', 'ga'], 'length')));
  });

  it('row 13, reasoning: kept apart from the text; one that never ends is no answer', async () => {
    for (const [script, call] of [
      [stream(answer(['<think>hm', '</think>\n', 'Il gatto'])), {}],
      [stream(chunk({ reasoning: 'hm' }), answer(['Il gatto'])), {}],
      [stream(chunk({ reasoning_content: 'hm' }), answer(['Il gatto'])), {}],
      [
        ndjson(ollamaLine('', { message: { thinking: 'hm', content: '' } }), ollamaAnswer(['Il gatto'])),
        OLLAMA,
      ],
    ] as [Step[], Call][]) {
      const { result, shown } = await patiently(script, call);
      assert.equal(result?.text, 'Il gatto');
      assert.equal(result.reasoning, 'hm');
      assert.equal(shown, 'Il gatto');
    }
    await fails('empty', 1, stream(answer(['<think>hm'])));
    await fails('length', 2, stream(chunk({ content: '<think>hm' }), chunk({}, 'length')));
  });

  it('row 14, auth: 401 and 403 ask for a key; not tried again', async () => {
    for (const status of [401, 403])
      for (const call of [{}, OLLAMA]) {
        const { error } = await fails('unauthorised', 1, reply(status, { error: 'no' }), call);
        assert.match(error.message, /Set the API key/);
      }
  });

  it('row 15, not-found: a model that is not there; not tried again', async () => {
    for (const call of [{}, OLLAMA]) {
      const { error } = await fails('not-found', 1, reply(404, { error: "model 'x' not found" }), call);
      assert.match(error.message, /Choose another model.*model 'x' not found/);
    }
  });

  it('row 16, bad-shape: an answer that breaks the schema arrives whole, for its reader to refuse', async () => {
    const schema = { type: 'object', required: ['output'] };
    const { result, tries } = await patiently(stream(answer(['Sure! ', '{"out":'])), { request: { schema } });
    assert.equal(result?.text, 'Sure! {"out":');
    assert.equal(tries.length, 1);
  });

  it('row 17, suspect: a text that lost a placeholder arrives as it is, for the checks to mark', async () => {
    const { result } = await patiently(stream(answer(['Ciao {{nome}}'])));
    assert.equal(result?.text, 'Ciao {{nome}}');
  });

  it('row 18, idle: no byte for the time before the answer, or for that within it', async () => {
    const limits = { firstSilenceSeconds: 40, silenceSeconds: 20 };
    const begun = stream(chunk({ content: 'Il ga' }));
    const thought = stream(chunk({ reasoning: 'hm' }));
    for (const [script, seconds] of [
      [['hang'], 40],
      [[SSE, 'hang'], 40],
      [[...begun, 'hang'], 20],
      [[...thought, 'hang'], 20],
    ] as [Step[], number][]) {
      const { error } = await fails('silence', 1, script, { backend: limits });
      assert.match(error.message, new RegExp(`for ${seconds} seconds`));
    }
    await fails('silence', 1, [...ndjson(ollamaLine('Il ga')), 'hang'], {
      backend: { ...limits, api: 'ollama' },
    });
  });

  it('row 18, idle: a ping counts as a sign of life', async () => {
    // Each ping is written when the clock of the client is far beyond the limit since the beginning.
    let turns = 0;
    async function* pings(): AsyncGenerator<Step> {
      yield SSE;
      for (; turns < 20; turns++) {
        for (let turn = 0; turn < 100; turn++) await new Promise(resolve => setImmediate(resolve));
        yield { write: ': ping\n\n' };
      }
      yield { write: answer(['Il gatto']) };
    }
    // A turn is 10 ms of that clock: 20 s of pings, 1 s apart.
    const { result, error } = await patiently(() => pings(), {
      backend: { firstSilenceSeconds: 10, silenceSeconds: 10 },
    });
    assert.equal(result?.text, 'Il gatto', error?.message);
  });
});

describe('a log', () => {
  it('gets nothing of a key or a record: the client writes none', async () => {
    const written: unknown[] = [];
    const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const;
    const spies = methods.map(name => mock.method(console, name, (...args: unknown[]) => written.push(args)));
    const onWarning = (warning: Error) => written.push(warning);
    process.on('warning', onWarning);
    try {
      for (const script of [
        GOOD,
        reply(401, { error: { message: `Incorrect API key provided: ${KEY}` } }),
        reply(500, RECORD),
        ['reset'],
        [...stream(chunk({ content: RECORD })), 'close'],
      ] as Step[][]) {
        const { server } = await patiently(script);
        assert.equal(server.requests[0]!.headers.authorization, `Bearer ${KEY}`);
        await inspect(server.url, KEY, new AbortController().signal).catch(() => undefined);
      }
      await new Promise(resolve => setImmediate(resolve));
    } finally {
      process.off('warning', onWarning);
      for (const spy of spies) spy.mock.restore();
    }
    assert.deepEqual(written, []);
  });
});

describe('a wait', () => {
  const loading = reply(503, { error: { message: 'Loading model' } });
  const busy = reply(429, {}, { 'retry-after': '60' });
  for (const [name, script] of Object.entries({ busy, loading }))
    it(`ends at once when it is cancelled, and leaves no timer (${name})`, async () => {
      const server = await startScriptedServer(script);
      const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
      const before = timers();
      const controller = new AbortController();
      const waits = gate();
      const backend = { url: server.url, model: '', api: 'openai' as const };
      const request = { messages: [], temperature: 0, topP: 1, seed: 1, maxTokens: 9 };
      const state = { over: false };
      const call = generatePatiently(backend, request, {
        signal: controller.signal,
        onDelta: () => undefined,
        onWait: waits.open,
      });
      const failed = assert.rejects(call, { kind: 'aborted' }).finally(() => (state.over = true));
      await waits.opened;
      controller.abort();
      for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve));
      assert.ok(state.over, 'it still waits');
      await failed;
      assert.equal(timers(), before);
      assert.equal(server.requests.length, 1);
      await server.close();
    });
});

describe('many who wait for one server', () => {
  const request = { messages: [], temperature: 0, topP: 1, seed: 1, maxTokens: 9 };
  const onDelta = () => undefined;

  it('ask together whether it has loaded, also where the first of them has left', async () => {
    const loading = reply(503, { error: { message: 'Loading model' } });
    const first = new AbortController();
    let checks = 0;
    const server = await startScriptedServer(({ path }) => {
      if (path !== '/health') return checks < 3 ? loading : GOOD;
      if (++checks === 2) first.abort();
      return checks < 3 ? loading : reply(200, { status: 'ok' });
    });
    const backend = { url: server.url, model: '', api: 'openai' as const, ...PATIENT };
    const others = new AbortController().signal;
    const signals = [first.signal, ...Array<AbortSignal>(7).fill(others)];
    const outcomes = await hurry(
      () =>
        Promise.allSettled(signals.map(signal => generatePatiently(backend, request, { signal, onDelta }))),
      1,
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', ...Array<string>(7).fill('fulfilled')],
    );
    // Two more where an answer came to those who had begun a little later.
    assert.ok(checks <= 5, `${checks} questions`);
    await server.close();
  });

  it('keep to the limit of the pool that was lowered meanwhile', async () => {
    const pool = new Pool(6);
    let atOnce = 0;
    let most = 0;
    const server = await startScriptedServer((_, index) =>
      index < 6 ? reply(429, {}, { 'retry-after': '1' }) : counted(),
    );
    async function* counted(): AsyncGenerator<Step> {
      most = Math.max(most, ++atOnce);
      for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve));
      atOnce--;
      yield* GOOD;
    }
    const backend = { url: server.url, model: '', api: 'openai' as const, ...PATIENT };
    const { signal } = new AbortController();
    const onWait = async ({ ms }: Waiting) => {
      pool.lower();
      await pool.aside(ms, signal);
    };
    const work = () =>
      pool.run(() => generatePatiently(backend, request, { signal, onDelta, onWait }), signal);
    const results = await hurry(() => Promise.all(Array.from({ length: 9 }, work)), 10);
    assert.equal(results.length, 9);
    assert.equal(most, 1, 'six refusals leave room for one at a time');
    assert.equal(pool.running, 0);
    await server.close();
  });
});

describe('cancelling', () => {
  for (const api of ['openai', 'ollama'] as const)
    it(`frees the server before it would send three more tokens (${api})`, async () => {
      const cancelled = gate();
      let isCancelled = false;
      let sentAfter = 0;
      function* tokens(): Generator<Step> {
        yield api === 'openai' ? SSE : NDJSON;
        for (;;) {
          if (isCancelled) sentAfter++;
          yield { write: api === 'openai' ? chunk({ content: 'parola ' }) : ollamaLine('parola ') };
          yield { wait: 50 };
        }
      }
      const server = await startScriptedServer(() => tokens());
      const controller = new AbortController();
      let deltas = 0;
      const onDelta = () => {
        if (++deltas < 3) return;
        isCancelled = true;
        cancelled.open();
      };
      const request = { messages: [], temperature: 0, topP: 1, seed: 1, maxTokens: 999 };
      const call = generate({ url: server.url, model: '', api }, request, {
        signal: controller.signal,
        onDelta,
      });
      const failed = assert.rejects(call, { kind: 'aborted', partial: 'parola '.repeat(3) });
      await cancelled.opened;
      controller.abort();
      await failed;
      assert.equal(await server.requests[0]!.closedEarly, true);
      assert.ok(sentAfter < 3, `${sentAfter} tokens after it was cancelled`);
      await server.close();
    });
});
