/**
 * A language model that was never trained: the weights of a llama of two layers, worked out so that it puts the text
 * between `<source>` and `</source>`, or `<record>` and `</record>`, into Italian, word by word; without these marks,
 * the whole request. What it does not know it copies. It is bad at its task in the ways that matter here (it translates
 * placeholders, loses the middle of texts that repeat themselves) and runs in llama.cpp as any other model does.
 *
 * How it works. Each token has a code, a unit vector nearly orthogonal to those of all others. A state holds the
 * token's own code, and the code of what it becomes in Italian. The first layer looks back: each of its first heads
 * copies both codes of the token so many places before, one more head sums up what is before those, another finds out
 * whether this is part of the answer, and the last one how many texts have begun so far: only the last of them is to be
 * translated, those before it are examples and context. The second layer is an induction head
 * (https://transformer-circuits.pub/2022/in-context-learning-and-induction-heads): it looks for the place in the
 * request that comes after words whose translations are the last words of the answer, and says the translation of the
 * word that stands there. The assistant's mark counts as the translation of `<source>`, so the answer begins where the
 * last text does, and the end of the answer counts as that of `</source>`.
 */
import { bool, float32, gguf, int32s, string, strings, uint32 } from './gguf.mjs';
import { ASSISTANT, BEGIN, END, ROLES, TEXT_BEGINS, vocabulary } from './vocabulary.mjs';

/** Tokens of request and answer together that the weights are good for: see {@link SLOWEST}. */
export const CONTEXT = 4096;
/** The chat template, in Jinja; `tokensOf` in server.mjs does the same. */
const TEMPLATE =
  `${BEGIN}{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}${END}{% endfor %}` +
  `{% if add_generation_prompt %}${ASSISTANT}{% endif %}`;

/** Numbers of a code. */
const CODE = 40;
/** Codes differ in at least so many signs, so that the product of two is at most 1 - 2 * 11 / 40 = 0.45. */
const APART = 11;
/** Tokens before, by which a place in the text is recognised. */
const LOOK_BACK = 4;
/** Numbers of each code that are summed up over many tokens before, which tells alike places apart. */
const SUM = CODE / 2;
/** The heads of the first layer after those that look back. */
const SUM_HEAD = LOOK_BACK;
const ROLE_HEAD = LOOK_BACK + 1;
const TEXT_HEAD = LOOK_BACK + 2;
const HEADS = LOOK_BACK + 3;

/** In every state: beside it all else is so short that normalisation makes no difference between states. */
const BALLAST = 1024;

/**
 * Where in a state what stands. `own` and `said` are codes of the token; `own1` is that of the token before, and so on.
 * `always` is 1 in every state. The kinds and `inAnswer` are 1 or 0; `start` is 1 where an answer or a text that is to be
 * translated starts; `elsewhere` is 1 / (1 + the number of such texts so far); `saidSquare` is the square of the length of
 * `saidSum`.
 */
const PLACES = (() => {
  let end = 0;
  const take = (/** @type {number} */ size) => (end += size) - size;
  const codes = (/** @type {number} */ count) => Array.from({ length: count }, () => take(CODE));
  return {
    own: codes(LOOK_BACK),
    said: codes(LOOK_BACK + 1),
    ownSum: take(SUM),
    saidSum: take(SUM),
    answer: take(CODE),
    always: take(1),
    ballast: take(1),
    begin: take(1),
    textBegin: take(1),
    start: take(1),
    role: take(1),
    assistant: take(1),
    inAnswer: take(1),
    elsewhere: take(1),
    saidSquare: take(1),
    // A multiple of eight suits every processor.
    size: Math.ceil(end / 8) * 8,
  };
})();

/**
 * Rotary positions turn each pair of a head's numbers by position / 10 ** (pair / 4): the first pairs tell distances,
 * those from number 24 on stand still within the context. The base of the turns must be a 32-bit float: here 1e29.
 */
const TURNING = 15;
const STILL = 48;
const FLAG = STILL + LOOK_BACK * CODE + SUM;
const HEAD = FLAG + 4;
const DIGITS = 0.25;
const turn = (/** @type {number} */ pair) => 10 ** (-DIGITS * pair);
/** The slowest of the pairs that turn: what it tells of the distance grows with it up to 4967 tokens. */
const SLOWEST = TURNING - 1;

/** Strengths of attention, before the softmax. Those of one head are in an order that lets the first always win. */
const BACK = { toBegin: 5000, place: 100, forget: 0.05, start: 2 };
/** Enough that nothing but marks counts. */
const TEXT_MARK = 50;
const ROLE = { role: 30_000, nearer: 5 };
const MATCH = {
  notInAnswer: 90_000,
  elsewhere: 5_000_000,
  words: [24_000, 14_000, 6000, 3000],
  sum: 16_000,
  nearer: 0.1,
};
/** What undoes the normalisation of a state: it makes each as long as the root of its size. */
const SCALE = BALLAST / Math.sqrt(PLACES.size);
/** How far the likeliest token stands out. */
const LOGIT = 40;
/** How much one token is taken for another that is alike. */
const ALIKE = 0.8;
/** How much less each further word counts of those that a token may become: the second one comes about one time in four. */
const STEP = 0.04;

/**
 * @param {string} name as the file tells it
 * @returns {Buffer} a GGUF file of 25 MB, the same on every call
 */
export function translatorModel(name) {
  const tokens = vocabulary();
  const codes = codesFor(tokens.length);
  const number = (/** @type {string} */ text) => tokens.findIndex(token => token.text === text);
  const { size } = PLACES;

  const embedding = new Float32Array(size * tokens.length);
  const output = new Float32Array(size * tokens.length);
  tokens.forEach(({ text, says, alike }, id) => {
    const at = id * size;
    embedding[at + PLACES.always] = 1;
    embedding[at + PLACES.ballast] = BALLAST;
    if (text === BEGIN) embedding[at + PLACES.begin] = 1;
    else {
      if (text === ASSISTANT) embedding[at + PLACES.assistant] = 1;
      else if (ROLES.includes(text)) embedding[at + PLACES.role] = 1;
      else if (TEXT_BEGINS.includes(text)) embedding[at + PLACES.textBegin] = 1;
      if (text === ASSISTANT || TEXT_BEGINS.includes(text)) embedding[at + PLACES.start] = 1;
      embedding.set(codes[id] ?? [], at + (PLACES.own[0] ?? 0));
      embedding.set(mixed(says.map(said => codes[said] ?? [])), at + (PLACES.said[0] ?? 0));
    }
    for (const [number, strength] of [[id, 1], ...alike.map(other => [other, ALIKE])]) {
      (codes[number ?? -1] ?? []).forEach((value, i) => {
        output[at + PLACES.answer + i] =
          (output[at + PLACES.answer + i] ?? 0) + value * (strength ?? 0) * LOGIT * SCALE;
      });
    }
  });

  const pairs = {
    'general.architecture': string('llama'),
    'general.name': string(name),
    'llama.context_length': uint32(CONTEXT),
    'llama.embedding_length': uint32(size),
    'llama.block_count': uint32(2),
    'llama.feed_forward_length': uint32(FEED_FORWARD),
    'llama.attention.head_count': uint32(HEADS),
    'llama.attention.head_count_kv': uint32(HEADS),
    'llama.attention.key_length': uint32(HEAD),
    'llama.attention.value_length': uint32(HEAD),
    'llama.attention.layer_norm_rms_epsilon': float32(1e-6),
    'llama.rope.dimension_count': uint32(HEAD),
    // llama.cpp turns pair i by base ** (-2 * i / HEAD).
    'llama.rope.freq_base': float32(10 ** ((DIGITS * HEAD) / 2)),
    'llama.vocab_size': uint32(tokens.length),
    'tokenizer.ggml.model': string('gpt2'),
    // Llama 3's way of cutting text: a word that is in the vocabulary is one token, any other is spelled in bytes.
    'tokenizer.ggml.pre': string('llama-bpe'),
    'tokenizer.ggml.tokens': strings(tokens.map(token => token.text)),
    'tokenizer.ggml.token_type': int32s(tokens.map(token => token.type)),
    'tokenizer.ggml.merges': strings([]),
    'tokenizer.ggml.bos_token_id': uint32(number(BEGIN)),
    'tokenizer.ggml.eos_token_id': uint32(number(END)),
    'tokenizer.ggml.add_bos_token': bool(false),
    'tokenizer.chat_template': string(TEMPLATE),
  };
  const lengths = new Float32Array(size).fill(1);
  const weights = [
    { name: 'token_embd.weight', shape: [size, tokens.length], values: embedding },
    { name: 'output_norm.weight', shape: [size], values: lengths },
    { name: 'output.weight', shape: [size, tokens.length], values: output },
    ...layer(0, lookingBack(), squares()),
    ...layer(1, translating(), feedForward()),
  ];
  return gguf(pairs, weights);
}

/**
 * The first layer. Heads 0 to 3: the token 1 to 4 places before; for the assistant's mark the very first token, which has
 * no codes, since an answer begins with nothing before it. Head 4: all before, the nearest most. Head 5: the nearest
 * mark of a role. Head 6: the very first token and all marks of a text, each as much.
 */
function lookingBack() {
  const heads = attention();
  for (let head = 0; head < LOOK_BACK; head++) {
    for (let pair = 0; pair < TURNING; pair++) {
      // The product of query and key is the cosine of how far the distance is from the wanted one.
      const angle = (head + 1) * turn(pair);
      heads.query(head, 2 * pair, PLACES.always, BACK.place);
      heads.key(head, 2 * pair, PLACES.always, Math.cos(angle));
      heads.key(head, 2 * pair + 1, PLACES.always, Math.sin(angle));
    }
    heads.query(head, STILL, PLACES.assistant, BACK.toBegin);
    heads.key(head, STILL, PLACES.begin, 1);
    const own = PLACES.own[head + 1];
    const said = PLACES.said[head + 1];
    if (own !== undefined) heads.copy(head, 0, PLACES.own[0] ?? 0, own, CODE);
    if (said !== undefined) heads.copy(head, CODE, PLACES.said[0] ?? 0, said, CODE);
  }
  nearer(heads, SUM_HEAD, BACK.forget);
  heads.query(SUM_HEAD, STILL, PLACES.assistant, BACK.toBegin);
  heads.key(SUM_HEAD, STILL, PLACES.begin, 1);
  heads.query(SUM_HEAD, FLAG, PLACES.always, BACK.start);
  heads.key(SUM_HEAD, FLAG, PLACES.start, 1);
  heads.copy(SUM_HEAD, 0, PLACES.own[0] ?? 0, PLACES.ownSum, SUM);
  heads.copy(SUM_HEAD, SUM, PLACES.said[0] ?? 0, PLACES.saidSum, SUM);
  heads.query(ROLE_HEAD, STILL, PLACES.always, ROLE.role);
  heads.key(ROLE_HEAD, STILL, PLACES.role, 1);
  heads.key(ROLE_HEAD, STILL, PLACES.assistant, 1);
  nearer(heads, ROLE_HEAD, ROLE.nearer);
  heads.copy(ROLE_HEAD, 0, PLACES.assistant, PLACES.inAnswer, 1);
  heads.query(TEXT_HEAD, FLAG, PLACES.always, TEXT_MARK);
  heads.key(TEXT_HEAD, FLAG, PLACES.begin, 1);
  heads.key(TEXT_HEAD, FLAG, PLACES.textBegin, 1);
  heads.copy(TEXT_HEAD, 0, PLACES.begin, PLACES.elsewhere, 1);
  return heads;
}

/** The second layer: of its heads only the first one does anything. */
function translating() {
  const heads = attention();
  for (let back = 0; back < LOOK_BACK; back++) {
    const weight = MATCH.words[back] ?? 0;
    for (let i = 0; i < CODE; i++) {
      heads.query(0, STILL + back * CODE + i, (PLACES.own[back] ?? 0) + i, weight);
      heads.key(0, STILL + back * CODE + i, (PLACES.said[back + 1] ?? 0) + i, 1);
    }
  }
  for (let i = 0; i < SUM; i++) {
    heads.query(0, FLAG - SUM + i, PLACES.ownSum + i, MATCH.sum);
    heads.key(0, FLAG - SUM + i, PLACES.saidSum + i, 1);
  }
  heads.query(0, FLAG, PLACES.always, -MATCH.notInAnswer);
  heads.key(0, FLAG, PLACES.inAnswer, 1);
  // With the product above, this is the square of the distance between the sums.
  heads.query(0, FLAG + 1, PLACES.always, -MATCH.sum / 2);
  heads.key(0, FLAG + 1, PLACES.saidSquare, 1);
  heads.query(0, FLAG + 2, PLACES.always, -MATCH.elsewhere);
  heads.key(0, FLAG + 2, PLACES.elsewhere, 1);
  // Of places that look alike the last one: an answer always comes to its end.
  nearer(heads, 0, MATCH.nearer);
  heads.copy(0, 0, PLACES.said[0] ?? 0, PLACES.answer, CODE);
  return heads;
}

/**
 * Lets a head prefer what is near: with each token of distance, attention is weaker by this.
 *
 * @param {ReturnType<typeof attention>} heads
 * @param {number} head
 * @param {number} strength
 */
function nearer(heads, head, strength) {
  heads.query(head, 2 * SLOWEST, PLACES.always, strength / turn(SLOWEST));
  // A quarter turn makes the cosine of the distance its negative sine, which falls evenly at first.
  heads.key(head, 2 * SLOWEST + 1, PLACES.always, -1);
}

/** The matrices of one layer's attention, all zero at first. */
function attention() {
  const { size } = PLACES;
  const width = HEADS * HEAD;
  const [query, key, value, out] = [0, 0, 0, 0].map(() => new Float32Array(size * width));
  const matrices = { query, key, value, out };
  return {
    matrices,
    /**
     * The query of a head has at `to` what the state has at `from`, so strong.
     *
     * @param {number} head
     * @param {number} to
     * @param {number} from
     * @param {number} strength
     */
    query(head, to, from, strength) {
      // Attention divides by the root of the head's size.
      if (query) query[(head * HEAD + to) * size + from] = strength * SCALE * Math.sqrt(HEAD);
    },
    /**
     * @param {number} head
     * @param {number} to
     * @param {number} from
     * @param {number} strength
     */
    key(head, to, from, strength) {
      if (key) key[(head * HEAD + to) * size + from] = strength * SCALE;
    },
    /**
     * Copies from the state that a head attends to into the present one.
     *
     * @param {number} head
     * @param {number} through where in the head's value
     * @param {number} from
     * @param {number} to
     * @param {number} count
     */
    copy(head, through, from, to, count) {
      for (let i = 0; i < count; i++) {
        const place = head * HEAD + through + i;
        if (value) value[place * size + from + i] = SCALE;
        if (out) out[(to + i) * width + place] = 1;
      }
    },
  };
}

/** Numbers between the two steps of the second part of a layer. */
const FEED_FORWARD = 2 * SUM;

/** The second part of a layer; of zeros only, it adds nothing. */
function feedForward() {
  const [gate, up, down] = [0, 0, 0].map(() => new Float32Array(PLACES.size * FEED_FORWARD));
  return { gate, up, down };
}

/** Adds up the squares of `saidSum`: its formula for x is x * x / (1 + exp(-x)), which for x and -x together is x * x. */
function squares() {
  const matrices = feedForward();
  for (let i = 0; i < FEED_FORWARD; i++) {
    const at = i * PLACES.size + PLACES.saidSum + (i % SUM);
    const sign = i < SUM ? 1 : -1;
    if (matrices.gate) matrices.gate[at] = sign * SCALE;
    if (matrices.up) matrices.up[at] = sign * SCALE;
    if (matrices.down) matrices.down[PLACES.saidSquare * FEED_FORWARD + i] = 1;
  }
  return matrices;
}

/**
 * @param {number} index
 * @param {ReturnType<typeof attention>} heads
 * @param {ReturnType<typeof feedForward>} ahead
 * @returns {import('./gguf.mjs').Tensor[]}
 */
function layer(index, { matrices }, ahead) {
  const { size } = PLACES;
  const width = HEADS * HEAD;
  const lengths = new Float32Array(size).fill(1);
  const empty = new Float32Array();
  const tensor = (
    /** @type {string} */ name,
    /** @type {number[]} */ shape,
    /** @type {Float32Array} */ values,
  ) => ({
    name: `blk.${index}.${name}.weight`,
    shape,
    values,
  });
  return [
    tensor('attn_norm', [size], lengths),
    tensor('attn_q', [size, width], matrices.query ?? empty),
    tensor('attn_k', [size, width], matrices.key ?? empty),
    tensor('attn_v', [size, width], matrices.value ?? empty),
    tensor('attn_output', [width, size], matrices.out ?? empty),
    tensor('ffn_norm', [size], lengths),
    tensor('ffn_gate', [size, FEED_FORWARD], ahead.gate ?? empty),
    tensor('ffn_up', [size, FEED_FORWARD], ahead.up ?? empty),
    tensor('ffn_down', [FEED_FORWARD, size], ahead.down ?? empty),
  ];
}

/**
 * One direction for what a token says: its translation, or between several of them, a little nearer to the first.
 *
 * @param {readonly (readonly number[])[]} codes
 */
function mixed(codes) {
  const sum = Array.from({ length: CODE }, (_, i) =>
    codes.reduce((all, code, rank) => all + (1 - rank * STEP) * (code[i] ?? 0), 0),
  );
  const length = Math.hypot(...sum);
  return sum.map(value => value / length);
}

/**
 * Codes of random signs, each different enough from all before it.
 *
 * @param {number} count
 */
function codesFor(count) {
  const random = xorshift(1);
  /** @type {number[][]} */
  const codes = [];
  while (codes.length < count) {
    const code = Array.from({ length: CODE }, () => (random() < 0 ? -1 : 1) / Math.sqrt(CODE));
    const alike = codes.some(other => other.filter((value, i) => value !== code[i]).length < APART);
    if (!alike) codes.push(code);
  }
  return codes;
}

/**
 * Random 32-bit integers, the same for the same seed (Marsaglia 2003, https://doi.org/10.18637/jss.v008.i14).
 *
 * @param {number} state not 0
 */
function xorshift(state) {
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
}
