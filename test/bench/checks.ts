/**
 * Measures the checks on real texts: how many wrong fields the language check finds and how many right ones it takes for
 * wrong, beside franc alone; for each check, how many planted mistakes it finds, how often it fires, how many sampled
 * findings were right, what it costs, and whether its time is linear. The data are not part of the project: without them
 * it says so, and that is no failure.
 *
 *   npm run bench -- checks
 */
import { join } from 'node:path';
import { present, progress, type Measured } from '../helpers/benchReport';
import { labelledFields, realShards } from '../helpers/checkData';
import { measureGrowth } from '../helpers/checkGrowth';
import { measureLanguages } from '../helpers/checkLanguages';
import {
  checkShard,
  firingTable,
  measurePlants,
  measurePrecision,
  measureSpeed,
} from '../helpers/checkMeasures';
import { PLANTS as ASSISTANT } from '../helpers/plants/assistant';
import { PLANTS as DAMAGE } from '../helpers/plants/damage';
import { PLANTS as LANGUAGE } from '../helpers/plants/language';
import { PLANTS as MARKUP } from '../helpers/plants/markup';
import { PLANTS as STRUCTURE } from '../helpers/plants/structure';
import { PLANTS as TASKS } from '../helpers/plants/tasks';
import { PLANTS as TERMS } from '../helpers/plants/terms';

const PLANTS = [...LANGUAGE, ...ASSISTANT, ...MARKUP, ...STRUCTURE, ...DAMAGE, ...TASKS, ...TERMS];
const data = process.argv[2] ?? '../shared/data';

const print = (text: string) => {
  if (!process.env['BENCH_JSON']) console.log(text);
};
const absent = (what: string) => {
  print(`\n${what}: data absent`);
};

async function measure(): Promise<Measured[]> {
  const rows: Measured[] = [];
  const take = ({ table, rows: more }: { table: string; rows: Measured[] }) => {
    print(table);
    rows.push(...more);
  };
  progress('labelled fields');
  const labelled = labelledFields(data);
  if (labelled) {
    const { tables, rows: more } = measureLanguages(labelled);
    tables.forEach(print);
    rows.push(...more);
  } else absent(join(data, 'langid-dev.jsonl'));
  progress('real shards');
  const shards = (await realShards(data, absent)).map(checkShard);
  print(firingTable(shards));
  take(measurePlants(shards, PLANTS));
  take(measurePrecision(shards, join('test', 'bench', 'verdicts')));
  progress('speed');
  const chinese = shards.find(({ name }) => name === 'en-zh');
  if (chinese) take(measureSpeed(chinese.units));
  progress('growth');
  return [...rows, ...measureGrowth()];
}

measure().then(
  rows => {
    present('checks', rows);
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
