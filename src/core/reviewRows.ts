/**
 * What is known of a row of the training set beside its text: a row of `reviews.jsonl`, joined by `id`. Names and types of its
 * members are the same in every row, and no list or map stands in it but as the text of its JSON: `datasets` takes the type of
 * a column from the first rows that it reads, and an empty list, or a whole number among fractions, is of another type.
 */
import type { Demonstration, Direction, InstructionFrom, PairOf } from './demonstration';
import { editDistance } from './editDistance';
import type { TakenCandidate } from './events';
import { TOOL } from './manifest';
import type { DecisionView } from './protocol';
import type { Sha256, Side } from './record';
import type { State } from './states';

/** What is known of the unit that a demonstration was made from. */
export interface Provenance {
  /** Name of the shard in the recipe, and its licence and origin. */
  readonly shard: string;
  readonly licence: string;
  readonly origin: 'machine' | 'human';
  readonly key: string;
  readonly line: number;
  readonly state: State;
  readonly sourceLang: string;
  readonly targetLang: string;
  readonly way: InstructionFrom | Direction;
  /** Fields whose text is another than the row's, and the texts, for the distance. */
  readonly edited: readonly EditedField[];
  /** The model whose proposal became the current text. */
  readonly candidate: TakenCandidate | undefined;
  /** Who wrote the current text; undefined where it is the row's own. */
  readonly author: string | undefined;
  readonly decisions: readonly ReviewDecision[];
}

export interface EditedField {
  readonly side: Side;
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

export interface ReviewDecision {
  readonly by: string;
  /** Day: `2026-01-31`. */
  readonly at: string;
  readonly decision: DecisionView['decision'];
  readonly reasons: readonly string[];
  /** Whether it is about the text that is written, by somebody who has a say. */
  readonly counts: boolean;
}

/** A type and no interface, so that it is a row like any other where it is written. */
export type ReviewRow = Readonly<{
  id: string;
  /** Key of the unit, and the line of its record in the shard. */
  source_id: string;
  shard: string;
  line: number;
  /** As the recipe has it; "" where it says none. */
  licence: string;
  /** BCP-47, of the unit and of what was made of it. */
  source_language: string;
  target_language: string;
  instruction_language: string;
  output_language: string;
  kind: string;
  /** How the demonstration was made of the unit: which side, or which direction. */
  way: string;
  state: string;
  /** Who made the texts: what the recipe says of the shard, `edited` where reviewers changed one that the row holds. */
  origin: 'human' | 'machine' | 'edited';
  /** Of the proposal that a reviewer took: model, SHA-256 of its prompt (16 digits), parameters as JSON. "" where there is none. */
  model: string;
  prompt_hash: string;
  parameters: string;
  /** Names of the changed fields that the row holds, a JSON list; of the source side as `source.output`. */
  edited_fields: string;
  /** Characters changed in these fields, and how many the longer one of each before and after has: see `editDistance`. */
  edit_distance: number;
  edit_length: number;
  /** Pseudonym of who wrote the current text; "" where it is the row’s own. */
  author: string;
  /** JSON list of `{reviewer, decision, reasons, date, counts}`. */
  decisions: string;
  /** Decisions that count, and approvals among them. */
  annotations: number;
  approvals: number;
  /** Newest day of a decision that counts; "" where there is none. */
  reviewed_at: string;
  /** SHA-256 over the JSON of `[instruction, input, output]`. */
  text_sha256: string;
  tool: string;
}>;

type Edits = Pick<Provenance, 'edited' | 'candidate' | 'author'>;

/**
 * Of the edits of a unit those of texts that a demonstration of it holds: whoever mended the target made nothing of a row of
 * the source side.
 * @param pair the fields of a translation
 */
export function editsHeld(
  { edited, candidate, author }: Edits,
  way: Provenance['way'],
  pair?: PairOf,
): Edits {
  // Most units: a copy of nothing would take longer than all the rest.
  if (edited.length === 0) return { edited, candidate, author };
  const held = edited.filter(({ side, name }) => {
    if (pair) return name === pair[side];
    if (way === 'target' || way === 'source') return side === way;
    // Asked on one side, answered on the other.
    return (name === 'output') === (side === (way === 'cross-to-target' ? 'target' : 'source'));
  });
  if (held.length === 0) return { edited: held, candidate: undefined, author: undefined };
  // Models propose target texts.
  const isOfModel = held.some(({ side }) => side === 'target');
  return { edited: held, candidate: isOfModel ? candidate : undefined, author };
}

/** Local servers call a model by where its file is, which says something of the reviewer’s machine: its last part is enough. */
function modelName(model: string): string {
  const isPath = /^(file:|[a-z]:|[/~.])|\\|\.(gguf|ggml|bin|safetensors)$/i.test(model);
  const [last] = isPath
    ? model
        .split(/[/\\]/)
        .filter(part => part !== '')
        .slice(-1)
    : [model];
  return (last ?? '').toWellFormed();
}

/** @param pseudonym of a reviewer’s name */
export function reviewRow(
  demonstration: Demonstration,
  provenance: Provenance,
  sha256: Sha256,
  pseudonym: (name: string) => string,
): ReviewRow {
  const { id, kind, instruction, input, output, langs } = demonstration;
  const { edited, candidate, author, decisions } = provenance;
  const distances = edited.map(({ before, after }) => editDistance(before, after));
  const counting = decisions.filter(({ counts }) => counts);
  return {
    id,
    source_id: provenance.key.toWellFormed(),
    shard: provenance.shard,
    line: provenance.line,
    licence: provenance.licence,
    source_language: provenance.sourceLang,
    target_language: provenance.targetLang,
    instruction_language: langs[0],
    output_language: langs[1],
    kind,
    way: provenance.way,
    state: provenance.state,
    origin: edited.length > 0 ? 'edited' : provenance.origin,
    model: modelName(candidate?.model ?? ''),
    prompt_hash: candidate?.prompt.toWellFormed() ?? '',
    parameters: candidate ? JSON.stringify(candidate.parameters) : '',
    edited_fields: JSON.stringify(
      edited.map(({ side, name }) => (side === 'target' ? name : `source.${name}`)),
    ),
    edit_distance: distances.reduce((sum, { distance }) => sum + distance, 0),
    edit_length: distances.reduce((sum, { of }) => sum + of, 0),
    author: author === undefined ? '' : pseudonym(author),
    decisions: JSON.stringify(
      decisions.map(({ by, decision, reasons, at, counts }) => ({
        reviewer: pseudonym(by),
        decision,
        reasons,
        date: at,
        counts,
      })),
    ),
    annotations: counting.length,
    approvals: counting.filter(({ decision }) => decision === 'approve').length,
    reviewed_at: counting.reduce((newest, { at }) => (at > newest ? at : newest), ''),
    text_sha256: sha256(JSON.stringify([instruction, input, output])),
    tool: TOOL,
  };
}
