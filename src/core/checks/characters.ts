/** Characters that are broken: lost, decoded wrongly, or no text at all. */
import type { Check, FieldPair, Hit } from '../check';
import { say } from '../messages';
import { codeOf, firstMatches, hitOf, mendAll, type Damage } from './damaged';

/** What Windows-1252 has between 0x80 and 0x9F; it has nothing where ISO 8859-1 keeps its control characters. */
const WINDOWS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const BYTE_OF = new Map(Array.from(WINDOWS, (char, index) => [char, 0x80 + index]));
const CONTINUATION = `[\u0080-\u00bf${WINDOWS}]`;
/** UTF-8 read as Windows-1252: a lead byte and as many more as it announces. */
const MOJIBAKE = new RegExp(
  `(?:[\u00c2-\u00df]${CONTINUATION}|[\u00e0-\u00ef]${CONTINUATION}{2}|[\u00f0-\u00f4]${CONTINUATION}{3}){1,2000}`,
  'g',
);
/** Of those that lead: no text without one of them holds mojibake. */
const LEAD = /[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u2122]/;
/** "Ã©" as "ÃƒÂ©": read wrongly twice, or more. */
const MAX_ROUNDS = 3;
/** What a single one may stand for; more exotic letters are rather a capital before a quotation mark. */
const PLAIN =
  /^[\u00a0-\u017f\u0218-\u021b\u0370-\u04ff\u1e00-\u1eff\u2010-\u2026\u2030-\u203a\u20ac\u2116\u2122\u2190-\u21ff\u2200-\u22ff\u2500-\u27bf\ufeff\ufffd\u{1f000}-\u{1faff}]+$/u;
/** A run of several is decoded to anything that is written. */
const WRITTEN = /^[^\p{C}\u0080-\u009f]+$/u;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What wrongly decoded characters were; undefined where they were none. */
function decode(text: string): string | undefined {
  const bytes = Uint8Array.from(text, char => BYTE_OF.get(char) ?? char.charCodeAt(0));
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function findMojibake(text: string): Damage[] {
  if (!LEAD.test(text)) return [];
  const runs = firstMatches(text, MOJIBAKE).flatMap(({ 0: run, index }) => {
    const decoded = decode(run);
    return decoded === undefined ? [] : { start: index, end: index + run.length, mended: decoded };
  });
  const isSeveral = ({ mended }: (typeof runs)[number]) => Array.from(mended).length > 1;
  // Where some of a text is beyond doubt, so is what stands alone in it.
  const isCertain = runs.some(run => isSeveral(run) && WRITTEN.test(run.mended));
  return runs.filter(run =>
    isSeveral(run) || isCertain ? WRITTEN.test(run.mended) : isLikely(text, run.start, run.end, run.mended),
  );
}

/** Whether one sequence is mojibake rather than an accented letter before a quotation mark or symbol. */
function isLikely(text: string, start: number, end: number, decoded: string): boolean {
  if (!PLAIN.test(decoded)) return false;
  // Three characters in a row that decode to a mark or sign are no coincidence: â€™.
  if (end - start > 2) return true;
  const [before, after] = [text.charAt(start - 1), text.charAt(end)];
  if (/\p{L}/u.test(after) || /\p{Ll}/u.test(before)) return true;
  // What ends a word in capitals and is quoted: "CITÉ»", "MÄ…".
  return !/\p{Lu}/u.test(before) && 'ÂÃÐÑÎÏØÙ'.includes(text.charAt(start));
}

/** Mends a text decoded wrongly several times over. */
function mendMojibake(text: string): Damage[] {
  return findMojibake(text).map(({ start, end, mended = '' }) => {
    let now = mended;
    for (let round = 1; round < MAX_ROUNDS; round++) {
      const again = findMojibake(now);
      const fix = mendAll(now, again);
      if (!fix) break;
      now = now.slice(0, fix.start) + fix.text + now.slice(fix.end);
    }
    return { start, end, mended: now };
  });
}

/** U+FFFD where a decoder gave up, and what such text becomes when it is read as GBK. */
const REPLACEMENT = /\ufffd+|(?:锟斤拷?){1,1000}/g;
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x08\v\f\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]/g;
const SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** `\b` and `\f` before a letter were the start of a command such as `\frac`, which cannot be known. */
const LOST_BACKSLASH = /^[\b\f\v][a-z]/;

function findAll(
  text: string,
  pattern: RegExp,
  mend: (found: string, at: number) => string | undefined,
): Damage[] {
  return firstMatches(text, pattern).map(({ 0: found, index }) => ({
    start: index,
    end: index + found.length,
    mended: mend(found, index),
  }));
}

function mendControl(text: string, at: number): string | undefined {
  if (LOST_BACKSLASH.test(text.slice(at, at + 2))) return undefined;
  const code = text.charCodeAt(at);
  // One of Windows-1252, read as ISO 8859-1; there is none for five of them.
  const char = code >= 0x80 && code <= 0x9f ? WINDOWS.charAt(code - 0x80) : '';
  return char.charCodeAt(0) === code ? '' : char;
}

// eslint-disable-next-line no-control-regex -- as above
const ANY_BROKEN = /[\0-\x08\v\f\x0e-\x1f\x7f-\x9f\u00c2-\u00f4\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff锟]/;

function brokenHits({ name, target }: FieldPair): Hit[] {
  if (!ANY_BROKEN.test(target)) return [];
  const mojibake = mendMojibake(target);
  const inMojibake = (at: number) => mojibake.some(({ start, end }) => start <= at && at < end);
  const controls = findAll(target, CONTROL, (_, at) => mendControl(target, at));
  return [
    ...hitOf(name, target, mojibake, ({ start, end, mended = '' }) =>
      say('damage.mojibake', shorten(target.slice(start, end)), shorten(mended)),
    ),
    ...hitOf(
      name,
      target,
      findAll(target, REPLACEMENT, () => undefined),
      (_, count) => say('damage.replacement', count),
    ),
    ...hitOf(
      name,
      target,
      mojibake.length === 0 ? controls : controls.filter(({ start }) => !inMojibake(start)),
      ({ start }, count) => say('damage.control', codeOf(target, start), count),
    ),
    ...hitOf(
      name,
      target,
      findAll(target, SURROGATE, () => undefined),
      ({ start }, count) => say('damage.surrogate', codeOf(target, start), count),
    ),
  ];
}

const SHOWN = 20;
const shorten = (text: string) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

export const BROKEN_CHARACTERS_CHECK: Check = {
  id: 'broken-characters',
  title: 'check.broken-characters',
  severity: 'warning',
  needs: [],
  run: ({ pairs }) => pairs.flatMap(brokenHits),
};
