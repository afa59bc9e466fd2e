/** Real shards in temporary folders, sessions on them, real git and real child processes. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { byOrder, type EditFacts, type EventFacts } from '../../src/core/eventFacts';
import type { EventId, NewEvent, ReviewEvent } from '../../src/core/events';
import { UserError, type MessageId } from '../../src/core/messages';
import type { GoodUnit, Target } from '../../src/core/protocol';
import type { UnitKey } from '../../src/core/record';
import type { State } from '../../src/core/states';
import { Ledgers, type Clock, type Writer } from '../../src/io/ledger';
import { Session } from '../../src/session';

/** Anything that can be told to clean up: a test's context, or a property's own list. */
export interface Cleanup {
  after(clean: () => void): void;
}

export function tempFolder(cleanup: Cleanup): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'crossalpaca-')));
  cleanup.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs one case of a property in a folder of its own. */
export async function inTempFolder<T>(use: (folder: string, cleanup: Cleanup) => Promise<T>): Promise<T> {
  const cleaners: (() => void)[] = [];
  const cleanup: Cleanup = { after: clean => void cleaners.unshift(clean) };
  try {
    return await use(tempFolder(cleanup), cleanup);
  } finally {
    for (const clean of cleaners) clean();
  }
}

let ids = 0;

/** Ids in the order of their making, a new millisecond for each look. */
export function testClock(): Clock {
  return { now: () => Date.UTC(2025, 0, 1) + ids++, newId: () => `E${String(ids++).padStart(9, '0')}` };
}

/** One record of a shard as `import` writes it. */
export function record(id: string, output: string, source = 'Name a fruit.'): string {
  const side = (instruction: string, text: string) => ({ instruction, input: '', output: text });
  return JSON.stringify({
    id,
    source: side(source, 'An apple.'),
    target: side('Nenne eine Frucht.', output),
    source_lang: 'en',
    target_lang: 'de',
  });
}

/** Writes a shard of `lines` and returns its path. */
export function writeShard(folder: string, lines: readonly string[], name = 'shard.jsonl'): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, lines.map(line => `${line}\n`).join(''));
  return path;
}

export interface Who {
  readonly reviewer?: string;
  readonly clone?: string;
  readonly draftFile?: string;
  readonly workspaceRoot?: string;
}

/** A session whose matching of ledgers to records is done; closed after the test. */
export async function openSession(cleanup: Cleanup, path: string, who: Who = {}): Promise<Session> {
  const { reviewer, clone = 'aaaaaa', workspaceRoot } = who;
  const session = await Session.open({
    path,
    clock: testClock(),
    draftFile: who.draftFile ?? join(dirname(path), `drafts-${reviewer ?? 'nobody'}-${clone}.json`),
    ...(reviewer === undefined ? {} : { writer: { reviewer, clone } }),
    ...(workspaceRoot === undefined ? {} : { workspaceRoot }),
  });
  cleanup.after(() => session.shard.close());
  await session.shard.matched;
  return session;
}

export async function good(session: Session, row: number): Promise<GoodUnit> {
  const view = await session.unit(row);
  if (view.kind !== 'unit') throw new Error(`row ${row} is no record`);
  return view;
}

/** What the page names when it acts on the unit that it shows. */
export async function targetOf(session: Session, row: number): Promise<Target> {
  const { key, fingerprint } = await good(session, row);
  return { row, key, fingerprint };
}

/** Types a text and leaves the field. */
export async function edit(session: Session, row: number, text: string, field = 'output'): Promise<void> {
  const target = await targetOf(session, row);
  await session.draft(target, 'target', field, text);
  await session.commit(target);
}

export async function approve(session: Session, row: number): Promise<void> {
  await session.decide(await targetOf(session, row), 'approve');
}

export function outputOf(view: GoodUnit): string | undefined {
  return view.fields.find(field => field.name === 'output')?.target;
}

/** Takes in what is on disk and waits until the counts are those of it. */
export async function refresh(session: Session): Promise<void> {
  await session.refresh();
  await session.shard.matched;
}

export function userError(...ids: MessageId[]): (error: unknown) => boolean {
  return error => error instanceof UserError && ids.includes(error.said.id);
}

export const KEY = 'r1@de' as UnitKey;

export function comment(text: string, key = KEY): NewEvent {
  return { key, line: 1, type: 'comment', text };
}

/** A line of a ledger as another clone or version would have written it. */
export function commentLine(id: string, by: string, more: object = {}): string {
  const at = '2025-01-01T00:00:00.000Z';
  return JSON.stringify({ v: 1, id, seq: 1, at, by, key: KEY, line: 1, type: 'comment', text: id, ...more });
}

/** The ledgers of a shard, read from disk by eyes that have seen nothing before. */
export async function readLedgers(shard: string): Promise<Ledgers> {
  const ledgers = new Ledgers(shard, testClock());
  await ledgers.refresh();
  return ledgers;
}

export function idsOf(ledgers: Ledgers): EventId[] {
  return Array.from(ledgers.all(), event => event.id).sort();
}

/** Every path below a folder with the bytes of its files; a link by itself, not by where it leads. */
export function contentsOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return Object.fromEntries(
    entries.map(entry => {
      const path = join(entry.parentPath, entry.name);
      return [path, entry.isFile() ? readFileSync(path, 'latin1') : ''];
    }),
  );
}

/** Runs git as a reviewer of that name, untouched by the configuration of this machine. */
export function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Test',
      GIT_AUTHOR_EMAIL: 'test@example.org',
      GIT_COMMITTER_NAME: 'Test',
      GIT_COMMITTER_EMAIL: 'test@example.org',
    },
  });
}

const ROLE = 'CROSSALPACA_TEST_CHILD';

/** What this process is to do where a test started its own bundle once more as a child; none: run the tests. */
export function childRole(): string | undefined {
  return process.env[ROLE];
}

/** Starts a test's own bundle as another process, in which `childRole()` is `role`. */
export function spawnChild(bundle: string, role: string, ...args: string[]): ChildProcess {
  const env: NodeJS.ProcessEnv = { ...process.env, [ROLE]: role };
  delete env['NODE_TEST_CONTEXT'];
  return spawn(process.execPath, [bundle, ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Everything that a child prints until it ends. */
export async function outputOfChild(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  await new Promise(resolve => child.once('close', resolve));
  return text;
}

/** Reviewers who each work in a clone of their own. */
export const ANNA = { reviewer: 'anna', clone: 'aaaaaa' };
export const BELA = { reviewer: 'bela', clone: 'bbbbbb' };
export const CARLA = { reviewer: 'carla', clone: 'cccccc' };

export const LINES = [record('r1', 'Ein Apfel.'), record('r2', 'Eine Birne.'), record('r3', 'Eine Kirsche.')];

export const writePolicy = (folder: string, policy: object | string) => {
  mkdirSync(join(folder, '.crossalpaca'), { recursive: true });
  const json = typeof policy === 'string' ? policy : JSON.stringify(policy);
  writeFileSync(join(folder, '.crossalpaca', 'policy.json'), json);
};

/** Several reviewers on one shard, each in a session of their own, as in clones that have just been merged. */
export async function team(cleanup: Cleanup, members: readonly Who[], lines: readonly string[] = LINES) {
  const folder = tempFolder(cleanup);
  const path = writeShard(folder, lines);
  const sessions: Session[] = [];
  for (const who of members) sessions.push(await openSession(cleanup, path, who));
  return { folder, path, sessions };
}

export async function pair(t: TestContext, lines?: readonly string[]) {
  const { sessions, ...rest } = await team(t, [ANNA, BELA], lines);
  const [anna, bela] = sessions as [Session, Session];
  return { anna, bela, ...rest };
}

export async function single(t: TestContext, lines: readonly string[] = LINES, who: Who = ANNA) {
  const { sessions, ...rest } = await team(t, [who], lines);
  return { session: sessions[0]!, ...rest };
}

/** What is known of every event, in display order. */
export const eventsOf = (session: Session): EventFacts[] => [...session.shard.ledgers.all()].sort(byOrder);

/** Every event with its texts, in display order. */
export async function writtenIn(ledgers: Ledgers): Promise<ReviewEvent[]> {
  const facts = [...ledgers.all()].sort(byOrder);
  return withTexts(ledgers, facts);
}

/** Events with their texts, in their order. */
export async function withTexts(ledgers: Ledgers, facts: readonly EventFacts[]): Promise<ReviewEvent[]> {
  const events: ReviewEvent[] = [];
  // One by one: two units may have events of one id.
  for (const each of facts) {
    const event = (await ledgers.read([each])).get(each.id);
    assert.ok(event, `${each.id} has no text`);
    events.push(event);
  }
  return events;
}

export function editsOf(session: Session): EditFacts[] {
  return eventsOf(session).filter(event => event.type === 'edit');
}

export async function stateOf(session: Session, row = 0): Promise<State> {
  return (await good(session, row)).state;
}

/** Two edits of row 0 that do not know of each other; both sessions have seen both. */
export async function rivals(t: TestContext) {
  const both = await pair(t);
  await edit(both.anna, 0, 'Annas Text.');
  await edit(both.bela, 0, 'Belas Text.');
  await refresh(both.anna);
  await refresh(both.bela);
  return both;
}

export async function rivalTarget(session: Session, by: string): Promise<Target> {
  const view = await good(session, 0);
  const rival = view.rivals.find(each => each.by === by);
  assert.ok(rival, `no rival by ${by}`);
  return { row: 0, key: view.key, fingerprint: rival.fingerprint };
}

export const ledgerOf = (shard: string, { reviewer, clone }: Writer) =>
  join(dirname(shard), '.crossalpaca', 'shard.jsonl', reviewer, `${clone}.jsonl`);

/** The path of a shard (nothing looks at the shard itself here) and the ledger of a writer beside it. */
export function place(folder: string, writer = ANNA): { shard: string; file: string } {
  const shard = join(folder, 'shard.jsonl');
  return { shard, file: ledgerOf(shard, writer) };
}

export function writeLedger(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

export const ledgersOf = (shard: string) => new Ledgers(shard, testClock());
export const problemsOf = (ledgers: Ledgers) => ledgers.problems.map(({ line, reason }) => [line, reason.id]);
/** Comments on a unit by what they say, other events by their type, in the order in which they were met. */
export async function textsOf(ledgers: Ledgers, key = KEY): Promise<string[]> {
  const events = await withTexts(ledgers, ledgers.eventsOf(key));
  return events.map(event => (event.type === 'comment' ? event.text : event.type));
}

/**
 * Runs a test on a disk of its own.
 * @param size as `mount` takes it, such as `64k`; where mounting is not permitted the test is skipped
 */
export async function onSmallDisk(
  t: TestContext,
  size: string,
  use: (disk: string) => Promise<void>,
): Promise<void> {
  const disk = tempFolder(t);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', disk], { stdio: 'ignore' });
  } catch {
    t.skip('mounting a small disk is not permitted here');
    return;
  }
  try {
    await use(disk);
  } finally {
    execFileSync('umount', [disk]);
  }
}
