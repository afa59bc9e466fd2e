/** How texts end. */

/** Quotation marks, brackets and emphasis that may follow the last mark. */
const CLOSERS = /[\s"'”’»«›“)\]）】」』*_]+$/;
/** No text closes more than this at once; bounds the search. */
const CLOSERS_WINDOW = 40;

/** The last character before what closes quotes and brackets, and where it ends. */
export function lastCharacter(text: string): { char: string; end: number } {
  const tail = text.slice(-CLOSERS_WINDOW).replace(CLOSERS, '');
  const end = Math.max(0, text.length - CLOSERS_WINDOW) + tail.length;
  return { char: tail.slice(-1), end };
}
