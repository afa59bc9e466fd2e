import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { runChecks } from '../../src/core/checks';
import { LANGUAGE_CHECKS } from '../../src/core/checks/language';
import { readTask } from '../../src/core/languageTask';
import { unitsOf } from '../helpers/checkData';
import { PLANTS } from '../helpers/plants/language';
import { randomOf } from '../helpers/twoLanguages';

describe('tasks', () => {
  const asked = (lang: string, instruction: string) => readTask(instruction, lang).into;

  it('are read in the languages of most instructions', () => {
    const french: Readonly<Record<string, readonly string[]>> = {
      en: [
        'Translate the sentence into French.',
        'Say good morning in French.',
        'Translate to the French language',
      ],
      de: [
        'Übersetze den Satz ins Französische.',
        'Wie heißt das auf Französisch?',
        'Übersetzen Sie das in die französische Sprache.',
      ],
      it: ['Traduci la frase in francese.', 'Traducila al francese', 'Scrivilo in lingua francese.'],
      es: ['Traduce la frase al francés.', 'Escríbelo en francés.', 'Traducir al idioma francés'],
      zh: ['把这句话翻译成法语。', '请译为法文：', '用法語說早安'],
      ar: ['ترجم الجملة إلى الفرنسية.', 'اكتبها باللغة الفرنسية', 'ترجم من الإنجليزية الى اللغة الفرنسية'],
    };
    for (const [lang, instructions] of Object.entries(french)) {
      for (const text of instructions) assert.equal(asked(lang, text), 'fr', text);
    }
    assert.equal(asked('zh-Hant', '翻譯成日文'), 'ja');
    assert.equal(asked('it', 'Traduci dal tedesco all’inglese.'), 'en');
    assert.equal(asked('es', 'Traduzca del inglés al polaco.'), 'pl');
  });

  it('name languages without asking for one', () => {
    const named = [
      ['de', 'Wie viele Menschen sprechen Polnisch?', 'pl'],
      ['it', 'Chi ha inventato il russo?', 'ru'],
      ['zh', '法语有多少个时态？', 'fr'],
    ] as const;
    for (const [lang, text, name] of named) {
      const task = readTask(text, lang);
      assert.deepEqual([[...task.named], task.into, task.translation], [[name], undefined, false], text);
    }
  });

  it('are not seen where nothing is said of languages', () => {
    const others: Readonly<Record<string, readonly string[]>> = {
      en: ['Now polish the shoes in the hall.', 'Name a dish.'],
      de: ['Nenne Gerichte aus französischen Restaurants.', 'Beschreibe ein Schmuckstück aus Silber.'],
      it: ['Descrivi la vita in città.'],
      es: ['Escribe la historia a la vez.'],
      zh: ['完成下面的作业。', '创建一个安全的密码。'],
      ar: ['ما هي القواعد؟', 'صف الحياة الثقافية في المنطقة باختصار.'],
      fr: ['Traduis en anglais.'],
      und: ['Translate into French.'],
    };
    for (const [lang, instructions] of Object.entries(others)) {
      for (const text of instructions) {
        const { aboutLanguage, translation, named, into } = readTask(text, lang);
        assert.deepEqual([aboutLanguage, translation, named.size, into], [false, false, 0, undefined], text);
      }
    }
  });

  it('about language itself are known in each', () => {
    for (const [lang, text] of [
      ['en', 'Correct the grammar.'],
      ['de', 'Korrigiere die Rechtschreibung.'],
      ['it', 'Correggi gli errori grammaticali.'],
      ['es', '¿Qué idioma es este?'],
      ['zh', '改正语法错误。'],
      ['ar', 'صحح الأخطاء النحوية'],
    ] as const)
      assert.ok(readTask(text, lang).aboutLanguage, text);
  });

  it('never throw', () => {
    const langs = fc.constantFrom('en', 'de', 'it', 'es', 'zh', 'ar', 'fr', '', 'no tag');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), langs, (text, lang) => {
        assert.ok(readTask(text, lang).named.size <= text.length);
      }),
    );
  });
});

describe('mistakes of language', () => {
  /** The right records of the samples. */
  const clean = unitsOf('samples/sample.jsonl').filter(unit => runChecks(unit, LANGUAGE_CHECKS).length === 0);

  for (const { check, kind, plant } of PLANTS) {
    it(`are found: ${check}, ${kind}`, () => {
      const planted = clean.flatMap(unit => plant(unit, randomOf(1)) ?? []);
      assert.ok(planted.length > 0);
      const missed = planted.filter(
        unit => !runChecks(unit, LANGUAGE_CHECKS).some(finding => finding.check === check),
      );
      assert.ok(missed.length <= 0.05 * planted.length, JSON.stringify(missed[0]?.target));
    });
  }
});
