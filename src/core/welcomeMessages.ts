/** What a newcomer reads in VS Code besides the walkthrough, whose steps are in package.nls.json, and of commands that were only buttons. Part of `MESSAGES`. */
export const WELCOME_MESSAGES = {
  'command.chooseLanguage': 'Which target language shall be shown?',
  'command.oneLanguage':
    'No record here has several target languages. “CrossAlpaca: Set Languages of This Shard” changes the one it has.',
  'sample.title': 'Where shall the sample shard be put?',
  'sample.newFolder': 'New folder “{0}”',
  'sample.other': 'Another folder…',
  'sample.put': 'Put It Here',
  'sample.inExtension':
    'The folder {0} belongs to the extension, and an update would delete your work in it. Choose another folder.',
  'sample.notWritten': 'The sample shard cannot be written into {0}: {1}. Choose another folder.',
} as const satisfies Record<string, string>;
