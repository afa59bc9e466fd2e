/** When a unit counts as approved: `.crossalpaca/policy.json`. */
import { say, type Said } from './messages';

export interface Policy {
  /** Approvals of the current text that a unit needs, each by another reviewer. */
  readonly approvals: number;
  /** Whether the approval of the reviewer who made the current edit is one of them. */
  readonly lastEditorCounts: boolean;
}

export type PolicyResult =
  { readonly ok: true; readonly policy: Policy } | { readonly ok: false; readonly reason: Said };

export const DEFAULT_POLICY: Policy = { approvals: 1, lastEditorCounts: true };

/** Until a broken policy is mended nothing counts as approved, whoever approved it. */
export const CLOSED_POLICY: Policy = { approvals: Number.POSITIVE_INFINITY, lastEditorCounts: false };

/** Reads a policy file; an unknown or wrong member is an error, since a mistyped rule must not be silently off. */
export function readPolicy(json: string): PolicyResult {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return {
      ok: false,
      reason: say('policy.notJson', error instanceof Error ? error.message : String(error)),
    };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { ok: false, reason: say('policy.notObject') };
  const policy: { approvals: number; lastEditorCounts: boolean } = { ...DEFAULT_POLICY };
  for (const [name, member] of Object.entries(value)) {
    if (name === '$schema') continue;
    if (name === 'approvals' && Number.isSafeInteger(member) && (member as number) >= 1)
      policy.approvals = member as number;
    else if (name === 'lastEditorCounts' && typeof member === 'boolean') policy.lastEditorCounts = member;
    else return { ok: false, reason: say('policy.member', name, JSON.stringify(member)) };
  }
  return { ok: true, policy };
}
