import Ajv from 'ajv';
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import schema from '../../media/policy.schema.json';
import { english, MESSAGES, UserError } from '../../src/core/messages';
import {
  CLOSED_POLICY,
  DEFAULT_POLICY,
  isBlocking,
  mayDo,
  readPolicy,
  RIGHTS,
  roleOf,
  ROLES,
  severityOf,
  styleOf,
  type Answer,
  type Policy,
  type Right,
  type Role,
} from '../../src/core/policy';
import { isReviewerName } from '../../src/io/clone';
import { readPolicyAt, readPolicyFile } from '../../src/io/reviewFiles';
import { tempFolder, writePolicy } from '../helpers/shardFixture';

/** As it is read from a file, so that no test rests on a policy that nobody can write. */
function policy(members: object): Policy {
  const result = readPolicy(JSON.stringify(members));
  assert.ok(result.ok, JSON.stringify(result));
  return result.policy;
}

/** The line of the mistake and its sentence. */
function mistake(json: string): string {
  const result = readPolicy(json);
  assert.ok(!result.ok, `taken for a policy: ${json}`);
  return `${result.line}: ${english(result.reason)}`;
}

/** Zoe is in no list. German, Traditional Chinese and Italian name people of their own; only Italian has no adjudicator. */
const PEOPLE = {
  reviewers: { '*': ['rita'], de: ['rolf'], 'zh-Hant': ['rosa'], it: ['rino', 'rita'] },
  // Not in the order of length.
  adjudicators: { 'zh-hant': ['aiko'], de: ['adam', 'rolf-2'], it: [], '*': ['anna'] },
};

/** For each language somebody of each role; the adjudicators are in no list of reviewers. */
const WHO: Record<string, Partial<Record<Role, string[]>>> = {
  fr: { guest: ['zoe', 'rolf', 'adam'], reviewer: ['rita'], adjudicator: ['anna'] },
  de: { guest: ['zoe', 'rita', 'anna'], reviewer: ['rolf'], adjudicator: ['adam', 'rolf-2'] },
  'de-CH': { guest: ['zoe', 'rita', 'anna'], reviewer: ['rolf'], adjudicator: ['adam', 'rolf-2'] },
  zh: { guest: ['zoe', 'rosa', 'aiko'], reviewer: ['rita'], adjudicator: ['anna'] },
  'zh-Hant': { guest: ['zoe', 'rita', 'anna'], reviewer: ['rosa'], adjudicator: ['aiko'] },
  'zh-Hant-TW': { guest: ['zoe', 'rita', 'anna'], reviewer: ['rosa'], adjudicator: ['aiko'] },
  'zh-Hans': { guest: ['zoe', 'rosa', 'aiko'], reviewer: ['rita'], adjudicator: ['anna'] },
  it: { guest: ['zoe', 'rolf', 'anna'], reviewer: ['rino', 'rita'] },
  und: { guest: ['zoe', 'rolf', 'adam'], reviewer: ['rita'], adjudicator: ['anna'] },
};
const WITHOUT_ADJUDICATOR = 'it';

type Row = readonly [guest: Answer, reviewer: Answer, adjudicator: Answer];
const SAME: Record<Exclude<Right, 'edit-source' | 'accept-source'>, Row> = {
  edit: ['propose', 'yes', 'yes'],
  accept: ['no', 'yes', 'yes'],
  decide: ['no', 'yes', 'yes'],
  skip: ['yes', 'yes', 'yes'],
  adjudicate: ['no', 'no', 'yes'],
  comment: ['yes', 'yes', 'yes'],
  assign: ['no', 'yes', 'yes'],
  ignore: ['no', 'yes', 'yes'],
};
/** Where an adjudicator is named. */
const TABLE: Record<Policy['sourceEdits'], Record<Right, Row>> = {
  no: { ...SAME, 'edit-source': ['no', 'no', 'yes'], 'accept-source': ['no', 'no', 'yes'] },
  propose: { ...SAME, 'edit-source': ['propose', 'propose', 'yes'], 'accept-source': ['no', 'no', 'yes'] },
  yes: { ...SAME, 'edit-source': ['propose', 'yes', 'yes'], 'accept-source': ['no', 'no', 'yes'] },
};
/** Where none is: what a reviewer may do with a source text that was proposed. */
const ALONE: Record<Policy['sourceEdits'], Answer> = { no: 'no', propose: 'yes', yes: 'yes' };

describe('role × language × right', () => {
  for (const sourceEdits of ['no', 'propose', 'yes'] as const) {
    const rules = policy({ ...PEOPLE, sourceEdits });
    for (const [lang, roles] of Object.entries(WHO)) {
      for (const [column, role] of ROLES.entries()) {
        for (const reviewer of roles[role] ?? []) {
          it(`source edits ${sourceEdits}: ${reviewer} is ${role} for ${lang}`, () => {
            assert.equal(roleOf(rules, reviewer, lang), role);
            for (const right of RIGHTS) {
              const isAlone =
                right === 'accept-source' && role === 'reviewer' && lang === WITHOUT_ADJUDICATOR;
              const answer = isAlone ? ALONE[sourceEdits] : TABLE[sourceEdits][right][column];
              assert.equal(mayDo(rules, reviewer, lang, right), answer, right);
            }
          });
        }
      }
    }
  }
});

describe('the style of a language', () => {
  it('is that of the longest range that fits, and nobody’s where none does', () => {
    const rules = policy({ register: { '*': 'informal', de: 'formal' }, variant: { 'zh-TW': 'Hant' } });
    const styles = ['de-AT', 'it', 'zh-TW', 'zh'].map(lang => styleOf(rules, lang));
    assert.deepEqual(styles, [
      { register: 'formal', variant: undefined },
      { register: 'informal', variant: undefined },
      { register: 'informal', variant: 'Hant' },
      { register: 'informal', variant: undefined },
    ]);
    assert.deepEqual(styleOf(DEFAULT_POLICY, 'de'), { register: undefined, variant: undefined });
  });
});

describe('the sample', () => {
  it('is sure of 95 % unless another number is given', () => {
    const sample = { size: 60, seed: 'spring', atMost: 0.05 };
    assert.deepEqual(policy({ sample }).sample, { ...sample, confidence: 0.95 });
    assert.equal(policy({ sample: { ...sample, confidence: 0.9 } }).sample?.confidence, 0.9);
    assert.equal(DEFAULT_POLICY.sample, undefined);
  });
});

describe('the role', () => {
  it('is that of a reviewer for everybody where nobody is named', () => {
    for (const lang of ['de', 'zh-Hant', 'und'])
      assert.equal(roleOf(DEFAULT_POLICY, 'zoe', lang), 'reviewer');
  });

  it('of adjudicator needs no list of reviewers, and leaves the others reviewers', () => {
    const rules = policy({ adjudicators: ['anna'] });
    assert.deepEqual(
      ['anna', 'zoe'].map(name => roleOf(rules, name, 'de')),
      ['adjudicator', 'reviewer'],
    );
  });

  it('of reviewer nobody has where no range fits the language', () => {
    const rules = policy({ reviewers: { de: ['zoe'] }, adjudicators: { 'zh-Hant': ['zoe'] } });
    const roles = ['de', 'de-AT', 'den', 'zh', 'zh-Hant-HK', 'zh-Hans'].map(lang =>
      roleOf(rules, 'zoe', lang),
    );
    assert.deepEqual(roles, ['reviewer', 'reviewer', 'guest', 'guest', 'adjudicator', 'guest']);
  });

  it('goes by one list for all languages', () => {
    const rules = policy({ reviewers: ['zoe'] });
    assert.deepEqual(
      ['de', 'und'].map(lang => [roleOf(rules, 'zoe', lang), roleOf(rules, 'rita', lang)]),
      [
        ['reviewer', 'guest'],
        ['reviewer', 'guest'],
      ],
    );
  });

  it('minds neither the case of a range nor an old tag', () => {
    const rules = policy({ reviewers: { 'ZH-hANT': ['zoe'], iw: ['zoe'] } });
    for (const lang of ['zh-Hant', 'he', 'he-IL']) assert.equal(roleOf(rules, 'zoe', lang), 'reviewer', lang);
  });

  it('is remembered for each policy by itself, for more languages than are kept', () => {
    const [one, other] = [policy({ reviewers: ['zoe'] }), policy({ reviewers: ['rita'] })];
    for (let round = 0; round < 2; round++) {
      for (let lang = 0; lang < 1500; lang++) {
        assert.equal(roleOf(one, 'zoe', `x${lang}`), 'reviewer');
        assert.equal(roleOf(other, 'zoe', `x${lang}`), 'guest');
      }
    }
  });
});

describe('the severity of a finding', () => {
  const rules = policy({
    severities: {
      '*': { language: 'error', 'language-mixed': 'off' },
      de: { 'language-wrong': 'info' },
      'de-CH': {},
    },
  });
  const cases: [lang: string, check: string, severity: string][] = [
    ['fr', 'language-wrong', 'error'],
    ['fr', 'language-mixed', 'off'],
    ['fr', 'language', 'error'],
    ['fr', 'languages', 'warning'],
    ['fr', 'constructor', 'warning'],
    ['de-AT', 'language-wrong', 'info'],
    // The longest range that fits holds alone.
    ['de-AT', 'language-mixed', 'warning'],
    ['de-CH', 'language-wrong', 'warning'],
  ];
  for (const [lang, check, severity] of cases)
    it(`of ${check} in ${lang} is ${severity}`, () =>
      assert.equal(severityOf(rules, lang, check, 'warning'), severity));

  it('is the check’s own where the policy says nothing', () => {
    for (const own of ['error', 'warning', 'info'] as const)
      assert.equal(severityOf(DEFAULT_POLICY, 'de', 'language-wrong', own), own);
  });
});

describe('a finding', () => {
  const blocks = (blockingFindings: string[], check: string, severity: 'error' | 'warning' | 'info') =>
    isBlocking(policy({ blockingFindings }), { check, severity });

  it('does not block by itself', () => {
    assert.equal(isBlocking(DEFAULT_POLICY, { check: 'language-wrong', severity: 'error' }), false);
  });

  it('blocks by its severity, by its check, and by the family of its check', () => {
    assert.equal(blocks(['warning'], 'language-wrong', 'warning'), true);
    assert.equal(blocks(['language-wrong'], 'language-wrong', 'info'), true);
    assert.equal(blocks(['number', 'language'], 'language-wrong', 'info'), true);
  });

  it('does not block by another severity or check', () => {
    assert.equal(blocks(['error', 'info'], 'language-wrong', 'warning'), false);
    assert.equal(blocks(['language-mixed', 'lang', 'wrong'], 'language-wrong', 'warning'), false);
  });
});

describe('a policy', () => {
  it('that says nothing is the default', () => {
    for (const json of ['{}', '{"$schema":"./policy.schema.json"}', ' {\n} ', '\uFEFF{}'])
      assert.deepEqual(readPolicy(json), { ok: true, policy: DEFAULT_POLICY });
  });

  it('holds what it says, and the default for the rest', () => {
    const said = {
      approvals: 2,
      lastEditorCounts: false,
      blockingFindings: ['error', 'language'],
      openComments: 'block',
      sourceEdits: 'no',
      blind: true,
      badLines: 'allow',
    };
    assert.deepEqual(policy(said), { ...DEFAULT_POLICY, ...said });
  });

  it('takes a list of people for all languages, and writes ranges as tags are written', () => {
    const { reviewers, adjudicators } = policy({
      reviewers: ['zoe'],
      adjudicators: { 'ZH-hant': ['aiko'] },
    });
    assert.deepEqual([reviewers, adjudicators], [{ '*': ['zoe'] }, { 'zh-Hant': ['aiko'] }]);
  });

  it('gives reasons: built-in ones, whose label is a message, and a team’s own', () => {
    const own = { id: 'term', label: 'Not our term' };
    const { reasons } = policy({ reasons: ['source-wrong', own, 'too-long'] });
    const expected = [{ id: 'source-wrong', label: null }, own, { id: 'too-long', label: 'too-long' }];
    assert.deepEqual(reasons, expected);
    for (const { id } of DEFAULT_POLICY.reasons) assert.ok(`reason.${id}` in MESSAGES, id);
  });

  it('that is broken stands for one by which all may work, and that no number of approvals meets', () => {
    assert.ok(!(Number.MAX_SAFE_INTEGER >= CLOSED_POLICY.approvals));
    assert.equal(mayDo(CLOSED_POLICY, 'zoe', 'de', 'decide'), 'yes');
    assert.equal(mayDo(CLOSED_POLICY, 'zoe', 'de', 'edit-source'), 'propose');
    assert.equal(mayDo(CLOSED_POLICY, 'zoe', 'de', 'adjudicate'), 'no');
  });
});

/** `member` stands on line 3, and what is wrong with it there or below. */
const onLine3 = (member: string) => `{\n  "approvals": 2,\n  ${member}\n}`;
const BROKEN: [what: string, json: string, mistake: string][] = [
  ['empty', '', '1: not valid JSON: value expected'],
  ['only blank lines', '\n\n', '3: not valid JSON: value expected'],
  ['no object', '\n[]', '2: it must hold one JSON object'],
  ['null', 'null', '1: it must hold one JSON object'],
  ['cut off', '{\n"approvals": 2', '2: not valid JSON: close brace expected'],
  ['without a comma', '{\n  "approvals": 2\n  "blind": true\n}', '3: not valid JSON: comma expected'],
  ['with a comma too many', onLine3('"blind": true,'), '4: not valid JSON: property name expected'],
  ['with a comment', '{\n\n// two\n}', '3: not valid JSON: invalid comment token'],
  ['two objects', '{}\n{}', '2: not valid JSON: end of file expected'],
  ['with Windows line ends', '{\r\n\r\n"aproval": 2}', `3: ${unknown('aproval')}`],
  ['of nested lists', `{\n"reasons":${'['.repeat(9)}\n[`, '3: lists and objects stand more than 10 deep in each other'], // prettier-ignore
  ['with a mistyped member', onLine3('"aprovals": 2'), `3: ${unknown('aprovals')}`],
  ['with a member of all objects', onLine3('"__proto__": 2'), `3: ${unknown('__proto__')}`],
  ['with another one', onLine3('"constructor": 2'), `3: ${unknown('constructor')}`],
  ['with a member twice', onLine3('"approvals": 2'), '3: “approvals” stands there twice; keep one of them'],
  [
    'with a member twice inside',
    onLine3('"reviewers": {\n"de": [],\n"de": []}'),
    '5: “de” stands there twice; keep one of them',
  ],
  [
    'with one language in two spellings',
    onLine3('"reviewers": {"de": [],\n"DE": []}'),
    '4: “de” stands there twice; keep one of them',
  ],
  [
    'with a reviewer twice',
    onLine3('"reviewers": ["zoe",\n"zoe"]'),
    '4: “zoe” stands there twice; keep one of them',
  ],
  [
    'with a reason twice',
    onLine3('"reasons": ["term",\n{"id": "term", "label": "Term"}]'),
    '4: “term” stands there twice; keep one of them',
  ],
  ...['0', '-1', '1.5', '"2"', 'null', 'true', '1001', '1e400'].map((value): [string, string, string] => [
    `with ${value} approvals`,
    `{\n"approvals":\n${value}}`,
    `3: “approvals” is ${JSON.stringify(JSON.parse(value))}, but must be a whole number from 1 to 1000`,
  ]),
  ['with a list for a number', '{"approvals": [2]}', '1: “approvals” is […], but must be a whole number from 1 to 1000'], // prettier-ignore
  ...['"false"', '0', 'null'].map((value): [string, string, string] => [
    `with ${value} for yes or no`,
    onLine3(`"blind": ${value}`),
    `3: “blind” is ${value}, but can only be one of true, false`,
  ]),
  [
    'with a word that is not one of a choice',
    onLine3('"sourceEdits": "No"'),
    '3: “sourceEdits” is "No", but can only be one of "no", "propose", "yes"',
  ],
  [
    'with a severity that is none',
    onLine3('"severities": {"de": {\n"language": "none"}}'),
    '4: “severities.de.language” is "none", but can only be one of "error", "warning", "info", "off"',
  ],
  [
    'with severities without a language',
    onLine3('"severities": {"language": "off"}'),
    '3: “language” is not a language tag such as de or zh-Hant, and not “*” for all languages',
  ],
  [
    'with a severity in place of severities',
    onLine3('"severities": {"*": "off"}'),
    '3: “severities.*” is "off", but must be an object',
  ],
  [
    'with a language that is none',
    onLine3('"reviewers": {\n"zh_Hant": []}'),
    '4: “zh_Hant” is not a language tag such as de or zh-Hant, and not “*” for all languages',
  ],
  [
    'with a sample that lacks what it needs',
    onLine3('"sample": {"size": 60, "seed": "spring"}'),
    '3: “sample” needs “size”, “seed” and “atMost”',
  ],
  [
    'with a sample of nothing',
    onLine3('"sample": {"seed": "spring", "atMost": 0.05,\n"size": 0}'),
    '4: “sample.size” is 0, but must be a whole number from 1 to 100000',
  ],
  [
    'with a seed that no filter takes',
    onLine3('"sample": {"size": 60, "atMost": 0.05,\n"seed": "spring 26"}'),
    '4: “sample.seed” is "spring 26", but must be text of 1 to 40 letters, digits, “.”, “_” or “-”',
  ],
  [
    'with a share in percent',
    onLine3('"sample": {"size": 60, "seed": "spring",\n"atMost": 5}'),
    '4: “sample.atMost” is 5, but must be a number from 0 to below 1',
  ],
  [
    'with a sample that has a member nobody knows',
    onLine3('"sample": {"size": 60, "seed": "spring", "atMost": 0.05,\n"most": 5}'),
    '4: there is no member “sample.most”; there are: size, seed, atMost, confidence',
  ],
  [
    'with a register that is none',
    onLine3('"register": {\n"de": "polite"}'),
    '4: “register.de” is "polite", but can only be one of "formal", "informal"',
  ],
  [
    'with a register without a language',
    onLine3('"register": "formal"'),
    '3: “register” is "formal", but must be an object',
  ],
  [
    'with a variant that is none',
    onLine3('"variant": {\n"zh": "hans"}'),
    '4: “variant.zh” is "hans", but can only be one of "Hans", "Hant"',
  ],
  [
    'with one reviewer in place of a list',
    onLine3('"reviewers": "zoe"'),
    '3: “reviewers” is "zoe", but must be a list of reviewers, or an object with such a list for each language',
  ],
  [
    'with one reviewer for a language',
    onLine3('"adjudicators": {"de": "zoe"}'),
    '3: “adjudicators.de” is "zoe", but must be a list',
  ],
  [
    'with a name that no reviewer has',
    onLine3('"reviewers": {"de": ["zoe",\n"Zoe"]}'),
    '4: “reviewers.de” names "Zoe", but reviewers have 1 to 40 lower-case letters, digits, “.”, “_” or “-”',
  ],
  [
    'with a check that cannot be one',
    onLine3('"blockingFindings": ["Error"]'),
    '3: “blockingFindings” names "Error", but names here have 1 to 40 lower-case letters and digits, with “-” between words',
  ],
  [
    'with a reason without a label',
    onLine3('"reasons": [\n{"id": "x"}]'),
    '4: a reason in “reasons” needs both an “id” and a “label”',
  ],
  [
    'with a reason that says more',
    onLine3('"reasons": [{"id": "x", "label": "X",\n"key": "x"}]'),
    '4: there is no member “reasons.key”; there are: id, label',
  ],
  [
    'with an empty label',
    onLine3('"reasons": [{"id": "x", "label": " "}]'),
    '3: a label in “reasons.label” is " ", but must be text of 1 to 100 characters on one line',
  ],
  [
    'with a label of two lines',
    onLine3('"reasons": [{"id": "x", "label": "a\\nb"}]'),
    '3: a label in “reasons.label” is "a\\nb", but must be text of 1 to 100 characters on one line',
  ],
  ['with a number for its schema', '{"$schema": 7}', '1: “$schema” is 7, but must be text'],
];

function unknown(name: string): string {
  const all = ['$schema', ...Object.keys(DEFAULT_POLICY)].join(', ');
  return `there is no member “${name}”; there are: ${all}`;
}

describe('a broken policy is refused with its line:', () => {
  for (const [what, json, expected] of BROKEN) it(what, () => assert.equal(mistake(json), expected));

  it('with lists that never end', () => {
    const names = Array.from({ length: 10_001 }, (_, index) => `r${index}`);
    const tooMany = /^1: more than 10000 entries in one list or object$/;
    assert.match(mistake(JSON.stringify({ reviewers: names })), tooMany);
    assert.match(
      mistake(JSON.stringify({ severities: Object.fromEntries(names.map(name => [name, {}])) })),
      tooMany,
    );
    assert.equal(policy({ reviewers: names.slice(1) }).reviewers?.['*']?.length, 10_000);
  });

  it('nested so deep that a parser would give up, after however many blank lines', () => {
    for (const open of ['[', '{"x":', '{"reviewers":[']) {
      const json = '\n'.repeat(1000) + open.repeat(100_000);
      assert.match(mistake(json), /^1001: lists and objects stand more than 10 deep/);
    }
  });

  it('and leaves the default as it is', () => {
    const before = structuredClone(DEFAULT_POLICY);
    policy({ approvals: 3, reviewers: ['zoe'] });
    mistake('{"approvals":3,"x":1}');
    assert.deepEqual(DEFAULT_POLICY, before);
  });
});

/** What members hold, right and wrong and in between. */
const RANGES = ['*', 'de', 'DE-ch', 'zh-Hant', 'und', '', 'd', 'de_CH', 'language', '-', 'de-', '__proto__'];
const NAMES = ['zoe', 'a.b_c-d', 'x'.repeat(40), 'x'.repeat(41), 'a.', '.a', 'Zoe', 'candidates', '', ' '];
const SLUGS = [
  'error',
  'language-wrong',
  'x'.repeat(40),
  'x'.repeat(41),
  'a--b',
  '-a',
  'a-',
  'A',
  '',
  'toString',
];
const LABELS = ['Wrong', ' a', '', ' ', 'a\nb', '\u0007', 'é'.repeat(100), 'é'.repeat(101), '😀'.repeat(100)];
const CHOICES = [
  'no',
  'propose',
  'yes',
  'allow',
  'block',
  'refuse',
  'error',
  'warning',
  'info',
  'off',
  'Yes',
];
const text = fc.constantFrom(...RANGES, ...NAMES, ...SLUGS, ...LABELS, ...CHOICES);
const scalar = fc.oneof(text, fc.constantFrom(null, true, false, 0, 1, 2, 1000, 1001, -1, 1.5, 1e300));
const byRange = (value: fc.Arbitrary<unknown>) => fc.dictionary(fc.constantFrom(...RANGES), value);
const list = (value: fc.Arbitrary<unknown>) => fc.array(value, { maxLength: 3 });
const people = list(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...NAMES) }, scalar));
const reasonOf = fc.oneof(
  fc.constantFrom(...SLUGS),
  fc.record(
    { id: fc.constantFrom(...SLUGS), label: fc.constantFrom(...LABELS), more: scalar },
    { requiredKeys: [] },
  ),
  scalar,
);
const byName = fc.record(
  {
    $schema: scalar,
    approvals: scalar,
    lastEditorCounts: scalar,
    reviewers: fc.oneof(people, byRange(people), scalar),
    adjudicators: fc.oneof(people, byRange(fc.oneof(people, scalar))),
    blockingFindings: fc.oneof(list(fc.constantFrom(...SLUGS)), scalar),
    openComments: scalar,
    severities: byRange(fc.dictionary(fc.constantFrom(...SLUGS), fc.constantFrom(...CHOICES))),
    sourceEdits: scalar,
    // That one id stands twice, JSON Schema cannot say.
    reasons: fc.uniqueArray(reasonOf, {
      maxLength: 3,
      selector: each => (typeof each === 'object' && each !== null && 'id' in each ? each.id : each),
    }),
    blind: scalar,
    badLines: scalar,
    sample: fc.oneof(
      fc.record(
        {
          size: fc.oneof(fc.integer({ min: -1, max: 100_001 }), scalar),
          seed: fc.oneof(fc.constantFrom('spring', 'a b', '', 'x'.repeat(41)), scalar),
          atMost: fc.oneof(fc.constantFrom(0, 0.05, 1, -0.1), scalar),
          confidence: fc.oneof(fc.constantFrom(0.4, 0.5, 0.95, 1), scalar),
          more: fc.constant(1),
        },
        { requiredKeys: [] },
      ),
      fc.constant({ size: 60, seed: 'spring', atMost: 0.05 }),
      scalar,
    ),
    register: fc.oneof(byRange(fc.oneof(fc.constantFrom('formal', 'informal'), scalar)), scalar),
    variant: fc.oneof(byRange(fc.oneof(fc.constantFrom('Hans', 'Hant'), scalar)), scalar),
    aproval: scalar,
  },
  { requiredKeys: [] },
);

describe('readPolicy', () => {
  const json = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    byName.map(value => JSON.stringify(value)),
    // One that was right or nearly, with something else in its middle.
    fc.tuple(byName, fc.nat(), fc.nat(5), fc.string({ maxLength: 3 })).map(([value, at, cut, insert]) => {
      const text = JSON.stringify(value, undefined, 1);
      const from = at % text.length;
      return text.slice(0, from) + insert + text.slice(from + cut);
    }),
    fc
      .array(
        fc.constantFrom(
          ...['{', '}', '[', ']', ':', ',', '"', '\n', '/', '*', '-'],
          '"approvals"',
          '2',
          'true',
        ),
      )
      .map(each => each.join('')),
  );

  it('never throws, names a line that is there, and takes nothing that is not JSON', () => {
    fc.assert(
      fc.property(json, text => {
        const result = readPolicy(text);
        if (result.ok) {
          const object: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
          assert.ok(typeof object === 'object' && object !== null && !Array.isArray(object));
        } else {
          assert.ok(result.line >= 1 && result.line <= text.split(/\r\n|\r|\n/).length);
          assert.doesNotMatch(english(result.reason), /\{\d\}|undefined/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is never laxer than one approval', () => {
    fc.assert(
      fc.property(byName, value => {
        const result = readPolicy(JSON.stringify(value));
        if (result.ok) assert.ok(result.policy.approvals >= 1);
      }),
    );
  });

  it('takes just the names that reviewers can have', () => {
    const name = fc.oneof(
      fc.constantFrom(...NAMES),
      fc.string({ unit: fc.constantFrom('a', 'Z', '0', '9', '.', '_', '-', ' ', '/') }),
      fc.string(),
    );
    fc.assert(
      fc.property(name, each => {
        assert.equal(readPolicy(JSON.stringify({ reviewers: [each] })).ok, isReviewerName(each));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the schema', () => {
  const ajv = new Ajv({ strict: true, allErrors: false });
  ajv.addKeyword('enumDescriptions');
  const fits = ajv.compile(schema);
  const members = Object.entries<{ description?: string; default?: unknown; enum?: string[] }>(
    schema.properties,
  );
  const named = Object.keys(DEFAULT_POLICY) as (keyof Policy)[];

  it('knows and describes just the members that are read', () => {
    assert.deepEqual(members.map(([name]) => name).sort(), ['$schema', ...named].sort());
    for (const [name, member] of members) assert.match(member.description ?? '', /\.$/, name);
  });

  it('names the defaults that hold', () => {
    const withDefault = members.filter(([, member]) => 'default' in member);
    const without = named.filter(name => !withDefault.some(([each]) => each === name));
    assert.deepEqual(without, ['reviewers', 'adjudicators', 'sample']);
    for (const [name, member] of withDefault)
      assert.deepEqual(policy({ [name]: member.default }), DEFAULT_POLICY, name);
  });

  it('lists values that are all taken', () => {
    const choices = members.flatMap(([name, member]) => (member.enum ?? []).map(value => ({ name, value })));
    assert.equal(choices.length, 7);
    for (const { name, value } of choices) {
      const read: unknown = policy({ [name]: value })[name as keyof Policy];
      assert.equal(read, value);
    }
    for (const member of ['register', 'variant'] as const)
      for (const value of schema.properties[member].additionalProperties.enum)
        assert.equal(styleOf(policy({ [member]: { de: value } }), 'de-CH')[member], value);
    for (const value of schema.properties.severities.additionalProperties.additionalProperties.enum)
      assert.equal(severityOf(policy({ severities: { '*': { a: value } } }), 'de', 'a', 'info'), value);
  });

  it('takes and refuses what the reader does', () => {
    let taken = 0;
    let refused = 0;
    const agree = (value: object) => {
      const json = JSON.stringify(value);
      const result = readPolicy(json);
      assert.equal(fits(JSON.parse(json)), result.ok, JSON.stringify(result));
      if (result.ok) taken++;
      else refused++;
    };
    // One member at a time, or nearly all would be refused.
    const one = fc
      .tuple(byName, fc.nat())
      .map(([all, at]) => Object.fromEntries(Object.entries(all).filter((_, index) => index === at % 15)));
    fc.assert(fc.property(one, agree), { numRuns: 5000 });
    fc.assert(fc.property(byName, agree), { numRuns: 1000 });
    for (const value of scalars()) for (const [name] of members) agree({ [name]: value });
    for (const label of LABELS) agree({ reasons: [{ id: 'x', label }] });
    for (const part of [{ id: 'x' }, { label: 'X' }, {}]) agree({ reasons: [part] });
    assert.ok(taken > 300 && refused > 300, `${taken} taken, ${refused} refused`);
  });

  function scalars(): unknown[] {
    return [
      ...CHOICES,
      ...SLUGS,
      null,
      true,
      false,
      0,
      1,
      1000,
      1001,
      1.5,
      [],
      {},
      [null],
      { de: [] },
      { de: {} },
    ];
  }
});

describe('a policy file', () => {
  it('that is broken is named with its line', async t => {
    const folder = tempFolder(t);
    writePolicy(folder, '{\n  "approvals": 2,\n  "blind": 1\n}\n');
    const file = join(folder, '.crossalpaca', 'policy.json');
    const { policy, problem } = await readPolicyFile(join(folder, 'shard.jsonl'));
    assert.equal(policy, CLOSED_POLICY);
    const sentence = `The policy ${file} is broken on line 3, so nothing counts as approved until it is corrected: “blind” is 1, but can only be one of true, false`;
    assert.equal(problem && english(problem), sentence);
    await assert.rejects(readPolicyAt(file), new UserError(problem!.id, ...problem!.args));
  });

  it('that cannot be read stands for a broken one', async t => {
    const folder = tempFolder(t);
    const file = join(folder, '.crossalpaca', 'policy.json');
    mkdirSync(file, { recursive: true });
    const { policy, problem } = await readPolicyFile(join(folder, 'shard.jsonl'));
    assert.equal(policy, CLOSED_POLICY);
    assert.match(
      english(problem!),
      /^Nothing counts as approved until the policy can be read\. .*policy\.json/,
    );
    await assert.rejects(readPolicyAt(file), UserError);
  });

  it('that is asked for by its name must be there', async t => {
    const folder = tempFolder(t);
    const file = join(folder, '.crossalpaca', 'policy.json');
    await assert.rejects(readPolicyAt(file), { message: `There is no file ${file}.` });
    writePolicy(folder, { approvals: 2 });
    assert.equal((await readPolicyAt(file)).approvals, 2);
  });
});
