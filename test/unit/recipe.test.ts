import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import Ajv from 'ajv';
import fc from 'fast-check';
import { parse } from 'yaml';
import { DIRECTIONS, INSTRUCTION_FROM } from '../../src/core/demonstration';
import { FORMAT_IDS } from '../../src/core/formats';
import { english } from '../../src/core/messages';
import { parseRecipe, type Recipe } from '../../src/core/recipe';

const root = process.cwd();
const schema = JSON.parse(readFileSync(join(root, 'media/recipe.schema.json'), 'utf8')) as object;
const ajv = new Ajv({ allowUnionTypes: true, strict: false });
const fitsSchema = ajv.compile(schema);

const shortest = 'name: a\nshards: [{path: en-it.jsonl}]\ninstructions: [{}]\n';

function recipeOf(text: string): Recipe {
  const result = parseRecipe(text);
  if (!result.ok) assert.fail(JSON.stringify(result.mistakes));
  return result.recipe;
}

function mistakesOf(text: string): string[] {
  const result = parseRecipe(text);
  assert.ok(!result.ok, 'should be refused');
  return result.mistakes.map(({ line, reason }) => `${line}: ${english(reason)}`);
}

describe('a recipe', () => {
  it('needs a name, shards and one entry; all else has the defaults of the schema', () => {
    const recipe = recipeOf(shortest);
    assert.deepEqual(recipe, {
      name: 'a',
      seed: 'a',
      shards: [{ path: 'en-it.jsonl', name: 'en-it', licence: '', origin: 'machine', status: 'approved' }],
      entries: [{ kind: 'instruction', from: 'target', shards: [], languages: [], amount: { kind: 'all' } }],
      splits: { train: 1, validation: 0, test: 0 },
      sameIds: false,
      shuffle: true,
      deduplicate: true,
      maxCharacters: undefined,
      evaluation: [],
      format: 'alpaca',
      trailingNewline: false,
      text: 'current',
    });
    const { properties } = schema as { properties: Record<string, { default?: unknown }> };
    for (const name of ['shuffle', 'deduplicate', 'evaluation', 'format', 'trailingNewline', 'text'] as const)
      assert.deepEqual(properties[name]?.default, recipe[name], name);
  });

  it('ships for the CrossAlpaca mixture: six languages, both kinds, both directions', () => {
    const text = readFileSync(join(root, 'recipes/crossalpaca.yaml'), 'utf8');
    // VS Code finds recipes by the end of their names.
    assert.match(text, /Copy this file as crossalpaca\.recipe\.yaml/);
    assert.match(text, /--recipe crossalpaca\.recipe\.yaml/);
    assert.ok(fitsSchema(parse(text)), JSON.stringify(fitsSchema.errors));
    const { shards, entries, splits } = recipeOf(text);
    assert.deepEqual(
      shards.map(({ name }) => name),
      ['en-it', 'en-es', 'en-de', 'en-zh', 'en-ar'],
    );
    assert.deepEqual(new Set(entries.map(({ kind }) => kind)), new Set(['instruction', 'translation']));
    const directions = entries.flatMap(each => (each.kind === 'translation' ? each.directions : []));
    assert.deepEqual(directions, ['forward', 'back']);
    assert.deepEqual(splits, { train: 0.98, validation: 0.01, test: 0.01 });
  });

  it('asks for translations of the outputs, of 20 to 2,000 characters, in both directions', () => {
    const [entry] = recipeOf('name: a\nshards: [{path: a.jsonl}]\ntranslations: [{}]').entries;
    assert.ok(entry?.kind === 'translation');
    assert.deepEqual(entry.pair, { source: 'output', target: 'output', min: 20, max: 2000 });
    assert.deepEqual(entry.directions, ['forward', 'back']);
    assert.equal(entry.ask, 'both');
  });

  it('takes a parallel text, of which all goes in', () => {
    const [shard] = recipeOf(`
name: a
shards:
  - source: {path: news.en.txt, language: en}
    target: {path: news.it.txt, language: it_IT}
    origin: human
translations: [{fields: {source: text, target: text}}]`).shards;
    assert.deepEqual(shard, {
      path: 'news.en.txt',
      name: 'news.it',
      licence: '',
      origin: 'human',
      status: 'all',
      parallel: { path: 'news.it.txt', sourceLang: 'en', targetLang: 'it-IT' },
    });
  });

  it('may be JSON, with a byte order mark and tabs', () => {
    const json =
      '\ufeff{\n\t"name": "a",\n\t"shards": [{"path": "en-it.jsonl"}],\n\t"instructions": [{}]\n}\n';
    assert.deepEqual(recipeOf(json), recipeOf(shortest));
  });

  it('reads amounts: all, a number, a share', () => {
    const text = (amount: string) =>
      `name: a\nshards: [{path: a.jsonl}]\ninstructions: [{amount: ${amount}}]`;
    const amountOf = (amount: string) => recipeOf(text(amount)).entries[0]?.amount;
    assert.deepEqual(amountOf('all'), { kind: 'all' });
    assert.deepEqual(amountOf('5000'), { kind: 'count', count: 5000 });
    assert.deepEqual(amountOf('0'), { kind: 'count', count: 0 });
    assert.deepEqual(amountOf('30%'), { kind: 'share', share: 0.3 });
    assert.deepEqual(amountOf('12.5 %'), { kind: 'share', share: 0.125 });
    for (const wrong of ['-1', '1.5', '101%', '-3%', 'half', '[]', 'true', '.inf', '0.3'])
      assert.match(mistakesOf(text(wrong)).join(), /Write “all”, a number/, wrong);
  });
});

describe('a mistake in a recipe', () => {
  it('is told with its line and what to write, however many there are', () => {
    const text = `name: a
seed: 7
shards:
  - path: en-it.jsonl
    licens: x
  - path: ../secret.jsonl
instructions:
  - from: targets
    languages: [italian]
translations:
  - directions: [forth]
    fields: {min: 30, max: 20}
splits: {train: 90%, test: 5%}
format: csv
colour: red
`;
    const mistakes = mistakesOf(text);
    const expected = [
      /^2: seed is 7\. .*quotation marks around a number/,
      /^5: “licens” is no member of shards 1\. Its members are: path, source, target, name, licence/,
      /^6: shards 2, path is "\.\.\/secret\.jsonl"\. Write the path of a file in the folder of the recipe/,
      /^8: instructions 1, from is "targets"\. Write one of: target, source, cross-to-target/,
      /^9: instructions 1, languages 1 is "italian"\. Write a language tag/,
      /^11: translations 1, directions 1 is "forth"\. Write one of: forward, back/,
      /^12: translations 1, fields: the least length, 30, is more than the greatest, 20/,
      /^13: The splits are 95 % together\. They must be 100 %/,
      /^14: format is "csv"\. Write one of: alpaca,/,
      /^15: “colour” is no member of the recipe\. Its members are: name, date, seed, shards/,
    ];
    assert.equal(mistakes.length, expected.length, mistakes.join('\n'));
    for (const [at, pattern] of expected.entries()) assert.match(mistakes[at] ?? '', pattern);
  });

  const cases: readonly (readonly [name: string, text: string, told: RegExp])[] = [
    ['an empty file', '', /^1: the recipe is empty/],
    ['a list', '- a', /^1: the recipe is a list/],
    ['no name', 'shards: [{path: a}]\ninstructions: [{}]', /^1: the recipe has no “name”/],
    ['no shards', 'name: a\ninstructions: [{}]', /^1: the recipe has no “shards”/],
    ['an empty list of shards', 'name: a\nshards: []\ninstructions: [{}]', /^2: the recipe has no “shards”/],
    ['no entry', 'name: a\nshards: [{path: a}]', /^1: The recipe asks for nothing/],
    ['a shard that is not there', `${shortest}translations:\n  - shards: [en-de]`, /^5: There is no shard “en-de” in this recipe\. Its shards are: en-it/],
    ['two shards of one name', 'name: a\nshards:\n  - path: x/a.jsonl\n  - path: y/a.jsonl\ninstructions: [{}]', /^4: Two shards have the name “a”/],
    ['a file named twice', 'name: a\nshards:\n  - path: a.jsonl\n  - {path: ./a.jsonl, name: b}\ninstructions: [{}]', /^4: \.?\/?a\.jsonl is named twice/],
    ['shares of more than all', `${shortest}translations: [{amount: 60%, languages: [it, de]}]`, /^1: The shares that entries ask for are 120 %/],
    ['a repeated member', `${shortest}name: b`, /^4: This is no valid YAML: .*unique/],
    ['no YAML', 'name: [a', /^\d: This is no valid YAML/],
    ['a second document', `${shortest}---\nname: b`, /: A second document begins here/],
    ['an alias', 'name: &a x\nseed: *a', /^1: Anchors and aliases/],
    ['a tag', 'name: !!js/function a', /tag/i],
    ['path and source', 'name: a\nshards: [{path: a, source: {path: b, language: en}}]\ninstructions: [{}]', /either a “path”, or/],
    ['a source without target', 'name: a\nshards: [{source: {path: b, language: en}}]\ninstructions: [{}]', /either a “path”, or/],
    ['a parallel text without a language', 'name: a\nshards: [{source: {path: b}, target: {path: c, language: it}}]\ninstructions: [{}]', /shards 1, source has no “language”/],
    ['a reviewed parallel text', 'name: a\nshards: [{source: {path: b, language: en}, target: {path: c, language: it}, status: approved}]\ninstructions: [{}]', /import it as a shard/],
  ]; // prettier-ignore
  for (const [name, text, told] of cases)
    it(`is ${name}`, () => {
      assert.match(mistakesOf(text).join('\n'), told);
    });

  it('is a path that leaves the folder, wherever a path may stand', () => {
    const paths = [
      '/etc/passwd',
      '../a',
      'a/../../b',
      // `.` ends before a separator of lines.
      'a\u2028/../../b',
      'a/..',
      '..',
      'C:/a',
      'C:a',
      'a\\b',
      '\\\\host\\a',
      'a/',
      '',
    ];
    for (const path of paths) {
      const quoted = JSON.stringify(path);
      const shard = `name: a\nshards: [{path: ${quoted}}]\ninstructions: [{}]`;
      const pair = `name: a\nshards: [{source: {path: a, language: en}, target: {path: ${quoted}, language: it}}]\ninstructions: [{}]`;
      for (const text of [shard, pair, `${shortest}evaluation: [${quoted}]`])
        assert.match(mistakesOf(text).join('\n'), /in the folder of the recipe/, text);
    }
  });

  it('is not made into more than it is: a shard that is wrong is not said to be missing too', () => {
    const text = 'name: a\nshards: [{path: en-it.jsonl, origin: x}]\ninstructions: [{shards: [en-it]}]';
    assert.equal(mistakesOf(text).length, 1);
  });
});

describe('a hostile recipe', () => {
  it('is refused where it is deep, long, or stands for more than it is', () => {
    const bomb = [
      'a: &a [x, x]',
      ...'bcdefghij'
        .split('')
        .map((name, at) => `${name}: &${name} [*${'abcdefghij'[at]}, *${'abcdefghij'[at]}]`),
    ];
    for (const text of [
      '['.repeat(200_000),
      `name: ${'{a: '.repeat(20_000)}`,
      '- '.repeat(50_000),
      bomb.join('\n'),
      'x'.repeat((1 << 20) + 1),
      `name: a\nshards:\n${'  - path: a\n'.repeat(1001)}`,
      '__proto__: {polluted: true}\nconstructor: 1',
    ])
      assert.ok(!parseRecipe(text).ok);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });

  it('never makes the parser throw', () => {
    const word = fc.constantFrom('name', 'shards', ': ', '- ', '\n', '  ', '{', '}', '[', ']', '&a', '*a', '!!', '"', '|', '>', '#', '%', '---', 'path', ', ', '? ', '\t'); // prettier-ignore
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(word).map(words => words.join('')),
        ),
        text => {
          const result = parseRecipe(text);
          if (!result.ok)
            assert.ok(result.mistakes.length > 0 && result.mistakes.every(({ line }) => line >= 1));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('the date of a recipe', () => {
  it('is a day of the calendar', () => {
    const read = (date: string) =>
      parseRecipe(`name: a\ndate: ${date}\nshards:\n  - path: a.jsonl\ninstructions:\n  - amount: all\n`);
    const good = read('2026-01-31');
    assert.equal(good.ok && good.recipe.date, '2026-01-31');
    for (const wrong of ['2026-02-31', '2026-13-01', '31.1.2026', '2026', '"2026-01-31T00:00"']) {
      const result = read(wrong);
      assert.deepEqual(result.ok || result.mistakes.map(({ line, reason }) => [line, reason.id]), [[2, 'recipe.date']], wrong); // prettier-ignore
    }
  });
});

describe('parser and schema', () => {
  const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });
  const wrong = fc.constantFrom<unknown>(
    '',
    'x',
    0,
    -1,
    2.5,
    true,
    null,
    [],
    {},
    // Twice for two languages, and as much of the other entry: no more than the whole.
    '20%',
    ['it'],
    '../a',
    'a/b',
  );
  const mostly = <T>(right: fc.Arbitrary<T>) => fc.oneof({ weight: 60, arbitrary: right }, { weight: 1, arbitrary: wrong }); // prettier-ignore
  const share = fc.integer({ min: 0, max: 4 }).map(tenth => `${tenth * 2.5}%`);
  const file = fc.record({
    path: mostly(fc.constantFrom('a.txt', 'x/b.txt')),
    language: mostly(fc.constantFrom('en', 'zh-Hant')),
  });
  const parallel = { source: file, target: file.map(each => ({ ...each, path: 'other.txt' })) };
  const about = {
    languages: sometimes(mostly(fc.constant(['it', 'pt_BR']))),
    amount: sometimes(mostly(fc.oneof(fc.constant('all'), fc.nat(100), share))),
  };
  const recipe = fc.record({
    name: mostly(fc.constantFrom('a', 'My recipe')),
    date: sometimes(mostly(fc.constantFrom('2026-01-31', '2024-02-29'))),
    seed: sometimes(mostly(fc.constant('s'))),
    shards: mostly(
      fc.oneof(
        fc.record({ path: mostly(fc.constant('a.jsonl')), licence: sometimes(mostly(fc.constant('mit'))), status: sometimes(mostly(fc.constantFrom('approved', 'all'))) }),
        fc.record({ ...parallel, origin: sometimes(mostly(fc.constantFrom('human', 'machine'))), status: sometimes(fc.constantFrom('approved', 'all')) }),
      ).map(each => [each]),
    ),
    instructions: sometimes(mostly(fc.array(fc.record({ from: sometimes(mostly(fc.constantFrom(...INSTRUCTION_FROM))), ...about }), { maxLength: 1 }))),
    translations: sometimes(mostly(fc.array(fc.record({ directions: sometimes(mostly(fc.subarray([...DIRECTIONS]))), ask: sometimes(mostly(fc.constantFrom('english', 'both'))), fields: sometimes(mostly(fc.record({ source: sometimes(mostly(fc.constantFrom('text', 'input'))), min: sometimes(mostly(fc.constant(3))) }))), ...about }), { maxLength: 1 }))),
    shuffle: sometimes(mostly(fc.boolean())),
    maxCharacters: sometimes(mostly(fc.nat(3000))),
    evaluation: sometimes(mostly(fc.constant(['xquad/en.json', './mmlu.csv']))),
    format: sometimes(mostly(fc.constantFrom(...FORMAT_IDS))),
    trailingNewline: sometimes(mostly(fc.boolean())),
    text: sometimes(mostly(fc.constantFrom('current', 'original'))),
  }); // prettier-ignore

  it('agree about any recipe of one shard', () => {
    let good = 0;
    let bad = 0;
    fc.assert(
      fc.property(recipe, value => {
        const text = JSON.stringify(value);
        const result = parseRecipe(text);
        const fits = fitsSchema(JSON.parse(text));
        assert.equal(
          result.ok,
          fits,
          result.ok ? JSON.stringify(fitsSchema.errors) : JSON.stringify(result.mistakes),
        );
        if (fits) good++;
        else bad++;
      }),
      { numRuns: 1500 },
    );
    assert.ok(good > 100 && bad > 100, `${good} good, ${bad} bad`);
  });

  it('know the same formats', () => {
    const { properties } = schema as { properties: { format: { enum: unknown } } };
    assert.deepEqual(properties.format.enum, FORMAT_IDS);
  });
});
