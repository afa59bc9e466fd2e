import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CheckInput, Finding } from '../../src/core/check';
import { runChecks } from '../../src/core/checks';
import { english } from '../../src/core/messages';
import { PLANTS } from '../helpers/plants/assistant';

const IDS = ['refusal', 'translator-note', 'prompt-residue'];
const SOURCE = 'The shop opens at six, and the bread is warm until nine.';
const RIGHT: Readonly<Record<string, string>> = {
  de: 'Der Laden öffnet um sechs, und das Brot ist bis neun warm.',
  it: 'Il negozio apre alle sei e il pane è caldo fino alle nove.',
  es: 'La tienda abre a las seis y el pan está caliente hasta las nueve.',
  zh: '商店六点开门，面包到九点都是热的。',
  ar: 'يفتح المتجر في السادسة ويبقى الخبز ساخنا حتى التاسعة.',
  fr: 'Le magasin ouvre à six heures et le pain est chaud jusqu’à neuf heures.',
  ru: 'Магазин открывается в шесть, и хлеб тёплый до девяти.',
  ja: '店は六時に開き、パンは九時まで温かいです。',
  hi: 'दुकान छह बजे खुलती है और रोटी नौ बजे तक गरम रहती है।',
  th: 'ร้านเปิดหกโมง และขนมปังยังอุ่นจนถึงเก้าโมง',
};

const unit = (targetLang: string, target: string, source = SOURCE): CheckInput => ({
  sourceLang: 'en',
  targetLang,
  source: [{ name: 'text', text: source }],
  target: [{ name: 'text', text: target }],
});
const own = (input: CheckInput) => runChecks(input).filter(({ check }) => IDS.includes(check));

/** The only finding of the family, with its span and, mended, the text. */
function only(input: CheckInput): { finding: Finding; span: string; mended: string | undefined } {
  const findings = own(input);
  assert.equal(findings.length, 1, JSON.stringify(findings));
  const finding = findings[0]!;
  const { text } = input.target[0]!;
  const { fix } = finding;
  const mended = fix && text.slice(0, fix.start) + fix.text + text.slice(fix.end);
  return { finding, span: text.slice(finding.start, finding.end), mended };
}

describe('refusal', () => {
  const FOUND: readonly (readonly [lang: string, text: string])[] = [
    ['de', 'Als KI-Sprachmodell kann ich keine Brötchen essen.'],
    ['de', 'Es tut mir leid, aber dabei kann ich nicht helfen.'],
    ['it', 'In quanto IA, non ho preferenze.'],
    ['es', 'Lo siento, pero no puedo responder.'],
    ['zh', '作为一个人工智能助手，我没有味觉。'],
    ['zh', '抱歉，我无法回答这个问题。'],
    ['ar', 'بصفتي نموذجًا لغويًا، لا أتناول الطعام.'],
    ['fr', 'En tant qu’IA, je ne mange pas de pain.'],
    ['ru', 'К сожалению, я не могу на это ответить.'],
    ['ja', '申し訳ありませんが、お答えできません。'],
    ['hi', 'As an AI language model, I do not eat bread.'],
    ['th', "I'm sorry, but I cannot complete this request."],
  ];
  for (const [lang, text] of FOUND) {
    it(`is found: ${text}`, () => {
      const { finding } = only(unit(lang, text));
      assert.equal(finding.check, 'refusal');
      assert.match(english(finding.message), /translate what it says\.$/);
      assert.equal(finding.fix, undefined);
    });
  }

  it('takes off what announces a translation', () => {
    const announced: readonly (readonly [string, string])[] = [
      ['de', 'Here is the German translation:'],
      ['de', 'Natürlich! Hier ist die Übersetzung:'],
      ['it', 'Ecco la traduzione:'],
      ['es', 'Aquí tienes la traducción:'],
      ['zh', '以下是翻译：'],
      ['ar', 'إليك الترجمة:'],
      ['ru', 'Вот перевод:'],
    ];
    for (const [lang, before] of announced) {
      const right = RIGHT[lang]!;
      const { finding, mended } = only(unit(lang, `${before}\n\n${right}`));
      assert.equal(finding.check, 'refusal');
      assert.equal(mended, right, before);
    }
  });

  const FINE: readonly (readonly [lang: string, target: string, source: string])[] = [
    ['de', 'Als KI-Modell kann ich das nicht.', 'As an AI model, I cannot do that.'],
    ['de', 'Es tut mir leid, ich kann nicht kommen.', "I'm sorry, I can't come."],
    ['de', 'Künstliche Intelligenz verändert die Arbeit.', 'Artificial intelligence changes work.'],
    ['it', 'Purtroppo non posso venire alla festa.', 'Unfortunately I cannot come to the party.'],
    [
      'zh',
      '人工智能作为计算机科学的一个分支，发展很快。',
      'AI, as a branch of computer science, grows fast.',
    ],
    ['zh', '我们无法预测天气。', 'We are not able to predict the weather.'],
    ['es', 'La traducción del libro es muy buena.', 'The translation of the book is very good.'],
    ['ar', 'للأسف لا يمكنني الحضور.', 'Sadly, I am unable to attend.'],
    ['ja', '申し訳ありませんが、出席できません。', 'I am afraid I will not attend.'],
  ];
  for (const [lang, target, source] of FINE)
    it(`is not seen in what the source says, too: ${target}`, () =>
      assert.deepEqual(own(unit(lang, target, source)), []));

  it('needs a source', () => {
    assert.deepEqual(own({ ...unit('de', 'Als KI-Sprachmodell kann ich das nicht.'), source: [] }), []);
  });
});

describe('translator-note', () => {
  const NOTES: readonly (readonly [lang: string, note: string])[] = [
    ['de', '(Anmerkung des Übersetzers: ein Wortspiel)'],
    ['de', '(Note: this word is the same in German.)'],
    ['it', '(N.d.T.: gioco di parole)'],
    ['es', '[Nota del traductor: juego de palabras]'],
    ['zh', '（译者注：双关语）'],
    ['ar', '(ملاحظة المترجم: تلاعب بالألفاظ)'],
    ['fr', '(NdT : jeu de mots)'],
    ['ru', '(прим. пер.: игра слов)'],
    ['ja', '（訳注：言葉遊び）'],
    ['hi', "(Translator's note: a pun)"],
  ];
  for (const [lang, note] of NOTES) {
    it(`is found and taken off at an end: ${note}`, () => {
      const right = RIGHT[lang]!;
      for (const text of [`${right} ${note}`, `${right}\n\n${note}`, `${note}\n${right}`]) {
        const { finding, span, mended } = only(unit(lang, text));
        assert.equal(finding.check, 'translator-note');
        assert.equal(span, note);
        assert.equal(mended, right);
        assert.equal(english(finding.message), `This note is not in the source: “${note}”. Remove it.`);
      }
    });
  }

  it('is found on a line of its own', () => {
    const { span, mended } = only(unit('de', `${RIGHT['de']}\n\nHinweis: Das Brot ist hier ein Brötchen.`));
    assert.equal(span, 'Hinweis: Das Brot ist hier ein Brötchen.');
    assert.equal(mended, RIGHT['de']);
  });

  it('is a label that the source lacks', () => {
    for (const [lang, label] of [['de', 'Übersetzung:'], ['zh', '译文：'], ['it', 'Traduzione:']] as const) {
      const { span, mended } = only(unit(lang, `${label} ${RIGHT[lang]}`));
      assert.equal(span, label);
      assert.equal(mended, RIGHT[lang]);
    }
  }); // prettier-ignore

  const FINE: readonly (readonly [lang: string, target: string, source: string])[] = [
    ['de', 'Hinweis: Das Brot ist warm.', 'Note: the bread is warm.'],
    ['de', 'Der Laden (am Hinweisschild) öffnet um sechs.', 'The shop (by the sign) opens at six.'],
    ['it', 'Nota: il pane è caldo.', 'Tip: the bread is warm.'],
    ['zh', '注意：面包很热。', 'Warning: the bread is hot.'],
    ['zh', '他注意到门（木门）开着。', 'He saw that the door (a wooden one) was open.'],
    ['es', 'El libro (traducido por Ana) es caro.', 'The book (translated by Ana) is dear.'],
    ['ar', 'ملاحظة: الخبز ساخن.', 'Please note: the bread is hot.'],
    ['ja', '注：パンは熱いです。', 'Caution: the bread is hot.'],
  ];
  for (const [lang, target, source] of FINE)
    it(`is not seen in what the source says, too: ${target}`, () =>
      assert.deepEqual(own(unit(lang, target, source)), []));

  it('has no fix where it is all there is, or inside a line', () => {
    assert.equal(only(unit('de', '(Anmerkung des Übersetzers: fehlt)')).mended, undefined);
    const inside = 'Der Laden (Anmerkung des Übersetzers: Geschäft) öffnet um sechs.';
    assert.equal(only(unit('de', inside)).mended, undefined);
  });
});

describe('prompt-residue', () => {
  it('is an error for marks of chats, and takes them out', () => {
    for (const token of ['<|im_start|>', '<|im_end|>', '<|endoftext|>', '[INST]', '[/INST]', '<s>', '</s>']) {
      for (const text of [`${token}${RIGHT['de']}`, `${RIGHT['de']}\n${token}`]) {
        const { finding, span, mended } = only(unit('de', text));
        assert.equal(finding.severity, 'error');
        assert.equal(span, token);
        assert.equal(mended, RIGHT['de']);
      }
    }
  });

  it('is a heading or a turn that the source lacks', () => {
    for (const marker of ['### Response:', '### Antwort:', 'Assistant:', '### 回复：', '助手：']) {
      const { finding, span, mended } = only(unit('zh', `${marker}\n${RIGHT['zh']}`));
      assert.equal(finding.severity, 'warning');
      assert.equal(span, marker);
      assert.equal(mended, RIGHT['zh']);
    }
  });

  it('is a prompt that was translated with the text', () => {
    const texts = [
      ['de', 'Bitte geben Sie die deutsche Übersetzung für diese Sätze an: '],
      ['de', 'Below is an instruction that describes a task. '],
      ['zh', '请将以下句子翻译成中文。'],
    ] as const;
    for (const [lang, prompt] of texts)
      assert.equal(only(unit(lang, prompt + RIGHT[lang]!)).finding.check, 'prompt-residue');
  });

  const FINE: readonly (readonly [lang: string, target: string, source: string])[] = [
    ['de', '<s>alt</s> neu', '<s>old</s> new'],
    ['de', '### Eingabe\nText', '### Input\nText'],
    ['de', 'Mensch: Hallo!\nRoboter: Guten Tag!', 'Human: Hello!\nRobot: Good day!'],
    ['zh', '用户：你好\n店员：您好', 'Customer: hi\nClerk: hello'],
    ['it', 'Traduci questa frase in italiano.', 'Translate this sentence into Italian.'],
  ];
  for (const [lang, target, source] of FINE)
    it(`is not seen in what the source has, too: ${target}`, () =>
      assert.deepEqual(own(unit(lang, target, source)), []));
});

describe('what assistants say', () => {
  it('is not seen in right translations', () => {
    for (const [lang, text] of Object.entries(RIGHT)) assert.deepEqual(own(unit(lang, text)), []);
  });

  it('is found where it is planted, and a fix leaves no more than there was', () => {
    const numbers: fc.Arbitrary<IterableIterator<number>> = fc.infiniteStream(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...PLANTS), fc.constantFrom('de', 'it', 'es', 'zh', 'ar'), numbers, (plant, lang, next) => {
        const planted = plant.plant(unit(lang, RIGHT[lang]!), () => Number(next.next().value));
        assert.ok(planted, plant.kind);
        const findings = own(planted);
        assert.ok(findings.some(({ check }) => check === plant.check), plant.kind);
        for (const { fix } of findings) {
          if (!fix) continue;
          const { text } = planted.target[0]!;
          const mended = text.slice(0, fix.start) + fix.text + text.slice(fix.end);
          assert.ok(own(unit(lang, mended)).length < findings.length, mended);
        }
      }),
    ); // prettier-ignore
  });

  it('is looked for in any text without harm', () => {
    const bit = fc.oneof(
      fc.constantFrom(
        '(',
        '[',
        '（',
        'Note:',
        'As an AI',
        '作为',
        'Übersetzung:',
        '### ',
        '<s>',
        '\n',
        ' ',
        '：',
      ),
      fc.string({ unit: 'binary' }),
    );
    const text = fc.array(bit).map(bits => bits.join(''));
    const lang = fc.constantFrom('de', 'zh', 'ar', 'xx', 'und', 'en', 'sr-Latn');
    fc.assert(
      fc.property(text, text, lang, (target, source, targetLang) => {
        for (const { start, end, fix } of own(unit(targetLang, target, source))) {
          assert.ok(0 <= start && start <= end && end <= target.length);
          if (fix) assert.ok(0 <= fix.start && fix.start <= fix.end && fix.end <= target.length);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
