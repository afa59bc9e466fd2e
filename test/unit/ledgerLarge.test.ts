import assert from 'node:assert/strict';
import {
  appendFileSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { decodeEvent, eventsOf, type ReviewEvent } from '../../src/core/events';
import { byOrder } from '../../src/core/eventFacts';
import type { UnitKey } from '../../src/core/record';
import type { Ledgers } from '../../src/io/ledger';
import { MAX_LINE_BYTES } from '../../src/io/ledgerLines';
import { writeLargeLedgers } from '../helpers/largeLedgers';
import {
  ANNA,
  BELA,
  comment,
  commentLine,
  idsOf,
  inTempFolder,
  KEY,
  ledgerOf,
  ledgersOf,
  place,
  problemsOf,
  readLedgers,
  tempFolder,
  textsOf,
  userError,
  withTexts,
  writeLedger,
} from '../helpers/shardFixture';

/** What a ledger comes to, read at once and line by line. */
function naive(bytes: Buffer, reviewer: string) {
  const events: ReviewEvent[] = [];
  const problems: [number, string][] = [];
  let line = 0;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    const text = bytes.toString('utf8', at, end < 0 ? bytes.length : end).trim();
    line++;
    const decoded = decodeEvent(text);
    if (decoded.ok && decoded.event.by === reviewer) events.push(...eventsOf(decoded.event));
    else if (text !== '' && end >= 0)
      problems.push([line, decoded.ok ? 'event.otherReviewer' : decoded.reason.id]);
    at = end < 0 ? bytes.length : end + 1;
  }
  return { events, problems };
}

/** A file of that many bytes, all of them zero, which takes no room on the disk. */
function writeEndless(file: string, bytes: number): void {
  writeLedger(file, '');
  closeSync(openSync(file, 'w'));
  truncateSync(file, bytes);
}

/** Looks at something at every turn of the event loop until a promise is settled. */
async function atEachTurn<T>(until: Promise<unknown>, look: () => T): Promise<T[]> {
  const seen: T[] = [];
  const state = { isSettled: false };
  void until.finally(() => (state.isSettled = true));
  while (!state.isSettled) {
    seen.push(look());
    await setImmediate();
  }
  await until;
  return seen;
}

const CALLS = ['read', 'write', 'stat', 'sync'] as const;

/** How often a file handle is asked for each of `CALLS` while `work` is done. */
async function callsOf(t: TestContext, work: () => Promise<unknown>): Promise<number[]> {
  const file = await open('/dev/null');
  const prototype = Object.getPrototypeOf(file) as FileHandle;
  await file.close();
  const mocks = CALLS.map(name => t.mock.method(prototype, name).mock);
  await work();
  return mocks.map(mock => {
    mock.restore();
    return mock.callCount();
  });
}

describe('reading large ledgers', () => {
  it('gives what reading at once gives, wherever its pieces begin and end', async () => {
    const size = fc.oneof(fc.nat(300), fc.nat(3000), fc.nat(150_000));
    const letters = fc.constantFrom('a', 'é', '本', '😀', '"', '\\', '\u2028', '\u00a0');
    const line = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('own', 'odd', 'foreign'), size, letters }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constantFrom('rubbish', 'bytes', 'blank', 'space'), size, letters }),
      },
    );
    const shape = fc.record({ lines: fc.array(line, { maxLength: 60 }), isWhole: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(shape, async ({ lines, isWhole }) => {
        await inTempFolder(async folder => {
          const { shard, file } = place(folder, { reviewer: 'änna', clone: 'aaaaaa' });
          const written = lines.map(({ kind, size, letters }, index) => {
            const text = letters.repeat(size / letters.length);
            const own = commentLine(`L${index}`, kind === 'foreign' ? 'bela' : 'änna', {
              text,
              key: index % 3 === 0 ? 'größe@de' : 'r1@de',
            });
            if (kind === 'odd') return Buffer.from(`\uFEFF\u00a0 ${own}\u00a0\r`);
            if (kind === 'rubbish') return Buffer.from(text);
            if (kind === 'bytes')
              return Buffer.from(own.replace('"text":"', '"text":"\xff\xc3\xe6'), 'latin1');
            return Buffer.from(kind === 'blank' ? '' : kind === 'space' ? ' \u00a0\r' : own);
          });
          const bytes = Buffer.concat(written.flatMap(each => [each, Buffer.from('\n')]));
          writeLedger(file, '');
          writeFileSync(file, isWhole ? bytes : bytes.subarray(0, -1));
          const expected = naive(readFileSync(file), 'änna');
          const ledgers = await readLedgers(shard);
          assert.equal(ledgers.size, expected.events.length);
          assert.deepEqual(problemsOf(ledgers), expected.problems);
          for (const key of ['größe@de', 'r1@de'] as UnitKey[]) {
            assert.deepEqual(
              await withTexts(ledgers, ledgers.eventsOf(key)),
              expected.events.filter(event => event.key === key),
            );
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  it('gives the events of each reviewer in their order, also those that come later', async t => {
    const { shard } = place(tempFolder(t));
    writeLargeLedgers(shard, 2000);
    const ledgers = await readLedgers(shard);
    assert.deepEqual(ledgers.problems, []);
    const expected = (by: string) => [...ledgers.all()].filter(event => event.by === by).sort(byOrder);
    assert.equal(ledgers.size, 2000);
    const check = () => {
      for (const by of ['anna', 'bela', 'carla', 'nobody'])
        assert.deepEqual(ledgers.eventsBy(by), expected(by));
    };
    check();
    await ledgers.append(BELA, [comment('own')]);
    writeLedger(
      ledgerOf(shard, { reviewer: 'anna', clone: 'zzzzzz' }),
      `${commentLine('X', 'anna', { seq: 7 })}\n`,
    );
    await ledgers.refresh();
    check();
    assert.equal(ledgers.eventsBy('bela').at(-1)?.type, 'comment');
  });

  it('leaves a turn to others before it has taken in a quarter of a megabyte more', async t => {
    const { shard } = place(tempFolder(t));
    const lineBytes = 500;
    const line = (index: number) => commentLine(`L${index}`, 'anna', { text: 'x'.repeat(lineBytes - 120) });
    const count = 8000;
    writeLedger(
      ledgerOf(shard, ANNA),
      Array.from({ length: count }, (_, index) => `${line(index)}\n`).join(''),
    );
    const ledgers = ledgersOf(shard);
    const sizes = await atEachTurn(ledgers.refresh(), () => ledgers.size);
    const steps = [...sizes, count].map((size, index, all) => size - (all[index - 1] ?? 0));
    assert.equal(ledgers.size, count);
    assert.ok(Math.max(...steps) * lineBytes < 256 << 10, `${Math.max(...steps)} lines at once`);
  });

  it('leaves a turn to others also where it is lines of a few bytes that are refused', async t => {
    const { shard, file } = place(tempFolder(t));
    const count = 30_000;
    writeLedger(file, '{\n'.repeat(count) + `${commentLine('A1', 'anna')}\n`);
    const ledgers = ledgersOf(shard);
    const parse = t.mock.method(JSON, 'parse').mock;
    const parsed = await atEachTurn(ledgers.refresh(), () => parse.callCount());
    const total = parse.callCount();
    parse.restore();
    const steps = [...parsed, total].map((calls, index, all) => calls - (all[index - 1] ?? 0));
    assert.ok(total >= count && Math.max(...steps) <= 2000, `${Math.max(...steps)} of ${total} at once`);
    assert.deepEqual(idsOf(ledgers), ['A1']);
    // Not one by one to the end: a ledger that is rubbish throughout would fill the memory.
    assert.equal(ledgers.problems.length, 10_000);
    assert.deepEqual(problemsOf(ledgers).at(-1), [10_000, 'event.tooMany']);
    appendFileSync(file, '{\n');
    await ledgers.refresh();
    assert.equal(ledgers.problems.length, 10_000);
  });

  it('shows nobody a half of what is read again', async t => {
    const { shard } = place(tempFolder(t));
    const files = writeLargeLedgers(shard, 5000);
    const ledgers = await readLedgers(shard);
    const lost = readFileSync(files[0]!, 'utf8').split('\n').length - 1;
    rmSync(files[0]!);
    const refreshed = ledgers.refresh();
    const sizes = await atEachTurn(refreshed, () => ledgers.size);
    assert.equal(await refreshed, 'all');
    assert.ok(sizes.length > 5);
    assert.deepEqual([...new Set([...sizes, ledgers.size])], [5000, 5000 - lost]);
  });
});

describe('a line without end', () => {
  it('is set aside by its number, without being held in memory, and what follows it is read', async t => {
    const { shard, file } = place(tempFolder(t));
    // Longer than a text can be in JavaScript.
    writeEndless(file, 520 << 20);
    appendFileSync(file, `\n${commentLine('A1', 'anna')}\n`);
    const ledgers = ledgersOf(shard);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 5);
    await ledgers.refresh();
    clearInterval(watch);
    assert.ok(most > before && most - before < 128 << 20, `${most - before} bytes held`);
    assert.deepEqual(problemsOf(ledgers), [[1, 'event.tooLong']]);
    assert.deepEqual(idsOf(ledgers), ['A1']);
  });

  it('is said once, and ends where its line end comes at last', async t => {
    const { shard, file } = place(tempFolder(t));
    writeLedger(file, `${commentLine('A1', 'anna')}\n`);
    const ledgers = await readLedgers(shard);
    for (const more of [
      'x'.repeat(MAX_LINE_BYTES),
      'x',
      'y',
      `z\n${commentLine('A2', 'anna')}`,
      '\nrubbish\n',
    ]) {
      appendFileSync(file, more);
      await ledgers.refresh();
      const fresh = await readLedgers(shard);
      assert.deepEqual(ledgers.problems, fresh.problems);
      assert.deepEqual(idsOf(ledgers), idsOf(fresh));
    }
    assert.deepEqual(idsOf(ledgers), ['A1', 'A2']);
    assert.deepEqual(problemsOf(ledgers), [
      [2, 'event.tooLong'],
      [4, 'event.notJson'],
    ]);
  });

  it('is met by the next event with a line of its own', async t => {
    const { shard, file } = place(tempFolder(t));
    writeEndless(file, MAX_LINE_BYTES + 1);
    const ledgers = await readLedgers(shard);
    const [next] = await ledgers.append(ANNA, [comment('next')]);
    for (const each of [ledgers, await readLedgers(shard)]) {
      assert.deepEqual(idsOf(each), [next?.id]);
      assert.deepEqual(problemsOf(each), [[1, 'event.tooLong']]);
    }
  });

  it('is never written: an event at the limit is kept, a larger one is refused', async t => {
    const { shard, file } = place(tempFolder(t));
    const ledgers = ledgersOf(shard);
    await ledgers.append(ANNA, [comment('')]);
    const room = MAX_LINE_BYTES - (readFileSync(file).length - 1);
    await ledgers.append(ANNA, [comment('x'.repeat(room))]);
    const before = readFileSync(file);
    await assert.rejects(
      ledgers.append(ANNA, [comment('x'.repeat(room + 1))]),
      userError('ledger.notWritten'),
    );
    const endlessName = comment('x', 'k'.repeat(301) as UnitKey);
    await assert.rejects(ledgers.append(ANNA, [endlessName]), userError('ledger.notWritten'));
    assert.ok(readFileSync(file).equals(before));
    const reopened = await readLedgers(shard);
    assert.deepEqual(reopened.problems, []);
    assert.deepEqual(
      (await textsOf(reopened)).map(text => text.length),
      [0, room],
    );
  });
});

describe('what a decision takes', () => {
  it('is the same at thousands of events as at none, and so is a look without news', async t => {
    const calls = async (count: number) => {
      const { shard } = place(tempFolder(t));
      writeLargeLedgers(shard, count);
      // As many files with nothing in them would be.
      const ledgers = await readLedgers(shard);
      await ledgers.append(ANNA, [comment('first')]);
      return {
        append: await callsOf(t, () => ledgers.append(ANNA, [comment('second')])),
        refresh: await callsOf(t, () => ledgers.refresh()),
      };
    };
    const few = await calls(5);
    assert.deepEqual(few, {
      append: [0, 1, 1, 1],
      refresh: [0, 0, 0, 0],
    });
    assert.deepEqual(await calls(5000), few);
  });

  it('includes no second reading, and yet what another window wrote there in between', async t => {
    const { shard, file } = place(tempFolder(t));
    const [ledgers, other] = [ledgersOf(shard), ledgersOf(shard)];
    await ledgers.append(ANNA, [comment('1')]);
    await other.append(ANNA, [comment('2', 'r2@de' as UnitKey)]);
    await ledgers.append(ANNA, [comment('3')]);
    assert.equal(ledgers.size, 3);
    // It was met by the append, and is news all the same to whoever asks.
    assert.deepEqual(await ledgers.refresh(), new Set(['r2@de']));
    assert.deepEqual(await ledgers.refresh(), new Set());
    assert.equal(readFileSync(file, 'utf8').split('\n').length, 4);
    assert.deepEqual(await textsOf(await readLedgers(shard)), ['1', '3']);
  });
});

describe('lines of another ledger', () => {
  it('are appended as they stand, and taken in', async t => {
    const { shard, file } = place(tempFolder(t));
    const ledgers = ledgersOf(shard);
    assert.deepEqual(await ledgers.files(), []);
    const lines = [commentLine('A1', 'anna', { text: 'Zürich 日本' }), commentLine('A2', 'anna', { v: 2 })];
    await ledgers.appendLines('anna', basename(file), lines);
    assert.equal(readFileSync(file, 'utf8'), `${lines.join('\n')}\n`);
    assert.deepEqual(await ledgers.files(), [file]);
    const idsAndProblems = (each: Ledgers) => [idsOf(each), problemsOf(each)];
    assert.deepEqual(idsAndProblems(ledgers), [['A1'], [[2, 'event.version']]]);
    assert.deepEqual(await ledgers.refresh(), new Set([KEY]));
    assert.deepEqual(idsAndProblems(await readLedgers(shard)), idsAndProblems(ledgers));
    assert.equal(basename(dirname(file)), 'anna');
  });
});
