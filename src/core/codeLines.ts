/** Which lines of a text are code: between fences, or as statements are written. */
import { looksLikeCode } from './codeShape';
import type { Span } from './spans';

const FENCE = /^ {0,3}(```+|~~~+)[ \t]*([\w+#.-]*)/;
/** What stands between such fences is read as text. */
const PROSE_BLOCKS = new Set(['text', 'txt', 'plain', 'plaintext', 'markdown', 'md']);
/** A line without any of these, before the first with one, leads up to the code. */
const CODE_SIGN = /[(){}[\];=<>]|^(?:\t| {4})|^\s*(?:#|\/\/|@|import\b|from\b)/;
/** What a list, a heading or a table is made of: no signs of code. */
const MARKDOWN = /^[ \t]*(?:[*+>-]|#{1,6}|\d{1,3}[.)])[ \t]|\*\*|^[ \t]*\|.*$/gm;
/** Words in brackets, which prose has too: to be filled in, tags, notes. More than the checks take for a placeholder, which must stay. */
const BRACKETED = /\{\{?[\w .-]{1,60}\}?\}|<\/?[\w ]{1,60}>|\[[\w .-]{1,60}\]/g;

/**
 * @returns spans (UTF-16 code units) of whole lines with their ends, in order. Lines in fences are code whatever they say, the
 * fences among them, unless the fence names a language of prose; other paragraphs where their text looks like code.
 */
export function codeLines(text: string): Span[] {
  const spans: { start: number; end: number }[] = [];
  let fence: { readonly mark: string; readonly isCode: boolean } | undefined;
  let paragraph: Span = { start: 0, end: 0 };
  let at = 0;
  const add = ({ start, end }: Span) => {
    const last = spans.at(-1);
    if (last?.end === start) last.end = end;
    else if (end > start) spans.push({ start, end });
  };
  const close = () => {
    const code = codeOf(text, paragraph);
    if (code) add(code);
    paragraph = { start: at, end: at };
  };
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const end = at + line.length;
    const found = FENCE.exec(line);
    const mark = found?.[1] ?? '';
    if (fence) {
      if (fence.isCode) add({ start: at, end });
      if (mark.startsWith(fence.mark) && found?.[2] === '') fence = undefined;
      paragraph = { start: end, end };
    } else if (mark !== '') {
      close();
      fence = { mark, isCode: !PROSE_BLOCKS.has((found?.[2] ?? '').toLowerCase()) };
      if (fence.isCode) add({ start: at, end });
      paragraph = { start: end, end };
    } else if (line.trim() === '') {
      close();
      paragraph = { start: end, end };
    } else paragraph = { start: paragraph.start, end };
    at = end;
  }
  close();
  return spans;
}

/** Whether all that is not blank in a text is code. */
export function isAllCode(text: string, code: readonly Span[]): boolean {
  if (code.length === 0) return false;
  const rest = [...code, { start: text.length, end: text.length }].map(({ start }, index) =>
    text.slice(code[index - 1]?.end ?? 0, start),
  );
  return rest.every(each => each.trim() === '');
}

/** The lines of a paragraph that are code: from the first one with a sign of it. In doubt none are. */
function codeOf(text: string, { start, end }: Span): Span | undefined {
  const paragraph = text.slice(start, end);
  const bare = paragraph.replace(MARKDOWN, '').replace(BRACKETED, '');
  if (start === end || !looksLikeCode(bare) || !isLatin(paragraph)) return undefined;
  let at = start;
  for (const line of paragraph.split(/(?<=\n)/)) {
    if (CODE_SIGN.test(line)) return { start: at, end };
    at += line.length;
  }
  return undefined;
}

/** Whether most letters are those that programs are written in: a paragraph in another script keeps its direction. */
function isLatin(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return 2 * (text.match(/[a-z]/gi)?.length ?? 0) >= letters;
}
