/** What a backend is tried with: a few words, of no record, asked for as the style that is set does it. */
import { noHelp, planFor, requestOf, type Profile } from './asking';
import type { PromptUnit } from './core/regeneration';
import type { GenerateRequest } from './io/answer';

const UNIT: PromptUnit = {
  sourceLang: 'en',
  targetLang: 'it',
  source: [{ name: 'output', text: 'The cat is red.' }],
  target: [{ name: 'output', text: '' }],
};
/** Room for a model that thinks before it answers. */
const MAX_TOKENS = 1024;

/** One request. The team's own wording is of its repository, and stands back for that of a field. */
export function trialRequest(profile: Profile): GenerateRequest {
  const style = profile.style === 'custom' ? 'field' : profile.style;
  const wish = { mode: 'translate', fields: ['output'], split: 'record' } as const;
  const [one] = planFor(UNIT, wish, [], noHelp(profile.backend), { ...profile, style }).asks;
  if (!one) throw new Error('The text of a trial gives no request.');
  // So few words are not cut.
  return { ...requestOf(one, profile, 0), maxTokens: MAX_TOKENS, minPromptTokens: 0 };
}
