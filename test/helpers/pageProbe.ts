/** Measuring inside the page: what it is told by the host, and when what it shows has been painted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWorkbench, type Workbench } from '../page/workbench';
import { record } from './shardFixture';

/** Begins the line in which a page tells of its first record. */
const PAINTED = 'first painted ';

/**
 * Runs in each frame before its own scripts; where the page asks for VS Code's interface, it begins to watch. Painted
 * means: the frame after the one in which the text came into the document has begun.
 */
const PROBE = `(() => {
  let acquire;
  Object.defineProperty(window, 'acquireVsCodeApi', {
    configurable: true,
    set(value) { acquire = value; },
    get: () => acquire && (() => watch(acquire())),
  });
  function watch(api) {
    const now = () => performance.now();
    const nextFrame = () => new Promise(resolve => requestAnimationFrame(resolve));
    const heading = () => document.querySelector('h2')?.textContent ?? '';
    const badge = () => document.querySelector('.title .badge')?.textContent ?? '';
    const until = test => new Promise(resolve => {
      const look = () => test() && (observer.disconnect(), resolve());
      const observer = new MutationObserver(look);
      observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
      look();
    });
    const painted = async test => { await until(test); await nextFrame(); return now(); };
    const waiting = new Map();
    let lastId = 2 ** 51;
    const probe = (window.crossalpacaProbe = {
      state: { shard: undefined, firstPainted: 0, largest: 0, commands: [], decisions: [], nexts: [] },
      key: 0,
      async roundTrip() {
        const start = now();
        const id = ++lastId;
        // Of nothing that is under way: the host has nothing to do.
        api.postMessage({ id, method: 'cancel', params: [0] });
        await new Promise(resolve => waiting.set(id, resolve));
        const answered = now();
        // The page draws what it was told in the next frame.
        await nextFrame(); await nextFrame();
        return { answered: answered - start, painted: now() - start };
      },
      async scrollTo(share) {
        const list = document.querySelector('#queue');
        const first = () => list.querySelector('.row')?.id;
        const before = first();
        const start = now();
        list.scrollTop = share * (list.scrollHeight - list.clientHeight);
        const whole = () => first() !== before &&
          [...list.querySelectorAll('.row .words')].every(each => each.textContent !== '');
        return (await painted(whole)) - start;
      },
      async go(row) {
        const start = now();
        // As the host tells it when somebody names a row.
        dispatchEvent(new MessageEvent('message', { data: { event: 'go', row } }));
        return (await painted(() => heading().startsWith('r' + row + '@'))) - start;
      },
      async approve(count) {
        for (let made = 0; made < count; made++) {
          const before = heading();
          // As the host tells it when the key is pressed.
          dispatchEvent(new MessageEvent('message', { data: { event: 'action', action: 'approve' } }));
          await painted(() => heading() !== before);
        }
        return document.querySelectorAll('*').length;
      },
      async clickMiddle() {
        const rows = [...document.querySelectorAll('#queue .row')];
        const row = rows[rows.length >> 1];
        const key = 'r' + row.id.slice('row-'.length) + '@';
        const start = now();
        row.click();
        return (await painted(() => heading().startsWith(key))) - start;
      },
    });
    addEventListener('message', ({ data }) => {
      waiting.get(data.id)?.();
      if (data.event === 'action') probe.state.commands.push(now() - probe.key);
      const shard = data.shard ?? data.start?.shard ?? data.value?.shard;
      if (shard) probe.state.shard = shard;
      const measure = () => {
        const bytes = new TextEncoder().encode(JSON.stringify(data)).length;
        probe.state.largest = Math.max(probe.state.largest, bytes);
      };
      // Not while somebody waits for the page.
      requestIdleCallback(measure);
    });
    addEventListener('keydown', async event => {
      if (event.key !== 'a') return;
      probe.key = event.timeStamp;
      const shown = heading();
      void painted(() => heading() !== shown).then(end => probe.state.nexts.push(end - event.timeStamp));
      const before = [heading(), badge()];
      const end = await painted(() => heading() !== before[0] || badge() !== before[1]);
      probe.state.decisions.push(end - event.timeStamp);
    }, true);
    // Here exactly, whatever drew it: the browser tells when it has put it on the screen.
    void until(() => heading() !== '').then(() => document.querySelector('h2').setAttribute('elementtiming', ''));
    new PerformanceObserver(list => {
      if (probe.state.firstPainted > 0) return;
      probe.state.firstPainted = performance.timeOrigin + list.getEntries()[0].startTime;
      console.debug('${PAINTED}' + probe.state.firstPainted);
    }).observe({ type: 'element', buffered: true });
    return api;
  }
})()`;

export interface ProbeState {
  /** What the page was last told of the shard. */
  readonly shard?: {
    readonly rows: number;
    readonly matched: boolean;
    readonly queue: { readonly progress: number | null };
  };
  /** Milliseconds since 1970 at which the first record had been painted; 0 until then. */
  readonly firstPainted: number;
  /** UTF-8 bytes of the JSON of the largest message so far. */
  readonly largest: number;
  /** Milliseconds from each press of `a` until VS Code had passed it on to the extension, and that to the page. */
  readonly commands: readonly number[];
  /** Milliseconds from each press of `a` until its decision or the next record was painted. */
  readonly decisions: readonly number[];
  /** Milliseconds from each press of `a` until the next record was painted. */
  readonly nexts: readonly number[];
}

/** Watches every page that is opened from now on. */
export async function watchPages({ page }: Workbench): Promise<void> {
  await page.addInitScript(PROBE);
}

/**
 * Opens a file of the folder by its name, as a person does. Meanwhile nothing is asked of the page: what a question brings
 * along would be parsed while it loads.
 * @returns milliseconds from the key until its first heading, which a record has too, is painted
 */
export async function openFile(bench: Workbench, name: string): Promise<number> {
  const { page } = bench;
  await bench.press('Control+p');
  const picker = page.locator('.quick-input-widget:visible');
  await picker.locator('input[type="text"]').fill(name);
  // Files opened before are offered at once, and for a moment another one is chosen.
  await picker.locator('.monaco-list-row.focused', { hasText: name }).waitFor();
  const told = page.waitForEvent('console', { predicate: message => message.text().startsWith(PAINTED) });
  const start = Date.now();
  await bench.press('Enter');
  return Number((await told).text().slice(PAINTED.length)) - start;
}

/**
 * Opens a shard of short records under review, as anna, in a window whose pages are watched.
 * @param name of the bench
 * @param rows how many records
 */
export async function withSitting(
  name: string,
  rows: number,
  use: (bench: Workbench, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `crossalpaca-bench-${name}-`));
  const lines = Array.from({ length: rows }, (_, row) =>
    record(`r${row}`, `Das ist der Apfel mit der Nummer ${row}.`),
  );
  writeFileSync(join(folder, 'shard.jsonl'), `${lines.join('\n')}\n`);
  const settings = {
    'crossalpaca.reviewer': 'anna',
    'workbench.editorAssociations': { '*.jsonl': 'crossalpaca.review' },
  };
  let bench: Workbench | undefined;
  try {
    bench = await openWorkbench({ folder, settings });
    await watchPages(bench);
    await openFile(bench, 'shard.jsonl');
    await use(bench, folder);
  } catch (error) {
    await bench?.screenshot('bench');
    throw error;
  } finally {
    await bench?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Evaluates a member of the probe in the page that is to be seen: `roundTrip()`, `approve(10)`, `state`. */
export async function inPage<T>({ frame }: Workbench, member: string): Promise<T> {
  // A string, since the probe's type is the browser's.
  const value: unknown = await frame.locator('body').evaluate(`window.crossalpacaProbe.${member}`);
  return value as T;
}

/** Waits until the probe of the page is as it should be. */
export async function whenProbe(
  bench: Workbench,
  isSo: (state: ProbeState) => boolean,
  limit = 240_000,
): Promise<ProbeState> {
  const end = Date.now() + limit;
  for (;;) {
    const state = await inPage<ProbeState>(bench, 'state');
    if (isSo(state)) return state;
    if (Date.now() > end) throw new Error(`The page did not come so far within ${limit} ms.`);
    await bench.page.waitForTimeout(100);
  }
}
