import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { english } from '../../src/core/messages';
import { mask } from '../../src/core/masking';
import { partialTexts } from '../../src/core/partialJson';
import { readAnswer, readPartial, type Ask, type AskPart } from '../../src/core/prompt';

const partOf = (name: string, source: string): AskPart => {
  return { name, paragraph: 0, before: '', source, masked: mask(source).masked };
};
const common = { messages: [], raw: false, maxTokens: 99, minPromptTokens: 0 };
const json = (sources: Readonly<Record<string, string>>): Ask => ({
  ...common,
  schema: {},
  parts: Object.entries(sources).map(([name, source]) => partOf(name, source)),
});
const plain = (source: string): Ask => ({ ...common, parts: [partOf('output', source)] });

/** The texts, then what is wrong. */
function read(ask: Ask, answer: string): string[] {
  const reading = readAnswer(ask, answer);
  return reading.ok
    ? [...reading.texts.map(({ text }) => text), ...reading.problems.map(english)]
    : [english(reading.problem)];
}

describe('an answer in JSON', () => {
  const ask = json({ instruction: 'Say', output: 'Go' });

  it('is read with or without a code fence around it', () => {
    const answer = JSON.stringify({ output: 'Geh', instruction: 'Sag' });
    for (const text of [
      answer,
      ` ${answer}\n`,
      `\`\`\`json\n${answer}\n\`\`\``,
      `\`\`\`\n${answer}\n\`\`\`\n`,
    ])
      assert.deepEqual(read(ask, text), ['Sag', 'Geh'], text);
  });

  it('is not read where anything else stands around it, or it is cut', () => {
    const answer = JSON.stringify({ instruction: 'Sag', output: 'Geh' });
    for (const text of [
      `Here it is: ${answer}`,
      `${answer} Done.`,
      answer.slice(0, -1),
      `[${answer}]`,
      '',
      'null',
      '"a"',
    ])
      assert.deepEqual(read(ask, text), [
        'The model did not answer with one JSON object, which it was asked for.',
      ]);
  });

  it('is not read where a text is missing, empty or no text', () => {
    assert.match(read(ask, '{"instruction":"Sag"}')[0]!, /has no text for “output”/);
    assert.match(read(ask, '{"instruction":"Sag","output":7}')[0]!, /has no text for “output”/);
    assert.match(read(ask, '{"instruction":"Sag","output":" "}')[0]!, /an empty text for “output”/);
    // Only members of its own count.
    assert.match(read(json({ constructor: 'Go' }), '{}')[0]!, /has no text for “constructor”/);
  });

  it('gets the blanks around the source back, which models leave out', () => {
    assert.deepEqual(read(json({ output: '\n Go\t\n' }), '{"output":"Geh "}'), ['\n Geh\t\n']);
  });

  it('gets back what was masked; what is lost, doubled or invented is said and the text is given', () => {
    const masked = json({ output: 'Use {x} at `a`' });
    assert.deepEqual(read(masked, '{"output":"Bei ⟦P1⟧ nimm [[p0]]"}'), ['Bei `a` nimm {x}']);
    const [text, ...problems] = read(masked, '{"output":"⟦P0⟧ ⟦P0⟧ ⟦P9⟧"}');
    assert.equal(text, '{x} {x} ⟦P9⟧');
    assert.equal(problems.length, 3);
    assert.match(problems[0]!, /left out of “output” .*: `a`\./);
    assert.match(problems[1]!, /more than once .*: \{x\}\./);
    assert.match(problems[2]!, /stand for nothing: ⟦P9⟧\./);
  });

  it('says of a long part that was lost only how it begins, on one line', () => {
    const [, problem] = read(
      json({ output: `a \`\`\`python\n${'x = f(y);\n'.repeat(99)}\`\`\`` }),
      '{"output":"a"}',
    );
    assert.ok(problem!.length < 250 && problem!.includes('python x = f(y);') && !problem!.includes('\n'));
  });
});

describe('an answer in plain text', () => {
  it('is taken as it is', () => {
    for (const answer of ['Geh', 'Geh: “a”, dann b', '“a” und “b”', '<b>Geh</b>', 'Übersetzung: x'])
      assert.deepEqual(read(plain('Go'), answer), [answer]);
  });

  it('is freed of the tags, the label and the quotes that a model put around it', () => {
    for (const answer of [
      '<source>Geh</source>',
      '\n<source2>\nGeh\n</source2>\n',
      '"Geh"',
      '“Geh”',
      '«Geh»',
      'Translation: Geh',
      'Translation:\n"Geh"',
    ])
      assert.deepEqual(read(plain('Go'), answer), ['Geh'], answer);
  });

  it('keeps them where the source has the like', () => {
    assert.deepEqual(read(plain('"Go"'), '«Geh»'), ['«Geh»']);
    assert.deepEqual(read(plain('A translation: go'), 'Translation: geh'), ['Translation: geh']);
    assert.deepEqual(read(plain('<p'), '<text>Geh</text>'), ['<text>Geh</text>']);
  });

  it('that was written anew is left alone, whatever marks it may have', () => {
    assert.deepEqual(read(plain(''), ' "Geh" ⟦P3⟧ '), ['"Geh" ⟦P3⟧']);
  });

  it('is none where it is empty', () => {
    for (const answer of ['', ' \n', '<source></source>', '""'])
      assert.match(read(plain('Go'), answer)[0]!, /an empty text/);
  });
});

describe('readPartial', () => {
  const words = fc.string({
    unit: fc.constantFrom('a', '"', '\\', '\n', '猫', '😀', 'é', '{', '}', ',', ':', ' ', '\u0001'),
  });

  it('gives at any moment how the texts begin, never a broken character', () => {
    fc.assert(
      fc.property(fc.tuple(words, words, words), fc.boolean(), ([a, b, c], escaped) => {
        const texts = { a: `x${a}x`, b: `x${b}x`, c: `x${c}x` };
        let answer = JSON.stringify(texts);
        if (escaped)
          answer = answer.replace(
            /[^\x20-\x7e]/g,
            unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
          );
        for (let end = 0; end <= answer.length; end++) {
          for (const { name, text } of readPartial(json({ a: 'a', b: 'b', c: 'c' }), answer.slice(0, end))) {
            const whole = texts[name as 'a'];
            assert.ok(whole.startsWith(text), JSON.stringify([whole, text]));
            assert.ok(text.isWellFormed());
          }
        }
        const last = readPartial(json({ a: 'a', b: 'b', c: 'c' }), answer);
        assert.deepEqual(Object.fromEntries(last.map(({ name, text }) => [name, text])), texts);
      }),
      { numRuns: 60 },
    );
  });

  it('grows: later there is never less', () => {
    const answer = '{"a":"one \\u732b\\ud83d\\ude00", "b" : "two\\n"}';
    let before = 0;
    for (let end = 0; end <= answer.length; end++) {
      const length = partialTexts(answer.slice(0, end)).reduce((sum, [, text]) => sum + text.length, 0);
      assert.ok(length >= before);
      before = length;
    }
    assert.equal(before, 'one 猫😀two\n'.length);
  });

  it('shows plain text with what was masked, and a fenced object too', () => {
    assert.deepEqual(readPartial(plain('Use {x} now'), 'Nimm ⟦P0⟧ un'), [
      { name: 'output', text: 'Nimm {x} un' },
    ]);
    assert.deepEqual(readPartial(json({ a: 'x' }), '```json\n{"a": "ei'), [{ name: 'a', text: 'ei' }]);
  });

  it('shows nothing of what is no answer, and of members that were not asked for', () => {
    for (const answer of ['', 'Sure! {"a":"b"}', '{"a":7', '{"a":"\n', '{"b":"x"', '[', '{"a"', '{"a":'])
      assert.deepEqual(readPartial(json({ a: 'x' }), answer), [], answer);
  });

  it('throws on no text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => void readPartial(json({ a: 'x' }), `{"a":"${text}`)),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), text => void readAnswer(json({ a: 'x' }), text)));
  });
});
