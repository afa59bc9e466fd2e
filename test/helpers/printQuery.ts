/**
 * Queries as text, by the grammar as it is documented and not by the parser's own patterns: what is printed here and read
 * there must come back the same.
 */
import type { Query } from '../../src/core/filter';
import type { MemberPath, MemberValue, Part } from '../../src/core/filterText';

/** The query in its plainest spelling; quotes only where they are needed, or might be. */
export function printQuery({ where, sort, sample }: Omit<Query, 'text'>): string {
  const order =
    sort && `sort:${sort.descending ? '-' : ''}${sort.path ? printPath(sort.path, 'line') : 'line'}`;
  const draw = sample && `sample:${sample.count}${sample.seed === '0' ? '' : `/${sample.seed}`}`;
  return [where.type === 'all' ? 'all' : printPart(where), order, draw].filter(Boolean).join(' ');
}

function printPart(part: Part): string {
  switch (part.type) {
    case 'or':
      return part.parts.map(printPart).join(' OR ');
    case 'and':
      return part.parts
        .map(each => (each.type === 'or' ? `(${printPart(each)})` : printPart(each)))
        .join(' ');
    case 'not':
      return part.part.type === 'and' || part.part.type === 'or'
        ? `-(${printPart(part.part)})`
        : `-${printPart(part.part)}`;
    case 'text':
      return part.scope === 'either'
        ? printName(part.text, WORD, 'all')
        : `${part.scope}:${printValue(part.text)}`;
    case 'state':
      return `state:${part.states.join(',')}`;
    case 'finding':
      return `finding:${part.what}`;
    case 'by':
      return `by:${printValue(part.reviewer)}`;
    case 'assigned':
      return `assigned:${printValue(part.reviewer)}`;
    case 'reason':
      return `reason:${printValue(part.reason)}`;
    case 'lang':
      return `lang:${printValue(part.tag)}`;
    case 'key':
      return `key:${printValue(part.key)}`;
    case 'line':
      return part.from === part.to ? `line:${part.from}` : `line:${part.from}-${part.to}`;
    case 'is':
      return `is:${part.what}`;
    case 'has':
      return `has:${printPath(part.path)}`;
    case 'member':
      return `${printPath(part.path)} ${part.operator} ${printMemberValue(part.value)}`;
  }
}

/** Without what the language gives a meaning; a name of a path without dots besides. */
const WORD = /^(?:[^\s()":=<>~!]|!(?!=))+$/;
const NAME = /^(?:[^\s()":=<>~!.]|!(?!=))+$/;
const VALUE = /^[^\s()"=<>~!:][^\s()"]*$/;
const JOINS = ['AND', 'OR', 'NOT'];

/** A string that would be read as something else goes in quotes. */
function printMemberValue(value: MemberValue): string {
  if (typeof value !== 'string') return String(value);
  const looksOther = /^(?:true|false|null)$|^-?\d/.test(value);
  return looksOther ? quote(value) : printValue(value);
}

/** @param taken a word that means something else where the name stands */
function printName(name: string, bare: RegExp, taken?: string): string {
  const isBare = bare.test(name) && !name.startsWith('-') && name !== taken && !JOINS.includes(name);
  return isBare ? name : quote(name);
}

function printValue(text: string): string {
  return VALUE.test(text) && !JOINS.includes(text) ? text : quote(text);
}

function printPath(path: MemberPath, taken?: string): string {
  return path.map(name => printName(name, NAME, taken)).join('.');
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
