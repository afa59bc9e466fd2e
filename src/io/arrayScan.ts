/**
 * Where the elements of a JSON array begin, found without parsing: from quote to quote inside strings, byte by byte only
 * between them. Pretty-printed or not; a comma before the closing bracket, which real files have, is let pass.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = [0x5b, 0x7b];
const CLOSE = [0x5d, 0x7d];

/** Bytes looked at one by one in a string with escapes before the next search: calling one costs as much as some dozen. */
const NEAR_BYTES = 24;

const isBlank = (byte: number | undefined) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** The bytes before the first element, if this is the beginning of an array of objects; undefined otherwise. */
export function arrayStart(head: Buffer, from: number): number | undefined {
  const next = (at: number) => {
    while (isBlank(head[at])) at++;
    return at;
  };
  const open = next(from);
  if (head[open] !== OPEN[0]) return undefined;
  const first = next(open + 1);
  // A line of JSON Lines may be an array too, but one of objects is the whole file.
  return head[first] === OPEN[1] || head[first] === CLOSE[0] ? open + 1 : undefined;
}

/** Scans an array in pieces: what is inside a string or an element at the end of one goes on in the next. */
export class ArrayScan {
  /** Brackets and braces open around the next byte, without the array's own. */
  #depth = 0;
  #inString = false;
  /** Whether the next byte, within a string, is escaped. */
  #escaped = false;
  #inElement = false;
  #closed = false;

  /**
   * @param onStart is called with the index in `bytes` of each element's first byte; all that follows the array counts
   *   as one element more: it is none, but it is in the file, and is shown as one that is no record
   * @param onClose is called with the index of the bracket that closes the array
   */
  scan(bytes: Buffer, onStart: (at: number) => void, onClose: (at: number) => void): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#closed && this.#inElement) return;
      if (this.#inString) at = this.#stringEnd(bytes, at);
      else if (this.#depth > 0) at = this.#inContainer(bytes, at);
      else at = this.#atTop(bytes, at, onStart, onClose);
    }
  }

  /** Takes one byte that no bracket encloses but the array's own. */
  #atTop(bytes: Buffer, at: number, onStart: (at: number) => void, onClose: (at: number) => void): number {
    const byte = bytes[at];
    if (isBlank(byte)) return at + 1;
    if (!this.#closed && (byte === COMMA || byte === CLOSE[0])) {
      this.#inElement = false;
      if (byte === CLOSE[0]) {
        this.#closed = true;
        onClose(at);
      }
      return at + 1;
    }
    if (!this.#inElement) {
      this.#inElement = true;
      onStart(at);
    }
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN[0] || byte === OPEN[1]) this.#depth++;
    return at + 1;
  }

  /** @returns the index where the element ends, or a string begins that has escapes or goes on in the next piece */
  #inContainer(bytes: Buffer, from: number): number {
    let depth = this.#depth;
    let at = from;
    while (at < bytes.length && depth > 0) {
      const byte = bytes[at++];
      if (byte === QUOTE) {
        const quote = bytes.indexOf(QUOTE, at);
        this.#inString = quote < 0 || bytes[quote - 1] === BACKSLASH;
        if (this.#inString) break;
        at = quote + 1;
      } else if (byte === OPEN[0] || byte === OPEN[1]) depth++;
      else if (byte === CLOSE[0] || byte === CLOSE[1]) depth--;
    }
    this.#depth = depth;
    this.#inElement = depth > 0;
    return at;
  }

  /** @returns the index after the quote that ends the string */
  #stringEnd(bytes: Buffer, from: number): number {
    let at = this.#escaped ? from + 1 : from;
    this.#escaped = false;
    while (at < bytes.length) {
      // After each escape some bytes one by one: where there are many, a search for each would cost far more.
      const near = Math.min(at + NEAR_BYTES, bytes.length);
      for (; at < near; at++) {
        const byte = bytes[at];
        if (byte === BACKSLASH) at++;
        else if (byte === QUOTE) {
          this.#inString = false;
          return at + 1;
        }
      }
      if (at >= bytes.length) break;
      const quote = bytes.indexOf(QUOTE, at);
      const next = quote < 0 ? bytes.length : quote;
      const escaped = backslashes(bytes, at, next) % 2 === 1;
      if (quote >= 0 && !escaped) {
        this.#inString = false;
        return quote + 1;
      }
      at = escaped ? next + 1 : next;
    }
    // Past the end: the first byte of the next piece is escaped.
    this.#escaped = at > bytes.length;
    return bytes.length;
  }
}

/** How many stand right before `to`, none of them before `from`. */
function backslashes(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  while (to - 1 - count >= from && bytes[to - 1 - count] === BACKSLASH) count++;
  return count;
}
