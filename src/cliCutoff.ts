/** `export --cutoff`: the rows that a trainer would cut, counted by a server before anything is written. */
import { serverOf } from './cliBackend';
import { UsageError } from './cliReport';
import { MAX_CUTOFF, readCutoff, SAMPLE, type CutRows } from './core/cutoff';
import type { Recipe } from './core/recipe';
import type { ReadOptions } from './exporting';
import { countCut } from './exportingCutoff';
import type { Backend } from './io/inference';

/** What says which tokens are counted, and where; undefined: not said. */
export interface CutoffArguments {
  readonly cutoff?: string | undefined;
  readonly url?: string | undefined;
  readonly model?: string | undefined;
  readonly 'allow-remote'?: boolean | undefined;
}

/** Undefined where nobody asked. */
export interface Cutoff {
  readonly tokens: number;
  readonly backend: Backend;
}

/** Requests at a time: a tokenizer answers in a millisecond. */
const CONCURRENCY = 4;

/**
 * @param warn is told which machine the texts are sent to, if it is another one
 * @throws UsageError, also where the server is not on this machine and that was not allowed
 */
export function cutoffOf(
  { cutoff, url, model, 'allow-remote': mayGo }: CutoffArguments,
  warn: (line: string) => void,
): Cutoff | undefined {
  if (cutoff === undefined) {
    if (url ?? model ?? mayGo) throw new UsageError('--url, --model and --allow-remote go with --cutoff');
    return undefined;
  }
  const tokens = readCutoff(cutoff);
  if (tokens === undefined) throw new UsageError(`--cutoff is a number of tokens from 1 to ${MAX_CUTOFF}`);
  if (url === undefined || url === '')
    throw new UsageError('--cutoff needs --url, the server whose model counts the tokens');
  const { apiKey } = serverOf(url, mayGo, 'texts of the export', warn);
  return { tokens, backend: { url, model: model ?? '', api: 'openai', ...(apiKey && { apiKey }) } };
}

/** @throws as `countCut` does */
export function cutRows(
  { tokens, backend }: Cutoff,
  recipe: Recipe,
  options: ReadOptions,
): Promise<CutRows[]> {
  return countCut(recipe, { ...options, cutoff: tokens, profile: { backend, concurrency: CONCURRENCY } });
}

/** A line for each language and split. */
export function cutInWords({ tokens }: Cutoff, groups: readonly CutRows[]): string[] {
  const isSampled = groups.some(({ counted, long }) => counted < long);
  return [
    `  rows with more than ${tokens} tokens:`,
    ...groups.map(({ language, split, rows, long, counted, cut, from, to }) =>
      counted < long
        ? `    ${language}, ${split}: about ${cut} of ${rows} (${from} to ${to})`
        : `    ${language}, ${split}: ${cut} of ${rows}`,
    ),
    ...(isSampled
      ? [`    “about”: by ${SAMPLE} of the rows that could be too long; in brackets with 95 % confidence`]
      : []),
  ];
}
