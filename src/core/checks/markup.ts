/** What a translation must keep as it is: numbers, addresses, placeholders, tags, code, blanks. */
import type { Check, FieldPair, Hit } from '../check';
import { looksLikeCode } from '../codeShape';
import { say } from '../messages';
import { ADDRESS_CHECK } from './addresses';
import { CODE_CHECK, INLINE_CODE_CHECK } from './code';
import { MAX_KEPT, difference, findKept, hitsOf, matchesOf, replacedHit, type Kept } from './kept';
import { NUMBER_CHECK } from './numbers';

/** Elements of HTML; in angle brackets these are tags, other words placeholders. */
const ELEMENTS = new Set(
  (
    'a abbr address area article aside audio b base blockquote body br button canvas caption center cite code col colgroup dd del details ' +
    'div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd ' +
    'label legend li link main map mark meta nav noscript object ol optgroup option p param picture pre q s samp script section ' +
    'select small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title ' +
    'tr tt u ul var video'
  ).split(' '),
);
/** A tag, or a word in angle brackets. Bounded, and the name ends it, so that the scan is linear. */
const TAG = /<(\/?)([\p{L}_][\p{L}\p{M}\p{N}_:.-]{0,40})((?:\s[^<>]{0,300})?)\/?>/gu;
/** Attributes as HTML has them; without, it is a remark: <a picture of a table>. */
const ATTRIBUTES = /^\s*\/?$|=|^\s+(?:async|defer|disabled|checked|required|hidden)\b/;
/** Of language models: whatever is trained on these finds them by their letters. */
const TOKEN = 'mask|MASK|sep|SEP|cls|CLS|pad|PAD|unk|UNK|bos|eos|BLANK';
/** A name that no reader takes for words: with an underscore, a digit or a capital inside. */
const NAMELIKE = /_|\d|\p{Ll}\p{Lu}/u;
const NAME = '[\\p{L}_][\\p{L}\\p{M}\\p{N}_]{0,40}(?:[ .-][\\p{L}\\p{M}\\p{N}_]{1,40}){0,4}';
/** printf in its several ways. "50 % discount" is none of them. */
const PRINTF =
  '%\\(\\w{1,40}\\)[sdif]|%\\d\\$[sdif]|(?<![\\p{Script=Latin}%)])(?<!\\d ?)%(?:\\.\\d)?[sdif](?![\\p{Script=Latin}\\d])';
/**
 * In order: {{name}}, ${name}, {name}, <name>, [NAME], printf. Braces behind a word, a backslash or another brace are TeX; those
 * with one letter are sets and formulas; a bracket before ( is a link; <T> behind a word is a type.
 */
const PLACEHOLDER = new RegExp(
  [
    `\\{\\{ ?${NAME} ?\\}\\}`,
    `\\$\\{${NAME}\\}`,
    `(?<![\\w\\\\{}^$])\\{(?!\\p{L}\\})${NAME}\\}(?!\\})`,
    `(?<![\\w.])<(?!\\p{L}>)${NAME}>`,
    `(?<!\\w)\\[(?!\\p{L}\\])${NAME}\\](?![(\\[:])`,
    PRINTF,
  ].join('|'),
  'gu',
);
/** Placeholders that stay as they are. Others are words for people, and translated: [Your Name], {Company Name}. */
const FIXED = new RegExp(`^(?:\\{\\{|\\$\\{|%|\\{[a-z][^\\s\\p{Lu}]*\\}$|[<[](?:${TOKEN})[>\\]]$)`, 'u');
/** Names on a keyboard, which differ by country. */
const KEYS =
  /^<(?:ctrl|control|shift|alt|altgr|enter|return|tab|esc|escape|del|delete|space|backspace|home|end|up|down|left|right|cmd|win|f\d+)>$/i;
/** Whatever a translation may put words for people into. */
const OPENING = /[[({<（【［｛〈《「『“„«"*_]/g;

/** Tags of HTML, and of XML where they are closed. */
export function readTags(text: string): Kept[] {
  if (!text.includes('<')) return [];
  const found = matchesOf(text, TAG);
  const closed = new Set(found.flatMap(([, slash, name = '']) => (slash ? [name] : [])));
  return found.flatMap(({ 0: whole, 1: slash = '', 2: name = '', 3: attributes = '', index: start }) => {
    const isElement = ELEMENTS.has(name.toLowerCase()) && ATTRIBUTES.test(attributes);
    if (!isElement && !closed.has(name)) return [];
    return { text: whole, start, key: `<${slash}${isElement ? name.toLowerCase() : name}` };
  });
}

const TAG_SENTENCES = {
  lost: 'markup.tagLost',
  added: 'markup.tagAdded',
  replaced: 'markup.tagReplaced',
} as const;

const TAG_CHECK: Check = {
  id: 'tags',
  title: 'check.tags',
  severity: 'warning',
  needs: ['source'],
  run: unit => unit.pairs.flatMap(tagHits),
};

function tagHits(pair: FieldPair): Hit[] {
  const { source, target } = pair;
  if (source === target || target === '') return [];
  return hitsOf(pair, difference(readTags(source), readTags(target)), TAG_SENTENCES);
}

const PLACEHOLDER_SENTENCES = {
  lost: 'markup.placeholderLost',
  added: 'markup.placeholderAdded',
  replaced: 'markup.placeholderReplaced',
} as const;

const PLACEHOLDER_CHECK: Check = {
  id: 'placeholders',
  title: 'check.placeholders',
  severity: 'warning',
  needs: ['source'],
  run: unit => unit.pairs.flatMap(placeholderHits),
};

/** The placeholders of a text in their order, tags and names of keys left out; the first 2,000. */
export function placeholders(text: string): Kept[] {
  if (!/[{%[<]/.test(text)) return [];
  const tags = new Set(readTags(text).map(({ start }) => start));
  return findKept(text, PLACEHOLDER, ({ 0: whole, index }) =>
    tags.has(index) || KEYS.test(whole) ? undefined : whole.replace(/ (?=\})|(?<=\{) /g, ''),
  );
}

/** Whether a placeholder is the same in every language. */
export const isFixed = ({ key }: Kept) => FIXED.test(key) || (NAMELIKE.test(key) && !key.includes(' '));

function placeholderHits(pair: FieldPair): Hit[] {
  const { source, target } = pair;
  if (source === target || target === '') return [];
  const [ours, theirs] = [placeholders(source), placeholders(target)];
  if (ours.length + theirs.length === 0) return [];
  const { lost, added } = difference(ours, theirs);
  if (lost.length + added.length === 0 || isCodeElse(source)) return [];
  const gone = lost.filter(isFixed);
  const forms = new Set(gone.map(formOf));
  const come = added.filter(item =>
    gone.length > 0 ? forms.has(formOf(item)) : /^(?:\{\{|\$\{|%)/.test(item.key),
  );
  const [only] = gone;
  const broken = gone.length === 1 && only && come.length === 0 ? findBroken(target, only) : undefined;
  if (broken && only) return [replacedHit(pair, broken, only.text, 'markup.placeholderReplaced')];
  if (gone.length + come.length > 0) return hitsOf(pair, { lost: gone, added: come }, PLACEHOLDER_SENTENCES);
  const openings = target.match(OPENING)?.length ?? 0;
  if (openings < ours.length) return hitsOf(pair, { lost, added: [] }, PLACEHOLDER_SENTENCES);
  if (lost.length === 0 || !lost.every(({ key }) => /^<[a-z]+>$/.test(key))) return [];
  // <name> is meant for a program as often as for people.
  const swapped = { lost, added: added.filter(item => formOf(item) === '<') };
  return hitsOf(pair, swapped, PLACEHOLDER_SENTENCES).map(hit => ({ ...hit, severity: 'info' }));
}

/** What is left of a placeholder: its name with brackets missing, or other ones, or spaces in it; undefined unless there is one place. */
function findBroken(target: string, { key }: Kept): Kept | undefined {
  const printf = key.startsWith('%');
  const name = key.replace(/^[{$<[%]+|[}>\]]+$/g, '').replace(/[.*+?^${}()|[\]\\-]/g, '\\$&');
  const pattern = printf
    ? new RegExp(`[%％] ?${name}(?![\\p{Script=Latin}\\d])`, 'giu')
    : new RegExp(
        `[$]?[{<[(｛＜【（]{0,3} ?(?<![\\p{L}\\d_])${name}(?![\\p{L}\\d_]) ?[}>\\])｝＞】）]{0,3}`,
        'giu',
      );
  const found = findKept(target, pattern, ([whole]) => whole).flatMap(({ text, start }) => {
    const begin = text.length - text.trimStart().length;
    const kept = { text: text.trim(), start: start + begin, key: text };
    const isWhole = kept.text.replace(/ /g, printf ? '_' : '') === key.replace(/ /g, '');
    const bare = !printf && !/[{<[(｛＜【（}>\])｝＞】）]/.test(text);
    return bare || isWhole ? [] : kept;
  });
  return found.length === 1 ? found[0] : undefined;
}

/** The brackets that a placeholder stands in. */
function formOf({ key }: Kept): string {
  return key.replace(/[^{$%[<].*/su, '');
}

/** Whether a text is code even without what looks like placeholders: there it is something else. */
function isCodeElse(text: string): boolean {
  return looksLikeCode(text.replace(PLACEHOLDER, ''));
}

/** A row of underscores, in Markdown each behind a backslash. Two of them within a word are part of a name. */
const BLANK = /(?:\\?[_＿]){3,}|(?<![\p{L}\p{N}_\\])__(?![\p{L}\p{N}_])/gu;
/** Forms that a translation may give a blank: one underscore, empty brackets, a row of dots or dashes. */
const ANY_BLANK = /(?:\\?[_＿])+|[（(【[][\s…_]*[）)】\]]|…+|\.{3,}|[—–]{2,}|-{3,}/g;
const BLANKS_APART = /^[ \t]*$/;

const BLANK_CHECK: Check = {
  id: 'blanks',
  title: 'check.blanks',
  severity: 'warning',
  needs: ['source'],
  run: unit => unit.pairs.flatMap(blankHits),
};

/** Blanks with only spaces between them are one: how many words are missing depends on the language. */
function countBlanks(text: string, pattern: RegExp): number {
  let count = 0;
  let end = -1;
  for (const { 0: found, index } of matchesOf(text, pattern)) {
    const between = text.slice(end, index);
    if (end < 0 || !BLANKS_APART.test(between)) count++;
    end = index + found.length;
  }
  return count;
}

function blankHits(pair: FieldPair): Hit[] {
  const { source, target } = pair;
  if (source === target || target === '' || !/__|＿＿|_\\_/.test(source)) return [];
  const expected = countBlanks(source, BLANK);
  if (expected === 0 || expected >= MAX_KEPT) return [];
  // Dots and brackets that are no blanks in the source are none in the target.
  const others = countBlanks(source, ANY_BLANK) - expected;
  const got = Math.max(0, countBlanks(target, ANY_BLANK) - Math.max(0, others));
  if (got >= expected) return [];
  const end = target.length;
  return [{ field: pair.name, start: end, end, message: say('markup.blanksLost', expected, got) }];
}

export const MARKUP_CHECKS: readonly Check[] = [
  NUMBER_CHECK,
  ADDRESS_CHECK,
  PLACEHOLDER_CHECK,
  TAG_CHECK,
  CODE_CHECK,
  INLINE_CODE_CHECK,
  BLANK_CHECK,
];
