/** Refusals, notes and rests of prompts, put into right translations. */
import type { CheckInput } from '../../../src/core/check';
import type { Plant } from '../plant';

/** By target language; English where there is none. */
type Phrases = Readonly<Record<string, readonly string[]>>;

const REFUSALS: Phrases = {
  en: ['As an AI language model, I cannot do that.', "I'm sorry, but I cannot complete this request."],
  de: [
    'Als KI-Sprachmodell kann ich diese Aufgabe nicht ausführen.',
    'Es tut mir leid, aber ich kann diese Anfrage nicht bearbeiten.',
  ],
  it: [
    'Come modello linguistico non ho accesso a queste informazioni.',
    'Mi dispiace, ma non posso soddisfare questa richiesta.',
  ],
  es: [
    'Como modelo de lenguaje, no tengo opiniones.',
    'Lo siento, pero no puedo ayudarte con esta petición.',
  ],
  zh: ['作为一个人工智能语言模型，我没有个人经历。', '抱歉，我无法完成这个请求。'],
  ar: ['بصفتي نموذجًا لغويًا، لا أملك آراء شخصية.', 'عذرًا، لا أستطيع تنفيذ هذا الطلب.'],
};
const PHRASES: Phrases = {
  en: ['Here is the translation:', 'Sure! Here is the translated text:'],
  de: ['Hier ist die Übersetzung:', 'Natürlich! Hier ist die deutsche Übersetzung:'],
  it: ['Ecco la traduzione:', 'Certo! Ecco la traduzione richiesta:'],
  es: ['Aquí está la traducción:', '¡Claro! Aquí tienes la traducción:'],
  zh: ['以下是翻译：', '好的，以下是译文：'],
  ar: ['إليك الترجمة:', 'فيما يلي الترجمة:'],
};
const NOTES: Phrases = {
  en: ['(Note: this is translated literally.)', "[Translator's note: a play on words.]"],
  de: ['(Anmerkung des Übersetzers: Wortspiel im Original.)', '(Hinweis: Dies ist eine freie Übersetzung.)'],
  it: ['(Nota del traduttore: gioco di parole.)', '(Nota: la traduzione è letterale.)'],
  es: ['(Nota del traductor: juego de palabras.)', '(Nota: la traducción es literal.)'],
  zh: ['（译者注：这里是双关语。）', '（注：此处为直译。）'],
  ar: ['(ملاحظة المترجم: تلاعب بالألفاظ.)', '(ملاحظة: هذه ترجمة حرفية.)'],
};
const LABELS: Phrases = {
  en: ['Translation:'],
  de: ['Übersetzung:'],
  it: ['Traduzione:'],
  es: ['Traducción:'],
  zh: ['译文：'],
  ar: ['الترجمة:'],
};
const TOKENS = ['<|im_start|>', '<|im_end|>', '<|endoftext|>', '[INST]', '</s>'];
const MARKERS = ['### Response:\n', '### Instruction:\n', 'Assistant: ', 'Human: '];

const one = (list: readonly string[], random: () => number) => list[Math.floor(random() * list.length)]!;

function phrase(phrases: Phrases, { targetLang }: CheckInput, random: () => number): string {
  const own = phrases[targetLang.split('-')[0]!] ?? phrases['en']!;
  return one(random() < 0.7 ? own : phrases['en']!, random);
}

/** Changes the longest target field, which is most often the answer. */
function inLongest(unit: CheckInput, change: (text: string) => string): CheckInput | undefined {
  const longest = unit.target.reduce((best, field) => (field.text.length > best.text.length ? field : best));
  if (unit.source.length === 0 || longest.text.trim().length < 10) return undefined;
  const target = unit.target.map(field =>
    field === longest ? { ...field, text: change(field.text) } : field,
  );
  return { ...unit, target };
}

/** A source that speaks of the same things may well have been translated with them. */
const says = (unit: CheckInput, words: RegExp) => unit.source.some(({ text }) => words.test(text));

const MODEL =
  /\b(?:AI|artificial|language model|GPT|chatbot|robot|assistant)\b|sorry|apolog|regret|unfortun|afraid|can ?not|can['’]?t\b|unable|not able|won['’]t|could|impossible|no longer|excuse|pardon|forgive|alas|sadly/i;
const TRANSLATION =
  /transl|version|language|original|interpret|sure|certainly|of course|absolutely|\bok|no problem|gladly|naturally|pleasure|german|italian|spanish|french|chinese|arabic|russian|japanese|portuguese|english/i;
const NOTE =
  /note|n\.?b|remark|caution|hint|tip|clue|notice|remind|disclaimer|comment|observ|p\.?s|warning|attention|important|careful|caveat|beware|remember|reference/i;

export const PLANTS: readonly Plant[] = [
  {
    check: 'refusal',
    kind: 'in place of the answer',
    plant: (unit, random) =>
      says(unit, MODEL) ? undefined : inLongest(unit, () => phrase(REFUSALS, unit, random)),
  },
  {
    check: 'refusal',
    kind: 'before the translation',
    plant: (unit, random) =>
      says(unit, TRANSLATION)
        ? undefined
        : inLongest(unit, text => `${phrase(PHRASES, unit, random)}\n\n${text}`),
  },
  {
    check: 'translator-note',
    kind: 'at the end',
    plant: (unit, random) =>
      says(unit, NOTE) || says(unit, TRANSLATION)
        ? undefined
        : inLongest(unit, text => `${text}${one([' ', '\n', '\n\n'], random)}${phrase(NOTES, unit, random)}`),
  },
  {
    check: 'translator-note',
    kind: 'label',
    plant: (unit, random) =>
      says(unit, TRANSLATION)
        ? undefined
        : inLongest(unit, text => `${phrase(LABELS, unit, random)} ${text}`),
  },
  {
    check: 'prompt-residue',
    kind: 'token',
    plant: (unit, random) => {
      const token = one(TOKENS, random);
      if (unit.source.some(({ text }) => text.includes(token))) return undefined;
      return inLongest(unit, text => (random() < 0.5 ? `${token}${text}` : `${text}\n${token}`));
    },
  },
  {
    check: 'prompt-residue',
    kind: 'marker',
    plant: (unit, random) =>
      says(unit, /##|[:：]/) ? undefined : inLongest(unit, text => one(MARKERS, random) + text),
  },
];
