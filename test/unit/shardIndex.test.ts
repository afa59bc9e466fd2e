import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { MessageId } from '../../src/core/messages';
import { SEGMENT_ROWS } from '../../src/io/rowTable';
import { ShardIndex, text, type RowText } from '../../src/io/shardIndex';
import { contentsOf, inTempFolder, tempFolder, userError } from '../helpers/shardFixture';

const MIB = 1 << 20;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

interface Row {
  readonly line: number;
  readonly text: string | null;
}

/** What the rows of a file are, said as simply as possible: lines by \n without blanks around, those of white space left out. */
function naiveRows(file: Buffer): Row[] {
  const body = file.subarray(0, 3).equals(BOM) ? file.subarray(3) : file;
  return body
    .toString('latin1')
    .split('\n')
    .map((line, index) => ({
      line: index + 1,
      bytes: Buffer.from(line.replace(/^[ \t\r]+|[ \t\r]+$/g, ''), 'latin1'),
    }))
    .filter(({ bytes }) => bytes.length > 0)
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

async function openWhole(path: string): Promise<ShardIndex> {
  const index = await ShardIndex.open(path);
  await index.whole;
  return index;
}

/** The texts of a pass, decoded block by block, as they must be: the bytes are valid no longer. */
async function passed(index: ShardIndex, from?: number, to?: number): Promise<(string | null)[]> {
  const texts: (string | null)[] = [];
  for await (const block of index.passBytes(from, to)) {
    assert.equal(block.from, (from ?? 0) + texts.length);
    for (let offset = 0; offset < block.rows; offset++) {
      const bytes = block.bytes.subarray(block.start(offset), block.end(offset));
      texts.push(...(block.tooLarge ? [null] : shown([text(bytes)])));
    }
  }
  return texts;
}

async function assertSameAsNaive(file: Buffer, from: number, count: number, picks: number[]): Promise<void> {
  await inTempFolder(async folder => {
    const path = join(folder, 'shard.jsonl');
    writeFileSync(path, file);
    const expected = naiveRows(file);
    if (expected.length === 0) {
      await assert.rejects(ShardIndex.open(path), userError('file.empty'));
      return;
    }
    const index = await openWhole(path);
    assert.equal(index.complete, true);
    assert.equal(index.scanned, file.length);
    const other = ShardIndex.attach(structuredClone(index.share()));
    const texts = expected.map(row => row.text);
    const rows = picks.map(pick => pick % texts.length);
    for (const each of [index, other]) {
      assert.equal(each.rows, expected.length);
      assert.deepEqual(
        expected.map((_, row) => each.line(row)),
        expected.map(row => row.line),
      );
      const last = expected.at(-1)!.line + 2;
      for (let line = 0; line <= Math.min(last, 100); line++) {
        const row = expected.findIndex(one => one.line === line);
        assert.equal(each.rowAtLine(line), row < 0 ? undefined : row);
      }
      assert.deepEqual(shown(await each.read(0, each.rows)), texts);
      assert.deepEqual(shown(await each.read(from, count)), texts.slice(from, from + count));
      assert.deepEqual(
        shown(await each.readRows(rows)),
        rows.map(row => texts[row]),
      );
      assert.deepEqual(await passed(each), texts);
      assert.deepEqual(await passed(each, from, from + count), texts.slice(from, from + count));
    }
    for (const row of rows) {
      const [start, text] = [index.startOf(row), texts[row]];
      if (text === null || text === undefined) continue;
      const length = Buffer.byteLength(text);
      assert.ok(length <= index.lengthOf(row));
      assert.equal(file.toString('utf8', start, start + length), text);
    }
    assert.deepEqual(readFileSync(path), file);
  });
}

const anyPicks = fc.array(fc.nat(30), { maxLength: 10 });

/** UTF-16 is told by its byte order mark, so that it is no body of lines here. */
const isUtf16 = (file: Buffer) => /^(\xff\xfe|\xfe\xff)/.test(file.toString('latin1', 0, 2));

describe('the index of a shard', () => {
  it('finds the rows, texts and line numbers that splitting at \\n finds, in whatever way it is read', async () => {
    await fc.assert(
      fc.asyncProperty(anyBody, fc.nat(12), fc.nat(12), anyPicks, async (file, from, count, picks) => {
        fc.pre(!isUtf16(file));
        await assertSameAsNaive(file, from, count, picks);
      }),
      { numRuns: 200, seed: 11 },
    );
  });

  it('finds them also where lines, characters and blank lines lie across the border of a read', async () => {
    const long = fc.nat(24).map(less => Buffer.alloc(MIB - less, 'a'));
    await fc.assert(
      fc.asyncProperty(long, anyBody, fc.boolean(), anyBody, async (first, middle, again, last) => {
        const file = Buffer.concat([first, middle, again ? first : Buffer.from('\n'), last]);
        await assertSameAsNaive(file, 1, 3, [2, 0, 2, 1]);
      }),
      { numRuns: 40, seed: 12 },
    );
  });

  it('reads lines longer than a read, and rows around them, in one call', async t => {
    const path = join(tempFolder(t), 'long.jsonl');
    const lines = ['{"a":1}', `"${'ü'.repeat(3 * MIB)}"`, '{"b":2}', `"${'x'.repeat(5 * MIB)}"`, '{"c":3}'];
    writeFileSync(path, lines.join('\n'));
    const index = await openWhole(path);
    assert.deepEqual(shown(await index.read(0, 9)), lines);
    assert.deepEqual(shown(await index.read(4, 1)), ['{"c":3}']);
    assert.deepEqual(await index.read(5, 1), []);
  });

  it('leaves a line over 64 MiB unread and says its size; its neighbours are read', async t => {
    const path = join(tempFolder(t), 'huge.jsonl');
    writeFileSync(path, '{"a":1}\n');
    const piece = Buffer.alloc(10_000_000, 'x');
    for (let pieces = 0; pieces < 10; pieces++) appendFileSync(path, piece);
    appendFileSync(path, ' \r\n{"b":2}\n');
    const index = await openWhole(path);
    const rows = await index.readRows([2, 1, 0]);
    assert.deepEqual(shown(rows), ['{"b":2}', null, '{"a":1}']);
    assert.deepEqual(rows[1], { ok: false, reason: { id: 'record.tooLarge', args: [95] } });
    assert.deepEqual(await passed(index), ['{"a":1}', null, '{"b":2}']);
    assert.equal(index.startOf(1), 8);
    assert.equal(index.lengthOf(1), 100_000_003);
  });

  it('reads a short row before more than 64 MiB of blank lines', async t => {
    const path = join(tempFolder(t), 'far.jsonl');
    writeFileSync(path, '{"a":1}\r\n');
    appendFileSync(path, Buffer.alloc(65 * MIB, '\n'));
    appendFileSync(path, '{"b":2}');
    const index = await openWhole(path);
    assert.deepEqual(shown(await index.read(0, 2)), ['{"a":1}', '{"b":2}']);
    assert.deepEqual(await passed(index), ['{"a":1}', '{"b":2}']);
  });

  it('shows a short row although many blank lines follow it', async t => {
    const path = join(tempFolder(t), 'blank.jsonl');
    writeFileSync(path, `{"a":1}\n${'\n'.repeat(5 * MIB)}{"b":2}\n`);
    const index = await openWhole(path);
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
      const [, row] = await (await openWhole(path)).read(0, 2);
      assert.deepEqual(row, { ok: false, reason: { id: 'record.notUtf8', args: [byte] } }, String(bytes));
    }
  });

  const odd: [what: string, file: string | Buffer, texts: (string | null)[], lines: number[]][] = [
    ['CRLF', '{"a":1}\r\n{"b":2}\r\n', ['{"a":1}', '{"b":2}'], [1, 2]],
    ['a byte order mark', '\ufeff{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}'], [1, 2]],
    ['a second one, which is text', '\ufeff\ufeff{}\n', ['\ufeff{}'], [1]],
    ['blank lines', '\n{"a":1}\n\n \t\r\n{"b":2}\n\n', ['{"a":1}', '{"b":2}'], [2, 5]],
    ['blanks around a row', ' \t{"a": 1}  \r\n  {"b":2} ', ['{"a": 1}', '{"b":2}'], [1, 2]],
    ['no line end after the last', '{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}'], [1, 2]],
    ['U+2028 and U+2029', '{"a":"\u2028\u2029"}\n{}\n', ['{"a":"\u2028\u2029"}', '{}'], [1, 2]],
    ['a line feed of other alphabets', '{"a":"\x85\x0b\x0c"}\n{}', ['{"a":"\x85\x0b\x0c"}', '{}'], [1, 2]],
    ['an escaped half of a pair', '{"a":"\\ud800"}\n', ['{"a":"\\ud800"}'], [1]],
    ['bytes that are no UTF-8', Buffer.from('{"a":"\xff"}\n{}\n', 'latin1'), [null, '{}'], [1, 2]],
    ['NUL bytes', '{"a":"\0"}\n\0\n', ['{"a":"\0"}', '\0'], [1, 2]],
    ['large numbers', '{"a":9007199254740993,"b":1e400}\n', ['{"a":9007199254740993,"b":1e400}'], [1]],
    ['members twice', '{"a":1,"a":2}\n', ['{"a":1,"a":2}'], [1]],
    ['a member __proto__', '{"__proto__":{"ok":1}}\n', ['{"__proto__":{"ok":1}}'], [1]],
  ];
  for (const [what, file, texts, lines] of odd) {
    it(`reads exactly what the file holds: ${what}`, async t => {
      const path = join(tempFolder(t), 'odd.jsonl');
      writeFileSync(path, file);
      const index = await openWhole(path);
      assert.deepEqual(shown(await index.read(0, 9)), texts);
      assert.deepEqual(await passed(index), texts);
      assert.deepEqual(
        texts.map((_, row) => index.line(row)),
        lines,
      );
    });
  }

  it('refuses rows that are not there', async t => {
    const path = join(tempFolder(t), 'two.jsonl');
    writeFileSync(path, '{}\n{}\n');
    const index = await openWhole(path);
    await assert.rejects(index.readRows([0, 2]), userError('row.missing'));
    await assert.rejects(index.readRows([-1]), userError('row.missing'));
    assert.deepEqual(await index.readRows([]), []);
    assert.deepEqual(await passed(index, 1, 99), ['{}']);
  });

  it('finds the first bad byte of a long line', async t => {
    const path = join(tempFolder(t), 'bad.jsonl');
    const good = Buffer.from('aü日𝄞'.repeat(5000));
    writeFileSync(path, Buffer.concat([good, Buffer.from([0xe2, 0x82]), good]));
    const [row] = await (await openWhole(path)).read(0, 1);
    assert.deepEqual(row, { ok: false, reason: { id: 'record.notUtf8', args: [good.length + 1] } });
  });

  it('takes 8 bytes a row, 16 where blank lines lie between all of them', async t => {
    const folder = tempFolder(t);
    const bytes = async (content: string) => {
      const path = join(folder, 'x.jsonl');
      writeFileSync(path, content);
      const { rows } = (await openWhole(path)).share();
      assert.equal(rows.count, 4 * SEGMENT_ROWS);
      return [...rows.starts, ...rows.blanks].reduce<number>(
        (sum, each) => sum + (typeof each === 'number' ? 0 : each.byteLength),
        0,
      );
    };
    assert.equal(await bytes('1\n'.repeat(4 * SEGMENT_ROWS)), 8 * 4 * SEGMENT_ROWS);
    assert.equal(await bytes(`\n\n${'1\n'.repeat(4 * SEGMENT_ROWS)}`), 8 * 4 * SEGMENT_ROWS);
    assert.equal(await bytes('1\n\n'.repeat(4 * SEGMENT_ROWS)), 16 * 4 * SEGMENT_ROWS);
  });

  it('knows rows and lines across segments, blank lines beginning and ending anywhere', async t => {
    const path = join(tempFolder(t), 'segments.jsonl');
    const lines = Array.from({ length: 2.5 * SEGMENT_ROWS }, (_, line) => {
      return line > 50_000 && line < 90_000 && line % 3 === 0 ? '' : String(line);
    });
    writeFileSync(path, lines.join('\n'));
    const index = await openWhole(path);
    const rows = lines.flatMap((line, at) => (line === '' ? [] : [at + 1]));
    assert.equal(index.rows, rows.length);
    assert.equal(index.blankLines, lines.length - rows.length);
    for (const [row, line] of rows.entries()) {
      assert.equal(index.line(row), line);
      assert.equal(index.rowAtLine(line), row);
    }
    assert.equal(index.rowAtLine(50_002), undefined);
    const asked = [rows.length - 1, 0, SEGMENT_ROWS, SEGMENT_ROWS - 1, 0];
    assert.deepEqual(
      shown(await index.readRows(asked)),
      asked.map(row => lines[rows[row]! - 1]),
    );
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

  const changes: [what: string, change: (path: string) => void][] = [
    ['appended to', path => appendFileSync(path, '{"c":3}\n')],
    ['cut off', path => truncateSync(path, 8)],
    ['written over with as many bytes', path => utimesSync(path, 1, 1)],
    [
      'replaced',
      path => {
        copyFileSync(path, `${path}.new`);
        renameSync(`${path}.new`, path);
      },
    ],
    ['removed', path => rmSync(path)],
  ];
  const noticed = userError('file.changed', 'file.missing');
  for (const [what, change] of changes) {
    it(`notices that the file was ${what} after it was indexed`, async t => {
      const path = join(tempFolder(t), 'shard.jsonl');
      writeFileSync(path, '{"a":1}\n{"b":2}\n');
      const index = await openWhole(path);
      assert.equal(textOf((await index.read(1, 1))[0]), '{"b":2}');
      change(path);
      await assert.rejects(index.read(1, 1), noticed);
      await assert.rejects(index.readRows([0]), noticed);
      await assert.rejects(passed(index), noticed);
    });

    it(`notices that the file was ${what} while it was indexed`, async t => {
      const path = join(tempFolder(t), 'shard.jsonl');
      writeFileSync(path, MANY);
      const index = await ShardIndex.open(path);
      change(path);
      await assert.rejects(index.whole, noticed);
      assert.equal(index.complete, false);
      assert.ok(noticed(index.problem));
      assert.throws(() => index.share());
    });
  }

  it('stops a pass in the middle when the file changes', async t => {
    const path = join(tempFolder(t), 'shard.jsonl');
    writeFileSync(path, MANY);
    const pass = (await openWhole(path)).passBytes();
    assert.equal((await pass.next()).done, false);
    utimesSync(path, 1, 1);
    await assert.rejects(pass.next(), userError('file.changed'));
  });
});

/** About 6 MB of rows, each of which says its number. */
const MANY_ROWS = 100_000;
const many = (row: number) => `{"row":${row},"text":"${'x'.repeat(row % 90)}"}`;
const MANY = Array.from({ length: MANY_ROWS }, (_, row) => `${many(row)}\n`).join('');

/** Handles that this process holds on a file. */
function handlesOn(path: string): number {
  const open = readdirSync('/proc/self/fd').map(each => {
    try {
      return readlinkSync(`/proc/self/fd/${each}`);
    } catch {
      return '';
    }
  });
  return open.filter(each => each === path).length;
}
const onLinux = { skip: process.platform === 'linux' ? false : 'needs /proc' };

describe('an index under way', () => {
  it('is open after the first read, and the rows that it counts can be read', async t => {
    const path = join(tempFolder(t), 'shard.jsonl');
    writeFileSync(path, MANY);
    const index = await ShardIndex.open(path);
    let rounds = 0;
    assert.ok(index.scanned < MANY.length);
    const random = fc.sample(fc.nat(), { numRuns: 200, seed: 5 });
    while (!index.complete) {
      rounds++;
      assert.equal(index.problem, undefined);
      const { rows } = index;
      assert.ok(rows > 0);
      const asked = [...random.map(number => number % rows), rows - 1];
      assert.deepEqual(shown(await index.readRows(asked)), asked.map(many));
      assert.equal(index.rowAtLine(rows), rows - 1);
      assert.deepEqual((await passed(index, rows - 20)).slice(0, 20).at(-1), many(rows - 1));
    }
    assert.ok(rounds > 0);
    assert.equal(index.rows, MANY_ROWS);
    assert.equal(textOf((await index.read(MANY_ROWS - 1, 5))[0]), many(MANY_ROWS - 1));
  });

  it('does not count a row before its end is known', async t => {
    const path = join(tempFolder(t), 'shard.jsonl');
    writeFileSync(path, `{"a":1}\n"${'x'.repeat(3 * MIB)}"`);
    const index = await ShardIndex.open(path);
    assert.equal(index.rows, 1);
    assert.equal(index.rowAtLine(2), undefined);
    await assert.rejects(index.readRows([1]), userError('row.missing'));
    await index.until(1);
    assert.equal(index.rows, 2);
    await index.until(2);
    assert.ok(index.isScanned);
    assert.equal(index.rowAtLine(2), 1);
  });

  it('says how far it is, not too often, and when it is complete', async t => {
    const path = join(tempFolder(t), 'shard.jsonl');
    writeFileSync(path, MANY.repeat(3));
    const began = performance.now();
    const index = await ShardIndex.open(path);
    const seen: [bytes: number, complete: boolean][] = [];
    index.onProgress(() => seen.push([index.scanned, index.complete]));
    const stopListening = index.onProgress(() => assert.fail('nobody listens any more'));
    stopListening();
    await index.whole;
    assert.deepEqual(seen.at(-1), [3 * MANY.length, true]);
    assert.ok(seen.length <= 1 + (performance.now() - began) / 100);
    assert.ok(seen.slice(0, -1).every(([, complete]) => !complete));
  });

  it('stops when it is closed: no handle stays, what it knows can be read', onLinux, async t => {
    const path = join(tempFolder(t), 'shard.jsonl');
    writeFileSync(path, MANY);
    const index = await ShardIndex.open(path);
    assert.equal(handlesOn(path), 1);
    index.close();
    await assert.rejects(index.whole, { name: 'AbortError' });
    assert.equal(handlesOn(path), 0);
    assert.equal(index.complete, false);
    assert.ok(index.problem instanceof Error && index.problem.name === 'AbortError');
    assert.equal(textOf((await index.read(0, 1))[0]), many(0));
  });

  it('stops when its signal says so, before, while and after it opens', async t => {
    const path = join(tempFolder(t), 'shard.jsonl');
    writeFileSync(path, MANY);
    await assert.rejects(ShardIndex.open(path, { signal: AbortSignal.abort() }), { name: 'AbortError' });
    const opening = new AbortController();
    const opened = ShardIndex.open(path, { signal: opening.signal });
    opening.abort();
    await assert.rejects(opened, { name: 'AbortError' });
    const scanning = new AbortController();
    const index = await ShardIndex.open(path, { signal: scanning.signal });
    scanning.abort();
    await assert.rejects(index.whole, { name: 'AbortError' });
  });

  it('leaves no handle behind when a pass is given up', onLinux, async t => {
    const path = join(tempFolder(t), 'shard.jsonl');
    writeFileSync(path, MANY);
    const index = await openWhole(path);
    for await (const block of index.passBytes()) {
      assert.ok(block.rows > 1 && block.bytes.length <= MIB);
      break;
    }
    assert.equal(handlesOn(path), 0);
  });
});
