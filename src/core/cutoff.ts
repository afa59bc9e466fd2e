/** Rows that a trainer with a limit of tokens would cut: what of a row is counted, which rows are, and what that says of all. */
import type { FormatId, Json, Row } from './formats';
import { alpacaPrompt } from './alpacaPrompt';
import type { Splits } from './recipe';
import { utf8Bytes } from './utf8';

export interface ChatMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

/** A row as the trainer reads it: one text, or a conversation that the chat template of the model makes a text of. */
export type TrainedText = string | readonly ChatMessage[];

/**
 * Alpaca rows with the prompt of Stanford Alpaca. Of two answers the longer one, since a row is cut where one of them is.
 * @param newline whether a prompt ends with a line feed
 */
export function trainedText(format: FormatId, row: Row, newline: boolean): TrainedText {
  switch (format) {
    case 'alpaca':
    case 'alpaca-json':
    case 'parquet':
      return alpacaPrompt(text(row, 'instruction'), text(row, 'input'), newline) + text(row, 'output');
    case 'prompt-completion':
      return text(row, 'prompt') + text(row, 'completion');
    case 'preference':
      return text(row, 'prompt') + longer(text(row, 'chosen'), text(row, 'rejected'));
    case 'preference-alpaca':
      return (
        alpacaPrompt(text(row, 'instruction'), text(row, 'input'), newline) +
        longer(text(row, 'chosen'), text(row, 'rejected'))
      );
    case 'messages':
      return conversation(said(row['messages'], 'content'));
    case 'sharegpt':
      return conversation(said(row['conversations'], 'value'));
    case 'preference-openai': {
      const [chosen = ''] = said(row['preferred_output'], 'content');
      const [rejected = ''] = said(row['non_preferred_output'], 'content');
      const [asked = ''] = said((row['input'] as Row | undefined)?.['messages'], 'content');
      return conversation([asked, longer(chosen, rejected)]);
    }
  }
}

const text = (row: Row, name: string): string => {
  const value = row[name];
  return typeof value === 'string' ? value : '';
};
const longer = (a: string, b: string) => (utf8Bytes(a) >= utf8Bytes(b) ? a : b);
const said = (turns: Json | undefined, name: string): string[] =>
  Array.isArray(turns) ? (turns as readonly Row[]).map(turn => text(turn, name)) : [];
const conversation = (turns: readonly string[]): ChatMessage[] =>
  turns.map((content, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content }));

/** Of all that is said. */
export function bytesOf(trained: TrainedText): number {
  return typeof trained === 'string'
    ? utf8Bytes(trained)
    : trained.reduce((sum, { content }) => sum + utf8Bytes(content), 0);
}

export const MAX_CUTOFF = 10_000_000;

/** @returns the tokens of a cutoff as somebody wrote it; undefined unless it is a whole number from 1 to `MAX_CUTOFF` */
export function readCutoff(given: string): number | undefined {
  const tokens = /^\d{1,9}$/.test(given) ? Number(given) : 0;
  return tokens >= 1 && tokens <= MAX_CUTOFF ? tokens : undefined;
}

/** Rows of one language in one split. */
export interface CutRows {
  /** BCP-47, of the answer. */
  readonly language: string;
  readonly split: keyof Splits;
  readonly rows: number;
  /** Those with so many bytes that they could be too long. */
  readonly long: number;
  /** Of the long ones, how many were counted by the server; where it is all of them, `cut` is exact. */
  readonly counted: number;
  /** Rows with more tokens than the cutoff: counted, or estimated from those that were. */
  readonly cut: number;
  /** The bounds of an estimate, with 95 % confidence; both `cut` where it is exact. */
  readonly from: number;
  readonly to: number;
}

/** Rows that a group is estimated from: with 300 the bounds are at most 6 % of the long rows from it. */
export const SAMPLE = 300;
/** Of the normal distribution, for 95 %. */
const Z = 1.96;

/**
 * The rows of a group that are cut, of those counted that were. The bounds are Wilson's score interval.
 * @param found of the counted ones, how many are cut
 */
export function estimateCut(
  group: Pick<CutRows, 'language' | 'split' | 'rows' | 'long' | 'counted'>,
  found: number,
): CutRows {
  const { long, counted } = group;
  if (counted >= long) return { ...group, cut: found, from: found, to: found };
  const share = found / counted;
  const spread = Z * Math.sqrt((share * (1 - share)) / counted + (Z / (2 * counted)) ** 2);
  const middle = share + Z ** 2 / (2 * counted);
  const scale = long / (1 + Z ** 2 / counted);
  // What was seen is certain: those that are cut, and those that are not.
  return {
    ...group,
    cut: Math.round(share * long),
    from: Math.max(found, Math.floor((middle - spread) * scale)),
    to: Math.min(long - (counted - found), Math.ceil((middle + spread) * scale)),
  };
}
