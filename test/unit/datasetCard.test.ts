import Ajv from 'ajv';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { datasetCard, licenceFile } from '../../src/core/datasetCard';
import { plainMarkdown } from '../../src/core/markdown';
import { oneLine, shownName, type Release } from '../../src/core/release';
import schema from '../fixtures/metadata/card.schema.json';
import { anyName, anyRelease, HOSTILE, makeRelease } from '../helpers/releases';

const conforms = new Ajv().compile(schema);

/** Head and body, divided as the Hub does it: at the first line that is `---` again. */
function parts(card: string): { head: Record<string, unknown>; body: string } {
  const [, head = '', body = ''] = /^---\n([\s\S]*?\n)---\n\n([\s\S]*)$/.exec(card) ?? [];
  return { head: parse(head, { version: '1.1' }) as Record<string, unknown>, body };
}

const plain = (more: Partial<Parameters<typeof makeRelease>[0]> = {}) =>
  makeRelease({
    names: ['Colours', 'alpaca', 'ntrex', 'model-1'],
    licences: ['cc-by-nc-4.0', 'mit'],
    counts: [10, 800, 300, 4, 5, 0, 0, 6],
    format: 'alpaca',
    decided: true,
    ...more,
  });
const withRows = (release: Release, rows: number): Release => ({
  ...release,
  manifest: { ...release.manifest, counts: { ...release.manifest.counts, rows } },
});

describe('head of a dataset card', () => {
  it('has all members with values that the Hub knows', () => {
    assert.deepEqual(parts(datasetCard(plain())).head, {
      pretty_name: 'Colours',
      language: ['de'],
      language_details: ['de'],
      license: 'cc-by-nc-4.0',
      annotations_creators: ['expert-generated'],
      language_creators: ['expert-generated', 'machine-generated'],
      multilinguality: ['monolingual', 'translation'],
      size_categories: ['1K<n<10K'],
      source_datasets: ['extended'],
      task_categories: ['text-generation', 'translation'],
      tags: ['crossalpaca', 'instruction-tuning'],
      configs: [
        {
          config_name: 'default',
          data_files: [
            { split: 'train', path: 'train.jsonl' },
            { split: 'validation', path: 'validation.jsonl' },
          ],
        },
      ],
    });
  });

  it('has them for any release, whatever its names are, and YAML 1.1 and 1.2 read the same', () => {
    fc.assert(
      fc.property(anyRelease, release => {
        const card = datasetCard(release);
        const { head } = parts(card);
        assert.ok(conforms(head), JSON.stringify(conforms.errors));
        assert.equal(head['pretty_name'], shownName(release.manifest.recipe.name));
        assert.deepEqual(parse(card.slice(4, card.indexOf('\n---\n', 4))), head);
      }),
    );
  });

  it('keeps Norwegian a language', () => {
    const release = plain();
    const { head } = parts(
      datasetCard({ ...release, reviews: { ...release.reviews, languages: ['no', 'zh-Hant'] } }),
    );
    assert.deepEqual(head['language'], ['no', 'zh']);
    assert.deepEqual(head['language_details'], ['no', 'zh-Hant']);
    assert.deepEqual(head['multilinguality'], ['multilingual', 'translation']);
  });

  it('gives the size by rows', () => {
    const sizeOf = (rows: number) => parts(datasetCard(withRows(plain(), rows))).head['size_categories'];
    assert.deepEqual(sizeOf(0), ['n<1K']);
    assert.deepEqual(sizeOf(999), ['n<1K']);
    assert.deepEqual(sizeOf(1000), ['1K<n<10K']);
    assert.deepEqual(sizeOf(52_002), ['10K<n<100K']);
    assert.deepEqual(sizeOf(1_000_000), ['1M<n<10M']);
  });

  it('says that nobody annotated where nobody did', () => {
    assert.deepEqual(parts(datasetCard(plain({ decided: false }))).head['annotations_creators'], [
      'no-annotation',
    ]);
  });
});

describe('body of a dataset card', () => {
  it('has the sections of the template, counts, licences with what speaks against them, and how to load the rows', () => {
    const { body } = parts(datasetCard(plain()));
    for (const title of ['Uses', 'Dataset Structure', 'Dataset Creation', 'Bias, Risks, and Limitations'])
      assert.ok(body.includes(`\n## ${title}\n`), title);
    for (const title of [
      'Curation Rationale',
      'Source Data',
      'Annotation process',
      'Who are the annotators?',
    ])
      assert.ok(body.includes(`\n### ${title}\n`), title);
    assert.match(body, /\| train \| train\.jsonl \| 800 \|/);
    assert.match(body, /\| instruction target en-de \| 800 \|/);
    assert.match(body, /\| alpaca \| cc-by-nc-4\.0 \| by a machine \| 800 \|/);
    assert.match(body, /\| ntrex2 \| mit \| by people \| 300 \|/);
    assert.match(body, /- “alpaca” is under “cc-by-nc-4\.0”, so that the whole may not be used commercially/);
    assert.match(body, /no legal advice/);
    assert.match(body, /Of “alpaca” only what 2 reviewers approved is in\./);
    assert.match(body, /Without review: “ntrex2”\./);
    assert.match(body, /\| units that are pending \| 4 \|/);
    assert.match(body, /2 people, under pseudonyms/);
    assert.match(body, /load_dataset\(/);
  });

  it('says of no reviewer where there was none, and neither does the rest of the card', () => {
    const release = plain();
    const nobody = { ...release, reviews: { ...release.reviews, annotated: 0, reviewers: [] } };
    const { body } = parts(datasetCard(nobody));
    assert.match(body, /Nobody reviewed these rows\./);
    assert.doesNotMatch(body, /pseudonyms|Reviewers’ names|people looked|mended/);
  });

  it('points to the licences of the parts where the whole has none of the list', () => {
    const release = plain({ licences: ['cc-by-sa-4.0', 'odbl'] });
    const { head } = parts(datasetCard(release));
    const { file, text } = licenceFile(release)!;
    assert.deepEqual([head['license'], head['license_link']], ['other', file]);
    assert.match(text, /\| alpaca \| cc-by-sa-4\.0 \|[^]*no legal advice/);
    assert.equal(licenceFile(plain()), undefined);
  });

  it('says the whole of a warning, however long the names in it are', () => {
    const names = ['x', 'a'.repeat(100), 'b'.repeat(99), 'm'];
    const { body } = parts(datasetCard(plain({ names, licences: ['cc-by-sa-4.0', 'odbl'] })));
    assert.match(body, /^- “a{100}” is under .* or publish them apart\.$/m);
  });

  it('is the same each time', () => {
    fc.assert(
      fc.property(anyRelease, release =>
        assert.equal(datasetCard(structuredClone(release)), datasetCard(release)),
      ),
      { numRuns: 20 },
    );
  });

  it('has the same lines and cells, whatever the names are', () => {
    const form = (card: string) =>
      card
        .slice(card.indexOf('\n---\n', 4))
        .split('\n')
        .map(line => line.replace(/\\./g, '').replace(/[^|`#<>[\]]/g, ''))
        // A warning more or less is a line more or less.
        .filter(line => !line.startsWith('-'));
    const calm = datasetCard(plain());
    fc.assert(
      fc.property(fc.array(anyName, { minLength: 4, maxLength: 4 }), names => {
        const marked = names.map(name => `x${name}`);
        assert.deepEqual(form(datasetCard(plain({ names: marked }))), form(calm));
      }),
    );
  });
});

describe('plain text in Markdown', () => {
  it('leaves no mark without a backslash, and loses nothing', () => {
    for (const text of HOSTILE) {
      const shown = plainMarkdown(oneLine(text));
      assert.doesNotMatch(shown.replace(/\\[^\w\s]/g, ''), /[<>|`*_[\]&$~!#^@]|:\/\/|www\./, text);
      assert.equal(shown.replace(/\\([^\w\s])/g, '$1'), oneLine(text).replace(/\\([^\w\s])/g, '$1'), text);
      assert.doesNotMatch(shown, /[\n\0\u202e\u2066\u2028]/, text);
    }
  });
});
