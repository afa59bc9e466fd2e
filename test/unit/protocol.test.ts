import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isCall } from '../../src/core/calls';
import { DECISIONS } from '../../src/core/events';
import { PAGE_COMMANDS, type Call } from '../../src/core/protocol';

const target = { row: 0, key: 'r1@de', fingerprint: 'ff' };
const wish = {
  ...{ mode: 'translate', fields: ['output'], advice: '', count: 1, split: 'record' },
  finding: { check: 'language-wrong', side: 'target', field: 'output' },
};
/** One right call of each method; the type makes a method that is missing an error. */
const PARAMS: Record<Call['method'], readonly unknown[]> = {
  start: [],
  rows: [0, 100],
  unit: [{ position: 7 }],
  ask: ['state:stale'],
  askAgain: [],
  cancelSearch: [],
  keep: [target, 'A'],
  nextPending: [0],
  draft: [target, 'target', 'output', 'text'],
  check: [target],
  nextFinding: [0, 'next'],
  commit: [target],
  decide: [target, 'approve', { reasons: ['term'], note: '' }],
  comment: [target, 'x', 'E1'],
  resolve: [target, 'E1'],
  assign: [target, 'anna'],
  withdraw: [target],
  ignore: [target, { check: 'language-wrong', side: 'target', field: 'output' }, 'a name'],
  stopIgnoring: [target, 'E1'],
  restore: [target, 'E1'],
  settle: [target, 'E1', 'take'],
  bulkPrepare: [{ kind: 'assign', to: '' }],
  bulkRows: [0, 100],
  bulkTick: [3, true],
  bulkCommit: [],
  bulkCancel: [],
  undo: [],
  redo: [],
  regenerate: [target, wish, 1],
  cancel: [1],
  showRequest: [target, wish],
  accept: [target, 'c1', [['output', 'text']]],
  discard: [target, 'c1'],
  signals: [target, 'c1'],
  run: ['selectBackend'],
  showLanguage: ['it'],
  visit: [{ row: 3, key: 'r1@de' }],
  keepLook: [{ size: 100, wraps: true, hidden: false, split: 50, list: 22 }],
};
const verdict = { reasons: [], note: '' };
const call = (method: string, params: unknown, id: unknown = 1) => isCall({ id, method, params });

describe('isCall', () => {
  for (const [method, params] of Object.entries(PARAMS)) {
    it(`takes ${method}, and refuses it with a parameter more, less or of another kind`, () => {
      assert.ok(call(method, params));
      assert.ok(!call(method, [...params, 0]));
      if (params.length > 0) assert.ok(!call(method, params.slice(0, -1)));
      for (let index = 0; index < params.length; index++) {
        const flag = typeof params[index] === 'boolean' ? 'true' : true;
        for (const wrong of [undefined, NaN, -1, 1.5, Infinity, flag, {}, [], Symbol('x'), () => 1])
          assert.ok(!call(method, params.with(index, wrong)), `${method}, parameter ${index}`);
      }
    });
  }

  it('takes every decision and command there is, and no other', () => {
    for (const decision of DECISIONS) assert.ok(call('decide', [target, decision, verdict]));
    for (const command of PAGE_COMMANDS) assert.ok(call('run', [command]));
    for (const word of ['Approve', 'toString', '', 'workbench.action.quit', null]) {
      assert.ok(!call('decide', [target, word, verdict]));
      assert.ok(!call('run', [word]));
    }
  });

  it('takes the reasons of a decision as a list of texts, and its note as a text', () => {
    assert.ok(call('decide', [target, 'reject', { reasons: ['term', 'format'], note: 'x' }]));
    for (const wrong of [
      null,
      'x',
      { reasons: [] },
      { note: '' },
      { reasons: 'term', note: '' },
      { reasons: [1], note: '' },
      { reasons: [], note: null },
    ])
      assert.ok(!call('decide', [target, 'reject', wrong]), JSON.stringify(wrong));
  });

  it('takes every change of many records there is, and no other', () => {
    const decided = { kind: 'decide', decision: 'approve', verdict };
    const replaced = { kind: 'replace', find: 'a', replacement: '', matchCase: false };
    for (const right of [decided, replaced, { kind: 'assign', to: 'anna' }])
      assert.ok(call('bulkPrepare', [right]), JSON.stringify(right));
    for (const wrong of [
      { ...decided, decision: 'skip' },
      { ...decided, verdict: '' },
      { ...replaced, find: 1 },
      { ...replaced, replacement: null },
      { ...replaced, matchCase: 'no' },
      { kind: 'assign', to: null },
      { ...replaced, kind: 'constructor' },
      { to: 'anna' },
    ])
      assert.ok(!call('bulkPrepare', [wrong]), JSON.stringify(wrong));
  });

  it('takes nothing in place of a thread, a version or a position', () => {
    assert.ok(call('comment', [target, 'x', null]));
    assert.ok(call('restore', [target, null]));
    assert.ok(call('bulkTick', [null, false]));
    assert.ok(!call('settle', [target, null, 'take']));
    assert.ok(!call('settle', [target, 'E1', 'leave']));
    assert.ok(!call('ignore', [target, { check: 'x', side: 'both', field: 'output' }, '']));
  });

  it('takes every wish there is, and no other', () => {
    for (const right of [
      { ...wish, mode: 'answer', split: 'paragraph', finding: null, fields: [], count: 8 },
      { ...wish, advice: 'x'.repeat(500) },
    ])
      assert.ok(call('regenerate', [target, right, 1]), JSON.stringify(right));
    for (const wrong of [
      ...[{ mode: 'sing' }, { split: 'word' }, { fields: 'output' }, { fields: [1] }, { advice: null }],
      ...[{ advice: 'x'.repeat(501) }, { count: 0 }, { count: 9 }, { count: 1.5 }, { finding: {} }],
      { finding: { check: 'x', side: 'both', field: 'output' } },
    ])
      assert.ok(!call('regenerate', [target, { ...wish, ...wrong }, 1]), JSON.stringify(wrong));
  });

  it('takes the texts that a reviewer made of a candidate as pairs, or none', () => {
    assert.ok(call('accept', [target, 'c1', null]));
    for (const wrong of [
      'text',
      ['output', 'text'],
      [['output']],
      [['output', 'a', 'b']],
      [['output', 1]],
      [{}],
    ])
      assert.ok(!call('accept', [target, 'c1', wrong]), JSON.stringify(wrong));
  });

  it('lets a draft be dropped', () => assert.ok(call('draft', [target, 'source', 'output', null])));

  it('refuses a target that is not whole', () => {
    for (const member of Object.keys(target))
      for (const wrong of [undefined, null, {}, -1])
        assert.ok(!call('commit', [{ ...target, [member]: wrong }]), member);
    for (const wrong of [null, 'x', [], 0]) assert.ok(!call('commit', [wrong]));
  });

  it('refuses methods that are none, and what is no call', () => {
    for (const method of ['__proto__', 'constructor', 'toString', 'Start', '', 1, null])
      assert.ok(!isCall({ id: 1, method, params: [] }));
    for (const params of [undefined, null, {}, '', { length: 0 }]) assert.ok(!call('start', params));
    for (const id of [undefined, null, '1', -1, 0.5, NaN])
      assert.ok(!isCall({ id, method: 'start', params: [] }));
    for (const message of [undefined, null, 1, 'start', [], [1, 'start', []]]) assert.ok(!isCall(message));
  });

  it('never throws, and takes nothing by accident', () => {
    const method = fc.constantFrom(...Object.keys(PARAMS), '__proto__', 'constructor');
    const shaped = fc.record({
      id: fc.oneof(fc.nat(), fc.anything()),
      method,
      params: fc.array(fc.anything(), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(
        fc.oneof(fc.anything({ withNullPrototype: true, withBigInt: true, withMap: true }), shaped),
        message => {
          if (!isCall(message)) return;
          const kinds = (params: readonly unknown[]) => params.map(each => typeof each).join();
          // Waiting is ended by the number of its call, or by the name of what is waited for.
          const likes = message.method === 'cancel' ? [[1], ['regenerate']] : [PARAMS[message.method]];
          assert.ok(likes.map(kinds).includes(kinds(message.params)), message.method);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
