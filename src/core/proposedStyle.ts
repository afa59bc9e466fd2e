/** How a model wants to be asked, guessed from its name. */
import type { PromptStyle } from './prompt';

/** Models made for translation; their general siblings (Hunyuan-A13B-Instruct, Gemma) do not match. */
const MADE_FOR_TRANSLATION: readonly (readonly [RegExp, PromptStyle])[] = [
  [/translate-?gemma/i, 'translategemma'],
  [/\b(hunyuan|hy)-?mt/i, 'hunyuan'],
  [/\btower|salamandra-?ta/i, 'tower'],
  [/\balma(?![a-z])/i, 'alma'],
];

/**
 * The style to propose for a model; `record` for one that is not known as made for translation.
 * @param model its name as a server lists it: an id, a tag of Ollama, or the path of a GGUF file
 */
export function proposedStyle(model: string): PromptStyle {
  // The underscore counts as part of a word, and stands between words in file names.
  const name = model.replaceAll('_', '-');
  return MADE_FOR_TRANSLATION.find(([pattern]) => pattern.test(name))?.[1] ?? 'record';
}
