/**
 * A reviewer's day in real VS Code: how soon the next record is there after a decision, beside what no decision can do
 * without; what 2,000 decisions leave behind in the memory of the page. How soon the page is there: `ready.ts`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { percentile, present, progress, slower, timed, type Measured } from '../helpers/benchReport';
import { inPage, openFile, watchPages, whenProbe } from '../helpers/pageProbe';
import { record } from '../helpers/shardFixture';
import { focusList } from '../page/steps';
import { openWorkbench, type Workbench } from '../page/workbench';

const DECISIONS = 60;
/** A person at their quickest looks this long at a record. Milliseconds. */
const LOOK_MS = 400;
const SETTLE_MS = 3000;
const FIRST = 200;
const ALL = 2000;

/** What no decision can do without. */
async function bareAppend(path: string): Promise<void> {
  const file = await open(path, 'a');
  await file.write(`${'x'.repeat(400)}\n`);
  await file.sync();
  await file.close();
}

async function deciding(bench: Workbench, folder: string): Promise<Measured> {
  progress('deciding');
  await focusList(bench);
  const bare: number[] = [];
  for (let made = 0; made < DECISIONS; made++) {
    await bench.page.waitForTimeout(LOOK_MS);
    const append = await timed(() => bareAppend(join(folder, 'bare')));
    bare.push(append + (await inPage<{ painted: number }>(bench, 'roundTrip()')).painted);
    await bench.press('a');
    await whenProbe(bench, ({ nexts }) => nexts.length > made, 20_000);
  }
  const { nexts } = await whenProbe(bench, () => true);
  return slower(
    'key to next record painted, 95 %',
    percentile(nexts, 0.95),
    'append with fsync + empty round trip, 95 %',
    percentile(bare, 0.95),
    { most: 2 },
  );
}

/** Bytes of the JavaScript heap that the page is in, after a forced collection. */
async function heap({ page }: Workbench): Promise<number> {
  // The page shares it with the window of VS Code, whose own growth counts here too.
  // What the probe puts off until nobody waits for the page is done by then.
  await page.waitForTimeout(SETTLE_MS);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.enable');
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  await devtools.detach();
  return usedSize;
}

async function sitting(bench: Workbench): Promise<Measured[]> {
  progress(`a sitting of ${ALL} records`);
  const first = {
    elements: await inPage<number>(bench, `approve(${FIRST - DECISIONS})`),
    bytes: await heap(bench),
  };
  const last = { elements: await inPage<number>(bench, `approve(${ALL - FIRST})`), bytes: await heap(bench) };
  const grown = (what: string, value: number, reference: number, unit: string): Measured => ({
    ...{ what, value, unit, ratio: value / reference },
    reference: { name: `after ${FIRST}`, value: reference },
    goal: { most: 1.1 },
  });
  return [
    grown(`memory after ${ALL} records`, last.bytes / 1e6, first.bytes / 1e6, 'MB'),
    grown(`elements after ${ALL} records`, last.elements, first.elements, 'elements'),
  ];
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crossalpaca-bench-sitting-'));
  const rows = Array.from({ length: ALL + 10 }, (_, row) =>
    record(`r${row}`, `Das ist der Apfel mit der Nummer ${row}.`),
  );
  writeFileSync(join(folder, 'shard.jsonl'), `${rows.join('\n')}\n`);
  const settings = {
    'crossalpaca.reviewer': 'anna',
    'workbench.editorAssociations': { '*.jsonl': 'crossalpaca.review' },
  };
  let bench: Workbench | undefined;
  try {
    bench = await openWorkbench({ folder, settings });
    await watchPages(bench);
    await openFile(bench, 'shard.jsonl');
    present('sitting', [await deciding(bench, folder), ...(await sitting(bench))]);
  } catch (error) {
    await bench?.screenshot('bench');
    throw error;
  } finally {
    await bench?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
