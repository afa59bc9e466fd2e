import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Profile } from '../../src/asking';
import type { SignalsView } from '../../src/core/protocol';
import type { Wish } from '../../src/core/regeneration';
import type { Session } from '../../src/session';
import { unsureStretches } from '../../src/signals';
import { asked, says } from '../helpers/modelAnswers';
import {
  chunk,
  reply,
  sse,
  SSE,
  startScriptedServer,
  type RecordedRequest,
  type ScriptedServer,
  type Step,
} from '../helpers/scriptedServer';
import { edit, eventsOf, good, single, targetOf, userError } from '../helpers/shardFixture';

/** A model that says this, whose way back says that, and that is not sure of every second token. */
async function serve(t: TestContext, said: (seed: number) => string, back: string, more: Answering = {}) {
  const server = await startScriptedServer(request => {
    const { logprobs, seed } = asked(request);
    if (isBack(request)) return more.back ?? says(back);
    if (!logprobs) return says(said(seed));
    return more.again ?? surely(said(seed).split(/(?= )/));
  });
  t.after(() => server.close());
  return server;
}
interface Answering {
  readonly again?: Step[];
  readonly back?: Step[];
}

const surely = (tokens: readonly string[]): Step[] => [
  SSE,
  {
    write: [
      ...tokens.map((token, index) =>
        sse({
          choices: [
            {
              delta: { content: token },
              logprobs: { content: [{ token, logprob: index % 2 === 1 ? -2 : -0.1 }] },
            },
          ],
        }),
      ),
      chunk({}, 'stop'),
    ].join(''),
  },
];
const isBack = (request: RecordedRequest) =>
  asked(request).messages.some(({ content }) => /German.{0,20}English/s.test(content));

const WISH: Wish = {
  ...{ mode: 'translate', fields: ['output'], advice: '', finding: null, count: 1, split: 'record' },
};
const profileOf = ({ url }: ScriptedServer): Profile => ({
  backend: { url, model: 'any', api: 'openai' },
  ...{ style: 'field', temperature: 0, topP: 1, concurrency: 1 },
});
const signal = new AbortController().signal;

async function signalsOf(session: Session, server: ScriptedServer, count = 1): Promise<SignalsView> {
  await session.regenerate(await targetOf(session, 0), { ...WISH, count }, profileOf(server), { signal });
  const { candidates } = await good(session, 0);
  return session.signals(await targetOf(session, 0), candidates[0]!.id, profileOf(server), signal);
}

describe('signals', () => {
  it('say where the model was unsure, and what becomes of its text on the way back', async t => {
    const { session } = await single(t);
    const server = await serve(t, () => 'Ein saftiger Apfel.', 'An apple.');
    const signals = await signalsOf(session, server);
    assert.deepEqual(signals, {
      unsure: [{ name: 'output', start: 4, end: 12 }],
      agreement: null,
      back: [{ name: 'output', text: 'An apple.', chrF: 100 }],
    });
    const [, , back] = server.requests;
    assert.ok(isBack(back!));
    assert.ok(!back!.body.includes('An apple'), 'the way back is not told where it leads');
    assert.deepEqual(eventsOf(session), []);
    assert.equal((await good(session, 0)).candidates.length, 1, 'nothing is kept of it');
  });

  it('say how far the candidates of a record agree', async t => {
    const { session } = await single(t);
    const same = await signalsOf(session, await serve(t, () => 'Ein Apfel.', 'An apple.'), 3);
    assert.equal(same.agreement, 100);
    const other = await single(t);
    const server = await serve(t, seed => (seed === 0 ? 'Ein Apfel.' : 'Quitten!'), 'An apple.');
    const { agreement } = await signalsOf(other.session, server, 2);
    assert.ok(agreement !== null && agreement < 30, `${agreement}`);
  });

  const silent: [what: string, again: Step[]][] = [
    ['writes another text the second time', surely(['Eine', ' Birne.'])],
    ['does not tell probabilities', says('Ein Apfel.')],
    ['refuses to tell them', reply(400, { error: { message: 'logprobs is not supported' } })],
  ];
  for (const [what, again] of silent)
    it(`say nothing of unsure words where the server ${what}`, async t => {
      const { session } = await single(t);
      const server = await serve(t, () => 'Ein Apfel.', 'An apple.', { again });
      const { unsure, back } = await signalsOf(session, server);
      assert.deepEqual([unsure, back.length], [null, 1]);
    });

  it('do not ask again for a text that is another by now', async t => {
    const { session } = await single(t);
    const server = await serve(t, () => 'Ein Apfel.', 'An apple.');
    await session.regenerate(await targetOf(session, 0), WISH, profileOf(server), { signal });
    const [candidate] = (await good(session, 0)).candidates;
    await edit(session, 0, 'Neu.');
    const target = await targetOf(session, 0);
    assert.equal((await session.signals(target, candidate!.id, profileOf(server), signal)).unsure, null);
    assert.equal(server.requests.length, 2, 'the candidate and its way back');
  });

  it('fail as asking does, and for a candidate that is gone', async t => {
    const { session } = await single(t);
    const server = await serve(t, () => 'Ein Apfel.', '', { back: reply(401, {}) });
    await assert.rejects(signalsOf(session, server), userError('backend.unauthorised'));
    const target = await targetOf(session, 0);
    await assert.rejects(
      session.signals(target, 'C9', profileOf(server), signal),
      userError('candidate.missing'),
    );
  });
});

describe('unsure stretches', () => {
  const tokens = (...said: (readonly [string, number])[]) => [
    { name: 'output', tokens: said.map(([text, logprob]) => ({ text, logprob })) },
  ];

  it('stand where the tokens do, those next to each other as one', () => {
    const told = tokens(
      ['Ein', -0.1],
      [' saft', -3],
      ['iger', -2],
      [' Apfel', -0.1],
      [' rot', -1],
      [' und', -1],
    );
    assert.deepEqual(unsureStretches(['output', 'Ein saftiger Apfel rot und'], told), [
      { name: 'output', start: 4, end: 12 },
      { name: 'output', start: 19, end: 26 },
    ]);
    assert.deepEqual(unsureStretches(['instruction', 'Ein'], told), []);
  });

  it('pass over what stands for a placeholder', () => {
    const told = tokens(['Rufe', -0.1], [' ⟦', -5], ['P0⟧', -5], [' auf', -5]);
    assert.deepEqual(unsureStretches(['output', 'Rufe `eat(auf_x)` auf'], told).at(-1)?.name, 'output');
  });

  it('are within the text, in order and apart, whatever the tokens are', () => {
    const token = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.double({ max: 0, noNaN: true }));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(token), (text, told) => {
        let end = -1;
        for (const stretch of unsureStretches(['output', text], tokens(...told))) {
          assert.ok(stretch.start > end && stretch.start < stretch.end && stretch.end <= text.length);
          end = stretch.end;
        }
      }),
    );
  });
});
