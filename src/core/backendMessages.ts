/**
 * What the client of inference servers says. `backend.<kind>` is one kind of failure (`FailureKind` of `io/answer.ts`): {0} is
 * the machine and port of the server. Part of `MESSAGES`.
 */
export const BACKEND_MESSAGES = {
  'backend.down': 'No server answers at {0} ({1}). Start the server, or correct its address.',
  'backend.loading': 'The server at {0} is still loading its model. Wait a little, then try again.',
  'backend.busy': 'The server at {0} has too much to do. Wait a little, then try again.',
  'backend.server':
    'The server at {0} failed (status {1}). Try again; if it fails again, look at the log of the server. It said: {2}',
  'backend.network':
    'The connection to {0} failed before an answer came ({1}). Check the address, then try again.',
  'backend.truncated': 'The answer from {0} broke off, so it is not used. Try again.',
  'backend.not-sse':
    '{0} does not answer as a model server does. Check the address: it may lead to a proxy or a login page. It said: {1}',
  'backend.stream-error': 'The server at {0} reported an error in its answer. Try again. It said: {1}',
  'backend.overflow':
    'The text is too long for the model at {0}. Start the server with a longer context, or use another model. It said: {1}',
  'backend.empty':
    'The model at {0} answered without any text. Its context may be too short: start the server with a longer one, or use another model.',
  'backend.truncated-prompt':
    'The server at {0} read only {1} tokens of the request, so the answer is not used: its context is too short and it cut the text without saying so. Start it with a longer context.',
  'backend.length':
    'The answer from {0} reached the limit of tokens before its end, so it is not used. Allow more tokens, or start the server with a longer context.',
  'backend.unauthorised': '{0} did not accept the request (status {1}). Set the API key again.',
  'backend.not-found':
    '{0} does not know this model or this address (status {1}). Choose another model, or correct the address. It said: {2}',
  'backend.redirect':
    '{0} sends the request to another address (status {1}). Redirects are not followed: set the right address yourself.',
  'backend.silence':
    '{0} sent nothing for {1} seconds. Check that the server is working, or set a longer waiting time.',
  'backend.aborted': 'Cancelled.',
  'backend.too-large': 'The answer from {0} is larger than {1} MiB, so it is not used. Use another model.',
  'backend.bad-request':
    '{0} refused the request (status {1}). Check that the model is made for chat. It said: {2}',
  'backend.bad-url':
    'The address of the server must begin with http:// or https://, without user name, password, “?” or “#”. For example: http://127.0.0.1:8080',
  'backend.bad-key': 'The API key holds a character that cannot be sent. Set the API key again.',

  // While servers are looked for: why no more is known of one that answers.
  'discovery.needsKey': 'It asks for an API key. Set the key to see its models.',
  'discovery.loading': 'It is still loading its model.',
  'discovery.noModels': 'It lists no model. Load one on the server, or name it yourself.',
} as const satisfies Record<string, string>;
