/** What a reviewer sees of one unit: what the ledgers say of it, what they have typed, and what the checks say of that. */
import type { Finding } from './core/check';
import type { EventId, ReviewEvent } from './core/events';
import { mayDo } from './core/policy';
import type { CandidateView, CheckedView, Target, UnitView } from './core/protocol';
import { fingerprint, type Field, type Fingerprint, type Side } from './core/record';
import { checkedView, unitView, type Checked } from './core/view';
import type { Candidate } from './io/candidates';
import { sha256 } from './io/passes';
import type { Desk } from './desk';
import type { Loaded } from './units';

export function unitAt(desk: Desk, row: number): Promise<UnitView> {
  return desk.shard.ledgers.readSteadily(() => readUnit(desk, row));
}

async function readUnit(desk: Desk, row: number): Promise<UnitView> {
  const loaded = await desk.shard.load(row);
  if ('reason' in loaded) return { kind: 'bad', ...loaded };
  const { key } = loaded.unit;
  const seen = desk.shard.seen(loaded);
  const texts = await desk.texts(key);
  return unitView({
    ...seen,
    checked: checked(desk, seen, texts),
    events: desk.shard.eventsSeen(loaded),
    texts,
    drafts: desk.drafts.of(key),
    candidates: (await desk.candidates.of(key)).map(each => candidateView(desk, loaded, each)),
    policy: desk.shard.policy,
    reviewer: desk.writer?.reviewer,
    blind: desk.shard.isBlind(loaded),
  });
}

/** What the checks say of a unit as it stands in the boxes. */
export function check(desk: Desk, target: Target): Promise<CheckedView> {
  return desk.shard.ledgers.readSteadily(async () => {
    const loaded = await desk.good(target.row, target.key);
    return checkedView(checked(desk, desk.shard.seen(loaded), await desk.texts(target.key)));
  });
}

function checked(desk: Desk, seen: Loaded, texts: ReadonlyMap<EventId, ReviewEvent>): Checked {
  const drafts = desk.drafts.of(seen.unit.key);
  const typed = (side: Side) =>
    seen[side].map(({ name, text }): Field => {
      const draft = drafts.find(each => each.side === side && each.name === name);
      return { name, text: draft?.text ?? text };
    });
  const now = withText(seen, typed('source'), typed('target'));
  const { source, target, unit, state } = now;
  const { policy } = desk.shard;
  const ignored = state.ignored.filter(
    ({ by, side, field, text }) =>
      text === hashOf(now, side, field) && mayDo(policy, by, unit.targetLang, 'ignore') === 'yes',
  );
  return { findings: desk.shard.findings.of(now), ignored, source, target, texts, policy };
}

/** A candidate with what the checks say of the unit as it would be. */
function candidateView(desk: Desk, loaded: Loaded, candidate: Candidate): CandidateView {
  const { id, mode, texts, model, parameters, advice, problems, fingerprint } = candidate;
  const proposed = new Map(texts);
  const target = loaded.target.map(({ name, text }) => ({ name, text: proposed.get(name) ?? text }));
  const inThese = (findings: readonly Finding[]) => findings.filter(each => proposed.has(each.field));
  const findings = inThese(desk.shard.findings.of(withText(loaded, loaded.source, target)));
  const warned = inThese(desk.shard.findings.of(loaded)).map(({ check }) => check);
  return {
    ...{ id, mode, texts, model, advice, findings, problems },
    seed: parameters['seed'] ?? 0,
    finding: candidate.finding ?? null,
    outdated: fingerprint !== loaded.state.fingerprint,
    mended: [...new Set(warned)].filter(check => !findings.some(each => each.check === check)),
    cut: false,
  };
}

/** A unit as it would stand with another text. */
function withText(loaded: Loaded, source: readonly Field[], target: readonly Field[]): Loaded {
  return {
    ...loaded,
    source,
    target,
    state: { ...loaded.state, fingerprint: fingerprint(source, target, sha256) },
  };
}

/** The text of a field, by which what is set aside there holds. */
export function hashOf(loaded: Loaded, side: Side, field: string): Fingerprint {
  const text = loaded[side].find(each => each.name === field)?.text ?? '';
  return sha256(text).slice(0, 32) as Fingerprint;
}
