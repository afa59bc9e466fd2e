import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { ulid } from 'ulid';
import { MAX_SEQ, type ReviewEvent } from '../../src/core/events';
import type { UnitKey } from '../../src/core/record';
import { Ledgers, type Writer } from '../../src/io/ledger';
import {
  ANNA,
  BELA,
  childRole,
  comment,
  commentLine,
  contentsOf,
  idsOf,
  inTempFolder,
  KEY,
  ledgerOf,
  ledgersOf,
  outputOfChild,
  place,
  problemsOf,
  readLedgers,
  spawnChild,
  tempFolder,
  textsOf,
  userError,
  withTexts,
  writeLedger,
} from '../helpers/shardFixture';

/** Has every handle's `sync` do something else first; `real` is the true one. */
async function onSync(
  t: TestContext,
  replacement: (real: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const file = await open('/dev/null');
  const prototype = Object.getPrototypeOf(file) as FileHandle;
  await file.close();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its handle below
  const sync = prototype.sync;
  t.mock.method(prototype, 'sync', function (this: FileHandle) {
    return replacement(() => sync.call(this));
  });
}

/** Prints each id once its promise is fulfilled: what is printed may not be lost. */
async function appendMany(shard: string, writer: Writer, events: number): Promise<void> {
  const ledgers = new Ledgers(shard, { now: Date.now, newId: ulid });
  for (let made = 0; made < events; made++) {
    const [event] = await ledgers.append(writer, [comment('x'.repeat(made % 3000))]);
    writeSync(1, `${event?.id}\n`);
  }
}

function defineTests(): void {
  describe('appending', () => {
    it('gives back after reopening what it gave at once, whatever the text', async () => {
      const anyText = fc.oneof(
        fc.string({ unit: 'binary' }),
        // Any UTF-16, halves of surrogate pairs included.
        fc.array(fc.nat(0xffff)).map(units => String.fromCharCode(...units)),
        fc.constantFrom('a\nb', '\r\n', '\u2028', '\uFEFF', '<<<<<<< HEAD', '"}\n{"v":1}'),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(anyText, { minLength: 1, maxLength: 5 }), async texts => {
          await inTempFolder(async folder => {
            const { shard } = place(folder);
            const ledgers = ledgersOf(shard);
            const appended: ReviewEvent[] = [];
            for (const text of texts) appended.push(...(await ledgers.append(ANNA, [comment(text)])));
            assert.deepEqual(await withTexts(ledgers, ledgers.eventsOf(KEY)), appended);
            const reopened = await readLedgers(shard);
            assert.deepEqual(reopened.eventsOf(KEY), ledgers.eventsOf(KEY));
            assert.deepEqual(await withTexts(reopened, reopened.eventsOf(KEY)), appended);
            assert.deepEqual(reopened.problems, []);
          });
        }),
        { numRuns: 60 },
      );
    });

    it('names the writer, the time and a place in the order after all that was seen', async t => {
      const { shard } = place(tempFolder(t));
      writeLedger(ledgerOf(shard, BELA), `${commentLine('B1', 'bela', { seq: 41 })}\n`);
      const ledgers = await readLedgers(shard);
      const [first, second] = await ledgers.append(ANNA, [comment('1'), comment('2', 'r2@de' as UnitKey)]);
      assert.deepEqual([first?.by, first?.seq, second?.seq, second?.key], ['anna', 42, 43, 'r2@de']);
      assert.equal(new Date(first?.at ?? '').toISOString(), first?.at);
      assert.notEqual(first?.id, second?.id);
    });

    it('goes on counting from all that was ever seen, also where that is gone', async t => {
      const { shard } = place(tempFolder(t));
      const other = ledgerOf(shard, BELA);
      writeLedger(other, `${commentLine('B1', 'bela', { seq: 41 })}\n`);
      const ledgers = await readLedgers(shard);
      rmSync(other);
      assert.equal(await ledgers.refresh(), 'all');
      const [first] = await ledgers.append(ANNA, [comment('1')]);
      assert.equal(first?.seq, 42);
    });

    it('can be read again also where another ledger holds the highest number there is', async t => {
      const { shard } = place(tempFolder(t));
      const [highest, forged] = [{ seq: MAX_SEQ }, { seq: Number.MAX_SAFE_INTEGER }];
      const lines = [commentLine('B1', 'bela', highest), commentLine('B2', 'bela', forged)];
      writeLedger(ledgerOf(shard, BELA), lines.map(line => `${line}\n`).join(''));
      const ledgers = await readLedgers(shard);
      assert.deepEqual(problemsOf(ledgers), [[2, 'event.member']]);
      await ledgers.append(ANNA, [comment('kept')]);
      assert.ok((await textsOf(await readLedgers(shard))).includes('kept'));
    });

    it('is acknowledged only after the fsync of what it wrote', async t => {
      const { shard, file } = place(tempFolder(t));
      await ledgersOf(shard).append(ANNA, [comment('first')]);
      const sizes: number[] = [];
      await onSync(t, async real => {
        sizes.push(statSync(file).size);
        await real();
      });
      await ledgersOf(shard).append(ANNA, [comment('second')]);
      // One of the ledger, and one of its folder: another process may have been killed before that.
      assert.deepEqual(sizes, [statSync(file).size, statSync(file).size]);
    });

    it('does not count where the fsync fails', async t => {
      const { shard } = place(tempFolder(t));
      await onSync(t, () => Promise.reject(new Error('EIO: i/o error, fsync')));
      const ledgers = ledgersOf(shard);
      await assert.rejects(ledgers.append(ANNA, [comment('lost')]), userError('ledger.notWritten'));
      assert.deepEqual(idsOf(ledgers), []);
    });

    it('writes again where git replaced the ledger between the write and the fsync', async t => {
      const { shard, file } = place(tempFolder(t));
      const ledgers = ledgersOf(shard);
      await ledgers.append(ANNA, [comment('before')]);
      let replacements = 1;
      copyFileSync(file, `${file}.git`);
      await onSync(t, async real => {
        if (replacements-- > 0) renameSync(`${file}.git`, file);
        await real();
      });
      await ledgers.append(ANNA, [comment('after')]);
      assert.deepEqual(await textsOf(await readLedgers(shard)), ['before', 'after']);
    });

    it('gives up where the ledger is replaced again and again', async t => {
      const { shard, file } = place(tempFolder(t));
      const ledgers = ledgersOf(shard);
      await ledgers.append(ANNA, [comment('before')]);
      const old = readFileSync(file);
      await onSync(t, async real => {
        writeFileSync(`${file}.git`, old);
        renameSync(`${file}.git`, file);
        await real();
      });
      await assert.rejects(ledgers.append(ANNA, [comment('lost')]), userError('ledger.replaced'));
      assert.deepEqual(await textsOf(ledgers), ['before']);
      assert.deepEqual(await textsOf(await readLedgers(shard)), ['before']);
    });

    it('brings .gitattributes and .gitignore with the first event and never writes over them', async t => {
      const folder = tempFolder(t);
      const { shard } = place(folder);
      const ledgers = ledgersOf(shard);
      await ledgers.refresh();
      assert.deepEqual(contentsOf(folder), {});
      await ledgers.append(ANNA, [comment('first')]);
      const attributes = join(folder, '.crossalpaca', '.gitattributes');
      const ignore = join(folder, '.crossalpaca', '.gitignore');
      assert.equal(readFileSync(attributes, 'utf8'), '*.jsonl -text merge=union\n');
      assert.equal(readFileSync(ignore, 'utf8'), 'candidates/\ncache/\n');
      writeFileSync(attributes, '# ours\n');
      writeFileSync(ignore, '');
      await ledgers.append(ANNA, [comment('second')]);
      assert.deepEqual([readFileSync(attributes, 'utf8'), readFileSync(ignore, 'utf8')], ['# ours\n', '']);
      rmSync(attributes);
      await ledgers.append(ANNA, [comment('third')]);
      assert.equal(readFileSync(attributes, 'utf8'), '*.jsonl -text merge=union\n');
    });

    it('does not mix the lines of two processes that write one ledger', async t => {
      const { shard, file } = place(tempFolder(t));
      const children = [1, 2].map(() => outputOfChild(spawnChild(__filename, 'append', shard, '40')));
      const acknowledged = (await Promise.all(children)).join('').split('\n').filter(Boolean).sort();
      assert.equal(acknowledged.length, 80);
      const ledgers = await readLedgers(shard);
      assert.deepEqual(idsOf(ledgers), acknowledged);
      assert.deepEqual(ledgers.problems, []);
      // A process that meets the line of the other before its end is in sight begins a line of its own: one left empty.
      const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
      assert.deepEqual(lines.map(line => (JSON.parse(line) as { id: string }).id).sort(), acknowledged);
    });
  });

  describe('promise: nothing acknowledged is lost', () => {
    it('holds for a ledger cut at any byte of its last line: the rest stays, the next event has its own line', async t => {
      const { shard, file } = place(tempFolder(t));
      const first = `${commentLine('A1', 'anna')}\n`;
      const last = `${commentLine('A2', 'anna', { text: 'Zürich 日本 😀' })}\n`;
      const bytes = Buffer.from(first + last);
      for (let size = Buffer.byteLength(first); size <= bytes.length; size++) {
        writeLedger(file, '');
        writeFileSync(file, bytes.subarray(0, size));
        const [next] = await (await readLedgers(shard)).append(ANNA, [comment('next')]);
        const written = readFileSync(file);
        assert.deepEqual(written.subarray(0, size), bytes.subarray(0, size));
        const whole = size >= bytes.length - 1;
        const torn = !whole && size > Buffer.byteLength(first);
        const ledgers = await readLedgers(shard);
        assert.deepEqual(idsOf(ledgers), ['A1', ...(whole ? ['A2'] : []), next?.id], `cut at ${size}`);
        assert.deepEqual(problemsOf(ledgers), torn ? [[2, 'event.notJson']] : [], `cut at ${size}`);
      }
    });
  });

  describe('where a ledger cannot be written', () => {
    const obstacles: [what: string, put: (file: string) => void][] = [
      ['the review folder is a file', file => writeFileSync(dirname(dirname(dirname(file))), 'x')],
      ['the folder of the reviewer is a file', file => writeLedger(dirname(file), 'x')],
      ['the ledger is a folder', file => void mkdirSync(file, { recursive: true })],
    ];
    for (const [what, put] of obstacles) {
      it(`says so and counts nothing: ${what}`, async t => {
        const folder = tempFolder(t);
        const { shard, file } = place(folder);
        put(file);
        const ledgers = ledgersOf(shard);
        await assert.rejects(ledgers.append(ANNA, [comment('lost')]), userError('ledger.notWritten'));
        assert.deepEqual(idsOf(ledgers), []);
        assert.deepEqual(idsOf(await readLedgers(shard)), []);
      });
    }

    const levels: [what: string, level: (file: string) => string][] = [
      ['the ledger', file => file],
      ['the folder of the reviewer', file => dirname(file)],
      ['the folder of the shard', file => dirname(dirname(file))],
      ['the review folder', file => dirname(dirname(dirname(file)))],
    ];
    for (const [what, level] of levels) {
      it(`refuses a link in place of ${what}, and touches nothing where it leads`, async t => {
        const folder = tempFolder(t);
        const outside = tempFolder(t);
        const { shard, file } = place(folder);
        const link = level(file);
        const aim = link === file ? join(outside, 'precious.txt') : outside;
        writeFileSync(join(outside, 'precious.txt'), 'precious\n');
        mkdirSync(dirname(link), { recursive: true });
        symlinkSync(aim, link);
        const before = contentsOf(outside);
        const ledgers = ledgersOf(shard);
        await assert.rejects(
          ledgers.append(ANNA, [comment('lost')]),
          userError('ledger.link', 'ledger.notWritten'),
        );
        assert.deepEqual(idsOf(ledgers), []);
        assert.deepEqual(contentsOf(outside), before);
      });
    }

    it('refuses a link to nowhere, and makes nothing there', async t => {
      const folder = tempFolder(t);
      const { shard, file } = place(folder);
      const nowhere = join(folder, 'nowhere');
      mkdirSync(dirname(file), { recursive: true });
      symlinkSync(nowhere, file);
      await assert.rejects(
        ledgersOf(shard).append(ANNA, [comment('lost')]),
        userError('ledger.link', 'ledger.notWritten'),
      );
      assert.equal(existsSync(nowhere), false);
    });

    it('takes a shard that is reached through a link: only links inside the review folder lead astray', async t => {
      const folder = tempFolder(t);
      mkdirSync(join(folder, 'data'));
      symlinkSync(join(folder, 'data'), join(folder, 'link'));
      const ledgers = ledgersOf(join(folder, 'link', 'shard.jsonl'));
      await ledgers.append(ANNA, [comment('kept')]);
      assert.deepEqual(await textsOf(await readLedgers(join(folder, 'data', 'shard.jsonl'))), ['kept']);
    });
  });
}

const [, , shard = '', events] = process.argv;
if (childRole() === 'append') void appendMany(shard, ANNA, Number(events));
else defineTests();
