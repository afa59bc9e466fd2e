/** Texts that a model proposes: asked for, kept beside the ledgers, taken as an edit or dropped. */
import type { Finding } from './core/check';
import { CHECKS } from './core/checks';
import { CORPUS_CHECKS } from './core/corpus';
import { termsFor } from './core/glossary';
import { english, fill, say, UserError } from './core/messages';
import type { PromptHelp } from './core/prompt';
import { isTranslator, takesAdvice } from './core/promptStyles';
import { MAX_FIELD_UNITS, type FieldText, type IgnoredPlace, type Target } from './core/protocol';
import type { Field } from './core/record';
import type { PromptUnit, Wish } from './core/regeneration';
import { ask, noHelp, planFor, requestOf, VARIED, type Profile, type Proposal } from './asking';
import { MAX_ENTRIES, type Candidate } from './io/candidates';
import { BackendError } from './io/answer';
import { sentFor } from './io/inference';
import type { Waiting } from './io/retry';
import { appendEdit, mustBeOneText } from './changing';
import type { Desk } from './desk';
import type { Loaded } from './units';

/** What asking takes besides the unit; a desk has it all. */
export type Asker = Pick<Desk, 'shard' | 'clock' | 'candidates' | 'examples'>;

export interface Watching {
  readonly signal: AbortSignal;
  /** Gets the whole of what there is so far of the candidate with this seed, of a very long one the beginning. */
  readonly onPartial?: (seed: number, texts: readonly FieldText[]) => void;
  /** The next try begins when what it returns has settled too. */
  readonly onWait?: (seed: number, waiting: Waiting) => void | Promise<void>;
}

/** UTF-16 units of all texts under way together; whoever waits for more reads the candidate itself. */
const MAX_PARTIAL_UNITS = 32 << 10;
/** Approved units that a model is shown. */
const EXAMPLES = 3;

/**
 * Has a model write candidates for a unit and keeps each as it comes; the unit itself stays as it is. It waits for the
 * server, so it is in nobody's turn.
 * @param run the run over many records that it is for
 * @returns as many as were wished for
 * @throws UserError (BackendError) what went wrong first; those that were made stay
 */
export async function regenerate(
  asker: Asker,
  loaded: Loaded,
  wish: Wish,
  profile: Profile,
  watching: Watching,
  run?: string,
): Promise<Candidate[]> {
  mustBeOneText(loaded);
  const { resolved, help, advice, seeds } = await prepare(asker, loaded, wish, profile);
  const made: Candidate[] = [];
  const failures: unknown[] = [];
  const waiting = [...seeds];
  const work = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const own = seed;
      try {
        const proposal = await ask(promptUnit(loaded), resolved, advice, help, sampled(profile, own), {
          signal: watching.signal,
          seed: own,
          onPartial: texts => watching.onPartial?.(own, beginnings(texts)),
          onWait: reason => watching.onWait?.(own, reason),
        });
        watching.signal.throwIfAborted();
        const candidate = candidateOf(asker, loaded, wish, proposal, run);
        await asker.candidates.add(candidate);
        made.push(candidate);
        asker.shard.emit([loaded.row]);
      } catch (error) {
        failures.push(watching.signal.aborted ? new BackendError('aborted') : error);
        if (watching.signal.aborted) return;
      }
    }
  };
  const atOnce = Math.min(seeds.length, Math.max(1, profile.concurrency));
  await Promise.all(Array.from({ length: atOnce }, work));
  if (failures.length > 0) throw failures[0];
  return made;
}

/**
 * What is to be known before the first request of a wish.
 * @throws UserError as `fieldsOf` does, and `regenerate.template`
 */
async function prepare(asker: Asker, loaded: Loaded, wish: Wish, profile: Profile) {
  const resolved = { ...wish, fields: fieldsOf(loaded, wish.fields) };
  const help = await helpFor(asker, loaded, profile);
  const advice = adviceFor(asker, loaded, wish);
  return {
    resolved,
    help,
    advice,
    seeds: await seedsFor(asker, loaded, resolved, isTold(wish, profile, help)),
  };
}

const pairOf = ({ name, text }: { name: string; text: string }): FieldText => [name, text];

/** As much of a text under way as goes into one message to the page, where it is shown. */
function beginnings(texts: readonly Field[]): readonly FieldText[] {
  const most = Math.floor(MAX_PARTIAL_UNITS / Math.max(1, texts.length));
  return texts.map(({ name, text }) => [name, text.slice(0, most)]);
}

/** A unit as a model may see it. */
export function promptUnit({ unit: { sourceLang, targetLang }, source, target }: Loaded): PromptUnit {
  return { sourceLang, targetLang, source, target };
}

/** The first candidate is the one that the model finds best; further ones are to differ. */
export function sampled(profile: Profile, seed: number): Profile {
  return seed === 0 ? profile : { ...profile, temperature: Math.max(VARIED, profile.temperature) };
}

/** A candidate as it is kept. @param run the run over many records that it is from */
export function candidateOf(
  asker: Pick<Asker, 'clock'>,
  { unit, state }: Loaded,
  wish: Pick<Wish, 'mode' | 'advice' | 'finding'>,
  { fields, problems, model, parameters, prompt }: Proposal,
  run?: string,
): Candidate {
  return {
    id: asker.clock.newId(),
    key: unit.key,
    mode: wish.mode,
    texts: fields.map(pairOf),
    ...{ model, parameters, prompt, problems: problems.slice(0, MAX_ENTRIES) },
    fingerprint: state.fingerprint,
    advice: wish.advice.trim(),
    ...(wish.finding && { finding: wish.finding.check }),
    ...(run !== undefined && { run }),
  };
}

/**
 * The target fields that a wish means, in the order of the record: each has a source text, since there is nothing to
 * translate in an empty one.
 * @throws UserError `regenerate.noField`, `regenerate.emptySource`, `regenerate.nothing`, `regenerate.tooLong`
 */
export function fieldsOf({ source, target }: Loaded, wanted: Wish['fields']): readonly string[] {
  const names = target.map(field => field.name);
  const unknown = wanted.find(name => !names.includes(name));
  if (unknown !== undefined) throw new UserError('regenerate.noField', unknown);
  const textOf = (name: string) => source.find(field => field.name === name)?.text ?? '';
  const meant = wanted.length > 0 ? names.filter(name => wanted.includes(name)) : names;
  const fields = meant.filter(name => textOf(name).trim() !== '');
  if (fields.length === 0)
    throw wanted.length === 1
      ? new UserError('regenerate.emptySource', wanted[0] ?? '')
      : new UserError('regenerate.nothing');
  const long = fields.find(name => textOf(name).length > MAX_FIELD_UNITS);
  if (long !== undefined)
    throw new UserError('regenerate.tooLong', long, textOf(long).length, MAX_FIELD_UNITS);
  return fields;
}

/** What helps the model besides the unit: the team's terms, approved units, and its own wording where the style asks for it. */
export async function helpFor(
  { shard, examples }: Pick<Asker, 'shard' | 'examples'>,
  loaded: Loaded,
  { style, backend }: Pick<Profile, 'style' | 'backend'>,
): Promise<PromptHelp> {
  // Those models take the examples and the glossary for text to be translated.
  if (isTranslator(style)) return noHelp(backend);
  const template = style === 'custom' ? await shard.readPromptTemplate() : undefined;
  return {
    terms: termsFor(shard.checkContext.glossary, loaded.unit.targetLang),
    examples: await examples.nearest(loaded, EXAMPLES),
    ...(template && { template }),
  };
}

/** Lines for the model, in English: what the reviewer said, and what a check found. */
export function adviceFor(
  { shard }: Pick<Asker, 'shard'>,
  loaded: Loaded,
  { advice, finding }: Pick<Wish, 'advice' | 'finding'>,
): readonly string[] {
  const own = advice.replace(/\s+/g, ' ').trim();
  const found = finding ? findingLine(shard.findings.of(loaded), finding) : undefined;
  return [...(own === '' ? [] : [own]), ...(found === undefined ? [] : [found])];
}

/** @returns undefined where the finding is no longer there */
function findingLine(findings: readonly Finding[], { check, side, field }: IgnoredPlace): string | undefined {
  const found = findings.find(each => each.check === check && each.side === side && each.field === field);
  if (!found) return undefined;
  const title = [...CHECKS, ...CORPUS_CHECKS].find(each => each.id === check)?.title;
  const name = title === undefined ? check : english(say(title));
  const where = side === 'target' ? 'current translation' : 'source';
  return fill('A check of the {0} of “{1}” found: {2}. {3} Do not make this mistake.', [
    where,
    field,
    name,
    english(found.message),
  ]);
}

/** Whether the model is told the advice and the finding. */
const isTold = ({ mode }: Wish, { style }: Profile, { template }: PromptHelp) =>
  mode === 'answer' || takesAdvice(style, template);

/**
 * Seeds that no candidate of the same wish on the same text has or had: asking again gives another one.
 * @param told whether advice and finding are sent; where not, wishes that differ in them alone are the same request
 */
export async function seedsFor(
  { candidates }: Pick<Asker, 'candidates'>,
  loaded: Loaded,
  wish: Wish,
  told = true,
): Promise<number[]> {
  const { key } = loaded.unit;
  const known = [...(await candidates.of(key)), ...(await candidates.goneOf(key))];
  const same = known.filter(each => isOf(each, loaded, wish, told));
  const first = same.reduce((next, each) => Math.max(next, (each.parameters['seed'] ?? 0) + 1), 0);
  return Array.from({ length: wish.count }, (_, index) => first + index);
}

/** Whether a candidate was made for a wish on the text as it is. */
export function isOf(
  candidate: Candidate,
  { state }: Loaded,
  { mode, advice, finding, fields }: Pick<Wish, 'mode' | 'advice' | 'finding' | 'fields'>,
  told = true,
): boolean {
  return (
    candidate.fingerprint === state.fingerprint &&
    candidate.mode === mode &&
    (!told || (candidate.advice === advice.trim() && candidate.finding === finding?.check)) &&
    candidate.texts.map(([name]) => name).join('\n') === fields.join('\n')
  );
}

/**
 * The requests that `regenerate` would send for its next candidate, word for word: a JSON array of the address and the body
 * of each, without the key.
 * @throws UserError as `regenerate` does before it asks
 */
export async function requestText(
  asker: Asker,
  loaded: Loaded,
  wish: Wish,
  profile: Profile,
): Promise<string> {
  const { resolved, help, advice, seeds } = await prepare(asker, loaded, wish, profile);
  const [seed = 0] = seeds;
  const { asks } = planFor(promptUnit(loaded), resolved, advice, help, profile);
  const requests = asks.map(each => sentFor(profile.backend, requestOf(each, sampled(profile, seed), seed)));
  return JSON.stringify(requests, undefined, 2);
}

/** Makes an edit of a candidate as it is (null), or of the texts that the reviewer made of some of its fields. */
export async function accept(
  desk: Desk,
  target: Target,
  id: string,
  texts: readonly FieldText[] | null,
): Promise<number> {
  const candidate = await desk.candidates.get(target.key, id);
  if (!candidate) throw new UserError('candidate.missing');
  const { model, parameters, prompt } = candidate;
  const taken = texts ?? candidate.texts;
  const offered = new Set(candidate.texts.map(([name]) => name));
  if (taken.length === 0 || !taken.every(([name]) => offered.has(name)))
    throw new UserError('candidate.missing');
  const loaded = await desk.target(target);
  mustBeOneText(loaded);
  const { row } = loaded;
  const changes = taken.map(([name, text]) => ({ side: 'target' as const, name, text }));
  const result = await appendEdit(desk, row, target.key, changes, {
    candidate: { model, parameters, prompt },
  });
  await desk.drafts.drop(changes.map(({ side, name }) => ({ key: target.key, side, name })));
  const rest = candidate.texts.filter(([name]) => !taken.some(each => each[0] === name));
  if (rest.length > 0) {
    // Where it was taken in part, the rest can still be; it is out of date only if all of it was.
    const wasCurrent = candidate.fingerprint === loaded.state.fingerprint;
    const fingerprint = wasCurrent && result !== undefined ? result : candidate.fingerprint;
    await desk.candidates.add({ ...candidate, id: desk.clock.newId(), texts: rest, fingerprint });
  }
  await desk.candidates.discard(candidate);
  desk.shard.emit([row]);
  return row;
}

export async function discard(desk: Desk, { row, key }: Target, id: string): Promise<void> {
  await desk.candidates.discard({ key, id });
  desk.shard.emit([row]);
}
