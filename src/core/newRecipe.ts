/** The file of a new recipe, from what was answered: commented, so that it can be understood and changed. */
import type { Direction, InstructionFrom } from './demonstration';
import { FORMAT_IDS, type FormatId } from './formats';
import type { Argument, MessageId } from './messages';
import { DEFAULT_PAIR, type Splits } from './recipe';
import type { Lang } from './record';

export interface NewRecipe {
  /** One line, at most 100 UTF-16 units. */
  readonly name: string;
  /** Today: `2026-01-31`. */
  readonly date: string;
  readonly shards: readonly NewRecipeShard[];
  /** Target languages; empty: all. */
  readonly languages: readonly Lang[];
  /** At least one of these and the next. */
  readonly instructions: readonly InstructionFrom[];
  readonly directions: readonly Direction[];
  readonly splits: Splits;
  readonly format: FormatId;
}

export interface NewRecipeShard {
  /** From the folder of the recipe, with `/`. */
  readonly path: string;
  /** What its records hold: instructions, or sentence pairs. */
  readonly field: 'output' | 'text';
}

/**
 * @param t a sentence in the language that its comments are to be in
 * @returns YAML that `parseRecipe` reads
 */
export function newRecipeText(recipe: NewRecipe, t: (id: MessageId, ...args: Argument[]) => string): string {
  const { name, date, languages, instructions, directions, splits, format } = recipe;
  const comment = (id: MessageId, ...args: Argument[]) => `# ${t(id, ...args).replace(/\s+/g, ' ')}`;
  const shards = named(recipe.shards);
  const common = ['amount: all', ...(languages.length > 0 ? [`languages: ${list(languages)}`] : [])];
  // A sentence pair is no instruction: that entry is of the others alone, where there are both.
  const only = (field: NewRecipeShard['field']) =>
    shards.every(shard => shard.field === field)
      ? []
      : [`shards: ${list(shards.filter(shard => shard.field === field).map(shard => shard.name))}`];
  const fields = (['output', 'text'] as const).filter(field => shards.some(shard => shard.field === field));
  const { min, max } = DEFAULT_PAIR;
  const lines = [
    comment('newRecipe.text.head', name),
    `name: ${JSON.stringify(name)}`,
    comment('newRecipe.text.date'),
    `date: ${date}`,
    comment('newRecipe.text.seed'),
    `seed: ${JSON.stringify(`${name} 1`.slice(0, 100))}`,
    '',
    comment('newRecipe.text.shards'),
    comment('newRecipe.text.licence'),
    'shards:',
    ...shards.flatMap(shard => item([`path: ${quoted(shard.path)}`, `name: ${quoted(shard.name)}`])),
    ...(instructions.length > 0
      ? [
          '',
          comment('newRecipe.text.instructions'),
          'instructions:',
          ...instructions.flatMap(from =>
            item([`from: ${from}`, ...common, ...(fields.includes('output') ? only('output') : [])]),
          ),
        ]
      : []),
    ...(directions.length > 0
      ? [
          '',
          comment('newRecipe.text.translations'),
          'translations:',
          ...fields.flatMap(field =>
            item([
              `directions: ${list(directions)}`,
              `fields: { source: ${field}, target: ${field}, min: ${min}, max: ${max} }`,
              'ask: both',
              ...common,
              ...only(field),
            ]),
          ),
        ]
      : []),
    '',
    comment('newRecipe.text.splits'),
    `splits: { train: ${percent(splits.train)}, validation: ${percent(splits.validation)}, test: ${percent(splits.test)} }`,
    '',
    comment('newRecipe.text.evaluation'),
    '',
    comment('newRecipe.text.format', FORMAT_IDS.join(', ')),
    `format: ${format}`,
    '',
  ];
  return lines.join('\n');
}

/** Names that differ: that of the file, or its whole path where two files are called the same. */
function named(shards: readonly NewRecipeShard[]): readonly (NewRecipeShard & { readonly name: string })[] {
  const short = shards.map(({ path }) => cut(path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '')));
  const taken = new Set<string>();
  return shards.map((shard, at) => {
    const own = short[at] ?? '';
    const isOwn = own.trim() !== '' && short.filter(each => each === own).length === 1;
    const wanted = isOwn ? own : cut(shard.path.replaceAll('/', '-'));
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted.slice(0, 90)} ${count}`;
    taken.add(name);
    return { ...shard, name };
  });
}

/** As long as a name may be; the end tells more than the beginning. */
const cut = (name: string) => name.slice(-100);

/** JSON is YAML, and needs no thought about what a name begins with. */
const quoted = (text: string) => JSON.stringify(text);
const list = (values: readonly string[]) => `[${values.map(quoted).join(', ')}]`;
const percent = (share: number) => `${Number((share * 100).toFixed(6))}%`;

function item(members: readonly string[]): string[] {
  return members.map((member, at) => `${at === 0 ? '  - ' : '    '}${member}`);
}
