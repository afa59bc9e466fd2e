/** Code in a text: blocks in fences, code without them, and spans in backticks. Comments and strings may be translated. */
import type { Check, FieldPair, Hit } from '../check';
import { looksLikeCode } from '../codeShape';
import { say } from '../messages';
import { MAX_KEPT, difference, findKept, hitsOf, type Kept } from './kept';

const FENCE = '```';
/** Blocks of these are texts or data, which are translated. */
export const TEXT_BLOCK = /^```[ \t]*(?:te?xt|plain|markdown|md|html|xml|json|ya?ml|csv|mermaid|latex)\b/i;
/** Comments and strings; each alternative ends with the line, or the text, so the scan is linear. */
const NO_NAMES =
  /"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|\/\*[^]*?(?:\*\/|$)|<!--[^]*?(?:-->|$)|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|(?:\/\/|--|#)[^\n]*/g;
const CODE_TOKEN = /[\p{L}_$][\p{L}\p{M}\p{N}_$]*|\d+(?:\.\d+)?|[^\s\p{L}\p{N}]/gu;
const WORD_TOKEN = /^[\p{L}_$]/u;
/** A line that is code beyond doubt: a statement of one of the common languages, as they are written. */
const STATEMENT =
  /^[ \t]*(?:(?:for|while|if|elif|else if|with|try|except|switch)\b[^\n]*[:{][ \t]*$|(?:\}[ \t]*)?else[ \t]*[:{]|(?:for|while|if|switch)[ \t]?\([^\n]*\)|(?:def|class|function)[ \t]+\w+[ \t]*[({:]|return\b[^\n]*[;)\w\]][ \t]*$|(?:print|input|console\.log|System\.out\.println|printf|alert)[ \t]?\(|(?:public|private|static|void|int|var|let|const)\b[^\n]*[;{(=]|import \w[\w.]*;?[ \t]*$|from \w[\w.]* import\b|[A-Za-z_]\w*(?:\.\w+)*\([^\n]*\);?[ \t]*$|[A-Za-z_]\w* ?[-+*]?= ?[^\n]*[();[\]])/;
const ANY_STATEMENT = new RegExp(STATEMENT.source, 'm');
/** A name as no human language writes it: snake_case, camelCase. */
const NAMELIKE = /_|\p{Ll}\p{Lu}/u;
const KEYWORDS = new Set(
  (
    'for while if elif else def class return print range len import from in not and or try except with public private static void int var ' +
    'let const function new null true false None True False console log input'
  ).split(' '),
);

interface Block {
  readonly start: number;
  readonly text: string;
}

/** Offsets of all fences. */
function fences(text: string): number[] {
  const found: number[] = [];
  for (
    let at = text.indexOf(FENCE);
    at >= 0 && found.length < MAX_KEPT;
    at = text.indexOf(FENCE, at + FENCE.length)
  )
    found.push(at);
  return found;
}

/** What is between each two fences, without the line of the first one. */
function blocks(text: string, at: readonly number[]): Block[] {
  const found: Block[] = [];
  for (let i = 0; i + 1 < at.length; i += 2) {
    const [open = 0, close = 0] = [at[i], at[i + 1]];
    const line = text.slice(open, close).indexOf('\n');
    const start = line < 0 ? open + FENCE.length : open + line;
    found.push({ start, text: TEXT_BLOCK.test(text.slice(open, start)) ? '' : text.slice(start, close) });
  }
  return found;
}

export const CODE_CHECK: Check = {
  id: 'code',
  title: 'check.code',
  severity: 'warning',
  needs: ['source'],
  run: unit => unit.pairs.flatMap(codeHits),
};

function codeHits(pair: FieldPair): Hit[] {
  const { source, target, name: field } = pair;
  if (source === target || target === '') return [];
  const [ours, theirs] = [fences(source), fences(target)];
  if (Math.max(ours.length, theirs.length) >= MAX_KEPT) return [];
  const last = theirs.at(-1);
  if (ours.length % 2 === 0 && theirs.length % 2 === 1 && last !== undefined)
    return [{ field, start: last, end: last + FENCE.length, message: say('markup.fenceOpen') }];
  if (ours.length !== theirs.length) {
    const end = target.length;
    return [{ field, start: end, end, message: say('markup.fences', ours.length, theirs.length) }];
  }
  if (ours.length === 0) {
    if (!ANY_STATEMENT.test(source) || !pair.isCode || !looksLikeCode(source)) return [];
    return changedLines(pair, { start: 0, text: source }, { start: 0, text: target }, false);
  }
  const mine = blocks(source, ours);
  return blocks(target, theirs)
    .flatMap((block, index) => changedLines(pair, mine[index] ?? block, block, true))
    .slice(0, 1);
}

/** Lines that are not empty, with comments and strings blanked out. */
function codeLines({ text, start }: Block): Block[] {
  const lines: Block[] = [];
  let at = start;
  for (const line of text.replace(NO_NAMES, found => found.replace(/[^\n]/g, ' ')).split('\n')) {
    if (line.trim() !== '') lines.push({ start: at, text: line });
    at += line.length + 1;
  }
  return lines;
}

/** The first word or sign that was changed in code that is the same else; with a fix if it is the only one. */
function changedLines(pair: FieldPair, source: Block, target: Block, fenced: boolean): Hit[] {
  const [ours, theirs] = [codeLines(source), codeLines(target)];
  if (ours.length !== theirs.length) return [];
  const changes = ours.flatMap((line, index) => {
    const other = theirs[index];
    return other ? changesOf(line, other, fenced) : [];
  });
  const [first] = changes;
  if (!first) return [];
  const [from, { text, start }] = first;
  const end = start + text.length;
  // A name is changed back only where it is used once: else the code would have both.
  const isOnly = changes.length === 1 && pair.target.indexOf(text) === pair.target.lastIndexOf(text);
  const fix = isOnly && { fix: { start, end, text: from } };
  // Full-width signs alone may as well stand in a formula or a list.
  const signs = !fenced && changes.every(([name]) => !WORD_TOKEN.test(name));
  const severity = signs && ({ severity: 'info' } as const);
  return [
    { field: pair.name, start, end, message: say('markup.codeChanged', from, text), ...fix, ...severity },
  ];
}

function changesOf(source: Block, target: Block, fenced: boolean): [from: string, to: Kept][] {
  if (source.text.trim() === target.text.trim()) return [];
  const isStatement = STATEMENT.test(source.text);
  if (!fenced && !isStatement) return [];
  const read = ({ text, start }: Block) =>
    findKept(text, CODE_TOKEN, ([found]) => found).map(token => ({ ...token, start: start + token.start }));
  const [ours, theirs] = [read(source), read(target)];
  if (ours.length !== theirs.length) return [];
  const changes: [string, Kept][] = [];
  for (const [index, from] of ours.entries()) {
    const to = theirs[index];
    if (!to || to.key === from.key) continue;
    const words = WORD_TOKEN.test(from.key) && WORD_TOKEN.test(to.key);
    // Numbers are another check's.
    if (/^\d/.test(from.key) && /^\d/.test(to.key)) continue;
    if (!words && from.key !== to.key.normalize('NFKC')) return [];
    const next = ours[index + 1];
    const isUsed = next?.start === from.start + from.text.length && /[(.]/.test(next.key);
    if (fenced || !words || isUsed || NAMELIKE.test(from.key) || KEYWORDS.has(from.key))
      changes.push([from.text, to]);
  }
  return changes;
}

/** Fenced blocks are passed over as a whole. */
export const INLINE = /```[^]*?(?:```|$)|(?<!`)`[^`\n]{1,200}`(?!`)/g;

const INLINE_SENTENCES = {
  lost: 'markup.inlineLost',
  added: 'markup.inlineAdded',
  replaced: 'markup.inlineReplaced',
} as const;

export const INLINE_CODE_CHECK: Check = {
  id: 'inline-code',
  title: 'check.inline-code',
  severity: 'warning',
  needs: ['source'],
  run: unit => unit.pairs.flatMap(inlineHits),
};

function inlineHits(pair: FieldPair): Hit[] {
  const { source, target } = pair;
  if (source === target || target === '' || !source.includes('`')) return [];
  return hitsOf(pair, difference(inlineCode(source), inlineCode(target)), INLINE_SENTENCES);
}

/** Code in backticks outside of fenced blocks. */
function inlineCode(text: string): Kept[] {
  return findKept(text, INLINE, ([found]) => (found.startsWith(FENCE) ? undefined : found));
}
