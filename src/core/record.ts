/**
 * From a record to its units: which members are the source, which the target, in which languages.
 * A unit is a record in one target language; it is what a reviewer sees, edits and decides on.
 */
import { memberSpans, memberText } from './json';
import { isObject, type JsonObject } from './jsonValue';
import { say, type Said } from './phrasing';

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

/** Where the texts of one side stand in a record. */
export interface SidePlan {
  /** Its language, where names of members say it; else the member of the record that does, if it has one. */
  readonly lang: Lang | undefined;
  readonly langMember: 'source_lang' | 'target_lang' | undefined;
  /** The member that holds those of the side; undefined: the record itself. */
  readonly holder: 'source' | 'target' | undefined;
  /** In canonical order; only `input` may be missing, and is named as it would be. */
  readonly fields: readonly { readonly name: string; readonly member: string; readonly there: boolean }[];
}

interface Plan {
  readonly shape: Shape;
  readonly source: SidePlan;
  readonly targets: readonly SidePlan[];
}

/** The texts of a parsed record, and where they were found. */
export interface Sides {
  readonly shape: Shape;
  readonly source: SideTexts;
  readonly targets: readonly SideTexts[];
}

export interface SideTexts {
  readonly lang: Lang;
  readonly fields: readonly Field[];
  readonly plan: SidePlan;
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
    const reason = say('record.notJson', error instanceof Error ? error.message : String(error));
    return { ok: false, reason };
  }
  const sides = readSides(value, override);
  if (!('shape' in sides)) return { ok: false, reason: sides };
  const { shape, source, targets } = sides;
  const name = unitName(value as JsonObject, line, source.fields, sha256);
  const units = targets.map(target => new ReadUnit(name, line, sides, target, value as JsonObject));
  return { ok: true, units, shape };
}

/**
 * A class, since each getter that is written into an object is a hidden class of its own to V8, which keeps all that the
 * getter knows until the next full collection.
 */
class ReadUnit implements Unit {
  readonly key: UnitKey;
  readonly sourceLang: Lang;
  readonly targetLang: Lang;
  readonly source: readonly Field[];
  readonly target: readonly Field[];
  readonly #line: string;
  readonly #sides: Sides;
  readonly #record: JsonObject;

  constructor(name: string, line: string, sides: Sides, target: SideTexts, record: JsonObject) {
    this.key = `${name}@${target.lang}` as UnitKey;
    this.sourceLang = sides.source.lang;
    this.targetLang = target.lang;
    this.source = sides.source.fields;
    this.target = target.fields;
    this.#line = line;
    this.#sides = sides;
    this.#record = record;
  }

  /** Asked for by the page alone, and costs as much as all the rest. */
  get others(): Unit['others'] {
    return otherMembers(this.#line, this.#sides, this.#record);
  }
}

/**
 * The two sides of a parsed record, without key and other members: all that a search needs.
 * @param value as `JSON.parse` made it
 * @returns the texts; or why it is not a record
 */
export function readSides(value: unknown, override: MappingOverride = {}): Sides | Said {
  if (!isObject(value)) return say('record.notObject');
  const plan = planOf(value);
  if (!plan) return say('record.noSides', Object.keys(value).slice(0, 12).join(', '));
  const source = texts(value, plan.source, override.source_lang);
  if (!('fields' in source)) return source;
  const targetLang = plan.targets.length === 1 ? override.target_lang : undefined;
  const targets: SideTexts[] = [];
  for (const side of plan.targets) {
    const target = texts(value, side, targetLang);
    if (!('fields' in target)) return target;
    targets.push(target);
  }
  return { shape: plan.shape, source, targets };
}

/** What is the same in the keys of all units of a record: its id, or a hash of its source. */
function unitName(record: JsonObject, line: string, source: readonly Field[], sha256: Sha256): string {
  return recordId(record, line) ?? `h:${sha256(canonicalText(source)).slice(0, KEY_DIGITS)}`;
}

/** The part of a key that all units of a record share. */
export function nameOf(key: UnitKey): string {
  return key.slice(0, key.lastIndexOf('@'));
}

/** 64 bits that stand for a name in the index of keys, as 16 hex digits. */
export function nameHash(name: string, sha256: Sha256): string {
  // The name of a record without an id is a hash already.
  return /^h:[0-9a-f]{16}$/.test(name) ? name.slice(2) : sha256(name).slice(0, KEY_DIGITS);
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
function otherMembers(
  line: string,
  { shape, source, targets }: Sides,
  record: JsonObject,
): [string, string][] {
  const used = (holder: SidePlan['holder']) =>
    [source, ...targets]
      .filter(each => each.plan.holder === holder)
      .flatMap(each => each.plan.fields.map(field => field.member));
  const outer = new Set(['id', ...used(undefined)]);
  if (shape === 'nested') outer.add('source_lang').add('target_lang');
  const others: [string, string][] = [];
  for (const { name, start, end } of memberSpans(line)) {
    const isSide = shape === 'nested' && (name === 'source' || name === 'target');
    if (isSide && isObject(record[name])) {
      const inner = new Set(used(name));
      for (const member of memberSpans(line, start)) {
        if (!inner.has(member.name))
          others.push([`${name}.${member.name}`, line.slice(member.start, member.end)]);
      }
    } else if (!outer.has(name)) {
      others.push([name, line.slice(start, end)]);
    }
  }
  return others;
}

/** The `id` member: a string as it is, a number by its characters in the file (they may exceed 2^53), else none. */
function recordId(record: JsonObject, line: string): string | undefined {
  const id = Object.hasOwn(record, 'id') ? record['id'] : undefined;
  const text = typeof id === 'number' ? memberText(line, 'id') : id;
  return typeof text === 'string' && text !== '' && text.length <= MAX_ID_LENGTH ? text : undefined;
}

/** The fields of a side in canonical order; a missing or null one is `""`; or why one of them is not text. */
function texts(record: JsonObject, plan: SidePlan, override: Lang | undefined): SideTexts | Said {
  const holder = plan.holder === undefined ? record : (record[plan.holder] as JsonObject);
  const fields: Field[] = [];
  for (const { name, member, there } of plan.fields) {
    const text = there ? (holder[member] ?? '') : '';
    if (typeof text !== 'string') {
      return say('record.notText', member, kindOf(text));
    }
    fields.push({ name, text });
  }
  const own = plan.lang ?? tagOf(plan.langMember === undefined ? undefined : record[plan.langMember]);
  return { lang: override ?? own, fields, plan };
}

/** What a JSON value is that is neither text nor null. */
function kindOf(value: unknown): Said {
  if (Array.isArray(value)) return say('value.list');
  if (typeof value === 'number') return say('value.number');
  return say(typeof value === 'boolean' ? 'value.boolean' : 'value.object');
}

/** The names that decide how a record is read: its own, and those of its sides where it is nested. */
interface Names {
  readonly own: readonly string[];
  readonly source: readonly string[] | undefined;
  readonly target: readonly string[] | undefined;
}

/** Records of one file have the same few sets of names; a hostile file could have a new one in each. */
const MAX_PLANS = 1000;
interface KnownPlan {
  readonly names: Names;
  readonly plan: Plan | undefined;
}
const plans = new Map<string, KnownPlan>();
/** Mostly the next record has the names of the one before. */
let last: KnownPlan | undefined;

/** The first shape that fits, with the same fields on both sides; other members that look like fields are left alone. */
function planOf(record: JsonObject): Plan | undefined {
  const inner = (name: 'source' | 'target') => {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    return isObject(value) ? Object.keys(value) : undefined;
  };
  const names: Names = { own: Object.keys(record), source: inner('source'), target: inner('target') };
  if (last && sameNames(last.names, names)) return last.plan;
  const place = [names.own, names.source ?? [], names.target ?? []].join(' ');
  const known = plans.get(place);
  // Names that hold a comma or a blank may make one place of two.
  if (known && sameNames(known.names, names)) {
    last = known;
    return known.plan;
  }
  last = { names, plan: firstFitting(names) };
  if (plans.size >= MAX_PLANS) plans.clear();
  plans.set(place, last);
  return last.plan;
}

function sameNames(a: Names, b: Names): boolean {
  const same = (one: readonly string[] = [], other: readonly string[] = []) =>
    one.length === other.length && one.every((name, index) => name === other[index]);
  const there = !a.source === !b.source && !a.target === !b.target;
  return there && same(a.own, b.own) && same(a.source, b.source) && same(a.target, b.target);
}

function firstFitting(names: Names): Plan | undefined {
  for (const find of [nested, prefixed, suffixed, twins]) {
    for (const layout of [ALPACA, PARALLEL]) {
      const found = find(names, layout);
      if (found) return found;
    }
  }
  return undefined;
}

type Layout = readonly string[];
type Place = Pick<SidePlan, 'lang'> & Partial<Pick<SidePlan, 'langMember' | 'holder'>>;

/** Where the fields of a layout are among `names`, if they are all there; `input` may be missing. */
function side(
  names: readonly string[] | undefined,
  layout: Layout,
  { lang, langMember, holder }: Place,
  member = (name: string) => name,
): SidePlan | undefined {
  const fields = layout.map(name => ({ name, member: member(name), there: !!names?.includes(member(name)) }));
  if (!fields.every(({ name, there }) => there || name === 'input')) return undefined;
  return { lang, langMember, holder, fields };
}

function nested(names: Names, layout: Layout): Plan | undefined {
  const at = (holder: 'source' | 'target') =>
    side(names[holder], layout, { lang: undefined, langMember: `${holder}_lang`, holder });
  const [source, target] = [at('source'), at('target')];
  return source && target && { shape: 'nested', source, targets: [target] };
}

/** `en_instruction, en_input, en_output, zh_instruction …` */
function prefixed({ own }: Names, layout: Layout): Plan | undefined {
  const affixes = [...affixesOf(own, /^(?<tag>.+)_(?<field>[a-z]+)$/, layout)];
  const sides = affixes.map(([affix, lang]) => side(own, layout, { lang }, name => `${affix}_${name}`));
  return languages('prefixed', sides.filter(isDefined));
}

/** `instruction_en, …, instruction_it …`, also with plain names for one side. */
function suffixed({ own }: Names, layout: Layout): Plan | undefined {
  const affixes = [...affixesOf(own, /^(?<field>[a-z]+)_(?<tag>.+)$/, layout)];
  const sides = affixes
    .map(([affix, lang]) => side(own, layout, { lang }, name => `${name}_${affix}`))
    .filter(isDefined);
  // Plain names are the original: English in the recipe, unless English is one of the named languages.
  const hasEnglish = sides.some(each => each.lang === 'en');
  const plain = side(own, layout, { lang: hasEnglish ? 'und' : 'en' });
  if (plain && sides.length > 0 && !hasEnglish) return { shape: 'suffixed', source: plain, targets: sides };
  return languages('suffixed', sides.length === 1 && plain ? [...sides, plain] : sides);
}

/** English is the source, else the language that comes first. */
function languages(shape: Shape, sides: readonly SidePlan[]): Plan | undefined {
  const source = sides.find(each => each.lang === 'en') ?? sides[0];
  const targets = sides.filter(each => each !== source);
  return source && targets.length > 0 ? { shape, source, targets } : undefined;
}

/** What stands before or after the names of fields, where it names a language. */
function affixesOf(names: readonly string[], pattern: RegExp, layout: Layout): Map<string, Lang> {
  const found = new Map<string, Lang>();
  for (const member of names) {
    const { tag = '', field = '' } = pattern.exec(member)?.groups ?? {};
    const lang = layout.includes(field) ? languageOfAffix(tag) : undefined;
    if (lang !== undefined) found.set(tag, lang);
  }
  return found;
}

/** `instruction, input, output` beside `translated_…` (then they are the source) or `source_…` (then the target). */
function twins({ own }: Names, layout: Layout): Plan | undefined {
  const at = (langMember: 'source_lang' | 'target_lang', prefix = '') =>
    side(
      own,
      layout,
      { lang: undefined, langMember: own.includes(langMember) ? langMember : undefined },
      name => `${prefix}${name}`,
    );
  for (const [source, target] of [
    [at('source_lang'), at('target_lang', 'translated_')],
    [at('source_lang', 'source_'), at('target_lang')],
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

/** Tags met so far: a file has few, and each look at one asks the tables of Intl. */
const tags = new Map<string, Lang | undefined>();
const MAX_TAGS = 1000;
/** UTF-16 units: the pattern below takes none that is longer. */
const MAX_TAG_UNITS = 57;

/** A BCP-47 tag in canonical spelling (`zh_cn` → `zh-CN`); undefined for what is none. */
export function languageTag(text: string): Lang | undefined {
  if (text.length > MAX_TAG_UNITS) return undefined;
  if (tags.has(text)) return tags.get(text);
  if (tags.size >= MAX_TAGS) tags.clear();
  const tag = canonicalTag(text);
  tags.set(text, tag);
  return tag;
}

function canonicalTag(text: string): Lang | undefined {
  if (!/^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,6}$/.test(text)) return undefined;
  try {
    return Intl.getCanonicalLocales(text.replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}

/** Made when it is first asked: it takes longer than all else that starting takes. */
let displayNames: Intl.DisplayNames | undefined;
/** Sides, not languages, though `src` is an old tag of Sardinian. */
const NO_LANGUAGES = ['src', 'tgt', 'ref', 'raw', 'mt'];

/** The language that part of a member's name stands for: one that has a name, since here it is only guessed. */
function languageOfAffix(affix: string): Lang | undefined {
  const tag = NO_LANGUAGES.includes(affix.toLowerCase()) ? undefined : languageTag(affix);
  displayNames ??= new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
  return tag !== undefined && displayNames.of(tag) !== undefined ? tag : undefined;
}
