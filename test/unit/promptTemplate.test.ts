import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { english } from '../../src/core/messages';
import {
  DEFAULT_TEMPLATE,
  PLACEHOLDERS,
  fillTemplate,
  parseTemplate,
  wrongBrace,
  type Values,
} from '../../src/core/promptTemplate';

const values = (make: (name: string) => string) =>
  Object.fromEntries(PLACEHOLDERS.map(name => [name, make(name)])) as unknown as Values;
const wrong = (text: string) => {
  const result = parseTemplate(text);
  return result.ok ? 'nothing' : `${result.line}: ${english(result.reason)}`;
};

describe('parseTemplate', () => {
  it('reads both sections, without what stands above them', () => {
    assert.deepEqual(
      parseTemplate('\ufeffNotes {here}\r\n## System\r\nBe brief.\r\n\r\n## user \r\n{text}\r\n'),
      {
        ok: true,
        template: { system: 'Be brief.', user: '{text}' },
      },
    );
  });

  it('needs no system section, and leaves other headings in the text', () => {
    assert.deepEqual(parseTemplate('## user\n## Rules\n{text}'), {
      ok: true,
      template: { system: '', user: '## Rules\n{text}' },
    });
  });

  it('says what is wrong, and on which line', () => {
    assert.match(wrong('hello'), /^1: there is no section “## user”/);
    assert.match(wrong('## user\n{text}\n## user\n'), /^3: the section “## user” stands there twice/);
    assert.match(wrong('## system\na\n## user\nb'), /^3: .*must have \{text\}/);
    assert.match(
      wrong('## user\n{text}\n{name}'),
      /^3: there is no placeholder \{name\}; there are: \{source_lang\} /,
    );
    assert.match(wrong('## user\n{text}\na } b'), /^3: this brace .*\{\{ or \}\}/);
    assert.match(wrong('## user\n{text} {'), /^2: this brace/);
    assert.match(wrong(`## user\n{text}${'x'.repeat(30_000)}`), /^1: it has more than 20000 characters/);
  });

  it('reads its own template to start from', () => {
    const result = parseTemplate(DEFAULT_TEMPLATE);
    assert.ok(result.ok);
    const filled = fillTemplate(
      result.template.user,
      values(name => `<${name}>`),
    );
    assert.ok(filled.includes('<source><text></source>'));
    assert.doesNotMatch(filled, /[{}]/);
  });

  it('reads any text or says what is wrong with it; what it reads can be filled in', () => {
    const part = fc.constantFrom(
      '## user',
      '## system',
      '\n',
      '{text}',
      '{{',
      '}}',
      '{',
      '}',
      '{field}',
      '{no}',
      'word',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 15 }), parts => {
        const result = parseTemplate(parts.join(''));
        if (!result.ok) {
          assert.ok(result.line >= 1 && english(result.reason) !== '');
          return;
        }
        for (const text of [result.template.system, result.template.user]) {
          assert.equal(wrongBrace(text), undefined);
          assert.doesNotMatch(
            fillTemplate(
              text,
              values(() => 'v'),
            ),
            /\{(?:text|field)\}|\{no\}(?!\})/,
          );
        }
      }),
    );
  });
});

describe('fillTemplate', () => {
  it('fills in and makes one brace of two', () => {
    assert.equal(
      fillTemplate(
        '{{{text}}} {{field}}',
        values(name => name),
      ),
      '{text} {field}',
    );
  });

  it('takes values for data: no placeholder in them is filled in', () => {
    const hostile = '{input} {{ }} $& $1 {';
    assert.equal(
      fillTemplate(
        'a {text} b',
        values(() => hostile),
      ),
      `a ${hostile} b`,
    );
  });
});
