/** What assistants say, and prompts leave behind, that no demonstration should teach. */
import type { Check, CheckedUnit, FieldPair, Fix, Hit } from '../check';
import { baseLanguage } from '../languageText';
import { say } from '../messages';
import type { Lang } from '../record';
import { ASSISTANT_WORDS, type AssistantWords } from './assistantWords';

type Patterns = Readonly<Record<keyof AssistantWords, RegExp>>;

/** By language of the text. */
const patternsByLanguage = new Map<Lang, Patterns>();

function patternsFor(lang: Lang): Patterns {
  const base = baseLanguage(lang);
  let patterns = patternsByLanguage.get(base);
  if (!patterns) {
    // An own member only: a tag such as `constructor` is no language.
    const own = Object.hasOwn(ASSISTANT_WORDS, base) ? ASSISTANT_WORDS[base] : undefined;
    patterns = compile(own);
    // All languages without words of their own share what English has.
    patternsByLanguage.set(base, patterns);
    if (patternsByLanguage.size > MAX_LANGUAGES) patternsByLanguage.clear();
  }
  return patterns;
}

/** A shard can name any number of languages. */
const MAX_LANGUAGES = 100;

function compile(own: AssistantWords | undefined): Patterns {
  const english = ASSISTANT_WORDS['en'];
  const any = (name: Exclude<keyof AssistantWords, 'hint'>) =>
    [...(own?.[name] ?? []), ...(own === english ? [] : (english?.[name] ?? []))].join('|');
  const note = `(?:${any('note')})(?![\\p{L}\\p{N}])(?:[^:：\\n]{0,30}[:：]| (?:that|the|this)\\b)`;
  return {
    hint: new RegExp([own?.hint, english?.hint].filter(Boolean).join('|')),
    self: new RegExp(any('self'), 'iu'),
    refusal: new RegExp(any('refusal'), 'iu'),
    phrase: new RegExp(any('phrase'), 'iu'),
    about: new RegExp(any('about'), 'iu'),
    prompt: new RegExp(any('prompt'), 'iu'),
    note: new RegExp(`^[ \\t>*_]{0,8}${note}`, 'imu'),
    label: new RegExp(`^[ \\t>*_]{0,8}(?:${any('label')})[*_]{0,2} ?[:：]`, 'imu'),
  };
}

/** What a source says of which its translation may well say this. The patterns of its own language count, too. */
const SOURCE_SAYS: Partial<Record<keyof AssistantWords, RegExp>> = {
  self: /\b(?:AI|A\.I\.|artificial intelligence|language model|GPT|ChatGPT|chatbot|robots?|models?|(?:virtual|digital) assistant)\b/i,
  refusal:
    /\b(?:sorry|apolog|regret|unfortunate|afraid|cannot|can['’]?t\b|can not|unable|not able|won['’]t|could ?n['’o]|impossible|no longer|excuse|pardon|forgive|alas|sadly|too bad|a pity|a shame|wish|hate to|condolence|disappoint)/i,
  phrase:
    /transl|\bversion|\blanguage|\b(?:sure|certainly|of course|absolutely|ok|okay|no problem|gladly|naturally|with pleasure)\b|\b(?:german|italian|spanish|french|chinese|arabic|russian|japanese|portuguese|english)\b/i,
  note: /\b(?:notes?|n\.?b|transl\w*|remark|caution|hints?|tips?|clues?|notice|remind\w*|disclaimer|comments?|observ\w*|p\.?s|warning|attention|important|careful|caveat|beware|remember|annotation|footnote|reference|grades?|marks?|scores?|gpa|ratings?)\b/i,
  about: /transl|\blanguage|\boriginal|\binterpret/i,
  label:
    /transl|\bversion|\b(?:german|italian|spanish|french|chinese|arabic|russian|japanese|portuguese|english)\b/i,
  prompt: /transl|instruction/i,
};

/** The fields that are worth a closer look: most are not. */
function hints({ input, pairs }: CheckedUnit) {
  const { hint } = patternsFor(input.targetLang);
  return {
    hinted: new Set(pairs.filter(({ target }) => hint.test(target.toLowerCase()))),
    // A note may do without: “Note that …”.
    colon: new Set(pairs.filter(({ target }) => /[:：]|\b[Nn]ote\b/.test(target))),
  };
}

/** Where a target says what its source does not. */
function found(unit: CheckedUnit, pair: FieldPair, kind: keyof AssistantWords): RegExpExecArray | undefined {
  const { colon, hinted } = unit.once(hints);
  if (!(kind === 'note' || kind === 'label' ? colon : hinted).has(pair)) return undefined;
  const match = patternsFor(unit.input.targetLang)[kind].exec(pair.target);
  return match && !sourceSays(unit, pair, kind) ? match : undefined;
}

function sourceSays(unit: CheckedUnit, { source }: FieldPair, kind: keyof AssistantWords): boolean {
  return SOURCE_SAYS[kind]?.test(source) === true || patternsFor(unit.input.sourceLang)[kind].test(source);
}

const endOf = (match: RegExpExecArray) => match.index + match[0].length;

/** What announces a translation and ends in a colon is all there is to remove, as long as something follows. */
const REST_OF_PHRASE = /^[^\n:：]{0,60}[:：][*_]{0,2}\s*(?=\S)/;
/** What may stand before it: “Sure!” */
const BEFORE_PHRASE = /^[*_\s]{0,4}(?:[\p{L} ]{0,20}[!,.，！。] ?)?$/u;

const REFUSAL: Check = {
  id: 'refusal',
  title: 'check.refusal',
  severity: 'warning',
  needs: ['source'],
  run: unit =>
    unit.pairs.flatMap((pair): Hit[] => {
      const hit = (match: RegExpExecArray, message: Hit['message']): Hit[] => [
        { field: pair.name, start: match.index, end: endOf(match), message },
      ];
      const self = found(unit, pair, 'self');
      if (self) return hit(self, say('assistant.self', self[0]));
      const refusal = found(unit, pair, 'refusal');
      if (refusal) return hit(refusal, say('assistant.refusal', refusal[0]));
      const phrase = found(unit, pair, 'phrase');
      if (!phrase) return [];
      if (isSaidElsewhere(unit, pair, phrase)) return [];
      const from = endOf(phrase) - (/[:：]$/.test(phrase[0]) ? 1 : 0);
      const rest = REST_OF_PHRASE.exec(pair.target.slice(from, from + MAX_LEAD));
      const isLead = rest && from <= MAX_LEAD && BEFORE_PHRASE.test(pair.target.slice(0, phrase.index));
      const fix = isLead && { fix: { start: 0, end: from + rest[0].length, text: '' } };
      return hit(phrase, say('assistant.phrase', phrase[0])).map(each => ({ ...each, ...fix }));
    }),
};

/** A longer line says more than that a translation comes. */
const MAX_LEAD = 60;

/** Labels, notes and prompts are reported as what they are. */
function isSaidElsewhere(unit: CheckedUnit, pair: FieldPair, { index }: RegExpExecArray): boolean {
  if (index === 0 && found(unit, pair, 'label')?.index === 0) return true;
  const holds = (match: RegExpExecArray | undefined) =>
    match !== undefined && match.index <= index && index < endOf(match);
  return holds(bracketedNote(unit, pair)) || holds(found(unit, pair, 'prompt'));
}

/** A remark in brackets, on one line. What is in it holds no bracket, so the scan is linear. */
const BRACKETED = /[([（【［]([^()[\]（）【】［］\n]{2,500})[)\]）】］]/g;

/** @returns where a text can be cut without leaving a hole: at an end, or a whole line; undefined elsewhere */
function cut(text: string, start: number, end: number): Fix | undefined {
  const [before, after] = [text.slice(0, start), text.slice(end)];
  const head = before.trimEnd();
  const tail = after.trimStart();
  if (head === '' && tail === '') return undefined;
  if (tail === '') return { start: head.length, end: text.length, text: '' };
  if (head === '') return { start: 0, end: text.length - tail.length, text: '' };
  const isLine =
    /\n[ \t]*$/.test(before.slice(-MAX_INDENT)) && /^[ \t]*\r?\n/.test(after.slice(0, MAX_INDENT));
  return isLine ? { start: head.length, end: text.length - tail.length, text: '\n\n' } : undefined;
}

const MAX_INDENT = 40;

const TRANSLATOR_NOTE: Check = {
  id: 'translator-note',
  title: 'check.translator-note',
  severity: 'warning',
  needs: ['source'],
  run: unit =>
    unit.pairs.flatMap((pair): Hit[] => {
      const { name: field, target } = pair;
      const hit = (start: number, end: number, message: Hit['message'], fix: Fix | undefined): Hit[] => [
        { field, start, end, message, ...(fix && { fix }) },
      ];
      const bracketed = bracketedNote(unit, pair);
      if (bracketed) {
        const end = endOf(bracketed);
        const fix = cut(target, bracketed.index, end);
        return hit(bracketed.index, end, say('assistant.note', bracketed[0]), fix);
      }
      const note = found(unit, pair, 'note');
      if (note) {
        const start = note.index + note[0].search(/[^ \t>]/);
        const end = lineEnd(target, start);
        // What begins a text may be all of it.
        const isLast = target.slice(end).trim() === '' && target.slice(0, start).trim() !== '';
        const fix = isLast ? cut(target, start, end) : undefined;
        return hit(start, end, say('assistant.note', target.slice(start, end)), fix);
      }
      const label = found(unit, pair, 'label');
      if (!label) return [];
      const isFirst = target.slice(0, label.index).trim() === '';
      const fix = isFirst ? cut(target, label.index, endOf(label)) : undefined;
      return hit(label.index, endOf(label), say('assistant.label', label[0].trim()), fix);
    }),
};

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : text.slice(from, end).trimEnd().length + from;
}

function bracketedNote(unit: CheckedUnit, pair: FieldPair): RegExpExecArray | undefined {
  if (!/[([（【［]/.test(pair.target)) return undefined;
  const { note, about } = patternsFor(unit.input.targetLang);
  for (const match of pair.target.matchAll(BRACKETED)) {
    const inside = match[1]?.trim() ?? '';
    if (note.test(inside) && !sourceSays(unit, pair, 'note')) return match;
    if (about.test(inside) && !unit.pairs.some(each => sourceSays(unit, each, 'about'))) return match;
  }
  return undefined;
}

/** What marks turns and ends for a model: of no language, and never part of an answer. */
const CHAT_TOKEN =
  /<\|[a-z_]{2,30}\|>|<｜[^｜\n]{2,30}｜>|\[\/?INST\]|<<\/?SYS>>|<\/?s>|<(?:start|end)_of_turn>|<(?:bos|eos)>/g;
/** Headings of Alpaca’s prompt, as they are and as they are translated. */
const HEADING =
  /^[ \t]*#{2,3} ?(?:Response|Instruction|Input|Output|Antwort|Anweisung|Eingabe|Ausgabe|Risposta|Istruzioni?|Respuesta|Instrucci(?:ón|ones)|Entrada|Salida|Réponse|Instructions?|Resposta|Instruç(?:ão|ões)|Ответ|Инструкция|回复|回應|回应|回答|响应|指令|输入|输出|指示|応答|入力|出力|الاستجابة|الرد|التعليمات)[ \t]*[:：]?[ \t]*$/im;
/** Turns of a conversation. */
const TURN = /^[ \t]*(?:Human|Assistant|User|ChatGPT|AI|System|Mensch|Assistent|Assistente|Asistente|Usuario|Utente|用户|用戶|助手|助理|人类|ユーザー|アシスタント|المستخدم|المساعد)[ \t]?[:：]/m; // prettier-ignore
/** Labels of turns in the source, in whatever words. */
const SOURCE_TURN = /^[ \t]*[\p{L} ]{1,24}[:：]/mu;
/** A field that is full of them is one defect, not hundreds. */
const MAX_TOKENS = 10;

const PROMPT_RESIDUE: Check = {
  id: 'prompt-residue',
  title: 'check.prompt-residue',
  severity: 'warning',
  needs: ['source'],
  run: unit => unit.pairs.flatMap(pair => [...chatTokens(pair), ...promptParts(unit, pair)]),
};

function chatTokens({ name: field, source, target }: FieldPair): Hit[] {
  const hits: Hit[] = [];
  if (!/[<[]/.test(target)) return hits;
  for (const match of target.matchAll(CHAT_TOKEN)) {
    const [token] = match;
    // The opening one in the source explains a closing one in the target.
    if (source.includes(token) || source.includes(token.replace('/', ''))) continue;
    const [start, end] = [match.index, endOf(match)];
    const fix = cut(target, start, end) ?? { start, end, text: '' };
    hits.push({ field, start, end, severity: 'error', message: say('assistant.token', token), fix });
    if (hits.length === MAX_TOKENS) break;
  }
  return hits;
}

function promptParts(unit: CheckedUnit, pair: FieldPair): Hit[] {
  const { name: field, source, target } = pair;
  const heading = source.includes('##') || !target.includes('##') ? null : HEADING.exec(target);
  const turn = heading ?? (/[:：]/.test(target) && !SOURCE_TURN.test(source) ? TURN.exec(target) : null);
  if (turn) {
    const start = turn.index + turn[0].search(/\S/);
    const end = turn.index + turn[0].trimEnd().length;
    const isFirst = target.slice(0, start).trim() === '';
    const fix = isFirst ? cut(target, start, end) : undefined;
    const message = say('assistant.marker', target.slice(start, end));
    return [{ field, start, end, message, ...(fix && { fix }) }];
  }
  const prompt = found(unit, pair, 'prompt');
  if (!prompt) return [];
  return [{ field, start: prompt.index, end: endOf(prompt), message: say('assistant.prompt', prompt[0]) }];
}

export const ASSISTANT_CHECKS: readonly Check[] = [REFUSAL, TRANSLATOR_NOTE, PROMPT_RESIDUE];
