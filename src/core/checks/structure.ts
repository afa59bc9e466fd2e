/** The shape of a text: filled or empty, lines and lists, length, brackets, the last character. */
import type { Check, CheckedUnit, FieldPair, Hit } from '../check';
import { baseLanguage } from '../languageText';
import { say } from '../messages';
import type { Lang } from '../record';
import { BRACKETS_CHECK } from './brackets';
import { lastCharacter } from './endings';
import { lengthRatioName, TELLING_LENGTH } from './lengthRatios';
import { countLines, LINES_CHECK, LIST_CHECK } from './lists';

export { LengthRatios, lengthRatioName } from './lengthRatios';

/** Nothing that anybody sees. */
const BLANK = /^[\s\p{Cc}\p{Cf}]*$/u;
/** How data sets say that there is no input; in pointed brackets in any language, since it was translated, too. */
const FILLER =
  /^\s*(?:<[^<>\n]{1,40}>|\(?no ?input(?: (?:is )?(?:given|needed|provided|required))?\)?\.?)\s*$/i;
const isBlank = (text: string) => BLANK.test(text);
const isFiller = (text: string) => FILLER.test(text);

function eachPair(
  { pairs }: Pick<CheckedUnit, 'pairs'>,
  run: (pair: FieldPair) => Omit<Hit, 'field'> | undefined,
): Hit[] {
  return pairs.flatMap(pair => {
    const hit = run(pair);
    return hit ? { field: pair.name, ...hit } : [];
  });
}

const EMPTIED: Check = {
  id: 'emptied',
  title: 'check.emptied',
  severity: 'error',
  needs: ['source'],
  run: ({ pairs, long }) =>
    eachPair({ pairs: [...pairs, ...long] }, ({ source, target }) => {
      if (!isBlank(target) || isBlank(source) || isFiller(source)) return undefined;
      return { start: 0, end: target.length, message: say('structure.emptied') };
    }),
};

const FILLED: Check = {
  id: 'filled',
  title: 'check.filled',
  severity: 'warning',
  needs: ['source'],
  run: ({ pairs, long }) =>
    eachPair({ pairs: [...pairs, ...long] }, ({ source, target }) => {
      if (!isBlank(source) || isBlank(target)) return undefined;
      const fix = isFiller(target) ? { fix: { start: 0, end: target.length, text: '' } } : {};
      return { start: 0, end: target.length, message: say('structure.filled'), ...fix };
    }),
};

/** So that nobody takes what could not be looked at for right. */
const TOO_LONG: Check = {
  id: 'too-long',
  title: 'check.too-long',
  severity: 'info',
  needs: [],
  run: ({ long }) =>
    eachPair({ pairs: long }, ({ source, target }) => ({
      start: target.length,
      end: target.length,
      message: say('structure.tooLong', Math.max(source.length, target.length)),
    })),
};

/** Outside of these a translation is much shorter or longer than the others in the file. */
const FACTORS = { short: 1 / 2, long: 2 };
/** Short texts vary more, and so does Chinese, which is so short: there these are needed for a warning, or to say anything. */
const FAR_FACTORS = { short: 0.4, long: 2.5 };
const STEADY_LENGTH = 80;
/** What a short text became is long only if an answer was written in place of a translation. */
const LONG_OF_SHORT = 3;
const LONGER_BY = 40;
/** Written without spaces, half as long as others or less. */
const DENSE = new Set(['zh', 'ja', 'ko']);
const KEPT = /[a-z0-9\u00c0-\u024f]+/gi;

/** How long a translation is by how long it should be. */
function lengthFactor({ source, target }: FieldPair, median: number, lang: Lang): number {
  const factor = target.length / (median * source.length);
  if (!DENSE.has(baseLanguage(lang)) || factor < FACTORS.long) return factor;
  // Names, figures and addresses are kept as they are, so only the rest is expected to shrink.
  const left = new Map<string, number>();
  for (const [word] of source.matchAll(KEPT)) left.set(word, (left.get(word) ?? 0) + 1);
  let kept = 0;
  for (const [word] of target.matchAll(KEPT)) {
    const times = left.get(word) ?? 0;
    if (times > 0) kept += word.length + 1;
    left.set(word, times - 1);
  }
  return target.length / (median * Math.max(0, source.length - kept) + kept);
}

function lengthHit(unit: CheckedUnit, pair: FieldPair): Omit<Hit, 'field'> | undefined {
  const { name, source, target } = pair;
  const { targetLang, facts } = unit.input;
  const median = facts?.lengthRatios.get(lengthRatioName(targetLang, name));
  if (median === undefined || isBlank(source) || isBlank(target)) return undefined;
  const factor = lengthFactor(pair, median, targetLang);
  const telling = source.length >= TELLING_LENGTH;
  const { short, long } = DENSE.has(baseLanguage(targetLang)) ? FAR_FACTORS : FACTORS;
  const isShort = telling && factor < short;
  const isLong = telling
    ? factor > long
    : factor > LONG_OF_SHORT && target.length * (1 - 1 / factor) > LONGER_BY;
  if ((!isShort && !isLong) || pair.isCode) return undefined;
  const far = factor < FAR_FACTORS.short || factor > FAR_FACTORS.long;
  return {
    severity: far || source.length >= STEADY_LENGTH ? 'warning' : 'info',
    start: isShort ? target.length : 0,
    end: target.length,
    message: say(isShort ? 'structure.short' : 'structure.long', Math.round(100 * factor)),
  };
}

const LENGTH: Check = {
  id: 'length',
  title: 'check.length',
  severity: 'warning',
  needs: ['source', 'facts'],
  run: unit => eachPair(unit, pair => lengthHit(unit, pair)),
};

/** The same mark in the scripts that have their own. */
const SAME_MARK = { '?': '?？؟;՞', ':': ':：՝' } as const;
/** Languages that ask without a question mark, or whose own mark for it is rare. */
const NO_QUESTION_MARK = new Set(['ja', 'th', 'lo', 'km', 'my', 'bo', 'hy', 'am']);

const LAST_CHARACTER: Check = {
  id: 'last-character',
  title: 'check.last-character',
  severity: 'info',
  needs: ['source'],
  run: unit =>
    eachPair(unit, pair => {
      const { char: mark } = lastCharacter(pair.source);
      const wanted = mark === '？' ? '?' : mark === '：' ? ':' : mark;
      if (wanted !== '?' && wanted !== ':') return undefined;
      const base = baseLanguage(unit.input.targetLang);
      if (isBlank(pair.target) || (wanted === '?' && NO_QUESTION_MARK.has(base))) return undefined;
      const { char, end } = lastCharacter(pair.target);
      if (SAME_MARK[wanted].includes(char) || pair.isCode) return undefined;
      const message = say('structure.lastCharacter', wanted);
      // Another mark may be right: a polite question becomes a request. A missing one is put back.
      const { target } = pair;
      const missing =
        /[\p{L}\p{M}\p{N}]/u.test(char) &&
        end === target.trimEnd().length &&
        countLines(target) === countLines(pair.source);
      const fix = { start: end, end, text: inScript(wanted, base) };
      return { start: end, end, message, ...(missing && { fix }) };
    }),
};

function inScript(mark: '?' | ':', base: Lang): string {
  if (base === 'zh' || base === 'ja') return mark === '?' ? '？' : '：';
  if (mark === '?' && ['ar', 'fa', 'ur', 'ps', 'ug'].includes(base)) return '؟';
  return mark === '?' && base === 'el' ? ';' : mark;
}

export const STRUCTURE_CHECKS: readonly Check[] = [
  EMPTIED,
  FILLED,
  TOO_LONG,
  LINES_CHECK,
  LIST_CHECK,
  LENGTH,
  LAST_CHARACTER,
  BRACKETS_CHECK,
];
