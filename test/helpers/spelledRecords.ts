/** Records spelled in odd ways, which know where the values of their fields stand: a naive model of writing into them. */
import fc, { type GeneratorValue } from 'fast-check';
import type { Side } from '../../src/core/record';

/** The value of a field in the text of a record. */
export interface Hole {
  /** Target language of its unit; of the source, none. */
  readonly lang: string | undefined;
  readonly side: Side;
  readonly name: string;
  readonly text: string;
  /** The value as it stands there; nothing where the member is missing. */
  readonly spelled: string;
  /** What goes before the value where the member is missing. */
  readonly missing: string;
}

/** How a record spells what is not ASCII. */
export type Style = 'raw' | 'lower' | 'upper';

export interface SpelledRecord {
  readonly style: Style;
  readonly hasId: boolean;
  readonly langs: readonly string[];
  readonly tokens: readonly (string | Hole)[];
}

export const STYLES: readonly Style[] = ['raw', 'lower', 'upper'];

export function holesOf(record: SpelledRecord): Hole[] {
  return record.tokens.filter(token => typeof token !== 'string');
}

/** The text of a record in which some fields have another text. */
export function textOf(
  record: SpelledRecord,
  change: (hole: Hole) => string | undefined = () => undefined,
): string {
  return record.tokens
    .map(token => {
      if (typeof token === 'string') return token;
      const text = change(token);
      return text === undefined ? token.spelled : token.missing + spelledAs(text, record.style);
    })
    .join('');
}

/** The value as it is expected: nothing escaped but what must be, or all that is not printable ASCII. */
export function spelledAs(text: string, style: Style): string {
  if (style === 'raw') return JSON.stringify(text);
  let json = '';
  for (const unit of JSON.stringify(text).split('')) {
    const code = unit.charCodeAt(0);
    const digits = code.toString(16).padStart(4, '0');
    json += code < 0x7f ? unit : `\\u${style === 'upper' ? digits.toUpperCase() : digits}`;
  }
  return json;
}

type Member = readonly (string | Hole)[];

/**
 * @param id none: the record is named by its source
 * @param seen makes the source of a record its own
 * @param breaks whether line ends may stand between members
 */
export function spelledRecord(
  g: GeneratorValue,
  { id, seen, breaks }: { id: string | undefined; seen: string; breaks: boolean },
): SpelledRecord {
  const pick = <T>(...values: readonly T[]): T => g(fc.constantFrom<T[]>, ...values);
  const style = pick(...STYLES);
  const comma = pick(',', ', ', '\t,  ', ...(breaks ? [',\n  ', '\r\n,'] : []));
  const colon = pick(':', ': ', ' : ');
  const open = pick('{', '{ ', ...(breaks ? ['{\n  '] : []));

  /** A string with escapes where none need be. */
  const spell = (text: string): string => {
    const plain = spelledAs(text, style).slice(1, -1);
    const at = g(fc.nat, { max: 30 });
    const unit = plain[at] ?? '';
    // Only a character that no escape is a part of.
    const isFree = /[a-z]/i.test(unit) && !plain.slice(0, at).includes('\\');
    const escaped = `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    const more = isFree ? plain.slice(0, at) + escaped + plain.slice(at + 1) : plain;
    return `"${pick(more, plain)}"`;
  };
  const named = (name: string, ...value: Member): Member => [`${spell(name)}${colon}`, ...value];
  const object = (members: readonly Member[]): Member => [
    open,
    ...members.flatMap((member, index) => (index === 0 ? member : [comma, ...member])),
    pick('}', ' }'),
  ];

  const side = (which: Side, lang: string | undefined, member: (name: string) => string): Member[] => {
    const hole = (name: string, text: string, spelled: string, missing = ''): Hole => {
      return { lang, side: which, name, text, spelled, missing };
    };
    const filled = (name: string, text: string) => named(member(name), hole(name, text, spell(text), ''));
    const said = which === 'source' ? `Say “é” ${seen}.` : `Sag „é“ ${seen}.`;
    const instruction = filled('instruction', said);
    const kind = pick('text', 'empty', 'null', 'missing');
    const missing = `${comma}${JSON.stringify(member('input'))}${colon}`;
    const input = {
      text: [filled('input', 'ä/b')],
      empty: [filled('input', '')],
      null: [named(member('input'), hole('input', '', 'null'))],
      // In its place behind the instruction, whatever follows.
      missing: [],
    }[kind];
    const start = kind === 'missing' ? [...instruction, hole('input', '', '', missing)] : instruction;
    const decoy = pick([], [named(member('output'), '"decoy"')]);
    const rest = [...input, ...decoy, filled('output', 'ü😀\n')];
    return pick(true, false) ? [start, ...rest] : [...rest, start];
  };

  const extras: Member[] = [
    named('big', '12345678901234567890'),
    named('one', '1.0'),
    named('list', '[ {"a":"]}"}, -0, 1E+2 ]'),
    ['"__proto__"', colon, '{"polluted":true}'],
    named('word', spell('café A')),
  ];
  const others = extras.filter(() => pick(true, false, false));
  const name = id === undefined ? [] : [named('id', spell(id))];
  const languages = [named('source_lang', '"en"'), named('target_lang', '"de"')];
  const plain = (part: string) => part;
  const shape = pick('nested', 'prefixed', 'suffixed', 'plain', 'twins', 'two');
  const members: Record<typeof shape, () => Member[]> = {
    nested: () => [
      named('source', ...object(side('source', undefined, plain))),
      ...languages,
      named('target', ...object(side('target', 'de', plain))),
    ],
    prefixed: () => [
      ...side('source', undefined, part => `en_${part}`),
      ...side('target', 'de', part => `de_${part}`),
    ],
    suffixed: () => [
      ...side('target', 'de', part => `${part}_de`),
      ...side('source', undefined, part => `${part}_en`),
    ],
    plain: () => [...side('source', undefined, plain), ...side('target', 'de', part => `${part}_de`)],
    twins: () => [
      ...side('source', undefined, plain),
      ...languages,
      ...side('target', 'de', part => `translated_${part}`),
    ],
    two: () => [
      ...side('source', undefined, part => `en_${part}`),
      ...side('target', 'de', part => `de_${part}`),
      ...side('target', 'zh', part => `zh_${part}`),
    ],
  };
  const tokens = object([...pick(others, []), ...name, ...members[shape](), ...pick([], others)]);
  return { style, hasId: id !== undefined, langs: shape === 'two' ? ['de', 'zh'] : ['de'], tokens };
}
