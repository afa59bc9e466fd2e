/**
 * The files that trainers read, one entry a format. Rows of a file have the same members with the same types, and no column
 * that a trainer takes for something else (TRL: `labels`, `input_ids`, `tools`; datasets: `source` with `model` and
 * `messages`): besides the text there is nothing but `id`. What else is known of a row stands in `reviews.jsonl`.
 */
import { alpacaPrompt, userTurn } from './alpacaPrompt';
import { textsAsJson, type Demonstration } from './demonstration';
import type { MessageId } from './messages';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export const FORMAT_IDS = [
  'alpaca',
  'alpaca-json',
  'messages',
  'prompt-completion',
  'sharegpt',
  'preference',
  'preference-alpaca',
  'preference-openai',
  'parquet',
] as const;
export type FormatId = (typeof FORMAT_IDS)[number];

export interface FormatOptions {
  /** Whether a rendered prompt ends with a line feed. */
  readonly trailingNewline: boolean;
}

export type Row = Readonly<Record<string, Json>>;

export interface Format {
  readonly id: FormatId;
  readonly title: MessageId;
  readonly container: 'jsonl' | 'json' | 'parquet';
  /** @returns undefined where the demonstration makes no such row: a pair of answers without a rejected one */
  readonly row: (demonstration: Demonstration, options: FormatOptions) => Row | undefined;
}

const alpaca: Format['row'] = ({ instruction, input, output, id }) => ({ instruction, input, output, id });
/** A row of two answers; without the machine's there is nothing to prefer. */
const pair =
  (
    row: (demonstration: Demonstration & { readonly rejected: string }, options: FormatOptions) => Row,
  ): Format['row'] =>
  (demonstration, options) => {
    const { rejected } = demonstration;
    return rejected === undefined ? undefined : row({ ...demonstration, rejected }, options);
  };
const said = (role: 'user' | 'assistant', content: string) => ({ role, content });

export const FORMATS: readonly Format[] = [
  { id: 'alpaca', title: 'format.alpaca', container: 'jsonl', row: alpaca },
  { id: 'alpaca-json', title: 'format.alpaca-json', container: 'json', row: alpaca },
  {
    id: 'messages',
    title: 'format.messages',
    container: 'jsonl',
    row: ({ instruction, input, output, id }) => ({
      messages: [said('user', userTurn(instruction, input)), said('assistant', output)],
      id,
    }),
  },
  {
    id: 'prompt-completion',
    title: 'format.prompt-completion',
    container: 'jsonl',
    row: ({ instruction, input, output, id }, { trailingNewline }) => ({
      prompt: alpacaPrompt(instruction, input, trailingNewline),
      completion: output,
      id,
    }),
  },
  {
    id: 'sharegpt',
    title: 'format.sharegpt',
    container: 'jsonl',
    row: ({ instruction, input, output, id }) => ({
      conversations: [
        { from: 'human', value: userTurn(instruction, input) },
        { from: 'gpt', value: output },
      ],
      id,
    }),
  },
  {
    id: 'preference',
    title: 'format.preference',
    container: 'jsonl',
    row: pair(({ instruction, input, output, rejected, id }, { trailingNewline }) => ({
      prompt: alpacaPrompt(instruction, input, trailingNewline),
      chosen: output,
      rejected,
      id,
    })),
  },
  {
    id: 'preference-alpaca',
    title: 'format.preference-alpaca',
    container: 'jsonl',
    row: pair(({ instruction, input, output, rejected, id }) => ({
      instruction,
      input,
      chosen: output,
      rejected,
      id,
    })),
  },
  {
    id: 'preference-openai',
    title: 'format.preference-openai',
    container: 'jsonl',
    row: pair(({ instruction, input, output, rejected, id }) => ({
      input: { messages: [said('user', userTurn(instruction, input))] },
      preferred_output: [said('assistant', output)],
      non_preferred_output: [said('assistant', rejected)],
      id,
    })),
  },
  { id: 'parquet', title: 'format.parquet', container: 'parquet', row: alpaca },
];

/**
 * A row as JSON.
 * @param row that the format made of `demonstration`
 */
export function rowJson(format: Format, row: Row, demonstration: Demonstration): string {
  if (format.row !== alpaca) return JSON.stringify(row);
  const [instruction, input, output] = textsAsJson(demonstration);
  const id = JSON.stringify(demonstration.id);
  return `{"instruction":${instruction},"input":${input},"output":${output},"id":${id}}`;
}

/** @throws Error for what is no format */
export function formatOf(id: FormatId): Format {
  const format = FORMATS.find(each => each.id === id);
  if (!format) throw new Error(`unknown format ${id}`);
  return format;
}
