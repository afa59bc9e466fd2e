/**
 * The command line: the same shard, ledgers and states as in the editor, for CI, scripts and clusters.
 * Exit 0 good, 1 the answer is no, 2 bad use or unreadable input, with one line on stderr.
 */
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { STATES, type State } from './core/fold';
import { english, UserError } from './core/messages';
import { exportAlpaca } from './exporting';
import { Shard } from './shard';

const USAGE = `Usage:
  crossalpaca index SHARD... [--json]
  crossalpaca stats SHARD... [--json]
  crossalpaca export SHARD... --format alpaca --out FILE [--side target|source] [--status approved|all] [--json]
Exit: 0 good, 1 the answer is no, 2 bad use or unreadable input.`;

/** Reading only: nothing is appended, so that no event ever gets these. */
const CLOCK = { now: () => 0, newId: () => '' };

class UsageError extends Error {}

interface Command {
  run(shards: readonly string[], options: Options): Promise<Report>;
}

interface Options {
  readonly json: boolean;
  readonly format: string;
  readonly out: string | undefined;
  readonly side: string;
  readonly status: string;
}

/** What a command found: one JSON document, or lines for a person. */
interface Report {
  readonly json: unknown;
  readonly text: string;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  index: { run: async shards => perShard(shards, index) },
  stats: { run: async shards => perShard(shards, stats) },
  export: { run: exportShards },
};

async function main(args: string[]): Promise<number> {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        format: { type: 'string', default: 'alpaca' },
        out: { type: 'string' },
        side: { type: 'string', default: 'target' },
        status: { type: 'string', default: 'approved' },
      },
    });
    if (values.help) {
      console.log(USAGE);
      return 0;
    }
    const [name = '', ...shards] = positionals;
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new UsageError(name === '' ? 'no command given' : `unknown command “${name}”`);
    if (shards.length === 0) throw new UsageError('no shard given');
    const report = await command.run(shards, { ...values, out: values.out });
    console.log(values.json ? JSON.stringify(report.json) : report.text);
    return 0;
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
  const { rows, badRows, shape, sourceLang, targetLangs } = shard.facts;
  const { bytes, blankLines } = shard;
  const json = {
    shard: shard.path,
    records: rows - badRows,
    badLines: badRows,
    blankLines,
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
  const { rows, badRows, orphans, policyProblem, matchProblem } = shard.facts;
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
  const reviewers: Record<string, number> = {};
  for (const event of shard.ledgers.byId.values()) reviewers[event.by] = (reviewers[event.by] ?? 0) + 1;
  const setAside = shard.ledgers.problems.length;
  const problem = policyProblem ?? matchProblem;
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
    ledgerLinesSetAside: setAside,
  };
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
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

void main(process.argv.slice(2)).then(code => {
  process.exitCode = code;
});
