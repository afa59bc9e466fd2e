/** The text of the rows of a pass. */
import { isUtf8 } from 'node:buffer';
import { text as decode, type Block } from './shardIndex';

/** @returns undefined for a row that is too long, or not UTF-8 */
export function blockText(block: Block, offset: number): string | undefined {
  if (block.tooLarge) return undefined;
  const [start, end] = [block.start(offset), block.end(offset)];
  if (isGood(block)) return block.bytes.toString('utf8', start, end);
  const text = decode(block.bytes.subarray(start, end));
  return text.ok ? text.text : undefined;
}

/** Whether the bytes of a block are UTF-8: asked once of all of them, since asking of each row takes longer than parsing. */
function isGood(block: Block): boolean {
  if (judged?.block !== block) judged = { block, isGood: isUtf8(block.bytes) };
  return judged.isGood;
}
let judged: { readonly block: Block; readonly isGood: boolean } | undefined;
