/** The letters of a multiple choice, in whatever alphabet a translation writes them. */

/** Letters that count options, first to last. */
const ALPHABETS = [
  'ABCDEFGH',
  'abcdefgh',
  'АБВГДЕЖЗ',
  'абвгдежз',
  'ΑΒΓΔΕΖΗΘ',
  'αβγδεζηθ',
  'أبجدهوزح',
  'ابجدهوزح',
  'אבגדהוזח',
  '甲乙丙丁戊己庚辛',
  'アイウエオカキク',
  'कखगघङचछज',
  'กขคงจฉชซ',
  '가나다라마바사아',
].map(letters => Array.from(letters));
const LETTERS = ALPHABETS.flat().join('');

/** A letter as it stands before an option: at the start of a line or after a blank, with a bracket or a stop. */
const OPTION = new RegExp(
  `(?<=^|[\\s,;，；。:：])[(（]?([${LETTERS}])[.)．）、](?=\\s?\\S)|(?<=^|[\\s])[(（]([${LETTERS}])[)）]`,
  'gmu',
);
/** What an answer begins with before its letter. */
const ANSWER = new RegExp(
  `^[\\s"“«*]{0,4}(?:(?:[Tt]he )?(?:[Cc]orrect )?(?:[Aa]nswer|[Oo]ption|[Cc]hoice)(?: is)?|[\\p{L}\\p{M} ]{1,24}(?=[:：]))?[\\s:：]{0,3}[(（"“]?([${LETTERS}])(?:[)）.．、:：,，"”*]|\\s[-–—]|\\s*$)`,
  'u',
);

/** Options that are listed, as the index of their alphabet and how many of its letters are there in order. */
export interface Options {
  readonly alphabet: number;
  readonly count: number;
}

/** Fewer are no choice. */
const MIN_OPTIONS = 2;

/** The options a text lists; undefined where it lists none. */
export function readOptions(text: string): Options | undefined {
  const seen = new Set<string>();
  for (const [, plain, bracketed] of text.matchAll(OPTION)) seen.add(plain ?? bracketed ?? '');
  let best: Options | undefined;
  for (const [alphabet, letters] of ALPHABETS.entries()) {
    let count = 0;
    while (count < letters.length && seen.has(letters[count] ?? '')) count++;
    if (count >= MIN_OPTIONS && count > (best?.count ?? 0)) best = { alphabet, count };
  }
  return best;
}

/** The letter an answer gives, and where it stands. */
export interface AnswerLetter {
  readonly letter: string;
  readonly start: number;
  readonly end: number;
}

export function readAnswer(text: string): AnswerLetter | undefined {
  const match = ANSWER.exec(text);
  const letter = match?.[1];
  if (!match || letter === undefined) return undefined;
  const start = match[0].lastIndexOf(letter);
  return { letter, start, end: start + letter.length };
}

/** @returns the index of a letter in an alphabet, -1 where it has none of that name */
export function indexIn(alphabet: number, letter: string): number {
  return ALPHABETS[alphabet]?.indexOf(letter) ?? -1;
}

/** The letter at an index of an alphabet. */
export function letterOf(alphabet: number, index: number): string | undefined {
  return ALPHABETS[alphabet]?.[index];
}
