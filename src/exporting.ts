/** Which units of a shard go into a training file, and why the others stay out. */
import { alpacaRow } from './core/demonstration';
import type { State } from './core/fold';
import { UserError } from './core/messages';
import type { Side } from './core/record';
import { ACCEPTED } from './core/sample';
import { writeJsonLines } from './io/exportFile';
import { hasCode, NOT_WRITABLE, isSameFile } from './io/files';
import type { Shard } from './shard';

export interface ExportOptions {
  readonly side: Side;
  /**
   * `approved`: and with no finding that the policy calls blocking. `all` takes in what nobody decided on yet; what is in
   * dispute or out of date never goes in.
   */
  readonly status: 'approved' | 'all';
  readonly signal?: AbortSignal;
}

/** Units, and lines that are none, by what happens to them. */
export interface ExportCounts {
  /** All of them: the sum of the others. */
  rows: number;
  exported: number;
  /** Of those exported: what nobody looked at, and a sample stands for. */
  bySample: number;
  /** Left out, by state of the unit. */
  readonly left: Partial<Record<State, number>>;
  /** Left out of those approved because of a finding with which the policy lets nobody approve. */
  blocked: number;
  /** Left out because the line is no record. */
  bad: number;
  /** Left out because the record is no instruction (a row of a parallel corpus). */
  noInstruction: number;
}

/** States in which it is not settled what the text of a unit is, or whether it is wanted. */
const UNSETTLED: readonly State[] = ['stale', 'conflict', 'disputed', 'rejected', 'needs-work'];

/** What an export would do, without writing. */
export async function previewExport(shard: Shard, options: ExportOptions): Promise<ExportCounts> {
  const counts = noCounts();
  const rows = exportRows(shard, options, counts);
  while (!(await rows.next()).done);
  return counts;
}

/**
 * Writes Alpaca JSON Lines.
 * @throws UserError where the file would be the shard itself, or cannot be written; then nothing has changed
 */
export async function exportAlpaca(
  shard: Shard,
  path: string,
  options: ExportOptions,
): Promise<ExportCounts> {
  if (await isSameFile(path, shard.path)) throw new UserError('export.ontoShard', path);
  const counts = noCounts();
  try {
    await writeJsonLines(path, exportRows(shard, options, counts));
  } catch (error) {
    if (!hasCode(error, ...NOT_WRITABLE)) throw error;
    throw new UserError('export.notWritten', path, String((error as NodeJS.ErrnoException).code));
  }
  return counts;
}

function noCounts(): ExportCounts {
  return { rows: 0, exported: 0, bySample: 0, left: {}, blocked: 0, bad: 0, noInstruction: 0 };
}

async function* exportRows(
  shard: Shard,
  options: ExportOptions,
  counts: ExportCounts,
): AsyncGenerator<string> {
  if (options.status === 'approved') await shard.findBlocking();
  // Whether a sample is accepted is known only when all that was decided is.
  if (shard.policy.sample) {
    await shard.matched;
    await shard.matching.complete();
  }
  for await (const loaded of shard.all(options.signal)) {
    counts.rows++;
    if ('reason' in loaded) {
      counts.bad++;
      continue;
    }
    const { state } = loaded.state;
    if (options.status === 'approved' ? !ACCEPTED.includes(state) : UNSETTLED.includes(state)) {
      counts.left[state] = (counts.left[state] ?? 0) + 1;
      continue;
    }
    if (options.status === 'approved' && shard.blocking(loaded).length > 0) {
      counts.blocked++;
      continue;
    }
    const row = alpacaRow(loaded.unit.key, loaded[options.side]);
    if (!row) {
      counts.noInstruction++;
      continue;
    }
    counts.exported++;
    if (state === 'accepted-by-sample') counts.bySample++;
    yield JSON.stringify(row);
  }
}
