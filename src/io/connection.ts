/**
 * Connections to inference servers: their addresses, and one request over `node:http`, since `fetch` gives up after 300 s
 * without headers, which a server with a queue exceeds; without keep-alive, since llama.cpp closes each connection although
 * it offers to keep it.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { BackendError, get } from './answer';

const DOWN =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ETIMEDOUT|EADDRNOTAVAIL)$/;
/** One for all requests: without keep-alive they keep nothing between them. */
const AGENT = new http.Agent({ keepAlive: false });
const SECURE_AGENT = new https.Agent({ keepAlive: false });
/** Of a body that tells about the server: enough for the metrics of vLLM. */
const MAX_PAGE_BYTES = 256 << 10;

/**
 * The base address in one spelling: no slash at the end, no `/v1`, no `/chat/completions`, no `/api/chat`.
 * @throws BackendError `bad-url` unless it is http or https, without credentials, query and fragment
 */
export function normaliseUrl(url: string): string {
  const { origin, pathname } = parseUrl(url);
  const path = pathname
    .replace(/\/+$/, '')
    .replace(/\/chat\/completions$|\/api\/chat$/, '')
    .replace(/\/v1$/, '');
  return origin + path.replace(/\/+$/, '');
}

/**
 * The machine (and port) of an address, and whether it is surely this one: 127.0.0.0/8, ::1, or `localhost`.
 * @throws BackendError `bad-url`
 */
export function backendHost(url: string): { host: string; isLoopback: boolean } {
  // The URL parser has put every spelling of an IPv4 address (127.1, 0x7f000001) into four decimal numbers.
  const { host, hostname } = parseUrl(url);
  return { host, isLoopback: /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(hostname) };
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new BackendError('bad-url');
  if (parsed.username || parsed.password || /[?#]/.test(url)) throw new BackendError('bad-url');
  return parsed;
}

/**
 * A request on a connection of its own; `end` sends it. No redirect is followed.
 * @param base any spelling of the base address
 * @throws BackendError `bad-url`, `bad-key`
 */
export function open(
  method: 'GET' | 'POST',
  base: string,
  path: string,
  apiKey: string | undefined,
): http.ClientRequest {
  const url = new URL(normaliseUrl(base) + path);
  const key = apiKey ?? '';
  if (!/^[\x21-\x7e]*$/.test(key)) throw new BackendError('bad-key');
  const isSecure = url.protocol === 'https:';
  return (isSecure ? https : http).request(url, {
    method,
    agent: isSecure ? SECURE_AGENT : AGENT,
    headers: {
      ...(method === 'POST' && { 'content-type': 'application/json' }),
      accept: method === 'POST' ? 'text/event-stream, application/x-ndjson, application/json' : '*/*',
      'accept-encoding': 'identity',
      ...(key && { authorization: `Bearer ${key}` }),
    },
  });
}

/**
 * Sends a request. Rejects with whatever comes instead of a response: an error, or only the end of the connection, which is
 * all that is told of an answer with 101 and of a request that was given up.
 */
export function responseTo(outgoing: http.ClientRequest, body = ''): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    outgoing.on('response', resolve).on('error', reject).on('close', onClose).end(body);
    if (outgoing.closed) onClose();
  });
}

/** What an error of a connection means before the server has answered. */
export function connectionFailure(error: unknown, host: string): BackendError {
  if (error instanceof BackendError) return error;
  const code = String(get(error, 'code'));
  return new BackendError(DOWN.test(code) ? 'down' : 'network', [host, code]);
}

export interface Page {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** As much of it as was asked for: of what a server tells about itself 256 KiB. */
  readonly text: string;
}

/**
 * What a server tells about itself at one path.
 * @param limitMs for all of it
 * @throws BackendError `down`, `network`, `silence`, `bad-url`, `bad-key`; `aborted` at once when the signal fires
 */
export function getPage(
  base: string,
  path: string,
  apiKey: string | undefined,
  limitMs: number,
  signal: AbortSignal,
): Promise<Page> {
  return page(() => open('GET', base, path, apiKey), base, '', limitMs, MAX_PAGE_BYTES, signal);
}

/**
 * What a server answers to a question that takes no stream.
 * @param body JSON
 * @param maxBytes of the answer; the rest is not read
 * @throws as `getPage` does
 */
export function postPage(
  base: string,
  path: string,
  apiKey: string | undefined,
  body: string,
  limitMs: number,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Page> {
  return page(() => open('POST', base, path, apiKey), base, body, limitMs, maxBytes, signal);
}

async function page(
  request: () => http.ClientRequest,
  base: string,
  body: string,
  limitMs: number,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Page> {
  const { host } = backendHost(base);
  if (signal.aborted) throw new BackendError('aborted');
  const outgoing = request();
  const timer = setTimeout(
    () => outgoing.destroy(new BackendError('silence', [host, limitMs / 1000])),
    limitMs,
  );
  const onAbort = () => outgoing.destroy(new BackendError('aborted'));
  signal.addEventListener('abort', onAbort);
  try {
    const response = await responseTo(outgoing, body);
    const chunks: Buffer[] = [];
    let room = maxBytes;
    for await (const bytes of response as AsyncIterable<Buffer>) {
      chunks.push(bytes.subarray(0, room));
      room -= bytes.length;
      if (room <= 0) break;
    }
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: Buffer.concat(chunks).toString('utf8'),
    };
  } catch (error) {
    throw connectionFailure(outgoing.errored ?? error, host);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    outgoing.destroy();
  }
}
