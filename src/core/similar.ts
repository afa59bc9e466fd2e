/**
 * The texts nearest to one, by the character n-grams that they share. Each text is kept as a profile of {@link BYTES} bytes: its
 * n-grams are counted in hashed places, with a sign of their own so that collisions cancel out on average (K. Weinberger et al.,
 * "Feature hashing for large scale multitask learning", 2009). Asking compares with every profile: about 8 ms for 10,000.
 */

/** Of a profile. With the length of the text and the norm a text takes under 256 bytes. */
const BYTES = 240;
/** UTF-16 units of a text that are looked at: how it begins says what it is about. */
const MAX_READ = 4000;
/** From here on letters are syllables or words: Han, kana, Hangul. Two of them say as much as three elsewhere. */
const FIRST_WIDE = 0x2e80;
/** Of FNV-1a. */
const PRIME = 0x01000193;
const SEED = 0x811c9dc5;

interface Profile {
  readonly counts: Int8Array;
  /** Sum of the squares of the counts. */
  readonly norm: number;
  /** Of the text that was read; of two that are equally near the one of the same length comes first. */
  readonly length: number;
}

export class SimilarTexts<Id> {
  readonly #slots = new Map<Id, number>();
  readonly #ids: Id[] = [];
  /** Of all texts, one profile after the other. */
  #counts = new Int8Array(64 * BYTES);
  readonly #norms: number[] = [];
  readonly #lengths: number[] = [];

  /** Takes a text in, in the place of an earlier one of this id. */
  add(id: Id, text: string): void {
    const slot = this.#slots.get(id) ?? this.#ids.length;
    if ((slot + 1) * BYTES > this.#counts.length) {
      const larger = new Int8Array(2 * this.#counts.length);
      larger.set(this.#counts);
      this.#counts = larger;
    }
    this.#slots.set(id, slot);
    this.#put(slot, id, profileOf(text));
  }

  remove(id: Id): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#slots.delete(id);
    const [lastId, norm, length] = [this.#ids.pop(), this.#norms.pop(), this.#lengths.pop()];
    const last = this.#ids.length;
    // The last one moves into the gap.
    if (slot === last || norm === undefined || length === undefined) return;
    const counts = this.#counts.slice(last * BYTES, (last + 1) * BYTES);
    this.#slots.set(lastId as Id, slot);
    this.#put(slot, lastId as Id, { counts, norm, length });
  }

  /**
   * The nearest texts, the nearest first; only such that have anything in common.
   * @param count at most this many
   * @param except never among them: the unit that is asked for
   */
  nearest(text: string, count: number, except?: Id): Id[] {
    const wanted = profileOf(text);
    const found: { id: Id; likeness: number; apart: number }[] = [];
    for (const [slot, id] of this.#ids.entries()) {
      const likeness = this.#likeness(slot, wanted);
      if (likeness <= 0 || id === except) continue;
      const apart = Math.abs((this.#lengths[slot] ?? 0) - wanted.length);
      found.push({ id, likeness, apart });
    }
    found.sort((a, b) => b.likeness - a.likeness || a.apart - b.apart);
    return found.slice(0, count).map(({ id }) => id);
  }

  #put(slot: number, id: Id, { counts, norm, length }: Profile): void {
    this.#ids[slot] = id;
    this.#norms[slot] = norm;
    this.#lengths[slot] = length;
    this.#counts.set(counts, slot * BYTES);
  }

  /** Cosine of the angle between two profiles: exactly 1 for equal ones, since all sums are whole numbers. */
  #likeness(slot: number, { counts, norm }: Profile): number {
    const all = this.#counts;
    const base = slot * BYTES;
    let product = 0;
    for (let at = 0; at < BYTES; at++) product += (counts[at] ?? 0) * (all[base + at] ?? 0);
    return product <= 0 ? 0 : product / Math.sqrt(norm * (this.#norms[slot] ?? 0));
  }
}

function profileOf(text: string): Profile {
  const letters = ` ${text.slice(0, MAX_READ).normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()} `;
  const sums = new Float64Array(BYTES);
  for (let at = 0; at + 1 < letters.length; at++) {
    const size = letters.charCodeAt(at) >= FIRST_WIDE ? 2 : 3;
    if (at + size > letters.length) continue;
    let hash = SEED;
    for (let step = 0; step < size; step++) hash = Math.imul(hash ^ letters.charCodeAt(at + step), PRIME);
    // The upper bits of FNV-1a are the better ones.
    hash = (hash ^ (hash >>> 15)) >>> 0;
    const place = (hash >>> 1) % BYTES;
    sums[place] = (sums[place] ?? 0) + (hash & 1 ? 1 : -1);
  }
  // By square roots, so that the most frequent n-grams do not speak for all; then to the range of a byte.
  const roots = sums.map(sum => Math.sign(sum) * Math.sqrt(Math.abs(sum)));
  const most = roots.reduce((largest, root) => Math.max(largest, Math.abs(root)), 0);
  const counts = Int8Array.from(roots, root => (most === 0 ? 0 : Math.round((127 * root) / most)));
  const norm = counts.reduce((sum, each) => sum + each * each, 0);
  return { counts, norm, length: letters.length };
}
