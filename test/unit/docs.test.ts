import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import packageJson from '../../package.json';
import titles from '../../package.nls.json';
import { blocksOf, documentText, runInBash } from '../helpers/docs';
import { git, record, tempFolder, writeShard } from '../helpers/shardFixture';
import { decisionOn, writeReviews } from '../helpers/writtenReviews';

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'samples/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name)),
];

/** Which test runs the commands of a document. */
const RUN_BY: Readonly<Record<string, string>> = {
  'README.md': 'docs',
  'docs/team.md': 'docs',
  'docs/formats/shard.md': 'docsFormats',
  'docs/export.md': 'exportDocs',
  'docs/gate.md': 'gate',
  'docs/regenerate.md': 'regenerateCli',
};

/** What stands for commands that need a program that is not here, and which page test runs those that open a window. */
const NOT_HERE = /^needs-(servers|vllm|ray)$/;
const BY_START = 'by-start';

describe('the documents', () => {
  it('name no command that no test runs', () => {
    for (const file of DOCUMENTS) {
      const commands = blocksOf(file).filter(({ kind, mark }) => kind === 'sh' && !NOT_HERE.test(mark));
      if (commands.length === 0) continue;
      const test = RUN_BY[file];
      assert.ok(test !== undefined, `${file}: commands that no test runs`);
      const source = readFileSync(join('test', 'unit', `${test}.test.ts`), 'utf8');
      assert.ok(source.includes(file.split('/').at(-1) ?? ''), `${test}.test.ts does not speak of ${file}`);
    }
  });

  it('have links that lead somewhere', () => {
    for (const file of DOCUMENTS) {
      const links = [...documentText(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
      for (const link of links.filter(each => !/^[a-z]+:/.test(each))) {
        const [path = '', heading] = link.split('#');
        const target = path === '' ? file : join(dirname(file), path);
        assert.ok(existsSync(target), `${file}: ${link}`);
        if (heading === undefined) continue;
        const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
          text
            .toLowerCase()
            .replace(/[^\p{L}\p{N} _-]/gu, '')
            .replaceAll(' ', '-'),
        );
        assert.ok(headings.includes(heading), `${file}: ${link}`);
      }
    }
  });

  it('name commands of the palette as VS Code does', () => {
    const known = new Set(
      packageJson.contributes.commands.map(({ title }) => {
        const name = (titles as Record<string, string>)[title.slice(1, -1)];
        assert.ok(name !== undefined, title);
        return `CrossAlpaca: ${name}`;
      }),
    );
    for (const file of DOCUMENTS) {
      for (const [, name = ''] of documentText(file).matchAll(/\*\*(CrossAlpaca:\s[^*]+?)\*\*/g)) {
        const title = name.replace(/\s+/g, ' ');
        // A long title is named by its beginning, up to a colon.
        const isKnown = [...known].some(each => each === title || each.startsWith(`${title}:`));
        assert.ok(isKnown, `${file}: ${title}`);
      }
    }
  });
});

describe('README.md', () => {
  it('shows pictures that are light', () => {
    const pictures = [...documentText('README.md').matchAll(/!\[([^\]]+)\]\(([^)]+)\)/g)];
    assert.ok(pictures.length >= 3);
    for (const [, alt = '', path = ''] of pictures) {
      assert.ok(alt.length > 20, path);
      assert.ok(statSync(path).size < 200_000, path);
    }
  });

  it('is short enough to be read', () => {
    assert.ok(documentText('README.md').split('\n').length <= 300);
  });

  it('starts VS Code as a test of its own does', () => {
    const starts = blocksOf('README.md').filter(({ mark }) => mark === BY_START);
    assert.deepEqual(
      starts.map(({ body }) => body),
      ['npm start', 'npm start -- path/to/your.jsonl'],
    );
    assert.equal(packageJson.scripts.start, 'node scripts/start.mjs');
    assert.match(readFileSync('test/page/start.test.ts', 'utf8'), /start\.mjs|npm start/);
  });

  it('has command lines that run as they stand there', { timeout: 120_000 }, t => {
    const folder = sampleFolder(t);
    const [commands = ''] = blocksOf('README.md').flatMap(({ kind, mark, body }) =>
      kind === 'sh' && mark === '' ? [body] : [],
    );
    const lines = commands.split('\n');
    assert.ok(lines.length >= 8);
    for (const line of lines) {
      const { code, err } = runInBash(line, folder);
      // The sample has mistakes on purpose, and is not approved as a whole: to these two the answer is no.
      const isNo = / (check|gate) /.test(line);
      assert.deepEqual([code, err], [isNo ? 1 : 0, ''], line);
    }
    const exported = readFileSync(join(folder, 'approved.jsonl'), 'utf8').trim().split('\n');
    assert.equal(exported.length, 1);
    assert.ok(existsSync(join(folder, 'pairs.jsonl')) && existsSync(join(folder, 'edited.jsonl')));
  });
});

/** The folder of the project as somebody has it who follows the README: with two files to be paired, and one that was renamed. */
function sampleFolder(t: TestContext): string {
  const folder = tempFolder(t);
  symlinkSync(join(process.cwd(), 'dist'), join(folder, 'dist'), 'dir');
  cpSync('samples', join(folder, 'samples'), { recursive: true });
  const [first = ''] = readFileSync('samples/sample.jsonl', 'utf8').split('\n');
  writeReviews(join(folder, 'samples', 'sample.jsonl'), { by: 'anna' }, [decisionOn(first, 'approve')]);
  for (const [name, output] of [
    ['en.json', 'An apple.'],
    ['de.json', 'Ein Apfel.'],
  ] as const) {
    const rows = [{ id: 'r1', instruction: '1 + 1', input: '', output }];
    writeFileSync(join(folder, name), JSON.stringify(rows));
  }
  const line = record('r1', 'Ein Apfel.');
  const old = writeShard(folder, [line], 'old.jsonl');
  writeReviews(old, { by: 'anna' }, [decisionOn(line, 'approve')]);
  writeShard(folder, [line], 'new.jsonl');
  return folder;
}

describe('docs/team.md', () => {
  it('has the commands of a day that work as they stand there', t => {
    const folder = tempFolder(t);
    mkdirSync(join(folder, 'shared.git'));
    git(join(folder, 'shared.git'), 'init', '-q', '--bare', '-b', 'main');
    git(folder, 'clone', '-q', 'shared.git', 'clone');
    const clone = join(folder, 'clone');
    git(clone, 'checkout', '-q', '-b', 'main');
    const line = record('r1', 'Ein Apfel.');
    const shard = writeShard(join(clone, 'data'), [line], 'pairs.jsonl');
    git(clone, 'add', '-A');
    git(clone, 'commit', '-q', '-m', 'shard');
    git(clone, 'push', '-q', '-u', 'origin', 'main');
    const commands = blocksOf('docs/team.md').filter(({ kind }) => kind === 'sh');
    assert.equal(commands.length, 2);
    const env = Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap(who => [
        [`GIT_${who}_NAME`, 'Anna'],
        [`GIT_${who}_EMAIL`, 'anna@example.org'],
      ]),
    );
    for (const [index, { body }] of commands.entries()) {
      // Between pulling and committing one reviews.
      if (index === 1) writeReviews(shard, { by: 'anna' }, [decisionOn(line, 'approve')]);
      const { code, err } = runInBash(body, clone, env);
      assert.equal(code, 0, err);
    }
    const pushed = git(join(folder, 'shared.git'), 'ls-tree', '-r', '--name-only', 'main');
    assert.match(pushed, /^data\/\.crossalpaca\/pairs\.jsonl\/anna\/aaaaaa\.jsonl$/m);
  });
});
