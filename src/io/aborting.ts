/**
 * Waits for what others may need too, or what cannot be called off: it goes on when this waiting is ended.
 * @param signal undefined: nothing ends the waiting
 * @param reason what is thrown at once when the signal fires
 */
export async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  reason = (fired: AbortSignal): Error => fired.reason as Error,
): Promise<T> {
  if (!signal) return work;
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(reason(signal));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    // Nobody waits for it any more.
    work.catch(() => undefined);
  }
}
