/** What a team settled: the words of the glossary, the register, the variant of Chinese. */
import type { Check, CheckedUnit, FieldPair, Fix, Hit, Term } from '../check';
import { baseLanguage } from '../languageText';
import { listed, quoted, say } from '../messages';
import {
  englishForms,
  exactForms,
  FoldedWords,
  indexOf,
  inflectedForms,
  readTokens,
  type Forms,
  type GlossaryIndex,
  type Match,
  type MustTerm,
} from './glossaryIndex';
import { REGISTER } from './register';
import { VARIANT } from './variant';

const GLOSSARY: Check = {
  id: 'glossary',
  title: 'check.glossary',
  severity: 'warning',
  needs: ['terms'],
  run: unit => {
    const { terms } = unit.input.settings ?? { terms: [] };
    const index = indexOf(terms);
    return unit.pairs.flatMap(pair => (pair.target.trim() === '' ? [] : glossaryHits(unit, pair, index)));
  },
};

/** UTF-16 units; of a longer field only the beginning is looked at, for what is forbidden, so that the page never waits; data has none. */
const MAX_LENGTH = 100_000;
/** A field that is full of a forbidden word is one defect, not thousands. */
const MAX_FORBIDDEN = 20;
/** Translations, each looked for among all words of the field. A text that needs more is a word list, such as the glossary itself. */
const MAX_NEEDED = 500;

function glossaryHits(unit: CheckedUnit, pair: FieldPair, index: GlossaryIndex): Hit[] {
  const { name: field, source, target } = pair;
  const forms = baseLanguage(unit.input.sourceLang) === 'en' ? englishForms : exactForms;
  // Text that was not translated is another matter, and code has no words.
  const isShort = Math.max(source.length, target.length) <= MAX_LENGTH;
  const isProse = isShort && source !== target && !pair.isCode;
  const needed = isProse ? neededTerms(pair, index, forms) : [];
  if (needed.length === 0 && index.forbiddenBySource.size === 0) return [];
  const tokens = readTokens(target.slice(0, MAX_LENGTH));
  const bad = longest(index.forbidden.find(target, tokens, inflectedForms)).slice(0, MAX_FORBIDDEN);
  const hits = bad.map((match): Hit => {
    const { start, end, value } = match;
    const fix = fixOf(pair, match, needed, index);
    const instead = index.mustBySource.get(value.source.toLowerCase())?.targets;
    const found = target.slice(start, end);
    const message = instead
      ? say('terms.forbiddenFor', found, listed(instead.map(quoted)))
      : say('terms.forbidden', found);
    return { field, start, end, message, ...(fix && { fix }) };
  });
  const replaced = new Set(bad.map(({ value }) => value.source.toLowerCase()));
  const distinct = [...new Set(needed.map(({ value }) => value))];
  const count = distinct.flatMap(({ targets }) => targets).length;
  if (count === 0 || count > MAX_NEEDED) return hits;
  const words = new FoldedWords(tokens);
  for (const { source, targets } of distinct) {
    if (replaced.has(source.toLowerCase()) || targets.some(term => words.hasAnyForm(term))) continue;
    const message = say('terms.missing', source, listed(targets.map(quoted)));
    hits.push({ field, ...leftAsItWas(target, source), message });
  }
  return hits;
}

/** What the source has of the terms that must be translated; in a name, such as “Fast Company”, it is none. */
function neededTerms(pair: FieldPair, index: GlossaryIndex, forms: Forms): Match<MustTerm>[] {
  const text = pair.sourceProse;
  const tokens = readTokens(text);
  const isRaised = (at: number) => {
    const token = tokens[at];
    return token !== undefined && isCapital(text.charAt(token.start));
  };
  const isBeside = (a: number, b: number) => text.slice(tokens[a]?.end, tokens[b]?.start) === ' ';
  return longest(index.must.find(text, tokens, forms)).filter(({ value, from, to }) => {
    if (isCapital(value.source.charAt(0)) || !isRaised(from)) return true;
    const isName = (isRaised(from - 1) && isBeside(from - 1, from)) || (isRaised(to) && isBeside(to - 1, to));
    return !isName;
  });
}

const isCapital = (letter: string) => letter !== letter.toLowerCase();

/** Without the matches that lie within a longer one: “network” in “neural network” goes by what holds for the whole. */
function longest<T>(matches: readonly Match<T>[]): Match<T>[] {
  const sorted = [...matches].sort((a, b) => a.from - b.from || b.to - a.to);
  let [from, to] = [-1, -1];
  return sorted.filter(match => {
    if (match.to <= to && !(match.from === from && match.to === to)) return false;
    [from, to] = [match.from, match.to];
    return true;
  });
}

/** The source term itself where it stands in the target, else the end. */
function leftAsItWas(target: string, source: string): { readonly start: number; readonly end: number } {
  const start = target.indexOf(source);
  return start < 0 ? { start: target.length, end: target.length } : { start, end: start + source.length };
}

/** UTF-16 units beside a word in which a term with it may lie. */
const NEIGHBOURS = 200;

/** The right word in place of a forbidden one, where there is one only, and both stand there as the glossary has them. */
function fixOf(
  { target }: FieldPair,
  { start, end, value }: Match<Term>,
  needed: readonly Match<MustTerm>[],
  index: GlossaryIndex,
): Fix | undefined {
  const source = value.source.toLowerCase();
  const [right, ...others] = index.mustBySource.get(source)?.targets ?? [];
  if (right === undefined || others.length > 0) return undefined;
  if (!needed.some(match => match.value.source.toLowerCase() === source)) return undefined;
  const found = target.slice(start, end);
  if (found.toLowerCase() !== value.target.toLowerCase()) return undefined;
  const isRaised = isCapital(found.charAt(0)) && !isCapital(value.target.charAt(0));
  const text = isRaised ? right.charAt(0).toUpperCase() + right.slice(1) : right;
  // The right word may hold a forbidden one, or make one with its neighbours.
  const before = target.slice(Math.max(0, start - NEIGHBOURS), start);
  const mended = before + text + target.slice(end, end + NEIGHBOURS);
  const isBad = index.forbidden
    .find(mended, readTokens(mended), inflectedForms)
    .some(match => match.start < before.length + text.length && match.end > before.length);
  return isBad ? undefined : { start, end, text };
}

export const TERM_CHECKS: readonly Check[] = [GLOSSARY, REGISTER, VARIANT];
