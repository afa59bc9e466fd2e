import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { MessageId } from '../../src/core/messages';
import type { GoodUnit, Target } from '../../src/core/protocol';
import type { Session } from '../../src/session';
import {
  answer,
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
  single,
  stateOf,
  targetOf,
  tempFolder,
  userError,
  writtenIn,
} from '../helpers/shardFixture';
import type { UnitKey } from '../../src/core/record';

describe('regenerating a field', () => {
  it('streams a candidate, which changes nothing and survives reopening', async t => {
    const { session, path } = await single(t);
    const server = await serve(t, [SSE, { write: answer(['Ein ', 'saftiger Apfel.\n']) }]);
    const deltas: string[] = [];
    const view = await ask(session, server, { onDelta: text => deltas.push(text) });
    assert.deepEqual(deltas, ['Ein ', 'saftiger Apfel.\n']);
    assert.deepEqual([view.state, outputOf(view)], ['pending', 'Ein Apfel.']);
    assert.deepEqual(
      view.candidates.map(({ name, text, model }) => [name, text, model]),
      [['output', 'Ein saftiger Apfel.', 'scripted']],
    );
    assert.deepEqual(eventsOf(session), []);
    const reopened = await openSession(t, path, ANNA);
    assert.deepEqual((await good(reopened, 0)).candidates, view.candidates);
    const { messages, seed } = JSON.parse(server.requests[0]?.body ?? '') as {
      messages: unknown[];
      seed: number;
    };
    assert.deepEqual([messages.length, seed], [2, 0]);
    assert.match(JSON.stringify(messages), /<source>An apple\.<\/source>/);
  });

  it('becomes an edit that names the model and the prompt, when it is accepted', async t => {
    const { session, path } = await single(t);
    const server = await serve(t, [SSE, { write: answer(['Ein saftiger Apfel.']) }]);
    const [candidate] = (await ask(session, server)).candidates;
    const target = await targetOf(session, 0);
    await session.draft(target, 'target', 'output', 'nicht mehr gewollt');
    const view = await session.accept(target, candidate!.id, 'Ein sehr saftiger Apfel.');
    assert.ok(view.kind === 'unit');
    assert.deepEqual(
      [view.state, outputOf(view), view.candidates],
      ['edited', 'Ein sehr saftiger Apfel.', []],
    );
    assert.equal(view.fields[2]?.draft, null);
    const [edit] = await writtenIn((await openSession(t, path, ANNA)).shard.ledgers);
    assert.ok(edit?.type === 'edit');
    assert.equal(edit.candidate?.model, 'scripted');
    assert.match(edit.candidate.prompt, /^[0-9a-f]{16}$/);
    assert.equal(edit.candidate.parameters['temperature'], 0);
    assert.deepEqual(edit.fields, [{ side: 'target', name: 'output', text: 'Ein sehr saftiger Apfel.' }]);
  });

  it('is still there after reopening where the reviewer was named only after opening', async t => {
    const { session, path } = await single(t, LINES, {});
    session.setWriter({ reviewer: 'anna', clone: 'aaaaaa' });
    await ask(session, await serve(t, [SSE, { write: answer(['Ein Text.']) }]));
    const reopened = await openSession(t, path, ANNA);
    assert.equal((await good(reopened, 0)).candidates.length, 1);
  });

  it('leaves nothing behind when it is discarded', async t => {
    const { session, path } = await single(t);
    const server = await serve(t, [SSE, { write: answer(['Ein Text.']) }]);
    const [candidate] = (await ask(session, server)).candidates;
    const target = await targetOf(session, 0);
    const view = await session.discard(target, candidate!.id);
    assert.ok(view.kind === 'unit');
    assert.deepEqual([view.candidates, eventsOf(session)], [[], []]);
    assert.deepEqual((await good(await openSession(t, path, ANNA), 0)).candidates, []);
    await assert.rejects(session.accept(target, candidate!.id, 'x'), userError('candidate.missing'));
  });

  it('commits what was typed first, and asks about the text as it is then', async t => {
    const { session } = await single(t);
    const server = await serve(t, [SSE, { write: answer(['Ein Text.']) }]);
    await session.draft(await targetOf(session, 0), 'target', 'instruction', 'Sag eine Frucht.');
    const view = await ask(session, server);
    assert.deepEqual(
      [view.state, view.fields[0]?.target, view.fields[0]?.draft],
      ['edited', 'Sag eine Frucht.', null],
    );
  });

  it('leaves everything as it was when it is cancelled', async t => {
    const { session, folder } = await single(t);
    const server = await serve(t, [SSE, { write: chunk({ content: 'Ein ha' }) }, 'hang']);
    const before = contentsOf(folder);
    const stop = new AbortController();
    const asking = ask(session, server, { onDelta: () => stop.abort(), signal: stop.signal });
    await assert.rejects(asking, userError('backend.aborted'));
    assert.deepEqual([(await good(session, 0)).candidates, contentsOf(folder)], [[], before]);
    assert.equal(await server.requests[0]?.closedEarly, true);
  });

  const failures: [what: string, script: Step[], id: MessageId][] = [
    ['reports an error', reply(500, { error: { message: 'out of memory' } }), 'backend.server'],
    [
      'breaks off in the middle',
      [SSE, { write: chunk({ content: 'Ein ha' }) }, 'close'],
      'backend.truncated',
    ],
    ['answers nothing', [SSE, { write: answer([]) }], 'backend.empty'],
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

  it('does not hold up other work, and a decision made meanwhile stays', async t => {
    const { session } = await single(t);
    let go: () => void = () => undefined;
    const decided = new Promise<void>(resolve => (go = resolve));
    const server = await serve(t, [
      SSE,
      { write: chunk({ content: 'Ein ' }) },
      { wait: decided },
      { write: answer(['Text.']) },
    ]);
    const asking = ask(session, server);
    await server.request(0);
    await approve(session, 1);
    await edit(session, 0, 'Von Hand.');
    go();
    const view = await asking;
    assert.deepEqual([outputOf(view), await stateOf(session, 1)], ['Von Hand.', 'approved']);
    assert.equal(view.candidates.length, 1);
  });

  it('asks for nothing where the source field is empty, the record has changed, or the line is none', async t => {
    const { session } = await single(t, [...LINES, 'no record']);
    const server = await serve(t, [SSE, { write: answer(['x']) }]);
    await assert.rejects(ask(session, server, { field: 'input' }), userError('regenerate.emptySource'));
    const old = await targetOf(session, 0);
    await edit(session, 0, 'Neu.');
    await assert.rejects(ask(session, server, { target: old }), userError('unit.changed'));
    await assert.rejects(
      ask(session, server, { target: { ...old, key: 'r9@de' as UnitKey, row: 3 } }),
      userError('row.notRecord'),
    );
    assert.equal(server.connections, 0);
  });

  it('keeps its candidates out of git, also where no event was written yet', async t => {
    const { session, folder } = await single(t);
    git(folder, 'init', '-q');
    await ask(session, await serve(t, [SSE, { write: answer(['Ein Text.']) }]));
    const untracked = git(folder, 'status', '--porcelain', '--untracked-files=all');
    assert.ok(!untracked.includes('candidates'), untracked);
  });

  it('does not write through a link in place of the folder of candidates', async t => {
    const { session, folder } = await single(t);
    const outside = tempFolder(t);
    const parent = join(folder, '.crossalpaca', 'shard.jsonl');
    mkdirSync(parent, { recursive: true });
    symlinkSync(outside, join(parent, 'candidates'));
    await ask(session, await serve(t, [SSE, { write: answer(['Ein Text.']) }])).catch(() => undefined);
    assert.deepEqual(contentsOf(outside), {});
    assert.ok(existsSync(outside));
  });
});

async function serve(t: TestContext, script: Script): Promise<ScriptedServer> {
  const server = await startScriptedServer(script);
  t.after(() => server.close());
  return server;
}

interface Asking {
  readonly field?: string;
  readonly target?: Target;
  readonly onDelta?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Has the model translate a field of row 0 again. */
async function ask(session: Session, { url }: ScriptedServer, asking: Asking = {}): Promise<GoodUnit> {
  const { field = 'output', onDelta = () => undefined, signal = new AbortController().signal } = asking;
  const target = asking.target ?? (await targetOf(session, 0));
  const view = await session.regenerate(target, field, { url, model: 'any' }, { onDelta, signal });
  assert.ok(view.kind === 'unit');
  return view;
}
