/** The table of checks. Adding one is one entry in the list of its family, its sentences, and one test. */
import { CheckedUnit, type Check, type CheckInput, type Finding } from './check';
import { ASSISTANT_CHECKS } from './checks/assistant';
import { DAMAGE_CHECKS } from './checks/damage';
import { LANGUAGE_CHECKS } from './checks/language';
import { MARKUP_CHECKS } from './checks/markup';
import { STRUCTURE_CHECKS } from './checks/structure';
import { TASK_CHECKS } from './checks/tasks';
import { TERM_CHECKS } from './checks/terms';
import { severityOf, type Policy } from './policy';
import { fixed } from './spans';

/** Counted up whenever a check may say something else than before: what was found by an older version is forgotten. */
export const CHECKS_VERSION = 1;

/** Of single units; what only many units together tell is found by `corpus.ts`. */
export const CHECKS: readonly Check[] = [
  ...LANGUAGE_CHECKS,
  ...ASSISTANT_CHECKS,
  ...MARKUP_CHECKS,
  ...STRUCTURE_CHECKS,
  ...DAMAGE_CHECKS,
  ...TASK_CHECKS,
  ...TERM_CHECKS,
];

/**
 * All findings of a unit, in the order of the table. Pure, and linear in the length of the text.
 * @param checks those that are wanted
 */
export function runChecks(input: CheckInput, checks = CHECKS): Finding[] {
  const unit = new CheckedUnit(input);
  const findings: Finding[] = [];
  for (const { id, severity, needs, run } of checks) {
    if (!needs.every(need => unit.has(need))) continue;
    for (const hit of run(unit)) findings.push({ check: id, severity, side: 'target', ...hit });
  }
  return findings;
}

/**
 * As `runChecks`, each finding taken for what a policy says; those that it turns off are left out, and so are corrections
 * that would make another finding.
 */
export function findingsBy(policy: Policy, input: CheckInput): Finding[] {
  const findings = runChecks(input);
  let tried = 0;
  return findings.flatMap(finding => {
    const severity = severityOf(policy, input.targetLang, finding.check, finding.severity);
    if (severity === 'off') return [];
    if (finding.fix && (++tried > MAX_TRIED || !isGoodFix(input, finding, findings))) {
      const { check, side, field, start, end, message } = finding;
      return { check, severity, side, field, start, end, message };
    }
    return severity === finding.severity ? finding : { ...finding, severity };
  });
}

/** Corrections tried out in one unit: each takes all checks once more. */
const MAX_TRIED = 10;

function isGoodFix(input: CheckInput, { check, field, fix }: Finding, before: readonly Finding[]): boolean {
  if (!fix) return false;
  const target = input.target.map(each =>
    each.name === field ? { ...each, text: fixed(each.text, fix) } : each,
  );
  const count = (findings: readonly Finding[], id: string) =>
    findings.filter(each => each.check === id && each.field === field).length;
  const after = runChecks({ ...input, target });
  return (
    count(after, check) < count(before, check) &&
    after.every(each => count(after, each.check) <= count(before, each.check))
  );
}
