/**
 * The command line: the same shard, ledgers and states as in the editor, for CI, scripts and clusters.
 * Exit 0 good, 1 the answer is no, 2 bad use or unreadable input, with one line on stderr.
 */
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { applyEdits } from './applying';
import { STATES, type State } from './core/fold';
import { english, UserError } from './core/messages';
import { languageTag } from './core/record';
import { exportAlpaca } from './exporting';
import { importShard } from './importing';
import { moveReviews } from './moving';
import { Shard } from './shard';

const USAGE = `Usage:
  crossalpaca import --source FILE --target FILE --source-lang TAG --target-lang TAG --out SHARD
                     [--by id|position|auto] [--allow-unpaired FILE] [--json]
  crossalpaca index SHARD... [--json]
  crossalpaca stats SHARD... [--json]
  crossalpaca move OLD NEW [--json]
  crossalpaca apply SHARD (--out COPY | --in-place) [--json]
  crossalpaca export SHARD... --format alpaca --out FILE [--side target|source] [--status approved|all] [--json]
Exit: 0 good, 1 the answer is no, 2 bad use or unreadable input.`;

/** No event is made here, so that none ever gets these. */
const CLOCK = { now: () => 0, newId: () => '' };
/** Units and rows that a report for people names; the others are counted. */
const NAMED = 10;

class UsageError extends Error {}

const OPTIONS = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  format: { type: 'string', default: 'alpaca' },
  out: { type: 'string' },
  side: { type: 'string', default: 'target' },
  status: { type: 'string', default: 'approved' },
  'in-place': { type: 'boolean', default: false },
  source: { type: 'string' },
  target: { type: 'string' },
  'source-lang': { type: 'string' },
  'target-lang': { type: 'string' },
  by: { type: 'string', default: 'auto' },
  'allow-unpaired': { type: 'string' },
} as const;
type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

interface Command {
  run(shards: readonly string[], options: Options): Promise<Report>;
  /** Whether it is about shards that are named by position. */
  readonly takesShards: boolean;
}

/** What a command found: one JSON document, or lines for a person. */
interface Report {
  readonly json: unknown;
  readonly text: string;
  /** Where the answer is no. */
  readonly isNo?: boolean;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  import: { run: (_shards, options) => importFiles(options), takesShards: false },
  index: { run: async shards => perShard(shards, index), takesShards: true },
  stats: { run: async shards => perShard(shards, stats), takesShards: true },
  move: { run: move, takesShards: true },
  apply: { run: apply, takesShards: true },
  export: { run: exportShards, takesShards: true },
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
    if (command.takesShards && shards.length === 0) throw new UsageError('no shard given');
    if (!command.takesShards && shards.length > 0) throw new UsageError(`unexpected “${shards[0] ?? ''}”`);
    const report = await command.run(shards, values);
    console.log(values.json ? JSON.stringify(report.json) : report.text);
    return report.isNo ? 1 : 0;
  } catch (error) {
    const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
    const hint = isUsage ? ' (see crossalpaca --help)' : '';
    console.error(printable(`crossalpaca: ${error instanceof Error ? error.message : String(error)}${hint}`));
    return 2;
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
): Promise<Report> {
  const reports: Report[] = [];
  for (const path of paths) reports.push(await withShard(path, report));
  const [only] = reports;
  return {
    json: reports.length === 1 ? only?.json : reports.map(each => each.json),
    text: reports.map(each => each.text).join('\n'),
  };
}

async function withShard<T>(path: string, use: (shard: Shard, started: number) => Promise<T>): Promise<T> {
  const started = performance.now();
  const shard = await Shard.open(resolve(path), CLOCK);
  try {
    return await use(shard, started);
  } finally {
    shard.close();
  }
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
  return { json, text: text.join('\n') };
}

async function stats(shard: Shard): Promise<Report> {
  await shard.matched;
  await shard.matching.complete();
  const { rows, badRows, orphans, policyProblem, fileProblem } = shard.facts;
  const states: Record<State, number> = Object.fromEntries(STATES.map(state => [state, 0])) as Record<
    State,
    number
  >;
  const languages: Record<string, number> = {};
  const findings: Record<string, number> = {};
  for await (const loaded of shard.all()) {
    if ('reason' in loaded) continue;
    states[loaded.state.state]++;
    languages[loaded.unit.targetLang] = (languages[loaded.unit.targetLang] ?? 0) + 1;
    for (const { check } of shard.findings(loaded)) findings[check] = (findings[check] ?? 0) + 1;
  }
  const reviewers = Object.create(null) as Record<string, number>;
  for (const event of shard.ledgers.byId.values()) reviewers[event.by] = (reviewers[event.by] ?? 0) + 1;
  const setAside = shard.ledgers.problems.length;
  const problem = policyProblem ?? fileProblem;
  if (problem) throw new UserError(problem.id, ...problem.args);
  const json = {
    shard: shard.path,
    records: rows - badRows,
    badLines: badRows,
    states,
    languages,
    findings,
    reviewers,
    orphans,
    orphanKeys: [...shard.matching.orphans],
    repeatedKeys: shard.facts.repeated,
    ledgerLinesSetAside: setAside,
  };
  const text = [
    `${shard.path}: ${json.records} records, ${badRows} lines that are no records`,
    `  states: ${list(states)}`,
    `  languages: ${list(languages)}`,
    `  findings: ${list(findings)}`,
    `  events by reviewer: ${list(reviewers)}; orphans ${orphans}; ledger lines set aside ${setAside}`,
  ];
  return { json, text: text.join('\n') };
}

async function exportShards(paths: readonly string[], options: Options): Promise<Report> {
  const { format, out, side, status } = options;
  if (format !== 'alpaca') throw new UsageError(`unknown format “${format}”`);
  if (out === undefined) throw new UsageError('--out is missing');
  if (side !== 'target' && side !== 'source') throw new UsageError('--side is target or source');
  if (status !== 'approved' && status !== 'all') throw new UsageError('--status is approved or all');
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) throw new UsageError('export takes one shard');
  return withShard(path, async shard => {
    const { policyProblem } = shard.facts;
    if (policyProblem) throw new Error(english(policyProblem));
    const counts = await exportAlpaca(shard, resolve(out), { side, status });
    const left = Object.entries(counts.left).map(([state, count]) => `${state} ${count}`);
    const text = [
      `${counts.exported} of ${counts.rows} rows written to ${basename(out)}`,
      ...(left.length > 0 ? [`  left out: ${left.join(', ')}`] : []),
      ...(counts.bad > 0 ? [`  lines that are no records: ${counts.bad}`] : []),
      ...(counts.noInstruction > 0 ? [`  rows that are no instructions: ${counts.noInstruction}`] : []),
    ];
    return { json: { out: resolve(out), ...counts }, text: text.join('\n') };
  });
}

async function importFiles(options: Options): Promise<Report> {
  const { by } = options;
  if (by !== 'id' && by !== 'position' && by !== 'auto') throw new UsageError('--by is id, position or auto');
  const lang = (name: 'source-lang' | 'target-lang') => {
    const tag = languageTag(needed(options, name));
    if (tag === undefined) throw new UsageError(`--${name} is no language tag, such as en, it or pt-BR`);
    return tag;
  };
  const aside = options['allow-unpaired'];
  const report = await importShard({
    source: resolve(needed(options, 'source')),
    target: resolve(needed(options, 'target')),
    out: resolve(needed(options, 'out')),
    sourceLang: lang('source-lang'),
    targetLang: lang('target-lang'),
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
  return { json, text: text.join('\n'), isNo: !report.written };
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
    return { json: { from: resolve(old), to: shard.path, ...report }, text: text.join('\n') };
  });
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
    return { json: { shard: shard.path, out: resolve(out ?? path), ...report }, text: text.join('\n') };
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

void main(process.argv.slice(2)).then(code => {
  process.exitCode = code;
});
