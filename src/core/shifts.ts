/**
 * Whether the two sides of a file have drifted apart: where a row is missing on one side, each source stands beside the
 * translation of another record from there on. Then half of the records have an `input` on one side only; of records that
 * belong together hardly one in a hundred has.
 */
import type { Field } from './record';

/** Of rows that belong together, and of those that do not, so many disagree at least. */
const ALIGNED = 0.01;
const SHIFTED = 0.2;
/** What a row says for having drifted (log-likelihood ratio; Page, "Continuous Inspection Schemes", 1954). */
const DISAGREES = Math.log(SHIFTED / ALIGNED);
const AGREES = Math.log((1 - SHIFTED) / (1 - ALIGNED));
/** So much has to be said for it: of a million rows that belong together none ever say it by chance. */
const ENOUGH = 40;
/** So much against it ends a stretch: about two hundred rows that agree. */
const OVER = 40;
/** Where one side has lost its inputs they are missing there alone; a drift makes them missing on both sides alike. */
const LEAST_SHARE = 0.2;
/** What stands for an empty `input` in many Alpaca files. */
const FILLER = /^[\W_]{0,3}(?:no ?input|none|n\/a)[\W_]{0,3}$/i;

export class Shifts {
  readonly #found: [from: number, to: number][] = [];
  #from = 0;
  #sum = 0;
  /** The most that the sum was since the stretch began, and at which row. */
  #most = 0;
  #to = 0;
  /** Rows since then with an input on the source side alone, on the target side alone. */
  #alone = { source: 0, target: 0 };
  #aloneAtMost = this.#alone;

  /** Rows come in file order. Those without an `input` on both sides, such as parallel ones, say nothing. */
  add(row: number, source: readonly Field[], target: readonly Field[]): void {
    const [inSource, inTarget] = [inputOf(source), inputOf(target)];
    if (!inSource || !inTarget) return;
    const [isSource, isTarget] = [isFilled(inSource), isFilled(inTarget)];
    if (isSource === isTarget) this.#sum = Math.max(0, this.#sum + AGREES);
    else this.#disagree(row, isSource ? 'source' : 'target');
    if (this.#sum === 0 || this.#sum < this.#most - OVER) this.#end();
  }

  #disagree(row: number, side: 'source' | 'target'): void {
    if (this.#sum === 0) this.#from = row;
    this.#sum += DISAGREES;
    this.#alone = { ...this.#alone, [side]: this.#alone[side] + 1 };
    if (this.#sum <= this.#most) return;
    this.#most = this.#sum;
    this.#to = row;
    this.#aloneAtMost = this.#alone;
  }

  #end(): void {
    const { source, target } = this.#aloneAtMost;
    if (this.#most >= ENOUGH && Math.min(source, target) >= LEAST_SHARE * (source + target))
      this.#found.push([this.#from, this.#to]);
    this.#sum = this.#most = 0;
    this.#alone = this.#aloneAtMost = { source: 0, target: 0 };
  }

  /** Stretches of rows that have drifted apart, each from its first up to its last row. */
  result(): readonly (readonly [from: number, to: number])[] {
    this.#end();
    return this.#found;
  }
}

function inputOf(fields: readonly Field[]): Field | undefined {
  return fields.find(field => field.name === 'input');
}

function isFilled({ text }: Field): boolean {
  return text.trim() !== '' && !FILLER.test(text);
}
