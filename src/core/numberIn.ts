/**
 * The whole number that a person typed with the words around it, as `Zeile 120`.
 * @param words what it is typed in, with `{0}` for the number; case and the blanks around the number do not matter
 * @returns undefined where the text is anything else
 */
export function numberIn(text: string, words: string): number | undefined {
  const [before = '', after = ''] = words.split('{0}').map(plain);
  const typed = plain(text);
  if (!typed.startsWith(before) || !typed.endsWith(after)) return undefined;
  const digits = typed.slice(before.length, typed.length - after.length).trim();
  return DIGITS.test(digits) ? Number(digits) : undefined;
}

/** As many as a number holds exactly. */
const DIGITS = /^\d{1,15}$/;

const plain = (text: string) => text.trim().toLowerCase();
