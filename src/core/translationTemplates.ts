/** Instructions that ask for a translation, in several words, so that a model learns the task and not one sentence. */
import type { Asking, Direction } from './demonstration';
import { languageNameIn } from './languageNames';
import type { TranslationEntry } from './recipe';
import type { Lang, Sha256, UnitKey } from './record';

/**
 * By primary language. `{source}` and `{target}` are names of languages as they stand alone, so they are only
 * where any name is right: never at the beginning (Italian and Spanish write them small), and in German never behind an
 * article, with which "Italienisch" would be declined and "Hindi" not.
 */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  en: [
    'Translate this text from {source} into {target}.',
    'Here is a text in {source}. Write it in {target}.',
    'How would you say the following in {target}?',
    'Give a faithful {target} version of the text below.',
    'The text below is written in {source}. Translate it into {target} and leave nothing out.',
    'Render the passage in {target}, keeping its meaning and tone.',
    'Someone who reads only {target} needs to understand this. Translate it for them.',
    'I have this in {source} and need it in {target}.',
    'Turn the {source} text that follows into natural {target}.',
    'Write a translation into {target}. The original is in {source}.',
  ],
  it: [
    'Il testo seguente è scritto in {source}: traducilo in {target}.',
    'Come si direbbe questo testo in {target}?',
    'Traduci in {target} il testo che segue.',
    'Riscrivi in {target} il brano qui sotto, senza perdere nulla del suo significato.',
    'Ho un testo in {source} e mi serve la traduzione in {target}.',
    'Chi legge solo in {target} deve poter capire questo testo: traducilo.',
    'Rendi questo passaggio in {target}, rispettandone il tono.',
  ],
  es: [
    'El texto siguiente está escrito en {source}: tradúcelo al {target}.',
    '¿Cómo se diría este texto en {target}?',
    'Traduce del {source} al {target} lo que aparece a continuación.',
    'Escribe en {target} una versión fiel del texto de abajo.',
    'Tengo un texto en {source} y lo necesito en {target}.',
    'Pasa este fragmento al {target} sin cambiar su sentido ni su tono.',
    'Alguien que solo lee en {target} tiene que entender este texto. Tradúcelo.',
  ],
  de: [
    'Der folgende Text ist auf {source} verfasst. Gib ihn auf {target} wieder.',
    'Wie lautet dieser Text auf {target}?',
    'Übersetze den Text von {source} nach {target}.',
    'Schreib den Abschnitt auf {target}, ohne etwas wegzulassen.',
    'Ich habe diesen Text auf {source} und brauche ihn auf {target}.',
    'Dieser Text soll auch auf {target} verständlich sein. Übersetze ihn.',
    'Formuliere das Folgende auf {target}; Sinn und Ton bleiben gleich.',
  ],
  zh: [
    '请把下面这段{source}译成{target}。',
    '下面的内容用{target}怎么说？',
    '以下文字是用{source}写的，请用{target}重新写出来，不要遗漏任何内容。',
    '请给出这段文字的{target}译文。',
    '我手里有一段{source}，需要它的{target}版本。',
    '有位读者只懂{target}，请为他翻译下面的文字。',
    '将原文译为{target}，保持原意和语气不变。',
  ],
  ar: [
    'ترجم النص التالي من {source} إلى {target}.',
    'النص أدناه مكتوب ب{source}. اكتبه ب{target}.',
    'انقل هذا المقطع إلى {target} دون أن تحذف منه شيئًا.',
    'أعد كتابة ما يلي بعد ترجمته إلى {target}.',
    'لدي نص ب{source} وأحتاج إلى ترجمته إلى {target}.',
    'أريد ترجمة أمينة لهذا النص إلى {target}، مع الحفاظ على معناه وأسلوبه.',
    'ما ترجمة هذا الكلام إلى {target}؟',
  ],
};
/** Where not even the language of the answer is known. */
const PLAIN: Asking = { text: 'Translate the following text.', lang: 'en' };
/** A 32-bit number of a hash. */
const DIGITS = 8;

/**
 * @param key of the unit; the same one gets the same words each time, others in the other direction
 * @param ask which languages the words may be in; `target` is that of the unit, whichever way it is translated. One without
 *   templates is asked in English
 * @param langs of the unit's source and target; `und` is not named
 * @returns the words
 */
export function templateFor(
  seed: string,
  key: UnitKey,
  direction: Direction,
  ask: TranslationEntry['ask'],
  langs: readonly [source: Lang, target: Lang],
  sha256: Sha256,
): Asking {
  const hash = sha256(JSON.stringify([seed, key, direction]));
  const [from, to] = direction === 'forward' ? langs : [langs[1], langs[0]];
  const own = primary(langs[1]);
  const wanted = { english: ['en'], target: [own], both: ['en', own] }[ask];
  const lang = wanted[number(hash, 0) % wanted.length] ?? 'en';
  const askedIn = Object.hasOwn(TEMPLATES, lang) ? lang : 'en';
  const usable = (TEMPLATES[askedIn] ?? []).filter(
    template => (from !== 'und' || !template.includes('{source}')) && to !== 'und',
  );
  const template = usable[number(hash, 1) % usable.length];
  if (template === undefined) return PLAIN;
  return {
    text: template
      .replace('{source}', () => languageNameIn(askedIn, from))
      .replace('{target}', () => languageNameIn(askedIn, to)),
    lang: askedIn,
  };
}

function number(hash: string, at: number): number {
  return parseInt(hash.slice(at * DIGITS, (at + 1) * DIGITS), 16);
}

function primary(lang: Lang): string {
  return lang.split('-', 1)[0]?.toLowerCase() ?? '';
}
