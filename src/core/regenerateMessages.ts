/** What is said of candidates as they are asked for, kept and taken. Part of `MESSAGES`. */
export const REGENERATE_MESSAGES = {
  'candidate.missing': 'This proposal is no longer there.',
  'candidate.notWritten': 'The proposal was not kept: {0} cannot be written ({1}).',
  'candidate.unfit':
    'The proposal was not kept: it has more fields, or longer names of fields, than can be kept. Ask for fewer fields at once.',
  'regenerate.emptySource': 'The source field “{0}” is empty: there is nothing to translate.',
  'regenerate.nothing': 'All source fields are empty: there is nothing to translate.',
  'regenerate.noField': 'This record has no field “{0}”.',
  'regenerate.tooLong':
    'The source field “{0}” has {1} characters; a model is asked for at most {2}. Change this field by hand.',
  'regenerate.noAnswer':
    'A model with the prompt style “{0}” can only translate. To answer anew, choose a general model.',
  'regenerate.noTemplate':
    'The prompt style “custom” needs a template. Run “CrossAlpaca: Edit Prompt Template” to write one.',
  'regenerate.template': 'The prompt template {0} cannot be used. Line {1}: {2}',
  'regenerate.badShape':
    'The model did not answer in the form that it was asked for, so the answer is not used. Try again, or use another model. {0}',
} as const;
