/** Quotation marks and brackets that were opened and not closed, or closed and not opened. */
import type { Check, FieldPair, Fix, Hit } from '../check';
import { say } from '../messages';

/** Brackets by what closes them; those of full width pair with the others. */
const BRACKETS: readonly (readonly [open: string, close: string])[] = [
  ['(（', ')）'],
  ['[［', ']］'],
  ['「', '」'],
  ['『', '』'],
  ['《', '》'],
  ['【', '】'],
];
/** Marks that open in one language and close in another: only an odd number of them tells that one is missing. */
const QUOTES: readonly string[] = ['"“”„‟＂', '«»'];
const CLOSER_OF: Readonly<Record<string, string>> = {
  '(': ')', '（': '）', '[': ']', '［': '］', '「': '」', '『': '』', '《': '》', '【': '】',
  '"': '"', '“': '”', '„': '“', '＂': '＂', '«': '»', '»': '«',
}; // prettier-ignore
const ANY = /["“”„‟＂«»()（）[\]［］「」『』《》【】]/g;

/** Inches, seconds of arc: no quotation mark, though a closing one may follow a figure, too. */
const INCHES = /\d ?["”]/;
/** Quotation marks that apostrophes look like: where these quote, the others may be balanced by chance. */
const SINGLE_QUOTES = /(?:^|[\s(])['‘]|['’](?:$|[\s.,;:!?)])/;
/** `a)`, `12)`, `iv)`: the label of an item. */
const LABEL = /(?:^|[^\p{L}\p{N}])(?:\p{N}{1,3}|\p{L}|[ivx]{1,4})$/iu;
const EYES = /[:;=8x][-o^']?$/i;
const BEFORE = 6;
/** A text with more marks is data. */
const MAX_MARKS = 5000;

/** Where brackets and quotation marks are. */
const marksOf = (text: string) => Array.from(text.matchAll(ANY), ({ index }) => index);

interface Family {
  /** The characters that open or close. */
  readonly marks: string;
  /** Where one without a partner is; `-1` where all have one. */
  readonly unpaired: (text: string, marks: readonly number[]) => number;
}

function brackets([open, close]: readonly [open: string, close: string]): Family {
  return {
    marks: open + close,
    unpaired: (text, marks) => {
      const opened: number[] = [];
      for (const at of marks) {
        const char = text.charAt(at);
        const opens = open.includes(char);
        if ((!opens && !close.includes(char)) || isSmile(text, at)) continue;
        if (opens) opened.push(at);
        else if (opened.length > 0) opened.pop();
        else if (!LABEL.test(text.slice(Math.max(0, at - BEFORE), at))) return at;
      }
      return opened.at(-1) ?? -1;
    },
  };
}

function isSmile(text: string, at: number): boolean {
  if (!'()'.includes(text.charAt(at)) || /[\p{L}\p{N}]/u.test(text.charAt(at + 1))) return false;
  return EYES.test(text.slice(Math.max(0, at - BEFORE), at));
}

/** Marks that tell only by their neighbours whether they open or close. */
function quotes(family: string): Family {
  return {
    marks: family,
    unpaired: (text, marks) => {
      const own = marks.filter(at => family.includes(text.charAt(at)));
      if (own.length % 2 === 0) return -1;
      let opened = -1;
      let unpaired = -1;
      for (const at of own) {
        const [before, after] = [text.charAt(at - 1), text.charAt(at + 1)];
        const opens = /^[\s([（]?$/.test(before) && /\S/.test(after);
        const closes = /\S/.test(before) && /^[\s.,;:!?)\]]?$/.test(after);
        if (opened >= 0 && opens) unpaired = opened;
        if (opened < 0 && closes) unpaired = at;
        else opened = opened >= 0 && !opens ? -1 : at;
      }
      return opened >= 0 ? opened : unpaired;
    },
  };
}

const FAMILIES: readonly Family[] = [...BRACKETS.map(brackets), ...QUOTES.map(quotes)];

function bracketHits(pair: FieldPair): Hit[] {
  const { name, source, target } = pair;
  const marks = marksOf(target);
  if (marks.length === 0 || marks.length > MAX_MARKS || source === '') return [];
  let sourceMarks: number[] | undefined;
  const hits = FAMILIES.flatMap(family => {
    const start = family.unpaired(target, marks);
    if (start < 0 || family.unpaired(source, (sourceMarks ??= marksOf(source))) >= 0) return [];
    const quoting = QUOTES.includes(family.marks);
    if (quoting && (SINGLE_QUOTES.test(source) || INCHES.test(target) || INCHES.test(source))) return [];
    const fix = closedAtEnd(pair, family, start);
    const message = say('structure.bracket', target.charAt(start));
    return [{ field: name, start, end: start + 1, message, ...(fix && { fix }) }];
  });
  return hits.length > 0 && pair.isCode ? [] : hits;
}

/** Closes at the end what was opened and in the source ends there; elsewhere the place cannot be known. */
function closedAtEnd(
  { source, target }: FieldPair,
  { marks, unpaired }: Family,
  at: number,
): Fix | undefined {
  const text = CLOSER_OF[target.charAt(at)];
  const end = target.trimEnd().length;
  const last = source.trimEnd().slice(-1);
  if (text === undefined || !marks.includes(last) || marks.includes(target.charAt(end - 1))) return undefined;
  // With several missing, closing the last would hide the others.
  const count = (side: string) => marksOf(side).filter(index => marks.includes(side.charAt(index))).length;
  if (count(source) !== count(target) + 1) return undefined;
  const closed = target.slice(0, end) + text + target.slice(end);
  return unpaired(closed, marksOf(closed)) < 0 ? { start: end, end, text } : undefined;
}

/** A matter of looks mostly, and so a note. */
export const BRACKETS_CHECK: Check = {
  id: 'brackets',
  title: 'check.brackets',
  severity: 'info',
  needs: ['source'],
  run: ({ pairs }) => pairs.flatMap(bracketHits),
};
