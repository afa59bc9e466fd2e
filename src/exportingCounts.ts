/** What goes into an export and what stays out, counted while it goes on, by shard. */
import { bisect } from './core/bisect';
import type { Kind } from './core/demonstration';
import type { EmptyShard, ExportCounts, LeftOut } from './core/manifest';
import type { Splits } from './core/recipe';
import { ReviewTally } from './core/reviewTally';

/** What of a candidate counts where it goes in. */
export interface Label {
  readonly kind: Kind;
  /** `translation forward en-it` */
  readonly way: string;
  readonly shard: string;
  readonly repaired: boolean;
}

type Split = keyof Splits;
type LeftCounts = Record<Exclude<keyof LeftOut, 'states'>, number>;

const noneLeft = (): LeftCounts => ({
  blocked: 0,
  bad: 0,
  unsuited: 0,
  tooLong: 0,
  duplicates: 0,
  evaluation: 0,
  notChosen: 0,
  noPair: 0,
});

/** Of one shard. */
export class ShardCounting {
  /** As recipes call it. */
  readonly name: string;
  /** The number of its first candidate. */
  readonly from: number;
  readonly left = noneLeft();
  readonly states = new Map<string, number>();
  units = 0;
  taken = 0;
  asked = 0;
  rows = 0;

  constructor(name: string, from: number) {
    this.name = name;
    this.from = from;
  }
}

/** Of all of them. */
export class Counting {
  readonly kinds: Record<Kind, number> = { instruction: 0, translation: 0 };
  /** By name. */
  readonly #shards = new Map<string, ShardCounting>();
  /** In the order of reading, and so of the numbers of their candidates. */
  readonly #inOrder: ShardCounting[] = [];
  readonly #made = new Map<string, number>();
  readonly #splits: Record<Split, number> = { train: 0, validation: 0, test: 0 };
  bySample = 0;
  withoutCodes = 0;
  /** What the rows' reviews say together. */
  readonly reviews = new ReviewTally();
  #repaired = 0;

  /** @param number of the next candidate, which is the first one of this shard */
  begin(shard: string, number: number): ShardCounting {
    const counting = new ShardCounting(shard, number);
    this.#shards.set(shard, counting);
    this.#inOrder.push(counting);
    return counting;
  }

  /** A candidate of some number is not among the rows after all. */
  staysOut(number: number, why: 'duplicates' | 'notChosen'): void {
    const shard =
      this.#inOrder[bisect(0, this.#inOrder.length, at => (this.#inOrder[at]?.from ?? 0) <= number) - 1];
    if (shard) shard.left[why]++;
  }

  goesIn({ kind, way, shard, repaired }: Label, split: Split): void {
    const counting = this.#shards.get(shard);
    if (counting) counting.rows++;
    this.#splits[split]++;
    this.kinds[kind]++;
    if (repaired) this.#repaired++;
    add(this.#made, way);
  }

  /** Rows of a shard. */
  rowsOf(shard: string): number {
    return this.#shards.get(shard)?.rows ?? 0;
  }

  result(): ExportCounts {
    const shards = this.#inOrder;
    const sum = (count: 'units' | 'taken' | 'asked' | 'rows') =>
      shards.reduce((total, shard) => total + shard[count], 0);
    const left = noneLeft();
    const states = new Map<string, number>();
    for (const shard of shards) {
      for (const why of Object.keys(left) as (keyof LeftCounts)[]) left[why] += shard.left[why];
      for (const [state, count] of shard.states) add(states, state, count);
    }
    return {
      units: sum('units'),
      taken: sum('taken'),
      asked: sum('asked'),
      rows: sum('rows'),
      splits: { ...this.#splits },
      made: inOrder(this.#made),
      repaired: this.#repaired,
      bySample: this.bySample,
      withoutCodes: this.withoutCodes,
      left: { states: inOrder(states), ...left },
    };
  }

  /** Shards that gave no row, in the order of reading. */
  empty(): EmptyShard[] {
    return this.#inOrder
      .filter(({ rows }) => rows === 0)
      .map(({ name, units, taken, asked, states, left }) => {
        return { shard: name, units, taken, asked, left: { states: inOrder(states), ...left } };
      });
  }
}

export function add(counts: Map<string, number>, name: string, more = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + more);
}

/** By name, so that it does not hang on what was met first. */
function inOrder(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
