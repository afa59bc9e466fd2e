/** The lines of a growing file, a piece at a time: neither its size nor that of a line decides what is held in memory. */
import { breathe } from './breath';
import type { FileHandle } from 'node:fs/promises';
import { readAt } from './files';

export const NEWLINE = 10;
/**
 * 8 MiB. The largest event is the approval of a record, which holds its target text: that of a record of several megabytes fits.
 * A file that is one endless line does not take more memory than this.
 */
export const MAX_LINE_BYTES = 8 << 20;
/** 1 MiB read at once: fewer turns to the disk and back. */
const PIECE_BYTES = 1 << 20;
/** 64 KiB taken in at one go: about 1 ms. */
const GO_BYTES = 64 << 10;
/** Lines taken in at one go where they are short: a few milliseconds even where each is refused. */
const GO_LINES = 1000;

/** A line among the bytes of a file that were read. */
export interface Source {
  readonly bytes: Buffer;
  /** First byte of the line in them, and the one after its last. */
  readonly from: number;
  readonly to: number;
  /** First byte of the line in the file. */
  readonly offset: number;
}

/** How far a file has been read. */
export interface LinePlace {
  /** Bytes: the end of the last whole line, or of what was passed over of a line beyond `MAX_LINE_BYTES`. */
  readonly offset: number;
  /** Lines before it. */
  readonly lines: number;
  /** Whether it is within a line beyond `MAX_LINE_BYTES`. */
  readonly within: boolean;
}

/**
 * Gets a line with its number from 1.
 * @param line its bytes as Latin-1, a character each: enough to tell whether it is JSON, and several times as quick as
 * the text; undefined in place of a line beyond `MAX_LINE_BYTES`, as soon as that is known
 * @param source where it is
 */
export type TakeRawLine = (line: string | undefined, number: number, source: Source) => void;

export const LINES_START: LinePlace = { offset: 0, lines: 0, within: false };

/**
 * Reads on from `place` up to byte `end`, or to the end of the file if that comes first.
 * @param take gets each whole line
 * @returns how far it came, and the bytes of the line begun there
 */
export async function readRawLines(
  file: FileHandle,
  place: LinePlace,
  end: number,
  take: TakeRawLine,
): Promise<{ place: LinePlace; rest: Buffer }> {
  let { lines, within } = place;
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let position = place.offset;
  const piece = (from: number) => {
    const read = readAt(file, from, Math.min(PIECE_BYTES, end - from));
    // Awaited below; until then a failure is nobody's.
    read.catch(() => undefined);
    return read;
  };
  let next = piece(position);
  while (position < end) {
    let bytes = await next;
    // The file has become shorter meanwhile.
    if (bytes.length === 0) break;
    let start = position;
    position += bytes.length;
    // It comes in while this one is worked on.
    next = piece(position);
    const first = bytes.indexOf(NEWLINE);
    if (!within && begunBytes + (first < 0 ? bytes.length : first) > MAX_LINE_BYTES) {
      take(undefined, lines + 1, { bytes, from: 0, to: 0, offset: position });
      within = true;
      begun = [];
      begunBytes = 0;
    }
    if (within) {
      if (first < 0) continue;
      within = false;
      lines++;
      bytes = bytes.subarray(first + 1);
      start += first + 1;
    }
    if (begunBytes > 0 && first >= 0) {
      const whole = Buffer.concat([...begun, bytes.subarray(0, first)]);
      lines = await takeAll(whole, start - begunBytes, lines, take);
      bytes = bytes.subarray(first + 1);
      start += first + 1;
      begun = [];
      begunBytes = 0;
    }
    const last = bytes.lastIndexOf(NEWLINE);
    if (last >= 0) {
      lines = await takeAll(bytes.subarray(0, last), start, lines, take);
      bytes = bytes.subarray(last + 1);
    }
    if (bytes.length > 0) begun.push(bytes);
    begunBytes += bytes.length;
  }
  return { place: { offset: position - begunBytes, lines, within }, rest: Buffer.concat(begun) };
}

/**
 * Gives all lines of `bytes` away, a go at a time.
 * @param start of them in the file
 * @returns the number of the last one
 */
async function takeAll(bytes: Buffer, start: number, before: number, take: TakeRawLine): Promise<number> {
  let lines = before;
  for (let from = 0; from <= bytes.length;) {
    // As many whole lines as fit, at least one.
    const fits = from + GO_BYTES < bytes.length ? bytes.lastIndexOf(NEWLINE, from + GO_BYTES) : bytes.length;
    const end = fits >= from ? fits : bytes.indexOf(NEWLINE, from + GO_BYTES);
    const to = end < 0 ? bytes.length : end;
    const text = bytes.toString('latin1', from, to);
    for (let at = 0; at <= text.length;) {
      const found = text.indexOf('\n', at);
      const lineEnd = found < 0 ? text.length : found;
      lines++;
      const first = from + at;
      take(text.slice(at, lineEnd), lines, { bytes, from: first, to: from + lineEnd, offset: start + first });
      at = lineEnd + 1;
      if ((lines - before) % GO_LINES === 0) await breathe();
    }
    from = to + 1;
    await breathe();
  }
  return lines;
}

/** As `readRawLines`, with the text of each line. */
export function readLines(
  file: FileHandle,
  place: LinePlace,
  end: number,
  take: (line: string | undefined, number: number) => void,
): Promise<{ place: LinePlace; rest: Buffer }> {
  return readRawLines(file, place, end, (raw, number, source) =>
    take(raw === undefined ? undefined : lineText(source), number),
  );
}

/** The text of a line; what is not UTF-8 shows as U+FFFD. */
export function lineText({ bytes, from, to }: Source): string {
  return bytes.toString('utf8', from, to);
}
