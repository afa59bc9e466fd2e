/** What is put into sentences is data, or a sentence of its own: English in an argument stays English in every language. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as ts from 'typescript';
import { MESSAGES } from '../../src/core/messages';

/** What is the same in every language: names in files, codes of errors, filters, file names. */
const DATA = new Set([
  ...['source', 'target', 'shards', 'user', '{text}', ', name'],
  ...['id, label', 'size, seed, atMost, confidence'],
  ...['all', 'state:bad', 'is:repeated', '.recipe.yaml'],
  ...['EISDIR', 'ENOSPC'],
  ...['id', 'seq', 'at', 'by', 'key', 'line', 'redoes'],
  ...[' UTC', 'cmd+enter', 'en', 'crossalpaca-sample', 'utf-16le', 'utf-16be', 'utf-8'],
]);

const files = ['src', 'webview'].flatMap(folder =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.endsWith('essages.ts'))
    .map(name => join(folder, name)),
);

describe('no argument of a message is English', () => {
  it('in any file', () => {
    const found = files.flatMap(file =>
      wordsInArguments(readFileSync(file, 'utf8')).map(words => `${file}: ${words}`),
    );
    assert.deepEqual(found, []);
  });

  it('and one would be found', () => {
    for (const [code, words] of [
      ["say('file.unreadable', path, 'not a regular file')", 'not a regular file'],
      ["new UserError('file.unreadable', path, `${size} bytes`)", ' bytes'],
      ["t('file.unreadable', path, late ? 'late' : text)", 'late'],
      ["this.tell(place, 'recipe.notList', name, isMap ? 'a map' : text)", 'a map'],
      ["say('record.notText', member, typeof text)", 'typeof text'],
      ["function shown(x) { return x ? text : 'a list'; } say('recipe.notList', name, shown(y))", 'a list'],
      [
        "const quoted = terms => terms.map(term => `“${term}”`).join(', '); say('terms.missing', x, quoted(y))",
        '“”',
      ],
      ["const all = names.map(name => `“${name}”`).join(', '); say('terms.missing', x, all)", '“”'],
      [
        "const all = [...new Set(names.map(name => `“${name}”`))].join(', '); say('terms.missing', x, all)",
        '“”',
      ],
      ["const why = 'No room.'; say(late ? 'file.unreadable' : other, path, why)", 'No room.'],
      ['say(`policy.forbids.${right}`, `records of ${lang}`)', 'records of '],
    ] as const)
      assert.deepEqual(wordsInArguments(code), [words], code);
    for (const code of [
      "say('file.unreadable', path, cause(error))",
      "say('record.noSides', names.join(', '))",
      "say('terms.missing', source, listed(targets.map(quoted)))",
      "say('file.unreadable', path, say('file.notRegular'))",
      "t('page.progress', done, `${a}-${b}`)",
      "new RegExp('a b', 'not a message')",
    ])
      assert.deepEqual(wordsInArguments(code), [], code);
  });
});

/** Words and quotation marks that are written in the arguments after the id of a message, there or in what they name. */
function wordsInArguments(code: string): string[] {
  const file = ts.createSourceFile('code.ts', code, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const given = node.arguments ?? [];
      const id = given.findIndex(namesMessage);
      if (id >= 0) for (const each of given.slice(id + 1)) found.push(...textsOf(each, new Set()));
    }
    node.forEachChild(visit);
  };
  visit(file);
  return found.filter(text => /\p{L}{2}|[“”„«»"]/u.test(text) && !DATA.has(text));
}

/** Whether it is the id of a message, or one of several, or begins as some. */
function namesMessage(node: ts.Expression): boolean {
  if (ts.isStringLiteralLike(node)) return Object.hasOwn(MESSAGES, node.text);
  if (ts.isConditionalExpression(node)) return namesMessage(node.whenTrue) || namesMessage(node.whenFalse);
  if (!ts.isTemplateExpression(node) || !node.head.text.includes('.')) return false;
  return Object.keys(MESSAGES).some(id => id.startsWith(node.head.text));
}

/**
 * The texts that an expression may be, as far as they are written in it, or in a constant or function that it names.
 * @param seen names that were followed already
 */
function textsOf(node: ts.Node, seen: ReadonlySet<string>): string[] {
  const more = (each: ts.Node) => textsOf(each, seen);
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node))
    return [
      [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text).join(''),
      ...node.templateSpans.flatMap(({ expression }) => more(expression)),
    ];
  if (ts.isTypeOfExpression(node)) return [node.getText()];
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].flatMap(more);
  if (ts.isBinaryExpression(node))
    return /^(?:\+|\?\?|\|\|)$/.test(node.operatorToken.getText())
      ? [node.left, node.right].flatMap(more)
      : [];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return more(node.expression);
  if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap(more);
  if (ts.isFunctionLike(node)) return returned(node).flatMap(more);
  if (ts.isIdentifier(node) && !seen.has(node.text))
    return definitions(node).flatMap(each => textsOf(each, new Set([...seen, node.text])));
  if (ts.isSpreadElement(node)) return more(node.expression);
  if (ts.isNewExpression(node)) return (node.arguments ?? []).flatMap(more);
  // Of a name only a call matters: `text.length` is no text.
  if (ts.isPropertyAccessExpression(node))
    return ts.isIdentifier(node.expression) ? [] : more(node.expression);
  // A nested message is looked at by itself; of `names.map(…)` it matters what is made of each.
  if (ts.isCallExpression(node) && !node.arguments.some(namesMessage))
    return [node.expression, ...node.arguments.filter(ts.isArrowFunction)].flatMap(more);
  return [];
}

/** What a name stands for: the nearest constant or function around it that is called so, none for a parameter. */
function definitions(name: ts.Identifier): ts.Node[] {
  for (let scope: ts.Node = name.parent; ; scope = scope.parent) {
    if (ts.isFunctionLike(scope) && scope.parameters.some(each => each.name.getText() === name.text))
      return [];
    const statements = ts.isBlock(scope) || ts.isSourceFile(scope) ? scope.statements : [];
    const found = [...statements].flatMap((each): ts.Node[] => {
      if (ts.isFunctionDeclaration(each)) return each.name?.text === name.text ? [each] : [];
      if (!ts.isVariableStatement(each)) return [];
      return each.declarationList.declarations
        .filter(one => one.name.getText() === name.text)
        .flatMap(({ initializer }) => initializer ?? []);
    });
    if (found.length > 0 || ts.isSourceFile(scope)) return found;
  }
}

/** What a function may return, without what functions in it do. */
function returned(node: ts.SignatureDeclaration): ts.Node[] {
  const { body } = node as ts.FunctionLikeDeclaration;
  if (!body || !ts.isBlock(body)) return body ? [body] : [];
  const found: ts.Node[] = [];
  const visit = (each: ts.Node): void => {
    if (ts.isReturnStatement(each) && each.expression) found.push(each.expression);
    else if (!ts.isFunctionLike(each)) each.forEachChild(visit);
  };
  visit(body);
  return found;
}
