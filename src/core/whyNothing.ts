/** Why an export has no rows: what keeps out most, and what can be done about it. */
import type { ExportCounts, LeftOut } from './manifest';
import { say, type MessageId, type Said } from './messages';
import type { Recipe } from './recipe';

const STATES: Readonly<Record<string, MessageId>> = {
  pending: 'export.none.pending',
  edited: 'export.none.edited',
  skipped: 'export.none.skipped',
  'needs-work': 'export.none.needs-work',
  rejected: 'export.none.rejected',
  'partly-approved': 'export.none.partly-approved',
  disputed: 'export.none.disputed',
  stale: 'export.none.stale',
  conflict: 'export.none.conflict',
};

const REASONS: Readonly<Record<Exclude<keyof LeftOut, 'states'>, MessageId>> = {
  blocked: 'export.none.blocked',
  bad: 'export.none.bad',
  unsuited: 'export.none.unsuited',
  tooLong: 'export.none.tooLong',
  duplicates: 'export.none.duplicates',
  evaluation: 'export.none.evaluation',
  notChosen: 'export.none.notChosen',
  noPair: 'export.none.noPair',
};

/** What keeps out most. */
export interface Reason {
  readonly said: Said;
  /** The state that those have that stay out; undefined for other reasons. */
  readonly state: string | undefined;
}

/**
 * @param text which texts were asked for
 * @returns what keeps out most; where some units may go in, of what keeps out their demonstrations
 */
export function whyNothing({ left, units, taken, asked }: ExportCounts, text: Recipe['text']): Reason {
  const { states, blocked, bad, ...demonstrations } = left;
  const most = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).reduce(
      ([name, most], [other, count]) => (count > most ? [other, count] : [name, most]),
      ['', 0],
    );
  if (taken > 0 && asked === 0) return { said: say('export.none.notAsked', taken), state: undefined };
  const [name, count] = most(taken > 0 ? demonstrations : { ...states, blocked, bad });
  const state = taken > 0 ? undefined : STATES[name];
  if (state) return { said: say(state, count, units), state: name };
  // Pairs are of the machine's text and the reviewer's, so that the machine's alone never are any.
  if (taken > 0 && name === 'noPair' && text === 'original')
    return { said: say('export.none.noPairOriginal'), state: undefined };
  const id = REASONS[name as keyof typeof REASONS];
  return { said: say(id, count, taken > 0 ? asked : units), state: undefined };
}
