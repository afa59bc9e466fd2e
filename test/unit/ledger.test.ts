import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { ulid } from 'ulid';
import type { ReviewEvent } from '../../src/core/events';
import type { UnitKey } from '../../src/core/record';
import { Ledgers, type Writer } from '../../src/io/ledger';
import {
  childRole,
  comment,
  commentLine,
  contentsOf,
  git,
  idsOf,
  inTempFolder,
  KEY,
  outputOfChild,
  readLedgers,
  spawnChild,
  tempFolder,
  testClock,
  userError,
} from '../helpers/shardFixture';

const ANNA: Writer = { reviewer: 'anna', clone: 'aaaaaa' };
const BELA: Writer = { reviewer: 'bela', clone: 'bbbbbb' };

const ledgerOf = (shard: string, { reviewer, clone }: Writer) =>
  join(dirname(shard), '.crossalpaca', 'shard.jsonl', reviewer, `${clone}.jsonl`);

/** The path of a shard (nothing looks at the shard itself here) and the ledger of a writer beside it. */
function place(folder: string, writer = ANNA): { shard: string; file: string } {
  const shard = join(folder, 'shard.jsonl');
  return { shard, file: ledgerOf(shard, writer) };
}

function writeLedger(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const open_ = (shard: string) => new Ledgers(shard, testClock());
const problemsOf = (ledgers: Ledgers) => ledgers.problems.map(({ line, reason }) => [line, reason.id]);
const textsOf = (ledgers: Ledgers, key = KEY) =>
  ledgers.eventsOf(key).map(event => (event.type === 'comment' ? event.text : event.type));

/** Has every handle's `sync` do something else first; `real` is the true one. */
async function onSync(t: TestContext, replacement: (real: () => Promise<void>) => Promise<void>): Promise<void> {
  const file = await open('/dev/null');
  const prototype = Object.getPrototypeOf(file) as FileHandle;
  await file.close();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its handle below
  const sync = prototype.sync;
  t.mock.method(prototype, 'sync', function (this: FileHandle) {
    return replacement(() => sync.call(this));
  });
}

/** Appends without end, and prints each id once its promise is fulfilled: what is printed may not be lost. */
async function appendForever(shard: string, writer: Writer, events = Infinity): Promise<void> {
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
            const ledgers = open_(shard);
            const appended: ReviewEvent[] = [];
            for (const text of texts) appended.push(...(await ledgers.append(ANNA, [comment(text)])));
            assert.deepEqual(ledgers.eventsOf(KEY), appended);
            const reopened = await readLedgers(shard);
            assert.deepEqual(reopened.eventsOf(KEY), appended);
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

    it('is acknowledged only after the fsync of what it wrote', async t => {
      const { shard, file } = place(tempFolder(t));
      await open_(shard).append(ANNA, [comment('first')]);
      const sizes: number[] = [];
      await onSync(t, async real => {
        sizes.push(statSync(file).size);
        await real();
      });
      await open_(shard).append(ANNA, [comment('second')]);
      assert.deepEqual(sizes, [statSync(file).size]);
    });

    it('does not count where the fsync fails', async t => {
      const { shard } = place(tempFolder(t));
      await onSync(t, () => Promise.reject(new Error('EIO: i/o error, fsync')));
      const ledgers = open_(shard);
      await assert.rejects(ledgers.append(ANNA, [comment('lost')]), userError('ledger.notWritten'));
      assert.deepEqual(idsOf(ledgers), []);
    });

    it('writes again where git replaced the ledger between the write and the fsync', async t => {
      const { shard, file } = place(tempFolder(t));
      const ledgers = open_(shard);
      await ledgers.append(ANNA, [comment('before')]);
      let replacements = 1;
      copyFileSync(file, `${file}.git`);
      await onSync(t, async real => {
        if (replacements-- > 0) renameSync(`${file}.git`, file);
        await real();
      });
      await ledgers.append(ANNA, [comment('after')]);
      assert.deepEqual(textsOf(await readLedgers(shard)), ['before', 'after']);
    });

    it('gives up where the ledger is replaced again and again', async t => {
      const { shard, file } = place(tempFolder(t));
      const ledgers = open_(shard);
      await ledgers.append(ANNA, [comment('before')]);
      const old = readFileSync(file);
      await onSync(t, async real => {
        writeFileSync(`${file}.git`, old);
        renameSync(`${file}.git`, file);
        await real();
      });
      await assert.rejects(ledgers.append(ANNA, [comment('lost')]), userError('ledger.replaced'));
      assert.deepEqual(textsOf(ledgers), ['before']);
      assert.deepEqual(textsOf(await readLedgers(shard)), ['before']);
    });

    it('brings .gitattributes and .gitignore with the first event and never writes over them', async t => {
      const folder = tempFolder(t);
      const { shard } = place(folder);
      const ledgers = open_(shard);
      await ledgers.refresh();
      assert.deepEqual(contentsOf(folder), {});
      await ledgers.append(ANNA, [comment('first')]);
      const attributes = join(folder, '.crossalpaca', '.gitattributes');
      const ignore = join(folder, '.crossalpaca', '.gitignore');
      assert.equal(readFileSync(attributes, 'utf8'), '*.jsonl -text merge=union\n');
      assert.equal(readFileSync(ignore, 'utf8'), 'candidates/\n');
      writeFileSync(attributes, '# ours\n');
      writeFileSync(ignore, '');
      await ledgers.append(ANNA, [comment('second')]);
      assert.deepEqual([readFileSync(attributes, 'utf8'), readFileSync(ignore, 'utf8')], ['# ours\n', '']);
    });

    it('does not mix the lines of two processes that write one ledger', async t => {
      const { shard, file } = place(tempFolder(t));
      const children = [1, 2].map(() => outputOfChild(spawnChild(__filename, 'append', shard, '40')));
      const acknowledged = (await Promise.all(children)).join('').split('\n').filter(Boolean).sort();
      assert.equal(acknowledged.length, 80);
      const ledgers = await readLedgers(shard);
      assert.deepEqual(idsOf(ledgers), acknowledged);
      assert.deepEqual(ledgers.problems, []);
      assert.equal(readFileSync(file, 'utf8').split('\n').length, 81);
    });
  });

  describe('promise: nothing acknowledged is lost', () => {
    it('holds for a writer that is killed at any moment', async t => {
      const { shard } = place(tempFolder(t));
      const acknowledged: string[] = [];
      // Always on one ledger, so that each begins behind the torn line of the one before.
      for (let kill = 0; kill < 50; kill++) {
        const child = spawnChild(__filename, 'append', shard);
        const moment = Math.floor(Math.random() * 12);
        let seen = 0;
        child.stdout?.on('data', (piece: Buffer) => {
          seen += piece.toString().split('\n').length - 1;
          if (seen > moment) setTimeout(() => child.kill('SIGKILL'), Math.random() * 3);
        });
        acknowledged.push(...(await outputOfChild(child)).split('\n').slice(0, -1));
      }
      assert.ok(acknowledged.length >= 50);
      const ledgers = await readLedgers(shard);
      assert.deepEqual(
        acknowledged.filter(id => !idsOf(ledgers).some(known => known === id)),
        [],
      );
    });

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

    it('holds on a full disk: what was not saved is said, and the next event is whole', t => {
      const disk = tempFolder(t);
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk], { stdio: 'ignore' });
      } catch {
        t.skip('mounting a small disk is not permitted here');
        return undefined;
      }
      return (async () => {
        try {
          const { shard } = place(disk);
          const ledgers = open_(shard);
          const filler = join(disk, 'filler');
          const acknowledged = await ledgers.append(ANNA, [comment('before')]);
          writeFileSync(filler, Buffer.alloc(40 << 10));
          const large = () => ledgers.append(ANNA, [comment('x'.repeat(40_000))]);
          await assert.rejects(large(), userError('ledger.notWritten'));
          await assert.rejects(large(), userError('ledger.notWritten'));
          assert.deepEqual(ledgers.eventsOf(KEY), acknowledged);
          rmSync(filler);
          acknowledged.push(...(await ledgers.append(ANNA, [comment('after')])));
          await ledgers.refresh();
          assert.deepEqual(ledgers.eventsOf(KEY), acknowledged);
          assert.deepEqual((await readLedgers(shard)).eventsOf(KEY), acknowledged);
        } finally {
          execFileSync('umount', [disk]);
        }
      })();
    });
  });

  describe('reading', () => {
    it('sets aside, with its number, each line that is no event of this reviewer', async t => {
      const { shard, file } = place(tempFolder(t));
      const lines = [
        commentLine('A1', 'anna'),
        '<<<<<<< HEAD',
        commentLine('A2', 'anna'),
        '=======',
        commentLine('B1', 'bela'),
        '>>>>>>> theirs',
        '',
        commentLine('A3', 'anna', { v: 2 }),
        commentLine('A4', 'anna', { type: 'assign' }),
        commentLine('A5', 'anna', { type: 'toString' }),
        commentLine('A6', 'anna', { text: 7 }),
        '[1]',
        'null',
        commentLine('A1', 'anna', { text: 'repeated' }),
        `${commentLine('A7', 'anna')}\r`,
        '\r',
        commentLine('A8', 'anna').slice(0, -3),
        commentLine('A9', 'anna'),
      ];
      writeLedger(file, `${lines.join('\n')}\n`);
      const ledgers = await readLedgers(shard);
      assert.deepEqual(textsOf(ledgers), ['A1', 'A2', 'A7', 'A9']);
      assert.deepEqual(problemsOf(ledgers), [
        [2, 'event.conflictMark'],
        [4, 'event.conflictMark'],
        [5, 'event.otherReviewer'],
        [6, 'event.conflictMark'],
        [8, 'event.version'],
        [9, 'event.type'],
        [10, 'event.type'],
        [11, 'event.member'],
        [12, 'event.notJson'],
        [13, 'event.notJson'],
        [17, 'event.notJson'],
      ]);
      assert.ok(ledgers.problems.every(problem => problem.file === file));
      assert.deepEqual(readFileSync(file, 'utf8'), `${lines.join('\n')}\n`);
    });

    it('keeps the numbers right where a ledger is read in several goes', async t => {
      const { shard, file } = place(tempFolder(t));
      writeLedger(file, `${commentLine('A1', 'anna')}\nrubbish\n`);
      const ledgers = await readLedgers(shard);
      appendFileSync(file, `${commentLine('A2', 'anna')}\nmore rub`);
      await ledgers.refresh();
      appendFileSync(file, `bish\n${commentLine('A3', 'anna')}\n`);
      await ledgers.refresh();
      assert.deepEqual(textsOf(ledgers), ['A1', 'A2', 'A3']);
      assert.deepEqual(problemsOf(ledgers), [
        [2, 'event.notJson'],
        [4, 'event.notJson'],
      ]);
    });

    it('reports a foreign last line once, although its line end comes later', async t => {
      const { shard, file } = place(tempFolder(t));
      writeLedger(file, commentLine('B1', 'bela'));
      const ledgers = await readLedgers(shard);
      appendFileSync(file, `\n${commentLine('A1', 'anna')}\n`);
      await ledgers.refresh();
      assert.deepEqual(problemsOf(ledgers), [[1, 'event.otherReviewer']]);
    });

    it('names the units that something happened to, and all where a ledger is not what it was', async t => {
      const { shard, file } = place(tempFolder(t));
      const ledgers = open_(shard);
      await ledgers.append(ANNA, [comment('own')]);
      assert.deepEqual(await ledgers.refresh(), new Set());
      writeLedger(ledgerOf(shard, BELA), `${commentLine('B1', 'bela', { key: 'r7@de' })}\n`);
      assert.deepEqual(await ledgers.refresh(), new Set(['r7@de']));
      assert.deepEqual(await ledgers.refresh(), new Set());
      rmSync(file);
      assert.equal(await ledgers.refresh(), 'all');
      assert.deepEqual(idsOf(ledgers), ['B1']);
    });

    it('passes over candidates, other files, and links', async t => {
      const folder = tempFolder(t);
      const { shard, file } = place(folder);
      const outside = join(folder, 'outside.jsonl');
      writeFileSync(outside, `${commentLine('A1', 'anna')}\n`);
      writeLedger(join(dirname(file), 'notes.txt'), `${commentLine('A2', 'anna')}\n`);
      writeLedger(ledgerOf(shard, { reviewer: 'candidates', clone: 'cccccc' }), 'no events\n');
      symlinkSync(outside, file);
      symlinkSync(dirname(file), join(dirname(dirname(file)), 'linked'));
      const ledgers = await readLedgers(shard);
      assert.deepEqual([idsOf(ledgers), ledgers.problems], [[], []]);
    });

    it('comes, after anything that happens to the files, to what fresh eyes see', async () => {
      const file = fc.constantFrom(ANNA, BELA);
      const ending = fc.constantFrom('\n', '\r\n', '', '\n\n');
      const kind = fc.constantFrom('own', 'foreign', 'rubbish', 'torn', 'repeated');
      const step = fc.oneof(
        fc.record({ do: fc.constant('append' as const), file }),
        fc.record({ do: fc.constant('elsewhere' as const), file, kind, ending }),
        fc.record({ do: fc.constant('truncate' as const), file, share: fc.double({ min: 0, max: 1, noNaN: true }) }),
        fc.record({ do: fc.constant('replace' as const), file, kind, ending }),
        fc.record({ do: fc.constant('remove' as const), file }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
          await inTempFolder(async folder => {
            const { shard } = place(folder);
            const ledgers = open_(shard);
            let made = 0;
            for (const each of steps) {
              const path = ledgerOf(shard, each.file);
              const line = (what: string) => {
                const by = what === 'foreign' ? 'carla' : each.file.reviewer;
                const whole = commentLine(what === 'repeated' ? 'R' : `L${made++}`, by);
                return what === 'rubbish' ? 'rubbish' : what === 'torn' ? whole.slice(0, -5) : whole;
              };
              if (each.do === 'append') await ledgers.append(each.file, [comment('own')]);
              else if (each.do === 'elsewhere') {
                mkdirSync(dirname(path), { recursive: true });
                appendFileSync(path, line(each.kind) + each.ending);
              } else if (each.do === 'replace') {
                writeLedger(`${path}.tmp`, line(each.kind) + each.ending);
                renameSync(`${path}.tmp`, path);
              } else if (existsSync(path)) {
                if (each.do === 'truncate') truncateSync(path, Math.floor(statSync(path).size * each.share));
                else rmSync(path);
              }
              await ledgers.refresh();
              const fresh = await readLedgers(shard);
              assert.deepEqual(idsOf(ledgers), idsOf(fresh));
              const sorted = (all: Ledgers) => all.problems.map(each => JSON.stringify(each)).sort();
              assert.deepEqual(sorted(ledgers), sorted(fresh));
            }
          });
        }),
        { numRuns: 150 },
      );
    });

    it('forgets an event without a line end once it is cut off', async t => {
      const { shard, file } = place(tempFolder(t));
      const first = `${commentLine('A1', 'anna')}\n`;
      writeLedger(file, first + commentLine('A2', 'anna'));
      const ledgers = await readLedgers(shard);
      assert.deepEqual(idsOf(ledgers), ['A1', 'A2']);
      truncateSync(file, first.length);
      await ledgers.refresh();
      assert.deepEqual(idsOf(ledgers), ['A1']);
    });

    it('takes in what a git checkout of another branch put in place of a ledger', async t => {
      const folder = tempFolder(t);
      const { shard, file } = place(folder);
      const ledgers = open_(shard);
      git(folder, 'init', '-q', '-b', 'main');
      await ledgers.append(ANNA, [comment('main 1')]);
      git(folder, 'add', '-A');
      git(folder, 'commit', '-qm', '1');
      git(folder, 'checkout', '-qb', 'other');
      await ledgers.append(ANNA, [comment('other 2')]);
      git(folder, 'commit', '-qam', '2');
      git(folder, 'checkout', '-q', 'main');
      assert.equal(await ledgers.refresh(), 'all');
      assert.deepEqual(textsOf(ledgers), ['main 1']);
      await ledgers.append(ANNA, [comment('main 3')]);
      assert.equal(readFileSync(file, 'utf8').split('\n').length, 3);
      assert.deepEqual(textsOf(await readLedgers(shard)), ['main 1', 'main 3']);
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
        const ledgers = open_(shard);
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
        const ledgers = open_(shard);
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
      await assert.rejects(open_(shard).append(ANNA, [comment('lost')]), userError('ledger.link', 'ledger.notWritten'));
      assert.equal(existsSync(nowhere), false);
    });

    it('takes a shard that is reached through a link: only links inside the review folder lead astray', async t => {
      const folder = tempFolder(t);
      mkdirSync(join(folder, 'data'));
      symlinkSync(join(folder, 'data'), join(folder, 'link'));
      const ledgers = open_(join(folder, 'link', 'shard.jsonl'));
      await ledgers.append(ANNA, [comment('kept')]);
      assert.deepEqual(textsOf(await readLedgers(join(folder, 'data', 'shard.jsonl'))), ['kept']);
    });
  });
}

const [, , shard = '', events] = process.argv;
if (childRole() === 'append') void appendForever(shard, ANNA, events ? Number(events) : Infinity);
else defineTests();
