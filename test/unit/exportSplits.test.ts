/** Divided exports: what is made of one source record is on one side, whatever shard and direction it comes from. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { exportRecipe, simpleRecipe } from '../../src/exporting';
import type { Recipe } from '../../src/core/recipe';
import { rowsIn } from '../helpers/exports';
import { inTempFolder, writeShard } from '../helpers/shardFixture';

const RECORDS = 12;
const LANGS = ['de', 'en', 'it'] as const;
type Lang = (typeof LANGS)[number];
const OPTIONS = { format: 'alpaca', side: 'target', status: 'all', text: 'current' } as const;

/** A shard of all records in one direction, without ids that say anything. @param wording tells source texts of shards apart */
function shardOf(folder: string, [from, to]: readonly Lang[], wording = ''): string {
  const side = (lang: Lang | undefined, record: number, more = '') => ({
    instruction: `${lang} ${record}${more}`,
    input: '',
    output: `${lang} ja`,
  });
  const lines = Array.from({ length: RECORDS }, (_, record) =>
    JSON.stringify({
      id: String(record),
      source: side(from, record, wording),
      target: side(to, record),
      source_lang: from,
      target_lang: to,
    }),
  );
  const name = `${from}-${to}.jsonl`;
  writeShard(folder, lines, name);
  return name;
}

async function sidesOf(folder: string, wanted: Recipe): Promise<Map<string, Set<string>>> {
  const out = join(folder, 'out');
  await exportRecipe(wanted, { base: folder, out });
  const records = new Map<string, Set<string>>();
  const lineOf = new Map(rowsIn(join(out, 'reviews.jsonl')).map(({ id, line }) => [id, String(line)]));
  for (const split of ['train', 'validation', 'test']) {
    const path = join(out, `${split}.jsonl`);
    for (const { id } of existsSync(path) ? rowsIn(path) : []) {
      const line = lineOf.get(id) ?? '';
      records.set(line, (records.get(line) ?? new Set()).add(split));
    }
  }
  return records;
}

const divided = (shards: readonly string[], seed: string, sameIds: boolean): Recipe => ({
  ...simpleRecipe(shards, OPTIONS),
  ...{ seed, sameIds, shuffle: true, splits: { train: 0.4, validation: 0.3, test: 0.3 } },
});

describe('an export that is divided', () => {
  it('has a record on one side, whichever language of it is the source in a shard', () => {
    // All hang together by a language that both have.
    const pairs = LANGS.flatMap(from => LANGS.filter(to => to !== from).map(to => [from, to] as const));
    const directions = fc
      .shuffledSubarray(pairs, { minLength: 2, maxLength: 3 })
      .filter(([first, ...others]) => others.every(pair => pair.some(lang => first?.includes(lang))));
    return fc.assert(
      fc.asyncProperty(directions, fc.string({ maxLength: 3 }), (chosen, seed) =>
        inTempFolder(async folder => {
          const shards = chosen.map(pair => shardOf(folder, pair));
          const sides = await sidesOf(folder, divided(shards, seed, false));
          assert.equal(sides.size, RECORDS);
          for (const [line, found] of sides) assert.equal(found.size, 1, `line ${line}`);
        }),
      ),
      { numRuns: 8 },
    );
  });

  it('goes by ids that are numbers where the recipe says that they mean the same', () =>
    inTempFolder(async folder => {
      const shards = [shardOf(folder, ['en', 'it']), shardOf(folder, ['en', 'de'], ', please')];
      const torn = async (sameIds: boolean) => {
        const sides = await sidesOf(folder, divided(shards, 's', sameIds));
        return [...sides.values()].filter(({ size }) => size > 1).length;
      };
      assert.equal(await torn(true), 0);
      assert.ok((await torn(false)) > 0);
    }));
});
