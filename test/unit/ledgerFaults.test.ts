import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ulid } from 'ulid';
import type { EventId } from '../../src/core/events';
import { UserError } from '../../src/core/messages';
import { Ledgers } from '../../src/io/ledger';
import {
  ANNA,
  approve,
  childRole,
  comment,
  idsOf,
  KEY,
  ledgerOf,
  ledgersOf,
  LINES,
  openSession,
  outputOfChild,
  place,
  problemsOf,
  readLedgers,
  spawnChild,
  tempFolder,
  userError,
  withTexts,
  writeShard,
  writtenIn,
  onSmallDisk,
} from '../helpers/shardFixture';
import { cannotTrace, environmentOf, roleGiven, steps, trace, unproven } from '../helpers/systemCalls';

const clock = { now: Date.now, newId: () => ulid() };

/** Acknowledges what is to be found again, whatever happens afterwards. */
function acknowledge(id: string | undefined): void {
  writeSync(1, `ACK ${id}\n`);
}

/** Decides on every record, and acknowledges each decision once its promise is fulfilled. */
async function decide(shard: string): Promise<void> {
  const session = await openSession({ after: () => undefined }, shard, ANNA);
  for (let round = 0; round < 5; round++) {
    for (const row of LINES.keys()) {
      await approve(session, row);
      acknowledge(session.shard.ledgers.eventsBy('anna').at(-1)?.id);
    }
  }
  session.shard.close();
}

/** Has `sync` do nothing for files, or for folders. */
async function withoutSync(of: 'files' | 'folders'): Promise<void> {
  const file = await open(__filename);
  const prototype = Object.getPrototypeOf(file) as FileHandle;
  await file.close();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its handle below
  const sync = prototype.sync;
  prototype.sync = async function (this: FileHandle) {
    if ((await this.stat()).isDirectory() === (of === 'files')) await sync.call(this);
  };
}

/** Acknowledges each event while it is only about to be written. */
async function acknowledgeEarly(shard: string): Promise<void> {
  const newId = () => {
    const id = ulid();
    acknowledge(id);
    return id;
  };
  const ledgers = new Ledgers(shard, { now: Date.now, newId });
  for (let made = 0; made < 3; made++) await ledgers.append(ANNA, [comment('early')]);
}

/** Appends without end. */
async function appendForever(shard: string): Promise<void> {
  const ledgers = new Ledgers(shard, clock);
  for (let made = 0; ; made++) {
    const [event] = await ledgers.append(ANNA, [comment('x'.repeat(made % 3000))]);
    acknowledge(event?.id);
  }
}

/** Appends until that fails, and then twice more. */
async function appendUntilFull(shard: string): Promise<void> {
  const ledgers = new Ledgers(shard, clock);
  for (let failures = 0; failures < 3;) {
    try {
      const [event] = await ledgers.append(ANNA, [comment('x'.repeat(1000))]);
      acknowledge(event?.id);
    } catch (error) {
      failures++;
      const said = error instanceof UserError ? error.said.id : String(error);
      writeSync(1, `${said}, ${ledgers.size} events\n`);
    }
  }
}

const acknowledgedIn = (output: string): string[] =>
  [...output.matchAll(/^ACK (\w+)$/gm)].map(([, id = '']) => id);

function defineTests(): void {
  describe('promise: an event is acknowledged after its fsync', { skip: cannotTrace() ?? false }, () => {
    const traced = async (folder: string, role: string) => {
      const shard = writeShard(folder, LINES);
      return unproven(await trace(folder, __filename, role, shard), ledgerOf(shard, ANNA));
    };

    it('holds in the system calls of a process that decides', async t => {
      assert.deepEqual(await traced(tempFolder(t), 'decide'), { acknowledged: 15, early: [] });
    });

    const breaches: [role: string, breach: RegExp][] = [
      ['early', /: not written$/],
      ['unsynced', /: not fsynced$/],
      ['unnamed', /: the name of .* is not fsynced$/],
    ];
    for (const [role, breach] of breaches) {
      it(`would be seen to be broken: ${role}`, async t => {
        const { acknowledged, early } = await traced(tempFolder(t), role);
        assert.ok(acknowledged > 0 && early.length >= acknowledged, early.join('\n'));
        assert.ok(
          early.every(each => breach.test(each)),
          early.join('\n'),
        );
      });
    }
  });

  describe('what is held against the system calls', () => {
    const opening = '7 openat(AT_FDCWD, "/r/a.jsonl", O_RDWR|O_CREAT|O_APPEND, 0644) = 20';
    const naming = ['7 openat(AT_FDCWD, "/r", O_RDONLY) = 21', '7 fsync(21) = 0', '7 close(21) = 0'];
    const writing = String.raw`8 write(20, "{\"v\":1,\"id\":\"A1\"}\n", 18) = 18`;
    const acknowledging = String.raw`7 write(1, "ACK A1\n", 7) = 7`;
    const early = (...lines: string[]) => unproven(steps(lines.join('\n')), '/r/a.jsonl').early;
    const cases: [what: string, lines: string[], early: string[]][] = [
      ['all in its order', [opening, writing, '8 fsync(20) = 0', ...naming, acknowledging], []],
      [
        'an fsync that failed',
        [opening, writing, '8 fsync(20) = -1 EIO', ...naming, acknowledging],
        ['A1: not fsynced'],
      ],
      [
        'an fsync before the write',
        [opening, '8 fsync(20) = 0', writing, ...naming, acknowledging],
        ['A1: not fsynced'],
      ],
      [
        'an fsync that began before the write ended',
        [
          opening,
          writing.replace(/\) = 18$/, ' <unfinished ...>'),
          '9 fsync(20 <unfinished ...>',
          '8 <... write resumed>) = 18',
          '9 <... fsync resumed>) = 0',
          ...naming,
          acknowledging,
        ],
        ['A1: not fsynced'],
      ],
      [
        'an fsync that ended after the acknowledgement',
        [
          opening,
          writing,
          ...naming,
          '8 fsync(20 <unfinished ...>',
          acknowledging,
          '8 <... fsync resumed>) = 0',
        ],
        ['A1: not fsynced'],
      ],
      [
        'an fsync of another description that has the same number by now',
        [
          opening,
          writing,
          '8 close(20) = 0',
          '8 openat(AT_FDCWD, "/r/b", O_RDWR) = 20',
          '8 fsync(20) = 0',
          ...naming,
          acknowledging,
        ],
        ['A1: not fsynced'],
      ],
      [
        'a short write',
        [opening, writing.replace(/18$/, '9'), '8 fsync(20) = 0', ...naming, acknowledging],
        ['A1: not written'],
      ],
      [
        'a name that is not durable',
        [opening, writing, '8 fsync(20) = 0', acknowledging],
        ['A1: the name of /r/a.jsonl is not fsynced'],
      ],
    ];
    for (const [what, lines, expected] of cases)
      it(`tells ${what}`, () => assert.deepEqual(early(...lines), expected));
  });

  describe('promise: nothing acknowledged is lost', () => {
    it('holds for a writer that is killed at any moment', async t => {
      const { shard, file } = place(tempFolder(t));
      const acknowledged: string[] = [];
      let torn = 0;
      // Always on one ledger, so that each begins behind what the one before left.
      for (let kill = 0; kill < 50; kill++) {
        // As a power cut leaves it.
        if (kill % 3 === 2) appendFileSync(file, '{"v":1,"id":"torn');
        const before = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
        const child = spawnChild(__filename, 'append', shard);
        const moment = Math.floor(Math.random() * 12);
        let seen = 0;
        child.stdout?.on('data', (piece: Buffer) => {
          seen += piece.toString().split('\n').length - 1;
          if (seen > moment) setTimeout(() => child.kill('SIGKILL'), Math.random() * 3);
        });
        const ids = acknowledgedIn(await outputOfChild(child));
        acknowledged.push(...ids);

        const after = readFileSync(file);
        assert.ok(after.subarray(0, before.length).equals(before), 'what was there has changed');
        const isTorn = before.length > 0 && before.at(-1) !== 10;
        if (isTorn) torn++;
        assert.equal(after[before.length], isTorn ? 10 : '{'.charCodeAt(0), 'no line of its own');
        const lines = after.subarray(before.length).toString().split('\n').filter(Boolean);
        // At most the one that was under way.
        assert.ok(lines.length - ids.length <= 1, `${lines.length} lines, ${ids.length} acknowledged`);
      }
      assert.ok(acknowledged.length >= 50 && torn >= 16);
      const ledgers = await readLedgers(shard);
      assert.deepEqual(
        acknowledged.filter(id => !ledgers.get(KEY, id as EventId)),
        [],
      );
      assert.ok(ledgers.problems.length >= torn && ledgers.problems.length <= 50);
      assert.ok(problemsOf(ledgers).every(([, reason]) => reason === 'event.notJson'));
    });

    it('holds where a file may not grow further: what was not saved is said, and the next event is whole', async t => {
      if (process.platform === 'win32') {
        t.skip('there is no such limit on Windows');
        return;
      }
      const { shard, file } = place(tempFolder(t));
      // A write beyond the limit is cut short there, as on a full disk. The blocks are of 512 or 1024 bytes.
      const env = environmentOf('fill');
      const script = 'ulimit -f 33 && exec "$0" "$@"';
      const child = spawn('sh', ['-c', script, process.execPath, __filename, shard], { env });
      const output = await outputOfChild(child);
      const acknowledged = acknowledgedIn(output);
      assert.ok(acknowledged.length > 10);
      const failure = `ledger.notWritten, ${acknowledged.length} events`;
      assert.deepEqual(output.trimEnd().split('\n').slice(acknowledged.length), [failure, failure, failure]);
      const full = readFileSync(file);
      assert.notEqual(full.at(-1), 10, 'the last write was not cut short');

      const ledgers = await readLedgers(shard);
      const [next] = await ledgers.append(ANNA, [comment('next')]);
      assert.ok(readFileSync(file).subarray(0, full.length).equals(full));
      for (const each of [ledgers, await readLedgers(shard)]) {
        assert.deepEqual(idsOf(each), [...acknowledged, next?.id].sort());
        assert.deepEqual(problemsOf(each), [[acknowledged.length + 1, 'event.notJson']]);
      }
    });

    it('holds on a full disk: what was not saved is said, and the next event is whole', async t => {
      await onSmallDisk(t, '64k', async disk => {
        const { shard } = place(disk);
        const ledgers = ledgersOf(shard);
        const filler = join(disk, 'filler');
        const acknowledged = await ledgers.append(ANNA, [comment('before')]);
        writeFileSync(filler, Buffer.alloc(40 << 10));
        const large = () => ledgers.append(ANNA, [comment('x'.repeat(40_000))]);
        await assert.rejects(large(), userError('ledger.notWritten'));
        await assert.rejects(large(), userError('ledger.notWritten'));
        assert.deepEqual(await withTexts(ledgers, ledgers.eventsOf(KEY)), acknowledged);
        rmSync(filler);
        acknowledged.push(...(await ledgers.append(ANNA, [comment('after')])));
        await ledgers.refresh();
        assert.deepEqual(await withTexts(ledgers, ledgers.eventsOf(KEY)), acknowledged);
        assert.deepEqual(await writtenIn(await readLedgers(shard)), acknowledged);
      });
    });
  });
}

const roles: Readonly<Record<string, (shard: string) => Promise<void>>> = {
  append: appendForever,
  fill: appendUntilFull,
  decide,
  unsynced: shard => withoutSync('files').then(() => decide(shard)),
  unnamed: shard => withoutSync('folders').then(() => decide(shard)),
  early: acknowledgeEarly,
};
const role = roleGiven() ?? childRole();
if (role === undefined) defineTests();
else void roles[role]?.(process.argv[2] ?? '');
