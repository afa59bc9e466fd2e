import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CheckInput } from '../../src/core/check';
import { FUNCTION_WORDS, LANGUAGES } from '../../src/core/functionWords';
import { runChecks } from '../../src/core/checks';
import { judge, type Verdict, type Wrong } from '../../src/core/languageJudge';
import { baseLanguage, countLetters, readWords } from '../../src/core/languageText';
import { wordsOf } from '../helpers/builders';

const checkLanguage = (input: CheckInput) =>
  runChecks(input).filter(({ check }) => check.startsWith('language'));

/** Three ordinary sentences in each language: prose, an instruction, and one with a name or a figure in it. */
const CLEAN: Readonly<Record<string, readonly string[]>> = {
  en: [
    'The bakery on the corner opens at six.',
    'Write a short letter to your landlord.',
    'Anna paid 20 euros for it.',
  ],
  it: [
    'Il fornaio all’angolo apre alle sei.',
    'Scrivi una breve lettera al padrone di casa.',
    'Anna l’ha pagato 20 euro.',
  ],
  es: [
    'La panadería de la esquina abre a las seis.',
    'Escribe una carta breve al casero.',
    'Ana pagó 20 euros por él.',
  ],
  fr: [
    'La boulangerie du coin ouvre à six heures.',
    'Écris une courte lettre au propriétaire.',
    'Anne l’a payé 20 euros.',
  ],
  pt: [
    'A padaria da esquina abre às seis.',
    'Escreva uma carta curta ao senhorio.',
    'A Ana pagou 20 euros por ele.',
  ],
  ro: [
    'Brutăria din colț se deschide la șase.',
    'Scrie o scurtă scrisoare proprietarului.',
    'Ana a plătit 20 de euro pentru el.',
  ],
  de: [
    'Die Bäckerei an der Ecke öffnet um sechs.',
    'Schreibe einen kurzen Brief an den Vermieter.',
    'Anna hat 20 Euro dafür bezahlt.',
  ],
  nl: [
    'De bakker op de hoek gaat om zes uur open.',
    'Schrijf een korte brief aan de huisbaas.',
    'Anna heeft er 20 euro voor betaald.',
  ],
  pl: [
    'Piekarnia na rogu otwiera się o szóstej.',
    'Napisz krótki list do właściciela mieszkania.',
    'Anna zapłaciła za to 20 euro.',
  ],
  tr: [
    'Köşedeki fırın saat altıda açılıyor.',
    'Ev sahibine kısa bir mektup yaz.',
    'Ayşe bunun için 20 avro ödedi.',
  ],
  vi: [
    'Tiệm bánh ở góc phố mở cửa lúc sáu giờ.',
    'Hãy viết một lá thư ngắn cho chủ nhà.',
    'Anna đã trả 20 euro cho nó.',
  ],
  id: [
    'Toko roti di sudut jalan buka pukul enam.',
    'Tulislah surat singkat kepada pemilik rumah.',
    'Anna membayar 20 euro untuk itu.',
  ],
  sv: [
    'Bageriet på hörnet öppnar klockan sex.',
    'Skriv ett kort brev till hyresvärden.',
    'Anna betalade 20 euro för den.',
  ],
  da: [
    'Bageren på hjørnet åbner klokken seks.',
    'Skriv et kort brev til udlejeren.',
    'Anna betalte 20 euro for den.',
  ],
  nb: [
    'Bakeriet på hjørnet åpner klokken seks.',
    'Skriv et kort brev til utleieren.',
    'Anna betalte 20 euro for den.',
  ],
  fi: [
    'Kulman leipomo avataan kuudelta.',
    'Kirjoita lyhyt kirje vuokranantajalle.',
    'Anna maksoi siitä 20 euroa.',
  ],
  cs: [
    'Pekárna na rohu otevírá v šest.',
    'Napiš krátký dopis majiteli bytu.',
    'Anna za to zaplatila 20 eur.',
  ],
  hu: ['A sarki pékség hatkor nyit.', 'Írj egy rövid levelet a főbérlőnek.', 'Anna 20 eurót fizetett érte.'],
  ru: [
    'Пекарня на углу открывается в шесть.',
    'Напишите короткое письмо хозяину квартиры.',
    'Анна заплатила за это 20 евро.',
  ],
  uk: [
    'Пекарня на розі відчиняється о шостій.',
    'Напишіть короткого листа власнику квартири.',
    'Анна заплатила за це 20 євро.',
  ],
  el: [
    'Ο φούρνος στη γωνία ανοίγει στις έξι.',
    'Γράψε ένα σύντομο γράμμα στον ιδιοκτήτη.',
    'Η Άννα πλήρωσε 20 ευρώ.',
  ],
  he: ['המאפייה בפינה נפתחת בשש.', 'כתוב מכתב קצר לבעל הבית.', 'אנה שילמה על זה 20 אירו.'],
  ar: ['يفتح المخبز في الزاوية الساعة السادسة.', 'اكتب رسالة قصيرة إلى صاحب البيت.', 'دفعت آنا 20 يورو.'],
  hi: ['कोने की बेकरी छह बजे खुलती है।', 'मकान मालिक को एक छोटा पत्र लिखें।', 'अन्ना ने इसके लिए 20 यूरो दिए।'],
  bn: ['মোড়ের বেকারিটি ছয়টায় খোলে।', 'বাড়িওয়ালাকে একটি ছোট চিঠি লেখো।', 'আনা ২০ ইউরো দিয়েছে।'],
  ta: [
    'மூலையில் உள்ள அடுமனை ஆறு மணிக்கு திறக்கும்.',
    'வீட்டு உரிமையாளருக்கு ஒரு கடிதம் எழுதுக.',
    'அன்னா 20 யூரோ கொடுத்தாள்.',
  ],
  th: ['ร้านเบเกอรี่ตรงหัวมุมเปิดหกโมง', 'เขียนจดหมายสั้น ๆ ถึงเจ้าของบ้าน', 'แอนนาจ่ายไป 20 ยูโร'],
  ko: ['모퉁이 빵집은 여섯 시에 문을 연다.', '집주인에게 짧은 편지를 쓰세요.', '안나는 20유로를 냈다.'],
  ja: [
    '角のパン屋は六時に開きます。',
    '大家さんに短い手紙を書いてください。',
    'アンナは20ユーロを払いました。',
  ],
  zh: ['街角的面包店六点开门。', '给房东写一封短信。', '安娜为此付了20欧元（Python 3.12）。'],
};

function wrong(verdict: Verdict): Wrong {
  assert.equal(verdict.verdict, 'wrong');
  return verdict;
}

const judged = (text: string, expected: string) => judge(text, { expected }).verdict;

describe('judge: what is right', () => {
  for (const [expected, sentences] of Object.entries(CLEAN)) {
    it(`raises nothing on ${expected}`, () => {
      for (const text of [...sentences, sentences.join(' ')])
        assert.notEqual(judged(text, expected), 'wrong', text);
    });
  }

  it('has a sentence for every language it knows', () => {
    assert.deepEqual(Object.keys(CLEAN).sort(), [...LANGUAGES.keys()].sort());
  });

  it('abstains from code, numbers, names and leftovers in every language', () => {
    const neutral = [
      '',
      '   \n',
      '42',
      '3.14, 2.72, 1.62',
      '12 + 30 = 42',
      'Marie Curie',
      'University of the Arts London',
      'San Francisco, New York, Los Angeles',
      'The Return of the King',
      'https://example.org/the/way/it/is.html',
      'someone.else@example.org',
      'docs.example.com',
      '/usr/share/doc/README.txt',
      '#sunday #coffee #withfriends',
      '{{first_name}}',
      'H2O',
      'O(n log n)',
      'A, B, C, D',
      '🎈🎈🎈',
      'Lorem ipsum dolor sit amet, consectetur adipiscing elit.',
      'for (let i = 0; i < n; i++) { total += price[i]; }',
      'SELECT name FROM users WHERE age > 30 AND city IS NOT NULL',
      'def area(r):\n    return 3.14 * r ** 2',
      '{"name": "Ada", "is_the_one": true}',
      'total = price * 1.2',
      '`the quick brown fox is in the box`',
      'int x = 5;\nint y = x + 10;',
      'margin-left: 20px; margin-top: 30px;',
      '```\nthis is not a text but what a program has printed\n```',
    ];
    for (const expected of LANGUAGES.keys()) {
      for (const text of neutral) assert.equal(judged(text, expected), 'abstain', `${expected}: ${text}`);
    }
  });

  it('abstains from languages it does not know, and from no language', () => {
    for (const expected of ['und', '', 'tlh', 'sw', 'x-private', 'sr-Latn', 'not a tag', 'zh-Latn']) {
      assert.equal(judged('The bakery on the corner opens at six.', expected), 'abstain', expected);
    }
  });

  it('takes regions, scripts and old tags for the language', () => {
    assert.equal(baseLanguage('zh-Hant-TW'), 'zh');
    assert.equal(baseLanguage('pt_BR'), 'pt');
    assert.equal(baseLanguage('no'), 'nb');
    assert.equal(judged('街角的麵包店六點開門。', 'zh-TW'), 'ok');
    assert.equal(judged('A padaria da esquina abre às seis.', 'pt-BR'), 'ok');
    assert.equal(judged('The bakery on the corner opens at six.', 'pt-BR'), 'wrong');
  });

  it('lets names and titles stand with their small words', () => {
    const names: readonly (readonly [expected: string, text: string])[] = [
      ['it', 'Il bancomat di Newport on the Levee era rotto.'],
      [
        'de',
        'Die drei Arten sind Infrastructure as a Service, Platform as a Service und Software as a Service.',
      ],
      ['it', 'Chi era Васильевич e che cosa ha fatto?'],
      ['es', 'Probablemente no me lo imaginaba jugando dos partidos.'],
      ['de', 'Niemand besucht Rom erneut.'],
      ['ru', 'Кому принадлежал рекорд по игре в городке Сан-де-Маре?'],
      ['ru', 'Забитый мяч помог команде одержать победу над соперником.'],
      ['zh', '如果一切照旧（business as usual, BAU），预计明年的价格会继续上升。'],
      ['de', 'John, 32 Jahre alt\nAnne, 25 Jahre alt\nHugo, 27 Jahre alt'],
    ];
    for (const [expected, text] of names) assert.notEqual(judged(text, expected), 'wrong', text);
  });

  it('lets foreign words stand in quotation marks and brackets', () => {
    assert.notEqual(
      judged('Che cosa significa la frase inglese "it is raining cats and dogs" in italiano?', 'it'),
      'wrong',
    );
    assert.equal(judged('请解释英语句子“it is raining cats and dogs”的意思。', 'zh'), 'ok');
    assert.equal(judged('机器学习（machine learning）是人工智能的一个分支。', 'zh'), 'ok');
  });
});

describe('judge: what is wrong', () => {
  it('finds English left in, whole, in every other language', () => {
    const texts = [
      'Give three tips for staying healthy in the winter.',
      'What is the best way to learn how to cook?',
    ];
    for (const expected of LANGUAGES.keys()) {
      if (expected === 'en') continue;
      for (const text of texts) {
        const verdict = wrong(judge(text, { expected }));
        assert.equal(verdict.lang, 'en', expected);
        assert.equal(text.slice(verdict.start, verdict.end).length > text.length / 2, true);
      }
    }
  });

  it('finds other scripts', () => {
    assert.equal(wrong(judge('名前を聞いたら、声に出して繰り返しましょう。', { expected: 'zh' })).lang, 'ja');
    assert.equal(wrong(judge('모퉁이 빵집은 여섯 시에 문을 연다.', { expected: 'zh' })).lang, 'ko');
    assert.equal(wrong(judge('街角的面包店每天早上六点准时开门营业。', { expected: 'ja' })).lang, 'zh');
    assert.equal(wrong(judge('街角的面包店六点开门。', { expected: 'ko' })).lang, 'zh');
    assert.equal(wrong(judge('请用“面包店六点开门”造一个句子。', { expected: 'th' })).lang, 'zh');
    assert.equal(wrong(judge('Пекарня на углу открывается в шесть.', { expected: 'de' })).lang, 'ru');
    assert.equal(wrong(judge('Пекарня відчиняється о шостій.', { expected: 'de' })).lang, 'uk');
    assert.equal(wrong(judge('پیاده‌روی کوتاه بعد از شام کمک می‌کند.', { expected: 'ar' })).lang, 'fa');
    assert.equal(wrong(judge('კუთხის საცხობი იხსნება', { expected: 'it' })).lang, 'ka');
  });

  it('finds close languages by their words and letters', () => {
    const close: readonly (readonly [expected: string, lang: string, text: string])[] = [
      ['it', 'es', 'La panadería de la esquina abre a las seis todos los días.'],
      ['es', 'pt', 'A padaria da esquina não abre às seis, mas às sete.'],
      ['pt', 'it', 'Il fornaio dietro l’angolo apre alle sei della mattina.'],
      ['de', 'nl', 'De bakker op de hoek gaat om zes uur open.'],
      ['nl', 'de', 'Die Bäckerei an der Ecke öffnet um sechs Uhr.'],
      ['fr', 'ro', 'Brutăria din colț se deschide la șase dimineața.'],
      ['ru', 'uk', 'Пекарня на розі відчиняється о шостій, якщо є хліб.'],
      ['uk', 'ru', 'Пекарня на углу открывается в шесть, если есть хлеб.'],
      ['vi', 'id', 'Toko roti di sudut jalan itu buka pada pukul enam.'],
      ['en', 'fr', 'La boulangerie du coin ouvre à six heures du matin.'],
    ];
    for (const [expected, lang, text] of close)
      assert.equal(wrong(judge(text, { expected })).lang, lang, text);
  });

  it('finds what was romanised, and does not guess a language for it', () => {
    const verdict = wrong(judge('pekarnya na uglu otkryvaetsya v shest utra', { expected: 'ru' }));
    assert.equal(verdict.kind, 'whole');
    assert.equal(
      wrong(judge('mausam kafi garm tha lekin hawa thandi thi', { expected: 'hi' })).verdict,
      'wrong',
    );
    assert.equal(wrong(judge('pekarnya otkryvaetsya ezhednevno', { expected: 'ru' })).lang, 'ru-Latn');
    // `le` is French and Italian, `you` English; a sentence of theirs has more such words.
    const pinyin = 'huoche you wan le, women zai lengfeng li deng le yi ge xiaoshi';
    assert.equal(wrong(judge(pinyin, { expected: 'zh' })).lang, 'zh-Latn');
  });

  it('gives the span of an English part', () => {
    const parts: readonly (readonly [expected: string, before: string, part: string, after: string])[] = [
      [
        'de',
        '',
        'Here is the German translation',
        ': Die Bäckerei an der Ecke öffnet um sechs, und sie ist gut.',
      ],
      [
        'it',
        'Il fornaio apre alle sei. ',
        'The bread is best when it is still warm',
        '. La domenica è chiuso.',
      ],
      ['zh', '街角的面包店六点开门。', 'The bread is best when it is still warm', '。星期天不营业。'],
      ['ru', 'Пекарня на углу открывается в шесть ', 'and the bread is best when warm', '.'],
      ['th', 'ร้านเบเกอรี่ตรงหัวมุมเปิดหกโมง ', 'and the bread is best when warm', ''],
      ['ar', 'يفتح المخبز في الزاوية الساعة السادسة. ', 'The bread is at its best. It should be warm', '.'],
    ];
    for (const [expected, before, middle, after] of parts) {
      const verdict = wrong(judge(before + middle + after, { expected }));
      assert.deepEqual([verdict.kind, verdict.lang], ['part', 'en'], expected);
      assert.equal((before + middle + after).slice(verdict.start, verdict.end), middle);
    }
  });

  it('gives the span of a sentence in a third language', () => {
    const before = 'Il fornaio all’angolo apre alle sei, ma la domenica è chiuso tutto il giorno. ';
    const middle = 'Die Bäckerei an der Ecke öffnet leider erst um sechs Uhr';
    const verdict = wrong(judge(`${before}${middle}.`, { expected: 'it' }));
    assert.deepEqual([verdict.kind, verdict.lang], ['part', 'de']);
    assert.equal(before.concat(middle).slice(verdict.start, verdict.end), middle);
  });

  it('finds short copies with the source text, and abstains from them without', () => {
    const text = 'Hot and cold.';
    const copy = wrong(judge(text, { expected: 'pl', source: text, sourceLang: 'en' }));
    assert.equal(copy.kind, 'copy');
    assert.equal(copy.lang, 'en');
    assert.equal(judged('Sun, rain', 'pl'), 'abstain');
    assert.equal(
      judge('Marie Curie', { expected: 'pl', source: 'Marie Curie', sourceLang: 'en' }).verdict,
      'abstain',
    );
    assert.equal(
      judge('x = y + 1;', { expected: 'pl', source: 'x = y + 1;', sourceLang: 'en' }).verdict,
      'abstain',
    );
  });

  it('finds copied lists, which trigrams take for another language', () => {
    const list = 'basket, curtain, umbrella, bathtub';
    assert.equal(wrong(judge(list, { expected: 'pt', source: list, sourceLang: 'en' })).kind, 'copy');
  });

  it('lets stand a copy that is right in both languages', () => {
    const text = 'No, no, no, no!';
    assert.notEqual(judge(text, { expected: 'es', source: text, sourceLang: 'en' }).verdict, 'wrong');
  });

  it('lets stand what is foreign in the source, too', () => {
    const text = 'Il fornaio apre alle sei della mattina.';
    assert.equal(judge(text, { expected: 'de', source: text, sourceLang: 'en' }).verdict, 'abstain');
    assert.equal(judge(text, { expected: 'it', source: text, sourceLang: 'en' }).verdict, 'ok');
  });
});

describe('checkLanguage', () => {
  type Texts = readonly [instruction: string, input: string, output: string];
  const unit = (source: Texts, target: Texts, targetLang = 'zh'): CheckInput => {
    const fields = (texts: Texts) =>
      ['instruction', 'input', 'output'].map((name, index) => ({ name, text: texts[index] ?? '' }));
    return { sourceLang: 'en', targetLang, source: fields(source), target: fields(target) };
  };
  const ids = (input: CheckInput) =>
    checkLanguage(input).map(
      found => `${found.field} ${found.check} ${found.severity} ${wordsOf(found.message).join('<')}`,
    );

  it('reports field by field, with tags as arguments', () => {
    const source: Texts = ['Name a fruit that grows in the south.', '', 'An orange is one of them.'];
    assert.deepEqual(
      ids(unit(source, ['Nenne eine Frucht, die im Süden wächst.', '', 'An orange is one of them.'], 'de')),
      ['output language-copied warning en<de'],
    );
    assert.deepEqual(
      ids(unit(source, ['Name any fruit that grows in the south.', '', 'Die Orange ist eine davon.'], 'de')),
      ['instruction language-source warning en<de'],
    );
    assert.deepEqual(
      ids(unit(source, ['Nenne eine Frucht aus dem Süden.', '', 'L’arancia è una di queste.'], 'de')),
      ['output language-wrong warning it<de'],
    );
    const mixed = 'Die Orange ist eine davon. It is also the one that I like best.';
    assert.deepEqual(ids(unit(source, ['Nenne eine Frucht aus dem Süden.', '', mixed], 'de')), [
      'output language-mixed warning en<de',
    ]);
  });

  it('finds the translation into the asked language right, in Latin letters and others', () => {
    const french: Texts = [
      'Translate into French.',
      'I miss you and the sea.',
      'Tu me manques, et la mer aussi.',
    ];
    assert.deepEqual(
      ids(unit(french, ['翻译成法语。', '我想你，也想大海。', 'Tu me manques, et la mer aussi.'])),
      [],
    );
    const japanese: Texts = ['Translate the sentence to Japanese.', 'She is a teacher.', '彼女は教師です。'];
    assert.deepEqual(ids(unit(japanese, ['把句子翻译成日语。', '她是老师。', '彼女は教師です。'])), []);
    const unknown: Texts = [
      'Translate this into Swahili.',
      'The child is here.',
      'Mtoto yuko hapa sasa hivi.',
    ];
    assert.deepEqual(
      ids(unit(unknown, ['翻译成斯瓦希里语。', '孩子在这里。', 'Mtoto yuko hapa sasa hivi.'])),
      [],
    );
    const asked: Texts = ['How do you say good night in Spanish?', '', 'Se dice buenas noches a los amigos.'];
    assert.deepEqual(
      ids(unit(asked, ['“晚安”用西班牙语怎么说？', '', 'Se dice buenas noches a los amigos.'])),
      [],
    );
  });

  it('reads the task of the target where there is no source', () => {
    const unit = (targetLang: string, instruction: string, output: string): CheckInput => ({
      sourceLang: 'und',
      targetLang,
      source: [],
      target: [
        { name: 'instruction', text: instruction },
        { name: 'output', text: output },
      ],
    });
    const french = 'Le pain est meilleur quand il est encore chaud.';
    for (const [lang, instruction] of [
      ['de', 'Übersetze ins Französische: Brot ist am besten, wenn es noch warm ist.'],
      ['it', 'Traduci in francese: il pane è migliore quando è ancora caldo.'],
      ['es', 'Traduce al francés: el pan es mejor cuando todavía está caliente.'],
      ['zh', '翻译成法语：面包还热的时候最好吃。'],
      ['ar', 'ترجم إلى الفرنسية: الخبز أفضل عندما يكون ساخنا.'],
    ] as const) {
      assert.deepEqual(ids(unit(lang, instruction, french)), [], lang);
      assert.equal(ids(unit(lang, '1 + 1 = ?', french)).length, 1, lang);
    }
  });

  it('finds the answer right where the instruction was changed with it', () => {
    const source: Texts = ['Translate into French.', 'The bread is warm.', 'Le pain est chaud.'];
    const target: Texts = [
      'Übersetze ins Deutsche.',
      'The bread is still warm, isn’t it?',
      'Das Brot ist noch warm.',
    ];
    assert.deepEqual(ids(unit(source, target, 'de')), ['input language-source info en<de']);
  });

  it('finds the translated translation', () => {
    const source: Texts = [
      'Translate into French.',
      'I miss you and the sea.',
      'Tu me manques, et la mer aussi.',
    ];
    assert.deepEqual(ids(unit(source, ['翻译成法语。', '我想你，也想大海。', '我想念你，也想念大海。'])), [
      'output language-wrong warning zh<fr',
    ]);
  });

  it('only notes the input and output of other tasks about language', () => {
    const source: Texts = [
      'Correct the grammar of the sentence.',
      'She don’t like it at all.',
      'She doesn’t like it at all.',
    ];
    assert.deepEqual(ids(unit(source, ['改正句子的语法。', source[1], source[2]])), [
      'input language-copied info en<zh',
      'output language-copied info en<zh',
    ]);
    assert.deepEqual(ids(unit(source, source)), [
      'instruction language-copied warning en<zh',
      'input language-copied info en<zh',
      'output language-copied info en<zh',
    ]);
  });

  it('checks parallel text, and says nothing without a language', () => {
    const text = 'The bakery on the corner opens at six.';
    const side = [{ name: 'text', text }];
    const parallel = (targetLang: string) =>
      checkLanguage({ sourceLang: 'en', targetLang, source: side, target: side });
    assert.equal(parallel('it')[0]?.message.id, 'language.copied');
    assert.deepEqual([parallel('it')[0]?.start, parallel('it')[0]?.end], [0, text.length]);
    assert.deepEqual([...parallel('und'), ...parallel('en'), ...parallel('sw')], []);
  });

  it('does without a source side', () => {
    const target = [{ name: 'output', text: 'The bakery on the corner opens at six.' }];
    assert.equal(checkLanguage({ sourceLang: 'und', targetLang: 'it', source: [], target }).length, 1);
  });
});

describe('any text', () => {
  const tags = fc.constantFrom(...LANGUAGES.keys(), 'und', 'sw');
  const pieces = fc.constantFrom(
    'the ',
    'und ',
    'Of The ',
    '"',
    '“',
    '`',
    '```',
    '$',
    '{{',
    '<a',
    'a@',
    "l'",
    '’',
    '是',
    'の',
    'Ж',
    'і',
    'ع',
    '\ud83d',
    '\udc00',
    '\n',
    '. ',
    '/x/',
    '_',
    '7',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 80 })
      .map(units => String.fromCharCode(...units)),
    fc.array(pieces, { maxLength: 60 }).map(found => found.join('')),
  );

  it('never throws, and spans are inside the text', () => {
    fc.assert(
      fc.property(texts, texts, tags, fc.boolean(), (text, other, expected, same) => {
        const verdict = judge(text, { expected, source: same ? text : other, sourceLang: 'en' });
        if (verdict.verdict !== 'wrong') return;
        assert.ok(0 <= verdict.start && verdict.start < verdict.end && verdict.end <= text.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads words whose offsets are those of the text', () => {
    fc.assert(
      fc.property(texts, text => {
        let last = 0;
        for (const word of readWords(text)) {
          assert.ok(last <= word.start && word.start < word.end && word.end <= text.length);
          last = word.end;
        }
        assert.ok(countLetters(text).total <= text.length);
      }),
    );
  });

  it('is quick on long texts of every shape', () => {
    for (const piece of [
      'a',
      'a ',
      'the ',
      'ä',
      '"x',
      '`',
      '<a',
      'a@',
      'a/',
      '$a',
      "a'",
      '中',
      'Of The ',
      'И ',
      '\ud800',
    ]) {
      const time = (length: number) => {
        const text = piece.repeat(length / piece.length);
        const start = performance.now();
        for (const expected of ['it', 'zh', 'ru']) judge(text, { expected, source: text, sourceLang: 'en' });
        return performance.now() - start;
      };
      time(10_000);
      // A quadratic step would take a hundred times as long; the constant forgives a busy machine.
      assert.ok(time(1_000_000) <= 12 * time(100_000) + 100, JSON.stringify(piece));
    }
  });
});

describe('function words', () => {
  it('are lower case, composed, without duplicates, and of known languages', () => {
    for (const [lang, list] of Object.entries(FUNCTION_WORDS)) {
      const words = list.split(' ');
      assert.ok(LANGUAGES.has(lang), lang);
      assert.deepEqual(
        words,
        words.map(word => word.normalize('NFC').toLowerCase()),
      );
      assert.deepEqual(
        words.filter((word, index) => words.indexOf(word) !== index),
        [],
        lang,
      );
    }
  });
});
