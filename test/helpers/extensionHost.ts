/** The extension host of a running VS Code, looked at from outside: its memory, and how long it keeps its event loop. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { Workbench } from '../page/workbench';

export interface ExtensionHost {
  /** Collects garbage first. */
  memory(): Promise<Memory>;
  /** Begins to measure slices anew. */
  reset(): Promise<void>;
  slices(): Promise<Slices>;
  close(): Promise<void>;
}

/** Bytes. */
export interface Memory {
  readonly resident: number;
  /** JavaScript objects and what they hold outside of the heap. */
  readonly held: number;
}

/** Milliseconds. */
export interface Slices {
  /** The most CPU time of the main thread between two runs of a timer of 1 ms: no slice was longer. */
  readonly cpu: number;
  /** The longest time between two such runs, also of waiting for a core. */
  readonly wall: number;
}

/** Where Node listens when it is asked for its inspector by a signal. */
const INSPECTOR = 'http://127.0.0.1:9229';

/** In the extension host. Node before 23.9 cannot tell the CPU time of a thread: then Linux is asked. */
const MONITOR = `(() => {
  const fs = process.getBuiltinModule('node:fs');
  const bytes = Buffer.alloc(64);
  const file = fs.openSync('/proc/self/task/' + process.pid + '/schedstat', 'r');
  const cpu = process.threadCpuUsage
    ? () => { const { user, system } = process.threadCpuUsage(); return (user + system) / 1e3; }
    : () => { fs.readSync(file, bytes, 0, 64, 0); return parseInt(bytes.latin1Slice(0, 64), 10) / 1e6; };
  const monitor = { cpu: 0, wall: 0 };
  let last = cpu();
  let seen = performance.now();
  setInterval(() => {
    const [used, at] = [cpu(), performance.now()];
    monitor.cpu = Math.max(monitor.cpu, used - last);
    monitor.wall = Math.max(monitor.wall, at - seen);
    [last, seen] = [used, at];
  }, 1);
  globalThis.crossalpacaMonitor = monitor;
})()`;

/** A client of the inspector's protocol, in a page of the browser because Node 20 has no WebSocket. */
const CLIENT = (url: string) => `new Promise((resolve, reject) => {
  const socket = new WebSocket(${JSON.stringify(url)});
  const waiting = new Map();
  window.send = (method, params) => new Promise(done => {
    waiting.set(waiting.size + 1, done);
    socket.send(JSON.stringify({ id: waiting.size, method, params }));
  });
  socket.onmessage = ({ data }) => { const { id, ...rest } = JSON.parse(data); waiting.get(id)?.(rest); };
  socket.onopen = () => resolve();
  socket.onerror = () => reject(new Error('The inspector refused.'));
})`;

/** @returns undefined where it cannot be looked at: not on Linux, or another process has the inspector's port */
export async function extensionHost({ page }: Workbench): Promise<ExtensionHost | undefined> {
  const pid = process.platform === 'linux' ? extensionHostPid() : undefined;
  const browser = page.context().browser();
  if (pid === undefined || !browser) return undefined;
  process.kill(pid, 'SIGUSR1');
  const url = await inspectorUrl();
  if (url === undefined) return undefined;
  const client = await browser.newPage();
  await client.evaluate(CLIENT(url));
  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result } = await send<{ result: { result: { value: T } } }>(client, 'Runtime.evaluate', {
      expression,
      returnByValue: true,
    });
    return result.result.value;
  };
  if ((await evaluate('process.pid')) !== pid) {
    await client.close();
    return undefined;
  }
  await evaluate(MONITOR);
  return {
    memory: async () => {
      await send(client, 'HeapProfiler.enable', {});
      await send(client, 'HeapProfiler.collectGarbage', {});
      // Memory is given back to the system a little later.
      await page.waitForTimeout(3000);
      await send(client, 'HeapProfiler.collectGarbage', {});
      const held = await evaluate<number>(
        '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())',
      );
      return { held, resident: residentBytes(pid) };
    },
    reset: () => evaluate('void Object.assign(crossalpacaMonitor, { cpu: 0, wall: 0 })'),
    slices: () => evaluate('crossalpacaMonitor'),
    close: () => client.close(),
  };
}

function send<T>(client: Page, method: string, params: object): Promise<T> {
  return client.evaluate(`window.send(${JSON.stringify(method)}, ${JSON.stringify(params)})`);
}

async function inspectorUrl(): Promise<string | undefined> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      const answer = await fetch(`${INSPECTOR}/json/list`);
      const [target] = (await answer.json()) as { webSocketDebuggerUrl: string }[];
      return target?.webSocketDebuggerUrl;
    } catch {
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
  return undefined;
}

/** The extension host among the processes that this one started, directly or not. */
function extensionHostPid(): number | undefined {
  const parents = new Map<number, number>();
  const hosts: number[] = [];
  for (const name of readdirSync('/proc').filter(each => /^\d+$/.test(each))) {
    try {
      const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1];
      parents.set(Number(name), Number(parent));
      if (readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('--type=extensionHost'))
        hosts.push(Number(name));
    } catch {
      // It has ended meanwhile.
    }
  }
  const isOurs = (pid: number | undefined): boolean =>
    pid === process.pid || (pid !== undefined && pid > 1 && isOurs(parents.get(pid)));
  return hosts.find(pid => isOurs(pid));
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
