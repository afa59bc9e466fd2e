import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { memberSpans, memberText } from '../../src/core/json';

/** Writes JSON with blanks and escapes as a tape of numbers has them. */
function writer(tape: readonly number[]) {
  let at = 0;
  const next = (below: number) => tape[at++ % tape.length]! % below;
  const blank = () => Array.from({ length: next(3) }, () => ' \t\r\n'[next(4)]).join('');
  const string = (text: string) => {
    const characters = text.split('').map(each => {
      if (next(4) === 0) return `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`;
      return JSON.stringify(each).slice(1, -1);
    });
    return `"${characters.join('')}"`;
  };
  const value = (json: unknown): string => {
    if (typeof json === 'string') return string(json);
    if (typeof json !== 'object' || json === null) return JSON.stringify(json);
    if (Array.isArray(json))
      return `[${blank()}${json.map(each => value(each) + blank()).join(`,${blank()}`)}]`;
    return object(Object.entries(json).map(([name, each]) => [name, value(each)] as const));
  };
  const object = (members: readonly (readonly [name: string, value: string])[]) => {
    const written = members.map(
      ([name, each]) => blank() + string(name) + blank() + ':' + blank() + each + blank(),
    );
    return `{${members.length === 0 ? blank() : ''}${written.join(',')}}`;
  };
  return { blank, value, object };
}

const anyString = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', ',', ':', '\n', '\ud83d', 'é') }),
);
const anyValue = fc.jsonValue();
const anyMembers = fc.array(fc.tuple(anyString, fc.oneof(anyValue, anyString)));
const tapes = fc.array(fc.nat(), { minLength: 20, maxLength: 60 });

describe('memberSpans', () => {
  it('finds every member of any object, repeated ones included, and exactly its characters', () => {
    fc.assert(
      fc.property(anyMembers, tapes, (members, tape) => {
        const { blank, value, object } = writer(tape);
        const texts = members.map(([name, each]) => [name, value(each)] as const);
        const json = blank() + object(texts) + blank();
        const found = memberSpans(json).map(({ name, start, end }) => [name, json.slice(start, end)]);
        assert.deepEqual(found, texts);
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with JSON.parse', () => {
    fc.assert(
      fc.property(fc.dictionary(anyString, anyValue), tapes, (record, tape) => {
        const json = writer(tape).value(record);
        const entries = memberSpans(json).map(
          ({ name, start, end }) => [name, JSON.parse(json.slice(start, end))] as const,
        );
        assert.deepEqual(Object.fromEntries(entries), JSON.parse(json));
      }),
    );
  });

  it('starts at a nested object', () => {
    const json = '[ {"x":1}, {"a": [2, {"b":"}"}] , "c":3} ]';
    const from = json.indexOf('{"a"');
    const found = memberSpans(json, from).map(({ name, start, end }) => [name, json.slice(start, end)]);
    assert.deepEqual(found, [
      ['a', '[2, {"b":"}"}]'],
      ['c', '3'],
    ]);
  });

  it('passes over strings, blanks and numbers of some megabytes, and nesting deeper than the stack', () => {
    const values = [`"${String.raw`\\\"`.repeat(1e6)}"`, '1'.repeat(4e6), '['.repeat(1e6) + ']'.repeat(1e6)];
    for (const value of values) {
      const json = `{${' '.repeat(4e6)}"big":${value},"id":7}`;
      assert.ok(memberText(json, 'big') === value);
      assert.equal(memberText(json, 'id'), '7');
    }
  });
});

describe('memberText', () => {
  it('takes the last of repeated members, under any spelling of the name', () => {
    assert.equal(memberText(String.raw`{"id":1,"\u0069d": 2.0 ,"x":{"id":3}}`, 'id'), '2.0');
  });

  it('finds no member that is only nested, or not there', () => {
    assert.equal(memberText('{"x":{"id":3},"y":"id"}', 'id'), undefined);
    assert.equal(memberText('{}', 'toString'), undefined);
  });
});
