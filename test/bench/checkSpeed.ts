/**
 * How long it takes to check a whole shard in worker threads, beside one thread that only asks franc for the language of the
 * same fields, of both sides as the checks read them, and of the target alone; and how long the second time, when nothing has changed. The records are those of the sample again and
 * again, with a number each; or those of the shard that `BENCH_SHARD` names.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { franc } from 'franc';
import { ulid } from 'ulid';
import type { Side } from '../../src/core/record';
import { Shard } from '../../src/shard';
import { alternate, present, slower } from '../helpers/benchReport';

const RECORDS = 7000;
const ROUNDS = 3;
const ROWS = 500;
/** The languages that the language check tells apart, as franc calls them. */
const ONLY = 'eng ita spa deu fra por ron nld pol tur vie ind rus ukr ell arb hin cmn jpn kor tha'.split(' ');
const clock = { now: Date.now, newId: () => ulid() };

type Texts = Readonly<Record<string, string>>;

function write(path: string): void {
  const given = process.env['BENCH_SHARD'];
  if (given !== undefined) {
    cpSync(given, path);
    return;
  }
  const samples = readFileSync(join('samples', 'sample.jsonl'), 'utf8').trimEnd().split('\n');
  const lines = Array.from({ length: RECORDS }, (_, row) => {
    const record = JSON.parse(samples[row % samples.length] ?? '') as { source: Texts; target: Texts };
    const numbered = ({ output = '', ...others }: Texts) => ({ ...others, output: `${output} ${row}` });
    const sides = { source: numbered(record.source), target: numbered(record.target) };
    return JSON.stringify({ ...record, id: `r${row}`, ...sides });
  });
  writeFileSync(path, `${lines.join('\n')}\n`);
}

async function check(path: string, threads: number, mayKeep: boolean): Promise<void> {
  const shard = await Shard.open(path, clock);
  await shard.checking.start({ threads, mayKeep });
  if (!shard.checking.isDone) throw new Error(JSON.stringify(shard.checking.problem));
  shard.close();
}

async function francAlone(path: string, sides: readonly Side[]): Promise<void> {
  const shard = await Shard.open(path, clock);
  await shard.matched;
  for (let from = 0; from < shard.index.rows; from += ROWS) {
    const rows = Array.from({ length: Math.min(ROWS, shard.index.rows - from) }, (_, step) => from + step);
    for (const loaded of await shard.loadRows(rows)) {
      if ('reason' in loaded) continue;
      for (const side of sides) for (const { text } of loaded[side]) franc(text, { only: ONLY });
    }
  }
  shard.close();
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crossalpaca-bench-'));
  const path = join(folder, 'shard.jsonl');
  write(path);
  const took = await alternate(ROUNDS, {
    franc: () => francAlone(path, ['source', 'target']),
    target: () => francAlone(path, ['target']),
    one: () => check(path, 1, false),
    two: () => check(path, 2, false),
  });
  await check(path, 2, true);
  const again = await alternate(ROUNDS, { again: () => check(path, 2, true) });
  rmSync(folder, { recursive: true, force: true });
  present('checkSpeed', [
    slower('check, 2 threads', took.two, 'franc, 1 thread', took.franc, { most: 0.6 }),
    slower('check, 1 thread', took.one, 'franc, 1 thread', took.franc),
    slower('check, 2 threads', took.two, 'franc on the target alone, 1 thread', took.target),
    slower('check again, 2 threads', again.again, 'check, 2 threads', took.two),
  ]);
}

void main();
