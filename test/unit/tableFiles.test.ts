import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readTable, type Table } from '../../src/io/tableFiles';
import { inTempFolder, tempFolder, userError } from '../helpers/shardFixture';

function file(t: TestContext, name: string, content: string | Buffer): string {
  const path = join(tempFolder(t), name);
  writeFileSync(path, content);
  return path;
}

const texts = ({ rows }: Table) => rows.map(({ fields }) => fields.map(({ text }) => text));
const places = ({ rows }: Table) => rows.map(({ line }) => line);
const idsOf = ({ rows }: Table) => rows.map(({ id }) => id);

/** What the message for a user names: file, place and member. */
const refusal =
  (id: Parameters<typeof userError>[0], ...parts: (string | number)[]) =>
  (error: unknown) => {
    assert.ok(userError(id)(error));
    for (const part of parts)
      assert.match((error as Error).message, new RegExp(String(part).replace(/[.+]/g, '\\$&')));
    return true;
  };

describe('JSON', () => {
  const expected = [
    ['Add.', '1 + 1', '2'],
    ['Say hi.', '', 'Hi.'],
  ];

  it('is read as an array, pretty-printed, with a mark before it and a comma too many', async t => {
    const rows = [
      { instruction: 'Add.', input: '1 + 1', output: '2' },
      { instruction: 'Say hi.', output: 'Hi.' },
    ];
    const pretty = JSON.stringify(rows, null, 2).replace(/\n\]$/, ',\n]');
    assert.deepEqual(texts(await readTable(file(t, 'a.json', `\ufeff${pretty}\n`))), expected);
  });

  it('is read as lines, blank ones counted, whatever the file is called', async t => {
    const lines = [
      '{"instruction":"Add.","input":"1 + 1","output":"2"}',
      '',
      '{"instruction":"Say hi.","input":null,"output":"Hi."}',
    ];
    for (const name of ['a.jsonl', 'a.data']) {
      const table = await readTable(file(t, name, lines.join('\r\n')));
      assert.deepEqual(texts(table), expected);
      assert.deepEqual(places(table), [1, 3]);
    }
  });

  it('keeps ids as they are spelled, and numbers that stand for text', async t => {
    const path = file(
      t,
      'a.jsonl',
      '{"id":12345678901234567890,"text":1.50}\n{"id":"x-1","text":true}\n{"id":null,"text":"t"}\n{"id":"","text":"u"}\n',
    );
    const table = await readTable(path);
    assert.deepEqual(idsOf(table), ['12345678901234567890', '"x-1"', undefined, undefined]);
    assert.deepEqual(texts(table), [['1.50'], ['true'], ['t'], ['u']]);
  });

  it('may call its fields prompt and completion, or have one text of any name', async t => {
    const asked = await readTable(file(t, 'a.jsonl', '{"prompt":"Add.","response":"2"}\n'));
    assert.deepEqual(
      asked.rows[0]?.fields.map(({ name, text }) => [name, text]),
      [
        ['instruction', 'Add.'],
        ['input', ''],
        ['output', '2'],
      ],
    );
    const one = await readTable(file(t, 'b.jsonl', '{"_id":7,"sentence":"Hello.","score":3}\n'));
    assert.deepEqual([texts(one), idsOf(one)], [[['Hello.']], ['7']]);
  });

  it('may hold names that mean something to JavaScript', async t => {
    const table = await readTable(
      file(t, 'a.jsonl', '{"__proto__":{"text":"no"},"constructor":1,"text":"yes"}\n'),
    );
    assert.deepEqual(texts(table), [['yes']]);
    assert.equal(({} as Record<string, unknown>)['text'], undefined);
    await assert.rejects(
      readTable(file(t, 'b.jsonl', '{"__proto__":{"text":"no"}}\n')),
      userError('import.noFields'),
    );
  });

  it('is refused with the place where a row cannot be read', async t => {
    const good = '{"instruction":"a","output":"b"}\n';
    const cases = [
      ['{"instruction":"a"', 'import.badRow', 2],
      ['[1]', 'import.badRow', 2],
      ['{"instruction":"a"}', 'import.notText', 'output'],
      ['{"instruction":"a","output":["b"]}', 'import.notText', 'output'],
    ] as const;
    for (const [bad, id, part] of cases) {
      const path = file(t, 'a.jsonl', `${good}${bad}\n${good}`);
      await assert.rejects(readTable(path), refusal(id, 'a.jsonl', 'line 2', part));
    }
    const bytes = Buffer.concat([
      Buffer.from(`${good}{"instruction":"`),
      Buffer.from([0xff]),
      Buffer.from('"}\n'),
    ]);
    await assert.rejects(readTable(file(t, 'b.jsonl', bytes)), refusal('import.badRow', 'line 2', 'UTF-8'));
    await assert.rejects(
      readTable(file(t, 'c.jsonl', '{"a":"1","b":"2"}\n')),
      refusal('import.noFields', 'a, b'),
    );
    await assert.rejects(readTable(file(t, 'd.json', '[]')), userError('file.empty', 'import.noRows'));
  });
});

describe('CSV and TSV', () => {
  it('have names in the first line, and line ends, commas and quotation marks in quoted fields', async t => {
    const csv = '\ufeffid,instruction,input,output\r\n1,"Say ""hi"", loud","a\nb",HI\r\n2,Add.,,2\r\n';
    const table = await readTable(file(t, 'a.csv', csv));
    assert.deepEqual(texts(table), [
      ['Say "hi", loud', 'a\nb', 'HI'],
      ['Add.', '', '2'],
    ]);
    assert.deepEqual(
      [places(table), idsOf(table)],
      [
        [2, 4],
        ['"1"', '"2"'],
      ],
    );
    assert.equal(table.rows[1]?.json, '{"id":"2","instruction":"Add.","input":"","output":"2"}');
  });

  it('may be separated by semicolons, and by tabs with quotation marks that quote nothing', async t => {
    assert.deepEqual(texts(await readTable(file(t, 'a.csv', 'prompt;completion\nx, y;"z;"\n'))), [
      ['x, y', '', 'z;'],
    ]);
    const tsv = 'instruction\toutput\nSay "hi"\t5" wide\n';
    assert.deepEqual(texts(await readTable(file(t, 'a.tsv', tsv))), [['Say "hi"', '', '5" wide']]);
  });

  it('are refused with the line that is not like the first, or names no columns', async t => {
    await assert.rejects(
      readTable(file(t, 'a.csv', 'instruction,output\na,b\nc\n')),
      refusal('import.table', 'a.csv', 'line 3'),
    );
    await assert.rejects(readTable(file(t, 'b.csv', 'text,text\na,b\n')), refusal('import.header', 'text'));
    await assert.rejects(readTable(file(t, 'c.csv', 'instruction,output\n')), userError('import.noRows'));
    await assert.rejects(readTable(file(t, 'd.csv', 'text\n"a\n')), userError('import.table'));
    await assert.rejects(
      readTable(file(t, 'e.csv', Buffer.from([0x74, 0x0a, 0xe9, 0x0a]))),
      refusal('import.badRow', 'UTF-8'),
    );
  });
});

describe('a blank line', () => {
  it('is a row in a table of one column', async t => {
    const table = await readTable(file(t, 'a.csv', '\r\ntext\r\none\r\n\r\n""\r\n"two\n"\r\n\r\n'));
    assert.deepEqual(texts(table), [['one'], [''], [''], ['two\n'], ['']]);
    assert.deepEqual(places(table), [3, 4, 5, 6, 8]);
  });

  it('is none in a table of several', async t => {
    const table = await readTable(file(t, 'a.csv', '\ninstruction,output\n\na,b\n\n\nc,d\n\n'));
    assert.deepEqual(texts(table), [
      ['a', '', 'b'],
      ['c', '', 'd'],
    ]);
    assert.deepEqual(places(table), [4, 7]);
  });
});

describe('plain text', () => {
  it('has a row in each line, blank ones too, whatever else could end a line elsewhere', async t => {
    const table = await readTable(file(t, 'a.txt', '\ufeffone\r\n\ntwo\u2028half\u0085\n{"text":"three"}\n'));
    assert.deepEqual(texts(table), [['one'], [''], ['two\u2028half\u0085'], ['{"text":"three"}']]);
    assert.deepEqual(places(table), [1, 2, 3, 4]);
  });

  it('is told from JSON by how it begins where its name says nothing', async t => {
    assert.deepEqual(texts(await readTable(file(t, 'news.deu', '{ein Satz}\nnoch einer'))), [
      ['{ein Satz}'],
      ['noch einer'],
    ]);
  });

  it('comes back line by line', async () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .map(text => text.replace(/[\r\n\ufeff]/g, ''));
    const property = fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 50 }), lines =>
      inTempFolder(async folder => {
        const path = join(folder, 'a.txt');
        writeFileSync(path, lines.map(text => `${text}\n`).join(''));
        assert.deepEqual(texts(await readTable(path)).flat(), lines);
      }),
    );
    await fc.assert(property, { seed: 7, numRuns: 60 });
  });
});

describe('Parquet', () => {
  it('keeps numbers beyond 2^53 and nested columns', async t => {
    const columnData = [
      { name: 'id', data: [9007199254740993n, 2n], type: 'INT64' as const },
      { name: 'instruction', data: ['Add.', 'Süß 🍎'] },
      { name: 'output', data: ['2', 'ja'] },
      { name: 'meta', data: [{ a: [1, null] }, null], type: 'JSON' as const },
    ];
    const path = file(t, 'a.parquet', Buffer.from(parquetWriteBuffer({ columnData })));
    const table = await readTable(path);
    assert.deepEqual(texts(table), [
      ['Add.', '', '2'],
      ['Süß 🍎', '', 'ja'],
    ]);
    assert.deepEqual(idsOf(table), ['9007199254740993', '2']);
    assert.match(table.rows[0]?.json ?? '', /"meta":\{"a":\[1,null\]\}/);
  });

  it('has each row once and in order, whatever its groups, pages and pieces are', async t => {
    const rows = 9001;
    const data = Array.from({ length: rows }, (_, row) => (row % 7 === 3 ? '' : `Row ${row}`));
    const columnData = [
      { name: 'id', data: Array.from(data.keys()), type: 'INT32' as const },
      { name: 'text', data, type: 'STRING' as const },
      { name: 'kind', data: data.map((_, row) => row % 3), type: 'INT32' as const },
    ];
    for (const [rowGroupSize, pageSize] of [
      [rows, 1 << 20],
      [rows, 999],
      [4500, 5000],
      [100, 200],
    ] as const) {
      const buffer = parquetWriteBuffer({ columnData, rowGroupSize, pageSize });
      const table = await readTable(file(t, 'a.parquet', Buffer.from(buffer)));
      assert.deepEqual(
        table.rows.map(({ json }) => json),
        data.map((text, row) => JSON.stringify({ id: row, text, kind: row % 3 })),
      );
    }
  });

  it('says how far it is within a group of many rows', async t => {
    const columnData = [{ name: 'text', data: Array.from({ length: 9001 }, (_, row) => `Row ${row}`) }];
    const path = file(
      t,
      'a.parquet',
      Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: 9001, pageSize: 999 })),
    );
    const seen: number[] = [];
    await readTable(path, { onProgress: done => seen.push(done) });
    assert.ok(seen.length >= 4 && seen.at(-1) === 1);
  });

  it('is told by its first bytes, and refused where it is broken', async t => {
    const whole = Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'text', data: ['a', 'b'] }] }));
    assert.deepEqual(texts(await readTable(file(t, 'noname', whole))), [['a'], ['b']]);
    await assert.rejects(
      readTable(file(t, 'b.parquet', whole.subarray(0, 40))),
      refusal('import.parquet', 'b.parquet'),
    );
    await assert.rejects(readTable(file(t, 'c.parquet', 'text')), userError('import.parquet'));
  });
});

it('a file that is cancelled, missing or a folder is no table', async t => {
  const path = file(t, 'a.jsonl', '{"text":"a"}\n');
  await assert.rejects(readTable(path, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  await assert.rejects(readTable(`${path}x`), userError('file.missing'));
  await assert.rejects(readTable(tempFolder(t)), userError('file.directory'));
});
