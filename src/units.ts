/** From the rows of a file to its units as they stand: what the row says, and what the ledgers say was done to it. */
import { foldUnit, textAt, type UnitState } from './core/fold';
import type { Said } from './core/messages';
import { UserError } from './core/messages';
import type { Policy } from './core/policy';
import {
  fingerprint,
  readRecord,
  type Field,
  type Fingerprint,
  type MappingOverride,
  type RecordResult,
  type Side,
  type Unit,
  type UnitKey,
} from './core/record';
import { inWorker } from './io/inWorker';
import type { Ledgers } from './io/ledger';
import { sha256 } from './io/passes';
import type { RowText, ShardIndex } from './io/shardIndex';

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
}

/** A line that is not a record. */
export interface Bad {
  readonly row: number;
  readonly line: number;
  readonly reason: Said;
  /** The beginning of the line as it stands in the file. */
  readonly raw: string;
}

/** The units of one row, or why it has none. */
export interface RowUnits {
  readonly row: number;
  readonly units: readonly Loaded[];
  /** Undefined where it has units. */
  readonly bad: Bad | undefined;
}

/** Bytes parsed between two breaths of the event loop; a longer row is parsed in a worker thread. */
export const BATCH_BYTES = 1 << 20;
/** UTF-16 units of a bad line that are shown. */
const RAW_UNITS = 2000;

/** Reads the units of one reading of the file: row numbers mean these rows. */
export class UnitReader {
  readonly index: ShardIndex;
  readonly override: MappingOverride;
  readonly #ledgers: Ledgers;
  readonly #policy: () => Policy;
  readonly #signal: AbortSignal;
  /** The row read last: one action asks for it several times. */
  #last:
    | {
        readonly row: number;
        readonly json: string;
        readonly record: RecordResult;
        readonly own: readonly Fingerprint[];
      }
    | undefined;

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
      yield this.#units(last.row, last.json, last.record, last.own);
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
      if (first !== undefined && index.lengthOf(first) > BATCH_BYTES) yield await this.#long(first);
      else {
        const texts = await index.readRows(batch);
        for (const [step, text] of texts.entries()) yield this.#row(batch[step] ?? 0, text);
      }
    }
  }

  #row(row: number, text: RowText): RowUnits {
    if (!text.ok) return this.#bad(row, text.reason, '');
    const record = readRecord(text.text, sha256, this.override);
    const units = this.#units(row, text.text, record, []);
    this.#last = { row, json: text.text, record, own: units.units.map(each => each.rowFingerprint) };
    return units;
  }

  /** A row whose parsing would hold up everything else. */
  async #long(row: number): Promise<RowUnits> {
    const { record, fingerprints, json } = await readLong(this.index, row, this.override, this.#signal);
    return this.#units(row, json, record, fingerprints);
  }

  /** @param fingerprints of the units' own texts, where they are known already */
  #units(row: number, json: string, record: RecordResult, fingerprints: readonly Fingerprint[]): RowUnits {
    if (!record.ok) return this.#bad(row, record.reason, json);
    const line = this.index.line(row);
    const units = record.units.map((unit, at): Loaded => {
      const own = fingerprints[at] ?? fingerprint(unit.source, unit.target, sha256);
      return { row, line, json, unit, ...this.#standing(unit, own) };
    });
    return { row, units, bad: undefined };
  }

  #bad(row: number, reason: Said, json: string): RowUnits {
    return {
      row,
      units: [],
      bad: { row, line: this.index.line(row), reason, raw: json.slice(0, RAW_UNITS) },
    };
  }

  /** The state of a unit and the text that results. */
  #standing(
    unit: Unit,
    rowFingerprint: Fingerprint,
  ): Pick<Loaded, 'rowFingerprint' | 'state' | 'source' | 'target'> {
    const { byId } = this.#ledgers;
    const state = foldUnit(rowFingerprint, this.#ledgers.eventsOf(unit.key), this.#policy());
    const side = (name: Side) => textAt(unit, name, state.current, byId);
    const [source, target] = [side('source'), side('target')];
    if (!state.current || fingerprint(source, target, sha256) === state.fingerprint) {
      return { rowFingerprint, state, source, target };
    }
    // The edit names another text than it leads to: a forged ledger, or one with a part missing.
    const unsettled = {
      ...state,
      state: 'conflict',
      current: undefined,
      fingerprint: rowFingerprint,
    } as const;
    return { rowFingerprint, state: unsettled, source: unit.source, target: unit.target };
  }
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
