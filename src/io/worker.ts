/** The worker thread: does one task over the rows of a shard, or over files of another kind, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../core/messages';
import { readEvaluations } from './evaluationFile';
import { runTask, type Reports, type Task } from './passes';
import { ShardIndex, type SharedIndex } from './shardIndex';

async function main(port: NonNullable<typeof parentPort>): Promise<void> {
  const { task, index } = workerData as { task: Task; index: SharedIndex | undefined };
  try {
    for await (const report of reportsOf(task, index)) port.postMessage({ report });
    port.postMessage({ done: true });
  } catch (error) {
    // An error of a class of ours would arrive as a bare one.
    if (!(error instanceof UserError)) throw error;
    port.postMessage({ problem: error.said });
  }
}

function reportsOf(task: Task, index: SharedIndex | undefined): AsyncGenerator<Reports[Task['kind']]> {
  if (task.kind === 'evaluation') return readEvaluations(task);
  if (!index) throw new Error(`no index for ${task.kind}`);
  return runTask(ShardIndex.attach(index), task);
}

if (parentPort) void main(parentPort);
