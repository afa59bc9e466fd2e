/**
 * What a large shard costs without an editor: indexing, applying edits, searching. Each against a bare loop over the same
 * file in the same process, in turns, because only the ratio says something on another machine. `BENCH_SIZE` (bytes)
 * shrinks the shard for a quick look.
 */
import { closeSync, fsyncSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { applyEdits } from '../../src/applying';
import { makeEdit } from '../../src/core/editing';
import { sha256 } from '../../src/io/passes';
import { ShardIndex } from '../../src/io/shardIndex';
import { Session } from '../../src/session';
import { Shard } from '../../src/shard';
import { benchData, RARE_UMLAUT, RARE_WORD, type BenchData } from '../helpers/benchData';
import {
  alternate,
  faster,
  median,
  present,
  progress,
  slower,
  timed,
  type Measured,
} from '../helpers/benchReport';
import { ANNA } from '../helpers/shardFixture';

const PIECE_BYTES = 1 << 20;
const INDEX_ROUNDS = 7;
const APPLY_ROUNDS = 3;
const SEARCH_ROUNDS = 3;
const EDITS = 1000;
const [QUOTE, LINE_FEED] = [34, 10];
const clock = { now: Date.now, newId: () => ulid() };

/** Bare loops: what no program that looks at every byte can do without. */

function pieces(path: string, use: (piece: Buffer) => void): void {
  const file = openSync(path, 'r');
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer))
    use(buffer.subarray(0, read));
  closeSync(file);
}

function count(path: string, byte: number): number {
  let found = 0;
  pieces(path, piece => {
    for (let at = piece.indexOf(byte); at !== -1; at = piece.indexOf(byte, at + 1)) found++;
  });
  return found;
}

function copy(path: string, to: string): void {
  const file = openSync(to, 'w');
  pieces(path, piece => void writeSync(file, piece));
  fsyncSync(file);
  closeSync(file);
}

function parseAll(path: string): number {
  let rows = 0;
  let rest = Buffer.alloc(0);
  pieces(path, piece => {
    const bytes = Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      JSON.parse(bytes.toString('utf8', start, end));
      rows++;
      start = end + 1;
    }
    rest = bytes.subarray(start);
  });
  return rows;
}

async function indexing(data: BenchData): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const [path, what, byte, most] of [
    [data.large, 'JSON Lines', LINE_FEED, 1.5],
    [data.array, 'a JSON array', QUOTE, 2],
  ] as const) {
    progress(`indexing ${what}`);
    count(path, byte);
    const { ours, bare } = await alternate(INDEX_ROUNDS, {
      bare: () => count(path, byte),
      ours: async () => {
        const index = await ShardIndex.open(path);
        await index.whole;
      },
    });
    const name = byte === QUOTE ? 'from quote to quote' : 'counting line feeds';
    measured.push(slower(`indexing ${what}`, ours, name, bare, { most }));
  }
  return measured;
}

/** Appends edits of rows all over the shard. @returns how many */
async function makeEdits(shard: Shard): Promise<void> {
  await shard.index.whole;
  const step = Math.floor(shard.index.rows / EDITS);
  const rows = Array.from({ length: EDITS }, (_, edit) => edit * step);
  const edits = (await shard.loadUnits(rows)).flatMap(({ units }) =>
    units.map(loaded => {
      const text = `${loaded.target.at(-1)?.text ?? ''} Nachgetragen: „ergänzt“.`;
      const changes = [{ side: 'target', name: 'output', text }] as const;
      const edit = makeEdit(loaded, { basis: undefined, parents: [] }, changes, new Map(), sha256);
      if (!edit) throw new Error('An edit changes nothing.');
      return edit;
    }),
  );
  await shard.ledgers.append(ANNA, edits);
}

async function applying(data: BenchData): Promise<Measured[]> {
  progress(`applying ${EDITS} edits`);
  const reviews = join(data.folder, '.crossalpaca');
  const target = join(data.folder, 'copy.jsonl');
  rmSync(reviews, { recursive: true, force: true });
  const reading = await Shard.open(data.large, clock);
  await makeEdits(reading);
  reading.close();
  const apply = async (shard: Shard) => {
    const report = await applyEdits(shard, { copy: target });
    if (report.rows !== EDITS) throw new Error(`${report.rows} rows were given edits, not ${EDITS}.`);
  };
  const took = { bare: [] as number[], open: [] as number[], fresh: [] as number[] };
  const open = await Shard.open(data.large, clock);
  await open.matched;
  // Not `alternate`: a copy is removed before the next, and that is nobody's work.
  const step = async (name: keyof typeof took, work: () => unknown) => {
    rmSync(target, { force: true });
    took[name].push(await timed(work));
  };
  for (let round = 0; round < APPLY_ROUNDS; round++) {
    await step('bare', () => copy(data.large, target));
    await step('open', () => apply(open));
    await step('fresh', async () => {
      const shard = await Shard.open(data.large, clock);
      await apply(shard);
      shard.close();
    });
  }
  open.close();
  rmSync(target, { force: true });
  rmSync(reviews, { recursive: true, force: true });
  const bare = median(took.bare);
  const name = 'copying in pieces of 1 MiB, fsync';
  return [
    faster(`applying ${EDITS} edits, shard open`, median(took.open), name, bare, { least: 0.6 }),
    faster('the same with opening, indexing, matching', median(took.fresh), name, bare, { least: 0.6 }),
  ];
}

const QUERIES = [
  { query: RARE_WORD, least: 5 },
  { query: RARE_UMLAUT, least: 5 },
  { query: `NOT ${RARE_WORD}`, least: 0.8 },
  { query: 'q', least: 0.8 },
  { query: 'score < 3', least: 0.8 },
];

async function searching(data: BenchData): Promise<Measured[]> {
  const session = await Session.open({
    path: data.large,
    clock,
    draftFile: join(data.folder, 'drafts.json'),
  });
  const matched = await timed(() => session.shard.matched);
  const ask = async (query: string) => {
    session.queue.ask(query);
    await session.queue.done;
    const { length, problem } = session.queue.view;
    if (problem ?? length === 0) throw new Error(`${query} found nothing.`);
  };
  progress('searching');
  const took = await alternate(SEARCH_ROUNDS, {
    bare: () => parseAll(data.large),
    ...Object.fromEntries(QUERIES.map(({ query }) => [query, () => ask(query)])),
  });
  session.shard.close();
  const name = 'JSON.parse of every line';
  return [
    slower('opening until every key is known', matched, name, took.bare),
    ...QUERIES.map(({ query, least }) =>
      faster(`searching ${query}`, (took as Record<string, number>)[query] ?? NaN, name, took.bare, {
        least,
      }),
    ),
  ];
}

async function main(): Promise<void> {
  const data = benchData();
  present('size', [...(await indexing(data)), ...(await applying(data)), ...(await searching(data))]);
}

void main();
