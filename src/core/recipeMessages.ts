/** Sentences about recipes, and about the files that they name. */
export const RECIPE_MESSAGES = {
  'recipe.notYaml': 'This is no valid YAML: {0}',
  'recipe.secondDocument': 'A second document begins here. A recipe is only one.',
  'recipe.memberName': 'The name of a member must be one word.',
  // What the place of a mistake is called, where it is no member.
  'recipe.whole': 'the recipe',
  'recipe.empty': 'empty',
  'recipe.map': 'a map',
  'recipe.tooLarge': 'A recipe has at most {0} characters; this file has {1}. Is it a recipe?',
  'recipe.tooDeep': 'Values are nested more than {0} deep here. A recipe needs no more.',
  'recipe.alias': 'Anchors and aliases (“&name”, “*name”) are not read in a recipe. Write the value out.',
  'recipe.tag': 'Tags such as “{0}” are not read in a recipe. Leave it out.',
  'recipe.notMap': '{0} is {1}. Write its members as lines of “name: value”.',
  'recipe.notList': '{0} is {1}. Write a list: “- ” before each value, or [one, another].',
  'recipe.tooMany': '{0} has {1} values, and at most {2} are read.',
  'recipe.unknown': '“{0}” is no member of {1}. Its members are: {2}.',
  'recipe.missing': '{0} has no “{1}”. Add it.',
  'recipe.oneOf': '{0} is {1}. Write one of: {2}.',
  'recipe.text':
    '{0} is {1}. Write a text of 1 to {2} characters in one line; put quotation marks around a number.',
  'recipe.number': '{0} is {1}. Write a whole number from {2} to {3}.',
  'recipe.range': '{0}: the least length, {1}, is more than the greatest, {2}.',
  'recipe.amount':
    '{0} is {1}. Write “all”, a number of demonstrations such as 5000, or a share such as 30%.',
  'recipe.share': '{0} is {1}. Write a share from 0% to 100%.',
  'recipe.splits': 'The splits are {0} % together. They must be 100 %.',
  'recipe.shares':
    'The shares that entries ask for are {0} % together, for each language of each entry. They can be no more than 100 %.',
  'recipe.language': '{0} is {1}. Write a language tag such as en, it, zh or pt-BR.',
  'recipe.date': '{0} is {1}. Write a day as year, month and day, such as 2026-01-31.',
  'recipe.licence': '{0} is {1}. Write the short name of a licence, such as cc-by-nc-4.0.',
  'recipe.name':
    '{0} is {1}. Write a name of 1 to {2} characters without “/” and “\\”, so that no two shards have the same.',
  'recipe.sameName': 'Two shards have the name “{0}”. Give one of them another “name”.',
  'recipe.samePath': '{0} is named twice. Name each file once.',
  'recipe.noSuchShard': 'There is no shard “{0}” in this recipe. Its shards are: {1}.',
  'recipe.path':
    '{0} is {1}. Write the path of a file in the folder of the recipe or below it, with “/” between folders.',
  'recipe.shardPath':
    'A shard has either a “path”, or the two files of a parallel text: “source” and “target”.',
  'recipe.parallelStatus':
    'A parallel text is two files that nobody reviews here. Write “status: all”, or leave it out. To review it, import it as a shard.',
  'recipe.noEntries': 'The recipe asks for nothing. Add “instructions” or “translations”.',
  'evaluation.asTraining':
    '{0} is an evaluation set ({1}): a model that was trained on it can no longer be measured with it. Take it out of the shards; under “evaluation” its questions are kept out of the training files.',
  'evaluation.unknown':
    '{0} is none of the evaluation sets that are known: XQuAD and MLQA (JSON, JSON Lines or CSV), MMLU (CSV), BBH (JSON or CSV).',
  'evaluation.tooLarge': '{0} has {1} MiB; evaluation sets of up to {2} MiB are read.',
  'evaluation.empty': '{0} holds no question that could be looked for.',
  'evaluation.tooMany': 'The evaluation sets hold more than {0} questions. Name fewer of them.',
  'parallel.lines':
    'Lines of {0}: {1}, of {2}: {3}. Line by line they do not belong together. Give both as many lines.',
  'parallel.notUtf8': '{0}, line {1}: this is no valid UTF-8. Save the file as UTF-8.',
  'parallel.longLine':
    '{0}, line {1}: the line is longer than {2} MiB. Is it a text file with one sentence a line?',
  'recipe.tmxPath':
    'A TMX file holds several languages. Name it twice, as “source” and as “target”, each with its language.',
  'tmx.oneFile':
    'A TMX file holds both languages: name {0} as the source and as the target, and no other file beside it.',
  'tmx.notTmx': '{0} is no TMX file: it does not begin with a “tmx” element.',
  'tmx.broken': '{0}, line {1}: this is no valid XML, or no TMX: {2}. Export the file again, or correct it.',
  'tmx.attribute': 'an attribute has the name “{0}”',
  'tmx.manyAttributes': 'an element has more than {0} attributes',
  'tmx.deep': 'elements stand more than {0} deep in each other',
  'tmx.longSegment': 'a segment has more than {0} characters',
  'tmx.encoding':
    '{0}, line {1} or one of the next: this is no valid {2}. Save the file as UTF-8, and have its first line say so.',
  'tmx.unknownEncoding':
    '{0}: the encoding “{1}” that its first line names is not known. Save the file as UTF-8.',
  'tmx.varieties':
    '{0}, line {1}: “{2}” can be “{3}” or “{4}” in this file. Write the one that you mean, with all of its parts.',
  'tmx.noLanguage': '{0} holds no text in the language “{1}”. Its languages are: {2}.',
} as const;
