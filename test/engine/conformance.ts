/** What the extension needs of an inference engine, asked of a real one that runs the model of translatorModel.mjs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Profile } from '../../src/asking';
import type { Finding } from '../../src/core/check';
import { runChecks } from '../../src/core/checks';
import type { PromptUnit } from '../../src/core/regeneration';
import { inspect, test as testBackend } from '../../src/io/discovery';
import {
  BackendError,
  generate,
  type Backend,
  type GenerateRequest,
  type GenerateResult,
} from '../../src/io/inference';
import { Pool } from '../../src/io/pool';

const SLOTS = 2;
/** Longer than the context of a slot, in words that are at least a token each. */
const TOO_LONG = 'water '.repeat(5000);
const WORDS = ['cat', 'dog', 'house', 'book', 'water', 'bread', 'tree', 'river'];
const PAROLE = ['gatto', 'cane', 'casa', 'libro', 'acqua', 'pane', 'albero', 'fiume'];
/** Every pair of these words. */
const LONG = WORDS.flatMap(first => WORDS.map(second => `${first} ${second}`)).join(', ');

/**
 * @param server where it listens; asked for when the tests run
 * @param model as the server is to name it
 */
export function conformance(title: string, server: () => string, model: string): void {
  const backend = (): Backend => ({ url: server(), model, api: 'openai' });
  const translate = async (text: string, request: Partial<GenerateRequest> = {}) => {
    const deltas: string[] = [];
    const options = {
      signal: new AbortController().signal,
      onDelta: (delta: string) => void deltas.push(delta),
    };
    const result = await generate(backend(), { ...requestFor(text), ...request }, options);
    assert.equal(deltas.join(''), result.text, 'what was streamed is the answer');
    return { ...result, deltas };
  };
  const slots = async () => {
    const response = await fetch(`${server()}/slots`);
    return (await response.json()) as { is_processing: boolean; next_token?: { n_decoded?: number } }[];
  };
  const untilFree = async () => {
    while ((await slots()).some(slot => slot.is_processing)) await sleep(5);
  };
  const candidate = (
    unit: PromptUnit,
    style: 'record' | 'field',
    fields = unit.source.map(({ name }) => name),
  ) => {
    const profile: Profile = { backend: backend(), style, temperature: 0, topP: 1, concurrency: 1 };
    const options = { signal: new AbortController().signal, seed: 1, onPartial: () => undefined };
    return ask(
      unit,
      { mode: 'translate', fields, split: 'record' },
      [],
      { terms: [], examples: [] },
      profile,
      options,
    );
  };

  describe(title, { timeout: 120_000 }, () => {
    it('is found with its model, its context and what it takes at a time', async () => {
      const found = await inspect(server(), undefined, new AbortController().signal);
      const contexts = found.models.map(({ contextTokens }) => contextTokens);
      assert.deepEqual(
        [found.kind, found.api, found.concurrency, found.running, found.problem, contexts],
        ['llama.cpp', 'openai', SLOTS, 0, undefined, [4096]],
      );
      const tested = await testBackend(
        backend(),
        requestFor('The cat is red.'),
        new AbortController().signal,
      );
      assert.equal(tested.model, model);
      assert.ok(tested.firstTokenMs > 0 && tested.tokensPerSecond! > 0);
    });

    it('streams a translation, and tells tokens and model', async () => {
      const result = await translate('The cat is red and the dog is cold.');
      assert.equal(result.text, 'Il gatto è rosso e il cane è freddo.');
      assert.ok(result.deltas.length > 5, 'it comes in pieces');
      assert.deepEqual([result.finishReason, result.model], ['stop', model]);
      assert.ok(result.promptTokens! > 20);
      // The end of the answer is a token too, which some count.
      assert.ok([10, 11].includes(result.completionTokens!), String(result.completionTokens));
    });

    it('keeps the bytes of a character together', async () => {
      const { text, deltas } = await translate('日本語 Zürich 👩🏽‍💻 🇨🇭');
      assert.equal(text, '日本語 Zürich 👩🏽‍💻 🇨🇭');
      assert.ok(deltas.every(delta => !delta.includes('\ufffd') && delta.isWellFormed()));
    });

    it('keeps to a JSON schema', async () => {
      const schema = {
        type: 'object',
        properties: { instruction: { type: 'string' }, output: { type: 'string' } },
        required: ['instruction', 'output'],
        additionalProperties: false,
      };
      const record = { instruction: 'Describe the "sun".', output: 'Two\nlines: {red}\t\\' };
      const { text } = await translate(JSON.stringify(record), { schema });
      const translated = { instruction: 'Descrivi il "sole".', output: 'Due\nlines: {rosso}\t\\' };
      assert.deepEqual(JSON.parse(text), translated);
      // Although the text has both, and begins with the other.
      const only = { ...schema, properties: { output: { type: 'string' } }, required: ['output'] };
      const { text: output } = await translate(JSON.stringify(record), { schema: only });
      assert.deepEqual(JSON.parse(output), { output: translated.output });
    });

    it('stops at the limit of tokens, which is a failure', async () => {
      const error = await failure(translate('The cat is red and the dog is cold.', { maxTokens: 3 }));
      assert.deepEqual([error.kind, error.partial], ['length', 'Il gatto è']);
    });

    it('refuses what is longer than its context', async () => {
      const error = await failure(translate(TOO_LONG));
      assert.deepEqual([error.kind, error.status], ['overflow', 400]);
      assert.ok(!error.message.includes('water'), 'the message holds the text');
    });

    it('has its slot free soon after a cancel', async () => {
      const whole = await translate(LONG);
      const length = whole.completionTokens!;
      assert.ok(length > 150, 'there is something to cancel');
      const stop = new AbortController();
      const cancelled = generate(backend(), requestFor(LONG), {
        signal: stop.signal,
        onDelta: () => stop.abort(),
      });
      const error = await failure(cancelled);
      assert.equal(error.kind, 'aborted');
      await untilFree();
      const counts = (await slots()).map(slot => slot.next_token?.n_decoded ?? 0);
      // One of the slots still holds the count of the whole answer.
      assert.ok(
        counts.filter(count => count >= length).length <= 1,
        `tokens of the slots: ${counts.join(', ')}`,
      );
    });

    it('answers requests that wait for a slot, each its own', async () => {
      const all = await Promise.all(WORDS.map(word => translate(`The ${word} is red.`)));
      assert.deepEqual(
        all.map(({ text }) => text),
        PAROLE.map(word => `Il ${word} è rosso.`),
      );
      const pool = new Pool(SLOTS);
      const signal = new AbortController().signal;
      const pooled = await Promise.all(
        WORDS.map(word => pool.run(() => translate(`The ${word} is red.`), signal)),
      );
      assert.deepEqual(
        pooled.map(({ text }) => text),
        all.map(({ text }) => text),
      );
      await untilFree();
    });

    it('gives other answers for other seeds, and the same for the same one', async () => {
      const sample = async (seed: number) =>
        (
          await translate('The list: a big cat, a short list, the cat on the big table.', {
            seed,
            temperature: 1.5,
          })
        ).text;
      const answers: string[] = [];
      for (let seed = 1; seed <= 6; seed++) answers.push(await sample(seed));
      assert.ok(new Set(answers).size > 1, answers.join('\n'));
      assert.equal(await sample(3), answers[2]);
    });

    it('tells of which words it was unsure', async () => {
      const { tokens, text } = await translate('the big dog', { logprobs: true });
      assert.equal(tokens!.map(token => token.text).join(''), text);
      const [the, big, dog] = tokens!.map(token => token.logprob);
      assert.ok(the! < -0.05 && big! < -0.05, `two translations each: ${the}, ${big}`);
      assert.ok(dog! > -0.01, 'this one has not');
    });

    for (const style of ['record', 'field'] as const) {
      it(`understands the requests of the style ${style}, and gives back what is masked`, async () => {
        const unit: PromptUnit = {
          sourceLang: 'en',
          targetLang: 'it',
          source: [
            { name: 'instruction', text: 'Describe the `red` cat of {{name}}.' },
            {
              name: 'output',
              text: '- The cat of {{name}} is old.\n- See https://example.org/cat, it sleeps.',
            },
          ],
          target: [],
        };
        const proposal = await candidate(unit, style);
        assert.deepEqual(proposal.fields, [
          { name: 'instruction', text: 'Descrivi il `red` gatto di {{name}}.' },
          {
            name: 'output',
            text: '- Il gatto di {{name}} è vecchio.\n- See https://example.org/cat, esso dorme.',
          },
        ]);
        assert.deepEqual([proposal.problems, proposal.model], [[], model]);
        const output = await candidate(unit, style, ['output']);
        assert.deepEqual(output.fields, proposal.fields.slice(1));
        assert.deepEqual(placeholderFindings(unit, proposal.fields[0]!.text), []);
      });
    }

    it('breaks a placeholder that is not masked, which the checks see', async () => {
      const text = 'Describe the cat of {{name}}.';
      const unit: PromptUnit = {
        sourceLang: 'en',
        targetLang: 'it',
        source: [{ name: 'instruction', text }],
        target: [],
      };
      const broken = (await translate(text)).text;
      assert.equal(broken, 'Descrivi il gatto di {{nome}}.');
      assert.equal(placeholderFindings(unit, broken).length, 1);
    });
  });
}

const requestFor = (text: string): GenerateRequest => ({
  messages: [
    { role: 'system', content: 'You translate what is between <source> and </source>.' },
    { role: 'user', content: `Translate into Italian:\n<source>${text}</source>` },
  ],
  temperature: 0,
  topP: 1,
  seed: 1,
  maxTokens: 1000,
});

async function failure(answer: Promise<GenerateResult>): Promise<BackendError> {
  const error: unknown = await answer.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof BackendError, String(error));
  return error;
}

function placeholderFindings(unit: PromptUnit, instruction: string): Finding[] {
  const source = unit.source.filter(({ name }) => name === 'instruction');
  const target = [{ name: 'instruction', text: instruction }];
  return runChecks({ ...unit, source, target }).filter(({ check }) => check === 'placeholders');
}
