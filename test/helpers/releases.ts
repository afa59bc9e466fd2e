/** Exports to be described, of any kind and with names that somebody hostile chose. */
import fc from 'fast-check';
import type { Demonstration } from '../../src/core/demonstration';
import { FORMAT_IDS } from '../../src/core/formats';
import { mixtureLicence } from '../../src/core/licences';
import { TOOL, type Manifest } from '../../src/core/manifest';
import type { Release } from '../../src/core/release';
import { reviewRow, type Provenance } from '../../src/core/reviewRows';
import { ReviewTally } from '../../src/core/reviewTally';
import { sha256 } from './builders';

export function demonstration(more: Partial<Demonstration> = {}): Demonstration {
  return {
    id: 'r1@de',
    kind: 'instruction',
    instruction: 'Nenne eine Farbe.',
    input: '',
    output: 'Rot',
    langs: ['de', 'de'],
    rejected: undefined,
    repaired: 0,
    ...more,
  };
}

export function provenance(more: Partial<Provenance> = {}): Provenance {
  return {
    shard: 'alpaca',
    licence: 'cc-by-nc-4.0',
    origin: 'machine',
    key: 'r1@de',
    line: 1,
    state: 'approved',
    sourceLang: 'en',
    targetLang: 'de',
    way: 'target',
    edited: [],
    candidate: undefined,
    author: undefined,
    decisions: [{ by: 'ann', at: '2026-01-31', decision: 'approve', reasons: [], counts: true }],
    ...more,
  };
}

/** Names that break out of YAML, of Markdown, of HTML, of a line, or of the direction of reading. */
export const HOSTILE = [
  'a\n---\nlicense: mit\n---\n# b',
  '---',
  '| a | b |',
  '<img src=x onerror=alert(1)>',
  '[click](javascript:alert(1)) ![x](http://a.example/x.png)',
  '"quoted": {yaml: [1, 2]} # &a *a !!js',
  '\u202Egnp.exe\u2066',
  'www.a.example https://a.example a@a.example',
  '`code` $math$ &amp; ~~x~~',
  "no' \\",
  '\0\u0007\u2028',
  '\ud83d half',
];

export const anyName = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.string(),
);
const anyCount = fc.nat(2_000_000);
const anyLicence = fc.constantFrom(
  '',
  'cc-by-nc-4.0',
  'CC-BY-SA-4.0',
  'MIT',
  'my-own-1.0',
  'other',
  'llama2',
);

interface Parts {
  readonly names: readonly string[];
  readonly licences: readonly string[];
  readonly counts: readonly number[];
  readonly format: (typeof FORMAT_IDS)[number];
  readonly decided: boolean;
}

export const anyRelease: fc.Arbitrary<Release> = fc
  .record<Parts>({
    names: fc.array(anyName, { minLength: 4, maxLength: 4 }),
    licences: fc.array(anyLicence, { minLength: 2, maxLength: 2 }),
    counts: fc.array(anyCount, { minLength: 8, maxLength: 8 }),
    format: fc.constantFrom(...FORMAT_IDS),
    decided: fc.boolean(),
  })
  .map(makeRelease);

/** A release of two shards, the first one reviewed. */
export function makeRelease({ names, licences, counts, format, decided }: Parts): Release {
  const [name = '', one = '', two = '', model = ''] = names;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = counts;
  const shards = [one, `${two}2`].map((shard, at) => ({
    path: `${at}.jsonl`,
    name: shard,
    licence: licences[at] ?? '',
    origin: at === 0 ? ('machine' as const) : ('human' as const),
    status: at === 0 ? ('approved' as const) : ('all' as const),
  }));
  const ending = format === 'alpaca-json' ? 'json' : format === 'parquet' ? 'parquet' : 'jsonl';
  const file = (path: string, rows?: number) => ({
    path,
    bytes: a,
    sha256: sha256(path),
    ...(rows === undefined ? {} : { rows }),
  });
  const manifest: Manifest = {
    version: 1,
    tool: TOOL,
    recipe: {
      name,
      seed: 'seed',
      shards,
      entries: [],
      splits: { train: 0.9, validation: 0.1, test: 0 },
      sameIds: false,
      shuffle: true,
      deduplicate: true,
      maxCharacters: undefined,
      evaluation: [],
      format,
      trailingNewline: false,
      text: 'current',
    },
    inputs: [file('0.jsonl'), file('1.jsonl')],
    outputs: [
      file(`train.${ending}`, b),
      file(`validation.${ending}`, c),
      file('reviews.jsonl', b + c),
      file('dataset_info.json'),
    ],
    counts: {
      units: a + d,
      taken: a,
      asked: b + c + e,
      rows: b + c,
      splits: { train: b, validation: c, test: 0 },
      made: { 'instruction target en-de': b, 'translation forward en-it': c },
      repaired: f,
      withoutCodes: 0,
      bySample: g,
      left: {
        states: { pending: d },
        blocked: 0,
        bad: 0,
        unsuited: e,
        tooLong: 0,
        duplicates: h,
        evaluation: 0,
        notChosen: 0,
        noPair: 0,
      },
    },
    kinds: { instruction: b + 1, translation: c },
    licences: shards.map(({ name: shard, licence }, at) => ({ shard, licence, rows: at === 0 ? b : c })),
  };
  const tally = new ReviewTally();
  const add = (more: Partial<Provenance>) =>
    tally.add(
      reviewRow(demonstration(), provenance(more), sha256, name =>
        name === 'ann' ? 'reviewer-1' : 'reviewer-2',
      ),
    );
  add(decided ? { shard: one } : { shard: one, decisions: [] });
  add({
    decisions: [],
    candidate: { model, parameters: { temperature: 0 }, prompt: '0123456789abcdef' },
    edited: [{ side: 'target', name: 'output', before: 'a', after: 'b' }],
    author: 'bob',
  });
  return {
    manifest,
    reviews: tally.result(),
    licence: mixtureLicence(manifest.licences),
    policies: new Map([[one, { approvals: 2, lastEditorCounts: false, blind: true, sample: undefined }]]),
  };
}
