/** How the rows of an export differ from those of an earlier one. */
import type { Sha256 } from './record';
import { HashTable } from './hashTable';

/** A row of a training file. */
export interface ExportedRow {
  readonly id: string;
  /** The row as JSON. */
  readonly text: string;
}

export interface ChangedRow {
  readonly id: string;
  readonly change: 'added' | 'changed' | 'gone';
  /** The row as JSON, cut to `MAX_SHOWN`; "" on the side where it is not. */
  readonly before: string;
  readonly after: string;
}

export interface ExportDifference {
  readonly added: number;
  readonly changed: number;
  readonly gone: number;
  /** At most `MAX_NAMED` of each kind, in the order of the files: what changed and was added, then what is gone. */
  readonly rows: readonly ChangedRow[];
}

const MAX_NAMED = 100;
/** UTF-16 units of a row: what a person compares. */
const MAX_SHOWN = 20_000;

/**
 * Memory is about 25 bytes a row of the earlier export. Two ids, or two texts of one id, that share 64 bits of hash count as
 * the same: of ten million rows with a chance of one in 300,000. Of rows with one id in a file the last one counts.
 * @param former reads the rows of the earlier export from their beginning; is called twice at most
 * @param current the rows of the new one, once
 */
export async function exportDifference(
  former: () => AsyncIterable<ExportedRow>,
  current: AsyncIterable<ExportedRow>,
  sha256: Sha256,
): Promise<ExportDifference> {
  const before = new HashTable();
  for await (const { id, text } of former()) before.set(sha256(id), sha256(text));
  const counts = { added: 0, changed: 0 };
  const rows: ChangedRow[] = [];
  const wanted = new Map<string, number>();
  let there = 0;
  for await (const { id, text } of current) {
    const hash = sha256(id);
    const known = before.get(hash);
    if (known !== undefined) {
      there += before.mark(hash) ? 1 : 0;
      if (known === sha256(text).slice(0, known.length)) continue;
    }
    const change = known === undefined ? 'added' : 'changed';
    if (counts[change]++ >= MAX_NAMED) continue;
    if (change === 'changed') wanted.set(id, rows.length);
    rows.push({ id, change, before: '', after: text.slice(0, MAX_SHOWN) });
  }
  const gone = before.size - there;
  let missing = Math.min(gone, MAX_NAMED);
  if (missing + wanted.size === 0) return { ...counts, gone, rows };
  for await (const { id, text } of former()) {
    const at = wanted.get(id);
    const shown = text.slice(0, MAX_SHOWN);
    if (at !== undefined && rows[at]) {
      rows[at] = { ...rows[at], before: shown };
      wanted.delete(id);
    } else if (missing > 0 && before.mark(sha256(id))) {
      missing--;
      rows.push({ id, change: 'gone', before: shown, after: '' });
    }
    if (missing + wanted.size === 0) break;
  }
  return { ...counts, gone, rows };
}

/** Two texts for an editor that shows differences side by side: the named rows, one below the other by their ids. */
export function differenceTexts({
  added,
  changed,
  gone,
  rows,
}: ExportDifference): readonly [before: string, after: string] {
  const head = `Rows added: ${added}, changed: ${changed}, gone: ${gone}. Of each at most ${MAX_NAMED} are shown.\n`;
  const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const side = (text: string, id: string) =>
    text === '' ? '' : `\n${JSON.stringify(id)}\n${pretty(text)}\n`;
  return [
    head + sorted.map(({ id, before }) => side(before, id)).join(''),
    head + sorted.map(({ id, after }) => side(after, id)).join(''),
  ];
}

/** A row member by member; what was cut, and so is no JSON any more, as it is. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
