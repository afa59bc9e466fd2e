/** What a person does and sees in the review page, in the words of the tests. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import packageJson from '../../package.json';
import type { Workbench } from './workbench';

/** What is bound to a key that types a letter, as VS Code is told: `j`, `shift+r`. */
export const LETTERS = packageJson.contributes.keybindings
  .map(({ key }) => /^(shift\+)?([a-z])$/.exec(key))
  .flatMap(found =>
    found ? [found[1] === undefined ? (found[2] ?? '') : (found[2] ?? '').toUpperCase()] : [],
  )
  .join('');

/** Waits until the record of a key is shown, in a state if one is named. */
export async function shows({ frame }: Workbench, key: string, state?: string): Promise<void> {
  const title = frame.locator('.title');
  await title.getByRole('heading', { name: key, exact: true }).waitFor();
  if (state !== undefined) await title.getByText(state, { exact: true }).waitFor();
}

/** Keys are actions in the list, and letters in a text box. */
export async function focusList({ frame, page }: Workbench): Promise<void> {
  const focused = frame.locator('#queue:focus');
  if (await focused.isVisible()) return;
  await frame.getByRole('listbox').focus();
  await focused.waitFor();
  // The page tells VS Code that it has the focus now; nothing shows when that has arrived.
  await page.waitForTimeout(500);
}

/** Opens the filter, types a query and asks it. */
export async function ask(bench: Workbench, query: string): Promise<void> {
  await pressFor(bench, 'f', bench.frame.locator('#filter:focus'));
  // The text that was there is selected.
  await bench.page.keyboard.type(query);
  await bench.press('Enter');
}

/** Presses a key in the list until it has had its effect: while the focus comes back from a box of VS Code, it has none. */
export async function pressFor(bench: Workbench, key: string, effect: Locator): Promise<void> {
  await until(async () => {
    await focusList(bench);
    await bench.press(key);
    return effect.waitFor({ timeout: 2000 }).then(
      () => true,
      () => false,
    );
  });
}

/** Asks a filter that selects so many records; the focus is in the list afterwards. */
export async function finds(bench: Workbench, query: string, count: number): Promise<void> {
  await ask(bench, query);
  await counts(bench, count);
  await focusList(bench);
}

/** Waits until the search is over and its count is said. */
export async function counts({ frame }: Workbench, count: number): Promise<void> {
  const said = new RegExp(`Records: ${count.toLocaleString('en')}(?![\\d,])`);
  await frame.locator('#filter-state').getByText(said).waitFor();
}

/** Opens the menu of what the top of the page has no room for, where there is one. */
export async function openMenu({ frame }: Workbench): Promise<void> {
  const more = frame.locator('header .more');
  const isOpen = await frame.locator('#more:popover-open').isVisible();
  if (!isOpen && (await more.isVisible())) await more.click();
}

/** G, and what is asked for then. */
export async function goTo(bench: Workbench, place: string): Promise<void> {
  const title = 'Go to a Record';
  await pressFor(bench, 'g', inputOf(bench, title));
  await answer(bench, title, place);
}

/** Types into an input box of VS Code, told by its title, and confirms it; the box is gone afterwards. */
export async function answer(bench: Workbench, title: string, text: string): Promise<void> {
  const input = inputOf(bench, title);
  await input.fill(text);
  await bench.press('Enter');
  await input.waitFor({ state: 'hidden' });
}

/** Takes an entry of a list that VS Code offers, told by its title. */
export async function choose(bench: Workbench, title: string, entry: string): Promise<void> {
  // Typed first: a long list shows only some of its entries.
  await inputOf(bench, title).fill(entry);
  await offered(bench, entry).first().click();
}

export function offered({ page }: Workbench, entry: string): Locator {
  return page.locator('.quick-input-widget:visible .monaco-list-row', {
    hasText: entry,
  });
}

function inputOf({ page }: Workbench, title: string): Locator {
  const widget = page.locator('.quick-input-widget:visible', { has: page.getByText(title, { exact: true }) });
  return widget.locator('input[type="text"]');
}

/** Shows a shard in its editor, by a click in the Explorer where it is not to be seen yet. */
export async function openFile(bench: Workbench, name: string): Promise<void> {
  const { page, frame } = bench;
  const tab = page.locator('.tab.active', { hasText: name });
  if (await tab.isVisible()) return;
  // Away from the Explorer, whose hints would cover what is to be clicked.
  await page.mouse.move(0, 0);
  await page.getByRole('treeitem', { name, exact: true }).last().click();
  await tab.waitFor();
  await frame.getByRole('heading', { name, exact: true }).waitFor();
  await focusList(bench);
}

/** The row that is marked in the list, when it is also the one to which the list says that its focus belongs. */
export async function marked({ frame }: Workbench): Promise<{ position: number; of: number; text: string }> {
  const list = frame.getByRole('listbox');
  let row = await list.evaluate(markedRow);
  // Its place is there before its text.
  await until(async () => (row = await list.evaluate(markedRow)).isActive && !row.text.endsWith('Loading…'));
  const { position, of, text } = row;
  return { position, of, text };
}

/** In the page. All at once, because the list may be drawn anew between two looks at it. */
function markedRow(list: unknown) {
  interface Element {
    readonly innerText: string;
    getAttribute(name: string): string | null;
    querySelector(selector: string): Element | null;
  }
  const row = (list as Element).querySelector('[aria-selected=true]');
  const active = (list as Element).getAttribute('aria-activedescendant');
  return {
    isActive: row !== null && row.getAttribute('id') === active,
    position: Number(row?.getAttribute('aria-posinset')),
    of: Number(row?.getAttribute('aria-setsize')),
    text: row?.innerText ?? '',
  };
}

/** What axe finds wrong with what is shown in the page, whose title is its tab in VS Code. */
export async function violations(bench: Workbench): Promise<string[]> {
  const handle = await bench.frame.locator('body').elementHandle();
  const frame = (await handle.ownerFrame())!;
  await frame.evaluate(await readFile('node_modules/axe-core/axe.min.js', 'utf8'));
  const result = await frame.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
    "axe.run({ rules: { 'document-title': { enabled: false } } })",
  );
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`);
}

/** A theme of each kind, by what VS Code calls the kind in a page. */
const THEMES = {
  'vscode-light': 'Default Light Modern',
  'vscode-dark': 'Default Dark Modern',
  'vscode-high-contrast-light': 'Default High Contrast Light',
  'vscode-high-contrast': 'Default High Contrast',
};
export const THEME_KINDS = Object.keys(THEMES) as (keyof typeof THEMES)[];

/** Shows VS Code in a theme of a kind: it looks for changes of its settings. */
export async function setTheme({ frame, dataDir }: Workbench, kind: keyof typeof THEMES): Promise<void> {
  const path = join(dataDir, 'data', 'Machine', 'settings.json');
  const settings = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await writeFile(path, JSON.stringify({ ...settings, 'workbench.colorTheme': THEMES[kind] }));
  await frame.locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor();
}

/** Waits for what no locator can wait for. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await holds()) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error(`It did not come about within ten seconds: ${holds.toString()}`);
}
