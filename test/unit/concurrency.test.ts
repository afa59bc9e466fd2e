import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeEvent, eventsOf, type EditEvent, type EventId, type ReviewEvent } from '../../src/core/events';
import { factsOf, type EventFacts } from '../../src/core/eventFacts';
import { EventSet } from '../../src/core/eventSet';
import { foldUnit, textAt, type UnitState } from '../../src/core/fold';
import type { Policy } from '../../src/core/policy';
import type { Unit, UnitKey } from '../../src/core/record';
import { STATES, type State } from '../../src/core/states';
import type { Ledgers } from '../../src/io/ledger';
import { anyHistory, anyPolicy, KEYS, linesOf, play, printOf, rowsOf, type Line } from '../helpers/history';
import { inTempFolder, ledgersOf, place } from '../helpers/shardFixture';

/** Of a unit: its events as they were written. */
const eventsIn = (lines: readonly Line[], key: UnitKey): ReviewEvent[] =>
  lines.flatMap(({ event }) => eventsOf(event)).filter(event => event.key === key);

const factsIn = (lines: readonly Line[], key: UnitKey) => eventsIn(lines, key).map(event => factsOf(event));

/** The same in another order, with some of them twice. */
function shuffled<T>(all: readonly T[]): fc.Arbitrary<T[]> {
  const whole = (list: readonly T[]) =>
    fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });
  return fc.subarray([...all]).chain(more => whole([...all, ...more]));
}

/** What becomes of a unit where its events are met in this order. */
function stateOf(row: Unit, facts: readonly EventFacts[], policy: Policy): UnitState {
  const set = new EventSet();
  for (const each of facts) set.add(each);
  return foldUnit(printOf(row), set.eventsOf(row.key), policy);
}

/** Edits that nobody saw, and that nobody who looks at the unit now is shown. */
function lost(events: readonly ReviewEvent[], { state, current, heads, proposals, fingerprint }: UnitState) {
  const seen = new Set(
    events.flatMap(event =>
      event.type === 'edit' ? event.parents : event.type === 'decide' ? event.head : [],
    ),
  );
  const isOffered = state === 'conflict' || state === 'stale';
  const shown = new Set(
    [...(current ? [current] : []), ...(isOffered ? heads : []), ...proposals].map(({ id }) => id),
  );
  const edits = events.filter(event => event.type === 'edit');
  // What takes something back, to a text that there was before, brings nothing that could be lost.
  const bringsNothing = (edit: EditEvent) =>
    edit.undoes !== undefined &&
    (edit.base === edit.result ||
      edits.some(({ id, base, result }) => id !== edit.id && [base, result].includes(edit.result)));
  const byId = new Map(edits.map(edit => [edit.id, edit]));
  // Who takes back an edit of their own has seen it, also where they stood on another one of the same text.
  for (const edit of edits) {
    const undone = edit.undoes === undefined ? undefined : byId.get(edit.undoes);
    if (undone?.by === edit.by && bringsNothing(edit)) seen.add(undone.id);
  }
  return edits.filter(
    edit => !seen.has(edit.id) && !shown.has(edit.id) && edit.result !== fingerprint && !bringsNothing(edit),
  );
}

describe('promise: the state is the same whatever the order of files, lines and merges', () => {
  it('holds on every clone, once each has merged all others in an order of its own', () => {
    const merged = anyHistory.chain(history => {
      const clones = play(history);
      return fc.record({
        policy: fc.oneof(fc.constant(history.policy), anyPolicy),
        clones: fc.constant(clones),
        orders: fc.tuple(...clones.map(() => shuffled(clones))),
      });
    });
    fc.assert(
      fc.property(merged, ({ policy, clones, orders }) => {
        const lines = linesOf(clones);
        for (const [at, order] of orders.entries()) {
          const clone = clones[at]!;
          for (const other of order) clone.pull(other);
          // What a clone takes from another one that has merged already may come in any order.
          assert.equal(clone.lines.size, lines.length);
        }
        for (const key of KEYS) {
          for (const row of rowsOf(clones, key)) {
            const [first, ...others] = clones.map(clone => stateOf(row, clone.facts(key), policy));
            for (const other of others) assert.deepEqual(other, first);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('holds for every order of the same events, some of them repeated', () => {
    const reordered = anyHistory.chain(history => {
      const clones = play(history);
      return fc.record({
        policy: fc.oneof(fc.constant(history.policy), anyPolicy),
        rows: fc.constant(KEYS.flatMap(key => rowsOf(clones, key))),
        lines: fc.constant(linesOf(clones)),
        again: shuffled(linesOf(clones)),
      });
    });
    fc.assert(
      fc.property(reordered, ({ policy, rows, lines, again }) => {
        for (const row of rows) {
          const before = stateOf(row, factsIn(lines, row.key), policy);
          assert.deepEqual(stateOf(row, factsIn(again, row.key), policy), before);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('promise: no edit that nobody saw is ever lost', () => {
  it('holds on every clone at every time, under any policy, for any text that the row has by then', () => {
    fc.assert(
      fc.property(anyHistory, anyPolicy, (history, later) => {
        const clones = play(history);
        const lines = linesOf(clones);
        for (const key of KEYS) {
          const known = [...clones.map(clone => [...clone.events(key).values()]), eventsIn(lines, key)];
          for (const row of rowsOf(clones, key)) {
            for (const events of known) {
              const facts = events.map(event => factsOf(event));
              for (const policy of [history.policy, later])
                assert.deepEqual(lost(events, foldUnit(printOf(row), facts, policy)), []);
            }
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('would be seen to be broken by a fold that drops a rival, a proposal or an offer', () => {
    const found = { rival: 0, proposal: 0, offer: 0 };
    for (const history of fc.sample(anyHistory, { seed: 1, numRuns: 500 })) {
      const clones = play(history);
      const lines = linesOf(clones);
      for (const row of KEYS.flatMap(key => rowsOf(clones, key))) {
        const events = eventsIn(lines, row.key);
        const state = stateOf(row, factsIn(lines, row.key), history.policy);
        const breaks = (broken: Partial<UnitState>) => lost(events, { ...state, ...broken }).length > 0;
        if (state.state === 'conflict' && breaks({ heads: state.heads.slice(1) })) found.rival++;
        if (breaks({ proposals: state.proposals.slice(1) })) found.proposal++;
        if (state.state === 'stale' && breaks({ heads: state.heads.slice(1) })) found.offer++;
      }
    }
    for (const [what, count] of Object.entries(found)) assert.ok(count >= 10, `${what}: ${count}`);
  });
});

describe('the text that is shown', () => {
  // An edit that brings together texts of different rows may be another text on each: that is known, and a conflict, once
  // its texts are read (src/units.ts).
  const inOneFile = anyHistory.map(history => ({
    ...history,
    steps: history.steps.filter(({ act }) => act !== 'row' && act !== 'apply'),
  }));

  it('is the one that is decided on', () => {
    fc.assert(
      fc.property(inOneFile, anyPolicy, (history, later) => {
        const clones = play(history);
        const lines = linesOf(clones);
        for (const row of KEYS.flatMap(key => rowsOf(clones, key))) {
          const events = eventsIn(lines, row.key);
          const texts = new Map(events.map(event => [event.id, event]));
          for (const policy of [history.policy, later]) {
            const { current, fingerprint } = stateOf(row, factsIn(lines, row.key), policy);
            const [source, target] = (['source', 'target'] as const).map(side =>
              textAt(row, side, current, texts),
            );
            assert.equal(printOf({ source: source!, target: target! }), fingerprint);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the histories', () => {
  it('lead to every state, and hold every kind of event', () => {
    const states = new Set<State>();
    const kinds = new Set<string>();
    for (const history of fc.sample(anyHistory, { seed: 1, numRuns: 500 })) {
      const clones = play(history);
      for (const { event } of linesOf(clones)) {
        kinds.add(event.type);
        for (const each of eventsOf(event)) {
          for (const [name, value] of Object.entries(each)) {
            if (Array.isArray(value) && value.length > 0) kinds.add(`${each.type}.${name}`);
            else if (['undoes', 'redoes', 'thread', 'blind'].includes(name))
              kinds.add(`${each.type}.${name}`);
          }
        }
      }
      for (const clone of clones) {
        for (const key of KEYS) states.add(stateOf(clone.row(key), clone.facts(key), history.policy).state);
      }
    }
    // What is accepted by sample is no state of a fold.
    assert.deepEqual([...states].sort(), STATES.filter(state => state !== 'accepted-by-sample').toSorted());
    const types = ['assign', 'bulk', 'comment', 'decide', 'edit', 'ignore', 'undo'];
    const members = [
      ...['assign.redoes', 'assign.replaces', 'comment.redoes', 'comment.resolves', 'comment.thread'],
      ...[
        'decide.blind',
        'decide.head',
        'decide.reasons',
        'decide.redoes',
        'decide.settles',
        'decide.target',
      ],
      ...[
        'edit.fields',
        'edit.parents',
        'edit.redoes',
        'edit.settles',
        'edit.undoes',
        'ignore.redoes',
        'undo.undoes',
      ],
    ];
    assert.deepEqual([...kinds].sort(), [...types, ...members].sort());
  });
});

/** The same lines, each reviewer's in any of their files, in any order, some more than once. */
interface Layout {
  readonly files: readonly {
    readonly by: string;
    readonly name: string;
    readonly lines: readonly string[];
  }[];
  readonly lineEnd: '\n' | '\r\n';
  /** Whether the last line of each file has its end. */
  readonly isEnded: boolean;
}

const MARKS = ['<<<<<<< HEAD', '=======', '>>>>>>> theirs'];
const NOTHING = ['', ' '];

function anyLayout(lines: readonly Line[]): fc.Arbitrary<Layout> {
  const files = shuffled(lines).chain(all =>
    fc.array(fc.nat(2), { minLength: all.length, maxLength: all.length }).chain(which => {
      const names = new Map<string, { by: string; name: string; lines: string[] }>();
      for (const [at, { by, event }] of all.entries()) {
        const path = `${by}/${which[at]}`;
        const file = names.get(path) ?? { by, name: `part${which[at]}.jsonl`, lines: [] };
        names.set(path, file);
        file.lines.push(encodeEvent(event));
      }
      return fc.tuple(
        ...[...names.values()].map(file =>
          fc
            .array(fc.tuple(fc.nat(file.lines.length), fc.constantFrom(...MARKS, ...NOTHING)), {
              maxLength: 3,
            })
            .map(more => {
              const mixed = [...file.lines];
              for (const [at, line] of more) mixed.splice(at, 0, line);
              return { ...file, lines: mixed };
            }),
        ),
      );
    }),
  );
  return fc.record({ files, lineEnd: fc.constantFrom('\n', '\r\n'), isEnded: fc.boolean() });
}

function writeLayout(folder: string, { files, lineEnd, isEnded }: Layout): void {
  for (const { by, name, lines } of files) {
    const path = join(folder, by, name);
    mkdirSync(dirname(path), { recursive: true });
    // What is no event and has no end may still become one: nothing is said of it yet.
    const end = isEnded || MARKS.includes(lines.at(-1) ?? '') ? lineEnd : '';
    writeFileSync(path, lines.join(lineEnd) + end);
  }
}

const ascending = (a: number, b: number) => a - b;
const marksIn = ({ files }: Layout) =>
  files
    .flatMap(({ lines }) => lines.flatMap((line, at) => (MARKS.includes(line) ? [at + 1] : [])))
    .sort(ascending);

/** What is known of an event besides where its line stands. */
const placeless = (facts: EventFacts): EventFacts => ({ ...facts, file: '', from: 0, length: 0 });
const byId = (a: { id: EventId }, b: { id: EventId }) => (a.id < b.id ? -1 : 1);

async function assertHolds(ledgers: Ledgers, lines: readonly Line[], rows: readonly Unit[], policy: Policy) {
  for (const key of KEYS) {
    const events = eventsIn(lines, key).sort(byId);
    const facts = ledgers.eventsOf(key).toSorted(byId);
    assert.deepEqual(
      facts.map(placeless),
      events.map(event => factsOf(event)),
    );
    const texts = await ledgers.read(facts);
    assert.deepEqual([...texts.values()].sort(byId), events);
    for (const row of rows.filter(each => each.key === key)) {
      const state = foldUnit(printOf(row), ledgers.eventsOf(key).map(placeless), policy);
      assert.deepEqual(state, stateOf(row, factsIn(lines, key), policy));
    }
  }
}

describe('the same lines in other files', () => {
  const laidOut = anyHistory.chain(history => {
    const clones = play(history);
    const lines = linesOf(clones);
    return fc.record({
      policy: fc.constant(history.policy),
      rows: fc.constant(KEYS.flatMap(key => rowsOf(clones, key))),
      lines: fc.constant(lines),
      first: anyLayout(lines),
      second: anyLayout(lines),
    });
  });

  it('give the same events, states and texts: shuffled, repeated, half merged, CRLF, without the last line’s end', async () => {
    await fc.assert(
      fc.asyncProperty(laidOut, ({ policy, rows, lines, first }) =>
        inTempFolder(async folder => {
          const { shard } = place(folder);
          const ledgers = ledgersOf(shard);
          writeLayout(ledgers.folder, first);
          await ledgers.refresh();
          await assertHolds(ledgers, lines, rows, policy);
          const problems = ledgers.problems.filter(({ reason }) => reason.id === 'event.conflictMark');
          assert.equal(problems.length, ledgers.problems.length);
          assert.deepEqual(problems.map(({ line }) => line).sort(ascending), marksIn(first));
        }),
      ),
      { numRuns: 100 },
    );
  });

  it('give the same while open: files renamed, and others with the same lines beside them', async () => {
    await fc.assert(
      fc.asyncProperty(laidOut, ({ policy, rows, lines, first, second }) =>
        inTempFolder(async folder => {
          const { shard } = place(folder);
          const ledgers = ledgersOf(shard);
          writeLayout(ledgers.folder, first);
          await ledgers.refresh();
          for (const { by, name } of first.files)
            renameSync(join(ledgers.folder, by, name), join(ledgers.folder, by, `renamed-${name}`));
          await ledgers.refresh();
          await assertHolds(ledgers, lines, rows, policy);
          writeLayout(ledgers.folder, second);
          await ledgers.refresh();
          await assertHolds(ledgers, lines, rows, policy);
        }),
      ),
      { numRuns: 50 },
    );
  });
});
