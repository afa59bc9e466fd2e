/** From the rows of a file to its units as they stand: what the row says, and what the ledgers say was done to it. */
import type { EventId, ReviewEvent } from './core/events';
import type { EventFacts } from './core/eventFacts';
import { foldUnit, textAt, type UnitState } from './core/fold';
import type { Said } from './core/messages';
import { UserError } from './core/messages';
import type { Policy } from './core/policy';
import { acceptedBySample } from './core/sample';
import {
  fingerprint,
  readRecord,
  type Field,
  type Fingerprint,
  type Lang,
  type MappingOverride,
  type RecordResult,
  type Side,
  type Unit,
  type UnitKey,
} from './core/record';
import { inWorker } from './io/inWorker';
import type { Ledgers } from './io/ledger';
import { sha256 } from './io/passes';
import { text as decode, type Block, type RowText, type ShardIndex } from './io/shardIndex';
import { blockText } from './io/blockText';

/** One unit as it stands: the row's own text, everything done to it, and the text that results. */
export interface Loaded {
  readonly row: number;
  /** From 1. */
  readonly line: number;
  /** The record as it stands in the file. */
  readonly json: string;
  readonly unit: Unit;
  readonly rowFingerprint: Fingerprint;
  readonly state: UnitState;
  readonly source: readonly Field[];
  readonly target: readonly Field[];
  /** Its edits with their texts. */
  readonly edits: ReadonlyMap<EventId, ReviewEvent>;
}

/** A line that is not a record. */
export interface Bad {
  readonly row: number;
  readonly line: number;
  readonly reason: Said;
  /** The beginning of the line as it stands in the file. */
  readonly raw: string;
}

/** A unit that the ledgers do not speak of: its texts are the row's own. */
export interface Untouched extends Pick<Loaded, 'row' | 'line' | 'unit'> {
  readonly untouched: 'pending' | 'accepted-by-sample';
}

/** A unit of a pass, or a line that is none. */
export type PassedUnit = Loaded | Untouched | Bad;

/** The units of one row, or why it has none. */
export interface RowUnits {
  readonly row: number;
  readonly units: readonly Loaded[];
  /** Undefined where it has units. */
  readonly bad: Bad | undefined;
}

/** Bytes parsed between two breaths of the event loop; a longer row is parsed in a worker thread. */
export const BATCH_BYTES = 1 << 20;
/** Rows read at a time: some milliseconds of parsing. */
export const BATCH_ROWS = 200;
/** Rows of a pass that are handed on together: what is made of them is garbage before it has to be moved. */
const PASSED_ROWS = 50;
/** UTF-16 units of a bad line that are shown. */
const RAW_UNITS = 2000;

/** A row that was read and parsed. */
interface ReadRow {
  readonly row: number;
  readonly json: string;
  readonly record: RecordResult;
}
interface ParsedRow extends ReadRow {
  /** Fingerprints of its units' own texts. */
  readonly own: readonly Fingerprint[];
}

/** Reads the units of one reading of the file: row numbers mean these rows. */
export class UnitReader {
  readonly index: ShardIndex;
  readonly override: MappingOverride;
  readonly #ledgers: Ledgers;
  readonly #policy: () => Policy;
  readonly #signal: AbortSignal;
  /** Languages in which what nobody looked at is accepted by sample. */
  accepted: ReadonlySet<Lang> = new Set();
  /** The row read last: one action asks for it several times. */
  #last: ParsedRow | undefined;

  /**
   * @param policy as it is whenever a unit is read
   * @param signal ends the reading of long rows
   */
  constructor(
    index: ShardIndex,
    override: MappingOverride,
    ledgers: Ledgers,
    policy: () => Policy,
    signal: AbortSignal,
  ) {
    this.index = index;
    this.override = override;
    this.#ledgers = ledgers;
    this.#policy = policy;
    this.#signal = signal;
  }

  /**
   * Some rows in their order, read and parsed in pieces of 1 MiB at most. Rows past the end are passed over.
   * @throws UserError `file.changed`
   */
  async *read(rows: ArrayLike<number>): AsyncGenerator<RowUnits> {
    const { index } = this;
    const last = this.#last;
    if (last && rows.length === 1 && rows[0] === last.row) {
      yield* await this.#stand([last]);
      return;
    }
    for (let at = 0; at < rows.length;) {
      const batch: number[] = [];
      let bytes = 0;
      for (; at < rows.length; at++) {
        const row = rows[at] ?? 0;
        if (row >= index.rows) continue;
        bytes += index.lengthOf(row);
        if (batch.length > 0 && bytes > BATCH_BYTES) break;
        batch.push(row);
      }
      const [first] = batch;
      if (first !== undefined && index.lengthOf(first) > BATCH_BYTES) {
        // Its parsing would hold up everything else.
        const { record, fingerprints, json } = await readLong(index, first, this.override, this.#signal);
        yield* await this.#stand([{ row: first, json, record, own: fingerprints }]);
      } else {
        const texts = await index.readRows(batch);
        yield* await this.#stand(texts.map((text, step) => this.#parse(batch[step] ?? 0, text)));
      }
    }
  }

  /**
   * Every unit in file order, in pieces. A unit to which nobody did anything has no fingerprint and no
   * fold, which would take longer than all the rest; where findings may block what a sample has accepted, it is whole.
   * @throws UserError `file.changed`
   */
  async *pass(signal?: AbortSignal): AsyncGenerator<readonly PassedUnit[]> {
    const { index } = this;
    await index.whole;
    for await (const block of index.passBytes()) {
      signal?.throwIfAborted();
      if (block.tooLarge || block.bytes.length > BATCH_BYTES) {
        for await (const { units, bad } of this.read([block.from])) yield bad ? [bad] : units;
        continue;
      }
      for (let offset = 0; offset < block.rows; offset += PASSED_ROWS) {
        const read = this.#readIn(block, offset, Math.min(offset + PASSED_ROWS, block.rows));
        const touched = read.filter(row => this.#isTouched(row));
        if (touched.length === 0) yield read.flatMap(row => this.#untouched(row));
        else {
          const stood = await this.#stand(touched.map(row => this.#withPrints(row)));
          const units = new Map(stood.map(each => [each.row, each.units]));
          yield read.flatMap((row): readonly PassedUnit[] => units.get(row.row) ?? this.#untouched(row));
        }
      }
    }
  }

  #readIn(block: Block, from: number, to: number): ReadRow[] {
    const rows: ReadRow[] = [];
    for (let offset = from; offset < to; offset++) {
      const row = block.from + offset;
      const json = blockText(block, offset);
      if (json !== undefined) rows.push({ row, json, record: readRecord(json, sha256, this.override) });
      else {
        const refused = decode(block.bytes.subarray(block.start(offset), block.end(offset)));
        rows.push({
          row,
          json: '',
          record: refused.ok ? readRecord(refused.text, sha256, this.override) : refused,
        });
      }
    }
    return rows;
  }

  #isTouched({ record }: ReadRow): boolean {
    if (!record.ok) return false;
    const mayBlock = this.policy.blockingFindings.length > 0;
    return record.units.some(
      ({ key, targetLang }) => this.#ledgers.has(key) || (mayBlock && this.accepted.has(targetLang)),
    );
  }

  #untouched({ row, json, record }: ReadRow): (Untouched | Bad)[] {
    const line = this.index.line(row);
    if (!record.ok) return [{ row, line, reason: record.reason, raw: json.slice(0, RAW_UNITS) }];
    return record.units.map(unit => {
      const untouched = this.accepted.has(unit.targetLang) ? 'accepted-by-sample' : 'pending';
      return { row, line, unit, untouched };
    });
  }

  #parse(row: number, text: RowText): ParsedRow {
    if (!text.ok) return { row, json: '', record: text, own: [] };
    const record = readRecord(text.text, sha256, this.override);
    this.#last = this.#withPrints({ row, json: text.text, record });
    return this.#last;
  }

  #withPrints(row: ReadRow): ParsedRow {
    const units = row.record.ok ? row.record.units : [];
    return { ...row, own: units.map(({ source, target }) => fingerprint(source, target, sha256)) };
  }

  /** The units of some rows as they stand; a state and the texts it speaks of are always of one look at the ledgers. */
  #stand(rows: readonly ParsedRow[]): Promise<RowUnits[]> {
    const keys = rows.flatMap(({ record }) => (record.ok ? record.units.map(unit => unit.key) : []));
    const editsNow = () =>
      keys.flatMap(key => this.#ledgers.eventsOf(key).filter(event => event.type === 'edit'));
    return this.#ledgers.readSteadily(async () => {
      for (;;) {
        const edits = editsNow();
        const texts = edits.length > 0 ? await this.#ledgers.readEach(edits) : NO_TEXTS;
        // States are taken only now: what came while texts were read must not be passed over by an older state.
        if (edits.length === 0 || isSame(edits, editsNow())) return rows.map(row => this.#units(row, texts));
      }
    });
  }

  get policy(): Policy {
    return this.#policy();
  }

  #units({ row, json, record, own }: ParsedRow, texts: ReadonlyMap<EventFacts, ReviewEvent>): RowUnits {
    const line = this.index.line(row);
    if (!record.ok) {
      const bad = { row, line, reason: record.reason, raw: json.slice(0, RAW_UNITS) };
      return { row, units: [], bad };
    }
    const units = record.units.map((unit, at): Loaded => {
      const rowFingerprint = own[at] ?? NO_TEXT;
      const events = this.#ledgers.eventsOf(unit.key);
      const folded = foldUnit(rowFingerprint, events, this.policy);
      const state = this.accepted.has(unit.targetLang) ? acceptedBySample(folded) : folded;
      const edits = textsIn(events, texts);
      return {
        row,
        line,
        json,
        unit,
        edits,
        rowFingerprint,
        ...withText(unit, rowFingerprint, state, edits),
      };
    });
    return { row, units, bad: undefined };
  }
}

function isSame<T>(some: readonly T[], others: readonly T[]): boolean {
  return some.length === others.length && some.every((each, at) => each === others[at]);
}

const NO_TEXT = '' as Fingerprint;
const NO_TEXTS: ReadonlyMap<EventFacts, ReviewEvent> = new Map();
const NO_EDITS: ReadonlyMap<EventId, ReviewEvent> = new Map();

/** A unit's own events among texts of several units. */
function textsIn(
  events: readonly EventFacts[],
  texts: ReadonlyMap<EventFacts, ReviewEvent>,
): ReadonlyMap<EventId, ReviewEvent> {
  if (texts.size === 0) return NO_EDITS;
  return new Map(events.flatMap(facts => texts.get(facts) ?? []).map(event => [event.id, event]));
}

/** The text that a state speaks of, found in its edits. */
function withText(
  unit: Unit,
  rowFingerprint: Fingerprint,
  state: UnitState,
  edits: ReadonlyMap<EventId, ReviewEvent>,
): Pick<Loaded, 'state' | 'source' | 'target'> {
  if (!state.current) return { state, source: unit.source, target: unit.target };
  const side = (name: Side) => textAt(unit, name, state.current, edits);
  const [source, target] = [side('source'), side('target')];
  if (fingerprint(source, target, sha256) === state.fingerprint) return { state, source, target };
  // The edit names another text than it leads to: a forged ledger, or one with a part missing.
  const unsettled = { ...state, state: 'conflict', current: undefined, fingerprint: rowFingerprint } as const;
  return { state: unsettled, source: unit.source, target: unit.target };
}

/** Reads and parses one row in a worker thread. */
export async function readLong(
  index: ShardIndex,
  row: number,
  override: MappingOverride,
  signal: AbortSignal,
) {
  await index.whole;
  for await (const report of inWorker(index, { kind: 'record', row, override }, signal)) return report;
  throw new UserError('row.missing', row + 1);
}

/** The unit of a key, if the row has it. */
export function unitIn({ units }: RowUnits, key: UnitKey): Loaded | undefined {
  return units.find(each => each.unit.key === key);
}
