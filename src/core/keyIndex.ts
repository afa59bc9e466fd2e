/**
 * Which row has which key: 64 bits of hash a row, in file order. Names that share a hash are told apart by whoever reads
 * the row; a search goes over all of them, some nanoseconds a row, since a table would cost more than the file is worth.
 */

/** Rows of a piece of the index. */
const SEGMENT_ROWS = 1 << 16;
/** Rows searched between two breaths: a few milliseconds. */
const SEARCH_ROWS = 1 << 18;
/** A table of names is at most this full, so that a search of it ends soon. */
const MAX_LOAD = 0.5;

export class KeyIndex {
  readonly #segments: Uint32Array[] = [];
  #rows = 0;

  /** Rows whose names are known, from 0. */
  get rows(): number {
    return this.#rows;
  }

  /** @param hashes two numbers a row, the upper and lower half of the hash of its name; zeros where it has none */
  add(hashes: Uint32Array): void {
    for (let at = 0; at < hashes.length;) {
      const inSegment = (this.#rows % SEGMENT_ROWS) * 2;
      if (inSegment === 0) this.#segments.push(new Uint32Array(SEGMENT_ROWS * 2));
      const piece = hashes.subarray(at, at + SEGMENT_ROWS * 2 - inSegment);
      this.#segments.at(-1)?.set(piece, inSegment);
      at += piece.length;
      this.#rows += piece.length / 2;
    }
  }

  /** The hash of a row's name, 16 hex digits; zeros where it has none. */
  at(row: number): string {
    const segment = this.#segments[Math.floor(row / SEGMENT_ROWS)];
    const at = (row % SEGMENT_ROWS) * 2;
    return [segment?.[at], segment?.[at + 1]].map(half => (half ?? 0).toString(16).padStart(8, '0')).join('');
  }

  /**
   * The rows whose name has one of these hashes, in file order.
   * @param has from {@link lookup}
   * @param from row to begin with
   * @param breathe is awaited every now and then
   */
  async find(has: Lookup, from = 0, breathe?: () => Promise<void>): Promise<number[]> {
    const found: number[] = [];
    for (let row = from; row < this.#rows;) {
      const end = Math.min(row - (row % SEGMENT_ROWS) + SEGMENT_ROWS, this.#rows);
      const segment = this.#segments[Math.floor(row / SEGMENT_ROWS)] ?? new Uint32Array();
      for (let at = (row % SEGMENT_ROWS) * 2; row < end; row++, at += 2) {
        if (has(segment[at] ?? 0, segment[at + 1] ?? 0)) found.push(row);
      }
      if (row % SEARCH_ROWS === 0) await breathe?.();
    }
    return found;
  }
}

/** Whether a hash, given as its upper and lower half, is one of those looked for. */
export type Lookup = (upper: number, lower: number) => boolean;

/** Another in each process: a hostile ledger must not be able to choose hashes that all begin at one slot. */
const SEED = Math.floor(Math.random() * 2 ** 32);

/**
 * A table of hashes with open addressing.
 * @param hashes 16 hex digits each
 */
export function lookup(hashes: readonly string[]): Lookup {
  let bits = 4;
  while (2 ** bits * MAX_LOAD < hashes.length) bits++;
  const slots = 2 ** bits;
  const table = new Uint32Array(slots * 2);
  const used = new Uint8Array(slots);
  const slotOf = (upper: number, lower: number) => {
    // Multiplicative hashing (Knuth, The Art of Computer Programming 3, 6.4): the upper bits of the product are mixed best.
    const mixed = Math.imul((upper ^ SEED) + Math.imul(lower, 0x85ebca6b), 0x9e3779b1);
    let slot = mixed >>> (32 - bits);
    while (used[slot] === 1 && (table[slot * 2] !== upper || table[slot * 2 + 1] !== lower))
      slot = (slot + 1) & (slots - 1);
    return slot;
  };
  for (const digits of hashes) {
    const [upper, lower] = [parseInt(digits.slice(0, 8), 16), parseInt(digits.slice(8), 16)];
    const slot = slotOf(upper, lower);
    used[slot] = 1;
    table[slot * 2] = upper;
    table[slot * 2 + 1] = lower;
  }
  return (upper, lower) => used[slotOf(upper, lower)] === 1;
}
