/** How a person wants the page to look: remembered for all their windows. */
export interface Look {
  /** Size of the texts, in percent of the editor's. */
  readonly size: number;
  /** Whether long lines are broken. */
  readonly wraps: boolean;
  /** Whether characters that show nothing are shown. */
  readonly hidden: boolean;
  /** Width of the source, in percent of both texts. */
  readonly split: number;
  /** Width of the list, in percent of the page. */
  readonly list: number;
}

export const DEFAULT_LOOK: Look = { size: 100, wraps: true, hidden: false, split: 50, list: 22 };

/** Ends of what makes sense, and steps of one key. */
export const RANGES = {
  size: { min: 60, max: 300, step: 10 },
  split: { min: 20, max: 80, step: 2 },
  list: { min: 10, max: 45, step: 1 },
} as const;
export type Measure = keyof typeof RANGES;

/** The nearest value that makes sense, in whole percent. */
export function within(measure: Measure, value: number): number {
  const { min, max } = RANGES[measure];
  return Math.round(Math.min(max, Math.max(min, value)));
}

/** Whether something that was kept, or came from the page, is a look with nothing out of its range. */
export function isLook(value: unknown): value is Look {
  if (typeof value !== 'object' || value === null) return false;
  const look = value as Record<string, unknown>;
  const isWithin = (measure: Measure) =>
    typeof look[measure] === 'number' && within(measure, look[measure]) === look[measure];
  return (
    isWithin('size') &&
    isWithin('split') &&
    isWithin('list') &&
    typeof look['wraps'] === 'boolean' &&
    typeof look['hidden'] === 'boolean'
  );
}
