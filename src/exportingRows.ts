/** From units to the demonstrations that a recipe asks of them. */
import {
  instructionOf,
  isBlank,
  translationOf,
  type Demonstration,
  type UnitTexts,
} from './core/demonstration';
import type { Entry, InstructionEntry, Recipe, TranslationEntry } from './core/recipe';
import type { Provenance } from './core/reviewRows';
import type { Sha256 } from './core/record';
import { templateFor } from './core/translationTemplates';
import type { TakenUnit } from './exportingSources';

/** A demonstration that was asked for. */
export interface Asked {
  /** Number of the entry in the recipe. */
  readonly entry: number;
  readonly way: Provenance['way'];
  /** Made of the current texts, by which it is chosen; undefined where the unit is not suited. */
  readonly made: Demonstration | undefined;
  /** As `made`, of the row's own texts. */
  readonly own: Demonstration | undefined;
}

/** What ids and templates are made with. */
export interface Making {
  readonly sha256: Sha256;
  /** Whether ids begin with the name of the shard. */
  readonly areNamed: boolean;
}

/** Everything that a recipe asks of a unit, in the order of its entries. */
export function demonstrationsOf(unit: TakenUnit, recipe: Recipe, making: Making): Asked[] {
  const asked: Asked[] = [];
  for (const [number, entry] of recipe.entries.entries()) {
    if (!isFor(entry, unit)) continue;
    if (entry.kind === 'instruction') asked.push(instruction(unit, number, entry, making));
    else
      for (const direction of entry.directions)
        asked.push(translation(unit, number, entry, direction, recipe, making));
  }
  if (asked.length < 2) return asked;
  return asked.map((each, at) => {
    const isTwin = ({ made }: Asked) => made !== undefined && made.id === each.made?.id;
    return asked.findIndex(isTwin) < at && each.made ? renamed(each) : each;
  });
}

/** Two entries may ask for the same way with other fields: the later one says which entry it is of. */
function renamed(asked: Asked): Asked {
  const rename = (each: Demonstration | undefined) =>
    each && { ...each, id: `${each.id}#${asked.entry + 1}` };
  return { ...asked, made: rename(asked.made), own: rename(asked.own) };
}

function isFor({ shards, languages }: Entry, { shard, texts }: TakenUnit): boolean {
  const isNamed = (names: readonly string[], name: string) => names.length === 0 || names.includes(name);
  return isNamed(shards, shard.name) && isNamed(languages, texts.targetLang);
}

function instruction(unit: TakenUnit, entry: number, { from }: InstructionEntry, making: Making): Asked {
  const made = withId(instructionOf(unit.texts, from), unit, making);
  const own = unit.own === unit.texts ? made : withId(instructionOf(unit.own, from), unit, making);
  return { entry, way: from, made, own };
}

function translation(
  unit: TakenUnit,
  number: number,
  entry: TranslationEntry,
  direction: TranslationEntry['directions'][number],
  recipe: Recipe,
  making: Making,
): Asked {
  const { key, sourceLang, targetLang } = unit.texts;
  const asking = templateFor(recipe.seed, key, direction, entry.ask, [sourceLang, targetLang], making.sha256);
  const made = withId(translationOf(unit.texts, direction, entry.pair, asking), unit, making);
  const own = unit.own === unit.texts ? made : made && withOwn(made, unit.own, entry, direction);
  return { entry: number, way: direction, made, own };
}

/** The row's own pair, however long it is: the same rows go in as with the reviewers' texts. */
function withOwn(
  made: Demonstration,
  own: UnitTexts,
  { pair }: TranslationEntry,
  direction: TranslationEntry['directions'][number],
): Demonstration | undefined {
  const text = (side: 'source' | 'target') =>
    own[side].find(({ name }) => name === pair[side])?.text.trim() ?? '';
  const texts = [text('source'), text('target')] as const;
  if (texts.some(isBlank)) return undefined;
  const [input, output] = direction === 'forward' ? texts : [texts[1], texts[0]];
  const repaired = [input, output].filter(each => !each.isWellFormed()).length;
  return {
    ...made,
    input: input.toWellFormed(),
    output: output.toWellFormed(),
    rejected: undefined,
    repaired,
  };
}

/** Keys are unique within a shard only, and there only as long as no two records have one id. */
function withId(
  made: Demonstration | undefined,
  unit: TakenUnit,
  { areNamed }: Making,
): Demonstration | undefined {
  if (!made) return undefined;
  const name = areNamed ? `${unit.shard.name}/` : '';
  const again = unit.occurrence > 1 ? `~${unit.occurrence}` : '';
  return name === '' && again === '' ? made : { ...made, id: `${name}${made.id}${again}`.toWellFormed() };
}
