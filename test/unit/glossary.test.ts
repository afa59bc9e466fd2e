import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readGlossaryRows, termsFor, type Glossary } from '../../src/core/glossary';
import { english } from '../../src/core/messages';
import { readGlossary } from '../../src/io/reviewFiles';
import { tempFolder } from '../helpers/shardFixture';

const rowsOf = (...rows: readonly (readonly string[])[]) =>
  rows.map((cells, index) => ({ line: index + 1, cells }));

function glossary(...rows: readonly (readonly string[])[]): Glossary {
  const result = readGlossaryRows(rowsOf(...rows));
  assert.ok(result.ok, JSON.stringify(result));
  return result.glossary;
}

function mistake(...rows: readonly (readonly string[])[]): string {
  const result = readGlossaryRows(rowsOf(...rows));
  assert.ok(!result.ok, 'taken for a glossary');
  return `${result.line}: ${english(result.reason)}`;
}

const HEAD = ['source', 'target', 'lang', 'rule'];

describe('the rows of a glossary', () => {
  it('are terms; what is left out holds for all languages and must be said', () => {
    assert.deepEqual(
      glossary(HEAD, [' weak  point ', 'Schwachstelle', '', ''], ['gift', 'Gift', 'DE', ' Forbidden']),
      [
        { source: 'weak point', target: 'Schwachstelle', lang: '*', rule: 'must' },
        { source: 'gift', target: 'Gift', lang: 'de', rule: 'forbidden' },
      ],
    );
  });

  it('need two columns, in any order, with notes of people beside them', () => {
    assert.deepEqual(glossary(['Target', 'note', 'Source'], ['Haus', 'not Heim', 'house']), [
      { source: 'house', target: 'Haus', lang: '*', rule: 'must' },
    ]);
  });

  it('may be blank, stand there twice, or not be there at all', () => {
    assert.equal(glossary(HEAD, [''], ['a', 'b', 'de', ''], ['a', 'b', 'de', 'must'], ['', ' ']).length, 1);
    assert.deepEqual(glossary(), []);
    assert.deepEqual(glossary([''], HEAD), []);
  });

  it('may forbid a word whatever the source says', () => {
    assert.equal(glossary(HEAD, ['', 'Heimseite', 'de', 'forbidden'])[0]?.source, '');
  });

  const long = 'x'.repeat(201);
  const BROKEN: readonly (readonly [what: string, expected: string, ...rows: (readonly string[])[]])[] = [
    ['of other columns', '1: there is no column “term”; there are: source, target, lang, rule, note', ['term', 'target']],
    ['without names', '1: there is no column “house”; there are: source, target, lang, rule, note', ['house', 'Haus']],
    ['with a column twice', '1: the column “source” stands there twice; keep one of them', ['source', 'source']],
    ['without a target', '1: the first line must name the columns, and there is no “target”', ['source', 'lang']],
    [
      'with a comma too many',
      '3: columns of this row: 5, of the first line: 4; put text with a comma in it between quotation marks',
      HEAD,
      ['a', 'b', '', ''],
      ['c', 'd', 'e', 'de', ''],
    ],
    ['with half a term', '2: the column “target” is empty', HEAD, ['house', '', 'de', 'must']],
    ['with no term', '2: the column “source” is empty', HEAD, ['', 'Haus', 'de', 'must']],
    ['with a sentence', '2: the column “source” has more than 200 characters, which is too long for a term', HEAD, [long, 'x', '', '']],
    ['with another rule', '2: the column “rule” says “never”, but can only say must or forbidden', HEAD, ['a', 'b', '', 'never']],
    [
      'with no language',
      '2: the column “lang” says “german”, which is not a language tag such as de or zh-Hant, and not “*” for all languages',
      HEAD,
      ['a', 'b', 'german', ''],
    ],
    [
      'that contradict each other',
      '3: “b” is both required and forbidden; keep one of the two rows',
      HEAD,
      ['a', 'b', 'de', ''],
      ['a', 'b', 'de', 'forbidden'],
    ],
  ]; // prettier-ignore
  for (const [what, expected, ...rows] of BROKEN)
    it(`${what} are refused with their line`, () => assert.equal(mistake(...rows), expected));

  it('are never thrown at', () => {
    const cell = fc.oneof(fc.constantFrom(...HEAD, 'note', 'must', '*', 'de', ''), fc.string());
    fc.assert(
      fc.property(fc.array(fc.array(cell, { maxLength: 5 })), fc.boolean(), (rows, named) => {
        const all = named ? [HEAD, ...rows] : rows;
        const result = readGlossaryRows(rowsOf(...all));
        if (result.ok) for (const { target } of result.glossary) assert.ok(target.length > 0);
        else assert.ok(result.line >= 1 && result.line <= all.length);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the terms for a language', () => {
  const all = glossary(
    HEAD,
    ['bike', 'Fahrrad', 'de', ''],
    ['bike', 'Rad', 'de', ''],
    ['Bike', 'Velo', 'de-CH', ''],
    ['bike', 'bicicletta', '*', ''],
    ['', 'Drahtesel', '*', 'forbidden'],
    ['', 'Göppel', 'de-CH', 'forbidden'],
  );
  const targets = (lang: string) => termsFor(all, lang).map(({ target }) => target);

  it('are those of the longest range; what is forbidden adds up', () => {
    assert.deepEqual(targets('de'), ['Fahrrad', 'Rad', 'Drahtesel']);
    assert.deepEqual(targets('de-AT'), ['Fahrrad', 'Rad', 'Drahtesel']);
    assert.deepEqual(targets('de-CH'), ['Velo', 'Drahtesel', 'Göppel']);
    assert.deepEqual(targets('den'), ['bicicletta', 'Drahtesel']);
  });

  it('are one list however often they are asked for', () => {
    assert.equal(termsFor(all, 'de'), termsFor(all, 'de'));
  });
});

describe('the file of a glossary', () => {
  const write = (folder: string, csv: string | Buffer) => {
    mkdirSync(join(folder, '.crossalpaca'), { recursive: true });
    writeFileSync(join(folder, '.crossalpaca', 'glossary.csv'), csv);
  };
  const read = async (t: Parameters<typeof tempFolder>[0], csv: string | Buffer) => {
    const folder = tempFolder(t);
    write(folder, csv);
    const { glossary, problem } = await readGlossary(join(folder, 'shard.jsonl'));
    return { glossary, problem: problem && english(problem).replace(folder, 'FOLDER') };
  };

  it('is found beside the shard, else at the workspace root, and need not be there', async t => {
    const [folder, root] = [tempFolder(t), tempFolder(t)];
    const shard = join(folder, 'shard.jsonl');
    assert.deepEqual(await readGlossary(shard, root), { glossary: [] });
    write(root, 'source,target\nhouse,Haus\n');
    assert.equal((await readGlossary(shard, root)).glossary[0]?.target, 'Haus');
    write(folder, 'source,target\nhouse,Heim\n');
    assert.equal((await readGlossary(shard, root)).glossary[0]?.target, 'Heim');
  });

  it('may come out of a spreadsheet: byte order mark, semicolons, Windows line ends, quotation marks', async t => {
    const { glossary, problem } = await read(
      t,
      '\ufeffsource;target;lang\r\n"head; of ""state""";Staatsoberhaupt;de\r\n\r\n',
    );
    assert.equal(problem, undefined);
    assert.deepEqual(glossary, [
      { source: 'head; of "state"', target: 'Staatsoberhaupt', lang: 'de', rule: 'must' },
    ]);
  });

  it('may have tabs', async t => {
    assert.equal((await read(t, 'source\ttarget\na, b\tc\n')).glossary[0]?.source, 'a, b');
  });

  it('is named with the line of a mistake, also after a cell of two lines', async t => {
    const { glossary, problem } = await read(t, 'source,target,rule\n"a\nb",c,must\n\nd,e,never\n');
    assert.deepEqual(glossary, []);
    const file = join('FOLDER', '.crossalpaca', 'glossary.csv');
    assert.equal(
      problem,
      `The glossary ${file} is broken on line 5, so no terms are checked until it is corrected: the column “rule” says “never”, but can only say must or forbidden`,
    );
  });

  it('that is no CSV, or not UTF-8, says so', async t => {
    assert.match((await read(t, 'source,target\na,"b\n')).problem ?? '', /line \d.*not valid CSV: /);
    const latin1 = Buffer.from('source,target\nkey,Schlüssel\n', 'latin1');
    assert.match((await read(t, latin1)).problem ?? '', /line 2.*not encoded as UTF-8/);
  });

  it('that cannot be read says so', async t => {
    const folder = tempFolder(t);
    mkdirSync(join(folder, '.crossalpaca', 'glossary.csv'), { recursive: true });
    const { problem } = await readGlossary(join(folder, 'shard.jsonl'));
    assert.match(english(problem!), /^No terms are checked until the glossary can be read\. /);
  });
});
