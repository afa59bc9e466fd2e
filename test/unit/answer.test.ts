import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Answer, splitThought } from '../../src/io/answer';
import { tokensOf } from '../../src/io/tokens';

const NONE = { reasoning: '', finish: '', model: '', promptTokens: 0, completionTokens: 0, logprobs: [] };

function answerOf(pieces: readonly string[]): { text: string; thought: string | undefined } {
  let shown = '';
  const answer = new Answer({
    backend: { url: 'http://127.0.0.1', model: 'm', api: 'openai' },
    request: { messages: [], temperature: 0, topP: 1, seed: 0, maxTokens: 9 },
    host: '127.0.0.1',
    plain: false,
    signal: new AbortController().signal,
    onDelta: text => (shown += text),
  });
  for (const content of pieces) answer.add({ ...NONE, content });
  answer.add({ ...NONE, content: '!', finish: 'stop' });
  const { text, reasoning } = answer.result();
  assert.equal(shown, text);
  return { text, thought: reasoning };
}

describe('a thought at the beginning of an answer', () => {
  it('is the same however the answer is cut into pieces', () => {
    const part = fc.constantFrom('<think>', '</think>', '<th', '</thi', 'ink>', ' ', '\n', 'a', '<', '😀');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), parts => {
        const whole = `${parts.join('')}</think> ciao`;
        const once = answerOf([whole]);
        assert.deepEqual(answerOf([...parts, '</think>', ' ', 'ciao']), once);
        assert.deepEqual(answerOf(Array.from(whole)), once);
        const { thought, said } = splitThought(`${whole}!`);
        assert.deepEqual({ text: said, thought: thought || undefined }, once);
        if (whole.trimStart().startsWith('<think>')) {
          const [, before] = /^\s*<think>(.*?)<\/think>/s.exec(whole) ?? [];
          assert.equal(thought, before);
        } else assert.equal(said, `${whole}!`);
      }),
    );
  });

  it('is the answer where it is only the beginning of the mark', () => {
    assert.deepEqual(splitThought(' <thi'), { thought: '', said: ' <thi' });
    assert.deepEqual(splitThought(' <think>hm'), { thought: 'hm', said: '' });
  });

  // Read anew with each piece, either would take an hour.
  it('takes no more time for each piece as it grows', { timeout: 60_000 }, () => {
    const many = 300_000;
    const thought = answerOf(['<think>', ...Array<string>(many).fill('m'), '</think>ciao']);
    assert.deepEqual([thought.text, thought.thought?.length], ['ciao!', many]);
    assert.equal(answerOf(Array<string>(many).fill(' ')).text.length, many + 1);
  });
});

describe('the tokens of a text', () => {
  it('are looked for only where the text can end', { timeout: 60_000 }, () => {
    const token = (text: string) => ({ bytes: Buffer.from(text), logprob: -1 });
    const text = `${'a'.repeat(200_000)}b`;
    assert.equal(tokensOf(text, [token(text), token('a'.repeat(4_000_000))]), undefined);
    assert.equal(tokensOf(text, [token('x'.repeat(99)), token(text), token('<|im_end|>')])?.length, 1);
  });
});
