/** Findings as the page gets them: of the text in the boxes, set aside and counted again, gone through one by one. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { english, UserError } from '../../src/core/messages';
import { nextFinding } from '../../src/findingSearch';
import type { Session } from '../../src/session';
import {
  ANNA,
  BELA,
  edit,
  eventsOf,
  good,
  openSession,
  outputOf,
  record,
  refresh,
  single,
  targetOf,
  tempFolder,
  userError,
  writePolicy,
  writeShard,
} from '../helpers/shardFixture';

const ENGLISH = 'The quick brown fox jumps over the lazy dog while the children are playing in the garden.';
const GERMAN = 'Der Fuchs springt über den Hund, während die Kinder im Garten spielen.';
const checksOf = (view: { readonly findings: readonly { readonly check: string }[] }) =>
  view.findings.map(({ check }) => check.replace(/-.*/, ''));

async function underPolicy(t: TestContext, lines: readonly string[], policy: object) {
  const folder = tempFolder(t);
  const path = writeShard(folder, lines);
  writePolicy(folder, policy);
  return openSession(t, path, ANNA);
}

async function type(session: Session, text: string | null, field = 'output'): Promise<void> {
  await session.draft(await targetOf(session, 0), 'target', field, text);
}

describe('findings', () => {
  it('are of the text as it is being typed, in the view and when asked for by themselves', async t => {
    const { session } = await single(t, [record('r1', GERMAN)]);
    assert.deepEqual((await good(session, 0)).findings, []);
    await type(session, ENGLISH);
    const checked = await session.check(await targetOf(session, 0));
    assert.deepEqual(checksOf(checked), ['language']);
    const view = await good(session, 0);
    assert.deepEqual(view.findings, checked.findings);
    assert.equal(outputOf(view), GERMAN, 'nothing is an edit yet');
    assert.deepEqual(eventsOf(session), []);
    await type(session, null);
    assert.deepEqual((await session.check(await targetOf(session, 0))).findings, []);
  });

  it('of the list, the filter and the next record are of what is saved', async t => {
    const { session } = await single(t, [record('r1', GERMAN)]);
    await type(session, ENGLISH);
    assert.equal((await session.queue.summaries(0, 1))[0]?.findings, 0);
    await session.commit(await targetOf(session, 0));
    assert.equal((await session.queue.summaries(0, 1))[0]?.findings, 1);
  });

  it('are of what somebody else sees by their own drafts', async t => {
    const { session, path } = await single(t, [record('r1', GERMAN)]);
    await type(session, ENGLISH);
    const bela = await openSession(t, path, BELA);
    assert.deepEqual((await good(bela, 0)).findings, []);
  });

  it('are found of a record that is none any more, and the answer says so', async t => {
    const { session } = await single(t, [record('r1', GERMAN)]);
    const target = await targetOf(session, 0);
    await assert.rejects(
      session.check({ ...target, key: 'gone@de' as typeof target.key }),
      userError('unit.moved'),
    );
  });

  it('that block say so, and an approval names all of them', async t => {
    const both = record('r1', ENGLISH).replace('Nenne eine Frucht.', ENGLISH.replace('fox', 'cat'));
    const session = await underPolicy(t, [both], { blockingFindings: ['language'] });
    const { findings } = await good(session, 0);
    assert.deepEqual(
      findings.map(({ field, blocks }) => [field, blocks]),
      [
        ['instruction', true],
        ['output', true],
      ],
    );
    await assert.rejects(session.decide(await targetOf(session, 0), 'approve'), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.said.id, 'approve.blockedMore');
      assert.match(english(error.said), /\(2\), in “instruction”, “output”: .+English/);
      return true;
    });
  });

  it('do not block where no policy says so', async t => {
    const { session } = await single(t, [record('r1', ENGLISH)]);
    assert.deepEqual(
      (await good(session, 0)).findings.map(each => each.blocks),
      [false],
    );
  });
});

describe('an ignored finding', () => {
  async function ignored(t: TestContext) {
    const { session, path } = await single(t, [record('r1', ENGLISH)]);
    const [finding] = (await good(session, 0)).findings;
    assert.ok(finding);
    await session.ignore(await targetOf(session, 0), finding, 'Ein Zitat.');
    return { session, path, finding };
  }

  it('is listed with who and why, as long as its text stays', async t => {
    const { session, finding } = await ignored(t);
    const view = await good(session, 0);
    assert.deepEqual(view.findings, []);
    const { check, side, field } = finding;
    const entry = view.ignored[0]!;
    const { id, at } = entry;
    assert.deepEqual(entry, { id, check, side, field, by: 'anna', at, reason: 'Ein Zitat.' });
    assert.match(at, /^20/);
    await type(session, `${ENGLISH} It is late.`);
    const typed = await session.check(await targetOf(session, 0));
    assert.deepEqual([checksOf(typed), typed.ignored], [['language'], []]);
    await type(session, null);
    assert.equal((await good(session, 0)).ignored.length, 1);
  });

  it('counts again when who ignored it takes that back, and only they can', async t => {
    const { session, path } = await ignored(t);
    const { id } = (await good(session, 0)).ignored[0]!;
    const bela = await openSession(t, path, BELA);
    await assert.rejects(bela.stopIgnoring(await targetOf(bela, 0), id), userError('ignore.missing'));
    const view = await session.stopIgnoring(await targetOf(session, 0), id);
    assert.ok(view.kind === 'unit');
    assert.deepEqual([checksOf(view), view.ignored], [['language'], []]);
    await assert.rejects(session.stopIgnoring(await targetOf(session, 0), id), userError('ignore.missing'));
    await refresh(bela);
    assert.equal((await good(bela, 0)).findings.length, 1);
    await session.redo();
    assert.equal((await good(session, 0)).ignored.length, 1);
  });

  it('is one of the text that was seen, and of no other', async t => {
    const { session } = await single(t, [record('r1', ENGLISH)]);
    const target = await targetOf(session, 0);
    const [finding] = (await good(session, 0)).findings;
    await edit(session, 0, `${ENGLISH} It is late.`);
    await assert.rejects(session.ignore(target, finding!, 'Ein Zitat.'), userError('unit.changed'));
  });
});

describe('the next finding', () => {
  const lines = [0, 1, 2, 3, 4, 5].map(n =>
    record(`r${n}`, [1, 4].includes(n) ? ENGLISH : GERMAN, `Name ${n}.`),
  );
  const positions = async (session: Session, direction: 'next' | 'previous') =>
    Promise.all([0, 1, 2, 4, 5].map(async at => (await session.nextFinding(at, direction)).position));

  it('is looked for round the end of the list, forward and back', async t => {
    const { session } = await single(t, lines);
    assert.deepEqual(await positions(session, 'next'), [1, 4, 4, 1, 1]);
    assert.deepEqual(await positions(session, 'previous'), [4, 4, 1, 1, 4]);
  });

  it('is the record itself where no other has one, and none where none has', async t => {
    const { session } = await single(t, lines.slice(0, 3));
    assert.deepEqual(await session.nextFinding(1, 'next'), { position: 1, looked: 3, goOn: null });
    const { session: clean } = await single(t, [lines[0]!, '{"torn', lines[2]!]);
    assert.deepEqual(await clean.nextFinding(0, 'next'), { position: null, looked: 3, goOn: null });
  });

  it('is one of the queue', async t => {
    const { session } = await single(t, lines);
    session.queue.ask('-"Name 1."');
    await session.queue.done;
    assert.equal(session.queue.length, 5);
    assert.equal((await session.nextFinding(0, 'next')).position, 3);
    session.queue.ask('nowhere');
    await session.queue.done;
    assert.deepEqual(await session.nextFinding(0, 'next'), { position: null, looked: 0, goOn: null });
  });

  it('is gone when it was ignored', async t => {
    const { session } = await single(t, lines);
    const [finding] = (await good(session, 1)).findings;
    await session.ignore(await targetOf(session, 1), finding!, 'Ein Zitat.');
    assert.equal((await session.nextFinding(0, 'next')).position, 4);
  });

  it('is found without reading the others where all were checked, also after an edit', async t => {
    const { session } = await single(t, lines);
    await session.shard.checking.start({ mayKeep: false });
    assert.deepEqual(await positions(session, 'next'), [1, 4, 4, 1, 1]);
    await edit(session, 3, ENGLISH);
    await session.shard.checking.settled;
    assert.deepEqual(await positions(session, 'next'), [1, 3, 3, 1, 1]);
    const { mock } = t.mock.method(session.shard, 'loadRows');
    t.mock.method(session.shard.checking, 'rows', () => assert.fail('all of them are too many to be listed'));
    assert.equal((await session.nextFinding(4, 'next')).position, 1);
    assert.deepEqual(
      mock.calls.map(call => call.arguments[0]),
      [[1]],
    );
  });

  it('is looked for some time only, and then from there on', async t => {
    const { session } = await single(t, lines);
    const look = (after: number) => nextFinding(session.shard, session.queue, after, 'next', -1);
    const first = await look(1);
    assert.deepEqual(first, { position: null, looked: 1, goOn: 2 });
    const second = await look(first.goOn);
    assert.deepEqual(second, { position: null, looked: 1, goOn: 3 });
    assert.deepEqual((await look(second.goOn)).position, 4);
  });
});
