/** What is to be asked for of one unit in a run over many, and what came of it. */
import type { Finding } from './check';
import type { Field } from './record';
import type { Outcome, Proposed } from './regeneration';

export interface Todo {
  /** Target fields, in their order; each has a source text. */
  readonly fields: readonly string[];
  /** The first of each field, where they are why. */
  readonly findings: readonly Finding[];
}

/**
 * What a wish means for one unit.
 * @param wanted target fields; empty: all of them
 * @param flagged what was found in its text, where only fields with a warning count
 * @returns undefined where there is nothing to ask for
 */
export function todoOf(
  { source, target }: { readonly source: readonly Field[]; readonly target: readonly Field[] },
  wanted: readonly string[],
  flagged: readonly Finding[] | undefined,
): Todo | undefined {
  const hasSource = (name: string) => source.some(each => each.name === name && each.text.trim() !== '');
  const names = target.map(({ name }) => name).filter(hasSource);
  const asked = wanted.length > 0 ? names.filter(name => wanted.includes(name)) : names;
  const firstIn = (name: string) => flagged?.find(each => isWarning(each) && each.field === name);
  const fields = flagged ? asked.filter(firstIn) : asked;
  return fields.length > 0 ? { fields, findings: fields.flatMap(name => firstIn(name) ?? []) } : undefined;
}

/** @param findings of the unit as it would be */
export function outcomeOf({ fields, problems }: Proposed, findings: readonly Finding[]): Outcome {
  const names = fields.map(({ name }) => name);
  const warns = findings.some(finding => isWarning(finding) && names.includes(finding.field));
  // That the model could not be told of a warning is no fault of its text.
  const hasFault = problems.some(({ id }) => id !== 'prompt.noAdvice');
  return warns || hasFault ? 'suspect' : 'good';
}

/** A finding about the target that is more than a remark. */
function isWarning({ side, severity }: Finding): boolean {
  return side === 'target' && severity !== 'info';
}
