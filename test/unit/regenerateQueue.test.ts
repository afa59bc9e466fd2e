import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Profile } from '../../src/asking';
import type { Fingerprint, UnitKey } from '../../src/core/record';
import { OUTCOMES } from '../../src/core/regeneration';
import { unitHash } from '../../src/core/unitHashes';
import { Examples } from '../../src/examples';
import { Candidates } from '../../src/io/candidates';
import { NO_OUTCOMES, RunFile, type RunOrder } from '../../src/io/runFile';
import { QueueRun, type RunProgress } from '../../src/regenerateQueue';
import type { Asker } from '../../src/regenerating';
import { Shard } from '../../src/shard';
import { sha256 } from '../helpers/builders';
import { numbered, startModelServer, type ModelServer } from '../helpers/modelServer';
import { reply, SSE } from '../helpers/scriptedServer';
import { edit, openSession, tempFolder, testClock, writeShard, type Cleanup } from '../helpers/shardFixture';

const GOOD = 'Ein Apfel hat die Nummer 7.';
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

async function openAsker(cleanup: Cleanup, path: string): Promise<Asker> {
  const clock = testClock();
  const shard = await Shard.open(path, clock);
  cleanup.after(() => shard.close());
  await shard.matched;
  return {
    shard,
    clock,
    candidates: await Candidates.open(shard.ledgers, 'aaaaaa'),
    examples: new Examples(shard),
  };
}

async function served(t: TestContext, ...args: Parameters<typeof startModelServer>): Promise<ModelServer> {
  const server = await startModelServer(...args);
  t.after(() => server.close());
  return server;
}

const profileOf = ({ url }: { readonly url: string }, concurrency = 4): Profile => ({
  backend: { url, model: 'm', api: 'openai' },
  style: 'record',
  temperature: 0,
  topP: 1,
  concurrency,
});

const orderOf = (query = 'all', more: Partial<RunOrder> = {}): RunOrder => ({
  query,
  langs: [],
  wish: { mode: 'translate', fields: [], advice: '', count: 1, split: 'record' },
  style: 'record',
  model: 'm',
  onlyFlagged: false,
  skipWithCandidate: false,
  ...more,
});

/** Settles as soon as a run tells what is waited for, or has told it last. */
function watching() {
  let last: RunProgress | undefined;
  const waiters: { readonly holds: (progress: RunProgress) => boolean; readonly resolve: () => void }[] = [];
  return {
    tell: (progress: RunProgress) => {
      last = progress;
      for (const each of waiters.filter(({ holds }) => holds(progress))) each.resolve();
    },
    until: (holds: (progress: RunProgress) => boolean) =>
      new Promise<void>(resolve => {
        if (last && holds(last)) resolve();
        else waiters.push({ holds, resolve });
      }),
  };
}

async function found(asker: Asker, query: string): Promise<number> {
  const { Queue } = await import('../../src/queue');
  const queue = new Queue(asker.shard, asker.candidates);
  assert.equal(queue.ask(query), undefined);
  await queue.done;
  assert.equal(queue.view.problem, null);
  return queue.length;
}

const countOf = (asker: Asker) => [...asker.candidates.units()].length;
const twice = (server: ModelServer) => [...server.asked].filter(([, times]) => times > 1);

describe('a run over many records', () => {
  it('makes a candidate for each that the query selects, and asks for none twice', async t => {
    const path = writeShard(
      tempFolder(t),
      numbers(1000).map(each => numbered(each)),
    );
    const before = readFileSync(path, 'utf8');
    const server = await served(t, undefined, 20);
    const asker = await openAsker(t, path);
    const run = await QueueRun.start(asker, orderOf(), profileOf(server, 8));
    const { state, done, total, outcomes } = await run.done;
    assert.deepEqual([state, done, total], ['done', 1000, 1000]);
    assert.deepEqual(outcomes, { ...NO_OUTCOMES, good: 1000 });
    assert.deepEqual([countOf(asker), server.asked.size, twice(server)], [1000, 1000, []]);
    assert.equal(readFileSync(path, 'utf8'), before, 'the records stay as they are');
    assert.equal(await QueueRun.unfinished(asker), undefined);
    const [candidate] = await asker.candidates.of('n7@de' as UnitKey);
    assert.deepEqual(
      candidate?.texts.find(([name]) => name === 'output'),
      ['output', GOOD],
    );
    assert.deepEqual([candidate.model, candidate.parameters['seed']], ['scripted', 0]);
  });

  it('lets the reviewer go through what came of it', async t => {
    const path = writeShard(
      tempFolder(t),
      numbers(30).map(each => numbered(each)),
    );
    const server = await served(t);
    const asker = await openAsker(t, path);
    assert.equal(await found(asker, 'is:candidate'), 0);
    await (
      await QueueRun.start(asker, orderOf('line:5-9'), profileOf(server))
    ).done;
    assert.equal(await found(asker, 'is:candidate'), 5);
    assert.equal(await found(asker, '-is:candidate'), 25);
    assert.equal(await found(asker, 'is:candidate line:8-20'), 2);
    // For another text than the current one it is none.
    const session = await openSession(t, path, { reviewer: 'anna' });
    await edit(session, 5, 'Etwas anderes.');
    session.queue.ask('is:candidate');
    await session.queue.done;
    assert.deepEqual(session.queue.rows(0, 10), [4, 6, 7, 8]);
    session.queue.ask('line:5-10');
    await session.queue.done;
    const listed = await session.queue.summaries(0, 10);
    assert.deepEqual(
      listed.map(each => each.hasCandidate),
      [true, false, true, true, true, false],
    );
  });

  it('goes on after a cancel with what is left', async t => {
    const path = writeShard(
      tempFolder(t),
      numbers(1000).map(each => numbered(each)),
    );
    const server = await served(t, undefined, 20);
    const asker = await openAsker(t, path);
    const { tell, until } = watching();
    const run = await QueueRun.start(asker, orderOf(), profileOf(server, 8), tell);
    await until(({ done }) => done >= 300);
    run.cancel();
    const cancelled = await run.done;
    assert.equal(cancelled.state, 'cancelled');
    assert.ok(cancelled.done < 1000);
    const again = await openAsker(t, path);
    const state = await QueueRun.unfinished(again);
    assert.deepEqual(state?.order, orderOf());
    assert.equal(state.finished.size, cancelled.done);
    const before = new Map(server.answered);
    const rest = await QueueRun.goOn(again, state, profileOf(server, 8)).done;
    assert.deepEqual([rest.done, rest.outcomes.good], [1000, 1000]);
    assert.equal(countOf(again), 1000);
    // Only what was under way when it was cancelled is asked for once more.
    assert.ok(twice(server).length <= 8, String(twice(server).length));
    assert.ok([...before.keys()].filter(each => (server.asked.get(each) ?? 0) > 1).length <= 8);
  });

  it('asks anew for no more than a kill has lost, wherever its files end', async t => {
    const path = writeShard(
      tempFolder(t),
      numbers(24).map(each => numbered(each)),
    );
    const server = await served(t);
    const asker = await openAsker(t, path);
    const order = orderOf();
    const run = new RunFile(asker.shard.ledgers, 'aaaaaa');
    const file = join(asker.shard.ledgers.folder, 'candidates', 'aaaaaa.jsonl');
    await run.begin('RUN', order);
    const head = readFileSync(run.path);
    await QueueRun.goOn(asker, (await run.read())!, profileOf(server, 8)).done;
    const made = readFileSync(file);
    const lines = made.toString().split('\n').filter(Boolean);
    assert.equal(lines.length, 24);
    // Of candidates that were written together, a part.
    for (const end of [0, 1, 700, Math.floor(made.length / 2), made.length - 2, made.length]) {
      writeFileSync(file, made.subarray(0, end));
      writeFileSync(run.path, head);
      const again = await openAsker(t, path);
      const left = countOf(again);
      const before = server.requests.length;
      const { outcomes } = await QueueRun.goOn(again, (await run.read())!, profileOf(server, 8)).done;
      assert.deepEqual([outcomes.good, countOf(again)], [24, 24]);
      assert.equal(server.requests.length - before, 24 - left, `cut at ${end} of ${made.length}`);
    }
  });

  it('goes on after a cancel between two candidates of a record with the second', async t => {
    const asker = await openAsker(t, writeShard(tempFolder(t), [numbered(1)]));
    const order = orderOf('all', { wish: { ...orderOf().wish, count: 2 } });
    let isCut = true;
    const server = await served(t, (_request, index) => (isCut && index > 0 ? [SSE, 'hang'] : undefined));
    const run = await QueueRun.start(asker, order, profileOf(server));
    await server.request(1);
    run.cancel();
    await run.done;
    isCut = false;
    const state = await QueueRun.unfinished(asker);
    const { outcomes } = await QueueRun.goOn(asker, state!, profileOf(server)).done;
    const made = await asker.candidates.of('n1@de' as UnitKey);
    assert.deepEqual(
      made.map(({ parameters }) => parameters['seed']),
      [0, 1],
    );
    assert.equal(outcomes.good, 1);
  });

  it('asks for nothing where the shard was closed before it began', async t => {
    const asker = await openAsker(t, writeShard(tempFolder(t), [numbered(1)]));
    const server = await served(t);
    asker.shard.close();
    const run = await QueueRun.start(asker, orderOf(), profileOf(server));
    assert.equal((await run.done).state, 'cancelled');
    assert.equal(server.connections, 0);
  });

  it('leaves a server without room alone for longer and longer, then pauses', async t => {
    const asker = await openAsker(t, writeShard(tempFolder(t), [numbered(1)]));
    const busy = () => reply(429, { error: { message: 'busy' } }, { 'retry-after': '0' });
    const server = await served(t, busy);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const run = await QueueRun.start(asker, orderOf(), profileOf(server));
    let seconds = 0;
    while (run.progress.state === 'running') {
      for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve));
      if (run.progress.waiting === null) continue;
      t.mock.timers.tick(1000);
      seconds++;
    }
    t.mock.timers.reset();
    assert.equal(run.progress.problem?.id, 'backend.busy');
    assert.ok(seconds >= 300, `${seconds} s for ${server.requests.length} requests`);
    run.cancel();
    await run.done;
  });

  it('pauses and says so once where the server goes away, and goes on when it is back', async t => {
    const path = writeShard(
      tempFolder(t),
      numbers(60).map(each => numbered(each)),
    );
    const first = await startModelServer();
    const { port } = new URL(first.url);
    const asker = await openAsker(t, path);
    const { tell, until } = watching();
    const paused: string[] = [];
    let last: RunProgress['state'] = 'running';
    const run = await QueueRun.start(asker, orderOf(), profileOf(first), progress => {
      if (progress.state === 'paused' && last !== 'paused') paused.push(progress.problem?.id ?? '');
      last = progress.state;
      tell(progress);
    });
    await until(({ done }) => done >= 20);
    await first.close();
    await until(({ state }) => state === 'paused');
    const second = await served(t, undefined, 0, Number(port));
    run.resume();
    const { state, outcomes } = await run.done;
    assert.equal(state, 'done');
    assert.equal(paused.length, 1);
    assert.equal(paused[0], 'backend.down');
    assert.equal(
      OUTCOMES.reduce((sum, name) => sum + outcomes[name], 0),
      60,
    );
    assert.equal(countOf(asker), outcomes.good);
    assert.ok(outcomes.good >= 56, 'at most those under way are lost');
    assert.ok(second.asked.size > 0);
  });

  it('pauses where the key is refused, and fails no record for it', async t => {
    const path = writeShard(
      tempFolder(t),
      numbers(40).map(each => numbered(each)),
    );
    const server = await served(t, () => reply(401, { error: { message: 'no' } }));
    const asker = await openAsker(t, path);
    const { tell, until } = watching();
    const run = await QueueRun.start(asker, orderOf(), profileOf(server), tell);
    await until(({ state }) => state === 'paused');
    assert.equal(run.progress.problem?.id, 'backend.unauthorised');
    assert.deepEqual(run.progress.outcomes, NO_OUTCOMES);
    assert.ok(server.asked.size <= 4);
    run.cancel();
    assert.equal((await run.done).state, 'cancelled');
  });

  it('asks for fewer at a time where the server is busy, and for more again', async t => {
    const path = writeShard(
      tempFolder(t),
      numbers(200).map(each => numbered(each)),
    );
    const server = await served(t, (_request, index) =>
      index >= 20 && index < 26
        ? reply(index % 2 ? 429 : 503, { error: { message: 'server busy' } }, { 'retry-after': '0' })
        : undefined,
    );
    const asker = await openAsker(t, path);
    const limits: number[] = [];
    const run = await QueueRun.start(asker, orderOf(), profileOf(server, 8), ({ limit }) =>
      limits.push(limit),
    );
    const { outcomes } = await run.done;
    assert.equal(outcomes.good, 200);
    const least = Math.min(...limits);
    assert.ok(least < 8, 'lowered');
    assert.ok((limits.at(-1) ?? 0) > least, 'raised');
  });

  it('stops where one record after the other fails', async t => {
    const path = writeShard(
      tempFolder(t),
      numbers(100).map(each => numbered(each)),
    );
    const server = await served(t, () => reply(400, { error: { message: 'no such parameter' } }));
    const asker = await openAsker(t, path);
    const { tell, until } = watching();
    const run = await QueueRun.start(asker, orderOf(), profileOf(server), tell);
    await until(({ state }) => state === 'paused');
    assert.equal(run.progress.problem?.id, 'run.failing');
    assert.ok(run.progress.outcomes.failed < 30);
    run.cancel();
    await run.done;
  });

  it('keeps no candidate for a record that changed while the model wrote', async t => {
    const path = writeShard(
      tempFolder(t),
      numbers(3).map(each => numbered(each)),
    );
    const session = await openSession(t, path, { reviewer: 'anna' });
    const asker = session.asker;
    const edited = (number: number) => (number === 2 ? edit(session, 1, 'Von Hand.') : Promise.resolve());
    const server = await served(t, undefined, edited);
    const run = await QueueRun.start(asker, orderOf(), profileOf(server, 1));
    const { outcomes } = await run.done;
    assert.deepEqual(outcomes, { ...NO_OUTCOMES, good: 2, changed: 1 });
    assert.equal(countOf(asker), 2);
  });

  it('takes only fields with a warning, tells the model of it, and passes over what has a candidate', async t => {
    const lines = [numbered(1, 'An apple has number 1.'), numbered(2, 'Ein Apfel hat die Nummer 2.')];
    const path = writeShard(tempFolder(t), lines);
    const server = await served(t);
    const asker = await openAsker(t, path);
    const flagged = orderOf('all', { onlyFlagged: true, skipWithCandidate: true });
    const first = await (await QueueRun.start(asker, flagged, profileOf(server))).done;
    assert.deepEqual(first.outcomes, { ...NO_OUTCOMES, good: 1, nothing: 1 });
    assert.deepEqual([...server.asked.keys()], [1]);
    const sent = server.requests.map(({ body }) => body).join('\n');
    assert.match(sent, /A check of the current translation of \\?.?“output”/);
    const [candidate] = await asker.candidates.of('n1@de' as UnitKey);
    assert.deepEqual(
      candidate?.texts.map(([name]) => name),
      ['output'],
    );
    assert.equal(typeof candidate.finding, 'string');
    const second = await (await QueueRun.start(asker, flagged, profileOf(server))).done;
    assert.deepEqual([second.skipped, second.outcomes.nothing, server.asked.get(1)], [1, 1, 1]);
  });

  it('counts what came of each record', async t => {
    const path = writeShard(tempFolder(t), [
      ...numbers(5).map(each => numbered(each)),
      JSON.stringify({
        id: 'e',
        source: { text: '' },
        target: { text: 'x' },
        source_lang: 'en',
        target_lang: 'de',
      }),
      'no record',
    ]);
    const cut = (content: string, finish: string) => [
      { head: { 'content-type': 'application/json' } },
      { write: JSON.stringify({ choices: [{ message: { content }, finish_reason: finish }] }) },
    ];
    const server = await served(t, request => {
      if (/number 2\b/.test(request.body))
        return reply(400, { error: { type: 'exceed_context_size_error', message: 'too long' } });
      if (/number 3\b/.test(request.body)) return cut('{"output":"Ein', 'length');
      if (/number 4\b/.test(request.body)) return cut('I cannot do that.', 'stop');
      if (/number 5\b/.test(request.body)) return cut('', 'stop');
      return undefined;
    });
    const asker = await openAsker(t, path);
    const { outcomes, done, total } = await (await QueueRun.start(asker, orderOf(), profileOf(server))).done;
    assert.deepEqual(outcomes, {
      ...NO_OUTCOMES,
      good: 1,
      suspect: 1,
      nothing: 1,
      'too-long': 2,
      unusable: 1,
    });
    assert.deepEqual([done, total], [7, 7]);
  });
});

describe('the file of a run', () => {
  const order = orderOf('finding:any "é"', { langs: ['de'] });
  const hashes = numbers(200).map(each =>
    unitHash(`k${each}` as UnitKey, sha256(`${each}`).slice(0, 32) as Fingerprint, sha256),
  );

  it('is read to its last whole line, whatever is torn or forged', async t => {
    const folder = tempFolder(t);
    const { shard } = await openAsker(t, writeShard(folder, [numbered(1)]));
    const file = new RunFile(shard.ledgers, 'aaaaaa');
    assert.equal(await file.read(), undefined);
    await file.begin('RUN', order);
    for (const digits of hashes.slice(0, 20)) await file.finish('RUN', digits, 'good');
    appendFileSync(file.path, `["${hashes[20]}","go`);
    await file.finish('RUN', hashes[21]!, 'failed');
    appendFileSync(
      file.path,
      `\n["${hashes[22]}","toString","RUN"]\n{}\n\u0000\n${'x'.repeat(100_000)}\n["zz","good"]\n`,
    );
    const state = await file.read();
    assert.deepEqual([state?.id, state?.order], ['RUN', order]);
    assert.deepEqual(state?.outcomes, { ...NO_OUTCOMES, good: 20, failed: 1 });
    assert.deepEqual(
      hashes.slice(0, 24).map(each => state.finished.has(each)),
      hashes.slice(0, 24).map((_, at) => at < 20 || at === 21),
    );
    await file.remove('RUN');
    assert.equal(existsSync(file.path), false);
  });

  it('tells one run from another that was begun meanwhile', async t => {
    const { shard } = await openAsker(t, writeShard(tempFolder(t), [numbered(1)]));
    const [window, other] = [new RunFile(shard.ledgers, 'aaaaaa'), new RunFile(shard.ledgers, 'aaaaaa')];
    await window.begin('ONE', order);
    await other.begin('TWO', order);
    await window.finish('ONE', hashes[0]!, 'good');
    await other.finish('TWO', hashes[1]!, 'failed');
    await window.remove('ONE');
    const state = await window.read();
    assert.deepEqual([state?.id, state?.outcomes], ['TWO', { ...NO_OUTCOMES, failed: 1 }]);
    await other.remove('TWO');
    await window.finish('ONE', hashes[2]!, 'good');
    assert.equal(existsSync(window.path), false, 'no lines without an order');
  });

  it('is none where its first line is not one of ours', async t => {
    const { shard } = await openAsker(t, writeShard(tempFolder(t), [numbered(1)]));
    const file = new RunFile(shard.ledgers, 'aaaaaa');
    await file.begin('RUN', order);
    const whole = JSON.parse(readFileSync(file.path, 'utf8')) as Record<string, unknown>;
    const forged = [
      { v: 2 },
      { query: 7 },
      { query: 'x'.repeat(5000) },
      { style: 'shell' },
      { langs: 'de' },
      { wish: null },
      { wish: { ...order.wish, count: 1e9 } },
      { wish: { ...order.wish, advice: 'x'.repeat(501) } },
    ];
    for (const more of forged) {
      writeFileSync(file.path, JSON.stringify({ ...whole, ...more }));
      assert.equal(await file.read(), undefined, JSON.stringify(more).slice(0, 80));
    }
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async text => {
        writeFileSync(file.path, text);
        assert.equal(await file.read(), undefined);
      }),
      { numRuns: 50 },
    );
    assert.equal(join(shard.ledgers.folder, 'cache', 'run-aaaaaa.jsonl'), file.path);
  });
});
