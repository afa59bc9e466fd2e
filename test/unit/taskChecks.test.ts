import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CheckInput } from '../../src/core/check';
import { runChecks } from '../../src/core/checks';
import { readAnswer, readOptions } from '../../src/core/checks/choices';
import { english } from '../../src/core/messages';
import { PLANTS } from '../helpers/plants/tasks';

const IDS = ['translation-direction', 'answer-letter', 'labels'];
const NAMES = ['instruction', 'input', 'output'];
type Texts = readonly [instruction: string, input: string, output: string];

const fields = (texts: Texts) => NAMES.map((name, index) => ({ name, text: texts[index]! }));
const unit = (targetLang: string, source: Texts, target: Texts): CheckInput => ({
  sourceLang: 'en',
  targetLang,
  source: fields(source),
  target: fields(target),
});
const own = (input: CheckInput) => runChecks(input).filter(({ check }) => IDS.includes(check));

function said(input: CheckInput): string[] {
  return own(input).map(({ check, field, start, end, message }) => {
    const text = input.target.find(({ name }) => name === field)!.text;
    return `${check} ${field} “${text.slice(start, end)}”: ${english(message)}`;
  });
}

const CAT = ['Translate the following sentence into French.', 'The cat sleeps.', 'Le chat dort.'] as const;

describe('translation-direction', () => {
  const FINE: readonly (readonly [lang: string, source: Texts, target: Texts])[] = [
    ['de', CAT, ['Übersetze den folgenden Satz ins Französische.', 'Die Katze schläft.', 'Le chat dort.']],
    ['de', CAT, ['Übersetze den folgenden Satz ins Französische.', 'The cat sleeps.', 'Le chat dort.']],
    ['it', CAT, ['Traduci la frase seguente in francese.', 'Il gatto dorme.', 'Le chat dort.']],
    ['es', CAT, ['Traduce la siguiente frase al francés.', 'El gato duerme.', 'Le chat dort.']],
    ['zh', CAT, ['将下面的句子翻译成法语。', '猫在睡觉。', 'Le chat dort.']],
    ['ar', CAT, ['ترجم الجملة التالية إلى الفرنسية.', 'القطة نائمة.', 'Le chat dort.']],
    // Into English, of English data, may become into the target language.
    [
      'zh',
      ['Translate this sentence into English.', 'Le chat dort.', 'The cat sleeps.'],
      ['把这句话翻译成中文。', 'Le chat dort.', '猫在睡觉。'],
    ],
    [
      'de',
      ['Translate the data into a chart.', '3, 4', 'A chart of 3 and 4.'],
      ['Wandle die Daten in ein Diagramm um.', '3, 4', 'Ein Diagramm von 3 und 4.'],
    ],
    [
      'zh',
      ['Translate "Bonjour" into English.', '', '"Bonjour" means "Hello" in English.'],
      ['将“Bonjour”翻译成英语。', '', '“Bonjour”在英语中的意思是“你好”。'],
    ],
  ];
  for (const [lang, source, target] of FINE)
    it(`is right: ${target.join(' ')}`, () => assert.deepEqual(said(unit(lang, source, target)), []));

  it('is wrong where the instruction names another language', () => {
    const german = ['Übersetze den folgenden Satz ins Spanische.', 'Die Katze schläft.', 'Le chat dort.'] as const;
    assert.deepEqual(said(unit('de', CAT, german)), [
      'translation-direction instruction “Spanische”: Here the task asks for Spanish; in the source it asks for French. Ask for the same language.',
    ]);
    const chinese = ['将下面的句子翻译成德语。', '猫在睡觉。', 'Le chat dort.'] as const;
    assert.deepEqual(said(unit('zh', CAT, chinese)), [
      'translation-direction instruction “德语”: Here the task asks for German; in the source it asks for French. Ask for the same language.',
    ]);
  });

  it('is wrong where the instruction was carried out', () => {
    const source = ['Translate "The cat sleeps" into French.', '', 'Le chat dort.'] as const;
    assert.deepEqual(said(unit('de', source, ['Die Katze schläft.', '', 'Le chat dort.'])), [
      'translation-direction instruction “Die Katze schläft.”: The source asks for a translation, and this does not. Translate the task, do not carry it out.',
    ]);
  });

  it('is wrong where the answer is what was to be translated', () => {
    const echo = 'The answer is the text that was to be translated. Keep the answer of the source.';
    const german = ['Übersetze den folgenden Satz ins Französische.', 'Die Katze schläft.', '„Die Katze schläft“'] as const;
    assert.deepEqual(said(unit('de', CAT, german)), [`translation-direction output “„Die Katze schläft“”: ${echo}`]);
    const chinese = ['将“猫在睡觉”翻译成法语。', '', '猫在睡觉。'] as const;
    assert.deepEqual(said(unit('zh', ['Translate "The cat sleeps" into French.', '', 'Le chat dort.'], chinese)), [
      `translation-direction output “猫在睡觉。”: ${echo}`,
    ]);
  });

  it('is wrong where English is asked for and the answer is in the target language', () => {
    const source = ['Translate this sentence from French to English.', 'Le chat dort.', 'The cat sleeps.'] as const;
    const answers = [
      ['zh', '将这句话从法语翻译成英语。', '猫在睡觉。', 'Chinese'],
      ['ar', 'ترجم هذه الجملة من الفرنسية إلى الإنجليزية.', 'القطة نائمة.', 'Arabic'],
      ['de', 'Übersetze diesen Satz vom Französischen ins Englische.', 'Die Katze schläft auf dem Stuhl und wird nicht wach.', 'German'],
    ] as const;
    for (const [lang, instruction, output, name] of answers)
      assert.deepEqual(said(unit(lang, source, [instruction, 'Le chat dort.', output])), [
        `translation-direction output “${output}”: The answer is in ${name}, but the task asks for English.`,
      ]);
  });
}); // prettier-ignore

const OPTIONS = ['Choose the right answer.', 'Which one is a bird?\nA) dog\nB) crow\nC) cat', 'B'] as const;

describe('answer-letter', () => {
  const FINE: readonly (readonly [lang: string, source: Texts, target: Texts])[] = [
    ['de', OPTIONS, ['Wähle.', 'Was ist ein Vogel?\nA) Hund\nB) Krähe\nC) Katze', 'B']],
    ['it', OPTIONS, ['Scegli.', 'Qual è un uccello?\na) cane\nb) corvo\nc) gatto', 'b)']],
    ['ru', OPTIONS, ['Выбери.', 'Кто из них птица?\nА) собака\nБ) ворона\nВ) кошка', 'Б']],
    ['ar', OPTIONS, ['اختر.', 'أيها طائر؟\nأ) كلب\nب) غراب\nج) قطة', 'ب']],
    ['zh', OPTIONS, ['选择。', '哪个是鸟？\n甲、狗\n乙、乌鸦\n丙、猫', '乙']],
    ['zh', OPTIONS, ['选择。', '哪个是鸟？\nA） 狗\nB） 乌鸦\nC） 猫', '答案：B']],
    ['de', OPTIONS, ['Wähle.', 'Was ist ein Vogel?\nA) Hund\nB) Krähe\nC) Katze', 'Die Antwort ist B.']],
    [
      'de',
      ['Describe a can.', '', 'A 12 oz can is small.'],
      ['Beschreibe eine Dose.', '', 'Eine 12-oz-Dose ist klein.'],
    ],
    ['de', ['Go on.', 'A: Hi!\nB: Hello!', 'A: Bye!'], ['Weiter.', 'A: Hallo!\nB: Guten Tag!', 'Tschüss!']],
  ];
  for (const [lang, source, target] of FINE)
    it(`is right: ${JSON.stringify(target[1])} ${target[2]}`, () =>
      assert.deepEqual(said(unit(lang, source, target)), []));

  it('is wrong where it is another one, and is put right', () => {
    const wrong: readonly (readonly [lang: string, input: string, output: string, given: string, mended: string])[] = [
      ['de', 'A) Hund\nB) Krähe\nC) Katze', 'C', 'C', 'B'],
      ['de', 'A) Hund\nB) Krähe\nC) Katze', 'Antwort: C) Krähe', 'C', 'Antwort: B) Krähe'],
      ['ru', 'А) собака\nБ) ворона\nВ) кошка', 'Г', 'Г', 'Б'],
      ['ar', 'أ) كلب\nب) غراب\nج) قطة', 'B', 'B', 'ب'],
      ['zh', 'A、狗\nB、乌鸦\nC、猫', '乙', '乙', 'B'],
    ];
    for (const [lang, input, output, given, mended] of wrong) {
      const found = own(unit(lang, OPTIONS, ['…', input, output]));
      assert.equal(found.length, 1, output);
      const { check, start, end, fix } = found[0]!;
      assert.equal(check, 'answer-letter');
      assert.equal(output.slice(start, end), given);
      assert.equal(output.slice(0, fix!.start) + fix!.text + output.slice(fix!.end), mended);
      assert.deepEqual(own(unit(lang, OPTIONS, ['…', input, mended])), []);
    }
  }); // prettier-ignore

  it('is wrong where it is gone, or those of the options are', () => {
    const options = 'A) Hund\nB) Krähe\nC) Katze';
    assert.deepEqual(said(unit('de', OPTIONS, ['Wähle.', options, 'Krähe'])), [
      'answer-letter output “Krähe”: The answer lacks its letter: B.',
    ]);
    assert.deepEqual(said(unit('de', OPTIONS, ['Wähle.', 'Hund, Krähe, Katze', 'B'])), [
      'answer-letter input “”: The options have letters in the source, but not here. Put them back.',
    ]);
  });
});

describe('the letters of a choice', () => {
  it('are read in several alphabets and forms', () => {
    const counts = ['A. x\nB. y', 'a) x b) y c) z', '(A) x (B) y', '（A）x\n（B）y', 'А) x\nБ) y', 'أ) س\nب) ص', '甲、狗\n乙、猫'];
    assert.deepEqual(counts.map(text => readOptions(text)?.count), [2, 3, 2, 2, 2, 2, 2]);
    for (const text of ['A man. B', 'vitamin A and B', 'A: x\nB: y', 'B) y\nC) z', '']) assert.equal(readOptions(text), undefined, text);
  }); // prettier-ignore

  it('are read from answers, and not from sentences', () => {
    const letters = ['B', 'b)', '(C)', 'Answer: D', 'The answer is A.', '答案：B', 'C - both'].map(
      text => readAnswer(text)?.letter,
    );
    assert.deepEqual(letters, ['B', 'b', 'C', 'D', 'A', 'B', 'C']);
    for (const text of ['A man', 'Because', 'a 12 oz can', ''])
      assert.equal(readAnswer(text), undefined, text);
  });
});

const MOOD = ['Is this comment positive or negative?', 'I like it.', 'Positive'] as const;

describe('labels', () => {
  const FINE: readonly (readonly [lang: string, source: Texts, target: Texts])[] = [
    ['de', MOOD, ['Ist dieser Kommentar positiv oder negativ?', 'Gefällt mir.', 'Positiv.']],
    ['de', MOOD, ['Ist das ein positiver oder ein negativer Kommentar?', 'Gefällt mir.', 'Positiv']],
    ['it', MOOD, ['La recensione è positiva o negativa?', 'Mi piace.', 'Positivo']],
    ['zh', MOOD, ['这条评论是正面的还是负面的？', '我喜欢。', '正面']],
    ['ar', MOOD, ['هل هذا التعليق إيجابي أم سلبي؟', 'أعجبني.', 'إيجابي']],
    ['ja', MOOD, ['このコメントは肯定的ですか、否定的ですか。', '好きです。', '肯定的']],
    ['de', ['Name a fruit.', '', 'Apple'], ['Nenne eine Frucht.', '', 'Apfel']],
    ['de', ['Tea or coffee at noon?', '', 'Milk'], ['Tee oder Kaffee am Mittag?', '', 'Milch']],
  ];
  for (const [lang, source, target] of FINE)
    it(`is right: ${target[0]} ${target[2]}`, () => assert.deepEqual(said(unit(lang, source, target)), []));

  it('is wrong where the task does not offer the answer', () => {
    const wrong: readonly (readonly [lang: string, instruction: string, output: string])[] = [
      ['de', 'Ist dieser Kommentar lobend oder tadelnd?', 'Positiv'],
      ['it', 'Il commento è favorevole o contrario?', 'Positivo'],
      ['zh', '这条评论是正面的还是负面的？', '阳性'],
      ['ar', 'هل هذا التعليق إيجابي أم سلبي؟', 'جيد'],
    ];
    for (const [lang, instruction, output] of wrong)
      assert.deepEqual(said(unit(lang, MOOD, [instruction, '…', output])), [
        `labels output “${output}”: The task does not offer “${output}”. Use the same word in the task and in the answer.`,
      ]);
  });
});

describe('checks of tasks', () => {
  it('find what is planted, and a fix leaves nothing', () => {
    const right: readonly (readonly [string, string])[] = [
      ['de', 'Der kleine Laden öffnet um sechs Uhr.'],
      ['it', 'Il piccolo negozio apre alle sei.'],
      ['es', 'La pequeña tienda abre a las seis.'],
      ['zh', '那家小商店每天早上六点钟就开门。'],
      ['ar', 'يفتح المتجر الصغير في السادسة.'],
    ];
    const numbers: fc.Arbitrary<IterableIterator<number>> = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
    fc.assert(
      fc.property(fc.constantFrom(...PLANTS), fc.constantFrom(...right), numbers, (plant, [lang, text], next) => {
        const clean = unit(lang, ['Translate.', 'x', 'The small shop opens at six.'], ['…', 'x', text]);
        const planted = plant.plant(clean, () => Number(next.next().value));
        if (!planted) return;
        const found = own(planted);
        assert.ok(found.some(({ check }) => check === plant.check), plant.kind);
        for (const { field, fix } of found) {
          if (!fix) continue;
          const target: CheckInput['target'] = planted.target.map(each =>
            each.name === field ? { name: field, text: each.text.slice(0, fix.start) + fix.text + each.text.slice(fix.end) } : each,
          );
          assert.deepEqual(own({ ...planted, target }), []);
        }
      }),
    );
  }); // prettier-ignore

  it('do no harm to any text', () => {
    const bit = fc.oneof(
      fc.constantFrom('A) ', 'B) ', '甲、', '乙、', '"', '“', 'Translate into French: ', ' or ', '/', '翻译成法语', 'ins Spanische', '\n'),
      fc.string({ unit: 'binary' }),
    ); // prettier-ignore
    const text = fc.array(bit, { maxLength: 6 }).map(bits => bits.join(''));
    const texts = fc.tuple(text, text, text);
    const lang = fc.constantFrom('de', 'zh', 'ar', 'ja', 'xx', 'und', 'en');
    fc.assert(
      fc.property(texts, texts, lang, (source, target, targetLang) => {
        const input = unit(targetLang, source, target);
        for (const { field, start, end, fix } of own(input)) {
          const { length } = input.target.find(({ name }) => name === field)!.text;
          assert.ok(0 <= start && start <= end && end <= length);
          if (fix) assert.ok(0 <= fix.start && fix.start <= fix.end && fix.end <= length);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
