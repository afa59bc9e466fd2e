import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { getPage } from '../../src/io/connection';
import { ask, fails, gate, hurry, KEY, PATIENT, RECORD, REQUEST, stream } from '../helpers/inferenceCalls';
import { answer, chunk, reply, SSE, sse, startScriptedServer, type Step } from '../helpers/scriptedServer';

const STOP = chunk({}, 'stop');
const DONE = sse('[DONE]');

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
    for (const said of [RECORD, `bad content ${JSON.stringify(REQUEST.messages)}`, `x ${RECORD.slice(20)}`]) {
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
