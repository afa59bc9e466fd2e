import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text as textOf } from 'node:stream/consumers';
import { after, describe, it, mock } from 'node:test';
import fc from 'fast-check';
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
  REQUEST,
  serveInPieces,
  stream,
} from '../helpers/inferenceCalls';
import { answer, chunk, reply, SSE, startScriptedServer, type Step } from '../helpers/scriptedServer';

/** Woman, skin tone, ZWJ, laptop; a flag, a combining accent, and a character outside the BMP. */
const HARD = ['ciao 👩🏽‍💻', '🇨🇭', 'e\u0301', '𝒳', 'è\r\n\tà', ' 日本', '語'];

const STOP = chunk({}, 'stop');

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
      const { server, send } = await serveInPieces(SSE);
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
          send(Buffer.from(events.replaceAll('\n', newline)), chosen);
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
