/** What is said of one sitting, and of the keys. Part of `MESSAGES`. */
export const SITTING_MESSAGES = {
  'sitting.name': 'CrossAlpaca: This Sitting',
  // {0} records, {1} how long: “34 min”.
  'sitting.status': '{0} decided, {1}',
  'sitting.tooltip':
    'Records you decided on in this sitting: {0}, in {1}. The clock stops when you do nothing for two minutes.',
  'help.moving': 'Moving',
  'help.deciding': 'Deciding',
  'help.warnings': 'Warnings',
  'help.writing': 'Writing',
  'help.proposals': 'Proposals',
  'help.finding': 'Finding records',
  'help.refresh': 'Ask the filter again',
  'help.more': 'More',
  'help.change': 'Change keys…',
  'help.defaults': 'Shown are the keys that CrossAlpaca comes with.',
  'page.noShard': 'This shard cannot be opened',
} as const;
