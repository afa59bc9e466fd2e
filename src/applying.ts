/** Writes the current edits into the rows of a shard: into a copy, or onto the shard itself. */
import { access, constants, realpath } from 'node:fs/promises';
import { say, UserError } from './core/messages';
import { canonicalText, fingerprint, nameOf, type Side, type UnitKey } from './core/record';
import { spliceTexts, type TextEdit } from './core/splice';
import {
  cause,
  identify,
  isSameFile,
  replaceFile,
  sameContent,
  withFile,
  type FileIdentity,
} from './io/files';
import { copyPatched, type CopyOptions, type Patch } from './io/patchedCopy';
import type { ShardIndex } from './io/shardIndex';
import { breather } from './io/breath';
import { sha256 } from './io/passes';
import { rowsIn } from './matching';
import type { Shard } from './shard';
import type { Loaded } from './units';

export interface ApplyReport {
  /** Rows, units and fields that were given another text. */
  readonly rows: number;
  readonly units: number;
  readonly fields: number;
  /** Edited units whose row had their current text already. */
  readonly unchanged: number;
  /** Edited units that were left as they are, in file order, orphans last. */
  readonly left: readonly Left[];
  /** Size of the file that results. */
  readonly bytes: number;
}

export interface Left {
  readonly key: UnitKey;
  /** Of its record; of an orphan, where its record was when it was edited. */
  readonly line: number;
  readonly why: WhyLeft;
}

/**
 * - `conflict`: several edits compete.
 * - `stale`: the row has a text that its edits were not made on.
 * - `orphan`: there is no such record any more.
 * - `source`: its source is edited, and is the name of a record without id, or other languages show it unedited: written,
 *   it would part the record from its review, or change what others approved.
 */
export type WhyLeft = 'conflict' | 'stale' | 'orphan' | 'source';

/** Rows looked at together, and their bytes at most: one long row is taken alone. */
const BATCH_ROWS = 64;
const BATCH_BYTES = 8 << 20;
/** Of a file's mode: who may read and write it. */
const PERMISSIONS = 0o777;
const SIDES = ['source', 'target'] as const satisfies Side[];

/** Where the result goes: the absolute path of a copy, which is replaced if it is there; or onto the shard itself. */
export type Destination = { readonly copy: string } | 'in-place';

interface Counts {
  rows: number;
  units: number;
  fields: number;
  unchanged: number;
  readonly left: Left[];
}

/**
 * Writes the shard with the text that each unit shows now, whatever was decided on it. Every byte outside the values of
 * the edited fields stays; the states of all units, and the lines or elements they are on, are afterwards what they were.
 * The file that results appears whole or not at all, with the permissions of the shard: it is written under a hidden name
 * beside it (`.….crossalpaca.tmp`, which a process that is killed leaves behind), fsynced, and renamed. The caller looks
 * at the shard again.
 * @param to in place, the file that the shard's path is a link to is replaced, and none where there is nothing to apply
 * @throws UserError, and nothing has changed: `apply.ontoShard`, `apply.refused` (naming line and field),
 *   `apply.notWritten`, `file.changed`; AbortError
 */
export async function applyEdits(
  shard: Shard,
  to: Destination,
  options: CopyOptions = {},
): Promise<ApplyReport> {
  if (to !== 'in-place' && (await isSameFile(to.copy, shard.path)))
    throw new UserError('apply.ontoShard', to.copy);
  const { index } = shard;
  await index.whole;
  const edited = await editedKeys(shard, options.signal);
  const found = await shard.matching.locate([...edited.keys()]);
  const rows = rowsIn(found);
  const counts: Counts = { rows: 0, units: 0, fields: 0, unchanged: 0, left: [] };
  const patches = patchesOf(shard, index, rows, counts, options.signal);
  // Whether there is anything to write is known with the first patch.
  const first = await patches.next();
  const isNeeded = to !== 'in-place' || !first.done;
  const bytes = isNeeded ? await write(index, to, prepend(first, patches), options) : index.identity.size;
  for (const [key, line] of edited) if (!found.has(key)) counts.left.push({ key, line, why: 'orphan' });
  return { ...counts, bytes };
}

/** Units that have edits, with the line of a newest one. */
async function editedKeys(shard: Shard, signal?: AbortSignal): Promise<Map<UnitKey, number>> {
  const edited = new Map<UnitKey, number>();
  const pause = breather(signal);
  for (const key of shard.ledgers.keys) {
    await pause();
    const edit = shard.ledgers.eventsOf(key).findLast(event => event.type === 'edit');
    if (edit) edited.set(key, edit.line);
  }
  return edited;
}

async function* prepend<T>(
  first: IteratorResult<T, void>,
  rest: AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** @returns bytes of the new file */
async function write(
  { path, identity }: ShardIndex,
  to: Destination,
  patches: AsyncIterator<Patch, void>,
  options: CopyOptions,
): Promise<number> {
  const refuseChanged = (found: FileIdentity) => {
    if (!sameContent(found, identity)) throw new UserError('file.changed', path);
  };
  try {
    const place = to === 'in-place' ? await realpath(path) : to.copy;
    // A rename would also replace a file that is protected from writing.
    if (to === 'in-place') await access(place, constants.W_OK);
    return await replaceFile(place, async copy => {
      // The original is closed before the rename: Windows replaces no file that is open.
      const bytes = await withFile(path, async (file, found) => {
        refuseChanged(found);
        const { mode } = await file.stat();
        await copy.chmod(mode & PERMISSIONS);
        return copyPatched({ file, size: identity.size, path }, copy, patches, options);
      });
      // Done here already, since it takes long: the last look at the original comes right before the rename.
      await copy.sync();
      refuseChanged(await identify(path));
      options.signal?.throwIfAborted();
      return bytes;
    });
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new UserError('apply.notWritten', to === 'in-place' ? path : to.copy, cause(error));
  }
}

/** What is to be written, in file order; counts what it comes across. */
async function* patchesOf(
  shard: Shard,
  index: ShardIndex,
  rows: readonly number[],
  counts: Counts,
  signal: AbortSignal | undefined,
): AsyncGenerator<Patch, void> {
  for (const batch of batches(index, rows)) {
    signal?.throwIfAborted();
    for (const { row, units } of await shard.loadUnits(batch)) {
      const [record] = units;
      const edits = editsOf(units, counts);
      if (!record || edits.length === 0) continue;
      const start = index.startOf(row);
      const end = start + Buffer.byteLength(record.json);
      yield { start, end, bytes: Buffer.from(edited(record.json, units, edits)) };
      counts.rows++;
      counts.units += new Set(edits.map(edit => edit.unit)).size;
      counts.fields += edits.length;
    }
  }
}

function* batches(index: ShardIndex, rows: readonly number[]): Generator<number[]> {
  let batch: number[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (batch.length === BATCH_ROWS || (batch.length > 0 && bytes + index.lengthOf(row) > BATCH_BYTES)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(row);
    bytes += index.lengthOf(row);
  }
  if (batch.length > 0) yield batch;
}

/** The fields of a record's units whose current text is not the row's. */
function editsOf(units: readonly Loaded[], counts: Counts): TextEdit[] {
  return units.flatMap((loaded, unit) => {
    const { state, current, heads } = loaded.state;
    if (heads.length === 0) return [];
    const leave = (why: WhyLeft): TextEdit[] => {
      counts.left.push({ key: loaded.unit.key, line: loaded.line, why });
      return [];
    };
    // Without a current edit the row's own text holds: settled for, or as long as it is not clear which other does.
    if (!current && (state === 'conflict' || state === 'stale')) return leave(state);
    const edits = SIDES.flatMap(side =>
      loaded[side]
        .filter(({ text }, field) => text !== loaded.unit[side][field]?.text)
        .map(field => ({ unit, side, ...field })),
    );
    if (edits.length === 0) counts.unchanged++;
    const isOwn = () => hasId(loaded.unit.key) && units.every(each => sameSource(each, loaded));
    return edits.some(edit => edit.side === 'source') && !isOwn() ? leave('source') : edits;
  });
}

/** Whether a record is named by its id: one that has none is named by a hash of its source. */
function hasId(key: UnitKey): boolean {
  return !/^h:[0-9a-f]{16}$/.test(nameOf(key));
}

function sameSource(a: Loaded, b: Loaded): boolean {
  return canonicalText(a.source) === canonicalText(b.source);
}

/** @throws UserError `apply.refused` where the units of the new record would not be what they show now */
function edited(json: string, units: readonly Loaded[], edits: readonly TextEdit[]): string {
  const refuse = ({ unit, side, name }: Pick<TextEdit, 'unit' | 'side' | 'name'>): never => {
    throw new UserError('apply.refused', units[unit]?.line ?? 0, say(`apply.text.${side}`, name));
  };
  const spliced = spliceTexts(json, edits, sha256);
  if (!spliced.ok) return refuse({ unit: 0, ...spliced });
  for (const edit of edits) {
    const unit = spliced.units[edit.unit];
    const print = unit && fingerprint(unit.source, unit.target, sha256);
    if (print !== units[edit.unit]?.state.fingerprint) refuse(edit);
  }
  return spliced.line;
}
