import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Splits } from '../../src/core/recipe';
import type { Field, UnitKey } from '../../src/core/record';
import { SourceGroups, sourceNames, splitOf, type Split } from '../../src/core/sourceGroups';
import { languageNameIn } from '../../src/core/languageNames';
import { templateFor } from '../../src/core/translationTemplates';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const LANGS = ['en', 'it', 'es', 'de', 'zh', 'ar'] as const;

function asked(number: number, ask: 'english' | 'target' | 'both', source: string, target: string) {
  return templateFor('s', `${number}@${target}` as UnitKey, 'forward', ask, [source, target], sha256);
}

/** The different texts that a thousand units are asked with. */
const texts = (ask: 'english' | 'target' | 'both', source: string, target: string) =>
  new Set(Array.from({ length: 1000 }, (_, number) => asked(number, ask, source, target).text));

describe('the words that ask for a translation', () => {
  it('are at least eight in English, and at least six in each language of the paper', () => {
    assert.ok(texts('english', 'de', 'it').size >= 8);
    for (const lang of LANGS.slice(1)) assert.ok(texts('target', 'en', lang).size >= 6, lang);
  });

  it('name the target language, in their own language, and leave no gap', () => {
    for (const lang of LANGS)
      for (const target of ['it', 'zh', 'ar', 'hi'])
        for (const direction of ['forward', 'back'] as const)
          for (let number = 0; number < 60; number++) {
            // The unit's target language is that of the words.
            const langs = direction === 'forward' ? (['fr', lang] as const) : ([target, lang] as const);
            const words = templateFor('s', `${number}@x` as UnitKey, direction, 'target', langs, sha256);
            const to = direction === 'forward' ? lang : target;
            assert.equal(words.lang, lang);
            assert.ok(words.text.includes(languageNameIn(lang, to)), words.text);
            assert.doesNotMatch(words.text, /[{}]/);
          }
  });

  it('decline no name: German puts “auf”, “von” or “nach” before it, and no sentence begins with one', () => {
    for (const text of texts('target', 'hi', 'de')) {
      assert.doesNotMatch(text, /\b(ins|im|dem|das|die|der|aus) (Deutsch|Hindi)/);
      assert.match(text, /(auf|nach) Deutsch\b/);
    }
    for (const [lang, name] of [['it', 'italiano'], ['es', 'español']] as const)
      for (const text of texts('target', 'en', lang)) assert.doesNotMatch(text, new RegExp(`(^|[.?!:] )${name}`)); // prettier-ignore
  });

  it('put varieties into brackets, as names of languages have them', () => {
    for (const text of texts('english', 'en', 'zh-Hans'))
      assert.ok(text.includes('Chinese (Simplified)'), text);
  });

  it('have names of languages that are the same on every machine, also of those that are in no table', () => {
    const lost = Intl.DisplayNames;
    const set = (value: unknown) =>
      Object.defineProperty(Intl, 'DisplayNames', { value, configurable: true, writable: true });
    set(function () {
      assert.fail('asked the tables of this machine');
    });
    try {
      for (const text of texts('english', 'en', 'it-CH')) assert.ok(text.includes('Italian (CH)'), text);
      for (const text of texts('english', 'en', 'tlh')) assert.ok(text.includes('tlh'), text);
      for (const text of texts('target', 'en', 'zh-TW')) assert.match(text, /中文（台湾）/);
      for (const text of texts('english', 'en', 'constructor')) assert.ok(text.includes('constructor'), text);
    } finally {
      set(lost);
    }
    // As people know them here, in the languages of the paper.
    const named = LANGS.map(lang => languageNameIn(lang, 'de'));
    assert.deepEqual(
      new Set(named),
      new Set(['German', 'tedesco', 'alemán', 'Deutsch', '德语', 'الألمانية']),
    );
  });

  it('do not name a language that is not known', () => {
    for (const text of texts('both', 'und', 'it')) assert.doesNotMatch(text, /und\b|root|unknown/i);
    assert.deepEqual(texts('english', 'en', 'und'), new Set(['Translate the following text.']));
  });

  it('are in English where there are none in the target language', () => {
    assert.equal(asked(1, 'target', 'en', 'fi').lang, 'en');
    const langs = Array.from({ length: 200 }, (_, at) => asked(at, 'both', 'en', 'it').lang);
    const italian = langs.filter(lang => lang === 'it').length;
    assert.ok(italian > 60 && italian < 140, `${italian} of 200 in Italian`);
  });

  it('are the same for the same unit, direction and seed, and others for others', () => {
    const of = (seed: string, key: string, direction: 'forward' | 'back') =>
      templateFor(seed, key as UnitKey, direction, 'both', ['en', 'it'], sha256).text;
    const keys = Array.from({ length: 50 }, (_, at) => `${at}@it`);
    assert.deepEqual(keys.map(key => of('s', key, 'forward')), keys.map(key => of('s', key, 'forward'))); // prettier-ignore
    const differ = (a: (key: string) => string, b: (key: string) => string) =>
      assert.ok(keys.filter(key => a(key) !== b(key)).length > 30);
    differ(key => of('s', key, 'forward'), key => of('t', key, 'forward')); // prettier-ignore
    differ(key => of('s', key, 'forward'), key => of('s', key, 'back')); // prettier-ignore
  });
});

interface Made {
  readonly id: string;
  readonly text: string;
  readonly input: string;
  readonly target: string;
}
const SPLITS: Splits = { train: 0.6, validation: 0.2, test: 0.2 };

function fieldsOf({ text, input }: Made): Field[] {
  return [
    { name: 'instruction', text },
    { name: 'input', text: input },
    { name: 'output', text: 'o' },
  ];
}

function splitsOf(records: readonly Made[], seed = 's', splits = SPLITS, sameIds = false): Split[] {
  const groups = new SourceGroups(records.length, { seed, splits }, sha256);
  const names = records.flatMap((made, record) =>
    [
      ...sourceNames(
        `${made.id}@it` as UnitKey,
        [made.text, made.target].map(text => fieldsOf({ ...made, text })),
        sameIds,
        sha256,
      ),
    ].map(name => ({ name, record })),
  );
  names.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.record - b.record));
  for (const { name, record } of names) groups.add(name, record);
  return records.map((_, record) => groups.splitOf(record));
}

const made: fc.Arbitrary<Made> = fc.record({
  id: fc.constantFrom('1', '2', '3.5', 'alpaca-1', 'alpaca-2', 'alpaca-3', 'alpaca-4', 'h:0123456789abcdef'),
  text: fc.constantFrom('Say A', 'say  a', 'SAY A ', 'Say B', 'Say C', 'Say D', 'e\u0301', '\u00e9', ''),
  input: fc.constantFrom('', '', 'x'),
  // In shards of any direction: Italian may be the source of one and the target of another.
  target: fc.constantFrom('Say A', 'say c', 'Di B', 'di b', 'Sag E', ''),
});

/** Whether two records are one source record, by the letter of the rule. */
function isSame(a: Made, b: Made, sameIds: boolean): boolean {
  const plain = ({ text, target, input }: Made) =>
    [text, target]
      .map(each =>
        `${each}\n${input}`
          .normalize('NFC')
          .toLowerCase()
          .replace(/[^\S\n]+/g, ' '),
      )
      .map(each => each.replace(/ *\n */, '\n').trim())
      .filter(each => each !== '');
  const isNamed = a.id.startsWith('alpaca') || (sameIds && !a.id.startsWith('h:'));
  return plain(a).some(text => plain(b).includes(text)) || (isNamed && a.id === b.id);
}

describe('the splits', () => {
  it('leak nothing: what shares a text or an id is on one side, also through others', () => {
    fc.assert(
      fc.property(fc.array(made, { maxLength: 30 }), fc.string(), fc.boolean(), (records, seed, sameIds) => {
        const splits = splitsOf(records, seed, SPLITS, sameIds);
        for (const [at, a] of records.entries())
          for (const [other, b] of records.entries())
            if (isSame(a, b, sameIds)) assert.equal(splits[at], splits[other], `${at} ${other}`);
      }),
    );
  });

  it('do not hang on the order of files and records', () => {
    const shuffled = fc
      .array(made, { maxLength: 20 })
      .chain(records => fc.tuple(fc.constant(records), fc.shuffledSubarray([...records.keys()], { minLength: records.length }))); // prettier-ignore
    fc.assert(
      fc.property(shuffled, ([records, order]) => {
        const splits = splitsOf(records);
        const again = splitsOf(order.map(at => records[at]!));
        for (const [place, at] of order.entries()) assert.equal(again[place], splits[at]);
      }),
    );
  });

  it('hold their shares in a large set, and differ by seed', () => {
    const records = Array.from({ length: 20_000 }, (_, at) => ({
      id: `${at}`,
      text: `Say ${at}`,
      input: '',
      target: '',
    }));
    const splits = splitsOf(records);
    const share = (split: Split) => splits.filter(each => each === split).length / records.length;
    // Five standard deviations.
    for (const split of ['train', 'validation', 'test'] as const)
      assert.ok(Math.abs(share(split) - SPLITS[split]) < 0.0175, `${split} ${share(split)}`);
    const other = splitsOf(records, 'other');
    assert.ok(splits.filter((split, at) => split === other[at]).length < 0.6 * records.length);
  });

  it('do not chain unrelated files by row numbers', () => {
    const names = (id: string, text: string) =>
      sourceNames(`${id}@it` as UnitKey, [[{ name: 'text', text }]], false, sha256);
    const shared = (a: ReadonlySet<string>, b: ReadonlySet<string>) => [...a].some(name => b.has(name));
    for (const id of ['7', '007', '7.0', '1e3', '-7'])
      assert.ok(!shared(names(id, 'One'), names(id, 'Other')), id);
    assert.ok(shared(names('alpaca-7', 'One'), names('alpaca-7', 'Other')));
    assert.ok(shared(names('7', 'One text'), names('8', ' one\ttext')));
  });

  it('know a record by the text that the row has and by the one that a reviewer made of it', () => {
    const source = (text: string): Field[] => [{ name: 'text', text }];
    const edited = sourceNames('1@it' as UnitKey, [source('as it was'), source('as it is')], false, sha256);
    for (const text of ['as it was', 'as it is'])
      for (const name of sourceNames('2@de' as UnitKey, [source(text)], false, sha256))
        assert.ok(edited.has(name));
  });

  it('of nothing get nothing', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom<Split>('train', 'validation', 'test'), (group, split) => {
        const all = { train: 0, validation: 0, test: 0, [split]: 1 };
        assert.equal(splitOf(group, 's', all, sha256), split);
      }),
    );
  });
});
