import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeEvent, DECISIONS, encodeEvent, type ReviewEvent } from '../../src/core/events';
import { comment, decide, edit, undo } from '../helpers/builders';

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
const shaped = (
  type: string,
  model: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
) => {
  const required = { ...common, type: fc.constant(type), ...model };
  const all = { ...required, redoes: ulid, ...optional };
  return fc.record(all, { requiredKeys: Object.keys(required) as (keyof typeof all)[] });
};
const fieldEdit = fc.record({ side: fc.constantFrom('source', 'target'), name, text });
const candidate = fc.record({ model: text, parameters: fc.dictionary(name, fc.integer()), prompt: hex(16) });
const anyEvent = fc.oneof(
  shaped(
    'edit',
    { fields: fc.array(fieldEdit), parents: ulids, base: hex(32), result: hex(32) },
    { candidate, undoes: ulid },
  ),
  shaped(
    'decide',
    { decision: fc.constantFrom(...DECISIONS), fingerprint: hex(32), head: ulids, reasons: fc.array(text) },
    { note: text, target: fc.array(fc.tuple(text, text)) },
  ),
  shaped('comment', { text }),
  shaped('undo', { undoes: ulid }),
) as unknown as fc.Arbitrary<ReviewEvent>;

function reason(line: string): [id: string, ...args: unknown[]] {
  const result = decodeEvent(line);
  assert.ok(!result.ok, `misread: ${line}`);
  return [result.reason.id, ...result.reason.args];
}

describe('an event', () => {
  it('comes back as it was written, from one line of well-formed text', () => {
    fc.assert(
      fc.property(anyEvent, event => {
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
      fc.property(anyEvent, event => {
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
    },
    decide: { ...decide('ann', 'approve', 'T1'), note: 'n', target: [['output', 'x']] },
    comment: comment('ann', 'text'),
    undo: undo('ann', comment('ann', 'text')),
  };
  const wrong: Record<string, readonly unknown[]> = {
    id: ['', 1, null],
    seq: ['1', -1, 1.5, 1e300, null],
    at: [1, null],
    by: ['', null],
    key: ['', {}, null],
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
    'decide.decision': ['approved', 'Approve', 'constructor', null, ['approve']],
    'decide.fingerprint': ['', null],
    'decide.head': ['x', [null], null],
    'decide.reasons': [[1], 'x', null],
    'decide.note': [1, null],
    'decide.target': [[['output']], [['a', 'b', 'c']], [['a', 1]], { output: 'x' }, null],
    'comment.text': [1, null, ['x']],
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
    const optional = ['redoes', 'candidate', 'undoes', 'note', 'target'];
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
  });

  it('of any kind is refused without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), line => {
        assert.equal(decodeEvent(line).ok, false);
      }),
    );
  });
});
