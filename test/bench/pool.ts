/**
 * A queue of short requests against a server that answers in 20 ms: the time of the pool and the patient client against that
 * of as many bare requests at the same concurrency, in turns, and the heap before and after.
 */
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { Pool } from '../../src/io/pool';
import { generatePatiently } from '../../src/io/retry';
import { alternate, present } from '../helpers/benchReport';
import { answer } from '../helpers/scriptedServer';

const REQUESTS = 1000;
const CONCURRENCY = 8;
const ANSWER_MS = 20;
const ROUNDS = 5;
const REQUEST = {
  messages: [{ role: 'user' as const, content: 'Describe the city of Zürich in three sentences.' }],
  temperature: 0,
  topP: 1,
  seed: 1,
  maxTokens: 64,
};

/** In a thread of its own, so that its work is not that of the client. */
function serve(): void {
  const body = answer(['Il ', 'gatto ', 'è ', 'rosso.']);
  const server = createServer((incoming, response) => {
    incoming.resume().on('end', () =>
      setTimeout(() => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(body);
      }, ANSWER_MS),
    );
  }).listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
}

/** The least that a request is: sent on a connection of its own, its answer read to the end. */
async function bareRequest(url: string): Promise<void> {
  const outgoing = httpRequest(`${url}/v1/chat/completions`, { method: 'POST', agent: false });
  await new Promise((resolve, reject) => {
    outgoing.on('error', reject).on('response', response => response.resume().on('end', resolve));
    outgoing.end(JSON.stringify(REQUEST));
  });
}

async function measure(): Promise<void> {
  const worker = new Worker(__filename);
  const [port] = (await once(worker, 'message')) as [number];
  const url = `http://127.0.0.1:${port}`;
  const { signal } = new AbortController();

  const bare = async () => {
    let left = REQUESTS;
    const one = async () => {
      while (left-- > 0) await bareRequest(url);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, one));
  };
  const pooled = async () => {
    const pool = new Pool(CONCURRENCY);
    const backend = { url, model: 'm', api: 'openai' as const };
    const ask = async () => {
      const { text } = await generatePatiently(backend, REQUEST, { signal, onDelta: () => undefined });
      if (text !== 'Il gatto è rosso.') throw new Error('another answer');
    };
    await Promise.all(Array.from({ length: REQUESTS }, () => pool.run(ask, signal)));
  };

  await alternate(1, { bare, pooled });
  const before = heap();
  const took = await alternate(ROUNDS, { bare, pooled });
  const after = heap();
  await worker.terminate();

  const clock = `${REQUESTS} / ${CONCURRENCY} × ${ANSWER_MS} ms`;
  present('pool', [
    {
      what: `${REQUESTS} answers, ${CONCURRENCY} at a time`,
      value: took.pooled,
      unit: 'ms',
      reference: { name: 'bare requests', value: took.bare },
      ratio: took.pooled / took.bare,
      goal: { most: 1.15 },
    },
    {
      what: 'the same',
      value: took.pooled,
      unit: 'ms',
      reference: { name: clock, value: (REQUESTS / CONCURRENCY) * ANSWER_MS },
      ratio: took.pooled / ((REQUESTS / CONCURRENCY) * ANSWER_MS),
    },
    {
      what: `heap after ${ROUNDS * REQUESTS} answers`,
      value: after,
      unit: 'MiB',
      reference: { name: 'before', value: before },
      ratio: after / before,
      goal: { most: 1.1 },
    },
  ]);
}

/** In use, in MiB, without what is only waiting to be collected. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / (1 << 20);
}

if (isMainThread) void measure();
else serve();
