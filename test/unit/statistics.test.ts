import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DECISIONS, type DecideEvent, type Decision, type ReviewEvent } from '../../src/core/events';
import { factsOf } from '../../src/core/eventFacts';
import { foldUnit } from '../../src/core/fold';
import { DEFAULT_POLICY, type Policy } from '../../src/core/policy';
import type { UnitKey } from '../../src/core/record';
import { STATES, type State } from '../../src/core/states';
import { Statistics, type CountedUnit } from '../../src/core/statistics';
import { comment, decide, edit, print, undo } from '../helpers/builders';

/** A unit whose row has the text `R0`. */
function unit(
  events: readonly ReviewEvent[],
  { lang = 'de', policy = DEFAULT_POLICY, checks = [] as string[] } = {},
): CountedUnit {
  const facts = events.map(event => factsOf({ ...event, key: `r1@${lang}` as UnitKey }));
  const state = foldUnit(print('R0'), facts, policy);
  return { lang, state, events: facts, findings: checks.map(check => ({ check })), policy };
}

function count(...units: CountedUnit[]) {
  const statistics = new Statistics();
  for (const each of units) statistics.add(each);
  return statistics.result();
}

/** Noon of the day that is so many days after 1970. */
const on = <T extends ReviewEvent>(day: number, event: T): T => ({
  ...event,
  at: new Date((day + 0.5) * 86_400_000).toISOString(),
});
const states = (counts: Partial<Record<State, number>>) =>
  Object.fromEntries(STATES.map(state => [state, counts[state] ?? 0]));
const work = (counts: object) => ({ approve: 0, 'needs-work': 0, reject: 0, skip: 0, ...counts });
const blind = (by: string, decision: DecideEvent['decision'], text = 'R0'): DecideEvent => ({
  ...decide(by, decision, text),
  blind: true,
});

describe('statistics', () => {
  it('count units, work, reasons, checks and days', () => {
    const result = count(
      unit([], { checks: ['language-wrong'] }),
      unit([on(3, decide('bob', 'approve', 'R0')), on(3, comment('ann', 'Well done.'))]),
      unit([on(1, edit('ann', 'A')), on(4, decide('bob', 'approve', 'A')), on(2, comment('ann', 'Why?'))], {
        lang: 'fr',
        checks: ['language-mixed', 'language-wrong'],
      }),
      unit([
        on(1, { ...decide('ann', 'approve', 'R0'), reasons: ['fluency'] }),
        on(2, { ...decide('ann', 'reject', 'R0'), reasons: ['unsafe', 'term', 'term'] }),
        on(2, { ...decide('bob', 'needs-work', 'old'), reasons: ['term'] }),
      ]),
    );
    assert.deepEqual(result, {
      units: 4,
      states: states({ pending: 1, approved: 2, rejected: 1 }),
      languages: [
        { lang: 'de', units: 3, states: states({ pending: 1, approved: 1, rejected: 1 }) },
        { lang: 'fr', units: 1, states: states({ approved: 1 }) },
      ],
      reviewers: [
        { name: 'ann', edits: 1, decisions: work({ approve: 1, reject: 1 }), comments: 2, units: 3 },
        { name: 'bob', edits: 0, decisions: work({ approve: 2, 'needs-work': 1 }), comments: 0, units: 3 },
      ],
      reasons: [
        { id: 'term', count: 2 },
        { id: 'unsafe', count: 1 },
      ],
      checks: [
        { check: 'language-wrong', count: 2 },
        { check: 'language-mixed', count: 1 },
      ],
      days: [
        { day: 1, edits: 1, decisions: 1, approved: 0 },
        { day: 2, edits: 0, decisions: 2, approved: 0 },
        { day: 3, edits: 0, decisions: 1, approved: 1 },
        { day: 4, edits: 0, decisions: 1, approved: 1 },
      ],
      agreement: [],
      fleiss: { items: 0, raters: 0, leftOut: 0, observed: 0, expected: 0, kappa: null },
    });
  });

  it('leave out what its writer took back, and nothing else', () => {
    const said = comment('ann', 'No.');
    const rejected = decide('ann', 'reject', 'R0');
    const edited = edit('ann', 'A');
    const back = edit('ann', 'R0', { parents: [edited.id], undoes: edited.id });
    const { reviewers, days } = count(
      unit([said, rejected, edited, back, undo('ann', said), undo('ann', rejected)]),
      unit([rejected, undo('bob', rejected)]),
    );
    assert.deepEqual(reviewers, [
      { name: 'ann', edits: 0, decisions: work({ reject: 1 }), comments: 0, units: 2 },
      { name: 'bob', edits: 0, decisions: work({}), comments: 0, units: 1 },
    ]);
    assert.deepEqual(
      days.map(({ edits, decisions }) => [edits, decisions]),
      [[0, 1]],
    );
  });

  it('count the work on a unit once where its key stands on several rows', () => {
    const once = unit([blind('ann', 'approve'), blind('bob', 'approve'), comment('ann', 'Twice?')]);
    const { units, reviewers, agreement, ...rest } = count(once, { ...once, state: { ...once.state } });
    assert.deepEqual([units, rest.states.approved, rest.days[0]?.approved], [2, 2, 2]);
    assert.deepEqual(
      reviewers.map(each => [each.decisions.approve, each.comments, each.units]),
      [
        [1, 1, 1],
        [1, 0, 1],
      ],
    );
    assert.equal(agreement[0]?.n, 1);
  });

  it('put an approved unit on the day of the last approval that counts', () => {
    const policy: Policy = {
      ...DEFAULT_POLICY,
      lastEditorCounts: false,
      reviewers: { '*': ['ann', 'bob', 'cat'] },
    };
    const { days } = count(
      unit(
        [
          on(1, edit('ann', 'A')),
          on(2, decide('bob', 'approve', 'A')),
          on(3, decide('ann', 'approve', 'A')),
          on(4, decide('guest', 'approve', 'A')),
          on(5, decide('cat', 'approve', 'older text')),
        ],
        { policy },
      ),
    );
    assert.deepEqual(
      days.filter(({ approved }) => approved > 0).map(({ day }) => day),
      [2],
    );
  });

  it('do not put it on the day of an approval that was set aside', () => {
    const policy: Policy = { ...DEFAULT_POLICY, adjudicators: { '*': ['cat', 'dan'] } };
    const reasons = ['meaning'];
    const late = on(9, decide('bob', 'approve', 'R0'));
    const against = on(4, { ...decide('cat', 'reject', 'R0'), settles: [late.id], reasons });
    const settled = on(5, { ...decide('dan', 'approve', 'R0'), settles: [against.id], reasons });
    const { days } = count(unit([late, against, settled], { policy }));
    assert.deepEqual(
      days.filter(({ approved }) => approved > 0).map(({ day }) => day),
      [5],
    );
  });

  describe('of agreement', () => {
    const agreement = (...events: ReviewEvent[]) => count(unit(events)).agreement;

    it('take each two reviewers who decided blind on one text', () => {
      const result = count(
        ...Array.from({ length: 20 }, () => unit([blind('bob', 'approve'), blind('ann', 'approve')])),
        ...Array.from({ length: 5 }, () => unit([blind('ann', 'approve'), blind('bob', 'reject')])),
        ...Array.from({ length: 10 }, () => unit([blind('ann', 'reject'), blind('bob', 'approve')])),
        ...Array.from({ length: 15 }, () => unit([blind('ann', 'reject'), blind('bob', 'reject')])),
        unit([blind('cat', 'approve'), blind('ann', 'needs-work')]),
      );
      // 35 of 50 equal; Ann approves 25, Bob 30 of 50: by chance 0.5 * 0.6 + 0.5 * 0.4.
      const [both, other, ...more] = result.agreement;
      assert.deepEqual(
        [both?.reviewers, both?.n, both?.observed, both?.expected],
        [['ann', 'bob'], 50, 0.7, 0.5],
      );
      assert.ok(Math.abs((both?.kappa ?? 0) - 0.4) < 1e-12);
      assert.deepEqual(other, { reviewers: ['ann', 'cat'], n: 1, observed: 0, expected: 0, kappa: 0 });
      assert.deepEqual(more, []);
    });

    it('take three reviewers as three pairs', () => {
      const pairs = agreement(blind('cat', 'approve'), blind('ann', 'approve'), blind('bob', 'reject'));
      assert.deepEqual(
        pairs.map(({ reviewers, observed }) => [...reviewers, observed]),
        [
          ['ann', 'bob', 0],
          ['ann', 'cat', 1],
          ['bob', 'cat', 0],
        ],
      );
    });

    it('take all reviewers together over the texts that equally many decided on', () => {
      const three = (a: Decision, b: Decision, c: Decision) =>
        unit([blind('ann', a), blind('bob', b), blind('cat', c)]);
      const { fleiss } = count(
        three('approve', 'approve', 'approve'),
        three('approve', 'approve', 'reject'),
        three('reject', 'reject', 'reject'),
        unit([blind('ann', 'approve'), blind('bob', 'approve')]),
        unit([blind('ann', 'approve'), decide('bob', 'approve', 'R0')]),
      );
      // Agreeing pairs: 3 + 1 + 3 of 9. Of nine ratings five approve and four reject: by chance (25 + 16) / 81.
      const [observed, expected] = [7 / 9, 41 / 81];
      assert.deepEqual([fleiss.items, fleiss.raters, fleiss.leftOut], [3, 3, 1]);
      assert.ok(Math.abs((fleiss.kappa ?? 0) - (observed - expected) / (1 - expected)) < 1e-12);
    });

    it('leave out what was decided on sight of the other, on another text, or not at all', () => {
      assert.deepEqual(agreement(blind('ann', 'approve'), decide('bob', 'approve', 'R0')), []);
      assert.deepEqual(agreement(blind('ann', 'approve'), blind('bob', 'approve', 'R1')), []);
      assert.deepEqual(agreement(blind('ann', 'approve'), blind('bob', 'skip')), []);
      assert.deepEqual(agreement(blind('ann', 'approve'), blind('ann', 'reject')), []);
    });

    it('take the first that each one said of a text', () => {
      const first = [blind('ann', 'approve'), blind('bob', 'approve')];
      const [pair] = agreement(...first, decide('bob', 'reject', 'R0'));
      assert.deepEqual([pair?.n, pair?.observed], [1, 1]);
      assert.deepEqual(
        agreement(blind('ann', 'approve'), decide('bob', 'reject', 'R0'), blind('bob', 'reject')),
        [],
      );
      // Both texts of one unit.
      assert.equal(agreement(...first, blind('ann', 'reject', 'R1'), blind('bob', 'reject', 'R1'))[0]?.n, 2);
      // A skip says nothing of the text.
      assert.equal(
        agreement(blind('ann', 'approve'), decide('bob', 'skip', 'R0'), blind('bob', 'reject'))[0]?.n,
        1,
      );
    });

    it('take nothing of who took the first back, and may have seen the other since', () => {
      const first = blind('bob', 'reject');
      const events = [blind('ann', 'approve'), first, undo('bob', first)];
      assert.deepEqual(agreement(...events), []);
      assert.deepEqual(agreement(...events, blind('bob', 'approve')), []);
    });
  });

  describe('of any histories', () => {
    const PEOPLE = ['ann', 'bob', 'cat', '__proto__'];
    const TEXTS = ['R0', 'A', 'B'];
    const step = fc.record({
      by: fc.constantFrom(...PEOPLE),
      what: fc.constantFrom('edit', 'decide', 'comment', 'undo'),
      decision: fc.constantFrom(...DECISIONS),
      text: fc.constantFrom(...TEXTS),
      day: fc.integer({ min: 0, max: 5 }),
      isBlind: fc.boolean(),
      pick: fc.nat(),
      reason: fc.constantFrom('term', 'meaning', '__proto__'),
    });
    const policies = fc.constantFrom<Policy>(
      DEFAULT_POLICY,
      { ...DEFAULT_POLICY, approvals: 2, lastEditorCounts: false },
      { ...DEFAULT_POLICY, reviewers: { '*': ['ann', 'bob'] }, adjudicators: { de: ['cat'] } },
    );
    const units = fc.array(
      fc.record({
        lang: fc.constantFrom('de', 'fr', 'zh-Hant'),
        steps: fc.array(step, { maxLength: 8 }),
        checks: fc.array(fc.constantFrom('language-wrong', 'toString'), { maxLength: 2 }),
        policy: policies,
      }),
      { maxLength: 8 },
    );
    type Plan = typeof units extends fc.Arbitrary<(infer U)[]> ? U : never;

    function build({ lang, steps, checks, policy }: Plan): CountedUnit {
      const events: ReviewEvent[] = [];
      for (const { by, what, decision, text, day, isBlind, pick, reason } of steps) {
        const known = events[pick % Math.max(1, events.length)];
        if (what === 'edit') events.push(on(day, edit(by, text)));
        else if (what === 'comment') events.push(on(day, comment(by, text)));
        else if (what === 'undo' && known) events.push(on(day, undo(by, known)));
        else {
          const made = { ...decide(by, decision, text), reasons: [reason] };
          events.push(on(day, isBlind ? { ...made, blind: true } : made));
        }
      }
      return unit(events, { lang, policy, checks });
    }

    it('do not depend on the order of units or events', () => {
      fc.assert(
        fc.property(units, fc.infiniteStream(fc.nat()), (plans, random) => {
          const shuffled = <T>(list: readonly T[]): T[] =>
            list
              .map(each => [random.next().value, each] as const)
              .sort(([a], [b]) => a - b)
              .map(([, each]) => each);
          const built = plans.map(build);
          const other = shuffled(built).map(each => ({ ...each, events: shuffled(each.events) }));
          assert.deepEqual(count(...other), count(...built));
        }),
      );
    });

    it('have sums that agree', () => {
      fc.assert(
        fc.property(units, plans => {
          const built = plans.map(build);
          const result = count(...built);
          const sum = (counts: readonly number[]) => counts.reduce((total, each) => total + each, 0);
          const { reviewers, days, languages } = result;
          assert.equal(result.units, built.length);
          assert.equal(sum(Object.values(result.states)), built.length);
          assert.equal(sum(languages.map(each => each.units)), built.length);
          for (const language of languages) assert.equal(sum(Object.values(language.states)), language.units);
          for (const state of STATES)
            assert.equal(sum(languages.map(each => each.states[state])), result.states[state]);
          assert.equal(sum(days.map(each => each.approved)), result.states.approved);
          assert.equal(sum(days.map(each => each.edits)), sum(reviewers.map(each => each.edits)));
          assert.equal(
            sum(days.map(each => each.decisions)),
            sum(reviewers.flatMap(each => Object.values(each.decisions))),
          );
          assert.equal(
            sum(result.checks.map(each => each.count)),
            sum(plans.map(each => each.checks.length)),
          );
          assert.equal(
            sum(reviewers.map(each => each.comments)),
            sum(built.map(each => each.state.comments.length)),
          );
          assert.equal(
            sum(result.reasons.map(each => each.count)),
            sum(built.map(each => each.state.decisions.length)),
          );
          for (const { name, units } of reviewers) {
            const touched = built.filter(each => each.events.some(event => event.by === name));
            assert.equal(units, touched.length);
          }
          for (const { reviewers: pair, n, observed } of result.agreement) {
            assert.ok(pair[0] < pair[1] && n > 0 && observed >= 0 && observed <= 1);
          }
        }),
      );
    });
  });
});
