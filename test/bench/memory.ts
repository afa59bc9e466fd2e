/** What a sitting of 2,000 decisions leaves behind in the memory of the page, in real VS Code. */
import { present, progress, type Measured } from '../helpers/benchReport';
import { inPage, withSitting } from '../helpers/pageProbe';
import type { Workbench } from '../page/workbench';

const SETTLE_MS = 3000;
const FIRST = 200;
const ALL = 2000;

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
    elements: await inPage<number>(bench, `approve(${FIRST})`),
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

withSitting('memory', ALL + 10, async bench => present('memory', await sitting(bench))).catch(
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
