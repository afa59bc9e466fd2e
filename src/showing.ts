/** What a reviewer sees of one unit: what the ledgers say of it, what they have typed, and what the checks say of that. */
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
    candidates: desk.candidates.of(key).map(each => candidateView(desk, loaded, each)),
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

function candidateView(desk: Desk, loaded: Loaded, candidate: Candidate): CandidateView {
  const { id, name, text, model } = candidate;
  const target = loaded.target.map(field => (field.name === name ? { name, text } : field));
  const findings = desk.shard.findings.of(withText(loaded, loaded.source, target));
  return { id, name, text, model, findings: findings.filter(finding => finding.field === name) };
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
