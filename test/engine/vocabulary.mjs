/**
 * The vocabulary of the word-by-word translator: every byte, some English words with the Italian ones that stand for them,
 * and the marks by which it knows where a text begins and ends.
 */

/** English, then the Italian word, then another that the model finds nearly as good. */
const WORDS = `
  the il lo, a un, an un, and e ed, or o oppure, is è, are sono, was era, has ha, have hanno, can può, not non, no nessuno,
  of di, in in, on su sopra, to a, from da, with con, without senza, for per, at a, by da, into in, about circa,
  this questo, that quello, these questi, it esso, you tu, we noi, they loro, he lui, she lei, your tuo, its suo,
  what cosa, who chi, where dove, when quando, why perché, how come, only solo soltanto, also anche pure, more più, than che,
  one uno, two due, three tre, four quattro, five cinque, every ogni, first primo, last ultimo, many molti, all tutti,
  red rosso, green verde, white bianco, black nero, big grande grosso, small piccolo, good buono, bad cattivo, new nuovo,
  old vecchio, cold freddo, warm caldo, short breve corto, long lungo,
  cat gatto, dog cane, house casa, book libro, water acqua, bread pane, tree albero, window finestra, door porta, train treno,
  city città, river fiume, sea mare, sun sole, moon luna, earth terra, plant pianta, leaves foglie, tea tè, milk latte,
  morning mattina, evening sera, night notte, day giorno, days giorni, week settimana, year anno, years anni, hour ora,
  hours ore, minutes minuti, time tempo, word parola, words parole, sentence frase, text testo, name nome, number numero,
  list elenco lista, table tabella, question domanda, answer risposta, message messaggio, example esempio, story storia,
  friend amico, teacher insegnante, child bambino, write scrivi, describe descrivi, explain spiega, translate traduci,
  give dai, read leggi, drink bevi, eats mangia, sleeps dorme, arrives arriva, leaves parte, works funziona, needs richiede,
  following seguente, people persone, world mondo, Rome Roma, Italy Italia, Paris Parigi, France Francia
`;

/** Marks of the chat template. */
export const BEGIN = '<|begin|>';
export const ASSISTANT = '<|assistant|>';
const USER = '<|user|>';
export const ROLES = ['<|system|>', USER, ASSISTANT];
export const END = '<|end|>';

/** What stands around the text that is to be translated; see src/core/promptStyles.ts. */
export const TEXT_BEGINS = ['<source>', '<record>'];
const TEXT_ENDS = ['</source>', '</record>'];

/** Cut out wherever they stand, so that a word beside them is seen as a word; the last ones are those of JSON. */
const APART = [...TEXT_BEGINS, ...TEXT_ENDS, '\n', '\\n', '\\"', '":"', '": "', '","', '", "', '"}', '{"'];
const PUNCTUATION = '"(){}[]*_`#-';
/** What stands for code and placeholders; see src/core/masking.ts. */
const MARKS = Array.from({ length: 20 }, (_, number) => `⟦P${number}⟧`);
/** Copied; where a schema does not allow one of them, the model takes another. */
const FIELD_NAMES = ['instruction', 'input', 'output'];

/** How llama.cpp is to treat a token (`llama_token_type`). */
const NORMAL = 1;
const CONTROL = 3;
const CUT_OUT = 4;

/**
 * @typedef {object} Token
 * @property {string} text as the tokenizer spells it
 * @property {number} type
 * @property {readonly number[]} says the tokens that it becomes in Italian, the best first; itself where it has none
 * @property {readonly number[]} alike tokens instead of which it is said where they are not allowed
 */

/** @returns {Token[]} by their number */
export function vocabulary() {
  /** @type {{ text: string, type: number, says: number[], alike: number[] }[]} */
  const tokens = [];
  /** @type {Map<string, number>} */
  const numbers = new Map();
  /**
   * @param {string} text
   * @param {number} type
   */
  const add = (text, type) => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    const number = tokens.push({ text, type, says: [tokens.length], alike: [] }) - 1;
    numbers.set(text, number);
    return number;
  };
  for (const text of [BEGIN, END, ...ROLES]) add(text, CONTROL);
  for (let byte = 0; byte < 256; byte++) {
    const text = spelled(Buffer.of(byte));
    add(text, PUNCTUATION.includes(text) ? CUT_OUT : NORMAL);
  }
  for (const text of [...APART, ...MARKS]) add(text, CUT_OUT);
  const names = FIELD_NAMES.map(text => add(text, NORMAL));
  for (const name of names) {
    const token = tokens[name];
    if (token) token.alike = names.filter(other => other !== name);
  }

  for (const entry of WORDS.split(',').map(words => words.trim().split(/\s+/))) {
    for (const form of [asIs, capital]) {
      for (const space of ['', ' ']) {
        // A letter alone is also what unknown words are spelled with.
        if (space === '' && entry[0]?.length === 1) continue;
        const [english, ...italian] = entry.map(word =>
          add(spelled(Buffer.from(space + form(word))), NORMAL),
        );
        const token = tokens[english ?? -1];
        // A word that stands twice in the list keeps its first meaning.
        if (token?.says[0] === english) token.says = italian;
      }
    }
  }
  /**
   * @param {string} text
   * @param {string[]} said
   */
  const say = (text, ...said) => {
    const token = tokens[numbers.get(text) ?? -1];
    if (token) token.says = said.map(each => numbers.get(each) ?? -1);
  };
  // What follows on the assistant's mark is what follows on the mark of the text; where the text ends, so does the answer.
  for (const mark of TEXT_BEGINS) say(mark, ASSISTANT);
  for (const mark of TEXT_ENDS) say(mark, END);
  // A request without such a mark is all text: where there is one, this is the weaker likeness.
  say(USER, ASSISTANT, USER);
  return tokens;
}

/** @param {string} word */
const asIs = word => word;
/** @param {string} word */
const capital = word => word.charAt(0).toUpperCase() + word.slice(1);

/**
 * Bytes in the spelling of GPT-2's vocabulary, where each is a character that can be seen
 * (`bytes_to_unicode` in https://github.com/openai/gpt-2/blob/master/src/encoder.py).
 *
 * @param {Buffer} bytes
 */
function spelled(bytes) {
  return Array.from(bytes, byte => spellings[byte] ?? '').join('');
}

const spellings = (() => {
  let hidden = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const seen = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCharCode(seen ? byte : hidden++);
  });
})();
