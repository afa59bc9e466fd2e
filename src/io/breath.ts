/** Lets the event loop in between pieces of long work, so that the editor stays alive and a cancellation is seen. */

/** Milliseconds of work between two breaths. */
const WORK_MS = 25;

/** Lets whatever waits come first. */
export const breathe = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/**
 * @returns a function to be awaited often: it waits for others where enough work was done since it did so last, and says
 *   whether it did; throws the reason of `signal` once that is aborted
 */
export function breather(signal?: AbortSignal): () => Promise<boolean> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < WORK_MS) return false;
    await breathe();
    signal?.throwIfAborted();
    last = performance.now();
    return true;
  };
}
