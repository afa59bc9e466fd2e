/** One answer, with patience: repeats what is worth repeating, waits where the server asks for it, and says so. */
import { unlessAborted } from './aborting';
import { BackendError, type FailureKind } from './answer';
import { getPage, normaliseUrl } from './connection';
import { generate, type Backend, type GenerateRequest, type GenerateResult } from './inference';

/** Why nothing comes at the moment. */
export interface Waiting {
  readonly kind: FailureKind;
  /** Milliseconds from now; 0 where the next try begins at once. */
  readonly ms: number;
  /** The try that comes then, from 2. */
  readonly attempt: number;
}

export interface Patience {
  readonly signal: AbortSignal;
  readonly onDelta: (text: string) => void;
  /** What `onDelta` was told is void: another try begins. */
  readonly onRestart?: () => void;
  /** The next try begins when what it returns has settled too: see `Pool.aside`. */
  readonly onWait?: (waiting: Waiting) => void | Promise<void>;
}

interface Rule {
  /** Tries after the first one that failed in this way. */
  readonly retries: number;
  /** Milliseconds before the next try. @param failures how often it has failed in this way, from 1 */
  readonly wait: (failures: number, error: BackendError) => number;
}

const MAX_WAIT = 60_000;
/** Of asking a server that loads its model whether it has: each second, up to five minutes. */
const LOADING_CHECK = 1000;
const LOADING_CHECKS = 300;

const atOnce = () => 0;
/**
 * 1, 2, 4, 8 s or as long as the server asks for, whichever is longer but at most a minute; up to a quarter more, so that
 * those who were refused together do not come again together.
 */
function backoff(failures: number, { retryAfterMs = 0 }: BackendError): number {
  const ms = Math.min(MAX_WAIT, Math.max(1000 * 2 ** (failures - 1), retryAfterMs));
  return Math.round(ms * (1 + Math.random() / 4));
}

/**
 * What is worth another try. All else stays as it is: a server that is not there or wants something else (`down`,
 * `unauthorised`, `not-found`, `redirect`, `not-sse`, `bad-request`), a text that is too long for it (`overflow`,
 * `truncated-prompt`, and `empty`, which is how LM Studio says so), and `silence`, which was waited for long enough.
 */
const RULES: Partial<Record<FailureKind, Rule>> = {
  // It will take requests soon, and tells when.
  loading: { retries: LOADING_CHECKS, wait: () => LOADING_CHECK },
  // It queues no more; five tries in all.
  busy: { retries: 4, wait: backoff },
  // A proxy whose server restarts, or one that fell over a single request.
  server: { retries: 2, wait: backoff },
  // Reset before any answer: a connection that was closed as it was made.
  network: { retries: 1, wait: atOnce },
  // The server went away while it wrote.
  truncated: { retries: 1, wait: atOnce },
  'stream-error': { retries: 1, wait: atOnce },
  // With twice as many tokens, if they fit.
  length: { retries: 1, wait: atOnce },
};

/**
 * Asks for one answer and tries again as the kind of each failure allows: see the table in this file.
 * @throws BackendError the last one; `aborted` at once when the signal fires, also while it waits
 */
export async function generatePatiently(
  backend: Backend,
  request: GenerateRequest,
  { signal, onDelta, onRestart, onWait }: Patience,
): Promise<GenerateResult> {
  const failures = new Map<FailureKind, number>();
  let asked = request;
  for (let attempt = 1; ; attempt++) {
    const told = { any: false };
    try {
      return await generate(backend, asked, {
        signal,
        onDelta(text) {
          told.any = true;
          onDelta(text);
        },
      });
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      const { kind } = error;
      const rule = RULES[kind];
      if (!rule) throw error;
      if (kind === 'length') {
        if (!canGrow(backend, asked, error)) throw error;
        asked = { ...asked, maxTokens: asked.maxTokens * 2 };
      }
      let isLoading = false;
      do {
        const failed = (failures.get(kind) ?? 0) + 1;
        failures.set(kind, failed);
        if (failed > rule.retries) throw error;
        const ms = rule.wait(failed, error);
        const room = onWait?.({ kind, ms, attempt: attempt + 1 });
        if (kind === 'loading') isLoading = await stillLoading(backend, signal);
        else await pause(ms, signal);
        await room;
      } while (isLoading);
      if (told.any) onRestart?.();
    }
  }
}

/** Whether it was the limit of tokens that cut the answer, not the end of the context, and twice as many have room. */
function canGrow({ contextTokens }: Backend, request: GenerateRequest, error: BackendError): boolean {
  const { maxTokens, minPromptTokens = 0 } = request;
  if (error.completionTokens !== undefined && error.completionTokens < maxTokens) return false;
  return contextTokens === undefined || minPromptTokens + 2 * maxTokens <= contextTokens;
}

/** Those who wait for one server to load its model: it is asked once a second for all of them. */
interface Check {
  readonly isLoading: Promise<boolean>;
  readonly controller: AbortController;
  waiting: number;
}
const checks = new Map<string, Check>();

/**
 * Asks after a while whether the server still says that it loads; if it fails in another way, the next try tells how.
 * @throws BackendError `aborted` at once when the signal fires
 */
async function stillLoading(backend: Backend, signal: AbortSignal): Promise<boolean> {
  const base = normaliseUrl(backend.url);
  let check = checks.get(base);
  if (!check) {
    const controller = new AbortController();
    const isLoading = pause(LOADING_CHECK, controller.signal)
      .then(() => getPage(base, '/health', backend.apiKey, LOADING_CHECK, controller.signal))
      .then(
        ({ status }) => status === 503,
        () => false,
      );
    check = { isLoading, controller, waiting: 0 };
    checks.set(base, check);
    const begun = check;
    void isLoading.finally(() => forget(base, begun));
  }
  check.waiting++;
  try {
    return await unlessAborted(check.isLoading, signal, () => new BackendError('aborted'));
  } finally {
    if (--check.waiting === 0) {
      forget(base, check);
      check.controller.abort();
    }
  }
}

function forget(base: string, check: Check): void {
  if (checks.get(base) === check) checks.delete(base);
}

/** @throws BackendError `aborted` at once when the signal fires */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(new BackendError('aborted'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
