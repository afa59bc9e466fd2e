/** From hashes to hashes, about 25 bytes a name: what a `Map` of texts would take ten times. */

/** A part is at most this full, so that a search of it ends soon. */
const MAX_LOAD = 0.75;
/** Of its size, what a part that is full becomes: less than double, so that little stands empty. */
const GROWTH = 1.25;
/** Each grows by itself: of three million names the longest takes some milliseconds, and nothing is there twice. */
const PART_BITS = 8;
/** Slots of a new part. */
const LEAST_SLOTS = 16;
/** Of a hash that is given as hex digits, the first ones that are kept. */
const DIGITS = 16;
/** Numbers a slot: two of the name, two of the value. */
const WIDTH = 4;
/** Another in each process: a hostile file must not be able to choose names that all begin at one slot. */
const SEED = Math.floor(Math.random() * 2 ** 32);

/** All hashes are of 16 hex digits; more are cut. */
export class HashTable {
  readonly #parts = Array.from({ length: 1 << PART_BITS }, () => new Part());
  #size = 0;

  /** Names in it. */
  get size(): number {
    return this.#size;
  }

  set(name: string, value: string): void {
    const [halves, mixed] = read(name);
    if (this.#partOf(mixed).set(halves, mixed, halvesOf(value))) this.#size++;
  }

  /** @returns the value, 16 hex digits */
  get(name: string): string | undefined {
    const [halves, mixed] = read(name);
    return this.#partOf(mixed).get(halves, mixed);
  }

  /** @returns whether the name is in it and was not marked until now */
  mark(name: string): boolean {
    const [halves, mixed] = read(name);
    return this.#partOf(mixed).mark(halves, mixed);
  }

  #partOf(mixed: number): Part {
    const part = this.#parts[mixed >>> (32 - PART_BITS)];
    if (!part) throw new RangeError(`no part of ${mixed}`);
    return part;
  }
}

type Halves = readonly [upper: number, lower: number];

/** Names that are mixed to numbers with the same upper bits. */
class Part {
  #slots = LEAST_SLOTS;
  #table = new Uint32Array(WIDTH * this.#slots);
  /** 0: empty, 1: used, 2: marked. */
  #marks = new Uint8Array(this.#slots);
  #size = 0;

  /** @returns whether the name is new */
  set(name: Halves, mixed: number, value: Halves): boolean {
    if (this.#size >= MAX_LOAD * this.#slots) this.#grow();
    const before = this.#size;
    this.#put(name, mixed, value, 1);
    return this.#size > before;
  }

  get(name: Halves, mixed: number): string | undefined {
    const slot = this.#slotOf(name, mixed);
    if (this.#marks[slot] === 0) return undefined;
    return [2, 3].map(at => (this.#table[slot * WIDTH + at] ?? 0).toString(16).padStart(8, '0')).join('');
  }

  mark(name: Halves, mixed: number): boolean {
    const slot = this.#slotOf(name, mixed);
    if (this.#marks[slot] !== 1) return false;
    this.#marks[slot] = 2;
    return true;
  }

  #put(name: Halves, mixed: number, value: Halves, mark: number): void {
    const slot = this.#slotOf(name, mixed);
    if (this.#marks[slot] === 0) this.#size++;
    this.#marks[slot] = mark;
    // One by one: a list of them takes longer than all the rest.
    const at = slot * WIDTH;
    this.#table[at] = name[0];
    this.#table[at + 1] = name[1];
    this.#table[at + 2] = value[0];
    this.#table[at + 3] = value[1];
  }

  /** The slot of a name, or the empty one where it would stand: open addressing. */
  #slotOf([upper, lower]: Halves, mixed: number): number {
    // The bits that are the same in the whole part are shifted out; the rest is a share of the slots.
    let slot = Math.floor((((mixed << PART_BITS) >>> 0) / 2 ** 32) * this.#slots);
    while (
      this.#marks[slot] !== 0 &&
      (this.#table[slot * WIDTH] !== upper || this.#table[slot * WIDTH + 1] !== lower)
    )
      slot = slot + 1 < this.#slots ? slot + 1 : 0;
    return slot;
  }

  #grow(): void {
    const [table, marks] = [this.#table, this.#marks];
    this.#slots = Math.ceil(this.#slots * GROWTH);
    this.#table = new Uint32Array(WIDTH * this.#slots);
    this.#marks = new Uint8Array(this.#slots);
    this.#size = 0;
    for (let slot = 0; slot < marks.length; slot++) {
      const mark = marks[slot] ?? 0;
      if (mark === 0) continue;
      const half = (more: number) => table[slot * WIDTH + more] ?? 0;
      const name = [half(0), half(1)] as const;
      this.#put(name, mix(name), [half(2), half(3)], mark);
    }
  }
}

function read(name: string): readonly [halves: Halves, mixed: number] {
  const halves = halvesOf(name);
  return [halves, mix(halves)];
}

/** Multiplicative hashing (Knuth, The Art of Computer Programming 3, 6.4): the upper bits of the product are mixed best. */
const mix = ([upper, lower]: Halves) =>
  Math.imul((upper ^ SEED) + Math.imul(lower, 0x85ebca6b), 0x9e3779b1) >>> 0;

function halvesOf(hash: string): Halves {
  return [parseInt(hash.slice(0, DIGITS / 2), 16), parseInt(hash.slice(DIGITS / 2, DIGITS), 16)];
}
