import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CLOSED_POLICY, DEFAULT_POLICY, readPolicy } from '../../src/core/policy';

function reason(json: string): [id: string, ...args: unknown[]] {
  const result = readPolicy(json);
  assert.ok(!result.ok, `taken for a policy: ${json}`);
  return [result.reason.id, ...result.reason.args];
}

describe('a policy', () => {
  it('that says nothing is the default', () => {
    for (const json of ['{}', '{"$schema":"./policy.schema.json"}', ' {\n} '])
      assert.deepEqual(readPolicy(json), { ok: true, policy: DEFAULT_POLICY });
  });

  it('says how many approvals, and whose', () => {
    const policy = { approvals: 2, lastEditorCounts: false };
    assert.deepEqual(readPolicy(JSON.stringify(policy)), { ok: true, policy });
  });

  it('leaves the default as it is', () => {
    readPolicy('{"approvals":3}');
    assert.deepEqual(DEFAULT_POLICY, { approvals: 1, lastEditorCounts: true });
  });

  for (const approvals of ['0', '-1', '1.5', '"2"', 'null', 'true', '[2]', '1e400'])
    it(`never asks for ${approvals} approvals`, () => {
      const said = JSON.stringify(JSON.parse(approvals));
      assert.deepEqual(reason(`{"approvals":${approvals}}`), ['policy.member', 'approvals', said]);
    });

  for (const value of ['"false"', '0', 'null'])
    it(`does not take ${value} for yes or no`, () =>
      assert.deepEqual(reason(`{"lastEditorCounts":${value}}`), [
        'policy.member',
        'lastEditorCounts',
        value,
      ]));

  it('with a mistyped or inherited member is refused, naming it', () => {
    for (const name of ['aprovals', 'Approvals', '__proto__', 'constructor'])
      assert.deepEqual(reason(`{"approvals":2,"${name}":2}`), ['policy.member', name, '2']);
  });

  it('is a JSON object', () => {
    for (const json of ['null', '[]', '2', '"x"']) assert.deepEqual(reason(json), ['policy.notObject']);
    for (const json of ['', '{', '{"approvals":2,}']) assert.equal(reason(json)[0], 'policy.notJson');
  });

  it('is never laxer than one approval, whatever the file holds', () => {
    const members = fc.dictionary(
      fc.constantFrom('approvals', 'lastEditorCounts', '$schema'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(members, value => {
        const result = readPolicy(JSON.stringify(value));
        if (result.ok)
          assert.ok(Number.isSafeInteger(result.policy.approvals) && result.policy.approvals >= 1);
      }),
    );
  });

  it('that is broken stands for one that no number of approvals meets', () => {
    assert.ok(!(Number.MAX_SAFE_INTEGER >= CLOSED_POLICY.approvals));
  });
});
