/** A review in numbers: by state, language, reviewer, reason, check and day, and how far its reviewers agree. */
import { cohenKappa, fleissKappa, type CohenKappa, type FleissKappa } from './agreement';
import { DECISIONS, type Decision, type EventId } from './events';
import { byOrder, type DecideFacts, type EventFacts } from './eventFacts';
import { undoneBy, type UnitState } from './fold';
import { mayDo, type Policy } from './policy';
import type { Fingerprint, Lang } from './record';
import { STATES, type State } from './states';

export interface LanguageStatistics {
  /** BCP-47 tag of the target side. */
  readonly lang: Lang;
  readonly units: number;
  readonly states: Readonly<Record<State, number>>;
}

/** What one reviewer did and did not take back. */
export interface ReviewerStatistics {
  readonly name: string;
  readonly edits: number;
  readonly decisions: Readonly<Record<Decision, number>>;
  readonly comments: number;
  /** Units that they did anything to. */
  readonly units: number;
}

export interface DayStatistics {
  /** Days since 1970, in UTC. */
  readonly day: number;
  readonly edits: number;
  readonly decisions: number;
  /** Units approved now whose last approval that counts is of that day: the sum up to a day is the progress until then. */
  readonly approved: number;
}

export interface PairAgreement extends CohenKappa {
  /** By name. */
  readonly reviewers: readonly [string, string];
}

/** Each list once in a fixed order: people, languages, days and pairs by themselves, the others by count. */
export interface ReviewStatistics {
  readonly units: number;
  readonly states: Readonly<Record<State, number>>;
  readonly languages: readonly LanguageStatistics[];
  readonly reviewers: readonly ReviewerStatistics[];
  /** Of each reviewer's last decision on a unit, also on an older text of it. */
  readonly reasons: readonly { readonly id: string; readonly count: number }[];
  /** Findings by check. */
  readonly checks: readonly { readonly check: string; readonly count: number }[];
  /** Days on which nothing was done are left out. */
  readonly days: readonly DayStatistics[];
  /** Pairs of reviewers who have decided on at least one text without seeing each other's decision. */
  readonly agreement: readonly PairAgreement[];
  /** Of all reviewers together, over the same decisions. */
  readonly fleiss: FleissKappa;
}

export interface CountedUnit {
  readonly lang: Lang;
  readonly state: UnitState;
  /** All of the unit. One that stands on several rows has the very same objects on each, so that they count once. */
  readonly events: readonly EventFacts[];
  readonly findings?: readonly { readonly check: string }[];
  /** By which its state was found. */
  readonly policy: Policy;
}

type Counts<K extends string> = Record<K, number>;
type Mutable<T> = { -readonly [M in keyof T]: T[M] };
type Reviewer = Mutable<Omit<ReviewerStatistics, 'name' | 'decisions'>> & { decisions: Counts<Decision> };

/** Adds up units, of one shard or of several, in any order. */
export class Statistics {
  readonly #languages = new Map<Lang, Counts<State>>();
  readonly #reviewers = new Map<string, Reviewer>();
  readonly #reasons = new Map<string, number>();
  readonly #checks = new Map<string, number>();
  readonly #days = new Map<number, Mutable<Omit<DayStatistics, 'day'>>>();
  readonly #pairs = new Map<string, { reviewers: [string, string]; decided: [Decision, Decision][] }>();
  /** What several reviewers decided on one text without seeing each other's decision. */
  readonly #ratings: Decision[][] = [];
  /** The first event of each unit whose events are counted. */
  readonly #counted = new Set<EventFacts>();

  add({ lang, state, events, findings = [], policy }: CountedUnit): void {
    this.#statesOf(lang)[state.state]++;
    for (const { check } of findings) increase(this.#checks, check);
    if (state.state === 'approved') this.#day(approvalDay(state, lang, policy)).approved++;
    const [first] = events;
    if (!first || this.#counted.has(first)) return;
    this.#counted.add(first);
    const undone = undoneBy(events);
    this.#countWork(state, events, undone);
    this.#compare(events, undone);
  }

  result(): ReviewStatistics {
    const languages = sorted(this.#languages).map(([lang, states]) => ({
      lang,
      units: Object.values(states).reduce((sum, count) => sum + count, 0),
      states,
    }));
    const states = none(STATES);
    for (const language of languages) for (const state of STATES) states[state] += language.states[state];
    return {
      units: languages.reduce((sum, { units }) => sum + units, 0),
      states,
      languages,
      reviewers: sorted(this.#reviewers).map(([name, work]) => ({ name, ...work })),
      reasons: byCount(this.#reasons).map(([id, count]) => ({ id, count })),
      checks: byCount(this.#checks).map(([check, count]) => ({ check, count })),
      days: sorted(this.#days).map(([day, counts]) => ({ day, ...counts })),
      agreement: sorted(this.#pairs).map(([, { reviewers, decided }]) => ({
        reviewers,
        ...cohenKappa(decided),
      })),
      fleiss: fleissKappa(this.#ratings),
    };
  }

  #countWork(state: UnitState, events: readonly EventFacts[], undone: ReadonlySet<EventId>): void {
    for (const by of new Set(events.map(event => event.by))) this.#reviewer(by).units++;
    for (const event of events) {
      if (undone.has(event.id)) continue;
      if (event.type === 'edit' && event.undoes === undefined) {
        this.#reviewer(event.by).edits++;
        this.#day(event.day).edits++;
      } else if (event.type === 'decide') {
        this.#reviewer(event.by).decisions[event.decision]++;
        this.#day(event.day).decisions++;
      }
    }
    for (const { by } of state.comments) this.#reviewer(by).comments++;
    for (const { reasons } of state.decisions) {
      for (const reason of new Set(reasons)) increase(this.#reasons, reason);
    }
  }

  /** Takes in what each two reviewers decided on one text without seeing the other's: the first that each of them said. */
  #compare(events: readonly EventFacts[], undone: ReadonlySet<EventId>): void {
    const texts = new Map<Fingerprint, Map<string, DecideFacts>>();
    for (const event of events) {
      if (event.type !== 'decide' || event.decision === 'skip') continue;
      const firsts = texts.get(event.fingerprint) ?? new Map<string, DecideFacts>();
      const known = firsts.get(event.by);
      if (!known || byOrder(event, known) < 0) firsts.set(event.by, event);
      texts.set(event.fingerprint, firsts);
    }
    for (const firsts of texts.values()) {
      // Who took back the first may have seen what others said before deciding again.
      const blind = sorted(firsts).filter(([, first]) => first.blind && !undone.has(first.id));
      if (blind.length > 1) this.#ratings.push(blind.map(([, { decision }]) => decision));
      for (const [at, [a, first]] of blind.entries()) {
        for (const [b, second] of blind.slice(at + 1)) {
          const place = `${a} ${b}`;
          const pair = this.#pairs.get(place) ?? { reviewers: [a, b], decided: [] };
          pair.decided.push([first.decision, second.decision]);
          this.#pairs.set(place, pair);
        }
      }
    }
  }

  #statesOf(lang: Lang): Counts<State> {
    return entry(this.#languages, lang, () => none(STATES));
  }

  #reviewer(name: string): Reviewer {
    return entry(this.#reviewers, name, () => ({
      edits: 0,
      decisions: none(DECISIONS),
      comments: 0,
      units: 0,
    }));
  }

  #day(day: number) {
    return entry(this.#days, day, () => ({ edits: 0, decisions: 0, approved: 0 }));
  }
}

/** The day of the last approval that counts, by the rule of `foldUnit`. */
function approvalDay(
  { decisions, fingerprint, setAside, author }: UnitState,
  lang: Lang,
  policy: Policy,
): number {
  const counting = decisions.filter(
    ({ id, by, decision, fingerprint: text }) =>
      decision === 'approve' &&
      text === fingerprint &&
      !setAside.has(id) &&
      (policy.lastEditorCounts || by !== author) &&
      mayDo(policy, by, lang, 'decide') === 'yes',
  );
  return Math.max(0, ...counting.map(({ day }) => day));
}

function none<K extends string>(names: readonly K[]): Counts<K> {
  return Object.fromEntries(names.map(name => [name, 0])) as Counts<K>;
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** By key, in an order that is the same in every locale. */
function sorted<K extends string | number, V>(map: ReadonlyMap<K, V>): [K, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function byCount(counts: ReadonlyMap<string, number>): [string, number][] {
  return sorted(counts).sort(([, a], [, b]) => b - a);
}
