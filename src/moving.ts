/** Reviews kept under the name of another file: of a shard that was renamed, cut into several, or put together. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { partOf, type EventId } from './core/events';
import type { EventFacts } from './core/eventFacts';
import { UserError } from './core/messages';
import type { UnitKey } from './core/record';
import { hasCode, identify, withFile } from './io/files';
import { Ledgers, type Clock } from './io/ledger';
import { REVIEW_FOLDER } from './io/reviewFolder';
import { LINES_START, readLines } from './io/ledgerLines';
import { rowsIn } from './matching';
import { Shard } from './shard';
import type { Loaded } from './units';

/** Reviews of a file of another name that speak of records of this one. */
export interface Offer {
  /** Name of that file, which may be gone. */
  readonly name: string;
  /** Units of this shard whose very text was reviewed there, and that nobody has reviewed here. */
  readonly units: number;
}

export interface MoveReport {
  /** Units taken along whose state is as it was. */
  readonly kept: number;
  /** Units taken along whose text is another now. */
  readonly stale: number;
  /** Keys of units that are not in the new file; their events stay where they are. */
  readonly orphaned: readonly UnitKey[];
  /** Events taken along; those that were there already are not counted. */
  readonly events: number;
}

/** Folders of reviews looked at for an offer, and units of each: enough to see whether they belong here. */
const MAX_FOLDERS = 50;
const MAX_UNITS = 2000;
/** Bytes of a file beside the shard that is looked into for an offer. */
const MAX_LOOKED_AT = 64 << 20;

/**
 * Looks beside a shard for reviews of its records that are kept under another name. Settles when the shard is matched.
 * @returns the best of them, if there are any
 */
export async function findOffer(shard: Shard, clock: Clock): Promise<Offer | undefined> {
  let best: Offer | undefined;
  for (const name of await otherReviews(shard.path)) {
    const path = join(dirname(shard.path), name);
    const ledgers = new Ledgers(path, clock);
    await ledgers.refresh();
    const keys = [...ledgers.keys].filter(key => !shard.ledgers.has(key)).slice(0, MAX_UNITS);
    const same = (await unitsOf(shard, keys))
      .filter(unit => ledgers.eventsOf(unit.unit.key).some(event => speaksOf(event, unit)))
      .map(({ unit }) => unit.key);
    // A copy beside the shard goes on being reviewed under its own name.
    const units = same.length - (same.length === 0 ? 0 : await countIn(path, same, clock));
    if (units > (best?.units ?? 0)) best = { name, units };
  }
  return best;
}

/** How many of some units are in a file; all of them where it is too large to look. */
async function countIn(path: string, keys: readonly UnitKey[], clock: Clock): Promise<number> {
  const identity = await identify(path).catch(() => undefined);
  if (!identity) return 0;
  if (identity.size > MAX_LOOKED_AT) return keys.length;
  try {
    const other = await Shard.open(path, clock);
    try {
      return (await other.matching.locate(keys)).size;
    } finally {
      other.close();
    }
  } catch {
    // No shard any more: what it was is gone.
    return 0;
  }
}

/** Whether an event was made on the very text that a row has. */
function speaksOf(event: EventFacts, { rowFingerprint }: Loaded): boolean {
  if (event.type === 'edit') return event.base === rowFingerprint || event.result === rowFingerprint;
  return event.type === 'decide' && event.fingerprint === rowFingerprint;
}

/** Names of the files beside a shard of which there are reviews. */
export async function otherReviews(path: string): Promise<string[]> {
  try {
    const entries = await readdir(join(dirname(path), REVIEW_FOLDER), { withFileTypes: true });
    const folders = entries.filter(each => each.isDirectory() && each.name !== basename(path));
    return folders
      .map(each => each.name)
      .sort()
      .slice(0, MAX_FOLDERS);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return [];
    throw error;
  }
}

async function unitsOf(shard: Shard, keys: Iterable<UnitKey>): Promise<Loaded[]> {
  const rows = await shard.matching.locate(keys);
  const loaded = await shard.loadUnits(rowsIn(rows));
  return loaded.flatMap(({ units }) => units).filter(each => rows.has(each.unit.key));
}

/**
 * Takes the reviews of one shard along to another: every event whose record is in the new file is appended to the same
 * ledger there. The old ledgers stay as they are; doing it again adds only what is new.
 * @param from path of the shard that the reviews were made on; it may be gone
 * @param shard the new one, open
 * @throws UserError `move.nothing` where there are no reviews of `from`
 */
export async function moveReviews(from: string, shard: Shard, clock: Clock): Promise<MoveReport> {
  const old = new Ledgers(from, clock);
  await old.refresh();
  const keys = [...old.keys];
  if (keys.length === 0) throw new UserError('move.nothing', old.folder);
  const rows = await shard.matching.locate(keys);
  let events = 0;
  for (const file of await old.files()) events += await carry(file, shard, new Set(rows.keys()));
  await shard.refresh();
  await shard.matched;
  let stale = 0;
  for (const unit of await unitsOf(shard, rows.keys())) {
    if (unit.state.state === 'stale' || unit.state.state === 'conflict') stale++;
  }
  return {
    kept: rows.size - stale,
    stale,
    orphaned: keys.filter(key => !rows.has(key)),
    events,
  };
}

/**
 * Appends the lines of one ledger that speak of some units to the ledger of the same reviewer and clone of a shard, as
 * they stand: also those of a later version, which this one only keeps.
 */
async function carry(file: string, { ledgers }: Shard, keys: ReadonlySet<UnitKey>): Promise<number> {
  const [reviewer, name] = [basename(dirname(file)), basename(file)];
  // Not only what counts as an event here: lines of a later version must not be taken along twice either.
  const there = new Set<EventId>();
  await eachLine(join(ledgers.folder, reviewer, name), line => {
    const event = namesOf(line);
    if (event) there.add(event.id);
  }).catch(ignoreMissing);
  const lines: string[] = [];
  await eachLine(file, line => {
    const event = namesOf(line);
    if (!event?.keys.some(key => keys.has(key)) || there.has(event.id)) return;
    // Of a bulk its first part stands for all.
    if (event.keys.some(key => ledgers.get(key, event.id) ?? ledgers.get(key, partOf(event.id, 0)))) return;
    there.add(event.id);
    lines.push(line);
  });
  if (lines.length > 0) await ledgers.appendLines(reviewer, name, lines);
  return lines.length;
}

/** Gives the text of each line away, also of a last one without its end. */
async function eachLine(file: string, take: (line: string) => void): Promise<void> {
  await withFile(file, async (handle, { size }) => {
    const { rest } = await readLines(handle, LINES_START, size, line => {
      if (line !== undefined) take(line);
    });
    take(rest.toString('utf8'));
  });
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof UserError) || error.said.id !== 'file.missing') throw error;
}

/** What an event says that it is, and of which units it speaks. */
function namesOf(line: string): { readonly id: EventId; readonly keys: readonly UnitKey[] } | undefined {
  try {
    const { id, key, events } = JSON.parse(line) as Record<string, unknown>;
    const parts = Array.isArray(events) ? (events as { readonly key?: unknown }[]) : [];
    const keys = [key, ...parts.map(part => part.key)].filter(each => typeof each === 'string');
    return typeof id === 'string' && keys.length > 0
      ? { id: id as EventId, keys: keys as UnitKey[] }
      : undefined;
  } catch {
    // Torn, or no event at all: it stays where it is.
    return undefined;
  }
}
