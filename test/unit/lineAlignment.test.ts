/** Lines of a text beside those of its translation. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { alignLines } from '../../src/core/lineAlignment';

const line = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '- eins',
    '* zwei',
    '1. drei',
    '2) vier',
    '## H',
    '```',
    '> q',
    '|a|b|',
    '（３）三',
    '\r',
  ),
  fc.string({ maxLength: 40, unit: 'grapheme' }),
);
const texts = fc.array(line, { maxLength: 30 }).map(lines => lines.join('\n'));

/** The blocks as texts, without the ends of lines. */
function shown(source: string, target: string): [string, string][] {
  return alignLines(source, target).map(block => [
    source.slice(block.source.start, block.source.end).trimEnd(),
    target.slice(block.target.start, block.target.end).trimEnd(),
  ]);
}

describe('alignLines', () => {
  it('has every line of both texts in exactly one block, in order', () => {
    fc.assert(
      fc.property(texts, texts, (source, target) => {
        const blocks = alignLines(source, target);
        for (const [side, text] of [['source', source] as const, ['target', target] as const]) {
          let end = 0;
          for (const block of blocks) {
            assert.equal(block[side].start, end);
            assert.ok(block[side].end >= end);
            end = block[side].end;
            assert.ok(end === text.length || text[end - 1] === '\n' || end === 0, 'whole lines only');
          }
          assert.equal(end, text.length);
        }
        assert.ok(blocks.every(({ source: s, target: t }) => s.end > s.start || t.end > t.start));
      }),
    );
  });

  it('puts each line of a text beside itself', () => {
    fc.assert(
      fc.property(texts, text => {
        for (const [source, target] of shown(text, text)) assert.equal(source, target);
      }),
    );
  });

  it('leaves room where a paragraph was left out, and goes on beside the right ones', () => {
    const source = 'Wash the rice.\n\nLet it soak in plenty of cold water for half an hour.\n\nBoil it.\n';
    const target = 'Wasche den Reis.\n\nKoche ihn.\n';
    const pairs = shown(source, target).filter(([one, other]) => one + other !== '');
    assert.deepEqual(pairs, [
      ['Wash the rice.', 'Wasche den Reis.'],
      ['Let it soak in plenty of cold water for half an hour.', ''],
      ['Boil it.', 'Koche ihn.'],
    ]);
  });

  it('keeps items of a numbered list with their numbers, in other digits too', () => {
    const source = '1. Read.\n2. Think about what you have read.\n3. Write.';
    assert.deepEqual(shown(source, '١. اقرأ.\n٣. اكتب.'), [
      ['1. Read.', '١. اقرأ.'],
      ['2. Think about what you have read.', ''],
      ['3. Write.', '٣. اكتب.'],
    ]);
    assert.deepEqual(shown(source, '१. पढ़ो।\n३. लिखो।')[2], ['3. Write.', '३. लिखो।']);
    assert.deepEqual(shown(source, '（１）读。\n（３）写。')[2], ['3. Write.', '（３）写。']);
  });

  it('puts two lines beside the one that both became', () => {
    const source =
      'It was late in the evening and the shop was closed.\nNobody was to be seen in the street.\nWe went home.';
    const target =
      'Es war spät am Abend, der Laden hatte schon zu, und auf der Straße war kein Mensch mehr zu sehen.\nWir gingen heim.';
    assert.equal(shown(source, target)[1]?.[1], 'Wir gingen heim.');
    assert.equal(shown(source, target)[1]?.[0], 'We went home.');
  });

  it('has one block for a text of one line, none for nothing, and one for texts with too many lines', () => {
    assert.equal(alignLines('', '').length, 0);
    assert.equal(alignLines('one', 'eins').length, 1);
    assert.deepEqual(alignLines('one\n', ''), [
      { source: { start: 0, end: 4 }, target: { start: 0, end: 0 } },
    ]);
    assert.equal(alignLines('\n'.repeat(60_000), '\n'.repeat(60_000)).length, 1);
    assert.equal(alignLines('\n'.repeat(60_000), '').length, 1);
  });
});
