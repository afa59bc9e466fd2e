/**
 * Shards for measurements, made of the rows of `samples/sample.jsonl` with other ids, numbers and orders of words. The same
 * size gives the same bytes. Large ones take a while, so they stay in a folder until `npm run bench` ends.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { progress } from './benchReport';

export interface BenchData {
  readonly folder: string;
  /** JSON Lines; 1 GiB unless `BENCH_SIZE` says otherwise. */
  readonly large: string;
  /** The same size as one array, an indented member on each line. */
  readonly array: string;
  /** JSON Lines, 4 MB. */
  readonly small: string;
}

const SEED = 20_230_814;
/** Raised when the same seed gives other bytes. */
const VERSION = 1;
const SMALL_BYTES = 4_000_000;
const WRITE_BYTES = 1 << 20;
/** Words that change places with another in a text: rows differ, and still read like their language. */
const SWAPS = 4;
/** Rows of which one holds a rare word. */
const RARE_ROWS = 20_000;
/** In no row of the sample. */
export const RARE_WORD = 'Zwirbelhorn';
export const RARE_UMLAUT = 'Kräuterüberwurf';
type Texts = Readonly<Record<string, string>>;
interface Sample {
  readonly source: Texts;
  readonly target: Texts;
}

/** Bytes of the large shards. */
export const largeBytes = () => Number(process.env['BENCH_SIZE'] ?? 1 << 30);

/** Where the shards are: below `BENCH_DIR`, else the temporary folder. */
export const benchFolder = () => join(process.env['BENCH_DIR'] ?? tmpdir(), 'crossalpaca-bench');

/** Makes the shards, unless they are there already. */
export function benchData(): BenchData {
  const folder = benchFolder();
  const data = {
    folder,
    large: join(folder, 'large.jsonl'),
    array: join(folder, 'large.json'),
    small: join(folder, 'small.jsonl'),
  };
  const sample = readFileSync(join('samples', 'sample.jsonl'), 'utf8');
  const print = createHash('sha256').update(sample).digest('hex');
  const size = largeBytes();
  const made = JSON.stringify({ version: VERSION, seed: SEED, size, sample: print });
  const mark = join(folder, 'made.json');
  try {
    // The mark comes last: half of a shard has none.
    const isWhole = (path: string) => Math.abs(statSync(path).size - size) < WRITE_BYTES;
    if (readFileSync(mark, 'utf8') === made && isWhole(data.large) && isWhole(data.array)) return data;
  } catch {
    // Not there yet.
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const samples = sample
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Sample);
  for (const [path, bytes, isArray] of [
    [data.small, SMALL_BYTES, false],
    [data.large, size, false],
    [data.array, size, true],
  ] as const) {
    progress(`making ${path}, ${bytes} bytes`);
    write(path, bytes, isArray, samples);
  }
  writeFileSync(mark, made);
  return data;
}

function write(path: string, bytes: number, isArray: boolean, samples: readonly Sample[]): void {
  const make = rowMaker(samples);
  const file = openSync(path, 'w');
  let text = isArray ? '[\n' : '';
  let written = 0;
  for (let row = 0; written + text.length < bytes; row++) {
    if (!isArray) text += `${JSON.stringify(make(row))}\n`;
    // An array of one, without its brackets, is indented as it is in an array of many.
    else text += `${row === 0 ? '' : ',\n'}${JSON.stringify([make(row)], null, 2).slice(2, -2)}`;
    if (text.length < WRITE_BYTES) continue;
    written += writeSync(file, text);
    text = '';
  }
  writeSync(file, isArray ? `${text}\n]\n` : text);
  closeSync(file);
}

/** A side of a sample with the words of each text apart. */
type Words = readonly (readonly [name: string, words: readonly string[]])[];

/** @returns what gives the record of a row; rows are to be asked for in their order */
function rowMaker(samples: readonly Sample[]): (row: number) => object {
  const random = seeded(SEED);
  const split = (side: Texts): Words => Object.entries(side).map(([name, text]) => [name, text.split(' ')]);
  const templates = samples.map(sample => ({
    ...sample,
    source: split(sample.source),
    target: split(sample.target),
  }));
  const fill = (side: Words) =>
    Object.fromEntries(side.map(([name, words]) => [name, reworded(words, random)]));
  return row => {
    const template = templates[row % templates.length]!;
    const source = fill(template.source);
    const target = fill(template.target);
    if (row % RARE_ROWS === RARE_ROWS / 4) target['output'] = `${target['output']} ${RARE_WORD}`;
    if (row % RARE_ROWS === RARE_ROWS / 2) target['output'] = `${target['output']} ${RARE_UMLAUT}`;
    return { ...template, id: `r${row}`, source, target, score: Math.floor(random() * 100) };
  };
}

function reworded(words: readonly string[], random: () => number): string {
  const mixed = [...words];
  const any = () => Math.floor(random() * words.length);
  for (let swap = 0; swap < Math.min(SWAPS, words.length >> 1); swap++) {
    const [a, b] = [any(), any()];
    [mixed[a], mixed[b]] = [mixed[b]!, mixed[a]!];
  }
  return mixed.join(' ').replace(/\d/g, () => String(Math.floor(random() * 10)));
}

/**
 * Numbers from 0 up to 1, the same for the same seed: a linear congruential generator modulo 2^32 with the factors of
 * Numerical Recipes (Press and others, "An Even Quicker Generator"). Good enough to shuffle words.
 */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
