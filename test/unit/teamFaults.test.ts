import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { Bulk } from '../../src/bulk';
import { factsOf, type EditFacts, type EventFacts } from '../../src/core/eventFacts';
import { MAX_SEQ, type DecideEvent, type EditEvent, type EventId } from '../../src/core/events';
import { foldUnit } from '../../src/core/fold';
import { english } from '../../src/core/messages';
import { DEFAULT_POLICY, type Policy } from '../../src/core/policy';
import { MAX_RIVALS, type BulkChange, type GoodUnit, type Target } from '../../src/core/protocol';
import { fingerprint, type Field, type Fingerprint, type UnitKey } from '../../src/core/record';
import { traitsOf } from '../../src/core/standing';
import { gateShard } from '../../src/gate';
import type { Candidate } from '../../src/io/candidates';
import type { Session } from '../../src/session';
import { alpaca, comment, edit as editEvent, print, sha256 } from '../helpers/builders';
import {
  ANNA,
  BELA,
  CARLA,
  commentLine,
  edit,
  good,
  idsOf,
  KEY,
  ledgerOf,
  LINES,
  openSession,
  outputOf,
  place,
  problemsOf,
  readLedgers,
  record,
  refresh,
  rivalTarget,
  targetOf,
  tempFolder,
  userError,
  writeLedger,
  writeShard,
  type Who,
} from '../helpers/shardFixture';
import {
  changePolicy,
  ENGLISH,
  found,
  GUEST,
  NAMED,
  now,
  shown,
  teamOf,
  textOf,
  type,
  type Team,
} from '../helpers/teamFixture';

type Decided = 'approve' | 'reject' | 'needs-work' | 'skip';

async function decide(
  session: Session,
  decision: Decided,
  { row = 0, reasons = [], note = '' }: { row?: number; reasons?: readonly string[]; note?: string } = {},
): Promise<GoodUnit> {
  await refresh(session);
  return shown(await session.decide(await targetOf(session, row), decision, { reasons, note }));
}

/** Edits of row 0 by Anna and Bela, of which neither knew the other's. */
async function inConflict({ anna, bela }: Pick<Team, 'anna' | 'bela'>, annas = 'Annas Text.'): Promise<void> {
  await refresh(anna);
  await refresh(bela);
  await anna.draft(await targetOf(anna, 0), 'target', 'output', annas);
  await bela.draft(await targetOf(bela, 0), 'target', 'output', 'Belas Text.');
  for (const session of [anna, bela]) await session.commit(await targetOf(session, 0));
  await refresh(anna);
  await refresh(bela);
}

const rivalTexts = ({ rivals }: GoodUnit) => rivals.map(({ target }) => target.at(-1)?.[1]).toSorted();
const BOTH = ['Annas Text.', 'Belas Text.'];
const SOURCE = [['source', 'instruction', 'Name one fruit.']] as const;

/** What row 0 of the shard would be called with that output. */
const named = (output: string): Fingerprint => {
  const target: Field[] = alpaca('Nenne eine Frucht.', '', output);
  return fingerprint(alpaca('Name a fruit.', '', 'An apple.'), target, sha256);
};

type Said = Partial<Omit<EditEvent, 'id' | 'type'>> & Partial<Omit<DecideEvent, 'id' | 'type'>> & object;

/** A line of a ledger that no session wrote. */
function forged(id: string, by: string, type: string, said: Said & Record<string, unknown>): string {
  const at = '2025-01-01T00:00:00.000Z';
  return `${JSON.stringify({ v: 1, id, seq: 1, at, by, key: KEY, line: 1, type, ...said })}\n`;
}

/** An edit of row 0 that says one text and may claim that it leads to another one. */
const forgedEdit = (id: string, by: string, output: string, result = named(output), more: Said = {}) =>
  forged(id, by, 'edit', {
    fields: [{ side: 'target', name: 'output', text: output }],
    parents: [],
    base: named('Ein Apfel.'),
    result,
    ...more,
  });

/** Puts lines into the ledger that a reviewer would have in one more clone. */
function forge(shard: string, lines: string, who: Who = BELA): void {
  const file = ledgerOf(shard, { reviewer: who.reviewer ?? '', clone: 'ffffff' });
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, lines);
}

/** Everything that settles a text, of one that waits beside others. */
function settling(session: Session, target: Target, id: EventId): Record<string, () => Promise<unknown>> {
  return {
    take: () => session.settle(target, id, 'take'),
    dismiss: () => session.settle(target, id, 'dismiss'),
    accept: () => session.accept(target, 'C1', null),
    'accept what was made of it': () => session.accept(target, 'C1', [['output', 'Eine Aprikose.']]),
  };
}

/** A session of Anna with an answer of a model that waits to be taken for row 0. */
function withCandidate(t: TestContext, path: string): Promise<Session> {
  const folder = join(dirname(path), '.crossalpaca', 'shard.jsonl', 'candidates');
  mkdirSync(folder, { recursive: true });
  const candidate: Candidate = {
    ...{ id: 'C1', key: KEY, mode: 'translate', texts: [['output', 'Eine Pflaume.']], model: 'm' },
    ...{ prompt: '0'.repeat(16), parameters: {}, advice: '', problems: [] },
    fingerprint: named('Ein Apfel.'),
  };
  appendFileSync(join(folder, 'aaaaaa.jsonl'), `${JSON.stringify(candidate)}\n`);
  return openSession(t, path, ANNA);
}

describe('what waits beside the text of a unit', () => {
  it('is neither taken nor dismissed in a conflict: both texts stay', async t => {
    const all = await teamOf(t);
    await type(all.guest, 0, [['target', 'output', 'Eine Feige.']]);
    await inConflict(all);
    const anna = await withCandidate(t, all.path);
    const view = await now(anna);
    assert.deepEqual([view.state, view.candidates.length], ['conflict', 1]);
    const target = await targetOf(anna, 0);
    for (const [what, act] of Object.entries(settling(anna, target, view.proposals[0]!.id)))
      await assert.rejects(act(), userError('unit.conflict'), what);
    const after = await now(all.bela);
    assert.deepEqual(
      [after.state, rivalTexts(after), after.proposals.length],
      ['conflict', BOTH, 1],
      'and the proposal waits',
    );
    assert.equal((await now(anna)).candidates.length, 1);
    await anna.decide(await rivalTarget(anna, 'bela'), 'approve');
    const [proposal] = (await now(anna)).proposals;
    const taken = shown(await anna.settle(await targetOf(anna, 0), proposal!.id, 'take'));
    assert.equal(outputOf(taken), 'Eine Feige.', 'afterwards it can be');
  });

  it('is neither taken nor dismissed where edits wait beside a row that changed: they stay', async t => {
    const { folder, path, bela, guest } = await teamOf(t);
    await type(guest, 0, [['target', 'instruction', 'Sag eine Frucht.']]);
    await edit(bela, 0, 'Belas Text.');
    const anna = await withCandidate(t, path);
    writeShard(folder, [record('r1', 'Ein anderer Apfel.'), ...LINES.slice(1)]);
    const view = await now(anna);
    assert.deepEqual([view.state, outputOf(view)], ['stale', 'Ein anderer Apfel.']);
    const target = await targetOf(anna, 0);
    for (const [what, act] of Object.entries(settling(anna, target, view.proposals[0]!.id)))
      await assert.rejects(act(), userError('unit.offered'), what);
    const after = await now(bela);
    assert.deepEqual([after.state, after.stale?.target.at(-1)?.[1]], ['stale', 'Belas Text.']);
    assert.equal(outputOf(shown(await anna.keep(target, after.stale!.id))), 'Belas Text.');
  });
});

describe('keeping the text that was', () => {
  it('is refused where the approval of another text came since it was shown', async t => {
    const { folder, path, anna, carla } = await teamOf(t);
    await decide(anna, 'approve');
    writeShard(folder, [record('r1', 'Ein anderer Apfel.'), ...LINES.slice(1)]);
    const before = await now(carla);
    assert.deepEqual([before.state, before.stale?.by], ['stale', 'anna']);
    const target = await targetOf(carla, 0);
    const approval: Said = {
      ...{ decision: 'approve', fingerprint: named('Belas Text.'), head: [], reasons: [], seq: 99 },
      target: [['output', 'Belas Text.']],
    };
    forge(path, forged('Z1', 'bela', 'decide', approval));
    await assert.rejects(carla.keep(target, before.stale!.id), userError('unit.changed'));
    const after = await now(carla);
    assert.deepEqual(
      [after.state, outputOf(after), after.stale?.by, after.fingerprint],
      ['stale', 'Ein anderer Apfel.', 'bela', target.fingerprint],
    );
    assert.equal(outputOf(shown(await carla.keep(target, after.stale!.id))), 'Belas Text.');
  });

  it('gives under a blind policy what was shown to that reviewer, and not what is hidden', async t => {
    const { folder, anna, bela, carla } = await teamOf(t, { ...NAMED, blind: true });
    await decide(bela, 'approve');
    await edit(carla, 0, 'Carlas Text.');
    writeShard(folder, [record('r1', 'Ein anderer Apfel.'), ...LINES.slice(1)]);
    const hidden = (await now(carla)).stale!;
    const view = await now(anna);
    assert.deepEqual([hidden.by, view.stale?.by, view.stale?.approved], ['bela', 'carla', false]);
    const target = await targetOf(anna, 0);
    await assert.rejects(anna.keep(target, hidden.id), userError('unit.changed'));
    assert.equal(outputOf(shown(await anna.keep(target, view.stale!.id))), 'Carlas Text.');
  });
});

describe('a forged edit', () => {
  it('that claims the text of a rival is never what is kept, although it comes first', async t => {
    const all = await teamOf(t);
    forge(all.path, forgedEdit('A0', 'bela', 'Gefälscht.', named('Belas Text.')));
    // Made on the row alone, as if the forged one came later.
    forge(all.path, forgedEdit('B1', 'bela', 'Belas Text.', named('Belas Text.'), { seq: 2 }));
    forge(all.path, forgedEdit('B2', 'anna', 'Annas Text.', named('Annas Text.'), { seq: 3 }), ANNA);
    assert.equal((await now(all.anna)).state, 'conflict');
    const target = { ...(await targetOf(all.anna, 0)), fingerprint: named('Belas Text.') };
    const kept = shown(await all.anna.decide(target, 'approve'));
    assert.deepEqual(
      [kept.state, outputOf(kept), kept.fingerprint],
      ['approved', 'Belas Text.', target.fingerprint],
    );
  });

  it('that claims a text which nobody wrote cannot be kept', async t => {
    const all = await teamOf(t);
    forge(all.path, forgedEdit('A0', 'bela', 'Gefälscht.', named('Keine.')));
    forge(all.path, forgedEdit('B2', 'anna', 'Annas Text.', named('Annas Text.'), { seq: 3 }), ANNA);
    assert.equal((await now(all.anna)).state, 'conflict');
    for (const text of ['Keine.', 'Gefälscht.']) {
      const target = { ...(await targetOf(all.anna, 0)), fingerprint: named(text) };
      await assert.rejects(all.anna.decide(target, 'approve'), userError('unit.conflict'));
    }
    assert.equal((await now(all.anna)).state, 'conflict');
    const own = { ...(await targetOf(all.anna, 0)), fingerprint: named('Annas Text.') };
    assert.equal(outputOf(shown(await all.anna.decide(own, 'approve'))), 'Annas Text.');
  });
});

describe('a conflict of many texts', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, at) => forgedEdit(`A${at}`, 'bela', `Text ${at}.`)).join('');

  it('beyond what is shown cannot be settled by choosing one, and the record is still shown', async t => {
    const { anna, path } = await teamOf(t);
    forge(path, many(3000));
    const view = await now(anna);
    assert.equal(view.state, 'conflict');
    assert.ok(Buffer.byteLength(JSON.stringify(view)) < 256 << 10);
    assert.deepEqual(
      [outputOf(view), textOf(view, 'source', 'instruction')],
      ['Ein Apfel.', 'Name a fruit.'],
    );
    assert.equal(view.rivals.length, MAX_RIVALS);
    for (const text of ['Text 0.', 'Text 2999.']) {
      const target = { ...(await targetOf(anna, 0)), fingerprint: named(text) };
      await assert.rejects(anna.decide(target, 'approve'), userError('unit.tooManyRivals'));
    }
    assert.equal((await now(anna)).state, 'conflict');
    await edit(anna, 0, 'Annas Text.');
    const after = await now(anna);
    assert.deepEqual([after.state, outputOf(after)], ['edited', 'Annas Text.'], 'a new text ends it');
  });

  it('that are all shown is settled as one of two', async t => {
    const { anna, path } = await teamOf(t);
    forge(path, many(MAX_RIVALS));
    assert.equal((await now(anna)).rivals.length, MAX_RIVALS);
    const target = { ...(await targetOf(anna, 0)), fingerprint: named('Text 7.') };
    assert.equal(outputOf(shown(await anna.decide(target, 'approve'))), 'Text 7.');
    forge(path, forgedEdit('B1', 'bela', 'Text mehr.'));
    assert.equal((await now(anna)).state, 'conflict');
  });

  it('says which of them is not shown whole: that one cannot be chosen, and any other can', async t => {
    const all = await teamOf(t);
    const long = 'Ein langer Satz. '.repeat(20_000);
    await inConflict(all, long);
    const view = await now(all.bela);
    assert.deepEqual(view.rivals.map(({ by, cut }) => [by, cut]).toSorted(), [
      ['anna', true],
      ['bela', false],
    ]);
    await assert.rejects(
      all.bela.decide(await rivalTarget(all.bela, 'anna'), 'approve'),
      userError('unit.rivalTooLong'),
    );
    assert.equal((await now(all.bela)).rivals.length, 2);
    const kept = shown(await all.bela.decide(await rivalTarget(all.bela, 'bela'), 'approve'));
    assert.equal(outputOf(kept), 'Belas Text.');
  });
});

describe('the author of a text', () => {
  const goingBack: [how: string, act: (bela: Session, annas: EventId) => Promise<unknown>][] = [
    ['typed something and took it back', async bela => (await edit(bela, 0, 'Belas Text.'), bela.undo())],
    [
      'typed the old text again',
      async bela => {
        await edit(bela, 0, 'Belas Text.');
        await edit(bela, 0, 'Annas Text.');
      },
    ],
    [
      'restored it',
      async (bela, annas) => {
        await edit(bela, 0, 'Belas Text.');
        await bela.restore(await targetOf(bela, 0), annas);
      },
    ],
  ];
  for (const [how, act] of goingBack) {
    it(`is not who ${how}`, async t => {
      const { anna, bela } = await teamOf(t, { ...NAMED, lastEditorCounts: false });
      await edit(anna, 0, 'Annas Text.');
      const { id } = (await now(bela)).history[0]!;
      await act(bela, id);
      assert.equal(outputOf(await now(anna)), 'Annas Text.');
      assert.deepEqual(
        [await found(anna, 'is:mine'), await found(bela, 'is:mine')],
        [
          [1, 2],
          [0, 1, 2],
        ],
      );
      const own = await decide(anna, 'approve');
      assert.deepEqual([own.state, own.approvals], ['partly-approved', 0]);
      const second = await decide(bela, 'approve');
      assert.deepEqual([second.state, second.approvals], ['approved', 1]);
    });
  }
});

describe('a skip in a conflict', () => {
  it('leaves both texts competing', async t => {
    const all = await teamOf(t);
    await inConflict(all);
    const views = [
      shown(await all.anna.decide(await rivalTarget(all.anna, 'bela'), 'skip')),
      await decide(all.bela, 'skip'),
      await now(all.anna),
      await now(all.carla),
    ];
    for (const view of views) assert.deepEqual([view.state, rivalTexts(view)], ['conflict', BOTH]);
    const kept = shown(await all.anna.decide(await rivalTarget(all.anna, 'anna'), 'approve'));
    assert.deepEqual([kept.state, outputOf(kept)], ['approved', 'Annas Text.']);
  });
});

describe('a proposal of the target', () => {
  for (const sourceEdits of ['propose', 'no'] as const) {
    it(`is taken alone where the source was mended since (source edits: ${sourceEdits})`, async t => {
      const { anna, carla, guest, path } = await teamOf(t, { ...NAMED, sourceEdits });
      await type(guest, 0, [['target', 'output', 'Eine Feige.']]);
      await type(carla, 0, SOURCE);
      const texts = (view: GoodUnit) => [textOf(view, 'source', 'instruction'), outputOf(view)];
      const [proposal] = (await now(anna)).proposals;
      const taken = shown(await anna.settle(await targetOf(anna, 0), proposal!.id, 'take'));
      assert.deepEqual(texts(taken), ['Name one fruit.', 'Eine Feige.']);
      assert.deepEqual([taken.state, taken.proposals], ['edited', []]);
      const written = readFileSync(ledgerOf(path, ANNA), 'utf8').trimEnd().split('\n');
      const { fields } = JSON.parse(written.at(-1)!) as EditEvent;
      assert.deepEqual(fields, [{ side: 'target', name: 'output', text: 'Eine Feige.' }]);

      const reader = await openSession(t, path, BELA);
      assert.deepEqual(texts(await good(reader, 0)), ['Name one fruit.', 'Eine Feige.']);
      await anna.undo();
      const undone = await now(carla);
      assert.deepEqual([texts(undone), undone.proposals.length], [['Name one fruit.', 'Ein Apfel.'], 1]);
      await anna.redo();
      const redone = await now(carla);
      assert.deepEqual([texts(redone), redone.proposals], [['Name one fruit.', 'Eine Feige.'], []]);
    });
  }

  it('is dismissed where the source was mended since, and the mended source stays', async t => {
    const { anna, carla, guest } = await teamOf(t, { ...NAMED, sourceEdits: 'no' });
    await type(guest, 0, [['target', 'output', 'Eine Feige.']]);
    await type(carla, 0, SOURCE);
    const [proposal] = (await now(anna)).proposals;
    const view = shown(await anna.settle(await targetOf(anna, 0), proposal!.id, 'dismiss'));
    assert.deepEqual(
      [textOf(view, 'source', 'instruction'), outputOf(view), view.proposals],
      ['Name one fruit.', 'Ein Apfel.', []],
    );
  });

  /** Bela's edit, one or two by a guest who went on from it, and then Bela has no say any more: all of them wait. */
  async function madeOn(t: TestContext, inputs: readonly string[]): Promise<Team> {
    const all = await teamOf(t);
    await edit(all.bela, 0, 'Belas Text.');
    for (const input of inputs) await type(all.guest, 0, [['target', 'input', input]]);
    const { folder, anna, bela, carla, guest } = all;
    await changePolicy(folder, { ...NAMED, reviewers: ['anna'] }, anna, bela, carla, guest);
    return all;
  }
  const proposing = ({ proposals }: GoodUnit) => proposals.map(({ by }) => by).toSorted();

  for (const outcome of ['take', 'dismiss'] as const) {
    for (const inputs of [['Eingabe.'], ['Erste.', 'Eingabe.']]) {
      const count = inputs.length === 1 ? 'the one' : 'the last of two';
      it(`leaves another's waiting that it was made on: ${outcome} ${count}`, async t => {
        const { anna } = await madeOn(t, inputs);
        const before = await now(anna);
        assert.deepEqual([proposing(before), outputOf(before)], [['bela', 'gast'], 'Ein Apfel.']);
        const guests = before.proposals.find(({ by }) => by === 'gast')!;
        const after = shown(await anna.settle(await targetOf(anna, 0), guests.id, outcome));
        assert.deepEqual(
          [proposing(after), outputOf(after), textOf(after, 'target', 'input')],
          [['bela'], 'Ein Apfel.', outcome === 'take' ? 'Eingabe.' : ''],
        );
        const belas = after.proposals[0]!;
        const both = shown(await anna.settle(await targetOf(anna, 0), belas.id, 'take'));
        assert.deepEqual([outputOf(both), both.proposals], ['Belas Text.', []]);
      });
    }
  }
});

describe('a blind policy', () => {
  const BLIND = { ...NAMED, blind: true };

  it('hides what others did from a session without a name', async t => {
    const { anna, bela, path } = await teamOf(t, BLIND);
    await decide(anna, 'approve');
    await decide(bela, 'reject', { row: 1, reasons: ['meaning'] });
    await bela.comment(await targetOf(bela, 0), 'Falsch.');
    const nobody = await openSession(t, path, { clone: 'nnnnnn' });
    const view = await now(nobody);
    assert.deepEqual(
      [view.blind, view.state, view.approvals, view.decisions, view.comments, view.history],
      [true, 'pending', 0, [], [], []],
    );
    const listed = (await nobody.queue.summaries(0, 10)).map(({ state }) => state);
    assert.deepEqual(listed, ['pending', 'pending', 'pending']);
    for (const query of ['state:approved', 'state:rejected', 'by:anna', 'reason:meaning', 'is:commented'])
      assert.deepEqual(await found(nobody, query), [], query);
    nobody.setWriter(ANNA);
    assert.equal((await now(nobody)).state, 'approved', 'with a name there is what one did');
    nobody.setWriter(undefined);
    assert.equal((await now(nobody)).state, 'pending');
  });

  it('keeps a finding that another ignored, and what blocks goes by all that was done', async t => {
    const lines = [record('r1', ENGLISH), ...LINES.slice(1)];
    const policy = { ...BLIND, blockingFindings: ['language'] };
    const { anna, bela, path } = await teamOf(t, policy, lines);
    const nobody = await openSession(t, path, { clone: 'nnnnnn' });
    const [finding] = (await now(bela)).findings;
    await bela.ignore(await targetOf(bela, 0), finding!, 'Ein Zitat.');
    assert.deepEqual([(await now(bela)).findings, await found(bela, 'finding:any')], [[], []], 'one’s own');
    for (const session of [anna, nobody]) {
      assert.deepEqual((await now(session)).findings, [finding]);
      assert.equal((await session.queue.summaries(0, 1))[0]?.findings, 1);
      assert.deepEqual(await found(session, 'finding:any'), [0]);
    }
    const loaded = await anna.shard.load(0);
    assert.ok(!('reason' in loaded));
    assert.deepEqual(anna.shard.blocking(loaded), []);
    assert.equal((await decide(anna, 'approve')).state, 'approved');
    assert.deepEqual((await now(anna)).findings, [], 'who has decided sees it');
    await refresh(nobody);
    assert.equal((await now(nobody)).findings.length, 1);
    assert.deepEqual((await gateShard(nobody.shard)).unmet, [
      { reason: 'state', state: 'pending', count: 2 },
    ]);
  });
});

const prepare = async (session: Session, change: BulkChange) => {
  await refresh(session);
  assert.equal(session.queue.ask('all'), undefined);
  return Bulk.prepare(session, change, { signal: new AbortController().signal, onProgress: () => undefined });
};
const replacing = (find: string, replacement: string): BulkChange => ({
  ...{ kind: 'replace', find, replacement, matchCase: true },
});

describe('undo and redo of a change of many records', () => {
  const COUNT = 200;
  /** So that reading a line of all of them is told from reading a row, or some lines of one record. */
  const LONG_BYTES = 20_000;

  /** How often so much is read at one go. */
  async function longReads(t: TestContext, work: () => Promise<unknown>): Promise<number> {
    const file = await open('/dev/null');
    const prototype = Object.getPrototypeOf(file) as FileHandle;
    await file.close();
    const { mock } = t.mock.method(prototype, 'read');
    await work();
    mock.restore();
    return mock.calls.filter(({ arguments: given }) => Number((given as unknown[])[2]) > LONG_BYTES).length;
  }

  const done: [what: string, changes: readonly BulkChange[]][] = [
    ['edits', [replacing('Birne', 'Feige')]],
    ['decisions', [{ kind: 'decide', decision: 'approve', verdict: { reasons: [], note: '' } }]],
    ['edits after other edits', [replacing('Birne', 'Feige'), replacing('Feige', 'Quitte')]],
    [
      'edits and decisions',
      [
        replacing('Birne', 'Feige'),
        { kind: 'decide', decision: 'approve', verdict: { reasons: [], note: '' } },
      ],
    ],
  ];
  for (const [what, changes] of done) {
    it(`does not read the ledger again for each of them: ${what}`, async t => {
      const lines = Array.from({ length: COUNT }, (_, at) =>
        record(`r${at}`, `Birne ${at}. ${'x'.repeat(200)}`),
      );
      const { anna } = await teamOf(t, NAMED, lines);
      for (const change of changes) assert.equal(await (await prepare(anna, change)).commit(), COUNT);
      const after = await now(anna, COUNT - 1);
      const reads: [kind: string, count: number][] = [];
      for (let round = 0; round < 2; round++) {
        for (const { kind } of changes) reads.push([kind, await longReads(t, () => anna.undo())]);
        const undone = await now(anna, COUNT - 1);
        assert.deepEqual([undone.state === after.state, outputOf(undone)?.slice(0, 9)], [false, 'Birne 199']);
        for (const { kind } of changes) reads.push([kind, await longReads(t, () => anna.redo())]);
        const redone = await now(anna, COUNT - 1);
        assert.deepEqual([redone.state, outputOf(redone)], [after.state, outputOf(after)]);
      }
      const most = Math.max(...reads.map(([, count]) => count));
      assert.ok(most < COUNT / 4, `long reads: ${reads.join(' ')}`);
    });
  }
});

/** How often members of facts are looked at, which is what the work of a fold grows with. */
function counted<T extends EventFacts>(
  events: readonly T[],
  member: keyof T,
): { events: T[]; looks: () => number } {
  let looks = 0;
  const watched = events.map(event => {
    const value = event[member];
    return Object.defineProperty({ ...event }, member, {
      enumerable: true,
      get: () => {
        looks++;
        return value;
      },
    });
  });
  return { events: watched, looks: () => looks };
}

const editOn = (by: string, result: string, parents: readonly EventId[], more: Partial<EditEvent> = {}) =>
  factsOf(editEvent(by, result, { parents, ...more })) as EditFacts;

/** Edits each on the one before. */
function chained(length: number, first: readonly EventId[] = []): EditFacts[] {
  const edits: EditFacts[] = [];
  for (let at = 0; at < length; at++) {
    const before = edits.at(-1);
    edits.push(editOn('anna', `T${at}`, before ? [before.id] : first));
  }
  return edits;
}

describe('the work of a fold', () => {
  const ADJUDICATED: Policy = {
    ...DEFAULT_POLICY,
    reviewers: { '*': ['anna'] },
    adjudicators: { '*': ['carla'] },
  };
  const shapes: [
    what: string,
    of: (length: number) => EditFacts[],
    state: string,
    member?: 'parents' | 'result',
  ][] = [
    [
      'a long line of edits with many on its end',
      length => {
        const line = chained(length);
        return [...line, ...line.map((_, at) => editOn('anna', `H${at}`, [line.at(-1)!.id]))];
      },
      'conflict',
    ],
    [
      'edits of the target over one of the source',
      length => {
        const fields = [{ side: 'source', name: 'instruction', text: 'S' }] as const;
        const source = editOn('carla', 'S', [], { fields });
        return [source, ...chained(length, [source.id])];
      },
      'edited',
    ],
    ['many that compete', length => chained(length).map((_, at) => editOn('anna', `H${at}`, [])), 'conflict'],
    [
      'proposals that were taken back',
      length =>
        Array.from({ length }, (_, at) => editOn('gast', `G${at}`, [])).flatMap(each => [
          each,
          editOn('gast', 'T', [each.id], { undoes: each.id }),
        ]),
      'pending',
      'result',
    ],
  ];
  for (const [what, of, state, member = 'parents'] of shapes) {
    it(`grows with the number of events: ${what}`, () => {
      const looksAt = (length: number) => {
        const { events, looks } = counted(of(length), member);
        assert.equal(foldUnit(print('R0'), events, ADJUDICATED).state, state);
        return looks() / events.length;
      };
      const [few, many] = [looksAt(500), looksAt(5000)];
      assert.ok(many < 2 * few, `looks at an event: ${few} of few, ${many} of many`);
    });
  }

  it('grows with the number of threads where answers are looked for', () => {
    const looksAt = (threads: number) => {
      const all = Array.from({ length: threads }, () => comment('bela', 'Warum?')).flatMap(first => [
        factsOf(first),
        factsOf(comment('anna', 'Darum.', { thread: first.id })),
      ]);
      const last = comment('bela', 'Doch.', { thread: all[0]!.id });
      const facts = [...all, factsOf(last)] as Extract<EventFacts, { type: 'comment' }>[];
      const state = foldUnit(print('R0'), facts, DEFAULT_POLICY);
      assert.equal(state.openThreads.length, threads);
      const { events, looks } = counted(facts, 'thread');
      assert.ok(traitsOf(state, events, 'de', 'anna', DEFAULT_POLICY).has('replied'));
      assert.ok(!traitsOf(state, events.slice(0, -1), 'de', 'anna', DEFAULT_POLICY).has('replied'));
      return looks() / facts.length;
    };
    const [few, many] = [looksAt(200), looksAt(5000)];
    assert.ok(many < 2 * few, `looks at a comment: ${few} of few, ${many} of many`);
  });
});

describe('a counter that leaves no room', () => {
  it('has its line set aside with its number, and the others are read', async t => {
    const { shard, file } = place(tempFolder(t));
    const lines = [
      commentLine('A1', 'anna'),
      commentLine('A2', 'anna', { seq: MAX_SEQ + 1 }),
      commentLine('A3', 'anna', { seq: Number.MAX_SAFE_INTEGER }),
      commentLine('A4', 'anna', { seq: 2 }),
    ];
    writeLedger(file, lines.map(line => `${line}\n`).join(''));
    const ledgers = await readLedgers(shard);
    assert.deepEqual(idsOf(ledgers), ['A1', 'A4']);
    assert.deepEqual(problemsOf(ledgers), [
      [2, 'event.member'],
      [3, 'event.member'],
    ]);
    assert.match(english(ledgers.problems[0]!.reason), /seq/);
  });

  it('as large as is read at all takes nothing from what is done after it', async t => {
    const { anna, path } = await teamOf(t);
    forge(path, `${commentLine('A1', 'bela', { seq: MAX_SEQ })}\n`);
    await decide(anna, 'approve');
    await decide(anna, 'reject');
    await anna.comment(await targetOf(anna, 0), 'Nein.');
    const again = await openSession(t, path, ANNA);
    const view = await good(again, 0);
    assert.deepEqual([view.state, view.comments.length, again.view().problems], ['rejected', 2, []]);
  });
});

describe('two units with events of one id', () => {
  it('each have their own state and text, however many rows are read together', async t => {
    const { anna, path } = await teamOf(t);
    const texts = ['Eine Feige.', 'Eine Quitte.', 'Eine Pflaume.'];
    const own = ['Ein Apfel.', 'Eine Birne.', 'Eine Kirsche.'];
    const line = (text: string, at: number) =>
      forgedEdit('A1', 'bela', text, named(text), {
        ...{ key: `r${at + 1}@de` as UnitKey, line: at + 1, base: named(own[at]!) },
      });
    forge(path, texts.map(line).join(''));
    await refresh(anna);
    for (const rows of [[0, 1, 2], [2, 1, 0], [0], [1], [2], [1, 2]]) {
      const loaded = await anna.shard.loadRows(rows);
      assert.deepEqual(
        loaded.map(each => 'reason' in each || [each.state.state, each.target.at(-1)?.text]),
        rows.map(row => ['edited', texts[row]]),
      );
    }
    assert.deepEqual(anna.view().counts, { edited: 3 });
    for (const [row, text] of texts.entries()) {
      assert.deepEqual(await found(anna, `target:"${text}"`), [row]);
      const view = await now(anna, row);
      assert.deepEqual([outputOf(view), view.history[0]?.changes[0]?.after], [text, text]);
    }
  });
});

describe('taking a decision back', () => {
  const of = ({ decisions }: GoodUnit) => decisions.map(({ by, decision }) => [by, decision]);
  /** Anna has changed her mind three times, and takes it all back. */
  async function withdrawn(t: TestContext): Promise<Team> {
    const all = await teamOf(t, { ...NAMED, approvals: 2 });
    const { anna, bela } = all;
    await edit(anna, 1, 'Eine Feige.');
    await decide(bela, 'approve');
    await decide(anna, 'approve');
    await decide(anna, 'reject', { reasons: ['meaning'] });
    await decide(anna, 'approve');
    await decide(anna, 'needs-work', { reasons: ['fluency'] });
    const view = shown(await anna.withdraw(await targetOf(anna, 0)));
    assert.deepEqual([view.state, of(view)], ['partly-approved', [['bela', 'approve']]]);
    assert.deepEqual(of(await now(bela)), [['bela', 'approve']]);
    return all;
  }

  it('takes all of one’s own on the text, and nothing of others', async t => {
    const { anna } = await withdrawn(t);
    await assert.rejects(anna.withdraw(await targetOf(anna, 0)), userError('decision.none'));
  });

  it('is taken back by redo: the decision that was in force is so again', async t => {
    const { anna, bela } = await withdrawn(t);
    assert.equal(await anna.redo(), 0);
    const belas = ['bela', 'approve'];
    assert.deepEqual(of(await now(bela)), [['anna', 'needs-work'], belas]);
    shown(await anna.withdraw(await targetOf(anna, 0)));
    assert.deepEqual(of(await now(bela)), [belas], 'and taken back once more');
  });

  it('is all done: undo goes on with what was done before those decisions', async t => {
    const { anna } = await withdrawn(t);
    assert.equal(await anna.undo(), 1);
    assert.deepEqual(
      [outputOf(await now(anna, 1)), of(await now(anna))],
      ['Eine Birne.', [['bela', 'approve']]],
    );
  });

  it('leaves what was decided on another text', async t => {
    const { anna, bela } = await teamOf(t);
    await decide(anna, 'approve');
    await edit(bela, 0, 'Belas Text.');
    await decide(anna, 'reject');
    const view = shown(await anna.withdraw(await targetOf(anna, 0)));
    assert.deepEqual([view.state, view.stale?.by, of(view)], ['stale', 'anna', [['anna', 'approve']]]);
  });

  it('is not kept from anybody by another who claims to have done it', async t => {
    const { anna, path } = await teamOf(t);
    const { decisions } = await decide(anna, 'reject');
    assert.equal(decisions.length, 1);
    const written = readFileSync(ledgerOf(path, ANNA), 'utf8').trimEnd().split('\n');
    const { id } = JSON.parse(written.at(-1)!) as DecideEvent;
    forge(path, forged('A1', 'bela', 'undo', { undoes: id }));
    assert.equal((await now(anna)).state, 'rejected');
    assert.equal(shown(await anna.withdraw(await targetOf(anna, 0))).state, 'pending');
  });
});

describe('an assignment by a guest', () => {
  it('does not count, and takes the place of none', async t => {
    const { anna, bela, path } = await teamOf(t);
    await anna.assign(await targetOf(anna, 0), 'bela');
    const written = readFileSync(ledgerOf(path, ANNA), 'utf8').trimEnd().split('\n');
    const { id } = JSON.parse(written.at(-1)!) as { id: EventId };
    forge(path, forged('A1', 'gast', 'assign', { seq: 9, to: 'anna', replaces: [id] }), GUEST);
    forge(
      path,
      forged('A2', 'gast', 'assign', { seq: 9, to: 'carla', replaces: [], key: 'r2@de' as UnitKey }),
      GUEST,
    );
    assert.deepEqual([(await now(bela)).assigned, (await now(bela, 1)).assigned], [['bela'], []]);
    assert.deepEqual(
      [await found(anna, 'is:mine'), await found(bela, 'is:mine')],
      [
        [1, 2],
        [0, 1, 2],
      ],
    );
  });
});

describe('the preview of find and replace', () => {
  const count = (text: string, find: string) => text.split(find).length - 1;

  it('shows every place that changes, and counts those for which there is no room', async t => {
    const far = (places: number) =>
      Array.from({ length: places }, () => `Birne${' Wort'.repeat(80)}`).join(' ');
    const lines = [3, 25].map((places, at) => record(`r${at}`, far(places)));
    const { anna } = await teamOf(t, NAMED, lines);
    const bulk = await prepare(anna, replacing('Birne', 'Feige'));
    const [few, many] = bulk.rows(0, 10);
    assert.deepEqual([few?.changes.length, few?.more], [3, 0]);
    assert.ok(many!.changes.length > 1 && many!.more > 0);
    assert.equal(many!.changes.length + many!.more, 25);
    for (const { before, after } of [...few!.changes, ...many!.changes])
      assert.deepEqual([count(before, 'Birne'), after], [1, before.replace('Birne', 'Feige')]);
    await bulk.commit();
    assert.equal(outputOf(await now(anna, 1)), far(25).replaceAll('Birne', 'Feige'));
  });

  /** So long that it would often be cut in two where it may be. */
  const LONG = '='.repeat(50);

  it('shows each place once, wherever they stand', async t => {
    const folder = tempFolder(t);
    const piece = fc.oneof(
      fc.constantFrom('ab', 'aab', 'aba', 'a', 'b', '😀ab', 'ab😀'),
      fc.constant(LONG),
      fc.nat(70).map(length => '-'.repeat(length)),
      fc.nat(150).map(length => '-'.repeat(length)),
    );
    const texts = fc.sample(fc.array(piece, { minLength: 1, maxLength: 30 }), { numRuns: 300, seed: 7 });
    const lines = texts.map((pieces, at) => record(`r${at}`, pieces.join('')));
    const session = await openSession(t, writeShard(folder, lines), CARLA);
    for (const [find, replacement] of [
      ['ab', 'x'],
      ['aba', ''],
      ['a', 'aa'],
      [LONG, 'x'],
    ] as const) {
      const bulk = await prepare(session, replacing(find, replacement));
      const total = lines.filter(line => outputIn(line).includes(find)).length;
      assert.equal(bulk.view.total, total);
      for (let from = 0; from < total; from += 100) {
        for (const { row, changes, more } of bulk.rows(from, 100)) {
          const text = outputIn(lines[row]!);
          const places = changes.filter(({ name }) => name === 'output');
          const shownPlaces = places.reduce((sum, { before }) => sum + count(before, find), 0);
          if (more === 0) assert.equal(shownPlaces, count(text, find), text);
          else assert.ok(shownPlaces < count(text, find), text);
          let at = 0;
          for (const { before, after } of places) {
            assert.equal(after, before.split(find).join(replacement));
            // In the order of the text, none in another one.
            at = text.indexOf(before, at);
            assert.ok(at >= 0, before);
            at += before.length;
          }
        }
      }
    }
  });
});

const outputIn = (line: string) => (JSON.parse(line) as { target: { output: string } }).target.output;

describe('an adjudicator who approves again', () => {
  const reasons: [how: string, said: { reasons?: readonly string[]; note?: string }][] = [
    ['a reason', { reasons: ['fluency'] }],
    ['a note', { note: 'Liest sich gut.' }],
    ['both', { reasons: ['fluency'], note: 'Liest sich gut.' }],
  ];
  for (const [how, said] of reasons) {
    it(`keeps settled what was settled with ${how}`, async t => {
      const { anna, bela, carla } = await teamOf(t);
      await decide(anna, 'approve');
      await decide(bela, 'reject', { reasons: ['meaning'] });
      assert.equal((await decide(carla, 'approve', said)).state, 'approved');
      for (let again = 0; again < 2; again++) {
        const view = await decide(carla, 'approve');
        assert.deepEqual([view.state, view.approvals], ['approved', 2]);
      }
      assert.equal((await now(anna)).state, 'approved');
      assert.equal((await decide(carla, 'approve', { note: 'Doch, gut.' })).state, 'approved');
      await decide(bela, 'reject', { reasons: ['meaning'] });
      assert.equal((await now(anna)).state, 'disputed', 'what is said after it opens it again');
    });
  }
});
