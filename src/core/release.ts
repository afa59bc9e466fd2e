/** What the descriptions of an export are written from: the dataset card and Croissant. */
import type { MixtureLicence } from './licences';
import type { Manifest, ManifestFile } from './manifest';
import type { Policy } from './policy';
import type { Splits } from './recipe';
import type { ReviewSummary } from './reviewTally';

export interface Release {
  /** Its outputs are the files that are described, without the descriptions themselves. */
  readonly manifest: Manifest;
  readonly reviews: ReviewSummary;
  readonly licence: MixtureLicence;
  /** By name of the shard; of those that are reviewed. */
  readonly policies: ReadonlyMap<string, Pick<Policy, 'approvals' | 'lastEditorCounts' | 'blind' | 'sample'>>;
}

/** Whether anybody looked at any of the rows. */
export function isReviewed({ reviews }: Release): boolean {
  return reviews.annotated > 0 || reviews.reviewers.length > 0;
}

export interface SplitFile extends ManifestFile {
  readonly split: keyof Splits;
}

/** The files that are trained on, by their names: `train.jsonl`. */
export function splitFiles({ outputs }: Manifest): SplitFile[] {
  return (['train', 'validation', 'test'] as const).flatMap(split =>
    outputs.filter(({ path }) => path.startsWith(`${split}.`)).map(file => ({ ...file, split })),
  );
}

/** Controls, line ends, and marks that turn the direction of what follows them. */
const UNSEEN = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]+/gu;
/** UTF-16 units of a name that somebody else chose. */
const MAX_NAME = 200;

/** A text as one line that shows all that is in it. */
export function oneLine(text: string): string {
  return text.replace(UNSEEN, ' ').trim().toWellFormed();
}

/** The name of a recipe, shard or model as one line; “?” where nothing of it can be seen. */
export function shownName(name: string): string {
  return oneLine(name.slice(0, MAX_NAME)) || '?';
}

/** A sentence on how the rows came about, and one for each shard that is reviewed on when a unit counts as approved. */
export function protocol({ manifest, policies }: Release): string[] {
  const reviewed = manifest.recipe.shards.filter(({ status }) => status === 'approved');
  const open = manifest.recipe.shards.filter(({ status }) => status === 'all');
  const rules = reviewed.map(({ name }) => {
    const policy = policies.get(name);
    const approvals = policy?.approvals ?? 1;
    const parts = [
      `Of “${shownName(name)}” only what ${approvals === 1 ? 'one reviewer' : `${approvals} reviewers`} approved is in.`,
      ...(policy?.lastEditorCounts === false ? ['The approval of who wrote the text does not count.'] : []),
      ...(policy?.blind ? ['Reviewers saw what others had decided only after their own decision.'] : []),
      ...(policy?.sample ? ['Units that nobody looked at are accepted where a random sample was good.'] : []),
    ];
    return parts.join(' ');
  });
  if (open.length > 0)
    rules.push(`Without review: ${open.map(({ name }) => `“${shownName(name)}”`).join(', ')}.`);
  return rules;
}
