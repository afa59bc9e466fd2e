/** How good the checks are on real texts: planted mistakes found, how often they fire, how many of those are right, and what it costs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check, CheckInput, CheckSettings, Finding } from '../../src/core/check';
import { CHECKS, runChecks } from '../../src/core/checks';
import type { Side } from '../../src/core/record';
import type { Measured } from './benchReport';
import type { CheckedText, RealShard } from './checkData';
import { francAlone } from './checkLanguages';
import type { Plant } from './plant';
import { randomOf, shuffled } from './twoLanguages';

const SEED = 1;
/** Mistakes of one kind planted in one shard. */
const PLANTED = 200;
/** Shards in which mistakes are planted. */
const PLANT_IN = ['en-zh', 'en-de', 'ntrex-it'];
const RECALL_GOAL = 95;
/** 40 of 50. */
const PRECISION_GOAL = 80;
const ROUNDS = 7;

/** What a team may have settled; none did for these shards, so what it says of them is kept apart. */
const SETTINGS: CheckSettings = { terms: [], register: 'formal', variant: 'Hans' };
const SETTLED = CHECKS.filter(({ needs }) => needs.includes('register') || needs.includes('variant'));

/** A shard with what all checks say of it. */
export interface CheckedShard extends RealShard {
  readonly found: readonly (readonly Finding[])[];
  /** What they say with `SETTINGS`, too. */
  readonly withSettings: readonly (readonly Finding[])[];
}

export function checkShard(shard: RealShard): CheckedShard {
  const found = shard.units.map(unit => runChecks(unit));
  const withSettings = shard.units.map((unit, index) => [
    ...(found[index] ?? []),
    ...runChecks({ ...unit, settings: SETTINGS }, SETTLED),
  ]);
  return { ...shard, found, withSettings };
}

const percent = (part: number, whole: number) => (whole === 0 ? NaN : (100 * part) / whole);

/** @returns a table by kind, and the recall of each check over all shards */
export function measurePlants(
  shards: readonly CheckedShard[],
  plants: readonly Plant[],
): { table: string; rows: Measured[] } {
  const places = shards.filter(({ name }) => PLANT_IN.includes(name));
  const clean = places.map(({ units, found }) =>
    shuffled(
      units.filter((_, index) => found[index]?.length === 0),
      randomOf(SEED),
    ),
  );
  const totals = new Map<string, { found: number; planted: number }>();
  const lines = plants.map(plant => {
    const total = totals.get(plant.check) ?? { found: 0, planted: 0 };
    totals.set(plant.check, total);
    const cells = clean.map(units => {
      const { found, planted } = plantIn(units, plant);
      total.found += found;
      total.planted += planted;
      return planted === 0 ? '' : `${found} of ${planted}`;
    });
    return `| ${[plant.check, plant.kind, ...cells].join(' | ')} |`;
  });
  const table = [
    `\n## Planted mistakes found, in right translations (up to ${PLANTED} of each)\n`,
    `| check | kind | ${places.map(({ name }) => name).join(' | ')} |`,
    `|---|---|${'---|'.repeat(places.length)}`,
    ...lines,
  ].join('\n');
  // Of a check without a row the texts have nothing that could be spoilt.
  const rows = [...totals]
    .filter(([, { planted }]) => planted > 0)
    .map(([check, { found, planted }]): Measured => ({
      what: `${check}: planted mistakes found, of ${planted}`,
      value: percent(found, planted),
      unit: '%',
      goal: { least: RECALL_GOAL },
    }));
  return { table, rows };
}

function plantIn(units: readonly CheckInput[], { check, plant }: Plant): { found: number; planted: number } {
  const random = randomOf(SEED);
  let planted = 0;
  let found = 0;
  for (const unit of units) {
    if (planted === PLANTED) break;
    const wrong = plant(unit, random);
    if (!wrong) continue;
    planted++;
    if (runChecks(wrong).some(finding => finding.check === check)) found++;
  }
  return { found, planted };
}

/** Of how many units in a thousand each check says something, notes after the plus. */
export function firingTable(shards: readonly CheckedShard[]): string {
  const rate = ({ units, withSettings }: CheckedShard, check: string, note: boolean) => {
    const fired = withSettings.filter(findings =>
      findings.some(finding => finding.check === check && (finding.severity === 'info') === note),
    ).length;
    return fired === 0 ? '' : ((1000 * fired) / units.length).toFixed(1);
  };
  const cell = (shard: CheckedShard, check: string) => {
    const [warned, noted] = [rate(shard, check, false), rate(shard, check, true)];
    return noted === '' ? warned : `${warned} + ${noted}`;
  };
  return [
    '\n## Units in a thousand with a warning, and + with a note; register and variant as if formal and Hans were settled\n',
    `| | ${shards.map(({ name, units }) => `${name} (${units.length})`).join(' | ')} |`,
    `|---|${'---|'.repeat(shards.length)}`,
    ...CHECKS.map(({ id }) => `| ${[id, ...shards.map(shard => cell(shard, id))].join(' | ')} |`),
  ].join('\n');
}

/** What people said of sampled findings. */
interface Verdicts {
  readonly checks: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          { readonly sampled: readonly (readonly [key: string, field: string, real: boolean])[] }
        >
      >
    >
  >;
}

/** @returns the share of real defects by check and shard, and which verdicts are of nothing that is found any more */
export function measurePrecision(
  shards: readonly CheckedShard[],
  folder: string,
): { table: string; rows: Measured[] } {
  const lines: string[] = [];
  const rows: Measured[] = [];
  const byName = new Map(shards.map(shard => [shard.name, findingsByPlace(shard)]));
  for (const file of readdirSync(folder).sort()) {
    const { checks } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Verdicts;
    for (const [check, samples] of Object.entries(checks)) {
      const sum = { real: 0, read: 0 };
      let isWarning = false;
      for (const [name, { sampled }] of Object.entries(samples)) {
        const places = byName.get(name);
        if (!places) continue;
        const severities = sampled.map(([key, field]) => places.get(placeOf(check, key, field)));
        if (sampled.length === 0) continue;
        const firing = sampled.filter((_, index) => severities[index] !== undefined);
        const real = firing.filter(verdict => verdict[2]).length;
        sum.real += real;
        sum.read += firing.length;
        isWarning ||= severities.some(severity => severity !== undefined && severity !== 'info');
        const gone = sampled.filter((_, index) => severities[index] === undefined).map(([key]) => key);
        lines.push(
          `| ${[check, name, `${real} of ${firing.length}`, gone.length === 0 ? '' : `${gone.length}: ${gone.join(' ')}`].join(' | ')} |`,
        );
      }
      if (sum.read === 0) continue;
      rows.push({
        what: `${check}: sampled findings that are right, of ${sum.read}${isWarning ? '' : ' (notes)'}`,
        value: percent(sum.real, sum.read),
        unit: '%',
        ...(isWarning && { goal: { least: PRECISION_GOAL } }),
      });
    }
  }
  const table = [
    '\n## Sampled findings read by people\n',
    '| check | shard | right | found no more |',
    '|---|---|---|---|',
    ...lines,
  ].join('\n');
  return { table, rows };
}

/** Each shard has one target language, whatever tag it had when the findings were read. */
const placeOf = (check: string, key: string, field: string) =>
  `${check} ${field} ${key.replace(/@[^@]*$/, '')}`;

/** The severity of each finding, the gravest where there are several. */
function findingsByPlace({ units, withSettings }: CheckedShard): Map<string, Finding['severity']> {
  const places = new Map<string, Finding['severity']>();
  withSettings.forEach((findings, index) => {
    const key = units[index]?.key ?? '';
    for (const { check, field, severity } of findings) {
      const place = placeOf(check, key, field);
      if (severity !== 'info' || !places.has(place)) places.set(place, severity);
    }
  });
  return places;
}

const took = (run: () => void) => {
  const start = performance.now();
  run();
  return performance.now() - start;
};

/**
 * All checks over the fields of a shard, and franc alone over the same fields, those of both sides, since the checks read
 * both; beside that over those of the target alone. One thread, the best of a few rounds.
 */
export function measureSpeed(units: readonly CheckedText[]): { table: string; rows: Measured[] } {
  const runAll = () => {
    for (const unit of units) runChecks(unit);
  };
  const runFranc = (sides: readonly Side[]) => {
    for (const unit of units) for (const side of sides) for (const { text } of unit[side]) francAlone(text);
  };
  let [all, francs, target] = [Infinity, Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++) {
    all = Math.min(all, took(runAll));
    francs = Math.min(
      francs,
      took(() => runFranc(['source', 'target'])),
    );
    target = Math.min(
      target,
      took(() => runFranc(['target'])),
    );
  }
  const each = CHECKS.map(check => ({ id: check.id, ms: timeOf(units, check) }));
  const table = [
    '\n## Time of each check alone, in percent of franc alone\n',
    '| check | % |',
    '|---|---|',
    ...each.sort((a, b) => b.ms - a.ms).map(({ id, ms }) => `| ${id} | ${percent(ms, francs).toFixed(1)} |`),
  ].join('\n');
  const measured = { what: `all checks over ${units.length} units`, value: all, unit: 'ms' };
  const rows: Measured[] = [
    {
      ...measured,
      reference: { name: 'franc alone, same fields', value: francs },
      ratio: all / francs,
      goal: { most: 1 },
    },
    { ...measured, reference: { name: 'franc on the target alone', value: target }, ratio: all / target },
  ];
  return { table, rows };
}

function timeOf(units: readonly CheckedText[], check: Check): number {
  const times = Array.from({ length: 3 }, () =>
    took(() => {
      for (const unit of units) runChecks(unit, [check]);
    }),
  );
  return Math.min(...times);
}
