import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { FORMAT_IDS, formatOf, type FormatId, type Row } from '../../src/core/formats';
import { snippets, type SplitFile } from '../../src/core/snippets';
import { tempFolder } from '../helpers/shardFixture';
import { demonstration } from '../helpers/trainerRows';

const SPLITS = ['train', 'validation', 'test'] as const;
const files = (format: FormatId, splits: readonly SplitFile['split'][] = SPLITS): SplitFile[] =>
  splits.map(split => ({ name: `${split}.${formatOf(format).container}`, split, rows: 3 }));
const textOf = (format: FormatId, file: string, of = files(format)) =>
  snippets(format, of, 'Six languages').find(each => each.file === file)?.text;
const rowOf = (format: FormatId) =>
  formatOf(format).row(demonstration({ input: 'Rot oder Blau' }), { trailingNewline: false })!;
/** Formats for which there is such a snippet. */
const formatsWith = (file: string) => FORMAT_IDS.filter(format => textOf(format, file) !== undefined);

describe('snippets', () => {
  it('are there for the trainers that read a format, and for no others', () => {
    const found = Object.fromEntries(
      FORMAT_IDS.map(format => [
        format,
        snippets(format, files(format), 'n')
          .map(({ file }) => file)
          .join(' '),
      ]),
    );
    assert.deepEqual(found, {
      alpaca: 'dataset_info.json axolotl.yaml trl_dataset.py',
      'alpaca-json': 'dataset_info.json axolotl.yaml trl_dataset.py',
      messages: 'dataset_info.json axolotl.yaml trl_dataset.py',
      'prompt-completion': 'axolotl.yaml trl_dataset.py',
      sharegpt: 'dataset_info.json axolotl.yaml trl_dataset.py',
      preference: 'axolotl.yaml trl_dataset.py',
      'preference-alpaca': 'dataset_info.json trl_dataset.py',
      'preference-openai': 'trl_dataset.py',
      parquet: 'dataset_info.json axolotl.yaml trl_dataset.py',
    });
  });

  it('name the files that have rows, and no others', () => {
    for (const format of FORMAT_IDS) {
      const [train, ...others] = files(format);
      const rest = others.map(file => ({ ...file, rows: 0 }));
      for (const { text } of snippets(format, [train!, ...rest], 'n')) {
        assert.ok(text.includes(train!.name));
        for (const { name } of rest) assert.ok(!text.includes(name), text);
      }
      assert.deepEqual(snippets(format, rest, 'n'), []);
    }
  });

  it('are the same each time', () => {
    for (const format of FORMAT_IDS)
      assert.deepEqual(snippets(format, files(format), 'n'), snippets(format, files(format), 'n'));
  });
});

interface Registered {
  readonly file_name: string;
  readonly formatting: string;
  readonly ranking?: boolean;
  readonly columns: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}
const registered = (format: FormatId, of = files(format), name = 'Six languages') =>
  JSON.parse(snippets(format, of, name).find(({ file }) => file === 'dataset_info.json')!.text) as Record<
    string,
    Registered
  >;

/** What LLaMA-Factory hears a person and the assistant say in a row: a column that is not named is not there. */
function heard({ formatting, columns, tags, ranking }: Registered, row: Row): (string | undefined)[][] {
  const column = (name: string) => (columns[name] === undefined ? undefined : row[columns[name]]);
  if (formatting === 'alpaca') {
    const text = (name: string) => column(name) as string | undefined;
    const user = [text('prompt'), text('query')].filter(each => each !== undefined && each !== '').join('\n');
    const answers = ranking ? [text('chosen'), text('rejected')] : [text('response')];
    return [['user', user], ...answers.map(each => ['assistant', each])];
  }
  assert.equal(formatting, 'sharegpt');
  const roles = new Map([
    [tags?.['user_tag'], 'user'],
    [tags?.['assistant_tag'], 'assistant'],
  ]);
  return (column('messages') as Row[]).map(turn => [
    roles.get(turn[tags!['role_tag']!] as string),
    turn[tags!['content_tag']!] as string,
  ]);
}

describe('3.2 dataset_info.json of LLaMA-Factory', () => {
  const INFO = 'dataset_info.json';
  const all = formatsWith(INFO);

  it('registers a data set for each split, under a name that a comma-separated list can hold', () => {
    const info = registered('alpaca', files('alpaca'), 'Fünf, sechs: Sprachen!');
    const found = Object.entries(info).map(([name, { file_name }]) => [name, file_name]);
    assert.deepEqual(
      found,
      SPLITS.map(split => [`F_nf_sechs_Sprachen_${split}`, `${split}.jsonl`]),
    );
    assert.deepEqual(Object.keys(registered('alpaca', files('alpaca', ['train']), '六')), [
      'crossalpaca_train',
    ]);
  });

  it('of any name is ASCII, as the encoding of the system may be any', () => {
    const property = fc.property(fc.string({ unit: 'binary' }), name => {
      const names = Object.keys(registered('messages', files('messages'), name));
      for (const each of names) assert.match(each, /^[A-Za-z0-9._-]+$/);
      assert.equal(names.length, 3);
    });
    fc.assert(property);
  });

  it('3.2.1 chat messages are registered as ShareGPT with tags, never as OpenAI’s, which adds a system prompt', () => {
    const { formatting, tags } = registered('messages')['Six_languages_train']!;
    assert.equal(formatting, 'sharegpt');
    assert.deepEqual(
      [tags?.['role_tag'], tags?.['content_tag'], tags?.['user_tag'], tags?.['assistant_tag']],
      ['role', 'content', 'user', 'assistant'],
    );
    for (const format of all) assert.doesNotMatch(textOf(format, INFO)!, /openai/);
  });

  it('3.2.2 every column but the id is named, so that the input is not dropped', () => {
    for (const format of all)
      for (const { columns } of Object.values(registered(format)))
        assert.deepEqual([...Object.values(columns), 'id'].sort(), Object.keys(rowOf(format)).sort(), format);
  });

  it('makes the same words of a demonstration in every format', () => {
    const words = [
      ['user', 'Nenne eine Farbe.\nRot oder Blau'],
      ['assistant', 'Rot'],
    ];
    for (const format of all) {
      const entry = registered(format)['Six_languages_train']!;
      const expected = entry.ranking ? [...words, ['assistant', 'Rott']] : words;
      assert.deepEqual(heard(entry, rowOf(format)), expected, format);
    }
  });

  it('says of pairs, and only of them, that they are ranked', () => {
    const ranked = all.filter(format => registered(format)['Six_languages_train']!.ranking === true);
    assert.deepEqual(ranked, ['preference-alpaca']);
  });
});

describe('3.3 axolotl.yaml', () => {
  const YAML = 'axolotl.yaml';
  interface Config {
    readonly rl?: string;
    readonly datasets: readonly Record<string, unknown>[];
    readonly test_datasets?: readonly Record<string, unknown>[];
    readonly val_set_size?: number;
  }
  const config = (format: FormatId, of = files(format)) => parse(textOf(format, YAML, of)!) as Config;

  it('trains on the first split and evaluates on the second; the third is not shown', () => {
    for (const format of formatsWith(YAML)) {
      const { datasets, test_datasets, val_set_size } = config(format);
      const [train, validation, test] = files(format).map(({ name }) => name);
      assert.deepEqual(
        datasets.map(({ path }) => path),
        [train],
      );
      assert.deepEqual(
        test_datasets?.map(({ path }) => path),
        [validation],
      );
      assert.equal(val_set_size, 0);
      assert.ok(!textOf(format, YAML)!.includes(test!));
      const kind = format === 'parquet' ? 'parquet' : 'json';
      for (const each of [...datasets, ...test_datasets])
        assert.deepEqual([each['ds_type'], each['split']], [kind, 'train']);
    }
  });

  it('leaves the size of a validation set to the user where there is none', () => {
    const only = config('alpaca', files('alpaca', ['train']));
    assert.deepEqual(Object.keys(only), ['datasets']);
  });

  it('is not there without training rows', () => {
    assert.equal(textOf('alpaca', YAML, files('alpaca', ['test'])), undefined);
  });

  it('does not use the type of ShareGPT, which is deprecated, but a mapping', () => {
    const [dataset] = config('sharegpt').datasets;
    assert.deepEqual(dataset, {
      path: 'train.jsonl',
      ds_type: 'json',
      split: 'train',
      type: 'chat_template',
      field_messages: 'conversations',
      message_property_mappings: { role: 'from', content: 'value' },
      roles_to_train: ['assistant'],
    });
    for (const format of formatsWith(YAML)) assert.doesNotMatch(textOf(format, YAML)!, /type: sharegpt/);
  });

  it('a rendered prompt is not rendered again', () => {
    const type = (format: FormatId) => config(format).datasets[0]!['type'];
    assert.deepEqual(type('prompt-completion'), {
      field_instruction: 'prompt',
      field_output: 'completion',
      format: '{instruction}',
      no_input_format: '{instruction}',
    });
    assert.deepEqual(type('preference'), {
      field_prompt: 'prompt',
      field_chosen: 'chosen',
      field_rejected: 'rejected',
    });
  });

  it('names only fields that rows have', () => {
    for (const format of formatsWith(YAML)) {
      const [dataset] = config(format).datasets;
      const { type } = dataset!;
      const named = Object.entries({ ...dataset, ...(typeof type === 'object' ? type : {}) })
        .filter(([name]) => name.startsWith('field_'))
        .map(([, field]) => field as string);
      for (const field of named) assert.ok(field in rowOf(format), `${format}: ${field}`);
    }
  });

  it('learns preferences from pairs, and from nothing else', () => {
    const kinds = formatsWith(YAML).map(format => [format, config(format).rl]);
    assert.deepEqual(
      kinds.filter(([, rl]) => rl !== undefined),
      [['preference', 'dpo']],
    );
  });
});

describe('3.4 trl_dataset.py', () => {
  const PYTHON = 'trl_dataset.py';
  const hasPython = spawnSync('python3', ['--version']).status === 0;

  it('says where the end-of-sequence token comes from', () => {
    for (const format of formatsWith(PYTHON))
      assert.ok(textOf(format, PYTHON)!.includes('end-of-sequence token'));
  });

  it('says which trainers would read the rows wrongly or not at all, and what they read', () => {
    for (const [format, said] of [
      ['prompt-completion', /LLaMA-Factory would put a prompt of its own.*“alpaca”/],
      ['preference', /LLaMA-Factory would put a prompt of its own.*“preference-alpaca”/],
      ['preference-alpaca', /Axolotl takes the prompt of a pair from one column/],
      ['preference-openai', /LLaMA-Factory and Axolotl do not read it.*“preference-alpaca” and “preference”/],
    ] as const)
      assert.match(textOf(format, PYTHON)!, said, format);
  });

  it('3.4 says of chats that the loss is on all turns unless it is told otherwise', () => {
    const isSaid = formatsWith(PYTHON).filter(format =>
      textOf(format, PYTHON)!.includes('assistant_only_loss=True'),
    );
    assert.deepEqual(isSaid, ['messages', 'sharegpt']);
  });

  for (const format of formatsWith(PYTHON))
    it(
      `loads ${format} from any folder, as rows of a type of TRL`,
      { skip: !hasPython && 'no python3' },
      t => {
        const folder = tempFolder(t);
        for (const { name } of files(format))
          writeFileSync(join(folder, name), `${JSON.stringify(rowOf(format))}\n`);
        writeFileSync(join(folder, PYTHON), textOf(format, PYTHON)!);
        writeFileSync(join(folder, 'datasets.py'), DATASETS);
        const program = 'import json, trl_dataset; print(json.dumps(trl_dataset.data))';
        const env = { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' };
        const shown = execFileSync('python3', ['-c', program], { cwd: '/', env, encoding: 'utf8' });
        const expected = [format === 'preference-openai' ? CONVERSATIONS : rowOf(AS_READ[format] ?? format)];
        assert.deepEqual(JSON.parse(shown), { train: expected, validation: expected, test: expected });
      },
    );
});

/** A pair of answers to a conversation, as TRL wants it: `prompt`, `chosen` and `rejected` are lists of messages. */
const CONVERSATIONS = (() => {
  const { input, preferred_output: chosen, non_preferred_output: rejected, id } = rowOf('preference-openai');
  const { messages } = input as { messages: unknown };
  return { id, prompt: messages, chosen, rejected };
})();

/** Formats that are read as another one. */
const AS_READ: Partial<Record<FormatId, FormatId>> = {
  sharegpt: 'messages',
  alpaca: 'prompt-completion',
  'alpaca-json': 'prompt-completion',
  parquet: 'prompt-completion',
  'preference-alpaca': 'preference',
};

/** As much of Hugging Face's datasets as the loader asks for. */
const DATASETS = `
import json

class Data(dict):
    def map(self, change, remove_columns):
        def changed(row):
            kept = {name: value for name, value in row.items() if name not in remove_columns}
            return {**kept, **change(row)}
        return Data({split: [changed(row) for row in rows] for split, rows in self.items()})

def load_dataset(kind, data_files):
    assert all(path.endswith(".parquet") == (kind == "parquet") for path in data_files.values())
    return Data({split: [json.loads(line) for line in open(path, encoding="utf-8")] for split, path in data_files.items()})
`;
