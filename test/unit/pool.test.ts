import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Pool } from '../../src/io/pool';

const forever = new AbortController().signal;
const turn = () => new Promise(resolve => setImmediate(resolve));

/** Work that ends when it is told to; the order in which it began. */
function jobs(pool: Pool) {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const start = (id: number, signal = forever) =>
    pool.run(() => {
      begun.push(id);
      return new Promise<void>(resolve => (ends[id] = resolve));
    }, signal);
  return { begun, start, end: (id: number) => ends[id]?.() };
}

describe('a pool', () => {
  it('never runs more than its limit, runs everything once, in the order of asking', async () => {
    const job = fc.record({
      turns: fc.integer({ min: 0, max: 4 }),
      fails: fc.boolean(),
      lowers: fc.boolean(),
      cancelled: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(job, { maxLength: 30 }),
        async (limit, all) => {
          const pool = new Pool(limit);
          const begun: number[] = [];
          let running = 0;
          const outcomes = await Promise.allSettled(
            all.map(({ turns, fails, lowers, cancelled }, id) => {
              const controller = new AbortController();
              const run = pool.run(async () => {
                begun.push(id);
                running++;
                assert.ok(running <= limit, 'more than the limit');
                assert.ok(pool.running >= running && pool.running <= limit);
                if (lowers) pool.lower();
                for (let i = 0; i < turns; i++) await turn();
                running--;
                if (fails) throw new Error('failed');
                return id;
              }, controller.signal);
              if (cancelled) controller.abort(new Error('cancelled'));
              return run;
            }),
          );
          assert.deepEqual(
            begun,
            begun.toSorted((a, b) => a - b),
            'in order',
          );
          for (const [id, outcome] of outcomes.entries()) {
            const ran = begun.filter(each => each === id).length;
            if (outcome.status === 'fulfilled') assert.equal(outcome.value, id);
            const isCancelled =
              outcome.status === 'rejected' && (outcome.reason as Error).message === 'cancelled';
            assert.equal(ran, isCancelled ? 0 : 1);
            if (isCancelled) assert.ok(all[id]!.cancelled);
            else assert.equal(outcome.status === 'rejected', all[id]!.fails);
          }
          assert.equal(pool.running, 0);
          assert.ok(pool.limit >= 1 && pool.limit <= limit);
        },
      ),
    );
  });

  it('runs fewer after it was lowered, at least one, and more again after successes', async () => {
    const pool = new Pool(3);
    for (const limit of [2, 1, 1]) {
      pool.lower();
      assert.equal(pool.limit, limit);
    }
    const { begun, start, end } = jobs(pool);
    const runs = [0, 1, 2].map(id => start(id));
    await turn();
    assert.deepEqual(begun, [0]);
    const limits: number[] = [];
    for (const id of [0, 1, 2]) {
      end(id);
      await runs[id];
      await turn();
    }
    for (let success = 3; success < 40; success++) {
      await pool.run(() => Promise.resolve(), forever);
      limits.push(pool.limit);
    }
    assert.equal(limits.indexOf(2), 9 - 3, 'one more after ten successes');
    assert.equal(limits.indexOf(3), 19 - 3);
    assert.equal(Math.max(...limits), 3, 'never more than was given');
  });

  it('does not count failures as successes, and counts anew when it is lowered', async () => {
    const pool = new Pool(2);
    pool.lower();
    const fail = () => pool.run(() => Promise.reject(new Error('failed')), forever).catch(() => undefined);
    const succeed = () => pool.run(() => Promise.resolve(), forever);
    for (let i = 0; i < 20; i++) await fail();
    for (let i = 0; i < 9; i++) await succeed();
    assert.equal(pool.limit, 1);
    pool.lower();
    for (let i = 0; i < 9; i++) await succeed();
    assert.equal(pool.limit, 1);
    await succeed();
    assert.equal(pool.limit, 2);
  });

  it('begins nothing while it is paused; what runs goes on', async () => {
    const pool = new Pool(2);
    const { begun, start, end } = jobs(pool);
    const first = start(0);
    await turn();
    pool.pause();
    assert.ok(pool.isPaused);
    const rest = [1, 2, 3].map(id => start(id));
    end(0);
    await first;
    await turn();
    assert.deepEqual(begun, [0]);
    assert.equal(pool.running, 0);
    pool.resume();
    await turn();
    assert.ok(!pool.isPaused);
    assert.deepEqual(begun, [0, 1, 2]);
    for (const id of [1, 2]) end(id);
    await turn();
    end(3);
    await Promise.all(rest);
    assert.deepEqual(begun, [0, 1, 2, 3]);
  });

  it('gives up what waits, and only that, when its signal fires', async () => {
    const pool = new Pool(1);
    const { begun, start, end } = jobs(pool);
    const reason = new Error('left');
    const controller = new AbortController();
    const first = start(0, controller.signal);
    const second = start(1, controller.signal);
    const third = start(2);
    await turn();
    controller.abort(reason);
    await assert.rejects(second, reason);
    await assert.rejects(start(3, controller.signal), reason);
    assert.equal(pool.running, 1, 'what runs looks at the signal itself');
    end(0);
    await first;
    await turn();
    end(2);
    await third;
    assert.deepEqual(begun, [0, 2]);
  });

  it('begins nothing new in the place of what rests', async () => {
    const pool = new Pool(2);
    const { begun, start, end } = jobs(pool);
    const rested: string[] = [];
    const [a, b] = [new AbortController(), new AbortController()];
    const resting = [a, b].map(({ signal }, id) =>
      pool.run(async () => {
        await pool.aside(2 ** 30, signal);
        rested.push(`rested ${id}`);
      }, forever),
    );
    const next = start(0);
    await turn();
    assert.deepEqual([begun, pool.running], [[], 0], 'both places are kept');
    a.abort();
    await resting[0];
    await turn();
    assert.deepEqual([rested, begun], [['rested 0'], [0]]);
    b.abort();
    await resting[1];
    assert.deepEqual(rested, ['rested 0', 'rested 1']);
    end(0);
    await next;
    assert.equal(pool.running, 0);
  });

  it('holds back what has rested while it is paused or lowered', async () => {
    const pool = new Pool(2);
    const { signal } = new AbortController();
    let over = 0;
    const { start, end } = jobs(pool);
    const running = start(0);
    const rest = pool.run(() => pool.aside(0, signal).then(() => over++), signal);
    pool.lower();
    await new Promise(resolve => setTimeout(resolve, 5));
    assert.equal(over, 0, 'the one that runs is all there is room for');
    pool.pause();
    end(0);
    await running;
    await turn();
    assert.equal(over, 0);
    pool.resume();
    await rest;
    assert.deepEqual([over, pool.running], [1, 0]);
  });

  it('is given a limit of at least one', () => {
    for (const limit of [0, -1, 1.5, NaN]) assert.throws(() => new Pool(limit), RangeError);
  });
});
