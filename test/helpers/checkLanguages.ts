/** How well the language check tells right fields from wrong ones, beside franc alone. */
import { franc } from 'franc';
import type { CheckInput } from '../../src/core/check';
import { runChecks } from '../../src/core/checks';
import { LANGUAGE_CHECKS } from '../../src/core/checks/language';
import type { Field } from '../../src/core/record';
import type { Measured } from './benchReport';
import type { LabelledField } from './checkData';

/** The 20 languages of the labelled fields and English, as franc calls them. */
const FRANC_CODES: Readonly<Record<string, string>> = {
  en: 'eng', it: 'ita', es: 'spa', de: 'deu', fr: 'fra', pt: 'por', ro: 'ron', nl: 'nld', pl: 'pol', tr: 'tur', vi: 'vie',
  id: 'ind', ru: 'rus', uk: 'ukr', el: 'ell', ar: 'arb', hi: 'hin', zh: 'cmn', ja: 'jpn', ko: 'kor', th: 'tha',
}; // prettier-ignore
const ONLY = Object.values(FRANC_CODES);
const BUCKETS = ['<15', '15-30', '30-60', '60-120', '>120'];

/** What `franc` says when it is asked for the languages in question. */
export const francAlone = (text: string): string => franc(text, { only: ONLY });

/** Hits among cases, by bucket of length. */
class Line {
  readonly #cells = new Map<string, { hits: number; francs: number; cases: number }>();

  add(bucket: string, hit: boolean, francs: boolean): void {
    for (const name of [bucket, 'all']) {
      const cell = this.#cells.get(name) ?? { hits: 0, francs: 0, cases: 0 };
      this.#cells.set(name, cell);
      cell.cases++;
      if (hit) cell.hits++;
      if (francs) cell.francs++;
    }
  }

  /** In percent. */
  of(bucket: string, whose: 'hits' | 'francs' = 'hits'): number | undefined {
    const cell = this.#cells.get(bucket);
    return cell && (100 * cell[whose]) / cell.cases;
  }
}

class Lines {
  readonly byName = new Map<string, Line>();

  add(name: string, bucket: string, hit: boolean, francs: boolean): void {
    let line = this.byName.get(name);
    if (!line) this.byName.set(name, (line = new Line()));
    line.add(bucket, hit, francs);
  }

  toMarkdown(title: string, digits: number): string {
    const columns = [...BUCKETS, 'all'];
    const cell = (value: number | undefined) => value?.toFixed(digits) ?? '';
    const rows = [...this.byName].map(([name, line]) => {
      const cells = [...columns.map(bucket => cell(line.of(bucket))), cell(line.of('all', 'francs'))];
      return `| ${[name, ...cells].join(' | ')} |`;
    });
    return [
      `\n## ${title}, % by length in characters\n`,
      `| | ${[...columns, 'franc alone'].join(' | ')} |`,
      `|---|${'---|'.repeat(columns.length + 1)}`,
      ...rows,
    ].join('\n');
  }
}

/** Where a labelled field may stand; the figures should be the same in each. */
const PLACES: Readonly<Record<string, (field: LabelledField, source: string) => CheckInput>> = {
  'in its field': ({ kind, ...field }, source) =>
    input(field, alpacaWith(kind, source), alpacaWith(kind, field.text)),
  'as output': (field, source) =>
    input(field, alpacaWith('output', source), alpacaWith('output', field.text)),
  'as parallel text': (field, source) =>
    input(field, [{ name: 'text', text: source }], [{ name: 'text', text: field.text }]),
};

const alpacaWith = (name: string, text: string): Field[] =>
  ['instruction', 'input', 'output'].map(field => ({ name: field, text: field === name ? text : '' }));

const input = (
  { expected }: Pick<LabelledField, 'expected'>,
  source: readonly Field[],
  target: readonly Field[],
): CheckInput => ({ sourceLang: 'en', targetLang: expected, source, target });

const warns = (unit: CheckInput): boolean =>
  runChecks(unit, LANGUAGE_CHECKS).some(({ severity }) => severity !== 'info');

/** Goals in percent; the buckets are those of English that was left in, with its source. */
const GOALS = {
  clean: 0.3,
  cleanWithoutGerman: 0.1,
  names: 1,
  neutral: 0.3,
  english: [82, 95, 96, 97, 99],
  englishWithoutSource: 85,
  'swap-close': 86,
  'swap-far': 87,
  'sent-mix': 93,
  'half-en': 55,
  'quarter-en': 55,
  romanised: 90,
} as const;
const RECALLS = ['swap-close', 'swap-far', 'sent-mix', 'half-en', 'quarter-en', 'romanised'] as const;

/** Measures each place, and the first in full. */
export function measureLanguages(fields: readonly LabelledField[]): { tables: string[]; rows: Measured[] } {
  const tables: string[] = [];
  const rows: Measured[] = [];
  const francs = fields.map(
    ({ expected, text }) => ![FRANC_CODES[expected], 'und'].includes(francAlone(text)),
  );
  for (const [place, unitOf] of Object.entries(PLACES)) {
    const recall = new Lines();
    const alarms = new Lines();
    fields.forEach((field, index) => {
      const { expected, text, type, bucket, wrong } = field;
      const add = (lines: Lines, name: string, hit: boolean) => {
        lines.add(name, bucket, hit, francs[index] === true);
      };
      const found = warns(unitOf(field, type === 'english' ? text : (field.en ?? '')));
      add(wrong ? recall : alarms, type, found);
      if (type === 'english') add(recall, 'english, without source', warns(unitOf(field, '')));
      if (type !== 'clean') return;
      add(alarms, `clean ${expected}`, found);
      if (expected !== 'de') add(alarms, 'clean but German', found);
    });
    if (tables.length === 0)
      tables.push(recall.toMarkdown('Recall', 1), alarms.toMarkdown('False alarms', 2));
    rows.push(...judged(place, recall, alarms));
  }
  return { tables, rows };
}

function judged(place: string, recall: Lines, alarms: Lines): Measured[] {
  const row = (
    lines: Lines,
    name: string,
    bound: 'most' | 'least',
    goal: number,
    bucket = 'all',
  ): Measured[] => {
    const line = lines.byName.get(name);
    const value = line?.of(bucket);
    if (!line || value === undefined) return [];
    return [
      {
        what: `language, ${place}: ${lines === recall ? 'found' : 'false alarms'}, ${name}${bucket === 'all' ? '' : ` ${bucket}`}`,
        value,
        unit: '%',
        reference: { name: 'franc alone', value: line.of(bucket, 'francs') ?? NaN },
        goal: bound === 'most' ? { most: goal } : { least: goal },
      },
    ];
  };
  return [
    ...row(alarms, 'clean', 'most', GOALS.clean),
    ...row(alarms, 'clean but German', 'most', GOALS.cleanWithoutGerman),
    ...row(alarms, 'neutral-name', 'most', GOALS.names),
    ...['code', 'num', 'misc'].flatMap(kind => row(alarms, `neutral-${kind}`, 'most', GOALS.neutral)),
    ...BUCKETS.flatMap((bucket, index) =>
      row(recall, 'english', 'least', GOALS.english[index] ?? NaN, bucket),
    ),
    ...row(recall, 'english, without source', 'least', GOALS.englishWithoutSource),
    ...RECALLS.flatMap(type => row(recall, type, 'least', GOALS[type])),
  ];
}
