/** Two text files that are translations of each other, line by line, read side by side however large they are. */
import type { UnitTexts } from '../core/demonstration';
import { UserError } from '../core/messages';
import type { Field, Lang, UnitKey } from '../core/record';
import { chunksOf } from './chunks';

const MEBIBYTE = 1 << 20;
/** A longer line is no sentence, and a file without line ends would be read into memory as a whole. */
const MAX_LINE_BYTES = MEBIBYTE;
const NEWLINE = 0x0a;

export interface ParallelFiles {
  /** Paths. */
  readonly source: string;
  readonly target: string;
  readonly sourceLang: Lang;
  readonly targetLang: Lang;
}

export interface ParallelPiece {
  /** Line of the first of them, from 1. */
  readonly line: number;
  /** One a line, also where a side is blank: its only field is `text`, its id the number of its line. */
  readonly units: readonly UnitTexts[];
  /** Share of the source that was read by then, 0 to 1. */
  readonly done: number;
}

/**
 * Lines end with a line feed, with or without a carriage return before it; the last one may have none.
 * @throws UserError for a file that cannot be read, is not UTF-8 or has a line over 1 MiB; and, when all was read, where
 *   one file has more lines than the other: what was made of them till then is not to be trusted
 */
export async function* readParallel(
  files: ParallelFiles,
  signal?: AbortSignal,
): AsyncGenerator<ParallelPiece> {
  const sources = linesOf(files.source, signal);
  const targets = linesOf(files.target, signal);
  try {
    let line = 1;
    let waiting: readonly string[] = [];
    for await (const { lines, done } of sources) {
      while (waiting.length < lines.length) {
        const next = await targets.next();
        if (next.done) break;
        waiting = [...waiting, ...next.value.lines];
      }
      const both = Math.min(lines.length, waiting.length);
      const units = lines.slice(0, both).map((text, at) => pairOf(files, line + at, text, waiting[at] ?? ''));
      yield { line, units, done };
      line += both;
      waiting = waiting.slice(both);
      if (both < lines.length)
        throw unequal(files, line - 1 + lines.length - both + (await rest(sources)), line - 1);
    }
    const more = waiting.length + (await rest(targets));
    if (more > 0) throw unequal(files, line - 1, line - 1 + more);
  } finally {
    // Closes their files, also where this one is not read to its end.
    await Promise.all([sources.return(undefined), targets.return(undefined)]);
  }
}

/** @param number of the line, or of the unit of a TMX file, from 1: its id */
export function pairOf(
  { sourceLang, targetLang }: Pick<ParallelFiles, 'sourceLang' | 'targetLang'>,
  number: number,
  source: string,
  target: string,
): UnitTexts {
  const side = (text: string): readonly Field[] => [{ name: 'text', text }];
  const original = side(target);
  const key = `${number}@${targetLang}` as UnitKey;
  return { key, sourceLang, targetLang, source: side(source), target: original, original };
}

function unequal({ source, target }: ParallelFiles, sourceLines: number, targetLines: number): UserError {
  return new UserError('parallel.lines', source, sourceLines, target, targetLines);
}

/** How many lines are left. */
async function rest(lines: AsyncGenerator<Lines>): Promise<number> {
  let count = 0;
  for await (const piece of lines) count += piece.lines.length;
  return count;
}

interface Lines {
  readonly lines: readonly string[];
  readonly done: number;
}

async function* linesOf(path: string, signal: AbortSignal | undefined): AsyncGenerator<Lines> {
  let line = 1;
  let left: Buffer = Buffer.alloc(0);
  for await (const { bytes: chunk, done, isLast } of chunksOf(path, signal)) {
    const bytes = Buffer.concat([left, chunk]);
    const end = isLast ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
    left = bytes.subarray(end);
    if (left.length > MAX_LINE_BYTES)
      throw new UserError('parallel.longLine', path, line, MAX_LINE_BYTES / MEBIBYTE);
    if (end === 0) continue;
    const lines = decoded(path, bytes.subarray(0, end), line);
    if (line === 1 && lines[0]?.startsWith('\ufeff')) lines[0] = lines[0].slice(1);
    line += lines.length;
    yield { lines, done };
  }
}

/** @param first number of the first line */
function decoded(path: string, bytes: Buffer, first: number): string[] {
  // A mark in the middle of a file is text.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    const lines = decoder.decode(bytes).split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.map(line => (line.endsWith('\r') ? line.slice(0, -1) : line));
  } catch {
    let line = first;
    for (let start = 0; start < bytes.length; line++) {
      const end = bytes.indexOf(NEWLINE, start);
      const stop = end < 0 ? bytes.length : end;
      try {
        decoder.decode(bytes.subarray(start, stop));
      } catch {
        break;
      }
      start = stop + 1;
    }
    throw new UserError('parallel.notUtf8', path, line);
  }
}
