/** How much longer or shorter translations are, over a whole file. */
import type { Lang } from '../record';

/** Shorter sources tell nothing of how much longer a language is. */
export const TELLING_LENGTH = 40;
/** A median of fewer may be one of exceptions. */
const MIN_FOR_MEDIAN = 20;
/** 100 languages with 10 fields each: what comes after is no shard for people to review, and must not fill the memory. */
const MAX_NAMES = 1000;
/** Ratios are counted in steps of 2 %, from 1/16 to 16: the median needs no more. */
const STEPS_PER_OCTAVE = 32;
const OCTAVES = 4;

/** Name of the median of the length ratios of one field in one target language. */
export function lengthRatioName(lang: Lang, field: string): string {
  return `${lang} ${field}`;
}

/**
 * Collects the medians of `FileFacts.lengthRatios` in one pass over a file, in bounded memory. What it holds can be cloned
 * to another thread, and merged there.
 */
export class LengthRatios {
  /** By `lengthRatioName`: how many fields have which ratio. */
  readonly counts = new Map<string, Uint32Array>();

  add(lang: Lang, pairs: Iterable<{ name: string; source: string; target: string }>): void {
    for (const { name, source, target } of pairs) {
      // What was copied, code mostly, says nothing of the language.
      if (source.length < TELLING_LENGTH || target === '' || source === target) continue;
      const counts = this.#countsOf(lengthRatioName(lang, name));
      if (!counts) continue;
      const octaves = Math.log2(target.length / source.length) + OCTAVES;
      const step = Math.min(Math.max(Math.round(octaves * STEPS_PER_OCTAVE), 0), counts.length - 1);
      counts[step] = (counts[step] ?? 0) + 1;
    }
  }

  merge(other: Pick<LengthRatios, 'counts'>): void {
    for (const [name, added] of other.counts) {
      const counts = this.#countsOf(name);
      if (counts) for (const [step, count] of added.entries()) counts[step] = (counts[step] ?? 0) + count;
    }
  }

  /** The medians, of those that have enough fields. */
  result(): ReadonlyMap<string, number> {
    return new Map(
      [...this.counts].flatMap(([name, counts]) => {
        const total = counts.reduce((sum, count) => sum + count, 0);
        if (total < MIN_FOR_MEDIAN) return [];
        let seen = 0;
        const middle = counts.findIndex(count => (seen += count) * 2 >= total);
        return [[name, 2 ** (middle / STEPS_PER_OCTAVE - OCTAVES)] as const];
      }),
    );
  }

  #countsOf(name: string): Uint32Array | undefined {
    let counts = this.counts.get(name);
    if (!counts && this.counts.size < MAX_NAMES) {
      counts = new Uint32Array(2 * OCTAVES * STEPS_PER_OCTAVE + 1);
      this.counts.set(name, counts);
    }
    return counts;
  }
}
