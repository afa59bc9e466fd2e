/** What an export is made of: the units of its shards, those that may go in and those that stay out. */
import { join, resolve } from 'node:path';
import type { UnitTexts } from './core/demonstration';
import { UserError } from './core/messages';
import type { Glossary } from './core/glossary';
import { mayDo, type Policy } from './core/policy';
import type { ManifestFile } from './core/manifest';
import type { RecipeShard } from './core/recipe';
import type { Field, Side } from './core/record';
import type { EditedField, Provenance } from './core/reviewRows';
import { ACCEPTED } from './core/sample';
import type { State } from './core/states';
import { unlessAborted } from './io/aborting';
import { hashOf } from './io/fileHash';
import { sha256 } from './io/passes';
import { isThere } from './io/stagedFolder';
import type { PolicyPlace } from './io/team';
import type { FileIdentity } from './io/files';
import { Shard } from './shard';
import type { Loaded, Untouched } from './units';

/** States in which it is not settled what the text of a unit is, or whether it is wanted: they never go in. */
const UNSETTLED: readonly State[] = ['stale', 'conflict', 'disputed', 'rejected', 'needs-work'];
/** No event is made here, so that none ever gets these. */
const CLOCK = { now: () => 0, newId: () => '' };
const MS_A_DAY = 86_400_000;

/** A unit that may go in. */
export interface TakenUnit {
  readonly texts: UnitTexts;
  /** The row's own: what the machine wrote. */
  readonly own: UnitTexts;
  readonly state: State;
  /** Which of the units of its key it is, from 1. */
  readonly occurrence: number;
  readonly line: number;
  readonly shard: RecipeShard;
  readonly done: Done;
}

/** What reviewers did to a unit. */
export type Done = Pick<Provenance, 'edited' | 'candidate' | 'author' | 'decisions'>;

/** Why a unit, or a line that is none, stays out. */
export type LeftUnit =
  { readonly left: 'bad' | 'blocked' } | { readonly left: 'state'; readonly state: State };

/** What the units of one piece of a file are; `row` is that of their record, from 0. */
export interface SourceUnit {
  readonly row: number;
  readonly unit: TakenUnit | LeftUnit;
  /** Whether formatting codes were left out of its texts. */
  readonly hadCodes?: boolean;
}

export interface SourceFile {
  /** As the recipe has it. */
  readonly path: string;
  readonly absolute: string;
  /** Of the file as it is read. */
  readonly identity: FileIdentity;
}

/** A shard, or two text files, that are part of an export. */
export interface Source {
  readonly shard: RecipeShard;
  readonly files: readonly SourceFile[];
  /** Everybody who wrote an event. */
  readonly reviewers: Iterable<string>;
  /** In file order, in pieces; `done` is the share of the file that was read by then, from 0 to 1. */
  read(
    signal?: AbortSignal,
  ): AsyncGenerator<{ readonly units: readonly SourceUnit[]; readonly done: number }>;
  /** Whether it is known by now which keys stand on several rows. */
  readonly knowsRepeated: boolean;
  /** Waits until that is known. @returns whether there are any. @throws UserError as the matching does */
  findRepeated(): Promise<boolean>;
  /** What reviewers did and the team settled, as it was before any of it was used: inputs of the manifest. */
  readonly reviews: readonly ManifestFile[];
  /** The same as it is by now. */
  reviewsNow(): Promise<readonly ManifestFile[]>;
  /** Policy and glossary, as they were understood; undefined where nobody reviews. */
  readonly team: { readonly policy: Policy; readonly glossary: Glossary } | undefined;
  close(): void;
}

/** Shards that are open already, by their paths: they are used, and left open. */
export type OpenShards = ReadonlyMap<string, Shard>;

/**
 * Opens a shard of a recipe.
 * @param path absolute
 * @throws UserError for what is no shard, and for a policy or glossary that is broken
 */
export async function shardSource(
  recipeShard: RecipeShard,
  path: string,
  where: PolicyPlace,
  opened: OpenShards,
  signal: AbortSignal | undefined,
): Promise<Source> {
  const known = opened.get(resolve(path));
  const shard = known ?? (await Shard.open(path, CLOCK, where));
  const close = () => {
    if (!known) shard.close();
  };
  let reviews: readonly ManifestFile[];
  try {
    reviews = await reviewsOf(shard, recipeShard, signal);
    await unlessAborted(prepare(shard, recipeShard.status), signal);
  } catch (error) {
    close();
    throw error;
  }
  return {
    shard: recipeShard,
    files: [{ path: recipeShard.path, absolute: path, identity: shard.index.identity }],
    reviewers: shard.ledgers.reviewers,
    read: stop => read(shard, recipeShard, stop),
    get knowsRepeated() {
      return shard.matching.isDone;
    },
    async findRepeated() {
      await shard.matched;
      await shard.matching.complete();
      return shard.matching.repeated.length > 0;
    },
    reviews,
    reviewsNow: () => reviewsOf(shard, recipeShard, signal),
    team: { policy: shard.policy, glossary: shard.checkContext.glossary },
    close,
  };
}

/**
 * Ledgers count as one, since their paths name reviewers; the order of their hashes does not tell one from another. They are
 * hashed before the shard looks at them: what came later is seen by whoever asks once more.
 */
async function reviewsOf(
  shard: Shard,
  { path }: RecipeShard,
  signal: AbortSignal | undefined,
): Promise<ManifestFile[]> {
  const ledgers: { bytes: number; sha256: string }[] = [];
  for (const ledger of await shard.ledgers.files()) ledgers.push(await hashOf(ledger, signal));
  const hashes = ledgers.map(each => each.sha256).sort();
  const mapping = join(shard.ledgers.folder, 'mapping.json');
  const settled = (await isThere(mapping)) ? [await hashOf(mapping, signal)] : [];
  await shard.refresh();
  const team = JSON.stringify([shard.policy, shard.checkContext.glossary]);
  return [
    {
      path: `${path}#ledgers`,
      bytes: ledgers.reduce((sum, { bytes }) => sum + bytes, 0),
      sha256: sha256(hashes.join('\n')),
    },
    ...settled.map(file => ({ path: `${path}#mapping`, ...file })),
    { path: `${path}#policy`, bytes: Buffer.byteLength(team), sha256: sha256(team) },
  ];
}

async function prepare(shard: Shard, status: RecipeShard['status']): Promise<void> {
  const problem = shard.facts.policyProblem ?? shard.facts.fileProblem;
  if (problem) throw new UserError(problem.id, ...problem.args);
  if (status === 'approved') await shard.findBlocking();
  // Whether a sample is accepted is known only when all that was decided is.
  if (!shard.policy.sample) return;
  await shard.matched;
  await shard.matching.complete();
}

async function* read(
  shard: Shard,
  recipeShard: RecipeShard,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ units: readonly SourceUnit[]; done: number }> {
  /** Of keys that stand more than once, how often each was met. */
  const met = new Map<string, number>();
  const occurrenceOf = (row: number, key: string): number => {
    if (!shard.matching.isRepeated(row)) return 1;
    const occurrence = (met.get(key) ?? 0) + 1;
    met.set(key, occurrence);
    return occurrence;
  };
  for await (const piece of shard.pass(signal)) {
    const units = piece.map((each): SourceUnit => {
      if ('reason' in each) return { row: each.row, unit: { left: 'bad' } };
      // Counted also where it stays out: an approval must not change the ids of the others.
      const occurrence = occurrenceOf(each.row, each.unit.key);
      const left = leftOut(shard, each, recipeShard.status);
      return { row: each.row, unit: left ?? taken(shard, each, recipeShard, occurrence) };
    });
    yield { units, done: ((piece.at(-1)?.row ?? 0) + 1) / shard.index.rows };
  }
}

function stateOf(unit: Loaded | Untouched): State {
  return 'untouched' in unit ? unit.untouched : unit.state.state;
}

function leftOut(
  shard: Shard,
  unit: Loaded | Untouched,
  status: RecipeShard['status'],
): LeftUnit | undefined {
  const state = stateOf(unit);
  if (status === 'all') return UNSETTLED.includes(state) ? { left: 'state', state } : undefined;
  if (!ACCEPTED.includes(state)) return { left: 'state', state };
  return !('untouched' in unit) && shard.blocking(unit).length > 0 ? { left: 'blocked' } : undefined;
}

export const NOTHING_DONE: Done = { edited: [], candidate: undefined, author: undefined, decisions: [] };

/** Written out: spreading one object into another takes longer than all the rest. */
function taken(
  shard: Shard,
  each: Loaded | Untouched,
  recipeShard: RecipeShard,
  occurrence: number,
): TakenUnit {
  const { line, unit } = each;
  const { key, sourceLang, targetLang, source, target } = unit;
  const own: UnitTexts = { key, sourceLang, targetLang, source, target, original: target };
  const state = stateOf(each);
  if ('untouched' in each)
    return { texts: own, own, state, occurrence, line, shard: recipeShard, done: NOTHING_DONE };
  const isOwn = each.source === source && each.target === target;
  const texts = isOwn ? own : { ...own, source: each.source, target: each.target };
  return { texts, own, state, occurrence, line, shard: recipeShard, done: doneTo(shard, each) };
}

function changed(side: Side, own: readonly Field[], now: readonly Field[]): EditedField[] {
  return now.flatMap(({ name, text }, at) => {
    const before = own[at]?.text ?? '';
    return before === text ? [] : [{ side, name, before, after: text }];
  });
}

/** What reviewers did to a unit. Decisions by day: the hour says more of the reviewer than of the text. */
function doneTo({ policy }: Shard, { unit, state, source, target, edits }: Loaded): Done {
  const { current, fingerprint, setAside } = state;
  // The same text may have been proposed and written by hand; it is the model's then, whatever came first.
  const taken =
    current && [...edits.values()].filter(each => each.type === 'edit' && each.result === current.result);
  const candidates = (taken ?? []).flatMap(each => (each.type === 'edit' && each.candidate ? [each] : []));
  const [first] = candidates.sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    edited: [...changed('source', unit.source, source), ...changed('target', unit.target, target)],
    candidate: first?.candidate,
    author: state.author,
    decisions: state.decisions.map(({ id, by, day, decision, reasons = [], fingerprint: seen }) => ({
      by,
      at: new Date(day * MS_A_DAY).toISOString().slice(0, 10),
      decision,
      reasons,
      counts:
        seen === fingerprint &&
        !setAside.has(id) &&
        mayDo(policy, by, unit.targetLang, decision === 'skip' ? 'skip' : 'decide') === 'yes',
    })),
  };
}
