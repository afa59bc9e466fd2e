/**
 * How many tokens a text may be, without the model's own dictionary. Only bounds are given: one for what to allow, one for what
 * must have been read.
 */

/** Letters of scripts that are written without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;

/**
 * Rather too many: three ASCII characters a token (English has about four), each other character one, as Chinese has in most
 * dictionaries and Arabic or accented letters at worst.
 */
export function mostTokens(text: string): number {
  let units = 0;
  for (let at = 0; at < text.length; at++) units += text.charCodeAt(at) < 0x80 ? 1 : 3;
  return Math.ceil(units / 3);
}

/** Of a word: a letter or a digit. */
const LETTER = /[\p{L}\p{N}]/u;

/**
 * Rather too few: no dictionary in use joins words over a blank, so each word of letters or digits is at least one token;
 * without blanks one in six characters, since the longest tokens there are names and set phrases.
 */
export function leastTokens(text: string): number {
  const unspaced = text.match(UNSPACED)?.length ?? 0;
  const pieces = text.replace(UNSPACED, ' ').split(/\s+/);
  const words = pieces.filter(piece => LETTER.test(piece)).length;
  return words + Math.floor(unspaced / 6);
}
