/** Reviews written straight into ledgers, as they come from other clones. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  encodeEvent,
  type Decision,
  type EventId,
  type NewEvent,
  type ReviewEvent,
} from '../../src/core/events';
import { fingerprint, readRecord, type Fingerprint, type Unit } from '../../src/core/record';
import { sha256 } from './builders';

/** Stands for a reviewer and the time at which they did something. */
export interface Writing {
  readonly by: string;
  /** ISO 8601 in UTC. */
  readonly at?: string;
}

let count = 0;

/** Appends events to the ledger of a reviewer beside a shard. */
export function writeReviews(
  shard: string,
  { by, at = '2026-01-05T10:00:00.000Z' }: Writing,
  events: readonly NewEvent[],
): EventId[] {
  const folder = join(dirname(shard), '.crossalpaca', basename(shard), by);
  mkdirSync(folder, { recursive: true });
  const complete = events.map((event): ReviewEvent => {
    const seq = ++count;
    const id = String(seq).padStart(26, '0') as EventId;
    return { v: 1, id, seq, at, by, ...event };
  });
  appendFileSync(join(folder, 'aaaaaa.jsonl'), complete.map(event => `${encodeEvent(event)}\n`).join(''));
  return complete.map(({ id }) => id);
}

/** The first unit of a line. */
export function unitOf(line: string): Unit {
  const record = readRecord(line, sha256, {});
  if (!record.ok || !record.units[0]) throw new Error(`no record: ${line}`);
  return record.units[0];
}

export function printOf(line: string): Fingerprint {
  const { source, target } = unitOf(line);
  return fingerprint(source, target, sha256);
}

/** A decision on the text that a line has. */
export function decisionOn(line: string, decision: Decision, more: object = {}): NewEvent {
  const fingerprint = printOf(line);
  const { key } = unitOf(line);
  return { key, line: 1, type: 'decide', decision, fingerprint, head: [], reasons: [], ...more };
}

/** An edit of the output of a line that no other edit came before. */
export function editOf(line: string, output: string): NewEvent {
  const { key, source, target } = unitOf(line);
  const after = target.map(field => (field.name === 'output' ? { ...field, text: output } : field));
  return {
    key,
    line: 1,
    type: 'edit',
    fields: [{ side: 'target', name: 'output', text: output }],
    parents: [],
    base: printOf(line),
    result: fingerprint(source, after, sha256),
  };
}
