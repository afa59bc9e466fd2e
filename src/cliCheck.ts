/** `crossalpaca check`: the findings of shards as their texts are now, without what reviewers set aside. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { version } from '../package.json';
import type { Finding } from './core/check';
import { CHECKS } from './core/checks';
import { CORPUS_CHECKS } from './core/corpus';
import { english, say, UserError } from './core/messages';
import { NEAR, NEAR_DUPLICATE, NearDuplicates, similarity } from './core/nearDuplicates';
import { severityOf } from './core/policy';
import type { UnitKey } from './core/record';
import { SEVERITIES } from './core/spans';
import { lineNumbers } from './io/lineNumbers';
import { sarifFrame, sarifResult } from './sarif';
import { Shard } from './shard';
import type { Loaded } from './units';

export const FAIL_ON = ['error', 'warning', 'never'] as const;
export type FailOn = (typeof FAIL_ON)[number];
export type CheckFormat = 'text' | 'json' | 'sarif';

/** No event is made here, so that none ever gets these. */
const CLOCK = { now: () => 0, newId: () => '' };
/** Findings of a shard that a report for people names; the others are counted. */
const NAMED = 20;
/** Rows read at a time: some milliseconds of parsing. */
const BATCH_ROWS = 200;
const TITLES = new Map(
  [...CHECKS, ...CORPUS_CHECKS, NEAR_DUPLICATE].map(({ id, title }) => [id, english(say(title))]),
);

export interface CheckRequest {
  readonly format: CheckFormat;
  readonly failOn: FailOn;
  /** Whether records that are nearly the same as others are looked for. */
  readonly near: boolean;
}

/**
 * Checks shards, and prints what was found only when all of them could be read.
 * @param print gets whole lines
 * @param warn as well, what cannot stand in a document
 * @returns whether something was found of the severity that is to be a no, or a graver one
 * @throws UserError for what cannot be read, a broken policy or glossary
 */
export async function checkShards(
  paths: readonly string[],
  { format, failOn, near }: CheckRequest,
  print: (line: string) => void,
  warn: (line: string) => void,
): Promise<boolean> {
  const shards: Shard[] = [];
  try {
    for (const path of paths) {
      const shard = await Shard.open(resolve(path), CLOCK);
      shards.push(shard);
      await checkShard(shard);
    }
    let isNo = false;
    const [before, after] = format === 'sarif' ? sarifFrame(version) : [];
    if (before !== undefined) print(before);
    let comma = '';
    for (const shard of shards) {
      const report = format === 'text' ? new Report(shard) : undefined;
      for await (const found of findingsIn(shard, format === 'sarif', near)) {
        const { severity } = found.finding;
        isNo ||= failOn !== 'never' && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn);
        if (report) report.add(found);
        else if (before === undefined) print(JSON.stringify(inJson(shard, found, paths.length > 1)));
        else {
          print(`${comma}${JSON.stringify(inSarif(shard, found))}`);
          comma = ',';
        }
      }
      report?.lines().forEach(print);
      (await badLines(shard)).forEach(report ? print : warn);
    }
    if (after !== undefined) print(after);
    return isNo;
  } finally {
    for (const shard of shards) shard.close();
  }
}

async function checkShard(shard: Shard): Promise<void> {
  const { policyProblem, glossaryProblem } = shard.facts;
  const broken = policyProblem ?? glossaryProblem;
  if (broken) throw new UserError(broken.id, ...broken.args);
  // Nobody asked for a review folder here; in one that is there what was found is kept.
  await shard.checking.start({ mayKeep: existsSync(shard.ledgers.folder), allLanguages: true });
  const { problem, isDone } = shard.checking;
  if (isDone) return;
  const { id, args } = problem ?? say('file.changed', shard.path);
  throw new UserError(id, ...args);
}

interface Found {
  readonly loaded: Loaded;
  /** Of the file. */
  readonly line: number;
  readonly finding: Finding;
}

/**
 * Every finding of a shard, in file order.
 * @param asLines whether elements of an array are to be named by a line of the file, and not by their number
 * @throws UserError `file.changed` if the file is not the one that was checked any more: its rows are others
 */
async function* findingsIn(shard: Shard, asLines: boolean, near: boolean): AsyncGenerator<Found> {
  const { index, checking } = shard;
  // Results hang on the reading of the file that was checked.
  const stillHolds = () => {
    if (!checking.isDone) throw new UserError('file.changed', shard.path);
  };
  stillHolds();
  const rows = checking.rows();
  const lines = asLines && index.isArray ? await lineNumbers(index, rows) : undefined;
  for (let from = 0; from < rows.length; from += BATCH_ROWS) {
    const batch = await shard.loadUnits(rows.slice(from, from + BATCH_ROWS));
    stillHolds();
    for (const { row, units } of batch) {
      for (const loaded of units) {
        for (const finding of shard.findings.of(loaded))
          yield { loaded, finding, line: lines?.get(row) ?? loaded.line };
      }
    }
  }
  if (near) yield* nearDuplicatesIn(shard, asLines);
}

/** A unit that was met, to be read again. */
interface Met {
  readonly row: number;
  readonly key: UnitKey;
}

/** Records of which an earlier one is nearly the same; exact duplicates are another check's. */
async function* nearDuplicatesIn(shard: Shard, asLines: boolean): AsyncGenerator<Found> {
  const { index, policy } = shard;
  const near = new NearDuplicates(index.rows);
  const met: Met[] = [];
  const textOf = ({ source, target }: Loaded) => [...source, ...target].map(({ text }) => text).join('\n');
  for await (const loaded of shard.all()) {
    if ('reason' in loaded) continue;
    const { key, targetLang } = loaded.unit;
    const text = textOf(loaded);
    const others = near.add(met.length, text).flatMap(id => met[id] ?? []);
    met.push({ row: loaded.row, key });
    const [field] = loaded.target;
    const severity = severityOf(policy, targetLang, NEAR_DUPLICATE.id, NEAR_DUPLICATE.severity);
    if (!field || severity === 'off') continue;
    let nearest: { readonly line: number; readonly share: number } | undefined;
    for (const other of others) {
      const before = await shard.load(other.row, other.key);
      if ('reason' in before || before.unit.targetLang !== targetLang) continue;
      const share = similarity(textOf(before), text);
      if (share > (nearest?.share ?? 0)) nearest = { line: before.line, share };
    }
    // Texts whose letters are all the same are duplicates, or differ in what is only spelling.
    if (!nearest || nearest.share < NEAR || nearest.share === 1) continue;
    const numbers = asLines && index.isArray ? await lineNumbers(index, [loaded.row]) : undefined;
    const message = say('corpus.near', nearest.line, Math.floor(nearest.share * 100));
    const place = { side: 'target', field: field.name, start: 0, end: 0 } as const;
    const finding: Finding = { check: NEAR_DUPLICATE.id, severity, ...place, message };
    yield { loaded, finding, line: numbers?.get(loaded.row) ?? loaded.line };
  }
}

/** The lines of a shard that could not be checked, since they are no records. */
async function badLines(shard: Shard): Promise<string[]> {
  const { index, matching, path } = shard;
  const rows = matching.badIn(0, index.rows);
  const named = (await shard.loadRows(rows.subarray(0, NAMED))).flatMap(each =>
    'reason' in each ? `  not checked: ${path}, line ${each.line}: ${english(each.reason)}` : [],
  );
  const more = rows.length - named.length;
  return [...named, ...(more > 0 ? [`  and ${more} more lines that are no records`] : [])];
}

function inJson(shard: Shard, { loaded, line, finding }: Found, isOneOfSeveral: boolean): object {
  const { side, field, check, severity, message, start, end } = finding;
  const place = { key: loaded.unit.key, line, side, field };
  const found = { ...place, check, severity, message: english(message), start, end };
  return isOneOfSeveral ? { shard: shard.path, ...found } : found;
}

function inSarif({ path }: Shard, { loaded, line, finding }: Found): object {
  const text = loaded[finding.side].find(({ name }) => name === finding.field)?.text ?? '';
  return sarifResult({ path, line, key: loaded.unit.key }, finding, text);
}

/** What is told to people of one shard. */
class Report {
  readonly #shard: Shard;
  readonly #counts = new Map<string, Pick<Finding, 'severity' | 'check'> & { count: number }>();
  /** The gravest first. */
  readonly #first = SEVERITIES.map(severity => ({ severity, found: [] as Found[] }));
  #total = 0;

  constructor(shard: Shard) {
    this.#shard = shard;
  }

  add(found: Found): void {
    const { severity, check } = found.finding;
    const place = `${SEVERITIES.indexOf(severity)} ${check}`;
    const known = this.#counts.get(place);
    if (known) known.count++;
    else this.#counts.set(place, { severity, check, count: 1 });
    const first = this.#first.find(each => each.severity === severity)?.found;
    if (first && first.length < NAMED) first.push(found);
    this.#total++;
  }

  lines(): string[] {
    const { rows, badRows } = this.#shard.facts;
    const sorted = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
    const named = this.#first.flatMap(each => each.found).slice(0, NAMED);
    const more = this.#total - named.length;
    return [
      `${this.#shard.path}: ${this.#total} findings in ${rows - badRows} records, ${badRows} lines that are no records`,
      ...sorted.map(
        ([, { severity, check, count }]) =>
          `  ${severity} ${check}: ${count} (${TITLES.get(check) ?? check})`,
      ),
      // The number first: what a file says must not be what a line begins with, which some CI systems obey.
      ...named.map(({ loaded, line, finding: { severity, check, side, field, message } }) => {
        return `  line ${line}: ${severity} ${check}: ${loaded.unit.key}, ${side} ${field}: ${english(message)}`;
      }),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ];
  }
}
