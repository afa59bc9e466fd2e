/** From a unit and a wish to the requests that a model gets, and from its answers back to texts. */
import { FENCE_OPEN, membersOf, withoutFrame } from './answerText';
import type { Term } from './check';
import { mask, unmask } from './masking';
import { say, UserError, type MessageId, type Said } from './messages';
import { paragraphsOf } from './paragraphs';
import { partialTexts } from './partialJson';
import {
  answerMessages,
  customMessages,
  fieldMessages,
  isTranslator,
  languageNames,
  recordMessages,
  takesAdvice,
  textOf,
  translatorRequest,
  type Request,
  type Sent,
} from './promptStyles';
import { taskNote, taskOf, taskRule } from './promptTask';
import { wrongBrace } from './promptTemplate';
import type { Field } from './record';
import type { Mode, PromptUnit, Split } from './regeneration';
import { leastTokens, mostTokens } from './tokens';

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/**
 * How a model wants to be asked. `record`: a general model, all fields as one JSON object by a schema; `field`: a general
 * model, one field a request; the others are templates of models made for translation; `custom`: the team's own template.
 */
export const PROMPT_STYLES = [
  'record',
  'field',
  'tower',
  'alma',
  'hunyuan',
  'translategemma',
  'custom',
] as const;
export type PromptStyle = (typeof PROMPT_STYLES)[number];

/** The team's own wording: `.crossalpaca/prompt.md`. */
export interface PromptTemplate {
  readonly system: string;
  readonly user: string;
}

/** What helps the model besides the unit. */
export interface PromptHelp {
  /** Those of the glossary that hold for the language, `must` and `forbidden`. */
  readonly terms: readonly Term[];
  /** Approved units of the same languages, nearest first; never the unit itself. */
  readonly examples: readonly PromptUnit[];
  /** Needed where the style is `custom`. */
  readonly template?: PromptTemplate;
  /** Whether the server hands arguments on to the model's chat template; Ollama does not. Taken for yes if not given. */
  readonly takesTemplateArguments?: boolean;
}

export interface PromptWish {
  readonly mode: Mode;
  /** In their order; those whose source is empty are left out. */
  readonly fields: readonly string[];
  /** Lines for the model, English: what the reviewer said, what a check found. */
  readonly advice: readonly string[];
  readonly split: Split;
}

/** One request: what is sent, and what is needed to read the answer. Plain data, the same for the same unit and wish. */
export interface Ask {
  readonly messages: readonly Message[];
  /** Whether the only message is to be completed as raw text (`/v1/completions`). */
  readonly raw: boolean;
  /** JSON schema of the answer; undefined where plain text is asked for. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** For the server's chat template. */
  readonly templateArguments?: Readonly<Record<string, string>>;
  /** What the style wants besides: `top_k`, `repeat_penalty`, … */
  readonly sampling?: Readonly<Record<string, number>>;
  readonly maxTokens: number;
  /** A server that read fewer tokens has cut the request silently. */
  readonly minPromptTokens: number;
  /** The pieces of the answer, in order. */
  readonly parts: readonly AskPart[];
}

/** One text that an answer gives: a field, or a paragraph of it. */
export interface AskPart {
  readonly name: string;
  /** Of several paragraphs of the field: which, and what stands between it and the one before. */
  readonly paragraph: number;
  readonly before: string;
  /** The source text of it, unmasked; empty where the text is written anew instead of translated. */
  readonly source: string;
  /** What stands for code, addresses and placeholders, in their order: `⟦P0⟧` is the first. */
  readonly masked: readonly string[];
}

export interface PromptPlan {
  readonly asks: readonly Ask[];
  /** What the reviewer should know: the task is one whose output is written, not translated; the model took no advice. */
  readonly notes: readonly Said[];
}

/** Allowed besides what the source suggests: a word may become a sentence. */
const MORE_TOKENS = 64;
/** A text in another script takes up to three tokens where its source takes one. */
const TOKEN_GROWTH = 3;
/** Names, quotes and braces around each text of a JSON answer. */
const MEMBER_TOKENS = 16;
/** An answer that is written anew may be as long as it likes to be. */
const MIN_ANSWER_TOKENS = 1024;
/** Of the chat template around each message. */
const TURN_TOKENS = 8;

/** UTF-16 units of each part that a model lost, as it is shown. */
const MAX_LISTED = 60;

/**
 * The requests for a wish, the same ones for the same unit and wish. Models made for translation, the team's template and
 * `split` take one request a field; with `paragraph`, one a paragraph. Where they may not fit into the context, they have fewer
 * examples, and what is left limits the answer, down to as many tokens as its source may have: then the server has to tell.
 * @param contextTokens of request and answer together, where known
 * @throws UserError `regenerate.noAnswer` where a model made for translation is to answer; `regenerate.noTemplate`, and
 * `prompt.template` where a template names what there is not
 */
export function planOf(
  unit: PromptUnit,
  wish: PromptWish,
  style: PromptStyle,
  help: PromptHelp,
  contextTokens = Infinity,
): PromptPlan {
  const plan = wholePlan(unit, wish, style, help);
  const room = ({ messages }: Ask) =>
    messages.reduce((left, { content }) => left - mostTokens(content) - TURN_TOKENS, contextTokens);
  if (plan.asks.every(ask => ask.maxTokens <= room(ask))) return plan;
  if (help.examples.length > 0)
    return planOf(unit, wish, style, { ...help, examples: help.examples.slice(0, -1) }, contextTokens);
  const asks = plan.asks.map(ask => {
    const least = Math.ceil(ask.maxTokens / TOKEN_GROWTH);
    return { ...ask, maxTokens: Math.min(ask.maxTokens, Math.max(least, room(ask))) };
  });
  return { ...plan, asks };
}

function wholePlan(unit: PromptUnit, wish: PromptWish, style: PromptStyle, help: PromptHelp): PromptPlan {
  const isAnswer = wish.mode === 'answer';
  if (isAnswer && isTranslator(style)) throw new UserError('regenerate.noAnswer', style);
  if (style === 'custom') checkTemplate(help.template);
  const names = [...new Set(wish.fields)].filter(name => textOf(unit.source, name).trim() !== '');
  const isWritten = (name: string) => isAnswer && name === 'output' && hasInstruction(unit);
  const translated = names.filter(name => !isWritten(name));
  const kind = translated.length > 0 ? taskOf(unit.source, unit.sourceLang) : undefined;
  const rule = kind && taskRule(kind, languageNames(unit).to);
  const isJson = style === 'record' && wish.split === 'record';
  const parts = translated.flatMap(name => partsOf(name, textOf(unit.source, name), wish.split));
  const request: Request = { unit, advice: wish.advice, help, rule };
  const asks = !isJson
    ? parts.map(part => textAsk(request, part, style))
    : parts.length > 0
      ? [jsonAsk(recordMessages(request, parts.map(sentOf)), parts)]
      : [];
  if (translated.length < names.length) asks.push(answerAsk(request, isJson));
  const isUnheard = wish.advice.length > 0 && parts.length > 0 && !takesAdvice(style, help.template);
  return {
    asks,
    notes: [...(isUnheard ? [say('prompt.noAdvice')] : []), ...(kind ? [taskNote(kind)] : [])],
  };
}

/** Has the output written anew, which may be longer than that of the source. */
function answerAsk(request: Request, isJson: boolean): Ask {
  const output: AskPart = { name: 'output', paragraph: 0, before: '', source: '', masked: [] };
  const messages = answerMessages(request, isJson);
  const maxTokens = Math.max(MIN_ANSWER_TOKENS, allowed(textOf(request.unit.source, 'output')));
  return { ...(isJson ? jsonAsk(messages, [output]) : plainAsk(messages, output)), maxTokens };
}

function checkTemplate(template: PromptTemplate | undefined): asserts template {
  if (!template) throw new UserError('regenerate.noTemplate');
  const wrong = wrongBrace(template.system) ?? wrongBrace(template.user);
  if (wrong) throw new UserError('prompt.template', wrong);
}

const hasInstruction = ({ source, target }: PromptUnit) =>
  [source, target].some(fields => textOf(fields, 'instruction').trim() !== '');

/** A field as one part, or as its paragraphs. */
function partsOf(name: string, text: string, split: Split): AskPart[] {
  const pieces = split === 'paragraph' ? paragraphsOf(text) : [{ before: '', text }];
  return pieces.map(({ before, text: source }, paragraph) => {
    return { name, paragraph, before, source, masked: mask(source).masked };
  });
}

function sentOf({ name, source, masked }: AskPart): Sent {
  return { name, text: mask(source).text, marks: masked.length };
}

const allowed = (text: string) => TOKEN_GROWTH * mostTokens(text) + MORE_TOKENS;

function sizeOf(messages: readonly Message[], parts: readonly AskPart[]) {
  return {
    maxTokens: parts.reduce((sum, part) => sum + allowed(part.source), 0),
    minPromptTokens: messages.reduce((sum, { content }) => sum + leastTokens(content), 0),
  };
}

function jsonAsk(messages: readonly Message[], parts: readonly AskPart[]): Ask {
  const names = parts.map(({ name }) => name);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(names.map(name => [name, { type: 'string' }])),
    required: names,
    additionalProperties: false,
  };
  const { maxTokens, minPromptTokens } = sizeOf(messages, parts);
  return {
    messages,
    raw: false,
    schema,
    maxTokens: maxTokens + MEMBER_TOKENS * names.length,
    minPromptTokens,
    parts,
  };
}

function plainAsk(messages: readonly Message[], part: AskPart): Ask {
  return { messages, raw: false, ...sizeOf(messages, [part]), parts: [part] };
}

function textAsk(request: Request, part: AskPart, style: PromptStyle): Ask {
  const sent = sentOf(part);
  if (isTranslator(style)) {
    const { unit, help } = request;
    const {
      content,
      raw = false,
      ...more
    } = translatorRequest(style, unit, sent.text, help.takesTemplateArguments ?? true);
    return { ...plainAsk([{ role: 'user', content }], part), raw, ...more };
  }
  const { template } = request.help;
  if (style === 'custom' && template) return plainAsk(customMessages(request, sent, template), part);
  return plainAsk(fieldMessages(request, sent), part);
}

export type Reading =
  | {
      readonly ok: true;
      readonly texts: readonly { readonly part: AskPart; readonly text: string }[];
      readonly problems: readonly Said[];
    }
  /** The answer does not have the shape that was asked for: worth one more try, then field by field. */
  | { readonly ok: false; readonly problem: Said };

/** The texts of an answer, with what was masked back in its place. */
export function readAnswer(ask: Ask, answer: string): Reading {
  const members = ask.schema ? membersOf(answer) : undefined;
  if (ask.schema && !members) return { ok: false, problem: say('prompt.notJson') };
  const texts: { part: AskPart; text: string }[] = [];
  const problems: Said[] = [];
  for (const part of ask.parts) {
    const written = members ? members.get(part.name) : withoutFrame(answer, part.source);
    if (typeof written !== 'string') return { ok: false, problem: say('prompt.noMember', part.name) };
    const back = put(part, written);
    if (back.text.trim() === '') return { ok: false, problem: say('prompt.noText', part.name) };
    texts.push({ part, text: back.text });
    problems.push(...back.problems);
  }
  return { ok: true, texts, problems };
}

/** What an answer that is still being written gives so far, for the screen only. */
export function readPartial(ask: Ask, answer: string): readonly Field[] {
  const texts = ask.schema ? new Map(partialTexts(answer.replace(FENCE_OPEN, ''))) : undefined;
  return ask.parts.flatMap(part => {
    const text = (texts ? texts.get(part.name) : answer)?.trim() ?? '';
    return text === '' ? [] : [{ name: part.name, text: headOf(part) + unmask(text, part.masked).text }];
  });
}

/** A text with what was masked, and the blanks around it, which models leave out. */
function put(part: AskPart, written: string): { readonly text: string; readonly problems: readonly Said[] } {
  // What is written anew had nothing masked.
  if (part.source === '') return { text: written.trim(), problems: [] };
  const { text, lost, doubled, invented } = unmask(written.trim(), part.masked);
  if (text === '') return { text, problems: [] };
  const { source } = part;
  const tail = source.slice(source.trimEnd().length);
  const problem = (id: MessageId, some: readonly string[]) =>
    some.length === 0 ? [] : [say(id, part.name, listed(some))];
  const problems = [
    ...problem('prompt.lost', lost),
    ...problem('prompt.doubled', doubled),
    ...problem('prompt.invented', invented),
  ];
  return { text: headOf(part) + text + tail, problems };
}

const headOf = ({ source }: AskPart) => source.slice(0, source.length - source.trimStart().length);

/** Parts of a text as a sentence can hold them: each once and in short. */
function listed(some: readonly string[]): string {
  const each = [...new Set(some)].map(part => part.replace(/\s+/g, ' '));
  const short = each.map(part => (part.length > MAX_LISTED ? `${part.slice(0, MAX_LISTED)}…` : part));
  return short.join(', ');
}

/** The fields put together from the readings of all requests of a plan, in the order of the parts. */
export function joinTexts(texts: readonly { readonly part: AskPart; readonly text: string }[]): Field[] {
  const fields = new Map<string, string>();
  for (const { part, text } of texts)
    fields.set(part.name, (fields.get(part.name) ?? '') + part.before + text);
  return Array.from(fields, ([name, text]) => ({ name, text }));
}
