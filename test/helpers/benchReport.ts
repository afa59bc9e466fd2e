/** What a measurement prints: a table with the reference beside each figure, or the same as JSON Lines. */
import { availableParallelism, loadavg } from 'node:os';

/** Read against the ratio where there is one, else against the figure itself. */
export type Goal = { readonly most: number } | { readonly least: number };

export interface Measured {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What is measured beside it in the same run, in the same unit. */
  readonly reference?: { readonly name: string; readonly value: number };
  readonly ratio?: number;
  readonly goal?: Goal;
}

/** A line of `--json`; null where there is none. */
export interface Row {
  readonly bench: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly reference: string | null;
  readonly referenceValue: number | null;
  readonly ratio: number | null;
  readonly goal: string | null;
  readonly met: boolean | null;
}

/** A time against another: how many times as long. */
export function slower(what: string, took: number, name: string, reference: number, goal?: Goal): Measured {
  const ratio = took / reference;
  return {
    what,
    value: took,
    unit: 'ms',
    reference: { name, value: reference },
    ratio,
    ...(goal && { goal }),
  };
}

/** A time against another where the goal is a speed: how many times as fast. */
export function faster(what: string, took: number, name: string, reference: number, goal?: Goal): Measured {
  return { ...slower(what, took, name, reference, goal), ratio: reference / took };
}

/** Prints all that a measurement found. */
export function present(bench: string, measured: readonly Measured[]): void {
  const rows = measured.map(each => toRow(bench, each));
  if (process.env['BENCH_JSON']) {
    for (const row of rows) console.log(JSON.stringify(row));
    return;
  }
  const load = loadavg().map(each => each.toFixed(1));
  console.log(
    `\nNode ${process.versions.node}, ${availableParallelism()} cores, load ${load.join(' ')}\n\n${table(rows)}`,
  );
}

function toRow(bench: string, { what, value, unit, reference, ratio, goal }: Measured): Row {
  const judged = ratio ?? value;
  return {
    bench,
    what,
    value,
    unit,
    reference: reference?.name ?? null,
    referenceValue: reference?.value ?? null,
    ratio: ratio ?? null,
    goal: goal ? ('most' in goal ? `at most ${goal.most}` : `at least ${goal.least}`) : null,
    met: goal ? ('most' in goal ? judged <= goal.most : judged >= goal.least) : null,
  };
}

function table(rows: readonly Row[]): string {
  const cells = [
    ['measured', 'figure', 'reference', 'figure', 'ratio', 'goal', 'met'],
    ...rows.map(({ what, value, unit, reference, referenceValue, ratio, goal, met }) => [
      what,
      `${figure(value)} ${unit}`,
      reference ?? '',
      referenceValue === null ? '' : `${figure(referenceValue)} ${unit}`,
      ratio?.toFixed(2) ?? '',
      goal ?? '',
      met === null ? '' : met ? 'yes' : 'NO',
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map(row => row[column]?.length ?? 0)));
  const lines = cells.map(row => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`);
  return [lines[0], `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`, ...lines.slice(1)].join(
    '\n',
  );
}

const figure = (value: number) =>
  Number.isInteger(value) || value >= 100 ? value.toFixed(0) : value.toFixed(1);

/** What is going on, for whoever waits; never among the results. */
export const progress = (text: string) => console.error(text);

/** @param share from 0 to 1: 0.5 is the median */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export const median = (values: readonly number[]) => percentile(values, 0.5);

/** Milliseconds of one run. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Runs each work once in every round, so that what the machine does besides falls on all of them alike.
 * @returns the median of each in milliseconds
 */
export async function alternate<Name extends string>(
  rounds: number,
  works: Readonly<Record<Name, () => unknown>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(works) as Name[];
  const took = new Map<Name, number[]>(names.map(name => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) took.get(name)?.push(await timed(works[name]));
  }
  return Object.fromEntries(names.map(name => [name, median(took.get(name) ?? [])])) as Record<Name, number>;
}
