/** What a reviewer may ask a model for, and what comes of it: the words that prompt, session, page and command line share. */
import type { Said } from './messages';
import type { IgnoredPlace } from './protocol';
import type { Field, Lang } from './record';

/** `translate`: the source once more; `answer`: the instruction is carried out anew in the target language. */
export const MODES = ['translate', 'answer'] as const;
export type Mode = (typeof MODES)[number];

/** How a record is cut into requests: all its fields in one, one a field, or one a paragraph where even that is too long. */
export const SPLITS = ['record', 'field', 'paragraph'] as const;
export type Split = (typeof SPLITS)[number];

/** Candidates that one key may ask for. */
export const MAX_COUNT = 8;
/** UTF-16 units of a line of advice. */
export const MAX_ADVICE = 500;

/** What is asked of a model about one unit. */
export interface Wish {
  readonly mode: Mode;
  /** Target fields to be written anew, in their order. Empty: every one whose source is not empty. */
  readonly fields: readonly string[];
  /** A line from the reviewer, such as "more formal"; empty: none. */
  readonly advice: string;
  /** The finding that is to be mended; the model is told of it. */
  readonly finding: IgnoredPlace | null;
  /** Candidates, each with a seed of its own; from 1 to {@link MAX_COUNT}. */
  readonly count: number;
  readonly split: Split;
}

/** A unit as a model may see it: its current texts. */
export interface PromptUnit {
  readonly sourceLang: Lang;
  readonly targetLang: Lang;
  readonly source: readonly Field[];
  readonly target: readonly Field[];
}

/** What is wrong with a candidate that checks cannot see: a placeholder lost, the text cut. */
export interface Proposed {
  readonly fields: readonly Field[];
  readonly problems: readonly Said[];
}

/** What became of one unit in a run over many. */
export const OUTCOMES = [
  /** A candidate with nothing to warn about. */
  'good',
  /** A candidate that a check warns about, or that lost something. */
  'suspect',
  /** Nothing to ask: no source text, or no finding in it. */
  'nothing',
  /** The request is longer than the model can read. */
  'too-long',
  /** The answer was cut, empty, or not what was asked for. */
  'unusable',
  /** The server failed or refused. */
  'failed',
  /** The record changed while the model wrote, or is in conflict. */
  'changed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type Outcomes = Readonly<Record<Outcome, number>>;
