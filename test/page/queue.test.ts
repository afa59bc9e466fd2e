/** Finding records: the filter, the list that it makes, and going somewhere in it. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  answer,
  ask,
  choose,
  counts,
  finds,
  focusList,
  goTo,
  marked,
  offered,
  openFile,
  shows,
  until,
} from './steps';
import { openWorkbench, type Workbench } from './workbench';

const RECORDS = 120;
/** Two words that occur in one record each, on one side only. */
const SPECIAL: Record<number, { source?: string; target?: string }> = {
  7: { source: 'A quince from the garden.' },
  12: { target: 'Eine Mirabelle aus dem Garten.' },
};

function recordOf(number: number): string {
  const side = (instruction: string, output: string) => ({ instruction, input: '', output });
  const { source = 'It is the apple.', target = 'Es ist der Apfel.' } = SPECIAL[number] ?? {};
  return JSON.stringify({
    id: `r${number}`,
    source: side(`Which fruit has the number ${number}?`, source),
    target: side(`Welche Frucht hat die Nummer ${number}?`, target),
    source_lang: 'en',
    target_lang: 'de',
    metadata: { score: number % 10 },
  });
}

describe('the queue', () => {
  let folder: string;
  let bench: Workbench;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
    const lines = Array.from({ length: RECORDS }, (_, index) => recordOf(index + 1));
    // Two blank lines, so that the third record is on line 5.
    lines.splice(2, 0, '', '');
    await writeFile(join(folder, 'fruit.jsonl'), `${lines.join('\n')}\n`);
    bench = await openWorkbench({
      folder,
      file: join(folder, 'fruit.jsonl'),
      settings: { 'crossalpaca.reviewer': 'anna' },
    });
    await shows(bench, 'r1@de', 'To review');
  });

  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  describe('filter', () => {
    it('opens with F, asks with Enter, counts what it finds and says it aloud', async () => {
      await ask(bench, 'metadata.score < 3');
      await counts(bench, 36);
      await spoken('Records found: 36.');
      assert.equal(await box().getAttribute('aria-invalid'), 'false');
      assert.deepEqual(await listed(3), [1, 2, 10]);
      await bench.screenshot('filter');
    });

    it('gives the keys back with Escape, keeps its text, and next and previous stay among the hits', async () => {
      await bench.press('Escape');
      await bench.frame.locator('#queue:focus').waitFor();
      assert.equal(await box().inputValue(), 'metadata.score < 3');
      for (const key of ['r2@de', 'r10@de', 'r11@de']) {
        await bench.press('j');
        await shows(bench, key);
      }
      await bench.press('k');
      await shows(bench, 'r10@de');
      assert.deepEqual({ ...(await marked(bench)), text: '' }, { position: 3, of: 36, text: '' });
    });

    it('finds words of the source and of the target, and shows the first hit', async () => {
      await finds(bench, 'quince', 1);
      await shows(bench, 'r7@de');
      await finds(bench, 'MIRABELLE', 1);
      await shows(bench, 'r12@de');
      await finds(bench, 'source:mirabelle', 0);
      await finds(bench, 'quince OR mirabelle', 2);
    });

    it('keeps the record that is shown where nothing is found', async () => {
      await finds(bench, 'quince', 1);
      await shows(bench, 'r7@de');
      await finds(bench, 'source:mirabelle', 0);
      await bench.press('j');
      await bench.press('End');
      await finds(bench, 'line:9', 1);
      await shows(bench, 'r7@de');
      assert.equal(await bench.frame.getByRole('alert').count(), 0);
    });

    it('stays at the record that is shown where that is a hit', async () => {
      await finds(bench, 'line:9-14', 6);
      await bench.press('End');
      await shows(bench, 'r12@de');
      await finds(bench, 'number', RECORDS);
      await shows(bench, 'r12@de');
      assert.equal((await marked(bench)).position, 12);
      await bench.press('j');
      await shows(bench, 'r13@de');
    });

    it('opens with its text selected', async () => {
      await focusList(bench);
      await bench.press('f');
      await bench.frame.locator('#filter:focus').waitFor();
      await bench.page.keyboard.type('number');
      assert.equal(await box().inputValue(), 'number');
      await bench.press('Enter');
      await counts(bench, RECORDS);
    });

    it('says what is wrong with a filter and where, and leaves the list as it is', async () => {
      await finds(bench, 'quince', 1);
      await ask(bench, '(oops');
      const mistake = 'The parenthesis at character 1 of the filter is never closed. Add a “)”.';
      await bench.frame.locator('#filter-state').getByText(mistake).waitFor();
      await spoken(mistake);
      assert.equal(await box().getAttribute('aria-invalid'), 'true');
      assert.deepEqual(await listed(1), [7]);
      await shows(bench, 'r7@de');
      await bench.screenshot('filter-mistake');
    });

    it('shows all records again', async () => {
      await finds(bench, 'quince', 1);
      await bench.frame.getByRole('button', { name: 'Show all' }).click();
      await counts(bench, RECORDS);
      assert.equal(await box().inputValue(), '');
      await shows(bench, 'r7@de');
      assert.deepEqual({ ...(await marked(bench)), text: '' }, { position: 7, of: RECORDS, text: '' });
    });

    it('keeps a record just decided in its place until the queue is refreshed', async () => {
      await finds(bench, 'state:pending line:5-8', 4);
      await shows(bench, 'r3@de');
      await bench.press('a');
      await shows(bench, 'r4@de', 'To review');
      await row(3).getByText('Approved').waitFor();
      assert.deepEqual(await listed(4), [3, 4, 5, 6]);
      await focusList(bench);
      await bench.press('F5');
      await counts(bench, 3);
      await until(async () => (await listed(3)).join() === '4,5,6');
      await shows(bench, 'r4@de');
      assert.equal((await marked(bench)).position, 1);
      await finds(bench, 'state:approved', 1);
      await shows(bench, 'r3@de', 'Approved');
    });

    it('refreshes by its button as well', async () => {
      await finds(bench, 'state:pending line:5-8', 3);
      await shows(bench, 'r4@de');
      await bench.press('x');
      await bench.press('Enter');
      await shows(bench, 'r5@de');
      await bench.frame.getByRole('button', { name: 'Refresh' }).click();
      await counts(bench, 2);
    });

    it('finds an edited record by its text as it is now, not as it was', async () => {
      await finds(bench, 'mirabelle', 1);
      await shows(bench, 'r12@de');
      await bench.press('e');
      await bench.frame.locator('textarea[data-field="output"]:focus').waitFor();
      await bench.press('Control+a');
      await bench.page.keyboard.type('Eine Zwetschge aus dem Garten.');
      await bench.press('Control+Enter');
      await shows(bench, 'r12@de', 'Edited');
      await finds(bench, 'mirabelle', 0);
      await finds(bench, 'zwetschge', 1);
      await shows(bench, 'r12@de', 'Edited');
      await finds(bench, 'is:edited', 1);
    });

    it('sorts by a member', async () => {
      await finds(bench, 'sort:-metadata.score', RECORDS);
      await bench.press('Home');
      await shows(bench, 'r9@de');
      assert.deepEqual(await listed(3), [9, 19, 29]);
      await bench.press('j');
      await shows(bench, 'r19@de');
    });

    it('is saved under a name for the whole team', async () => {
      await finds(bench, 'metadata.score = 4', 12);
      await bench.frame.getByRole('button', { name: 'Filters…' }).click();
      await choose(bench, FILTERS, 'Save This Filter…');
      await answer(bench, 'Save This Filter…', 'Mediocre');
      const file = join(folder, '.crossalpaca', 'filters.json');
      await until(async () => (await readFile(file, 'utf8').catch(() => '')).includes('Mediocre'));
      assert.match(await readFile(file, 'utf8'), /"Mediocre": ?"metadata\.score = 4"/);
    });

    it('is still there when the editor is closed and opened again', async () => {
      await bench.runCommand('View: Close All Editors');
      await openFile(bench, 'fruit.jsonl');
      await counts(bench, 12);
      assert.equal(await box().inputValue(), 'metadata.score = 4');
    });

    it('is offered from then on, beside the common ones', async () => {
      await finds(bench, 'quince', 1);
      await bench.frame.getByRole('button', { name: 'Filters…' }).click();
      await choose(bench, FILTERS, 'Mediocre');
      await counts(bench, 12);
      assert.equal(await box().inputValue(), 'metadata.score = 4');
      await bench.frame.getByRole('button', { name: 'Filters…' }).click();
      await offered(bench, 'Mine to do').waitFor();
      await choose(bench, FILTERS, 'All records');
      await counts(bench, RECORDS);
    });
  });

  describe('going', () => {
    const places: readonly (readonly [place: string, key: string])[] = [
      ['3', 'r3@de'],
      ['5', 'r5@de'],
      ['line 5', 'r3@de'],
      ['r7@de', 'r7@de'],
      ['r80', 'r80@de'],
      ['120', 'r120@de'],
    ];
    for (const [place, key] of places) {
      it(`goes to ${place}`, async () => {
        await goTo(bench, place);
        await shows(bench, key);
        const { position, of } = await marked(bench);
        assert.equal(`r${position}@de of ${of}`, `${key} of ${RECORDS}`);
        await spoken(`${position} of ${RECORDS}`);
      });
    }

    for (const wrong of ['0', '121', 'line 3', 'nothing@de']) {
      it(`says so where there is no ${wrong}`, async () => {
        await goTo(bench, '9');
        await shows(bench, 'r9@de');
        await goTo(bench, wrong);
        await bench.page.getByText(`There is no record ${wrong} in this file.`).first().waitFor();
        await shows(bench, 'r9@de');
      });
    }

    it('goes to a record that the filter leaves out, and from there back among the hits', async () => {
      await finds(bench, 'metadata.score = 4', 12);
      await goTo(bench, 'r50');
      await shows(bench, 'r50@de');
      await counts(bench, 12);
      await focusList(bench);
      await bench.press('j');
      await shows(bench, 'r54@de');
      await bench.press('k');
      await shows(bench, 'r44@de');
      await finds(bench, 'all', RECORDS);
    });

    it('goes by Home, End, PageDown and PageUp, and the list follows', async () => {
      await focusList(bench);
      await bench.press('End');
      await shows(bench, `r${RECORDS}@de`);
      assert.equal((await marked(bench)).position, RECORDS);
      await bench.press('Home');
      await shows(bench, 'r1@de');
      assert.equal((await marked(bench)).position, 1);
      await bench.press('PageUp');
      await shows(bench, 'r1@de');
      await bench.press('PageDown');
      const page = (await markedAfter(1)) - 1;
      assert.ok(page > 5 && page < 40, `a page of ${page} rows`);
      await bench.press('PageDown');
      assert.equal(await markedAfter(1 + page), 1 + 2 * page);
      await bench.press('PageUp');
      assert.equal(await markedAfter(1 + 2 * page), 1 + page);
    });

    it('names no row as active that scrolling took out of sight', async () => {
      await focusList(bench);
      await bench.press('Home');
      await shows(bench, 'r1@de');
      const list = bench.frame.getByRole('listbox');
      await list.hover();
      await bench.page.mouse.wheel(0, 3000);
      await row(1).waitFor({ state: 'detached' });
      assert.equal(await list.getAttribute('aria-activedescendant'), null);
      await bench.press('j');
      await shows(bench, 'r2@de');
      assert.equal((await marked(bench)).position, 2);
    });

    it('did all that under its content security policy', () => {
      assert.deepEqual(bench.cspReports, []);
    });
  });

  const FILTERS = 'Saved filters, and common ones';
  const box = () => bench.frame.locator('#filter');

  /** The row in the list of a record, by the number in its text. */
  const row = (number: number) =>
    bench.frame.locator('[role=option]', {
      has: bench.page.getByText(`Which fruit has the number ${number}?`, { exact: true }),
    });

  /** Numbers of the first records in the list. */
  async function listed(count: number): Promise<number[]> {
    const words = bench.frame.locator('[role=option] .words');
    await words.first().getByText('Which').waitFor();
    const texts = await words.allInnerTexts();
    return texts.slice(0, count).map(text => Number(/\d+/.exec(text)?.[0]));
  }

  async function spoken(text: string): Promise<void> {
    await bench.frame.getByRole('status').getByText(text).waitFor({ state: 'attached' });
  }

  /** The position that is marked, once it is another than before. */
  async function markedAfter(before: number): Promise<number> {
    let position = before;
    await until(async () => ({ position } = await marked(bench)).position !== before);
    return position;
  }
});
