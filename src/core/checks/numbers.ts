/**
 * Numbers that a translation changed. Numbers are written in many ways (1,000 = 1.000 = 1 000 = ١٠٠٠; 3:30 pm = 15:30; 2.5 million =
 * 250万; the 1990s = die 90er), so what is only missing may as well be written in words: reported is what was replaced.
 */
import type { Check, FieldPair, Hit } from '../check';
import { say } from '../messages';
import { ADDRESS } from './addresses';
import { MAX_KEPT, matchesOf } from './kept';

/** The zero of each set of digits, whose other nine follow it. */
const ZEROS = [
  0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0x1040, 0x17e0, 0xff10,
];
/** ASCII digit of a UTF-16 unit that is a digit. */
const DIGITS: ReadonlyMap<string, string> = new Map(
  ZEROS.flatMap(zero =>
    Array.from({ length: 10 }, (_, n) => [String.fromCharCode(zero + n), String(n)] as const),
  ),
);
const OTHER_DIGIT = new RegExp(`[${[...DIGITS.keys()].join('')}]`, 'g');
/**
 * Digits with separators between them; a space or apostrophe separates thousands only. After a Latin letter they are part of
 * a name (A4, x10, utf8).
 */
const NUMBER =
  /(?<![A-Za-z_\d])(?:\d{1,3}(?:[ \u00a0\u2009\u202f'’]\d{3}(?!\d))+(?:[.,٫]\d+)?|\d+(?:[.,٫٬]\d+)*)/g;
/** Longer ones are codes. */
const MAX_LENGTH = 20;
/** More than this many differences, and the texts say different things: no number stands for another. */
const MAX_DIFFERENCES = 3;
/** Characters after a number in which its unit stands. */
const UNIT_REACH = 16;

/** Magnitudes behind a number. What stands there may be another number with another magnitude: 2.5 million, 250万. */
const CJK_MAGNITUDE = /^\s?[多余餘几幾数數]?[十百千万萬億亿兆折成割]/;
const MAGNITUDE =
  /^[\s\u00a0-]?(?:thousand|million|billion|trillion|hundred|dozen|[kKMB]\b|mil\b|mila\b|mille\b|mill|mili|mio\b|mrd\b|bn\b|bln\b|tausend|lakh|crore|लाख|करोड़|हज़ार|अरब|مليون|مليار|ألف|آلاف|พัน|หมื่น|แสน|ล้าน|тыс|млн|млрд)/i;
const CENTURY = /^(?:st|nd|rd|th)?(?:[\s-]|-?early |-?late )?centur/i;
const DECADE = /^['’]?s\b/;
/** One length in two numbers: 5'10", 5 feet 10 inches. */
const FEET_AND_INCHES =
  /(?<!\d)(\d{1,3})(?:\s?['’′]|[\s-]?(?:feet|foot|ft\b\.?))(?:,|-| and\b)?\s?(1[01]|\d)(?!\d)/gi;
const [INCHES_IN_FOOT, CM_IN_INCH] = [12, 2.54];
/** Units that a translation may rightly convert, with the number, and the factors that do it in either direction. */
const CONVERSIONS: readonly (readonly [unit: RegExp, ...factors: number[]])[] = [
  [/\bmi(?:les?|\b)|\bmph|\bkm|\bkilomet/i, 1.609],
  [/\bpounds?|\blbs?\b|\bkg\b|\bkilo/i, 0.4536],
  [/\bounces?|\boz\b/i, 28.35],
  [/\bfeet|\bfoot|\bft\b/i, 0.3048, 0.0929],
  [/\binch/i, CM_IN_INCH],
  [/\byards?/i, 0.9144],
  [/\bgallons?/i, 3.785],
  [/\bacres?/i, 0.4047],
  [/\bcups?/i, 240, 250],
];
/** Degrees of temperature are converted and rounded, differences of them, too; Celsius is what they are converted into. */
const TEMPERATURE = /^[\s-]?(?:degrees?(?! ?C)|[°º] ?(?!C)|fahrenheit)/i;
const POWERS_OF_TEN = [0.01, 0.1, 1, 10, 100];
/** Wide, since converted numbers are rounded: 30 yards, 25 metres. */
const FACTOR_TOLERANCE = 0.12;
const HALF_DAY = 12;
const HALF_DAY_MARK = /^\s?[ap]\.?\s?m\b/i;
/** Amounts in other money than that of the target's reader. */
const FOREIGN_MONEY = /[$£¥₩₹]|dollar|pound|\bUSD|\bGBP/i;
const EURO = /€|euro|\bEUR/i;

/** Months that are numbers of two digits where they have no name. */
const LATE_MONTHS = /\b(?:oct|nov|dec)/i;
const MONTH_NUMBER = /^1[0-2]$/;
/** Shorter numbers, and round ones, are often written in words. */
const MIN_DROPPED = 3;
/** 20世纪80年代 for the 1980s. */
const CJK_PERIOD = /^\s?(?:世纪|世紀|年代|세기|年 ?代)/;
const CJK_AMOUNT = /[一二三四五六七八九\d][十百千万萬億亿]/;

/** A number as written, and what it may mean. */
interface Numeral {
  readonly text: string;
  readonly start: number;
  /** All digits, ASCII, without separators and zeros in front: 1,000.50 is `100050`. */
  readonly key: string;
  /** The same without the zeros that end a decimal fraction. */
  readonly short: string;
  /** What it is if the separators separate numbers, as in 12.10.2020. */
  readonly parts: readonly string[];
}

function toAscii(text: string): string {
  return text.replace(OTHER_DIGIT, digit => DIGITS.get(digit) ?? digit);
}

const blank = (found: string) => ' '.repeat(found.length);
const strip = (digits: string) => digits.replace(/^0+(?=\d)/, '');

/** All numbers of a text, those of addresses left out. */
function readNumbers(text: string): Numeral[] {
  const plain = toAscii(text.replace(ADDRESS, blank));
  return matchesOf(plain, NUMBER).flatMap(found => {
    if (found[0].length > MAX_LENGTH) return [];
    const groups = found[0].match(/\d+/g) ?? [];
    const digits = groups.join('');
    const start = found.index;
    const key = strip(digits);
    const last = groups.at(-1) ?? '';
    const short = groups.length > 1 && last.length !== 3 ? strip(digits.replace(/0+$/, '')) : key;
    const parts = groups.length > 1 ? groups.map(strip) : [];
    return { text: text.slice(start, start + found[0].length), start, key, short, parts };
  });
}

/** The numbers of one list that the other one has not, in whatever way they are written. */
function unmatched(numbers: readonly Numeral[], others: readonly Numeral[]): Numeral[] {
  const open = new Map<string, number>();
  for (const { key } of others) open.set(key, (open.get(key) ?? 0) + 1);
  const take = (key: string) => {
    const count = open.get(key) ?? 0;
    if (count > 0) open.set(key, count - 1);
    return count > 0;
  };
  const rest = numbers.filter(({ key }) => !take(key));
  if (rest.length === 0) return [];
  const shorts = new Set(others.map(({ short }) => short));
  const keys = new Set(others.map(({ key }) => key));
  const parts = new Set(others.flatMap(other => other.parts));
  return rest.filter(({ short, key, parts: own }) => {
    if (parts.has(key)) return false;
    if (short !== key && (keys.has(short) || shorts.has(short))) return false;
    if (short === key && !keys.has(key) && shorts.has(key)) return false;
    return own.length === 0 || !own.every(part => keys.has(part) || parts.has(part));
  });
}

/** Single digits are often written in words. */
const counts = ({ key }: Numeral) => key.length > 1;

export const NUMBER_CHECK: Check = {
  id: 'numbers',
  title: 'check.numbers',
  severity: 'warning',
  needs: ['source'],
  run: unit => unit.pairs.flatMap(numberHits),
};

function numberHits(pair: FieldPair): Hit[] {
  const { source, target } = pair;
  if (source === target || target === '') return [];
  const [ours, theirs] = [readNumbers(source), readNumbers(target)];
  if (Math.max(ours.length, theirs.length) >= MAX_KEPT) return [];
  const lost = unmatched(ours, theirs).filter(counts);
  if (lost.length === 0 || lost.length > MAX_DIFFERENCES) return [];
  const months = LATE_MONTHS.test(source);
  const added = unmatched(theirs, ours).filter(
    number =>
      counts(number) && !(months && MONTH_NUMBER.test(number.key)) && !CJK_PERIOD.test(after(target, number)),
  );
  // "30 to 50 thousand" is 3万到5万: what stands for what cannot be told by the digits.
  const isScaled = lost.some(number => MAGNITUDE.test(after(source, number)));
  if (isScaled && CJK_AMOUNT.test(target)) return [];
  if (added.length === 0)
    return lost.filter(number => isDropped(pair, number)).map(({ text }) => lostHit(pair, text));
  if (lost.length !== added.length) return [];
  return lost.flatMap((from, index) => {
    const to = added[index];
    return to && isMistake(pair, from, to) ? hitOf(pair, from, to, lost.length === 1) : [];
  });
}

/** Whether a number that is missing can be neither in words nor in another form. */
function isDropped({ source, target }: FieldPair, number: Numeral): boolean {
  if (number.key.length < MIN_DROPPED || number.key.endsWith('00') || CJK_AMOUNT.test(target)) return false;
  const unit = after(source, number);
  if (
    CONVERSIONS.some(([pattern]) => pattern.test(unit)) ||
    MAGNITUDE.test(unit) ||
    CENTURY.test(unit) ||
    DECADE.test(unit)
  )
    return false;
  return !toAscii(target).replace(/\D/g, '').includes(number.key);
}

function lostHit({ name, target }: FieldPair, text: string): Hit {
  const end = target.length;
  // It may have been left out on purpose.
  return { severity: 'info', field: name, start: end, end, message: say('markup.numberLost', text) };
}

/** Whether one number in the place of another cannot be the same said in another way. */
function isMistake({ source, target }: FieldPair, from: Numeral, to: Numeral): boolean {
  const [unit, unitTo] = [after(source, from), after(target, to)];
  if (CJK_MAGNITUDE.test(unitTo) || CENTURY.test(unit) || DECADE.test(unit)) return false;
  const bare = (key: string) => key.replace(/0+$/, '');
  if (bare(from.key) === bare(to.key) && (MAGNITUDE.test(unit) || MAGNITUDE.test(unitTo))) return false;
  const isLonger = from.key.length < to.key.length;
  const [short, long] = isLonger ? [from, to] : [to, from];
  // 1994-97 and 1994–1997, '68 and 1968
  if (short.key.length === 2 && long.key.length === 4 && long.key.endsWith(short.key)) return false;
  // A text that breaks off in the middle of a number
  if (long.key.startsWith(short.key) && /^\s*$/.test(after(isLonger ? source : target, short))) return false;
  if (HALF_DAY_MARK.test(unit) || isExchanged(source, from, target, to)) return false;
  const [value, valueTo] = [valueOf(from), valueOf(to)];
  if (Math.abs(value - valueTo) === HALF_DAY && Math.max(value, valueTo) <= 2 * HALF_DAY) return false;
  const [length, lengthTo] = [lengthWith(source, from), lengthWith(target, to)];
  if (length !== undefined && isTimes(valueTo, length, CM_IN_INCH)) return false;
  if (lengthTo !== undefined && isTimes(value, lengthTo, CM_IN_INCH)) return false;
  return !isConverted(unit, value, valueTo);
}

/** The length in inches, if a number is a part of feet and inches. */
function lengthWith(text: string, { start }: Numeral): number | undefined {
  const found = matchesOf(text, FEET_AND_INCHES).find(
    match => match.index <= start && start < match.index + match[0].length,
  );
  return found && INCHES_IN_FOOT * Number(found[1]) + Number(found[2]);
}

/** Whether an amount was changed into euros. */
function isExchanged(source: string, from: Numeral, target: string, to: Numeral): boolean {
  const around = (text: string, { start, text: found }: Numeral) =>
    text.slice(Math.max(0, start - UNIT_REACH), start + found.length + 2 * UNIT_REACH);
  const money = around(source, from);
  return FOREIGN_MONEY.test(money) && !EURO.test(money) && EURO.test(around(target, to));
}

function after(text: string, { start, text: found }: Numeral): string {
  const end = start + found.length;
  return text.slice(end, end + UNIT_REACH);
}

/** As English writes it, to see whether it was converted; a factor of ten does not matter there. */
function valueOf({ key }: Numeral): number {
  return Number(key);
}

/** Whether a number with its unit may have become another one with another unit. */
function isConverted(unit: string, from: number, to: number): boolean {
  if (TEMPERATURE.test(unit)) return true;
  return CONVERSIONS.some(
    ([pattern, ...factors]) =>
      pattern.test(unit) &&
      factors.some(factor => isTimes(to, from, factor) || isTimes(to, from, 1 / factor)),
  );
}

/** Whether a number is about another one times a factor; wherever its decimal point is. */
function isTimes(to: number, from: number, factor: number): boolean {
  return POWERS_OF_TEN.some(ten => {
    const exact = from * factor * ten;
    return Math.abs(to - exact) <= FACTOR_TOLERANCE * exact;
  });
}

function hitOf({ name }: FieldPair, from: Numeral, to: Numeral, only: boolean): Hit {
  const { text, start } = to;
  const end = start + text.length;
  const mended = only ? writtenAs(from, to) : undefined;
  return {
    field: name,
    start,
    end,
    message: say('markup.numberReplaced', from.text, text),
    ...(mended !== undefined && { fix: { start, end, text: mended } }),
  };
}

/** A number in the digits and with the separators of another one; undefined where they are not of the same shape. */
function writtenAs({ text }: Numeral, model: Numeral): string | undefined {
  const groups = toAscii(text).match(/\d+/g) ?? [];
  const ascii = toAscii(model.text);
  const separators = ascii.match(/\D/g) ?? [];
  if (groups.length !== separators.length + 1) return undefined;
  const zero = ZEROS.find(code => model.text.charCodeAt(0) >= code && model.text.charCodeAt(0) < code + 10);
  const digits = (group: string) =>
    zero === undefined ? group : group.replace(/\d/g, digit => String.fromCharCode(zero + Number(digit)));
  return groups.map((group, index) => digits(group) + (separators[index] ?? '')).join('');
}
