/** Sentences about what a model is asked and what it answers. */
export const PROMPT_MESSAGES = {
  'prompt.lost': 'The model left out of “{0}” what must be kept: {1}. Put it back before you take this text.',
  'prompt.doubled': 'The model wrote in “{0}” more than once what the source has once: {1}.',
  'prompt.invented': 'The model wrote marks into “{0}” that stand for nothing: {1}. Remove them.',
  'prompt.notJson': 'The model did not answer with one JSON object, which it was asked for.',
  'prompt.noMember': 'The answer of the model has no text for “{0}”.',
  'prompt.noText': 'The model answered with an empty text for “{0}”.',
  'prompt.template': 'The prompt template cannot be used: {0}',
  'prompt.section': 'there is no section “## {0}”',
  'prompt.sectionTwice': 'the section “## {0}” stands there twice; keep one of them',
  'prompt.placeholder': 'there is no placeholder {0}; there are: {1}',
  'prompt.brace':
    'this brace belongs to no placeholder; write two of them, {0} or {1}, where a brace is meant',
  'prompt.noTextPlaceholder': 'the section “## user” must have {0}, which stands for the text to translate',
  'prompt.templateLong': 'it has more than {0} characters, which is too long for a prompt',
  'prompt.noAdvice':
    'The prompt of this model has no place for advice: it was told neither your advice nor the warning.',
  'prompt.taskTranslation':
    'This record asks for a translation: only its instruction is translated. The text to translate, and its translation, keep their languages.',
  'prompt.taskCorrection':
    'This record asks for a correction: the mistake must be made again in the target language, and corrected there. Check that the model did so.',
  'prompt.taskForm':
    'This record is about sounds, letters or words (rhyme, order, syllables …): its answer must be written anew, not translated. Check that it still does what is asked.',
} as const satisfies Record<string, string>;
