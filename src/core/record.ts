/**
 * From a record to its units: which members are the source, which the target, in which languages.
 * A unit is a record in one target language; it is what a reviewer sees, edits and decides on.
 */
import { memberSpans, memberText } from './json';
import { say, type Said } from './messages';

export type Side = 'source' | 'target';

/** One named text of a side, in canonical order: `instruction, input, output`, or `text`. */
export interface Field {
  readonly name: string;
  readonly text: string;
}

/** BCP-47 tag, canonical spelling; `und` where neither the record nor the mapping says. */
export type Lang = string;

/** SHA-256 of the UTF-8 of a string, as 64 lower-case hex digits. Passed in, since core runs in the page too. */
export type Sha256 = (text: string) => string;

/** A unit's lasting identity: `<id or h:hash>@<target language>`. */
export type UnitKey = string & { readonly __unitKey: true };
/** 32 hex digits of SHA-256 over the text of both sides: names exactly what a reviewer saw. */
export type Fingerprint = string & { readonly __fingerprint: true };

export interface Unit {
  readonly key: UnitKey;
  readonly sourceLang: Lang;
  readonly targetLang: Lang;
  readonly source: readonly Field[];
  readonly target: readonly Field[];
  /** Members that are on neither side, kept as they are: shown, never lost. */
  readonly others: readonly (readonly [name: string, json: string])[];
}

/** What the user settled for the whole shard in `.crossalpaca/<shard>/mapping.json`: wins over what the record says. */
export interface MappingOverride {
  readonly source_lang?: Lang;
  readonly target_lang?: Lang;
}

export type RecordResult =
  | { readonly ok: true; readonly units: readonly Unit[]; readonly shape: Shape }
  | { readonly ok: false; readonly reason: Said };

/** How a record names its two sides, in the order in which they are tried. */
export type Shape = 'nested' | 'prefixed' | 'suffixed' | 'twins';

type Json = Readonly<Record<string, unknown>>;
interface Found {
  readonly shape: Shape;
  readonly source: SideMembers;
  readonly targets: readonly SideMembers[];
}
/** Where the texts of one side are: field name → [holder, member name]. */
interface SideMembers {
  readonly lang: Lang;
  readonly members: ReadonlyMap<string, readonly [holder: Json, member: string]>;
}

const ALPACA = ['instruction', 'input', 'output'] as const;
const PARALLEL = ['text'] as const;
/** Longer ids are no names but content: such a record is keyed by its hash, so that ledgers stay readable. */
const MAX_ID_LENGTH = 200;
/** Digits of SHA-256 kept: 64 bits in a key (unique within a shard), 128 in a fingerprint (compared across histories). */
const KEY_DIGITS = 16;
const FINGERPRINT_DIGITS = 32;

/**
 * Reads one record.
 * @param line the record's JSON text, without a byte order mark or line end
 * @param sha256 see {@link Sha256}
 * @returns its units, one for each target language in the order of its members; or why it is not a record
 */
export function readRecord(line: string, sha256: Sha256, override: MappingOverride = {}): RecordResult {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return {
      ok: false,
      reason: say('record.notJson', error instanceof Error ? error.message : String(error)),
    };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, reason: say('record.notObject') };
  }
  const record = value as Json;
  const found = findSides(record);
  if (!found)
    return { ok: false, reason: say('record.noSides', Object.keys(record).slice(0, 12).join(', ')) };

  const source = texts(found.source);
  if (!Array.isArray(source)) return { ok: false, reason: source };
  const sourceLang = override.source_lang ?? found.source.lang;
  const id = recordId(record, line);
  const others = otherMembers(line, found, record);
  const units: Unit[] = [];
  for (const side of found.targets) {
    const target = texts(side);
    if (!Array.isArray(target)) return { ok: false, reason: target };
    const targetLang = (found.targets.length === 1 ? override.target_lang : undefined) ?? side.lang;
    const name = id ?? `h:${sha256(canonicalText(source)).slice(0, KEY_DIGITS)}`;
    units.push({ key: `${name}@${targetLang}` as UnitKey, sourceLang, targetLang, source, target, others });
  }
  return { ok: true, units, shape: found.shape };
}

/** The text of a side that hashes are taken over: JSON of its `[name, text]` pairs, no Unicode normalisation. */
export function canonicalText(fields: readonly Field[]): string {
  return JSON.stringify(pairs(fields));
}

/** Names the exact text of both sides. Lone surrogates are escaped by `JSON.stringify`, so any string hashes. */
export function fingerprint(source: readonly Field[], target: readonly Field[], sha256: Sha256): Fingerprint {
  return sha256(JSON.stringify([pairs(source), pairs(target)])).slice(0, FINGERPRINT_DIGITS) as Fingerprint;
}

function pairs(fields: readonly Field[]): [string, string][] {
  return fields.map(field => [field.name, field.text]);
}

/** What is on neither side, as the file spells it. Of a nested side's own members, too: `source.licence`. */
function otherMembers(line: string, found: Found, record: Json): [name: string, json: string][] {
  const used = new Map<Json, Set<string>>([[record, new Set(['id'])]]);
  for (const { members } of [found.source, ...found.targets]) {
    for (const [holder, name] of members.values())
      used.set(holder, (used.get(holder) ?? new Set()).add(name));
  }
  if (found.shape === 'nested') used.get(record)?.add('source_lang').add('target_lang');
  const others: [string, string][] = [];
  for (const { name, start, end } of memberSpans(line)) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    const inner = found.shape === 'nested' && isObject(value) ? used.get(value) : undefined;
    if (inner) {
      for (const member of memberSpans(line, start)) {
        if (!inner.has(member.name))
          others.push([`${name}.${member.name}`, line.slice(member.start, member.end)]);
      }
    } else if (!used.get(record)?.has(name)) {
      others.push([name, line.slice(start, end)]);
    }
  }
  return others;
}

/** The `id` member: a string as it is, a number by its characters in the file (they may exceed 2^53), else none. */
function recordId(record: Json, line: string): string | undefined {
  const id = Object.hasOwn(record, 'id') ? record['id'] : undefined;
  const text = typeof id === 'number' ? memberText(line, 'id') : id;
  return typeof text === 'string' && text !== '' && text.length <= MAX_ID_LENGTH ? text : undefined;
}

/** The fields of a side in canonical order; a missing or null one is `""`; or why one of them is not text. */
function texts(side: SideMembers): Field[] | Said {
  const names = side.members.has('text') ? PARALLEL : ALPACA;
  const fields: Field[] = [];
  for (const name of names) {
    const place = side.members.get(name);
    const value = place?.[0][place[1]] ?? '';
    if (typeof value !== 'string') {
      return say('record.notText', place?.[1] ?? name, Array.isArray(value) ? 'array' : typeof value);
    }
    fields.push({ name, text: value });
  }
  return fields;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first shape that fits, with the same fields on both sides; other members that look like fields are left alone. */
function findSides(record: Json): Found | undefined {
  for (const find of [nested, prefixed, suffixed, twins]) {
    for (const layout of [ALPACA, PARALLEL]) {
      const found = find(record, layout);
      if (found) return found;
    }
  }
  return undefined;
}

type Layout = readonly string[];

/** Where the fields of a layout are in `holder`, if it has them all; `input` may be missing. */
function side(
  holder: unknown,
  layout: Layout,
  lang: Lang,
  member = (name: string) => name,
): SideMembers | undefined {
  if (!isObject(holder)) return undefined;
  const there = layout.filter(name => Object.hasOwn(holder, member(name)));
  if (!layout.every(name => name === 'input' || there.includes(name))) return undefined;
  return { lang, members: new Map(there.map(name => [name, [holder, member(name)]])) };
}

function own(record: Json, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function nested(record: Json, layout: Layout): Found | undefined {
  const source = side(own(record, 'source'), layout, tagOf(own(record, 'source_lang')));
  const target = side(own(record, 'target'), layout, tagOf(own(record, 'target_lang')));
  return source && target && { shape: 'nested', source, targets: [target] };
}

/** `en_instruction, en_input, en_output, zh_instruction …` */
function prefixed(record: Json, layout: Layout): Found | undefined {
  const affixes = [...affixesOf(record, /^(?<tag>.+)_(?<field>[a-z]+)$/, layout)];
  const sides = affixes.map(([affix, lang]) => side(record, layout, lang, name => `${affix}_${name}`));
  return languages('prefixed', sides.filter(isDefined));
}

/** `instruction_en, …, instruction_it …`, also with plain names for one side. */
function suffixed(record: Json, layout: Layout): Found | undefined {
  const affixes = [...affixesOf(record, /^(?<field>[a-z]+)_(?<tag>.+)$/, layout)];
  const sides = affixes
    .map(([affix, lang]) => side(record, layout, lang, name => `${name}_${affix}`))
    .filter(isDefined);
  const plain = side(record, layout, 'und');
  // Plain names are the original: English in the recipe, unless English is one of the named languages.
  if (plain && sides.length > 0 && !sides.some(each => each.lang === 'en')) {
    return { shape: 'suffixed', source: { ...plain, lang: 'en' }, targets: sides };
  }
  return languages('suffixed', sides.length === 1 && plain ? [...sides, plain] : sides);
}

/** English is the source, else the language that comes first. */
function languages(shape: Shape, sides: readonly SideMembers[]): Found | undefined {
  const source = sides.find(each => each.lang === 'en') ?? sides[0];
  const targets = sides.filter(each => each !== source);
  return source && targets.length > 0 ? { shape, source, targets } : undefined;
}

/** What stands before or after the names of fields, where it names a language. */
function affixesOf(record: Json, pattern: RegExp, layout: Layout): Map<string, Lang> {
  const found = new Map<string, Lang>();
  for (const member of Object.keys(record)) {
    const { tag = '', field = '' } = pattern.exec(member)?.groups ?? {};
    const lang = layout.includes(field) ? languageOfAffix(tag) : undefined;
    if (lang !== undefined) found.set(tag, lang);
  }
  return found;
}

/** `instruction, input, output` beside `translated_…` (then they are the source) or `source_…` (then the target). */
function twins(record: Json, layout: Layout): Found | undefined {
  const [sourceLang, targetLang] = [tagOf(own(record, 'source_lang')), tagOf(own(record, 'target_lang'))];
  const plain = (lang: Lang) => side(record, layout, lang);
  const twin = (prefix: string, lang: Lang) => side(record, layout, lang, name => `${prefix}_${name}`);
  for (const [source, target] of [
    [plain(sourceLang), twin('translated', targetLang)],
    [twin('source', sourceLang), plain(targetLang)],
  ]) {
    if (source && target) return { shape: 'twins', source, targets: [target] };
  }
  return undefined;
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** What a member says of a language; `und` where it says nothing that is one. */
function tagOf(value: unknown): Lang {
  return (typeof value === 'string' ? languageTag(value) : undefined) ?? 'und';
}

/** A BCP-47 tag in canonical spelling (`zh_cn` → `zh-CN`); undefined for what is none. */
export function languageTag(text: string): Lang | undefined {
  if (!/^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,6}$/.test(text)) return undefined;
  try {
    return Intl.getCanonicalLocales(text.replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}

const displayNames = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
/** Sides, not languages, though `src` is an old tag of Sardinian. */
const NO_LANGUAGES = ['src', 'tgt', 'ref', 'raw', 'mt'];

/** The language that part of a member's name stands for: one that has a name, since here it is only guessed. */
function languageOfAffix(affix: string): Lang | undefined {
  const tag = NO_LANGUAGES.includes(affix.toLowerCase()) ? undefined : languageTag(affix);
  return tag !== undefined && displayNames.of(tag) !== undefined ? tag : undefined;
}
