/** The texts of a JSON object that is still being written, for the screen. */

/**
 * The text members of a flat object as far as they have come, in their order; the last one may be cut anywhere. Stops at
 * what is neither text nor JSON. Linear in the length.
 */
export function partialTexts(json: string): [name: string, text: string][] {
  const texts: [string, string][] = [];
  let at = /^\s*\{/.exec(json)?.[0].length;
  while (at !== undefined) {
    const name = readText(json, at);
    if (!name?.isWhole) break;
    const colon = skipTo(json, name.end, ':');
    const value = colon === undefined ? undefined : readText(json, colon);
    if (!value) break;
    texts.push([name.text, value.text]);
    at = value.isWhole ? skipTo(json, value.end, ',') : undefined;
  }
  return texts;
}

interface Read {
  readonly text: string;
  readonly end: number;
  readonly isWhole: boolean;
}

/** Behind a sign that comes next, blanks aside. */
function skipTo(json: string, from: number, sign: string): number | undefined {
  const at = skipBlanks(json, from);
  return json[at] === sign ? at + 1 : undefined;
}

function skipBlanks(json: string, from: number): number {
  let at = from;
  while (at < json.length && ' \t\r\n'.includes(json.charAt(at))) at++;
  return at;
}

/** The string that comes next, blanks aside. */
function readText(json: string, from: number): Read | undefined {
  const start = skipBlanks(json, from);
  if (json[start] !== '"') return undefined;
  let at = start + 1;
  // What counts: the end of the last character that is there as a whole.
  while (at < json.length && json[at] !== '"') {
    const length = json[at] !== '\\' ? 1 : json[at + 1] === 'u' ? 6 : 2;
    if (at + length > json.length) break;
    at += length;
  }
  const isWhole = json[at] === '"';
  let text: string;
  try {
    text = JSON.parse(`"${json.slice(start + 1, at)}"`) as string;
  } catch {
    // A line break as it is, or an escape that there is not: the answer is no JSON.
    return undefined;
  }
  // Half a character: the other half is still to come.
  if (!isWhole) text = text.replace(/[\ud800-\udbff]$/, '');
  return { text, end: at + 1, isWhole };
}
