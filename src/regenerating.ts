/** Texts that a model proposes: asked for, kept beside the ledgers, taken as an edit or dropped. */
import { join } from 'node:path';
import { UserError } from './core/messages';
import { answerTokens, SAMPLING, translationPrompt } from './core/prompt';
import type { Target } from './core/protocol';
import { generate, type Backend } from './io/inference';
import { CANDIDATES } from './io/ledger';
import { sha256 } from './io/passes';
import { appendEdit, mustBeOneText } from './changing';
import type { Desk } from './desk';
import type { Loaded } from './units';

/**
 * Asks a model for a new text of one target field and keeps it as a candidate; the unit itself stays as it is.
 * It waits for the server, so it is in nobody's turn.
 */
export async function regenerate(
  desk: Desk,
  { unit, source, target, state }: Loaded,
  name: string,
  backend: Backend,
  { onDelta, signal }: { onDelta: (text: string) => void; signal: AbortSignal },
): Promise<void> {
  const original = source.find(field => field.name === name)?.text ?? '';
  if (original.trim() === '') throw new UserError('regenerate.emptySource', name);
  const messages = translationPrompt({ ...unit, source, target }, name);
  const parameters = { ...SAMPLING, maxTokens: answerTokens(original) };
  const answer = await generate(backend, { messages, ...parameters }, { onDelta, signal });
  await desk.candidates.add(await candidateFile(desk), {
    id: desk.clock.newId(),
    key: unit.key,
    name,
    text: answer.text.trim(),
    model: answer.model,
    parameters,
    prompt: sha256(JSON.stringify(messages)).slice(0, 16),
    fingerprint: state.fingerprint,
  });
}

/** Makes an edit of a candidate as it is, or of the text that the reviewer made of it. */
export async function accept(desk: Desk, target: Target, id: string, text: string | null): Promise<number> {
  const candidate = desk.candidates.get(id);
  if (candidate?.key !== target.key) throw new UserError('candidate.missing');
  const { name, model, parameters, prompt } = candidate;
  const accepted = text ?? candidate.text;
  const loaded = await desk.target(target);
  mustBeOneText(loaded);
  const { row } = loaded;
  await appendEdit(desk, row, target.key, [{ side: 'target', name, text: accepted }], {
    candidate: { model, parameters, prompt },
  });
  await desk.drafts.drop([{ key: target.key, side: 'target', name }]);
  await desk.candidates.discard(await candidateFile(desk), id);
  return row;
}

export async function discard(desk: Desk, id: string): Promise<void> {
  await desk.candidates.discard(await candidateFile(desk), id);
}

async function candidateFile(desk: Desk): Promise<string> {
  return join(await desk.shard.ledgers.prepare(CANDIDATES), `${desk.writer?.clone ?? 'local'}.jsonl`);
}
