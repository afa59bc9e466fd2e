/**
 * Where the elements of a JSON array begin and end, found without parsing: from quote to quote inside strings, byte by
 * byte only between them. Pretty-printed or not; a comma before the closing bracket, which real files have, is let pass.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = [0x5b, 0x7b];
const CLOSE = [0x5d, 0x7d];

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
  #depth = 0;
  #inString = false;
  /** Backslashes at the end of the last piece that escape what comes next. */
  #escapes = 0;
  #inElement = false;
  #closed = false;

  /**
   * @param onStart is called with the index in `bytes` of each element's first byte
   * @param onEnd is called with the index after an object or array as it closes; other elements end without a call
   */
  scan(bytes: Buffer, onStart: (at: number) => void, onEnd?: (at: number) => boolean): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#inString) {
        at = this.#stringEnd(bytes, at);
        continue;
      }
      const byte = bytes[at] ?? 0;
      if (isBlank(byte)) {
        at++;
        continue;
      }
      if (!this.#inElement) {
        if (byte === COMMA && !this.#closed) {
          at++;
          continue;
        }
        if (byte === CLOSE[0] && !this.#closed) {
          this.#closed = true;
          at++;
          continue;
        }
        // What follows the array is no element, but it is in the file: it is shown as one that is no record.
        this.#inElement = true;
        onStart(at);
      }
      if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN[0] || byte === OPEN[1]) this.#depth++;
      else if (this.#depth > 0 && (byte === CLOSE[0] || byte === CLOSE[1])) {
        this.#depth--;
        if (this.#depth === 0 && !this.#closed) {
          this.#inElement = false;
          if (onEnd?.(at + 1)) return;
        }
      } else if (this.#depth === 0 && (byte === COMMA || byte === CLOSE[0]) && !this.#closed) {
        this.#inElement = false;
        if (onEnd?.(at)) return;
        continue;
      }
      at++;
    }
  }

  #stringEnd(bytes: Buffer, from: number): number {
    for (let quote = bytes.indexOf(QUOTE, from); quote >= 0; quote = bytes.indexOf(QUOTE, quote + 1)) {
      if (this.#escapesBefore(bytes, quote, from) % 2 === 0) {
        this.#inString = false;
        this.#escapes = 0;
        return quote + 1;
      }
    }
    this.#escapes = this.#escapesBefore(bytes, bytes.length, from);
    return bytes.length;
  }

  /** Backslashes that stand right before `at`, those of the piece before included. */
  #escapesBefore(bytes: Buffer, at: number, from: number): number {
    let count = 0;
    while (at - 1 - count >= from && bytes[at - 1 - count] === BACKSLASH) count++;
    return at - count === from && from === 0 ? count + this.#escapes : count;
  }
}

/** The bytes of the element that begins `bytes`, without the comma, blanks and bracket after it. */
export function elementOf(bytes: Buffer): Buffer {
  let end = bytes.length;
  new ArrayScan().scan(
    bytes,
    () => undefined,
    at => {
      end = at;
      return true;
    },
  );
  while (end > 0 && isBlank(bytes[end - 1])) end--;
  return bytes.subarray(0, end);
}
