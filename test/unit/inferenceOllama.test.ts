import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  answers,
  ask,
  fails,
  gate,
  hurry,
  PATIENT,
  serveInPieces,
  type Call,
} from '../helpers/inferenceCalls';
import { NDJSON, ollamaAnswer, ollamaLine, reply, type Step } from '../helpers/scriptedServer';

const OLLAMA: Call = { backend: { api: 'ollama' } };
/** Woman, skin tone, ZWJ, laptop; a flag, a combining accent, and a character outside the BMP. */
const HARD = ['ciao 👩🏽‍💻', '🇨🇭', 'e\u0301', '𝒳', 'è\r\n\tà', ' 日本', '語\u2028'];
const lines = (...all: string[]): Step[] => [NDJSON, ...all.map(write => ({ write }))];

describe('an answer of Ollama', () => {
  it('comes with what the server tells about it', async () => {
    const { result, deltas } = await answers(lines(ollamaAnswer(['Il ', 'gatto'])), OLLAMA);
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
    const { server, send } = await serveInPieces(NDJSON);
    const piece = fc.oneof(
      fc.constantFrom(...HARD),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    );
    const property = fc.asyncProperty(
      fc.array(piece, { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n', '\n\n'),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      async (pieces, newline, chosen) => {
        const pieced = ['–', ...pieces];
        send(Buffer.from(ollamaAnswer(pieced).replaceAll('\n', newline)), chosen);
        const { result, error, deltas } = await ask(server.url, OLLAMA);
        assert.equal(result?.text, pieced.join(''), error?.message);
        assert.deepEqual(deltas, pieced);
        assert.equal(result.promptTokens, 12);
      },
    );
    await fc.assert(property, { numRuns: 60 }).finally(() => server.close());
  });

  it('survives being split after every single byte', async () => {
    const { result, deltas } = await answers([NDJSON, { write: ollamaAnswer(HARD), every: 1 }], OLLAMA);
    assert.equal(result.text, HARD.join(''));
    assert.deepEqual(deltas, HARD);
  });

  it('needs neither a reason nor the end of the last line, and is not waited for after it', async () => {
    const last = ollamaLine('.', { done: true }).trimEnd();
    const { result } = await answers(lines(ollamaLine('ciao'), last), OLLAMA);
    assert.deepEqual(result, { text: 'ciao.', model: 'scripted', finishReason: 'stop' });
    const hanging = await answers([...lines(ollamaAnswer(['ciao'])), 'hang'], OLLAMA);
    assert.equal(hanging.result.text, 'ciao');
  });

  it('may come in one piece', async () => {
    const whole = JSON.parse(ollamaLine('ciao', { done: true, done_reason: 'stop' })) as object;
    assert.equal((await answers(reply(200, whole), OLLAMA)).result.text, 'ciao');
  });
});

describe('no answer of Ollama', () => {
  it('stream-error: a line that is no JSON or no UTF-8', async () => {
    await fails('stream-error', lines('{"message":\n', ollamaAnswer(['ciao'])), OLLAMA);
    await fails('stream-error', [NDJSON, { write: new Uint8Array([0x7b, 0xff]) }, 'hang'], OLLAMA);
  });

  it('truncated: the lines end, or break, before the last one', async () => {
    for (const end of [[], ['close'], [{ write: '{"message":{"content":"to"},"don' }]] as Step[][]) {
      const seen = gate();
      const script = [...lines(ollamaLine('Il gat')), { wait: seen.opened }, ...end];
      const { error, deltas } = await fails('truncated', script, { ...OLLAMA, onDelta: seen.open });
      assert.equal(error.partial, 'Il gat');
      assert.deepEqual(deltas, ['Il gat']);
    }
  });

  it('too-large: more than 8 MiB of text, or of one line', async () => {
    const mib = 'x'.repeat(1 << 20);
    const { error } = await fails(
      'too-large',
      lines(...Array.from({ length: 9 }, () => ollamaLine(mib))),
      OLLAMA,
    );
    assert.equal(error.partial.length, 8 << 20);
    await fails('too-large', lines(...Array.from({ length: 9 }, () => mib)), OLLAMA);
  });

  it('empty: a model that was only loaded', async () => {
    await fails('empty', lines(ollamaLine('', { done: true, done_reason: 'load' })), OLLAMA);
  });

  it('silence: ends where the last line never comes', async () => {
    const script = [...lines(ollamaLine('Il gat')), 'hang'] as Step[];
    const backend = { ...PATIENT, api: 'ollama' as const, silenceSeconds: 20_000 };
    const { error } = await hurry(() => fails('silence', script, { backend }));
    assert.equal(error.partial, 'Il gat');
  });
});
