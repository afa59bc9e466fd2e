import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ask, promptHash, planFor, type AskOptions, type Profile } from '../../src/asking';
import { UserError } from '../../src/core/messages';
import type { PromptStyle } from '../../src/core/prompt';
import type { Field } from '../../src/core/record';
import type { PromptUnit, Wish } from '../../src/core/regeneration';
import { alpaca } from '../helpers/builders';
import { says } from '../helpers/modelAnswers';
import {
  chunk,
  SSE,
  sse,
  startScriptedServer,
  type Script,
  type ScriptedServer,
} from '../helpers/scriptedServer';
import { userError } from '../helpers/shardFixture';

const SECRET = 'Zitronenmarmelade';
const UNIT: PromptUnit = {
  sourceLang: 'en',
  targetLang: 'de',
  source: alpaca(`Name a fruit, such as ${SECRET}.`, '', 'An apple, see `eat()`.'),
  target: alpaca('Nenne eine Frucht.', '', 'Ein Apfel.'),
};
const ALL = { mode: 'translate', fields: ['instruction', 'output'], split: 'record' } as const;
const NO_HELP = { terms: [], examples: [] };

async function serve(t: TestContext, script: Script): Promise<ScriptedServer> {
  const server = await startScriptedServer(script);
  t.after(() => server.close());
  return server;
}

const profileOf = ({ url }: ScriptedServer, style: PromptStyle = 'record'): Profile => ({
  backend: { url, model: 'asked-for', api: 'openai', apiKey: 'sk-secret' },
  style,
  ...{ temperature: 0, topP: 1, concurrency: 1 },
});

interface Asking extends Partial<AskOptions> {
  readonly style?: PromptStyle;
  readonly wish?: Pick<Wish, 'mode' | 'fields' | 'split'>;
  readonly unit?: PromptUnit;
}
const run = (server: ScriptedServer, { style, wish = ALL, unit = UNIT, ...options }: Asking = {}) =>
  ask(unit, wish, [], NO_HELP, profileOf(server, style), {
    ...{ signal: new AbortController().signal, seed: 0, onPartial: () => undefined, ...options },
  });
const pairs = (fields: readonly Field[]) => fields.map(({ name, text }) => [name, text]);
const bodies = ({ requests }: ScriptedServer) =>
  requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);

const RIGHT = JSON.stringify({ instruction: 'Nenn eine Frucht.', output: 'Ein Apfel, siehe ⟦P0⟧.' });

describe('asking for one candidate', () => {
  it('gives the texts of all fields by one request, and what it takes to ask for them again', async t => {
    const server = await serve(t, says(RIGHT));
    const proposal = await run(server, { seed: 3 });
    assert.deepEqual(pairs(proposal.fields), [
      ['instruction', 'Nenn eine Frucht.'],
      ['output', 'Ein Apfel, siehe `eat()`.'],
    ]);
    assert.deepEqual([proposal.model, proposal.problems], ['scripted', []]);
    assert.deepEqual(Object.keys(proposal.parameters).sort(), ['maxTokens', 'seed', 'temperature', 'topP']);
    const [body] = bodies(server);
    assert.deepEqual(
      [proposal.parameters['seed'], proposal.parameters['maxTokens']],
      [body?.['seed'], body?.['max_tokens']],
    );
    assert.equal(server.requests.length, 1);
    assert.match(proposal.prompt, /^[0-9a-f]{16}$/);
    assert.equal(
      proposal.prompt,
      promptHash(planFor(UNIT, ALL, [], NO_HELP, { style: 'record', backend: {} }).asks),
    );
  });

  it('asks for a field after the other where the style has it so, and joins the texts', async t => {
    const server = await serve(t, (_request, index) => says(index === 0 ? 'Nenn sie.' : 'Ein Apfel: ⟦P0⟧.'));
    const proposal = await run(server, { style: 'field' });
    assert.deepEqual(pairs(proposal.fields), [
      ['instruction', 'Nenn sie.'],
      ['output', 'Ein Apfel: `eat()`.'],
    ]);
    assert.equal(server.requests.length, 2);
  });

  it('asks once more after an answer of another shape, then field by field', async t => {
    const server = await serve(t, (_request, index) =>
      says(['Sure! Here it is.', '{"instruction": 7}', 'Nenn sie.', 'Ein Apfel: ⟦P0⟧.'][index] ?? 'x'),
    );
    const { fields, prompt } = await run(server);
    assert.deepEqual(
      fields.map(({ text }) => text),
      ['Nenn sie.', 'Ein Apfel: `eat()`.'],
    );
    assert.deepEqual(
      bodies(server).map(body => 'response_format' in body),
      [true, true, false, false],
    );
    assert.notEqual(
      prompt,
      promptHash(planFor(UNIT, ALL, [], NO_HELP, { style: 'record', backend: {} }).asks),
      'other requests',
    );
  });

  it('takes the second answer where that has the right shape', async t => {
    const server = await serve(t, (_request, index) => says(index === 0 ? 'Sure!' : RIGHT));
    const { fields, parameters } = await run(server, { seed: 1 });
    assert.equal(fields.length, 2);
    assert.equal(server.requests.length, 2);
    const [first, second] = bodies(server);
    assert.deepEqual([first?.['temperature'], first?.['seed']], [0, 1]);
    // No other candidate of the same key has this seed.
    assert.deepEqual([second?.['temperature'], second?.['seed']], [0.7, 9]);
    assert.deepEqual([parameters['secondTemperature'], parameters['secondSeed']], [0.7, 9]);
    assert.deepEqual([parameters['temperature'], parameters['seed']], [0, 1]);
  });

  it('asks for no more tokens than the context of the model has room for', async t => {
    const server = await serve(t, says(RIGHT));
    const profile = profileOf(server);
    const small = { ...profile, backend: { ...profile.backend, contextTokens: 500 } };
    const options = { signal: new AbortController().signal, seed: 0, onPartial: () => undefined };
    for (const each of [profile, small]) await ask(UNIT, ALL, [], NO_HELP, each, options);
    const [whole, capped] = bodies(server).map(body => body['max_tokens'] as number);
    assert.ok(capped! < whole!, `${capped} of ${whole}`);
  });

  it('says what was wrong with the shape, and nothing of the record', async t => {
    const server = await serve(t, (_request, index) => says(index < 2 ? `{"${SECRET}": 1` : '  '));
    const error = await run(server).catch((each: unknown) => each);
    assert.ok(error instanceof UserError);
    assert.ok(!`${error.message}${JSON.stringify(error)}`.includes(SECRET), error.message);
  });

  it('marks a candidate that lost something, and gives it all the same', async t => {
    const server = await serve(t, says(JSON.stringify({ instruction: 'Nenn sie.', output: 'Ein Apfel.' })));
    const { fields, problems } = await run(server);
    assert.equal(fields[1]?.text, 'Ein Apfel.');
    assert.deepEqual(
      problems.map(({ id }) => id),
      ['prompt.lost'],
    );
  });

  it('shows the whole of what there is so far, last of all the texts as they are kept', async t => {
    const server = await serve(t, (_request, index) =>
      says(index === 0 ? 'Nenn eine Frucht.' : 'Ein Apfel: ⟦P0⟧.', 3),
    );
    const shown: (readonly Field[])[] = [];
    const { fields } = await run(server, { style: 'field', onPartial: each => shown.push(each) });
    assert.deepEqual(shown.at(-1), fields);
    const second = shown.filter(each => each.length === 2);
    for (const [first] of second)
      assert.equal(first?.text, 'Nenn eine Frucht.', 'a text that is whole stays');
    for (const [first] of shown) assert.ok(fields[0]!.text.startsWith(first?.text.trim() ?? ''), first?.text);
  });

  it('begins anew on the screen after a cut stream, and takes the second answer', async t => {
    const server = await serve(t, (_request, index) =>
      index === 0 ? [SSE, { write: chunk({ content: 'Verloren' }) }, 'close'] : says('Ein Apfel: ⟦P0⟧.'),
    );
    const shown: string[] = [];
    const wish = { ...ALL, fields: ['output'] };
    const { fields } = await run(server, {
      ...{ style: 'field', wish },
      onPartial: each => shown.push(each[0]?.text ?? ''),
    });
    assert.equal(fields[0]?.text, 'Ein Apfel: `eat()`.');
    assert.ok(!shown.at(-1)?.includes('Verloren'));
  });

  it('shows of an endless answer the beginning, and keeps all of it', async t => {
    const piece = 'a'.repeat(200_000);
    const server = await serve(t, [
      SSE,
      ...[piece, piece, piece].flatMap(content => [{ write: chunk({ content }) }, { wait: 100 }]),
      { write: chunk({ content: 'END' }) + chunk({}, 'stop') },
    ]);
    const shown: number[] = [];
    const wish = { ...ALL, fields: ['instruction'] };
    const { fields } = await run(server, {
      ...{ style: 'field', wish },
      onPartial: each => shown.push(each[0]?.text.length ?? 0),
    });
    assert.ok(fields[0]!.text.endsWith('END'));
    for (const length of shown.slice(0, -1)) assert.ok(length <= 400_000, `${length}`);
  });

  it('tells no probabilities of an answer that is too long to be read for each token', async t => {
    const content = 'Wort '.repeat(4000);
    const logprobs = {
      content: Array.from({ length: 1000 }, () => ({ token: content.slice(0, 20), logprob: 0 })),
    };
    const server = await serve(t, [
      SSE,
      {
        write:
          sse({ model: 'm', choices: [{ delta: { content }, logprobs }] }) +
          chunk({}, 'stop') +
          sse('[DONE]'),
      },
    ]);
    const wish = { ...ALL, fields: ['output'] };
    assert.equal((await run(server, { style: 'field', wish, logprobs: true })).tokens, undefined);
  });

  it('ends at once when it is cancelled, and asks for nothing more', async t => {
    const stop = new AbortController();
    const server = await serve(t, [SSE, { write: chunk({ content: 'Ein ' }) }, 'hang']);
    const asking = run(server, { style: 'field', signal: stop.signal, onPartial: () => stop.abort() });
    await assert.rejects(asking, userError('backend.aborted'));
    assert.equal(await server.requests[0]?.closedEarly, true);
    assert.equal(server.requests.length, 1);
  });

  it('tells the probabilities by field, where the server does', async t => {
    const pieces = ['Ein', ' Apfel', ': ⟦P0⟧'];
    const server = await serve(t, [
      SSE,
      {
        write: [
          ...pieces.map((content, index) =>
            sse({
              model: 'scripted',
              choices: [{ delta: { content }, logprobs: { content: [{ token: content, logprob: -index }] } }],
            }),
          ),
          chunk({}, 'stop'),
          sse('[DONE]'),
        ].join(''),
      },
    ]);
    const wish = { ...ALL, fields: ['output'] };
    const { tokens } = await run(server, { style: 'field', wish, logprobs: true });
    assert.deepEqual(
      tokens?.map(({ name, tokens: own }) => [name, own.map(({ logprob }) => logprob + 0)]),
      [['output', [0, -1, -2]]],
    );
    assert.equal(bodies(server)[0]?.['logprobs'], true);
  });

  for (const style of ['tower', 'alma', 'hunyuan', 'translategemma'] as const)
    it(`does not ask a model of the style ${style} to answer anew`, async t => {
      const server = await serve(t, says('x'));
      const wish = { ...ALL, mode: 'answer' as const };
      await assert.rejects(run(server, { style, wish }), userError('regenerate.noAnswer'));
      assert.equal(server.connections, 0);
    });

  it('needs a template where the style is the team’s own', async t => {
    const server = await serve(t, says('x'));
    await assert.rejects(run(server, { style: 'custom' }), userError('regenerate.noTemplate'));
    assert.equal(server.connections, 0);
  });

  it('takes hostile output for text: markup, control and bidirectional characters, a megabyte', async t => {
    const hostile = `<img src=x onerror="alert(1)"> \u202e\u0000\u2028 ⟦P9⟧ {{x}} ${'漢'.repeat(300_000)}`;
    const server = await serve(t, says(hostile, 50_000));
    const wish = { ...ALL, fields: ['instruction'] };
    const { fields } = await run(server, { style: 'field', wish });
    const text = fields[0]?.text ?? '';
    assert.ok(text.includes('<img src=x onerror="alert(1)"> \u202e\u0000\u2028'));
    assert.ok(text.endsWith('漢漢'));
  });
});
