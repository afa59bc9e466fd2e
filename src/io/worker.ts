/** The worker thread: does one task over the rows of a shard, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../core/messages';
import { runTask, type Task } from './passes';
import { ShardIndex, type SharedIndex } from './shardIndex';

async function main(port: NonNullable<typeof parentPort>): Promise<void> {
  const { task, index } = workerData as { task: Task; index: SharedIndex };
  try {
    for await (const report of runTask(ShardIndex.attach(index), task)) port.postMessage({ report });
    port.postMessage({ done: true });
  } catch (error) {
    // An error of a class of ours would arrive as a bare one.
    if (!(error instanceof UserError)) throw error;
    port.postMessage({ problem: error.said });
  }
}

if (parentPort) void main(parentPort);
