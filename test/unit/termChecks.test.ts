import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CheckInput, CheckSettings, Term } from '../../src/core/check';
import { runChecks } from '../../src/core/checks';
import { english } from '../../src/core/messages';
import { PLANTS } from '../helpers/plants/terms';

const IDS = ['glossary', 'register', 'variant'];
const NOTHING: CheckSettings = { terms: [], register: undefined, variant: undefined };
const own = (input: CheckInput) => runChecks(input).filter(({ check }) => IDS.includes(check));

const unit = (
  targetLang: string,
  source: string,
  target: string,
  settings: Partial<CheckSettings>,
  name = 'instruction',
): CheckInput => ({
  sourceLang: 'en',
  targetLang,
  source: [{ name, text: source }],
  target: [{ name, text: target }],
  settings: { ...NOTHING, ...settings },
});

const said = (input: CheckInput) =>
  own(input).map(
    ({ start, end, message }) => `“${input.target[0]!.text.slice(start, end)}”: ${english(message)}`,
  );

const must = (source: string, target: string): Term => ({ source, target, rule: 'must' });
const forbidden = (source: string, target: string): Term => ({ source, target, rule: 'forbidden' });

describe('glossary: what must be said', () => {
  const FINE: readonly (readonly [lang: string, term: Term, source: string, target: string])[] = [
    ['de', must('house', 'Haus'), 'Two houses burn.', 'Zwei Häuser brennen.'],
    ['de', must('weak point', 'Schwachstelle'), 'A weak point analysis.', 'Eine Schwachstellenanalyse.'],
    ['de', must('neural network', 'neuronales Netz'), 'Of a neural network.', 'Eines neuronalen Netzes.'],
    ['it', must('neural network', 'rete neurale'), 'Neural networks learn.', 'Le reti neurali imparano.'],
    ['es', must('box', 'caja'), 'The boxes are full.', 'Las cajas están llenas.'],
    ['ru', must('library', 'библиотека'), 'In the library.', 'В библиотеке.'],
    ['zh', must('neural network', '神经网络'), 'A neural network.', '一个神经网络。'],
    ['ja', must('library', '図書館'), 'In the library.', '図書館で。'],
    ['ar', must('school', 'مدرسة'), 'The school is open.', 'المدرسة مفتوحة.'],
    ['th', must('market', 'ตลาด'), 'The market opens.', 'ตลาดเปิดแล้ว'],
    ['hi', must('book', 'किताब'), 'The book is new.', 'किताब नई है।'],
    ['fr', must('water', 'eau'), 'Waterfalls are loud.', 'Les cascades sont bruyantes.'],
    ['de', must('net', 'Netz'), 'The Internet is down.', 'Das Internet ist weg.'],
    ['de', must('C', 'C'), 'Write it in C++ please.', 'Schreibe es bitte in Cpp.'],
    ['de', must('company', 'Firma'), 'He works at Fast Company.', 'Er arbeitet bei Fast Company.'],
    ['de', must('customer', 'Kunde'), 'See www.example.com/customer for more.', 'Mehr: www.example.com/customer.'],
    ['de', must('house', 'Haus'), 'The house is old.', ''],
    ['de', must('IT', 'Informatik'), 'She loves it. It is new.', 'Sie liebt es. Es ist neu.'],
    ['de', must('US', 'USA'), 'That helps us.', 'Das hilft uns.'],
    ['de', must('AID', 'Hilfswerk'), 'AIDS and first aid.', 'AIDS und erste Hilfe.'],
  ]; // prettier-ignore
  for (const [lang, term, source, target] of FINE)
    it(`is there: ${term.target} in ${target}`, () =>
      assert.deepEqual(said(unit(lang, source, target, { terms: [term] })), []));

  const MISSING: readonly (readonly [lang: string, term: Term, source: string, target: string])[] = [
    ['de', must('house', 'Haus'), 'Two houses burn.', 'Zwei Gebäude brennen.'],
    ['it', must('Weak Point', 'punto debole'), 'It is a weak point.', 'È una debolezza.'],
    ['zh', must('library', '图书馆'), 'In the library.', '在书店里。'],
    ['ar', must('school', 'مدرسة'), 'The school is open.', 'المعهد مفتوح.'],
    ['th', must('market', 'ตลาด'), 'The market opens.', 'ร้านเปิดแล้ว'],
    ['de', must('IT', 'Informatik'), 'He works in IT.', 'Er arbeitet mit Rechnern.'],
    ['de', must('API', 'Schnittstelle'), 'Two APIs.', 'Zwei Verbindungen.'],
  ];
  for (const [lang, term, source, target] of MISSING)
    it(`is missing: ${term.target} in ${target}`, () =>
      assert.deepEqual(said(unit(lang, source, target, { terms: [term] })), [
        `“”: For “${term.source}” the glossary has “${term.target}”, which is missing here.`,
      ]));

  it('is one of several, and none for what lies within a longer term', () => {
    const terms = [must('car', 'Auto'), must('car', 'Wagen'), must('dining car', 'Speisewagen')];
    const check = (source: string, target: string) => said(unit('de', source, target, { terms })).length;
    assert.equal(check('A red car.', 'Ein roter Wagen.'), 0);
    assert.equal(check('A red car.', 'Ein rotes Fahrzeug.'), 1);
    assert.equal(check('The dining car is full.', 'Das Bordrestaurant ist voll.'), 1);
    assert.match(said(unit('de', 'A car.', 'Ein Ding.', { terms }))[0]!, /“Auto”, “Wagen”/);
  });

  it('points at the word of the source where it was left', () => {
    const terms = [must('tweet', 'Beitrag')];
    assert.deepEqual(said(unit('de', 'Write a tweet.', 'Schreibe einen tweet.', { terms })), [
      '“tweet”: For “tweet” the glossary has “Beitrag”, which is missing here.',
    ]);
  });
});

describe('glossary: what must not be said', () => {
  const terms = [must('home page', 'Startseite'), forbidden('home page', 'Heimseite')];

  it('is found, also inflected, and mended where that is certain', () => {
    const input = unit('de', 'Open the home page.', 'Öffne die Heimseite.', { terms });
    const [finding] = own(input);
    assert.deepEqual(said(input), ['“Heimseite”: The glossary forbids “Heimseite”. Write “Startseite”.']);
    assert.deepEqual(finding!.fix, { start: 10, end: 19, text: 'Startseite' });
    const mended = unit('de', 'Open the home page.', 'Öffne die Startseite.', { terms });
    assert.deepEqual(own(mended), []);
    const inflected = own(unit('de', 'Many home pages.', 'Viele Heimseiten.', { terms }));
    assert.deepEqual([inflected.length, inflected[0]?.fix], [1, undefined]);
    // Where the source does not have the term, something else may be right.
    assert.equal(own(unit('de', 'Open it.', 'Öffne die Heimseite.', { terms }))[0]!.fix, undefined);
  });

  it('has no fix where several words will do, or the right one is forbidden, too', () => {
    const fixes = [
      [...terms, must('home page', 'Hauptseite')],
      [...terms, forbidden('', 'Startseite')],
    ].map(each => own(unit('de', 'The home page.', 'Die Heimseite.', { terms: each }))[0]!.fix);
    assert.deepEqual(fixes, [undefined, undefined]);
  });

  it('is a word of its own where words are set apart, and any part of a text where not', () => {
    const check = (lang: string, target: string, word: string) =>
      own(unit(lang, 'x y', target, { terms: [forbidden('', word)] })).length;
    assert.equal(check('de', 'Das Giftlager.', 'Gift'), 0);
    assert.equal(check('de', 'Ein GIFT!', 'Gift'), 1);
    assert.equal(check('it', 'La IT italiana', 'IT'), 1);
    assert.equal(check('fr', 'Vite, on y va !', 'ON'), 0);
    assert.equal(check('zh', '这个软件很好。', '软件'), 1);
    assert.equal(check('it', 'Un computer nuovo', 'computer nuovo'), 1);
    assert.equal(check('it', 'Il computer. Nuovo!', 'computer nuovo'), 0);
  });

  it('raises a capital where the word had one', () => {
    const lower = [must('click', 'premi'), forbidden('click', 'clicca')];
    assert.equal(own(unit('it', 'Click here.', 'Clicca qui.', { terms: lower }))[0]!.fix?.text, 'Premi');
  });

  it('finds one of thousands of terms', () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      index % 2 ? must(`word${index} of it`, `Wort${index}`) : forbidden('', `Nichtwort${index}`),
    );
    const text = 'The word of it is here, and nothing else than that. '.repeat(20);
    assert.deepEqual(own(unit('de', text, text.toUpperCase(), { terms: many })), []);
    assert.equal(own(unit('de', `${text} word4999 of it`, text.toUpperCase(), { terms: many })).length, 1);
    assert.equal(own(unit('de', text, `${text} Nichtwort4998`, { terms: many })).length, 1);
  });
});

describe('glossary: a field that needs many terms', () => {
  const fieldOf = (count: number) => {
    const names = Array.from({ length: count }, (_, index) => `${index}`);
    const terms = names.map(name => must(`word${name}`, `Ziel${name}`));
    const textOf = (word: string) => names.map(name => `${word}${name}`).join(' ');
    return unit('de', textOf('word'), textOf('Wort'), { terms });
  };

  it('is checked up to a limit', () => {
    assert.equal(own(fieldOf(500)).length, 500);
    assert.deepEqual(own(fieldOf(501)), []);
  });

  it('is told of what is forbidden all the same', () => {
    const input = fieldOf(501);
    const terms = [...input.settings!.terms, forbidden('', 'Wort7')];
    assert.equal(own({ ...input, settings: { ...NOTHING, terms } }).length, 1);
  });
});

describe('register', () => {
  const check = (lang: string, register: 'formal' | 'informal', target: string, source = 'Explain it.') =>
    own(unit(lang, source, target, { register })).map(({ start, end }) => target.slice(start, end));

  it('formal: finds whoever is addressed informally', () => {
    const texts: readonly (readonly [lang: string, text: string, word: string])[] = [
      ['de', 'Erkläre deine Antwort.', 'Erkläre'],
      ['de', 'Was würdest du tun?', 'du'],
      ['es', 'Explica tu respuesta.', 'tu'],
      ['it', 'Spiega la tua risposta.', 'tua'],
      ['fr', 'Explique ta réponse.', 'ta'],
      ['ru', 'Объясни свой выбор: что ты думаешь?', 'ты'],
      ['zh', '请解释你的答案。', '你'],
    ];
    for (const [lang, text, word] of texts) {
      assert.deepEqual(check(lang, 'formal', text), [word], text);
      assert.deepEqual(check(lang, 'informal', text), [], text);
    }
  });

  it('informal: finds whoever is addressed formally', () => {
    const texts: readonly (readonly [lang: string, text: string, word: string])[] = [
      ['de', 'Erklären Sie es.', 'Sie'],
      ['es', 'Explique usted la respuesta.', 'usted'],
      ['it', 'Che cosa ne pensa Lei?', 'Lei'],
      ['fr', 'Expliquez votre réponse.', 'votre'],
      ['ru', 'Объясните ваш ответ.', 'ваш'],
      ['zh', '请解释您的答案。', '您'],
    ];
    for (const [lang, text, word] of texts) {
      assert.deepEqual(check(lang, 'informal', text), [word], text);
      assert.deepEqual(check(lang, 'formal', text), [], text);
    }
  });

  it('abstains from what may be somebody else', () => {
    for (const register of ['formal', 'informal'] as const) {
      assert.deepEqual(check('de', register, 'Sie kamen zu spät. Sie gingen.', 'They came late. They left.'), []);
      assert.deepEqual(check('de', register, 'Übersetze nicht: „Ich mag dich.“'.slice(17)), []);
      assert.deepEqual(check('de', register, 'Ich mag dich und Sie.', 'I like you.'), []);
      assert.deepEqual(check('it', register, 'Lei è partita. Il suo treno è in ritardo.', 'She left.'), []);
      assert.deepEqual(check('fr', register, 'Quel est le ton du texte ?', 'What is the tone?'), []);
      assert.deepEqual(check('es', register, 'Describe el té.', 'Describe tea.'), []);
      assert.deepEqual(check('zh', register, '设计一个迷你冰箱。', 'Design a mini fridge.'), []);
      assert.deepEqual(check('pl', register, 'Wyjaśnij swoją odpowiedź.'), []);
    }
    const input = { ...unit('de', 'x', 'Was machst du?', { register: 'formal' }, 'input') };
    assert.deepEqual(own(input), []);
  }); // prettier-ignore

  it('is a note in answers, where it takes two words', () => {
    const answer = (target: string, source: string) =>
      own(unit('de', source, target, { register: 'formal' }, 'output')).map(({ severity }) => severity);
    assert.deepEqual(answer('Wenn du willst, nimm dein Rad.', 'If you like, take your bike.'), ['info']);
    assert.deepEqual(answer('Nimm dein Rad.', 'Take your bike.'), []);
  });
});

describe('variant', () => {
  const check = (variant: 'Hans' | 'Hant', target: string, source = 'x') =>
    said(unit('zh', source, target, { variant }));

  it('finds characters of the other one', () => {
    assert.deepEqual(check('Hans', '他們說這很好，我同意。'), [
      '“們說這”: These characters are traditional, but the policy wants simplified ones: 們 說 這',
    ]);
    assert.deepEqual(check('Hant', '他们说这很好，我同意。'), [
      '“们说这”: These characters are simplified, but the policy wants traditional ones: 们 说 这',
    ]);
    assert.equal(check('Hans', '來吧').length, 1);
  });

  it('leaves alone what is right, quoted, a single name, shared, or about it', () => {
    assert.deepEqual(check('Hans', '他们说这很好。'), []);
    assert.deepEqual(check('Hant', '他們說這很好。'), []);
    assert.deepEqual(check('Hans', '繁体写作“這個們說”。'), []);
    assert.deepEqual(check('Hans', '作者陳先生今天不在家，他明天才回来上班。'), []);
    for (const variant of ['Hans', 'Hant'] as const) assert.deepEqual(check(variant, '皇后在台上向前走，占星，后里乾坤。'), []);
    assert.deepEqual(check('Hans', '這個們說來', 'Write it in Traditional Chinese.'), []);
    assert.deepEqual(own(unit('ja', 'x', '学国会東車書', { variant: 'Hans' })), []);
    assert.deepEqual(check('Hans', '彼女は優秀な教師です。'), []);
  }); // prettier-ignore
});

describe('checks of what was settled', () => {
  it('find what is planted', () => {
    const right: readonly (readonly [string, string])[] = [
      ['de', 'Beschreiben Sie den kleinen Laden.'],
      ['it', 'Descrivi il piccolo negozio di fronte.'],
      ['es', 'Describe la pequeña tienda de enfrente.'],
      ['zh', '说说这个小商店的事，时间不限。'],
      ['ru', 'Опишите маленький магазин напротив.'],
    ];
    for (const plant of PLANTS) {
      let planted = 0;
      for (const [lang, text] of right) {
        const input = plant.plant(unit(lang, 'Describe the small market across.', text, {}), () => 0.3);
        if (!input) continue;
        planted++;
        assert.ok(own(input).some(({ check }) => check === plant.check), `${plant.kind} ${lang}`);
      }
      assert.ok(planted > 0, plant.kind);
    }
  }); // prettier-ignore

  it('do no harm to any text, and mend without making more', () => {
    const word = fc.constantFrom('a', 'b', 'ab', 'C', 'C++', 'ß', 'Haus', '中', '文', 'ก', '\ud83d', '😀', '-', '.');
    const bit = fc.oneof(word, word, fc.string({ unit: 'binary' }));
    const text = fc.array(bit, { maxLength: 8 }).map(bits => bits.join(' '));
    const term = fc.record({ source: text, target: text, rule: fc.constantFrom('must' as const, 'forbidden' as const) });
    const settings = fc.record({
      terms: fc.array(term, { maxLength: 6 }),
      register: fc.constantFrom('formal' as const, 'informal' as const, undefined),
      variant: fc.constantFrom('Hans' as const, 'Hant' as const, undefined),
    });
    const lang = fc.constantFrom('de', 'zh', 'ar', 'ru', 'xx', 'und');
    fc.assert(
      fc.property(text, text, settings, lang, (source, target, settled, targetLang) => {
        const found = own(unit(targetLang, source, target, settled));
        for (const { start, end, fix } of found) {
          assert.ok(0 <= start && start <= end && end <= target.length);
          if (!fix) continue;
          const mended = target.slice(0, fix.start) + fix.text + target.slice(fix.end);
          assert.ok(own(unit(targetLang, source, mended, settled)).length < found.length, mended);
        }
      }),
      { numRuns: 1000 },
    );
  }); // prettier-ignore
});
