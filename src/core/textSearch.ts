/** Looking for text whatever its case: in strings and, ahead of parsing, in the bytes of whole rows. */
import type { Condition } from './filterText';
import { utf8Bytes } from './utf8';

/** A test that tells rows that cannot meet a condition from the bytes of many rows at once. */
export interface BytePattern {
  /**
   * @param latin1 the bytes of whole rows (JSON in UTF-8), one character a byte
   * @param from where a row begins
   * @returns where the next row that may meet the condition has what was looked for; -1: none of them can
   */
  find(latin1: string, from: number): number;
}

/** Letters and their cases, taken from the Unicode data of the engine. */
interface Folding {
  /** Characters that `toLowerCase` alone would not fold: each of them, and whether there are any. */
  readonly special: RegExp;
  readonly anySpecial: RegExp;
  /** Folded character → all others that fold to it. */
  readonly variants: ReadonlyMap<string, readonly string[]>;
}

/**
 * One character (code point) without its case. It goes by the capital, so that letters with the same capital are one:
 * `ſ` is `s`, `ς` is `σ`, `ẞ` is `ß`, the Kelvin sign is `k`. `İ` and `ı` both are `i`, so that Turkish text is found
 * in either case. A character whose other case has several stays: `ß` is not `ss`.
 */
function foldCharacter(character: string): string {
  const capital = character.toUpperCase();
  const small = (isSingle(capital) ? capital : character).toLowerCase();
  return isSingle(small) ? small : 'i'; // `İ`: an i and a dot above it, the only one with several small ones.
}

function isSingle(text: string): boolean {
  return Array.from(text).length === 1;
}

/** Letters with case are in the first two planes of Unicode. */
const CASED_PLANES = 0x20000;
const STEP = 0x1000;
let folding: Folding | undefined;

/** Made when first asked for, in some 10 ms: an own table would grow old. */
function getFolding(): Folding {
  if (folding) return folding;
  const variants = new Map<string, string[]>();
  // A sigma at the end of a word has a small letter of its own.
  let special = 'Σ';
  for (let from = 0; from < CASED_PLANES; from += STEP) {
    const characters = String.fromCodePoint(...Array.from({ length: STEP }, (_, index) => from + index));
    for (const [character] of characters.matchAll(/\p{Changes_When_Casemapped}/gu)) {
      const folded = foldCharacter(character);
      if (folded !== character.toLowerCase()) special += character;
      if (folded !== character) variants.set(folded, [...(variants.get(folded) ?? []), character]);
    }
  }
  return (folding = {
    special: new RegExp(`[${special}]`, 'gu'),
    anySpecial: new RegExp(`[${special}]`, 'u'),
    variants,
  });
}

/**
 * Text without case, the same for every text that differs in nothing else. As long as the text, character by
 * character: an offset in one is an offset in the other.
 */
export function fold(text: string): string {
  const { special, anySpecial } = getFolding();
  // Most texts have none, and looking is quicker than replacing nothing.
  return (anySpecial.test(text) ? text.replace(special, foldCharacter) : text).toLowerCase();
}

/** @param foldedNeedle from {@link fold} */
export function containsFolded(text: string, foldedNeedle: string): boolean {
  return fold(text).includes(foldedNeedle);
}

/** Characters of a text that are looked for in bytes: what has these is worth parsing. */
const MAX_NEEDLE = 32;
/** Bytes of UTF-8 below which nearly every row would have to be parsed anyway. */
const MIN_BYTES = 2;
/** Texts looked for at once: with more of them, parsing every row is as quick. */
const MAX_NEEDLES = 8;
/** Escapes of characters that JSON may or must not hold as they are. */
const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['/', '\\/'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * What rows as they stand in the file must have in their bytes to meet a condition. It never misses one, however its
 * JSON spells the text (raw, `\u` escapes in either case, short escapes, mixed); rows found must still be parsed.
 * @returns undefined where bytes do not help: no text is asked for, or only its absence, or too little of it
 */
export function prefilter(where: Condition): BytePattern | undefined {
  const needles = needlesOf(where);
  if (!needles || needles.length > MAX_NEEDLES) return undefined;
  const finders = needles.map(needle => finder(regExpFinder(needle)));
  if (needles.some(needle => /[a-z]/.test(needle))) finders.push(finder(findEscapedLetter));
  return {
    find(latin1, from) {
      const found = finders.map(find => find(latin1, from)).filter(at => at >= 0);
      return found.length > 0 ? Math.min(...found) : -1;
    },
  };
}

/** Folded texts one of which a row must have; undefined where nothing can be said. */
function needlesOf(where: Condition): readonly string[] | undefined {
  switch (where.type) {
    case 'text':
      return searchable(where.text);
    case 'member':
      return typeof where.value === 'string' && (where.operator === '=' || where.operator === '~')
        ? searchable(where.value)
        : undefined;
    case 'and':
      return where.parts
        .map(needlesOf)
        .filter(needles => needles !== undefined)
        .sort((a, b) => selectivity(b) - selectivity(a))[0];
    case 'or': {
      const parts = where.parts.map(needlesOf);
      return parts.every(needles => needles !== undefined) ? parts.flat() : undefined;
    }
    default:
      return undefined;
  }
}

/** Its first characters, if they are enough. Half a surrogate pair has no bytes of its own. */
function searchable(text: string): string[] | undefined {
  const needle = Array.from(fold(text)).slice(0, MAX_NEEDLE).join('');
  return needle.isWellFormed() && utf8Bytes(needle) >= MIN_BYTES ? [needle] : undefined;
}

/** The more bytes the rarer; of alternatives the commonest counts, and each costs a pass. */
function selectivity(needles: readonly string[]): number {
  return Math.min(...needles.map(utf8Bytes)) / needles.length;
}

type Find = BytePattern['find'];

/** Remembers what it found in a block, so that several that take turns each pass over it once. */
function finder(search: Find): Find {
  let text = '';
  let [from, found] = [0, -1];
  return (latin1, start) => {
    const known = latin1 === text && start >= from && (found < 0 || found >= start);
    if (!known) [text, from, found] = [latin1, start, search(latin1, start)];
    return found;
  };
}

/** Finds a text in every spelling but those with escaped ASCII letters. */
function regExpFinder(needle: string): Find {
  const pattern = new RegExp(Array.from(needle, spellings).join(''), 'g');
  return (latin1, from) => {
    pattern.lastIndex = from;
    return pattern.exec(latin1)?.index ?? -1;
  };
}

/**
 * Finds an ASCII letter that is spelled `\u0041`: hardly any writer does that. Looking for them apart leaves patterns of
 * plain bytes, which are found faster.
 */
function findEscapedLetter(latin1: string, from: number): number {
  for (let at = latin1.indexOf('\\u00', from); at >= 0; at = latin1.indexOf('\\u00', at + 1)) {
    const digit = latin1[at + 4];
    // Letters are from 0041 to 007A.
    if (digit !== undefined && digit >= '4' && digit <= '7') return at;
  }
  return -1;
}

/** A pattern for all spellings of a folded character in all its cases, as the bytes of a JSON string. */
function spellings(folded: string): string {
  const characters = [folded, ...(getFolding().variants.get(folded) ?? [])];
  const bytes = characters.flatMap(character => [
    ...(character < ' ' || character === '"' || character === '\\' ? [] : [utf8(character)]),
    ...(/[a-zA-Z]/.test(character)
      ? []
      : [escape(character), escape(character).toUpperCase().replaceAll('U', 'u')]),
    ...(SHORT_ESCAPES.has(character) ? [SHORT_ESCAPES.get(character) ?? ''] : []),
  ]);
  const lengths = [...new Set(bytes.map(each => each.length))];
  const alternatives = lengths.map(length =>
    classes(
      bytes.filter(each => each.length === length),
      length,
    ),
  );
  return `(?:${alternatives.join('|')})`;
}

/** A pattern for strings of one length: at each place any character that one of them has there. */
function classes(strings: readonly string[], length: number): string {
  return Array.from({ length }, (_, index) => {
    const codes = new Set(strings.map(each => each.charCodeAt(index).toString(16).padStart(2, '0')));
    return `[${[...codes].map(code => `\\x${code}`).join('')}]`;
  }).join('');
}

/** `\u` escapes of the UTF-16 code units of a character, with small digits. */
function escape(character: string): string {
  return character.replace(/[^]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The bytes of well-formed text in UTF-8, one character a byte. */
function utf8(text: string): string {
  return encodeURIComponent(text).replace(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
}
