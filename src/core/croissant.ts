/**
 * `croissant.json` of an export: Croissant 1.1 with the fields of Croissant RAI 1.0, as JSON-LD
 * (mlcommons/croissant: docs/croissant-spec-1.1.md, docs/croissant-rai-spec.md).
 */
import type { Demonstration } from './demonstration';
import { formatOf, type Json } from './formats';
import { licenceUrl } from './licences';
import type { ManifestFile } from './manifest';
import { isReviewed, protocol, shownName, splitFiles, type Release } from './release';
import { reviewRow } from './reviewRows';

type Node = Readonly<Record<string, Json>>;

/** As in appendix 1 of the specification, as far as it is used, with PROV-O. */
const CONTEXT: Node = {
  '@language': 'en',
  '@vocab': 'http://schema.org/',
  sc: 'http://schema.org/',
  cr: 'http://mlcommons.org/croissant/',
  rai: 'http://mlcommons.org/croissant/RAI/',
  dct: 'http://purl.org/dc/terms/',
  prov: 'http://www.w3.org/ns/prov#',
  annotation: 'cr:annotation',
  arrayShape: 'cr:arrayShape',
  column: 'cr:column',
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  equivalentProperty: 'cr:equivalentProperty',
  extract: 'cr:extract',
  field: 'cr:field',
  fileObject: 'cr:fileObject',
  isArray: 'cr:isArray',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
};

/** By how a file ends: as mlcroissant has them. */
const ENCODINGS: readonly (readonly [ending: string, encoding: string])[] = [
  ['.jsonl', 'application/jsonlines'],
  ['.json', 'application/json'],
  ['.parquet', 'application/x-parquet'],
  ['.yaml', 'application/yaml'],
  ['.yml', 'application/yaml'],
];

const REVIEWS = 'reviews.jsonl';

/**
 * The JSON-LD, with a line feed at its end: the same text for the same release. `datePublished` is the day that the
 * recipe says, or that of the newest decision, so that no clock goes in; where there is neither it is left out, which
 * validators tell.
 * `url` names the training file by its SHA-256 (RFC 6920), since nobody knows yet where it will be published.
 */
export function croissant(release: Release): string {
  const { manifest, reviews, licence } = release;
  const name = shownName(manifest.recipe.name);
  const { newest } = reviews;
  const published = manifest.recipe.date ?? newest;
  const dataset: Node = {
    '@context': CONTEXT,
    '@type': 'sc:Dataset',
    'dct:conformsTo': ['http://mlcommons.org/croissant/1.1', 'http://mlcommons.org/croissant/RAI/1.0'],
    name,
    description: `${manifest.counts.rows} demonstrations for tuning a language model to follow instructions and to translate${isReviewed(release) ? ', made of reviewed texts' : ''}.`,
    license: licenceUrl(licence.licence) ?? {
      '@type': 'sc:CreativeWork',
      name: licence.name ?? licence.licence,
    },
    url: `ni:///sha-256;${base64url(splitFiles(manifest)[0]?.sha256 ?? '')}`,
    creator: {
      '@type': 'sc:Organization',
      name: `The ${isReviewed(release) ? 'reviewers' : 'makers'} of ${name}`,
    },
    ...(published === '' ? {} : { datePublished: published }),
    ...(newest === '' ? {} : { dateModified: newest }),
    version: '1.0.0',
    inLanguage: reviews.languages,
    keywords: ['instruction tuning', 'translation', 'CrossAlpaca'],
    'prov:wasGeneratedBy': { '@type': 'prov:Activity', 'prov:label': shownName(manifest.tool) },
    'prov:wasDerivedFrom': manifest.inputs.map(({ sha256 }) => ({ '@id': `urn:sha256:${sha256}` })),
    ...responsibleAi(release),
    distribution: manifest.outputs.map(fileObject),
    recordSet: recordSets(release),
  };
  return `${JSON.stringify(dataset, undefined, 2)}\n`;
}

function fileObject({ path, bytes, sha256 }: ManifestFile): Node {
  const [, encodingFormat] = ENCODINGS.find(([ending]) => path.endsWith(ending)) ?? [];
  return {
    '@type': 'cr:FileObject',
    '@id': encodeURIComponent(path),
    name: shownName(path),
    contentUrl: encodeURIComponent(path),
    contentSize: `${bytes} B`,
    encodingFormat: encodingFormat ?? 'text/plain',
    sha256,
  };
}

/** One for each split, and one for what is known of the rows. */
function recordSets({ manifest }: Release): Node[] {
  const { recipe, outputs } = manifest;
  const { row, container } = formatOf(recipe.format);
  const example = row(EXAMPLE, recipe) ?? {};
  const reviews = outputs.find(({ path }) => path === REVIEWS);
  const sets = splitFiles(manifest).map(({ split, path }): Node => {
    const fields = fieldsOf(split, path, example, container === 'json');
    return {
      '@type': 'cr:RecordSet',
      '@id': split,
      name: split,
      key: { '@id': `${split}/id` },
      field: fields.map(field =>
        reviews && field['@id'] === `${split}/id` ? { ...field, references: { '@id': 'reviews/id' } } : field,
      ),
      ...(reviews ? { annotation: attribution(split) } : {}),
    };
  });
  if (!reviews) return sets;
  const known = reviewRow(
    EXAMPLE,
    EXAMPLE_PROVENANCE,
    text => text,
    name => name,
  );
  const field = fieldsOf('reviews', REVIEWS, known, false);
  return [
    ...sets,
    { '@type': 'cr:RecordSet', '@id': 'reviews', name: 'reviews', key: { '@id': 'reviews/id' }, field },
  ];
}

/** Who wrote the text of a row and who decided on it, from the row of `reviews.jsonl` with its id. */
function attribution(split: string): Node {
  const part = (name: string, column: string): Node => ({
    '@type': 'cr:Field',
    '@id': `${split}/reviewer/${name}`,
    name,
    dataType: 'sc:Text',
    source: { fileObject: { '@id': REVIEWS }, extract: { column } },
  });
  return {
    '@type': 'cr:Field',
    '@id': `${split}/reviewer`,
    name: 'reviewer',
    description: 'Pseudonym of who wrote the text, and JSON of who decided what on it.',
    dataType: 'prov:Person',
    equivalentProperty: 'prov:wasAttributedTo',
    subField: [part('id', 'author'), part('decisions', 'decisions')],
  };
}

/** A field for each member of a row, nested as they are. @param isArray whether the file is one JSON array */
function fieldsOf(
  set: string,
  path: string,
  example: Readonly<Record<string, Json>>,
  isArray: boolean,
): Node[] {
  return Object.entries(example).flatMap(([name, value]) => {
    const extract = isArray ? { jsonPath: `$[*].${name}` } : { column: name };
    const source = { fileObject: { '@id': encodeURIComponent(path) }, extract };
    return fieldOf(`${set}/${name}`, name, value, source, '$');
  });
}

/** @param at the way to the value within what `source` reads: "$" for all of it. @returns none where an empty list says nothing */
function fieldOf(id: string, name: string, value: Json, source: Node, at: string): Node[] {
  const field = { '@type': 'cr:Field', '@id': id, name };
  const here = at === '$' ? source : { ...source, transform: { jsonPath: at } };
  if (value === null || typeof value !== 'object') {
    const dataType =
      typeof value === 'number' ? 'sc:Integer' : typeof value === 'boolean' ? 'sc:Boolean' : 'sc:Text';
    return [{ ...field, dataType, source: here }];
  }
  const isArray = Array.isArray(value);
  const inner: Json | undefined = isArray ? (value as readonly Json[])[0] : value;
  if (inner === undefined || inner === null || typeof inner !== 'object') return [];
  const subField = Object.entries(inner).flatMap(([member, each]) =>
    fieldOf(`${id}/${member}`, member, each, source, `${at}${isArray ? '[*]' : ''}.${member}`),
  );
  return [{ ...field, ...(isArray ? { isArray, arrayShape: '-1' } : {}), subField }];
}

const NOBODY = 'Nobody reviewed these rows.';

function responsibleAi(release: Release): Node {
  const { manifest, reviews } = release;
  const { origins, approvals, models } = reviews;
  const reviewed = isReviewed(release);
  const [least, most] = [approvals[0]?.[0] ?? 0, approvals.at(-1)?.[0] ?? 0];
  return {
    'rai:dataCollection': `Demonstrations were made of the records of existing datasets${reviewed ? ', whose texts people reviewed in two languages side by side' : ''}.`,
    // Of the values that the specification recommends.
    'rai:dataCollectionType': [
      'Secondary Data analysis',
      ...(reviews.annotated > 0 ? ['Manual Human Curator'] : []),
    ],
    'rai:dataCollectionMissingData': `${manifest.counts.asked - manifest.counts.rows} demonstrations and ${manifest.counts.units - manifest.counts.taken} units stayed out; manifest.json says why.`,
    'rai:dataCollectionRawData': `${manifest.recipe.shards.length} files, by SHA-256 in manifest.json: ${manifest.recipe.shards.map(({ name }) => shownName(name)).join(', ')}.`,
    'rai:dataPreprocessingProtocol': [
      `Duplicates ${manifest.recipe.deduplicate ? 'were' : 'were not'} removed. Splits are divided by source record.`,
    ],
    'rai:dataAnnotationProtocol': [
      ...(reviewed
        ? [
            'A reviewer sees source and target of a record, corrects the target, and approves, rejects or sends it back.',
          ]
        : []),
      ...protocol(release),
    ],
    'rai:dataAnnotationPlatform': [reviewed ? 'CrossAlpaca, an extension of Visual Studio Code' : NOBODY],
    'rai:dataAnnotationAnalysis': [
      `${reviews.annotated} of ${reviews.rows} rows have a decision about their text; ${origins.edited} hold a text that a reviewer changed. Units on which reviewers disagree stay out.`,
    ],
    'rai:annotationsPerItem': least === most ? `${most} approvals` : `from ${least} to ${most} approvals`,
    'rai:annotatorDemographics': [
      reviewed
        ? `${reviews.reviewers.length} reviewers under pseudonyms; nothing else is known here.`
        : NOBODY,
    ],
    ...(models.length > 0 ? { 'rai:machineAnnotationTools': models.map(shownName) } : {}),
    'rai:personalSensitiveInformation': ['The texts were not searched for personal data.'],
    'rai:dataBiases': [
      'Those of the sources, and of the machine that translated them where nobody corrected it.',
    ],
    'rai:dataLimitations': [`${manifest.counts.bySample} units were accepted by a sample of their like.`],
    'rai:dataUseCases': ['Fine-tuning of language models.'],
  };
}

/** Hex digits as RFC 6920 has them. */
function base64url(hex: string): string {
  const bytes = Array.from(hex.match(/../g) ?? [], pair => String.fromCharCode(parseInt(pair, 16)));
  return btoa(bytes.join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Shows of which members and types the rows of a format are. */
const EXAMPLE: Demonstration = {
  id: '',
  kind: 'instruction',
  instruction: '',
  input: '',
  output: '',
  langs: ['en', 'en'],
  rejected: '',
  repaired: 0,
};
const EXAMPLE_PROVENANCE: Parameters<typeof reviewRow>[1] = {
  shard: '',
  licence: '',
  origin: 'machine',
  key: '',
  line: 1,
  state: 'approved',
  sourceLang: 'en',
  targetLang: 'en',
  way: 'target',
  edited: [],
  candidate: undefined,
  author: undefined,
  decisions: [],
};
