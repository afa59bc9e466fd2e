/** Runs a pass over a shard, or over other files, in a worker thread of its own, whose memory is given back when it is done. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { UserError, type Said } from '../core/messages';
import type { Reports, Task } from './passes';
import type { ShardIndex } from './shardIndex';

type Message<K extends Task['kind']> =
  { readonly report: Reports[K] } | { readonly done: true } | { readonly problem: Said };

/** Of the thread's heap: garbage is collected as often as this fills; measured as fast as the default. */
const YOUNG_MIB = 4;
/** Bundled beside whatever bundle this is part of. */
const WORKER = join(__dirname, 'worker.cjs');

/**
 * @param index complete; undefined where the task is none over a shard
 * @param signal ends the thread at once
 * @returns the reports of the task as they come
 * @throws UserError as the task does; whatever `signal` was aborted with
 */
export async function* inWorker<T extends Task>(
  index: ShardIndex | undefined,
  task: T,
  signal: AbortSignal,
): AsyncGenerator<Reports[T['kind']]> {
  signal.throwIfAborted();
  const worker = new Worker(WORKER, {
    workerData: { task, index: index?.share() },
    // Rows live for a moment only: with more room the thread keeps memory that it never needs again.
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  });
  const messages: (Message<T['kind']> | { readonly error: unknown })[] = [];
  let wake: () => void = () => undefined;
  const put = (message: (typeof messages)[number]) => {
    messages.push(message);
    wake();
  };
  const abort = () => put({ error: signal.reason });
  signal.addEventListener('abort', abort);
  worker.on('message', put);
  worker.on('error', error => put({ error }));
  worker.on('exit', code => put({ error: new Error(`The worker thread ended with code ${code}.`) }));
  try {
    for (;;) {
      const message = messages.shift();
      if (!message) await new Promise<void>(resolve => (wake = resolve));
      else if ('report' in message) yield message.report;
      else if ('problem' in message) throw new UserError(message.problem.id, ...message.problem.args);
      else if ('error' in message) throw message.error;
      else return;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    await worker.terminate();
  }
}
