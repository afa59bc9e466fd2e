/** Training files from the command line. */
import { basename, dirname, resolve } from 'node:path';
import { cutInWords, cutoffOf, cutRows, type Cutoff, type CutoffArguments } from './cliCutoff';
import { Interrupted, UsageError, type Report } from './cliReport';
import { FORMAT_IDS, type FormatId } from './core/formats';
import type { EmptyShard, ExportCounts, LeftOut } from './core/manifest';
import { mixtureLicence } from './core/licences';
import { english, UserError } from './core/messages';
import { parseRecipe, type Recipe } from './core/recipe';
import { snippets } from './core/snippets';
import { exportFile, exportRecipe, NothingToExport, simpleRecipe, type ExportOptions } from './exporting';
import { readSettings } from './io/files';

/** What `export` is given besides the shards; undefined: not said. */
export interface ExportArguments extends CutoffArguments {
  readonly format?: string | undefined;
  readonly side?: string | undefined;
  readonly status?: string | undefined;
  readonly text?: string | undefined;
  readonly recipe?: string | undefined;
  readonly 'trailing-newline': boolean;
  readonly 'reviewer-map'?: string | undefined;
}

/** Mistakes of a recipe that are named; the others are counted. */
const NAMED = 10;
/** As long as a recipe can say. */
const MAX_LENGTH = 1_000_000_000;

/**
 * `export`: shards into a file, or what a recipe says into a folder.
 * @param warn gets single lines: which machine texts are sent to, which shards gave no row
 * @throws UsageError, UserError as `exportRecipe` and `countCut` do, Interrupted
 */
export async function runExport(
  shards: readonly string[],
  options: ExportArguments,
  out: string,
  warn: (line: string) => void,
): Promise<Report> {
  const map = options['reviewer-map'];
  const common = { out: resolve(out), ...(map === undefined ? {} : { reviewerMap: resolve(map) }) };
  const text = oneOf('text', options.text ?? 'current', ['current', 'original']);
  const cutoff = cutoffOf(options, warn);
  if (options.recipe === undefined) return exportShards(shards, options, text, common, warn, cutoff);
  if (shards.length > 0) throw new UsageError('the shards of an export by recipe are those of the recipe');
  for (const name of ['format', 'side', 'status'] as const)
    if (options[name] !== undefined)
      throw new UsageError(`with --recipe the recipe says what --${name} would`);
  if (options['trailing-newline'])
    throw new UsageError('with --recipe the recipe says what --trailing-newline would');
  const path = resolve(options.recipe);
  const recipe = await readRecipe(path);
  const wanted = options.text === undefined ? recipe : { ...recipe, text };
  return report('folder', wanted, { ...common, base: dirname(path), recipeFile: path }, warn, cutoff);
}

function exportShards(
  shards: readonly string[],
  {
    format = 'alpaca',
    side = 'target',
    status = 'approved',
    'trailing-newline': trailingNewline,
  }: ExportArguments,
  text: Recipe['text'],
  options: Omit<ExportOptions, 'base'>,
  warn: (line: string) => void,
  cutoff: Cutoff | undefined,
): Promise<Report> {
  if (shards.length === 0) throw new UsageError('no shard given, and no --recipe');
  const recipe = simpleRecipe(shards, {
    format: formatNamed(format),
    side: oneOf('side', side, ['target', 'source']),
    status: oneOf('status', status, ['approved', 'all']),
    text,
    trailingNewline,
  });
  return report('file', recipe, { ...options, base: process.cwd() }, warn, cutoff);
}

/** What `demos` is given. */
export interface DemonstrationArguments {
  readonly source: string;
  readonly target: string;
  readonly sourceLang: string;
  readonly targetLang: string;
  readonly direction: string;
  readonly ask: string;
  readonly seed: string;
  readonly format?: string | undefined;
  readonly out: string;
}

/** `demos`: requests for a translation, of two text files line by line, into one file. */
export function makeDemonstrations(given: DemonstrationArguments): Promise<Report> {
  const { source, target, sourceLang, targetLang, seed, format = 'alpaca' } = given;
  const direction = oneOf('direction', given.direction, ['forward', 'back', 'both']);
  const ask = oneOf('ask', given.ask, ['english', 'target', 'both']);
  const recipe = simpleRecipe([source], {
    ...{ format: formatNamed(format), side: 'target', status: 'all', text: 'current' },
  });
  const parallel = { path: target, sourceLang, targetLang };
  const wanted: Recipe = {
    ...recipe,
    seed,
    shards: recipe.shards.map(shard => ({ ...shard, origin: 'human', parallel })),
    entries: [
      {
        kind: 'translation',
        directions: direction === 'both' ? ['forward', 'back'] : [direction],
        pair: { source: 'text', target: 'text', min: 1, max: MAX_LENGTH },
        ask,
        ...{ shards: [], languages: [], amount: { kind: 'all' } },
      },
    ],
  };
  return report('file', wanted, { base: process.cwd(), out: resolve(given.out) }, () => undefined);
}

/** @throws UserError where it cannot be read, Error with what is wrong in it and where */
async function readRecipe(path: string): Promise<Recipe> {
  const text = await readSettings(path);
  if (text === undefined) throw new UserError('file.missing', path);
  const result = parseRecipe(text);
  if (result.ok) return result.recipe;
  const said = result.mistakes.slice(0, NAMED).map(({ line, reason }) => `line ${line}: ${english(reason)}`);
  const more = result.mistakes.length - said.length;
  throw new Error(`the recipe ${path} is broken: ${said.join('; ')}${more > 0 ? `; and ${more} more` : ''}`);
}

function formatNamed(format: string): FormatId {
  const id = FORMAT_IDS.find(each => each === format);
  if (!id) throw new UsageError(`unknown format “${format}”: --format is ${FORMAT_IDS.join(', ')}`);
  return id;
}

function oneOf<T extends string>(name: string, given: string, known: readonly T[]): T {
  const found = known.find(each => each === given);
  if (found === undefined) throw new UsageError(`--${name} is ${known.join(' or ')}`);
  return found;
}

/** Exit 1 where no row went in: nothing was written. Where only some shards gave none, that is a warning. */
async function report(
  kind: 'file' | 'folder',
  recipe: Recipe,
  options: ExportOptions,
  warn: (line: string) => void,
  cutoff?: Cutoff,
): Promise<Report> {
  const { out } = options;
  const write = kind === 'file' ? exportFile : exportRecipe;
  try {
    const { result, cut } = await untilInterrupted(async signal => {
      const given = { ...options, signal };
      // Whoever cannot be asked is told of before anything is written.
      const found = cutoff && (await cutRows(cutoff, recipe, given));
      return { result: await write(recipe, given), cut: found };
    });
    const { manifest, files, difference, empty } = result;
    const { counts } = manifest;
    const changes = difference && [
      `  against the earlier export: ${difference.added} added, ${difference.changed} changed, ${difference.gone} gone`,
    ];
    const { format, name, trailingNewline } = manifest.recipe;
    const one = { name: basename(out), split: 'train', rows: counts.rows } as const;
    // In a folder they are files.
    const readers = kind === 'file' ? snippets(format, [one], name, trailingNewline) : [];
    const without = empty.map(emptyInWords);
    for (const each of without) warn(`warning: ${each}`);
    // Nobody has said what licence a single file has.
    const licences =
      kind === 'folder' ? mixtureLicence(manifest.licences).warnings.map(said => english(said)) : [];
    const json = { out, files, counts, difference: difference ?? null };
    return {
      json: { ...json, ...(cut && { cutoff: cut }), warnings: [...without, ...licences], snippets: readers },
      text: [
        `${counts.rows} rows written to ${basename(out)}, from ${counts.taken} of ${counts.units} records`,
        ...countsInWords(counts),
        ...(cutoff && cut ? cutInWords(cutoff, cut) : []),
        ...(changes ?? []),
        ...licences,
        // Line by line: what is printed is otherwise made one line, and these are copied from there.
        ...readers.flatMap(({ file, text }) => [
          '',
          `For a file ${file} beside it:`,
          ...text.trimEnd().split('\n'),
        ]),
      ],
    };
  } catch (error) {
    if (!(error instanceof NothingToExport)) throw error;
    const { counts, message } = error;
    const json = { out, files: [], counts, difference: null, reason: message };
    return { json, text: [message, ...countsInWords(counts)], isNo: true };
  }
}

/** Whoever interrupts gets what was half made removed first; a second time ends at once. */
async function untilInterrupted<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const interrupt = (signal: 'SIGINT' | 'SIGTERM') =>
    stop.abort(new Interrupted(signal, 'interrupted: nothing was written'));
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const each of signals) process.once(each, interrupt);
  try {
    return await run(stop.signal);
  } finally {
    for (const each of signals) process.off(each, interrupt);
  }
}

/** Counts by name that are more than none. */
function list(counts: Readonly<Record<string, number>>): string {
  const there = Object.entries(counts).filter(([, count]) => count > 0);
  return there.map(([name, count]) => `${name} ${count}`).join(', ');
}

function countsInWords({ splits, made, repaired, bySample, withoutCodes, left }: ExportCounts): string[] {
  const isDivided = splits.validation + splits.test > 0;
  const lines: [string, string][] = [
    ['splits', isDivided ? list(splits) : ''],
    ['made', Object.keys(made).length > 1 ? list(made) : ''],
    ['accepted by sample', count(bySample)],
    ['with half a surrogate pair replaced', count(repaired)],
    ['records with formatting codes left out', count(withoutCodes)],
    ['left out', list(left.states)],
    ...reasonsOf(left),
  ];
  return lines.filter(([, value]) => value !== '').map(([name, value]) => `  ${name}: ${value}`);
}

const count = (number: number) => (number > 0 ? String(number) : '');

function reasonsOf(left: LeftOut): [string, string][] {
  return [
    ['approved, with blocking findings', count(left.blocked)],
    ['no records, or no clean pairs of a TMX file', count(left.bad)],
    ['no instruction, or a text missing, too short or too long', count(left.unsuited)],
    ['too long', count(left.tooLong)],
    ['duplicates', count(left.duplicates)],
    ['near-copies of evaluation questions', count(left.evaluation)],
    ['not chosen', count(left.notChosen)],
    ['without a rejected text', count(left.noPair)],
  ];
}

function emptyInWords({ shard, units, taken, asked, left }: EmptyShard): string {
  const reasons = reasonsOf(left).filter(([, value]) => value !== '');
  const out = [list(left.states), ...reasons.map(([name, value]) => `${name} ${value}`)].filter(Boolean);
  const isNotAsked = taken > 0 && asked === 0;
  const why = [
    `${units} records read`,
    ...(out.length > 0 ? [`left out: ${out.join(', ')}`] : []),
    ...(isNotAsked ? [`${taken} may go in, and no entry of the recipe asks for them`] : []),
  ];
  return `the shard “${shard}” gave no row: ${why.join('; ')}`;
}
