import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { MessageId } from '../../src/core/messages';
import type { FieldText, GoodUnit, Target } from '../../src/core/protocol';
import type { UnitKey } from '../../src/core/record';
import type { Wish } from '../../src/core/regeneration';
import type { Profile } from '../../src/asking';
import type { Session } from '../../src/session';
import { asked, says, saysInEach } from '../helpers/modelAnswers';
import {
  chunk,
  reply,
  SSE,
  startScriptedServer,
  type Script,
  type ScriptedServer,
  type Step,
} from '../helpers/scriptedServer';
import {
  ANNA,
  approve,
  contentsOf,
  edit,
  eventsOf,
  git,
  good,
  LINES,
  openSession,
  outputOf,
  record,
  rivals,
  single,
  stateOf,
  targetOf,
  tempFolder,
  userError,
  writtenIn,
} from '../helpers/shardFixture';

describe('regenerating a field', () => {
  it('shows a candidate as it comes, which changes nothing and survives reopening', async t => {
    const { session, path } = await single(t);
    const server = await serve(t, says('Ein saftiger Apfel.\n', 4));
    const shown: [seed: number, texts: readonly FieldText[]][] = [];
    const view = await ask(session, server, { onPartial: (seed, texts) => shown.push([seed, texts]) });
    assert.ok(shown.every(([seed]) => seed === 0));
    assert.deepEqual(shown.at(-1)?.[1], [['output', 'Ein saftiger Apfel.']]);
    assert.deepEqual([view.state, outputOf(view)], ['pending', 'Ein Apfel.']);
    assert.deepEqual(
      view.candidates.map(({ texts, model, seed, outdated }) => [texts, model, seed, outdated]),
      [[[['output', 'Ein saftiger Apfel.']], 'scripted', 0, false]],
    );
    assert.deepEqual(eventsOf(session), []);
    const reopened = await openSession(t, path, ANNA);
    assert.deepEqual((await good(reopened, 0)).candidates, view.candidates);
    const { messages, seed } = asked(server.requests[0]!);
    assert.equal(seed, 0);
    assert.match(JSON.stringify(messages), /An apple\./);
  });

  it('becomes an edit that names the model and the prompt, when it is accepted', async t => {
    const { session, path } = await single(t);
    const [candidate] = (await ask(session, await serve(t, says('Ein saftiger Apfel.')))).candidates;
    const target = await targetOf(session, 0);
    await session.draft(target, 'target', 'output', 'nicht mehr gewollt');
    const view = await session.accept(target, candidate!.id, [['output', 'Ein sehr saftiger Apfel.']]);
    assert.ok(view.kind === 'unit');
    assert.deepEqual(
      [view.state, outputOf(view), view.candidates],
      ['edited', 'Ein sehr saftiger Apfel.', []],
    );
    assert.equal(view.fields[2]?.draft, null);
    const [made] = await writtenIn((await openSession(t, path, ANNA)).shard.ledgers);
    assert.ok(made?.type === 'edit');
    assert.equal(made.candidate?.model, 'scripted');
    assert.match(made.candidate.prompt, /^[0-9a-f]{16}$/);
    assert.deepEqual(Object.keys(made.candidate.parameters).sort(), [
      'maxTokens',
      'seed',
      'temperature',
      'topP',
    ]);
    assert.deepEqual(made.fields, [{ side: 'target', name: 'output', text: 'Ein sehr saftiger Apfel.' }]);
  });

  it('is still there after reopening where the reviewer was named only after opening', async t => {
    const { session, path } = await single(t, LINES, {});
    session.setWriter({ reviewer: 'anna', clone: 'aaaaaa' });
    await ask(session, await serve(t, says('Ein Text.')));
    const reopened = await openSession(t, path, ANNA);
    assert.equal((await good(reopened, 0)).candidates.length, 1);
  });

  it('is another text each time, though the model cannot be told the advice', async t => {
    const { session } = await single(t);
    const server = await serve(t, says('Ein Text.'));
    await ask(session, server, { style: 'tower' });
    const { candidates } = await ask(session, server, { style: 'tower', wish: { advice: 'Kürzer.' } });
    assert.deepEqual(
      candidates.map(({ seed, problems }) => [seed, problems.map(({ id }) => id)]),
      [
        [0, []],
        [1, ['prompt.noAdvice']],
      ],
    );
  });

  it('leaves nothing behind when it is discarded', async t => {
    const { session, path } = await single(t);
    const [candidate] = (await ask(session, await serve(t, says('Ein Text.')))).candidates;
    const target = await targetOf(session, 0);
    const view = await session.discard(target, candidate!.id);
    assert.ok(view.kind === 'unit');
    assert.deepEqual([view.candidates, eventsOf(session)], [[], []]);
    assert.deepEqual((await good(await openSession(t, path, ANNA), 0)).candidates, []);
    await assert.rejects(
      session.accept(target, candidate!.id, [['output', 'x']]),
      userError('candidate.missing'),
    );
  });

  it('commits what was typed first, and asks about the text as it is then', async t => {
    const { session } = await single(t);
    await session.draft(await targetOf(session, 0), 'target', 'instruction', 'Sag eine Frucht.');
    const view = await ask(session, await serve(t, says('Ein Text.')));
    assert.deepEqual(
      [view.state, view.fields[0]?.target, view.fields[0]?.draft, view.candidates[0]?.outdated],
      ['edited', 'Sag eine Frucht.', null, false],
    );
  });

  it('leaves everything as it was when it is cancelled', async t => {
    const { session, folder } = await single(t);
    const server = await serve(t, [SSE, { write: chunk({ content: 'Ein ha' }) }, 'hang']);
    const before = contentsOf(folder);
    const stop = new AbortController();
    const asking = ask(session, server, { onPartial: () => stop.abort(), signal: stop.signal });
    await assert.rejects(asking, userError('backend.aborted'));
    assert.deepEqual([(await good(session, 0)).candidates, contentsOf(folder)], [[], before]);
    assert.equal(await server.requests[0]?.closedEarly, true);
  });

  const failures: [what: string, script: Step[], id: MessageId][] = [
    ['refuses the request', reply(400, { error: { message: 'no such parameter' } }), 'backend.bad-request'],
    [
      'breaks off in the middle',
      [SSE, { write: chunk({ content: 'Ein ha' }) }, 'close'],
      'backend.truncated',
    ],
    ['answers nothing', says(''), 'backend.empty'],
    ['redirects', [{ status: 302, head: { location: 'http://127.0.0.1:1/' } }], 'backend.redirect'],
  ];
  for (const [what, script, id] of failures) {
    it(`leaves everything as it was when the server ${what}`, async t => {
      const { session, folder } = await single(t);
      const before = contentsOf(folder);
      await assert.rejects(ask(session, await serve(t, script)), userError(id));
      assert.deepEqual([(await good(session, 0)).candidates, contentsOf(folder)], [[], before]);
      await approve(session, 0);
      assert.equal(await stateOf(session), 'approved');
    });
  }

  it('does not hold up other work; a decision made meanwhile stays, and the candidate is out of date', async t => {
    const { session } = await single(t);
    let go: () => void = () => undefined;
    const decided = new Promise<void>(resolve => (go = resolve));
    const server = await serve(t, [
      SSE,
      { write: chunk({ content: 'Ein ' }) },
      { wait: decided },
      { write: chunk({ content: 'Text.' }) + chunk({}, 'stop') },
    ]);
    const asking = ask(session, server);
    await server.request(0);
    await approve(session, 1);
    await edit(session, 0, 'Von Hand.');
    go();
    const view = await asking;
    assert.deepEqual([outputOf(view), await stateOf(session, 1)], ['Von Hand.', 'approved']);
    assert.deepEqual(
      view.candidates.map(({ outdated }) => outdated),
      [true],
    );
  });

  it('asks for nothing where there is no source, no such field, another text, or no record', async t => {
    const lines = [...LINES, 'no record', record('r5', 'x', 'y'.repeat((64 << 10) + 1))];
    const { session } = await single(t, lines);
    const server = await serve(t, says('x'));
    const refused = (asking: Asking, ...ids: MessageId[]) =>
      assert.rejects(ask(session, server, asking), userError(...ids));
    await refused({ wish: { fields: ['input'] } }, 'regenerate.emptySource');
    await refused({ wish: { fields: ['text'] } }, 'regenerate.noField');
    await refused({ row: 4, wish: { fields: [] } }, 'regenerate.tooLong');
    const old = await targetOf(session, 0);
    await edit(session, 0, 'Neu.');
    await refused({ target: old }, 'unit.changed');
    await refused({ target: { ...old, key: 'r9@de' as UnitKey, row: 3 } }, 'row.notRecord');
    assert.equal(server.connections, 0);
  });

  it('asks for nothing in a conflict', async t => {
    const { anna } = await rivals(t);
    const server = await serve(t, says('x'));
    await assert.rejects(ask(anna, server), userError('unit.conflict'));
    assert.equal(server.connections, 0);
  });

  it('keeps its candidates out of git, also where no event was written yet', async t => {
    const { session, folder } = await single(t);
    git(folder, 'init', '-q');
    await ask(session, await serve(t, says('Ein Text.')));
    const untracked = git(folder, 'status', '--porcelain', '--untracked-files=all');
    assert.ok(!untracked.includes('candidates'), untracked);
  });

  it('does not write through a link in place of the folder of candidates', async t => {
    const { session, folder } = await single(t);
    const outside = tempFolder(t);
    const parent = join(folder, '.crossalpaca', 'shard.jsonl');
    mkdirSync(parent, { recursive: true });
    symlinkSync(outside, join(parent, 'candidates'));
    await assert.rejects(ask(session, await serve(t, says('Ein Text.'))), userError('ledger.link'));
    assert.deepEqual(contentsOf(outside), {});
    assert.ok(existsSync(outside));
  });

  it('takes what a model says for text, whatever it is', async t => {
    const { session, path } = await single(t);
    const hostile = '<img src=x onerror=alert(1)>\u202e\u0007 </script> "}],"discard":"1"\n{"discard":"C1"}';
    const view = await ask(session, await serve(t, says(hostile)));
    assert.deepEqual(view.candidates[0]?.texts, [['output', hostile]]);
    const again = await good(await openSession(t, path, ANNA), 0);
    assert.deepEqual(again.candidates[0]?.texts, [['output', hostile]]);
  });
});

describe('regenerating a record', () => {
  const WHOLE: Partial<Wish> = { fields: [] };

  it('asks for all fields with a source, by one request', async t => {
    const { session } = await single(t);
    const server = await serve(t, request => saysInEach(request, name => `${name} neu`));
    const { candidates } = await ask(session, server, { style: 'record', wish: WHOLE });
    assert.deepEqual(candidates[0]?.texts, [
      ['instruction', 'instruction neu'],
      ['output', 'output neu'],
    ]);
    assert.deepEqual(asked(server.requests[0]!).fields, ['instruction', 'output']);
    const target = await targetOf(session, 0);
    const view = await session.accept(target, candidates[0].id, null);
    assert.ok(view.kind === 'unit');
    assert.deepEqual(
      [view.fields.map(field => field.target), view.candidates, view.history.length],
      [['instruction neu', '', 'output neu'], [], 1],
    );
  });

  it('can be taken part by part: what is left stays to be taken, and is not out of date', async t => {
    const { session } = await single(t);
    const server = await serve(t, request => saysInEach(request, name => `${name} neu`));
    const [candidate] = (await ask(session, server, { style: 'record', wish: WHOLE })).candidates;
    const target = await targetOf(session, 0);
    await assert.rejects(
      session.accept(target, candidate!.id, [['input', 'x']]),
      userError('candidate.missing'),
    );
    const part = await session.accept(target, candidate!.id, [['instruction', 'Von Hand.']]);
    assert.ok(part.kind === 'unit');
    assert.deepEqual(
      [
        part.fields[0]?.target,
        outputOf(part),
        part.candidates.map(({ texts, outdated }) => [texts, outdated]),
      ],
      ['Von Hand.', 'Ein Apfel.', [[[['output', 'output neu']], false]]],
    );
    const whole = await session.accept(await targetOf(session, 0), part.candidates[0]!.id, null);
    assert.ok(whole.kind === 'unit');
    assert.deepEqual([whole.fields[0]?.target, outputOf(whole)], ['Von Hand.', 'output neu']);
  });

  it('gives several candidates at once, as many as the backend takes, each with a seed of its own', async t => {
    const { session } = await single(t);
    let running = 0;
    let most = 0;
    const server = await serve(t, function* (request) {
      most = Math.max(most, ++running);
      yield SSE;
      yield { wait: 10 };
      running--;
      yield { write: chunk({ content: `Text ${asked(request).seed}` }) + chunk({}, 'stop') };
    });
    const wish = { count: 4 };
    const view = await ask(session, server, { wish, concurrency: 2 });
    assert.deepEqual(most, 2);
    const made = view.candidates.map(({ seed, texts }) => [seed, texts[0]?.[1]]);
    assert.deepEqual(
      made.sort(),
      [0, 1, 2, 3].map(seed => [seed, `Text ${seed}`]),
    );
    const temperatures = server.requests.map(request => [asked(request).seed, asked(request).temperature]);
    assert.deepEqual(temperatures.sort(), [
      [0, 0],
      [1, 0.7],
      [2, 0.7],
      [3, 0.7],
    ]);
    const again = await ask(session, server, { wish: { count: 1 } });
    assert.deepEqual(again.candidates.at(-1)?.seed, 4, 'asking again gives another one');
    await session.discard(await targetOf(session, 0), again.candidates.at(-1)!.id);
    await ask(session, server, { wish: { count: 1 } });
    assert.equal(asked(server.requests.at(-1)!).seed, 5, 'not the one that was discarded');
    await ask(session, server, { wish: { count: 1, advice: 'förmlicher' } });
    assert.equal(asked(server.requests.at(-1)!).seed, 0, 'another wish is asked for anew');
  });

  it('keeps the others where one fails, and says what went wrong', async t => {
    const { session } = await single(t);
    const server = await serve(t, request =>
      asked(request).seed === 1
        ? reply(400, { error: { message: 'no' } })
        : says(`Text ${asked(request).seed}`),
    );
    const changed: unknown[] = [];
    session.shard.onChange(rows => changed.push(rows));
    await assert.rejects(ask(session, server, { wish: { count: 3 } }), userError('backend.bad-request'));
    const { candidates } = await good(session, 0);
    assert.deepEqual(candidates.map(({ seed }) => seed).sort(), [0, 2]);
    assert.ok(
      changed.some(rows => JSON.stringify(rows) === '[0]'),
      'who shows the record hears of them',
    );
  });
});

describe('what a model is told', () => {
  const COPIED = record('r1', 'An apple a day keeps the doctor away, as everybody says.').replace(
    'An apple."',
    'An apple a day keeps the doctor away, as everybody says."',
  );

  it('is what the reviewer said and what a check found; the candidate tells what it would mend', async t => {
    const { session } = await single(t, [COPIED]);
    const before = await good(session, 0);
    const [finding] = before.findings.filter(({ field }) => field === 'output');
    assert.ok(finding, JSON.stringify(before.findings));
    const { check, side, field } = finding;
    const server = await serve(t, says('Ein Apfel am Tag hält den Arzt fern, wie man so sagt.'));
    const wish = { finding: { check, side, field }, advice: '  weniger\nförmlich ' };
    const { candidates } = await ask(session, server, { wish });
    const sent = JSON.stringify(asked(server.requests[0]!).messages);
    assert.match(sent, /weniger förmlich/);
    assert.match(sent, /A check of the current translation/);
    assert.deepEqual([candidates[0]?.advice, candidates[0]?.findings], ['weniger\nförmlich', []]);
    assert.ok(candidates[0]?.mended.includes(check));
    const kept = (await session.asker.candidates.of(before.key))[0];
    assert.equal(kept?.finding, check);
  });

  it('a candidate that a check warns of is marked, not hidden', async t => {
    const { session } = await single(t, [COPIED.replace('An apple a day', 'Einen Apfel pro Tag')]);
    const server = await serve(t, says('An apple a day keeps the doctor away, as everybody says.'));
    const { candidates } = await ask(session, server);
    assert.ok(candidates[0]!.findings.length > 0);
    assert.deepEqual(candidates[0]?.mended, []);
  });

  it('is the nearest approved units of the same languages, never the unit itself', async t => {
    const { session } = await single(t, [
      record('r1', 'Ein Apfel.', 'Name a red fruit.'),
      record('r2', 'BEISPIEL NAH.', 'Name a green fruit.'),
      record('r3', 'BEISPIEL FERN.', 'Sort 1, 2, 3!'),
      record('r4', 'NICHT FREIGEGEBEN.', 'Name a red fruit.'),
    ]);
    const server = await serve(t, says('Ein Text.'));
    const sent = async () => {
      await ask(session, server, { wish: { count: 1 } });
      return JSON.stringify(asked(server.requests.at(-1)!).messages);
    };
    assert.ok(!(await sent()).includes('BEISPIEL'));
    for (const row of [0, 1, 2]) await approve(session, row);
    const withExamples = await sent();
    assert.ok(withExamples.includes('BEISPIEL NAH.'));
    assert.ok(!withExamples.includes('NICHT FREIGEGEBEN.'));
    await session.withdraw(await targetOf(session, 1));
    assert.ok(!(await sent()).includes('BEISPIEL NAH.'), 'no longer approved');
  });

  it('is the team’s glossary and template, where there are any', async t => {
    const { session, folder } = await single(t);
    mkdirSync(join(folder, '.crossalpaca'), { recursive: true });
    writeFileSync(join(folder, '.crossalpaca', 'glossary.csv'), 'source,target\napple,Paradiesapfel\n');
    await session.refresh();
    const server = await serve(t, says('Ein Text.'));
    await ask(session, server);
    assert.match(JSON.stringify(asked(server.requests[0]!).messages), /Paradiesapfel/);
    const file = join(folder, '.crossalpaca', 'prompt.md');
    writeFileSync(file, '## system\nUNSER TON\n## user\n{text}\n');
    await ask(session, server, { style: 'custom' });
    const [system] = asked(server.requests[1]!).messages;
    assert.match(system?.content ?? '', /UNSER TON/);
    writeFileSync(file, '## system\n\n## user\n{text} {nonsense}\n');
    const error = await ask(session, server, { style: 'custom' }).catch((each: unknown) => each);
    assert.ok(userError('regenerate.template')(error));
    assert.match((error as Error).message, /prompt\.md.*Line 4/);
    assert.equal(server.requests.length, 2);
  });

  it('can be read before it is sent, word for word, but for the key', async t => {
    const { session } = await single(t);
    const server = await serve(t, says('Ein Text.'));
    const target = await targetOf(session, 0);
    const text = await session.requestText(target, wishOf({ advice: 'förmlicher' }), profileOf(server));
    assert.equal(server.connections, 0);
    assert.ok(!text.includes('sk-secret'));
    await ask(session, server, { wish: { advice: 'förmlicher' } });
    const [request] = server.requests;
    const { href } = new URL(request!.path, server.url);
    assert.deepEqual(JSON.parse(text), [{ url: href, body: JSON.parse(request!.body) as unknown }]);
  });
});

async function serve(t: TestContext, script: Script): Promise<ScriptedServer> {
  const server = await startScriptedServer(script);
  t.after(() => server.close());
  return server;
}

interface Asking {
  readonly row?: number;
  readonly wish?: Partial<Wish>;
  readonly target?: Target;
  readonly style?: Profile['style'];
  readonly concurrency?: number;
  readonly onPartial?: (seed: number, texts: readonly FieldText[]) => void;
  readonly signal?: AbortSignal;
}

const wishOf = (wish: Partial<Wish> = {}): Wish => ({
  ...{ mode: 'translate', fields: ['output'], advice: '', finding: null, count: 1, split: 'record' },
  ...wish,
});
const profileOf = ({ url }: ScriptedServer, more: Partial<Profile> = {}): Profile => ({
  backend: { url, model: 'any', api: 'openai', apiKey: 'sk-secret' },
  ...{ style: 'field', temperature: 0, topP: 1, concurrency: 1, ...more },
});

/** Has the model write a row anew; by default a field of the first. */
async function ask(session: Session, server: ScriptedServer, asking: Asking = {}): Promise<GoodUnit> {
  const { row = 0, style = 'field', concurrency = 1, onPartial = () => undefined } = asking;
  const { signal = new AbortController().signal } = asking;
  const target = asking.target ?? (await targetOf(session, row));
  const profile = profileOf(server, { style, concurrency });
  const view = await session.regenerate(target, wishOf(asking.wish), profile, { onPartial, signal });
  assert.ok(view.kind === 'unit');
  return view;
}
