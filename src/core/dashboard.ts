/** What the dashboard shows, and what its page and the host tell each other. */
import type { ReasonView } from './protocol';
import type { Lang } from './record';
import { STATES } from './states';
import type { DayStatistics, LanguageStatistics, PairAgreement, ReviewStatistics } from './statistics';

/** What was done in one shard, or in several; findings are not looked at. */
export type Totals = Omit<ReviewStatistics, 'checks'>;
type States = Totals['states'];

/** A shard that can be chosen. */
export interface ShardChoice {
  /** Absolute. */
  readonly path: string;
  readonly name: string;
}

export interface DashboardView {
  readonly choices: readonly ShardChoice[];
  /** Path of the shard that is shown; null: all of them. */
  readonly shown: string | null;
  /** Whether somebody waits for numbers; those shown before stay until they come. */
  readonly isCounting: boolean;
  /** Null as long as nothing was counted, and where there is nothing to count. */
  readonly totals: Totals | null;
  /** Of the policies; the first of an id counts. */
  readonly reasons: readonly ReasonView[];
  /** Whether some policy hides the decisions of others, so that decisions can be compared. */
  readonly isBlind: boolean;
  /** What could not be counted, and why: sentences in the language of the interface. */
  readonly problems: readonly string[];
}

/** From the host to the page. */
export interface DashboardEvent {
  readonly event: 'view';
  readonly view: DashboardView;
}

/** From the page to the host. */
export type DashboardNotice =
  /** The page has loaded and knows nothing yet. */
  | { readonly notice: 'start' | 'refresh' | 'review' }
  | { readonly notice: 'show'; readonly path: string | null };

/** Whether what arrived from the page is a notice of it. */
export function isDashboardNotice(message: unknown): message is DashboardNotice {
  if (typeof message !== 'object' || message === null || !('notice' in message)) return false;
  const { notice } = message;
  if (notice === 'show')
    return 'path' in message && (message.path === null || typeof message.path === 'string');
  return notice === 'start' || notice === 'refresh' || notice === 'review';
}

/**
 * The totals with the units that nobody touched, which were not looked at one by one.
 * @param untouched how many in which state, by target language
 */
export function withUntouched(
  totals: Totals,
  untouched: ReadonlyMap<Lang, Readonly<Partial<States>>>,
): Totals {
  const languages = new Map(totals.languages.map(each => [each.lang, each]));
  let { units, states } = totals;
  for (const [lang, counts] of untouched) {
    const known: LanguageStatistics = languages.get(lang) ?? { lang, units: 0, states: NO_UNITS };
    const count = Object.values(counts).reduce((sum, each) => sum + each, 0);
    languages.set(lang, { lang, units: known.units + count, states: plus(known.states, counts) });
    states = plus(states, counts);
    units += count;
  }
  return { ...totals, units, states, languages: inOrder(languages.values()) };
}

function inOrder(languages: Iterable<LanguageStatistics>): LanguageStatistics[] {
  return [...languages].sort((a, b) => (a.lang < b.lang ? -1 : 1));
}

const NO_UNITS = Object.fromEntries(STATES.map(state => [state, 0])) as States;

function plus(states: States, more: Partial<States>): States {
  return Object.fromEntries(STATES.map(state => [state, states[state] + (more[state] ?? 0)])) as States;
}

export interface ProgressDay extends DayStatistics {
  /** Units approved on this day and before. */
  readonly total: number;
}

/** The days in their order, with the running sum of what was approved. */
export function progressOf(days: readonly DayStatistics[]): ProgressDay[] {
  let total = 0;
  return [...days]
    .sort((a, b) => a.day - b.day)
    .map(day => {
      total += day.approved;
      return { ...day, total };
    });
}

/**
 * The running sum as the outline of an area: a step up at the beginning of each day, from the first day to the end of the
 * last one. What was approved on a day that is not known is there from the beginning.
 * @param days as `progressOf` gives them
 * @param width of the drawing; so is `height`, where the last sum is all of it
 * @returns the `d` of an SVG path; empty where no day is known
 */
export function stepPath(days: readonly ProgressDay[], width: number, height: number): string {
  const known = days.filter(({ day }) => day > 0);
  const [first] = known;
  const last = known.at(-1);
  if (!first || !last) return '';
  const x = (day: number) => round(((day - first.day) / (last.day + 1 - first.day)) * width);
  const y = (total: number) => round(height - (total / Math.max(1, last.total)) * height);
  const steps = known.map(({ day, total }) => `H${x(day)}V${y(total)}`);
  return `M0 ${height}V${y(first.total - first.approved)}${steps.join('')}H${width}V${height}Z`;
}

function round(length: number): number {
  return Math.round(length * 100) / 100;
}

/** Every two reviewers who decided: those with the most to compare first, also those who have nothing. */
export function pairsOf({ reviewers, agreement }: Pick<Totals, 'reviewers' | 'agreement'>): PairAgreement[] {
  const nameOf = (a: string, b: string) => JSON.stringify(a < b ? [a, b] : [b, a]);
  const pairs = new Map(agreement.map(each => [nameOf(...each.reviewers), each]));
  const judges = reviewers
    .filter(({ decisions }) => decisions.approve + decisions['needs-work'] + decisions.reject > 0)
    .map(({ name }) => name)
    .sort();
  judges.forEach((a, at) => {
    for (const b of judges.slice(at + 1)) {
      const name = nameOf(a, b);
      if (!pairs.has(name))
        pairs.set(name, { reviewers: [a, b], n: 0, observed: 0, expected: 0, kappa: null });
    }
  });
  return [...pairs].sort(([x, a], [y, b]) => b.n - a.n || (x < y ? -1 : 1)).map(([, pair]) => pair);
}
