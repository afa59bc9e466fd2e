/** The line of a shard that two paired rows become. */
import { memberSpans } from './json';
import { canonicalText, type Field, type Lang, type Sha256 } from './record';

/** A row of an imported file, see `io/tableFiles.ts`. */
export interface ImportedRow {
  /** As JSON text. */
  readonly id: string | undefined;
  readonly fields: readonly Field[];
  readonly json: string;
}

/** Names that mean something in the line of a shard: other members of these names stay within their side. */
const RESERVED = new Set(['id', 'source', 'target', 'source_lang', 'target_lang']);
/** Digits of SHA-256 in an id made from content: 64 bits, unique within a shard. */
const ID_DIGITS = 16;

/** Members of the rows of a file that are their id and fields, by side. */
export interface UsedMembers {
  readonly source: ReadonlySet<string>;
  readonly target: ReadonlySet<string>;
}

/** An id, given as JSON text, by its characters, so that 7 and "7" are one. */
export const idName = (id: string): string => (id.startsWith('"') ? (JSON.parse(id) as string) : id);

/** The members of a JSON object that are not in `used`, as spelled; the last one of a name that is repeated. */
function otherMembers(json: string, used: ReadonlySet<string>): Map<string, string> {
  const others = new Map<string, string>();
  for (const { name, start, end } of memberSpans(json)) {
    // A line of a shard is one line, however the file was laid out; raw line ends stand only between tokens.
    if (!used.has(name)) others.set(name, json.slice(start, end).replace(/[\r\n]+[ \t]*/g, ' '));
  }
  return others;
}

const member = (name: string, json: string) => `${JSON.stringify(name)}:${json}`;

/** The fields of a side and what is kept beside them; a name that is taken gets an underscore before it. */
function side({ fields }: ImportedRow, others: readonly (readonly [name: string, json: string])[]): string {
  const members = new Map(fields.map(({ name, text }) => [name, JSON.stringify(text)]));
  for (const [name, json] of others) {
    let free = name;
    while (members.has(free)) free = `_${free}`;
    members.set(free, json);
  }
  return `{${[...members].map(([name, json]) => member(name, json)).join(',')}}`;
}

/**
 * @param id as JSON text
 * @returns the line in the nested shape. Members that are neither id nor field are kept as spelled: beside the sides where
 *   only one of them has it or both have the same, within each side where they differ or the name means something else there.
 *   An id of the target that is another than `id` stays as `target.id`
 */
export function shardRow(
  id: string,
  source: ImportedRow,
  target: ImportedRow,
  langs: { readonly source: Lang; readonly target: Lang },
  used: UsedMembers,
): string {
  const others = {
    source: otherMembers(source.json, used.source),
    target: otherMembers(target.json, used.target),
  };
  const shared: string[] = [];
  const inner = { source: [] as [string, string][], target: [] as [string, string][] };
  for (const [name, json] of others.source) {
    const twin = others.target.get(name);
    if (RESERVED.has(name) || (twin !== undefined && twin !== json)) inner.source.push([name, json]);
    else shared.push(member(name, json));
  }
  for (const [name, json] of others.target) {
    const twin = others.source.get(name);
    if (RESERVED.has(name) || (twin !== undefined && twin !== json)) inner.target.push([name, json]);
    else if (twin === undefined) shared.push(member(name, json));
  }
  if (target.id !== undefined && idName(target.id) !== idName(id)) inner.target.push(['id', target.id]);
  const members = [
    member('id', id),
    member('source', side(source, inner.source)),
    member('target', side(target, inner.target)),
    member('source_lang', JSON.stringify(langs.source)),
    member('target_lang', JSON.stringify(langs.target)),
    ...shared,
  ];
  return `{${members.join(',')}}`;
}

/**
 * Ids made from content alone, so that they stay the same however the files are ordered.
 *
 * A row's id is a hash of its source; where several rows have the same source, of both sides; where several have both the
 * same, which no content can tell apart, they are numbered from the second on (`…-2`), and any order of them is the same.
 */
export class ContentIds {
  readonly #sha256: Sha256;
  readonly #sources = new Map<string, number>();
  readonly #given = new Map<string, number>();

  constructor(sha256: Sha256) {
    this.#sha256 = sha256;
  }

  /** To be called with every row that needs an id, before the first id is made. */
  add(source: readonly Field[]): void {
    const hash = this.#hash(canonicalText(source));
    this.#sources.set(hash, (this.#sources.get(hash) ?? 0) + 1);
  }

  /** @returns JSON text */
  make(source: readonly Field[], target: readonly Field[]): string {
    const hash = this.#hash(canonicalText(source));
    const isOnly = this.#sources.get(hash) === 1;
    const name = isOnly ? hash : this.#hash(JSON.stringify([canonicalText(source), canonicalText(target)]));
    const count = (this.#given.get(name) ?? 0) + 1;
    this.#given.set(name, count);
    return JSON.stringify(count === 1 ? `h-${name}` : `h-${name}-${count}`);
  }

  #hash(text: string): string {
    return this.#sha256(text).slice(0, ID_DIGITS);
  }
}
