/**
 * Texts that are nearly the same, found without comparing each with each: by MinHash (A. Z. Broder, "On the resemblance and
 * containment of documents", 1997), all minima from one hash of each gram (P. Li, A. Owen, C.-H. Zhang, "One permutation
 * hashing", 2012), looked up in bands. What it names has to be compared exactly afterwards.
 */
import { hashOf, lettersOf } from './corpus';

/** As a check it takes long and a file as a whole, so it is run only where it is asked for. */
export const NEAR_DUPLICATE = {
  id: 'near-duplicate',
  title: 'check.near-duplicate',
  severity: 'info',
} as const;
/** Share of grams in common from which on two texts are nearly the same. */
export const NEAR = 0.8;

/** Characters of a gram: as telling in Chinese as in a language with spaces. */
const GRAM = 5;
/** Minima kept of a text while it is looked up. */
const BINS = 40;
/** Minima in a band: texts that share 4 of 5 grams agree in one of 10 bands with a chance of 99.5 %. */
const BAND = 4;
const BANDS = BINS / BAND;
/** Of FNV-1a. */
const PRIME = 0x01000193;
const SEED = 0x811c9dc5;
const EMPTY = 0xffffffff;

/** Shorter texts are alike by chance, and often rightly so. */
const MIN_LETTERS = 40;

/** Spreads the bits of a hash (the end of MurmurHash3, by A. Appleby). */
function spread(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** The least hash of a text's grams in each bin; where a bin has none, that of the next one which has. */
function minima(letters: string): Uint32Array {
  const least = new Uint32Array(BINS).fill(EMPTY);
  for (let at = 0; at + GRAM <= letters.length; at++) {
    const spreadOut = spread(hashOf(letters, SEED, at, at + GRAM));
    const bin = spreadOut % BINS;
    const value = Math.floor(spreadOut / BINS);
    if (value < (least[bin] ?? EMPTY)) least[bin] = value;
  }
  return least.map((value, bin) => {
    for (let step = 0; value === EMPTY && step < BINS; step++) {
      const other = least[(bin + step) % BINS] ?? EMPTY;
      // With the distance in it, so that two bins which borrowed do not agree by that alone.
      if (other !== EMPTY) return spread(other + step);
    }
    return value;
  });
}

/** Finds for each text earlier ones that may be nearly the same. */
export class NearDuplicates {
  /**
   * For each band the text that had its minima last, by their hash; 0 for none: pairs of that hash and the text's number. A
   * text that another one has pushed out is still in other bands.
   */
  readonly #tables: readonly Uint32Array[];
  readonly #mask: number;

  /** @param texts about as many as will come; 80 to 160 bytes each */
  constructor(texts: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(64, texts)));
    this.#mask = slots - 1;
    this.#tables = Array.from({ length: BANDS }, () => new Uint32Array(2 * slots));
  }

  /**
   * @param id from 0, below 2^32 - 1
   * @returns ids of earlier texts to compare it with, most of them rightly; none for a text of a few words
   */
  add(id: number, text: string): number[] {
    const letters = lettersOf(text);
    if (letters.length < MIN_LETTERS) return [];
    const least = minima(letters);
    const candidates = new Set<number>();
    for (const [band, table] of this.#tables.entries()) {
      let hash = SEED;
      for (let step = 0; step < BAND; step++)
        hash = Math.imul(hash ^ spread(least[band * BAND + step] ?? 0), PRIME);
      const tag = spread(hash);
      const slot = 2 * (tag & this.#mask);
      const before = table[slot + 1] ?? 0;
      if (before > 0 && table[slot] === tag) candidates.add(before - 1);
      table.set([tag, id + 1], slot);
    }
    return [...candidates];
  }
}

/** The share of grams that two texts have in common of all that either has, from 0 to 1 (Jaccard). */
export function similarity(a: string, b: string): number {
  const [ours, theirs] = [gramsOf(a), gramsOf(b)];
  let shared = 0;
  for (const gram of ours) if (theirs.has(gram)) shared++;
  const all = ours.size + theirs.size - shared;
  return all === 0 ? 0 : shared / all;
}

function gramsOf(text: string): Set<string> {
  const letters = lettersOf(text);
  const grams = new Set<string>();
  for (let at = 0; at + GRAM <= letters.length; at++) grams.add(letters.slice(at, at + GRAM));
  return grams;
}
