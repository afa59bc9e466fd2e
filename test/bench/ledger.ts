/**
 * Ledgers of 100,000 events: opening them against `JSON.parse` of their lines, the longest hold of the event loop
 * meanwhile, and what a look without news and a decision take, against the same at none and against a bare
 * open, write, fsync, close.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ulid } from 'ulid';
import { Ledgers } from '../../src/io/ledger';
import { writeLargeLedgers } from '../helpers/largeLedgers';
import { ANNA, comment } from '../helpers/shardFixture';

const EVENTS = 100_000;
const ROUNDS = 9;
const CALLS = 200;
const clock = { now: Date.now, newId: () => ulid() };

const median = (all: readonly number[]) => all.toSorted((a, b) => a - b)[all.length >> 1] ?? NaN;

/** Milliseconds of one run. */
async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Median of single calls in microseconds. */
async function each(calls: number, work: () => unknown): Promise<string> {
  const took: number[] = [];
  for (let call = 0; call < calls; call++) took.push(await timed(work));
  return `${(median(took) * 1000).toFixed(0)} µs`;
}

/** What no append can do without. */
async function bareAppend(path: string): Promise<void> {
  const file = await open(path, 'a');
  try {
    await file.write(`${'x'.repeat(200)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function measure(folder: string): Promise<void> {
  const shard = join(folder, 'shard.jsonl');
  const files = writeLargeLedgers(shard, EVENTS);
  const lines = files.flatMap(file => readFileSync(file, 'utf8').split('\n').filter(Boolean));
  const bytes = files.reduce((sum, file) => sum + readFileSync(file).length, 0);
  console.log(`${EVENTS} events, ${(bytes / 1e6).toFixed(1)} MB, ${files.length} ledgers`);

  const [parsing, opening, holds]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    parsing.push(await timed(() => lines.map(line => JSON.parse(line) as unknown)));
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    opening.push(await timed(() => new Ledgers(shard, clock).refresh()));
    delay.disable();
    holds.push(delay.max / 1e6);
  }
  const ratio = median(opening) / median(parsing);
  console.log(`JSON.parse of the lines: ${median(parsing).toFixed(0)} ms`);
  console.log(`opening: ${median(opening).toFixed(0)} ms, ${ratio.toFixed(2)} times that`);
  console.log(
    `longest hold of the event loop: ${median(holds).toFixed(0)} ms, at worst ${Math.max(...holds).toFixed(0)} ms`,
  );

  const full = new Ledgers(shard, clock);
  await full.refresh();
  const empty = new Ledgers(join(folder, 'empty.jsonl'), clock);
  await empty.append(ANNA, [comment('first')]);
  const said = comment('A comment of usual length.');
  console.log(`a look without news, at ${EVENTS} events: ${await each(CALLS, () => full.refresh())}`);
  console.log(`a look without news, at one event: ${await each(CALLS, () => empty.refresh())}`);
  // Twice each, in turns: a disk does not always take the same time.
  for (const turn of ['first', 'second']) {
    console.log(
      `bare open, write, fsync, close (${turn}): ${await each(CALLS, () => bareAppend(join(folder, 'bare')))}`,
    );
    console.log(
      `an event, at ${EVENTS} events (${turn}): ${await each(CALLS, () => full.append(ANNA, [said]))}`,
    );
    console.log(`an event, at none (${turn}): ${await each(CALLS, () => empty.append(ANNA, [said]))}`);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'crossalpaca-'));
void measure(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
