import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Demonstration } from '../../src/core/demonstration';
import { FORMAT_IDS, FORMATS, formatOf, type FormatId } from '../../src/core/formats';
import { parseRecipe } from '../../src/core/recipe';
import { tempFolder, writeShard } from '../helpers/shardFixture';
import { decisionOn, editOf, writeReviews } from '../helpers/writtenReviews';

const TEXT = readFileSync(join(process.cwd(), 'docs', 'export.md'), 'utf8');
const blocks = (kind: string, text = TEXT) =>
  [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, each, body = '']) =>
    each === kind ? [body.trim()] : [],
  );
/** Under each heading of the third level. */
const sections = new Map(
  TEXT.split(/^(?=##)/m).flatMap(part => {
    const [, title] = /^### (.+)$/m.exec(part) ?? [];
    return title === undefined ? [] : [[title, part] as const];
  }),
);

const word = (id: string, before: string, output: string) =>
  JSON.stringify({
    id,
    source: { instruction: 'Write the opposite of the word.', input: 'high', output: 'low, as a hill' },
    target: { instruction: `Scrivi il contrario della parola.`, input: before, output },
    source_lang: 'en',
    target_lang: 'it',
  });
const LINES = [
  word('w1', 'alto', 'basso, come un colle'),
  word('w2', 'lungo', 'breve, come un giorno'),
  word('w3', 'caldo', 'freddo, come il ghiaccio'),
];

/** The folder that the document speaks of: a shard with reviews, two text files and the recipe of the document. */
function dataFolder(t: TestContext): string {
  const folder = tempFolder(t);
  symlinkSync(process.cwd(), join(folder, 'crossalpaca'), 'dir');
  const data = join(folder, 'data');
  const shard = writeShard(data, LINES, 'en-it.jsonl');
  const [first = '', second = ''] = LINES;
  const edited = editOf(second, 'corto, come un giorno');
  assert.ok(edited.type === 'edit');
  const [edit] = writeReviews(shard, { by: 'anna' }, [edited]);
  writeReviews(shard, { by: 'anna' }, [
    decisionOn(first, 'approve'),
    decisionOn(second, 'approve', { fingerprint: edited.result, head: [edit], line: 2 }),
  ]);
  const sentences = (words: string) => Array.from({ length: 20 }, (_, at) => `${words} ${at}.\n`).join('');
  writeFileSync(join(data, 'news.en.txt'), sentences('The lake is frozen on day'));
  writeFileSync(join(data, 'news.it.txt'), sentences('Il lago è ghiacciato il giorno'));
  writeFileSync(join(data, 'kitchen.recipe.yaml'), blocks('yaml')[0] ?? '');
  return data;
}

describe('docs/export.md', () => {
  it('has command lines that work as they stand there', { timeout: 120_000 }, t => {
    const data = dataFolder(t);
    const commands = blocks('sh');
    assert.ok(commands.length >= 5);
    for (const command of commands) {
      // Nobody listens at this port: how far it comes without a model server shows that all of it is understood.
      const asked = command.replace('127.0.0.1:8080', '127.0.0.1:9');
      const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', asked], {
        cwd: data,
        encoding: 'utf8',
      });
      if (asked !== command) {
        assert.match(stderr, /No server answers at 127\.0\.0\.1:9 \(/, command);
        assert.equal(status, 2);
        continue;
      }
      assert.deepEqual([status, stderr], [0, ''], `${command}\n${stdout}`);
    }
    const rows = (name: string) =>
      readFileSync(join(data, name), 'utf8')
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as Record<string, unknown>);
    const reviewed = rows('en-it.alpaca.jsonl');
    assert.deepEqual(
      reviewed.map(({ id, output }) => [id, output]),
      [
        ['w1@it', 'basso, come un colle'],
        ['w2@it', 'corto, come un giorno'],
      ],
    );
    assert.deepEqual(
      rows('en-it.original.jsonl').map(({ id, output }) => [id, output]),
      [
        ['w1@it', 'basso, come un colle'],
        ['w2@it', 'breve, come un giorno'],
      ],
      'the same rows as the machine wrote them',
    );
    assert.equal(rows('en.messages.jsonl').length, 2);
    assert.equal(rows('news.jsonl').length, 40);
    assert.ok(rows('kitchen.export/train.jsonl').length > 20);
  });

  it('names the files that an export writes', { timeout: 120_000 }, t => {
    const data = dataFolder(t);
    const recipe = blocks('sh').find(each => each.includes('--recipe')) ?? '';
    spawnSync('bash', ['-e', '-c', recipe], { cwd: data });
    const written = readdirSync(join(data, 'kitchen.export'));
    assert.ok(written.length > 3);
    for (const name of written)
      if (!/^(train|validation|test)\./.test(name)) assert.ok(TEXT.includes(`\`${name}\``), name);
    assert.ok(existsSync(join(data, 'kitchen.export', 'reviews.jsonl')));
  });

  it('shows each format as it is written', () => {
    const shown: Demonstration = {
      id: 'w1@it',
      kind: 'instruction',
      instruction: 'Scrivi il contrario della parola.',
      input: 'alto',
      output: 'basso',
      langs: ['it', 'it'],
      rejected: 'corto',
      repaired: 0,
    };
    assert.deepEqual([...sections.keys()], [...FORMAT_IDS]);
    for (const { id, container } of FORMATS.filter(format => format.container !== 'parquet')) {
      const [block = ''] = blocks('json', sections.get(id));
      const row = formatOf(id).row(shown, { trailingNewline: false });
      assert.deepEqual(JSON.parse(block), container === 'json' ? [row] : row, id);
    }
    assert.match(sections.get('parquet' satisfies FormatId) ?? '', /four columns/);
  });

  it('has a recipe that can be read, and says what each member of one means', () => {
    const [recipe = ''] = blocks('yaml');
    const result = parseRecipe(recipe);
    assert.ok(result.ok, JSON.stringify(result));
    const schema = JSON.parse(readFileSync(join(process.cwd(), 'media', 'recipe.schema.json'), 'utf8')) as {
      properties: object;
    };
    for (const member of Object.keys(schema.properties).filter(name => !name.startsWith('$')))
      assert.match(TEXT, new RegExp(`^\\| \`${member}\``, 'm'), member);
  });
});
