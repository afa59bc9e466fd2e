/** Real texts for measuring checks: labelled fields, machine translations, professional ones. None is part of the project. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckInput, FileFacts } from '../../src/core/check';
import { LengthRatios } from '../../src/core/checks/lengthRatios';
import { readRecord, type Unit } from '../../src/core/record';
import { importShard } from '../../src/importing';
import { sha256 } from './builders';

/** A field with what is known of its language. */
export interface LabelledField {
  readonly expected: string;
  /** 1 where a check of language must warn. */
  readonly wrong: 0 | 1;
  readonly type: string;
  readonly kind: 'instruction' | 'input' | 'output';
  /** Length in characters. */
  readonly bucket: string;
  readonly text: string;
  /** The English source, where it is known. */
  readonly en: string | null;
}

/** A unit as the checks see it, with its key. */
export type CheckedText = CheckInput & Pick<Unit, 'key'>;

export interface RealShard {
  readonly name: string;
  /** By people who do it for a living: nearly nothing may fire. */
  readonly professional: boolean;
  readonly units: readonly CheckedText[];
}

export function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}

export function labelledFields(data: string): LabelledField[] | undefined {
  const path = join(data, 'langid-dev.jsonl');
  return existsSync(path) ? linesOf(path).map(line => JSON.parse(line) as LabelledField) : undefined;
}

/** The units of a file of JSON Lines, with the facts of that file. */
export function unitsOf(path: string): CheckedText[] {
  const units = linesOf(path).flatMap(line => {
    const result = readRecord(line, sha256);
    return result.ok ? result.units : [];
  });
  const facts = factsOf(units);
  return units.map(({ key, sourceLang, targetLang, source, target }) => ({
    key,
    sourceLang,
    targetLang,
    source,
    target,
    facts,
  }));
}

function factsOf(units: readonly Unit[]): FileFacts {
  const ratios = new LengthRatios();
  for (const { source, target, targetLang } of units) {
    const sources = new Map(source.map(({ name, text }) => [name, text]));
    ratios.add(
      targetLang,
      target.map(({ name, text }) => ({ name, source: sources.get(name) ?? '', target: text })),
    );
  }
  return { lengthRatios: ratios.result() };
}

/** NTREX's names of languages. */
const NTREX: Readonly<Record<string, string>> = {
  ita: 'it',
  deu: 'de',
  spa: 'es',
  'zho-CN': 'zh',
  arb: 'ar',
};

/** All shards whose data are there; says which are not. */
export async function realShards(data: string, absent: (what: string) => void): Promise<RealShard[]> {
  const folder = mkdtempSync(join(tmpdir(), 'crossalpaca-checks-'));
  const shards: RealShard[] = [];
  const has = (...paths: string[]) => {
    const missing = paths.find(path => !existsSync(path));
    if (missing !== undefined) absent(missing);
    return missing === undefined;
  };
  try {
    const chinese = join(data, 'en-zh', 'alpaca-00000-04999.jsonl');
    if (has(chinese)) shards.push({ name: 'en-zh', professional: false, units: unitsOf(chinese) });
    const [english, german] = ['source_en', 'translated_de'].map(name => join(data, 'en-de', `${name}.json`));
    if (english !== undefined && german !== undefined && has(english, german))
      shards.push({ name: 'en-de', professional: false, units: await paired(folder, english, german, 'de') });
    const original = join(data, 'ntrex', 'newstest2019-src.eng.txt');
    for (const [code, lang] of Object.entries(NTREX)) {
      const translated = join(data, 'ntrex', `newstest2019-ref.${code}.txt`);
      if (!has(original, translated)) continue;
      const [source, target] = [original, translated].map((path, side) => asRows(folder, path, side));
      if (source === undefined || target === undefined) continue;
      const units = await paired(folder, source, target, lang);
      shards.push({ name: `ntrex-${lang}`, professional: true, units });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return shards;
}

/** A sentence a line, as JSON Lines. */
function asRows(folder: string, path: string, side: number): string {
  const rows = join(folder, `side${side}.jsonl`);
  const lines = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  writeFileSync(rows, lines.map(text => `${JSON.stringify({ text })}\n`).join(''));
  return rows;
}

/** Two files as `crossalpaca import` pairs them. */
async function paired(
  folder: string,
  source: string,
  target: string,
  targetLang: string,
): Promise<CheckedText[]> {
  const out = join(folder, 'shard.jsonl');
  const allowUnpaired = join(folder, 'unpaired.jsonl');
  for (const path of [out, allowUnpaired]) rmSync(path, { force: true });
  await importShard({
    source,
    target,
    sourceLang: 'en',
    targetLang,
    out,
    allowUnpaired,
  });
  return unitsOf(out);
}
