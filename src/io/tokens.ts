/** The tokens of an answer with their probabilities, from what servers tell of them. */

/** A token of the answer and the natural logarithm of its probability. */
export interface TokenLogprob {
  readonly text: string;
  readonly logprob: number;
}

/** A token as it came: it may end within a character. */
export interface TokenBytes {
  readonly bytes: Buffer;
  readonly logprob: number;
}

/** UTF-16 units after the text in which it is looked for: the end marks of a template are far shorter. */
const MAX_AFTER = 64;

/** Those of a list of `{token, logprob, bytes}`, as OpenAI and Ollama share it; what is none of them is passed over. */
export function readTokens(logprobs: unknown): TokenBytes[] {
  return (Array.isArray(logprobs) ? (logprobs as unknown[]) : []).flatMap(each => {
    const { token, logprob, bytes: given } = (each ?? {}) as Record<string, unknown>;
    if (typeof logprob !== 'number' || typeof token !== 'string') return [];
    const bytes = Array.isArray(given) ? Buffer.from(given as number[]) : Buffer.from(token);
    return bytes.length > 0 ? [{ bytes, logprob }] : [];
  });
}

/**
 * The tokens that make up a text: joined, they are the text. What comes before (thoughts) and after it (the end mark) is left
 * out. A character that took several tokens is in the last of them, with the product of their probabilities.
 * @returns nothing where the server's tokens are not those of the text
 */
export function tokensOf(text: string, all: readonly TokenBytes[]): readonly TokenLogprob[] | undefined {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const decoded: TokenLogprob[] = [];
  let open = 0;
  for (const { bytes, logprob } of all) {
    const piece = decoder.decode(bytes, { stream: true });
    open += logprob;
    if (piece === '') continue;
    decoded.push({ text: piece, logprob: open });
    open = 0;
  }
  const joined = decoded.map(token => token.text).join('');
  const first = Math.max(0, joined.length - text.length - MAX_AFTER);
  const found = joined.slice(first).lastIndexOf(text);
  if (found < 0) return undefined;
  let at = -first - found;
  const within = decoded.map(({ text: { length }, logprob }) => {
    at += length;
    return { text: text.slice(Math.max(0, at - length), Math.max(0, at)), logprob };
  });
  return within.filter(token => token.text !== '');
}
