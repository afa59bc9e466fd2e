/**
 * How soon the next record is there after a decision in real VS Code, beside what no decision can do without. How soon the
 * page is there: `ready.ts`; what a long sitting leaves behind: `memory.ts`.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { percentile, present, progress, slower, timed, type Measured } from '../helpers/benchReport';
import { inPage, whenProbe, withSitting } from '../helpers/pageProbe';
import { focusList } from '../page/steps';
import type { Workbench } from '../page/workbench';

const DECISIONS = 60;
/** A person at their quickest looks this long at a record. Milliseconds. */
const LOOK_MS = 400;

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

withSitting('sitting', DECISIONS + 10, async (bench, folder) =>
  present('sitting', [await deciding(bench, folder)]),
).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
