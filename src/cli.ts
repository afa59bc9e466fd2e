#!/usr/bin/env node
/**
 * The command line: the same shard, ledgers and states as in the editor, for CI, scripts and clusters.
 * Exit 0 good, 1 the answer is no, 2 bad use, a broken policy or unreadable input, 130 interrupted, with one line on stderr.
 */
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { applyEdits } from './applying';
import { checkShards, FAIL_ON } from './cliCheck';
import { makeDemonstrations, runExport } from './cliExport';
import { Interrupted, UsageError, type Report } from './cliReport';
import { DECISIONS } from './core/events';
import type { FleissKappa } from './core/agreement';
import { english, UserError } from './core/messages';
import { languageTag } from './core/record';
import { Statistics, type PairAgreement, type ReviewStatistics } from './core/statistics';
import { gateShard, type Unmet } from './gate';
import { importShard } from './importing';
import type { PolicyPlace } from './io/team';
import { isTmx } from './io/tmx';
import { REGENERATE_OPTIONS, regenerateShard } from './cliRegenerate';
import { moveReviews } from './moving';
import { Shard } from './shard';

const USAGE = `Usage:
  crossalpaca import (--source FILE --target FILE | --source FILE.tmx) --source-lang TAG --target-lang TAG --out SHARD
                     [--by id|position|auto] [--allow-unpaired FILE] [--json]
  crossalpaca index SHARD... [--json]
  crossalpaca check SHARD... [--json | --sarif] [--fail-on error|warning|never] [--near-duplicates]
  crossalpaca stats SHARD... [--json]
  crossalpaca gate SHARD... [--policy FILE] [--json]
  crossalpaca move OLD NEW [--json]
  crossalpaca apply SHARD (--out COPY | --in-place) [--json]
  crossalpaca regenerate SHARD --where QUERY --model NAME (--url URL [--allow-remote] | --batch-out FILE)
                     [--mode translate|answer] [--fields NAME,... | --flagged] [--count N] [--advice TEXT]
                     [--style STYLE] [--api openai|ollama] [--concurrency N] [--again] [--forget] [--json]
  crossalpaca regenerate SHARD --batch-in FILE [--json]
  crossalpaca export SHARD... [--format FORMAT] --out FILE [--side target|source] [--status approved|all]
                     [--text original] [--trailing-newline] [--reviewer-map FILE] [COUNTING] [--json]
  crossalpaca export --recipe RECIPE --out FOLDER [--text original] [--reviewer-map FILE] [COUNTING] [--json]
      COUNTING: --cutoff TOKENS --url URL [--model NAME] [--allow-remote]
  crossalpaca demos --parallel (SOURCE TARGET | FILE.tmx) --source-lang TAG --target-lang TAG --direction forward|back|both
                    --out FILE [--format FORMAT] [--seed SEED] [--ask english|target|both] [--json]
Exit: 0 good, 1 the answer is no, 2 bad use, a broken policy or unreadable input, 130 interrupted.`;

/** No event is made here, so that none ever gets these. */
const CLOCK = { now: () => 0, newId: () => '' };
/** Units and rows that a report for people names; the others are counted. */
const NAMED = 10;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  format: { type: 'string' },
  out: { type: 'string' },
  side: { type: 'string' },
  status: { type: 'string' },
  text: { type: 'string' },
  recipe: { type: 'string' },
  cutoff: { type: 'string' },
  'trailing-newline': { type: 'boolean', default: false },
  'reviewer-map': { type: 'string' },
  parallel: { type: 'boolean' },
  direction: { type: 'string' },
  seed: { type: 'string' },
  ask: { type: 'string' },
  'in-place': { type: 'boolean', default: false },
  source: { type: 'string' },
  target: { type: 'string' },
  'source-lang': { type: 'string' },
  'target-lang': { type: 'string' },
  by: { type: 'string', default: 'auto' },
  'allow-unpaired': { type: 'string' },
  policy: { type: 'string' },
  sarif: { type: 'boolean', default: false },
  'fail-on': { type: 'string' },
  'near-duplicates': { type: 'boolean', default: false },
  ...REGENERATE_OPTIONS,
} as const;
/** Which server is asked: for proposals, or to count tokens. */
const ASKING: readonly (keyof typeof REGENERATE_OPTIONS)[] = ['url', 'model', 'allow-remote'];
type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

interface Command {
  run(shards: readonly string[], options: Options): Promise<Report | Printed>;
  /** Whether it is about files that are named by position. */
  readonly takesShards: boolean | 'maybe';
}

/** The answer of a command that has printed what it found. */
interface Printed {
  readonly isNo: boolean;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  import: { run: (_shards, options) => importFiles(options), takesShards: false },
  index: { run: shards => perShard(shards, index), takesShards: true },
  check: { run: check, takesShards: true },
  stats: { run: stats, takesShards: true },
  gate: { run: gate, takesShards: true },
  move: { run: move, takesShards: true },
  regenerate: { run: regenerate, takesShards: true },
  apply: { run: apply, takesShards: true },
  export: { run: exportRows, takesShards: 'maybe' },
  demos: { run: demos, takesShards: true },
};

async function main(args: string[]): Promise<number> {
  try {
    const { positionals, values } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
    if (values.help) {
      console.log(USAGE);
      return 0;
    }
    const [name = '', ...shards] = positionals;
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new UsageError(name === '' ? 'no command given' : `unknown command “${name}”`);
    if (command.takesShards === true && shards.length === 0) throw new UsageError('no shard given');
    if (!command.takesShards && shards.length > 0) throw new UsageError(`unexpected “${shards[0] ?? ''}”`);
    // Left out of account it would promise what it does not do.
    if (values.policy !== undefined && name !== 'gate') throw new UsageError('--policy is for gate');
    for (const option of ['sarif', 'fail-on'] as const)
      if (values[option] && name !== 'check') throw new UsageError(`--${option} is for check`);
    for (const option of Object.keys(REGENERATE_OPTIONS) as (keyof typeof REGENERATE_OPTIONS)[])
      if (
        values[option] !== undefined &&
        name !== 'regenerate' &&
        !(name === 'export' && ASKING.includes(option))
      )
        throw new UsageError(`--${option} is for regenerate`);
    if (values.cutoff !== undefined && name !== 'export') throw new UsageError('--cutoff is for export');
    for (const option of ['parallel', 'direction', 'seed', 'ask'] as const)
      if (values[option] !== undefined && name !== 'demos') throw new UsageError(`--${option} is for demos`);
    const report = await command.run(shards, values);
    if ('text' in report)
      console.log(values.json ? JSON.stringify(report.json) : report.text.map(printable).join('\n'));
    return report.isNo ? 1 : 0;
  } catch (error) {
    const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
    const hint = isUsage ? ' (see crossalpaca --help)' : '';
    console.error(printable(`crossalpaca: ${error instanceof Error ? error.message : String(error)}${hint}`));
    return error instanceof Interrupted ? error.exitCode : 2;
  }
}

/** One line that cannot steer a terminal, whatever a file made us quote. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** One shard's report as it is, several as a list. */
async function perShard(
  paths: readonly string[],
  report: (shard: Shard, started: number) => Promise<Report>,
  where?: PolicyPlace,
): Promise<Report> {
  const reports: Report[] = [];
  for (const path of paths) reports.push(await withShard(path, report, where));
  const [only] = reports;
  return {
    json: reports.length === 1 ? only?.json : reports.map(each => each.json),
    text: reports.flatMap(each => each.text),
    isNo: reports.some(each => each.isNo),
  };
}

async function withShard<T>(
  path: string,
  use: (shard: Shard, started: number) => Promise<T>,
  where?: PolicyPlace,
): Promise<T> {
  const started = performance.now();
  const shard = await Shard.open(resolve(path), CLOCK, where);
  try {
    return await use(shard, started);
  } finally {
    shard.close();
  }
}

async function check(shards: readonly string[], options: Options): Promise<Printed> {
  const { json, sarif, 'fail-on': given = 'error', 'near-duplicates': near } = options;
  if (json && sarif) throw new UsageError('--json or --sarif, not both');
  const failOn = FAIL_ON.find(each => each === given);
  if (!failOn) throw new UsageError(`--fail-on is ${FAIL_ON.join(', ')}`);
  const format = json ? 'json' : sarif ? 'sarif' : 'text';
  const print = (line: string) => console.log(format === 'text' ? printable(line) : line);
  const warn = (line: string) => console.error(printable(line));
  return { isNo: await checkShards(shards, { format, failOn, near }, print, warn) };
}

async function index(shard: Shard, started: number): Promise<Report> {
  await shard.matched;
  await shard.matching.complete();
  const { rows, badRows, shape, sourceLang, targetLangs } = shard.facts;
  const { blankLines, identity } = shard.index;
  const bytes = identity.size;
  const json = {
    shard: shard.path,
    records: rows - badRows,
    badLines: badRows,
    blankLines,
    repeatedKeys: shard.facts.repeated,
    bytes,
    shape,
    sourceLang,
    targetLangs,
    milliseconds: Math.round(performance.now() - started),
  };
  const text = [
    `${shard.path}: ${json.records} records, ${badRows} lines that are no records, ${blankLines} blank lines`,
    `  ${json.bytes} bytes; ${shape}; ${sourceLang} to ${targetLangs.join(', ')}`,
  ];
  return { json, text };
}

/** Counts of a file and its ledgers, which are no sums over its units. */
interface FileCounts {
  readonly records: number;
  readonly badLines: number;
  /** Events by reviewer, also those whose record is gone. */
  readonly reviewers: Readonly<Record<string, number>>;
  readonly orphans: number;
  readonly repeatedKeys: number;
  readonly ledgerLinesSetAside: number;
}

async function stats(paths: readonly string[]): Promise<Report> {
  const total = new Statistics();
  const all: FileCounts[] = [];
  const report = await perShard(paths, async shard => {
    const statistics = new Statistics();
    await addUnits(shard, [statistics, total]);
    const counts = fileCounts(shard);
    all.push(counts);
    const numbers = { ...counts, ...inJson(statistics.result()) };
    return {
      json: {
        shard: shard.path,
        ...numbers,
        samples: shard.matching.samples,
        orphanKeys: [...shard.matching.orphans],
      },
      text: [...inWords(shard.path, numbers), ...samplesInWords(shard)],
    };
  });
  if (paths.length === 1) return report;
  const numbers = { ...sumOf(all), ...inJson(total.result()) };
  return {
    json: { shards: report.json, total: numbers },
    text: [...report.text, ...inWords(`all ${paths.length} shards`, numbers)],
  };
}

async function addUnits(shard: Shard, all: readonly Statistics[]): Promise<void> {
  await shard.matching.complete();
  const problem = shard.facts.policyProblem ?? shard.facts.fileProblem;
  if (problem) throw new UserError(problem.id, ...problem.args);
  await shard.findings.findCorpus();
  const { ledgers, policy } = shard;
  for await (const loaded of shard.all()) {
    if ('reason' in loaded) continue;
    const { unit, state } = loaded;
    const events = ledgers.eventsOf(unit.key);
    const findings = shard.findings.of(loaded);
    for (const each of all) each.add({ lang: unit.targetLang, state, events, findings, policy });
  }
}

function fileCounts({ facts, ledgers }: Shard): FileCounts {
  const reviewers = new Map<string, number>();
  for (const { by } of ledgers.all()) reviewers.set(by, (reviewers.get(by) ?? 0) + 1);
  return {
    records: facts.rows - facts.badRows,
    badLines: facts.badRows,
    reviewers: Object.fromEntries(reviewers),
    orphans: facts.orphans,
    repeatedKeys: facts.repeated,
    ledgerLinesSetAside: ledgers.problems.length,
  };
}

function sumOf(all: readonly FileCounts[]): FileCounts {
  const sum = (count: (each: FileCounts) => number) => all.reduce((total, each) => total + count(each), 0);
  const reviewers = new Map<string, number>();
  for (const each of all) {
    for (const [name, count] of Object.entries(each.reviewers))
      reviewers.set(name, (reviewers.get(name) ?? 0) + count);
  }
  return {
    records: sum(each => each.records),
    badLines: sum(each => each.badLines),
    reviewers: Object.fromEntries(reviewers),
    orphans: sum(each => each.orphans),
    repeatedKeys: sum(each => each.repeatedKeys),
    ledgerLinesSetAside: sum(each => each.ledgerLinesSetAside),
  };
}

function inJson({
  states,
  languages,
  checks,
  reasons,
  reviewers,
  days,
  agreement,
  fleiss,
}: ReviewStatistics) {
  return {
    states,
    languages: Object.fromEntries(languages.map(({ lang, units }) => [lang, units])),
    statesByLanguage: Object.fromEntries(languages.map(each => [each.lang, each.states])),
    findings: Object.fromEntries(checks.map(({ check, count }) => [check, count])),
    work: reviewers,
    decisions: Object.fromEntries(
      DECISIONS.map(decision => [
        decision,
        reviewers.reduce((sum, { decisions }) => sum + decisions[decision], 0),
      ]),
    ),
    reasons: Object.fromEntries(reasons.map(({ id, count }) => [id, count])),
    days: days.map(({ day, ...counts }) => ({ day: dateOf(day), ...counts })),
    agreement,
    fleiss,
  };
}

const MS_A_DAY = 86_400_000;

/** @param day since 1970, in UTC */
function dateOf(day: number): string {
  return new Date(day * MS_A_DAY).toISOString().slice(0, 10);
}

function inWords(title: string, numbers: FileCounts & ReturnType<typeof inJson>): string[] {
  const { records, badLines, states, languages, statesByLanguage, findings, reviewers } = numbers;
  const { work, reasons, days, agreement, fleiss, orphans, repeatedKeys, ledgerLinesSetAside } = numbers;
  const earlier = days.length - NAMED;
  return [
    `${title}: ${records} records, ${badLines} lines that are no records`,
    `  states: ${list(states)}`,
    `  languages: ${list(languages)}`,
    ...Object.entries(statesByLanguage).map(([lang, counts]) => `    ${lang}: ${list(counts)}`),
    `  findings: ${list(findings)}`,
    `  events by reviewer: ${list(reviewers)}; orphans ${orphans}; repeated keys ${repeatedKeys}; ledger lines set aside ${ledgerLinesSetAside}`,
    ...work.map(
      ({ name, units, edits, decisions, comments }) =>
        `    ${name}: ${list({ units, edits, ...decisions, comments })}`,
    ),
    `  reasons: ${list(reasons)}`,
    ...(earlier > 0 ? [`  ${earlier} earlier days`] : []),
    ...days
      .slice(-NAMED)
      .map(({ day, edits, decisions, approved }) => `  ${day}: ${list({ edits, decisions, approved })}`),
    `  agreement of decisions made without seeing each other: ${agreement.length > 0 ? '' : 'none'}`.trimEnd(),
    ...agreement.map(agreementInWords),
    ...(agreement.length > 1 ? [fleissInWords(fleiss)] : []),
  ];
}

function fleissInWords({ items, raters, leftOut, kappa }: FleissKappa): string {
  const value = kappa === null ? 'undefined' : kappa.toFixed(2);
  const others = leftOut > 0 ? `; ${leftOut} texts decided on by more or fewer left out` : '';
  return `    all: Fleiss' kappa ${value} (n = ${items} texts with ${raters} decisions each${others})`;
}

function agreementInWords({ reviewers, n, observed, expected, kappa }: PairAgreement): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const value = kappa === null ? 'undefined' : kappa.toFixed(2);
  return `    ${reviewers.join(' and ')}: Cohen's kappa ${value} (n = ${n}; ${percent(observed)} equal, ${percent(expected)} by chance)`;
}

async function gate(paths: readonly string[], { policy }: Options): Promise<Report> {
  const where = policy === undefined ? {} : { policyFile: resolve(policy) };
  return perShard(
    paths,
    async shard => {
      const json = await gateShard(shard);
      const { passed, units, met, unmet, first, badLines, repeatedKeys, orphans } = json;
      const { setAside, ledgerLinesSetAside, bySample } = json;
      const unnamed = unmet.reduce((sum, { count }) => sum + count, 0) - first.length;
      const skipped = ledgerLinesSetAside - setAside.length;
      const text = [
        `${shard.path}: ${passed ? 'yes' : 'no'}, ${met} of ${units} units meet the policy`,
        ...(passed ? [] : [`  ${unmet.map(unmetInWords).join(', ')}`]),
        ...(bySample > 0 ? [`  accepted by sample: ${bySample}`] : []),
        ...samplesInWords(shard),
        // The number first: what a file says must not be what a line begins with, which some CI systems obey.
        ...first.map(({ key, line, why }) => `  line ${line}: ${key === null ? '' : `${key}: `}${why}`),
        ...(unnamed > 0 ? [`  and ${unnamed} more`] : []),
        `  lines that are no records ${badLines}; repeated keys ${repeatedKeys}; orphans ${orphans}; ledger lines set aside ${ledgerLinesSetAside}`,
        ...setAside.map(({ file, line, why }) => `  ledger ${file}, line ${line}: ${why}`),
        ...(skipped > 0 ? [`  and ${skipped} more`] : []),
      ];
      return { json, text, isNo: !passed };
    },
    where,
  );
}

function samplesInWords({ facts }: Shard): string[] {
  return (facts.sample?.said ?? []).map(([lang, said]) => `  sample, ${lang}: ${english(said)}`);
}

function unmetInWords({ reason, state, count }: Unmet): string {
  switch (reason) {
    case 'state':
      return `${state ?? ''} ${count}`;
    case 'finding':
      return `with blocking findings ${count}`;
    case 'comments':
      return `with open comments ${count}`;
    case 'bad-line':
      return `lines that are no records ${count}`;
  }
}

async function exportRows(shards: readonly string[], options: Options): Promise<Report> {
  return runExport(shards, options, needed(options, 'out'), line => console.error(printable(line)));
}

async function demos(paths: readonly string[], options: Options): Promise<Report> {
  const [source, given, ...others] = paths;
  const target = given ?? (source !== undefined && isTmx(source) ? source : undefined);
  if (!options.parallel || source === undefined || target === undefined || others.length > 0)
    throw new UsageError('demos takes --parallel SOURCE TARGET, or --parallel FILE.tmx');
  const { direction = 'both', ask = 'both', seed = '', format } = options;
  return makeDemonstrations({
    ...{ source, target, direction, ask, seed, format },
    sourceLang: languageOf(options, 'source-lang'),
    targetLang: languageOf(options, 'target-lang'),
    out: needed(options, 'out'),
  });
}

function languageOf(options: Options, name: 'source-lang' | 'target-lang'): string {
  const tag = languageTag(needed(options, name));
  if (tag === undefined) throw new UsageError(`--${name} is no language tag, such as en, it or pt-BR`);
  return tag;
}

async function importFiles(options: Options): Promise<Report> {
  const { by } = options;
  const source = needed(options, 'source');
  if (by !== 'id' && by !== 'position' && by !== 'auto') throw new UsageError('--by is id, position or auto');
  const aside = options['allow-unpaired'];
  const report = await importShard({
    source: resolve(source),
    target: resolve(options.target ?? (isTmx(source) ? source : needed(options, 'target'))),
    out: resolve(needed(options, 'out')),
    sourceLang: languageOf(options, 'source-lang'),
    targetLang: languageOf(options, 'target-lang'),
    by,
    ...(aside === undefined ? {} : { allowUnpaired: resolve(aside) }),
  });
  const { paired, unpaired, segmentCount } = report;
  const warnings = report.warnings.map(english);
  const rows = (side: 'source' | 'target') => {
    const { total, reasons, first } = unpaired[side];
    const named = first.slice(0, NAMED).map(({ row, reason }) => `${row} (${reason})`);
    return `  ${side} rows left unpaired: ${total}${total > 0 ? `: ${list(reasons)}; rows ${named.join(', ')}` : ''}`;
  };
  const text = [
    `${report.read.source} and ${report.read.target} rows read, ${paired.total} paired: by id ${paired.byId}, by position ${paired.byPosition} in ${segmentCount} stretches, by content ${paired.byContent}`,
    rows('source'),
    rows('target'),
    ...warnings.map(each => `  ${each}`),
    report.written
      ? `  written to ${report.out}`
      : '  nothing was written: look at these rows, or have them set aside with --allow-unpaired FILE',
  ];
  const json = { ...report, warnings };
  return { json, text, isNo: !report.written };
}

function needed(options: Options, name: 'source' | 'target' | 'source-lang' | 'target-lang' | 'out'): string {
  const value = options[name];
  if (value === undefined || value === '') throw new UsageError(`--${name} is missing`);
  return value;
}

async function move(paths: readonly string[]): Promise<Report> {
  const [old, now, ...others] = paths;
  if (old === undefined || now === undefined || others.length > 0)
    throw new UsageError('move takes the old and the new shard');
  return withShard(now, async shard => {
    const report = await moveReviews(resolve(old), shard, CLOCK);
    const { kept, stale, orphaned, events } = report;
    const text = [
      `${events} events taken along: ${kept} units kept, ${stale} stale, ${orphaned.length} orphaned`,
      ...named(orphaned.map(key => `not in ${basename(now)}: ${key}`)),
    ];
    return { json: { from: resolve(old), to: shard.path, ...report }, text };
  });
}

/** Ctrl+C pauses the run: what is done stays, and the same command goes on with the rest. */
async function regenerate(paths: readonly string[], options: Options): Promise<Report> {
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) throw new UsageError('regenerate takes one shard');
  const stop = new AbortController();
  const abort = () => stop.abort();
  process.once('SIGINT', abort);
  try {
    const asked = Object.fromEntries(
      Object.keys(REGENERATE_OPTIONS).map(name => [name, options[name as never]]),
    );
    return await regenerateShard(path, asked, line => console.error(printable(line)), stop.signal);
  } finally {
    process.off('SIGINT', abort);
  }
}

async function apply(paths: readonly string[], options: Options): Promise<Report> {
  const [path, ...others] = paths;
  const { out, 'in-place': inPlace } = options;
  if (path === undefined || others.length > 0) throw new UsageError('apply takes one shard');
  if ((out === undefined) !== inPlace) throw new UsageError('apply needs --out COPY or --in-place');
  return withShard(path, async shard => {
    const report = await applyEdits(shard, out === undefined ? 'in-place' : { copy: resolve(out) });
    const { rows, fields, unchanged, left } = report;
    const text = [
      `${fields} fields in ${rows} rows written to ${basename(out ?? path)}; ${unchanged} units had their text already`,
      ...named(left.map(({ key, line, why }) => `left as it is: ${key}, line ${line} (${why})`)),
    ];
    return { json: { shard: shard.path, out: resolve(out ?? path), ...report }, text };
  });
}

function named(lines: readonly string[]): string[] {
  const more = lines.length - NAMED;
  return [...lines.slice(0, NAMED), ...(more > 0 ? [`and ${more} more`] : [])].map(line => `  ${line}`);
}

function list(counts: Readonly<Record<string, number>>): string {
  const there = Object.entries(counts).filter(([, count]) => count > 0);
  return there.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}

// Whoever reads only the first lines closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
void main(process.argv.slice(2)).then(code => {
  process.exitCode = code;
});
