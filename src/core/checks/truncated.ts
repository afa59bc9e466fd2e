/** Texts that stop in the middle, though the source goes on. */
import type { Check, CheckedUnit, FieldPair, Hit } from '../check';
import { baseLanguage } from '../languageText';
import { say } from '../messages';
import type { Lang } from '../record';
import { lastCharacter } from './endings';
import { lengthRatioName, TELLING_LENGTH } from './lengthRatios';

/** What ends a sentence, in any script. */
const END = '.!?…。！？؟۔।॥።։．｡';
/** An end inside a text, and no decimal, label of a list or abbreviation (Dr., EE. UU.). */
const SENTENCE_END =
  /(?<=\p{Ll}{2}|[\p{Lo}\p{M}"'”’»)\]])[.!?…؟۔।॥።։]{1,4}(?=["'”’»)\]]{0,3}(?:\s{1,4}[^\p{Ll}\s]|\s{0,4}$))|[。！？．｡]{1,4}/gu;
/** Nothing ends with these unless it was cut off: half a word, an opened bracket. */
const OPEN_END = /(?:[([{（「『„&]|[\p{L}\p{M}][-–])$/u;
/** A comma may also be a full stop gone wrong. */
const COMMA = /[,，、،;；]$/;
/** Written without marks at the end of sentences. */
const NO_END = new Set(['th', 'lo', 'km', 'my', 'bo']);

/**
 * Articles, prepositions and conjunctions that a following word belongs to, so that no sentence ends with them. Words that
 * are adverbs, particles of verbs or letters, too, are left out.
 */
const NEVER_LAST: Readonly<Record<string, string>> = {
  en: 'an the and or but of from than because if which whose your its our their into',
  it: 'il lo gli un uno una di da con per tra fra ed ma che del dello della dei degli delle al allo alla ai agli alle dal dallo dalla dai dagli dalle nel nello nella nei negli nelle sul sullo sulla sui sugli sulle non',
  es: 'el la los las un una unos unas de del al en con por para que pero sin sobre entre porque su sus cuyo cuya',
  fr: 'le la les un une des du de au aux dans avec pour par que qui et ou mais sans entre leur leurs ses nos vos cette ces',
  pt: 'os as um uma uns umas de do da dos das em no na nos nas com por para que ou mas sem sobre entre porque',
  ro: 'de la pe cu din în și sau dar că pentru prin unui unei ale cel cea',
  de: 'der die den dem des ein eine einen einem einer eines und oder aber im am zum zur vom beim ins für von bei ohne wegen dass weil wenn sowie sondern',
  nl: 'de het een van met voor en of maar te bij dat omdat zijn hun onze',
  pl: 'że oraz lub dla przez ponieważ ale aby który która które',
  tr: 've veya ama ancak çünkü bir',
  id: 'yang dan atau dengan untuk dari pada dalam oleh karena sebagai',
  sv: 'och eller men att av med från för som den det en ett',
  ru: 'на что для от из но или как чтобы который которая которое которые при',
  uk: 'на що для від із але або як щоб який яка яке які при та',
  el: 'και του της των στο στη στην από με για ότι που το τη την τον',
  ar: 'في من إلى على عن أن التي الذي مع أو ثم بين لأن',
  he: 'של את על עם או כי',
  hi: 'और या कि का की के को में',
};
const NEVER_LAST_SETS = new Map(
  Object.entries(NEVER_LAST).map(([lang, words]) => [lang, new Set(words.split(' '))]),
);
/** The same where words are not set apart: characters that something must follow. */
const NEVER_LAST_CHARACTER: Readonly<Record<string, string>> = {
  zh: '和与與或及把被从從向并並将將',
  ja: 'はがをへ',
};
const LAST_WORD = /(?<=\s)[\p{L}\p{M}]{2,12}$/u;
const LAST_ELIDED = /(?<=\s)(?:[ldcnsmt]|un|qu|dell|all|nell|dall|sull|quell|quest)['’]$/i;
const TAIL = 16;

/** Shorter texts are titles and fragments. */
const MIN_LENGTH = 20;
const MIN_LENGTH_DENSE = 8;
/** Alone, without a source, a text is judged only when it is clearly prose. */
const MIN_LENGTH_ALONE = 60;
/** What follows the last whole sentence is at least this much shorter than what follows it in the source. */
const REST = 0.7;
/** Where sentences do not tell, the whole is measured by the median of the file, or a guess, and so must be shorter. */
const REST_OF_ALL = 0.6;
const REST_OF_GUESS = 0.5;
const DENSE_RATIO = 0.35;

const isDense = (lang: Lang) => ['zh', 'ja'].includes(lang);

/** A shard may call its language `constructor`. */
const neverLast = (lang: Lang) =>
  Object.hasOwn(NEVER_LAST_CHARACTER, lang) ? (NEVER_LAST_CHARACTER[lang] ?? '') : '';

/** Whether a text ends with something that more must follow. */
function endsOpen(text: string, lang: Lang): boolean {
  const tail = text.slice(-TAIL);
  if (OPEN_END.test(tail) || neverLast(lang).includes(tail.slice(-1))) return true;
  const word = LAST_WORD.exec(tail)?.[0];
  return word === undefined ? LAST_ELIDED.test(tail) : (NEVER_LAST_SETS.get(lang)?.has(word) ?? false);
}

const filledLines = (text: string) => text.split('\n').filter(line => /\S/.test(line));

/** How much of the source's end is there: what follows the last whole sentence by what should. */
function isCutShort(unit: CheckedUnit, name: string, source: string, target: string, lang: Lang): boolean {
  const [sourceEnds, targetEnds] = [source, target].map(text =>
    Array.from(text.matchAll(SENTENCE_END), end => end.index + end[0].length),
  );
  const whole = targetEnds?.length ?? 0;
  const sourceDone = sourceEnds?.[whole - 1] ?? 0;
  const targetDone = targetEnds?.at(-1) ?? 0;
  const [sourceRest, targetRest] = [source.length - sourceDone, target.length - targetDone];
  if (sourceDone > 0 && sourceRest > 0 && targetRest < REST * sourceRest * (targetDone / sourceDone))
    return true;
  if (source.length < TELLING_LENGTH) return false;
  const median = unit.input.facts?.lengthRatios.get(lengthRatioName(unit.input.targetLang, name));
  if (median !== undefined) return target.length < REST_OF_ALL * source.length * median;
  return target.length < REST_OF_GUESS * source.length * (isDense(lang) ? DENSE_RATIO : 1);
}

function truncatedHit(unit: CheckedUnit, pair: FieldPair, lang: Lang): Hit | undefined {
  const { name, source } = pair;
  const target = pair.target.trimEnd();
  const { char, end } = lastCharacter(target);
  // What closes a quotation or bracket at the very end was not cut off there.
  if (char === '' || END.includes(char) || end < target.length) return undefined;
  const known = unit.has('source');
  if (known && !END.includes(lastCharacter(source).char || ' ')) return undefined;
  const prose = known
    ? target.length >= (isDense(lang) ? MIN_LENGTH_DENSE : MIN_LENGTH)
    : target.length >= MIN_LENGTH_ALONE && target.search(SENTENCE_END) >= 0;
  const sure = (prose && endsOpen(target, lang)) || (known && isLastCutShort());
  if ((!sure && !(prose && COMMA.test(target))) || pair.isCode) return undefined;
  const severity = sure && known ? 'warning' : 'info';
  return { field: name, severity, start: end, end, message: say('damage.truncated') };

  function isLastCutShort(): boolean {
    const [sourceLines, targetLines] = [filledLines(source), filledLines(target)];
    // Line by line, only the last one can be cut off.
    return sourceLines.length === targetLines.length
      ? isCutShort(unit, name, sourceLines.at(-1) ?? '', targetLines.at(-1) ?? '', lang)
      : isCutShort(unit, name, source, target, lang);
  }
}

export const TRUNCATED_CHECK: Check = {
  id: 'truncated',
  title: 'check.truncated',
  severity: 'warning',
  needs: [],
  run: unit => {
    const lang = baseLanguage(unit.input.targetLang);
    if (NO_END.has(lang)) return [];
    return unit.pairs.flatMap(pair => truncatedHit(unit, pair, lang) ?? []);
  },
};
