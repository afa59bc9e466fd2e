import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { MessageId } from '../../src/core/messages';
import { ShardIndex, type RowText } from '../../src/io/shardIndex';
import { contentsOf, inTempFolder, tempFolder, userError } from '../helpers/shardFixture';

const MIB = 1 << 20;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

interface Row {
  readonly line: number;
  readonly text: string | null;
}

/** What the rows of a file are, said as simply as possible: lines by \n, those of white space left out. */
function naiveRows(file: Buffer): Row[] {
  const body = file.subarray(0, 3).equals(BOM) ? file.subarray(3) : file;
  return body
    .toString('latin1')
    .split('\n')
    .map((line, index) => ({ line: index + 1, bytes: Buffer.from(line.replace(/\r$/, ''), 'latin1') }))
    .filter(({ bytes }) => !/^[ \t\r]*$/.test(bytes.toString('latin1')))
    .map(({ line, bytes }) => ({ line, text: isUtf8(bytes) ? bytes.toString('utf8') : null }));
}

const shown = (rows: readonly RowText[]) => rows.map(row => (row.ok ? row.text : null));

function textOf(row: RowText | undefined): string {
  assert.ok(row?.ok);
  return row.text;
}

const anyLine = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary' }).map(text => Buffer.from(text)) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)) },
  fc
    .constantFrom('', ' ', '\t \r', '\r', '{"a":1}\r', '{"ä":"日本語"}', '𝄞', '\uFEFFx')
    .map(text => Buffer.from(text)),
);
/** Bytes with any line ends in them; the fold makes a file of them that need not end in one. */
const anyBody = fc
  .tuple(fc.array(anyLine, { maxLength: 12 }), fc.boolean(), fc.boolean())
  .map(([lines, bom, lastEnd]) => {
    const joined = lines.flatMap((line, index) => (index > 0 ? [Buffer.from('\n'), line] : [line]));
    return Buffer.concat([...(bom ? [BOM] : []), ...joined, Buffer.from(lastEnd ? '\n' : '')]);
  });

async function assertSameAsNaive(file: Buffer, from: number, count: number): Promise<void> {
  await inTempFolder(async folder => {
    const path = join(folder, 'shard.jsonl');
    writeFileSync(path, file);
    const expected = naiveRows(file);
    if (expected.length === 0) {
      await assert.rejects(ShardIndex.open(path), userError('file.empty'));
      return;
    }
    const index = await ShardIndex.open(path);
    assert.equal(index.complete, true);
    assert.equal(index.rows, expected.length);
    assert.deepEqual(
      expected.map((_, row) => index.line(row)),
      expected.map(row => row.line),
    );
    const texts = expected.map(row => row.text);
    assert.deepEqual(shown(await index.read(0, index.rows)), texts);
    assert.deepEqual(shown(await index.read(from, count)), texts.slice(from, from + count));
    assert.deepEqual(readFileSync(path), file);
  });
}

/** UTF-16 is told by its byte order mark, so that it is no body of lines here. */
const isUtf16 = (file: Buffer) => /^(\xff\xfe|\xfe\xff)/.test(file.toString('latin1', 0, 2));

describe('the index of a shard', () => {
  it('finds the rows, texts and line numbers that splitting at \\n finds', async () => {
    await fc.assert(
      fc.asyncProperty(anyBody, fc.nat(12), fc.nat(12), async (file, from, count) => {
        fc.pre(!isUtf16(file));
        await assertSameAsNaive(file, from, count);
      }),
      { numRuns: 300 },
    );
  });

  it('finds them also where lines, characters and blank lines lie across the border of a read', async () => {
    const long = fc.nat(24).map(less => Buffer.alloc(MIB - less, 'a'));
    await fc.assert(
      fc.asyncProperty(long, anyBody, fc.boolean(), anyBody, async (first, middle, again, last) => {
        const file = Buffer.concat([first, middle, again ? first : Buffer.from('\n'), last]);
        await assertSameAsNaive(file, 1, 3);
      }),
      { numRuns: 60 },
    );
  });

  it('reads lines longer than a read, and rows around them, in one call', async t => {
    const path = join(tempFolder(t), 'long.jsonl');
    const lines = ['{"a":1}', `"${'ü'.repeat(3 * MIB)}"`, '{"b":2}', `"${'x'.repeat(5 * MIB)}"`, '{"c":3}'];
    writeFileSync(path, lines.join('\n'));
    const index = await ShardIndex.open(path);
    assert.deepEqual(shown(await index.read(0, 9)), lines);
    assert.deepEqual(shown(await index.read(4, 1)), ['{"c":3}']);
    assert.deepEqual(await index.read(5, 1), []);
  });

  it('leaves a line over 64 MiB unread and says its size', async t => {
    const path = join(tempFolder(t), 'huge.jsonl');
    writeFileSync(path, '{"a":1}\n');
    appendFileSync(path, Buffer.alloc(65 * MIB, 'x'));
    appendFileSync(path, '\n{"b":2}\n');
    const rows = await (await ShardIndex.open(path)).read(0, 3);
    assert.deepEqual(shown(rows), ['{"a":1}', null, '{"b":2}']);
    assert.deepEqual(rows[1], { ok: false, reason: { id: 'record.tooLarge', args: [65] } });
  });

  it('shows a short row although many blank lines follow it', async t => {
    const path = join(tempFolder(t), 'blank.jsonl');
    writeFileSync(path, `{"a":1}\n${'\n'.repeat(5 * MIB)}{"b":2}\n`);
    const index = await ShardIndex.open(path);
    assert.deepEqual(shown(await index.read(0, 2)), ['{"a":1}', '{"b":2}']);
    assert.equal(index.line(1), 5 * MIB + 2);
    assert.equal(index.blankLines, 5 * MIB);
  });

  it('names the first byte that is no UTF-8', async t => {
    const path = join(tempFolder(t), 'bad.jsonl');
    const cases: [bytes: number[], byte: number][] = [
      [[0xff, 0x61], 1],
      [[0x61, 0x62, 0x80, 0x63], 3],
      [[0xc3, 0xa4, 0xfe], 3],
      [[0xed, 0xa0, 0x80], 1], // half of a surrogate pair
      [[0x61, 0xc3, 0x61], 2], // a sequence that is not carried on
      [[0x61, 0x62, 0xe2, 0x82], 3], // one that the line end cuts
    ];
    for (const [bytes, byte] of cases) {
      writeFileSync(path, Buffer.concat([Buffer.from('{}\n'), Buffer.from(bytes), Buffer.from('\n')]));
      const [, row] = await (await ShardIndex.open(path)).read(0, 2);
      assert.deepEqual(row, { ok: false, reason: { id: 'record.notUtf8', args: [byte] } }, String(bytes));
    }
  });

  it('says how far it is after each read, and stops when asked to', async t => {
    const path = join(tempFolder(t), 'progress.jsonl');
    writeFileSync(path, '{"a":1}\n'.repeat(400_000));
    const seen: number[] = [];
    await ShardIndex.open(path, { onProgress: bytes => seen.push(bytes) });
    assert.deepEqual(seen, [MIB, 2 * MIB, 3 * MIB, 3_200_000]);
    const stop = new AbortController();
    const opening = ShardIndex.open(path, { onProgress: () => stop.abort(), signal: stop.signal });
    await assert.rejects(opening, { name: 'AbortError' });
  });

  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n';
  const refused: [what: string, content: Buffer, id: MessageId][] = [
    ['an empty file', Buffer.alloc(0), 'file.empty'],
    ['a file of a byte order mark alone', BOM, 'file.empty'],
    ['a file of blank lines', Buffer.from('\n \r\n\t\n'), 'file.empty'],
    ['UTF-16, little endian', Buffer.from('\uFEFF{"a":1}\n', 'utf16le'), 'file.utf16'],
    ['UTF-16, big endian', Buffer.from('\uFEFF{"a":1}\n', 'utf16le').swap16(), 'file.utf16'],
    ['a Git LFS pointer', Buffer.from(pointer), 'file.lfsPointer'],
  ];
  for (const [what, content, id] of refused) {
    it(`refuses ${what} and writes nothing`, async t => {
      const folder = tempFolder(t);
      writeFileSync(join(folder, 'x.jsonl'), content);
      const before = contentsOf(folder);
      await assert.rejects(ShardIndex.open(join(folder, 'x.jsonl')), userError(id));
      assert.deepEqual(contentsOf(folder), before);
    });
  }

  it('refuses what is not there, a folder, and what the system does not let it read', async t => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'file'), 'x');
    mkdirSync(join(folder, 'folder.jsonl'));
    const before = contentsOf(folder);
    await assert.rejects(ShardIndex.open(join(folder, 'no.jsonl')), userError('file.missing'));
    await assert.rejects(ShardIndex.open(join(folder, 'folder.jsonl')), userError('file.directory'));
    await assert.rejects(ShardIndex.open(join(folder, 'file', 'x.jsonl')), userError('file.missing'));
    await assert.rejects(ShardIndex.open(join(folder, 'n'.repeat(300))), userError('file.unreadable'));
    await assert.rejects(ShardIndex.open('/dev/null'), userError('file.unreadable'));
    assert.deepEqual(contentsOf(folder), before);
  });

  it('notices that the file changed after it was indexed', async t => {
    const folder = tempFolder(t);
    const path = join(folder, 'shard.jsonl');
    const changes: [what: string, change: () => void][] = [
      ['appended to', () => appendFileSync(path, '{"c":3}\n')],
      ['written over with as many bytes', () => writeFileSync(path, '{"a":9}\n{"b":2}\n')],
      [
        'replaced',
        () => {
          writeFileSync(`${path}.new`, '{"a":1}\n{"b":2}\n');
          renameSync(`${path}.new`, path);
        },
      ],
    ];
    for (const [what, change] of changes) {
      writeFileSync(path, '{"a":1}\n{"b":2}\n');
      const index = await ShardIndex.open(path);
      assert.equal(textOf((await index.read(1, 1))[0]), '{"b":2}');
      change();
      await assert.rejects(index.read(1, 1), userError('file.changed'), what);
    }
  });
});
