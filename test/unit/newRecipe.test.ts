import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DIRECTIONS, INSTRUCTION_FROM } from '../../src/core/demonstration';
import { FORMAT_IDS } from '../../src/core/formats';
import { english, say, type Argument, type MessageId } from '../../src/core/messages';
import { newRecipeText, type NewRecipe } from '../../src/core/newRecipe';
import { parseRecipe } from '../../src/core/recipe';

const t = (id: MessageId, ...args: Argument[]) => english(say(id, ...args));
const PLAIN: NewRecipe = {
  name: 'kitchen',
  date: '2026-01-31',
  shards: [{ path: 'en-it.jsonl', field: 'output' }],
  languages: [],
  instructions: ['target'],
  directions: ['forward', 'back'],
  splits: { train: 0.98, validation: 0.01, test: 0.01 },
  format: 'alpaca',
};

function read(answers: NewRecipe) {
  const text = newRecipeText(answers, t);
  const result = parseRecipe(text);
  if (result.ok) return result.recipe;
  return assert.fail(
    `${result.mistakes.map(({ line, reason }) => `${line}: ${english(reason)}`).join('\n')}\n${text}`,
  );
}

describe('a new recipe', () => {
  it('asks for what was answered', () => {
    const recipe = read({ ...PLAIN, languages: ['it', 'pt-BR'] });
    assert.deepEqual(
      [recipe.name, recipe.date, recipe.seed, recipe.format, recipe.splits],
      ['kitchen', '2026-01-31', 'kitchen 1', 'alpaca', PLAIN.splits],
    );
    assert.deepEqual(
      recipe.shards.map(({ path, name, status }) => [path, name, status]),
      [['en-it.jsonl', 'en-it', 'approved']],
    );
    const all = { shards: [], languages: ['it', 'pt-BR'], amount: { kind: 'all' } };
    assert.deepEqual(recipe.entries, [
      { ...all, kind: 'instruction', from: 'target' },
      {
        ...all,
        kind: 'translation',
        directions: ['forward', 'back'],
        ask: 'both',
        pair: { source: 'output', target: 'output', min: 20, max: 2000 },
      },
    ]);
  });

  it('makes instructions only of records that are some, and pairs the texts of the others', () => {
    const pairs = { path: 'news/en-it.jsonl', field: 'text' } as const;
    const { shards, entries } = read({ ...PLAIN, shards: [...PLAIN.shards, pairs] });
    assert.deepEqual(
      shards.map(({ name }) => name),
      ['en-it.jsonl', 'news-en-it.jsonl'],
      'names that differ',
    );
    assert.deepEqual(
      entries.map(entry => [entry.kind, entry.shards, 'pair' in entry ? entry.pair.target : '']),
      [
        ['instruction', ['en-it.jsonl'], ''],
        ['translation', ['en-it.jsonl'], 'output'],
        ['translation', ['news-en-it.jsonl'], 'text'],
      ],
    );
    assert.deepEqual(
      read({ ...PLAIN, shards: [pairs], instructions: [] }).entries.map(entry => entry.shards),
      [[]],
    );
  });

  it('says in comments what each part is for', () => {
    const lines = newRecipeText(PLAIN, t).split('\n');
    for (const member of ['name', 'seed', 'shards', 'instructions', 'translations', 'splits', 'format']) {
      const at = lines.findIndex(line => line.startsWith(`${member}:`));
      assert.match(lines[at - 1] ?? '', /^# \S/, member);
    }
  });

  it('can be read whatever its parts are called', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
    const path = fc
      .array(
        word.map(each => each.replace(/[\p{Cc}\p{Zl}\p{Zp}\\:/]/gu, 'x').replace(/^\.+$/, 'dot')),
        {
          minLength: 1,
          maxLength: 4,
        },
      )
      .map(parts => `${parts.join('/')}.jsonl`);
    const some = <T>(values: readonly T[], minLength: number) => fc.subarray([...values], { minLength });
    const answers: fc.Arbitrary<NewRecipe> = fc.record({
      name: word.map(each => `${each.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '')}a`),
      date: fc.constant('2026-01-31'),
      shards: fc.uniqueArray(
        fc.record({ path, field: fc.constantFrom('output' as const, 'text' as const) }),
        { minLength: 1, maxLength: 6, selector: each => each.path },
      ),
      languages: some(['it', 'zh', 'pt-BR', 'no'], 0),
      instructions: some(INSTRUCTION_FROM, 0),
      directions: some(DIRECTIONS, 1),
      splits: fc.constantFrom(PLAIN.splits, { train: 1, validation: 0, test: 0 }),
      format: fc.constantFrom(...FORMAT_IDS),
    });
    fc.assert(
      fc.property(answers, given => {
        const recipe = read(given);
        assert.equal(recipe.name, given.name);
        assert.deepEqual(
          recipe.shards.map(shard => shard.path),
          given.shards.map(shard => shard.path),
        );
        assert.equal(new Set(recipe.shards.map(({ name }) => name)).size, given.shards.length);
        assert.deepEqual(recipe.splits, given.splits);
        assert.equal(recipe.format, given.format);
      }),
    );
  });
});
