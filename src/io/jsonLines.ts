/** Writes JSON Lines from texts: the file appears whole or not at all. */
import type { FileHandle } from 'node:fs/promises';
import { replaceFile } from './files';

/** Characters gathered before a write. */
const BUFFER_UNITS = 1 << 18;

/**
 * @param rows one JSON text a line, without line end
 * @returns rows written
 */
export function writeJsonLines(path: string, rows: AsyncIterable<string>): Promise<number> {
  return replaceFile(path, async (file: FileHandle) => {
    let buffer = '';
    let count = 0;
    for await (const row of rows) {
      buffer += `${row}\n`;
      count++;
      if (buffer.length >= BUFFER_UNITS) {
        await file.appendFile(buffer);
        buffer = '';
      }
    }
    await file.appendFile(buffer);
    return count;
  });
}
