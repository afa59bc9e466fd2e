/** What models write around the answer they were asked for. */
import { isObject, parseJson } from './jsonValue';

/** The first line of a code fence around a JSON object. */
export const FENCE_OPEN = /^\s*```(?:json)?[ \t]*\r?\n/i;
const FENCE_CLOSE = /\n[ \t]*```$/;

/**
 * The members of an answer that is one JSON object, with at most a code fence around it; undefined for all else. What a model
 * adds in prose shows that it did not do as it was told, so its text is not trusted either.
 */
export function membersOf(answer: string): ReadonlyMap<string, unknown> | undefined {
  const trimmed = answer.trim();
  const json = FENCE_OPEN.test(trimmed) ? trimmed.replace(FENCE_OPEN, '').replace(FENCE_CLOSE, '') : trimmed;
  const value = parseJson(json);
  return isObject(value) ? new Map(Object.entries(value)) : undefined;
}

/** A pair of tags as our own requests have them, around all of the answer. */
const TAGS = /^<((?:source|text|record)\d*)>([^]*)<\/\1>$/;
const LABEL = /^(?:the )?translat(?:ion|ed text)[ \t]*:[ \t]*\n?/i;
const QUOTES = ['""', '“”', '„“', '«»', '「」', '『』', "''", '‘’', '``'].map(pair => {
  return [pair.charAt(0), pair.charAt(1)] as const;
});

/**
 * A plain answer without tags, a label or quotes around it. Only what the source has nothing like is taken off: there it may
 * be part of the text.
 * @param source empty where the text is written anew: then it is left as it is
 */
export function withoutFrame(answer: string, source: string): string {
  let text = answer.trim();
  if (source === '') return text;
  const start = source.trimStart();
  const tagged = start.startsWith('<') ? null : TAGS.exec(text);
  if (tagged) text = (tagged[2] ?? '').trim();
  if (!/translat/i.test(source)) text = text.replace(LABEL, '').trim();
  const quotes = QUOTES.find(([open, close]) => text.startsWith(open) && text.endsWith(close));
  if (!quotes || text.length < 2 || QUOTES.flat().some(quote => start.startsWith(quote))) return text;
  const inner = text.slice(1, -1);
  // “Yes” and “no” begins and ends with quotes that do not belong together.
  return quotes.some(quote => inner.includes(quote)) ? text : inner.trim();
}
