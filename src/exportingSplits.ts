/** Divides an export by source record: the names of records are put in order on disk, so that none has to be kept. */
import { join } from 'node:path';
import type { Recipe } from './core/recipe';
import type { Sha256 } from './core/record';
import { SourceGroups, sourceNames } from './core/sourceGroups';
import { NUMBERED, numbered } from './exportingChoice';
import type { TakenUnit } from './exportingSources';
import { Buckets } from './io/buckets';
import type { Split } from './io/trainingFiles';

export class Division {
  readonly #recipe: Recipe;
  readonly #sha256: Sha256;
  readonly #names: Buckets;
  #records = 0;

  private constructor(recipe: Recipe, sha256: Sha256, names: Buckets) {
    this.#recipe = recipe;
    this.#sha256 = sha256;
    this.#names = names;
  }

  /** @param folder for a file that whoever made it removes */
  static async make(recipe: Recipe, folder: string, sha256: Sha256): Promise<Division> {
    return new Division(recipe, sha256, await Buckets.make(join(folder, 'names')));
  }

  close(): Promise<void> {
    return this.#names.close();
  }

  /** Takes a unit of a record; records come in the order of their numbers. */
  async add(record: number, { own, texts }: TakenUnit): Promise<void> {
    this.#records = record + 1;
    if (this.#recipe.splits.train === 1) return;
    const sides = new Set([own.source, own.target, texts.source, texts.target]);
    for (const name of sourceNames(own.key, [...sides], this.#recipe.sameIds, this.#sha256))
      await this.#names.add(numbered(name, record).trimEnd());
  }

  /** @returns the split of a record, when all were added */
  async settle(signal: AbortSignal | undefined): Promise<(record: number) => Split> {
    if (this.#recipe.splits.train === 1) return () => 'train';
    const groups = new SourceGroups(this.#records, this.#recipe, this.#sha256);
    for await (const lines of this.#names.ranked()) {
      signal?.throwIfAborted();
      for (const line of lines) groups.add(...nameAndRecord(line));
    }
    return record => groups.splitOf(record);
  }
}

function nameAndRecord(line: string): [name: string, record: number] {
  return [line.slice(0, line.indexOf(' ')), Number(line.slice(line.indexOf(' '), NUMBERED))];
}
