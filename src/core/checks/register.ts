/** How a text addresses its reader: Sie or du, usted or tú, Lei or tu, vous or tu, вы or ты, 您 or 你. */
import type { Check, FieldPair, Hit, Register } from '../check';
import { baseLanguage, blankQuoted } from '../languageText';
import { say, type MessageId } from '../messages';

type Words = Readonly<Record<Register, RegExp>>;

const word = (words: string, flags = 'giu') =>
  new RegExp(`(?<![\\p{L}\\p{M}])(?:${words})(?![\\p{L}\\p{M}])`, flags);
/** Inside a sentence: at its start a capital says nothing. */
const inside = (words: string) =>
  new RegExp(`(?<=[\\p{L}\\p{N},)%“"»] )(?:${words})(?![\\p{L}\\p{M}])`, 'gu');

/** Imperatives at the start of a German task, where no pronoun stands beside them. Not those that are nouns, too. */
const GERMAN_IMPERATIVES =
  'Analysiere|Beantworte|Bearbeite|Begründe|Berechne|Beschreibe|Bestimme|Bewerte|Bilde|Diskutiere|Empfiehl|Entscheide|Entwickle|Entwirf|Erfinde|Ergänze|Erkläre|Ermittle|Erstelle|Erzähle|Erzeuge|Fasse|Finde|Formuliere|Füge|Generiere|Gib|Identifiziere|Interpretiere|Kategorisiere|Klassifiziere|Konstruiere|Konvertiere|Korrigiere|Löse|Nenne|Organisiere|Paraphrasiere|Recherchiere|Schlage|Schreibe|Sortiere|Überprüfe|Übersetze|Unterscheide|Vergleiche|Vervollständige|Verwandle|Verwende|Wähle|Wandle|Zähle|Zeichne';

/**
 * Pronouns and possessives that nobody but the reader can be meant by. Sie, Lei and vous are third persons or plurals as well,
 * so only what is clear is here.
 */
const WORDS: Readonly<Record<string, Words>> = {
  de: {
    informal: new RegExp(
      `${word('du|dich|dir|dein(?:e[mnrs]?)?|euch|eue?r(?:e[mnrs]?)?').source}|^(?:${GERMAN_IMPERATIVES})(?= [^,:\\n]{2})`,
      'giu',
    ),
    formal: inside('Sie|Ihnen|Ihre?[mnrs]?'),
  },
  es: {
    informal: word('tú|ti|contigo|tuy[oa]s?|tus?(?= \\p{Ll})'),
    formal: word('usted'),
  },
  it: {
    informal: word('tu|te|tuo|tua|tuoi|tue|ti'),
    formal: inside('Lei|Suo|Sua|Suoi|Sue'),
  },
  fr: {
    informal: word('tu|toi|te|tes|ta|(?<!(?:le|du|un|ce|de|au|quel) )ton'),
    formal: word('vous|votre|vos'),
  },
  ru: {
    informal: word('ты|тебя|тебе|тобой|твой|твоя|твоё|твое|твои|твоего|твоей|твоих|твоим|твоему|твою'),
    formal: word('вы|вас|вам|вами|ваш|ваша|ваше|ваши|вашего|вашей|ваших|вашим|вашему|вашу'),
  },
  zh: { informal: /(?<!迷)你(?!们|們)/gu, formal: /您/gu },
};

/** In their own words somebody else is addressed, or somebody else speaks. */
const OTHER_SPEAKER = /(?<![\p{L}'’])(?:I|I['’]\p{L}{1,2}|me|my|mine|we|us|our|dear)(?![\p{L}'’])/iu;
const ADDRESSES = /\b(?:you|your|yours|yourself)\b/i;
/** In an answer one word may be a citation. */
const MIN_IN_ANSWER = 2;

const MESSAGE: Readonly<Record<Register, MessageId>> = {
  formal: 'terms.registerFormal',
  informal: 'terms.registerInformal',
};

export const REGISTER: Check = {
  id: 'register',
  title: 'check.register',
  severity: 'warning',
  needs: ['register'],
  run: ({ input, pairs }) => {
    const base = baseLanguage(input.targetLang);
    const wanted = input.settings?.register;
    const words = Object.hasOwn(WORDS, base) ? WORDS[base] : undefined;
    if (!words || wanted === undefined) return [];
    const isEnglish = baseLanguage(input.sourceLang) === 'en';
    return pairs.flatMap(pair => registerHit(pair, words, wanted, isEnglish));
  },
};

function registerHit(pair: FieldPair, words: Words, wanted: Register, isEnglish: boolean): Hit[] {
  const { name: field, source, target } = pair;
  // What is worked on is not addressed to the reader.
  if (field === 'input' || pair.isCode) return [];
  const other = wanted === 'formal' ? 'informal' : 'formal';
  // Most texts say nothing of the kind, and what is quoted is dear to find.
  if (target.search(words[other]) < 0 || OTHER_SPEAKER.test(blankQuoted(source))) return [];
  const text = blankQuoted(pair.targetProse);
  const found = [...text.matchAll(words[other])];
  const [first] = found;
  if (!first) return [];
  const isTask = field === 'instruction';
  if (!isTask && (found.length < MIN_IN_ANSWER || (isEnglish && !ADDRESSES.test(source)))) return [];
  const start = first.index;
  const end = start + first[0].length;
  const message = say(MESSAGE[wanted], target.slice(start, end));
  return [{ field, start, end, message, ...(!isTask && { severity: 'info' as const }) }];
}
