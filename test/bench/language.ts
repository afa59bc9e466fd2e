/**
 * Measures the language check against labelled fields and real shards, beside franc alone with the same languages.
 * Prints Markdown. The data are not part of the project: without them it says so, and that is no failure.
 *
 *   npx esbuild test/bench/language.ts --bundle --platform=node --format=cjs --outfile=out/bench-language.cjs
 *   node out/bench-language.cjs [data folder, ../shared/data by default]
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { franc } from 'franc';
import type { CheckInput, Finding } from '../../src/core/check';
import { runChecks } from '../../src/core/checks';
import { judge } from '../../src/core/languageJudge';
import { readRecord, type Unit } from '../../src/core/record';

const checkLanguage = (input: CheckInput) =>
  runChecks(input).filter(({ check }) => check.startsWith('language'));

interface Row {
  readonly expected: string;
  readonly wrong: 0 | 1;
  readonly type: string;
  readonly bucket: string;
  readonly text: string;
  /** The English source, where known. */
  readonly en: string | null;
}

/** The 20 languages of the labelled fields and English, as franc calls them. */
const FRANC_CODES: Readonly<Record<string, string>> = {
  en: 'eng', it: 'ita', es: 'spa', de: 'deu', fr: 'fra', pt: 'por', ro: 'ron', nl: 'nld', pl: 'pol', tr: 'tur', vi: 'vie',
  id: 'ind', ru: 'rus', uk: 'ukr', el: 'ell', ar: 'arb', hi: 'hin', zh: 'cmn', ja: 'jpn', ko: 'kor', th: 'tha',
}; // prettier-ignore
const ONLY = Object.values(FRANC_CODES);
const BUCKETS = ['<15', '15-30', '30-60', '60-120', '>120'];
const FIELDS = ['instruction', 'input', 'output'] as const;
const ROUNDS = 5;

const data = process.argv[2] ?? '../shared/data';

/** Hits among cases, by name of a line and bucket. */
class Table {
  readonly #lines = new Map<string, Map<string, { hits: number; cases: number }>>();

  add(line: string, bucket: string, hit: boolean): void {
    const buckets = this.#lines.get(line) ?? new Map<string, { hits: number; cases: number }>();
    this.#lines.set(line, buckets);
    for (const name of [bucket, 'all']) {
      const cell = buckets.get(name) ?? { hits: 0, cases: 0 };
      cell.cases++;
      if (hit) cell.hits++;
      buckets.set(name, cell);
    }
  }

  cell(line: string, bucket: string, digits: number): string {
    const cell = this.#lines.get(line)?.get(bucket);
    return cell ? ((100 * cell.hits) / cell.cases).toFixed(digits) : '';
  }

  get lines(): string[] {
    return [...this.#lines.keys()];
  }
}

function print(title: string, ours: Table, francs: Table, digits: number): void {
  console.log(`\n## ${title}\n`);
  console.log(`| | ${[...BUCKETS, 'all', 'franc alone'].join(' | ')} |`);
  console.log(`|---|${'---|'.repeat(BUCKETS.length + 2)}`);
  for (const line of ours.lines) {
    const cells = [...BUCKETS, 'all'].map(bucket => ours.cell(line, bucket, digits));
    console.log(`| ${[line, ...cells, francs.cell(line, 'all', digits)].join(' | ')} |`);
  }
}

function lines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}

function labelled(path: string): void {
  const tables = { recall: [new Table(), new Table()], alarms: [new Table(), new Table()] } as const;
  for (const line of lines(path)) {
    const row = JSON.parse(line) as Row;
    const { expected, text, type, bucket } = row;
    const [ours, francs] = row.wrong ? tables.recall : tables.alarms;
    const add = (name: string, found: boolean) => {
      ours.add(name, bucket, found);
      francs.add(name, bucket, ![FRANC_CODES[expected], 'und'].includes(alone));
    };
    const alone = franc(text, { only: ONLY });
    const wrong = (source: string | null) =>
      judge(text, { expected, sourceLang: 'en', ...(source !== null && { source }) }).verdict === 'wrong';
    if (type === 'english') add('english, with source', wrong(text));
    const found = wrong(row.en);
    add(type, found);
    if (row.wrong) continue;
    if (type === 'clean') {
      add(`clean ${expected}`, found);
      if (expected !== 'de') add('clean but German', found);
    }
    add('all correct fields', found);
  }
  print('Recall, % by length in characters', ...tables.recall, 1);
  print('False alarms, % by length in characters', ...tables.alarms, 2);
}

function units(path: string): Unit[] {
  return lines(path).flatMap(line => {
    const result = readRecord(line, () => '0'.repeat(64));
    return result.ok ? result.units : [];
  });
}

function show(unit: Unit, { field, check, severity, start, end, message }: Finding): void {
  const text =
    unit.target
      .find(({ name }) => name === field)
      ?.text.slice(start, end)
      .slice(0, 60) ?? '';
  console.log(
    `- ${unit.key} ${field} ${check} (${severity}, ${message.args.join(' for ')}): ${JSON.stringify(text)}`,
  );
}

function shard(title: string, found: readonly Unit[]): void {
  const findings = found.flatMap(unit => checkLanguage(unit).map(finding => [unit, finding] as const));
  const warnings = findings.filter(([, { severity }]) => severity === 'warning');
  console.log(
    `\n## ${title}: ${found.length} units, ${warnings.length} warnings, ${findings.length - warnings.length} notes\n`,
  );
  for (const [unit, finding] of findings.slice(0, 40)) show(unit, finding);
}

/** Time of the check and of franc alone over the same target fields, the best of a few rounds each. */
function speed(found: readonly Unit[]): void {
  const time = (run: () => void) => {
    const start = performance.now();
    run();
    return performance.now() - start;
  };
  const rounds = Array.from({ length: ROUNDS }, () => [
    time(() => found.forEach(unit => checkLanguage(unit))),
    time(() => found.forEach(unit => unit.target.forEach(({ text }) => franc(text, { only: ONLY })))),
  ]);
  const [ours = 0, francs = 0] = [0, 1].map(index =>
    Math.min(...rounds.map(round => round[index] ?? Infinity)),
  );
  const ratio = (ours / francs).toFixed(2);
  console.log(
    `\nSpeed: ${ours.toFixed(0)} ms for the check, ${francs.toFixed(0)} ms for franc alone, ratio ${ratio}`,
  );
}

interface Alpaca {
  readonly instruction: string;
  readonly input: string;
  readonly output: string;
}

/** German outputs of a chat model: not aligned with their source, so judged without it. */
function german(path: string): Unit[] {
  const records = JSON.parse(readFileSync(path, 'utf8')) as Alpaca[];
  return records.map((record, index) => ({
    key: `${index}@de` as Unit['key'],
    sourceLang: 'en',
    targetLang: 'de',
    source: [],
    target: FIELDS.map(name => ({ name, text: record[name] })),
    others: [],
  }));
}

/** Rows of the README's table of mistakes that are mistakes of language. */
const PLANTED =
  /^\| ((?:ca|pt)-\d+) .*\| (?:left-in-english|half-translated|wrong-language|translators-note) /gm;

function samples(folder: string): void {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const planted = [...readme.matchAll(PLANTED)].map(([, id = '']) => id);
  const found = ['sample.jsonl', 'parallel.jsonl'].flatMap(name => units(join(folder, name)));
  shard('Samples of the project', found);
  const warned = found
    .filter(unit => checkLanguage(unit).some(({ severity }) => severity === 'warning'))
    .map(unit => unit.key.replace(/@.*/, ''));
  const missed = planted.filter(id => !warned.includes(id));
  const alarms = warned.filter(id => !planted.includes(id));
  console.log(
    `\nPlanted ${planted.length}, missed ${missed.length} ${missed.join(' ')}; false alarms ${alarms.length} ${alarms.join(' ')}`,
  );
}

function run(path: string, measure: (path: string) => void): void {
  if (existsSync(path)) measure(path);
  else console.log(`\n${path}: data absent`);
}

run(join(data, 'langid-dev.jsonl'), labelled);
run(join(data, 'en-zh/alpaca-00000-04999.jsonl'), path => {
  const found = units(path);
  shard('English to Chinese', found);
  speed(found);
});
run(join(data, 'en-de/translated_de.json'), path => {
  const found = german(path);
  shard('German', found);
  speed(found);
});
run('samples', samples);
