/** On which lines of a file the elements of an array begin, which the index numbers by their place in the array. */
import { readAt, withFile } from './files';
import type { ShardIndex } from './shardIndex';

const CHUNK_BYTES = 1 << 20;
const LINE_FEED = 10;

/**
 * @param rows in file order
 * @returns line number of each, from 1
 */
export function lineNumbers(index: ShardIndex, rows: readonly number[]): Promise<Map<number, number>> {
  return withFile(index.path, async (file, { size }) => {
    const lines = new Map<number, number>();
    let line = 1;
    let next = 0;
    for (let position = 0; position < size && next < rows.length; position += CHUNK_BYTES) {
      const bytes = await readAt(file, position, CHUNK_BYTES);
      let at = 0;
      for (let row = rows[next]; row !== undefined; row = rows[++next]) {
        const end = index.startOf(row) - position;
        if (end >= bytes.length) break;
        line += lineFeeds(bytes.subarray(at, end));
        at = end;
        lines.set(row, line);
      }
      line += lineFeeds(bytes.subarray(at));
    }
    return lines;
  });
}

function lineFeeds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}
