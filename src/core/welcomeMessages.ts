/** What a newcomer reads in VS Code besides the walkthrough, whose steps are in package.nls.json. Part of `MESSAGES`. */
export const WELCOME_MESSAGES = {
  'sample.title': 'Where shall the sample shard be put?',
  'sample.newFolder': 'New folder “{0}”',
  'sample.other': 'Another folder…',
  'sample.put': 'Put It Here',
  'sample.inExtension':
    'The folder {0} belongs to the extension, and an update would delete your work in it. Choose another folder.',
  'sample.notWritten': 'The sample shard cannot be written into {0}: {1}. Choose another folder.',
} as const satisfies Record<string, string>;
