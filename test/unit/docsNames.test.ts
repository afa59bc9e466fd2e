/** What the documents name is there: commands, files, headings, options; and the layers name every file. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import titles from '../../package.nls.json';

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'l10n/README.md',
  'samples/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name.replaceAll('\\', '/')}`),
];
const textOf = (path: string) => readFileSync(path, 'utf8');
const COMMANDS = new Set(
  Object.entries(titles).flatMap(([id, title]) => (id.startsWith('command.') ? [title] : [])),
);

/** As code hosts make them: small letters, digits, hyphens for blanks. */
const anchorsOf = (text: string) =>
  Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );

for (const document of DOCUMENTS)
  describe(document, () => {
    const text = textOf(document);

    it('names commands as they are in the palette', () => {
      for (const [, title = ''] of text.replace(/\s+/g, ' ').matchAll(/\*\*CrossAlpaca: ([^*]+)\*\*/g))
        assert.ok(COMMANDS.has(title), title);
    });

    it('has no dead link', () => {
      for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(link)) continue;
        const [path = '', anchor] = link.split('#');
        const file = path === '' ? document : normalize(join(dirname(document), path));
        assert.ok(existsSync(file), link);
        if (anchor !== undefined) assert.ok(anchorsOf(textOf(file)).includes(anchor), link);
      }
    });

    it('names files that are there', () => {
      for (const [, path = ''] of text.matchAll(/`((?:src|webview|test|scripts|media)\/[\w./-]+)`/g))
        assert.ok(existsSync(path), path);
    });
  });

describe('CONTRIBUTING.md', () => {
  it('says of every file above the folders what it is for', () => {
    const named = new Set(
      Array.from(textOf('CONTRIBUTING.md').matchAll(/`(src\/\w+\.ts)`/g), ([, path]) => path),
    );
    const files = readdirSync('src').filter(name => name.endsWith('.ts'));
    assert.deepEqual(
      files.map(name => `src/${name}`).filter(path => !named.has(path)),
      [],
    );
  });

  it('names every file of the layers that the linter holds', () => {
    const [, list = ''] = /const ABOVE_IO = \[([^\]]*)\]/.exec(textOf('eslint.config.mjs')) ?? [];
    const held = Array.from(list.matchAll(/'(\w+)'/g), ([, name]) => name);
    assert.deepEqual(
      held.map(name => `${name}.ts`).sort(),
      readdirSync('src')
        .filter(name => name.endsWith('.ts') && !/^(cli\w*|sarif|extension)\.ts$/.test(name))
        .sort(),
    );
  });
});

describe('the command line', () => {
  it('has no option that no document explains', () => {
    const explained = DOCUMENTS.map(textOf).join('\n');
    const options = ['src/cli.ts', 'src/cliRegenerate.ts'].flatMap(path =>
      Array.from(textOf(path).matchAll(/^ {2}'?([a-z-]+)'?: \{ type: '/gm), ([, name]) => name),
    );
    assert.ok(options.length > 30);
    for (const name of options) if (name !== 'help') assert.ok(explained.includes(`--${name}`), name);
  });
});
