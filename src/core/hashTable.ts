/** From hashes to hashes, 24 bytes a slot: what a `Map` of texts would take ten times. */

/** A table is at most this full, so that a search of it ends soon. */
const MAX_LOAD = 0.7;
/** Of a hash that is given as hex digits, the first ones that are kept. */
const DIGITS = 16;
/** Numbers a slot: two of the name, two of the value. */
const WIDTH = 4;
/** Another in each process: a hostile file must not be able to choose names that all begin at one slot. */
const SEED = Math.floor(Math.random() * 2 ** 32);

/** All hashes are of 16 hex digits; more are cut. */
export class HashTable {
  #bits = 10;
  #table = new Uint32Array(WIDTH << this.#bits);
  /** 0: empty, 1: used, 2: marked. */
  #marks = new Uint8Array(1 << this.#bits);
  #size = 0;

  /** Names in it. */
  get size(): number {
    return this.#size;
  }

  set(name: string, value: string): void {
    if (this.#size >= MAX_LOAD * this.#marks.length) this.#grow();
    this.#put(halves(name), halves(value), 1);
  }

  /** @returns the value, 16 hex digits */
  get(name: string): string | undefined {
    const slot = this.#slotOf(halves(name));
    if (this.#marks[slot] === 0) return undefined;
    return [2, 3].map(at => (this.#table[slot * WIDTH + at] ?? 0).toString(16).padStart(8, '0')).join('');
  }

  /** @returns whether the name is in it and was not marked until now */
  mark(name: string): boolean {
    const slot = this.#slotOf(halves(name));
    if (this.#marks[slot] !== 1) return false;
    this.#marks[slot] = 2;
    return true;
  }

  #put(name: Halves, value: Halves, mark: number): void {
    const slot = this.#slotOf(name);
    if (this.#marks[slot] === 0) this.#size++;
    this.#marks[slot] = mark;
    this.#table.set([...name, ...value], slot * WIDTH);
  }

  /** The slot of a name, or the empty one where it would stand: open addressing. */
  #slotOf([upper, lower]: Halves): number {
    // Multiplicative hashing (Knuth, The Art of Computer Programming 3, 6.4): the upper bits of the product are mixed best.
    const mixed = Math.imul((upper ^ SEED) + Math.imul(lower, 0x85ebca6b), 0x9e3779b1);
    let slot = mixed >>> (32 - this.#bits);
    while (
      this.#marks[slot] !== 0 &&
      (this.#table[slot * WIDTH] !== upper || this.#table[slot * WIDTH + 1] !== lower)
    )
      slot = (slot + 1) & (this.#marks.length - 1);
    return slot;
  }

  #grow(): void {
    const [table, marks] = [this.#table, this.#marks];
    this.#bits++;
    this.#table = new Uint32Array(WIDTH << this.#bits);
    this.#marks = new Uint8Array(1 << this.#bits);
    this.#size = 0;
    for (const [slot, mark] of marks.entries()) {
      const at = slot * WIDTH;
      const half = (more: number) => table[at + more] ?? 0;
      if (mark > 0) this.#put([half(0), half(1)], [half(2), half(3)], mark);
    }
  }
}

type Halves = readonly [upper: number, lower: number];

function halves(hash: string): Halves {
  return [parseInt(hash.slice(0, DIGITS / 2), 16), parseInt(hash.slice(DIGITS / 2, DIGITS), 16)];
}
