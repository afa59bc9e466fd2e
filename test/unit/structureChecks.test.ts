import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CheckedUnit, type CheckInput, type Finding } from '../../src/core/check';
import { findingsBy } from '../../src/core/checks';
import { LengthRatios, lengthRatioName, STRUCTURE_CHECKS } from '../../src/core/checks/structure';
import { DEFAULT_POLICY } from '../../src/core/policy';
import { wordsOf } from '../helpers/builders';

/** UTF-16 units: the longest that is looked at. */
const LONG = 1 << 17;

/** One field with its source. */
function unit(source: string, target: string, targetLang = 'it', median?: number): CheckInput {
  const side = (text: string) => [{ name: 'output', text }];
  const facts = { lengthRatios: new Map([[lengthRatioName(targetLang, 'output'), median ?? 1]]) };
  return {
    sourceLang: 'en',
    targetLang,
    source: side(source),
    target: side(target),
    ...(median !== undefined && { facts }),
  };
}

type Found = Pick<Finding, 'check' | 'severity' | 'start' | 'end' | 'message' | 'fix'>;

function findings(input: CheckInput): Found[] {
  const checked = new CheckedUnit(input);
  return STRUCTURE_CHECKS.flatMap(check =>
    check.needs.every(need => checked.has(need))
      ? check.run(checked).map(hit => ({ check: check.id, severity: check.severity, ...hit }))
      : [],
  );
}

/** What is said, as `check severity marked text → message args`. */
const said = (input: CheckInput) =>
  findings(input).map(({ check, severity, start, end, message }) =>
    [check, severity, input.target[0]?.text.slice(start, end), message.id, ...wordsOf(message)].join('|'),
  );

const fixed = (target: string, { fix }: Found) =>
  fix ? target.slice(0, fix.start) + fix.text + target.slice(fix.end) : target;

const quiet = (source: string, target: string, lang = 'it', median = 1) => {
  assert.deepEqual(said(unit(source, target, lang, median)), [], target);
};

describe('a field that is too long', () => {
  const long = 'Una frase. '.repeat(13_000);

  it('is said to be so, and only its language and emptiness are looked at', () => {
    assert.deepEqual(said(unit('A sentence.', long)), ['too-long|info||structure.tooLong|143000']);
    assert.deepEqual(said(unit(long, '')), [
      'emptied|error||structure.emptied',
      'too-long|info||structure.tooLong|143000',
    ]);
    assert.deepEqual(said(unit('A sentence. '.repeat(10_000), 'Una frase. '.repeat(10_000))), []);
  });
});

describe('emptied and filled', () => {
  it('finds a field that lost its text, blanks and hidden characters included', () => {
    assert.deepEqual(said(unit('A text.', '')), ['emptied|error||structure.emptied']);
    assert.deepEqual(said(unit('A text.', ' \u200b\n')), ['emptied|error| \u200b\n|structure.emptied']);
  });

  it('finds a text that comes from nowhere, and removes a filler', () => {
    assert.deepEqual(said(unit('', 'Un testo.')), ['filled|warning|Un testo.|structure.filled']);
    const [found] = findings(unit('', '<nessun input>'));
    assert.ok(found);
    assert.equal(fixed('<nessun input>', found), '');
    assert.deepEqual(said(unit('', '')), []);
  });

  it('takes fillers of the source for nothing', () => {
    for (const filler of ['<noinput>', 'No input', '<no input>', 'noinput.', '(No input required)']) {
      quiet(filler, '');
      quiet(filler, '<nessun input>');
    }
    quiet('', ' \n');
    quiet('None', 'Nessuno');
  });

  it('says nothing without a source', () => {
    assert.deepEqual(said({ ...unit('', 'Un testo?'), source: [] }), []);
  });
});

describe('lines', () => {
  const poem = 'The sea\nis grey\nand wide\ntoday.';

  it('finds lines lost, joined and added', () => {
    assert.deepEqual(said(unit(poem, 'Il mare\nè grigio.')), ['lines|warning||structure.lines|4|2']);
    assert.deepEqual(said(unit(poem, 'Il mare è grigio e vasto oggi.')), [
      'lines|warning||structure.lines|4|1',
    ]);
    assert.deepEqual(said(unit('The sea.', 'Il mare.\n\nOra.\n\nEcco.')), [
      'lines|warning||structure.lines|1|3',
    ]);
  });

  it('lets one more or less be, empty lines, other line ends, and code', () => {
    quiet(poem, 'Il mare\r\nè grigio\u2028e vasto\n\n\noggi.');
    quiet(poem, 'Il mare è grigio\ne vasto\noggi.');
    quiet('a = 1;\nb = 2;\nc = 3;\nprint(a)', 'a = 1; b = 2; c = 3; print(a)');
    quiet('Run it:\n```\none\ntwo\nthree\n```', 'Avvia:\n```\none two three\n```');
  });
});

describe('list', () => {
  it('finds a lost item, at the end of the text or where another has its number', () => {
    assert.deepEqual(said(unit('1. Map\n2. Rope\n3. Lamp', '1. Mappa\n2. Lampada')), [
      'list|warning||structure.items|3|2',
    ]);
    assert.deepEqual(said(unit('1. Map\n2. Rope\n3. Lamp', '1. Mappa\n3. Lampada')), [
      'list|warning|3|structure.items|3|2',
    ]);
  });

  it('finds items that were added', () => {
    assert.deepEqual(said(unit('1. Map\n2. Rope', '1. Mappa\n2. Corda\n3. Lampada')), [
      'list|warning|3|structure.itemsAdded|2|3',
    ]);
  });

  it('finds other numbers, in digits of any script', () => {
    assert.deepEqual(said(unit('1. Map\n2. Rope', '1. Mappa\n1. Corda')), [
      'list|warning|1|structure.renumbered|2|1',
    ]);
    assert.deepEqual(said(unit('1. Map\n2. Rope', '١. خريطة\n٣. حبل', 'ar')), [
      'list|warning|٣|structure.renumbered|2|3',
    ]);
  });

  it('only notes lost bullets and numbers that became something else', () => {
    assert.deepEqual(said(unit('- Map\n- Rope', '- Mappa\nCorda')), ['list|info||structure.items|2|1']);
    assert.deepEqual(said(unit('1. Map\n2. Rope', 'a) Mappa\nb) Corda')), ['list|info||structure.items|2|0']);
  });

  it('takes other ways to write the same numbers and bullets', () => {
    quiet('1. Map\n2. Rope', '１．地图\n２．绳子', 'zh');
    quiet('1. Map\n2. Rope', '1、地图\n2、绳子', 'zh');
    quiet('1. Map\n2. Rope', '١- خريطة\n٢- حبل', 'ar');
    quiet('- Map\n- Rope', '•地图\n•绳子', 'zh');
    quiet('1.5 cups\n2.5 cups', '1,5 tazze\n2,5 tazze');
    quiet('10:30 Lunch\n12:00 Walk', 'Pranzo 10:30\nPasseggiata 12:00');
  });
});

describe('length', () => {
  const source = 'The bakery on the corner opens at six and closes late in the evening, except on Sundays.';

  it('finds what is much shorter or longer than the others in the file', () => {
    assert.deepEqual(said(unit(source, 'Il fornaio apre.', 'it', 1.1)), [
      'length|warning||structure.short|17',
    ]);
    const long = 'Il fornaio. '.repeat(24).trim();
    assert.deepEqual(said(unit(source, long, 'it', 1.1)), [`length|warning|${long}|structure.long|296`]);
  });

  it('finds an answer in place of a short translation', () => {
    const long = 'Un cane è un animale che vive con le persone da migliaia di anni.';
    assert.deepEqual(said(unit('Dog', long, 'it', 1.1)), [`length|warning|${long}|structure.long|1970`]);
    quiet('Dog', 'Un cane domestico', 'it', 1.1);
  });

  it('only notes what is between, of a short text', () => {
    const short = 'The bakery on the corner opens at six. Now.';
    assert.deepEqual(said(unit(short, 'Il fornaio apre ora.', 'it', 1)), ['length|info||structure.short|47']);
  });

  it('expects names, figures and addresses to be as long in Chinese', () => {
    const names = 'Facebook, Twitter, Instagram, Snapchat, YouTube, LinkedIn.';
    quiet(names, 'Facebook、Twitter、Instagram、Snapchat、YouTube、LinkedIn。', 'zh', 0.3);
    const address = 'See https://example.org/a-long-way/to/the/report.html for more.';
    quiet(address, '见 https://example.org/a-long-way/to/the/report.html 。', 'zh', 0.3);
    const long = '面包店开门很早。'.repeat(16);
    assert.deepEqual(said(unit(source, long, 'zh', 0.3)), [`length|warning|${long}|structure.long|485`]);
  });

  it('says nothing of code, nor without the median', () => {
    quiet('for (let i = 0; i < n; i++) { total += price[i]; }', 'x = 1;');
    assert.deepEqual(said(unit(source, 'Il fornaio apre.')), []);
  });
});

describe('LengthRatios', () => {
  const pair = (length: number) => ({ name: 'output', source: 'x'.repeat(100), target: 'y'.repeat(length) });

  it('finds the median within its step, and only of enough fields', () => {
    const ratios = new LengthRatios();
    for (let length = 80; length < 99; length++) ratios.add('it', [pair(length)]);
    assert.equal(ratios.result().size, 0);
    ratios.add('it', [pair(99), pair(100), { ...pair(1), source: 'short' }, { ...pair(0) }]);
    const median = ratios.result().get(lengthRatioName('it', 'output')) ?? 0;
    assert.ok(Math.abs(median - 0.9) < 0.03, String(median));
  });

  it('merges what comes from another thread', () => {
    const [all, one, other] = [new LengthRatios(), new LengthRatios(), new LengthRatios()];
    for (let length = 50; length < 150; length++) {
      all.add('zh', [pair(length)]);
      (length % 3 === 0 ? one : other).add('zh', [pair(length)]);
    }
    one.merge(structuredClone(other));
    assert.deepEqual(one.result(), all.result());
    assert.ok(one.result().size > 0);
  });

  it('bounds what it holds', () => {
    const ratios = new LengthRatios();
    for (let i = 0; i < 3000; i++) ratios.add(`x-${i}`, [pair(100)]);
    assert.equal(ratios.counts.size, 1000);
  });
});

describe('last character', () => {
  const marks: readonly (readonly [lang: string, target: string, fixed: string])[] = [
    ['it', 'Che ore sono', 'Che ore sono?'],
    ['zh', '现在几点', '现在几点？'],
    ['ar', 'كم الساعة', 'كم الساعة؟'],
    ['el', 'Τι ώρα είναι', 'Τι ώρα είναι;'],
    ['hi', 'क्या समय हुआ है', 'क्या समय हुआ है?'],
  ];

  it('puts back a lost mark in the script of the target', () => {
    for (const [lang, target, wanted] of marks) {
      const [found] = findings(unit('What time is it?', target, lang));
      assert.ok(found, lang);
      assert.deepEqual([found.check, found.severity, found.start], ['last-character', 'info', target.length]);
      assert.equal(fixed(target, found), wanted);
      assert.deepEqual(said(unit('What time is it?', wanted, lang)), []);
    }
  });

  it('does not replace another mark', () => {
    const [found] = findings(unit('Could you open the door?', 'Apri la porta.'));
    assert.equal(found?.fix, undefined);
    assert.deepEqual(said(unit('Count the words:', 'Conta le parole.')), [
      'last-character|info||structure.lastCharacter|:',
    ]);
  });

  it('knows marks in quotes, of full width, and languages without', () => {
    quiet('He said: "Why?"', 'Disse: «Perché?»');
    quiet('Sort these:', '排序：', 'zh');
    quiet('What time is it?', '何時ですか。', 'ja');
    quiet('What time is it?', 'กี่โมงแล้ว', 'th');
  });
});

describe('brackets', () => {
  it('finds what is opened and not closed, and the other way round', () => {
    assert.deepEqual(said(unit('A cat (black) sat.', 'Un gatto (nero sedeva.')), [
      'brackets|info|(|structure.bracket|(',
    ]);
    assert.deepEqual(said(unit('A cat (black) sat.', 'Un gatto nero) sedeva.')), [
      'brackets|info|)|structure.bracket|)',
    ]);
    assert.deepEqual(said(unit('A cat (black) sat.', '一只（黑猫坐着。', 'zh')), [
      'brackets|info|（|structure.bracket|（',
    ]);
    assert.deepEqual(said(unit('He said "yes" to it.', 'Ha detto «sì a tutto.')), [
      'brackets|info|«|structure.bracket|«',
    ]);
    assert.deepEqual(said(unit('He read "Yes" and left.', '他读了《是就走了。', 'zh')), [
      'brackets|info|《|structure.bracket|《',
    ]);
  });

  it('closes what in the source ends the text', () => {
    for (const [lang, target, wanted] of [
      ['zh', '他说：“该走了！', '他说：“该走了！”'],
      ['de', 'Er sagte: „Wir gehen!', 'Er sagte: „Wir gehen!“'],
      ['it', 'Disse: "Andiamo!', 'Disse: "Andiamo!"'],
    ] as const) {
      const [found] = findings(unit('He said: "Let us go!"', target, lang));
      assert.ok(found, lang);
      assert.equal(fixed(target, found), wanted);
      assert.deepEqual(said(unit('He said: "Let us go!"', wanted, lang)), []);
    }
  });

  it('does not close the last where others are open, too', () => {
    const [found] = findings(unit('"One."\n"Two."\n"Three."', '“一。\n“二。\n“三。', 'zh'));
    assert.deepEqual([found?.check, found?.fix], ['brackets', undefined]);
  });

  it('knows what is no bracket', () => {
    quiet('a) one\nb) two', 'a) uno\nb) due');
    quiet('First: 1) go, 2) stay.', 'Primo: 1) vai, 2) resta.');
    quiet('三 steps', '三个步骤：1）一;2）二', 'zh');
    quiet('Nice :-) day', 'Bella :-) giornata ;)');
    quiet('A 5" pipe', 'Un tubo da 5"');
    quiet("He said: 'Go.", 'Disse: “Vai.');
    quiet('He said "go".', 'Er sagte „geh“.', 'de');
    quiet('He said "go".', '他说“去”。', 'zh');
    quiet('A (b c.', 'Un (b c.');
    quiet('f(x) = (a[0] + b[1]) * {c};', 'f(x) = (a[0] + b[1] * {c};');
  });
});

describe('any text', () => {
  const pieces = fc.constantFrom(
    '1. ', '2) ', '٣. ', '- ', '•', '\n', '\r\n', '\u2028', ' ', '(', ')', '（', '“', '”', '"', '«', '「', '」', '?', '？', ':', '؟',
    'a', 'word ', '中', 'の', 'ع', 'ไ', '\ud83d', '\ude00', '```', '<noinput>', '7', "'", ':-)',
  ); // prettier-ignore
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 120 }),
    fc.array(pieces, { maxLength: 60 }).map(found => found.join('')),
  );
  const langs = fc.constantFrom('it', 'zh', 'ja', 'ar', 'th', 'hi', 'el', 'und');

  it('never throws, spans are inside, and a fix gives no new finding', () => {
    fc.assert(
      fc.property(texts, texts, langs, (source, target, lang) => {
        const input = unit(source, target, lang, 0.8);
        const before = findings(input);
        // A correction that would make another finding is not offered.
        const offered = findingsBy(DEFAULT_POLICY, input).filter(({ fix }) => fix);
        for (const found of before) {
          for (const { start, end } of [found, ...(found.fix ? [found.fix] : [])])
            assert.ok(0 <= start && start <= end && end <= target.length);
          if (!offered.some(({ check, start }) => check === found.check && start === found.start)) continue;
          const after = findings(unit(source, fixed(target, found), lang, 0.8)).map(({ check }) => check);
          for (const { check } of before) if (after.includes(check)) after.splice(after.indexOf(check), 1);
          assert.deepEqual(after, [], found.check);
        }
      }),
      { numRuns: 3000 },
    );
  });

  // How the time grows is measured by `npm run bench -- checks`; a quadratic step would not come to an end here.
  it('is done with long texts of every shape', () => {
    for (const piece of [
      'a',
      ' ',
      '\n',
      '- a\n',
      '1. a\n',
      '1',
      '(',
      ')',
      '"',
      ' "a',
      '?',
      '“中',
      ': ',
      '<',
      '\u200b',
      '7"',
    ]) {
      const text = piece.repeat(LONG / piece.length);
      findings(unit(text, `${text}x`, 'it', 1));
      findings(unit(`x${text}?`, text.slice(LONG / 2), 'zh', 1));
    }
  });
});
