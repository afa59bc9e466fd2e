/** Passes that check a shard: its units one by one, and what only many of them together tell. */
import { Corpus, CorpusFindings, type CorpusData } from '../core/corpus';
import {
  joined,
  marksOf,
  markUnit,
  textsHash,
  type CheckContext,
  type FlaggedUnit,
  type Marks,
} from '../core/unitMarks';
import { readRecord, readSides, type Lang, type MappingOverride } from '../core/record';
import { blockText } from './blockText';
import { KnownMarks, type SharedMarks } from './checkCache';
import { sha256 } from './sha256';
import type { ShardIndex } from './shardIndex';

/** Checks the units of a file by its own text, as if nobody had done anything to them. */
export interface CheckTask {
  readonly kind: 'check';
  readonly override: MappingOverride;
  /** Of records that have several target languages the one that is checked; null: all of them. */
  readonly lang: Lang | null;
  readonly context: CheckContext;
  readonly corpus: CorpusData;
  /** What was found before in the same texts. */
  readonly known: SharedMarks;
  /** Rows to look at, each piece from its first row up to before its end; a report is made of each. */
  readonly pieces: readonly (readonly [from: number, end: number])[];
}

export interface CheckReport {
  /** End of the piece. */
  readonly upTo: number;
  /** By unit the hash of its texts, and its lasting marks, for the next time. */
  readonly seen: readonly (readonly [hash: string, lasting: Marks])[];
  /** Units whose checks were run. */
  readonly checked: number;
  readonly flagged: readonly FlaggedUnit[];
}

export async function* checkUnits(index: ShardIndex, task: CheckTask): AsyncGenerator<CheckReport> {
  const known = KnownMarks.attach(task.known);
  const corpus = new CorpusFindings(task.corpus);
  for (const [from, end] of task.pieces) {
    const seen: [string, Marks][] = [];
    const flagged: FlaggedUnit[] = [];
    let checked = 0;
    for await (const block of index.passBytes(from, end)) {
      for (let offset = 0; offset < block.rows; offset++) {
        const row = block.from + offset;
        const units = unitsIn(blockText(block, offset), task.override);
        const shown = units.find(({ targetLang }) => targetLang === task.lang) ?? units[0];
        for (const unit of task.lang === null ? units : shown ? [shown] : []) {
          const lang = unit.targetLang;
          const hash = textsHash(unit, sha256);
          const before = known.get(hash);
          if (before === undefined) checked++;
          const { lasting, all } = markUnit(task.context, unit, before);
          seen.push([hash, lasting]);
          const marks = joined(all, marksOf(corpus.at(row, lang)));
          if (marks !== '') flagged.push({ row, lang, marks });
        }
      }
    }
    yield { upTo: end, seen, checked, flagged };
  }
}

/** Finds what only many records together tell. */
export interface CorpusTask {
  readonly kind: 'corpus';
  readonly override: MappingOverride;
  /** Rows whose key stands more than once, in file order. */
  readonly repeated: Uint32Array;
}

export interface CorpusReport {
  /** Share of the file that was looked at, from 0 to 1. */
  readonly done: number;
  /** With the last report. */
  readonly data?: CorpusData;
}

/** Rows that are looked at again are read so many at a time. */
const BATCH_ROWS = 200;

export async function* findCorpus(
  index: ShardIndex,
  { override, repeated }: CorpusTask,
): AsyncGenerator<CorpusReport> {
  const corpus = new Corpus(index.rows);
  for await (const block of index.passBytes()) {
    for (let offset = 0; offset < block.rows; offset++)
      corpus.add(block.from + offset, unitsIn(blockText(block, offset), override));
    yield { done: Math.min(1, (block.from + block.rows) / index.rows) };
  }
  const comparison = corpus.comparison(sha256);
  for await (const [row, text] of textsOf(index, comparison.rows))
    comparison.add(row, unitsIn(text, override));
  for await (const [row, text] of textsOf(index, repeated)) {
    const record = readRecord(text, sha256, override);
    for (const { key, targetLang } of record.ok ? record.units : []) comparison.addKey(row, key, targetLang);
  }
  yield { done: 1, data: comparison.result() };
}

async function* textsOf(index: ShardIndex, rows: Uint32Array): AsyncGenerator<[row: number, text: string]> {
  for (let at = 0; at < rows.length; at += BATCH_ROWS) {
    const batch = rows.subarray(at, at + BATCH_ROWS);
    for (const [step, text] of (await index.readRows(batch)).entries())
      if (text.ok) yield [batch[step] ?? 0, text.text];
  }
}

/** The units of a row without what is not checked; none where it is no record. */
function unitsIn(text: string | undefined, override: MappingOverride) {
  try {
    const sides = readSides(text === undefined ? undefined : JSON.parse(text), override);
    if (!('shape' in sides)) return [];
    const { source, targets } = sides;
    return targets.map(({ lang, fields }) => ({
      sourceLang: source.lang,
      targetLang: lang,
      source: source.fields,
      target: fields,
    }));
  } catch {
    // Not JSON: the page says so.
    return [];
  }
}
