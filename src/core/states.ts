/** The states that a unit can be in, in the order in which they are listed. */
export const STATES = [
  'pending',
  'edited',
  'skipped',
  'needs-work',
  'rejected',
  'partly-approved',
  /** Nobody looked at it; a sample of its shard was found good enough: never by the fold alone, see `sample.ts`. */
  'accepted-by-sample',
  'approved',
  'disputed',
  'stale',
  'conflict',
] as const;
export type State = (typeof STATES)[number];
