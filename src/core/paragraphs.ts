/** A long text in pieces that a model can read one by one. */
import { hasWords, mask } from './masking';

export interface Paragraph {
  /** What stands between it and the one before. */
  before: string;
  text: string;
}

/**
 * A text that is not blank, cut at its blank lines but not within fences. What has no words, such as a block of code, is kept
 * with what stands between two paragraphs. All put together are the text; there is at least one.
 */
export function paragraphsOf(text: string): Paragraph[] {
  const blocks: Paragraph[] = [];
  let open: Paragraph | undefined;
  let before = '';
  let fenced = false;
  for (const line of text.split(/(?<=\n)/)) {
    if (!fenced && line.trim() === '') {
      open = undefined;
      before += line;
      continue;
    }
    if (!open) {
      blocks.push((open = { before, text: '' }));
      before = '';
    }
    open.text += line;
    if (line.split('```').length % 2 === 0) fenced = !fenced;
  }
  const pieces: Paragraph[] = [];
  let kept = '';
  for (const block of blocks) {
    if (hasWords(mask(block.text).text)) {
      pieces.push({ before: kept + block.before, text: block.text });
      kept = '';
    } else kept += block.before + block.text;
  }
  const last = pieces.at(-1);
  if (!last) return [{ before: '', text }];
  last.text += kept + before;
  return pieces;
}
