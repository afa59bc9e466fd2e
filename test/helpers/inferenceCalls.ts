/** Calls of the inference client against a scripted server, and what a caller sees of them. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { inspect } from 'node:util';
import {
  BackendError,
  generate,
  type Backend,
  type FailureKind,
  type GenerateRequest,
  type GenerateResult,
} from '../../src/io/inference';
import { generatePatiently, type Waiting } from '../../src/io/retry';
import {
  SSE,
  startScriptedServer,
  type RecordedRequest,
  type Script,
  type ScriptedServer,
  type Step,
} from './scriptedServer';

export const KEY = 'sk-very-secret-0123456789';
export const RECORD = 'Descrivi la città di Zürich in tre frasi. 日本語もお願いします。';
export const REQUEST: GenerateRequest = {
  messages: [
    { role: 'system', content: 'You translate.' },
    { role: 'user', content: RECORD },
  ],
  temperature: 0,
  topP: 1,
  seed: 7,
  maxTokens: 64,
};
export interface Outcome {
  result?: GenerateResult;
  error?: BackendError;
  deltas: string[];
}

export interface Call {
  backend?: Partial<Backend>;
  request?: Partial<GenerateRequest>;
  signal?: AbortSignal;
  onDelta?: (text: string) => void;
}

/** Never rejects but with something that is no BackendError, which fails the test. */
export async function ask(url: string, call: Call = {}): Promise<Outcome> {
  const deltas: string[] = [];
  const backend = { url, model: 'asked-for', api: 'openai' as const, apiKey: KEY, ...call.backend };
  const signal = call.signal ?? new AbortController().signal;
  try {
    const onDelta = (text: string) => {
      deltas.push(text);
      call.onDelta?.(text);
    };
    return { result: await generate(backend, { ...REQUEST, ...call.request }, { signal, onDelta }), deltas };
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    assert.ok(!error.message.includes(KEY), 'the message holds the key');
    assert.ok(!inspect(error, { depth: 9 }).includes(KEY), 'something of the error holds the key');
    assert.ok(!error.message.includes('Zürich'), 'the message holds the text');
    return { error, deltas };
  }
}

/** Runs one call against a script. */
export async function against(
  script: Script,
  call: Call = {},
): Promise<Outcome & { server: ScriptedServer }> {
  const server = await startScriptedServer(script);
  try {
    const outcome = await ask(server.url, call);
    // Where the script hangs, this ends only because the client has closed its connection.
    await Promise.all(server.requests.map(request => request.closedEarly));
    return { ...outcome, server };
  } finally {
    await server.close();
  }
}

/**
 * Lets the clock run ahead until the outcome is there: what is silent is silent for long.
 * @param step milliseconds of each turn of the event loop: few where something answers in the meantime
 */
export async function hurry<T>(run: () => Promise<T>, step = 1000): Promise<T> {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const state = { over: false };
    const outcome = run().finally(() => (state.over = true));
    outcome.catch(() => undefined);
    for (let ticks = 0; !state.over; ticks++) {
      assert.ok(ticks < 100_000, 'the call waits for longer than it should');
      await new Promise(resolve => setImmediate(resolve));
      mock.timers.tick(step);
    }
    return await outcome;
  } finally {
    mock.timers.reset();
  }
}
/** Longer than {@link hurry} ever takes, so that only a shorter limit ends a call. */
export const PATIENT = { firstSilenceSeconds: 2_000_000, silenceSeconds: 2_000_000 };

export async function fails(kind: FailureKind, script: Script, call: Call = {}) {
  const { error, deltas, server } = await against(script, call);
  assert.equal(error?.kind, kind, error?.message ?? 'there was an answer');
  return { error, deltas, server };
}

export async function answers(script: Script, call: Call = {}) {
  const { result, error, deltas, server } = await against(script, call);
  assert.ok(result, error?.message);
  assert.equal(deltas.join(''), result.text);
  return { result, deltas, server };
}

export const stream = (...bodies: string[]): Step[] => [SSE, ...bodies.map(write => ({ write }))];
/** A server that answers with whatever `send` was told last, after a head, in pieces of the sizes in turn, in bytes. */
export async function serveInPieces(head: Step) {
  let body = Buffer.alloc(0);
  let sizes: readonly number[] = [];
  const server = await startScriptedServer(function* () {
    yield head;
    for (let from = 0, i = 0; from < body.length; i++) {
      const to = from + sizes[i % sizes.length]!;
      yield { write: body.subarray(from, to) };
      yield { wait: new Promise(resolve => setImmediate(resolve)) };
      from = to;
    }
  });
  const send = (bytes: Buffer, chosen: readonly number[]) => {
    body = Buffer.from(bytes);
    sizes = chosen;
  };
  return { server, send };
}

/** Something for a script to wait for. */
export function gate() {
  let open: () => void = () => undefined;
  return { opened: new Promise<void>(resolve => (open = resolve)), open: () => open() };
}

export interface Patiently {
  readonly result?: GenerateResult;
  readonly error?: BackendError;
  /** What the screen shows at the end: the deltas since the last restart. */
  readonly shown: string;
  readonly restarts: number;
  readonly waits: readonly Waiting[];
  /** Those for an answer, without the questions whether the server is ready. */
  readonly tries: readonly RecordedRequest[];
  readonly server: ScriptedServer;
}

/** Runs one patient call against a script, with the clock ahead. */
export async function patiently(script: Script, call: Call = {}): Promise<Patiently> {
  const server = await startScriptedServer(script);
  const waits: Waiting[] = [];
  let [shown, restarts] = ['', 0];
  const backend = {
    url: server.url,
    model: 'asked-for',
    api: 'openai' as const,
    apiKey: KEY,
    ...call.backend,
  };
  const patience = {
    signal: call.signal ?? new AbortController().signal,
    onDelta(text: string) {
      shown += text;
      call.onDelta?.(text);
    },
    onRestart() {
      shown = '';
      restarts++;
    },
    onWait: (waiting: Waiting) => void waits.push(waiting),
  };
  try {
    // So few that whatever the server answers comes before any limit of time.
    const outcome = await hurry(
      () =>
        generatePatiently(backend, { ...REQUEST, ...call.request }, patience).then(
          result => ({ result }),
          (error: unknown) => {
            if (!(error instanceof BackendError)) throw error;
            assert.ok(!error.message.includes(KEY) && !error.message.includes('Zürich'), error.message);
            return { error };
          },
        ),
      10,
    );
    const tries = server.requests.filter(request => request.method === 'POST');
    return { ...outcome, shown, restarts, waits, tries, server };
  } finally {
    await server.close();
  }
}

/** A port of this machine where nobody listens. */
export async function deadUrl(): Promise<string> {
  const server = await startScriptedServer([]);
  await server.close();
  return server.url;
}
