/**
 * The table of checks. A check looks at the two sides of a unit and reports findings; in doubt it abstains, since a
 * warning that is wrong costs the reviewer's trust. Adding one is one entry here and one test.
 */
import { checkLanguage } from './language';
import type { Said } from './messages';
import { severityOf, type Policy } from './policy';
import type { Field, Lang, Side } from './record';

export type Severity = 'error' | 'warning' | 'info';

export interface Finding {
  /** Kebab-case; ids of checks about language begin with `language`. */
  readonly check: string;
  readonly severity: Severity;
  readonly side: Side;
  /** Name of the field. */
  readonly field: string;
  /** The text in doubt, in UTF-16 code units of the field, end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly message: Said;
}

/** What a check may look at: the current text of both sides, same field names in the same order. */
export interface CheckInput {
  readonly sourceLang: Lang;
  readonly targetLang: Lang;
  readonly source: readonly Field[];
  readonly target: readonly Field[];
}

export type Check = (input: CheckInput) => readonly Finding[];

const CHECKS: readonly Check[] = [checkLanguage];

/** All findings of a unit, in the order of the table. Pure, and linear in the length of the text. */
export function runChecks(input: CheckInput): Finding[] {
  return CHECKS.flatMap(check => check(input));
}

/** As `runChecks`, each finding taken for what a policy says; those that it turns off are left out. */
export function findingsBy(policy: Policy, input: CheckInput): Finding[] {
  return runChecks(input).flatMap(finding => {
    const severity = severityOf(policy, input.targetLang, finding.check, finding.severity);
    if (severity === 'off') return [];
    return severity === finding.severity ? finding : { ...finding, severity };
  });
}
