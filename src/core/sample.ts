/**
 * Acceptance by sample: where everything in a sample that was drawn before anyone looked has been decided on, and few enough
 * of it was wrong, what nobody looked at is taken as it is.
 */
import type { UnitState } from './fold';
import { say, type Said } from './phrasing';
import type { Lang, Sha256 } from './record';
import type { State } from './states';

/** What a policy says of it. */
export interface SampleRule {
  /** Records to look at. */
  readonly size: number;
  /** Chosen before anyone looks. */
  readonly seed: string;
  /** Share of wrong units that is put up with, from 0 to 1. */
  readonly atMost: number;
  /** How sure it must be that there are no more, from 0.5 to below 1. */
  readonly confidence: number;
}

/** How far a sample is, of the units of one target language. A sample of records holds a sample of each language. */
export interface SampleResult {
  readonly lang: Lang;
  /** Units in the sample. */
  readonly size: number;
  readonly decided: number;
  /** Of those decided on. */
  readonly wrong: number;
  /** Share of wrong units that there may be at most, by those decided on; it counts only when all of them are. */
  readonly bound: number;
  /** Whether all are decided on, and the bound is no more than the rule puts up with. */
  readonly isAccepted: boolean;
}

/**
 * What a unit of the sample says of all: `wrong` is one that was rejected or sent back, and one that had to be changed
 * before it could be approved. Undefined as long as it is not decided.
 * @param changed whether its text is another than the file had
 */
export function verdictOn(state: State, changed: boolean): 'right' | 'wrong' | undefined {
  if (state === 'rejected' || state === 'needs-work') return 'wrong';
  if (state !== 'approved') return undefined;
  return changed ? 'wrong' : 'right';
}

/** @param verdicts of all units of the sample in one language */
export function sampleResult(
  lang: Lang,
  verdicts: readonly ReturnType<typeof verdictOn>[],
  { atMost, confidence }: Pick<SampleRule, 'atMost' | 'confidence'>,
): SampleResult {
  const size = verdicts.length;
  const decided = verdicts.filter(each => each !== undefined).length;
  const wrong = verdicts.filter(each => each === 'wrong').length;
  const bound = acceptanceBound(wrong, decided, confidence);
  return { lang, size, decided, wrong, bound, isAccepted: decided === size && bound <= atMost };
}

/**
 * How far a sample is, as a sentence.
 * @param blind whether reviewers must not know what others decided: then nothing is said of it before all are
 */
export function sampleSaid(
  { size, decided, wrong, bound, isAccepted }: SampleResult,
  { atMost, confidence }: SampleRule,
  blind: boolean,
): Said {
  const sure = percent(confidence);
  if (size > 0 && acceptanceBound(0, size, confidence) > atMost)
    return say('sample.small', size, percent(atMost));
  if (decided < size && blind) return say('sample.blind', decided, size);
  if (decided < size) return say('sample.growing', decided, size, wrong, percent(bound), sure);
  return isAccepted
    ? say('sample.accepted', wrong, size, percent(bound), sure)
    : say('sample.refused', wrong, size, percent(bound), sure, percent(atMost));
}

/** Rounded up: what is said to be at most so much is no more than that. */
function percent(share: number): number {
  return Math.ceil(Number((share * 1000).toFixed(6))) / 10;
}

/** States of units that are done with, and that the policy takes in. */
export const ACCEPTED: readonly State[] = ['approved', 'accepted-by-sample'];

/** How many units are done with. */
export function accepted(counts: Readonly<Partial<Record<State, number>>>): number {
  return ACCEPTED.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
}

/** The state of a unit in a language whose sample was accepted: another one only where nobody has said anything about it. */
export function acceptedBySample(state: UnitState): UnitState {
  const { proposals, openThreads, ignored, assignments } = state;
  const isUntouched =
    state.state === 'pending' &&
    [proposals, openThreads, ignored, assignments].every(each => each.length === 0);
  return isUntouched ? { ...state, state: 'accepted-by-sample' } : state;
}

/**
 * The share of defects that a sample leaves possible: the exact one-sided upper bound of C. J. Clopper and
 * E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26
 * (1934), 404–413. It is the share with which at most so many defects have a chance of `1 − confidence`.
 *
 * It holds for a size of sample that was fixed before looking: who looks again and again, and stops as soon as the
 * bound pleases, is wrong more often than `confidence` says. It supposes endless items; for a sample of finitely many,
 * as ours are, it is on the safe side unless more than half of all are defects.
 * @param defects defects found, from 0 to `sampled`
 * @param sampled items looked at; the time taken grows with it, some milliseconds for a million
 * @param confidence from 0.5 up to, not including, 1
 * @returns from 0 to 1; 1 where nothing was looked at
 * @throws RangeError for any other number
 */
export function acceptanceBound(defects: number, sampled: number, confidence = 0.95): number {
  if (!Number.isSafeInteger(sampled) || !Number.isSafeInteger(defects) || defects < 0 || defects > sampled) {
    throw new RangeError(`${defects} defects of ${sampled} is not a count.`);
  }
  if (!(confidence >= 0.5 && confidence < 1)) throw new RangeError(`${confidence} is not a confidence.`);
  if (defects === sampled) return 1;
  if (defects === 0) return -Math.expm1(Math.log1p(-confidence) / sampled);
  const chance = chanceOfAtMost(defects, sampled);
  // The share found is below the bound: with it, that many defects or fewer have a chance of a half or more.
  let low = defects / sampled;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return high;
    if (chance(middle) > 1 - confidence) low = middle;
    else high = middle;
  }
}

/**
 * The lower tail of the binomial distribution, as a function of the share of defects, for shares from
 * `defects / sampled` up to 1. There the terms fall from that of `defects` down to that of 0, so they are summed as
 * multiples of the first, which is taken by its logarithm, until nothing more is added.
 * @param defects from 1 up to, not including, `sampled`
 */
function chanceOfAtMost(defects: number, sampled: number): (share: number) => number {
  const chosen = Math.min(defects, sampled - defects);
  let logWays = 0;
  for (let k = 1; k <= chosen; k++) logWays += Math.log((sampled - chosen + k) / k);
  return share => {
    let term = 1;
    let sum = 1;
    for (let k = defects; k > 0 && term > sum * Number.EPSILON; k--) {
      term *= (k / (sampled - k + 1)) * ((1 - share) / share);
      sum += term;
    }
    const logFirst = logWays + defects * Math.log(share) + (sampled - defects) * Math.log1p(-share);
    return sum * Math.exp(logFirst);
  };
}

/**
 * Where a unit stands in the order of a seeded sample: the units with the lowest ranks are the sample. It needs
 * neither the other units nor their order, so every clone draws the same, and a greater sample holds the smaller one.
 * @param seed chosen before anyone looks
 * @param name what names the unit; each name once, or a repeated one is drawn as often as it stands there
 * @returns 16 lower-case hex digits, the first of the SHA-256 of both; compare them as strings
 */
export function sampleRank(seed: string, name: string, sha256: Sha256): string {
  return sha256(`${seed} ${name}`).slice(0, 16);
}
