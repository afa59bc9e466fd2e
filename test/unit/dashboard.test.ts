import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { DECISIONS, type Decision } from '../../src/core/events';
import {
  isDashboardNotice,
  pairsOf,
  progressOf,
  stepPath,
  withUntouched,
  type Totals,
} from '../../src/core/dashboard';
import { UserError } from '../../src/core/messages';
import { Statistics, type ReviewStatistics } from '../../src/core/statistics';
import { Shard } from '../../src/shard';
import { addStatistics, withShard } from '../../src/statisticsOf';
import { LINES, record, tempFolder, testClock, writeShard } from '../helpers/shardFixture';
import { decisionOn, unitOf, writeReviews } from '../helpers/writtenReviews';

const day = (date: string) => Date.parse(date) / 86_400_000;

describe('the units that nobody touched', () => {
  const touched = (): Totals => {
    const { checks, ...totals } = new Statistics().result();
    assert.deepEqual(checks, []);
    return totals;
  };

  it('are pending, in their language and in all', () => {
    const totals = withUntouched(
      touched(),
      new Map([
        ['it', { pending: 4 }],
        ['de', { pending: 3 }],
      ]),
    );
    assert.equal(totals.units, 7);
    assert.equal(totals.states.pending, 7);
    assert.equal(totals.states.approved, 0);
    assert.deepEqual(
      totals.languages.map(({ lang, units, states }) => [lang, units, states.pending]),
      [
        ['de', 3, 3],
        ['it', 4, 4],
      ],
    );
  });

  it('are added to those that are pending all the same', () => {
    const before = withUntouched(touched(), new Map([['de', { pending: 3 }]]));
    const after = withUntouched(before, new Map([['de', { pending: 2 }]]));
    assert.equal(after.languages.length, 1);
    assert.equal(after.languages[0]!.states.pending, 5);
    assert.equal(before.languages[0]!.states.pending, 3, 'what was given stays as it was');
  });
});

describe('progress', () => {
  const at = (days: number, approved: number) => ({ day: days, edits: 0, decisions: 0, approved });

  it('is the running sum in the order of days', () => {
    const days = progressOf([at(12, 2), at(10, 1), at(11, 0)]);
    assert.deepEqual(
      days.map(each => [each.day, each.total]),
      [
        [10, 1],
        [11, 1],
        [12, 3],
      ],
    );
  });

  it('is drawn as steps: up at the beginning of a day, to the end of the last', () => {
    const days = progressOf([at(10, 1), at(11, 0), at(13, 3)]);
    assert.equal(stepPath(days, 1000, 100), 'M0 100V100H0V75H250V75H750V0H1000V100Z');
  });

  it('of a single day is all of the drawing', () => {
    assert.equal(stepPath(progressOf([at(10, 2)]), 1000, 100), 'M0 100V100H0V0H1000V100Z');
  });

  it('begins with what was approved on a day that is not known, which does not stretch the drawing', () => {
    const days = progressOf([at(20_000, 1), at(0, 1)]);
    assert.equal(stepPath(days, 1000, 100), 'M0 100V50H0V0H1000V100Z');
  });

  it('is nothing to draw where no day is known', () => {
    assert.equal(stepPath([], 1000, 100), '');
    assert.equal(stepPath(progressOf([at(0, 5)]), 1000, 100), '');
  });

  it('never leaves the drawing and never goes back', () => {
    const days = fc.uniqueArray(fc.record({ day: fc.nat(3_000_000), approved: fc.nat(1_000_000) }), {
      selector: each => each.day,
      maxLength: 30,
    });
    fc.assert(
      fc.property(days, list => {
        const path = stepPath(progressOf(list.map(each => at(each.day, each.approved))), 1000, 100);
        assert.doesNotMatch(path, /NaN|Infinity/);
        const xs = [...path.matchAll(/H([\d.]+)/g)].map(match => Number(match[1]));
        const ys = [...path.matchAll(/V([\d.]+)/g)].map(match => Number(match[1])).slice(0, -1);
        assert.deepEqual(
          xs,
          xs.toSorted((a, b) => a - b),
        );
        assert.deepEqual(
          ys,
          ys.toSorted((a, b) => b - a),
        );
        assert.ok(xs.every(x => x >= 0 && x <= 1000) && ys.every(y => y >= 0 && y <= 100));
      }),
    );
  });
});

describe('pairs of reviewers', () => {
  const reviewer = (name: string, ...decided: Decision[]) => ({
    name,
    edits: 1,
    decisions: Object.fromEntries(
      DECISIONS.map(decision => [decision, decided.filter(each => each === decision).length]),
    ) as Record<Decision, number>,
    comments: 0,
    units: 1,
  });
  const pair = (a: string, b: string, n: number) =>
    ({ reviewers: [a, b], n, observed: 1, expected: 0.5, kappa: 1 }) as const;

  it('are all who decided, also without anything to compare; most to compare comes first', () => {
    const pairs = pairsOf({
      reviewers: [
        reviewer('anna', 'approve'),
        reviewer('ben', 'reject'),
        reviewer('cleo', 'needs-work'),
        reviewer('only-skips', 'skip'),
        reviewer('only-edits'),
      ],
      agreement: [pair('anna', 'ben', 1), pair('ben', 'cleo', 7)],
    });
    assert.deepEqual(
      pairs.map(({ reviewers, n, kappa }) => [...reviewers, n, kappa]),
      [
        ['ben', 'cleo', 7, 1],
        ['anna', 'ben', 1, 1],
        ['anna', 'cleo', 0, null],
      ],
    );
  });

  it('are none of one reviewer', () => {
    assert.deepEqual(pairsOf({ reviewers: [reviewer('anna', 'approve')], agreement: [] }), []);
  });
});

it('what the page says is looked at', () => {
  for (const notice of ['start', 'refresh', 'review']) assert.ok(isDashboardNotice({ notice }));
  assert.ok(isDashboardNotice({ notice: 'show', path: null }));
  assert.ok(isDashboardNotice({ notice: 'show', path: '/x.jsonl' }));
  for (const other of [
    null,
    'start',
    {},
    { notice: 'run' },
    { notice: 'show' },
    { notice: 'show', path: 1 },
  ]) {
    assert.ok(!isDashboardNotice(other), JSON.stringify(other));
  }
});

describe('the statistics of a shard', () => {
  const never = new AbortController().signal;

  async function totalsOf(t: TestContext, path: string): Promise<ReviewStatistics & Totals> {
    const shard = await Shard.open(path, testClock());
    t.after(() => shard.close());
    const statistics = new Statistics();
    const untouched = await addStatistics(shard, statistics, never);
    return { checks: [], ...withUntouched(statistics.result(), untouched) };
  }

  it('hold every unit: the touched ones by their state, all others pending', async t => {
    const lines = Array.from({ length: 500 }, (_, row) => record(`r${row}`, `Nummer ${row}.`));
    const path = writeShard(tempFolder(t), [...lines, 'no record']);
    const [comment, ...decided] = [8, 3, 499, 7].map(row => lines[row]!);
    const { key } = unitOf(comment!);
    const at = (date: string) => ({ by: 'anna', at: `${date}T12:00:00.000Z` });
    writeReviews(path, at('2026-03-01'), [decisionOn(decided[0]!, 'approve')]);
    writeReviews(path, at('2026-03-02'), [
      decisionOn(decided[1]!, 'approve'),
      decisionOn(decided[2]!, 'reject', { reasons: ['meaning'] }),
      { key, line: 9, type: 'comment', text: 'Why?' },
    ]);
    const { units, states, languages, reviewers, days, reasons } = await totalsOf(t, path);
    assert.equal(units, 500);
    assert.deepEqual([states.approved, states.rejected, states.pending], [2, 1, 497]);
    assert.deepEqual(
      languages.map(({ lang, units: count }) => [lang, count]),
      [['de', 500]],
    );
    assert.deepEqual(
      reviewers.map(({ name, decisions, comments }) => [name, decisions.approve, decisions.reject, comments]),
      [['anna', 2, 1, 1]],
    );
    assert.deepEqual(
      days.map(each => [each.day, each.decisions, each.approved]),
      [
        [day('2026-03-01'), 1, 1],
        [day('2026-03-02'), 2, 1],
      ],
    );
    assert.deepEqual(reasons, [{ id: 'meaning', count: 1 }]);
  });

  it('are the same as those of reading every unit', async t => {
    const path = writeShard(tempFolder(t), [...LINES, record('r1', 'Ein Apfel.')]);
    const [apple, pear] = LINES;
    const blind = true;
    writeReviews(path, { by: 'anna' }, [decisionOn(apple!, 'approve', { blind }), decisionOn(pear!, 'skip')]);
    writeReviews(path, { by: 'ben' }, [decisionOn(apple!, 'reject', { blind })]);
    const totals = await totalsOf(t, path);
    const whole = new Statistics();
    await withShard(path, testClock(), {}, never, async shard => {
      for await (const loaded of shard.all()) {
        if ('reason' in loaded) continue;
        const { state, unit } = loaded;
        const events = shard.ledgers.eventsOf(unit.key);
        whole.add({ lang: unit.targetLang, state, events, policy: shard.policy });
      }
    });
    assert.deepEqual(totals, whole.result());
    // The key of the first row stands there twice, and what was done to it once.
    assert.equal(totals.states.disputed, 2);
    assert.deepEqual(
      totals.agreement.map(({ n }) => n),
      [1],
    );
  });

  it('of a file that nobody has reviewed are pending units only', async t => {
    const totals = await totalsOf(t, writeShard(tempFolder(t), LINES));
    assert.equal(totals.states.pending, 3);
    assert.deepEqual(totals.reviewers, []);
  });

  it('end when they are not wanted any more', async t => {
    const path = writeShard(tempFolder(t), LINES);
    const stop = new AbortController();
    const reason = new Error('not wanted');
    const reading = withShard(path, testClock(), {}, stop.signal, async shard => {
      stop.abort(reason);
      assert.ok(shard.closed.aborted, 'the file is closed at once');
      return addStatistics(shard, new Statistics(), stop.signal);
    });
    await assert.rejects(reading, reason);
    await assert.rejects(
      withShard(path, testClock(), {}, stop.signal, () => assert.fail('is not opened')),
      reason,
    );
  });

  it('say why a file has none', async t => {
    const path = join(tempFolder(t), 'empty.jsonl');
    writeFileSync(path, '');
    await assert.rejects(
      withShard(path, testClock(), {}, never, () => assert.fail('is no shard')),
      (error: unknown) => error instanceof UserError && error.said.id === 'file.empty',
    );
  });
});
