/** What commands of the command line give back. */

/** What a command found: one JSON document, or lines for a person. */
export interface Report {
  readonly json: unknown;
  readonly text: readonly string[];
  /** Where the answer is no. */
  readonly isNo?: boolean;
}

/** The user stopped it. */
export class Interrupted extends Error {
  /** As shells say it: 128 and the number of the signal. */
  readonly exitCode: number;

  constructor(signal: 'SIGINT' | 'SIGTERM', message: string) {
    super(message);
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}

/** The command line says something that it cannot mean: exit 2, with a hint at the help. */
export class UsageError extends Error {}
