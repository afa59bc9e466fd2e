import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ArrayScan } from '../../src/io/arrayScan';
import { ShardIndex } from '../../src/io/shardIndex';
import { tempFolder } from '../helpers/shardFixture';

const texts = async (index: ShardIndex) =>
  (await index.read(0, index.rows)).map(row => (row.ok ? row.text : row.reason.id));

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
          const starts: number[] = [];
          const scan = new ArrayScan();
          for (let at = 1; at < json.length; at += size) {
            scan.scan(json.subarray(at, at + size), begin => starts.push(at + begin));
          }
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
    const index = await ShardIndex.open(path);
    assert.equal(index.isArray, true);
    assert.deepEqual(await texts(index), ['{"a": 1.0}', '{"b": "]"}', '{"c": [1, {}]}']);
    assert.deepEqual([index.line(0), index.line(2)], [1, 3]);
  });

  it('shows what is no object, and what follows the array, in its place', async t => {
    const path = join(tempFolder(t), 'shard.json');
    writeFileSync(path, '[{"a":1}, 12 ,"x, ]", null,[2],{"b":2}]\n{"after": 1}\n');
    const index = await ShardIndex.open(path);
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
    const index = await ShardIndex.open(path);
    assert.equal(index.isArray, false);
    assert.deepEqual(await texts(index), ['[1,2]', '{"a":1}']);
  });

  it('reads elements larger than a piece of the file', async t => {
    const path = join(tempFolder(t), 'shard.json');
    const elements = [{ text: '\\"'.repeat(900_000) }, { text: 'b' }, { text: '日'.repeat(700_000) }];
    writeFileSync(path, JSON.stringify(elements, undefined, 1));
    const index = await ShardIndex.open(path);
    assert.deepEqual(
      (await texts(index)).map(text => JSON.parse(text) as unknown),
      elements,
    );
  });
});
