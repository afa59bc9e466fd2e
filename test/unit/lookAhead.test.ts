import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Profile } from '../../src/asking';
import { LookAhead } from '../../src/lookAhead';
import type { Session } from '../../src/session';
import { asked, says } from '../helpers/modelAnswers';
import { reply, SSE, startScriptedServer, type Script, type ScriptedServer } from '../helpers/scriptedServer';
import { edit, good, record, single } from '../helpers/shardFixture';

/** Left in English: a check warns of the output. */
const flagged = (name: string) =>
  record(
    name,
    `This is the long answer ${name}, which nobody has translated so far.`,
    `Name number ${name}.`,
  );
const clean = (name: string) =>
  record(name, `Das ist die lange Antwort ${name}, die schon jemand übersetzt hat.`, `Name number ${name}.`);
/** Every second record is a flagged one. */
const lines = (count: number) =>
  Array.from({ length: count }, (_, row) => (row % 2 === 1 ? flagged(`r${row}`) : clean(`r${row}`)));

const GERMAN = 'Das ist die lange Antwort, die ein Modell neu geschrieben hat.';

async function serve(t: TestContext, script: Script): Promise<ScriptedServer> {
  const server = await startScriptedServer(script);
  t.after(() => server.close());
  return server;
}

const profileOf = ({ url }: ScriptedServer, concurrency = 2): Profile => ({
  backend: { url, model: 'any', api: 'openai' },
  ...{ style: 'field', temperature: 0, topP: 1, concurrency },
});

const aheadOf = (session: Session) => new LookAhead(session.asker, session.queue);

/** Settles when anything in the shard has changed: a candidate has come. */
const changed = ({ shard }: Session) =>
  new Promise<void>(resolve => {
    const stop = shard.onChange(() => {
      stop();
      resolve();
    });
  });

async function rowsWithCandidates(session: Session): Promise<number[]> {
  const { rows } = session.shard.index;
  const found: number[] = [];
  for (let row = 0; row < rows; row++) if ((await good(session, row)).candidates.length > 0) found.push(row);
  return found;
}

describe('looking ahead', () => {
  it('has a candidate waiting on arrival for nine of ten flagged records in a sitting', async t => {
    const { session } = await single(t, lines(60));
    const ahead = aheadOf(session);
    // 20 ms for each answer, of which two come at a time.
    const server = await serve(t, () => [{ wait: 20 }, ...says(GERMAN)]);
    let met = 0;
    let waiting = 0;
    for (let row = 0; row < 60; row++) {
      const view = await good(session, row);
      ahead.visit(row, 3, profileOf(server));
      if (view.findings.some(({ field }) => field === 'output')) {
        met++;
        if (view.candidates.some(({ outdated }) => !outdated)) waiting++;
      }
      // A reviewer reads a record for as long as it takes to write one.
      await Promise.race([ahead.settled, changed(session)]);
    }
    await ahead.settled;
    assert.equal(met, 30);
    assert.ok(waiting >= 0.9 * met, `${waiting} of ${met}`);
    assert.equal(server.requests.length, 30, 'and nothing is asked for twice');
  });

  it('asks for the next flagged ones in their order, each with what is to be mended', async t => {
    const { session } = await single(t, lines(12));
    const ahead = aheadOf(session);
    const server = await serve(t, says(GERMAN));
    ahead.visit(0, 3, profileOf(server, 1));
    await ahead.settled;
    assert.deepEqual(await rowsWithCandidates(session), [1, 3, 5]);
    const sent = server.requests.map(request => JSON.stringify(asked(request).messages));
    assert.deepEqual(
      [1, 3, 5].map((row, index) => sent[index]?.includes(`number r${row}.`)),
      [true, true, true],
    );
    for (const each of sent) assert.match(each, /A check of the current translation/);
    const view = await good(session, 1);
    assert.ok(view.candidates[0]!.mended.length > 0);
    assert.equal(view.state, 'pending', 'the record itself stays as it is');
  });

  it('looks ahead in the queue that the reviewer goes through', async t => {
    const { session } = await single(t, lines(12));
    const ahead = aheadOf(session);
    assert.equal(session.queue.ask('r7 OR r9 OR r11'), undefined);
    await session.queue.done;
    const server = await serve(t, says(GERMAN));
    ahead.visit(0, 1, profileOf(server));
    await ahead.settled;
    assert.deepEqual(await rowsWithCandidates(session), [9]);
  });

  it('asks anew for a text that is another by now, and not for one that has a candidate', async t => {
    const { session } = await single(t, lines(6));
    const ahead = aheadOf(session);
    const server = await serve(t, says(GERMAN));
    const visit = async () => {
      ahead.visit(0, 2, profileOf(server));
      await ahead.settled;
    };
    await visit();
    await visit();
    assert.equal(server.requests.length, 2);
    await edit(session, 1, 'This is another long answer, which nobody has translated so far.');
    await visit();
    assert.equal(server.requests.length, 3);
  });

  it('gives up what is left behind by a jump, and goes on with what is near', async t => {
    const { session } = await single(t, lines(40));
    const ahead = aheadOf(session);
    const server = await serve(t, ({ body }) =>
      body.includes('number r1.') || body.includes('number r3.') ? [SSE, 'hang'] : says(GERMAN),
    );
    ahead.visit(0, 2, profileOf(server));
    const left = await Promise.all([server.request(0), server.request(1)]);
    ahead.visit(30, 2, profileOf(server));
    assert.deepEqual(await Promise.all(left.map(each => each.closedEarly)), [true, true]);
    await ahead.settled;
    assert.deepEqual(await rowsWithCandidates(session), [31, 33]);
  });

  it('goes on writing for the record that the reviewer has come to', async t => {
    const { session } = await single(t, lines(8));
    const ahead = aheadOf(session);
    let go: () => void = () => undefined;
    const arrived = new Promise<void>(resolve => (go = resolve));
    const server = await serve(t, ({ body }) =>
      body.includes('number r1.') ? [{ wait: arrived }, ...says(GERMAN)] : says(GERMAN),
    );
    ahead.visit(0, 1, profileOf(server));
    await server.request(0);
    ahead.visit(1, 1, profileOf(server));
    await server.request(1);
    go();
    await ahead.settled;
    assert.deepEqual(await rowsWithCandidates(session), [1, 3]);
    assert.equal(server.requests.length, 2);
  });

  for (const [what, end] of [
    ['it is stopped', (ahead: LookAhead) => ahead.stop()],
    [
      'it is turned off',
      (ahead: LookAhead, _session: Session, server: ScriptedServer) => ahead.visit(0, 0, profileOf(server)),
    ],
    ['the shard is closed', (_ahead: LookAhead, session: Session) => session.shard.close()],
  ] as const)
    it(`closes its connections when ${what}`, async t => {
      const { session } = await single(t, lines(8));
      const ahead = aheadOf(session);
      const server = await serve(t, [SSE, 'hang']);
      let told = 0;
      ahead.onChange(() => told++);
      ahead.visit(0, 2, profileOf(server));
      const left = await Promise.all([server.request(0), server.request(1)]);
      assert.equal(ahead.running, 2);
      end(ahead, session, server);
      assert.deepEqual(await Promise.all(left.map(each => each.closedEarly)), [true, true]);
      await ahead.settled;
      assert.equal(ahead.running, 0);
      assert.ok(told >= 4, 'who shows the number hears of it');
    });

  it('stops after a failure until the reviewer goes on, and then tries what failed only once more', async t => {
    const { session } = await single(t, lines(12));
    const ahead = aheadOf(session);
    const server = await serve(t, (_request, index) =>
      index === 0 ? reply(401, { error: { message: 'key' } }) : says(GERMAN),
    );
    ahead.visit(0, 4, profileOf(server, 1));
    await ahead.settled;
    assert.equal(server.requests.length, 1, 'no hammering');
    ahead.visit(0, 4, profileOf(server, 1));
    await ahead.settled;
    assert.deepEqual(await rowsWithCandidates(session), [1, 3, 5, 7], 'the server works again');
  });

  it('goes on with the others where one breaks off or is too long, and tries again what only broke off', async t => {
    const { session } = await single(t, lines(12));
    const ahead = aheadOf(session);
    const of = (name: string) => (request: { readonly body: string }) =>
      request.body.includes(`number ${name}.`);
    let broken = true;
    const server = await serve(t, request => {
      if (of('r1')(request)) return reply(400, { error: { message: 'maximum context length' } });
      return broken && of('r3')(request) ? [SSE, 'close'] : says(GERMAN);
    });
    const visit = async () => {
      ahead.visit(0, 4, profileOf(server, 1));
      await ahead.settled;
    };
    await visit();
    assert.deepEqual(await rowsWithCandidates(session), [5, 7]);
    broken = false;
    await visit();
    assert.deepEqual(await rowsWithCandidates(session), [3, 5, 7]);
    assert.equal(server.requests.filter(of('r1')).length, 1);
  });

  it('leaves out a unit that the model cannot do, as long as its text stays', async t => {
    const { session } = await single(t, lines(8));
    const ahead = aheadOf(session);
    const server = await serve(t, ({ body }) =>
      body.includes('number r1.')
        ? reply(400, { error: { message: 'maximum context length' } })
        : says(GERMAN),
    );
    for (let visit = 0; visit < 3; visit++) {
      ahead.visit(0, 2, profileOf(server, 1));
      await ahead.settled;
    }
    assert.deepEqual(await rowsWithCandidates(session), [3]);
    assert.equal(server.requests.filter(({ body }) => body.includes('number r1.')).length, 1);
  });
});
