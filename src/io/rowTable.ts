/**
 * Where each row of a shard begins, and how many blank lines stand before it: 8 bytes a row, 16 where blank lines are.
 * Held in segments of shared memory, so that nothing is copied when it grows or when a worker thread reads along.
 */

/** Rows of a segment: half a MiB of starts, so that a small shard takes little and a large one has few segments. */
export const SEGMENT_ROWS = 1 << 16;
const SEGMENT_BITS = 16;

/** The blank lines before each row of a segment, or the one number that holds for all of its rows. */
type Blanks = number | Float64Array<SharedArrayBuffer>;

/** A table as another thread gets it. */
export interface SharedRows {
  readonly count: number;
  readonly starts: readonly SharedArrayBuffer[];
  readonly blanks: readonly (number | SharedArrayBuffer)[];
}

export class RowTable {
  #count: number;
  readonly #starts: Float64Array<SharedArrayBuffer>[];
  readonly #blanks: Blanks[];

  /** @param shared rows of a table in another thread, to be read only; else the table is empty */
  constructor(shared: SharedRows = { count: 0, starts: [], blanks: [] }) {
    this.#count = shared.count;
    this.#starts = shared.starts.map(buffer => new Float64Array(buffer));
    this.#blanks = shared.blanks.map(each => (typeof each === 'number' ? each : new Float64Array(each)));
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Adds the row after the last.
   * @param start byte of the file at which it begins
   * @param blanks blank lines before it, in all of the file
   */
  add(start: number, blanks: number): void {
    const segment = this.#count >>> SEGMENT_BITS;
    const at = this.#count++ % SEGMENT_ROWS;
    if (at === 0) {
      this.#starts.push(newSegment());
      this.#blanks.push(blanks);
    }
    const starts = this.#starts[segment];
    if (starts) starts[at] = start;
    const before = this.#blanks[segment];
    if (before === blanks) return;
    if (typeof before === 'number') this.#blanks[segment] = newSegment().fill(before, 0, at).fill(blanks, at);
    else if (before) before[at] = blanks;
  }

  /** The byte at which a row begins; undefined where there is no such row. */
  start(row: number): number | undefined {
    return row < this.#count ? this.#starts[row >>> SEGMENT_BITS]?.[row % SEGMENT_ROWS] : undefined;
  }

  /** Blank lines before a row, in all of the file. */
  blanks(row: number): number {
    const blanks = this.#blanks[row >>> SEGMENT_BITS];
    return (typeof blanks === 'number' ? blanks : blanks?.[row % SEGMENT_ROWS]) ?? 0;
  }

  /** The same memory for another thread; no row may be added afterwards. */
  share(): SharedRows {
    return {
      count: this.#count,
      starts: this.#starts.map(segment => segment.buffer),
      blanks: this.#blanks.map(each => (typeof each === 'number' ? each : each.buffer)),
    };
  }
}

function newSegment(): Float64Array<SharedArrayBuffer> {
  return new Float64Array(new SharedArrayBuffer(SEGMENT_ROWS * Float64Array.BYTES_PER_ELEMENT));
}
