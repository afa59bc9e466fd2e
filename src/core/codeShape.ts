/** Whether a text is code, by its symbols and statements: in a module of its own, which the page loads without the words of languages. */

/** A row of underscores is one blank to fill in. */
const SYMBOLS = /_+|[{}()[\];=<>\\|#$*+&^%@~/]/g;
/** Prose has up to 3 % of them, code 10 % and more. */
const CODE_SYMBOL_SHARE = 0.07;
/** Below this many a bracketed remark in a short sentence would do. */
const CODE_SYMBOLS = 6;
/** Code whose symbols are few: statements, SQL, CSS, JSON, shell, regular at the start of a line. */
const CODE_SHAPE = new RegExp(
  [
    String.raw`^[ \t]*(?:def \w+ ?\(|class \w+ ?[:({]|(?:public|private|static|const|let|var|function) \w+.{0,80}[;{=(]|import \w+(?:$|[ .;])|from [\w.]+ import |#include|return .{0,80};|print ?\()`,
    String.raw`^[ \t]*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|ALTER TABLE|DROP TABLE)\b.{0,400}(?:\bFROM\b|\bVALUES\b|\bSET\b|\bWHERE\b|[;(]|$)`,
    String.raw`^[ \t]*[.#]?[\w-]{1,40} ?\{`,
    String.raw`^[ \t]*(?:<!DOCTYPE|<html|<\?xml|<\?php)`,
    String.raw`^[ \t]*"\w{1,40}" ?:`,
    String.raw`^[ \t]*[A-Za-z_][\w.]{0,40} ?[-+*]?= ?\S`,
    String.raw`^[ \t]*[A-Za-z_][\w<>[\]]{0,40} \w{1,40} ?= ?.{1,80};`,
    String.raw`^[ \t]*[a-z-]{1,40}: ?[\w#%. -]{1,60};`,
  ].join('|'),
  'm',
);

/** Filler of typesetters, in no language. */
const FILLER = /lorem ipsum|consectetur/i;

/** Whether a text is code or filler rather than prose, and as such the same in all languages. */
export function looksLikeCode(text: string): boolean {
  if (FILLER.test(text)) return true;
  const symbols = text.match(SYMBOLS)?.length ?? 0;
  return (symbols >= CODE_SYMBOLS && symbols > CODE_SYMBOL_SHARE * text.length) || CODE_SHAPE.test(text);
}
