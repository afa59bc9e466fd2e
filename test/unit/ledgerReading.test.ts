import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Ledgers } from '../../src/io/ledger';
import {
  ANNA,
  BELA,
  comment,
  commentLine,
  git,
  idsOf,
  inTempFolder,
  ledgerOf,
  ledgersOf,
  place,
  problemsOf,
  readLedgers,
  tempFolder,
  textsOf,
  writeLedger,
} from '../helpers/shardFixture';

/** As every writer of a ledger begins: behind a torn line, on the next one. */
function onLineOfItsOwn(path: string, text: string): string {
  const torn = existsSync(path) && /[^\n]$/.test(readFileSync(path, 'utf8'));
  return torn ? `\n${text}` : text;
}

describe('reading ledgers', () => {
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
      commentLine('A4', 'anna', { type: 'vote' }),
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
    assert.deepEqual(await textsOf(ledgers), ['A1', 'A2', 'A7', 'A9']);
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
      [14, 'event.sameId'],
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
    assert.deepEqual(await textsOf(ledgers), ['A1', 'A2', 'A3']);
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
    const ledgers = ledgersOf(shard);
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

  it('holds the same events in whatever order ledgers come that claim one id', async t => {
    const { shard } = place(tempFolder(t));
    const zoe = { reviewer: 'zoe', clone: 'zzzzzz' };
    writeLedger(ledgerOf(shard, zoe), `${commentLine('X', 'zoe', { text: 'by Zoe' })}\n`);
    const ledgers = await readLedgers(shard);
    writeLedger(ledgerOf(shard, BELA), `${commentLine('X', 'bela', { text: 'by Bela' })}\n`);
    await ledgers.refresh();
    assert.deepEqual((await textsOf(ledgers)).sort(), (await textsOf(await readLedgers(shard))).sort());
  });

  it('comes, after anything that happens to the files, to what fresh eyes see', async () => {
    const file = fc.constantFrom(ANNA, BELA);
    const ending = fc.constantFrom('\n', '\r\n', '', '\n\n');
    const kind = fc.constantFrom('own', 'foreign', 'rubbish', 'torn', 'repeated');
    const step = fc.oneof(
      fc.record({ do: fc.constant('append' as const), file }),
      fc.record({ do: fc.constant('elsewhere' as const), file, kind, ending }),
      fc.record({
        do: fc.constant('truncate' as const),
        file,
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({ do: fc.constant('replace' as const), file, kind, ending }),
      fc.record({ do: fc.constant('remove' as const), file }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
        await inTempFolder(async folder => {
          const { shard } = place(folder);
          const ledgers = ledgersOf(shard);
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
              appendFileSync(path, onLineOfItsOwn(path, line(each.kind) + each.ending));
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
    const ledgers = ledgersOf(shard);
    git(folder, 'init', '-q', '-b', 'main');
    await ledgers.append(ANNA, [comment('main 1')]);
    git(folder, 'add', '-A');
    git(folder, 'commit', '-qm', '1');
    git(folder, 'checkout', '-qb', 'other');
    await ledgers.append(ANNA, [comment('other 2')]);
    git(folder, 'commit', '-qam', '2');
    git(folder, 'checkout', '-q', 'main');
    assert.equal(await ledgers.refresh(), 'all');
    assert.deepEqual(await textsOf(ledgers), ['main 1']);
    await ledgers.append(ANNA, [comment('main 3')]);
    assert.equal(readFileSync(file, 'utf8').split('\n').length, 3);
    assert.deepEqual(await textsOf(await readLedgers(shard)), ['main 1', 'main 3']);
  });
});
