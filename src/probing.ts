/** From a path to a file that is a shard: its index, its mapping, and the first records. */
import { UserError, type Said } from './core/messages';
import { readRecord, type MappingOverride, type RecordResult } from './core/record';
import { sha256 } from './io/passes';
import { readMapping } from './io/reviewFiles';
import { ShardIndex } from './io/shardIndex';
import { BATCH_BYTES, BATCH_ROWS, readLong } from './units';

/** Rows looked at before a file counts as one without records. */
const PROBE_ROWS = 1000;

export interface Opened {
  readonly index: ShardIndex;
  readonly override: MappingOverride;
  /** The first of the file, which tell its shape and languages. */
  readonly records: readonly RecordResult[];
}

/**
 * @param reviews the folder of its ledgers, which holds the mapping
 * @throws UserError for a file that is no shard
 */
export async function openFile(path: string, reviews: string): Promise<Opened> {
  const override = await readMapping(reviews);
  const index = await ShardIndex.open(path);
  try {
    return { index, override, records: await probe(index, override) };
  } catch (error) {
    index.close();
    throw error;
  }
}

/** The first records. @throws UserError where there are none */
async function probe(index: ShardIndex, override: MappingOverride): Promise<RecordResult[]> {
  const records: RecordResult[] = [];
  let refused: Said | undefined;
  const take = (record: RecordResult) => {
    if (record.ok) records.push(record);
    else refused ??= record.reason;
  };
  let long: number | undefined;
  let bytes = 0;
  for (let from = 0; from < PROBE_ROWS && (records.length === 0 || bytes < BATCH_BYTES); from += BATCH_ROWS) {
    // Only a file that begins with something else is read further before it is shown.
    if (from >= index.rows && records.length === 0) await index.whole;
    const rows: number[] = [];
    for (let row = from; row < Math.min(from + BATCH_ROWS, index.rows) && bytes < BATCH_BYTES; row++) {
      if (index.lengthOf(row) > BATCH_BYTES) long ??= row;
      else {
        bytes += index.lengthOf(row);
        rows.push(row);
      }
    }
    for (const text of await index.readRows(rows)) {
      take(text.ok ? readRecord(text.text, sha256, override) : text);
    }
    if (records.length === 0) bytes = 0;
  }
  if (records.length === 0 && long !== undefined)
    take((await readLong(index, long, override, new AbortController().signal)).record);
  if (records.length > 0) return records;
  throw new UserError('file.noRecord', index.path, index.line(0), refused ?? '');
}
