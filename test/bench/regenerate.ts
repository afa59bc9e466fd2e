/**
 * 1,000 short records through a run at 8 requests at a time, against a server that answers in 20 ms: the time against what
 * the same server takes for as many bare requests, and the heap before and after.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Examples } from '../../src/examples';
import { Candidates } from '../../src/io/candidates';
import { QueueRun } from '../../src/regenerateQueue';
import { Shard } from '../../src/shard';
import { present, slower } from '../helpers/benchReport';
import { numbered, startModelServer } from '../helpers/modelServer';
import { testClock, writeShard } from '../helpers/shardFixture';

const RECORDS = 1000;
const CONCURRENCY = 8;
const DELAY_MS = 20;
/** Of the time of bare requests. */
const GOAL = 1.15;

function bare(url: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/v1/chat/completions`, { method: 'POST', agent: false }, response => {
      response.resume().on('end', resolve);
    });
    outgoing.on('error', reject).end(body);
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function measure(folder: string): Promise<void> {
  const server = await startModelServer(undefined, DELAY_MS);
  const lines = Array.from({ length: RECORDS }, (_, at) => numbered(at));
  const clock = testClock();
  const shard = await Shard.open(writeShard(folder, lines), clock);
  await shard.matched;
  const asker = {
    shard,
    clock,
    candidates: await Candidates.open(shard.ledgers, 'aaaaaa'),
    examples: new Examples(shard),
  };
  const wish = { mode: 'translate', fields: [], advice: '', count: 1, split: 'record' } as const;
  const order = {
    query: 'all',
    langs: [],
    wish,
    style: 'record',
    model: 'm',
    onlyFlagged: false,
    skipWithCandidate: false,
  } as const;
  const profile = {
    backend: { url: server.url, model: 'm', api: 'openai' },
    style: 'record',
    temperature: 0,
    topP: 1,
    concurrency: CONCURRENCY,
  } as const;
  const heap = process.memoryUsage().heapUsed;
  const took = await timed(async () => (await QueueRun.start(asker, order, profile)).done);
  const after = process.memoryUsage().heapUsed;
  const body = server.requests[0]?.body ?? '';
  const reference = await timed(() =>
    Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        for (let sent = 0; sent < RECORDS / CONCURRENCY; sent++) await bare(server.url, body);
      }),
    ),
  );
  present('regenerate', [slower(`${RECORDS} records`, took, 'bare requests', reference, { most: GOAL })]);
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  console.error(`heap before ${mib(heap)} MiB, after ${mib(after)} MiB; the server keeps what it was sent`);
  shard.close();
  await server.close();
}

const folder = mkdtempSync(join(tmpdir(), 'crossalpaca-bench-'));
void measure(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
