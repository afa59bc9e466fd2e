import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { matches, parseQuery, type Condition, type RowFacts } from '../../src/core/filter';
import type { TextScope } from '../../src/core/filterText';
import { containsFolded, fold, prefilter } from '../../src/core/textSearch';

/** What a character is without its case, said once more: by its capital where that is one character. */
function naiveFold(character: string): string {
  if (character === 'İ') return 'i';
  const one = (text: string) => Array.from(text).length === 1;
  return (one(character.toUpperCase()) ? character.toUpperCase() : character).toLowerCase();
}

const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

describe('fold', () => {
  it('is the same for a character and its capital and small letter, of any script, and keeps its length', () => {
    for (let code = 0; code < 0x20000; code++) {
      const character = String.fromCodePoint(code);
      const folded = fold(character);
      const cases = [folded, character.toLowerCase(), character.toUpperCase()];
      const same = cases
        .filter(each => each.length === character.length)
        .every(each => fold(each) === folded);
      if (!same || folded !== naiveFold(character) || folded.length !== character.length)
        assert.fail(`U+${code.toString(16)} ${character} ${folded}`);
    }
  });

  it('leaves alone what is beyond the planes where letters have case', () => {
    for (let from = 0x20000; from <= 0x10ffff; from += 0x1000) {
      const text = String.fromCodePoint(...Array.from({ length: 0x1000 }, (_, index) => from + index));
      assert.ok(!/\p{Changes_When_Casemapped}/u.test(text) && fold(text) === text, from.toString(16));
    }
  });

  it('folds a text as it folds its characters', () => {
    const unit = fc.constantFrom(
      'A',
      'ß',
      'ẞ',
      'Σ',
      'ς',
      ' ',
      'İ',
      'ı',
      'I',
      '\u212a',
      'ſ',
      '\ud801\udc00',
      '\ud801',
      'ΐ',
      '\u0345',
      '你',
    );
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit }), fc.string({ unit: 'binary' })), text => {
        assert.equal(fold(text), Array.from(text, naiveFold).join(''));
      }),
    );
  });

  it('finds words in either case', () => {
    const found: [text: string, needle: string][] = [
      ['Die STRAẞE', 'straße'],
      ['İstanbul, IŞIK', 'ıstanbul'],
      ['IŞIK', 'ışık'],
      ['ΟΔΟΣ', 'οδος'],
      ['οδός σας', 'ΣΑΣ'],
      ['5 \u212a', 'K'],
      ['ПРИВЕТ', 'привет'],
    ];
    for (const [text, needle] of found) assert.ok(containsFolded(text, fold(needle)), `${text} ${needle}`);
    assert.ok(!containsFolded('Strasse', fold('straße')));
    assert.ok(!containsFolded('schon', fold('schön')));
  });
});

/** Writes a string as JSON, each UTF-16 unit in one of the ways that JSON allows, as a tape of numbers has it. */
function spell(text: string, tape: readonly number[]): string {
  let at = 0;
  const next = (below: number) => tape[at++ % tape.length]! % below;
  let written = '';
  for (const character of text) {
    const short = { '"': '"', '\\': '\\', '/': '/', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't' }[
      character
    ];
    const mustEscape =
      character < ' ' || character === '"' || character === '\\' || !character.isWellFormed();
    const way = next(3);
    if (way === 0 && short !== undefined) written += `\\${short}`;
    else if (way === 1 && !mustEscape) written += character;
    else {
      for (const unit of character.split('')) {
        for (const digit of `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          written += digit !== 'u' && next(2) === 0 ? digit.toUpperCase() : digit;
      }
    }
  }
  return `"${written}"`;
}

interface Row {
  readonly output: string;
  readonly note: string;
}

function factsOf(json: string): RowFacts {
  const record = JSON.parse(json) as Row;
  return {
    line: 1,
    key: undefined,
    lang: undefined,
    state: 'pending',
    me: undefined,
    by: [],
    assigned: [],
    reasons: [],
    traits: new Set(),
    commented: false,
    edited: false,
    repeated: false,
    source: [],
    target: [{ name: 'output', text: record.output }],
    candidate: () => false,
    findings: () => [],
    record: () => record,
  };
}

const parsed = (query: string): Condition => {
  const result = parseQuery(query);
  assert.ok(result.ok, query);
  return result.query.where;
};

/** Numbers of the rows that whoever reads a block of rows by a pattern would parse. */
function candidates(rows: readonly string[], where: Condition): number[] | undefined {
  const pattern = prefilter(where);
  if (!pattern) return undefined;
  const found: number[] = [];
  const block = latin1(rows.join('\n'));
  const ends = rows.map((_, index) => latin1(rows.slice(0, index + 1).join('\n')).length);
  for (let from = 0; from <= block.length;) {
    const at = pattern.find(block, from);
    if (at < 0) break;
    assert.ok(at >= from && at < block.length);
    const index = ends.findIndex(end => at < end);
    found.push(index);
    from = ends[index]! + 1;
  }
  return found;
}

const letters = fc.constantFrom(
  ...Array.from('aAkKsSiIeEz0 \n"/\\<üÜßẞıİſσςΣдДᲁ你好𐐀𐐨😀'),
  ...['\u212a', '\u2c65', '\u023a', '\u1fbe', '\ud83d', '\ude00', '\u0007', '\u007f', '\u2028'],
);
const texts = fc.string({ unit: letters, maxLength: 12 });
const tapes = fc.array(fc.nat(), { minLength: 10, maxLength: 40 });
/** A piece of a text in another case, or another text. */
const wanted = (text: string) =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.nat(text.length), fc.nat(6))
        .map(([from, count]) => text.slice(from, from + count)),
    },
    { weight: 1, arbitrary: fc.string({ unit: letters, minLength: 1, maxLength: 4 }) },
  );
const recased = (text: string) =>
  fc.constantFrom(text, text.toLowerCase(), text.toUpperCase(), fold(text)).map(each => each || 'x');
const leaf = (row: Row): fc.Arbitrary<Condition> =>
  fc.oneof(
    fc
      .tuple(
        fc.constantFrom<TextScope>('either', 'target', 'output', 'input'),
        wanted(row.output).chain(recased),
      )
      .map(([scope, text]) => ({ type: 'text' as const, scope, text })),
    fc
      .tuple(
        fc.constantFrom('~' as const, '=' as const, '!=' as const),
        fc.oneof(fc.constant(row.note), wanted(row.note).chain(recased)),
      )
      .map(([operator, value]) => ({ type: 'member' as const, path: ['note'], operator, value })),
    fc.constantFrom<Condition>({ type: 'line', from: 1, to: 1 }, { type: 'line', from: 2, to: 3 }),
  );
const conditions = (row: Row): fc.Arbitrary<Condition> =>
  fc.oneof(
    leaf(row),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(leaf(row), { minLength: 2, maxLength: 3 }))
      .map(([type, parts]) => ({ type, parts }) as Condition),
    leaf(row).map(part => ({ type: 'not', part }) as Condition),
  );

describe('the search in bytes', () => {
  it('finds every row that the filter finds, however it is spelled', () => {
    let [found, skipped] = [0, 0];
    const rows = fc.array(fc.record({ output: texts, note: texts, tape: tapes }), {
      minLength: 1,
      maxLength: 4,
    });
    const cases = rows.chain(list =>
      fc.tuple(
        fc.constant(list),
        fc.integer({ min: 0, max: list.length - 1 }).chain(index => conditions(list[index]!)),
      ),
    );
    fc.assert(
      fc.property(cases, ([list, where]) => {
        const lines = list.map(
          ({ output, note, tape }) => `{"output":${spell(output, tape)},"note":${spell(note, tape)}}`,
        );
        const hits = candidates(lines, where);
        lines.forEach((line, index) => {
          const isMatch = matches(where, factsOf(line));
          if (hits && isMatch) found++;
          if (hits && !hits.includes(index)) skipped++;
          if (isMatch && hits) assert.ok(hits.includes(index), `${JSON.stringify(where)} in ${line}`);
        });
      }),
      { numRuns: 6_000 },
    );
    // The runs above say something only if there were rows of both kinds.
    assert.ok(found > 200 && skipped > 200, `${found} ${skipped}`);
  });

  it('passes over rows without the text', () => {
    const rows = [
      '{"a":"Ein Satz"}',
      '{"a":"Straße"}',
      String.raw`{"a":"STRA\u1E9EE"}`,
      '{"a":"Strasse"}',
      String.raw`{"a":"\u0053traße"}`,
    ];
    assert.deepEqual(candidates(rows, parsed('straße')), [1, 2, 4]);
    assert.deepEqual(candidates(rows, parsed('satz OR strasse')), [0, 3, 4]);
    assert.deepEqual(
      candidates(['{"a":"你"}', String.raw`{"a":"\u4f60"}`, String.raw`{"a":"\u0041"}`], parsed('你')),
      [0, 1],
    );
  });

  it('goes by the rarest text where several must be there', () => {
    const rows = ['{"a":"der Tag"}', '{"a":"der Schmetterling"}', '{"a":"das"}'];
    assert.deepEqual(candidates(rows, parsed('der schmetterling state:pending')), [1]);
    assert.deepEqual(candidates(rows, parsed('-x (der OR schmetterling)')), [0, 1]);
  });

  it('starts again in another block and before where it was', () => {
    const pattern = prefilter(parsed('farbe'))!;
    const block = '{"a":"Farbe"} {"a":"FARBE"}';
    assert.equal(pattern.find(block, 0), 6);
    assert.equal(pattern.find(block, 7), 20);
    assert.equal(pattern.find(block, 0), 6);
    assert.equal(pattern.find(block, 21), -1);
    assert.equal(pattern.find(`${block} `, 7), 20);
    assert.equal(pattern.find('{"a":"farbe"}', 0), 6);
  });

  it('is of no use where no text, or too little, is asked for', () => {
    const without = [
      '',
      'all',
      'a',
      '-farbe',
      'farbe OR state:stale',
      'state:stale',
      'm = 3',
      'm != farbe',
      'm < farbe',
      'm = ""',
      '"\ud83d"',
      Array.from({ length: 9 }, (_, index) => `wort${index}`).join(' OR '),
    ];
    for (const query of without) assert.equal(prefilter(parsed(query)), undefined, query);
    for (const query of ['es', '你', 'ü', 'm ~ farbe', 'm = farbe', 'farbe state:stale'])
      assert.ok(prefilter(parsed(query)), query);
  });

  it('takes the longest text that a filter can have', () => {
    const text = '你K'.repeat(1_900);
    const rows = [`{"a":"${text}"}`, '{"a":"你K你"}'];
    assert.deepEqual(candidates(rows, parsed(`"${text}"`)), [0]);
  });
});
