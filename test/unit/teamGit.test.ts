import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Bulk } from '../../src/bulk';
import { english } from '../../src/core/messages';
import type { BulkChange, GoodUnit, Verdict } from '../../src/core/protocol';
import type { State } from '../../src/core/states';
import { cloneId } from '../../src/io/clone';
import type { Session } from '../../src/session';
import {
  approve,
  edit,
  git,
  good,
  openSession,
  outputOf,
  record,
  refresh,
  targetOf,
  tempFolder,
  writeShard,
} from '../helpers/shardFixture';

const ROWS = [
  record('r1', 'Ein Apfel.'),
  record('r2', 'Eine Birne.'),
  record('r3', 'Eine Kirsche.'),
  record('r4', 'Eine Pflaume.'),
  record('r5', 'Eine Quitte, gelb.'),
  record('r6', 'Eine Quitte, rund.'),
];
const NO_VERDICT: Verdict = { reasons: [], note: '' };

/** Where somebody works: a working tree, and the branch of it that they are on. */
interface Desk {
  readonly reviewer: string;
  readonly folder: string;
  readonly path: string;
  readonly branch: string;
}

function commit(folder: string): void {
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '--allow-empty', '-m', 'work');
}

function repository(folder: string, name: string): string {
  git(folder, 'init', '-q', '-b', 'left', name);
  writeShard(join(folder, name), ROWS);
  commit(join(folder, name));
  return join(folder, name);
}

const desk = (reviewer: string, folder: string, branch: string): Desk => ({
  reviewer,
  folder,
  path: join(folder, 'shard.jsonl'),
  branch,
});

/** Two clones of one repository. */
function clones(t: TestContext, first: string, second: string): [Desk, Desk] {
  const folder = tempFolder(t);
  const one = repository(folder, 'one');
  git(folder, 'clone', '-q', 'one', 'two');
  return [desk(first, one, 'left'), desk(second, join(folder, 'two'), 'left')];
}

const WAYS: readonly (readonly [way: string, make: (t: TestContext) => [Desk, Desk]])[] = [
  ['two reviewers, each in a clone', t => clones(t, 'anna', 'bela')],
  ['one reviewer in two clones', t => clones(t, 'anna', 'anna')],
  [
    'one reviewer in two worktrees',
    t => {
      const folder = tempFolder(t);
      const one = repository(folder, 'one');
      git(one, 'worktree', 'add', '-q', '-b', 'right', join(folder, 'two'));
      return [desk('anna', one, 'left'), desk('anna', join(folder, 'two'), 'right')];
    },
  ],
  [
    'one reviewer on two branches of one tree',
    t => {
      const one = repository(tempFolder(t), 'one');
      git(one, 'branch', 'right');
      return [desk('anna', one, 'left'), desk('anna', one, 'right')];
    },
  ],
];

/** Sits down: the files are those of the desk, and its session has read them. */
async function sitDown(t: TestContext, { folder, path, branch, reviewer }: Desk): Promise<Session> {
  git(folder, 'checkout', '-q', branch);
  const clone = await cloneId(folder);
  return openSession(t, path, {
    reviewer,
    clone,
    draftFile: join(folder, '..', `${clone}-${reviewer}.json`),
  });
}

/** Works and commits. */
async function at(t: TestContext, desk: Desk, work: (session: Session) => Promise<void>): Promise<void> {
  const session = await sitDown(t, desk);
  await work(session);
  session.shard.close();
  commit(desk.folder);
}

/** Brings each to hold everything, by a merge of its own: A into B, and B, as it was before that, into A. */
function mergeBothWays(one: Desk, two: Desk): void {
  const tips = [one, two].map(({ folder, branch }) => git(folder, 'rev-parse', branch).trim());
  for (const [to, from, tip] of [
    [one, two, tips[1]!],
    [two, one, tips[0]!],
  ] as const) {
    git(to.folder, 'checkout', '-q', to.branch);
    git(to.folder, 'fetch', '-q', from.folder, from.branch);
    // Throws where git stops at a conflict.
    git(to.folder, 'merge', '-q', '--no-edit', '-m', 'merge', tip);
    assert.equal(git(to.folder, 'status', '--porcelain'), '');
  }
}

async function viewsOf(session: Session): Promise<GoodUnit[]> {
  const views: GoodUnit[] = [];
  for (const row of ROWS.keys()) views.push(await good(session, row));
  return views;
}

/** What somebody sees of every record at both desks, which must be the same. */
async function sameAtBoth(t: TestContext, one: Desk, two: Desk): Promise<GoodUnit[]> {
  const seen: GoodUnit[][] = [];
  for (const each of [one, two]) {
    const session = await sitDown(t, { ...each, reviewer: 'looker' });
    assert.deepEqual(session.view().problems, []);
    seen.push(await viewsOf(session));
    session.shard.close();
  }
  assert.deepEqual(seen[1], seen[0]);
  return seen[0]!;
}

async function comment(session: Session, row: number, text: string): Promise<void> {
  await session.comment(await targetOf(session, row), text);
}

/** Does something to all records of a query at once. */
async function bulk(session: Session, query: string, change: BulkChange): Promise<void> {
  session.queue.ask(query);
  const { signal } = new AbortController();
  const made = await Bulk.prepare(session, change, { signal, onProgress: () => undefined });
  assert.equal(await made.commit(), 2);
}

const statesOf = (views: readonly GoodUnit[]): State[] => views.map(({ state }) => state);
const rivalTexts = ({ rivals }: GoodUnit) => rivals.map(({ target }) => target.at(-1)?.[1]).sort();

/** Everything that two may do at the same time: to row 1 two edits that do not know of each other. */
async function workOnBoth(t: TestContext, one: Desk, two: Desk): Promise<void> {
  await at(t, one, async session => {
    await edit(session, 0, 'Links.');
    await edit(session, 1, 'Nur links.');
    await comment(session, 2, 'Von links.');
    await approve(session, 3);
    await bulk(session, 'Quitte', { kind: 'decide', decision: 'approve', verdict: NO_VERDICT });
  });
  await at(t, two, async session => {
    await edit(session, 0, 'Rechts, vorläufig.');
    await edit(session, 0, 'Rechts.');
    await comment(session, 2, 'Von rechts.');
    await session.decide(await targetOf(session, 3), 'needs-work', { reasons: ['term'], note: 'Zwetschge.' });
    const find = { find: 'Quitte', replacement: 'Quitte (Obst)', matchCase: true };
    await bulk(session, 'gelb OR rund', { kind: 'replace', ...find });
  });
}

describe('promise: reviewers never conflict in git', () => {
  for (const [way, make] of WAYS) {
    it(`holds for edits, decisions, comments and bulks of ${way}, merged both ways`, async t => {
      const [one, two] = make(t);
      await workOnBoth(t, one, two);
      mergeBothWays(one, two);
      const views = await sameAtBoth(t, one, two);
      // Of one reviewer's own two decisions the later one holds.
      const third = one.reviewer === two.reviewer ? 'needs-work' : 'disputed';
      // The approvals of the bulk are for texts that the other bulk has changed.
      assert.deepEqual(statesOf(views), ['conflict', 'edited', 'pending', third, 'stale', 'stale']);
      assert.deepEqual(rivalTexts(views[0]!), ['Links.', 'Rechts.']);
      assert.equal(outputOf(views[1]!), 'Nur links.');
      assert.deepEqual(views[2]?.comments.map(({ text }) => text).sort(), ['Von links.', 'Von rechts.']);
      const decisions = views[3]?.history.map(each => [each.decision, each.text]);
      assert.deepEqual(decisions?.sort(), [
        ['approve', ''],
        ['needs-work', 'Zwetschge.'],
      ]);
      assert.deepEqual(views.slice(4).map(outputOf), [
        'Eine Quitte (Obst), gelb.',
        'Eine Quitte (Obst), rund.',
      ]);
      for (const { stale } of views.slice(4)) assert.match(stale?.target.at(-1)?.[1] ?? '', /^Eine Quitte, /);
    });

    it(`a conflict of ${way} is settled everywhere by one decision`, async t => {
      const [one, two] = make(t);
      await workOnBoth(t, one, two);
      mergeBothWays(one, two);
      await at(t, two, async session => {
        const { key, rivals } = await good(session, 0);
        const chosen = rivals.find(({ target }) => target.at(-1)?.[1] === 'Links.');
        assert.ok(chosen);
        await session.decide({ row: 0, key, fingerprint: chosen.fingerprint }, 'approve');
      });
      mergeBothWays(one, two);
      const [first] = await sameAtBoth(t, one, two);
      assert.equal(first?.state, 'approved');
      assert.deepEqual(first.rivals, []);
      assert.equal(outputOf(first), 'Links.');
      // What was not chosen can still be read.
      const texts = first.history.flatMap(({ changes }) => changes.map(({ after }) => after));
      assert.ok(texts.includes('Rechts.'));
    });
  }

  it('two who settle one conflict differently, without knowing of each other, are shown both texts again', async t => {
    const [one, two] = clones(t, 'anna', 'bela');
    await workOnBoth(t, one, two);
    mergeBothWays(one, two);
    for (const [each, text] of [
      [one, 'Links.'],
      [two, 'Rechts.'],
    ] as const) {
      await at(t, each, async session => {
        const { key, rivals } = await good(session, 0);
        const chosen = rivals.find(({ target }) => target.at(-1)?.[1] === text);
        assert.ok(chosen);
        const view = await session.decide({ row: 0, key, fingerprint: chosen.fingerprint }, 'approve');
        assert.equal(view.kind === 'unit' && view.state, 'approved');
      });
    }
    mergeBothWays(one, two);
    const [first] = await sameAtBoth(t, one, two);
    assert.equal(first?.state, 'conflict');
    assert.deepEqual(rivalTexts(first), ['Links.', 'Rechts.']);
  });

  it('a session that is open while git merges shows the same as one that is opened afterwards', async t => {
    const [one, two] = clones(t, 'anna', 'bela');
    const open = await sitDown(t, one);
    await workOnBoth(t, one, two);
    await refresh(open);
    assert.deepEqual(statesOf(await viewsOf(open)).slice(0, 3), ['edited', 'edited', 'pending']);
    mergeBothWays(one, two);
    await refresh(open);
    const fresh = await sitDown(t, one);
    assert.deepEqual(await viewsOf(open), await viewsOf(fresh));
    assert.equal((await good(open, 0)).state, 'conflict');
    assert.deepEqual(open.shard.facts.counts, fresh.shard.facts.counts);
  });
});

describe('a ledger that git left half merged', () => {
  /** One reviewer's ledger, changed on two branches, without what tells git to keep the lines of both. */
  async function halfMerged(t: TestContext) {
    const one = repository(tempFolder(t), 'one');
    const left = desk('anna', one, 'left');
    await at(t, left, session => approve(session, 2));
    rmSync(join(one, '.crossalpaca', '.gitattributes'));
    commit(one);
    git(one, 'branch', 'right');
    const right = desk('anna', one, 'right');
    const without = (work: (session: Session) => Promise<void>) => async (session: Session) => {
      await work(session);
      rmSync(join(one, '.crossalpaca', '.gitattributes'), { force: true });
    };
    await at(
      t,
      left,
      without(async session => {
        await edit(session, 0, 'Links.');
        await bulk(session, 'Quitte', { kind: 'decide', decision: 'approve', verdict: NO_VERDICT });
      }),
    );
    await at(
      t,
      right,
      without(async session => {
        await edit(session, 0, 'Rechts.');
        await approve(session, 1);
      }),
    );
    assert.throws(() => git(one, 'merge', '-q', '-m', 'merge', 'left'));
    assert.match(git(one, 'status', '--porcelain'), /^UU .*\.jsonl$/m);
    const ledger = join(one, '.crossalpaca', 'shard.jsonl', 'anna', `${await cloneId(one)}.jsonl`);
    const clone = await cloneId(one);
    return { one, ledger, clone, path: right.path };
  }

  const STATES = ['conflict', 'approved', 'approved', 'pending', 'approved', 'approved'];

  it('is said with the number of each line, and nothing of either side is lost', async t => {
    const { one, ledger, clone, path } = await halfMerged(t);
    const lines = readFileSync(ledger, 'utf8').split('\n');
    const marks = lines.flatMap((line, index) => (/^(<{7}|={7}|>{7})/.test(line) ? [index + 1] : []));
    assert.equal(marks.length, 3);
    const session = await openSession(t, path, {
      reviewer: 'anna',
      clone,
      draftFile: join(one, '..', 'drafts.json'),
    });
    const { problems } = session.view();
    assert.deepEqual(
      problems.map(english),
      marks.map(
        line =>
          `Ledger anna/${clone}.jsonl, line ${line} was set aside: a mark left by an unfinished git merge.`,
      ),
    );
    const views = await viewsOf(session);
    assert.deepEqual(statesOf(views), STATES);
    assert.deepEqual(rivalTexts(views[0]!), ['Links.', 'Rechts.']);
  });

  it('can be worked on as it is, and committed as it is', async t => {
    const { one, ledger, clone, path } = await halfMerged(t);
    const who = { reviewer: 'anna', clone, draftFile: join(one, '..', 'drafts.json') };
    const before = readFileSync(ledger);
    await approve(await openSession(t, path, who), 3);
    assert.ok(readFileSync(ledger).subarray(0, before.length).equals(before));
    commit(one);
    assert.match(git(one, 'ls-files', '.crossalpaca/.gitattributes'), /gitattributes/);
    const views = await viewsOf(await openSession(t, path, who));
    assert.deepEqual(statesOf(views), STATES.with(3, 'approved'));
  });

  it('shows the same once somebody has taken the marks out', async t => {
    const { one, ledger, clone, path } = await halfMerged(t);
    const who = { reviewer: 'anna', clone, draftFile: join(one, '..', 'drafts.json') };
    const open = await openSession(t, path, who);
    const before = await viewsOf(open);
    // As an editor saves it: the file is another one by then.
    const whole = readFileSync(ledger, 'utf8').replace(/^(<{7}|={7}|>{7}).*\n/gm, '');
    rmSync(ledger);
    writeFileSync(ledger, whole);
    await refresh(open);
    assert.deepEqual(open.view().problems, []);
    assert.deepEqual(await viewsOf(open), before);
  });
});
