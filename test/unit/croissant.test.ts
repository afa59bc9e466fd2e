import Ajv from 'ajv';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { croissant } from '../../src/core/croissant';
import { FORMAT_IDS, formatOf } from '../../src/core/formats';
import { reviewRow } from '../../src/core/reviewRows';
import schema from '../fixtures/metadata/croissant.schema.json';
import { anyRelease, demonstration, makeRelease, provenance } from '../helpers/releases';

interface Field {
  readonly '@id': string;
  readonly name: string;
  readonly dataType?: string;
  readonly source?: {
    readonly fileObject: { readonly '@id': string };
    readonly extract: Record<string, string>;
  };
  readonly references?: { readonly '@id': string };
  readonly subField?: readonly Field[];
  readonly annotation?: Field;
  readonly equivalentProperty?: string;
}
interface RecordSet {
  readonly '@id': string;
  readonly field: readonly Field[];
  readonly annotation?: Field;
}
interface Dataset {
  readonly '@context': Record<string, unknown>;
  readonly distribution: readonly {
    readonly '@id': string;
    readonly sha256: string;
    readonly encodingFormat: string;
  }[];
  readonly recordSet: readonly RecordSet[];
  readonly datePublished?: string;
  readonly url: string;
}

const read = (text: string) => JSON.parse(text) as Dataset;
const conforms = new Ajv().compile(schema);
const release = (format: (typeof FORMAT_IDS)[number] = 'alpaca', decided = true) =>
  makeRelease({
    names: ['Colours', 'alpaca', 'ntrex', 'model-1'],
    licences: ['cc-by-nc-4.0', 'mit'],
    counts: [10, 800, 300, 4, 5, 0, 0, 6],
    format,
    decided,
  });

function allFields(fields: readonly Field[]): Field[] {
  return fields.flatMap(field => [field, ...allFields(field.subField ?? [])]);
}

describe('Croissant', () => {
  it('says of no reviewer where there was none', () => {
    const reviewed = release();
    const nobody = { ...reviewed, reviews: { ...reviewed.reviews, annotated: 0, reviewers: [] } };
    const said = (each: typeof reviewed) => {
      const { recordSet, distribution, ...rest } = read(croissant(each));
      assert.ok(recordSet.length > 0 && distribution.length > 0);
      return JSON.stringify(rest);
    };
    assert.match(said(reviewed), /The reviewers of Colours/);
    assert.doesNotMatch(
      said(nobody),
      /The reviewers|made of reviewed|people reviewed|A reviewer sees|pseudonyms/,
    );
    assert.ok(conforms(read(croissant(nobody))), JSON.stringify(conforms.errors));
  });

  it('has all required and recommended properties for any release', () => {
    fc.assert(
      fc.property(anyRelease, each => {
        const dataset = read(croissant(each));
        // Of what nobody decided on no date is known.
        const dated =
          each.reviews.newest === ''
            ? { ...dataset, datePublished: '2026-01-01', dateModified: '' }
            : dataset;
        assert.ok(conforms(dated), JSON.stringify(conforms.errors));
      }),
      { numRuns: 60 },
    );
  });

  it('gives as the date of publication the newest decision, and none where there is none', () => {
    assert.equal(read(croissant(release())).datePublished, '2026-01-31');
    assert.equal(read(croissant(release('alpaca', false))).datePublished, undefined);
    // What the recipe says comes first, and helps where nobody decided.
    for (const isReviewed of [true, false]) {
      const made = release('alpaca', isReviewed);
      const recipe = { ...made.manifest.recipe, date: '2026-02-01' };
      const dated = croissant({ ...made, manifest: { ...made.manifest, recipe } });
      assert.equal(read(dated).datePublished, '2026-02-01');
    }
  });

  for (const format of FORMAT_IDS) {
    it(`names each member of a row of ${format}, with its file`, () => {
      const { distribution, recordSet } = read(croissant(release(format)));
      const [train] = recordSet;
      const row = formatOf(format).row(demonstration({ rejected: 'x' }), { trailingNewline: false }) ?? {};
      assert.deepEqual(
        train?.field.map(({ name }) => name),
        Object.keys(row),
      );
      const files = new Set(distribution.map(each => each['@id']));
      for (const { field, annotation } of recordSet)
        for (const { source } of allFields([...field, ...(annotation ? [annotation] : [])]))
          if (source) assert.ok(files.has(source.fileObject['@id']));
    });
  }

  it('describes a review row member by member', () => {
    const row = reviewRow(
      demonstration(),
      provenance(),
      text => text,
      name => name,
    );
    const reviews = read(croissant(release())).recordSet.find(set => set['@id'] === 'reviews');
    assert.deepEqual(
      reviews?.field.map(({ name, dataType }) => [name, dataType]),
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'number' ? 'sc:Integer' : 'sc:Text',
      ]),
    );
  });

  it('gives every part an id of its own, and refers to nothing that is not there', () => {
    fc.assert(
      fc.property(anyRelease, each => {
        const { distribution, recordSet } = read(croissant(each));
        const fields = recordSet.flatMap(({ field, annotation }) =>
          allFields([...field, ...(annotation ? [annotation] : [])]),
        );
        const ids = [...distribution, ...recordSet, ...fields].map(part => part['@id']);
        assert.equal(new Set(ids).size, ids.length);
        for (const { references } of fields) if (references) assert.ok(ids.includes(references['@id']));
      }),
      { numRuns: 30 },
    );
  });

  it('explains each of its own words in the context', () => {
    const dataset = read(croissant(release('messages')));
    const words = new Set(JSON.stringify(dataset.recordSet).match(/(?<=")[a-zA-Z]+(?=":)/g));
    // schema.org has these.
    for (const word of ['name', 'description']) words.delete(word);
    for (const word of words) assert.ok(word in dataset['@context'], word);
  });

  it('attributes a row to its reviewer by the review of the same id', () => {
    const [train] = read(croissant(release())).recordSet;
    assert.equal(train?.annotation?.equivalentProperty, 'prov:wasAttributedTo');
    assert.deepEqual(
      train.annotation.subField?.map(({ source }) => source?.extract),
      [{ column: 'author' }, { column: 'decisions' }],
    );
    assert.deepEqual(train.field.find(({ name }) => name === 'id')?.references, { '@id': 'reviews/id' });
  });

  it('names the data by its hash', () => {
    const { url, distribution } = read(croissant(release()));
    const [scheme, digest = ''] = url.split(';');
    assert.equal(scheme, 'ni:///sha-256');
    assert.equal(Buffer.from(digest, 'base64url').toString('hex'), distribution[0]?.sha256);
  });

  it('is the same each time', () => {
    fc.assert(
      fc.property(anyRelease, each => assert.equal(croissant(structuredClone(each)), croissant(each))),
      { numRuns: 20 },
    );
  });
});
