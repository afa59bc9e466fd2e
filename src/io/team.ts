/** What a team settled for its shards: the policy and the glossary, wherever they stand. */
import { dirname } from 'node:path';
import type { Glossary } from '../core/glossary';
import type { Said } from '../core/messages';
import type { Policy } from '../core/policy';
import { readGlossary, readGlossaryIn, readPolicyAt, readPolicyFile } from './reviewFiles';

/** Where the policy of a shard is, besides the folders above it. */
export interface PolicyPlace {
  /** Absolute path of the folder whose policy holds where the shard's own folders have none. */
  readonly workspaceRoot?: string;
  /** The file that holds the policy, whatever others there are; so does a `glossary.csv` beside it. */
  readonly policyFile?: string;
}

export interface Team {
  readonly policy: Policy;
  readonly problem?: Said;
  readonly glossary: Glossary;
  readonly glossaryProblem: Said | undefined;
}

/** @param shard absolute path @throws UserError where `where` names a policy that cannot be used */
export async function readTeam(shard: string, { policyFile, workspaceRoot }: PolicyPlace): Promise<Team> {
  const [policy, beside] = await Promise.all([
    policyFile === undefined
      ? readPolicyFile(shard, workspaceRoot)
      : readPolicyAt(policyFile).then(given => ({ policy: given })),
    policyFile === undefined ? undefined : readGlossaryIn(dirname(policyFile)),
  ]);
  const { glossary, problem } = beside ?? (await readGlossary(shard, workspaceRoot));
  return { ...policy, glossary, glossaryProblem: problem };
}

/** The same glossary is the same list: it may be long. */
export function isSameTeam(a: Team, b: Team): boolean {
  const rest = ({ policy, problem, glossaryProblem }: Team) =>
    JSON.stringify([policy, problem, glossaryProblem]);
  return a.glossary === b.glossary && rest(a) === rest(b);
}
