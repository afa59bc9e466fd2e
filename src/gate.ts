/** Whether every unit of a shard meets its policy; where not, why. */
import { english, UserError } from './core/messages';
import type { UnitKey } from './core/record';
import { ACCEPTED, type SampleResult } from './core/sample';
import type { State } from './core/states';
import type { Shard } from './shard';
import type { Bad, Loaded } from './units';

/** Units, and ledger lines, that a report names; the others are only counted. */
const NAMED = 20;

export interface Unmet {
  /** `finding` and `comments`: approved by as many as are needed, but held up by a finding, by an open comment. */
  readonly reason: 'state' | 'finding' | 'comments' | 'bad-line';
  /** Of the reason `state` alone. */
  readonly state?: State;
  /** Units, or lines that are no records. */
  readonly count: number;
}

export interface UnmetUnit {
  /** Null for a line that is no record. */
  readonly key: UnitKey | null;
  /** From 1. */
  readonly line: number;
  readonly why: string;
}

export interface GateReport {
  /** Absolute path. */
  readonly shard: string;
  /** Whether nothing is unmet. */
  readonly passed: boolean;
  readonly units: number;
  /** Units that meet the policy. */
  readonly met: number;
  /** Those of them that are accepted by sample. */
  readonly bySample: number;
  /** How far the sample of the policy is, by language; empty where it asks for none. */
  readonly samples: readonly SampleResult[];
  /** In the order in which they were met first; a unit counts under one reason. */
  readonly unmet: readonly Unmet[];
  /** The first 20 in file order. */
  readonly first: readonly UnmetUnit[];
  /** Lines that are no records, also where the policy allows them. */
  readonly badLines: number;
  /** Rows that share their key with another one. What was decided on one holds for all that have its text. */
  readonly repeatedKeys: number;
  /** Keys that were reviewed and whose record is gone. */
  readonly orphans: number;
  readonly ledgerLinesSetAside: number;
  /** The first 20 of those lines, numbered from 1. */
  readonly setAside: readonly { readonly file: string; readonly line: number; readonly why: string }[];
}

type Objection = Omit<Unmet, 'count'> & { readonly why: string };

/**
 * Reads a whole shard and holds each unit against the policy.
 * @throws UserError for a broken policy, a file that changes meanwhile, or events that could not be matched
 */
export async function gateShard(shard: Shard): Promise<GateReport> {
  await shard.matching.complete();
  const problem = shard.facts.policyProblem ?? shard.facts.fileProblem;
  if (problem) throw new UserError(problem.id, ...problem.args);
  await shard.findBlocking();
  let units = 0;
  let met = 0;
  let bySample = 0;
  let badLines = 0;
  const unmet = new Map<string, Unmet>();
  const first: UnmetUnit[] = [];
  for await (const row of shard.all()) {
    if (isBad(row)) badLines++;
    else units++;
    const objection = isBad(row) ? objectionToLine(shard, row) : objectionTo(shard, row);
    if (!objection) {
      if (isBad(row)) continue;
      met++;
      if (row.state.state === 'accepted-by-sample') bySample++;
      continue;
    }
    const { why, ...reason } = objection;
    const kind = `${reason.reason} ${reason.state ?? ''}`;
    unmet.set(kind, { ...reason, count: (unmet.get(kind)?.count ?? 0) + 1 });
    if (first.length < NAMED) first.push({ key: isBad(row) ? null : row.unit.key, line: row.line, why });
  }
  const { repeated, orphans } = shard.facts;
  const { problems } = shard.ledgers;
  return {
    shard: shard.path,
    passed: unmet.size === 0,
    units,
    met,
    bySample,
    samples: shard.matching.samples,
    unmet: [...unmet.values()],
    first,
    badLines,
    repeatedKeys: repeated,
    orphans,
    ledgerLinesSetAside: problems.length,
    setAside: problems
      .slice(0, NAMED)
      .map(({ file, line, reason }) => ({ file, line, why: english(reason) })),
  };
}

function isBad(row: Loaded | Bad): row is Bad {
  return 'reason' in row;
}

function objectionToLine({ policy }: Shard, { reason }: Bad): Objection | undefined {
  return policy.badLines === 'allow' ? undefined : { reason: 'bad-line', why: english(reason) };
}

function objectionTo(shard: Shard, loaded: Loaded): Objection | undefined {
  const { state, approvals, needed, openThreads } = loaded.state;
  if (state === 'partly-approved') {
    // With approvals enough, nothing else but open comments can hold it up.
    return approvals >= needed
      ? { reason: 'comments', why: `open comments: ${openThreads.length}` }
      : { reason: 'state', state, why: `${state}: ${approvals} of ${needed} approvals` };
  }
  if (!ACCEPTED.includes(state)) return { reason: 'state', state, why: state };
  const [blocking] = shard.blocking(loaded);
  if (!blocking) return undefined;
  const { check, side, field, message } = blocking;
  return { reason: 'finding', why: `${check}, ${side} ${field}: ${english(message)}` };
}
