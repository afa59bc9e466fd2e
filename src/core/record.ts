/**
 * From a record to its units: which members are the source, which the target, in which languages.
 * A unit is a record in one target language; it is what a reviewer sees, edits and decides on.
 */
import { memberText } from './json';
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
const LAYOUTS = [ALPACA, PARALLEL];
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
  const found = nested(record) ?? affixed(record, 'prefixed') ?? affixed(record, 'suffixed') ?? twins(record);
  if (!found)
    return { ok: false, reason: say('record.noSides', Object.keys(record).slice(0, 12).join(', ')) };

  const sides = [found.source, ...found.targets];
  const used = new Set(
    sides
      .flatMap(side => [...side.members.values()])
      .map(([holder, name]) => (holder === record ? name : '')),
  );
  if (found.shape === 'nested')
    for (const name of ['source', 'target', 'source_lang', 'target_lang']) used.add(name);
  const others = Object.keys(record)
    .filter(name => name !== 'id' && !used.has(name))
    .map(name => [name, JSON.stringify(record[name])] as const);

  const source = texts(found.source);
  if (!Array.isArray(source)) return { ok: false, reason: source };
  const sourceLang = override.source_lang ?? found.source.lang;
  const id = recordId(record, line);
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

function nested(record: Json): Found | undefined {
  const side = (holder: unknown, lang: unknown): SideMembers | undefined => {
    if (!isObject(holder)) return undefined;
    const layout = layoutOf(name => Object.hasOwn(holder, name));
    if (!layout) return undefined;
    const members = layout
      .filter(name => Object.hasOwn(holder, name))
      .map(name => [name, [holder, name]] as const);
    return { lang: tagOf(lang), members: new Map(members) };
  };
  const own = (name: string) => (Object.hasOwn(record, name) ? record[name] : undefined);
  const source = side(own('source'), own('source_lang'));
  const target = side(own('target'), own('target_lang'));
  return source && target && { shape: 'nested', source, targets: [target] };
}

/** `en_instruction, zh_instruction …` or `instruction_en, instruction_it …`, the latter with plain names for one side. */
function affixed(record: Json, shape: 'prefixed' | 'suffixed'): Found | undefined {
  const byLang = new Map<Lang, Map<string, readonly [Json, string]>>();
  for (const member of Object.keys(record)) {
    const match = shape === 'prefixed' ? /^(.+)_([a-z]+)$/.exec(member) : /^([a-z]+)_(.+)$/.exec(member);
    const [, first = '', second = ''] = match ?? [];
    const [field, tag] = shape === 'prefixed' ? [second, first] : [first, second];
    if (!LAYOUTS.some(layout => (layout as readonly string[]).includes(field))) continue;
    const lang = languageTag(tag);
    if (!lang) continue;
    const members = byLang.get(lang) ?? new Map<string, readonly [Json, string]>();
    byLang.set(lang, members.set(field, [record, member]));
  }
  const sides = [...byLang]
    .filter(([, members]) => layoutOf(name => members.has(name)))
    .map(([lang, members]) => ({ lang, members }));
  const plain = shape === 'suffixed' ? plainSide(record) : undefined;
  if (plain && sides.length > 0 && !sides.some(side => side.lang === 'en')) {
    // Plain names are the original: English in the recipe, unless English is one of the named languages.
    return { shape, source: { ...plain, lang: 'en' }, targets: sides };
  }
  const source = sides.find(side => side.lang === 'en') ?? sides[0];
  const targets: SideMembers[] = sides.filter(side => side !== source);
  if (source && plain && targets.length === 0) targets.push(plain);
  return source && targets.length > 0 ? { shape, source, targets } : undefined;
}

/** `instruction, input, output` beside `translated_…` (then they are the source) or `source_…` (then the target). */
function twins(record: Json): Found | undefined {
  const plain = plainSide(record);
  if (!plain) return undefined;
  const lang = (member: string) => tagOf(Object.hasOwn(record, member) ? record[member] : undefined);
  for (const prefix of ['translated', 'source'] as const) {
    const members = new Map<string, readonly [Json, string]>();
    for (const name of [...ALPACA, ...PARALLEL]) {
      if (Object.hasOwn(record, `${prefix}_${name}`)) members.set(name, [record, `${prefix}_${name}`]);
    }
    if (!layoutOf(name => members.has(name))) continue;
    const twin = { lang: 'und', members };
    const [source, target] = prefix === 'translated' ? [plain, twin] : [twin, plain];
    return {
      shape: 'twins',
      source: { ...source, lang: lang('source_lang') },
      targets: [{ ...target, lang: lang('target_lang') }],
    };
  }
  return undefined;
}

function plainSide(record: Json): SideMembers | undefined {
  const layout = layoutOf(name => Object.hasOwn(record, name));
  const members = layout
    ?.filter(name => Object.hasOwn(record, name))
    .map(name => [name, [record, name]] as const);
  return members && { lang: 'und', members: new Map(members) };
}

/** Which fields a side has, by the members that are there: `input` may be missing, the others not. */
function layoutOf(has: (name: string) => boolean): readonly string[] | undefined {
  if (has('instruction') && has('output')) return ALPACA;
  return has('text') ? PARALLEL : undefined;
}

/** What a member says of a language; `und` where it says nothing that is one. */
function tagOf(value: unknown): Lang {
  return (typeof value === 'string' ? languageTag(value) : undefined) ?? 'und';
}

const displayNames = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });

/**
 * A BCP-47 tag in canonical spelling (`zh_cn` → `zh-CN`).
 * @returns undefined for what names no language, so that `my_own_text` is not taken for Burmese by accident
 */
export function languageTag(text: string): Lang | undefined {
  if (!/^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$/.test(text)) return undefined;
  try {
    const tag = Intl.getCanonicalLocales(text.replaceAll('_', '-'))[0];
    return tag !== undefined && displayNames.of(tag) !== undefined ? tag : undefined;
  } catch {
    return undefined;
  }
}
