import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  compareMembers,
  matches,
  memberAt,
  needs,
  parseQuery,
  REVIEW_TRAITS,
  type Condition,
  type Query,
  type RowFacts,
  type Sample,
} from '../../src/core/filter';
import type { MemberValue, Operator, Part, Sort } from '../../src/core/filterText';
import { english } from '../../src/core/messages';
import { STATES } from '../../src/core/states';
import { alpaca } from '../helpers/builders';
import { printQuery } from '../helpers/printQuery';

function read(text: string): Query {
  const result = parseQuery(text);
  assert.ok(result.ok, text + (result.ok ? '' : `: ${english(result.reason)}`));
  return result.query;
}

function mistake(text: string): { at: number; said: string } {
  const result = parseQuery(text);
  assert.ok(!result.ok, text);
  return { at: result.at, said: english(result.reason) };
}

function row(more: Partial<RowFacts> = {}, record: unknown = {}): RowFacts {
  return {
    line: 7,
    key: 'r7@zh-CN',
    lang: 'zh-CN',
    state: 'pending',
    me: undefined,
    by: [],
    assigned: [],
    reasons: [],
    traits: new Set(),
    commented: false,
    edited: false,
    repeated: false,
    source: alpaca('Name a Colour.', '', 'Sea green'),
    target: alpaca('Nenne eine Farbe.', 'x', 'GRÜN'),
    candidate: () => false,
    findings: () => [],
    record: () => record,
    ...more,
  };
}

const BAD = row({
  key: undefined,
  lang: undefined,
  state: 'bad',
  source: [],
  target: [],
  record: () => undefined,
});

/** Asserts which of these queries a row meets: all of the first list, none of the second. */
function check(facts: RowFacts, yes: readonly string[], no: readonly string[]): void {
  for (const text of yes) assert.equal(matches(read(text).where, facts), true, text);
  for (const text of no) assert.equal(matches(read(text).where, facts), false, text);
}

describe('a filter', () => {
  it('finds everything when it is empty, blank or the word all', () => {
    check(
      row(),
      ['', '  \n', 'all', 'all sort:-line', 'sort:metadata.score'],
      ['"all"', '(all)', 'all green'],
    );
    check(BAD, ['', 'all'], []);
    assert.deepEqual(read('').where, { type: 'all' });
  });

  it('finds words and quoted text in both sides, whatever their case', () => {
    check(
      row(),
      ['colour', 'FARBE', 'grün', 'GRÜN', '"sea green"', 'sea green', 'name target:x'],
      ['"green sea"', 'blue', 'colour blue'],
    );
    check(BAD, ['-colour'], ['colour']);
  });

  it('finds text in one side or one field', () => {
    check(
      row(),
      [
        'source:colour',
        'target:farbe',
        'target:"eine farbe"',
        'instruction:colour',
        'instruction:farbe',
        'input:x',
        'output:grün',
      ],
      ['target:colour', 'source:farbe', 'output:farbe', 'text:farbe'],
    );
    check(row({ source: [{ name: 'text', text: 'One' }], target: [] }), ['text:one'], ['input:one']);
  });

  it('takes quotation marks and backslashes in quotes', () => {
    const facts = row({ source: alpaca('say "hi" \\n C:\\dir', '', ''), target: [] });
    check(
      facts,
      [String.raw`"say \"hi\""`, String.raw`"\\n"`, String.raw`"\n"`],
      [String.raw`"\"hi\" there"`],
    );
    check(facts, [String.raw`"c:\dir"`, String.raw`hi\ OR \n`], []);
  });

  it('finds by state, finding, reviewer, language, key, line and what was done', () => {
    const facts = row({
      line: 120,
      state: 'stale',
      by: ['anna', 'bo'],
      commented: true,
      repeated: true,
      findings: () => [{ check: 'language-mixed', severity: 'warning' }],
    });
    check(
      facts,
      [
        'state:stale',
        'state:edited,stale',
        'finding:any',
        'finding:warning',
        'finding:language',
        'finding:language-mixed',
        'by:anna',
        'lang:zh',
        'lang:ZH-cn',
        'key:r7',
        'key:r7@zh-CN',
        'line:120',
        'line:100-200',
        'is:repeated',
        'is:commented',
        '-is:edited',
      ],
      [
        'state:edited',
        'finding:none',
        'finding:error',
        'finding:lang',
        'finding:language-wrong',
        'by:ann',
        'lang:z',
        'lang:zh-TW',
        'key:r',
        'key:r7@zh',
        'line:119',
        'line:1-119',
        'line:121-200',
        'is:edited',
      ],
    );
    check(
      BAD,
      ['state:bad', 'finding:none', 'line:7'],
      ['state:pending', 'lang:zh', 'key:r7', 'finding:any'],
    );
    check(row({ key: 'h:00ff@x@de' }), ['key:h:00ff@x', 'key:h:00ff@x@de'], ['key:h:00ff']);
  });

  it('finds what the review says of a record, each of it alone', () => {
    for (const trait of REVIEW_TRAITS) {
      const others = REVIEW_TRAITS.filter(each => each !== trait).map(each => `is:${each}`);
      const rest = ['is:repeated', 'is:commented', 'is:edited'];
      check(row({ traits: new Set([trait]) }), [`is:${trait}`, ...rest.map(each => `-${each}`)], others);
    }
    const none = REVIEW_TRAITS.map(each => `is:${each}`);
    check(
      row({ edited: true, commented: true, repeated: true }),
      ['is:edited is:commented is:repeated'],
      none,
    );
    check(row({ candidate: () => true }), ['is:candidate'], [...none, 'is:edited']);
    check(BAD, ['-is:candidate'], []);
  });

  it('finds by whom it is assigned to, and by reasons', () => {
    const facts = row({ assigned: ['anna', 'bo'], by: ['eva'], reasons: ['meaning', 'source-wrong'] });
    check(
      facts,
      ['assigned:anna', 'assigned:bo', 'reason:meaning', 'reason:source-wrong', 'by:eva'],
      ['assigned:nobody', 'assigned:eva', 'assigned:ann', 'by:anna', 'reason:source', 'reason:fluency'],
    );
    check(row(), ['assigned:nobody', '-assigned:anna'], ['assigned:anna', 'reason:meaning']);
  });

  it('takes “me” for whoever asks, and for nobody where that is not known', () => {
    const facts = row({ me: 'bo', by: ['anna'], assigned: ['bo'] });
    check(facts, ['assigned:me', '-by:me', 'by:anna'], ['by:me', 'assigned:nobody', 'assigned:anna']);
    check({ ...facts, me: 'anna' }, ['by:me', '-assigned:me'], ['assigned:me']);
    check({ ...facts, me: 'eva' }, [], ['by:me', 'assigned:me']);
    check({ ...facts, me: undefined }, ['-by:me'], ['by:me', 'assigned:me']);
    check({ ...facts, me: undefined, assigned: [] }, ['assigned:nobody'], ['assigned:me']);
  });

  it('compares members, numbers with numbers and strings with strings', () => {
    const record = {
      score: 2.5,
      id: '10',
      tags: ['x', 3, null, 'Über'],
      metadata: { score: -1, note: 'Ein GUTER Satz', 'odd name': true, none: null },
      'a.b': { c: 'y' },
      when: '2026-03-01',
    };
    check(
      row({}, record),
      [
        'score < 3',
        'score<=2.5',
        'score >= 2.5',
        'score > -3',
        'score = 2.5',
        'score = 25e-1',
        'metadata.score=-1',
        'id = "10"',
        'id != 10',
        'id < "9"',
        'tags = x',
        'tags = 3',
        'tags = null',
        'tags.0 = x',
        'tags ~ über',
        'metadata.note ~ guter',
        'metadata.note ~ "guter satz"',
        'metadata."odd name" = true',
        '"a.b".c = y',
        'metadata.none = null',
        'missing != 3',
        '-missing = 3',
        'has:metadata.none',
        'has:"a.b".c',
        'has:tags.3',
        'when > "2026-02-28"',
      ],
      [
        'score < 2.5',
        'score > 2.5',
        'score = "2.5"',
        'id = 10',
        'id < 11',
        'tags != x',
        'tags = y',
        'tags.00 = x',
        'tags ~ y',
        'score ~ 2',
        'metadata.none = "null"',
        'metadata."odd name" = "true"',
        'missing = null',
        'missing < 3',
        'missing ~ x',
        'has:missing',
        'has:a.b.c',
        'has:tags.4',
        'metadata.note.length > 0',
        'when < 2027',
        'metadata < 3',
      ],
    );
    check(BAD, ['score != 3'], ['score = 3', 'has:score', 'score < 3']);
  });

  it('sees own members only', () => {
    const hidden = [
      '__proto__',
      'constructor',
      'constructor.name',
      'toString',
      'tags.length',
      'tags.at',
      'text.length',
      'text.0',
    ];
    const record = { tags: [1], text: 'abc' };
    check(
      row({}, record),
      [],
      hidden.map(path => `has:${path}`),
    );
    check(
      row({}, JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}')),
      ['__proto__.a = 1', 'constructor = 2'],
      ['has:a'],
    );
    for (const value of [undefined, null, 3, 'abc', []]) assert.equal(memberAt(value, ['length']), undefined);
    assert.deepEqual(memberAt(record, []), record);
  });

  it('joins conditions: NOT first, then AND, then OR', () => {
    check(
      row(),
      [
        'blue OR colour',
        'blue red OR colour',
        'colour OR blue red',
        '(blue OR colour) farbe',
        'NOT blue',
        '-blue',
        '-(blue OR red)',
        'NOT NOT colour',
        'NOT blue colour',
        'colour AND NOT blue',
        'colour -blue',
        '-"no such"',
        '--colour',
        '-score < 3',
        'and OR colour',
      ],
      [
        '(blue OR colour) red',
        '-colour',
        'blue OR -colour',
        '-(colour OR blue)',
        '-(colour farbe)',
        'and',
        'or not',
      ],
    );
  });

  it('takes a dash, an exclamation mark and punctuation in words as they are', () => {
    const facts = row({ source: alpaca('well-known - Stop! a.b, C++ 3', '', ''), target: [] });
    check(facts, ['well-known', '-', 'stop!', 'a.b,', 'c++', '3', 'well - stop!'], ['-well-known']);
  });

  it('sorts by one member or by line', () => {
    assert.equal(read('a').sort, undefined);
    assert.equal(read('sort:line a').sort, undefined);
    assert.deepEqual(read('a OR b sort:-line').sort, { path: undefined, descending: true });
    assert.deepEqual(read('sort:m.score').sort, { path: ['m', 'score'], descending: false });
    assert.deepEqual(read('sort:-"a.b".c x').sort, { path: ['a.b', 'c'], descending: true });
    assert.deepEqual(read('sort:"line"').sort, { path: ['line'], descending: false });
    assert.deepEqual(read('sort:line.x').sort, { path: ['line', 'x'], descending: false });
    assert.equal(printQuery(read('sort:-x (a  AND b)')), 'a b sort:-x');
  });

  it('draws a sample of what it finds', () => {
    assert.equal(read('a').sample, undefined);
    assert.deepEqual(read('sample:60').sample, { count: 60, seed: '0' });
    assert.deepEqual(read('sample:60').where, { type: 'all' });
    assert.deepEqual(read('all sample:60').where, { type: 'all' });
    assert.deepEqual(read('a sample:1/May_2.b-c OR b').sample, { count: 1, seed: 'May_2.b-c' });
    assert.deepEqual(read('a sample:1 OR b').where, read('a OR b').where);
    assert.deepEqual(read('sample:"5/x" sort:-line sample').sample, { count: 5, seed: 'x' });
    assert.deepEqual(read('sample:5 sort:-line').sort, { path: undefined, descending: true });
    assert.equal(read('sample:1000000').sample?.count, 1_000_000);
    assert.equal(read(`sample:1/${'s'.repeat(40)}`).sample?.seed.length, 40);
    assert.equal(read('sample > 3 "sample:5"').sample, undefined);
  });

  it('says what a mistake is and where', () => {
    const cases: [query: string, at: number, said: RegExp][] = [
      ['a "b', 2, /quotation mark at character 3/],
      ['a (b', 2, /parenthesis at character 3/],
      ['a) b', 1, /“\)” at character 2/],
      ['a OR', 4, /character 5/],
      ['OR a', 0, /character 1/],
      ['a AND', 5, /missing/],
      ['a AND OR b', 6, /missing/],
      ['()', 1, /missing/],
      ['NOT', 3, /missing/],
      ['= 3', 0, /missing/],
      ['""', 0, /nothing to look for/],
      ['x ~ ""', 4, /nothing to look for/],
      ['http://x', 0, /“http:” at character 1.*state/],
      ['a state:open', 8, /“open” at character 9.*needs-work.*bad/],
      ['state:', 0, /A value is missing.*“state”/],
      ['state: stale', 0, /A value is missing/],
      ['line:0', 5, /120, 100-200/],
      ['line:9-8', 5, /100-200/],
      ['is:bad', 3, /repeated, commented, edited, candidate, mine, second, returned, .*, source/],
      ['assigned:', 0, /A value is missing.*“assigned”/],
      ['reason:', 0, /A value is missing.*“reason”/],
      ['finding:A', 8, /any, none/],
      ['a <', 3, /A value is missing.*“<”/],
      ['a == 3', 3, /A value is missing/],
      ['a = AND', 4, /A value is missing/],
      ['"a".b', 5, /= != </],
      ['"a". b', 4, /name of a member/],
      ['has:', 4, /name of a member/],
      ['has:a..b', 6, /name of a member/],
      ['"a":b', 3, /colon at character 4/],
      ['who:me', 0, /by, assigned, reason,.* sort, sample/],
      ['sort:a sort:b', 7, /“sort:” at character 8/],
      ['sample:5 a sample:5', 11, /“sample:” at character 12.*only once/],
      ['(sample:5)', 1, /“sample:”/],
      ['-sample:5', 1, /“sample:”/],
      ['a AND sample:5', 6, /“sample:”/],
      ['sample:', 0, /A value is missing.*“sample”/],
      ['a sample:0', 9, /“0” at character 10.*from 1 to 1000000.*sample:50/],
      ['sample:1000001', 7, /from 1 to 1000000/],
      ['sample:ten', 7, /“ten”/],
      ['sample:5/', 7, /seed/],
      ['sample:5/a/b', 7, /seed/],
      ['sample:5/ä', 7, /seed/],
      [`sample:5/${'s'.repeat(41)}`, 7, /up to 40/],
      ['(sort:a)', 1, /“sort:”/],
      ['-sort:a', 1, /“sort:”/],
      ['a OR sort:b', 11, /missing/],
    ];
    for (const [query, at, said] of cases) {
      const found = mistake(query);
      assert.match(found.said, said, query);
      assert.equal(found.at, at, query);
    }
  });

  it('is bounded in length, conditions and depth', () => {
    const words = (count: number) => Array.from({ length: count }, () => 'a').join(' ');
    const nested = (depth: number) => '('.repeat(depth) + 'a' + ')'.repeat(depth);
    assert.equal(read(`"${'x'.repeat(3_998)}"`).text.length, 4_000);
    assert.match(mistake('x'.repeat(4_001)).said, /4001 characters.*4000/);
    assert.equal(matches(read(words(200)).where, row()), true);
    assert.match(mistake(words(201)).said, /200 conditions/);
    assert.equal(matches(read(nested(50)).where, row()), true);
    assert.match(mistake(nested(51)).said, /more than 50/);
    assert.match(mistake('-'.repeat(3_000) + 'a').said, /more than 50/);
    assert.match(mistake('('.repeat(4_000)).said, /more than 50/);
  });
});

describe('any text', () => {
  const pieces = fc.oneof(
    fc.constantFrom(
      '(',
      ')',
      '"',
      '\\',
      '-',
      ':',
      '.',
      ' ',
      '=',
      '!=',
      '<',
      '~',
      ',',
      'AND ',
      'OR ',
      'NOT ',
      'all',
      'sort:',
      'sample:',
      'has:',
    ),
    fc.constantFrom(
      'state:',
      'edited',
      'line:',
      '12',
      'is:',
      'mine',
      'by:',
      'assigned:',
      'me',
      '5/x',
      'key:',
      'a',
      'null',
      'true',
      '1e999',
      '-0',
      '\u3000',
      '\ud83d',
      '"x"',
    ),
    fc.string({ maxLength: 3 }),
  );

  it('is a query, or a mistake at a place in it', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), list => {
        const text = list.join('');
        const result = parseQuery(text);
        if (result.ok) {
          assert.equal(result.query.text, text);
          assert.deepEqual({ ...read(printQuery(result.query)), text }, result.query);
          matches(result.query.where, row());
        } else {
          assert.ok(result.at >= 0 && result.at <= text.length);
          // What was typed is quoted, and may look like a place for an argument itself.
          if (!/\{\d\}/.test(text)) assert.doesNotMatch(english(result.reason), /\{\d\}/);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

const someText = fc.oneof(
  fc.constantFrom(
    'all',
    'AND',
    'OR',
    'line',
    '-',
    '-x',
    '3',
    'true',
    'null',
    '1e999',
    'a.b',
    '"',
    '\\',
    'a b',
    '!=',
    'x!',
    'a,b',
    ':',
    '\n',
  ),
  fc.string({ minLength: 1, maxLength: 5 }),
);
const path = fc.array(fc.oneof(someText, fc.constant('')), { minLength: 1, maxLength: 3 });
const operators = fc.constantFrom<Operator>('=', '!=', '<', '<=', '>', '>=');
const values = fc.oneof(
  someText,
  fc.constant(''),
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0),
);
const term: fc.Arbitrary<Part> = fc.oneof(
  fc.record({
    type: fc.constant('text' as const),
    scope: fc.constantFrom('either', 'source', 'target', 'instruction', 'input', 'output', 'text'),
    text: someText,
  }),
  fc.record({
    type: fc.constant('state' as const),
    states: fc.array(fc.constantFrom(...STATES, 'bad' as const), { minLength: 1, maxLength: 3 }),
  }),
  fc.constantFrom<Part>({ type: 'finding', what: 'any' }, { type: 'finding', what: 'language-mixed' }),
  fc.record({
    type: fc.constant('is' as const),
    what: fc.constantFrom('repeated', 'commented', 'edited', 'candidate', ...REVIEW_TRAITS),
  }),
  fc.record({
    type: fc.constantFrom('by' as const, 'assigned' as const),
    reviewer: fc.oneof(fc.constantFrom('me', 'nobody'), someText),
  }),
  someText.map((reason): Part => ({ type: 'reason', reason })),
  someText.map((tag): Part => ({ type: 'lang', tag })),
  someText.map((key): Part => ({ type: 'key', key })),
  fc
    .tuple(fc.integer({ min: 1, max: 99 }), fc.nat(9))
    .map(([from, more]): Part => ({ type: 'line', from, to: from + more })),
  path.map((names): Part => ({ type: 'has', path: names })),
  fc.record({ type: fc.constant('member' as const), path, operator: operators, value: values }),
  fc.record({
    type: fc.constant('member' as const),
    path,
    operator: fc.constant('~' as const),
    value: someText,
  }),
);
/** Trees as the parser makes them: nothing directly in its own kind but NOT. */
const { tree } = fc.letrec<{ tree: Part }>(tie => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    term,
    tie('tree').map((part): Part => ({ type: 'not', part })),
    fc
      .tuple(
        fc.constantFrom('and' as const, 'or' as const),
        fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      )
      .map(([type, parts]): Part => ({
        type,
        parts: parts.flatMap(each => (each.type === type ? each.parts : [each])),
      })),
  ),
}));
const sorts = fc.option(
  fc.oneof(
    fc.constant<Sort>({ path: undefined, descending: true }),
    fc.record({ path, descending: fc.boolean() }),
  ),
  { nil: undefined },
);

const samples = fc.option(
  fc.record<Sample>({
    count: fc.integer({ min: 1, max: 1_000_000 }),
    seed: fc.oneof(fc.constant('0'), fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/)),
  }),
  { nil: undefined },
);

it('what is printed is read as the same query', () => {
  const conditions = fc.oneof(tree, fc.constant<Condition>({ type: 'all' }));
  fc.assert(
    fc.property(conditions, sorts, samples, (where, sort, sample) => {
      const text = printQuery({ where, sort, sample });
      // The clone has ordinary prototypes, unlike what fast-check makes.
      assert.deepEqual(read(text), structuredClone({ text, where, sort, sample }));
    }),
    { numRuns: 2_000 },
  );
});

it('reads a value as a number only where JSON would', () => {
  const value = (text: string) => {
    const { where } = read(`m = ${text}`);
    return where.type === 'member' ? where.value : assert.fail(text);
  };
  const numbers = ['3', '-1.5', '2e3', '-0'];
  assert.deepEqual(numbers.map(value), [3, -1.5, 2000, 0]);
  const strings = ['1e999', '03', '1.', '+1', '-', '"3"', 'True', 'Infinity'];
  assert.deepEqual(
    strings.map(value),
    strings.map(text => text.replaceAll('"', '')),
  );
});

it('prints plainly what can be plain', () => {
  const plain = (text: string) => printQuery(read(text));
  assert.equal(plain('(a AND "b")  OR NOT ( c OR "d e" )'), 'a b OR -(c OR "d e")');
  assert.equal(plain('"m".n<"3" key:h:12@de'), 'm.n < "3" key:h:12@de');
  assert.equal(plain('"all" "AND"'), '"all" "AND"');
  assert.equal(plain(' '), 'all');
});

describe('members', () => {
  const json = fc.oneof(
    fc.integer(),
    fc.constantFrom(Infinity, 'b', 'a', 'B', '10', true, false, null),
    fc.constant([1]),
    fc.constant(undefined),
  );

  it('compare as a naive evaluator says', () => {
    const value = fc.constantFrom<MemberValue>(1, 2, '1', '2', 'b', true, null, '');
    const held = fc.oneof(value, fc.array(value, { maxLength: 3 }), fc.constant(undefined));
    fc.assert(
      fc.property(held, operators, value, (member, operator, wanted) => {
        const where: Condition = { type: 'member', path: ['m'], operator, value: wanted };
        const found = matches(where, row({}, member === undefined ? {} : { m: member }));
        const holds = Array.isArray(member) ? member.some(each => each === wanted) : member === wanted;
        const both = [member, wanted];
        const ordered =
          both.every(each => typeof each === 'number') || both.every(each => typeof each === 'string');
        const [a, b] = both as [number, number];
        const naive = {
          '=': holds,
          '!=': !holds,
          '<': ordered && a < b,
          '<=': ordered && a <= b,
          '>': ordered && a > b,
          '>=': ordered && a >= b,
        };
        assert.equal(found, naive[operator as keyof typeof naive]);
      }),
    );
  });

  it('have one order, those that are missing last in both directions', () => {
    const shuffled = [undefined, 'b', true, 10, null, 'B', 9, false, undefined, '10'];
    const sorted = [9, 10, '10', 'B', 'b', false, true, null];
    assert.deepEqual(shuffled.toSorted((a, b) => compareMembers(a, b)).slice(0, 8), sorted);
    const down = Array.from(shuffled, each => ({ each })).sort((a, b) =>
      compareMembers(a.each, b.each, true),
    );
    assert.deepEqual(
      down.map(({ each }) => each),
      [...sorted.toReversed(), undefined, undefined],
    );
    fc.assert(
      fc.property(json, json, json, fc.boolean(), (a, b, c, descending) => {
        const order = (x: unknown, y: unknown) => Math.sign(compareMembers(x, y, descending));
        assert.equal(order(a, b) + order(b, a), 0);
        if (order(a, b) <= 0 && order(b, c) <= 0) assert.ok(order(a, c) <= 0);
      }),
    );
  });
});

it('says what must be known of a row', () => {
  const nothing = {
    text: false,
    record: false,
    findings: false,
    review: false,
    keys: false,
    candidates: false,
  };
  const cases: [query: string, needed: Partial<typeof nothing>][] = [
    ['', {}],
    ['line:3', {}],
    ['a', { text: true }],
    ['lang:de', { text: true }],
    ['state:approved OR by:anna', { review: true }],
    ...REVIEW_TRAITS.map((trait): [string, Partial<typeof nothing>] => [`is:${trait}`, { review: true }]),
    ['is:edited', { review: true }],
    ['is:commented', { review: true }],
    ['assigned:nobody', { review: true }],
    ['reason:meaning', { review: true }],
    ['sample:5 sort:-line', {}],
    ['is:repeated', { keys: true }],
    ['is:candidate', { keys: true, candidates: true }],
    ['-(key:3 OR finding:any)', { keys: true, findings: true }],
    ['a.b = 3 x', { record: true, text: true }],
    ['has:a', { record: true }],
  ];
  for (const [query, needed] of cases)
    assert.deepEqual(needs(read(query).where), { ...nothing, ...needed }, query);
});

it('asks for the record and findings of a row only where the answer hangs on them', () => {
  const never = () => assert.fail('asked');
  const facts = row({ findings: never, record: never });
  check(facts, ['colour OR finding:any OR a = 3', 'state:pending'], ['line:9 finding:any has:a']);
});
