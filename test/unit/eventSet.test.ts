import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeEvent, type ReviewEvent } from '../../src/core/events';
import { EventSet, type Source } from '../../src/core/eventSet';
import { byOrder } from '../../src/core/fold';
import type { UnitKey } from '../../src/core/record';
import { comment } from '../helpers/builders';

const keys = ['a@de', 'b@de', 'c@de'] as UnitKey[];
const reviewers = ['anna', 'bela'];
/** Few ids, so that several events have the same one. */
const anyEvent = fc
  .record({
    id: fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F', 'G'),
    seq: fc.nat(5),
    by: fc.constantFrom(...reviewers),
    key: fc.constantFrom(...keys),
    text: fc.constantFrom('x', 'ä'),
  })
  .map(more => ({ ...comment('anna', ''), ...more }) as ReviewEvent);

const read = ({ bytes, from, to }: Source) =>
  JSON.parse(Buffer.from(bytes).toString('utf8', from, to)) as ReviewEvent;

/** As it stands among other bytes. */
function sourceOf(event: ReviewEvent): Source {
  const bytes = Buffer.from(`rubbish ${encodeEvent(event)} rubbish`);
  return { bytes, from: 'rubbish '.length, to: bytes.length - ' rubbish'.length };
}

function filled(events: readonly ReviewEvent[], isRead: (index: number) => boolean): EventSet {
  const set = new EventSet(read);
  for (const [index, event] of events.entries()) set.add(event, isRead(index) ? sourceOf(event) : undefined);
  return set;
}

const contents = (set: EventSet) => ({
  byId: [...set.byId].sort(([a], [b]) => (a < b ? -1 : 1)),
  byKey: keys.map(key => [...set.eventsOf(key)].sort(byOrder)),
  byReviewer: reviewers.map(by => [...set.eventsBy(by)]),
  keys: [...set.keys].sort(),
});

describe('a set of events', () => {
  it('holds the same whatever came first, whether read already or not', () => {
    fc.assert(
      fc.property(
        fc
          .array(anyEvent, { maxLength: 12 })
          .chain(events =>
            fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
          ),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        ([events, shuffled], readings) => {
          const kept = new Map<string, ReviewEvent>();
          for (const event of events) {
            const known = kept.get(event.id);
            const rank = (each: ReviewEvent) => `${each.by} ${encodeEvent(each)}`;
            if (!known || rank(event) < rank(known)) kept.set(event.id, event);
          }
          const all = [...kept.values()].sort(byOrder);
          const expected = {
            byId: all.map(event => [event.id, event] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
            byKey: keys.map(key => all.filter(event => event.key === key)),
            byReviewer: reviewers.map(by => all.filter(event => event.by === by)),
            keys: keys.filter(key => all.some(event => event.key === key)),
          };
          assert.deepEqual(contents(filled(events, index => readings[index]!)), expected);
          assert.deepEqual(contents(filled(shuffled, index => !readings[index]!)), expected);
        },
      ),
    );
  });

  it('keeps the order of a reviewer when asked between events', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyEvent, { selector: event => event.id }), events => {
        const set = new EventSet(read);
        for (const [index, event] of events.entries()) {
          set.add(event, index % 2 === 0 ? sourceOf(event) : undefined);
          for (const by of reviewers) {
            const mine = events.slice(0, index + 1).filter(each => each.by === by);
            assert.deepEqual(set.eventsBy(by), mine.sort(byOrder));
          }
        }
      }),
    );
  });

  it('says of each event what became of it', () => {
    const set = new EventSet(read);
    const [first, rival] = [comment('anna', '1'), { ...comment('anna', '2'), id: comment('anna', '1').id }];
    const same = { ...rival, id: first.id } as ReviewEvent;
    assert.equal(set.add(first, sourceOf(first)), 'new');
    assert.equal(set.add(first, sourceOf(first)), 'repeated');
    assert.equal(set.add(same, sourceOf(same)), 'rival');
    assert.equal(set.byId.size, 1);
  });

  it('is a map of its events: one object for each, wherever it is met', () => {
    const events = [comment('anna', '1'), comment('anna', '2')];
    const set = filled(events, () => true);
    const [one, two] = events.map(event => set.byId.get(event.id));
    assert.deepEqual([one, two], events);
    assert.equal(set.eventsBy('anna')[0], one);
    assert.equal(set.eventsOf(events[0]!.key)[0], one);
    assert.deepEqual([...set.byId.values()], events);
    assert.deepEqual(
      [...set.byId.keys()],
      events.map(event => event.id),
    );
    assert.ok(set.byId.has(events[1]!.id) && !set.byId.has('none' as ReviewEvent['id']));
    assert.equal(set.byId.get('none' as ReviewEvent['id']), undefined);
    const met: unknown[] = [];
    set.byId.forEach((event, id, map) => met.push([id, event, map === set.byId]));
    assert.deepEqual(
      met,
      events.map(event => [event.id, event, true]),
    );
  });

  it('begins above the counter that it was given, and takes no forged one for the highest', () => {
    const set = new EventSet(read, 7);
    assert.equal(set.seq, 7);
    set.add({ ...comment('anna', '1'), seq: 3 });
    assert.equal(set.seq, 7);
    set.add({ ...comment('anna', '2'), seq: 9 });
    set.add({ ...comment('anna', '3'), seq: Number.MAX_SAFE_INTEGER });
    assert.equal(set.seq, 9);
  });
});
