/** Where the lines of a JSON Lines file begin that hold anything, and how many do not. */
const NEWLINE = 0x0a;

/** After a line shorter than this the next is looked at byte by byte: calling a search costs as much as some dozen. */
const NEAR_BYTES = 16;

/** Scans lines in pieces: a line at the end of one goes on in the next. */
export class LineScan {
  #blankLines = 0;
  /** Whether something but white space was met in the line under way. */
  #inRow = false;
  /** Whether the line under way has any bytes yet. */
  #inLine = false;

  /** Lines of nothing but white space that have ended so far. */
  get blankLines(): number {
    return this.#blankLines;
  }

  /** @param onRow is called with the index in `bytes` of a row's first byte that is no blank, and the blank lines before it */
  scan(bytes: Buffer, onRow: (at: number, blankLines: number) => void): void {
    let inRow = this.#inRow;
    let inLine = this.#inLine;
    let blankLines = this.#blankLines;
    let near = 0;
    let at = 0;
    while (at < bytes.length) {
      if (!inRow) {
        const byte = bytes[at];
        inLine = byte !== NEWLINE;
        if (byte === NEWLINE) blankLines++;
        if (byte === NEWLINE || byte === 0x20 || byte === 0x0d || byte === 0x09) {
          at++;
          continue;
        }
        onRow(at, blankLines);
        inRow = true;
      }
      const newline = nextNewline(bytes, at, near);
      if (newline < 0) break;
      near = newline - at < NEAR_BYTES ? NEAR_BYTES : 0;
      inRow = false;
      inLine = false;
      at = newline + 1;
    }
    this.#inRow = inRow;
    this.#inLine = inLine;
    this.#blankLines = blankLines;
  }

  /** To be called after the last piece: a blank line at the end counts without a line end too. */
  end(): void {
    if (this.#inLine && !this.#inRow) this.#blankLines++;
  }
}

/** @param near bytes to be looked at before the search */
function nextNewline(bytes: Buffer, from: number, near: number): number {
  const far = Math.min(from + near, bytes.length);
  for (let at = from; at < far; at++) if (bytes[at] === NEWLINE) return at;
  return bytes.indexOf(NEWLINE, far);
}
