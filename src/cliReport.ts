/** What commands of the command line give back. */

/** What a command found: one JSON document, or lines for a person. */
export interface Report {
  readonly json: unknown;
  readonly text: readonly string[];
  /** Where the answer is no. */
  readonly isNo?: boolean;
}

/** The command line says something that it cannot mean: exit 2, with a hint at the help. */
export class UsageError extends Error {}
