/** Who may do what, and when a unit counts as approved: `.crossalpaca/policy.json`. */
// Its main file is UMD, which esbuild cannot follow.
import {
  createScanner,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser/lib/esm/main.js';
import type { Register, Severity, Variant } from './check';
import type { MessageId } from './messages';
import { say, type Said } from './phrasing';
import { languageTag, type Lang } from './record';
import type { SampleRule } from './sample';
import { SEVERITIES } from './spans';

/** BCP-47 ranges (`*`, `de`, `zh-Hant`) to what holds there; the longest range that fits a language wins (RFC 4647, 3.4). */
export type ByLanguage<T> = Readonly<Record<string, T>>;

export const ROLES = ['guest', 'reviewer', 'adjudicator'] as const;
export type Role = (typeof ROLES)[number];

export const RIGHTS = [
  'edit',
  'edit-source',
  /** Take or dismiss a target text that somebody proposed. */
  'accept',
  /** Take or dismiss a source text that somebody proposed. */
  'accept-source',
  /** Approve, reject, needs work. */
  'decide',
  'skip',
  /** Settle a dispute. */
  'adjudicate',
  'comment',
  'assign',
  /** Set a finding aside. */
  'ignore',
] as const;
export type Right = (typeof RIGHTS)[number];

/** `propose`: it is kept, and holds once somebody who may has accepted it. */
export type Answer = 'yes' | 'propose' | 'no';

/** Why a reviewer decided as they did. */
export interface Reason {
  /** Kebab-case, at most 40 characters. */
  readonly id: string;
  /** Null: one of the built-in ones, whose label is the message `reason.<id>`. */
  readonly label: string | null;
}

const SOURCE_EDITS = ['no', 'propose', 'yes'] as const;
const OPEN_COMMENTS = ['allow', 'block'] as const;
const BAD_LINES = ['refuse', 'allow'] as const;
const REGISTERS = ['formal', 'informal'] as const satisfies readonly Register[];
const VARIANTS = ['Hans', 'Hant'] as const satisfies readonly Variant[];

export interface Policy {
  /** Approvals of the current text that a unit needs, each by another reviewer. */
  readonly approvals: number;
  /** Whether the approval of the reviewer who made the current edit is one of them. */
  readonly lastEditorCounts: boolean;
  /** Undefined: everybody is a reviewer. Where no range fits a language, nobody is. */
  readonly reviewers: ByLanguage<readonly string[]> | undefined;
  /** Undefined: nobody. */
  readonly adjudicators: ByLanguage<readonly string[]> | undefined;
  /** Findings with which a unit cannot be approved: severities, ids of checks, or families of them (`language`). */
  readonly blockingFindings: readonly string[];
  /** Whether a unit with an unresolved comment can be approved. */
  readonly openComments: (typeof OPEN_COMMENTS)[number];
  /** By id or family of a check, what its findings are taken for. */
  readonly severities: ByLanguage<Readonly<Record<string, Severity | 'off'>>>;
  /** Whether edits of the source hold by themselves. */
  readonly sourceEdits: (typeof SOURCE_EDITS)[number];
  readonly reasons: readonly Reason[];
  /** Whether reviewers see what others did only after they have decided. */
  readonly blind: boolean;
  /** Whether lines that are no records let the gate fail. */
  readonly badLines: (typeof BAD_LINES)[number];
  /** How the texts of a target language address their readers; none: as they like. */
  readonly register: ByLanguage<Register>;
  /** In which characters a target language is written; none: in any. */
  readonly variant: ByLanguage<Variant>;
  /** Undefined: what nobody looked at is never accepted. */
  readonly sample: SampleRule | undefined;
}

/** After the error types of MQM, Multidimensional Quality Metrics (themqm.org). */
export const DEFAULT_REASONS: readonly Reason[] = [
  'meaning',
  'omission',
  'addition',
  'fluency',
  'register',
  'term',
  'format',
  'source-wrong',
  'unsafe',
].map(id => ({ id, label: null }));

export const DEFAULT_POLICY: Policy = {
  approvals: 1,
  lastEditorCounts: true,
  reviewers: undefined,
  adjudicators: undefined,
  blockingFindings: [],
  openComments: 'allow',
  severities: {},
  sourceEdits: 'propose',
  reasons: DEFAULT_REASONS,
  blind: false,
  badLines: 'refuse',
  register: {},
  variant: {},
  sample: undefined,
};

/**
 * What holds while a policy is broken: work goes on and everybody may decide, but no number of approvals is enough.
 * Blind, because what was seen by mistake cannot be unseen.
 */
export const CLOSED_POLICY: Policy = {
  ...DEFAULT_POLICY,
  approvals: Number.POSITIVE_INFINITY,
  lastEditorCounts: false,
  openComments: 'block',
  blind: true,
};

/** What a policy says of one language. */
interface InLanguage {
  /** Undefined: everybody. */
  readonly reviewers: ReadonlySet<string> | undefined;
  readonly adjudicators: ReadonlySet<string>;
  readonly severities: Readonly<Record<string, Severity | 'off'>>;
}

const NOBODY: ReadonlySet<string> = new Set();
/** Asked for each event of a shard, so each policy is looked up once a language. */
const known = new WeakMap<Policy, Map<Lang, InLanguage>>();
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();
/** A shard can name any number of languages. */
const MAX_KNOWN = 1000;

function inLanguage(policy: Policy, lang: Lang): InLanguage {
  let languages = known.get(policy);
  if (!languages) known.set(policy, (languages = new Map<Lang, InLanguage>()));
  let found = languages.get(lang);
  if (!found) {
    const { reviewers, adjudicators, severities } = policy;
    found = {
      reviewers: reviewers && setOf(fitting(reviewers, lang)),
      adjudicators: setOf(adjudicators && fitting(adjudicators, lang)),
      severities: fitting(severities, lang) ?? {},
    };
    if (languages.size >= MAX_KNOWN) languages.clear();
    languages.set(lang, found);
  }
  return found;
}

function setOf(names: readonly string[] | undefined): ReadonlySet<string> {
  if (!names) return NOBODY;
  let set = sets.get(names);
  if (!set) sets.set(names, (set = new Set(names)));
  return set;
}

function fitting<T>(ranges: ByLanguage<T>, lang: Lang): T | undefined {
  let longest = -1;
  let found: T | undefined;
  for (const [range, value] of Object.entries(ranges)) {
    const length = rangeFit(range, lang);
    if (length <= longest) continue;
    longest = length;
    found = value;
  }
  return found;
}

/**
 * How much of a language a range names.
 * @returns its length, 0 for `*`; -1 where it does not fit
 */
export function rangeFit(range: string, lang: Lang): number {
  if (range === '*') return 0;
  return `${lang.toLowerCase()}-`.startsWith(`${range.toLowerCase()}-`) ? range.length : -1;
}

/**
 * How the texts of a language address their readers, and in which characters they are written.
 * @param lang of the target side
 */
export function styleOf(
  policy: Policy,
  lang: Lang,
): { readonly register: Register | undefined; readonly variant: Variant | undefined } {
  return { register: fitting(policy.register, lang), variant: fitting(policy.variant, lang) };
}

/** @param lang of the target side. An adjudicator for it is also one of its reviewers. */
export function roleOf(policy: Policy, reviewer: string, lang: Lang): Role {
  const { reviewers, adjudicators } = inLanguage(policy, lang);
  if (adjudicators.has(reviewer)) return 'adjudicator';
  return !reviewers || reviewers.has(reviewer) ? 'reviewer' : 'guest';
}

/** @param lang of the target side, also for what is done to the source */
export function mayDo(policy: Policy, reviewer: string, lang: Lang, right: Right): Answer {
  const role = roleOf(policy, reviewer, lang);
  switch (right) {
    case 'skip':
    case 'comment':
      return 'yes';
    case 'edit':
      return role === 'guest' ? 'propose' : 'yes';
    case 'accept':
    case 'decide':
    case 'assign':
    case 'ignore':
      return role === 'guest' ? 'no' : 'yes';
    case 'adjudicate':
      return role === 'adjudicator' ? 'yes' : 'no';
    case 'edit-source':
      if (role === 'adjudicator') return 'yes';
      return policy.sourceEdits === 'yes' && role === 'guest' ? 'propose' : policy.sourceEdits;
    case 'accept-source': {
      if (role !== 'reviewer') return role === 'adjudicator' ? 'yes' : 'no';
      // Where nobody adjudicates, a proposal would wait for ever.
      const isOrphan = inLanguage(policy, lang).adjudicators.size === 0;
      return isOrphan && policy.sourceEdits !== 'no' ? 'yes' : 'no';
    }
  }
}

/**
 * What a finding is taken for.
 * @param lang of the target side
 * @param check its id; `language-wrong` in a policy goes before the family `language`
 * @param own what the check itself took it for
 */
export function severityOf(policy: Policy, lang: Lang, check: string, own: Severity): Severity | 'off' {
  const { severities } = inLanguage(policy, lang);
  const name = families(check).find(family => Object.hasOwn(severities, family));
  return (name === undefined ? undefined : severities[name]) ?? own;
}

/** @param finding its check's id, and the severity that it has by the policy */
export function isBlocking(
  policy: Policy,
  finding: { readonly check: string; readonly severity: Severity },
): boolean {
  const { blockingFindings } = policy;
  if (blockingFindings.length === 0) return false;
  const blocking = setOf(blockingFindings);
  return blocking.has(finding.severity) || families(finding.check).some(family => blocking.has(family));
}

/** Whether a finding of a check blocks by its name, or by some severity that the policy may take it for. */
export function mayBlock(policy: Policy, check: string): boolean {
  return SEVERITIES.some(severity => isBlocking(policy, { check, severity }));
}

/** The id of a check and what it begins with: `a-b-c`, `a-b`, `a`. */
function families(check: string): string[] {
  const parts = check.split('-');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'));
}

/** `line`: from 1, where the mistake is. */
export type PolicyResult =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly reason: Said; readonly line: number };

/**
 * Reads a policy file, whose format `media/policy.schema.json` describes. An unknown, repeated or wrong member is an error,
 * since a mistyped rule must not be silently off.
 * @param json strict JSON; a byte order mark before it is not minded
 */
export function readPolicy(json: string): PolicyResult {
  try {
    const policy: Record<string, unknown> = { ...DEFAULT_POLICY };
    for (const { name, key, value } of members(parse(json), 'policy.notObject')) {
      if (!Object.hasOwn(MEMBERS, name)) {
        const names = Object.keys(MEMBERS).join(', ');
        throw new Mistake(key, 'policy.unknown', name, names);
      }
      policy[name] = MEMBERS[name as keyof typeof MEMBERS](value, name);
    }
    delete policy['$schema'];
    // Each member is what its reader in the table returned, or the default.
    return { ok: true, policy: policy as unknown as Policy };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { ok: false, reason: error.said, line: lineAt(json, error.offset) };
  }
}

/** Where and why a text is no policy. Never leaves `readPolicy`. */
class Mistake extends Error {
  /** UTF-16 code units from the start of the text. */
  readonly offset: number;
  readonly said: Said;

  constructor(place: { readonly offset: number }, id: MessageId, ...args: (string | number)[]) {
    super(id);
    this.offset = place.offset;
    this.said = say(id, ...args);
  }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|\r|\n/).length;
}

/** Names, ranges and labels of a policy are a few deep; the parser calls itself for each. */
const MAX_DEPTH = 10;
/** Of one list or object. */
const MAX_ENTRIES = 10_000;
const MAX_APPROVALS = 1000;

function parse(json: string): Node {
  // A blank instead, so that offsets stay.
  const text = json.replace(/^\uFEFF/, ' ');
  const scanner = createScanner(text, true);
  for (let depth = 0; scanner.getPosition() < text.length;) {
    scanner.scan();
    const offset = scanner.getTokenOffset();
    const first = text[offset] ?? '';
    if ('{['.includes(first)) depth++;
    else if ('}]'.includes(first)) depth--;
    if (depth > MAX_DEPTH) throw new Mistake({ offset }, 'policy.tooDeep', MAX_DEPTH);
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [error] = errors;
  if (error) {
    // `CommaExpected` → `comma expected`
    const words = printParseErrorCode(error.error).replace(/(?!^)(?=[A-Z])/g, ' ');
    throw new Mistake(error, 'policy.notJson', words.toLowerCase());
  }
  if (!root) throw new Mistake({ offset: 0 }, 'policy.notObject');
  return root;
}

interface Member {
  readonly name: string;
  readonly key: Node;
  readonly value: Node;
}

/** The members of an object, each name once. */
function members(node: Node, otherwise: MessageId, ...args: string[]): Member[] {
  if (node.type !== 'object') throw new Mistake(node, otherwise, ...args);
  const seen = new Set<string>();
  return entries(node).map(({ children: [key, value] = [] }) => {
    if (!key || !value) throw new Mistake(node, otherwise, ...args);
    const name = key.value as string;
    if (seen.has(name)) throw new Mistake(key, 'policy.repeated', name);
    seen.add(name);
    return { name, key, value };
  });
}

function entries(node: Node): Node[] {
  const { children = [] } = node;
  const extra = children[MAX_ENTRIES];
  if (extra) throw new Mistake(extra, 'policy.tooMany', MAX_ENTRIES);
  return children;
}

/** @param name of the member, as a person would say it: `reviewers.de` */
type Reader<T> = (node: Node, name: string) => T;

/** UTF-16 units of a wrong value that are repeated to its author. */
const MAX_SHOWN = 60;

function shown(node: Node): string {
  if (node.type === 'object') return '{…}';
  if (node.type === 'array') return '[…]';
  return JSON.stringify(node.value).slice(0, MAX_SHOWN);
}

const oneOf =
  <T extends string | boolean>(...values: readonly T[]): Reader<T> =>
  (node, name) => {
    const found = values.find(value => value === node.value);
    if (found !== undefined) return found;
    const choice = values.map(value => JSON.stringify(value)).join(', ');
    throw new Mistake(node, 'policy.oneOf', name, shown(node), choice);
  };

const count =
  (most: number): Reader<number> =>
  (node, name) => {
    const value: unknown = node.value;
    if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most)
      return value as number;
    throw new Mistake(node, 'policy.number', name, shown(node), '1', String(most));
  };

/** A text of a pattern, or what `wrong` says. */
const text =
  (pattern: RegExp, wrong: MessageId): Reader<string> =>
  (node, name) => {
    const value: unknown = node.value;
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw new Mistake(node, wrong, name, shown(node));
  };

/** @param idOf by what two entries are the same */
const listOf =
  <T>(read: Reader<T>, idOf: (entry: T) => string): Reader<readonly T[]> =>
  (node, name) => {
    if (node.type !== 'array') throw new Mistake(node, 'policy.list', name, shown(node));
    const seen = new Set<string>();
    return entries(node).map(child => {
      const entry = read(child, name);
      if (seen.has(idOf(entry))) throw new Mistake(child, 'policy.repeated', idOf(entry));
      seen.add(idOf(entry));
      return entry;
    });
  };

/** An object whose names are made one spelling by `nameOf`. */
const objectOf =
  <T>(nameOf: (member: Member) => string, read: Reader<T>): Reader<Readonly<Record<string, T>>> =>
  (node, name) => {
    const found = new Map<string, T>();
    for (const member of members(node, 'policy.object', name, shown(node))) {
      const spelling = nameOf(member);
      if (found.has(spelling)) throw new Mistake(member.key, 'policy.repeated', spelling);
      found.set(spelling, read(member.value, `${name}.${member.name}`));
    }
    return Object.fromEntries(found);
  };

const itself = (value: string) => value;
/** As the folders of ledgers are called, see `isReviewerName` of src/io/clone.ts. */
const reviewer = text(
  /^(?!(?:candidates|cache)$)[a-z0-9_]([a-z0-9._-]{0,38}[a-z0-9_-])?$/,
  'policy.reviewer',
);
const SLUG = /^(?=.{1,40}$)[a-z0-9]+(-[a-z0-9]+)*$/;
const slug = text(SLUG, 'policy.slug');
const label = text(/^(?=.*\S)\P{Cc}{1,100}$/u, 'policy.label');

/** One spelling of a BCP-47 range, `*` included; undefined where it is none. */
export function languageRange(name: string): string | undefined {
  if (name === '*') return name;
  // A tag may be spelled zh_TW in data, but a range is not.
  return name.includes('_') ? undefined : languageTag(name);
}

function range({ name, key }: Member): string {
  const found = languageRange(name);
  if (found === undefined) throw new Mistake(key, 'policy.language', name);
  return found;
}

function checkName({ name, key }: Member): string {
  if (!SLUG.test(name)) throw new Mistake(key, 'policy.slug', name, JSON.stringify(name).slice(0, MAX_SHOWN));
  return name;
}

const names = listOf(reviewer, itself);
const namesByLanguage = objectOf(range, names);
const people: Reader<ByLanguage<readonly string[]>> = (node, name) => {
  if (node.type === 'array') return { '*': names(node, name) };
  if (node.type === 'object') return namesByLanguage(node, name);
  throw new Mistake(node, 'policy.people', name, shown(node));
};

const reason: Reader<Reason> = (node, name) => {
  if (node.type !== 'object') {
    const id = slug(node, name);
    return DEFAULT_REASONS.find(each => each.id === id) ?? { id, label: id };
  }
  let id: string | undefined;
  let said: string | undefined;
  for (const { name: part, key, value } of members(node, 'policy.object', name, shown(node))) {
    if (part === 'id') id = slug(value, `${name}.id`);
    else if (part === 'label') said = label(value, `${name}.label`);
    else throw new Mistake(key, 'policy.unknown', `${name}.${part}`, 'id, label');
  }
  if (id === undefined || said === undefined) throw new Mistake(node, 'policy.reason', name);
  return { id, label: said };
};

const yesOrNo = oneOf(true, false);

/** Records of a sample: more is no sample any more. */
const MAX_SAMPLE = 100_000;
/** Usual in acceptance sampling. */
const DEFAULT_CONFIDENCE = 0.95;
/** As `sample:60/seed` of the filter takes it. */
const seed = text(/^[\w.-]{1,40}$/, 'policy.seed');

/** @param least included; `below` is not */
const share =
  (least: number, below: number): Reader<number> =>
  (node, name) => {
    const value: unknown = node.value;
    if (typeof value === 'number' && value >= least && value < below) return value;
    throw new Mistake(node, 'policy.share', name, shown(node), String(least), String(below));
  };

const sample: Reader<SampleRule> = (node, name) => {
  const found: { -readonly [M in keyof SampleRule]?: SampleRule[M] } = {};
  for (const { name: part, key, value } of members(node, 'policy.object', name, shown(node))) {
    const path = `${name}.${part}`;
    if (part === 'size') found.size = count(MAX_SAMPLE)(value, path);
    else if (part === 'seed') found.seed = seed(value, path);
    else if (part === 'atMost') found.atMost = share(0, 1)(value, path);
    else if (part === 'confidence') found.confidence = share(0.5, 1)(value, path);
    else throw new Mistake(key, 'policy.unknown', path, 'size, seed, atMost, confidence');
  }
  const { size, seed: chosen, atMost, confidence = DEFAULT_CONFIDENCE } = found;
  if (size === undefined || chosen === undefined || atMost === undefined)
    throw new Mistake(node, 'policy.sample', name);
  return { size, seed: chosen, atMost, confidence };
};

const MEMBERS: { readonly [M in keyof Policy]: Reader<Policy[M]> } & { readonly $schema: Reader<string> } = {
  $schema: text(/^/, 'policy.text'),
  approvals: count(MAX_APPROVALS),
  lastEditorCounts: yesOrNo,
  reviewers: people,
  adjudicators: people,
  blockingFindings: listOf(slug, itself),
  openComments: oneOf(...OPEN_COMMENTS),
  severities: objectOf(range, objectOf(checkName, oneOf(...SEVERITIES, 'off'))),
  sourceEdits: oneOf(...SOURCE_EDITS),
  reasons: listOf(reason, ({ id }) => id),
  blind: yesOrNo,
  badLines: oneOf(...BAD_LINES),
  register: objectOf(range, oneOf(...REGISTERS)),
  variant: objectOf(range, oneOf(...VARIANTS)),
  sample,
};
