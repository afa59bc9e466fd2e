import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { english } from '../../src/core/messages';
import {
  canonicalText,
  fingerprint,
  languageTag,
  readRecord,
  type MappingOverride,
  type Shape,
  type Unit,
} from '../../src/core/record';
import { sha256 } from '../helpers/builders';

const hex = (text: string, digits: number) =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);
const read = (record: unknown, override?: MappingOverride) =>
  readRecord(typeof record === 'string' ? record : JSON.stringify(record), sha256, override);

function units(record: unknown, override?: MappingOverride): readonly Unit[] {
  const result = read(record, override);
  assert.ok(result.ok, `not a record: ${JSON.stringify(result)}`);
  return result.units;
}

function unit(record: unknown, override?: MappingOverride): Unit {
  const [only, ...more] = units(record, override);
  assert.equal(more.length, 0);
  return only!;
}

function refused(record: unknown) {
  const result = read(record);
  assert.ok(!result.ok, `taken for a record: ${JSON.stringify(result)}`);
  return result.reason;
}

/** Languages, shape and texts, in one line each: `en>de`, `instruction|input|output` of both sides. */
function summary(record: unknown) {
  const result = read(record);
  assert.ok(result.ok);
  const side = (fields: Unit['source']) => fields.map(field => field.text).join('|');
  return [
    result.shape,
    ...result.units.map(
      each => `${each.sourceLang}>${each.targetLang} ${side(each.source)} / ${side(each.target)}`,
    ),
  ];
}

const nested = (more: object = {}) => ({
  source: { instruction: 'i', input: 'n', output: 'o' },
  target: { instruction: 'I', input: 'N', output: 'O' },
  source_lang: 'en',
  target_lang: 'de',
  ...more,
});

describe('shapes', () => {
  const cases: [name: string, record: unknown, ...expected: [Shape, ...string[]]][] = [
    ['nested', nested(), 'nested', 'en>de i|n|o / I|N|O'],
    [
      'nested parallel text',
      { source: { text: 's' }, target: { text: 't' }, source_lang: 'en', target_lang: 'zh' },
      'nested',
      'en>zh s / t',
    ],
    ['nested without languages', { source: { text: 's' }, target: { text: 't' } }, 'nested', 'und>und s / t'],
    [
      'prefixed',
      {
        en_instruction: 'i',
        en_input: 'n',
        en_output: 'o',
        zh_instruction: 'I',
        zh_input: 'N',
        zh_output: 'O',
      },
      'prefixed',
      'en>zh i|n|o / I|N|O',
    ],
    [
      'prefixed, English second',
      { it_instruction: 'I', it_output: 'O', en_instruction: 'i', en_output: 'o' },
      'prefixed',
      'en>it i||o / I||O',
    ],
    [
      'several targets, in the order of their members',
      { it_text: 'I', en_text: 'e', de_text: 'D' },
      'prefixed',
      'en>it e / I',
      'en>de e / D',
    ],
    [
      'suffixed',
      { instruction_en: 'i', output_en: 'o', instruction_it: 'I', output_it: 'O' },
      'suffixed',
      'en>it i||o / I||O',
    ],
    [
      'suffixed, plain names are the English source',
      { instruction: 'i', input: 'n', output: 'o', instruction_it: 'I', input_it: 'N', output_it: 'O' },
      'suffixed',
      'en>it i|n|o / I|N|O',
    ],
    [
      'suffixed, plain names beside English are the target',
      { instruction: 'I', output: 'O', instruction_en: 'i', output_en: 'o' },
      'suffixed',
      'en>und i||o / I||O',
    ],
    ['text rows, suffixed', { text_en: 'e', text_fr: 'F' }, 'suffixed', 'en>fr e / F'],
    [
      'translated_ twins: the plain names are the source',
      {
        instruction: 'i',
        output: 'o',
        translated_instruction: 'I',
        translated_output: 'O',
        target_lang: 'ar',
      },
      'twins',
      'und>ar i||o / I||O',
    ],
    [
      'source_ twins: the plain names are the target',
      { instruction: 'I', output: 'O', source_instruction: 'i', source_output: 'o', source_lang: 'en' },
      'twins',
      'en>und i||o / I||O',
    ],
    ['twins of text rows', { text: 's', translated_text: 't' }, 'twins', 'und>und s / t'],
    [
      'tags with a region or script, in canonical spelling',
      { EN_text: 'e', zh_cn_text: 'c', 'pt-BR_text': 'p', zh_Hant_text: 'h' },
      'prefixed',
      'en>zh-CN e / c',
      'en>pt-BR e / p',
      'en>zh-Hant e / h',
    ],
    [
      'tags with a region, suffixed',
      { text_en: 'e', text_zh_cn: 'c', 'text_pt-BR': 'p' },
      'suffixed',
      'en>zh-CN e / c',
      'en>pt-BR e / p',
    ],
    [
      'the first shape that fits wins',
      { ...nested(), en_text: 'x', it_text: 'y' },
      'nested',
      'en>de i|n|o / I|N|O',
    ],
  ];
  for (const [name, record, ...expected] of cases) {
    it(name, () => assert.deepEqual(summary(record), expected));
  }

  it('gives both sides of a unit the same fields, whichever members a record mixes', () => {
    const alpacaNames = (lang: string) => ({ [`${lang}_instruction`]: 'i', [`${lang}_output`]: 'o' });
    const mixed = [
      { source: { text: 's' }, target: { instruction: 'i', output: 'o' } },
      { ...alpacaNames('en'), ...alpacaNames('de'), en_text: 'x' },
      { en_text: 's', ...alpacaNames('de') },
      { text: 's', instruction_de: 'i', output_de: 'o' },
      {
        instruction: 'i',
        output: 'o',
        translated_instruction: 'I',
        translated_output: 'O',
        translated_text: 'x',
      },
    ];
    for (const record of mixed) {
      const result = read(record);
      if (!result.ok) continue;
      for (const { source, target } of result.units) {
        const names = (fields: Unit['source']) => fields.map(field => field.name);
        assert.deepEqual(names(source), names(target), JSON.stringify(record));
      }
    }
  });

  it('takes instruction and output before a stray text member', () => {
    const record = { en_instruction: 'i', en_output: 'o', en_text: 'x', de_instruction: 'I', de_output: 'O' };
    assert.deepEqual(summary(record), ['prefixed', 'en>de i||o / I||O']);
  });
});

describe('fields', () => {
  it('reads a missing or null field as empty', () => {
    const { source, target } = unit(
      nested({
        source: { instruction: 'i', output: 'o' },
        target: { instruction: 'I', input: null, output: null },
      }),
    );
    assert.deepEqual(source, [
      { name: 'instruction', text: 'i' },
      { name: 'input', text: '' },
      { name: 'output', text: 'o' },
    ]);
    assert.deepEqual(
      target.map(field => field.text),
      ['I', '', ''],
    );
  });

  for (const [kind, value] of [
    ['a number', 5],
    ['true or false', false],
    ['a list', ['a']],
    ['an object', {}],
  ] as const) {
    it(`refuses a field that is ${kind}, naming it`, () => {
      const record = { en_instruction: 'i', en_output: 'o', de_instruction: 'I', de_output: value };
      assert.equal(english(refused(record)), `The member “de_output” is not text (${kind}).`);
    });
  }

  it('refuses what is no record, with the reason', () => {
    const reasons = ['{"a":', '[1]', '"x"', 'null', '{}'].map(line => refused(line).id);
    assert.deepEqual(reasons, [
      'record.notJson',
      'record.notObject',
      'record.notObject',
      'record.notObject',
      'record.noSides',
    ]);
  });

  it('refuses a side without its output', () => {
    assert.equal(refused({ en_instruction: 'i', de_instruction: 'I' }).id, 'record.noSides');
    assert.equal(refused(nested({ target: { instruction: 'I' } })).id, 'record.noSides');
  });

  it('keeps the reason short, since a list of a hundred such rows is one message', () => {
    const record = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`${n}${'x'.repeat(1e5)}`, 1]));
    assert.ok(Buffer.byteLength(JSON.stringify(refused(record))) < 2048);
  });
});

describe('languages', () => {
  it('takes no word for a language', () => {
    for (const word of ['source', 'translated', 'x', '', 'en__us', 'constructor'])
      assert.equal(languageTag(word), undefined, word);
    assert.equal(refused({ my_own_text: 'a', en_text: 'b' }).id, 'record.noSides');
  });

  it('takes no part of a member’s name for a language that has no name of its own', () => {
    for (const word of ['src', 'raw', 'my_own', 'bad_word', 'zzx']) {
      const record = { [`${word}_text`]: 'a', en_text: 'b' };
      assert.equal(readRecord(JSON.stringify(record), sha256).ok, false, word);
    }
  });

  it('spells tags canonically', () => {
    const spelled = ['EN', 'zh_cn', 'pt-br', 'zh-hant-tw', 'iw'].map(languageTag);
    assert.deepEqual(spelled, ['en', 'zh-CN', 'pt-BR', 'zh-Hant-TW', 'he']);
  });

  it('believes a record that says its language outright, also a rare one', () => {
    assert.equal(unit(nested({ target_lang: 'quy' })).targetLang, 'quy');
  });

  it('lets the mapping of the shard win, in the key too', () => {
    const mapped = unit(nested({ id: 'a' }), { source_lang: 'fr', target_lang: 'it' });
    assert.deepEqual([mapped.sourceLang, mapped.targetLang, mapped.key], ['fr', 'it', 'a@it']);
  });

  it('leaves several target languages apart whatever the mapping says', () => {
    const mapped = units({ id: 'a', en_text: 'e', it_text: 'i', de_text: 'd' }, { target_lang: 'fr' });
    assert.deepEqual(
      mapped.map(each => each.key),
      ['a@it', 'a@de'],
    );
  });
});

describe('keys', () => {
  const keyOf = (json: string) => unit(`{${json}"en_text":"s","de_text":"t"}`).key;
  const hashed = `h:${hex('[["text","s"]]', 16)}@de`;
  const cases: [name: string, json: string, key: string][] = [
    ['a string', '"id":"x-1",', 'x-1@de'],
    ['a string with an @', '"id":"a@it",', 'a@it@de'],
    ['a number', '"id":7,', '7@de'],
    ['a number beyond 2^53, by its characters', '"id":90071992547409931,', '90071992547409931@de'],
    ['a number with a fraction, by its characters', '"id": 1.0 ,', '1.0@de'],
    ['a number in exponents, by its characters', '"id":\t1E2,', '1E2@de'],
    ['zero', '"id":0,', '0@de'],
    [
      'a number under an escaped name',
      String.raw`"\u0069d":12345678901234567890,`,
      '12345678901234567890@de',
    ],
    ['the last of repeated ones', '"id":1,"id":2.50,', '2.50@de'],
    ['none', '', hashed],
    ['an empty string', '"id":"",', hashed],
    ['null', '"id":null,', hashed],
    ['an object', '"id":{"id":5},', hashed],
    ['true', '"id":true,', hashed],
    ['a huge string', `"id":"${'x'.repeat(201)}",`, hashed],
    ['a huge number', `"id":${'1'.repeat(201)},`, hashed],
  ];
  for (const [name, json, key] of cases) it(`of ${name}`, () => assert.equal(keyOf(json), key));

  it('hash the source alone, so that a mended target keeps its key', () => {
    const key = (target: string) =>
      unit({ en_instruction: 'é', en_output: 'o', de_instruction: target, de_output: 'O' }).key;
    assert.equal(key('a'), key('b'));
    assert.equal(key('a'), `h:${hex('[["instruction","é"],["input",""],["output","o"]]', 16)}@de`);
  });

  it('are of the source as the record has it, whatever its members are called', () => {
    const named = unit({ instruction_en: 'i', output_en: 'o', instruction_de: 'I', output_de: 'O' });
    const nestedOne = unit(nested({ source: { output: 'o', instruction: 'i', input: null } }));
    assert.equal(named.key, nestedOne.key);
  });
});

describe('hashes', () => {
  const source = [{ name: 'text', text: 's' }];
  const target = [{ name: 'text', text: 'ü' }];

  it('fingerprint both sides with 32 digits', () => {
    assert.equal(fingerprint(source, target, sha256), hex('[[["text","s"]],[["text","ü"]]]', 32));
  });

  it('keep the sides apart, and composed letters from decomposed ones', () => {
    assert.notEqual(fingerprint(source, target, sha256), fingerprint(target, source, sha256));
    const decomposed = [{ name: 'text', text: 'u\u0308' }];
    assert.notEqual(fingerprint(source, target, sha256), fingerprint(source, decomposed, sha256));
  });

  it('tell lone surrogates apart, which UTF-8 alone would not', () => {
    const of = (text: string) => fingerprint(source, [{ name: 'text', text }], sha256);
    assert.equal(canonicalText([{ name: 'text', text: '\ud83d' }]), String.raw`[["text","\ud83d"]]`);
    assert.notEqual(of('\ud83d'), of('\ud83e'));
    const key = (escape: string) => unit(`{"en_text":"${escape}","de_text":"t"}`).key;
    assert.notEqual(key(String.raw`\ud83d`), key(String.raw`\ud83e`));
  });
});

describe('other members', () => {
  const row = '"en_text":"s","de_text":"t"';

  it('are kept, in order, as JSON', () => {
    const { others } = unit(`{"note":"é",${row},"tags":[1,null],"id":"a","nested":{"a":"b"}}`);
    assert.deepEqual(others, [
      ['note', '"é"'],
      ['tags', '[1,null]'],
      ['nested', '{"a":"b"}'],
    ]);
  });

  it('keep their numbers as the file spells them', () => {
    const { others } = unit(`{${row},"uid":12345678901234567890,"score":1.0}`);
    assert.deepEqual(others, [
      ['uid', '12345678901234567890'],
      ['score', '1.0'],
    ]);
  });

  it('inside a nested side are kept too', () => {
    const { others } = unit(nested({ source: { instruction: 'i', output: 'o', licence: 'CC BY 4.0' } }));
    assert.match(JSON.stringify(others), /CC BY 4\.0/);
  });

  it('of half a side are kept', () => {
    assert.deepEqual(unit(`{${row},"it_instruction":"x"}`).others, [['it_instruction', '"x"']]);
  });

  it('with names of Object.prototype are members like any other', () => {
    const { others } = unit(`{"__proto__":{"text":"x"},"constructor":1,"toString":null,${row}}`);
    assert.deepEqual(others, [
      ['__proto__', '{"text":"x"}'],
      ['constructor', '1'],
      ['toString', 'null'],
    ]);
    const hidden = { instruction: 'i', output: 'o', translated_instruction: 'I' };
    assert.ok(!read(`{"__proto__":${JSON.stringify({ ...hidden, translated_output: 'O' })}}`).ok);
    assert.ok(!read('{"source":{"__proto__":{"text":"a"}},"target":{"text":"b"}}').ok);
  });

  it('nested deeper than the stack stop nothing', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    assert.doesNotThrow(() => read(`{${row},"deep":${deep}}`));
  });
});

it('takes the last of repeated members, as JSON.parse does', () => {
  const { target } = unit('{"en_text":"s","de_text":"old","de_text":"new"}');
  assert.deepEqual(target, [{ name: 'text', text: 'new' }]);
});

it('never throws, whatever the line', () => {
  const names = [
    'id',
    'source',
    'target',
    'source_lang',
    'en_text',
    'de_text',
    'text',
    'instruction',
    'output',
    '__proto__',
  ];
  const record = fc.dictionary(fc.constantFrom(...names), fc.jsonValue());
  fc.assert(
    fc.property(
      fc.oneof(
        record.map(each => JSON.stringify(each)),
        fc.string(),
      ),
      line => void read(line),
    ),
  );
});

it('keeps every other member of any record', () => {
  const extra = fc.dictionary(
    fc.string().filter(name => name !== 'id' && (!name.includes('_') || name === '__proto__')),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(extra, members => {
      const other = { ...members, source: null, target: null, text: null };
      const { others } = unit({ ...other, id: 'a', en_text: 's', de_text: 't' });
      const kept = others.map(([name, json]) => [name, JSON.parse(json) as unknown] as const);
      assert.deepEqual(Object.fromEntries(kept), JSON.parse(JSON.stringify(other)));
    }),
  );
});
