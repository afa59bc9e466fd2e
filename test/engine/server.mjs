/**
 * `node server.mjs ENGINE MODEL`: an inference server on the loopback interface, in the manner of llama.cpp's own: the
 * paths and the answers are those of https://github.com/ggml-org/llama.cpp/tree/master/tools/server, as far as a client
 * for chat needs them. ENGINE is a folder with node-llama-cpp installed, MODEL a GGUF file. Prints `listening on PORT`;
 * ends with the process that started it.
 */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { ASSISTANT, BEGIN, END } from './vocabulary.mjs';

const [, , engine = '', modelPath = '', name = 'demo'] = process.argv;
/** @type {typeof import('node-llama-cpp')} */
const { getLlama, LlamaGrammarEvaluationState, LlamaLogLevel } = await import(
  pathToFileURL(join(engine, 'node_modules', 'node-llama-cpp', 'dist', 'index.js')).href
);

/** Requests that are answered at a time. */
const SLOTS = 2;
/** Tokens of request and answer together, of each. */
const CONTEXT = 4096;
/** How requests name the languages: see src/core/promptStyles.ts. */
const TRANSLATES = /\btranslate\b.*?(?:\bfrom (.+?) )?\binto (.+?)[.,:]/i;
const ANSWERS = /^You write answers in /;

// Before the model is loaded, which takes a while.
process.stdin.resume().on('end', () => process.exit());

// One thread: on a machine with other work, threads that wait for each other make it fifty times slower.
const llama = await getLlama({
  gpu: false,
  build: 'never',
  skipDownload: true,
  maxThreads: 1,
  logLevel: LlamaLogLevel.error,
});
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const context = await model.createContext({
  contextSize: CONTEXT,
  sequences: SLOTS,
  threads: 1,
  flashAttention: false,
  // The keys of the model that is made here are too large for the 16-bit sums of some processors.
  experimentalKvCacheKeyType: 'F32',
});

const slots = Array.from({ length: SLOTS }, () => ({
  sequence: context.getSequence(),
  isBusy: false,
  /** Tokens of its last answer. */
  count: 0,
}));
/** @type {((slot: (typeof slots)[number]) => void)[]} those who wait for a slot, in their order */
const waiting = [];

const server = createServer((request, response) => {
  response.setHeader('Server', 'llama.cpp');
  void answer(request, response).catch(error => {
    if (!(error instanceof Refusal)) console.error(error);
    if (response.headersSent) response.destroy();
    else if (error instanceof Refusal) send(response, { error: error.body }, error.body.code);
    else send(response, { error: { code: 500, message: 'internal error', type: 'server_error' } }, 500);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on ${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`);
});

/** What llama.cpp answers with where it does not do what was asked. */
class Refusal extends Error {
  /**
   * @param {number} code
   * @param {string} type
   * @param {string} message
   * @param {object} [details]
   */
  constructor(code, type, message, details) {
    super(message);
    this.body = { code, message, type, ...details };
  }
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(request, response) {
  const settings = { n_ctx: CONTEXT };
  switch (`${request.method} ${request.url}`) {
    case 'GET /health':
      return send(response, { status: 'ok' });
    case 'GET /v1/models': {
      const meta = { n_ctx: CONTEXT, n_ctx_train: model.trainContextSize, size: model.size };
      return send(response, {
        object: 'list',
        data: [{ id: name, object: 'model', owned_by: 'llamacpp', meta }],
      });
    }
    case 'GET /props':
      return send(response, {
        total_slots: SLOTS,
        model_alias: name,
        default_generation_settings: settings,
      });
    case 'GET /slots':
      return send(
        response,
        slots.map(({ isBusy, count }, id) => ({
          id,
          ...settings,
          is_processing: isBusy,
          next_token: { n_decoded: count },
        })),
      );
    case 'POST /v1/chat/completions': {
      /** @type {unknown} */
      const body = await json(request).catch(() => undefined);
      return chat(wanted(body), response);
    }
    default:
      throw new Refusal(404, 'not_found_error', 'File Not Found');
  }
}

/**
 * @typedef {object} Wanted
 * @property {{ role: string, content: string }[]} messages
 * @property {boolean} [stream]
 * @property {number} [temperature]
 * @property {number} [top_p]
 * @property {number} [top_k]
 * @property {number} [seed]
 * @property {number} [max_tokens]
 * @property {boolean} [logprobs]
 * @property {{ type: string, json_schema?: { schema: import('node-llama-cpp').GbnfJsonSchema } }} [response_format]
 */

/**
 * @param {unknown} body
 * @returns {Wanted}
 */
function wanted(body) {
  const messages = /** @type {Partial<Wanted> | undefined} */ (body)?.messages;
  const isGood = (/** @type {unknown} */ message) =>
    /^(system|user|assistant)$/.test(Object(message).role) && typeof Object(message).content === 'string';
  if (!Array.isArray(messages) || !messages.every(isGood)) {
    throw new Refusal(400, 'invalid_request_error', 'messages must be a list of { role, content }');
  }
  return /** @type {Wanted} */ (body);
}

/**
 * @param {Wanted} request
 * @param {import('node:http').ServerResponse} response
 */
async function chat(request, response) {
  if (!isInReach(request.messages)) {
    // A client may hide what its request has too: these words are not those of requests.
    const reason = 'This demonstration model only translates English to Italian, word by word.';
    throw new Refusal(400, 'invalid_request_error', reason);
  }
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const prompt = tokensOf(request.messages);
  if (prompt.length >= CONTEXT) {
    throw new Refusal(
      400,
      'exceed_context_size_error',
      `request (${prompt.length} tokens) exceeds the available context size (${CONTEXT} tokens), try increasing it`,
      { n_prompt_tokens: prompt.length, n_ctx: CONTEXT },
    );
  }
  const slot = await freeSlot(gone.signal);
  if (!slot) return;
  try {
    const head = { id: 'chatcmpl', created: Math.floor(Date.now() / 1000), model: name };
    const chunk = (/** @type {object} */ content) =>
      response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...content })}\n\n`);
    if (request.stream) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: null }, finish_reason: null }] });
    }
    let content = '';
    /** @type {object[]} */
    const logprobs = [];
    const { finish, count } = await generate(slot, prompt, request, gone.signal, (piece, logprob) => {
      content += piece;
      const tokens = [{ token: piece, logprob, top_logprobs: [] }];
      logprobs.push(...tokens);
      const told = request.logprobs ? { logprobs: { content: tokens } } : {};
      if (request.stream)
        chunk({ choices: [{ index: 0, delta: { content: piece }, finish_reason: null, ...told }] });
    });
    const usage = {
      prompt_tokens: prompt.length,
      completion_tokens: count,
      total_tokens: prompt.length + count,
    };
    if (request.stream) {
      chunk({ choices: [{ index: 0, delta: {}, finish_reason: finish }] });
      chunk({ choices: [], usage });
      response.end('data: [DONE]\n\n');
    } else {
      const told = request.logprobs ? { logprobs: { content: logprobs } } : {};
      const message = { role: 'assistant', content };
      const choices = [{ index: 0, message, finish_reason: finish, ...told }];
      send(response, { ...head, object: 'chat.completion', choices, usage });
    }
  } finally {
    const next = waiting.shift();
    if (next) next(slot);
    else slot.isBusy = false;
  }
}

/**
 * Whether the model can do what is asked, as far as the first message tells: others hold texts that say anything.
 *
 * @param {Wanted['messages']} messages
 */
function isInReach([first]) {
  const { content } = first ?? { content: '' };
  if (ANSWERS.test(content)) return false;
  const [, from = 'English', into = 'Italian'] = TRANSLATES.exec(content) ?? [];
  return /\bEnglish\b/.test(from) && /\bItalian\b/.test(into);
}

/**
 * Waits for a slot; without one when the client has gone.
 *
 * @param {AbortSignal} gone
 * @returns {Promise<(typeof slots)[number] | undefined>}
 */
function freeSlot(gone) {
  const free = slots.find(slot => !slot.isBusy);
  if (free && !gone.aborted) {
    free.isBusy = true;
    return Promise.resolve(free);
  }
  return new Promise(fulfil => {
    waiting.push(fulfil);
    gone.addEventListener('abort', () => {
      const place = waiting.indexOf(fulfil);
      if (place < 0) return;
      waiting.splice(place, 1);
      fulfil(undefined);
    });
  });
}

/**
 * @param {(typeof slots)[number]} slot
 * @param {import('node-llama-cpp').Token[]} prompt
 * @param {Wanted} request
 * @param {AbortSignal} gone
 * @param {(piece: string, logprob: number) => void} onPiece with whole characters only, which may be several tokens
 */
async function generate(slot, prompt, request, gone, onPiece) {
  const { sequence } = slot;
  await sequence.clearHistory();
  const schema = request.response_format?.json_schema?.schema;
  const grammar = schema && (await llama.createGrammarForJsonSchema(schema));
  // The model says a token for each that it reads: with more it goes round in circles.
  const most = tokensOf(request.messages.slice(-1)).length;
  const limit = Math.min(request.max_tokens ?? Infinity, CONTEXT - prompt.length, most);
  const options = {
    temperature: request.temperature ?? 0.8,
    topP: request.top_p ?? 0.95,
    topK: request.top_k ?? 40,
    yieldEogToken: true,
    ...(request.seed === undefined ? {} : { seed: request.seed }),
    ...(grammar && { grammarEvaluationState: new LlamaGrammarEvaluationState({ model, grammar }) }),
  };
  /** @type {import('node-llama-cpp').Token[]} */
  let pending = [];
  let logprob = 0;
  let text = '';
  slot.count = 0;
  let finish = 'length';
  const flush = () => {
    const piece = model.detokenize(pending);
    text += piece;
    if (piece !== '') onPiece(piece, logprob);
    [pending, logprob] = [[], 0];
  };
  // A schema's grammar lets white space follow without end.
  const isWhole = () => grammar !== undefined && isJson(text);
  if (limit > 0) {
    for await (const { token, confidence } of sequence.evaluateWithMetadata(
      prompt,
      { confidence: true },
      options,
    )) {
      if (gone.aborted) break;
      if (model.isEogToken(token)) {
        finish = 'stop';
        break;
      }
      slot.count++;
      pending.push(token);
      logprob += Math.log(confidence);
      // The bytes of a character come one by one.
      if (!model.detokenize(pending).endsWith('\ufffd')) flush();
      if (isWhole()) {
        finish = 'stop';
        break;
      }
      if (slot.count >= limit) break;
    }
  }
  flush();
  return { finish, count: slot.count };
}

/** @param {string} text */
function isJson(text) {
  if (!text.trimEnd().endsWith('}')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The chat template of the model that is made here, but that nothing in a message is taken for one of its marks.
 *
 * @param {Wanted['messages']} messages
 */
function tokensOf(messages) {
  const marks = (/** @type {string} */ text) => model.tokenize(text, true);
  return [
    ...marks(BEGIN),
    ...messages.flatMap(({ role, content }) => [
      ...marks(`<|${role}|>`),
      ...model.tokenize(content),
      ...marks(END),
    ]),
    ...marks(ASSISTANT),
  ];
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {unknown} body
 * @param {number} [status]
 */
function send(response, body, status = 200) {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
