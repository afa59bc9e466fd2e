/**
 * YAML 1.2 as settings are written: maps, lists, texts, numbers, and nothing that stands for something else. All mistakes of
 * a file are found at once, each with its line.
 */
import { Composer, isAlias, isMap, isScalar, isSeq, LineCounter, Parser, type CST, type Node } from 'yaml';
import { say, type Argument, type MessageId, type Said } from './messages';

export interface Mistake {
  /** From 1. */
  readonly line: number;
  readonly reason: Said;
}

/** A value of a file and where it stands. */
export interface Place {
  readonly value: string | number | boolean | null | readonly Place[] | ReadonlyMap<string, Member>;
  readonly line: number;
}
interface Member {
  readonly key: Place;
  readonly value: Place;
}

/**
 * Reads a value.
 * @param name as a person would say where it stands: `shards 2, path`
 * @returns null where it is a mistake, which was told
 */
export type Reader<T> = (place: Place, name: string) => T | null;

/** UTF-16 units of a file: what people write by hand. */
const MAX_TEXT = 1 << 20;
/** Composing nodes calls itself for each level. */
const MAX_DEPTH = 10;
const MAX_MISTAKES = 100;
/** Of one list. */
const MAX_VALUES = 1000;
/** UTF-16 units of a wrong value that are repeated to its author. */
const MAX_SHOWN = 60;

export class StrictYaml {
  readonly #mistakes: Mistake[] = [];
  readonly #lines = new LineCounter();
  /** Null where the text is no YAML that is read here. */
  readonly root: Place | null;

  /** @param text also JSON, which is YAML; a byte order mark before it is not minded */
  constructor(text: string) {
    this.root = this.#parse(text);
  }

  /** In the order of their lines. */
  get mistakes(): readonly Mistake[] {
    return this.#mistakes.toSorted((a, b) => a.line - b.line).slice(0, MAX_MISTAKES);
  }

  /** How many mistakes there are so far. */
  get told(): number {
    return this.#mistakes.length;
  }

  /** Notes a mistake. @returns what a reader returns for one */
  tell({ line }: Pick<Place, 'line'>, id: MessageId, ...args: Argument[]): null {
    this.#mistakes.push({ line, reason: say(id, ...args) });
    return null;
  }

  #parse(text: string): Place | null {
    if (text.length > MAX_TEXT) return this.tell({ line: 1 }, 'recipe.tooLarge', MAX_TEXT, text.length);
    const tokens = [...new Parser(this.#lines.addNewLine).parse(text)];
    const deep = tooDeep(tokens);
    if (deep !== undefined) return this.tell({ line: this.#lineAt(deep) }, 'recipe.tooDeep', MAX_DEPTH);
    const options = { version: '1.2', schema: 'core', uniqueKeys: true } as const;
    const [document, second] = [...new Composer(options).compose(tokens)];
    if (!document) return { value: null, line: 1 };
    for (const { pos, message } of [...document.errors, ...document.warnings])
      this.tell({ line: this.#lineAt(pos[0]) }, 'recipe.notYaml', message);
    if (second) this.tell({ line: this.#lineAt(second.range[0]) }, 'recipe.secondDocument');
    if (this.#mistakes.length > 0) return null;
    return this.#placeOf(document.contents, 1);
  }

  #lineAt(offset: number): number {
    return Math.max(1, this.#lines.linePos(offset).line);
  }

  #placeOf(node: Node | null, otherwise: number): Place {
    const line = node?.range ? this.#lineAt(node.range[0]) : otherwise;
    const none = { value: null, line };
    if (!node) return none;
    if (isAlias(node) || node.anchor !== undefined) {
      this.tell(none, 'recipe.alias');
      return none;
    }
    if (node.tag !== undefined && !isPlainTag(node)) this.tell(none, 'recipe.tag', node.tag);
    if (isSeq<Node | null>(node)) return { value: node.items.map(item => this.#placeOf(item, line)), line };
    if (isMap<Node | null, Node | null>(node)) {
      const value = new Map<string, Member>();
      for (const pair of node.items) {
        const key = this.#placeOf(pair.key, line);
        if (typeof key.value === 'object') this.tell(key, 'recipe.memberName');
        else value.set(String(key.value), { key, value: this.#placeOf(pair.value, key.line) });
      }
      return { value, line };
    }
    const value: unknown = isScalar(node) ? node.value : null;
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? { value, line }
      : none;
  }

  /** The members of a map, each by its reader; one that is not named is a mistake, one that is not there is left out. */
  members<T>(
    place: Place,
    name: string,
    readers: { readonly [K in keyof T]-?: Reader<T[K]> },
  ): Partial<T> | null {
    const { value } = place;
    if (!(value instanceof Map)) return this.tell(place, 'recipe.notMap', whereIs(name), shown(place));
    const found: Partial<T> = {};
    for (const [member, { key, value: inner }] of value as ReadonlyMap<string, Member>) {
      if (!Object.hasOwn(readers, member)) {
        this.tell(
          key,
          'recipe.unknown',
          member.slice(0, MAX_SHOWN),
          whereIs(name),
          Object.keys(readers).join(', '),
        );
        continue;
      }
      const known = member as keyof T & string;
      const result = readers[known](inner, name === ROOT ? member : `${name}, ${member}`);
      if (result !== null) found[known] = result;
    }
    return found;
  }

  /** A reader of lists; values that are mistakes are left out of the result. */
  list<T>(reader: Reader<T>): Reader<T[]> {
    return (place, name) => {
      const { value } = place;
      if (!Array.isArray(value)) return this.tell(place, 'recipe.notList', name, shown(place));
      if (value.length > MAX_VALUES)
        return this.tell(place, 'recipe.tooMany', name, value.length, MAX_VALUES);
      return (value as Place[])
        .map((each, at) => reader(each, `${name} ${at + 1}`))
        .filter(each => each !== null);
    };
  }

  oneOf<T extends string | boolean>(...values: readonly T[]): Reader<T> {
    return (place, name) => {
      const found = values.find(value => value === place.value);
      return found ?? this.tell(place, 'recipe.oneOf', name, shown(place), values.join(', '));
    };
  }

  /** A reader of texts that a pattern fits; else it tells `wrong` with the name, the value and `args`. */
  text(pattern: RegExp, wrong: MessageId, ...args: (string | number)[]): Reader<string> {
    return (place, name) => {
      const { value } = place;
      if (typeof value === 'string' && pattern.test(value)) return value;
      return this.tell(place, wrong, name, shown(place), ...args);
    };
  }

  count(least: number, most: number): Reader<number> {
    return (place, name) => {
      const { value } = place;
      if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most)
        return value;
      return this.tell(place, 'recipe.number', name, shown(place), String(least), String(most));
    };
  }
}

/** The name of the whole file, which has none: no member is called so. */
export const ROOT = '';

/** A name as a message takes it. */
export function whereIs(name: string): string | Said {
  return name === ROOT ? say('recipe.whole') : name;
}

/** A value as its author sees it, cut. */
export function shown({ value }: Place): string | Said {
  if (value === null) return say('recipe.empty');
  if (typeof value !== 'object') return JSON.stringify(value).slice(0, MAX_SHOWN);
  return say(Array.isArray(value) ? 'value.list' : 'recipe.map');
}

/** Tags that say what the value is anyway. */
function isPlainTag({ tag = '' }: Node): boolean {
  return ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].includes(
    tag.replace('tag:yaml.org,2002:', ''),
  );
}

/** @returns the offset of the first token that is nested too deeply */
function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  const waiting = tokens.map(token => ({ token, depth: 0 }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { token, depth } = next;
    if (depth > MAX_DEPTH) return 'offset' in token ? token.offset : 0;
    if (token.type === 'document' && token.value) waiting.push({ token: token.value, depth });
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      if (key) waiting.push({ token: key, depth: depth + 1 });
      if (value) waiting.push({ token: value, depth: depth + 1 });
    }
  }
  return undefined;
}
