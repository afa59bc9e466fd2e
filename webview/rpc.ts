/** Calls to the host. Each settles: the host answers every call, with a value or with what to tell the user. */
import type { MessageId } from '../src/core/messages';
import type { HostApi, HostEvent, PageNotice, Reply } from '../src/core/protocol';

interface VsCodeApi {
  postMessage(message: unknown): void;
}
/** What the host refused or could not do; the message is for the user. */
export class HostError extends Error {
  /** Null: what was not foreseen. */
  readonly reason: MessageId | null;

  constructor(message: string, reason: MessageId | null) {
    super(message);
    this.reason = reason;
  }
}

declare function acquireVsCodeApi(): VsCodeApi;

const vscode = acquireVsCodeApi();
const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
/** Not from 0 each time: an answer to an earlier page on the same shard may still come. */
let lastId = Math.floor(Math.random() * 2 ** 50);

export function call<M extends keyof HostApi>(
  method: M,
  ...params: Parameters<HostApi[M]>
): ReturnType<HostApi[M]> {
  const id = ++lastId;
  const reply = new Promise<unknown>((resolve, reject) => pending.set(id, { resolve, reject }));
  vscode.postMessage({ id, method, params });
  // The wire carries what the host's method of this name returned; `Reply` cannot say so for each method.
  return reply as ReturnType<HostApi[M]>;
}

export function notify(notice: PageNotice): void {
  vscode.postMessage(notice);
}

/** Begins to listen; events that are no replies go to `onEvent`. */
export function listen(onEvent: (event: HostEvent) => void): void {
  window.addEventListener('message', ({ data }: MessageEvent<Reply | HostEvent>) => {
    if ('event' in data) {
      onEvent(data);
      return;
    }
    const call = pending.get(data.id);
    pending.delete(data.id);
    if (data.ok) call?.resolve(data.value);
    else call?.reject(new HostError(data.error, data.reason));
  });
}
