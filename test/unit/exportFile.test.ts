import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type * as parquetWasm from 'parquet-wasm';
import { formatOf, type Format, type Row } from '../../src/core/formats';
import { CountedFile, rowWriter } from '../../src/io/exportFile';
import { onSmallDisk, tempFolder } from '../helpers/shardFixture';
import { anyText, demonstration } from '../helpers/trainerRows';

// Loads its binary from beside itself, so that it cannot be bundled.
const { readParquet } = createRequire(join(process.cwd(), 'package.json'))('parquet-wasm') as ParquetWasm;

type ParquetWasm = Pick<typeof parquetWasm, 'readParquet'>;
type Container = Format['container'];

async function write(path: string, container: Container, rows: Iterable<Row>) {
  const handle = await open(path, 'w');
  try {
    const file = new CountedFile(handle);
    const writer = rowWriter(container, file);
    for (const row of rows) await writer.write(JSON.stringify(row));
    await writer.end();
    return { bytes: file.bytes, sha256: file.sha256() };
  } finally {
    await handle.close();
  }
}

async function written(t: TestContext, container: Container, rows: Iterable<Row>): Promise<Buffer> {
  const path = join(tempFolder(t), 'rows');
  await write(path, container, rows);
  return readFileSync(path);
}

const row = (id: string, output = 'Rot', input = '') =>
  formatOf('alpaca').row(demonstration({ id, output, input }), { trailingNewline: false })!;
const COLUMNS = ['instruction', 'input', 'output', 'id'];

// Both readers drop a byte order mark at the beginning of a text, unless they are told better.
const PARSERS = { stringFromBytes: (bytes: Uint8Array) => Buffer.from(bytes).toString() };
const withoutMarks = (read: Row) =>
  Object.fromEntries(
    Object.entries(read).map(([name, text]) => [name, (text as string).replace(/^\ufeff/, '')]),
  );

/** By both readers, which must agree. */
async function readBack(bytes: Buffer): Promise<Row[]> {
  const file = new Uint8Array(bytes).buffer;
  const plain = (await parquetReadObjects({ file, parsers: PARSERS })) as Row[];
  const table = tableFromIPC(readParquet(bytes).intoIPCStream());
  assert.deepEqual(
    table.schema.fields.map(({ name, type, nullable }) => [name, String(type), nullable]),
    COLUMNS.map(name => [name, 'Utf8', false]),
  );
  const byArrow = table.toArray().map(each => (each as { toJSON(): Row }).toJSON());
  assert.ok(plain.length === byArrow.length);
  for (const [index, each] of plain.entries()) assert.deepEqual({ ...byArrow[index] }, withoutMarks(each));
  return plain;
}
const groupsOf = (bytes: Buffer) =>
  parquetMetadata(new Uint8Array(bytes).buffer).row_groups.map(({ num_rows }) => Number(num_rows));

describe('JSON Lines', () => {
  it('are a row a line, each ended by a line feed alone, in UTF-8 without a mark before it', async t => {
    const text = (await written(t, 'jsonl', [row('1', 'grün\n'), row('2', 'a\u2028b')])).toString();
    const start = '{"instruction":"Nenne eine Farbe.","input":"",';
    assert.equal(text, `${start}"output":"grün\\n","id":"1"}\n${start}"output":"a\u2028b","id":"2"}\n`);
  });

  it('of no rows are an empty file', async t => {
    assert.equal((await written(t, 'jsonl', [])).length, 0);
  });
});

describe('a JSON array', () => {
  it('has a row a line', async t => {
    const text = (await written(t, 'json', [row('1'), row('2')])).toString();
    assert.equal(text, `[\n${JSON.stringify(row('1'))},\n${JSON.stringify(row('2'))}\n]\n`);
  });

  it('of any number of rows is JSON', async t => {
    for (const count of [0, 1, 2]) {
      const rows = Array.from({ length: count }, (_, index) => row(String(index)));
      assert.deepEqual(JSON.parse((await written(t, 'json', rows)).toString()), rows);
    }
  });
});

describe('Parquet', () => {
  it('is read by two readers as what was written, in required columns of text', async t => {
    const rows = [row('1'), row('2', '', '😀\0\u2028مرحبا'), row('3', '\ufffd\u202e"\\')];
    assert.deepEqual(await readBack(await written(t, 'parquet', rows)), rows);
  });

  it('is not written without rows', async t => {
    await assert.rejects(written(t, 'parquet', []), /a Parquet file without rows/);
  });

  it('begins a group after 2,000 rows, and leaves none empty', async t => {
    for (const [count, groups] of [
      [2000, [2000]],
      [4501, [2000, 2000, 501]],
    ] as const) {
      const rows = Array.from({ length: count }, (_, index) => row(`r${index}`, `Antwort ${index % 100}`));
      const bytes = await written(t, 'parquet', rows);
      assert.deepEqual(groupsOf(bytes), groups);
      const back = await readBack(bytes);
      assert.equal(back.length, count);
      for (const index of [0, 1999, count - 1]) assert.deepEqual(back[index], rows[index]);
    }
  });

  it('begins a group where texts are long, though the rows are few', async t => {
    const rows = ['1', '2', '3', '4', '5'].map(id => row(id, id.repeat(200 << 10)));
    const bytes = await written(t, 'parquet', rows);
    assert.deepEqual(groupsOf(bytes), [3, 2]);
    assert.deepEqual(await readBack(bytes), rows);
  });

  it('holds a text of 20 MiB, and does not repeat it among the statistics', async t => {
    // Random letters, which do not shrink.
    let state = 1;
    const letters = Buffer.alloc(20 << 20);
    for (let index = 0; index < letters.length; index++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      letters[index] = 0x61 + ((state >>> 16) % 26);
    }
    const rows = [row('before'), row('long', letters.toString('latin1')), row('after')];
    const bytes = await written(t, 'parquet', rows);
    const back = await readBack(bytes);
    assert.ok(back[1]?.['output'] === rows[1]?.['output']);
    assert.deepEqual([back[0], back[2]], [rows[0], rows[2]]);
    assert.ok(bytes.length < letters.length + 100_000);
  });

  it('holds no value that is no text', async t => {
    const wrong = { ...row('1'), output: null };
    await assert.rejects(written(t, 'parquet', [wrong]), /column output holds no text/);
  });
});

describe('every container', () => {
  const CONTAINERS: readonly Container[] = ['jsonl', 'json', 'parquet'];
  const rowsOf = async (container: Container, bytes: Buffer): Promise<Row[]> => {
    if (container === 'parquet') return readBack(bytes);
    const text = bytes.toString();
    if (container === 'json') return JSON.parse(text) as Row[];
    return text
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as Row);
  };

  it('gives back any well-formed texts, with the size and the hash of the file', async t => {
    const folder = tempFolder(t);
    const texts = fc.array(fc.tuple(anyText, anyText, anyText), { minLength: 1, maxLength: 5 });
    const property = fc.asyncProperty(texts, fc.constantFrom(...CONTAINERS), async (all, container) => {
      const rows = all.map(([id, output, input]) =>
        row(id.toWellFormed(), output.toWellFormed(), input.toWellFormed()),
      );
      const path = join(folder, 'rows');
      const { bytes, sha256 } = await write(path, container, rows);
      const content = readFileSync(path);
      assert.equal(bytes, content.length);
      assert.equal(sha256, createHash('sha256').update(content).digest('hex'));
      assert.deepEqual(await rowsOf(container, content), rows);
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('has the hash of a file that was written in many pieces', async t => {
    const path = join(tempFolder(t), 'rows');
    const rows = Array.from({ length: 30_000 }, (_, index) => row(`r${index}`, 'grün '.repeat(20)));
    for (const container of CONTAINERS) {
      const { bytes, sha256 } = await write(path, container, rows);
      const content = readFileSync(path);
      assert.equal(bytes, content.length);
      assert.equal(sha256, createHash('sha256').update(content).digest('hex'));
      assert.equal((await rowsOf(container, content)).length, rows.length);
    }
  });

  it('tells of a full disk', async t => {
    await onSmallDisk(t, '256k', async disk => {
      for (const container of CONTAINERS) {
        // Every text another one, so that Parquet cannot shorten them.
        const rows = Array.from({ length: 20_000 }, (_, index) =>
          row(`r${index}`, createHash('sha256').update(`${index}`).digest('hex')),
        );
        await assert.rejects(write(join(disk, container), container, rows), { code: 'ENOSPC' });
      }
    });
  });

  it('keeps no more of 100,000 rows in memory than a group of them', async t => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const path = join(tempFolder(t), 'rows');
    const padding = 'x'.repeat(400);
    for (const container of CONTAINERS) {
      const used: number[] = [];
      const rows = function* () {
        for (let index = 1; index <= 100_000; index++) {
          yield row(`r${index}`, `${index}${padding}`);
          if (index % 20_000 !== 0) continue;
          collect();
          const { heapUsed, arrayBuffers } = process.memoryUsage();
          used.push(heapUsed + arrayBuffers);
        }
      };
      await write(path, container, rows());
      const growth = Math.max(...used) - used[0]!;
      // All rows are 45 MB, a group of them 9 MB.
      assert.ok(growth < 25_000_000, `${container}: ${used.join(', ')} bytes`);
    }
  });
});
