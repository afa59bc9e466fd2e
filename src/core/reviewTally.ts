/** What the rows of `reviews.jsonl` say together, for those who describe the training set. */
import type { ReviewRow } from './reviewRows';

/** Distinct models and reviewers that are told apart: what a person reads. */
const MAX_NAMES = 1000;

export interface ReviewSummary {
  readonly rows: number;
  /** Rows by whose text they hold. */
  readonly origins: Readonly<Record<ReviewRow['origin'], number>>;
  /** Rows by the number of approvals of their text, fewest first. */
  readonly approvals: readonly (readonly [approvals: number, rows: number])[];
  /** Rows that at least one decision is about. */
  readonly annotated: number;
  /** Pseudonyms of those whose texts or decisions went in, in order; at most 1,000. */
  readonly reviewers: readonly string[];
  /** Models whose proposals were taken, in order; at most 1,000. */
  readonly models: readonly string[];
  /** BCP-47, of all texts, in order. */
  readonly languages: readonly string[];
  /** Newest day of a decision; "" where there is none. */
  readonly newest: string;
}

/** Takes the rows in any order. */
export class ReviewTally {
  readonly #origins = { human: 0, machine: 0, edited: 0 };
  readonly #approvals = new Map<number, number>();
  readonly #reviewers = new Set<string>();
  readonly #models = new Set<string>();
  readonly #languages = new Set<string>();
  #rows = 0;
  #annotated = 0;
  #newest = '';

  add(row: ReviewRow): void {
    this.#rows++;
    this.#origins[row.origin]++;
    this.#approvals.set(row.approvals, (this.#approvals.get(row.approvals) ?? 0) + 1);
    if (row.annotations > 0) {
      this.#annotated++;
      for (const { reviewer, counts } of JSON.parse(row.decisions) as Decisions)
        if (counts) note(this.#reviewers, reviewer);
    }
    note(this.#reviewers, row.author);
    note(this.#models, row.model);
    note(this.#languages, row.instruction_language);
    note(this.#languages, row.output_language);
    // What is translated stands in the input, and may be in neither of them.
    if (row.kind === 'translation')
      for (const language of [row.source_language, row.target_language]) note(this.#languages, language);
    if (row.reviewed_at > this.#newest) this.#newest = row.reviewed_at;
  }

  result(): ReviewSummary {
    return {
      rows: this.#rows,
      origins: { ...this.#origins },
      approvals: [...this.#approvals].sort(([a], [b]) => a - b),
      annotated: this.#annotated,
      reviewers: [...this.#reviewers].sort(),
      models: [...this.#models].sort(),
      languages: [...this.#languages].sort(),
      newest: this.#newest,
    };
  }
}

type Decisions = readonly { readonly reviewer: string; readonly counts: boolean }[];

function note(names: Set<string>, name: string): void {
  if (name !== '' && names.size < MAX_NAMES) names.add(name);
}
