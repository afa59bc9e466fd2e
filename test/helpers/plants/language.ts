/** Fields that are not in the target language. */
import { CheckedUnit, type CheckInput, type FieldPair } from '../../../src/core/check';
import { taskOf } from '../../../src/core/checks/language';
import { LANGUAGES } from '../../../src/core/functionWords';
import { baseLanguage } from '../../../src/core/languageText';
import type { Plant } from '../plant';
import { inOneField } from './structure';

/** What a translator who did something else might have left there. */
const ENGLISH = [
  'Give three reasons why a small garden is good for the people of a town.',
  'The train was late again, so we had to wait in the cold for an hour.',
  'You should read the letter once more before you send it to the office.',
  'There are many ways to cook rice, but this is the one that I like best.',
  'What would you do if you were the owner of this old house?',
];
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  es: [
    'El tren llegó tarde otra vez y tuvimos que esperar una hora en el frío.',
    'Hay muchas maneras de cocinar el arroz, pero esta es la que más me gusta.',
  ],
  fr: [
    'Le train était encore en retard et nous avons dû attendre une heure dans le froid.',
    'Il y a plusieurs façons de cuire le riz, mais c’est celle que je préfère.',
  ],
  pt: [
    'O trem chegou atrasado outra vez e tivemos que esperar uma hora no frio.',
    'Há muitas maneiras de cozinhar o arroz, mas esta é a de que eu mais gosto.',
  ],
  de: [
    'Der Zug kam wieder zu spät, und wir mussten eine Stunde in der Kälte warten.',
    'Es gibt viele Arten, Reis zu kochen, aber diese mag ich am liebsten.',
  ],
  ru: [
    'Поезд опять опоздал, и нам пришлось целый час ждать на холоде.',
    'Есть много способов варить рис, но этот мне нравится больше всего.',
  ],
  ja: [
    '電車がまた遅れたので、寒い中で一時間も待たなければなりませんでした。',
    'ご飯の炊き方はいろいろありますが、私はこの方法が一番好きです。',
  ],
};
const ROMANISED: Readonly<Record<string, string>> = {
  zh: 'huoche you wan le, women zai lengfeng li deng le yi ge xiaoshi',
  ar: 'taakhara alqitar marra ukhra wa intazarna saa kamila fi albard',
  ru: 'poezd opyat opozdal, i nam prishlos tselyi chas zhdat na kholode',
  hi: 'rel gaadi phir der se aayi aur humein thand mein ek ghanta rukna pada',
};

/** Enough words of prose that a copy of it is one that should have been translated. */
const PROSE = /\p{Ll}{2,}[ ,]+\p{Ll}{2,}[ ,]+\p{Ll}{2,}[ ,]+\p{Ll}{2,}/u;
/** So long is a text into which a sentence is put that the sentence is a part of it. */
const HOST_LENGTH = { spaced: 60, dense: 20 };

const oneOf = <T>(items: readonly T[], random: () => number): T | undefined =>
  items[Math.floor(random() * items.length)];

/** Changes one field that is neither code nor of a task about language. */
const language = (
  check: string,
  kind: string,
  change: (pair: FieldPair, unit: CheckInput, random: () => number) => string | undefined,
): Plant => ({
  check,
  kind,
  plant: (unit, random) => {
    const task = taskOf(new CheckedUnit(unit));
    if (task.aboutLanguage || task.named.size > 0 || baseLanguage(unit.targetLang) === 'en') return undefined;
    return inOneField(unit, random, pair =>
      pair.target.trim() === '' ? undefined : change(pair, unit, random),
    );
  },
});

const isDense = (lang: string) => ['zh', 'ja', 'th'].includes(baseLanguage(lang));

export const PLANTS: readonly Plant[] = [
  language('language-source', 'english', (_, __, random) => oneOf(ENGLISH, random)),
  language('language-copied', 'field', ({ source }) => (PROSE.test(source) ? source : undefined)),
  language('language-wrong', 'other', (_, { sourceLang, targetLang }, random) => {
    const langs = Object.keys(OTHERS).filter(
      lang => lang !== baseLanguage(sourceLang) && lang !== baseLanguage(targetLang),
    );
    return oneOf(OTHERS[oneOf(langs, random) ?? ''] ?? [], random);
  }),
  ...(['before', 'after'] as const).map(place =>
    language('language-mixed', place, ({ target }, { targetLang }, random) => {
      const least = isDense(targetLang) ? HOST_LENGTH.dense : HOST_LENGTH.spaced;
      const sentence = oneOf(ENGLISH, random) ?? '';
      if (target.length < least) return undefined;
      return place === 'before' ? `${sentence}\n${target}` : `${target}\n${sentence}`;
    }),
  ),
  language('language-romanised', 'sentence', (_, { targetLang }) => {
    const lang = baseLanguage(targetLang);
    return LANGUAGES.get(lang)?.scripts[0] === 'Latn' ? undefined : ROMANISED[lang];
  }),
];
