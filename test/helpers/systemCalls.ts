/** What a child process asked of the system, in its order, as `strace` recorded it. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Calls by which a file gets a name, content, or durability. */
const TRACED =
  'openat,mkdir,mkdirat,write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,rename,close,io_uring_enter';
/** Bytes of an argument that are recorded: whole events. */
const RECORDED_BYTES = 1 << 16;
const ROLE = 'CROSSALPACA_TEST_ROLE';

/** One moment of the record. What a call returned is known only when it ended. */
export interface Step {
  readonly name: string;
  readonly args: string;
  /** Undefined as long as the call is under way. */
  readonly result?: number;
}

/** What this process is to do where it got `environmentOf` a role; none: run the tests. */
export function roleGiven(): string | undefined {
  return process.env[ROLE];
}

/** For a child process in which `roleGiven()` is `role`. */
export function environmentOf(role: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, [ROLE]: role };
  delete env['NODE_TEST_CONTEXT'];
  return env;
}

/** Why system calls cannot be recorded here, for skipping a test; undefined where they can. */
export function cannotTrace(): string | undefined {
  const { error, status } = spawnSync('strace', ['-f', '-o', '/dev/null', process.execPath, '--version']);
  if (error) return `strace is not here (${error.message})`;
  return status === 0 ? undefined : 'strace may not follow a process here';
}

/** Runs a test's own bundle as another process, in which `roleGiven()` is `role`, to its end. */
export async function trace(
  folder: string,
  bundle: string,
  role: string,
  ...args: string[]
): Promise<Step[]> {
  const record = join(folder, `${role}.strace`);
  const options = ['-f', '-qq', '-e', 'signal=none', '-e', `trace=${TRACED}`, '-s', String(RECORDED_BYTES)];
  // Calls through a ring would not be recorded one by one.
  const env = { ...environmentOf(role), UV_USE_IO_URING: '0' };
  const command = [...options, '-o', record, process.execPath, bundle, ...args];
  const child = spawn('strace', command, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise(resolve => child.once('close', resolve));
  if (code !== 0) throw new Error(`The traced process ended with ${String(code)}.`);
  return steps(readFileSync(record, 'latin1'));
}

/** A step for the beginning of each call and one for its end, in the order of the record. */
export function steps(record: string): Step[] {
  const all: Step[] = [];
  const begun = new Map<string, Step>();
  for (const line of record.split('\n')) {
    const [, thread = '', said = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const [, name = '', before = ''] = /^(\w+)\((.*?)(?: <unfinished \.\.\.>)?$/.exec(said) ?? [];
    const [, after = '', result] = /^(.*)\) += (-?\d+|\?)/.exec(said) ?? [];
    if (said.includes(' resumed>') && said.startsWith('<...')) {
      const call = begun.get(thread);
      if (call) all.push({ ...call, result: Number(result) });
    } else if (name !== '') {
      const args = result === undefined ? before : after.slice(name.length + 1);
      const call: Step = { name, args };
      begun.set(thread, call);
      all.push(call);
      if (result !== undefined) all.push({ ...call, result: Number(result) });
    }
  }
  return all;
}

/** An open file description: what one `openat` gave. */
interface Opened {
  readonly path: string;
}

/**
 * Holds what a process acknowledged (by writing `ACK <event id>` to its standard output) against what was durable by then:
 * the event written to the ledger and the same description fsynced after it, and the name of the ledger and of every
 * folder made on the way fsynced in the folder above. The ledger is not there when the record begins.
 * @returns how many were acknowledged, and a sentence for each that was so too early
 */
export function unproven(all: readonly Step[], ledger: string): { acknowledged: number; early: string[] } {
  const opened = new Map<number, Opened>();
  const written = new Map<string, { to: Opened; synced: boolean }>();
  const unnamed = new Map<string, string>();
  const syncing = new Map<Step['args'], { of: Opened; events: string[]; names: string[] }>();
  const early: string[] = [];
  let acknowledged = 0;
  for (const { name, args, result } of all) {
    const file = opened.get(parseInt(args, 10));
    const path = /"((?:[^"\\]|\\.)*)"/.exec(args)?.[1] ?? '';
    if (name === 'io_uring_enter') throw new Error('Calls through a ring are not recorded.');
    if (name === 'write' && args.startsWith('1,') && result === undefined) {
      const id = /ACK (\w+)/.exec(args)?.[1] ?? '';
      acknowledged++;
      if (!written.has(id)) early.push(`${id}: not written`);
      else if (!written.get(id)?.synced) early.push(`${id}: not fsynced`);
      for (const made of unnamed.keys()) early.push(`${id}: the name of ${made} is not fsynced`);
    } else if (name === 'openat' && result !== undefined && result >= 0) {
      opened.set(result, { path });
      if (
        path === ledger &&
        ![...written.values()].some(each => each.to.path === ledger) &&
        args.includes('O_CREAT')
      )
        unnamed.set(path, dirname(path));
    } else if (name.startsWith('mkdir') && result === 0) {
      unnamed.set(path, dirname(path));
    } else if (name === 'close' && result === undefined) {
      opened.delete(parseInt(args, 10));
    } else if ((name === 'write' || name === 'pwrite64') && file?.path === ledger && result !== undefined) {
      const isWhole = result === Number(/, (\d+)(?:, \d+)?$/.exec(args)?.[1]);
      for (const [, id = ''] of args.matchAll(/\\"id\\":\\"(\w+)\\"/g)) {
        if (isWhole) written.set(id, { to: file, synced: false });
      }
    } else if ((name === 'fsync' || name === 'fdatasync') && file) {
      // Only what was there when it began is durable when it ends.
      if (result === undefined) {
        const events = [...written].filter(([, { to }]) => to === file).map(([id]) => id);
        const names = [...unnamed].filter(([, folder]) => folder === file.path).map(([made]) => made);
        syncing.set(args, { of: file, events, names });
      } else if (result === 0) {
        const covered = syncing.get(args);
        for (const id of covered?.events ?? []) written.set(id, { to: file, synced: true });
        for (const made of covered?.names ?? []) unnamed.delete(made);
      }
    }
  }
  return { acknowledged, early };
}
