import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  actionOf,
  decodeEvent,
  DECISIONS,
  encodeEvent,
  eventsOf,
  partOf,
  type BulkEvent,
  type EventId,
  type NewEvent,
  type ReviewEvent,
} from '../../src/core/events';
import type { UnitKey } from '../../src/core/record';
import { asPart, assign, bulk, comment, decide, edit, ids, ignore, undo } from '../helpers/builders';

const name = fc.string({ minLength: 1 });
const hex = (digits: number) =>
  fc.string({
    unit: fc.constantFrom(...Array.from('0123456789abcdef')),
    minLength: digits,
    maxLength: digits,
  });
const ulid = fc.string({
  unit: fc.constantFrom(...Array.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ')),
  minLength: 26,
  maxLength: 26,
});
const ulids = fc.array(ulid, { maxLength: 3 });
/** Any text a user or a model can produce, lone surrogates and line ends included. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', '\u2028', 'a\r\nb', '"\\', '\u0000'),
);
const common = {
  v: fc.constant(1),
  id: ulid,
  seq: fc.nat({ max: 2 ** 50 }),
  at: fc.date({ noInvalidDate: true }).map(date => date.toISOString()),
  by: name,
  key: name,
  line: fc.maxSafeNat(),
};
/** What a part of a bulk has of its own. */
const own = { key: name, line: fc.maxSafeNat() };
type Model = Record<string, fc.Arbitrary<unknown>>;
const shaped = (shared: Model, type: string, model: Model, optional: Model = {}) => {
  const required = { ...shared, type: fc.constant(type), ...model };
  const all = { ...required, redoes: ulid, ...optional };
  return fc.record(all, { requiredKeys: Object.keys(required) as (keyof typeof all)[] });
};
const reasons = fc.array(fc.stringMatching(/^[a-z0-9-]{1,40}$/), { maxLength: 3 });
const fieldEdit = fc.record({ side: fc.constantFrom('source', 'target'), name, text });
const candidate = fc.record({ model: text, parameters: fc.dictionary(name, fc.integer()), prompt: hex(16) });
const eventWith = (shared: Model) =>
  fc.oneof(
    shaped(
      shared,
      'edit',
      { fields: fc.array(fieldEdit), parents: ulids, base: hex(32), result: hex(32) },
      { candidate, undoes: ulid, settles: ulids },
    ),
    shaped(
      shared,
      'decide',
      { decision: fc.constantFrom(...DECISIONS), fingerprint: hex(32), head: ulids, reasons },
      { note: text, target: fc.array(fc.tuple(text, text)), settles: ulids, blind: fc.constant(true) },
    ),
    shaped(shared, 'comment', { text }, { thread: ulid, resolves: ulids }),
    shaped(shared, 'ignore', {
      check: name,
      side: fc.constantFrom('source', 'target'),
      field: name,
      text: hex(32),
      reason: text,
    }),
    shaped(shared, 'assign', { to: fc.oneof(name, fc.constant('')), replaces: ulids }),
    shaped(shared, 'undo', { undoes: ulid }),
  );
const anyEvent = eventWith(common) as unknown as fc.Arbitrary<ReviewEvent>;
const anyPart = eventWith(own) as unknown as fc.Arbitrary<NewEvent>;
const anyBulk = fc.record({
  ...common,
  type: fc.constant('bulk'),
  events: fc.array(anyPart, { minLength: 1, maxLength: 40 }),
}) as unknown as fc.Arbitrary<BulkEvent>;
const anyLine = fc.oneof(anyEvent, anyBulk);

function reason(line: string): [id: string, ...args: unknown[]] {
  const result = decodeEvent(line);
  assert.ok(!result.ok, `misread: ${line}`);
  return [result.reason.id, ...result.reason.args];
}

describe('an event', () => {
  it('comes back as it was written, from one line of well-formed text', () => {
    fc.assert(
      fc.property(anyLine, event => {
        const line = encodeEvent(event);
        assert.ok(!/[\r\n]/.test(line) && line.isWellFormed());
        // By JSON, which has no objects without a prototype.
        assert.deepEqual(decodeEvent(line), {
          ok: true,
          event: JSON.parse(JSON.stringify(event)) as unknown,
        });
      }),
    );
  });

  it('torn at any place is refused', () => {
    fc.assert(
      fc.property(anyLine, event => {
        const line = encodeEvent(event);
        for (let end = 0; end < line.length; end++)
          assert.equal(reason(line.slice(0, end))[0], 'event.notJson');
      }),
      { numRuns: 20 },
    );
  });

  it('glued to another, or to the rest of a torn one, is refused', () => {
    const [one, two] = [encodeEvent(comment('ann', 'a')), encodeEvent(comment('ann', 'b'))];
    assert.equal(reason(one + two)[0], 'event.notJson');
    assert.equal(reason(one.slice(0, 30) + two)[0], 'event.notJson');
  });
});

describe('a foreign line', () => {
  for (const mark of ['<<<<<<< HEAD', '=======', '>>>>>>> feature/x', '||||||| 1a2b3c4', '>>>>>>>'])
    it(`“${mark}” is a mark of git`, () => assert.deepEqual(reason(mark), ['event.conflictMark']));

  for (const line of ['', 'null', '1', '"x"', '[]', '[{"v":1}]', '<<<<', 'undefined'])
    it(`“${line}” is no event`, () => assert.deepEqual(reason(line), ['event.notJson']));

  it('of a later version is said to be so, whatever else it holds', () => {
    assert.deepEqual(reason('{"v":2,"type":"vote"}'), ['event.version', '2']);
    assert.deepEqual(reason('{"v":"1"}'), ['event.version', '"1"']);
    assert.deepEqual(reason('{}'), ['event.version', 'null']);
  });

  it('of an unknown type is said to be so, also where the type is a name of Object.prototype', () => {
    for (const type of ['vote', 'constructor', '__proto__', 'toString', 7, null])
      assert.deepEqual(reason(JSON.stringify({ v: 1, type })), ['event.type', JSON.stringify(type)]);
  });

  it('is described in few words, however long it is', () => {
    for (const member of ['v', 'type']) {
      const [, said] = reason(JSON.stringify({ v: 1, [member]: 'x'.repeat(1e5) }));
      assert.ok(String(said).length < 1000);
    }
  });
});

describe('a wrong member', () => {
  const samples = {
    edit: {
      ...edit('ann', 'T1'),
      candidate: { model: 'm', parameters: { seed: 0 }, prompt: 'ab'.repeat(8) },
      undoes: '0'.repeat(26),
      redoes: '1'.repeat(26),
      settles: ids('2'),
    },
    decide: {
      ...decide('ann', 'approve', 'T1'),
      note: 'n',
      target: [['output', 'x']],
      settles: ids('2'),
      blind: true,
    },
    comment: comment('ann', 'text', { thread: ids('3')[0]!, resolves: ids('3') }),
    ignore: ignore('ann', 'language-wrong', 'T1'),
    assign: assign('ann', 'bob', [assign('ann', 'cy')]),
    undo: undo('ann', comment('ann', 'text')),
  };
  const wrong: Record<string, readonly unknown[]> = {
    id: ['', 1, null, 'a-b', 'x'.repeat(41)],
    seq: ['1', -1, 1.5, 1e300, null],
    at: [1, null],
    by: ['', null, 'x'.repeat(301)],
    key: ['', {}, null, 'x'.repeat(301)],
    line: ['1', -1, null],
    redoes: [1, '', null],
    'edit.fields': [
      null,
      {},
      'x',
      [null],
      [{ side: 'both', name: 'a', text: '' }],
      [{ side: 'target', name: '', text: '' }],
      [{ side: 'target', name: 'a', text: 1 }],
    ],
    'edit.parents': ['x', [1], [''], null],
    'edit.base': ['', null],
    'edit.result': ['', 5, null],
    'edit.candidate': [
      null,
      [],
      { model: 'm', prompt: 'p' },
      { model: 1, parameters: {}, prompt: 'p' },
      { model: 'm', parameters: { temperature: 'hot' }, prompt: 'p' },
    ],
    'edit.undoes': [1, null],
    'edit.settles': [null, 'x', [''], [1]],
    'decide.decision': ['approved', 'Approve', 'constructor', null, ['approve']],
    'decide.fingerprint': ['', null],
    'decide.head': ['x', [null], null],
    'decide.reasons': [[1], 'x', null, [''], ['Term'], ['not a slug'], ['x'.repeat(41)]],
    'decide.settles': [null, 'x', [''], [1]],
    'decide.blind': [false, null, 1, 'true'],
    'decide.note': [1, null],
    'decide.target': [[['output']], [['a', 'b', 'c']], [['a', 1]], { output: 'x' }, null],
    'comment.text': [1, null, ['x']],
    'comment.thread': ['', 1, null],
    'comment.resolves': ['x', [''], null],
    'ignore.check': ['', null, 'x'.repeat(301)],
    'ignore.side': ['both', null],
    'ignore.field': ['', 1],
    'ignore.text': ['', 'F'.repeat(32), null],
    'ignore.reason': [1, null],
    'assign.to': [1, null, 'x'.repeat(301)],
    'assign.replaces': ['x', [''], null],
    'undo.undoes': ['', 1, null],
  };
  for (const [place, values] of Object.entries(wrong)) {
    const [first, second] = place.split('.');
    const member = second ?? first!;
    for (const [type, sample] of Object.entries(samples)) {
      if (second !== undefined && type !== first) continue;
      it(`${member} of ${type} is refused by its name`, () => {
        assert.ok(decodeEvent(JSON.stringify(sample)).ok);
        for (const value of values) {
          const line = JSON.stringify({ ...sample, [member]: value });
          assert.deepEqual(reason(line), ['event.member', member], line);
        }
      });
    }
  }

  it('that is missing is refused unless it is optional', () => {
    const optional = [
      ...['redoes', 'candidate', 'undoes', 'note', 'target'],
      ...['settles', 'blind', 'thread', 'resolves'],
    ];
    for (const sample of Object.values(samples)) {
      for (const member of Object.keys(sample)) {
        if (member === 'v' || member === 'type') continue;
        const { ok } = decodeEvent(JSON.stringify({ ...sample, [member]: undefined }));
        const needed = !optional.includes(member) || (sample.type === 'undo' && member === 'undoes');
        assert.equal(ok, !needed, `${sample.type}.${member}`);
      }
    }
  });
});

describe('a bulk', () => {
  const parts = [comment('ann', 'x'), decide('ann', 'approve', 'T1'), edit('ann', 'T2')].map(asPart);
  const whole = bulk('ann', parts);

  it('says the same as its events one by one, each with an id of its own', () => {
    fc.assert(
      fc.property(anyBulk, made => {
        const decoded = decodeEvent(encodeEvent(made));
        assert.ok(decoded.ok && decoded.event.type === 'bulk');
        const events = eventsOf(decoded.event);
        assert.deepEqual(events.map(asPart), decoded.event.events);
        const { id, seq, at, by } = decoded.event;
        for (const [index, event] of events.entries()) {
          assert.deepEqual([event.seq, event.at, event.by], [seq, at, by]);
          assert.deepEqual([event.id, actionOf(event.id)], [partOf(id, index), id]);
          // So that it can be undone, replaced, answered.
          assert.ok(decodeEvent(encodeEvent(event)).ok);
        }
        assert.equal(new Set(events.map(event => event.id)).size, events.length);
      }),
    );
  });

  it('gives its events ids that no event by itself has', () => {
    const events = eventsOf(whole);
    assert.deepEqual(
      events.map(event => event.id),
      [`${whole.id}x0`, `${whole.id}x1`, `${whole.id}x2`],
    );
    assert.equal(partOf(whole.id, 35), `${whole.id}xz`);
    assert.equal(partOf(whole.id, 36), `${whole.id}x10`);
    const alone = comment('ann', 'x');
    assert.deepEqual([eventsOf(alone), actionOf(alone.id)], [[alone], alone.id]);
  });

  it('has parts of several units, each with its own line', () => {
    const key = 'r2@de' as UnitKey;
    const [first, second] = eventsOf(bulk('ann', [parts[0]!, { ...parts[1]!, key, line: 7 }]));
    assert.deepEqual([first?.key, first?.line, second?.key, second?.line], ['r1@de', 1, key, 7]);
  });

  const inPart = (more: object, index = 1) =>
    JSON.stringify({
      ...whole,
      events: parts.map((each, at) => (at === index ? { ...each, ...more } : each)),
    });

  it('is refused as a whole where a part says what is the bulk’s to say', () => {
    for (const [member, value] of Object.entries({ v: 1, id: 'X', seq: 1, at: whole.at, by: 'ann' })) {
      assert.deepEqual(reason(inPart({ [member]: value })), ['event.member', `events.1.${member}`]);
      assert.deepEqual(reason(inPart({ [member]: null }, 0)), ['event.member', `events.0.${member}`]);
    }
  });

  it('is refused as a whole where a part is wrong, by the place and the member', () => {
    for (const [more, member] of [
      [{ key: '' }, 'key'],
      [{ line: -1 }, 'line'],
      [{ redoes: 1 }, 'redoes'],
      [{ decision: 'maybe' }, 'decision'],
      [{ type: 'vote' }, 'type'],
      [{ type: '__proto__' }, 'type'],
      [{ type: null }, 'type'],
    ] as const)
      assert.deepEqual(reason(inPart(more)), ['event.member', `events.1.${member}`]);
    for (const wrong of [null, 1, 'x', []]) {
      const [id, member] = reason(JSON.stringify({ ...whole, events: [wrong] }));
      assert.deepEqual([id, member], ['event.member', 'events.0.']);
    }
  });

  it('holds no bulk', () => {
    const nested = { type: 'bulk', key: 'r1@de', line: 1, events: parts };
    assert.deepEqual(reason(JSON.stringify({ ...whole, events: [nested] })), [
      'event.member',
      'events.0.type',
    ]);
  });

  it('is refused with no parts, with what is no list, and with more than their ids have room for', () => {
    for (const events of [[], {}, null, 'x', undefined])
      assert.deepEqual(reason(JSON.stringify({ ...whole, events })), ['event.member', 'events']);
    const most = 36 ** 4;
    const part = '{"type":"undo","key":"k","line":1,"undoes":"A"}';
    const line = (count: number) =>
      `${JSON.stringify({ ...whole, events: undefined }).slice(0, -1)},"events":[${`${part},`.repeat(count - 1)}${part}]}`;
    assert.deepEqual(reason(line(most + 1)), ['event.member', 'events']);
    const full = decodeEvent(line(most));
    assert.ok(full.ok);
    const last = eventsOf(full.event).at(-1)!;
    assert.equal(last.id, `${whole.id}xzzzz`);
    assert.ok(decodeEvent(encodeEvent(last)).ok, 'what undoes it could not be written');
  });

  it('is refused with an id that leaves its parts no room for theirs', () => {
    const id = (length: number) => ({ ...whole, id: 'A'.repeat(length) as EventId });
    assert.ok(decodeEvent(encodeEvent(id(35))).ok);
    assert.deepEqual(reason(encodeEvent(id(36))), ['event.member', 'id']);
  });
});

describe('hostile JSON', () => {
  it('gives no event members through __proto__', () => {
    const whole = JSON.stringify(comment('ann', 'x'));
    assert.equal(reason(`{"v":1,"__proto__":${whole}}`)[0], 'event.type');
    const inherited = `{"v":1,"type":"comment","__proto__":${whole}}`;
    assert.deepEqual(reason(inherited), ['event.member', 'id']);
    assert.equal(({} as Record<string, unknown>)['seq'], undefined);
  });

  it('that nests without end is refused without throwing, wherever it nests', () => {
    const levels = 200_000;
    for (const deep of [
      '['.repeat(levels) + ']'.repeat(levels),
      '{"a":'.repeat(levels) + '1' + '}'.repeat(levels),
    ]) {
      const whole = JSON.stringify(comment('ann', 'x'));
      assert.deepEqual(reason(deep), ['event.notJson']);
      assert.deepEqual(reason(`{"v":${deep}}`), ['event.notJson']);
      assert.deepEqual(reason(`{"v":1,"type":${deep}}`), ['event.notJson']);
      assert.deepEqual(reason(whole.replace('{', `{"more":${deep},`)), ['event.notJson']);
      assert.deepEqual(reason(whole.replace('{', `{"fields":[{"x":${deep}}],`)), ['event.notJson']);
    }
    // A foreign member of a version of ours nests a little at most.
    assert.ok(decodeEvent(JSON.stringify({ ...comment('ann', 'x'.repeat(2000)), more: [[{ a: [1] }]] })).ok);
    const part = JSON.stringify(bulk('ann', [asPart(comment('ann', 'x'))]));
    const inPart = part.replace(
      '"events":[{',
      `"events":[{"more":${'['.repeat(levels)}${']'.repeat(levels)},`,
    );
    assert.deepEqual(reason(inPart), ['event.notJson']);
  });

  it('of any kind is refused without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), line => {
        assert.equal(decodeEvent(line).ok, false);
      }),
    );
  });
});
