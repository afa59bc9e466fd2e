/** What is said of a run over many records: regenerated one after the other, or by a batch. Part of `MESSAGES`. */
export const RUN_MESSAGES = {
  'run.notWritten': 'How far the run is cannot be kept in {0}: {1}',
  'run.failing': '{0} records one after the other could not be done. The last reason: {1}',
  'run.waiting.busy': 'The server has too much to do. The next try is in {0} s.',
  'run.waiting.loading': 'The server is loading the model.',
  'run.waiting.again': 'The server did not answer as it should. The next try is in {0} s.',
  'batch.raw':
    'The prompt style “{0}” needs requests that a batch cannot hold. Use another style, or run without a batch.',
  'batch.notWritten': '{0} cannot be written: {1}',
} as const;
