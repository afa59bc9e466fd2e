import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normaliseUrl, sentFor } from '../../src/io/inference';
import { answers, ask, fails, KEY, REQUEST, stream, type Call } from '../helpers/inferenceCalls';
import {
  answer,
  chunk,
  NDJSON,
  ollamaAnswer,
  reply,
  sse,
  startScriptedServer,
  type Step,
} from '../helpers/scriptedServer';

const SCHEMA = {
  type: 'object',
  properties: { output: { type: 'string' } },
  required: ['output'],
  additionalProperties: false,
};

/** Where the request went, and what was in it. */
async function sent(call: Call): Promise<{ path: string; body: Record<string, unknown> }> {
  const isOllama = call.backend?.api === 'ollama';
  const script: Step[] = isOllama ? [NDJSON, { write: ollamaAnswer(['ciao']) }] : stream(answer(['ciao']));
  const { server } = await answers(script, call);
  const [{ path, body }] = server.requests as [(typeof server.requests)[0]];
  return { path, body: JSON.parse(body) as Record<string, unknown> };
}

describe('a request to a server with the API of OpenAI', () => {
  it('carries a schema as servers share it', async () => {
    const { body } = await sent({ request: { schema: SCHEMA } });
    assert.deepEqual(body['response_format'], {
      type: 'json_schema',
      json_schema: { name: 'answer', strict: true, schema: SCHEMA },
    });
  });

  it('carries further sampling parameters, a penalty under both its names', async () => {
    const { body } = await sent({ request: { sampling: { top_k: 20, repeat_penalty: 1.05 } } });
    assert.equal(body['top_k'], 20);
    assert.equal(body['repeat_penalty'], 1.05);
    assert.equal(body['repetition_penalty'], 1.05);
  });

  it('carries the arguments of a chat template', async () => {
    const templateArguments = { source_lang_code: 'en', target_lang_code: 'it' };
    const { body } = await sent({ request: { templateArguments } });
    assert.deepEqual(body['chat_template_kwargs'], templateArguments);
  });

  it('has raw text completed without a chat template', async () => {
    const messages = [{ role: 'user' as const, content: 'Translate this:\nItalian:' }];
    const pieces = ['Il ', 'gatto'].map(text => sse({ choices: [{ text, finish_reason: null }] }));
    const script = stream(...pieces, sse({ choices: [{ text: '', finish_reason: 'stop' }] }), sse('[DONE]'));
    const { result, server } = await answers(script, { request: { raw: true, messages } });
    assert.equal(result.text, 'Il gatto');
    assert.equal(server.requests[0]!.path, '/v1/completions');
    const body = JSON.parse(server.requests[0]!.body) as Record<string, unknown>;
    assert.equal(body['prompt'], 'Translate this:\nItalian:');
    for (const name of ['messages', 'chat_template_kwargs']) assert.ok(!(name in body), name);
  });

  it('is sent again without the switch for thinking where that is refused, and not with it again', async () => {
    const server = await startScriptedServer(({ body }) =>
      body.includes('chat_template_kwargs')
        ? reply(400, { error: { message: 'Unrecognized request argument supplied: chat_template_kwargs' } })
        : stream(answer(['ciao'])),
    );
    for (const requests of [2, 3]) {
      assert.equal((await ask(server.url)).result?.text, 'ciao');
      assert.equal(server.requests.length, requests);
    }
    const templateArguments = { target_lang_code: 'it' };
    const { error } = await ask(server.url, { request: { templateArguments } });
    assert.equal(error?.kind, 'bad-request', 'the arguments of a template are not left out');
    assert.equal(server.requests.length, 4);
    await server.close();
  });

  it('is not sent again for another refusal, nor without the arguments that a template needs', async () => {
    const other = await fails('bad-request', reply(400, { error: { message: 'temperature is too high' } }));
    assert.equal(other.server.requests.length, 1);
    const template = reply(400, { error: { message: 'chat_template is not supported' } });
    const { server } = await fails('bad-request', template, {
      request: { templateArguments: { target_lang_code: 'it' } },
    });
    assert.equal(server.requests.length, 1);
  });
});

describe('a request to Ollama', () => {
  it('says all that decides the answer, and that nothing may be cut silently', async () => {
    const { path, body } = await sent({
      backend: { api: 'ollama', contextTokens: 8192 },
      request: { schema: SCHEMA, sampling: { top_k: 20 } },
    });
    assert.equal(path, '/api/chat');
    assert.deepEqual(body, {
      model: 'asked-for',
      messages: REQUEST.messages,
      format: SCHEMA,
      options: { temperature: 0, top_p: 1, seed: 7, num_predict: 64, num_ctx: 8192, top_k: 20 },
      stream: true,
      think: false,
      truncate: false,
      shift: false,
    });
  });

  it('leaves the length of the context to the server where none is set', async () => {
    const { body } = await sent({ backend: { api: 'ollama' } });
    assert.ok(!('num_ctx' in (body['options'] as object)));
  });

  it('has raw text completed', async () => {
    const messages = [{ role: 'user' as const, content: 'Italian:' }];
    const lines = [
      { response: 'Il ' },
      { response: 'gatto' },
      { response: '', done: true, done_reason: 'stop' },
    ];
    const script: Step[] = [NDJSON, { write: lines.map(line => `${JSON.stringify(line)}\n`).join('') }];
    const { result, server } = await answers(script, {
      backend: { api: 'ollama' },
      request: { raw: true, messages },
    });
    assert.equal(result.text, 'Il gatto');
    assert.equal(server.requests[0]!.path, '/api/generate');
    const body = JSON.parse(server.requests[0]!.body) as Record<string, unknown>;
    assert.equal(body['prompt'], 'Italian:');
    assert.equal(body['raw'], true);
  });

  it('goes to the same server however its address is written', () => {
    for (const tail of ['', '/', '/v1', '/api/chat'])
      assert.equal(normaliseUrl(`http://127.0.0.1:11434${tail}`), 'http://127.0.0.1:11434');
    assert.equal(normaliseUrl('https://example.org/api/v1'), 'https://example.org/api');
    assert.equal(normaliseUrl('https://example.org/api'), 'https://example.org/api');
  });
});

describe('a request that is shown', () => {
  it('is the one that is sent, without the key', async () => {
    for (const api of ['openai', 'ollama'] as const)
      for (const raw of [false, true]) {
        const request = { ...REQUEST, raw, schema: SCHEMA };
        const shown = sentFor(
          { url: 'http://127.0.0.1:1/v1', model: 'asked-for', api, apiKey: KEY },
          request,
        );
        const { path, body } = await sent({ backend: { api }, request });
        assert.equal(shown.url, `http://127.0.0.1:1${path}`);
        assert.deepEqual(shown.body, body);
        assert.ok(!JSON.stringify(shown).includes(KEY));
      }
  });
});

describe('the tokens of an answer', () => {
  const token = (text: string, logprob: number, bytes?: readonly number[]) => ({
    token: text,
    logprob,
    ...(bytes && { bytes }),
  });
  const withTokens = (content: string, ...logprobs: object[]) =>
    sse({ choices: [{ delta: { content }, logprobs: { content: logprobs }, finish_reason: null }] });
  const logprobs: Call = { request: { logprobs: true } };

  it('are asked for in the words of each API', async () => {
    const chat = (await sent(logprobs)).body;
    assert.deepEqual([chat['logprobs'], chat['top_logprobs']], [true, 1]);
    assert.equal((await sent({ request: { logprobs: true, raw: true } })).body['logprobs'], 1);
    assert.equal((await sent({ ...logprobs, backend: { api: 'ollama' } })).body['logprobs'], true);
    for (const api of ['openai', 'ollama'] as const)
      assert.ok(!('logprobs' in (await sent({ backend: { api } })).body), 'only where they are wanted');
  });

  it('come with their probabilities, and joined they are the text', async () => {
    const { result } = await answers(
      stream(
        withTokens('Il ', token('Il ', -0.5)),
        withTokens('gatto', token('gat', -2), token('to', -0.1)),
        answer([]),
      ),
      logprobs,
    );
    assert.deepEqual(result.tokens, [
      { text: 'Il ', logprob: -0.5 },
      { text: 'gat', logprob: -2 },
      { text: 'to', logprob: -0.1 },
    ]);
  });

  it('put a character together that took several', async () => {
    const bytes = [...Buffer.from('日')];
    const { result } = await answers(
      stream(
        withTokens('', token('\ufffd', -1, bytes.slice(0, 1)), token('\ufffd', -0.5, bytes.slice(1, 2))),
        withTokens('日', token('\ufffd', -0.25, bytes.slice(2))),
        answer([]),
      ),
      logprobs,
    );
    assert.deepEqual(result.tokens, [{ text: '日', logprob: -1.75 }]);
  });

  it('are without those of a thought, of the end mark and of a space that the server took away', async () => {
    const { result } = await answers(
      stream(
        withTokens('<think>hm</think>', token('<think>', 0), token('hm', -1), token('</think>', 0)),
        withTokens('ciao', token(' ciao', -0.5), token('<|im_end|>', -0.1)),
        answer([]),
      ),
      logprobs,
    );
    assert.equal(result.text, 'ciao');
    assert.deepEqual(result.tokens, [{ text: 'ciao', logprob: -0.5 }]);
  });

  it('are left out where they are not those of the text, or of a wrong shape', async () => {
    const { result } = await answers(stream(withTokens('ciao', token('hello', -1)), answer([])), logprobs);
    assert.equal(result.text, 'ciao');
    assert.equal(result.tokens, undefined);
    for (const wrong of [
      null,
      7,
      [null],
      [{ token: 1, logprob: 'x' }],
      [{ token: 'ciao', logprob: -1, bytes: ['x'] }],
    ]) {
      const script = stream(
        sse({ choices: [{ delta: { content: 'ciao' }, logprobs: { content: wrong } }] }),
        answer([]),
      );
      assert.equal((await answers(script, logprobs)).result.tokens, undefined, JSON.stringify(wrong));
    }
    assert.equal((await answers(stream(answer(['ciao'])), logprobs)).result.tokens, undefined);
  });

  it('are read from the lists of vLLM for raw text, and from the lines of Ollama', async () => {
    const lists = { tokens: ['Il ', 'gatto'], token_logprobs: [-0.5, -1] };
    const raw = stream(sse({ choices: [{ text: 'Il gatto', logprobs: lists, finish_reason: 'stop' }] }));
    const expected = [
      { text: 'Il ', logprob: -0.5 },
      { text: 'gatto', logprob: -1 },
    ];
    assert.deepEqual(
      (await answers(raw, { request: { raw: true, logprobs: true } })).result.tokens,
      expected,
    );
    const line = (content: string, logprob: number) =>
      `${JSON.stringify({ message: { content }, logprobs: [token(content, logprob)] })}\n`;
    const lines: Step[] = [NDJSON, { write: line('Il ', -0.5) + line('gatto', -1) + ollamaAnswer([]) }];
    assert.deepEqual(
      (await answers(lines, { ...logprobs, backend: { api: 'ollama' } })).result.tokens,
      expected,
    );
  });

  it('count towards the size of an answer', async () => {
    const many = Array.from({ length: 9 }, () => withTokens('', token('x'.repeat(1 << 20), 0)));
    await fails('too-large', stream(...many, chunk({}, 'stop')), logprobs);
  });
});
