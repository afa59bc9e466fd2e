/** What an export would do, in words: how much goes in, what stays out and why. */
import type { EmptyShard, LeftOut } from '../core/manifest';
import { mixtureLicence } from '../core/licences';
import type { MessageId } from '../core/messages';
import type { RecipeShard } from '../core/recipe';
import { STATES } from '../core/states';
import type { Preview } from '../exporting';
import { localize, t } from './l10n';

const WAYS: Readonly<Record<string, MessageId>> = {
  'instruction target': 'export.way.instruction.target',
  'instruction source': 'export.way.instruction.source',
  'instruction cross-to-target': 'export.way.instruction.cross-to-target',
  'instruction cross-to-source': 'export.way.instruction.cross-to-source',
  'translation forward': 'export.way.translation.forward',
  'translation back': 'export.way.translation.back',
};
const ROWS_LEFT = ['unsuited', 'tooLong', 'duplicates', 'evaluation', 'notChosen', 'noPair'] as const;

/** Warnings about licences that are shown before; the data card has all of them. */
const MAX_WARNINGS = 4;
/** Shards without rows that are named before. */
const MAX_SHARDS = 8;

/**
 * Lines for the detail of a message; empty where there is nothing to say.
 * @param licensed the shards whose licences are looked at
 */
export function previewDetail({ counts, empty }: Preview, licensed: readonly RecipeShard[]): string {
  const { splits, made, repaired, bySample, withoutCodes, left } = counts;
  const isDivided = splits.validation + splits.test > 0;
  const parts = [
    isDivided ? [t('export.splits', splits.train, splits.validation, splits.test)] : [],
    under('export.made', Object.keys(made).length > 1 ? Object.entries(made).map(madeLine) : []),
    bySample > 0 ? [t('export.bySample', bySample)] : [],
    repaired > 0 ? [t('export.repaired', repaired)] : [],
    withoutCodes > 0 ? [t('export.withoutCodes', withoutCodes)] : [],
    under('export.leftOut', recordsLeft(left)),
    under('export.rowsLeftOut', reasons(left, ROWS_LEFT)),
    // Where none gives a row, all of that is said above.
    under('export.emptyShards', counts.rows > 0 ? emptyShards(empty) : []),
    under('export.licences', licenceWarnings(licensed)),
  ];
  return parts
    .filter(part => part.length > 0)
    .map(part => part.join('\n'))
    .join('\n\n');
}

function recordsLeft(left: LeftOut): string[] {
  const states = STATES.filter(state => left.states[state]).map(state =>
    t('export.left', t(`state.${state}`), left.states[state] ?? 0),
  );
  return [...states, ...reasons(left, ['blocked', 'bad'])];
}

/** A recipe names some, or hundreds. */
function emptyShards(empty: readonly EmptyShard[]): string[] {
  const lines = empty.slice(0, MAX_SHARDS).map(({ shard, units, taken, asked, left }) => {
    const isNotAsked = taken > 0 && asked === 0;
    const counted = [...recordsLeft(left), ...reasons(left, ROWS_LEFT)].join('; ');
    const why = isNotAsked ? [t('export.emptyShard.notAsked')] : [];
    return t('export.emptyShard', shard, units, [counted, ...why].filter(Boolean).join('. '));
  });
  const more = empty.length - lines.length;
  return more > 0 ? [...lines, t('export.moreEmpty', more)] : lines;
}

/** By shard it is counted only when they are written: here each counts as if it gave some rows. */
function licenceWarnings(shards: readonly RecipeShard[]): string[] {
  const parts = shards.map(({ name, licence }) => ({ shard: name, licence, rows: 1 }));
  const { warnings } = mixtureLicence(parts);
  // Clashes come after what is said of each shard, and the last one is that all this is no advice.
  const shown = warnings.slice(0, -1).slice(-MAX_WARNINGS);
  return [...shown, ...warnings.slice(-1)].map(localize);
}

const under = (heading: MessageId, lines: readonly string[]) =>
  lines.length === 0 ? [] : [t(heading), ...lines];

function reasons(
  left: LeftOut,
  which: readonly ('blocked' | 'bad' | (typeof ROWS_LEFT)[number])[],
): string[] {
  return which
    .filter(reason => left[reason] > 0)
    .map(reason => t('export.left', t(`export.left.${reason}`), left[reason]));
}

/** @param name kind, way and languages: `translation forward en-it` */
function madeLine([name, count]: readonly [string, number]): string {
  const [kind = '', way = '', languages = ''] = name.split(' ');
  const id = WAYS[`${kind} ${way}`];
  return id ? t('export.made.line', t(id), languages, count) : t('export.left', name, count);
}
