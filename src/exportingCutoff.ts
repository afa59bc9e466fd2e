/**
 * How many rows of an export a trainer would cut, by language and split: the backend's tokenizer counts those that could be too
 * long. A token stands for at least one byte, so a row with fewer bytes than the cutoff has tokens is not asked about.
 */
import type { Profile } from './asking';
import { bytesOf, estimateCut, SAMPLE, trainedText, type CutRows, type TrainedText } from './core/cutoff';
import { formatOf, type Row } from './core/formats';
import type { Demonstration } from './core/demonstration';
import type { Recipe, Splits } from './core/recipe';
import { previewExport, type ReadOptions } from './exporting';
import type { RowSink } from './exportingRun';
import { sha256 } from './io/passes';
import { Pool } from './io/pool';
import { TokenCounter } from './io/tokenCount';

/** Of the whole time, what making the rows takes. */
const MAKING = 0.3;

export interface CutoffOptions extends ReadOptions {
  /** Tokens. */
  readonly cutoff: number;
  /** The server that counts. */
  readonly profile: Pick<Profile, 'backend' | 'concurrency'>;
}

/**
 * Counts every row that could be too long, or of each language and split with more of them a sample of 300, which is the same
 * each time: those whose ids have the least hashes.
 * @returns by language and split, in the order of their names
 * @throws as `previewExport` and `TokenCounter.count` do; the reason of the signal
 */
export async function countCut(recipe: Recipe, options: CutoffOptions): Promise<CutRows[]> {
  const { cutoff, profile, onProgress } = options;
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const counter = new TokenCounter(profile.backend);
  // What the marks of beginning and end, and those of a chat template, add to the text at most.
  const bare = trainedText(recipe.format, bareRow(recipe), recipe.trailingNewline);
  const overhead = await counter.count(bare, signal).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    throw error;
  });
  const sample = new RowSample(recipe, cutoff - overhead);
  await previewExport(recipe, { ...options, onProgress: done => onProgress?.(done * MAKING) }, sample);
  const pool = new Pool(profile.concurrency);
  const all = sample.groups.flatMap(group => group.chosen.map(({ trained }) => ({ group, trained })));
  let done = 0;
  const found = new Map<Group, number>();
  const count = async ({ group, trained }: (typeof all)[number]) => {
    const tokens = await pool.run(() => counter.count(trained, signal), signal);
    if (tokens > cutoff) found.set(group, (found.get(group) ?? 0) + 1);
    onProgress?.(MAKING + ((1 - MAKING) * ++done) / all.length);
  };
  try {
    await Promise.all(all.map(count));
  } catch (error) {
    // The others are not waited for.
    stop.abort(error);
    options.signal?.throwIfAborted();
    throw error;
  }
  return sample.groups.map(group => {
    const { language, split, rows, long } = group;
    return estimateCut({ language, split, rows, long, counted: group.chosen.length }, found.get(group) ?? 0);
  });
}

/** Of the format, with one letter of text. */
function bareRow({ format, trailingNewline }: Recipe): Row {
  const demonstration: Demonstration = {
    ...{ id: '', kind: 'instruction', instruction: 'a', input: '', output: 'a', rejected: 'a', repaired: 0 },
    langs: ['en', 'en'],
  };
  return formatOf(format).row(demonstration, { trailingNewline }) ?? {};
}

interface Ranked {
  readonly rank: string;
  readonly trained: TrainedText;
}

/** Rows of a language in a split. */
interface Group {
  readonly language: string;
  readonly split: keyof Splits;
  rows: number;
  long: number;
  /** Those to be counted, by rank. */
  readonly chosen: Ranked[];
}

/** Takes rows, and keeps a sample of those with more bytes than `bytes`. */
class RowSample implements RowSink {
  readonly #recipe: Recipe;
  readonly #bytes: number;
  readonly #groups = new Map<string, Group>();

  constructor(recipe: Recipe, bytes: number) {
    this.#recipe = recipe;
    this.#bytes = bytes;
  }

  get groups(): readonly Group[] {
    return [...this.#groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  }

  /** @param row @param review as JSON */
  write(split: keyof Splits, row: string, review: string): undefined {
    const said = (JSON.parse(review) as Row)['output_language'];
    const language = typeof said === 'string' ? said : '';
    const name = `${language} ${ORDER.indexOf(split)}`;
    let group = this.#groups.get(name);
    if (!group) this.#groups.set(name, (group = { language, split, rows: 0, long: 0, chosen: [] }));
    group.rows++;
    const read = JSON.parse(row) as Row;
    const trained = trainedText(this.#recipe.format, read, this.#recipe.trailingNewline);
    if (bytesOf(trained) <= this.#bytes) return;
    group.long++;
    const rank = sha256(JSON.stringify(['cutoff', read['id'] ?? '']));
    const { chosen } = group;
    if (chosen.length === SAMPLE && rank >= (chosen.at(-1)?.rank ?? '')) return;
    const at = chosen.findIndex(other => other.rank > rank);
    chosen.splice(at < 0 ? chosen.length : at, 0, { rank, trained });
    if (chosen.length > SAMPLE) chosen.pop();
  }

  close(): Promise<void> {
    this.#groups.clear();
    return Promise.resolve();
  }
}

const ORDER: readonly (keyof Splits)[] = ['train', 'validation', 'test'];
