import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Bulk, replacedIn } from '../../src/bulk';
import type { BulkChange, BulkView } from '../../src/core/protocol';
import type { Session } from '../../src/session';
import {
  ANNA,
  approve,
  edit,
  good,
  LINES,
  ledgerOf,
  openSession,
  outputOf,
  record,
  refresh,
  targetOf,
  tempFolder,
  userError,
  writePolicy,
  writeShard,
} from '../helpers/shardFixture';
import { changePolicy, ENGLISH, found, NAMED, now, shown, teamOf, type } from '../helpers/teamFixture';

const decision = (
  decision: 'approve' | 'reject' | 'needs-work',
  reasons: readonly string[] = [],
  note = '',
): BulkChange => ({ kind: 'decide', decision, verdict: { reasons, note } });
const replacing = (find: string, replacement: string, matchCase = true): BulkChange => ({
  kind: 'replace',
  find,
  replacement,
  matchCase,
});
const prepare = async (session: Session, change: BulkChange, query = 'all') => {
  await refresh(session);
  assert.equal(session.queue.ask(query), undefined);
  return Bulk.prepare(session, change, { signal: new AbortController().signal, onProgress: () => undefined });
};
const refusals = ({ refused }: BulkView) => refused.map(({ reason, count }) => [reason.id, count]);
const linesOf = (shard: string): string[] => {
  const file = ledgerOf(shard, ANNA);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
};
const states = async (session: Session) => {
  await refresh(session);
  return (await session.queue.summaries(0, 100)).map(each => each.state);
};
const outputs = async (session: Session) => {
  const { rows } = session.view();
  return Promise.all(Array.from({ length: rows }, async (_, row) => outputOf(await good(session, row))));
};

describe('a change of all records of the list', () => {
  it('is shown before anything is written, can be unticked, and is one line that one undo takes back', async t => {
    const { anna, bela, path } = await teamOf(t);
    const bulk = await prepare(anna, decision('approve', ['fluency'], 'Alle gut.'));
    assert.deepEqual(bulk.view, {
      change: decision('approve', ['fluency'], 'Alle gut.'),
      total: 3,
      ticked: 3,
      refused: [],
      left: 0,
    });
    assert.deepEqual(
      bulk.rows(1, 10).map(({ position, row, line, key, lang, ticked, fields, changes }) => ({
        ...{ position, row, line, key, lang, ticked, changes, text: fields[0]?.target },
      })),
      [1, 2].map(row => ({
        ...{ position: row, row, line: row + 1, key: `r${row + 1}@de`, lang: 'de' },
        ...{ ticked: true, text: 'Nenne eine Frucht.', changes: [] },
      })),
    );
    assert.deepEqual(linesOf(path), []);

    bulk.tick(1, false);
    assert.deepEqual([bulk.view.ticked, bulk.rows(0, 3).map(each => each.ticked)], [2, [true, false, true]]);
    bulk.tick(null, false);
    assert.equal(bulk.view.ticked, 0);
    bulk.tick(null, true);
    bulk.tick(1, false);
    assert.equal(await bulk.commit(), 2);
    assert.equal(linesOf(path).length, 1);
    for (const session of [anna, bela])
      assert.deepEqual(await states(session), ['approved', 'pending', 'approved']);
    const [said] = (await now(bela, 2)).decisions;
    assert.deepEqual([said?.by, said?.reasons, said?.note], ['anna', ['fluency'], 'Alle gut.']);
    assert.deepEqual(anna.view().counts, { approved: 2 });

    const again = await openSession(t, path, ANNA);
    assert.equal(await again.undo(), 0);
    assert.deepEqual(await states(bela), ['pending', 'pending', 'pending']);
    assert.equal(linesOf(path).length, 2);
    assert.equal(await (await openSession(t, path, ANNA)).redo(), 0);
    assert.deepEqual(await states(bela), ['approved', 'pending', 'approved']);
    assert.equal(linesOf(path).length, 3);
    assert.equal(await anna.undo(), 0);
    assert.deepEqual(await states(bela), ['pending', 'pending', 'pending']);
  });

  it('writes nothing where all is unticked', async t => {
    const { anna, path } = await teamOf(t);
    const bulk = await prepare(anna, decision('reject'));
    bulk.tick(null, false);
    assert.deepEqual([await bulk.commit(), linesOf(path)], [0, []]);
  });

  it('is of what the filter found, and says with numbers what is refused and why', async t => {
    const lines = [
      ...LINES,
      'no record',
      record('r5', ENGLISH),
      record('r6', 'Eine Quitte.'),
      record('r7', 'x'),
    ];
    const { anna, bela, path } = await teamOf(t, { ...NAMED, blockingFindings: ['language'] }, lines);
    await approve(anna, 0);
    await approve(anna, 1);
    await bela.decide(await targetOf(bela, 1), 'reject');
    await approve(anna, 2);
    await type(bela, 2, [['target', 'output', 'Belas Kirsche.']]);
    for (const session of [anna, bela])
      await session.draft(await targetOf(session, 5), 'target', 'output', session.writer!.reviewer);
    for (const session of [anna, bela]) await session.commit(await targetOf(session, 5));
    const before = linesOf(path).length;

    const bulk = await prepare(anna, decision('approve'));
    assert.deepEqual(refusals(bulk.view), [
      ['bulk.already', 1],
      ['bulk.disputed', 1],
      ['bulk.stale', 1],
      ['bulk.bad', 1],
      ['approve.blocked', 1],
      ['bulk.conflict', 1],
    ]);
    assert.deepEqual(
      bulk.rows(0, 100).map(each => each.key),
      ['r7@de'],
    );
    assert.equal(await bulk.commit(), 1);
    assert.equal(linesOf(path).length, before + 1);

    const some = await prepare(anna, decision('reject'), 'line:5-7 -state:conflict');
    assert.deepEqual(
      some.rows(0, 100).map(each => each.key),
      ['r5@de', 'r7@de'],
    );
  });

  it('is refused as a whole to whom the policy does not name, and to whom has no name', async t => {
    const { guest, anna, path } = await teamOf(t);
    for (const change of [decision('approve'), { kind: 'assign', to: 'gast' } as const]) {
      const { view } = await prepare(guest, change);
      assert.deepEqual(
        [view.total, refusals(view)],
        [0, [[change.kind === 'assign' ? 'policy.forbids.assign' : 'policy.forbids.decide', 3]]],
      );
    }
    assert.deepEqual(refusals((await prepare(await openSession(t, path), decision('reject'))).view), [
      ['write.noReviewer', 3],
    ]);
    const unknown = await prepare(anna, decision('reject', ['nonsense']));
    assert.deepEqual(refusals(unknown.view), [['reason.unknown', 3]]);
  });

  it('leaves out records whose language is not known', async t => {
    const folder = tempFolder(t);
    const twins = {
      id: 'u',
      instruction: 'a',
      output: 'b',
      translated_instruction: 'c',
      translated_output: 'd',
    };
    const path = writeShard(folder, [LINES[0]!, JSON.stringify(twins)]);
    const session = await openSession(t, path, ANNA);
    const bulk = await prepare(session, decision('approve'));
    assert.deepEqual([bulk.view.total, refusals(bulk.view)], [1, [['write.noLanguage', 1]]]);
    assert.equal(await bulk.commit(), 1);
    assert.deepEqual(await states(session), ['approved', 'pending']);
  });

  it('assigns, and takes assignments away', async t => {
    const { anna, bela, path } = await teamOf(t);
    await bela.assign(await targetOf(bela, 1), 'bela');
    const bulk = await prepare(anna, { kind: 'assign', to: 'bela' });
    assert.deepEqual([bulk.view.total, refusals(bulk.view)], [2, [['bulk.already', 1]]]);
    await bulk.commit();
    assert.deepEqual(await found(bela, 'assigned:me'), [0, 1, 2]);
    const nobody = await prepare(anna, { kind: 'assign', to: '' }, 'line:2-3');
    await nobody.commit();
    assert.deepEqual(await found(bela, 'assigned:me'), [0]);
    assert.deepEqual(refusals((await prepare(anna, { kind: 'assign', to: '' })).view), [['bulk.already', 2]]);
    const again = await openSession(t, path, ANNA);
    await again.undo();
    assert.deepEqual(await found(bela, 'assigned:bela'), [0, 1, 2]);
    await again.undo();
    assert.deepEqual(await found(bela, 'assigned:bela'), [1]);
  });

  it('is a decision on the text that was shown: what changed since is not approved by it', async t => {
    const { anna, bela } = await teamOf(t);
    const bulk = await prepare(anna, decision('approve'));
    await type(bela, 1, [['target', 'output', 'Belas Birne.']]);
    await bulk.commit();
    assert.deepEqual(await states(anna), ['approved', 'stale', 'approved']);
  });

  it('tells how far it is, and ends when it is cancelled', async t => {
    const lines = Array.from({ length: 450 }, (_, index) => record(`r${index}`, 'Ein Apfel.'));
    const { anna, path } = await teamOf(t, {}, lines);
    const told: number[] = [];
    const stop = new AbortController();
    await Bulk.prepare(anna, decision('approve'), {
      signal: stop.signal,
      onProgress: done => told.push(done),
    });
    assert.deepEqual([told.length > 1, told.at(-1), told.toSorted((a, b) => a - b)], [true, 1, told]);
    stop.abort();
    const cancelled = Bulk.prepare(anna, decision('approve'), {
      signal: stop.signal,
      onProgress: () => undefined,
    });
    await assert.rejects(cancelled, { name: 'AbortError' });
    assert.deepEqual(linesOf(path), []);
  });

  it('of more than one line of a ledger holds says what is left, and can be taken back', async t => {
    // Of each text little is left: taking it back needs much more room than doing it.
    const lines = Array.from({ length: 12 }, (_, row) => record(`r${row}`, `${row} ${'ab'.repeat(500_000)}`));
    const { anna } = await teamOf(t, {}, lines);
    const bulk = await prepare(anna, replacing('ab', ''));
    const { total, left } = bulk.view;
    assert.deepEqual([total + left, total > 0, left > 0], [12, true, true]);
    await bulk.commit();
    const areLong = async () => {
      const loaded = await anna.shard.loadRows(lines.map((_, row) => row));
      return loaded.map(each => 'target' in each && (each.target[2]?.text.length ?? 0) > 1_000_000);
    };
    assert.deepEqual(
      await areLong(),
      lines.map((_, row) => row >= total),
    );
    await anna.undo();
    assert.deepEqual(
      await areLong(),
      lines.map(() => true),
    );
    assert.equal(anna.view().readonly, null);
    const rest = await prepare(anna, replacing('ab', ''), `line:${total + 1}-12`);
    assert.ok(rest.view.total > 0 && rest.view.total + rest.view.left === left);
  });
});

describe('undo of a change of many records', () => {
  it('leaves alone what was edited since, takes back the others, and does these again', async t => {
    const { anna, bela, path } = await teamOf(t);
    await (await prepare(anna, replacing('Eine', 'Keine'))).commit();
    assert.deepEqual(await outputs(anna), ['Ein Apfel.', 'Keine Birne.', 'Keine Kirsche.']);
    await type(bela, 1, [['target', 'output', 'Belas Birne.']]);
    const again = await openSession(t, path, ANNA);
    assert.equal(await again.undo(), 2);
    assert.deepEqual(await outputs(again), ['Ein Apfel.', 'Belas Birne.', 'Eine Kirsche.']);
    await again.redo();
    assert.deepEqual(await outputs(again), ['Ein Apfel.', 'Belas Birne.', 'Keine Kirsche.']);
  });

  it('says so where all of it was edited since, and does not take back something else instead', async t => {
    const { anna, bela } = await teamOf(t);
    await anna.comment(await targetOf(anna, 0), 'Hier.');
    await (await prepare(anna, replacing('Eine', 'Keine'))).commit();
    for (const row of [1, 2]) await type(bela, row, [['target', 'output', 'Bela.']]);
    await assert.rejects(anna.undo(), userError('undo.editedSince'));
    assert.equal((await now(anna)).comments.length, 1);
  });

  it('is of what is left of it where one of its decisions was withdrawn by itself', async t => {
    const { anna, path } = await teamOf(t);
    await anna.comment(await targetOf(anna, 0), 'Hier.');
    await (await prepare(anna, decision('approve'))).commit();
    await anna.withdraw(await targetOf(anna, 1));
    assert.deepEqual(await states(anna), ['approved', 'pending', 'approved']);
    const again = await openSession(t, path, ANNA);
    await again.undo();
    assert.deepEqual(await states(again), ['pending', 'pending', 'pending']);
    assert.equal((await now(again)).comments.length, 1);
    await again.redo();
    assert.deepEqual(await states(again), ['approved', 'pending', 'approved']);
    await again.redo();
    assert.deepEqual(await states(again), ['approved', 'approved', 'approved']);
  });

  it('passes over records that are gone', async t => {
    const { anna, path } = await teamOf(t);
    await (await prepare(anna, decision('approve'))).commit();
    writeFileSync(path, `${LINES[2]!}\n${LINES[0]!}\n`);
    await refresh(anna);
    assert.deepEqual(await states(anna), ['approved', 'approved']);
    await anna.undo();
    assert.deepEqual(await states(anna), ['pending', 'pending']);
  });
});

describe('find and replace', () => {
  it('shows what it would change, cut around the change, and changes the target only', async t => {
    const long = `${'Wort '.repeat(200)}Birne${' Wort'.repeat(200)}.`;
    const lines = [record('r1', 'Eine Birne und eine Birne.'), record('r2', long), record('r3', 'Nichts.')];
    const { anna, path } = await teamOf(t, NAMED, lines);
    const bytes = readFileSync(path);
    const bulk = await prepare(anna, replacing('Birne', 'Feige'));
    assert.deepEqual([bulk.view.total, bulk.view.refused], [2, []], 'others are not counted as refused');
    const [short, cut] = bulk.rows(0, 10);
    assert.deepEqual(short?.changes, [
      { name: 'output', before: 'Eine Birne und eine Birne.', after: 'Eine Feige und eine Feige.' },
    ]);
    const [change] = cut!.changes;
    assert.match(change!.before, /Birne/);
    assert.match(change!.after, /Feige/);
    assert.ok(change!.before.length < 400);
    await bulk.commit();
    const view = await now(anna);
    assert.deepEqual(
      [view.state, outputOf(view), view.fields[0]?.source],
      ['edited', 'Eine Feige und eine Feige.', 'Name a fruit.'],
    );
    assert.equal(outputOf(await now(anna, 1)), long.replace('Birne', 'Feige'));
    assert.deepEqual(readFileSync(path), bytes);
    assert.deepEqual(
      (await prepare(anna, replacing('fruit', 'Frucht'))).view.total,
      0,
      'the source is left alone',
    );
  });

  it('refuses to look for nothing, and conflicts', async t => {
    const { anna, bela } = await teamOf(t);
    await assert.rejects(prepare(anna, replacing('', 'x')), userError('bulk.empty'));
    for (const session of [anna, bela])
      await session.draft(
        await targetOf(session, 1),
        'target',
        'output',
        `Eine ${session.writer!.reviewer}.`,
      );
    for (const session of [anna, bela]) await session.commit(await targetOf(session, 1));
    const { view } = await prepare(anna, replacing('Eine', 'Keine'));
    assert.deepEqual([view.total, refusals(view)], [1, [['bulk.conflict', 1]]]);
  });

  it('replaces no edits that wait beside a record that changed on disk', async t => {
    const { anna, folder } = await teamOf(t);
    await edit(anna, 1, 'Eine Quitte.');
    writeShard(folder, [LINES[0]!, record('r2', 'Eine ganz andere Birne.'), LINES[2]!]);
    const { view } = await prepare(anna, replacing('Eine', 'Keine'));
    assert.deepEqual([view.total, refusals(view)], [1, [['bulk.stale', 1]]]);
    assert.equal((await now(anna, 1)).stale?.target.at(-1)?.[1], 'Eine Quitte.');
  });

  it('is a proposal for each record where a guest does it', async t => {
    const { anna, guest } = await teamOf(t);
    await (await prepare(guest, replacing('Eine', 'Keine'))).commit();
    assert.deepEqual(await outputs(anna), ['Ein Apfel.', 'Eine Birne.', 'Eine Kirsche.']);
    assert.deepEqual(await found(anna, 'is:proposed'), [1, 2]);
    const [proposal] = (await now(anna, 1)).proposals;
    const view = shown(await anna.settle(await targetOf(anna, 1), proposal!.id, 'take'));
    assert.equal(outputOf(view), 'Keine Birne.');
    await guest.undo();
    assert.deepEqual(await found(anna, 'is:proposed'), [], 'one undo takes back those that still wait');
    assert.equal(outputOf(await now(anna, 1)), 'Keine Birne.');
  });

  it('asks the policy as it is when the preview is made', async t => {
    const { anna, folder } = await teamOf(t);
    await changePolicy(folder, { reviewers: ['bela'] }, anna);
    const bulk = await prepare(anna, replacing('Eine', 'Keine'));
    await bulk.commit();
    assert.deepEqual(await outputs(anna), ['Ein Apfel.', 'Eine Birne.', 'Eine Kirsche.']);
    writePolicy(folder, {});
  });
});

describe('replacedIn', () => {
  const replaced = (text: string, find: string, replacement: string, matchCase = true) =>
    replacedIn([{ name: 'output', text }], { find, replacement, matchCase })[0]?.text ?? text;

  it('takes every sign as it stands, of what is looked for and of what takes its place', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...Array.from("^$\\.*+?()[]{}|/-&'`0<1a ä")), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.array(fc.constantFrom('$&', '$1', '$$', '$`', "$'", '$<a>', '\\n', '\\', 'x'), { maxLength: 4 }),
        fc.array(fc.string({ unit: 'grapheme', maxLength: 5 }), { minLength: 1, maxLength: 5 }),
        (find, replacement, pieces) => {
          const needle = find.join('');
          const text = pieces.join(needle);
          const expected = text.split(needle).join(replacement.join(''));
          assert.equal(replaced(text, needle, replacement.join('')), expected);
        },
      ),
    );
  });

  it('tells capitals from small letters only where that is asked, in every script that has them', () => {
    const cases = [
      ['Äpfel ÄPFEL äpfel', 'äpfel'],
      ['Яблоко яблоко', 'ЯБЛОКО'],
      ['Μήλο ΜΉΛΟ', 'μήλο'],
      ['ǅ ǆ', 'ǆ'],
      ['𐐀 𐐨', '𐐨'],
    ] as const;
    for (const [text, find] of cases) {
      assert.equal(replaced(text, find, 'x', false), text.replaceAll(/\S+/g, 'x'));
      assert.equal(replaced(text, find, 'x', true), text.split(find).join('x'));
    }
  });

  it('finds text in any script, and never half of a character', () => {
    assert.equal(replaced('一个苹果和一个梨', '一个', '两个'), '两个苹果和两个梨');
    assert.equal(replaced('تفاحة وتفاحة', 'تفاحة', 'كمثرى'), 'كمثرى وكمثرى');
    assert.equal(replaced('ผลไม้', 'ไม้', 'x'), 'ผลx');
    assert.equal(replaced('😀😁', '😀', ''), '😁');
    assert.equal(replaced('😀', '\ud83d', 'x'), '😀');
  });

  it('names the fields that change, and only these', () => {
    const fields = [
      { name: 'instruction', text: 'a' },
      { name: 'input', text: '' },
      { name: 'output', text: 'a b a' },
    ];
    assert.deepEqual(replacedIn(fields, { find: 'a', replacement: 'c', matchCase: true }), [
      { side: 'target', name: 'instruction', text: 'c' },
      { side: 'target', name: 'output', text: 'c b c' },
    ]);
    assert.deepEqual(replacedIn(fields, { find: 'a', replacement: 'a', matchCase: true }), []);
  });
});
