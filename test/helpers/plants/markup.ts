/** Mistakes of the family `markup`: what must be kept, changed or lost. */
import type { CheckInput } from '../../../src/core/check';
import { looksLikeCode } from '../../../src/core/codeShape';
import type { Plant } from '../plant';

type Random = () => number;

/** Replaces what a pattern finds in one target field, chosen at random among what `accept` lets through. */
function damage(
  unit: CheckInput,
  random: Random,
  pattern: RegExp,
  accept: (found: string, source: string, target: string, at: number) => boolean,
  change: (found: string, random: Random, source: string, target: string) => string | undefined,
): CheckInput | undefined {
  const places = unit.target.flatMap((field, index) => {
    const source = unit.source.find(({ name }) => name === field.name)?.text ?? '';
    return [...field.text.matchAll(pattern)]
      .filter(({ 0: found, index: at }) => accept(found, source, field.text, at))
      .map(({ 0: found, index: at }) => ({ index, found, at, source }));
  });
  const place = places[Math.floor(random() * places.length)];
  if (!place) return undefined;
  const { index, found, at, source } = place;
  const text = unit.target[index]?.text ?? '';
  const changed = change(found, random, source, text);
  if (changed === undefined) return undefined;
  const planted = text.slice(0, at) + changed + text.slice(at + found.length);
  // A field of its own is emptied: that is another mistake.
  if (planted.trim() === '') return undefined;
  return {
    ...unit,
    target: unit.target.map((field, i) => (i === index ? { ...field, text: planted } : field)),
  };
}

const count = (text: string, part: string) => text.split(part).length - 1;
const sameCount = (found: string, source: string, target: string) =>
  count(source, found) > 0 && count(source, found) === count(target, found);
const once = (found: string, source: string, target: string) =>
  count(source, found) === 1 && count(target, found) === 1;

/** What makes another number right: magnitudes, units that are converted, halves of the day, ordinals. */
const NO_UNIT =
  "(?![\\d.,:/'’_-]|[ \\u00a0]\\d|[ \\u00a0]?(?:[十百千万萬億亿兆折成割多余]|[ap]\\.?m\\b|degree|Grad|grad|°|º|F\\b|Fahrenheit|feet|foot|ft\\b|inch|mi\\b|mile|yard|pound|lb|kg|km|kilo|cup|ounce|oz|gallon|acre|mph|square|mil|Mi|bil|tri|mrd|Mrd|tausend|thousand|hundred|dozen|[kKMB]\\b|s\\b|th\\b|st\\b|nd\\b|rd\\b))";
/** Not after a letter or other money than euros either. */
const BARE = "(?<![A-Za-z_\\d._,:/'’$£¥€-])(?<![$£¥€] )";
const NUMBER = new RegExp(`${BARE}\\d{2,6}${NO_UNIT}`, 'gu');
const DIGIT_COUNT = 10;

/** Whether the source has the number in the same way, and no other number that it could be taken for after the change. */
function isPlain(found: string, source: string, target: string): boolean {
  const own = new RegExp(`${BARE}${found}${NO_UNIT}`, 'gu');
  return (source.match(own)?.length ?? 0) === 1 && count(source, found) === 1 && count(target, found) === 1;
}

function otherNumber(found: string, random: Random, source: string, target: string): string | undefined {
  const digits = found.split(/(?=\d)/);
  const at = Math.floor(random() * digits.length);
  const old = Number(digits[at]);
  digits[at] = String((old + 1 + Math.floor(random() * (DIGIT_COUNT - 1))) % DIGIT_COUNT);
  const changed = digits.join('');
  const isNew = !source.includes(changed) && !target.includes(changed);
  return isNew && !changed.startsWith('0') ? changed : undefined;
}

const URL = /https?:\/\/[\w./?=&-]*[\w/]/g;
const ADDRESS = /https?:\/\/[\w./?=&-]*[\w/]|[\w.]{1,30}@\w{1,30}\.\w{2,10}/g;
const CURLY = /\{\{\w{2,20}\}\}|(?<![\w{}\\^$])\{[a-z_]{2,20}\}(?!\})/g;
const TAG =
  /<\/?(?:b|i|p|a|div|span|li|ul|ol|h1|h2|strong|em|br|html|body|table|tr|td|form|label|title|head)>/g;
const BLANK = /_{3,}/g;
const INLINE = /(?<!`)`\w{2,40}`(?!`)/g;
const KEYWORD = /^[ \t]*(?:for|while|if|def|return|print)(?=[ (])/gm;
const KEYWORDS_ELSEWHERE: Readonly<Record<string, string>> = {
  for: 'para',
  while: 'solange',
  if: 'se',
  def: 'definition',
  return: 'zurückgeben',
  print: 'imprimir',
};
/** In code, braces are something else. */
const inProse = (found: string, source: string, target: string) =>
  sameCount(found, source, target) && ![source, target].some(text => looksLikeCode(text.replace(CURLY, '')));
/** Forms of a blank that the target may have besides. */
const OTHER_BLANKS = /[（(【[]\s*[）)】\]]|…|\.{3}|[—–-]{2}|(?<!_)_(?!_)/;

export const PLANTS: readonly Plant[] = [
  {
    check: 'numbers',
    kind: 'changed',
    plant: (unit, random) => damage(unit, random, NUMBER, isPlain, otherNumber),
  },
  {
    check: 'addresses',
    kind: 'lost',
    plant: (unit, random) => damage(unit, random, ADDRESS, once, () => ''),
  },
  {
    check: 'addresses',
    kind: 'changed',
    plant: (unit, random) => damage(unit, random, URL, once, found => found.replace(/\w(?=\W*$)/, 'q7')),
  },
  {
    check: 'placeholders',
    kind: 'translated',
    plant: (unit, random) => damage(unit, random, CURLY, inProse, found => found.replace(/\w+/, 'übersetzt')),
  },
  {
    check: 'placeholders',
    kind: 'lost',
    plant: (unit, random) => damage(unit, random, CURLY, inProse, () => ''),
  },
  {
    check: 'placeholders',
    kind: 'broken',
    plant: (unit, random) => damage(unit, random, CURLY, inProse, found => found.slice(0, -1)),
  },
  {
    check: 'tags',
    kind: 'lost',
    plant: (unit, random) => damage(unit, random, TAG, sameCount, () => ''),
  },
  {
    check: 'tags',
    kind: 'changed',
    plant: (unit, random) => damage(unit, random, TAG, sameCount, found => found.replace(/\w+/, 'code')),
  },
  {
    check: 'code',
    kind: 'keyword translated',
    plant: (unit, random) =>
      damage(
        unit,
        random,
        KEYWORD,
        (_, source, target) => source === target,
        found => found.replace(/\w+/, word => KEYWORDS_ELSEWHERE[word] ?? word),
      ),
  },
  {
    check: 'code',
    kind: 'fence lost',
    plant: (unit, random) => damage(unit, random, /```$/gm, sameCount, () => ''),
  },
  {
    check: 'inline-code',
    kind: 'changed',
    plant: (unit, random) => damage(unit, random, INLINE, once, found => found.replace(/\w+/, 'übersetzt')),
  },
  {
    check: 'inline-code',
    kind: 'lost',
    plant: (unit, random) => damage(unit, random, INLINE, once, () => ''),
  },
  {
    check: 'blanks',
    kind: 'filled in',
    plant: (unit, random) =>
      damage(
        unit,
        random,
        BLANK,
        (_, source, target) =>
          !OTHER_BLANKS.test(target) &&
          source.match(BLANK)?.length === target.match(BLANK)?.length &&
          !/_[ \t]+_/.test(source),
        () => 'xyz',
      ),
  },
];
