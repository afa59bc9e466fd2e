/** What holds for every check of the table. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CheckInput, Finding } from '../../src/core/check';
import { CHECKS, runChecks } from '../../src/core/checks';
import { lengthRatioName } from '../../src/core/checks/structure';
import { MESSAGES } from '../../src/core/messages';
import { readRecord } from '../../src/core/record';
import { fixed } from '../../src/core/spans';
import { sha256 } from '../helpers/builders';
import type { Plant } from '../helpers/plant';
import { PLANTS as ASSISTANT } from '../helpers/plants/assistant';
import { PLANTS as DAMAGE } from '../helpers/plants/damage';
import { PLANTS as LANGUAGE } from '../helpers/plants/language';
import { PLANTS as MARKUP } from '../helpers/plants/markup';
import { PLANTS as STRUCTURE } from '../helpers/plants/structure';
import { PLANTS as TASKS } from '../helpers/plants/tasks';
import { PLANTS as TERMS } from '../helpers/plants/terms';
import { randomOf } from '../helpers/twoLanguages';

const PLANTS: readonly Plant[] = [
  ...LANGUAGE,
  ...ASSISTANT,
  ...MARKUP,
  ...STRUCTURE,
  ...DAMAGE,
  ...TASKS,
  ...TERMS,
];
const LANGS = ['it', 'es', 'de', 'zh', 'ar', 'ja', 'th', 'hi', 'und', 'constructor'];
const SETTINGS = {
  terms: [
    { source: 'house', target: 'casa', rule: 'must' },
    { source: 'house', target: 'magione', rule: 'forbidden' },
  ],
  register: 'formal',
  variant: 'Hans',
} as const;

/** The records of the sample, with everything that a check may need. */
const SAMPLE: readonly CheckInput[] = readFileSync('samples/sample.jsonl', 'utf8')
  .trimEnd()
  .split('\n')
  .flatMap(line => {
    const record = readRecord(line, sha256);
    return record.ok ? record.units : [];
  })
  .map(({ sourceLang, targetLang, source, target }) => ({
    sourceLang,
    targetLang,
    source,
    target,
    facts: factsOf(targetLang),
  }));

function factsOf(lang: string) {
  return {
    lengthRatios: new Map(['instruction', 'input', 'output'].map(name => [lengthRatioName(lang, name), 1])),
  };
}

const named = (findings: readonly Finding[]) =>
  new Set(findings.map(({ check, field }) => `${check} ${field}`));

/** What is said anew once every finding that can be is corrected, one at a time. */
function newAfterFix(unit: CheckInput, clean: CheckInput): string[] {
  const findings = runChecks(unit);
  const known = named([...findings, ...runChecks(clean)]);
  return findings.flatMap(({ check, field, fix }) => {
    if (!fix) return [];
    const target = unit.target.map(each =>
      each.name === field ? { ...each, text: fixed(each.text, fix) } : each,
    );
    const after = [...named(runChecks({ ...unit, target }))].filter(each => !known.has(each));
    return after.map(each => `${check} ${field} → ${each}`);
  });
}

describe('the table of checks', () => {
  it('names each check once, with a title, and a mistake that can be planted for it', () => {
    const ids = CHECKS.map(({ id }) => id);
    assert.deepEqual([...new Set(ids)], ids);
    for (const { id, title } of CHECKS) {
      assert.match(id, /^[a-z]+(?:-[a-z]+)*$/);
      assert.equal(title, `check.${id}`);
      assert.ok(Object.hasOwn(MESSAGES, title), title);
    }
    const planted = new Set(PLANTS.map(({ check }) => check));
    assert.deepEqual(
      ids.filter(id => !planted.has(id)),
      [],
    );
    assert.deepEqual(
      [...planted].filter(id => !ids.includes(id)),
      [],
    );
  });

  it('finds what is planted in the sample', () => {
    const random = randomOf(1);
    const [found, tried] = [new Set<string>(), new Set<string>()];
    for (const { check, kind, plant } of PLANTS) {
      for (const unit of SAMPLE) {
        if (named(runChecks(unit)).size > 0) continue;
        const planted = plant(unit, random);
        if (!planted) continue;
        tried.add(`${check} ${kind}`);
        if (runChecks(planted).some(each => each.check === check)) found.add(`${check} ${kind}`);
      }
    }
    assert.deepEqual(
      [...tried].filter(each => !found.has(each)),
      [],
    );
    assert.ok(
      tried.size > PLANTS.length / 2,
      `${tried.size} of ${PLANTS.length} kinds have a place in the sample`,
    );
  });

  it('mends nothing in a way that another check objects to', () => {
    const random = randomOf(2);
    let fixes = 0;
    for (const unit of SAMPLE) {
      for (const { plant } of PLANTS) {
        const planted = plant(unit, random);
        if (!planted) continue;
        fixes += runChecks(planted).filter(({ fix }) => fix).length;
        assert.deepEqual(newAfterFix(planted, unit), [], JSON.stringify(planted.target));
      }
    }
    assert.ok(fixes > 100, `${fixes} fixes`);
  });

  it('takes any text: never throws, and every span and fix lies in its text', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(
        ...[
          '\ud800',
          '\u202e',
          '\u200b',
          '\ufffd',
          'Ã¤',
          '{{name}}',
          '%s',
          '```',
          '`x`',
          '___',
          '<b>',
          '</b>',
          '1,000.50',
          '１２',
          '٣٤',
          '3:30 pm',
          '万',
        ],
        ...[
          'https://a.b/c?d=e',
          'a@b.cd',
          '- a\n',
          '1. b\n',
          '“',
          '„',
          '「',
          '(',
          '?',
          '：',
          '### Response:',
          '<|im_start|>',
          'As an AI',
          'Note: ',
          'A) ',
          '\n\n',
        ],
        ...[
          'The house is the one that we have. ',
          'Das ist das Haus, das wir haben. ',
          '这是我们的房子，我们住在这里。',
          'هذا هو البيت الذي نملكه. ',
          'Translate to French: ',
          ' '.repeat(50),
        ],
      ),
    );
    const text = fc.array(piece, { maxLength: 12 }).map(pieces => pieces.join(''));
    const side = fc
      .tuple(text, text, text)
      .map(texts => ['instruction', 'input', 'output'].map((name, at) => ({ name, text: texts[at]! })));
    fc.assert(
      fc.property(
        side,
        side,
        fc.constantFrom(...LANGS),
        fc.boolean(),
        (source, target, targetLang, isCopy) => {
          const other = isCopy ? source : target;
          const input = {
            sourceLang: 'en',
            targetLang,
            source,
            target: other,
            settings: SETTINGS,
            facts: factsOf(targetLang),
          };
          for (const { check, side: name, field, start, end, fix } of runChecks(input)) {
            const length = input[name].find(each => each.name === field)!.text.length;
            assert.ok(0 <= start && start <= end && end <= length, `${check}: ${start}-${end} of ${length}`);
            if (fix) assert.ok(0 <= fix.start && fix.start <= fix.end && fix.end <= length, check);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
