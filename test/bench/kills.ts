/**
 * Promise: nothing acknowledged is lost. Processes that make bursts of decisions and bulks in a session are killed at random
 * moments, 1,000 times or as often as `BENCH_KILLS` says; after each every event that was acknowledged has to be there, whole
 * and with its text. A kill leaves no half line by itself, so on every third ledger one is put, as a power cut leaves it.
 */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { actionOf, type EventId } from '../../src/core/events';
import type { UnitKey } from '../../src/core/record';
import { Ledgers } from '../../src/io/ledger';
import { Session } from '../../src/session';
import { present, progress } from '../helpers/benchReport';
import {
  ANNA,
  childRole,
  ledgerOf,
  outputOfChild,
  record,
  spawnChild,
  writeShard,
} from '../helpers/shardFixture';

const KILLS = Number(process.env['BENCH_KILLS'] ?? 1000);
const ROWS = 20;
/** Milliseconds after its beginning within which a process, or its first burst, is killed. */
const MOMENT_MS = 150;
/** One of so many is killed already while it opens the shard. */
const EARLY = 8;
/** Kills after which a new shard begins, so that reading all of it stays quick. */
const KILLS_A_SHARD = 50;
const TOLD_EVERY = 100;
/** UTF-16 units of the longest target text: with all rows a bulk takes the disk more than one page. */
const LONGEST = 3000;
const TORN = '{"v":1,"id":"01JTORN","seq":7,"at":"2025-01-0';

const clock = { now: Date.now, newId: () => ulid() };
const rows = Array.from({ length: ROWS }, (_, row) =>
  record(`r${row}`, 'Ein Satz von üblicher Länge. '.repeat(1 + ((row * 7) % 100)).slice(0, LONGEST)),
);

const oneOf = (count: number) => Math.floor(Math.random() * count);

/** Decides without end, and acknowledges each action once its promise is fulfilled. */
async function decideForever(path: string): Promise<void> {
  // Whoever kills may be gone.
  process.stdin.resume().on('end', () => process.exit());
  const session = await Session.open({
    path,
    clock,
    writer: ANNA,
    draftFile: join(path, '..', 'drafts.json'),
  });
  const { shard } = session;
  await shard.matched;
  writeSync(1, 'READY\n');
  for (;;) {
    if (oneOf(4) === 0) {
      const units = await shard.loadRows(rows.map((_, row) => row));
      const events = units.flatMap(each =>
        'reason' in each ? [] : session.decisionOn(each, 'approve', { reasons: [], note: '' }),
      );
      await session.bulk(events);
    } else {
      const row = oneOf(ROWS);
      const unit = await shard.load(row);
      if ('reason' in unit) throw new Error(`Row ${row} is no record.`);
      const target = { row, key: unit.unit.key, fingerprint: unit.state.fingerprint };
      if (oneOf(2) === 0) await session.decide(target, 'approve');
      else await session.decide(target, 'needs-work', { reasons: ['term'], note: 'Another word.' });
    }
    const mine = shard.ledgers.eventsBy(ANNA.reviewer);
    const action = actionOf(mine.at(-1)!.id);
    const made = mine.slice(-ROWS).filter(event => actionOf(event.id) === action);
    writeSync(1, `ACK ${made.map(({ key, id }) => `${key} ${id}`).join(' ')}\n`);
  }
}

type Acknowledged = readonly (readonly [key: UnitKey, id: EventId])[];

/** Every action that was acknowledged in whole lines of what a process printed. */
function acknowledgedIn(output: string): Acknowledged[] {
  return [...output.matchAll(/^ACK (.*)\n/gm)].map(([, text = '']) => {
    const words = text.split(' ');
    return words.flatMap((word, at) =>
      at % 2 ? [[words[at - 1] as UnitKey, word as EventId] as const] : [],
    );
  });
}

/** Starts a process on a shard and kills it. @returns what it acknowledged */
async function killOne(shard: string): Promise<Acknowledged[]> {
  const child = spawnChild(__filename, 'decide', shard);
  const killSoon = () => void setTimeout(() => child.kill('SIGKILL'), Math.random() * MOMENT_MS);
  if (oneOf(EARLY) === 0) child.once('spawn', killSoon);
  else child.stdout?.once('data', killSoon);
  const output = await outputOfChild(child);
  if (child.signalCode !== 'SIGKILL') throw new Error(`A process ended by itself, with ${child.exitCode}.`);
  return acknowledgedIn(output);
}

/** What of the acknowledged is not there for eyes that have seen nothing before. */
async function lostOf(shard: string, acknowledged: Acknowledged): Promise<EventId[]> {
  const ledgers = new Ledgers(shard, clock);
  await ledgers.refresh();
  const texts = await ledgers.read(acknowledged.flatMap(([key, id]) => ledgers.get(key, id) ?? []));
  const isThere = (key: UnitKey, id: EventId) => {
    const event = texts.get(id);
    const isWhole = event?.type === 'decide' && (event.decision !== 'approve' || event.target?.length === 3);
    return isWhole && event.key === key;
  };
  // Of a bulk all of it is there or nothing, acknowledged or not.
  const bulks = new Map<EventId, number>();
  for (const { id } of ledgers.all()) {
    const action = actionOf(id);
    if (action !== id) bulks.set(action, (bulks.get(action) ?? 0) + 1);
  }
  for (const [bulk, parts] of bulks) assert.equal(parts, ROWS, `a part of ${bulk}`);
  return acknowledged.filter(([key, id]) => !isThere(key, id)).map(([, id]) => id);
}

const contentOf = (file: string) => (existsSync(file) ? readFileSync(file) : Buffer.alloc(0));

/** What was counted in all lanes. */
const counted = { kills: 0, acknowledged: 0, actions: 0, unacknowledged: 0, cut: 0, torn: 0 };
const lost = new Set<EventId>();

/** Kills one process after the other, each on what the one before left. */
async function killMany(folder: string, lane: number): Promise<void> {
  for (let shards = 0; counted.kills < KILLS; shards++) {
    const at = join(folder, `${lane}-${shards}`);
    mkdirSync(at);
    const shard = writeShard(at, rows);
    const file = ledgerOf(shard, ANNA);
    const actions: Acknowledged[] = [];
    for (let kill = 0; kill < KILLS_A_SHARD && counted.kills < KILLS; kill++) {
      counted.kills++;
      if (counted.kills % TOLD_EVERY === 0) progress(`${counted.kills} kills`);
      if (kill % 3 === 2 && existsSync(file)) {
        appendFileSync(file, TORN);
        counted.cut++;
      }
      const before = contentOf(file);
      const made = await killOne(shard);
      const after = contentOf(file);
      assert.ok(after.subarray(0, before.length).equals(before), 'what was there has changed');
      const lines = after.subarray(before.length).toString().split('\n').filter(Boolean).length;
      const more = lines - made.length;
      assert.ok(more <= 1, `${lines} lines, ${made.length} acknowledged`);
      counted.unacknowledged += Math.max(0, more);
      actions.push(...made);
      counted.actions += made.length;
      counted.acknowledged += made.flat().length;
      for (const id of await lostOf(shard, made.flat())) lost.add(id);
    }
    // Also what earlier ones made is still there.
    for (const id of await lostOf(shard, actions.flat())) lost.add(id);
    const ledgers = new Ledgers(shard, clock);
    await ledgers.refresh();
    assert.ok(ledgers.problems.every(({ reason }) => reason.id === 'event.notJson'));
    counted.torn += ledgers.problems.length;
    rmSync(at, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crossalpaca-'));
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, (_, lane) => killMany(folder, lane)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const { kills, acknowledged, actions, unacknowledged, cut, torn } = counted;
  const figure = (value: number) => value.toLocaleString('en-US');
  console.log(
    `${figure(kills)} kills, ${figure(acknowledged)} acknowledged, ${figure(lost.size)} lost, ${figure(torn)} torn lines set aside`,
  );
  present('kills', [
    { what: 'kills', value: kills, unit: 'kills' },
    { what: 'events acknowledged', value: acknowledged, unit: 'events', goal: { least: 1 } },
    { what: 'in actions of one line each', value: actions, unit: 'actions' },
    { what: 'acknowledged and lost', value: lost.size, unit: 'events', goal: { most: 0 } },
    { what: 'written, killed before the acknowledgement', value: unacknowledged, unit: 'actions' },
    { what: 'lines cut as by a power cut', value: cut, unit: 'lines' },
    { what: 'torn lines set aside', value: torn, unit: 'lines' },
  ]);
  if (lost.size > 0) process.exitCode = 1;
}

if (childRole() === undefined) void main();
else void decideForever(process.argv[2] ?? '');
