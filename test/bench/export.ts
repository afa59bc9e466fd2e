/**
 * What an export takes: its speed against a bare `JSON.parse` and `JSON.stringify` of the same rows, in turns in the same
 * process, and the memory of exports of 100 MiB and of 1 GiB, each in a process of its own. With `status: all`, since the
 * decisions of a gibibyte would be what is measured; approved rows are measured on fewer. `BENCH_SIZE` (bytes) shrinks all.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recipe } from '../../src/core/recipe';
import { exportFile, exportRecipe, previewExport, simpleRecipe } from '../../src/exporting';
import { hashOf } from '../../src/io/fileHash';
import { benchData, largeBytes } from '../helpers/benchData';
import { alternate, faster, present, progress, type Measured } from '../helpers/benchReport';
import { decisionOn, writeReviews } from '../helpers/writtenReviews';

const ROUNDS = 5;
const APPROVED_ROWS = 20_000;
const PIECE_BYTES = 1 << 20;
const LINE_FEED = 10;
/** MiB that the larger export may take more than the smaller one. */
const MORE_MEMORY = 50;
const KINDS = ['simple', 'recipe'] as const;
type Kind = (typeof KINDS)[number];

/** Parses and prints every line, and does nothing else. */
function parseAndPrint(path: string): void {
  const file = openSync(path, 'r');
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  let rest = Buffer.alloc(0);
  for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) {
    const bytes = Buffer.concat([rest, buffer.subarray(0, read)]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      JSON.stringify(JSON.parse(bytes.toString('utf8', start, end)));
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  closeSync(file);
}

const simple = (name: string, status: 'approved' | 'all') =>
  simpleRecipe([name], { format: 'alpaca', side: 'target', status, text: 'current' });

/** Instructions, and half as many translations, shuffled and divided, without duplicates. */
const mixture = (name: string): Recipe => ({
  ...simple(name, 'all'),
  name: 'bench',
  seed: 'bench',
  shuffle: true,
  deduplicate: true,
  splits: { train: 0.9, validation: 0.05, test: 0.05 },
  entries: [
    { kind: 'instruction', from: 'target', shards: [], languages: [], amount: { kind: 'all' } },
    {
      kind: 'translation',
      directions: ['forward'],
      pair: { source: 'output', target: 'output', min: 20, max: 2000 },
      ask: 'english',
      shards: [],
      languages: [],
      amount: { kind: 'share', share: 0.05 },
    },
  ],
});

/** The beginning of a file up to the end of a line. */
function beginning(path: string, bytes: number, to: string): void {
  const file = openSync(path, 'r');
  const buffer = Buffer.allocUnsafe(bytes);
  const read = readSync(file, buffer, 0, bytes, 0);
  closeSync(file);
  writeFileSync(to, buffer.subarray(0, buffer.lastIndexOf(LINE_FEED, read - 1) + 1));
}

async function exportAll(kind: Kind, base: string, name: string): Promise<void> {
  const out = join(mkdtempSync(join(base, 'out-')), 'out');
  if (kind === 'simple') await exportFile(simple(name, 'all'), { base, out });
  else await exportRecipe(mixture(name), { base, out });
  rmSync(join(out, '..'), { recursive: true });
}

async function speed(base: string, name: string): Promise<Measured[]> {
  progress('speed');
  const path = join(base, name);
  const all = await alternate(ROUNDS, {
    bare: () => parseAndPrint(path),
    simple: () => exportAll('simple', base, name),
    // What an export does besides writing: it reads and parses the shard twice, the second time for its keys.
    preview: () => previewExport(simple(name, 'all'), { base }),
    // The manifest names the shard by its hash.
    hash: () => hashOf(path),
  });
  const rows = readFileSync(path, 'utf8').trimEnd().split('\n').slice(0, APPROVED_ROWS);
  const approved = 'approved.jsonl';
  writeFileSync(join(base, approved), rows.map(row => `${row}\n`).join(''));
  const decisions = rows.map(row => decisionOn(row, 'approve'));
  writeReviews(join(base, approved), { by: 'anna' }, decisions);
  const some = await alternate(ROUNDS, {
    bare: () => parseAndPrint(join(base, approved)),
    approved: async () => {
      const out = join(mkdtempSync(join(base, 'out-')), 'out');
      await exportFile(simple(approved, 'approved'), { base, out });
      rmSync(join(out, '..'), { recursive: true });
    },
  });
  const bare = 'JSON.parse and JSON.stringify of every line';
  return [
    faster('a simple export of everything, with reviews and manifest', all.simple, bare, all.bare, {
      least: 0.5,
    }),
    faster('of that, all but writing: a preview', all.preview, bare, all.bare),
    faster('of that, the hash of the shard', all.hash, bare, all.bare),
    faster(`of ${rows.length} approved rows, with opening`, some.approved, bare, some.bare),
  ];
}

interface Memory {
  readonly rss: number;
  readonly heap: number;
}

function memory(base: string, small: string, large: string): Measured[] {
  return KINDS.flatMap(kind => {
    progress(`memory, ${kind}`);
    const [less, more] = [small, large].map(name => {
      const env = { ...process.env, [CHILD]: kind };
      const printed = execFileSync(process.execPath, [__filename, base, name], { env, encoding: 'utf8' });
      return JSON.parse(printed) as Memory;
    }) as [Memory, Memory];
    return (['rss', 'heap'] as const).flatMap(of => {
      const what = `${kind} export, ${of === 'rss' ? 'most resident memory' : 'most heap and buffers'}`;
      return [
        { what: `${what}, large shard`, value: more[of], unit: 'MiB' },
        {
          what: `${what}: more than at a tenth`,
          value: more[of] - less[of],
          unit: 'MiB',
          goal: { most: MORE_MEMORY },
        },
      ];
    });
  });
}

const CHILD = 'CROSSALPACA_BENCH_EXPORT';
const LOOK_MS = 20;
const MIB = 1 << 20;

/** Exports once and prints how much memory that took at most. */
async function measureMemory(kind: Kind, base: string, name: string): Promise<void> {
  let heap = 0;
  const timer = setInterval(() => {
    const { heapUsed, external } = process.memoryUsage();
    heap = Math.max(heap, heapUsed + external);
  }, LOOK_MS);
  await exportAll(kind, base, name);
  clearInterval(timer);
  console.log(JSON.stringify({ rss: process.resourceUsage().maxRSS / 1024, heap: heap / MIB }));
}

async function main(): Promise<void> {
  const { folder, large } = benchData();
  const small = 'tenth.jsonl';
  beginning(large, Math.floor(largeBytes() / 10), join(folder, small));
  const name = 'large.jsonl';
  present('export', [...(await speed(folder, small)), ...memory(folder, small, name)]);
}

const kind = KINDS.find(each => each === process.env[CHILD]);
const [, , base = '', name = ''] = process.argv;
void (kind ? measureMemory(kind, base, name) : main());
