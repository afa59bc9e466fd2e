/**
 * Which candidates go in: duplicates do not, and of an entry that asks for fewer the ones with the lowest seeded ranks do.
 * What has to be compared is put in order on disk, so that memory is one bit a candidate, however many there are.
 */
import { join } from 'node:path';
import { quotas, sharesOf, type Part } from './core/amounts';
import { UserError } from './core/messages';
import type { Recipe } from './core/recipe';
import type { Sha256 } from './core/record';
import { Buckets } from './io/buckets';
import type { Counting } from './exportingCounts';
import type { Candidate } from './exportingPass';

/** Hex digits of SHA-256: two of 10 million texts share them with a chance of one in 300,000. */
const DIGITS = 16;
const NUMBER_DIGITS = 12;

/**
 * Where a candidate stands in a seeded order: it hangs on nothing but its id.
 * @param purpose each has an order of its own: what was drawn must not come first again when it is shuffled
 */
export function rankOf(purpose: 'draw' | 'shuffle', seed: string, id: string, sha256: Sha256): string {
  return sha256(JSON.stringify([seed, purpose, id])).slice(0, DIGITS);
}

/** The beginning of a line: those of one rank are in the order of reading. */
export const numbered = (rank: string, number: number) =>
  `${rank} ${String(number).padStart(NUMBER_DIGITS, '0')} `;
/** Its UTF-16 units. */
export const NUMBERED = DIGITS + NUMBER_DIGITS + 2;

export class Choice {
  readonly #recipe: Recipe;
  readonly #sha256: Sha256;
  readonly #contents: Buckets | undefined;
  readonly #ranks: Buckets | undefined;
  /** By entry and language, in the order in which they were met. */
  readonly #parts = new Map<
    string,
    { readonly at: number; readonly amount: Part['amount']; there: number }
  >();
  readonly #out: Bits = new Bits();

  private constructor(recipe: Recipe, sha256: Sha256, contents?: Buckets, ranks?: Buckets) {
    this.#recipe = recipe;
    this.#sha256 = sha256;
    this.#contents = contents;
    this.#ranks = ranks;
  }

  /** @param folder for files that whoever made it removes */
  static async make(recipe: Recipe, folder: string, sha256: Sha256): Promise<Choice> {
    const isPart = recipe.entries.some(({ amount }) => amount.kind !== 'all');
    const contents = recipe.deduplicate ? await Buckets.make(join(folder, 'contents')) : undefined;
    const ranks = isPart ? await Buckets.make(join(folder, 'ranks')) : undefined;
    return new Choice(recipe, sha256, contents, ranks);
  }

  async close(): Promise<void> {
    await this.#contents?.close();
    await this.#ranks?.close();
  }

  async add({ number, entry, made, review }: Candidate): Promise<void> {
    const name = `${entry} ${review.targetLang}`;
    let part = this.#parts.get(name);
    if (!part) {
      const amount = this.#recipe.entries[entry]?.amount ?? { kind: 'all' };
      part = { at: this.#parts.size, amount, there: 0 };
      this.#parts.set(name, part);
    }
    part.there++;
    const { instruction, input, output, id } = made;
    if (this.#contents) {
      const content = this.#sha256(JSON.stringify([instruction, input, output])).slice(0, DIGITS);
      await this.#contents.add(numbered(content, number) + String(part.at));
    }
    await this.#ranks?.add(
      numbered(rankOf('draw', this.#recipe.seed, id, this.#sha256), number) + String(part.at),
    );
  }

  /**
   * @returns whether a candidate of some number stays out; nothing can be added any more
   * @throws UserError where an entry that names no languages asks for a share of each, and these are more than 100 %
   */
  async settle(counting: Counting, signal: AbortSignal | undefined): Promise<(number: number) => boolean> {
    const parts = [...this.#parts.values()];
    const shares = sharesOf(parts);
    if (shares > 1 + 1e-9) throw new UserError('recipe.shares', Number((shares * 100).toFixed(6)));
    let before = '';
    for await (const lines of this.#contents?.ranked() ?? []) {
      signal?.throwIfAborted();
      for (const line of lines) {
        const { rank, number, at } = read(line);
        if (rank === before) {
          this.#out.set(number);
          counting.staysOut(number, 'duplicates');
          const part = parts[at];
          if (part) part.there--;
        }
        before = rank;
      }
    }
    const wanted = quotas(parts);
    for await (const lines of this.#ranks?.ranked() ?? []) {
      signal?.throwIfAborted();
      for (const line of lines) {
        const { number, at } = read(line);
        if (this.#out.has(number)) continue;
        const room = wanted[at] ?? 0;
        wanted[at] = room - 1;
        if (room > 0) continue;
        this.#out.set(number);
        counting.staysOut(number, 'notChosen');
      }
    }
    return number => this.#out.has(number);
  }
}

function read(line: string): { readonly rank: string; readonly number: number; readonly at: number } {
  const [rank = '', number, at] = line.split(' ');
  return { rank, number: Number(number), at: Number(at) };
}

/** Set of small numbers. */
class Bits {
  #bytes = new Uint8Array(1 << 12);

  set(number: number): void {
    const at = number >>> 3;
    if (at >= this.#bytes.length) {
      const more = new Uint8Array(2 ** Math.ceil(Math.log2(at + 1)));
      more.set(this.#bytes);
      this.#bytes = more;
    }
    this.#bytes[at] = (this.#bytes[at] ?? 0) | (1 << (number & 7));
  }

  has(number: number): boolean {
    return (((this.#bytes[number >>> 3] ?? 0) >> (number & 7)) & 1) === 1;
  }
}
