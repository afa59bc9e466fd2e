/**
 * What a trainer reads: from a unit to demonstrations, as the CrossAlpaca recipe has them (arXiv 2308.14186):
 * instruction-following in one language or across two, and translation-following in either direction.
 */
import type { Field, Lang, UnitKey } from './record';

export const KINDS = ['instruction', 'translation'] as const;
export type Kind = (typeof KINDS)[number];

/** One training example. All texts are well-formed Unicode; `input` is "" where there is none. */
export interface Demonstration {
  /** Stable: the same for the same unit and way of making it, and another for every other one. */
  readonly id: string;
  readonly kind: Kind;
  readonly instruction: string;
  readonly input: string;
  readonly output: string;
  /** Language of the instruction, and of the answer. */
  readonly langs: readonly [instruction: Lang, output: Lang];
  /** What the machine had answered, where a reviewer changed the output; undefined where nobody did. */
  readonly rejected: string | undefined;
  /** Texts in which half of a surrogate pair became U+FFFD. */
  readonly repaired: number;
}

/** Which sides an instruction and its answer come from. `cross`: asked in one language, answered in the other. */
export const INSTRUCTION_FROM = ['target', 'source', 'cross-to-target', 'cross-to-source'] as const;
export type InstructionFrom = (typeof INSTRUCTION_FROM)[number];

/** `forward`: from the source language into the target language. */
export const DIRECTIONS = ['forward', 'back'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** A unit as it goes in: its current texts, and those of the row where they differ. */
export interface UnitTexts {
  readonly key: UnitKey;
  readonly sourceLang: Lang;
  readonly targetLang: Lang;
  readonly source: readonly Field[];
  readonly target: readonly Field[];
  /** The row's own target texts. */
  readonly original: readonly Field[];
}

/** What is translated: a field of each side, and how long each text may be, in UTF-16 units. */
export interface PairOf {
  readonly source: string;
  readonly target: string;
  readonly min: number;
  readonly max: number;
}

/** The words that ask for a translation, with the names of the languages filled in. */
export interface Asking {
  readonly text: string;
  readonly lang: Lang;
}

/**
 * @returns undefined for a unit without `instruction` and `output`, such as a sentence pair, or where one is blank. The id is the unit's key for
 * the target side, with the way behind `#` for the others: no BCP-47 tag, with which keys end, holds one
 */
export function instructionOf(unit: UnitTexts, from: InstructionFrom): Demonstration | undefined {
  const { key, sourceLang, targetLang, source, target, original } = unit;
  const asks = from === 'target' || from === 'cross-to-source' ? target : source;
  const answers = from === 'target' || from === 'cross-to-target' ? target : source;
  const instruction = textOf(asks, 'instruction');
  const output = textOf(answers, 'output');
  if (instruction === undefined || output === undefined || isBlank(instruction) || isBlank(output))
    return undefined;
  const langOf = (side: readonly Field[]) => (side === target ? targetLang : sourceLang);
  return made({
    id: from === 'target' ? key : `${key}#${from}`,
    kind: 'instruction',
    instruction,
    input: textOf(asks, 'input') ?? '',
    output,
    langs: [langOf(asks), langOf(answers)],
    rejected: answers === target ? changedFrom(original, 'output', output) : undefined,
  });
}

/**
 * A pair of texts without the white space around them, as x-LLaMA has it: the instruction asks, `input` is the text,
 * `output` its translation.
 * @returns undefined where one of the texts is missing, blank, too short or too long
 */
export function translationOf(
  unit: UnitTexts,
  direction: Direction,
  pair: PairOf,
  asking: Asking,
): Demonstration | undefined {
  const source = textOf(unit.source, pair.source)?.trim() ?? '';
  const target = textOf(unit.target, pair.target)?.trim() ?? '';
  const fits = ({ length }: string) => length > 0 && length >= pair.min && length <= pair.max;
  if (!fits(source) || !fits(target)) return undefined;
  const isForward = direction === 'forward';
  const before = changedFrom(unit.original, pair.target, textOf(unit.target, pair.target) ?? '')?.trim();
  return made({
    id: `${unit.key}#${direction}`,
    kind: 'translation',
    instruction: asking.text,
    input: isForward ? source : target,
    output: isForward ? target : source,
    langs: [asking.lang, isForward ? unit.targetLang : unit.sourceLang],
    rejected: isForward && before !== target ? before : undefined,
  });
}

export const isBlank = (text: string) => text.trim() === '';

function textOf(fields: readonly Field[], name: string): string | undefined {
  return fields.find(field => field.name === name)?.text;
}

/** The row's own text of a field, where it is another one than now; an empty one is no answer that could be rejected. */
function changedFrom(original: readonly Field[], name: string, now: string): string | undefined {
  const before = textOf(original, name);
  return before === undefined || before === now || isBlank(before) ? undefined : before;
}

/** Half of a surrogate pair, which no tokenizer and no JSON reader of the trainers takes, becomes U+FFFD. */
function made(texts: Omit<Demonstration, 'repaired'>): Demonstration {
  const { id, kind, instruction, input, output, langs, rejected } = texts;
  const all = [id, instruction, input, output];
  // Written out: spreading one object into another takes longer than all the rest.
  if (all.every(isWellFormed) && (rejected === undefined || isWellFormed(rejected)))
    return { id, kind, instruction, input, output, langs, rejected, repaired: 0 };
  // A reviewer may have done nothing but that repair: then there is no pair of answers.
  const isPair = rejected !== undefined && rejected.toWellFormed() !== output.toWellFormed();
  if (isPair) all.push(rejected);
  return {
    id: id.toWellFormed(),
    kind,
    instruction: instruction.toWellFormed(),
    input: input.toWellFormed(),
    output: output.toWellFormed(),
    langs,
    rejected: isPair ? rejected.toWellFormed() : undefined,
    repaired: all.filter(text => !isWellFormed(text)).length,
  };
}

const isWellFormed = (text: string) => text.isWellFormed();

/** Instruction, input and output as JSON, of the demonstration that was asked about last: its row and its review both hold them. */
export function textsAsJson(demonstration: Demonstration): readonly [string, string, string] {
  if (last?.demonstration !== demonstration) {
    const { instruction, input, output } = demonstration;
    const texts = [JSON.stringify(instruction), JSON.stringify(input), JSON.stringify(output)] as const;
    last = { demonstration, texts };
  }
  return last.texts;
}
let last:
  { readonly demonstration: Demonstration; readonly texts: readonly [string, string, string] } | undefined;
