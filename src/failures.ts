/** Whose fault a failure is, for what asks for many records: one that goes on, tries again or stops has to know. */
import { BackendError, type FailureKind } from './io/answer';

/**
 * `server`: it would come for every record until somebody mends it. `busy`: as that, but it passes by itself. `unit`: it
 * would come again for this record alone. `passing`: nobody can tell; the next record may do well, and so may this one later.
 */
export type Blame = 'server' | 'busy' | 'unit' | 'passing';

const BLAME: Readonly<Record<FailureKind, Blame>> = {
  down: 'server',
  unauthorised: 'server',
  'not-found': 'server',
  redirect: 'server',
  'not-sse': 'server',
  'bad-url': 'server',
  'bad-key': 'server',
  busy: 'busy',
  loading: 'busy',
  overflow: 'unit',
  'truncated-prompt': 'unit',
  length: 'unit',
  empty: 'unit',
  'too-large': 'unit',
  server: 'passing',
  network: 'passing',
  truncated: 'passing',
  'stream-error': 'passing',
  silence: 'passing',
  'bad-request': 'passing',
  aborted: 'passing',
};

/** @param error as `regenerate` throws it; one that is not about the server is about the record */
export function blameOf(error: unknown): Blame {
  return error instanceof BackendError ? BLAME[error.kind] : 'unit';
}
