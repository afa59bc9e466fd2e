/** Reads rows of a training file that an export has written: JSON Lines, one JSON array, or Parquet. */
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ExportedRow } from '../core/exportDifference';
import { UserError } from '../core/messages';
import { blockText } from './blockText';
import { readAt, withFile } from './files';
import { ShardIndex } from './shardIndex';

/** Rows of Parquet that are decoded at once. */
const PIECE_ROWS = 1000;

/** What cannot be read gives no row: the file may have been changed by hand since. */
export async function* readTrainingRows(path: string): AsyncGenerator<ExportedRow> {
  const isParquet = await withFile(
    path,
    async file => (await readAt(file, 0, 4)).toString('latin1') === 'PAR1',
  );
  try {
    yield* isParquet ? parquetRows(path) : jsonRows(path);
  } catch (error) {
    // An empty file, or one that is none of these.
    if (!(error instanceof UserError) && !isParquet) throw error;
  }
}

async function* jsonRows(path: string): AsyncGenerator<ExportedRow> {
  const index = await ShardIndex.open(path);
  try {
    await index.whole;
    for await (const block of index.passBytes()) {
      for (let offset = 0; offset < block.rows; offset++) {
        const text = blockText(block, offset);
        const id = text === undefined ? undefined : idOf(text);
        if (text !== undefined && id !== undefined) yield { id, text };
      }
    }
  } finally {
    index.close();
  }
}

function idOf(text: string): string | undefined {
  try {
    const row = JSON.parse(text) as { readonly id?: unknown } | null;
    return typeof row?.id === 'string' ? row.id : undefined;
  } catch {
    return undefined;
  }
}

async function* parquetRows(path: string): AsyncGenerator<ExportedRow> {
  const { size } = await withFile(path, (_file, identity) => Promise.resolve(identity));
  const file = {
    byteLength: size,
    slice: (start: number, end = size) =>
      withFile(path, async handle => {
        const bytes = await readAt(handle, start, Math.max(0, Math.min(end, size) - start));
        return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
      }),
  };
  const metadata = await parquetMetadataAsync(file);
  for (let rowStart = 0; rowStart < Number(metadata.num_rows); rowStart += PIECE_ROWS) {
    const rowEnd = Math.min(Number(metadata.num_rows), rowStart + PIECE_ROWS);
    for (const row of await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd })) {
      const id: unknown = row['id'];
      if (typeof id === 'string') yield { id, text: JSON.stringify(row) };
    }
  }
}
