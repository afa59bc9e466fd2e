/** One reading pass over everything that an export is made of: from units to candidates, with a count of what stays out. */
import { formatOf, type Row } from './core/formats';
import type { Demonstration } from './core/demonstration';
import type { Recipe } from './core/recipe';
import type { Sha256 } from './core/record';
import { editsHeld, type Provenance } from './core/reviewRows';
import { add, type Counting, type Label } from './exportingCounts';
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

export function labelOf({ written, review }: Candidate): Label {
  const { way, sourceLang, targetLang, shard } = review;
  return {
    kind: written.kind,
    way: `${written.kind} ${way} ${sourceLang}-${targetLang}`,
    shard,
    repaired: written.repaired > 0,
  };
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
  let number = 0;
  let record = -1;
  for (const [at, source] of sources.entries()) {
    const shard = counting.begin(source.shard.name, number);
    const { left } = shard;
    let row = -1;
    for await (const { units, done } of source.read(options.signal)) {
      options.signal?.throwIfAborted();
      for (const each of units) {
        shard.units++;
        const { unit } = each;
        if ('left' in unit) {
          if (unit.left === 'state') add(shard.states, unit.state);
          else left[unit.left]++;
          continue;
        }
        shard.taken++;
        if (unit.state === 'accepted-by-sample') counting.bySample++;
        if (each.hadCodes) counting.withoutCodes++;
        if (each.row !== row) record++;
        row = each.row;
        const telling = options.onUnit(record, unit);
        if (telling) await telling;
        for (const { entry, way, made, own } of demonstrationsOf(unit, recipe, options)) {
          shard.asked++;
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
