/**
 * What a large shard costs in real VS Code, as a person meets it: opening, jumping, deciding; the size of messages; memory
 * and holds of the extension host. Next to each what cannot be done without: the same with a small shard, an empty round
 * trip from page to host and back, a bare append with fsync.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { benchData, RARE_WORD, seeded, type BenchData } from '../helpers/benchData';
import {
  median,
  percentile,
  present,
  progress,
  slower,
  timed,
  type Goal,
  type Measured,
} from '../helpers/benchReport';
import { extensionHost, type ExtensionHost } from '../helpers/extensionHost';
import { writeLargeLedgers } from '../helpers/largeLedgers';
import { inPage, watchPages, whenProbe } from '../helpers/pageProbe';
import { record } from '../helpers/shardFixture';
import { openWorkbench, type Workbench } from '../page/workbench';

const OPENINGS = 5;
const JUMPS = 60;
const DECISIONS = 40;
const EVENTS = 100_000;
/** Units that the large ledgers speak of; those after them nobody has touched. */
const REVIEWED_UNITS = 60_000;
const SPARE_UNITS = 200;
const MAX_MESSAGE = 256;
const MAX_SLICE_MS = 50;
const MAX_GROWTH_MB = 100;

/** UTF-8 kibibytes of the largest message that any page got. */
let largestMessage = 0;

/** Shards for this measurement alone, below the folder of the others, which is the workspace. */
function ownShards(data: BenchData): void {
  for (const name of ['fresh', 'reviewed', 'long']) {
    const folder = join(data.folder, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const lines = name === 'long' ? longRows() : reviewedRows();
    writeFileSync(join(folder, 'shard.jsonl'), `${lines.join('\n')}\n`);
  }
  writeLargeLedgers(join(data.folder, 'reviewed', 'shard.jsonl'), EVENTS);
}

/** The records that the events of the large ledgers are about, and some more. */
function reviewedRows(): string[] {
  return Array.from({ length: REVIEWED_UNITS + SPARE_UNITS }, (_, unit) =>
    record(`alpaca-${unit}`, `Ein Apfel, ${unit}.`).replace(
      /"target_lang":"de"/,
      `"target_lang":"${['de', 'ar', 'zh'][unit % 3]!}"`,
    ),
  );
}

/** Rows whose fields are as long, and take as many bytes in a message, as a hostile dataset would have them. */
function longRows(): string[] {
  const texts = [
    'x '.repeat(5 << 20),
    '字'.repeat(70_000),
    '"'.repeat(65_000),
    '\u0001'.repeat(65_000),
    '\ud800'.repeat(65_000),
  ];
  const side = (text: string) => ({ instruction: text, input: text, output: text });
  const whole = (id: string, text: string, more: object = {}) =>
    JSON.stringify({
      id,
      source: side(text),
      target: side(text),
      source_lang: 'en',
      target_lang: 'zh',
      ...more,
    });
  const members = Object.fromEntries(
    Array.from({ length: 2000 }, (_, at) => [`member-${at}`, '"'.repeat(1000)]),
  );
  return [
    ...texts.map((text, at) => whole(`long-${at}`, text)),
    whole('members', 'Short.', members),
    `{"broken": "${'\u0001'.repeat(5 << 20)}`,
    ...Array.from({ length: 300 }, (_, at) => whole(`listed-${at}`, '\u0001字'.repeat(500))),
  ];
}

/** Opens a shard by the command, as somebody does who has no file open. @returns milliseconds until its record is painted */
async function openShard(bench: Workbench, path: string): Promise<number> {
  await bench.runCommand('CrossAlpaca: Review Shard');
  const picker = bench.page.locator('.quick-input-widget:visible');
  const item = picker.locator('.monaco-list-row', { hasText: path }).first();
  await item.waitFor();
  await picker.locator('input[type="text"]').fill(path);
  await item.waitFor();
  const start = Date.now();
  await bench.press('Enter');
  await bench.frame.locator('h2').first().waitFor();
  const { firstPainted } = await whenProbe(bench, probe => probe.firstPainted > 0);
  return firstPainted - start;
}

async function closeShard(bench: Workbench): Promise<void> {
  const { largest } = await whenProbe(bench, () => true);
  largestMessage = Math.max(largestMessage, largest / 1024);
  await closeEditor(bench);
}

async function closeEditor(bench: Workbench): Promise<void> {
  await bench.runCommand('View: Close Editor');
  await bench.page.locator('iframe.webview:visible').waitFor({ state: 'detached' });
}

const matched = (bench: Workbench) => whenProbe(bench, ({ shard }) => shard?.matched === true);

async function opening(bench: Workbench): Promise<Measured> {
  progress('opening');
  const took = { small: [] as number[], large: [] as number[] };
  for (let round = 0; round < OPENINGS; round++) {
    for (const name of ['small', 'large'] as const) {
      took[name].push(await openShard(bench, `${name}.jsonl`));
      await closeShard(bench);
    }
  }
  return slower('command to record painted', median(took.large), 'with 4 MB', median(took.small), {
    most: 1.3,
  });
}

interface RoundTrip {
  readonly answered: number;
  readonly painted: number;
}

async function jumping(bench: Workbench): Promise<Measured[]> {
  progress('jumping');
  const random = seeded(1);
  const took = { trip: [] as number[], go: [] as number[], scroll: [] as number[], click: [] as number[] };
  const rows = (await whenProbe(bench, () => true)).shard?.rows ?? 0;
  for (let jump = 0; jump < JUMPS; jump++) {
    took.trip.push((await inPage<RoundTrip>(bench, 'roundTrip()')).painted);
    took.go.push(await inPage(bench, `go(${Math.floor(random() * rows)})`));
    took.scroll.push(await inPage(bench, `scrollTo(${random()})`));
    took.click.push(await inPage(bench, 'clickMiddle()'));
  }
  const measured = (what: string, all: readonly number[], goal?: Goal) =>
    slower(what, percentile(all, 0.95), 'empty round trip, painted, 95 %', percentile(took.trip, 0.95), goal);
  return [
    measured('jump to a random row painted, 95 %', took.go, { most: 2 }),
    measured('click on a row of the list painted, 95 %', took.click, { most: 2 }),
    measured('list at a random place painted, 95 %', took.scroll),
  ];
}

async function searching(bench: Workbench): Promise<void> {
  for (const query of [RARE_WORD, 'score < 3', '']) {
    progress(`searching ${query}`);
    const filter = bench.frame.locator('#filter');
    await filter.fill(query);
    await filter.press('Enter');
    await bench.page.waitForTimeout(500);
    await whenProbe(bench, ({ shard }) => shard?.queue.progress === null);
  }
}

/** What no decision can do without. */
async function bareAppend(path: string): Promise<void> {
  const file = await open(path, 'a');
  await file.write(`${'x'.repeat(400)}\n`);
  await file.sync();
  await file.close();
}

async function deciding(
  bench: Workbench,
  data: BenchData,
  folder: string,
  name: string,
): Promise<Measured[]> {
  progress(`deciding, ${name}`);
  await openShard(bench, `${folder}/shard.jsonl`);
  await matched(bench);
  await bench.runCommand('CrossAlpaca: Go to Record');
  await bench.page.locator('.quick-input-title:visible').filter({ hasText: 'Go to a Record' }).waitFor();
  await bench.page.keyboard.type(String(REVIEWED_UNITS + 1));
  await bench.press('Enter');
  await bench.frame.getByRole('heading', { name: `alpaca-${REVIEWED_UNITS}@` }).waitFor();
  await bench.frame.getByRole('listbox').focus();
  const bare: number[] = [];
  for (let made = 0; made < DECISIONS; made++) {
    const append = await timed(() => bareAppend(join(data.folder, folder, 'bare')));
    bare.push(append + (await inPage<RoundTrip>(bench, 'roundTrip()')).painted);
    await bench.press('a');
    await whenProbe(bench, ({ decisions }) => decisions.length > made, 20_000);
    const next = `alpaca-${REVIEWED_UNITS + made + 1}@`;
    await bench.frame.getByRole('heading', { name: next }).waitFor();
  }
  const { decisions, commands } = await whenProbe(bench, () => true);
  await closeShard(bench);
  const reference = percentile(bare, 0.95);
  const least = 'append with fsync + empty round trip, 95 %';
  return [
    slower(`key to decision painted, ${name}, 95 %`, percentile(decisions, 0.95), least, reference, {
      most: 2,
    }),
    slower(
      'of which from the key to its command in the page, 95 %',
      percentile(commands, 0.95),
      least,
      reference,
    ),
  ];
}

/** Goes through the shard of long rows, which is there only for the size of its messages. */
async function reading(bench: Workbench): Promise<void> {
  progress('reading long rows');
  await openShard(bench, 'long/shard.jsonl');
  await matched(bench);
  await bench.frame.getByRole('listbox').focus();
  for (const { key, times } of [
    { key: 'a', times: 1 },
    { key: 'j', times: 12 },
    { key: 'End', times: 1 },
  ]) {
    for (let time = 0; time < times; time++) {
      await bench.press(key);
      await bench.page.waitForTimeout(500);
    }
  }
  await closeShard(bench);
}

/** The worst slice of the event loop since the last time this was asked. */
async function slice(host: ExtensionHost, what: string): Promise<Measured[]> {
  const { cpu, wall } = await host.slices();
  await host.reset();
  return [
    { what: `longest slice of CPU time, ${what}`, value: cpu, unit: 'ms', goal: { most: MAX_SLICE_MS } },
    { what: 'the same with waiting for a core', value: wall, unit: 'ms' },
  ];
}

function growth(what: string, large: number, small: number): Measured {
  const [value, reference] = [large / 1e6, small / 1e6];
  return {
    what,
    value: value - reference,
    unit: 'MB',
    reference: { name: 'with 4 MB', value: reference },
    goal: { most: MAX_GROWTH_MB },
  };
}

async function measure(bench: Workbench, data: BenchData): Promise<Measured[]> {
  // Opened with the window, so that VS Code and the extension have started when measuring begins.
  await bench.frame.locator('h2').first().waitFor();
  await closeEditor(bench);
  await watchPages(bench);
  const measured = [await opening(bench)];
  const host = await extensionHost(bench);
  if (!host)
    progress('memory and slices are not measured: that needs Linux, and port 9229 for the inspector');
  const slices = async (what: string) => (host ? slice(host, what) : []);
  progress('memory');
  await openShard(bench, 'small.jsonl');
  await matched(bench);
  const small = await host?.memory();
  await closeShard(bench);
  await host?.reset();
  await openShard(bench, 'large.jsonl');
  await matched(bench);
  measured.push(...(await slices('opening and matching')));
  const large = await host?.memory();
  if (small && large) {
    measured.push(growth('resident memory of the extension host', large.resident, small.resident));
    measured.push(growth('objects and buffers it holds', large.held, small.held));
  }
  await host?.reset();
  measured.push(...(await jumping(bench)), ...(await slices('jumping')));
  await searching(bench);
  measured.push(...(await slices('searching')));
  await closeShard(bench);
  measured.push(...(await deciding(bench, data, 'fresh', 'no events')));
  measured.push(...(await deciding(bench, data, 'reviewed', `${EVENTS} events`)));
  measured.push(...(await slices(`deciding with ${EVENTS} events`)));
  await reading(bench);
  await host?.close();
  return [
    ...measured,
    { what: 'largest message to a page', value: largestMessage, unit: 'KiB', goal: { most: MAX_MESSAGE } },
  ];
}

async function main(): Promise<void> {
  const data = benchData();
  ownShards(data);
  const settings = { 'crossalpaca.reviewer': 'anna' };
  const bench = await openWorkbench({ folder: data.folder, file: data.small, settings });
  try {
    present('pageSize', await measure(bench, data));
  } catch (error) {
    await bench.screenshot('bench');
    throw error;
  } finally {
    await bench.close();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
