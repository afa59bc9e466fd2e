/**
 * Small files beside an export that tell a trainer how to read it. What each of them wants is in its own documents:
 * LLaMA-Factory's data/README.md, Axolotl's docs/dataset-formats and docs/rlhf.qmd, TRL's docs/source/dataset_formats.md.
 */
import { stringify } from 'yaml';
import { alpacaPrompt } from './alpacaPrompt';
import type { FormatId } from './formats';
import type { Splits } from './recipe';

type Split = keyof Splits;

/** A file of the export, in the same folder as the snippets. */
export interface SplitFile {
  readonly name: string;
  readonly split: Split;
  readonly rows: number;
}

export interface Snippet {
  readonly file: string;
  readonly text: string;
}

/** How trainers read a format. One that is not named reads it not at all, or would make another prompt of it: the note says so. */
interface Reading {
  /** All columns are named: once one is, LLaMA-Factory forgets the others, and drops `input` without a word. */
  readonly llamaFactory?: Readonly<Record<string, unknown>>;
  readonly axolotl?: { readonly rl?: 'dpo'; readonly dataset: Readonly<Record<string, unknown>> };
  readonly trl?: {
    readonly note: readonly string[];
    /** @param newline whether a rendered prompt ends with a line feed */
    readonly code?: (newline: boolean) => readonly string[];
  };
}

/** What LLaMA-Factory would make of a prompt that has the words of Stanford Alpaca already. */
const noLlamaFactory = (format: FormatId) =>
  `LLaMA-Factory would put a prompt of its own around this one: for it, export as “${format}”.`;

const EOS_OF_TRL = [
  'There is no end-of-sequence token in the file: TRL puts the tokenizer’s own behind each answer.',
];

/** TRL has no Alpaca rows: the prompt of Stanford Alpaca becomes of them what the format `prompt-completion` has. */
const promptOf =
  (answers: Readonly<Record<string, string>>, columns: readonly string[]) => (newline: boolean) => [
    `WITH_INPUT = ${JSON.stringify(alpacaPrompt('{instruction}', '{input}', newline))}`,
    `WITHOUT_INPUT = ${JSON.stringify(alpacaPrompt('{instruction}', '', newline))}`,
    '',
    '',
    'def with_prompt(row):',
    '    template = WITH_INPUT if row["input"] else WITHOUT_INPUT',
    '    prompt = template.format(instruction=row["instruction"], input=row["input"])',
    `    return {"prompt": prompt, ${Object.entries(answers)
      .map(([name, column]) => `"${name}": row["${column}"]`)
      .join(', ')}}`,
    '',
    '',
    `data = data.map(with_prompt, remove_columns=${JSON.stringify(columns)})`,
  ];

const ALPACA: Reading = {
  llamaFactory: {
    formatting: 'alpaca',
    columns: { prompt: 'instruction', query: 'input', response: 'output' },
  },
  axolotl: { dataset: { type: 'alpaca' } },
  trl: {
    note: [...EOS_OF_TRL, 'The loss is on the completion alone.'],
    code: promptOf({ completion: 'output' }, ['instruction', 'input', 'output']),
  },
};
const CHAT_OF_TRL = [
  'The end-of-sequence token behind an answer comes from the chat template of the model.',
  'The loss is on all turns, unless SFTConfig(assistant_only_loss=True) is set, for which the template needs',
  'its {% generation %} marks.',
];

const READINGS: Readonly<Record<FormatId, Reading>> = {
  alpaca: ALPACA,
  'alpaca-json': ALPACA,
  parquet: ALPACA,
  messages: {
    // Not `openai`: with that, LLaMA-Factory adds a system prompt of its own.
    llamaFactory: {
      formatting: 'sharegpt',
      columns: { messages: 'messages' },
      tags: {
        role_tag: 'role',
        content_tag: 'content',
        user_tag: 'user',
        assistant_tag: 'assistant',
        system_tag: 'system',
      },
    },
    axolotl: {
      dataset: { type: 'chat_template', field_messages: 'messages', roles_to_train: ['assistant'] },
    },
    trl: { note: CHAT_OF_TRL },
  },
  sharegpt: {
    llamaFactory: {
      formatting: 'sharegpt',
      columns: { messages: 'conversations' },
      tags: { role_tag: 'from', content_tag: 'value', user_tag: 'human', assistant_tag: 'gpt' },
    },
    axolotl: {
      dataset: {
        type: 'chat_template',
        field_messages: 'conversations',
        message_property_mappings: { role: 'from', content: 'value' },
        roles_to_train: ['assistant'],
      },
    },
    // Some versions of TRL rename the members but leave the roles, which chat templates do not know.
    trl: {
      note: CHAT_OF_TRL,
      code: () => [
        'ROLES = {"human": "user", "gpt": "assistant"}',
        '',
        '',
        'def as_messages(row):',
        '    turns = row["conversations"]',
        '    return {"messages": [{"role": ROLES[turn["from"]], "content": turn["value"]} for turn in turns]}',
        '',
        '',
        'data = data.map(as_messages, remove_columns=["conversations"])',
      ],
    },
  },
  'prompt-completion': {
    axolotl: {
      dataset: {
        type: {
          field_instruction: 'prompt',
          field_output: 'completion',
          format: '{instruction}',
          no_input_format: '{instruction}',
        },
      },
    },
    trl: {
      note: [...EOS_OF_TRL, 'The loss is on the completion alone.', noLlamaFactory('alpaca')],
    },
  },
  preference: {
    axolotl: {
      rl: 'dpo',
      dataset: { type: { field_prompt: 'prompt', field_chosen: 'chosen', field_rejected: 'rejected' } },
    },
    trl: { note: [...EOS_OF_TRL, noLlamaFactory('preference-alpaca')] },
  },
  'preference-alpaca': {
    llamaFactory: {
      formatting: 'alpaca',
      ranking: true,
      columns: { prompt: 'instruction', query: 'input', chosen: 'chosen', rejected: 'rejected' },
    },
    trl: {
      note: [
        ...EOS_OF_TRL,
        'Axolotl takes the prompt of a pair from one column, and would leave out either the instruction or the',
        'input of these rows: for it, export as “preference”.',
      ],
      code: promptOf({ chosen: 'chosen', rejected: 'rejected' }, ['instruction', 'input']),
    },
  },
  'preference-openai': {
    trl: {
      note: [
        'OpenAI, Together and Fireworks take the file as it is.',
        'LLaMA-Factory and Axolotl do not read it: for them, export as “preference-alpaca” and “preference”.',
        'The end-of-sequence token behind an answer comes from the chat template of the model.',
      ],
      code: () => [
        'def as_preference(row):',
        '    return {',
        '        "prompt": row["input"]["messages"],',
        '        "chosen": row["preferred_output"],',
        '        "rejected": row["non_preferred_output"],',
        '    }',
        '',
        '',
        'data = data.map(as_preference, remove_columns=["input", "preferred_output", "non_preferred_output"])',
      ],
    },
  },
};

/**
 * @param files of the export; those without rows are left out, since no trainer loads an empty file
 * @param name what the data set is called
 * @param newline whether a prompt that is rendered while reading ends with a line feed
 * @returns a snippet for each trainer that reads the format: `dataset_info.json`, `axolotl.yaml`, `trl_dataset.py`
 */
export function snippets(
  format: FormatId,
  files: readonly SplitFile[],
  name: string,
  newline = false,
): Snippet[] {
  const { llamaFactory, axolotl, trl } = READINGS[format];
  const filled = files.filter(({ rows }) => rows > 0);
  const found: Snippet[] = [];
  if (filled.length === 0) return found;
  if (llamaFactory)
    found.push({ file: 'dataset_info.json', text: datasetInfo(llamaFactory, filled, plainName(name)) });
  if (axolotl && filled.some(({ split }) => split === 'train'))
    found.push({ file: 'axolotl.yaml', text: axolotlConfig(axolotl, filled, format) });
  if (trl) found.push({ file: 'trl_dataset.py', text: trlLoader(trl, filled, format, newline) });
  return found;
}

/** LLaMA-Factory parts names at commas, and reads `dataset_info.json` in the encoding of the system. */
function plainName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^_+|_+$/g, '') || 'crossalpaca';
}

function datasetInfo(
  reading: NonNullable<Reading['llamaFactory']>,
  files: readonly SplitFile[],
  name: string,
): string {
  const entries = files.map(file => [`${name}_${file.split}`, { file_name: file.name, ...reading }]);
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;
}

function axolotlConfig(
  { rl, dataset }: NonNullable<Reading['axolotl']>,
  files: readonly SplitFile[],
  format: FormatId,
): string {
  const of = (wanted: Split) =>
    files
      .filter(({ split }) => split === wanted)
      .map(({ name }) => ({
        path: name,
        ds_type: format === 'parquet' ? 'parquet' : 'json',
        // A file of its own has no other split.
        split: 'train',
        ...dataset,
      }));
  const validation = of('validation');
  const config = {
    ...(rl && { rl }),
    datasets: of('train'),
    // Axolotl refuses to take a part of the training rows besides.
    ...(validation.length > 0 && { test_datasets: validation, val_set_size: 0 }),
  };
  const head = [
    '# For a configuration of Axolotl, to be started in this folder.',
    ...(rl ? [] : ['# The loss is on the answers alone, as long as train_on_inputs is not set.']),
  ];
  return `${head.join('\n')}\n${stringify(config, { aliasDuplicateObjects: false, lineWidth: 0 })}`;
}

function trlLoader(
  { note, code }: NonNullable<Reading['trl']>,
  files: readonly SplitFile[],
  format: FormatId,
  newline: boolean,
): string {
  const names = files.map(({ split, name }) => `    ${JSON.stringify(split)}: ${JSON.stringify(name)},`);
  const [first] = files;
  const lines = [
    `"""Loads the files beside it for a trainer of TRL: from trl_dataset import data; data["${first?.split}"]."""`,
    'from pathlib import Path',
    '',
    'from datasets import load_dataset',
    '',
    'FOLDER = Path(__file__).resolve().parent',
    'FILES = {',
    ...names,
    '}',
    '',
    ...note.map(line => `# ${line}`),
    `data = load_dataset("${format === 'parquet' ? 'parquet' : 'json'}", data_files={split: str(FOLDER / name) for split, name in FILES.items()})`,
    ...(code ? ['', ...code(newline)] : []),
  ];
  return `${lines.join('\n')}\n`;
}
