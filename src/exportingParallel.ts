/** Parallel texts that nobody reviews, as sources of an export: two text files line by line, or two languages of a TMX file. */
import type { UnitTexts } from './core/demonstration';
import { UserError } from './core/messages';
import type { RecipeShard } from './core/recipe';
import { NOTHING_DONE, type Source, type SourceFile, type SourceUnit } from './exportingSources';
import { isSameFile, withFile } from './io/files';
import { pairOf, readParallel, type ParallelFiles } from './io/parallelText';
import { isTmx, readTmx, type TmxLangs } from './io/tmx';

/**
 * @param files their absolute paths and languages; of a TMX file twice the same path
 * @throws UserError where one of them cannot be read; as `readParallel` and `readTmx` do while they are read
 */
export async function parallelSource(shard: RecipeShard, files: ParallelFiles): Promise<Source> {
  const file = async (path: string, absolute: string): Promise<SourceFile> => {
    const identity = await withFile(absolute, (_file, found) => Promise.resolve(found));
    return { path, absolute, identity };
  };
  const isMemory = isTmx(files.source) || isTmx(files.target);
  if (isMemory && !(await isSameFile(files.source, files.target)))
    throw new UserError('tmx.oneFile', isTmx(files.source) ? files.source : files.target);
  const source = await file(shard.path, files.source);
  return {
    shard,
    files: isMemory ? [source] : [source, await file(shard.parallel?.path ?? '', files.target)],
    reviewers: [],
    read: signal =>
      isMemory ? translationUnits(shard, files.source, files, signal) : lines(shard, files, signal),
    knowsRepeated: true,
    findRepeated: () => Promise.resolve(false),
    reviews: [],
    reviewsNow: () => Promise.resolve([]),
    team: undefined,
    close: () => undefined,
  };
}

type Pieces = ReturnType<Source['read']>;

/** @param line where it stands, from 1; `row` is the record's, from 0 */
function unitOf(shard: RecipeShard, texts: UnitTexts, row: number, line: number): SourceUnit {
  const common = { texts, own: texts, state: 'pending', occurrence: 1 } as const;
  return { row, unit: { ...common, line, shard, done: NOTHING_DONE } };
}

async function* lines(shard: RecipeShard, files: ParallelFiles, signal: AbortSignal | undefined): Pieces {
  for await (const { line, units, done } of readParallel(files, signal))
    yield { units: units.map((texts, at) => unitOf(shard, texts, line - 1 + at, line + at)), done };
}

/** The id of a unit is its number in the file, as that of a line is: a `tuid` may stand there more than once, or not at all. */
async function* translationUnits(
  shard: RecipeShard,
  path: string,
  langs: TmxLangs,
  signal: AbortSignal | undefined,
): Pieces {
  for await (const { units, done } of readTmx(path, langs, signal)) {
    const read = units.map(({ number, line, source, target, hadCodes }): SourceUnit => {
      const row = number - 1;
      if (!source || !target || source.left || target.left) return { row, unit: { left: 'bad' } };
      const unit = unitOf(shard, pairOf(langs, number, source.text, target.text), row, line);
      return hadCodes ? { ...unit, hadCodes } : unit;
    });
    yield { units: read, done };
  }
}
