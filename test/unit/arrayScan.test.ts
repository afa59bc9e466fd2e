import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ArrayScan } from '../../src/io/arrayScan';
import { ShardIndex, text } from '../../src/io/shardIndex';
import { inTempFolder, tempFolder, userError } from '../helpers/shardFixture';

async function open(path: string): Promise<ShardIndex> {
  const index = await ShardIndex.open(path);
  await index.whole;
  return index;
}

/** The texts of the rows, which are the same however they are read. */
async function texts(index: ShardIndex): Promise<string[]> {
  const read = (await index.read(0, index.rows)).map(row => (row.ok ? row.text : row.reason.id));
  const passed: string[] = [];
  for await (const block of index.passBytes()) {
    for (let offset = 0; offset < block.rows; offset++) {
      const row = text(block.bytes.subarray(block.start(offset), block.end(offset)));
      passed.push(row.ok ? row.text : row.reason.id);
    }
  }
  assert.deepEqual(passed, read);
  const file = readFileSync(index.path);
  for (const [row, expected] of read.entries()) {
    const start = index.startOf(row);
    assert.equal(file.toString('utf8', start, start + Buffer.byteLength(expected)), expected);
  }
  return read;
}

/** Where a scan in pieces of `size` bytes finds elements, and the end of the array. */
function scanned(json: Buffer, size: number): { starts: number[]; end: number | undefined } {
  const starts: number[] = [];
  let end: number | undefined;
  const scan = new ArrayScan();
  for (let at = 1; at < json.length; at += size) {
    const piece = json.subarray(at, at + size);
    scan.scan(
      piece,
      begin => starts.push(at + begin),
      close => (end = at + close),
    );
  }
  return { starts, end };
}

describe('a JSON array', () => {
  it('is read element by element, as JSON.parse sees them, however it is printed and cut into pieces', () => {
    const element = fc.oneof(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
      fc.constant({ text: 'a "quoted\\" \\\\ [{,}] string' }),
    );
    fc.assert(
      fc.property(
        fc.array(element, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(undefined, 2, '\t'),
        fc.integer({ min: 1, max: 40 }),
        (elements, indent, size) => {
          const json = Buffer.from(JSON.stringify(elements, undefined, indent));
          const { starts, end } = scanned(json, size);
          assert.equal(end, json.length - 1);
          assert.equal(starts.length, elements.length);
          const pieces = starts.map((start, row) =>
            json.toString('utf8', start, starts[row + 1] ?? json.length),
          );
          const parsed = pieces.map(piece => JSON.parse(piece.replace(/[\s,]*\]?\s*$/, '')) as unknown);
          assert.deepEqual(parsed, JSON.parse(json.toString()));
        },
      ),
    );
  });

  it('opens with a trailing comma, a byte order mark and CRLF, and keeps the bytes of each element', async t => {
    const path = join(tempFolder(t), 'shard.json');
    writeFileSync(path, '\ufeff \r\n[\r\n  {"a": 1.0},\r\n  {"b": "]"} ,\r\n  {"c": [1, {}]},\r\n]\r\n');
    const index = await open(path);
    assert.equal(index.isArray, true);
    assert.deepEqual(await texts(index), ['{"a": 1.0}', '{"b": "]"}', '{"c": [1, {}]}']);
    assert.deepEqual([index.line(0), index.line(2)], [1, 3]);
  });

  it('shows what is no object, and what follows the array, in its place', async t => {
    const path = join(tempFolder(t), 'shard.json');
    writeFileSync(path, '[{"a":1}, 12 ,"x, ]", null,[2],{"b":2}]\n{"after": 1}\n');
    const index = await open(path);
    assert.deepEqual(await texts(index), [
      '{"a":1}',
      '12',
      '"x, ]"',
      'null',
      '[2]',
      '{"b":2}',
      '{"after": 1}',
    ]);
  });

  it('is not taken for one where it is a line of JSON Lines', async t => {
    const path = join(tempFolder(t), 'shard.jsonl');
    writeFileSync(path, '[1,2]\n{"a":1}\n');
    const index = await open(path);
    assert.equal(index.isArray, false);
    assert.deepEqual(await texts(index), ['[1,2]', '{"a":1}']);
  });

  it('reads elements larger than a piece of the file', async t => {
    const path = join(tempFolder(t), 'shard.json');
    const elements = [{ text: '\\"'.repeat(900_000) }, { text: 'b' }, { text: '日'.repeat(700_000) }];
    writeFileSync(path, JSON.stringify(elements, undefined, 1));
    const index = await open(path);
    assert.deepEqual(
      (await texts(index)).map(text => JSON.parse(text) as unknown),
      elements,
    );
  });

  it('gives the same rows whatever bytes it holds and wherever it is cut', () => {
    const bits = ['{', '}', '[', ']', '"', '\\', ',', ' ', '\n', '1', 'ü', '{"a":"', '\\"', '"x"'];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...bits), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        (body, size) => {
          const json = Buffer.from(`[{${body.join('')}`);
          assert.deepEqual(scanned(json, size), scanned(json, json.length));
        },
      ),
      { numRuns: 2000, seed: 21 },
    );
  });

  it('loses no byte but commas, blanks and the closing bracket, whatever it holds', async () => {
    const bits = ['{', '}', '[', ']', '"', '\\', ',', ' ', '\n', '1', 'x', '{"a":1}', '{"b":"]"}'];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...bits), { maxLength: 30 }), async body => {
        await inTempFolder(async folder => {
          const path = join(folder, 'x.json');
          const json = `[{}${body.join('')}`;
          writeFileSync(path, json);
          const index = await open(path);
          let at = 1;
          let between = '';
          for (const [row, element] of (await texts(index)).entries()) {
            const start = index.startOf(row);
            between += json.slice(at, start);
            at = start + element.length;
            assert.equal(json.slice(start, at), element);
          }
          between += json.slice(at);
          assert.match(between, /^[ \n,]*(\][ \n]*)?$/);
        });
      }),
      { numRuns: 200, seed: 22 },
    );
  });

  const shapes: [what: string, json: string, rows: string[]][] = [
    ['compact', '[{"a":1},{"b":[1,{"c":2}]}]', ['{"a":1}', '{"b":[1,{"c":2}]}']],
    ['strings that look like its end', '[{"a":"}]"},{"b":"\\"},"}]', ['{"a":"}]"}', '{"b":"\\"},"}']],
    ['a string that ends in a backslash', '[{"a":"\\\\"},{"b":2}]', ['{"a":"\\\\"}', '{"b":2}']],
    ['unterminated', '[{"a":1},\n{"b":2},\n', ['{"a":1}', '{"b":2}']],
    ['unterminated in an element', '[{"a":1},{"b":[', ['{"a":1}', '{"b":[']],
    ['unterminated in a string', '[{"a":1},{"b":"], {}', ['{"a":1}', '{"b":"], {}']],
    ['a second array after it', '[{"a":1}]\n[{"b":2}, {}],\n', ['{"a":1}', '[{"b":2}, {}],']],
    ['text after it', '[{"a":1},] {"b":2} x {"c":3}', ['{"a":1}', '{"b":2} x {"c":3}']],
    ['a bracket too many', '[{"a":1}]]', ['{"a":1}', ']']],
    ['no comma between', '[{"a":1} {"b":2}]', ['{"a":1}', '{"b":2}']],
  ];
  for (const [what, json, rows] of shapes) {
    it(`shows every element in its place: ${what}`, async t => {
      const path = join(tempFolder(t), 'shard.json');
      writeFileSync(path, json);
      assert.deepEqual(await texts(await open(path)), rows);
    });
  }

  it('is refused when it holds nothing', async t => {
    const path = join(tempFolder(t), 'shard.json');
    for (const json of ['[]', '\ufeff [ \n ]\n']) {
      writeFileSync(path, json);
      await assert.rejects(ShardIndex.open(path), userError('file.empty'));
    }
  });

  it('is read the same by another thread', async t => {
    const path = join(tempFolder(t), 'shard.json');
    writeFileSync(path, '[{"a":1}, {"b":"]"} ]\n{"after": 1}\n');
    const other = ShardIndex.attach(structuredClone((await open(path)).share()));
    assert.equal(other.isArray, true);
    assert.deepEqual(await texts(other), ['{"a":1}', '{"b":"]"}', '{"after": 1}']);
  });

  it('finds strings, escapes and brackets across the border of a read', async t => {
    const path = join(tempFolder(t), 'shard.json');
    for (let shift = 0; shift < 30; shift++) {
      const filler = JSON.stringify({ text: 'x'.repeat((1 << 20) - 40 + shift) });
      const elements = [filler, '{"a":"\\\\\\"},{"}', '{"b":[[],"\\u00e9]"]}', '{"c":3}'];
      writeFileSync(path, `[${elements.join(',')}]`);
      const index = await open(path);
      assert.deepEqual(
        (await index.read(0, 9)).map(row => row.ok && row.text),
        elements,
      );
    }
  });
});
