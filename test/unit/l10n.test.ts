import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import * as ts from 'typescript';
import packageJson from '../../package.json';
import type * as l10n from '../../scripts/l10n.mjs';

/** Not bundled, because it finds the project by where it is. Tests run in its root. */
const script = pathToFileURL(join(process.cwd(), 'scripts', 'l10n.mjs')).href;
const tools = async () => (await import(script)) as typeof l10n;

describe('every translation', () => {
  it('is whole, and nothing in it is unused or damaged', async () => {
    const { LANGUAGES, english, faults, translation } = await tools();
    for (const language of LANGUAGES) {
      const found = faults(language, await english(), await translation(language));
      assert.equal(found.join('\n'), '', `${language}: node scripts/l10n.mjs lists these`);
    }
  });

  it('is in files that VS Code looks for, and there is no other', async () => {
    const { LANGUAGES } = await tools();
    assert.equal(packageJson.l10n, './l10n');
    const bundles = readdirSync('l10n').filter(name => name.endsWith('.json'));
    const manifests = readdirSync('.').filter(name => /^package\.nls\..+\.json$/.test(name));
    assert.deepEqual(
      bundles,
      LANGUAGES.map(language => `bundle.l10n.${language}.json`),
    );
    assert.deepEqual(
      manifests,
      LANGUAGES.map(language => `package.nls.${language}.json`),
    );
  });
});

describe('a translation is refused', () => {
  const source = {
    messages: { 'a.b': 'Run “CrossAlpaca: Review Shard” on {0}.' },
    manifest: { 'command.review': 'Review Shard' },
  };
  const text = source.messages['a.b'];
  const german = 'Führen Sie „CrossAlpaca: Shard prüfen“ für {0} aus.';
  const check = async (message: string, more = {}) => {
    const { faults, keyOf } = await tools();
    const messages = { [keyOf('a.b', text)]: message, ...more };
    return faults('de', source, { messages, manifest: { 'command.review': 'Shard prüfen' } });
  };

  it('not when it is right', async () => assert.deepEqual(await check(german), []));

  for (const [why, message] of [
    ['placeholders', german.replace('{0}', '')],
    ['placeholders', german.replace('{0}', '{1}')],
    ['placeholders', german.replace('{0}', '{0} {0}')],
    ['hidden', `${german}\u200b`],
    ['hidden', german.replace(' ', '\t')],
    ['blank', `${german} `],
    ['quotation', german.replace('“', '”')],
    ['left in English', text],
    ['command', german.replace('prüfen', 'ansehen')],
  ] as const) {
    it(`when it is not: ${why}, ${JSON.stringify(message)}`, async () => {
      assert.ok((await check(message)).some(fault => fault.includes(why)));
    });
  }

  it('when its text is gone, or changed in English', async () => {
    const { faults, keyOf } = await tools();
    const old = keyOf('a.b', 'Another text.');
    assert.deepEqual(await check(german, { [old]: 'Ein anderer Text.' }), [`unused: ${old}`]);
    const none = faults('de', source, { messages: {}, manifest: {} });
    assert.deepEqual(none, [`missing: ${keyOf('a.b', text)}`, 'missing: command.review: Review Shard']);
  });
});

/** What a user may read of the code itself: names, and an example. */
const NOT_TRANSLATED = new Set(['CrossAlpaca', 'Esc', 'Ollama', 'Parquet', 'http://127.0.0.1:8080']);
/** Names of keys and of a platform, as the browser reports them. */
const REPORTED = new Set(['Enter', 'Escape', 'Process', 'Digit', 'Mac']);
const SHOWN_ATTRIBUTES = /\s(?:alt|aria-[a-z]*label|aria-description|label|placeholder|title)="([^"]*)"/g;
/** Stands for what is filled into a template. */
const HOLE = '\u0001';

describe('no sentence stands in the code', () => {
  for (const folder of ['src/host', 'webview']) {
    for (const name of readdirSync(folder).filter(each => each.endsWith('.ts'))) {
      it(`of ${folder}/${name}`, () => {
        assert.deepEqual(sentencesIn(readFileSync(join(folder, name), 'utf8')), []);
      });
    }
  }

  it('and one would be found', () => {
    for (const code of [
      'html`<p>Hello</p>`',
      'html`<p>${x} of them</p>`',
      'html`<p title="Hello there">${x}</p>`',
      'html`<input placeholder="${x} words" />`',
      "void vscode.window.showErrorMessage('broken')",
      'void vscode.window.showErrorMessage(`broken ${x}`)',
      "item.tooltip = 'broken'",
      "const pick = { label: 'broken' }",
      "const said = 'Something is broken.'",
      "const said = x ? 'Open' : ''",
    ])
      assert.equal(sentencesIn(code).length, 1, code);
    for (const code of [
      'html`<p class="a b" title=${t(\'page.x\')}>${x}: ${y} (${z})</p>`',
      "log.warn('Something is broken.')",
      "throw new Error('Something is broken.')",
      "import x from 'Something';",
      "if (event.key === 'Enter') t('page.closed')",
    ])
      assert.deepEqual(sentencesIn(code), [], code);
  });

  it('and the search falls over no text', () => {
    fc.assert(fc.property(fc.string(), code => Array.isArray(sentencesIn(code))));
  });
});

/** The texts of code that look as if somebody should read them: in templates of lit, in what VS Code shows, or sentences. */
function sentencesIn(code: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && ['html', 'svg'].includes(node.tag.getText())) {
      found.push(...readable(textOf(node.template)));
      node.template.forEachChild(child => child.forEachChild(visit));
      return;
    }
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const text = textOf(node);
      if (isSaid(node) ? /\p{L}{2}/u.test(text.replaceAll(/\$\([a-z-]+\)/g, '')) : isSentence(text))
        if (!isForDevelopers(node) && !NOT_TRANSLATED.has(text) && !REPORTED.has(text)) found.push(text);
    }
    node.forEachChild(visit);
  };
  visit(ts.createSourceFile('code.ts', code, ts.ScriptTarget.Latest, true));
  return found;
}

function textOf(node: ts.Node): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return '';
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(HOLE);
}

/** What is to be read in a piece of HTML: between the tags, and in some attributes. */
function readable(html: string): string[] {
  const attributes = [...html.matchAll(SHOWN_ATTRIBUTES)].map(match => match[1] ?? '');
  const texts = html.replaceAll(/<!--[^]*?-->/g, '').split(/<[a-z/][^>]*>/i);
  return [...texts, ...attributes]
    .map(text => text.replaceAll(HOLE, ' ').trim())
    .filter(
      text => /\p{L}{2}/u.test(text) && !NOT_TRANSLATED.has(text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')),
    );
}

const isSentence = (text: string) => /^\p{Lu}\p{Ll}+(?:[ .…:!?]|$)/u.test(text) && !text.includes('<');

const SHOWN_MEMBERS = /^(?:label|description|detail|message|placeHolder|prompt|title|tooltip)$/;

/** Whether VS Code shows it as it is. */
function isSaid(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isCallExpression(parent))
    return (
      /^vscode\.window\.(?:show|setStatus)/.test(parent.expression.getText()) && parent.arguments[0] === node
    );
  if (ts.isPropertyAssignment(parent))
    return parent.initializer === node && SHOWN_MEMBERS.test(parent.name.getText());
  return (
    ts.isBinaryExpression(parent) &&
    parent.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isPropertyAccessExpression(parent.left) &&
    SHOWN_MEMBERS.test(parent.left.name.text)
  );
}

/** Paths of modules, the log, and errors that nobody should meet. */
function isForDevelopers({ parent }: ts.Node): boolean {
  if (ts.isImportDeclaration(parent)) return true;
  if (ts.isNewExpression(parent)) return parent.expression.getText() === 'Error';
  return ts.isCallExpression(parent) && /log\.(?:debug|info|warn|error)$/.test(parent.expression.getText());
}
