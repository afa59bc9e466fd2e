/** Reads evaluation sets: their questions are kept out of training files, and they themselves are none. */
import { parse } from 'csv-parse/sync';
import { Questions } from '../core/contamination';
import { evaluationOfJson, evaluationOfTable, type Evaluation } from '../core/evaluationSets';
import { parseJson } from '../core/jsonValue';
import { UserError } from '../core/messages';
import { breather } from './breath';
import { readAt, withFile } from './files';
import { inWorker } from './inWorker';

const MEBIBYTE = 1 << 20;
/** The largest of those that are known, MLQA in one language, has 20 MiB. */
const MAX_BYTES = 128 * MEBIBYTE;
/** Enough of a file to tell it by. */
const HEAD_BYTES = MEBIBYTE;
/** Rows of a table or lines of JSON that tell it. */
const HEAD_ROWS = 20;

/** Questions of a report: some hundred kilobytes, which are handed over within a millisecond. */
const REPORT_QUESTIONS = 1000;

/** Reads the questions of evaluation sets. */
export interface EvaluationTask {
  readonly kind: 'evaluation';
  readonly paths: readonly string[];
}

export interface EvaluationReport {
  readonly path: string;
  /** Some of its questions, in their order. */
  readonly questions: readonly string[];
}

/**
 * The questions of evaluation sets, which a worker thread reads: one is parsed in one go, and may take seconds.
 * @param paths of files
 * @param signal ends it at once
 * @throws UserError for a file that is none of the sets that are known, is over 128 MiB or cannot be read
 */
export async function readQuestions(
  paths: readonly string[],
  signal = new AbortController().signal,
): Promise<Questions> {
  const questions = new Questions();
  if (paths.length === 0) return questions;
  const kept = new Map<string, number>();
  const breath = breather(signal);
  for await (const { path, questions: some } of inWorker(undefined, { kind: 'evaluation', paths }, signal)) {
    let added = kept.get(path) ?? 0;
    for (const question of some) {
      if (questions.add(question)) added++;
      await breath();
    }
    kept.set(path, added);
  }
  for (const path of paths) if (!kept.get(path)) throw new UserError('evaluation.empty', path);
  return questions;
}

/** What the worker thread does of it. @throws UserError as `readQuestions` does */
export async function* readEvaluations({ paths }: EvaluationTask): AsyncGenerator<EvaluationReport> {
  for (const path of paths) {
    const text = await withFile(path, async (file, { size }) => {
      if (size > MAX_BYTES)
        throw new UserError('evaluation.tooLarge', path, Math.ceil(size / MEBIBYTE), MAX_BYTES / MEBIBYTE);
      return withoutMark((await readAt(file, 0, size)).toString('utf8'));
    });
    const found = evaluationOf(text);
    if (!found) throw new UserError('evaluation.unknown', path);
    const { questions } = found;
    for (let from = 0; from < questions.length; from += REPORT_QUESTIONS)
      yield { path, questions: questions.slice(from, from + REPORT_QUESTIONS) };
  }
}

/**
 * Refuses an evaluation set as training data.
 * @param path of a shard or of one side of a parallel text
 * @throws UserError `evaluation.asTraining`
 */
export async function refuseEvaluation(path: string): Promise<void> {
  const [head, isWhole] = await withFile(path, async (file, { size }) => {
    const bytes = await readAt(file, 0, Math.min(size, HEAD_BYTES));
    return [withoutMark(bytes.toString('utf8')), size <= HEAD_BYTES] as const;
  });
  const found = evaluationOf(head) ?? (isWhole ? undefined : evaluationOfHead(head));
  if (found) throw new UserError('evaluation.asTraining', path, found.set);
}

const withoutMark = (text: string) => (text.startsWith('\ufeff') ? text.slice(1) : text);

function evaluationOf(text: string): Evaluation | undefined {
  const json = parseJson(text) ?? jsonLines(text);
  return json === undefined ? evaluationOfTable(table(text) ?? []) : evaluationOfJson(json);
}

/** The beginning of a file that is cut somewhere: its first rows, or a SQuAD that begins as all of them do. */
function evaluationOfHead(head: string): Evaluation | undefined {
  const lines = head.split('\n').slice(0, -1);
  const first = lines.slice(0, HEAD_ROWS);
  const rows = parseJson(`[${first.join(',')}]`);
  if (lines.length > 1 && rows !== undefined) return evaluationOfJson(rows);
  if (/^\s*\{\s*("version"\s*:\s*"[^"]*"\s*,\s*)?"data"\s*:\s*\[\s*\{[^[\]]*"paragraphs"\s*:\s*\[/.test(head))
    return { set: 'XQuAD or MLQA', questions: [] };
  return evaluationOfTable(table(head, HEAD_ROWS) ?? []);
}

/** @returns undefined where a line is no JSON */
function jsonLines(text: string): unknown[] | undefined {
  const values: unknown[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const value = parseJson(line);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values.length === 0 ? undefined : values;
}

/** @returns undefined for what is no table */
function table(text: string, to?: number): string[][] | undefined {
  try {
    const options = { relax_column_count: true, skip_empty_lines: true, max_record_size: MEBIBYTE };
    return parse(text, to === undefined ? options : { ...options, to });
  } catch {
    return undefined;
  }
}
