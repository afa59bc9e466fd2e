import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DECISIONS, eventsOf, type ReviewEvent } from '../../src/core/events';
import { byOrder, factsOf, type LinePlace } from '../../src/core/eventFacts';
import { asPart, assign, bulk, comment, decide, edit, ids, ignore, print, undo } from '../helpers/builders';

const SECRET = 'a text that only the ledger keeps';
const PLACE: LinePlace = { file: '/reviews/ann/aaaaaa.jsonl', from: 120, length: 345 };
const one = ids('E1')[0]!;

/** What is known of any event: who, on what, in which order, on which day, and where its line is. */
const commonOf = ({ id, seq, by, key, line }: ReviewEvent) => ({
  id,
  seq,
  by,
  key,
  line,
  day: 20_454,
  ...PLACE,
});
const AT = '2026-01-01T23:59:59.999Z';
const facts = (event: ReviewEvent) => factsOf({ ...event, at: AT }, PLACE);

describe('what is kept of an event', () => {
  it('of an edit: its place in the graph, the texts it names by their hashes, and whether the source is one', () => {
    const made = edit('ann', 'T1', {
      parents: ids('E1', 'E2'),
      candidate: { model: SECRET, parameters: { seed: 1 }, prompt: 'ab'.repeat(8) },
      fields: [{ side: 'target', name: 'output', text: SECRET }],
    });
    const kept = { type: 'edit', parents: ids('E1', 'E2'), base: print('R0'), result: print('T1') };
    assert.deepEqual(facts(made), { ...commonOf(made), ...kept });
    const both = edit('ann', 'T1', {
      fields: [
        { side: 'target', name: 'output', text: SECRET },
        { side: 'source', name: 'output', text: SECRET },
      ],
      settles: ids('E1'),
      undoes: one,
      redoes: one,
    });
    assert.deepEqual(facts(both), {
      ...commonOf(both),
      ...{ ...kept, parents: [], source: true, settles: ids('E1'), undoes: one, redoes: one },
    });
    assert.deepEqual(facts(edit('ann', 'T1', { fields: [] })).type, 'edit');
  });

  it('of a decision: what was decided on which text, why, having seen what', () => {
    const made = decide('ann', 'reject', 'T1', [], {
      head: ids('E1'),
      reasons: ['term', 'fluency'],
      settles: ids('E2'),
      blind: true,
      note: SECRET,
      target: [['output', SECRET]],
      redoes: one,
    });
    assert.deepEqual(facts(made), {
      ...commonOf(made),
      type: 'decide',
      decision: 'reject',
      fingerprint: print('T1'),
      head: ids('E1'),
      reasons: ['term', 'fluency'],
      settles: ids('E2'),
      blind: true,
      redoes: one,
    });
    const plain = decide('ann', 'skip', 'T1');
    assert.deepEqual(facts(plain), {
      ...commonOf(plain),
      ...{ type: 'decide', decision: 'skip', fingerprint: print('T1'), head: [] },
    });
  });

  it('of a decision that settles: what it sets aside, only where it says why', () => {
    const settles = ids('E2');
    const settled = (more: object) => {
      const kept = facts(decide('ann', 'approve', 'T1', [], { settles, ...more }));
      return kept.type === 'decide' ? kept.settles : [];
    };
    assert.deepEqual(settled({ reasons: ['term'] }), settles);
    assert.deepEqual(settled({ note: 'As the glossary says.' }), settles);
    assert.equal(settled({}), undefined);
    assert.equal(settled({ note: '' }), undefined);
  });

  it('of a comment: its thread and what it resolves', () => {
    const first = comment('ann', SECRET);
    assert.deepEqual(facts(first), { ...commonOf(first), type: 'comment', thread: undefined, resolves: [] });
    const answer = comment('bob', SECRET, { thread: first.id, resolves: [first.id], redoes: one });
    assert.deepEqual(facts(answer), {
      ...commonOf(answer),
      ...{ type: 'comment', thread: first.id, resolves: [first.id], redoes: one },
    });
  });

  it('of a finding set aside: which one, of which text', () => {
    const made = { ...ignore('ann', 'language-wrong', 'T1'), reason: SECRET };
    assert.deepEqual(facts(made), {
      ...commonOf(made),
      ...{ type: 'ignore', check: 'language-wrong', side: 'target', field: 'output', text: print('T1') },
    });
  });

  it('of an assignment: to whom, in place of which', () => {
    const before = assign('ann', 'bob');
    const made = assign('ann', 'cy', [before]);
    assert.deepEqual(facts(made), { ...commonOf(made), type: 'assign', to: 'cy', replaces: [before.id] });
    const nobody = assign('ann', '');
    assert.deepEqual(facts(nobody), { ...commonOf(nobody), type: 'assign', to: '', replaces: [] });
  });

  it('of an undo: what it takes back', () => {
    const made = undo('ann', comment('ann', SECRET));
    assert.deepEqual(facts(made), { ...commonOf(made), type: 'undo', undoes: made.undoes });
  });

  it('of parts of a bulk: each by itself, all on one line', () => {
    const parts = [comment('ann', SECRET), decide('ann', 'approve', 'T1')];
    const line = bulk('ann', parts.map(asPart));
    const kept = eventsOf(line).map(event => factsOf(event, PLACE));
    assert.deepEqual(
      kept.map(({ id, seq, type, from }) => [id, seq, type, from]),
      [
        [`${line.id}x0`, line.seq, 'comment', PLACE.from],
        [`${line.id}x1`, line.seq, 'decide', PLACE.from],
      ],
    );
  });
});

const name = fc.constantFrom('ann', 'bob');
const hash = fc.constantFrom('R0', 'A').map(print);
const id = fc.constantFrom(...ids('E1', 'E2', 'E3'));
const some = fc.array(id, { maxLength: 3 });
const text = fc.constantFrom('', SECRET);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const shared = { redoes: optional(id) };
const anyEvent = fc
  .oneof(
    fc
      .record({
        ...shared,
        by: name,
        parents: some,
        result: hash,
        settles: optional(some),
        undoes: optional(id),
        text,
      })
      .map(({ by, text, ...more }) => ({
        ...edit(by, 'x'),
        ...more,
        fields: [{ side: 'source', name: 'output', text }],
      })),
    fc
      .record({
        ...{ ...shared, by: name, decision: fc.constantFrom(...DECISIONS), fingerprint: hash, head: some },
        ...{ settles: optional(some), blind: optional(fc.constant(true)), note: optional(text) },
        reasons: fc.constantFrom([], ['term']),
      })
      .map(each => ({ ...decide(each.by, each.decision, 'x'), ...each })),
    fc
      .record({ ...shared, by: name, text, thread: optional(id), resolves: optional(some) })
      .map(each => ({ ...comment(each.by, ''), ...each })),
    fc
      .record({ ...shared, by: name, reason: text })
      .map(each => ({ ...ignore(each.by, 'language-wrong', 'T1'), ...each })),
    fc
      .record({ ...shared, by: name, to: fc.constantFrom('', 'bob'), replaces: some })
      .map(each => ({ ...assign(each.by, ''), ...each })),
    fc
      .record({ ...shared, by: name, undoes: id })
      .map(each => ({ ...undo(each.by, comment('ann', '')), ...each })),
  )
  .map(event => event as unknown as ReviewEvent);

describe('the facts of any event', () => {
  it('are those of what comes back from its line', () => {
    fc.assert(
      fc.property(anyEvent, event => {
        const back = JSON.parse(JSON.stringify(event)) as ReviewEvent;
        assert.deepEqual(factsOf(back, PLACE), factsOf(event, PLACE));
      }),
    );
  });

  it('hold no text: neither one of the record, nor what a reviewer wrote', () => {
    fc.assert(
      fc.property(anyEvent, event => {
        assert.ok(!JSON.stringify(factsOf(event, PLACE)).includes(SECRET));
      }),
    );
  });

  it('have one list in place of all empty ones, and nothing that an event does not say', () => {
    fc.assert(
      fc.property(anyEvent, event => {
        const kept: Record<string, unknown> = { ...factsOf(event, PLACE) };
        const empty = Object.values(kept).filter(each => Array.isArray(each) && each.length === 0);
        // What it settles is rare, and kept as it came.
        const lists = empty.filter(each => each !== kept['settles']);
        assert.ok(new Set(lists).size <= 1);
        for (const rare of ['redoes', 'settles', 'undoes', 'blind'])
          assert.ok(!Object.hasOwn(kept, rare) || kept[rare] !== undefined, rare);
      }),
    );
  });
});

describe('the day of an event', () => {
  const dayOf = (at: string) => factsOf({ ...comment('ann', 'x'), at }).day;

  it('is that of its time in UTC, in whatever zone it is read', () => {
    const times = fc.date({
      min: new Date('0000-01-01'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 5 }), dates => {
        for (const date of dates)
          assert.equal(dayOf(date.toISOString()), Math.floor(date.getTime() / 86_400_000));
      }),
    );
  });

  it('is 0 for what is no time, never one that this machine’s zone makes of it', () => {
    for (const at of [
      '',
      'yesterday',
      '1 Jan 2025',
      '2025',
      '1/1/2025',
      'é2025-01-01',
      '2025-13-01',
      'May 5, 95',
    ])
      assert.equal(dayOf(at), 0, at);
  });
});

describe('the order of events', () => {
  it('is by counter, then by id, and the same from both sides', () => {
    const order = fc.record({ seq: fc.nat(3), id: fc.constantFrom(...ids('A', 'B', 'a', 'AA')) });
    fc.assert(
      fc.property(order, order, (a, b) => {
        assert.equal(Math.sign(byOrder(a, b)), 0 - Math.sign(byOrder(b, a)));
        assert.equal(byOrder(a, b) === 0, a.seq === b.seq && a.id === b.id);
        if (a.seq < b.seq) assert.ok(byOrder(a, b) < 0);
        if (a.seq === b.seq && a.id < b.id) assert.ok(byOrder(a, b) < 0);
      }),
    );
  });
});
