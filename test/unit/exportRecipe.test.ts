/** Exports by recipe: the same bytes each time, nothing that was not approved, nothing on two sides of a split. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { quotas } from '../../src/core/amounts';
import { DIRECTIONS, INSTRUCTION_FROM } from '../../src/core/demonstration';
import { DECISIONS, type Decision } from '../../src/core/events';
import type { ExportCounts } from '../../src/core/manifest';
import type { Amount, Entry, Recipe } from '../../src/core/recipe';
import {
  exportFile,
  exportRecipe,
  NothingToExport,
  previewExport,
  simpleRecipe,
  type ExportResult,
} from '../../src/exporting';
import { rowsIn } from '../helpers/exports';
import { inTempFolder, tempFolder, userError, writePolicy, writeShard } from '../helpers/shardFixture';
import { decisionOn, editOf, printOf, writeReviews } from '../helpers/writtenReviews';

const WORDS = ['apple', 'pear', 'plum', 'fig', 'quince', 'lemon'];
const LANGS = ['de', 'it'] as const;

interface Drawn {
  /** Of one record in each shard: which source text, which decision, whether it was edited first. */
  readonly word: number;
  readonly decision: Decision | 'none' | 'stale';
  readonly edited: boolean;
}
const drawn: fc.Arbitrary<Drawn> = fc.record({
  word: fc.nat(WORDS.length - 1),
  decision: fc.constantFrom<Drawn['decision']>(
    ...DECISIONS,
    'approve',
    'approve',
    'approve',
    'none',
    'stale',
  ),
  edited: fc.boolean(),
});

const amount: fc.Arbitrary<Amount> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Amount>({ kind: 'all' }) },
  fc.nat(6).map((count): Amount => ({ kind: 'count', count })),
  fc.constantFrom(0.1, 0.2).map((share): Amount => ({ kind: 'share', share })),
);
const common = {
  shards: fc.constant<readonly string[]>([]),
  languages: fc.shuffledSubarray([...LANGS]),
  amount,
};
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    kind: fc.constant('instruction' as const),
    from: fc.constantFrom(...INSTRUCTION_FROM),
    ...common,
  }),
  fc.record({
    kind: fc.constant('translation' as const),
    directions: fc.shuffledSubarray([...DIRECTIONS], { minLength: 1 }),
    pair: fc.constantFrom(
      { source: 'output', target: 'output', min: 1, max: 2000 },
      { source: 'instruction', target: 'instruction', min: 5, max: 2000 },
    ),
    ask: fc.constantFrom('english' as const, 'target' as const, 'both' as const),
    ...common,
  }),
);
const recipe: fc.Arbitrary<Recipe> = fc.record({
  name: fc.constant('fruit'),
  seed: fc.string({ maxLength: 5 }),
  shards: fc.constant(
    LANGS.map(lang => {
      const common = { licence: 'cc-by-4.0', origin: 'machine', status: 'approved' } as const;
      return { path: `${lang}.jsonl`, name: lang, ...common };
    }),
  ),
  entries: fc.array(entry, { minLength: 1, maxLength: 3 }),
  splits: fc.constantFrom({ train: 1, validation: 0, test: 0 }, { train: 0.5, validation: 0.25, test: 0.25 }),
  sameIds: fc.boolean(),
  shuffle: fc.boolean(),
  deduplicate: fc.boolean(),
  maxCharacters: fc.constantFrom(undefined, 45),
  evaluation: fc.constant<readonly string[]>([]),
  format: fc.constantFrom('alpaca', 'alpaca-json', 'messages', 'preference', 'parquet'),
  trailingNewline: fc.boolean(),
  text: fc.constant('current'),
});

const lineOf = (lang: string, { word }: Drawn, row: number) =>
  JSON.stringify({
    id: row % 2 === 0 ? `rec-${row}` : row,
    source: {
      instruction: `Name a ${WORDS[word]}.`,
      input: '',
      output: `A ${WORDS[word]}, said ${row % 3}.`,
    },
    target: {
      instruction: `${lang}: ${WORDS[word]}?`,
      input: '',
      output: `${lang}: ein ${WORDS[word]} ${row % 3}.`,
    },
    source_lang: 'en',
    target_lang: lang,
  });

/** Writes a shard for each language with what reviewers did. */
function writeDrawn(folder: string, all: readonly Drawn[]): void {
  for (const lang of LANGS) {
    const lines = all.map((each, row) => lineOf(lang, each, row));
    const path = writeShard(folder, lines, `${lang}.jsonl`);
    for (const [row, { decision, edited }] of all.entries()) {
      const line = lines[row]!;
      const edit = editOf(line, `${lang}: mended ${row}.`);
      const [head] = edited ? writeReviews(path, { by: 'anna' }, [edit]) : [];
      const seen = head && edit.type === 'edit' ? { head: [head], fingerprint: edit.result } : {};
      const other = printOf(lineOf(lang, { ...all[row]!, word: 99 }, row));
      const more = decision === 'stale' ? { fingerprint: other } : seen;
      if (decision !== 'none')
        writeReviews(path, { by: 'bela' }, [
          decisionOn(line, decision === 'stale' ? 'approve' : decision, more),
        ]);
    }
  }
}

/** What is written by an export, without what tells the order of lines in a ledger; why not, where nothing is. */
async function bytesOf(
  folder: string,
  wanted: Recipe,
  out: string,
): Promise<Record<string, string> | string> {
  try {
    await exportRecipe(wanted, { base: folder, out });
  } catch (error) {
    if (error instanceof NothingToExport) return error.message;
    throw error;
  }
  const names = readdirSync(out)
    .filter(name => name !== 'manifest.json')
    .sort();
  return Object.fromEntries(names.map(name => [name, readFileSync(join(out, name), 'latin1')]));
}

/** Croissant names the hashes of the ledgers as they are. */
const withoutHashes = (bytes: Record<string, string> | string) =>
  typeof bytes === 'string' ? bytes : { ...bytes, 'croissant.json': '' };

const SPLITS = ['train', 'validation', 'test'] as const;
type Review = Record<string, string>;

describe('an export by recipe', () => {
  it('has the same bytes twice, with ledgers in another order, and with languages named in another order', () =>
    fc.assert(
      fc.asyncProperty(fc.array(drawn, { minLength: 3, maxLength: 12 }), recipe, (all, wanted) =>
        inTempFolder(async folder => {
          writeDrawn(folder, all);
          const first = await bytesOf(folder, wanted, join(folder, 'a'));
          assert.deepEqual(await bytesOf(folder, wanted, join(folder, 'b')), first);
          assert.deepEqual(await bytesOf(folder, wanted, join(folder, 'b')), first);
          for (const path of readdirSync(folder, { recursive: true }) as string[]) {
            if (!/bela.aaaaaa\.jsonl$/.test(path)) continue;
            const text = readFileSync(join(folder, path), 'utf8').trimEnd().split('\n').reverse().join('\n');
            writeFileSync(join(folder, path), `${text}\n`);
          }
          const turned = {
            ...wanted,
            entries: wanted.entries.map(each => ({ ...each, languages: [...each.languages].reverse() })),
          };
          assert.deepEqual(
            withoutHashes(await bytesOf(folder, turned, join(folder, 'c'))),
            withoutHashes(first),
          );
        }),
      ),
      { numRuns: 12 },
    ));

  it('holds what was approved and nothing else, once each, counted, on one side for each source record', () =>
    fc.assert(
      fc.asyncProperty(fc.array(drawn, { minLength: 3, maxLength: 12 }), recipe, (all, wanted) =>
        inTempFolder(async folder => {
          writeDrawn(folder, all);
          const out = join(folder, 'out');
          const jsonl: Recipe = { ...wanted, format: 'alpaca' };
          let counts: ExportCounts;
          try {
            ({ counts } = (await exportRecipe(jsonl, { base: folder, out })).manifest);
          } catch (error) {
            if (!(error instanceof NothingToExport)) throw error;
            counts = error.counts;
          }
          const preview = await previewExport(jsonl, { base: folder });
          assert.deepEqual(preview.counts, counts);
          const { states, blocked, bad, ...others } = counts.left;
          const sum = (numbers: object) => Object.values(numbers).reduce((a: number, b) => a + Number(b), 0);
          assert.equal(counts.taken + sum(states) + blocked + bad, counts.units);
          assert.equal(counts.rows + sum(others), counts.asked);
          assert.equal(sum(counts.made), counts.rows);
          if (counts.rows === 0) {
            assert.equal(existsSync(out), false);
            return;
          }
          const reviews = new Map(rowsIn<Review>(join(out, 'reviews.jsonl')).map(each => [each['id'], each]));
          assert.equal(reviews.size, counts.rows);
          const sides = new Map<string, string>();
          for (const split of SPLITS) {
            const path = join(out, `${split}.jsonl`);
            const rows = existsSync(path) ? rowsIn(path) : [];
            assert.equal(rows.length, counts.splits[split]);
            for (const { id } of rows) {
              const review = reviews.get(id);
              assert.ok(review, id);
              assert.equal(review['state'], 'approved');
              const { decision, word } = all[Number(review['line']) - 1]!;
              assert.equal(decision, 'approve');
              // The same source text, and the same record in the other language.
              for (const name of [`word ${word}`, `line ${review['line']}`]) {
                assert.equal(sides.get(name) ?? split, split, name);
                sides.set(name, split);
              }
            }
          }
        }),
      ),
      { numRuns: 20 },
    ));

  it('is in another order by another seed, with the same rows', async t => {
    const folder = tempFolder(t);
    const all = Array.from({ length: 60 }, (_, row): Drawn => ({
      word: row % 6,
      decision: 'approve',
      edited: true,
    }));
    writeDrawn(folder, all);
    const simple = simpleRecipe(['de.jsonl'], OPTIONS);
    const idsOf = async (wanted: Recipe) => {
      const out = join(folder, 'out');
      await exportRecipe(wanted, { base: folder, out });
      const ids = rowsIn(join(out, 'train.jsonl')).map(({ id }) => id!);
      rmSync(out, { recursive: true });
      return ids;
    };
    const [plain, one, other] = [
      await idsOf(simple),
      await idsOf({ ...simple, shuffle: true, seed: 'one' }),
      await idsOf({ ...simple, shuffle: true, seed: 'other' }),
    ];
    assert.deepEqual(
      plain,
      all.map((_, row) => `de/${row % 2 === 0 ? `rec-${row}` : row}@de`),
    );
    assert.notDeepEqual(one, other);
    assert.notDeepEqual(one, plain);
    for (const ids of [one, other]) assert.deepEqual(ids.sort(), [...plain].sort());
    // Fewer are a part of more.
    const few = (count: number): Recipe => ({
      ...simple,
      seed: 'one',
      entries: simple.entries.map(each => ({ ...each, amount: { kind: 'count', count } })),
    });
    const [ten, twenty] = [await idsOf(few(10)), await idsOf(few(20))];
    // The order of what was drawn is no matter of the drawing.
    const shuffled = await idsOf({ ...few(20), shuffle: true });
    assert.notDeepEqual(new Set(shuffled.slice(0, 10)), new Set(ten));
    assert.deepEqual([ten.length, twenty.length, ten.filter(id => !twenty.includes(id))], [10, 20, []]);
  });

  it('has the same ids with the machine’s text', () =>
    fc.assert(
      fc.asyncProperty(fc.array(drawn, { minLength: 3, maxLength: 10 }), recipe, (all, wanted) =>
        inTempFolder(async folder => {
          writeDrawn(folder, all);
          const exported = async (text: Recipe['text']) => {
            const out = join(folder, text);
            try {
              await exportRecipe({ ...wanted, format: 'alpaca', text }, { base: folder, out });
            } catch (error) {
              if (error instanceof NothingToExport) return [];
              throw error;
            }
            return rowsIn(join(out, 'reviews.jsonl'));
          };
          const [current, original] = [await exported('current'), await exported('original')];
          assert.deepEqual(
            original.map(({ id }) => id),
            current.map(({ id }) => id),
          );
          assert.ok(original.every(({ origin }) => origin === 'machine'));
          const files = (text: string) =>
            SPLITS.map(split => join(folder, text, `${split}.jsonl`)).filter(path => existsSync(path));
          assert.ok(files('original').every(path => !readFileSync(path, 'utf8').includes('mended')));
        }),
      ),
      { numRuns: 12 },
    ));

  it('tells what is new, changed and gone against the earlier one', async t => {
    const folder = tempFolder(t);
    const lines = Array.from({ length: 5 }, (_, row) =>
      lineOf('de', { word: row, decision: 'none', edited: false }, row),
    );
    writeShard(folder, lines, 'de.jsonl');
    for (const format of ['alpaca', 'alpaca-json', 'parquet'] as const) {
      writeShard(folder, lines, 'de.jsonl');
      const simple = simpleRecipe(['de.jsonl'], { ...OPTIONS, status: 'all', format });
      for (const run of [exportFile, exportRecipe]) {
        const options = { base: folder, out: join(folder, `${run.name}-${format}`) };
        const shard = run === exportRecipe ? 'de/' : '';
        const again = async (changed: readonly string[]): Promise<ExportResult['difference']> => {
          writeShard(folder, changed, 'de.jsonl');
          return (await run(simple, options)).difference;
        };
        assert.equal(await again(lines), undefined);
        assert.deepEqual(await again(lines), { added: 0, changed: 0, gone: 0, rows: [] });
        const other = lineOf('de', { word: 5, decision: 'none', edited: false }, 1);
        const added = lineOf('de', { word: 5, decision: 'none', edited: false }, 20);
        const difference = await again([lines[0]!, other, ...lines.slice(3), added]);
        const { added: more, changed, gone, rows } = difference!;
        assert.deepEqual([more, changed, gone], [1, 1, 1]);
        assert.deepEqual(rows.map(({ id, change }) => `${change} ${id}`).sort(), [
          `added ${shard}rec-20@de`,
          `changed ${shard}1@de`,
          `gone ${shard}rec-2@de`,
        ]);
      }
    }
  });

  it('gives each row an id of its own, where records share one and entries overlap', async t => {
    const folder = tempFolder(t);
    const line = (row: number) => lineOf('de', { word: row, decision: 'none', edited: false }, 0);
    writeShard(folder, [line(0), line(1), line(2)], 'de.jsonl');
    const simple = simpleRecipe(['de.jsonl'], { ...OPTIONS, status: 'all' });
    const wanted = { ...simple, shuffle: true, entries: [...simple.entries, ...simple.entries] };
    for (const [each, ids] of [
      [simple, ['rec-0@de', 'rec-0@de~2', 'rec-0@de~3']],
      [wanted, ['rec-0@de', 'rec-0@de#2', 'rec-0@de~2', 'rec-0@de~2#2', 'rec-0@de~3', 'rec-0@de~3#2']],
    ] as const) {
      const out = join(folder, 'out');
      await exportRecipe(each, { base: folder, out });
      assert.deepEqual(
        rowsIn(join(out, 'train.jsonl'))
          .map(({ id }) => id)
          .sort(),
        ids.map(id => `de/${id}`),
      );
    }
  });

  it('keeps the ids where another record of the same id is approved, and where a shard joins', async t => {
    const folder = tempFolder(t);
    const lineAt = (row: number) => lineOf('de', { word: row, decision: 'none', edited: false }, 0);
    const path = writeShard(folder, [lineAt(0), lineAt(1)], 'de.jsonl');
    writeShard(folder, [lineOf('it', { word: 2, decision: 'none', edited: false }, 0)], 'it.jsonl');
    const idsOf = async (shards: readonly string[], status: 'approved' | 'all') => {
      const out = join(folder, 'out');
      await exportRecipe(simpleRecipe(shards, { ...OPTIONS, status }), { base: folder, out });
      return rowsIn(join(out, 'train.jsonl')).map(({ id, output }) => `${id} ${output}`);
    };
    const [first, second] = await idsOf(['de.jsonl'], 'all');
    writeReviews(path, { by: 'bela' }, [decisionOn(lineAt(1), 'approve')]);
    assert.deepEqual(await idsOf(['de.jsonl'], 'approved'), [second]);
    writeReviews(path, { by: 'carla' }, [decisionOn(lineAt(0), 'approve')]);
    assert.deepEqual(await idsOf(['de.jsonl'], 'approved'), [first, second]);
    assert.deepEqual((await idsOf(['de.jsonl', 'it.jsonl'], 'all')).slice(0, 2), [first, second]);
  });

  it('heeds what is decided while it goes on, and says so where that does not end', async t => {
    const folder = tempFolder(t);
    const all = [0, 1, 2].map(row => lineOf('de', { word: row, decision: 'none', edited: false }, row));
    const path = writeShard(folder, all, 'de.jsonl');
    writeReviews(path, { by: 'anna' }, [decisionOn(all[0]!, 'approve'), decisionOn(all[1]!, 'approve')]);
    const out = join(folder, 'out');
    const simple = simpleRecipe(['de.jsonl'], OPTIONS);
    const waiting: (() => unknown)[] = [
      () => writeReviews(path, { by: 'bela' }, [decisionOn(all[1]!, 'reject')]),
    ];
    const run = () =>
      exportRecipe(simple, {
        base: folder,
        out,
        onProgress: done => {
          if (done === 1) waiting.shift()?.();
        },
      });
    await run();
    assert.deepEqual(
      rowsIn(join(out, 'train.jsonl')).map(({ id }) => id),
      ['de/rec-0@de'],
    );
    const before = readFileSync(join(out, 'manifest.json'), 'utf8');
    waiting.push(
      () => writeReviews(path, { by: 'carla' }, [decisionOn(all[2]!, 'approve')]),
      () => writePolicy(folder, { minApprovals: 2 }),
    );
    await assert.rejects(run(), userError('export.reviewsChanged'));
    assert.equal(readFileSync(join(out, 'manifest.json'), 'utf8'), before);
  });

  it('says so where an entry without languages asks for more shares than there can be', async t => {
    const folder = tempFolder(t);
    for (const lang of LANGS)
      writeShard(folder, [lineOf(lang, { word: 0, decision: 'none', edited: false }, 0)], `${lang}.jsonl`);
    const simple = simpleRecipe(['de.jsonl', 'it.jsonl'], { ...OPTIONS, status: 'all' });
    const entries = simple.entries.map(each => ({ ...each, amount: { kind: 'share', share: 0.6 } as const }));
    const wanted = { ...simple, entries };
    await assert.rejects(previewExport(wanted, { base: folder }), userError('recipe.shares'));
  });

  it('names in its manifest everything that it was made of', async t => {
    const folder = tempFolder(t);
    writeDrawn(folder, [{ word: 0, decision: 'approve', edited: false }]);
    const mapping = join(folder, '.crossalpaca', 'de.jsonl', 'mapping.json');
    writeFileSync(mapping, '{"v":1}');
    writeFileSync(join(folder, 'my.recipe.yaml'), 'name: my');
    const options = { base: folder, out: join(folder, 'out'), recipeFile: join(folder, 'my.recipe.yaml') };
    const { manifest } = await exportRecipe(simpleRecipe(['de.jsonl'], OPTIONS), options);
    assert.deepEqual(
      manifest.inputs.map(({ path }) => path),
      ['de.jsonl', 'de.jsonl#ledgers', 'de.jsonl#mapping', 'de.jsonl#policy', 'my.recipe.yaml'],
    );
  });

  it('names reviewers in the map that was asked for, and nowhere else', async t => {
    const folder = tempFolder(t);
    writeDrawn(folder, [{ word: 0, decision: 'approve', edited: true }]);
    const reviewerMap = join(folder, 'names.json');
    const simple = simpleRecipe(['de.jsonl'], OPTIONS);
    await exportRecipe(simple, { base: folder, out: join(folder, 'without') });
    assert.equal(existsSync(reviewerMap), false);
    const { files } = await exportRecipe(simple, { base: folder, out: join(folder, 'with'), reviewerMap });
    const names = JSON.parse(readFileSync(reviewerMap, 'utf8')) as Record<string, string>;
    assert.deepEqual(Object.values(names).sort(), ['anna', 'bela']);
    const [review] = rowsIn(join(folder, 'with', 'reviews.jsonl'));
    assert.equal(names[review!['author']!], 'anna');
    for (const file of files) assert.doesNotMatch(readFileSync(file, 'utf8'), /anna|bela/);
  });

  it('takes no evaluation set, and keeps near-copies of its questions out', async t => {
    const folder = tempFolder(t);
    const question = 'Which of the six fruits in the basket did the old gardener give to his neighbour?';
    const set = {
      data: [
        {
          title: 'x',
          paragraphs: [
            { context: 'y', qas: [{ id: '1', question, answers: [{ text: 'fig', answer_start: 0 }] }] },
          ],
        },
      ],
      version: '1.1',
    };
    writeFileSync(join(folder, 'xquad.json'), JSON.stringify(set));
    const copy = JSON.parse(lineOf('de', { word: 0, decision: 'none', edited: false }, 0)) as {
      target: object;
    };
    const lines = [
      JSON.stringify({ ...copy, target: { ...copy.target, instruction: question } }),
      lineOf('de', { word: 1, decision: 'none', edited: false }, 1),
    ];
    writeShard(folder, lines, 'de.jsonl');
    const simple = simpleRecipe(['de.jsonl'], { ...OPTIONS, status: 'all' });
    const options = { base: folder, out: join(folder, 'out') };
    const { manifest } = await exportRecipe({ ...simple, evaluation: ['xquad.json'] }, options);
    assert.deepEqual([manifest.counts.rows, manifest.counts.left.evaluation], [1, 1]);
    assert.ok(manifest.inputs.some(({ path }) => path === 'xquad.json'));
    // Also where a reviewer has changed the question since: the same rows go in with either text.
    const answered = JSON.stringify({ ...copy, target: { ...copy.target, output: question } });
    const path = writeShard(folder, [answered, lines[1]!], 'later.jsonl');
    writeReviews(path, { by: 'anna' }, [editOf(answered, 'Eine Feige.')]);
    for (const text of ['current', 'original'] as const) {
      const later = simpleRecipe(['later.jsonl'], { ...OPTIONS, status: 'all', text });
      const wanted = { ...later, evaluation: ['xquad.json'] };
      const { counts } = (await exportRecipe(wanted, { base: folder, out: join(folder, text) })).manifest;
      assert.deepEqual([counts.rows, counts.left.evaluation], [1, 1], text);
    }
    await assert.rejects(
      exportRecipe(simpleRecipe(['xquad.json'], OPTIONS), options),
      userError('evaluation.asTraining'),
    );
  });
});

const OPTIONS = { format: 'alpaca', side: 'target', status: 'approved', text: 'current' } as const;

describe('how many of each part go in', () => {
  const part = (amount: Amount, there: number) => ({ amount, there });
  const share = (of: number): Amount => ({ kind: 'share', share: of });
  const all: Amount = { kind: 'all' };
  it('is what the amounts say, as far as there are enough', () => {
    assert.deepEqual(quotas([part(all, 70), part({ kind: 'count', count: 50 }, 20)]), [70, 20]);
    assert.deepEqual(quotas([part(all, 70), part(share(0.3), 500)]), [70, 30]);
    assert.deepEqual(quotas([part(all, 70), part(share(0.3), 10)]), [70, 10]);
    assert.deepEqual(quotas([part(share(0.5), 10), part(share(0.5), 500)]), [10, 10]);
    assert.deepEqual(quotas([part(share(0), 10), part(share(0.5), 500)]), [0, 500]);
    assert.deepEqual(quotas([]), []);
    // A part that has nothing, or nothing left.
    assert.deepEqual(quotas([part(share(0.5), 0), part(share(0.25), 100)]), [0, 100]);
    assert.deepEqual(quotas([part(share(0.5), 0), part(share(0.5), 0)]), [0, 0]);
  });
});
