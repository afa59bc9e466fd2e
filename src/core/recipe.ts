/** What goes into a training set, and how much of it: a recipe file (YAML or JSON), or the few words of a simple export. */
import {
  DIRECTIONS,
  INSTRUCTION_FROM,
  type Direction,
  type InstructionFrom,
  type PairOf,
} from './demonstration';
import { FORMAT_IDS, type FormatId } from './formats';
import { languageTag, type Lang } from './record';
import { ROOT, shown, StrictYaml, whereIs, type Mistake, type Place, type Reader } from './strictYaml';

/** How many of an entry's demonstrations go in: chosen by a seeded hash, so that the same ones go in each time. */
export type Amount =
  | { readonly kind: 'all' }
  | { readonly kind: 'count'; readonly count: number }
  /** Of all rows of the mixture, from 0 to 1. */
  | { readonly kind: 'share'; readonly share: number };

/** A file that demonstrations are made of. */
export interface RecipeShard {
  /** As the recipe has it: relative to the recipe's folder. */
  readonly path: string;
  readonly name: string;
  /** SPDX id, or as Hugging Face spells it: `cc-by-nc-4.0`. Empty: not said. */
  readonly licence: string;
  /** Who wrote the target texts as they stand in the file. */
  readonly origin: 'machine' | 'human';
  /** Rows of it that only a reviewer approved; `all`: a corpus that nobody reviews. */
  readonly status: 'approved' | 'all';
  /** Where it is no shard but two text files, line by line, or two languages of a TMX file: `path` is the source, and nobody reviews it. */
  readonly parallel?: ParallelTarget;
}

/** The other file of a parallel text (of TMX the same one), and the languages of both. */
export interface ParallelTarget {
  /** As `path`. */
  readonly path: string;
  readonly sourceLang: Lang;
  readonly targetLang: Lang;
}

interface EntryCommon {
  /** Names of shards; empty: all. */
  readonly shards: readonly string[];
  /** Target languages; empty: all. */
  readonly languages: readonly Lang[];
  /** Of each target language. */
  readonly amount: Amount;
}
export interface InstructionEntry extends EntryCommon {
  readonly kind: 'instruction';
  readonly from: InstructionFrom;
}
export interface TranslationEntry extends EntryCommon {
  readonly kind: 'translation';
  readonly directions: readonly Direction[];
  readonly pair: PairOf;
  /** Languages that the templates are written in. */
  readonly ask: 'english' | 'target' | 'both';
}
export type Entry = InstructionEntry | TranslationEntry;

export interface Splits {
  /** Shares, together 1. */
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

export interface Recipe {
  readonly name: string;
  /** Day on which it is published, as its descriptions say: `2026-01-31`. */
  readonly date?: string;
  readonly seed: string;
  readonly shards: readonly RecipeShard[];
  readonly entries: readonly Entry[];
  readonly splits: Splits;
  /** Whether ids that are mere numbers stand for the same source record in all shards, so that they split together. */
  readonly sameIds: boolean;
  readonly shuffle: boolean;
  readonly deduplicate: boolean;
  /** UTF-16 units of instruction, input and output together; longer ones stay out. Undefined: no limit. */
  readonly maxCharacters: number | undefined;
  /** Files of evaluation sets whose questions must not be in the training set; relative to the recipe's folder. */
  readonly evaluation: readonly string[];
  readonly format: FormatId;
  readonly trailingNewline: boolean;
  /** `original`: the machine's texts of the same rows. */
  readonly text: 'current' | 'original';
}

export type RecipeMistake = Mistake;
export type RecipeResult =
  | { readonly ok: true; readonly recipe: Recipe }
  | { readonly ok: false; readonly mistakes: readonly RecipeMistake[] };

/** The outputs of both sides; shorter ones are no sentences, longer ones more than a sentence-wise trainer takes. */
export const DEFAULT_PAIR: PairOf = { source: 'output', target: 'output', min: 20, max: 2000 };
const DEFAULT_SPLITS: Splits = { train: 1, validation: 0, test: 0 };
const MAX_NAME = 100;
const MAX_COUNT = 1_000_000_000;
/** Shares are written by people: 33.3% three times is not what they mean, 33.33% and 33.34% is. */
const TOLERANCE = 1e-9;
/** Controls and the separators of lines and paragraphs, at which `.` ends, too. */
const ONE_LINE = /^(?=.*\S)[^\p{Cc}\p{Zl}\p{Zp}]{1,100}$/u;
const SHARD_NAME = /^(?=.*\S)[^\p{Cc}\p{Zl}\p{Zp}/\\]{1,100}$/u;
/** A translation memory: all its languages are in one file. */
const TMX = /\.tmx$/i;
/** As the ids of SPDX and of Hugging Face are spelled. */
const LICENCE = /^[A-Za-z0-9][A-Za-z0-9.+-]{0,63}$/;
const SHARE = /^(100(?:\.0{1,9})?|\d{1,2}(?:\.\d{1,9})?)\s*%$/;
/** Neither absolute, here or on Windows, nor with a step up. Links are for those who open it. */
const PATH = /^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\p{Cc}\p{Zl}\p{Zp}\\:]{0,999}[^\p{Cc}\p{Zl}\p{Zp}\\:/]$/u;

/**
 * Reads a recipe, whose format `media/recipe.schema.json` describes. An unknown member is a mistake, since a mistyped
 * limit must not be silently off.
 * @param text YAML 1.2, of which JSON is a part
 * @returns the recipe, or all mistakes in the order of their lines
 */
export function parseRecipe(text: string): RecipeResult {
  const yaml = new StrictYaml(text);
  const recipe = yaml.root && read(yaml, yaml.root);
  const { mistakes } = yaml;
  return recipe && mistakes.length === 0 ? { ok: true, recipe } : { ok: false, mistakes };
}

/** A name that an entry uses, and where. */
interface Use {
  readonly name: string;
  readonly place: Place;
}

function read(yaml: StrictYaml, root: Place): Recipe | null {
  const uses: Use[] = [];
  const common = entryReaders(yaml, uses);
  const instruction: Reader<InstructionEntry> = (place, name) => {
    const entry = yaml.members(place, name, {
      from: yaml.oneOf<InstructionFrom>(...INSTRUCTION_FROM),
      ...common,
    });
    return entry && { ...ALL, from: 'target', ...entry, kind: 'instruction' };
  };
  const translation: Reader<TranslationEntry> = (place, name) => {
    const entry = yaml.members(place, name, {
      directions: directions(yaml),
      fields: pairReader(yaml),
      ask: yaml.oneOf<TranslationEntry['ask']>('english', 'target', 'both'),
      ...common,
    });
    if (!entry) return null;
    const { fields, ...rest } = entry;
    return {
      ...ALL,
      directions: DIRECTIONS,
      ask: 'both',
      ...rest,
      pair: fields ?? DEFAULT_PAIR,
      kind: 'translation',
    };
  };
  const yesOrNo = yaml.oneOf(true, false);
  const shardMistakes = { told: 0 };
  const shardList: Reader<RecipeShard[]> = (place, name) => {
    const { told } = yaml;
    const list = shardsReader(yaml)(place, name);
    shardMistakes.told = yaml.told - told;
    return list;
  };
  const found = yaml.members(root, ROOT, {
    name: yaml.text(ONE_LINE, 'recipe.text', MAX_NAME),
    date: dateReader(yaml),
    seed: yaml.text(ONE_LINE, 'recipe.text', MAX_NAME),
    shards: shardList,
    instructions: yaml.list(instruction),
    translations: yaml.list(translation),
    splits: splitsReader(yaml),
    sameIds: yesOrNo,
    shuffle: yesOrNo,
    deduplicate: yesOrNo,
    maxCharacters: yaml.count(1, MAX_COUNT),
    evaluation: yaml.list(yaml.text(PATH, 'recipe.path')),
    format: yaml.oneOf<FormatId>(...FORMAT_IDS),
    trailingNewline: yesOrNo,
    text: yaml.oneOf<Recipe['text']>('current', 'original'),
  });
  if (!found) return null;
  const { name, shards = [], instructions = [], translations = [], maxCharacters, ...rest } = found;
  missing(yaml, root, ROOT, 'name');
  missing(yaml, root, ROOT, 'shards');
  const entries = [...instructions, ...translations];
  if (entries.length === 0 && yaml.told === 0) yaml.tell(root, 'recipe.noEntries');
  const names = shards.map(shard => shard.name);
  for (const use of uses)
    if (shardMistakes.told === 0 && !names.includes(use.name))
      yaml.tell(use.place, 'recipe.noSuchShard', use.name, names.join(', '));
  const asked = entries.reduce(
    (sum, { amount, languages }) =>
      sum + (amount.kind === 'share' ? amount.share * Math.max(1, languages.length) : 0),
    0,
  );
  if (asked > 1 + TOLERANCE) yaml.tell(root, 'recipe.shares', percent(asked));
  const seed = found.seed ?? name ?? '';
  return { ...DEFAULTS, ...rest, name: name ?? '', seed, shards, entries, maxCharacters };
}

const DEFAULTS = {
  splits: DEFAULT_SPLITS,
  sameIds: false,
  shuffle: true,
  deduplicate: true,
  evaluation: [],
  format: 'alpaca',
  trailingNewline: false,
  text: 'current',
} as const;
const ALL = { shards: [], languages: [], amount: { kind: 'all' } } as const;

/** Says that a member is not there, where it is not; one that is wrong was told of already. */
function missing(yaml: StrictYaml, place: Place, name: string, member: string): void {
  if (place.value instanceof Map && !place.value.has(member))
    yaml.tell(place, 'recipe.missing', whereIs(name), member);
}

function entryReaders(yaml: StrictYaml, uses: Use[]): { [K in keyof EntryCommon]: Reader<EntryCommon[K]> } {
  return {
    shards: yaml.list((place, name) => {
      const shard = yaml.text(SHARD_NAME, 'recipe.name', MAX_NAME)(place, name);
      if (shard !== null) uses.push({ name: shard, place });
      return shard;
    }),
    languages: yaml.list(languageReader(yaml)),
    amount: (place, name): Amount | null => {
      const { value } = place;
      if (value === 'all') return { kind: 'all' };
      if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_COUNT)
        return { kind: 'count', count: value };
      const share = shareOf(value);
      return share === undefined
        ? yaml.tell(place, 'recipe.amount', name, shown(place))
        : { kind: 'share', share };
    },
  };
}

function languageReader(yaml: StrictYaml): Reader<Lang> {
  return (place, name) => {
    const tag = typeof place.value === 'string' ? languageTag(place.value) : undefined;
    return tag ?? yaml.tell(place, 'recipe.language', name, shown(place));
  };
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

function dateReader(yaml: StrictYaml): Reader<string> {
  return (place, name) => {
    const { value } = place;
    if (typeof value !== 'string' || !DATE.test(value))
      return yaml.tell(place, 'recipe.date', name, shown(place));
    const day = new Date(`${value}T00:00:00Z`);
    // There is no 31st of February, which some engines take for a day in March.
    const isDay = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
    return isDay ? value : yaml.tell(place, 'recipe.date', name, shown(place));
  };
}

/** Each direction once, so that no demonstration is made twice. */
function directions(yaml: StrictYaml): Reader<Direction[]> {
  const list = yaml.list(yaml.oneOf<Direction>(...DIRECTIONS));
  return (place, name) => {
    const found = list(place, name);
    if (Array.isArray(place.value) && place.value.length === 0)
      return yaml.tell(place, 'recipe.oneOf', name, '[]', DIRECTIONS.join(', '));
    return found && DIRECTIONS.filter(each => found.includes(each));
  };
}

function pairReader(yaml: StrictYaml): Reader<PairOf> {
  const field = yaml.oneOf('instruction', 'input', 'output', 'text');
  return (place, name) => {
    const found = yaml.members(place, name, {
      source: field,
      target: field,
      min: yaml.count(1, MAX_COUNT),
      max: yaml.count(1, MAX_COUNT),
    });
    if (!found) return null;
    const pair = { ...DEFAULT_PAIR, ...found };
    return pair.min > pair.max
      ? yaml.tell(place, 'recipe.range', name, String(pair.min), String(pair.max))
      : pair;
  };
}

/** From 0 to 1; undefined for what is no percentage. */
function shareOf(value: Place['value']): number | undefined {
  const digits = typeof value === 'string' ? SHARE.exec(value)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits) / 100;
}

/** As people write it, without the noise of binary fractions. */
function percent(share: number): string {
  return String(Number((share * 100).toFixed(6)));
}

function splitsReader(yaml: StrictYaml): Reader<Splits> {
  const share: Reader<number> = (place, name) =>
    shareOf(place.value) ?? yaml.tell(place, 'recipe.share', name, shown(place));
  return (place, name) => {
    const { told } = yaml;
    const found = yaml.members(place, name, { train: share, validation: share, test: share });
    if (!found || yaml.told > told) return null;
    const splits = { train: 0, validation: 0, test: 0, ...found };
    const sum = splits.train + splits.validation + splits.test;
    return Math.abs(sum - 1) > TOLERANCE ? yaml.tell(place, 'recipe.splits', percent(sum)) : splits;
  };
}

/** One spelling a file: `./a//b` is `a/b`. */
function plain(path: string): string {
  return path
    .split('/')
    .filter(part => part !== '' && part !== '.')
    .join('/');
}

function shardsReader(yaml: StrictYaml): Reader<RecipeShard[]> {
  const shard = shardReader(yaml);
  return (place, name) => {
    const paths = new Set<string>();
    const names = new Set<string>();
    const found = yaml.list((each, eachName) => {
      const one = shard(each, eachName);
      if (!one) return null;
      if (names.has(one.name)) yaml.tell(each, 'recipe.sameName', one.name);
      names.add(one.name);
      const files = [one.path, ...(one.parallel ? [one.parallel.path] : [])].map(plain);
      const isMemory = TMX.test(one.path);
      // One source may stand beside several targets, and a TMX file holds several languages.
      const langs = one.parallel && isMemory ? [one.parallel.sourceLang, one.parallel.targetLang] : [];
      const file = [...files, ...langs].join('\n');
      if (paths.has(file) || (files[0] === files[1] && !isMemory))
        yaml.tell(each, 'recipe.samePath', files.at(-1) ?? '');
      paths.add(file);
      return one;
    })(place, name);
    const isEmpty = Array.isArray(place.value) && place.value.length === 0;
    return isEmpty ? yaml.tell(place, 'recipe.missing', whereIs(ROOT), 'shards') : found;
  };
}

interface TextFile {
  readonly path: string;
  readonly language: Lang;
}

function shardReader(yaml: StrictYaml): Reader<RecipeShard> {
  // A recipe may come with a repository that somebody else wrote.
  const path = yaml.text(PATH, 'recipe.path');
  const file: Reader<TextFile> = (place, name) => {
    const { path: at, language } = yaml.members(place, name, { path, language: languageReader(yaml) }) ?? {};
    if (at !== undefined && language !== undefined) return { path: at, language };
    missing(yaml, place, name, 'path');
    missing(yaml, place, name, 'language');
    return null;
  };
  return (place, name) => {
    const { told } = yaml;
    const found = yaml.members(place, name, {
      path,
      source: file,
      target: file,
      name: yaml.text(SHARD_NAME, 'recipe.name', MAX_NAME),
      licence: yaml.text(LICENCE, 'recipe.licence'),
      origin: yaml.oneOf<RecipeShard['origin']>('machine', 'human'),
      status: yaml.oneOf<RecipeShard['status']>('approved', 'all'),
    });
    if (!found || yaml.told > told) return null;
    const { source, target, licence = '', origin = 'machine', status } = found;
    const isPair = source !== undefined && target !== undefined && found.path === undefined;
    const at = isPair ? source.path : found.path;
    if (at === undefined || (!isPair && (source ?? target))) return yaml.tell(place, 'recipe.shardPath');
    if (!isPair && TMX.test(at)) return yaml.tell(place, 'recipe.tmxPath');
    if (
      isPair &&
      [source, target].some(each => TMX.test(each.path)) &&
      plain(source.path) !== plain(target.path)
    )
      return yaml.tell(place, 'recipe.tmxPath');
    if (isPair && status === 'approved') return yaml.tell(place, 'recipe.parallelStatus');
    const shardName = found.name ?? nameOfFile(isPair ? target.path : at);
    if (!SHARD_NAME.test(shardName))
      return yaml.tell(place, 'recipe.name', `${name}, name`, JSON.stringify(shardName), MAX_NAME);
    const common = { path: at, name: shardName, licence, origin };
    if (!isPair) return { ...common, status: status ?? 'approved' };
    const parallel = { path: target.path, sourceLang: source.language, targetLang: target.language };
    return { ...common, status: 'all', parallel };
  };
}

/** The last part of a path, without what tells its format. */
function nameOfFile(path: string): string {
  const name = path.split('/').at(-1) ?? '';
  return name.replace(/(?<=.)\.(jsonl|ndjson|json|txt|tmx)$/i, '');
}
