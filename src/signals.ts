/**
 * What speaks for and against a candidate, asked for by a reviewer: where the model was unsure, how far it agrees with the
 * other candidates, and what becomes of it on the way back into the source language. It decides nothing.
 */
import { chrF } from './core/chrf';
import { UserError } from './core/messages';
import type { FieldText, SignalsView } from './core/protocol';
import type { PromptUnit } from './core/regeneration';
import { ask, noHelp, type FieldTokens, type Profile } from './asking';
import type { Candidate } from './io/candidates';
import { BackendError } from './io/inference';
import { adviceFor, helpFor, promptUnit, type Asker } from './regenerating';
import type { Loaded } from './units';

/**
 * A token that the model held for less likely than all others together is one that it was unsure of. Of a whole text
 * such tokens are few; they are a hint where to look, and cannot be compared between models.
 */
const UNSURE = Math.log(0.5);
/** UTF-16 units between two places in which a token is looked for: what was masked stands between them. */
const NEAR_UNITS = 2000;
/** Stretches that are shown. */
const MAX_UNSURE = 200;

/**
 * @throws UserError `candidate.missing`; BackendError where the way back fails: the rest would say little
 */
export async function signalsOf(
  asker: Asker,
  loaded: Loaded,
  id: string,
  profile: Profile,
  signal: AbortSignal,
): Promise<SignalsView> {
  const all = await asker.candidates.of(loaded.unit.key);
  const candidate = all.find(each => each.id === id);
  if (!candidate) throw new UserError('candidate.missing');
  return {
    unsure: await unsureIn(asker, loaded, candidate, profile, signal),
    agreement: agreementWith(candidate, all),
    back: await wayBack(loaded, candidate, profile, signal),
  };
}

/**
 * The probabilities are not kept when a candidate is made, so the model is asked the same once more. Only where it gives
 * the same texts do they say anything of this candidate.
 */
async function unsureIn(
  asker: Asker,
  loaded: Loaded,
  candidate: Candidate,
  profile: Profile,
  signal: AbortSignal,
): Promise<SignalsView['unsure']> {
  const { mode, texts, advice, finding, parameters, fingerprint } = candidate;
  // Of another text the request would be another one.
  if (fingerprint !== loaded.state.fingerprint) return null;
  const found = finding
    ? asker.shard.findings
        .of(loaded)
        .find(each => each.check === finding && texts.some(([name]) => name === each.field))
    : undefined;
  const fields = texts.map(([name]) => name);
  const { temperature = profile.temperature, topP = profile.topP, seed = 0 } = parameters;
  try {
    const again = await ask(
      promptUnit(loaded),
      { mode, fields, split: 'record' },
      adviceFor(asker, loaded, { advice, finding: found ?? null }),
      await helpFor(asker, loaded, profile),
      { ...profile, temperature, topP },
      { signal, seed, logprobs: true, onPartial: () => undefined },
    );
    const isSame = texts.every(
      ([name, text]) => again.fields.find(each => each.name === name)?.text === text,
    );
    return isSame && again.tokens ? texts.flatMap(text => unsureStretches(text, again.tokens ?? [])) : null;
  } catch (error) {
    // A server that refuses to tell them still goes the way back.
    if (error instanceof BackendError && error.kind === 'bad-request') return null;
    throw error;
  }
}

/** Where tokens of low probability stand in a text, those next to each other as one. */
export function unsureStretches(
  [name, text]: FieldText,
  told: readonly FieldTokens[],
): { readonly name: string; readonly start: number; readonly end: number }[] {
  const stretches: { name: string; start: number; end: number }[] = [];
  let at = 0;
  for (const token of told.find(each => each.name === name)?.tokens ?? []) {
    const said = token.text.trim();
    const start = said === '' ? -1 : text.slice(at, at + NEAR_UNITS).indexOf(said);
    // What stands for a placeholder is not in the text.
    if (start < 0) continue;
    const from = at + start;
    at = from + said.length;
    if (token.logprob >= UNSURE) continue;
    const last = stretches.at(-1);
    if (last && text.slice(last.end, from).trim() === '' && from - last.end <= 1) last.end = at;
    else if (stretches.length < MAX_UNSURE) stretches.push({ name, start: from, end: at });
  }
  return stretches;
}

/** Mean chrF with the others of the same fields. */
function agreementWith(candidate: Candidate, all: readonly Candidate[]): number | null {
  const names = ({ texts }: Candidate) => texts.map(([name]) => name).join('\n');
  const joined = ({ texts }: Candidate) => texts.map(([, text]) => text).join('\n');
  const others = all.filter(each => each.id !== candidate.id && names(each) === names(candidate));
  if (others.length === 0) return null;
  return others.reduce((sum, each) => sum + chrF(joined(candidate), joined(each)), 0) / others.length;
}

/** Each field put back, by a plain request that shows nothing of the source. */
async function wayBack(
  loaded: Loaded,
  { texts }: Candidate,
  profile: Profile,
  signal: AbortSignal,
): Promise<SignalsView['back']> {
  const { sourceLang, targetLang } = loaded.unit;
  const written = texts.filter(([, text]) => text.trim() !== '');
  if (written.length === 0) return [];
  const unit: PromptUnit = {
    sourceLang: targetLang,
    targetLang: sourceLang,
    source: written.map(([name, text]) => ({ name, text })),
    target: written.map(([name]) => ({ name, text: '' })),
  };
  const fields = written.map(([name]) => name);
  // The team's own wording is about the other direction.
  const style = profile.style === 'custom' ? 'field' : profile.style;
  const { fields: back } = await ask(
    unit,
    { mode: 'translate', fields, split: 'record' },
    [],
    noHelp(profile.backend),
    { ...profile, style },
    { signal, seed: 0, onPartial: () => undefined },
  );
  const sourceOf = (name: string) => loaded.source.find(each => each.name === name)?.text ?? '';
  return back.map(({ name, text }) => ({ name, text, chrF: chrF(text, sourceOf(name)) }));
}
