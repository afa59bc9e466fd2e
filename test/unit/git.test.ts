import assert from 'node:assert/strict';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { GoodUnit } from '../../src/core/protocol';
import { cloneId } from '../../src/io/clone';
import {
  approve,
  edit,
  git,
  good,
  LINES,
  openSession,
  stateOf,
  tempFolder,
  writeShard,
} from '../helpers/shardFixture';

/** A working tree with a shard, its sessions opened as often as git changes the files under them. */
interface Tree {
  readonly folder: string;
  readonly path: string;
  readonly clone: string;
}

/** A bare repository that holds a shard, and two clones of it. */
async function clones(t: TestContext, ...config: string[]): Promise<[Tree, Tree]> {
  const folder = tempFolder(t);
  git(folder, 'init', '-q', '-b', 'main', 'seed');
  writeShard(join(folder, 'seed'), LINES);
  commit(join(folder, 'seed'));
  git(folder, 'clone', '-q', '--bare', 'seed', 'origin.git');
  const tree = async (name: string): Promise<Tree> => {
    git(folder, 'clone', '-q', ...config, 'origin.git', name);
    const at = join(folder, name);
    return { folder: at, path: join(at, 'shard.jsonl'), clone: await cloneId(at) };
  };
  return [await tree('one'), await tree('two')];
}

function commit(folder: string): void {
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '--allow-empty', '-m', 'work');
}

const as = (t: TestContext, tree: Tree, reviewer: string) =>
  openSession(t, tree.path, {
    reviewer,
    clone: tree.clone,
    draftFile: join(tree.folder, '..', `${tree.clone}.json`),
  });

/** Brings both trees to hold everything, each by a merge of its own: one merges this way, the other that way. */
function mergeBothWays(one: Tree, two: Tree): void {
  for (const tree of [one, two]) commit(tree.folder);
  git(one.folder, 'fetch', '-q', two.folder, 'main:theirs');
  git(two.folder, 'fetch', '-q', one.folder, 'main:theirs');
  for (const tree of [one, two]) {
    // Throws where git stops at a conflict.
    git(tree.folder, 'merge', '-q', '-m', 'merge', 'theirs');
    git(tree.folder, 'branch', '-qD', 'theirs');
  }
}

/** What reviewers see of every row, in both trees; they must be the same. */
async function sameInBoth(t: TestContext, one: Tree, two: Tree): Promise<GoodUnit[]> {
  const seen: GoodUnit[][] = [];
  for (const tree of [one, two]) {
    const session = await as(t, tree, 'looker');
    assert.deepEqual(session.view().problems, []);
    assert.doesNotMatch(git(tree.folder, 'status', '--porcelain'), /^(UU|AA)/m);
    const views: GoodUnit[] = [];
    for (const row of LINES.keys()) views.push(await good(session, row));
    seen.push(views);
  }
  assert.deepEqual(seen[0], seen[1]);
  return seen[0]!;
}

describe('promise: reviewers never conflict in git', () => {
  it('holds for two reviewers, merged both ways', async t => {
    const [one, two] = await clones(t);
    const anna = await as(t, one, 'anna');
    const bela = await as(t, two, 'bela');
    await edit(anna, 0, 'Annas Text.');
    await approve(anna, 1);
    await edit(bela, 0, 'Belas Text.');
    await approve(bela, 1);
    await approve(bela, 2);
    mergeBothWays(one, two);
    const [first, second, third] = await sameInBoth(t, one, two);
    assert.deepEqual([first?.state, second?.state, third?.state], ['conflict', 'approved', 'approved']);
    assert.deepEqual(first?.rivals.map(rival => rival.target.at(-1)?.[1]).sort(), [
      'Annas Text.',
      'Belas Text.',
    ]);
    assert.deepEqual(
      second?.decisions.map(({ by }) => by),
      ['anna', 'bela'],
    );
  });

  it('holds for one reviewer in two clones', async t => {
    const [one, two] = await clones(t);
    const left = await as(t, one, 'anna');
    const right = await as(t, two, 'anna');
    await edit(left, 0, 'Am Schreibtisch.');
    await edit(right, 0, 'Unterwegs.');
    await approve(left, 1);
    await edit(right, 2, 'Nur unterwegs.');
    mergeBothWays(one, two);
    const views = await sameInBoth(t, one, two);
    assert.deepEqual(
      views.map(({ state }) => state),
      ['conflict', 'approved', 'edited'],
    );
    const ledgers = git(one.folder, 'ls-files', '.crossalpaca/shard.jsonl/anna').trim().split('\n');
    assert.equal(ledgers.length, 2);
  });

  it('holds for one reviewer on two branches of one clone, in one ledger', async t => {
    const [one, two] = await clones(t);
    const before = await as(t, one, 'anna');
    await approve(before, 0);
    commit(one.folder);
    git(one.folder, 'checkout', '-q', '-b', 'side');
    const side = await as(t, one, 'anna');
    await edit(side, 1, 'Auf dem Zweig.');
    await edit(side, 1, 'Auf dem Zweig, besser.');
    commit(one.folder);
    git(one.folder, 'checkout', '-q', 'main');
    const main = await as(t, one, 'anna');
    await edit(main, 1, 'Auf dem Stamm.');
    await approve(main, 2);
    commit(one.folder);
    // The other clone merges the two the other way round.
    git(two.folder, 'fetch', '-q', one.folder, 'main:stem', 'side:side');
    git(two.folder, 'merge', '-q', 'side');
    git(two.folder, 'merge', '-q', '-m', 'merge', 'stem');
    git(one.folder, 'merge', '-q', '-m', 'merge', 'side');
    const views = await sameInBoth(t, one, two);
    assert.deepEqual(
      views.map(({ state }) => state),
      ['approved', 'conflict', 'approved'],
    );
    assert.deepEqual(views[1]?.rivals.map(rival => rival.target.at(-1)?.[1]).sort(), [
      'Auf dem Stamm.',
      'Auf dem Zweig, besser.',
    ]);
    const ledger = readFileSync(
      join(one.folder, '.crossalpaca', 'shard.jsonl', 'anna', `${one.clone}.jsonl`),
      'utf8',
    );
    assert.equal(ledger.trim().split('\n').length, 5);
  });

  it('holds where a tree was copied with its git dir, so that both write a ledger of the same name', async t => {
    const [one] = await clones(t);
    await approve(await as(t, one, 'anna'), 0);
    commit(one.folder);
    const folder = join(one.folder, '..', 'copy');
    cpSync(one.folder, folder, { recursive: true });
    const copy: Tree = { folder, path: join(folder, 'shard.jsonl'), clone: await cloneId(folder) };
    assert.equal(copy.clone, one.clone);
    await edit(await as(t, one, 'anna'), 1, 'Im Original.');
    await approve(await as(t, copy, 'anna'), 2);
    mergeBothWays(one, copy);
    const views = await sameInBoth(t, one, copy);
    assert.deepEqual(
      views.map(({ state }) => state),
      ['approved', 'edited', 'approved'],
    );
  });

  it('holds where one side’s ledger ends in a torn line', async t => {
    const [one] = await clones(t);
    await approve(await as(t, one, 'anna'), 0);
    commit(one.folder);
    const ledger = join(one.folder, '.crossalpaca', 'shard.jsonl', 'anna', `${one.clone}.jsonl`);
    git(one.folder, 'checkout', '-q', '-b', 'torn');
    appendFileSync(ledger, '{"v":1,"id":"TORN","se');
    commit(one.folder);
    git(one.folder, 'checkout', '-q', 'main');
    await approve(await as(t, one, 'anna'), 1);
    commit(one.folder);
    for (const [ours, theirs] of [
      ['main', 'torn'],
      ['torn', 'main'],
    ] as const) {
      git(one.folder, 'checkout', '-q', '-B', 'merged', ours);
      git(one.folder, 'merge', '-q', '-m', 'merge', theirs);
      const session = await as(t, one, 'anna');
      assert.deepEqual(
        [await stateOf(session, 0), await stateOf(session, 1)],
        ['approved', 'approved'],
        ours,
      );
    }
  });

  it('holds where git is set to write CRLF', async t => {
    const [one, two] = await clones(t, '-c', 'core.autocrlf=true');
    await approve(await as(t, one, 'anna'), 0);
    commit(one.folder);
    git(two.folder, 'pull', '-q', one.folder, 'main');
    const ledger = join('.crossalpaca', 'shard.jsonl', 'anna', `${one.clone}.jsonl`);
    assert.deepEqual(readFileSync(join(two.folder, ledger)), readFileSync(join(one.folder, ledger)));
    assert.match(readFileSync(two.path, 'utf8'), /\r\n/);
    // The line ends of the shard are not its text: the approval is still for what stands there.
    assert.equal(await stateOf(await as(t, two, 'bela'), 0), 'approved');
  });

  it('commits no more than the ledgers and what keeps them apart', async t => {
    const [one] = await clones(t);
    const session = await as(t, one, 'anna');
    await edit(session, 0, 'Neu.');
    await approve(session, 0);
    mkdirSync(join(one.folder, '.crossalpaca', 'shard.jsonl', 'candidates'));
    appendFileSync(join(one.folder, '.crossalpaca', 'shard.jsonl', 'candidates', 'x.jsonl'), '{}\n');
    commit(one.folder);
    assert.deepEqual(git(one.folder, 'ls-files').trim().split('\n'), [
      '.crossalpaca/.gitattributes',
      '.crossalpaca/.gitignore',
      `.crossalpaca/shard.jsonl/anna/${one.clone}.jsonl`,
      'shard.jsonl',
    ]);
    assert.equal(existsSync(join(one.folder, '.git', 'crossalpaca-clone')), true);
  });
});
