/** One export from its sources to its rows: straight on in file order, or chosen, divided and shuffled by way of the disk. */
import { join } from 'node:path';
import { formatOf, rowJson } from './core/formats';
import type { Recipe } from './core/recipe';
import { ReviewTexts } from './core/reviewTexts';
import { Choice, NUMBERED, numbered, rankOf } from './exportingChoice';
import { Counting, type Label } from './exportingCounts';
import { labelOf, passOver } from './exportingPass';
import type { Source } from './exportingSources';
import { Division } from './exportingSplits';
import { unlessAborted } from './io/aborting';
import { Buckets } from './io/buckets';
import { sha256 } from './io/passes';
import type { TrainingFiles } from './io/trainingFiles';

/** Of the time of an export, what its reading takes where rows go by way of the disk. */
const READING = 0.7;

/** Takes the rows; once `close` was called, the same come again from the first one. */
export type RowSink = Pick<TrainingFiles, 'write' | 'close'>;

/** What an export is made with. */
export interface RunOptions {
  readonly recipe: Recipe;
  readonly sources: readonly Source[];
  /** Folder for what is gone afterwards; absolute, empty. */
  readonly work: string;
  /** Undefined: rows are only counted. */
  readonly files: RowSink | undefined;
  /** Whether a text is a near-copy of a question that must not be trained on. */
  readonly isQuestion: (text: string) => boolean;
  /** Of a reviewer's name. */
  readonly pseudonym: (name: string) => string;
  /** Whether ids begin with the name of the shard: always where another shard may join later. */
  readonly areNamed: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (done: number) => void;
}

/** @throws UserError as the sources do; errors of the disk as they are */
export function makeRows(options: RunOptions): Promise<Counting> {
  return isStraight(options.recipe) ? straight(options) : chosen(options);
}

/** Whether every candidate goes in, where it is met. */
function isStraight({ shuffle, deduplicate, splits, entries }: Recipe): boolean {
  return (
    !shuffle && !deduplicate && splits.train === 1 && entries.every(({ amount }) => amount.kind === 'all')
  );
}

/**
 * Which keys stand on several rows is known only when all keys are, and waiting for that would take as long as all the rest.
 * So it is looked at afterwards: where there are such keys, which is rare, everything is made once more.
 */
async function straight(options: RunOptions): Promise<Counting> {
  const { sources, files } = options;
  const reviews = new ReviewTexts(sha256, options.pseudonym);
  const format = formatOf(options.recipe.format);
  for (;;) {
    const isKnown = sources.every(({ knowsRepeated }) => knowsRepeated);
    const counting = new Counting();
    await passOver(sources, options.recipe, counting, {
      ...options,
      sha256,
      onUnit: () => undefined,
      onCandidate: candidate => {
        counting.goesIn(labelOf(candidate), 'train');
        if (!files) return undefined;
        const review = reviews.of(candidate.written, candidate.review);
        counting.reviews.add(reviews.alike(review));
        return files.write('train', rowJson(format, candidate.row, candidate.written), review.json);
      },
    });
    if (isKnown || !(await anyRepeated(options))) return counting;
    await files?.close();
  }
}

async function anyRepeated({ sources, signal }: RunOptions): Promise<boolean> {
  const all = Promise.all(sources.map(source => source.findRepeated()));
  const found = await unlessAborted(all, signal);
  return found.includes(true);
}

/** What is kept of a candidate until it is its turn, before its row and the review of it, which stay the text that they are. */
type Kept = readonly [number: number, record: number, label: Label, template: number | null];
/** Between them; JSON holds none. */
const TAB = '\t';

async function chosen(options: RunOptions): Promise<Counting> {
  const { recipe, sources, work, files } = options;
  await anyRepeated(options);
  const counting = new Counting();
  const reviews = new ReviewTexts(sha256, options.pseudonym);
  const format = formatOf(options.recipe.format);
  const choice = await Choice.make(recipe, work, sha256);
  const kept = await Buckets.make(join(work, 'rows'));
  const division = await Division.make(recipe, work, sha256);
  try {
    await passOver(sources, recipe, counting, {
      ...options,
      sha256,
      onProgress: done => options.onProgress(done * READING),
      onUnit: (record, unit) => division.add(record, unit),
      onCandidate: async candidate => {
        await choice.add(candidate);
        const { number, record, made, row } = candidate;
        // In the order of reading all have the same rank, and so one bucket, which is read piece by piece.
        const rank = recipe.shuffle ? rankOf('shuffle', recipe.seed, made.id, sha256) : UNSHUFFLED;
        const review = files && reviews.of(candidate.written, candidate.review);
        const own: Kept = [number, record, labelOf(candidate), review?.template ?? null];
        const texts = review ? [rowJson(format, row, candidate.written), review.json] : [];
        await kept.add(numbered(rank, number) + [JSON.stringify(own), ...texts].join(TAB));
      },
    });
    const isOut = await choice.settle(counting, options.signal);
    const splitOf = await division.settle(options.signal);
    let done = 0;
    for await (const lines of recipe.shuffle ? kept.ranked() : kept.inOrder()) {
      options.signal?.throwIfAborted();
      for (const line of lines) {
        const [own = '', row, json] = line.slice(NUMBERED).split(TAB);
        const [number, record, label, template] = JSON.parse(own) as Kept;
        if (isOut(number)) continue;
        const split = splitOf(record);
        counting.goesIn(label, split);
        if (!files || row === undefined || json === undefined) continue;
        counting.reviews.add(reviews.alike({ json, template: template ?? undefined }));
        const writing = files.write(split, row, json);
        if (writing) await writing;
      }
      done += lines.length;
      options.onProgress(READING + ((1 - READING) * done) / kept.lines);
    }
    return counting;
  } finally {
    await choice.close();
    await division.close();
    await kept.close();
  }
}

const UNSHUFFLED = '0'.repeat(16);
