import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DECISIONS, decodeEvent, encodeEvent, type ReviewEvent } from '../../src/core/events';
import { factsOf, readFacts } from '../../src/core/eventFacts';

const PLACE = { file: 'anna/aaaaaa.jsonl', from: 7, length: 100 };
const id = fc.stringMatching(/^[0-9A-Z]{26}$/);
const hash = fc.stringMatching(/^[0-9a-f]{32}$/);
/** With everything that JSON spells in an odd way, and pieces that look like the markers of a line. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', '\u2028', 'é', '本', ',"fields":[', '{"side":"source"', '}', ']'),
  }),
);
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { maxLength: 3 });
const common = {
  v: fc.constant(1),
  id,
  seq: fc.nat(),
  at: fc.constantFrom('2026-11-21T10:00:00.000Z', '2025-01-31T23:59:59.999Z'),
  by: fc.constantFrom('anna', 'bela'),
  key: fc.constantFrom('r1@de', 'größe@zh'),
  line: fc.nat(),
};
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const field = fc.record({
  side: fc.constantFrom('source', 'target'),
  name: fc.constantFrom('instruction', 'output', 'größe'),
  text,
});
const anyEvent = fc
  .oneof(
    fc.record({
      ...common,
      type: fc.constant('edit'),
      fields: some(field),
      parents: some(id),
      base: hash,
      result: hash,
      redoes: optional(id),
      undoes: optional(id),
      settles: optional(some(id)),
      candidate: optional(fc.record({ model: text, parameters: fc.constant({ seed: 1 }), prompt: text })),
    }),
    fc.record({
      ...common,
      type: fc.constant('decide'),
      decision: fc.constantFrom(...DECISIONS),
      fingerprint: hash,
      head: some(id),
      reasons: some(fc.constantFrom('meaning', 'term')),
      settles: optional(some(id)),
      blind: optional(fc.constant(true)),
      note: optional(text),
      target: optional(some(fc.tuple(fc.constantFrom('output', 'input'), text))),
    }),
    fc.record({
      ...common,
      type: fc.constant('comment'),
      text,
      thread: optional(id),
      resolves: optional(some(id)),
    }),
  )
  .map(event => JSON.parse(JSON.stringify(event)) as ReviewEvent);
const latin1 = (line: string) => Buffer.from(line, 'utf8').toString('latin1');

describe('the facts of a line, read without its texts', () => {
  it('are those of the line read as a whole', () => {
    fc.assert(
      fc.property(anyEvent, event => {
        const raw = latin1(encodeEvent(event));
        const decoded = decodeEvent(raw);
        assert.ok(decoded.ok && decoded.event.type !== 'bulk');
        const facts = readFacts(raw, PLACE);
        assert.ok(facts, `read as a whole: ${raw}`);
        assert.deepEqual(facts, factsOf(decoded.event, PLACE));
      }),
      { numRuns: 500 },
    );
  });

  it('are never those of a line that is no event, however little of it is wrong', () => {
    const change = fc.record({
      at: fc.nat(),
      cut: fc.nat(3),
      put: fc.constantFrom(
        '',
        '"',
        '\\',
        '\n',
        ',',
        '}',
        ']',
        'x',
        '0',
        '\u0001',
        ',"note":"',
        '"type":"decide"',
        '\\u12',
      ),
    });
    fc.assert(
      fc.property(anyEvent, fc.array(change, { minLength: 1, maxLength: 3 }), (event, changes) => {
        let raw = latin1(encodeEvent(event));
        for (const { at, cut, put } of changes) {
          const from = at % (raw.length + 1);
          raw = raw.slice(0, from) + put + raw.slice(from + cut);
        }
        const facts = readFacts(raw, PLACE);
        if (!facts) return;
        const decoded = decodeEvent(raw);
        assert.ok(decoded.ok && decoded.event.type !== 'bulk', raw);
        assert.deepEqual(facts, factsOf(decoded.event, PLACE));
      }),
      { numRuns: 3000 },
    );
  });

  it('take no time that grows faster than the line', () => {
    for (const part of ['\\\\', 'a', '{"side":"target","name":"output","text":""},', '["a",""],']) {
      const raw = `{"v":1,"id":"01JZ0000000000000000000005","seq":6,"at":"2025","by":"a","key":"k@de","line":1,"type":"edit","fields":[${part.repeat(60_000 / part.length)}`;
      assert.equal(readFacts(raw, PLACE), undefined);
    }
  });
});
