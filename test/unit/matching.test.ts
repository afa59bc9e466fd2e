import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Match } from '../../src/core/matches';
import type { UnitKey } from '../../src/core/record';
import type { Session } from '../../src/session';
import {
  ANNA,
  approve,
  BELA,
  CARLA,
  commentLine,
  edit,
  inTempFolder,
  ledgerOf,
  LINES,
  openSession,
  pair,
  record,
  refresh,
  single,
  targetOf,
  tempFolder,
  userError,
  writeLedger,
  writePolicy,
  writeShard,
  type Cleanup,
} from '../helpers/shardFixture';

const key = (text: string) => text as UnitKey;
const byKey = (a: Match, b: Match) => (a.key < b.key ? -1 : 1);

/** All that matching finds out, row by row. */
function found({ shard }: Session) {
  const { rows, badRows, orphans, repeated, matched, counts } = shard.facts;
  const { matching } = shard;
  return {
    facts: {
      rows,
      badRows,
      orphans,
      repeated,
      matched,
      counts: Object.fromEntries(Object.entries(counts).sort()),
    },
    bad: [...matching.badIn(0, rows)],
    repeated: [...matching.repeated],
    orphans: [...matching.orphans].sort(),
    touched: [...matching.matches.rows(0, rows)],
    units: Array.from({ length: rows }, (_, row) => [...matching.matches.at(row)].sort(byKey)),
  };
}

/** What was matched bit by bit is what a first look finds. */
async function assertAsFresh(cleanup: Cleanup, session: Session): Promise<void> {
  await refresh(session);
  const fresh = await openSession(cleanup, session.shard.path, CARLA);
  assert.deepEqual(found(session), found(fresh));
}

/** A file whose keys are read in a worker thread, some milliseconds after it is open. */
const LARGE = 12_000;
const large = () => Array.from({ length: LARGE }, (_, row) => record(`r${row}`, 'Ein Apfel.'));

/** As `openSession`, without waiting for anything. */
async function openAtOnce(t: TestContext, path: string): Promise<Session> {
  const session = await openSession(t, path, ANNA);
  await session.shard.reopen();
  assert.equal(session.shard.matching.isDone, false);
  return session;
}

const two = (id: string) => JSON.stringify({ id, en_text: 'One.', de_text: 'Eins.', fr_text: 'Un.' });
const line = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.nat(5), fc.constantFrom('A.', 'B.')).map(([id, text]) => record(`r${id}`, text)),
  },
  { weight: 2, arbitrary: fc.nat(5).map(id => two(`r${id}`)) },
  fc.constantFrom('{"torn', '[1]', '', '{"a":1}'),
  fc.constant(JSON.stringify({ ...(JSON.parse(record('', 'C.')) as object), id: undefined })),
);
const deed = fc.record({
  who: fc.nat(1),
  row: fc.nat(9),
  what: fc.constantFrom('edit', 'approve', 'comment', 'undo', 'look', 'french'),
});

type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

/** Refused where another reviewer was there first, and rightly so. */
const expected = userError('unit.changed', 'unit.conflict', 'undo.editedSince');

async function act(session: Session, { row, what }: Deed): Promise<void> {
  const view = await session.unit(row % session.view().rows);
  if (what === 'look') await refresh(session);
  else if (what === 'undo') await session.undo();
  else if (what === 'french') session.shard.showLanguage('fr');
  else if (view.kind === 'unit') {
    if (what === 'comment') await session.comment(view, 'Hm.');
    else if (what === 'approve') await session.decide(view, 'approve');
    else await edit(session, view.row, `Neu ${row}.`, view.fields.at(-1)?.name);
  }
}

describe('the matching of ledgers to records', () => {
  it('finds for every file, small or large, what reading row by row finds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 9 }),
        fc.array(deed, { maxLength: 8 }),
        fc.boolean(),
        async (some, deeds, isLarge) => {
          await inTempFolder(async (folder, cleanup) => {
            const padded = isLarge ? [`${LINES[0]!.slice(0, -1)},"pad":"${'p'.repeat(700_000)}"}`] : [];
            const lines = [record('r0', 'A.'), ...padded, ...some, ...padded];
            const path = writeShard(folder, lines);
            const sessions = [
              await openSession(cleanup, path, ANNA),
              await openSession(cleanup, path, BELA),
            ] as const;
            for (const each of deeds) {
              await act(sessions[each.who as 0 | 1], each).catch((error: unknown) => {
                if (!expected(error)) throw error;
              });
            }
            for (const session of sessions) await assertAsFresh(cleanup, session);
            await assertNaive(sessions[0], lines);
          });
        },
      ),
      { numRuns: 30, seed: 20_252 },
    );
  });

  async function assertNaive(session: Session, lines: readonly string[]): Promise<void> {
    const rows = lines.filter(each => each !== '').length;
    const all = await session.shard.loadUnits(Array.from({ length: rows }, (_, row) => row));
    const { facts, bad, repeated, orphans, units } = found(session);
    const keys = all.map(each => each.units.map(({ unit }) => unit.key));
    const shared = (row: number) =>
      keys.some((others, other) => other !== row && keys[row]?.some(each => others.includes(each)));
    assert.deepEqual(
      bad,
      [...all.keys()].filter(row => all[row]?.bad),
    );
    assert.deepEqual(repeated, [...all.keys()].filter(shared));
    assert.deepEqual(orphans, []);
    const counts: Record<string, number> = {};
    for (const { units: own } of all) {
      for (const { unit, state } of own) {
        if (session.shard.ledgers.eventsOf(unit.key).length === 0) continue;
        counts[state.state] = (counts[state.state] ?? 0) + 1;
      }
    }
    assert.deepEqual(facts.counts, Object.fromEntries(Object.entries(counts).sort()));
    for (const match of units.flat()) {
      const unit = all[match.row]?.units.find(each => each.unit.key === match.key);
      assert.equal(match.state, unit?.state.state);
    }
  }

  it('takes in what others do to records known and unknown, and what is taken away', async t => {
    const { anna, bela, folder, path } = await pair(t);
    await approve(anna, 0);
    await edit(bela, 0, 'Belas Text.');
    await assertAsFresh(t, anna);
    await edit(bela, 2, 'Noch einer.');
    await assertAsFresh(t, anna);
    assert.deepEqual(anna.view().counts, { stale: 1, edited: 1 });
    writePolicy(folder, { approvals: 2 });
    await approve(bela, 1);
    await assertAsFresh(t, anna);
    assert.equal(anna.view().counts['partly-approved'], 1);
    rmSync(join(folder, '.crossalpaca', 'policy.json'));
    await assertAsFresh(t, anna);
    assert.equal(anna.view().counts.approved, 1);
    rmSync(ledgerOf(path, BELA));
    await assertAsFresh(t, anna);
    assert.deepEqual(anna.view().counts, { approved: 1 });
    rmSync(ledgerOf(path, ANNA));
    await assertAsFresh(t, anna);
    assert.deepEqual([anna.view().counts, anna.view().orphans], [{}, 0]);
  });

  it('takes in more at once than a function takes arguments', async t => {
    const folder = tempFolder(t);
    const count = 150_000;
    const rows = Array.from({ length: count }, (_, row) => `{"id":"r${row}","en_text":"a","de_text":"b"}`);
    const session = await openSession(t, writeShard(folder, rows), ANNA);
    const lines = rows.map((_, row) => commentLine(`C${row}`, 'bela', { key: `r${row}@de`, line: row + 1 }));
    writeLedger(ledgerOf(session.shard.path, BELA), `${lines.join('\n')}\n`);
    await refresh(session);
    assert.deepEqual([session.view().problems, session.view().counts], [[], { pending: count }]);
    rmSync(ledgerOf(session.shard.path, BELA));
    await refresh(session);
    assert.deepEqual([session.view().problems, session.view().counts], [[], {}]);
  });

  it('lists reviews whose record is gone, until they are gone themselves', async t => {
    const folder = tempFolder(t);
    const path = writeShard(folder, LINES);
    const file = ledgerOf(path, BELA);
    writeLedger(file, `${commentLine('C1', 'bela', { key: 'r9@de' })}\n${commentLine('C2', 'bela')}\n`);
    const session = await openSession(t, path, ANNA);
    assert.deepEqual([...session.shard.matching.orphans], ['r9@de']);
    writeLedger(file, `${readFileSync(file, 'utf8')}${commentLine('C3', 'bela', { key: 'r8@de' })}\n`);
    await assertAsFresh(t, session);
    assert.equal(session.view().orphans, 2);
    writeLedger(file, `${commentLine('C2', 'bela')}\n`);
    await assertAsFresh(t, session);
    assert.equal(session.view().orphans, 0);
  });

  it('knows the rows that share a key in a file of several pieces', async t => {
    const lines = [
      ...large(),
      record('r0', 'Noch ein Apfel.'),
      'no record',
      record('r5000', 'Drei.'),
      record('r0', 'Vier.'),
    ];
    const { session } = await single(t, lines);
    assert.deepEqual([...session.shard.matching.repeated], [0, 5000, LARGE, LARGE + 2, LARGE + 3]);
    assert.deepEqual([...session.shard.matching.badIn(0, lines.length)], [LARGE + 1]);
    assert.deepEqual([...session.shard.matching.badIn(0, LARGE)], []);
    await approve(session, LARGE + 3);
    await assertAsFresh(t, session);
    assert.deepEqual(session.view().counts, { approved: 1, stale: 2 });
  });

  it('knows a decision that was made before the keys were read on every row of its key', async t => {
    const path = writeShard(tempFolder(t), [...large(), record('r0', 'Ein Apfel.')]);
    const session = await openAtOnce(t, path);
    await approve(session, 0);
    assert.equal(session.view().matched, false);
    await assertAsFresh(t, session);
    assert.deepEqual(session.view().counts, { approved: 2 });
  });
});

describe('looking for the record of a unit', () => {
  it('goes by the lines that events name without waiting for the keys', async t => {
    const path = writeShard(tempFolder(t), large());
    const hint = (id: string, row: number, lineNumber: number) =>
      commentLine(id, 'bela', { key: `r${row}@de`, line: lineNumber });
    writeLedger(
      ledgerOf(path, BELA),
      `${[hint('C1', 3, 9), hint('C2', 3, 4), hint('C3', 7, 8)].join('\n')}\n`,
    );
    const session = await openAtOnce(t, path);
    const rows = await session.shard.matching.locate([key('r3@de'), key('r7@de')]);
    assert.equal(session.shard.matching.isDone, false);
    assert.deepEqual(
      [...rows],
      [
        [key('r3@de'), [3]],
        [key('r7@de'), [7]],
      ],
    );
  });

  it('goes by the keys of the whole file where the lines are wrong', async t => {
    const path = writeShard(tempFolder(t), large());
    const events = [
      commentLine('C1', 'bela', { key: 'r9000@de', line: 1 }),
      commentLine('C2', 'bela', { key: 'gone@de', line: 2 }),
      commentLine('C3', 'bela', { key: 'r2@fr', line: 3 }),
      commentLine('C4', 'bela', { key: 'r5@de', line: 999_999 }),
    ];
    writeLedger(ledgerOf(path, BELA), `${events.join('\n')}\n`);
    const session = await openAtOnce(t, path);
    const wanted = ['r9000@de', 'gone@de', 'r2@fr', 'r5@de', 'r11@de'].map(key);
    const rows = await session.shard.matching.locate(wanted);
    assert.deepEqual(Object.fromEntries(rows), { 'r9000@de': [9000], 'r5@de': [5], 'r11@de': [11] });
    assert.deepEqual([...session.shard.matching.orphans].sort(), ['gone@de', 'r2@fr']);
  });

  it('finds a name near and far, by id and by key, and nothing where there is none', async t => {
    const path = writeShard(tempFolder(t), large());
    const session = await openAtOnce(t, path);
    const { matching } = session.shard;
    assert.equal(await matching.find('r450@de', 10), 450);
    assert.equal(await matching.find('r10', 450), 10);
    assert.equal(matching.isDone, false, 'near it is found at once');
    assert.equal(await matching.find('r11000', 10), 11_000);
    assert.equal(await matching.find('r11000@de', 10), 11_000);
    assert.equal(await matching.find('r3@de', 11_900), 3);
    for (const none of ['r11000@fr', 'r99999', 'r', '', '@de', 'r11000@']) {
      assert.equal(await matching.find(none, 5), undefined, none);
    }
  });

  it('understands what a person writes for a record', async t => {
    const lines = [...LINES, '', record('7', 'Eine Feige.'), record('a@b', 'Kiwi.')];
    const { session } = await single(t, lines);
    const rows = await Promise.all(
      ['1', '4', '7', '99', '0', 'line 5', ':2', 'line 4', 'r2', 'r2@de', 'a@b', 'a@b@de', 'none'].map(text =>
        session.rowNamed(text, 'line {0}'),
      ),
    );
    assert.deepEqual(rows, [0, 3, 3, undefined, undefined, 3, 1, undefined, 1, 1, 4, 4, undefined]);
    const inChinese = ['第 5 行', '第5行', 'line 5', ':5', '4', '第 4 行', '5 行'];
    assert.deepEqual(await Promise.all(inChinese.map(text => session.rowNamed(text, '第 {0} 行'))), [
      ...[3, 3, 3, 3, 3],
      ...[undefined, undefined],
    ]);
  });

  it('undoes on the record wherever it stands by now', async t => {
    const { session, path } = await single(t);
    await approve(session, 0);
    writeFileSync(path, [record('r0', 'Neu.'), ...LINES.toReversed()].join('\n'));
    assert.equal(await session.undo(), 3);
    assert.equal((await targetOf(session, 3)).key, 'r1@de');
  });
});
