import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeEvent, type EventId, type ReviewEvent } from '../../src/core/events';
import { byOrder, factsOf, type EventFacts } from '../../src/core/eventFacts';
import { EventSet } from '../../src/core/eventSet';
import type { UnitKey } from '../../src/core/record';
import { comment, decide } from '../helpers/builders';

const keys = ['a@de', 'b@de', 'c@de'] as UnitKey[];
const reviewers = ['anna', 'bela'];

/** An event as it was read from a line at this place. */
const readFrom = (event: ReviewEvent, file = 'a', from = 0): EventFacts =>
  factsOf(event, { file, from, length: Buffer.byteLength(encodeEvent(event)) });

/** Few ids, so that several events of a unit have the same one. */
const anyFacts = fc
  .record({
    id: fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F', 'G'),
    seq: fc.nat(2),
    by: fc.constantFrom(...reviewers),
    key: fc.constantFrom(...keys),
    text: fc.constantFrom('x', 'y', 'ä'),
    file: fc.constantFrom('a', 'b'),
    from: fc.nat(3),
  })
  .map(({ file, from, ...more }) =>
    readFrom({ ...comment('anna', ''), at: '2025-01-01', ...more } as ReviewEvent, file, from),
  );
/** More in one unit than are looked through one by one. */
const manyFacts = fc
  .array(fc.record({ id: fc.nat(30), seq: fc.nat(2), from: fc.nat(3) }), { minLength: 20, maxLength: 80 })
  .map(all =>
    all.map(({ id, seq, from }) =>
      readFrom(
        { ...decide('anna', 'skip', 'R0'), at: '2025-01-01', seq, id: `E${id}` as EventId },
        'a',
        from,
      ),
    ),
  );

function filled(events: readonly EventFacts[]): EventSet {
  const set = new EventSet();
  for (const event of events) set.add({ ...event });
  return set;
}

/** What the line of an event says, wherever it stands, and where it stands. */
const lineOf = (event: EventFacts) => JSON.stringify({ ...event, file: undefined, from: undefined });
const placeOf = ({ file, from }: EventFacts) => `${file} ${from}`;

/** Of those of one unit with one id one line, and of its places the first one. */
function naive(events: readonly EventFacts[]): EventFacts[] {
  const kept = new Map<string, EventFacts>();
  for (const event of events) {
    const known = kept.get(`${event.key} ${event.id}`);
    const [ours, theirs] = [known ? lineOf(known) : '', lineOf(event)];
    if (!known || theirs < ours || (theirs === ours && placeOf(event) < placeOf(known)))
      kept.set(`${event.key} ${event.id}`, event);
  }
  return [...kept.values()].sort(inAll);
}
const inAll = (a: EventFacts, b: EventFacts) => byOrder(a, b) || (a.key < b.key ? -1 : 1);

const contents = (set: EventSet, units: readonly UnitKey[]) => ({
  all: [...set.all()].sort(inAll),
  size: set.size,
  byKey: units.map(key => [...set.eventsOf(key)].sort(byOrder)),
  byId: Array.from(set.all(), event => set.get(event.key, event.id)).sort((a, b) => inAll(a!, b!)),
  byReviewer: reviewers.map(by => [...set.eventsBy(by)].sort(inAll)),
  keys: [...set.keys].sort(),
  has: units.map(key => set.has(key)),
});

describe('a set of events', () => {
  it('holds the same whatever came first: of one id in a unit one line, of its places the first', () => {
    const events = fc.oneof(fc.array(anyFacts, { maxLength: 12 }), manyFacts);
    const twice = events.chain(each =>
      fc.tuple(fc.constant(each), fc.shuffledSubarray(each, { minLength: each.length })),
    );
    fc.assert(
      fc.property(twice, ([events, shuffled]) => {
        const all = naive(events);
        const units = [...new Set([...keys, ...events.map(event => event.key)])];
        const expected = {
          all,
          size: all.length,
          byKey: units.map(key => all.filter(event => event.key === key)),
          byId: all,
          byReviewer: reviewers.map(by => all.filter(event => event.by === by)),
          keys: units.filter(key => all.some(event => event.key === key)).sort(),
          has: units.map(key => all.some(event => event.key === key)),
        };
        assert.deepEqual(contents(filled(events), units), expected);
        assert.deepEqual(contents(filled(shuffled), units), expected);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the order of a reviewer when asked between events', () => {
    const met = fc.uniqueArray(anyFacts, { selector: event => event.id });
    fc.assert(
      fc.property(met, events => {
        const set = new EventSet();
        for (const [index, event] of events.entries()) {
          set.add({ ...event });
          for (const by of reviewers) {
            const mine = events.slice(0, index + 1).filter(each => each.by === by);
            assert.deepEqual(set.eventsBy(by), mine.sort(byOrder));
          }
        }
      }),
    );
  });

  it('keeps the events of a reviewer right where a rival takes the place of one', () => {
    const first = { ...comment('anna', 'y'), id: 'A' as EventId };
    const set = filled([readFrom(first)]);
    assert.equal(set.eventsBy('anna').length, 1);
    assert.deepEqual(set.eventsBy('Anna'), []);
    const rival = readFrom({ ...first, by: 'Anna' });
    assert.equal(set.add(rival), 'rival');
    assert.deepEqual([set.eventsBy('anna'), set.eventsBy('Anna')], [[], [rival]]);
  });

  it('says of each event what became of it', () => {
    const set = new EventSet();
    const first = comment('anna', 'one');
    const rival = { ...first, text: 'another' };
    assert.equal(set.add(readFrom(first)), 'new');
    assert.equal(set.add(readFrom(first)), 'repeated');
    assert.equal(set.add(readFrom(first, 'b', 7)), 'repeated');
    assert.equal(set.add(readFrom(rival)), 'rival');
    assert.equal(set.size, 1);
  });

  it('takes two for one that are alike in all but their texts and as long: it knows no texts', () => {
    const first = comment('anna', 'one');
    const [one, two] = [readFrom(first, 'a', 5), readFrom({ ...first, text: 'two' }, 'a', 500)];
    for (const events of [
      [one, two],
      [two, one],
    ]) {
      const set = filled(events);
      assert.deepEqual([...set.all()], [one], 'the first one of the ledgers is read');
    }
  });

  it('tells events of one id apart by their units', () => {
    const [one, two] = keys.map(key => readFrom({ ...comment('anna', 'x'), id: 'A' as EventId, key }));
    const set = filled([one!, two!]);
    assert.equal(set.size, 2);
    assert.deepEqual(
      keys.map(key => set.get(key, 'A' as EventId)),
      [one, two, undefined],
    );
  });

  it('holds one object for each event, wherever it is met', () => {
    const events = [comment('anna', '1'), comment('anna', '2')].map(event => readFrom(event));
    const set = new EventSet();
    for (const event of events) set.add(event);
    assert.equal(set.get(events[0]!.key, events[0]!.id), events[0]);
    assert.equal(set.eventsBy('anna')[0], events[0]);
    assert.equal(set.eventsOf(events[0]!.key)[0], events[0]);
    assert.equal(set.get(events[0]!.key, 'none' as EventId), undefined);
    assert.deepEqual([...set.reviewers], ['anna']);
  });

  it('begins above the counter that it was given', () => {
    const set = new EventSet(7);
    assert.equal(set.seq, 7);
    set.add(readFrom({ ...comment('anna', '1'), seq: 3 }));
    assert.equal(set.seq, 7);
    set.add(readFrom({ ...comment('anna', '2'), seq: 9 }));
    assert.equal(set.seq, 9);
  });
});
