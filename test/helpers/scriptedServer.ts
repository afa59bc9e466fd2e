/** A server on 127.0.0.1 that does what a script says, faults included, and remembers what it was asked. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';

/** What the server does next. After the last step it ends the response. */
export type Step =
  /** The status (200) and the headers; sent at once. Without it, the first write sends 200 and no content type. */
  | { readonly head: OutgoingHttpHeaders; readonly status?: number }
  /** A piece of the body; with `every`, in HTTP chunks of that many bytes. */
  | { readonly write: string | Uint8Array; readonly every?: number }
  /** Bytes past HTTP, such as a broken status line. */
  | { readonly raw: string | Uint8Array }
  /** Milliseconds, or something to wait for. */
  | { readonly wait: number | Promise<unknown> }
  /** `close`: a connection closed in the middle. `reset`: ECONNRESET. `hang`: nothing more until the client closes. */
  | 'close'
  | 'reset'
  | 'hang';

export type Steps = Iterable<Step> | AsyncIterable<Step>;

/** The same steps for each request, or steps that depend on the request and on how many came before it. */
export type Script = readonly Step[] | ((request: RecordedRequest, index: number) => Steps | Promise<Steps>);

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Resolves when the connection is closed or the response sent: to `true` if the client closed it before. */
  readonly closedEarly: Promise<boolean>;
}

export interface ScriptedServer {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** In the order in which their bodies were complete. */
  readonly requests: readonly RecordedRequest[];
  /** How many connections have been made. */
  readonly connections: number;
  /** Resolves to the request of this index as soon as it has come. */
  request(index: number): Promise<RecordedRequest>;
  /** Cuts every connection and stops listening. */
  close(): Promise<void>;
}

/** Starts a server; `port` 0 takes a free one. */
export async function startScriptedServer(script: Script, port = 0): Promise<ScriptedServer> {
  const requests: RecordedRequest[] = [];
  const waiting = new Map<number, (request: RecordedRequest) => void>();
  const sockets = new Set<Socket>();
  let connections = 0;
  let closing = false;

  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', () => undefined);
    response.on('error', () => undefined);
    incoming.on('end', () => {
      let cutByServer = false;
      const cut = () => (cutByServer = true);
      const request: RecordedRequest = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        closedEarly: new Promise(resolve =>
          response.on('close', () => resolve(!response.writableFinished && !cutByServer && !closing)),
        ),
      };
      const index = requests.push(request) - 1;
      waiting.get(index)?.(request);
      const steps = typeof script === 'function' ? script(request, index) : script;
      play(steps, response, cut).catch((error: unknown) => response.destroy(error as Error));
    });
  });
  server.on('connection', socket => {
    connections++;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get connections() {
      return connections;
    },
    request(index) {
      const request = requests[index];
      return request ? Promise.resolve(request) : new Promise(resolve => waiting.set(index, resolve));
    },
    async close() {
      closing = true;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** @param cut called before the server itself closes the connection */
async function play(steps: Steps | Promise<Steps>, response: ServerResponse, cut: () => void): Promise<void> {
  const closed = new Promise(resolve => response.once('close', resolve));
  for await (const step of await steps) {
    if (response.destroyed) return;
    const socket = response.socket;
    if (step === 'hang') return;
    if (step === 'close' || step === 'reset') {
      cut();
      if (step === 'close') socket?.destroySoon();
      else socket?.resetAndDestroy();
      return;
    }
    if ('wait' in step) await (typeof step.wait === 'number' ? setTimeout(step.wait) : step.wait);
    else if ('raw' in step) socket?.write(step.raw);
    else if ('head' in step) response.writeHead(step.status ?? 200, step.head).flushHeaders();
    else await send(response, closed, Buffer.from(step.write), step.every);
  }
  response.end();
}

async function send(response: ServerResponse, closed: Promise<unknown>, bytes: Buffer, every = bytes.length) {
  for (let from = 0; from < bytes.length; from += every) {
    if (response.destroyed) return;
    const roomLeft = response.write(bytes.subarray(from, from + every));
    // One turn of the event loop each, so that the pieces tend to arrive apart.
    if (roomLeft) await setImmediate();
    else await Promise.race([closed, new Promise(resolve => response.once('drain', resolve))]);
  }
}

/** The head of an event stream. */
export const SSE: Step = { head: { 'content-type': 'text/event-stream' } };

/** One event: `data:` with a value as JSON, or with a text as it is. */
export function sse(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

/** A chunk of a chat completion, as llama.cpp and vLLM write it. */
export function chunk(delta: Record<string, unknown>, finishReason: string | null = null): string {
  return sse({
    object: 'chat.completion.chunk',
    model: 'scripted',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  });
}

/** The whole body of an answer: its pieces, the reason, the usage, and `[DONE]`. */
export function answer(pieces: readonly string[], finishReason = 'stop'): string {
  return [
    chunk({ role: 'assistant', content: null }),
    ...pieces.map(content => chunk({ content })),
    chunk({}, finishReason),
    sse({ model: 'scripted', choices: [], usage: { prompt_tokens: 12, completion_tokens: pieces.length } }),
    sse('[DONE]'),
  ].join('');
}

/** A response of one piece, with its length: for errors, and for answers that are not streamed. */
export function reply(status: number, body: unknown, headers: OutgoingHttpHeaders = {}): Step[] {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return [
    {
      status,
      head: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers },
    },
    { write: text },
  ];
}

/** The head of an answer of Ollama's own API. */
export const NDJSON: Step = { head: { 'content-type': 'application/x-ndjson' } };

/** One line of it: a piece of the answer, and whatever else stands beside it. */
export function ollamaLine(content: string, more: Record<string, unknown> = {}): string {
  const line = { model: 'scripted', message: { role: 'assistant', content }, done: false, ...more };
  return `${JSON.stringify(line)}\n`;
}

/** The whole body of an answer of Ollama. */
export function ollamaAnswer(pieces: readonly string[], reason = 'stop'): string {
  const counts = { prompt_eval_count: 12, eval_count: pieces.length };
  return [
    ...pieces.map(content => ollamaLine(content)),
    ollamaLine('', { done: true, done_reason: reason, ...counts }),
  ].join('');
}

/** A server that gives each path its own reply, and 404 to all others, as `reply` makes it. */
export function byPath(
  replies: Readonly<Record<string, readonly Step[]>>,
): (request: RecordedRequest) => readonly Step[] {
  return ({ path }) => replies[path] ?? reply(404, { error: `no ${path} here` });
}
