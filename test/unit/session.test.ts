import assert from 'node:assert/strict';
import { UserError } from '../../src/core/messages';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DECISIONS, type Decision } from '../../src/core/events';
import {
  ANNA,
  approve,
  BELA,
  contentsOf,
  edit,
  editsOf,
  eventsOf,
  good,
  LINES,
  openSession,
  outputOf,
  pair,
  record,
  refresh,
  single,
  stateOf,
  targetOf,
  tempFolder,
  userError,
  writePolicy,
  writeShard,
  writtenIn,
} from '../helpers/shardFixture';
import type { UnitKey } from '../../src/core/record';
import type { State } from '../../src/core/states';

describe('a record under review', () => {
  it('goes from draft to edit to approval', async t => {
    const { session, path } = await single(t);
    const before = await good(session, 0);
    const target = await targetOf(session, 0);
    assert.deepEqual([before.state, before.needed, before.key], ['pending', 1, 'r1@de']);

    await session.draft(target, 'target', 'output', 'Ein Apf');
    await session.draft(target, 'target', 'output', 'Ein roter Apfel.');
    assert.equal((await good(session, 0)).fields[2]?.draft, 'Ein roter Apfel.');
    assert.deepEqual(eventsOf(session), []);

    const edited = await session.commit(target);
    assert.ok(edited.kind === 'unit');
    assert.deepEqual(
      [edited.state, outputOf(edited), edited.fields[2]?.draft],
      ['edited', 'Ein roter Apfel.', null],
    );
    assert.equal(edited.fields[2]?.original, 'Ein Apfel.');
    const [event] = await writtenIn(session.shard.ledgers);
    assert.ok(event?.type === 'edit');
    assert.deepEqual(event.fields, [{ side: 'target', name: 'output', text: 'Ein roter Apfel.' }]);
    assert.deepEqual(
      [event.parents, event.base, event.result, event.by, event.line],
      [[], before.fingerprint, edited.fingerprint, 'anna', 1],
    );

    await edit(session, 0, 'Ein grüner Apfel.');
    const [, second] = editsOf(session);
    assert.deepEqual([second?.parents, second?.base], [[event.id], before.fingerprint]);

    await approve(session, 0);
    const approved = await good(session, 0);
    assert.deepEqual([approved.state, approved.approvals], ['approved', 1]);
    const reopened = await openSession(t, path, ANNA);
    assert.deepEqual(await good(reopened, 0), approved);
    assert.deepEqual(reopened.view().counts, { approved: 1 });
  });

  it('takes what was typed just before a decision as part of it', async t => {
    const { session } = await single(t);
    const target = await targetOf(session, 0);
    await session.draft(target, 'target', 'output', 'Ein roter Apfel.');
    const view = await session.decide(target, 'approve', { reasons: [], note: 'gut' });
    assert.ok(view.kind === 'unit');
    assert.deepEqual([view.state, outputOf(view)], ['approved', 'Ein roter Apfel.']);
    const [made, decision] = await writtenIn(session.shard.ledgers);
    assert.ok(made?.type === 'edit' && decision?.type === 'decide');
    assert.deepEqual([decision.fingerprint, decision.head, decision.note], [made.result, [made.id], 'gut']);
    assert.deepEqual(decision.target?.at(-1), ['output', 'Ein roter Apfel.']);
  });

  it('makes one edit of the drafts of several fields, and none of a text that is there already', async t => {
    const { session } = await single(t);
    const target = await targetOf(session, 0);
    await session.draft(target, 'target', 'output', 'Neu.');
    await session.draft(target, 'target', 'instruction', 'Frage?');
    await session.draft(target, 'target', 'input', 'verworfen');
    await session.draft(target, 'target', 'input', null);
    await session.commit(target);
    const made = await writtenIn(session.shard.ledgers);
    assert.deepEqual(
      made.map(event => event.type === 'edit' && event.fields.map(field => field.name)),
      [['instruction', 'output']],
    );
    await edit(session, 0, 'Neu.');
    assert.equal(eventsOf(session).length, 1);
  });

  it('keeps drafts through a crash, and commits them from where they began', async t => {
    const { session, path } = await single(t);
    await session.draft(await targetOf(session, 0), 'target', 'output', 'halb getippt');
    const reopened = await openSession(t, path, ANNA);
    assert.equal((await good(reopened, 0)).fields[2]?.draft, 'halb getippt');
    await reopened.commit(await targetOf(reopened, 0));
    assert.equal(outputOf(await good(reopened, 0)), 'halb getippt');
  });

  it('shows each decision as what it is', async t => {
    const { session } = await single(t);
    const states: Record<Decision, State> = {
      approve: 'approved',
      'needs-work': 'needs-work',
      reject: 'rejected',
      skip: 'skipped',
    };
    for (const decision of DECISIONS) {
      await session.decide(await targetOf(session, 0), decision);
      assert.equal(await stateOf(session), states[decision]);
    }
  });

  it('takes comments, which change nothing else', async t => {
    const { session } = await single(t);
    await session.comment(await targetOf(session, 0), 'Welche Frucht?');
    const view = await good(session, 0);
    assert.deepEqual(
      [view.state, view.history.map(({ type, text }) => [type, text])],
      ['pending', [['comment', 'Welche Frucht?']]],
    );
  });

  it('shows a line that is no record in its place, and refuses to review it', async t => {
    const lines = [LINES[0]!, '{"torn', '', '[1]', LINES[1]!];
    const { session } = await single(t, lines);
    const rows = await session.queue.summaries(0, 10);
    assert.deepEqual(
      rows.map(({ line, key, bad }) => [line, key, bad?.id ?? null]),
      [
        [1, 'r1@de', null],
        [2, null, 'record.notJson'],
        [4, null, 'record.notObject'],
        [5, 'r2@de', null],
      ],
    );
    const bad = await session.unit(1);
    assert.deepEqual(bad.kind === 'bad' && bad.raw, '{"torn');
    assert.deepEqual([session.view().rows, session.view().badRows], [4, 2]);
    const target = { ...(await targetOf(session, 0)), key: 'r9@de' as UnitKey, row: 1 };
    await assert.rejects(session.decide(target, 'approve'), userError('row.notRecord'));
    await assert.rejects(session.unit(4), userError('row.missing'));
    await edit(session, 3, 'Neu.');
    assert.equal(editsOf(session)[0]?.line, 5);
  });

  it('is not written without a reviewer, and what was typed stays', async t => {
    const { session, folder } = await single(t, LINES, {});
    const target = await targetOf(session, 0);
    const refused = userError('write.noReviewer');
    await assert.rejects(session.decide(target, 'approve'), refused);
    await assert.rejects(session.comment(target, 'x'), refused);
    await assert.rejects(session.setLanguages({ target_lang: 'de' }), refused);
    await session.draft(target, 'target', 'output', 'getippt');
    await assert.rejects(session.commit(target), refused);
    assert.equal((await good(session, 0)).fields[2]?.draft, 'getippt');
    assert.deepEqual(
      Object.keys(contentsOf(folder)).filter(path => path.includes('.crossalpaca')),
      [],
    );
    session.setWriter({ reviewer: 'anna', clone: 'aaaaaa' });
    await session.commit(target);
    assert.equal(outputOf(await good(session, 0)), 'getippt');
  });

  it('is not written while its target language is unknown, and is once it is set for everybody', async t => {
    const plain = { instruction: 'Name a fruit.', output: 'An apple.' };
    const twin = { translated_instruction: 'Nenne eine Frucht.', translated_output: 'Ein Apfel.' };
    const { session, path, folder } = await single(t, [JSON.stringify({ id: 'r1', ...plain, ...twin })]);
    const other = await openSession(t, path, BELA);
    const target = await targetOf(session, 0);
    assert.equal(target.key, 'r1@und');
    await assert.rejects(session.decide(target, 'approve'), userError('write.noLanguage'));
    await session.setLanguages({ source_lang: 'en', target_lang: 'de' });
    const { key, sourceLang, targetLang } = await good(session, 0);
    assert.deepEqual([key, sourceLang, targetLang], ['r1@de', 'en', 'de']);
    await approve(session, 0);
    assert.equal(await stateOf(session), 'approved');
    const mapping = readFileSync(join(folder, '.crossalpaca', 'shard.jsonl', 'mapping.json'), 'utf8');
    assert.deepEqual(JSON.parse(mapping), { v: 1, source_lang: 'en', target_lang: 'de' });

    await refresh(other);
    assert.equal((await good(other, 0)).key, 'r1@de', 'a mapping that comes with git counts after a refresh');
    assert.equal(await stateOf(other), 'approved');
  });
});

describe('the next record to review', () => {
  it('is the next that waits for this reviewer, from the start again at the end', async t => {
    const lines = [LINES[0]!, 'no record', LINES[1]!, LINES[2]!];
    const { anna, bela } = await pair(t, lines);
    assert.equal(await anna.nextPending(0), 2);
    await approve(anna, 2);
    assert.equal(await anna.nextPending(0), 3);
    assert.equal(await anna.nextPending(3), 0);
    await anna.decide(await targetOf(anna, 3), 'skip');
    assert.equal(await anna.nextPending(2), 0);
    await edit(anna, 0, 'Neu.');
    assert.equal(await anna.nextPending(2), 0);
    await anna.decide(await targetOf(anna, 0), 'reject');
    assert.equal(await anna.nextPending(2), null);
    await refresh(bela);
    await edit(bela, 2, 'Belas Text.');
    await refresh(anna);
    assert.equal(await anna.nextPending(3), 2);
  });

  it('waits for a second reviewer where the policy asks for one', async t => {
    const { anna, bela, folder } = await pair(t);
    writePolicy(folder, { approvals: 2 });
    for (const session of [anna, bela]) await refresh(session);
    for (const row of [0, 1, 2]) await approve(anna, row);
    assert.equal(await anna.nextPending(0), null);
    await refresh(bela);
    assert.equal(await bela.nextPending(0), 1);
  });

  it('is the record shown where only that waits: there is none only when none waits', async t => {
    const { session } = await single(t);
    await approve(session, 0);
    await approve(session, 2);
    assert.equal(await session.nextPending(1), 1);
  });
});

describe('a session', () => {
  it('refuses what is no shard and writes nothing beside it', async t => {
    const folder = tempFolder(t);
    const cases = [['{"a":1}'], ['[', '{"instruction":"a","output":"b"}'], ['7']];
    for (const lines of cases) {
      const path = writeShard(folder, lines);
      await assert.rejects(openSession(t, path, ANNA), userError('file.noRecord'));
    }
    assert.deepEqual(Object.keys(contentsOf(folder)), [join(folder, 'shard.jsonl')]);
  });

  it('writes nothing by opening, looking and searching for the next record', async t => {
    const { session, folder } = await single(t);
    const before = contentsOf(folder);
    await session.queue.summaries(0, 100);
    await session.nextPending(0);
    await refresh(session);
    assert.deepEqual(contentsOf(folder), before);
  });

  it('says of each listed row what it is', async t => {
    const { session } = await single(t);
    await approve(session, 1);
    const [, second] = await session.queue.summaries(0, 1000);
    const { row, line, key, lang, state, text } = second!;
    assert.deepEqual([row, line, key, lang, state, text], [1, 2, 'r2@de', 'de', 'approved', 'Name a fruit.']);
    assert.deepEqual(await session.queue.summaries(3, 5), []);
  });

  it('counts a decision made while earlier ones are still being matched to their records', async t => {
    const lines = Array.from({ length: 20_000 }, (_, index) => record(`r${index}`, 'Ein Apfel.'));
    const { session } = await single(t, lines);
    await session.shard.reopen();
    for (const row of [0, 1]) await approve(session, row);
    assert.equal(session.view().matched, false);
    await session.shard.matched;
    assert.deepEqual(session.view().counts, { approved: 2 });
  });

  it('says which lines of ledgers were set aside', async t => {
    const { session, folder } = await single(t);
    await approve(session, 0);
    const ledger = join(folder, '.crossalpaca', 'shard.jsonl', 'anna', 'aaaaaa.jsonl');
    writeFileSync(ledger, '<<<<<<< HEAD\n1\n2\n3\n4\n', { flag: 'a' });
    await refresh(session);
    const { problems } = session.view();
    assert.deepEqual(
      problems.map(({ id, args }) => [id, args[1]]),
      [
        ['ledger.lineSkipped', 2],
        ['ledger.lineSkipped', 3],
        ['ledger.lineSkipped', 4],
        ['ledger.moreSkipped', undefined],
      ],
    );
    assert.equal(problems[0]?.args[0], 'anna/aaaaaa.jsonl');
    assert.deepEqual(problems.at(-1)?.args, [2]);
    assert.equal(await stateOf(session), 'approved');
  });

  it('lists decisions whose record is gone instead of dropping them, and finds them again', async t => {
    const { session, path } = await single(t);
    await approve(session, 0);
    writeFileSync(path, LINES.slice(1).join('\n'));
    await refresh(session);
    assert.deepEqual([session.view().orphans, session.view().counts], [1, {}]);
    writeFileSync(path, [...LINES.slice(1), LINES[0]].join('\n'));
    await refresh(session);
    assert.deepEqual([session.view().orphans, session.view().counts], [0, { approved: 1 }]);
    assert.equal(await stateOf(session, 2), 'approved');
  });

  it('stops writing after a failure, says why, and goes on once the ledger can be written', async t => {
    const { session, folder } = await single(t);
    const review = join(folder, '.crossalpaca');
    writeFileSync(review, 'in the way');
    await session.draft(await targetOf(session, 0), 'target', 'output', 'getippt');
    await assert.rejects(session.commit(await targetOf(session, 0)), userError('ledger.notWritten'));
    assert.equal(session.view().readonly?.id, 'ledger.notWritten');
    await assert.rejects(approve(session, 1), userError('write.readonly'));
    assert.deepEqual(session.view().counts, {});
    assert.equal((await good(session, 0)).fields[2]?.draft, 'getippt');
    renameSync(review, `${review}.old`);
    await refresh(session);
    assert.equal(session.view().readonly, null);
    await session.commit(await targetOf(session, 0));
    assert.equal(outputOf(await good(session, 0)), 'getippt');
  });

  it('says plainly that languages could not be set', async t => {
    const { session, folder } = await single(t);
    writeFileSync(join(folder, '.crossalpaca'), 'in the way');
    await assert.rejects(session.setLanguages({ target_lang: 'fr' }), UserError);
    assert.deepEqual(session.view().targetLangs, ['de']);
  });

  it('tells its listeners what changed, until they stop listening', async t => {
    const { anna, bela } = await pair(t);
    const heard: unknown[] = [];
    const stop = anna.shard.onChange(rows => heard.push(rows));
    await approve(anna, 1);
    assert.deepEqual(heard, [[1]]);
    await approve(bela, 0);
    await refresh(anna);
    await anna.shard.matched;
    assert.deepEqual(heard, [[1], [0]]);
    stop();
    await approve(anna, 2);
    assert.equal(heard.length, 2);
  });

  it('offers the edits of a row that changed on disk, and applies none', async t => {
    const { session, path } = await single(t);
    await edit(session, 0, 'Ein roter Apfel.');
    writeFileSync(path, [record('r1', 'Ganz anders.'), ...LINES.slice(1)].join('\n'));
    await refresh(session);
    const view = await good(session, 0);
    assert.deepEqual([view.state, outputOf(view)], ['stale', 'Ganz anders.']);
    assert.deepEqual([view.stale?.approved, view.stale?.target.at(-1)?.[1]], [false, 'Ein roter Apfel.']);
  });

  it('takes an edit that has landed in the file as the file’s own text', async t => {
    const { session, path } = await single(t);
    await edit(session, 0, 'Ein roter Apfel.');
    await approve(session, 0);
    writeFileSync(path, [record('r1', 'Ein roter Apfel.'), ...LINES.slice(1)].join('\n'));
    await refresh(session);
    const view = await good(session, 0);
    assert.deepEqual([view.state, outputOf(view)], ['approved', 'Ein roter Apfel.']);
  });

  it('keeps a draft, and says so, where the record changed on disk under it', async t => {
    const { session, path } = await single(t);
    await session.draft(await targetOf(session, 0), 'target', 'output', 'getippt');
    writeFileSync(path, [record('r1', 'Ganz anders.'), ...LINES.slice(1)].join('\n'));
    await refresh(session);
    const target = await targetOf(session, 0);
    await assert.rejects(session.commit(target), userError('draft.rowChanged'));
    assert.equal((await good(session, 0)).fields[2]?.draft, 'getippt');
    await session.draft(target, 'target', 'output', null);
    await session.decide(target, 'approve');
    assert.equal(await stateOf(session), 'approved');
  });
});

describe('promise: the shard is never written', () => {
  it('is the same bytes after everything a reviewer can do', async t => {
    const strange = ['{"torn', '', '  ', LINES[0]!, `${LINES[1]!}\r`, '\u0000', '[1,2]'];
    const { session, path } = await single(t, strange);
    const [before, stat] = [readFileSync(path), await session.shard.loadRows([0, 1, 2, 3, 4, 5, 6, 7, 8])];
    const row = stat.findIndex(each => !('reason' in each));
    await edit(session, row, 'Neu.');
    for (const decision of DECISIONS) await session.decide(await targetOf(session, row), decision);
    await session.comment(await targetOf(session, row), 'x');
    await session.undo();
    await session.undo();
    await session.redo();
    await session.setLanguages({ source_lang: 'en', target_lang: 'de' });
    await refresh(session);
    assert.deepEqual(readFileSync(path), before);
  });
});
