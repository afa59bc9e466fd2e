import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cloneId, findGitDir, isReviewerName, proposedReviewer, slug } from '../../src/io/clone';
import { childRole, git, outputOfChild, spawnChild, tempFolder, type Cleanup } from '../helpers/shardFixture';

const CLONE_ID = /^[a-z0-9]{6}$/;
/** Repositories in which two processes race for the first word. */
const ROUNDS = 1500;

function repository(cleanup: Cleanup): string {
  const folder = tempFolder(cleanup);
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'commit', '-q', '--allow-empty', '-m', 'start');
  return folder;
}

function defineTests(): void {
  describe('the id of a clone', () => {
    it('is kept in the git dir and stays the same, also below the root', async t => {
      const root = repository(t);
      mkdirSync(join(root, 'data', 'de'), { recursive: true });
      const id = await cloneId(join(root, 'data', 'de'));
      assert.match(id, CLONE_ID);
      assert.equal(await cloneId(root), id);
      assert.equal(readFileSync(join(root, '.git', 'crossalpaca-clone'), 'utf8'), `${id}\n`);
      assert.equal(git(root, 'status', '--porcelain'), '');
    });

    it('differs between a repository, its clone, and its worktree', async t => {
      const root = repository(t);
      const folder = tempFolder(t);
      const own = await cloneId(root);
      git(folder, 'clone', '-q', root, 'clone');
      git(root, 'worktree', 'add', '-q', join(folder, 'worktree'));
      const ids = [own, await cloneId(join(folder, 'clone')), await cloneId(join(folder, 'worktree'))];
      assert.equal(new Set(ids).size, 3, String(ids));
      assert.equal(await findGitDir(join(folder, 'worktree')), join(root, '.git', 'worktrees', 'worktree'));
    });

    it('is that of the submodule in a submodule', async t => {
      const [inner, outer] = [repository(t), repository(t)];
      git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub');
      assert.equal(await findGitDir(join(outer, 'sub')), join(outer, '.git', 'modules', 'sub'));
      assert.notEqual(await cloneId(join(outer, 'sub')), await cloneId(outer));
    });

    it('is "local" outside git, and nothing is written there', async t => {
      const folder = tempFolder(t);
      assert.equal(await findGitDir(folder), undefined);
      assert.equal(await cloneId(folder), 'local');
    });

    it('is "local" where .git leads nowhere, as in a worktree whose repository is not on this machine', async t => {
      const folder = tempFolder(t);
      writeFileSync(join(folder, '.git'), 'gitdir: /nowhere/at/all\n');
      assert.equal(await cloneId(folder), 'local');
      writeFileSync(join(folder, '.git'), 'rubbish\n');
      assert.equal(await cloneId(folder), 'local');
    });

    it('is made anew where the file holds something else', async t => {
      const root = repository(t);
      for (const rubbish of ['', 'abc\n', '../../x\n', 'ABCDEF\n']) {
        writeFileSync(join(root, '.git', 'crossalpaca-clone'), rubbish);
        const id = await cloneId(root);
        assert.match(id, CLONE_ID);
        assert.equal(await cloneId(root), id);
      }
    });

    it('is one for two windows that ask at the same time', async t => {
      const root = repository(t);
      for (let round = 0; round < 60; round++) {
        rmSync(join(root, '.git', 'crossalpaca-clone'), { force: true });
        const ids = await Promise.all([1, 2, 3, 4].map(() => cloneId(root)));
        assert.equal(new Set([...ids, await cloneId(root)]).size, 1, String(ids));
      }
    });

    it('is one for two processes that ask at the same time', async t => {
      const folder = tempFolder(t);
      for (let round = 0; round < ROUNDS; round++)
        mkdirSync(join(folder, String(round), '.git'), { recursive: true });
      const start = String(Date.now() + 500);
      const children = [1, 2].map(() => spawnChild(__filename, 'clone', folder, start));
      const [one, other] = (await Promise.all(children.map(outputOfChild))).map(text =>
        text.trim().split('\n'),
      );
      assert.equal(one?.length, ROUNDS);
      assert.deepEqual(
        one.filter((id, round) => id !== other?.[round]),
        [],
      );
    });
  });

  describe('the name of a reviewer', () => {
    it('is proposed from git', async t => {
      const root = repository(t);
      git(root, 'config', 'user.name', 'Željka Novak');
      assert.equal(await proposedReviewer(root), 'zeljka-novak');
      git(root, 'config', 'user.name', 'Candidates');
      const proposed = await proposedReviewer(root);
      assert.ok(proposed === undefined || isReviewerName(proposed), proposed);
      git(root, 'config', 'user.name', '李小龙');
      assert.equal(await proposedReviewer(root), undefined);
      assert.equal(await proposedReviewer(join(root, 'missing')), undefined);
    });

    it('is a slug of the full name', () => {
      const cases: [name: string, slug: string][] = [
        ['Anna', 'anna'],
        ['Željka Novak\n', 'zeljka-novak'],
        ['Dr. J. O’Neil (ACME)', 'dr.-j.-o-neil-acme'],
        ['../../etc', 'etc'],
        ['--x--', 'x'],
        ['.hidden', 'hidden'],
        ['snake_case.99', 'snake_case.99'],
        ['ＦＵＬＬ ﬁ', 'full-fi'],
        ['İpek', 'ipek'],
        ['李小龙', ''],
        ['', ''],
        [`${'a'.repeat(39)} b`, 'a'.repeat(39)],
        ['a'.repeat(60), 'a'.repeat(40)],
      ];
      for (const [name, expected] of cases) assert.equal(slug(name), expected);
    });

    it('is one that can be used, whatever git says', () => {
      const anyName = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('_', 'a.'));
      fc.assert(
        fc.property(anyName, name => {
          const proposed = slug(name);
          assert.ok(proposed === '' || isReviewerName(proposed), proposed);
        }),
      );
    });

    it('can be a folder of its own', () => {
      for (const name of ['a', 'anna', '_', 'anna.b', '0', 'a'.repeat(40)])
        assert.ok(isReviewerName(name), name);
      const refused = ['', '.', '..', '.git', '-x', 'Anna', 'a/b', 'a\\b', 'a b', 'ä', 'a\n', 'a'.repeat(41)];
      for (const name of [...refused, 'candidates']) assert.equal(isReviewerName(name), false, name);
    });
  });
}

/** Asks in one repository after the other, each in its own millisecond, so that two processes meet in it. */
async function printIds(folder: string, start: number): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    while (Date.now() < start + round);
    console.log(await cloneId(join(folder, String(round))));
  }
}

const [, , roots = '', start] = process.argv;
if (childRole() === 'clone') void printIds(roots, Number(start));
else defineTests();
