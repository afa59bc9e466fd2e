import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { after, describe, it, mock } from 'node:test';
import fc from 'fast-check';
import { getPage } from '../../src/io/connection';
import { backendHost, normaliseUrl } from '../../src/io/inference';
import {
  against,
  answers,
  ask,
  fails,
  gate,
  hurry,
  KEY,
  PATIENT,
  RECORD,
  REQUEST,
  stream,
} from '../helpers/inferenceCalls';
import { answer, chunk, reply, SSE, sse, startScriptedServer, type Step } from '../helpers/scriptedServer';

/** Woman, skin tone, ZWJ, laptop; a flag, a combining accent, and a character outside the BMP. */
const HARD = ['ciao 👩🏽‍💻', '🇨🇭', 'e\u0301', '𝒳', 'è\r\n\tà', ' 日本', '語'];

const STOP = chunk({}, 'stop');
const DONE = sse('[DONE]');

// The second half of the test "lets the process exit".
const childUrl = process.env['INFERENCE_TEST_URL'];
if (childUrl === undefined) defineTests();
else void runChild(childUrl);

function defineTests() {
  describe('the address', () => {
    it('has one spelling', () => {
      for (const tail of ['', '/', '/v1', '/v1/', '//', '/v1/chat/completions', '/v1/chat/completions/'])
        assert.equal(normaliseUrl(`http://127.0.0.1:8080${tail}`), 'http://127.0.0.1:8080');
      assert.equal(normaliseUrl('HTTPS://Example.org:443/llm/v1/'), 'https://example.org/llm');
      assert.equal(normaliseUrl('http://[::1]:8080/v1'), 'http://[::1]:8080');
    });

    it('is refused unless it is plain http or https', async () => {
      const wrong = [
        '',
        '127.0.0.1:8080',
        'localhost:8080',
        'file:///etc/passwd',
        'ftp://127.0.0.1',
        'ws://127.0.0.1',
        'http://user@127.0.0.1',
        `http://user:${KEY}@127.0.0.1`,
        `http://127.0.0.1/?key=${KEY}`,
        'http://127.0.0.1/#a',
        'http://256.0.0.1',
        'http://',
      ];
      for (const url of wrong) {
        assert.throws(() => normaliseUrl(url), { kind: 'bad-url' }, url);
        assert.throws(() => backendHost(url), { kind: 'bad-url' }, url);
        assert.equal((await ask(url)).error?.kind, 'bad-url', url);
      }
    });

    it('is of this machine only where that is sure', () => {
      const loopback = [
        '127.0.0.1:8080',
        '127.255.0.9',
        '127.1',
        '0x7f000001',
        '2130706433',
        '[::1]:1',
        'LocalHost',
      ];
      for (const host of loopback) assert.equal(backendHost(`http://${host}/v1`).isLoopback, true, host);
      const other = [
        '0.0.0.0',
        '10.0.0.1',
        '128.0.0.1',
        '[::]',
        '[::ffff:127.0.0.1]',
        'localhost.example.org',
        'a.localhost',
        '127.0.0.1.example.org',
        'example.org',
      ];
      for (const host of other) assert.equal(backendHost(`http://${host}/v1`).isLoopback, false, host);
      assert.equal(backendHost('https://gpu.example.org:8000/v1').host, 'gpu.example.org:8000');
    });
  });

  describe('a request', () => {
    it('says all that decides the answer', async () => {
      const { server } = await answers(stream(answer(['ciao'])), { backend: { apiKey: KEY } });
      const [request] = server.requests;
      assert.equal(request!.method, 'POST');
      assert.equal(request!.path, '/v1/chat/completions');
      assert.equal(request!.headers.authorization, `Bearer ${KEY}`);
      assert.equal(request!.headers.connection, 'close');
      assert.deepEqual(JSON.parse(request!.body), {
        model: 'asked-for',
        messages: REQUEST.messages,
        temperature: 0,
        top_p: 1,
        seed: 7,
        max_tokens: 64,
        stream: true,
        stream_options: { include_usage: true },
        chat_template_kwargs: { enable_thinking: false },
      });
    });

    it('goes below the path of the address, without a key if there is none', async () => {
      const server = await startScriptedServer(stream(answer(['ciao'])));
      await ask(`${server.url}/llm/v1/`, { backend: { apiKey: '' } });
      await server.close();
      assert.equal(server.requests[0]!.path, '/llm/v1/chat/completions');
      assert.equal(server.requests[0]!.headers.authorization, undefined);
    });

    it('is not sent with a key that no header can hold', async () => {
      for (const apiKey of ['two\r\nx: lines', 'clé', 'a b']) {
        const { error, server } = await fails('bad-key', stream(answer(['ciao'])), { backend: { apiKey } });
        assert.equal(server.connections, 0);
        assert.ok(!error.message.includes(apiKey));
      }
    });

    it('uses a connection of its own each time, so that a server may close each', async () => {
      const server = await startScriptedServer([...stream(answer(['ciao'])), 'close']);
      for (let i = 0; i < 5; i++) assert.equal((await ask(server.url)).result?.text, 'ciao');
      assert.equal(server.connections, 5);
      await server.close();
    });
  });

  describe('an answer', () => {
    it('comes with what the server tells about it', async () => {
      const { result, deltas } = await answers(stream(answer(['Il ', 'gatto'])));
      assert.deepEqual(deltas, ['Il ', 'gatto']);
      assert.deepEqual(result, {
        text: 'Il gatto',
        model: 'scripted',
        finishReason: 'stop',
        promptTokens: 12,
        completionTokens: 2,
      });
    });

    it('is the same however its bytes are split, whatever the ends of lines', async () => {
      let body = Buffer.alloc(0);
      let sizes: number[] = [];
      const server = await startScriptedServer(function* () {
        yield SSE;
        for (let from = 0, i = 0; from < body.length; i++) {
          const to = from + sizes[i % sizes.length]!;
          yield { write: body.subarray(from, to) };
          yield { wait: new Promise(resolve => setImmediate(resolve)) };
          from = to;
        }
      });
      const piece = fc.oneof(fc.constantFrom(...HARD), fc.string({ unit: 'grapheme', maxLength: 12 }));
      const property = fc.asyncProperty(
        fc.array(piece, { minLength: 1, maxLength: 8 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
        async (pieces, newline, comments, chosen) => {
          const pieced = ['–', ...pieces];
          const events =
            (comments ? `\ufeff: ping\n\n` : '') + answer(pieced).replaceAll('\n\n', '\n\n: ping\n\n');
          body = Buffer.from(events.replaceAll('\n', newline));
          sizes = chosen;
          const { result, error, deltas } = await ask(server.url);
          assert.equal(result?.text, pieced.join(''), error?.message);
          assert.deepEqual(
            deltas,
            pieced.filter(text => text !== ''),
          );
          assert.equal(result.promptTokens, 12);
        },
      );
      await fc.assert(property, { numRuns: 60 }).finally(() => server.close());
    });

    it('survives being split after every single byte', async () => {
      const { result, deltas } = await answers([SSE, { write: answer(HARD), every: 1 }]);
      assert.equal(result.text, HARD.join(''));
      assert.deepEqual(deltas, HARD);
    });

    it('keeps a character that is split between two events as UTF-16', async () => {
      const { result } = await answers(
        stream(chunk({ content: 'a\ud83d' }), chunk({ content: '\ude00' }), STOP),
      );
      assert.equal(result.text, 'a😀');
    });

    it('needs neither [DONE] nor the usage nor the last empty line', async () => {
      const last = chunk({ content: '.' }, 'stop').trimEnd();
      const { result } = await answers(stream(chunk({ content: 'ciao' }), last));
      assert.deepEqual(result, { text: 'ciao.', model: 'scripted', finishReason: 'stop' });
    });

    it('is complete when the connection breaks after the reason', async () => {
      for (const end of ['close', 'reset'] as const) {
        // A reset drops what is on its way, so it waits until the client has the text.
        const seen = gate();
        const script = [...stream(chunk({ content: 'ciao' }, 'stop')), { wait: seen.opened }, end];
        assert.equal((await answers(script, { onDelta: seen.open })).result.text, 'ciao');
      }
    });

    it('is not waited for after [DONE]', async () => {
      const { result, server } = await answers([...stream(answer(['ciao'])), 'hang']);
      assert.equal(result.text, 'ciao');
      assert.equal(await server.requests[0]!.closedEarly, true);
    });

    it('may come in one piece from a server that does not stream', async () => {
      const choices = [
        { message: { role: 'assistant', content: 'ciao', reasoning: 'hm' }, finish_reason: 'stop' },
      ];
      const usage = { prompt_tokens: 3, completion_tokens: 1 };
      for (const type of ['application/json', 'application/json; charset=utf-8']) {
        const script = reply(200, { model: 'real', choices, usage }, { 'content-type': type });
        const { result, deltas } = await answers(script);
        assert.deepEqual(deltas, ['ciao']);
        assert.deepEqual(result, {
          text: 'ciao',
          model: 'real',
          finishReason: 'stop',
          promptTokens: 3,
          completionTokens: 1,
          reasoning: 'hm',
        });
      }
    });

    it('is told apart from the reasoning, under both names', async () => {
      for (const name of ['reasoning', 'reasoning_content']) {
        const { result } = await answers(
          stream(chunk({ [name]: 'Let me ' }), chunk({ [name]: 'see.', content: null }), answer(['ciao'])),
        );
        assert.equal(result.text, 'ciao');
        assert.equal(result.reasoning, 'Let me see.');
      }
    });

    it('is told apart from a <think> at its beginning, however it is split', async () => {
      const whole = '\n<think>It is <b>red</b>.</think>\n\n Il gatto <think> è</think> rosso';
      const split = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 9 });
      let pieces: string[] = [];
      const server = await startScriptedServer(() => stream(answer(pieces)));
      const property = fc.asyncProperty(split, async sizes => {
        pieces = [];
        for (let from = 0, i = 0; from < whole.length; from += sizes[i % sizes.length]!, i++)
          pieces.push(whole.slice(from, from + sizes[i % sizes.length]!));
        const { result, deltas } = await ask(server.url);
        assert.equal(result?.text, 'Il gatto <think> è</think> rosso');
        assert.equal(result.reasoning, 'It is <b>red</b>.');
        assert.equal(deltas.join(''), result.text);
      });
      await fc.assert(property, { numRuns: 40 }).finally(() => server.close());
    });

    it('keeps a <think> that belongs to the text', async () => {
      const whole = '<think>hm</think> ciao';
      const messages = [{ role: 'user', content: 'Translate: <think>hm</think> hi' }] as const;
      assert.equal((await answers(stream(answer([whole])), { request: { messages } })).result.text, whole);
      for (const text of ['  ciao ', '<thin', '<p>ciao</p>'])
        assert.equal((await answers(stream(answer(Array.from(text))))).result.text, text);
    });
  });

  describe('no answer', () => {
    it('down: nobody listens', async () => {
      const server = await startScriptedServer([]);
      await server.close();
      const both = await ask(server.url.replace('127.0.0.1', 'localhost'));
      assert.equal(both.error?.kind, 'down', 'over IPv4 and IPv6');
      const { error } = await ask(server.url);
      assert.equal(error?.kind, 'down');
      assert.match(error.message, /127\.0\.0\.1:\d+ \(ECONNREFUSED\)/);
    });

    it('loading: 503 about loading', async () => {
      const body = { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } };
      const { error, server } = await fails('loading', reply(503, body));
      assert.equal(error.status, 503);
      assert.equal(error.retryAfterMs, undefined);
      assert.equal(server.requests.length, 1);
    });

    it('busy: 429 and 503, with the wait that the server asks for', async () => {
      const busy = reply(
        429,
        { error: 'Model is overloaded', error_type: 'overloaded' },
        { 'retry-after': '7' },
      );
      assert.equal((await fails('busy', busy)).error.retryAfterMs, 7000);
      const overloaded = await fails('busy', reply(503, { error: 'server overloaded, try later' }));
      assert.equal(overloaded.error.retryAfterMs, undefined);
      const past = reply(503, '', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' });
      assert.equal((await fails('busy', past)).error.retryAfterMs, 0);
      assert.equal(
        (await fails('busy', reply(429, '', { 'retry-after': 'soon' }))).error.retryAfterMs,
        undefined,
      );
    });

    it('server: 500, 502, 504', async () => {
      for (const status of [500, 502, 504]) {
        const { error, server } = await fails(
          'server',
          reply(status, { error: { message: 'CUDA out of memory' } }),
        );
        assert.equal(error.status, status);
        assert.match(error.message, /CUDA out of memory/);
        assert.equal(server.requests.length, 1, 'repeating is for the caller');
      }
    });

    it('unauthorised: 401, 403', async () => {
      for (const status of [401, 403])
        await fails(
          'unauthorised',
          reply(status, { error: { message: `Incorrect API key provided: ${KEY}` } }),
        );
      // That no message holds the key is checked for every failure.
      const { error } = await fails('server', reply(500, `The key ${KEY} is in no cache`));
      assert.match(error.message, /The key … is in no cache/);
      await fails('stream-error', stream(sse({ error: { message: `key ${KEY} has expired` } })));
    });

    it('not-found: 404', async () => {
      const { error } = await fails('not-found', reply(404, { error: "model 'x' not found" }));
      assert.match(error.message, /model 'x' not found/);
    });

    it('overflow: in the wordings of several servers', async () => {
      const bodies = [
        { error: { message: 'the request exceeds', type: 'exceed_context_size_error', n_ctx: 1024 } },
        {
          error: {
            message:
              "You passed 1015 input tokens and requested 10 output tokens. However, the model's context length is only 1024",
            type: 'BadRequestError',
          },
        },
        { object: 'error', message: "This model's maximum context length is 1024 tokens." },
        { error: 'the input length exceeds the context length' },
        { error: 'prompt is too long: 9 tokens > 8 maximum' },
      ];
      for (const body of bodies) await fails('overflow', reply(400, body));
      await fails('overflow', reply(413, 'Payload Too Large'));
      await fails('overflow', reply(500, { error: { message: 'context size exceeded' } }));
      await fails('overflow', stream(sse({ error: { message: 'context size exceeded' } })));
    });

    it('bad-request: any other refusal', async () => {
      const { error } = await fails(
        'bad-request',
        reply(400, { error: { message: 'JSON schema error at #' } }),
      );
      assert.match(error.message, /JSON schema error at #/);
      await fails('bad-request', reply(422, 'no', { 'content-type': 'text/plain' }));
    });

    it('redirect: not followed, nothing told of its target', async () => {
      const target = await startScriptedServer(stream(answer(['ciao'])));
      for (const status of [301, 302, 303, 307, 308]) {
        const location = `${target.url}/v1/chat/completions?token=hidden`;
        const { error } = await fails('redirect', reply(status, '', { location }));
        assert.match(error.message, new RegExp(`status ${status}.*not followed`));
        assert.doesNotMatch(error.message, /token|hidden/);
      }
      assert.equal(target.connections, 0);
      await target.close();
    });

    it('not-sse: a page of a proxy, of which the beginning is shown as text', async () => {
      const page = `<!DOCTYPE html><html><title>Sign in</title><body>Use your\n\u202eaccount${' word'.repeat(999)}`;
      const { error } = await fails('not-sse', reply(200, page, { 'content-type': 'text/html' }));
      assert.match(error.message, /Sign in Use your account/);
      assert.ok(error.message.length < 400);
      await fails('not-sse', reply(200, 'ok', { 'content-type': 'text/plain' }));
      await fails('not-sse', [{ status: 204, head: {} }]);
      await fails('not-sse', reply(200, { status: 'ok' }));
      await fails('not-sse', reply(200, 'ciao'));
      await fails('not-sse', [{ head: { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' } }]);
    });

    it('stream-error: the five shapes, after which [DONE] changes nothing', async () => {
      const shapes = [
        sse({ error: { message: 'GPU lost', code: 500 } }),
        sse({ error: 'GPU lost' }),
        sse({ object: 'error', message: 'GPU lost', code: 500 }),
        `event: error\ndata: GPU lost\n\n`,
        `event: error\ndata: {"message":"GPU lost"}\n\n`,
        `error: {"code":500,"message":"GPU lost"}\n\n`,
        `{"error":"GPU lost"}\n`,
        `{"error":{"message":"GPU lost"}}`,
      ];
      for (const shape of shapes) {
        const done = shape.endsWith('\n') ? DONE : '';
        for (const reason of ['', STOP]) {
          const { error } = await fails(
            'stream-error',
            stream(chunk({ content: 'Il ga' }), reason, shape, done),
          );
          assert.match(error.message, /GPU lost/, shape);
          assert.equal(error.partial, 'Il ga');
        }
      }
      const ndjson = `{"message":{"content":"Il ga"}}\n{"error":"GPU lost"}\n`;
      const { error } = await fails(
        'stream-error',
        reply(200, ndjson, { 'content-type': 'application/x-ndjson' }),
      );
      assert.match(error.message, /GPU lost/);
      await fails('stream-error', reply(200, { error: { message: 'GPU lost' } }));
    });

    it('stream-error: what is no JSON or no UTF-8, and an answer that the server gave up', async () => {
      await fails('stream-error', stream(sse('{"choices":'), answer(['ciao'])));
      await fails('stream-error', [SSE, { write: new Uint8Array([100, 97, 116, 97, 58, 32, 0xff]) }, 'hang']);
      for (const reason of ['abort', 'error', 'content_filter'])
        await fails('stream-error', stream(answer(['ciao'], reason)));
    });

    it('truncated: the body ends, is cut, or is reset before the reason', async () => {
      const begun = stream(chunk({ content: 'Il gat' }));
      for (const end of [
        [],
        ['close'],
        ['reset'],
        [{ write: DONE }],
        [{ write: 'data: {"choi' }],
      ] as Step[][]) {
        const seen = gate();
        const script = [...begun, { wait: seen.opened }, ...end];
        const { error, deltas, server } = await fails('truncated', script, { onDelta: seen.open });
        assert.equal(error.partial, 'Il gat');
        assert.deepEqual(deltas, ['Il gat']);
        assert.equal(server.requests.length, 1, 'no second try once an answer began');
      }
      await fails('truncated', [SSE]);
      await fails('truncated', [
        { head: { 'content-type': 'application/json', 'content-length': 999 } },
        { write: '{"choices":[' },
        'close',
      ]);
    });

    it('length: the limit of tokens is no end of an answer', async () => {
      const { error } = await fails('length', stream(answer(['Il gat'], 'length')));
      assert.equal(error.partial, 'Il gat');
      await fails('length', stream(chunk({ reasoning: 'hm' }), answer([], 'length')));
    });

    it('empty: a reason without a text, or only a thought', async () => {
      await fails('empty', stream(answer([])));
      await fails('empty', stream(answer(['', ' \n'])));
      await fails('empty', stream(answer(['<think>', 'so it is'])));
      await fails('empty', stream(answer(['<think>so it is</think>\n'])));
      await fails('empty', stream(chunk({ reasoning: 'hm' }), answer([])));
    });

    it('too-large: more than 8 MiB of text, of one line, or of JSON', async () => {
      const mib = 'x'.repeat(1 << 20);
      const many = Array.from({ length: 9 }, () => mib);
      const { error } = await fails('too-large', stream(answer(many)));
      assert.equal(error.partial.length, 8 << 20);
      await fails('too-large', stream('data: ', ...many));
      await fails('too-large', reply(200, many.join('')));
    });

    it('reads only the beginning of the body of an error', async () => {
      function* endless(): Generator<Step> {
        yield { status: 500, head: { 'content-type': 'text/plain' } };
        for (;;) yield { write: 'x'.repeat(8 << 10) };
      }
      const { error, server } = await fails('server', endless);
      assert.ok(error.message.length < 500);
      assert.equal(await server.requests[0]!.closedEarly, true);
    });

    it('judges an error by its status where its body hangs or breaks', async () => {
      const head: Step = { status: 429, head: { 'retry-after': '2', 'content-length': 100 } };
      await hurry(() => fails('busy', [head, 'hang'], { backend: PATIENT }));
      const { error } = await fails('busy', [head, { write: 'slow' }, 'close']);
      assert.equal(error.retryAfterMs, 2000);
    });

    it('network: reset before the answer', async () => {
      const { error, server } = await fails('network', ['reset']);
      assert.equal(server.connections, 1, 'repeating is for the caller');
      assert.match(error.message, /ECONNRESET/);
    });

    it('network: only the head of a switch to another protocol', { timeout: 20_000 }, async () => {
      const switching: Step[] = [
        { raw: 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n' },
        'hang',
      ];
      await fails('network', switching);
      await fails('network', switching, { backend: { api: 'ollama' } });
      const server = await startScriptedServer(switching);
      const { signal } = new AbortController();
      await assert.rejects(getPage(server.url, '/props', undefined, 60_000, signal), { kind: 'network' });
      await server.close();
    });

    it('network: not HTTP, and http where https is asked for', async () => {
      const { server } = await fails('network', [{ raw: 'SSH-2.0-OpenSSH_9.2\r\n\r\n' }, 'hang']);
      assert.equal(server.connections, 1);
      const plain = createServer(socket => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      }).listen(0, '127.0.0.1');
      await once(plain, 'listening');
      const address = plain.address();
      assert.ok(address && typeof address === 'object');
      assert.equal((await ask(`https://127.0.0.1:${address.port}`)).error?.kind, 'network');
      plain.close();
    });

    it('never repeats the text that the server repeats', async () => {
      for (const said of [
        RECORD,
        `bad content ${JSON.stringify(REQUEST.messages)}`,
        `x ${RECORD.slice(20)}`,
      ]) {
        for (const body of [{ error: { message: said } }, said]) {
          const { error } = await fails('bad-request', reply(400, body));
          assert.doesNotMatch(error.message, /Zürich|frasi|日本語も/);
        }
        await fails('stream-error', stream(sse({ error: { message: said } })));
        await fails('not-sse', reply(200, said, { 'content-type': 'text/html' }));
      }
      const messages = [{ role: 'user', content: 'Parigi' }] as const;
      const { error } = await fails('bad-request', reply(400, { error: 'unknown word Parigi' }), {
        request: { messages },
      });
      assert.doesNotMatch(error.message, /Parigi/);
    });
  });

  describe('silence', () => {
    it('ends the call where the server sends nothing, before and within an answer', async () => {
      for (const script of [
        ['hang'],
        [SSE, 'hang'],
        stream(chunk({ content: 'Il gat' })).concat('hang'),
      ] as Step[][]) {
        const { error, deltas, server } = await hurry(() =>
          fails('silence', script, { backend: { firstSilenceSeconds: 20_000, silenceSeconds: 20_000 } }),
        );
        assert.equal(error.partial, deltas.join(''));
        assert.match(error.message, /20000 seconds/);
        assert.equal(await server.requests[0]!.closedEarly, true);
      }
    });

    it('is measured from the last byte: 600 s before the answer, 120 s within it', async () => {
      let heard: () => void = () => undefined;
      const next = () => new Promise<void>(resolve => (heard = resolve));
      const gates = [gate(), gate(), gate()];
      const server = await startScriptedServer([
        { wait: gates[0]!.opened },
        SSE,
        { write: chunk({ content: 'a' }) },
        { wait: gates[1]!.opened },
        { write: chunk({ content: 'b' }) },
        { wait: gates[2]!.opened },
        { write: answer(['c']) },
      ]);
      const silentServer = await startScriptedServer(['hang']);
      mock.timers.enable({ apis: ['setTimeout'] });
      try {
        const outcome = ask(server.url, { onDelta: () => heard() });
        await server.request(0);
        for (const [at, gate] of gates.entries()) {
          mock.timers.tick(at === 0 ? 599_999 : 119_999);
          const delta = next();
          gate.open();
          await delta;
        }
        assert.equal((await outcome).result?.text, 'abc');
        const silent = ask(silentServer.url);
        await silentServer.request(0);
        mock.timers.tick(600_000);
        assert.equal((await silent).error?.kind, 'silence');
      } finally {
        mock.timers.reset();
        await server.close();
        await silentServer.close();
      }
    });

    it('after the reason is an end', async () => {
      const script = [...stream(chunk({ content: 'ciao' }, 'stop')), 'hang'] as Step[];
      const { result } = await hurry(() => answers(script, { backend: PATIENT }));
      assert.equal(result.text, 'ciao');
    });
  });

  describe('cancelling', () => {
    it('closes the connection at once and keeps what came', async () => {
      const controller = new AbortController();
      const server = await startScriptedServer([...stream(chunk({ content: 'Il gat' })), 'hang']);
      const { error } = await ask(server.url, {
        signal: controller.signal,
        onDelta: () => controller.abort(KEY),
      });
      assert.equal(error?.kind, 'aborted');
      assert.equal(error.partial, 'Il gat');
      assert.equal(await server.requests[0]!.closedEarly, true);
      await server.close();
    });

    it('works before, and while waiting for, the answer', async () => {
      const server = await startScriptedServer(['hang']);
      assert.equal((await ask(server.url, { signal: AbortSignal.abort() })).error?.kind, 'aborted');
      assert.equal(server.connections, 0);
      const controller = new AbortController();
      const outcome = ask(server.url, { signal: controller.signal });
      const request = await server.request(0);
      controller.abort();
      assert.equal((await outcome).error?.kind, 'aborted');
      assert.equal(await request.closedEarly, true);
      assert.equal(server.connections, 1, 'a cancelled call is not sent again');
      const early = new AbortController();
      const unconnected = ask(server.url, { signal: early.signal });
      early.abort();
      assert.equal((await unconnected).error?.kind, 'aborted');
      await server.close();
    });

    it('stops the text in the middle of what has come', async () => {
      const controller = new AbortController();
      const { error, deltas } = await against(stream(answer(['a', 'b', 'c'])), {
        signal: controller.signal,
        onDelta: () => controller.abort(),
      });
      assert.equal(error?.kind, 'aborted');
      assert.deepEqual(deltas, ['a']);
    });

    it('is what a failing receiver means', async () => {
      const bug = new Error('the page is gone');
      const { error } = await fails('aborted', [...stream(answer(['a', 'b'])), 'hang'], {
        onDelta: () => {
          throw bug;
        },
      });
      assert.equal(error.cause, bug);
    });

    it('leaves no listener on the signal', async () => {
      const { signal } = new AbortController();
      let listeners = 0;
      const add = signal.addEventListener.bind(signal);
      const remove = signal.removeEventListener.bind(signal);
      signal.addEventListener = (...args: Parameters<typeof add>) => {
        listeners++;
        add(...args);
      };
      signal.removeEventListener = (...args: Parameters<typeof remove>) => {
        listeners--;
        remove(...args);
      };
      await answers(stream(answer(['a'])), { signal });
      await fails('network', ['reset'], { signal });
      assert.equal(listeners, 0);
    });
  });

  it('lets the process exit: neither a socket nor a timer is left', async () => {
    const ends: Step[][] = [
      stream(answer(['ciao'])),
      [...stream(answer(['ciao'])), 'hang'],
      ['reset'],
      [{ status: 500, head: {} }, { write: 'x' }],
      [{ status: 302, head: { location: '/' } }, 'hang'],
      [...stream(chunk({ content: 'cancel me' })), 'hang'],
    ];
    const server = await startScriptedServer((_, index) => ends[index]!);
    after(() => server.close());
    const env = { ...process.env, INFERENCE_TEST_URL: server.url };
    delete (env as NodeJS.ProcessEnv)['NODE_TEST_CONTEXT'];
    const child = spawn(process.execPath, [process.argv[1]!], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const said = await textOf(child.stdout);
    assert.deepEqual(await exited, [0, null]);
    assert.deepEqual(JSON.parse(said), {
      outcomes: ['ciao', 'ciao', 'network', 'server', 'redirect', 'aborted'],
      left: [],
    });
  });
}

/** Makes calls of several outcomes, says what they were and what is still open, and should exit by itself. */
async function runChild(url: string) {
  const outcomes: (string | undefined)[] = [];
  for (let i = 0; i < 6; i++) {
    const controller = new AbortController();
    const onDelta = (text: string) => {
      if (text === 'cancel me') controller.abort();
    };
    const { result, error } = await ask(url, { signal: controller.signal, onDelta });
    outcomes.push(result?.text ?? error?.kind);
  }
  // A destroyed socket closes in the next turns of the event loop.
  for (let i = 0; i < 3; i++) await new Promise(resolve => setImmediate(resolve));
  const left = process.getActiveResourcesInfo().filter(name => /^(Timeout|TCP|TLS)/.test(name));
  process.stdout.write(JSON.stringify({ outcomes, left }));
}
