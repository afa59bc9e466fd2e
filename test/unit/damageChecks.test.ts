import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CheckedUnit, type CheckInput, type Finding } from '../../src/core/check';
import { findingsBy } from '../../src/core/checks';
import { DAMAGE_CHECKS } from '../../src/core/checks/damage';
import { DEFAULT_POLICY } from '../../src/core/policy';
import { wordsOf } from '../helpers/builders';

/** UTF-16 units: the longest that is looked at. */
const LONG = 1 << 17;

/** One field; without a source where that is `undefined`. */
function unit(source: string | undefined, target: string, targetLang = 'it'): CheckInput {
  const side = (text: string) => [{ name: 'output', text }];
  return {
    sourceLang: 'en',
    targetLang,
    source: source === undefined ? [] : side(source),
    target: side(target),
  };
}

type Found = Pick<Finding, 'check' | 'severity' | 'start' | 'end' | 'message' | 'fix'>;

function findings(input: CheckInput): Found[] {
  const checked = new CheckedUnit(input);
  return DAMAGE_CHECKS.flatMap(check =>
    check.run(checked).map(hit => ({ check: check.id, severity: check.severity, ...hit })),
  );
}

const said = (input: CheckInput) =>
  findings(input).map(({ check, severity, start, end, message }) =>
    [check, severity, input.target[0]?.text.slice(start, end), message.id, ...wordsOf(message)].join('|'),
  );

const fixed = (target: string, { fix }: Found) =>
  fix ? target.slice(0, fix.start) + fix.text + target.slice(fix.end) : target;

const quiet = (source: string | undefined, target: string, lang = 'it') => {
  assert.deepEqual(said(unit(source, target, lang)), [], target);
};

/** What becomes of a text when the fix of its only finding is applied. */
function mended(target: string, lang = 'it'): string {
  const [found, ...others] = findings(unit(undefined, target, lang));
  assert.ok(found?.fix, target);
  assert.deepEqual(others, []);
  return fixed(target, found);
}

describe('repetition', () => {
  it('finds a phrase, a word and a line again and again, with and without spaces', () => {
    const loops: readonly (readonly [lang: string, start: string, piece: string, times: number])[] = [
      ['it', 'Un cane passa', ', come se niente fosse', 9],
      ['de', 'Das ist ', 'sehr ', 12],
      ['zh', '雨下得很大，', '街上没有人，', 8],
      ['th', 'ฝนตกหนัก', 'มากมาย', 8],
      ['ar', 'كان الجو ', 'ممطرًا جدًا، ', 8],
      ['it', '', 'La pioggia non smette mai di cadere.\n', 3],
    ];
    for (const [lang, start, piece, times] of loops) {
      const target = `${start}${piece.repeat(times)}Fine.`;
      const [found] = findings(unit('It rains hard, and nobody is in the street any more.', target, lang));
      assert.deepEqual(
        [found?.check, found?.message.id, found?.message.args],
        ['repetition', 'damage.loop', [times]],
        lang,
      );
      // The copies, without the first.
      const copies = target.slice(found?.start, found?.end).length - (times - 1) * piece.length;
      assert.ok(0 <= copies && copies < 3, lang);
      assert.equal(findings(unit(undefined, target, lang))[0]?.check, 'repetition');
    }
  });

  it('finds the same line with other numbers', () => {
    const target = [1, 2, 3, 4, 5].map(n => `${n}. La pioggia non smette mai.`).join('\n');
    assert.deepEqual(said(unit('1. Rain.\n2. Wind.\n3. Snow.\n4. Sun.\n5. Fog.', target)), [
      'repetition|warning|La pioggia non smette mai|damage.lines|5',
    ]);
  });

  it('lets repeat what the source repeats, and what is no prose', () => {
    quiet('No, no, no, no, no, no, no!', 'No, no, no, no, no, no, no, mai!');
    quiet(
      'Row, row, row your boat.\nRow, row, row your boat.',
      'Rema, rema, rema piano.\nRema, rema, rema piano.',
    );
    const refrain = 'The sea is wide tonight.\n'.repeat(5);
    quiet(refrain, 'Il mare è grande stanotte.\n'.repeat(5));
    quiet('A line.', `Una riga: ${'-'.repeat(80)}`);
    quiet('A table.', '| a | b | c |\n| - | - | - |\n| 1 | 2 | 3 |');
    quiet('Fill in.', '____ '.repeat(20));
    quiet('Digits.', '0101010101010101010101010101010101010101');
    quiet('He laughed: ha ha ha ha.', '他笑了：哈哈哈哈哈哈。', 'zh');
  });
});

describe('truncated', () => {
  const source =
    'Marta lit the lamp early. She took a fresh sheet. Then she wrote to the ships that pass at night.';

  it('finds where a text stops in the middle', () => {
    const cut: readonly (readonly [lang: string, target: string])[] = [
      ['it', 'Marta accese presto la lampada. Prese un foglio nuovo. Poi scrisse alle'],
      ['de', 'Marta zündete die Lampe früh an. Sie nahm ein frisches Blatt mit vielen verschiedenen'],
      ['es', 'Marta encendió la lámpara temprano. Tomó una hoja nueva. Luego'],
      ['zh', '玛尔塔早早点亮了灯。她拿了一张新纸。然后'],
      ['ar', 'أشعلت مارتا المصباح مبكرًا. أخذت ورقة جديدة. ثم كتبت'],
      ['hi', 'मार्ता ने दीपक जल्दी जलाया। उसने एक नया कागज लिया। फिर'],
      ['de', 'Marta zündete die Lampe früh an. Sie nahm ein frisches Blatt. Dann schrieb sie den Schif-'],
    ];
    for (const [lang, target] of cut) {
      const end = target.length;
      const [found, ...others] = findings(unit(source, target, lang));
      assert.deepEqual(
        [found?.check, found?.severity, found?.start, found?.end, others.length],
        ['truncated', 'warning', end, end, 0],
        target,
      );
    }
  });

  it('finds a single sentence that stops', () => {
    const one = 'The baker at the corner opens early in the morning, because many people are hungry then.';
    assert.equal(findings(unit(one, 'Il fornaio apre presto perché'))[0]?.check, 'truncated');
    assert.equal(findings(unit(one, '街角的面包师', 'zh'))[0]?.check, 'truncated');
    assert.equal(
      findings(unit(one, 'Il fornaio all’angolo apre presto la mattina, perché molti hanno fame,'))[0]
        ?.severity,
      'info',
    );
  });

  it('notes it without a source', () => {
    const target = 'Marta accese presto la lampada. Prese un foglio nuovo. Poi scrisse alle navi';
    assert.deepEqual(said(unit(undefined, target)), []);
    assert.deepEqual(said(unit(undefined, `${target} che passano`)), []);
    assert.deepEqual(said(unit(undefined, `${target} che passano per`)), [
      'truncated|info||damage.truncated',
    ]);
  });

  it('says nothing of what is whole, or unfinished in the source, too', () => {
    quiet(
      source,
      'Marta accese presto la lampada. Prese un foglio nuovo. Poi scrisse alle navi che passano di notte',
    );
    quiet(source, 'Marta accese presto la lampada. Prese un foglio. Poi scrisse «alle navi».');
    quiet('Complete the sentence. The cat sat on the', 'Completa la frase. Il gatto era sul');
    quiet('Milk, bread and a bit of salt.', 'Latte, pane e un po’ di sale');
    quiet('The Return of the King', 'Il ritorno del');
    quiet(source, 'มาร์ตาจุดตะเกียงแต่เช้า เธอหยิบกระดาษแผ่นใหม่', 'th');
    quiet('Short.', 'kurz', 'de');
    quiet('1. Map.\n2. Rope.\n3. Lamp.', '1. Mappa\n2. Corda\n3. Lampada');
    quiet('It costs 20 euros with Dr. Rossi.', 'Costa 20 euro dal dott. Rossi.');
  });
});

describe('broken characters', () => {
  it('decodes back what was decoded wrongly', () => {
    const cases: readonly (readonly [lang: string, broken: string, right: string])[] = [
      ['de', 'SchÃ¶ne GrÃ¼ÃŸe', 'Schöne Grüße'],
      ['it', 'PerchÃ© no? Lâ€™amico dice â€œsÃ¬â€\u009d.', 'Perché no? L’amico dice “sì”.'],
      ['es', 'MÃ¡s aÃ±os', 'Más años'],
      ['zh', 'ä½\u00a0å¥½ï¼Œæœ‹å\u008f‹', '你好，朋友'],
      ['ru', 'ÐŸÑ€Ð¸Ð²ÐµÑ‚', 'Привет'],
      ['de', 'TÃƒÂ¼r', 'Tür'],
      ['en', 'It costs 5Â\u00a0â‚¬, or 20Â°', 'It costs 5\u00a0€, or 20°'],
      ['en', 'A smile ðŸ˜€ here', 'A smile 😀 here'],
    ];
    for (const [lang, broken, right] of cases) {
      assert.equal(mended(broken, lang), right);
      assert.deepEqual(said(unit(undefined, right, lang)), []);
    }
    assert.deepEqual(said(unit(undefined, 'SchÃ¶n')), ['broken-characters|warning|Ã¶|damage.mojibake|Ã¶|ö']);
  });

  it('lets accented letters stand beside quotation marks', () => {
    for (const text of [
      'Il dit « PRÉPARÉ » et « À bientôt ».',
      '«CITÉ» e «PERÒ»',
      'JÄ…',
      'Das „Ä“ und das „Ö“',
      'NÃO! «IRMÃ»',
      'à « vous »',
      'Šta?',
      'naïve – “façade”',
    ])
      quiet(undefined, text, 'fr');
  });

  it('finds lost characters, halves of characters, and controls', () => {
    assert.deepEqual(said(unit(undefined, 'Perch\ufffd no\ufffd\ufffd')), [
      'broken-characters|warning|\ufffd|damage.replacement|2',
    ]);
    assert.deepEqual(said(unit(undefined, '他说锟斤拷锟斤拷。', 'zh')), [
      'broken-characters|warning|锟斤拷锟斤拷|damage.replacement|1',
    ]);
    assert.deepEqual(said(unit(undefined, 'Ciao \ud83d!')), [
      'broken-characters|warning|\ud83d|damage.surrogate|D83D|1',
    ]);
    assert.equal(mended('Ci\u0000ao\u0007 a\u007f tutti\ufffe'), 'Ciao a tutti');
    assert.equal(mended('L\u0092amico \u0085'), 'L’amico …');
    assert.equal(findings(unit(undefined, 'x = \frac{1}{2}'))[0]?.fix, undefined);
    quiet(undefined, 'Riga\r\n\tdue 😀 👩‍👩‍👧');
  });
});

describe('hidden characters', () => {
  it('removes what nobody sees', () => {
    assert.equal(mended('Ci\u200bao\u00ad a\u2060 tutti\ufeff'), 'Ciao a tutti');
    assert.equal(mended('\ufeff你好\u200b。', 'zh'), '你好。');
    assert.equal(mended('Ciao\u202e oaic\u202c'), 'Ciao oaic');
    assert.equal(mended('Uno\u2028due'), 'Uno\ndue');
    assert.equal(mended('Ciao\u{e0041}\u{e0042}'), 'Ciao');
    assert.equal(mended('Ciao\u200e!'), 'Ciao!');
    assert.deepEqual(said(unit(undefined, 'Ci\u200bao\u200b')), [
      'hidden-characters|warning|\u200b|damage.hidden|200B|2',
    ]);
  });

  it('removes marks of direction that are not ended', () => {
    assert.equal(mended('قال \u202bمرحبا', 'ar'), 'قال مرحبا');
    assert.equal(mended('قال مرحبا\u2069', 'ar'), 'قال مرحبا');
  });

  it('lets stand what has a use', () => {
    quiet(undefined, 'استخدم \u200eWord 2019\u200e الآن', 'ar');
    quiet(undefined, 'قال \u2067مرحبا\u2069 و\u202bأهلا\u202c', 'ar');
    quiet(undefined, 'می‌خواهم', 'fa');
    quiet(undefined, 'क्‍ष और क्‌ष', 'hi');
    quiet(undefined, 'ภาษา\u200bไทย', 'th');
    quiet(undefined, 'Famiglia 👨‍👩‍👧, 🏴󠁧󠁢󠁥󠁮󠁧󠁿, ❤️‍🔥, 👩🏽‍🔬, 🏳️‍🌈');
    quiet(undefined, '10\u00a0km');
  });
});

describe('any text', () => {
  const pieces = fc.constantFrom(
    'Ã', '¶', 'â€', '™', 'Ð', '¿', 'Â', '\u00a0', 'à', '»', 'ä½', '\ufffd', '\u0000', '\u0092', '\f', '\ud83d', '\ude00', '\udb40',
    '\udc41', '\u200b', '\u200d', '\u200f', '\u202b', '\u202c', '\u2067', '\u2069', '\u2028', '\u00ad', '锟斤拷', 'a', 'word ', 'und ',
    '. ', ', ', '。', '中', 'ع', 'ไ', '\n', '-', "l'", '(', '"', 'the same phrase again ',
  ); // prettier-ignore
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 120 }),
    fc.array(pieces, { maxLength: 60 }).map(found => found.join('')),
    fc
      .tuple(fc.array(pieces, { maxLength: 6 }), fc.nat(12))
      .map(([found, times]) => found.join('').repeat(times)),
  );
  const langs = fc.constantFrom('it', 'de', 'zh', 'ja', 'ar', 'th', 'hi', 'und');

  it('never throws, spans are inside, and a fix gives no new finding', () => {
    fc.assert(
      fc.property(fc.option(texts, { nil: undefined }), texts, langs, (source, target, lang) => {
        const input = unit(source, target, lang);
        const before = findings(input);
        // A correction that would make another finding is not offered.
        const offered = findingsBy(DEFAULT_POLICY, input).filter(({ fix }) => fix);
        for (const found of before) {
          for (const { start, end } of [found, ...(found.fix ? [found.fix] : [])])
            assert.ok(0 <= start && start <= end && end <= target.length);
          assert.ok(found.check === 'truncated' || found.start < found.end);
          if (!offered.some(({ check, start }) => check === found.check && start === found.start)) continue;
          // What damage hid may come to light, such as a loop; of its own kind a fix leaves no more than before.
          const count = (all: readonly Found[]) => all.filter(({ check }) => check === found.check).length;
          assert.ok(count(findings(unit(source, fixed(target, found), lang))) <= count(before));
        }
      }),
      { numRuns: 4000 },
    );
  });

  it('mends wrongly decoded texts of any kind', () => {
    const windows = new TextDecoder('windows-1252');
    const words = fc.constantFrom(
      'già',
      'größer',
      'niño',
      'ça',
      'l’uomo',
      '“sì”',
      '€',
      '–',
      '你好',
      'привет',
      'สวัสดี',
      'नमस्ते',
      '😀',
    );
    fc.assert(
      fc.property(fc.array(words, { minLength: 1, maxLength: 8 }), found => {
        const right = found.join(' x ');
        assert.equal(mended(windows.decode(new TextEncoder().encode(right))), right);
      }),
    );
  });

  // How the time grows is measured by `npm run bench -- checks`; a quadratic step would not come to an end here.
  it('is done with long texts of every shape', () => {
    for (const piece of [
      'a',
      ' ',
      '.',
      '. ',
      'the ',
      'ab',
      '中。',
      'Ã',
      'Ã¤',
      'â€',
      '\ufffd',
      '\u0001',
      '\ud83d',
      '\u200b',
      '\u202a',
      '锟',
      'a!"',
      'x\n',
    ]) {
      const text = piece.repeat(LONG / piece.length);
      for (const lang of ['it', 'zh']) findings(unit(`${text}.`, `${text}x`, lang));
    }
  });
});
