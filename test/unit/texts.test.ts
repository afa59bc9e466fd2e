/** What the page shows of a text besides its letters: code, hidden characters, matches; and how it looks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { wordDiff } from '../../src/core/diff';
import { codeLines, isAllCode } from '../../src/core/codeLines';
import { hiddenCharacters } from '../../src/core/hiddenCharacters';
import { DEFAULT_LOOK, isLook, RANGES, within, type Measure } from '../../src/core/look';
import { MESSAGES } from '../../src/core/messages';
import { occurrences } from '../../src/core/occurrences';

const code = (text: string) => codeLines(text).map(({ start, end }) => text.slice(start, end));

describe('codeLines', () => {
  it('gives whole lines, in order, apart from one another', () => {
    const line = fc.oneof(fc.constantFrom('```', '~~~', '```py', '```text', '', '    x = (1);'), fc.string());
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), lines => {
        const text = lines.join('\n');
        let before = -1;
        for (const { start, end } of codeLines(text)) {
          assert.ok(start > before && end > start);
          assert.ok(start === 0 || text[start - 1] === '\n');
          assert.ok(end === text.length || text[end - 1] === '\n');
          before = end;
        }
      }),
    );
  });

  it('finds blocks in fences with their fences, also one that is never closed', () => {
    assert.deepEqual(code('Ein Satz.\n```py\nprint(1)\n```\nNoch einer.'), ['```py\nprint(1)\n```\n']);
    assert.deepEqual(code('~~~\nنص\n~~~~'), ['~~~\nنص\n~~~~']);
    assert.deepEqual(code('So:\n```\na b\n'), ['```\na b\n']);
  });

  it('takes a block of prose for prose', () => {
    assert.deepEqual(code('```text\nEin Gedicht\n```'), []);
    assert.deepEqual(code('```markdown\n# Titel\n```'), []);
  });

  it('finds statements without fences, not the sentence that leads up to them', () => {
    const text = 'Was gibt dies aus?\nfor (let i = 0; i < 3; i++) {\n  console.log(i);\n}\n\nErkläre es.';
    assert.deepEqual(code(text), ['for (let i = 0; i < 3; i++) {\n  console.log(i);\n}\n']);
    assert.ok(isAllCode('def f(x):\n    return x', codeLines('def f(x):\n    return x')));
    assert.ok(!isAllCode(text, codeLines(text)));
  });

  it('takes lists, tables, headings, filler and prose in other scripts for no code', () => {
    for (const text of [
      '* Äpfel\n* Birnen\n* Nüsse\n* Reis\n* Salz\n* Öl (kalt)',
      '# Titel\n## Eins\n### Zwei',
      '| a | b |\n|---|---|\n| 1 | (2) |',
      '**Hinweis** (wichtig): **nie** öffnen.',
      'Lorem ipsum dolor sit amet.',
      'Gentile {{nome}}, il pacco {numero} è per <città>.',
      'Hola [nombre], {{ saludo }}; {firma}.',
      'x = 5\nهذه فقرة عربية طويلة تشرح المعادلة (بالتفصيل)',
    ])
      assert.deepEqual(code(text), [], text);
  });
});

describe('hiddenCharacters', () => {
  const signs = (text: string) => hiddenCharacters(text).map(({ sign, start }) => `${start}${sign}`);

  it('finds blanks that are none, marks of direction, tabs, and blanks at the end of a line', () => {
    assert.deepEqual(signs('a\u00a0b\tc  \nd \u200e'), ['1NBSP', '3→', '5·', '6·', '10LRM']);
    assert.deepEqual(
      signs('\u202Ea\u202C \u2067b\u2069 \r\n'),
      ['0RLO', '2PDF', '4RLI', '6PDI', '7·', '8CR'].slice(0, 5),
    );
    assert.deepEqual(signs('शक्\u200dति'), ['3ZWJ']);
  });

  it('leaves emoji of several parts alone, and tells others by their number', () => {
    assert.deepEqual(signs('👩‍👩‍👧 👍🏽 🏴\u{e0067}\u{e0062}\u{e007f}'), []);
    assert.deepEqual(signs('a\u0007\u{e0041}'), ['1U+0007', '2U+E0041']);
  });

  it('passes any number of blanks once', () => {
    const blanks = ' '.repeat(1 << 20);
    assert.deepEqual(signs(`a${blanks}b`), []);
    assert.equal(signs(`${blanks}b${blanks}`)[0], `${blanks.length + 1}·`);
  });

  it('leaves ordinary text alone, and lies within any', () => {
    assert.deepEqual(signs('Ein Satz, 一句话。 جملة\n\nनमस्ते'), []);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        let before = 0;
        for (const { start, end, name } of hiddenCharacters(text)) {
          assert.ok(start >= before && end > start && end <= text.length);
          assert.ok(Object.hasOwn(MESSAGES, name));
          before = end;
        }
      }),
    );
  });
});

describe('occurrences', () => {
  it('are found whatever the case, at their offsets, none over another', () => {
    assert.deepEqual(occurrences('Straße STRASSE straße', 'straße'), [
      { start: 0, end: 6 },
      { start: 15, end: 21 },
    ]);
    assert.deepEqual(occurrences('aaa', 'aa'), [{ start: 0, end: 2 }]);
    assert.deepEqual(occurrences('İstanbul istanbul', 'İ').length, 2);
    assert.deepEqual(occurrences('abc', ''), []);
    assert.equal(occurrences('a'.repeat(5000), 'a').length, 1000);
  });
});

describe('a look', () => {
  it('is refused when anything is out of its range, or missing', () => {
    assert.ok(isLook(DEFAULT_LOOK));
    for (const measure of Object.keys(RANGES) as Measure[]) {
      for (const wrong of [RANGES[measure].min - 1, RANGES[measure].max + 1, NaN, Infinity, '50', null])
        assert.ok(!isLook({ ...DEFAULT_LOOK, [measure]: wrong }));
      assert.ok(isLook({ ...DEFAULT_LOOK, [measure]: within(measure, 1e9) }));
      assert.ok(isLook({ ...DEFAULT_LOOK, [measure]: within(measure, -1e9) }));
    }
    for (const wrong of [
      null,
      undefined,
      7,
      [],
      {},
      { ...DEFAULT_LOOK, wraps: 1 },
      { ...DEFAULT_LOOK, hidden: null },
    ])
      assert.ok(!isLook(wrong));
  });
});

describe('wordDiff', () => {
  /** Characters of every kind that are read as one but are several, and what joins with its neighbours. */
  const pieces = fc.constantFrom(
    ...[
      'e',
      'e\u0301',
      '\u0301',
      'क',
      'क्षि',
      'शक्\u200dति',
      'ि',
      'น้ำ',
      'ข้าว',
      'กำ',
      '한',
      '\u1112\u1161\u11ab',
      'か\u3099',
      '語',
      '我们',
    ],
    ...[
      '👩‍👩‍👧',
      '👍🏽',
      '👍',
      '🏽',
      '🇨🇭',
      '🇨',
      '1\ufe0f\u20e3',
      '✌\ufe0f',
      'سلام',
      'سَلامٌ',
      'שָׁלוֹם',
      '\u200f',
      ' ',
      '\n',
      '\r\n',
      '. ',
      '、',
    ],
  );
  const texts = fc.array(pieces, { maxLength: 12 }).map(each => each.join(''));
  const langs = fc.constantFrom('de', 'hi', 'th', 'zh', 'ja', 'ko', 'ar', 'he', 'und');
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

  it('never splits what is read as one character', () => {
    fc.assert(
      fc.property(texts, texts, langs, (before, after, lang) => {
        const parts = wordDiff(before, after, lang);
        for (const [kind, text] of [['removed', before] as const, ['added', after] as const]) {
          const borders = new Set(
            Array.from(graphemes.segment(text), ({ index }) => index).concat(text.length),
          );
          let at = 0;
          for (const part of parts) {
            if (part.kind !== 'same' && part.kind !== kind) continue;
            assert.ok(borders.has(at), JSON.stringify({ before, after, lang, at }));
            at += part.text.length;
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('does not split one in a long text without blanks either', () => {
    for (const character of ['e\u0301', 'शक्\u200dति', '👩‍👩‍👧', '👍🏽']) {
      for (const shift of ['', 'x', 'xy', 'xyz']) {
        const text = shift + character.repeat(3000);
        const borders = new Set(
          Array.from(graphemes.segment(text), ({ index }) => index).concat(text.length),
        );
        const [first] = wordDiff(`${text}a.`, `${text.slice(0, -character.length)}b`, 'en');
        assert.ok(first && borders.has(first.text.length), JSON.stringify([character, shift]));
      }
    }
  });
});
