/** One reading pass over everything that an export is made of: from units to candidates, with a count of what stays out. */
import { formatOf, type Row } from './core/formats';
import type { ExportCounts, LeftOut } from './core/manifest';
import type { Demonstration, Kind } from './core/demonstration';
import type { Recipe, Splits } from './core/recipe';
import type { Sha256 } from './core/record';
import { editsHeld, type Provenance } from './core/reviewRows';
import { ReviewTally } from './core/reviewTally';
import { demonstrationsOf } from './exportingRows';
import { NOTHING_DONE, type Done, type Source, type TakenUnit } from './exportingSources';

/** A demonstration that may go in. */
export interface Candidate {
  /** Counted through, from 0, in the order of reading. */
  readonly number: number;
  readonly entry: number;
  /** Record that it is made of, counted through over all sources, from 0. */
  readonly record: number;
  /** Made of the current texts; `written` differs where the machine's are asked for. */
  readonly made: Demonstration;
  readonly written: Demonstration;
  readonly row: Row;
  readonly review: Provenance;
}

/** What of a candidate counts where it goes in. */
export interface Label {
  readonly kind: Kind;
  /** `translation forward en-it` */
  readonly way: string;
  readonly shard: string;
  readonly repaired: boolean;
}

export function labelOf({ written, review }: Candidate): Label {
  const { way, sourceLang, targetLang, shard } = review;
  return {
    kind: written.kind,
    way: `${written.kind} ${way} ${sourceLang}-${targetLang}`,
    shard,
    repaired: written.repaired > 0,
  };
}

type Split = keyof Splits;
type LeftCounts = Record<Exclude<keyof LeftOut, 'states'>, number>;

/** Counts of an export while it goes on. */
export class Counting {
  readonly left: LeftCounts = {
    blocked: 0,
    bad: 0,
    unsuited: 0,
    tooLong: 0,
    duplicates: 0,
    evaluation: 0,
    notChosen: 0,
    noPair: 0,
  };
  readonly states = new Map<string, number>();
  readonly kinds: Record<Kind, number> = { instruction: 0, translation: 0 };
  /** Rows by name of the shard. */
  readonly shards = new Map<string, number>();
  readonly #made = new Map<string, number>();
  readonly #splits: Record<Split, number> = { train: 0, validation: 0, test: 0 };
  units = 0;
  taken = 0;
  asked = 0;
  bySample = 0;
  withoutCodes = 0;
  /** What the rows' reviews say together. */
  readonly reviews = new ReviewTally();
  #rows = 0;
  #repaired = 0;

  goesIn({ kind, way, shard, repaired }: Label, split: Split): void {
    this.#rows++;
    this.#splits[split]++;
    this.kinds[kind]++;
    if (repaired) this.#repaired++;
    add(this.#made, way);
    add(this.shards, shard);
  }

  result(): ExportCounts {
    return {
      units: this.units,
      taken: this.taken,
      asked: this.asked,
      rows: this.#rows,
      splits: { ...this.#splits },
      made: inOrder(this.#made),
      repaired: this.#repaired,
      bySample: this.bySample,
      withoutCodes: this.withoutCodes,
      left: { states: inOrder(this.states), ...this.left },
    };
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** By name, so that it does not hang on what was met first. */
function inOrder(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a pass asks of whoever gives it sources. */
export interface PassOptions {
  readonly sha256: Sha256;
  readonly areNamed: boolean;
  /** Whether a text is a near-copy of a question that is kept out. */
  readonly isQuestion: (text: string) => boolean;
  /** Told each unit that may go in, before its candidates; what it returns is waited for. */
  readonly onUnit: (record: number, unit: TakenUnit) => Promise<void> | undefined;
  /** Takes a candidate; what it returns is waited for. */
  readonly onCandidate: (candidate: Candidate) => Promise<void> | undefined;
  readonly onProgress: (done: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** @throws UserError `file.changed`, and whatever `onCandidate` throws */
export async function passOver(
  sources: readonly Source[],
  recipe: Recipe,
  counting: Counting,
  options: PassOptions,
): Promise<void> {
  const format = formatOf(recipe.format);
  const { left } = counting;
  let number = 0;
  let record = -1;
  for (const [at, source] of sources.entries()) {
    let row = -1;
    for await (const { units, done } of source.read(options.signal)) {
      options.signal?.throwIfAborted();
      for (const each of units) {
        counting.units++;
        const { unit } = each;
        if ('left' in unit) {
          if (unit.left === 'state') add(counting.states, unit.state);
          else left[unit.left]++;
          continue;
        }
        counting.taken++;
        if (unit.state === 'accepted-by-sample') counting.bySample++;
        if (each.hadCodes) counting.withoutCodes++;
        if (each.row !== row) record++;
        row = each.row;
        const telling = options.onUnit(record, unit);
        if (telling) await telling;
        for (const { entry, way, made, own } of demonstrationsOf(unit, recipe, options)) {
          counting.asked++;
          const written = recipe.text === 'current' ? made : own;
          if (!made || !written) {
            left.unsuited++;
            continue;
          }
          const why = objection(made, own, recipe, options.isQuestion);
          const result = why === undefined ? format.row(written, recipe) : undefined;
          if (!result) {
            left[why ?? 'noPair']++;
            continue;
          }
          const review = reviewOf(unit, way, recipe, entry);
          const waiting = options.onCandidate({ number, entry, record, made, written, row: result, review });
          number++;
          if (waiting) await waiting;
        }
      }
      options.onProgress((at + done) / sources.length);
    }
  }
}

/** Both texts are asked about whichever is written, so that the same rows go in with either. */
function objection(
  made: Demonstration,
  own: Demonstration | undefined,
  { maxCharacters }: Recipe,
  isQuestion: PassOptions['isQuestion'],
): 'tooLong' | 'evaluation' | undefined {
  const { instruction, input, output } = made;
  if (maxCharacters !== undefined && instruction.length + input.length + output.length > maxCharacters)
    return 'tooLong';
  const asks = (each: Demonstration) => isQuestion(`${each.instruction}\n${each.input}\n${each.output}`);
  return asks(made) || (own && own !== made && asks(own)) ? 'evaluation' : undefined;
}

function reviewOf(unit: TakenUnit, way: Provenance['way'], recipe: Recipe, entry: number): Provenance {
  const { shard, line, state } = unit;
  const { key, sourceLang, targetLang } = unit.texts;
  const done = recipe.text === 'current' ? unit.done : doneToOwn(unit.done);
  const asked = recipe.entries[entry];
  const { edited, candidate, author } = editsHeld(
    done,
    way,
    asked?.kind === 'translation' ? asked.pair : undefined,
  );
  return {
    shard: shard.name,
    licence: shard.licence,
    origin: shard.origin,
    key,
    line,
    state,
    sourceLang,
    targetLang,
    way,
    edited,
    candidate,
    author,
    decisions: done.decisions,
  };
}

/** Of the machine's own text nothing was edited, and no decision is about it where the reviewers changed it. */
function doneToOwn(done: Done): Done {
  if (done.author === undefined) return done;
  return { ...NOTHING_DONE, decisions: done.decisions.map(each => ({ ...each, counts: false })) };
}
