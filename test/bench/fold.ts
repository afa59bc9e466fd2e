/**
 * A million events of 20 reviewers: opening their ledgers and folding every unit against `JSON.parse` of the same lines in the
 * same run, the memory that an event keeps, and what one more event makes be folded and read again. `BENCH_EVENTS` makes
 * fewer for a quick look.
 */
import assert from 'node:assert/strict';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { Session as Inspector, type Profiler } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ulid } from 'ulid';
import { encodeEvent, type EventId, type NewEvent, type ReviewEvent } from '../../src/core/events';
import { foldUnit } from '../../src/core/fold';
import { DEFAULT_POLICY, type Policy } from '../../src/core/policy';
import { fingerprint, type Field, type Fingerprint, type UnitKey } from '../../src/core/record';
import { Ledgers, type Writer } from '../../src/io/ledger';
import { sha256 } from '../../src/io/passes';
import { Session } from '../../src/session';
import { median, present, progress, slower, timed, type Goal, type Measured } from '../helpers/benchReport';
import { ledgerOf, writePolicy } from '../helpers/shardFixture';

const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 1_000_000);
/** For five events two units: an edit and a decision of each, and a second word on every other one. */
const UNITS = Math.floor((EVENTS * 2) / 5);
const REVIEWERS = 20;
const ROUNDS = 5;
const WRITE_UNITS = 1 << 20;
/** Of a ULID, in its alphabet. */
const ID_LENGTH = 26;
const TIME_GOAL: Goal = { most: 2 };
const MEMORY_GOAL: Goal = { most: 300 };

const clock = { now: Date.now, newId: () => ulid() };
const reviewers = Array.from({ length: REVIEWERS }, (_, at) => `reviewer-${at + 1}`);
const writers: Writer[] = reviewers.map((reviewer, at) => ({ reviewer, clone: `clone${at}` }));
const POLICY: Policy = {
  ...DEFAULT_POLICY,
  approvals: 2,
  lastEditorCounts: false,
  reviewers: { '*': reviewers },
};

type Texts = Readonly<Record<string, string>>;
interface Sample {
  readonly source: Texts;
  readonly target: Texts;
  readonly target_lang: string;
}

interface Made {
  readonly path: string;
  /** Those of the rows' own texts, by unit. */
  readonly prints: readonly Fingerprint[];
  readonly langs: readonly string[];
  readonly files: readonly string[];
  readonly bytes: number;
}

/** Lines that go to a file a mebibyte at a time. */
class Lines {
  readonly #file: number;
  #text = '';
  bytes = 0;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(path, 'w');
  }

  add(line: string): void {
    this.#text += `${line}\n`;
    if (this.#text.length >= WRITE_UNITS) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    this.bytes += writeSync(this.#file, this.#text);
    this.#text = '';
  }
}

type WithoutPlace<T> = T extends unknown ? Omit<T, 'key' | 'line'> : never;
/** What an event says, without which unit it is about. */
type Said = WithoutPlace<NewEvent>;
const keyOf = (unit: number, lang: string) => `r${unit}@${lang}` as UnitKey;

/** A shard and its ledgers: rows with short texts, whose edits give them those of the sample. */
function make(folder: string): Made {
  const samples = readFileSync(join('samples', 'sample.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Sample);
  const path = join(folder, 'shard.jsonl');
  const shard = new Lines(path);
  const files = writers.map(writer => ledgerOf(path, writer));
  const ledgers = files.map(file => new Lines(file));
  const prints: Fingerprint[] = [];
  const langs: string[] = [];
  let seq = 0;
  const write = (by: number, key: UnitKey, line: number, said: Said): EventId => {
    seq++;
    const id = `01J${seq
      .toString(32)
      .toUpperCase()
      .padStart(ID_LENGTH - 3, '0')}` as EventId;
    const at = new Date(Date.UTC(2025, 0, 1) + seq * 10_000).toISOString();
    const event = { v: 1, id, seq, at, by: reviewers[by]!, key, line, ...said } as ReviewEvent;
    ledgers[by]?.add(encodeEvent(event));
    return id;
  };
  for (let unit = 0; unit < UNITS; unit++) {
    const sample = samples[unit % samples.length]!;
    const lang = sample.target_lang;
    const key = keyOf(unit, lang);
    const source = { instruction: sample.source['instruction'] ?? '', input: '', output: `Answer ${unit}` };
    const target = { instruction: sample.target['instruction'] ?? '', input: '', output: `${unit}` };
    shard.add(JSON.stringify({ id: `r${unit}`, source, target, source_lang: 'en', target_lang: lang }));
    const before = fields(target);
    const base = fingerprint(fields(source), before, sha256);
    prints.push(base);
    langs.push(lang);

    const text = `${sample.target['output']} ${unit}`;
    const after = fields({ ...target, output: text });
    const result = fingerprint(fields(source), after, sha256);
    const by = unit % REVIEWERS;
    const edit = write(by, key, unit + 1, {
      type: 'edit',
      fields: [{ side: 'target', name: 'output', text }],
      parents: [],
      base,
      result,
    });
    const approval = {
      type: 'decide',
      decision: 'approve',
      fingerprint: result,
      head: [edit],
      reasons: [],
      target: after.map(field => [field.name, field.text] as const),
    } as const;
    write((by + 1) % REVIEWERS, key, unit + 1, approval);
    if (unit % 2 === 0) continue;
    write((by + 2) % REVIEWERS, key, unit + 1, secondWord(unit, approval));
  }
  for (const each of [shard, ...ledgers]) each.close();
  return { path, prints, langs, files, bytes: ledgers.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Mostly an approval; one of ten is something else. */
function secondWord(unit: number, approval: Extract<Said, { type: 'decide' }>): Said {
  const { type, fingerprint, head } = approval;
  switch (unit % 40) {
    case 1:
      return { type, decision: 'needs-work', fingerprint, head, reasons: ['term'], note: 'Another word.' };
    case 11:
      return { type: 'comment', text: 'Is this what the source means?' };
    case 21:
      return { type: 'assign', to: 'reviewer-3', replaces: [] };
    default:
      return approval;
  }
}

function fields(texts: Texts): Field[] {
  return Object.entries(texts).map(([name, text]) => ({ name, text }));
}

/** What `make` leads to, so that what is measured is known to be the work that it is taken for. */
function expectedStates(): Record<string, number> {
  const states: Record<string, number> = {};
  for (let unit = 0; unit < UNITS; unit++) {
    const kind = unit % 40;
    const state =
      unit % 2 === 0 || kind === 11 || kind === 21 ? 'partly-approved' : kind === 1 ? 'disputed' : 'approved';
    states[state] = (states[state] ?? 0) + 1;
  }
  return states;
}

/** @returns how many units are in each state */
function foldAll(ledgers: Ledgers, keys: readonly UnitKey[], prints: readonly Fingerprint[]) {
  const states: Record<string, number> = {};
  for (const [unit, key] of keys.entries()) {
    const { state } = foldUnit(prints[unit]!, ledgers.eventsOf(key), POLICY);
    states[state] = (states[state] ?? 0) + 1;
  }
  return states;
}

/** Milliseconds by the clock, and of the processor: what other programs take of the machine adds only to the first. */
interface Took {
  readonly clock: number;
  readonly processor: number;
}

async function measured(work: () => unknown): Promise<Took> {
  const before = process.cpuUsage();
  const clock = await timed(work);
  const { user, system } = process.cpuUsage(before);
  return { clock, processor: (user + system) / 1000 };
}

function sum(all: readonly Took[]): Took {
  const of = (name: keyof Took) => all.reduce((total, each) => total + each[name], 0);
  return { clock: of('clock'), processor: of('processor') };
}

/**
 * What `JSON.parse` of every line takes, its text being there.
 * @param keep whether what is parsed stays in memory, as what is read of an event does, or goes at once
 */
async function parseAll(files: readonly string[], keep: boolean): Promise<Took> {
  const took: Took[] = [];
  const kept: unknown[] = [];
  for (const file of files) {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const parse = () => {
      for (const line of lines) {
        const value: unknown = JSON.parse(line);
        if (keep) kept.push(value);
      }
    };
    took.push(await measured(parse));
  }
  return sum(took);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are held once what nobody holds is gone. */
function held(): number {
  collect();
  collect();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

async function opened(path: string): Promise<Ledgers> {
  const ledgers = new Ledgers(path, clock);
  await ledgers.refresh();
  if (ledgers.problems.length > 0 || ledgers.size !== Math.floor((UNITS * 5) / 2))
    throw new Error(`${ledgers.size} events, ${ledgers.problems.length} lines set aside.`);
  return ledgers;
}

async function memory({ path }: Made): Promise<Measured> {
  progress('memory');
  const before = held();
  const ledgers = await opened(path);
  const bytes = (held() - before) / ledgers.size;
  return { what: 'memory an event', value: bytes, unit: 'bytes', goal: MEMORY_GOAL };
}

async function times({ path, prints, langs, files }: Made): Promise<Measured[]> {
  const took = { parse: [], parseKeep: [], open: [], fold: [], both: [] } as Record<string, Took[]>;
  for (let round = 0; round < ROUNDS; round++) {
    progress(`round ${round + 1} of ${ROUNDS}`);
    // None of them pays for what another left.
    collect();
    took['parse']?.push(await parseAll(files, false));
    collect();
    took['parseKeep']?.push(await parseAll(files, true));
    collect();
    const ledgers = new Ledgers(path, clock);
    const open = await measured(() => ledgers.refresh());
    // As a record gives them: strings that nobody has looked up yet.
    const keys = langs.map((lang, unit) => keyOf(unit, lang));
    let states = {};
    const fold = await measured(() => (states = foldAll(ledgers, keys, prints)));
    assert.deepEqual(states, expectedStates());
    took['open']?.push(open);
    took['fold']?.push(fold);
    took['both']?.push(sum([open, fold]));
  }
  const of = (name: string, by: keyof Took) => median((took[name] ?? []).map(each => each[by]));
  const rows = (by: keyof Took): Measured[] => {
    const suffix = by === 'clock' ? '' : ', processor time';
    const name = `JSON.parse of every line${suffix}`;
    const row = (what: string, which: string, goal?: Goal) =>
      slower(`${what}${suffix}`, of(which, by), name, of('parse', by), goal);
    return [
      row('opening the ledgers', 'open'),
      row('folding every unit', 'fold'),
      row('both', 'both', TIME_GOAL),
      slower(`both${suffix}`, of('both', by), `the same, kept in memory`, of('parseKeep', by)),
    ];
  };
  return [...rows('clock'), ...rows('processor')];
}

/** What was asked for while something was done. */
interface Asked {
  readonly folds: number;
  readonly units: number;
  readonly lines: number;
}

/** Counts calls by the engine's own book, so that nothing is measured but the code as it is. */
async function asked(shard: Session['shard'], work: () => Promise<unknown>): Promise<Asked> {
  const { ledgers } = shard;
  const units = new Set<UnitKey>();
  const eventsOf = ledgers.eventsOf.bind(ledgers);
  ledgers.eventsOf = key => {
    units.add(key);
    return eventsOf(key);
  };
  const inspector = new Inspector();
  inspector.connect();
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await work();
  const { result } = await inspector.post('Profiler.takePreciseCoverage');
  inspector.disconnect();
  ledgers.eventsOf = eventsOf;
  return { folds: callsOf('foldUnit', result), units: units.size, lines: callsOf('eventsIn', result) };
}

function callsOf(name: string, scripts: readonly Profiler.ScriptCoverage[]): number {
  const functions = scripts.flatMap(script => script.functions).filter(each => each.functionName === name);
  return functions.reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0);
}

async function oneMore({ path }: Made, folder: string): Promise<Measured[]> {
  progress('opening a session');
  writePolicy(folder, { approvals: 2, lastEditorCounts: false, reviewers: { '*': reviewers } });
  const session = await Session.open({
    path,
    clock,
    writer: writers[0]!,
    draftFile: join(folder, 'drafts.json'),
  });
  const { shard } = session;
  await shard.matched;
  const others = await opened(path);
  const counts = JSON.stringify(shard.facts.counts);
  progress('one more event');
  const target = async (row: number) => {
    const view = await session.unit(row);
    if (view.kind !== 'unit') throw new Error(`Row ${row} is no record.`);
    return { row, key: view.key, fingerprint: view.fingerprint };
  };
  const theirs = await target(UNITS >> 1);
  const event = { key: theirs.key, line: theirs.row + 1, type: 'comment', text: 'One more.' } as const;
  const fromOthers = await asked(shard, async () => {
    await others.append(writers[7]!, [event]);
    await session.refresh();
    await shard.matched;
  });
  const mine = await target(1000);
  const own = await asked(shard, () => session.decide(mine, 'needs-work'));
  if (JSON.stringify(shard.facts.counts) === counts) throw new Error('No state has changed.');
  session.shard.close();
  const one: Goal = { most: 1 };
  const said = (who: string, { folds, units, lines }: Asked): Measured[] => [
    { what: `${who}: units folded`, value: units, unit: 'units', goal: one },
    { what: `${who}: folds of it`, value: folds, unit: 'calls' },
    { what: `${who}: lines read for their texts`, value: lines, unit: 'lines' },
  ];
  return [...said('an event of another', fromOthers), ...said('a decision of one’s own', own)];
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crossalpaca-'));
  try {
    progress(`making ${EVENTS} events`);
    const made = make(folder);
    progress(`${(made.bytes / 1e6).toFixed(0)} MB in ${made.files.length} ledgers, ${UNITS} units`);
    const memoryAnEvent = await memory(made);
    present('fold', [...(await times(made)), memoryAnEvent, ...(await oneMore(made, folder))]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
