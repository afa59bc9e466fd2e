/** How texts are read and edited: line by line, with code, hidden characters, matches; sizes and widths that are remembered. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Locator } from 'playwright-core';
import { openScripts, type ScriptsShard } from './scriptsShard';
import { focusList, goTo, shows, until, violations } from './steps';
import type { Workbench } from './workbench';

describe('texts of a record', () => {
  let bench: Workbench;
  let close: ScriptsShard['close'];

  before(async () => {
    ({ bench, close } = await openScripts('light'));
  });

  after(() => close());

  const field = (name: string) => bench.frame.locator(`.field[aria-label="${name}"]`);
  const blocks = (name: string, column: 0 | 1) => field(name).locator('.cell').nth(column).locator('.block');
  const target = (name: string) => bench.frame.locator(`textarea[data-field="${name}"]`);

  it('bring the field in doubt into view when a record opens, and leave the keys to the list', async () => {
    await goTo(bench, 's-10@de');
    await shows(bench, 's-10@de');
    await bench.frame.locator('.field.marked[aria-label="output"] .finding').first().waitFor();
    await until(() => isInView(field('output').locator('.finding').first()));
    await bench.frame.locator('#queue:focus').waitFor();
    await bench.screenshot('texts-in-doubt');
  });

  it('stand line by line beside their partners', async () => {
    const [left, right] = [await tops(blocks('input', 0)), await tops(blocks('input', 1))];
    assert.equal(left.length, 23);
    assert.deepEqual(left, right);
    const text = await field('input')
      .locator('.text')
      .evaluate(element => (element as Shown).textContent);
    assert.match(text, /^The house stands.*to the door\.$/s);
  });

  it('open for editing where they were clicked, with the partner level, and nothing under the pointer moves', async () => {
    const line = blocks('input', 1).nth(14);
    assert.match((await line.textContent()) ?? '', /^Seit zwanzig Jahren/);
    await line.evaluate(element => (element as Shown).scrollIntoView({ block: 'center' }));
    const { x, y } = (await line.boundingBox())!;
    await bench.page.mouse.click(x + 3, y + 8);
    await bench.frame.locator('textarea[data-field="input"]:focus').waitFor();
    const caret = await target('input').evaluate(box => (box as Shown).selectionStart);
    const value = await target('input').inputValue();
    assert.equal(value.slice(caret, caret + 4), 'Seit');
    const [now] = await tops(line);
    assert.ok(Math.abs(now! - y) < 2, `the line was at ${y} and is at ${now}`);
    await isLevel(14);
    await bench.screenshot('texts-editing');
    // Into another paragraph: its partner comes level.
    for (let line = 0; line < 8; line++) await bench.press('ArrowDown');
    const after = await target('input').evaluate(box => (box as Shown).selectionStart);
    const index = value.slice(0, after).split('\n').length - 1;
    assert.ok(index > 14);
    await isLevel(index);
  });

  it('draw the marks of a text box where its letters are, and read line by line again after it', async () => {
    await bench.page.keyboard.type('Neu. ');
    await bench.frame.getByText('Not saved as an edit yet').waitFor();
    await bench.press('Escape');
    await bench.frame.getByText('Not saved as an edit yet').waitFor({ state: 'hidden' });
    await bench.frame.locator('.pair.editing').waitFor({ state: 'detached' });
    assert.deepEqual(await tops(blocks('input', 0)), await tops(blocks('input', 1)));
  });

  it('find what is looked for in both languages, count it, and go from one match to the next', async () => {
    await focusList(bench);
    await bench.press('Control+f');
    await bench.frame.locator('#find:focus').waitFor();
    await bench.page.keyboard.type('garden');
    await bench.frame.locator('.find .hint').getByText('1 of 2', { exact: true }).waitFor();
    await bench.press('Control+a');
    await bench.page.keyboard.type('DAS');
    await bench.frame.locator('.find .hint').getByText('1 of 4', { exact: true }).waitFor();
    await bench.press('Enter');
    await bench.press('Enter');
    await bench.frame.locator('.find .hint').getByText('3 of 4', { exact: true }).waitFor();
    const marked = await bench.frame.locator('body').evaluate(drawnMatches);
    assert.deepEqual(marked, { matches: ['Das', 'das', 'das'], current: ['Das'] });
    await bench.screenshot('texts-find');
    await bench.press('Shift+Enter');
    await bench.frame.locator('.find .hint').getByText('2 of 4', { exact: true }).waitFor();
    await bench.page.keyboard.type('q');
    await bench.frame.locator('.find .hint').getByText('No match', { exact: true }).waitFor();
    await bench.press('Escape');
    await bench.frame.locator('#find').waitFor({ state: 'detached' });
    await bench.frame.locator('#queue:focus').waitFor();
    assert.deepEqual(await bench.frame.locator('body').evaluate(drawnMatches), { matches: [], current: [] });
  });

  it('show code in the fixed font, from left to right, never checked for spelling', async () => {
    await goTo(bench, 's-8@ar');
    await shows(bench, 's-8@ar');
    const box = target('input');
    assert.equal(await box.getAttribute('spellcheck'), 'false');
    assert.equal(await box.getAttribute('translate'), 'no');
    assert.equal(await box.getAttribute('lang'), '');
    assert.equal(await box.getAttribute('dir'), 'ltr');
    assert.equal(await target('output').getAttribute('spellcheck'), 'false');
    assert.equal(await target('instruction').getAttribute('spellcheck'), 'true');
    assert.equal(await target('instruction').getAttribute('lang'), 'ar');
    const lines = await blocks('output', 1).evaluateAll(all =>
      (all as Shown[]).map(each => `${each.className} ${getComputedStyle(each).direction}`),
    );
    assert.deepEqual(
      lines.map(each => each.includes('code')),
      [false, false, true, true, true, true, true, false, false],
    );
    assert.ok(lines.every(each => !each.includes('code') || each.endsWith('ltr')));
    await bench.screenshot('texts-code');
  });

  it('show hidden characters on demand, with their names', async () => {
    await goTo(bench, 's-9@de');
    await shows(bench, 's-9@de');
    await focusList(bench);
    await bench.press('Shift+W');
    const signs = field('output').locator('.cell').nth(1).locator('.hidden-character');
    await until(async () => (await signs.count()) === 7);
    assert.deepEqual(await signs.evaluateAll(all => (all as Shown[]).map(each => each.dataset['sign'])), [
      'NBSP',
      '→',
      'ZWSP',
      '·',
      '·',
      'RLM',
      'RLO',
    ]);
    const hint =
      'Hidden characters: 1 × no-break space, 1 × tab, 1 × zero width space, 2 × space at the end of a line';
    await field('output').getByText(hint).waitFor();
    const described = await target('output').getAttribute('aria-describedby');
    assert.match(described ?? '', /hidden-target-2/);
    assert.match(
      await target('output').inputValue(),
      /^Der Preis ist 5\u00a0€\.\tFer\u200btig\. {2}\n\u200fDas/,
    );
    await bench.screenshot('texts-hidden');
    assert.deepEqual(await violations(bench), []);
    await bench.press('Shift+W');
    await signs.first().waitFor({ state: 'detached' });
  });

  it('are as large as wanted, and as wide, by keyboard and by mouse', async () => {
    const size = () => target('output').evaluate(box => parseFloat(getComputedStyle(box as Shown).fontSize));
    const before = await size();
    await bench.frame.getByRole('button', { name: 'Larger texts' }).click();
    await bench.frame.getByRole('button', { name: 'Larger texts' }).click();
    await until(async () => Math.abs((await size()) - 1.2 * before) < 0.1);
    const split = bench.frame.getByRole('separator', { name: 'Width of the source' });
    await split.focus();
    for (let press = 0; press < 5; press++) await bench.press('ArrowLeft');
    assert.equal(await split.getAttribute('aria-valuenow'), '40');
    const [left, right] = [
      await width(field('output').locator('.cell').nth(0)),
      await width(field('output').locator('.cell').nth(1)),
    ];
    assert.ok(Math.abs(left / (left + right) - 0.4) < 0.01);
    const list = bench.frame.getByRole('separator', { name: 'Width of the list' });
    const { x, y, width: thick } = (await list.boundingBox())!;
    await bench.page.mouse.move(x + thick / 2, y + 200);
    await bench.page.mouse.down();
    await bench.page.mouse.move(x + thick / 2 + 100, y + 210, { steps: 5 });
    await bench.page.mouse.up();
    const now = (await list.boundingBox())!;
    assert.ok(Math.abs(now.x - x - 100) < 15, `dragged by ${now.x - x}`);
    await bench.frame.getByRole('button', { name: 'Break long lines' }).click();
    assert.equal(await target('output').evaluate(box => getComputedStyle(box as Shown).whiteSpace), 'pre');
    await bench.screenshot('texts-sizes');
  });

  it('keep their looks when VS Code is opened again, at the record that was shown', async () => {
    const list = await bench.frame
      .getByRole('separator', { name: 'Width of the list' })
      .getAttribute('aria-valuenow');
    await bench.reopen();
    await shows(bench, 's-9@de');
    const split = bench.frame.getByRole('separator', { name: 'Width of the source' });
    await until(async () => (await split.getAttribute('aria-valuenow')) === '40');
    const now = await bench.frame
      .getByRole('separator', { name: 'Width of the list' })
      .getAttribute('aria-valuenow');
    assert.equal(now, list);
    const wraps = bench.frame.getByRole('button', { name: 'Break long lines' });
    assert.equal(await wraps.getAttribute('aria-pressed'), 'false');
    assert.deepEqual(bench.cspReports, []);
  });

  async function isLevel(index: number): Promise<void> {
    await until(async () => {
      const [left] = await tops(blocks('input', 0).nth(index));
      const [right] = await tops(blocks('input', 1).nth(index));
      return Math.abs(left! - right!) < 2;
    });
  }

  async function isInView(place: Locator): Promise<boolean> {
    const frame = (await bench.frame.locator('main').boundingBox())!;
    const box = await place.boundingBox();
    return box !== null && box.y >= frame.y && box.y + box.height <= frame.y + frame.height + 1;
  }
});

/** What the tests ask of elements in the page, whose types are not those of Node. */
interface Shown {
  readonly textContent: string;
  readonly className: string;
  readonly selectionStart: number;
  readonly dataset: Readonly<Record<string, string>>;
  scrollIntoView(options: { block: 'center' }): void;
}
declare function getComputedStyle(element: Shown): {
  readonly direction: string;
  readonly fontSize: string;
  readonly whiteSpace: string;
};
declare const CSS: { readonly highlights: ReadonlyMap<string, Iterable<unknown>> };

/** Upper edges on the screen, in pixels. */
async function tops(places: Locator): Promise<number[]> {
  const boxes = await Promise.all((await places.all()).map(each => each.boundingBox()));
  return boxes.map(box => Math.round(box?.y ?? NaN));
}

async function width(place: Locator): Promise<number> {
  return (await place.boundingBox())?.width ?? NaN;
}

/** In the page. */
function drawnMatches() {
  const texts = (name: string) => [...(CSS.highlights.get(name) ?? [])].map(String).sort();
  return { matches: texts('match'), current: texts('match-current') };
}
