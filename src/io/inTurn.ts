/**
 * For work that must not meet other work half done.
 * @returns does one thing after the other: each when those before it have ended, however they ended
 */
export function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return work => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
