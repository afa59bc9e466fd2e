/**
 * What the checks say, by family. `check.<id>` is the title of a check, in lists of findings; the others are what is said of
 * one finding. Part of `MESSAGES`.
 */
export const CHECK_MESSAGES = {
  // language
  'check.language-wrong': 'Another language',
  'check.language-source': 'Left in the language of the source',
  'check.language-copied': 'Copied from the source',
  'check.language-mixed': 'Partly in another language',
  'check.language-romanised': 'In Latin letters',

  // assistant

  // markup

  // structure

  // damage

  // tasks

  // terms

  // corpus
} as const satisfies Record<string, string>;
