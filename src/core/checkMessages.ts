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
  'check.refusal': 'Answer of a model in place of a translation',
  'assistant.self': 'Here a model speaks of itself: “{0}”. The source does not; translate what it says.',
  'assistant.refusal':
    'This looks like a refusal: “{0}”. The source does not say so; translate what it says.',
  'assistant.phrase': 'This is said about the translation, and the source does not say it: “{0}”. Remove it.',
  'check.translator-note': 'Note of the translator',
  'assistant.note': 'This note is not in the source: “{0}”. Remove it.',
  'assistant.label': 'This label is not in the source: “{0}”. Remove it.',
  'check.prompt-residue': 'Rest of a prompt',
  'assistant.token': 'This mark belongs to the prompt of a model: {0}. Remove it.',
  'assistant.marker':
    'This belongs to a prompt or a chat, and the source does not have it: “{0}”. Remove it.',
  'assistant.prompt': 'This belongs to the prompt of the translation: “{0}”. Remove it.',

  // markup
  'check.numbers': 'Number changed',
  'markup.numberReplaced': 'The source has {0} here, the translation {1}. Check the number.',
  'markup.numberLost': 'Missing number: {0}. Check whether something was left out.',
  'check.addresses': 'Address changed',
  'markup.addressLost': 'Missing address: {0}. Put it where it belongs.',
  'markup.addressAdded': 'This address is not in the source: {0}. Check where it comes from.',
  'markup.addressReplaced':
    'Address in the source: {0}, in the translation: {1}. Addresses stay as they are.',
  'check.placeholders': 'Placeholder changed',
  'markup.placeholderLost': 'Missing placeholder: {0}. Put it where it belongs.',
  'markup.placeholderAdded': 'This placeholder is not in the source: {0}. Write it as the source does.',
  'markup.placeholderReplaced':
    'Placeholder in the source: {0}, in the translation: {1}. Placeholders stay as they are.',
  'check.tags': 'Tag changed',
  'markup.tagLost': 'Missing tag: {0}. Put it where it belongs.',
  'markup.tagAdded': 'This tag is not in the source: {0}. Write the tags as the source does.',
  'markup.tagReplaced': 'Tag in the source: {0}, in the translation: {1}. Tags stay as they are.',
  'check.code': 'Code changed',
  'markup.fenceOpen': 'This code block is not closed. Put ``` on a line of its own behind it.',
  'markup.fences':
    'Code fences (```) in the source: {0}, in the translation: {1}. Mark the code as the source does.',
  'markup.codeChanged': 'In the code, “{0}” became “{1}”. Only comments and texts in code are translated.',
  'check.inline-code': 'Code in backticks changed',
  'markup.inlineLost': 'Missing code: {0}. Put it where it belongs.',
  'markup.inlineAdded': 'This code is not in the source: {0}. Write code as the source does.',
  'markup.inlineReplaced': 'Code in the source: {0}, in the translation: {1}. Code stays as it is.',
  'check.blanks': 'Blank to fill in lost',
  'markup.blanksLost':
    'Blanks to fill in (___) in the source: {0}, in the translation: {1}. Put the missing ones back.',

  // structure
  'check.emptied': 'Empty, though the source is not',
  'check.filled': 'Filled, though the source is empty',
  'check.too-long': 'Too long to be checked',
  'check.lines': 'Another number of lines',
  'check.list': 'Items of a list lost or renumbered',
  'check.length': 'Much shorter or longer than expected',
  'check.last-character': 'Last “?” or “:” lost',
  'check.brackets': 'Quotation mark or bracket without its partner',
  'structure.tooLong':
    'This field is too long to be checked ({0} characters): only its language was looked at. Read it with care.',
  'structure.emptied': 'The source has a text here, but the translation is empty. Translate it.',
  'structure.filled': 'The source is empty here, but the translation has a text. Check where it comes from.',
  'structure.lines':
    'Lines in the source: {0}, in the translation: {1}. Check what was lost, joined or added.',
  'structure.items':
    'Items of the list in the source: {0}, in the translation: {1}. Check whether something was lost.',
  'structure.itemsAdded':
    'Items of the list in the source: {0}, in the translation: {1}. Check what was added or split.',
  'structure.renumbered':
    'This item has the number {0} in the source, but {1} here. Check the order of the list.',
  'structure.short': 'This is only {0} % as long as expected. Check what was left out.',
  'structure.long': 'This is {0} % as long as expected. Check what was added.',
  'structure.lastCharacter': 'The source ends with “{0}”, but the translation does not.',
  'structure.bracket': 'This “{0}” has no partner. Open or close it, or remove it.',

  // damage
  'check.repetition': 'The same text again and again',
  'check.truncated': 'Stops in the middle',
  'check.broken-characters': 'Broken characters',
  'check.hidden-characters': 'Characters that nobody sees',
  'damage.loop':
    'The same text comes again here, {0} times in a row. Remove the copies and check what is missing after them.',
  'damage.lines': 'The same line stands in this text {0} times. Remove the copies and check what is missing.',
  'damage.truncated': 'The text seems to stop here before its end. Compare it with the end of the source.',
  'damage.replacement':
    'A character was lost here (U+FFFD stands in its place; {0} in this text). Look it up in the source.',
  'damage.mojibake': 'Characters were decoded wrongly: “{0}” should be “{1}”.',
  'damage.control': 'A control character (U+{0}; {1} in this text) has no place in a text. Remove it.',
  'damage.surrogate': 'Half of a character (U+{0}; {1} in this text). The other half was lost.',
  'damage.hidden': 'A character that nobody sees (U+{0}; {1} in this text). Remove it.',
  'damage.direction':
    'A mark for the direction of writing is not ended, or ends nothing (U+{0}; {1} in this text). Remove it.',

  // tasks
  'check.translation-direction': 'Translation task changed',
  'language.askedOther':
    'Here the task asks for {0}; in the source it asks for {1}. Ask for the same language.',
  'tasks.noTranslation':
    'The source asks for a translation, and this does not. Translate the task, do not carry it out.',
  'tasks.echo': 'The answer is the text that was to be translated. Keep the answer of the source.',
  'language.answer': 'The answer is in {0}, but the task asks for {1}.',
  'check.answer-letter': 'Another answer letter',
  'tasks.otherLetter': 'The answer is {0}, but the right letter here is {1}.',
  'tasks.letterLost': 'The answer lacks its letter: {0}.',
  'tasks.optionsLost': 'The options have letters in the source, but not here. Put them back.',
  'check.labels': 'Answer not among the labels',
  'tasks.label': 'The task does not offer “{0}”. Use the same word in the task and in the answer.',

  // terms
  'check.glossary': 'Glossary not followed',
  'terms.missing': 'For “{0}” the glossary has {1}, which is missing here.',
  'terms.forbidden': 'The glossary forbids “{0}”.',
  'terms.forbiddenFor': 'The glossary forbids “{0}”. Write {1}.',
  'check.register': 'Formal and informal mixed',
  'terms.registerFormal': 'Readers are addressed formally in this language, but here is “{0}”.',
  'terms.registerInformal': 'Readers are addressed informally in this language, but here is “{0}”.',
  'check.variant': 'Simplified and traditional mixed',
  'terms.variantHans': 'These characters are traditional, but the policy wants simplified ones: {0}',
  'terms.variantHant': 'These characters are simplified, but the policy wants traditional ones: {0}',
  'glossary.broken':
    'The glossary {0} is broken on line {1}, so no terms are checked until it is corrected: {2}',
  'glossary.unreadable': 'No terms are checked until the glossary can be read. {0}',
  'glossary.notUtf8': 'it is not encoded as UTF-8; save it again as “CSV UTF-8”',
  'glossary.notCsv': 'not valid CSV: {0}',
  'glossary.column': 'there is no column “{0}”; there are: {1}',
  'glossary.columnTwice': 'the column “{0}” stands there twice; keep one of them',
  'glossary.noColumn': 'the first line must name the columns, and there is no “{0}”',
  'glossary.cells':
    'columns of this row: {0}, of the first line: {1}; put text with a comma in it between quotation marks',
  'glossary.empty': 'the column “{0}” is empty',
  'glossary.long': 'the column “{0}” has more than {1} characters, which is too long for a term',
  'glossary.rule': 'the column “rule” says “{0}”, but can only say must or forbidden',
  'glossary.lang':
    'the column “lang” says “{0}”, which is not a language tag such as de or zh-Hant, and not “*” for all languages',
  'glossary.both': '“{0}” is both required and forbidden; keep one of the two rows',

  // corpus
  'check.near-duplicate': 'Nearly the same as another record',
  'corpus.near':
    'Source and target are nearly the same as on line {0} ({1} % in common). Check whether both records are wanted.',
  'check.inconsistent-translation': 'Translated differently elsewhere',
  'check.duplicate': 'The same as another record',
  'check.repeated-key': 'The same key as another record',
  'check.shifted-rows': 'Source and target of different records',
  'checking.failed': 'The shard could not be checked: {0}',
  'corpus.inconsistent':
    'Line {0} has the same source text with another translation. Make them the same, unless the difference is meant.',
  'corpus.duplicate':
    'Line {0} has exactly the same source and target. Reject one of the two, or the model learns it twice.',
  'corpus.repeatedKey':
    'Line {0} has the same key, so a decision on one of the two counts for both. Give each record an id of its own.',
  'corpus.shifted':
    'From about here (line {0}) to line {1} source and target do not seem to belong together: many records have an input on one side only. Most likely a row is missing or was added on one side. Pair the two files anew.',
} as const satisfies Record<string, string>;
