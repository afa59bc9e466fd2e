/**
 * `README.md` of an export: the dataset card of the Hugging Face Hub. Members and values of its head after
 * huggingface/hub-docs, datasetcard.md and docs/hub/datasets-cards.md; sections of its body after the template of
 * huggingface_hub (templates/datasetcard_template.md).
 */
import { stringify } from 'yaml';
import { plainMarkdown, table } from './markdown';
import { english } from './messages';
import { isReviewed, oneLine, protocol, shownName, splitFiles, type Release } from './release';

/** The greatest number of rows of each size, and its name. */
const SIZES: readonly (readonly [below: number, size: string])[] = [
  [1e3, 'n<1K'],
  [1e4, '1K<n<10K'],
  [1e5, '10K<n<100K'],
  [1e6, '100K<n<1M'],
  [1e7, '1M<n<10M'],
  [1e8, '10M<n<100M'],
  [1e9, '100M<n<1B'],
  [1e10, '1B<n<10B'],
];

/** Of the few names that the Hub takes for `license_link`, if it is no address. */
const LICENCE_FILE = 'LICENSE.md';

/** The card, with a line feed at its end: the same text for the same release. */
export function datasetCard(release: Release): string {
  const head = stringify(frontMatter(release), {
    // Readers of cards take YAML 1.1, where `no` is no language: a text in quotation marks is one in both.
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
  });
  return `---\n${head}---\n\n${body(release)}\n`;
}

/**
 * The file that the head of a card points to where the whole has no licence that the Hub knows: the licences of the parts.
 * @returns undefined where it has one
 */
export function licenceFile(release: Release): { file: string; text: string } | undefined {
  if (release.licence.name === undefined) return undefined;
  const { warnings } = release.licence;
  const notes = warnings.length > 0 ? [warningList(release)] : [];
  return { file: LICENCE_FILE, text: `${['# Licences', sources(release), ...notes].join('\n\n')}\n` };
}

function frontMatter({ manifest, reviews, licence }: Release) {
  const { recipe, kinds, counts } = manifest;
  const { origins, languages } = reviews;
  // ISO 639, of two or three letters; the whole tags go into the details.
  const codes = [...new Set(languages.map(tag => tag.split('-')[0]?.toLowerCase() ?? ''))];
  const language = codes.filter(code => /^[a-z]{2,3}$/.test(code) && code !== 'und');
  const files = splitFiles(manifest);
  return {
    pretty_name: shownName(recipe.name),
    ...(language.length > 0 ? { language, language_details: languages } : {}),
    license: licence.licence,
    ...(licence.name === undefined ? {} : { license_name: licence.name, license_link: LICENCE_FILE }),
    annotations_creators: [reviews.annotated > 0 ? 'expert-generated' : 'no-annotation'],
    language_creators: [
      ...(origins.edited > 0 ? ['expert-generated'] : []),
      ...(origins.human > 0 ? ['found'] : []),
      ...(origins.machine + origins.edited > 0 ? ['machine-generated'] : []),
    ],
    multilinguality: [
      language.length > 1 ? 'multilingual' : 'monolingual',
      ...(kinds.translation > 0 ? ['translation'] : []),
    ],
    size_categories: [SIZES.find(([below]) => counts.rows < below)?.[1] ?? '10B<n<100B'],
    source_datasets: ['extended'],
    task_categories: [
      ...(kinds.instruction > 0 ? ['text-generation'] : []),
      ...(kinds.translation > 0 ? ['translation'] : []),
    ],
    tags: ['crossalpaca', 'instruction-tuning'],
    configs: [{ config_name: 'default', data_files: files.map(({ split, path }) => ({ split, path })) }],
  };
}

function body(release: Release): string {
  const { manifest, reviews } = release;
  const { recipe, counts } = manifest;
  const files = splitFiles(manifest);
  const shown = (text: string) => plainMarkdown(shownName(text));
  return [
    `# ${shown(recipe.name)}`,
    `${counts.rows} demonstrations for tuning a language model to follow instructions in several languages: ${manifest.kinds.instruction} that follow an instruction and ${manifest.kinds.translation} that translate. They were made with ${shown(manifest.tool)}.`,
    '## Uses',
    [
      'Made for supervised fine-tuning.',
      ...(recipe.evaluation.length > 0
        ? [
            'Near-copies of the questions of evaluation sets were kept out, of those that the recipe names and of no others.',
          ]
        : []),
    ].join(' '),
    '## Dataset Structure',
    `The rows are in the format \`${recipe.format}\`. Each has an \`id\`, which stays the same from one export to the next; \`reviews.jsonl\` has a row of the same \`id\` with what is known of it: where it comes from, who decided what and when, what was edited and how much. Lists and maps stand there as the text of their JSON. \`manifest.json\` has the recipe, and the SHA-256 of every file.`,
    table(
      ['Split', 'File', 'Rows'],
      files.map(({ split, path, rows = 0 }) => [split, shown(path), rows]),
    ),
    table(
      ['Kind, way and languages', 'Rows'],
      Object.entries(counts.made).map(([name, rows]) => [shown(name), rows]),
    ),
    'To load the rows:',
    `\`\`\`python\nfrom datasets import load_dataset\n\nrows = load_dataset("path/to/this/folder")\n\`\`\``,
    `The splits are divided by source record: all languages and directions of one record are on the same side. A record is known again by its texts and by its id; ids that are mere numbers were ${recipe.sameIds ? '' : 'not '}taken to mean the same record in all files.`,
    '## Dataset Creation',
    '### Curation Rationale',
    [
      'A model gets better in other languages when it is tuned on demonstrations in them and on demonstrations of translating (the recipe of CrossAlpaca, arXiv 2308.14186).',
      ...(reviews.annotated > 0
        ? [
            'Machine-translated ones have mistakes, so people looked at them in two languages side by side and mended what was wrong.',
          ]
        : []),
    ].join(' '),
    '### Source Data',
    sources(release),
    ...licenceNotes(release),
    '### Annotation process',
    [
      ...protocol(release).map(plainMarkdown),
      `${reviews.annotated} of ${reviews.rows} rows have a decision of a reviewer about the text that they hold.`,
    ].join('\n\n'),
    table(['Approvals of the text', 'Rows'], reviews.approvals),
    table(
      ['Text', 'Rows'],
      [
        ['written or translated by people, as it came', reviews.origins.human],
        ['made by a machine, as it came', reviews.origins.machine],
        ['changed by a reviewer', reviews.origins.edited],
      ],
    ),
    ...(reviews.models.length > 0
      ? [`Reviewers took proposals of these models: ${reviews.models.map(shown).join(', ')}.`]
      : []),
    '### What was left out',
    leftOut(release),
    '### Who are the annotators?',
    isReviewed(release)
      ? `${reviews.reviewers.length} ${reviews.reviewers.length === 1 ? 'person' : 'people'}, under pseudonyms. Nothing else about them is part of this dataset.`
      : 'Nobody reviewed these rows.',
    '### Personal and Sensitive Information',
    `The texts were not searched for personal data.${isReviewed(release) ? ' Reviewers’ names are left out; days of decisions are given, hours are not.' : ''}`,
    '## Bias, Risks, and Limitations',
    [
      `What the sources and the machine that translated them get wrong about people and facts is here too${isReviewed(release) ? ', as far as no reviewer mended it' : ''}.`,
      ...(counts.bySample > 0
        ? [
            `${counts.bySample} units were accepted because a sample of their like was good; nobody looked at them.`,
          ]
        : []),
      ...(counts.repaired > 0
        ? [`In ${counts.repaired} rows a broken character was replaced by U+FFFD.`]
        : []),
      ...(recipe.text === 'original'
        ? [
            'These are the machine’s texts of the rows that were chosen: corrections of the reviewers are not in them.',
          ]
        : []),
    ].join(' '),
  ].join('\n\n');
}

function sources({ manifest }: Release): string {
  const shown = (text: string) => plainMarkdown(shownName(text));
  const origin = new Map(manifest.recipe.shards.map(shard => [shard.name, shard.origin]));
  return table(
    ['Source', 'Licence', 'Texts', 'Rows'],
    manifest.licences.map(({ shard, licence, rows }) => [
      shown(shard),
      licence === '' ? 'not said' : shown(licence),
      origin.get(shard) === 'human' ? 'by people' : 'by a machine',
      rows,
    ]),
  );
}

function licenceNotes(release: Release): string[] {
  if (release.licence.warnings.length === 0) return [];
  return ['### Licences', warningList(release)];
}

function warningList({ licence }: Release): string {
  return licence.warnings.map(said => `- ${plainMarkdown(oneLine(english(said)))}`).join('\n');
}

function leftOut({ manifest }: Release): string {
  const { states, ...left } = manifest.counts.left;
  const reasons: Readonly<Record<keyof typeof left, string>> = {
    blocked: 'units approved, with a warning that the policy does not allow',
    bad: 'lines that are no records',
    unsuited: 'texts missing, too short or too long for what was asked',
    tooLong: 'rows longer than the recipe allows',
    duplicates: 'rows that were there already',
    evaluation: 'near-copies of questions of an evaluation set',
    notChosen: 'rows beyond the number that the recipe asks for',
    noPair: 'rows without a rejected text',
  };
  return table(
    ['Why', 'Number'],
    [
      ...Object.entries(states).map(([state, units]) => [
        `units that are ${plainMarkdown(shownName(state))}`,
        units,
      ]),
      ...Object.entries(left).map(([why, count]) => [reasons[why as keyof typeof left], count]),
    ],
  );
}
