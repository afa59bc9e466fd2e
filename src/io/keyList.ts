import { nameHash, type Lang } from '../core/record';
import { sha256 } from './sha256';

/** Languages whose hashes are remembered: a hostile file could have a new one in each row. */
const MAX_LANGS = 1000;

/** The keys of all units in file order, 12 bytes each. */
export class KeyList {
  #hashes: BigUint64Array;
  #rows: Uint32Array;
  #count = 0;
  readonly #langs = new Map<Lang, bigint>();

  /** @param rows expected; a row may have several keys */
  constructor(rows: number) {
    this.#hashes = new BigUint64Array(rows);
    this.#rows = new Uint32Array(rows);
  }

  /** @param name hash of the part of the key before the language */
  add(row: number, name: bigint, lang: Lang): void {
    if (this.#count === this.#rows.length) this.#grow();
    this.#hashes[this.#count] = name ^ this.#hashOf(lang);
    this.#rows[this.#count++] = row;
  }

  #hashOf(lang: Lang): bigint {
    const hash = this.#langs.get(lang) ?? BigInt(`0x${nameHash(lang, sha256)}`);
    if (this.#langs.size < MAX_LANGS) this.#langs.set(lang, hash);
    return hash;
  }

  #grow(): void {
    const [hashes, rows] = [this.#hashes, this.#rows];
    this.#hashes = new BigUint64Array(rows.length * 2);
    this.#hashes.set(hashes);
    this.#rows = new Uint32Array(rows.length * 2);
    this.#rows.set(rows);
  }

  /** The rows that share a key with another one, in file order. */
  repeated(): Uint32Array<ArrayBuffer> {
    const hashes = this.#hashes.subarray(0, this.#count);
    const sorted = hashes.slice().sort();
    const twice = new Set<bigint>();
    for (let at = 1; at < sorted.length; at++) {
      const hash = sorted[at] ?? 0n;
      if (hash === sorted[at - 1]) twice.add(hash);
    }
    const found = new Set<number>();
    if (twice.size > 0) hashes.forEach((hash, at) => twice.has(hash) && found.add(this.#rows[at] ?? 0));
    return Uint32Array.from(found);
  }
}
