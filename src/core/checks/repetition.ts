/** Loops, as models fall into: the same word, phrase or line again and again. */
import type { Check, FieldPair, Hit } from '../check';
import { say } from '../messages';

/** A stretch of text that is one piece again and again. */
interface Loop {
  readonly start: number;
  readonly end: number;
  readonly period: number;
}

/** Characters by which an earlier occurrence is looked up: few enough for words of Chinese, enough to be no coincidence. */
const GRAM = 6;
/** Of the hash of a gram, rolled on from one to the next. */
const BASE = 0x01000193;
const FIRST_WEIGHT = Array.from({ length: GRAM - 1 }).reduce<number>(power => Math.imul(power, BASE), 1);
const MIX = 0x9e3779b1;
const MAX_BITS = 16;

/** What counts as a loop. */
interface Limits {
  /** Shorter texts hold none. */
  readonly length: number;
  /** What is repeated, beyond its first occurrence, in characters. */
  readonly copied: number;
  readonly times: number;
  /** Of a whole sentence fewer are enough, since nobody writes it so often. */
  readonly timesOfLong: number;
}
const DAMAGE: Limits = { length: 24, copied: 20, times: 4, timesOfLong: 3 };
/** In the source less is enough to show that repeating was meant. */
const MEANT: Limits = { length: 8, copied: 3, times: 2, timesOfLong: 2 };
const LONG_PERIOD = 20;
/** Half of what is repeated are letters at least: dashes, blanks, tables and figures are no loops. */
const MIN_LETTERS = 0.5;
const LETTER = /[\p{L}\p{M}]/gu;
/** The target's loop is this many times as long as one of the source: songs and jokes repeat themselves, too. */
const MORE_THAN_SOURCE = 2;

/**
 * The longest loop of a text. Linear: every position is compared with one earlier one, that of the last occurrence of its
 * gram, or the one that the loop so far points to.
 */
function longestLoop(text: string, limits: Limits): Loop | undefined {
  if (text.length < limits.length) return undefined;
  const shift = 32 - Math.min(MAX_BITS, Math.ceil(Math.log2(text.length)) + 1);
  // Position after the last gram with that hash; 0 for none.
  const last = new Int32Array(1 << (32 - shift));
  let best: Loop | undefined;
  let period = 0;
  let start = 0;
  let gram = 0;
  for (let i = 0; i <= text.length; i++) {
    const char = text.charCodeAt(i);
    if (period > 0 && (i === text.length || char !== text.charCodeAt(i - period))) {
      const loop = { start: start - period, end: i, period };
      if (isLoop(text, loop, limits) && (!best || copied(loop) > copied(best))) best = loop;
      period = 0;
    }
    if (i >= GRAM) {
      const slot = Math.imul(gram, MIX) >>> shift;
      const before = last[slot] ?? 0;
      last[slot] = i;
      if (period === 0 && before > 0 && sameGram(text, before, i) && text.charCodeAt(before) === char) {
        period = i - before;
        start = i - GRAM;
      }
      gram = (gram - Math.imul(text.charCodeAt(i - GRAM), FIRST_WEIGHT)) | 0;
    }
    gram = (Math.imul(gram, BASE) + char) | 0;
  }
  return best;
}

function sameGram(text: string, before: number, after: number): boolean {
  for (let i = 1; i <= GRAM; i++) {
    if (text.charCodeAt(before - i) !== text.charCodeAt(after - i)) return false;
  }
  return true;
}

const copied = ({ start, end, period }: Loop) => end - start - period;
const times = ({ start, end, period }: Loop) => Math.floor((end - start) / period);

function isLoop(text: string, loop: Loop, limits: Limits): boolean {
  const { start, period } = loop;
  if (copied(loop) < limits.copied) return false;
  if (times(loop) < (period >= LONG_PERIOD ? limits.timesOfLong : limits.times)) return false;
  const letters = text.slice(start, start + period).match(LETTER)?.length ?? 0;
  return letters >= MIN_LETTERS * period;
}

/** What comes again and again between other things: the same line, or sentence, with another number perhaps. */
interface Repeated {
  readonly times: number;
  /** Of the second occurrence. */
  readonly start: number;
  readonly end: number;
}

const PART = /[^.!?。！？؟।\n]+/g;
const NOT_SAID = /[\p{N}\p{P}\p{S}\s]+/gu;
/** Shorter lines may well be the same: "Yes", "Total". */
const MIN_PART = 15;
const MIN_PART_DENSE = 6;
const DENSE = /[\u2e80-\ud7ff]/;
const MIN_PARTS = 4;

/** The line or sentence that comes most often; of the shortest that count when `minLength` is that. */
function mostRepeated(text: string, minLength: number): Repeated | undefined {
  if (text.length < MIN_PARTS * MIN_PART_DENSE) return undefined;
  const seen = new Map<string, Repeated>();
  let best: Repeated | undefined;
  for (const { 0: part, index } of text.matchAll(PART)) {
    if (part.length < MIN_PART_DENSE) continue;
    const said = part.replace(NOT_SAID, ' ').trim().toLowerCase();
    if (said.length < (DENSE.test(said) ? MIN_PART_DENSE : minLength)) continue;
    const before = seen.get(said);
    const start = index + (part.length - part.trimStart().length);
    const place = before && before.times > 1 ? before : { start, end: index + part.length };
    const now = { start: place.start, end: place.end, times: (before?.times ?? 0) + 1 };
    seen.set(said, now);
    if (!best || now.times > best.times) best = now;
  }
  return best;
}

function repetitionHit(pair: FieldPair): Hit | undefined {
  const { name, source, target } = pair;
  return loopHit() ?? partsHit();

  function loopHit(): Hit | undefined {
    const loop = longestLoop(target, DAMAGE);
    if (!loop) return undefined;
    const meant = longestLoop(source, MEANT);
    const more = (measure: (loop: Loop) => number) =>
      !meant || measure(loop) >= MORE_THAN_SOURCE * measure(meant);
    if (!more(copied) || !more(times) || pair.isCode) return undefined;
    const { start, end, period } = loop;
    return { field: name, start: start + period, end, message: say('damage.loop', times(loop)) };
  }

  function partsHit(): Hit | undefined {
    const repeated = mostRepeated(target, MIN_PART);
    if (!repeated || repeated.times < MIN_PARTS) return undefined;
    const meant = mostRepeated(source, MIN_PART_DENSE)?.times ?? 1;
    if (repeated.times < MORE_THAN_SOURCE * meant || pair.isCode) return undefined;
    const { start, end } = repeated;
    return { field: name, start, end, message: say('damage.lines', repeated.times) };
  }
}

export const REPETITION_CHECK: Check = {
  id: 'repetition',
  title: 'check.repetition',
  severity: 'warning',
  needs: [],
  run: ({ pairs }) => pairs.flatMap(pair => repetitionHit(pair) ?? []),
};
