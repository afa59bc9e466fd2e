/** A shard of ten million rows: it opens at once, every row can be reached, and the page stays as small as ever. */
import assert from 'node:assert/strict';
import { mkdtemp, open, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { counts, finds, focusList, goTo, marked, openFile, shows, until } from './steps';
import { openWorkbench, type Workbench } from './workbench';

const ROWS = 10_000_000;
/** Rows that are records, from 1; all others are only as long as a row must be. */
const RECORDS = [1, 2, 3, 5_000_000, 5_000_001, ROWS];
const FILLER = '{"a":1}\n';
const FILLERS_AT_ONCE = 1_000_000;
/** Elements of the list: those in sight, and no more. */
const MAX_ELEMENTS = 40;

function recordOf(row: number): string {
  const side = (instruction: string, output: string) => ({ instruction, input: '', output });
  const record = {
    id: `r${row}`,
    source: side(`Which fruit is number ${row}?`, 'An apple.'),
    target: side(`Welche Frucht ist Nummer ${row}?`, 'Ein Apfel.'),
    source_lang: 'en',
    target_lang: 'de',
  };
  return `${JSON.stringify(record)}\n`;
}

async function writeShard(path: string): Promise<void> {
  const file = await open(path, 'w');
  const fillers = FILLER.repeat(FILLERS_AT_ONCE);
  let written = 0;
  for (const row of RECORDS) {
    for (; written < row - 1; written += Math.min(FILLERS_AT_ONCE, row - 1 - written)) {
      await file.write(fillers.slice(0, (row - 1 - written) * FILLER.length));
    }
    await file.write(recordOf(row));
    written++;
  }
  await file.close();
}

describe('ten million rows', () => {
  let folder: string;
  let bench: Workbench;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
    await writeShard(join(folder, 'millions.jsonl'));
    bench = await openWorkbench({
      folder,
      file: join(folder, 'millions.jsonl'),
      settings: { 'crossalpaca.reviewer': 'anna' },
    });
  });

  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('show the first record while the file is still being read', async () => {
    await shows(bench, 'r1@de', 'To review');
    assert.match(await bench.frame.locator('header .progress').innerText(), /^Reading the file… \d+ %$/);
    assert.match((await marked(bench)).text, /Which fruit is number 1\?/);
  });

  it('are all in the list, of which only what is in sight exists', async () => {
    await counts(bench, ROWS);
    await until(async () => (await marked(bench)).of === ROWS);
    assert.ok((await elements().count()) < MAX_ELEMENTS);
  });

  it('end, after End, with the last record, and Home leads back', async () => {
    await press('End');
    await shows(bench, `r${ROWS}@de`);
    assert.deepEqual(await place(), { position: ROWS, of: ROWS });
    // The record comes first, its place in the list a moment later.
    await until(async () => (await marked(bench)).text.includes('Which fruit is number 10000000?'));
    await insideList();
    await bench.screenshot('millions');
    await press('Home');
    await shows(bench, 'r1@de');
    assert.deepEqual(await place(), { position: 1, of: ROWS });
    await insideList();
  });

  it('can be gone to by number', async () => {
    await goTo(bench, '5000000');
    await shows(bench, 'r5000000@de');
    assert.deepEqual(await place(), { position: 5_000_000, of: ROWS });
    await insideList();
  });

  it('are stepped through one by one', async () => {
    await press('j');
    await shows(bench, 'r5000001@de');
    await press('j');
    await bench.frame.getByRole('heading', { name: 'line 5,000,002' }).waitFor();
    await press('k');
    await shows(bench, 'r5000001@de');
    assert.deepEqual(await place(), { position: 5_000_001, of: ROWS });
    await insideList();
  });

  it('are scrolled by a few with the wheel', async () => {
    const before = await firstInSight();
    await list().hover();
    await bench.page.mouse.wheel(0, 120);
    await until(async () => (await firstInSight()) !== before);
    const moved = (await firstInSight()) - before;
    assert.ok(moved > 0 && moved < 10, `moved by ${moved} rows`);
    await bench.page.mouse.wheel(0, -120);
    await until(async () => (await firstInSight()) === before);
  });

  it('are scrolled in proportion with the scroll bar', async () => {
    await press('Home');
    await shows(bench, 'r1@de');
    await list().evaluate(scrollToTheMiddle);
    await until(async () => Math.abs((await firstInSight()) - ROWS / 2) < ROWS / 20);
    await elements().filter({ hasText: 'Which fruit is number 5000000?' }).waitFor();
    assert.ok((await elements().count()) < MAX_ELEMENTS);
    assert.equal(await list().getAttribute('aria-activedescendant'), null, 'the marked row is out of sight');
    await press('j');
    await shows(bench, 'r2@de');
    assert.deepEqual(await place(), { position: 2, of: ROWS });
    await insideList();
  });

  it('are searched to their end', async () => {
    await finds(bench, 'source:fruit', RECORDS.length);
    const texts = await bench.frame.locator('[role=option] .words').allInnerTexts();
    assert.deepEqual(
      texts,
      RECORDS.map(row => `Which fruit is number ${row}?`),
    );
    await press('End');
    await shows(bench, `r${ROWS}@de`);
  });

  it('are reopened at the record where they were left', async () => {
    await finds(bench, 'all', ROWS);
    await shows(bench, `r${ROWS}@de`);
    await bench.runCommand('View: Close All Editors');
    await openFile(bench, 'millions.jsonl');
    await shows(bench, `r${ROWS}@de`);
    await until(async () => (await marked(bench)).position === ROWS);
    assert.deepEqual(bench.cspReports, []);
  });

  const list = () => bench.frame.getByRole('listbox');
  const elements = () => bench.frame.getByRole('option');

  async function press(key: string): Promise<void> {
    await focusList(bench);
    await bench.press(key);
  }

  async function place(): Promise<{ position: number; of: number }> {
    const { position, of } = await marked(bench);
    return { position, of };
  }

  /** The position of the first element of the list; its upper part may be out of sight. */
  async function firstInSight(): Promise<number> {
    return Number(await elements().first().getAttribute('aria-posinset'));
  }

  /** The marked row is where it can be seen, as a whole. */
  async function insideList(): Promise<void> {
    const outer = await list().boundingBox();
    const inner = await bench.frame.locator('[role=option][aria-selected=true]').boundingBox();
    assert.ok(outer && inner);
    assert.ok(inner.y >= outer.y - 1 && inner.y + inner.height <= outer.y + outer.height + 1);
  }
});

/** In the page: what a dragged scroll bar does, which this browser does not draw. */
function scrollToTheMiddle(list: unknown): void {
  const element = list as { scrollTop: number; readonly scrollHeight: number; readonly clientHeight: number };
  element.scrollTop = (element.scrollHeight - element.clientHeight) / 2;
}
