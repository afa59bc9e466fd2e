/** Units with their texts as 64 bits of hash each: how a million of them are known without being held. */
import type { Fingerprint, Sha256, UnitKey } from './record';

/** What a unit with a certain text is called. @returns 16 hex digits */
export function unitHash(key: UnitKey, fingerprint: Fingerprint, sha256: Sha256): string {
  return sha256(JSON.stringify([key, fingerprint])).slice(0, 16);
}

/** A set of units, each with the text that it had; can be handed to another thread by its `data`. */
export class UnitHashes {
  /** Ascending. */
  readonly data: BigUint64Array;

  constructor(data: BigUint64Array) {
    this.data = data;
  }

  /** @param hashes as of {@link unitHash}, in any order */
  static of(hashes: Iterable<string>): UnitHashes {
    const numbers = Array.from(hashes, digits => BigInt(`0x${digits}`));
    const data = new BigUint64Array(new SharedArrayBuffer(numbers.length * 8));
    data.set(numbers);
    return new UnitHashes(data.sort());
  }

  get size(): number {
    return this.data.length;
  }

  has(digits: string): boolean {
    const wanted = BigInt(`0x${digits}`);
    let [from, to] = [0, this.data.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.data[middle] ?? 0n) < wanted) from = middle + 1;
      else to = middle;
    }
    return this.data[from] === wanted;
  }
}
