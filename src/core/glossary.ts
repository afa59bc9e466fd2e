/** The terms that a team settled, `.crossalpaca/glossary.csv`: from the rows of the table to what holds for a language. */
import type { Term } from './check';
import { say, type MessageId, type Said } from './messages';
import { languageRange, rangeFit } from './policy';
import type { Lang } from './record';

/** A term, and for which languages it holds. */
export interface GlossaryTerm extends Term {
  /** BCP-47 range, `*` for all. */
  readonly lang: string;
}

export type Glossary = readonly GlossaryTerm[];

/** A row of the table as it stands in the file, the row of names among them. */
export interface GlossaryRow {
  /** From 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** `line`: from 1, where the mistake is. */
export type GlossaryResult =
  | { readonly ok: true; readonly glossary: Glossary }
  | { readonly ok: false; readonly reason: Said; readonly line: number };

/** `note` is for people. Only the first two have to be there. */
const COLUMNS = ['source', 'target', 'lang', 'rule', 'note'] as const;
type Column = (typeof COLUMNS)[number];
const RULES = ['must', 'forbidden'] as const;
/** UTF-16 units; longer ones are no terms but sentences, most likely of a table that is something else. */
const MAX_TERM = 200;
const MAX_SHOWN = 60;

/**
 * Reads the rows of a glossary. What cannot be meant as it stands is an error, since a mistyped rule must not be silently off.
 * @param rows blank ones are not minded; the first of the others names the columns, in any order
 */
export function readGlossaryRows(rows: readonly GlossaryRow[]): GlossaryResult {
  const [head, ...body] = rows.filter(({ cells }) => cells.some(cell => cell.trim() !== ''));
  // An empty file is a glossary that nobody has begun.
  if (!head) return { ok: true, glossary: [] };
  let line = head.line;
  try {
    const columns = columnsOf(head.cells);
    const terms = new Map<string, GlossaryTerm>();
    for (const row of body) {
      ({ line } = row);
      const term = termOf(row.cells, columns);
      const id = (rule: Term['rule']) => JSON.stringify([rule, term.source, term.target, term.lang]);
      const other = term.rule === 'must' ? 'forbidden' : 'must';
      if (terms.has(id(other))) throw new Mistake('glossary.both', term.target);
      terms.set(id(term.rule), term);
    }
    return { ok: true, glossary: [...terms.values()] };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { ok: false, reason: error.said, line };
  }
}

/** Why a row is no term. Never leaves `readGlossaryRows`. */
class Mistake extends Error {
  readonly said: Said;

  constructor(id: MessageId, ...args: (string | number)[]) {
    super(id);
    this.said = say(id, ...args);
  }
}

function columnsOf(names: readonly string[]): Column[] {
  const columns = names.map(name => {
    const column = COLUMNS.find(each => each === name.trim().toLowerCase());
    if (!column) throw new Mistake('glossary.column', name.slice(0, MAX_SHOWN), COLUMNS.join(', '));
    return column;
  });
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice) throw new Mistake('glossary.columnTwice', twice);
  for (const needed of ['source', 'target'] as const)
    if (!columns.includes(needed)) throw new Mistake('glossary.noColumn', needed);
  return columns;
}

function termOf(cells: readonly string[], columns: readonly Column[]): GlossaryTerm {
  // A comma too many puts all that follows it into the wrong column.
  if (cells.length !== columns.length) throw new Mistake('glossary.cells', cells.length, columns.length);
  const cell = (name: Column) => {
    const text = (cells[columns.indexOf(name)] ?? '').normalize('NFC').trim().replace(/\s+/g, ' ');
    if (text.length > MAX_TERM && name !== 'note') throw new Mistake('glossary.long', name, MAX_TERM);
    return text;
  };
  const rule = RULES.find(each => each === (cell('rule').toLowerCase() || 'must'));
  if (!rule) throw new Mistake('glossary.rule', cell('rule').slice(0, MAX_SHOWN));
  const lang = languageRange(cell('lang') || '*');
  if (lang === undefined) throw new Mistake('glossary.lang', cell('lang').slice(0, MAX_SHOWN));
  const [source, target] = [cell('source'), cell('target')];
  // What is forbidden whatever the source says needs no source.
  if (rule === 'must' && source === '') throw new Mistake('glossary.empty', 'source');
  if (target === '') throw new Mistake('glossary.empty', 'target');
  return { source, target, rule, lang };
}

/** Asked for each unit of a shard; the same list each time, which checks build an index of. */
const known = new WeakMap<Glossary, Map<Lang, readonly Term[]>>();
/** A shard can name any number of languages. */
const MAX_KNOWN = 100;

/**
 * The terms that hold for a language. What must be said for a term goes by the ranges that fit the language best, so `de-CH`
 * may differ from `de`; what is forbidden in any range that fits is forbidden.
 * @param lang of the target side
 */
export function termsFor(glossary: Glossary, lang: Lang): readonly Term[] {
  let languages = known.get(glossary);
  if (!languages) known.set(glossary, (languages = new Map<Lang, readonly Term[]>()));
  let terms = languages.get(lang);
  if (!terms) {
    const fits = glossary.filter(term => rangeFit(term.lang, lang) >= 0);
    const best = new Map<string, number>();
    for (const { rule, source, lang: range } of fits)
      if (rule === 'must')
        best.set(source.toLowerCase(), Math.max(best.get(source.toLowerCase()) ?? 0, rangeFit(range, lang)));
    terms = fits.filter(
      ({ rule, source, lang: range }) =>
        rule === 'forbidden' || rangeFit(range, lang) === best.get(source.toLowerCase()),
    );
    if (languages.size >= MAX_KNOWN) languages.clear();
    languages.set(lang, terms);
  }
  return terms;
}
