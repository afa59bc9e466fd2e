/** Texts in every script: direction, wrapping, word differences, typing. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openScripts, type ScriptsShard } from './scriptsShard';
import { focusList, goTo, LETTERS, shows } from './steps';
import type { Workbench } from './workbench';

/** Record, whether it is read from the right, and what is typed at its end. */
const RECORDS = [
  ['s-1@ar', true, ' سَلامٌ 2024'],
  ['s-2@he', true, ' שָׁלוֹם (PDF)'],
  ['s-3@zh', false, '我们都喜欢这里。'],
  ['s-4@ja', false, 'とても静かでした。'],
  ['s-5@th', false, 'น้ำเย็น'],
  ['s-6@hi', false, ' क्षितिज शक्ति।'],
  ['s-7@de', false, ' 👩‍👩‍👧 e\u0301 👍🏽'],
] as const;

for (const theme of ['dark', 'light'] as const)
  describe(`scripts in a ${theme} theme`, () => {
    let folder: string;
    let bench: Workbench;
    let close: ScriptsShard['close'];

    before(async () => {
      ({ folder, bench, close } = await openScripts(theme));
    });

    after(() => close());

    const output = () => bench.frame.locator('textarea[data-field="output"]');
    const body = () => bench.frame.locator('body');

    for (const [key, isRight, typed] of RECORDS)
      it(`show ${key} from its side, wrapped, and compare it by whole characters`, async () => {
        await goTo(bench, key);
        await shows(bench, key);
        const sides = await body().evaluate(firstLetters);
        assert.ok(sides.length >= 2);
        for (const side of sides) assert.equal(side, isRight ? 'right' : 'left');
        assert.deepEqual(await body().evaluate(widerThanShown), []);
        await output().focus();
        await bench.press('Control+End');
        await bench.page.keyboard.insertText(typed);
        await bench.press('Control+Enter');
        await bench.frame.locator('.changes ins').first().waitFor();
        const parts = await body().evaluate(differences);
        for (const kind of ['DEL', 'INS']) {
          const shown = parts.filter(part => part.kind === '' || part.kind === kind);
          const text = shown.map(part => part.text).join('');
          if (kind === 'INS') assert.ok(text.endsWith(typed));
          const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text);
          const borders = new Set(Array.from(graphemes, ({ index }) => index).concat(text.length));
          let at = 0;
          for (const part of shown) {
            assert.ok(borders.has(at), `${part.text} begins within a character`);
            at += part.text.length;
          }
        }
        await bench.screenshot(`script-${key.slice(4)}-${key.slice(0, 3)}-${theme}`);
      });

    it('take every bound letter as typing in a field, in the find box and in a panel, and while composing', async () => {
      await goTo(bench, 's-8@ar');
      await shows(bench, 's-8@ar');
      const ledgers = join(folder, '.crossalpaca', 'scripts.jsonl', 'anna');
      const before = (await readdir(ledgers)).length;
      await output().focus();
      await bench.press('Control+End');
      await bench.page.keyboard.type(LETTERS);
      const devtools = await bench.page.context().newCDPSession(bench.page);
      for (const text of ['k', 'か', 'かn', 'かんじ'])
        await devtools.send('Input.imeSetComposition', {
          text,
          selectionStart: text.length,
          selectionEnd: text.length,
        });
      await devtools.send('Input.insertText', { text: '漢字' });
      assert.ok((await output().inputValue()).endsWith(`${LETTERS}漢字`));
      await bench.press('Escape');
      await focusList(bench);
      await bench.press('Control+f');
      await bench.frame.locator('#find:focus').waitFor();
      await bench.page.keyboard.type(LETTERS);
      assert.equal(await bench.frame.locator('#find').inputValue(), LETTERS);
      await bench.press('Escape');
      await bench.press('Control+Shift+m');
      const filter = bench.page.locator('.panel input.input, .panel .monaco-inputbox input').first();
      await filter.click();
      await bench.page.keyboard.type(LETTERS);
      assert.equal(await filter.inputValue(), LETTERS);
      await shows(bench, 's-8@ar');
      assert.equal((await readdir(ledgers)).length, before);
      assert.deepEqual(bench.cspReports, []);
    });
  });

/** What the functions that run in the page ask of it; its types are not those of Node. */
interface Shown {
  readonly textContent: string;
  readonly tagName: string;
  readonly className: string;
  readonly nodeType: number;
  readonly childNodes: Iterable<Shown>;
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly firstChild: Shown | null;
  getBoundingClientRect(): { readonly left: number; readonly right: number };
  querySelectorAll(selector: string): Iterable<Shown>;
}
declare const document: Shown & {
  createRange(): {
    setStart(node: Shown, offset: number): void;
    setEnd(node: Shown, offset: number): void;
    getBoundingClientRect(): { readonly left: number; readonly right: number };
  };
};

/** On which side of its column each line of the target's output begins. */
function firstLetters(): string[] {
  return [...document.querySelectorAll('.field[aria-label="output"] .behind .block')].flatMap(block => {
    const text = block.firstChild;
    if (text?.nodeType !== 3 || !/^\p{L}/u.test(text.textContent)) return [];
    const range = document.createRange();
    range.setStart(text, 0);
    range.setEnd(text, 1);
    const letter = range.getBoundingClientRect();
    const column = block.getBoundingClientRect();
    return [letter.left - column.left < column.right - letter.right ? 'left' : 'right'];
  });
}

/** Elements whose text would have to be scrolled sideways. */
function widerThanShown(): string[] {
  return [...document.querySelectorAll('main, main .text, main .box, main .block')]
    .filter(each => each.scrollWidth > each.clientWidth + 1)
    .map(each => each.className);
}

/** The parts of the difference of the output as they are read; the kind of what stayed is empty. */
function differences(): { kind: string; text: string }[] {
  const [shown] = document.querySelectorAll('.field[aria-label="output"] .changes .difference');
  return [...(shown?.childNodes ?? [])]
    .filter(({ nodeType }) => nodeType === 3 || nodeType === 1)
    .map(each => ({ kind: each.nodeType === 1 ? each.tagName : '', text: each.textContent }));
}
