/**
 * Under which licence a mixture can be passed on, as far as the names of its parts' licences tell, and what speaks against
 * it. No legal advice, and it says so.
 */
import { say, type Said } from './messages';

/** A part of a mixture and its licence as the recipe spells it; "" where it says none. */
export interface LicensedPart {
  readonly shard: string;
  readonly licence: string;
  readonly rows: number;
}

export interface MixtureLicence {
  /** As Hugging Face spells it; `unknown` where no licence is said, `other` where the whole has none of the list. */
  readonly licence: string;
  /** What `other` stands for, spelled as an id; undefined for all else. */
  readonly name: string | undefined;
  /** Where there are any, the last one says that they are no legal advice. */
  readonly warnings: readonly Said[];
}

/**
 * The values of `license` on a card: huggingface/hub-docs, docs/hub/repositories-licenses.md (008d54d), by what they ask for.
 * `sharing`: what is made of it has to be under it too; `own`: conditions that are none of these.
 */
const FREE =
  'apache-2.0 mit afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cdla-permissive-1.0 cdla-permissive-2.0 ecl-2.0 etalab-2.0 isc ncsa odc-by postgresql zlib';
const PUBLIC_DOMAIN = 'cc0-1.0 pddl unlicense wtfpl';
const SHARING =
  'agpl-3.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 epl-1.0 epl-2.0 eupl-1.1 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 lgpl-lr mpl-2.0 ms-pl odbl osl-3.0';
const OTHERS =
  'cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m openrail++ c-uda lppl-1.3c ofl-1.1 deepfloyd-if-license llama2 gemma';
/** A family without the member that is meant, and what says nothing: on the card they may stand, their terms are not known. */
const VAGUE = 'cc unknown other';

const words = (text: string) => text.split(' ');
const freely = new Set(words(FREE));
const publicDomain = new Set(words(PUBLIC_DOMAIN));
const sharing = new Set(words(SHARING));
const listed = new Set(words([FREE, PUBLIC_DOMAIN, SHARING, OTHERS, VAGUE].join(' ')));

/** Creative Commons, of all versions: also those that the list of Hugging Face leaves out. */
const CREATIVE_COMMONS = /^(cc-by(-nc)?(-sa|-nd)?)-(\d\.\d)$/;
/** SPDX ids that Hugging Face spells otherwise than in small letters. */
const OTHER_SPELLINGS: readonly (readonly [spdx: RegExp, id: string])[] = [
  [/^odc-by-1\.0$/, 'odc-by'],
  [/^odbl-1\.0$/, 'odbl'],
  [/^pddl-1\.0$/, 'pddl'],
  [/^gfdl-1\.\d(-(no-)?invariants)?(-only|-or-later)?$/, 'gfdl'],
  [/^((a|l)?gpl-\d\.\d)-(only|or-later)$/, '$1'],
];

/** @returns a licence as Hugging Face spells it, where that is known; else in small letters */
function licenceId(licence: string): string {
  const small = licence.trim().toLowerCase();
  const [pattern, id = ''] = OTHER_SPELLINGS.find(([spdx]) => spdx.test(small)) ?? [];
  return pattern ? small.replace(pattern, id) : small;
}

interface Terms {
  readonly id: string;
  readonly shard: string;
  readonly kind: 'none' | 'unknown' | 'own' | 'no-derivatives' | 'public-domain' | 'conditions';
  readonly nonCommercial: boolean;
  /** The licence without its version: a later version of it may take the place of an earlier one (CC BY-SA 3.0, 4b). */
  readonly sharesAs: string | undefined;
  readonly version: string;
}

function termsOf({ shard, licence }: LicensedPart): Terms {
  const id = licenceId(licence);
  const [, family, nonCommercial, last, version = ''] = CREATIVE_COMMONS.exec(id) ?? [];
  const terms = { id, shard, nonCommercial: nonCommercial !== undefined, version };
  if (family !== undefined) {
    const kind = last === '-nd' ? 'no-derivatives' : 'conditions';
    return { ...terms, kind, sharesAs: last === '-sa' ? family : undefined };
  }
  const sharesAs = sharing.has(id) ? id : undefined;
  if (sharesAs !== undefined || freely.has(id)) return { ...terms, kind: 'conditions', sharesAs };
  const isVague = words(VAGUE).includes(id) || !listed.has(id);
  const kind = id === '' ? 'none' : publicDomain.has(id) ? 'public-domain' : isVague ? 'unknown' : 'own';
  return { ...terms, kind, sharesAs };
}

/** @param parts those without rows do not count */
export function mixtureLicence(parts: readonly LicensedPart[]): MixtureLicence {
  const all = parts.filter(({ rows }) => rows > 0).map(termsOf);
  const clashes = clashesOf(all);
  const warnings = [...all.flatMap(warningsOf), ...clashes, ...(clashes.length > 0 ? [] : reachOf(all))];
  const id = clashes.length > 0 ? undefined : oneLicence(all);
  const names = [...new Set(all.map(each => each.id || 'unknown'))].sort();
  const whole = id ?? (names.length > 1 ? 'other' : (names[0] ?? 'unknown'));
  const isListed = listed.has(whole) && whole !== 'other';
  return {
    licence: isListed ? whole : 'other',
    name: isListed ? undefined : (id ?? names.join('-and-')),
    warnings: warnings.length > 0 ? [...warnings, say('licence.notAdvice')] : [],
  };
}

/** What is to be said of a part, whatever it is mixed with. */
function warningsOf({ kind, id, shard }: Terms): Said[] {
  if (kind === 'none') return [say('licence.none', shard)];
  if (kind === 'unknown') return [say('licence.unknown', id, shard)];
  if (kind === 'own') return [say('licence.ownTerms', id, shard)];
  return kind === 'no-derivatives' ? [say('licence.noDerivatives', id, shard)] : [];
}

/** What cannot be met together, a sentence for each pair of licences. */
function clashesOf(all: readonly Terms[]): Said[] {
  const clashes: Said[] = [];
  const licences = oneEach(all, ({ id }) => id);
  for (const a of licences.filter(({ sharesAs }) => sharesAs !== undefined)) {
    for (const b of licences) {
      const args = [a.id, a.shard, b.id, b.shard] as const;
      // Each pair once, though both of it share.
      if (b.sharesAs !== undefined && b.sharesAs !== a.sharesAs) {
        if (a.id < b.id) clashes.push(say('licence.shareAlikeClash', ...args));
      } else if (b.nonCommercial && !a.nonCommercial)
        clashes.push(say('licence.shareAlikeNonCommercial', ...args));
    }
  }
  return clashes;
}

/** How conditions of one part reach all others. */
function reachOf(all: readonly Terms[]): Said[] {
  const said: Said[] = [];
  for (const each of oneEach(all, ({ id }) => id)) {
    const { id, shard, sharesAs, nonCommercial } = each;
    if (nonCommercial && all.some(other => !other.nonCommercial))
      said.push(say('licence.nonCommercial', id, shard));
    if (sharesAs !== undefined && all.some(other => other.sharesAs !== sharesAs))
      said.push(say('licence.shareAlike', id, shard));
  }
  return said;
}

/** @returns the licence that meets the conditions of all parts; undefined where there is none, or it is not known */
function oneLicence(all: readonly Terms[]): string | undefined {
  const bound = all.filter(({ kind }) => kind !== 'public-domain');
  const ids = new Set(bound.map(({ id }) => id));
  // Of nothing but the public domain, whichever.
  if (ids.size === 0) return all.map(({ id }) => id).sort()[0];
  if (ids.size === 1) return bound[0]?.id === '' ? 'unknown' : bound[0]?.id;
  if (bound.some(({ kind }) => kind !== 'conditions')) return undefined;
  const latest = (some: readonly Terms[]) =>
    some.reduce<Terms | undefined>(
      (best, each) => (best && best.version >= each.version ? best : each),
      undefined,
    )?.id;
  const shared = latest(bound.filter(({ sharesAs }) => sharesAs !== undefined));
  const nonCommercial = latest(bound.filter(each => each.nonCommercial));
  if (shared ?? nonCommercial) return shared ?? nonCommercial;
  return bound.every(({ version }) => version !== '') ? latest(bound) : undefined;
}

function oneEach<T>(all: readonly T[], nameOf: (each: T) => string): T[] {
  return [...new Map(all.toReversed().map(each => [nameOf(each), each])).values()].reverse();
}

/** @returns where the text of a licence stands, for those of Creative Commons; undefined for others */
export function licenceUrl(id: string): string | undefined {
  if (id === 'cc0-1.0') return 'https://creativecommons.org/publicdomain/zero/1.0/';
  const [, family = '', , , version = ''] = CREATIVE_COMMONS.exec(id) ?? [];
  return family === '' ? undefined : `https://creativecommons.org/licenses/${family.slice(3)}/${version}/`;
}
