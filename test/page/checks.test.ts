/** Findings in the page as a reviewer lives with them: seen in the text as one types, gone to, mended, ignored. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { rectsInBox, type Rect } from '../helpers/boxText';
import { letter, RIGHT, SOURCE, WRONG } from '../helpers/letters';
import { focusList, marked, openFile, shows, until, violations } from './steps';
import { openWorkbench, type Workbench } from './workbench';

const HIDDEN = '\u200b';
const ARABIC = 'عزيزي الزبون، غادر طلبك مستودعنا اليوم وسيصل إليك يوم الجمعة القادم إن شاء الله.';

/** 60 KiB of sentences with a placeholder that is wrong near the end. */
const LONG = 'Il treno parte alle sette dal binario della stazione vecchia. '.repeat(990);
const LONG_SOURCE = 'The train leaves at seven from the platform of the old station. '.repeat(960);
/** What lays out in different ways: tabs, blanks at ends of lines, scripts of both directions, a word longer than a line. */
const ODD = `Uno\tdue   \n\n漢字かな、ไทยภาษาไทย 😀👨‍👩‍👧 שלום עולם abc 123 \u0627\u0644\u0633\u0644\u0627\u0645 e\u0301 ${'w'.repeat(150)}  \n  ffi fl AVATAR `;
const HOSTILE = `${WRONG} <img src=x onerror=alert(1)> & così via`;

const LINES = [
  letter('c1', SOURCE, WRONG),
  letter('c2', SOURCE, RIGHT),
  letter('c3', SOURCE, WRONG.replace('ordine', `or${HIDDEN}dine`)),
  letter('c4', SOURCE.replace('{{name}}', '{customer}'), ARABIC, 'ar'),
  letter('c5', `${LONG_SOURCE}{{name}}`, `${LONG}{{nome}} e fine.`),
  letter('c6', HOSTILE.replace(WRONG, SOURCE).replace('così via', 'so on'), HOSTILE),
  letter('c7', SOURCE, RIGHT),
];

/** In the page: which stretches are marked, and where each is drawn. */
function marksIn(behind: unknown): { start: number; end: number; rects: Rect[] }[] {
  interface Part {
    readonly textContent: string;
    readonly nodeName: string;
    readonly childNodes: Iterable<Part>;
    getClientRects(): Iterable<Rect>;
  }
  let offset = 0;
  const lines = Array.from((behind as Part).childNodes);
  return lines
    .flatMap(line => [...line.childNodes])
    .flatMap(part => {
      const start = offset;
      offset += part.textContent.length;
      if (part.nodeName !== 'MARK') return [];
      const rects = Array.from(part.getClientRects(), ({ x, y, width, height }) => ({ x, y, width, height }));
      return [{ start, end: offset, rects }];
    });
}

describe('findings in the page', () => {
  let folder: string;
  let bench: Workbench;
  let pressed = 0;

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'crossalpaca-')));
    await write('free/free.jsonl', LINES.map(each => `${each}\n`).join(''));
    await write('strict/.crossalpaca/policy.json', JSON.stringify({ blockingFindings: ['placeholders'] }));
    await write(
      'strict/strict.jsonl',
      LINES.slice(0, 2)
        .map(each => `${each}\n`)
        .join(''),
    );
    bench = await openWorkbench({
      folder,
      settings: {
        'crossalpaca.reviewer': 'anna',
        'workbench.editorAssociations': { '*.jsonl': 'crossalpaca.review' },
      },
    });
    await open('free');
  });

  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  });

  describe('at their field', () => {
    it('are marked in the text, exactly where its letters are', async () => {
      await goTo('c1', 'it');
      assert.equal(await marks().innerText(), '{{nome}}');
      await isExact('output', [WRONG.indexOf('{{'), WRONG.indexOf('}}') + 2]);
      await bench.screenshot('checks-dark');
    });

    it('are said to screen readers with the box that they are about', async () => {
      const ids = (await output().getAttribute('aria-describedby')) ?? '';
      assert.match(await bench.frame.locator(`#${ids}`).innerText(), /Warning:\s+Placeholder in the source/);
    });

    it('are marked from right to left, and where something is missing', async () => {
      await goTo('c4', 'ar');
      const mark = marks();
      assert.equal(await mark.innerText(), '');
      assert.match((await mark.getAttribute('class')) ?? '', /place/);
      await output().focus();
      await bench.press('Control+Home');
      await bench.page.keyboard.insertText(`سلام${HIDDEN} `);
      await until(async () => (await marks().count()) === 2);
      await isExact('output', [4, 5]);
      await bench.screenshot('checks-arabic');
      await bench.press('Escape');
      await until(async () => (await marks().count()) === 1);
    });

    it('are marked near the end of a text of 60 KiB', async () => {
      await goTo('c5', 'it');
      await isExact('output', [LONG.length, LONG.length + 8]);
    });

    it('are marked exactly in whatever script, between blanks and ends of lines', async () => {
      await goTo('c7', 'it');
      await output().focus();
      await bench.press('Control+a');
      await bench.page.keyboard.insertText(`${ODD}${HIDDEN}fine \n`);
      await marks().first().waitFor({ state: 'attached' });
      await until(() => holds(isExact('output', [ODD.length, ODD.length + 1])));
      await bench.screenshot('checks-scripts');
      await bench.press('Escape');
    });

    it('are nothing that axe objects to, nor is the question why one is ignored', async () => {
      await goTo('c3', 'it');
      assert.deepEqual(await violations(bench), []);
      await bench.press('i');
      await bench.frame.getByRole('dialog', { name: 'Ignore this warning: why?' }).waitFor();
      assert.deepEqual(await violations(bench), []);
      await bench.press('Escape');
    });

    it('show a hostile text as what it is', async () => {
      await goTo('c6', 'it');
      assert.equal(await marks().innerText(), '{{nome}}');
      await isExact('output', [HOSTILE.indexOf('{{'), HOSTILE.indexOf('}}') + 2]);
      assert.equal(await bench.frame.locator('main img').count(), 0);
    });
  });

  describe('while one types', () => {
    it('come and go with the text, in place of what was there, and the letters are never held up', async () => {
      await goTo('c7', 'it');
      assert.equal(await marks().count(), 0);
      await output().focus();
      await bench.press('Control+End');
      await bench.page.keyboard.insertText(` par${HIDDEN}ola`);
      await marks().waitFor({ state: 'attached' });
      const { length } = RIGHT;
      await isExact('output', [length + 4, length + 5]);
      await bench.press('Control+Home');
      await bench.page.keyboard.type('Ecco: ');
      await isExact('output', [length + 10, length + 11]);
      await bench.frame.locator('.spoken').getByText('Warnings left: 1.').waitFor();
      await bench.press('Control+End');
      for (let key = 0; key < 4; key++) await bench.press('Backspace');
      await marks().waitFor({ state: 'detached' });
      await bench.frame.locator('.spoken').getByText('No warnings left.').waitFor();
      await bench.press('Escape');
      await bench.frame.getByText('Not saved as an edit yet').waitFor({ state: 'hidden' });
    });

    it('hold nothing up in a text of 60 KiB', async () => {
      await goTo('c5', 'it');
      await output().focus();
      await bench.press('Control+Home');
      const slowest = await slowestFrame(() =>
        bench.page.keyboard.type('Ecco come parte il treno. ', { delay: 40 }),
      );
      console.log(`60 KiB: the slowest of the frames while typing took ${slowest.toFixed(0)} ms`);
      // Put back with the next drawing.
      await until(() => holds(isExact('output', [LONG.length + 26, LONG.length + 34])));
      await bench.press('Escape');
    });
  });

  describe('are gone to with F8', () => {
    it('each in its turn, then those of the next record', async () => {
      await goTo('c2', 'it');
      await bench.press('F8');
      await shows(bench, 'c3@it');
      await current('{{nome}}');
      await bench.press('F8');
      await current(HIDDEN);
      await bench.frame.locator('.spoken').getByText('Warning 2 of 2.').waitFor();
      await bench.screenshot('checks-next');
      await bench.press('F8');
      await shows(bench, 'c4@ar');
      await bench.frame.locator('main mark.current').first().waitFor({ state: 'attached' });
      await bench.press('Shift+F8');
      await shows(bench, 'c3@it');
      await current(HIDDEN);
    });

    it('and leave letters keys for who is in the list, and all of the text to who types', async () => {
      await goTo('c1', 'it');
      await goTo('c3', 'it');
      await focusList(bench);
      await bench.press('F8');
      await current('{{nome}}');
      assert.equal((await selection()).focused, '');
      await output().focus();
      await bench.press('F8');
      await current(HIDDEN);
      await bench.press('Shift+F8');
      await until(async () => {
        const { focused, text, start } = await selection();
        return focused === 'output' && text === '' && start === (await output().inputValue()).indexOf('{{');
      });
      await bench.page.keyboard.type('q');
      await until(async () => (await output().inputValue()).includes('q{{nome}}'));
      await bench.press('Escape');
      await focusList(bench);
    });
  });

  describe('with a fix', () => {
    it('are mended and approved with two keys; undo takes the mending back', async () => {
      await goTo('c1', 'it');
      const mend = bench.frame.locator('.field .mend');
      const said = await mend.getByRole('button').getAttribute('aria-description');
      assert.equal(said, 'Replace “{{nome}}” with “{{name}}”');
      assert.deepEqual(await mend.locator('del, ins').allInnerTexts(), ['{{nome}}', '{{name}}']);
      await press('q');
      await press('a');
      await shows(bench, 'c2@it');
      assert.equal(pressedKeys(), 2);
      await goTo('c1', 'it');
      await shows(bench, 'c1@it', 'Approved');
      assert.equal(await output().inputValue(), RIGHT);
      await focusList(bench);
      await bench.press('u');
      await bench.press('u');
      await until(async () => (await output().inputValue()) === WRONG);
      await shows(bench, 'c1@it', 'To review');
    });

    it('are mended from within the box, after what was typed there, and by a click', async () => {
      await goTo('c3', 'it');
      await output().focus();
      await bench.press('Control+Home');
      await bench.page.keyboard.type('Ecco. ');
      await bench.press('F9');
      await until(async () => (await marks().count()) === 1);
      const mended = (await output().inputValue()).replace(HIDDEN, '');
      assert.equal(mended, `Ecco. ${RIGHT}`);
      await bench.frame.locator('#queue:focus').waitFor();
      await bench.press('u');
      await until(async () => (await marks().count()) === 2);
      assert.match(await output().inputValue(), /^Ecco\. Gentile \{\{nome/);
      await bench.frame.locator('[role=tabpanel] .mend button').last().click();
      await until(async () => (await marks().count()) === 1);
      assert.equal(await output().inputValue(), `Ecco. ${WRONG}`);
    });

    it('say so where nothing can be mended', async () => {
      await goTo('c2', 'it');
      await bench.press('q');
      await bench.frame.getByText('No warning of this record can be fixed by a key.').first().waitFor();
    });
  });

  describe('that one does not want', () => {
    it('are ignored with two keys, listed with who and why, and count again when that is taken back', async () => {
      await goTo('c4', 'ar');
      await press('i');
      await press('2');
      const ignored = bench.frame.locator('[role=tabpanel] .ignored');
      await ignored.getByText(/anna, .+: Intended/).waitFor();
      assert.equal(pressedKeys(), 2);
      assert.equal(await marks().count(), 0);
      const event = await last('free');
      assert.deepEqual(
        [event['type'], event['check'], event['reason']],
        ['ignore', 'placeholders', 'Intended'],
      );
      await bench.screenshot('checks-ignored');
      await ignored.getByRole('button', { name: 'No Longer Ignore' }).click();
      await marks().waitFor({ state: 'attached' });
      assert.equal((await last('free'))['type'], 'undo');
    });

    it('ask for a reason', async () => {
      await goTo('c4', 'ar');
      await bench.press('i');
      const dialog = bench.frame.getByRole('dialog', { name: 'Ignore this warning: why?' });
      await dialog.waitFor();
      await bench.screenshot('checks-ignore');
      await bench.press('Enter');
      await dialog.getByText('Choose a reason, or write why').waitFor();
      await bench.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await marks().waitFor({ state: 'attached' });
    });
  });

  it('stop an approval where the policy says so, and the page shows which', async () => {
    await open('strict');
    await goTo('c1', 'it');
    await press('a');
    await bench.frame
      .getByText(/lets nobody approve this while a warning about “output” is there/)
      .first()
      .waitFor();
    await bench.frame.locator('mark.current').waitFor();
    await bench.frame.getByText('Nobody can approve while it is there.').waitFor();
    await bench.screenshot('checks-blocked');
    await press('q');
    await press('a');
    await shows(bench, 'c2@it');
    assert.deepEqual(bench.cspReports, []);
  });

  const output = () => bench.frame.locator('textarea[data-field="output"]');
  const marks = () => bench.frame.locator('main mark');

  /** Every mark of a field covers its letters to a tenth of a pixel. @param wanted a stretch that is marked */
  async function isExact(field: string, wanted: readonly [number, number]): Promise<void> {
    const behind = bench.frame.locator(`.box:has(textarea[data-field="${field}"]) .behind`);
    const drawn = await behind.evaluate(marksIn);
    assert.ok(drawn.some(({ start, end }) => start === wanted[0] && end === wanted[1]));
    const rounded = (rects: readonly Rect[]) =>
      rects.map(({ x, y, width, height }) => [x, y, width, height].map(each => each.toFixed(1)));
    for (const { start, end, rects } of drawn.filter(each => each.end > each.start)) {
      const letters = await rectsInBox(bench.page, ['data-field', field], [start, end]);
      assert.ok(letters.length > 0);
      assert.deepEqual(rounded(rects), rounded(letters));
    }
  }

  const holds = (claim: Promise<void>) =>
    claim.then(
      () => true,
      () => false,
    );

  async function selection() {
    return bench.frame.locator('#page').evaluate(() => {
      const box = (globalThis as unknown as { document: { activeElement: unknown } }).document
        .activeElement as {
        dataset: Record<string, string>;
        value?: string;
        selectionStart: number;
        selectionEnd: number;
      };
      const { selectionStart: start, selectionEnd: end, value = '' } = box;
      return { focused: box.dataset['field'] ?? '', text: value.slice(start, end), start };
    });
  }

  /** Waits until a finding about this text is the one that keys are meant for. */
  async function current(text: string): Promise<void> {
    await until(async () =>
      (await bench.frame.locator('main mark.current').allTextContents()).includes(text),
    );
  }

  /** The longest time between two frames of the page while something is done, in milliseconds. */
  async function slowestFrame(work: () => Promise<void>): Promise<number> {
    const root = bench.frame.locator('#page');
    await root.evaluate(() => {
      const scope = globalThis as unknown as {
        slowest: number;
        requestAnimationFrame(next: (now: number) => void): void;
      };
      scope.slowest = 0;
      let before: number | undefined;
      const next = (now: number) => {
        if (before !== undefined) scope.slowest = Math.max(scope.slowest, now - before);
        before = now;
        scope.requestAnimationFrame(next);
      };
      scope.requestAnimationFrame(next);
    });
    await work();
    return root.evaluate(() => (globalThis as unknown as { slowest: number }).slowest);
  }

  async function open(name: string): Promise<void> {
    if (name === 'strict') await bench.page.getByRole('treeitem', { name: 'strict', exact: true }).click();
    else await bench.page.getByRole('treeitem', { name: 'free', exact: true }).click();
    await openFile(bench, `${name}.jsonl`);
  }

  /** By the number in its id, which is its place in the list; with the arrows, so that the focus stays in the page. */
  async function goTo(id: string, lang: string): Promise<void> {
    await focusList(bench);
    const wanted = Number(id.slice(1));
    for (;;) {
      const { position } = await marked(bench);
      if (position === wanted) break;
      await bench.press(position < wanted ? 'ArrowDown' : 'ArrowUp');
      await until(async () => (await marked(bench)).position !== position);
    }
    await shows(bench, `${id}@${lang}`);
    pressed = 0;
  }

  async function press(key: string): Promise<void> {
    pressed++;
    await bench.press(key);
  }

  function pressedKeys(): number {
    return pressed;
  }

  async function last(name: string): Promise<Record<string, unknown>> {
    const text = await readFile(join(folder, name, `.crossalpaca/${name}.jsonl/anna/local.jsonl`), 'utf8');
    return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
  }

  async function write(name: string, text: string): Promise<void> {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
});
