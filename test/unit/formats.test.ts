/**
 * What the trainers make of our rows. Numbers such as 3.2.1 are those of the traps that were found by running the trainers:
 * LLaMA-Factory (3.2), Axolotl (3.3), TRL (3.4), torchtune (3.5), Unsloth (3.6), OpenAI (3.7), Hugging Face datasets (3.9).
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Ajv, { type ValidateFunction } from 'ajv';
import fc from 'fast-check';
import { alpacaPrompt, userTurn } from '../../src/core/alpacaPrompt';
import { INSTRUCTION_FROM, instructionOf } from '../../src/core/demonstration';
import { FORMAT_IDS, FORMATS, formatOf, rowJson, type FormatId, type Row } from '../../src/core/formats';
import { MESSAGES } from '../../src/core/messages';
import alpacaSchema from '../fixtures/formats/alpaca.schema.json';
import messagesSchema from '../fixtures/formats/messages.schema.json';
import openaiSchema from '../fixtures/formats/preference-openai.schema.json';
import pairAlpacaSchema from '../fixtures/formats/preference-alpaca.schema.json';
import pairSchema from '../fixtures/formats/preference.schema.json';
import promptSchema from '../fixtures/formats/prompt-completion.schema.json';
import sharegptSchema from '../fixtures/formats/sharegpt.schema.json';
import { anyUnit, demonstration } from '../helpers/trainerRows';

const SCHEMAS: Readonly<Record<FormatId, object>> = {
  alpaca: alpacaSchema,
  'alpaca-json': alpacaSchema,
  parquet: alpacaSchema,
  messages: messagesSchema,
  'prompt-completion': promptSchema,
  sharegpt: sharegptSchema,
  preference: pairSchema,
  'preference-alpaca': pairAlpacaSchema,
  'preference-openai': openaiSchema,
};
const ajv = new Ajv({ strictTuples: false });
const validators = new Map<FormatId, ValidateFunction>(FORMAT_IDS.map(id => [id, ajv.compile(SCHEMAS[id])]));
function assertValid(format: FormatId, row: unknown): void {
  const validate = validators.get(format)!;
  assert.ok(validate(row), `${format}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(row)}`);
}

const OPTIONS = { trailingNewline: false };
const WITH_INPUT = demonstration({ input: 'Rot oder Blau' });
const rowOf = (format: FormatId, made = demonstration()) => formatOf(format).row(made, OPTIONS)!;
const eachRow = (test: (format: FormatId, row: Row) => void) => {
  for (const format of FORMAT_IDS)
    for (const made of [demonstration(), WITH_INPUT]) test(format, rowOf(format, made));
};
/** Names of all members, at all depths, with `[]` for an element. */
function membersOf(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap(each => membersOf(each, `${at}[]`));
  if (typeof value !== 'object' || value === null) return [`${at}: ${typeof value}`];
  return Object.entries(value).flatMap(([name, each]) => membersOf(each, `${at}.${name}`));
}
const textsOf = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsOf)
      : [];

describe('rows', () => {
  it('are those of the trainers’ documents', () => {
    const user = 'Nenne eine Farbe.\nRot oder Blau';
    const prompt = alpacaPrompt('Nenne eine Farbe.', 'Rot oder Blau', false);
    const id = 'r1@de';
    const question = { instruction: 'Nenne eine Farbe.', input: 'Rot oder Blau' };
    const alpaca = { ...question, output: 'Rot', id };
    const said = (role: string, content: string) => ({ role, content });
    const expected: Record<FormatId, object> = {
      alpaca,
      'alpaca-json': alpaca,
      parquet: alpaca,
      messages: { messages: [said('user', user), said('assistant', 'Rot')], id },
      'prompt-completion': { prompt, completion: 'Rot', id },
      sharegpt: {
        conversations: [
          { from: 'human', value: user },
          { from: 'gpt', value: 'Rot' },
        ],
        id,
      },
      preference: { prompt, chosen: 'Rot', rejected: 'Rott', id },
      'preference-alpaca': { ...question, chosen: 'Rot', rejected: 'Rott', id },
      'preference-openai': {
        input: { messages: [said('user', user)] },
        preferred_output: [said('assistant', 'Rot')],
        non_preferred_output: [said('assistant', 'Rott')],
        id,
      },
    };
    for (const format of FORMAT_IDS) assert.deepEqual(rowOf(format, WITH_INPUT), expected[format]);
  });

  it('of any texts are valid, well-formed, and the same after JSON', () => {
    const rows = new Map<FormatId, number>();
    const property = fc.property(
      anyUnit,
      fc.constantFrom(...INSTRUCTION_FROM),
      fc.boolean(),
      (unit, from, trailingNewline) => {
        const made = instructionOf(unit, from);
        fc.pre(made !== undefined);
        for (const format of FORMAT_IDS) {
          const row = formatOf(format).row(made, { trailingNewline });
          if (!row) continue;
          rows.set(format, (rows.get(format) ?? 0) + 1);
          assertValid(format, row);
          const json = JSON.stringify(row);
          assert.equal(rowJson(formatOf(format), row, made), json);
          assert.doesNotMatch(json, /[\n\r]/);
          assert.ok(textsOf(row).every(text => text.isWellFormed()));
          assert.deepEqual(JSON.parse(json), row);
          assert.deepEqual(membersOf(row), membersOf(rowOf(format)));
        }
      },
    );
    fc.assert(property, { numRuns: 500 });
    assert.deepEqual([...rows.keys()].sort(), [...FORMAT_IDS].sort());
  });

  it('of two answers are not made where nobody rejected one', () => {
    const approved = demonstration({ rejected: undefined });
    const without = FORMATS.filter(({ row }) => !row(approved, OPTIONS)).map(({ id }) => id);
    assert.deepEqual(without, ['preference', 'preference-alpaca', 'preference-openai']);
  });

  it('bear the id of their demonstration', () => eachRow((_, row) => assert.equal(row['id'], 'r1@de')));

  it('have a format with a title, and only such', () => {
    assert.deepEqual(
      FORMATS.map(({ id }) => id),
      FORMAT_IDS,
    );
    for (const { title } of FORMATS) assert.match(MESSAGES[title], /\S/);
    assert.throws(() => formatOf('csv' as FormatId), /unknown format csv/);
  });
});

describe('1.6 the rendered prompt', () => {
  const WITH =
    'Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request.\n\n### Instruction:\nAdd.\n\n### Input:\n1 + 1\n\n### Response:';
  const WITHOUT =
    'Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### Instruction:\nAdd.\n\n### Response:';

  it('is that of Stanford Alpaca, letter by letter', () => {
    assert.equal(alpacaPrompt('Add.', '1 + 1', false), WITH);
    assert.equal(alpacaPrompt('Add.', '', false), WITHOUT);
  });

  it('ends with a line feed where that is asked for, in every format that renders it', () => {
    assert.equal(alpacaPrompt('Add.', '', true), `${WITHOUT}\n`);
    for (const format of ['prompt-completion', 'preference'] as const)
      for (const trailingNewline of [false, true]) {
        const prompt = formatOf(format).row(demonstration(), { trailingNewline })?.['prompt'];
        assert.equal((prompt as string).endsWith('### Response:\n'), trailingNewline);
      }
  });

  it('takes texts as they are, those that look like its own marks too', () => {
    const text = '### Response:\n{instruction} $& $1';
    assert.ok(alpacaPrompt(text, text, false).endsWith(`\n${text}\n\n### Input:\n${text}\n\n### Response:`));
  });
});

describe('3.2 LLaMA-Factory', () => {
  it('3.2.3 an input is a text in every row', () => {
    for (const format of ['alpaca', 'alpaca-json', 'parquet', 'preference-alpaca'] as const)
      assert.equal(rowOf(format)['input'], '');
  });

  it('3.2.4 a person and the assistant take turns, in that order, and the answer is last', () => {
    const roles = (turns: unknown, name: string) =>
      (turns as Record<string, string>[]).map(turn => turn[name]);
    assert.deepEqual(roles(rowOf('messages')['messages'], 'role'), ['user', 'assistant']);
    assert.deepEqual(roles(rowOf('sharegpt')['conversations'], 'from'), ['human', 'gpt']);
  });

  it('joins instruction and input by a line feed, and so do the chats', () => {
    const joined = [
      ['i', 'x'],
      ['i', ''],
      ['', 'x'],
    ].map(([instruction, input]) => userTurn(instruction!, input!));
    assert.deepEqual(joined, ['i\nx', 'i', 'x']);
  });

  it('the two answers of a pair in Alpaca’s columns are texts, not messages', () => {
    const { chosen, rejected } = rowOf('preference-alpaca');
    assert.deepEqual([chosen, rejected], ['Rot', 'Rott']);
  });
});

describe('3.4 TRL', () => {
  it('reserved columns are used for nothing else', () => {
    const READ = ['labels', 'input_ids', 'tools', 'chat_template_kwargs', 'image', 'images', 'text', 'label'];
    eachRow((format, row) => {
      for (const name of READ) assert.ok(!(name in row), `${format}: ${name}`);
      const hasPrompt = ['prompt-completion', 'preference'].includes(format);
      assert.equal('prompt' in row, hasPrompt);
    });
  });

  it('prompt and completion are both texts, so that the end-of-sequence token is put behind the answer', () => {
    const { prompt, completion } = rowOf('prompt-completion');
    assert.deepEqual([typeof prompt, completion], ['string', 'Rot']);
  });
});

describe('3.6 Unsloth', () => {
  it('a message has exactly two members, and both are texts', () => {
    const messages = (format: FormatId, name: string) => rowOf(format)[name] as Row[];
    for (const message of [...messages('sharegpt', 'conversations'), ...messages('messages', 'messages')]) {
      assert.equal(Object.keys(message).length, 2);
      assert.ok(Object.values(message).every(value => typeof value === 'string'));
    }
  });

  it('no file has two shapes: instruction and output, which are looked for first, never stand beside messages', () => {
    eachRow((format, row) => {
      const shapes = [
        'output',
        'messages',
        'conversations',
        'text',
        'completion',
        'chosen',
        'preferred_output',
      ];
      assert.equal(shapes.filter(name => name in row).length, 1, format);
    });
  });
});

describe('3.7 OpenAI', () => {
  it('the answers of a pair are called output, not completion', () => {
    const names = Object.keys(rowOf('preference-openai'));
    assert.deepEqual(names, ['input', 'preferred_output', 'non_preferred_output', 'id']);
  });

  it('each of the two answers is one message of the assistant, and the question ends with the person’s', () => {
    const row = rowOf('preference-openai');
    const roles = [row['preferred_output'], row['non_preferred_output'], (row['input'] as Row)['messages']];
    assert.deepEqual(
      roles.map(messages => (messages as Row[]).map(({ role }) => role)),
      [['assistant'], ['assistant'], ['user']],
    );
  });
});

describe('3.9 Hugging Face datasets', () => {
  it('all rows of a format have the same members, in one order and of one type', () => {
    for (const format of FORMAT_IDS)
      assert.deepEqual(membersOf(rowOf(format, WITH_INPUT)), membersOf(rowOf(format)));
  });

  it('no member is null, and no list is empty, from which no type can be told', () => {
    eachRow((format, row) => assert.doesNotMatch(JSON.stringify(row), /null|\[\]|\{\}/, format));
  });

  it('no columns are mistaken for traces of an agent', () => {
    eachRow((format, row) => {
      for (const name of ['source', 'model', 'system_prompt'])
        assert.ok(!(name in row), `${format}: ${name}`);
    });
  });

  it('no half of a surrogate pair is left, by which pyarrow fails', () => {
    const unit = { instruction: '\ud83d', input: '\ude00', output: 'a\ud83d', rejected: 'b\ud83d' };
    const made = instructionOf(
      {
        key: demonstration().id as never,
        sourceLang: 'en',
        targetLang: 'de',
        source: [],
        target: Object.entries(unit).map(([name, text]) => ({ name, text })),
        original: [{ name: 'output', text: unit.rejected }],
      },
      'target',
    )!;
    for (const format of FORMAT_IDS)
      for (const text of textsOf(rowOf(format, made))) assert.ok(text.isWellFormed(), format);
  });

  it('ends of lines within a text do not end the row', () => {
    const made = demonstration({ instruction: 'a\nb\r\nc\u2028d\u0085e\u2029f', output: '\n' });
    for (const format of FORMAT_IDS) {
      const json = JSON.stringify(rowOf(format, made));
      assert.equal(json.split('\n').length, 1);
      assert.deepEqual(JSON.parse(json), rowOf(format, made));
    }
  });
});
