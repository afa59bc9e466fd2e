/**
 * Measures the pairing of two files on real parallel data that are put out of order: how many of the pairs are right, how many
 * of the rows that have a counterpart are paired, and what it costs. Prints Markdown. The data are not part of the project:
 * without them it says so, and that is no failure.
 *
 *   npx esbuild test/bench/pairing.ts --bundle --platform=node --format=cjs --outfile=out/bench-pairing.cjs
 *   node out/bench-pairing.cjs [data folder, ../shared/data by default]
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NONE } from '../../src/core/lexicon';
import { pairRows, type Row } from '../../src/core/pairing';
import { segmentsOf } from '../../src/core/segments';
import { alpaca } from '../helpers/builders';
import { randomOf, shuffled } from '../helpers/twoLanguages';

interface Parallel {
  readonly source: readonly Row[];
  readonly target: readonly Row[];
}

/** Which rows each file has left, in its order. */
interface Order {
  readonly source: readonly number[];
  readonly target: readonly number[];
}

type Random = () => number;

const data = process.argv[2] ?? '../shared/data';
const SEED = 1;

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
const inBlocks = (rows: readonly number[], size: number, random: Random) =>
  upTo(Math.ceil(rows.length / size)).flatMap(at => shuffled(rows.slice(at * size, (at + 1) * size), random));
const without = (rows: readonly number[], share: number, random: Random) =>
  rows.filter(() => random() >= share);

/** Ways in which two files that once were in one order come to differ. */
const ORDERS: Readonly<Record<string, (rows: number[], random: Random) => Order>> = {
  'same order': rows => ({ source: rows, target: rows }),
  'shuffled in blocks of 100': (rows, random) => ({ source: rows, target: inBlocks(rows, 100, random) }),
  'shuffled in blocks of 1,000': (rows, random) => ({ source: rows, target: inBlocks(rows, 1000, random) }),
  'shuffled altogether': (rows, random) => ({ source: rows, target: shuffled(rows, random) }),
  reversed: rows => ({ source: rows, target: [...rows].reverse() }),
  '5 % lost': (rows, random) => ({ source: rows, target: without(rows, 0.05, random) }),
  '30 % lost': (rows, random) => ({ source: rows, target: without(rows, 0.3, random) }),
  '5 % lost in each': (rows, random) => ({
    source: without(rows, 0.05, random),
    target: without(rows, 0.05, random),
  }),
  '3 % twice': (rows, random) => ({
    source: rows,
    target: rows.flatMap(row => (random() < 0.03 ? [row, row] : [row])),
  }),
  'shifted by 7 after row 500, back later': rows => {
    const back = Math.floor(rows.length * 0.6);
    const target = [
      ...rows.slice(0, 500),
      ...rows.slice(507, back),
      ...rows.slice(500, 507),
      ...rows.slice(back),
    ];
    return { source: rows, target };
  },
  '3 % replaced by other rows': (rows, random) => {
    const half = rows.length >> 1;
    const target = rows.slice(0, half).map(row => (random() < 0.03 ? row + half : row));
    return { source: rows.slice(0, half), target };
  },
  'a fifth, shuffled': (rows, random) => ({
    source: rows,
    target: shuffled(rows, random).slice(0, rows.length / 5),
  }),
  'unrelated: two halves': rows => ({
    source: rows.slice(0, rows.length >> 1),
    target: rows.slice(rows.length >> 1),
  }),
};

function measure(name: string, parallel: Parallel): void {
  const rows = Math.min(parallel.source.length, parallel.target.length);
  console.log(`\n## ${name}, ${rows} rows\n\n| order | pairs | wrong | precision % | coverage % | ms |`);
  console.log('|---|---|---|---|---|---|');
  for (const [what, make] of Object.entries(ORDERS)) {
    const order = make(upTo(rows), randomOf(SEED));
    const started = process.cpuUsage().user;
    const pairs = pairsOf({
      source: order.source.map(row => parallel.source[row] ?? []),
      target: order.target.map(row => parallel.target[row] ?? []),
    });
    const milliseconds = (process.cpuUsage().user - started) / 1000;
    const wanted = new Set(order.target);
    const possible = order.source.filter(row => wanted.has(row)).length;
    const isRight = (row: number, other: number) =>
      sameText(parallel.target[order.source[row] ?? -1], parallel.target[order.target[other] ?? -1]);
    const found = [...pairs.entries()].filter(([, other]) => other !== NONE);
    const right = found.filter(([row, other]) => isRight(row, other)).length;
    const percent = (part: number, whole: number) => (whole === 0 ? '' : ((100 * part) / whole).toFixed(2));
    const cells = [
      what,
      found.length,
      found.length - right,
      percent(right, found.length),
      percent(right, possible),
      milliseconds.toFixed(0),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

function sameText(a: Row | undefined, b: Row | undefined): boolean {
  return a?.every(({ text }, index) => text === b?.[index]?.text) ?? false;
}

function pairsOf({ source, target }: Parallel): Int32Array {
  const steps = pairRows(source, target);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value.pairs;
  }
}

type Json = Readonly<Record<string, string | undefined>>;

const record = (row: Json, prefix = ''): Row =>
  alpaca(row[`${prefix}instruction`] ?? '', row[`${prefix}input`] ?? '', row[`${prefix}output`] ?? '');

function chinese(path: string): void {
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Json);
  measure('English to Chinese, instructions', {
    source: rows.map(row => record(row, 'en_')),
    target: rows.map(row => record(row, 'zh_')),
  });
}

/** Nothing says which rows belong together: what is found is shown. The bench of orders takes the order as it is for true. */
function german(folder: string): void {
  const read = (name: string) =>
    (JSON.parse(readFileSync(join(folder, name), 'utf8')) as Json[]).map(row => record(row));
  const parallel = { source: read('source_en.json'), target: read('translated_de.json') };
  const pairs = pairsOf(parallel);
  const paired = pairs.reduce((sum, other) => sum + (other === NONE ? 0 : 1), 0);
  console.log(`\n## English to German as published\n\n${paired} of ${pairs.length} rows paired; segments:\n`);
  for (const { from, to, offset, pairs: count } of segmentsOf(pairs)) {
    console.log(`- rows ${from + 1} to ${to + 1}, offset ${offset}, ${count} pairs`);
  }
  measure('English to German, instructions', parallel);
}

function sentences(folder: string): void {
  const read = (name: string): Row[] =>
    readFileSync(join(folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map(text => [{ name: 'text', text }]);
  const source = read('newstest2019-src.eng.txt');
  for (const lang of ['ita', 'spa', 'deu', 'rus', 'arb', 'zho-CN']) {
    measure(`English to ${lang}, sentences of news`, {
      source,
      target: read(`newstest2019-ref.${lang}.txt`),
    });
  }
}

interface Questions {
  readonly data: readonly {
    readonly paragraphs: readonly { readonly qas: readonly { readonly question: string }[] }[];
  }[];
}

function questions(folder: string): void {
  const read = (lang: string): Row[] =>
    (JSON.parse(readFileSync(join(folder, `xquad.${lang}.json`), 'utf8')) as Questions).data
      .flatMap(({ paragraphs }) => paragraphs.flatMap(({ qas }) => qas))
      .map(({ question }) => [{ name: 'text', text: question }]);
  for (const lang of ['es', 'ar'])
    measure(`English to ${lang}, short questions`, { source: read('en'), target: read(lang) });
}

function run(path: string, measureAll: (path: string) => void): void {
  if (existsSync(path)) measureAll(path);
  else console.log(`\n${path}: data absent`);
}

run(join(data, 'en-zh/alpaca-00000-04999.jsonl'), chinese);
run(join(data, 'en-de'), german);
run(join(data, 'ntrex'), sentences);
run(join(data, 'xquad'), questions);
