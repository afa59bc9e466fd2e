/** Where things stand in a JSON text, for what `JSON.parse` forgets: spellings of numbers, order and repetition. */

/** One member of the outermost object: positions are UTF-16 code units in the scanned text, ends exclusive. */
export interface MemberSpan {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Sticky, so that each step looks only at its own place. */
const WHITESPACE = /[ \t\r\n]*/y;
const BARE = /[^\s,\]}]+/y;

/**
 * The members of a JSON object and where their values stand, in file order, repeated ones included.
 * @param json valid JSON whose outermost value is an object (parse it first)
 */
export function memberSpans(json: string, from = 0): MemberSpan[] {
  const spans: MemberSpan[] = [];
  let at = skip(json, WHITESPACE, from) + 1;
  for (;;) {
    at = skip(json, WHITESPACE, at);
    if (at >= json.length || json[at] === '}') return spans;
    const nameEnd = stringEnd(json, at);
    const name = JSON.parse(json.slice(at, nameEnd)) as string;
    const start = skip(json, WHITESPACE, skip(json, WHITESPACE, nameEnd) + 1);
    const end = valueEnd(json, start);
    spans.push({ name, start, end });
    at = skip(json, WHITESPACE, end);
    if (json[at] === ',') at++;
  }
}

/** The characters of a member's value in the file; the last one where it is repeated, as `JSON.parse` takes it. */
export function memberText(json: string, name: string): string | undefined {
  const span = memberSpans(json).findLast(member => member.name === name);
  return span && json.slice(span.start, span.end);
}

function skip(json: string, pattern: RegExp, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(json) ? pattern.lastIndex : at;
}

/** By `indexOf`, since a regular expression's stack gives out on a string of some megabytes. */
function stringEnd(json: string, at: number): number {
  for (let quote = json.indexOf('"', at + 1); quote >= 0; quote = json.indexOf('"', quote + 1)) {
    let escapes = 0;
    while (json[quote - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return quote + 1;
  }
  return json.length;
}

function valueEnd(json: string, at: number): number {
  let depth = 0;
  for (;;) {
    const character = json[at];
    if (character === '"') at = stringEnd(json, at);
    else if (depth > 0 && (character === ',' || character === ':')) at++;
    else if (character === '{' || character === '[' || character === '}' || character === ']') {
      depth += character === '{' || character === '[' ? 1 : -1;
      at++;
    } else at = skip(json, BARE, at);
    if (depth === 0) return at;
    at = skip(json, WHITESPACE, at);
  }
}
