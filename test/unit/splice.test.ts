import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readRecord } from '../../src/core/record';
import { spliceTexts, type TextEdit } from '../../src/core/splice';
import { sha256 } from '../helpers/builders';
import { holesOf, spelledRecord, textOf } from '../helpers/spelledRecords';

const target = (text: string, name = 'output', unit = 0): TextEdit => ({ unit, side: 'target', name, text });
const source = (text: string, name = 'output', unit = 0): TextEdit => ({ unit, side: 'source', name, text });

function splice(line: string, ...edits: TextEdit[]): string {
  const spliced = spliceTexts(line, edits, sha256);
  assert.ok(spliced.ok, `refused: ${JSON.stringify(spliced)}`);
  return spliced.line;
}

function refused(line: string, ...edits: TextEdit[]): string {
  const spliced = spliceTexts(line, edits, sha256);
  assert.ok(!spliced.ok, `taken: ${JSON.stringify(spliced)}`);
  return `${spliced.side} ${spliced.name}`;
}

const pairs = (output: string, more = '') =>
  `{"id":1,"en_instruction":"i","en_output":"o","de_instruction":"I",${more}"de_output":${output}}`;

describe('where the value of a field is', () => {
  const cases: [name: string, line: string, edit: TextEdit, expected: string][] = [
    [
      'in the object of its side, whichever stands first',
      '{"target":{"output":"O","instruction":"I"},"source":{"output":"O","instruction":"I"}}',
      target('neu'),
      '{"target":{"output":"neu","instruction":"I"},"source":{"output":"O","instruction":"I"}}',
    ],
    [
      'in the source of a record that is named by an id',
      '{"id":"a","source":{"text":"s"},"target":{"text":"s"}}',
      source('neu', 'text'),
      '{"id":"a","source":{"text":"neu"},"target":{"text":"s"}}',
    ],
    ['under a prefix', pairs('"O"'), target('neu'), pairs('"neu"')],
    [
      'under a suffix beside plain names',
      '{"instruction":"i","output":"o","output_it":"O","instruction_it":"I"}',
      target('neu'),
      '{"instruction":"i","output":"o","output_it":"neu","instruction_it":"I"}',
    ],
    [
      'in a translated twin',
      '{"translated_instruction":"I","translated_output":"O","instruction":"i","output":"o"}',
      target('neu'),
      '{"translated_instruction":"I","translated_output":"neu","instruction":"i","output":"o"}',
    ],
    [
      'in the second of several languages',
      '{"id":1,"en_instruction":"i","en_output":"o","de_instruction":"I","de_output":"O","zh_instruction":"I","zh_output":"O"}',
      target('neu', 'output', 1),
      '{"id":1,"en_instruction":"i","en_output":"o","de_instruction":"I","de_output":"O","zh_instruction":"I","zh_output":"neu"}',
    ],
    [
      'the last of a repeated member',
      pairs('"O"', '"de_output":{"de_output":"no"},"de_output":"no",'),
      target('neu'),
      pairs('"neu"', '"de_output":{"de_output":"no"},"de_output":"no",'),
    ],
    [
      'the last of a repeated side',
      '{"target":{"text":"no"},"source":{"text":"s"},"target":{"text":"no","text":"O"}}',
      target('neu', 'text'),
      '{"target":{"text":"no"},"source":{"text":"s"},"target":{"text":"no","text":"neu"}}',
    ],
    [
      'under a name spelled with escapes',
      '{"source":{"text":"s"},"targ\\u0065t":{"te\\u0078t":"O"}}',
      target('neu', 'text'),
      '{"source":{"text":"s"},"targ\\u0065t":{"te\\u0078t":"neu"}}',
    ],
    [
      'beside members named like those of every object',
      '{"__proto__":{"output":"x"},"constructor":1,"source":{"text":"s"},"target":{"__proto__":"\\u0041","text":"O"}}',
      target('neu', 'text'),
      '{"__proto__":{"output":"x"},"constructor":1,"source":{"text":"s"},"target":{"__proto__":"\\u0041","text":"neu"}}',
    ],
    [
      'where it is null',
      pairs('"O"', '"de_input":null,'),
      target('neu', 'input'),
      pairs('"O"', '"de_input":"neu",'),
    ],
    [
      'between any white space',
      '\t{\r\n "source" : {"text":"s"} ,\n\n"target":\n{ "text"\t:\t"O"\n}\n} ',
      target('neu', 'text'),
      '\t{\r\n "source" : {"text":"s"} ,\n\n"target":\n{ "text"\t:\t"neu"\n}\n} ',
    ],
  ];
  for (const [name, line, edit, expected] of cases) {
    it(name, () => assert.equal(splice(line, edit), expected));
  }

  it('for several edits of several units at once, each source given twice', () => {
    const line =
      '{"id":1,"en_instruction":"i","en_output":"o","de_instruction":"I","de_output":"O","zh_instruction":"I","zh_output":"O"}';
    assert.equal(
      splice(line, target('zwei', 'output', 1), source('s'), source('s', 'output', 1), target('eins')),
      '{"id":1,"en_instruction":"i","en_output":"s","de_instruction":"I","de_output":"eins","zh_instruction":"I","zh_output":"zwei"}',
    );
  });
});

describe('an input that is missing', () => {
  const cases: [name: string, line: string, expected: string][] = [
    [
      'compact',
      '{"source":{"instruction":"i","output":"o"},"target":{"instruction":"I","output":"O"}}',
      '{"source":{"instruction":"i","output":"o"},"target":{"instruction":"I","input":"neu","output":"O"}}',
    ],
    [
      'with blanks, last in its side',
      '{"source": {"instruction": "i", "output": "o"}, "target": {"output": "O", "instruction": "I"}}',
      '{"source": {"instruction": "i", "output": "o"}, "target": {"output": "O", "instruction": "I", "input": "neu"}}',
    ],
    [
      'on a line of its own',
      '{\n  "instruction": "i",\n  "output": "o",\n  "instruction_it": "I",\n  "output_it": "O"\n}',
      '{\n  "instruction": "i",\n  "output": "o",\n  "instruction_it": "I",\n  "input_it": "neu",\n  "output_it": "O"\n}',
    ],
    [
      'behind the last of a repeated instruction, whatever is in it',
      '{"a":"\\",\\"b\\":","en_instruction":"i","en_output":"o","de_instruction":"x","de_output":"O","de_instruction" : "\\",\\"" }',
      '{"a":"\\",\\"b\\":","en_instruction":"i","en_output":"o","de_instruction":"x","de_output":"O","de_instruction" : "\\",\\"","de_input" : "neu" }',
    ],
  ];
  for (const [name, line, expected] of cases) {
    it(`is put behind the instruction: ${name}`, () =>
      assert.equal(splice(line, target('neu', 'input')), expected));
  }
});

describe('the new value', () => {
  it('is a string, whatever it looks like', () => {
    for (const text of ['42', 'null', '', 'true', '{"a":1}', '"']) {
      assert.equal(splice(pairs('"O"'), target(text)), pairs(JSON.stringify(text)));
    }
  });

  it('never brings a line end into the row, and keeps half a surrogate pair as an escape', () => {
    assert.equal(
      splice(pairs('"O"'), target('a\r\nb\u2028\ud83d\u0000')),
      pairs('"a\\r\\nb\u2028\\ud83d\\u0000"'),
    );
  });

  const spellings: [name: string, own: string, member: string, expected: string][] = [
    ['plain, where the row is ASCII', '"O"', '', '"é日😀\u007f"'],
    ['plain, as the value', '"ö"', '"a":"\\u00e9",', '"é日😀\u007f"'],
    ['plain, as the row, for all its escapes', '"O"', '"a":"\\u00e9ä",', '"é日😀\u007f"'],
    ['escaped, as the value', '"\\u00f6"', '"a":"ä",', '"\\u00e9\\u65e5\\ud83d\\ude00\\u007f"'],
    ['escaped, as the row', '"O"', '"a":"\\u00e9",', '"\\u00e9\\u65e5\\ud83d\\ude00\\u007f"'],
    ['escaped with digits only', '"\\u6587"', '', '"\\u00e9\\u65e5\\ud83d\\ude00\\u007f"'],
    ['escaped in upper case', '"\\u6587\\u00E9"', '', '"\\u00E9\\u65E5\\uD83D\\uDE00\\u007F"'],
    ['plain beside escapes of ASCII', '"\\u0041\\n"', '', '"é日😀\u007f"'],
    ['plain beside a backslash before what looks like an escape', '"\\\\u00e9"', '', '"é日😀\u007f"'],
  ];
  for (const [name, own, member, expected] of spellings) {
    it(`is spelled ${name}`, () =>
      assert.equal(splice(pairs(own, member), target('é日😀\u007f')), pairs(expected, member)));
  }
});

describe('refused, naming the field', () => {
  it('is an edit of the source that names the record', () => {
    const line = '{"source":{"text":"s"},"target":{"text":"t"}}';
    assert.equal(refused(line, target('T', 'text'), source('S', 'text')), 'source text');
    assert.equal(refused(line, source('S', 'text')), 'source text');
  });

  it('is an edit of a field or a unit that the record does not have', () => {
    assert.equal(refused(pairs('"O"'), target('x', 'text')), 'target text');
    assert.equal(refused(pairs('"O"'), target('x', 'output', 1)), 'target output');
    assert.equal(refused(pairs('"O"'), target('x', '__proto__')), 'target __proto__');
  });

  it('is an edit of what is no record', () => {
    for (const line of ['[1]', '{"a":', '{"a":1}', ''])
      assert.equal(refused(line, target('x')), 'target output');
  });

  it('are two edits of one text that differ', () => {
    const line = '{"id":1,"en_text":"s","de_text":"t","zh_text":"t"}';
    assert.equal(refused(line, source('a', 'text', 0), source('b', 'text', 1)), 'source text');
  });
});

it('changes the edited values of any record and not one character more', () => {
  fc.assert(
    fc.property(
      fc.gen(),
      fc.array(fc.record({ hole: fc.nat(), text: fc.string({ unit: 'binary', maxLength: 6 }) }), {
        maxLength: 4,
      }),
      (g, changes) => {
        const record = spelledRecord(g, { id: 'r1', seen: '1', breaks: true });
        const line = textOf(record);
        const read = readRecord(line, sha256);
        assert.ok(read.ok, line);
        const holes = holesOf(record);
        const chosen = new Map(changes.map(({ hole, text }) => [holes[hole % holes.length]!, text]));
        const edits = [...chosen].map(([{ lang, side, name }, text]): TextEdit => {
          const unit = read.units.findIndex(each => each.targetLang === lang);
          return { unit: Math.max(0, unit), side, name, text };
        });
        if (edits.length > 0)
          assert.equal(
            splice(line, ...edits),
            textOf(record, hole => chosen.get(hole)),
          );
      },
    ),
    { numRuns: 1000 },
  );
});
