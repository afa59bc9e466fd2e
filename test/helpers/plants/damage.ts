/** Damaged text. */
import type { CheckInput } from '../../../src/core/check';
import { baseLanguage } from '../../../src/core/languageText';
import type { FieldPair } from '../../../src/core/check';
import type { Plant } from '../plant';
import { inOneField } from './structure';

const damage = (
  check: string,
  kind: string,
  change: (pair: FieldPair, random: () => number, unit: CheckInput) => string | undefined,
): Plant => ({
  check,
  kind,
  plant: (unit, random) => inOneField(unit, random, pair => change(pair, random, unit)),
});

const END = /[.!?。！？؟।]["”’»)」]?\s*$/;
/** A place between two letters. */
function between(text: string, random: () => number): number | undefined {
  const places = Array.from(text.matchAll(/(?<=\p{L})(?=\p{L})/gu), ({ index }) => index);
  return places[Math.floor(random() * places.length)];
}

const insert = (mark: string) => (pair: FieldPair, random: () => number) => {
  const at = between(pair.target, random);
  return at === undefined ? undefined : pair.target.slice(0, at) + mark + pair.target.slice(at);
};

const WINDOWS = new TextDecoder('windows-1252');
/** A text read in the wrong encoding. */
const misread = (text: string) => WINDOWS.decode(new TextEncoder().encode(text));

const SCRIPTS_THAT_JOIN = new Set(['th', 'hi', 'bn', 'ta', 'ar', 'fa', 'ur', 'he', 'km', 'my', 'lo']);
const NO_END = new Set(['th', 'lo', 'km', 'my', 'bo']);

export const PLANTS: readonly Plant[] = [
  damage('repetition', 'phrase', ({ source, target }) => {
    const phrase = target.slice(-20).trim();
    return source.length < 40 || !/^[\p{L}\p{M}\s,，.。]{10,}$/u.test(phrase)
      ? undefined
      : target + ` ${phrase}`.repeat(12);
  }),
  damage('repetition', 'word', ({ source, target }) => {
    const word = /\p{L}[\p{L}\p{M}]{2,9}(?=[\s.。，,]|$)/u.exec(target)?.[0];
    return word === undefined || source.length < 40 ? undefined : `${target} ${`${word} `.repeat(20)}`.trim();
  }),
  damage('repetition', 'line', ({ source, target }) => {
    const lines = target.split('\n');
    const line = lines.at(-1) ?? '';
    return source.includes('\n') || (line.match(/\p{L}/gu)?.length ?? 0) < Math.max(20, 0.7 * line.length)
      ? undefined
      : [...lines, line, line, line, line].join('\n');
  }),
  damage('truncated', 'last sentences lost', ({ source, target }, random, { targetLang }) => {
    if (NO_END.has(baseLanguage(targetLang)) || !END.test(source) || !END.test(target)) return undefined;
    const ends = Array.from(
      target.matchAll(/\p{L}{2}(?:[.!?؟।](?=\s+[^\s\p{Ll}]|$)|[。！？])/gu),
      ({ index }) => index + 3,
    );
    const [third = 0, second = 0, last = 0] = ends.slice(-3);
    // Sentences whole, one cut, one lost, as of a model that has run out of tokens.
    if (ends.length < 3 || second - third < 15 || last - second < 15) return undefined;
    if ((source + target).includes('\n') || third === 0) return undefined;
    const cut = third + 4 + Math.floor(random() * (second - third - 8));
    const kept = target.slice(0, cut);
    return /[\p{L}\p{M},，、]$/u.test(kept) ? kept : undefined;
  }),
  damage('truncated', 'one sentence halved', ({ source, target }, random, { targetLang }) => {
    if (NO_END.has(baseLanguage(targetLang)) || !END.test(source) || !END.test(target)) return undefined;
    if (source.length < 80 || /[.!?。！？؟।\n]/.test(source.slice(0, -3) + target.slice(0, -3)))
      return undefined;
    const kept = target.slice(0, Math.floor(target.length * (0.15 + 0.25 * random())));
    return /[\p{L}\p{M},，、]$/u.test(kept) ? kept : undefined;
  }),
  damage('broken-characters', 'mojibake', ({ target }) => {
    const at = target.search(/[äöüßéèàòùìóíáñç’“„—–]|[\u3040-\u9fff\u0600-\u06ff\u0400-\u04ff]{3}/);
    if (at < 0) return undefined;
    const end =
      at + (/[\u0400-\uffff]/.test(target.charAt(at)) && !/[’“„—–]/.test(target.charAt(at)) ? 3 : 1);
    return target.slice(0, at) + misread(target.slice(at, end)) + target.slice(end);
  }),
  damage('broken-characters', 'mojibake throughout', ({ target }) => misread(target)),
  damage('broken-characters', 'replacement', insert('\ufffd')),
  damage('broken-characters', 'control', insert('\u0003')),
  damage('broken-characters', 'C1', insert('\u0092')),
  damage('broken-characters', 'half a character', insert('\ud83d')),
  damage('hidden-characters', 'zero-width space', (pair, random, { targetLang }) =>
    SCRIPTS_THAT_JOIN.has(baseLanguage(targetLang)) ? undefined : insert('\u200b')(pair, random),
  ),
  damage('hidden-characters', 'soft hyphen', insert('\u00ad')),
  damage('hidden-characters', 'byte order mark', ({ target }) =>
    target === '' ? undefined : `\ufeff${target}`,
  ),
  damage('hidden-characters', 'override', insert('\u202e')),
];
